//! Tests of making keys of claims.

use std::fs;

use super::*;
use crate::blind::Origin;
use crate::key::verify::check_public;

struct Home {
    folder: tempfile::TempDir,
    book: Book,
    store: Store,
}

impl Home {
    fn new() -> Self {
        // In memory, where there is such a place: a thousand round trips sync ten thousand files.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.unwrap();
        let book = Book::open(folder.path()).unwrap();
        let keys = folder.path().join("keys");
        fs::create_dir(&keys).unwrap();
        let store = Store::with_fallbacks(&keys, KeyFormat::Json, Vec::new()).unwrap();
        Self {
            folder,
            book,
            store,
        }
    }

    fn start(&self) -> Entry {
        self.book.draw(None, Timestamp::UNIX_EPOCH).unwrap()
    }

    fn finish(&self, claim: &Claim) -> Result<Finished, Refusal> {
        finish(&self.book, &self.store, claim, None, Timestamp::UNIX_EPOCH)
    }

    fn keys(&self) -> usize {
        fs::read_dir(self.folder.path().join("keys"))
            .unwrap()
            .count()
    }
}

/// A claim as a searcher makes it, of some key that a node can have.
fn claim(entry: &Entry) -> Claim {
    let start = entry.start.parse().unwrap();
    let lane = Origin::blind(start).unwrap();
    let good = |at: &i64| check_public(&lane.public_at(*at).unwrap()).is_ok();
    let at = (0..).find(good).unwrap();
    let public = lane.public_at(at).unwrap();
    let Ok(crate::blind::Unchecked::Claim(at)) = lane.found_at(at) else {
        panic!("no claim");
    };
    Claim {
        public,
        at,
        pattern: format!("prefix {}", hex::encode_upper(&public[..1])),
        candidates: 1,
    }
}

/// What is saved must be the key of the claim for an implementation that shares nothing with dalek's tables.
fn assert_saved(finished: &Finished, claim: &Claim) {
    assert!(load::holds(
        &finished.saved.files[0],
        &hex::encode(&claim.public)
    ));
}

#[test]
fn a_thousand_starts_and_claims_make_a_thousand_keys() {
    // Each claim reads the whole book: twenty books of fifty make the round trip.
    for _ in 0..20 {
        let home = Home::new();
        let claims: Vec<_> = (0..50).map(|_| claim(&home.start())).collect();
        for claim in &claims {
            assert_saved(&home.finish(claim).unwrap(), claim);
        }
        assert_eq!(home.keys(), claims.len());
    }
}

#[test]
fn a_start_serves_one_key_and_its_scalar_is_gone() {
    let home = Home::new();
    let entry = home.start();
    let [first, second] = [claim(&entry), claim(&entry)];
    home.finish(&first).unwrap();
    for refused in [&second, &first] {
        let error = home.finish(refused).unwrap_err();
        assert!(matches!(&error, Refusal::Used { .. }), "{error}");
        assert!(error.to_string().contains("One start serves one key"));
    }
    assert_eq!(home.keys(), 1);
    assert!(!home.book.scalar_file(&entry).exists());
}

#[test]
fn a_wrong_claim_is_refused_with_the_reason_and_costs_nothing() {
    let home = Home::new();
    let entry = home.start();
    let good = claim(&entry);
    let other = claim(&Home::new().start());
    let mut moved = good.clone();
    moved.at.offset = moved.at.offset.plus(-1).unwrap();
    let mut unfit = good.clone();
    unfit.pattern = format!("prefix {}", hex::encode_upper(&[!good.public[0]]));
    for (wrong, words) in [
        (other, "no start in the book"),
        (moved, "claim is wrong"),
        (unfit, "does not fit"),
    ] {
        let error = home.finish(&wrong).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(home.book.find(&good.at.start).unwrap(), Some(entry));
    assert!(home.finish(&good).is_ok());
}

#[test]
fn a_kill_between_saving_and_marking_leaves_the_start_to_its_key_alone() {
    for moved in [true, false] {
        let home = Home::new();
        let mut entry = home.start();
        let [first, second] = [claim(&entry), claim(&entry)];
        let key = key_of(&home.book, &entry, &first).unwrap();
        // What an error leaves is removed, what a kill leaves is not: copies stand in for that.
        let killed =
            home.store
                .save_contents(&Contents::Key(&key), &Label::Found, &mut |placement| {
                    let made = Made {
                        public_key: hex::encode(placement.public),
                        files: placement.files.to_vec(),
                        temporary: placement.temporary.to_vec(),
                        at: Timestamp::UNIX_EPOCH,
                    };
                    home.book.note_finishing(&mut entry, made).unwrap();
                    let to = if moved {
                        placement.files[0].clone()
                    } else {
                        placement.temporary[0].with_extension("kept")
                    };
                    fs::copy(&placement.temporary[0], &to)?;
                    Err(io::Error::other("killed"))
                });
        assert!(killed.is_err());
        for entry in fs::read_dir(home.folder.path().join("keys")).unwrap() {
            let kept = entry.unwrap().path();
            if kept.extension().is_some_and(|ending| ending == "kept") {
                fs::rename(&kept, kept.with_extension("tmp")).unwrap();
            }
        }
        assert!(matches!(home.finish(&second), Err(Refusal::Used { .. })));
        assert_saved(&home.finish(&first).unwrap(), &first);
        assert!(matches!(home.finish(&first), Err(Refusal::Used { .. })));
        assert_eq!(home.keys(), 1, "moved: {moved}");
    }
}

#[test]
fn a_kill_while_the_key_is_written_leaves_the_start_to_it_alone() {
    let home = Home::new();
    let mut entry = home.start();
    let [first, second] = [claim(&entry), claim(&entry)];
    let key = key_of(&home.book, &entry, &first).unwrap();
    let made = Made {
        public_key: hex::encode(&first.public),
        files: Vec::new(),
        temporary: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    };
    home.book.note_finishing(&mut entry, made).unwrap();
    let mut kept = PathBuf::new();
    let contents = Contents::Key(&key);
    let killed = home
        .store
        .save_contents(&contents, &Label::Found, &mut |placement| {
            kept = placement.temporary[0].with_extension("kept");
            fs::copy(&placement.temporary[0], &kept)?;
            Err(io::Error::other("killed"))
        });
    assert!(killed.is_err());
    fs::rename(&kept, kept.with_extension("tmp")).unwrap();
    assert!(matches!(home.finish(&second), Err(Refusal::Used { .. })));
    assert_saved(&home.finish(&first).unwrap(), &first);
    assert_eq!(home.keys(), 1);
}

#[test]
fn a_pattern_that_says_nothing_of_the_key_is_refused_unless_the_owner_gives_one() {
    let home = Home::new();
    let entry = home.start();
    let good = claim(&entry);
    for pattern in [
        "hello",
        "",
        "Prefix F8",
        "prefix F8 or x",
        "prefix F8\n\u{1b}[2J",
    ] {
        let mut vague = good.clone();
        vague.pattern = pattern.to_owned();
        let error = home.finish(&vague).unwrap_err().to_string();
        assert!(error.contains("give the pattern") && !error.contains('\u{1b}'));
    }
    assert_eq!(home.book.find(&good.at.start).unwrap(), Some(entry));
    assert_eq!(home.keys(), 0);
    let wanted = crate::pattern::Request {
        prefixes: vec![hex::encode_upper(&good.public[..1])],
        ..Default::default()
    };
    let (wanted, _) = Wanted::new(wanted).unwrap();
    let vague = Claim {
        pattern: "a node".to_owned(),
        ..good
    };
    let at = Timestamp::UNIX_EPOCH;
    assert!(finish(&home.book, &home.store, &vague, Some(&wanted), at).is_ok());
}

#[test]
fn a_kill_before_anything_was_moved_costs_no_key() {
    let home = Home::new();
    let mut entry = home.start();
    let [first, second] = [claim(&entry), claim(&entry)];
    let made = Made {
        public_key: hex::encode(&first.public),
        files: vec![home.folder.path().join("keys/gone.json")],
        temporary: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    };
    home.book.note_finishing(&mut entry, made).unwrap();
    assert!(matches!(home.finish(&second), Err(Refusal::Used { .. })));
    assert_saved(&home.finish(&first).unwrap(), &first);
}

//! A session that is killed again and again loses no announced key and finds exactly as many as were asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use meshcore_keygen::testing::FoundKind;
use meshcore_keygen::testing::key::verify::check;
use meshcore_keygen::testing::key::{hex, load};
use meshcore_keygen::testing::session::journal;
use serde_json::Value;

/// How often a session is killed, and how many keys it is to find in all.
#[derive(Clone, Copy)]
struct Torture {
    kills: u64,
    keys: u64,
}

fn keygen(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keygen"));
    command
        .args(arguments)
        .arg("--state-dir")
        .arg(folder.join("state"))
        .current_dir(folder)
        // Without optimisation the sweep needs a large stack.
        .env("RUST_MIN_STACK", "67108864")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn search(folder: &Path, keys: u64) -> Child {
    let count = keys.to_string();
    let mut arguments = vec!["--session", "t", "--json", "--backend", "portable"];
    arguments.extend(["--workers", "2", "--prefix", "A", "--output", "keys"]);
    arguments.extend(["-n", &count]);
    keygen(folder, &arguments).spawn().unwrap()
}

/// Reads objects until there are no more, and kills the process so many microseconds after so many objects.
fn read(child: &mut Child, kill_after: Option<u64>, delay: u64) -> Vec<Value> {
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let mut objects = Vec::new();
    if kill_after == Some(0) {
        child.kill().unwrap();
    }
    for line in stdout.lines() {
        // The last line of a process that was killed may be cut.
        objects.extend(serde_json::from_str(&line.unwrap()));
        if kill_after == Some(objects.len() as u64) {
            // Not only between two lines: at any moment.
            std::thread::sleep(std::time::Duration::from_micros(delay));
            child.kill().unwrap();
        }
    }
    objects
}

/// Fixed pseudo-random numbers below `limit` (the constants are those of Knuth's MMIX).
fn random(state: &mut u64, limit: u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % limit
}

fn public_key(object: &Value) -> Option<String> {
    (object["kind"] == "found").then(|| object["public_key"].as_str().unwrap().to_owned())
}

/// Whether this file holds a whole key that works.
fn verifies(file: &Path, public: &str) -> bool {
    let found = load::load(&[file.to_owned()], &mut std::io::empty()).remove(0);
    let private = found.unwrap().private.unwrap();
    let derived = private.public();
    hex::encode(&derived) == public && check(private, &derived).is_ok()
}

#[test]
fn thirty_kills_cost_no_announced_key_and_the_number_is_exact() {
    torture(Torture {
        kills: 30,
        keys: 400,
    });
}

/// Takes some minutes: `cargo test --release --test promises session::kills -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn a_thousand_kills_cost_no_announced_key_and_the_number_is_exact() {
    torture(Torture {
        kills: 1000,
        keys: 12_000,
    });
}

fn torture(Torture { kills, keys }: Torture) {
    let folder = tempfile::tempdir().unwrap();
    let mut state = 7;
    let mut announced: BTreeMap<String, u64> = BTreeMap::new();
    let mut note = |objects: &[Value]| {
        for object in objects {
            let Some(key) = public_key(object) else {
                continue;
            };
            let times = announced.entry(key).or_default();
            *times += 1;
            assert!(
                *times == 1 || object["again"] == true,
                "twice without a word: {object}"
            );
        }
    };
    for _ in 0..kills {
        let mut child = search(folder.path(), keys);
        let objects = read(
            &mut child,
            Some(random(&mut state, 12)),
            random(&mut state, 3000),
        );
        note(&objects);
        child.wait().unwrap();
    }
    let mut child = search(folder.path(), keys);
    let objects = read(&mut child, None, 0);
    note(&objects);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let summary = objects.last().unwrap();
    assert_eq!(summary["found"], keys, "{summary}");
    assert_eq!(announced.len() as u64, keys);

    let past = journal::read(&folder.path().join("state/sessions/t")).unwrap();
    assert_eq!(past.damaged, 0);
    let mut files = BTreeSet::new();
    for entry in &past.entries {
        let record = entry.last().unwrap();
        if announced.contains_key(&record.public_key) {
            assert!(verifies(&record.files[0], &record.public_key), "{record:?}");
            files.extend(record.files.clone());
        }
    }
    assert_eq!(
        files.len() as u64,
        keys,
        "every announced key is in the journal"
    );
    // A key that was found and not recorded when its process was killed is adopted, and never half a file.
    let private = |name: &String| !name.starts_with('.') && name.ends_with("_private.txt");
    let saved = fs::read_dir(folder.path().join("keys")).unwrap();
    let names = saved.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let json = names.filter(|name| !name.starts_with('.') && !private(name));
    let whole = json.filter(|name| is_whole(&folder.path().join("keys").join(name)));
    assert!(whole.count() as u64 >= keys);
}

/// Whether this file holds a whole key that works; one that does not is a failure.
fn is_whole(file: &Path) -> bool {
    let found = load::load(&[file.to_owned()], &mut std::io::empty()).remove(0);
    let private = found.unwrap().private.unwrap();
    let derived = private.public();
    assert!(check(private, &derived).is_ok(), "{}", file.display());
    true
}

fn said(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = keygen(folder, arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_finished_session_lists_its_keys_and_goes_on_with_a_larger_number() {
    let folder = tempfile::tempdir().unwrap();
    let begin = [
        "--session",
        "t",
        "--prefix",
        "A",
        "-n",
        "2",
        "--backend",
        "portable",
    ];
    let (code, first, _) = said(folder.path(), &begin);
    assert_eq!((code, first.lines().count()), (Some(0), 2));
    let (code, again, _) = said(folder.path(), &begin);
    assert_eq!((code, &again), (Some(0), &first));
    let (code, only, hint) = said(folder.path(), &["resume"]);
    assert_eq!((code, &only), (Some(0), &first));
    assert!(hint.contains("keygen resume t -n N"), "{hint}");
    let (code, more, _) = said(folder.path(), &["resume", "t", "-n", "3"]);
    assert_eq!((code, more.lines().count()), (Some(0), 1));
    let (code, all, _) = said(folder.path(), &["--session", "t"]);
    assert_eq!((code, all.clone()), (Some(0), first + &more));
    let (_, status, _) = said(folder.path(), &["status", "t", "--json"]);
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["state"], "finished");
    assert_eq!((&status["found"], &status["runs"]), (&3.into(), &2.into()));
    let (code, _, _) = said(folder.path(), &["session", "rm", "t"]);
    assert_eq!(code, Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1 + 6);
}

#[test]
fn a_limit_counts_over_all_runs() {
    let folder = tempfile::tempdir().unwrap();
    let begin = [
        "--session",
        "t",
        "--prefix",
        "ABCDEF0123456789",
        "--candidates",
        "1",
        "--backend",
        "portable",
    ];
    assert_eq!(said(folder.path(), &begin).0, Some(3));
    let (code, list, _) = said(folder.path(), &["resume", "t"]);
    assert_eq!((code, list.as_str()), (Some(3), ""));
}

#[test]
fn what_can_not_be_a_session_is_refused_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], part: &str| {
        let (code, _, error) = said(folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(error.contains(part), "{error}");
    };
    refused(
        &["--session", "a/b", "--prefix", "A"],
        "not a plain file name",
    );
    refused(&["resume", "night"], "there is no session");
    refused(&["resume"], "no session to resume");
    refused(&["status", "night"], "there is no session");
    refused(&["session", "rm", "night"], "there is no session");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let begin = [
        "--session",
        "night",
        "--prefix",
        "A",
        "--backend",
        "portable",
    ];
    assert_eq!(said(folder.path(), &begin).0, Some(0));
    let other = ["--session", "night", "--prefix", "B"];
    refused(
        &other,
        "looks for prefix A, and this command line for prefix B",
    );
    refused(&["resume", "nigt"], "did you mean night?");
    fs::write(folder.path().join("state/sessions/night/session.json"), "x").unwrap();
    fs::remove_file(folder.path().join("state/sessions/night/session.previous")).unwrap_or(());
    refused(&["resume", "night"], "damaged");
}

#[test]
fn a_session_that_runs_is_refused_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let endless = [
        "--session",
        "t",
        "--prefix",
        "ABCDEF0123456789",
        "--backend",
        "portable",
    ];
    let mut child = keygen(folder.path(), &endless).spawn().unwrap();
    // The first line is said after the session is on disk.
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let process = format!("process {}", child.id());
    let (code, _, error) = said(folder.path(), &endless);
    assert_eq!(code, Some(2));
    assert!(error.contains(&process), "{error}");
    let (code, text, _) = said(folder.path(), &["resume", "t"]);
    assert!(code == Some(0) && text.contains(&process), "{text}");
    assert_eq!(said(folder.path(), &["session", "rm", "t"]).0, Some(2));
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, text, _) = said(folder.path(), &["status"]);
    assert!(text.contains("t: interrupted"), "{text}");
}

/// What the runs of a session said of the keys of its watchlist.
#[derive(Default)]
struct Said {
    /// How often each key was announced.
    times: BTreeMap<String, u64>,
    /// Keys for which the program reported that their line may have been written twice.
    again: BTreeSet<String>,
}

impl Said {
    fn take(&mut self, line: &str, decoy: &str) {
        let is_key = |word: &&str| word.len() == 64 && *word != decoy;
        let mut words = line.split([' ', '\t', ':']);
        let Some(key) = words.find(is_key).map(str::to_owned) else {
            return;
        };
        if line.contains("may have been written twice") {
            self.again.insert(key);
        } else if line.starts_with("Watchlist: ") {
            assert!(line.contains(decoy), "{line}");
            *self.times.entry(key).or_default() += 1;
        }
    }
}

/// A search with a watchlist in eleven runs, of which all but the last are killed.
fn watched_and_killed(folder: &Path, quiet: bool) -> Said {
    // Its digits look like a public key.
    let decoy = "cd".repeat(32);
    fs::write(folder.join("list.txt"), format!("ABC|{decoy}\n")).unwrap();
    let mut words = vec!["--session", "t", "--backend", "portable", "--workers", "2"];
    words.extend(["--prefix", "F8A1", "-n", "60", "--output", "keys"]);
    words.extend(["--watchlist", "list.txt", "--watchlist-max", "200"]);
    words.extend(quiet.then_some("--quiet"));
    let mut announced = Said::default();
    let mut state = 11;
    for run in 0..=10 {
        let mut child = keygen(folder, &words).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let lines = || stderr.lines().map(Result::unwrap).collect::<Vec<_>>();
        let kill_after = (run < 10).then(|| random(&mut state, 6) as usize);
        let said = std::thread::scope(|scope| {
            let said = scope.spawn(lines);
            if kill_after == Some(0) {
                child.kill().unwrap();
            }
            for (number, _) in stdout.lines().enumerate() {
                if kill_after == Some(number + 1) {
                    child.kill().unwrap();
                }
            }
            said.join().unwrap()
        });
        child.wait().unwrap();
        said.iter().for_each(|line| announced.take(line, &decoy));
    }
    announced
}

/// The keys of the watchlist that the journal has, each of which is on the list of announced ones exactly once.
fn watched_in_journal(folder: &Path) -> BTreeSet<String> {
    let session = folder.join("state/sessions/t");
    let past = journal::read(&session).unwrap();
    let noted = fs::read_to_string(session.join("announced")).unwrap();
    let records = past.entries.iter().filter_map(|entry| entry.last());
    let watched = records.filter(|record| record.kind == FoundKind::Watched);
    let keys: BTreeSet<_> = watched.map(|record| record.public_key.clone()).collect();
    for key in &keys {
        let times = noted.lines().filter(|line| {
            let note = line.rsplit(' ').next().unwrap_or_default();
            note == key && !line.contains("about")
        });
        assert_eq!(times.count(), 1, "{key}");
    }
    keys
}

#[test]
fn keys_of_a_watchlist_whose_description_looks_like_a_key_are_announced_once_over_all_kills() {
    let folder = tempfile::tempdir().unwrap();
    let said = watched_and_killed(folder.path(), false);
    let journal = watched_in_journal(folder.path());
    assert!(journal.len() > 5, "{}", journal.len());
    for key in journal {
        let times = said.times.get(&key).copied().unwrap_or_default();
        let again = said.again.contains(&key);
        assert!(times == 1 || times == 2 && again, "{key}: {times}");
    }
}

#[test]
fn quiet_keys_of_a_watchlist_are_noted_once_and_never_said() {
    let folder = tempfile::tempdir().unwrap();
    let said = watched_and_killed(folder.path(), true);
    assert!(said.times.is_empty() && said.again.is_empty());
    assert!(watched_in_journal(folder.path()).len() > 5);
}

#[test]
fn a_limit_of_watchlist_keys_counts_over_all_runs() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("list.txt"), "A\nC\n").unwrap();
    let mut begin = vec![
        "--session",
        "t",
        "--backend",
        "portable",
        "--prefix",
        "F8A1",
    ];
    begin.extend(["--output", "keys", "--watchlist", "list.txt"]);
    begin.extend(["--watchlist-max", "2", "-n"]);
    let first = [&begin[..], &["3"]].concat();
    assert_eq!(said(folder.path(), &first).0, Some(0));
    assert_eq!(said(folder.path(), &["resume", "t", "-n", "6"]).0, Some(0));
    let past = journal::read(&folder.path().join("state/sessions/t")).unwrap();
    let records = past.entries.iter().filter_map(|entry| entry.last());
    let watched = records.filter(|record| record.kind == FoundKind::Watched);
    assert_eq!(watched.count(), 4, "two of each line");
}

#[test]
fn a_damaged_first_checkpoint_does_not_keep_a_session_from_going_on() {
    let folder = tempfile::tempdir().unwrap();
    let begin = ["--session", "t", "--backend", "portable", "--prefix", "A"];
    let endless = [&begin[..], &["-n", "all", "--time", "1h"]].concat();
    let mut child = keygen(folder.path(), &endless).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let session = folder.path().join("state/sessions/t");
    fs::write(session.join("checkpoint.json"), "rubbish").unwrap();
    fs::remove_file(session.join("checkpoint.previous")).unwrap_or(());
    let lost = "up to 10 seconds of counting are lost";
    let (code, text, error) = said(folder.path(), &["status", "t"]);
    assert!(code == Some(0) && text.contains(lost), "{text}{error}");
    assert!(!text.contains("0 candidates in 0.00 s"), "{text}");
    let (code, _, error) = said(folder.path(), &["resume", "t", "--time", "1s"]);
    assert!(code == Some(0) && error.contains(lost), "{error}");
}

//! Confirms the survivors of a lane exactly, from their scalars, through an implementation of its own (dalek).

use super::hit::{Hit, HitKind, HitSink};
use super::lane::Lane;
use super::target::{Class, Target};
use super::words;
use super::worker::{Task, WorkerError};
use crate::engine::Survivor;
use crate::key::{Candidate, KeyError, PublicKey};

/// What came of a lane's possible hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No hit.
    Nothing,
    /// A hit was handed over: the lane needs a fresh start.
    Reported,
    /// The saver has no room: so many possible hits were left alone, and the start was not used up.
    Skipped(u64),
}

/// Recomputes the spot checks of a lane and counts how many are right.
///
/// # Errors
/// An offset leaves the clamped scalars, which no search lives to see.
pub(crate) fn count_spot_checks(lane: &mut Lane, target: &dyn Target) -> Result<(), KeyError> {
    for index in 0..lane.spot_checks.len() {
        let Some((_, public)) = recompute(lane, lane.spot_checks[index])? else {
            continue;
        };
        if target.is_spot_check(&public) {
            lane.counts.spot_checks += 1;
        } else {
            lane.counts.misses += 1;
        }
    }
    Ok(())
}

/// Looks for the first real hit of a lane and hands it over; further ones of the same start are dropped.
///
/// The rarer kind goes first, so that a common one can't hide it.
///
/// # Errors
/// The operating system gives no random bytes for the signing prefix.
pub(crate) fn confirm_hits(lane: &mut Lane, task: &Task) -> Result<Outcome, WorkerError> {
    let order = by_rarity(lane);
    let total = order.len() as u64;
    for (done, survivor) in (1..).zip(order) {
        match confirm(lane, survivor, task)? {
            Outcome::Nothing => {}
            Outcome::Reported => {
                lane.counts.dropped += total - done;
                return Ok(Outcome::Reported);
            }
            Outcome::Skipped(_) => return Ok(Outcome::Skipped(total - done + 1)),
        }
    }
    Ok(Outcome::Nothing)
}

fn by_rarity(lane: &Lane) -> Vec<Survivor> {
    let (mut first, mut second) = (&lane.wanted, &lane.watched);
    if second.len() < first.len() {
        std::mem::swap(&mut first, &mut second);
    }
    first.iter().chain(second).copied().collect()
}

fn confirm(lane: &mut Lane, survivor: Survivor, task: &Task) -> Result<Outcome, WorkerError> {
    if task.sink.is_full() {
        return Ok(Outcome::Skipped(1));
    }
    let Some((candidate, public)) = recompute(lane, survivor)? else {
        return Ok(Outcome::Nothing);
    };
    let class = task.target.classify(&public);
    if class.wanted.is_none() && class.watched.is_empty() {
        lane.counts.misses += 1;
        return Ok(Outcome::Nothing);
    }
    lane.counts.hits += 1;
    match claim(class, task) {
        Some(kind) => hand_over(candidate, public, kind, task),
        None => Ok(Outcome::Nothing),
    }
}

/// The exact candidate, unless it proves that the engine computed something wrong, which is counted.
fn recompute(
    lane: &mut Lane,
    survivor: Survivor,
) -> Result<Option<(Candidate, PublicKey)>, KeyError> {
    let candidate = lane.start().candidate(survivor.offset)?;
    let public = candidate.public();
    if words::agree(survivor.low, survivor.high, &public) {
        return Ok(Some((candidate, public)));
    }
    lane.refute(survivor);
    Ok(None)
}

/// Why the key is to be saved, if it is: a watched one only while its line has places left.
fn claim(class: Class, task: &Task) -> Option<HitKind> {
    let watch = &task.shared.watch;
    class.watched.iter().for_each(|line| watch.see(*line));
    match class.wanted {
        Some(pattern) => Some(HitKind::Wanted { pattern }),
        None => watch
            .claim_any(&class.watched)
            .map(|line| HitKind::Watched { line }),
    }
}

fn hand_over(
    candidate: Candidate,
    public: PublicKey,
    kind: HitKind,
    task: &Task,
) -> Result<Outcome, WorkerError> {
    let HitSink::Save(sender) = &task.sink else {
        return Ok(Outcome::Reported);
    };
    let hit = Hit {
        id: task.id,
        kind,
        public,
        key: candidate.into_private_key()?,
        candidates: task.shared.tested(),
        at: task.clock.now(),
    };
    task.shared.key_departs();
    match sender.try_send(hit) {
        Ok(()) => Ok(Outcome::Reported),
        Err(refused) => {
            task.shared.key_arrives();
            if let HitKind::Watched { line } = refused.into_inner().kind {
                task.shared.watch.release(line);
            }
            Ok(Outcome::Skipped(1))
        }
    }
}

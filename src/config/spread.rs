//! How the keys of a search are spread: a number for each pattern, and node IDs that differ.

use std::sync::Arc;

use super::args::SearchArgs;
use super::avoid::ids;
use super::error::{UsageError, refuse};
use super::session::SessionChoice;
use crate::event::FoundKind;
use crate::key::{PublicKey, hex};
use crate::limits::Limits;
use crate::pattern::{Quota, Shortage, Spread, Wanted};
use crate::session::definition::Definition;
use crate::text::number::thousands;

/// The terms that were typed, or else stored. With keys for each pattern the limit becomes that of all together.
///
/// # Errors
/// Keys for each pattern without a number, or in a session that was begun without.
pub(super) fn resolve(
    args: &SearchArgs,
    stored: Option<&Definition>,
    wanted: &Wanted,
    limits: &mut Limits,
) -> Result<Spread, UsageError> {
    let before = stored.map_or_else(Spread::default, |stored| stored.spread);
    let patterns = wanted.each().len() as u64;
    if patterns == 0 && args.spread.each {
        refuse!(
            "--each: the session was begun without it. Remove it, or begin another session with --session NAME."
        );
    }
    let typed_count = args.limits.count.map(|count| count.0);
    let each = match (patterns, typed_count) {
        (0, _) => None,
        (_, Some(None)) => refuse!(
            "--each ends when each pattern has its keys, and -n all has no end. Give a number of keys for each with -n."
        ),
        (_, Some(Some(count))) => Some(count),
        (_, None) => before.each.or(Some(1)),
    };
    if let Some(each) = each {
        limits.count = Some(each.saturating_mul(patterns));
    }
    Ok(Spread {
        each,
        id_bytes: id_bytes(args).or(before.id_bytes),
    })
}

/// The bytes of IDs that have to differ, if that was asked for; --avoid alone compares as many as its longest beginning has.
fn id_bytes(args: &SearchArgs) -> Option<u8> {
    let avoid = args.pattern.avoid.iter().flat_map(|list| list.split(','));
    let longest = avoid.map(|hex| hex.trim().len()).max();
    let bytes = longest.map(|digits| digits.div_ceil(2).clamp(1, 3) as u8);
    let is_asked = args.spread.distinct || !args.pattern.avoid_file.is_empty();
    (args.pattern.id_bytes).or(if is_asked { Some(1) } else { bytes })
}

/// The keys that are still missing under these terms, given those that the session has.
///
/// # Errors
/// There are fewer node IDs than keys.
pub(super) fn quota(
    wanted: &Arc<Wanted>,
    spread: Spread,
    limits: &Limits,
    session: Option<&SessionChoice>,
) -> Result<Option<Quota>, UsageError> {
    let look = session.and_then(|choice| choice.existing.as_ref());
    let records = look
        .iter()
        .flat_map(|look| &look.keys)
        .filter_map(|entry| entry.last());
    let found = records.filter(|record| record.kind == FoundKind::Wanted);
    let keys: Vec<(PublicKey, &str)> = found
        .filter_map(|record| Some((hex::decode(&record.public_key).ok()?, &*record.pattern)))
        .collect();
    let has = keys.len() as u64;
    let keys = keys.iter().map(|(key, pattern)| (key, *pattern));
    let Some(quota) = Quota::new(wanted, spread, keys) else {
        return Ok(None);
    };
    let more = limits.count.map_or(1, |count| count.saturating_sub(has));
    match quota.shortage(more) {
        Some(shortage) => Err(refusal(&shortage, limits.count.is_none())),
        None => Ok(Some(quota)),
    }
}

fn refusal(shortage: &Shortage, all: bool) -> UsageError {
    let (what, id_bytes) = (&shortage.what, shortage.id_bytes);
    let named = |number| ids(usize::from(id_bytes), number);
    let free = match shortage.free {
        0 => format!("every {} of such keys is taken", named(1)),
        free => format!("only {} {} can be had", thousands(free), named(free)),
    };
    let keys = match (all, shortage.needed) {
        (true, _) => "keys".to_owned(),
        (_, 1) => "1 more key".to_owned(),
        (_, needed) => format!("{} more keys", thousands(needed)),
    };
    let wanted = match (all, shortage.needed) {
        (false, 1) => "an ID that differs is wanted",
        _ => "IDs that differ are wanted",
    };
    let longer = match id_bytes {
        bytes @ (1 | 2) => format!("compare longer IDs with --id-bytes {}, ", bytes + 1),
        _ => String::new(),
    };
    UsageError::refused(format!(
        "{keys} with {wanted} for {what}, and {free}. Ask for fewer keys with -n, {longer}or ask for \
         other beginnings; keygen ids shows which are taken."
    ))
}

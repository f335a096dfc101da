//! How many keys a search still wants of what: each pattern its own number, node IDs that differ from one another.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::digits::{Digits, KeyEnds};
use super::resolve::some_of;
use super::wanted::Wanted;

/// Up to so many patterns, what is left is worked out after every key.
const FEW: usize = 256;

/// With more, after so many keys that fit what is not wanted any more: a filter that still lets them through costs little
/// until then.
const PASSED_OVER: u64 = 64;

/// IDs that are counted ahead; the rest is counted when these are taken.
const COUNTED: u64 = 4096;

/// How the keys of a search are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Spread {
    /// Keys for each pattern; `None`: it does not matter which pattern a key fits.
    pub each: Option<u64>,
    /// Bytes of the node IDs that must differ, 1 to 3; `None`: they may be the same.
    pub id_bytes: Option<u8>,
}

/// What a search has of the keys that it wants, and what is left.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    wanted: Arc<Wanted>,
    spread: Spread,
    /// Keys of each pattern.
    found: Vec<u64>,
    /// Keys that are still wanted of patterns with the same beginning, cut to an ID.
    needed: BTreeMap<Digits, u64>,
    /// IDs of all keys.
    taken: BTreeSet<Digits>,
    left: Option<Arc<Wanted>>,
    /// IDs that were counted in `left`, less those that were taken since.
    free: u64,
    /// Keys that were accepted since `left` was worked out, and keys that fitted it and were passed over.
    accepted: u64,
    passed_over: u64,
}

impl Quota {
    /// The quota of a search that has these keys, each with the text of the pattern that it counts for; `None` where
    /// any wanted key will do.
    pub(crate) fn new<'a>(
        wanted: &Arc<Wanted>,
        spread: Spread,
        keys: impl IntoIterator<Item = (&'a [u8; 32], &'a str)>,
    ) -> Option<Self> {
        if spread == Spread::default() {
            return None;
        }
        let mut quota = Self {
            found: vec![0; wanted.each().len()],
            wanted: Arc::clone(wanted),
            spread,
            needed: BTreeMap::new(),
            taken: BTreeSet::new(),
            left: None,
            free: 0,
            accepted: 0,
            passed_over: 0,
        };
        let items = wanted.each().iter().enumerate();
        let places: HashMap<&str, usize> = items.map(|(i, item)| (item.text.as_str(), i)).collect();
        for (public, text) in keys {
            quota.taken.extend(quota.id(public));
            if let Some(item) = places.get(text) {
                quota.found[*item] += 1;
            }
        }
        for item in 0..quota.found.len() {
            let open = quota.open(item);
            *quota.needed.entry(quota.head(item)).or_default() += open;
        }
        quota.work_out();
        Some(quota)
    }

    /// The same search with these keys.
    #[must_use]
    pub(crate) fn with_keys<'a>(
        self,
        keys: impl IntoIterator<Item = (&'a [u8; 32], &'a str)>,
    ) -> Option<Self> {
        Self::new(&self.wanted, self.spread, keys)
    }

    /// What is still looked for; nothing where no key can be wanted any more.
    pub(crate) fn left(&self) -> Option<&Arc<Wanted>> {
        self.left.as_ref()
    }

    /// Whether no key can be wanted any more.
    pub(crate) fn is_spent(&self) -> bool {
        self.left.is_none()
    }

    /// Whether no other key of the search has this one's ID.
    pub(crate) fn is_new(&self, public: &[u8; 32]) -> bool {
        self.id(public).is_none_or(|id| !self.taken.contains(&id))
    }

    /// Whether this key is still wanted; one that is not counts as passed over.
    pub(crate) fn takes(&mut self, public: &[u8; 32]) -> bool {
        let fits = match self.spread.each {
            None => true,
            Some(_) => self
                .item(public)
                .is_some_and(|item| self.leaves_room(public, item)),
        };
        let takes = fits && self.is_new(public);
        self.passed_over += u64::from(!takes);
        takes
    }

    /// Whether a key of `item` leaves an ID for each key of the patterns with longer beginnings that it has, too.
    fn leaves_room(&self, public: &[u8; 32], item: usize) -> bool {
        let head = KeyEnds::of(public).head;
        let longer = self.head(item).len() + 1..=self.digits();
        longer.map(|len| Digits::of_word(head, len)).all(|head| {
            let needed = self.needed_within(head);
            needed == 0 || self.free_within(head, needed + 1) > needed
        })
    }

    /// Counts a key that [`Self::takes`]; gives the text of the pattern that it counts for, where that matters.
    pub(crate) fn count(&mut self, public: &[u8; 32]) -> Option<&str> {
        self.accepted += 1;
        if let Some(id) = self.id(public) {
            self.taken.insert(id);
            self.free = self.free.saturating_sub(1);
        }
        let item = self.item(public).filter(|_| self.spread.each.is_some())?;
        self.found[item] += 1;
        let head = self.head(item);
        self.needed.entry(head).and_modify(|needed| *needed -= 1);
        Some(&self.wanted.each()[item].text)
    }

    /// Works out what is left if that is worth it by now; whether it did.
    pub(crate) fn refresh(&mut self) -> bool {
        let patterns = self.wanted.each().len().max(self.wanted.len());
        let is_due = patterns <= FEW
            || self.passed_over >= PASSED_OVER
            || self.accepted * 16 >= patterns as u64
            || self.spread.id_bytes.is_some() && self.free == 0;
        let is_due = is_due && self.accepted > 0;
        if is_due {
            self.work_out();
        }
        is_due
    }

    /// Why not so many more keys can be found, if that is so.
    ///
    /// With keys for each pattern it is enough to compare, for each beginning of a pattern, what all patterns within it want
    /// with the IDs that are there: beginnings are within one another or apart.
    pub(crate) fn shortage(&self, more: u64) -> Option<Shortage> {
        let id_bytes = self.spread.id_bytes?;
        let short = |head, needed| {
            let free = self.free_within(head, needed);
            (free < needed).then(|| Shortage {
                what: self.wanting(head),
                id_bytes,
                free,
                needed,
            })
        };
        let each = || {
            let mut heads = self.needed.keys();
            heads.find_map(|head| short(*head, self.needed_within(*head)))
        };
        short(Digits::ANY, more).or_else(each)
    }

    /// The patterns that begin with this.
    fn wanting(&self, head: Digits) -> String {
        let items = self.wanted.each().iter().enumerate();
        let within = items.filter(|(i, _)| self.open(*i) > 0 && head.covers(self.head(*i)));
        let texts: Vec<String> = within.map(|(_, item)| item.text.clone()).collect();
        match texts.is_empty() {
            true => self.wanted.describe(),
            false => some_of(&texts, ", "),
        }
    }

    /// Keys that are still wanted of patterns that begin with this.
    fn needed_within(&self, head: Digits) -> u64 {
        let after = self.needed.range(head..);
        let within = after.take_while(|(longer, _)| head.covers(**longer));
        within.map(|(_, needed)| needed).sum()
    }

    /// IDs with this beginning that keys can still have; counting stops at `most`.
    fn free_within(&self, head: Digits, most: u64) -> u64 {
        let free = |left: &Arc<Wanted>| left.free_ids(head, self.digits(), &self.taken, most);
        self.left.as_ref().map_or(0, free)
    }

    /// Digits of an ID; none where IDs may be the same.
    fn digits(&self) -> usize {
        self.spread
            .id_bytes
            .map_or(0, |bytes| 2 * usize::from(bytes))
    }

    fn id(&self, public: &[u8; 32]) -> Option<Digits> {
        let of = |_| Digits::of_word(KeyEnds::of(public).head, self.digits());
        self.spread.id_bytes.map(of)
    }

    /// What the keys of a pattern begin with, cut to an ID.
    fn head(&self, item: usize) -> Digits {
        let head = self.wanted.each()[item].head();
        Digits::of_word(head.aligned(), head.len().min(self.digits()))
    }

    /// The pattern that this key would count for.
    fn item(&self, public: &[u8; 32]) -> Option<usize> {
        self.wanted.fitting(public, |item| self.open(item) > 0)
    }

    /// Keys that a pattern still wants.
    fn open(&self, item: usize) -> u64 {
        let each = self.spread.each.unwrap_or_default();
        each.saturating_sub(self.found[item])
    }

    fn work_out(&mut self) {
        let taken: Vec<Digits> = self.taken.iter().copied().collect();
        self.left = (self.wanted)
            .narrowed(|item| self.open(item) > 0, &taken)
            .map(Arc::new);
        self.free = match self.spread.id_bytes {
            Some(_) => self.free_within(Digits::ANY, COUNTED),
            None => 0,
        };
        (self.accepted, self.passed_over) = (0, 0);
    }
}

/// Fewer node IDs than keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shortage {
    /// What is looked for.
    pub what: String,
    /// Bytes of the IDs.
    pub id_bytes: u8,
    /// IDs that keys can still have.
    pub free: u64,
    /// Keys that are still wanted.
    pub needed: u64,
}

#[cfg(test)]
#[path = "quota_tests.rs"]
mod tests;

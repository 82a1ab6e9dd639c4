//! Pretokens already merged, by their bytes. Text repeats itself: of 8.7 million pretokens in 50 MB of 35 languages 91 of 100
//! are repetitions. One cache a thread, kept from batch to batch. What it holds never changes an id, only the time.

use super::arena::Arena;
use super::key::{Key, SHORT};
use super::pages::{Pages, Zero};
use super::prefetch::prefetch;

/// Most sets of the table: 32 MiB.
const MOST_SETS: usize = 1 << 19;
const FIRST_SETS: usize = 1 << 10;
/// Sets beside each other that a pretoken may be in. Its own is nearly always the one; without the others, pretokens that
/// share a set would drive each other out again and again: a quarter of all misses of a second pass.
const REACH: usize = 4;
/// Half a cache line. The number of ids stands in the upper bits of the first; ids are below 2^21.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Entry {
    key: Key,
    ids: [u32; INLINE],
}

/// Ids that lie beside their key.
pub const INLINE: usize = 4;
/// In place of a number: the ids lie in the arena, whose place follows; so do the bytes if the key does not hold them.
pub const MORE: usize = 15;
const COUNT_SHIFT: u32 = 28;
const ID_MASK: u32 = (1 << COUNT_SHIFT) - 1;

impl Entry {
    fn count(&self) -> usize {
        (self.ids[0] >> COUNT_SHIFT) as usize
    }
}

/// Two entries of one cache line, filled from the front.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Set([Entry; 2]);

// SAFETY: numbers only.
unsafe impl Zero for Set {}

impl Set {
    /// 1 for the first entry, 2 for the second, 0 for none. Which of the two it is cannot be predicted, that it is one of them
    /// can: hence a number and no branch.
    #[inline]
    fn holder(&self, key: Key) -> usize {
        usize::from(self.0[0].key.is(key)) | usize::from(self.0[1].key.is(key)) << 1
    }

    #[inline]
    fn is_full(&self) -> bool {
        !self.0[1].key.is_none()
    }
}

/// Where a key belongs, computed early so that the line can be on its way.
#[derive(Clone, Copy, Default)]
pub struct Place {
    pub hash: u64,
}

pub struct Cache {
    sets: Pages<Set>,
    most_sets: usize,
    shift: u32,
    entered: usize,
    arena: Arena,
}

impl Default for Cache {
    fn default() -> Self {
        Self::with_sets(MOST_SETS)
    }
}

impl Cache {
    fn with_sets(most_sets: usize) -> Self {
        Self { sets: Pages::new(FIRST_SETS), most_sets, shift: 64 - FIRST_SETS.trailing_zeros(), entered: 0, arena: Arena::default() }
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    /// Hashes a key and asks the processor for its line.
    #[inline]
    pub fn prepare(&self, key: Key) -> Place {
        let place = Place { hash: key.hash() };
        prefetch(&self.sets[self.home(place.hash)]);
        place
    }

    #[inline]
    fn entry(&self, key: Key, hash: u64) -> Option<&Entry> {
        let home = self.home(hash);
        let set = &self.sets[home];
        let held = set.holder(key);
        if held > 0 {
            return Some(&set.0[held >> 1]);
        }
        if set.is_full() { self.beyond(key, home) } else { None }
    }

    #[inline(never)]
    fn beyond(&self, key: Key, home: usize) -> Option<&Entry> {
        for i in 1..REACH {
            let set = &self.sets[(home + i) & (self.sets.len() - 1)];
            let held = set.holder(key);
            if held > 0 {
                return Some(&set.0[held >> 1]);
            }
            if !set.is_full() {
                break;
            }
        }
        None
    }

    /// Writes the ids of a key to the front of `out` and gives their number: 0 when it is not held, or `MORE`, and `out` is
    /// what `more` needs.
    #[inline]
    pub fn find(&self, key: Key, place: Place, out: &mut [u32; INLINE]) -> usize {
        let Some(Entry { ids, .. }) = self.entry(key, place.hash) else { return 0 };
        *out = [ids[0] & ID_MASK, ids[1], ids[2], ids[3]];
        (ids[0] >> COUNT_SHIFT) as usize
    }

    /// The ids of a pretoken of which `find` said that there are more; none when it is another one with the same hash.
    pub fn more(&self, found: [u32; INLINE], pretoken: &[u8]) -> Option<&[u32]> {
        let [_, ids, count, bytes] = found;
        let is_it = pretoken.len() <= SHORT || self.arena.bytes(bytes, pretoken.len()) == pretoken;
        is_it.then(|| self.arena.ids(ids, count))
    }

    #[inline]
    pub fn holds(&self, key: Key, place: Place) -> bool {
        self.entry(key, place.hash).is_some()
    }

    /// Keeps the ids of a pretoken. When the table is as large as it may be, an older entry gives way.
    pub fn keep(&mut self, key: Key, place: Place, pretoken: &[u8], ids: &[u32]) {
        if key.is_none() {
            return;
        }
        let mut entry = Entry { key, ids: [0; INLINE] };
        let count = match entry.ids.get_mut(..ids.len()) {
            Some(inline) if !key.is_hashed() => {
                inline.copy_from_slice(ids);
                ids.len()
            }
            _ => {
                let bytes = if key.is_hashed() { pretoken } else { &[] };
                if !self.arena.has_room(bytes, ids) {
                    self.forget_more();
                }
                let (bytes, at) = self.arena.put(bytes, ids);
                entry.ids = [0, at, ids.len() as u32, bytes];
                MORE
            }
        };
        entry.ids[0] |= (count as u32) << COUNT_SHIFT;
        // Above half of its entries, more and more searches go beyond one set.
        if self.entered >= self.sets.len() && self.sets.len() < self.most_sets {
            self.grow();
        }
        self.enter(entry, place.hash);
    }

    fn enter(&mut self, entry: Entry, hash: u64) {
        let home = self.home(hash);
        for i in 0..REACH {
            let at = (home + i) & (self.sets.len() - 1);
            let set = &mut self.sets[at].0;
            if let Some(place) = set.iter_mut().find(|held| held.key.is_none() || held.key.is(entry.key)) {
                self.entered += usize::from(place.key.is_none());
                *place = entry;
                return;
            }
        }
        let set = &mut self.sets[home].0;
        set[1] = set[0];
        set[0] = entry;
    }

    fn grow(&mut self) {
        let size = (self.sets.len() * 4).min(self.most_sets);
        let old = std::mem::replace(&mut self.sets, Pages::new(size));
        self.shift = 64 - size.trailing_zeros();
        self.entered = 0;
        for entry in old.iter().flat_map(|set| set.0).filter(|entry| !entry.key.is_none()) {
            self.enter(entry, entry.key.hash());
        }
    }

    /// Gives up what the arena holds, and the entries that point into it.
    fn forget_more(&mut self) {
        self.arena.clear();
        for set in self.sets.iter_mut() {
            for entry in &mut set.0 {
                if entry.count() == MORE {
                    *entry = Entry::default();
                    self.entered -= 1;
                }
            }
            if set.0[0].key.is_none() {
                set.0.swap(0, 1);
            }
        }
    }

    /// Bytes held, buffers not yet filled included.
    pub fn bytes(&self) -> usize {
        self.sets.len() * size_of::<Set>() + self.arena.held()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(cache: &Cache, text: &[u8]) -> Option<Vec<u32>> {
        let (key, mut out) = (Key::new(text, 0, text.len()), [0; 4]);
        match cache.find(key, cache.prepare(key), &mut out) {
            0 => None,
            MORE => cache.more(out, text).map(<[u32]>::to_vec),
            count => Some(out[..count].to_vec()),
        }
    }

    fn keep(cache: &mut Cache, text: &[u8], ids: &[u32]) {
        let key = Key::new(text, 0, text.len());
        let place = cache.prepare(key);
        cache.keep(key, place, text, ids);
    }

    #[test]
    fn what_is_kept_is_found_again_while_the_table_grows() {
        let mut cache = Cache::default();
        for i in 0..100_000_u32 {
            keep(&mut cache, &i.to_le_bytes(), &[i, 7]);
            keep(&mut cache, format!("{i} is more than fifteen bytes").as_bytes(), &[i]);
            keep(&mut cache, format!("{i} ids").as_bytes(), &[i, 1, 2, 3, 4]);
        }
        let found = |i: &u32| {
            find(&cache, &i.to_le_bytes()).is_some_and(|ids| ids == [*i, 7])
                && find(&cache, format!("{i} is more than fifteen bytes").as_bytes()).is_some_and(|ids| ids == [*i])
                && find(&cache, format!("{i} ids").as_bytes()).is_some_and(|ids| ids == [*i, 1, 2, 3, 4])
        };
        let found = (0..100_000_u32).filter(found).count();
        assert!(found > 90_000, "{found}");
    }

    #[test]
    fn a_pretoken_with_the_hash_of_another_is_not_found() {
        let mut cache = Cache::default();
        let (kept, other) = (b"a pretoken that is kept", b"another that is not one");
        let key = Key::new(kept, 0, kept.len());
        let place = cache.prepare(key);
        cache.keep(key, place, kept, &[1]);
        let mut out = [0; 4];
        assert_eq!(cache.find(key, place, &mut out), MORE);
        assert_eq!((cache.more(out, kept), cache.more(out, other)), (Some(&[1][..]), None));
    }

    #[test]
    fn no_number_of_pretokens_makes_it_grow_over_its_bound() {
        let mut cache = Cache::with_sets(1 << 12);
        for i in 0..2_000_000_u32 {
            keep(&mut cache, &i.to_le_bytes(), &[i & ID_MASK]);
            if i % 4 == 0 {
                keep(&mut cache, format!("a pretoken of more than fifteen bytes {i}").as_bytes(), &[i, i, i, i, i]);
            }
        }
        assert!(cache.bytes() <= (64 << 12) + super::super::arena::MOST_BYTES, "{}", cache.bytes());
        assert_eq!(find(&cache, &1_999_999_u32.to_le_bytes()), Some(vec![1_999_999]));
        assert_eq!(find(&cache, b"a pretoken of more than fifteen bytes 1999996"), Some(vec![1_999_996; 5]));
        assert_eq!(find(&cache, b"a pretoken of more than fifteen bytes 1999997"), None);
    }
}

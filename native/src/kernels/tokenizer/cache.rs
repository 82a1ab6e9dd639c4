//! Pretokens already merged, by their bytes. Text repeats itself: in 16 MB of 35 languages 83 of 100 pretokens are repetitions.
//! One cache a thread, kept from batch to batch. What it holds never changes an id, only the time.

use super::long_cache::LongCache;
use super::pages::{Pages, Zero};
use super::prefetch::prefetch;

/// Most sets of the short cache: 32 MiB.
const MOST_SETS: usize = 1 << 19;
const FIRST_SETS: usize = 1 << 10;
/// Bytes that a short key holds.
pub const SHORT: usize = 15;

/// Up to 15 bytes with their number in the last one; 0 is no pretoken.
#[derive(Clone, Copy, Default)]
pub struct Key {
    low: u64,
    high: u64,
}

/// By length, the bits of both halves that belong to the pretoken.
const MASKS: [(u64, u64); SHORT + 1] = {
    let mut masks = [(0, 0); SHORT + 1];
    let mut length = 1;
    while length <= SHORT {
        let mask = u128::MAX >> (128 - 8 * length);
        masks[length] = (mask as u64, (mask >> 64) as u64);
        length += 1;
    }
    masks
};

impl Key {
    /// Both halves at once: one branch where a comparison of each has two.
    #[inline]
    fn is(self, other: Self) -> bool {
        (self.low ^ other.low) | (self.high ^ other.high) == 0
    }

    fn is_none(self) -> bool {
        self.high == 0
    }

    /// The key of `text[at..end]`, at most `SHORT` bytes: two loads and a mask where 16 bytes are there to read.
    #[inline]
    pub fn new(text: &[u8], at: usize, end: usize) -> Self {
        let length = end - at;
        let word = |from: usize| text.get(from..from + 8).map(|eight| u64::from_le_bytes(eight.try_into().expect("eight bytes")));
        let (low, high) = if let (Some(low), Some(high)) = (word(at), word(at + 8)) {
            (low, high)
        } else {
            let mut padded = [0; 16];
            padded[..length].copy_from_slice(&text[at..end]);
            let all = u128::from_le_bytes(padded);
            (all as u64, (all >> 64) as u64)
        };
        let (low_mask, high_mask) = MASKS[length & 15];
        Self { low: low & low_mask, high: high & high_mask | (length as u64) << 56 }
    }

    #[inline]
    pub fn hash(self) -> u64 {
        let product = u128::from(self.low ^ 0x9E37_79B9_7F4A_7C15) * u128::from(self.high ^ 0xC2B2_AE3D_27D4_EB4F);
        (product as u64) ^ (product >> 64) as u64
    }
}

/// Half a cache line. The number of ids stands in the upper bits of the first; ids are below 2^21.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Entry {
    key: Key,
    ids: [u32; INLINE],
}

/// Ids that lie beside their key.
pub const INLINE: usize = 4;
/// In place of a number: there are more, kept with the long pretokens.
pub const MORE: usize = 15;
const COUNT_SHIFT: u32 = 28;
const ID_MASK: u32 = (1 << COUNT_SHIFT) - 1;

/// Two entries of one cache line; the newer one first.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Set([Entry; 2]);

// SAFETY: numbers only.
unsafe impl Zero for Set {}

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
    long: LongCache,
}

impl Default for Cache {
    fn default() -> Self {
        Self::with_sets(MOST_SETS)
    }
}

impl Cache {
    fn with_sets(most_sets: usize) -> Self {
        Self { sets: Pages::new(FIRST_SETS), most_sets, shift: 64 - FIRST_SETS.trailing_zeros(), entered: 0, long: LongCache::default() }
    }

    /// Hashes a key and asks the processor for its line.
    #[inline]
    pub fn prepare(&self, key: Key) -> Place {
        let place = Place { hash: key.hash() };
        prefetch(&self.sets[(place.hash >> self.shift) as usize]);
        place
    }

    /// Writes the ids of a short key to the front of `out` and gives their number: 0 when it is not held, or `MORE`.
    #[inline]
    pub fn find(&self, key: Key, place: Place, out: &mut [u32; INLINE]) -> usize {
        let set = &self.sets[(place.hash >> self.shift) as usize].0;
        let held = Self::held(set, key);
        if held == 0 {
            return 0;
        }
        let ids = set[held >> 1].ids;
        *out = [ids[0] & ID_MASK, ids[1], ids[2], ids[3]];
        (ids[0] >> COUNT_SHIFT) as usize
    }

    #[inline]
    pub fn holds(&self, key: Key, place: Place) -> bool {
        Self::held(&self.sets[(place.hash >> self.shift) as usize].0, key) != 0
    }

    /// 1 for the first entry, 2 for the second, 0 for none. Which of the two it is cannot be predicted, that it is one of them
    /// can: hence a number and no branch.
    #[inline]
    fn held(set: &[Entry; 2], key: Key) -> usize {
        usize::from(set[0].key.is(key)) | usize::from(set[1].key.is(key)) << 1
    }

    /// Keeps the ids of a short key. The older entry of its set gives way once the table is as large as it may be.
    pub fn keep(&mut self, key: Key, place: Place, pretoken: &[u8], ids: &[u32]) {
        let mut entry = Entry { key, ids: [0; INLINE] };
        let count = if let Some(inline) = entry.ids.get_mut(..ids.len()) {
            inline.copy_from_slice(ids);
            ids.len()
        } else {
            self.keep_long(pretoken, ids);
            MORE
        };
        entry.ids[0] |= (count as u32) << COUNT_SHIFT;
        if self.entered >= self.sets.len() && self.sets.len() < self.most_sets {
            self.grow();
        }
        self.enter(entry, place.hash);
    }

    fn enter(&mut self, entry: Entry, hash: u64) {
        let set = &mut self.sets[(hash >> self.shift) as usize].0;
        if !set[0].key.is(entry.key) {
            self.entered += usize::from(set[1].key.is_none());
            set[1] = set[0];
        }
        set[0] = entry;
    }

    fn grow(&mut self) {
        let size = self.sets.len() * 2;
        let old = std::mem::replace(&mut self.sets, Pages::new(size));
        self.shift = 64 - size.trailing_zeros();
        self.entered = 0;
        for entry in old.iter().flat_map(|set| [set.0[1], set.0[0]]).filter(|entry| !entry.key.is_none()) {
            self.enter(entry, entry.key.hash());
        }
    }

    pub fn find_long(&self, pretoken: &[u8]) -> Option<&[u32]> {
        self.long.find(pretoken)
    }

    pub fn keep_long(&mut self, pretoken: &[u8], ids: &[u32]) {
        self.long.keep(pretoken, ids);
    }

    /// Bytes held, buffers not yet filled included.
    pub fn bytes(&self) -> usize {
        self.sets.len() * size_of::<Set>() + self.long.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::long_cache::MOST_BYTES;
    use super::*;

    fn find(cache: &Cache, text: &[u8]) -> Option<Vec<u32>> {
        let (key, mut out) = (Key::new(text, 0, text.len()), [0; 4]);
        let count = cache.find(key, cache.prepare(key), &mut out);
        (count > 0).then(|| out[..count].to_vec())
    }

    fn keep(cache: &mut Cache, text: &[u8], ids: &[u32]) {
        let key = Key::new(text, 0, text.len());
        let place = cache.prepare(key);
        cache.keep(key, place, text, ids);
    }

    #[test]
    fn keys_differ_by_bytes_and_by_length_and_not_by_what_follows() {
        let text = b"abc\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (length, other) in (1..=SHORT).flat_map(|a| (1..=SHORT).map(move |b| (a, b))) {
            assert_eq!(Key::new(text, 0, length).is(Key::new(text, 0, other)), length == other);
        }
        assert!(Key::new(b"grain and more than that", 0, 5).is(Key::new(b"grain", 0, 5)));
        assert!(Key::new(b"the last grain", 9, 14).is(Key::new(b"grain", 0, 5)));
    }

    #[test]
    fn what_is_kept_is_found_again_while_the_table_grows() {
        let mut cache = Cache::default();
        for i in 0..100_000_u32 {
            keep(&mut cache, &i.to_le_bytes(), &[i, 7]);
        }
        let found = (0..100_000_u32).filter(|i| find(&cache, &i.to_le_bytes()).is_some_and(|ids| ids == [*i, 7])).count();
        assert!(found > 80_000, "{found}");
    }

    #[test]
    fn no_number_of_pretokens_makes_it_grow_over_its_bound() {
        let mut cache = Cache::with_sets(1 << 12);
        for i in 0..2_000_000_u32 {
            keep(&mut cache, &i.to_le_bytes(), &[i & ID_MASK]);
            if i % 4 == 0 {
                cache.keep_long(format!("a pretoken of more than fifteen bytes {i}").as_bytes(), &[i, i, i, i, i]);
            }
        }
        assert!(cache.bytes() < (64 << 12) + MOST_BYTES + 1, "{}", cache.bytes());
        assert_eq!(find(&cache, &1_999_999_u32.to_le_bytes()), Some(vec![1_999_999]));
        assert_eq!(cache.find_long(b"a pretoken of more than fifteen bytes 1999996"), Some(&[1_999_996; 5][..]));
        assert_eq!(cache.find_long(b"a pretoken of more than fifteen bytes 1999997"), None);
    }
}

//! The part of the pretoken cache that holds what does not fit an entry of fixed size.

/// Long pretokens are all forgotten when so many bytes of them, ids of them, or half as many of them are held: 8, 8 and 5 MiB.
const LONG_BYTES: usize = 8 << 20;
const LONG_IDS: usize = 2 << 20;
const LONG_SLOTS: usize = 1 << 18;
/// What all of it may take.
#[cfg(test)]
pub const MOST_BYTES: usize = LONG_BYTES + 4 * LONG_IDS + LONG_SLOTS * size_of::<LongSlot>();
/// Longer pretokens are seldom seen twice.
const LONGEST: usize = 512;
/// Pretokens over `SHORT` bytes, and short ones of more than four ids: bytes and ids lie in arenas.
#[derive(Default)]
pub struct LongCache {
    slots: Vec<LongSlot>,
    bytes: Vec<u8>,
    ids: Vec<u32>,
    held: usize,
}

#[derive(Clone, Copy, Default)]
struct LongSlot {
    hash: u32,
    bytes: u32,
    ids: u32,
    /// 0 for an empty slot.
    length: u16,
    count: u16,
}

impl LongCache {
    fn hash(pretoken: &[u8]) -> u64 {
        xxhash_rust::xxh3::xxh3_64(pretoken)
    }

    /// The slot of a pretoken or the empty one where it would go.
    #[inline]
    fn slot(&self, pretoken: &[u8], hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 32) as usize & mask;
        loop {
            let slot = &self.slots[at];
            let here = slot.bytes as usize;
            if slot.length == 0 || slot.hash == hash as u32 && self.bytes[here..here + usize::from(slot.length)] == *pretoken {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    pub fn find(&self, pretoken: &[u8]) -> Option<&[u32]> {
        if self.slots.is_empty() || pretoken.len() > LONGEST {
            return None;
        }
        let slot = &self.slots[self.slot(pretoken, Self::hash(pretoken))];
        (slot.length > 0).then(|| &self.ids[slot.ids as usize..slot.ids as usize + usize::from(slot.count)])
    }

    pub fn keep(&mut self, pretoken: &[u8], ids: &[u32]) {
        if pretoken.len() > LONGEST {
            return;
        }
        let full = self.bytes.len() + pretoken.len() > LONG_BYTES || self.ids.len() + ids.len() > LONG_IDS;
        if full || self.held * 2 >= LONG_SLOTS {
            self.slots.fill(LongSlot::default());
            self.bytes.clear();
            self.ids.clear();
            self.held = 0;
        } else if self.held * 2 >= self.slots.len() {
            let size = (self.slots.len() * 4).clamp(1 << 10, LONG_SLOTS);
            let old = std::mem::replace(&mut self.slots, vec![LongSlot::default(); size]);
            for slot in old.into_iter().filter(|slot| slot.length > 0) {
                let here = slot.bytes as usize;
                let pretoken = &self.bytes[here..here + usize::from(slot.length)];
                let at = self.slot(pretoken, Self::hash(pretoken));
                self.slots[at] = slot;
            }
        }
        let hash = Self::hash(pretoken);
        let at = self.slot(pretoken, hash);
        self.held += usize::from(self.slots[at].length == 0);
        self.slots[at] = LongSlot {
            hash: hash as u32,
            bytes: self.bytes.len() as u32,
            ids: self.ids.len() as u32,
            length: pretoken.len() as u16,
            count: ids.len() as u16,
        };
        self.bytes.extend_from_slice(pretoken);
        self.ids.extend_from_slice(ids);
    }

    pub fn bytes(&self) -> usize {
        self.slots.len() * size_of::<LongSlot>() + self.bytes.capacity() + 4 * self.ids.capacity()
    }
}

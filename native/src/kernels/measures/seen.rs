//! A set of numbered things, found by hash and confirmed by comparison: no hash decides anything.

/// Slots kept from text to text; what a huge text made is given back.
#[derive(Default)]
pub struct SeenTable(Vec<u64>);

const KEPT_SLOTS: usize = 1 << 20;

pub struct Seen<'a> {
    /// Half of a slot is the upper half of the hash, half the number plus one; 0 is empty.
    slots: &'a mut [u64],
}

impl SeenTable {
    /// An empty set with room for `most` things.
    pub fn empty(&mut self, most: usize) -> Seen<'_> {
        let slots = (most * 2).next_power_of_two();
        if self.0.len() > KEPT_SLOTS && slots <= KEPT_SLOTS {
            self.0 = Vec::new();
        }
        if self.0.len() < slots {
            self.0.resize(slots, 0);
        }
        let slots = &mut self.0[..slots];
        slots.fill(0);
        Seen { slots }
    }
}

impl Seen<'_> {
    /// The number of an equal one that was there; if there is none, number `i` now is one.
    #[inline]
    pub fn find_or_insert(&mut self, hash: u64, i: usize, is_equal: impl Fn(usize) -> bool) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let tag = hash & 0xFFFF_FFFF_0000_0000;
        let mut slot = hash as usize & mask;
        loop {
            let kept = self.slots[slot];
            if kept == 0 {
                self.slots[slot] = tag | (i as u64 + 1);
                return None;
            }
            let number = (kept & 0xFFFF_FFFF) as usize - 1;
            if kept & 0xFFFF_FFFF_0000_0000 == tag && is_equal(number) {
                return Some(number);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Whether an equal one was there; if not, number `i` now is.
    #[inline]
    pub fn insert(&mut self, hash: u64, i: usize, is_equal: impl Fn(usize) -> bool) -> bool {
        self.find_or_insert(hash, i, is_equal).is_some()
    }
}

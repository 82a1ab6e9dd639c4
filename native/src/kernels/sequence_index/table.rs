//! Tonight's kept documents until they fill a run: open addressing over their keys, and their records in order.
//!
//! Entries of one key lie in the order in which they were put, since a search walks the way that the insertions walked and
//! nothing is ever taken out.

use std::io;
use std::path::Path;

use super::filter::place;
use super::format::{HOLDS_BANDS, Header, ID_BYTES, MOST_DOCUMENTS, SKETCH_BYTES};
use super::prefetch::prefetch;
use super::run_writer::{RunWriter, Written};
use crate::kernels::minhash::BANDS;

/// Keys of one document: its bands and its digest.
pub const KEYS: usize = BANDS + 1;
/// Four slots for three entries.
const SLOT_BYTES: usize = KEYS * 16 * 4 / 3;
const RECORD_BYTES: usize = ID_BYTES + 16 + 4 + SKETCH_BYTES;

pub struct Table {
    flags: u32,
    capacity: usize,
    /// Key, and ordinal + 1; 0 there says empty.
    slots: Vec<[u64; 2]>,
    entries: usize,
    ids: Vec<[u8; ID_BYTES]>,
    digests: Vec<[u8; 16]>,
    shingles: Vec<u32>,
    sketches: Vec<[u8; SKETCH_BYTES]>,
}

/// One row to be kept, or compared.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub id: &'a [u8; ID_BYTES],
    pub digest: &'a [u8; 16],
    pub shingles: u32,
    pub sketch: &'a [u8; SKETCH_BYTES],
}

impl Table {
    /// The number of documents follows from the memory alone: runs are cut at the same places however rows arrive. Memory is
    /// reserved at once but only used as documents come.
    pub fn new(flags: u32, memory_bytes: u64) -> Self {
        let capacity = (memory_bytes / (SLOT_BYTES + RECORD_BYTES) as u64).clamp(1, MOST_DOCUMENTS) as usize;
        let sketches = if flags & HOLDS_BANDS == 0 { 0 } else { capacity };
        Self {
            flags,
            capacity,
            slots: vec![[0; 2]; (capacity * KEYS * 4).div_ceil(3)],
            entries: 0,
            ids: Vec::with_capacity(capacity),
            digests: Vec::with_capacity(capacity),
            shingles: Vec::with_capacity(capacity),
            sketches: Vec::with_capacity(sketches),
        }
    }

    pub fn room(&self) -> usize {
        self.capacity - self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Asks for the place where `members` begins to search.
    #[inline]
    pub fn prefetch(&self, key: u64) {
        prefetch(&self.slots, place(key, self.slots.len()));
    }

    /// Ordinals that entered `key`, in order.
    pub fn members(&self, key: u64) -> impl Iterator<Item = u32> {
        let home = place(key, self.slots.len());
        let chain = self.slots[home..].iter().chain(&self.slots[..home]).take_while(|slot| slot[1] != 0);
        chain.filter(move |slot| slot[0] == key).map(|slot| (slot[1] - 1) as u32)
    }

    pub fn id(&self, ordinal: u32) -> &[u8; ID_BYTES] {
        &self.ids[ordinal as usize]
    }

    pub fn digest(&self, ordinal: u32) -> &[u8; 16] {
        &self.digests[ordinal as usize]
    }

    pub fn sketch(&self, ordinal: u32) -> &[u8; SKETCH_BYTES] {
        &self.sketches[ordinal as usize]
    }

    /// Keeps a row under at most `KEYS` keys. There must be room.
    pub fn keep(&mut self, row: Row, keys: impl Iterator<Item = u64>) {
        let ordinal = self.ids.len() as u64 + 1;
        self.ids.push(*row.id);
        self.digests.push(*row.digest);
        self.shingles.push(row.shingles);
        if self.flags & HOLDS_BANDS != 0 {
            self.sketches.push(*row.sketch);
        }
        for key in keys {
            let mut at = place(key, self.slots.len());
            while self.slots[at][1] != 0 {
                at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
            }
            self.slots[at] = [key, ordinal];
            self.entries += 1;
        }
    }

    /// Writes a run of all that is here, and is empty again. Sorts in place: no second copy of the entries.
    pub fn write(&mut self, path: &Path) -> io::Result<Written> {
        let filled = self.sort();
        let header = Header::new(self.flags, self.ids.len() as u64, filled as u64);
        let mut run = RunWriter::create(path, header)?;
        for [key, ordinal] in &self.slots[..filled] {
            run.entry(*key, *ordinal as u32 - 1)?;
        }
        run.ids(self.ids.as_flattened())?;
        run.digests(self.digests.as_flattened())?;
        self.shingles.iter().try_for_each(|shingles| run.shingles(&shingles.to_le_bytes()))?;
        run.sketches(self.sketches.as_flattened())?;
        let written = run.finish()?;
        self.slots.fill([0; 2]);
        self.entries = 0;
        self.ids.clear();
        self.digests.clear();
        self.shingles.clear();
        self.sketches.clear();
        Ok(written)
    }

    /// Brings the entries to the front in ascending order and says how many there are. In time that grows with the slots alone: a
    /// key lies between its own place and the next empty slot, so entries between two empty slots are all before those that follow.
    fn sort(&mut self) -> usize {
        let slots = &mut self.slots;
        let empty = |slot: &[u64; 2]| slot[1] == 0;
        // What found no slot at the end went on at the beginning, and belongs behind all.
        let head = slots.iter().position(empty).unwrap_or(slots.len());
        let length = slots.len();
        let (wrapped, first): (Vec<_>, Vec<_>) = slots[..head].iter().partition(|slot| place(slot[0], length) >= head);
        slots[..first.len()].copy_from_slice(&first);
        slots[..first.len()].sort_unstable();
        let (mut filled, mut begun) = (first.len(), first.len());
        for at in head..length {
            if empty(&slots[at]) {
                slots[begun..filled].sort_unstable();
                begun = filled;
            } else {
                slots[filled] = slots[at];
                filled += 1;
            }
        }
        slots[filled..filled + wrapped.len()].copy_from_slice(&wrapped);
        filled += wrapped.len();
        slots[begun..filled].sort_unstable();
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::minhash::tests::Random;

    #[test]
    fn entries_are_sorted_also_those_that_went_on_at_the_beginning() {
        for documents in [0, 1, 2, 5, 60] {
            let mut table = Table::new(HOLDS_BANDS, documents * (SLOT_BYTES + RECORD_BYTES) as u64);
            let row = Row { id: &[0; ID_BYTES], digest: &[0; 16], shingles: 1, sketch: &[0; SKETCH_BYTES] };
            let mut random = Random(documents);
            let mut expected = Vec::new();
            for ordinal in 0..documents.max(1) {
                // Half of them as high as keys can be, so that their places overflow; few of those, so that some are equal.
                let keys: Vec<u64> = (0..KEYS).map(|key| random.draw() | if key % 2 == 0 { u64::MAX << 3 } else { 0 }).collect();
                expected.extend(keys.iter().map(|key| [*key, ordinal + 1]));
                table.keep(row, keys.into_iter());
            }
            expected.sort_unstable();
            let filled = table.sort();
            assert_eq!(table.slots[..filled], expected);
        }
    }
}

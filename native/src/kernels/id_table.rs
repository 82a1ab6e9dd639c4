//! A hash table from 16-byte ids to one number, at 24 bytes a slot: what checking a whole dataset needs to hold.
//! A table may take one of several partitions of all ids, so that memory is bounded and a large check makes more passes.

/// Ids are hashes already: their bytes place them. The first four choose the partition, the next eight the slot.
pub struct IdTable {
    ids: Vec<[u8; 16]>,
    /// `EMPTY` marks a free slot.
    values: Vec<f64>,
    used: usize,
    partition: u32,
    partitions: u32,
}

/// No caller's value: they are counts and places from zero up, or -1.
const EMPTY: f64 = f64::NEG_INFINITY;

/// What `lookup` says of an id that is not in the table.
pub const MISSING: f64 = f64::NAN;

impl IdTable {
    pub fn new(partition: u32, partitions: u32) -> Self {
        Self { ids: vec![[0; 16]; 1024], values: vec![EMPTY; 1024], used: 0, partition, partitions: partitions.max(1) }
    }

    pub fn len(&self) -> usize {
        self.used
    }

    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    fn owns(&self, id: &[u8; 16]) -> bool {
        u32::from_be_bytes([id[0], id[1], id[2], id[3]]) % self.partitions == self.partition
    }

    fn slot(&self, id: &[u8; 16]) -> usize {
        let mask = self.ids.len() - 1;
        let hash = u64::from_le_bytes([id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11]]);
        // Mixed, so that ids that are no hashes (a hostile or handmade dataset) cost no quadratic time by their low bits alone.
        let mut slot = (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 17) as usize & mask;
        while self.values[slot] != EMPTY && self.ids[slot] != *id {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Inserts the partition's ids with their values. Returns the rows whose id was there already; they change nothing.
    pub fn insert(&mut self, ids: &[u8], values: &[f64]) -> Vec<u32> {
        let mut again = Vec::new();
        for (row, (id, &value)) in ids.as_chunks::<16>().0.iter().zip(values).enumerate() {
            if !self.owns(id) {
                continue;
            }
            if self.used * 3 >= self.ids.len() * 2 {
                self.grow();
            }
            let slot = self.slot(id);
            if self.values[slot] == EMPTY {
                self.ids[slot] = *id;
                self.values[slot] = value;
                self.used += 1;
            } else {
                again.push(row as u32);
            }
        }
        again
    }

    /// A value a row: `MISSING` when the table should hold the id and does not, `others` when it belongs to another partition.
    pub fn lookup(&self, ids: &[u8], others: f64) -> Vec<f64> {
        let find = |id: &[u8; 16]| {
            if !self.owns(id) {
                return others;
            }
            let value = self.values[self.slot(id)];
            if value == EMPTY { MISSING } else { value }
        };
        ids.as_chunks::<16>().0.iter().map(find).collect()
    }

    fn grow(&mut self) {
        let size = self.ids.len() * 2;
        let ids = std::mem::replace(&mut self.ids, vec![[0; 16]; size]);
        let values = std::mem::replace(&mut self.values, vec![EMPTY; size]);
        for (id, value) in ids.into_iter().zip(values) {
            if value != EMPTY {
                let slot = self.slot(&id);
                self.ids[slot] = id;
                self.values[slot] = value;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // whole numbers, exact
mod tests {
    use super::*;

    fn id(n: u32) -> [u8; 16] {
        use sha2::{Digest, Sha256};
        Sha256::digest(n.to_le_bytes())[..16].try_into().unwrap()
    }

    #[test]
    fn partitions_together_hold_every_id_once() {
        let ids: Vec<u8> = (0..50_000).flat_map(id).collect();
        let values: Vec<f64> = (0..50_000).map(f64::from).collect();
        let tables: Vec<IdTable> = (0..3)
            .map(|partition| {
                let mut table = IdTable::new(partition, 3);
                assert!(table.insert(&ids, &values).is_empty());
                table
            })
            .collect();
        assert_eq!(tables.iter().map(IdTable::len).sum::<usize>(), 50_000);
        for table in &tables {
            for (row, value) in table.lookup(&ids, -2.0).into_iter().enumerate() {
                assert!(value == -2.0 || value == row as f64);
            }
            assert!(table.lookup(&id(50_001), -2.0)[0].is_nan() || table.lookup(&id(50_001), -2.0)[0] == -2.0);
        }
    }

    #[test]
    fn an_id_that_comes_again_is_named_and_keeps_its_first_value() {
        let mut table = IdTable::new(0, 1);
        let ids: Vec<u8> = [1, 2, 1].into_iter().flat_map(id).collect();
        assert_eq!(table.insert(&ids, &[7.0, 8.0, 9.0]), [2]);
        assert_eq!(table.lookup(&ids, 0.0), [7.0, 8.0, 7.0]);
        assert!(table.lookup(&id(3), 0.0)[0].is_nan());
    }
}

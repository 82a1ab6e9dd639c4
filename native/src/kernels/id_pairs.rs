//! Rows of two lists of ids that are of the same document.

/// Row of the other list that has none.
pub const NONE: u32 = u32::MAX;

/// For every row of `after` the row of `before` with the same id, or `NONE`. No row is paired twice: what one list has more
/// often than the other stays alone. A rebuild has most documents in the order in which they were, so the row behind the
/// last pair is looked at first, and a table (8 to 16 bytes a row of `before`) is made only when that fails.
pub fn id_pairs(before: &[[u8; 16]], after: &[[u8; 16]]) -> Vec<u32> {
    let mut paired = vec![false; before.len()];
    let mut table = None;
    let mut next = 0;
    after
        .iter()
        .map(|id| {
            let row = if before.get(next) == Some(id) && !paired[next] {
                next
            } else {
                match table.get_or_insert_with(|| Table::new(before)).take(before, id, &paired) {
                    Some(row) => row,
                    None => return NONE,
                }
            };
            paired[row] = true;
            next = row + 1;
            row as u32
        })
        .collect()
}

/// A slot holds the first row of an id, `following` the next one of the same id: a document read a thousand times costs as
/// much as a thousand documents.
struct Table {
    slots: Vec<u32>,
    following: Vec<u32>,
}

impl Table {
    fn new(ids: &[[u8; 16]]) -> Self {
        let mut table = Self { slots: vec![NONE; (ids.len() * 2).next_power_of_two()], following: vec![NONE; ids.len()] };
        for (row, id) in ids.iter().enumerate().rev() {
            let slot = table.slot(ids, id);
            table.following[row] = table.slots[slot];
            table.slots[slot] = row as u32;
        }
        table
    }

    fn slot(&self, ids: &[[u8; 16]], id: &[u8; 16]) -> usize {
        let mask = self.slots.len() - 1;
        let hash = u64::from_le_bytes([id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11]]);
        // Mixed as in `id_table`: ids of a handmade dataset are no hashes.
        let mut slot = (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 17) as usize & mask;
        while self.slots[slot] != NONE && ids[self.slots[slot] as usize] != *id {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The first row of an id that is not paired yet. Paired ones are forgotten: each is passed over once. The last one stays,
    /// as an emptied slot would end the search for ids behind it.
    fn take(&mut self, ids: &[[u8; 16]], id: &[u8; 16], paired: &[bool]) -> Option<usize> {
        let slot = self.slot(ids, id);
        loop {
            let row = self.slots[slot];
            if row == NONE {
                return None;
            }
            if !paired[row as usize] {
                return Some(row as usize);
            }
            let following = self.following[row as usize];
            if following == NONE {
                return None;
            }
            self.slots[slot] = following;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(of: &[u8]) -> Vec<[u8; 16]> {
        of.iter().map(|&n| [n; 16]).collect()
    }

    #[test]
    fn rows_of_one_id_are_paired_wherever_they_are() {
        assert_eq!(id_pairs(&ids(&[1, 2, 3]), &ids(&[1, 2, 3])), [0, 1, 2]);
        assert_eq!(id_pairs(&ids(&[1, 2, 3]), &ids(&[3, 4, 1])), [2, NONE, 0]);
        assert_eq!(id_pairs(&ids(&[5, 5, 1]), &ids(&[5, 1, 5, 5])), [0, 2, 1, NONE]);
        assert_eq!(id_pairs(&[], &ids(&[1])), [NONE]);
        assert!(id_pairs(&ids(&[1]), &[]).is_empty());
    }

    #[test]
    fn one_id_a_hundred_thousand_times_takes_no_square_of_time() {
        let (many, mut last) = (vec![[7; 16]; 100_000], vec![[7; 16]; 100_000]);
        last.insert(0, [8; 16]);
        assert_eq!(id_pairs(&many, &last)[100_000], 99_999);
        last.reverse();
        assert_eq!(id_pairs(&many, &last).iter().filter(|&&row| row != NONE).count(), 100_000);
    }

    proptest! {
        #[test]
        fn pairs_have_one_id_and_no_more_could_be_made(before in prop::collection::vec(0_u8..12, 0..40), after in prop::collection::vec(0_u8..12, 0..40)) {
            let pairs = id_pairs(&ids(&before), &ids(&after));
            let mut used: Vec<u32> = pairs.iter().copied().filter(|&row| row != NONE).collect();
            for (row, &pair) in pairs.iter().enumerate() {
                prop_assert!(pair == NONE || before[pair as usize] == after[row]);
            }
            used.sort_unstable();
            let count = used.len();
            used.dedup();
            prop_assert_eq!(count, used.len());
            let often = |of: &[u8], n: u8| ids(of).iter().filter(|id| id[0] == n).count();
            let common: usize = (0..12).map(|n| often(&before, n).min(often(&after, n))).sum();
            prop_assert_eq!(count, common);
        }
    }
}

//! Which two neighbours merge, in which order, into what.

use super::pages::{Pages, Zero};
use super::prefetch::prefetch;
use std::collections::HashMap;

/// Two neighbours and what they become; the lowest rank is made first.
#[derive(Clone, Copy)]
pub struct Merge {
    pub left: u32,
    pub right: u32,
    pub result: u32,
    pub rank: u32,
}

/// Ids must stay below this, ranks below `NO_RANK`: a pair and its rank then share one 64-bit word, and the table of
/// Llama 3's 280,147 merges is 4 MB.
pub const MAX_IDS: usize = (1 << 21) - 1;
/// The rank of a pair that does not merge, above all others.
pub const NO_RANK: u32 = (1 << 22) - 1;
pub const MAX_MERGES: usize = NO_RANK as usize;

/// Its rank is `NO_RANK` and its pair is of two ids that no token has.
const EMPTY: u64 = u64::MAX;

/// Merges of this rank make different tokens.
const TIED: u32 = u32::MAX;

/// Eight slots of one cache line, filled from the front. All are compared without a branch: where a search ends in a chain of
/// single slots cannot be predicted, and half of all searches are for pairs that do not merge.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Bucket([u64; 8]);

// SAFETY: numbers only.
unsafe impl Zero for Bucket {}

pub struct PairTable {
    /// A slot is `left << 43 | right << 22 | rank`; a full bucket goes on in the next.
    buckets: Pages<Bucket>,
    shift: u32,
    /// Rank -> the id of the merged token, or `TIED`; one more, so that it is never empty.
    results: Vec<u32>,
    /// Where merges of one rank make different tokens: their pairs and what they make.
    tied: HashMap<(u32, u32), u32>,
    /// Ranks of pairs of single bytes, with which every merge begins: 256 KB that stay in the cache.
    byte_ranks: Vec<u32>,
    byte_ids: [u32; 256],
}

impl PairTable {
    /// `merges[rank]` is (left, right, result). Fails with the ranks of two merges of one pair.
    pub fn new(merges: &[(u32, u32, u32)], byte_ids: &[u32; 256]) -> Result<Self, (usize, usize)> {
        let ranked: Vec<Merge> = (0..).zip(merges).map(|(rank, &(left, right, result))| Merge { left, right, result, rank }).collect();
        Self::ranked(&ranked, byte_ids)
    }

    /// Of merges whose ranks are below their number and may be equal: of those the leftmost in a text is made first. Fails
    /// with the places of two merges of one pair.
    pub fn ranked(merges: &[Merge], byte_ids: &[u32; 256]) -> Result<Self, (usize, usize)> {
        assert!(merges.len() <= MAX_MERGES, "the loader has checked the number of merges");
        let count = (merges.len() / 5).next_power_of_two().max(2);
        let mut table = Self {
            buckets: Pages::new(count),
            shift: 64 - count.trailing_zeros(),
            results: vec![0; merges.len() + 1],
            tied: HashMap::new(),
            byte_ranks: vec![NO_RANK; 1 << 16],
            byte_ids: *byte_ids,
        };
        table.buckets.fill(Bucket([EMPTY; 8]));
        let mut filled = vec![false; merges.len()];
        for (place, &Merge { left, right, result, rank }) in merges.iter().enumerate() {
            if table.rank(left, right) != NO_RANK {
                let same = |merge: &Merge| (merge.left, merge.right) == (left, right);
                return Err((merges.iter().position(same).unwrap_or(place), place));
            }
            let rank = rank as usize;
            if !std::mem::replace(&mut filled[rank], true) {
                table.results[rank] = result;
            } else if table.results[rank] != result {
                let first = merges.iter().find(|merge| merge.rank as usize == rank).expect("the merge that filled the rank");
                if table.results[rank] != TIED {
                    for merge in merges.iter().take(place).filter(|merge| merge.rank == first.rank) {
                        table.tied.insert((merge.left, merge.right), merge.result);
                    }
                    table.results[rank] = TIED;
                }
            }
            if table.results[rank] == TIED {
                table.tied.insert((left, right), result);
            }
            let mut at = table.home(left, right);
            let free = loop {
                match table.buckets[at].0.iter_mut().find(|slot| **slot == EMPTY) {
                    Some(slot) => break slot,
                    None => at = (at + 1) & (count - 1),
                }
            };
            *free = pair(left, right) << 22 | rank as u64;
        }
        for left in 0..256 {
            for right in 0..256 {
                table.byte_ranks[left << 8 | right] = table.rank(byte_ids[left], byte_ids[right]);
            }
        }
        Ok(table)
    }

    #[inline]
    fn home(&self, left: u32, right: u32) -> usize {
        (pair(left, right).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }

    #[inline]
    pub fn rank(&self, left: u32, right: u32) -> u32 {
        let wanted = pair(left, right);
        let mut at = self.home(left, right);
        loop {
            let slots = &self.buckets[at].0;
            let found = slots.iter().fold(EMPTY, |found, &slot| if slot >> 22 == wanted { slot } else { found });
            if found != EMPTY || slots[7] == EMPTY {
                return found as u32 & NO_RANK;
            }
            at = (at + 1) & (self.buckets.len() - 1);
        }
    }

    /// Says that a pair will be looked up soon.
    #[inline]
    pub fn expect(&self, left: u32, right: u32) {
        prefetch(&self.buckets[self.home(left, right)]);
    }

    /// Says that a rank, if it is one, may be made soon.
    #[inline]
    pub fn expect_result(&self, rank: u32) {
        prefetch(&self.results[(rank as usize).min(self.results.len() - 1)]);
    }

    #[inline]
    pub fn byte_rank(&self, left: u8, right: u8) -> u32 {
        self.byte_ranks[usize::from(left) << 8 | usize::from(right)]
    }

    #[inline]
    pub fn byte_id(&self, byte: u8) -> u32 {
        self.byte_ids[usize::from(byte)]
    }

    /// What a pair of this rank makes.
    #[inline]
    pub fn result(&self, rank: u32, left: u32, right: u32) -> u32 {
        let result = self.results[rank as usize];
        if result == TIED { self.tied_result(left, right) } else { result }
    }

    #[cold]
    fn tied_result(&self, left: u32, right: u32) -> u32 {
        self.tied[&(left, right)]
    }
}

#[inline]
fn pair(left: u32, right: u32) -> u64 {
    u64::from(left) << 21 | u64::from(right)
}

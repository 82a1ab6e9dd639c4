//! Merging of pretokens of a few bytes: no allocation, all of it in the first-level cache, few branches to mispredict.

use super::pair_table::{NO_RANK, PairTable};

/// A pair is its rank and its place in one number, so that the least of all names the leftmost of the lowest.
const PLACES: u32 = 6;
const NO_PAIR: u32 = NO_RANK << PLACES;

/// One pretoken of at most `N` bytes on its way; `N` is a power of two up to 64. Each merge has two halves, because looking
/// up its new pairs waits for memory: many pretokens can take the first half before the first takes the second.
#[derive(Clone, Copy)]
pub struct ShortMerge<const N: usize> {
    symbols: [u32; N],
    order: [u32; N],
    /// Neighbours by place; `count` is behind the last.
    previous: [u8; N],
    next: [u8; N],
    count: usize,
    /// Where the last merge was made.
    at: usize,
}

impl<const N: usize> Default for ShortMerge<N> {
    fn default() -> Self {
        Self { symbols: [0; N], order: [NO_PAIR; N], previous: [0; N], next: [0; N], count: 0, at: 0 }
    }
}

impl<const N: usize> ShortMerge<N> {
    /// Begins with the single bytes of a pretoken.
    #[inline]
    pub fn begin(&mut self, pairs: &PairTable, bytes: &[u8]) {
        self.count = bytes.len();
        self.order = [NO_PAIR; N];
        for (i, &byte) in bytes.iter().enumerate().take(N) {
            self.symbols[i] = pairs.byte_id(byte);
            (self.previous[i], self.next[i]) = ((i as u8).wrapping_sub(1), i as u8 + 1);
        }
        for (i, two) in bytes.windows(2).enumerate().take(N) {
            let rank = pairs.byte_rank(two[0], two[1]);
            pairs.expect_result(rank);
            self.order[i] = rank << PLACES | i as u32;
        }
    }

    /// Begins with symbols that are not bytes.
    pub fn begin_symbols(&mut self, pairs: &PairTable, start: &[u32]) {
        self.count = start.len();
        self.order = [NO_PAIR; N];
        for (i, &symbol) in start.iter().enumerate().take(N) {
            self.symbols[i] = symbol;
            (self.previous[i], self.next[i]) = ((i as u8).wrapping_sub(1), i as u8 + 1);
            if let Some(&right) = start.get(i + 1) {
                pairs.expect(symbol, right);
            }
        }
        for (i, two) in start.windows(2).enumerate().take(N) {
            self.order[i] = pairs.rank(two[0], two[1]) << PLACES | i as u32;
        }
    }

    /// Makes the next merge and asks for what `look_up` will need; false when none is left.
    #[inline]
    pub fn merge(&mut self, pairs: &PairTable) -> bool {
        let lowest = self.order.iter().fold(u32::MAX, |lowest, &pair| lowest.min(pair));
        if lowest >= NO_PAIR {
            return false;
        }
        let at = lowest as usize % (1 << PLACES) % N;
        let right = usize::from(self.next[at]) % N;
        let id = pairs.result(lowest >> PLACES, self.symbols[at], self.symbols[right]);
        let after = self.next[right];
        self.at = at;
        self.symbols[at] = id;
        self.next[at] = after;
        self.order[right] = NO_PAIR;
        self.order[at] = NO_PAIR;
        if usize::from(after) < self.count {
            self.previous[usize::from(after) % N] = at as u8;
            pairs.expect(id, self.symbols[usize::from(after) % N]);
        }
        if at > 0 {
            pairs.expect(self.symbols[usize::from(self.previous[at]) % N], id);
        }
        true
    }

    /// Ranks the pairs that the last merge made possible.
    #[inline]
    pub fn look_up(&mut self, pairs: &PairTable) {
        let (at, id) = (self.at, self.symbols[self.at]);
        let after = usize::from(self.next[at]);
        if after < self.count {
            let rank = pairs.rank(id, self.symbols[after % N]);
            pairs.expect_result(rank);
            self.order[at] = rank << PLACES | at as u32;
        }
        if at > 0 {
            let before = usize::from(self.previous[at]) % N;
            let rank = pairs.rank(self.symbols[before], id);
            pairs.expect_result(rank);
            self.order[before] = rank << PLACES | before as u32;
        }
    }

    /// Appends the ids.
    #[inline]
    pub fn finish(&self, ids: &mut Vec<u32>) {
        let mut at = 0;
        while at < self.count {
            ids.push(self.symbols[at]);
            at = usize::from(self.next[at]);
        }
    }

    /// All of it for one pretoken.
    pub fn alone(pairs: &PairTable, bytes: &[u8], ids: &mut Vec<u32>) {
        let mut one = Self::default();
        one.begin(pairs, bytes);
        one.all(pairs, ids);
    }

    pub fn symbols_alone(pairs: &PairTable, start: &[u32], ids: &mut Vec<u32>) {
        let mut one = Self::default();
        one.begin_symbols(pairs, start);
        one.all(pairs, ids);
    }

    fn all(&mut self, pairs: &PairTable, ids: &mut Vec<u32>) {
        while self.merge(pairs) {
            self.look_up(pairs);
        }
        self.finish(ids);
    }

    /// Merges begun pretokens, at most 64, in step: while one waits for the pair table, the others go on.
    pub fn together(pairs: &PairTable, some: &mut [Self]) {
        let mut active: [u8; 256] = std::array::from_fn(|i| i as u8);
        let mut left = some.len();
        while left > 0 {
            let mut i = 0;
            while i < left {
                if some[usize::from(active[i])].merge(pairs) {
                    i += 1;
                } else {
                    left -= 1;
                    active.swap(i, left);
                }
            }
            for &i in &active[..left] {
                some[usize::from(i)].look_up(pairs);
            }
        }
    }
}

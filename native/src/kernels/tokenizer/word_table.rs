//! Whole tokens by their bytes, for files with `ignore_merges`: a pretoken that is a token needs no merging.

use super::cache::{self, Key};
use super::load::Token;
use super::prefetch::prefetch;

pub struct WordTable {
    /// Part of the hash, and the id of a token; `EMPTY` ends a search.
    slots: Vec<(u32, u32)>,
}

const EMPTY: u32 = u32::MAX;

/// The hash of a word: for short ones that of their key in the cache, which the encoder has at hand.
pub fn hash(bytes: &[u8]) -> u64 {
    if bytes.len() <= cache::SHORT { Key::new(bytes, 0, bytes.len()).hash() } else { xxhash_rust::xxh3::xxh3_64(bytes) }
}

impl WordTable {
    pub fn new(tokens: &[Option<Token>]) -> Self {
        let mut table = Self { slots: vec![(0, EMPTY); (tokens.len() * 2).next_power_of_two()] };
        let words = (0..).zip(tokens).filter_map(|(id, token)| token.as_ref().filter(|token| token.text).map(|token| (id, token)));
        for (id, token) in words {
            let hash = hash(&token.bytes);
            let mut at = table.home(hash);
            while table.slots[at].1 != EMPTY {
                at = (at + 1) & (table.slots.len() - 1);
            }
            table.slots[at] = (hash as u32, id);
        }
        table
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.slots.len() - 1)
    }

    /// Says that a word will be looked for soon.
    #[inline]
    pub fn expect(&self, hash: u64) {
        prefetch(&self.slots[self.home(hash)]);
    }

    #[inline]
    pub fn find(&self, tokens: &[Option<Token>], bytes: &[u8], hash: u64) -> Option<u32> {
        let mut at = self.home(hash);
        while self.slots[at].1 != EMPTY {
            let (held, id) = self.slots[at];
            if held == hash as u32 && tokens[id as usize].as_ref().is_some_and(|token| token.bytes == bytes) {
                return Some(id);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }
}

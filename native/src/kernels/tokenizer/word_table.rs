//! Whole tokens by their bytes, for files with `ignore_merges`: a pretoken that is a token needs no merging.

use super::key::{Key, SHORT};
use super::load::Token;
use super::pages::{Pages, Zero};
use super::prefetch::prefetch;

/// Half a cache line, so that one look answers for a short word: 8 MB for 128,000 tokens, shared by all threads.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Slot {
    key: Key,
    /// The id of the token and one; 0 ends a search.
    id: u32,
}

// SAFETY: numbers only.
unsafe impl Zero for Slot {}

pub struct WordTable {
    slots: Pages<Slot>,
}

impl WordTable {
    pub fn new(tokens: &[Option<Token>]) -> Self {
        let mut table = Self { slots: Pages::new((tokens.len() * 2).next_power_of_two()) };
        let words = (1..).zip(tokens).filter_map(|(id, token)| token.as_ref().filter(|token| token.text).map(|token| (id, token)));
        for (id, token) in words {
            let key = Key::new(&token.bytes, 0, token.bytes.len());
            let mut at = table.home(key.hash());
            while table.slots[at].id != 0 {
                at = (at + 1) & (table.slots.len() - 1);
            }
            table.slots[at] = Slot { key, id };
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

    /// The token that these bytes are, given their key and its hash.
    #[inline]
    pub fn find(&self, tokens: &[Option<Token>], bytes: &[u8], key: Key, hash: u64) -> Option<u32> {
        let mut at = self.home(hash);
        while self.slots[at].id != 0 {
            let Slot { key: held, id } = self.slots[at];
            let is_it = || bytes.len() <= SHORT || tokens[id as usize - 1].as_ref().is_some_and(|token| token.bytes == bytes);
            if held.is(key) && is_it() {
                return Some(id - 1);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }
}

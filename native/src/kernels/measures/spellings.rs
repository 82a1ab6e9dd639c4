//! The words of a text numbered by their spelling, without a string for each.

use crate::kernels::segment::Word;

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
/// Slots kept from text to text; what a huge text made is given back.
const KEPT_SLOTS: usize = 1 << 19;

/// Eight bytes from `at` on, zeros past the end.
#[inline]
fn load(text: &[u8], at: usize) -> u64 {
    match text[at..].first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => text[at..].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)),
    }
}

/// The bytes of a word of up to 8 bytes themselves, a hash of a longer one. With its length it tells apart all short words.
#[inline]
pub fn key(text: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length <= 8 {
        return load(text, start) & (u64::MAX >> (64 - 8 * length.max(1)));
    }
    let mut hash = length as u64;
    let mut at = start;
    while at + 8 < end {
        hash = (hash ^ load(text, at)).wrapping_mul(FACTOR);
        hash ^= hash >> 32;
        at += 8;
    }
    (hash ^ load(text, end - 8)).wrapping_mul(FACTOR)
}

#[derive(Clone, Copy, Default)]
struct Slot {
    key: u64,
    number: u32,
    /// 0: empty.
    length: u32,
}

/// A map from keys to numbers in order of arrival, kept from text to text.
#[derive(Default)]
pub struct NumberTable {
    slots: Vec<Slot>,
    mask: usize,
}

impl NumberTable {
    /// Empties it, with room for `most` keys.
    pub fn clear(&mut self, most: usize) {
        let slots = (most + most / 2 + 1).next_power_of_two();
        if self.slots.len() > KEPT_SLOTS && slots <= KEPT_SLOTS {
            self.slots = Vec::new();
        }
        if self.slots.len() < slots {
            self.slots.resize(slots, Slot::default());
        }
        self.slots[..slots].fill(Slot::default());
        self.mask = slots - 1;
    }

    /// The number of a key and a length above 0, `next` if it is new; `is_equal` confirms what the two do not tell apart.
    #[inline]
    pub fn find_or_insert(&mut self, key: u64, length: u32, next: u32, is_equal: impl Fn(u32) -> bool) -> u32 {
        let mut slot = ((key ^ u64::from(length)).wrapping_mul(FACTOR) >> 32) as usize & self.mask;
        loop {
            let kept = self.slots[slot];
            if kept.key == key && kept.length == length && is_equal(kept.number) {
                return kept.number;
            }
            if kept.length == 0 {
                self.slots[slot] = Slot { key, number: next, length };
                return next;
            }
            slot = (slot + 1) & self.mask;
        }
    }
}

/// The spellings of one text.
#[derive(Default)]
pub struct Spellings {
    /// Number of each word's spelling, by first occurrence.
    pub of_words: Vec<u32>,
    /// How often each spelling occurs.
    pub counts: Vec<u32>,
    /// The word that has it first.
    pub first: Vec<u32>,
}

impl Spellings {
    pub fn number(&mut self, text: &[u8], words: &[Word], table: &mut NumberTable) {
        self.of_words.clear();
        self.counts.clear();
        self.first.clear();
        table.clear(words.len());
        for (i, word) in words.iter().enumerate() {
            let (start, end) = (word.start as usize, word.end as usize);
            let next = self.counts.len() as u32;
            let spelling = table.find_or_insert(key(text, start, end), word.end - word.start, next, |other| {
                let other = words[self.first[other as usize] as usize];
                end - start <= 8 || text[start..end] == text[other.start as usize..other.end as usize]
            });
            if spelling == next {
                self.counts.push(0);
                self.first.push(i as u32);
            }
            self.counts[spelling as usize] += 1;
            self.of_words.push(spelling);
        }
    }
}

//! The stop words of one language, found by their bytes.

use super::spellings::key;
use crate::kernels::segment::Word;

/// A list of stop words, and which of them the current text has shown.
pub struct StopWords {
    words: Vec<Vec<u8>>,
    /// Open addressing, `u32::MAX` for none.
    slots: Vec<u32>,
    /// Bit n: a word of n bytes is there; bit 63 for all longer ones.
    lengths: u64,
    /// Number of the last text that held each word.
    seen: Vec<u32>,
    text: u32,
}

impl StopWords {
    pub fn new<'a>(words: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let words: Vec<&[u8]> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let mut list = Self {
            words: Vec::new(),
            slots: vec![u32::MAX; (words.len() * 4).next_power_of_two().max(4)],
            lengths: 0,
            seen: Vec::new(),
            text: 0,
        };
        for word in words {
            let slot = list.slot(key(word, 0, word.len()), word);
            if list.slots[slot] == u32::MAX {
                list.slots[slot] = list.words.len() as u32;
                list.lengths |= 1 << word.len().min(63);
                list.words.push(word.to_vec());
            }
        }
        list.seen = vec![0; list.words.len()];
        list
    }

    fn slot(&self, key: u64, word: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize & mask;
        while self.slots[slot] != u32::MAX && self.words[self.slots[slot] as usize] != word {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// How many different ones of them occur among words of a text; each spelling may come once or more often.
    pub fn count<'a>(&mut self, text: &[u8], words: impl Iterator<Item = &'a Word>) -> u32 {
        if self.text == u32::MAX {
            self.seen.fill(0);
            self.text = 0;
        }
        self.text += 1;
        let mut count = 0;
        for word in words {
            let (start, end) = (word.start as usize, word.end as usize);
            if self.lengths >> (end - start).min(63) & 1 == 0 {
                continue;
            }
            let found = self.slots[self.slot(key(text, start, end), &text[start..end])];
            if found != u32::MAX && self.seen[found as usize] != self.text {
                self.seen[found as usize] = self.text;
                count += 1;
            }
        }
        count
    }
}

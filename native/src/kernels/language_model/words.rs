use super::dictionary::Dictionary;

/// FNV-1a as fastText has always computed it: each byte is widened as a signed char.
pub const HASH_START: u32 = 2_166_136_261;

pub fn hash_byte(hash: u32, byte: u8) -> u32 {
    (hash ^ (byte as i8 as u32)).wrapping_mul(16_777_619)
}

pub fn hash(word: &[u8]) -> u32 {
    word.iter().fold(HASH_START, |hash, &byte| hash_byte(hash, byte))
}

/// Space, tab, line feed, vertical tab, form feed, carriage return, zero: nothing of Unicode separates words here.
const SEPARATES: [bool; 256] = {
    let mut table = [false; 256];
    table[0] = true;
    table[b' ' as usize] = true;
    let mut byte = 9;
    while byte <= 13 {
        table[byte] = true;
        byte += 1;
    }
    table
};

/// Words of a text with their hashes.
pub fn split(text: &[u8]) -> impl Iterator<Item = (&[u8], u32)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() && SEPARATES[text[at] as usize] {
            at += 1;
        }
        let start = at;
        let mut hash = HASH_START;
        while at < text.len() && !SEPARATES[text[at] as usize] {
            hash = hash_byte(hash, text[at]);
            at += 1;
        }
        (start < at).then(|| (&text[start..at], hash))
    })
}

const SLOTS: usize = 1 << 16;
/// When one of these is reached the cache starts again: about 12 MiB at the most.
const MOST_WORDS: usize = SLOTS / 2;
const MOST_ROWS: usize = 2 << 20;
const MOST_BYTES: usize = 1 << 20;
/// A longer word is not worth keeping.
const LONGEST: usize = 64;

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u32,
    word_at: u32,
    /// 0 marks a free slot: no word is empty.
    word_length: u16,
    is_word: bool,
    rows_at: u32,
    rows: u32,
}

/// The rows of words seen before. What it holds decides speed only: a hit returns what the dictionary would.
#[derive(Default)]
pub struct WordCache {
    slots: Vec<Slot>,
    used: usize,
    words: Vec<u8>,
    rows: Vec<u32>,
    long: Vec<u32>,
}

impl WordCache {
    /// Whether the token is a word, and the rows of the input matrix that it adds up.
    pub fn rows(&mut self, bytes: &[u8], dictionary: &Dictionary, word: &[u8], hash: u32) -> (bool, &[u32]) {
        if word.len() > LONGEST {
            self.long.clear();
            let is_word = dictionary.push_rows(bytes, word, hash, &mut self.long);
            return (is_word, &self.long);
        }
        if self.slots.is_empty() || self.used >= MOST_WORDS || self.rows.len() > MOST_ROWS || self.words.len() > MOST_BYTES {
            self.slots.clear();
            self.slots.resize(SLOTS, Slot::default());
            self.words.clear();
            self.rows.clear();
            self.used = 0;
        }
        let mut at = (hash.wrapping_mul(0x9E37_79B1) >> 16) as usize & (SLOTS - 1);
        loop {
            let slot = self.slots[at];
            if slot.word_length == 0 {
                break;
            }
            let kept = slot.word_at as usize..slot.word_at as usize + slot.word_length as usize;
            if slot.hash == hash && self.words[kept] == *word {
                return (slot.is_word, &self.rows[slot.rows_at as usize..(slot.rows_at + slot.rows) as usize]);
            }
            at = (at + 1) & (SLOTS - 1);
        }
        let rows_at = self.rows.len();
        let is_word = dictionary.push_rows(bytes, word, hash, &mut self.rows);
        self.slots[at] = Slot {
            hash,
            word_at: self.words.len() as u32,
            word_length: word.len() as u16,
            is_word,
            rows_at: rows_at as u32,
            rows: (self.rows.len() - rows_at) as u32,
        };
        self.words.extend_from_slice(word);
        self.used += 1;
        (is_word, &self.rows[rows_at..])
    }
}

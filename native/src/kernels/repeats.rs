//! Runs of at least so many words that an earlier text of a block holds, or an earlier place of the same text, byte for byte:
//! what Lee et al. 2022 (arXiv 2107.06499, `ExactSubstr`) remove, by words in place of a tokenizer's ids.
//!
//! A word goes from its first letter or digit to that of the next one, the spaces and marks behind it included, so that equal words
//! in a row are equal bytes and no cut divides a character. An ideograph or kana is a word of its own.
//!
//! A given length needs no suffix array: every run is made of windows of that many words, and a table knows the first place of
//! each. Memory: the block's text, 4 bytes a word, and a table of 11 to 21 bytes a word. Time: linear in the text; each byte is
//! compared at most once for each window that it is in.

use xxhash_rust::xxh3::xxh3_64;

use super::minhash::fold::{ALONE, Fold, IGNORE, SEPARATOR};
use super::minhash::modulo::{PRIME, add, multiply, subtract};

/// Window hashes are polynomials of this base.
const BASE: u64 = 0x0DB6_DB6D_B6DB_6DB5 % PRIME;
const EMPTY: u32 = u32::MAX;
/// Places that are looked at for one window: more colliding windows than this are somebody's work, and are passed over.
const MOST_PROBES: usize = 1 << 10;

/// Part of a text that an earlier one holds. Words are counted from 0 in each text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub row: u32,
    /// Bytes of the text, [start, end), and the same by words.
    pub bytes: (u32, u32),
    pub words: (u32, u32),
    /// Words of the whole text.
    pub of: u32,
    /// The text that holds it first, and the words there: all of the run's windows begin and end in them.
    pub source: u32,
    pub source_words: (u32, u32),
    /// The source's words are the run's, one for one; else they lie there in several places (`ha ha ha`).
    pub straight: bool,
}

/// A text of the block: its first byte and its first word.
#[derive(Clone, Copy)]
struct Row {
    byte: u32,
    word: u32,
}

/// Texts of a block, until they are compared.
pub struct Repeats {
    /// Words of a window, and bytes of text in a block.
    window: usize,
    block: usize,
    text: Vec<u8>,
    /// Where each word begins.
    starts: Vec<u32>,
    rows: Vec<Row>,
    first_row: u32,
    fold: Fold,
}

/// Window hashes: the upper half of each beside the word at which the window begins.
struct Windows {
    slots: Vec<(u32, u32)>,
    mask: usize,
}

impl Repeats {
    /// `window` is at least 2; a block holds less than 2 GiB, and a text that is longer than a block is one by itself.
    pub fn new(window: usize, block: usize) -> Self {
        Self {
            window: window.max(2),
            block: block.min(i32::MAX as usize),
            text: Vec::new(),
            starts: Vec::new(),
            rows: Vec::new(),
            first_row: 0,
            fold: Fold::new(),
        }
    }

    /// Whether a text of so many bytes must wait until the block is compared.
    pub fn full(&self, bytes: usize) -> bool {
        !self.rows.is_empty() && self.text.len() + bytes > self.block
    }

    /// Adds the next text.
    pub fn add(&mut self, text: &str) {
        let base = self.text.len() as u32;
        self.rows.push(Row { byte: base, word: self.starts.len() as u32 });
        self.text.extend_from_slice(text.as_bytes());
        let before = self.starts.len();
        let mut inside = false;
        for (at, character) in text.char_indices() {
            let code = self.fold.code(character as u32);
            if code == SEPARATOR {
                inside = false;
            } else if code != IGNORE {
                if !inside || code & ALONE != 0 {
                    // What stands before the first word is its own.
                    self.starts.push(if self.starts.len() == before { base } else { base + at as u32 });
                }
                inside = code & ALONE == 0;
            }
        }
    }

    /// Compares the texts since the last call; their runs by row, a row's by place, and how many texts there were.
    pub fn compare(&mut self) -> (u32, Vec<Run>) {
        let count = self.rows.len() as u32;
        let end = Row { byte: self.text.len() as u32, word: self.starts.len() as u32 };
        self.rows.push(end);
        // Every word ends where the next begins, the last of a text where the text does: the next text's first word begins there.
        self.starts.push(end.byte);
        let mut windows = Windows::of(self.starts.len());
        let leaving = (1..self.window).fold(1, |power, _| multiply(power, BASE));
        let mut runs: Vec<Run> = Vec::new();
        for row in 0..count as usize {
            self.compare_row(row, leaving, &mut windows, &mut runs);
        }
        for run in &mut runs {
            run.row += self.first_row;
            run.source += self.first_row;
        }
        self.first_row += count;
        self.text.clear();
        self.starts.clear();
        self.rows.clear();
        (count, runs)
    }

    fn compare_row(&self, row: usize, leaving: u64, windows: &mut Windows, runs: &mut Vec<Run>) {
        let (first, end) = (self.rows[row].word as usize, self.rows[row + 1].word as usize);
        let mut hash = 0;
        // The place that the window before was found at, if it was.
        let mut before: Option<usize> = None;
        let own = runs.len();
        for last in first..end {
            if last >= first + self.window {
                hash = subtract(hash, multiply(self.word_hash(last - self.window), leaving));
            }
            hash = add(multiply(hash, BASE), self.word_hash(last));
            let Some(at) = (last + 1).checked_sub(self.window).filter(|&at| at >= first) else { continue };
            before = windows.find_or_enter(hash, at, |place| match before {
                // The windows before are equal: what is left is one word.
                Some(known) if known + 1 == place => self.word(place + self.window - 1) == self.word(last),
                _ => self.run(place, place + self.window) == self.run(at, last + 1),
            });
            if let Some(place) = before {
                self.note(row, at, place, own, runs);
            }
        }
    }

    /// A window of a row was found: it lengthens the run before if that ends with the window before and has the same source.
    fn note(&self, row: usize, at: usize, place: usize, own: usize, runs: &mut Vec<Run>) {
        let (first, next) = (self.rows[row].word as usize, self.rows[row + 1].word as usize);
        let end = at + self.window;
        let byte = |word: usize| if word == next { self.rows[row + 1].byte } else { self.starts[word] } - self.rows[row].byte;
        let source = match runs[own..].last() {
            Some(run)
                if self.rows[run.source as usize].word as usize <= place && place < self.rows[run.source as usize + 1].word as usize =>
            {
                run.source as usize
            }
            _ => self.rows.partition_point(|other| other.word as usize <= place) - 1,
        };
        let from = place as u32 - self.rows[source].word;
        let to = from + self.window as u32;
        if let Some(run) = runs[own..].last_mut()
            && run.source as usize == source
            && run.words.1 as usize + first + 1 == end
        {
            run.words.1 = (end - first) as u32;
            run.bytes.1 = byte(end);
            run.straight &= run.source_words.1 + 1 == to;
            run.source_words = (run.source_words.0.min(from), run.source_words.1.max(to));
            return;
        }
        runs.push(Run {
            row: row as u32,
            bytes: (byte(at), byte(end)),
            words: ((at - first) as u32, (end - first) as u32),
            of: (next - first) as u32,
            source: source as u32,
            source_words: (from, to),
            straight: true,
        });
    }

    fn word(&self, word: usize) -> &[u8] {
        self.run(word, word + 1)
    }

    fn word_hash(&self, word: usize) -> u64 {
        xxh3_64(self.word(word)) % PRIME
    }

    fn run(&self, from: usize, to: usize) -> &[u8] {
        &self.text[self.starts[from] as usize..self.starts[to] as usize]
    }
}

impl Windows {
    /// Room for one window a word at three quarters full.
    fn of(words: usize) -> Self {
        let slots = (words + words / 3 + 1).next_power_of_two();
        Self { slots: vec![(0, EMPTY); slots], mask: slots - 1 }
    }

    /// The first place of an equal window, or none: then this place is entered.
    fn find_or_enter(&mut self, hash: u64, at: usize, equal: impl Fn(usize) -> bool) -> Option<usize> {
        let tag = (hash >> 29) as u32;
        // The tag and the slot come of different bits while the table has fewer than 2^29 slots.
        let mut slot = hash as usize & self.mask;
        for _ in 0..MOST_PROBES {
            let (known, place) = self.slots[slot];
            if place == EMPTY {
                self.slots[slot] = (tag, at as u32);
                return None;
            }
            if known == tag && equal(place as usize) {
                return Some(place as usize);
            }
            slot = (slot + 1) & self.mask;
        }
        None
    }
}

#[cfg(test)]
mod tests;

//! Runs of words that occur again. What cannot be one is found out first, so that few are looked up: most runs of most
//! texts occur once, and looking up all of every length took ten times as long as parting the words.

use super::seen::SeenTable;
use super::spellings::{NumberTable, Spellings};
use crate::kernels::segment::Word;

/// Lengths of the runs whose most frequent one is measured, and of those counted as duplicates.
pub const TOP: [usize; 3] = [2, 3, 4];
pub const DUPLICATE: [usize; 6] = [5, 6, 7, 8, 9, 10];

/// Bytes that two duplicate runs share at least, unless they are shorter.
const SHARED: usize = 16;
const ONCE: u32 = u32::MAX;

/// The words of one text made ready for counting.
#[derive(Default)]
pub struct Ngrams {
    /// All words joined without spaces, with `SHARED` zeros behind; where each begins (and the end), in bytes and in code points.
    joined: Vec<u8>,
    starts: Vec<u32>,
    chars: Vec<u32>,
    /// Number of the run that begins at each word, `ONCE` for one that occurs once.
    runs: Vec<u32>,
    /// Of each run: how often it occurs, and where first; `shorter` has the counts of the runs one word shorter.
    counts: Vec<u32>,
    first: Vec<u32>,
    shorter: Vec<u32>,
    /// Words at which a duplicate run may begin.
    suspects: Vec<u32>,
    is_suspect: Vec<bool>,
}

impl Ngrams {
    pub fn join(&mut self, text: &[u8], words: &[Word]) {
        let bytes: usize = words.iter().map(|word| (word.end - word.start) as usize).sum();
        self.joined.resize(bytes + SHARED, 0);
        self.starts.clear();
        self.chars.clear();
        let (mut at, mut chars) = (0, 0);
        for word in words {
            let (start, end) = (word.start as usize, word.end as usize);
            let length = end - start;
            self.starts.push(at as u32);
            self.chars.push(chars);
            // Sixteen bytes at once are several times as fast as as many as there are; the next word overwrites the rest.
            match text[start..].first_chunk::<SHARED>() {
                Some(chunk) if length <= SHARED => self.joined[at..at + SHARED].copy_from_slice(chunk),
                _ => self.joined[at..at + length].copy_from_slice(&text[start..end]),
            }
            at += length;
            chars += word.chars;
        }
        self.joined[at..].fill(0);
        self.starts.push(at as u32);
        self.chars.push(chars);
    }

    fn words(&self) -> usize {
        self.starts.len() - 1
    }

    /// For each length of `TOP`: length times count of the most frequent run, its words joined by spaces, the first one
    /// if several are; None if the text has fewer words.
    pub fn top(&mut self, spellings: &Spellings, table: &mut NumberTable) -> [Option<u64>; 3] {
        self.runs.clone_from(&spellings.of_words);
        self.shorter.clone_from(&spellings.counts);
        TOP.map(|n| {
            if self.words() < n {
                return None;
            }
            self.lengthen(n, spellings, table);
            let mut most = (0, 1);
            for (&count, &first) in self.counts.iter().zip(&self.first) {
                if count > most.1 {
                    most = (first as usize, count);
                }
            }
            std::mem::swap(&mut self.counts, &mut self.shorter);
            let (first, count) = most;
            Some((u64::from(self.chars[first + n] - self.chars[first]) + n as u64 - 1) * u64::from(count))
        })
    }

    /// Numbers the runs of `n` words. One is the run one word shorter and a word, two numbers compared whole; it can
    /// occur twice only if the shorter runs at both its ends do.
    fn lengthen(&mut self, n: usize, spellings: &Spellings, table: &mut NumberTable) {
        let runs = self.words() - n + 1;
        let again = |run: u32| run != ONCE && self.shorter[run as usize] > 1;
        let many = self.runs.iter().filter(|&&run| again(run)).count();
        table.clear(many.min(runs));
        self.counts.clear();
        self.first.clear();
        let mut left = again(self.runs[0]);
        for i in 0..runs {
            let right = again(self.runs[i + 1]);
            let both = left && right;
            left = right;
            if !both {
                self.runs[i] = ONCE;
                continue;
            }
            let next = self.counts.len() as u32;
            let key = u64::from(self.runs[i]) << 32 | u64::from(spellings.of_words[i + n - 1]);
            let run = table.find_or_insert(key, 1, next, |_| true);
            if run == next {
                self.counts.push(0);
                self.first.push(i as u32);
            }
            self.counts[run as usize] += 1;
            self.runs[i] = run;
        }
        self.runs.truncate(runs);
    }

    /// For each length of `DUPLICATE`: code points in runs that stood before, read from the first word on, jumping over
    /// each one found; two are equal if their words joined without spaces are.
    pub fn duplicates(&mut self, table: &mut SeenTable) -> [u64; 6] {
        self.suspect(table);
        DUPLICATE.map(|n| self.duplicate(n, table))
    }

    /// Two equal runs begin with the same `SHARED` bytes, or are shorter: all other words begin no duplicate of any length.
    fn suspect(&mut self, table: &mut SeenTable) {
        self.suspects.clear();
        self.is_suspect.clear();
        let words = self.words();
        if words < DUPLICATE[0] {
            return;
        }
        let words = words - DUPLICATE[0] + 1;
        self.is_suspect.resize(words, false);
        let mut seen = table.empty(words);
        for i in 0..words {
            let at = self.starts[i] as usize;
            let Some(&chunk) = self.joined[at..].first_chunk::<SHARED>() else { break };
            let chunk = u128::from_le_bytes(chunk);
            let hash = spread(chunk as u64 ^ ((chunk >> 64) as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
            // Confirmed by half a hash alone: a false suspect costs a look-up and decides nothing.
            if let Some(first) = seen.find_or_insert(hash, i, |_| true) {
                self.is_suspect[first] = true;
                self.is_suspect[i] = true;
            }
        }
        for i in 0..words {
            if self.is_suspect[i] || self.bytes(i, DUPLICATE[0]) < SHARED {
                self.suspects.push(i as u32);
            }
        }
    }

    fn bytes(&self, i: usize, n: usize) -> usize {
        (self.starts[i + n] - self.starts[i]) as usize
    }

    fn duplicate(&self, n: usize, table: &mut SeenTable) -> u64 {
        let Some(runs) = (self.words() + 1).checked_sub(n).filter(|&runs| runs > 0) else { return 0 };
        let part = |i: usize| &self.joined[self.starts[i] as usize..self.starts[i + n] as usize];
        let mut seen = table.empty(self.suspects.len().max(1));
        let (mut repeated, mut from) = (0, 0);
        for &i in &self.suspects {
            let i = i as usize;
            if i >= runs {
                break;
            }
            if i < from || !self.is_suspect[i] && self.bytes(i, n) >= SHARED {
                continue;
            }
            let run = part(i);
            if seen.insert(xxhash_rust::xxh3::xxh3_64(run), i, |other| part(other) == run) {
                repeated += u64::from(self.chars[i + n] - self.chars[i]);
                from = i + n;
            }
        }
        repeated
    }
}

/// Spreads a number over all 64 bits, so that slot and tag are independent.
fn spread(x: u64) -> u64 {
    let x = (x ^ (x >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^ (x >> 29)
}

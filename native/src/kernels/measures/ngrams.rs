//! Runs of words that occur again. What cannot be one is found out first, so that few are looked up: most runs of most
//! texts occur once, and looking up all of every length took ten times as long as parting the words.

use super::seen::SeenTable;
use super::spellings::{NumberTable, Spellings};
use crate::kernels::segment::Word;

/// Lengths of the runs whose most frequent one is measured, and of those counted as duplicates.
pub const TOP: [usize; 3] = [2, 3, 4];
pub const DUPLICATE: [usize; 6] = [5, 6, 7, 8, 9, 10];

/// Two equal runs of at least so many bytes begin with the same ones: a run that shares none of its length's level with
/// another is no duplicate, and most runs end here, at a look-up or two in place of one for each of the six lengths.
const LEVELS: [usize; 6] = [16, 24, 32, 48, 64, 96];
/// Bytes behind the joined words, so that every word can be copied and read as many at a time.
const PADDING: usize = 96;
const CHUNK: usize = 16;
/// Counters kept from text to text; what a huge text made is given back.
const KEPT_COUNTERS: usize = 1 << 20;

/// The words of one text made ready for counting.
#[derive(Default)]
pub struct Ngrams {
    /// All words joined without spaces, with `PADDING` zeros behind; where each begins (and the end), in bytes and in code points.
    joined: Vec<u8>,
    starts: Vec<u32>,
    chars: Vec<u32>,
    /// Where runs of the current length begin that may occur twice, and the number of each.
    places: Vec<u32>,
    runs: Vec<u32>,
    /// Of each run: how often it occurs, and where first.
    counts: Vec<u32>,
    first: Vec<u32>,
    /// Entries of `places` from which a longer run may go on.
    longer: Vec<u32>,
    /// Words at which a duplicate run may begin.
    suspects: Vec<u32>,
    /// How many levels of `LEVELS` each word's runs share with those of another.
    shared: Vec<u8>,
    left: Vec<u32>,
    hashes: Vec<u32>,
    counters: Vec<u8>,
}

impl Ngrams {
    pub fn join(&mut self, text: &[u8], words: &[Word]) {
        let bytes: usize = words.iter().map(|word| (word.end - word.start) as usize).sum();
        self.joined.resize(bytes + PADDING, 0);
        self.starts.clear();
        self.chars.clear();
        let (mut at, mut chars) = (0, 0);
        for word in words {
            let (start, end) = (word.start as usize, word.end as usize);
            let length = end - start;
            self.starts.push(at as u32);
            self.chars.push(chars);
            // Sixteen bytes at once are several times as fast as as many as there are; the next word overwrites the rest.
            match text[start..].first_chunk::<CHUNK>() {
                Some(chunk) if length <= CHUNK => self.joined[at..at + CHUNK].copy_from_slice(chunk),
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
        self.places.clear();
        self.places.extend(0..self.words() as u32);
        self.runs.clone_from(&spellings.of_words);
        self.counts.clone_from(&spellings.counts);
        TOP.map(|n| {
            if self.words() < n {
                return None;
            }
            self.lengthen(table);
            let mut most = (0, 1);
            for (&count, &first) in self.counts.iter().zip(&self.first) {
                if count > most.1 {
                    most = (first as usize, count);
                }
            }
            let (first, count) = most;
            Some((u64::from(self.chars[first + n] - self.chars[first]) + n as u64 - 1) * u64::from(count))
        })
    }

    /// Numbers the runs one word longer than the current ones. One is two of those, compared whole, that begin a word
    /// apart; it can occur twice only if both do. Which ones do is written down without a branch: none would be guessed.
    fn lengthen(&mut self, table: &mut NumberTable) {
        self.longer.clear();
        self.longer.resize(self.places.len(), 0);
        let mut longer = 0;
        let again = |run: u32| self.counts[run as usize] > 1;
        let mut left = self.runs.first().is_some_and(|&run| again(run));
        for (i, (places, &right)) in self.places.windows(2).zip(self.runs.iter().skip(1)).enumerate() {
            let right = again(right);
            self.longer[longer] = i as u32;
            longer += usize::from(left) & usize::from(right) & usize::from(places[0] + 1 == places[1]);
            left = right;
        }
        table.clear(longer);
        self.counts.clear();
        self.first.clear();
        for write in 0..longer {
            let i = self.longer[write] as usize;
            let place = self.places[i];
            let next = self.counts.len() as u32;
            let key = u64::from(self.runs[i]) << 32 | u64::from(self.runs[i + 1]);
            let run = table.find_or_insert(key, 1, next, |_| true);
            if run == next {
                self.counts.push(0);
                self.first.push(place);
            }
            self.counts[run as usize] += 1;
            self.places[write] = place;
            self.runs[write] = run;
        }
        self.places.truncate(longer);
        self.runs.truncate(longer);
    }

    /// For each length of `DUPLICATE`: code points in runs that stood before, read from the first word on, jumping over
    /// each one found; two are equal if their words joined without spaces are.
    pub fn duplicates(&mut self, table: &mut SeenTable) -> [u64; 6] {
        self.suspect();
        DUPLICATE.map(|n| self.duplicate(n, table))
    }

    /// Finds the words whose runs share their first bytes with others, level by level among those that shared the one before.
    fn suspect(&mut self) {
        self.suspects.clear();
        self.shared.clear();
        let words = self.words();
        if words < DUPLICATE[0] {
            return;
        }
        let words = words - DUPLICATE[0] + 1;
        self.shared.resize(words, 0);
        self.left.clear();
        self.left.extend(0..words as u32);
        for (level, &bytes) in (1..).zip(&LEVELS) {
            self.share(level, bytes);
        }
        for i in 0..words {
            if self.shared[i] > 0 || self.bytes(i, DUPLICATE[0]) < LEVELS[0] {
                self.suspects.push(i as u32);
            }
        }
    }

    /// Notes which of the words left share so many bytes with another. A counter for each of eight times as many hashes
    /// as there are words says so, and of another word's sometimes: a false suspect costs a look-up and decides nothing.
    fn share(&mut self, level: u8, bytes: usize) {
        let counters = (self.left.len() * 8).next_power_of_two();
        if self.counters.len() < counters || self.counters.len() > 4 * counters.max(KEPT_COUNTERS) {
            self.counters = vec![0; counters];
        }
        let counters = &mut self.counters[..counters];
        counters.fill(0);
        let mask = counters.len() - 1;
        self.hashes.clear();
        for &i in &self.left {
            let at = self.starts[i as usize] as usize;
            let hash = (hash(&self.joined[at..at + bytes]) >> 32) as u32;
            self.hashes.push(hash);
            let counter = &mut counters[hash as usize & mask];
            *counter = counter.saturating_add(1);
        }
        let mut kept = 0;
        for i in 0..self.left.len() {
            self.left[kept] = self.left[i];
            kept += usize::from(counters[self.hashes[i] as usize & mask] > 1);
        }
        self.left.truncate(kept);
        for &i in &self.left {
            self.shared[i as usize] = level;
        }
    }

    /// Whether a run may be a duplicate: it shares as many levels as its bytes reach.
    fn may_repeat(&self, i: usize, n: usize) -> bool {
        let bytes = self.bytes(i, n);
        let shared = usize::from(self.shared[i]);
        shared == LEVELS.len() || bytes < LEVELS[shared]
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
            if i < from || !self.may_repeat(i, n) {
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

/// A hash of a multiple of eight bytes, for telling apart what most likely differs.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = 0x9E37_79B9_7F4A_7C15_u64;
    for chunk in bytes.as_chunks::<8>().0 {
        hash = (hash ^ u64::from_le_bytes(*chunk)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        hash ^= hash >> 32;
    }
    hash.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

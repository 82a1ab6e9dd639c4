//! Word n-grams that a document shares with evaluation sets (the rule of GPT-3, arXiv 2005.14165 appendix C, which takes 13 words).
//!
//! Normal form: code points folded as for signatures (case, accents and punctuation gone, an ideograph a word of its own), but
//! digits stay themselves: `2 + 3` and `2 + 5` are different questions. An item shorter than an n-gram is one gram of its own
//! length if it has `shortest` words, else it is left out and counted. A gram that more than `most_items` items hold is a
//! template ("read the passage and answer the question"), and no evidence.
//!
//! Memory: 4 bytes a folded code point of the items taken, and about 40 bytes a distinct gram. Time: one pass of the document for
//! its words and one for each gram length in use (at most `ngram - shortest + 1`); every hash that is found is compared word for
//! word, so a collision costs time and never a document.

mod items;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use items::EvaluationFile;

use super::minhash::fold::{ALONE, DIGIT, Fold, IGNORE, SEPARATOR};

/// Odd, so that no word is multiplied away.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
/// Ends a chain of grams with one hash.
const NONE: u32 = u32::MAX;

/// The folded words of a text: each word's code points and a `SEPARATOR`, so that equal slices are equal words.
#[derive(Default)]
pub struct Words {
    folded: Vec<u32>,
    /// Where each word ends in `folded`, separator included.
    ends: Vec<usize>,
    hashes: Vec<u64>,
    /// Bytes of the text that each word covers.
    bytes: Vec<(usize, usize)>,
}

impl Words {
    fn read(&mut self, text: &str, fold: &Fold) {
        self.folded.clear();
        self.ends.clear();
        self.hashes.clear();
        self.bytes.clear();
        let mut open: Option<(usize, usize)> = None;
        let mut hash = 0u64;
        for (at, character) in text.char_indices() {
            let code = match fold.code(character as u32) {
                IGNORE => continue,
                DIGIT => character as u32,
                code => code,
            };
            let after = at + character.len_utf8();
            if (code == SEPARATOR || code & ALONE != 0)
                && let Some(bytes) = open.take()
            {
                self.close(bytes, &mut hash);
            }
            if code == SEPARATOR {
                continue;
            }
            self.folded.push(code);
            hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(code));
            if code & ALONE == 0 {
                open = Some((open.map_or(at, |bytes| bytes.0), after));
            } else {
                self.close((at, after), &mut hash);
            }
        }
        if let Some(bytes) = open {
            self.close(bytes, &mut hash);
        }
    }

    fn close(&mut self, bytes: (usize, usize), hash: &mut u64) {
        self.folded.push(SEPARATOR);
        self.ends.push(self.folded.len());
        let mixed = (*hash ^ (*hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        self.hashes.push(mixed ^ (mixed >> 32));
        self.bytes.push(bytes);
        *hash = 0;
    }

    fn slice(&self, first: usize, length: usize) -> &[u32] {
        let start = if first == 0 { 0 } else { self.ends[first - 1] };
        &self.folded[start..self.ends[first + length - 1]]
    }

    /// Calls `found(first word, hash)` for every gram of `length` words, in order.
    fn grams(&self, length: usize, mut found: impl FnMut(usize, u64)) {
        let leaving = (0..length).fold(1u64, |power, _| power.wrapping_mul(BASE));
        let mut hash = 0u64;
        for (at, &word) in self.hashes.iter().enumerate() {
            hash = hash.wrapping_mul(BASE).wrapping_add(word);
            if at >= length {
                hash = hash.wrapping_sub(self.hashes[at - length].wrapping_mul(leaving));
            }
            if at + 1 >= length {
                found(at + 1 - length, hash);
            }
        }
    }
}

struct Gram {
    start: u32,
    end: u32,
    /// The first item that holds it, the newest, and how many do.
    item: u32,
    newest: u32,
    items: u32,
    next: u32,
}

/// The keys are hashes already: one multiplication spreads their low bits.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(self.0 ^ u64::from(byte));
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = (hash ^ (hash >> 32)).wrapping_mul(0x94D0_49BB_1331_11EB);
    }
}

type Heads = HashMap<u64, u32, BuildHasherDefault<Spread>>;

/// How evaluation items are compared with documents.
#[derive(Clone, Copy, Debug)]
pub struct GramRules {
    /// Words of a gram, at least 1, and of the shortest item that is one gram by itself; out of range they are brought in.
    pub ngram: usize,
    pub shortest: usize,
    pub most_items: u32,
}

/// The grams of all evaluation items; a gram that several items hold belongs to the first of them.
pub struct EvaluationGrams {
    rules: GramRules,
    items: u32,
    left_out: u32,
    /// By benchmark: the number of its first item.
    benchmarks: Vec<u32>,
    arena: Vec<u32>,
    grams: Vec<Gram>,
    /// By length in words: hash to the newest gram of its chain.
    heads: Vec<Heads>,
    words: Words,
    fold: Fold,
}

/// What one document shares with the evaluation sets.
#[derive(Debug, Default, PartialEq)]
pub struct Overlap {
    /// Grams of the document that are in a set, repeats counted.
    pub ngrams: u32,
    /// Words inside such grams, of all words; 0 for a text without words.
    pub share: f64,
    /// The item with most of them, by order of adding; of equals the first.
    pub item: Option<u32>,
    /// Words of the text, and those of them inside such grams.
    pub words: u32,
    pub inside: u32,
    /// Byte ranges of those words, in order; ranges that overlap or adjoin by words are one.
    pub spans: Vec<(usize, usize)>,
}

/// The sets that some worker of this process holds, by key.
static SHARED: Mutex<Vec<(String, Weak<EvaluationGrams>)>> = Mutex::new(Vec::new());

impl EvaluationGrams {
    pub fn new(rules: GramRules) -> Self {
        let ngram = rules.ngram.max(1);
        Self {
            rules: GramRules { ngram, shortest: rules.shortest.clamp(1, ngram), ..rules },
            items: 0,
            left_out: 0,
            benchmarks: Vec::new(),
            arena: Vec::new(),
            grams: Vec::new(),
            heads: (0..=ngram).map(|_| Heads::default()).collect(),
            words: Words::default(),
            fold: Fold::new(),
        }
    }

    /// Reads sets from files, or shares what another worker read under the same key, which must tell the files' contents apart.
    /// An error names the file and the line.
    pub fn shared(key: &str, rules: GramRules, benchmarks: &[Vec<EvaluationFile>]) -> Result<Arc<Self>, String> {
        // Held while reading, so that the second worker waits for the first one's instead of reading too.
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|(_, grams)| grams.strong_count() > 0);
        if let Some(known) = shared.iter().find(|(known, _)| known == key).and_then(|(_, grams)| grams.upgrade()) {
            return Ok(known);
        }
        let mut grams = Self::new(rules);
        let mut left = items::MOST_BYTES;
        for files in benchmarks {
            grams.benchmarks.push(grams.items);
            for file in files {
                items::read(file, &mut left, &mut |text| grams.add(text).map(|_| ()))?;
            }
        }
        let grams = Arc::new(grams);
        shared.push((key.to_owned(), Arc::downgrade(&grams)));
        Ok(grams)
    }

    /// Adds the next item; `false` if it has too few words and was left out (it keeps its number).
    pub fn add(&mut self, text: &str) -> Result<bool, String> {
        let item = self.items;
        self.items += 1;
        let mut words = std::mem::take(&mut self.words);
        words.read(text, &self.fold);
        let length = words.ends.len().min(self.rules.ngram);
        let taken = length >= self.rules.shortest;
        if taken {
            let base = self.arena.len();
            if base + words.folded.len() > MOST_FOLDED {
                return Err("the evaluation sets hold more than 2^30 letters: they are held in memory, and this is a corpus".to_owned());
            }
            self.arena.extend_from_slice(&words.folded);
            words.grams(length, |first, hash| {
                let slice = words.slice(first, length);
                if let Some(at) = self.find(length, hash, slice) {
                    let gram = &mut self.grams[at];
                    gram.items += u32::from(gram.newest != item);
                    gram.newest = item;
                    return;
                }
                let start = base + if first == 0 { 0 } else { words.ends[first - 1] };
                let next = self.heads[length].insert(hash, self.grams.len() as u32).unwrap_or(NONE);
                let (start, end) = (start as u32, (start + slice.len()) as u32);
                self.grams.push(Gram { start, end, item, newest: item, items: 1, next });
            });
        } else {
            self.left_out += 1;
        }
        self.words = words;
        Ok(taken)
    }

    /// Items that had too few words.
    pub fn left_out(&self) -> u32 {
        self.left_out
    }

    /// Items read, those that were left out among them.
    pub fn items(&self) -> u32 {
        self.items
    }

    /// The benchmark that an item is of, and its number there.
    pub fn place(&self, item: u32) -> (usize, u32) {
        let benchmark = self.benchmarks.partition_point(|&first| first <= item).saturating_sub(1);
        (benchmark, item - self.benchmarks.get(benchmark).copied().unwrap_or(0))
    }

    fn find(&self, length: usize, hash: u64, slice: &[u32]) -> Option<usize> {
        let mut at = *self.heads[length].get(&hash)?;
        while at != NONE {
            let gram = &self.grams[at as usize];
            if &self.arena[gram.start as usize..gram.end as usize] == slice {
                return Some(at as usize);
            }
            at = gram.next;
        }
        None
    }

    /// The overlap of one document; `words` is a buffer to keep between documents.
    pub fn overlap(&self, text: &str, words: &mut Words) -> Overlap {
        words.read(text, &self.fold);
        let count = words.ends.len();
        // Most documents share nothing: what is kept of matches is made by the first of them.
        let mut covered: Vec<bool> = Vec::new();
        let mut items = Vec::new();
        for length in (self.rules.shortest..=self.rules.ngram).filter(|&length| !self.heads[length].is_empty()) {
            let mut marked = 0;
            words.grams(length, |first, hash| {
                if !self.heads[length].contains_key(&hash) {
                    return;
                }
                let found = self.find(length, hash, words.slice(first, length)).map(|at| &self.grams[at]);
                if let Some(gram) = found.filter(|gram| gram.items <= self.rules.most_items) {
                    items.push(gram.item);
                    covered.resize(count, false);
                    covered[first.max(marked)..first + length].fill(true);
                    marked = first + length;
                }
            });
        }
        if items.is_empty() {
            return Overlap { words: count as u32, ..Overlap::default() };
        }
        items.sort_unstable();
        let best = items.chunk_by(|a, b| a == b).rev().max_by_key(|run| run.len()).map(|run| run[0]);
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for (at, &(start, end)) in words.bytes.iter().enumerate().filter(|&(at, _)| covered[at]) {
            match spans.last_mut() {
                Some(last) if at > 0 && covered[at - 1] => last.1 = end,
                _ => spans.push((start, end)),
            }
        }
        let inside = covered.iter().filter(|&&yes| yes).count();
        let share = inside as f64 / count as f64;
        Overlap { ngrams: items.len() as u32, share, item: best, words: count as u32, inside: inside as u32, spans }
    }

    /// Appends the text without its spans: each goes with what follows it up to the blank after it, so that no mark or second
    /// space is left alone; a line end stays.
    pub fn cut(text: &str, spans: &[(usize, usize)], out: &mut Vec<u8>) {
        let mut from = 0;
        for (i, &(start, end)) in spans.iter().enumerate() {
            out.extend_from_slice(&text.as_bytes()[from..start]);
            let next = spans.get(i + 1).map_or(text.len(), |span| span.0);
            from = end;
            let mut blank = false;
            for (at, character) in text[end..next].char_indices() {
                let space = character.is_whitespace() && character != '\n' && character != '\r';
                if character.is_alphanumeric() || character == '\n' || character == '\r' || (blank && !space) {
                    break;
                }
                blank |= space;
                from = end + at + character.len_utf8();
            }
        }
        out.extend_from_slice(&text.as_bytes()[from..]);
    }
}

/// Offsets into the arena are four bytes.
const MOST_FOLDED: usize = 1 << 30;

#[cfg(test)]
mod tests;

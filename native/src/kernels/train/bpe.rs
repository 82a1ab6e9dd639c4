//! Byte pairs merged by count (Sennrich et al. 2016): the most frequent pair first, of equals that with the smaller ids, which
//! is the order of Hugging Face `tokenizers` 0.23.3. Counts of pairs are kept up to date through the words that hold them.

use crate::kernels::tokenizer::alphabet::character;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::words::WEIGHT_ONE;

/// A pair that stands only once in the sample is not merged.
const LEAST: u64 = 2 * WEIGHT_ONE as u64;

type Pair = (u32, u32);

#[derive(Default)]
struct Occurrences {
    count: i64,
    /// Words that hold or held the pair, some twice.
    words: Vec<u32>,
}

struct Word {
    from: usize,
    length: usize,
    count: i64,
}

pub struct BpeTraining {
    words: Vec<Word>,
    /// Tokens of all words; a word's lie from its `from` on.
    symbols: Vec<u32>,
    pairs: HashMap<Pair, Occurrences>,
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
    tokens: Vec<Vec<u8>>,
    ids: HashMap<Vec<u8>, u32>,
    merges: Vec<Pair>,
    merged: HashMap<Pair, u32>,
    goal: usize,
    changes: Vec<(Pair, i64)>,
}

impl BpeTraining {
    /// `goal` tokens, bytes included. Bytes have the first 256 ids, in the order of the characters they are written as.
    pub fn new(words: &[(Box<[u8]>, u64)], goal: usize) -> Self {
        let mut alphabet: Vec<u8> = (0..=u8::MAX).collect();
        alphabet.sort_unstable_by_key(|&byte| character(byte));
        let mut id_of = [0_u32; 256];
        for (id, &byte) in (0..).zip(&alphabet) {
            id_of[usize::from(byte)] = id;
        }
        let tokens: Vec<Vec<u8>> = alphabet.iter().map(|&byte| vec![byte]).collect();
        let ids = (0..).zip(&tokens).map(|(id, token)| (token.clone(), id)).collect();
        let mut training = Self {
            words: Vec::with_capacity(words.len()),
            symbols: Vec::with_capacity(words.iter().map(|(word, _)| word.len()).sum()),
            pairs: HashMap::new(),
            queue: BinaryHeap::new(),
            tokens,
            ids,
            merges: Vec::new(),
            merged: HashMap::new(),
            goal,
            changes: Vec::new(),
        };
        for (bytes, count) in words {
            let (from, index) = (training.symbols.len(), training.words.len() as u32);
            training.symbols.extend(bytes.iter().map(|&byte| id_of[usize::from(byte)]));
            training.words.push(Word { from, length: bytes.len(), count: *count as i64 });
            for pair in training.symbols[from..].windows(2) {
                let found = training.pairs.entry((pair[0], pair[1])).or_default();
                found.count += *count as i64;
                if found.words.last() != Some(&index) {
                    found.words.push(index);
                }
            }
        }
        training.queue = training.pairs.iter().map(|(&pair, found)| (found.count as u64, Reverse(pair))).collect();
        training
    }

    pub fn tokens(&self) -> &[Vec<u8>] {
        &self.tokens
    }

    /// In order of rank.
    pub fn merges(&self) -> &[Pair] {
        &self.merges
    }

    /// Makes up to `some` merges; true when the vocabulary is full or no pair is left.
    pub fn advance(&mut self, some: usize) -> bool {
        for _ in 0..some {
            if self.tokens.len() >= self.goal || !self.merge_next() {
                return true;
            }
        }
        false
    }

    fn merge_next(&mut self) -> bool {
        while let Some((count, Reverse(pair))) = self.queue.pop() {
            let Some(found) = self.pairs.get_mut(&pair) else { continue };
            let now = found.count.max(0) as u64;
            if now < count {
                // Other merges took occurrences away since it was queued.
                self.queue.push((now, Reverse(pair)));
                continue;
            }
            if now < LEAST {
                return false;
            }
            let holders = std::mem::take(found).words;
            let id = self.token_of(pair);
            self.merge(pair, id, &holders);
            return true;
        }
        false
    }

    /// Two pairs may make the same token. A pair that was merged comes back when one of its sides was made in a second way;
    /// it keeps its rank.
    fn token_of(&mut self, pair: Pair) -> u32 {
        if let Some(&id) = self.merged.get(&pair) {
            return id;
        }
        let token = [&self.tokens[pair.0 as usize][..], &self.tokens[pair.1 as usize][..]].concat();
        let next = self.tokens.len() as u32;
        let id = *self.ids.entry(token.clone()).or_insert(next);
        if id == next {
            self.tokens.push(token);
        }
        self.merges.push(pair);
        self.merged.insert(pair, id);
        id
    }

    fn merge(&mut self, pair: Pair, id: u32, holders: &[u32]) {
        let mut touched = Vec::new();
        for &index in holders {
            let word = &mut self.words[index as usize];
            let symbols = &mut self.symbols[word.from..word.from + word.length];
            self.changes.clear();
            word.length = merge_word(symbols, pair, id, &mut self.changes);
            for &(changed, by) in &self.changes {
                if changed == pair {
                    continue; // all of it is merged
                }
                let found = self.pairs.entry(changed).or_default();
                found.count += by * word.count;
                if by > 0 {
                    if found.words.last() != Some(&index) {
                        found.words.push(index);
                    }
                    touched.push(changed);
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        for changed in touched {
            let count = self.pairs[&changed].count.max(0) as u64;
            self.queue.push((count, Reverse(changed)));
        }
    }
}

/// Merges a pair in a word from left to right; gives the new length and notes which pairs went and came.
fn merge_word(symbols: &mut [u32], pair: Pair, id: u32, changes: &mut Vec<(Pair, i64)>) -> usize {
    let (mut read, mut written) = (0, 0);
    while read < symbols.len() {
        if read + 1 == symbols.len() || (symbols[read], symbols[read + 1]) != pair {
            symbols[written] = symbols[read];
            (read, written) = (read + 1, written + 1);
            continue;
        }
        if written > 0 {
            let before = symbols[written - 1];
            changes.extend([((before, pair.0), -1), ((before, id), 1)]);
        }
        if let Some(&after) = symbols.get(read + 2) {
            changes.extend([((pair.1, after), -1), ((id, after), 1)]);
        }
        symbols[written] = id;
        (read, written) = (read + 2, written + 1);
    }
    written
}

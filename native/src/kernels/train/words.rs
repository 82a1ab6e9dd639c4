//! Word counts of a sample: on all cores, in bounded memory, and the same however the texts were batched.

use super::Cut;
use crate::kernels::tokenizer::pretokenize::Scan;
use crate::kernels::tokenizer::unicode_classes::table;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The weight of a text that counts once.
pub const WEIGHT_ONE: u32 = 256;

/// Texts gathered before the cores share them out. A constant: where a block ends must not depend on threads or batches, since
/// rare words may be dropped there.
const BLOCK: usize = 8 << 20;
/// More of one text is not learnt from.
const LONGEST_TEXT: usize = 1 << 20;
/// Distinct words held; the rarer half goes when a block ends with more.
const MOST_WORDS: usize = 2 << 20;

type Counts = HashMap<Box<[u8]>, u64>;

pub struct Words {
    cut: Cut,
    threads: usize,
    counts: Counts,
    texts: Vec<u8>,
    /// Where each text of the block ends, and its weight.
    ends: Vec<(usize, u32)>,
    most: usize,
}

impl Words {
    pub fn new(cut: Cut, threads: usize) -> Self {
        Self { cut, threads, counts: Counts::new(), texts: Vec::new(), ends: Vec::new(), most: MOST_WORDS }
    }

    pub fn distinct(&self) -> usize {
        self.counts.len()
    }

    pub fn add(&mut self, text: &[u8], weight: u32) {
        self.texts.extend_from_slice(&text[..boundary(text, LONGEST_TEXT)]);
        self.ends.push((self.texts.len(), weight));
        if self.texts.len() >= BLOCK {
            self.count_block();
        }
    }

    /// Words and their weighted counts, the most frequent first, then by their bytes.
    pub fn finish(mut self) -> Vec<(Box<[u8]>, u64)> {
        self.count_block();
        sorted(self.counts)
    }

    fn count_block(&mut self) {
        let next = AtomicUsize::new(0);
        let (cut, texts, ends) = (self.cut, &self.texts, &self.ends);
        let count = || {
            let mut counts = Counts::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(&(end, weight)) = ends.get(at) else { return counts };
                let start = if at == 0 { 0 } else { ends[at - 1].0 };
                each_word(cut, &texts[start..end], &mut |word| tally(&mut counts, word, u64::from(weight)));
            }
        };
        let found: Vec<Counts> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(count)).collect();
            threads.into_iter().map(|thread| thread.join().expect("counting words does not panic")).collect()
        });
        for counts in found {
            for (word, count) in counts {
                *self.counts.entry(word).or_insert(0) += count;
            }
        }
        self.texts.clear();
        self.ends.clear();
        if self.counts.len() > self.most {
            let mut kept = sorted(std::mem::take(&mut self.counts));
            kept.truncate(self.most / 2);
            self.counts = kept.into_iter().collect();
        }
    }
}

fn sorted(counts: Counts) -> Vec<(Box<[u8]>, u64)> {
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words
}

fn tally(counts: &mut Counts, word: &[u8], weight: u64) {
    match counts.get_mut(word) {
        Some(count) => *count += weight,
        None => {
            counts.insert(word.into(), weight);
        }
    }
}

/// At most `most` bytes, without cutting a character.
fn boundary(text: &[u8], most: usize) -> usize {
    if text.len() <= most {
        return text.len();
    }
    // A character has at most four bytes; what is no UTF-8 is cut where it falls.
    (most - 3..=most).rev().find(|&at| text[at] & 0xC0 != 0x80).unwrap_or(most)
}

fn each_word(cut: Cut, text: &[u8], put: &mut impl FnMut(&[u8])) {
    match cut {
        Cut::Llama3(scanner) => scan(&scanner, text, put),
        Cut::Gpt4o(scanner) => scan(&scanner, text, put),
        Cut::Spaces => spaces(text, put),
    }
}

/// The longest word of BPE, in bytes: more of a run without a place to cut teaches nothing.
const LONGEST: usize = 256;
/// The longest of Unigram, whose products of probabilities must not vanish.
const LONGEST_UNIGRAM: usize = 64;

fn scan(scanner: &impl Scan, text: &[u8], put: &mut impl FnMut(&[u8])) {
    let (table, mut at) = (table(), 0);
    while at < text.len() {
        let end = scanner.next(table, text, at);
        pieces(&text[at..end], LONGEST, put);
        at = end;
    }
}

fn pieces(mut word: &[u8], longest: usize, put: &mut impl FnMut(&[u8])) {
    while !word.is_empty() {
        let (piece, rest) = word.split_at(boundary(word, longest));
        put(piece);
        word = rest;
    }
}

/// Words with the space before them, as Metaspace cuts; line breaks and tabs are words of their own, so that no piece has
/// them beside letters. The first word gets the space that the file puts before every text.
fn spaces(text: &[u8], put: &mut impl FnMut(&[u8])) {
    let is_break = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t');
    let (mut at, mut first) = (0, true);
    let mut with_space = Vec::new();
    while at < text.len() {
        let breaks = is_break(text[at]);
        let mut end = at + 1;
        while end < text.len() && text[end] != b' ' && is_break(text[end]) == breaks {
            end += 1;
        }
        if first && text[at] != b' ' && !breaks {
            with_space.clear();
            with_space.push(b' ');
            with_space.extend_from_slice(&text[at..end]);
            pieces(&with_space, LONGEST_UNIGRAM, put);
        } else {
            pieces(&text[at..end], LONGEST_UNIGRAM, put);
        }
        first = false;
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn words(cut: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_word(Cut::named(cut).unwrap(), text.as_bytes(), &mut |word| found.push(String::from_utf8(word.to_vec()).unwrap()));
        found
    }

    #[test]
    fn words_are_cut_as_the_file_will_cut_them() {
        assert_eq!(words("gpt4o", "einZwei drei's 1234"), ["ein", "Zwei", " drei's", " ", "123", "4"]);
        assert_eq!(words("llama3", "einZwei drei's"), ["einZwei", " drei", "'s"]);
        assert_eq!(words("spaces", "ein  Wort\n\nnoch"), [" ein", " ", " Wort", "\n\n", "noch"]);
    }

    #[test]
    fn a_long_run_is_cut_between_characters() {
        let found = words("gpt4o", &"é".repeat(300));
        assert!(found.iter().all(|word| word.len() <= LONGEST));
        assert_eq!(found.concat(), "é".repeat(300));
    }

    #[test]
    fn threads_and_batches_do_not_show_even_when_rare_words_go() {
        let count = |threads, most| {
            let mut words = Words { most, ..Words::new(Cut::named("gpt4o").unwrap(), threads) };
            for i in 0..40_u32 {
                let text = (0..30_000).fold(String::new(), |mut text, j: u32| {
                    write!(text, " w{}", (i * 7919 + j * j) % 65_521).unwrap();
                    text
                });
                words.add(text.as_bytes(), WEIGHT_ONE + i);
            }
            words.finish()
        };
        assert_eq!(count(1, MOST_WORDS), count(3, MOST_WORDS));
        assert_eq!(count(1, 50), count(3, 50));
    }
}

//! Words of a text, as the Gopher, C4 and `FineWeb` filters and the shingles count them.
//!
//! The words are those of spaCy 3.8's blank tokenizers, which datatrove 0.10 counts: runs of Python white space part
//! chunks; a language's affixes come off both ends of a chunk one by one until its exceptions, or nothing, are left;
//! what is left is cut at the language's infixes; exceptions that were taken apart are put together again. Rules and
//! exceptions of each language: `languages`, `data/`. Characters are classed by Unicode 17.0 (`tables`), whatever the
//! machine. Work is linear in the text.

mod chunk;
pub mod classes;
mod clitics;
mod compounds;
mod exceptions;
mod greek;
mod language;
mod languages;
mod maltese;
mod marks;
mod numbers;
mod rejoin;
mod rules;
pub mod sentences;
mod tables;
mod url;

pub use language::{Language, RowLanguages};

use chunk::Splitter;
use classes::{Classes, LETTER, SPACE, SYMBOL, classes};
use language::Grammar;
use rejoin::Found;

/// One word: its place in the text in bytes, its length in code points, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub start: u32,
    pub end: u32,
    pub chars: u32,
    /// Whether any character is no punctuation (datatrove's set): only such words count as words.
    pub counts: bool,
    /// Whether any character is a letter.
    pub alphabetic: bool,
}

/// Segments texts one after the other, with buffers of its own.
pub struct Segmenter {
    classes: &'static Classes,
    words: Vec<Word>,
    splitter: Splitter,
    found: Vec<Found>,
}

impl Default for Segmenter {
    fn default() -> Self {
        Self { classes: classes(), words: Vec::new(), splitter: Splitter::default(), found: Vec::new() }
    }
}

impl Segmenter {
    /// The words of a text in order, by the rules of its language.
    pub fn words(&mut self, text: &[u8], language: Language) -> &[Word] {
        let grammar = language.grammar();
        self.words.clear();
        let mut at = 0;
        while at < text.len() {
            let start = at;
            let chars;
            (at, chars) = self.letters(text, at);
            let stem = at;
            // Most chunks are letters, or letters and one mark that comes off.
            let (_, class, length) = if at < text.len() { self.classes.next(&text[at..]) } else { (0, SPACE, 0) };
            if class & SPACE != 0 {
                if chars > 0 {
                    self.push_letters(grammar, text, (start, stem), chars);
                }
                at += length;
                continue;
            }
            if chars > 0 && self.take_mark(grammar, text, (start, stem), chars) {
                at += 1;
                continue;
            }
            let mut all_digits = chars == 0;
            while at < text.len() {
                let (_, class, length) = self.classes.next(&text[at..]);
                if class & SPACE != 0 {
                    break;
                }
                all_digits &= text[at].is_ascii_digit();
                at += length;
            }
            if all_digits {
                self.words.push(Word { start: start as u32, end: at as u32, chars: (at - start) as u32, counts: true, alphabetic: false });
            } else {
                self.split_chunk(grammar, text, start, at);
            }
        }
        if !self.found.is_empty() {
            rejoin::rejoin(&mut self.words, text, &grammar.exceptions, self.classes, &mut self.found);
        }
        &self.words
    }

    /// Where the letters from `at` on end, and how many there are.
    #[inline]
    fn letters(&self, text: &[u8], mut at: usize) -> (usize, u32) {
        let mut chars = 0;
        while let Some(&byte) = text.get(at) {
            if byte.is_ascii_alphabetic() {
                at += 1;
            } else if byte >= 0x80 {
                let (_, class, length) = self.classes.next(&text[at..]);
                if class & LETTER == 0 {
                    break;
                }
                at += length;
            } else {
                break;
            }
            chars += 1;
        }
        (at, chars)
    }

    /// A chunk of letters alone: one word, unless it is an exception that is parted.
    #[inline]
    fn push_letters(&mut self, grammar: &Grammar, text: &[u8], (start, end): (usize, usize), chars: u32) {
        if grammar.exceptions.parts_letters(&text[start..end]) {
            self.split_chunk(grammar, text, start, end);
            return;
        }
        self.words.push(Word { start: start as u32, end: end as u32, chars, counts: true, alphabetic: true });
        if grammar.exceptions.may_end_spaced(&text[start..end]) {
            rejoin::note(&self.words, self.words.len() - 1, text, &grammar.exceptions, &mut self.found);
        }
    }

    /// Whether a chunk is the letters `start..stem` and one mark that comes off; if so its words are added. The same as
    /// `split_chunk` would find, without taking the chunk apart.
    #[inline]
    fn take_mark(&mut self, grammar: &Grammar, text: &[u8], (start, stem): (usize, usize), chars: u32) -> bool {
        let mark = text[stem];
        let ends = text.get(stem + 1).is_none_or(|&byte| byte == b' ' || byte == b'\n');
        let exceptions = &grammar.exceptions;
        if !ends || !grammar.takes_mark(mark, || self.last_class(text, stem)) || exceptions.find(&text[start..=stem]).is_some() {
            return false;
        }
        if exceptions.parts_letters(&text[start..stem]) {
            return false;
        }
        self.words.push(Word { start: start as u32, end: stem as u32, chars, counts: true, alphabetic: true });
        self.words.push(Word { start: stem as u32, end: stem as u32 + 1, chars: 1, counts: false, alphabetic: false });
        if exceptions.may_end_spaced(&text[start..stem]) || exceptions.may_end_spaced(&text[stem..=stem]) {
            rejoin::note(&self.words, self.words.len() - 2, text, exceptions, &mut self.found);
        }
        true
    }

    /// The class of the character before `end`.
    fn last_class(&self, text: &[u8], end: usize) -> u16 {
        let start = (0..end).rev().find(|&at| text[at] & 0xC0 != 0x80).unwrap_or(0);
        self.classes.next(&text[start..end]).1
    }

    fn split_chunk(&mut self, Grammar { rules, exceptions }: &Grammar, text: &[u8], start: usize, end: usize) {
        self.splitter.split(self.classes, rules, exceptions, text, (start, end));
        let from = self.words.len();
        for i in 0..self.splitter.words.len() {
            let (low, high) = self.splitter.words[i];
            let span = &self.splitter.chars[low..high];
            let word = Word {
                start: span[0].at,
                end: self.splitter.chars[high].at,
                chars: (high - low) as u32,
                counts: span.iter().any(|c| !c.has(u32::from(SYMBOL))),
                alphabetic: span.iter().any(|c| c.has(u32::from(LETTER))),
            };
            self.words.push(word);
        }
        rejoin::note(&self.words, from, text, exceptions, &mut self.found);
    }
}

#[cfg(test)]
mod tests;

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
            let mut chars = 0;
            let (mut letters, mut digits, mut others) = (false, false, false);
            while at < text.len() {
                let (point, class, length) = self.classes.next(&text[at..]);
                if class & SPACE != 0 {
                    break;
                }
                let letter = class & LETTER != 0;
                let digit = point.wrapping_sub(u32::from('0')) < 10;
                letters |= letter;
                digits |= digit;
                others |= !letter && !digit;
                chars += 1;
                at += length;
            }
            if chars == 0 {
                at += self.classes.next(&text[at..]).2;
            } else if others || letters && digits || grammar.exceptions.parts_letters(&text[start..at]) {
                self.split_chunk(grammar, text, start, at);
            } else {
                self.words.push(Word { start: start as u32, end: at as u32, chars, counts: true, alphabetic: letters });
                if grammar.exceptions.may_end_spaced(&text[start..at]) {
                    rejoin::note(&self.words, self.words.len() - 1, text, &grammar.exceptions, &mut self.found);
                }
            }
        }
        if !self.found.is_empty() {
            rejoin::rejoin(&mut self.words, text, &grammar.exceptions, self.classes, &mut self.found);
        }
        &self.words
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

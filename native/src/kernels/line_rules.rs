//! Removes lines by kinds. What is left are whole lines of the text, byte for byte and in their order.
//!
//! A line ends at `\n`. Blank lines stay, unless what stood beside them went: then of two that meet one goes, and so do those
//! at an end that was cut, so that no hole tells of the removal. Running twice changes nothing more.

use super::columns::Bytes;
use super::phrases::Phrases;
use super::segment::classes::{SYMBOL, classes};

/// Why a line goes, in the order asked. The first six are kinds of phrases.
pub const KINDS: usize = 11;
pub const PHRASE_KINDS: u32 = 0x3F;
const JAVASCRIPT: usize = 5;
const SYMBOLS: usize = 6;
const PIPES: usize = 7;
const NUMERALS: usize = 8;
const SHORT: usize = 9;
const REPEATED: usize = 10;

/// A line of fewer digits is a number of a paragraph, a year or a page: it may be what the next line hangs on.
const LEAST_DIGITS: usize = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    Keep,
    /// Lines drawn to part things: dashes, stars, equals signs and the like.
    Separators,
    /// Every line of datatrove's punctuation and spaces alone (its `SymbolLinesFormatter`).
    All,
}

/// What is in force for all rows.
#[derive(Clone, Copy)]
pub struct Rules {
    /// Bits of the phrase kinds that are removed.
    pub phrases: u32,
    pub symbols: Symbols,
    /// Lines of `|` and spaces alone, as `FineWeb2` removes them.
    pub pipes: bool,
    /// Every line that names `JavaScript`, as C4 removes them.
    pub javascript: bool,
    /// Longest line, in characters, that phrases are looked for in.
    pub longest: usize,
}

/// Limits of one row; NaN is none.
#[derive(Clone, Copy)]
pub struct Limits {
    pub min_words: f64,
    pub min_characters: f64,
    /// Digits of letters and digits together.
    pub max_digits: f64,
    /// Equal lines with a letter in a row, blank ones between them aside: braces of code end as often as they must.
    pub max_repeats: f64,
}

#[derive(Default)]
pub struct Cut {
    pub text: Bytes,
    /// `KINDS` numbers a row: lines removed.
    pub removed: Vec<f64>,
    /// Bytes removed of each row, line ends included.
    pub bytes: Vec<f64>,
    /// Whether something but white space is left, a number a row.
    pub left: Vec<f64>,
}

pub struct LineCutter<'a> {
    pub rules: Rules,
    /// By language; a row names one, or none with -1.
    pub phrases: &'a [Phrases],
}

impl LineCutter<'_> {
    pub fn cut(&self, values: &[u8], offsets: &[i32], phrases_of_row: &[i32], limits_of_row: impl Fn(usize) -> Limits) -> Cut {
        let rows = offsets.len() - 1;
        let mut cut = Cut::default();
        cut.text.values.reserve(values.len());
        cut.removed.resize(rows * KINDS, 0.0);
        let mut folded = String::new();
        for row in 0..rows {
            let bytes = &values[offsets[row] as usize..offsets[row + 1] as usize];
            let before = cut.text.values.len();
            let counts = &mut cut.removed[row * KINDS..(row + 1) * KINDS];
            match std::str::from_utf8(bytes) {
                Ok(text) => {
                    let phrases = usize::try_from(phrases_of_row[row]).ok().and_then(|i| self.phrases.get(i));
                    self.cut_row(text, phrases, limits_of_row(row), &mut folded, counts, &mut cut.text.values);
                }
                // A text column is UTF-8; a damaged one must not stop a run.
                Err(_) => cut.text.values.extend_from_slice(bytes),
            }
            let kept = &cut.text.values[before..];
            cut.left.push(f64::from(!kept.trim_ascii().is_empty()));
            cut.bytes.push((bytes.len() - kept.len()) as f64);
            cut.text.offsets.push(cut.text.values.len() as i32);
        }
        cut
    }

    fn cut_row(&self, text: &str, phrases: Option<&Phrases>, limits: Limits, folded: &mut String, counts: &mut [f64], out: &mut Vec<u8>) {
        let first = out.len();
        let mut written = 0; // of `text`, up to which it was copied or left out
        let mut hole = false; // lines went since the last one that stays
        let mut blank_before = true; // the kept line before is blank, or there is none
        let mut last_end = first; // where the last kept line with something in it ends
        let (mut last, mut repeats) = ("", 0_usize);
        let mut start = 0;
        while start < text.len() {
            let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |at| start + at + 1);
            let line = text[start..end].trim();
            let goes = if line.is_empty() {
                hole && blank_before
            } else {
                let again = || line == last && repeats as f64 >= limits.max_repeats && line.contains(char::is_alphabetic);
                let kind = self.kind(line, phrases, limits, folded).or_else(|| again().then_some(REPEATED));
                if let Some(kind) = kind {
                    counts[kind] += 1.0;
                    hole = true;
                }
                kind.is_some()
            };
            if goes {
                out.extend_from_slice(&text.as_bytes()[written..start]);
                written = end;
            } else if line.is_empty() {
                blank_before = true;
            } else {
                repeats = if line == last { repeats + 1 } else { 1 };
                last = line;
                hole = false;
                blank_before = false;
                last_end = out.len() + end - written;
            }
            start = end;
        }
        out.extend_from_slice(&text.as_bytes()[written..]);
        if hole {
            out.truncate(last_end);
        }
    }

    fn kind(&self, line: &str, phrases: Option<&Phrases>, limits: Limits, folded: &mut String) -> Option<usize> {
        if let Some(phrases) = phrases.filter(|_| self.rules.phrases != 0) {
            let kinds = phrases.find(line, self.rules.longest, folded).kinds & self.rules.phrases;
            if kinds != 0 {
                return Some(kinds.trailing_zeros() as usize);
            }
        }
        if self.rules.javascript && names_javascript(line.as_bytes()) {
            return Some(JAVASCRIPT);
        }
        if self.rules.pipes && line.bytes().all(|byte| byte == b'|' || byte == b' ') {
            return Some(PIPES);
        }
        if self.rules.symbols != Symbols::Keep && self.is_symbols(line) {
            return Some(SYMBOLS);
        }
        if !limits.max_digits.is_nan() && is_numerals(line, limits.max_digits) {
            return Some(NUMERALS);
        }
        let words = || line.split_whitespace().take(limits.min_words as usize + 1).count() as f64;
        let characters = || line.chars().take(limits.min_characters as usize + 1).count() as f64;
        let short = (!limits.min_words.is_nan() && words() < limits.min_words)
            || (!limits.min_characters.is_nan() && characters() < limits.min_characters);
        short.then_some(SHORT)
    }

    fn is_symbols(&self, line: &str) -> bool {
        if self.rules.symbols == Symbols::Separators {
            // Three at least: a lone dash or star may be an item whose text is on the next line.
            return line.chars().all(|c| c == ' ' || is_separator(c)) && line.chars().filter(|&c| c != ' ').take(3).count() == 3;
        }
        let (classes, mut rest) = (classes(), line.as_bytes());
        while !rest.is_empty() {
            let (point, class, length) = classes.next(rest);
            if class & SYMBOL == 0 && point != u32::from(b' ') {
                return false;
            }
            rest = &rest[length..];
        }
        true
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '=' | '_' | '*' | '~' | '#' | '|' | '·' | '•' | '–' | '—' | '―' | '\u{2500}'..='\u{257F}')
}

/// Dates, numbers of pages and counters; rows of tables, code and what stands in brackets are not.
fn is_numerals(line: &str, most: f64) -> bool {
    if memchr::memchr3(b'|', b'=', b'"', line.as_bytes()).is_some() || line.contains(['(', '[', '{', '<', '\'']) {
        return false;
    }
    let (mut digits, mut letters) = (0_usize, 0_usize);
    for c in line.chars() {
        if c.is_numeric() {
            digits += 1;
        } else if c.is_alphabetic() {
            letters += 1;
        }
    }
    digits >= LEAST_DIGITS && digits as f64 > most * (digits + letters) as f64
}

fn names_javascript(line: &[u8]) -> bool {
    memchr::memchr2_iter(b'j', b'J', line).any(|at| line[at..].get(..10).is_some_and(|word| word.eq_ignore_ascii_case(b"javascript")))
}

#[cfg(test)]
mod tests;

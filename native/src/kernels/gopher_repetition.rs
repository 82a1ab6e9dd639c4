//! The measures of Gopher's repetition rules (Rae et al. 2021, arXiv 2112.11446, Table A1), defined as datatrove 0.10
//! computes them: shares of the text's code points, words by `segment`.
//!
//! Equal means equal: every hash hit is confirmed by comparing what was hashed. Time grows with the text alone.

mod ngrams;

use super::segment::classes::{SPACE, classes};
use super::segment::{Language, RowLanguages, Segmenter};
use ngrams::Ngrams;

/// Lengths of the n-grams whose most frequent one is measured, and of those counted as duplicates.
pub const TOP: std::ops::RangeInclusive<usize> = 2..=4;
pub const DUPLICATE: std::ops::RangeInclusive<usize> = 5..=10;
/// Number of measures a row, in the order of `MEASURES`.
pub const MEASURES: usize = 13;

/// Measures every row of a text column. `out` holds `MEASURES` columns one after the other, each with a value a row:
/// share of duplicate paragraphs, of their characters, of duplicate lines, of their characters; share of the most
/// frequent 2, 3, 4-gram; share of duplicate 5 to 10-grams. NaN where there is nothing to measure.
pub fn measure_repetition(values: &[u8], offsets: &[i32], languages: RowLanguages, out: &mut [f64]) {
    let rows = offsets.len() - 1;
    let mut segmenter = Segmenter::default();
    let mut ngrams = Ngrams::default();
    let mut table = Vec::new();
    for (row, bounds) in offsets.windows(2).enumerate() {
        let text = &values[bounds[0] as usize..bounds[1] as usize];
        let measures = measure(text, languages.of(row), &mut segmenter, &mut ngrams, &mut table);
        for (measure, value) in measures.into_iter().enumerate() {
            out[measure * rows + row] = value;
        }
    }
}

fn measure(text: &[u8], language: Language, segmenter: &mut Segmenter, ngrams: &mut Ngrams, table: &mut Vec<u64>) -> [f64; MEASURES] {
    let mut measures = [f64::NAN; MEASURES];
    let chars = count_chars(text);
    if chars == 0 {
        return measures;
    }
    let paragraphs = duplicates(trim(text), 2, table);
    let lines = duplicates(text, 1, table);
    for (first, duplicates) in [(0, paragraphs), (2, lines)] {
        measures[first] = duplicates.repeated as f64 / duplicates.all as f64;
        measures[first + 1] = duplicates.chars as f64 / chars as f64;
    }
    ngrams.start(text, segmenter.words(text, language));
    for (measure, n) in (4..).zip(TOP) {
        measures[measure] = ngrams.top(n).map_or(f64::NAN, |top| top as f64 / chars as f64);
    }
    for (measure, n) in (7..).zip(DUPLICATE) {
        measures[measure] = ngrams.duplicate(n) as f64 / chars as f64;
    }
    measures
}

/// Code points: bytes that are not inside a character.
pub fn count_chars(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

/// Python's `strip`.
fn trim(text: &[u8]) -> &[u8] {
    let classes = classes();
    let mut start = 0;
    while start < text.len() {
        let (_, class, length) = classes.next(&text[start..]);
        if class & SPACE == 0 {
            break;
        }
        start += length;
    }
    let mut end = text.len();
    while end > start {
        let mut at = end - 1;
        while at > start && text[at] & 0xC0 == 0x80 {
            at -= 1;
        }
        if classes.next(&text[at..end]).1 & SPACE == 0 {
            break;
        }
        end = at;
    }
    &text[start..end]
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Duplicates {
    all: usize,
    repeated: usize,
    /// Code points of the repeated ones.
    chars: usize,
}

/// Parts between runs of at least `breaks` line feeds, and how many of them stood before. An empty part at either end
/// is a part, as for Python's `re.split`.
fn duplicates(text: &[u8], breaks: usize, table: &mut Vec<u64>) -> Duplicates {
    let mut bounds = Vec::new();
    let mut start = 0;
    let mut search = 0;
    while let Some(found) = memchr::memchr(b'\n', &text[search..]) {
        let end = search + found;
        let run = text[end..].iter().take_while(|&&byte| byte == b'\n').count();
        search = end + run;
        if run >= breaks {
            bounds.push((start, end));
            start = search;
        }
    }
    bounds.push((start, text.len()));
    let mut seen = Seen::new(table, bounds.len());
    let mut duplicates = Duplicates { all: bounds.len(), ..Duplicates::default() };
    for (i, &(start, end)) in bounds.iter().enumerate() {
        let part = &text[start..end];
        let hash = xxhash_rust::xxh3::xxh3_64(part);
        if seen.insert(hash, i, |other| text[bounds[other].0..bounds[other].1] == *part) {
            duplicates.repeated += 1;
            duplicates.chars += count_chars(part);
        }
    }
    duplicates
}

/// A set of numbered things, found by hash and confirmed by comparison: half of a slot is the hash, half the number.
struct Seen<'a> {
    slots: &'a mut [u64],
}

impl<'a> Seen<'a> {
    fn new(table: &'a mut Vec<u64>, most: usize) -> Self {
        let slots = (most * 2).next_power_of_two();
        if table.len() < slots {
            table.resize(slots, 0);
        }
        let slots = &mut table[..slots];
        slots.fill(0);
        Self { slots }
    }

    /// Whether an equal one was there; if not, number `i` now is.
    #[inline]
    fn insert(&mut self, hash: u64, i: usize, is_equal: impl Fn(usize) -> bool) -> bool {
        self.find_or_insert(hash, i, is_equal).is_some()
    }

    /// The number of an equal one; if there is none, number `i` now is one.
    #[inline]
    fn find_or_insert(&mut self, hash: u64, i: usize, is_equal: impl Fn(usize) -> bool) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let tag = hash & 0xFFFF_FFFF_0000_0000;
        let mut slot = hash as usize & mask;
        loop {
            let kept = self.slots[slot];
            if kept == 0 {
                self.slots[slot] = tag | (i as u64 + 1);
                return None;
            }
            let number = (kept & 0xFFFF_FFFF) as usize - 1;
            if kept & 0xFFFF_FFFF_0000_0000 == tag && is_equal(number) {
                return Some(number);
            }
            slot = (slot + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests;

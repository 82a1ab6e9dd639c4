//! What Gopher's quality rules ask of words and lines (Rae et al. 2021, arXiv 2112.11446, A1.1), as datatrove 0.10
//! computes it: lengths in code points, lines at Python's `splitlines` breaks.

use memchr::memmem;

use super::characters::{skip_space, strip};
use super::lines::Lines;
use crate::kernels::segment::Word;
use crate::kernels::segment::classes::classes;

/// Counts over all words of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct WordCounts {
    pub all: u64,
    /// Words that are not punctuation alone, and their code points.
    pub counted: u64,
    pub chars: u64,
    pub alphabetic: u64,
}

pub fn count_words(words: &[Word]) -> WordCounts {
    let mut counts = WordCounts { all: words.len() as u64, ..WordCounts::default() };
    for word in words {
        counts.counted += u64::from(word.counts);
        counts.chars += if word.counts { u64::from(word.chars) } else { 0 };
        counts.alphabetic += u64::from(word.alphabetic);
    }
    counts
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct LineMarks {
    pub lines: u64,
    /// Lines that start with `•` or `-` after white space.
    pub bullets: u64,
    /// Lines that end in `...` or `…` before white space.
    pub ellipses: u64,
}

pub fn mark_lines(text: &[u8], lines: &Lines) -> LineMarks {
    let classes = classes();
    let mut marks = LineMarks::default();
    for &(start, end) in lines.of_python() {
        let (start, end) = (start as usize, end as usize);
        marks.lines += 1;
        let first = &text[skip_space(text, start, end, classes)..end];
        marks.bullets += u64::from(first.starts_with(b"-") || first.starts_with("•".as_bytes()));
        let (start, end) = strip(text, (start, end), classes);
        let line = &text[start..end];
        marks.ellipses += u64::from(line.ends_with(b"...") || line.ends_with("…".as_bytes()));
    }
    marks
}

/// Searchers made once.
pub struct Ellipses([memmem::Finder<'static>; 2]);

impl Default for Ellipses {
    fn default() -> Self {
        Self(["...", "…"].map(memmem::Finder::new))
    }
}

impl Ellipses {
    pub fn count(&self, text: &[u8]) -> u64 {
        self.0.iter().map(|finder| finder.find_iter(text).count() as u64).sum()
    }
}

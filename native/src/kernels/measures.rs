//! All measures of Gopher, C4 and `FineWeb` in one pass: words and lines of a text are found once, and only the families
//! that are asked for are paid for. Every measure is the one of datatrove 0.10; equal means equal, no hash decides.
//! Time and memory grow with the text alone, and tables are reused from text to text.

mod bad_words;
mod c4;
mod characters;
mod lines;
mod marks;
mod ngrams;
mod phrases;
mod quality;
mod repeats;
mod seen;
mod sentences;
mod spellings;
mod stop_words;

pub use bad_words::BadWords;
pub use c4::{Cutter, LineRules};
pub use stop_words::StopWords;

use super::columns::Bytes;
use super::segment::{Language, RowLanguages, Segmenter, Word};
use characters::count_chars;
use lines::{Lines, Span};
use ngrams::Ngrams;
use quality::{Ellipses, count_words, mark_lines};
use repeats::{Repeats, measure_repeats};
use seen::SeenTable;
use spellings::{NumberTable, Spellings};

/// Families of measures: bits of one number, and how many measures each has.
pub const QUALITY: u32 = 1;
pub const REPETITION: u32 = 1 << 1;
pub const FINEWEB: u32 = 1 << 2;
pub const C4: u32 = 1 << 3;
const SIZES: [(u32, usize); 4] = [(QUALITY, 8), (REPETITION, 13), (FINEWEB, 5), (C4, c4::MEASURES + 1)];

/// What differs from row to row; empty where nothing is known of any.
#[derive(Clone, Copy)]
pub struct RowFacts<'a> {
    pub languages: RowLanguages<'a>,
    /// Number of each row's stop words and of its bad words, -1 for none.
    pub stop_words: &'a [i32],
    pub bad_words: &'a [i32],
}

impl RowFacts<'_> {
    pub const UNKNOWN: Self = Self { languages: RowLanguages::UNKNOWN, stop_words: &[], bad_words: &[] };
}

/// Measures texts, with buffers of its own.
pub struct Measurer {
    families: u32,
    stop_words: Vec<StopWords>,
    /// There exactly if C4's family is.
    cutter: Option<Cutter>,
    segmenter: Segmenter,
    lines: Lines,
    paragraphs: Vec<Span>,
    ellipses: Ellipses,
    spellings: Spellings,
    ngrams: Ngrams,
    seen: SeenTable,
    numbers: NumberTable,
}

impl Measurer {
    /// `families` are bits; C4's is there exactly if `cutter` is.
    pub fn new(families: u32, stop_words: Vec<StopWords>, cutter: Option<Cutter>) -> Self {
        let families = if cutter.is_some() { families | C4 } else { families & !C4 };
        Self {
            families,
            stop_words,
            cutter,
            segmenter: Segmenter::default(),
            lines: Lines::default(),
            paragraphs: Vec::new(),
            ellipses: Ellipses::default(),
            spellings: Spellings::default(),
            ngrams: Ngrams::default(),
            seen: SeenTable::default(),
            numbers: NumberTable::default(),
        }
    }

    /// Measures every row of a text column. Gives a value a row for each measure of the families, one column after the
    /// other in the order of the bits (NaN where there is nothing to divide by), and what C4's line rules leave of each
    /// row, if they are asked for.
    ///
    /// Quality: words, mean word length, hash ratio, ellipsis ratio, bullet lines, ellipsis lines, alphabetic words, stop
    /// words. Repetition: shares of repeated paragraphs, their characters, lines, their characters; top 2, 3, 4-gram;
    /// duplicate 5 to 10-grams. `FineWeb`: lines with text, shares of punctuated and of short ones, of characters of
    /// repeated ones, line breaks a word. C4: those of `Page::measures`, occurrences of bad words.
    pub fn measure(&mut self, values: &[u8], offsets: &[i32], facts: RowFacts) -> (Vec<f64>, Bytes) {
        let rows = offsets.len() - 1;
        let families = SIZES.iter().filter(|(family, _)| self.families & family != 0);
        let mut out = vec![f64::NAN; families.map(|(_, size)| size).sum::<usize>() * rows];
        let mut kept = Bytes::default();
        for (row, bounds) in offsets.windows(2).enumerate() {
            let text = &values[bounds[0] as usize..bounds[1] as usize];
            let mut column = row;
            let mut write = |measures: &[f64]| {
                for &measure in measures {
                    out[column] = measure;
                    column += rows;
                }
            };
            self.measure_row(text, row, facts, &mut write, &mut kept);
        }
        (out, kept)
    }

    fn measure_row(&mut self, text: &[u8], row: usize, facts: RowFacts, write: &mut impl FnMut(&[f64]), kept: &mut Bytes) {
        let families = self.families;
        let language = facts.languages.of(row);
        let words = self.segmenter.words(text, language);
        let chars = count_chars(text);
        self.lines.find(text);
        if families & REPETITION != 0 {
            self.spellings.number(text, words, &mut self.numbers);
        }
        if families & QUALITY != 0 {
            let list = list_of(facts.stop_words, row).and_then(|list| self.stop_words.get_mut(list));
            let spelled_once = (families & REPETITION != 0).then_some(&self.spellings.first);
            let stop_words = list.map_or(f64::NAN, |list| {
                f64::from(match spelled_once {
                    Some(first) => list.count(text, first.iter().map(|&word| &words[word as usize])),
                    None => list.count(text, words.iter()),
                })
            });
            write(&quality_measures(text, words, &self.lines, &self.ellipses, stop_words));
        }
        if families & (REPETITION | FINEWEB) != 0 {
            let parts = (families & REPETITION != 0).then_some(&mut self.paragraphs);
            let repeats = if chars == 0 { Repeats::default() } else { measure_repeats(text, &self.lines, parts, &mut self.seen) };
            if families & REPETITION != 0 {
                let mut measures = repeat_measures(&repeats, chars);
                if chars > 0 {
                    self.ngrams.join(text, words);
                    for (measure, top) in measures[4..].iter_mut().zip(self.ngrams.top(&self.spellings, &mut self.numbers)) {
                        *measure = top.map_or(f64::NAN, |top| top as f64 / chars as f64);
                    }
                    for (measure, characters) in measures[7..].iter_mut().zip(self.ngrams.duplicates(&mut self.seen)) {
                        *measure = characters as f64 / chars as f64;
                    }
                }
                write(&measures);
            }
            if families & FINEWEB != 0 {
                write(&line_measures(&repeats, chars, self.lines.between_feeds().len() - 1, words.len()));
            }
        }
        if let Some(cutter) = &mut self.cutter {
            write_c4(cutter, text, language, words, &self.lines, list_of(facts.bad_words, row), write, kept);
        }
    }
}

#[allow(clippy::too_many_arguments)] // what one row's cut needs
fn write_c4(
    cutter: &mut Cutter,
    text: &[u8],
    language: Language,
    words: &[Word],
    lines: &Lines,
    bad_words: Option<usize>,
    write: &mut impl FnMut(&[f64]),
    kept: &mut Bytes,
) {
    let from = kept.values.len();
    let page = cutter.cut(text, language, words, lines, kept);
    write(&page.measures());
    write(&[cutter.bad_words(&kept.values[from..], bad_words)]);
}

fn list_of(lists: &[i32], row: usize) -> Option<usize> {
    lists.get(row).and_then(|&list| usize::try_from(list).ok())
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

fn quality_measures(text: &[u8], words: &[Word], lines: &Lines, ellipses: &Ellipses, stop_words: f64) -> [f64; 8] {
    let counts = count_words(words);
    let marks = mark_lines(text, lines);
    [
        counts.counted as f64,
        share(counts.chars, counts.counted),
        share(memchr::memchr_iter(b'#', text).count() as u64, counts.all),
        share(ellipses.count(text), counts.all),
        share(marks.bullets, marks.lines),
        share(marks.ellipses, marks.lines),
        share(counts.alphabetic, counts.all),
        stop_words,
    ]
}

/// The first four of the repetition family; the others are for the n-grams.
fn repeat_measures(repeats: &Repeats, chars: usize) -> [f64; 13] {
    let mut measures = [f64::NAN; 13];
    measures[0] = share(repeats.repeated_paragraphs as u64, repeats.paragraphs as u64);
    measures[1] = share(repeats.repeated_paragraph_chars as u64, chars as u64);
    measures[2] = share(repeats.repeated_lines as u64, repeats.lines as u64);
    measures[3] = share(repeats.repeated_line_chars as u64, chars as u64);
    measures
}

fn line_measures(repeats: &Repeats, chars: usize, line_feeds: usize, words: usize) -> [f64; 5] {
    let lines = repeats.text_lines as u64;
    [
        lines as f64,
        share(repeats.punctuated_lines as u64, lines),
        share(repeats.short_lines as u64, lines),
        share(repeats.repeated_text_line_chars as u64, (chars - line_feeds) as u64),
        share(line_feeds as u64, words as u64),
    ]
}

#[cfg(test)]
mod tests;

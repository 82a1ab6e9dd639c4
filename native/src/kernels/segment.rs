//! Words of a text, as the Gopher, C4 and `FineWeb` filters and the shingles count them.
//!
//! Runs of Python white space part chunks; punctuation and symbols before and after a chunk become words of their own,
//! one by one; what is left is cut inside at hyphens, commas, slashes and dots between the kinds of characters that
//! spaCy 3.8's base rules name (prefix, suffix and infix patterns, units after a number, URLs kept whole). Languages'
//! own rules and exceptions of spaCy (contractions, elision, abbreviations) are not here. Characters are classed by
//! Unicode 17.0 (`tables`), whatever the machine. Work is linear in the text.

pub mod classes;
mod language;
mod tables;
mod url;

pub use language::{Language, RowLanguages};

use classes::{CURRENCY, Classes, ICON, LETTER, LOWER, PUNCT, QUOTE, SPACE, SYMBOL, UPPER, classes};

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

/// A character of a chunk that needs a closer look.
#[derive(Clone, Copy)]
struct Char {
    at: u32,
    point: u32,
    class: u16,
}

/// Segments texts one after the other, with buffers of its own.
pub struct Segmenter {
    classes: &'static Classes,
    words: Vec<Word>,
    chunk: Vec<Char>,
    /// Suffixes split off the current chunk, last first: bounds in `chunk`.
    suffixes: Vec<(usize, usize)>,
}

impl Default for Segmenter {
    fn default() -> Self {
        Self { classes: classes(), words: Vec::new(), chunk: Vec::new(), suffixes: Vec::new() }
    }
}

impl Segmenter {
    /// The words of a text in order, by the rules of its language.
    pub fn words(&mut self, text: &[u8], _language: Language) -> &[Word] {
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
                let digit = is_digit(point);
                letters |= letter;
                digits |= digit;
                others |= !letter && !digit;
                chars += 1;
                at += length;
            }
            if chars == 0 {
                at += self.classes.next(&text[at..]).2;
            } else if others || letters && digits {
                self.split_chunk(text, start, at);
            } else {
                self.words.push(Word { start: start as u32, end: at as u32, chars, counts: true, alphabetic: letters });
            }
        }
        &self.words
    }

    /// Takes affixes off a chunk from both ends until none is left, then cuts the middle.
    fn split_chunk(&mut self, text: &[u8], start: usize, end: usize) {
        self.chunk.clear();
        self.suffixes.clear();
        let mut at = start;
        while at < end {
            let (point, class, length) = self.classes.next(&text[at..]);
            self.chunk.push(Char { at: at as u32, point, class });
            at += length;
        }
        self.chunk.push(Char { at: end as u32, point: 0, class: 0 });
        let (mut low, mut high) = (0, self.chunk.len() - 1);
        let mut whole = false;
        while low < high {
            let span = &self.chunk[low..high];
            if is_abbreviation(span) {
                whole = true;
                break;
            }
            let prefix = prefix_length(span);
            let suffix = suffix_length(&span[prefix..]);
            if prefix == 0 && suffix == 0 {
                break;
            }
            if prefix > 0 && is_abbreviation(&span[prefix..]) {
                self.push(low, low + prefix);
                low += prefix;
            } else if suffix > 0 && is_abbreviation(&span[..span.len() - suffix]) {
                self.suffixes.push((high - suffix, high));
                high -= suffix;
            } else {
                if prefix > 0 {
                    self.push(low, low + prefix);
                    low += prefix;
                }
                if suffix > 0 {
                    self.suffixes.push((high - suffix, high));
                    high -= suffix;
                }
            }
        }
        if low < high {
            let bytes = &text[self.chunk[low].at as usize..self.chunk[high].at as usize];
            if whole || url::is_url(bytes) {
                self.push(low, high);
            } else {
                self.cut(low, high);
            }
        }
        while let Some((low, high)) = self.suffixes.pop() {
            self.push(low, high);
        }
    }

    /// Cuts a span at its infixes, which become words too.
    fn cut(&mut self, low: usize, high: usize) {
        let mut start = low;
        let mut at = low + 1;
        while at < high {
            let length = infix_length(&self.chunk[low..high], at - low);
            if length > 0 {
                self.push(start, at);
                self.push(at, at + length);
                start = at + length;
            }
            at += length.max(1);
        }
        if start < high {
            self.push(start, high);
        }
    }

    fn push(&mut self, low: usize, high: usize) {
        let span = &self.chunk[low..high];
        let word = Word {
            start: self.chunk[low].at,
            end: self.chunk[high].at,
            chars: (high - low) as u32,
            counts: span.iter().any(|c| c.class & SYMBOL == 0),
            alphabetic: span.iter().any(|c| c.class & LETTER != 0),
        };
        // An abbreviation that cutting took apart is joined again, as spaCy does with its exceptions: "x,y." ends in "y.".
        if low > 0
            && is_abbreviation(&self.chunk[low - 1..high])
            && let Some(letter) = self.words.last_mut()
            && letter.chars == 1
            && letter.end == word.start
        {
            letter.end = word.end;
            letter.chars = 2;
            return;
        }
        self.words.push(word);
    }
}

fn is_digit(point: u32) -> bool {
    point.wrapping_sub(u32::from('0')) < 10
}

fn is(c: Option<&Char>, wanted: char) -> bool {
    c.is_some_and(|c| c.point == u32::from(wanted))
}

fn one_of(c: Char, wanted: &str) -> bool {
    char::from_u32(c.point).is_some_and(|point| wanted.contains(point))
}

fn dots(span: &[Char]) -> usize {
    span.iter().take_while(|c| c.point == u32::from('.')).count()
}

/// A lower-case letter and a dot stay together ("z. B."), as in spaCy's base exceptions.
fn is_abbreviation(span: &[Char]) -> bool {
    match span {
        [letter, dot] => dot.point == u32::from('.') && (letter.point.wrapping_sub(u32::from('a')) < 26 || one_of(*letter, "äöü")),
        _ => false,
    }
}

/// Code points at the start of a non-empty span that are a word of their own.
fn prefix_length(span: &[Char]) -> usize {
    let first = span[0];
    if first.class & (PUNCT | QUOTE | CURRENCY | ICON) != 0 || one_of(first, "§%=—–") {
        return 1;
    }
    if is(Some(&first), '+') && !span.get(1).is_some_and(|c| is_digit(c.point)) {
        return 1;
    }
    let dots = dots(span);
    if dots > 1 {
        return dots;
    }
    if is(span.get(1), '$') && one_of(first, "CA") {
        return 2;
    }
    if is(Some(&first), 'U') && is(span.get(1), 'S') && is(span.get(2), '$') {
        return 3;
    }
    0
}

/// Units that are split off a number.
const UNITS: &[&str] = &[
    "km", "km²", "km³", "m", "m²", "m³", "dm", "dm²", "dm³", "cm", "cm²", "cm³", "mm", "mm²", "mm³", "ha", "µm", "nm", "yd", "in", "ft",
    "kg", "g", "mg", "µg", "t", "lb", "oz", "m/s", "km/h", "kmh", "mph", "hPa", "Pa", "mbar", "mb", "MB", "kb", "KB", "gb", "GB", "tb",
    "TB", "T", "G", "M", "K", "%", "км", "км²", "км³", "м", "м²", "м³", "дм", "дм²", "дм³", "см", "см²", "см³", "мм", "мм²", "мм³", "нм",
    "кг", "г", "мг", "м/с", "км/ч", "кПа", "Па", "мбар", "Кб", "КБ", "кб", "Мб", "МБ", "мб", "Гб", "ГБ", "гб", "Тб", "ТБ", "тб", "US$",
    "C$", "A$", "+",
];
const LONGEST_UNIT: usize = 4;

/// Code points at the end of a span that are a word of their own; the longest reading wins.
fn suffix_length(span: &[Char]) -> usize {
    let Some(&last) = span.last() else { return 0 };
    let before = span.len().checked_sub(2).map(|i| span[i]);
    let tail = span.iter().rev().take(LONGEST_UNIT + 1).take_while(|c| !is_digit(c.point)).count();
    if (1..=LONGEST_UNIT).contains(&tail) && tail < span.len() && is_unit(&span[span.len() - tail..]) {
        return tail;
    }
    if last.point == u32::from('.') {
        let dots = span.iter().rev().take_while(|c| c.point == u32::from('.')).count();
        if dots > 1 {
            return dots;
        }
        let Some(before) = before else { return 0 };
        let ends = is_digit(before.point) || before.class & (LOWER | PUNCT | QUOTE) != 0 || one_of(before, "%²-+|");
        let initials = span.len() > 2 && before.class & UPPER != 0 && span[span.len() - 3].class & UPPER != 0;
        return usize::from(ends || initials);
    }
    if one_of(last, "sS") && before.is_some_and(|c| one_of(c, "'’")) {
        return 2;
    }
    if last.point == u32::from('…') && is(before.as_ref(), '…') {
        return 2;
    }
    usize::from(last.class & (PUNCT | QUOTE | ICON) != 0 || one_of(last, "—–"))
}

fn is_unit(tail: &[Char]) -> bool {
    if let [sign] = tail
        && sign.class & CURRENCY != 0
    {
        return true;
    }
    UNITS.iter().any(|unit| unit.chars().count() == tail.len() && unit.chars().zip(tail).all(|(unit, c)| u32::from(unit) == c.point))
}

/// Code points at `at` (not the first) that part a span in two.
fn infix_length(span: &[Char], at: usize) -> usize {
    let here = span[at];
    let before = span[at - 1];
    let Some(point) = char::from_u32(here.point) else { return 0 };
    if here.class & ICON != 0 || point == '…' {
        return 1;
    }
    if here.class & LETTER != 0 || is_digit(here.point) {
        return 0;
    }
    let next = span.get(at + 1).copied().unwrap_or(Char { at: 0, point: 0, class: 0 });
    let between_letters = before.class & LETTER != 0 && next.class & LETTER != 0;
    match point {
        '.' => {
            let dots = dots(&span[at..]);
            if dots > 1 {
                return dots;
            }
            usize::from(before.class & (LOWER | QUOTE) != 0 && next.class & (UPPER | QUOTE) != 0)
        }
        '+' | '*' | '^' => usize::from(is_digit(before.point) && (is_digit(next.point) || next.point == u32::from('-'))),
        ',' => usize::from(between_letters),
        '-' if is_digit(before.point) => usize::from(is_digit(next.point) || next.point == u32::from('-')),
        '-' | '–' | '—' | '~' if before.class & LETTER != 0 => {
            let run = span[at..].iter().take_while(|c| c.point == here.point).count();
            let most = match point {
                '-' => 3,
                '—' => 2,
                _ => 1,
            };
            let after = span.get(at + run).is_some_and(|c| c.class & LETTER != 0);
            if run <= most && after { run } else { 0 }
        }
        ':' | '<' | '>' | '=' | '/' => usize::from((before.class & LETTER != 0 || is_digit(before.point)) && next.class & LETTER != 0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;

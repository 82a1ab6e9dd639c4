//! A run of characters without white space, and how it is parted into words.

use super::classes::{ALPHA as ALPHA_CLASS, LETTER as LETTER_CLASS, LOWER as LOWER_CLASS, UPPER as UPPER_CLASS, WORD as WORD_CLASS};
use super::classes::{CURRENCY as MONEY_CLASS, Classes, ICON as ICON_CLASS, PUNCT as PUNCT_CLASS, QUOTE as QUOTE_CLASS};
use super::exceptions::{Exception, Exceptions};
use super::rules::{REACH, Rules, infix_length, prefix_length, suffix_length};
use super::url;

/// Sets of characters as the affix rules name them: disjoint where the rules of some language tell them apart.
pub const LETTER: u32 = LETTER_CLASS as u32;
pub const LOWER: u32 = LOWER_CLASS as u32;
pub const UPPER: u32 = UPPER_CLASS as u32;
pub const ALPHA: u32 = ALPHA_CLASS as u32;
pub const WORD: u32 = WORD_CLASS as u32;
/// Without `#`.
pub const PUNCT: u32 = PUNCT_CLASS as u32;
/// Without `'`.
pub const QUOTE: u32 = QUOTE_CLASS as u32;
pub const CURRENCY: u32 = MONEY_CLASS as u32;
/// Without `°`.
pub const ICON: u32 = ICON_CLASS as u32;
/// 0 to 9.
pub const DIGIT: u32 = 1 << 16;
pub const HASH: u32 = 1 << 17;
pub const APOSTROPHE: u32 = 1 << 18;
pub const DEGREE: u32 = 1 << 19;
pub const HYPHEN: u32 = 1 << 20;
/// `—` and `–`.
pub const DASH: u32 = 1 << 21;
pub const PERCENT: u32 = 1 << 22;
/// `²` and `+`.
pub const POWER: u32 = 1 << 23;
pub const BAR: u32 = 1 << 24;
/// `(`, `)`, `?` and `:`.
pub const GROUP: u32 = 1 << 25;
/// `§` and `=`.
pub const SIGN: u32 = 1 << 26;
pub const DOUBLE_QUOTE: u32 = 1 << 27;
/// `$¢£€¥฿`.
pub const MONEY: u32 = 1 << 28;
/// `'` and `’`.
pub const ELISION: u32 = 1 << 29;

/// A character of a chunk: where it begins in the text, its code point, the sets it is in.
#[derive(Debug, Clone, Copy)]
pub struct Char {
    pub at: u32,
    pub point: u32,
    pub class: u32,
}

impl Char {
    fn new(at: usize, point: u32, class: u16) -> Self {
        let class = u32::from(class);
        let class = match char::from_u32(point).unwrap_or('\u{FFFF}') {
            '0'..='9' => class | DIGIT,
            '#' => class & !PUNCT | HASH,
            '\'' => class & !QUOTE | APOSTROPHE | ELISION,
            '’' => class | ELISION,
            '°' => class & !ICON | DEGREE,
            '-' => class | HYPHEN,
            '—' | '–' => class | DASH,
            '%' => class | PERCENT,
            '²' | '+' => class | POWER,
            '|' => class | BAR,
            '(' | ')' | '?' | ':' => class | GROUP,
            '§' | '=' => class | SIGN,
            '"' => class | DOUBLE_QUOTE,
            '$' | '¢' | '£' | '€' | '¥' | '฿' => class | MONEY,
            _ => class,
        };
        Self { at: at as u32, point, class }
    }

    pub fn is(self, wanted: char) -> bool {
        self.point == u32::from(wanted)
    }

    pub fn one_of(self, wanted: &str) -> bool {
        wanted.chars().any(|wanted| self.is(wanted))
    }

    pub fn has(self, set: u32) -> bool {
        self.class & set != 0
    }
}

/// Whether a span is `wanted`.
pub fn spells(span: &[Char], wanted: &str) -> bool {
    span.iter().map(|c| c.point).eq(wanted.chars().map(u32::from))
}

/// How many of the first characters are `wanted`.
pub fn run(span: &[Char], wanted: impl Fn(Char) -> bool) -> usize {
    span.iter().take_while(|&&c| wanted(c)).count()
}

/// Buffers for one chunk after the other.
#[derive(Default)]
pub struct Splitter {
    /// The characters of the chunk, and one more at its end.
    pub chars: Vec<Char>,
    /// Words as bounds in `chars`.
    pub words: Vec<(usize, usize)>,
    /// Suffixes taken off, last first.
    suffixes: Vec<(usize, usize)>,
}

impl Splitter {
    /// Parts `text[start..end]`, a non-empty chunk, into `words`.
    pub fn split(&mut self, classes: &Classes, rules: &Rules, exceptions: &Exceptions, text: &[u8], (start, end): (usize, usize)) {
        self.chars.clear();
        self.words.clear();
        self.suffixes.clear();
        let mut at = start;
        while at < end {
            let (point, class, length) = classes.next(&text[at..]);
            self.chars.push(Char::new(at, point, class));
            at += length;
        }
        self.chars.push(Char { at: end as u32, point: 0, class: 0 });
        self.take_affixes(rules, exceptions, text);
    }

    fn bytes<'a>(&self, text: &'a [u8], low: usize, high: usize) -> &'a [u8] {
        &text[self.chars[low].at as usize..self.chars[high].at as usize]
    }

    /// Takes affixes off both ends until none is left or what is left is an exception, then cuts the middle.
    fn take_affixes(&mut self, rules: &Rules, exceptions: &Exceptions, text: &[u8]) {
        let (mut low, mut high) = (0, self.chars.len() - 1);
        let mut whole = None;
        while low < high {
            let span = &self.chars[low..high];
            whole = exceptions.find(self.bytes(text, low, high));
            if whole.is_some() {
                break;
            }
            // No language's rules touch letters alone.
            let letters = span.len() <= REACH && span[span.len() - 1].has(LETTER) && span.iter().all(|c| c.has(LETTER));
            if letters || rules.whole.is_some_and(|whole| whole(span)) {
                self.words.push((low, high));
                low = high;
                break;
            }
            let prefix = prefix_length(rules, span);
            if prefix > 0 && low + prefix < high {
                whole = exceptions.find(self.bytes(text, low + prefix, high));
                if whole.is_some() {
                    self.words.push((low, low + prefix));
                    low += prefix;
                    break;
                }
            }
            let suffix = suffix_length(rules, &span[prefix..]);
            if suffix > 0 && low < high - suffix {
                whole = exceptions.find(self.bytes(text, low, high - suffix));
                if whole.is_some() {
                    self.suffixes.push((high - suffix, high));
                    high -= suffix;
                    break;
                }
            }
            if prefix == 0 && suffix == 0 {
                break;
            }
            if prefix > 0 {
                self.words.push((low, low + prefix));
                low += prefix;
            }
            if suffix > 0 {
                self.suffixes.push((high - suffix, high));
                high -= suffix;
            }
        }
        if let Some(exception) = whole {
            part(&self.chars, exceptions.get(exception), low, &mut self.words);
        } else if low < high {
            if url::is_url(&self.chars[low..high]) {
                self.words.push((low, high));
            } else {
                self.cut(rules, low, high);
            }
        }
        self.words.extend(self.suffixes.iter().rev());
    }

    /// Cuts a span at its infixes, which become words too unless they are empty. One at the very start cuts nothing.
    fn cut(&mut self, rules: &Rules, low: usize, high: usize) {
        let span = &self.chars[low..high];
        if span.iter().all(|c| c.class & (WORD | ICON | DEGREE) == WORD) {
            self.words.push((low, high));
            return;
        }
        let (mut start, mut at) = (0, 0);
        while at < span.len() {
            let Some(length) = infix_length(rules, span, at) else {
                at += 1;
                continue;
            };
            if at > 0 {
                if at > start {
                    self.words.push((low + start, low + at));
                }
                if length > 0 {
                    self.words.push((low + at, low + at + length));
                }
                start = at + length;
            }
            at += length.max(1);
        }
        if start < span.len() {
            self.words.push((low + start, high));
        }
    }
}

/// Adds the words of an exception that begins at `low`.
fn part(chars: &[Char], exception: &Exception, low: usize, words: &mut Vec<(usize, usize)>) {
    let start = chars[low].at;
    let mut from = low;
    for &end in &exception.ends {
        let length = run(&chars[from..], |c| c.at - start < u32::from(end));
        words.push((from, from + length));
        from += length;
    }
}

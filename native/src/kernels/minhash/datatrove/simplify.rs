//! datatrove 0.10's `simplify_text` with its default `TextNormConfig`. The order of the steps is part of the result.

use unicode_normalization::UnicodeNormalization;

use super::nonspacing::NONSPACING;
use crate::kernels::minhash::fold::{DIGIT, Fold};
use crate::kernels::segment::classes::{Classes, SPACE, classes};

/// The printable ones of the 129 characters that become spaces; the others are controls.
const MARKS: &str = "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»";

pub struct Simplifier {
    classes: &'static Classes,
    fold: Fold,
    marks: Vec<char>,
    /// Lower case, without numbers and marks.
    plain: String,
    /// And without diacritics.
    bare: String,
}

impl Default for Simplifier {
    fn default() -> Self {
        let mut marks: Vec<char> = MARKS.chars().collect();
        marks.sort_unstable();
        Self { classes: classes(), fold: Fold::new(), marks, plain: String::new(), bare: String::new() }
    }
}

impl Simplifier {
    /// Lower case; every number `0`; marks to spaces; runs of white space to one space; decomposed, without nonspacing marks.
    /// Bytes that are not UTF-8 read as U+FFFD. Lower case takes a string a text: a sigma at a word's end needs its context.
    pub fn simplify(&mut self, text: &[u8]) -> &str {
        let lower = String::from_utf8_lossy(text).to_lowercase();
        self.plain.clear();
        let mut characters = lower.chars().peekable();
        while let Some(character) = characters.next() {
            if self.is_digit(character) {
                while characters.next_if(|next| self.is_digit(*next)).is_some() {}
                let mut ahead = characters.clone();
                if ahead.next().is_some_and(is_decimal) && ahead.peek().is_some_and(|next| self.is_digit(*next)) {
                    characters = ahead;
                    while characters.next_if(|next| self.is_digit(*next)).is_some() {}
                }
                self.plain.push('0');
            } else if self.parts(character) {
                if !self.plain.ends_with(' ') {
                    self.plain.push(' ');
                }
            } else {
                self.plain.push(character);
            }
        }
        if self.plain.is_ascii() {
            return self.plain.trim_matches(' ');
        }
        self.bare.clear();
        self.bare.extend(self.plain.nfd().filter(|character| !is_nonspacing(*character)));
        self.bare.trim_matches(' ')
    }

    fn is_digit(&self, character: char) -> bool {
        character.is_ascii_digit() || !character.is_ascii() && self.fold.code(character as u32) == DIGIT
    }

    /// Whether a space stands in the place of the character.
    fn parts(&self, character: char) -> bool {
        matches!(character, '\0'..='\u{20}' | '\u{7F}'..='\u{9F}')
            || !character.is_alphanumeric() && self.marks.binary_search(&character).is_ok()
            || self.classes.of(character as u32) & SPACE != 0
    }
}

/// What may stand once between the digits of one number.
fn is_decimal(character: char) -> bool {
    matches!(character, '.' | ',' | '\u{60C}' | '\u{66B}' | '\u{2396}'..='\u{2398}')
}

fn is_nonspacing(character: char) -> bool {
    let point = character as u32;
    point >= 0x300 && {
        let after = NONSPACING.partition_point(|(first, _)| *first <= point);
        after > 0 && point <= NONSPACING[after - 1].1
    }
}

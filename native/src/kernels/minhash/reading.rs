//! A text as signatures read it, normalised on the fly, for whoever takes its words or its characters.
//!
//! A word is a run of letters and numbers of any script, case folded and without combining marks; a run of digits with
//! single decimal separators inside reads as one `0`; an ideograph or kana is a word of its own; everything else separates.

use super::fold::{ALONE, DIGIT, Fold, IGNORE, SEPARATOR};

/// What is told of a text, in order.
pub trait Reader {
    /// The next folded code point of the word.
    fn letter(&mut self, code: u32);
    /// The word, if one has begun, is at its end; told once or more.
    fn end(&mut self);
    /// An ideograph or kana: ends the word before it, and is one itself.
    fn alone(&mut self, code: u32);
}

/// Where a number stands: outside one, among its digits, or behind a separator that may belong to it.
#[derive(Clone, Copy, PartialEq)]
enum Number {
    Outside,
    Digits,
    Pending,
}

struct Reading<'a, R> {
    reader: &'a mut R,
    number: Number,
}

impl<R: Reader> Reading<'_, R> {
    #[inline]
    fn end(&mut self) {
        self.reader.end();
        self.number = Number::Outside;
    }

    #[inline]
    fn code_point(&mut self, code: u32, fold: &Fold) {
        match fold.code(code) {
            SEPARATOR if self.number == Number::Digits && is_decimal(code) => self.number = Number::Pending,
            SEPARATOR => self.end(),
            IGNORE => {}
            DIGIT => {
                if self.number == Number::Outside {
                    self.reader.letter(u32::from(b'0'));
                }
                self.number = Number::Digits;
            }
            folded => {
                if self.number == Number::Pending {
                    self.reader.end();
                }
                self.number = Number::Outside;
                if folded & ALONE == 0 {
                    self.reader.letter(folded);
                } else {
                    self.reader.alone(folded & !ALONE);
                }
            }
        }
    }
}

/// `. , ،` and the Arabic and raised decimal marks: what may stand once between two digits of one number.
fn is_decimal(code: u32) -> bool {
    matches!(code, 0x2E | 0x2C | 0x60C | 0x66B | 0x66C | 0x2396 | 0x2397 | 0x2398)
}

/// ASCII letters to lower case; 0 for all else, which takes the slow way.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphabetic() {
            letters[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    letters
};

/// Tells `reader` the words of `text`, the last one ended. Bytes that are not UTF-8 separate words.
#[inline]
pub fn read(text: &[u8], fold: &Fold, reader: &mut impl Reader) {
    let mut word = Reading { reader, number: Number::Outside };
    match std::str::from_utf8(text) {
        Ok(text) => feed(text, fold, &mut word),
        Err(_) => {
            for chunk in text.utf8_chunks() {
                feed(chunk.valid(), fold, &mut word);
                if !chunk.invalid().is_empty() {
                    word.end();
                }
            }
        }
    }
    word.end();
}

#[inline]
fn feed<R: Reader>(text: &str, fold: &Fold, word: &mut Reading<R>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let letter = LETTERS[usize::from(byte)];
        if letter != 0 && word.number != Number::Pending {
            word.number = Number::Outside;
            word.reader.letter(u32::from(letter));
            at += 1;
        } else if byte < 0x80 {
            word.code_point(u32::from(byte), fold);
            at += 1;
        } else {
            let character = text[at..].chars().next().map_or('\u{FFFD}', |character| character);
            word.code_point(character as u32, fold);
            at += character.len_utf8();
        }
    }
}

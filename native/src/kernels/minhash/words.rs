//! Words of a text as 64-bit hashes, normalised on the fly: no string is made.
//!
//! A word is a run of letters and numbers of any script, case folded and without combining marks; a run of digits with
//! single decimal separators inside reads as one `0`; an ideograph or kana is a word of its own; everything else separates.
//! Its hash: `h = SEED; h = (h ^ code point) * FACTOR` for each, then `mix(h)`, all modulo 2^64.

use super::fold::{ALONE, DIGIT, Fold, IGNORE, SEPARATOR};

const SEED: u64 = 0x51AF_D7ED_558C_CD25;
const FACTOR: u64 = 0xD6E8_FEB8_6659_FD93;

/// A bijection that spreads every bit over all others (the finaliser of splitmix64, Steele, Lea and Flood 2014).
#[inline]
pub const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Where a number stands: outside one, among its digits, or behind a separator that may belong to it.
#[derive(Clone, Copy, PartialEq)]
enum Number {
    Outside,
    Digits,
    Pending,
}

struct Word<'a, F> {
    emit: &'a mut F,
    hash: u64,
    number: Number,
}

impl<F: FnMut(u64)> Word<'_, F> {
    #[inline]
    fn letter(&mut self, code: u32) {
        self.hash = (self.hash ^ u64::from(code)).wrapping_mul(FACTOR);
    }

    #[inline]
    fn end(&mut self) {
        if self.hash != SEED {
            (self.emit)(mix(self.hash));
            self.hash = SEED;
        }
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
                    self.letter(u32::from(b'0'));
                }
                self.number = Number::Digits;
            }
            folded => {
                if self.number == Number::Pending || folded & ALONE != 0 {
                    self.end();
                }
                self.number = Number::Outside;
                self.letter(folded & !ALONE);
                if folded & ALONE != 0 {
                    self.end();
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

/// Calls `emit` with the hash of every word of `text`. Bytes that are not UTF-8 separate words.
#[inline]
pub fn words(text: &[u8], fold: &Fold, emit: &mut impl FnMut(u64)) {
    let mut word = Word { emit, hash: SEED, number: Number::Outside };
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
fn feed<F: FnMut(u64)>(text: &str, fold: &Fold, word: &mut Word<F>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let letter = LETTERS[usize::from(byte)];
        if letter != 0 && word.number != Number::Pending {
            word.number = Number::Outside;
            word.letter(u32::from(letter));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &[u8]) -> Vec<u64> {
        let mut hashes = Vec::new();
        words(text, &Fold::new(), &mut |hash| hashes.push(hash));
        hashes
    }

    #[track_caller]
    fn same(left: &str, right: &str) {
        assert_eq!(hashes(left.as_bytes()), hashes(right.as_bytes()), "{left:?} {right:?}");
    }

    #[test]
    fn what_reads_alike_is_alike() {
        same("The Quick, brown FOX!", " the\nquick brown\tfox");
        same("Übergröße", "u\u{308}bergro\u{308}ße");
        same("Ceny: 1.234,50 zł (12%)", "ceny 7 zł 99");
        same("on 12.03.2024, at 10", "on 0 at 0");
        same("l’homme", "l homme");
        same("soft\u{AD}ware", "software");
        same("水か", "水 か");
        same("x\u{FFFD}y", "x y");
    }

    #[test]
    fn what_differs_differs() {
        assert_ne!(hashes(b"abc"), hashes(b"abd"));
        assert_eq!(hashes(b"3.a 3. 4 5..6").len(), 6);
        assert_eq!(hashes("3.4 a1b22c".as_bytes()), hashes("0 a7b0c".as_bytes()));
        assert_eq!(hashes(b"one\xFFtwo").len(), 2);
        assert!(hashes(b"  .. --- \n").is_empty());
        assert!(hashes(b"").is_empty());
    }
}

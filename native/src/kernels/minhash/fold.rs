//! What one code point is to a signature: part of a word (and as which letter), an end of a word, a digit, or nothing.

use std::sync::LazyLock;

use super::fold_table::{DIGITS, FOLDS, IGNORED, SEPARATORS};

/// The code point ends a word.
pub const SEPARATOR: u32 = 0;
/// The code point is passed over: a combining mark or a format character.
pub const IGNORE: u32 = 1;
/// A decimal digit of any script.
pub const DIGIT: u32 = 2;
/// Set in the code of an ideograph or kana, which is a word of its own: those scripts put no spaces.
pub const ALONE: u32 = 1 << 31;

/// Code points below this one are looked up, the others settled by rule.
const TABLE: usize = 0x2_0000;

/// Code by code point; only the cache lines of the scripts in use are ever touched.
static CODES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut codes: Vec<u32> = (0..TABLE as u32).collect();
    for &(first, last, step, delta) in FOLDS {
        (first..=last).step_by(step as usize).for_each(|code| codes[code as usize] = code.wrapping_add_signed(delta));
    }
    for (ranges, class) in [(SEPARATORS, SEPARATOR), (IGNORED, IGNORE), (DIGITS, DIGIT)] {
        for &(first, last) in ranges {
            codes[first as usize..=last as usize].fill(class);
        }
    }
    for (first, last) in [(0x3041, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)] {
        codes[first..=last].iter_mut().filter(|code| **code > DIGIT).for_each(|code| *code |= ALONE);
    }
    codes
});

/// The table once, so that the hot loop does not ask whether it is there.
pub struct Fold(&'static [u32]);

impl Fold {
    pub fn new() -> Self {
        Self(&CODES)
    }

    /// `SEPARATOR`, `IGNORE`, `DIGIT`, or the folded code point, with `ALONE` set for an ideograph.
    #[inline]
    pub fn code(&self, code: u32) -> u32 {
        match self.0.get(code as usize) {
            Some(&folded) => folded,
            None if code < 0x4_0000 => code | ALONE,
            // Tags and variation selectors; private use beyond them is text.
            None if (0xE_0000..0xE_1000).contains(&code) => IGNORE,
            None => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(character: char) -> u32 {
        Fold::new().code(character as u32)
    }

    #[test]
    fn letters_lose_case_and_marks() {
        for (from, to) in
            [('A', 'a'), ('É', 'e'), ('ż', 'z'), ('Ş', 's'), ('İ', 'i'), ('Σ', 'σ'), ('ς', 'σ'), ('Ё', 'е'), ('Й', 'и'), ('Ά', 'α')]
        {
            assert_eq!(code(from), to as u32, "{from}");
        }
        for same in ['ß', 'ł', 'ø', 'đ', 'ъ', 'æ', 'ħ'] {
            assert_eq!(code(same), same as u32, "{same}");
        }
    }

    #[test]
    fn classes() {
        for separator in [' ', '\n', '.', '-', '„', '\u{200B}', '\u{A0}', '€', '😀', '\0'] {
            assert_eq!(code(separator), SEPARATOR, "{separator:?}");
        }
        for ignored in ['\u{301}', '\u{AD}', '\u{200D}', '\u{FE0F}', '\u{E0101}'] {
            assert_eq!(code(ignored), IGNORE, "{ignored:?}");
        }
        for digit in ['0', '9', '٣', '९'] {
            assert_eq!(code(digit), DIGIT, "{digit:?}");
        }
        for ideograph in ['水', 'か', '\u{20000}'] {
            assert_ne!(code(ideograph) & ALONE, 0, "{ideograph:?}");
        }
    }
}

//! When two values count as the same.

use crate::kernels::minhash::fold::{ALONE, DIGIT, Fold, IGNORE, SEPARATOR};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normalise {
    /// Byte for byte.
    None,
    /// Every run of Unicode `White_Space` is one space, and none stands at either end.
    Whitespace,
    /// Letters without case and marks (the table of the signatures, Unicode 17.0), digits as they are; every run of anything
    /// else is one space, and none stands at either end. Combining marks and format characters are passed over.
    Fold,
}

pub struct Normaliser {
    mode: Normalise,
    fold: Fold,
}

impl Normaliser {
    pub fn new(mode: Normalise) -> Self {
        Self { mode, fold: Fold::new() }
    }

    /// Appends the normal form. What is not UTF-8 counts as U+FFFD.
    pub fn append(&self, value: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        if self.mode == Normalise::None {
            out.extend_from_slice(value);
            return;
        }
        let mut space = false;
        for chunk in value.utf8_chunks() {
            let broken = (!chunk.invalid().is_empty()).then_some('\u{FFFD}');
            for character in chunk.valid().chars().chain(broken) {
                let character = match self.mode {
                    Normalise::Fold => match self.fold.code(character as u32) {
                        SEPARATOR => ' ',
                        IGNORE => continue,
                        DIGIT => character,
                        folded => char::from_u32(folded & !ALONE).unwrap_or(character),
                    },
                    _ if character.is_whitespace() => ' ',
                    _ => character,
                };
                if character == ' ' {
                    space = out.len() > start;
                    continue;
                }
                if std::mem::take(&mut space) {
                    out.push(b' ');
                }
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(mode: Normalise, text: &str) -> String {
        let mut out = Vec::new();
        Normaliser::new(mode).append(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn whitespace_is_one_space_inside_and_none_outside() {
        assert_eq!(normal(Normalise::Whitespace, " \u{A0}Eins\r\n\t zwei\u{2003}Drei \n"), "Eins zwei Drei");
        assert_eq!(normal(Normalise::Whitespace, " \n "), "");
        assert_eq!(normal(Normalise::None, " a  b "), " a  b ");
    }

    #[test]
    fn folding_takes_case_marks_and_punctuation_but_no_digit() {
        assert_eq!(normal(Normalise::Fold, "»ÉCOLE«, n°\u{A0}42…"), "ecole n 42");
        assert_eq!(normal(Normalise::Fold, "e\u{301}cole N\u{B0} 42"), "ecole n 42");
        assert_ne!(normal(Normalise::Fold, "Preis 10"), normal(Normalise::Fold, "Preis 20"));
        assert_eq!(normal(Normalise::Fold, "水か"), "水か");
        assert_eq!(normal(Normalise::Fold, "!?…"), "");
    }

    #[test]
    fn broken_bytes_are_one_replacement() {
        let mut out = Vec::new();
        Normaliser::new(Normalise::Whitespace).append(b"a \xFF b", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a \u{FFFD} b");
    }
}

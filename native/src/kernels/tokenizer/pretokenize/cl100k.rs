//! The pattern of cl100k, Llama 3 and Qwen.

use super::super::unicode_classes::{LETTER, MARK, NUMBER, OTHER, Table, class_at};
use super::Scan;
use super::rest::{blanks, contraction, letters, may_lead, numbers, others};

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cl100k {
    pub digits: usize,
}

impl Scan for Cl100k {
    #[inline]
    fn next(&self, table: &Table, text: &[u8], at: usize) -> usize {
        let (class, length) = class_at(table, text, at);
        let second = at + length;
        if class & LETTER != 0 {
            return letters(table, text, second);
        }
        if class == NUMBER {
            return numbers(table, text, second, self.digits);
        }
        if may_lead(class) {
            let short = contraction(text, at, true);
            if short > 0 {
                return at + short;
            }
            if second < text.len() {
                let (follows, follow_length) = class_at(table, text, second);
                if follows & LETTER != 0 {
                    return letters(table, text, second + follow_length);
                }
                if text[at] == b' ' && follows & (OTHER | MARK) != 0 {
                    return others(table, text, second + follow_length, b"\r\n");
                }
            }
            if class & (OTHER | MARK) != 0 {
                return others(table, text, second, b"\r\n");
            }
        }
        blanks(table, text, at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cuts;
    use super::*;

    #[test]
    fn words_take_one_character_before_them() {
        assert_eq!(cuts(&Cl100k { digits: 3 }, "(Der Müller\tmahlt"), ["(Der", " Müller", "\tmahlt"]);
    }

    #[test]
    fn contractions_fold_case_and_long_s() {
        assert_eq!(cuts(&Cl100k { digits: 3 }, "it'S we'ſ 'llama"), ["it", "'S", " we", "'ſ", " '", "llama"]);
    }

    #[test]
    fn numbers_are_cut_at_their_limit() {
        assert_eq!(cuts(&Cl100k { digits: 3 }, "12345 67"), ["123", "45", " ", "67"]);
        assert_eq!(cuts(&Cl100k { digits: 1 }, "123"), ["1", "2", "3"]);
    }

    #[test]
    fn white_space_leaves_its_last_character_to_the_next_word() {
        assert_eq!(cuts(&Cl100k { digits: 3 }, "a   b \n\n  c  "), ["a", "  ", " b", " \n\n", " ", " c", "  "]);
        assert_eq!(cuts(&Cl100k { digits: 3 }, "a ...\r\nb"), ["a", " ...\r\n", "b"]);
    }
}

//! The pattern of cl100k, Llama 3 and Qwen.

use super::super::unicode_classes::{LETTER, MARK, NUMBER, OTHER, SPACE, Table, class_at};
use super::Scan;
use super::rest::{blanks, contraction, letters, may_lead, numbers, others, run};

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cl100k {
    pub digits: usize,
    /// White space that ends the text is one pretoken, line breaks or not: `\s++$` in tiktoken's own pattern.
    pub last_run: bool,
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
        if self.last_run && run(table, text, at, SPACE) == text.len() {
            return text.len();
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
        assert_eq!(cuts(&Cl100k { digits: 3, last_run: false }, "(Der Müller\tmahlt"), ["(Der", " Müller", "\tmahlt"]);
    }

    #[test]
    fn contractions_fold_case_and_long_s() {
        assert_eq!(cuts(&Cl100k { digits: 3, last_run: false }, "it'S we'ſ 'llama"), ["it", "'S", " we", "'ſ", " '", "llama"]);
    }

    #[test]
    fn numbers_are_cut_at_their_limit() {
        assert_eq!(cuts(&Cl100k { digits: 3, last_run: false }, "12345 67"), ["123", "45", " ", "67"]);
        assert_eq!(cuts(&Cl100k { digits: 1, last_run: false }, "123"), ["1", "2", "3"]);
    }

    #[test]
    fn white_space_leaves_its_last_character_to_the_next_word() {
        assert_eq!(cuts(&Cl100k { digits: 3, last_run: false }, "a   b \n\n  c  "), ["a", "  ", " b", " \n\n", " ", " c", "  "]);
        assert_eq!(cuts(&Cl100k { digits: 3, last_run: false }, "a ...\r\nb"), ["a", " ...\r\n", "b"]);
    }

    #[test]
    fn white_space_at_the_end_is_one_pretoken_for_tiktoken() {
        assert_eq!(cuts(&Cl100k { digits: 3, last_run: true }, "a \n b \n "), ["a", " \n", " b", " \n "]);
        assert_eq!(cuts(&Cl100k { digits: 3, last_run: false }, "a \n b \n "), ["a", " \n", " b", " \n", " "]);
    }
}

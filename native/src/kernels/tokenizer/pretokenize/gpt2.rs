//! The pattern of GPT-2: `ByteLevel` with `use_regex`.

use super::super::unicode_classes::{BLANK, LETTER, MARK, NUMBER, OTHER, Table, class_at};
use super::Scan;
use super::rest::{blanks_without_lines, contraction, letters, others, run};

/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gpt2;

impl Scan for Gpt2 {
    #[inline]
    fn next(&self, table: &Table, text: &[u8], at: usize) -> usize {
        let (mut class, length) = class_at(table, text, at);
        let mut second = at + length;
        if class == OTHER {
            let short = contraction(text, at, false);
            if short > 0 {
                return at + short;
            }
        }
        if class == BLANK && text[at] == b' ' && second < text.len() {
            let (follows, follow_length) = class_at(table, text, second);
            if follows & (LETTER | NUMBER | OTHER | MARK) != 0 {
                (class, second) = (follows, second + follow_length);
            }
        }
        match class {
            c if c & LETTER != 0 => letters(table, text, second),
            NUMBER => run(table, text, second, NUMBER),
            OTHER | MARK => others(table, text, second, b""),
            _ => blanks_without_lines(table, text, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cuts;
    use super::*;

    #[test]
    fn words_numbers_and_signs_take_one_space() {
        assert_eq!(cuts(&Gpt2, "Das  Jahr 2024 !?'s'S"), ["Das", " ", " Jahr", " 2024", " !?'", "s", "'", "S"]);
    }

    #[test]
    fn contractions_are_cut_only_where_a_pretoken_begins() {
        assert_eq!(cuts(&Gpt2, "it's we'LL 've"), ["it", "'s", " we", "'", "LL", " '", "ve"]);
    }

    #[test]
    fn line_breaks_are_white_space_like_any() {
        assert_eq!(cuts(&Gpt2, "a\n\n b\n"), ["a", "\n\n", " b", "\n"]);
    }
}

//! What the measures ask of single characters and of their runs.

use super::marks::{DECIMALS, NUMBERS, PUNCTUATION, SENTENCE_ENDS, TERMINAL};
use crate::kernels::segment::classes::{Classes, LETTER, SPACE, classes};

type Runs = [(u32, u32)];

fn holds(runs: &Runs, point: u32) -> bool {
    let after = runs.partition_point(|&(first, _)| first <= point);
    after > 0 && point <= runs[after - 1].1
}

/// datatrove 0.10's terminal punctuation.
pub fn is_terminal(point: u32) -> bool {
    if point < 0x80 { matches!(point, 0x21 | 0x2E | 0x3F) } else { holds(TERMINAL, point) }
}

/// Ends a sentence for spaCy's sentencizer.
pub fn is_sentence_end(point: u32) -> bool {
    if point < 0x80 { matches!(point, 0x21 | 0x2E | 0x3F) } else { holds(SENTENCE_ENDS, point) }
}

/// Python's `\d`.
pub fn is_decimal(point: u32) -> bool {
    if point < 0x80 { point.wrapping_sub(0x30) < 10 } else { holds(DECIMALS, point) }
}

/// Python's `\w`.
pub fn is_word(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || character == '_';
    }
    classes().of(u32::from(character)) & LETTER != 0 || holds(NUMBERS, u32::from(character))
}

/// Whether every character is of general category P: spaCy's `is_punct`.
pub fn is_punctuation(word: &[u8]) -> bool {
    let mut rest = word;
    while !rest.is_empty() {
        let (point, _, length) = classes().next(rest);
        if !holds(PUNCTUATION, point) {
            return false;
        }
        rest = &rest[length..];
    }
    true
}

/// Code points: bytes that are not inside a character.
pub fn count_chars(text: &[u8]) -> usize {
    // Sums of up to 255 fit a byte, and bytes are added 16 at a time.
    text.chunks(255).map(|chunk| usize::from(chunk.iter().map(|&byte| u8::from(byte & 0xC0 != 0x80)).sum::<u8>())).sum()
}

/// The last character of non-empty UTF-8, 0xFFFF where it is none.
pub fn last_char(text: &[u8]) -> u32 {
    let last = text[text.len() - 1];
    if last < 0x80 {
        return u32::from(last);
    }
    let start = text.iter().rposition(|&byte| byte & 0xC0 != 0x80).unwrap_or(0);
    classes().next(&text[start..]).0
}

/// Where `text[start..end]` begins and ends without white space around it: Python's `strip`.
pub fn strip(text: &[u8], (start, end): (usize, usize), classes: &Classes) -> (usize, usize) {
    let start = skip_space(text, start, end, classes);
    let mut end = end;
    while end > start {
        let mut at = end - 1;
        while at > start && text[at] & 0xC0 == 0x80 {
            at -= 1;
        }
        if classes.next(&text[at..end]).1 & SPACE == 0 {
            break;
        }
        end = at;
    }
    (start, end)
}

/// The first byte from `start` on that is no white space: Python's `lstrip`.
pub fn skip_space(text: &[u8], start: usize, end: usize, classes: &Classes) -> usize {
    let mut at = start;
    while at < end {
        let (_, class, length) = classes.next(&text[at..end]);
        if class & SPACE == 0 {
            break;
        }
        at += length;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_told_apart() {
        assert!(is_terminal(u32::from('?')) && is_terminal(u32::from('。')) && !is_terminal(u32::from(':')));
        assert!(is_sentence_end(u32::from('!')) && !is_sentence_end(u32::from('…')));
        assert!(is_decimal(u32::from('7')) && is_decimal(u32::from('٣')) && !is_decimal(u32::from('²')));
        assert!(is_word('ß') && is_word('²') && is_word('_') && !is_word('-') && !is_word('\u{301}'));
        assert!(is_punctuation("»)".as_bytes()) && !is_punctuation("$".as_bytes()) && !is_punctuation(" ".as_bytes()));
    }

    #[test]
    fn white_space_around_goes() {
        let text = "\u{2003} a\u{85}b \u{1f}".as_bytes();
        assert_eq!(strip(text, (0, text.len()), classes()), (4, 8));
        assert_eq!(strip(b"  ", (0, 2), classes()), (2, 2));
        assert_eq!(last_char("aé".as_bytes()), 0xE9);
        assert_eq!(count_chars("aéЖ👩".as_bytes()), 4);
    }
}

//! What of a text a model is given: at most so many bytes, and for a model trained on normalised text its words alone.

use crate::kernels::segment::classes::{Classes, LETTER, classes};

/// How a model wants its text; the reference knows none of this, so the default changes nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// Most bytes of a text; of a longer one a third each from the start, the middle and the end. 0: all of it.
    pub most_bytes: usize,
    /// Lower-case letters with their marks, signs of code each as a word, `0` for a run of digits, spaces for the rest:
    /// what `scripts/train-language-model/normalise.py` does to the training text.
    pub normalised: bool,
}

const PIECES: usize = 3;
/// How far a piece's start moves to the next space; scripts without spaces are cut between two characters.
const SEARCH: usize = 64;

/// The parts of a text within `most` bytes, in order, cut at spaces where there are some, never inside a character.
pub fn pieces(text: &[u8], most: usize) -> impl Iterator<Item = &[u8]> {
    let whole = most == 0 || text.len() <= most;
    let size = most / PIECES;
    (0..if whole { 1 } else { PIECES }).map(move |piece| {
        if whole {
            return text;
        }
        let start = (text.len() - size) / (PIECES - 1) * piece;
        let end = if piece == PIECES - 1 { text.len() } else { border(text, start + size) };
        &text[if piece == 0 { 0 } else { border(text, start) }..end]
    })
}

/// The first space within `SEARCH` bytes from `at`, else the next start of a character.
fn border(text: &[u8], at: usize) -> usize {
    let ahead = &text[at..text.len().min(at + SEARCH)];
    let space = ahead.iter().position(|&byte| byte <= b' ');
    at + space.unwrap_or_else(|| ahead.iter().position(|&byte| byte & 0xC0 != 0x80).unwrap_or(ahead.len()))
}

fn is_sign(byte: u8) -> bool {
    matches!(
        byte,
        b'{' | b'}'
            | b'['
            | b']'
            | b'<'
            | b'>'
            | b'='
            | b';'
            | b'/'
            | b'\\'
            | b'|'
            | b'@'
            | b'#'
            | b'$'
            | b'%'
            | b'^'
            | b'&'
            | b'*'
            | b'_'
            | b'~'
            | b'+'
            | b'`'
    )
}

/// Marks that belong to words: of Latin, Cyrillic, Hebrew and Arabic letters, and the scripts of South Asia and Thailand.
fn is_mark(code: u32) -> bool {
    matches!(code, 0x300..=0x36F | 0x483..=0x487 | 0x591..=0x5C7 | 0x610..=0x61A | 0x64B..=0x65F | 0x670 | 0x900..=0xE7F)
}

/// Appends the normalised text, with a space after each word of signs; runs of spaces are left to the splitter.
pub fn normalise(text: &[u8], into: &mut Vec<u8>) {
    let classes = classes();
    let mut at = 0;
    let mut after_digit = false;
    while at < text.len() {
        let byte = text[at];
        if byte < 0x80 {
            at += 1;
            let digit = byte.is_ascii_digit();
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' => into.push(byte | 0x20),
                b'0'..=b'9' if after_digit => {}
                b'0'..=b'9' => into.push(b'0'),
                _ if is_sign(byte) => into.extend_from_slice(&[b' ', byte, b' ']),
                _ => into.push(b' '),
            }
            after_digit = digit;
            continue;
        }
        at += other(classes, &text[at..], into);
        after_digit = false;
    }
}

/// One character beyond ASCII; returns its length.
fn other(classes: &Classes, text: &[u8], into: &mut Vec<u8>) -> usize {
    let (code, class, length) = classes.next(text);
    match char::from_u32(code) {
        Some('\u{AD}' | '\u{200C}' | '\u{200D}') => {}
        Some('\u{FFFD}') => into.extend_from_slice(" \u{FFFD} ".as_bytes()),
        Some(character) if class & LETTER != 0 => {
            for lower in character.to_lowercase() {
                into.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        Some(_) if is_mark(code) => into.extend_from_slice(&text[..length]),
        _ => into.push(b' '),
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normalised(text: &str) -> String {
        let mut into = Vec::new();
        normalise(text.as_bytes(), &mut into);
        String::from_utf8(into).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_signs_and_digits_remain() {
        assert_eq!(normalised("L'ÉTÉ 2024: «plus» chaud…"), "l été 0 plus chaud");
        assert_eq!(normalised("if(a>=0x1F){b;}"), "if a > = 0x0f { b ; }");
        assert_eq!(normalised("\u{FFFD}Ж\u{301}у\u{AD}к İ हिन्दी"), "\u{FFFD} ж\u{301}ук i\u{307} हिन्दी");
        assert_eq!(normalised("–— 12,5 %"), "0 0 %");
    }

    #[test]
    fn a_long_text_gives_its_start_middle_and_end() {
        let text = (0..1000).fold(String::new(), |all, i| all + &format!("{i:04} "));
        let parts: Vec<_> = pieces(text.as_bytes(), 300).map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect();
        assert_eq!(parts.len(), 3);
        assert!(parts[0].starts_with("0000 ") && parts[2].ends_with("0999 "));
        assert!(parts[1].contains("0500"));
        assert!(parts.iter().all(|part| part.split_whitespace().all(|word| word.len() == 4)));
        assert_eq!(pieces(text.as_bytes(), 0).next(), Some(text.as_bytes()));
    }

    proptest! {
        #[test]
        fn pieces_are_whole_characters_in_order(text in "\\PC{0,400}", most in 3_usize..500) {
            let mut from = 0;
            for piece in pieces(text.as_bytes(), most) {
                let part = std::str::from_utf8(piece).unwrap();
                prop_assert!(part.len() <= most.max(most / 3 + SEARCH + 4));
                let at = piece.as_ptr() as usize - text.as_ptr() as usize;
                prop_assert!(at >= from || piece.is_empty() || most / 3 * 3 + 3 * SEARCH > text.len());
                from = at;
            }
        }
    }
}

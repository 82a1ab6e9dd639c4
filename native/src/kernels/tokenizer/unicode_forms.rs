//! NFC and NFKC as Hugging Face `tokenizers` 0.23.3 applies them: with the tables of Unicode 9.0, in which later characters
//! neither decompose nor compose nor move.

use super::sink::Sink;
use std::sync::OnceLock;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Eq, Ord)]
pub enum Form {
    Nfc,
    Nfkc,
}

/// A character that normalisation may touch, alone or with its neighbours.
const ACTIVE: u8 = 1;
/// One that our tables would touch and the reference's do not know: it is passed on as it is.
const UNKNOWN: u8 = 2;

/// First and last code points of the characters newer than Unicode 9.0 that normalise in ours (18.0).
#[rustfmt::skip]
const NEWER: &[(u32, u32)] = &[
    (0x558, 0x558), (0x58B, 0x58C), (0x5C8, 0x5C9), (0x7FD, 0x7FD), (0x897, 0x89F), (0x8CA, 0x8D3), (0x9FE, 0x9FE),
    (0xC3C, 0xC3C), (0xD3B, 0xD3C), (0xEBA, 0xEBA), (0x1715, 0x1715), (0x1ABF, 0x1AF0), (0x1DF6, 0x1DFA), (0x209D, 0x209F),
    (0x32FF, 0x32FF), (0xA7F1, 0xA7F4), (0xA82C, 0xA82C), (0xAB69, 0xAB69), (0x105C9, 0x105C9), (0x105D2, 0x105D2),
    (0x105DA, 0x105DA), (0x105E4, 0x105E4), (0x10781, 0x10785), (0x10787, 0x107B0), (0x107B2, 0x107BF), (0x10D24, 0x10D27),
    (0x10D69, 0x10D6D), (0x10EAB, 0x10EAC), (0x10ECB, 0x10ECF), (0x10EF0, 0x10EFB), (0x10EFD, 0x10EFF), (0x10F46, 0x10F50),
    (0x10F82, 0x10F85), (0x11070, 0x11070), (0x1133B, 0x1133B), (0x11382, 0x11385), (0x1138B, 0x1138B), (0x1138E, 0x1138E),
    (0x11390, 0x11391), (0x113B8, 0x113B8), (0x113BB, 0x113BB), (0x113C2, 0x113C2), (0x113C5, 0x113C5), (0x113C7, 0x113C9),
    (0x113CE, 0x113D0), (0x1145E, 0x1145E), (0x11839, 0x1183A), (0x11930, 0x11930), (0x11935, 0x11935), (0x11938, 0x11938),
    (0x1193D, 0x1193E), (0x11943, 0x11943), (0x119E0, 0x119E0), (0x11A34, 0x11A34), (0x11A47, 0x11A47), (0x11A99, 0x11A99),
    (0x11D42, 0x11D42), (0x11D44, 0x11D45), (0x11D97, 0x11D97), (0x11F41, 0x11F42), (0x1611E, 0x16129), (0x1612F, 0x1612F),
    (0x16D63, 0x16D63), (0x16D67, 0x16D6A), (0x16FF0, 0x16FF1), (0x1B123, 0x1B126), (0x1CCD6, 0x1CCF9), (0x1D127, 0x1D128),
    (0x1D250, 0x1D252), (0x1D25B, 0x1D25C), (0x1D25F, 0x1D25F), (0x1D280, 0x1D281), (0x1D6A6, 0x1D6A6), (0x1DF95, 0x1DF95),
    (0x1DFCD, 0x1DFFF), (0x1E030, 0x1E06D), (0x1E08F, 0x1E08F), (0x1E130, 0x1E136), (0x1E2AE, 0x1E2AE), (0x1E2EC, 0x1E2EF),
    (0x1E4EC, 0x1E4EF), (0x1E5EE, 0x1E5EF), (0x1E6E3, 0x1E6E3), (0x1E6E6, 0x1E6E6), (0x1E6EE, 0x1E6EF), (0x1E6F5, 0x1E6F5),
    (0x1F16C, 0x1F16C), (0x1FBF0, 0x1FBF9),
];

impl Form {
    /// Whether the reference's tables know the character.
    pub fn is_known(c: char) -> bool {
        !NEWER.iter().any(|&(first, last)| (first..=last).contains(&(c as u32)))
    }

    fn marks(self) -> &'static [u8] {
        static TABLES: [OnceLock<Vec<u8>>; 2] = [OnceLock::new(), OnceLock::new()];
        TABLES[self as usize].get_or_init(|| {
            let mut marks: Vec<u8> = (0..0x11_0000).map(|c| char::from_u32(c).map_or(0, |c| self.touches(c))).collect();
            for &(first, last) in NEWER {
                marks[first as usize..=last as usize].fill(UNKNOWN);
            }
            marks
        })
    }

    fn touches(self, c: char) -> u8 {
        let quick = match self {
            Self::Nfc => is_nfc_quick(std::iter::once(c)),
            Self::Nfkc => is_nfkc_quick(std::iter::once(c)),
        };
        if quick == IsNormalized::Yes && canonical_combining_class(c) == 0 { 0 } else { ACTIVE }
    }

    /// Whether a text holds an active character: most hold none, and this is all that they cost.
    fn may_touch(self, marks: &[u8], text: &[u8]) -> bool {
        // No character below U+0300, whose bytes are all below CC, is touched by NFC, none of ASCII by NFKC.
        let quiet = if self == Self::Nfc { 0xCC } else { 0x80 };
        let mut at = 0;
        while let Some(skip) = text[at..].iter().position(|&byte| byte >= quiet) {
            at += skip;
            let length = match text[at] {
                0..0xC0 => 1,
                0xC0..0xE0 => 2,
                0xE0..0xF0 => 3,
                _ => 4,
            };
            let Some(bytes) = text.get(at..at + length) else { return true };
            let code_point =
                bytes[1..].iter().fold(usize::from(bytes[0]) & (0xFF >> (length + 1)), |sum, &byte| sum << 6 | usize::from(byte & 0x3F));
            if length > 1 && marks.get(code_point).is_none_or(|&mark| mark == ACTIVE) {
                return true;
            }
            at += length;
        }
        false
    }

    /// Writes the normalised text; false, and nothing written, if it is the text given. Only the characters that may change,
    /// from the one before them, go through the normaliser: the others end its reach by definition.
    pub fn apply(self, text: &[u8], sink: &mut Sink) -> bool {
        let marks = self.marks();
        if !self.may_touch(marks, text) {
            return false;
        }
        // Bytes that are not UTF-8 reach this only through a bug upstream; they stay what they are.
        let Ok(text) = std::str::from_utf8(text) else { return false };
        let active = |c: char| marks[c as usize] == ACTIVE;
        let (mut copied, mut before) = (0, None);
        let mut characters = text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            if !active(c) {
                before = (marks[c as usize] != UNKNOWN).then_some(at);
                continue;
            }
            let from = before.take().unwrap_or(at).max(copied);
            while characters.next_if(|&(_, c)| active(c)).is_some() {}
            let end = characters.peek().map_or(text.len(), |&(next, _)| next);
            sink.keep(text.as_bytes(), copied, from);
            match self {
                Self::Nfc => text[from..end].nfc().for_each(|c| sink.put_char(from, end, c)),
                Self::Nfkc => text[from..end].nfkc().for_each(|c| sink.put_char(from, end, c)),
            }
            copied = end;
        }
        sink.keep(text.as_bytes(), copied, text.len());
        true
    }
}

/// The canonical decomposition of one character, in order.
pub fn decompose(c: char, emit: impl FnMut(char)) {
    let mut emit = emit;
    if Form::is_known(c) { decompose_canonical(c, emit) } else { emit(c) }
}

#[cfg(test)]
mod tests {
    use super::super::sink::Side;
    use super::*;
    use proptest::prelude::*;

    fn applied(form: Form, text: &str) -> String {
        let mut side = Side::default();
        let changed = form.apply(text.as_bytes(), &mut Sink { side: &mut side, with_spans: false });
        if changed { String::from_utf8(side.bytes).unwrap() } else { text.to_owned() }
    }

    fn nfc(text: &str) -> String {
        applied(Form::Nfc, text)
    }

    #[test]
    fn letters_and_marks_compose() {
        assert_eq!(nfc("Mu\u{308}ller"), "Müller");
        assert_eq!(nfc("q\u{307}\u{323}x"), "q\u{323}\u{307}x");
        assert_eq!(nfc("\u{1100}\u{1161}\u{11a8}"), "각");
        assert_eq!(nfc("\u{958}"), "\u{915}\u{93c}");
    }

    #[test]
    fn characters_newer_than_the_reference_stay_where_they_are() {
        // U+07FD came with Unicode 11: its class 220 would bring it before U+0301.
        assert_eq!(nfc("a\u{301}\u{7fd}"), "á\u{7fd}");
        assert_eq!(nfc("\u{301}\u{7fd}"), "\u{301}\u{7fd}");
        assert_eq!(nfc("\u{105d2}\u{307}"), "\u{105d2}\u{307}");
    }

    proptest! {
        #[test]
        fn cutting_at_quiet_characters_changes_nothing(text in "[a-eà-é\u{300}-\u{330}\u{1100}-\u{1112}\u{1161}-\u{1175}\u{11a8}-\u{11c2}가-각ﬁ½\u{958}क]{0,40}") {
            prop_assert_eq!(applied(Form::Nfc, &text), text.nfc().collect::<String>());
            prop_assert_eq!(applied(Form::Nfkc, &text), text.nfkc().collect::<String>());
        }
    }
}

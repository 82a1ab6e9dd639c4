//! Places at which a text may be cut without changing what pieces it becomes: between two characters that stand beside each
//! other in no piece. No merge and no piece can reach over such a place, so every part can be encoded, and kept, on its own.

use super::code_points::code_point_at;
use super::pretokenize::Scan;
use super::unicode_classes::Table;

/// Bits of a table of hashes of neighbours: 128 KB. Two that share a bit only cost a cut.
const BITS: u32 = 20;

pub struct Cuts {
    neighbours: Vec<u64>,
    /// Cut only before spaces: without byte fallback, unknown characters beside each other become one token.
    spaces_only: bool,
}

#[inline]
fn bit(left: u32, right: u32) -> usize {
    let pair = u64::from(left) << 21 | u64::from(right);
    (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}

/// Characters whose neighbours are not looked at: letters of alphabets, nearly all of which stand beside each other in some
/// piece.
#[inline]
fn is_letter(c: u32) -> bool {
    matches!(c, 0x61..=0x7A | 0x41..=0x5A | 0xC0..0x2000)
}

impl Cuts {
    pub fn new<'a>(pieces: impl Iterator<Item = &'a [u8]>, spaces_only: bool) -> Self {
        let mut cuts = Self { neighbours: vec![0; 1 << (BITS - 6)], spaces_only };
        for piece in pieces {
            let (mut previous, mut at) = code_point_at(piece, 0);
            while at < piece.len() {
                let (c, length) = code_point_at(piece, at);
                let bit = bit(previous, c);
                cuts.neighbours[bit / 64] |= 1 << (bit % 64);
                (previous, at) = (c, at + length);
            }
        }
        cuts
    }

    /// No place at all.
    pub fn never() -> Self {
        Self { neighbours: vec![u64::MAX; 1 << (BITS - 6)], spaces_only: false }
    }

    #[inline]
    fn between(&self, left: u32, right: u32) -> bool {
        if is_letter(left) && is_letter(right) || self.spaces_only && right != u32::from(b' ') {
            return false;
        }
        let bit = bit(left, right);
        self.neighbours[bit / 64] >> (bit % 64) & 1 == 0
    }
}

impl Scan for Cuts {
    #[inline]
    fn next(&self, _table: &Table, text: &[u8], at: usize) -> usize {
        let (mut previous, length) = code_point_at(text, at);
        let mut end = at + length;
        while end < text.len() {
            let (c, length) = code_point_at(text, end);
            if self.between(previous, c) {
                break;
            }
            (previous, end) = (c, end + length);
        }
        end
    }
}

/// `Metaspace` with `split`: before every space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeforeSpaces;

impl Scan for BeforeSpaces {
    #[inline]
    fn next(&self, _table: &Table, text: &[u8], at: usize) -> usize {
        memchr::memchr(b' ', &text[at + 1..]).map_or(text.len(), |next| at + 1 + next)
    }
}

#[cfg(test)]
mod tests {
    use super::super::pretokenize::cuts;
    use super::*;

    fn pieces() -> impl Iterator<Item = &'static [u8]> {
        ["a", " a", " ab", "  ", "字字", ".", "a.", "1"].map(str::as_bytes).into_iter()
    }

    #[test]
    fn a_text_is_cut_between_characters_that_no_piece_joins() {
        assert_eq!(cuts(&Cuts::new(pieces(), false), " ab  ac.a字字文1"), [" ab", "  ac", ".", "a", "字字", "文", "1"]);
        assert_eq!(cuts(&Cuts::new(pieces(), true), " ab  ac.a字字文1"), [" ab", "  ac.a字字文1"]);
    }

    #[test]
    fn metaspace_cuts_before_every_space() {
        assert_eq!(cuts(&BeforeSpaces, "a  b c"), ["a", " ", " b", " c"]);
    }
}

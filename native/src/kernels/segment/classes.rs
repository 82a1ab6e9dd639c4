//! What a character is to the segmenter and the measures, from pinned tables: one load a character.

use std::sync::LazyLock;

use super::tables::RUNS;

/// General category L: what Python calls alphabetic.
pub const LETTER: u16 = 1;
/// What spaCy's rules call a lower-case letter; letters without case are both this and `UPPER`.
pub const LOWER: u16 = 1 << 1;
pub const UPPER: u16 = 1 << 2;
/// Python's `str.isspace`.
pub const SPACE: u16 = 1 << 3;
/// Punctuation that spaCy takes off the ends of words.
pub const PUNCT: u16 = 1 << 4;
pub const QUOTE: u16 = 1 << 5;
pub const CURRENCY: u16 = 1 << 6;
pub const ICON: u16 = 1 << 7;
/// datatrove's punctuation set: a word of these alone is no word to Gopher.
pub const SYMBOL: u16 = 1 << 8;
/// What spaCy's rules call a letter, with or without case.
pub const ALPHA: u16 = 1 << 9;
/// General category P.
pub const MARK: u16 = 1 << 10;
/// Ends a sentence when it is a word of its own.
pub const STOP: u16 = 1 << 11;
/// Python's `\w`.
pub const WORD: u16 = 1 << 12;
/// The script of a letter, in the top bits: index into `script::SCRIPTS` plus one.
pub const SCRIPT_SHIFT: u16 = 13;

const BLOCK: usize = 256;

pub struct Classes {
    /// Number of each block's table; equal blocks share one.
    blocks: Vec<u16>,
    tables: Vec<[u16; BLOCK]>,
}

static CLASSES: LazyLock<Classes> = LazyLock::new(Classes::build);

/// Built at first use, 80 KiB.
pub fn classes() -> &'static Classes {
    &CLASSES
}

impl Classes {
    fn build() -> Self {
        let mut all = vec![0_u16; 0x11_0000];
        for &(first, last, class) in RUNS {
            all[first as usize..=last as usize].fill(class);
        }
        let mut tables: Vec<[u16; BLOCK]> = Vec::new();
        let blocks = all
            .as_chunks::<BLOCK>()
            .0
            .iter()
            .map(|block| {
                let known = tables.iter().position(|table| table == block);
                known.unwrap_or_else(|| {
                    tables.push(*block);
                    tables.len() - 1
                }) as u16
            })
            .collect();
        Self { blocks, tables }
    }

    pub fn of(&self, point: u32) -> u16 {
        self.tables[self.blocks[point as usize / BLOCK] as usize][point as usize % BLOCK]
    }

    /// The first character of non-empty UTF-8: code point, class, length in bytes. Bytes that are no UTF-8 count as
    /// one character of no class each: a text column is UTF-8, and a damaged one must not stop a run.
    #[inline]
    pub fn next(&self, text: &[u8]) -> (u32, u16, usize) {
        let first = text[0];
        if first < 0x80 {
            return (u32::from(first), self.tables[self.blocks[0] as usize][first as usize], 1);
        }
        let (point, length) = decode(text);
        (point, self.of(point), length)
    }
}

fn decode(text: &[u8]) -> (u32, usize) {
    let tail = |i: usize| text.get(i).filter(|&&byte| byte & 0xC0 == 0x80).map(|&byte| u32::from(byte & 0x3F));
    let first = u32::from(text[0]);
    let decoded = match first {
        0xC2..=0xDF => tail(1).map(|a| ((first & 0x1F) << 6 | a, 2)),
        0xE0..=0xEF => tail(1).zip(tail(2)).map(|(a, b)| ((first & 0x0F) << 12 | a << 6 | b, 3)),
        0xF0..=0xF4 => tail(1).zip(tail(2)).zip(tail(3)).map(|((a, b), c)| ((first & 0x07) << 18 | a << 12 | b << 6 | c, 4)),
        _ => None,
    };
    decoded.filter(|&(point, _)| point < 0x11_0000).unwrap_or((0xFFFF, 1))
}

//! The five kinds of characters of the score, by code point as its description lists them.

use std::sync::LazyLock;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Letter,
    Space,
    Number,
    Punctuation,
    Symbol,
}

/// What one segment holds, in characters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub characters: usize,
    pub letters: usize,
    pub numbers: usize,
    pub punctuation: usize,
    pub symbols: usize,
    /// Addresses: `http` and `www` in it, one that follows the other counted once.
    pub urls: usize,
}

impl Counts {
    pub fn add(&mut self, other: Self) {
        self.characters += other.characters;
        self.letters += other.letters;
        self.numbers += other.numbers;
        self.punctuation += other.punctuation;
        self.symbols += other.symbols;
        self.urls += other.urls;
    }
}

pub fn count(line: &str) -> Counts {
    let mut kinds = [0_usize; 5];
    let table = &*TABLE;
    for character in line.chars() {
        let kind = match character as u32 {
            point @ 0..0x1_0000 => table[point as usize],
            0x1_0000..0x2_0000 => Kind::Symbol,
            _ => Kind::Letter,
        };
        kinds[kind as usize] += 1;
    }
    let [letters, spaces, numbers, punctuation, symbols] = kinds;
    Counts {
        characters: letters + spaces + numbers + punctuation + symbols,
        letters,
        numbers,
        punctuation,
        symbols,
        urls: urls(line.as_bytes()),
    }
}

fn urls(line: &[u8]) -> usize {
    let starts = |at: usize, word: &[u8]| line[at..].get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word));
    let https = memchr::memchr2_iter(b'h', b'H', line).filter(|&at| starts(at, b"http")).count();
    let wwws = memchr::memchr2_iter(b'w', b'W', line)
        .filter(|&at| {
            starts(at, b"www") && !line[..at].ends_with(b"://") && !line[..at].last().is_some_and(|b| b.eq_ignore_ascii_case(&b'w'))
        })
        .count();
    https + wwws
}

static TABLE: LazyLock<Box<[Kind]>> = LazyLock::new(|| {
    let mut table = vec![Kind::Letter; 0x1_0000].into_boxed_slice();
    // Where ranges of the description overlap the later group here wins: quotation marks and dashes (2010 to 2027) are punctuation.
    for (kind, ranges) in [(Kind::Symbol, SYMBOLS), (Kind::Number, NUMBERS), (Kind::Punctuation, PUNCTUATION), (Kind::Space, SPACES)] {
        for &(first, last) in ranges {
            table[first as usize..=last as usize].fill(kind);
        }
    }
    table
});

type Ranges = &'static [(u16, u16)];

const SPACES: Ranges = &[(0x0000, 0x0020), (0x007F, 0x00A0), (0x2B7E, 0x2B7E)];

const NUMBERS: Ranges = &[
    (0x0030, 0x0039),
    (0x0660, 0x0669),
    (0x06F0, 0x06F9),
    (0x0964, 0x096F),
    (0x09F2, 0x09F9),
    (0x0B66, 0x0B77),
    (0x0BE6, 0x0BFA),
    (0x0C66, 0x0C6F),
    (0x0C78, 0x0C7E),
    (0x0CE6, 0x0CEF),
    (0x0D66, 0x0D79),
    (0x0DE6, 0x0DEF),
    (0x0E50, 0x0E5B),
    (0x0EC0, 0x0ED9),
    (0x1040, 0x1049),
    (0x1090, 0x1099),
    (0x1369, 0x137C),
    (0x17E0, 0x17E9),
    (0x1810, 0x1819),
    (0x19D0, 0x19DA),
    (0x1A80, 0x1A99),
    (0x1B50, 0x1B59),
    (0x1C40, 0x1C49),
    (0x1C50, 0x1C59),
    (0xA830, 0xA839),
    (0xA8D0, 0xA8D9),
    (0xAA50, 0xAA59),
];

const PUNCTUATION: Ranges = &[
    (0x0021, 0x0022),
    (0x0027, 0x0029),
    (0x002C, 0x002E),
    (0x003A, 0x003B),
    (0x003F, 0x003F),
    (0x005B, 0x005B),
    (0x005D, 0x005D),
    (0x0060, 0x0060),
    (0x00A1, 0x00A1),
    (0x00B4, 0x00B5),
    (0x00B7, 0x00B7),
    (0x00BF, 0x00BF),
    (0x0589, 0x05C7),
    (0x0600, 0x061F),
    (0x066A, 0x066D),
    (0x06D4, 0x06ED),
    (0x0700, 0x070F),
    (0x0964, 0x0965),
    (0x1360, 0x1368),
    (0x1800, 0x180A),
    (0x1AB0, 0x1AFF),
    (0x1C78, 0x1C7F),
    (0x1CC0, 0x1CC7),
    (0x1FBD, 0x1FC1),
    (0x1FCD, 0x1FCF),
    (0x1FDD, 0x1FDF),
    (0x1FED, 0x1FEF),
    (0x1FFD, 0x2027),
    (0x3000, 0x303F),
    (0x4DC0, 0x4DFF),
    (0xA6F0, 0xA6F7),
    (0xFE10, 0xFE6F),
    (0xFF0C, 0xFF0E),
];

const SYMBOLS: Ranges = &[
    (0x0023, 0x0026),
    (0x002A, 0x002B),
    (0x002F, 0x002F),
    (0x003C, 0x003E),
    (0x0040, 0x0040),
    (0x005C, 0x005C),
    (0x007C, 0x007C),
    (0x007E, 0x007E),
    (0x00A2, 0x00B3),
    (0x00B8, 0x00BE),
    (0x00D7, 0x00D7),
    (0x00F7, 0x00F7),
    (0x02B0, 0x0385),
    (0x0483, 0x0489),
    (0x0559, 0x055F),
    (0x2010, 0x2E52),
    (0x3200, 0x33FF),
    (0xA670, 0xA67F),
];

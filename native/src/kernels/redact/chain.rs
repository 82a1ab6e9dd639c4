//! Groups of ASCII letters and digits with one separator between each two: `DE89 3704 0044`, `85.07.30-033.28`.

/// Longest identifier, an IBAN, has 34 characters.
pub const LONGEST: usize = 40;

/// Most groups: an IBAN in fours behind a country code of its own has eleven.
const MOST_GROUPS: usize = 12;

/// What stands between two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    Space,
    Dash,
    Dot,
    Slash,
}

/// Groups from one place on: at most `LONGEST` characters, upper-cased, with where each one ends.
#[derive(Debug)]
pub struct Chain {
    characters: [u8; LONGEST],
    ends: [usize; LONGEST],
    length: usize,
    /// Characters up to the end of each group, and what stands before the group.
    groups: [(u8, Option<Separator>); MOST_GROUPS],
    count: usize,
    digits: usize,
}

impl Default for Chain {
    fn default() -> Self {
        Self { characters: [0; LONGEST], ends: [0; LONGEST], length: 0, groups: [(0, None); MOST_GROUPS], count: 0, digits: 0 }
    }
}

/// A separator at the start of `text` and its bytes. Spaces: U+0020, tab, U+00A0, U+2007, U+2009, U+202F; dashes: `-`, U+2010, U+2011, U+2013.
pub fn separator(text: &[u8]) -> Option<(Separator, usize)> {
    match *text.first()? {
        b' ' | b'\t' => Some((Separator::Space, 1)),
        b'-' => Some((Separator::Dash, 1)),
        b'.' => Some((Separator::Dot, 1)),
        b'/' => Some((Separator::Slash, 1)),
        0xC2 if text.get(1) == Some(&0xA0) => Some((Separator::Space, 2)),
        0xE2 if text.get(1) == Some(&0x80) => match text.get(2)? {
            0x87 | 0x89 | 0xAF => Some((Separator::Space, 3)),
            0x90 | 0x91 | 0x93 => Some((Separator::Dash, 3)),
            _ => None,
        },
        _ => None,
    }
}

impl Chain {
    /// Reads groups from `from`, up to `to`. False when the first group alone is longer than any identifier.
    pub fn read(&mut self, text: &[u8], from: usize, to: usize) -> bool {
        (self.length, self.count, self.digits) = (0, 0, 0);
        let (mut at, mut before) = (from, None);
        loop {
            let (start, digits) = (self.length, self.digits);
            let mut lower = false;
            while at < to && text[at].is_ascii_alphanumeric() {
                if self.length == LONGEST {
                    (self.length, self.digits) = (start, digits);
                    return self.count > 0;
                }
                self.characters[self.length] = text[at].to_ascii_uppercase();
                lower |= text[at].is_ascii_lowercase();
                self.digits += usize::from(text[at].is_ascii_digit());
                at += 1;
                self.ends[self.length] = at;
                self.length += 1;
            }
            let letters = self.length - start - (self.digits - digits);
            // A word in small letters ends the chain: identifiers are printed in capitals between spaces.
            if self.length == start || (self.count > 0 && lower && letters > 1) || letter_follows(text, at) {
                (self.length, self.digits) = (start, digits);
                return true;
            }
            self.groups[self.count] = (self.length as u8, before);
            self.count += 1;
            let Some((kind, bytes)) = separator(&text[at..to]).filter(|_| self.count < MOST_GROUPS) else { return true };
            before = Some(kind);
            at += bytes;
        }
    }

    pub fn digits(&self) -> usize {
        self.digits
    }

    pub fn groups(&self) -> usize {
        self.count
    }

    /// Characters of the first `groups` groups, without separators.
    pub fn characters(&self, groups: usize) -> &[u8] {
        &self.characters[..usize::from(self.groups[groups - 1].0)]
    }

    /// Where the first `groups` groups end in the text.
    pub fn end(&self, groups: usize) -> usize {
        self.ends[usize::from(self.groups[groups - 1].0) - 1]
    }

    /// What stands before group `group`.
    pub fn separator_before(&self, group: usize) -> Option<Separator> {
        self.groups[group].1
    }

    /// Whether the lengths of the first groups are these.
    pub fn is_printed(&self, lengths: &[u8]) -> bool {
        let mut end = 0;
        lengths.len() <= self.count
            && lengths.iter().zip(&self.groups).all(|(length, group)| {
                end += length;
                group.0 == end
            })
    }
}

/// Whether a letter or digit beyond ASCII stands at `at`: then what ends there is a part of a word.
pub fn letter_follows(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|byte| !byte.is_ascii()) && character_at(text, at).is_some_and(char::is_alphanumeric)
}

/// The character that begins at `at`; None for what is not UTF-8.
pub fn character_at(text: &[u8], at: usize) -> Option<char> {
    let bytes = text.get(at..)?;
    let length = match *bytes.first()? {
        0..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}

/// The character that ends before `at`.
pub fn character_before(text: &[u8], at: usize) -> Option<char> {
    let start = (at.saturating_sub(4)..at).rev().find(|&i| text[i] & 0xC0 != 0x80)?;
    character_at(text, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut chain = Chain::default();
        assert!(chain.read(text.as_bytes(), 0, text.len()));
        (1..=chain.groups()).map(|n| String::from_utf8(chain.characters(n).to_vec()).unwrap()).collect()
    }

    #[test]
    fn groups_are_joined_by_one_separator() {
        assert_eq!(read("DE89 3704\u{a0}0044  0532"), ["DE89", "DE893704", "DE8937040044"]);
        assert_eq!(read("85.07.30-033.28,1"), ["85", "8507", "850730", "850730033", "85073003328"]);
        assert_eq!(read("12 Monate"), ["12"]);
    }

    #[test]
    fn a_group_that_a_letter_continues_is_none() {
        assert_eq!(read("12 34ä"), ["12"]);
    }

    #[test]
    fn long_groups_are_told() {
        assert!(!Chain::default().read(&[b'1'; 100], 0, 100));
    }
}

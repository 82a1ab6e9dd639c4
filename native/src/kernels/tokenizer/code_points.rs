//! Reading characters out of bytes that should be UTF-8 and need not be.

/// No character: a byte that begins no UTF-8 sequence is `STRAY` plus itself.
pub const STRAY: u32 = 0x11_0000;

/// The code point at `at` and its length in bytes.
#[inline]
pub fn code_point_at(text: &[u8], at: usize) -> (u32, usize) {
    let first = text[at];
    if first < 0x80 {
        return (u32::from(first), 1);
    }
    let tail = |i: usize| text.get(at + i).filter(|&&byte| byte & 0xC0 == 0x80).map(|&byte| u32::from(byte & 0x3F));
    let lead = u32::from(first);
    let found = if first < 0xE0 {
        if first >= 0xC2 { tail(1).map(|a| ((lead & 0x1F) << 6 | a, 2)) } else { None }
    } else if first < 0xF0 {
        tail(1).zip(tail(2)).map(|(a, b)| ((lead & 0x0F) << 12 | a << 6 | b, 3))
    } else {
        tail(1).zip(tail(2)).zip(tail(3)).map(|((a, b), c)| ((lead & 0x07) << 18 | a << 12 | b << 6 | c, 4))
    };
    found.filter(|&(code_point, _)| code_point < STRAY).unwrap_or((STRAY + lead, 1))
}

/// A value for each of some code points, `NONE` for the others: two levels, a few hundred KB for a large vocabulary.
pub struct CodePointMap {
    pages: Vec<u16>,
    values: Vec<u32>,
}

pub const NONE: u32 = u32::MAX;
const PAGE: usize = 256;

impl Default for CodePointMap {
    fn default() -> Self {
        // One page beyond the last character, for stray bytes.
        Self { pages: vec![0; STRAY as usize / PAGE + 1], values: vec![NONE; PAGE] }
    }
}

impl CodePointMap {
    pub fn set(&mut self, code_point: u32, value: u32) {
        let page = &mut self.pages[code_point as usize / PAGE];
        if *page == 0 {
            *page = (self.values.len() / PAGE) as u16;
            self.values.resize(self.values.len() + PAGE, NONE);
        }
        self.values[usize::from(*page) * PAGE + code_point as usize % PAGE] = value;
    }

    #[inline]
    pub fn get(&self, code_point: u32) -> u32 {
        let page = usize::from(self.pages[code_point as usize / PAGE]);
        self.values[page * PAGE + code_point as usize % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_read_and_stray_bytes_stand_alone() {
        for c in ['a', 'é', '字', '😀', '\u{10ffff}'] {
            assert_eq!(code_point_at(c.to_string().as_bytes(), 0), (c as u32, c.len_utf8()));
        }
        for bytes in [&b"\x80"[..], b"\xC3", b"\xE5\xAD", b"\xF0\x9F\x98", b"\xFF\xBF\xBF\xBF", b"\xC0\xAF", b"\xF4\xBF\xBF\xBF"] {
            assert_eq!(code_point_at(bytes, 0), (STRAY + u32::from(bytes[0]), 1), "{bytes:x?}");
        }
    }

    #[test]
    fn a_map_holds_what_was_set() {
        let mut map = CodePointMap::default();
        map.set(0x1F600, 7);
        map.set(0, 3);
        assert_eq!([map.get(0x1F600), map.get(0x1F601), map.get(0), map.get(STRAY + 0xFF)], [7, NONE, 3, NONE]);
    }
}

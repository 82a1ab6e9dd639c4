//! What a pretoken is known by in the cache and in the table of words.

/// Bytes that a key holds.
pub const SHORT: usize = 15;
/// Longer pretokens are seldom seen twice.
pub const LONGEST: usize = 512;

/// Up to 15 bytes with their number in the last one, or a hash of more bytes; 0 is no pretoken.
#[derive(Clone, Copy, Default)]
pub struct Key {
    low: u64,
    high: u64,
}

/// In place of a number of bytes: the rest is a hash.
const HASHED: u64 = 0xFF << 56;

/// By length, the bits of both halves that belong to the pretoken.
const MASKS: [(u64, u64); SHORT + 1] = {
    let mut masks = [(0, 0); SHORT + 1];
    let mut length = 1;
    while length <= SHORT {
        let mask = u128::MAX >> (128 - 8 * length);
        masks[length] = (mask as u64, (mask >> 64) as u64);
        length += 1;
    }
    masks
};

impl Key {
    /// Both halves at once: one branch where a comparison of each has two.
    #[inline]
    pub fn is(self, other: Self) -> bool {
        (self.low ^ other.low) | (self.high ^ other.high) == 0
    }

    #[inline]
    pub fn is_none(self) -> bool {
        self.high == 0
    }

    pub fn is_hashed(self) -> bool {
        self.high >= HASHED
    }

    /// The key of `text[at..end]`; for a short one two loads and a mask where 16 bytes are there to read.
    #[inline]
    pub fn new(text: &[u8], at: usize, end: usize) -> Self {
        let length = end - at;
        if length > SHORT {
            return Self::hashed(&text[at..end]);
        }
        let word = |from: usize| text.get(from..from + 8).map(|eight| u64::from_le_bytes(eight.try_into().expect("eight bytes")));
        let (low, high) = if let (Some(low), Some(high)) = (word(at), word(at + 8)) {
            (low, high)
        } else {
            let mut padded = [0; 16];
            padded[..length].copy_from_slice(&text[at..end]);
            let all = u128::from_le_bytes(padded);
            (all as u64, (all >> 64) as u64)
        };
        let (low_mask, high_mask) = MASKS[length & 15];
        Self { low: low & low_mask, high: high & high_mask | (length as u64) << 56 }
    }

    #[inline(never)]
    fn hashed(pretoken: &[u8]) -> Self {
        if pretoken.len() > LONGEST {
            return Self::default();
        }
        let hash = xxhash_rust::xxh3::xxh3_128(pretoken);
        Self { low: hash as u64, high: (hash >> 64) as u64 | HASHED }
    }

    #[inline]
    pub fn hash(self) -> u64 {
        let product = u128::from(self.low ^ 0x9E37_79B9_7F4A_7C15) * u128::from(self.high ^ 0xC2B2_AE3D_27D4_EB4F);
        (product as u64) ^ (product >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_bytes_and_by_length_and_not_by_what_follows() {
        let text = b"abc\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (length, other) in (1..=18).flat_map(|a| (1..=18).map(move |b| (a, b))) {
            assert_eq!(Key::new(text, 0, length).is(Key::new(text, 0, other)), length == other);
        }
        assert!(Key::new(b"grain and more than that", 0, 5).is(Key::new(b"grain", 0, 5)));
        assert!(Key::new(b"the last grain", 9, 14).is(Key::new(b"grain", 0, 5)));
        assert!(Key::new(&[b'a'; LONGEST + 1], 0, LONGEST + 1).is_none());
    }
}

//! Words of a normalised text (see `reading`) as 64-bit hashes: no string is made.
//!
//! The hash of a word: `h = SEED; h = (h ^ code point) * FACTOR` for each, then `mix(h)`, all modulo 2^64.

use super::fold::Fold;
use super::reading::{Reader, read};

const SEED: u64 = 0x51AF_D7ED_558C_CD25;
const FACTOR: u64 = 0xD6E8_FEB8_6659_FD93;

/// A bijection that spreads every bit over all others (the finaliser of splitmix64, Steele, Lea and Flood 2014).
#[inline]
pub const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

struct Words<'a, F> {
    emit: &'a mut F,
    hash: u64,
}

impl<F: FnMut(u64)> Reader for Words<'_, F> {
    #[inline]
    fn letter(&mut self, code: u32) {
        self.hash = (self.hash ^ u64::from(code)).wrapping_mul(FACTOR);
    }

    #[inline]
    fn end(&mut self) {
        if self.hash != SEED {
            (self.emit)(mix(self.hash));
            self.hash = SEED;
        }
    }

    #[inline]
    fn alone(&mut self, code: u32) {
        self.end();
        self.letter(code);
        self.end();
    }
}

/// Calls `emit` with the hash of every word of `text`.
#[inline]
pub fn words(text: &[u8], fold: &Fold, emit: &mut impl FnMut(u64)) {
    read(text, fold, &mut Words { emit, hash: SEED });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &[u8]) -> Vec<u64> {
        let mut hashes = Vec::new();
        words(text, &Fold::new(), &mut |hash| hashes.push(hash));
        hashes
    }

    #[track_caller]
    fn same(left: &str, right: &str) {
        assert_eq!(hashes(left.as_bytes()), hashes(right.as_bytes()), "{left:?} {right:?}");
    }

    #[test]
    fn what_reads_alike_is_alike() {
        same("The Quick, brown FOX!", " the\nquick brown\tfox");
        same("Übergröße", "u\u{308}bergro\u{308}ße");
        same("Ceny: 1.234,50 zł (12%)", "ceny 7 zł 99");
        same("on 12.03.2024, at 10", "on 0 at 0");
        same("l’homme", "l homme");
        same("soft\u{AD}ware", "software");
        same("水か", "水 か");
        same("x\u{FFFD}y", "x y");
    }

    #[test]
    fn what_differs_differs() {
        assert_ne!(hashes(b"abc"), hashes(b"abd"));
        assert_eq!(hashes(b"3.a 3. 4 5..6").len(), 6);
        assert_eq!(hashes("3.4 a1b22c".as_bytes()), hashes("0 a7b0c".as_bytes()));
        assert_eq!(hashes(b"one\xFFtwo").len(), 2);
        assert!(hashes(b"  .. --- \n").is_empty());
        assert!(hashes(b"").is_empty());
    }
}

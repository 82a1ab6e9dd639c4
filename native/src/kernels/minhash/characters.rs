//! Runs of characters of a normalised text (see `reading`) as 64-bit hashes: no string is made.
//!
//! The text is its words with one space between; around an ideograph or kana, whose scripts put no spaces, there is none. A
//! character is a Unicode scalar value of that text. A run's hash rolls: it is the polynomial of its values modulo the prime
//! 2^61 - 1 (Karp and Rabin 1987), then `mix`. Two different runs of n characters are two different polynomials of a degree
//! under n, so no more than n of the 2^61 bases make them equal, whatever text they are cut from: one pair in 2^55 at the most
//! for 64 characters. A modulus of 2^64 would give no such bound; the low bits of its sums hang on the low bits of letters.

use super::fold::Fold;
use super::modulo::{add, multiply, subtract};
use super::reading::{Reader, read};
use super::words::mix;

/// The most characters that one shingle may have.
pub const MOST_CHARACTERS: usize = 64;

/// Drawn once: less than the prime.
const BASE: u64 = 0x1B87_3593_A5C1_7D4F;

/// What is the same for all texts of a batch.
pub struct Roll {
    run: usize,
    /// BASE to the power of `run`: takes the oldest character out of the polynomial.
    out: u64,
}

impl Roll {
    /// For runs of 1 to `MOST_CHARACTERS`.
    pub fn new(run: usize) -> Self {
        Self { run, out: (0..run).fold(1, |power, _| multiply(power, BASE)) }
    }
}

struct Characters<'a, F> {
    emit: &'a mut F,
    roll: &'a Roll,
    recent: [u32; MOST_CHARACTERS],
    next: usize,
    missing: usize,
    polynomial: u64,
    /// The last character was a letter, so that a space may follow.
    spaced: bool,
    /// A word ended behind a letter: if another one comes, then behind a space.
    ended: bool,
}

impl<F: FnMut(u64)> Characters<'_, F> {
    #[inline]
    fn push(&mut self, code: u32) {
        let oldest = std::mem::replace(&mut self.recent[self.next], code);
        self.next = if self.next + 1 == self.roll.run { 0 } else { self.next + 1 };
        let entered = add(multiply(self.polynomial, BASE), u64::from(code));
        self.polynomial = subtract(entered, multiply(u64::from(oldest), self.roll.out));
        if self.missing > 0 {
            self.missing -= 1;
        } else {
            (self.emit)(mix(self.polynomial));
        }
    }
}

impl<F: FnMut(u64)> Reader for Characters<'_, F> {
    #[inline]
    fn letter(&mut self, code: u32) {
        if self.ended {
            self.push(u32::from(b' '));
            self.ended = false;
        }
        self.spaced = true;
        self.push(code);
    }

    #[inline]
    fn end(&mut self) {
        self.ended = self.spaced;
    }

    #[inline]
    fn alone(&mut self, code: u32) {
        (self.ended, self.spaced) = (false, false);
        self.push(code);
    }
}

/// Calls `emit` with the hash of every run of characters of `text`.
#[inline]
pub fn characters(text: &[u8], fold: &Fold, roll: &Roll, emit: &mut impl FnMut(u64)) {
    let (recent, missing) = ([0; MOST_CHARACTERS], roll.run - 1);
    read(text, fold, &mut Characters { emit, roll, recent, next: 0, missing, polynomial: 0, spaced: false, ended: false });
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::*;

    fn hashes(text: &[u8], run: usize) -> Vec<u64> {
        let mut hashes = Vec::new();
        characters(text, &Fold::new(), &Roll::new(run), &mut |hash| hashes.push(hash));
        hashes
    }

    #[track_caller]
    fn same(left: &str, right: &str) {
        assert_eq!(hashes(left.as_bytes(), 3), hashes(right.as_bytes(), 3), "{left:?} {right:?}");
    }

    #[test]
    fn what_reads_alike_is_alike() {
        same("The Quick, brown FOX!", "  the\nquick \u{A0} brown\tfox. ");
        same("Übergröße", "u\u{308}bergro\u{308}ße");
        same("Ceny: 1.234,50 zł (12%)", "ceny 7 zł 99");
        same("水は 方円の\n器に", "水は方円の器に。");
        same("das 手机 ist neu", "das手机ist neu");
        same("x\u{FFFD}y zz", "x y zz");
    }

    #[test]
    fn what_differs_differs() {
        assert_ne!(hashes(b"a bc", 3), hashes(b"ab c", 3));
        assert_ne!(hashes(b"abc", 3), hashes(b"cba", 3));
        assert_eq!(hashes(b"one\xFFtwo", 3).len(), 5);
        assert_eq!(hashes("水は方円の器に".as_bytes(), 3).len(), 5);
        assert!(hashes(b"ab .. --- \n", 3).is_empty());
        assert!(hashes(b"", 1).is_empty());
    }

    #[test]
    fn letters_that_repeat_do_not_collide() {
        // Every pair of two letters' patterns, those on which sums modulo 2^64 meet among them (Thue 1906, Morse 1921).
        let patterns: HashSet<String> =
            (0u32..1 << 16).map(|bits| (0..16).map(|at| if bits >> at & 1 == 0 { 'a' } else { 'b' }).collect()).collect();
        assert_eq!(patterns.iter().map(|text| hashes(text.as_bytes(), 16)[0]).collect::<HashSet<_>>().len(), patterns.len());
    }

    proptest! {
        #[test]
        fn the_hash_of_a_run_does_not_hang_on_what_is_before_it(text in "[a-c水は ]{0,200}", run in 1usize..=MOST_CHARACTERS) {
            let mut known = HashMap::new();
            // Letters of one row, without spaces at either end, are their own normal form.
            let letters: Vec<char> = text.chars().filter(|letter| *letter != ' ').collect();
            let all = hashes(letters.iter().collect::<String>().as_bytes(), run);
            prop_assert_eq!(all.len(), (letters.len() + 1).saturating_sub(run));
            for (window, &hash) in letters.windows(run).zip(&all) {
                prop_assert_eq!(hashes(window.iter().collect::<String>().as_bytes(), run), [hash]);
                prop_assert_eq!(*known.entry(hash).or_insert(window), window);
            }
        }
    }
}

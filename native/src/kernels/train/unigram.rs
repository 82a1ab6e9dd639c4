//! Unigram (Kudo 2018, section 3.2): from many seeds, in turns, scores by expectation and maximisation, then a quarter of the
//! pieces goes whose loss costs the sample least.

use super::lattice::{Pieces, Scratch, UNIT};
use super::seeds::seeds;
use super::words::WEIGHT_ONE;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Of all characters of the sample, as many as make up this share have a piece; the others are written as bytes.
const COVERAGE: f64 = 0.9995;
/// What stays after each turn.
const SHRINK: f64 = 0.75;
/// Expectation and maximisation before each cut.
const ROUNDS: usize = 2;
/// Words that a thread takes at a time.
const SOME: usize = 4096;

pub struct UnigramTraining {
    words: Vec<(Box<[u8]>, u64)>,
    /// Pieces and their scores, those of single characters first.
    pieces: Vec<(Vec<u8>, f64)>,
    characters: usize,
    goal: usize,
    threads: usize,
}

impl UnigramTraining {
    /// `goal` pieces without the unknown one and bytes.
    pub fn new(words: Vec<(Box<[u8]>, u64)>, goal: usize, threads: usize) -> Self {
        let characters = characters(&words, goal / 2);
        let many = seeds(&words, (goal * 8).clamp(100_000, 1_000_000));
        let counts: Vec<(Vec<u8>, u64)> = characters.into_iter().chain(many).collect();
        let single = counts.iter().take_while(|(piece, _)| after_first(piece) == piece.len()).count();
        let sum = libm::log(counts.iter().map(|(_, count)| *count as f64).sum());
        let pieces = counts.into_iter().map(|(piece, count)| (piece, libm::log(count.max(1) as f64) - sum)).collect();
        Self { words, pieces, characters: single, goal: goal.max(single), threads }
    }

    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// One turn; true when the vocabulary has its size.
    pub fn advance(&mut self) -> bool {
        for _ in 1..ROUNDS {
            self.maximise();
        }
        let (pieces, expected) = self.maximise();
        if self.pieces.len() <= self.goal {
            return true;
        }
        self.cut(&pieces, &expected);
        false
    }

    /// From the likeliest on.
    pub fn vocabulary(&self) -> Vec<(Vec<u8>, f64)> {
        let mut pieces = self.pieces.clone();
        pieces.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        pieces
    }

    /// New scores from how often each piece is expected, which are given in units with the pieces as they were.
    fn maximise(&mut self) -> (Pieces, Vec<u64>) {
        let pieces = Pieces::new(&self.pieces);
        let expected = self.expect(&pieces);
        // What is hardly expected keeps a score.
        let count = |units: u64| (units as f64 / UNIT).max(0.1);
        let sum = digamma(expected.iter().map(|&units| count(units)).sum());
        for ((_, score), &units) in self.pieces.iter_mut().zip(&expected) {
            *score = digamma(count(units)) - sum;
        }
        (pieces, expected)
    }

    fn expect(&self, pieces: &Pieces) -> Vec<u64> {
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut expected, mut scratch) = (vec![0_u64; self.pieces.len()], Scratch::default());
            loop {
                let from = next.fetch_add(SOME, Ordering::Relaxed);
                let Some(some) = self.words.get(from..(from + SOME).min(self.words.len())).filter(|some| !some.is_empty()) else {
                    return expected;
                };
                for (word, count) in some {
                    pieces.expect(word, *count as f64 / f64::from(WEIGHT_ONE), &mut scratch, &mut expected);
                }
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(work)).collect();
            let parts = threads.into_iter().map(|thread| thread.join().expect("counting pieces does not panic"));
            let add = |mut sum: Vec<u64>, part: Vec<u64>| {
                sum.iter_mut().zip(part).for_each(|(all, some)| *all += some);
                sum
            };
            parts.reduce(add).unwrap_or_default()
        })
    }

    /// Takes out the pieces that others stand in for at the least cost of likelihood.
    fn cut(&mut self, pieces: &Pieces, expected: &[u64]) {
        let keep = ((self.pieces.len() as f64 * SHRINK) as usize).max(self.goal);
        let (mut best, mut path) = (Vec::new(), Vec::new());
        let mut losses: Vec<(f64, usize)> = (self.characters..self.pieces.len())
            .map(|own| {
                let (piece, score) = &self.pieces[own];
                // A piece that nothing can stand in for has a character without a piece: bytes are dear.
                let instead = if pieces.without(piece, own as u32, &mut best, &mut path) {
                    path.iter().map(|&id| self.pieces[id as usize].1).sum()
                } else {
                    score - 10.0
                };
                (expected[own] as f64 / UNIT * (score - instead), own)
            })
            .collect();
        losses.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut stays: Vec<usize> = losses.iter().take(keep - self.characters).map(|&(_, own)| own).collect();
        stays.sort_unstable();
        let kept = (0..self.characters).chain(stays).map(|i| std::mem::take(&mut self.pieces[i])).collect();
        self.pieces = kept;
    }
}

/// Characters that get a piece whatever they cost, and their counts: printable ASCII and the most frequent ones up to the
/// coverage, `most` at most.
fn characters(words: &[(Box<[u8]>, u64)], most: usize) -> Vec<(Vec<u8>, u64)> {
    let mut counts: HashMap<char, u64> = (' '..='~').chain(['\n', '\t']).map(|c| (c, 0)).collect();
    for (word, count) in words {
        for c in String::from_utf8_lossy(word).chars().filter(|&c| c != char::REPLACEMENT_CHARACTER && c != '\u{2581}') {
            *counts.entry(c).or_insert(0) += count;
        }
    }
    let all: u64 = counts.values().sum();
    let mut sorted: Vec<(char, u64)> = counts.into_iter().collect();
    sorted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let (mut before, mut rank) = (0, 0);
    sorted.retain(|&(c, count)| {
        let covers = (before as f64) < all as f64 * COVERAGE && rank < most;
        before += count;
        rank += 1;
        covers || c.is_ascii()
    });
    sorted.into_iter().map(|(c, count)| (c.to_string().into_bytes(), count)).collect()
}

fn after_first(piece: &[u8]) -> usize {
    (1..piece.len()).find(|&end| piece[end] & 0xC0 != 0x80).unwrap_or(piece.len())
}

/// The derivative of the logarithm of the gamma function (Abramowitz and Stegun 6.3.5 and 6.3.18): in the logarithm's place it
/// takes more from what is rare.
fn digamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < 7.0 {
        below -= 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    below + libm::log(x) - 0.5 / x - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square / 252.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_has_its_known_values() {
        assert!((digamma(1.0) + 0.577_215_664_9).abs() < 1e-8);
        assert!((digamma(0.5) + 1.963_510_026_0).abs() < 1e-8);
        assert!((digamma(100.0) - 4.600_161_852_7).abs() < 1e-8);
    }
}

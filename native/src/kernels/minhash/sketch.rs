//! The sketch: `SKETCH` values of `SKETCH_BITS` bits, from which the Jaccard similarity of two shingle sets is estimated.
//!
//! Values are those of Fast Similarity Sketching (Dahlgaard, Knudsen and Thorup 2017): in each of `ROUNDS` rounds every shingle
//! falls into one bin with a random value, and a bin keeps the least value of the first round that reaches it; bins that no
//! round reached take the least of a hash family of their own over all shingles. For two sets the first round that reaches a
//! bin, and the least value in it, belong to a random member of the union: equal with probability J, as `MinHash` needs, without
//! bias. The work is that of about `SKETCH * 4` values a text and one a shingle, whatever the number of values; classic
//! `MinHash` takes `SKETCH` for every shingle.
//!
//! Of a value only `SKETCH_BITS` hashed bits stay (Li and Koenig 2010), so that unequal ones agree by chance one time in
//! `2^SKETCH_BITS`; `similarity` takes that out. The bits lie in planes: byte i of plane p holds bit p of values 8i to 8i + 7, so
//! that a comparison is a few hundred bytes of exclusive or and a count of ones.

use super::minima::{BLOCK, Block, Width};
use super::words::mix;

/// Values of a sketch; a power of two.
pub const SKETCH: usize = 2048;
/// Bits that stay of each value.
pub const SKETCH_BITS: usize = 2;
pub const SKETCH_BYTES: usize = PLANE_BYTES * SKETCH_BITS;
const PLANE_BYTES: usize = SKETCH / 8;

/// How often unequal values agree by chance.
const CHANCE: f64 = 1.0 / (1u64 << SKETCH_BITS) as f64;
/// Beyond these a bin is cheaper to fill by itself. Part of the definition.
const ROUNDS: u64 = 8;
/// The bin is the upper bits of a hash.
const BIN_SHIFT: u32 = 64 - SKETCH.trailing_zeros();
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
/// Above this many shingles empty bins are a sign of repetition, not of a short text.
const MANY: usize = 1 << 15;
const EMPTY: u64 = u64::MAX;
/// Of the functions that fill what no round reached. Low bits that count up keep any two apart, see `minima`.
const MULTIPLIERS: [u32; SKETCH] = {
    let (mut values, mut number) = ([0; SKETCH], 0);
    while number < SKETCH {
        values[number] = (mix(number as u64 ^ GOLDEN) as u32) << (64 - BIN_SHIFT) | number as u32;
        number += 1;
    }
    values
};
/// Empty bins that are filled together: what fits into the registers.
const LANES: usize = 64;

/// Room for the sketch of one text, reused for all of a batch.
pub struct Sketcher {
    width: Width,
    shingles: Vec<u64>,
    /// Round in the upper half, least value in the lower.
    bins: Box<[u64; SKETCH]>,
    /// Numbers of the bins that no round reached.
    empty: Box<[u16; SKETCH]>,
    block: Block,
}

impl Sketcher {
    pub fn new(width: Width) -> Self {
        Self { width, shingles: Vec::new(), bins: Box::new([EMPTY; SKETCH]), empty: Box::new([0; SKETCH]), block: Block::new() }
    }

    pub fn clear(&mut self) {
        self.shingles.clear();
        self.shingles.shrink_to(MANY);
    }

    /// The next shingle's hash, spread over all 64 bits.
    #[inline]
    pub fn push(&mut self, shingle: u64) {
        self.shingles.push(shingle);
    }

    /// Writes the sketch of what was pushed, at least one shingle.
    pub fn write(&mut self, sketch: &mut [u8; SKETCH_BYTES]) {
        self.fill();
        for (at, values) in self.bins.as_chunks::<8>().0.iter().enumerate() {
            let mut planes = [0; SKETCH_BITS];
            for (i, value) in values.iter().enumerate() {
                // The value's own low bits are not even for all families; its product's upper ones are.
                let bits = (*value as u32 ^ (at * 8 + i) as u32).wrapping_mul(0x9E37_79B1) >> (32 - SKETCH_BITS);
                for (plane, byte) in planes.iter_mut().enumerate() {
                    *byte |= ((bits >> plane & 1) as u8) << i;
                }
            }
            for (plane, byte) in planes.iter().enumerate() {
                sketch[plane * PLANE_BYTES + at] = *byte;
            }
        }
    }

    fn fill(&mut self) {
        self.bins.fill(EMPTY);
        let mut empty = SKETCH;
        for round in 0..ROUNDS {
            let (step, above) = (round.wrapping_mul(GOLDEN), round << 32);
            for &shingle in &self.shingles {
                let hash = if round == 0 { shingle } else { mix(shingle.wrapping_add(step)) };
                let bin = &mut self.bins[(hash >> BIN_SHIFT) as usize];
                empty -= usize::from(*bin == EMPTY);
                *bin = (*bin).min(above | hash & 0xFFFF_FFFF);
            }
            if empty == 0 {
                return;
            }
            if round == 0 && self.shingles.len() > MANY {
                self.shingles.sort_unstable();
                self.shingles.dedup();
            }
        }
        self.fill_rest(empty);
    }

    /// Each bin that is empty still takes the least value of a function of its own.
    fn fill_rest(&mut self, empty: usize) {
        // Written without a branch: which bins are empty cannot be predicted.
        let mut found = 0;
        for (number, bin) in self.bins.iter().enumerate() {
            self.empty[found.min(SKETCH - 1)] = number as u16;
            found += usize::from(*bin == EMPTY);
        }
        for numbers in self.empty[..empty].chunks(LANES) {
            let (mut multipliers, mut least) = ([0; LANES], [u32::MAX; LANES]);
            for (multiplier, &number) in multipliers.iter_mut().zip(numbers) {
                *multiplier = MULTIPLIERS[usize::from(number)];
            }
            for shingles in self.shingles.chunks(BLOCK) {
                shingles.iter().enumerate().for_each(|(at, &shingle)| self.block.set(at, shingle));
                self.width.lower::<LANES, LANES>(&mut least, &multipliers, &self.block, shingles.len());
            }
            for (&number, &least) in numbers.iter().zip(&least) {
                self.bins[usize::from(number)] = ROUNDS << 32 | u64::from(least);
            }
        }
    }
}

/// Estimated Jaccard similarity of two shingle sets from how many of their values are equal: without bias, under 0 cut to 0.
/// Standard error at J, with p = J + (1 - J) / 2^bits: sqrt(p (1 - p) / values) / (1 - 2^-bits), see `docs/decisions/duplicate-judgement.md`.
#[inline]
pub fn similarity(equal: u16) -> f64 {
    ((f64::from(equal) / SKETCH as f64 - CHANCE) / (1.0 - CHANCE)).max(0.0)
}

/// How many of the values are equal.
#[inline]
pub fn equal_values(left: &[u8; SKETCH_BYTES], right: &[u8; SKETCH_BYTES]) -> u16 {
    let (left, right) = (left.as_chunks::<8>().0, right.as_chunks::<8>().0);
    let mut unequal = 0;
    for word in 0..PLANE_BYTES / 8 {
        let mut differing = 0;
        for plane in 0..SKETCH_BITS {
            let at = plane * (PLANE_BYTES / 8) + word;
            differing |= u64::from_le_bytes(left[at]) ^ u64::from_le_bytes(right[at]);
        }
        unequal += differing.count_ones();
    }
    (SKETCH as u32 - unequal) as u16
}

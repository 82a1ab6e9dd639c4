//! The inner loops: for functions of a family, the smallest value over all shingles.
//!
//! Function i maps a shingle's 64-bit hash, halves (u, v), to `u * m[i] + v` modulo 2^32. For two functions whose
//! multipliers differ in the low 9 bits the values are independent and even but for at most 8 low bits of their difference,
//! so bands are pairwise independent and meet as often as theory says.
//! One multiplication, one addition, one minimum: all integer, so every instruction set gives the same result.

use super::words::mix;

/// Shingles handed over at once: the two halves stay in the first-level cache.
pub const BLOCK: usize = 512;

/// The shingle hashes of one block, as halves.
pub struct Block {
    pub low: [u32; BLOCK],
    pub high: [u32; BLOCK],
}

impl Block {
    pub const fn new() -> Self {
        Self { low: [0; BLOCK], high: [0; BLOCK] }
    }

    #[inline]
    pub fn set(&mut self, at: usize, hash: u64) {
        self.low[at] = hash as u32;
        self.high[at] = (hash >> 32) as u32;
    }
}

/// Multipliers drawn from `seed`, the low 9 bits counting up from `first`.
pub const fn multipliers<const N: usize>(seed: u64, first: u32) -> [u32; N] {
    let mut values = [0; N];
    let mut i = 0;
    while i < N {
        let random = mix(seed.wrapping_add((i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        values[i] = (random as u32) << 9 | (first + i as u32) & 511;
        i += 1;
    }
    values
}

/// `LANES` minima at a time stay in registers while the block passes by.
#[inline(always)]
#[allow(clippy::inline_always)] // The clones below differ in their instruction set only if the body is compiled into each.
fn lower<const N: usize, const LANES: usize>(minima: &mut [u32; N], multipliers: &[u32; N], block: &Block, shingles: usize) {
    const { assert!(N.is_multiple_of(LANES)) };
    let (low, high) = (&block.low[..shingles], &block.high[..shingles]);
    for (minima, multipliers) in minima.as_chunks_mut::<LANES>().0.iter_mut().zip(multipliers.as_chunks::<LANES>().0) {
        let mut least = *minima;
        for (&u, &v) in low.iter().zip(high) {
            for lane in 0..LANES {
                least[lane] = least[lane].min(u.wrapping_mul(multipliers[lane]).wrapping_add(v));
            }
        }
        *minima = least;
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn lower_avx512<const N: usize, const LANES: usize>(minima: &mut [u32; N], multipliers: &[u32; N], block: &Block, shingles: usize) {
    lower::<N, LANES>(minima, multipliers, block, shingles);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn lower_avx2<const N: usize, const LANES: usize>(minima: &mut [u32; N], multipliers: &[u32; N], block: &Block, shingles: usize) {
    lower::<N, LANES>(minima, multipliers, block, shingles);
}

/// Which clone of the loop runs: the widest that the processor has.
#[derive(Clone, Copy, Debug)]
pub enum Width {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Width {
    pub fn widest() -> Self {
        *Self::all().last().unwrap_or(&Self::Portable)
    }

    /// Every clone that this processor can run, narrow to wide.
    pub fn all() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut widths = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                widths.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512f") {
                widths.push(Self::Avx512);
            }
        }
        widths
    }

    /// Lowers `minima` by the first `shingles` of the block. `N` is a multiple of `LANES`, which is what fits into the registers.
    #[inline]
    pub fn lower<const N: usize, const LANES: usize>(self, minima: &mut [u32; N], multipliers: &[u32; N], block: &Block, shingles: usize) {
        match self {
            Self::Portable => lower::<N, LANES>(minima, multipliers, block, shingles),
            // SAFETY: the variant is only made by `all`, after the processor was asked.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { lower_avx2::<N, LANES>(minima, multipliers, block, shingles) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { lower_avx512::<N, LANES>(minima, multipliers, block, shingles) },
        }
    }
}

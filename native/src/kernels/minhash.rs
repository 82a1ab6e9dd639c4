//! Signatures of texts: band keys that find likely duplicates, a sketch that measures how like they are, a digest for equal ones.
//!
//! Shingles are n-grams of words (see `words`), their hash `mix` of the polynomial of the word hashes, or runs of characters of
//! the same normalised text (see `characters`). Bands are 14 x 8
//! `MinHash` minima of 32 bits (Broder 1997), each band folded into one key: two texts of similarity s share a key with
//! probability 1 - (1 - s^8)^14. The sketch (see `sketch`) is made of another mix of the shingles: the share of equal values
//! estimates the Jaccard similarity of the shingle sets.

mod characters;
pub mod datatrove;
pub(crate) mod fold;
mod fold_table;
mod minima;
pub(crate) mod modulo;
mod reading;
mod sketch;
#[cfg(test)]
pub mod tests;
mod words;

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

pub use characters::MOST_CHARACTERS;
use characters::{Roll, characters};
use fold::Fold;
use minima::{BLOCK, Block, Width, multipliers};
use sketch::Sketcher;
pub use sketch::{SKETCH, SKETCH_BITS, SKETCH_BYTES, equal_values, similarity};
use words::{mix, words};

/// Raised when the same text gets other band keys of word shingles. Keys of two versions are never compared.
pub const BAND_VERSION: u32 = 1;
/// Raised when the same text gets another sketch.
pub const SKETCH_VERSION: u32 = 2;

/// Raised when the same text gets other character shingles.
pub const CHARACTER_VERSION: u32 = 1;

pub const BANDS: usize = 14;
const MINIMA_PER_BAND: usize = 8;
pub const DIGEST_BYTES: usize = 16;

/// The most words that one shingle may have.
pub const MOST_WORDS: usize = 16;

const MINIMA: usize = BANDS * MINIMA_PER_BAND;
const BAND_MULTIPLIERS: [u32; MINIMA] = multipliers(0x7175_6572_6E5F_6231, 256);
/// Parts the shingle hashes of the sketch from those of the bands, so that a chance hit of a band says nothing about the estimate.
const SKETCH_SALT: u64 = 0x2545_F491_4F6C_DD1D;
/// The polynomial's base; odd.
const BASE: u64 = 0x9FB2_1C65_1E98_DF25;

/// One entry, or one fixed-size group, a row.
pub struct Signatures {
    /// `rows * BANDS` keys; zeros for a row without shingles.
    pub bands: Vec<u64>,
    /// `rows * SKETCH_BYTES`; zeros for a row without shingles.
    pub sketch: Vec<u8>,
    /// Shingles of the row, repeated ones counted each time; 0 for a text of fewer words than a shingle has, which is never a
    /// near-duplicate of anything.
    pub shingles: Vec<u32>,
    /// `rows * 16` bytes: XXH3-128 of the text's bytes, in the canonical (big-endian) order.
    pub digest: Vec<u8>,
}

/// What a shingle is: so many words, or so many characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shingles {
    Words(usize),
    Characters(usize),
}

impl Shingles {
    fn check(self) -> Result<(), String> {
        let (size, unit, most) = match self {
            Self::Words(size) => (size, "words", MOST_WORDS),
            Self::Characters(size) => (size, "characters", MOST_CHARACTERS),
        };
        if (1..=most).contains(&size) { Ok(()) } else { Err(format!("shingles of {size} {unit}, expected 1 to {most}")) }
    }
}

/// Signs the rows of a text column (`offsets` has rows + 1 ascending entries within `text`). `salts`, one a row or none at all,
/// part the band keys: rows of two salts have none in common, be their texts the same.
pub fn sign(text: &[u8], offsets: &[i32], shingles: Shingles, salts: &[u64]) -> Result<Signatures, String> {
    sign_with(text, offsets, shingles, salts, Width::widest())
}

fn sign_with(text: &[u8], offsets: &[i32], shingles: Shingles, salts: &[u64], width: Width) -> Result<Signatures, String> {
    shingles.check()?;
    let rows = offsets.len().saturating_sub(1);
    if !salts.is_empty() && salts.len() != rows {
        return Err(format!("{} salts for {rows} rows", salts.len()));
    }
    let mut signatures = Signatures {
        bands: vec![0; rows * BANDS],
        sketch: vec![0; rows * SKETCH_BYTES],
        shingles: vec![0; rows],
        digest: vec![0; rows * DIGEST_BYTES],
    };
    let mut hasher = Hasher::new(shingles, width);
    for (row, ends) in offsets.windows(2).enumerate() {
        let text = text.get(ends[0] as usize..ends[1] as usize).ok_or_else(|| format!("row {row} lies outside its column"))?;
        signatures.digest[row * DIGEST_BYTES..][..DIGEST_BYTES].copy_from_slice(&xxh3_128(text).to_be_bytes());
        signatures.shingles[row] = hasher.read(text);
        if signatures.shingles[row] > 0 {
            // The keys are even: those of one text under two salts differ, those of two texts meet once in 2^64 pairs.
            let salt = salts.get(row).copied().unwrap_or(0);
            for (band, minima) in hasher.minima.bands.as_chunks::<MINIMA_PER_BAND>().0.iter().enumerate() {
                signatures.bands[row * BANDS + band] = band_key(band, minima) ^ salt;
            }
            hasher.minima.sketch.write(&mut signatures.sketch.as_chunks_mut().0[row]);
        }
    }
    Ok(signatures)
}

fn band_key(band: usize, minima: &[u32; MINIMA_PER_BAND]) -> u64 {
    let mut bytes = [0; MINIMA_PER_BAND * 4];
    for (bytes, minimum) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(minima) {
        *bytes = minimum.to_le_bytes();
    }
    xxh3_64_with_seed(&bytes, band as u64)
}

/// Room for one text, reused for all of a batch.
struct Hasher {
    shingles: Cutter,
    fold: Fold,
    minima: Minima,
}

/// What cuts shingles, with what is the same for all texts.
enum Cutter {
    /// Words of a shingle, and BASE to that power: takes the oldest word out of the polynomial.
    Words(usize, u64),
    Characters(Roll),
}

/// The least values of the shingles of one text.
struct Minima {
    width: Width,
    bands: [u32; MINIMA],
    sketch: Sketcher,
    block: Block,
    filled: usize,
    shingles: u32,
}

impl Minima {
    #[inline]
    fn take(&mut self, shingle: u64) {
        self.block.set(self.filled, shingle);
        self.sketch.push(mix(shingle ^ SKETCH_SALT));
        (self.filled, self.shingles) = (self.filled + 1, self.shingles.saturating_add(1));
        if self.filled == BLOCK {
            self.lower();
        }
    }

    #[inline]
    fn lower(&mut self) {
        self.width.lower::<MINIMA, 56>(&mut self.bands, &BAND_MULTIPLIERS, &self.block, self.filled);
        self.filled = 0;
    }
}

impl Hasher {
    fn new(shingles: Shingles, width: Width) -> Self {
        let shingles = match shingles {
            Shingles::Words(size) => Cutter::Words(size, (0..size).fold(1, |power: u64, _| power.wrapping_mul(BASE))),
            Shingles::Characters(size) => Cutter::Characters(Roll::new(size)),
        };
        let minima = Minima { width, bands: [u32::MAX; MINIMA], sketch: Sketcher::new(width), block: Block::new(), filled: 0, shingles: 0 };
        Self { shingles, fold: Fold::new(), minima }
    }

    /// Sets the minima to those of `text` and returns how many shingles it has.
    fn read(&mut self, text: &[u8]) -> u32 {
        let Self { shingles, fold, minima } = self;
        minima.bands.fill(u32::MAX);
        minima.sketch.clear();
        (minima.filled, minima.shingles) = (0, 0);
        match shingles {
            Cutter::Words(size, out) => {
                let (mut recent, mut polynomial) = ([0u64; MOST_WORDS], 0u64);
                let (mut next, mut missing) = (0, *size - 1);
                words(text, fold, &mut |word| {
                    let oldest = std::mem::replace(&mut recent[next], word);
                    next = if next + 1 == *size { 0 } else { next + 1 };
                    polynomial = polynomial.wrapping_mul(BASE).wrapping_add(word).wrapping_sub(oldest.wrapping_mul(*out));
                    if missing > 0 {
                        missing -= 1;
                    } else {
                        minima.take(mix(polynomial));
                    }
                });
            }
            Cutter::Characters(roll) => characters(text, fold, roll, &mut |shingle| minima.take(shingle)),
        }
        minima.lower();
        minima.shingles
    }
}

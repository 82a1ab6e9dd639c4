//! Signatures of texts: band keys that find likely duplicates, a sketch that measures how like they are, a digest for equal ones.
//!
//! Shingles are n-grams of words (see `words`), their hash `mix` of the polynomial of the word hashes. Bands are 14 x 8
//! `MinHash` minima of 32 bits (Broder 1997), each band folded into one key: two texts of similarity s share a key with
//! probability 1 - (1 - s^8)^14. The sketch (see `sketch`) is made of another mix of the shingles: the share of equal values
//! estimates the Jaccard similarity of the shingle sets.

pub mod datatrove;
pub(crate) mod fold;
mod fold_table;
mod minima;
mod sketch;
#[cfg(test)]
pub mod tests;
mod words;

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

use fold::Fold;
use minima::{BLOCK, Block, Width, multipliers};
use sketch::Sketcher;
pub use sketch::{SKETCH, SKETCH_BITS, SKETCH_BYTES, equal_values, similarity};
use words::{mix, words};

/// Raised when the same text gets other band keys. Keys of two versions are never compared.
pub const BAND_VERSION: u32 = 1;
/// Raised when the same text gets another sketch.
pub const SKETCH_VERSION: u32 = 2;

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

/// Signs the rows of a text column (`offsets` has rows + 1 ascending entries within `text`), shingles being `ngram` words.
pub fn sign(text: &[u8], offsets: &[i32], ngram: usize) -> Result<Signatures, String> {
    sign_with(text, offsets, ngram, Width::widest())
}

fn sign_with(text: &[u8], offsets: &[i32], ngram: usize, width: Width) -> Result<Signatures, String> {
    if !(1..=MOST_WORDS).contains(&ngram) {
        return Err(format!("shingles of {ngram} words, expected 1 to {MOST_WORDS}"));
    }
    let rows = offsets.len().saturating_sub(1);
    let mut signatures = Signatures {
        bands: vec![0; rows * BANDS],
        sketch: vec![0; rows * SKETCH_BYTES],
        shingles: vec![0; rows],
        digest: vec![0; rows * DIGEST_BYTES],
    };
    let mut hasher = Hasher::new(ngram, width);
    for (row, ends) in offsets.windows(2).enumerate() {
        let text = text.get(ends[0] as usize..ends[1] as usize).ok_or_else(|| format!("row {row} lies outside its column"))?;
        signatures.digest[row * DIGEST_BYTES..][..DIGEST_BYTES].copy_from_slice(&xxh3_128(text).to_be_bytes());
        signatures.shingles[row] = hasher.read(text);
        if signatures.shingles[row] > 0 {
            for (band, minima) in hasher.bands.as_chunks::<MINIMA_PER_BAND>().0.iter().enumerate() {
                signatures.bands[row * BANDS + band] = band_key(band, minima);
            }
            hasher.sketch.write(&mut signatures.sketch.as_chunks_mut().0[row]);
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
    ngram: usize,
    width: Width,
    fold: Fold,
    /// BASE to the power of `ngram`: takes the oldest word out of the polynomial.
    out: u64,
    bands: [u32; MINIMA],
    sketch: Sketcher,
    block: Block,
}

impl Hasher {
    fn new(ngram: usize, width: Width) -> Self {
        Self {
            ngram,
            width,
            fold: Fold::new(),
            out: (0..ngram).fold(1, |power: u64, _| power.wrapping_mul(BASE)),
            bands: [u32::MAX; MINIMA],
            sketch: Sketcher::new(width),
            block: Block::new(),
        }
    }

    /// Sets the minima to those of `text` and returns how many shingles it has.
    fn read(&mut self, text: &[u8]) -> u32 {
        self.bands.fill(u32::MAX);
        self.sketch.clear();
        let Self { ngram, width, fold, out, bands, sketch, block } = self;
        let (mut recent, mut polynomial) = ([0u64; MOST_WORDS], 0u64);
        let (mut next, mut missing, mut filled, mut shingles) = (0, *ngram - 1, 0, 0u32);
        words(text, fold, &mut |word| {
            let oldest = std::mem::replace(&mut recent[next], word);
            next = if next + 1 == *ngram { 0 } else { next + 1 };
            polynomial = polynomial.wrapping_mul(BASE).wrapping_add(word).wrapping_sub(oldest.wrapping_mul(*out));
            if missing > 0 {
                missing -= 1;
                return;
            }
            let shingle = mix(polynomial);
            block.set(filled, shingle);
            sketch.push(mix(shingle ^ SKETCH_SALT));
            (filled, shingles) = (filled + 1, shingles.saturating_add(1));
            if filled == BLOCK {
                width.lower::<MINIMA, 56>(bands, &BAND_MULTIPLIERS, block, filled);
                filled = 0;
            }
        });
        width.lower::<MINIMA, 56>(bands, &BAND_MULTIPLIERS, block, filled);
        shingles
    }
}

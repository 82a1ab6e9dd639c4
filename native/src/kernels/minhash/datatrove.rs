//! The signatures of datatrove 0.10's `MinhashDedupSignature` with its default `MinhashConfig`, bit for bit.
//!
//! A text is simplified (`simplify`), parted into words by the rules of one language (`segment`), and every run of five
//! words, joined by one space, hashed. Value i of a shingle's hash x is `(x * a[i] + b[i]) mod 2^64 mod (2^61 - 1)`, its
//! lower half where hashes have 32 bits; the signature is the least of each over all shingles. The product wraps, which is
//! not the formula of the books, and has to.

mod draws;
mod nonspacing;
mod simplify;

use std::sync::LazyLock;

use sha1::{Digest, Sha1};
use xxhash_rust::{xxh3::xxh3_64_with_seed, xxh3::xxh3_128, xxh32::xxh32, xxh64::xxh64};

use super::minima::Width;
use super::sketch::{SKETCH_BYTES, Sketcher};
use super::words::mix;
use super::{BANDS, DIGEST_BYTES, SKETCH_SALT, Signatures};
use crate::kernels::segment::{Language, Segmenter};
use simplify::Simplifier;

/// Raised when the same text gets other values.
pub const DATATROVE_VERSION: u32 = 1;
/// Values of one text: 14 buckets of 8.
pub const MINIMA: usize = 112;
const PER_BUCKET: usize = MINIMA / BANDS;
const WORDS: usize = 5;
const MERSENNE: u64 = (1 << 61) - 1;

/// a and b of every value: numpy's `RandomState(1)`, 112 numbers of [1, 2^61 - 1), then 112 of [0, 2^61 - 1).
static PARAMETERS: LazyLock<([u64; MINIMA], [u64; MINIMA])> = LazyLock::new(|| {
    let mut draws = draws::Draws::new(1);
    let a = std::array::from_fn(|_| 1 + draws.up_to(MERSENNE - 2));
    (a, std::array::from_fn(|_| draws.up_to(MERSENNE - 1)))
});

/// `HashConfig`: what hashes a shingle, and in how many bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShingleHash {
    Xxhash64,
    Xxhash32,
    Sha1In64,
    Sha1In32,
}

impl ShingleHash {
    /// By its name: `xxhash-64`, `xxhash-32`, `sha1-64`, `sha1-32`.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "xxhash-64" => Ok(Self::Xxhash64),
            "xxhash-32" => Ok(Self::Xxhash32),
            "sha1-64" => Ok(Self::Sha1In64),
            "sha1-32" => Ok(Self::Sha1In32),
            _ => Err(format!("no hash of shingles is called {name}")),
        }
    }

    fn of(self, shingle: &[u8]) -> u64 {
        match self {
            Self::Xxhash64 => xxh64(shingle, 0),
            Self::Xxhash32 => u64::from(xxh32(shingle, 0)),
            Self::Sha1In64 => u64::from_le_bytes(*Sha1::digest(shingle).first_chunk().expect("a digest has 20 bytes")),
            Self::Sha1In32 => u64::from(u32::from_le_bytes(*Sha1::digest(shingle).first_chunk().expect("a digest has 20 bytes"))),
        }
    }

    const fn mask(self) -> u64 {
        match self {
            Self::Xxhash64 | Self::Sha1In64 => u64::MAX,
            Self::Xxhash32 | Self::Sha1In32 => u32::MAX as u64,
        }
    }
}

/// The values of every row.
pub struct Minima {
    /// `rows * MINIMA`; zeros for a row without shingles, which has no signature.
    pub values: Vec<u64>,
    /// Shingles of the row, repeated ones counted each time.
    pub shingles: Vec<u32>,
}

/// What datatrove writes for the rows of a text column, words being those of one language.
pub fn minima(text: &[u8], offsets: &[i32], language: Language, hash: ShingleHash) -> Result<Minima, String> {
    let rows = offsets.len().saturating_sub(1);
    let mut all = Minima { values: vec![0; rows * MINIMA], shingles: vec![0; rows] };
    let mut reader = Reader::new(language, hash);
    for (row, values) in all.values.as_chunks_mut::<MINIMA>().0.iter_mut().enumerate() {
        reader.read(slice(text, offsets, row)?);
        all.shingles[row] = reader.shingles.len() as u32;
        if !reader.shingles.is_empty() {
            *values = reader.minima();
        }
    }
    Ok(all)
}

/// Signatures whose band keys are equal where datatrove's buckets are: a key is XXH3-64 of a bucket's eight values, each of
/// 64 bits, seeded with the bucket's number. The sketch is made of the same shingles, so the estimate is of the similarity
/// that these buckets are about.
pub fn sign(text: &[u8], offsets: &[i32], language: Language, hash: ShingleHash) -> Result<Signatures, String> {
    let rows = offsets.len().saturating_sub(1);
    let mut signatures = Signatures {
        bands: vec![0; rows * BANDS],
        sketch: vec![0; rows * SKETCH_BYTES],
        shingles: vec![0; rows],
        digest: vec![0; rows * DIGEST_BYTES],
    };
    let (mut reader, mut sketch) = (Reader::new(language, hash), Sketcher::new(Width::widest()));
    for row in 0..rows {
        let text = slice(text, offsets, row)?;
        signatures.digest[row * DIGEST_BYTES..][..DIGEST_BYTES].copy_from_slice(&xxh3_128(text).to_be_bytes());
        reader.read(text);
        signatures.shingles[row] = reader.shingles.len() as u32;
        if reader.shingles.is_empty() {
            continue;
        }
        for (bucket, values) in reader.minima().as_chunks::<PER_BUCKET>().0.iter().enumerate() {
            signatures.bands[row * BANDS + bucket] = bucket_key(bucket, values);
        }
        sketch.clear();
        reader.shingles.iter().for_each(|shingle| sketch.push(mix(shingle ^ SKETCH_SALT)));
        sketch.write(&mut signatures.sketch.as_chunks_mut().0[row]);
    }
    Ok(signatures)
}

fn slice<'a>(text: &'a [u8], offsets: &[i32], row: usize) -> Result<&'a [u8], String> {
    text.get(offsets[row] as usize..offsets[row + 1] as usize).ok_or_else(|| format!("row {row} lies outside its column"))
}

fn bucket_key(bucket: usize, values: &[u64; PER_BUCKET]) -> u64 {
    let mut bytes = [0; PER_BUCKET * 8];
    for (bytes, value) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    xxh3_64_with_seed(&bytes, bucket as u64)
}

/// Room for one text, reused for all of a batch.
struct Reader {
    language: Language,
    hash: ShingleHash,
    simplifier: Simplifier,
    segmenter: Segmenter,
    /// The words of the text with one space between, and where each begins and ends.
    joined: Vec<u8>,
    places: Vec<(usize, usize)>,
    /// Hashes of the text's shingles.
    shingles: Vec<u64>,
}

impl Reader {
    fn new(language: Language, hash: ShingleHash) -> Self {
        Self {
            language,
            hash,
            simplifier: Simplifier::default(),
            segmenter: Segmenter::default(),
            joined: Vec::new(),
            places: Vec::new(),
            shingles: Vec::new(),
        }
    }

    fn read(&mut self, text: &[u8]) {
        let Self { language, hash, simplifier, segmenter, joined, places, shingles } = self;
        let simple = simplifier.simplify(text).as_bytes();
        joined.clear();
        places.clear();
        for word in segmenter.words(simple, *language) {
            if !joined.is_empty() {
                joined.push(b' ');
            }
            let start = joined.len();
            joined.extend_from_slice(&simple[word.start as usize..word.end as usize]);
            places.push((start, joined.len()));
        }
        shingles.clear();
        shingles.extend(places.windows(WORDS).map(|words| hash.of(&joined[words[0].0..words[WORDS - 1].1])));
    }

    fn minima(&self) -> [u64; MINIMA] {
        let ((a, b), mask) = (&*PARAMETERS, self.hash.mask());
        let mut least = [u64::MAX; MINIMA];
        for &shingle in &self.shingles {
            for i in 0..MINIMA {
                let wrapped = shingle.wrapping_mul(a[i]).wrapping_add(b[i]);
                let folded = (wrapped & MERSENNE) + (wrapped >> 61);
                let value = if folded >= MERSENNE { folded - MERSENNE } else { folded };
                least[i] = least[i].min(value & mask);
            }
        }
        least
    }
}

#[cfg(test)]
mod tests;

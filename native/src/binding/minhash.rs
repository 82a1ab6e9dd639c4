//! Signatures of a text column.

use napi::bindgen_prelude::{BigUint64Array, Error, Result, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::kernels::minhash::{self, Shingles, Signatures, datatrove};
use crate::kernels::segment::Language;

#[napi(object)]
pub struct TextSignatures {
    /// rows x 14 band keys; zeros for a row without shingles.
    pub bands: BigUint64Array,
    /// rows x 512 bytes; zeros for a row without shingles.
    pub sketch: Uint8Array,
    /// Shingles of each row, repeated ones counted each time.
    pub shingles: Uint32Array,
    /// rows x 16 bytes: XXH3-128 of the text.
    pub digest: Uint8Array,
}

#[napi(object)]
pub struct DatatroveMinima {
    /// rows x 112 values, 14 buckets of 8; zeros for a row without shingles.
    pub values: BigUint64Array,
    /// Shingles of each row, repeated ones counted each time.
    pub shingles: Uint32Array,
}

#[napi(object)]
pub struct SignatureVersions {
    pub bands: u32,
    pub sketch: u32,
    pub datatrove: u32,
    pub characters: u32,
}

/// Signs every row, shingles being `size` words or characters; `salts`, one a row or none, part the band keys.
#[napi(catch_unwind)]
pub fn minhash_sign(values: &[u8], offsets: &[i32], characters: bool, size: u32, salts: &[u64]) -> Result<TextSignatures> {
    let shingles = if characters { Shingles::Characters } else { Shingles::Words }(size as usize);
    minhash::sign(values, offsets, shingles, salts).map(handed).map_err(Error::from_reason)
}

/// Signs every row with band keys that are equal where datatrove's buckets are.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value)] // napi hands strings over by value only.
pub fn minhash_sign_datatrove(values: &[u8], offsets: &[i32], language: String, hash: String) -> Result<TextSignatures> {
    let hash = datatrove::ShingleHash::named(&hash).map_err(Error::from_reason)?;
    datatrove::sign(values, offsets, Language::of(&language), hash).map(handed).map_err(Error::from_reason)
}

/// The values that datatrove writes for every row.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value)] // napi hands strings over by value only.
pub fn minhash_datatrove_minima(values: &[u8], offsets: &[i32], language: String, hash: String) -> Result<DatatroveMinima> {
    let hash = datatrove::ShingleHash::named(&hash).map_err(Error::from_reason)?;
    let minima = datatrove::minima(values, offsets, Language::of(&language), hash).map_err(Error::from_reason)?;
    Ok(DatatroveMinima { values: minima.values.into(), shingles: minima.shingles.into() })
}

fn handed(signatures: Signatures) -> TextSignatures {
    TextSignatures {
        bands: signatures.bands.into(),
        sketch: signatures.sketch.into(),
        shingles: signatures.shingles.into(),
        digest: signatures.digest.into(),
    }
}

/// Estimated similarity of the texts of two sketches.
#[napi(catch_unwind)]
pub fn minhash_similarity(left: &[u8], right: &[u8]) -> Result<f64> {
    let sketch = |bytes: &[u8]| bytes.first_chunk().copied().ok_or_else(|| Error::from_reason("a sketch is too short"));
    Ok(minhash::similarity(minhash::equal_values(&sketch(left)?, &sketch(right)?)))
}

/// What a change of the signatures raises; part of every key that depends on them.
#[napi(catch_unwind)]
pub fn minhash_versions() -> SignatureVersions {
    SignatureVersions {
        bands: minhash::BAND_VERSION,
        sketch: minhash::SKETCH_VERSION,
        datatrove: datatrove::DATATROVE_VERSION,
        characters: minhash::CHARACTER_VERSION,
    }
}

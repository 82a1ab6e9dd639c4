//! A batch of rows to decide, as borrowed columns.

use super::IndexError;
use super::format::{HOLDS_BANDS, HOLDS_DIGESTS, ID_BYTES, SKETCH_BYTES};
use crate::kernels::minhash::BANDS;

/// A batch of rows in input order, `ids.len() / 16` of them; the other slices fit that number.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub ids: &'a [u8],
    /// 0: dropped before, neither looked up nor entered.
    pub candidates: &'a [u8],
    pub bands: &'a [u64],
    pub sketch: &'a [u8],
    pub shingles: &'a [u32],
    pub digest: &'a [u8],
}

impl<'a> Rows<'a> {
    pub(super) fn check(&self) -> Result<usize, IndexError> {
        let rows = self.candidates.len();
        for (name, length, width) in [
            ("ids", self.ids.len(), ID_BYTES),
            ("bands", self.bands.len(), BANDS),
            ("sketch", self.sketch.len(), SKETCH_BYTES),
            ("shingles", self.shingles.len(), 1),
            ("digest", self.digest.len(), 16),
        ] {
            if length != rows * width {
                return Err(IndexError::Misuse(format!("{name} has {length} values, expected {rows} x {width}")));
            }
        }
        Ok(rows)
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> Rows<'a> {
        Rows {
            ids: &self.ids[start * ID_BYTES..end * ID_BYTES],
            candidates: &self.candidates[start..end],
            bands: &self.bands[start * BANDS..end * BANDS],
            sketch: &self.sketch[start * SKETCH_BYTES..end * SKETCH_BYTES],
            shingles: &self.shingles[start..end],
            digest: &self.digest[start * 16..end * 16],
        }
    }

    pub(super) fn id(&self, row: usize) -> &'a [u8; ID_BYTES] {
        &self.ids.as_chunks().0[row]
    }

    pub(super) fn digest(&self, row: usize) -> &'a [u8; 16] {
        &self.digest.as_chunks().0[row]
    }

    pub(super) fn sketches(&self) -> &'a [[u8; SKETCH_BYTES]] {
        self.sketch.as_chunks().0
    }

    /// The keys that the row is found by: its bands if it has any and they are wanted, then its digest as number `BANDS`.
    pub(super) fn keys(&self, row: usize, flags: u32) -> impl Iterator<Item = (usize, u64)> {
        let bands = if flags & HOLDS_BANDS == 0 || self.shingles[row] == 0 { 0 } else { BANDS };
        let digest = self.digest(row).first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        let exact = (flags & HOLDS_DIGESTS != 0).then_some((BANDS, digest));
        self.bands[row * BANDS..][..bands].iter().copied().enumerate().chain(exact)
    }
}

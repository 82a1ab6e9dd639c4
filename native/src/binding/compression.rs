//! zstd for Arrow buffers and staging files.

use napi::bindgen_prelude::{Error, Result, Uint8Array};
use napi_derive::napi;

/// One zstd frame at `level`, made by the pinned library: the same bytes on every machine.
#[napi(catch_unwind)]
pub fn zstd_compress(data: &[u8], level: i32) -> Result<Uint8Array> {
    crate::kernels::compression::compress(data, level).map(Uint8Array::new).map_err(|error| Error::from_reason(error.to_string()))
}

/// The content of one zstd frame; refuses one that grows over `limit` bytes.
#[napi(catch_unwind)]
pub fn zstd_decompress(data: &[u8], limit: f64) -> Result<Uint8Array> {
    crate::kernels::compression::decompress(data, limit as usize)
        .map(Uint8Array::new)
        .map_err(|error| Error::from_reason(error.to_string()))
}

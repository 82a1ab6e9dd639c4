//! Pairs rows of two lists of ids.

use napi::bindgen_prelude::{Error, Result, Uint32Array};
use napi_derive::napi;

/// For every id of `after` (16 bytes each) the row of `before` with the same one; 4294967295 for none.
#[napi(catch_unwind)]
pub fn id_pairs(before: &[u8], after: &[u8]) -> Result<Uint32Array> {
    let (was, is) = (before.as_chunks::<16>(), after.as_chunks::<16>());
    if !was.1.is_empty() || !is.1.is_empty() || was.0.len() >= u32::MAX as usize {
        return Err(Error::from_reason(format!("{} and {} bytes of ids", before.len(), after.len())));
    }
    Ok(crate::kernels::id_pairs::id_pairs(was.0, is.0).into())
}

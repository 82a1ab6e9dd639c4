//! Pieces of texts that are long enough to tell their language.

use napi::bindgen_prelude::{Float64Array, Int32Array, Uint8Array};
use napi_derive::napi;

use crate::kernels::text_segments::cut_segments;

/// Pieces of all rows as one text column, with the row and the letters of each.
#[napi(object, object_from_js = false)]
pub struct TextPieces {
    pub values: Uint8Array,
    pub offsets: Int32Array,
    pub rows: Int32Array,
    pub letters: Float64Array,
}

#[napi(catch_unwind)]
pub fn text_pieces(values: &[u8], offsets: &[i32], min_letters: u32, most: u32) -> TextPieces {
    let cut = cut_segments(values, offsets, min_letters as usize, most as usize);
    TextPieces {
        values: Uint8Array::new(cut.text.values),
        offsets: Int32Array::new(cut.text.offsets),
        rows: Int32Array::new(cut.rows),
        letters: Float64Array::new(cut.letters),
    }
}

//! Tags that speak of rights, one call a batch.

use napi::bindgen_prelude::{Int32Array, Uint8Array};
use napi_derive::napi;

use crate::kernels::rights_tags::rights_tags as find;

#[napi(object, object_from_js = false)]
pub struct RightsTags {
    pub values: Uint8Array,
    pub offsets: Int32Array,
}

#[napi(catch_unwind)]
pub fn rights_tags(values: &[u8], offsets: &[i32]) -> RightsTags {
    let found = find(values, offsets);
    RightsTags { values: Uint8Array::new(found.values), offsets: Int32Array::new(found.offsets) }
}

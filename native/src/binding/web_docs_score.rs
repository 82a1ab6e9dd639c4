//! The Web Docs Score.

use napi::bindgen_prelude::{Error, Float64Array, Result};
use napi_derive::napi;

use crate::kernels::web_docs_score::{MEASURES, Scorer};

#[napi]
pub struct WebDocsScorer {
    scorer: Scorer,
}

#[napi]
impl WebDocsScorer {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Result<Self> {
        Scorer::new().map(|scorer| Self { scorer }).map_err(|error| Error::from_reason(error.to_string()))
    }

    /// The kernel's columns of a value a row, one after the other; NaN for a text without a letter.
    #[napi(catch_unwind)]
    pub fn score(&mut self, values: &[u8], offsets: &[i32], punctuation: &[f64], language_share: &[f64]) -> Float64Array {
        let mut out = vec![f64::NAN; MEASURES * (offsets.len() - 1)];
        self.scorer.score_column(values, offsets, punctuation, language_share, &mut out);
        Float64Array::new(out)
    }
}

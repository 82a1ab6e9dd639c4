//! fastText models and scripts.

use std::path::Path;

use napi::bindgen_prelude::{Error, Float64Array, Int32Array, Result};
use napi_derive::napi;

use crate::kernels::language_model::{LanguageModel as Model, ModelError, Reading};
use crate::kernels::script::{SCRIPTS, dominant_script};

fn unsupported(error: &ModelError) -> Error {
    Error::from_reason(format!("unsupported-model: {error}"))
}

/// `k` entries a row, likeliest first; -1 and NaN where a row has fewer.
#[napi(object, object_from_js = false)]
pub struct Predictions {
    /// Numbers of labels.
    pub labels: Int32Array,
    /// Probabilities.
    pub scores: Float64Array,
}

/// A supervised fastText model, `.bin` or `.ftz`; the file is mapped and must not change while in use.
#[napi]
pub struct LanguageModel {
    model: Model,
}

#[napi]
impl LanguageModel {
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::needless_pass_by_value)] // the shape that napi hands over
    pub fn new(path: String) -> Result<Self> {
        Model::open(Path::new(&path)).map(|model| Self { model }).map_err(|error| unsupported(&error))
    }

    /// The labels by number, without `__label__`.
    #[napi(catch_unwind)]
    pub fn labels(&self) -> Vec<String> {
        self.model.labels()
    }

    /// The `k` likeliest labels of every row of a text column. Of a text longer than `mostBytes` (0: no limit) its start,
    /// middle and end are read; `normalised` as the model was trained on such text.
    #[napi(catch_unwind)]
    pub fn predict(&mut self, values: &[u8], offsets: &[i32], k: u32, most_bytes: u32, normalised: bool) -> Result<Predictions> {
        let reading = Reading { most_bytes: most_bytes as usize, normalised };
        let length = (offsets.len() - 1) * k as usize;
        let (mut labels, mut scores) = (vec![-1; length], vec![f64::NAN; length]);
        self.model.predict_column(values, offsets, reading, k as usize, &mut labels, &mut scores).map_err(|error| unsupported(&error))?;
        Ok(Predictions { labels: Int32Array::new(labels), scores: Float64Array::new(scores) })
    }
}

/// ISO 15924 codes by the numbers that `dominantScripts` gives.
#[napi(catch_unwind)]
pub fn script_codes() -> Vec<String> {
    SCRIPTS.map(String::from).to_vec()
}

/// The script of most letters of every row, -1 for a row without letters.
#[napi(catch_unwind)]
pub fn dominant_scripts(values: &[u8], offsets: &[i32]) -> Int32Array {
    let script = |bounds: &[i32]| dominant_script(&values[bounds[0] as usize..bounds[1] as usize]);
    Int32Array::new(offsets.windows(2).map(|bounds| script(bounds).map_or(-1, |script| script as i32)).collect())
}

//! What documents share with evaluation sets.

use std::sync::Arc;

use napi::bindgen_prelude::{Error, Float64Array, Int32Array, Result, Uint8Array};
use napi_derive::napi;

use crate::kernels::columns::Bytes;
use crate::kernels::contaminated::{EvaluationFile, EvaluationGrams, GramRules, Words};

#[napi(object)]
pub struct EvaluationFileOptions {
    pub benchmark: u32,
    pub path: String,
    pub name: String,
    pub fields: Vec<String>,
}

#[napi(object)]
pub struct EvaluationRules {
    pub ngram: u32,
    pub shortest: u32,
    pub most_items: u32,
}

/// A value a row: the benchmark and the number of the item with most shared n-grams, -1 and NaN for none. `values` and
/// `offsets` are the text without the shared spans, empty unless asked for.
#[napi(object, object_from_js = false)]
pub struct EvaluationOverlap {
    pub ngrams: Float64Array,
    pub share: Float64Array,
    pub words_left: Float64Array,
    pub benchmark: Int32Array,
    pub item: Float64Array,
    pub values: Uint8Array,
    pub offsets: Int32Array,
}

#[napi]
pub struct EvaluationSets {
    grams: Arc<EvaluationGrams>,
    words: Words,
}

#[napi]
impl EvaluationSets {
    /// Reads the sets, or shares what another worker read under the same key. Files come in the order of their benchmarks.
    #[napi(constructor, catch_unwind)]
    pub fn new(key: String, rules: EvaluationRules, files: Vec<EvaluationFileOptions>) -> Result<Self> {
        let mut benchmarks: Vec<Vec<EvaluationFile>> = Vec::new();
        for EvaluationFileOptions { benchmark, path, name, fields } in files {
            benchmarks.resize_with(benchmarks.len().max(benchmark as usize + 1), Vec::new);
            benchmarks[benchmark as usize].push(EvaluationFile { path, name, fields });
        }
        let rules = GramRules { ngram: rules.ngram as usize, shortest: rules.shortest as usize, most_items: rules.most_items };
        let grams = EvaluationGrams::shared(&key, rules, &benchmarks).map_err(Error::from_reason)?;
        Ok(Self { grams, words: Words::default() })
    }

    /// Items of all sets, and how many of them were too short to be looked for.
    #[napi(catch_unwind)]
    pub fn items(&self) -> Vec<u32> {
        vec![self.grams.items(), self.grams.left_out()]
    }

    /// Compares every row of a text column; bytes that are no UTF-8 are no words.
    #[napi(catch_unwind)]
    pub fn overlap(&mut self, values: &[u8], offsets: &[i32], cut: bool) -> EvaluationOverlap {
        let rows = offsets.len() - 1;
        let column = || vec![f64::NAN; rows];
        let (mut ngrams, mut share, mut left, mut item) = (column(), column(), column(), column());
        let mut benchmark = vec![-1; rows];
        let mut text_left = Bytes::default();
        for row in 0..rows {
            let bytes = &values[offsets[row] as usize..offsets[row + 1] as usize];
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            let overlap = self.grams.overlap(text, &mut self.words);
            ngrams[row] = f64::from(overlap.ngrams);
            share[row] = overlap.share;
            left[row] = f64::from(overlap.words - overlap.inside);
            if let Some(best) = overlap.item {
                let (of, number) = self.grams.place(best);
                benchmark[row] = of as i32;
                item[row] = f64::from(number + 1);
            }
            if cut && overlap.spans.is_empty() {
                text_left.push(bytes);
            } else if cut {
                EvaluationGrams::cut(text, &overlap.spans, &mut text_left.values);
                text_left.offsets.push(text_left.values.len() as i32);
            }
        }
        EvaluationOverlap {
            ngrams: Float64Array::new(ngrams),
            share: Float64Array::new(share),
            words_left: Float64Array::new(left),
            benchmark: Int32Array::new(benchmark),
            item: Float64Array::new(item),
            values: Uint8Array::new(text_left.values),
            offsets: Int32Array::new(text_left.offsets),
        }
    }
}

//! The measures of the Gopher filters.

use napi::bindgen_prelude::{Float64Array, Int32Array};
use napi_derive::napi;

use crate::kernels::gopher_quality::{QualityColumns, StopWords, measure_quality};
use crate::kernels::gopher_repetition::{MEASURES, measure_repetition};
use crate::kernels::segment::{Language, RowLanguages};

/// A value a row for each measure.
#[napi(object, object_from_js = false)]
pub struct GopherQualityMeasures {
    pub words: Float64Array,
    pub mean_word_length: Float64Array,
    pub hash_ratio: Float64Array,
    pub ellipsis_ratio: Float64Array,
    pub bullet_lines: Float64Array,
    pub ellipsis_lines: Float64Array,
    pub alphabetic_words: Float64Array,
    pub stop_words: Float64Array,
}

/// Gopher's quality measures with lists of stop words, made ready once.
#[napi]
pub struct GopherQuality {
    lists: Vec<StopWords>,
}

#[napi]
impl GopherQuality {
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::needless_pass_by_value)] // the shape that napi hands over
    pub fn new(stop_words: Vec<Vec<String>>) -> Self {
        Self { lists: stop_words.iter().map(|list| StopWords::new(list.iter().map(String::as_bytes))).collect() }
    }

    /// Measures every row of a text column; `listOfRow` numbers each row's stop words,
    /// `languageOfRow` its language among `languages`; -1 for none.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value)]
    pub fn measure(
        &mut self,
        values: &[u8],
        offsets: &[i32],
        list_of_row: Int32Array,
        languages: Vec<String>,
        language_of_row: Int32Array,
    ) -> GopherQualityMeasures {
        let rows = offsets.len() - 1;
        let mut columns: [Vec<f64>; 8] = std::array::from_fn(|_| vec![f64::NAN; rows]);
        let [words, mean_word_length, hash_ratio, ellipsis_ratio, bullet_lines, ellipsis_lines, alphabetic_words, stop_words] =
            &mut columns;
        let mut out = QualityColumns {
            words,
            mean_word_length,
            hash_ratio,
            ellipsis_ratio,
            bullet_lines,
            ellipsis_lines,
            alphabetic_words,
            stop_words,
        };
        let labels = known(&languages);
        let languages = RowLanguages { labels: &labels, of_row: &language_of_row };
        measure_quality(values, offsets, languages, &mut self.lists, &list_of_row, &mut out);
        let [words, mean_word_length, hash_ratio, ellipsis_ratio, bullet_lines, ellipsis_lines, alphabetic_words, stop_words] =
            columns.map(Float64Array::new);
        GopherQualityMeasures {
            words,
            mean_word_length,
            hash_ratio,
            ellipsis_ratio,
            bullet_lines,
            ellipsis_lines,
            alphabetic_words,
            stop_words,
        }
    }
}

/// Gopher's 13 repetition measures of every row of a text column, one measure's column after the other; `languageOfRow`
/// numbers each row's language among `languages`, -1 for none.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value)]
pub fn gopher_repetition(values: &[u8], offsets: &[i32], languages: Vec<String>, language_of_row: Int32Array) -> Float64Array {
    let labels = known(&languages);
    let languages = RowLanguages { labels: &labels, of_row: &language_of_row };
    let mut out = vec![f64::NAN; MEASURES * (offsets.len() - 1)];
    measure_repetition(values, offsets, languages, &mut out);
    Float64Array::new(out)
}

fn known(languages: &[String]) -> Vec<Language> {
    languages.iter().map(|code| Language::of(code)).collect()
}

//! Words of a text column.

use napi::bindgen_prelude::{Int32Array, Uint32Array};
use napi_derive::napi;

use crate::kernels::segment::{Language, RowLanguages, Segmenter};

/// The words of all rows, one row's after the other.
#[napi(object, object_from_js = false)]
pub struct TextWords {
    /// Where each row's words begin, and the end: rows + 1 entries.
    pub offsets: Uint32Array,
    /// Where each word begins and ends in its row's text, in bytes: two entries a word.
    pub bounds: Uint32Array,
}

/// The words of every row; `languageOfRow` numbers each row's language among `languages`, -1 for none.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value)] // the shape that napi hands over
pub fn segment_words(values: &[u8], offsets: &[i32], languages: Vec<String>, language_of_row: Int32Array) -> TextWords {
    let labels: Vec<Language> = languages.iter().map(|code| Language::of(code)).collect();
    let languages = RowLanguages { labels: &labels, of_row: &language_of_row };
    let mut segmenter = Segmenter::default();
    let (mut of_row, mut bounds) = (vec![0], Vec::new());
    for (row, ends) in offsets.windows(2).enumerate() {
        let words = segmenter.words(&values[ends[0] as usize..ends[1] as usize], languages.of(row));
        bounds.extend(words.iter().flat_map(|word| [word.start, word.end]));
        of_row.push(bounds.len() as u32 / 2);
    }
    TextWords { offsets: of_row.into(), bounds: bounds.into() }
}

//! Words and sentences of a text column.

use napi::bindgen_prelude::{Int32Array, Uint32Array};
use napi_derive::napi;

use crate::kernels::segment::sentences::sentences;
use crate::kernels::segment::{Language, RowLanguages, Segmenter};

/// The words of all rows, one row's after the other, and the sentences likewise.
#[napi(object, object_from_js = false)]
pub struct TextWords {
    /// Where each row's words begin, and the end: rows + 1 entries.
    pub offsets: Uint32Array,
    /// Where each word begins and ends in its row's text, in bytes: two entries a word.
    pub bounds: Uint32Array,
    pub sentence_offsets: Uint32Array,
    pub sentence_bounds: Uint32Array,
}

/// The words of every row; `languageOfRow` numbers each row's language among `languages`, -1 for none.
#[napi(catch_unwind)]
pub fn segment_words(values: &[u8], offsets: &[i32], languages: Vec<String>, language_of_row: Int32Array) -> TextWords {
    let labels: Vec<Language> = languages.iter().map(|code| Language::of(code)).collect();
    let languages = RowLanguages { labels: &labels, of_row: &language_of_row };
    let mut segmenter = Segmenter::default();
    let (mut of_row, mut bounds) = (vec![0], Vec::new());
    let (mut sentences_of_row, mut sentence_bounds, mut found) = (vec![0], Vec::new(), Vec::new());
    for (row, ends) in offsets.windows(2).enumerate() {
        let text = &values[ends[0] as usize..ends[1] as usize];
        let words = segmenter.words(text, languages.of(row));
        sentences(text, words, &mut found);
        bounds.extend(words.iter().flat_map(|word| [word.start, word.end]));
        of_row.push(bounds.len() as u32 / 2);
        sentence_bounds.extend(found.iter().flat_map(|sentence| [sentence.start, sentence.end]));
        sentences_of_row.push(sentence_bounds.len() as u32 / 2);
    }
    TextWords {
        offsets: of_row.into(),
        bounds: bounds.into(),
        sentence_offsets: sentences_of_row.into(),
        sentence_bounds: sentence_bounds.into(),
    }
}

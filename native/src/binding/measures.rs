//! The measures of the Gopher, C4 and `FineWeb` filters.

use napi::bindgen_prelude::{Float64Array, Int32Array, Uint8Array};
use napi_derive::napi;

use crate::kernels::measures::{BadWords, Cutter, LineRules, Measurer, RowFacts, StopWords};
use crate::kernels::segment::{Language, RowLanguages};

/// A value a row for each measure, one column after the other; what C4's line rules leave of each row, or nothing.
#[napi(object, object_from_js = false)]
pub struct TextMeasures {
    pub measures: Float64Array,
    pub kept: Uint8Array,
    pub kept_offsets: Int32Array,
}

/// C4's line rules, and the lists of words that no page may hold; a list that is not `bounded` counts inside words too.
#[napi(object)]
#[allow(clippy::struct_excessive_bools)] // as the kernel has them
pub struct C4LineRules {
    pub by_sentence: bool,
    pub remove_citations: bool,
    pub terminal_punctuation: bool,
    pub min_words: u32,
    pub max_word_length: u32,
    pub javascript: bool,
    pub policy: bool,
    pub bad_words: Vec<Vec<String>>,
    pub bounded: Vec<bool>,
}

/// Measures texts with lists made ready once.
#[napi]
pub struct TextMeasurer {
    measurer: Measurer,
}

#[napi]
impl TextMeasurer {
    /// `families` are the kernel's bits; `c4` holds one set of rules, or none if that family is not asked for.
    #[napi(constructor, catch_unwind)]
    pub fn new(families: u32, stop_words: Vec<Vec<String>>, c4: Vec<C4LineRules>) -> napi::Result<Self> {
        let stop_words = stop_words.iter().map(|list| StopWords::new(list.iter().map(String::as_bytes))).collect();
        let cutter = c4.into_iter().next().map(cutter).transpose().map_err(napi::Error::from_reason)?;
        Ok(Self { measurer: Measurer::new(families, stop_words, cutter) })
    }

    /// Measures every row of a text column. `languageOfRow` numbers each row's language among `languages`,
    /// `stopWordsOfRow` and `badWordsOfRow` its lists; -1 for none.
    #[napi(catch_unwind)]
    pub fn measure(
        &mut self,
        values: &[u8],
        offsets: &[i32],
        languages: Vec<String>,
        language_of_row: Int32Array,
        stop_words_of_row: Int32Array,
        bad_words_of_row: Int32Array,
    ) -> TextMeasures {
        let labels: Vec<Language> = languages.iter().map(|code| Language::of(code)).collect();
        let languages = RowLanguages { labels: &labels, of_row: &language_of_row };
        let facts = RowFacts { languages, stop_words: &stop_words_of_row, bad_words: &bad_words_of_row };
        let (measures, kept) = self.measurer.measure(values, offsets, facts);
        TextMeasures {
            measures: Float64Array::new(measures),
            kept: Uint8Array::new(kept.values),
            kept_offsets: Int32Array::new(kept.offsets),
        }
    }
}

fn cutter(c4: C4LineRules) -> Result<Cutter, String> {
    let C4LineRules { by_sentence, remove_citations, terminal_punctuation, min_words, max_word_length, javascript, policy, .. } = c4;
    let rules = LineRules { by_sentence, remove_citations, terminal_punctuation, min_words, max_word_length, javascript, policy };
    let lists = c4.bad_words.iter().zip(c4.bounded);
    let bad_words = lists.map(|(words, bounded)| BadWords::new(words.iter().map(String::as_str), bounded)).collect::<Result<_, _>>()?;
    Ok(Cutter::new(rules, bad_words))
}

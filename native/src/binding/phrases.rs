//! Lines and the phrases in them: what removes lines, and what counts boilerplate.

use napi::bindgen_prelude::{Error, Float64Array, Int32Array, Result, Uint8Array};
use napi_derive::napi;

use crate::kernels::boilerplate::{MEASURES, measure_boilerplate};
use crate::kernels::line_rules::{Limits, LineCutter, Rules, Symbols};
use crate::kernels::phrases::Phrases;

/// What is in force for all rows; see the kernel's `Rules`. `symbols`: 0 keeps, 1 separators, 2 all.
#[napi(object)]
pub struct LineCutRules {
    pub phrases: u32,
    pub symbols: u32,
    pub pipes: bool,
    pub javascript: bool,
    pub longest: u32,
}

/// Limits a row, NaN for none.
#[napi(object)]
pub struct LineCutLimits {
    pub min_words: Float64Array,
    pub min_characters: Float64Array,
    pub max_digits: Float64Array,
    pub max_repeats: Float64Array,
}

/// `removed` has a number a kind and row, all kinds of a row together.
#[napi(object, object_from_js = false)]
pub struct CutLines {
    pub values: Uint8Array,
    pub offsets: Int32Array,
    pub removed: Float64Array,
    pub bytes: Float64Array,
    pub left: Float64Array,
}

/// Lists of phrases, made ready once; a row names one by number, -1 for none.
#[napi]
pub struct PhraseLists {
    lists: Vec<Phrases>,
}

#[napi]
impl PhraseLists {
    /// Phrases by list and kind.
    #[napi(constructor, catch_unwind)]
    pub fn new(lists: Vec<Vec<Vec<String>>>) -> Result<Self> {
        let lists = lists.iter().map(|groups| Phrases::new(groups)).collect::<std::result::Result<_, _>>();
        lists.map(|lists| Self { lists }).map_err(Error::from_reason)
    }

    /// Removes lines of every row of a text column.
    #[napi(catch_unwind)]
    pub fn cut_lines(&self, values: &[u8], offsets: &[i32], list_of_row: &[i32], limits: LineCutLimits, rules: LineCutRules) -> CutLines {
        let symbols = match rules.symbols {
            0 => Symbols::Keep,
            1 => Symbols::Separators,
            _ => Symbols::All,
        };
        let LineCutRules { phrases, pipes, javascript, longest, .. } = rules;
        let cutter = LineCutter { rules: Rules { phrases, symbols, pipes, javascript, longest: longest as usize }, phrases: &self.lists };
        let cut = cutter.cut(values, offsets, list_of_row, |row| Limits {
            min_words: limits.min_words[row],
            min_characters: limits.min_characters[row],
            max_digits: limits.max_digits[row],
            max_repeats: limits.max_repeats[row],
        });
        CutLines {
            values: Uint8Array::new(cut.text.values),
            offsets: Int32Array::new(cut.text.offsets),
            removed: Float64Array::new(cut.removed),
            bytes: Float64Array::new(cut.bytes),
            left: Float64Array::new(cut.left),
        }
    }

    /// The kernel's measures of boilerplate, one measure's column after the other.
    #[napi(catch_unwind)]
    pub fn boilerplate(
        &self,
        values: &[u8],
        offsets: &[i32],
        list_of_row: &[i32],
        longest: u32,
        line_kinds: u32,
        paragraph_kinds: u32,
    ) -> Float64Array {
        let mut out = vec![f64::NAN; MEASURES * (offsets.len() - 1)];
        measure_boilerplate(values, offsets, &self.lists, list_of_row, longest as usize, (line_kinds, paragraph_kinds), &mut out);
        Float64Array::new(out)
    }
}

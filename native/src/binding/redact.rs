//! Personal data replaced in text columns, one call a batch.

use napi::bindgen_prelude::{Error, Int32Array, Result, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::kernels::redact::{
    CONTEXT_KINDS, COUNTS, ContextWords, Language, NAMES, Obfuscated, Redactor, Replace, Settings, redact_like_datatrove,
};

/// `words` are lists in the order of the kernel's kinds: phone, card, VAT, national identifier, version, address.
#[napi(object)]
pub struct RedactLanguage {
    pub words: Vec<Vec<String>>,
    pub countries: Vec<String>,
}

/// The text, and `counts` numbers a row: those of each type, then placeholders that the page spelt.
#[napi(object, object_from_js = false)]
pub struct RedactedText {
    pub values: Uint8Array,
    pub offsets: Int32Array,
    pub counts: Uint32Array,
}

/// Redacts by settings made ready once; keeps nothing of any text.
#[napi]
pub struct PersonalData {
    inner: Redactor,
}

#[napi]
impl PersonalData {
    /// `documentation`: values of documentation ranges instead of placeholders. `types` are names of the kernel's list.
    /// `obfuscated`: 0 none, 1 brackets, 2 words.
    #[napi(constructor, catch_unwind)]
    pub fn new(documentation: bool, types: Vec<String>, obfuscated: u32, languages: Vec<RedactLanguage>) -> Result<Self> {
        let mut bits = 0;
        for name in &types {
            let at = NAMES.iter().position(|known| known == name).ok_or_else(|| Error::from_reason(format!("no type is called {name}")))?;
            bits |= 1 << at;
        }
        let settings = Settings {
            replace: if documentation { Replace::Documentation } else { Replace::Tokens },
            types: bits,
            obfuscated: [Obfuscated::None, Obfuscated::Brackets, Obfuscated::Words][obfuscated.min(2) as usize],
        };
        let languages = languages.into_iter().map(|RedactLanguage { words, countries }| {
            let lists = CONTEXT_KINDS.iter().zip(&words).flat_map(|(kind, list)| list.iter().map(|word| (*kind, word.as_str())));
            Language { words: ContextWords::new(lists), countries }
        });
        Ok(Self { inner: Redactor::new(settings, languages.collect()) })
    }

    /// Redacts every row of a text column; `languageOfRow` numbers the languages, -1 for none. `json`: the rows are JSON texts,
    /// of which the strings are redacted.
    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value)]
    pub fn redact(&mut self, values: &[u8], offsets: &[i32], language_of_row: Int32Array, json: bool) -> RedactedText {
        let rows = offsets.windows(2).zip(language_of_row.iter());
        column(values.len(), offsets.len(), rows, |(row, &language), out, counts| {
            let text = &values[row[0] as usize..row[1] as usize];
            let language = usize::try_from(language).ok();
            if json { self.inner.redact_json(text, language, out, counts) } else { self.inner.redact(text, language, out, counts) }
        })
    }
}

/// E-mail and IPv4 addresses replaced as datatrove 0.10 does.
#[napi(catch_unwind)]
pub fn redact_like_datatrove_rows(values: &[u8], offsets: &[i32]) -> RedactedText {
    column(values.len(), offsets.len(), offsets.windows(2), |row, out, counts| {
        (counts[0], counts[1]) = redact_like_datatrove(&values[row[0] as usize..row[1] as usize], out);
    })
}

fn column<Row>(
    bytes: usize,
    offsets: usize,
    rows: impl Iterator<Item = Row>,
    mut redact: impl FnMut(Row, &mut Vec<u8>, &mut [u32; COUNTS]),
) -> RedactedText {
    let mut values = Vec::with_capacity(bytes + bytes / 16);
    let mut ends = Vec::with_capacity(offsets);
    let mut all = Vec::with_capacity(offsets * COUNTS);
    ends.push(0);
    for row in rows {
        let mut counts = [0; COUNTS];
        redact(row, &mut values, &mut counts);
        ends.push(values.len() as i32);
        all.extend_from_slice(&counts);
    }
    RedactedText { values: Uint8Array::new(values), offsets: Int32Array::new(ends), counts: Uint32Array::new(all) }
}

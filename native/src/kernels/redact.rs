//! Personal data in texts: found by form, check digits and context words, replaced by typed placeholders or by values that
//! belong to nobody. One pass over a text; what is looked at again is bounded by the longest identifier.

mod addresses;
mod card;
mod chain;
mod checks;
mod context;
mod datatrove;
mod document;
mod email;
mod iban;
mod identifiers;
mod ip;
mod json;
mod numbers;
mod phone;

pub use context::{ContextWords, KINDS as CONTEXT_KINDS};
pub use datatrove::redact as redact_like_datatrove;
pub use email::Obfuscated;

use chain::Chain;
use document::Document;
use identifiers::ByLength;

/// What is counted, by index: seven types of personal data, and placeholders that the page itself spelt.
pub const COUNTS: usize = 8;
pub const LITERALS: usize = 7;

/// Names in placeholders and settings.
pub const NAMES: [&str; LITERALS] = ["email", "ip", "iban", "phone", "card", "vat", "national-id"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Email,
    Ip,
    Iban,
    Phone,
    Card,
    Vat,
    NationalId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// `<|pii:email|>`; the bar of one spelt in the page is broken, so that no page can write a placeholder.
    Tokens,
    /// Values of documentation ranges and of impossible banks.
    Documentation,
}

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub replace: Replace,
    /// A bit a type.
    pub types: u32,
    pub obfuscated: Obfuscated,
}

/// One language: its context words, and the countries (ISO 3166, lower case) whose national forms its pages use; none: all.
#[derive(Default)]
pub struct Language {
    pub words: ContextWords,
    pub countries: Vec<String>,
}

/// Redacts text after text; keeps buffers, and nothing of any text.
pub struct Redactor {
    settings: Settings,
    languages: Vec<Language>,
    none: Language,
    by_length: ByLength,
    chain: Chain,
    spans: Vec<email::Span>,
}

impl Redactor {
    pub fn new(settings: Settings, languages: Vec<Language>) -> Self {
        Self { settings, languages, none: Language::default(), by_length: ByLength::default(), chain: Chain::default(), spans: Vec::new() }
    }

    /// Appends the redacted text to `out` and adds to `counts`. `language` numbers the languages given to `new`; without one
    /// there are no context words.
    pub fn redact(&mut self, text: &[u8], language: Option<usize>, out: &mut Vec<u8>, counts: &mut [u32; COUNTS]) {
        self.spans.clear();
        if self.settings.types & 1 << Type::Email as u32 != 0 {
            email::find(text, self.settings.obfuscated, &mut self.spans);
        }
        let language = language.and_then(|number| self.languages.get(number)).unwrap_or(&self.none);
        let mut document = Document::new(text, self.settings, out, counts);
        let mut from = 0;
        for span in &self.spans {
            numbers::redact(&mut document, language, &self.by_length, &mut self.chain, from, span.start);
            if !span.reserved {
                document.replace(Type::Email, span.start, span.end, b"email@example.org");
            }
            from = span.end;
        }
        numbers::redact(&mut document, language, &self.by_length, &mut self.chain, from, text.len());
        document.finish();
    }

    /// `redact` for the strings of a JSON text; numbers, names of literals and the syntax stay.
    pub fn redact_json(&mut self, text: &[u8], language: Option<usize>, out: &mut Vec<u8>, counts: &mut [u32; COUNTS]) {
        json::each_string(
            text,
            |part, is_string| {
                if is_string { self.redact(part, language, out, counts) } else { out.extend_from_slice(part) }
            },
        );
    }
}

#[cfg(test)]
mod tests;

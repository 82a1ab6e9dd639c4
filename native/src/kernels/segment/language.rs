//! Which rules part the words of a text.

/// Whose rules of spaCy 3.8 apply; `BASE` are those it has for languages of which it knows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Language(u8);

impl Language {
    pub const BASE: Self = Self(0);

    /// The rules for an ISO 639 code, as the `language` stage writes it; base rules for a code without any.
    pub fn of(_code: &str) -> Self {
        Self::BASE
    }
}

/// The languages of a batch's rows: a label column.
#[derive(Debug, Clone, Copy)]
pub struct RowLanguages<'a> {
    pub labels: &'a [Language],
    /// Index into `labels` for each row; -1, or no entry at all, for a row of unknown language.
    pub of_row: &'a [i32],
}

impl RowLanguages<'_> {
    pub const UNKNOWN: Self = Self { labels: &[], of_row: &[] };

    pub fn of(&self, row: usize) -> Language {
        let label = self.of_row.get(row).and_then(|&label| usize::try_from(label).ok());
        label.and_then(|label| self.labels.get(label)).copied().unwrap_or_default()
    }
}

//! Which rules part the words of a text.

use std::sync::OnceLock;

use super::exceptions::Exceptions;
use super::languages as rules;
use super::rules::{BASE, Rules};

/// Whose rules of spaCy 3.8 apply; `BASE` are those it has for languages of which it knows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Language(u8);

/// Codes, the section of their exceptions, their rules: what differs from the base. Languages that spaCy does not know
/// have the rules that datatrove 0.10 gives them (its `assets/tokenizer_assignment.csv`), so nn has nb's, bs sr's.
const LANGUAGES: &[(&str, Option<&str>, Rules)] = &[
    ("", None, BASE),
    ("bg", Some("bg"), rules::STRESSED),
    ("ca", Some("ca"), rules::CATALAN),
    ("da", Some("da"), rules::DANISH),
    ("de gsw bar", Some("de"), rules::GERMAN),
    ("el", Some("el"), rules::GREEK),
    ("en fy sco", Some("en"), rules::ENGLISH),
    ("es an ast co oc sc", Some("es"), rules::SPANISH),
    ("fi", Some("fi"), rules::FINNISH),
    ("fo", Some("fo"), BASE),
    ("fr fur rm wa", Some("fr"), rules::FRENCH),
    ("ga", Some("ga"), BASE),
    ("hsb", Some("hsb"), BASE),
    ("hu", Some("hu"), rules::HUNGARIAN),
    ("it nap scn", Some("it"), rules::ITALIAN),
    ("lb", Some("lb"), rules::LUXEMBOURGISH),
    ("lij lmo pms vec", Some("lij"), rules::LIGURIAN),
    ("lt", Some("lt"), rules::LITHUANIAN),
    ("mk", Some("mk"), BASE),
    ("mt", Some("mt"), rules::MALTESE),
    ("nb nn no", Some("nb"), rules::NORWEGIAN),
    ("nl li nds", Some("nl"), rules::DUTCH),
    ("pl csb szl", Some("pl"), rules::POLISH),
    ("pt", Some("pt"), rules::PORTUGUESE),
    ("ro", Some("ro"), rules::ROMANIAN),
    ("ru rue", Some("ru"), rules::STRESSED),
    ("sl", Some("sl"), rules::SLOVENIAN),
    ("sr bs cnr sh", Some("sr"), rules::SERBIAN),
    ("sv", Some("sv"), rules::SWEDISH),
    ("tr", Some("tr"), rules::TURKISH),
    ("uk", Some("uk"), rules::STRESSED),
];

/// What parts the words of one language.
pub struct Grammar {
    pub rules: Rules,
    pub exceptions: Exceptions,
}

impl Grammar {
    /// Whether an ASCII mark that ends a chunk of letters comes off it; `last` gives the class of the last letter.
    #[inline]
    pub fn takes_mark(&self, mark: u8, last: impl Fn() -> u16) -> bool {
        match mark {
            b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'"' => !self.exceptions.has_single,
            b'.' => !self.exceptions.has_single && self.rules.dot_after & u32::from(last()) != 0,
            _ => false,
        }
    }
}

static GRAMMARS: [OnceLock<Grammar>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];

impl Language {
    pub const BASE: Self = Self(0);

    /// The rules for an ISO 639 code, as the `language` stage writes it; base rules for a code without any.
    pub fn of(code: &str) -> Self {
        let known = LANGUAGES.iter().position(|(codes, ..)| !code.is_empty() && codes.split(' ').any(|known| known == code));
        Self(known.unwrap_or(0) as u8)
    }

    /// Built at the language's first use: up to 5,000 exceptions, a few milliseconds.
    pub fn grammar(self) -> &'static Grammar {
        GRAMMARS[self.0 as usize].get_or_init(|| {
            let (_, section, rules) = LANGUAGES[self.0 as usize];
            Grammar { rules, exceptions: Exceptions::of(section, &rules) }
        })
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

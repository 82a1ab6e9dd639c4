//! Words that say what a number is: "Tel.", "BSN", "numéro de sécurité sociale". One list a kind and language.

use super::chain::{character_at, character_before};
use std::collections::HashMap;

/// What a context word speaks of, as bits.
pub const PHONE: u8 = 1;
pub const CARD: u8 = 2;
pub const VAT: u8 = 4;
pub const NATIONAL: u8 = 8;
/// Not of a person: a version or section number follows.
pub const VERSION: u8 = 16;
/// Of an Internet address, for those that could as well be a version.
pub const ADDRESS: u8 = 32;

/// Order of the lists that TypeScript hands over.
pub const KINDS: [u8; 6] = [PHONE, CARD, VAT, NATIONAL, VERSION, ADDRESS];

/// How far a word may be away, in characters.
pub const REACH: usize = 40;

/// Words of one language, lower-cased and cut at everything that is no letter or digit.
#[derive(Default)]
pub struct ContextWords {
    /// By the first word of a phrase: the words after it, and the kinds.
    phrases: HashMap<String, Vec<(Vec<String>, u8)>>,
    /// Beginnings of words: written with a star at the end.
    beginnings: Vec<(String, u8)>,
}

/// What stands near a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Near {
    /// All kinds spoken of.
    pub kinds: u8,
    /// Those of the word nearest to the number.
    pub nearest: u8,
}

impl ContextWords {
    /// `lists` are in the order of `KINDS`; a phrase is words with anything but letters and digits between them.
    pub fn new<'a>(lists: impl Iterator<Item = (u8, &'a str)>) -> Self {
        let mut words = Self::default();
        for (kind, written) in lists {
            if let Some(beginning) = written.strip_suffix('*') {
                words.beginnings.push((beginning.to_lowercase(), kind));
                continue;
            }
            let mut phrase = split(written);
            if phrase.is_empty() {
                continue;
            }
            let first = phrase.remove(0);
            let same = words.phrases.entry(first).or_default();
            match same.iter_mut().find(|(rest, _)| *rest == phrase) {
                Some((_, kinds)) => *kinds |= kind,
                None => same.push((phrase, kind)),
            }
        }
        words
    }

    /// Kinds that the words speak of; `nearest` are those of the last one, or of the first.
    fn read(&self, words: &[String], last: bool) -> Near {
        let mut near = Near::default();
        for at in 0..words.len() {
            let word = &words[at];
            let mut kinds = 0;
            for (rest, kind) in self.phrases.get(word).into_iter().flatten() {
                if words[at + 1..].starts_with(rest) {
                    kinds |= kind;
                }
            }
            kinds |=
                self.beginnings.iter().filter(|(beginning, _)| word.starts_with(beginning.as_str())).fold(0, |all, (_, kind)| all | kind);
            near.kinds |= kinds;
            if kinds != 0 && (last || near.nearest == 0) {
                near.nearest = kinds;
            }
        }
        near
    }

    /// What is said in the 40 characters before the end of `text`. The word that the window cuts is read whole.
    pub fn before(&self, text: &[u8]) -> Near {
        // Between the numbers of a table stand no words.
        let last = &text[text.len().saturating_sub(REACH + 1)..];
        if last.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic()) {
            return Near::default();
        }
        self.read(&split(window_before(text)), true)
    }

    /// What is said in the 40 characters from `from` on, up to the next number, address or line.
    pub fn after(&self, text: &[u8], from: usize, to: usize) -> Near {
        let (mut end, mut left) = (from, REACH);
        while end < to && left > 0 && !matches!(text[end], b'0'..=b'9' | b'@' | b'<' | b'\n') {
            end += character_at(text, end).map_or(1, char::len_utf8);
            left -= 1;
        }
        if text[from..end].iter().all(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic()) {
            return Near::default();
        }
        while end < to && character_at(text, end).is_some_and(char::is_alphabetic) && end - from < 8 * REACH {
            end += character_at(text, end).map_or(1, char::len_utf8);
        }
        self.read(&split(std::str::from_utf8(&text[from..end.min(to)]).unwrap_or("")), false)
    }
}

/// The last 40 characters and the rest of the word that they begin in, up to 40 more.
fn window_before(text: &[u8]) -> &str {
    let mut start = text.len();
    for _ in 0..REACH {
        start -= character_before(text, start).map_or(0, char::len_utf8);
    }
    for _ in 0..REACH {
        match character_before(text, start) {
            Some(character) if character.is_alphanumeric() => start -= character.len_utf8(),
            _ => break,
        }
    }
    std::str::from_utf8(&text[start..]).unwrap_or("")
}

/// Runs of letters and digits in lower case. What a placeholder of ours holds says nothing.
fn split(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let placeholders = text.contains("|>");
    words.filter(|word| !placeholders || !is_in_placeholder(text, word)).map(str::to_lowercase).collect()
}

/// Whether `word`, a slice of `text`, stands between `<|pii:` and `|>`, or in what the window left of them.
fn is_in_placeholder(text: &str, word: &str) -> bool {
    let start = word.as_ptr() as usize - text.as_ptr() as usize;
    let Some(close) = text[start..].find("|>") else { return false };
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | ':' | '|' | '\u{A6}'));
    let open = text[..start].rfind('<').map_or(0, |at| at + 1);
    plain(&text[start..start + close]) && plain(&text[open..start])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> ContextWords {
        ContextWords::new([(PHONE, "Tel"), (NATIONAL, "numéro de sécurité sociale"), (VAT, "umsatzsteuer*")].into_iter())
    }

    #[test]
    fn words_and_phrases_are_found_within_reach() {
        let near = |text: &str| words().before(text.as_bytes()).kinds;
        assert_eq!(near("TEL.: "), PHONE);
        assert_eq!(near("Hotel "), 0);
        assert_eq!(near("Numéro de\nSécurité sociale : "), NATIONAL);
        assert_eq!(near("Umsatzsteuer-ID "), VAT);
        assert_eq!(near(&format!("Tel {}", "x".repeat(36))), PHONE);
        assert_eq!(near(&format!("Tel {}", "x".repeat(40))), 0);
        assert_eq!(words().before("Tel. Umsatzsteuer".as_bytes()), Near { kinds: PHONE | VAT, nearest: VAT });
    }

    #[test]
    fn what_follows_counts_up_to_the_next_number() {
        let near = |text: &str| words().after(text.as_bytes(), 0, text.len()).kinds;
        assert_eq!(near(" (Tel)"), PHONE);
        assert_eq!(near(" 7 (Tel)"), 0);
    }

    #[test]
    fn placeholders_say_nothing() {
        let words = ContextWords::new([(PHONE, "phone")].into_iter());
        assert_eq!(words.before(b"<|pii:phone|> ").kinds, 0);
        assert_eq!(words.before(b"phone <|pii:phone|> ").kinds, PHONE);
    }
}

//! C4's list of words of one language that no kept page may hold: lists of the user's, matched as datatrove 0.10 does.

use aho_corasick::{AhoCorasick, MatchKind};

use super::characters::is_word;

/// A list, found by one automaton.
pub struct BadWords {
    automaton: AhoCorasick,
    /// Whether an entry counts only with no word character on either side; false for scripts without spaces.
    bounded: bool,
}

impl BadWords {
    /// Errors with a sentence if the list is too large for an automaton.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>, bounded: bool) -> Result<Self, String> {
        let words = words.into_iter().map(str::trim).filter(|word| !word.is_empty());
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(words).map_err(|error| error.to_string())?;
        Ok(Self { automaton, bounded })
    }

    /// Occurrences of entries in a text, which is put in lower case.
    pub fn count(&self, text: &[u8]) -> usize {
        let lowered = String::from_utf8_lossy(text).to_lowercase();
        self.automaton.find_overlapping_iter(&lowered).filter(|hit| !self.bounded || stands_alone(&lowered, hit.start(), hit.end())).count()
    }
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    !text[..start].chars().next_back().is_some_and(is_word) && !text[end..].chars().next().is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stand_alone() {
        let list = BadWords::new(["bad", "very bad", " ", "ärger"], true).unwrap();
        assert_eq!(list.count("A BAD day, badly. Very bad_ news: ÄRGER".as_bytes()), 2);
        assert_eq!(list.count(b"very bad"), 2);
        assert_eq!(BadWords::new(["性"], false).unwrap().count("男性的".as_bytes()), 1);
    }
}

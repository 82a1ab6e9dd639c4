//! The phrases by which C4 knows a line or a page that is no prose.

use aho_corasick::packed::{Config, MatchKind, Searcher};

const LOREM_IPSUM: usize = 0;
const JAVASCRIPT: usize = 1;
/// Lower case; datatrove 0.10's `POLICY_SUBSTRINGS` from number 2 on.
const PHRASES: [&str; 8] =
    ["lorem ipsum", "javascript", "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"];

pub struct Phrases {
    searcher: Searcher,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub lorem_ipsum: bool,
    pub javascript: bool,
    pub policy: bool,
}

impl Phrases {
    pub fn new() -> Self {
        let searcher = Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(PHRASES).build();
        Self { searcher: searcher.expect("eight short phrases are no too large search") }
    }

    /// Whether a lower-cased text holds any phrase or a curly bracket.
    pub fn any(&self, lowered: &[u8]) -> bool {
        self.searcher.find(lowered).is_some() || memchr::memchr(b'{', lowered).is_some()
    }

    /// What a lower-cased line holds. No phrase begins inside another, so that reading on after each finds all.
    pub fn find(&self, lowered: &[u8]) -> Found {
        let mut found = Found::default();
        for hit in self.searcher.find_iter(lowered) {
            match hit.pattern().as_usize() {
                LOREM_IPSUM => found.lorem_ipsum = true,
                JAVASCRIPT => found.javascript = true,
                _ => found.policy = true,
            }
        }
        found
    }
}

/// ASCII letters in lower case, and the sign of Kelvin, whose lower case alone of all others is one that the phrases hold.
pub fn lower(text: &[u8], out: &mut Vec<u8>) {
    const KELVIN: [u8; 3] = [0xE2, 0x84, 0xAA];
    out.clear();
    out.extend(text.iter().map(u8::to_ascii_lowercase));
    let Some(first) = memchr::memmem::find(out, &KELVIN) else { return };
    let (mut read, mut write) = (first, first);
    while read < out.len() {
        let is_kelvin = out[read..].starts_with(&KELVIN);
        out[write] = if is_kelvin { b'k' } else { out[read] };
        read += if is_kelvin { KELVIN.len() } else { 1 };
        write += 1;
    }
    out.truncate(write);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_in_any_case() {
        let phrases = Phrases::new();
        let find = |text: &str| {
            let mut lowered = Vec::new();
            lower(text.as_bytes(), &mut lowered);
            assert_eq!(phrases.any(&lowered), phrases.find(&lowered) != Found::default() || text.contains('{'));
            let Found { lorem_ipsum, javascript, policy } = phrases.find(&lowered);
            (lorem_ipsum, javascript, policy)
        };
        assert_eq!(find("Lorem Ipsum dolor"), (true, false, false));
        assert_eq!(find("JavaScript, terms of use cookies"), (false, true, true));
        assert_eq!(find("We use coo\u{212A}ies; \u{212A}"), (false, false, true));
        assert_eq!(find("Ein Satz {ohne}"), (false, false, false));
    }
}

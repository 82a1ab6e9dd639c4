//! Cuts text into pretokens as the regular expressions of tokenizer files do, with hand-written scanners, which go through
//! text at 200 MB/s: with an engine the cutting would cost more than all the rest. A scanner is chosen by the exact text of the pattern.

mod cl100k;
mod gpt2;
mod o200k;
mod rest;

pub use cl100k::Cl100k;
pub use gpt2::Gpt2;
pub use o200k::O200k;

use super::unicode_classes::{NUMBER, Table, class_at};

/// Finds where the pretoken that begins at `at` ends; `at < text.len()`, the answer is in `at + 1..=text.len()`.
pub trait Scan {
    fn next(&self, table: &Table, text: &[u8], at: usize) -> usize;
}

/// One step of a tokenizer file's pre-tokenizer sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Splitter {
    Cl100k(Cl100k),
    O200k(O200k),
    Gpt2(Gpt2),
    Digits(Digits),
    BeforeSpaces,
    Bert,
    /// Where the model says that no piece reaches over.
    Cuts,
    /// A `ByteLevel` without its own pattern: cuts nothing.
    Whole,
}

/// The patterns that occur in published byte-level files, each with its scanner.
const PATTERNS: &[(&str, Splitter)] = &[
    // Llama 3
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        Splitter::Cl100k(Cl100k { digits: 3, last_run: false }),
    ),
    // Qwen 2, 2.5 and 3
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        Splitter::Cl100k(Cl100k { digits: 1, last_run: false }),
    ),
    // GPT-4o
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        Splitter::O200k(O200k { contractions: true, digits: 3 }),
    ),
    // Mistral Nemo (Tekken)
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        Splitter::O200k(O200k { contractions: false, digits: 1 }),
    ),
    // GPT-2, written out
    (r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", Splitter::Gpt2(Gpt2)),
];

/// The scanner for a pattern; `None` for one that is not known letter by letter.
pub fn for_pattern(pattern: &str) -> Option<Splitter> {
    PATTERNS.iter().find(|(known, _)| *known == pattern).map(|&(_, splitter)| splitter)
}

/// The pattern that a scanner stands for.
pub fn pattern_of(splitter: Splitter) -> &'static str {
    PATTERNS.iter().find(|(_, known)| *known == splitter).map_or("", |(pattern, _)| pattern)
}

/// The `Digits` pre-tokenizer: cuts around digits, each alone or each run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digits {
    pub individual: bool,
}

impl Scan for Digits {
    fn next(&self, table: &Table, text: &[u8], at: usize) -> usize {
        let (first, mut end) = digit_at(table, text, at);
        if first && self.individual {
            return end;
        }
        while end < text.len() {
            let (digit, next) = digit_at(table, text, end);
            if digit != first {
                break;
            }
            end = next;
        }
        end
    }
}

/// Whether the character at `at` is a number, and where it ends. The reference asks Rust's `char::is_numeric` here, whose
/// Unicode version (17.0) is one above that of its patterns and adds two runs of digits.
fn digit_at(table: &Table, text: &[u8], at: usize) -> (bool, usize) {
    let (class, length) = class_at(table, text, at);
    let end = at + length;
    let newer = ["\u{11de0}".."\u{11dea}", "\u{16ff4}".."\u{16ff7}"];
    let is_newer = newer.iter().any(|run| (run.start.as_bytes()..run.end.as_bytes()).contains(&&text[at..end]));
    (class == NUMBER || is_newer, end)
}

/// All pretokens of a text.
#[cfg(test)]
pub fn cuts(scanner: &impl Scan, text: &str) -> Vec<String> {
    let (mut at, mut found) = (0, Vec::new());
    while at < text.len() {
        let end = scanner.next(super::unicode_classes::table(), text.as_bytes(), at);
        found.push(text[at..end].to_owned());
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_are_cut_alone_or_in_runs() {
        assert_eq!(cuts(&Digits { individual: true }, "ab12½c"), ["ab", "1", "2", "½", "c"]);
        assert_eq!(cuts(&Digits { individual: false }, "ab12½c"), ["ab", "12½", "c"]);
    }

    #[test]
    fn a_pattern_that_differs_in_one_letter_is_not_known() {
        assert!(for_pattern(r"\s+").is_none());
        for (pattern, splitter) in PATTERNS {
            assert_eq!(for_pattern(pattern), Some(*splitter));
            assert!(for_pattern(&pattern.replace(r"\s+(?!", r"\s*(?!")).is_none());
        }
    }

    proptest! {
        #[test]
        fn every_scanner_goes_forward_to_the_end_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 1..80)) {
            let scanners: [&dyn Scan; 5] =
                [&Cl100k { digits: 3, last_run: true }, &O200k { contractions: true, digits: 3 }, &O200k { contractions: false, digits: 1 }, &Gpt2, &Digits { individual: false }];
            for scanner in scanners {
                let mut at = 0;
                while at < bytes.len() {
                    let end = scanner.next(super::super::unicode_classes::table(), &bytes, at);
                    prop_assert!(end > at && end <= bytes.len());
                    at = end;
                }
            }
        }
    }
}

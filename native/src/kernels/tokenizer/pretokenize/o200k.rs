//! The patterns of o200k (GPT-4o) and Tekken (Mistral Nemo), which cut words where their case changes.

use super::super::unicode_classes::{CASELESS, LETTER, LOWER, MARK, NUMBER, OTHER, Table, UPPER, class_at};
use super::Scan;
use super::rest::{blanks, contraction, may_lead, numbers, others, small_letters};

/// `X?H*T+S?|X?H+T*S?|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+` where X is `[^\r\n\p{L}\p{N}]`,
/// H `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, T `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` and S the English contractions, if any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct O200k {
    pub contractions: bool,
    pub digits: usize,
}

/// `H*T+` (`tailed`) or else `H+` from `at`; `end == at` when neither matches.
struct Word {
    end: usize,
    tailed: bool,
}

/// Both halves take caseless letters and marks, so a greedy `H*` may have to give some back: the match then ends after the
/// last of them, and capitals behind it begin the next pretoken.
#[inline]
fn word(table: &Table, text: &[u8], at: usize) -> Word {
    let (mut end, mut given_back) = (at, at);
    while end < text.len() {
        let (class, length) = class_at(table, text, end);
        if class == LOWER {
            return Word { end: small_letters(table, text, end + length), tailed: true };
        }
        if class & (UPPER | CASELESS | MARK) == 0 {
            break;
        }
        end += length;
        if class != UPPER {
            given_back = end;
        }
    }
    if given_back > at { Word { end: given_back, tailed: true } } else { Word { end, tailed: false } }
}

impl O200k {
    #[inline]
    fn with_contraction(&self, text: &[u8], end: usize) -> usize {
        if self.contractions && end < text.len() { end + contraction(text, end, true) } else { end }
    }
}

impl Scan for O200k {
    #[inline]
    fn next(&self, table: &Table, text: &[u8], at: usize) -> usize {
        let (class, length) = class_at(table, text, at);
        let second = at + length;
        if class & LETTER != 0 {
            return self.with_contraction(text, word(table, text, at).end);
        }
        if class == NUMBER {
            return numbers(table, text, second, self.digits);
        }
        if may_lead(class) {
            let led = word(table, text, second);
            if led.tailed {
                return self.with_contraction(text, led.end);
            }
            if class == MARK {
                // The mark is not a lead then but a `T` of its own, before `H+` behind a lead is tried.
                return self.with_contraction(text, word(table, text, at).end);
            }
            if led.end > second {
                return self.with_contraction(text, led.end);
            }
            if class == OTHER {
                return others(table, text, second, b"\r\n/");
            }
            if text[at] == b' ' && second < text.len() {
                let (follows, follow_length) = class_at(table, text, second);
                if follows == OTHER {
                    return others(table, text, second + follow_length, b"\r\n/");
                }
            }
        }
        blanks(table, text, at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cuts;
    use super::*;

    const O200K: O200k = O200k { contractions: true, digits: 3 };
    const TEKKEN: O200k = O200k { contractions: false, digits: 1 };

    #[test]
    fn words_are_cut_where_small_letters_end() {
        assert_eq!(cuts(&O200K, "camelCase HTMLParser ÄÖÜ"), ["camel", "Case", " HTMLParser", " ÄÖÜ"]);
    }

    #[test]
    fn contractions_stay_with_their_word() {
        assert_eq!(cuts(&O200K, "it's WE'LL 's"), ["it's", " WE'LL", " '", "s"]);
        assert_eq!(cuts(&TEKKEN, "it's"), ["it", "'s"]);
    }

    #[test]
    fn caseless_letters_and_marks_are_given_back() {
        assert_eq!(cuts(&O200K, "ªAB"), ["ª", "AB"]);
        assert_eq!(cuts(&O200K, "\u{301}AB"), ["\u{301}", "AB"]);
        assert_eq!(cuts(&O200K, "!\u{301}?"), ["!\u{301}", "?"]);
    }

    #[test]
    fn slashes_stay_with_signs() {
        assert_eq!(cuts(&O200K, "http://a //\n"), ["http", "://", "a", " //\n"]);
    }
}

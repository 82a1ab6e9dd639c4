//! `Replace`: every match of a string, or of one character out of a set, by another string.

use super::code_points::code_point_at;
use super::sink::Sink;

pub enum Pattern {
    Text(Vec<u8>),
    /// One character: these code points, in order.
    OneOf(Vec<u32>),
}

pub struct Replace {
    pattern: Pattern,
    content: Vec<u8>,
    finder: Option<memchr::memmem::Finder<'static>>,
}

/// `\p{Zs}` of Unicode 16.0.
const SPACES: &[u32] =
    &[0x20, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x202F, 0x205F, 0x3000];

impl Replace {
    pub fn new(pattern: Pattern, content: Vec<u8>) -> Self {
        let finder = match &pattern {
            Pattern::Text(text) => Some(memchr::memmem::Finder::new(text).into_owned()),
            Pattern::OneOf(_) => None,
        };
        Self { pattern, content, finder }
    }

    pub fn apply(&self, text: &[u8], sink: &mut Sink) -> bool {
        let mut copied = 0;
        let mut replace = |from: usize, to: usize, sink: &mut Sink| {
            sink.keep(text, copied, from);
            sink.put(from, to, &self.content);
            copied = to;
        };
        match (&self.pattern, &self.finder) {
            (Pattern::Text(wanted), Some(finder)) => {
                for at in finder.find_iter(text) {
                    replace(at, at + wanted.len(), sink);
                }
            }
            (Pattern::OneOf(set), _) => {
                // A space that becomes a space is no change, and the most frequent character of the set.
                let same = std::str::from_utf8(&self.content).ok().and_then(|content| content.parse::<char>().ok()).map(u32::from);
                let mut at = 0;
                while at < text.len() {
                    let (c, length) = code_point_at(text, at);
                    if Some(c) != same && set.binary_search(&c).is_ok() {
                        replace(at, at + length, sink);
                    }
                    at += length;
                }
            }
            (Pattern::Text(_), None) => {}
        }
        if copied == 0 {
            return false;
        }
        sink.keep(text, copied, text.len());
        true
    }
}

/// The set that a regular expression of one character stands for: `\p{Zs}`, or brackets around characters, `\uXXXX` and
/// `\xXX`. `None` for every other one.
pub fn parse_set(regex: &str) -> Option<Vec<u32>> {
    if regex == r"\p{Zs}" {
        return Some(SPACES.to_vec());
    }
    let mut rest = regex.strip_prefix('[')?.strip_suffix(']')?;
    let mut set = Vec::new();
    while !rest.is_empty() {
        let digits = if rest.starts_with(r"\u") {
            4
        } else if rest.starts_with(r"\x") {
            2
        } else {
            0
        };
        if digits > 0 {
            set.push(u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok().filter(|_| rest.as_bytes()[2] != b'+')?);
            rest = &rest[2 + digits..];
        } else {
            let c = rest.chars().next()?;
            if c.is_ascii() && !c.is_ascii_alphanumeric() && c != ' ' {
                return None;
            }
            set.push(c as u32);
            rest = &rest[c.len_utf8()..];
        }
    }
    set.sort_unstable();
    (!set.is_empty()).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::super::sink::Side;
    use super::*;

    fn applied(replace: &Replace, text: &str) -> Option<String> {
        let mut side = Side::default();
        replace.apply(text.as_bytes(), &mut Sink { side: &mut side, with_spans: false }).then(|| String::from_utf8(side.bytes).unwrap())
    }

    #[test]
    fn strings_and_sets_are_replaced() {
        let replace = Replace::new(Pattern::Text("▁".into()), b" ".to_vec());
        assert_eq!(applied(&replace, "a▁▁b▁").as_deref(), Some("a  b "));
        assert_eq!(applied(&replace, "a b"), None);
        let replace = Replace::new(Pattern::OneOf(parse_set(r"[\u00AD\u200B]").unwrap()), Vec::new());
        assert_eq!(applied(&replace, "a\u{ad}b\u{200b}").as_deref(), Some("ab"));
        let replace = Replace::new(Pattern::OneOf(parse_set(r"\p{Zs}").unwrap()), b" ".to_vec());
        assert_eq!(applied(&replace, "a \u{a0}b").as_deref(), Some("a  b"));
    }

    #[test]
    fn other_expressions_are_not_taken_for_sets() {
        for regex in ["", "[]", "a", "[a-z]", "[^a]", r"[\d]", r"[\u12]", r"\s", "[a]+", r"[\u+123]", "[[a]]"] {
            assert_eq!(parse_set(regex), None, "{regex}");
        }
    }
}

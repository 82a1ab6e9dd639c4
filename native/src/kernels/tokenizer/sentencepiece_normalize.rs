//! The normalizer of `SentencePiece`: rules of the model file, extra white space, the dummy prefix. Spaces stay spaces here; that
//! pieces write them as U+2581 is the loader's business.

use super::added_tokens::Matcher;
use super::charsmap::Charsmap;
use super::code_points::{STRAY, code_point_at};
use super::sink::Sink;

pub struct SentencePieceNormalizer {
    pub rules: Option<Charsmap>,
    /// User-defined pieces, which no rule touches.
    pub user_defined: Matcher,
    pub remove_extra_whitespaces: bool,
    pub add_dummy_prefix: bool,
    pub whitespace_is_suffix: bool,
}

/// What `text[at..at + length]` becomes.
struct Prefix<'a> {
    bytes: &'a [u8],
    length: usize,
}

impl SentencePieceNormalizer {
    fn prefix<'a>(&'a self, text: &'a [u8], at: usize) -> Prefix<'a> {
        if let Some(end) = self.user_defined.longest_at(text, at) {
            return Prefix { bytes: &text[at..end], length: end - at };
        }
        if let Some((length, bytes)) = self.rules.as_ref().and_then(|rules| rules.longest(&text[at..])) {
            return Prefix { bytes, length };
        }
        let (c, length) = code_point_at(text, at);
        Prefix { bytes: if c >= STRAY { "\u{fffd}".as_bytes() } else { &text[at..at + length] }, length }
    }

    /// The end of the run of bytes from `at` on that certainly stay as they are, one by one.
    fn plain(&self, text: &[u8], at: usize) -> usize {
        let is_plain = |byte: u8| byte < 0x80 && byte != b' ' && self.rules.as_ref().is_none_or(|rules| rules.plain[usize::from(byte)]);
        let mut end = at;
        while end < text.len() && is_plain(text[end]) {
            end += 1;
        }
        // What follows may be a mark that a rule composes with the last byte.
        if end < text.len() && text[end] >= 0x80 { end.saturating_sub(1).max(at) } else { end }
    }

    /// False when only spaces would be written as spaces again.
    pub fn apply(&self, text: &[u8], sink: &mut Sink) -> bool {
        if self.rules.is_none() && !self.remove_extra_whitespaces && !self.add_dummy_prefix && std::str::from_utf8(text).is_ok() {
            return false;
        }
        let mut at = 0;
        if self.remove_extra_whitespaces {
            while at < text.len() {
                let prefix = self.prefix(text, at);
                if prefix.bytes != b" " {
                    break;
                }
                at += prefix.length;
            }
        }
        if at == text.len() {
            return true;
        }
        if self.add_dummy_prefix && !self.whitespace_is_suffix {
            sink.put(at, at, b" ");
        }
        if self.rules.is_none() && !self.remove_extra_whitespaces && std::str::from_utf8(text).is_ok() {
            sink.keep(text, at, text.len());
        } else {
            self.body(text, at, sink);
        }
        if self.remove_extra_whitespaces {
            let mut kept = &sink.side.bytes[..];
            while let Some(shorter) = kept.strip_suffix(b" ").or_else(|| kept.strip_suffix("\u{2581}".as_bytes())) {
                kept = shorter;
            }
            let end = kept.len();
            sink.truncate(end);
        }
        if self.add_dummy_prefix && self.whitespace_is_suffix {
            sink.put(text.len(), text.len(), b" ");
        }
        true
    }

    fn body(&self, text: &[u8], mut at: usize, sink: &mut Sink) {
        let mut after_space = self.remove_extra_whitespaces;
        while at < text.len() {
            if self.user_defined.is_empty() {
                let end = self.plain(text, at);
                if end > at {
                    sink.keep(text, at, end);
                    (at, after_space) = (end, false);
                    continue;
                }
            }
            let Prefix { mut bytes, length } = self.prefix(text, at);
            while let (true, Some(rest)) = (after_space, bytes.strip_prefix(b" ")) {
                bytes = rest;
            }
            if !bytes.is_empty() {
                if *bytes == text[at..at + length] {
                    sink.keep(text, at, at + length);
                } else {
                    sink.put(at, at + length, bytes);
                }
                after_space = self.remove_extra_whitespaces && bytes.ends_with(b" ");
            }
            at += length;
        }
    }
}

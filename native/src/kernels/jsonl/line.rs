//! One line: an object, whose known fields become columns and whose others stay JSON.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Which fields become which column.
pub struct Names {
    pub text: String,
    pub url: String,
    pub date: String,
    pub title: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// The text field is missing, no string, or empty.
    NoText,
    /// The JSON ends too early.
    Cut,
    Json,
    /// The last character lacks bytes.
    CutUtf8,
    Utf8,
}

/// The current line's values; kept and refilled.
#[derive(Default)]
pub struct Line {
    pub text: Vec<u8>,
    pub url: Vec<u8>,
    pub date: Vec<u8>,
    pub title: Vec<u8>,
    pub extra: Vec<u8>,
    key: Vec<u8>,
}

impl Line {
    /// Parses strictly (RFC 8259), to any depth without recursion. Of a repeated field the last counts, as in JavaScript.
    /// A lone surrogate escape becomes U+FFFD: UTF-8 cannot hold it.
    pub fn parse(&mut self, line: &[u8], names: &Names) -> Result<(), LineError> {
        for column in [&mut self.text, &mut self.url, &mut self.date, &mut self.title, &mut self.extra] {
            column.clear();
        }
        let line =
            std::str::from_utf8(line).map_err(|error| if error.error_len().is_none() { LineError::CutUtf8 } else { LineError::Utf8 })?;
        let mut parser = serde_json::Deserializer::from_str(line);
        Fields { line: self, names }
            .deserialize(&mut parser)
            .and_then(|()| parser.end())
            .map_err(|error| if error.is_eof() { LineError::Cut } else { LineError::Json })?;
        if !self.extra.is_empty() {
            self.extra.push(b'}');
        }
        if self.text.iter().all(u8::is_ascii_whitespace) { Err(LineError::NoText) } else { Ok(()) }
    }

    fn field(&mut self, key: &str, value: &str, names: &Names) {
        self.key.clear();
        unescape(key, &mut self.key);
        let column = if self.key == names.text.as_bytes() {
            &mut self.text
        } else if self.key == names.url.as_bytes() {
            &mut self.url
        } else if self.key == names.date.as_bytes() {
            &mut self.date
        } else if self.key == names.title.as_bytes() {
            &mut self.title
        } else {
            return self.keep(key, value);
        };
        column.clear();
        if value.starts_with('"') {
            unescape(value, column);
        } else if value != "null" {
            self.keep(key, value);
        }
    }

    fn keep(&mut self, key: &str, value: &str) {
        self.extra.push(if self.extra.is_empty() { b'{' } else { b',' });
        self.extra.extend_from_slice(key.as_bytes());
        self.extra.push(b':');
        self.extra.extend_from_slice(value.as_bytes());
    }
}

struct Fields<'a> {
    line: &'a mut Line,
    names: &'a Names,
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<&RawValue>()? {
            let value = map.next_value::<&RawValue>()?;
            self.line.field(key.get(), value.get(), self.names);
        }
        Ok(())
    }
}

/// The content of a JSON string that is known to be well-formed, quotes included in `raw`.
fn unescape(raw: &str, out: &mut Vec<u8>) {
    let mut rest = &raw.as_bytes()[1..raw.len() - 1];
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let escape = rest[at + 1];
        rest = &rest[at + 2..];
        match escape {
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => rest = unescape_unit(rest, out),
            other => out.push(other),
        }
    }
    out.extend_from_slice(rest);
}

/// One `\u` escape, or two that are a surrogate pair; gives what follows.
fn unescape_unit<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let unit = |digits: &[u8]| digits.iter().fold(0, |value, digit| value << 4 | (*digit as char).to_digit(16).unwrap_or(0));
    let (first, mut rest) = (unit(&rest[..4]), &rest[4..]);
    let mut code = first;
    if (0xd800..0xdc00).contains(&first) && rest.len() >= 6 && rest.starts_with(b"\\u") {
        let second = unit(&rest[2..6]);
        if (0xdc00..0xe000).contains(&second) {
            code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            rest = &rest[6..];
        }
    }
    let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    rest
}

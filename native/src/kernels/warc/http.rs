//! The head of a stored HTTP response, read as leniently as browsers read it.

use std::borrow::Cow;

pub struct Response<'a> {
    pub status: u16,
    /// Where the body begins in the block.
    pub body: usize,
    pub content_type: Cow<'a, [u8]>,
    /// Lines that speak of rights, `name: value` each, names in lower case.
    pub rights: Vec<u8>,
    pub chunked: bool,
    /// In the order they were applied: the last is undone first.
    pub codings: Vec<Coding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
    /// A coding that no browser reads any more (`compress`), or one that needs a dictionary.
    Unsupported,
}

/// None when the block does not begin with a status line.
pub fn parse(block: &[u8]) -> Option<Response<'_>> {
    let mut start = 0;
    loop {
        let response = parse_one(block, start)?;
        // `100 Continue` and its like stand before the real answer in archives of some crawlers.
        if (100..200).contains(&response.status) && block[response.body..].starts_with(b"HTTP/") {
            start = response.body;
            continue;
        }
        return Some(response);
    }
}

fn parse_one(block: &[u8], start: usize) -> Option<Response<'_>> {
    let mut lines = Lines { block, at: start };
    let status = status(lines.next()?)?;
    let mut content_type = Cow::Borrowed(&[][..]);
    let mut chunked = false;
    let mut codings = Vec::new();
    let mut in_content_type = false;
    let mut rights = Vec::new();
    let mut in_rights = false;
    for line in lines.by_ref() {
        if matches!(line[0], b' ' | b'\t') {
            if in_content_type {
                let whole = content_type.to_mut();
                whole.push(b' ');
                whole.extend_from_slice(line.trim_ascii());
            } else if in_rights && rights.len() < MAX_RIGHTS {
                rights.pop();
                add_line(&[b" ", line.trim_ascii()], &mut rights);
            }
            continue;
        }
        in_content_type = false;
        in_rights = false;
        // A line without a colon is passed over, as browsers do.
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-type") {
            if !value.is_empty() {
                content_type = Cow::Borrowed(value);
                in_content_type = true;
            }
        } else if speaks_of_rights(name, value) {
            in_rights = rights.len() < MAX_RIGHTS;
            if in_rights {
                add_line(&[&name.to_ascii_lowercase(), b": ", value], &mut rights);
            }
        } else if name.eq_ignore_ascii_case(b"content-encoding") {
            codings.extend(value.split(|byte| *byte == b',').filter_map(coding));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            for token in value.split(|byte| *byte == b',') {
                chunked |= token.trim_ascii().eq_ignore_ascii_case(b"chunked");
                codings.extend(coding(token));
            }
        }
    }
    Some(Response { status, body: lines.at, content_type, rights, chunked, codings })
}

/// Bytes of such lines after which no more are taken; one line adds at most as much again.
const MAX_RIGHTS: usize = 8 << 10;

const RIGHTS: [&str; 5] = ["x-robots-tag", "content-usage", "content-signal", "tdm-reservation", "tdm-policy"];

fn speaks_of_rights(name: &[u8], value: &[u8]) -> bool {
    // `Link: <...>; rel="license"`, with any other links around it.
    let links = name.eq_ignore_ascii_case(b"link") && value.windows(7).any(|word| word.eq_ignore_ascii_case(b"license"));
    links || RIGHTS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

fn add_line(parts: &[&[u8]], out: &mut Vec<u8>) {
    let room = parts.iter().map(|part| part.iter()).map(|part| part.take(MAX_RIGHTS));
    out.extend(room.flatten().map(|&byte| if byte.is_ascii_control() { b' ' } else { byte }));
    out.push(b'\n');
}

/// Lines up to the blank one, which is passed; a missing blank line ends with the block.
struct Lines<'a> {
    block: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = &self.block[self.at..];
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        (!line.is_empty()).then_some(line)
    }
}

fn status(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/").or_else(|| line.strip_prefix(b"http/"))?;
    let digits = rest.split(|byte| *byte == b' ').skip(1).find(|word| !word.is_empty())?;
    let digits = digits.get(..3)?;
    digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
}

/// None for `identity` and for words that are no coding: sites send `none`, `utf-8` and worse, and browsers pass over it.
fn coding(token: &[u8]) -> Option<Coding> {
    let token = token.trim_ascii().to_ascii_lowercase();
    match token.as_slice() {
        b"gzip" | b"x-gzip" => Some(Coding::Gzip),
        b"deflate" => Some(Coding::Deflate),
        b"br" => Some(Coding::Brotli),
        b"zstd" => Some(Coding::Zstd),
        b"compress" | b"x-compress" | b"dcb" | b"dcz" => Some(Coding::Unsupported),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Html,
    Text,
    /// Nothing is said, or nothing that means something: the content is looked at.
    Unknown,
    Other,
}

pub fn media(content_type: &[u8]) -> Media {
    let end = content_type.iter().position(|byte| matches!(byte, b';' | b',')).unwrap_or(content_type.len());
    let essence = content_type[..end].trim_ascii().to_ascii_lowercase();
    match essence.as_slice() {
        b"text/html" | b"application/xhtml+xml" | b"application/vnd.wap.xhtml+xml" => Media::Html,
        b"text/plain" => Media::Text,
        b"application/octet-stream" | b"application/unknown" | b"unknown/unknown" | b"content/unknown" | b"*/*" => Media::Unknown,
        other if !other.contains(&b'/') => Media::Unknown,
        _ => Media::Other,
    }
}

/// Whether the first KiB shows an HTML document (the signatures of the WHATWG's MIME sniffing that a page cannot do without).
pub fn looks_like_html(body: &[u8]) -> bool {
    let start = &body[..body.len().min(1024)];
    let tags: [&[u8]; 2] = [b"<html", b"<!doctype html"];
    memchr::memchr_iter(b'<', start).any(|at| {
        let rest = &start[at..];
        tags.iter().any(|tag| {
            rest.len() > tag.len()
                && rest[..tag.len()].eq_ignore_ascii_case(tag)
                && matches!(rest[tag.len()], b'>' | b' ' | b'\t' | b'\r' | b'\n' | 12)
        })
    })
}

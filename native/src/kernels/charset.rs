//! From the bytes of a page to valid UTF-8.
//!
//! Order: byte order mark, HTTP header, a declaration in the page (`<meta charset>`, `http-equiv`, `<?xml encoding?>`), the bytes
//! themselves. A declaration loses against bytes that prove it wrong: text that is valid UTF-8 with letters outside ASCII is UTF-8
//! (no page of another encoding looks like that by chance), and declared UTF-8 that mostly is not is detected anew.
//! Labels are the ones of the WHATWG Encoding Standard. Where the page's language is known, from `<html lang>` or its country,
//! `by_language` finds the encoding; elsewhere chardetng does.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use memchr::memmem;

mod by_language;

/// How far a page may declare its encoding. The standard says 1024 bytes; comments and scripts push it further out.
const PRESCAN_BYTES: usize = 4096;
/// More bytes do not change a guess.
const DETECTION_BYTES: usize = 256 * 1024;

pub struct Decoded<'a> {
    /// What could not be decoded is U+FFFD.
    pub text: Cow<'a, str>,
    pub encoding: &'static Encoding,
}

/// Decodes a page; `content_type` is the header as sent, `url` where it is from; both may be empty.
pub fn decode<'a>(bytes: &'a [u8], content_type: &[u8], url: &[u8]) -> Decoded<'a> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return finish(encoding, &bytes[length..]);
    }
    let head = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    let utf16 = || header_charset(content_type).filter(|&encoding| encoding == UTF_16LE || encoding == UTF_16BE);
    if let Some(encoding) = utf16_by_zeros(head).or_else(utf16).filter(|_| memchr::memchr(0, head).is_some()) {
        return finish(encoding, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let declared = || header_charset(content_type).or_else(|| declared_charset(head));
        // ISO-2022 writes everything in ASCII bytes; nothing else does.
        if memchr::memchr(0x1B, bytes).is_some() && text.is_ascii() && declared().is_some_and(|encoding| encoding == ISO_2022_JP) {
            return finish(ISO_2022_JP, bytes);
        }
        return Decoded { text: Cow::Borrowed(text), encoding: UTF_8 };
    }
    finish(legacy(bytes, head, content_type, url), bytes)
}

fn finish<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    Decoded { text: encoding.decode_without_bom_handling(bytes).0, encoding }
}

/// The encoding of bytes that are not all valid UTF-8.
fn legacy(bytes: &[u8], head: &[u8], content_type: &[u8], url: &[u8]) -> &'static Encoding {
    let header = header_charset(content_type);
    let meta = declared_charset(head);
    if is_mostly_utf8(bytes) {
        return UTF_8;
    }
    let domain = top_level_domain(url);
    let origin = Origin { language: stated_language(head), domain: domain.as_deref() };
    let told = |encoding: Option<&'static Encoding>| encoding.filter(|&encoding| encoding != UTF_8);
    match (told(header), told(meta)) {
        (Some(header), Some(meta)) if header != meta => {
            // Servers send one charset for all pages: the bytes decide whether the page knows better.
            if guess(bytes, origin) == meta { meta } else { not_contradicted(bytes, header, origin) }
        }
        (Some(encoding), _) | (None, Some(encoding)) => not_contradicted(bytes, encoding, origin),
        (None, None) => guess(bytes, origin),
    }
}

/// The declared encoding, unless it makes letters of the page's language into others and another makes them right.
fn not_contradicted(bytes: &[u8], declared: &'static Encoding, origin: Origin) -> &'static Encoding {
    let better = |language: &str| Some(by_language::find(bytes, language)?).filter(|_| by_language::contradicts(bytes, declared, language));
    origin.languages().find_map(better).unwrap_or(declared)
}

/// A page cut off in a character, or with a broken line in it, is still UTF-8: at least 20 good sequences to one bad.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut last_is_cut = false;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
        last_is_cut = chunk.invalid().len() > 1;
    }
    let cut_at_the_end = bad == 1 && last_is_cut && bytes.utf8_chunks().last().is_some_and(|chunk| !chunk.invalid().is_empty());
    good >= bad * 20 || cut_at_the_end
}

/// What the page says it is written in, else what its country writes.
#[derive(Clone, Copy)]
struct Origin<'a> {
    language: Option<&'a str>,
    domain: Option<&'a str>,
}

impl Origin<'_> {
    /// Languages to try: a template's `lang=en` is often wrong, so the domain has its say.
    fn languages(&self) -> impl Iterator<Item = &str> {
        self.language.into_iter().chain(self.domain.and_then(by_language::language_of_domain))
    }
}

fn guess(bytes: &[u8], origin: Origin) -> &'static Encoding {
    if let Some(found) = origin.languages().find_map(|language| by_language::find(bytes, language)) {
        return found;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(DETECTION_BYTES)], true);
    let domain = origin.language.and_then(domain_of_language).or(origin.domain);
    detector.guess(domain.map(str::as_bytes), Utf8Detection::Deny)
}

/// ASCII markup in UTF-16 has a zero in every other byte.
fn utf16_by_zeros(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [b'<', 0, letter, 0, ..] if *letter > 0 => Some(UTF_16LE),
        [0, b'<', 0, letter, ..] if *letter > 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// What the standard does with a label found in a page or header.
fn for_label(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    if encoding == REPLACEMENT {
        None
    } else if encoding == X_USER_DEFINED {
        Some(WINDOWS_1252)
    } else {
        Some(encoding)
    }
}

/// `charset` of `text/html; charset="utf-8"`.
pub fn header_charset(content_type: &[u8]) -> Option<&'static Encoding> {
    for_label(charset_parameter(content_type)?)
}

/// The value after the first `charset` that an equals sign follows.
fn charset_parameter(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    loop {
        let at = find_ignoring_case(rest, b"charset")?;
        rest = &rest[at + b"charset".len()..];
        if let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") {
            return quoted(value, b"; \t\r\n,>");
        }
    }
}

/// A value in quotes, or up to one of `stops`.
fn quoted<'a>(bytes: &'a [u8], stops: &[u8]) -> Option<&'a [u8]> {
    let bytes = bytes.trim_ascii_start();
    let value = match bytes.first()? {
        &quote @ (b'"' | b'\'') => bytes[1..].split(|&byte| byte == quote).next()?,
        _ => bytes.split(|byte| stops.contains(byte)).next()?,
    };
    Some(value.trim_ascii()).filter(|value| !value.is_empty())
}

/// The declaration inside the page. UTF-16 cannot declare itself in ASCII, so it means UTF-8.
fn declared_charset(head: &[u8]) -> Option<&'static Encoding> {
    let found = xml_encoding(head).or_else(|| meta_charset(head))?;
    Some(if found == UTF_16LE || found == UTF_16BE { UTF_8 } else { found })
}

fn xml_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let declaration = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memchr::memchr(b'>', declaration)?];
    let at = memmem::find(declaration, b"encoding")?;
    let value = declaration[at + b"encoding".len()..].trim_ascii_start().strip_prefix(b"=")?;
    for_label(quoted(value, b" \t\r\n?")?)
}

/// In each `<meta …>` outside comments: `charset=…` of its own, or inside `content` beside `http-equiv`.
fn meta_charset(head: &[u8]) -> Option<&'static Encoding> {
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix(b"<!--") {
            rest = &comment[memmem::find(comment, b"-->")?..];
            continue;
        }
        rest = &rest[1..];
        if rest.len() > 5 && rest[..4].eq_ignore_ascii_case(b"meta") && (rest[4].is_ascii_whitespace() || rest[4] == b'/') {
            let tag = &rest[4..memchr::memchr(b'>', rest).unwrap_or(rest.len())];
            let meant = find_ignoring_case(tag, b"http-equiv").is_some() || find_ignoring_case(tag, b"content").is_none();
            if let Some(encoding) = charset_parameter_of_tag(tag).filter(|_| meant) {
                return Some(encoding);
            }
        }
    }
    None
}

fn charset_parameter_of_tag(tag: &[u8]) -> Option<&'static Encoding> {
    let at = find_ignoring_case(tag, b"charset")?;
    let value = tag[at + b"charset".len()..].trim_ascii_start().strip_prefix(b"=")?;
    // Inside content="…" the closing quote ends the label.
    for_label(quoted(value, b"; \t\r\n\"'/>")?)
}

fn find_ignoring_case(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))
}

/// The value of `<html lang>`.
fn stated_language(head: &[u8]) -> Option<&str> {
    let html = find_ignoring_case(head, b"<html")?;
    let tag = &head[html..];
    let tag = &tag[..memchr::memchr(b'>', tag)?];
    let at = find_ignoring_case(tag, b"lang")?;
    std::str::from_utf8(quoted(tag[at + 4..].trim_ascii_start().strip_prefix(b"=")?, b" \t\r\n>")?).ok()
}

/// The last label of the host.
fn top_level_domain(url: &[u8]) -> Option<String> {
    let url = std::str::from_utf8(url).ok()?;
    let host = url.split_once("://")?.1.split(['/', '?', '#', ':']).next()?;
    let domain = host.rsplit('.').next()?.to_ascii_lowercase();
    // What chardetng accepts; it panics on others.
    (!domain.is_empty() && domain.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(domain)
}

/// Where a language's pages usually live: chardetng tells the encodings of one region apart by it.
fn domain_of_language(tag: &str) -> Option<&'static str> {
    Some(match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
        "bg" => "bg",
        "cs" => "cz",
        "da" => "dk",
        "de" => "de",
        "el" => "gr",
        "es" => "es",
        "et" => "ee",
        "fi" => "fi",
        "fr" => "fr",
        "hr" => "hr",
        "hu" => "hu",
        "is" => "is",
        "it" => "it",
        "lt" => "lt",
        "lv" => "lv",
        "mk" => "mk",
        "nl" => "nl",
        "nb" | "nn" | "no" => "no",
        "pl" => "pl",
        "pt" => "pt",
        "ro" => "ro",
        "ru" => "ru",
        "sk" => "sk",
        "sl" => "si",
        "sq" => "al",
        "sr" => "rs",
        "sv" => "se",
        "tr" => "tr",
        "uk" => "ua",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;

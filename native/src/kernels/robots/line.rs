//! Lines of a robots file: where they end, what they are.

/// Bytes of a line that are read. Google's matcher has the same limit: eight times the longest URL of a browser.
pub const MAX_LINE: usize = 8 * 2083 - 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    UserAgent,
    Allow,
    Disallow,
    Sitemap,
    Other,
}

pub struct Line<'a> {
    pub key: Key,
    pub name: &'a [u8],
    pub value: &'a [u8],
}

/// Lines with their numbers from 1; LF, CR and CRLF end one.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = Some(bytes);
    let mut number = 0;
    std::iter::from_fn(move || {
        let text = rest?;
        number += 1;
        let Some(end) = memchr::memchr2(b'\n', b'\r', text) else {
            rest = None;
            return Some((number, &text[..text.len().min(MAX_LINE)]));
        };
        let next = if text[end..].starts_with(b"\r\n") { end + 2 } else { end + 1 };
        rest = Some(&text[next..]);
        Some((number, &text[..end.min(MAX_LINE)]))
    })
}

/// A line without its comment as key and value; none for a line that has no key. Where the colon is missing, white space
/// stands for it if it divides the line in two words (as Google reads it).
pub fn parse(line: &[u8]) -> Option<Line<'_>> {
    let line = memchr::memchr(b'#', line).map_or(line, |comment| &line[..comment]).trim_ascii();
    let (name, value) = if let Some(colon) = memchr::memchr(b':', line) {
        (line[..colon].trim_ascii_end(), line[colon + 1..].trim_ascii_start())
    } else {
        let space = memchr::memchr2(b' ', b'\t', line)?;
        let value = line[space..].trim_ascii_start();
        if memchr::memchr2(b' ', b'\t', value).is_some() {
            return None;
        }
        (&line[..space], value)
    };
    (!name.is_empty()).then(|| Line { key: key(name), name, value })
}

/// Spellings that Google or crawler-commons accept, and no others: `allowed` or `disallow-x` is another key.
const USER_AGENT: [&str; 8] =
    ["user-agent", "useragent", "user agent", "useg-agent", "ser-agent", "users-agent", "user-agnet", "user-agents"];
const DISALLOW: [&str; 12] = [
    "disallow",
    "dissallow",
    "dissalow",
    "disalow",
    "diasllow",
    "disallaw",
    "desallow",
    "dssalow",
    "dsallow",
    "diallow",
    "disallows",
    "disllow",
];

fn key(name: &[u8]) -> Key {
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    match () {
        () if USER_AGENT.into_iter().any(is) => Key::UserAgent,
        () if DISALLOW.into_iter().any(is) => Key::Disallow,
        () if is("allow") => Key::Allow,
        () if is("sitemap") || is("site-map") || is("sitemaps") => Key::Sitemap,
        () => Key::Other,
    }
}

/// What a User-agent line calls its agents, in lower case. RFC 9309 knows letters, `_` and `-`; names such as `AI2Bot`
/// have digits, and whoever writes them means them: such a line has the name in full, and, as Google reads it, the part
/// before the first foreign character.
pub fn agent_names(value: &[u8]) -> impl Iterator<Item = String> {
    let everyone = value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace);
    let token = |allowed: fn(u8) -> bool| value.iter().position(|&byte| !allowed(byte)).map_or(value, |end| &value[..end]);
    let strict = token(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
    let wide = token(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let names = if everyone { [&b"*"[..], b""] } else { [strict, if wide == strict { b"" } else { wide }] };
    let names = names.map(|name| String::from_utf8_lossy(name).to_ascii_lowercase());
    names.into_iter().filter(|name| !name.is_empty())
}

/// The number that the value begins with.
pub fn seconds(value: &[u8]) -> Option<f64> {
    let end = value.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(value.len());
    let seconds: f64 = std::str::from_utf8(&value[..end]).ok()?.parse().ok()?;
    seconds.is_finite().then_some(seconds)
}

/// Text for people and other programs: no control characters, no broken UTF-8.
pub fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|character| !character.is_control()).collect()
}

//! Internet addresses: which ones are public, by the special-purpose registries of IANA (RFC 6890 and its successors).

use super::chain::{character_before, letter_follows};
use super::document::{BROKEN, OPENING};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest text of an IPv6 address.
const LONGEST: usize = 45;

/// Four numbers of 0 to 255 without leading zeros at `from`: the address and where it ends.
pub fn read_v4(text: &[u8], from: usize) -> Option<(Ipv4Addr, usize)> {
    let (mut octets, mut at) = ([0; 4], from);
    for (i, octet) in octets.iter_mut().enumerate() {
        if i > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let digits = text[at.min(text.len())..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let value = text[at..at + digits].iter().fold(0_u32, |sum, &byte| sum * 10 + u32::from(byte - b'0'));
        if !(1..=3).contains(&digits) || value > 255 || (digits > 1 && text[at] == b'0') {
            return None;
        }
        *octet = value as u8;
        at += digits;
    }
    Some((Ipv4Addr::from(octets), at))
}

/// An IPv4 address at `from` that stands by itself: no fifth number, no suffix of a version.
pub fn alone_v4(text: &[u8], from: usize) -> Option<(Ipv4Addr, usize)> {
    let (address, end) = read_v4(text, from)?;
    let next = |ahead: usize| text.get(end + ahead).copied().unwrap_or(b' ');
    let rest = text.get(end + 1..).unwrap_or_default();
    let found = rest.starts_with(OPENING) || rest.starts_with(BROKEN);
    let goes_on = match next(0) {
        b'.' => next(1).is_ascii_alphanumeric(),
        b'-' => found || (next(1).is_ascii_alphanumeric() && read_v4(text, end + 1).is_none()),
        b'+' | b'~' => found || next(1).is_ascii_alphabetic(),
        b'_' => true,
        byte => byte.is_ascii_alphanumeric() || letter_follows(text, end),
    };
    let before = |back: usize| from.checked_sub(back).map_or(b' ', |at| text[at]);
    let goes_before = match before(1) {
        b'.' | b'-' | b'/' | b'_' | b'+' => {
            (before(2).is_ascii_alphanumeric() || text[..from - 1].ends_with(b"|>")) && !ends_v4(text, from - 1)
        }
        byte => byte.is_ascii_alphanumeric() || (byte >= 0x80 && character_before(text, from).is_some_and(char::is_alphanumeric)),
    };
    (!goes_on && !goes_before).then_some((address, end))
}

/// Whether an address ends at `at`, for ranges and pairs: `198.51.100.1-198.51.100.9`.
fn ends_v4(text: &[u8], at: usize) -> bool {
    matches!(text[at], b'-' | b'/') && (7..=15).any(|length| at >= length && read_v4(text, at - length).is_some_and(|(_, end)| end == at))
}

/// An address that the public Internet routes to somebody.
pub fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(matches!(
        (a, b, c),
        (0 | 10 | 127, ..) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) | (192, 0, 0 | 2) | (192, 88, 99)
    ) || matches!((a, b, c), (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113))
        || a >= 224)
}

/// Four small numbers are more often a version or a section than an address: all under 64, or three under 16. Of public
/// addresses that are drawn at random, one in two hundred is; without a word or sign of an address they stay. Four equal
/// numbers (`8.8.8.8`) are hardly ever a version.
pub fn could_be_version(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    let under = |limit: u8| octets.iter().filter(|octet| **octet < limit).count();
    (under(64) == 4 || under(16) >= 3) && octets.iter().any(|octet| *octet != octets[0])
}

/// Global unicast (`2000::/3`) without documentation ranges, and public IPv4 addresses mapped or translated into IPv6.
pub fn is_public_v6(address: Ipv6Addr) -> bool {
    let groups = address.segments();
    let embedded = Ipv4Addr::from((u32::from(groups[6]) << 16) | u32::from(groups[7]));
    match groups {
        [0, 0, 0, 0, 0, 0xFFFF, ..] | [0x64, 0xFF9B, 0, 0, 0, 0, ..] => is_public_v4(embedded),
        [0x2001, 0xDB8 | 0x10..=0x1F, ..] | [0x3FFF, 0..=0xFFF, ..] | [0x2001, 2, 0, ..] => false,
        [first, ..] => first & 0xE000 == 0x2000,
    }
}

/// The run of hexadecimal digits, colons and dots around `at`, when it is short enough for an address and has two colons.
pub fn v6_run(text: &[u8], at: usize, from: usize, to: usize) -> (usize, usize) {
    let belongs = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let start = at - text[from..at].iter().rev().take(LONGEST + 1).take_while(|byte| belongs(byte)).count();
    let end = at + text[at..to].iter().take(LONGEST + 1).take_while(|byte| belongs(byte)).count();
    (start, end)
}

/// An IPv6 address that is all of the run, but for a dot or colon of the sentence at its end.
pub fn read_v6(text: &[u8], (start, mut end): (usize, usize)) -> Option<(Ipv6Addr, usize)> {
    if end - start > LONGEST + 2 || memchr::memchr_iter(b':', &text[start..end]).count() < 2 {
        return None;
    }
    let glued = text[end..].starts_with(OPENING) || text[end..].starts_with(BROKEN);
    while end > start && (text[end - 1] == b'.' || (text[end - 1] == b':' && !text[..end].ends_with(b"::"))) {
        end -= 1;
    }
    let inside = |at: usize| text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') || letter_follows(text, at);
    if glued
        || inside(end)
        || (start > 0 && (inside(start - 1) || text[start - 1] >= 0x80 && character_before(text, start).is_some_and(char::is_alphanumeric)))
    {
        return None;
    }
    let address = std::str::from_utf8(&text[start..end]).ok()?.parse().ok()?;
    Some((address, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        let from = text.find(|c: char| c.is_ascii_digit())?;
        alone_v4(text.as_bytes(), from).map(|(_, end)| &text[from..end])
    }

    #[test]
    fn versions_and_sections_are_no_addresses() {
        assert_eq!(found("host 8.8.8.8."), Some("8.8.8.8"));
        assert_eq!(found("http://8.8.8.8:53/"), Some("8.8.8.8"));
        assert_eq!(found(".8.8.8.8"), Some("8.8.8.8"));
        for text in
            ["1.2.3.4.5", "v1.2.3.4", "lib-1.2.3.4", "Firefox/1.5.0.4", "1.2.3.4-1ubuntu", "1.2.3.4+dfsg", "1.2.3.256", "08.8.8.8", "1.2.3"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn small_numbers_could_be_a_version() {
        for text in ["3.4.2.7", "115.0.1.2", "40.33.12.63"] {
            assert!(could_be_version(text.parse().unwrap()), "{text}");
        }
        for text in ["8.8.8.8", "115.0.17.2", "40.33.12.64", "93.184.216.34"] {
            assert!(!could_be_version(text.parse().unwrap()), "{text}");
        }
        // One in 200 of all: 0.39 % under 64, 0.09 % with three under 16.
        let drawn = (0..1_000_000_u32).map(|i| Ipv4Addr::from(i.wrapping_mul(2_654_435_761))).filter(|a| could_be_version(*a)).count();
        assert!(drawn < 5_000, "{drawn}");
    }

    #[test]
    fn special_ranges_stay() {
        for text in ["10.0.0.1", "192.0.2.7", "198.51.100.7", "203.0.113.7", "127.0.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255"] {
            assert!(!is_public_v4(text.parse().unwrap()), "{text}");
        }
        for text in ["::1", "fe80::1", "fc00::1", "2001:db8::1", "::ffff:10.0.0.1", "ff02::1", "3fff::1"] {
            assert!(!is_public_v6(text.parse().unwrap()), "{text}");
        }
        for text in ["2a00:1450:4001:81b::200e", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:4860:4860::8888"] {
            assert!(is_public_v6(text.parse().unwrap()), "{text}");
        }
    }
}

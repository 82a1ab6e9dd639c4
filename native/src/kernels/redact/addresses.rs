//! Addresses of machines among the numbers of a text.

use super::context::{ADDRESS, VERSION};
use super::document::Document;
use super::numbers::Found;
use super::{Language, Type, ip};

/// An address of a machine around `digit`, and how far a run of IPv6 characters was looked at. Found but with no type: an
/// address that stays.
pub fn find(
    document: &mut Document,
    language: &Language,
    start: usize,
    digit: usize,
    (from, to): (usize, usize),
) -> Option<(Option<Found>, usize)> {
    let text = document.text;
    let around = |at: usize| text.get(at) == Some(&b':');
    let end = digit + text[digit..to].iter().take(5).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digit >= from && start >= from && (around(end) || (start > from && around(start - 1))) {
        let run = ip::v6_run(text, digit, from, to);
        if let Some((address, end)) = ip::read_v6(text, run) {
            let public = ip::is_public_v6(address) && document.wants(Type::Ip);
            let value = if public { format!("2001:db8::{:x}", document.next_address() + 1).into_bytes() } else { Vec::new() };
            return Some((Some(Found { what: public.then_some(Type::Ip), start: run.0, end, value }), end));
        }
        if text.get(end) != Some(&b'.') {
            return Some((None, run.1));
        }
    }
    if start != digit {
        return None;
    }
    let (address, end) = ip::alone_v4(&text[..to], digit)?;
    let mut found = Found { what: None, start: digit, end, value: Vec::new() };
    if document.wants(Type::Ip)
        && ip::is_public_v4(address)
        && document.right_before(&language.words, digit).kinds & VERSION == 0
        && !is_section(text, digit)
        && (!ip::could_be_version(address)
            || is_written_as_host(text, digit, end)
            || document.before(&language.words, digit).kinds & ADDRESS != 0
            || language.words.after(text, end, to).kinds & ADDRESS != 0)
    {
        let number = document.next_address();
        let range = ["192.0.2", "198.51.100", "203.0.113"][number as usize % 3];
        found.value = format!("{range}.{}", number / 3 % 254 + 1).into_bytes();
        found.what = Some(Type::Ip);
    }
    Some((Some(found), from))
}

/// What stands around it is the writing of a host: a scheme or user before it, a port or a prefix length behind.
fn is_written_as_host(text: &[u8], from: usize, end: usize) -> bool {
    let before = &text[..from];
    let digit_after = text.get(end + 1).is_some_and(u8::is_ascii_digit);
    before.ends_with(b"://")
        || before.ends_with(b"@")
        || before.ends_with(b"[")
        || (matches!(text.get(end), Some(b':' | b'/')) && digit_after)
}

/// A section sign stands before `at`.
fn is_section(text: &[u8], at: usize) -> bool {
    let before = text[at.saturating_sub(8)..at].trim_ascii_end();
    let before = before.strip_suffix(&[0xC2, 0xA0]).or_else(|| before.strip_suffix(&[0xE2, 0x80, 0xAF])).unwrap_or(before);
    before.ends_with("§".as_bytes()) || before.ends_with(b"#")
}

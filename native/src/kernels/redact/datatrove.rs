//! datatrove 0.10's `PIIFormatter`: the same text gives the same replacements. Its rotation of replacements runs on from
//! document to document; here it begins anew with each, so that a document's text does not depend on the one before it.

use std::net::Ipv4Addr;

const EMAILS: [&[u8]; 2] = [b"email@example.com", b"firstname.lastname@example.org"];
const ADDRESSES: [&[u8]; 6] =
    [b"22.214.171.124", b"126.96.36.199", b"188.8.131.52", b"184.108.40.206", b"220.127.116.11", b"18.104.22.168"];

/// Appends the text with e-mail and public IPv4 addresses replaced; gives how many of each.
pub fn redact(text: &[u8], out: &mut Vec<u8>) -> (u32, u32) {
    if memchr::memchr(b'@', text).is_none() {
        return (0, addresses(text, out));
    }
    let mut between = Vec::with_capacity(text.len());
    let emails = emails(text, &mut between);
    (emails, addresses(&between, out))
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

fn is_word(character: Option<char>) -> bool {
    character.is_some_and(|character| character.is_alphanumeric() || character == '_')
}

fn emails(text: &[u8], out: &mut Vec<u8>) -> u32 {
    let (mut copied, mut count) = (0, 0);
    let mut floor = 0;
    for at in memchr::memchr_iter(b'@', text) {
        if at < copied {
            continue;
        }
        let found = local_start(text, at, floor.max(copied)).zip(domain_end(text, at + 1));
        if let Some((start, end)) = found {
            out.extend_from_slice(&text[copied..start]);
            out.extend_from_slice(EMAILS[count as usize % EMAILS.len()]);
            copied = end;
            count += 1;
        }
        floor = at + 1;
    }
    out.extend_from_slice(&text[copied..]);
    count
}

/// The leftmost word boundary from which dot-separated atoms reach `end`.
fn local_start(text: &[u8], end: usize, floor: usize) -> Option<usize> {
    let mut start = end;
    while start > floor {
        let byte = text[start - 1];
        let dot_fits = byte == b'.' && start < end && text[start] != b'.';
        if !is_atom(byte) && !dot_fits {
            break;
        }
        start -= 1;
    }
    let boundary = |at: usize| is_word(super::chain::character_before(text, at)) != is_word(super::chain::character_at(text, at));
    (start..end).find(|&at| text[at] != b'.' && boundary(at))
}

fn domain_end(text: &[u8], from: usize) -> Option<usize> {
    if text.get(from) == Some(&b'[') {
        return literal_end(text, from + 1);
    }
    let (mut at, mut end, mut labels) = (from, None, 0);
    loop {
        let run = text[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        let label = &text[at..at + run];
        if label.first().is_none_or(|&byte| byte == b'-') {
            return end;
        }
        labels += 1;
        let last = at + label.iter().rposition(|&byte| byte != b'-').unwrap_or(0) + 1;
        if labels > 1 {
            end = Some(last);
        }
        at += run;
        if last < at || text.get(at) != Some(&b'.') {
            return end;
        }
        at += 1;
    }
}

/// An address in brackets, or three numbers, a name and a colon.
fn literal_end(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..3 {
        at += digits_at(text, at).filter(|&run| is_octet(&text[at..at + run]) && text.get(at + run) == Some(&b'.'))? + 1;
    }
    let run = text[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let tail = &text[at..at + run];
    let end = match text.get(at + run)? {
        b']' if is_octet(tail) => at + run,
        b':' if tail.last().is_some_and(u8::is_ascii_alphanumeric) => at + run + 1,
        _ => return None,
    };
    (text.get(end) == Some(&b']')).then_some(end + 1)
}

fn digits_at(text: &[u8], at: usize) -> Option<usize> {
    Some(text.get(at..)?.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count()).filter(|&run| run > 0)
}

/// 0 to 255, zeros in front allowed.
fn is_octet(digits: &[u8]) -> bool {
    (1..=3).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && digits.iter().fold(0, |sum, &byte| sum * 10 + u32::from(byte - b'0')) <= 255
}

fn addresses(text: &[u8], out: &mut Vec<u8>) -> u32 {
    let (mut copied, mut count, mut from) = (0, 0, 0);
    while let Some(dot) = memchr::memchr(b'.', &text[from..]).map(|at| from + at) {
        from = dot + 1;
        let Some((start, end)) = address_around(text, dot, copied) else { continue };
        if is_global(&text[start..end]) {
            out.extend_from_slice(&text[copied..start]);
            out.extend_from_slice(ADDRESSES[count as usize % ADDRESSES.len()]);
            count += 1;
        } else {
            out.extend_from_slice(&text[copied..end]);
        }
        copied = end;
        from = end;
    }
    out.extend_from_slice(&text[copied..]);
    count
}

/// Four numbers whose first dot is at `dot`: there is no boundary, so the first is the longest end of its digits that is an
/// octet, and the last their longest beginning.
fn address_around(text: &[u8], dot: usize, floor: usize) -> Option<(usize, usize)> {
    let before = text[floor..dot].iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let first = (1..=before).rev().find(|&run| is_octet(&text[dot - run..dot]))?;
    let mut at = dot + 1;
    for _ in 0..2 {
        at += digits_at(text, at).filter(|&run| is_octet(&text[at..at + run]) && text.get(at + run) == Some(&b'.'))? + 1;
    }
    let run = digits_at(text, at)?.min(3);
    let last = (1..=run).rev().find(|&run| is_octet(&text[at..at + run]))?;
    Some((dot - first, at + last))
}

/// `ipaddress.ip_address(text).is_global` of Python 3.11.7 (later ones call all of 192.0.0.0/24 private but two); numbers with zeros in front are no addresses there.
fn is_global(text: &[u8]) -> bool {
    let Some(address) = std::str::from_utf8(text).ok().and_then(|text| text.parse::<Ipv4Addr>().ok()) else { return false };
    let [a, b, c, d] = address.octets();
    let private = matches!((a, b), (0 | 10 | 127, _) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19))
        || matches!((a, b, c), (192, 0, 2) | (198, 51, 100) | (203, 0, 113))
        || a >= 240
        || ((a, b, c) == (192, 0, 0) && matches!(d, 0..=7 | 170 | 171));
    let shared = a == 100 && (64..=127).contains(&b);
    !private && !shared
}

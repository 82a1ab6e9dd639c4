//! Whether a span is one web address, which stays whole: scheme and user optional, a host of two or more labels with a
//! lower-case last one (or a public IPv4 address), port and path optional. As spaCy 3.8's URL pattern.

use super::chunk::{ALPHA, Char, DIGIT, LOWER, WORD, run};

pub fn is_url(span: &[Char]) -> bool {
    // A span without a dot inside cannot hold a host; most end here.
    if !span.iter().any(|c| c.is('.')) {
        return false;
    }
    if is_host_and_path(span) || after_scheme(span).is_some_and(is_host_and_path) {
        return true;
    }
    let users = span.iter().enumerate().filter(|&(at, c)| at > 0 && c.is('@'));
    users.into_iter().any(|(at, _)| is_host_and_path(&span[at + 1..]))
}

fn after_scheme(span: &[Char]) -> Option<&[Char]> {
    let length = run(span, |c| c.has(WORD) || c.one_of("+-."));
    let rest = &span[length..];
    (length > 1 && rest.len() > 3 && rest[0].is(':') && rest[1].is('/') && rest[2].is('/')).then(|| &rest[3..])
}

fn is_host_and_path(span: &[Char]) -> bool {
    // Stops at the first character that no host has, so that many `@` cost no more than one.
    let end = run(span, |c| c.is('.') || is_inner(c) || c.has(LOWER));
    let (host, mut rest) = span.split_at(end);
    if rest.first().is_some_and(|c| c.is(':')) {
        let port = run(&rest[1..rest.len().min(7)], |c| c.has(DIGIT));
        if !(2..=5).contains(&port) {
            return false;
        }
        rest = &rest[port + 1..];
    }
    if rest.first().is_some_and(|c| !c.one_of("/?#")) {
        return false;
    }
    let Some(dot) = host.iter().rposition(|c| c.is('.')) else { return false };
    let (labels, last) = (&host[..dot], &host[dot + 1..]);
    is_top_level(last) && labels.split(|c| c.is('.')).all(is_label) || is_public_address(host)
}

fn is_outer(c: Char) -> bool {
    c.has(DIGIT) || c.point < 0x80 && c.has(ALPHA) || (0xA1..=0xFFFF).contains(&c.point)
}

fn is_inner(c: Char) -> bool {
    is_outer(c) || c.is('_') || c.is('-')
}

fn is_label(label: &[Char]) -> bool {
    let outer = |c: Option<&Char>| c.is_some_and(|&c| is_outer(c));
    label.len() <= 64 && outer(label.first()) && outer(label.last()) && label.iter().all(|&c| is_inner(c))
}

fn is_top_level(label: &[Char]) -> bool {
    (2..=63).contains(&label.len()) && label.iter().all(|c| c.has(LOWER))
}

fn is_public_address(host: &[Char]) -> bool {
    let mut octets = [0_u32; 4];
    let mut count = 0;
    for label in host.split(|c| c.is('.')) {
        if count == 4 || !(1..=3).contains(&label.len()) || !label.iter().all(|c| c.has(DIGIT)) {
            return false;
        }
        octets[count] = label.iter().fold(0, |value, digit| value * 10 + digit.point - u32::from('0'));
        // No leading zero in the first and the last; "1", "01" and "001" are alike in between.
        if (count == 0 || count == 3) && label[0].is('0') {
            return false;
        }
        count += 1;
    }
    let private = matches!(octets, [10 | 127, ..] | [169, 254, ..] | [192, 168, ..]) || octets[0] == 172 && (16..32).contains(&octets[1]);
    count == 4 && (1..224).contains(&octets[0]) && octets[1] < 256 && octets[2] < 256 && (1..255).contains(&octets[3]) && !private
}

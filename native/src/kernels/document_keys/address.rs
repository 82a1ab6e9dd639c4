//! One form for the addresses of one page: WHATWG URL, then what does not tell pages apart is left out.
//!
//! http and https are the same page; a user name, the default ports and a dot behind the host name nothing; a host has the form of
//! UTS #46 (nontransitional, as WHATWG asks for), so that one in Unicode and one in punycode are the same; the path is without
//! dot segments; percent-encoding is RFC 3986, section 6.2.2 (unreserved octets plain, digits upper-case); the fragment goes unless it
//! begins with `!` (pages of scripts); parameters are sorted by name, those of one name in their order; parameters of visits
//! and campaigns go. `www.` and a slash at the end stay: there are servers where they lead elsewhere.

use std::borrow::Cow;

use super::parameters;

/// Shorter values of `sid` and the like name something else: `article.php?sid=123` is an article.
const SESSION_CHARACTERS: usize = 16;

/// Appends the canonical form; nothing for an empty value. An address of another scheme only loses its fragment.
pub fn canonical(value: &[u8], dropped: &[String], out: &mut Vec<u8>) {
    // WHATWG: controls and spaces at the ends and tabs and line breaks anywhere are no part of an address.
    let trimmed = value.trim_ascii();
    let broken = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r');
    let plain: Cow<[u8]> = if trimmed.iter().any(broken) {
        trimmed.iter().copied().filter(|byte| !broken(byte)).collect::<Vec<_>>().into()
    } else {
        trimmed.into()
    };
    let (address, fragment) = split(&plain, |byte| byte == b'#');
    let Some(rest) = after_scheme(address) else {
        return out.extend_from_slice(address.trim_ascii_end());
    };
    out.extend_from_slice(b"https://");
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'\\' | b'?')).unwrap_or(rest.len());
    append_host(&rest[..end], out);
    let (path, query) = split(&rest[end..], |byte| byte == b'?');
    append_path(path, out);
    append_query(query.unwrap_or_default(), dropped, out);
    if let Some(fragment) = fragment.filter(|fragment| fragment.starts_with(b"!")) {
        out.push(b'#');
        append_encoded(fragment, out);
    }
}

fn split(bytes: &[u8], at: impl Fn(u8) -> bool) -> (&[u8], Option<&[u8]>) {
    match bytes.iter().position(|byte| at(*byte)) {
        Some(place) => (&bytes[..place], Some(&bytes[place + 1..])),
        None => (bytes, None),
    }
}

/// What follows `http:` or `https:` and any number of slashes.
fn after_scheme(address: &[u8]) -> Option<&[u8]> {
    let colon = address.iter().position(|byte| *byte == b':')?;
    if !address[..colon].eq_ignore_ascii_case(b"http") && !address[..colon].eq_ignore_ascii_case(b"https") {
        return None;
    }
    let rest = &address[colon + 1..];
    Some(&rest[rest.iter().take_while(|byte| matches!(byte, b'/' | b'\\')).count()..])
}

fn append_host(authority: &[u8], out: &mut Vec<u8>) {
    let host = authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    let digits = host.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (name, port) = match host[..host.len() - digits].split_last() {
        Some((b':', name)) => (name, &host[host.len() - digits..]),
        _ => (host, &[][..]),
    };
    // A host of nothing but dots stays what it is: no page has it.
    let dots = name.iter().rev().take_while(|byte| **byte == b'.').count();
    let name = if dots == name.len() { name } else { &name[..name.len() - dots] };
    append_name(name, out);
    let zeros = port.iter().take_while(|byte| **byte == b'0').count();
    if !matches!(&port[zeros..], b"" | b"80" | b"443") {
        out.push(b':');
        out.extend_from_slice(&port[zeros..]);
    }
}

/// What is no name of a host, and what IDNA refuses, only loses its case.
fn append_name(name: &[u8], out: &mut Vec<u8>) {
    let punycode = name.windows(4).any(|label| label.eq_ignore_ascii_case(b"xn--"));
    if name.is_ascii() && !punycode {
        return out.extend(name.iter().map(u8::to_ascii_lowercase));
    }
    match idna::domain_to_ascii_cow(name, idna::AsciiDenyList::URL) {
        Ok(host) => out.extend_from_slice(host.trim_end_matches('.').as_bytes()),
        Err(_) => out.extend(String::from_utf8_lossy(name).chars().flat_map(char::to_lowercase).collect::<String>().as_bytes()),
    }
}

fn append_path(path: &[u8], out: &mut Vec<u8>) {
    let root = out.len();
    let mut segments = path.split(|byte| matches!(byte, b'/' | b'\\')).skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        let start = out.len();
        out.push(b'/');
        append_encoded(segment, out);
        let kept = without_session(&out[start + 1..]).len();
        out.truncate(start + 1 + kept);
        let dots = match &out[start + 1..] {
            b"." => 1,
            b".." => 2,
            _ => continue,
        };
        out.truncate(start);
        if dots == 2 {
            let parent = out[root..].iter().rposition(|byte| *byte == b'/').map_or(root, |slash| root + slash);
            out.truncate(parent);
        }
        if last {
            out.push(b'/');
        }
    }
    if out.len() == root {
        out.push(b'/');
    }
}

/// `;jsessionid=…` stands in paths.
fn without_session(segment: &[u8]) -> &[u8] {
    let found = segment.iter().enumerate().filter(|(_, byte)| **byte == b';').map(|(at, _)| at);
    let mut found = found.filter(|at| segment[at + 1..].get(..11).is_some_and(|name| name.eq_ignore_ascii_case(b"jsessionid=")));
    found.next().map_or(segment, |at| &segment[..at])
}

fn append_query(query: &[u8], dropped: &[String], out: &mut Vec<u8>) {
    // Names are judged and sorted in their one form: one that is spelt in another way is the same name.
    let mut kept: Vec<Vec<u8>> = query
        .split(|byte| *byte == b'&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| {
            let mut form = Vec::with_capacity(parameter.len());
            append_encoded(parameter, &mut form);
            form
        })
        .filter(|parameter| !is_dropped(name_of(parameter), parameter, dropped))
        .collect();
    kept.sort_by(|left, right| name_of(left).cmp(name_of(right)));
    for (i, parameter) in kept.iter().enumerate() {
        out.push(if i == 0 { b'?' } else { b'&' });
        out.extend_from_slice(parameter);
    }
}

fn name_of(parameter: &[u8]) -> &[u8] {
    split(parameter, |byte| byte == b'=').0
}

fn is_dropped(name: &[u8], parameter: &[u8], dropped: &[String]) -> bool {
    if parameters::goes(name) || dropped.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())) {
        return true;
    }
    let value = parameter.get(name.len() + 1..).unwrap_or_default();
    let session = value.len() >= SESSION_CHARACTERS && value.iter().all(u8::is_ascii_alphanumeric) && value.iter().any(u8::is_ascii_digit);
    session && parameters::may_be_session(name)
}

/// Unreserved octets that were encoded become plain, other encodings upper-case, and what must not stand plain is encoded.
fn append_encoded(bytes: &[u8], out: &mut Vec<u8>) {
    let digit = |byte: &u8| (*byte as char).to_digit(16).map(|digit| digit as u8);
    let mut at = 0;
    while at < bytes.len() {
        let encoded = match &bytes[at..] {
            [b'%', high, low, ..] => digit(high).zip(digit(low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        let byte = encoded.unwrap_or(bytes[at]);
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if unreserved || (encoded.is_none() && byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'{' | b'}')) {
            out.push(byte);
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        at += if encoded.is_some() { 3 } else { 1 };
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use proptest::prelude::*;

    fn of(address: &str) -> String {
        let mut out = Vec::new();
        canonical(address.as_bytes(), &["ref".into()], &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_page_has_one_address() {
        for (left, right) in [
            ("HTTP://WWW.Example.EU.:80", "https://www.example.eu/"),
            ("https://user:pass@example.eu:0443/a", "https://example.eu/a"),
            ("https://example.eu/a/./b/../%63#part", "https://example.eu/a/c"),
            ("https://example.eu/../../a/..", "https://example.eu/"),
            ("https:\\\\example.eu\\a", "https://example.eu/a"),
            ("https://example.eu/straße", "https://example.eu/stra%c3%9fe"),
            ("https://example.eu/a?b=2&a=1&&utm_source=x&gclid=1&FBCLID=2", "https://example.eu/a?a=1&b=2"),
            ("https://example.eu/a;jsessionid=0A12?x=%2f", "https://example.eu/a?x=%2F"),
            ("https://example.eu/a?sid=0123456789abcdef0123456789abcdef", "https://example.eu/a"),
            ("https://example.eu/a?", "https://example.eu/a"),
            ("https://example.eu/a?Ref=7", "https://example.eu/a"),
            ("https://example.eu/a;%6Asessionid=1?2&é&%75tm_source=x", "https://example.eu/a?é&2"),
            ("https://example.eu/a?PHPSESSID=1&cfid=7&ASPSESSIONIDABC=x&x=1", "https://example.eu/a?x=1"),
            ("https://Bücher.example/", "https://xn--bcher-kva.example/"),
            ("https://XN--BCHER-KVA.example./", "https://bücher.example"),
            ("https://bu\u{308}cher.example:8080/", "https://bücher.example:8080/"),
            ("https://straße.example/", "https://xn--strae-oqa.example/"),
            ("https://\u{2665}.example/", "https://xn--g6h.example/"),
            ("https://bücher\u{3002}example/", "https://bücher.example/"),
            (" https://exam\nple.eu/a b ", "https://example.eu/a%20b"),
        ] {
            assert_eq!(of(left), of(right), "{left}");
        }
        assert_eq!(of("http://Example.eu:8080/%7ea?b"), "https://example.eu:8080/~a?b");
    }

    #[test]
    fn other_pages_have_others() {
        for (left, right) in [
            ("https://example.eu/a", "https://www.example.eu/a"),
            ("https://example.eu/a", "https://example.eu/a/"),
            ("https://example.eu/a", "https://example.eu/A"),
            ("https://example.eu:80/", "https://example.eu:81/"),
            ("https://example.eu/article.php?sid=123", "https://example.eu/article.php?sid=124"),
            ("https://example.eu/?x=1&x=2", "https://example.eu/?x=2&x=1"),
            ("https://example.eu/#!/a", "https://example.eu/#!/b"),
            ("https://example.eu/a%2Fb", "https://example.eu/a/b"),
            ("ftp://example.eu/", "https://example.eu/"),
            ("https://strasse.example/", "https://straße.example/"),
            ("https://xn--a.example/", "https://xn--b.example/"),
            ("https://xn--.example/", "https://xn--ü.example/"),
            ("https://example.eu/?s=muehlen", "https://example.eu/?s=mehl"),
        ] {
            assert_ne!(of(left), of(right), "{left}");
        }
        assert_eq!(of(""), "");
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(address in r"(https?://[a-cÉ](xn--)?[a-cÉß.]{0,5}(:[0-9]{0,3})?[/?#])?[a-c.%:/\\?&=;#!\x20é2F@-]{0,40}") {
            prop_assert_eq!(of(&of(&address)), of(&address));
        }
    }
}

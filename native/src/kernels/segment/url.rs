//! Whether a span is one web address, which stays whole: scheme and user optional, a host of two or more labels with a
//! lower-case last one (or a public IPv4 address), port and path optional. After spaCy's URL pattern.

pub fn is_url(span: &[u8]) -> bool {
    // A span without a dot inside cannot hold a host; most end here.
    if memchr::memchr(b'.', span).is_none() {
        return false;
    }
    let rest = after_scheme(span).unwrap_or(span);
    if is_host_and_path(rest) {
        return true;
    }
    memchr::memrchr(b'@', rest).is_some_and(|at| at > 0 && is_host_and_path(&rest[at + 1..]))
}

fn after_scheme(span: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memmem::find(span, b"://")?;
    let scheme = &span[..colon];
    let is_scheme = scheme.len() > 1 && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_+-.".contains(byte) || *byte >= 0x80);
    is_scheme.then(|| &span[colon + 3..])
}

fn is_host_and_path(span: &[u8]) -> bool {
    let end = span.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(span.len());
    let mut host = &span[..end];
    if let Some(colon) = memchr::memrchr(b':', host) {
        let port = &host[colon + 1..];
        if !(2..=5).contains(&port.len()) || !port.iter().all(u8::is_ascii_digit) {
            return false;
        }
        host = &host[..colon];
    }
    let Some(dot) = memchr::memrchr(b'.', host) else { return false };
    let (labels, last) = (&host[..dot], &host[dot + 1..]);
    if last.iter().all(u8::is_ascii_digit) {
        return is_public_address(host);
    }
    is_top_level(last) && labels.split(|&byte| byte == b'.').all(is_label)
}

fn is_label(label: &[u8]) -> bool {
    let outer = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    label.len() <= 256
        && outer(label.first())
        && outer(label.last())
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte) || *byte >= 0x80)
}

/// 2 to 63 lower-case letters. Spans in other alphabets are not told apart by case here: any letter of theirs will do.
fn is_top_level(label: &[u8]) -> bool {
    let letters = label.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
    (2..=63).contains(&letters) && label.iter().all(|byte| byte.is_ascii_lowercase() || *byte >= 0x80)
}

fn is_public_address(host: &[u8]) -> bool {
    let mut octets = [0_u16; 4];
    let mut count = 0;
    for label in host.split(|&byte| byte == b'.') {
        if count == 4 || !(1..=3).contains(&label.len()) || !label.iter().all(u8::is_ascii_digit) {
            return false;
        }
        octets[count] = label.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
        count += 1;
    }
    let private = matches!(octets, [10 | 127, ..] | [169, 254, ..] | [192, 168, ..]) || octets[0] == 172 && (16..32).contains(&octets[1]);
    count == 4 && (1..224).contains(&octets[0]) && octets[1] < 256 && octets[2] < 256 && (1..255).contains(&octets[3]) && !private
}

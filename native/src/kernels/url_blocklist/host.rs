//! The host of an address and the part of it that somebody registered, by the public suffix list of the crate `psl`.

use std::borrow::Cow;
use std::net::Ipv4Addr;

pub struct Host<'a> {
    name: Cow<'a, [u8]>,
    /// Where the registered domain begins; 0 for a host that has none.
    registered: usize,
}

impl<'a> Host<'a> {
    pub fn whole(&self) -> &[u8] {
        &self.name
    }

    /// Public suffix and one label, or the whole host: an address in numbers, a name without a dot, a suffix itself.
    pub fn registered(&self) -> &[u8] {
        &self.name[self.registered..]
    }

    /// The host in lower case and ASCII, as lists write it.
    pub fn of(url: &'a [u8]) -> Option<Self> {
        let authority = authority(url, b"/?#\\");
        let host = authority.rsplit(|&byte| byte == b'@').next()?;
        let host =
            if host.first() == Some(&b'[') { &host[..=memchr::memchr(b']', host)?] } else { host.split(|&byte| byte == b':').next()? };
        let name = plain_name(host)?;
        let registered =
            if is_ipv4(&name) { 0 } else { name.len() - psl::domain(&name).map_or(name.len(), |domain| domain.as_bytes().len()) };
        Some(Self { name: Cow::Owned(name), registered })
    }

    /// What tldextract 5 with its defaults calls the registered domain and the fully qualified name; none where it has none.
    pub fn as_tldextract(url: &'a [u8]) -> Option<Self> {
        let authority = authority(url, b"/?#");
        let host = authority.rsplit(|&byte| byte == b'@').next()?;
        if host.first() == Some(&b'[') {
            return None;
        }
        let mut name = host.split(|&byte| byte == b':').next()?.trim_ascii();
        while let [rest @ .., b'.'] = name {
            name = rest;
        }
        let lower: Vec<u8> = name.to_ascii_lowercase();
        let suffix = icann_suffix(&lower)?.len();
        if suffix >= name.len() {
            return None;
        }
        let before = &name[..name.len() - suffix - 1];
        Some(Self { name: Cow::Borrowed(name), registered: memchr::memrchr(b'.', before).map_or(0, |dot| dot + 1) })
    }
}

/// What stands behind the scheme, if there is one, up to the first of `ends`.
fn authority<'a>(url: &'a [u8], ends: &[u8]) -> &'a [u8] {
    let is_scheme = |name: &[u8]| !name.is_empty() && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let after = match memchr::memmem::find(url, b"//") {
        Some(0) => &url[2..],
        Some(at) if url[at - 1] == b':' && is_scheme(&url[..at - 1]) => &url[at + 2..],
        _ => url,
    };
    after.split(|byte| ends.contains(byte)).next().unwrap_or(after)
}

/// The longest suffix of the list's first part, which holds no names of companies; none for a top level that is not there.
pub fn icann_suffix(name: &[u8]) -> Option<&[u8]> {
    let mut rest = name;
    loop {
        let suffix = psl::suffix(rest)?;
        match suffix.typ() {
            Some(psl::Type::Icann) => return Some(&name[name.len() - suffix.as_bytes().len()..]),
            None => return None,
            Some(psl::Type::Private) => {
                let private = &rest[rest.len() - suffix.as_bytes().len()..];
                rest = &private[memchr::memchr(b'.', private)? + 1..];
            }
        }
    }
}

fn is_ipv4(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| name.parse::<Ipv4Addr>().is_ok())
}

/// Lower case, ASCII (labels with other letters in Punycode), no dots at the ends; none for an empty name.
pub fn plain_name(written: &[u8]) -> Option<Vec<u8>> {
    let written = written.trim_ascii();
    let name = if written.is_ascii() {
        written.to_ascii_lowercase()
    } else {
        let lower = String::from_utf8_lossy(written).to_lowercase().replace(['。', '．'], ".");
        lower
            .split('.')
            .map(|label| if label.is_ascii() { label.to_owned() } else { format!("xn--{}", punycode(label)) })
            .collect::<Vec<_>>()
            .join(".")
            .into_bytes()
    };
    let end = name.iter().rposition(|&byte| byte != b'.')?;
    Some(name[..=end].to_vec())
}

/// An address without scheme, fragment and last slash, host in lower case: what an entry of a list means.
pub fn plain_url(url: &[u8]) -> Vec<u8> {
    let url = url.trim_ascii();
    let url = url.split(|&byte| byte == b'#').next().unwrap_or(url);
    let host = authority(url, b"/?#\\");
    let start = host.as_ptr() as usize - url.as_ptr() as usize;
    let mut plain = host.to_ascii_lowercase();
    plain.extend_from_slice(&url[start + host.len()..]);
    while plain.last() == Some(&b'/') {
        plain.pop();
    }
    plain
}

/// RFC 3492, section 6.3.
fn punycode(label: &str) -> String {
    const BASE: u32 = 36;
    let digit = |value: u32| char::from(if value < 26 { b'a' + value as u8 } else { b'0' + (value - 26) as u8 });
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    let mut handled = basic;
    if basic > 0 {
        out.push('-');
    }
    let (mut at, mut delta, mut bias) = (128_u32, 0_u32, 72_u32);
    let total = label.chars().count() as u32;
    while handled < total {
        let next = label.chars().map(|c| c as u32).filter(|&point| point >= at).min().unwrap_or(at);
        delta = delta.wrapping_add((next - at).wrapping_mul(handled + 1));
        at = next;
        for point in label.chars().map(|c| c as u32) {
            if point < at {
                delta = delta.wrapping_add(1);
            }
            if point != at {
                continue;
            }
            let (mut rest, mut k) = (delta, BASE);
            loop {
                let threshold = k.saturating_sub(bias).clamp(1, 26);
                if rest < threshold {
                    break;
                }
                out.push(digit(threshold + (rest - threshold) % (BASE - threshold)));
                rest = (rest - threshold) / (BASE - threshold);
                k += BASE;
            }
            out.push(digit(rest));
            delta = if handled == basic { delta / 700 } else { delta / 2 };
            delta += delta / (handled + 1);
            k = 0;
            while delta > 455 {
                delta /= BASE - 1;
                k += BASE;
            }
            bias = k + 36 * delta / (delta + 38);
            delta = 0;
            handled += 1;
        }
        delta = delta.wrapping_add(1);
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_ascii() {
        let plain = |name: &str| String::from_utf8(plain_name(name.as_bytes()).unwrap()).unwrap();
        assert_eq!(plain("Müller.DE."), "xn--mller-kva.de");
        assert_eq!(plain("ελλάδα.ελ"), "xn--hxakic4aa.xn--qxam");
        assert_eq!(plain("bücher.example"), "xn--bcher-kva.example");
        assert_eq!(plain("президент.рф"), "xn--d1abbgf6aiiy.xn--p1ai");
    }

    #[test]
    fn hosts_of_addresses() {
        let host = |url: &str| {
            Host::of(url.as_bytes())
                .map(|host| (String::from_utf8(host.whole().into()).unwrap(), String::from_utf8(host.registered().into()).unwrap()))
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(host("http://User:p@WWW.Example.co.uk:8080/a@b"), pair("www.example.co.uk", "example.co.uk"));
        assert_eq!(host("//a.b.example.com?x"), pair("a.b.example.com", "example.com"));
        assert_eq!(host("example.com/http://other.org"), pair("example.com", "example.com"));
        assert_eq!(host("http://me.blogspot.com/"), pair("me.blogspot.com", "me.blogspot.com"));
        assert_eq!(host("http://192.168.0.1/x"), pair("192.168.0.1", "192.168.0.1"));
        assert_eq!(host("http://[::1]:80/x"), pair("[::1]", "[::1]"));
        assert_eq!(host("http:///"), None);
    }

    #[test]
    fn suffixes_of_the_first_part_of_the_list() {
        let suffix = |name: &str| icann_suffix(name.as_bytes()).map(|suffix| String::from_utf8(suffix.into()).unwrap());
        assert_eq!(suffix("me.blogspot.com").as_deref(), Some("com"));
        assert_eq!(suffix("a.b.co.uk").as_deref(), Some("co.uk"));
        assert_eq!(suffix("example.cmo"), None);
    }
}

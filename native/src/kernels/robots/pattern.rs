//! Path patterns: `*` for any octets, `$` for the end, compared after percent-normalisation (RFC 9309, 2.2.2 and 2.2.3).

use memchr::memmem;

/// Stands for `*` in a normalised pattern; an octet 0 of the file is written `%00`.
const ANY: u8 = 0;

#[derive(Debug)]
pub struct Pattern {
    octets: usize,
    /// Between the stars; the first is a prefix.
    parts: Vec<Box<[u8]>>,
    end: bool,
}

impl Pattern {
    pub fn new(value: &[u8]) -> Self {
        let (mut bytes, encoded) = normalised(value, true);
        let mut octets = bytes.len() + 2 * encoded;
        let end = value.last() == Some(&b'$');
        if end {
            bytes.pop();
        }
        if bytes.is_empty() {
            // `$` alone is the end of an empty path, and no target is empty.
            octets = 0;
        }
        let stars = bytes.split(|&byte| byte == ANY).enumerate();
        // Empty parts between stars match anywhere; the first anchors, the last tells of a star before the end.
        let last = memchr::memchr_iter(ANY, &bytes).count();
        let parts = stars.filter(|(i, part)| *i == 0 || *i == last || !part.is_empty()).map(|(_, part)| part.into()).collect();
        Self { octets, parts, end }
    }

    /// Length after normalisation: what decides between two rules.
    pub fn octets(&self) -> usize {
        self.octets
    }

    pub fn is_empty(&self) -> bool {
        self.octets == 0
    }

    /// Greedy from the left: linear in pattern and target, since a part's first place leaves most for those behind it.
    pub fn matches(&self, target: &[u8]) -> bool {
        #[cfg(test)]
        super::fuzz_tests::looked_at(target.len() + self.parts.iter().map(|part| part.len() + 1).sum::<usize>());
        let Some(mut rest) = target.strip_prefix(&*self.parts[0]) else { return false };
        let Some((last, middle)) = self.parts[1..].split_last() else { return !self.end || rest.is_empty() };
        for part in middle {
            let Some(at) = memmem::find(rest, part) else { return false };
            rest = &rest[at + part.len()..];
        }
        if self.end { rest.ends_with(last) } else { memmem::find(rest, last).is_some() }
    }

    /// Whether the pattern names the index page of the directory that `target` is: Google allows the one with the other.
    pub fn is_index_of(&self, target: &[u8]) -> bool {
        let [path] = &*self.parts else { return false };
        let directory = path.strip_suffix(b"index.html").or_else(|| path.strip_suffix(b"index.htm"));
        directory.is_some_and(|directory| directory.ends_with(b"/") && directory == target)
    }
}

/// The path and query of a URL as patterns see it: begins with `/`, without a fragment.
pub fn target(target: &[u8]) -> Vec<u8> {
    let target = memchr::memchr(b'#', target).map_or(target, |fragment| &target[..fragment]);
    let (mut bytes, _) = normalised(target, false);
    if bytes.first() != Some(&b'/') {
        bytes.insert(0, b'/');
    }
    bytes
}

/// One spelling of a path: escapes of unreserved characters are undone, other octets escaped in upper case. `%2A` and
/// `%24` become `*` and `$`, which a pattern cannot mean otherwise; how many of them is given too.
fn normalised(value: &[u8], pattern: bool) -> (Vec<u8>, usize) {
    let mut out = Vec::with_capacity(value.len());
    let mut special = 0;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        at += 1;
        let escaped = (byte == b'%').then(|| Some((hex(*value.get(at)?)? << 4) | hex(*value.get(at + 1)?)?)).flatten();
        if let Some(octet) = escaped {
            at += 2;
            special += usize::from(matches!(octet, b'*' | b'$'));
            match octet {
                b'*' | b'$' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => out.push(octet),
                _ => escape(octet, &mut out),
            }
        } else if pattern && byte == b'*' {
            out.push(ANY);
        } else if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}') {
            out.push(byte);
        } else {
            escape(byte, &mut out);
        }
    }
    (out, special)
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

fn escape(octet: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend([b'%', DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]]);
}

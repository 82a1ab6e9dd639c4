//! `WARC-Block-Digest` and `WARC-Payload-Digest`: `algorithm:value`, the value in base32 or hexadecimal (or base64).

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub enum Labelled {
    /// Absent, or an algorithm that is not known here: nothing can be said.
    Unknown,
    /// The label names a known algorithm; the value may still be no digest of it.
    Known { algorithm: Algorithm, value: Vec<u8> },
}

#[derive(Clone, Copy)]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha256,
}

impl Labelled {
    pub fn parse(field: &[u8]) -> Self {
        let Some(colon) = memchr::memchr(b':', field) else { return Self::Unknown };
        let value = field[colon + 1..].trim_ascii();
        let named = |names: [&str; 2]| names.iter().any(|name| field[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
        let (algorithm, bytes) = if named(["sha1", "sha-1"]) {
            (Algorithm::Sha1, 20)
        } else if named(["sha256", "sha-256"]) {
            (Algorithm::Sha256, 32)
        } else if named(["md5", "md-5"]) {
            (Algorithm::Md5, 16)
        } else {
            return Self::Unknown;
        };
        if value.is_empty() {
            return Self::Unknown;
        }
        // The lengths of the three spellings differ for every algorithm, so a value never fits two.
        let value =
            [hex(value), base32(value), base64(value)].into_iter().flatten().find(|digest| digest.len() == bytes).unwrap_or_default();
        Self::Known { algorithm, value }
    }

    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }

    /// True also when nothing can be said.
    pub fn accepts(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Unknown => true,
            Self::Known { algorithm: Algorithm::Md5, value } => Md5::digest(bytes)[..] == value[..],
            Self::Known { algorithm: Algorithm::Sha1, value } => Sha1::digest(bytes)[..] == value[..],
            Self::Known { algorithm: Algorithm::Sha256, value } => Sha256::digest(bytes)[..] == value[..],
        }
    }
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    bits(text, 4, |byte| (byte as char).to_digit(16))
}

fn base32(text: &[u8]) -> Option<Vec<u8>> {
    bits(text, 5, |byte| match byte.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(u32::from(letter - b'A')),
        digit @ b'2'..=b'7' => Some(u32::from(digit - b'2') + 26),
        _ => None,
    })
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    bits(text, 6, |byte| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    })
}

/// Whole bytes out of digits of `width` bits each; padding is ignored, as are the bits left over.
fn bits(text: &[u8], width: u32, digit: impl Fn(u8) -> Option<u32>) -> Option<Vec<u8>> {
    let text = text.trim_ascii_end();
    let end = text.iter().rposition(|byte| *byte != b'=')? + 1;
    let (mut held, mut count) = (0u32, 0);
    let mut bytes = Vec::with_capacity(64);
    for byte in &text[..end] {
        held = held << width | digit(*byte)?;
        count += width;
        if count >= 8 {
            count -= 8;
            bytes.push((held >> count) as u8);
            held &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_digest_is_read() {
        for field in [
            "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
            "SHA-1:3i42h3s6nnfq2msvx7xzkyayscx5qbyj",
            "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha-256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ====",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert!(Labelled::parse(field.as_bytes()).accepts(b""), "{field}");
            assert!(!Labelled::parse(field.as_bytes()).accepts(b"x"), "{field}");
        }
    }

    #[test]
    fn what_is_not_known_is_no_error_and_what_is_no_digest_is_one() {
        assert!(Labelled::parse(b"blake3:abc").accepts(b"x"));
        assert!(Labelled::parse(b"").accepts(b"x"));
        assert!(!Labelled::parse(b"sha1:abc").accepts(b"x"));
    }
}

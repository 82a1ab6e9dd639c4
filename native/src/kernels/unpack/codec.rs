//! One member at a time, whichever the compression.

use super::{bzip2, gzip, zstandard};

/// A member is proved by the first bytes of its content; so many are looked at.
pub const PROOF: usize = 6;
/// A zstd block must be whole before anything comes out of it; no proof takes more input than this.
const PROOF_INPUT: usize = 256 << 10;

/// What stands where a member should begin.
pub enum Opening {
    /// A member whose content begins after so many bytes.
    Starts(usize),
    Skip(u64),
    Bad,
    Cut,
    More,
    Other,
}

pub struct Decoded {
    pub read: usize,
    pub wrote: usize,
    pub ended: bool,
    pub bad: bool,
}

pub enum Codec {
    Gzip(Box<gzip::Gzip>),
    Zstd(zstandard::Zstandard),
    Bzip2(bzip2::Bzip2),
}

impl Codec {
    pub fn opening(&self, raw: &[u8], last: bool) -> Opening {
        match self {
            Self::Gzip(_) => gzip::opening(raw, last),
            Self::Zstd(_) => zstandard::opening(raw, last),
            Self::Bzip2(_) => bzip2::opening(raw, last),
        }
    }

    pub fn begin(&mut self) {
        match self {
            Self::Gzip(codec) => codec.begin(),
            Self::Zstd(codec) => codec.begin(),
            Self::Bzip2(codec) => codec.begin(),
        }
    }

    pub fn decode(&mut self, raw: &[u8], out: &mut [u8]) -> Decoded {
        let mut decoded = match self {
            Self::Gzip(codec) => codec.decode(raw, out),
            Self::Zstd(codec) => codec.decode(raw, out),
            Self::Bzip2(codec) => codec.decode(raw, out),
        };
        // A decoder with input and room that does nothing would be asked for ever.
        decoded.bad |= !decoded.ended && !raw.is_empty() && decoded.read == 0 && decoded.wrote == 0;
        decoded
    }

    pub fn magic(&self) -> &'static [u8] {
        match self {
            Self::Gzip(_) => &[0x1f, 0x8b, 8],
            Self::Zstd(_) => &[0x28, 0xb5, 0x2f, 0xfd],
            Self::Bzip2(_) => b"BZh",
        }
    }

    /// Whether a member stands here whose content satisfies `proof`; None when more input is needed to tell.
    pub fn prove(&mut self, raw: &[u8], last: bool, proof: fn(&[u8]) -> bool) -> Option<bool> {
        let mut at = match self.opening(raw, last) {
            Opening::Starts(header) => header,
            Opening::More => return None,
            _ => return Some(false),
        };
        self.begin();
        let mut out = [0; PROOF];
        let mut wrote = 0;
        let input = &raw[..raw.len().min(at + PROOF_INPUT)];
        loop {
            let decoded = self.decode(&input[at..], &mut out[wrote..]);
            at += decoded.read;
            wrote += decoded.wrote;
            if wrote == PROOF || decoded.ended || decoded.bad {
                return Some(proof(&out[..wrote]));
            }
            if decoded.read == 0 && decoded.wrote == 0 {
                return if last || input.len() < raw.len() { Some(proof(&out[..wrote])) } else { None };
            }
        }
    }
}

//! One gzip member (RFC 1952) at a time: header and trailer by hand, so that members can be told apart and searched for.

use crc32fast::Hasher;
use flate2::{Decompress, FlushDecompress, Status};

use super::codec::{Decoded, Opening};

/// A header's optional fields may be any size; one over this is taken for damage.
const MAX_HEADER: usize = 128 << 10;
pub const TRAILER: usize = 8;

pub struct Gzip {
    inflate: Decompress,
    /// Not flate2's own, which takes six times as long.
    crc: Hasher,
    length: u32,
}

impl Default for Gzip {
    fn default() -> Self {
        Self { inflate: Decompress::new(false), crc: Hasher::new(), length: 0 }
    }
}

/// What stands at the start of `raw`; `last` says that no byte follows it in the file.
pub fn opening(raw: &[u8], last: bool) -> Opening {
    let cut = if last { Opening::Cut } else { Opening::More };
    let magic = [0x1f, 0x8b, 8];
    let known = raw.len().min(3);
    if raw[..known] != magic[..known] || raw.get(3).is_some_and(|flags| flags & 0xe0 != 0) {
        return Opening::Other;
    }
    if raw.len() < 10 {
        return cut;
    }
    match header_bytes(raw) {
        Some(bytes) if bytes <= MAX_HEADER => Opening::Starts(bytes),
        Some(_) => Opening::Bad,
        None if raw.len() > MAX_HEADER => Opening::Bad,
        None => cut,
    }
}

/// Bytes of a member's header, or None when it goes on behind `raw`.
fn header_bytes(raw: &[u8]) -> Option<usize> {
    let flags = raw[3];
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(u16::from_le_bytes([*raw.get(at)?, *raw.get(at + 1)?]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += memchr::memchr(0, raw.get(at..)?)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    (at <= raw.len()).then_some(at)
}

impl Gzip {
    pub fn begin(&mut self) {
        self.inflate.reset(false);
        self.crc.reset();
        self.length = 0;
    }

    pub fn decode(&mut self, raw: &[u8], out: &mut [u8]) -> Decoded {
        let (read, wrote) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(raw, out, FlushDecompress::None);
        let read = (self.inflate.total_in() - read) as usize;
        let wrote = (self.inflate.total_out() - wrote) as usize;
        self.crc.update(&out[..wrote]);
        self.length = self.length.wrapping_add(wrote as u32);
        Decoded { read, wrote, ended: matches!(status, Ok(Status::StreamEnd)), bad: status.is_err() }
    }

    pub fn trailer_holds(&self, trailer: &[u8]) -> bool {
        trailer[..4] == self.crc.clone().finalize().to_le_bytes() && trailer[4..8] == self.length.to_le_bytes()
    }
}

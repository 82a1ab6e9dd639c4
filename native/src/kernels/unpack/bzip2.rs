//! One bzip2 stream at a time; the decoder checks its block and stream checksums.

use bzip2::{Decompress, Status};

use super::codec::{Decoded, Opening};

/// A stream's header, and the magic number of its first block or of its end.
const HEADER: usize = 10;
const BLOCK: [u8; 6] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const END: [u8; 6] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];

pub struct Bzip2 {
    decoder: Decompress,
}

impl Default for Bzip2 {
    fn default() -> Self {
        Self { decoder: Decompress::new(false) }
    }
}

/// What stands at the start of `raw`; `last` says that no byte follows it in the file.
pub fn opening(raw: &[u8], last: bool) -> Opening {
    let known = &raw[..raw.len().min(HEADER)];
    let fits = known.iter().enumerate().all(|(at, &byte)| match at {
        0..3 => byte == b"BZh"[at],
        3 => matches!(byte, b'1'..=b'9'),
        _ => byte == BLOCK[at - 4] || byte == END[at - 4],
    });
    match (fits, known.len() == HEADER) {
        (false, _) => Opening::Other,
        (true, true) => Opening::Starts(0),
        (true, false) if last => Opening::Cut,
        (true, false) => Opening::More,
    }
}

impl Bzip2 {
    pub fn begin(&mut self) {
        self.decoder = Decompress::new(false);
    }

    pub fn decode(&mut self, raw: &[u8], out: &mut [u8]) -> Decoded {
        let (read, wrote) = (self.decoder.total_in(), self.decoder.total_out());
        let status = self.decoder.decompress(raw, out);
        Decoded {
            read: (self.decoder.total_in() - read) as usize,
            wrote: (self.decoder.total_out() - wrote) as usize,
            ended: matches!(status, Ok(Status::StreamEnd)),
            bad: status.is_err(),
        }
    }
}

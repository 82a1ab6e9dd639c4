//! One zstd frame (RFC 8878) at a time, skippable frames included.

use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

use super::codec::{Decoded, Opening};

/// A decoder of libzstd, whose window is at most 128 MiB: a frame that asks for more is damage.
pub struct Zstandard {
    decoder: Decoder<'static>,
}

impl Default for Zstandard {
    fn default() -> Self {
        Self { decoder: Decoder::new().expect("libzstd gives a context unless memory is exhausted") }
    }
}

/// What stands at the start of `raw`; `last` says that no byte follows it in the file.
pub fn opening(raw: &[u8], last: bool) -> Opening {
    let cut = if last { Opening::Cut } else { Opening::More };
    if raw.is_empty() {
        return cut;
    }
    if raw.len() < 4 {
        let could_be = |magic: [u8; 4]| raw[1..] == magic[1..raw.len()] && (raw[0] == magic[0] || raw[0] & 0xf0 == magic[0]);
        return if could_be([0x28, 0xb5, 0x2f, 0xfd]) || could_be([0x50, 0x2a, 0x4d, 0x18]) { cut } else { Opening::Other };
    }
    if raw[..4] == [0x28, 0xb5, 0x2f, 0xfd] {
        // Needed so that a frame is never begun without the byte that says whether it needs a dictionary.
        return match raw.get(4) {
            Some(descriptor) if descriptor & 3 != 0 => Opening::Bad,
            Some(_) => Opening::Starts(0),
            None => cut,
        };
    }
    if raw[0] & 0xf0 == 0x50 && raw[1..4] == [0x2a, 0x4d, 0x18] {
        return if raw.len() < 8 { cut } else { Opening::Skip(8 + u64::from(u32::from_le_bytes([raw[4], raw[5], raw[6], raw[7]]))) };
    }
    Opening::Other
}

impl Zstandard {
    pub fn begin(&mut self) {
        self.decoder.reinit().expect("libzstd resets a session at any time");
    }

    pub fn decode(&mut self, raw: &[u8], out: &mut [u8]) -> Decoded {
        let mut input = InBuffer::around(raw);
        let mut output = OutBuffer::around(out);
        let hint = self.decoder.run(&mut input, &mut output);
        Decoded { read: input.pos, wrote: output.pos(), ended: matches!(hint, Ok(0)), bad: hint.is_err() }
    }
}

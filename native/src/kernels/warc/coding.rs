//! Undoing transfer and content codings, with the mislabelling that the web has put into archives.

use brotli_decompressor::Decompressor;
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{ErrorKind, Read};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::http::Coding;
use crate::kernels::unpack::{Opening, gzip};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    Broken,
    TooLarge,
}

/// More codings than this on one body are an attack.
const MAX_CODINGS: usize = 4;
/// Browsers give zstd a window of 8 MiB (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// Decoders and buffers, kept from body to body.
pub struct Decoders {
    inflate: Decompress,
    out: Vec<u8>,
    spare: Vec<u8>,
    chunk: Vec<u8>,
}

impl Default for Decoders {
    fn default() -> Self {
        Self { inflate: Decompress::new(false), out: Vec::new(), spare: Vec::new(), chunk: vec![0; 64 << 10] }
    }
}

/// The content of chunked framing (RFC 9112 section 7.1). A body that is not chunked, whatever the header says, comes
/// back as it is; a missing end is accepted, as browsers show what they got; a broken frame in between is not.
pub fn unchunk<'a>(body: &'a [u8], out: &'a mut Vec<u8>) -> Result<&'a [u8], Failure> {
    out.clear();
    let mut at = 0;
    loop {
        let rest = &body[at..];
        if rest.is_empty() {
            return Ok(out);
        }
        let line_end = memchr::memchr(b'\n', &rest[..rest.len().min(4096)]);
        let line = &rest[..line_end.unwrap_or(rest.len().min(4096))];
        let size = chunk_size(line);
        match (size, line_end) {
            (Some(0), _) => return Ok(out),
            (Some(size), Some(end)) => {
                let content = &rest[end + 1..];
                if content.len() < size {
                    out.extend_from_slice(content);
                    return Ok(out);
                }
                out.extend_from_slice(&content[..size]);
                at += end + 1 + size;
                at += usize::from(body.get(at) == Some(&b'\r'));
                at += usize::from(body.get(at) == Some(&b'\n'));
            }
            // The frame of the next chunk is cut: what came is whole.
            (Some(_), None) if at > 0 => return Ok(out),
            _ if at == 0 => return Ok(body),
            _ if rest.iter().all(u8::is_ascii_whitespace) => return Ok(out),
            _ => return Err(Failure::Broken),
        }
    }
}

fn chunk_size(line: &[u8]) -> Option<usize> {
    let end = line.iter().position(|byte| matches!(byte, b';' | b'\r')).unwrap_or(line.len());
    let digits = line[..end].trim_ascii();
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    digits.iter().try_fold(0, |size, digit| Some(size << 4 | (*digit as char).to_digit(16)? as usize))
}

impl Decoders {
    /// Undoes `codings`; `cut` says that the crawler stored only the beginning, which then is what is given back.
    /// The result borrows either the body or a buffer of this value.
    pub fn decode<'a>(&'a mut self, body: &'a [u8], codings: &[Coding], cut: bool, max: usize) -> Result<&'a [u8], Failure> {
        if codings.len() > MAX_CODINGS {
            return Err(Failure::Broken);
        }
        let mut decoded = false;
        for coding in codings.iter().rev() {
            let mut out = std::mem::take(&mut self.out);
            out.clear();
            let input = if decoded { &self.spare[..] } else { body };
            let done = undo(&mut self.inflate, &mut self.chunk, *coding, input, &mut out, cut, max);
            self.out = out;
            if done? {
                std::mem::swap(&mut self.out, &mut self.spare);
                decoded = true;
            }
        }
        let result = if decoded { &self.spare[..] } else { body };
        if result.len() > max { Err(Failure::TooLarge) } else { Ok(result) }
    }

    /// Gives back what a huge body made the buffers grow to.
    pub fn shrink(&mut self) {
        self.out.shrink_to(1 << 20);
        self.spare.shrink_to(1 << 20);
    }
}

/// False when the body turns out not to be coded at all: crawlers store the decoded body and leave the header.
fn undo(
    inflate: &mut Decompress,
    chunk: &mut [u8],
    coding: Coding,
    body: &[u8],
    out: &mut Vec<u8>,
    cut: bool,
    max: usize,
) -> Result<bool, Failure> {
    let result = match coding {
        _ if body.is_empty() => return Ok(false),
        Coding::Gzip => gunzip(inflate, chunk, body, out, max),
        Coding::Deflate => {
            let zlib = body.len() > 2 && body[0] & 15 == 8 && u16::from_be_bytes([body[0], body[1]]).is_multiple_of(31);
            let wrapped = if zlib { inflate_into(inflate, chunk, &body[2..], out, max).map(|_| ()) } else { Err(End::Broken) };
            if matches!(wrapped, Err(End::Broken)) {
                out.clear();
                inflate_into(inflate, chunk, body, out, max).map(|_| ())
            } else {
                wrapped
            }
        }
        Coding::Brotli => read_all(&mut Decompressor::new(body, 4096), chunk, out, max),
        Coding::Zstd => unzstd(chunk, body, out, max),
        Coding::Unsupported => Err(End::Broken),
    };
    match result {
        Ok(()) => Ok(true),
        Err(End::TooLarge) => Err(Failure::TooLarge),
        Err(End::Cut) if cut => Ok(true),
        Err(_) if looks_like_text(body) => Ok(false),
        Err(_) => Err(Failure::Broken),
    }
}

enum End {
    Broken,
    Cut,
    TooLarge,
}

/// All members of a gzip body. A missing checksum and what follows the last member are passed over, as browsers do;
/// a checksum that is there and wrong is damage.
fn gunzip(inflate: &mut Decompress, chunk: &mut [u8], body: &[u8], out: &mut Vec<u8>, max: usize) -> Result<(), End> {
    let mut at = 0;
    loop {
        match gzip::opening(&body[at..], true) {
            Opening::Starts(header) => at += header,
            Opening::Cut if at == 0 => return Err(End::Cut),
            _ if at == 0 => return Err(End::Broken),
            _ => return Ok(()),
        }
        let start = out.len();
        at += inflate_into(inflate, chunk, &body[at..], out, max)?;
        let Some(sum) = body.get(at..at + 4) else { return Ok(()) };
        if sum != crc32fast::hash(&out[start..]).to_le_bytes() {
            return Err(End::Broken);
        }
        at += gzip::TRAILER;
        if at >= body.len() {
            return Ok(());
        }
    }
}

/// Raw deflate; gives the bytes it took.
fn inflate_into(inflate: &mut Decompress, chunk: &mut [u8], body: &[u8], out: &mut Vec<u8>, max: usize) -> Result<usize, End> {
    inflate.reset(false);
    loop {
        let (read, wrote) = (inflate.total_in() as usize, inflate.total_out());
        let status = inflate.decompress(&body[read..], chunk, FlushDecompress::None);
        let wrote = (inflate.total_out() - wrote) as usize;
        out.extend_from_slice(&chunk[..wrote]);
        if out.len() > max {
            return Err(End::TooLarge);
        }
        match status {
            Ok(Status::StreamEnd) => return Ok(inflate.total_in() as usize),
            Ok(_) if wrote == 0 && inflate.total_in() as usize == read => {
                return Err(if read == body.len() { End::Cut } else { End::Broken });
            }
            Ok(_) => {}
            Err(_) => return Err(End::Broken),
        }
    }
}

fn read_all(reader: &mut impl Read, chunk: &mut [u8], out: &mut Vec<u8>, max: usize) -> Result<(), End> {
    loop {
        match reader.read(chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => out.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(End::Cut),
            Err(_) => return Err(End::Broken),
        }
        if out.len() > max {
            return Err(End::TooLarge);
        }
    }
}

fn unzstd(chunk: &mut [u8], body: &[u8], out: &mut Vec<u8>, max: usize) -> Result<(), End> {
    let mut decoder = Decoder::new().map_err(|_| End::Broken)?;
    decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG)).map_err(|_| End::Broken)?;
    let mut input = InBuffer::around(body);
    loop {
        let before = input.pos;
        let mut output = OutBuffer::around(&mut *chunk);
        let hint = decoder.run(&mut input, &mut output).map_err(|_| End::Broken)?;
        let wrote = output.pos();
        out.extend_from_slice(&chunk[..wrote]);
        if out.len() > max {
            return Err(End::TooLarge);
        }
        if hint == 0 && input.pos == body.len() {
            return Ok(());
        }
        if wrote == 0 && input.pos == before {
            return Err(End::Cut);
        }
    }
}

/// No control characters in the first 512 bytes: compressed data of some length always has them.
fn looks_like_text(body: &[u8]) -> bool {
    body.iter().take(512).all(|byte| *byte >= 32 || matches!(byte, b'\t' | b'\r' | b'\n' | 12))
}

#[cfg(test)]
mod tests;

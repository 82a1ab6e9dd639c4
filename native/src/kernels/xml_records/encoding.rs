//! From a document's bytes to UTF-8, with places still counted in the bytes of the document.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// An XML declaration is the file's first bytes and shorter than this.
const SNIFFED: usize = 1024;

/// How many bytes of the document stand behind the bytes of its UTF-8 form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Same,
    /// A byte a character.
    Single,
    /// Two bytes a UTF-16 unit.
    Double,
}

impl Scale {
    pub fn measure(self, utf8: &[u8]) -> u64 {
        let characters = || utf8.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u64;
        match self {
            Self::Same => utf8.len() as u64,
            Self::Single => characters(),
            Self::Double => 2 * (characters() + utf8.iter().filter(|&&byte| byte >= 0xF0).count() as u64),
        }
    }
}

pub enum Transcoder {
    /// Not all of the declaration was seen yet.
    Sniffing(Vec<u8>),
    /// UTF-8 goes through as it is; each record is checked for itself.
    Same,
    Decoding(Box<Decoder>, Scale),
    /// Declared to be in an encoding that is unknown, or in which a character has no fixed width.
    Refused,
}

/// What the first bytes of a document say: bytes to skip, and how to go on.
fn sniff(head: &[u8]) -> (usize, Transcoder) {
    let decoding = |encoding: &'static Encoding, scale| Transcoder::Decoding(Box::new(encoding.new_decoder_without_bom_handling()), scale);
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return (3, Transcoder::Same),
        [0xFF, 0xFE, ..] => return (2, decoding(UTF_16LE, Scale::Double)),
        [0xFE, 0xFF, ..] => return (2, decoding(UTF_16BE, Scale::Double)),
        [b'<', 0, ..] => return (0, decoding(UTF_16LE, Scale::Double)),
        [0, b'<', ..] => return (0, decoding(UTF_16BE, Scale::Double)),
        _ => {}
    }
    match declared(head).map(Encoding::for_label) {
        // A declaration that can be read byte by byte proves that it is not UTF-16, whatever it says.
        None => (0, Transcoder::Same),
        Some(Some(encoding)) if encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE => (0, Transcoder::Same),
        Some(Some(encoding)) if encoding.is_single_byte() => (0, decoding(encoding, Scale::Single)),
        Some(_) => (0, Transcoder::Refused),
    }
}

/// The label of `<?xml … encoding="…"?>`.
fn declared(head: &[u8]) -> Option<&[u8]> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let at = memchr::memmem::find(&declaration[..end], b"encoding")?;
    let rest = declaration[at + b"encoding".len()..end].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (&quote, rest) = rest.split_first()?;
    let end = memchr::memchr(quote, rest)?;
    matches!(quote, b'"' | b'\'').then(|| &rest[..end])
}

impl Transcoder {
    /// Takes bytes; gives what there is in UTF-8 into `out`, and the bytes of a mark that were skipped.
    pub fn feed(&mut self, bytes: &[u8], last: bool, out: &mut Vec<u8>) -> u64 {
        if let Self::Sniffing(head) = self {
            head.extend_from_slice(bytes);
            let known = head.len() >= SNIFFED || last || memchr::memmem::find(head, b"?>").is_some();
            if !known {
                return 0;
            }
            let head = std::mem::take(head);
            let (skipped, next) = sniff(&head[..head.len().min(SNIFFED)]);
            *self = next;
            self.decode(&head[skipped.min(head.len())..], last, out);
            return skipped as u64;
        }
        self.decode(bytes, last, out);
        0
    }

    fn decode(&mut self, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        match self {
            Self::Decoding(decoder, _) => loop {
                let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len().saturating_mul(3) + 16);
                let start = out.len();
                out.resize(start + room, 0);
                let (result, read, wrote, _) = decoder.decode_to_utf8(bytes, &mut out[start..], last);
                out.truncate(start + wrote);
                bytes = &bytes[read..];
                if result == CoderResult::InputEmpty {
                    break;
                }
            },
            Self::Same => out.extend_from_slice(bytes),
            Self::Sniffing(_) | Self::Refused => {}
        }
    }

    pub fn scale(&self) -> Scale {
        match self {
            Self::Decoding(_, scale) => *scale,
            _ => Scale::Same,
        }
    }
}

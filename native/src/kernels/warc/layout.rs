//! What a file is, judged by its first bytes: how it is packed, and whether it can be entered in the middle.

use super::head::proves_member;
use super::scan::find_header;
use crate::kernels::unpack::{Kind, Step, Unpacker};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub kind: Kind,
    /// Compressed, and a second member that begins a record was found: offsets are members'.
    pub members: bool,
    pub refused: Option<Refused>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Arc,
    Dictionary,
}

/// `first` is the file's beginning, a few MiB, or all of it.
pub fn layout(first: &[u8], file_bytes: u64) -> Layout {
    let kind = kind(first, file_bytes);
    let refused = |refused| Layout { kind, members: false, refused: Some(refused) };
    if kind == Kind::Plain {
        return if first.starts_with(b"filedesc://") { refused(Refused::Arc) } else { Layout { kind, members: false, refused: None } };
    }
    if kind == Kind::Zstd && wants_dictionary(first) && first_member(Kind::Zstd, first, file_bytes, file_bytes) == file_bytes {
        return refused(Refused::Dictionary);
    }
    let mut source = Unpacker::new(kind, file_bytes, 0, proves_member);
    source.push(first);
    let mut start: Vec<u8> = Vec::new();
    let mut members = 0;
    loop {
        let step = source.step();
        if start.len() < 11 {
            start.extend(source.bytes().iter().take(11 - start.len()));
            if start == b"filedesc://" {
                return refused(Refused::Arc);
            }
        }
        // A mark stays until the next one is passed, so the second is seen beside the first or in its place.
        members = members.max(source.members());
        if members >= 2 {
            return Layout { kind, members: true, refused: None };
        }
        let read = source.bytes().len();
        source.consume(read);
        match step {
            Step::Moved => {}
            Step::Starved => return Layout { kind, members: false, refused: None },
            Step::Ended if source.run_end() == Some(crate::kernels::unpack::RunEnd::Eof) => {
                return Layout { kind, members: false, refused: None };
            }
            Step::Ended => source.next_run(),
        }
    }
}

/// The magic of the first byte; behind garbage, whatever record comes first.
fn kind(first: &[u8], file_bytes: u64) -> Kind {
    let skippable = first.len() >= 4 && first[0] & 0xf0 == 0x50 && first[1..4] == [0x2a, 0x4d, 0x18];
    if first.starts_with(&[0x1f, 0x8b, 8]) {
        return Kind::Gzip;
    }
    if skippable || first.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Kind::Zstd;
    }
    let (at, found) = find_header(first, true);
    let plain = if found { at as u64 } else { file_bytes };
    let member = |kind| first_member(kind, first, file_bytes, plain.min(first.len() as u64));
    let (gzip, zstd) = (member(Kind::Gzip), member(Kind::Zstd));
    if plain <= gzip && plain <= zstd {
        Kind::Plain
    } else if gzip <= zstd {
        Kind::Gzip
    } else {
        Kind::Zstd
    }
}

/// Where the first member stands that begins a record, before `end`; the file's end if there is none.
fn first_member(kind: Kind, first: &[u8], file_bytes: u64, end: u64) -> u64 {
    let mut source = Unpacker::new(kind, file_bytes, 0, proves_member);
    source.search(end);
    source.push(first);
    while source.step() == Step::Moved {
        if source.members() > 0 {
            return source.member_at();
        }
    }
    file_bytes
}

/// A `.warc.zst` of the Internet Archive's kind carries its dictionary in a skippable frame of this number before
/// everything else; any other frame says in its header that it needs one. That alone may be damage.
fn wants_dictionary(first: &[u8]) -> bool {
    first.starts_with(&[0x5d, 0x2a, 0x4d, 0x18])
        || (first.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) && first.get(4).is_some_and(|descriptor| descriptor & 3 != 0))
}

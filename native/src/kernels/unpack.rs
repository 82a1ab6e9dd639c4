//! A file's bytes as runs of plain bytes: plain, gzip members, zstd frames or bzip2 streams, pushed in pieces, with damage told apart.
//!
//! A *run* is plain bytes without a gap. It ends at the file's end or where the compressed data is damaged; the next run
//! begins at the next member that can be entered. What comes out depends on the file alone, never on the pieces: the
//! decoders are fed in slices aligned to the file, and damage is placed by those slices.

use std::collections::VecDeque;

mod bzip2;
mod codec;
pub mod gzip;
mod members;
mod zstandard;

pub use codec::Opening;
use codec::{Codec, PROOF};

/// Decoders see no more than this at once, cut at multiples of it in the file.
const SLICE: u64 = 64 << 10;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
}

/// Why a run has no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// The file ends, and everything before it was whole.
    Eof,
    /// A member ended well, and what follows is none.
    Garbage,
    /// The file ends inside a member.
    Truncated,
    /// A member cannot be decoded or is not what its checksum says.
    Damaged,
}

/// A member whose content begins like a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub plain: u64,
    pub file: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Moved,
    /// The file's bytes at `wants` must be pushed first.
    Starved,
    /// `run_end` says why.
    Ended,
}

#[derive(Clone, Copy)]
enum At {
    Opening,
    Skipping(u64),
    Inside,
    Trailer,
    /// A member that ended with a wrong checksum: is the next one right behind it, or must it be looked for?
    Behind {
        otherwise: u64,
    },
    Search,
}

pub struct Unpacker {
    file_bytes: u64,
    codec: Option<Codec>,
    proof: fn(&[u8]) -> bool,
    raw: Vec<u8>,
    raw_at: u64,
    cursor: usize,
    at: At,
    resume: (At, u64),
    search_end: u64,
    member_at: u64,
    member_plain: u64,
    first: [u8; PROOF],
    produced: u64,
    proved: bool,
    plain: Vec<u8>,
    plain_at: u64,
    head: usize,
    drop_before: u64,
    scratch: Vec<u8>,
    marks: VecDeque<Mark>,
    members: usize,
    run_start: Mark,
    run_end: Option<RunEnd>,
}

impl Unpacker {
    /// Reads from `start`, which must be a member's first byte unless `search` is called next.
    pub fn new(kind: Kind, file_bytes: u64, start: u64, proof: fn(&[u8]) -> bool) -> Self {
        let codec = match kind {
            Kind::Plain => None,
            Kind::Gzip => Some(Codec::Gzip(Box::default())),
            Kind::Zstd => Some(Codec::Zstd(zstandard::Zstandard::default())),
            Kind::Bzip2 => Some(Codec::Bzip2(bzip2::Bzip2::default())),
        };
        let scratch = vec![0; if codec.is_some() { SLICE as usize } else { 0 }];
        let plain_at = if codec.is_some() { 0 } else { start };
        Self {
            file_bytes,
            codec,
            proof,
            raw: Vec::new(),
            raw_at: start,
            cursor: 0,
            at: At::Opening,
            resume: (At::Search, start),
            search_end: u64::MAX,
            member_at: start,
            member_plain: plain_at,
            first: [0; PROOF],
            produced: 0,
            proved: true,
            plain: Vec::new(),
            plain_at,
            head: 0,
            drop_before: 0,
            scratch,
            marks: VecDeque::new(),
            members: 0,
            run_start: Mark { plain: plain_at, file: start },
            run_end: None,
        }
    }

    pub fn is_plain(&self) -> bool {
        self.codec.is_none()
    }

    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// Looks for a proven member that begins before `end` instead of trusting the start.
    pub fn search(&mut self, end: u64) {
        self.at = At::Search;
        self.search_end = end;
    }

    /// Where the next bytes must come from, or None when the file's last byte was pushed.
    pub fn wants(&self) -> Option<u64> {
        let next = if self.is_plain() { self.plain_at + self.plain.len() as u64 } else { self.raw_at + self.raw.len() as u64 };
        (next < self.file_bytes).then_some(next)
    }

    /// Takes the bytes at `wants`.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.is_plain() {
            self.make_room();
            self.plain.extend_from_slice(bytes);
        } else {
            self.raw.drain(..self.cursor);
            self.raw_at += self.cursor as u64;
            self.cursor = 0;
            self.raw.extend_from_slice(bytes);
        }
    }

    /// For a file whose size was not known: it ends with what was pushed.
    pub fn finish(&mut self) {
        self.file_bytes = if self.is_plain() { self.plain_at + self.plain.len() as u64 } else { self.raw_at + self.raw.len() as u64 };
    }

    /// The plain bytes not yet consumed.
    pub fn bytes(&self) -> &[u8] {
        let end = if self.proved { self.plain.len() } else { (self.member_plain.saturating_sub(self.plain_at)) as usize };
        &self.plain[self.head.min(end)..end]
    }

    /// The plain position of the first of `bytes`.
    pub fn position(&self) -> u64 {
        self.plain_at + self.head as u64
    }

    /// The plain position behind the last byte of `bytes`.
    pub fn bytes_end(&self) -> u64 {
        self.position() + self.bytes().len() as u64
    }

    /// How many proven members were met so far.
    pub fn members(&self) -> usize {
        self.members
    }

    pub fn consume(&mut self, bytes: usize) {
        self.head += bytes;
        let position = self.position();
        while self.marks.get(1).is_some_and(|mark| mark.plain <= position) {
            self.marks.pop_front();
        }
    }

    pub fn run_end(&self) -> Option<RunEnd> {
        self.run_end
    }

    /// The first byte of the member that is being read, or of the garbage at which the run ended.
    pub fn member_at(&self) -> u64 {
        self.member_at
    }

    /// The plain position of that member's first byte: what lies before comes from members that are whole.
    pub fn member_plain(&self) -> u64 {
        self.member_plain
    }

    pub fn mark_at(&self, plain: u64) -> Option<Mark> {
        self.marks.iter().find(|mark| mark.plain == plain).copied()
    }

    pub fn mark_between(&self, after: u64, before: u64) -> Option<Mark> {
        self.marks.iter().find(|mark| mark.plain > after && mark.plain < before).copied()
    }

    /// Where a run can be entered again to come to the plain position `plain`.
    pub fn entry(&self, plain: u64) -> Mark {
        self.marks.iter().rev().find(|mark| mark.plain <= plain).copied().unwrap_or(self.run_start)
    }

    /// Reads again from an entry of this run, so that `position` becomes `to`.
    pub fn rewind(&mut self, entry: Mark, to: u64) {
        self.plain.clear();
        self.head = 0;
        self.marks.clear();
        self.run_end = None;
        self.proved = true;
        if self.is_plain() {
            self.plain_at = to;
        } else {
            self.plain_at = entry.plain;
            self.drop_before = to;
            self.at = At::Opening;
            self.seek(entry.file);
        }
    }

    /// Leaves an ended run; the next begins at a proven member, or the file ends. Skips one plain position, so that
    /// what was damaged and what follows never have the same.
    pub fn next_run(&mut self) {
        self.plain_at += self.plain.len() as u64 + 1;
        self.plain.clear();
        self.head = 0;
        self.marks.clear();
        self.proved = true;
        self.run_end = None;
        let (at, from) = self.resume;
        self.at = at;
        self.seek(from);
    }

    pub fn step(&mut self) -> Step {
        if self.run_end.is_some() {
            return Step::Ended;
        }
        if self.is_plain() {
            if self.wants().is_some() {
                return Step::Starved;
            }
            return self.end(RunEnd::Eof, At::Opening, self.file_bytes);
        }
        match self.at {
            At::Opening => self.open(),
            At::Skipping(bytes) => self.skip(bytes),
            At::Inside => self.decode(),
            At::Trailer => self.check_trailer(),
            At::Behind { otherwise } => self.try_behind(otherwise),
            At::Search => self.look(),
        }
    }

    /// Moves what is left to the front once as much was consumed: a byte is moved once for each time it is read.
    fn make_room(&mut self) {
        if self.head >= self.plain.len() - self.head {
            self.plain.drain(..self.head);
            self.plain_at += self.head as u64;
            self.head = 0;
        }
    }
}

//! The records of an XML file, pushed in pieces: elements of a few names, each with its place and the start tags around it.
//!
//! Not an XML parser: a record's own content is left to one. What is read depends on the file alone, neither on the pieces nor
//! on the batch size, and takes linear time. Tags that do not match cost the record they stand in; reading goes on at
//! the next. External entities are never read, declared ones never expanded here.

mod elements;
mod encoding;
mod markup;
mod rows;
mod splitter;

use super::unpack::{Kind, RunEnd, Step, Unpacker};
use encoding::Transcoder;
pub use rows::{Fault, Rows};
use splitter::Splitter;
pub use splitter::Wanted;

/// The splitter sees no more than this at once, so that a batch ends near its limit.
const PIECE: usize = 256 << 10;

pub struct Settings {
    pub kind: Kind,
    /// The file is cut at members that begin with a `<page>` of a dump of `MediaWiki`; places count file bytes of members.
    pub members: bool,
    /// `u64::MAX` where `finish` will say.
    pub file_bytes: u64,
    pub start: u64,
    pub end: u64,
    /// Look for the first member instead of trusting `start`.
    pub search: bool,
    pub wanted: Wanted,
    pub batch_rows: usize,
    pub batch_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Starved,
    Full,
    Done,
}

enum State {
    Search,
    Reading,
    Done,
}

pub struct Reader {
    source: Unpacker,
    transcoder: Transcoder,
    splitter: Splitter,
    utf8: Vec<u8>,
    fed: usize,
    rows: Rows,
    state: State,
    members: bool,
    from_start: bool,
    file_bytes: u64,
    end: u64,
    first: u64,
    stopped: u64,
    batch_rows: usize,
    batch_bytes: usize,
}

/// Members of a multistream dump begin with a page, whatever white space stands before it.
fn begins_page(first: &[u8]) -> bool {
    let first = first.trim_ascii_start();
    !first.is_empty() && b"<page>".starts_with(first)
}

fn never(_: &[u8]) -> bool {
    false
}

impl Reader {
    pub fn new(settings: Settings) -> Self {
        let proof = if settings.members { begins_page } else { never };
        let mut source = Unpacker::new(settings.kind, settings.file_bytes, settings.start, proof);
        if settings.search {
            source.search(settings.end);
        }
        Self {
            source,
            // A cut file is UTF-8 from its first member on: the others hold no declaration.
            transcoder: if settings.members { Transcoder::Same } else { Transcoder::Sniffing(Vec::new()) },
            splitter: Splitter::new(settings.wanted),
            utf8: Vec::new(),
            fed: 0,
            rows: Rows::default(),
            state: if settings.search { State::Search } else { State::Reading },
            members: settings.members,
            from_start: settings.start == 0,
            file_bytes: settings.file_bytes,
            end: settings.end,
            first: settings.start,
            stopped: settings.end,
            batch_rows: settings.batch_rows,
            batch_bytes: settings.batch_bytes,
        }
    }

    pub fn wants(&self) -> u64 {
        self.source.wants().unwrap_or(self.file_bytes)
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.source.push(bytes);
    }

    /// The file ends with what was pushed.
    pub fn finish(&mut self) {
        self.source.finish();
        self.file_bytes = self.source.file_bytes();
        self.end = self.end.min(self.file_bytes);
    }

    /// Where the window's first member begins, and where the next window's must; both the window's end if none does.
    pub fn stitch(&self) -> (u64, u64) {
        (self.first, self.stopped)
    }

    /// The document type declaration, once it was read; empty if there is none.
    pub fn doctype(&self) -> &[u8] {
        self.splitter.doctype()
    }

    /// How many members were met that can be entered.
    pub fn members(&self) -> usize {
        self.source.members()
    }

    pub fn take(&mut self) -> Rows {
        let mut next = Rows::default();
        next.record.values.reserve(self.rows.record.values.len());
        std::mem::replace(&mut self.rows, next)
    }

    pub fn advance(&mut self) -> Progress {
        loop {
            if self.rows.count() >= self.batch_rows || self.rows.bytes() >= self.batch_bytes {
                return Progress::Full;
            }
            let moved = match self.state {
                State::Search => self.search(),
                State::Reading => self.read(),
                State::Done => return Progress::Done,
            };
            if !moved {
                return Progress::Starved;
            }
        }
    }

    fn done(&mut self, at: u64) -> bool {
        self.stopped = at;
        self.state = State::Done;
        true
    }

    fn search(&mut self) -> bool {
        if let Some(mark) = self.source.mark_at(self.source.position()) {
            self.first = mark.file;
            self.state = State::Reading;
            return true;
        }
        if self.source.run_end().is_some() {
            self.first = self.end;
            return self.done(self.end);
        }
        self.source.step() != Step::Starved
    }

    fn read(&mut self) -> bool {
        if self.fed < self.utf8.len() {
            let end = self.utf8.len().min(self.fed + PIECE);
            self.splitter.feed(&self.utf8[self.fed..end], &mut self.rows);
            self.fed = end;
            return true;
        }
        let position = self.source.position();
        if self.members && !self.source.bytes().is_empty() {
            if let Some(mark) = self.source.mark_at(position) {
                if mark.file >= self.end {
                    self.splitter.cut(Fault::Malformed, &mut self.rows);
                    return self.done(mark.file);
                }
                self.splitter.enter(mark.file, &mut self.rows);
            } else if position == 0 && self.from_start {
                self.splitter.enter(0, &mut self.rows);
            }
        }
        let next = self.source.mark_between(position, u64::MAX).filter(|_| self.members);
        let bytes = self.source.bytes();
        let length = next.map_or(bytes.len(), |mark| bytes.len().min((mark.plain - position) as usize)).min(PIECE);
        if length == 0 {
            return match self.source.run_end() {
                None => self.source.step() != Step::Starved,
                Some(end) => self.end_of_run(end),
            };
        }
        self.convert(length, false);
        self.source.consume(length);
        if let Transcoder::Refused = self.transcoder { self.refuse() } else { true }
    }

    /// The next `length` bytes of the run to UTF-8.
    fn convert(&mut self, length: usize, last: bool) {
        self.utf8.clear();
        self.fed = 0;
        let skipped = self.transcoder.feed(&self.source.bytes()[..length], last, &mut self.utf8);
        self.splitter.skip(skipped);
        self.splitter.set_scale(self.transcoder.scale());
    }

    /// One row for a file of which nothing can be read.
    fn refuse(&mut self) -> bool {
        self.splitter.fault(Fault::BadEncoding, 0, &mut self.rows);
        self.done(self.file_bytes)
    }

    fn end_of_run(&mut self, end: RunEnd) -> bool {
        if let Transcoder::Sniffing(_) | Transcoder::Decoding(..) = self.transcoder {
            self.convert(0, true);
            let rest = std::mem::take(&mut self.utf8);
            self.splitter.feed(&rest, &mut self.rows);
        }
        if let Transcoder::Refused = self.transcoder {
            return self.refuse();
        }
        let fault = match end {
            RunEnd::Eof => {
                self.splitter.end(self.from_start, &mut self.rows);
                return self.done(self.file_bytes);
            }
            RunEnd::Truncated => Fault::Truncated,
            RunEnd::Damaged | RunEnd::Garbage => Fault::Damaged,
        };
        if !self.splitter.cut(fault, &mut self.rows) {
            self.splitter.fault(fault, 0, &mut self.rows);
        }
        if !self.members {
            // Nothing behind the damage can be entered.
            return self.done(self.file_bytes);
        }
        let before = self.source.position();
        self.source.next_run();
        self.splitter.skip(self.source.position() - before);
        true
    }
}

#[cfg(test)]
mod tests;

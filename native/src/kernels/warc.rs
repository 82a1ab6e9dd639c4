//! WARC files, pushed in pieces, to rows (ISO 28500 in versions 0.17 to 1.1; gzip and zstd as in its annexes).
//!
//! Every record that carries content becomes one row, and so does every damaged place. Reading goes on after damage at
//! the next record: the next header in plain bytes, the next member whose content begins with one. Neither the pieces nor
//! the batch size change what is read.

mod coding;
mod digest;
mod document;
mod head;
mod http;
pub mod layout;
mod metadata;
mod oversize;
mod place;
mod record;
mod rows;
mod scan;

use crate::kernels::unpack::{Kind, RunEnd, Step, Unpacker};
use document::{Limits, Workshop};
use head::{Answer, Head, Parsed, begins_record};
use oversize::Skipped;
pub use rows::{Rows, Rule};
use scan::{Wound, find_header};

/// What `begins_record` may need behind the newlines of a record's end.
const TAIL: u64 = 256;

pub struct Settings {
    pub kind: Kind,
    /// Offsets count file bytes of members; else plain bytes.
    pub members: bool,
    pub file_bytes: u64,
    pub start: u64,
    pub end: u64,
    /// Look for the first record instead of trusting `start`.
    pub search: bool,
    pub max_record: u64,
    pub verify_digests: bool,
    pub batch_rows: usize,
    pub batch_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The bytes at `wants` must be pushed.
    Starved,
    /// A batch is full and must be taken.
    Full,
    /// The window is read; the rows not yet taken are the last.
    Done,
}

enum State {
    Search,
    Between,
    Scan(Wound),
    Skip(Skipped),
    Verify(Skipped),
    Done,
}

enum Turn {
    Go,
    Starved,
}

pub struct Reader {
    source: Unpacker,
    settings: Settings,
    limits: Limits,
    head: Head,
    workshop: Workshop,
    rows: Rows,
    state: State,
    first: u64,
    stopped: u64,
    last_offset: f64,
    rewinds: u32,
    /// Id of the record just read: metadata of it may follow. Empty: none is waited for.
    awaited: Vec<u8>,
    /// Where the window ends, while the metadata of its last record is looked for behind that.
    stopping: Option<u64>,
}

impl Reader {
    pub fn new(settings: Settings) -> Self {
        let mut source = Unpacker::new(settings.kind, settings.file_bytes, settings.start, head::proves_member);
        if settings.search && !source.is_plain() {
            source.search(settings.end);
        }
        Self {
            source,
            limits: Limits { max_record: settings.max_record, verify_digests: settings.verify_digests },
            head: Head::default(),
            workshop: Workshop::default(),
            rows: Rows::default(),
            state: if settings.search { State::Search } else { State::Between },
            first: settings.start,
            stopped: settings.end,
            last_offset: -1.0,
            rewinds: 0,
            awaited: Vec::new(),
            stopping: None,
            settings,
        }
    }

    /// Where the next bytes must come from; asked after `Progress::Starved`.
    pub fn wants(&self) -> u64 {
        self.source.wants().unwrap_or(self.settings.file_bytes)
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.source.push(bytes);
    }

    /// First byte of the first record of the window, and where the next window's first record begins.
    /// Both are the window's end when no record begins in it.
    pub fn stitch(&self) -> (u64, u64) {
        (self.first, self.stopped)
    }

    pub fn advance(&mut self) -> Progress {
        loop {
            if self.full() && self.awaited.is_empty() {
                return Progress::Full;
            }
            let turn = match std::mem::replace(&mut self.state, State::Between) {
                State::Search => self.search(),
                State::Between => self.between(),
                State::Scan(wound) => self.scan(wound),
                State::Skip(skipped) => self.skip(skipped),
                State::Verify(skipped) => self.verify(skipped),
                State::Done => {
                    self.state = State::Done;
                    return Progress::Done;
                }
            };
            if let Turn::Starved = turn {
                return Progress::Starved;
            }
        }
    }

    fn full(&self) -> bool {
        self.rows.len() >= self.settings.batch_rows || self.rows.bytes() >= self.settings.batch_bytes
    }

    /// The rows read so far; the next batch begins with buffers of their size.
    pub fn take(&mut self) -> Rows {
        let mut next = Rows::default();
        next.payload.values.reserve(self.rows.payload.values.len());
        next.text.values.reserve(self.rows.text.values.len());
        std::mem::replace(&mut self.rows, next)
    }

    fn done(&mut self, at: u64) -> Turn {
        self.stopped = at;
        self.state = State::Done;
        Turn::Go
    }

    /// Gets more bytes; `state` is where to go on when there are none yet. An ended run is no reason to wait.
    fn pull(&mut self, state: State) -> Turn {
        self.state = state;
        if let Step::Starved = self.source.step() { Turn::Starved } else { Turn::Go }
    }

    /// The window's first record: a member or header that begins before the window ends.
    fn search(&mut self) -> Turn {
        if self.source.is_plain() {
            let room = self.settings.end.saturating_sub(self.source.position());
            let complete = self.source.run_end().is_some();
            let (at, found) = find_header(self.source.bytes(), complete);
            if at as u64 >= room {
                self.first = self.settings.end;
                return self.done(self.settings.end);
            }
            self.source.consume(at);
            if found {
                self.first = self.source.position();
                return Turn::Go;
            }
        } else if let Some(mark) = self.source.mark_at(self.source.position()) {
            self.first = mark.file;
            return Turn::Go;
        }
        if self.source.run_end().is_some() {
            self.first = self.settings.end;
            return self.done(self.settings.end);
        }
        self.pull(State::Search)
    }

    /// At the place where a record should begin.
    fn between(&mut self) -> Turn {
        let blank = self.source.bytes().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.source.consume(blank);
        let start = self.source.position();
        let complete = self.source.run_end().is_some();
        if self.source.bytes().is_empty() {
            return if complete { self.end_of_run() } else { self.pull(State::Between) };
        }
        let mark = self.source.mark_at(start);
        if let Some(mark) = mark {
            if mark.file >= self.settings.end {
                if self.awaited.is_empty() {
                    return self.done(mark.file);
                }
                self.stopping = Some(mark.file);
            }
            self.rewinds = 0;
        }
        match begins_record(self.source.bytes(), complete) {
            Answer::More => return self.pull(State::Between),
            Answer::No if self.stopping.is_some() => return self.done_before_metadata(),
            Answer::No if begins_record(self.source.bytes(), false) == Answer::More => return self.cut(start, false),
            Answer::No => {
                let rule = if self.source.bytes().starts_with(b"WARC/") { Rule::BadHeader } else { Rule::Garbage };
                let wound = self.wound(start, rule, rule, false);
                self.source.consume(1);
                self.state = State::Scan(wound);
                return Turn::Go;
            }
            Answer::Yes if self.source.is_plain() && start >= self.settings.end => {
                if self.awaited.is_empty() {
                    return self.done(start);
                }
                self.stopping = Some(start);
            }
            Answer::Yes => {}
        }
        match self.head.parse(self.source.bytes(), complete) {
            Parsed::More => self.pull(State::Between),
            Parsed::Cut | Parsed::Bad if self.stopping.is_some() => self.done_before_metadata(),
            Parsed::Cut => self.cut(start, false),
            Parsed::Bad => {
                let wound = self.wound(start, Rule::BadHeader, Rule::BadHeader, false);
                self.source.consume(b"WARC/".len());
                self.state = State::Scan(wound);
                Turn::Go
            }
            Parsed::Whole(head) if self.awaited.is_empty() => self.record(start, head),
            Parsed::Whole(head) => self.metadata(start, head),
        }
    }

    /// The next record is looked for from the block's start on: a length that is too long has swallowed it.
    fn bad_length(&mut self, start: u64, head: usize) -> Turn {
        let wound = self.wound(start, Rule::BadLength, Rule::BadLength, true);
        self.source.consume(head);
        self.state = State::Scan(wound);
        Turn::Go
    }

    /// The run ended inside the record at `start`; `block`: its header is whole.
    fn cut(&mut self, start: u64, block: bool) -> Turn {
        let rule = match self.source.run_end() {
            Some(RunEnd::Damaged) => self.damage(),
            Some(RunEnd::Truncated) => Rule::Truncated,
            _ if block => {
                // The header's own "WARC/" does not count.
                self.source.consume(1);
                let wound = self.wound(start, Rule::BadLength, Rule::Truncated, true);
                self.state = State::Scan(wound);
                return Turn::Go;
            }
            _ => Rule::Truncated,
        };
        let wound = self.wound(start, rule, rule, block);
        let rest = self.source.bytes().len();
        self.source.consume(rest);
        self.state = State::Scan(wound);
        Turn::Go
    }

    /// The damage at which the run ended, if the plain byte before `end` is of the damaged member.
    fn damage_at(&self, end: u64) -> Option<Rule> {
        match self.source.run_end() {
            Some(RunEnd::Damaged) if self.source.member_plain() < end => Some(self.damage()),
            Some(RunEnd::Truncated) if self.source.member_plain() < end => Some(Rule::Truncated),
            _ => None,
        }
    }

    fn damage(&self) -> Rule {
        if self.settings.kind == Kind::Zstd { Rule::BadZstd } else { Rule::BadGzip }
    }

    /// All records of the run are read.
    fn end_of_run(&mut self) -> Turn {
        let rule = match self.source.run_end() {
            None | Some(RunEnd::Eof) => return self.done(self.settings.file_bytes),
            Some(RunEnd::Garbage) => Rule::Garbage,
            Some(RunEnd::Truncated) => Rule::Truncated,
            Some(RunEnd::Damaged) => self.damage(),
        };
        let member = self.source.member_at();
        let offset = self.offset(self.source.position(), Some(member));
        self.state =
            State::Scan(Wound { offset, plain: self.source.position(), file: Some(member), found: rule, at_eof: rule, named: false });
        Turn::Go
    }

    /// Looks for the next record behind damage; its row is given once its length is known.
    fn scan(&mut self, wound: Wound) -> Turn {
        self.awaited.clear();
        let position = self.source.position();
        let mark = self.source.mark_between(position.saturating_sub(1), u64::MAX);
        let bytes = self.source.bytes();
        let visible = &bytes[..mark.map_or(bytes.len(), |mark| (mark.plain - position) as usize)];
        let complete = self.source.run_end().is_some() || mark.is_some();
        let (at, found) = find_header(visible, complete);
        self.source.consume(at);
        if found || mark.is_some() {
            self.emit(&wound, wound.found.into(), self.source.position());
            return Turn::Go;
        }
        match self.source.run_end() {
            None => self.pull(State::Scan(wound)),
            Some(RunEnd::Eof) => {
                self.emit(&wound, wound.at_eof.into(), self.source.position());
                self.done(self.settings.file_bytes)
            }
            Some(_) => {
                self.source.next_run();
                self.pull(State::Scan(wound))
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! JSON lines, pushed in pieces, to rows: a document a line, plain, gzip, zstd or bzip2.
//!
//! As for WARC, what is read depends on the file alone: neither the pieces nor the batch size nor, in a plain file, the
//! windows show. A damaged member costs the lines that lie in it, as one row; reading goes on at the next member whose
//! content begins with `{`.

mod line;

use super::columns::Bytes;
use super::unpack::{Kind, RunEnd, Step, Unpacker};
pub use line::Names;
use line::{Line, LineError};

/// The numbers are the order in which `src/sources/jsonl.ts` declares its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Rule {
    NoText,
    BadJson,
    BadUtf8,
    TooLarge,
    Truncated,
    BadGzip,
    BadZstd,
    BadBzip2,
}

pub struct Settings {
    pub kind: Kind,
    pub file_bytes: u64,
    pub start: u64,
    pub end: u64,
    /// `start` may lie inside a line, which belongs to the window before.
    pub search: bool,
    pub max_line: u64,
    pub batch_rows: usize,
    pub batch_bytes: usize,
    pub names: Names,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Starved,
    Full,
    Done,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The line's first byte, in the plain bytes.
    pub offset: Vec<f64>,
    pub length: Vec<f64>,
    pub text: Bytes,
    pub url: Bytes,
    pub date: Bytes,
    pub title: Bytes,
    /// One JSON object of all other fields as they were written, or empty.
    pub extra: Bytes,
    pub rule: Vec<i32>,
    pub measured: Vec<f64>,
    pub limit: Vec<f64>,
}

enum State {
    Search,
    Lines,
    /// Inside a line over the limit, which began here.
    Long(u64),
    Done,
}

pub struct Reader {
    source: Unpacker,
    settings: Settings,
    line: Line,
    rows: Rows,
    state: State,
    /// Bytes of the current line that are known to hold no line end.
    scanned: usize,
    first: u64,
    stopped: u64,
}

fn begins_object(first: &[u8]) -> bool {
    first.first() == Some(&b'{')
}

/// Plain, unless the first bytes say gzip, zstd or bzip2.
pub fn kind(first: &[u8]) -> Kind {
    let skippable = first.len() >= 4 && first[0] & 0xf0 == 0x50 && first[1..4] == [0x2a, 0x4d, 0x18];
    if first.starts_with(&[0x1f, 0x8b]) {
        Kind::Gzip
    } else if skippable || first.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Kind::Zstd
    } else if first.starts_with(b"BZh") {
        Kind::Bzip2
    } else {
        Kind::Plain
    }
}

impl Reader {
    pub fn new(settings: Settings) -> Self {
        // The byte before the window says whether a line begins with its first.
        let start = settings.start - u64::from(settings.search && settings.start > 0);
        Self {
            source: Unpacker::new(settings.kind, settings.file_bytes, start, begins_object),
            line: Line::default(),
            rows: Rows::default(),
            state: if settings.search { State::Search } else { State::Lines },
            scanned: 0,
            first: settings.start,
            stopped: settings.end,
            settings,
        }
    }

    pub fn wants(&self) -> u64 {
        self.source.wants().unwrap_or(self.settings.file_bytes)
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.source.push(bytes);
    }

    /// Where the window's first line begins, and where the next window's must; both the window's end if none does.
    pub fn stitch(&self) -> (u64, u64) {
        (self.first, self.stopped)
    }

    pub fn advance(&mut self) -> Progress {
        loop {
            if self.rows.offset.len() >= self.settings.batch_rows || self.rows.bytes() >= self.settings.batch_bytes {
                return Progress::Full;
            }
            let moved = match self.state {
                State::Search => self.search(),
                State::Lines => self.next_line(),
                State::Long(start) => self.skip_line(start),
                State::Done => return Progress::Done,
            };
            if !moved {
                return Progress::Starved;
            }
        }
    }

    pub fn take(&mut self) -> Rows {
        let mut next = Rows::default();
        next.text.values.reserve(self.rows.text.values.len());
        next.extra.values.reserve(self.rows.extra.values.len());
        std::mem::replace(&mut self.rows, next)
    }

    fn done(&mut self, at: u64) -> bool {
        self.stopped = at;
        self.state = State::Done;
        true
    }

    fn pull(&mut self) -> bool {
        self.source.step() != Step::Starved
    }

    fn consume(&mut self, bytes: usize) {
        self.source.consume(bytes);
        self.scanned = 0;
    }

    fn search(&mut self) -> bool {
        let room = (self.settings.end - self.source.position()) as usize;
        let bytes = self.source.bytes();
        let found = memchr::memchr(b'\n', &bytes[..bytes.len().min(room)]);
        let passed = found.map_or(bytes.len().min(room), |at| at + 1);
        if passed == room || (found.is_none() && self.source.run_end().is_some()) {
            self.first = self.settings.end;
            return self.done(self.settings.end);
        }
        self.consume(passed);
        if found.is_some() {
            self.first = self.source.position();
            self.state = State::Lines;
            return true;
        }
        self.pull()
    }

    fn next_line(&mut self) -> bool {
        let start = self.source.position();
        if self.source.is_plain() && start >= self.settings.end {
            return self.done(start);
        }
        let bytes = self.source.bytes();
        if let Some(at) = memchr::memchr(b'\n', &bytes[self.scanned..]) {
            let length = self.scanned + at + 1;
            self.read_line(start, length, false);
            self.consume(length);
            return true;
        }
        self.scanned = bytes.len();
        if bytes.len() as u64 > self.settings.max_line {
            self.state = State::Long(start);
            return true;
        }
        match self.source.run_end() {
            None => self.pull(),
            Some(end @ (RunEnd::Eof | RunEnd::Garbage)) => {
                let length = bytes.len();
                self.read_line(start, length, true);
                self.consume(length);
                if end == RunEnd::Eof { self.done(self.settings.file_bytes) } else { self.damaged(start + length as u64) }
            }
            Some(RunEnd::Damaged | RunEnd::Truncated) => self.damaged(start),
        }
    }

    /// The run ends here by damage; the line that began at `start` is lost with it.
    fn damaged(&mut self, start: u64) -> bool {
        let rest = self.source.bytes().len();
        self.consume(rest);
        let rule = match (self.source.run_end(), self.settings.kind) {
            (Some(RunEnd::Truncated), _) => Rule::Truncated,
            (_, Kind::Zstd) => Rule::BadZstd,
            (_, Kind::Bzip2) => Rule::BadBzip2,
            _ => Rule::BadGzip,
        };
        self.drop_row(start, self.source.position() - start, rule, f64::NAN, f64::NAN);
        self.source.next_run();
        self.state = State::Lines;
        true
    }

    /// Passes over a line too long to hold; its row says how long it was.
    fn skip_line(&mut self, start: u64) -> bool {
        let bytes = self.source.bytes();
        let end = memchr::memchr(b'\n', bytes);
        let passed = end.map_or(bytes.len(), |at| at + 1);
        self.consume(passed);
        let run_end = self.source.run_end();
        if end.is_some() || matches!(run_end, Some(RunEnd::Eof | RunEnd::Garbage)) {
            let length = self.source.position() - start;
            self.drop_row(start, length, Rule::TooLarge, length as f64, self.settings.max_line as f64);
            self.state = State::Lines;
            return true;
        }
        if run_end.is_some() {
            return self.damaged(start);
        }
        self.pull()
    }

    /// `length` includes the line end; `last`: there was none, since the file ended.
    fn read_line(&mut self, start: u64, length: usize, last: bool) {
        let whole = &self.source.bytes()[..length];
        let mut line = whole;
        if start == 0 {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        if length as u64 > self.settings.max_line {
            return self.drop_row(start, length as u64, Rule::TooLarge, length as f64, self.settings.max_line as f64);
        }
        match self.line.parse(line, &self.settings.names) {
            Ok(()) => {
                self.rows.text.push(&self.line.text);
                self.rows.url.push(&self.line.url);
                self.rows.date.push(&self.line.date);
                self.rows.title.push(&self.line.title);
                self.rows.extra.push(&self.line.extra);
                self.rows.fate(start, length as u64, -1, f64::NAN, f64::NAN);
            }
            Err(error) => {
                let rule = match error {
                    LineError::NoText => Rule::NoText,
                    LineError::Cut | LineError::CutUtf8 if last => Rule::Truncated,
                    LineError::Cut | LineError::Json => Rule::BadJson,
                    LineError::CutUtf8 | LineError::Utf8 => Rule::BadUtf8,
                };
                // Where the line is an object, its address is known although its text is not.
                let url: &[u8] = if error == LineError::NoText { &self.line.url } else { &[] };
                self.rows.url.push(url);
                self.rows.dropped(start, length as u64, rule, f64::NAN, f64::NAN);
            }
        }
    }

    fn drop_row(&mut self, start: u64, length: u64, rule: Rule, measured: f64, limit: f64) {
        self.rows.url.push(&[]);
        self.rows.dropped(start, length, rule, measured, limit);
    }
}

impl Rows {
    fn bytes(&self) -> usize {
        self.text.values.len() + self.extra.values.len() + self.url.values.len() + self.title.values.len() + self.date.values.len()
    }

    fn dropped(&mut self, start: u64, length: u64, rule: Rule, measured: f64, limit: f64) {
        for column in [&mut self.text, &mut self.date, &mut self.title, &mut self.extra] {
            column.push(&[]);
        }
        self.fate(start, length, rule as i32, measured, limit);
    }

    fn fate(&mut self, start: u64, length: u64, rule: i32, measured: f64, limit: f64) {
        self.offset.push(start as f64);
        self.length.push(length as f64);
        self.rule.push(rule);
        self.measured.push(measured);
        self.limit.push(limit);
    }
}

#[cfg(test)]
mod tests;

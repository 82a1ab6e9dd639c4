//! UTF-8 of a document, pushed in pieces, to its records.

use super::elements::{Closed, Inner, MAX_DEPTH, Outer, local_name, tag_name};
use super::encoding::Scale;
use super::markup::{Markup, Token};
use super::rows::{Fault, Row, Rows};

pub struct Wanted {
    /// Local names of the elements that are records.
    pub names: Vec<Vec<u8>>,
    /// An element of the record's own name inside of it is part of it from this depth on, a child being 1; further out it says
    /// that the record was never closed, and is the next. 0: it always says so.
    pub nests_from: usize,
    pub max_record: u64,
}

struct Record {
    name: i32,
    offset: u64,
    start: u64,
    malformed: bool,
}

pub struct Splitter {
    wanted: Wanted,
    scale: Scale,
    markup: Markup,
    outer: Outer,
    inner: Inner,
    text: Vec<u8>,
    record: Option<Record>,
    /// Plain bytes of the document before the next byte.
    position: u64,
    token_start: u64,
    /// Records of this member, and where it stands in the file, where places are file places.
    member: Option<u64>,
    last_offset: Option<u64>,
    /// Something that is no markup stands outside of records since here.
    wound: Option<u64>,
    seen_element: bool,
    seen_end: bool,
    content: bool,
}

impl Splitter {
    pub fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            scale: Scale::Same,
            markup: Markup::default(),
            outer: Outer::default(),
            inner: Inner::default(),
            text: Vec::new(),
            record: None,
            position: 0,
            token_start: 0,
            member: None,
            last_offset: None,
            wound: None,
            seen_element: false,
            seen_end: false,
            content: false,
        }
    }

    pub fn set_scale(&mut self, scale: Scale) {
        self.scale = scale;
    }

    pub fn doctype(&self) -> &[u8] {
        &self.markup.doctype
    }

    /// Bytes of the document that hold no text: a byte order mark, or a gap.
    pub fn skip(&mut self, bytes: u64) {
        self.position += bytes;
    }

    /// What follows begins a member of the file at `file`, which can be entered there: what is open is cut off.
    pub fn enter(&mut self, file: u64, rows: &mut Rows) {
        self.cut(Fault::Malformed, rows);
        self.member = Some(file);
    }

    /// Ends an open record by a fault and forgets half a token.
    pub fn cut(&mut self, fault: Fault, rows: &mut Rows) -> bool {
        let open = self.record.is_some();
        self.finish(Some(fault), self.position, rows);
        self.markup.reset();
        open
    }

    /// A row for damage that lies in no record.
    pub fn fault(&mut self, fault: Fault, length: u64, rows: &mut Rows) {
        let offset = self.place(self.position);
        self.row(&Row::fault(offset, length, fault), rows);
    }

    /// The document ends; `whole`: it was read from its beginning.
    pub fn end(&mut self, whole: bool, rows: &mut Rows) {
        let half = !self.markup.idle();
        if self.cut(Fault::Truncated, rows) {
            return;
        }
        self.heal(rows);
        if !self.content {
            return;
        }
        if whole && !self.seen_element && !half {
            let length = self.position;
            let offset = self.place(0);
            self.row(&Row::fault(offset, length, Fault::Malformed), rows);
        } else if half || !self.outer.is_empty() || !self.seen_end {
            self.fault(Fault::Truncated, 0, rows);
        }
    }

    pub fn feed(&mut self, mut bytes: &[u8], rows: &mut Rows) {
        while !bytes.is_empty() {
            if self.markup.idle() && bytes[0] == b'<' {
                self.token_start = self.position;
            }
            let (token, length) = self.markup.next(bytes);
            let (now, rest) = bytes.split_at(length);
            self.position += self.scale.measure(now);
            bytes = rest;
            if let Some(token) = token {
                let mut held = std::mem::take(&mut self.markup.held);
                self.token(token, if held.is_empty() { now } else { &held }, rows);
                held.clear();
                if self.markup.held.is_empty() {
                    self.markup.held = held;
                }
            }
        }
    }

    fn token(&mut self, token: Token, bytes: &[u8], rows: &mut Rows) {
        match token {
            Token::Start | Token::Empty => self.start(bytes, token == Token::Empty, rows),
            Token::End => self.end_tag(bytes, rows),
            Token::Text | Token::Other | Token::Data => {
                self.content |= !bytes.trim_ascii().is_empty();
                if self.record.is_some() {
                    self.keep(bytes);
                }
            }
            Token::Doctype | Token::Bad => {
                self.content = true;
                match &mut self.record {
                    Some(record) => record.malformed = true,
                    None if token == Token::Bad && self.wound.is_none() => self.wound = Some(self.token_start),
                    None => {}
                }
                if self.record.is_some() {
                    self.keep(bytes);
                }
            }
        }
    }

    fn start(&mut self, tag: &[u8], empty: bool, rows: &mut Rows) {
        self.content = true;
        self.seen_element = true;
        let name = tag_name(tag);
        if self.record.is_some() {
            let depth = self.inner.depth();
            let nests = self.wanted.nests_from > 0 && depth >= self.wanted.nests_from;
            if nests || self.inner.record_name() != name {
                self.keep(tag);
                if !empty {
                    if depth < MAX_DEPTH {
                        self.inner.push(name);
                    } else if let Some(record) = &mut self.record {
                        record.malformed = true;
                    }
                }
                return;
            }
            self.finish(Some(Fault::Malformed), self.token_start, rows);
        }
        let local = local_name(name);
        let Some(wanted) = self.wanted.names.iter().position(|wanted| wanted == local) else {
            if !empty {
                self.outer.push(tag, self.token_start);
            } else if self.outer.is_empty() {
                self.seen_end = true;
            }
            return;
        };
        self.heal(rows);
        let offset = self.place(self.token_start);
        self.record = Some(Record { name: wanted as i32, offset, start: self.token_start, malformed: false });
        self.inner.clear();
        self.inner.push(name);
        self.keep(tag);
        if empty {
            self.finish(None, self.position, rows);
            self.seen_end |= self.outer.is_empty();
        }
    }

    fn end_tag(&mut self, tag: &[u8], rows: &mut Rows) {
        self.content = true;
        let name = tag_name(tag);
        if self.record.is_some() {
            let closed = self.inner.close(name);
            if let Closed::Nothing = closed {
                if self.outer.holds(name) {
                    self.finish(Some(Fault::Malformed), self.token_start, rows);
                } else {
                    self.keep(tag);
                    self.malformed();
                    return;
                }
            } else {
                self.keep(tag);
                if let Closed::Element(false) | Closed::Record(false) = closed {
                    self.malformed();
                }
                if let Closed::Record(_) = closed {
                    self.finish(None, self.position, rows);
                    self.seen_end |= self.outer.is_empty();
                }
                return;
            }
        }
        self.outer.close(name);
        self.seen_end |= self.outer.is_empty();
    }

    fn malformed(&mut self) {
        if let Some(record) = &mut self.record {
            record.malformed = true;
        }
    }

    /// Bytes of the record; of one over the limit nothing is kept.
    fn keep(&mut self, bytes: &[u8]) {
        let Some(record) = &self.record else { return };
        if self.position - record.start <= self.wanted.max_record {
            self.text.extend_from_slice(bytes);
        } else {
            self.text.clear();
        }
    }

    fn finish(&mut self, fault: Option<Fault>, end: u64, rows: &mut Rows) {
        let Some(record) = self.record.take() else { return };
        let length = end - record.start;
        let (mut measured, mut limit) = (f64::NAN, f64::NAN);
        let mut fault = fault.or(record.malformed.then_some(Fault::Malformed));
        if length > self.wanted.max_record {
            fault = Some(Fault::TooLarge);
            measured = length as f64;
            limit = self.wanted.max_record as f64;
        } else if fault.is_none() && std::str::from_utf8(&self.text).is_err() {
            fault = Some(Fault::BadUtf8);
        }
        let text = std::mem::take(&mut self.text);
        rows.push(&Row { name: record.name, offset: record.offset, length, fault, measured, limit }, &self.outer);
        if fault.is_none() {
            rows.record.values.extend_from_slice(&text);
        }
        rows.record.offsets.push(rows.record.values.len() as i32);
        self.text = text;
        self.text.clear();
    }

    /// Adds a row that has no text.
    fn row(&mut self, row: &Row, rows: &mut Rows) {
        rows.push(row, &self.outer);
        rows.record.offsets.push(rows.record.values.len() as i32);
    }

    /// One row for all that was no markup since the last record.
    fn heal(&mut self, rows: &mut Rows) {
        if let Some(start) = self.wound.take() {
            let length = self.token_start.max(start) - start;
            let offset = self.place(start);
            self.row(&Row::fault(offset, length, Fault::Malformed), rows);
        }
    }

    /// What identifies a record that begins at a plain position; ever larger ones.
    fn place(&mut self, plain: u64) -> u64 {
        let Some(member) = self.member else { return plain };
        let place = self.last_offset.map_or(member, |last| member.max(last + 1));
        self.last_offset = Some(place);
        place
    }
}

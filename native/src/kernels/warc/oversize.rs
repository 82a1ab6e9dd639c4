//! Records too large to buffer: passed over, and read after all when their length turns out wrong.

use super::head::Type;
use super::rows::{Drop, Rule};
use super::scan::{self, Tail, Wound, find_header, tail};
use super::{Reader, State, TAIL, Turn};
use crate::kernels::unpack::{Mark, RunEnd};

/// How often one gzip or zstd stream is entered again because a huge record's length was wrong. After that such a record
/// ends where the next header stands, or a hostile stream would be inflated once for each of its records.
const MAX_REWINDS: u32 = 8;

/// A record too large to buffer, until its length is confirmed by what stands behind it.
#[derive(Clone, Copy)]
pub struct Skipped {
    wound: Wound,
    entry: Mark,
    body: u64,
    until: u64,
    /// Something that looks like a header was passed.
    seen: bool,
    document: bool,
}

impl Reader {
    /// A huge record. In a plain file its end is looked at first; in a stream it is passed over.
    pub(super) fn too_large(&mut self, start: u64, head: usize, length: u64) -> Turn {
        let document = self.head.record_type() != Type::Other;
        let body = start + head as u64;
        let until = body + length;
        let entry = self.source.entry(start);
        let wound = self.wound(start, Rule::BadLength, Rule::Truncated, true);
        self.source.consume(head);
        let skipped = Skipped { wound, entry, body, until, seen: false, document };
        self.state = if self.source.is_plain() {
            if until > self.settings.file_bytes {
                State::Scan(skipped.wound)
            } else {
                self.source.rewind(entry, until);
                State::Verify(skipped)
            }
        } else if self.rewinds >= MAX_REWINDS {
            State::Scan(Wound { found: Rule::TooLarge, ..skipped.wound })
        } else {
            State::Skip(skipped)
        };
        Turn::Go
    }

    pub(super) fn skip(&mut self, mut skipped: Skipped) -> Turn {
        let position = self.source.position();
        let room = skipped.until - position;
        if self.source.mark_between(position.saturating_sub(1), skipped.until).is_some() {
            return self.unskip(skipped);
        }
        let bytes = self.source.bytes();
        let visible = &bytes[..bytes.len().min(room as usize)];
        let complete = self.source.run_end().is_some() || visible.len() as u64 == room;
        let (passed, found) = if skipped.seen { (visible.len(), false) } else { find_header(visible, complete) };
        skipped.seen |= found;
        self.source.consume(passed);
        if self.source.position() == skipped.until {
            self.state = State::Verify(skipped);
            return Turn::Go;
        }
        if found {
            self.state = State::Skip(skipped);
            return Turn::Go;
        }
        match self.source.run_end() {
            None => self.pull(State::Skip(skipped)),
            Some(RunEnd::Eof | RunEnd::Garbage) => self.unskip(skipped),
            Some(end) => {
                let rule = if end == RunEnd::Damaged { self.damage() } else { Rule::Truncated };
                self.give_up(skipped.wound, rule)
            }
        }
    }

    fn give_up(&mut self, wound: Wound, rule: Rule) -> Turn {
        let rest = self.source.bytes().len();
        self.source.consume(rest);
        self.state = State::Scan(Wound { found: rule, at_eof: rule, ..wound });
        Turn::Go
    }

    /// A skipped record's length turned out wrong: what was passed over is read after all.
    fn unskip(&mut self, skipped: Skipped) -> Turn {
        if self.source.is_plain() {
            self.source.rewind(skipped.entry, skipped.body);
        } else if skipped.seen {
            self.rewinds += 1;
            self.source.rewind(skipped.entry, skipped.body);
        }
        self.state = State::Scan(skipped.wound);
        Turn::Go
    }

    /// Behind a skipped record.
    pub(super) fn verify(&mut self, skipped: Skipped) -> Turn {
        let complete = self.source.run_end().is_some();
        let newlines = scan::newlines(self.source.bytes());
        let next = skipped.until + newlines as u64;
        if !complete && self.source.mark_at(next).is_none() && (self.source.bytes().len() as u64) < TAIL {
            return self.pull(State::Verify(skipped));
        }
        match tail(self.source.bytes(), |newlines| self.source.mark_at(skipped.until + newlines as u64).is_some()) {
            Tail::Torn { .. } => self.unskip(skipped),
            Tail::RunsOut if self.damage_at(next).is_some() => {
                let rule = self.damage_at(next).unwrap_or(Rule::Truncated);
                self.give_up(skipped.wound, rule)
            }
            Tail::RunsOut | Tail::Clean => {
                if skipped.document {
                    let drop = Drop {
                        rule: Rule::TooLarge,
                        measured: (skipped.until - skipped.body) as f64,
                        limit: self.settings.max_record as f64,
                    };
                    self.emit(&skipped.wound, drop, next);
                }
                Turn::Go
            }
        }
    }
}

//! A record whose header is parsed: is its block whole, and is what follows the next record?

use super::digest::Labelled;
use super::scan::{self, Tail, find_header, tail};
use super::{Reader, State, TAIL, Turn};
use crate::kernels::unpack::Step;

/// A block may be longer than its decoded payload by an HTTP header and chunk framing; by more than this it is not buffered.
const BLOCK_ALLOWANCE: u64 = 1 << 20;
/// How far behind a record that is followed by garbage its member is looked at for damage.
const LOOK_AHEAD: usize = 128 << 10;
impl Reader {
    /// A record whose header is parsed.
    pub(super) fn record(&mut self, start: u64, head: usize) -> Turn {
        let Some(length) = self.head.length() else { return self.bad_length(start, head) };
        if length > self.settings.max_record + BLOCK_ALLOWANCE {
            return self.too_large(start, head, length);
        }
        let whole = head + length as usize;
        let block_end = start + whole as u64;
        if !self.fill(start, block_end, whole + TAIL as usize) {
            return Turn::Starved;
        }
        if self.source.mark_between(start, block_end).is_some() {
            return self.bad_length(start, head);
        }
        if self.source.bytes().len() < whole {
            return self.cut(start, true);
        }
        let (block, behind) = self.source.bytes()[head..].split_at(length as usize);
        match tail(behind, |newlines| self.source.mark_at(block_end + newlines as u64).is_some()) {
            Tail::RunsOut if self.damage_at(self.source.bytes_end()).is_some() => return self.cut(start, true),
            Tail::Torn { line_feeds } => {
                let nested = find_header(block, true).1;
                let trusted = line_feeds >= 2 && (!nested || self.proves_block(block));
                if !trusted {
                    return self.bad_length(start, head);
                }
                // What follows may be the rest of a member that is about to prove damaged: then this record is, too.
                if !self.source.is_plain() {
                    if !self.fill(block_end, u64::MAX, whole + LOOK_AHEAD) {
                        return Turn::Starved;
                    }
                    if self.damage_at(block_end).is_some() {
                        return self.cut(start, true);
                    }
                }
            }
            Tail::RunsOut | Tail::Clean => {}
        }
        let newlines = scan::newlines(&self.source.bytes()[whole..]);
        let place = self.place(start, block_end + newlines as u64);
        let block = &self.source.bytes()[head..whole];
        let rows = self.rows.len();
        self.workshop.add(&self.head, block, place, &self.limits, &mut self.rows);
        if self.rows.len() > rows {
            self.awaited.extend_from_slice(self.head.id());
        }
        self.source.consume(whole);
        Turn::Go
    }

    /// Gets `bytes` bytes, or all there are before the run ends or a member begins between two plain positions; false
    /// when the file's bytes must be pushed first.
    pub(super) fn fill(&mut self, after: u64, before: u64, bytes: usize) -> bool {
        while self.source.bytes().len() < bytes && self.source.run_end().is_none() && self.source.mark_between(after, before).is_none() {
            if let Step::Starved = self.source.step() {
                self.state = State::Between;
                return false;
            }
        }
        true
    }

    fn proves_block(&self, block: &[u8]) -> bool {
        let digest = Labelled::parse(self.head.block_digest());
        digest.is_known() && digest.accepts(block)
    }
}

//! From member to member of a compressed file, and over damage to the next.

use super::codec::{Codec, Opening, PROOF};
use super::{At, Mark, RunEnd, SLICE, Step, Unpacker, gzip};

/// A damaged member may have swallowed the starts of the next ones; so far back from where the damage was noticed they
/// are looked for. Bounded, or a file of members that lie inside each other would be read once for each of them.
const RESCAN: u64 = 1 << 20;

impl Unpacker {
    fn file_position(&self) -> u64 {
        self.raw_at + self.cursor as u64
    }

    fn last(&self) -> bool {
        self.raw_at + self.raw.len() as u64 == self.file_bytes
    }

    pub(super) fn seek(&mut self, to: u64) {
        if to >= self.raw_at && to <= self.raw_at + self.raw.len() as u64 {
            self.cursor = (to - self.raw_at) as usize;
        } else {
            self.raw.clear();
            self.cursor = 0;
            self.raw_at = to;
        }
    }

    pub(super) fn end(&mut self, why: RunEnd, at: At, from: u64) -> Step {
        self.proved = true;
        self.run_end = Some(why);
        self.resume = (at, from);
        Step::Ended
    }

    /// `noticed`: where the damage was seen, the same for every way of pushing.
    fn damaged(&mut self, why: RunEnd, noticed: u64) -> Step {
        self.end(why, At::Search, (self.member_at + 1).max(noticed.saturating_sub(RESCAN)))
    }

    pub(super) fn open(&mut self) -> Step {
        self.member_at = self.file_position();
        self.member_plain = self.plain_at + self.plain.len() as u64;
        if self.member_at == self.file_bytes {
            return self.end(RunEnd::Eof, At::Search, self.file_bytes);
        }
        let Some(codec) = &mut self.codec else { return Step::Ended };
        match codec.opening(&self.raw[self.cursor..], self.raw_at + self.raw.len() as u64 == self.file_bytes) {
            Opening::Starts(header) => {
                codec.begin();
                self.cursor += header;
                self.produced = 0;
                self.proved = false;
                self.at = At::Inside;
                Step::Moved
            }
            Opening::Skip(bytes) => {
                self.at = At::Skipping(bytes);
                Step::Moved
            }
            Opening::More => Step::Starved,
            Opening::Bad => self.damaged(RunEnd::Damaged, self.member_at),
            Opening::Cut => self.damaged(RunEnd::Truncated, self.file_bytes),
            Opening::Other => self.end(RunEnd::Garbage, At::Search, self.member_at + 1),
        }
    }

    pub(super) fn skip(&mut self, bytes: u64) -> Step {
        let target = self.member_at + bytes;
        if target > self.file_bytes {
            return self.damaged(RunEnd::Truncated, self.file_bytes);
        }
        self.seek(target);
        self.at = At::Opening;
        Step::Moved
    }

    pub(super) fn decode(&mut self) -> Step {
        let position = self.file_position();
        let edge = ((position / SLICE + 1) * SLICE).min(self.file_bytes);
        if self.raw_at + (self.raw.len() as u64) < edge {
            return Step::Starved;
        }
        self.make_room();
        let Some(codec) = &mut self.codec else { return Step::Ended };
        let slice = &self.raw[self.cursor..(edge - self.raw_at) as usize];
        let at_end = slice.is_empty();
        let decoded = codec.decode(slice, &mut self.scratch);
        self.cursor += decoded.read;
        self.take(decoded.wrote);
        if decoded.bad {
            self.settle();
            return self.damaged(RunEnd::Damaged, edge);
        }
        if decoded.ended {
            self.settle();
            self.at = if matches!(self.codec, Some(Codec::Gzip(_))) { At::Trailer } else { At::Opening };
            return Step::Moved;
        }
        if at_end && decoded.wrote == 0 {
            self.settle();
            return self.damaged(RunEnd::Truncated, self.file_bytes);
        }
        Step::Moved
    }

    /// Adds what the decoder wrote into the scratch buffer.
    fn take(&mut self, wrote: usize) {
        if !self.proved {
            let known = self.produced as usize;
            let more = wrote.min(PROOF - known);
            self.first[known..known + more].copy_from_slice(&self.scratch[..more]);
            self.produced += more as u64;
            if self.produced as usize == PROOF {
                self.settle();
            }
        }
        let end = self.plain_at + self.plain.len() as u64;
        let unwanted = self.drop_before.saturating_sub(end).min(wrote as u64) as usize;
        if unwanted > 0 {
            // Only while nothing is buffered: positions before `drop_before` were consumed in an earlier pass.
            self.plain_at += unwanted as u64;
        }
        self.plain.extend_from_slice(&self.scratch[unwanted..wrote]);
    }

    /// The member's first bytes are known: is it one that a reader can enter?
    fn settle(&mut self) {
        if !self.proved {
            self.proved = true;
            if (self.proof)(&self.first[..self.produced as usize]) {
                self.members += 1;
                self.marks.push_back(Mark { plain: self.member_plain, file: self.member_at });
            }
        }
    }

    pub(super) fn check_trailer(&mut self) -> Step {
        let Some(Codec::Gzip(codec)) = &self.codec else { return Step::Ended };
        let rest = &self.raw[self.cursor..];
        if rest.len() < gzip::TRAILER {
            return if self.last() { self.damaged(RunEnd::Truncated, self.file_bytes) } else { Step::Starved };
        }
        let whole = codec.trailer_holds(rest);
        self.cursor += gzip::TRAILER;
        self.at = At::Opening;
        if whole {
            return Step::Moved;
        }
        let behind = self.file_position();
        self.end(RunEnd::Damaged, At::Behind { otherwise: (self.member_at + 1).max(behind.saturating_sub(RESCAN)) }, behind)
    }

    pub(super) fn try_behind(&mut self, otherwise: u64) -> Step {
        let last = self.last();
        let Some(codec) = &mut self.codec else { return Step::Ended };
        match codec.prove(&self.raw[self.cursor..], last, self.proof) {
            None => return Step::Starved,
            Some(true) => self.enter(),
            Some(false) => {
                self.at = At::Search;
                self.seek(otherwise);
            }
        }
        Step::Moved
    }

    fn enter(&mut self) {
        self.at = At::Opening;
        self.search_end = u64::MAX;
        self.run_start = Mark { plain: self.plain_at, file: self.file_position() };
    }

    pub(super) fn look(&mut self) -> Step {
        let last = self.last();
        let Some(codec) = &mut self.codec else { return Step::Ended };
        let magic = codec.magic();
        loop {
            let position = self.raw_at + self.cursor as u64;
            let found = memchr::memmem::find(&self.raw[self.cursor..], magic);
            if position + found.unwrap_or(0) as u64 >= self.search_end || (found.is_none() && last) {
                return self.end(RunEnd::Eof, At::Search, self.file_bytes);
            }
            let Some(found) = found else {
                // The magic may be cut by the piece's end.
                self.cursor += (self.raw.len() - self.cursor).saturating_sub(magic.len() - 1);
                return Step::Starved;
            };
            self.cursor += found;
            match codec.prove(&self.raw[self.cursor..], last, self.proof) {
                None => return Step::Starved,
                Some(true) => {
                    self.enter();
                    return Step::Moved;
                }
                Some(false) => self.cursor += 1,
            }
        }
    }
}

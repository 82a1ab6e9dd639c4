//! Where rows say that their record lies.

use super::Reader;
use super::document::Place;
use super::rows::{Content, Drop, Facts, Rule};
use super::scan::Wound;
use crate::kernels::unpack::RunEnd;

impl Reader {
    pub(super) fn wound(&mut self, start: u64, found: Rule, at_eof: Rule, named: bool) -> Wound {
        let file = self.source.mark_at(start).map(|mark| mark.file);
        Wound { offset: self.offset(start, file), plain: start, file, found, at_eof, named }
    }

    pub(super) fn emit(&mut self, wound: &Wound, drop: Drop, next: u64) {
        let facts = if wound.named { Facts { url: self.head.url(), date: self.head.date(), ..Facts::default() } } else { Facts::default() };
        let length = self.length(wound.plain, wound.file, next);
        self.rows.push(wound.offset, length, facts, &Content::Dropped(drop));
    }

    pub(super) fn place(&mut self, start: u64, next: u64) -> Place {
        let file = self.source.mark_at(start).map(|mark| mark.file);
        Place { offset: self.offset(start, file), length: self.length(start, file, next) }
    }

    /// The column `offset`, different for every record and damaged place: where several records share a member, the
    /// second is counted one byte behind the first, and so on.
    pub(super) fn offset(&mut self, plain: u64, file: Option<u64>) -> f64 {
        let next = self.last_offset + 1.0;
        self.last_offset = if self.settings.members { file.map_or(next, |file| next.max(file as f64)) } else { plain as f64 };
        self.last_offset
    }

    /// The column `length`: up to the next record, in the file where both begin a member, else in plain bytes.
    pub(super) fn length(&self, plain: u64, file: Option<u64>, next: u64) -> f64 {
        let next_file = self.source.mark_at(next).map(|mark| mark.file).or_else(|| match self.source.run_end() {
            Some(RunEnd::Eof) if self.source.bytes_end() <= next => Some(self.settings.file_bytes),
            Some(RunEnd::Garbage) if self.source.bytes_end() <= next => Some(self.source.member_at()),
            _ => None,
        });
        match (self.settings.members, file, next_file) {
            (true, Some(start), Some(end)) => (end - start) as f64,
            _ => (next - plain) as f64,
        }
    }
}

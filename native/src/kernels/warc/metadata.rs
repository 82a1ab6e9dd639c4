//! What a crawler says of rights in a metadata record directly behind the record that it is about.

use super::{Reader, State, Turn};

/// The field of `application/warc-fields` that holds the signals.
const FIELD: &[u8] = b"rights-signals:";
/// Longer metadata is none of ours.
const MAX_BLOCK: u64 = 1 << 20;

impl Reader {
    /// The record behind one whose row may still get its signals: only metadata of that row is looked into. A window's
    /// last record may have its metadata in the next window; it is read there again, as no document.
    pub(super) fn metadata(&mut self, start: u64, head: usize) -> Turn {
        let length = self.head.length().filter(|&length| length <= MAX_BLOCK && self.head.is_metadata_of(&self.awaited));
        if let Some(length) = length {
            let whole = head + length as usize;
            let block_end = start + whole as u64;
            if !self.fill(start, block_end, whole) {
                return Turn::Starved;
            }
            let undivided = self.source.mark_between(start, block_end).is_none();
            if undivided && let Some(signals) = self.source.bytes().get(head..whole).and_then(signals) {
                self.rows.rights_signals.fill_last_lossy(signals);
            }
        }
        self.awaited.clear();
        if self.stopping.is_some() {
            return self.done_before_metadata();
        }
        if self.full() {
            self.state = State::Between;
            return Turn::Go;
        }
        self.record(start, head)
    }

    pub(super) fn done_before_metadata(&mut self) -> Turn {
        let at = self.stopping.take().unwrap_or(self.settings.end);
        self.done(at)
    }
}

fn signals(block: &[u8]) -> Option<&[u8]> {
    let lines = block.split(|&byte| byte == b'\n');
    let is = |line: &&[u8]| line.len() >= FIELD.len() && line[..FIELD.len()].eq_ignore_ascii_case(FIELD);
    lines.into_iter().find(is).map(|line| line[FIELD.len()..].trim_ascii())
}

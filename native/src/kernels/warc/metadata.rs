//! What a crawler says of rights in a metadata record directly behind the record that it is about.

use super::rows::Rule;
use super::{Reader, State, Turn};

/// The fields of `application/warc-fields` that hold the signals, and the protocol by which the crawl denied the page.
const SIGNALS: &[u8] = b"rights-signals:";
const DENIED: &[u8] = b"rights-denied:";
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
            if undivided && let Some(block) = self.source.bytes().get(head..whole) {
                if let Some(signals) = field(block, SIGNALS) {
                    self.rows.rights_signals.fill_last_lossy(signals);
                }
                if let Some(rule) = field(block, DENIED).and_then(denial) {
                    self.rows.deny_last(rule);
                }
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

/// The value of the first line that begins with a name and its colon.
fn field<'a>(block: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let is = |line: &&[u8]| line.len() >= name.len() && line[..name.len()].eq_ignore_ascii_case(name);
    block.split(|&byte| byte == b'\n').find(is).map(|line| line[name.len()..].trim_ascii())
}

/// The rule for a page of which the crawler has kept no content, by the protocol that forbade it.
fn denial(protocol: &[u8]) -> Option<Rule> {
    match protocol {
        b"robots" => Some(Rule::DeniedByRobots),
        b"content-usage" => Some(Rule::DeniedByContentUsage),
        b"content-signal" => Some(Rule::DeniedByContentSignal),
        b"tdmrep" => Some(Rule::DeniedByTdmrep),
        b"rsl" => Some(Rule::DeniedByRsl),
        b"directives" => Some(Rule::DeniedByDirectives),
        b"licence" => Some(Rule::DeniedByLicence),
        _ => None,
    }
}

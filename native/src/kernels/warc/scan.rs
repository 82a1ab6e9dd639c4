//! Where records end and the next one begins.

use memchr::memmem;

use super::head::{Answer, begins_record};
use super::rows::Rule;

/// More newlines than this behind a record are not waited for: the record is taken for whole.
pub const MAX_NEWLINES: usize = 64;

/// A damaged place whose end is being looked for.
#[derive(Clone, Copy)]
pub struct Wound {
    pub offset: f64,
    pub plain: u64,
    pub file: Option<u64>,
    pub found: Rule,
    /// The rule when no record follows at all.
    pub at_eof: Rule,
    /// The current header is this record's.
    pub named: bool,
}

/// What stands behind a block.
pub enum Tail {
    /// The next record, or the end of all.
    Clean,
    /// Nothing but newlines up to the end of the run.
    RunsOut,
    /// Something else: the length is wrong, or garbage follows.
    Torn { line_feeds: usize },
}

pub fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().take(MAX_NEWLINES).take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// `bytes` hold what `begins_record` needs, or all there is. `marked`: whether a proven member begins behind so many newlines.
pub fn tail(bytes: &[u8], marked: impl Fn(usize) -> bool) -> Tail {
    let count = newlines(bytes);
    if count == MAX_NEWLINES || marked(count) {
        return Tail::Clean;
    }
    if count == bytes.len() {
        return Tail::RunsOut;
    }
    // A header that the end cuts short is the next record too.
    match begins_record(&bytes[count..], false) {
        Answer::Yes | Answer::More => Tail::Clean,
        Answer::No => Tail::Torn { line_feeds: memchr::memchr_iter(b'\n', &bytes[..count]).count() },
    }
}

/// Where the first record header stands, and true; or up to where there is none for sure, and false.
pub fn find_header(bytes: &[u8], complete: bool) -> (usize, bool) {
    let magic = b"WARC/";
    for at in memmem::find_iter(bytes, magic) {
        match begins_record(&bytes[at..], complete) {
            Answer::Yes => return (at, true),
            Answer::More => return (at, false),
            Answer::No => {}
        }
    }
    (if complete { bytes.len() } else { bytes.len().saturating_sub(magic.len() - 1) }, false)
}

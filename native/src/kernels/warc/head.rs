//! A record's header: where one begins, and the few fields that matter here.

/// A header block over this is damage; real ones stay under 4 KiB.
pub const MAX_HEAD: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    /// The bytes end before it can be told.
    More,
}

/// What a gzip member must begin with to be a place where reading can start.
pub fn proves_member(first: &[u8]) -> bool {
    first.len() >= 6 && first.starts_with(b"WARC/") && first[5].is_ascii_digit()
}

/// Whether a record begins here: `WARC/` with a version, then a line that is a field. `complete`: no byte follows.
/// A line that only mentions the format (an article about it) seldom satisfies both.
pub fn begins_record(bytes: &[u8], complete: bool) -> Answer {
    let cut = if complete { Answer::No } else { Answer::More };
    let magic = b"WARC/";
    let known = bytes.len().min(magic.len());
    if bytes[..known] != magic[..known] {
        return Answer::No;
    }
    let mut at = known;
    for part in 0..2 {
        let digits = bytes[at..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        at += digits;
        match bytes.get(at) {
            None => return cut,
            Some(b'.') if part == 0 && digits > 0 => at += 1,
            Some(b' ' | b'\t' | b'\r' | b'\n') if part == 1 && digits > 0 => {}
            Some(_) => return Answer::No,
        }
    }
    at += bytes[at..].iter().take(16).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    at += usize::from(bytes.get(at) == Some(&b'\r'));
    match bytes.get(at) {
        None => return cut,
        Some(b'\n') => at += 1,
        Some(_) => return Answer::No,
    }
    let name = bytes[at..].iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    at += name;
    at += bytes[at..].iter().take(16).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match bytes.get(at) {
        None => cut,
        Some(b':') if name > 0 => Answer::Yes,
        Some(_) => Answer::No,
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Type {
    Response,
    Resource,
    Conversion,
    Revisit,
    /// No document: request, metadata, warcinfo, continuation, and types that this version of the format does not know.
    #[default]
    Other,
}

const FIELDS: [&str; 12] = [
    "warc-type",
    "content-length",
    "warc-target-uri",
    "warc-date",
    "content-type",
    "warc-block-digest",
    "warc-payload-digest",
    "warc-segment-number",
    "warc-truncated",
    "warc-record-id",
    "warc-concurrent-to",
    "warc-refers-to",
];
const TYPE: usize = 0;
const LENGTH: usize = 1;
const URL: usize = 2;
const DATE: usize = 3;
const CONTENT_TYPE: usize = 4;
const BLOCK_DIGEST: usize = 5;
const PAYLOAD_DIGEST: usize = 6;
const SEGMENT: usize = 7;
const TRUNCATED: usize = 8;
const ID: usize = 9;
const CONCURRENT: usize = 10;
const REFERS: usize = 11;

/// One record's header; kept and refilled, so that a record costs no allocation.
#[derive(Default)]
pub struct Head {
    values: [Vec<u8>; 12],
    two_lengths: bool,
}

pub enum Parsed {
    /// The header takes so many bytes, blank line included.
    Whole(usize),
    Bad,
    More,
    /// The bytes end inside the header, and no more come.
    Cut,
}

impl Head {
    pub fn clear(&mut self) {
        self.values.iter_mut().for_each(Vec::clear);
        self.two_lengths = false;
    }

    /// Parses a header for which `begins_record` said yes. Names in any case, LF alone and folded lines are accepted
    /// (ISO 28500 clause 4 as crawlers write it); of a repeated field the first counts.
    pub fn parse(&mut self, bytes: &[u8], complete: bool) -> Parsed {
        self.clear();
        let mut at = 0;
        let mut open: Option<usize> = None;
        let mut second_length = Vec::new();
        loop {
            let Some(line_end) = memchr::memchr(b'\n', &bytes[at..bytes.len().min(MAX_HEAD)]) else {
                return match (bytes.len() >= MAX_HEAD, complete) {
                    (true, _) => Parsed::Bad,
                    (false, true) => Parsed::Cut,
                    (false, false) => Parsed::More,
                };
            };
            let line = bytes[at..at + line_end].strip_suffix(b"\r").unwrap_or(&bytes[at..at + line_end]);
            let version = at == 0;
            at += line_end + 1;
            if version {
                continue;
            }
            if line.is_empty() {
                break;
            }
            if matches!(line[0], b' ' | b'\t') {
                if let Some(field) = open {
                    self.values[field].push(b' ');
                    self.values[field].extend_from_slice(line.trim_ascii());
                }
                continue;
            }
            let Some(colon) = memchr::memchr(b':', line) else { return Parsed::Bad };
            let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
            open = FIELDS.iter().position(|field| name.eq_ignore_ascii_case(field.as_bytes()));
            if let Some(field) = open {
                if self.values[field].is_empty() {
                    self.values[field].extend_from_slice(value);
                } else {
                    if field == LENGTH {
                        second_length.clear();
                        second_length.extend_from_slice(value);
                        self.two_lengths |= second_length != self.values[LENGTH];
                    }
                    open = None;
                }
            }
        }
        if self.values[TYPE].is_empty() { Parsed::Bad } else { Parsed::Whole(at) }
    }

    pub fn record_type(&self) -> Type {
        let is = |name: &str| self.values[TYPE].eq_ignore_ascii_case(name.as_bytes());
        if is("response") {
            Type::Response
        } else if is("resource") {
            Type::Resource
        } else if is("conversion") {
            Type::Conversion
        } else if is("revisit") {
            Type::Revisit
        } else {
            Type::Other
        }
    }

    /// The block's length; None when it is missing, no number, or given twice with different values.
    pub fn length(&self) -> Option<u64> {
        let digits = &self.values[LENGTH];
        if self.two_lengths || digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Some(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    }

    /// The target without the angle brackets that WARC 1.0's grammar asked for.
    pub fn url(&self) -> &[u8] {
        let url = &self.values[URL];
        url.strip_prefix(b"<").and_then(|inner| inner.strip_suffix(b">")).unwrap_or(url).trim_ascii()
    }

    pub fn date(&self) -> &[u8] {
        &self.values[DATE]
    }

    pub fn content_type(&self) -> &[u8] {
        &self.values[CONTENT_TYPE]
    }

    pub fn block_digest(&self) -> &[u8] {
        &self.values[BLOCK_DIGEST]
    }

    pub fn payload_digest(&self) -> &[u8] {
        &self.values[PAYLOAD_DIGEST]
    }

    pub fn segmented(&self) -> bool {
        !self.values[SEGMENT].is_empty()
    }

    pub fn id(&self) -> &[u8] {
        &self.values[ID]
    }

    /// Metadata of the record with this id.
    pub fn is_metadata_of(&self, id: &[u8]) -> bool {
        let metadata = self.values[TYPE].eq_ignore_ascii_case(b"metadata");
        metadata && !id.is_empty() && (self.values[CONCURRENT] == id || self.values[REFERS] == id)
    }

    /// The crawler itself cut the content short.
    pub fn truncated(&self) -> bool {
        !self.values[TRUNCATED].is_empty()
    }
}

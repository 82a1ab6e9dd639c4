//! Rows as columns, cut into batches by rows and bytes.

use crate::kernels::columns::Bytes;

/// Why a row is dropped. The numbers are the order in which `src/sources/warc-reading.ts` declares its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Rule {
    Revisit,
    HttpStatus,
    NotHtml,
    Empty,
    Segmented,
    BadLength,
    Truncated,
    Garbage,
    BadHeader,
    BadDigest,
    TooLarge,
    BadEncoding,
    BadGzip,
    BadZstd,
    BadUtf8,
    DeniedByRobots,
    DeniedByContentUsage,
    DeniedByContentSignal,
    DeniedByTdmrep,
    DeniedByRsl,
    DeniedByDirectives,
    DeniedByLicence,
}

/// A drop, with the number that broke a limit where there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drop {
    pub rule: Rule,
    pub measured: f64,
    pub limit: f64,
}

impl From<Rule> for Drop {
    fn from(rule: Rule) -> Self {
        Self { rule, measured: f64::NAN, limit: f64::NAN }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub offset: Vec<f64>,
    pub length: Vec<f64>,
    pub url: Bytes,
    pub date: Bytes,
    pub content_type: Bytes,
    pub payload: Bytes,
    pub text: Bytes,
    /// Lines of the HTTP head that speak of rights, as `name: value`.
    pub rights_headers: Bytes,
    /// The field `rights-signals` of a metadata record that stands behind the row's own.
    pub rights_signals: Bytes,
    /// NaN where the record holds no HTTP response.
    pub http_status: Vec<f64>,
    /// -1 keeps the row.
    pub rule: Vec<i32>,
    pub measured: Vec<f64>,
    pub limit: Vec<f64>,
}

/// What a row says about its document, whatever becomes of it.
#[derive(Clone, Copy, Default)]
pub struct Facts<'a> {
    pub url: &'a [u8],
    pub date: &'a [u8],
    pub content_type: &'a [u8],
    pub rights_headers: &'a [u8],
    pub status: Option<u16>,
}

pub enum Content<'a> {
    Payload(&'a [u8]),
    Text(&'a [u8]),
    Dropped(Drop),
}

impl Rows {
    pub fn push(&mut self, offset: f64, length: f64, facts: Facts, content: &Content) {
        self.offset.push(offset);
        self.length.push(length);
        self.url.push_lossy(facts.url);
        self.date.push_lossy(facts.date);
        self.content_type.push_lossy(facts.content_type);
        self.rights_headers.push_lossy(facts.rights_headers);
        self.rights_signals.push(&[]);
        self.http_status.push(facts.status.map_or(f64::NAN, f64::from));
        let (payload, text, drop) = match content {
            Content::Payload(payload) => (*payload, &[][..], None),
            Content::Text(text) => (&[][..], *text, None),
            Content::Dropped(drop) => (&[][..], &[][..], Some(*drop)),
        };
        self.payload.push(payload);
        self.text.push(text);
        self.rule.push(drop.map_or(-1, |drop| drop.rule as i32));
        self.measured.push(drop.map_or(f64::NAN, |drop| drop.measured));
        self.limit.push(drop.map_or(f64::NAN, |drop| drop.limit));
    }

    /// The last row was denied: that counts before what was made of its content, but not before damage.
    pub fn deny_last(&mut self, denied: Rule) {
        if let Some(rule) = self.rule.last_mut().filter(|rule| **rule < Rule::BadLength as i32) {
            *rule = denied as i32;
        }
    }

    pub fn len(&self) -> usize {
        self.offset.len()
    }

    pub fn is_empty(&self) -> bool {
        self.offset.is_empty()
    }

    pub fn bytes(&self) -> usize {
        let rights = self.rights_headers.values.len() + self.rights_signals.values.len();
        rights
            + self.payload.values.len()
            + self.text.values.len()
            + self.url.values.len()
            + self.content_type.values.len()
            + self.date.values.len()
    }
}

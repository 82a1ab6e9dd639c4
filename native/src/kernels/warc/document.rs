//! One whole record to one row: digests, HTTP, codings, media type.

use super::coding::{Decoders, Failure, unchunk};
use super::digest::Labelled;
use super::head::{Head, Type};
use super::http::{self, Media};
use super::rows::{Content, Drop, Facts, Rows, Rule};

pub struct Limits {
    /// Largest decoded payload.
    pub max_record: u64,
    pub verify_digests: bool,
}

/// What is kept from record to record.
#[derive(Default)]
pub struct Workshop {
    decoders: Decoders,
    unchunked: Vec<u8>,
}

/// Where a record lies, in the units of the columns `offset` and `length`.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub offset: f64,
    pub length: f64,
}

impl Workshop {
    /// Adds the row of a record that is a document (or does nothing for another type).
    pub fn add(&mut self, head: &Head, block: &[u8], place: Place, limits: &Limits, rows: &mut Rows) {
        let facts = Facts { url: head.url(), date: head.date(), content_type: &[], rights_headers: &[], status: None };
        let drop = |rule: Rule| Content::Dropped(rule.into());
        let kind = head.record_type();
        if kind == Type::Other {
            return;
        }
        if head.segmented() {
            rows.push(place.offset, place.length, facts, &drop(Rule::Segmented));
        } else if kind == Type::Revisit {
            rows.push(place.offset, place.length, facts, &drop(Rule::Revisit));
        } else if limits.verify_digests && !Labelled::parse(head.block_digest()).accepts(block) {
            rows.push(place.offset, place.length, facts, &drop(Rule::BadDigest));
        } else if kind == Type::Response && holds_http(head, block) {
            self.add_response(head, block, place, limits, facts, rows);
        } else {
            add_plain(head, block, place, limits, facts, rows);
        }
        self.decoders.shrink();
        self.unchunked.shrink_to(1 << 20);
    }

    fn add_response(&mut self, head: &Head, block: &[u8], place: Place, limits: &Limits, facts: Facts, rows: &mut Rows) {
        if block.is_empty() {
            return rows.push(place.offset, place.length, facts, &Content::Dropped(Rule::Empty.into()));
        }
        let Some(response) = http::parse(block) else {
            return rows.push(place.offset, place.length, facts, &Content::Dropped(Rule::BadHeader.into()));
        };
        let facts =
            Facts { content_type: &response.content_type, rights_headers: &response.rights, status: Some(response.status), ..facts };
        let content = self.content(head, &block[response.body..], &response, limits);
        rows.push(place.offset, place.length, facts, &content.unwrap_or_else(Content::Dropped));
    }

    fn content<'a>(&'a mut self, head: &Head, stored: &'a [u8], response: &http::Response, limits: &Limits) -> Result<Content<'a>, Drop> {
        let unwanted = if !(200..300).contains(&response.status) {
            Some(Drop { rule: Rule::HttpStatus, measured: f64::from(response.status), limit: f64::NAN })
        } else if http::media(&response.content_type) == Media::Other {
            Some(Rule::NotHtml.into())
        } else {
            None
        };
        let digest = if limits.verify_digests { Labelled::parse(head.payload_digest()) } else { Labelled::Unknown };
        // Crawlers disagree on what the payload is: as transferred, without its chunks, or decoded. Each is accepted.
        let mut open = digest.is_known() && !digest.accepts(stored);
        let unchunked = if response.chunked { unchunk(stored, &mut self.unchunked) } else { Ok(stored) };
        if let (true, true, Ok(body)) = (open, response.chunked, unchunked) {
            open = !digest.accepts(body);
        }
        if let (false, Some(drop)) = (open, unwanted) {
            return Err(drop);
        }
        let decoded =
            unchunked.and_then(|body| self.decoders.decode(body, &codings(response, body), head.truncated(), limits.max_record as usize));
        if open && !decoded.is_ok_and(|body| digest.accepts(body)) {
            return Err(Rule::BadDigest.into());
        }
        if let Some(drop) = unwanted {
            return Err(drop);
        }
        match decoded {
            Err(Failure::Broken) => Err(Rule::BadEncoding.into()),
            Err(Failure::TooLarge) => Err(too_large(limits)),
            Ok(body) => readable(body, &response.content_type, limits).map(Content::Payload),
        }
    }
}

/// The declared codings; or gzip where a page arrives compressed and the header that said so was stripped.
fn codings(response: &http::Response, body: &[u8]) -> Vec<http::Coding> {
    if response.codings.is_empty() && body.starts_with(&[0x1f, 0x8b, 8]) && http::media(&response.content_type) != Media::Unknown {
        return vec![http::Coding::Gzip];
    }
    response.codings.clone()
}

fn holds_http(head: &Head, block: &[u8]) -> bool {
    let declared = head.content_type();
    let http = b"application/http";
    (declared.len() >= http.len() && declared[..http.len()].eq_ignore_ascii_case(http)) || block.starts_with(b"HTTP/")
}

/// Records whose block is the document itself: resources, conversions, and responses of other protocols.
fn add_plain(head: &Head, block: &[u8], place: Place, limits: &Limits, facts: Facts, rows: &mut Rows) {
    let facts = Facts { content_type: head.content_type(), ..facts };
    let media = http::media(head.content_type());
    let text = head.record_type() == Type::Conversion && matches!(media, Media::Text | Media::Unknown);
    let content = if limits.verify_digests && !Labelled::parse(head.payload_digest()).accepts(block) {
        Err(Rule::BadDigest.into())
    } else if media == Media::Other {
        Err(Rule::NotHtml.into())
    } else if text {
        match readable_text(block, limits) {
            Ok(_) if std::str::from_utf8(block).is_err() => Err(Rule::BadUtf8.into()),
            other => other.map(Content::Text),
        }
    } else {
        readable(block, head.content_type(), limits).map(Content::Payload)
    };
    rows.push(place.offset, place.length, facts, &content.unwrap_or_else(Content::Dropped));
}

fn readable<'a>(body: &'a [u8], content_type: &[u8], limits: &Limits) -> Result<&'a [u8], Drop> {
    let body = readable_text(body, limits)?;
    if http::media(content_type) == Media::Unknown && !http::looks_like_html(body) { Err(Rule::NotHtml.into()) } else { Ok(body) }
}

fn readable_text<'a>(body: &'a [u8], limits: &Limits) -> Result<&'a [u8], Drop> {
    if body.len() as u64 > limits.max_record {
        return Err(Drop { measured: body.len() as f64, ..too_large(limits) });
    }
    if body.iter().all(u8::is_ascii_whitespace) { Err(Rule::Empty.into()) } else { Ok(body) }
}

/// `measured` stays unknown where decoding stopped at the limit.
fn too_large(limits: &Limits) -> Drop {
    Drop { rule: Rule::TooLarge, measured: f64::NAN, limit: limits.max_record as f64 }
}

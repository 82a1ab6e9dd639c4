//! WARC files to columns.

// napi gives strings and objects by value.
#![allow(clippy::needless_pass_by_value)]

use crate::kernels::columns::Bytes;
use crate::kernels::unpack::Kind;
use crate::kernels::warc::layout::{Refused, layout};
use crate::kernels::warc::{Progress, Reader, Rows, Settings};
use napi::bindgen_prelude::{Error, Float64Array, Int32Array, Result, Uint8Array};
use napi_derive::napi;

/// How a file is packed, judged by its beginning.
#[napi(object)]
pub struct WarcLayout {
    /// `plain`, `gzip` or `zstd`.
    pub kind: String,
    /// Compressed with members (frames) that can be entered: offsets are theirs.
    pub members: bool,
    /// `arc`, `dictionary`, or empty when the file is read.
    pub refused: String,
}

/// `first`: the first bytes of the file, a few MiB or all.
#[napi(catch_unwind)]
pub fn warc_layout(first: &[u8], file_bytes: f64) -> WarcLayout {
    let found = layout(first, file_bytes as u64);
    let refused = match found.refused {
        None => "",
        Some(Refused::Arc) => "arc",
        Some(Refused::Dictionary) => "dictionary",
    };
    WarcLayout { kind: kind_name(found.kind).into(), members: found.members, refused: refused.into() }
}

pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Plain => "plain",
        Kind::Gzip => "gzip",
        Kind::Zstd => "zstd",
        Kind::Bzip2 => "bzip2",
    }
}

pub(super) fn kind_of(name: &str) -> Result<Kind> {
    match name {
        "plain" => Ok(Kind::Plain),
        "gzip" => Ok(Kind::Gzip),
        "zstd" => Ok(Kind::Zstd),
        "bzip2" => Ok(Kind::Bzip2),
        other => Err(Error::from_reason(format!("no such packing: {other}"))),
    }
}

#[napi(object)]
pub struct WarcReaderOptions {
    /// `plain`, `gzip` or `zstd`.
    pub kind: String,
    pub members: bool,
    pub file_bytes: f64,
    /// The window, in file bytes.
    pub start: f64,
    pub end: f64,
    /// Look for the first record instead of trusting `start`.
    pub search: bool,
    pub max_record_bytes: f64,
    pub verify_digests: bool,
    /// A batch ends once it has so many rows or bytes.
    pub batch_rows: u32,
    pub batch_bytes: u32,
}

/// Columns of a batch; `rule` indexes the source's rules, -1 keeps the row.
#[napi(object)]
pub struct WarcRows {
    pub offset: Float64Array,
    pub length: Float64Array,
    pub url: Uint8Array,
    pub url_offsets: Int32Array,
    pub date: Uint8Array,
    pub date_offsets: Int32Array,
    pub content_type: Uint8Array,
    pub content_type_offsets: Int32Array,
    pub payload: Uint8Array,
    pub payload_offsets: Int32Array,
    pub text: Uint8Array,
    pub text_offsets: Int32Array,
    pub rights_headers: Uint8Array,
    pub rights_headers_offsets: Int32Array,
    pub rights_signals: Uint8Array,
    pub rights_signals_offsets: Int32Array,
    pub http_status: Float64Array,
    pub rule: Int32Array,
    pub measured: Float64Array,
    pub limit: Float64Array,
}

#[napi(object)]
pub struct WarcStitch {
    pub first: f64,
    pub end: f64,
}

/// Reads the records of one window of a WARC file, pushed in pieces of any size.
#[napi]
pub struct WarcReader {
    reader: Reader,
}

#[napi]
impl WarcReader {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: WarcReaderOptions) -> Result<Self> {
        let settings = Settings {
            kind: kind_of(&options.kind)?,
            members: options.members,
            file_bytes: options.file_bytes as u64,
            start: options.start as u64,
            end: options.end as u64,
            search: options.search,
            max_record: options.max_record_bytes as u64,
            verify_digests: options.verify_digests,
            batch_rows: options.batch_rows as usize,
            batch_bytes: options.batch_bytes as usize,
        };
        Ok(Self { reader: Reader::new(settings) })
    }

    /// The file offset of the bytes that must be pushed next, after `advance` said 0.
    #[napi(catch_unwind)]
    pub fn wants(&self) -> f64 {
        self.reader.wants() as f64
    }

    /// Takes bytes from `wants` on.
    #[napi(catch_unwind)]
    pub fn push(&mut self, bytes: &[u8]) {
        self.reader.push(bytes);
    }

    /// 0: bytes must be pushed; 1: a batch must be taken; 2: the window is read.
    #[napi(catch_unwind)]
    pub fn advance(&mut self) -> u32 {
        match self.reader.advance() {
            Progress::Starved => 0,
            Progress::Full => 1,
            Progress::Done => 2,
        }
    }

    /// The rows read since the last call.
    #[napi(catch_unwind)]
    pub fn take(&mut self) -> WarcRows {
        columns(self.reader.take())
    }

    /// Where the window's first record begins, and where the next window's must.
    #[napi(catch_unwind)]
    pub fn stitch(&self) -> WarcStitch {
        let (first, end) = self.reader.stitch();
        WarcStitch { first: first as f64, end: end as f64 }
    }
}

fn columns(rows: Rows) -> WarcRows {
    let pair = |bytes: Bytes| (Uint8Array::new(bytes.values), Int32Array::new(bytes.offsets));
    let (url, url_offsets) = pair(rows.url);
    let (date, date_offsets) = pair(rows.date);
    let (content_type, content_type_offsets) = pair(rows.content_type);
    let (payload, payload_offsets) = pair(rows.payload);
    let (text, text_offsets) = pair(rows.text);
    let (rights_headers, rights_headers_offsets) = pair(rows.rights_headers);
    let (rights_signals, rights_signals_offsets) = pair(rows.rights_signals);
    WarcRows {
        offset: Float64Array::new(rows.offset),
        length: Float64Array::new(rows.length),
        url,
        url_offsets,
        date,
        date_offsets,
        content_type,
        content_type_offsets,
        payload,
        payload_offsets,
        text,
        text_offsets,
        rights_headers,
        rights_headers_offsets,
        rights_signals,
        rights_signals_offsets,
        http_status: Float64Array::new(rows.http_status),
        rule: Int32Array::new(rows.rule),
        measured: Float64Array::new(rows.measured),
        limit: Float64Array::new(rows.limit),
    }
}

//! JSON lines to columns.

use super::warc::{kind_name, kind_of};
use crate::kernels::columns::Bytes;
use crate::kernels::jsonl::{Names, Progress, Reader, Settings, kind};
use napi::bindgen_prelude::{Float64Array, Int32Array, Result, Uint8Array};
use napi_derive::napi;

/// How a file of JSON lines is packed, by its first bytes: `plain`, `gzip`, `zstd` or `bzip2`.
#[napi(catch_unwind)]
pub fn jsonl_kind(first: &[u8]) -> String {
    kind_name(kind(first)).into()
}

#[napi(object)]
pub struct JsonlReaderOptions {
    /// `plain`, `gzip`, `zstd` or `bzip2`.
    pub kind: String,
    pub file_bytes: f64,
    /// The window, in file bytes.
    pub start: f64,
    pub end: f64,
    /// `start` may lie inside a line of the window before.
    pub search: bool,
    pub max_line_bytes: f64,
    /// A batch ends once it has so many rows or bytes.
    pub batch_rows: u32,
    pub batch_bytes: u32,
    pub text_field: String,
    pub url_field: String,
    pub date_field: String,
    pub title_field: String,
}

/// Columns of a batch of rows that had text; `rule` indexes the source's rules, -1 keeps the row.
#[napi(object)]
pub struct TextRows {
    pub offset: Float64Array,
    pub length: Float64Array,
    pub text: Uint8Array,
    pub text_offsets: Int32Array,
    pub url: Uint8Array,
    pub url_offsets: Int32Array,
    pub date: Uint8Array,
    pub date_offsets: Int32Array,
    pub title: Uint8Array,
    pub title_offsets: Int32Array,
    pub extra: Uint8Array,
    pub extra_offsets: Int32Array,
    pub rule: Int32Array,
    pub measured: Float64Array,
    pub limit: Float64Array,
}

pub(super) fn pair(bytes: Bytes) -> (Uint8Array, Int32Array) {
    (Uint8Array::new(bytes.values), Int32Array::new(bytes.offsets))
}

#[napi(object)]
pub struct JsonlStitch {
    pub first: f64,
    pub end: f64,
}

/// Reads the lines of one window, pushed in pieces of any size.
#[napi]
pub struct JsonlReader {
    reader: Reader,
}

#[napi]
impl JsonlReader {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: JsonlReaderOptions) -> Result<Self> {
        let settings = Settings {
            kind: kind_of(&options.kind)?,
            file_bytes: options.file_bytes as u64,
            start: options.start as u64,
            end: options.end as u64,
            search: options.search,
            max_line: options.max_line_bytes as u64,
            batch_rows: options.batch_rows as usize,
            batch_bytes: options.batch_bytes as usize,
            names: Names { text: options.text_field, url: options.url_field, date: options.date_field, title: options.title_field },
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
    pub fn take(&mut self) -> TextRows {
        let rows = self.reader.take();
        let (text, text_offsets) = pair(rows.text);
        let (url, url_offsets) = pair(rows.url);
        let (date, date_offsets) = pair(rows.date);
        let (title, title_offsets) = pair(rows.title);
        let (extra, extra_offsets) = pair(rows.extra);
        TextRows {
            offset: Float64Array::new(rows.offset),
            length: Float64Array::new(rows.length),
            text,
            text_offsets,
            url,
            url_offsets,
            date,
            date_offsets,
            title,
            title_offsets,
            extra,
            extra_offsets,
            rule: Int32Array::new(rows.rule),
            measured: Float64Array::new(rows.measured),
            limit: Float64Array::new(rows.limit),
        }
    }

    /// Where the window's first line begins, and where the next window's must.
    #[napi(catch_unwind)]
    pub fn stitch(&self) -> JsonlStitch {
        let (first, end) = self.reader.stitch();
        JsonlStitch { first: first as f64, end: end as f64 }
    }
}

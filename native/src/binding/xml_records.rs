//! The records of XML files as columns.

use super::jsonl::pair;
use super::warc::{kind_name, kind_of};
use crate::kernels::jsonl::kind;
use crate::kernels::xml_records::{Progress, Reader, Settings, Wanted};
use napi::bindgen_prelude::{Float64Array, Int32Array, Result, Uint8Array};
use napi_derive::napi;

/// How a file is packed, by its first bytes: `plain`, `gzip`, `zstd` or `bzip2`.
#[napi(catch_unwind)]
pub fn xml_kind(first: &[u8]) -> String {
    kind_name(kind(first)).into()
}

#[napi(object)]
pub struct XmlReaderOptions {
    /// `plain`, `gzip`, `zstd` or `bzip2`.
    pub kind: String,
    /// The file is cut at members that begin with `<page>`.
    pub members: bool,
    /// -1: `finish` says where the file ends.
    pub file_bytes: f64,
    /// The window, in file bytes.
    pub start: f64,
    pub end: f64,
    /// `start` may lie inside a member of the window before.
    pub search: bool,
    /// Local names of the elements that are records.
    pub names: Vec<String>,
    /// From this depth on an element of the record's name is part of the record; 0: from none.
    pub nests_from: u32,
    pub max_record_bytes: f64,
    /// A batch ends once it has so many rows or bytes.
    pub batch_rows: u32,
    pub batch_bytes: u32,
}

/// Records and damaged places; `fault` -1 is a good record.
#[napi(object)]
pub struct XmlRows {
    pub name: Int32Array,
    pub offset: Float64Array,
    pub length: Float64Array,
    pub record: Uint8Array,
    pub record_offsets: Int32Array,
    pub fault: Int32Array,
    pub measured: Float64Array,
    pub limit: Float64Array,
    pub context: Int32Array,
    pub contexts: Uint8Array,
    pub context_offsets: Int32Array,
    pub places: Float64Array,
    pub place_offsets: Int32Array,
}

#[napi(object)]
pub struct XmlStitch {
    pub first: f64,
    pub end: f64,
}

/// Reads the records of one window, pushed in pieces of any size.
#[napi]
pub struct XmlReader {
    reader: Reader,
}

#[napi]
impl XmlReader {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: XmlReaderOptions) -> Result<Self> {
        let open = options.file_bytes < 0.0;
        let settings = Settings {
            kind: kind_of(&options.kind)?,
            members: options.members,
            file_bytes: if open { u64::MAX } else { options.file_bytes as u64 },
            start: options.start as u64,
            end: if open { u64::MAX } else { options.end as u64 },
            search: options.search,
            wanted: Wanted {
                names: options.names.into_iter().map(String::into_bytes).collect(),
                nests_from: options.nests_from as usize,
                max_record: options.max_record_bytes as u64,
            },
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

    /// The file ends with what was pushed.
    #[napi(catch_unwind)]
    pub fn finish(&mut self) {
        self.reader.finish();
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
    pub fn take(&mut self) -> XmlRows {
        let rows = self.reader.take();
        let (record, record_offsets) = pair(rows.record);
        let (contexts, context_offsets) = pair(rows.contexts);
        XmlRows {
            name: Int32Array::new(rows.name),
            offset: Float64Array::new(rows.offset),
            length: Float64Array::new(rows.length),
            record,
            record_offsets,
            fault: Int32Array::new(rows.fault),
            measured: Float64Array::new(rows.measured),
            limit: Float64Array::new(rows.limit),
            context: Int32Array::new(rows.context),
            contexts,
            context_offsets,
            places: Float64Array::new(rows.places),
            place_offsets: Int32Array::new(rows.place_offsets),
        }
    }

    /// The document type declaration as written, once it was read; bytes that are not UTF-8 are replaced.
    #[napi(catch_unwind)]
    pub fn doctype(&self) -> String {
        String::from_utf8_lossy(self.reader.doctype()).into_owned()
    }

    /// How many members were met so far that can be entered.
    #[napi(catch_unwind)]
    pub fn members(&self) -> f64 {
        self.reader.members() as f64
    }

    /// Where the window's first member begins, and where the next window's must.
    #[napi(catch_unwind)]
    pub fn stitch(&self) -> XmlStitch {
        let (first, end) = self.reader.stitch();
        XmlStitch { first: first as f64, end: end as f64 }
    }
}

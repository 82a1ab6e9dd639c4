//! Parquet files to columns.

// napi gives strings and objects by value.
#![allow(clippy::needless_pass_by_value)]

use super::jsonl::{TextRows, pair};
use crate::kernels::parquet_read::{Group, Names, Reader, layout};
use napi::bindgen_prelude::{Error, Float64Array, Int32Array, Result};
use napi_derive::napi;

#[napi(object)]
pub struct ParquetLayout {
    /// Rows of each row group.
    pub groups: Vec<f64>,
    /// Where the bytes of each begin.
    pub from: Vec<f64>,
    /// And end. Both are what the footer says, which may be beyond the file.
    pub to: Vec<f64>,
    /// Names of the top-level columns.
    pub columns: Vec<String>,
}

/// What the footer says; throws where there is none or it is damaged.
#[napi(catch_unwind)]
pub fn parquet_layout(path: String) -> Result<ParquetLayout> {
    let found = layout(&path).map_err(|error| Error::from_reason(error.to_string()))?;
    let each = |value: fn(&Group) -> u64| found.groups.iter().map(|group| value(group) as f64).collect();
    Ok(ParquetLayout {
        groups: each(|group| group.rows),
        from: each(|group| group.bytes.start),
        to: each(|group| group.bytes.end),
        columns: found.columns,
    })
}

#[napi(object)]
pub struct ParquetReaderOptions {
    pub path: String,
    /// Row groups whose first row lies in [start, end) are read.
    pub start: f64,
    pub end: f64,
    pub max_record_bytes: f64,
    pub text_field: String,
    pub url_field: String,
    pub date_field: String,
    pub title_field: String,
}

/// Reads row groups of a local file.
#[napi]
pub struct ParquetReader {
    reader: Reader,
}

#[napi]
impl ParquetReader {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: ParquetReaderOptions) -> Self {
        let names = Names { text: options.text_field, url: options.url_field, date: options.date_field, title: options.title_field };
        Self { reader: Reader::new(&options.path, options.start as u64, options.end as u64, options.max_record_bytes as u64, names) }
    }

    /// Up to `rows` rows, or fewer once they hold `bytes`; none when all is read.
    #[napi(catch_unwind)]
    pub fn read(&mut self, rows: u32, bytes: u32) -> TextRows {
        let rows = self.reader.read(rows as usize, bytes as usize);
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
}

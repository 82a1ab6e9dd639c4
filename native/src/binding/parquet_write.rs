//! The Parquet writer of the ledger and of exports: columns are set one by one, then written as a row group.

// napi hands over owned strings, and map_err an owned error.
#![allow(clippy::needless_pass_by_value)]

use napi::bindgen_prelude::{Error, Result, Uint8Array};
use napi_derive::napi;
use parquet::errors::ParquetError;

use crate::kernels::parquet_write::{Kind, Writer};

#[napi]
pub struct ParquetWriter {
    writer: Writer,
}

#[napi]
impl ParquetWriter {
    /// `kinds`: double, int64, text, label, id, optional-id, list<uint16> or list<uint32>, one a name. `metadata`: keys and values in turn.
    #[napi(constructor, catch_unwind)]
    pub fn new(names: Vec<String>, kinds: Vec<String>, group_rows: u32, created_by: String, metadata: Vec<String>) -> Result<Self> {
        let kinds =
            kinds.iter().map(|kind| Kind::parse(kind).ok_or_else(|| Error::from_reason(format!("\"{kind}\" is no kind of column"))));
        let columns = names.into_iter().zip(kinds.collect::<Result<Vec<_>>>()?).collect();
        let metadata = metadata.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        Ok(Self { writer: Writer::new(columns, group_rows as usize, &created_by, metadata).map_err(to_napi)? })
    }

    /// A number a row; NaN is null.
    #[napi(catch_unwind)]
    pub fn set_numbers(&mut self, column: u32, values: &[f64]) -> Result<()> {
        self.writer.set_numbers(column as usize, values).map_err(to_napi)
    }

    /// UTF-8 bytes of all rows and rows + 1 offsets; an empty text is null.
    #[napi(catch_unwind)]
    pub fn set_text(&mut self, column: u32, values: &[u8], offsets: &[i32]) -> Result<()> {
        self.writer.set_text(column as usize, values, offsets).map_err(to_napi)
    }

    /// An index into `labels` a row; a negative one is null.
    #[napi(catch_unwind)]
    pub fn set_labels(&mut self, column: u32, indices: &[i32], labels: Vec<String>) -> Result<()> {
        self.writer.set_labels(column as usize, indices, labels).map_err(to_napi)
    }

    /// 16 bytes a row; `present` has 0 where an optional id is null.
    #[napi(catch_unwind)]
    pub fn set_ids(&mut self, column: u32, values: &[u8], present: &[u8]) -> Result<()> {
        self.writer.set_ids(column as usize, values, present).map_err(to_napi)
    }

    /// Token ids of all rows and rows + 1 offsets.
    #[napi(catch_unwind)]
    pub fn set_lists(&mut self, column: u32, values: &[u32], offsets: &[i32]) -> Result<()> {
        self.writer.set_lists(column as usize, values, offsets).map_err(to_napi)
    }

    /// Writes the columns that were set as one row group; returns the bytes that are ready.
    #[napi(catch_unwind)]
    pub fn write_group(&mut self, rows: u32) -> Result<Uint8Array> {
        self.writer.write_group(rows as usize).map(Uint8Array::new).map_err(to_napi)
    }

    /// The last bytes of the file.
    #[napi(catch_unwind)]
    pub fn finish(&mut self) -> Result<Uint8Array> {
        self.writer.finish().map(Uint8Array::new).map_err(to_napi)
    }
}

fn to_napi(error: ParquetError) -> Error {
    Error::from_reason(error.to_string())
}

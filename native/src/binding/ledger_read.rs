//! Reads ledger files column by column.

// napi hands over owned strings, and map_err an owned error.
#![allow(clippy::needless_pass_by_value)]

use std::path::Path;

use napi::bindgen_prelude::{Error, Float64Array, Int32Array, Result, Uint8Array, Uint32Array};
use napi_derive::napi;
use parquet::errors::ParquetError;

use crate::kernels::ledger_read::Ledger;

#[napi(object)]
pub struct LedgerText {
    pub values: Uint8Array,
    pub offsets: Int32Array,
}

#[napi(object)]
pub struct LedgerLabels {
    pub indices: Int32Array,
    pub labels: Vec<String>,
}

#[napi(object)]
pub struct LedgerIds {
    pub values: Uint8Array,
    pub present: Uint8Array,
}

#[napi]
pub struct LedgerFile {
    ledger: Ledger,
}

#[napi]
impl LedgerFile {
    #[napi(constructor, catch_unwind)]
    pub fn new(path: String) -> Result<Self> {
        Ok(Self { ledger: Ledger::open(Path::new(&path)).map_err(to_napi)? })
    }

    /// Column names in the file's order.
    #[napi(catch_unwind)]
    pub fn names(&self) -> Vec<String> {
        self.ledger.names()
    }

    /// Rows of every row group.
    #[napi(catch_unwind)]
    pub fn group_rows(&self) -> Vec<u32> {
        self.ledger.group_rows().into_iter().map(|rows| rows as u32).collect()
    }

    /// Keys and values in turn.
    #[napi(catch_unwind)]
    pub fn metadata(&self) -> Vec<String> {
        self.ledger.metadata().into_iter().flat_map(|(key, value)| [key, value]).collect()
    }

    /// A number a row; NaN for null.
    #[napi(catch_unwind)]
    pub fn numbers(&self, group: u32, column: String) -> Result<Float64Array> {
        self.ledger.numbers(group as usize, &column).map(Float64Array::new).map_err(to_napi)
    }

    /// A text a row; empty for null.
    #[napi(catch_unwind)]
    pub fn text(&self, group: u32, column: String) -> Result<LedgerText> {
        let (values, offsets) = self.ledger.text(group as usize, &column).map_err(to_napi)?;
        Ok(LedgerText { values: values.into(), offsets: offsets.into() })
    }

    /// A label a row; -1 for null.
    #[napi(catch_unwind)]
    pub fn labels(&self, group: u32, column: String) -> Result<LedgerLabels> {
        let (indices, labels) = self.ledger.labels(group as usize, &column).map_err(to_napi)?;
        Ok(LedgerLabels { indices: indices.into(), labels })
    }

    /// 16 bytes a row, and 0 in `present` for null.
    #[napi(catch_unwind)]
    pub fn ids(&self, group: u32, column: String) -> Result<LedgerIds> {
        let (values, present) = self.ledger.ids(group as usize, &column).map_err(to_napi)?;
        Ok(LedgerIds { values: values.into(), present: present.into() })
    }

    /// Numbers of some rows, which ascend; NaN for null. Pages without one are not decoded.
    #[napi(catch_unwind)]
    pub fn numbers_at(&self, group: u32, column: String, rows: &[u32]) -> Result<Float64Array> {
        self.ledger.numbers_at(group as usize, &column, rows).map(Float64Array::new).map_err(to_napi)
    }

    /// Texts or labels of some rows, which ascend; empty for null.
    #[napi(catch_unwind)]
    pub fn text_at(&self, group: u32, column: String, rows: &[u32]) -> Result<LedgerText> {
        let (values, offsets) = self.ledger.text_at(group as usize, &column, rows).map_err(to_napi)?;
        Ok(LedgerText { values: values.into(), offsets: offsets.into() })
    }

    /// Ids of some rows, which ascend: 16 bytes each, zeros for null.
    #[napi(catch_unwind)]
    pub fn ids_at(&self, group: u32, column: String, rows: &[u32]) -> Result<Uint8Array> {
        self.ledger.ids_at(group as usize, &column, rows).map(Uint8Array::new).map_err(to_napi)
    }

    /// Rows of a group with this id or text, by its bloom filter and then its bytes.
    #[napi(catch_unwind)]
    pub fn find(&self, group: u32, column: String, value: &[u8]) -> Result<Uint32Array> {
        self.ledger.find(group as usize, &column, value).map(Uint32Array::new).map_err(to_napi)
    }
}

fn to_napi(error: ParquetError) -> Error {
    Error::from_reason(error.to_string())
}

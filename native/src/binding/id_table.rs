//! Ids to numbers, for checks over a whole dataset.

use napi::bindgen_prelude::{Error, Float64Array, Result, Uint32Array};
use napi_derive::napi;

#[napi]
pub struct IdTable {
    table: crate::kernels::id_table::IdTable,
}

#[napi]
impl IdTable {
    /// Holds one of `partitions` parts of all ids.
    #[napi(constructor, catch_unwind)]
    pub fn new(partition: u32, partitions: u32) -> Self {
        Self { table: crate::kernels::id_table::IdTable::new(partition, partitions) }
    }

    /// 16 bytes and a number a row; returns the rows whose id was there before.
    #[napi(catch_unwind)]
    pub fn insert(&mut self, ids: &[u8], values: &[f64]) -> Result<Uint32Array> {
        if ids.len() != values.len() * 16 {
            return Err(Error::from_reason(format!("{} bytes of ids for {} values", ids.len(), values.len())));
        }
        Ok(self.table.insert(ids, values).into())
    }

    /// A number a row: NaN when the id is missing, `others` when another partition holds it.
    #[napi(catch_unwind)]
    pub fn lookup(&self, ids: &[u8], others: f64) -> Float64Array {
        self.table.lookup(ids, others).into()
    }

    #[napi(catch_unwind)]
    pub fn size(&self) -> f64 {
        self.table.len() as f64
    }
}

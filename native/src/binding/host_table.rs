//! Numbers for hosts of addresses.

use napi::bindgen_prelude::{Error, Result, Uint8Array, Uint32Array};
use napi_derive::napi;

#[napi]
pub struct HostTable {
    table: crate::kernels::host_table::HostTable,
}

#[napi]
impl HostTable {
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::new_without_default)] // a constructor of JavaScript
    pub fn new() -> Self {
        Self { table: crate::kernels::host_table::HostTable::default() }
    }

    /// The number of the host of each address; 0 for none.
    #[napi(catch_unwind)]
    pub fn add(&mut self, values: &[u8], offsets: &[i32]) -> Result<Uint32Array> {
        self.table.add(values, offsets).map(Uint32Array::new).map_err(Error::from_reason)
    }

    /// How many numbers there are, with 0.
    #[napi(catch_unwind)]
    pub fn size(&self) -> u32 {
        self.table.len() as u32
    }

    #[napi(catch_unwind)]
    pub fn name(&self, number: u32) -> String {
        String::from_utf8_lossy(self.table.name(number)).into_owned()
    }

    /// A byte a number: 1 for a host and all below it.
    #[napi(catch_unwind)]
    pub fn under(&self, host: String) -> Uint8Array {
        self.table.under(&host).into()
    }

    /// The numbers with the highest counts, equal ones by name.
    #[napi(catch_unwind)]
    pub fn top(&self, counts: &[u32], most: u32) -> Uint32Array {
        self.table.top(counts, most as usize).into()
    }
}

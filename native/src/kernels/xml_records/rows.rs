//! Records as columns.

use super::elements::Outer;
use crate::kernels::columns::Bytes;

/// The numbers are the order of `xmlFaults` in `src/native/xml-records.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Fault {
    Malformed,
    BadUtf8,
    TooLarge,
    Truncated,
    Damaged,
    BadEncoding,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Index of the record's name; -1 for damage that is in no record.
    pub name: Vec<i32>,
    pub offset: Vec<f64>,
    pub length: Vec<f64>,
    /// The element, from `<` to `>`; empty where there is a fault.
    pub record: Bytes,
    pub fault: Vec<i32>,
    pub measured: Vec<f64>,
    pub limit: Vec<f64>,
    /// Which of `contexts` the record stands in.
    pub context: Vec<i32>,
    /// Start tags of the elements around it, from the outermost.
    pub contexts: Bytes,
    /// Where each of these tags begins; those of context i from `place_offsets[i]` on.
    pub places: Vec<f64>,
    pub place_offsets: Vec<i32>,
    version: Option<u64>,
}

pub struct Row {
    pub name: i32,
    pub offset: u64,
    pub length: u64,
    pub fault: Option<Fault>,
    pub measured: f64,
    pub limit: f64,
}

impl Row {
    /// Damage outside of records.
    pub fn fault(offset: u64, length: u64, fault: Fault) -> Self {
        Self { name: -1, offset, length, fault: Some(fault), measured: f64::NAN, limit: f64::NAN }
    }
}

impl Rows {
    pub fn count(&self) -> usize {
        self.name.len()
    }

    pub fn bytes(&self) -> usize {
        self.record.values.len() + self.contexts.values.len() + 8 * self.places.len()
    }

    pub(super) fn push(&mut self, row: &Row, around: &Outer) {
        if self.version != Some(around.version) {
            self.version = Some(around.version);
            if self.place_offsets.is_empty() {
                self.place_offsets.push(0);
            }
            self.contexts.push(&around.tags);
            self.places.extend_from_slice(&around.places);
            self.place_offsets.push(self.places.len() as i32);
        }
        self.name.push(row.name);
        self.offset.push(row.offset as f64);
        self.length.push(row.length as f64);
        self.fault.push(row.fault.map_or(-1, |fault| fault as i32));
        self.measured.push(row.measured);
        self.limit.push(row.limit);
        self.context.push(self.contexts.offsets.len() as i32 - 2);
    }
}

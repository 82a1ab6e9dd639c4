//! A few rows of a column: pages without one are passed over unread, so that a hundred rows of millions cost some pages.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArrayType, DataType, FixedLenByteArrayType};
use parquet::errors::{ParquetError, Result};

use super::super::parquet_write::ID_BYTES;
use super::{Found, Ledger, joined, placed, scatter, too_few, wrong_kind};

impl Ledger {
    /// Doubles or 64-bit integers of these rows (ascending) of a group as doubles; NaN for null.
    pub fn numbers_at(&self, group: usize, column: &str, rows: &[u32]) -> Result<Vec<f64>> {
        let (reader, _, optional) = self.column(group, column)?;
        match reader {
            ColumnReader::DoubleColumnReader(reader) => scatter(&read(reader, rows, optional)?, rows.len(), f64::NAN, |value| *value),
            ColumnReader::Int64ColumnReader(reader) => scatter(&read(reader, rows, optional)?, rows.len(), f64::NAN, |value| *value as f64),
            _ => Err(wrong_kind(column)),
        }
    }

    /// Texts or labels of these rows (ascending) of a group, back to back with rows + 1 offsets; null is empty.
    pub fn text_at(&self, group: usize, column: &str, rows: &[u32]) -> Result<(Vec<u8>, Vec<i32>)> {
        let (reader, _, optional) = self.column(group, column)?;
        let ColumnReader::ByteArrayColumnReader(reader) = reader else {
            return Err(wrong_kind(column));
        };
        joined(&read::<ByteArrayType>(reader, rows, optional)?)
    }

    /// Ids of these rows (ascending) of a group: 16 bytes each, zeros for null.
    pub fn ids_at(&self, group: usize, column: &str, rows: &[u32]) -> Result<Vec<u8>> {
        let (reader, _, optional) = self.column(group, column)?;
        let ColumnReader::FixedLenByteArrayColumnReader(reader) = reader else {
            return Err(wrong_kind(column));
        };
        let mut values = vec![0; rows.len() * ID_BYTES];
        placed(&read::<FixedLenByteArrayType>(reader, rows, optional)?, &mut values, column)?;
        Ok(values)
    }
}

fn read<T: DataType>(mut reader: ColumnReaderImpl<T>, rows: &[u32], optional: bool) -> Result<Found<T::T>> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    let mut at = 0;
    for run in rows.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        let first = run[0] as usize;
        let gap = first.checked_sub(at).ok_or_else(|| ParquetError::General("rows are not in ascending order".to_owned()))?;
        if reader.skip_records(gap)? != gap {
            return Err(too_few());
        }
        let mut left = run.len();
        while left > 0 {
            let (records, _, _) = reader.read_records(left, optional.then_some(&mut levels), None, &mut values)?;
            if records == 0 {
                return Err(too_few());
            }
            left -= records;
        }
        at = first + run.len();
    }
    if !optional {
        levels.resize(rows.len(), 1);
    }
    if levels.len() != rows.len() {
        return Err(too_few());
    }
    Ok(Found { values, levels })
}

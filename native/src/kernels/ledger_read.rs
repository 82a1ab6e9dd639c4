//! Reads flat Parquet files made by `parquet_write`, a column of a row group at a time, into plain buffers; and finds rows
//! by an id or a text through bloom filters, so that a lookup touches almost nothing of the file.

mod some_rows;

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use parquet::basic::Type as PhysicalType;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};

use super::parquet_write::ID_BYTES;

/// Labels of a column whose addresses are remembered.
const MET: usize = 256;

pub struct Ledger {
    file: SerializedFileReader<File>,
    columns: HashMap<String, usize>,
}

impl Ledger {
    pub fn open(path: &Path) -> Result<Self> {
        let properties = ReaderProperties::builder().set_read_bloom_filter(true).build();
        let options = ReadOptionsBuilder::new().with_reader_properties(properties).build();
        let file = SerializedFileReader::new_with_options(File::open(path)?, options)?;
        let schema = file.metadata().file_metadata().schema_descr();
        let columns = schema.columns().iter().enumerate().map(|(index, column)| (column.name().to_owned(), index)).collect();
        Ok(Self { file, columns })
    }

    /// Column names in the file's order.
    pub fn names(&self) -> Vec<String> {
        self.file.metadata().file_metadata().schema_descr().columns().iter().map(|column| column.name().to_owned()).collect()
    }

    /// Rows of every group.
    pub fn group_rows(&self) -> Vec<usize> {
        self.file.metadata().row_groups().iter().map(|group| group.num_rows() as usize).collect()
    }

    /// The file's key-value metadata, in its order.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let pairs = self.file.metadata().file_metadata().key_value_metadata();
        pairs.into_iter().flatten().map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default())).collect()
    }

    /// Doubles or 64-bit integers as doubles; NaN for null.
    pub fn numbers(&self, group: usize, column: &str) -> Result<Vec<f64>> {
        let (reader, rows, optional) = self.column(group, column)?;
        match reader {
            ColumnReader::DoubleColumnReader(reader) => scatter(&read(reader, rows, optional)?, rows, f64::NAN, |value| *value),
            ColumnReader::Int64ColumnReader(reader) => scatter(&read(reader, rows, optional)?, rows, f64::NAN, |value| *value as f64),
            _ => Err(wrong_kind(column)),
        }
    }

    /// Texts back to back with rows + 1 offsets; null is empty.
    pub fn text(&self, group: usize, column: &str) -> Result<(Vec<u8>, Vec<i32>)> {
        joined(&self.byte_arrays(group, column)?)
    }

    /// An index a row into the labels, which come in order of first use; -1 for null.
    pub fn labels(&self, group: usize, column: &str) -> Result<(Vec<i32>, Vec<String>)> {
        let found = self.byte_arrays(group, column)?;
        let mut places: HashMap<&[u8], i32> = HashMap::new();
        // Values of one dictionary entry lie at one address, so that hardly a row has its bytes hashed.
        let mut met = [(std::ptr::null(), usize::MAX, -1); MET];
        let mut labels = Vec::new();
        let mut indices = Vec::with_capacity(found.levels.len());
        let mut next = found.values.iter();
        for &level in &found.levels {
            if level == 0 {
                indices.push(-1);
                continue;
            }
            let value = next.next().ok_or_else(too_few)?.data();
            let (at, bytes) = (value.as_ptr(), value.len());
            let slot = &mut met[(at as usize ^ (at as usize >> 6)) % MET];
            if (slot.0, slot.1) != (at, bytes) {
                let index = if let Some(&index) = places.get(value) {
                    index
                } else {
                    labels.push(String::from_utf8(value.to_vec()).map_err(|_| ParquetError::General("a label is not UTF-8".to_owned()))?);
                    places.insert(value, labels.len() as i32 - 1);
                    labels.len() as i32 - 1
                };
                *slot = (at, bytes, index);
            }
            indices.push(slot.2);
        }
        Ok((indices, labels))
    }

    /// 16 bytes a row (zeros for null), and a byte a row that is 0 for null.
    pub fn ids(&self, group: usize, column: &str) -> Result<(Vec<u8>, Vec<u8>)> {
        let (reader, rows, optional) = self.column(group, column)?;
        let ColumnReader::FixedLenByteArrayColumnReader(reader) = reader else {
            return Err(wrong_kind(column));
        };
        let found = read::<FixedLenByteArrayType>(reader, rows, optional)?;
        let mut values = vec![0; rows * ID_BYTES];
        placed(&found, &mut values, column)?;
        Ok((values, found.levels.iter().map(|&level| level as u8).collect()))
    }

    /// Rows of one group whose id or text is `value`, in order. Groups whose bloom filter denies it cost one small read.
    pub fn find(&self, group: usize, column: &str, value: &[u8]) -> Result<Vec<u32>> {
        let index = self.index(column)?;
        if let Some(filter) = self.group(group)?.get_column_bloom_filter(index)
            && !filter.check(value)
        {
            return Ok(Vec::new());
        }
        let is_id = self.file.metadata().file_metadata().schema_descr().column(index).physical_type() == PhysicalType::FIXED_LEN_BYTE_ARRAY;
        let mut rows = Vec::new();
        if is_id {
            let (values, present) = self.ids(group, column)?;
            let matches = values.chunks_exact(ID_BYTES).zip(&present).enumerate().filter(|(_, (id, shown))| **shown != 0 && *id == value);
            rows.extend(matches.map(|(row, _)| row as u32));
        } else {
            let (values, offsets) = self.text(group, column)?;
            let matches = offsets.windows(2).enumerate().filter(|(_, pair)| &values[pair[0] as usize..pair[1] as usize] == value);
            rows.extend(matches.map(|(row, _)| row as u32));
        }
        Ok(rows)
    }

    fn byte_arrays(&self, group: usize, column: &str) -> Result<Found<ByteArray>> {
        let (reader, rows, optional) = self.column(group, column)?;
        let ColumnReader::ByteArrayColumnReader(reader) = reader else {
            return Err(wrong_kind(column));
        };
        read::<ByteArrayType>(reader, rows, optional)
    }

    fn index(&self, column: &str) -> Result<usize> {
        self.columns.get(column).copied().ok_or_else(|| ParquetError::General(format!("there is no column {column}")))
    }

    fn group(&self, group: usize) -> Result<Box<dyn RowGroupReader + '_>> {
        if group >= self.file.num_row_groups() {
            return Err(ParquetError::General(format!("there is no row group {group}")));
        }
        self.file.get_row_group(group)
    }

    fn column(&self, group: usize, column: &str) -> Result<(ColumnReader, usize, bool)> {
        let index = self.index(column)?;
        let optional = self.file.metadata().file_metadata().schema_descr().column(index).max_def_level() > 0;
        let group = self.group(group)?;
        let rows = group.metadata().num_rows() as usize;
        Ok((group.get_column_reader(index)?, rows, optional))
    }
}

/// The values that are there, and a level a row: 1 there, 0 null.
struct Found<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

fn read<T: DataType>(mut reader: ColumnReaderImpl<T>, rows: usize, optional: bool) -> Result<Found<T::T>> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    let (records, _, _) = reader.read_records(rows, optional.then_some(&mut levels), None, &mut values)?;
    if !optional {
        levels.resize(records, 1);
    }
    if records != rows || levels.len() != rows {
        return Err(too_few());
    }
    Ok(Found { values, levels })
}

fn scatter<T>(found: &Found<T>, rows: usize, null: f64, number: impl Fn(&T) -> f64) -> Result<Vec<f64>> {
    let mut next = found.values.iter();
    let mut all = Vec::with_capacity(rows);
    for &level in &found.levels {
        all.push(if level == 1 { number(next.next().ok_or_else(too_few)?) } else { null });
    }
    Ok(all)
}

/// Back to back, with an offset more than there are rows; null is empty.
fn joined(found: &Found<ByteArray>) -> Result<(Vec<u8>, Vec<i32>)> {
    let mut values = Vec::new();
    let mut offsets = Vec::with_capacity(found.levels.len() + 1);
    offsets.push(0);
    let mut next = found.values.iter();
    for &level in &found.levels {
        if level == 1 {
            values.extend_from_slice(next.next().ok_or_else(too_few)?.data());
        }
        offsets.push(i32::try_from(values.len()).map_err(|_| ParquetError::General("a row group holds over 2 GiB of text".to_owned()))?);
    }
    Ok((values, offsets))
}

/// Ids into their rows of `values`; rows without one stay as they are.
fn placed(found: &Found<FixedLenByteArray>, values: &mut [u8], column: &str) -> Result<()> {
    let mut next = found.values.iter();
    for (slot, &level) in values.chunks_exact_mut(ID_BYTES).zip(&found.levels) {
        if level == 1 {
            let id = next.next().ok_or_else(too_few)?.data();
            if id.len() != ID_BYTES {
                return Err(wrong_kind(column));
            }
            slot.copy_from_slice(id);
        }
    }
    Ok(())
}

fn too_few() -> ParquetError {
    ParquetError::General("a column has fewer values than its row group has rows".to_owned())
}

fn wrong_kind(column: &str) -> ParquetError {
    ParquetError::General(format!("column {column} is of another kind"))
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // whole numbers, exact
mod tests;

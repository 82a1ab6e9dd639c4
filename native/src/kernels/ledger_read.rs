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
        let mut labels = Vec::new();
        let mut indices = Vec::with_capacity(found.levels.len());
        let mut next = found.values.iter();
        for &level in &found.levels {
            if level == 0 {
                indices.push(-1);
                continue;
            }
            let value = next.next().ok_or_else(too_few)?.data();
            let index = if let Some(&index) = places.get(value) {
                index
            } else {
                labels.push(String::from_utf8(value.to_vec()).map_err(|_| ParquetError::General("a label is not UTF-8".to_owned()))?);
                places.insert(value, labels.len() as i32 - 1);
                labels.len() as i32 - 1
            };
            indices.push(index);
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
mod tests {
    use super::super::parquet_write::{Kind, Writer};
    use super::*;

    fn columns() -> Vec<(String, Kind)> {
        [
            ("id", Kind::Id),
            ("survivor", Kind::OptionalId),
            ("score", Kind::Double),
            ("row", Kind::Int64),
            ("url", Kind::Text),
            ("rule", Kind::Label),
        ]
        .map(|(name, kind)| (name.to_owned(), kind))
        .to_vec()
    }

    fn file(groups: usize, rows: usize) -> Vec<u8> {
        let mut writer = Writer::new(columns(), rows, "test", vec![("k".to_owned(), "v".to_owned())]).unwrap();
        let mut bytes = Vec::new();
        for group in 0..groups {
            let numbers: Vec<usize> = (group * rows..(group + 1) * rows).collect();
            let ids: Vec<u8> = numbers.iter().flat_map(|&n| (n as u128).to_be_bytes()).collect();
            let present: Vec<u8> = numbers.iter().map(|n| u8::from(n % 3 == 0)).collect();
            let urls: Vec<String> =
                numbers.iter().map(|n| if n % 5 == 0 { String::new() } else { format!("https://example.eu/{n}") }).collect();
            let mut offsets = vec![0];
            for url in &urls {
                offsets.push(offsets.last().unwrap() + url.len() as i32);
            }
            writer.set_ids(0, &ids, &[]).unwrap();
            writer.set_ids(1, &ids, &present).unwrap();
            writer
                .set_numbers(2, &numbers.iter().map(|&n| if n % 2 == 0 { f64::NAN } else { n as f64 / 8.0 }).collect::<Vec<_>>())
                .unwrap();
            writer.set_numbers(3, &numbers.iter().map(|&n| n as f64).collect::<Vec<_>>()).unwrap();
            writer.set_text(4, urls.concat().as_bytes(), &offsets).unwrap();
            let labels = vec!["a/b".to_owned(), "č".to_owned()];
            writer.set_labels(5, &numbers.iter().map(|n| (n % 3) as i32 - 1).collect::<Vec<_>>(), labels).unwrap();
            bytes.extend(writer.write_group(rows).unwrap());
        }
        bytes.extend(writer.finish().unwrap());
        bytes
    }

    fn opened(bytes: &[u8]) -> Ledger {
        let path = std::env::temp_dir().join(format!("quern-ledger-{}-{:?}", std::process::id(), std::thread::current().id()));
        std::fs::write(&path, bytes).unwrap();
        let ledger = Ledger::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        ledger
    }

    #[test]
    fn what_was_written_comes_back() {
        let ledger = opened(&file(3, 1000));
        assert_eq!(ledger.group_rows(), [1000; 3]);
        assert_eq!(ledger.metadata()[0], ("k".to_owned(), "v".to_owned()));
        let scores = ledger.numbers(1, "score").unwrap();
        assert!(scores[0].is_nan() && (scores[1] - 1001.0 / 8.0).abs() < f64::EPSILON);
        assert_eq!(ledger.numbers(2, "row").unwrap()[999], 2999.0);
        let (ids, present) = ledger.ids(1, "survivor").unwrap();
        assert_eq!((present[2], &ids[32..48]), (1, 1002_u128.to_be_bytes().as_slice()));
        assert_eq!((present[0], &ids[..16]), (0, [0; 16].as_slice()));
        let (text, offsets) = ledger.text(0, "url").unwrap();
        assert_eq!(&text[offsets[7] as usize..offsets[8] as usize], b"https://example.eu/7");
        assert_eq!(offsets[5], offsets[6]);
        let (indices, labels) = ledger.labels(0, "rule").unwrap();
        assert_eq!((&indices[..4], labels), ([-1, 0, 1, -1].as_slice(), vec!["a/b".to_owned(), "č".to_owned()]));
    }

    #[test]
    fn a_row_is_found_by_its_id_or_url() {
        let ledger = opened(&file(3, 1000));
        assert_eq!(ledger.find(1, "id", &1999_u128.to_be_bytes()).unwrap(), [999]);
        assert!(ledger.find(0, "id", &1999_u128.to_be_bytes()).unwrap().is_empty());
        assert_eq!(ledger.find(2, "url", b"https://example.eu/2001").unwrap(), [1]);
        assert!(ledger.find(2, "url", b"https://example.eu/").unwrap().is_empty());
    }

    #[test]
    fn a_few_rows_are_what_reading_all_of_them_gives() {
        let ledger = opened(&file(2, 50_000));
        let (ids, _) = ledger.ids(1, "survivor").unwrap();
        let (text, offsets) = ledger.text(1, "url").unwrap();
        let scores = ledger.numbers(1, "score").unwrap();
        for rows in [vec![], vec![0, 1, 2], vec![49_999], vec![7, 20_000, 20_001, 33_333, 49_998], (0..50_000).collect::<Vec<u32>>()] {
            let some = ledger.numbers_at(1, "score", &rows).unwrap();
            assert!(rows.iter().zip(&some).all(|(&row, value)| value.to_bits() == scores[row as usize].to_bits()));
            let whole = ledger.numbers_at(1, "row", &rows).unwrap();
            assert_eq!(whole, rows.iter().map(|&row| 50_000.0 + f64::from(row)).collect::<Vec<_>>());
            let some = ledger.ids_at(1, "survivor", &rows).unwrap();
            assert_eq!(some, rows.iter().flat_map(|&row| ids[row as usize * 16..][..16].to_vec()).collect::<Vec<_>>());
            let (values, ends) = ledger.text_at(1, "url", &rows).unwrap();
            for (at, &row) in rows.iter().enumerate() {
                let (from, to) = (offsets[row as usize] as usize, offsets[row as usize + 1] as usize);
                assert_eq!(&values[ends[at] as usize..ends[at + 1] as usize], &text[from..to]);
            }
        }
        assert_eq!(ledger.text_at(0, "rule", &[0, 1, 2]).unwrap(), ("a/bč".as_bytes().to_vec(), vec![0, 0, 3, 5]));
        for wrong in [vec![50_000], vec![3, 2], vec![3, 3], vec![49_999, 50_000]] {
            assert!(ledger.numbers_at(0, "row", &wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_same_rows_give_the_same_bytes() {
        assert_eq!(file(2, 500), file(2, 500));
    }

    #[test]
    fn a_broken_file_is_an_error() {
        let bytes = file(1, 100);
        for length in [0, 4, 11, bytes.len() / 2, bytes.len() - 1] {
            let path = std::env::temp_dir().join(format!("quern-broken-{}-{length}", std::process::id()));
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(Ledger::open(&path).is_err());
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut writer = Writer::new(columns(), 10, "test", Vec::new()).unwrap();
        assert!(writer.set_numbers(0, &[1.0]).is_err());
        assert!(writer.set_labels(5, &[2], vec!["a".to_owned()]).is_err());
        assert!(writer.set_text(4, b"ab", &[0, 3]).is_err());
        assert!(writer.write_group(1).is_err(), "the id was not set");
    }
}

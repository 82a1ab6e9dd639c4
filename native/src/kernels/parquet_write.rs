//! A Parquet writer for tables, flat but for lists of tokens, fed a row group at a time from column buffers, without Arrow arrays between.
//! Everything that could differ from run to run is pinned: encodings, compression, page sizes, `created_by`.

use std::mem;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

/// Bytes of an id.
pub const ID_BYTES: usize = 16;

/// What a column holds and how it is stored. All but `Id` and the lists may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// DOUBLE; NaN is null.
    Double,
    /// INT64, delta-packed; given as doubles (exact to 2^53), NaN is null.
    Int64,
    /// UTF-8 with a bloom filter; the empty string is null.
    Text,
    /// UTF-8 from a short list, as a dictionary; a negative index is null.
    Label,
    /// 16 bytes with a bloom filter.
    Id,
    /// 16 bytes or null.
    OptionalId,
    /// A list of token ids that fit into 16 bits.
    List16,
    /// A list of token ids.
    List32,
}

impl Kind {
    /// The name used across the boundary.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "double" => Self::Double,
            "int64" => Self::Int64,
            "text" => Self::Text,
            "label" => Self::Label,
            "id" => Self::Id,
            "optional-id" => Self::OptionalId,
            "list<uint16>" => Self::List16,
            "list<uint32>" => Self::List32,
            _ => return None,
        })
    }

    fn is_list(self) -> bool {
        matches!(self, Self::List16 | Self::List32)
    }

    fn field(self, name: &str) -> Result<TypePtr> {
        if self.is_list() {
            return self.list_field(name);
        }
        let physical = match self {
            Self::Double => PhysicalType::DOUBLE,
            Self::Int64 => PhysicalType::INT64,
            Self::Text | Self::Label => PhysicalType::BYTE_ARRAY,
            Self::Id | Self::OptionalId => PhysicalType::FIXED_LEN_BYTE_ARRAY,
            Self::List16 | Self::List32 => PhysicalType::INT32,
        };
        let mut field = Type::primitive_type_builder(name, physical).with_repetition(if self == Self::Id {
            Repetition::REQUIRED
        } else {
            Repetition::OPTIONAL
        });
        if matches!(self, Self::Text | Self::Label) {
            field = field.with_converted_type(ConvertedType::UTF8).with_logical_type(Some(LogicalType::String));
        }
        if matches!(self, Self::Id | Self::OptionalId) {
            field = field.with_length(ID_BYTES as i32);
        }
        Ok(Arc::new(field.build()?))
    }

    /// The three levels that the format prescribes for a list; neither the list nor an element is ever null.
    fn list_field(self, name: &str) -> Result<TypePtr> {
        let bits = if self == Self::List16 { 16 } else { 32 };
        let element = Type::primitive_type_builder("element", PhysicalType::INT32)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::integer(bits, false)))
            .build()?;
        let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED).with_fields(vec![Arc::new(element)]).build()?;
        let outer = Type::group_type_builder(name)
            .with_repetition(Repetition::REQUIRED)
            .with_converted_type(ConvertedType::LIST)
            .with_logical_type(Some(LogicalType::List))
            .with_fields(vec![Arc::new(list)]);
        Ok(Arc::new(outer.build()?))
    }

    fn path(self, name: &str) -> ColumnPath {
        let levels = if self.is_list() { vec![name, "list", "element"] } else { vec![name] };
        ColumnPath::new(levels.into_iter().map(str::to_owned).collect())
    }

    fn properties(self, column: &ColumnPath, rows: usize, properties: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
        let column = || column.clone();
        let properties = properties.set_column_dictionary_enabled(column(), self == Self::Label);
        let bloom = |properties: WriterPropertiesBuilder| {
            properties
                .set_column_bloom_filter_enabled(column(), true)
                .set_column_bloom_filter_fpp(column(), 0.01)
                .set_column_bloom_filter_max_ndv(column(), rows as u64)
        };
        match self {
            Self::Int64 => properties.set_column_encoding(column(), Encoding::DELTA_BINARY_PACKED),
            Self::Text => bloom(properties),
            // Hashes: zstd would only cost time, and their minimum and maximum say nothing.
            Self::Id => bloom(properties)
                .set_column_compression(column(), Compression::UNCOMPRESSED)
                .set_column_statistics_enabled(column(), EnabledStatistics::None),
            Self::OptionalId => properties
                .set_column_compression(column(), Compression::UNCOMPRESSED)
                .set_column_statistics_enabled(column(), EnabledStatistics::None),
            Self::List16 | Self::List32 => properties.set_column_statistics_enabled(column(), EnabledStatistics::None),
            Self::Double | Self::Label => properties,
        }
    }
}

/// One column of the row group that is being gathered.
enum Chunk {
    Numbers(Vec<f64>),
    Text { values: Vec<u8>, offsets: Vec<i32> },
    Labels { indices: Vec<i32>, labels: Vec<String> },
    Ids { values: Vec<u8>, present: Vec<u8> },
    Lists { values: Vec<i32>, offsets: Vec<i32> },
}

pub struct Writer {
    file: SerializedFileWriter<Vec<u8>>,
    kinds: Vec<(String, Kind)>,
    waiting: Vec<Option<Chunk>>,
}

impl Writer {
    /// `group_rows` is the most rows a group will have; it sizes the bloom filters. `metadata` is written in its order.
    pub fn new(columns: Vec<(String, Kind)>, group_rows: usize, created_by: &str, metadata: Vec<(String, String)>) -> Result<Self> {
        let fields = columns.iter().map(|(name, kind)| kind.field(name)).collect::<Result<Vec<_>>>()?;
        let schema = Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?);
        let mut properties = WriterProperties::builder()
            .set_created_by(created_by.to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(metadata.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect()));
        for (name, kind) in &columns {
            properties = kind.properties(&kind.path(name), group_rows, properties);
        }
        let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
        let waiting = columns.iter().map(|_| None).collect();
        Ok(Self { file, kinds: columns, waiting })
    }

    /// A value a row for a double or int64 column of the next group.
    pub fn set_numbers(&mut self, column: usize, values: &[f64]) -> Result<()> {
        self.set(column, &[Kind::Double, Kind::Int64], Chunk::Numbers(values.to_vec()))
    }

    /// Row i is `values[offsets[i]..offsets[i + 1]]`, which must be UTF-8.
    pub fn set_text(&mut self, column: usize, values: &[u8], offsets: &[i32]) -> Result<()> {
        check_offsets(column, offsets, values.len())?;
        self.set(column, &[Kind::Text], Chunk::Text { values: values.to_vec(), offsets: offsets.to_vec() })
    }

    pub fn set_labels(&mut self, column: usize, indices: &[i32], labels: Vec<String>) -> Result<()> {
        if indices.iter().any(|&index| index >= labels.len() as i32) {
            return Err(ParquetError::General(format!("column {column} has an index beyond its labels")));
        }
        self.set(column, &[Kind::Label], Chunk::Labels { indices: indices.to_vec(), labels })
    }

    /// 16 bytes a row; `present` has 0 for null, a byte a row, and is ignored by a required column.
    pub fn set_ids(&mut self, column: usize, values: &[u8], present: &[u8]) -> Result<()> {
        self.set(column, &[Kind::Id, Kind::OptionalId], Chunk::Ids { values: values.to_vec(), present: present.to_vec() })
    }

    /// Row i is `values[offsets[i]..offsets[i + 1]]`.
    pub fn set_lists(&mut self, column: usize, values: &[u32], offsets: &[i32]) -> Result<()> {
        check_offsets(column, offsets, values.len())?;
        if self.kinds.get(column).is_some_and(|(_, kind)| *kind == Kind::List16) && values.iter().any(|&id| id > 0xffff) {
            return Err(ParquetError::General(format!("column {column} has a token beyond 16 bits")));
        }
        // Parquet keeps an unsigned number in the signed one of the same bits.
        let values = values.iter().map(|&id| id.cast_signed()).collect();
        self.set(column, &[Kind::List16, Kind::List32], Chunk::Lists { values, offsets: offsets.to_vec() })
    }

    fn set(&mut self, column: usize, kinds: &[Kind], chunk: Chunk) -> Result<()> {
        let fits = self.kinds.get(column).is_some_and(|(_, kind)| kinds.contains(kind));
        if !fits {
            return Err(ParquetError::General(format!("column {column} does not take such values")));
        }
        self.waiting[column] = Some(chunk);
        Ok(())
    }

    /// Writes the gathered columns, `rows` of each, as one row group; a column that was not set is all null. Returns the
    /// file's bytes that are complete so far and were not returned before.
    pub fn write_group(&mut self, rows: usize) -> Result<Vec<u8>> {
        let chunks: Vec<_> = self.waiting.iter_mut().map(Option::take).collect();
        let mut group = self.file.next_row_group()?;
        for ((name, kind), chunk) in self.kinds.iter().zip(chunks) {
            let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("the schema has fewer columns".to_owned()))?;
            write_column(&mut column, *kind, chunk, rows).map_err(|error| ParquetError::General(format!("column {name}: {error}")))?;
            column.close()?;
        }
        group.close()?;
        Ok(mem::take(self.file.inner_mut()))
    }

    /// The footer and what is left before it. Nothing can be written afterwards.
    pub fn finish(&mut self) -> Result<Vec<u8>> {
        self.file.finish()?;
        Ok(mem::take(self.file.inner_mut()))
    }
}

fn check_offsets(column: usize, offsets: &[i32], values: usize) -> Result<()> {
    let in_order = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
    let (first, last) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
    if !in_order || first < 0 || last as usize > values {
        return Err(ParquetError::General(format!("the offsets of column {column} do not fit its values")));
    }
    Ok(())
}

fn write_column(column: &mut SerializedColumnWriter<'_>, kind: Kind, chunk: Option<Chunk>, rows: usize) -> Result<()> {
    let wrong_rows = |given: usize| ParquetError::General(format!("{given} values for {rows} rows"));
    let Some(chunk) = chunk else {
        return write_nulls(column, kind, rows);
    };
    match chunk {
        Chunk::Numbers(values) => {
            if values.len() != rows {
                return Err(wrong_rows(values.len()));
            }
            let levels: Vec<i16> = values.iter().map(|value| i16::from(!value.is_nan())).collect();
            let known = values.iter().copied().filter(|value| !value.is_nan());
            if kind == Kind::Double {
                column.typed::<DoubleType>().write_batch(&known.collect::<Vec<_>>(), Some(&levels), None)?;
            } else {
                column.typed::<Int64Type>().write_batch(&known.map(|value| value as i64).collect::<Vec<_>>(), Some(&levels), None)?;
            }
        }
        Chunk::Text { values, offsets } => {
            if offsets.len() != rows + 1 {
                return Err(wrong_rows(offsets.len().saturating_sub(1)));
            }
            if std::str::from_utf8(&values[offsets[0] as usize..offsets[rows] as usize]).is_err() {
                return Err(ParquetError::General("text is not UTF-8".to_owned()));
            }
            let all = ByteArray::from(values);
            let levels: Vec<i16> = offsets.windows(2).map(|pair| i16::from(pair[1] > pair[0])).collect();
            let texts = offsets.windows(2).filter(|pair| pair[1] > pair[0]);
            let texts: Vec<_> = texts.map(|pair| all.slice(pair[0] as usize, (pair[1] - pair[0]) as usize)).collect();
            column.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None)?;
        }
        Chunk::Labels { indices, labels } => {
            if indices.len() != rows {
                return Err(wrong_rows(indices.len()));
            }
            let labels: Vec<_> = labels.into_iter().map(|label| ByteArray::from(label.into_bytes())).collect();
            let levels: Vec<i16> = indices.iter().map(|&index| i16::from(index >= 0)).collect();
            let values: Vec<_> = indices.iter().filter(|&&index| index >= 0).map(|&index| labels[index as usize].clone()).collect();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
        }
        Chunk::Ids { values, present } => {
            let optional = kind == Kind::OptionalId;
            if values.len() != rows * ID_BYTES || (optional && present.len() != rows) {
                return Err(wrong_rows(values.len() / ID_BYTES));
            }
            let all = ByteArray::from(values);
            let shown = (0..rows).filter(|&row| !optional || present[row] != 0);
            let ids: Vec<_> = shown.map(|row| FixedLenByteArray::from(all.slice(row * ID_BYTES, ID_BYTES))).collect();
            let levels: Option<Vec<i16>> = optional.then(|| present.iter().map(|&byte| i16::from(byte != 0)).collect());
            column.typed::<FixedLenByteArrayType>().write_batch(&ids, levels.as_deref(), None)?;
        }
        Chunk::Lists { values, offsets } => {
            if offsets.len() != rows + 1 {
                return Err(wrong_rows(offsets.len().saturating_sub(1)));
            }
            let (defined, repeated) = list_levels(&offsets);
            let values = &values[offsets[0] as usize..offsets[rows] as usize];
            column.typed::<Int32Type>().write_batch(values, Some(&defined), Some(&repeated))?;
        }
    }
    Ok(())
}

/// Of every value: that it is there, and whether it goes on with a list. An empty list has one level of each and no value.
fn list_levels(offsets: &[i32]) -> (Vec<i16>, Vec<i16>) {
    let (mut defined, mut repeated) = (Vec::new(), Vec::new());
    for pair in offsets.windows(2) {
        let length = (pair[1] - pair[0]) as usize;
        defined.push(i16::from(length > 0));
        repeated.push(0);
        defined.resize(defined.len() + length.saturating_sub(1), 1);
        repeated.resize(defined.len(), 1);
    }
    (defined, repeated)
}

fn write_nulls(column: &mut SerializedColumnWriter<'_>, kind: Kind, rows: usize) -> Result<()> {
    let levels = vec![0_i16; rows];
    match kind {
        Kind::Id | Kind::List16 | Kind::List32 => return Err(ParquetError::General("a required column was not set".to_owned())),
        Kind::Double => column.typed::<DoubleType>().write_batch(&[], Some(&levels), None)?,
        Kind::Int64 => column.typed::<Int64Type>().write_batch(&[], Some(&levels), None)?,
        Kind::Text | Kind::Label => column.typed::<ByteArrayType>().write_batch(&[], Some(&levels), None)?,
        Kind::OptionalId => column.typed::<FixedLenByteArrayType>().write_batch(&[], Some(&levels), None)?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::list_levels;

    #[test]
    fn an_empty_list_has_one_level_and_no_value() {
        assert_eq!(list_levels(&[0, 2, 2, 3]), (vec![1, 1, 0, 1], vec![0, 1, 0, 0]));
        assert_eq!(list_levels(&[5]), (vec![], vec![]));
    }
}

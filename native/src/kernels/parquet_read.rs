//! Parquet row groups to rows. Strings are read as bytes, so that one that is not UTF-8 costs its own row only.
//!
//! The `parquet` crate panics on some damaged files; here that is damage like any other: the rest of the row group is one row.

mod depth;
mod value;

use std::fs::File;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::serialized_reader::ReadOptionsBuilder;
use parquet::record::reader::{ReaderIter, TreeBuilder};
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor};

use super::columns::Bytes;
use depth::check_depth;
use value::{json, plain_strings, words};

/// Values that the crate decodes ahead for each column. A page is in memory anyway; this bounds what lies beside it.
const VALUES_AHEAD: usize = 64;

/// The numbers are the order in which `src/sources/parquet.ts` declares its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Rule {
    NoText,
    BadUtf8,
    TooLarge,
    BadParquet,
}

/// Which columns become which.
pub struct Names {
    pub text: String,
    pub url: String,
    pub date: String,
    pub title: String,
}

pub struct Group {
    pub rows: u64,
    /// The bytes that hold its columns, as the footer has it; never checked against the file.
    pub bytes: Range<u64>,
}

pub struct Layout {
    pub groups: Vec<Group>,
    /// Top-level columns.
    pub columns: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Number of the row in the file.
    pub offset: Vec<f64>,
    /// Rows that this row stands for: one, or for damage the rest of the row group.
    pub length: Vec<f64>,
    pub text: Bytes,
    pub url: Bytes,
    pub date: Bytes,
    pub title: Bytes,
    /// One JSON object of all other columns, or empty.
    pub extra: Bytes,
    pub rule: Vec<i32>,
    pub measured: Vec<f64>,
    pub limit: Vec<f64>,
}

/// What the file's footer says; an error where there is none or it is damaged.
pub fn layout(path: &str) -> Result<Layout> {
    footer(path).map(|(layout, _)| layout)
}

/// The layout, and the schema to read with.
fn footer(path: &str) -> Result<(Layout, SchemaDescPtr)> {
    guarded(|| {
        let mut file = File::open(path)?;
        check_depth(&mut file)?;
        let reader = SerializedFileReader::new(file)?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema();
        let groups = metadata.row_groups().iter().map(|group| {
            let rows = u64::try_from(group.num_rows()).map_err(|error| ParquetError::General(error.to_string()))?;
            Ok(Group { rows, bytes: bytes_of(group) })
        });
        let columns = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
        let plain = SchemaDescriptor::new(Arc::new(plain_strings(schema)?));
        Ok((Layout { groups: groups.collect::<Result<_>>()?, columns }, Arc::new(plain)))
    })
}

/// From the first byte of its first column to the last of its last. The crate's own sum panics where a place is negative.
fn bytes_of(group: &RowGroupMetaData) -> Range<u64> {
    let place = |column: &ColumnChunkMetaData| {
        let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset()).max(0);
        start as u64..start.saturating_add(column.compressed_size().max(0)) as u64
    };
    let places = group.columns().iter().map(place);
    places.reduce(|all, one| all.start.min(one.start)..all.end.max(one.end)).unwrap_or(0..0)
}

/// All rows of a small file in order, each a JSON object; ends when `each` says false. Bytes that are no UTF-8 come as base64.
pub fn each_row(path: &str, mut each: impl FnMut(serde_json::Value) -> bool) -> Result<()> {
    let (layout, schema) = footer(path)?;
    for number in 0..layout.groups.len() {
        let mut rows = guarded(|| open_group(path, number, &schema))?;
        while let Some(row) = guarded(|| rows.next().transpose())? {
            let object = row.get_column_iter().map(|(name, field)| (name.clone(), json(field))).collect();
            if !each(serde_json::Value::Object(object)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn guarded<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(ParquetError::General("the reader cannot go on".into())))
}

/// Reads the row groups that begin in a range of rows.
pub struct Reader {
    path: String,
    /// None where the footer is damaged.
    schema: Option<SchemaDescPtr>,
    names: Names,
    max_text: usize,
    /// Row groups still to read: number, first row, rows.
    groups: Vec<(usize, u64, u64)>,
    open: Option<ReaderIter>,
    row: u64,
    end: u64,
}

impl Reader {
    /// Never fails: a file that cannot be read gives its one row when it is read.
    pub fn new(path: &str, start: u64, end: u64, max_text: u64, names: Names) -> Self {
        let mut groups = Vec::new();
        let mut first = 0u64;
        let known = footer(path).ok();
        for (number, Group { rows, .. }) in known.as_ref().map_or(&[][..], |(layout, _)| &layout.groups).iter().enumerate() {
            if first >= start && first < end && *rows > 0 {
                groups.push((number, first, *rows));
            }
            first = first.saturating_add(*rows);
        }
        if known.is_none() {
            groups.push((0, start, end.saturating_sub(start).max(1)));
        }
        groups.reverse();
        let schema = known.map(|(_, schema)| schema);
        Self { path: path.into(), schema, names, max_text: max_text as usize, groups, open: None, row: 0, end: 0 }
    }

    /// Up to `rows` rows, or fewer once they hold `bytes`; none when all is read.
    pub fn read(&mut self, rows: usize, bytes: usize) -> Rows {
        let mut batch = Rows::default();
        while batch.offset.len() < rows && batch.text.values.len() + batch.extra.values.len() < bytes {
            if self.row == self.end || self.open.is_none() {
                self.open = None;
                let Some((number, first, count)) = self.groups.pop() else { break };
                (self.row, self.end) = (first, first + count);
                self.open = self.schema.as_ref().and_then(|schema| guarded(|| open_group(&self.path, number, schema)).ok());
                if self.open.is_none() {
                    self.give_up(&mut batch);
                }
                continue;
            }
            let next = self
                .open
                .as_mut()
                .map(|open| guarded(|| open.next().unwrap_or_else(|| Err(ParquetError::EOF("the row group is short".into())))));
            // What cannot be told as JSON is a value that no writer writes: damage too.
            let told = next.and_then(Result::ok).and_then(|row| guarded(|| Ok(self.told(row))).ok());
            match told {
                Some(row) => {
                    batch.add(self.row, 1, &row, self.max_text);
                    self.row += 1;
                }
                None => self.give_up(&mut batch),
            }
        }
        batch
    }

    fn give_up(&mut self, batch: &mut Rows) {
        batch.drop_row(self.row, self.end - self.row, &[], Rule::BadParquet, f64::NAN, f64::NAN);
        self.open = None;
        self.row = self.end;
    }

    fn told(&self, row: Row) -> Told {
        let mut told = Told::default();
        let mut extra = serde_json::Map::new();
        for (name, field) in row.into_columns() {
            let column = [&self.names.text, &self.names.url, &self.names.date, &self.names.title].iter().position(|known| **known == name);
            match (column, words(&field)) {
                (Some(column), Some(words)) => told.words[column] = words,
                (Some(_), None) if field == Field::Null => {}
                _ => drop(extra.insert(name, json(&field))),
            }
        }
        if !extra.is_empty() {
            told.extra = serde_json::Value::Object(extra).to_string();
        }
        told
    }
}

fn open_group(path: &str, number: usize, schema: &SchemaDescPtr) -> Result<ReaderIter> {
    let options = ReadOptionsBuilder::new().with_parquet_schema(schema.clone()).build();
    let file = SerializedFileReader::new_with_options(File::open(path)?, options)?;
    TreeBuilder::new().with_batch_size(VALUES_AHEAD).as_iter(schema.clone(), &*file.get_row_group(number)?)
}

/// One row: text, url, date and title, and the rest.
#[derive(Default)]
struct Told {
    words: [Vec<u8>; 4],
    extra: String,
}

impl Rows {
    fn add(&mut self, offset: u64, length: u64, row: &Told, max_text: usize) {
        let [text, url, date, title] = &row.words;
        let drop = if text.iter().all(u8::is_ascii_whitespace) {
            Some((Rule::NoText, f64::NAN, f64::NAN))
        } else if text.len() + row.extra.len() > max_text {
            Some((Rule::TooLarge, (text.len() + row.extra.len()) as f64, max_text as f64))
        } else if std::str::from_utf8(text).is_err() {
            Some((Rule::BadUtf8, f64::NAN, f64::NAN))
        } else {
            None
        };
        if let Some((rule, measured, limit)) = drop {
            return self.drop_row(offset, length, url, rule, measured, limit);
        }
        self.text.push(text);
        self.url.push_lossy(url);
        self.date.push_lossy(date);
        self.title.push_lossy(title);
        self.extra.push(row.extra.as_bytes());
        self.fate(offset, length, -1, f64::NAN, f64::NAN);
    }

    fn drop_row(&mut self, offset: u64, length: u64, url: &[u8], rule: Rule, measured: f64, limit: f64) {
        self.url.push_lossy(url);
        for column in [&mut self.text, &mut self.date, &mut self.title, &mut self.extra] {
            column.push(&[]);
        }
        self.fate(offset, length, rule as i32, measured, limit);
    }

    fn fate(&mut self, offset: u64, length: u64, rule: i32, measured: f64, limit: f64) {
        self.offset.push(offset as f64);
        self.length.push(length as f64);
        self.rule.push(rule);
        self.measured.push(measured);
        self.limit.push(limit);
    }
}

//! How deep a file's schema is nested, before the crate, which calls itself for each level, is let near it: a footer of
//! 200 kB would end the process by its stack.

use std::io::{Read, Seek, SeekFrom};

use parquet::errors::{ParquetError, Result};

/// Real schemas stay below a dozen.
pub const MAX_DEPTH: usize = 64;
/// A footer is held in memory; real ones take some kB for each row group.
const MAX_FOOTER: u64 = 256 << 20;

/// An error unless the file ends in a footer whose schema is at most `MAX_DEPTH` deep.
pub fn check_depth(file: &mut (impl Read + Seek)) -> Result<()> {
    let damaged = |what: &str| ParquetError::General(what.into());
    let bytes = file.seek(SeekFrom::End(0))?;
    if bytes < 12 {
        return Err(damaged("too short for a Parquet file"));
    }
    let mut tail = [0; 8];
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut tail)?;
    let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    if &tail[4..] != b"PAR1" || length > (bytes - 12).min(MAX_FOOTER) {
        return Err(damaged("no Parquet footer"));
    }
    let mut footer = vec![0; length as usize];
    file.seek(SeekFrom::Start(bytes - 8 - length))?;
    file.read_exact(&mut footer)?;
    file.seek(SeekFrom::Start(0))?;
    match (Thrift { rest: &footer }).schema_fits() {
        Some(true) => Ok(()),
        Some(false) => Err(damaged("the schema is nested too deep")),
        None => Err(damaged("the footer does not parse")),
    }
}

/// The compact protocol of Apache Thrift, as far as finding the schema needs it.
struct Thrift<'a> {
    rest: &'a [u8],
}

const STOP: u8 = 0;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

impl Thrift<'_> {
    /// `FileMetaData`: field 2 is the list of schema elements, in depth-first order, each with its number of children.
    fn schema_fits(&mut self) -> Option<bool> {
        let mut id = 0;
        loop {
            let kind = self.field(&mut id)?;
            if kind == STOP {
                return None;
            }
            if id == 2 && kind == LIST {
                break;
            }
            self.skip(kind, 0)?;
        }
        let (kind, elements) = self.list()?;
        if kind != STRUCT {
            return None;
        }
        let mut open: Vec<u64> = Vec::new();
        for _ in 0..elements {
            let children = self.children()?;
            if let Some(left) = open.last_mut() {
                *left = left.checked_sub(1)?;
            }
            if children > 0 {
                open.push(children);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
            if open.len() > MAX_DEPTH {
                return Some(false);
            }
        }
        Some(true)
    }

    /// One `SchemaElement`: field 5 is the number of children.
    fn children(&mut self) -> Option<u64> {
        let (mut id, mut children) = (0, 0);
        loop {
            match self.field(&mut id)? {
                STOP => return Some(children),
                5 if id == 5 => {
                    let zigzag = self.varint()?;
                    children = if zigzag & 1 == 0 { zigzag >> 1 } else { return None };
                }
                kind => self.skip(kind, 0)?,
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A field's type; its id is the last one's plus a difference, or written out.
    fn field(&mut self, id: &mut i64) -> Option<u8> {
        let byte = self.byte()?;
        if byte != STOP {
            *id = if byte >> 4 == 0 {
                let zigzag = self.varint()? as i64;
                (zigzag >> 1) ^ -(zigzag & 1)
            } else {
                id.checked_add(i64::from(byte >> 4))?
            };
        }
        Some(byte & 15)
    }

    fn list(&mut self) -> Option<(u8, u64)> {
        let byte = self.byte()?;
        let size = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
        Some((byte & 15, size))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > 16 {
            return None;
        }
        match kind {
            1 | 2 => {}
            3 => _ = self.byte()?,
            4..=6 => _ = self.varint()?,
            7 => self.rest = self.rest.get(8..)?,
            8 => {
                let length = self.varint()? as usize;
                self.rest = self.rest.get(length..)?;
            }
            LIST | 10 => {
                let (kind, size) = self.list()?;
                for _ in 0..size {
                    // In a list a truth value takes a byte of its own.
                    self.skip(if kind <= 2 { 3 } else { kind }, depth + 1)?;
                }
            }
            STRUCT => {
                let mut id = 0;
                loop {
                    match self.field(&mut id)? {
                        STOP => break,
                        kind => self.skip(kind, depth + 1)?,
                    }
                }
            }
            _ => return None,
        }
        Some(())
    }
}

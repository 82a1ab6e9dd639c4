//! Sections of a file that are written side by side: a file whose parts all grow with the same walk is written in one pass.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// How much of a section is held before it is written.
const BUFFER_BYTES: usize = 1 << 20;

/// A part of a file that grows from its own place, up to a place named beforehand.
pub struct Section {
    at: usize,
    end: usize,
    buffer: Vec<u8>,
}

impl Section {
    pub fn new(range: &Range<usize>) -> Self {
        Self { at: range.start, end: range.end, buffer: Vec::new() }
    }

    #[inline]
    pub fn put(&mut self, file: &File, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush(file)?;
            if bytes.len() > BUFFER_BYTES {
                return self.write(file, bytes);
            }
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self, file: &File) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.write(file, &buffer)?;
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn write(&mut self, file: &File, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > self.end - self.at {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a run got more entries or documents than its header names"));
        }
        file.write_all_at(bytes, self.at as u64)?;
        self.at += bytes.len();
        Ok(())
    }

    /// Leaves the next bytes as they are.
    pub fn skip(&mut self, file: &File, bytes: usize) -> io::Result<()> {
        self.flush(file)?;
        self.at += bytes;
        Ok(())
    }

    /// An error of kind `InvalidInput` if it did not get all its bytes.
    pub fn finish(&mut self, file: &File) -> io::Result<()> {
        self.flush(file)?;
        if self.at == self.end {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, "a run did not get the entries or documents that its header names"))
    }
}

//! Writes a run front to back in one pass over its ascending keys, whatever its size, in a few megabytes of memory.
//!
//! Sections lie where the header says, so each is written at its own place as it grows: partitions, filter, and entries
//! together, since ascending keys walk all four forwards, then the records.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::filter::{BLOCK_BYTES, place, set};
use super::format::{Header, Layout};
use crate::kernels::file_section::Section;

/// What was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    pub bytes: u64,
    pub documents: u64,
}

pub struct RunWriter {
    header: Header,
    file: File,
    layout: Layout,
    key_bytes: usize,
    partitions: Section,
    filter: Section,
    pairs: Section,
    records: [Section; 4],
    /// Partitions whose beginning is written, entries so far, and the filter's block that is filling.
    begun: usize,
    entries: u64,
    block: usize,
    bits: [u8; BLOCK_BYTES],
}

impl RunWriter {
    /// `header` says how many entries and documents will come, exactly.
    pub fn create(path: &Path, header: Header) -> io::Result<Self> {
        let file = File::create(path)?;
        let layout = header.layout();
        file.set_len(layout.sketches.end as u64)?;
        file.write_all_at(&header.to_bytes(), 0)?;
        Ok(Self {
            partitions: Section::new(&layout.partitions),
            filter: Section::new(&layout.filter),
            pairs: Section::new(&layout.entries),
            records: [&layout.ids, &layout.digests, &layout.shingles, &layout.sketches].map(Section::new),
            key_bytes: header.key_bytes(),
            header,
            file,
            layout,
            begun: 0,
            entries: 0,
            block: 0,
            bits: [0; BLOCK_BYTES],
        })
    }

    /// The next entry: keys ascend, equal ones by ordinal.
    #[inline]
    pub fn entry(&mut self, key: u64, ordinal: u32) -> io::Result<()> {
        let (prefix, rest) = self.header.split(key);
        self.begin_partitions(prefix)?;
        let block = place(key, self.header.filter_blocks as usize);
        if block != self.block {
            self.fill_filter(block)?;
        }
        set(&mut self.bits, key);
        let mut entry = [0; 12];
        entry[..8].copy_from_slice(&rest.to_le_bytes());
        entry[self.key_bytes..][..4].copy_from_slice(&ordinal.to_le_bytes());
        self.pairs.put(&self.file, &entry[..self.key_bytes + 4])?;
        self.entries += 1;
        Ok(())
    }

    /// The records of the next documents, each kind in order.
    pub fn ids(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.records[0].put(&self.file, bytes)
    }

    pub fn digests(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.records[1].put(&self.file, bytes)
    }

    pub fn shingles(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.records[2].put(&self.file, bytes)
    }

    pub fn sketches(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.records[3].put(&self.file, bytes)
    }

    /// Leaves the next sketches as they are in a new file: zeros that take no room on disk. For benches of large indexes.
    pub fn skip_sketches(&mut self, bytes: usize) -> io::Result<()> {
        self.records[3].skip(&self.file, bytes)
    }

    /// An error of kind `InvalidInput` if not all came that the header named.
    pub fn finish(mut self) -> io::Result<Written> {
        self.begin_partitions(1 << self.header.partition_bits)?;
        if self.header.filter_blocks > 0 {
            self.fill_filter(self.header.filter_blocks as usize)?;
        }
        let sections = [&mut self.partitions, &mut self.filter, &mut self.pairs];
        for section in sections.into_iter().chain(&mut self.records) {
            section.finish(&self.file)?;
        }
        Ok(Written { bytes: self.layout.sketches.end as u64, documents: self.header.documents })
    }

    /// Partitions up to this one begin at the next entry.
    fn begin_partitions(&mut self, prefix: usize) -> io::Result<()> {
        while self.begun <= prefix {
            self.partitions.put(&self.file, &(self.entries as u32).to_le_bytes())?;
            self.begun += 1;
        }
        Ok(())
    }

    fn fill_filter(&mut self, next: usize) -> io::Result<()> {
        while self.block < next {
            self.filter.put(&self.file, &self.bits)?;
            self.bits = [0; BLOCK_BYTES];
            self.block += 1;
        }
        Ok(())
    }
}

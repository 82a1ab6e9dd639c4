//! One run, mapped and searched. Whatever its bytes are, a search ends in an answer or an error, never outside the file.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::IndexError;
use super::filter::BLOCK_BYTES;
use super::format::{Header, ID_BYTES, Layout, SKETCH_BYTES};
use super::prefetch::prefetch;

pub struct Run {
    path: PathBuf,
    map: Mmap,
    header: Header,
    layout: Layout,
}

impl Run {
    /// Maps and checks the file; `needed` are the flags that it must have. Reads no more than the header.
    pub fn open(path: &Path, needed: u32) -> Result<Self, IndexError> {
        let failed = |error| IndexError::Io { act: "opening", path: path.into(), error };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() == 0 {
            return Err(IndexError::Damaged { path: path.into(), what: "it is empty".into() });
        }
        // SAFETY: published objects, and the runs of a night once written, are never altered or shortened; whoever breaks that
        // rule from outside gets wrong answers or a bus error, like with any mapped file.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        let header = Header::parse(&map, needed).map_err(|refusal| IndexError::refused(path, refusal))?;
        let layout = header.layout();
        // Records are fetched here and there: reading ahead would bring 128 KiB for each sketch. A hint; failing costs time only.
        #[cfg(unix)]
        let _ = map.advise_range(memmap2::Advice::Random, layout.ids.start, layout.sketches.end - layout.ids.start);
        Ok(Self { path: path.into(), layout, header, map })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn damaged(&self, what: &str) -> IndexError {
        IndexError::Damaged { path: self.path.clone(), what: what.into() }
    }

    pub fn filter(&self) -> &[[u8; BLOCK_BYTES]] {
        self.map[self.layout.filter.clone()].as_chunks().0
    }

    /// Ordinals of the documents that entered a key, in order, given where the entries of its partition lie and what is stored of
    /// it there.
    pub fn members(&self, start: usize, end: usize, rest: u64) -> impl Iterator<Item = u32> {
        let (mut first, mut after) = (start, end);
        while first < after {
            let middle = first.midpoint(after);
            if self.rest(middle) < rest { first = middle + 1 } else { after = middle }
        }
        (first..end).take_while(move |at| self.rest(*at) == rest).map(move |at| self.ordinal(at))
    }

    pub fn partitions(&self) -> &[[u8; 4]] {
        self.map[self.layout.partitions.clone()].as_chunks().0
    }

    /// Where the entries of a partition begin and end.
    #[inline]
    pub fn partition(&self, prefix: usize) -> Result<(usize, usize), IndexError> {
        let partitions = self.partitions();
        let (start, end) = (u32::from_le_bytes(partitions[prefix]) as usize, u32::from_le_bytes(partitions[prefix + 1]) as usize);
        if start > end || end as u64 > self.header.entries {
            return Err(self.damaged("its partitions are not in order"));
        }
        Ok((start, end))
    }

    /// `entry_bytes` an entry.
    pub fn entries(&self) -> &[u8] {
        &self.map[self.layout.entries.clone()]
    }

    /// What is stored of the key of an entry.
    #[inline]
    pub fn rest(&self, at: usize) -> u64 {
        let rest = self.entries()[at * self.header.entry_bytes()..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        rest & u64::MAX >> (64 - 8 * self.header.key_bytes())
    }

    /// The document of an entry.
    #[inline]
    pub fn ordinal(&self, at: usize) -> u32 {
        let bytes = &self.entries()[at * self.header.entry_bytes() + self.header.key_bytes()..];
        bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The bytes of a section.
    pub fn section(&self, of: impl Fn(&Layout) -> Range<usize>) -> &[u8] {
        &self.map[of(&self.layout)]
    }

    /// Tells the system that the file is read once from begin to end.
    pub fn read_ahead(&self) {
        #[cfg(unix)]
        let _ = self.map.advise(memmap2::Advice::Sequential); // a hint: without it merging is only slower
    }

    fn record<const N: usize>(&self, section: &Range<usize>, ordinal: u32) -> Result<&[u8; N], IndexError> {
        let records = self.map[section.clone()].as_chunks::<N>().0;
        records.get(ordinal as usize).ok_or_else(|| self.damaged("a key belongs to a document that it does not hold"))
    }

    /// Asks for what comparing with a document reads.
    pub fn prefetch_sketch(&self, ordinal: u32) {
        let at = ordinal as usize;
        for line in (0..SKETCH_BYTES).step_by(64) {
            prefetch(&self.map[self.layout.sketches.clone()], at * SKETCH_BYTES + line);
        }
    }

    pub fn id(&self, ordinal: u32) -> Result<&[u8; ID_BYTES], IndexError> {
        self.record(&self.layout.ids, ordinal)
    }

    pub fn digest(&self, ordinal: u32) -> Result<&[u8; 16], IndexError> {
        self.record(&self.layout.digests, ordinal)
    }

    pub fn sketch(&self, ordinal: u32) -> Result<&[u8; SKETCH_BYTES], IndexError> {
        self.record(&self.layout.sketches, ordinal)
    }
}

//! One run, mapped and searched. Whatever its bytes are, a search ends in an answer or an error, never outside the file.

use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::IndexError;
use super::filter;
use super::format::{Header, ID_BYTES, Layout, SKETCH_BYTES};

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
        Ok(Self { path: path.into(), layout: header.layout(), header, map })
    }

    fn damaged(&self, what: &str) -> IndexError {
        IndexError::Damaged { path: self.path.clone(), what: what.into() }
    }

    #[inline]
    pub fn may_hold(&self, key: u64) -> bool {
        filter::may_hold(self.map[self.layout.filter.clone()].as_chunks().0, key)
    }

    /// Ordinals of the documents that entered `key`, in order.
    pub fn members(&self, key: u64) -> Result<impl Iterator<Item = u32>, IndexError> {
        let partitions = self.map[self.layout.partitions.clone()].as_chunks::<4>().0;
        let prefix = key.checked_shr(64 - self.header.partition_bits as u32).unwrap_or(0) as usize;
        let start = u32::from_le_bytes(partitions[prefix]) as usize;
        let end = u32::from_le_bytes(partitions[prefix + 1]) as usize;
        let keys = self.map[self.layout.keys.clone()].as_chunks::<8>().0;
        let within = keys.get(start..end).ok_or_else(|| self.damaged("its partitions are not in order"))?;
        let first = start + within.partition_point(|other| u64::from_le_bytes(*other) < key);
        let equal = keys[first..end].iter().take_while(move |other| u64::from_le_bytes(**other) == key);
        let ordinals = &self.map[self.layout.ordinals.clone()].as_chunks::<4>().0[first..end];
        Ok(equal.zip(ordinals).map(|(_, ordinal)| u32::from_le_bytes(*ordinal)))
    }

    fn record<const N: usize>(&self, section: &std::ops::Range<usize>, ordinal: u32) -> Result<&[u8; N], IndexError> {
        let records = self.map[section.clone()].as_chunks::<N>().0;
        records.get(ordinal as usize).ok_or_else(|| self.damaged("a key belongs to a document that it does not hold"))
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

//! Writes a run of keys front to back in one pass over its ascending keys: they walk the filter forwards too.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::run::{BLOCK_BYTES, Block, Entry, HEADER_BYTES, ID_BYTES, Kind, MAGIC, bit, place};
use crate::kernels::file_section::Section;

/// At 12 bits a key about one miss in 200 is taken for a hit.
const BITS_PER_KEY: usize = 12;

pub struct RunWriter {
    file: File,
    width: usize,
    bytes: usize,
    blocks: usize,
    filter: Section,
    keys: Section,
    holders: Section,
    counts: Section,
    ids: Section,
    /// The block of the filter that is filling.
    block: usize,
    bits: Block,
}

impl RunWriter {
    /// For so many keys, of so many documents, exactly.
    pub fn create(path: &Path, kind: Kind, keys: usize, documents: usize) -> io::Result<Self> {
        let blocks = (keys * BITS_PER_KEY).div_ceil(BLOCK_BYTES * 8);
        let mut at = HEADER_BYTES;
        let mut section = |bytes: usize| {
            let start = at;
            at += bytes;
            Section::new(&(start..at))
        };
        let filter = section(blocks * BLOCK_BYTES);
        let [keys_at, holders, counts, ids] = [keys * kind.width, keys * 4, keys, documents * ID_BYTES].map(section);
        let file = File::create(path)?;
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        for (at, number) in [(8, kind.width), (16, keys), (24, documents), (32, blocks)] {
            header[at..at + 8].copy_from_slice(&(number as u64).to_le_bytes());
        }
        header[40..72].copy_from_slice(&kind.rules);
        file.write_all_at(&header, 0)?;
        let bits = [0; BLOCK_BYTES];
        Ok(Self { file, width: kind.width, bytes: at, blocks, filter, keys: keys_at, holders, counts, ids, block: 0, bits })
    }

    /// The next entry: keys ascend, each once.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.fill_filter(place(entry.key, self.blocks))?;
        for (i, word) in self.bits.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            *word = (u32::from_le_bytes(*word) | bit(entry.key, i)).to_le_bytes();
        }
        self.keys.put(&self.file, &entry.key.to_be_bytes()[..self.width])?;
        self.holders.put(&self.file, &entry.holder.to_le_bytes())?;
        self.counts.put(&self.file, &[entry.count])
    }

    /// The ids of the next documents.
    pub fn ids(&mut self, ids: &[[u8; ID_BYTES]]) -> io::Result<()> {
        self.ids.put(&self.file, ids.as_flattened())
    }

    /// How many bytes the file has. An error of kind `InvalidInput` if not all came that was announced.
    pub fn finish(mut self) -> io::Result<u64> {
        self.fill_filter(self.blocks)?;
        for section in [&mut self.filter, &mut self.keys, &mut self.holders, &mut self.counts, &mut self.ids] {
            section.finish(&self.file)?;
        }
        Ok(self.bytes as u64)
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

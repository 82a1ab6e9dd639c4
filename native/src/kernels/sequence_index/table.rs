//! Tonight's kept documents until they fill a run: open addressing over their keys, and their records in order.
//!
//! Entries of one key lie in the order in which they were put, since a search walks the way that the insertions walked and
//! nothing is ever taken out.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::filter::{BLOCK_BYTES, insert, place};
use super::format::{HOLDS_BANDS, HOLDS_DIGESTS, Header, ID_BYTES, MOST_DOCUMENTS, SKETCH_BYTES};
use crate::kernels::minhash::BANDS;

/// Keys of one document: its bands and its digest.
pub const KEYS: usize = BANDS + 1;
/// Four slots for three entries.
const SLOT_BYTES: usize = KEYS * 16 * 4 / 3;
/// How much is hashed and written at once.
const OUTPUT_BYTES: usize = 1 << 20;
const RECORD_BYTES: usize = ID_BYTES + 16 + 4 + SKETCH_BYTES;

pub struct Table {
    flags: u32,
    capacity: usize,
    /// Key, and ordinal + 1; 0 there says empty.
    slots: Vec<[u64; 2]>,
    entries: usize,
    ids: Vec<[u8; ID_BYTES]>,
    digests: Vec<[u8; 16]>,
    shingles: Vec<u32>,
    sketches: Vec<[u8; SKETCH_BYTES]>,
}

/// One row to be kept, or compared.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub id: &'a [u8; ID_BYTES],
    pub digest: &'a [u8; 16],
    pub shingles: u32,
    pub sketch: &'a [u8; SKETCH_BYTES],
}

/// What was written; the SHA-256 in hexadecimal.
pub struct Written {
    pub bytes: u64,
    pub documents: u64,
    pub sha256: String,
}

impl Table {
    /// The number of documents follows from the memory alone: runs are cut at the same places however rows arrive. Memory is
    /// reserved at once but only used as documents come.
    pub fn new(flags: u32, memory_bytes: u64) -> Self {
        let capacity = (memory_bytes / (SLOT_BYTES + RECORD_BYTES) as u64).clamp(1, MOST_DOCUMENTS) as usize;
        let sketches = if flags & HOLDS_BANDS == 0 { 0 } else { capacity };
        Self {
            flags,
            capacity,
            slots: vec![[0; 2]; (capacity * KEYS * 4).div_ceil(3)],
            entries: 0,
            ids: Vec::with_capacity(capacity),
            digests: Vec::with_capacity(capacity),
            shingles: Vec::with_capacity(capacity),
            sketches: Vec::with_capacity(sketches),
        }
    }

    pub fn room(&self) -> usize {
        self.capacity - self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ordinals that entered `key`, in order.
    pub fn members(&self, key: u64) -> impl Iterator<Item = u32> {
        let home = place(key, self.slots.len());
        let chain = self.slots[home..].iter().chain(&self.slots[..home]).take_while(|slot| slot[1] != 0);
        chain.filter(move |slot| slot[0] == key).map(|slot| (slot[1] - 1) as u32)
    }

    pub fn id(&self, ordinal: u32) -> &[u8; ID_BYTES] {
        &self.ids[ordinal as usize]
    }

    pub fn digest(&self, ordinal: u32) -> &[u8; 16] {
        &self.digests[ordinal as usize]
    }

    pub fn sketch(&self, ordinal: u32) -> &[u8; SKETCH_BYTES] {
        &self.sketches[ordinal as usize]
    }

    /// Keeps a row under at most `KEYS` keys. There must be room.
    pub fn keep(&mut self, row: Row, keys: impl Iterator<Item = u64>) {
        let ordinal = self.ids.len() as u64 + 1;
        self.ids.push(*row.id);
        self.digests.push(*row.digest);
        self.shingles.push(row.shingles);
        if self.flags & HOLDS_BANDS != 0 {
            self.sketches.push(*row.sketch);
        }
        for key in keys {
            let mut at = place(key, self.slots.len());
            while self.slots[at][1] != 0 {
                at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
            }
            self.slots[at] = [key, ordinal];
            self.entries += 1;
        }
    }

    /// Writes a run of all that is here, and is empty again. Sorts in place: no second copy of the entries.
    pub fn write(&mut self, path: &Path) -> io::Result<Written> {
        let mut filled = 0;
        for at in 0..self.slots.len() {
            if self.slots[at][1] != 0 {
                self.slots.swap(filled, at);
                filled += 1;
            }
        }
        self.slots[..filled].sort_unstable();
        let header = Header::new(self.flags & (HOLDS_DIGESTS | HOLDS_BANDS), self.ids.len() as u64, filled as u64);
        let mut out = Output::create(path)?;
        self.write_sections(&header, &mut out)?;
        let written = out.finish(header.documents)?;
        self.slots.fill([0; 2]);
        self.entries = 0;
        self.ids.clear();
        self.digests.clear();
        self.shingles.clear();
        self.sketches.clear();
        Ok(written)
    }

    fn write_sections(&self, header: &Header, out: &mut Output) -> io::Result<()> {
        let entries = &self.slots[..self.entries];
        out.put(&header.to_bytes())?;
        out.align()?;
        let mut begin = 0;
        for prefix in 0..=1u64 << header.partition_bits {
            let below = |entry: &&[u64; 2]| entry[0].checked_shr(64 - header.partition_bits as u32).unwrap_or(0) < prefix;
            begin += entries[begin..].iter().take_while(below).count();
            out.put(&(begin as u32).to_le_bytes())?;
        }
        let mut filter = vec![[0; BLOCK_BYTES]; header.filter_blocks as usize];
        for [key, _] in entries {
            insert(&mut filter, *key);
        }
        out.section(&filter)?;
        out.align()?;
        entries.iter().try_for_each(|entry| out.put(&entry[0].to_le_bytes()))?;
        out.align()?;
        entries.iter().try_for_each(|entry| out.put(&(entry[1] as u32 - 1).to_le_bytes()))?;
        out.section(&self.ids)?;
        out.section(&self.digests)?;
        out.align()?;
        self.shingles.iter().try_for_each(|shingles| out.put(&shingles.to_le_bytes()))?;
        out.section(&self.sketches)
    }
}

/// Hashes what it writes, so that the run is not read again for its checksum.
struct Output {
    file: File,
    buffer: Vec<u8>,
    hash: Sha256,
    bytes: u64,
}

impl Output {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(path)?, buffer: Vec::with_capacity(2 * OUTPUT_BYTES), hash: Sha256::new(), bytes: 0 })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        for piece in bytes.chunks(OUTPUT_BYTES) {
            self.buffer.extend_from_slice(piece);
            if self.buffer.len() >= OUTPUT_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hash.update(&self.buffer);
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn align(&mut self) -> io::Result<()> {
        let gap = (self.bytes.next_multiple_of(64) - self.bytes) as usize;
        self.put(&[0; 64][..gap])
    }

    fn section<const N: usize>(&mut self, records: &[[u8; N]]) -> io::Result<()> {
        self.align()?;
        self.put(records.as_flattened())
    }

    fn finish(mut self, documents: u64) -> io::Result<Written> {
        self.flush()?;
        let sha256 = format!("{:x}", self.hash.finalize());
        Ok(Written { bytes: self.bytes, documents, sha256 })
    }
}

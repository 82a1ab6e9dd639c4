//! The file of one run: kept documents in the order in which they were kept, and the keys that find them.
//!
//! All numbers are little-endian; each section begins at a multiple of 64 bytes, the gap filled with zeros. The places of the
//! sections follow from the header, so there is nothing in a file that could contradict it.
//!
//! | section | form | what it holds |
//! | --- | --- | --- |
//! | header | 128 bytes | below |
//! | partitions | u32 x (2^partition_bits + 1) | where the keys with each prefix of that many bits begin; the last is `entries` |
//! | filter | 32 bytes x filter_blocks | blocked Bloom filter over the keys, see `filter` |
//! | entries | (`key_bytes` + 4) x entries | a key without the bits that name the partition, then u32: the document that it belongs to. Keys ascend, equal ones in order of their documents |
//! | ids | 16 bytes x documents | `doc_id` |
//! | digests | 16 bytes x documents | XXH3-128 of the text |
//! | shingles | u32 x documents | |
//! | sketches | `SKETCH_BYTES` x documents | only with `HOLDS_BANDS` |
//!
//! | header at | form | |
//! | --- | --- | --- |
//! | 0 | 8 bytes | `quernrun` |
//! | 8 | u32 | version of this form |
//! | 12 | u32 | flags: `HOLDS_DIGESTS`, `HOLDS_BANDS`: which keys were entered; from bit `BAND_KIND` on whose bands, 0: our own |
//! | 16, 20 | u32, u32 | `BAND_VERSION`, `SKETCH_VERSION` of the signatures |
//! | 24, 32 | u64, u64 | documents, entries |
//! | 40 | u64 | partition_bits |
//! | 48 | u64 | filter_blocks |
//! | 56 | u64 | bytes of the whole file |
//! | 64 to 119 | zeros | |
//! | 120 | u64 | XXH3-64 of bytes 0 to 119 |

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::filter::{BLOCK_BYTES, blocks_for};
pub use crate::kernels::minhash::SKETCH_BYTES;
use crate::kernels::minhash::{BAND_VERSION, SKETCH_VERSION};

pub const MAGIC: &[u8; 8] = b"quernrun";
pub const VERSION: u32 = 3;
pub const HEADER_BYTES: usize = 128;
pub const HOLDS_DIGESTS: u32 = 1;
pub const HOLDS_BANDS: u32 = 2;
/// The upper 24 bits of the flags number the definition of the bands. Keys of two definitions never meet.
pub const BAND_KIND: u32 = 8;
pub const ID_BYTES: usize = 16;
/// Ordinals and, at 15 entries a document, places of entries stay within 32 bits.
pub const MOST_DOCUMENTS: u64 = 1 << 28;
pub const MOST_ENTRIES: u64 = u32::MAX as u64;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header {
    pub flags: u32,
    pub documents: u64,
    pub entries: u64,
    pub partition_bits: u64,
    pub filter_blocks: u64,
}

/// Byte ranges of the sections.
#[derive(Clone, Debug)]
pub struct Layout {
    pub partitions: Range<usize>,
    pub filter: Range<usize>,
    pub entries: Range<usize>,
    pub ids: Range<usize>,
    pub digests: Range<usize>,
    pub shingles: Range<usize>,
    pub sketches: Range<usize>,
}

/// What keeps a file from being read as a run.
#[derive(Debug, PartialEq)]
pub enum Refusal {
    /// It does not have the bytes of a run.
    Damaged(String),
    /// It is whole, but made by another version or with other stages.
    OtherRules(String),
}

impl Header {
    pub fn new(flags: u32, documents: u64, entries: u64) -> Self {
        // 16 to 31 keys a partition: a search stays within four cache lines.
        let partition_bits = u64::from((entries / 16).max(1).ilog2());
        Self { flags, documents, entries, partition_bits, filter_blocks: blocks_for(entries) }
    }

    /// What a key takes: the partition says its upper bits. 5 bytes from 2^28 entries on, 8 of the smallest runs.
    pub fn key_bytes(&self) -> usize {
        (64 - self.partition_bits as usize).div_ceil(8)
    }

    /// A key and its ordinal lie together: a lookup that is no miss then reads one page, not two.
    #[inline]
    pub fn entry_bytes(&self) -> usize {
        self.key_bytes() + 4
    }

    /// The partition of a key, and what is stored of it there.
    #[inline]
    pub fn split(&self, key: u64) -> (usize, u64) {
        let below = 64 - self.partition_bits as u32;
        (key.checked_shr(below).unwrap_or(0) as usize, key & u64::MAX.checked_shr(64 - below).unwrap_or(0))
    }

    /// The key of a partition and what is stored there.
    #[inline]
    pub fn join(&self, prefix: usize, rest: u64) -> u64 {
        (prefix as u64).checked_shl(64 - self.partition_bits as u32).unwrap_or(0) | rest
    }

    pub fn layout(&self) -> Layout {
        let mut at = HEADER_BYTES;
        let mut section = |count: u64, width: usize| {
            let start = at.next_multiple_of(64);
            at = start + count as usize * width;
            start..at
        };
        let partitions = section((1 << self.partition_bits) + 1, 4);
        let filter = section(self.filter_blocks, BLOCK_BYTES);
        let entries = section(self.entries, self.entry_bytes());
        let ids = section(self.documents, ID_BYTES);
        let digests = section(self.documents, 16);
        let shingles = section(self.documents, 4);
        let sketches = section(if self.flags & HOLDS_BANDS == 0 { 0 } else { self.documents }, SKETCH_BYTES);
        Layout { partitions, filter, entries, ids, digests, shingles, sketches }
    }

    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        for (at, value) in [(8, VERSION), (12, self.flags), (16, BAND_VERSION), (20, SKETCH_VERSION)] {
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let length = self.layout().sketches.end as u64;
        for (at, value) in [(24, self.documents), (32, self.entries), (40, self.partition_bits), (48, self.filter_blocks), (56, length)] {
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let checksum = xxh3_64(&bytes[..120]);
        bytes[120..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads and checks the header of a file of `length` bytes; `needed` are the flags that it must have.
    pub fn parse(file: &[u8], needed: u32) -> Result<Self, Refusal> {
        let damaged = |what: &str| Err(Refusal::Damaged(what.into()));
        let Some(bytes) = file.first_chunk::<HEADER_BYTES>() else { return damaged("it is shorter than a header") };
        let short = |at: usize| bytes[at..].first_chunk().map_or(0, |chunk| u32::from_le_bytes(*chunk));
        let long = |at: usize| bytes[at..].first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
        if &bytes[..8] != MAGIC {
            return damaged("it does not begin like a run");
        }
        if long(120) != xxh3_64(&bytes[..120]) {
            return damaged("its header does not have its checksum");
        }
        for (what, found, known) in
            [("form", short(8), VERSION), ("bands", short(16), BAND_VERSION), ("sketches", short(20), SKETCH_VERSION)]
        {
            if found != known {
                return Err(Refusal::OtherRules(format!("its {what} are of version {found}, this program makes version {known}")));
            }
        }
        let header = Self { flags: short(12), documents: long(24), entries: long(32), partition_bits: long(40), filter_blocks: long(48) };
        if header.documents > MOST_DOCUMENTS || header.entries > MOST_ENTRIES {
            return damaged("it claims more documents than a run can have");
        }
        if header != Self::new(header.flags, header.documents, header.entries) {
            return damaged("its header contradicts itself");
        }
        if header.layout().sketches.end != file.len() || long(56) != file.len() as u64 {
            return damaged("it does not have the length that its header names");
        }
        for (flag, kind) in [(HOLDS_DIGESTS, "exact"), (HOLDS_BANDS, "near")] {
            if needed & !header.flags & flag != 0 {
                return Err(Refusal::OtherRules(format!("it was made without {kind} duplicates and cannot find any")));
            }
        }
        if needed & HOLDS_BANDS != 0 && (needed ^ header.flags) >> BAND_KIND != 0 {
            return Err(Refusal::OtherRules("its bands are defined in another way, and would find nothing".into()));
        }
        Ok(header)
    }
}

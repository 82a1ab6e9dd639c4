//! An immutable file of keys: who holds each first, and how many kept documents hold it. Written sorted, mapped to be searched.
//!
//! Header (128 bytes), filter, keys (big-endian, ascending), ordinals of their first holders (u32), counts (u8), ids of the
//! holders (16 bytes each). Numbers are little-endian. Whatever the bytes are, a search ends in an answer, never outside the file.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::KeyIndexError;

pub const ID_BYTES: usize = 16;
pub const HEADER_BYTES: usize = 128;
pub const MAGIC: &[u8; 8] = b"QKEYRUN1";
pub const BLOCK_BYTES: usize = 32;
/// Those of Parquet's split-block Bloom filter.
const SALTS: [u32; 8] = [0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31];

pub type Block = [u8; BLOCK_BYTES];

#[derive(Clone, Copy)]
pub struct Entry {
    pub key: u128,
    /// Ordinal among the run's holders.
    pub holder: u32,
    /// Kept documents that hold the key, at most the limit that was asked about.
    pub count: u8,
}

pub struct Run {
    path: PathBuf,
    map: Mmap,
    kind: Kind,
    filter: Range<usize>,
    keys: Range<usize>,
    holders: Range<usize>,
    counts: Range<usize>,
    ids: Range<usize>,
}

/// What a run was made for: runs of other keys are refused.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Kind {
    /// Bytes of a key: 8 or 16.
    pub width: usize,
    /// SHA-256 of what decides the keys.
    pub rules: [u8; 32],
}

/// Where in 0..`length` a key falls by its upper bits: ascending keys give ascending places.
pub fn place(key: u128, length: usize) -> usize {
    (((key >> 64) * length as u128) >> 64) as usize
}

pub fn bit(key: u128, word: usize) -> u32 {
    1 << (((key >> 64) as u32).wrapping_mul(SALTS[word]) >> 27)
}

fn may_hold(filter: &[Block], key: u128) -> bool {
    let block = filter.get(place(key, filter.len()));
    block.is_some_and(|block| block.as_chunks::<4>().0.iter().enumerate().all(|(i, word)| u32::from_le_bytes(*word) & bit(key, i) != 0))
}

/// Widens a stored key: a narrow one takes the upper half.
pub fn key_of(bytes: &[u8]) -> u128 {
    let mut whole = [0; 16];
    whole[..bytes.len()].copy_from_slice(bytes);
    u128::from_be_bytes(whole)
}

impl Run {
    /// Maps and checks the file; without a kind, any will do.
    pub fn open(path: &Path, kind: Option<Kind>) -> Result<Self, KeyIndexError> {
        let failed = |error| KeyIndexError::Io { act: "opening", path: path.into(), error };
        let damaged = |what: &str| KeyIndexError::Damaged { path: path.into(), what: what.into() };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() < HEADER_BYTES as u64 {
            return Err(damaged("it is shorter than its header"));
        }
        // SAFETY: published objects, and the runs of a night once written, are never altered or shortened; whoever breaks that
        // rule from outside gets wrong answers or a bus error, like with any mapped file.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        if &map[..8] != MAGIC {
            return Err(damaged("it does not begin like a run of keys"));
        }
        let number = |at: usize| u64::from_le_bytes(*map[at..].first_chunk().expect("the header is longer"));
        let [width, keys, documents, blocks] = [8, 16, 24, 32].map(number);
        let own = Kind { width: width as usize, rules: *map[40..].first_chunk().expect("the header is longer") };
        if !matches!(width, 8 | 16) {
            return Err(damaged("its header names impossible sizes"));
        }
        if kind.is_some_and(|kind| own != kind) {
            return Err(KeyIndexError::OtherRules { path: path.into(), what: "its keys were made under other settings".into() });
        }
        let mut at = HEADER_BYTES as u64;
        let mut section = |count: u64, width: u64| -> Option<Range<usize>> {
            let end = at.checked_add(count.checked_mul(width)?)?;
            let range = at as usize..end as usize;
            at = end;
            Some(range)
        };
        let mut sections = || {
            let filter = section(blocks, BLOCK_BYTES as u64)?;
            Some([filter, section(keys, width)?, section(keys, 4)?, section(keys, 1)?, section(documents, ID_BYTES as u64)?])
        };
        let Some([filter, keys, holders, counts, ids]) = sections() else {
            return Err(damaged("its header names impossible sizes"));
        };
        if at != map.len() as u64 {
            return Err(damaged(&format!("it has {} bytes, and its header says {at}", map.len())));
        }
        Ok(Self { path: path.into(), kind: own, filter, keys, holders, counts, ids, map })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn ids(&self) -> &[[u8; ID_BYTES]] {
        self.map[self.ids.clone()].as_chunks().0
    }

    /// Tells the system that the file is read from begin to end.
    pub fn read_ahead(&self) {
        #[cfg(unix)]
        let _ = self.map.advise(memmap2::Advice::Sequential); // a hint: without it merging is only slower
    }

    pub fn damaged(&self, what: &str) -> KeyIndexError {
        KeyIndexError::Damaged { path: self.path.clone(), what: what.into() }
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    pub fn key(&self, at: usize) -> u128 {
        key_of(&self.map[self.keys.start + at * self.kind.width..][..self.kind.width])
    }

    pub fn entry(&self, at: usize) -> Entry {
        let holder = self.map[self.holders.start + at * 4..].first_chunk().map_or(u32::MAX, |bytes| u32::from_le_bytes(*bytes));
        Entry { key: self.key(at), holder, count: self.map[self.counts.start + at] }
    }

    /// Keys are hashes, so a key lies near the place that its upper bits say: the search widens from there.
    pub fn find(&self, key: u128) -> Option<Entry> {
        if !may_hold(self.map[self.filter.clone()].as_chunks().0, key) {
            return None;
        }
        let guess = place(key, self.len());
        let (mut low, mut high) = (guess, guess);
        let mut step = 16;
        while low > 0 && self.key(low) >= key {
            low = low.saturating_sub(step);
            step *= 2;
        }
        step = 16;
        while high < self.len() && self.key(high) < key {
            high = (high + step).min(self.len());
            step *= 2;
        }
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.len() && self.key(low) == key).then(|| self.entry(low))
    }

    pub fn id(&self, holder: u32) -> Result<[u8; ID_BYTES], KeyIndexError> {
        let id = self.ids().get(holder as usize).copied();
        id.ok_or_else(|| self.damaged("a key belongs to a document that it does not hold"))
    }
}

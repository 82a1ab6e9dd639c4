//! Many keys looked up in one run at a time. Each step of a lookup lies at a random place of the file, a cache line that is
//! waited for; so a block of lookups takes each step together, and has asked for all its lines before it reads the first.

use super::IndexError;
use super::filter::{self, BLOCK_BYTES, Mask};
use super::prefetch::prefetch;
use super::run::Run;
use super::table::KEYS;

/// Lookups that take their steps together: what they asked for must still be in the nearest cache when it is read.
pub const BLOCK: usize = 256;
const LINE: usize = 64;

#[derive(Clone, Copy)]
pub struct Query {
    pub key: u64,
    /// row * KEYS + number of the key.
    pub slot: u32,
}

/// The lookups of one block that still go on.
#[derive(Default)]
pub struct Search {
    masks: Vec<Mask>,
    places: Vec<usize>,
    going: Vec<(usize, usize, usize)>,
}

/// A document that entered the key of a query, by its ordinal.
pub type Hit = (u32, u32);

impl Search {
    /// Takes the next block, of at most `BLOCK` queries.
    pub fn begin(&mut self, block: &[Query]) {
        self.masks.clear();
        self.masks.extend(block.iter().map(|query| filter::mask(query.key)));
    }

    /// Adds what the run holds of the block begun to `hits`, and to the queries' `entered`, which it leaves at most at `limit`.
    pub fn ask(&mut self, run: &Run, block: &[Query], limit: u16, entered: &mut [u16], hits: &mut Vec<Hit>) -> Result<(), IndexError> {
        let filter: &[[u8; BLOCK_BYTES]] = run.filter();
        if filter.is_empty() {
            return Ok(());
        }
        self.places.clear();
        for query in block {
            let place = filter::place(query.key, filter.len());
            prefetch(filter, place);
            self.places.push(place);
        }
        self.going.clear();
        for (at, (mask, place)) in self.masks.iter().zip(&self.places).enumerate() {
            if filter::holds(&filter[*place], mask) && entered[block[at].slot as usize] < limit {
                self.going.push((at, 0, 0));
            }
        }
        let header = run.header();
        for (at, ..) in &self.going {
            prefetch(run.partitions(), header.split(block[*at].key).0);
        }
        let width = header.entry_bytes();
        for (at, start, end) in &mut self.going {
            (*start, *end) = run.partition(header.split(block[*at].key).0)?;
            for line in (*start * width..*end * width).step_by(LINE) {
                prefetch(run.entries(), line);
            }
        }
        for (at, start, end) in &self.going {
            let Query { key, slot } = block[*at];
            let entered = &mut entered[slot as usize];
            for ordinal in run.members(*start, *end, header.split(key).1).take(usize::from(limit - *entered)) {
                hits.push((ordinal, slot));
                *entered += 1;
            }
        }
        Ok(())
    }
}

/// Which row and which of its keys a slot names.
pub fn row_and_key(slot: u32) -> (usize, usize) {
    (slot as usize / KEYS, slot as usize % KEYS)
}

//! What all runs say about a chunk of rows. It does not depend on what becomes of the rows, so it is asked run by run.

use std::collections::HashSet;

use super::format::{ID_BYTES, SKETCH_BYTES};
use super::run::Run;
use super::search::{BLOCK, Hit, Query, Search, row_and_key};
use super::table::KEYS;
use super::{BANDS, IndexError, Rows};
use crate::kernels::minhash::equal_values;

/// Queries are sorted by so many first bits of their keys.
const STRETCH_BITS: u32 = 12;
/// How many comparisons ahead records are asked for.
const AHEAD: usize = 8;

/// The most similar document so far.
#[derive(Clone, Copy)]
pub struct Near {
    /// Sketch values in common.
    pub equal: u16,
    /// Which run holds it, and where; the number after the last run's is tonight's table. Its id is fetched when it is a survivor.
    pub run: u32,
    pub ordinal: u32,
}

/// What was found for one row, earliest first.
#[derive(Clone, Copy, Default)]
pub struct Found {
    pub exact: Option<[u8; ID_BYTES]>,
    pub near: Option<Near>,
}

impl Found {
    /// Offers come in order of the documents: of equal ones the first stays.
    pub fn offer(&mut self, equal: u16, run: usize, ordinal: u32) {
        if self.near.is_none_or(|near| equal > near.equal) {
            self.near = Some(Near { equal, run: run as u32, ordinal });
        }
    }
}

pub struct Gathered {
    pub found: Vec<Found>,
    /// For every row and key how many documents had entered it, at most the limit.
    pub entered: Vec<u16>,
}

pub fn gather(
    runs: &[Run],
    erased: &HashSet<[u8; ID_BYTES]>,
    rows: &Rows,
    sketches: &[[u8; SKETCH_BYTES]],
    flags: u32,
    limit: u16,
) -> Result<Gathered, IndexError> {
    let count = rows.candidates.len();
    let mut gathered = Gathered { found: vec![Found::default(); count], entered: vec![0; count * KEYS] };
    if runs.is_empty() {
        return Ok(gathered);
    }
    let queries = in_walking_order(rows, flags);
    let mut hits: Vec<Vec<Hit>> = runs.iter().map(|_| Vec::new()).collect();
    let mut search = Search::default();
    for block in queries.chunks(BLOCK) {
        search.begin(block);
        for (run, hits) in runs.iter().zip(&mut hits) {
            search.ask(run, block, limit, &mut gathered.entered, hits)?;
        }
    }
    for (at, hits) in hits.iter_mut().enumerate() {
        compare((at, &runs[at]), erased, rows, sketches, hits, &mut gathered.found)?;
    }
    Ok(gathered)
}

/// What all rows ask, ascending by the first bits of the key, so that runs are walked forwards. Which of two neighbours comes
/// first makes no difference: each answer stands alone.
fn in_walking_order(rows: &Rows, flags: u32) -> Vec<Query> {
    let alive = || (0..rows.candidates.len()).filter(|row| rows.candidates[*row] != 0);
    let all = || alive().flat_map(|row| rows.keys(row, flags).map(move |(which, key)| Query { key, slot: (row * KEYS + which) as u32 }));
    let stretch = |key: u64| (key >> (u64::BITS - STRETCH_BITS)) as usize;
    let mut next = vec![0; (1 << STRETCH_BITS) + 1];
    all().for_each(|query| next[stretch(query.key) + 1] += 1);
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let mut queries = vec![Query { key: 0, slot: 0 }; next[next.len() - 1]];
    for query in all() {
        let place = &mut next[stretch(query.key)];
        queries[*place] = query;
        *place += 1;
    }
    queries
}

/// Fetches records in the order in which they lie in the run.
fn compare(
    (at, run): (usize, &Run),
    erased: &HashSet<[u8; ID_BYTES]>,
    rows: &Rows,
    sketches: &[[u8; SKETCH_BYTES]],
    hits: &mut [(u32, u32)],
    found: &mut [Found],
) -> Result<(), IndexError> {
    hits.sort_unstable();
    let mut last = None;
    for (hit, &(ordinal, slot)) in hits.iter().enumerate() {
        if let Some((ahead, _)) = hits.get(hit + AHEAD) {
            run.prefetch_sketch(*ahead);
        }
        if !erased.is_empty() && erased.contains(run.id(ordinal)?) {
            continue;
        }
        let (row, which) = row_and_key(slot);
        if which == BANDS {
            if found[row].exact.is_none() && run.digest(ordinal)? == rows.digest(row) {
                found[row].exact = Some(*run.id(ordinal)?);
            }
        } else if last != Some((ordinal, row)) {
            last = Some((ordinal, row));
            found[row].offer(equal_values(run.sketch(ordinal)?, &sketches[row]), at, ordinal);
        }
    }
    Ok(())
}

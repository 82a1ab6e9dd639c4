//! What all runs say about a chunk of rows. It does not depend on what becomes of the rows, so it is asked run by run.

use super::format::{ID_BYTES, SKETCH_BYTES};
use super::run::Run;
use super::table::KEYS;
use super::{BANDS, IndexError, Rows};
use crate::kernels::minhash::equal_values;

/// The most similar document so far.
#[derive(Clone, Copy)]
pub struct Near {
    /// Sketch values in common.
    pub equal: u16,
    pub id: [u8; ID_BYTES],
}

/// What was found for one row, earliest first.
#[derive(Clone, Copy, Default)]
pub struct Found {
    pub exact: Option<[u8; ID_BYTES]>,
    pub near: Option<Near>,
}

impl Found {
    /// Offers come in order of the documents: of equal ones the first stays.
    pub fn offer(&mut self, equal: u16, id: &[u8; ID_BYTES]) {
        if self.near.is_none_or(|near| equal > near.equal) {
            self.near = Some(Near { equal, id: *id });
        }
    }
}

pub struct Gathered {
    pub found: Vec<Found>,
    /// For every row and key how many documents had entered it, at most the limit.
    pub entered: Vec<u16>,
}

struct Query {
    key: u64,
    /// row * KEYS + number of the key.
    slot: u32,
}

pub fn gather(runs: &[Run], rows: &Rows, sketches: &[[u8; SKETCH_BYTES]], flags: u32, limit: u16) -> Result<Gathered, IndexError> {
    let count = rows.candidates.len();
    let mut gathered = Gathered { found: vec![Found::default(); count], entered: vec![0; count * KEYS] };
    if runs.is_empty() {
        return Ok(gathered);
    }
    let alive = (0..count).filter(|row| rows.candidates[*row] != 0);
    let mut queries: Vec<Query> =
        alive.flat_map(|row| rows.keys(row, flags).map(move |(which, key)| Query { key, slot: (row * KEYS + which) as u32 })).collect();
    queries.sort_unstable_by_key(|query| query.key);
    let mut hits: Vec<(u32, u32)> = Vec::new();
    for run in runs {
        for query in &queries {
            let entered = &mut gathered.entered[query.slot as usize];
            if *entered < limit && run.may_hold(query.key) {
                for ordinal in run.members(query.key)?.take(usize::from(limit - *entered)) {
                    hits.push((ordinal, query.slot));
                    *entered += 1;
                }
            }
        }
        compare(run, rows, sketches, &mut hits, &mut gathered.found)?;
        hits.clear();
    }
    Ok(gathered)
}

/// Fetches records in the order in which they lie in the run.
fn compare(
    run: &Run,
    rows: &Rows,
    sketches: &[[u8; SKETCH_BYTES]],
    hits: &mut [(u32, u32)],
    found: &mut [Found],
) -> Result<(), IndexError> {
    hits.sort_unstable();
    let mut last = None;
    for &(ordinal, slot) in &*hits {
        let (row, which) = (slot as usize / KEYS, slot as usize % KEYS);
        if which == BANDS {
            if found[row].exact.is_none() && run.digest(ordinal)? == rows.digest(row) {
                found[row].exact = Some(*run.id(ordinal)?);
            }
        } else if last != Some((ordinal, row)) {
            last = Some((ordinal, row));
            found[row].offer(equal_values(run.sketch(ordinal)?, &sketches[row]), run.id(ordinal)?);
        }
    }
    Ok(())
}

//! All duplicate checks of a dataset, in document order: which row is dropped, because of which kept document, how like it is.
//!
//! Greedy and without transitive closure: a row is compared with *kept* documents only, of earlier nights (runs, oldest first)
//! and of tonight, and enters the index only if it is kept itself. Of the documents that entered one key, the first
//! `bucket_members` are compared, and later ones are not entered at all: a template that 20,000 pages share costs each of them
//! a constant, and the answer does not depend on where runs begin. Hence three nights keep what one run over them keeps.
//!
//! Rows are decided in chunks that cannot fill the table half-way. Runs are asked for a whole chunk at once, its keys sorted,
//! so that filters, keys and records are walked forwards; only tonight's table is asked row by row.

mod filter;
mod format;
mod gather;
mod merge;
mod prefetch;
mod rows;
mod run;
mod run_writer;
mod search;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::minhash::{BANDS, equal_values, similarity};
use format::{BAND_KIND, ID_BYTES, Refusal};
pub use format::{HOLDS_BANDS, HOLDS_DIGESTS, Header};
use gather::{Near, gather};
pub use merge::merge;
pub use rows::Rows;
use run::Run;
pub use run_writer::{RunWriter, Written};
use table::{KEYS, Row, Table};

/// Rows that are looked up in the runs together: bounds what a decision holds besides the table.
const CHUNK: usize = 8192;
/// How many rows ahead tonight's table is asked for a row's keys.
const AHEAD: usize = 2;

#[derive(Clone, Debug)]
pub struct Options {
    /// Least estimated similarity of a near duplicate; none: no near duplicates.
    pub similarity: Option<f64>,
    pub exact: bool,
    /// How many documents of one bucket are compared.
    pub bucket_members: usize,
    /// Which definition the bands follow: less than 2^24, 0 for `minhash::sign`. Runs of another one are refused.
    pub band_kind: u32,
    /// For tonight's table; a run is written when it is full.
    pub memory_bytes: u64,
    /// Folder for tonight's runs; made when missing.
    pub scratch: PathBuf,
    /// Every candidate is kept, as one that was kept before: writes the runs again that a night once wrote.
    pub keep_all: bool,
}

pub const KEPT: u8 = 0;
pub const EXACT: u8 = 1;
pub const NEAR: u8 = 2;

#[derive(Debug, Default, PartialEq)]
pub struct Decisions {
    /// `KEPT` (also for rows that were no candidates), `EXACT` or `NEAR`.
    pub outcome: Vec<u8>,
    /// The kept document that the row repeats: the most similar one, the earliest of several. Zeros when the row is kept.
    pub survivor: Vec<u8>,
    /// Of a dropped row to its survivor (1 when exact); of a kept one the highest that was found, NaN if it was compared with none.
    pub similarity: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FinishedRun {
    pub path: PathBuf,
    pub bytes: u64,
    pub documents: u64,
}

#[derive(Debug)]
pub enum IndexError {
    Io { act: &'static str, path: PathBuf, error: io::Error },
    Damaged { path: PathBuf, what: String },
    OtherRules { path: PathBuf, what: String },
    Misuse(String),
}

impl IndexError {
    fn refused(path: &Path, refusal: Refusal) -> Self {
        match refusal {
            Refusal::Damaged(what) => Self::Damaged { path: path.into(), what },
            Refusal::OtherRules(what) => Self::OtherRules { path: path.into(), what },
        }
    }
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Io { act, path, error } => write!(f, "{act} the index run {}: {error}", path.display()),
            Self::Damaged { path, what } | Self::OtherRules { path, what } => {
                write!(f, "reading the index run {}: {what}", path.display())
            }
            Self::Misuse(what) => write!(f, "asking the sequence index: {what}"),
        }
    }
}

impl std::error::Error for IndexError {}

pub struct SequenceIndex {
    options: Options,
    flags: u32,
    /// Earlier nights' runs and, behind them, those written tonight.
    runs: Vec<Run>,
    /// Documents of earlier runs that are in the dataset no more: nobody is compared with them.
    erased: HashSet<[u8; ID_BYTES]>,
    table: Table,
    written: Vec<FinishedRun>,
    night: Night,
}

#[derive(Clone, Copy, PartialEq)]
enum Night {
    /// Earlier runs may still come.
    Before,
    During,
    Finished,
    /// A call did not reach its end: what is in memory may be half of something.
    Failed,
}

impl SequenceIndex {
    pub fn new(options: Options) -> Result<Self, IndexError> {
        let misuse = |what: String| Err(IndexError::Misuse(what));
        if let Some(similarity) = options.similarity
            && !(similarity > 0.0 && similarity <= 1.0)
        {
            return misuse(format!("a similarity of {similarity}, expected more than 0 and at most 1"));
        }
        if !(1..=usize::from(u16::MAX)).contains(&options.bucket_members) {
            return misuse(format!("{} bucket members, expected 1 to 65535", options.bucket_members));
        }
        let flags = if options.exact { HOLDS_DIGESTS } else { 0 } | if options.similarity.is_some() { HOLDS_BANDS } else { 0 };
        if flags == 0 {
            return misuse("neither exact nor near duplicates are wanted".into());
        }
        if options.band_kind >> (u32::BITS - BAND_KIND) != 0 {
            return misuse(format!("bands of kind {}, expected less than 2^24", options.band_kind));
        }
        let flags = flags | if options.similarity.is_some() { options.band_kind << BAND_KIND } else { 0 };
        let table = Table::new(flags, options.memory_bytes);
        Ok(Self { options, flags, runs: Vec::new(), erased: HashSet::new(), table, written: Vec::new(), night: Night::Before })
    }

    /// An earlier night's run: oldest first, all before the first row.
    pub fn add_run(&mut self, path: &Path) -> Result<(), IndexError> {
        if self.night != Night::Before {
            return Err(IndexError::Misuse("an earlier run came after the first row".into()));
        }
        self.runs.push(Run::open(path, self.flags)?);
        Ok(())
    }

    /// Documents of the runs (16 bytes each) that are nobody's survivor from now on. In a bucket they keep their place among the
    /// members that are compared, so that leaving them out costs no fetch of a record.
    pub fn erase(&mut self, ids: &[u8]) -> Result<(), IndexError> {
        let (ids, rest) = ids.as_chunks::<ID_BYTES>();
        if self.night != Night::Before || !rest.is_empty() {
            return Err(IndexError::Misuse("documents were erased after the first row, or their ids are no ids".into()));
        }
        self.erased.extend(ids);
        Ok(())
    }

    /// Until a call has reached its end the night counts as failed: no run is made from what an error left behind.
    fn begin(&mut self) -> Result<Night, IndexError> {
        match std::mem::replace(&mut self.night, Night::Failed) {
            Night::Failed => Err(IndexError::Misuse("an earlier call failed".into())),
            night => Ok(night),
        }
    }

    /// Decides the rows in order. After an error the index is of no further use.
    pub fn decide(&mut self, rows: &Rows) -> Result<Decisions, IndexError> {
        if self.begin()? == Night::Finished {
            return Err(IndexError::Misuse("rows came after the night was finished".into()));
        }
        let count = rows.check()?;
        let mut decisions =
            Decisions { outcome: vec![KEPT; count], survivor: vec![0; count * ID_BYTES], similarity: vec![f64::NAN; count] };
        let mut start = 0;
        while start < count {
            let end = count.min(start + CHUNK.min(self.table.room()));
            self.decide_chunk(&rows.slice(start, end), start, &mut decisions)?;
            if self.table.room() == 0 {
                self.flush()?;
            }
            start = end;
        }
        self.night = Night::During;
        Ok(decisions)
    }

    fn decide_chunk(&mut self, rows: &Rows, start: usize, decisions: &mut Decisions) -> Result<(), IndexError> {
        let sketches = rows.sketches();
        let gathered = gather(&self.runs, &self.erased, rows, sketches, self.flags, self.options.bucket_members as u16)?;
        let mut compared = Vec::new();
        let ahead = |row| rows.keys(row, self.flags).map(|(_, key)| key);
        for (row, sketch) in sketches.iter().enumerate().filter(|(row, _)| rows.candidates[*row] != 0) {
            if row + AHEAD < sketches.len() {
                ahead(row + AHEAD).for_each(|key| self.table.prefetch(key));
            }
            let mut found = gathered.found[row];
            let entered = &gathered.entered[row * KEYS..][..KEYS];
            let mut open = [false; KEYS];
            compared.clear();
            for (which, key) in rows.keys(row, self.flags) {
                let limit = self.options.bucket_members - usize::from(entered[which]);
                let mut members = 0;
                for ordinal in self.table.members(key).take(limit) {
                    members += 1;
                    if which < BANDS {
                        compared.push(ordinal);
                    } else if found.exact.is_none() && self.table.digest(ordinal) == rows.digest(row) {
                        found.exact = Some(*self.table.id(ordinal));
                    }
                }
                open[which] = members < limit;
            }
            if found.exact.is_none() {
                compared.sort_unstable();
                compared.dedup();
                for &ordinal in &compared {
                    found.offer(equal_values(self.table.sketch(ordinal), sketch), self.runs.len(), ordinal);
                }
            }
            let at = start + row;
            let likeness = found.near.map_or(f64::NAN, |near| similarity(near.equal));
            let (outcome, survivor, similarity) = match (found.exact, found.near, self.options.similarity) {
                _ if self.options.keep_all => (KEPT, [0; ID_BYTES], likeness),
                (Some(id), _, _) => (EXACT, id, 1.0),
                (None, Some(near), Some(limit)) if likeness >= limit => (NEAR, self.id(near)?, likeness),
                _ => (KEPT, [0; ID_BYTES], likeness),
            };
            decisions.outcome[at] = outcome;
            decisions.survivor[at * ID_BYTES..][..ID_BYTES].copy_from_slice(&survivor);
            decisions.similarity[at] = similarity;
            if outcome == KEPT {
                let kept = Row { id: rows.id(row), digest: rows.digest(row), shingles: rows.shingles[row], sketch };
                self.table.keep(kept, rows.keys(row, self.flags).filter(|(which, _)| open[*which]).map(|(_, key)| key));
            }
        }
        Ok(())
    }

    fn id(&self, near: Near) -> Result<[u8; ID_BYTES], IndexError> {
        self.runs.get(near.run as usize).map_or_else(|| Ok(*self.table.id(near.ordinal)), |run| run.id(near.ordinal).copied())
    }

    fn flush(&mut self) -> Result<(), IndexError> {
        let path = self.options.scratch.join(format!("{:05}.run", self.written.len()));
        let failed = |error| IndexError::Io { act: "writing", path: path.clone(), error };
        std::fs::create_dir_all(&self.options.scratch).map_err(failed)?;
        let Written { bytes, documents } = self.table.write(&path).map_err(failed)?;
        self.runs.push(Run::open(&path, self.flags)?);
        self.written.push(FinishedRun { path, bytes, documents });
        Ok(())
    }

    /// Writes what is still in memory; the night's runs in order, none if nothing was kept.
    pub fn finish(&mut self) -> Result<&[FinishedRun], IndexError> {
        self.begin()?;
        if !self.table.is_empty() {
            self.flush()?;
        }
        self.night = Night::Finished;
        Ok(&self.written)
    }
}

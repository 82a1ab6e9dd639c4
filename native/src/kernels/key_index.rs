//! Which kept document holds a key first, and how many hold it: for addresses, for columns taken as a whole, and for the lines,
//! paragraphs and sentence spans of texts. The keys are hashes of 64 or 128 bits.
//!
//! Rows are decided in document order, a stretch at a time: `load` looks a chunk's keys up in the runs, `stretch` says how far
//! rows can be judged before one of them depends on what becomes of another, then they are judged and the kept ones enter.
//! Only kept documents enter, so a holder is always a kept document; counts of several runs add up, so the answer does not
//! depend on where runs begin, and three nights give what one gives.

mod cuts;
mod merge;
mod run;
mod run_writer;
#[cfg(test)]
mod tests;

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use cuts::{Cuts, LineRules, Units};
pub use merge::merge;
use run::{Entry, ID_BYTES, Kind, Run, key_of};
use run_writer::RunWriter;
use sha2::{Digest, Sha256};

/// Bytes that a key takes in tonight's table, its slot at the emptiest load and the copy for sorting included.
const TABLE_BYTES_PER_KEY: usize = 144;

#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of a key: 8 or 16. A key of zeros is none: its row has nothing to compare.
    pub width: usize,
    /// All that decides the keys: runs made under other rules are refused.
    pub rules: String,
    /// How many kept documents may hold a key before it counts as repeated.
    pub repeats: u8,
    /// For tonight's table; a run is written when it is full.
    pub memory_bytes: u64,
    /// Folder for tonight's runs; made when missing.
    pub scratch: PathBuf,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FinishedRun {
    pub path: PathBuf,
    pub bytes: u64,
    pub documents: u64,
}

#[derive(Debug)]
pub enum KeyIndexError {
    Io { act: &'static str, path: PathBuf, error: io::Error },
    Damaged { path: PathBuf, what: String },
    OtherRules { path: PathBuf, what: String },
    Misuse(String),
}

impl fmt::Display for KeyIndexError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Io { act, path, error } => write!(f, "{act} the run of keys {}: {error}", path.display()),
            Self::Damaged { path, what } | Self::OtherRules { path, what } => {
                write!(f, "reading the run of keys {}: {what}", path.display())
            }
            Self::Misuse(what) => write!(f, "asking the key index: {what}"),
        }
    }
}

impl std::error::Error for KeyIndexError {}

type Id = [u8; ID_BYTES];

/// What tonight's table knows of a key, by ordinals of tonight's holders.
struct Tonight {
    first: u32,
    last: u32,
    count: u8,
}

/// The chunk in hand: the keys of its rows, and what the runs know of each.
#[derive(Default)]
struct Chunk {
    ids: Vec<Id>,
    /// Where each row's keys begin; rows + 1 entries.
    offsets: Vec<u32>,
    keys: Vec<u128>,
    /// In how many documents of the runs, and the first of them.
    counts: Vec<u8>,
    holders: Vec<Id>,
    /// The unit was cut with its neighbour, so that the kept text no longer holds it.
    gone: Vec<bool>,
}

pub struct KeyIndex {
    options: Options,
    kind: Kind,
    runs: Vec<Run>,
    /// Documents of earlier runs that are in the dataset no more.
    erased: HashSet<Id>,
    table: HashMap<u128, Tonight>,
    /// Tonight's holders, as the table names them.
    ids: Vec<Id>,
    chunk: Chunk,
    waiting: HashMap<u128, usize>,
    written: Vec<FinishedRun>,
}

impl KeyIndex {
    pub fn new(options: Options) -> Result<Self, KeyIndexError> {
        if !matches!(options.width, 8 | 16) || options.repeats == 0 {
            return Err(KeyIndexError::Misuse(format!("keys of {} bytes, {} repeats", options.width, options.repeats)));
        }
        let kind = Kind { width: options.width, rules: Sha256::digest(&options.rules).into() };
        Ok(Self {
            options,
            kind,
            runs: Vec::new(),
            erased: HashSet::new(),
            table: HashMap::new(),
            ids: Vec::new(),
            chunk: Chunk::default(),
            waiting: HashMap::new(),
            written: Vec::new(),
        })
    }

    /// An earlier night's run: oldest first, all before the first row.
    pub fn add_run(&mut self, path: &Path) -> Result<(), KeyIndexError> {
        self.runs.push(Run::open(path, Some(self.kind))?);
        Ok(())
    }

    /// Documents (16 bytes each) that hold nothing from now on: a key that a run says one of them held first counts as new
    /// there, whoever else held it.
    pub fn erase(&mut self, ids: &[u8]) -> Result<(), KeyIndexError> {
        let (ids, rest) = ids.as_chunks::<ID_BYTES>();
        if !rest.is_empty() {
            return Err(KeyIndexError::Misuse(format!("{} bytes over after ids", rest.len())));
        }
        self.erased.extend(ids);
        Ok(())
    }

    /// Takes the next rows: `keys` holds `width` bytes a key, row i having those from `offsets[i]` to `offsets[i + 1]`.
    pub fn load(&mut self, ids: &[u8], offsets: &[u32], keys: &[u8]) -> Result<(), KeyIndexError> {
        let width = self.kind.width;
        let ordered = offsets.first() == Some(&0) && offsets.is_sorted();
        if !ordered || ids.len() != (offsets.len() - 1) * ID_BYTES || keys.len() != offsets[offsets.len() - 1] as usize * width {
            return Err(KeyIndexError::Misuse(format!(
                "{} bytes of ids, {} offsets, {} bytes of keys",
                ids.len(),
                offsets.len(),
                keys.len()
            )));
        }
        if self.table.len() * TABLE_BYTES_PER_KEY + self.ids.len() * ID_BYTES >= self.options.memory_bytes as usize {
            self.flush()?;
        }
        let keys: Vec<u128> = keys.chunks_exact(width).map(key_of).collect();
        let mut order: Vec<u32> = (0..keys.len() as u32).filter(|at| keys[*at as usize] != 0).collect();
        order.sort_unstable_by_key(|at| keys[*at as usize]);
        let (mut counts, mut holders) = (vec![0_u8; keys.len()], vec![[0; ID_BYTES]; keys.len()]);
        // A run at a time, its keys forwards: filter and pages are walked once.
        for run in &self.runs {
            let mut before: Option<(u128, Option<(u8, Id)>)> = None;
            for &at in &order {
                let at = at as usize;
                let found = match before {
                    Some((key, found)) if key == keys[at] => found,
                    _ => run
                        .find(keys[at])
                        .map(|entry| run.id(entry.holder).map(|id| (entry.count, id)))
                        .transpose()?
                        .filter(|(_, id)| !self.erased.contains(id)),
                };
                before = Some((keys[at], found));
                if let Some((count, id)) = found {
                    if counts[at] == 0 {
                        holders[at] = id;
                    }
                    counts[at] = counts[at].saturating_add(count);
                }
            }
        }
        let gone = vec![false; keys.len()];
        self.chunk = Chunk { ids: ids.as_chunks().0.to_vec(), offsets: offsets.to_vec(), keys, counts, holders, gone };
        Ok(())
    }

    fn rows(&self) -> usize {
        self.chunk.ids.len()
    }

    fn keys_of(&self, row: usize) -> std::ops::Range<usize> {
        self.chunk.offsets[row] as usize..self.chunk.offsets[row + 1] as usize
    }

    /// How many kept documents hold a key of the chunk, as far as the limit needs it.
    fn count(&self, at: usize) -> u8 {
        let count = self.chunk.counts[at];
        if count >= self.options.repeats {
            return count;
        }
        self.table.get(&self.chunk.keys[at]).map_or(count, |tonight| count.saturating_add(tonight.count))
    }

    /// The first kept document that holds a key of the chunk; zeros where there is none.
    fn holder(&self, at: usize) -> Id {
        let tonight = if self.chunk.counts[at] == 0 { self.table.get(&self.chunk.keys[at]) } else { None };
        tonight.map_or(self.chunk.holders[at], |tonight| self.ids[tonight.first as usize])
    }

    fn is_repeated(&self, at: usize) -> bool {
        self.chunk.keys[at] != 0 && self.count(at) >= self.options.repeats
    }

    /// The first row behind `from` whose judgement depends on what becomes of a row since `from`: both hold a key that is not
    /// repeated yet. Keys that are repeated already, such as a site's menu, bind nobody.
    pub fn stretch(&mut self, from: usize) -> usize {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.clear();
        let mut end = from;
        'rows: while end < self.rows() {
            for at in self.keys_of(end) {
                let key = self.chunk.keys[at];
                if key != 0 && !self.is_repeated(at) && *waiting.entry(key).or_insert(end) != end {
                    break 'rows;
                }
            }
            end += 1;
        }
        self.waiting = waiting;
        end
    }

    /// For rows of one key each: the kept document that holds it, zeros where there is none.
    pub fn holders(&self, from: usize, to: usize) -> Result<Vec<Id>, KeyIndexError> {
        self.check(from, to)?;
        let holder = |row| self.keys_of(row).find(|at| self.is_repeated(*at)).map_or([0; ID_BYTES], |at| self.holder(at));
        Ok((from..to).map(holder).collect())
    }

    fn check(&self, from: usize, to: usize) -> Result<(), KeyIndexError> {
        if from <= to && to <= self.rows() {
            return Ok(());
        }
        Err(KeyIndexError::Misuse(format!("rows {from} to {to} of {}", self.rows())))
    }

    /// Judges the texts of rows by their repeated units; see `cuts`.
    pub fn cut(&mut self, from: usize, to: usize, units: &Units, rules: &LineRules) -> Result<Cuts, KeyIndexError> {
        self.check(from, to)?;
        cuts::cut(self, from, to, units, rules)
    }

    /// Enters the keys of kept rows: `kept` has a value for each from `from` on.
    pub fn keep(&mut self, from: usize, kept: &[u8]) -> Result<(), KeyIndexError> {
        self.check(from, from + kept.len())?;
        for row in (from..from + kept.len()).filter(|row| kept[row - from] != 0) {
            let own = self.ids.len() as u32;
            let mut entered = false;
            for at in self.keys_of(row) {
                let key = self.chunk.keys[at];
                if key == 0 || self.chunk.gone[at] || self.is_repeated(at) {
                    continue;
                }
                match self.table.entry(key) {
                    // A document that says a line twice holds it once.
                    Slot::Occupied(slot) if slot.get().last == own => continue,
                    Slot::Occupied(mut slot) => {
                        let tonight = slot.get_mut();
                        tonight.last = own;
                        tonight.count += 1;
                    }
                    Slot::Vacant(slot) => {
                        slot.insert(Tonight { first: own, last: own, count: 1 });
                    }
                }
                entered = true;
            }
            if entered {
                self.ids.push(self.chunk.ids[row]);
            }
        }
        Ok(())
    }

    /// How many documents hold a key in the run that is not written yet.
    pub fn held(&self) -> usize {
        self.ids.len()
    }

    fn flush(&mut self) -> Result<(), KeyIndexError> {
        let path = self.options.scratch.join(format!("{:05}.run", self.written.len()));
        let failed = |error| KeyIndexError::Io { act: "writing", path: path.clone(), error };
        std::fs::create_dir_all(&self.options.scratch).map_err(failed)?;
        let mut entries: Vec<Entry> =
            self.table.iter().map(|(key, tonight)| Entry { key: *key, holder: tonight.first, count: tonight.count }).collect();
        entries.sort_unstable_by_key(|entry| entry.key);
        let mut writer = RunWriter::create(&path, self.kind, entries.len(), self.ids.len()).map_err(failed)?;
        entries.iter().try_for_each(|entry| writer.entry(entry)).map_err(failed)?;
        writer.ids(&self.ids).map_err(failed)?;
        let bytes = writer.finish().map_err(failed)?;
        let documents = self.ids.len() as u64;
        self.table.clear();
        self.ids.clear();
        self.runs.push(Run::open(&path, Some(self.kind))?);
        self.written.push(FinishedRun { path, bytes, documents });
        Ok(())
    }

    /// Writes what is still in memory; the night's runs in order, none if no key entered. Rows that come after it must be loaded.
    pub fn finish(&mut self) -> Result<&[FinishedRun], KeyIndexError> {
        if !self.table.is_empty() {
            self.flush()?;
        }
        Ok(&self.written)
    }
}

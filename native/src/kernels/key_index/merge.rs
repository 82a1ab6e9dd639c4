//! Consecutive runs of keys as one: the run that one table with all their documents would have been, byte for byte.
//!
//! A key's first holder is that of the oldest run, and its counts add up, as a search over all runs adds them; what erased documents
//! hold first in a run is left out, as a search passes over it: else it would hide what a younger run says of the key. Documents
//! follow one another run by run. The runs are walked forwards twice, the first time to count their keys; the memory is the writer's.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::path::Path;

use super::run::{Entry, Run};
use super::run_writer::RunWriter;
use super::{FinishedRun, Id, KeyIndexError};

/// Merges runs that follow each other, oldest first, all made under the same rules. Documents that are `erased` hold nothing.
pub fn merge(inputs: &[&Path], erased: &[Id], output: &Path) -> Result<FinishedRun, KeyIndexError> {
    let erased: HashSet<Id> = erased.iter().copied().collect();
    let mut runs: Vec<Run> = Vec::new();
    for path in inputs {
        runs.push(Run::open(path, runs.first().map(Run::kind))?);
    }
    let documents: usize = runs.iter().map(|run| run.ids().len()).sum();
    let Some(kind) = runs.first().map(Run::kind).filter(|_| u32::try_from(documents).is_ok()) else {
        return Err(KeyIndexError::Misuse(format!("merging {} runs of {documents} documents into one", runs.len())));
    };
    runs.iter().for_each(Run::read_ahead);
    let mut keys = 0;
    walk(&runs, &erased, |_| {
        keys += 1;
        Ok(())
    })?;
    let failed = |error| KeyIndexError::Io { act: "writing", path: output.into(), error };
    let mut writer = RunWriter::create(output, kind, keys, documents).map_err(failed)?;
    walk(&runs, &erased, |entry| writer.entry(&entry).map_err(failed))?;
    runs.iter().try_for_each(|run| writer.ids(run.ids())).map_err(failed)?;
    let bytes = writer.finish().map_err(failed)?;
    Ok(FinishedRun { path: output.into(), bytes, documents: documents as u64 })
}

/// Every key of the runs that somebody holds once, ascending, with its holder's ordinal among all their documents.
fn walk(runs: &[Run], erased: &HashSet<Id>, mut each: impl FnMut(Entry) -> Result<(), KeyIndexError>) -> Result<(), KeyIndexError> {
    let firsts: Vec<usize> = runs
        .iter()
        .scan(0, |documents, run| {
            let first = *documents;
            *documents += run.ids().len();
            Some(first)
        })
        .collect();
    let mut heads: BinaryHeap<_> =
        (0..runs.len()).filter(|run| runs[*run].len() > 0).map(|run| Reverse((runs[run].key(0), run, 0))).collect();
    let mut open: Option<Entry> = None;
    while let Some(Reverse((key, place, at))) = heads.pop() {
        let run = &runs[place];
        let Entry { holder, count, .. } = run.entry(at);
        let id = run.id(holder)?;
        match &mut open {
            _ if erased.contains(&id) => {}
            Some(entry) if entry.key == key => entry.count = entry.count.saturating_add(count),
            _ => {
                let next = Entry { key, holder: (firsts[place] + holder as usize) as u32, count };
                if let Some(entry) = open.replace(next) {
                    each(entry)?;
                }
            }
        }
        if at + 1 < run.len() {
            if run.key(at + 1) <= key {
                return Err(run.damaged("its keys are not in order"));
            }
            heads.push(Reverse((run.key(at + 1), place, at + 1)));
        }
    }
    open.map_or(Ok(()), each)
}

//! Consecutive runs as one: the run that one table with all their documents would have been, byte for byte.
//!
//! Documents follow one another run by run, and equal keys keep that order, so the first members of a bucket stay its first.
//! All runs are walked forwards once; the memory is the writer's, whatever their size.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use super::format::{BAND_KIND, HOLDS_BANDS, Header, MOST_DOCUMENTS, MOST_ENTRIES, Refusal};
use super::run::Run;
use super::run_writer::RunWriter;
use super::{FinishedRun, IndexError};

/// Merges runs that follow each other, oldest first. What the result finds is what all of them can find.
pub fn merge(inputs: &[&Path], output: &Path) -> Result<FinishedRun, IndexError> {
    let runs = inputs.iter().map(|path| Run::open(path, 0)).collect::<Result<Vec<_>, _>>()?;
    let sum = |of: fn(&Header) -> u64| runs.iter().map(|run| of(run.header())).sum::<u64>();
    let (documents, entries) = (sum(|header| header.documents), sum(|header| header.entries));
    if runs.is_empty() || documents > MOST_DOCUMENTS || entries > MOST_ENTRIES {
        return Err(IndexError::Misuse(format!("merging {} runs of {documents} documents into one", runs.len())));
    }
    let mut flags = runs.iter().fold(u32::MAX, |flags, run| flags & run.header().flags);
    if flags & HOLDS_BANDS == 0 {
        flags &= (1 << BAND_KIND) - 1;
    } else if let Some(run) = runs.iter().find(|run| (run.header().flags ^ flags) >> BAND_KIND != 0) {
        return Err(IndexError::refused(
            run.path(),
            Refusal::OtherRules("its bands are defined in another way than its neighbours'".into()),
        ));
    }
    let failed = |error| IndexError::Io { act: "writing", path: output.into(), error };
    let mut writer = RunWriter::create(output, Header::new(flags, documents, entries)).map_err(failed)?;

    let mut first = 0;
    let mut cursors = Vec::new();
    let mut heads = BinaryHeap::new();
    for (place, run) in runs.iter().enumerate() {
        run.read_ahead();
        let mut cursor = Cursor { run, first, at: 0, prefix: 0, end: run.partition(0)?.1, last: (0, 0) };
        if let Some((key, ordinal)) = cursor.next()? {
            heads.push(Reverse((key, place, ordinal)));
        }
        cursors.push(cursor);
        first += run.header().documents as u32;
    }
    while let Some(mut head) = heads.peek_mut() {
        let Reverse((key, place, ordinal)) = *head;
        writer.entry(key, ordinal).map_err(failed)?;
        match cursors[place].next()? {
            Some((key, ordinal)) => *head = Reverse((key, place, ordinal)),
            None => drop(std::collections::binary_heap::PeekMut::pop(head)),
        }
    }
    for run in &runs {
        writer.ids(run.section(|layout| layout.ids.clone())).map_err(failed)?;
        writer.digests(run.section(|layout| layout.digests.clone())).map_err(failed)?;
        writer.shingles(run.section(|layout| layout.shingles.clone())).map_err(failed)?;
        if flags & HOLDS_BANDS != 0 {
            writer.sketches(run.section(|layout| layout.sketches.clone())).map_err(failed)?;
        }
    }
    let written = writer.finish().map_err(failed)?;
    Ok(FinishedRun { path: output.into(), bytes: written.bytes, documents: written.documents })
}

/// Walks the entries of one run.
struct Cursor<'a> {
    run: &'a Run,
    /// The merged ordinal of its first document.
    first: u32,
    at: usize,
    prefix: usize,
    /// Where the partition ends.
    end: usize,
    last: (u64, u32),
}

impl Cursor<'_> {
    fn next(&mut self) -> Result<Option<(u64, u32)>, IndexError> {
        let header = self.run.header();
        if self.at as u64 == header.entries {
            return Ok(None);
        }
        while self.at >= self.end {
            self.prefix += 1;
            if self.prefix >> header.partition_bits != 0 {
                return Err(self.run.damaged("its partitions end before its keys"));
            }
            self.end = self.run.partition(self.prefix)?.1;
        }
        let key = header.join(self.prefix, self.run.rest(self.at));
        let ordinal = self.run.ordinal(self.at);
        if u64::from(ordinal) >= header.documents || header.split(key).0 != self.prefix || (key, ordinal) < self.last {
            return Err(self.run.damaged("its keys are not in order"));
        }
        self.last = (key, ordinal);
        self.at += 1;
        Ok(Some((key, self.first + ordinal)))
    }
}

//! What is cut from a text whose units (lines, paragraphs, spans of sentences) kept documents hold already, and whether enough is left.

use super::{Id, KeyIndex, KeyIndexError};

/// The units of a chunk's rows, beside their keys: four numbers each, first byte and end, first code point and end. A unit's
/// range takes its line break with it. Rows' units ascend; spans of sentences overlap.
pub struct Units<'a> {
    pub ranges: &'a [u32],
    /// Bytes and code points of every row's text: two numbers a row.
    pub sizes: &'a [u32],
}

pub struct LineRules {
    /// A text that loses something must keep this many code points.
    pub min_left: f64,
    /// And lose no more than this share of them.
    pub max_share: f64,
    /// A line break stands before every unit but the first: it goes with a cut that reaches the end of the text.
    pub breaks: bool,
}

pub const WHOLE: u8 = 0;
pub const TOO_LITTLE_LEFT: u8 = 1;
pub const MOSTLY_REPEATED: u8 = 2;

/// A value for every row that was asked about.
#[derive(Debug, Default, PartialEq)]
pub struct Cuts {
    pub outcome: Vec<u8>,
    /// Code points left, or the share that is repeated: what the rule of the outcome measures. NaN where none was cut.
    pub measured: Vec<f64>,
    pub bytes: Vec<u32>,
    /// The kept document that holds most of what is cut, of several the one that comes first in the text; zeros where nothing is.
    pub source: Vec<u8>,
    /// Where the ranges of each row begin, in pairs; rows + 1 entries.
    pub offsets: Vec<u32>,
    /// Pairs of bytes [from, to): ascending, apart.
    pub ranges: Vec<u32>,
}

pub fn cut(index: &mut KeyIndex, from: usize, to: usize, units: &Units, rules: &LineRules) -> Result<Cuts, KeyIndexError> {
    if units.ranges.len() != index.chunk.keys.len() * 4 || units.sizes.len() != index.rows() * 2 {
        return Err(KeyIndexError::Misuse(format!("{} numbers of units, {} of rows", units.ranges.len(), units.sizes.len())));
    }
    let ranges = units.ranges.as_chunks::<4>().0;
    let mut cuts = Cuts { offsets: vec![0], ..Cuts::default() };
    let mut merged: Vec<[u32; 4]> = Vec::new();
    let mut sources: Vec<(Id, u32, usize)> = Vec::new();
    for row in from..to {
        merged.clear();
        sources.clear();
        for at in index.keys_of(row).filter(|at| index.is_repeated(*at)) {
            let unit = ranges[at];
            sources.push((index.holder(at), unit[3].saturating_sub(unit[2]), at));
            match merged.last_mut() {
                Some(last) if unit[0] <= last[1] => {
                    last[1] = last[1].max(unit[1]);
                    last[3] = last[3].max(unit[3]);
                }
                _ => merged.push(unit),
            }
        }
        mark_gone(index, row, ranges, &merged);
        let [bytes, characters] = units.sizes.as_chunks::<2>().0[row];
        if let Some(last) = merged.last_mut().filter(|last| rules.breaks && last[1] >= bytes && last[0] > 0) {
            last[0] -= 1;
            last[2] = last[2].saturating_sub(1);
        }
        let lost: u32 = merged.iter().map(|range| range[3].saturating_sub(range[2])).sum();
        let left = f64::from(characters.saturating_sub(lost));
        let share = f64::from(lost) / f64::from(characters.max(1));
        let (outcome, measured) = match () {
            () if merged.is_empty() => (WHOLE, f64::NAN),
            () if left < rules.min_left => (TOO_LITTLE_LEFT, left),
            () if share > rules.max_share => (MOSTLY_REPEATED, share),
            () => (WHOLE, share),
        };
        cuts.outcome.push(outcome);
        cuts.measured.push(measured);
        cuts.source.extend(most(&mut sources));
        cuts.bytes.push(merged.iter().map(|range| range[1].saturating_sub(range[0])).sum());
        for range in &merged {
            cuts.ranges.extend(&range[..2]);
        }
        cuts.offsets.push((cuts.ranges.len() / 2) as u32);
    }
    Ok(cuts)
}

/// Marks the units that a cut runs into: the kept text no longer holds them.
fn mark_gone(index: &mut KeyIndex, row: usize, ranges: &[[u32; 4]], merged: &[[u32; 4]]) {
    let mut next = 0;
    for at in index.keys_of(row) {
        while next < merged.len() && merged[next][1] <= ranges[at][0] {
            next += 1;
        }
        index.chunk.gone[at] = next < merged.len() && merged[next][0] < ranges[at][1];
    }
}

/// The id with the largest sum; of several the one met first.
fn most(sources: &mut [(Id, u32, usize)]) -> Id {
    sources.sort_unstable();
    let mut best = ([0; 16], 0_u64, usize::MAX);
    for group in sources.chunk_by(|left, right| left.0 == right.0) {
        let sum: u64 = group.iter().map(|(_, size, _)| u64::from(*size)).sum();
        let first = group.iter().map(|(_, _, at)| *at).min().unwrap_or(usize::MAX);
        if sum > best.1 || (sum == best.1 && first < best.2) {
            best = (group[0].0, sum, first);
        }
    }
    best.0
}

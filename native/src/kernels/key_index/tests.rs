use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::cuts::{MOSTLY_REPEATED, TOO_LITTLE_LEFT, WHOLE};
use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("quern-keys-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A document: its lines by number, each line number + 1 characters long; whether another stage drops it.
type Document = (Vec<u8>, bool);

fn key(line: u8) -> [u8; 8] {
    xxhash_rust::xxh3::xxh3_64(&[line]).to_be_bytes()
}

fn id(document: usize) -> Id {
    let mut id = [9; 16];
    id[8..].copy_from_slice(&(document as u64).to_be_bytes());
    id
}

fn options(folder: &Folder, repeats: u8, memory_bytes: u64) -> Options {
    Options { width: 8, rules: "lines".into(), repeats, memory_bytes, scratch: folder.0.clone() }
}

const RULES: LineRules = LineRules { min_left: 3.0, max_share: 0.8, breaks: false };

#[derive(Debug, PartialEq, Clone)]
struct Fate {
    outcome: u8,
    kept: Vec<u8>,
    source: Option<usize>,
}

/// The rules in the plainest form.
fn oracle(documents: &[Document], repeats: u8) -> Vec<Fate> {
    let mut holders: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    let mut fates = Vec::new();
    for (number, (lines, alive)) in documents.iter().enumerate() {
        let repeated = |line: &u8| holders.get(line).is_some_and(|of| of.len() >= usize::from(repeats));
        let kept: Vec<u8> = lines.iter().filter(|line| !repeated(line)).copied().collect();
        let size = |lines: &[u8]| lines.iter().map(|line| f64::from(*line) + 1.0).sum::<f64>();
        let (all, left) = (size(lines), size(&kept));
        let outcome = match () {
            () if kept.len() == lines.len() => WHOLE,
            () if left < RULES.min_left => TOO_LITTLE_LEFT,
            () if (all - left) / all > RULES.max_share => MOSTLY_REPEATED,
            () => WHOLE,
        };
        let mut sums: BTreeMap<usize, (f64, usize)> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| repeated(line)) {
            let sum = sums.entry(holders[line][0]).or_insert((0.0, at));
            sum.0 += f64::from(*line) + 1.0;
        }
        let source = sums.iter().max_by(|left, right| left.1.0.total_cmp(&right.1.0).then(right.1.1.cmp(&left.1.1))).map(|(of, _)| *of);
        if outcome == WHOLE && *alive {
            for line in kept.iter().collect::<BTreeSet<_>>() {
                holders.entry(*line).or_default().push(number);
            }
        }
        fates.push(Fate { outcome, kept, source });
    }
    fates
}

fn nights(
    documents: &[Document],
    repeats: u8,
    cuts: &[usize],
    batch: usize,
    memory: u64,
    folder: &Folder,
) -> (Vec<Fate>, Vec<FinishedRun>) {
    let (mut fates, mut runs) = (Vec::new(), Vec::<FinishedRun>::new());
    for (night, cut) in cuts.windows(2).enumerate() {
        let scratch = folder.0.join(night.to_string());
        let mut index = KeyIndex::new(Options { scratch, ..options(folder, repeats, memory) }).unwrap();
        for run in &runs {
            index.add_run(&run.path).unwrap();
        }
        for first in (cut[0]..cut[1]).step_by(batch) {
            let rows = &documents[first..cut[1].min(first + batch)];
            let ids: Vec<u8> = (first..first + rows.len()).flat_map(id).collect();
            let (mut offsets, mut keys, mut ranges, mut sizes) = (vec![0], Vec::new(), Vec::new(), Vec::new());
            for (lines, _) in rows {
                let mut at = 0;
                for line in lines {
                    keys.extend(key(*line));
                    let end = at + u32::from(*line) + 1;
                    ranges.extend([at, end, at, end]);
                    at = end;
                }
                offsets.push((keys.len() / 8) as u32);
                sizes.extend([at, at]);
            }
            index.load(&ids, &offsets, &keys).unwrap();
            let mut from = 0;
            while from < rows.len() {
                let to = index.stretch(from);
                assert!(to > from);
                let found = index.cut(from, to, &Units { ranges: &ranges, sizes: &sizes }, &RULES).unwrap();
                let kept: Vec<u8> = (from..to).map(|row| u8::from(rows[row].1 && found.outcome[row - from] == WHOLE)).collect();
                index.keep(from, &kept).unwrap();
                for row in from..to {
                    let pairs =
                        &found.ranges.as_chunks::<2>().0[found.offsets[row - from] as usize..found.offsets[row - from + 1] as usize];
                    let units = ranges.as_chunks::<4>().0[offsets[row] as usize..offsets[row + 1] as usize].iter();
                    let outside = |unit: &[u32; 4]| !pairs.iter().any(|pair| pair[0] <= unit[0] && unit[1] <= pair[1]);
                    let left = units.zip(&rows[row].0).filter(|(unit, _)| outside(unit)).map(|(_, line)| *line).collect();
                    let source = found.source[(row - from) * 16 + 8..][..8].try_into().map(u64::from_be_bytes).unwrap() as usize;
                    let none = found.source[(row - from) * 16] == 0;
                    fates.push(Fate { outcome: found.outcome[row - from], kept: left, source: (!none).then_some(source) });
                }
                from = to;
            }
        }
        runs.extend_from_slice(index.finish().unwrap());
    }
    (fates, runs)
}

fn document() -> impl Strategy<Value = Document> {
    (prop::collection::vec(0..30_u8, 0..8), prop::bool::weighted(0.8))
}

proptest! {
    /// Laws 2 and 4: nights, batches and sizes of runs change nothing, and all agree with the plain form of the rules.
    #[test]
    fn nights_add_up(
        documents in prop::collection::vec(document(), 0..60),
        mut cuts in prop::collection::vec(0..60_usize, 2),
        batch in 1..20_usize,
        memory in 1..4000_u64,
        repeats in 1..4_u8,
    ) {
        cuts.extend([0, usize::MAX]);
        cuts.sort_unstable();
        let cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(documents.len())).collect();
        let folder = Folder::new();
        prop_assert_eq!(nights(&documents, repeats, &cuts, batch, memory, &folder).0, oracle(&documents, repeats));
    }

    /// Merged runs are the run that one night over all their documents leaves, byte for byte.
    #[test]
    fn merging_is_one_night(
        documents in prop::collection::vec(document(), 1..60),
        mut cuts in prop::collection::vec(0..60_usize, 3),
        repeats in 1..4_u8,
    ) {
        cuts.extend([0, usize::MAX]);
        cuts.sort_unstable();
        let cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(documents.len())).collect();
        let (folder, other) = (Folder::new(), Folder::new());
        let (_, several) = nights(&documents, repeats, &cuts, 7, 1 << 20, &folder);
        let (_, one) = nights(&documents, repeats, &[0, documents.len()], 7, 1 << 20, &other);
        prop_assume!(!one.is_empty());
        let inputs: Vec<&Path> = several.iter().map(|run| run.path.as_path()).collect();
        let merged = merge(&inputs, &[], &folder.0.join("merged")).unwrap();
        prop_assert_eq!((merged.bytes, merged.documents), (one[0].bytes, one[0].documents));
        prop_assert_eq!(fs::read(&merged.path).unwrap(), fs::read(&one[0].path).unwrap());
    }

    /// A damaged file is refused, or at worst gives other answers: never a panic.
    #[test]
    fn damage_is_no_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..60), cut in any::<prop::sample::Index>(), cuts in any::<bool>()) {
        let folder = Folder::new();
        let documents: Vec<Document> = (0..20).map(|i| (vec![i, i + 1, 40], true)).collect();
        let (_, runs) = nights(&documents, 1, &[0, 20], 20, 1 << 20, &folder);
        let mut bytes = fs::read(&runs[0].path).unwrap();
        for (at, flip) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        let whole = bytes.len();
        if cuts {
            bytes.truncate(cut.index(whole));
        }
        fs::write(&runs[0].path, &bytes).unwrap();
        let mut index = KeyIndex::new(options(&folder, 1, 1 << 20)).unwrap();
        let opened = index.add_run(&runs[0].path);
        prop_assert!(bytes.len() == whole || opened.is_err());
        if opened.is_ok() {
            let keys: Vec<u8> = (0..60).flat_map(key).collect();
            let _ = index.load(&id(1), &[0, 60], &keys);
            let _ = merge(&[&runs[0].path, &runs[0].path], &[], &folder.0.join("merged"));
        }
    }
}

#[test]
fn a_span_that_is_cut_in_part_is_held_by_nobody() {
    let folder = Folder::new();
    let mut index = KeyIndex::new(options(&folder, 1, 1 << 20)).unwrap();
    let spans = |keys: [u8; 2], index: &mut KeyIndex, number: usize| {
        let keys: Vec<u8> = keys.into_iter().flat_map(key).collect();
        index.load(&id(number), &[0, 2], &keys).unwrap();
        let cuts = index.cut(0, 1, &Units { ranges: &[0, 30, 0, 30, 10, 40, 10, 40], sizes: &[90, 90] }, &RULES).unwrap();
        index.keep(0, &[1]).unwrap();
        cuts.ranges
    };
    assert_eq!(spans([1, 2], &mut index, 0), [0_u32; 0]);
    // The first span is cut, so the second, which overlaps it, is not in the kept text: it is no one's to repeat.
    assert_eq!(spans([1, 3], &mut index, 1), [0, 30]);
    assert_eq!(spans([4, 3], &mut index, 2), [0_u32; 0]);
    assert_eq!(spans([5, 3], &mut index, 3), [10, 40]);
}

#[test]
fn a_cut_at_the_end_takes_the_break_before_it() {
    let folder = Folder::new();
    let mut index = KeyIndex::new(options(&folder, 1, 1 << 20)).unwrap();
    let rules = LineRules { breaks: true, ..RULES };
    let mut cut = || {
        index.load(&id(7), &[0, 1], &key(1)).unwrap();
        let cuts = index.cut(0, 1, &Units { ranges: &[20, 30, 18, 28], sizes: &[30, 28] }, &rules).unwrap();
        index.keep(0, &[1]).unwrap();
        (cuts.ranges, cuts.bytes)
    };
    assert_eq!(cut(), (vec![], vec![0]));
    assert_eq!(cut(), (vec![19, 30], vec![11]));
}

#[test]
fn wrong_runs_are_refused() {
    let folder = Folder::new();
    let (_, runs) = nights(&[(vec![1], true)], 1, &[0, 1], 1, 1 << 20, &folder);
    let other = Options { rules: "other lines".into(), ..options(&folder, 1, 1 << 20) };
    assert!(matches!(KeyIndex::new(other).unwrap().add_run(&runs[0].path), Err(KeyIndexError::OtherRules { .. })));
    let wide = Options { width: 16, ..options(&folder, 1, 1 << 20) };
    assert!(matches!(KeyIndex::new(wide).unwrap().add_run(&runs[0].path), Err(KeyIndexError::OtherRules { .. })));
    let missing = KeyIndex::new(options(&folder, 1, 1 << 20)).unwrap().add_run(Path::new("/nowhere"));
    assert!(matches!(missing, Err(KeyIndexError::Io { .. })));
    assert!(KeyIndex::new(options(&folder, 0, 1)).is_err());
}

#[test]
fn an_erased_document_holds_nothing() {
    let folder = Folder::new();
    let (_, runs) = nights(&[(vec![1], true)], 1, &[0, 1], 1, 1 << 20, &folder);
    let holder = |erased: &[u8]| {
        let mut index = KeyIndex::new(options(&folder, 1, 1 << 20)).unwrap();
        index.add_run(&runs[0].path).unwrap();
        index.erase(erased).unwrap();
        index.load(&id(5), &[0, 1], &key(1)).unwrap();
        index.holders(0, 1).unwrap()[0]
    };
    assert_eq!(holder(&[]), id(0));
    assert_eq!(holder(&id(0)), [0; 16]);
    assert_eq!(holder(&id(3)), id(0));
    assert!(KeyIndex::new(options(&folder, 1, 1)).unwrap().erase(&[1]).is_err());
}

/// A page is erased and comes again: whether the runs are merged before or after a later night asks makes no difference.
#[test]
fn merging_keeps_who_came_after_an_erased_document() {
    let folder = Folder::new();
    let documents: Vec<Document> = vec![(vec![1, 2], true), (vec![3], true), (vec![1], true), (vec![4], true)];
    let (_, mut runs) = nights(&documents[..2], 1, &[0, 2], 1, 1 << 20, &folder);
    let mut index = KeyIndex::new(Options { scratch: folder.0.join("again"), ..options(&folder, 1, 1 << 20) }).unwrap();
    index.add_run(&runs[0].path).unwrap();
    index.erase(&id(0)).unwrap();
    index.load(&[id(2), id(3)].concat(), &[0, 1, 2], &[key(1), key(4)].concat()).unwrap();
    index.keep(0, &[1, 1]).unwrap();
    runs.extend_from_slice(index.finish().unwrap());
    let inputs: Vec<&Path> = runs.iter().map(|run| run.path.as_path()).collect();
    let merged = merge(&inputs, &[id(0)], &folder.0.join("merged")).unwrap();
    assert_eq!(merged.documents, 4);
    let holders = |paths: &[&Path]| {
        let mut index = KeyIndex::new(options(&folder, 1, 1 << 20)).unwrap();
        for path in paths {
            index.add_run(path).unwrap();
        }
        index.erase(&id(0)).unwrap();
        index.load(&[id(10), id(11), id(12), id(13)].concat(), &[0, 1, 2, 3, 4], &[key(1), key(2), key(3), key(4)].concat()).unwrap();
        index.holders(0, 4).unwrap()
    };
    assert_eq!(holders(&[&merged.path]), [id(2), [0; 16], id(1), id(3)]);
    assert_eq!(holders(&[&merged.path]), holders(&inputs));
}

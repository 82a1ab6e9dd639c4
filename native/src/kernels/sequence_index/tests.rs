mod cases;

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use super::*;
use crate::kernels::minhash::tests::Random;
use crate::kernels::minhash::{SKETCH, SKETCH_BITS, SKETCH_BYTES};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("quern-index-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Signatures without texts: few clusters, so that buckets fill and every rule is met.
#[derive(Clone, Debug)]
struct Document {
    cluster: u64,
    /// Which of the cluster's bands it has; the others are its own.
    shared: u16,
    /// Sketch values of its own, from `own_from` on.
    own: usize,
    own_from: usize,
    text: u64,
    short: bool,
    candidate: bool,
}

fn document() -> impl Strategy<Value = Document> {
    let fields = (0..3u64, any::<u16>(), 0..880usize, 0..SKETCH, 0..40u64, prop::bool::weighted(0.1), prop::bool::weighted(0.9));
    fields.prop_map(|(cluster, shared, own, own_from, text, short, candidate)| Document {
        cluster,
        shared,
        own,
        own_from,
        text,
        short,
        candidate,
    })
}

#[derive(Clone, Default)]
struct Columns {
    ids: Vec<u8>,
    candidates: Vec<u8>,
    bands: Vec<u64>,
    sketch: Vec<u8>,
    shingles: Vec<u32>,
    digest: Vec<u8>,
}

impl Columns {
    fn of(documents: &[Document]) -> Self {
        let mut columns = Self::default();
        for (i, document) in documents.iter().enumerate() {
            let mut own = Random(i as u64 ^ 0xABCD);
            let mut of_cluster = Random(document.cluster);
            columns.ids.extend([&[7; 8][..], &(i as u64).to_be_bytes()].concat());
            columns.candidates.push(u8::from(document.candidate));
            for band in 0..BANDS {
                let (mine, theirs) = (own.draw(), of_cluster.draw());
                columns.bands.push(if document.shared >> band & 1 == 1 { theirs } else { mine });
            }
            let mut sketch = [0; SKETCH_BYTES];
            for value in 0..SKETCH {
                let (mine, theirs) = (own.draw(), of_cluster.draw());
                let bits = if (value + SKETCH - document.own_from) % SKETCH < document.own { mine } else { theirs };
                for plane in 0..SKETCH_BITS {
                    sketch[plane * (SKETCH / 8) + value / 8] |= ((bits >> plane & 1) << (value % 8)) as u8;
                }
            }
            columns.sketch.extend(sketch);
            columns.shingles.push(if document.short { 0 } else { 100 });
            columns.digest.extend([Random(!document.text).draw().to_be_bytes(), [3; 8]].concat());
        }
        columns
    }

    fn rows(&self, range: Range<usize>) -> Rows<'_> {
        let all = Rows {
            ids: &self.ids,
            candidates: &self.candidates,
            bands: &self.bands,
            sketch: &self.sketch,
            shingles: &self.shingles,
            digest: &self.digest,
        };
        all.slice(range.start, range.end)
    }
}

/// The same rules in the plainest form: a list of kept members a key, no runs, no filters, no table.
fn oracle(columns: &Columns, options: &Options) -> Decisions {
    let flags = if options.exact { HOLDS_DIGESTS } else { 0 } | if options.similarity.is_some() { HOLDS_BANDS } else { 0 };
    let mut buckets: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
    let mut decisions = Decisions::default();
    for row in 0..columns.candidates.len() {
        let (mut outcome, mut survivor, mut similarity) = (KEPT, [0; 16], f64::NAN);
        if columns.candidates[row] == 1 {
            let all = columns.rows(0..columns.candidates.len());
            let keys: Vec<_> = all.keys(row, flags).collect();
            let first = |key| buckets.get(key).map_or(&[][..], |members| &members[..members.len().min(options.bucket_members)]);
            let mut members: Vec<_> = keys.iter().filter(|key| key.0 < BANDS).flat_map(first).copied().collect();
            members.sort_unstable();
            for member in members {
                let value = |row: usize, i: usize| {
                    let sketch = &columns.sketch[row * SKETCH_BYTES..][..SKETCH_BYTES];
                    (0..SKETCH_BITS).fold(0, |value, plane| value << 1 | sketch[plane * (SKETCH / 8) + i / 8] >> (i % 8) & 1)
                };
                let equal = (0..SKETCH).filter(|i| value(member, *i) == value(row, *i)).count();
                let likeness = crate::kernels::minhash::similarity(equal as u16);
                if similarity.is_nan() || likeness > similarity {
                    (similarity, survivor) = (likeness, *all.id(member));
                }
            }
            if options.similarity.is_some_and(|limit| similarity >= limit) {
                outcome = NEAR;
            }
            if let Some(member) =
                keys.iter().filter(|key| key.0 == BANDS).flat_map(first).find(|member| all.digest(**member) == all.digest(row))
            {
                (outcome, survivor, similarity) = (EXACT, *all.id(*member), 1.0);
            }
            if outcome == KEPT {
                survivor = [0; 16];
                for key in keys {
                    buckets.entry(key).or_default().push(row);
                }
            }
        }
        decisions.outcome.push(outcome);
        decisions.survivor.extend(survivor);
        decisions.similarity.push(similarity);
    }
    decisions
}

/// Decides the nights between `cuts` one after the other, each on the runs of those before, in batches of `batch` rows.
fn nights(columns: &Columns, options: &Options, cuts: &[usize], batch: usize) -> (Decisions, Vec<FinishedRun>) {
    let (mut all, mut runs) = (Decisions::default(), Vec::<FinishedRun>::new());
    for (night, cut) in cuts.windows(2).enumerate() {
        let scratch = options.scratch.join(night.to_string());
        let mut index = SequenceIndex::new(Options { scratch, ..options.clone() }).unwrap();
        for run in &runs {
            index.add_run(&run.path).unwrap();
        }
        let mut start = cut[0];
        while start < cut[1] {
            let end = cut[1].min(start + batch);
            let decisions = index.decide(&columns.rows(start..end)).unwrap();
            all.outcome.extend(decisions.outcome);
            all.survivor.extend(decisions.survivor);
            all.similarity.extend(decisions.similarity);
            start = end;
        }
        runs.extend_from_slice(index.finish().unwrap());
    }
    (all, runs)
}

fn bits(decisions: &Decisions) -> (&[u8], &[u8], Vec<u64>) {
    (&decisions.outcome, &decisions.survivor, decisions.similarity.iter().map(|value| value.to_bits()).collect())
}

fn options(folder: &Folder) -> Options {
    Options {
        similarity: Some(0.8),
        exact: true,
        bucket_members: 4,
        band_kind: 0,
        memory_bytes: 1 << 20,
        scratch: folder.0.clone(),
        keep_all: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Laws 4 and 5: nights, run sizes and batch sizes change nothing, and all agree with the plain form of the rules.
    #[test]
    fn nights_add_up(
        documents in prop::collection::vec(document(), 0..120),
        mut cuts in prop::collection::vec(0..120usize, 2),
        memory_bytes in 1u64..20_000,
        batch in 1usize..50,
        bucket_members in 1usize..6,
        kind in 0..3,
    ) {
        let folder = Folder::new();
        let similarity = (kind != 1).then_some(0.8);
        let options = Options { similarity, exact: kind != 2, bucket_members, memory_bytes, ..options(&folder) };
        let columns = Columns::of(&documents);
        cuts.extend([0, usize::MAX]);
        cuts.sort_unstable();
        let cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(documents.len())).collect();
        let (split, _) = nights(&columns, &options, &cuts, batch);
        let expected = oracle(&columns, &options);
        prop_assert_eq!(bits(&split), bits(&expected));

        let kept: Vec<&[u8]> = (0..documents.len())
            .filter(|row| split.outcome[*row] == KEPT && columns.candidates[*row] == 1)
            .map(|row| &columns.ids[row * 16..][..16])
            .collect();
        for row in (0..documents.len()).filter(|row| split.outcome[*row] != KEPT) {
            prop_assert!(kept.contains(&&split.survivor[row * 16..][..16]), "the survivor of {row} was not kept");
            prop_assert!(split.similarity[row] >= 0.8);
        }
    }

    /// Law 2: the bytes of the runs depend on the documents and the memory setting only.
    #[test]
    fn batches_do_not_show_in_the_runs(
        documents in prop::collection::vec(document(), 1..120),
        memory_bytes in 1u64..20_000,
        batches in (1usize..50, 1usize..50),
    ) {
        let columns = Columns::of(&documents);
        let mut results = Vec::new();
        for batch in [batches.0, batches.1] {
            let folder = Folder::new();
            let (_, runs) = nights(&columns, &Options { memory_bytes, ..options(&folder) }, &[0, documents.len()], batch);
            for run in &runs {
                prop_assert_eq!(fs::metadata(&run.path).unwrap().len(), run.bytes);
            }
            results.push(runs.into_iter().map(|run| (fs::read(run.path).unwrap(), run.documents)).collect::<Vec<_>>());
        }
        prop_assert_eq!(&results[0], &results[1]);
    }

    /// Whatever was merged when, the decisions are the same; and a merged run is the run of one table, byte for byte.
    #[test]
    fn merging_changes_nothing(
        documents in prop::collection::vec(document(), 1..150),
        merges in prop::collection::vec((any::<prop::sample::Index>(), 1..5usize), 0..12),
        memory_bytes in 1u64..20_000,
        bucket_members in 1usize..6,
    ) {
        let folder = Folder::new();
        let columns = Columns::of(&documents);
        let cut = documents.len() / 2;
        let options = Options { bucket_members, memory_bytes, ..options(&folder) };
        let (earlier, runs) = nights(&columns, &options, &[0, cut], 50);
        let mut paths: Vec<PathBuf> = runs.into_iter().map(|run| run.path).collect();
        let merged = |paths: &[PathBuf], name: &str| {
            let output = folder.0.join(name);
            merge(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &output).unwrap();
            output
        };
        for (number, (from, count)) in merges.into_iter().enumerate() {
            if paths.is_empty() {
                break;
            }
            let from = from.index(paths.len());
            let to = paths.len().min(from + count);
            let output = merged(&paths[from..to], &format!("merged-{number}"));
            paths.splice(from..to, [output]);
        }
        let mut index = SequenceIndex::new(Options { scratch: folder.0.join("next"), ..options.clone() }).unwrap();
        for path in &paths {
            index.add_run(path).unwrap();
        }
        let later = index.decide(&columns.rows(cut..documents.len())).unwrap();
        let expected = oracle(&columns, &options);
        prop_assert_eq!([earlier.outcome, later.outcome].concat(), expected.outcome);
        prop_assert_eq!([earlier.survivor, later.survivor].concat(), expected.survivor);

        let roomy = Options { memory_bytes: 1 << 20, scratch: folder.0.join("whole"), ..options };
        let (_, whole) = nights(&columns, &roomy, &[0, cut], 50);
        if let Some(whole) = whole.first() {
            prop_assert_eq!(fs::read(merged(&paths, "all")).unwrap(), fs::read(&whole.path).unwrap());
        }
    }

    /// Kept documents, taken in again as such, give the runs that the night gave: what rebuilding an index rests on.
    #[test]
    fn kept_documents_give_the_same_runs_again(
        documents in prop::collection::vec(document(), 1..120),
        memory_bytes in 1u64..20_000,
        bucket_members in 1usize..6,
    ) {
        let folder = Folder::new();
        let options = Options { bucket_members, memory_bytes, ..options(&folder) };
        let (decisions, runs) = nights(&Columns::of(&documents), &options, &[0, documents.len()], 50);
        let mut columns = Columns::of(&documents);
        let kept = |row: &usize| decisions.outcome[*row] == KEPT && documents[*row].candidate;
        for row in (0..documents.len()).filter(|row| !kept(row)) {
            columns.candidates[row] = 0;
        }
        let mut index = SequenceIndex::new(Options { scratch: folder.0.join("again"), keep_all: true, ..options }).unwrap();
        index.decide(&columns.rows(0..documents.len())).unwrap();
        let bytes = |runs: &[FinishedRun]| runs.iter().map(|run| fs::read(&run.path).unwrap()).collect::<Vec<_>>();
        prop_assert_eq!(bytes(index.finish().unwrap()), bytes(&runs));
    }

    /// A damaged file is refused, or at worst gives other answers: never a panic.
    #[test]
    fn damage_is_an_error(
        documents in prop::collection::vec(document(), 30),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255u8), 1..200),
        cut in prop::option::weighted(0.3, any::<prop::sample::Index>()),
        header_too in prop::bool::weighted(0.2),
    ) {
        let folder = Folder::new();
        let columns = Columns::of(&documents);
        let (_, runs) = nights(&columns, &options(&folder), &[0, 30], 30);
        let mut bytes = fs::read(&runs[0].path).unwrap();
        for (at, flip) in flips {
            // The sections before the records, where a wrong number could lead astray.
            let start = if header_too { 0 } else { format::HEADER_BYTES };
            let length = (bytes.len() / 4).saturating_sub(start);
            bytes[start + at.index(length)] ^= flip;
        }
        let whole = bytes.len();
        bytes.truncate(cut.map_or(whole, |cut| cut.index(whole)));
        fs::write(&runs[0].path, &bytes).unwrap();
        let mut index = SequenceIndex::new(Options { scratch: folder.0.join("next"), ..options(&folder) }).unwrap();
        let opened = index.add_run(&runs[0].path);
        prop_assert!(bytes.len() == whole || opened.is_err());
        if opened.is_ok() {
            let _ = index.decide(&columns.rows(0..30));
        }
        let _ = merge(&[&runs[0].path], &folder.0.join("merged"));
    }
}

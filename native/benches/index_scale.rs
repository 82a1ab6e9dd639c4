//! `cargo bench --no-default-features --bench index_scale -- EARLIER NIGHT FOLDER`: what a night of so many documents costs
//! against an index of so many. The index is made in the folder, or found there from an earlier run. `npm run bench -- sequence`
//! runs it, keeps the figures and removes the folder.
//!
//! The index: seven runs as merging leaves them (49, 4, 4, 4, 1, 1 and 1 of 64 parts). Keys are spread evenly and belong to
//! documents in no order; one key in fifty lies in a bucket of 16 documents. Keys are made in ascending order, each knowing its
//! document by a linear permutation, so nothing is sorted. Sketches that the night repeats are written; the others are holes
//! of the file, which read as zeros and take no room: an index with all of them would take 512 bytes a document more on disk.
//!
//! The night: one document in ten is a copy of an earlier one, one in ten like one (11 of 14 bands in common), one in twenty a
//! copy of one of its own night.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Instant;

use quern_native::kernels::minhash::{BANDS, SKETCH_BYTES};
use quern_native::kernels::sequence_index::{
    Decisions, EXACT, HOLDS_BANDS, HOLDS_DIGESTS, Header, NEAR, Options, Rows, RunWriter, SequenceIndex,
};
use xxhash_rust::xxh3::xxh3_64;

const KEYS: u64 = BANDS as u64 + 1;
const PARTS: [u64; 7] = [49, 4, 4, 4, 1, 1, 1];
const BUCKET: u64 = 16;
const BUCKET_SHARE: u64 = 50;
const BATCH: u64 = 4096;
const MOST_NIGHTS: usize = 4;

fn hash(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// One run of the index: documents `base` to `base + documents`.
struct Earlier {
    base: u64,
    documents: u64,
    /// Of the permutation that gives an entry its document, and its inverse.
    multiplier: u64,
    inverse: u64,
}

impl Earlier {
    fn new(base: u64, documents: u64) -> Self {
        let entries = documents * KEYS;
        let mut multiplier = (entries as f64 * 0.618) as u64 | 1;
        let inverse = loop {
            match inverse_of(multiplier, entries) {
                Some(inverse) => break inverse,
                None => multiplier += 2,
            }
        };
        Self { base, documents, multiplier, inverse }
    }

    fn entries(&self) -> u64 {
        self.documents * KEYS
    }

    /// The key of an entry, ascending; those of a bucket are equal.
    fn key(&self, entry: u64) -> u64 {
        let bucket = entry / BUCKET;
        let first = if bucket.is_multiple_of(BUCKET_SHARE) { bucket * BUCKET } else { entry };
        let width = u64::MAX / self.entries();
        first * width + hash(first ^ self.base << 20) % width
    }

    fn document(&self, entry: u64) -> u32 {
        (u128::from(entry) * u128::from(self.multiplier) % u128::from(self.entries()) / u128::from(KEYS)) as u32
    }

    /// The keys of a document by number: its bands, then its digest.
    fn key_of(&self, document: u64, which: u64) -> u64 {
        let slot = (document - self.base) * KEYS + which;
        self.key((u128::from(slot) * u128::from(self.inverse) % u128::from(self.entries())) as u64)
    }

    fn write(&self, path: &Path, repeated: &[u64]) -> std::io::Result<u64> {
        let header = Header::new(HOLDS_BANDS | HOLDS_DIGESTS, self.documents, self.entries());
        let mut run = RunWriter::create(path, header)?;
        let mut entry = 0;
        while entry < self.entries() {
            let end = self.entries().min((entry / BUCKET + 1) * BUCKET);
            if (entry / BUCKET).is_multiple_of(BUCKET_SHARE) {
                let mut members: Vec<u32> = (entry..end).map(|entry| self.document(entry)).collect();
                members.sort_unstable();
                members.into_iter().try_for_each(|member| run.entry(self.key(entry), member))?;
            } else {
                (entry..end).try_for_each(|entry| run.entry(self.key(entry), self.document(entry)))?;
            }
            entry = end;
        }
        for document in self.base..self.base + self.documents {
            run.ids(&u128::from(document).to_be_bytes())?;
            run.digests(&digest(self.key_of(document, BANDS as u64), document))?;
            run.shingles(&500u32.to_le_bytes())?;
        }
        let mut at = self.base;
        let own = |document: &&u64| (self.base..self.base + self.documents).contains(document);
        let mut sketch = Vec::new();
        for &document in repeated.iter().filter(own) {
            run.skip_sketches((document - at) as usize * SKETCH_BYTES)?;
            sketch.clear();
            push_sketch(&mut sketch, document, 0);
            run.sketches(&sketch)?;
            at = document + 1;
        }
        run.skip_sketches((self.base + self.documents - at) as usize * SKETCH_BYTES)?;
        Ok(run.finish()?.bytes)
    }
}

fn digest(key: u64, document: u64) -> [u8; 16] {
    (u128::from(key) << 64 | u128::from(hash(document))).to_be_bytes()
}

/// The sketch of a document, one byte in 32 that of another when `like` is not 0.
fn push_sketch(sketch: &mut Vec<u8>, document: u64, like: u64) {
    sketch.extend((0..SKETCH_BYTES as u64).map(|byte| hash(document << 10 ^ byte ^ if byte % 32 == 0 { like << 40 } else { 0 }) as u8));
}

/// Modulo `modulus`, by Euclid; none when they share a factor.
fn inverse_of(value: u64, modulus: u64) -> Option<u64> {
    let (mut old, mut new) = ((i128::from(value), 1i128), (i128::from(modulus), 0i128));
    while new.0 != 0 {
        let quotient = old.0 / new.0;
        (old, new) = (new, (old.0 - quotient * new.0, old.1 - quotient * new.1));
    }
    (old.0 == 1).then(|| old.1.rem_euclid(i128::from(modulus)) as u64)
}

/// Which earlier document row `row` of the night repeats, if it is one that does.
fn repeats(row: u64, earlier: u64) -> Option<u64> {
    (row % 10 == 3 || row % 10 == 7).then(|| hash(row) % earlier)
}

#[derive(Default)]
struct Night {
    ids: Vec<u8>,
    bands: Vec<u64>,
    sketch: Vec<u8>,
    shingles: Vec<u32>,
    digest: Vec<u8>,
}

impl Night {
    fn of(rows: std::ops::Range<u64>, earlier: u64, index: &[Earlier]) -> Self {
        let mut night = Self::default();
        for row in rows {
            let own = earlier + row;
            night.ids.extend(u128::from(own).to_be_bytes());
            night.shingles.push(500);
            if let Some(document) = repeats(row, earlier) {
                let run = index.iter().rfind(|run| run.base <= document).expect("runs begin at 0");
                let copy = row % 10 == 3;
                let bands =
                    (0..BANDS as u64).map(|band| if copy || band < 11 { run.key_of(document, band) } else { hash(own << 8 | band) });
                night.bands.extend(bands);
                push_sketch(&mut night.sketch, document, if copy { 0 } else { own });
                night.digest.extend(if copy { digest(run.key_of(document, BANDS as u64), document) } else { digest(hash(own), own) });
            } else {
                let own = if row % 20 == 15 && row > 20 { earlier + row - 10 } else { own };
                night.bands.extend((0..BANDS as u64).map(|band| hash(own << 8 | band)));
                push_sketch(&mut night.sketch, own, 0);
                night.digest.extend(digest(hash(own), own));
            }
        }
        night
    }

    /// Pages of one template: all their bands in common, their words not.
    fn of_template(rows: std::ops::Range<u64>, earlier: u64) -> Self {
        let mut night = Self::default();
        for row in rows {
            let own = earlier + row;
            night.ids.extend(u128::from(own).to_be_bytes());
            night.shingles.push(500);
            night.bands.extend((0..BANDS as u64).map(hash));
            push_sketch(&mut night.sketch, own, 0);
            night.digest.extend(digest(hash(own), own));
        }
        night
    }
}

/// Seconds of CPU that this thread has had: others share the machine.
fn cpu() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let spent = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|line| line.split(' ').next()?.parse::<u64>().ok());
    spent.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

/// A line of /proc/self/status in MB; 0 where there is none.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1000
}

/// Page faults that found the page in memory, and those that did not.
fn page_faults() -> [u64; 2] {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [7, 9].map(|at| fields.get(at).and_then(|field| field.parse().ok()).unwrap_or(0))
}

/// What one night took, without making its rows, with its runs written.
#[derive(Clone, Copy, Default)]
struct Taken {
    cpu: f64,
    elapsed: f64,
    exact: usize,
    near: usize,
    /// Of all decisions, so that two programs can be held against each other.
    checksum: u64,
}

fn decide(index: &mut SequenceIndex, rows: u64, make: impl Fn(std::ops::Range<u64>) -> Night) -> Taken {
    let (mut taken, mut start) = (Taken::default(), 0);
    let mut timed = |work: &mut dyn FnMut()| {
        let (clock, spent) = (Instant::now(), cpu());
        work();
        taken.cpu += cpu() - spent;
        taken.elapsed += clock.elapsed().as_secs_f64();
    };
    let (mut exact, mut near, mut checksum) = (0, 0, 0);
    while start < rows {
        let end = rows.min(start + BATCH);
        let Night { ids, bands, sketch, shingles, digest } = make(start..end);
        let candidates = vec![1; (end - start) as usize];
        let rows = Rows { ids: &ids, candidates: &candidates, bands: &bands, sketch: &sketch, shingles: &shingles, digest: &digest };
        let mut decisions = Decisions::default();
        timed(&mut || decisions = index.decide(&rows).expect("the index decides"));
        for outcome in &decisions.outcome {
            exact += usize::from(*outcome == EXACT);
            near += usize::from(*outcome == NEAR);
        }
        checksum = hash(checksum ^ xxh3_64(&decisions.survivor));
        checksum = decisions.similarity.iter().fold(checksum, |checksum, similarity| hash(checksum ^ similarity.to_bits()));
        start = end;
    }
    timed(&mut || assert!(!index.finish().expect("runs are written").is_empty()));
    Taken { exact, near, checksum, ..taken }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [earlier, night, folder] = words.as_slice() else { return eprintln!("EARLIER NIGHT FOLDER") };
    let number = |word: &String| word.parse::<u64>().expect("a number of documents");
    let (earlier, night) = (number(earlier), number(night));
    let folder = PathBuf::from(folder).join(format!("index-{earlier}-{night}"));
    fs::create_dir_all(&folder).expect("the folder can be made");

    let mut repeated: Vec<u64> = (0..night).filter_map(|row| repeats(row, earlier)).collect();
    repeated.sort_unstable();
    repeated.dedup();
    let (mut index, mut base, mut paths, mut bytes, mut searched) = (Vec::new(), 0, Vec::new(), 0, 0);
    let begun = Instant::now();
    for (number, part) in PARTS.iter().enumerate() {
        let documents = earlier * part / 64;
        let run = Earlier::new(base, documents);
        let path = folder.join(format!("{number}.run"));
        if !path.exists() {
            let unfinished = folder.join("unfinished");
            run.write(&unfinished, &repeated).expect("the run is written");
            fs::rename(unfinished, &path).expect("the run gets its name");
        }
        let layout = Header::new(HOLDS_BANDS | HOLDS_DIGESTS, run.documents, run.entries()).layout();
        bytes += layout.sketches.end;
        searched += layout.entries.end;
        base += documents;
        index.push(run);
        paths.push(path);
    }
    let made = begun.elapsed().as_secs_f64();
    let open = |name: &str| {
        let scratch = folder.join(name);
        let options = Options {
            similarity: Some(0.8),
            exact: true,
            bucket_members: 32,
            band_kind: 0,
            memory_bytes: 256 << 20,
            scratch,
            keep_all: false,
        };
        let mut opened = SequenceIndex::new(options).expect("options are right");
        for path in &paths {
            opened.add_run(path).expect("the run is whole");
        }
        opened
    };

    // The same night again and again, until it finds all that it touches in the page cache, or the cache does not hold that much.
    let mut nights = Vec::new();
    for _ in 0..MOST_NIGHTS {
        let before = page_faults();
        let mut opened = open("night");
        let taken = decide(&mut opened, night, |rows| Night::of(rows, base, &index));
        let [found, missed] = page_faults();
        nights.push(as_json(night, taken, [found - before[0], missed - before[1]]));
        if missed - before[1] < night / 1000 {
            break;
        }
    }
    let nights = nights.join(",");
    let template = |rows: u64| rows as f64 / decide(&mut open("template"), rows, |rows| Night::of_template(rows, base)).cpu;
    let (few, many) = (template(2000), template(20_000));
    println!(
        "{{\"earlier\":{base},\"night\":{night},\"indexBytes\":{bytes},\"searchedBytes\":{searched},\"secondsToMake\":{made:.1},\
         \"nights\":[{nights}],\"templateOf2000PerSecond\":{few:.0},\"templateOf20000PerSecond\":{many:.0}}}",
    );
    for scratch in ["night", "template"] {
        fs::remove_dir_all(folder.join(scratch)).expect("the night's runs can go");
    }
}

fn as_json(night: u64, taken: Taken, [found, missed]: [u64; 2]) -> String {
    format!(
        "{{\"documentsPerCpuSecond\":{:.0},\"documentsPerSecond\":{:.0},\"pagesMapped\":{found},\"pagesRead\":{missed},\
         \"ownMemoryMb\":{},\"withMappedFilesMb\":{},\"exact\":{},\"near\":{},\"checksum\":\"{:016x}\"}}",
        night as f64 / taken.cpu,
        night as f64 / taken.elapsed,
        memory("RssAnon"),
        memory("VmRSS"),
        taken.exact,
        taken.near,
        taken.checksum
    )
}

//! `cargo bench --no-default-features --bench deduplication -- sign`: raw text to signatures on one thread.
//! `… -- sequence EARLIER NIGHT`: so many new documents against an index of so many earlier ones, made for it in the
//! temporary folder (about 750 bytes a document) and removed; one in five repeats an earlier document or one of its night.

use std::sync::LazyLock;
use std::time::Instant;

use quern_native::kernels::minhash::{BANDS, SKETCH_BYTES, Shingles, sign};
use quern_native::kernels::sequence_index::{KEPT, Options, Rows, SequenceIndex};

/// Seconds of CPU that this thread has had, or of wall time where the system does not say: others share the machine.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|line| line.split(' ').next()?.parse::<u64>().ok());
    spent.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

/// Prose-like text: words of 1 to 12 letters, few of them common, some capitals, marks and digits.
fn prose(bytes: usize, seed: u64) -> String {
    let mut state = seed;
    let mut random = move |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let words: Vec<String> = (0..5000)
        .map(|_| {
            let letters = 1 + random(6) + random(7);
            (0..letters).map(|_| if random(40) == 0 { 'é' } else { char::from(b'a' + random(26) as u8) }).collect()
        })
        .collect();
    let mut text = String::with_capacity(bytes + 32);
    while text.len() < bytes {
        let draw = random(5000) * random(5000) / 5000;
        let word = &words[draw as usize];
        match random(20) {
            0 => text.push_str(&word.to_uppercase()),
            1 => text.extend([word.as_str(), ", ", &(draw * 17).to_string()]),
            2 => text.extend([word.as_str(), "."]),
            _ => text.push_str(word),
        }
        text.push(if random(100) == 0 { '\n' } else { ' ' });
    }
    text
}

fn bench_sign() {
    for document in [300, 3000, 30_000] {
        let rows = 32 * 1024 * 1024 / document;
        let mut text = String::new();
        let mut offsets = vec![0];
        for row in 0..rows {
            text.push_str(&prose(document, row as u64));
            offsets.push(text.len() as i32);
        }
        let best = (0..3)
            .map(|_| {
                let start = seconds();
                assert_eq!(sign(text.as_bytes(), &offsets, Shingles::Words(5), &[]).map(|signatures| signatures.shingles.len()), Ok(rows));
                seconds() - start
            })
            .fold(f64::INFINITY, f64::min);
        println!("sign: documents of {document} bytes: {:.0} MB/s, {:.0} documents/s", text.len() as f64 / best / 1e6, rows as f64 / best);
    }
}

const BATCH: u64 = 8192;

fn hash(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Signatures of documents `start..end`: every tenth is a copy of an earlier one, every tenth like one (11 bands, 9 values in 10).
#[derive(Default)]
struct Night {
    ids: Vec<u8>,
    candidates: Vec<u8>,
    bands: Vec<u64>,
    sketch: Vec<u8>,
    shingles: Vec<u32>,
    digest: Vec<u8>,
}

impl Night {
    fn of(documents: std::ops::Range<u64>) -> Self {
        let mut night = Self::default();
        for document in documents {
            let earlier = hash(document) % document.max(1) / 10 * 10;
            let (same, digest) = match document % 10 {
                3 => (earlier, earlier),
                7 => (earlier, document),
                _ => (document, document),
            };
            night.ids.extend(u128::from(document).to_be_bytes());
            night.candidates.push(1);
            let own = |part: u64, shared: bool| hash(part << 40 | if shared { same } else { document });
            night.bands.extend((0..BANDS as u64).map(|band| own(band + 1, digest == same || band < 11)));
            night.sketch.extend((0..SKETCH_BYTES as u64).map(|value| own(value + 20, digest == same || value % 10 > 0) as u8));
            night.shingles.push(500);
            night.digest.extend(hash(digest).to_be_bytes().repeat(2));
        }
        night
    }
}

/// Decides the documents and returns the time in the index and how many were dropped.
fn decide(index: &mut SequenceIndex, documents: std::ops::Range<u64>) -> (f64, usize) {
    let (mut taken, mut dropped, mut start) = (0.0, 0, documents.start);
    while start < documents.end {
        let night = Night::of(start..documents.end.min(start + BATCH));
        let rows = Rows {
            ids: &night.ids,
            candidates: &night.candidates,
            bands: &night.bands,
            sketch: &night.sketch,
            shingles: &night.shingles,
            digest: &night.digest,
        };
        let begun = seconds();
        let decisions = index.decide(&rows).expect("the index decides");
        taken += seconds() - begun;
        dropped += decisions.outcome.iter().filter(|outcome| **outcome != KEPT).count();
        start += BATCH;
    }
    (taken, dropped)
}

fn bench_sequence(earlier: u64, night: u64) {
    let folder = std::env::temp_dir().join(format!("quern-bench-{}", std::process::id()));
    let options = |name| Options {
        similarity: Some(0.8),
        exact: true,
        bucket_members: 32,
        band_kind: 0,
        memory_bytes: 256 << 20,
        scratch: folder.join(name),
        keep_all: false,
    };
    let mut first = SequenceIndex::new(options("earlier")).expect("options are right");
    let (mut taken, _) = decide(&mut first, 0..earlier);
    let begun = seconds();
    let runs = first.finish().expect("runs are written").to_vec();
    taken += seconds() - begun;
    drop(first);
    let bytes: u64 = runs.iter().map(|run| run.bytes).sum();
    println!(
        "sequence: index of {earlier} documents: {} runs, {:.0} MB, made at {:.0} documents/s",
        runs.len(),
        bytes as f64 / 1e6,
        earlier as f64 / taken
    );

    let mut index = SequenceIndex::new(options("night")).expect("options are right");
    for run in &runs {
        index.add_run(&run.path).expect("the run is whole");
    }
    let (mut taken, dropped) = decide(&mut index, earlier..earlier + night);
    let decided = taken;
    let begun = seconds();
    index.finish().expect("runs are written");
    taken += seconds() - begun;
    println!(
        "sequence: night of {night}: {:.0} documents/s, with writing its runs {:.0}; {dropped} dropped",
        night as f64 / decided,
        night as f64 / taken,
    );
    std::fs::remove_dir_all(&folder).expect("the folder can go");
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |at: usize| words.get(at).map(|word| word.parse().expect("a number of documents"));
    match words.first().map(String::as_str) {
        Some("sequence") => bench_sequence(number(1).unwrap_or(1_000_000), number(2).unwrap_or(100_000)),
        _ => bench_sign(),
    }
}

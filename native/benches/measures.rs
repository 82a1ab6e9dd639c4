//! `cargo bench --no-default-features --bench measures -- FILE`: every line of a file of JSON lines, its `text`, through
//! the measures of one family after the other and then of all; megabytes of UTF-8 a second of one thread's CPU time.

use std::sync::LazyLock;
use std::time::Instant;

use quern_native::kernels::measures::{Cutter, FINEWEB, LineRules, Measurer, QUALITY, REPETITION, RowFacts};
use quern_native::kernels::segment::{Language, Segmenter};

/// Seconds of CPU that this thread has had, or of wall time where the system does not say: others share the machine.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|line| line.split(' ').next()?.parse::<u64>().ok());
    spent.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

const RULES: LineRules = LineRules {
    by_sentence: false,
    remove_citations: true,
    terminal_punctuation: true,
    min_words: 3,
    max_word_length: 1000,
    javascript: true,
    policy: true,
};

fn main() {
    let path = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).expect("usage: measures FILE");
    let (mut values, mut offsets) = (Vec::new(), vec![0_i32]);
    for line in std::fs::read_to_string(path).expect("the file is read").lines() {
        let document: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
        values.extend_from_slice(document["text"].as_str().expect("with a text").as_bytes());
        offsets.push(values.len() as i32);
    }
    let rounds = 1 + 30_000_000 / values.len();
    let rate = |name: &str, run: &mut dyn FnMut()| {
        run();
        let started = seconds();
        (0..rounds).for_each(|_| run());
        println!("{name}: {:.1} MB/s", (values.len() * rounds) as f64 / 1e6 / (seconds() - started));
    };
    let mut segmenter = Segmenter::default();
    rate("words alone", &mut || {
        for bounds in offsets.windows(2) {
            std::hint::black_box(segmenter.words(&values[bounds[0] as usize..bounds[1] as usize], Language::BASE));
        }
    });
    let cutter = || Some(Cutter::new(RULES, Vec::new()));
    for (name, families, cutter) in [
        ("quality", QUALITY, None),
        ("repetition", REPETITION, None),
        ("fineweb", FINEWEB, None),
        ("c4", 0, cutter()),
        ("all", QUALITY | REPETITION | FINEWEB, cutter()),
    ] {
        let mut measurer = Measurer::new(families, Vec::new(), cutter);
        rate(name, &mut || {
            std::hint::black_box(measurer.measure(&values, &offsets, RowFacts::UNKNOWN));
        });
    }
}

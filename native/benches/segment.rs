//! `cargo bench --no-default-features --bench segment -- LANGUAGE FILE…`: words of plain text, a line a text, on one thread.

use std::time::Instant;

use quern_native::kernels::segment::{Language, Segmenter};

/// Seconds of CPU that this thread has had, or of wall time where the system does not say: others share the machine.
fn seconds(start: Instant) -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|line| line.split(' ').next()?.parse::<u64>().ok());
    spent.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 / 1e9)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [language, files @ ..] = arguments.as_slice() else {
        println!("usage: cargo bench --no-default-features --bench segment -- LANGUAGE FILE…");
        return;
    };
    let start = Instant::now();
    let language = Language::of(language);
    for file in files {
        let text = std::fs::read_to_string(file).expect("a file of UTF-8 text");
        let mut segmenter = Segmenter::default();
        let mut pass = || text.lines().map(|line| segmenter.words(line.as_bytes(), language).len()).sum::<usize>();
        let words = pass();
        // The system counts CPU in steps of milliseconds: much text makes them small.
        let passes = 1 + (64 << 20) / text.len();
        let before = seconds(start);
        for _ in 0..passes {
            assert_eq!(pass(), words);
        }
        let spent = seconds(start) - before;
        println!("{file}: {words} words, {:.1} MB/s", (text.len() * passes) as f64 / 1e6 / spent);
    }
}

//! The parts of the score: each from 0 (bad) to 1. `scale` shrinks Spanish lengths to the language's.

use super::characters::Counts;

/// A line through points (x, score), flat outside of them.
pub fn through(points: &[(f64, f64)], x: f64) -> f64 {
    let Some(after) = points.iter().position(|&(at, _)| x < at) else { return points[points.len() - 1].1 };
    if after == 0 {
        return points[0].1;
    }
    let ((x0, y0), (x1, y1)) = (points[after - 1], points[after]);
    y0 + (y1 - y0) * (x - x0) / (x1 - x0)
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { if part == 0 { 0.0 } else { 100.0 } } else { part as f64 * 100.0 / whole as f64 }
}

/// Letters below which a segment is short: a heading, an entry of a menu.
fn short(scale: f64) -> f64 {
    30.0 * scale
}

/// A tenth for every long segment; and how long the very long ones are.
pub fn long_segments(segments: &[Counts], scale: f64) -> (f64, f64) {
    let (least, most) = (625.0 * scale, 1000.0 * scale);
    let long = segments.iter().filter(|segment| segment.letters as f64 >= 250.0 * scale).take(10).count();
    let great = segments.iter().map(|segment| segment.letters as f64).filter(|&letters| letters > least);
    let (count, sum, longest) =
        great.fold((0.0, 0.0, 0.0_f64), |(n, sum, longest), letters| (n + 1.0, sum + letters, longest.max(letters)));
    let great = if longest >= most {
        1.0
    } else if count == 0.0 {
        0.0
    } else {
        (sum / count - least) / (most - least)
    };
    (long as f64 / 10.0, great)
}

/// Addresses for 2,400 letters, short segments aside; a shorter text counts as one of 2,400, or two links would end a note.
pub fn urls(segments: &[Counts], letters: usize, scale: f64) -> f64 {
    let urls: usize = segments.iter().filter(|segment| segment.letters as f64 >= short(scale)).map(|segment| segment.urls).sum();
    let unit = 2400.0 * scale;
    through(&[(3.0, 1.0), (10.0, 0.0)], urls as f64 * unit / (letters as f64).max(unit))
}

/// Characters of one kind in segments where they are more than a tenth of the letters.
fn heaped(segments: &[Counts], of: impl Fn(&Counts) -> usize) -> f64 {
    segments
        .iter()
        .map(|segment| (of(segment), segment.letters))
        .filter(|&(n, letters)| n as f64 > 0.1 * letters as f64)
        .map(|(n, _)| n)
        .sum::<usize>() as f64
}

pub fn numbers(segments: &[Counts], whole: Counts) -> f64 {
    let base = through(&[(1.0, 1.0), (30.0, 0.0)], percent(whole.numbers, whole.letters));
    base * through(&[(50.0, 1.0), (500.0, 0.0)], heaped(segments, |segment| segment.numbers))
}

pub fn symbols(segments: &[Counts], whole: Counts) -> f64 {
    let base = through(&[(1.0, 1.0), (2.0, 0.7), (6.0, 0.5), (10.0, 0.0)], percent(whole.symbols, whole.letters));
    base * through(&[(30.0, 1.0), (150.0, 0.0)], heaped(segments, |segment| segment.symbols))
}

/// Too much or too little of it in the text, or too many letters in segments with next to none.
pub fn punctuation(segments: &[Counts], scale: f64) -> f64 {
    let (mut marks, mut letters, mut bare) = (0, 0, 0);
    for segment in segments {
        if segment.letters == 0 && segment.numbers == 0 && segment.characters >= 5 {
            continue; // a line drawn to part things
        }
        marks += segment.punctuation;
        letters += segment.letters;
        // A heading has none by nature.
        if segment.letters as f64 >= short(scale) && percent(segment.punctuation, segment.letters) * scale <= 0.5 {
            bare += segment.letters;
        }
    }
    let text = through(&[(0.3, 0.0), (0.5, 0.5), (0.9, 1.0), (2.5, 1.0), (25.0, 0.0)], percent(marks, letters) * scale);
    let in_segments = through(&[(0.5, 1.0), (20.0, 0.6), (40.0, 0.0)], percent(bare, letters));
    text.min(in_segments)
}

/// Fewer segments tell nothing about a text as a whole: a title that stands twice above a paragraph is no repetition.
const LEAST_SEGMENTS: usize = 5;

/// Share of segments, by their hashes, that stand nowhere else in the text.
pub fn repeated(hashes: &mut [u64]) -> f64 {
    if hashes.len() < LEAST_SEGMENTS {
        return 1.0;
    }
    hashes.sort_unstable();
    let again: usize = hashes.chunk_by(|a, b| a == b).map(<[u64]>::len).filter(|&same| same > 1).sum();
    1.0 - again as f64 / hashes.len() as f64
}

/// Saved per cent by bytes of text: read off the description's charts up to 25,000 bytes; beyond, the same bend, up to the
/// 180,000 bytes after which it says nothing changes.
const USUAL_SAVING: [(f64, f64); 15] = [
    (500.0, 39.5),
    (1000.0, 46.0),
    (1500.0, 50.3),
    (2000.0, 52.6),
    (3000.0, 55.7),
    (4000.0, 57.5),
    (5000.0, 58.9),
    (7000.0, 60.5),
    (10_000.0, 62.0),
    (15_000.0, 63.8),
    (20_000.0, 64.8),
    (25_000.0, 65.5),
    (50_000.0, 67.5),
    (100_000.0, 69.2),
    (180_000.0, 70.5),
];

/// The charts begin here: below, headers of the packed form outweigh what it saves.
const LEAST_JUDGED: usize = 500;

pub fn informativeness(raw: usize, compressed: usize) -> f64 {
    if raw < LEAST_JUDGED {
        return 1.0;
    }
    let saved = (1.0 - compressed as f64 / raw as f64) * 100.0;
    let away = (saved - through(&USUAL_SAVING, raw as f64)).abs();
    through(&[(10.0, 1.0), (15.0, 0.7), (20.0, 0.0)], away)
}

/// Little variation of short segments: a menu, a list. Long ones all count as equally long, and are none.
pub fn short_segments(segments: &[Counts], scale: f64) -> f64 {
    let cap = 250.0 * scale;
    let lengths = || segments.iter().filter(|segment| segment.letters > 0).map(|segment| (segment.letters as f64).min(cap));
    let count = lengths().count() as f64;
    if count < LEAST_SEGMENTS as f64 {
        return 1.0;
    }
    let mean = lengths().sum::<f64>() / count;
    if mean >= cap / 2.0 {
        return 1.0;
    }
    let variance = lengths().map(|length| (length - mean) * (length - mean)).sum::<f64>() / count;
    through(&[(0.0, 0.5), (0.6, 1.0)], variance.sqrt() / mean)
}

/// A product in which the worst parts weigh most.
pub fn penalty(parts: &[f64]) -> f64 {
    const ALPHA: f64 = 2.9;
    const BETA: f64 = 3.0;
    if parts.iter().any(|&part| part <= 0.0) {
        return 0.0;
    }
    let weights: f64 = parts.iter().map(|&part| libm::pow(part, -ALPHA)).sum();
    parts.iter().map(|&part| libm::pow(part, libm::pow(part, -ALPHA) / weights * BETA)).product()
}

//! The Web Docs Score of HPLT, from the description in the README of github.com/pablop16n/web-docs-scorer alone: from 0 to 1,
//! how much a text looks like written language rather than lists, menus, numbers and symbols.
//! docs/decisions/web-docs-score.md says where the description is open and what was done.
//!
//! Thresholds are given for Spanish; lengths shrink and shares of punctuation grow with a language's usual punctuation.

mod characters;
mod parts;

use characters::{Counts, count};
use parts::penalty;
use xxhash_rust::xxh3::xxh3_64;

use super::script::{SCRIPTS, dominant_script};

/// Punctuation for a hundred letters of good Spanish text.
const SPANISH_PUNCTUATION: f64 = 2.4;

/// Columns of `score_column`: the score, its two factors, three parts of the first, seven of the second.
pub const MEASURES: usize = 13;

/// Segments of fewer characters number and part things: they repeat by nature.
const LEAST_REPEATED: usize = 4;

/// The scripts whose usual compression the description shows; texts in others are not judged by theirs.
const COMPRESSION_KNOWN: [&str; 3] = ["Latn", "Cyrl", "Grek"];
/// A text's script is told by its first bytes.
const SCRIPT_BYTES: usize = 4096;

pub struct Scorer {
    segments: Vec<Counts>,
    hashes: Vec<u64>,
    compressed: Vec<u8>,
    compressor: zstd::bulk::Compressor<'static>,
}

impl Scorer {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { segments: Vec::new(), hashes: Vec::new(), compressed: Vec::new(), compressor: zstd::bulk::Compressor::new(3)? })
    }

    /// Scores every row of a text column. `punctuation`: usual punctuation for a hundred letters of the row's language;
    /// `language_share`: letters in the text's language of all letters judged, NaN when nobody judged them, which counts as 1.
    /// `out` has `MEASURES` columns of a value a row; a text without a letter keeps what stands there.
    pub fn score_column(&mut self, values: &[u8], offsets: &[i32], punctuation: &[f64], language_share: &[f64], out: &mut [f64]) {
        let rows = offsets.len() - 1;
        for row in 0..rows {
            let Ok(text) = std::str::from_utf8(&values[offsets[row] as usize..offsets[row + 1] as usize]) else { continue };
            let Some(scores) = self.score(text, punctuation[row], language_share[row]) else { continue };
            for (i, score) in scores.into_iter().enumerate() {
                out[i * rows + row] = score;
            }
        }
    }

    pub fn score(&mut self, text: &str, punctuation: f64, language_share: f64) -> Option<[f64; MEASURES]> {
        self.segments.clear();
        self.hashes.clear();
        let mut whole = Counts::default();
        for line in text.split('\n') {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let counts = count(line);
            whole.add(counts);
            if counts.characters >= LEAST_REPEATED {
                self.hashes.push(xxh3_64(line.as_bytes()));
            }
            self.segments.push(counts);
        }
        if whole.letters == 0 {
            return None;
        }
        let scale = SPANISH_PUNCTUATION / punctuation;
        let language = if language_share.is_nan() { 1.0 } else { language_share };
        let (long, great) = parts::long_segments(&self.segments, scale);
        let penalties = [
            parts::urls(&self.segments, whole.letters, scale),
            parts::numbers(&self.segments, whole),
            parts::punctuation(&self.segments, scale),
            parts::symbols(&self.segments, whole),
            parts::repeated(&mut self.hashes),
            self.informativeness(text),
            parts::short_segments(&self.segments, scale),
        ];
        let basic = language * 0.8 + long * 0.1 + great * 0.1;
        let factor = penalty(&penalties);
        let [urls, numbers, marks, symbols, repeated, informativeness, short] = penalties;
        Some([basic * factor, basic, factor, language, long, great, urls, numbers, marks, symbols, repeated, informativeness, short])
    }

    /// How far the text's compression lies from that of usual texts of its size.
    fn informativeness(&mut self, text: &str) -> f64 {
        let mut head = text.len().min(SCRIPT_BYTES);
        while !text.is_char_boundary(head) {
            head -= 1;
        }
        let known = dominant_script(&text.as_bytes()[..head]).is_some_and(|script| COMPRESSION_KNOWN.contains(&SCRIPTS[script]));
        if !known {
            return 1.0;
        }
        self.compressed.clear();
        self.compressed.reserve(zstd::zstd_safe::compress_bound(text.len()));
        // Into a buffer of the bound's size it does not fail; if it did, the text would not be blamed for it.
        let Ok(compressed) = self.compressor.compress_to_buffer(text.as_bytes(), &mut self.compressed) else { return 1.0 };
        parts::informativeness(text.len(), compressed)
    }
}

#[cfg(test)]
mod tests;

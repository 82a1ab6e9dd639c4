//! Runs of words that come again inside a block of texts.

use napi::bindgen_prelude::{Result, Uint32Array};
use napi_derive::napi;

use crate::kernels::repeats::{Repeats, Run};

#[napi]
pub struct RepeatedRuns {
    repeats: Repeats,
}

#[napi]
impl RepeatedRuns {
    #[napi(constructor, catch_unwind)]
    pub fn new(words: u32, block_bytes: f64) -> Self {
        Self { repeats: Repeats::new(words as usize, block_bytes as usize) }
    }

    /// Adds rows of a text column, in the order named; the blocks that were full before one of them.
    #[napi(catch_unwind)]
    pub fn add(&mut self, values: &[u8], offsets: &[i32], rows: &[u32]) -> Result<Vec<Uint32Array>> {
        let mut full = Vec::new();
        for &row in rows {
            let row = row as usize;
            let text = std::str::from_utf8(&values[offsets[row] as usize..offsets[row + 1] as usize]).unwrap_or_default();
            if self.repeats.full(text.len()) {
                full.push(self.compare());
            }
            self.repeats.add(text);
        }
        Ok(full)
    }

    /// The last block: texts in it, then ten numbers a run (text, bytes from and to, words from and to, words of the text,
    /// source, words there from and to, 1 where they are the same one for one). Texts are numbered from 0 through all blocks.
    #[napi(catch_unwind)]
    pub fn finish(&mut self) -> Uint32Array {
        self.compare()
    }

    fn compare(&mut self) -> Uint32Array {
        let (texts, runs) = self.repeats.compare();
        let mut out = Vec::with_capacity(1 + runs.len() * 10);
        out.push(texts);
        for Run { row, bytes, words, of, source, source_words, straight } in runs {
            out.extend([row, bytes.0, bytes.1, words.0, words.1, of, source, source_words.0, source_words.1, u32::from(straight)]);
        }
        Uint32Array::new(out)
    }
}

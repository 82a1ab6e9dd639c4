//! Tokenizers learnt from text columns.

use napi::bindgen_prelude::{Error, Result};
use napi_derive::napi;

use crate::kernels::train::{self, Cut};

/// Learns a tokenizer: `add` texts, `begin`, `advance` until it says true, then `file`.
#[napi]
pub struct TokenizerTrainer {
    inner: train::Trainer,
}

#[napi]
impl TokenizerTrainer {
    /// `cut` is `llama3` or `gpt4o` for byte-level BPE, `spaces` for Unigram.
    #[napi(constructor, catch_unwind)]
    pub fn new(cut: String, threads: u32) -> Result<Self> {
        let cut = Cut::named(&cut).ok_or_else(|| Error::from_reason(format!("no way to cut words is called {cut:?}")))?;
        Ok(Self { inner: train::Trainer::new(cut, threads as usize) })
    }

    /// Counts the words of every row, each as `weight / 256` words.
    #[napi(catch_unwind)]
    pub fn add(&mut self, values: &[u8], offsets: &[i32], weight: u32) -> Result<()> {
        self.inner.add(values, offsets, weight).map_err(Error::from_reason)
    }

    #[napi(getter, catch_unwind)]
    pub fn distinct_words(&self) -> u32 {
        self.inner.distinct_words() as u32
    }

    #[napi(catch_unwind)]
    pub fn begin(&mut self, vocabulary: u32, special: Vec<String>) -> Result<()> {
        self.inner.begin(vocabulary as usize, special).map_err(Error::from_reason)
    }

    /// Works on for about a second; true when there is nothing left to do.
    #[napi(catch_unwind)]
    pub fn advance(&mut self) -> bool {
        self.inner.advance()
    }

    #[napi(getter, catch_unwind)]
    pub fn vocabulary(&self) -> u32 {
        self.inner.vocabulary() as u32
    }

    #[napi(catch_unwind)]
    pub fn file(&self) -> Result<String> {
        self.inner.file().map_err(Error::from_reason)
    }
}

//! Tokenizers of a dataset's own: byte-level BPE and Unigram, learnt from weighted word counts. All sums are of integers and all
//! ties are decided, so that neither the number of threads nor the batches show in the file.

mod bpe;
mod file;
mod lattice;
mod seeds;
mod unigram;
mod words;

use bpe::BpeTraining;
use unigram::UnigramTraining;
pub use words::{WEIGHT_ONE, Words};

use super::tokenizer::pretokenize::{Cl100k, O200k};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    /// Llama 3's pattern.
    Llama3(Cl100k),
    /// GPT-4o's, which also cuts where a capital letter follows a small one.
    Gpt4o(O200k),
    /// Before spaces and around line breaks: Unigram with Metaspace.
    Spaces,
}

impl Cut {
    /// `llama3`, `gpt4o` or `spaces`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "llama3" => Some(Self::Llama3(Cl100k { digits: 3, last_run: false })),
            "gpt4o" => Some(Self::Gpt4o(O200k { contractions: true, digits: 3 })),
            "spaces" => Some(Self::Spaces),
            _ => None,
        }
    }
}

enum Training {
    Counting,
    Bpe(Box<BpeTraining>),
    Unigram(Box<UnigramTraining>),
}

/// Learns a tokenizer: `add` texts, `begin`, `advance` until it says true, then `file`.
pub struct Trainer {
    cut: Cut,
    words: Words,
    training: Training,
    special: Vec<String>,
    threads: usize,
}

impl Trainer {
    pub fn new(cut: Cut, threads: usize) -> Self {
        let threads = threads.max(1);
        Self { cut, words: Words::new(cut, threads), training: Training::Counting, special: Vec::new(), threads }
    }

    /// Counts the words of row i of a text column, `values[offsets[i]..offsets[i + 1]]`, each as `weight / WEIGHT_ONE` words.
    pub fn add(&mut self, values: &[u8], offsets: &[i32], weight: u32) -> Result<(), String> {
        for row in offsets.windows(2) {
            let text = values.get(row[0] as usize..row[1] as usize).ok_or("the offsets of a text column leave its values")?;
            self.words.add(text, weight);
        }
        Ok(())
    }

    /// Distinct words counted so far; those of the last 8 MiB may be missing.
    pub fn distinct_words(&self) -> usize {
        self.words.distinct()
    }

    /// From here on no text is added. `vocabulary` counts everything: special tokens, bytes, the unknown piece of Unigram.
    pub fn begin(&mut self, vocabulary: usize, special: Vec<String>) -> Result<(), String> {
        let least = special.len() + 256 + if self.cut == Cut::Spaces { 1 + 96 } else { 0 };
        if vocabulary <= least {
            return Err(format!("a vocabulary of {vocabulary} has no room: special tokens and bytes alone take {least}"));
        }
        let words = std::mem::replace(&mut self.words, Words::new(self.cut, 1)).finish();
        if words.is_empty() {
            return Err("the texts hold no word".to_owned());
        }
        self.training = match self.cut {
            Cut::Spaces => Training::Unigram(Box::new(UnigramTraining::new(words, vocabulary - special.len() - 257, self.threads))),
            _ => Training::Bpe(Box::new(BpeTraining::new(&words, vocabulary - special.len()))),
        };
        self.special = special;
        Ok(())
    }

    /// Works on for about a second; true when there is nothing left to do.
    pub fn advance(&mut self) -> bool {
        match &mut self.training {
            Training::Counting => true,
            Training::Bpe(training) => training.advance(1_000),
            Training::Unigram(training) => training.advance(),
        }
    }

    /// Tokens of the vocabulary as it stands, special ones included.
    pub fn vocabulary(&self) -> usize {
        match &self.training {
            Training::Counting => 0,
            Training::Bpe(training) => self.special.len() + training.tokens().len(),
            Training::Unigram(training) => self.special.len() + 257 + training.pieces(),
        }
    }

    /// The tokenizer.json.
    pub fn file(&self) -> Result<String, String> {
        match &self.training {
            Training::Counting => Err("nothing was learnt yet".to_owned()),
            Training::Bpe(training) => Ok(file::bpe(training, &self.special, self.cut)),
            Training::Unigram(training) => Ok(file::unigram(&training.vocabulary(), &self.special)),
        }
    }
}

#[cfg(test)]
mod tests;

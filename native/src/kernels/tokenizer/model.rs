//! A loaded tokenizer: read-only, one a process for each file, shared by all threads.

use super::added_tokens::Matcher;
use super::decode::{Decoding, decode};
use super::json_part::Refusal;
use super::load::{self, Engine, Options, Step, Token};
use super::normalize::Chain;
use super::word_table::WordTable;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub struct Model {
    pub engine: Engine,
    pub chain: Chain,
    pub steps: Vec<Step>,
    /// Present when a pretoken that is a token needs no merging.
    pub words: Option<WordTable>,
    pub tokens: Vec<Option<Token>>,
    pub before_normalizing: Matcher,
    pub after_normalizing: Matcher,
    /// Special tokens and their ids in file order.
    pub special: Vec<(String, u32)>,
    /// Of the file, in hexadecimal.
    pub sha256: String,
    decoding: Decoding,
}

type Known = Vec<(String, Options, Weak<Model>)>;

impl Model {
    /// Loads a file, or gives the model that another thread of this process loaded from the same bytes: a 9 MB file takes
    /// 0.3 s.
    pub fn shared(file: &[u8], options: &Options) -> Result<Arc<Self>, Refusal> {
        static KNOWN: Mutex<Known> = Mutex::new(Vec::new());
        let sha256 = format!("{:x}", Sha256::digest(file));
        // Held while loading, so that the second worker waits and shares. A load that panicked has entered nothing.
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(.., model)| model.strong_count() > 0);
        let same = known.iter().find(|(held, with, _)| *held == sha256 && with == options);
        if let Some(model) = same.and_then(|(.., model)| model.upgrade()) {
            return Ok(model);
        }
        let model = Arc::new(Self::new(load::read(file, options)?, sha256.clone(), options.recognise_special));
        known.push((sha256, options.clone(), Arc::downgrade(&model)));
        Ok(model)
    }

    fn new(file: load::File, sha256: String, recognise_special: bool) -> Self {
        let normalized = Matcher::new(&file.added, true, &file.chain, recognise_special);
        Self {
            before_normalizing: Matcher::new(&file.added, false, &file.chain, recognise_special),
            after_normalizing: if normalized.is_empty() { file.user_defined } else { normalized },
            special: file.added.iter().filter(|token| token.special).map(|token| (token.content.clone(), token.id)).collect(),
            words: file.whole_words.then(|| WordTable::new(&file.tokens)),
            engine: file.engine,
            chain: file.chain,
            steps: file.steps,
            tokens: file.tokens,
            decoding: file.decoding,
            sha256,
        }
    }

    /// The largest id and one: what an embedding table needs. Ids that no token has count too.
    pub fn vocabulary_size(&self) -> usize {
        self.tokens.len()
    }

    /// The bytes that ids stand for; fails with the first id that no token has.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>, u32> {
        decode(&self.decoding, &self.tokens, ids)
    }
}

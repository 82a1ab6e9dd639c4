//! Byte-level BPE, ids equal to Hugging Face `tokenizers` 0.23.3 with `encode_special_tokens` set and no special tokens added.
//!
//! A text goes through: added tokens that are not special → normalizer → pre-tokenizer → a cache of pretokens → merges.

mod added_tokens;
mod alphabet;
mod cache;
mod encode;
mod json_part;
mod load;
mod long_cache;
mod merge;
mod model;
mod normalize;
mod pages;
mod pair_table;
mod prefetch;
mod pretokenize;
mod short_merge;
mod unicode_classes;
mod vocabulary_json;
mod word_table;

pub use json_part::Refusal;
pub use model::Model;

use encode::Encoder;
use std::sync::Arc;

/// A tokenizer of one thread: the shared model and a cache of its own, at most 64 MiB, that lives as long as it does.
pub struct Tokenizer {
    model: Arc<Model>,
    encoder: Encoder,
    offsets: Vec<i32>,
}

impl Tokenizer {
    /// Reads a tokenizer.json.
    pub fn load(json: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { model: Model::shared(json)?, encoder: Encoder::default(), offsets: Vec::new() })
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Ids of row i of a text column, `values[offsets[i]..offsets[i + 1]]`, followed by `end_of_document` if given. Gives all
    /// ids and where each row's begin; both are overwritten by the next call. Fails when there are more than 2^31 - 1.
    pub fn encode(&mut self, values: &[u8], offsets: &[i32], end_of_document: Option<u32>) -> Result<(&[u32], &[i32]), String> {
        self.encoder.clear();
        self.offsets.clear();
        self.offsets.push(0);
        for row in offsets.windows(2) {
            let text = values.get(row[0] as usize..row[1] as usize).ok_or("the offsets of a text column leave its values")?;
            self.encoder.encode(&self.model, text);
            if let Some(id) = end_of_document {
                self.encoder.push(id);
            }
            let end = i32::try_from(self.encoder.ids().len()).map_err(|_| "a batch has more than 2,147,483,647 tokens: cut it smaller")?;
            self.offsets.push(end);
        }
        Ok((self.encoder.ids(), &self.offsets))
    }

    /// Copies out what the last call of `encode` gave; the lengths must be those it said.
    pub fn take(&self, ids: &mut [u32], offsets: &mut [i32]) -> Result<(), String> {
        self.check_room(ids.len(), offsets.len())?;
        ids.copy_from_slice(self.encoder.ids());
        offsets.copy_from_slice(&self.offsets);
        Ok(())
    }

    /// `take` for a vocabulary of at most 65,536.
    pub fn take_narrow(&self, ids: &mut [u16], offsets: &mut [i32]) -> Result<(), String> {
        self.check_room(ids.len(), offsets.len())?;
        if self.model.vocabulary_size() > 1 << 16 {
            return Err("the ids of this vocabulary do not fit 16 bits".to_owned());
        }
        for (narrow, &id) in ids.iter_mut().zip(self.encoder.ids()) {
            *narrow = id as u16;
        }
        offsets.copy_from_slice(&self.offsets);
        Ok(())
    }

    fn check_room(&self, ids: usize, offsets: usize) -> Result<(), String> {
        let (all, rows) = (self.encoder.ids().len(), self.offsets.len());
        if (ids, offsets) == (all, rows) {
            Ok(())
        } else {
            Err(format!("room for {ids} ids and {offsets} offsets was given, there are {all} and {rows}"))
        }
    }

    /// Bytes of the pretoken cache.
    pub fn cache_bytes(&self) -> usize {
        self.encoder.cache_bytes()
    }
}

#[cfg(test)]
mod tests;

//! Tokenizers of every file that trainers use: BPE of bytes and of characters, Unigram, `WordPiece`. Ids are equal to those of
//! Hugging Face `tokenizers` 0.23.3, `SentencePiece` 0.2.3, tiktoken 0.14 and mistral-common 1.13.1, which is told to read the text
//! of special tokens as text and to add none.
//!
//! A text goes through: added tokens that are not special → normalizers → pre-tokenizer → a cache of pretokens → model.

mod added_tokens;
pub(in crate::kernels) mod alphabet;
mod arena;
mod bert;
mod bert_classes;
mod cache;
mod characters;
mod charsmap;
mod code_points;
mod cuts;
mod decode;
mod derive_merges;
mod encode;
mod json_models;
mod json_part;
pub(in crate::kernels) mod json_steps;
mod key;
mod load;
mod merge;
mod model;
mod normalize;
mod pages;
mod pair_table;
mod placeholders;
mod prefetch;
pub(in crate::kernels) mod pretokenize;
mod pretokens;
mod protobuf;
mod replace;
mod sentencepiece;
mod sentencepiece_model;
mod sentencepiece_normalize;
mod short_merge;
mod sink;
mod solve;
mod tekken;
mod tiktoken;
mod tokenizer_json;
mod trace;
pub(in crate::kernels) mod trie;
pub(in crate::kernels) mod unicode_classes;
mod unicode_forms;
mod unigram;
mod vocabulary_json;
mod word_table;
mod wordpiece;

pub use json_part::Refusal;
pub use load::{Kind, Options};
pub use model::Model;

use encode::Encoder;
use placeholders::Placeholders;
use std::sync::Arc;

/// A tokenizer of one thread: the shared model and a cache of its own, at most 64 MiB, that lives as long as it does.
pub struct Tokenizer {
    model: Arc<Model>,
    encoder: Encoder,
    offsets: Vec<i32>,
    /// Ranges of the last call that asked for them.
    spans: Vec<(u32, u32)>,
    placeholders: Placeholders,
    vocabulary_size: usize,
}

impl Tokenizer {
    /// Reads a tokenizer file of any kind.
    pub fn load(file: &[u8], options: &Options) -> Result<Self, Refusal> {
        let model = Model::shared(file, options)?;
        let (placeholders, vocabulary_size) = Placeholders::new(&[], &[], model.vocabulary_size());
        Ok(Self { model, encoder: Encoder::default(), offsets: Vec::new(), spans: Vec::new(), placeholders, vocabulary_size })
    }

    /// Each name makes `<|pii:name|>` one id.
    #[must_use]
    pub fn with_placeholders(mut self, names: &[String]) -> Self {
        (self.placeholders, self.vocabulary_size) = Placeholders::new(names, &self.model.special, self.model.vocabulary_size());
        self
    }

    /// The largest id and one, those of placeholders included.
    pub fn vocabulary_size(&self) -> usize {
        self.vocabulary_size
    }

    /// Special tokens in file order, then the placeholders that the file does not have.
    pub fn special(&self) -> impl Iterator<Item = &(String, u32)> {
        let own = self.placeholders.all().iter().filter(|(_, id)| *id as usize >= self.model.vocabulary_size());
        self.model.special.iter().chain(own)
    }

    /// The bytes that ids stand for; fails with the first id that no token has.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>, u32> {
        let mut bytes = Vec::new();
        for part in ids.chunk_by(|&a, &b| self.placeholders.content(a).is_none() && self.placeholders.content(b).is_none()) {
            match self.placeholders.content(part[0]) {
                Some(content) => bytes.extend_from_slice(content.as_bytes()),
                None => bytes.extend(self.model.decode(part)?),
            }
        }
        Ok(bytes)
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
            let mut from = 0;
            while let Some((start, end, id)) = self.placeholders.next(text, from) {
                self.encoder.encode(&self.model, &text[from..start]);
                self.encoder.push(id);
                from = end;
            }
            self.encoder.encode(&self.model, &text[from..]);
            if let Some(id) = end_of_document {
                self.encoder.push(id);
            }
            let end = i32::try_from(self.encoder.ids().len()).map_err(|_| "a batch has more than 2,147,483,647 tokens: cut it smaller")?;
            self.offsets.push(end);
        }
        Ok((self.encoder.ids(), &self.offsets))
    }

    /// Ids of one text without an end of document, and the range of its bytes that each stands for: start and end. Ranges of
    /// a text that no normalizer changed lie end to end; a normalised one's may overlap, and a space that was put in is an
    /// empty range. Slower than `encode`: nothing is taken from the cache.
    pub fn encode_with_spans(&mut self, text: &[u8]) -> (&[u32], &[(u32, u32)]) {
        self.encoder.clear();
        self.spans.clear();
        let mut from = 0;
        while let Some((start, end, id)) = self.placeholders.next(text, from) {
            self.encode_part(text, from, start);
            self.encoder.push(id);
            self.spans.push((start as u32, end as u32));
            from = end;
        }
        self.encode_part(text, from, text.len());
        (self.encoder.ids(), &self.spans)
    }

    fn encode_part(&mut self, text: &[u8], from: usize, to: usize) {
        let before = self.spans.len();
        self.encoder.encode_with_spans(&self.model, &text[from..to], &mut self.spans);
        for (start, end) in &mut self.spans[before..] {
            *start += from as u32;
            *end += from as u32;
        }
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
        if self.vocabulary_size > 1 << 16 {
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
mod format_tests;
#[cfg(test)]
mod tests;

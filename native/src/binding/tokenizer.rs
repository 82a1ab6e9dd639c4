//! Tokenizers over text columns.

use napi::bindgen_prelude::{Error, Int32ArraySlice, Result, Uint8Array, Uint16ArraySlice, Uint32Array, Uint32ArraySlice};
use napi_derive::napi;

use crate::kernels::tokenizer::{self, Kind, Options};

#[napi(object)]
pub struct SpecialToken {
    pub content: String,
    pub id: u32,
}

/// A tokenizer file loaded for one thread. The model is shared by all threads of the process; the cache is not.
#[napi]
pub struct Tokenizer {
    inner: tokenizer::Tokenizer,
}

#[napi]
impl Tokenizer {
    /// `kind` is `tokenizer-json`, `sentencepiece`, `tiktoken`, `tekken` or empty, for what the content says; `encoding` is empty
    /// but for tiktoken files. With `recognise_special` the text of a special token becomes that token. Each name of
    /// `placeholders` makes `<|pii:name|>` one id. Fails with `place = found: why` for a file that the encoder does not implement.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::needless_pass_by_value)] // the shape that napi hands over
    pub fn new(file: &[u8], kind: String, encoding: String, recognise_special: bool, placeholders: Vec<String>) -> Result<Self> {
        let known = Kind::ALL.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind);
        if known.is_none() && !kind.is_empty() {
            return Err(Error::from_reason(format!("no tokenizer file is of the kind {kind:?}")));
        }
        let encoding = Some(encoding).filter(|name| !name.is_empty());
        let loaded = tokenizer::Tokenizer::load(file, &Options { kind: known, encoding, recognise_special });
        let loaded = loaded.map(|inner| Self { inner: inner.with_placeholders(&placeholders) });
        loaded.map_err(|refusal| Error::from_reason(format!("refused: {refusal}")))
    }

    /// The largest id and one.
    #[napi(getter, catch_unwind)]
    pub fn vocabulary_size(&self) -> u32 {
        self.inner.vocabulary_size() as u32
    }

    /// SHA-256 of the file, in hexadecimal.
    #[napi(getter, catch_unwind)]
    pub fn sha256(&self) -> String {
        self.inner.model().sha256.clone()
    }

    /// Special tokens in file order, then placeholders of their own id.
    #[napi(getter, catch_unwind)]
    pub fn special(&self) -> Vec<SpecialToken> {
        self.inner.special().map(|(content, id)| SpecialToken { content: content.clone(), id: *id }).collect()
    }

    /// Encodes every row and gives the number of ids, which `take` then hands over; a negative end of document adds none.
    #[napi(catch_unwind)]
    pub fn encode(&mut self, values: &[u8], offsets: &[i32], end_of_document: i32) -> Result<u32> {
        let (ids, _) = self.inner.encode(values, offsets, u32::try_from(end_of_document).ok()).map_err(Error::from_reason)?;
        Ok(ids.len() as u32)
    }

    /// Ids of one text, and after each its first byte in the text and the one behind its last: three numbers a token.
    #[napi(catch_unwind)]
    pub fn encode_with_spans(&mut self, text: &[u8]) -> Uint32Array {
        let (ids, spans) = self.inner.encode_with_spans(text);
        ids.iter().zip(spans).flat_map(|(&id, &(start, end))| [id, start, end]).collect::<Vec<u32>>().into()
    }

    /// Writes the ids of the last `encode` into `ids`, and where each row's begin into `offsets`.
    #[napi(catch_unwind)]
    pub fn take(&self, mut ids: Uint32ArraySlice, mut offsets: Int32ArraySlice) -> Result<()> {
        // SAFETY: the wrapper made both arrays for this call and JavaScript does not run during it.
        let (ids, offsets) = unsafe { (ids.as_mut(), offsets.as_mut()) };
        self.inner.take(ids, offsets).map_err(Error::from_reason)
    }

    /// `take` for vocabularies of at most 65,536.
    #[napi(catch_unwind)]
    pub fn take_narrow(&self, mut ids: Uint16ArraySlice, mut offsets: Int32ArraySlice) -> Result<()> {
        // SAFETY: as in `take`.
        let (ids, offsets) = unsafe { (ids.as_mut(), offsets.as_mut()) };
        self.inner.take_narrow(ids, offsets).map_err(Error::from_reason)
    }

    /// The bytes that ids stand for; fails for an id that no token has.
    #[napi(catch_unwind)]
    pub fn decode(&self, ids: &[u32]) -> Result<Uint8Array> {
        let decoded = self.inner.decode(ids);
        decoded.map(Uint8Array::new).map_err(|id| Error::from_reason(format!("no token has the id {id}")))
    }

    /// Bytes of the pretoken cache: bounded, whatever was encoded.
    #[napi(getter, catch_unwind)]
    pub fn cache_bytes(&self) -> f64 {
        self.inner.cache_bytes() as f64
    }
}

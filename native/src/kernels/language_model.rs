//! Supervised `fastText` models (`.bin`, `.ftz`): which labels does a text have, with which probability.
//!
//! Every label and probability equals that of the C++ reference (version 0.9.2, as built by the package `fasttext-predict`
//! 0.9.2.4 against libstdc++ and glibc), ties included, and is the same on every machine: sums run in the reference's
//! order in single precision, nothing is fused or reassociated, and `exp` and `log` are not the platform's.
//! The text is one line to the model: a line break is a separator like a space.
//!
//! What makes it fast: the subword rows of a word are looked up once and kept (not their sum, which would change the
//! order of additions), quantized rows are multiplied out once when they fit, and nothing is allocated per word.

mod best;
mod dictionary;
mod loss;
mod math;
mod matrix;
mod reader;
mod reading;
mod words;

use std::fs::File;
use std::path::Path;

use dictionary::Dictionary;
use loss::Loss;
use matrix::Matrix;
use memmap2::Mmap;
use reader::Reader;
pub use reading::Reading;
use words::WordCache;

/// Why a file is not a model that this code reads: what was looked for, and what stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelError(pub String);

impl std::fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ModelError {}

type Result<T> = std::result::Result<T, ModelError>;

const MAGIC: i32 = 793_712_314;
const LABEL_PREFIX: &[u8] = b"__label__";
const END_OF_LINE: &[u8] = b"</s>";
/// Longest n-grams of a header that is taken for sound; every byte of a text costs this many steps.
const MOST_NGRAMS: i32 = 32;

/// The numbers of a model file's header that prediction needs.
#[derive(Debug, Clone, Copy)]
struct Settings {
    dim: usize,
    /// Word n-grams up to this many words; 1 means words alone.
    word_ngrams: usize,
    loss: i32,
    /// Hash buckets of subwords and word n-grams together.
    bucket: u32,
    minn: usize,
    /// 0 means no subwords.
    maxn: usize,
}

/// A model's bytes: mapped, so that workers of one machine share a large model's pages, or owned.
enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Bytes {
    fn get(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

pub struct LanguageModel {
    bytes: Bytes,
    settings: Settings,
    dictionary: Dictionary,
    input: Matrix,
    loss: Loss,
    cache: WordCache,
    hidden: Vec<f32>,
    word_hashes: Vec<u32>,
    /// The text as the model gets it, where that is not the text itself.
    read: Vec<u8>,
}

impl LanguageModel {
    /// Reads a model file. It is mapped, not copied: it must not be changed while the model is in use.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| ModelError(format!("opening {}: {error}", path.display())))?;
        // SAFETY: a model is an asset whose SHA-256 is part of every key; changing one below a run is outside the contract.
        let map = unsafe { Mmap::map(&file) }.map_err(|error| ModelError(format!("mapping {}: {error}", path.display())))?;
        Self::load(Bytes::Mapped(map)).map_err(|error| ModelError(format!("reading {}: {error}", path.display())))
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::load(Bytes::Owned(bytes))
    }

    fn load(bytes: Bytes) -> Result<Self> {
        let mut reader = Reader::new(bytes.get());
        let settings = read_settings(&mut reader)?;
        let mut dictionary = Dictionary::read(&mut reader, settings)?;
        dictionary.index(bytes.get());
        let quantized = reader.flag("whether the input matrix is quantized")?;
        let mut input = Matrix::read(&mut reader, quantized, settings.dim, "input matrix")?;
        input.multiply_out(bytes.get());
        if !quantized && dictionary.is_pruned() {
            return Err(ModelError(
                "the vocabulary is pruned but the input matrix is not quantized (fastText issue 332): download the model anew".into(),
            ));
        }
        dictionary.check_rows(input.rows())?;
        let quantized_output = reader.flag("whether the output matrix is quantized")?;
        let output = Matrix::read(&mut reader, quantized && quantized_output, settings.dim, "output matrix")?;
        if output.rows() != dictionary.labels() {
            return Err(ModelError(format!("the output matrix has {} rows for {} labels", output.rows(), dictionary.labels())));
        }
        let loss = Loss::new(settings.loss, output, &dictionary)?;
        let hidden = vec![0.0; settings.dim];
        Ok(Self {
            bytes,
            settings,
            dictionary,
            input,
            loss,
            cache: WordCache::default(),
            hidden,
            word_hashes: Vec::new(),
            read: Vec::new(),
        })
    }

    /// The labels in the model's order, without `__label__`.
    pub fn labels(&self) -> Vec<String> {
        let bytes = self.bytes.get();
        (0..self.dictionary.labels())
            .map(|label| {
                let name = self.dictionary.label(bytes, label);
                String::from_utf8_lossy(name.strip_prefix(LABEL_PREFIX).unwrap_or(name)).into_owned()
            })
            .collect()
    }

    /// The `k` likeliest labels of one text, likeliest first: label number and probability. Fewer if the model finds no
    /// more above 0.00001 (hierarchical softmax), none if no part of the text is known to it.
    pub fn predict(&mut self, text: &[u8], k: usize) -> Result<&[(f32, u32)]> {
        let parts = self.sum_rows(text);
        self.likeliest(parts, k)
    }

    /// The labels of the sum of `parts` rows that stands in `hidden`.
    fn likeliest(&mut self, parts: usize, k: usize) -> Result<&[(f32, u32)]> {
        if parts == 0 {
            return Ok(&[]);
        }
        let scale = (1.0 / parts as f64) as f32;
        for value in &mut self.hidden {
            *value *= scale;
        }
        self.loss.predict(self.bytes.get(), &self.hidden, k)
    }

    /// `predict`, of what `reading` gives of the text.
    pub fn predict_read(&mut self, text: &[u8], reading: Reading, k: usize) -> Result<&[(f32, u32)]> {
        if !reading.normalised && (reading.most_bytes == 0 || text.len() <= reading.most_bytes) {
            return self.predict(text, k);
        }
        let mut read = std::mem::take(&mut self.read);
        read.clear();
        for piece in reading::pieces(text, reading.most_bytes) {
            if reading.normalised {
                reading::normalise(piece, &mut read);
            } else {
                read.extend_from_slice(piece);
            }
            read.push(b' ');
        }
        let parts = self.sum_rows(&read);
        self.read = read;
        self.likeliest(parts, k)
    }

    /// Predicts every row of a text column. `labels` and `scores` have `k` entries a row, filled with -1 and NaN where
    /// a row has fewer.
    pub fn predict_column(
        &mut self,
        values: &[u8],
        offsets: &[i32],
        reading: Reading,
        k: usize,
        labels: &mut [i32],
        scores: &mut [f64],
    ) -> Result<()> {
        labels.fill(-1);
        scores.fill(f64::NAN);
        for (row, bounds) in offsets.windows(2).enumerate() {
            let text = &values[bounds[0] as usize..bounds[1] as usize];
            for (i, &(score, label)) in self.predict_read(text, reading, k)?.iter().enumerate() {
                labels[row * k + i] = label as i32;
                scores[row * k + i] = f64::from(score);
            }
        }
        Ok(())
    }

    /// Adds up the rows of all words, subwords and word n-grams into `hidden`; returns how many.
    fn sum_rows(&mut self, text: &[u8]) -> usize {
        let Self { bytes, settings, dictionary, input, cache, hidden, word_hashes, .. } = self;
        let bytes = bytes.get();
        hidden.fill(0.0);
        word_hashes.clear();
        let mut parts = 0;
        let mut ended = false;
        for (word, hash) in words::split(text) {
            let (is_word, rows) = cache.rows(bytes, dictionary, word, hash);
            if is_word {
                input.add_rows(bytes, rows, hidden);
                parts += rows.len();
                if settings.word_ngrams > 1 {
                    word_hashes.push(hash);
                }
            }
            if word == END_OF_LINE {
                ended = true; // the reference stops at this token wherever it stands
                break;
            }
        }
        if !ended {
            let hash = words::hash(END_OF_LINE);
            let (is_word, rows) = cache.rows(bytes, dictionary, END_OF_LINE, hash);
            if is_word {
                input.add_rows(bytes, rows, hidden);
                parts += rows.len();
                word_hashes.push(hash);
            }
        }
        if settings.word_ngrams > 1 {
            for first in 0..word_hashes.len() {
                let mut hash = i64::from(word_hashes[first] as i32) as u64;
                for &next in word_hashes[first + 1..].iter().take(settings.word_ngrams - 1) {
                    hash = hash.wrapping_mul(116_049_371).wrapping_add(i64::from(next as i32) as u64);
                    if let Some(row) = dictionary.bucket_row((hash % u64::from(settings.bucket)) as u32) {
                        input.add_rows(bytes, &[row], hidden);
                        parts += 1;
                    }
                }
            }
        }
        parts
    }
}

fn read_settings(reader: &mut Reader) -> Result<Settings> {
    let magic = reader.i32("the magic number")?;
    if magic != MAGIC {
        return Err(ModelError(format!("it does not start with fastText's magic number but with {magic:#x}")));
    }
    let version = reader.i32("the version")?;
    if version != 11 && version != 12 {
        return Err(ModelError(format!("its version is {version}; versions 11 and 12 are read")));
    }
    let mut next = |what| reader.i32(what);
    let (dim, _window, _epoch, _min_count, _negatives) = (next("dim")?, next("ws")?, next("epoch")?, next("minCount")?, next("neg")?);
    let (word_ngrams, loss, model) = (next("wordNgrams")?, next("loss")?, next("model")?);
    let (bucket, minn, maxn, _rate) = (next("bucket")?, next("minn")?, next("maxn")?, next("lrUpdateRate")?);
    reader.take(8, "the sampling threshold")?;
    if model != 3 {
        return Err(ModelError(format!("it is a word-vector model (kind {model}); a supervised one is needed")));
    }
    // Old supervised models were trained without subwords, whatever their header says.
    let maxn = if version == 11 { 0 } else { maxn };
    let within = |value: i32, least: i32, most: i32, what: &str| {
        if (least..=most).contains(&value) {
            Ok(value as usize)
        } else {
            Err(ModelError(format!("its {what} is {value}, expected {least} to {most}")))
        }
    };
    let settings = Settings {
        dim: within(dim, 1, 1 << 16, "dim")?,
        word_ngrams: within(word_ngrams, 0, MOST_NGRAMS, "wordNgrams")?,
        loss: within(loss, 1, 4, "loss")? as i32,
        bucket: within(bucket, 0, i32::MAX, "bucket")? as u32,
        minn: within(minn, 0, MOST_NGRAMS, "minn")?,
        maxn: within(maxn, 0, MOST_NGRAMS, "maxn")?,
    };
    if settings.bucket == 0 && (settings.maxn > 0 || settings.word_ngrams > 1) {
        return Err(ModelError("it has n-grams but no bucket to hash them into".into()));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests;

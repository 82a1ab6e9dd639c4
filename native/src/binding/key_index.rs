//! The key index as a class. Its errors carry a code: `damaged`, `other-rules`, `io` or `misuse`.

use std::path::Path;

use napi::bindgen_prelude::{Error, Float64Array, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::kernels::key_index::{FinishedRun, KeyIndex, KeyIndexError, LineRules, Options, Units, merge};

type Result<T> = napi::Result<T, &'static str>;

#[napi(object)]
pub struct KeyIndexOptions {
    /// Bytes of a key: 8 or 16.
    pub width: u32,
    pub rules: String,
    pub repeats: u32,
    pub memory_bytes: f64,
    pub scratch: String,
}

#[napi(object)]
pub struct KeyRun {
    pub path: String,
    pub bytes: f64,
    pub documents: f64,
}

#[napi(object)]
pub struct KeyCutRules {
    pub min_left: f64,
    pub max_share: f64,
    pub breaks: bool,
}

#[napi(object)]
pub struct KeyCuts {
    /// 0 whole or cut, 1 too little is left, 2 too much is repeated.
    pub outcome: Uint8Array,
    pub measured: Float64Array,
    pub bytes: Uint32Array,
    /// rows x 16 bytes; zeros where nothing is cut.
    pub source: Uint8Array,
    /// Where the ranges of each row begin, in pairs; rows + 1 entries.
    pub offsets: Uint32Array,
    pub ranges: Uint32Array,
}

fn coded(error: &KeyIndexError) -> Error<&'static str> {
    let code = match error {
        KeyIndexError::Io { .. } => "io",
        KeyIndexError::Damaged { .. } => "damaged",
        KeyIndexError::OtherRules { .. } => "other-rules",
        KeyIndexError::Misuse(_) => "misuse",
    };
    Error::new(code, error.to_string())
}

fn finished(run: &FinishedRun) -> KeyRun {
    KeyRun { path: run.path.to_string_lossy().into_owned(), bytes: run.bytes as f64, documents: run.documents as f64 }
}

/// Writes consecutive runs, oldest first, as one; `erased` has 16 bytes for each document that holds nothing.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value)] // napi hands strings over by value only.
pub fn merge_key_runs(inputs: Vec<String>, erased: &[u8], output: String) -> Result<KeyRun> {
    let inputs: Vec<&Path> = inputs.iter().map(Path::new).collect();
    merge(&inputs, erased.as_chunks().0, Path::new(&output)).map(|run| finished(&run)).map_err(|error| coded(&error))
}

#[napi]
pub struct NativeKeyIndex {
    /// None once closed.
    index: Option<KeyIndex>,
}

#[napi]
impl NativeKeyIndex {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: KeyIndexOptions) -> Result<Self> {
        let index = KeyIndex::new(Options {
            width: options.width as usize,
            rules: options.rules,
            repeats: u8::try_from(options.repeats).unwrap_or(0),
            memory_bytes: options.memory_bytes as u64,
            scratch: options.scratch.into(),
        });
        Ok(Self { index: Some(index.map_err(|error| coded(&error))?) })
    }

    fn open(&mut self) -> Result<&mut KeyIndex> {
        self.index.as_mut().ok_or_else(|| Error::new("misuse", "asking the key index: it is closed"))
    }

    #[napi(catch_unwind)]
    pub fn add_run(&mut self, path: String) -> Result<()> {
        self.open()?.add_run(Path::new(&path)).map_err(|error| coded(&error))
    }

    /// 16 bytes a document that is in the dataset no more.
    #[napi(catch_unwind)]
    pub fn erase(&mut self, ids: &[u8]) -> Result<()> {
        self.open()?.erase(ids).map_err(|error| coded(&error))
    }

    #[napi(catch_unwind)]
    pub fn load(&mut self, ids: &[u8], offsets: &[u32], keys: &[u8]) -> Result<()> {
        self.open()?.load(ids, offsets, keys).map_err(|error| coded(&error))
    }

    #[napi(catch_unwind)]
    pub fn stretch(&mut self, from: u32) -> Result<u32> {
        Ok(self.open()?.stretch(from as usize) as u32)
    }

    /// (to - from) x 16 bytes; zeros where no kept document holds the row's key.
    #[napi(catch_unwind)]
    pub fn holders(&mut self, from: u32, to: u32) -> Result<Uint8Array> {
        let holders = self.open()?.holders(from as usize, to as usize).map_err(|error| coded(&error))?;
        Ok(holders.into_flattened().into())
    }

    #[napi(catch_unwind)]
    pub fn cut(&mut self, from: u32, to: u32, ranges: &[u32], sizes: &[u32], rules: KeyCutRules) -> Result<KeyCuts> {
        let rules = LineRules { min_left: rules.min_left, max_share: rules.max_share, breaks: rules.breaks };
        let cuts = self.open()?.cut(from as usize, to as usize, &Units { ranges, sizes }, &rules).map_err(|error| coded(&error))?;
        Ok(KeyCuts {
            outcome: cuts.outcome.into(),
            measured: cuts.measured.into(),
            bytes: cuts.bytes.into(),
            source: cuts.source.into(),
            offsets: cuts.offsets.into(),
            ranges: cuts.ranges.into(),
        })
    }

    #[napi(catch_unwind)]
    pub fn keep(&mut self, from: u32, kept: &[u8]) -> Result<()> {
        self.open()?.keep(from as usize, kept).map_err(|error| coded(&error))
    }

    #[napi(catch_unwind)]
    pub fn held(&mut self) -> Result<u32> {
        Ok(self.open()?.held() as u32)
    }

    #[napi(catch_unwind)]
    pub fn finish(&mut self) -> Result<Vec<KeyRun>> {
        Ok(self.open()?.finish().map_err(|error| coded(&error))?.iter().map(finished).collect())
    }

    /// Unmaps the runs and frees the table; closing again does nothing.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.index = None;
    }
}

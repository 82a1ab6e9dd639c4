//! The sequence index as a class. Its errors carry a code: `damaged`, `other-rules`, `io` or `misuse`.

use std::path::Path;

use napi::bindgen_prelude::{Either, Error, Float64Array, Null, Uint8Array};
use napi_derive::napi;

use crate::kernels::sequence_index::{FinishedRun, IndexError, Options, Rows, SequenceIndex, merge};

type Result<T> = napi::Result<T, &'static str>;

#[napi(object)]
pub struct SequenceIndexOptions {
    /// Null: no near duplicates.
    pub similarity: Either<f64, Null>,
    pub exact: bool,
    pub bucket_members: u32,
    /// Whose bands: less than 2^24, 0 for our own.
    pub band_kind: u32,
    pub memory_bytes: f64,
    pub scratch: String,
    /// Keep every candidate: writes runs again whose documents are known.
    pub keep_all: bool,
}

#[napi(object)]
pub struct SequenceDecisions {
    /// 0 kept, 1 exact duplicate, 2 near duplicate.
    pub outcome: Uint8Array,
    /// rows x 16 bytes; zeros for a kept row.
    pub survivor: Uint8Array,
    /// NaN where the row was compared with nothing.
    pub similarity: Float64Array,
}

#[napi(object)]
pub struct SequenceRun {
    pub path: String,
    pub bytes: f64,
    pub documents: f64,
}

fn coded(error: &IndexError) -> Error<&'static str> {
    let code = match error {
        IndexError::Io { .. } => "io",
        IndexError::Damaged { .. } => "damaged",
        IndexError::OtherRules { .. } => "other-rules",
        IndexError::Misuse(_) => "misuse",
    };
    Error::new(code, error.to_string())
}

fn finished(run: &FinishedRun) -> SequenceRun {
    SequenceRun { path: run.path.to_string_lossy().into_owned(), bytes: run.bytes as f64, documents: run.documents as f64 }
}

/// Writes consecutive runs, oldest first, as one.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value)] // napi hands strings over by value only.
pub fn merge_sequence_runs(inputs: Vec<String>, output: String) -> Result<SequenceRun> {
    let inputs: Vec<&Path> = inputs.iter().map(Path::new).collect();
    merge(&inputs, Path::new(&output)).map(|run| finished(&run)).map_err(|error| coded(&error))
}

#[napi]
pub struct NativeSequenceIndex {
    /// None once closed.
    index: Option<SequenceIndex>,
}

#[napi]
impl NativeSequenceIndex {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: SequenceIndexOptions) -> Result<Self> {
        let index = SequenceIndex::new(Options {
            similarity: match options.similarity {
                Either::A(similarity) => Some(similarity),
                Either::B(Null) => None,
            },
            exact: options.exact,
            bucket_members: options.bucket_members as usize,
            band_kind: options.band_kind,
            memory_bytes: options.memory_bytes as u64,
            scratch: options.scratch.into(),
            keep_all: options.keep_all,
        });
        Ok(Self { index: Some(index.map_err(|error| coded(&error))?) })
    }

    fn open(&mut self) -> Result<&mut SequenceIndex> {
        self.index.as_mut().ok_or_else(|| Error::new("misuse", "asking the sequence index: it is closed"))
    }

    #[napi(catch_unwind)]
    #[allow(clippy::needless_pass_by_value)] // napi hands strings over by value only.
    pub fn add_run(&mut self, path: String) -> Result<()> {
        self.open()?.add_run(Path::new(&path)).map_err(|error| coded(&error))
    }

    /// 16 bytes a document that is in the dataset no more.
    #[napi(catch_unwind)]
    pub fn erase(&mut self, ids: &[u8]) -> Result<()> {
        self.open()?.erase(ids).map_err(|error| coded(&error))
    }

    #[napi(catch_unwind)]
    pub fn decide(
        &mut self,
        ids: &[u8],
        candidates: &[u8],
        bands: &[u64],
        sketch: &[u8],
        shingles: &[u32],
        digest: &[u8],
    ) -> Result<SequenceDecisions> {
        let rows = Rows { ids, candidates, bands, sketch, shingles, digest };
        let decisions = self.open()?.decide(&rows).map_err(|error| coded(&error))?;
        Ok(SequenceDecisions {
            outcome: decisions.outcome.into(),
            survivor: decisions.survivor.into(),
            similarity: decisions.similarity.into(),
        })
    }

    #[napi(catch_unwind)]
    pub fn finish(&mut self) -> Result<Vec<SequenceRun>> {
        Ok(self.open()?.finish().map_err(|error| coded(&error))?.iter().map(finished).collect())
    }

    /// Unmaps the runs and frees the table; closing again does nothing.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.index = None;
    }
}

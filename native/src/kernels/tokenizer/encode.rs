//! Text to ids: added tokens, normalisation, pretokens, cache, model.

use super::cache::{Cache, INLINE};
use super::load::{Engine, Prefix};
use super::model::Model;
use super::normalize::Buffers;
use super::pretokenize::{Scan, Splitter};
use super::pretokens::Together;
use super::solve::Solver;
use super::trace::Trace;
use super::unicode_classes::{Table, table};
use super::{bert, cuts};

/// What one thread keeps from batch to batch.
#[derive(Default)]
pub struct Encoder {
    pub(super) cache: Cache,
    pub(super) solver: Solver,
    pub(super) ids: Ids,
    pub(super) merges: Together,
    buffers: Buffers,
    prefixed: Vec<u8>,
    /// The section at hand begins the document.
    at_start: bool,
    /// Present while the ranges of tokens are asked for.
    pub(super) trace: Option<Trace>,
}

/// An output buffer that is written by place: a pretoken's four inline ids go in with one store.
#[derive(Default)]
pub struct Ids {
    pub(super) buffer: Vec<u32>,
    pub(super) length: usize,
}

impl Ids {
    /// Makes room for so many ids and one store beyond.
    #[inline]
    pub fn reserve(&mut self, more: usize) {
        let needed = self.length + more + INLINE;
        if self.buffer.len() < needed {
            self.buffer.resize(needed.max(self.buffer.len() * 2), 0);
        }
    }

    pub fn extend(&mut self, ids: &[u32]) {
        self.reserve(ids.len());
        self.buffer[self.length..self.length + ids.len()].copy_from_slice(ids);
        self.length += ids.len();
    }
}

/// Pretokens looked at together: enough for their cache lines to arrive, few enough to stay in the first-level cache.
pub const TOGETHER: usize = 192;

/// Above this many ids a batch's buffer is given back after use: 64 MiB.
const KEPT_IDS: usize = 16 << 20;

impl Encoder {
    /// Forgets the ids of the last batch.
    pub fn clear(&mut self) {
        self.ids.length = 0;
        if self.ids.buffer.len() > KEPT_IDS {
            self.ids.buffer = Vec::new();
        }
    }

    pub fn ids(&self) -> &[u32] {
        &self.ids.buffer[..self.ids.length]
    }

    pub fn push(&mut self, id: u32) {
        self.ids.extend(&[id]);
    }

    pub fn cache_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// Appends the ids of one document, and to `spans` the range of its bytes that each stands for. With spans nothing is
    /// taken from the cache.
    pub fn encode_with_spans(&mut self, model: &Model, text: &[u8], spans: &mut Vec<(u32, u32)>) {
        self.trace = Some(Trace::default());
        self.encode(model, text);
        spans.extend(self.trace.take().map(|trace| trace.spans).unwrap_or_default());
    }

    /// Appends the ids of one document.
    pub fn encode(&mut self, model: &Model, text: &[u8]) {
        let mut from = 0;
        while let Some((start, end, id)) = model.before_normalizing.next(text, from) {
            self.normalize(model, text, from, start);
            self.push(id);
            if let Some(trace) = &mut self.trace {
                trace.spans.push((start as u32, end as u32));
            }
            from = end;
        }
        self.normalize(model, text, from, text.len());
    }

    fn normalize(&mut self, model: &Model, text: &[u8], from: usize, to: usize) {
        self.at_start = from == 0;
        if let Some(trace) = &mut self.trace {
            trace.begin(from, to - from);
        }
        if model.chain.0.is_empty() {
            return self.after_normalizing(model, &text[from..to]);
        }
        let mut buffers = std::mem::take(&mut self.buffers);
        let (normal, spans) = model.chain.apply(&text[from..to], &mut buffers, self.trace.is_some());
        if let (Some(trace), Some(spans)) = (&mut self.trace, spans) {
            trace.align(spans);
        }
        self.after_normalizing(model, normal);
        self.buffers = buffers;
    }

    fn after_normalizing(&mut self, model: &Model, text: &[u8]) {
        let mut from = 0;
        while let Some((start, end, id)) = model.after_normalizing.next(text, from) {
            self.cut(model, text, from, start, 0);
            self.push(id);
            if let Some(trace) = &mut self.trace {
                trace.put(start, end);
            }
            from = end;
            self.at_start = false;
        }
        self.cut(model, text, from, text.len(), 0);
    }

    /// Cuts `text[from..to]` by the step `depth` and the ones after it.
    fn cut(&mut self, model: &Model, text: &[u8], from: usize, to: usize, depth: usize) {
        if from == to {
            return;
        }
        let prefix = match model.steps[depth].prefix {
            Prefix::None => false,
            Prefix::UnlessSpace => text[from] != b' ',
            Prefix::First => text[from] != b' ' && self.at_start,
        };
        if prefix {
            let mut prefixed = std::mem::take(&mut self.prefixed);
            prefixed.clear();
            prefixed.push(b' ');
            prefixed.extend_from_slice(&text[from..to]);
            if let Some(trace) = &mut self.trace {
                trace.prefixed_at = Some(from);
            }
            self.cut_by(model, &prefixed, 0, prefixed.len(), depth);
            if let Some(trace) = &mut self.trace {
                trace.prefixed_at = None;
            }
            self.prefixed = prefixed;
        } else {
            self.cut_by(model, text, from, to, depth);
        }
    }

    fn cut_by(&mut self, model: &Model, text: &[u8], from: usize, to: usize, depth: usize) {
        match model.steps[depth].splitter {
            Splitter::Cl100k(scanner) => self.scan(model, &scanner, text, from, to, depth),
            Splitter::O200k(scanner) => self.scan(model, &scanner, text, from, to, depth),
            Splitter::Gpt2(scanner) => self.scan(model, &scanner, text, from, to, depth),
            Splitter::Digits(scanner) => self.scan(model, &scanner, text, from, to, depth),
            Splitter::BeforeSpaces => self.scan(model, &cuts::BeforeSpaces, text, from, to, depth),
            Splitter::Bert => self.scan(model, &bert::BertWords, text, from, to, depth),
            Splitter::Whole => self.scan(model, &Whole, text, from, to, depth),
            Splitter::Cuts => match &model.engine {
                Engine::Unigram(unigram) if unigram.cuts.is_some() => self.carry(unigram, text, from, to),
                Engine::Characters(characters) => match &characters.cuts {
                    Some(scanner) => self.scan(model, scanner, text, from, to, depth),
                    None => self.scan(model, &Whole, text, from, to, depth),
                },
                _ => self.scan(model, &Whole, text, from, to, depth),
            },
        }
    }

    fn scan(&mut self, model: &Model, scanner: &impl Scan, text: &[u8], from: usize, to: usize, depth: usize) {
        // A last step that cuts nothing needs no walk of its own.
        let last = model.steps[depth + 1..].iter().all(|step| step.splitter == Splitter::Whole && step.prefix == Prefix::None);
        if last {
            if self.trace.is_some() {
                self.trace_all(model, scanner, text, from, to);
            } else {
                self.pretokens(model, scanner, text, from, to);
            }
            return;
        }
        let (table, mut at) = (table(), from);
        while at < to {
            let end = scanner.next(table, &text[..to], at);
            self.cut(model, text, at, end, depth + 1);
            at = end;
        }
    }
}

/// Cuts nothing.
struct Whole;

impl Scan for Whole {
    fn next(&self, _table: &Table, text: &[u8], _at: usize) -> usize {
        text.len()
    }
}

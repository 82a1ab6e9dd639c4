//! The ids of one pretoken, worked out by the model.

use super::characters;
use super::encode::Encoder;
use super::key::Key;
use super::load::Engine;
use super::merge::Merger;
use super::model::Model;
use super::pretokenize::Scan;
use super::unicode_classes::table;
use super::unigram::{self, Carried, Unigram};
use super::word_table::WordTable;

/// Buffers kept from pretoken to pretoken.
#[derive(Default)]
pub struct Solver {
    pub(super) ids: Vec<u32>,
    /// How many bytes each stands for; only `trace` fills it for every model.
    pub(super) lengths: Vec<u32>,
    merger: Merger,
    characters: characters::Scratch,
    unigram: unigram::Scratch,
}

impl Solver {
    pub fn characters(&mut self) -> &mut characters::Scratch {
        &mut self.characters
    }

    /// The ids of a pretoken; `key` is its key where that is at hand.
    pub fn solve(&mut self, model: &Model, bytes: &[u8], key: Option<Key>) -> &[u32] {
        self.work(model, bytes, key, false);
        &self.ids
    }

    /// The ids of a pretoken, and how many of its bytes each stands for.
    fn trace(&mut self, model: &Model, bytes: &[u8]) {
        self.work(model, bytes, None, true);
        if let Engine::Bytes(_) = &model.engine {
            let length = |id: &u32| model.tokens[*id as usize].as_ref().map_or(0, |token| token.bytes.len() as u32);
            self.lengths.extend(self.ids.iter().map(length));
        }
    }

    fn work(&mut self, model: &Model, bytes: &[u8], key: Option<Key>, with_lengths: bool) {
        self.ids.clear();
        self.lengths.clear();
        let is_token = |words: &WordTable| {
            let key = key.unwrap_or_else(|| Key::new(bytes, 0, bytes.len()));
            words.find(&model.tokens, bytes, key, key.hash())
        };
        if let Some(id) = model.words.as_ref().and_then(is_token) {
            self.ids.push(id);
            if !matches!(model.engine, Engine::Bytes(_)) {
                self.lengths.push(bytes.len() as u32);
            }
            return;
        }
        match &model.engine {
            Engine::Bytes(pairs) => self.merger.merge(pairs, bytes, &mut self.ids),
            Engine::Characters(characters) => {
                let lengths = with_lengths.then_some(&mut self.lengths);
                characters.encode(bytes, &model.tokens, &mut self.merger, &mut self.characters, &mut self.ids, lengths);
            }
            Engine::Unigram(unigram) => unigram.encode(bytes, &mut Carried::default(), &mut self.unigram, &mut self.ids, &mut self.lengths),
            Engine::WordPiece(pieces) => pieces.encode(bytes, &mut self.ids, &mut self.lengths),
        }
    }
}

impl Encoder {
    /// `text[from..to]` by a model whose scores add up over all of it.
    pub(super) fn carry(&mut self, unigram: &Unigram, text: &[u8], from: usize, to: usize) {
        let (mut at, mut carried) = (from, Carried::default());
        let Some(cuts) = &unigram.cuts else { return };
        self.solver.ids.clear();
        self.solver.lengths.clear();
        while at < to {
            let end = cuts.next(table(), &text[..to], at);
            let Solver { ids, lengths, unigram: scratch, .. } = &mut self.solver;
            unigram.encode(&text[at..end], &mut carried, scratch, ids, lengths);
            at = end;
        }
        self.ids.extend(&self.solver.ids);
        if let Some(trace) = &mut self.trace {
            trace.put_all(from, &self.solver.lengths);
        }
    }

    /// `pretokens` with the range of every token, past the cache.
    pub(super) fn trace_all(&mut self, model: &Model, scanner: &impl Scan, text: &[u8], from: usize, to: usize) {
        let (table, mut at) = (table(), from);
        while at < to {
            let end = scanner.next(table, &text[..to], at);
            self.solver.trace(model, &text[at..end]);
            self.ids.extend(&self.solver.ids);
            if let Some(trace) = &mut self.trace {
                trace.put_all(at, &self.solver.lengths);
            }
            at = end;
        }
    }
}

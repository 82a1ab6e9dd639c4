//! Text to ids: added tokens, normalisation, pretokens, cache, merges.

use super::cache::{self, Cache, Key, Place};
use super::merge::Merger;
use super::model::Model;
use super::pretokenize::{Scan, Splitter};
use super::short_merge::ShortMerge;
use super::unicode_classes::{Table, table};
use super::word_table;

/// What one thread keeps from batch to batch.
pub struct Encoder {
    cache: Cache,
    merger: Merger,
    ids: Ids,
    missed: Vec<u32>,
    normal: Vec<u8>,
    prefixed: Vec<u8>,
    merges: Vec<ShortMerge<16>>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            merges: vec![ShortMerge::default(); TOGETHER],
            cache: Cache::default(),
            merger: Merger::default(),
            ids: Ids::default(),
            missed: vec![],
            normal: vec![],
            prefixed: vec![],
        }
    }
}

/// An output buffer that is written by place: a pretoken's four inline ids go in with one store.
#[derive(Default)]
struct Ids {
    buffer: Vec<u32>,
    length: usize,
}

impl Ids {
    /// Makes room for so many ids and one store beyond.
    #[inline]
    fn reserve(&mut self, more: usize) {
        let needed = self.length + more + cache::INLINE;
        if self.buffer.len() < needed {
            self.buffer.resize(needed.max(self.buffer.len() * 2), 0);
        }
    }

    fn extend(&mut self, ids: &[u32]) {
        self.reserve(ids.len());
        self.buffer[self.length..self.length + ids.len()].copy_from_slice(ids);
        self.length += ids.len();
    }
}

/// Pretokens looked at together: enough for their cache lines to arrive, few enough to stay in the first-level cache.
const TOGETHER: usize = 64;

#[derive(Clone, Copy, Default)]
struct Pretoken {
    at: usize,
    end: usize,
    key: Key,
    place: Place,
}

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

    /// Appends the ids of one document.
    pub fn encode(&mut self, model: &Model, text: &[u8]) {
        let mut from = 0;
        while let Some((start, end, id)) = model.before_normalizing.next(text, from) {
            self.normalize(model, text, from, start);
            self.push(id);
            from = end;
        }
        self.normalize(model, text, from, text.len());
    }

    fn normalize(&mut self, model: &Model, text: &[u8], from: usize, to: usize) {
        let Some(normalizer) = model.normalizer else { return self.after_normalizing(model, text, from, to) };
        let mut buffer = std::mem::take(&mut self.normal);
        let normal = normalizer.apply(&text[from..to], &mut buffer);
        self.after_normalizing(model, normal, 0, normal.len());
        self.normal = buffer;
    }

    fn after_normalizing(&mut self, model: &Model, text: &[u8], mut from: usize, to: usize) {
        while let Some((start, end, id)) = model.after_normalizing.next(&text[..to], from) {
            self.cut(model, text, from, start, 0);
            self.push(id);
            from = end;
        }
        self.cut(model, text, from, to, 0);
    }

    /// Cuts `text[from..to]` by the step `depth` and the ones after it.
    fn cut(&mut self, model: &Model, text: &[u8], from: usize, to: usize, depth: usize) {
        if from == to {
            return;
        }
        let step = model.steps[depth];
        if step.add_prefix_space && text[from] != b' ' {
            let mut prefixed = std::mem::take(&mut self.prefixed);
            prefixed.clear();
            prefixed.push(b' ');
            prefixed.extend_from_slice(&text[from..to]);
            self.cut_by(model, &prefixed, 0, prefixed.len(), depth);
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
            Splitter::Whole => self.scan(model, &Whole, text, from, to, depth),
        }
    }

    fn scan(&mut self, model: &Model, scanner: &impl Scan, text: &[u8], from: usize, to: usize, depth: usize) {
        // A last step that cuts nothing needs no walk of its own.
        let last = model.steps[depth + 1..].iter().all(|step| step.splitter == Splitter::Whole && !step.add_prefix_space);
        if last {
            return self.pretokens(model, scanner, text, from, to);
        }
        let (table, mut at) = (table(), from);
        while at < to {
            let end = scanner.next(table, &text[..to], at);
            self.cut(model, text, at, end, depth + 1);
            at = end;
        }
    }

    fn pretokens(&mut self, model: &Model, scanner: &impl Scan, text: &[u8], from: usize, to: usize) {
        let mut together = [Pretoken::default(); TOGETHER];
        let (table, mut at) = (table(), from);
        while at < to {
            let (start, mut count) = (at, 0);
            while count < TOGETHER && at < to {
                let end = scanner.next(table, &text[..to], at);
                let pretoken = &mut together[count];
                (pretoken.at, pretoken.end) = (at, end);
                if end - at <= cache::SHORT {
                    pretoken.key = Key::new(text, at, end);
                    pretoken.place = self.cache.prepare(pretoken.key);
                }
                count += 1;
                at = end;
            }
            self.ids.reserve(at - start);
            let held = self.put_held(model, text, &together[..count]);
            if held < count {
                self.merge_missing(model, text, &together[held..count]);
                for pretoken in &together[held..count] {
                    if self.put_held(model, text, std::slice::from_ref(pretoken)) == 0 {
                        // Another pretoken of these has just taken its place in the cache.
                        self.miss(model, &text[pretoken.at..pretoken.end], Some(pretoken));
                    }
                }
            }
        }
    }

    /// Appends the ids of pretokens up to the first short one that is not in the cache; gives the number done.
    #[inline]
    fn put_held(&mut self, model: &Model, text: &[u8], some: &[Pretoken]) -> usize {
        for (i, pretoken) in some.iter().enumerate() {
            if pretoken.end - pretoken.at > cache::SHORT {
                self.long(model, &text[pretoken.at..pretoken.end]);
                continue;
            }
            let room = &mut self.ids.buffer[self.ids.length..self.ids.length + cache::INLINE];
            match self.cache.find(pretoken.key, pretoken.place, room.try_into().expect("room for the ids of an entry")) {
                0 => return i,
                cache::MORE => self.long(model, &text[pretoken.at..pretoken.end]),
                found => self.ids.length += found,
            }
        }
        some.len()
    }

    /// Merges the short pretokens of these that are not in the cache, all together, and keeps them.
    #[inline(never)]
    fn merge_missing(&mut self, model: &Model, text: &[u8], some: &[Pretoken]) {
        let (mut missing, mut count) = ([0_u8; TOGETHER], 0);
        for (i, pretoken) in (0..).zip(some) {
            if pretoken.end - pretoken.at <= cache::SHORT && !self.cache.holds(pretoken.key, pretoken.place) {
                if let Some(words) = &model.words {
                    words.expect(pretoken.place.hash);
                }
                missing[count] = i;
                count += 1;
            }
        }
        let mut merging = 0;
        for at in 0..count {
            let pretoken = &some[usize::from(missing[at])];
            let bytes = &text[pretoken.at..pretoken.end];
            if let Some(id) = model.words.as_ref().and_then(|words| words.find(&model.tokens, bytes, pretoken.place.hash)) {
                self.cache.keep(pretoken.key, pretoken.place, bytes, &[id]);
            } else {
                self.merges[merging].begin(&model.pairs, bytes);
                missing[merging] = missing[at];
                merging += 1;
            }
        }
        ShortMerge::together(&model.pairs, &mut self.merges[..merging]);
        for (merge, &i) in self.merges.iter().zip(&missing[..merging]) {
            let pretoken = &some[usize::from(i)];
            self.missed.clear();
            merge.finish(&mut self.missed);
            self.cache.keep(pretoken.key, pretoken.place, &text[pretoken.at..pretoken.end], &self.missed);
        }
    }

    /// A pretoken that is kept, if it is, with the long ones.
    #[inline(never)]
    fn long(&mut self, model: &Model, bytes: &[u8]) {
        match self.cache.find_long(bytes) {
            Some(ids) => self.ids.extend(ids),
            None => self.miss(model, bytes, None),
        }
    }

    /// A pretoken that is not kept; `short` is it with its key, if it has one.
    #[inline(never)]
    fn miss(&mut self, model: &Model, bytes: &[u8], short: Option<&Pretoken>) {
        self.missed.clear();
        match model.words.as_ref().and_then(|words| words.find(&model.tokens, bytes, word_table::hash(bytes))) {
            Some(id) => self.missed.push(id),
            None => self.merger.merge(&model.pairs, bytes, &mut self.missed),
        }
        match short {
            Some(pretoken) => self.cache.keep(pretoken.key, pretoken.place, bytes, &self.missed),
            None => self.cache.keep_long(bytes, &self.missed),
        }
        self.ids.extend(&self.missed);
    }
}

/// Cuts nothing.
struct Whole;

impl Scan for Whole {
    fn next(&self, _table: &Table, text: &[u8], _at: usize) -> usize {
        text.len()
    }
}

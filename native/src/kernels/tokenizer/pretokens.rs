//! Pretokens to ids: from the cache where they are held, else from the model, many together.

use super::cache::{self, Key, Place};
use super::encode::{Encoder, TOGETHER};
use super::load::Engine;
use super::model::Model;
use super::pair_table::PairTable;
use super::pretokenize::Scan;
use super::short_merge::ShortMerge;
use super::unicode_classes::table;

#[derive(Clone, Copy, Default)]
struct Pretoken {
    at: usize,
    end: usize,
    key: Key,
    place: Place,
}

impl Encoder {
    pub(super) fn pretokens(&mut self, model: &Model, scanner: &impl Scan, text: &[u8], from: usize, to: usize) {
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
        if let Engine::Bytes(pairs) = &model.engine {
            self.merge_together(model, pairs, text, some, &mut missing[..count]);
            return;
        }
        for &i in &missing[..count] {
            let pretoken = &some[usize::from(i)];
            let bytes = &text[pretoken.at..pretoken.end];
            let ids = self.solver.solve(model, bytes, Some(pretoken.place.hash));
            self.cache.keep(pretoken.key, pretoken.place, bytes, ids);
        }
    }

    fn merge_together(&mut self, model: &Model, pairs: &PairTable, text: &[u8], some: &[Pretoken], missing: &mut [u8]) {
        let mut merging = 0;
        for at in 0..missing.len() {
            let pretoken = &some[usize::from(missing[at])];
            let bytes = &text[pretoken.at..pretoken.end];
            if let Some(id) = model.words.as_ref().and_then(|words| words.find(&model.tokens, bytes, pretoken.place.hash)) {
                self.cache.keep(pretoken.key, pretoken.place, bytes, &[id]);
            } else {
                self.merges[merging].begin(pairs, bytes);
                missing[merging] = missing[at];
                merging += 1;
            }
        }
        ShortMerge::together(pairs, &mut self.merges[..merging]);
        for (merge, &i) in self.merges.iter().zip(&missing[..merging]) {
            let pretoken = &some[usize::from(i)];
            self.solver.ids.clear();
            merge.finish(&mut self.solver.ids);
            self.cache.keep(pretoken.key, pretoken.place, &text[pretoken.at..pretoken.end], &self.solver.ids);
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
        let ids = self.solver.solve(model, bytes, short.map(|pretoken| pretoken.place.hash));
        match short {
            Some(pretoken) => self.cache.keep(pretoken.key, pretoken.place, bytes, ids),
            None => self.cache.keep_long(bytes, ids),
        }
        self.ids.extend(ids);
    }
}

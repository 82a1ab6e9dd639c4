//! Pretokens to ids: from the cache where they are held, else from the model, many together.

use super::cache::{self, Cache, Place};
use super::characters::{Characters, Scratch};
use super::encode::{Encoder, TOGETHER};
use super::key::Key;
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
                pretoken.key = Key::new(text, at, end);
                pretoken.place = self.cache.prepare(pretoken.key);
                count += 1;
                at = end;
            }
            self.ids.reserve(at - start);
            let held = self.put_held(text, &together[..count]);
            if held < count {
                self.merge_missing(model, text, &together[held..count]);
                for pretoken in &together[held..count] {
                    if self.put_held(text, std::slice::from_ref(pretoken)) == 0 {
                        // It is not kept at all, or another of these has just taken its place in the cache.
                        self.miss(model, &text[pretoken.at..pretoken.end], pretoken);
                    }
                }
            }
        }
    }

    /// Appends the ids of pretokens up to the first that is not in the cache; gives the number done.
    #[inline]
    fn put_held(&mut self, text: &[u8], some: &[Pretoken]) -> usize {
        for (i, pretoken) in some.iter().enumerate() {
            let room = &mut self.ids.buffer[self.ids.length..self.ids.length + cache::INLINE];
            let room: &mut [u32; cache::INLINE] = room.try_into().expect("room for the ids of an entry");
            match self.cache.find(pretoken.key, pretoken.place, room) {
                0 => return i,
                cache::MORE => match self.cache.more(*room, &text[pretoken.at..pretoken.end]) {
                    Some(ids) => self.ids.extend(ids),
                    None => return i,
                },
                found => self.ids.length += found,
            }
        }
        some.len()
    }

    /// Works out and keeps those of these pretokens that are not in the cache.
    #[inline(never)]
    fn merge_missing(&mut self, model: &Model, text: &[u8], some: &[Pretoken]) {
        let (mut missing, mut count) = ([0_u8; TOGETHER], 0);
        for (i, pretoken) in (0..).zip(some) {
            missing[count] = i;
            if !self.cache.holds(pretoken.key, pretoken.place) {
                if let Some(words) = &model.words {
                    words.expect(pretoken.place.hash);
                }
                count += 1;
            }
        }
        let mut start = match &model.engine {
            Engine::Bytes(pairs) => Start { pairs, characters: None },
            Engine::Characters(characters) if characters.is_closed() => {
                Start { pairs: &characters.pairs, characters: Some((characters, self.solver.characters())) }
            }
            _ => {
                for &i in &missing[..count] {
                    let pretoken = &some[usize::from(i)];
                    let bytes = &text[pretoken.at..pretoken.end];
                    let ids = self.solver.solve(model, bytes, Some(pretoken.key));
                    self.cache.keep(pretoken.key, pretoken.place, bytes, ids);
                }
                return;
            }
        };
        let (mut short, mut shorts, mut middle, mut middles) = ([0_u8; TOGETHER], 0, [0_u8; TOGETHER], 0);
        for &i in &missing[..count] {
            let pretoken = &some[usize::from(i)];
            let bytes = &text[pretoken.at..pretoken.end];
            if let Some(id) = model.words.as_ref().and_then(|words| words.find(&model.tokens, bytes, pretoken.key, pretoken.place.hash)) {
                self.cache.keep(pretoken.key, pretoken.place, bytes, &[id]);
            } else if bytes.len() <= 16 {
                short[shorts] = i;
                shorts += 1;
            } else if bytes.len() <= 32 {
                middle[middles] = i;
                middles += 1;
            }
        }
        let Together { short: shorter, middle: longer, ids } = &mut self.merges;
        start.merge_together(text, short[..shorts].iter().map(|&i| some[usize::from(i)]), shorter, &mut self.cache, ids);
        start.merge_together(text, middle[..middles].iter().map(|&i| some[usize::from(i)]), longer, &mut self.cache, ids);
    }

    /// A pretoken that is not kept.
    #[inline(never)]
    fn miss(&mut self, model: &Model, bytes: &[u8], pretoken: &Pretoken) {
        let ids = self.solver.solve(model, bytes, Some(pretoken.key));
        self.cache.keep(pretoken.key, pretoken.place, bytes, ids);
        self.ids.extend(ids);
    }
}

/// Merges under way, of pretokens of up to 16 and of up to 32 bytes.
pub struct Together {
    short: Vec<ShortMerge<16>>,
    middle: Vec<ShortMerge<32>>,
    ids: Vec<u32>,
}

impl Default for Together {
    fn default() -> Self {
        Self { short: vec![ShortMerge::default(); TOGETHER], middle: vec![ShortMerge::default(); TOGETHER], ids: Vec::new() }
    }
}

/// What merges begin with: bytes, or the characters of a model whose symbols are all tokens.
struct Start<'a> {
    pairs: &'a PairTable,
    characters: Option<(&'a Characters, &'a mut Scratch)>,
}

impl Start<'_> {
    /// Merges pretokens of at most `N` bytes in step and keeps them.
    fn merge_together<const N: usize>(
        &mut self,
        text: &[u8],
        pretokens: impl Iterator<Item = Pretoken> + Clone,
        merges: &mut [ShortMerge<N>],
        cache: &mut Cache,
        ids: &mut Vec<u32>,
    ) {
        let mut merging = 0;
        for (merge, pretoken) in merges.iter_mut().zip(pretokens.clone()) {
            let bytes = &text[pretoken.at..pretoken.end];
            match &mut self.characters {
                Some((characters, scratch)) => merge.begin_symbols(self.pairs, characters.begin(bytes, scratch)),
                None => merge.begin(self.pairs, bytes),
            }
            merging += 1;
        }
        ShortMerge::together(self.pairs, &mut merges[..merging]);
        for (merge, pretoken) in merges.iter().zip(pretokens) {
            ids.clear();
            merge.finish(ids);
            cache.keep(pretoken.key, pretoken.place, &text[pretoken.at..pretoken.end], ids);
        }
    }
}

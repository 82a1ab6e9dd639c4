//! Unigram: of all ways to cut a text into pieces the one whose scores add up to most (Kudo 2018), by Viterbi over a trie, with
//! the reference's order of additions and comparisons, because near ties are decided by rounding.

use super::code_points::{NONE, code_point_at};
use super::cuts::Cuts;
use super::trie::{self, Trie};

pub struct Unigram {
    pub trie: Trie,
    /// By id. Those of user-defined pieces are what the reference adds for them.
    pub scores: Vec<f64>,
    pub unknown: u32,
    pub unknown_score: f64,
    /// Sums are rounded to 32 bits after each addition, as `SentencePiece` does; `tokenizers` keeps 64.
    pub single: bool,
    pub byte_ids: Option<[u32; 256]>,
    /// Present when a text is not cut by a pre-tokenizer: the scores then add up over all of it.
    pub cuts: Option<Cuts>,
}

/// Sums of scores and what came last, from one part of a text to the next.
#[derive(Clone, Copy, Default)]
pub struct Carried {
    score: f64,
    after_unknown: bool,
}

/// The best way to a place.
#[derive(Clone, Copy)]
struct Node {
    score: f64,
    from: u32,
    id: u32,
}

const UNREACHED: Node = Node { score: 0.0, from: NONE, id: NONE };

/// Sums beyond this are taken back to zero, as `SentencePiece` 0.2.3 does lest 32 bits lose the differences.
const FAR: f64 = 100_000.0;

/// Buffers kept from text to text; 16 bytes a byte of the longest part.
#[derive(Default)]
pub struct Scratch {
    nodes: Vec<Node>,
    path: Vec<(u32, u32, u32)>,
}

impl Unigram {
    /// Appends the ids of `text`, which no piece leaves, and how many of its bytes each stands for. An unknown token that goes
    /// on one from the part before only makes that one longer.
    pub fn encode(&self, text: &[u8], carried: &mut Carried, scratch: &mut Scratch, ids: &mut Vec<u32>, lengths: &mut Vec<u32>) {
        if self.single {
            self.search::<true>(text, carried.score, scratch);
        } else {
            self.search::<false>(text, carried.score, scratch);
        }
        carried.score = scratch.nodes[text.len()].score;
        let mut unknown_from = None;
        for &(from, to, id) in scratch.path.iter().rev() {
            if id == self.unknown {
                unknown_from.get_or_insert(from);
                if !self.single && self.byte_ids.is_some() {
                    // The reference looks at a whole run of unknown characters.
                    continue;
                }
                self.put_unknown(text, from, to, carried, ids, lengths);
                unknown_from = None;
                continue;
            }
            if let Some(start) = unknown_from.take() {
                self.put_unknown(text, start, from, carried, ids, lengths);
            }
            carried.after_unknown = false;
            ids.push(id);
            lengths.push(to - from);
        }
        if let Some(start) = unknown_from {
            self.put_unknown(text, start, text.len() as u32, carried, ids, lengths);
        }
    }

    fn put_unknown(&self, text: &[u8], from: u32, to: u32, carried: &mut Carried, ids: &mut Vec<u32>, lengths: &mut Vec<u32>) {
        let bytes = &text[from as usize..to as usize];
        if let Some(byte_ids) = self.byte_ids.as_ref().filter(|byte_ids| bytes.iter().all(|&byte| byte_ids[usize::from(byte)] != NONE)) {
            ids.extend(bytes.iter().map(|&byte| byte_ids[usize::from(byte)]));
            lengths.extend(bytes.iter().map(|_| 1));
            carried.after_unknown = false;
        } else if let (true, Some(last)) = (carried.after_unknown, lengths.last_mut()) {
            *last += to - from;
        } else {
            ids.push(self.unknown);
            lengths.push(to - from);
            carried.after_unknown = true;
        }
    }

    /// Fills the nodes, and the path from its end to its beginning: from, to, id.
    fn search<const SINGLE: bool>(&self, text: &[u8], score: f64, scratch: &mut Scratch) {
        let round = |sum: f64| if SINGLE { f64::from(sum as f32) } else { sum };
        let Scratch { nodes, path } = scratch;
        nodes.clear();
        nodes.resize(text.len() + 1, UNREACHED);
        nodes[0].score = score;
        let (mut at, mut furthest) = (0, 0);
        while at < text.len() {
            if SINGLE && nodes[at].score.abs() > FAR {
                let offset = nodes[at].score;
                for node in &mut nodes[at..=furthest] {
                    node.score = if node.from != NONE || at == 0 { round(node.score - offset) } else { node.score };
                }
            }
            let till_here = nodes[at].score;
            let (_, length) = code_point_at(text, at);
            let (mut node, mut single) = (Trie::ROOT, false);
            for (end, &byte) in (at + 1..).zip(&text[at..]) {
                let Some(next) = self.trie.step(node, byte) else { break };
                node = next;
                let id = self.trie.value(node);
                if id == trie::NONE {
                    continue;
                }
                let candidate = round(self.scores[id as usize] + till_here);
                let best = &mut nodes[end];
                if best.from == NONE || candidate > best.score {
                    *best = Node { score: candidate, from: at as u32, id };
                }
                single |= end == at + length;
                furthest = furthest.max(end);
            }
            if !single {
                furthest = furthest.max(at + length);
                let candidate = round(self.unknown_score + till_here);
                let best = &mut nodes[at + length];
                if best.from == NONE || candidate > best.score {
                    *best = Node { score: candidate, from: at as u32, id: self.unknown };
                }
            }
            at += length;
        }
        path.clear();
        let mut end = text.len();
        while end > 0 {
            let node = nodes[end];
            path.push((node.from, end as u32, node.id));
            end = node.from as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unigram(pieces: &[(&str, f64)], byte_ids: Option<&[u32; 256]>) -> Unigram {
        Unigram {
            trie: Trie::new((1..).zip(pieces).map(|(id, (piece, _))| (piece.as_bytes(), id)).collect()),
            scores: std::iter::once(0.0).chain(pieces.iter().map(|piece| piece.1)).collect(),
            unknown: 0,
            unknown_score: -20.0,
            single: true,
            byte_ids: byte_ids.copied(),
            cuts: None,
        }
    }

    fn encode(unigram: &Unigram, parts: &[&str]) -> (Vec<u32>, Vec<u32>) {
        let (mut ids, mut lengths, mut carried) = (vec![], vec![], Carried::default());
        for part in parts {
            unigram.encode(part.as_bytes(), &mut carried, &mut Scratch::default(), &mut ids, &mut lengths);
        }
        (ids, lengths)
    }

    #[test]
    fn the_best_sum_wins() {
        let unigram = unigram(&[("a", -1.0), ("b", -1.0), ("ab", -1.5), ("ba", -3.0)], None);
        assert_eq!(encode(&unigram, &["aba"]), (vec![3, 1], vec![2, 1]));
    }

    #[test]
    fn unknown_characters_become_one_token_over_parts_too() {
        let unigram = unigram(&[("a", -1.0)], None);
        assert_eq!(encode(&unigram, &["aéß", "éa"]), (vec![1, 0, 1], vec![1, 6, 1]));
    }

    #[test]
    fn unknown_characters_become_their_bytes() {
        let unigram = unigram(&[("a", -1.0)], Some(&std::array::from_fn(|byte| 1000 + byte as u32)));
        assert_eq!(encode(&unigram, &["aé"]), (vec![1, 1000 + 0xC3, 1000 + 0xA9], vec![1, 1, 1]));
    }
}

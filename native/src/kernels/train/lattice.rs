//! All ways to cut a word into pieces: how often each piece is expected in it, and the likeliest way.

use crate::kernels::tokenizer::trie::{NONE, Trie};

/// Pieces with the probability of each.
pub struct Pieces {
    pub trie: Trie,
    /// Times `SCALE` to the power of the piece's bytes: the same factor for every way to cut a word, and products of long words
    /// stay in range.
    scaled: Vec<f64>,
    scores: Vec<f64>,
}

/// About one over the probability of a byte.
const SCALE: f64 = 6.0;

/// Expected counts are integers of this part of a word: sums do not depend on their order.
pub const UNIT: f64 = 65_536.0;

#[derive(Default)]
pub struct Scratch {
    forward: Vec<f64>,
    backward: Vec<f64>,
    edges: Vec<(u32, u32, u32)>,
}

impl Pieces {
    pub fn new(pieces: &[(Vec<u8>, f64)]) -> Self {
        let scaled = pieces.iter().map(|(piece, score)| libm::exp(*score) * libm::pow(SCALE, piece.len() as f64)).collect();
        Self {
            trie: Trie::new((0..).zip(pieces).map(|(id, (piece, _))| (&piece[..], id)).collect()),
            scaled,
            scores: pieces.iter().map(|piece| piece.1).collect(),
        }
    }

    /// Adds to `expected`, by piece, `count` times how often it is expected in the word, in units. A character that no piece
    /// has, which a file writes as bytes, is passed over.
    pub fn expect(&self, word: &[u8], count: f64, scratch: &mut Scratch, expected: &mut [u64]) {
        let Scratch { forward, backward, edges } = scratch;
        forward.clear();
        forward.resize(word.len() + 1, 0.0);
        backward.clone_from(forward);
        edges.clear();
        forward[0] = 1.0;
        for at in 0..word.len() {
            if forward[at] == 0.0 {
                continue;
            }
            let mut alone = false;
            let (mut node, first) = (Trie::ROOT, edges.len());
            for (end, &byte) in (at + 1..).zip(&word[at..]) {
                let Some(next) = self.trie.step(node, byte) else { break };
                node = next;
                let id = self.trie.value(node);
                if id != NONE {
                    edges.push((at as u32, end as u32, id));
                    forward[end] += forward[at] * self.scaled[id as usize];
                    alone |= end == after(word, at);
                }
            }
            if !alone || edges.len() == first {
                let end = after(word, at);
                edges.push((at as u32, end as u32, NONE));
                forward[end] += forward[at] * UNKNOWN;
            }
        }
        let total = forward[word.len()];
        if !(total > 0.0 && total.is_finite()) {
            return; // a run of rare characters whose product vanished teaches nothing
        }
        backward[word.len()] = 1.0;
        for &(from, to, id) in edges.iter().rev() {
            let probability = if id == NONE { UNKNOWN } else { self.scaled[id as usize] };
            let through = probability * backward[to as usize];
            backward[from as usize] += through;
            if id != NONE {
                expected[id as usize] += (forward[from as usize] * through / total * count * UNIT) as u64;
            }
        }
    }

    /// Pieces of the likeliest way to cut piece `own` into others; false when there is none.
    pub fn without(&self, piece: &[u8], own: u32, best: &mut Vec<(f64, u32, u32)>, path: &mut Vec<u32>) -> bool {
        best.clear();
        best.resize(piece.len() + 1, (f64::NEG_INFINITY, 0, NONE));
        best[0].0 = 0.0;
        for at in 0..piece.len() {
            if best[at].0 == f64::NEG_INFINITY {
                continue;
            }
            let mut node = Trie::ROOT;
            for (end, &byte) in (at + 1..).zip(&piece[at..]) {
                let Some(next) = self.trie.step(node, byte) else { break };
                node = next;
                let id = self.trie.value(node);
                if id != NONE && id != own && best[at].0 + self.scores[id as usize] > best[end].0 {
                    best[end] = (best[at].0 + self.scores[id as usize], at as u32, id);
                }
            }
        }
        path.clear();
        let mut at = piece.len();
        while at > 0 {
            let (_, from, id) = best[at];
            if id == NONE {
                return false;
            }
            path.push(id);
            at = from as usize;
        }
        true
    }
}

/// The probability of a character without a piece, scaled; what stands around it is not altered by how small it is.
const UNKNOWN: f64 = 1e-6;

/// Where the character at `at` ends.
fn after(word: &[u8], at: usize) -> usize {
    (at + 1..word.len()).find(|&end| word[end] & 0xC0 != 0x80).unwrap_or(word.len())
}

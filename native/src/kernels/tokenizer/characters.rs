//! BPE that begins with characters: `SentencePiece` models and the tokenizer.json files made of them. A character that the
//! vocabulary lacks becomes the tokens of its bytes, or an unknown token.

use super::code_points::{CodePointMap, NONE, code_point_at};
use super::cuts::Cuts;
use super::load::Token;
use super::merge::Merger;
use super::pair_table::{MAX_IDS, PairTable};

/// A character that no token and no piece has: it merges with nothing.
const UNKNOWN: u32 = MAX_IDS as u32;

/// What becomes of a character that is no token.
pub struct Fallback {
    /// Tokens of single bytes, `NONE` where there is none.
    pub bytes: [u32; 256],
    /// The token of a character whose bytes have no tokens either; without one it is left out.
    pub unknown: Option<u32>,
    /// Such characters beside each other become one token.
    pub fuse: bool,
}

impl Default for Fallback {
    fn default() -> Self {
        Self { bytes: [NONE; 256], unknown: None, fuse: true }
    }
}

pub struct Characters {
    pub symbols: CodePointMap,
    pub pairs: PairTable,
    pub fallback: Fallback,
    pub cuts: Option<Cuts>,
    /// Symbols from this on are characters that are no tokens but parts of some: by place, their code points.
    pub loose_from: u32,
    pub loose: Vec<u32>,
}

/// Buffers kept from pretoken to pretoken.
#[derive(Default)]
pub struct Scratch {
    symbols: Vec<u32>,
    lengths: Vec<u32>,
    merged: Vec<u32>,
}

impl Characters {
    /// Whether every merged symbol is a token, so that nothing has to be looked at after merging.
    pub fn is_closed(&self) -> bool {
        self.loose.is_empty() && self.fallback.bytes.iter().all(|&id| id != NONE)
    }

    /// Appends the ids of `text` to `ids`, and to `lengths` how many of its bytes each stands for.
    pub fn encode(
        &self,
        text: &[u8],
        tokens: &[Option<Token>],
        merger: &mut Merger,
        scratch: &mut Scratch,
        ids: &mut Vec<u32>,
        lengths: Option<&mut Vec<u32>>,
    ) {
        self.begin(text, scratch);
        if self.is_closed() && lengths.is_none() {
            merger.merge_symbols(&self.pairs, &scratch.symbols, ids);
            return;
        }
        let Scratch { symbols, lengths: starts, merged } = scratch;
        merged.clear();
        merger.merge_symbols(&self.pairs, symbols, merged);
        self.finish(text, tokens, merged, starts, ids, lengths);
    }

    /// The symbols of single characters; how many bytes each stands for goes into `scratch`.
    pub fn begin<'a>(&self, text: &[u8], scratch: &'a mut Scratch) -> &'a [u32] {
        scratch.symbols.clear();
        scratch.lengths.clear();
        let mut at = 0;
        while at < text.len() {
            let (c, length) = code_point_at(text, at);
            let symbol = self.symbols.get(c);
            let bytes = &text[at..at + length];
            if symbol == NONE && bytes.iter().all(|&byte| self.fallback.bytes[usize::from(byte)] != NONE) {
                scratch.symbols.extend(bytes.iter().map(|&byte| self.fallback.bytes[usize::from(byte)]));
                scratch.lengths.extend(bytes.iter().map(|_| 1));
            } else {
                scratch.symbols.push(if symbol == NONE { UNKNOWN } else { symbol });
                scratch.lengths.push(length as u32);
            }
            at += length;
        }
        &scratch.symbols
    }

    /// Merged symbols to ids: what is no token becomes bytes or unknown.
    fn finish(
        &self,
        text: &[u8],
        tokens: &[Option<Token>],
        merged: &[u32],
        starts: &[u32],
        ids: &mut Vec<u32>,
        lengths: Option<&mut Vec<u32>>,
    ) {
        let (mut at, mut start, mut after_unknown) = (0, 0, false);
        let mut sink = Vec::new();
        let lengths = lengths.unwrap_or(&mut sink);
        for &symbol in merged {
            let first = starts[start] as usize;
            let is_token = symbol < self.loose_from;
            let length = match tokens.get(symbol as usize) {
                // A byte token stands for one byte, whatever it is written as; so does its symbol.
                Some(Some(token)) if is_token => token.bytes.len().max(1),
                _ => first,
            };
            let mut covered = 0;
            while covered < length && start < starts.len() {
                covered += starts[start] as usize;
                start += 1;
            }
            let bytes = &text[at..at + covered];
            at += covered;
            if is_token {
                ids.push(symbol);
                lengths.push(covered as u32);
            } else if bytes.iter().all(|&byte| self.fallback.bytes[usize::from(byte)] != NONE) {
                ids.extend(bytes.iter().map(|&byte| self.fallback.bytes[usize::from(byte)]));
                lengths.extend(bytes.iter().map(|_| 1));
            } else if let Some(unknown) = self.fallback.unknown {
                if let (true, true, Some(last)) = (after_unknown, self.fallback.fuse, lengths.last_mut()) {
                    *last += covered as u32;
                } else {
                    ids.push(unknown);
                    lengths.push(covered as u32);
                }
                after_unknown = true;
                continue;
            }
            after_unknown = false;
        }
    }
}

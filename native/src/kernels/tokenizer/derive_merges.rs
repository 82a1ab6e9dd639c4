//! Merges for vocabularies that come without any: `SentencePiece` and tiktoken merge whatever neighbours make a piece, the best
//! piece first. Each piece can come about in one way only: its symbols, merged by that rule with nothing around them, come
//! down to two, and to the same two inside any text, since no merge over its ends was made before. So one merge a piece does it.

use super::pair_table::Merge;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A piece that merging may make.
pub struct Piece<'a> {
    pub bytes: &'a [u8],
    pub id: u32,
    /// The lower, the earlier it is made; pieces of the same rank from left to right.
    pub rank: u32,
}

/// xxh3 of the bytes: a million look-ups while loading.
#[derive(Default)]
struct PieceHasher(u64);

impl Hasher for PieceHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxhash_rust::xxh3::xxh3_64_with_seed(bytes, self.0);
    }
    fn write_usize(&mut self, _: usize) {}
    fn finish(&self) -> u64 {
        self.0
    }
}

/// The merges of `pieces`, in order of rank. `symbols` gives the byte lengths and ids with which a piece begins, one after the
/// other.
pub fn derive(pieces: &[Piece], symbols: impl Fn(&[u8], &mut Vec<(usize, u32)>)) -> Vec<Merge> {
    let mut by_bytes: HashMap<&[u8], (u32, u32), BuildHasherDefault<PieceHasher>> = HashMap::default();
    for piece in pieces {
        by_bytes.insert(piece.bytes, (piece.rank, piece.id));
    }
    let mut merges = Vec::with_capacity(pieces.len());
    let (mut parts, mut ranks) = (Vec::new(), Vec::new());
    for piece in pieces {
        parts.clear();
        symbols(piece.bytes, &mut parts);
        if let Some((left, right)) = last_two(piece.bytes, &mut parts, &mut ranks, |bytes| by_bytes.get(bytes).copied()) {
            merges.push(Merge { left, right, result: piece.id, rank: piece.rank });
        }
    }
    merges.sort_by_key(|merge| merge.rank);
    merges
}

/// The two symbols from which a piece is made, if merging ever comes down to two that make it.
fn last_two(
    bytes: &[u8],
    parts: &mut Vec<(usize, u32)>,
    ranks: &mut Vec<Option<(u32, u32)>>,
    find: impl Fn(&[u8]) -> Option<(u32, u32)>,
) -> Option<(u32, u32)> {
    if parts.len() < 2 {
        return None;
    }
    let mut at = 0;
    ranks.clear();
    for two in parts.windows(2) {
        ranks.push(find(&bytes[at..at + two[0].0 + two[1].0]));
        at += two[0].0;
    }
    while parts.len() > 2 {
        let (_, best) = ranks.iter().enumerate().filter_map(|(i, found)| found.map(|(rank, _)| (rank, i))).min()?;
        parts[best] = (parts[best].0 + parts[best + 1].0, ranks[best]?.1);
        parts.remove(best + 1);
        ranks.remove(best);
        let start: usize = parts[..best].iter().map(|part| part.0).sum();
        if best > 0 {
            ranks[best - 1] = find(&bytes[start - parts[best - 1].0..start + parts[best].0]);
        }
        if best + 1 < parts.len() {
            ranks[best] = find(&bytes[start..start + parts[best].0 + parts[best + 1].0]);
        }
    }
    Some((parts[0].1, parts[1].1))
}

#[cfg(test)]
mod tests {
    use super::super::merge::Merger;
    use super::super::pair_table::PairTable;
    use super::*;
    use proptest::prelude::*;

    /// Any two neighbours that make a piece merge, the lowest rank first, the leftmost of those.
    fn plainly(pieces: &[(Vec<u8>, u32)], text: &[u8]) -> Vec<Vec<u8>> {
        let mut parts: Vec<Vec<u8>> = text.iter().map(|&byte| vec![byte]).collect();
        let rank = |two: &[Vec<u8>]| pieces.iter().find(|piece| piece.0 == two.concat()).map(|piece| piece.1);
        while let Some((_, at)) = parts.windows(2).enumerate().filter_map(|(i, two)| rank(two).map(|r| (r, i))).min() {
            let merged = parts[at..at + 2].concat();
            parts.splice(at..at + 2, [merged]);
        }
        parts
    }

    proptest! {
        /// Ranks are drawn at random and may be equal: long pieces may come before their parts.
        #[test]
        fn derived_merges_make_what_the_rule_makes(
            drawn in proptest::collection::btree_map(proptest::collection::vec(0_u8..3, 2..6), 0_u32..12, 0..25),
            text in proptest::collection::vec(0_u8..3, 1..60),
        ) {
            let strings: Vec<(Vec<u8>, u32)> = drawn.into_iter().collect();
            let pieces: Vec<Piece> = (256..).zip(&strings).map(|(id, (bytes, rank))| Piece { bytes, id, rank: *rank }).collect();
            let mut merges = derive(&pieces, |bytes, out| out.extend(bytes.iter().map(|&byte| (1, u32::from(byte)))));
            let mut order: Vec<u32> = merges.iter().map(|merge| merge.rank).collect();
            order.dedup();
            for merge in &mut merges {
                merge.rank = order.iter().position(|&rank| rank == merge.rank).unwrap() as u32;
            }
            let table = PairTable::ranked(&merges, &std::array::from_fn(|byte| byte as u32)).unwrap();
            let mut ids = Vec::new();
            Merger::default().merge(&table, &text, &mut ids);
            let made: Vec<Vec<u8>> = ids.iter().map(|&id| if id < 256 { vec![id as u8] } else { strings[id as usize - 256].0.clone() }).collect();
            prop_assert_eq!(made, plainly(&strings, &text));
        }
    }
}

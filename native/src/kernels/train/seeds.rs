//! The pieces that Unigram begins with: substrings of words that come more than once and are not always continued in the same
//! way, found in the sorted suffixes of the words (as esaxx does for `SentencePiece`).

use super::words::WEIGHT_ONE;
use std::collections::HashSet;

/// In characters, as in `SentencePiece`.
const LONGEST_PIECE: usize = 16;
/// Words that seeds are looked for in, the most frequent ones: suffixes take eight bytes a byte.
const MOST_WORDS: usize = 500_000;

/// Up to `most` pieces of two characters and more, the best by weighted count times length.
pub fn seeds(words: &[(Box<[u8]>, u64)], most: usize) -> Vec<(Vec<u8>, u64)> {
    let mut suffixes = Vec::new();
    for (word, count) in words.iter().take(MOST_WORDS) {
        let starts: Vec<usize> = (0..word.len()).filter(|&at| word[at] & 0xC0 != 0x80).chain([word.len()]).collect();
        for i in 0..starts.len() - 1 {
            let end = starts[(i + LONGEST_PIECE).min(starts.len() - 1)];
            suffixes.push((&word[starts[i]..end], *count));
        }
    }
    // Equal suffixes differ in their counts only, which are added up.
    suffixes.sort_unstable();
    let mut found = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for i in 0..suffixes.len() {
        let (suffix, count) = suffixes[i];
        let shared = suffixes.get(i + 1).map_or(0, |next| common(suffix, next.0));
        // The suffix itself, when no following one goes on from it or is it again.
        let mut closed = count;
        if shared < suffix.len() {
            close(&mut found, suffix, suffix.len(), count);
        } else {
            open_at(&mut open, suffix.len());
            closed = 0;
            open.last_mut().expect("one was just opened").count += count;
        }
        while open.last().is_some_and(|last| last.length > shared) {
            let last = open.pop().expect("there is one");
            closed += last.count;
            close(&mut found, suffix, last.length, closed);
        }
        if shared > 0 && closed > 0 {
            open_at(&mut open, shared);
            open.last_mut().expect("one was just opened").count += closed;
        }
    }
    found.sort_unstable_by(|a: &(Vec<u8>, u64), b| score(b).cmp(&score(a)).then_with(|| a.0.cmp(&b.0)));
    let mut seen = HashSet::new();
    found.retain(|(piece, _)| seen.insert(piece.clone()));
    found.truncate(most);
    found
}

/// A prefix that the last suffixes share, and the count of those that are behind it.
struct Open {
    length: usize,
    count: u64,
}

fn open_at(open: &mut Vec<Open>, length: usize) {
    if open.last().is_none_or(|last| last.length < length) {
        open.push(Open { length, count: 0 });
    }
}

fn close(found: &mut Vec<(Vec<u8>, u64)>, suffix: &[u8], length: usize, count: u64) {
    let piece = &suffix[..length];
    let characters = piece.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
    let joins_spaces = piece[1..].contains(&b' ');
    if characters > 1 && count >= 2 * u64::from(WEIGHT_ONE) && !joins_spaces && std::str::from_utf8(piece).is_ok() {
        found.push((piece.to_vec(), count));
    }
}

fn score((piece, count): &(Vec<u8>, u64)) -> u128 {
    u128::from(*count) * piece.len() as u128
}

/// Bytes that both begin with, in whole characters.
fn common(a: &[u8], b: &[u8]) -> usize {
    let mut length = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    while length > 0 && (a.get(length).is_some_and(|byte| byte & 0xC0 == 0x80) || b.get(length).is_some_and(|byte| byte & 0xC0 == 0x80)) {
        length -= 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn counts_are_those_of_the_words(texts in proptest::collection::btree_map("[abé]{1,7}", 1_u64..4, 1..12)) {
            let texts: BTreeMap<String, u64> = texts;
            let words: Vec<_> = texts.iter().map(|(word, count)| (word.as_bytes().into(), count * u64::from(WEIGHT_ONE))).collect();
            let found: BTreeMap<String, u64> =
                seeds(&words, 1000).into_iter().map(|(piece, count)| (String::from_utf8(piece).unwrap(), count)).collect();
            for (piece, count) in &found {
                let expected: u64 = texts.iter().map(|(word, n)| n * (0..word.len()).filter(|&at| word.is_char_boundary(at) && word[at..].starts_with(piece.as_str())).count() as u64).sum();
                prop_assert_eq!(*count, expected * u64::from(WEIGHT_ONE), "{}", piece);
            }
            // Every word of two characters and more that comes twice is one.
            for (word, count) in &texts {
                prop_assert!(*count < 2 || word.chars().count() < 2 || found.contains_key(word), "{} in {:?}", word, found);
            }
        }
    }
}

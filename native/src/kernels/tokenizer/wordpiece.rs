//! `WordPiece`: of each word the longest piece that it begins with, then of its rest the longest that continues one (Schuster
//! and Nakajima 2012). A word that cannot be cut so, or is too long, is one unknown token.

use super::trie::Trie;

pub struct WordPiece {
    /// Pieces that begin a word, and those that continue one, without their prefix.
    pub first: Trie,
    pub further: Trie,
    pub unknown: u32,
    /// In characters.
    pub longest_word: usize,
}

impl WordPiece {
    /// Appends the ids of a word that may have white space before it, and how many bytes each stands for; the white space
    /// counts to the first.
    pub fn encode(&self, pretoken: &[u8], ids: &mut Vec<u32>, lengths: &mut Vec<u32>) {
        let word = trim_start(pretoken);
        if word.is_empty() {
            return;
        }
        let before = (pretoken.len() - word.len()) as u32;
        let (ids_before, lengths_before) = (ids.len(), lengths.len());
        let characters = word.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        let mut at = 0;
        while at < word.len() && characters <= self.longest_word {
            let trie = if at == 0 { &self.first } else { &self.further };
            let Some((length, id)) = trie.longest(&word[at..]) else { break };
            ids.push(id);
            lengths.push(length as u32);
            at += length;
        }
        if at < word.len() {
            ids.truncate(ids_before);
            lengths.truncate(lengths_before);
            ids.push(self.unknown);
            lengths.push(word.len() as u32);
        }
        lengths[lengths_before] += before;
    }
}

fn trim_start(text: &[u8]) -> &[u8] {
    std::str::from_utf8(text).map_or(text, |text| text.trim_start().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_longest_first_or_not_at_all() {
        let trie = |pieces: &[(&'static str, u32)]| Trie::new(pieces.iter().map(|&(piece, id)| (piece.as_bytes(), id)).collect());
        let model =
            WordPiece { first: trie(&[("mehl", 1), ("me", 2)]), further: trie(&[("sack", 3), ("hl", 4)]), unknown: 0, longest_word: 9 };
        let encode = |text: &str| {
            let (mut ids, mut lengths) = (vec![], vec![]);
            model.encode(text.as_bytes(), &mut ids, &mut lengths);
            (ids, lengths)
        };
        assert_eq!(encode(" mehlsack"), (vec![1, 3], vec![5, 4]));
        assert_eq!(encode("mehlx"), (vec![0], vec![5]));
        assert_eq!(encode("mehlsackhl"), (vec![0], vec![10]));
        assert_eq!(encode("\u{3000} "), (vec![], vec![]));
    }
}

//! Sentences, where spaCy 3.8's sentencizer (what datatrove 0.10 counts) ends them.

use super::Word;
use super::classes::{Classes, MARK, STOP, classes};

/// A sentence without the white space around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// Bytes of the text.
    pub start: u32,
    pub end: u32,
    /// Its first word and the one after its last, as numbers.
    pub first: u32,
    pub last: u32,
}

/// The sentences of a text whose words are known, in order; they hold all words. A word that is one stop (`.`, `!`, `?`
/// and those of other scripts) ends a sentence, together with the stops and punctuation that follow it; so an
/// abbreviation that keeps its dot ends none, and a line without a stop runs on into the next.
pub fn sentences(text: &[u8], words: &[Word], out: &mut Vec<Sentence>) {
    let classes = classes();
    out.clear();
    let mut first = 0;
    let mut stopped = false;
    for (i, word) in words.iter().enumerate() {
        let bytes = &text[word.start as usize..word.end as usize];
        let is_stop = word.chars == 1 && classes.next(bytes).1 & STOP != 0;
        if stopped && (is_parted(text, words, i) || !is_stop && !is_punctuation(bytes, classes)) {
            push(words, first, i, out);
            first = i;
            stopped = false;
        }
        stopped |= is_stop;
    }
    if first < words.len() {
        push(words, first, words.len(), out);
    }
}

/// Whether more than one space stands before a word: to spaCy that is a word too, and no punctuation.
fn is_parted(text: &[u8], words: &[Word], i: usize) -> bool {
    i > 0 && !matches!(&text[words[i - 1].end as usize..words[i].start as usize], b"" | b" ")
}

fn is_punctuation(word: &[u8], classes: &Classes) -> bool {
    let mut at = 0;
    while at < word.len() {
        let (_, class, length) = classes.next(&word[at..]);
        if class & MARK == 0 {
            return false;
        }
        at += length;
    }
    true
}

fn push(words: &[Word], first: usize, last: usize, out: &mut Vec<Sentence>) {
    out.push(Sentence { start: words[first].start, end: words[last - 1].end, first: first as u32, last: last as u32 });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::segment::{Language, Segmenter};

    fn split<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
        let mut segmenter = Segmenter::default();
        let mut found = Vec::new();
        sentences(text.as_bytes(), segmenter.words(text.as_bytes(), Language::of(language)), &mut found);
        found.iter().map(|sentence| &text[sentence.start as usize..sentence.end as usize]).collect()
    }

    #[test]
    fn stops_and_what_closes_with_them_end_a_sentence() {
        assert_eq!(split(" Nein! „Doch?!“ (So.) Gut… oder\nnicht ", "de"), ["Nein! „", "Doch?!“ (", "So.) Gut… oder\nnicht"]);
        assert_eq!(split("", "de"), Vec::<&str>::new());
    }

    #[test]
    fn an_abbreviation_ends_none() {
        assert_eq!(split("Dr. Weiß kam z.B. um 8. Er ging.", "de"), ["Dr. Weiß kam z.B. um 8. Er ging."]);
        assert_eq!(split("Dr. Weiss came at eight. He left.", "en"), ["Dr. Weiss came at eight.", "He left."]);
    }

    #[test]
    fn white_space_but_one_space_begins_the_next() {
        assert_eq!(split("One. ) Two", "en"), ["One. )", "Two"]);
        assert_eq!(split("One.\n) Two", "en"), ["One.", ") Two"]);
    }
}

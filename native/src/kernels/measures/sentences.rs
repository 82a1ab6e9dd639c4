//! Sentences as spaCy 3.8's sentencizer ends them: at a word that is one closing mark, and the punctuation after it.

use super::characters::{is_punctuation, is_sentence_end};
use crate::kernels::segment::Word;
use crate::kernels::segment::classes::classes;

/// The sentences of `text[..end]` from the first of these words on; 1 without any word, as datatrove counts.
pub fn count_sentences(text: &[u8], words: &[Word], end: usize) -> u32 {
    let mut sentences = 1;
    each_start(text, words, end, |_| sentences += 1);
    sentences
}

/// Where the sentences of a whole text lie, from one's first word to the next one's.
pub fn sentence_spans(text: &[u8], words: &[Word], spans: &mut Vec<(u32, u32)>) {
    let mut from = 0;
    each_start(text, words, text.len(), |start| {
        spans.push((from, start));
        from = start;
    });
    spans.push((from, text.len() as u32));
}

/// Calls back with where every sentence but the first begins.
fn each_start(text: &[u8], words: &[Word], end: usize, mut starts: impl FnMut(u32)) {
    let mut ended = None;
    for word in words {
        // A word with a letter ends nothing; most words end here.
        let bytes = &text[word.start as usize..word.end as usize];
        let ends = !word.alphabetic && word.chars == 1 && is_sentence_end(classes().next(bytes).0);
        if let Some(before) = ended {
            // White space other than one space is a word of spaCy's, and begins a sentence.
            if is_word_of_space(&text[before as usize..word.start as usize]) {
                starts(before);
                ended = None;
            } else if !ends && (word.alphabetic || !is_punctuation(bytes)) {
                starts(word.start);
                ended = None;
            }
        }
        if ends || ended.is_some() {
            ended = Some(word.end);
        }
    }
    if let Some(before) = ended
        && is_word_of_space(&text[before as usize..end])
    {
        starts(before);
    }
}

/// One space belongs to the word before it.
fn is_word_of_space(gap: &[u8]) -> bool {
    !gap.is_empty() && gap != b" "
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::segment::{Language, Segmenter};

    fn sentences(text: &str) -> u32 {
        let mut segmenter = Segmenter::default();
        count_sentences(text.as_bytes(), segmenter.words(text.as_bytes(), Language::BASE), text.len())
    }

    #[test]
    fn a_closing_mark_ends_a_sentence_with_what_follows_it() {
        assert_eq!(sentences(""), 1);
        assert_eq!(sentences("The mill turns. It grinds rye! (Does it?) Yes"), 4);
        assert_eq!(sentences("It said \"stop.\" And so"), 2);
        assert_eq!(sentences("It goes on... And on… and on"), 1);
        assert_eq!(sentences("One. $ two"), 2);
    }

    #[test]
    fn white_space_but_one_space_begins_a_sentence() {
        assert_eq!(sentences("One. \" two"), 2);
        assert_eq!(sentences("One.  \""), 2);
        assert_eq!(sentences("One. \""), 1);
        assert_eq!(sentences("One. "), 1);
        assert_eq!(sentences("One.  "), 2);
    }

    #[test]
    fn spans_cover_the_text() {
        let text = "One. Two!  Three".as_bytes();
        let mut spans = Vec::new();
        sentence_spans(text, Segmenter::default().words(text, Language::BASE), &mut spans);
        assert_eq!(spans, [(0, 5), (5, 9), (9, 16)]);
    }
}

//! Exceptions that the rules took apart are put together again, as spaCy does it.

use super::Word;
use super::classes::{Classes, LETTER, SYMBOL};
use super::exceptions::Exceptions;

/// Words `first..last` that spell an exception.
pub struct Found {
    first: usize,
    last: usize,
    exception: usize,
}

/// Notes the exceptions that end among the words from `from` on, which are those of one chunk.
pub fn note(words: &[Word], from: usize, text: &[u8], exceptions: &Exceptions, found: &mut Vec<Found>) {
    if words.len() - from > 1 || exceptions.has_single {
        let shortest = if exceptions.has_single { 1 } else { 2 };
        for first in from..words.len() {
            let start = words[first].start as usize;
            for last in first + shortest..=words.len() {
                let spelling = &text[start..words[last - 1].end as usize];
                if spelling.len() > exceptions.longest {
                    break;
                }
                if let Some(exception) = exceptions.find(spelling) {
                    add(&words[first..last], first, exception, exceptions, found);
                }
            }
        }
    }
    for last in from + 1..=words.len() {
        if !exceptions.may_end_spaced(&text[words[last - 1].start as usize..words[last - 1].end as usize]) {
            continue;
        }
        let end = words[last - 1].end as usize;
        for exception in exceptions.spaced_at_end(&text[..end]) {
            let start = end - exceptions.key(exception).len();
            let first = words[..last].partition_point(|word| (word.start as usize) < start);
            if words[first].start as usize == start {
                add(&words[first..last], first, exception, exceptions, found);
            }
        }
    }
}

/// Adds what was found if the words are cut as the rules alone would cut it.
fn add(words: &[Word], first: usize, exception: usize, exceptions: &Exceptions, found: &mut Vec<Found>) {
    let ends = words.iter().map(|word| (word.end - words[0].start) as u8);
    if exceptions.get(exception).taken_apart.iter().copied().eq(ends) {
        found.push(Found { first, last: first + words.len(), exception });
    }
}

/// Parts the words anew where exceptions were found: of two that share a word the longer one wins, then the first. spaCy
/// lets win what only looks like an exception, too: the words of `:'(` with a space between them keep `):` from forming.
pub fn rejoin(words: &mut Vec<Word>, text: &[u8], exceptions: &Exceptions, classes: &Classes, found: &mut Vec<Found>) {
    found.sort_by_key(|found| found.first);
    let mut rivals = Rivals::default();
    found.retain(|found| !rivals.beat(found, words, text, exceptions));
    let old = std::mem::take(words);
    let mut next = 0;
    for found in found.drain(..) {
        if found.first < next {
            continue;
        }
        words.extend(&old[next..found.first]);
        let start = old[found.first].start as usize;
        let mut from = start;
        for &end in &exceptions.get(found.exception).ends {
            let to = start + end as usize;
            words.push(word(text, from, to, classes));
            from = to;
        }
        next = found.last;
    }
    words.extend(&old[next..]);
}

/// Runs of words that look like an exception's, by first word and the one after the last; sought once for each first word.
#[derive(Default)]
struct Rivals {
    runs: Vec<(usize, usize)>,
    sought: usize,
    sequence: Vec<u8>,
}

impl Rivals {
    /// Whether a longer run, or one as long that begins earlier, covers the first or the last word. To be asked in order
    /// of the first word.
    fn beat(&mut self, found: &Found, words: &[Word], text: &[u8], exceptions: &Exceptions) -> bool {
        let from = found.first.saturating_sub(exceptions.most_words);
        for start in from.max(self.sought)..found.last {
            self.seek(start, words, text, exceptions);
        }
        self.sought = self.sought.max(found.last);
        let length = found.last - found.first;
        let near = &self.runs[self.runs.partition_point(|&(start, _)| start < from)..];
        near.iter().take_while(|&&(start, _)| start < found.last).any(|&(start, end)| {
            let longer = end - start > length || end - start == length && start < found.first;
            longer && ((start..end).contains(&found.first) || (start..end).contains(&(found.last - 1)))
        })
    }

    fn seek(&mut self, start: usize, words: &[Word], text: &[u8], exceptions: &Exceptions) {
        self.sequence.clear();
        for end in start..words.len() {
            // Other white space than one space is a word of its own to spaCy, and ends what it compares.
            if end > start && !matches!(&text[words[end - 1].end as usize..words[end].start as usize], b"" | b" ") {
                break;
            }
            self.sequence.extend_from_slice(&text[words[end].start as usize..words[end].end as usize]);
            self.sequence.push(0);
            match exceptions.sequence(&self.sequence) {
                Some(true) => self.runs.push((start, end + 1)),
                Some(false) => {}
                None => break,
            }
        }
    }
}

fn word(text: &[u8], start: usize, end: usize, classes: &Classes) -> Word {
    let mut word = Word { start: start as u32, end: end as u32, chars: 0, counts: false, alphabetic: false };
    let mut at = start;
    while at < end {
        let (_, class, length) = classes.next(&text[at..end]);
        word.chars += 1;
        word.counts |= class & SYMBOL == 0;
        word.alphabetic |= class & LETTER != 0;
        at += length;
    }
    word
}

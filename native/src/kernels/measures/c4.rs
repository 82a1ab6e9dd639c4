//! C4's line and page rules (Raffel et al. 2020, arXiv 1910.10683; mC4: Xue et al. 2021), as datatrove 0.10 applies them:
//! lines that are no prose are cut, what is left is measured.

use super::bad_words::BadWords;
use super::characters::{count_chars, is_decimal, strip};
use super::lines::Lines;
use super::phrases::{Phrases, lower};
use super::sentences::{count_sentences, sentence_spans};
use crate::kernels::columns::Bytes;
use crate::kernels::segment::classes::classes;
use crate::kernels::segment::{Language, Segmenter, Word};

/// Which lines are cut.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // one for each rule that datatrove switches by itself
pub struct LineRules {
    /// Judge sentences in place of lines, and join what is left with spaces.
    pub by_sentence: bool,
    pub remove_citations: bool,
    /// Only lines that end in `.`, `?`, `!` or a straight quote, and not in `...`, stay.
    pub terminal_punctuation: bool,
    /// Fewest words between white space of a line that stays, and most code points of each.
    pub min_words: u32,
    pub max_word_length: u32,
    pub javascript: bool,
    pub policy: bool,
}

/// Number of measures, in the order of `Page::measures`.
pub const MEASURES: usize = 7;

/// What the lines of a page that stay amount to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    lines: u32,
    cut: u32,
    lorem_ipsum: u32,
    curly_brackets: u32,
    /// The first line with either has a curly bracket and no lorem ipsum.
    curly_bracket_first: bool,
    sentences: u32,
    /// Code points of the three longest lines, longest first.
    longest: [u32; 3],
}

impl Page {
    /// Lines, share of lines cut, lines with "lorem ipsum" and with a curly bracket, sentences, code points of the third
    /// longest line, and 1 if the line that breaks one of the two page rules first has the bracket.
    pub fn measures(&self) -> [f64; MEASURES] {
        let cut = if self.lines == 0 { f64::NAN } else { f64::from(self.cut) / f64::from(self.lines) };
        [
            f64::from(self.lines),
            cut,
            f64::from(self.lorem_ipsum),
            f64::from(self.curly_brackets),
            f64::from(self.sentences),
            f64::from(self.longest[2]),
            f64::from(u8::from(self.curly_bracket_first)),
        ]
    }
}

/// Cuts the lines of texts one after the other, with buffers of its own.
pub struct Cutter {
    rules: LineRules,
    phrases: Phrases,
    bad_words: Vec<BadWords>,
    units: Vec<(u32, u32)>,
    uncited: Vec<u8>,
    lowered: Vec<u8>,
    /// For the few lines that a citation was taken out of.
    segmenter: Segmenter,
}

/// A line that stays.
struct Kept {
    sentences: u32,
    chars: u32,
}

impl Cutter {
    pub fn new(rules: LineRules, bad_words: Vec<BadWords>) -> Self {
        Self {
            rules,
            phrases: Phrases::new(),
            bad_words,
            units: Vec::new(),
            uncited: Vec::new(),
            lowered: Vec::new(),
            segmenter: Segmenter::default(),
        }
    }

    /// Occurrences in a text that was cut of words on the list with this number, NaN without a list.
    pub fn bad_words(&self, text: &[u8], list: Option<usize>) -> f64 {
        list.and_then(|list| self.bad_words.get(list)).map_or(f64::NAN, |list| list.count(text) as f64)
    }

    /// Appends what stays of a text as one row of `out`.
    pub fn cut(&mut self, text: &[u8], language: Language, words: &[Word], lines: &Lines, out: &mut Bytes) -> Page {
        let mut page = Page::default();
        let mut units = std::mem::take(&mut self.units);
        units.clear();
        if self.rules.by_sentence {
            sentence_spans(text, words, &mut units);
        } else {
            units.extend_from_slice(lines.of_python());
        }
        lower(text, &mut self.lowered);
        let suspicious = self.phrases.any(&self.lowered);
        let from = out.values.len();
        let separator = if self.rules.by_sentence { b' ' } else { b'\n' };
        let mut rest = words;
        for &(start, end) in &units {
            let here = rest.iter().take_while(|word| word.start < end).count();
            let (line_words, after) = rest.split_at(here);
            rest = after;
            page.lines += 1;
            let span = strip(text, (start as usize, end as usize), classes());
            let start_of_line = out.values.len();
            if page.lines - page.cut > 1 {
                out.values.push(separator);
            }
            if let Some(kept) = self.line(text, span, language, line_words, suspicious, &mut page, &mut out.values) {
                page.sentences += kept.sentences;
                page.longest_is(kept.chars);
            } else {
                page.cut += 1;
                out.values.truncate(start_of_line);
            }
        }
        self.units = units;
        let (start, end) = strip(&out.values, (from, out.values.len()), classes());
        let shorter = (start, end) != (from, out.values.len());
        if shorter {
            out.values.truncate(end);
            out.values.drain(from..start);
        }
        if shorter || self.rules.by_sentence {
            page.measure_again(&out.values[from..]);
        }
        out.offsets.push(out.values.len() as i32);
        page
    }

    /// Appends a line to `out` if it stays, in the order of datatrove's questions.
    #[allow(clippy::too_many_arguments)]
    fn line(
        &mut self,
        text: &[u8],
        (start, end): (usize, usize),
        language: Language,
        words: &[Word],
        suspicious: bool,
        page: &mut Page,
        out: &mut Vec<u8>,
    ) -> Option<Kept> {
        let (chunks, longest) = measure_chunks(words);
        if longest > self.rules.max_word_length {
            return None;
        }
        let stripped = &text[start..end];
        let cited = self.rules.remove_citations && without_citations(stripped, &mut self.uncited);
        let line = if cited { &self.uncited } else { stripped };
        if self.rules.terminal_punctuation && (!matches!(line.last(), Some(b'.' | b'?' | b'!' | b'"' | b'\'')) || line.ends_with(b"...")) {
            return None;
        }
        if chunks < self.rules.min_words {
            return None;
        }
        // Taking a citation out may have joined the halves of a phrase that the look at the whole text did not find.
        if suspicious || cited {
            lower(line, &mut self.lowered);
            let found = self.phrases.find(&self.lowered);
            if found.lorem_ipsum {
                page.lorem_ipsum += 1;
            }
            // Each question is only put to a line that the one before let through.
            if self.rules.javascript && found.javascript {
                return None;
            }
            if memchr::memchr(b'{', line).is_some() {
                page.curly_bracket_first |= page.lorem_ipsum == 0;
                page.curly_brackets += 1;
            }
            if self.rules.policy && found.policy {
                return None;
            }
        }
        let sentences = if self.rules.by_sentence {
            1
        } else if cited {
            count_sentences(line, self.segmenter.words(line, language), line.len())
        } else {
            count_sentences(text, words, end)
        };
        out.extend_from_slice(line);
        Some(Kept { sentences, chars: count_chars(line) as u32 })
    }
}

impl Page {
    fn longest_is(&mut self, chars: u32) {
        let [first, second, third] = self.longest;
        self.longest = match chars {
            _ if chars > first => [chars, first, second],
            _ if chars > second => [first, chars, second],
            _ if chars > third => [first, second, chars],
            _ => self.longest,
        };
    }

    /// Lines are shorter at the ends than they were when they were kept, or sentences were.
    fn measure_again(&mut self, text: &[u8]) {
        self.longest = [0; 3];
        for line in text.split(|&byte| byte == b'\n') {
            self.longest_is(count_chars(line) as u32);
        }
    }
}

/// How many words between white space there are, and the code points of the longest, from the words they were parted into.
fn measure_chunks(words: &[Word]) -> (u32, u32) {
    let (mut chunks, mut longest, mut chars, mut end) = (0, 0, 0, u32::MAX);
    for word in words {
        if word.start != end {
            chunks += 1;
            longest = longest.max(chars);
            chars = 0;
        }
        chars += word.chars;
        end = word.end;
    }
    (chunks, longest.max(chars))
}

/// Copies a line without `[1]`, `[]`, `[edit]` and `[citation needed]`; false, and nothing copied, if it has none.
fn without_citations(line: &[u8], out: &mut Vec<u8>) -> bool {
    let mut copied = 0;
    let mut any = false;
    for open in memchr::memchr_iter(b'[', line) {
        let Some(length) = citation(&line[open..]) else { continue };
        if !any {
            out.clear();
            any = true;
        }
        out.extend_from_slice(&line[copied..open]);
        copied = open + length;
    }
    if any {
        out.extend_from_slice(&line[copied..]);
    }
    any
}

/// Bytes of the citation that begins here.
fn citation(text: &[u8]) -> Option<usize> {
    if let Some(fixed) = [&b"[edit]"[..], b"[citation needed]"].iter().find(|fixed| text.starts_with(fixed)) {
        return Some(fixed.len());
    }
    let mut at = 1;
    while at < text.len() && text[at] != b']' {
        let (point, _, length) = classes().next(&text[at..]);
        if !is_decimal(point) {
            return None;
        }
        at += length;
    }
    (at < text.len()).then_some(at + 1)
}

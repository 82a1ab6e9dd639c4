//! The measures of Gopher's quality rules (Rae et al. 2021, arXiv 2112.11446, A1.1), defined as datatrove 0.10 computes
//! them: lengths in code points, words by `segment`, lines at Python's `splitlines` breaks.

use memchr::memmem;

use super::segment::classes::{Classes, SPACE, classes};
use super::segment::{RowLanguages, Segmenter, Word};

/// One value a row for each measure; NaN where there is nothing to divide by.
pub struct QualityColumns<'a> {
    /// Words that are not punctuation alone.
    pub words: &'a mut [f64],
    /// Mean length of those, in code points.
    pub mean_word_length: &'a mut [f64],
    /// `#` for each word, punctuation words included, as in the three below.
    pub hash_ratio: &'a mut [f64],
    /// `...` and `…` for each word.
    pub ellipsis_ratio: &'a mut [f64],
    /// Share of lines that start with `•` or `-` after white space.
    pub bullet_lines: &'a mut [f64],
    /// Share of lines that end in `...` or `…` before white space.
    pub ellipsis_lines: &'a mut [f64],
    /// Share of words with a letter.
    pub alphabetic_words: &'a mut [f64],
    /// Different stop words of the row's list that occur, case as in the list; NaN for a row without a list.
    pub stop_words: &'a mut [f64],
}

/// The stop words of one language, found by their bytes.
pub struct StopWords {
    words: Vec<Vec<u8>>,
    /// Open addressing, `u32::MAX` for none.
    slots: Vec<u32>,
    longest: usize,
    /// Number of the last text that held each word.
    seen: Vec<u32>,
    text: u32,
}

impl StopWords {
    pub fn new<'a>(words: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut list = Self { words: Vec::new(), slots: Vec::new(), longest: 0, seen: Vec::new(), text: 0 };
        let words: Vec<&[u8]> = words.into_iter().collect();
        list.slots = vec![u32::MAX; (words.len() * 4).next_power_of_two().max(4)];
        for word in words {
            let slot = list.slot(word);
            if list.slots[slot] == u32::MAX {
                list.slots[slot] = list.words.len() as u32;
                list.longest = list.longest.max(word.len());
                list.words.push(word.to_vec());
            }
        }
        list.seen = vec![0; list.words.len()];
        list
    }

    fn slot(&self, word: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let hash = word.iter().fold(word.len() as u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let mut slot = (hash >> 7) as usize & mask;
        while self.slots[slot] != u32::MAX && self.words[self.slots[slot] as usize] != word {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// How many different ones of them occur among the words of a text.
    fn count(&mut self, text: &[u8], words: &[Word]) -> u32 {
        if self.text == u32::MAX {
            self.seen.fill(0);
            self.text = 0;
        }
        self.text += 1;
        let mut count = 0;
        for word in words {
            let bytes = &text[word.start as usize..word.end as usize];
            if bytes.len() > self.longest {
                continue;
            }
            let found = self.slots[self.slot(bytes)];
            if found != u32::MAX && self.seen[found as usize] != self.text {
                self.seen[found as usize] = self.text;
                count += 1;
            }
        }
        count
    }
}

/// Measures every row of a text column. `list_of_row` names each row's stop words in `lists`, -1 for none.
pub fn measure_quality(
    values: &[u8],
    offsets: &[i32],
    languages: RowLanguages,
    lists: &mut [StopWords],
    list_of_row: &[i32],
    out: &mut QualityColumns,
) {
    let mut segmenter = Segmenter::default();
    let classes = classes();
    for (row, bounds) in offsets.windows(2).enumerate() {
        let text = &values[bounds[0] as usize..bounds[1] as usize];
        let words = segmenter.words(text, languages.of(row));
        let (mut counted, mut chars, mut alphabetic) = (0_u64, 0_u64, 0_u64);
        for word in words {
            counted += u64::from(word.counts);
            chars += if word.counts { u64::from(word.chars) } else { 0 };
            alphabetic += u64::from(word.alphabetic);
        }
        let share = |part: u64, whole: u64| if whole == 0 { f64::NAN } else { part as f64 / whole as f64 };
        let all = words.len() as u64;
        let ellipses = memmem::find_iter(text, "...").count() + memmem::find_iter(text, "…").count();
        let lines = count_lines(text, classes);
        out.words[row] = counted as f64;
        out.mean_word_length[row] = share(chars, counted);
        out.hash_ratio[row] = share(memchr::memchr_iter(b'#', text).count() as u64, all);
        out.ellipsis_ratio[row] = share(ellipses as u64, all);
        out.bullet_lines[row] = share(lines.bullets, lines.all);
        out.ellipsis_lines[row] = share(lines.ellipses, lines.all);
        out.alphabetic_words[row] = share(alphabetic, all);
        let list = usize::try_from(list_of_row[row]).ok().and_then(|list| lists.get_mut(list));
        out.stop_words[row] = list.map_or(f64::NAN, |list| f64::from(list.count(text, words)));
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Lines {
    all: u64,
    bullets: u64,
    ellipses: u64,
}

fn count_lines(text: &[u8], classes: &Classes) -> Lines {
    let mut lines = Lines::default();
    let mut start = 0;
    while start < text.len() {
        let (end, next) = line_end(text, start);
        let line = &text[start..end];
        lines.all += 1;
        let first = trim_start(line, classes);
        lines.bullets += u64::from(first.starts_with(b"-") || first.starts_with("•".as_bytes()));
        let last = trim_end(line, classes);
        lines.ellipses += u64::from(last.ends_with(b"...") || last.ends_with("…".as_bytes()));
        start = next;
    }
    lines
}

/// Where the line from `start` ends and the next begins, at Python's `str.splitlines` boundaries.
fn line_end(text: &[u8], start: usize) -> (usize, usize) {
    let mut at = start;
    while at < text.len() {
        match text[at] {
            b'\n' | 0x0B | 0x0C | 0x1C..=0x1E => return (at, at + 1),
            b'\r' => return (at, at + 1 + usize::from(text.get(at + 1) == Some(&b'\n'))),
            0xC2 if text.get(at + 1) == Some(&0x85) => return (at, at + 2),
            0xE2 if text.get(at + 1) == Some(&0x80) && matches!(text.get(at + 2), Some(0xA8 | 0xA9)) => return (at, at + 3),
            _ => at += 1,
        }
    }
    (at, at)
}

fn trim_start<'a>(mut line: &'a [u8], classes: &Classes) -> &'a [u8] {
    while !line.is_empty() {
        let (_, class, length) = classes.next(line);
        if class & SPACE == 0 {
            break;
        }
        line = &line[length..];
    }
    line
}

fn trim_end<'a>(mut line: &'a [u8], classes: &Classes) -> &'a [u8] {
    loop {
        let mut at = line.len();
        while at > 0 {
            at -= 1;
            if line[at] & 0xC0 != 0x80 {
                break;
            }
        }
        if at == line.len() || classes.next(&line[at..]).1 & SPACE == 0 {
            return line;
        }
        line = &line[..at];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str, stop_words: &[&str]) -> [f64; 8] {
        let mut lists = [StopWords::new(stop_words.iter().map(|word| word.as_bytes()))];
        let mut out = [[0.0; 1]; 8];
        let [words, mean_word_length, hash_ratio, ellipsis_ratio, bullet_lines, ellipsis_lines, alphabetic_words, stops] = &mut out;
        let mut columns = QualityColumns {
            words,
            mean_word_length,
            hash_ratio,
            ellipsis_ratio,
            bullet_lines,
            ellipsis_lines,
            alphabetic_words,
            stop_words: stops,
        };
        let list_of_row = [if stop_words.is_empty() { -1 } else { 0 }];
        measure_quality(text.as_bytes(), &[0, text.len() as i32], RowLanguages::UNKNOWN, &mut lists, &list_of_row, &mut columns);
        out.map(|value| value[0])
    }

    #[test]
    fn measures_follow_their_definitions() {
        let [words, mean, hash, ellipsis, bullets, ellipsis_lines, alphabetic, stops] =
            measure("- Der Hund # bellt...\r\n• der Hund 12\nend …", &["der", "Hund", "und"]);
        // - Der Hund # bellt ... • der Hund 12 end …
        assert!((words - 8.0).abs() < 1e-12); // the bullet is not in datatrove's punctuation
        assert!((mean - (3.0 + 4.0 + 5.0 + 1.0 + 3.0 + 4.0 + 2.0 + 3.0) / 8.0).abs() < 1e-12);
        assert!((hash - 1.0 / 12.0).abs() < 1e-12);
        assert!((ellipsis - 2.0 / 12.0).abs() < 1e-12);
        assert!((bullets - 2.0 / 3.0).abs() < 1e-12);
        assert!((ellipsis_lines - 2.0 / 3.0).abs() < 1e-12);
        assert!((alphabetic - 6.0 / 12.0).abs() < 1e-12);
        assert!((stops - 2.0).abs() < 1e-12);
    }

    #[test]
    fn an_empty_text_has_no_ratios() {
        let measures = measure("", &[]);
        assert!(measures[0] == 0.0 && measures[1..].iter().all(|value| value.is_nan()));
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        let text = "a\r\n\nb\u{2028}c\u{85}d\x0Be\x1Df\n";
        assert_eq!(count_lines(text.as_bytes(), classes()).all, 7);
    }
}

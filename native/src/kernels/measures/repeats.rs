//! Lines and paragraphs that stood before in the text, and what lines look like: for Gopher's repetition rules (Rae et
//! al. 2021, Table A1) and for `FineWeb`'s rules (Penedo et al. 2024), as datatrove 0.10 computes both.

use super::characters::{count_chars, is_terminal, last_char, skip_space, strip};
use super::lines::{Lines, Span};
use super::seen::SeenTable;
use crate::kernels::segment::classes::classes;

/// Code points up to which a line is short (`FineWeb`'s `short_line_length`).
const SHORT_LINE: usize = 30;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Lines between runs of line feeds; an empty one at either end counts, as for Python's `re.split`.
    pub lines: usize,
    pub repeated_lines: usize,
    pub repeated_line_chars: usize,
    /// Those between single line feeds that hold more than white space.
    pub text_lines: usize,
    pub punctuated_lines: usize,
    pub short_lines: usize,
    pub repeated_text_line_chars: usize,
    pub paragraphs: usize,
    pub repeated_paragraphs: usize,
    pub repeated_paragraph_chars: usize,
}

/// Measures the lines of a text that is not empty, and its paragraphs unless `parts`, the room for them, is missing.
pub fn measure_repeats(text: &[u8], lines: &Lines, parts: Option<&mut Vec<Span>>, table: &mut SeenTable) -> Repeats {
    let mut found = Repeats::default();
    let feeds = lines.between_feeds();
    measure_lines(text, feeds, table, &mut found);
    if let Some(parts) = parts {
        measure_paragraphs(text, feeds, parts, table, &mut found);
    }
    found
}

fn measure_lines(text: &[u8], feeds: &[Span], table: &mut SeenTable, found: &mut Repeats) {
    let classes = classes();
    let line = |i: usize| &text[feeds[i].0 as usize..feeds[i].1 as usize];
    let mut seen = table.empty(feeds.len());
    for i in 0..feeds.len() {
        let part = line(i);
        if part.is_empty() {
            continue;
        }
        let repeated = seen.insert(xxhash_rust::xxh3::xxh3_64(part), i, |other| line(other) == part);
        let repeated_chars = if repeated { count_chars(part) } else { 0 };
        found.lines += 1;
        found.repeated_lines += usize::from(repeated);
        found.repeated_line_chars += repeated_chars;
        if skip_space(part, 0, part.len(), classes) < part.len() {
            found.text_lines += 1;
            found.punctuated_lines += usize::from(is_terminal(last_char(part)));
            found.short_lines += usize::from(part.len() <= 4 * SHORT_LINE && count_chars(part) <= SHORT_LINE);
            found.repeated_text_line_chars += repeated_chars;
        }
    }
    let edges = [text.first(), text.last()].map(|byte| usize::from(byte == Some(&b'\n')));
    found.lines += edges[0] + edges[1];
    found.repeated_lines += edges[0] * edges[1];
}

/// Parts of the stripped text between two or more line feeds.
fn measure_paragraphs(text: &[u8], feeds: &[Span], parts: &mut Vec<Span>, table: &mut SeenTable, found: &mut Repeats) {
    let (first, last) = strip(text, (0, text.len()), classes());
    parts.clear();
    let mut open = None;
    for &(start, end) in feeds.iter().filter(|&&(start, end)| end as usize > first && (start as usize) < last) {
        if start < end {
            let (from, _) = open.unwrap_or((start.max(first as u32), end));
            open = Some((from, end.min(last as u32)));
        } else {
            parts.extend(open.take());
        }
    }
    parts.extend(open);
    found.paragraphs = parts.len().max(1);
    if parts.len() < 2 {
        return;
    }
    let part = |i: usize| &text[parts[i].0 as usize..parts[i].1 as usize];
    let mut seen = table.empty(parts.len());
    for i in 0..parts.len() {
        if seen.insert(xxhash_rust::xxh3::xxh3_64(part(i)), i, |other| part(other) == part(i)) {
            found.repeated_paragraphs += 1;
            found.repeated_paragraph_chars += count_chars(part(i));
        }
    }
}

//! Lines of a text, found once for all measures.

use memchr::memmem;

/// Where a line begins and ends, without what ends it.
pub type Span = (u32, u32);

/// The lines of one text.
pub struct Lines {
    between_feeds: Vec<Span>,
    /// Filled only if something else than a line feed ends a line.
    of_python: Vec<Span>,
    only_feeds: bool,
    rare_breaks: [memmem::Finder<'static>; 3],
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            between_feeds: Vec::new(),
            of_python: Vec::new(),
            only_feeds: true,
            rare_breaks: ["\u{85}", "\u{2028}", "\u{2029}"].map(memmem::Finder::new),
        }
    }
}

impl Lines {
    pub fn find(&mut self, text: &[u8]) {
        self.between_feeds.clear();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text) {
            self.between_feeds.push((start, end as u32));
            start = end as u32 + 1;
        }
        self.between_feeds.push((start, text.len() as u32));
        // Numbers in place of truth values, so that it is done 16 bytes at a time.
        let control = |byte: u8| u8::from(byte.wrapping_sub(0x0B) < 3) | u8::from(byte.wrapping_sub(0x1C) < 3);
        let controls = text.iter().fold(0, |any, &byte| any | control(byte)) != 0;
        self.only_feeds = !controls && self.rare_breaks.iter().all(|mark| mark.find(text).is_none());
        if !self.only_feeds {
            self.of_python.clear();
            let mut start = 0;
            while start < text.len() {
                let (end, next) = line_end(text, start);
                self.of_python.push((start as u32, end as u32));
                start = next;
            }
        }
    }

    /// Python's `split("\n")`: one more than there are line feeds.
    pub fn between_feeds(&self) -> &[Span] {
        &self.between_feeds
    }

    /// Python's `splitlines()`: ends at other breaks too, and no line after the last break.
    pub fn of_python(&self) -> &[Span] {
        if !self.only_feeds {
            return &self.of_python;
        }
        match self.between_feeds.split_last() {
            Some((&(start, end), before)) if start == end => before,
            _ => &self.between_feeds,
        }
    }
}

/// Where the line from `start` ends and the next begins.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> (Vec<&str>, Vec<&str>) {
        let mut lines = Lines::default();
        lines.find(text.as_bytes());
        let of = |spans: &[Span]| spans.iter().map(|&(start, end)| &text[start as usize..end as usize]).collect();
        (of(lines.between_feeds()), of(lines.of_python()))
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        let (feeds, python) = lines("a\r\n\nb\u{2028}c\u{85}d\x0Be\x1Df\n");
        assert_eq!(feeds, ["a\r", "", "b\u{2028}c\u{85}d\x0Be\x1Df", ""]);
        assert_eq!(python, ["a", "", "b", "c", "d", "e", "f"]);
        assert_eq!(lines("a\n\nb\n"), (vec!["a", "", "b", ""], vec!["a", "", "b"]));
        assert_eq!(lines(""), (vec![""], vec![]));
        assert_eq!(lines("ж"), (vec!["ж"], vec!["ж"]));
    }
}

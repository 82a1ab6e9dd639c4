//! Placeholders of redaction, `<|pii:email|>`: each is one id of its own, unlike any other text that looks special. No page can
//! write one, since redaction breaks the bar of those that it finds spelt.

use memchr::memmem::Finder;

/// What all of them begin with.
const OPENING: &str = "<|pii:";

/// The placeholders that a pipeline maps to ids, and those ids.
pub struct Placeholders {
    known: Vec<(String, u32)>,
    opening: Finder<'static>,
}

impl Placeholders {
    /// One id for each name: that of the special token of the file which is called so, else the next one after the
    /// vocabulary. Gives them with the size that the vocabulary then has.
    pub fn new(names: &[String], special: &[(String, u32)], vocabulary_size: usize) -> (Self, usize) {
        let mut size = vocabulary_size;
        let mut known = Vec::with_capacity(names.len());
        for name in names {
            let content = format!("{OPENING}{name}|>");
            let id = special.iter().find(|(token, _)| *token == content).map_or_else(
                || {
                    size += 1;
                    size as u32 - 1
                },
                |(_, id)| *id,
            );
            known.push((content, id));
        }
        (Self { known, opening: Finder::new(OPENING) }, size)
    }

    pub fn all(&self) -> &[(String, u32)] {
        &self.known
    }

    pub fn content(&self, id: u32) -> Option<&str> {
        self.known.iter().find(|(_, known)| *known == id).map(|(content, _)| content.as_str())
    }

    /// The next one in `text` from `from` on: start, end, id.
    pub fn next(&self, text: &[u8], mut from: usize) -> Option<(usize, usize, u32)> {
        if self.known.is_empty() {
            return None;
        }
        loop {
            let start = from + self.opening.find(&text[from..])?;
            let found = self.known.iter().find(|(content, _)| text[start..].starts_with(content.as_bytes()));
            match found {
                Some((content, id)) => return Some((start, start + content.len(), *id)),
                None => from = start + OPENING.len(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_the_file_or_follow_its_vocabulary() {
        let names = ["email".to_owned(), "ip".to_owned(), "iban".to_owned()];
        let (placeholders, size) = Placeholders::new(&names, &[("<|pii:ip|>".to_owned(), 7)], 100);
        assert_eq!(size, 102);
        let ids: Vec<u32> = placeholders.all().iter().map(|(_, id)| *id).collect();
        assert_eq!(ids, [100, 7, 101]);
        let text = b"a <|pii:phone|> <|pii:iban|>b<|pii:ip|>";
        assert_eq!(placeholders.next(text, 0), Some((16, 28, 101)));
        assert_eq!(placeholders.next(text, 28), Some((29, 39, 7)));
        assert_eq!(placeholders.next(text, 39), None);
        assert_eq!(placeholders.content(7), Some("<|pii:ip|>"));
    }
}

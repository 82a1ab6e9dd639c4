//! Tokens that a file adds beside its vocabulary. Special ones that stand literally in a text are ordinary text unless the
//! caller says otherwise: a page must not be able to write an end-of-document token. The others are matched before anything
//! else, as the reference does.

use super::json_part::{Part, Refusal};
use super::normalize::{Buffers, Chain};
use std::collections::{HashMap, HashSet};

pub struct AddedToken {
    pub id: u32,
    pub content: String,
    pub special: bool,
    pub normalized: bool,
    /// White space before or behind it belongs to it.
    pub strips: Strips,
}

#[derive(Clone, Copy, Default)]
pub struct Strips {
    pub left: bool,
    pub right: bool,
}

/// Longer contents are no tokens; the bound keeps matching linear.
const LONGEST: usize = 1024;

/// Reads `added_tokens` and holds each id to the one that the reference would give the token. `recognise` says that special
/// tokens will be matched in texts.
pub fn read(file: &mut Part, vocabulary: &HashMap<&str, u32>, used: &HashSet<u32>, recognise: bool) -> Result<Vec<AddedToken>, Refusal> {
    let mut tokens: Vec<AddedToken> = Vec::new();
    let (mut seen, mut next) = (HashSet::new(), vocabulary.len() as u32);
    for (path, element) in file.list("added_tokens")? {
        let mut part = Part::new(&path, element)?;
        let content: String = part.required("content")?;
        let id: u32 = part.required("id")?;
        let special: bool = part.required("special")?;
        let normalized: bool = part.required("normalized")?;
        let strips = Strips { left: part.required("lstrip")?, right: part.required("rstrip")? };
        if part.required("single_word")? && (!special || recognise) {
            return Err(Refusal::new(&part.place("single_word"), "true", "only special tokens may have it, whose text is not matched"));
        }
        part.finish()?;
        if content.is_empty() || content.len() > LONGEST {
            return Err(Refusal::at(&path, &format!("its content has {} bytes, 1 to {LONGEST} are taken", content.len())));
        }
        if !seen.insert(content.clone()) {
            return Err(Refusal::new(&path, &format!("{content:?}"), "this token is added twice"));
        }
        // The reference counts on from the vocabulary and disregards the id that the file states.
        let expected = vocabulary.get(content.as_str()).copied().unwrap_or(next);
        if id != expected {
            return Err(Refusal::new(&format!("{path}.id"), &id.to_string(), &format!("{content:?} would get the id {expected}")));
        }
        if !vocabulary.contains_key(content.as_str()) {
            if used.contains(&id) {
                return Err(Refusal::new(&format!("{path}.id"), &id.to_string(), "another token of the vocabulary has this id"));
            }
            next += 1;
        }
        tokens.push(AddedToken { id, content, special, normalized, strips });
    }
    Ok(tokens)
}

/// Finds added tokens in a text, the leftmost first and the longest of those.
#[derive(Default)]
pub struct Matcher {
    nodes: Vec<Node>,
    /// The bytes with which tokens begin, and whether a byte is one of them.
    beginnings: Vec<u8>,
    first: Vec<bool>,
}

#[derive(Default)]
struct Node {
    children: Vec<(u8, u32)>,
    /// The token that ends here.
    token: Option<Found>,
}

#[derive(Clone, Copy)]
struct Found {
    id: u32,
    /// Found and passed over whole: its text is ordinary text.
    skipped: bool,
    strips: Strips,
}

impl Matcher {
    /// A matcher for the tokens looked for before normalisation, or after it. Empty when all of them are passed over.
    pub fn new(tokens: &[AddedToken], normalized: bool, chain: &Chain, recognise: bool) -> Self {
        let chosen: Vec<&AddedToken> = tokens.iter().filter(|token| token.normalized == normalized).collect();
        if !recognise && chosen.iter().all(|token| token.special) {
            return Self::default();
        }
        let mut matcher = Self::default();
        for token in chosen {
            let found = Found { id: token.id, skipped: token.special && !recognise, strips: token.strips };
            let mut buffers = Buffers::default();
            let content = token.content.as_bytes();
            let content = if normalized { chain.apply(content, &mut buffers, false).0 } else { content };
            matcher.add(content, found);
        }
        matcher
    }

    /// A matcher for strings, each with an id.
    pub fn of<'a>(strings: impl IntoIterator<Item = (&'a [u8], u32)>) -> Self {
        let mut matcher = Self::default();
        for (content, id) in strings {
            matcher.add(content, Found { id, skipped: false, strips: Strips::default() });
        }
        matcher
    }

    fn add(&mut self, content: &[u8], token: Found) {
        let Some(&first) = content.first() else { return };
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
            self.first = vec![false; 256];
        }
        if !std::mem::replace(&mut self.first[usize::from(first)], true) {
            self.beginnings.push(first);
        }
        let mut at = 0;
        for &byte in content {
            at = match self.nodes[at].children.binary_search_by_key(&byte, |child| child.0) {
                Ok(place) => self.nodes[at].children[place].1 as usize,
                Err(place) => {
                    let new = self.nodes.len();
                    self.nodes[at].children.insert(place, (byte, new as u32));
                    self.nodes.push(Node::default());
                    new
                }
            };
        }
        self.nodes[at].token = Some(token);
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn beginning(&self, text: &[u8]) -> Option<usize> {
        match *self.beginnings {
            // Nearly always: every token begins with "<".
            [one] => memchr::memchr(one, text),
            _ => text.iter().position(|&byte| self.first[usize::from(byte)]),
        }
    }

    fn found_at(&self, text: &[u8], start: usize) -> Option<(usize, Found)> {
        let (mut at, mut found) = (0, None);
        for (end, &byte) in (start + 1..).zip(&text[start..]) {
            let children = &self.nodes[at].children;
            let Ok(place) = children.binary_search_by_key(&byte, |child| child.0) else { break };
            at = children[place].1 as usize;
            found = self.nodes[at].token.map(|token| (end, token)).or(found);
        }
        found
    }

    /// Where the longest string that begins at `start` ends.
    pub fn longest_at(&self, text: &[u8], start: usize) -> Option<usize> {
        if self.is_empty() || !self.first[usize::from(text[start])] {
            return None;
        }
        self.found_at(text, start).map(|(end, _)| end)
    }

    /// The next token from `from` on that is not passed over: start, end, id.
    pub fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize, u32)> {
        if self.is_empty() {
            return None;
        }
        let mut at = from;
        while let Some(skip) = self.beginning(&text[at..]) {
            let start = at + skip;
            match self.found_at(text, start) {
                Some((end, Found { skipped: false, id, strips })) => {
                    let start = if strips.left { from + trim_end(&text[from..start]) } else { start };
                    let end = if strips.right { text.len() - trim_start(&text[end..]) } else { end };
                    return Some((start, end, id));
                }
                Some((end, _)) => at = end,
                None => at = start + 1,
            }
        }
        None
    }
}

fn trim_end(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |text| text.trim_end().len())
}

fn trim_start(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |text| text.trim_start().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: u32, content: &str, special: bool) -> AddedToken {
        AddedToken { id, content: content.to_owned(), special, normalized: false, strips: Strips::default() }
    }

    fn matcher(tokens: &[AddedToken]) -> Matcher {
        Matcher::new(tokens, false, &Chain::default(), false)
    }

    #[test]
    fn the_longest_token_at_the_leftmost_place_is_found() {
        let matcher = matcher(&[token(1, "<a>", false), token(2, "<a><b>", false), token(3, "b>", false)]);
        assert_eq!(matcher.next(b"x<a><b>", 0), Some((1, 7, 2)));
        assert_eq!(matcher.next(b"x<a><c><a>", 4), Some((7, 10, 1)));
        assert_eq!(matcher.next(b"<a", 0), None);
    }

    #[test]
    fn special_tokens_are_passed_over_whole() {
        let matcher = matcher(&[token(1, "<end>", true), token(2, "end", false)]);
        assert_eq!(matcher.next(b"<end> end", 0), Some((6, 9, 2)));
    }

    #[test]
    fn special_tokens_alone_need_no_matcher() {
        assert!(matcher(&[token(1, "<end>", true)]).is_empty());
    }

    #[test]
    fn special_tokens_are_found_when_asked_for() {
        let matcher = Matcher::new(&[token(1, "<end>", true)], false, &Chain::default(), true);
        assert_eq!(matcher.next(b"a<end>", 0), Some((1, 6, 1)));
    }

    #[test]
    fn white_space_around_a_token_belongs_to_it_if_it_says_so() {
        let strips = Strips { left: true, right: true };
        let matcher = matcher(&[AddedToken { strips, ..token(1, "<mask>", false) }]);
        assert_eq!(matcher.next("a \u{a0}<mask>\n b".as_bytes(), 0), Some((1, 12, 1)));
        assert_eq!(matcher.next("a \u{a0}<mask>\n b".as_bytes(), 2), Some((2, 12, 1)));
    }
}

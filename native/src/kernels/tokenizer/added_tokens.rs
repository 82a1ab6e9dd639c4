//! Tokens that a file adds beside its vocabulary. Special ones that stand literally in a text are ordinary text: a page must
//! not be able to write an end-of-document token. The others are matched before anything else, as the reference does.

use super::json_part::{Part, Refusal};
use super::normalize::Normalizer;
use std::collections::{HashMap, HashSet};

pub struct AddedToken {
    pub id: u32,
    pub content: String,
    pub special: bool,
    normalized: bool,
}

/// Longer contents are no tokens; the bound keeps matching linear.
const LONGEST: usize = 1024;

/// Reads `added_tokens` and holds each id to the one that the reference would give the token.
pub fn read(file: &mut Part, vocabulary: &HashMap<&str, u32>, used: &HashSet<u32>) -> Result<Vec<AddedToken>, Refusal> {
    let mut tokens: Vec<AddedToken> = Vec::new();
    let (mut seen, mut next) = (HashSet::new(), vocabulary.len() as u32);
    for (path, element) in file.list("added_tokens")? {
        let mut part = Part::new(&path, element)?;
        let content: String = part.required("content")?;
        let id: u32 = part.required("id")?;
        let special: bool = part.required("special")?;
        let normalized: bool = part.required("normalized")?;
        for name in ["single_word", "lstrip", "rstrip"] {
            if part.required::<bool>(name)? && !special {
                return Err(Refusal::new(&part.place(name), "true", "only special tokens may have it: their text is never matched"));
            }
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
        tokens.push(AddedToken { id, content, special, normalized });
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
    /// The id of the token that ends here, and whether it is special.
    token: Option<(u32, bool)>,
}

impl Matcher {
    /// A matcher for the tokens looked for before normalisation, or after it. Empty when all of them are special.
    pub fn new(tokens: &[AddedToken], normalized: bool, form: Option<Normalizer>) -> Self {
        let chosen: Vec<&AddedToken> = tokens.iter().filter(|token| token.normalized == normalized).collect();
        if chosen.iter().all(|token| token.special) {
            return Self::default();
        }
        let mut matcher = Self { nodes: vec![Node::default()], beginnings: Vec::new(), first: vec![false; 256] };
        for token in chosen {
            let mut content = token.content.clone().into_bytes();
            if let Some(form) = form.filter(|_| normalized) {
                content = form.apply(&content, &mut Vec::new()).to_vec();
            }
            matcher.add(&content, token);
        }
        matcher
    }

    fn add(&mut self, content: &[u8], token: &AddedToken) {
        let mut at = 0;
        if !std::mem::replace(&mut self.first[usize::from(content[0])], true) {
            self.beginnings.push(content[0]);
        }
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
        self.nodes[at].token = Some((token.id, token.special));
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

    /// The next token that is not special from `from` on: start, end, id. Special ones are passed over whole.
    pub fn next(&self, text: &[u8], mut from: usize) -> Option<(usize, usize, u32)> {
        if self.is_empty() {
            return None;
        }
        while let Some(skip) = self.beginning(&text[from..]) {
            let start = from + skip;
            let (mut at, mut found) = (0, None);
            for (end, &byte) in (start + 1..).zip(&text[start..]) {
                let children = &self.nodes[at].children;
                let Ok(place) = children.binary_search_by_key(&byte, |child| child.0) else { break };
                at = children[place].1 as usize;
                found = self.nodes[at].token.map(|token| (end, token)).or(found);
            }
            match found {
                Some((end, (id, false))) => return Some((start, end, id)),
                Some((end, _)) => from = end,
                None => from = start + 1,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: u32, content: &str, special: bool) -> AddedToken {
        AddedToken { id, content: content.to_owned(), special, normalized: false }
    }

    #[test]
    fn the_longest_token_at_the_leftmost_place_is_found() {
        let matcher = Matcher::new(&[token(1, "<a>", false), token(2, "<a><b>", false), token(3, "b>", false)], false, None);
        assert_eq!(matcher.next(b"x<a><b>", 0), Some((1, 7, 2)));
        assert_eq!(matcher.next(b"x<a><c><a>", 4), Some((7, 10, 1)));
        assert_eq!(matcher.next(b"<a", 0), None);
    }

    #[test]
    fn special_tokens_are_passed_over_whole() {
        let matcher = Matcher::new(&[token(1, "<end>", true), token(2, "end", false)], false, None);
        assert_eq!(matcher.next(b"<end> end", 0), Some((6, 9, 2)));
    }

    #[test]
    fn special_tokens_alone_need_no_matcher() {
        assert!(Matcher::new(&[token(1, "<end>", true)], false, None).is_empty());
    }
}

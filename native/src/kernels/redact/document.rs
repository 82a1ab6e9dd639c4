//! The output side of one text: what is kept is copied, what is found is replaced and counted.

use super::context::{ContextWords, Near};
use super::{COUNTS, LITERALS, NAMES, Replace, Settings, Type};
use memchr::memmem;

/// How every placeholder begins.
pub const OPENING: &[u8] = b"<|pii:";

/// What becomes of one that the page spells: a broken bar (U+00A6). As long in characters, so that context reaches as far.
pub const BROKEN: &[u8] = "<\u{A6}pii:".as_bytes();

pub struct Document<'a> {
    pub text: &'a [u8],
    pub settings: Settings,
    out: &'a mut Vec<u8>,
    counts: &'a mut [u32; COUNTS],
    /// Where this text begins in `out`.
    start: usize,
    copied: usize,
    /// Addresses replaced so far: the number of the next documentation address.
    addresses: u32,
}

impl<'a> Document<'a> {
    pub fn new(text: &'a [u8], settings: Settings, out: &'a mut Vec<u8>, counts: &'a mut [u32; COUNTS]) -> Self {
        Self { text, settings, start: out.len(), out, counts, copied: 0, addresses: 0 }
    }

    pub fn wants(&self, what: Type) -> bool {
        self.settings.types & 1 << what as u32 != 0
    }

    /// Copies what comes before `to`. The bar of a placeholder that the page itself spells is broken.
    fn copy(&mut self, to: usize) {
        let part = &self.text[self.copied..to.max(self.copied)];
        self.copied = to.max(self.copied);
        if self.settings.replace == Replace::Documentation {
            return self.out.extend_from_slice(part);
        }
        let mut from = 0;
        for at in memmem::find_iter(part, OPENING) {
            self.out.extend_from_slice(&part[from..at]);
            self.out.extend_from_slice(BROKEN);
            self.counts[LITERALS] += 1;
            from = at + OPENING.len();
        }
        self.out.extend_from_slice(&part[from..]);
    }

    /// What the context words say before `at`. They read what was written, not what was found: reading the result again
    /// finds the same.
    pub fn before(&mut self, words: &ContextWords, at: usize) -> Near {
        // A cut inside a placeholder spelt in the page would hide it; none begins with a letter or digit.
        self.copy(at);
        words.before(&self.out[self.start..])
    }

    /// `before` within 16 characters, for words that a number follows at once: "Version 1.2.3.4".
    pub fn right_before(&mut self, words: &ContextWords, at: usize) -> Near {
        self.copy(at);
        let out = &self.out[self.start..];
        let mut from = out.len().saturating_sub(16);
        while out.get(from).is_some_and(|byte| byte & 0xC0 == 0x80) {
            from += 1;
        }
        words.before(&out[from..])
    }

    /// Replaces `text[from..to]`. What stands in `out` right before and belongs to it (a plus, a bracket) has been taken back.
    pub fn replace(&mut self, what: Type, from: usize, to: usize, documentation: &[u8]) {
        self.copy(from);
        self.counts[what as usize] += 1;
        match self.settings.replace {
            Replace::Tokens => {
                self.out.extend_from_slice(OPENING);
                self.out.extend_from_slice(NAMES[what as usize].as_bytes());
                self.out.extend_from_slice(b"|>");
            }
            Replace::Documentation => self.out.extend_from_slice(documentation),
        }
        self.copied = to;
    }

    /// Takes back the characters that open a telephone number, when they are the last ones before `at`.
    pub fn take_back(&mut self, at: usize, opening: &[u8]) {
        self.copy(at);
        if self.out[self.start..].ends_with(opening) {
            self.out.truncate(self.out.len() - opening.len());
        }
    }

    /// The number of the next documentation address of this text.
    pub fn next_address(&mut self) -> u32 {
        self.addresses += 1;
        self.addresses - 1
    }

    pub fn finish(mut self) {
        self.copy(self.text.len());
    }
}

//! Which bytes of a document each token stands for, through normalisation and spaces put in.

use super::sink::{Span, cover};

#[derive(Default)]
pub struct Trace {
    /// Of every token so far, in the document.
    pub spans: Vec<Span>,
    /// Where the section at hand begins in the document, and its length there.
    origin: usize,
    length: usize,
    /// For every byte of the normalised section the bytes of the section that it stands for; absent when nothing changed.
    aligned: Option<Vec<Span>>,
    /// The text being cut is the normalised one from here on, behind a space that was put before it.
    pub prefixed_at: Option<usize>,
}

impl Trace {
    pub fn begin(&mut self, origin: usize, length: usize) {
        (self.origin, self.length) = (origin, length);
        self.aligned = None;
        self.prefixed_at = None;
    }

    pub fn align(&mut self, spans: &[Span]) {
        self.aligned = Some(spans.to_vec());
    }

    /// A token that stands for `from..to` of the text being cut.
    pub fn put(&mut self, from: usize, to: usize) {
        let normal = |at: usize| self.prefixed_at.map_or(at, |start| start + at.saturating_sub(1));
        let (from, to) = (normal(from), normal(to));
        let (from, to) = self.aligned.as_ref().map_or((from, to), |spans| cover(spans, from, to, self.length));
        self.spans.push(((self.origin + from) as u32, (self.origin + to) as u32));
    }

    /// Tokens of these lengths, one behind the other from `at` on.
    pub fn put_all(&mut self, mut at: usize, lengths: &[u32]) {
        for &length in lengths {
            self.put(at, at + length as usize);
            at += length as usize;
        }
    }
}

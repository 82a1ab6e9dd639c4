//! The normalizers of a file, one after the other.

use super::bert::BertNormalizer;
use super::replace::Replace;
use super::sentencepiece_normalize::SentencePieceNormalizer;
use super::sink::{Side, Sink, Span, cover};
use super::unicode_forms::Form;

pub enum Normalizer {
    Form(Form),
    Replace(Box<Replace>),
    /// Before every text that is not empty.
    Prepend(Vec<u8>),
    Bert(BertNormalizer),
    SentencePiece(Box<SentencePieceNormalizer>),
}

impl Normalizer {
    /// False, and nothing written, when the text stays as it is.
    fn apply(&self, text: &[u8], sink: &mut Sink) -> bool {
        match self {
            Self::Form(form) => form.apply(text, sink),
            Self::Replace(replace) => replace.apply(text, sink),
            Self::Prepend(_) if text.is_empty() => false,
            Self::Prepend(content) => {
                sink.put(0, 0, content);
                sink.keep(text, 0, text.len());
                true
            }
            Self::Bert(bert) => bert.apply(text, sink),
            Self::SentencePiece(normalizer) => normalizer.apply(text, sink),
        }
    }
}

#[derive(Default)]
pub struct Chain(pub Vec<Normalizer>);

/// Two sides that take turns, kept from text to text.
#[derive(Default)]
pub struct Buffers {
    sides: [Side; 2],
}

impl Chain {
    /// The normalised text, and if asked for, which range of the text given each of its bytes stands for; no spans for a
    /// text that no step changed.
    pub fn apply<'a>(&self, text: &'a [u8], buffers: &'a mut Buffers, with_spans: bool) -> (&'a [u8], Option<&'a [Span]>) {
        let mut held = None;
        for step in &self.0 {
            let [first, second] = &mut buffers.sides;
            let (target, into, other) = if held == Some(0) { (1, second, first) } else { (0, first, second) };
            into.bytes.clear();
            into.spans.clear();
            let input = if held.is_some() { &other.bytes[..] } else { text };
            if !step.apply(input, &mut Sink { side: into, with_spans }) {
                continue;
            }
            if with_spans && held.is_some() {
                for span in &mut into.spans {
                    let (from, to) = cover(&other.spans, span.0 as usize, span.1 as usize, text.len());
                    *span = (from as u32, to as u32);
                }
            }
            held = Some(target);
        }
        match held {
            None => (text, None),
            Some(side) => (&buffers.sides[side].bytes, with_spans.then_some(&buffers.sides[side].spans[..])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::replace::Pattern;
    use super::*;

    #[test]
    fn spans_lead_through_every_step_back_to_the_text() {
        let chain = Chain(vec![
            Normalizer::Form(Form::Nfkc),
            Normalizer::Replace(Box::new(Replace::new(Pattern::Text(b"fi".to_vec()), b"FI!".to_vec()))),
            Normalizer::Prepend(b" ".to_vec()),
        ]);
        let mut buffers = Buffers::default();
        let (text, spans) = chain.apply("aﬁb".as_bytes(), &mut buffers, true);
        assert_eq!(text, b" aFI!b");
        let spans = spans.unwrap();
        assert_eq!(cover(spans, 0, 1, 5), (0, 0));
        assert_eq!(cover(spans, 2, 5, 5), (0, 4));
        assert_eq!(cover(spans, 5, 6, 5), (4, 5));
        assert_eq!(chain.apply(b"", &mut Buffers::default(), true), (&b""[..], None));
    }
}

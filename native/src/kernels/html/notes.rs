//! What the builder meets beside plain text: links to licences, bylines, days, offered to the page's metadata; formulas and
//! raised digits.

use super::attributes::{AUTHOR, Attributes, LICENCE, PUBLISHED};
use super::builder::{Builder, Capture};
use super::hints;
use super::metadata::{Field, rank};
use super::tags::{PHRASE, Tag, VOID};

impl Builder {
    pub(super) fn frame(&mut self, tag: Tag, attributes: &Attributes) {
        match tag {
            Tag::Html if self.tree.language.is_empty() => self.tree.language.extend_from_slice(&attributes.language),
            Tag::Image if attributes.hints & hints::FORMULA != 0 => self.text(&attributes.alternative),
            Tag::Meta => self.tree.metadata.offer_meta(attributes),
            Tag::Link if attributes.present & LICENCE != 0 => {
                self.tree.metadata.offer(Field::Licence, rank::META, &attributes.href);
            }
            _ => {}
        }
    }

    /// Takes what a start tag says, before its element is opened.
    pub(super) fn note(&mut self, tag: Tag, attributes: &Attributes) {
        let has = |flag| attributes.present & flag != 0;
        if has(LICENCE) {
            self.tree.metadata.offer(Field::Licence, rank::META, &attributes.href);
        } else if attributes.links_to_licence() && !self.open.has(Tag::Figure) && !self.open.has(Tag::Figcaption) {
            self.tree.metadata.offer(Field::Licence, rank::GUESS, &attributes.href);
        }
        if has(PUBLISHED) || tag == Tag::Time {
            let rank = if has(PUBLISHED) {
                rank::PROPERTY
            } else if attributes.hints & hints::DATE != 0 {
                rank::CLASS
            } else {
                rank::GUESS
            };
            let stated = if attributes.datetime.is_empty() { &attributes.content } else { &attributes.datetime };
            if rank == rank::PROPERTY || !self.in_other_matter() {
                self.offer_or_capture(tag, Field::Published, rank, stated);
            }
        } else if has(AUTHOR) {
            self.offer_or_capture(tag, Field::Author, rank::PROPERTY, &attributes.content);
        } else if attributes.hints & (hints::AUTHOR | hints::DATE) != 0
            && attributes.hints & hints::COMMENTS == 0
            && !self.in_other_matter()
        {
            let field = if attributes.hints & hints::AUTHOR != 0 { Field::Author } else { Field::Published };
            self.offer_or_capture(tag, field, rank::CLASS, b"");
        }
    }

    fn offer_or_capture(&mut self, tag: Tag, field: Field, rank: u8, stated: &[u8]) {
        if !stated.is_empty() {
            self.tree.metadata.offer(field, rank, stated);
        } else if !tag.is(VOID) && self.capture.as_ref().is_none_or(|open| open.rank >= rank) {
            let height = self.open.height() + usize::from(!tag.is(PHRASE));
            self.capture = Some(Capture { field, rank, tag, from: self.tree.text.len(), height });
        }
    }

    pub(super) fn end_capture(&mut self) {
        if let Some(Capture { field, rank, from, .. }) = self.capture.take() {
            self.tree.metadata.offer(field, rank, self.tree.text.get(from..).unwrap_or(b""));
        }
    }

    /// In comments, lists of other pages, the margin: names and days there are of something else.
    fn in_other_matter(&self) -> bool {
        let mut node = self.parent() as usize;
        while node > 0 {
            if self.tree.nodes[node].hints & (hints::COMMENTS | hints::RELATED | hints::SIDE | hints::NAVIGATION) != 0 {
                return true;
            }
            node = self.tree.nodes[node].parent as usize;
        }
        false
    }

    /// 10<sup>6</sup> is not 106: digits after a letter or digit become superscript characters. Notes that link stay as they are.
    pub(super) fn end_superscript(&mut self) {
        let Some(from) = self.superscript.take().filter(|_| self.link.is_none()) else { return };
        let raised = self.tree.text.get(from..).unwrap_or(b"");
        let follows = from > 0 && (self.tree.text[from - 1].is_ascii_alphanumeric() || matches!(self.tree.text[from - 1], b')' | b']'));
        let digits = !raised.is_empty() && raised.len() <= 4 && raised.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        let last = self.tree.nodes.last_mut().filter(|node| node.tag == Tag::Text && node.start as usize <= from);
        if let Some(node) = last.filter(|_| follows && digits) {
            let raised: String = raised.iter().map(|byte| superscript(*byte)).collect();
            self.tree.text.truncate(from);
            self.tree.text.extend_from_slice(raised.as_bytes());
            node.stop = self.tree.text.len() as u32;
        }
    }
}

fn superscript(byte: u8) -> char {
    match byte {
        b'0'..=b'9' => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][usize::from(byte - b'0')],
        _ => '⁻',
    }
}

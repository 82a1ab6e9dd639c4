//! What the builder meets beside text: links to licences, bylines, days; offered to the page's metadata.

use super::attributes::{AUTHOR, Attributes, LICENCE, PUBLISHED};
use super::builder::{Builder, Capture};
use super::hints;
use super::metadata::{Field, rank};
use super::tags::{PHRASE, Tag, VOID};

impl Builder {
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
}

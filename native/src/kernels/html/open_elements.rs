//! The stack of open elements, with counts beside it: whether an element is open at all is one look, not a walk.

use super::tags::{HIDDEN, Tag};
use super::tree::Index;

pub struct Open {
    pub tag: Tag,
    /// Tells elements of unknown name apart.
    pub name: u32,
    /// The node that text inside belongs to: its own, or that of an element around it that has one.
    pub node: Index,
    pub owns_node: bool,
    /// Its text is not shown, beside what its tag says.
    pub hides: bool,
}

pub struct OpenElements {
    stack: Vec<Open>,
    tags: [u32; Tag::COUNT],
    /// By name modulo 256.
    names: [u32; 256],
    /// Open elements whose text is never shown.
    hidden: u32,
    /// Entries looked at so far; tests hold it linear in the tags.
    pub steps: u64,
}

impl OpenElements {
    pub fn new() -> OpenElements {
        OpenElements { stack: Vec::new(), tags: [0; Tag::COUNT], names: [0; 256], hidden: 0, steps: 0 }
    }

    pub fn height(&self) -> usize {
        self.stack.len()
    }

    pub fn last(&self) -> Option<&Open> {
        self.stack.last()
    }

    pub fn has(&self, tag: Tag) -> bool {
        self.tags[tag as usize] > 0
    }

    pub fn may_have_name(&self, name: u32) -> bool {
        self.names[(name & 255) as usize] > 0
    }

    pub fn is_hidden(&self) -> bool {
        self.hidden > 0
    }

    pub fn is_verbatim(&self) -> bool {
        self.has(Tag::Pre) || self.has(Tag::Listing) || self.has(Tag::Xmp) || self.has(Tag::Plaintext)
    }

    pub fn push(&mut self, open: Open) {
        self.tags[open.tag as usize] += 1;
        self.names[(open.name & 255) as usize] += 1;
        self.hidden += u32::from(open.tag.is(HIDDEN) || open.hides);
        self.stack.push(open);
    }

    pub fn pop(&mut self) -> Option<Open> {
        let open = self.stack.pop()?;
        self.steps += 1;
        self.tags[open.tag as usize] -= 1;
        self.names[(open.name & 255) as usize] -= 1;
        self.hidden -= u32::from(open.tag.is(HIDDEN) || open.hides);
        Some(open)
    }

    /// Place of the innermost element that `wanted` accepts, unless one that `stops` is met first.
    pub fn find(&mut self, wanted: impl Fn(&Open) -> bool, stops: impl Fn(Tag) -> bool) -> Option<usize> {
        for (place, open) in self.stack.iter().enumerate().rev() {
            self.steps += 1;
            if wanted(open) {
                return Some(place);
            }
            if stops(open.tag) {
                return None;
            }
        }
        None
    }
}

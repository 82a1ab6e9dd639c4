//! From html5gum's tokens to a `Tree`, in time linear in the input whatever it holds.
//!
//! This is not the tree construction of the HTML standard (`docs/decisions/html-tree.md` argues why): links and phrase markup
//! are not elements here, text never moves out of tables, and nothing is ever re-parented. What is kept is what decides the
//! order and the grouping of text: void elements, implied end tags (p, li, dt, dd, rows, cells), raw text, end tags that
//! close up to the matching element but not across a table cell, and foreign content that a block element breaks out of.

use html5gum::State;

use super::attributes::{Attributes, HREF, JSON_LD, OPEN};
use super::hints;
use super::json_ld;
use super::metadata::Field;
use super::open_elements::{Open, OpenElements};
use super::tags::{BARRIER, BLOCK, FRAME, HEADING, HIDDEN, PHRASE, Tag, VOID};
use super::tokens::raw_state;
use super::tree::{Index, LINKED, Node, Tree};

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Elements nested deeper are not stored; their text belongs to the last one that is. Every end tag may look at this many
    /// open elements, so it bounds the time a tag can cost. Real pages stay under 100.
    pub depth: usize,
    /// Elements after that many nodes are not stored; their text is kept.
    pub nodes: usize,
}

pub const LIMITS: Limits = Limits { depth: 256, nodes: 1_000_000 };

const TITLE_BYTES: usize = 4096;

#[derive(PartialEq)]
enum Raw {
    No,
    Title,
    JsonLd,
    Skipped,
}

/// Text that is read for what it says about the page, from a place in `Tree::text` to where its element ends.
pub(super) struct Capture {
    pub field: Field,
    pub rank: u8,
    pub tag: Tag,
    pub from: usize,
    /// It ends when the stack of open elements is lower.
    pub height: usize,
}

pub struct Builder {
    pub tree: Tree,
    limits: Limits,
    /// Self-closing tags of any name close themselves.
    xml: bool,
    pub(super) open: OpenElements,
    /// Start tags that the depth limit kept off the stack and that still expect their end tag.
    unstacked: [u32; Tag::COUNT],
    any_unstacked: bool,
    raw: Raw,
    /// Height of the stack where the open link began. A link ends with its parent: pages forget `</a>`.
    pub(super) link: Option<usize>,
    /// White space was met that belongs between the last text and the next.
    space: bool,
    pub(super) capture: Option<Capture>,
    /// Where the text of an open `<sup>` with nothing but text in it begins.
    pub(super) superscript: Option<usize>,
    json_ld: Vec<u8>,
    /// Bytes of JSON-LD that may still be read on this page.
    json_ld_room: usize,
}

impl Builder {
    pub fn new(xml: bool, limits: Limits) -> Builder {
        let root = Node { tag: Tag::Root, hints: 0, parent: 0, end: 1, start: 0, stop: 0 };
        let mut builder = Builder {
            tree: Tree { nodes: vec![root], ..Tree::default() },
            limits,
            xml,
            open: OpenElements::new(),
            unstacked: [0; Tag::COUNT],
            any_unstacked: false,
            raw: Raw::No,
            link: None,
            space: false,
            capture: None,
            superscript: None,
            json_ld: Vec::new(),
            json_ld_room: json_ld::BYTES,
        };
        builder.open.push(Open { tag: Tag::Root, name: 0, node: 0, owns_node: true, hides: false });
        builder
    }

    pub fn finish(mut self) -> Tree {
        while self.open.height() > 0 {
            self.pop();
        }
        self.tree.steps = self.open.steps;
        self.tree
    }

    pub fn in_foreign_content(&self) -> bool {
        self.xml || self.open.has(Tag::Svg) || self.open.has(Tag::Math)
    }

    pub(super) fn parent(&self) -> Index {
        self.open.last().map_or(0, |open| open.node)
    }

    fn pop(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if open.owns_node {
            let (end, stop) = (self.tree.nodes.len() as Index, self.tree.text.len() as u32);
            let node = &mut self.tree.nodes[open.node as usize];
            node.end = end;
            node.stop = stop;
        }
        if self.link.is_some_and(|height| height > self.open.height()) {
            self.link = None;
        }
        if self.capture.as_ref().is_some_and(|capture| capture.height > self.open.height()) {
            self.end_capture();
        }
        if self.any_unstacked {
            self.unstacked = [0; Tag::COUNT];
            self.any_unstacked = false;
        }
    }

    /// Closes the entry at `position` and all above it; never the root.
    fn pop_through(&mut self, position: usize) {
        while self.open.height() > position.max(1) {
            self.pop();
        }
    }

    fn close(&mut self, wanted: impl Fn(Tag) -> bool, stops: impl Fn(Tag) -> bool) {
        if let Some(position) = self.open.find(|open| wanted(open.tag), stops) {
            self.pop_through(position);
        }
    }

    fn add_node(&mut self, tag: Tag, hints: u32) -> Index {
        let index = self.tree.nodes.len() as Index;
        let start = self.tree.text.len() as u32;
        self.tree.nodes.push(Node { tag, hints, parent: self.parent(), end: index + 1, start, stop: start });
        index
    }

    /// What HTML lets authors leave out before this start tag.
    fn close_implied(&mut self, tag: Tag) {
        if tag.is(BLOCK) && self.open.has(Tag::Paragraph) {
            self.close(|open| open == Tag::Paragraph, |open| open.is(BARRIER));
        }
        match tag {
            Tag::Item if self.open.has(Tag::Item) => {
                self.close(|open| open == Tag::Item, |open| open.is(BLOCK) && !matches!(open, Tag::Div | Tag::Paragraph | Tag::Address));
            }
            Tag::Term | Tag::Definition if self.open.has(Tag::Term) || self.open.has(Tag::Definition) => self.close(
                |open| matches!(open, Tag::Term | Tag::Definition),
                |open| open.is(BLOCK) && !matches!(open, Tag::Div | Tag::Paragraph | Tag::Address),
            ),
            Tag::Cell | Tag::HeadCell | Tag::Caption => {
                self.close(|open| open.is_cell() || open == Tag::Caption, |open| matches!(open, Tag::Table | Tag::Root | Tag::Row));
            }
            Tag::Row => self.close(|open| open == Tag::Row, |open| matches!(open, Tag::Table | Tag::Root)),
            Tag::Tbody | Tag::Thead | Tag::Tfoot if self.open.has(Tag::Table) => {
                if let Some(table) = self.open.find(|open| open.tag == Tag::Table, |_| false) {
                    self.pop_through(table + 1);
                }
            }
            // A table directly in a table, outside its cells, ends it.
            Tag::Table if self.open.has(Tag::Table) => {
                self.close(|open| open == Tag::Table, |open| open.is_cell() || open == Tag::Caption);
            }
            _ if tag.is(HEADING) && self.open.last().is_some_and(|open| open.tag.is(HEADING)) => self.pop(),
            _ => {}
        }
    }

    /// Takes a start tag; the answer switches the tokenizer to raw text where the element has no markup inside.
    pub fn start(&mut self, tag: Tag, name: u32, self_closing: bool, attributes: &Attributes) -> Option<State> {
        self.tree.tags += 1;
        let empty = self_closing && (self.xml || matches!(tag, Tag::Svg | Tag::Math));
        if self.open.has(Tag::Svg) && !self.open.has(Tag::ForeignObject) {
            if tag.is(BLOCK) && tag != Tag::ForeignObject {
                self.close(|open| open == Tag::Svg, |_| false);
            } else if !matches!(tag, Tag::Svg | Tag::ForeignObject) {
                return None;
            }
        }
        if tag.is(FRAME) {
            self.frame(tag, attributes);
            return None;
        }
        if attributes.says_something() || tag == Tag::Time {
            self.note(tag, attributes);
        }
        if tag.is(PHRASE) {
            self.superscript = (tag == Tag::Sup && !empty).then_some(self.tree.text.len());
            if tag == Tag::Anchor && !empty {
                self.link = (attributes.present & HREF != 0).then_some(self.open.height());
            }
            return None;
        }
        if let Some(state) = raw_state(tag) {
            if empty {
                return None;
            }
            self.raw = match tag {
                Tag::Title if self.tree.title.is_empty() => Raw::Title,
                Tag::Script if attributes.present & JSON_LD != 0 => Raw::JsonLd,
                _ => Raw::Skipped,
            };
            return Some(state);
        }
        self.close_implied(tag);
        if tag.is(VOID) {
            if !self.open.is_hidden() && self.tree.nodes.len() < self.limits.nodes {
                self.add_node(tag, 0);
            }
            self.space = false;
            return None;
        }
        if self.open.height() >= self.limits.depth {
            self.unstacked[tag as usize] += u32::from(!empty);
            self.any_unstacked = true;
            return None;
        }
        let closed = tag == Tag::Noscript || (tag == Tag::Dialog && attributes.present & OPEN == 0);
        let hints = if closed { attributes.hints | hints::HIDDEN } else { attributes.hints };
        let stored = !self.open.is_hidden()
            && !tag.is(HIDDEN)
            && self.tree.nodes.len() < self.limits.nodes
            && (!matches!(tag, Tag::Span | Tag::Unknown | Tag::Label | Tag::Math | Tag::Object)
                || hints & (hints::BOILERPLATE | hints::HIDDEN) != 0);
        let node = if stored { self.add_node(tag, hints) } else { self.parent() };
        if tag.is(BLOCK) {
            self.space = false;
        }
        // A formula in words instead of its signs.
        let replaced = tag == Tag::Math && !attributes.alternative.trim_ascii().is_empty();
        if replaced {
            self.text(&attributes.alternative);
        }
        self.open.push(Open { tag, name, node, owns_node: stored, hides: replaced });
        if empty {
            self.pop();
        }
        match tag {
            Tag::Xmp if !empty => Some(State::RawText),
            Tag::Plaintext if !empty => Some(State::PlainText),
            _ => None,
        }
    }

    pub fn end(&mut self, tag: Tag, name: u32) {
        self.tree.tags += 1;
        if self.raw != Raw::No {
            if self.raw == Raw::JsonLd {
                json_ld::offer(&self.json_ld, &mut self.tree.metadata);
                self.json_ld.clear();
            }
            self.raw = Raw::No;
            return;
        }
        if tag.is(PHRASE) && self.capture.as_ref().is_some_and(|capture| capture.tag == tag) {
            self.end_capture();
        }
        match tag {
            Tag::Sup => self.end_superscript(),
            Tag::Anchor => self.link = None,
            Tag::Break | Tag::Paragraph if tag == Tag::Break || !self.open.has(Tag::Paragraph) => {
                if !self.open.is_hidden() && self.tree.nodes.len() < self.limits.nodes {
                    self.add_node(tag, 0);
                    self.space = false;
                }
            }
            _ if tag.is(FRAME | PHRASE | VOID) => {}
            _ if self.unstacked[tag as usize] > 0 => self.unstacked[tag as usize] -= 1,
            _ if !self.open.has(tag) && !tag.is(HEADING) => {}
            _ if !self.open.may_have_name(name) && !tag.is(HEADING) => {}
            _ => self.end_open(tag, name),
        }
    }

    fn end_open(&mut self, tag: Tag, name: u32) {
        let position = match tag {
            Tag::Table => self.open.find(|open| open.tag == Tag::Table, |_| false),
            Tag::Row | Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Cell | Tag::HeadCell | Tag::Caption => {
                self.open.find(|open| open.tag == tag, |open| open == Tag::Table)
            }
            _ if tag.is(HEADING) => self.open.find(|open| open.tag.is(HEADING), |open| open.is(BARRIER)),
            _ if tag.is(BLOCK) => self.open.find(|open| open.tag == tag, |open| open.is(BARRIER)),
            _ => self.open.find(|open| open.tag == tag && open.name == name, |open| open.is(BLOCK)),
        };
        if let Some(position) = position.filter(|&position| position > 0) {
            self.pop_through(position);
        }
        if tag.is(BLOCK) {
            self.space = false;
        }
    }

    pub fn text(&mut self, bytes: &[u8]) {
        match self.raw {
            Raw::Skipped => return,
            Raw::Title => {
                let room = TITLE_BYTES.saturating_sub(self.tree.title.len());
                self.tree.title.extend_from_slice(&bytes[..bytes.len().min(room)]);
                return;
            }
            Raw::JsonLd => {
                let read = bytes.len().min(self.json_ld_room);
                self.json_ld.extend_from_slice(&bytes[..read]);
                self.json_ld_room -= read;
                return;
            }
            Raw::No => {}
        }
        if self.open.is_hidden() {
            return;
        }
        let parent = self.parent();
        let linked = if self.link.is_some() { LINKED } else { 0 };
        let full = self.tree.nodes.len() >= self.limits.nodes;
        if bytes.iter().all(u8::is_ascii_whitespace) && !self.open.is_verbatim() {
            self.space = true;
            return;
        }
        let last = self.tree.nodes.last().filter(|node| node.tag == Tag::Text && (node.parent == parent || full));
        if last.is_none_or(|node| node.hints != linked && !full) {
            self.add_node(Tag::Text, linked);
        }
        if self.space {
            self.tree.text.push(b' ');
        }
        self.tree.text.extend_from_slice(bytes);
        if let Some(node) = self.tree.nodes.last_mut() {
            node.stop = self.tree.text.len() as u32;
        }
        self.space = false;
    }
}

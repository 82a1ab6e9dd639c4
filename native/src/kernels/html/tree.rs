//! A page as a flat list of nodes in document order, so that every walk is a loop over an index and no depth can exhaust the stack.

use super::metadata::Metadata;
use super::tags::Tag;

/// The text is inside a link.
pub const LINKED: u32 = 1 << 15;

pub type Index = u32;

/// 28 bytes; a page has at most `Limits::nodes` of them.
#[derive(Clone, Debug)]
pub struct Node {
    pub tag: Tag,
    /// Of an element: its `hints`. Of a text: `LINKED` or nothing.
    pub hints: u32,
    pub parent: Index,
    /// One after the last node inside.
    pub end: Index,
    /// Of a text: where it lies in `Tree::text`. Of an element: where the text inside it lies.
    pub start: u32,
    pub stop: u32,
}

/// Node 0 is the root. A node's descendants are the nodes after it, up to its `end`.
#[derive(Debug, Default)]
pub struct Tree {
    pub nodes: Vec<Node>,
    /// Character data in document order, references decoded; UTF-8.
    pub text: Vec<u8>,
    /// `<title>`, `<html lang>` as written.
    pub title: Vec<u8>,
    pub language: Vec<u8>,
    pub metadata: Metadata,
    /// Start and end tags met, including those that made no node.
    pub tags: u32,
    /// Open elements looked at to find what a tag closes.
    pub steps: u64,
}

impl Tree {
    pub fn text_of(&self, node: &Node) -> &[u8] {
        &self.text[node.start as usize..node.stop as usize]
    }
}

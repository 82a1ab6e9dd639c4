//! How much text, linked text and prose lies in each node: sums from the leaves to the root, in one pass back over the list.

use super::tags::{BLOCK, HEADING, Tag};
use super::tree::{Index, LINKED, Tree};

/// Characters are counted without white space.
#[derive(Clone, Copy, Default, Debug)]
pub struct Mass {
    pub characters: u32,
    /// Of these inside links.
    pub linked: u32,
    /// Of these in blocks that read like running text.
    pub prose: u32,
    pub headings: u16,
    pub paragraphs: u16,
}

/// A run of text with no block boundary inside: what a reader sees as one paragraph, cell or item.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// The block element it lies in directly.
    pub owner: Index,
    /// Where its text lies in `Tree::text`.
    pub start: u32,
    pub stop: u32,
    pub characters: u32,
    pub linked: u32,
    pub prose: u32,
}

pub fn blocks(tree: &Tree) -> Vec<Block> {
    let mut owners: Vec<Index> = vec![0; tree.nodes.len()];
    let mut blocks: Vec<Block> = Vec::new();
    let mut boundary = true;
    let mut stops = 0;
    for (i, node) in tree.nodes.iter().enumerate().skip(1) {
        let owner = owners[node.parent as usize];
        if node.tag.is(BLOCK) {
            owners[i] = i as Index;
            boundary = true;
            continue;
        }
        owners[i] = owner;
        if node.tag != Tag::Text {
            continue;
        }
        let count = count(tree.text_of(node));
        if count.characters == 0 {
            continue;
        }
        if boundary || blocks.last().is_none_or(|block| block.owner != owner) {
            finish(tree, blocks.last_mut(), stops);
            blocks.push(Block { owner, start: node.start, stop: node.stop, characters: 0, linked: 0, prose: 0 });
            boundary = false;
            stops = 0;
        }
        if let Some(block) = blocks.last_mut() {
            block.stop = node.stop;
            block.characters += count.characters;
            if node.hints & LINKED != 0 {
                block.linked += count.characters;
            }
            stops += count.stops;
        }
    }
    finish(tree, blocks.last_mut(), stops);
    blocks
}

/// Long or punctuated text outside links counts in full, a short label a quarter, a heading nothing.
fn finish(tree: &Tree, block: Option<&mut Block>, stops: u32) {
    let Some(block) = block else { return };
    let plain = block.characters - block.linked;
    let owner = tree.nodes[block.owner as usize].tag;
    block.prose = if owner.is(HEADING) || u64::from(block.linked) * 3 > u64::from(block.characters) * 2 {
        0
    } else if plain >= 100 || (plain >= 40 && stops > 0) || owner.is_verbatim() {
        plain
    } else {
        plain / 4
    };
}

struct Count {
    characters: u32,
    /// Marks that end or divide sentences.
    stops: u32,
}

fn count(text: &[u8]) -> Count {
    let mut count = Count { characters: 0, stops: 0 };
    for &byte in text {
        // Every byte but a continuation byte begins a character; 0x20 and below is white space or control.
        count.characters += u32::from(byte > b' ' && byte & 0xC0 != 0x80);
        count.stops += u32::from(matches!(byte, b'.' | b',' | b';' | b'!' | b'?' | b':'));
    }
    // The ideographic comma and full stop, Arabic comma and the like are rarer than the bytes that would find them.
    count
}

/// Sums of all blocks that are not removed, by node.
pub fn sums(tree: &Tree, blocks: &[Block], removed: &[bool]) -> Vec<Mass> {
    let mut sums = vec![Mass::default(); tree.nodes.len()];
    for block in blocks.iter().filter(|block| !removed[block.owner as usize]) {
        let sum = &mut sums[block.owner as usize];
        sum.characters += block.characters;
        sum.linked += block.linked;
        sum.prose += block.prose;
    }
    for i in (1..tree.nodes.len()).rev() {
        let node = &tree.nodes[i];
        if removed[i] {
            continue;
        }
        let mut own = sums[i];
        own.headings = own.headings.saturating_add(u16::from(matches!(node.tag, Tag::H1 | Tag::H2)));
        own.paragraphs = own.paragraphs.saturating_add(u16::from(node.tag == Tag::Paragraph && own.prose > 0));
        sums[i] = own;
        let sum = &mut sums[node.parent as usize];
        sum.characters += own.characters;
        sum.linked += own.linked;
        sum.prose += own.prose;
        sum.headings = sum.headings.saturating_add(own.headings);
        sum.paragraphs = sum.paragraphs.saturating_add(own.paragraphs);
    }
    sums
}

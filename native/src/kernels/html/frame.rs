//! Parts of a page's frame that no class gives away: what a label introduces, what asks for consent.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::cues::{self, Label};
use super::mass::{Block, Mass};
use super::tags::{HEADING, Tag};
use super::tree::Tree;

/// Texts of more characters than this are no requests for consent but about them.
const REQUEST_CHARACTERS: u32 = 1200;

static COOKIES: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| cues::cookies().iter().map(Finder::new).collect());

/// Removes requests for consent to cookies, unless they are a fifth of the page's prose: then it is about them.
pub fn prune_consent(tree: &Tree, blocks: &[Block], masses: &[Mass], removed: &mut [bool]) {
    if !COOKIES.iter().any(|cookie| cookie.find(&tree.text).is_some()) {
        return;
    }
    let asks = |block: &&Block| {
        let text = String::from_utf8_lossy(tree.text.get(block.start as usize..block.stop as usize).unwrap_or(b""));
        block.characters <= REQUEST_CHARACTERS
            && masses[block.owner as usize].characters <= block.characters * 2
            && !removed[block.owner as usize]
            && cues::asks_for_consent(&text)
    };
    let asking: Vec<(usize, u32)> = blocks.iter().filter(asks).map(|block| (block.owner as usize, block.prose)).collect();
    let prose: u32 = asking.iter().map(|(_, prose)| prose).sum();
    if u64::from(prose) * 5 > u64::from(masses[0].prose) {
        return;
    }
    for (owner, prose) in asking {
        // The box around it, as far as it holds little else.
        let mut outer = owner;
        loop {
            let parent = tree.nodes[outer].parent as usize;
            let little = u64::from(masses[parent].prose) <= u64::from(prose) * 2 && masses[parent].headings == 0;
            if parent == 0 || !little || u64::from(masses[parent].prose) * 5 > u64::from(masses[0].prose) {
                break;
            }
            outer = parent;
        }
        if owner != 0 {
            removed[outer..tree.nodes[outer].end as usize].fill(true);
        }
    }
}

/// Removes labels over other pages, comments and buttons, with what they introduce: the box they open, or the siblings after
/// them as long as those are mostly links.
pub fn prune_labelled(tree: &Tree, blocks: &[Block], masses: &[Mass], removed: &mut [bool]) {
    for block in blocks {
        let owner = block.owner as usize;
        let (start, stop) = (block.start as usize, block.stop as usize);
        // An element with more in it than this text cannot go for it.
        if masses[owner].characters > block.characters || block.characters > 400 {
            continue;
        }
        if removed[owner] || owner == 0 || tree.nodes[owner].tag == Tag::H1 || tree.nodes[owner].tag.is_verbatim() {
            continue;
        }
        let Ok(text) = std::str::from_utf8(tree.text.get(start..stop).unwrap_or(b"")) else { continue };
        // "Read also: …" in a paragraph of its own.
        if block.characters < 300 && u64::from(block.linked) * 5 >= u64::from(block.characters) * 2 && cues::begins_like_label(text) {
            removed[owner..tree.nodes[owner].end as usize].fill(true);
            continue;
        }
        let Some(found) = cues::label(text) else { continue };
        if found.label == Label::Action {
            removed[owner..tree.nodes[owner].end as usize].fill(true);
            continue;
        }
        let share = |node: usize, percent: u64| u64::from(masses[node].prose) * 100 <= u64::from(masses[0].prose) * percent;
        let most = if found.label == Label::Comments { 30 } else { 20 };
        // The largest box that the label opens.
        let mut opened = owner;
        loop {
            let parent = tree.nodes[opened].parent as usize;
            let opens = tree.text.get(tree.nodes[parent].start as usize..start).is_some_and(|before| before.trim_ascii().is_empty());
            if parent == 0 || !opens || !share(parent, most) {
                break;
            }
            opened = parent;
        }
        let mass = masses[opened];
        let is_box = opened != owner && tree.nodes[opened].tag != Tag::Item;
        let linked = u64::from(mass.linked) * 10 >= u64::from(mass.characters) * 3;
        let heads = tree.nodes[owner].tag.is(HEADING);
        let small = found.whole && mass.headings < 2 && (found.label == Label::Comments || share(opened, 10));
        if is_box && (linked || small) {
            removed[opened..tree.nodes[opened].end as usize].fill(true);
        } else if found.whole || heads {
            let after = remove_links_after(tree, masses, opened, removed);
            if found.whole || after {
                removed[owner..tree.nodes[owner].end as usize].fill(true);
            }
        }
    }
}

/// Removes the siblings after a node while half of each is linked; whether there was one.
fn remove_links_after(tree: &Tree, masses: &[Mass], node: usize, removed: &mut [bool]) -> bool {
    let parent = tree.nodes[node].parent;
    let stop = tree.nodes[parent as usize].end as usize;
    let mut next = tree.nodes[node].end as usize;
    let mut any = false;
    while next < stop {
        let end = tree.nodes[next].end as usize;
        let mass = masses[next];
        let is_link = mass.linked * 2 >= mass.characters.max(1) && mass.prose * 3 <= mass.characters;
        let is_gap = tree.nodes[next].tag == Tag::Break || (mass.characters == 0 && tree.nodes[next].tag != Tag::Text);
        if !is_gap {
            if !is_link || tree.nodes[next].tag == Tag::Text {
                break;
            }
            any = true;
            removed[next..end].fill(true);
        }
        next = end;
    }
    any
}

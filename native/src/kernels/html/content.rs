//! Which part of a page is its content: prune what its author called by another name, choose the element that holds most of
//! the prose that is left, add the lead that stands before it, cut what announces other pages.
//!
//! No rule removes an element on its name alone: what holds a large part of the page's prose stays, because themes reuse
//! names (`sidebar` on the wrapper of page and sidebar) and because forums are all comments. Shares are in per cent of the
//! page's prose. They were chosen on two public evaluation sets (`docs/decisions/html-tree.md`), in whole tens and fives.

use super::frame;
use super::hints::{
    ADVERT, BODY, BOILERPLATE, BYLINE, CAPTION, COMMENTS, CONSENT, CONTENT, FOOTER, HEADER, HIDDEN, NAVIGATION, PROMOTION, RELATED, SHARE,
    SIDE,
};
use super::mass::{Block, Mass, sums};
use super::tags::{HEADING, Tag};
use super::tree::{Index, Tree};

pub struct Content {
    /// The element whose text is the content.
    pub root: Index,
    /// By node: it and what is in it do not belong to the content.
    pub removed: Vec<bool>,
    /// All text of the page, and the text that is left.
    pub page: Mass,
    pub own: Mass,
}

/// Content of fewer characters is not worth what was left out for it, unless it is half of the page.
const LEAST_CHARACTERS: u32 = 100;

pub fn find(tree: &Tree, blocks: &[Block]) -> Content {
    let mut removed = vec![false; tree.nodes.len()];
    let everything = sums(tree, blocks, &removed);
    prune(tree, &everything, &mut removed, hides);
    let mut shown = sums(tree, blocks, &removed);
    if at_most(20, shown[0].prose, everything[0].prose) {
        // A script shows one of several texts: better all of them than none.
        removed.fill(false);
        shown.clone_from(&everything);
    }
    let minimal = removed.clone();
    prune(tree, &shown, &mut removed, is_comments);
    let mut own = sums(tree, blocks, &removed);
    let comments = shown[0].prose - own[0].prose;
    prune(tree, &own, &mut removed, is_boilerplate);
    if comments > 0 {
        let rest = sums(tree, blocks, &removed)[0].prose;
        if rest < 250 && at_most(25, rest, comments) {
            // Hardly anything else is there: the comments are the page.
            own.clone_from(&shown);
            removed.clone_from(&minimal);
            prune(tree, &own, &mut removed, is_boilerplate);
        }
    }
    frame::prune_consent(tree, blocks, &own, &mut removed);
    let framed = removed.clone();
    prune_teasers(tree, blocks, &own, &mut removed);
    frame::prune_labelled(tree, blocks, &own, &mut removed);
    let candidates = sums(tree, blocks, &removed);
    let body = choose(tree, &candidates);
    prune_links(tree, &candidates, body, &mut removed);
    let root = with_lead(tree, blocks, body, &mut removed);
    trim_tail(tree, blocks, root, &mut removed);
    // Whatever is at least a few lines: what was chosen, the page without its frame, all that is shown.
    let page = everything[0];
    for (root, removed) in [(root, removed), (0, framed)] {
        let left = sums(tree, blocks, &removed)[root];
        if left.characters >= LEAST_CHARACTERS || left.characters >= page.characters / 2 {
            return Content { root: root as Index, removed, page, own: left };
        }
    }
    Content { root: 0, removed: minimal, page, own: shown[0] }
}

type Rule = fn(&Tree, &[Mass], usize) -> bool;

/// Marks the outermost nodes that `rule` names, and everything in them.
fn prune(tree: &Tree, masses: &[Mass], removed: &mut [bool], rule: Rule) {
    let mut i = 1;
    while i < tree.nodes.len() {
        let end = tree.nodes[i].end as usize;
        if removed[i] {
            i = end;
        } else if tree.nodes[i].tag != Tag::Text && rule(tree, masses, i) {
            removed[i..end].fill(true);
            i = end;
        } else {
            i += 1;
        }
    }
}

/// `part` is at most that many per cent of `whole`.
fn at_most(percent: u32, part: u32, whole: u32) -> bool {
    u64::from(part) * 100 <= u64::from(whole) * u64::from(percent)
}

/// Pages that a script reveals hide their whole text: only the smaller half can be meant.
fn hides(tree: &Tree, masses: &[Mass], i: usize) -> bool {
    tree.nodes[i].hints & HIDDEN != 0 && at_most(50, masses[i].prose, masses[0].prose)
}

fn is_comments(tree: &Tree, _masses: &[Mass], i: usize) -> bool {
    tree.nodes[i].hints & COMMENTS != 0 && tree.nodes[i].hints & BODY == 0
}

fn is_boilerplate(tree: &Tree, masses: &[Mass], i: usize) -> bool {
    let node = &tree.nodes[i];
    let mass = &masses[i];
    let share = |percent| at_most(percent, mass.prose, masses[0].prose);
    match node.tag {
        Tag::Nav | Tag::Footer => return share(40),
        Tag::Aside => return share(30),
        Tag::Header if mass.headings == 0 => return share(20),
        Tag::Form => return share(20),
        Tag::Figcaption => return share(15),
        _ => {}
    }
    let hints = if node.hints & BODY != 0 { 0 } else { node.hints };
    if hints & (BOILERPLATE | CAPTION) == 0 {
        return false;
    }
    let linked = mass.linked > mass.characters / 2;
    (hints & NAVIGATION != 0 && (share(20) || (linked && share(50))))
        || (hints & (FOOTER | SIDE) != 0 && share(30))
        || (hints & HEADER != 0 && mass.headings == 0 && share(20))
        || (hints & (RELATED | SHARE | CONSENT | ADVERT | PROMOTION) != 0 && share(25))
        || (hints & CAPTION != 0 && share(15))
        || (hints & BYLINE != 0 && mass.headings == 0 && share(10))
}

/// A linked heading with a few lines under it announces another page. Where most of a page's prose is of that kind, it is
/// the page.
fn prune_teasers(tree: &Tree, blocks: &[Block], masses: &[Mass], removed: &mut [bool]) {
    const LARGEST: u32 = 500;
    let whole = masses[0];
    let mut teasers: Vec<usize> = Vec::new();
    let mut prose = 0;
    for block in blocks.iter().filter(|block| !removed[block.owner as usize]) {
        let heading = block.owner as usize;
        let tag = tree.nodes[heading].tag;
        if !tag.is(HEADING) || tag == Tag::H1 || at_most(90, block.linked, block.characters) {
            continue;
        }
        let mut teaser = heading;
        loop {
            let parent = tree.nodes[teaser].parent as usize;
            if parent == 0 || masses[parent].characters > LARGEST || !at_most(20, masses[parent].characters, whole.characters) {
                break;
            }
            teaser = parent;
        }
        if teasers.last().is_none_or(|&last| tree.nodes[last].end as usize <= teaser) {
            prose += masses[teaser].prose;
            teasers.push(teaser);
        }
    }
    if at_most(60, prose, whole.prose) {
        for teaser in teasers {
            removed[teaser..tree.nodes[teaser].end as usize].fill(true);
        }
    }
}

/// The element named as the text; else the article or articles; else, inside the column named as content, or the page, the
/// deepest element with nearly all of its prose.
fn choose(tree: &Tree, masses: &[Mass]) -> usize {
    let is_named = |i: usize| tree.nodes[i].hints & BODY != 0;
    let is_article = |i: usize| tree.nodes[i].tag == Tag::Article;
    let is_column = |i: usize| tree.nodes[i].tag == Tag::Main || tree.nodes[i].hints & CONTENT != 0;
    together(tree, masses, is_named, 15, 10)
        .or_else(|| together(tree, masses, is_article, 40, 25))
        .unwrap_or_else(|| descend(tree, masses, together(tree, masses, is_column, 40, 25).unwrap_or(0)))
}

/// The innermost element around all that are `wanted`, if the largest has over `percent` of the page's prose. Those with at
/// most `enough` per cent of the largest's prose do not count. A text cut in parts, a thread of posts are found whole.
fn together(tree: &Tree, masses: &[Mass], wanted: impl Fn(usize) -> bool, percent: u32, enough: u32) -> Option<usize> {
    let largest = (1..tree.nodes.len()).filter(|&i| wanted(i)).map(|i| masses[i].prose).max()?;
    if at_most(percent, largest, masses[0].prose) {
        return None;
    }
    let mut counted = (1..tree.nodes.len()).filter(|&i| wanted(i) && !at_most(enough, masses[i].prose, largest));
    let first = counted.next()?;
    Some(around(tree, first, counted.last().unwrap_or(first)))
}

/// The innermost element that holds both nodes, the first of which comes before the other.
fn around(tree: &Tree, first: usize, last: usize) -> usize {
    let mut outer = first;
    while tree.nodes[outer].end as usize <= last {
        outer = tree.nodes[outer].parent as usize;
    }
    outer
}

/// From `start` to the deepest container that still holds nine tenths of its prose.
fn descend(tree: &Tree, masses: &[Mass], start: usize) -> usize {
    let whole = masses[start].prose;
    let mut chosen = start;
    let mut i = start + 1;
    while i < tree.nodes[chosen].end as usize {
        let node = &tree.nodes[i];
        if is_container(node.tag) && whole > 0 && u64::from(masses[i].prose) * 10 >= u64::from(whole) * 9 {
            chosen = i;
            i += 1;
        } else {
            i = node.end as usize;
        }
    }
    chosen
}

fn is_container(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Div | Tag::Section | Tag::Article | Tag::Main | Tag::Center | Tag::Form | Tag::Table | Tag::Tbody | Tag::Row | Tag::Cell
    )
}

/// Lists, tables and boxes in the content that are mostly links; not where the content itself is a list of links.
fn prune_links(tree: &Tree, masses: &[Mass], body: usize, removed: &mut [bool]) {
    if u64::from(masses[body].prose) * 3 < u64::from(masses[body].characters) {
        return;
    }
    let end = tree.nodes[body].end as usize;
    let mut i = body + 1;
    while i < end {
        let node = &tree.nodes[i];
        let mass = &masses[i];
        let is_box = node.tag.is_list() || matches!(node.tag, Tag::Table | Tag::Div | Tag::Section | Tag::Aside | Tag::Paragraph);
        if removed[i] || (is_box && !at_most(70, mass.linked, mass.characters) && at_most(10, mass.prose, mass.characters)) {
            removed[i..node.end as usize].fill(true);
            i = node.end as usize;
        } else {
            i += 1;
        }
    }
}

/// Subtitle and lead often stand before the body: prose between the last `<h1>` and its beginning. The answer is an element
/// around headline, lead and body, with all else in it removed; or the body, if there is no such lead.
fn with_lead(tree: &Tree, blocks: &[Block], body: usize, removed: &mut [bool]) -> usize {
    let Some(headline) = (1..body).rev().find(|&i| tree.nodes[i].tag == Tag::H1 && !removed[i]) else { return body };
    let is_lead = |block: &&Block| {
        let owner = block.owner as usize;
        owner > headline
            && tree.nodes[owner].end as usize <= body
            && tree.nodes[owner].tag != Tag::Item
            && !removed[owner]
            && block.prose >= 40
            && block.linked < block.characters / 3
    };
    let mut kept: Vec<usize> = blocks.iter().filter(is_lead).map(|block| block.owner as usize).collect();
    let Some(&first) = kept.first() else { return body };
    let root = around(tree, first, body);
    kept.push(body);
    kept.extend((headline > root).then_some(headline));
    let mut keep = vec![false; tree.nodes.len()];
    for from in kept {
        let end = tree.nodes[from].end as usize;
        // Several blocks of one owner: once is enough.
        if keep[from] && keep[end - 1] {
            continue;
        }
        keep[from..end].fill(true);
        let mut i = from;
        while i > root {
            keep[i] = true;
            i = tree.nodes[i].parent as usize;
        }
    }
    for i in root + 1..tree.nodes[root].end as usize {
        removed[i] |= !keep[i];
    }
    root
}

/// Labels after the last paragraph: headings of what was pruned, counters, names of buttons. Only where the content is prose:
/// a poem's last line is as short.
fn trim_tail(tree: &Tree, blocks: &[Block], root: usize, removed: &mut [bool]) {
    let inside = root as Index + 1..tree.nodes[root].end;
    let kept: Vec<&Block> = blocks.iter().filter(|block| inside.contains(&block.owner) && !removed[block.owner as usize]).collect();
    let characters: u32 = kept.iter().map(|block| block.characters).sum();
    let prose: u32 = kept.iter().map(|block| block.prose).sum();
    if !at_most(200, characters, prose) {
        return;
    }
    for block in kept.iter().rev() {
        let owner = block.owner as usize;
        let node = &tree.nodes[owner];
        let is_label =
            matches!(node.tag, Tag::Div | Tag::Section | Tag::Article | Tag::Main | Tag::Summary | Tag::Legend) && block.characters < 40;
        // An element with more than the label inside holds text that was kept before.
        if !(node.tag.is(HEADING) || is_label) || node.end as usize - owner > 8 {
            return;
        }
        removed[owner..node.end as usize].fill(true);
    }
}

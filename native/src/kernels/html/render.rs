//! The content as plain text. Lines are `\n`; a blank line stands between paragraphs, headings, lists, tables and quotes.
//! Items begin with `- `, two spaces further in for each list around theirs, cells of a row are joined by ` | `, `<br>` is a new line, `<pre>` is kept as it is. All other white
//! space collapses to one space; no Unicode normalization.

use super::content::Content;
use super::tags::{BLOCK, HEADING, PARAGRAPH, Tag};
use super::tree::{Index, Tree};

pub fn render(tree: &Tree, content: &Content, out: &mut Vec<u8>) {
    let root = content.root as usize;
    let layouts = layout_tables(tree);
    let mut writer = Writer { start: out.len(), out, breaks: 0, space: false, prefix: b"", indent: 0 };
    let mut open: Vec<usize> = vec![root];
    let mut state = State::default();
    state.enter(&mut writer, tree.nodes[root].tag, true);
    let mut i = root + 1;
    while i < tree.nodes[root].end as usize || open.len() > 1 {
        while let Some(&inner) = open.last().filter(|&&inner| open.len() > 1 && tree.nodes[inner].end as usize <= i) {
            state.leave(&mut writer, tree.nodes[inner].tag, layouts[inner]);
            open.pop();
        }
        if i >= tree.nodes[root].end as usize {
            continue;
        }
        let node = &tree.nodes[i];
        if content.removed[i] {
            // What was cut out still separates its neighbours.
            if node.tag.is(BLOCK) {
                writer.line_break(1);
            }
            i = node.end as usize;
            continue;
        }
        match node.tag {
            Tag::Text if state.verbatim > 0 => writer.verbatim(tree.text_of(node)),
            Tag::Text => writer.text(tree.text_of(node)),
            Tag::Break if state.verbatim > 0 => writer.verbatim(b"\n"),
            Tag::Break if state.rows > 0 => writer.space = true,
            Tag::Break => writer.breaks = (writer.breaks + 1).min(2),
            Tag::Rule => writer.line_break(2),
            tag => {
                state.enter(&mut writer, tag, layouts[i]);
                open.push(i);
            }
        }
        i += 1;
    }
    writer.trim_end();
}

/// Items are indented no further.
const DEEPEST: usize = 8;

/// The open elements that change how text is written.
#[derive(Default)]
struct State {
    lists: usize,
    /// Open rows of data tables: inside, every break is a space.
    rows: usize,
    verbatim: usize,
}

impl State {
    fn breaks(&self, tag: Tag) -> usize {
        if !tag.is(PARAGRAPH) {
            1
        } else if tag.is(HEADING) {
            2
        } else if self.lists > 0 {
            1
        } else {
            2
        }
    }

    fn enter(&mut self, writer: &mut Writer, tag: Tag, layout: bool) {
        if !tag.is(BLOCK) {
            return;
        }
        if self.rows > 0 {
            match tag {
                _ if tag.is_cell() => writer.cell(),
                _ => writer.space = true,
            }
        } else {
            writer.line_break(self.breaks(tag));
        }
        match tag {
            Tag::Row if !layout => {
                self.rows += 1;
                writer.row();
            }
            Tag::Item if self.rows == 0 => {
                writer.prefix = b"- ";
                writer.indent = self.lists.saturating_sub(1).min(DEEPEST);
            }
            Tag::Plaintext | Tag::Pre | Tag::Listing | Tag::Xmp => self.verbatim += 1,
            _ if tag.is_list() => self.lists += 1,
            _ => {}
        }
    }

    fn leave(&mut self, writer: &mut Writer, tag: Tag, layout: bool) {
        if !tag.is(BLOCK) {
            return;
        }
        match tag {
            Tag::Row if !layout => {
                self.rows -= 1;
                writer.prefix = b"";
            }
            Tag::Item => writer.prefix = b"",
            Tag::Plaintext | Tag::Pre | Tag::Listing | Tag::Xmp => self.verbatim -= 1,
            _ if tag.is_list() => self.lists -= 1,
            _ => {}
        }
        if self.rows > 0 {
            writer.space = true;
        } else {
            writer.line_break(self.breaks(tag));
        }
    }
}

/// By node: it is a table made for layout, or a row of one. Such cells hold paragraphs, lists, other tables; or there is only
/// one to a row.
fn layout_tables(tree: &Tree) -> Vec<bool> {
    let mut layout = vec![false; tree.nodes.len()];
    let mut table_of: Vec<Index> = vec![0; tree.nodes.len()];
    let mut cells: Vec<u16> = vec![0; tree.nodes.len()];
    for (i, node) in tree.nodes.iter().enumerate().skip(1) {
        let outer = table_of[node.parent as usize] as usize;
        table_of[i] = outer as Index;
        match node.tag {
            Tag::Table => {
                layout[outer] |= outer > 0;
                table_of[i] = i as Index;
            }
            Tag::Row => table_of[i] = outer as Index,
            Tag::Cell | Tag::HeadCell => {
                let row = node.parent as usize;
                cells[row] = cells[row].saturating_add(1);
                if cells[row] == 2 {
                    cells[outer] = 2;
                }
                layout[outer] |= outer > 0 && node.stop - node.start > 1000;
            }
            tag if outer > 0
                && (tag.is(HEADING)
                    || tag.is_list()
                    || tag.is_verbatim()
                    || matches!(tag, Tag::Quote | Tag::Article | Tag::Rule | Tag::Form)) =>
            {
                layout[outer] = true;
            }
            _ => {}
        }
    }
    for (i, node) in tree.nodes.iter().enumerate().skip(1) {
        match node.tag {
            Tag::Table => layout[i] |= cells[i] < 2,
            Tag::Row => {
                let outer = table_of[i] as usize;
                layout[i] = outer == 0 || layout[outer];
            }
            _ => {}
        }
    }
    layout
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    breaks: usize,
    space: bool,
    /// Written before the next text.
    prefix: &'static [u8],
    /// Lists around the list of the item that begins: two spaces each.
    indent: usize,
}

impl Writer<'_> {
    fn line_break(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    fn row(&mut self) {
        self.prefix = b"";
    }

    fn cell(&mut self) {
        // Only between two cells with text, and never before the first one of its line.
        if self.breaks == 0 && self.out.len() > self.start {
            self.prefix = b" | ";
        }
        self.space = false;
    }

    fn begin(&mut self) {
        if self.breaks > 0 && self.out.len() > self.start {
            // Verbatim text may end in line breaks of its own.
            self.trim_end();
            self.out.extend_from_slice(&b"\n\n"[..self.breaks]);
        } else if self.space && self.prefix.is_empty() && self.out.len() > self.start {
            self.out.push(b' ');
        }
        if self.prefix == b"- " {
            self.out.extend(std::iter::repeat_n(b' ', self.indent * 2));
        }
        self.out.extend_from_slice(self.prefix);
        self.breaks = 0;
        self.space = false;
        self.prefix = b"";
    }

    fn text(&mut self, text: &[u8]) {
        let mut i = 0;
        while i < text.len() {
            let (length, kind) = classify(&text[i..]);
            match kind {
                Kind::Space => self.space = true,
                Kind::Nothing => {}
                Kind::Letter => {
                    let from = i;
                    i += length;
                    while i < text.len() {
                        let (length, kind) = classify(&text[i..]);
                        if !matches!(kind, Kind::Letter) {
                            break;
                        }
                        i += length;
                    }
                    self.begin();
                    self.out.extend_from_slice(&text[from..i]);
                    continue;
                }
            }
            i += length;
        }
    }

    fn verbatim(&mut self, text: &[u8]) {
        let text = if self.breaks > 0 { text.strip_prefix(b"\n").unwrap_or(text) } else { text };
        if text.is_empty() {
            return;
        }
        self.begin();
        self.out.extend(text.iter().filter(|&&byte| byte >= b' ' || byte == b'\n' || byte == b'\t'));
    }

    fn trim_end(&mut self) {
        let end = self.out.len() - self.out[self.start..].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.out.truncate(end);
    }
}

enum Kind {
    Letter,
    Space,
    /// Controls, soft hyphens, zero-width spaces and byte order marks: layout hints that split words for who reads bytes.
    Nothing,
}

fn classify(text: &[u8]) -> (usize, Kind) {
    match text {
        [b' ' | b'\n' | b'\t' | b'\r' | 0x0C, ..] => (1, Kind::Space),
        [0..=0x1F | 0x7F, ..] => (1, Kind::Nothing),
        [0xC2, 0xA0, ..] => (2, Kind::Space),
        [0xC2, 0x80..=0x9F | 0xAD, ..] => (2, Kind::Nothing),
        [0xE2, 0x80, 0x8B, ..] | [0xE2, 0x81, 0xA0, ..] | [0xEF, 0xBB, 0xBF, ..] => (3, Kind::Nothing),
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => (3, Kind::Space),
        _ => (1, Kind::Letter),
    }
}

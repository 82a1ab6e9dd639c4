//! From the bytes of pages to their text: `tokens` reads, `builder` groups, `mass` weighs, `content` chooses, `render` writes.

mod attributes;
mod builder;
mod content;
mod cues;
mod dates;
mod frame;
mod hint_words;
mod hints;
mod json_ld;
mod mass;
mod metadata;
mod months;
mod notes;
mod open_elements;
mod plain;
mod render;
mod tags;
mod title;
mod tokens;
mod tree;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::charset;
use metadata::Field;

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub enum Outcome {
    Extracted = 0,
    /// There was no page; text that the row had before is kept.
    Skipped = 1,
    /// Nothing to read was left.
    Empty = 2,
    /// The payload is over `Settings::max_html_bytes`.
    TooLarge = 3,
    /// More control characters than `Settings::max_control_share`: an image or archive under a text's name.
    NotText = 4,
    /// A bug: the extractor panicked on this page.
    Crashed = 5,
}

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub max_html_bytes: usize,
    pub max_control_share: f64,
}

/// Rows as Arrow has them: row i is `values[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub values: &'a [u8],
    pub offsets: &'a [i32],
}

impl<'a> Rows<'a> {
    fn get(&self, row: usize) -> &'a [u8] {
        &self.values[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }
}

/// Text made row by row; always valid UTF-8.
#[derive(Debug)]
pub struct TextRows {
    pub values: Vec<u8>,
    pub offsets: Vec<i32>,
}

impl TextRows {
    fn new(rows: usize) -> TextRows {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        TextRows { values: Vec::new(), offsets }
    }

    fn row_start(&self) -> usize {
        self.offsets[self.offsets.len() - 1] as usize
    }

    /// Ends the row that `values` was extended by.
    fn end_row(&mut self) {
        let start = self.row_start();
        if let Err(error) = std::str::from_utf8(&self.values[start..]) {
            debug_assert!(false, "the renderer cut a character: {error}");
            let repaired = String::from_utf8_lossy(&self.values[start..]).into_owned();
            self.values.truncate(start);
            self.values.extend_from_slice(repaired.as_bytes());
        }
        self.offsets.push(self.values.len() as i32);
    }
}

/// One entry a row in everything; a measure is NaN where no page was read.
#[derive(Debug)]
pub struct Extracted {
    pub text: TextRows,
    pub title: TextRows,
    pub language: TextRows,
    pub author: TextRows,
    pub published: TextRows,
    pub licence_link: TextRows,
    pub outcomes: Vec<i32>,
    pub html_bytes: Vec<f64>,
    pub html_nodes: Vec<f64>,
    pub text_bytes: Vec<f64>,
    pub link_share: Vec<f64>,
    pub content_share: Vec<f64>,
    pub control_share: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Facts {
    outcome: Outcome,
    html_nodes: f64,
    link_share: f64,
    content_share: f64,
    control_share: f64,
}

impl Facts {
    fn only(outcome: Outcome) -> Facts {
        Facts { outcome, html_nodes: f64::NAN, link_share: f64::NAN, content_share: f64::NAN, control_share: f64::NAN }
    }
}

/// What came with the pages; all columns have as many rows.
#[derive(Clone, Copy, Debug)]
pub struct Pages<'a> {
    pub payload: Rows<'a>,
    /// As the server sent it, or empty.
    pub content_type: Rows<'a>,
    /// Its country helps to find the encoding, its path may name the day of publication.
    pub url: Rows<'a>,
    /// What rows without a payload already have.
    pub text: Option<Rows<'a>>,
}

pub fn extract(pages: Pages, settings: Settings) -> Extracted {
    extract_with(pages.payload, pages.text, settings, |row, page, out| {
        let (content_type, url) = (pages.content_type.get(row), String::from_utf8_lossy(pages.url.get(row)));
        let decoded = charset::decode(page, content_type, pages.url.get(row));
        read(&decoded.text, &url, media_type(content_type, page), settings, out)
    })
}

/// Where what is found on one page goes.
struct Out<'a> {
    text: &'a mut Vec<u8>,
    title: &'a mut Vec<u8>,
    language: &'a mut Vec<u8>,
    author: &'a mut Vec<u8>,
    published: &'a mut Vec<u8>,
    licence_link: &'a mut Vec<u8>,
}

fn extract_with(payload: Rows, text: Option<Rows>, settings: Settings, mut page: impl FnMut(usize, &[u8], &mut Out) -> Facts) -> Extracted {
    let rows = payload.offsets.len() - 1;
    let mut all = Extracted {
        text: TextRows::new(rows),
        title: TextRows::new(rows),
        language: TextRows::new(rows),
        author: TextRows::new(rows),
        published: TextRows::new(rows),
        licence_link: TextRows::new(rows),
        outcomes: Vec::with_capacity(rows),
        html_bytes: Vec::with_capacity(rows),
        html_nodes: Vec::with_capacity(rows),
        text_bytes: Vec::with_capacity(rows),
        link_share: Vec::with_capacity(rows),
        content_share: Vec::with_capacity(rows),
        control_share: Vec::with_capacity(rows),
    };
    for row in 0..rows {
        let bytes = payload.get(row);
        let facts = if bytes.is_empty() {
            let before = text.map_or(&b""[..], |text| text.get(row));
            all.text.values.extend_from_slice(before);
            Facts::only(if before.is_empty() { Outcome::Empty } else { Outcome::Skipped })
        } else if bytes.len() > settings.max_html_bytes {
            Facts::only(Outcome::TooLarge)
        } else {
            let mut out = Out {
                text: &mut all.text.values,
                title: &mut all.title.values,
                language: &mut all.language.values,
                author: &mut all.author.values,
                published: &mut all.published.values,
                licence_link: &mut all.licence_link.values,
            };
            // What a panic leaves half written is cut off below.
            catch_unwind(AssertUnwindSafe(|| page(row, bytes, &mut out))).unwrap_or(Facts::only(Outcome::Crashed))
        };
        let facts = fitting(&all, facts);
        for part in [&mut all.text, &mut all.title, &mut all.language, &mut all.author, &mut all.published, &mut all.licence_link] {
            if !matches!(facts.outcome, Outcome::Extracted | Outcome::Skipped) {
                part.values.truncate(part.row_start());
            }
            part.end_row();
        }
        let read = facts.control_share.is_finite();
        let text_bytes = (all.text.values.len() - all.text.offsets[row] as usize) as f64;
        all.outcomes.push(facts.outcome as i32);
        all.html_bytes.push(if bytes.is_empty() { f64::NAN } else { bytes.len() as f64 });
        all.html_nodes.push(facts.html_nodes);
        all.text_bytes.push(if read { text_bytes } else { f64::NAN });
        all.link_share.push(facts.link_share);
        all.content_share.push(facts.content_share);
        all.control_share.push(facts.control_share);
    }
    all
}

/// Offsets are 32 bits: a row that would overflow them counts as too large.
fn fitting(all: &Extracted, facts: Facts) -> Facts {
    let columns = [&all.text, &all.title, &all.language, &all.author, &all.published, &all.licence_link];
    let fits = columns.iter().all(|column| i32::try_from(column.values.len()).is_ok());
    if fits { facts } else { Facts::only(Outcome::TooLarge) }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Media {
    Plain,
    Html,
    /// A page that says it is XML; read as HTML, but `<a/>` is closed.
    Xhtml,
}

fn media_type(content_type: &[u8], page: &[u8]) -> Media {
    let media = content_type.split(|&byte| byte == b';').next().unwrap_or(b"").trim_ascii();
    if media.eq_ignore_ascii_case(b"text/plain") {
        Media::Plain
    } else if media.eq_ignore_ascii_case(b"application/xhtml+xml") || page.trim_ascii_start().starts_with(b"<?xml") {
        Media::Xhtml
    } else {
        Media::Html
    }
}

fn read(page: &str, url: &str, media: Media, settings: Settings, out: &mut Out) -> Facts {
    let control_share = plain::control_share(page);
    let start = out.text.len();
    let mut facts = Facts { control_share, ..Facts::only(Outcome::Extracted) };
    if control_share > settings.max_control_share {
        facts.outcome = Outcome::NotText;
        return facts;
    }
    if media == Media::Plain {
        plain::write(page.as_bytes(), out.text);
    } else {
        let tree = tokens::parse(page, media == Media::Xhtml, builder::LIMITS);
        facts.html_nodes = tree.nodes.len() as f64;
        if tree.tags == 0 {
            // Text under the name of a page keeps its lines.
            plain::write(&tree.text, out.text);
        } else {
            let found = write_content(&tree, out);
            facts.link_share = found.link_share;
            facts.content_share = found.content_share;
            plain::write_line(&tree.language, out.language);
            let language = std::str::from_utf8(&tree.language).unwrap_or("").trim();
            out.author.extend_from_slice(tree.metadata.get(Field::Author).as_bytes());
            out.published.extend_from_slice(tree.metadata.published(language, url).as_bytes());
            out.licence_link.extend_from_slice(tree.metadata.get(Field::Licence).as_bytes());
        }
    }
    if out.text.len() == start {
        facts.outcome = Outcome::Empty;
    }
    facts
}

struct Shares {
    link_share: f64,
    content_share: f64,
}

fn write_content(tree: &tree::Tree, out: &mut Out) -> Shares {
    let blocks = mass::blocks(tree);
    let content = content::find(tree, &blocks);
    render::render(tree, &content, out.text);
    title::write(tree, &content, out.title);
    let of_page = content.page;
    let share = |part: u32| f64::from(part) / f64::from(of_page.characters);
    Shares { link_share: share(of_page.linked), content_share: share(content.own.characters) }
}

//! The attributes of the tag being read, reduced to what the tree needs as they pass: nothing is stored, so neither a megabyte
//! of value nor a million attributes costs more than being read once.

use super::hints;

/// Longer values are cut: the words that decide come first.
const VALUE_BYTES: usize = 2048;
const NAME_BYTES: usize = 24;

/// The anchor is a link, not a place.
pub const HREF: u8 = 1;
/// The dialog is shown.
pub const OPEN: u8 = 1 << 1;
/// `rel=license`.
pub const LICENCE: u8 = 1 << 2;
/// `rel=author`, `itemprop=author`.
pub const AUTHOR: u8 = 1 << 3;
/// `itemprop=datePublished`, `pubdate`.
pub const PUBLISHED: u8 = 1 << 4;
/// `type="application/ld+json"`.
pub const JSON_LD: u8 = 1 << 5;

#[derive(Default)]
pub struct Attributes {
    pub hints: u32,
    /// Which of the attributes below are there.
    pub present: u8,
    pub language: Vec<u8>,
    /// Of a `<meta>`: the lower-case `name`, `property` or `itemprop`.
    pub meta: Vec<u8>,
    /// Of a `<meta>`, or of any element with a property.
    pub content: Vec<u8>,
    pub href: Vec<u8>,
    /// Of a `<time>`.
    pub datetime: Vec<u8>,
    /// Of a formula or picture: what to read instead.
    pub alternative: Vec<u8>,
    name: Vec<u8>,
    value: Vec<u8>,
    wanted: bool,
}

impl Attributes {
    pub fn clear(&mut self) {
        self.hints = 0;
        self.present = 0;
        self.language.clear();
        self.meta.clear();
        self.content.clear();
        self.href.clear();
        self.datetime.clear();
        self.alternative.clear();
        self.name.clear();
        self.value.clear();
        self.wanted = false;
    }

    /// There is something in it about who wrote the page, when, under which licence.
    pub fn says_something(&self) -> bool {
        self.present & (LICENCE | AUTHOR | PUBLISHED) != 0 || self.hints & (hints::AUTHOR | hints::DATE) != 0 || self.links_to_licence()
    }

    pub fn links_to_licence(&self) -> bool {
        let host = b"creativecommons.org/";
        let address = self.href.strip_prefix(b"http").unwrap_or(&self.href);
        let address = address.strip_prefix(b"s").unwrap_or(address);
        let address = address.strip_prefix(b":").unwrap_or(address).strip_prefix(b"//").unwrap_or(b"");
        let address = address.strip_prefix(b"www.").unwrap_or(address);
        address.strip_prefix(host).is_some_and(|path| path.starts_with(b"licenses/") || path.starts_with(b"publicdomain/"))
    }

    /// Custom elements say in their name what others say in a class: `<site-footer>`.
    pub fn add_names_of_element(&mut self, name: &[u8]) {
        self.hints |= hints::of_names(name);
    }

    /// Ends the attribute before, if any, and begins another.
    pub fn begin(&mut self) {
        self.end();
        self.name.clear();
        self.value.clear();
        self.wanted = false;
    }

    pub fn push_name(&mut self, bytes: &[u8]) {
        // One byte more than any wanted name tells a longer one apart.
        let room = NAME_BYTES.saturating_sub(self.name.len());
        self.name.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    pub fn begin_value(&mut self) {
        self.wanted = matches!(
            self.name.as_slice(),
            b"class"
                | b"id"
                | b"role"
                | b"itemprop"
                | b"style"
                | b"aria-hidden"
                | b"lang"
                | b"xml:lang"
                | b"property"
                | b"name"
                | b"content"
                | b"href"
                | b"rel"
                | b"type"
                | b"datetime"
                | b"alttext"
                | b"alt"
        );
    }

    pub fn push_value(&mut self, bytes: &[u8]) {
        if self.wanted {
            let room = VALUE_BYTES.saturating_sub(self.value.len());
            self.value.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    pub fn end(&mut self) {
        let value = self.value.as_slice();
        match self.name.as_slice() {
            b"class" | b"id" => self.hints |= hints::of_names(value),
            b"role" => self.hints |= hints::of_role(value),
            b"itemprop" => {
                self.hints |= hints::of_itemprop(value);
                self.present |= property(value);
                lower_case(value, &mut self.meta);
            }
            b"style" => self.hints |= hints::of_style(value),
            b"hidden" => self.hints |= hints::HIDDEN,
            b"aria-hidden" if value == b"true" => self.hints |= hints::HIDDEN,
            b"href" => {
                self.present |= HREF;
                std::mem::swap(&mut self.href, &mut self.value);
            }
            b"rel" => self.present |= relation(value),
            b"type" if value.eq_ignore_ascii_case(b"application/ld+json") => self.present |= JSON_LD,
            b"datetime" => self.datetime.extend_from_slice(value),
            b"pubdate" => self.present |= PUBLISHED,
            b"alttext" | b"alt" if self.alternative.is_empty() => self.alternative.extend_from_slice(value),
            b"open" => self.present |= OPEN,
            b"lang" | b"xml:lang" if self.language.is_empty() => self.language.extend_from_slice(value),
            b"property" | b"name" if self.meta.is_empty() => lower_case(value, &mut self.meta),
            b"content" if self.content.is_empty() => self.content.extend_from_slice(value),
            _ => {}
        }
        self.name.clear();
    }
}

fn lower_case(value: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend(value.trim_ascii().iter().take(64).map(u8::to_ascii_lowercase));
}

fn relation(value: &[u8]) -> u8 {
    let of_word = |word: &[u8]| match word {
        _ if word.eq_ignore_ascii_case(b"license") => LICENCE,
        _ if word.eq_ignore_ascii_case(b"author") => AUTHOR,
        _ => 0,
    };
    value.split(u8::is_ascii_whitespace).fold(0, |relations, word| relations | of_word(word))
}

fn property(value: &[u8]) -> u8 {
    match value.trim_ascii() {
        b"author" | b"creator" => AUTHOR,
        b"datePublished" | b"dateCreated" => PUBLISHED,
        b"license" => LICENCE,
        _ => 0,
    }
}

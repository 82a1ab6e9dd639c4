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
/// `<meta property="og:title">`.
pub const NAMES_TITLE: u8 = 1 << 2;

#[derive(Default)]
pub struct Attributes {
    pub hints: u16,
    /// Which of the attributes below are there.
    pub present: u8,
    pub language: Vec<u8>,
    /// Of a `<meta>`.
    pub content: Vec<u8>,
    name: Vec<u8>,
    value: Vec<u8>,
    wanted: bool,
}

impl Attributes {
    pub fn clear(&mut self) {
        self.hints = 0;
        self.present = 0;
        self.language.clear();
        self.content.clear();
        self.name.clear();
        self.value.clear();
        self.wanted = false;
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
            b"itemprop" => self.hints |= hints::of_itemprop(value),
            b"style" => self.hints |= hints::of_style(value),
            b"hidden" => self.hints |= hints::HIDDEN,
            b"aria-hidden" if value == b"true" => self.hints |= hints::HIDDEN,
            b"href" => self.present |= HREF,
            b"open" => self.present |= OPEN,
            b"lang" | b"xml:lang" if self.language.is_empty() => self.language.extend_from_slice(value),
            b"property" | b"name" if value == b"og:title" => self.present |= NAMES_TITLE,
            b"content" if self.content.is_empty() => self.content.extend_from_slice(value),
            _ => {}
        }
        self.name.clear();
    }
}

//! What a page's author said about an element: words of `class` and `id`, `role`, `itemprop`, and whether it is shown at all.
//!
//! Names are cut into words (`postContent__body` is post, content, body), so that `nav` is not found in `navy`. The words are the
//! ones that content management systems, themes and style guides use; which of them decide and when is the scorer's business.

use super::hint_words::of_pair;

pub const HIDDEN: u32 = 1;
pub const NAVIGATION: u32 = 1 << 1;
pub const HEADER: u32 = 1 << 2;
pub const FOOTER: u32 = 1 << 3;
pub const SIDE: u32 = 1 << 4;
pub const COMMENTS: u32 = 1 << 5;
pub const RELATED: u32 = 1 << 6;
pub const SHARE: u32 = 1 << 7;
pub const CONSENT: u32 = 1 << 8;
pub const ADVERT: u32 = 1 << 9;
pub const PROMOTION: u32 = 1 << 10;
/// Who wrote it, when, under which tags: true of the document, but not its text.
pub const BYLINE: u32 = 1 << 11;
/// Names that themes give to the column that holds the content.
pub const CONTENT: u32 = 1 << 12;
/// Names that are given to the text itself and little else (`articleBody`, `entry-content`).
pub const BODY: u32 = 1 << 13;
/// Words under a picture.
pub const CAPTION: u32 = 1 << 14;
// 1 << 15 is `tree::LINKED`.
/// Names who wrote it.
pub const AUTHOR: u32 = 1 << 16;
/// Says when.
pub const DATE: u32 = 1 << 17;
/// A formula, if it is a picture.
pub const FORMULA: u32 = 1 << 18;

/// Everything that is usually not content.
pub const BOILERPLATE: u32 = NAVIGATION | HEADER | FOOTER | SIDE | COMMENTS | RELATED | SHARE | CONSENT | ADVERT | PROMOTION | BYLINE;

/// Hints of one `class` or `id`.
pub fn of_names(names: &[u8]) -> u32 {
    names.split(u8::is_ascii_whitespace).fold(0, |hints, name| hints | of_name(name))
}

fn of_name(name: &[u8]) -> u32 {
    // Terms of a post (`tag-facebook`, `category-navigation`) name its subject, not its part in the page.
    if name.starts_with(b"tag-") || name.starts_with(b"category-") || name.starts_with(b"has-") || name.starts_with(b"no-") {
        return 0;
    }
    if matches!(name, b"invisible" | b"d-none" | b"sr-only" | b"screen-reader-text" | b"noprint") {
        return HIDDEN;
    }
    let mut hints = 0;
    let mut before = Word::default();
    let mut word = Word::default();
    let mut previous = b'-';
    for &byte in name {
        let boundary = !byte.is_ascii_alphabetic() || (byte.is_ascii_uppercase() && previous.is_ascii_lowercase());
        if boundary && word.length > 0 {
            hints |= of_pair(before.bytes(), word.bytes());
            before = word;
            word = Word::default();
        }
        if byte.is_ascii_alphabetic() {
            word.push(byte);
        }
        previous = byte;
    }
    // `label-hidden` hides a label and `hidden-print` hides from a printer; `is-hidden` and `visually-hidden` mean it.
    if word.bytes() == b"hidden" && !matches!(before.bytes(), b"label" | b"overflow" | b"x" | b"y") {
        return HIDDEN;
    }
    if word.length > 0 {
        hints |= of_pair(before.bytes(), word.bytes());
    }
    hints
}

/// A lower-case word of at most 20 letters; what is longer matches nothing.
#[derive(Clone, Copy, Default)]
struct Word {
    letters: [u8; 20],
    length: usize,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if let Some(letter) = self.letters.get_mut(self.length) {
            *letter = byte.to_ascii_lowercase();
        }
        self.length += 1;
    }

    fn bytes(&self) -> &[u8] {
        self.letters.get(..self.length).unwrap_or(b"")
    }
}

pub fn of_role(role: &[u8]) -> u32 {
    match role.trim_ascii() {
        b"navigation" | b"menu" | b"menubar" | b"toolbar" | b"tablist" | b"directory" => NAVIGATION,
        b"banner" | b"search" => HEADER,
        b"contentinfo" => FOOTER,
        b"complementary" => SIDE,
        b"dialog" | b"alertdialog" | b"alert" => CONSENT,
        b"main" | b"article" => CONTENT,
        _ => 0,
    }
}

pub fn of_itemprop(property: &[u8]) -> u32 {
    match property.trim_ascii() {
        b"articleBody" | b"text" | b"reviewBody" => BODY,
        b"author" | b"datePublished" | b"dateModified" | b"publisher" | b"keywords" => BYLINE,
        b"comment" => COMMENTS,
        b"breadcrumb" => NAVIGATION,
        _ => 0,
    }
}

/// `display: none` and `visibility: hidden`, with or without the spaces.
pub fn of_style(style: &[u8]) -> u32 {
    let mut rules = style.split(|&byte| byte == b';');
    let hides = rules.any(|rule| {
        let mut sides = rule.splitn(2, |&byte| byte == b':');
        let (name, value) = (sides.next().unwrap_or(b"").trim_ascii(), sides.next().unwrap_or(b"").trim_ascii());
        (name.eq_ignore_ascii_case(b"display") && starts_with(value, b"none"))
            || (name.eq_ignore_ascii_case(b"visibility") && starts_with(value, b"hidden"))
    });
    if hides { HIDDEN } else { 0 }
}

fn starts_with(value: &[u8], word: &[u8]) -> bool {
    value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_word() {
        assert_eq!(of_names(b"postContent"), BODY);
        assert_eq!(of_names(b"site-footer"), FOOTER);
        assert_eq!(of_names(b"navy blue"), 0);
        assert_eq!(of_names(b"c-article__body wide"), CONTENT | BODY);
        assert_eq!(of_names(b"has-sidebar tag-facebook"), 0);
        assert_eq!(of_names(b"field--label-hidden hidden-xs"), 0);
        assert_eq!(of_names(b"visually-hidden"), HIDDEN);
        assert_eq!(of_names(b"Main_Menu cookie"), CONTENT | NAVIGATION | CONSENT);
    }

    #[test]
    fn a_style_may_hide() {
        assert_eq!(of_style(b"color:red; DISPLAY : none !important"), HIDDEN);
        assert_eq!(of_style(b"display:block"), 0);
    }
}

//! The visitor that html5gum calls while it reads: it names tags and hands them to the builder. Nothing is queued.

use std::convert::Infallible;

use html5gum::emitters::Emitter;
use html5gum::{Error, State, Tokenizer};

use super::attributes::Attributes;
use super::builder::{Builder, Limits};
use super::tags::Tag;
use super::tree::Tree;

/// Longer names of elements are compared by their first letters.
const NAME_BYTES: usize = 64;

pub fn parse(html: &str, xml: bool, limits: Limits) -> Tree {
    let mut builder = Builder::new(xml, limits);
    let visitor = Visitor {
        builder: &mut builder,
        attributes: Attributes::default(),
        name: Vec::with_capacity(NAME_BYTES),
        last_start: Vec::with_capacity(NAME_BYTES),
        is_end: false,
        self_closing: false,
    };
    // The visitor makes no token and reading from memory does not fail: the loop runs to the end of the input.
    let Ok(()) = Tokenizer::new_with_emitter(html, visitor).finish();
    builder.finish()
}

/// Elements whose content the tokenizer must not read as markup.
pub fn raw_state(tag: Tag) -> Option<State> {
    match tag {
        Tag::Script => Some(State::ScriptData),
        Tag::Style | Tag::Iframe | Tag::Noembed => Some(State::RawText),
        Tag::Title | Tag::Textarea => Some(State::RcData),
        _ => None,
    }
}

struct Visitor<'a> {
    builder: &'a mut Builder,
    attributes: Attributes,
    name: Vec<u8>,
    last_start: Vec<u8>,
    is_end: bool,
    self_closing: bool,
}

impl Visitor<'_> {
    fn begin_tag(&mut self, is_end: bool) {
        self.name.clear();
        self.attributes.clear();
        self.is_end = is_end;
        self.self_closing = false;
    }
}

/// FNV-1a, folded: tells names of unknown elements apart.
fn name_hash(name: &[u8]) -> u32 {
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    (hash ^ (hash >> 32)) as u32
}

impl Emitter for Visitor<'_> {
    type Token = Infallible;

    fn emit_string(&mut self, bytes: &[u8]) {
        if bytes != b"\0" {
            self.builder.text(bytes);
        }
    }

    fn init_start_tag(&mut self) {
        self.begin_tag(false);
    }

    fn init_end_tag(&mut self) {
        self.begin_tag(true);
    }

    fn push_tag_name(&mut self, bytes: &[u8]) {
        let room = NAME_BYTES.saturating_sub(self.name.len());
        self.name.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn init_attribute(&mut self) {
        self.attributes.begin();
    }

    fn push_attribute_name(&mut self, bytes: &[u8]) {
        self.attributes.push_name(bytes);
    }

    fn init_attribute_value(&mut self) {
        self.attributes.begin_value();
    }

    fn push_attribute_value(&mut self, bytes: &[u8]) {
        self.attributes.push_value(bytes);
    }

    fn set_self_closing(&mut self) {
        self.self_closing = true;
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let tag = Tag::from_name(&self.name);
        let name = name_hash(&self.name);
        if self.is_end {
            self.builder.end(tag, name);
            return None;
        }
        self.attributes.end();
        if tag == Tag::Unknown {
            self.attributes.add_names_of_element(&self.name);
        }
        self.last_start.clone_from(&self.name);
        self.builder.start(tag, name, self.self_closing, &self.attributes)
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end && self.name == self.last_start
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.builder.in_foreign_content()
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    // What this page's text does not depend on.
    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }
    fn set_last_start_tag(&mut self, _name: Option<&[u8]>) {}
    fn emit_eof(&mut self) {}
    fn emit_error(&mut self, _error: Error) {}
    fn init_comment(&mut self) {}
    fn push_comment(&mut self, _bytes: &[u8]) {}
    fn emit_current_comment(&mut self) {}
    fn init_doctype(&mut self) {}
    fn push_doctype_name(&mut self, _bytes: &[u8]) {}
    fn set_force_quirks(&mut self) {}
    fn set_doctype_public_identifier(&mut self, _bytes: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _bytes: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _bytes: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _bytes: &[u8]) {}
    fn emit_current_doctype(&mut self) {}
}

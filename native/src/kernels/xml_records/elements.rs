//! The elements that are open, in the record and around it.

/// Deeper nesting is a fault of the record; around records, deeper elements are only counted.
pub const MAX_DEPTH: usize = 256;
/// Bytes of start tags kept around a record.
const MAX_CONTEXT: usize = 256 << 10;

/// The qualified name of a tag as written, `<` and `</` aside.
pub fn tag_name(tag: &[u8]) -> &[u8] {
    let name = tag.strip_prefix(b"</").or_else(|| tag.strip_prefix(b"<")).unwrap_or(tag);
    let end = name.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>')).unwrap_or(name.len());
    &name[..end]
}

pub fn local_name(name: &[u8]) -> &[u8] {
    memchr::memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

/// Names of the open elements of a record, the record's own first; no allocation per element.
#[derive(Default)]
pub struct Inner {
    names: Vec<u8>,
    starts: Vec<usize>,
}

pub enum Closed {
    /// The innermost element was meant, or (`false`) one further out: those between were never closed.
    Element(bool),
    Record(bool),
    Nothing,
}

impl Inner {
    pub fn clear(&mut self) {
        self.names.clear();
        self.starts.clear();
    }

    pub fn depth(&self) -> usize {
        self.starts.len()
    }

    pub fn push(&mut self, name: &[u8]) {
        self.starts.push(self.names.len());
        self.names.extend_from_slice(name);
    }

    pub fn record_name(&self) -> &[u8] {
        let end = self.starts.get(1).copied().unwrap_or(self.names.len());
        &self.names[..end]
    }

    pub fn close(&mut self, name: &[u8]) -> Closed {
        let mut end = self.names.len();
        for level in (0..self.starts.len()).rev() {
            let start = self.starts[level];
            if &self.names[start..end] == name {
                let matched = level + 1 == self.starts.len();
                self.starts.truncate(level);
                self.names.truncate(start);
                return if level == 0 { Closed::Record(matched) } else { Closed::Element(matched) };
            }
            end = start;
        }
        Closed::Nothing
    }
}

/// The elements around records: their start tags, and where these stand.
#[derive(Default)]
pub struct Outer {
    pub tags: Vec<u8>,
    pub starts: Vec<usize>,
    pub places: Vec<f64>,
    /// Open elements that were too deep or too large to keep.
    uncounted: usize,
    /// Changes whenever the others do.
    pub version: u64,
}

impl Outer {
    pub fn push(&mut self, tag: &[u8], place: u64) {
        if self.uncounted > 0 || self.starts.len() >= MAX_DEPTH || self.tags.len() + tag.len() > MAX_CONTEXT {
            self.uncounted += 1;
            return;
        }
        self.starts.push(self.tags.len());
        self.tags.extend_from_slice(tag);
        self.places.push(place as f64);
        self.version += 1;
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    fn level_of(&self, name: &[u8]) -> Option<usize> {
        (0..self.starts.len()).rev().find(|&level| {
            let end = self.starts.get(level + 1).copied().unwrap_or(self.tags.len());
            tag_name(&self.tags[self.starts[level]..end]) == name
        })
    }

    pub fn holds(&self, name: &[u8]) -> bool {
        self.level_of(name).is_some()
    }

    /// Closes the innermost element of that name with all that stands in it; one that is not open closes nothing.
    pub fn close(&mut self, name: &[u8]) {
        if self.uncounted > 0 {
            self.uncounted -= 1;
            return;
        }
        if let Some(level) = self.level_of(name) {
            self.tags.truncate(self.starts[level]);
            self.starts.truncate(level);
            self.places.truncate(level);
            self.version += 1;
        }
    }
}

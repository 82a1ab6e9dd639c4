//! Where a normalizer writes: bytes, and on request the range of its input that each byte stands for.

/// Start and end in the input of the byte that stands at this place of the output. Empty for what was put in.
pub type Span = (u32, u32);

#[derive(Default)]
pub struct Side {
    pub bytes: Vec<u8>,
    pub spans: Vec<Span>,
}

pub struct Sink<'a> {
    pub side: &'a mut Side,
    pub with_spans: bool,
}

impl Sink<'_> {
    /// `input[from..to]` as it is.
    #[inline]
    pub fn keep(&mut self, input: &[u8], from: usize, to: usize) {
        self.side.bytes.extend_from_slice(&input[from..to]);
        if self.with_spans {
            self.side.spans.extend((from..to).map(|i| (i as u32, i as u32 + 1)));
        }
    }

    /// Other bytes in place of `input[from..to]`.
    #[inline]
    pub fn put(&mut self, from: usize, to: usize, bytes: &[u8]) {
        self.side.bytes.extend_from_slice(bytes);
        if self.with_spans {
            self.side.spans.resize(self.side.bytes.len(), (from as u32, to as u32));
        }
    }

    pub fn put_char(&mut self, from: usize, to: usize, c: char) {
        self.put(from, to, c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    pub fn truncate(&mut self, length: usize) {
        self.side.bytes.truncate(length);
        self.side.spans.truncate(length);
    }
}

/// The range that `spans[from..to]` cover; an empty range lies before the byte `from`, or behind all `length` bytes of input.
pub fn cover(spans: &[Span], from: usize, to: usize, length: usize) -> (usize, usize) {
    let start = spans.get(from).map_or(length, |span| span.0 as usize);
    if from == to {
        return (start, start);
    }
    let end = spans[from..to].iter().map(|span| span.1 as usize).max().unwrap_or(start);
    (start, end.max(start))
}

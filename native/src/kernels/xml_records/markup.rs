//! Where markup begins and ends, byte by byte, so that any cut of the input into pieces gives the same tokens.

/// A start or end tag outside of records that is longer is no tag.
const MAX_TAG: usize = 64 << 10;
/// So much of a document type declaration is kept, for its entities.
const MAX_DOCTYPE: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Text,
    Start,
    Empty,
    End,
    /// A comment, a processing instruction or a piece of them.
    Other,
    /// A piece of a CDATA section.
    Data,
    /// The document type declaration is over: `doctype` holds it.
    Doctype,
    /// What began like markup and is none.
    Bad,
}

#[derive(Clone, Copy)]
enum At {
    Text,
    /// Behind `<`, in bytes that do not yet say what it is.
    Opening,
    Tag {
        quote: u8,
    },
    /// Up to the `>` that follows two (or one) of `byte`.
    Until {
        byte: u8,
        needed: u8,
        seen: u8,
        token: Token,
    },
    Doctype {
        quote: u8,
        brackets: u32,
    },
    /// A comment or an instruction inside a document type declaration.
    Inside {
        byte: u8,
        needed: u8,
        seen: u8,
        brackets: u32,
    },
}

pub struct Markup {
    at: At,
    /// The bytes of a token that is not complete; markup only.
    pub held: Vec<u8>,
    /// The first document type declaration, as far as it was kept.
    pub doctype: Vec<u8>,
}

const COMMENT: &[u8] = b"<!--";
const DATA: &[u8] = b"<![CDATA[";
const DOCTYPE: &[u8] = b"<!DOCTYPE";

impl Default for Markup {
    fn default() -> Self {
        Self { at: At::Text, held: Vec::new(), doctype: Vec::new() }
    }
}

impl Markup {
    pub fn reset(&mut self) {
        self.at = At::Text;
        self.held.clear();
    }

    /// Between two tokens, or in text.
    pub fn idle(&self) -> bool {
        matches!(self.at, At::Text)
    }

    /// The next token that ends in `bytes`: what it is, and how many bytes were taken. Of text, comments and CDATA sections the
    /// bytes taken are the token; of tags it is `held`, which the caller clears. None: all bytes were taken into `held`.
    pub fn next(&mut self, bytes: &[u8]) -> (Option<Token>, usize) {
        match self.at {
            At::Text => {
                let text = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
                if text > 0 {
                    return (Some(Token::Text), text);
                }
                self.held.clear();
                self.held.push(b'<');
                self.at = At::Opening;
                let (token, bytes_read) = self.next(&bytes[1..]);
                (token, bytes_read + 1)
            }
            At::Opening => self.opening(bytes),
            At::Tag { quote } => self.tag(bytes, quote),
            At::Until { byte, needed, seen, token } => self.until(bytes, byte, needed, seen, token),
            At::Doctype { .. } | At::Inside { .. } => self.declaration(bytes),
        }
    }

    fn opening(&mut self, bytes: &[u8]) -> (Option<Token>, usize) {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.held.len() == 1 {
                match byte {
                    b'!' | b'?' => {}
                    b'/' | b'_' | b':' | 0x80.. => self.at = At::Tag { quote: 0 },
                    _ if byte.is_ascii_alphabetic() => self.at = At::Tag { quote: 0 },
                    _ => return self.bad(at),
                }
            }
            if matches!(self.at, At::Tag { .. }) {
                let (token, bytes_read) = self.tag(&bytes[at..], 0);
                return (token, at + bytes_read);
            }
            self.held.push(byte);
            let until = |byte, needed, token| At::Until { byte, needed, seen: 0, token };
            let held = &self.held[..];
            if held == b"<?" {
                self.at = until(b'?', 1, Token::Other);
            } else if held == COMMENT {
                self.at = until(b'-', 2, Token::Other);
            } else if held == DATA {
                self.at = until(b']', 2, Token::Data);
            } else if held == DOCTYPE {
                self.at = At::Doctype { quote: 0, brackets: 0 };
                let (token, bytes_read) = self.declaration(&bytes[at + 1..]);
                return (token, at + 1 + bytes_read);
            } else if [COMMENT, DATA, DOCTYPE].iter().all(|opener| !opener.starts_with(held)) {
                self.held.pop();
                return self.bad(at);
            } else {
                continue;
            }
            // The opener is a piece of the token like any other.
            let At::Until { token, .. } = self.at else { return self.bad(at) };
            return (Some(token), at + 1);
        }
        (None, bytes.len())
    }

    /// `held` is text after all, up to `taken`.
    fn bad(&mut self, taken: usize) -> (Option<Token>, usize) {
        self.at = At::Text;
        (Some(Token::Bad), taken)
    }

    fn tag(&mut self, bytes: &[u8], mut quote: u8) -> (Option<Token>, usize) {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            // `<` stands in no tag and in no attribute value: here another one begins.
            let found = if quote == 0 {
                rest.iter().position(|byte| matches!(byte, b'<' | b'>' | b'"' | b'\''))
            } else {
                memchr::memchr2(quote, b'<', rest)
            };
            let Some(found) = found else { break };
            match rest[found] {
                b'<' => {
                    self.held.extend_from_slice(&bytes[..at + found]);
                    return self.bad(at + found);
                }
                b'>' if quote == 0 => {
                    self.held.extend_from_slice(&bytes[..=at + found]);
                    self.at = At::Text;
                    let token = match (self.held[1], self.held[self.held.len() - 2]) {
                        (b'/', _) => Token::End,
                        (_, b'/') => Token::Empty,
                        _ => Token::Start,
                    };
                    return (Some(token), at + found + 1);
                }
                byte => quote = if quote == 0 { byte } else { 0 },
            }
            at += found + 1;
        }
        self.held.extend_from_slice(bytes);
        self.at = At::Tag { quote };
        if self.held.len() > MAX_TAG {
            return self.bad(bytes.len());
        }
        (None, bytes.len())
    }

    fn until(&mut self, bytes: &[u8], byte: u8, needed: u8, mut seen: u8, token: Token) -> (Option<Token>, usize) {
        for (at, &next) in bytes.iter().enumerate() {
            if next == b'>' && seen >= needed {
                self.at = At::Text;
                return (Some(token), at + 1);
            }
            seen = if next == byte { (seen + 1).min(needed) } else { 0 };
        }
        self.at = At::Until { byte, needed, seen, token };
        (if bytes.is_empty() { None } else { Some(token) }, bytes.len())
    }

    fn declaration(&mut self, bytes: &[u8]) -> (Option<Token>, usize) {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.held.len() < MAX_DOCTYPE {
                self.held.push(byte);
            }
            self.at = match self.at {
                At::Inside { needed, seen, brackets, .. } if byte == b'>' && seen >= needed => At::Doctype { quote: 0, brackets },
                At::Inside { byte: mark, needed, seen, brackets } => {
                    At::Inside { byte: mark, needed, seen: if byte == mark { (seen + 1).min(needed) } else { 0 }, brackets }
                }
                At::Doctype { quote, brackets } if quote != 0 => At::Doctype { quote: if byte == quote { 0 } else { quote }, brackets },
                At::Doctype { brackets, .. } => match byte {
                    b'"' | b'\'' => At::Doctype { quote: byte, brackets },
                    b'[' => At::Doctype { quote: 0, brackets: brackets + 1 },
                    b']' => At::Doctype { quote: 0, brackets: brackets.saturating_sub(1) },
                    b'-' if self.held.ends_with(COMMENT) => At::Inside { byte: b'-', needed: 2, seen: 0, brackets },
                    b'?' if self.held.ends_with(b"<?") => At::Inside { byte: b'?', needed: 1, seen: 0, brackets },
                    b'>' if brackets == 0 => {
                        self.at = At::Text;
                        if self.doctype.is_empty() && self.held.len() < MAX_DOCTYPE {
                            self.doctype = std::mem::take(&mut self.held);
                        }
                        return (Some(Token::Doctype), at + 1);
                    }
                    _ => At::Doctype { quote: 0, brackets },
                },
                other => other,
            };
        }
        (None, bytes.len())
    }
}

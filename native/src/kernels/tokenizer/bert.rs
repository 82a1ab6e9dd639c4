//! `BertNormalizer` and `BertPreTokenizer`.

use super::bert_classes::{ACCENT, CONTROL, PUNCTUATION, table};
use super::code_points::code_point_at;
use super::pretokenize::Scan;
use super::sink::Sink;
use super::unicode_classes::Table;
use super::unicode_forms::decompose;

#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "the four options of the file")]
pub struct BertNormalizer {
    pub clean_text: bool,
    pub handle_chinese_chars: bool,
    pub strip_accents: bool,
    pub lowercase: bool,
}

/// The blocks that the reference calls Chinese.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2A6DF}' | '\u{2A700}'..='\u{2B73F}' | '\u{2B740}'..='\u{2B81F}'
        | '\u{2B920}'..='\u{2CEAF}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}

impl BertNormalizer {
    pub fn apply(self, text: &[u8], sink: &mut Sink) -> bool {
        let Ok(text) = std::str::from_utf8(text) else { return false };
        let classes = table();
        let mut at = 0;
        while at < text.len() {
            let byte = text.as_bytes()[at];
            // Neither control characters nor the capitals that become small.
            let plain = matches!(byte, b' '..=b'~') && !(self.lowercase && byte.is_ascii_uppercase());
            if plain {
                let run = text.as_bytes()[at..].iter().position(|&b| !matches!(b, b' '..=b'~') || self.lowercase && b.is_ascii_uppercase());
                let end = run.map_or(text.len(), |run| at + run);
                sink.keep(text.as_bytes(), at, end);
                at = end;
                continue;
            }
            let c = text[at..].chars().next().expect("a character begins here");
            self.put(c, at, at + c.len_utf8(), classes, sink);
            at += c.len_utf8();
        }
        true
    }

    fn put(self, c: char, from: usize, to: usize, classes: &[u8], sink: &mut Sink) {
        let mut c = c;
        if self.clean_text {
            // First: some control characters are white space.
            if classes[c as usize] == CONTROL {
                return;
            }
            if c.is_whitespace() {
                c = ' ';
            }
        }
        let padded = self.handle_chinese_chars && is_chinese(c);
        if padded {
            sink.put(from, from, b" ");
        }
        let lower = |c: char, sink: &mut Sink| {
            if self.lowercase {
                c.to_lowercase().for_each(|c| sink.put_char(from, to, c));
            } else {
                sink.put_char(from, to, c);
            }
        };
        if self.strip_accents {
            decompose(c, |c| {
                if classes[c as usize] != ACCENT {
                    lower(c, sink);
                }
            });
        } else {
            lower(c, sink);
        }
        if padded {
            sink.put(to, to, b" ");
        }
    }
}

/// Words and punctuation characters, each with the white space before it, which stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BertWords;

impl Scan for BertWords {
    #[inline]
    fn next(&self, _table: &Table, text: &[u8], at: usize) -> usize {
        let classes = table();
        let (mut end, mut in_word) = (at, false);
        while end < text.len() {
            let (c, length) = code_point_at(text, end);
            let white = char::from_u32(c).is_some_and(char::is_whitespace);
            let punctuation = classes.get(c as usize) == Some(&PUNCTUATION);
            if in_word && (white || punctuation) {
                return end;
            }
            end += length;
            if punctuation {
                return end;
            }
            in_word |= !white;
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::super::pretokenize::cuts;
    use super::super::sink::Side;
    use super::*;

    #[test]
    fn text_is_cleaned_folded_and_taken_apart() {
        let bert = BertNormalizer { clean_text: true, handle_chinese_chars: true, strip_accents: true, lowercase: true };
        let mut side = Side::default();
        bert.apply("Grüße\u{7}\tÉté 字x\u{301}İ".as_bytes(), &mut Sink { side: &mut side, with_spans: false });
        assert_eq!(String::from_utf8(side.bytes).unwrap(), "gruße ete  字 xi");
    }

    #[test]
    fn words_and_punctuation_stand_alone() {
        assert_eq!(cuts(&BertWords, " it's «ok» …"), [" it", "'", "s", " «", "ok", "»", " …"]);
    }
}

//! The lines, paragraphs or three-sentence spans of texts, each with a hash of its normal form and where it lies.

use unicode_segmentation::UnicodeSegmentation;
use xxhash_rust::xxh3::xxh3_64;

use super::normalise::{Normalise, Normaliser};
use super::row_of;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// What stands between line breaks.
    Line,
    /// Lines between blank ones.
    Paragraph,
    /// Every three sentences in a row, those of one line (UAX #29); C4 cuts by them.
    Sentences3,
}

pub struct UnitRules {
    pub unit: Unit,
    pub normalise: Normalise,
    /// Units of fewer code points, in their normal form, are neither cut nor remembered.
    pub min_characters: usize,
}

/// Units of all rows, one behind the other.
#[derive(Debug, Default, PartialEq)]
pub struct UnitKeys {
    /// Where each row's units begin; rows + 1 entries.
    pub offsets: Vec<u32>,
    /// XXH3-64, big-endian, 8 bytes a unit; never zeros.
    pub keys: Vec<u8>,
    /// Four numbers a unit: first byte and end, first code point and end. The line break behind a unit belongs to it.
    pub ranges: Vec<u32>,
    /// Two numbers a row: bytes and code points of its text.
    pub sizes: Vec<u32>,
}

const SPAN: usize = 3;

/// Where a piece of a text begins or ends.
#[derive(Clone, Copy, Default)]
struct Place {
    byte: usize,
    character: usize,
}

pub fn unit_keys(values: &[u8], offsets: &[i32], rules: &UnitRules) -> Result<UnitKeys, String> {
    let normaliser = Normaliser::new(rules.normalise);
    let mut keys = UnitKeys { offsets: vec![0], ..UnitKeys::default() };
    let mut room = Vec::new();
    let mut pieces = Vec::new();
    for row in 0..offsets.len().saturating_sub(1) {
        let bytes = row_of(values, offsets, row)?;
        let text = std::str::from_utf8(bytes).map_err(|_| format!("row {row} is not UTF-8"))?;
        pieces.clear();
        let characters = split(text, rules.unit, &mut pieces);
        let span = if rules.unit == Unit::Sentences3 { SPAN } else { 1 };
        for window in pieces.windows(span) {
            let (from, to) = (window[0].0, window[span - 1].1);
            room.clear();
            normaliser.append(&bytes[from.byte..to.byte], &mut room);
            // Continuation bytes are no characters.
            if room.iter().filter(|byte| (**byte as i8) >= -0x40).count() < rules.min_characters.max(1) {
                continue;
            }
            keys.keys.extend(xxh3_64(&room).max(1).to_be_bytes());
            keys.ranges.extend([from.byte, to.byte, from.character, to.character].map(|number| number as u32));
        }
        keys.offsets.push((keys.keys.len() / 8) as u32);
        keys.sizes.extend([bytes.len() as u32, characters as u32]);
    }
    Ok(keys)
}

/// Cuts a text into pieces with nothing between them, and returns its code points.
fn split(text: &str, unit: Unit, pieces: &mut Vec<(Place, Place)>) -> usize {
    let mut at = Place::default();
    let mut paragraph: Option<Place> = None;
    // A blank line closes the paragraph above it; the one below begins at its first line that is not blank.
    let mut blank = false;
    for line in text.split_inclusive('\n') {
        let from = at;
        match unit {
            Unit::Sentences3 => {
                for sentence in line.split_sentence_bounds() {
                    let start = at;
                    at = Place { byte: at.byte + sentence.len(), character: at.character + sentence.chars().count() };
                    pieces.push((start, at));
                }
            }
            Unit::Line | Unit::Paragraph => at = Place { byte: at.byte + line.len(), character: at.character + line.chars().count() },
        }
        match unit {
            Unit::Line => pieces.push((from, at)),
            Unit::Paragraph if line.trim().is_empty() => blank = true,
            Unit::Paragraph => {
                if std::mem::take(&mut blank)
                    && let Some(start) = paragraph.replace(from)
                {
                    pieces.push((start, from));
                }
                paragraph.get_or_insert(from);
            }
            Unit::Sentences3 => {}
        }
    }
    if let Some(start) = paragraph {
        pieces.push((start, at));
    }
    at.character
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, unit: Unit, min_characters: usize) -> Vec<String> {
        let rules = UnitRules { unit, normalise: Normalise::Whitespace, min_characters };
        let keys = unit_keys(text.as_bytes(), &[0, text.len() as i32], &rules).unwrap();
        assert_eq!(keys.sizes, [text.len() as u32, text.chars().count() as u32]);
        assert_eq!(keys.keys.len() / 8 * 4, keys.ranges.len());
        let characters: Vec<char> = text.chars().collect();
        keys.ranges
            .as_chunks::<4>()
            .0
            .iter()
            .map(|range| {
                let [from, to, first, end] = range.map(|number| number as usize);
                assert_eq!(text[from..to], characters[first..end].iter().collect::<String>());
                text[from..to].to_owned()
            })
            .collect()
    }

    #[test]
    fn lines_take_their_break_along() {
        assert_eq!(of("Ärger\n\n  \nx\r\nEnde", Unit::Line, 1), ["Ärger\n", "x\r\n", "Ende"]);
        assert_eq!(of("Ärger\nx\nEnde", Unit::Line, 4), ["Ärger\n", "Ende"]);
        assert_eq!(of("", Unit::Line, 1), [""; 0]);
    }

    #[test]
    fn paragraphs_take_the_blank_lines_behind_them_along() {
        assert_eq!(of("\na\nb\n \n\nc\n\nd\n", Unit::Paragraph, 1), ["a\nb\n \n\n", "c\n\n", "d\n"]);
    }

    #[test]
    fn spans_are_every_three_sentences() {
        let spans = of("Eins. Zwei. Drei.\nVier!", Unit::Sentences3, 1);
        assert_eq!(spans, ["Eins. Zwei. Drei.\n", "Zwei. Drei.\nVier!"]);
        assert_eq!(of("Eins. Zwei.", Unit::Sentences3, 1), [""; 0]);
    }

    #[test]
    fn equal_normal_forms_have_equal_keys() {
        let text = "Ein  Satz\nein satz!\nEin Satz \n";
        let keys = |normalise| {
            let rules = UnitRules { unit: Unit::Line, normalise, min_characters: 1 };
            let keys = unit_keys(text.as_bytes(), &[0, text.len() as i32], &rules).unwrap().keys;
            keys.as_chunks::<8>().0.iter().collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!([Normalise::None, Normalise::Whitespace, Normalise::Fold].map(keys), [3, 2, 1]);
    }
}

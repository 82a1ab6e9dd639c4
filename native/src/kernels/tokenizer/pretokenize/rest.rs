//! What the patterns have in common: numbers, white space, runs of other characters, English contractions.

use super::super::unicode_classes::{BLANK, CASELESS, LETTER, LOWER, MARK, NEWLINE, OTHER, SPACE, Table, class_at};

/// The end of the longest run of characters of `classes` that begins at `at`.
#[inline]
pub fn run(table: &Table, text: &[u8], mut at: usize, classes: u8) -> usize {
    while at < text.len() {
        let (class, length) = class_at(table, text, at);
        if class & classes == 0 {
            break;
        }
        at += length;
    }
    at
}

/// `\p{L}+` whose first letter ends at `at`.
#[inline]
pub fn letters(table: &Table, text: &[u8], at: usize) -> usize {
    word::<LETTER, 0x20>(table, text, at)
}

/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]+` whose first character ends at `at`.
#[inline]
pub fn small_letters(table: &Table, text: &[u8], at: usize) -> usize {
    word::<{ LOWER | CASELESS | MARK }, 0>(table, text, at)
}

/// The end of a run of `CLASSES` that begins at `at`. Where a word ends cannot be predicted letter by letter: hence eight at a
/// time, the count from one instruction, as long as they are ASCII letters, small ones once `FOLD` is set in them.
#[inline]
fn word<const CLASSES: u8, const FOLD: u8>(table: &Table, text: &[u8], mut at: usize) -> usize {
    loop {
        while let Some(eight) = text.get(at..at + 8) {
            let count = leading_letters::<FOLD>(u64::from_le_bytes(eight.try_into().expect("eight bytes")));
            at += count;
            if count < 8 {
                break;
            }
        }
        if at == text.len() {
            return at;
        }
        let (class, length) = class_at(table, text, at);
        if class & CLASSES == 0 {
            return at;
        }
        at += length;
    }
}

/// How many of eight bytes, the lowest first, are `a` to `z` once `FOLD` is set in them, before the first that is not.
#[inline]
fn leading_letters<const FOLD: u8>(eight: u64) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const EACH: u64 = 0x0101_0101_0101_0101;
    let small = (eight | (FOLD as u64 * EACH)) & !HIGH;
    let from_a = small + (0x80 - b'a' as u64) * EACH;
    let above_z = small + (0x7F - b'z' as u64) * EACH;
    let others = !(from_a & !above_z & !eight) & HIGH;
    others.trailing_zeros() as usize / 8
}

/// `\p{N}{1,most}` whose first number ends at `at`.
#[inline]
pub fn numbers(table: &Table, text: &[u8], mut at: usize, most: usize) -> usize {
    for _ in 1..most {
        let Some((super::NUMBER, length)) = (at < text.len()).then(|| class_at(table, text, at)) else { break };
        at += length;
    }
    at
}

/// ` ?[^\s\p{L}\p{N}]+` followed by any of `tail`; the first such character ends at `at`.
#[inline]
pub fn others(table: &Table, text: &[u8], at: usize, tail: &[u8]) -> usize {
    let mut end = run(table, text, at, OTHER | MARK);
    while end < text.len() && tail.contains(&text[end]) {
        end += 1;
    }
    end
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line break of the run of white space; else all of it at the end of the text;
/// else all but its last character, which goes with what follows; else that one character.
#[inline]
pub fn blanks(table: &Table, text: &[u8], at: usize) -> usize {
    white_space(table, text, at, true)
}

/// `\s+(?!\S)|\s+`.
#[inline]
pub fn blanks_without_lines(table: &Table, text: &[u8], at: usize) -> usize {
    white_space(table, text, at, false)
}

#[inline]
fn white_space(table: &Table, text: &[u8], at: usize, lines: bool) -> usize {
    let (mut end, mut last, mut after_line) = (at, at, at);
    while end < text.len() {
        let (class, length) = class_at(table, text, end);
        if class & SPACE == 0 {
            break;
        }
        last = end;
        end += length;
        if class == NEWLINE {
            after_line = end;
        }
    }
    if lines && after_line > at {
        after_line
    } else if end == text.len() || last == at {
        end
    } else {
        last
    }
}

/// The length of `'s|'t|'re|'ve|'m|'ll|'d` at `at`, 0 for none; `fold` also takes capitals and, as Unicode folds it, ſ for s.
#[inline]
pub fn contraction(text: &[u8], at: usize, fold: bool) -> usize {
    if text[at] != b'\'' {
        return 0;
    }
    let letter = |i: usize| text.get(at + i).map_or(0, |&byte| if fold { byte.to_ascii_lowercase() } else { byte });
    match (letter(1), letter(2)) {
        (b's' | b't' | b'm' | b'd', _) => 2,
        (b'r' | b'v', b'e') | (b'l', b'l') => 3,
        // U+017F is C5 BF; ASCII lower-casing leaves both bytes as they are.
        (0xC5, 0xBF) if fold => 3,
        _ => 0,
    }
}

/// Whether a pretoken may begin with this character and go on with letters: `[^\r\n\p{L}\p{N}]`.
#[inline]
pub fn may_lead(class: u8) -> bool {
    class & (BLANK | MARK | OTHER) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_letters_are_counted_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut eight = *b"azAZmMqQ";
                eight[place] = byte;
                let expected = if byte.is_ascii_alphabetic() { 8 } else { place };
                assert_eq!(leading_letters::<0x20>(u64::from_le_bytes(eight)), expected, "{byte} at {place}");
                let mut small = eight.map(|byte| byte.to_ascii_lowercase());
                small[place] = byte;
                let expected = if byte.is_ascii_lowercase() { 8 } else { place };
                assert_eq!(leading_letters::<0>(u64::from_le_bytes(small)), expected, "{byte} at {place}");
            }
        }
    }
}

//! Short words that are written together with the next or the last one, by language.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::chunk::{ALPHA, Char, DIGIT, ELISION, UPPER, WORD, run, spells};
use super::rules::hyphens;

/// From spaCy by scripts/generate-segment-data.py.
static ROMANIAN: LazyLock<[HashSet<&str>; 2]> = LazyLock::new(|| {
    let section = |head: &'static str| {
        let lines = include_str!("data/romanian.txt").lines().skip_while(move |line| *line != head);
        lines.skip(1).take_while(|line| !line.starts_with('[')).collect()
    };
    [section("[before]"), section("[after]")]
});
static SLOVENIAN: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("data/slovenian.txt").lines().filter(|line| !line.starts_with('#')).collect());
/// The longest entries of both lists, in characters.
const LONGEST: usize = 16;

fn is_in(list: &HashSet<&str>, span: &[Char]) -> bool {
    let mut bytes = [0; LONGEST * 4];
    let mut length = 0;
    for point in span.iter().map(|c| char::from_u32(c.point).unwrap_or(char::REPLACEMENT_CHARACTER)) {
        if length + 4 > bytes.len() {
            return false;
        }
        length += point.encode_utf8(&mut bytes[length..]).len();
    }
    std::str::from_utf8(&bytes[..length]).is_ok_and(|text| list.contains(text))
}

/// `într-`: up to the first hyphen.
pub fn romanian_prefix(span: &[Char]) -> usize {
    let near = &span[..span.len().min(LONGEST)];
    let length = near.iter().position(|c| c.is('-')).map_or(0, |at| at + 1);
    if length > 1 && is_in(&ROMANIAN[0], &span[..length]) { length } else { 0 }
}

/// `-ul`: from the last hyphen on.
pub fn romanian_suffix(span: &[Char]) -> usize {
    let near = &span[span.len().saturating_sub(LONGEST)..];
    let Some(at) = near.iter().rposition(|c| c.is('-')) else { return 0 };
    if is_in(&ROMANIAN[1], &near[at..]) { near.len() - at } else { 0 }
}

pub fn slovenian_prefix(span: &[Char]) -> usize {
    usize::from(span[0].one_of("+/•¯=×-~"))
}

/// Signs, up to three hyphens, the second of two initials.
pub fn slovenian_suffix(span: &[Char]) -> usize {
    let last = span[span.len() - 1];
    let is_capital = |c: Char| c.has(UPPER) && c.point < 0x80;
    if let [.., first, dot, second, _] = span
        && is_capital(*first)
        && dot.is('.')
        && is_capital(*second)
    {
        return 2;
    }
    let same = span.iter().rev().take(3).take_while(|c| c.point == last.point).count();
    match char::from_u32(last.point) {
        Some('-') => same,
        Some('—') => same.min(2),
        _ => usize::from(last.one_of("+/•¯=×–~")),
    }
}

/// Hyphens between a letter or digit and a letter, unless only an ending of inflection follows.
pub fn slovenian(span: &[Char], at: usize) -> Option<usize> {
    let length = hyphens(&span[at..])?;
    // After a digit, the first of several hyphens is an operator.
    if length > 1 && at > 0 && span[at - 1].has(DIGIT) {
        return None;
    }
    let rest = &span[at + length..];
    let parts = at > 0 && span[at - 1].has(ALPHA | DIGIT) && rest.first()?.has(ALPHA);
    (parts && !(rest.len() <= LONGEST && is_in(&SLOVENIAN, rest))).then_some(length)
}

/// Elided articles and pronouns, and pronouns behind a hyphen.
const CATALAN: &[&str] =
    &["'ls", "'l", "'ns", "'t", "'m", "'n", "-les", "-la", "-lo", "-li", "-los", "-me", "-nos", "-te", "-vos", "-se", "-hi", "-ne", "-ho"];

pub fn catalan(span: &[Char], at: usize) -> Option<usize> {
    let mark = span[at];
    if !mark.is('\'') && !mark.is('-') {
        return None;
    }
    let near = &span[at + 1..span.len().min(at + 5)];
    let letters = run(near, |c| c.point < 0x80 && c.has(ALPHA));
    if CATALAN.iter().any(|clitic| spells(&span[at..=at + letters], clitic)) {
        return Some(letters + 1);
    }
    match near {
        [letter, apostrophe, ..] if mark.is('-') && letter.one_of("lmtn") && apostrophe.is('\'') => Some(3),
        _ => None,
    }
}

/// The article `d'` at the start ends a word.
pub fn luxembourgish(span: &[Char], at: usize) -> Option<usize> {
    (at == 2 && span[0].one_of("(',dD)") && span[1].has(ELISION) && span[2].has(ALPHA)).then_some(0)
}

pub fn polish_prefix(span: &[Char]) -> usize {
    let near = &span[..span.len().min(7)];
    let Some(at) = near.iter().position(|c| c.is('-')) else { return 0 };
    let numbers = ["długo", "krótko", "jedno", "dwu", "trzy", "cztero"];
    if numbers.into_iter().any(|number| spells(&span[..at], number)) { at + 1 } else { 0 }
}

/// `R$`, `US$`: a currency of up to three letters.
pub fn portuguese_prefix(span: &[Char]) -> usize {
    let letters = run(&span[..span.len().min(3)], |c| c.has(WORD));
    if letters > 0 && span.get(letters).is_some_and(|c| c.is('$')) { letters + 1 } else { 0 }
}

/// A compound with hyphens, `guarda-chuva`, is one word, wherever it stands.
pub fn portuguese(span: &[Char], at: usize) -> Option<usize> {
    // Only the first character of a word can begin a compound: the others would give the same end.
    if !span[at].has(WORD) || at > 0 && span[at - 1].has(WORD) {
        return None;
    }
    let mut length = run(&span[at..], |c| c.has(WORD));
    let word = length;
    while span.get(at + length).is_some_and(|c| c.is('-')) && span.get(at + length + 1).is_some_and(|c| c.has(WORD)) {
        length += 1 + run(&span[at + length + 1..], |c| c.has(WORD));
    }
    (length > word).then_some(length)
}

//! Small rules about marks that single languages have.

use super::chunk::{ALPHA, Char, DIGIT, HYPHEN, LOWER, UPPER, run};
use super::rules::{QUOTES, REACH, hyphens};

const COMBINING: std::ops::RangeInclusive<u32> = 0x300..=0x36F;

fn is_stressed(span: &[Char], set: u32) -> bool {
    matches!(span, [.., letter, mark] if COMBINING.contains(&mark.point) && letter.has(set))
}

/// A dot after a letter with a combining mark.
pub fn suffix(span: &[Char]) -> usize {
    let (last, rest) = span.split_last().expect("a span is not empty");
    usize::from(last.is('.') && is_stressed(rest, ALPHA))
}

/// The base infixes, after a letter with a combining mark.
pub fn infix(span: &[Char], at: usize) -> Option<usize> {
    let before = &span[..at];
    let after = |length: usize| span.get(at + length).copied();
    let found = match char::from_u32(span[at].point)? {
        '.' => is_stressed(before, LOWER) && after(1)?.has(UPPER | QUOTES),
        ',' | ':' | '<' | '>' | '=' | '/' => is_stressed(before, ALPHA) && after(1)?.has(ALPHA),
        '-' | '–' | '—' | '~' if is_stressed(before, ALPHA) => {
            let length = hyphens(&span[at..])?;
            return after(length)?.has(ALPHA).then_some(length);
        }
        _ => false,
    };
    found.then_some(1)
}

fn starts(span: &[Char], wanted: [char; 2]) -> usize {
    if span.len() > 1 && span[0].is(wanted[0]) && span[1].is(wanted[1]) { 2 } else { 0 }
}

fn ends(span: &[Char], wanted: [char; 2]) -> usize {
    starts(&span[span.len().saturating_sub(2)..], wanted)
}

pub fn german_prefix(span: &[Char]) -> usize {
    starts(span, ['`', '`'])
}

pub fn german_suffix(span: &[Char]) -> usize {
    double_apostrophe(span).max(usize::from(span.last().is_some_and(|c| c.is('/'))))
}

pub fn double_apostrophe(span: &[Char]) -> usize {
    ends(span, ['\'', '\''])
}

pub fn dutch_prefix(span: &[Char]) -> usize {
    starts(span, [',', ','])
}

pub fn polish_suffix(span: &[Char]) -> usize {
    double_apostrophe(span).max(ends(span, ['’', '’']))
}

/// A year of two digits (`'68`), a number with a degree sign.
pub fn italian_prefix(span: &[Char]) -> usize {
    if let [mark, tens, ones, ..] = span
        && mark.is('\'')
        && tens.has(DIGIT)
        && ones.has(DIGIT)
    {
        return 3;
    }
    let digits = run(&span[..span.len().min(REACH)], |c| c.has(DIGIT));
    if digits > 0 && span.get(digits).is_some_and(|c| c.is('°')) { digits + 1 } else { 0 }
}

/// A dot that a letter follows.
pub fn hungarian_prefix(span: &[Char]) -> usize {
    usize::from(span[0].is('.') && span.get(1).is_some_and(|c| c.has(ALPHA)))
}

/// A plus sign; the ending `-e` of questions.
pub fn hungarian_suffix(span: &[Char]) -> usize {
    match span {
        [.., before, hyphen, e] if hyphen.is('-') && e.is('e') && (before.has(LOWER) || before.is(')')) => 2,
        [.., plus] => usize::from(plus.is('+')),
        [] => 0,
    }
}

/// Every hyphen and dash inside cuts, one by one.
pub fn any_hyphen(span: &[Char], at: usize) -> Option<usize> {
    (span[at].has(HYPHEN) || span[at].one_of("–—~")).then_some(1)
}

/// The base hyphens between letters, but a single short one.
pub fn long_hyphen(span: &[Char], at: usize) -> Option<usize> {
    let length = hyphens(&span[at..])?;
    let single = span[at].has(HYPHEN) && length == 1;
    let letters = at > 0 && span[at - 1].has(ALPHA) && span.get(at + length).is_some_and(|c| c.has(ALPHA));
    (letters && !single).then_some(length)
}

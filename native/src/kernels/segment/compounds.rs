//! French words that hold hyphens and apostrophes.

use std::sync::LazyLock;

use super::chunk::{ALPHA, Char, ELISION, LOWER, run, spells};
use super::rules::REACH;

/// Words that compounds are made of, from spaCy by scripts/generate-segment-data.py: `-` is any hyphen, `’` any
/// apostrophe; a stem ends in `+` or `*`, for one or more, or any letters after it.
struct Lists {
    stems: Vec<Vec<char>>,
    /// Sorted: what a hyphen, an apostrophe joins to anything; what stands between two hyphens.
    before_hyphen: Vec<&'static str>,
    before_apostrophe: Vec<&'static str>,
    links: Vec<&'static str>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let section = |head: &'static str| {
        let lines = include_str!("data/french.txt").lines().skip_while(move |line| *line != head);
        lines.skip(1).take_while(|line| !line.starts_with('['))
    };
    let sorted = |head| {
        let mut lines: Vec<&str> = section(head).collect();
        lines.sort_unstable();
        lines
    };
    Lists {
        stems: section("[stem]").map(|line| line.chars().collect()).collect(),
        before_hyphen: sorted("[hyphen]"),
        before_apostrophe: sorted("[elision]"),
        links: sorted("[link]"),
    }
});
/// Longest first part of a compound, in characters.
const LONGEST: usize = 24;

/// `d'`, `l'`, `n'` before a letter.
pub fn elided_article(span: &[Char]) -> usize {
    match span {
        [letter, mark, next, ..] if letter.one_of("dlnDLN") && mark.has(ELISION) && next.has(ALPHA) => 2,
        _ => 0,
    }
}

/// `-`, `–`, `—` and the two hyphens that are not ASCII.
fn is_hyphen(c: Char) -> bool {
    matches!(c.point, 0x2D | 0x2010 | 0x2011 | 0x2013 | 0x2014)
}

const PRONOUNS: &[&str] = &["ce", "clés", "elle", "en", "il", "ils", "je", "là", "moi", "nous", "on", "t", "vous"];
const CAPITAL_PRONOUNS: &[&str] = &["CE", "CLÉS", "ELLE", "EN", "IL", "ILS", "JE", "LÀ", "MOI", "NOUS", "ON", "T", "VOUS"];

/// `-il`, `-vous`, `-là` after a letter.
pub fn inverted_pronoun(span: &[Char]) -> usize {
    let near = &span[span.len().saturating_sub(6)..];
    let Some(at) = near.iter().rposition(|&c| is_hyphen(c)).filter(|&at| at > 0 && near[at - 1].has(ALPHA)) else { return 0 };
    let rest = &near[at + 1..];
    if PRONOUNS.iter().chain(CAPITAL_PRONOUNS).any(|pronoun| spells(rest, pronoun)) { near.len() - at } else { 0 }
}

/// Whether a chunk is a compound that stays whole; case makes no difference.
pub fn is_compound(span: &[Char]) -> bool {
    let (Some(last), true) = (span.last(), span.len() <= REACH) else { return false };
    if !span[0].has(ALPHA) || !(is_letter(*last) || is_hyphen(*last) || last.has(ELISION)) {
        return false;
    }
    let near = &span[..span.len().min(LONGEST)];
    let Some(joint) = near.iter().position(|&c| is_hyphen(c) || c.has(ELISION)) else { return is_linked(span) };
    let lists = &*LISTS;
    let before = if is_hyphen(span[joint]) { &lists.before_hyphen } else { &lists.before_apostrophe };
    if is_in(before, &span[..joint]) {
        let rest = &span[joint + 1..];
        let joined = rest.first().is_some_and(|&c| is_letter(c));
        if joined && rest.iter().all(|&c| is_letter(c) || is_hyphen(c) || c.has(ELISION)) {
            return true;
        }
    }
    let first = lower(span[0]);
    lists.stems.iter().any(|stem| stem[0] == first && has_stem(span, stem)) || is_linked(span)
}

fn is_letter(c: Char) -> bool {
    c.has(ALPHA | LOWER)
}

fn lower(c: Char) -> char {
    let c = char::from_u32(c.point).unwrap_or(char::REPLACEMENT_CHARACTER);
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

fn is_in(list: &[&str], span: &[Char]) -> bool {
    list.binary_search_by(|word| word.chars().cmp(span.iter().map(|&c| lower(c)))).is_ok()
}

fn has_stem(span: &[Char], stem: &[char]) -> bool {
    let [stem @ .., repeat] = stem else { return false };
    let most = if *repeat == '+' { span.len().saturating_sub(1) } else { span.len() };
    stem.len() <= most
        && stem.iter().zip(span).all(|(&wanted, c)| match wanted {
            '-' => is_hyphen(*c),
            '’' => c.has(ELISION),
            _ => lower(*c) == wanted,
        })
        && span[stem.len()..].iter().all(|&c| is_letter(c))
}

/// `arc-en-ciel`, `pet-en-l'air`.
fn is_linked(span: &[Char]) -> bool {
    let first = run(span, |c| c.has(ALPHA));
    let Some((joint, rest)) = span[first..].split_first() else { return false };
    let link = run(&rest[..rest.len().min(LONGEST)], |c| c.has(ALPHA));
    let Some((second, tail)) = rest[link..].split_first() else { return false };
    if first == 0 || !is_hyphen(*joint) || !is_hyphen(*second) || !is_in(&LISTS.links, &rest[..link]) {
        return false;
    }
    let tail = match tail {
        [article, mark, tail @ ..] if article.one_of("lL") && mark.has(ELISION) => tail,
        _ => tail,
    };
    !tail.is_empty() && tail.iter().all(|c| c.has(ALPHA))
}

//! French words that hold hyphens and apostrophes.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::chunk::{ALPHA, Char, ELISION, LOWER, run};
use super::rules::REACH;

/// Words that compounds are made of, from spaCy by scripts/generate-segment-data.py: `-` is any hyphen, `’` any
/// apostrophe; a stem ends in `+` or `*`, for one or more, or any letters after it.
struct Lists {
    stems: Vec<Vec<char>>,
    /// What an hyphen, an apostrophe joins to anything; what stands between two hyphens.
    before_hyphen: HashSet<String>,
    before_apostrophe: HashSet<String>,
    links: HashSet<String>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let section = |head: &'static str| {
        let lines = include_str!("data/french.txt").lines().skip_while(move |line| *line != head);
        lines.skip(1).take_while(|line| !line.starts_with('['))
    };
    let set = |head| section(head).map(str::to_owned).collect();
    Lists {
        stems: section("[stem]").map(|line| line.chars().collect()).collect(),
        before_hyphen: set("[hyphen]"),
        before_apostrophe: set("[elision]"),
        links: set("[link]"),
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

fn is_hyphen(c: Char) -> bool {
    c.one_of("-–—‐‑")
}

const PRONOUNS: &[&str] = &["ce", "clés", "elle", "en", "il", "ils", "je", "là", "moi", "nous", "on", "t", "vous"];
const CAPITAL_PRONOUNS: &[&str] = &["CE", "CLÉS", "ELLE", "EN", "IL", "ILS", "JE", "LÀ", "MOI", "NOUS", "ON", "T", "VOUS"];

/// `-il`, `-vous`, `-là` after a letter.
pub fn inverted_pronoun(span: &[Char]) -> usize {
    let near = &span[span.len().saturating_sub(6)..];
    let Some(at) = near.iter().rposition(|&c| is_hyphen(c)).filter(|&at| at > 0 && near[at - 1].has(ALPHA)) else { return 0 };
    let rest = &near[at + 1..];
    let spells = |wanted: &str| wanted.chars().count() == rest.len() && wanted.chars().zip(rest).all(|(wanted, c)| c.is(wanted));
    if PRONOUNS.iter().chain(CAPITAL_PRONOUNS).any(|pronoun| spells(pronoun)) { near.len() - at } else { 0 }
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
    if before.contains(&lowered(&span[..joint])) {
        let rest = &span[joint + 1..];
        let joined = rest.first().is_some_and(|&c| is_letter(c));
        if joined && rest.iter().all(|&c| is_letter(c) || is_hyphen(c) || c.has(ELISION)) {
            return true;
        }
    }
    let first = lowered(&span[..1]);
    let begins = |stem: &[char]| first.chars().eq(stem[..1].iter().copied());
    lists.stems.iter().any(|stem| begins(stem) && has_stem(span, stem)) || is_linked(span)
}

fn is_letter(c: Char) -> bool {
    c.has(ALPHA | LOWER)
}

fn lowered(span: &[Char]) -> String {
    span.iter().filter_map(|c| char::from_u32(c.point)).flat_map(char::to_lowercase).collect()
}

fn has_stem(span: &[Char], stem: &[char]) -> bool {
    let [stem @ .., repeat] = stem else { return false };
    let most = if *repeat == '+' { span.len().saturating_sub(1) } else { span.len() };
    stem.len() <= most
        && stem.iter().zip(span).all(|(&wanted, c)| match wanted {
            '-' => is_hyphen(*c),
            '’' => c.has(ELISION),
            _ => char::from_u32(c.point).is_some_and(|point| point.to_lowercase().eq([wanted])),
        })
        && span[stem.len()..].iter().all(|&c| is_letter(c))
}

/// `arc-en-ciel`, `pet-en-l'air`.
fn is_linked(span: &[Char]) -> bool {
    let first = run(span, |c| c.has(ALPHA));
    let Some((joint, rest)) = span[first..].split_first() else { return false };
    let link = run(&rest[..rest.len().min(LONGEST)], |c| c.has(ALPHA));
    let Some((second, tail)) = rest[link..].split_first() else { return false };
    if first == 0 || !is_hyphen(*joint) || !is_hyphen(*second) || !LISTS.links.contains(&lowered(&rest[..link])) {
        return false;
    }
    let tail = match tail {
        [article, mark, tail @ ..] if article.one_of("lL") && mark.has(ELISION) => tail,
        _ => tail,
    };
    !tail.is_empty() && tail.iter().all(|c| c.has(ALPHA))
}

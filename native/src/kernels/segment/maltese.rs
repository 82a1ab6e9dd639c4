//! Maltese, which spaCy has no rules for. The words are those of the treebank that Stanza's model learns from (UD_Maltese-MUDT):
//! articles with their hyphen and prepositions with their apostrophe are words of their own, other compounds stay whole.

use super::chunk::{ALPHA, Char, DIGIT, ELISION, LOWER, QUOTE, run};

/// What an article joins to: nothing, or a preposition that has swallowed its vowel.
const STEMS: &[&str] = &[
    "", "i", "ta", "fi", "f", "mi", "mil", "ma", "bi", "b", "għa", "gha", "għal", "ghal", "da", "di", "li", "lil", "bħa", "bha", "bħal",
    "bhal", "sa", "ġo", "ħda",
];
/// The article's consonant, that of the next word where it is one of these.
const CONSONANTS: &str = "lrtsndxżzċ";
const LONGEST: usize = 6;

fn lower(c: Char) -> char {
    let c = char::from_u32(c.point).unwrap_or(char::REPLACEMENT_CHARACTER);
    c.to_lowercase().next().unwrap_or(c)
}

/// `il-`, `tal-`, `fis-` before a letter, digit or mark; `f'`, `b'`, `x'` before a letter.
pub fn prefix(span: &[Char]) -> usize {
    let letters = run(&span[..span.len().min(LONGEST)], |c| c.has(ALPHA | LOWER));
    let (Some(joint), Some(next)) = (span.get(letters), span.get(letters + 1)) else { return 0 };
    if letters == 0 {
        return 0;
    }
    if joint.has(ELISION) {
        let preposition = letters == 1 && "fbmxtsħj".contains(lower(span[0])) && next.has(ALPHA | DIGIT | QUOTE);
        return if preposition { 2 } else { 0 };
    }
    let (last, stem) = (span[letters - 1], &span[..letters - 1]);
    let spells = |wanted: &str| wanted.chars().eq(stem.iter().map(|&c| lower(c)));
    let article = joint.is('-') && CONSONANTS.contains(lower(last)) && STEMS.iter().any(|wanted| spells(wanted));
    if article { letters + 1 } else { 0 }
}

/// Words that an apostrophe begins: `'l`, `'il`.
pub fn whole(span: &[Char]) -> bool {
    match span {
        [mark, letters @ .., last] if mark.has(ELISION) && matches!(lower(*last), 'l') => {
            letters.is_empty() || letters.len() == 1 && lower(letters[0]) == 'i'
        }
        _ => false,
    }
}

//! What a language takes off the ends of words and cuts inside them.

use super::chunk::{
    ALPHA, APOSTROPHE, BAR, CURRENCY, Char, DASH, DEGREE, DIGIT, ELISION, HASH, HYPHEN, ICON, LOWER, PERCENT, POWER, PUNCT, QUOTE, SIGN,
    UPPER, WORD, run, spells,
};

/// How far a rule without a bound of its own looks, in characters: without it, a chunk of a million digits would be read
/// again for each of a million commas behind it. No number or name is longer.
pub const REACH: usize = 256;

pub const QUOTES: u32 = QUOTE | APOSTROPHE;
pub const MARKS: u32 = PUNCT | HASH;
pub const ICONS: u32 = ICON | DEGREE;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Apostrophe {
    /// Comes off like any other quotation mark, if the set of suffixes holds it.
    Quote,
    /// Comes off unless it ends a genitive: not after s, x, z.
    NotAfterS,
    /// Comes off only where it ends no word: `ta'`.
    NotAfterLetter,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Units {
    All,
    ButPercent,
    None,
}

/// Rules that a language has alone: how many characters from the start, at the end, or from `at` on; 0 or None for none.
pub type Own = fn(&[Char]) -> usize;
pub type OwnInfix = fn(&[Char], usize) -> Option<usize>;

/// One character of `of` between a character of `before` and one of `after` is a word.
#[derive(Clone, Copy)]
pub struct Between {
    pub of: &'static str,
    pub before: u32,
    pub after: u32,
}

pub const fn between(of: &'static str, before: u32, after: u32) -> Between {
    Between { of, before, after }
}

/// The rules of a language. Sets are those of `chunk`.
#[derive(Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // each is a rule that some languages have and others have not
pub struct Rules {
    /// What comes off the start, one by one; but `+` only if no digit follows.
    pub prefixes: u32,
    pub plus_before: bool,
    pub own_prefix: Option<Own>,
    /// What comes off the end, one by one.
    pub suffixes: u32,
    pub apostrophe: Apostrophe,
    /// `'s` comes off as one.
    pub possessive: bool,
    pub units: Units,
    /// Currency signs that come off a number, and whether US$, C$ and A$ do.
    pub money: u32,
    /// A dot comes off after these; two or more dots always if `dots`, one after two capitals if `capitals`.
    pub dot_after: u32,
    pub dots: bool,
    pub capitals: bool,
    pub own_suffix: Option<Own>,
    /// Chunks that stay whole.
    pub whole: Option<fn(&[Char]) -> bool>,
    /// Signs that cut wherever they stand inside.
    pub icons: u32,
    pub between: &'static [Between],
    /// One to three hyphens, one or two long dashes, a dash or a tilde cut between these.
    pub hyphens: Option<(u32, u32)>,
    /// Two hyphens cut between letters.
    pub double_hyphen: bool,
    /// An apostrophe after a letter ends a word if one of these follows.
    pub elision: u32,
    pub own_infix: Option<OwnInfix>,
}

/// spaCy's base rules.
pub const BASE: Rules = Rules {
    prefixes: MARKS | QUOTES | CURRENCY | ICONS | SIGN | PERCENT | DASH,
    plus_before: true,
    own_prefix: None,
    suffixes: MARKS | QUOTES | ICONS | DASH,
    apostrophe: Apostrophe::Quote,
    possessive: true,
    units: Units::All,
    money: CURRENCY,
    dot_after: DIGIT | LOWER | PERCENT | POWER | HYPHEN | MARKS | BAR | QUOTES,
    dots: true,
    capitals: true,
    own_suffix: None,
    whole: None,
    icons: ICONS,
    between: &[
        between("+-*^", DIGIT, DIGIT | HYPHEN),
        between(".", LOWER | QUOTES, UPPER | QUOTES),
        between(",", ALPHA, ALPHA),
        between(":<>=/", ALPHA | DIGIT, ALPHA),
    ],
    hyphens: Some((ALPHA, ALPHA)),
    double_hyphen: false,
    elision: 0,
    own_infix: None,
};

/// Characters at the start of a non-empty span that are a word of their own.
pub fn prefix_length(rules: &Rules, span: &[Char]) -> usize {
    if let Some(own) = rules.own_prefix {
        let length = own(span);
        if length > 0 {
            return length;
        }
    }
    let first = span[0];
    if first.has(rules.prefixes) {
        return 1;
    }
    let next = span.get(1);
    match char::from_u32(first.point) {
        Some('+') => usize::from(rules.plus_before && !next.is_some_and(|c| c.has(DIGIT))),
        Some('.') => {
            let dots = run(span, |c| c.is('.'));
            if dots > 1 { dots } else { 0 }
        }
        Some('C' | 'A') if rules.prefixes & CURRENCY != 0 && next.is_some_and(|c| c.is('$')) => 2,
        Some('U') if rules.prefixes & CURRENCY != 0 && next.is_some_and(|c| c.is('S')) && span.get(2).is_some_and(|c| c.is('$')) => 3,
        _ => 0,
    }
}

/// Units that come off a number.
const UNITS: &[&str] = &[
    "km",
    "km²",
    "km³",
    "m",
    "m²",
    "m³",
    "dm",
    "dm²",
    "dm³",
    "cm",
    "cm²",
    "cm³",
    "mm",
    "mm²",
    "mm³",
    "ha",
    "µm",
    "nm",
    "yd",
    "in",
    "ft",
    "kg",
    "g",
    "mg",
    "µg",
    "t",
    "lb",
    "oz",
    "m/s",
    "km/h",
    "kmh",
    "mph",
    "hPa",
    "Pa",
    "mbar",
    "mb",
    "MB",
    "kb",
    "KB",
    "gb",
    "GB",
    "tb",
    "TB",
    "T",
    "G",
    "M",
    "K",
    "км",
    "км²",
    "км³",
    "м",
    "м²",
    "м³",
    "дм",
    "дм²",
    "дм³",
    "см",
    "см²",
    "см³",
    "мм",
    "мм²",
    "мм³",
    "нм",
    "кг",
    "г",
    "мг",
    "м/с",
    "км/ч",
    "кПа",
    "Па",
    "мбар",
    "Кб",
    "КБ",
    "кб",
    "Мб",
    "МБ",
    "мб",
    "Гб",
    "ГБ",
    "гб",
    "Тб",
    "ТБ",
    "тб",
    "كم",
    "كم²",
    "كم³",
    "م",
    "م²",
    "م³",
    "سم",
    "سم²",
    "سم³",
    "مم",
    "مم²",
    "مم³",
    "غرام",
    "جرام",
    "جم",
    "كغ",
    "ملغ",
    "كوب",
    "اكواب",
];
const LONGEST_UNIT: usize = 5;

/// Characters at the end of a span that are a word of their own; the longest reading wins.
pub fn suffix_length(rules: &Rules, span: &[Char]) -> usize {
    let Some(&last) = span.last() else { return 0 };
    let before = span.len().checked_sub(2).map(|i| span[i]);
    let own = rules.own_suffix.map_or(0, |own| own(span));
    own.max(after_number(rules, span)).max(match char::from_u32(last.point) {
        Some('.') => final_dots(rules, span),
        Some('…') => 1 + usize::from(before.is_some_and(|c| c.is('…'))),
        Some('\'') if rules.apostrophe == Apostrophe::NotAfterS => usize::from(before.is_some_and(|c| !c.one_of("sSxXzZ"))),
        Some('\'') if rules.apostrophe == Apostrophe::NotAfterLetter => usize::from(before.is_none_or(|c| !c.has(ALPHA))),
        Some('s' | 'S') if rules.possessive => 2 * usize::from(before.is_some_and(|c| c.has(ELISION))),
        _ => usize::from(last.has(rules.suffixes)),
    })
}

fn after_number(rules: &Rules, span: &[Char]) -> usize {
    let tail = span.iter().rev().take(LONGEST_UNIT + 1).take_while(|c| !c.has(DIGIT)).count();
    if tail == 0 || tail > LONGEST_UNIT || tail == span.len() {
        return 0;
    }
    let unit = &span[span.len() - tail..];
    let found = match unit {
        [sign] if sign.has(rules.money) || sign.is('+') => true,
        [sign] if sign.is('%') => rules.units == Units::All,
        _ => {
            rules.money & CURRENCY != 0 && ["US$", "C$", "A$"].into_iter().any(|wanted| spells(unit, wanted))
                || rules.units != Units::None && UNITS.iter().any(|wanted| spells(unit, wanted))
        }
    };
    if found { tail } else { 0 }
}

/// Dots at the end that come off; the span ends in one.
fn final_dots(rules: &Rules, span: &[Char]) -> usize {
    let dots = if rules.dots { span.iter().rev().take_while(|c| c.is('.')).count() } else { 1 };
    if dots > 1 {
        return dots;
    }
    let [rest @ .., before, _] = span else { return usize::from(rules.dot_after == u32::MAX) };
    let ends = before.has(rules.dot_after) || rules.dot_after == u32::MAX;
    let initials = rules.capitals && before.has(UPPER) && rest.last().is_some_and(|c| c.has(UPPER));
    let degree = before.one_of("FfCcKk") && rest.last().is_some_and(|c| c.has(DEGREE));
    usize::from(ends || initials || degree)
}

/// Characters from `at` on that part a span in two; an empty part ends a word without being one.
pub fn infix_length(rules: &Rules, span: &[Char], at: usize) -> Option<usize> {
    if let Some(own) = rules.own_infix
        && let Some(length) = own(span, at)
    {
        return Some(length);
    }
    let here = span[at];
    if rules.elision != 0 && at > 1 && here.has(rules.elision) && span[at - 1].has(ELISION) && span[at - 2].has(ALPHA) {
        return Some(0);
    }
    if here.has(WORD) && !here.has(rules.icons) {
        return None;
    }
    if here.has(rules.icons) || here.is('…') {
        return Some(1);
    }
    if here.is('.') {
        let dots = run(&span[at..], |c| c.is('.'));
        if dots > 1 {
            return Some(dots);
        }
    }
    let before = span[..at].last()?;
    let after = span.get(at + 1)?;
    if rules.between.iter().any(|rule| before.has(rule.before) && after.has(rule.after) && here.one_of(rule.of)) {
        return Some(1);
    }
    if let Some((first, last)) = rules.hyphens
        && before.has(first)
        && let Some(length) = hyphens(&span[at..])
        && span.get(at + length).is_some_and(|c| c.has(last))
    {
        return Some(length);
    }
    let double =
        rules.double_hyphen && before.has(ALPHA) && here.is('-') && after.is('-') && span.get(at + 2).is_some_and(|c| c.has(ALPHA));
    double.then_some(2)
}

/// `-`, `--`, `---`, `—`, `——`, `–` or `~` at the start, if no more of the same follow.
pub fn hyphens(span: &[Char]) -> Option<usize> {
    let first = *span.first()?;
    let most = match char::from_u32(first.point)? {
        '-' => 3,
        '—' => 2,
        '–' | '~' => 1,
        _ => return None,
    };
    let count = run(&span[..span.len().min(most + 1)], |c| c.point == first.point);
    (count <= most).then_some(count)
}

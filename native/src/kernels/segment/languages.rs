//! The rules of each language, as differences from the base ones. After spaCy 3.8's, tested against it.

use super::chunk::{ALPHA, BAR, CURRENCY, DASH, DIGIT, DOUBLE_QUOTE, GROUP, HYPHEN, ICON, LOWER, MONEY, PERCENT, POWER, PUNCT};
use super::chunk::{QUOTE, SIGN, UPPER};
use super::rules::{Apostrophe, BASE, Between, ICONS, MARKS, QUOTES, Rules, Units, between};
use super::{clitics, compounds, greek, maltese, marks, numbers};

/// Brackets and quotation marks but the apostrophe.
const BRACKETS: &str = "\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉〈〉⟦⟧()[]";
const BRACKET: Between = between(BRACKETS, ALPHA, ALPHA);
const STOP: Between = between(",!?", ALPHA, ALPHA);
const SENTENCE: Between = between(".", LOWER, UPPER);
const QUOTED_SENTENCE: Between = between(".", LOWER | QUOTES, UPPER | QUOTES);
const COMMA: Between = between(",", ALPHA, ALPHA);
const RELATION: Between = between(":<>=/", ALPHA | DIGIT, ALPHA);

/// Combining marks stand between a stressed vowel and what follows it.
pub const STRESSED: Rules = Rules { own_suffix: Some(marks::suffix), own_infix: Some(marks::infix), ..BASE };

pub const ENGLISH: Rules = Rules { hyphens: Some((ALPHA | DIGIT, ALPHA)), ..BASE };

pub const GERMAN: Rules = Rules {
    own_prefix: Some(marks::german_prefix),
    suffixes: MARKS | QUOTES | ICONS,
    possessive: false,
    dot_after: LOWER | PERCENT | POWER | HYPHEN | MARKS | BAR | QUOTES,
    own_suffix: Some(marks::german_suffix),
    between: &[
        SENTENCE,
        STOP,
        between(":<>=", ALPHA, ALPHA),
        between("/", ALPHA | DIGIT, ALPHA | DIGIT),
        BRACKET,
        between("-", DIGIT, DIGIT),
    ],
    hyphens: None,
    double_hyphen: true,
    ..BASE
};

pub const LUXEMBOURGISH: Rules = Rules {
    between: &[SENTENCE, STOP, between(":<>=", ALPHA, ALPHA), between("-", DIGIT, DIGIT)],
    hyphens: None,
    double_hyphen: true,
    own_infix: Some(clitics::luxembourgish),
    ..BASE
};

pub const DUTCH: Rules = Rules {
    own_prefix: Some(marks::dutch_prefix),
    possessive: false,
    units: Units::ButPercent,
    own_suffix: Some(marks::double_apostrophe),
    between: &[SENTENCE, STOP, between(":<>=", ALPHA | DOUBLE_QUOTE, ALPHA), BRACKET],
    hyphens: None,
    double_hyphen: true,
    ..BASE
};

pub const DANISH: Rules = Rules {
    suffixes: MARKS | QUOTE | ICONS | DASH,
    apostrophe: Apostrophe::NotAfterS,
    possessive: false,
    between: &[SENTENCE, STOP, BRACKET, RELATION],
    hyphens: None,
    double_hyphen: true,
    ..BASE
};

pub const SWEDISH: Rules = Rules {
    between: &[
        SENTENCE,
        STOP,
        BRACKET,
        between("<>=/", ALPHA | DIGIT, ALPHA),
        between(":", UPPER | DIGIT, UPPER),
        between("<>=", ALPHA, ALPHA),
    ],
    ..DANISH
};

pub const NORWEGIAN: Rules = Rules {
    prefixes: PUNCT | QUOTES | CURRENCY | ICONS | SIGN | PERCENT | DASH,
    suffixes: MARKS | QUOTE | ICON | DASH,
    dot_after: LOWER | PERCENT | POWER | HYPHEN | MARKS | BAR | QUOTE,
    icons: ICON,
    between: &[SENTENCE, STOP, between(":<>=/", ALPHA, ALPHA), BRACKET],
    ..DANISH
};

pub const FINNISH: Rules = Rules {
    suffixes: MARKS | QUOTE | ICONS | DASH,
    possessive: false,
    between: &[SENTENCE, STOP, BRACKET, between("<>=/", ALPHA | DIGIT, ALPHA)],
    hyphens: None,
    own_infix: Some(marks::long_hyphen),
    ..BASE
};

pub const FRENCH: Rules = Rules {
    own_prefix: Some(compounds::elided_article),
    suffixes: MARKS | QUOTES,
    possessive: false,
    dot_after: DIGIT | LOWER | PERCENT | POWER | HYPHEN | QUOTES | GROUP,
    own_suffix: Some(compounds::inverted_pronoun),
    whole: Some(compounds::is_compound),
    elision: ALPHA,
    ..BASE
};

/// French infixes, base affixes.
pub const LIGURIAN: Rules = Rules { elision: ALPHA, ..BASE };

pub const ITALIAN: Rules =
    Rules { own_prefix: Some(marks::italian_prefix), hyphens: Some((ALPHA, LOWER)), elision: ALPHA | DIGIT | DOUBLE_QUOTE, ..BASE };

pub const CATALAN: Rules = Rules {
    prefixes: BASE.prefixes | HYPHEN,
    suffixes: BASE.suffixes | HYPHEN,
    possessive: false,
    units: Units::ButPercent,
    hyphens: None,
    elision: ALPHA | DIGIT,
    own_infix: Some(clitics::catalan),
    ..BASE
};

pub const SPANISH: Rules = Rules {
    possessive: false,
    units: Units::ButPercent,
    dot_after: BASE.dot_after | DASH,
    between: &[between("+*^", DIGIT, DIGIT | HYPHEN), between(".", LOWER | QUOTES | DASH, UPPER | QUOTES | DASH), COMMA, RELATION],
    hyphens: None,
    ..BASE
};

pub const PORTUGUESE: Rules = Rules { own_prefix: Some(clitics::portuguese_prefix), own_infix: Some(clitics::portuguese), ..BASE };

pub const ROMANIAN: Rules = Rules {
    own_prefix: Some(clitics::romanian_prefix),
    suffixes: MARKS | QUOTES | ICON | DASH,
    possessive: false,
    units: Units::None,
    own_suffix: Some(clitics::romanian_suffix),
    icons: ICON,
    between: &[between("+*^", DIGIT, DIGIT | HYPHEN), QUOTED_SENTENCE, COMMA, between(":<>=", ALPHA | DIGIT, ALPHA)],
    hyphens: None,
    ..BASE
};

pub const SLOVENIAN: Rules = Rules {
    prefixes: BASE.prefixes,
    plus_before: false,
    own_prefix: Some(clitics::slovenian_prefix),
    suffixes: MARKS | QUOTES | ICONS,
    possessive: false,
    dot_after: LOWER | PERCENT | POWER | HYPHEN | MARKS | BAR | QUOTES,
    own_suffix: Some(clitics::slovenian_suffix),
    between: &[between("+-*^", DIGIT, DIGIT | HYPHEN), between(".", LOWER | QUOTE, UPPER | QUOTE), COMMA, RELATION],
    hyphens: None,
    own_infix: Some(clitics::slovenian),
    ..BASE
};

pub const SERBIAN: Rules = Rules {
    suffixes: MARKS | QUOTES | ICONS,
    possessive: false,
    dot_after: ALPHA | PERCENT | POWER | HYPHEN | MARKS | BAR | QUOTES,
    capitals: false,
    hyphens: None,
    ..BASE
};

pub const LITHUANIAN: Rules =
    Rules { dot_after: u32::MAX, between: &[between("+*^", DIGIT, DIGIT | HYPHEN), QUOTED_SENTENCE, COMMA, RELATION], ..BASE };

pub const POLISH: Rules = Rules {
    own_prefix: Some(clitics::polish_prefix),
    suffixes: MARKS | QUOTES | ICONS,
    possessive: false,
    dot_after: u32::MAX,
    dots: false,
    own_suffix: Some(marks::polish_suffix),
    between: &[between(".", ALPHA | DIGIT, UPPER | DIGIT), STOP, between(":<>=/", ALPHA, ALPHA), between(BRACKETS, ALPHA, ALPHA | HYPHEN)],
    hyphens: None,
    own_infix: Some(marks::any_hyphen),
    ..BASE
};

pub const HUNGARIAN: Rules = Rules {
    prefixes: MARKS | QUOTES,
    plus_before: false,
    own_prefix: Some(marks::hungarian_prefix),
    suffixes: MARKS | QUOTES,
    possessive: false,
    units: Units::ButPercent,
    money: MONEY,
    dot_after: LOWER | PERCENT | POWER | HYPHEN | QUOTES | GROUP | MONEY,
    capitals: false,
    own_suffix: Some(marks::hungarian_suffix),
    whole: Some(numbers::is_hungarian_number),
    icons: 0,
    between: &[SENTENCE, STOP, between(":<>=", ALPHA, ALPHA), between(BRACKETS, ALPHA, ALPHA | HYPHEN)],
    hyphens: None,
    double_hyphen: true,
    ..BASE
};

pub const GREEK: Rules = Rules {
    prefixes: MARKS | QUOTES | CURRENCY | ICONS | SIGN | PERCENT,
    plus_before: false,
    own_prefix: Some(greek::prefix),
    suffixes: MARKS | QUOTES | ICONS,
    possessive: false,
    units: Units::ButPercent,
    dot_after: DIGIT | LOWER | POWER | HYPHEN | QUOTES | GROUP,
    own_suffix: Some(greek::suffix),
    between: &[between("+/-*^", DIGIT, DIGIT), SENTENCE, COMMA, between(":<>=/", ALPHA, ALPHA)],
    own_infix: Some(greek::infix),
    ..BASE
};

pub const TURKISH: Rules = Rules { whole: Some(numbers::is_turkish_number), ..BASE };

pub const MALTESE: Rules = Rules {
    own_prefix: Some(maltese::prefix),
    apostrophe: Apostrophe::NotAfterLetter,
    possessive: false,
    dot_after: BASE.dot_after | UPPER,
    whole: Some(maltese::whole),
    hyphens: None,
    ..BASE
};

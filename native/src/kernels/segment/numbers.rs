//! Numbers, dates and times that Hungarian and Turkish keep whole, with their endings.

use super::chunk::{ALPHA, Char, DIGIT, LOWER, run, spells};
use super::rules::REACH;

fn digits(span: &[Char]) -> usize {
    run(span, |c| c.has(DIGIT))
}

/// A number with a sign if `signed`, its digits grouped by one of `marks`: length, 0 for none.
fn number(span: &[Char], signed: bool, marks: &str) -> usize {
    let sign = usize::from(signed && span.first().is_some_and(|c| c.one_of("+-")));
    let mut length = digits(&span[sign..]);
    if length == 0 {
        return 0;
    }
    length += sign;
    while span.get(length).is_some_and(|c| c.one_of(marks)) {
        let group = digits(&span[length + 1..]);
        if group == 0 {
            break;
        }
        length += 1 + group;
    }
    length
}

/// What stands before an ending of lower-case letters that `mark` joins.
fn without_ending(span: &[Char], mark: char) -> Option<&[Char]> {
    let at = span.iter().rposition(|c| !c.has(LOWER))?;
    (span[at].is(mark) && at + 1 < span.len()).then(|| &span[..at])
}

/// Calculations, times, ordinals and dates, currencies, with an ending behind a hyphen or without.
pub fn is_hungarian_number(span: &[Char]) -> bool {
    if span.len() > REACH {
        return false;
    }
    let is = |body: &[Char]| is_calculation(body) || is_time(body) || is_ordinal(body) || is_currency(body);
    is(span) || without_ending(span, '-').is_some_and(is)
}

fn is_calculation(span: &[Char]) -> bool {
    let mut at = number(span, true, ",.");
    if at == 0 {
        return false;
    }
    while at < span.len() {
        let next = if span[at].one_of("=<>+-*/^()÷%²") { number(&span[at + 1..], true, ",.") } else { 0 };
        if next == 0 {
            return at + 1 == span.len() && span[at].is('%');
        }
        at += 1 + next;
    }
    true
}

fn is_time(span: &[Char]) -> bool {
    let at = number(span, false, ":");
    let rest = &span[at..];
    at > 0 && (rest.is_empty() || rest[0].is('.') && digits(&rest[1..]) + 1 == rest.len() && rest.len() > 1)
}

fn is_ordinal(span: &[Char]) -> bool {
    let body = match span {
        [body @ .., dot] if dot.is('.') => body,
        _ => span,
    };
    let mut parts = body.split(|c| c.one_of("./-")).rev();
    parts.next().is_some_and(|last| !last.is_empty() && digits(last) == last.len())
        && parts.all(|part| !part.is_empty() && part.iter().all(|c| c.has(DIGIT) || (u32::from('A')..=u32::from('Z')).contains(&c.point)))
}

fn is_currency(span: &[Char]) -> bool {
    matches!(span, [sign] if sign.has(super::chunk::CURRENCY)) || ["US$", "C$", "A$"].into_iter().any(|wanted| spells(span, wanted))
}

/// Numbers, dates, times, Roman numbers, with an ending behind an apostrophe or without; anything that begins with an
/// abbreviation that has one.
pub fn is_turkish_number(span: &[Char]) -> bool {
    let word = run(&span[..span.len().min(REACH)], |c| c.has(ALPHA));
    if let (true, [dot, mark, letter, ..]) = (word > 0, &span[word..])
        && dot.is('.')
        && mark.is('\'')
        && letter.has(LOWER)
    {
        return true;
    }
    if span.len() > REACH {
        return false;
    }
    let is = |body: &[Char]| {
        is_turkish_date(body)
            || is_dashed(body)
            || number(body, true, ",.") == body.len()
            || number(body, false, ":") == body.len()
            || is_roman(body)
            || matches!(body, [number @ .., dot] if dot.is('.') && (digits(number) == number.len() || is_roman(number)))
    };
    is(span) || without_ending(span, '\'').is_some_and(is)
}

fn is_turkish_date(span: &[Char]) -> bool {
    let short = |at: usize, marks: &str| {
        let length = digits(&span[at..]);
        ((1..=2).contains(&length) && span.get(at + length).is_some_and(|c| c.one_of(marks))).then_some(at + length + 1)
    };
    let year = short(0, "./-").and_then(|at| short(at, "./-")).unwrap_or(0);
    if span.len() == year + 4 && digits(&span[year..]) == 4 {
        return true;
    }
    short(0, "./").is_some_and(|at| {
        let length = digits(&span[at..]);
        let rest = &span[at + length..];
        (1..=2).contains(&length) && (rest.is_empty() || rest.len() == 1 && rest[0].is('.'))
    })
}

/// Letters or digits, a slash, digits; or digits, a slash, a letter.
fn is_dashed(span: &[Char]) -> bool {
    let Some(slash) = span.iter().position(|c| c.is('/')) else { return false };
    let (first, rest) = (&span[..slash], &span[slash + 1..]);
    if first.is_empty() || rest.is_empty() || !first.iter().all(|c| c.has(ALPHA | DIGIT)) {
        return false;
    }
    digits(rest) == rest.len() || digits(first) == first.len() && rest.len() == 1 && rest[0].has(ALPHA)
}

/// A Roman number below 4000; the empty one too.
fn is_roman(span: &[Char]) -> bool {
    let mut rest = &span[run(&span[..span.len().min(3)], |c| c.is('M'))..];
    for (one, five, ten) in [('C', 'D', 'M'), ('X', 'L', 'C'), ('I', 'V', 'X')] {
        rest = match rest {
            [first, second, tail @ ..] if first.is(one) && (second.is(ten) || second.is(five)) => tail,
            _ => {
                let tail = &rest[usize::from(rest.first().is_some_and(|c| c.is(five)))..];
                &tail[run(&tail[..tail.len().min(3)], |c| c.is(one))..]
            }
        };
    }
    rest.is_empty()
}

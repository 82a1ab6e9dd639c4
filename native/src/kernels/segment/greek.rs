//! Greek: numbers, dates, addresses and compounds with hyphens, which other languages cut otherwise.

use super::chunk::{ALPHA, Char, DIGIT, run};
use super::rules::REACH;

fn near(span: &[Char]) -> &[Char] {
    &span[..span.len().min(REACH)]
}

fn digits(span: &[Char]) -> usize {
    run(near(span), |c| c.has(DIGIT))
}

fn is_latin(c: Char) -> bool {
    c.point < 0x80 && c.has(ALPHA)
}

fn latin(span: &[Char]) -> usize {
    run(near(span), is_latin)
}

/// Greek letters but capitals with an accent.
fn is_greek(c: Char) -> bool {
    matches!(c.point, 0x390..=0x3CE) && !matches!(c.point, 0x3AA | 0x3AB)
}

fn is_greek_or_capital(c: Char) -> bool {
    is_greek(c) || matches!(c.point, 0x386 | 0x388 | 0x38A)
}

fn in_compound(c: Char) -> bool {
    is_greek_or_capital(c) || matches!(c.point, 0x38C..=0x3A9)
}

fn is(span: &[Char], at: usize, wanted: char) -> bool {
    span.get(at).is_some_and(|c| c.is(wanted))
}

/// Length of `mark` and what a count says stands behind it, if anything does.
fn joined(span: &[Char], mark: char, count: impl Fn(&[Char]) -> usize) -> usize {
    if !is(span, 0, mark) {
        return 0;
    }
    match count(&span[1..]) {
        0 => 0,
        length => length + 1,
    }
}

/// How long the parts that `part` finds one after the other are.
fn repeated(span: &[Char], part: impl Fn(&[Char]) -> usize) -> usize {
    let mut length = 0;
    loop {
        match part(&span[length..]) {
            0 => return length,
            more => length += more,
        }
    }
}

pub fn prefix(span: &[Char]) -> usize {
    let greek = run(near(span), is_greek);
    let named = run(near(span), is_greek_or_capital);
    match char::from_u32(span[0].point) {
        Some('\'') => {
            let year = |span: &[Char]| if is(span, 0, '\'') && digits(&span[1..]) >= 2 { 3 } else { 0 };
            let word = run(near(&span[1..]), is_greek);
            match year(span) {
                _ if is(span, 1, '\'') => 2,
                0 if word > 0 && is(span, word + 1, '\'') => word + 2,
                0 => 0,
                first => first + repeated(&span[first..], |rest| joined(rest, '-', year)),
            }
        }
        Some('+') => {
            let number = digits(&span[1..]);
            if number > 0 && is(span, number + 1, '%') { number + 2 } else { 0 }
        }
        Some('-') => {
            let whole = digits(&span[1..]);
            let part = span.get(whole + 1..).map_or(0, |rest| joined(rest, '.', digits));
            if (1..=9).contains(&whole) && part > 0 { 1 + whole + part.min(10) } else { 0 }
        }
        Some('$') => match joined(span, '$', digits) {
            0 => 0,
            price => price + joined(&span[price..], ',', digits).max(joined(&span[price..], '.', digits)),
        },
        Some('h') => address(span),
        _ if (1..=3).contains(&greek) && is(span, greek, '\'') => greek + 1,
        _ if named > 0 && is(span, named, '*') => named + 1,
        _ => 0,
    }
}

/// `http://www.some-name.gr/path.html`, the name with a hyphen.
fn address(span: &[Char]) -> usize {
    if !"http://www".chars().zip(span).all(|(wanted, c)| c.is(wanted)) || span.len() < 15 {
        return 0;
    }
    let first = latin(&span[11..]);
    let mut length = 11 + first;
    let second = joined(&span[length..], '-', latin);
    length += second;
    let domain = repeated(&span[length..], |rest| joined(rest, '.', latin));
    if first == 0 || second == 0 || domain == 0 {
        return 0;
    }
    length += domain;
    length += repeated(&span[length..], |rest| joined(rest, '/', latin));
    length + repeated(&span[length..], |rest| joined(rest, '.', latin))
}

pub fn suffix(span: &[Char]) -> usize {
    let Some((last, rest)) = span.split_last() else { return 0 };
    let number = |span: &[Char]| span.iter().rev().take(REACH).take_while(|c| c.has(DIGIT)).count();
    let before = rest.last().copied();
    match char::from_u32(last.point) {
        Some('\'') => 1 + number(rest).max(usize::from(before.is_some_and(is_latin))),
        Some('&') if number(rest) > 0 => 1 + number(rest),
        Some(')') if rest.len() == 1 && rest[0].has(DIGIT) => 2,
        Some('-') => usize::from(before.is_some_and(is_greek)),
        Some('.') => {
            let ordinal = (1..=2).contains(&rest.len()) && number(rest) == rest.len();
            let initial = matches!(rest, [letter] if matches!(letter.point, 0x391..=0x3A9));
            if ordinal || initial { span.len() } else { usize::from(before.is_some_and(is_greek)) }
        }
        Some('g') if before.is_some_and(|c| c.is('m')) => match number(&rest[..rest.len() - 1]) {
            0 => 0,
            digits => digits + 2,
        },
        Some('m') => {
            let part = number(rest);
            let whole = &rest[..rest.len() - part];
            match whole.split_last() {
                Some((dot, whole)) if part > 0 && dot.is('.') && number(whole) > 0 => number(whole) + part + 2,
                _ => 0,
            }
        }
        _ if in_compound(*last) => compound(span),
        _ => 0,
    }
}

/// `πρώτος-δεύτερος` at the end.
fn compound(span: &[Char]) -> usize {
    let back = |from: usize| span[..from].iter().rev().take(REACH).take_while(|&&c| in_compound(c)).count();
    let mut start = span.len() - back(span.len());
    let mut hyphens = 0;
    while start > 1 && span[start - 1].is('-') && span.len() - start < REACH {
        match back(start - 1) {
            0 => break,
            letters => start -= letters + 1,
        }
        hyphens += 1;
    }
    if hyphens > 0 { span.len() - start } else { 0 }
}

/// What holds together: its length from `at` on.
pub fn infix(span: &[Char], at: usize) -> Option<usize> {
    let rest = &span[at..];
    let length = if is_latin(rest[0]) && !(at > 0 && is_latin(span[at - 1])) {
        words(rest)
    } else if rest[0].has(DIGIT) {
        let begins = !(at > 0 && span[at - 1].has(DIGIT));
        match if begins { numbers(rest) } else { 0 } {
            0 => date(rest),
            length => length,
        }
    } else {
        0
    };
    (length > 0).then_some(length)
}

/// `a/b/c`, an e-mail address, `a-b`.
fn words(span: &[Char]) -> usize {
    let first = latin(span);
    let rest = &span[first..];
    let second = joined(rest, '/', latin);
    let third = if second > 0 { joined(&rest[second..], '/', latin) } else { 0 };
    if third > 0 {
        return first + second + third;
    }
    let hyphens = |span: &[Char]| repeated(span, |rest| joined(rest, '-', latin));
    let host = joined(rest, '@', latin);
    if host > 0 {
        let host = host + hyphens(&rest[host..]);
        let end = joined(&rest[host..], '.', latin);
        return if end > 0 { first + host + end } else { 0 };
    }
    match hyphens(rest) {
        0 => 0,
        more => first + more,
    }
}

/// `10.9-6`, `1,5-2,5`, `1ης-2`.
fn numbers(span: &[Char]) -> usize {
    let span = near(span);
    let first = digits(span);
    let ranges = |span: &[Char]| repeated(span, |rest| joined(rest, '-', digits));
    let dotted = first + repeated(&span[first..], |rest| joined(rest, '.', digits));
    let range = ranges(&span[dotted..]);
    if range > 0 {
        return dotted + range;
    }
    let rest = &span[first..];
    let decimals = joined(rest, ',', digits);
    let from = if decimals > 0 { joined(&rest[decimals..], '-', digits) } else { 0 };
    let last = if from > 0 { joined(&rest[decimals + from..], ',', digits) } else { 0 };
    if last > 0 {
        return first + decimals + from + last;
    }
    let ending = run(near(rest), |c| c.one_of("ης"));
    let range = if ending > 0 { ranges(&rest[ending..]) } else { 0 };
    if range > 0 { first + ending + range } else { 0 }
}

/// `15/2`, `2017/2/15`.
fn date(span: &[Char]) -> usize {
    let first = run(&span[..span.len().min(5)], |c| c.has(DIGIT));
    if first > 4 || !is(span, first, '/') {
        return 0;
    }
    let some = |at: usize, most: usize| run(&span[at..span.len().min(at + most)], |c| c.has(DIGIT));
    let second = some(first + 1, 2);
    if second == 0 {
        return 0;
    }
    let length = first + 1 + second;
    if is(span, length, '/') { length + 1 + some(length + 1, 4) } else { length }
}

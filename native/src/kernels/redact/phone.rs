//! Telephone numbers: international ones by ITU-T E.164, national ones where a context word stands before them.

use super::chain::{letter_follows, separator};

/// Calling code, country, trunk prefix of national numbers, shortest and longest number without either.
type Plan = (&'static str, &'static str, &'static str, usize, usize);

/// Numbering plans of Europe, as the national authorities have notified them to the ITU.
#[rustfmt::skip]
const PLANS: &[Plan] = &[
    ("30", "gr", "", 10, 10), ("31", "nl", "0", 9, 10), ("32", "be", "0", 8, 9), ("33", "fr", "0", 9, 9), ("34", "es", "", 9, 9),
    ("351", "pt", "", 9, 9), ("352", "lu", "", 4, 11), ("353", "ie", "0", 7, 10), ("354", "is", "", 7, 9), ("355", "al", "0", 6, 9),
    ("356", "mt", "", 8, 8), ("357", "cy", "", 8, 8), ("358", "fi", "0", 5, 12), ("359", "bg", "0", 6, 9), ("36", "hu", "06", 8, 9),
    ("370", "lt", "8", 8, 8), ("371", "lv", "", 8, 8), ("372", "ee", "", 7, 8), ("373", "md", "0", 8, 8), ("375", "by", "80", 9, 10),
    ("380", "ua", "0", 9, 9), ("381", "rs", "0", 6, 12), ("382", "me", "0", 8, 9), ("383", "xk", "0", 8, 9), ("385", "hr", "0", 7, 9),
    ("386", "si", "0", 7, 8), ("387", "ba", "0", 8, 9), ("389", "mk", "0", 8, 8), ("39", "it", "", 6, 11), ("40", "ro", "0", 9, 9),
    ("41", "ch", "0", 9, 9), ("420", "cz", "", 9, 9), ("421", "sk", "0", 9, 9), ("423", "li", "", 7, 9), ("43", "at", "0", 4, 13),
    ("44", "gb", "0", 9, 10), ("45", "dk", "", 8, 8), ("46", "se", "0", 7, 10), ("47", "no", "", 8, 8), ("48", "pl", "", 9, 9),
    ("49", "de", "0", 5, 13), ("1", "us", "", 10, 10), ("7", "ru", "8", 10, 10), ("90", "tr", "0", 10, 10), ("374", "am", "0", 8, 8),
    ("376", "ad", "", 6, 9), ("377", "mc", "", 8, 9), ("378", "sm", "", 6, 10), ("350", "gi", "", 8, 8), ("298", "fo", "", 6, 6),
    ("995", "ge", "0", 9, 9),
];

/// The other zones of the world: first digits of calling codes.
const ZONES: &[&str] = &["2", "5", "6", "8", "9"];

/// A number read from the text.
pub struct Phone {
    pub end: usize,
    pub digits: Vec<u8>,
    pub international: bool,
}

/// Digits with up to three separators or brackets between them. `(0)` behind a country code is not dialled.
fn read(text: &[u8], from: usize, to: usize) -> Option<(Vec<u8>, Vec<usize>)> {
    let (mut digits, mut ends, mut at) = (Vec::with_capacity(16), Vec::with_capacity(16), from);
    let mut open = text[from.saturating_sub(4)..from].contains(&b'(');
    loop {
        while at < to && text[at].is_ascii_digit() {
            if digits.len() == 17 {
                // Whole groups are left: a later number may follow behind a space.
                let whole = (1..17).rev().find(|&count| ends[count] > ends[count - 1] + 1)?;
                digits.truncate(whole);
                ends.truncate(whole);
                return Some((digits, ends));
            }
            digits.push(text[at]);
            at += 1;
            ends.push(at);
        }
        let mut next = at;
        for _ in 0..3 {
            next += match text.get(next).filter(|_| next < to) {
                Some(b')') if open && digits.len() <= 7 => {
                    open = false;
                    1
                }
                Some(b'(') if closes(text, next + 1) => {
                    open = true;
                    1
                }
                _ => separator(&text[next.min(to)..to]).map_or(0, |(_, bytes)| bytes),
            };
        }
        if next == at || next >= to || !text[next].is_ascii_digit() {
            let word = text.get(at).is_some_and(u8::is_ascii_alphanumeric) || letter_follows(text, at);
            return (!word).then_some((digits, ends));
        }
        if text[at..next].ends_with(b"(") && text[next..to].starts_with(b"0)") {
            at = next + 2;
            open = false;
            while let Some((_, bytes)) = separator(&text[at.min(to)..to]) {
                at += bytes;
            }
        } else {
            at = next;
        }
    }
}

/// Whether a bracket or a second separator stands between the group that ends at `at` and more digits.
pub fn goes_on(text: &[u8], at: usize, to: usize) -> bool {
    let mark = |at: usize| match text.get(at).filter(|_| at < to) {
        Some(b'(' | b')') => 1,
        _ => separator(&text[at.min(to)..to]).map_or(0, |(_, bytes)| bytes),
    };
    let first = mark(at);
    first > 0 && (text[at] == b')' || mark(at + first) > 0)
}

/// One to five digits and a closing bracket.
fn closes(text: &[u8], from: usize) -> bool {
    let digits = text[from..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    (1..=5).contains(&digits) && text.get(from + digits) == Some(&b')')
}

/// A number at `from`, which is behind the `+` or `00` that makes it international.
pub fn international(text: &[u8], from: usize, to: usize) -> Option<Phone> {
    let (digits, ends) = read(text, from, to)?;
    // A second number may follow behind a space: the longest that fits a plan is taken.
    let shortest = digits.len().min(7);
    (shortest..=digits.len().min(15)).rev().find(|&count| is_end(&ends, count) && is_dialled(&digits[..count])).map(|count| Phone {
        end: ends[count - 1],
        digits: digits[..count].to_vec(),
        international: true,
    })
}

/// Whether a group ends behind so many digits.
fn is_end(ends: &[usize], count: usize) -> bool {
    ends.get(count).is_none_or(|next| *next > ends[count - 1] + 1)
}

fn is_dialled(digits: &[u8]) -> bool {
    if let Some((code, .., least, most)) = PLANS.iter().find(|(code, ..)| digits.starts_with(code.as_bytes())) {
        return (*least.max(&5)..=*most).contains(&(digits.len() - code.len()));
    }
    ZONES.iter().any(|zone| digits.starts_with(zone.as_bytes())) && (9..=15).contains(&digits.len())
}

/// A national number of one of the countries at `from`; the caller has found its context word.
pub fn national(text: &[u8], from: usize, to: usize, countries: &[String]) -> Option<Phone> {
    let (digits, ends) = read(text, from, to)?;
    let fits = |count: usize| {
        let number = &digits[..count];
        PLANS.iter().filter(|(_, country, ..)| countries.is_empty() || countries.iter().any(|own| own == country)).any(
            |(_, _, trunk, least, most)| {
                match number.strip_prefix(trunk.as_bytes()) {
                    // Numbers without an area code or trunk prefix are dialled, and written, too.
                    Some(rest) => (*least.max(&6)..=*most).contains(&rest.len()),
                    None => (6..=8).contains(&number.len()),
                }
            },
        )
    };
    let count = (6..=digits.len().min(15)).rev().find(|&count| is_end(&ends, count) && fits(count))?;
    let written = &text[from..ends[count - 1]];
    (!is_date(written) && !is_years(&digits[..count], &ends)).then(|| Phone {
        end: ends[count - 1],
        digits: digits[..count].to_vec(),
        international: false,
    })
}

/// `31.12.2024`, `2024-12-31`, `31/12/24`.
fn is_date(written: &[u8]) -> bool {
    let mark = match written.iter().find(|byte| !byte.is_ascii_digit()) {
        Some(mark @ (b'.' | b'-' | b'/')) => *mark,
        _ => return false,
    };
    let parts: Vec<&[u8]> = written.split(|&byte| byte == mark).collect();
    let value = |part: &[u8]| part.iter().fold(0_u32, |sum, &byte| sum * 10 + u32::from(byte.wrapping_sub(b'0')));
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    match *lengths {
        [1 | 2, 1 | 2, 2 | 4] => value(parts[0]) <= 31 && value(parts[1]) <= 31,
        [4, 2, 2] => value(parts[1]) <= 12 && value(parts[2]) <= 31,
        _ => false,
    }
}

/// Two years with something between them.
fn is_years(digits: &[u8], ends: &[usize]) -> bool {
    let year = |digits: &[u8]| matches!(&digits[..2], b"19" | b"20");
    digits.len() == 8 && ends[4] > ends[3] + 1 && year(&digits[..4]) && year(&digits[4..])
}

/// Numbers kept free for film and print, by calling code: international, national, and what all of them begin with.
/// Sources: Bundesnetzagentur (drama numbers), ARCEP decision 2018-0881, Ofcom, PTS, NANPA (555-01XX).
const FICTIONAL: &[(&str, &str, &str, &str)] = &[
    ("49", "+49 30 23125000", "030 23125000", "3023125"),
    ("33", "+33 1 99 00 00 00", "01 99 00 00 00", "19900"),
    ("44", "+44 20 7946 0000", "020 7946 0000", "2079460"),
    ("46", "+46 8 465 004 00", "08-465 004 00", "8465004"),
    ("1", "+1 202-555-0100", "+1 202-555-0100", "20255501"),
];

/// A number of the same country, if it keeps some for this, else of North America.
pub fn fictional(phone: &Phone, countries: &[String]) -> &'static str {
    let row = FICTIONAL.iter().find(|(code, ..)| {
        if phone.international {
            return phone.digits.starts_with(code.as_bytes());
        }
        PLANS.iter().any(|(own, country, ..)| own == code && countries.first().is_some_and(|first| first == country))
    });
    let (_, international, national, _) = row.unwrap_or(&FICTIONAL[FICTIONAL.len() - 1]);
    if phone.international { international } else { national }
}

pub fn is_fictional(phone: &Phone) -> bool {
    FICTIONAL.iter().any(|(code, _, _, start)| {
        let rest = if phone.international {
            phone.digits.strip_prefix(code.as_bytes())
        } else {
            Some(phone.digits.strip_prefix(b"0").unwrap_or(&phone.digits))
        };
        rest.is_some_and(|rest| rest.starts_with(start.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abroad(text: &str) -> Option<&str> {
        international(text.as_bytes(), 1, text.len()).map(|phone| &text[..phone.end])
    }

    fn home(text: &str) -> Option<&str> {
        national(text.as_bytes(), 0, text.len(), &["de".to_owned()]).map(|phone| &text[..phone.end])
    }

    #[test]
    fn international_numbers() {
        for text in [
            "+49 30 901820",
            "+49 (0)30 901820",
            "+49(0)30/901820",
            "+33 1 42 34 56 78",
            "+420 601 123 456",
            "+1 (201) 555-0123",
            "+972-3-1234567",
        ] {
            assert_eq!(abroad(text), Some(text));
        }
        assert_eq!(abroad("+33 1 42 34 56 78 12"), Some("+33 1 42 34 56 78"));
        for text in ["+49 12", "+12 345", "+33 1 42 34 56 789", "+0 123 456 789"] {
            assert_eq!(abroad(text), None, "{text}");
        }
    }

    #[test]
    fn national_numbers_are_no_dates() {
        for text in ["030 901820", "(030) 901820", "0171/1234567", "901820"] {
            let from = usize::from(text.starts_with('('));
            assert!(national(text.as_bytes(), from, text.len(), &["de".to_owned()]).is_some(), "{text}");
        }
        for text in ["31.12.2024", "2024-12-31", "2019 - 2020", "1234"] {
            assert_eq!(home(text), None, "{text}");
        }
    }

    #[test]
    fn fictional_numbers_are_known_as_such() {
        for (_, international_form, national_form, _) in FICTIONAL {
            let phone = international(international_form.as_bytes(), 1, international_form.len()).unwrap();
            assert!(is_fictional(&phone), "{international_form}");
            assert_eq!(fictional(&phone, &[]), *international_form);
            if let Some(phone) = national(national_form.as_bytes(), 0, national_form.len(), &[]) {
                assert!(is_fictional(&phone), "{national_form}");
            }
        }
    }
}

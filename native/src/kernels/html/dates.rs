//! Dates as pages write them, to ISO 8601: `2024-11-05`, or with a time `2024-11-05T09:30:00+01:00`. What names no day gives nothing.
//!
//! No clock is read: a date is right if its year lies between 1990 and 2099, whatever today is.

use super::months;

/// Longer texts are no dates, and time stays linear in the page however many there are.
const TEXT_BYTES: usize = 256;

#[derive(Clone, Copy)]
struct Day {
    year: u32,
    month: u32,
    of_month: u32,
}

impl Day {
    fn checked(year: u32, month: u32, day: u32) -> Option<Day> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = [31, 28 + u32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let fits = (1990..2100).contains(&year) && days.get(month.wrapping_sub(1) as usize).is_some_and(|&last| (1..=last).contains(&day));
        fits.then_some(Day { year, month, of_month: day })
    }

    fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

/// The first date in a value or a short text. `language` is `<html lang>`: it decides what `04/05/2024` and `lipca` mean.
pub fn find(text: &str, language: &str) -> Option<String> {
    let text = text.get(..text.floor_char_boundary(TEXT_BYTES)).unwrap_or(text);
    let parts = split(text);
    (0..parts.len()).find_map(|i| at(text, &parts[i..], language))
}

/// `/2024/11/05/`, `/2024-11-05-`, `/20241105/` in the path of an address.
pub fn in_url(url: &str) -> Option<String> {
    let url = &url[url.find("://").map_or(0, |scheme| scheme + 3)..];
    let path = url[url.find('/')?..].split(['?', '#']).next()?;
    let parts = split(path.get(..path.floor_char_boundary(1024))?);
    parts.windows(5).find_map(|five| year_first(path, five).filter(|_| path[..five[0].start].ends_with(['/', '-', '_']))).or_else(|| {
        let packed = |part: &Part| (part.kind == Kind::Number && part.text(path).len() == 8).then(|| packed_day(part.text(path)))?;
        parts.iter().filter(|part| path[..part.start].ends_with('/')).find_map(packed).map(Day::iso)
    })
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    Number,
    Word,
    Other,
}

struct Part {
    start: usize,
    end: usize,
    kind: Kind,
}

impl Part {
    fn text<'a>(&self, whole: &'a str) -> &'a str {
        &whole[self.start..self.end]
    }

    fn number(&self, whole: &str) -> Option<u32> {
        if self.kind == Kind::Number { self.text(whole).parse().ok() } else { None }
    }
}

/// Numbers, words, and what stands between them.
fn split(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (start, character) in text.char_indices() {
        let kind = match character {
            '0'..='9' => Kind::Number,
            _ if character.is_alphabetic() => Kind::Word,
            _ => Kind::Other,
        };
        match parts.last_mut() {
            Some(last) if last.kind == kind => last.end = start + character.len_utf8(),
            _ => parts.push(Part { start, end: start + character.len_utf8(), kind }),
        }
    }
    parts
}

fn at(text: &str, parts: &[Part], language: &str) -> Option<String> {
    if let [only, ..] = parts
        && only.kind == Kind::Number
        && matches!(only.text(text).len(), 8 | 14)
        && let Some(day) = packed_day(only.text(text))
    {
        return Some(day.iso());
    }
    year_first(text, parts).or_else(|| numbers(text, parts, language)).or_else(|| words(text, parts, language)).map(|date| {
        // A time only where it follows at once, in ISO's order.
        if parts[0].text(text).len() == 4 && parts.len() > 5 { date + &time(text, &parts[5..]) } else { date }
    })
}

fn packed_day(digits: &str) -> Option<Day> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse().ok();
    Day::checked(number(0, 4)?, number(4, 6)?, number(6, 8)?)
}

/// `2024-11-05`, with `/` or `.` too.
fn year_first(text: &str, parts: &[Part]) -> Option<String> {
    let [year, first, month, second, day, ..] = parts else { return None };
    let mark = first.text(text);
    let fits = year.text(text).len() == 4 && matches!(mark, "-" | "/" | "." | ". ") && second.text(text) == mark;
    let day = Some(day).filter(|day| fits && day.text(text).len() <= 2 && month.text(text).len() <= 2)?;
    Day::checked(year.number(text)?, month.number(text)?, day.number(text)?).map(Day::iso)
}

/// `5.11.2024`, `05/11/2024`, `5. 11. 2024`, `05.11.24`. The day comes first but in American English.
fn numbers(text: &str, parts: &[Part], language: &str) -> Option<String> {
    let [first, one, second, two, year, rest @ ..] = parts else { return None };
    let mark = one.text(text).trim();
    let is_mark = matches!(mark, "." | "/" | "-" | ".\u{a0}") && two.text(text).trim() == mark;
    // `1.2.2024.5` is a version.
    let ends = !(rest.len() > 1 && rest[0].text(text) == "." && rest[1].kind == Kind::Number);
    let short = |part: &Part| part.text(text).len() <= 2;
    if !is_mark || !ends || !short(first) || !short(second) {
        return None;
    }
    let year = match year.text(text).len() {
        4 => year.number(text)?,
        2 if mark == "." => 2000 + year.number(text)?,
        _ => return None,
    };
    let (first, second) = (first.number(text)?, second.number(text)?);
    let american = mark == "/" && matches!(language.to_ascii_lowercase().as_str(), "en" | "en-us" | "en_us" | "");
    let (day, month) = if american { (second, first) } else { (first, second) };
    Day::checked(year, month, day).or_else(|| Day::checked(year, day, month)).map(Day::iso)
}

/// `5 November 2024`, `5. listopadu 2024`, `5 de noviembre de 2024`, `November 5, 2024`, `2024. november 5.`
fn words(text: &str, parts: &[Part], language: &str) -> Option<String> {
    let mut numbers: [Option<(u32, usize)>; 2] = [None, None];
    let mut month = None;
    // Three parts of a date with separators and small words (`de`, `th`) between.
    for part in parts.iter().take(9) {
        match part.kind {
            Kind::Number => {
                let free = numbers.iter_mut().find(|number| number.is_none())?;
                *free = Some((part.number(text)?, part.text(text).len()));
            }
            Kind::Word => match months::number(part.text(text), language) {
                Some(found) if month.is_none() => month = Some(found),
                _ if matches!(
                    part.text(text),
                    "de" | "del" | "d" | "th" | "st" | "nd" | "rd" | "er" | "o" | "ta" | "a" | "g" | "gada" | "m"
                ) => {}
                _ => return None,
            },
            Kind::Other if part.text(text).contains([':', '|', ';']) => return None,
            Kind::Other => {}
        }
        if let ([Some((first, width)), Some((second, second_width))], Some(month)) = (numbers, month) {
            return match (width, second_width) {
                (1 | 2, 4) => Day::checked(second, month, first),
                (4, 1 | 2) => Day::checked(first, month, second),
                _ => None,
            }
            .map(Day::iso);
        }
    }
    None
}

/// `T09:30:00.123+01:00` after a day, as `T09:30:00+01:00`; nothing if it is not that.
fn time(text: &str, parts: &[Part]) -> String {
    let Some(first) = parts.first() else { return String::new() };
    let rest = text[first.start..].trim_start_matches(['T', 't', ' ']);
    let pair = |at: usize, limit: u32| -> Option<u32> {
        let digits = rest.get(at..at + 2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse().ok().filter(|&number| number <= limit)
    };
    let Some((hours, minutes)) = pair(0, 23).zip(pair(3, 59)).filter(|_| rest.as_bytes()[2] == b':' && rest.len() < text.len()) else {
        return String::new();
    };
    let seconds = if rest.as_bytes().get(5) == Some(&b':') { pair(6, 59) } else { None };
    let mut zone = &rest[if seconds.is_some() { 8 } else { 5 }..];
    if let Some(fraction) = zone.strip_prefix(['.', ',']) {
        zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    format!("T{hours:02}:{minutes:02}:{:02}{}", seconds.unwrap_or(0), offset(zone.trim_start()).unwrap_or_default())
}

fn offset(zone: &str) -> Option<String> {
    if zone.starts_with(['Z', 'z']) || zone.starts_with("UTC") || zone.starts_with("GMT") {
        return Some("Z".to_owned());
    }
    let sign = zone.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    let digits: String = zone[1..].chars().filter(|character| *character != ':').take_while(char::is_ascii_digit).take(4).collect();
    (digits.len() == 4).then(|| format!("{sign}{}:{}", &digits[..2], &digits[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_the_ways_of_europe() {
        for (text, language, date) in [
            ("2024-11-05", "", "2024-11-05"),
            ("2024-11-05T09:30:12.5+0100", "", "2024-11-05T09:30:12+01:00"),
            ("2024-11-05 09:30", "", "2024-11-05T09:30:00"),
            ("2024-11-05T08:30:00Z", "", "2024-11-05T08:30:00Z"),
            ("20241105", "", "2024-11-05"),
            ("Tue, 05 Nov 2024 08:30:00 GMT", "de", "2024-11-05"),
            ("Dienstag, 5. November 2024, 9:30 Uhr", "de", "2024-11-05"),
            ("Stand: 05.11.2024", "de", "2024-11-05"),
            ("am 05.11.24 von A. B.", "de", "2024-11-05"),
            ("04/05/2024", "fr", "2024-05-04"),
            ("04/05/2024", "en-US", "2024-04-05"),
            ("November 5th, 2024", "en", "2024-11-05"),
            ("5 de noviembre de 2024", "es", "2024-11-05"),
            ("1er février 2024", "fr", "2024-02-01"),
            ("5 listopada 2024", "pl", "2024-11-05"),
            ("5. listopada 2024.", "hr", "2024-10-05"),
            ("2024. november 5.", "hu", "2024-11-05"),
            ("2024. gada 5. novembris", "lv", "2024-11-05"),
            ("5 Νοεμβρίου 2024", "el", "2024-11-05"),
            ("5 ноември 2024 г.", "bg", "2024-11-05"),
            ("5. marraskuuta 2024", "fi", "2024-11-05"),
            ("2024 m. lapkričio 5 d.", "lt", "2024-11-05"),
        ] {
            assert_eq!(find(text, language).as_deref(), Some(date), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_gives_none() {
        for text in ["", "2024", "November 2024", "31.02.2024", "version 1.2.2024.5", "12:30", "0000-00-00", "99/99/9999", "5 apples 2024"]
        {
            assert_eq!(find(text, "en"), None, "{text}");
        }
    }

    #[test]
    fn days_in_addresses() {
        assert_eq!(in_url("https://a.example/2024/11/05/muehle").as_deref(), Some("2024-11-05"));
        assert_eq!(in_url("https://a.example/news-2024-11-05-x.html").as_deref(), Some("2024-11-05"));
        assert_eq!(in_url("https://a.example/20241105/x").as_deref(), Some("2024-11-05"));
        assert_eq!(in_url("https://a.example/id/220241105"), None);
        assert_eq!(in_url("https://2024-11-05.example/"), None);
        assert_eq!(in_url("https://a.example/2024/11/"), None);
    }
}

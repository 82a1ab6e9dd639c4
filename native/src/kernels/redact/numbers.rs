//! Everything that has a digit: addresses of machines, accounts, cards, telephones, numbers of people and businesses.

use super::chain::{Chain, LONGEST, Separator, character_before, letter_follows};
use super::context::{CARD, NATIONAL, Near, PHONE, VAT};
use super::document::{BROKEN, Document, OPENING};
use super::identifiers::{self, ByLength};
use super::{Language, Type, addresses, card, iban, phone};

/// Something found: its place and what stands for it in documentation mode.
pub struct Found {
    pub what: Option<Type>,
    pub start: usize,
    pub end: usize,
    pub value: Vec<u8>,
}

/// Redacts `document.text[from..to]`, in which no e-mail address stands.
pub fn redact(document: &mut Document, language: &Language, by_length: &ByLength, chain: &mut Chain, from: usize, to: usize) {
    let text = document.text;
    let mut at = from;
    let mut past_v6 = from;
    while let Some(digit) = next_digit(text, at, to) {
        let end = digit + text[digit..to].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let start = digit - text[at..digit].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let floor = at;
        at = end;
        if let Some((found, looked)) = addresses::find(document, language, start, digit, (past_v6.max(floor), to)) {
            past_v6 = looked;
            if let Some(found) = found {
                at = found.end;
                accept(document, &found);
                continue;
            }
        }
        if end - start > LONGEST || is_inside_word(text, start) || letter_follows(text, end) {
            continue;
        }
        let mut candidate = Candidate { document, language, by_length, chain, floor, to };
        if let Some(found) = candidate.find(start, digit) {
            at = found.end;
            accept(document, &found);
        }
    }
}

fn accept(document: &mut Document, found: &Found) {
    if let Some(what) = found.what {
        document.replace(what, found.start, found.end, &found.value);
    }
}

/// 32 bytes at a time: text between numbers is most of a page.
fn next_digit(text: &[u8], from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    for block in text[from..to].chunks_exact(32) {
        if block.iter().fold(false, |any, byte| any | byte.is_ascii_digit()) {
            break;
        }
        at += 32;
    }
    text[at..to].iter().position(u8::is_ascii_digit).map(|place| at + place)
}

fn is_inside_word(text: &[u8], start: usize) -> bool {
    match start.checked_sub(1).map(|before| text[before]) {
        None => false,
        Some(b'_') => true,
        Some(byte) => byte >= 0x80 && character_before(text, start).is_some_and(char::is_alphanumeric),
    }
}

/// One place at which a number begins.
struct Candidate<'a, 'b> {
    document: &'a mut Document<'b>,
    language: &'a Language,
    by_length: &'a ByLength,
    chain: &'a mut Chain,
    floor: usize,
    to: usize,
}

impl Candidate<'_, '_> {
    fn find(&mut self, start: usize, digit: usize) -> Option<Found> {
        let text = self.document.text;
        if start == digit && start > self.floor && text[start - 1] == b'+' {
            let found = phone::international(text, digit, self.to)?;
            return Some(self.telephone(start, &found, &[b"(+", b"+"]));
        }
        // "DE 123…", "RSS MRA 85T…": groups of capitals before the first digit belong to the number.
        let mut starts = [start; 3];
        for i in 1..3 {
            starts[i] = capitals_before(text, starts[i - 1], self.floor).unwrap_or(starts[i - 1]);
        }
        for i in (0..3).rev() {
            if i > 0 && starts[i] == starts[i - 1] {
                continue;
            }
            if let Some(found) = self.at(starts[i], i == 0) {
                return Some(found);
            }
        }
        None
    }

    /// Whatever begins at `start`. Telephones begin at the first digit.
    fn at(&mut self, start: usize, telephones: bool) -> Option<Found> {
        let text = self.document.text;
        if !self.chain.read(text, start, self.to) || self.chain.groups() == 0 {
            return None;
        }
        if self.chain.digits() < 6 {
            // Brackets and two separators end a chain, but no telephone number: "(030) 90", "030 / 90".
            if !telephones || !phone::goes_on(text, self.chain.end(self.chain.groups()), self.to) {
                return None;
            }
            return self.national(start, &mut None);
        }
        if continues(text, start) {
            return None;
        }
        if let Some(end) = self.blank_end() {
            return Some(Found { what: None, start, end, value: Vec::new() });
        }
        if let Some(found) = self.standing_alone(start) {
            return Some(found);
        }
        let mut near = None;
        if telephones && let Some(found) = self.national(start, &mut near) {
            return Some(found);
        }
        self.named(start, &mut near).or_else(|| if telephones { self.dialled_from_abroad(start, &mut near) } else { None })
    }

    /// What the words before `at` say, read once: most numbers could be nothing that needs them.
    fn before(&mut self, at: usize, near: &mut Option<Near>) -> Near {
        *near.get_or_insert_with(|| self.document.before(&self.language.words, at))
    }

    /// Zeros and X alone are what documentation mode leaves of a number.
    fn blank_end(&self) -> Option<usize> {
        let blank = |groups: &usize| {
            let characters = self.chain.characters(*groups);
            characters.len() >= 7 && characters.iter().all(|byte| matches!(byte, b'0' | b'X'))
        };
        (1..=self.chain.groups()).rev().find(blank).map(|groups| self.chain.end(groups))
    }

    /// What is told by its form and check digits, the longest first.
    fn standing_alone(&self, start: usize) -> Option<Found> {
        let most = self.chain.characters(self.chain.groups());
        let account = if most[0].is_ascii_uppercase() { iban::length(most) } else { None };
        for groups in (1..=self.chain.groups()).rev() {
            let (characters, end) = (self.chain.characters(groups), self.chain.end(groups));
            if !self.ends_at(groups) {
                continue;
            }
            if account == Some(characters.len()) && iban::is_valid(characters) {
                return Some(self.account(start, groups));
            }
            let printed = |patterns: &[&[u8]]| patterns.iter().any(|lengths| lengths.len() == groups && self.chain.is_printed(lengths));
            let length = characters.len();
            if card::stands_alone(length) && printed(card::printed(length)) && card::is_valid(characters) {
                return Some(self.masked(Type::Card, start, end));
            }
            if self.by_length.alone(length).iter().any(|known| printed(known.alone) && (known.check)(characters)) {
                return Some(self.masked(Type::NationalId, start, end));
            }
            if groups == 1 && self.is_prefixed_vat(characters) {
                return Some(self.masked(Type::Vat, start, end));
            }
        }
        None
    }

    fn is_prefixed_vat(&self, characters: &[u8]) -> bool {
        let Some((prefix, rest)) = characters.split_at_checked(2) else { return false };
        prefix[0].is_ascii_uppercase()
            && self.by_length.of(rest.len()).iter().any(|known| {
                known.kinds & identifiers::VAT != 0
                    && (known.prefix.as_bytes() == prefix || (prefix == b"GR" && known.prefix == "EL"))
                    && (known.check)(rest)
            })
    }

    /// What a context word before or behind names, the longest first.
    fn named(&mut self, start: usize, before: &mut Option<Near>) -> Option<Found> {
        for groups in (1..=self.chain.groups()).rev() {
            let (characters, end) = (self.chain.characters(groups), self.chain.end(groups));
            let length = characters.len();
            if !self.ends_at(groups) {
                continue;
            }
            let kinds = self.kinds_of(characters);
            let could_be = [
                (Type::Card, CARD, card::is_valid(characters)),
                (Type::NationalId, NATIONAL, kinds & identifiers::NATIONAL != 0 && length >= 8),
                (Type::Vat, VAT, kinds & identifiers::VAT != 0),
            ];
            if could_be.iter().all(|(.., fits)| !fits) {
                continue;
            }
            let near = self.before(start, before).kinds | self.language.words.after(self.document.text, end, self.to).kinds;
            if let Some((what, ..)) = could_be.iter().find(|(_, word, fits)| *fits && near & word != 0) {
                return Some(self.masked(*what, start, end));
            }
        }
        None
    }

    /// The kinds of number that the characters could be, in one of the language's countries.
    fn kinds_of(&self, characters: &[u8]) -> u8 {
        let countries = &self.language.countries;
        let prefixed = if self.is_prefixed_vat(characters) { identifiers::VAT } else { 0 };
        let own = |country: &str| countries.is_empty() || countries.iter().any(|one| one == country);
        let known = self.by_length.of(characters.len()).iter();
        known.filter(|known| own(known.country()) && (known.check)(characters)).fold(prefixed, |kinds, known| kinds | known.kinds)
    }

    /// Whether nothing goes on behind the first groups but what a new word could be.
    fn ends_at(&self, groups: usize) -> bool {
        if groups < self.chain.groups() {
            return self.chain.separator_before(groups) == Some(Separator::Space);
        }
        let (text, end) = (self.document.text, self.chain.end(groups));
        let next = |ahead: usize| text.get(end + ahead).copied().unwrap_or(b' ');
        // A number, what stands for one, or an address: what replaces it must not change the answer.
        let rest = text.get(end + 1..).unwrap_or_default();
        let number =
            next(1).is_ascii_digit() || rest.starts_with(OPENING) || rest.starts_with(BROKEN) || (end + 1 == self.to && !rest.is_empty());
        let joined = matches!(next(0), b'.' | b',' | b'-' | b'/' | b':') && number;
        let inside = next(0).is_ascii_alphanumeric() || next(0) == b'_';
        !joined && !inside
    }

    /// Zeros for digits and X for letters, what stands between them as it was.
    fn masked(&self, what: Type, start: usize, end: usize) -> Found {
        let masked = |byte: &u8| match byte {
            b'0'..=b'9' => b'0',
            byte if byte.is_ascii_alphabetic() => b'X',
            byte => *byte,
        };
        let value = self.document.text[start..end].iter().map(masked).collect();
        Found { what: Some(what).filter(|&what| self.document.wants(what)), start, end, value }
    }

    fn account(&self, start: usize, groups: usize) -> Found {
        let characters = self.chain.characters(groups);
        let fictional = iban::fictional(&characters[..2]);
        let value = if groups == 1 { fictional } else { fictional.chunks(4).collect::<Vec<_>>().join(&b' ') };
        let what = Some(Type::Iban).filter(|_| self.document.wants(Type::Iban) && !iban::is_fictional(characters));
        Found { what, start, end: self.chain.end(groups), value }
    }

    fn national(&mut self, start: usize, near: &mut Option<Near>) -> Option<Found> {
        let text = self.document.text;
        if !text[start].is_ascii_digit() || follows_number(text, start) || self.before(start, near).nearest & PHONE == 0 {
            return None;
        }
        if let Some(found) = self.dialled_from_abroad(start, near) {
            return Some(found);
        }
        let found = phone::national(text, start, self.to, &self.language.countries)?;
        Some(self.telephone(start, &found, &[b"("]))
    }

    /// `0049 30 …`: beside a context word, or with a gap behind the country.
    fn dialled_from_abroad(&mut self, start: usize, near: &mut Option<Near>) -> Option<Found> {
        let text = self.document.text;
        let rest = text[start..self.to].strip_prefix(b"00")?;
        let skipped = 2 + usize::from(rest.first() == Some(&b' '));
        let spaced = !follows_number(text, start) && self.chain.groups() > 2 && self.chain.characters(1).len() <= 5;
        if !spaced && self.before(start, near).kinds & PHONE == 0 {
            return None;
        }
        let found = phone::international(text, start + skipped, self.to)?;
        Some(self.telephone(start, &found, &[b"("]))
    }

    fn telephone(&mut self, start: usize, found: &phone::Phone, openings: &[&[u8]]) -> Found {
        let what = Some(Type::Phone)
            .filter(|_| self.document.wants(Type::Phone) && !phone::is_fictional(found) && found.digits.iter().any(|&byte| byte != b'0'));
        if what.is_some() {
            let before = &self.document.text[self.floor..start];
            // A bracket that closes behind the number is the sentence's.
            let closed = self.document.text[start..found.end].contains(&b')');
            if let Some(opening) = openings.iter().find(|opening| before.ends_with(opening) && (closed || opening[0] != b'(')) {
                self.document.take_back(start, opening);
            }
        }
        Found { what, start, end: found.end, value: phone::fictional(found, &self.language.countries).as_bytes().to_vec() }
    }
}

/// Whether a number goes on into `start`: `3,14159…`, `2024-0001…`.
fn continues(text: &[u8], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).map_or(b' ', |at| text[at]);
    matches!(before(1), b'.' | b',' | b'-' | b'/' | b':') && (before(2).is_ascii_digit() || text[..start - 1].ends_with(b"|>"))
}

/// Whether a number, or what stands for one, ends one separator before `start`.
fn follows_number(text: &[u8], start: usize) -> bool {
    let opened = text[..start].strip_suffix(b"(").unwrap_or(&text[..start]);
    let spaces = opened.iter().rev().take_while(|&&byte| byte == b' ').count();
    let head = &opened[..opened.len() - spaces];
    let head = head.strip_suffix(&[0xC2, 0xA0]).or_else(|| head.strip_suffix(&[0xE2, 0x80, 0xAF])).unwrap_or(head);
    head.last().is_some_and(u8::is_ascii_digit) || head.ends_with(b"|>")
}

/// Where a group of two or three capitals begins that ends one separator before `start`, and stands by itself.
fn capitals_before(text: &[u8], start: usize, floor: usize) -> Option<usize> {
    let back = match *text.get(start.checked_sub(1)?)? {
        b' ' | b'-' | b'.' | b'/' => 1,
        0xA0 if start > 1 && text[start - 2] == 0xC2 => 2,
        _ => return None,
    };
    let end = start - back;
    let letters = text[floor.min(end)..end].iter().rev().take(4).take_while(|byte| byte.is_ascii_uppercase()).count();
    let begins = end - letters;
    let word = begins > floor && (text[begins - 1].is_ascii_alphanumeric() || is_inside_word(text, begins));
    ((2..=3).contains(&letters) && begins >= floor && !word).then_some(begins)
}

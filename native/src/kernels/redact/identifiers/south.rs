//! Cyprus, Greece, Spain, Italy, Malta, Portugal.

use super::super::checks::{are_digits, digit, is_date, luhn, luhn_digit, number, two, weighted};
use super::{Identifier, NATIONAL, VAT};

#[rustfmt::skip]
pub const IDENTIFIERS: &[Identifier] = &[
    // The tax code of a person and of a business have one form.
    Identifier { name: "cy-vat", kinds: VAT | NATIONAL, prefix: "CY", lengths: &[9], alone: &[], form: "ddddddddA", check: cy_vat },
    Identifier { name: "gr-amka", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[&[11]], form: "ddddddddddd", check: gr_amka },
    Identifier { name: "gr-vat", kinds: VAT | NATIONAL, prefix: "EL", lengths: &[9], alone: &[], form: "ddddddddd", check: gr_vat },
    Identifier { name: "es-dni", kinds: VAT | NATIONAL, prefix: "ES", lengths: &[9], alone: &[], form: "ddddddddA", check: es_nif },
    Identifier { name: "es-cif", kinds: VAT, prefix: "ES", lengths: &[9], alone: &[], form: "Adddddddx", check: es_cif },
    Identifier { name: "it-codicefiscale", kinds: NATIONAL, prefix: "", lengths: &[16], alone: &[&[16], &[3, 3, 5, 5]], form: "AAAAAAddAddAdddA", check: it_fiscal },
    Identifier { name: "it-iva", kinds: VAT, prefix: "IT", lengths: &[11], alone: &[], form: "ddddddddddd", check: it_iva },
    Identifier { name: "mt-id", kinds: NATIONAL, prefix: "", lengths: &[8], alone: &[], form: "dddddddA", check: mt_id },
    Identifier { name: "mt-vat", kinds: VAT, prefix: "MT", lengths: &[8], alone: &[], form: "dddddddd", check: mt_vat },
    Identifier { name: "pt-nif", kinds: VAT | NATIONAL, prefix: "PT", lengths: &[9], alone: &[], form: "ddddddddd", check: pt_nif },
    Identifier { name: "pt-cc", kinds: NATIONAL, prefix: "", lengths: &[12], alone: &[], form: "dddddddddxxd", check: pt_cc },
];

fn cy_vat(n: &[u8]) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    if !are_digits(&n[..8]) || n.starts_with(b"12") {
        return false;
    }
    let sum: u32 = n[..8].iter().enumerate().map(|(i, &byte)| if i % 2 == 0 { ODD[digit(byte) as usize] } else { digit(byte) }).sum();
    u32::from(n[8].wrapping_sub(b'A')) == sum % 26
}

/// Day, month, year of birth, serial, Luhn.
fn gr_amka(n: &[u8]) -> bool {
    are_digits(n) && (is_date(1900 + two(n, 4), two(n, 2), two(n, 0)) || is_date(2000 + two(n, 4), two(n, 2), two(n, 0))) && luhn(n)
}

fn gr_vat(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && weighted(n, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == digit(n[8])
}

fn spanish_letter(value: u64) -> u8 {
    b"TRWAGMYFPDXBNJZSQVHLCKE"[(value % 23) as usize]
}

/// DNI (eight digits and a letter), NIE (X, Y or Z in front), and the K, L and M of people who have neither.
fn es_nif(n: &[u8]) -> bool {
    if !are_digits(&n[1..8]) {
        return false;
    }
    let rest = number(&n[1..8]);
    let value = match n[0] {
        b'0'..=b'9' => u64::from(digit(n[0])) * 10_000_000 + rest,
        b'X'..=b'Z' => u64::from(n[0] - b'X') * 10_000_000 + rest,
        b'K'..=b'M' => rest,
        _ => return false,
    };
    (value > 0 || n[0] > b'9') && spanish_letter(value) == n[8]
}

fn es_cif(n: &[u8]) -> bool {
    let check = if are_digits(&n[1..8]) { luhn_digit(&n[1..8]) } else { return false };
    b"ABCDEFGHJNPQRSUVW".contains(&n[0]) && (n[8] == b'0' + check as u8 || n[8] == b"JABCDEFGHI"[check as usize])
}

const MONTHS: &[u8] = b"ABCDEHLMPRST";

/// A digit, or the letter that stands for it where two people would have had one code.
fn omocode(byte: u8) -> Option<u32> {
    if byte.is_ascii_digit() { Some(digit(byte)) } else { b"LMNPQRSTUV".iter().position(|&letter| letter == byte).map(|at| at as u32) }
}

/// Three letters of a name: consonants, then vowels, then X.
fn name_part(part: &[u8]) -> bool {
    let is_vowel = |byte: &u8| b"AEIOU".contains(byte);
    let vowels = part.iter().position(is_vowel).unwrap_or(part.len());
    part.iter().all(u8::is_ascii_uppercase) && part[vowels..].iter().all(|byte| is_vowel(byte) || *byte == b'X')
}

/// Name, birth date with sex, place, check letter: decree of 12 March 1974, as amended.
fn it_fiscal(n: &[u8]) -> bool {
    const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let value = |byte: u8| if byte.is_ascii_digit() { digit(byte) } else { u32::from(byte - b'A') };
    let Some(month) = MONTHS.iter().position(|&letter| letter == n[8]) else { return false };
    let numbers: Option<Vec<u32>> = [6, 7, 9, 10, 12, 13, 14].iter().map(|&at| omocode(n[at])).collect();
    let Some(numbers) = numbers else { return false };
    let (year, day) = (numbers[0] * 10 + numbers[1], numbers[2] * 10 + numbers[3]);
    let day = if day > 40 { day - 40 } else { day };
    if !name_part(&n[..3]) || !name_part(&n[3..6]) || !matches!(n[11], b'A'..=b'M' | b'Z') || !n[15].is_ascii_uppercase() {
        return false;
    }
    let date = is_date(1900 + year, month as u32 + 1, day) || is_date(2000 + year, month as u32 + 1, day);
    let sum: u32 = n[..15].iter().enumerate().map(|(i, &byte)| if i % 2 == 0 { ODD[value(byte) as usize] } else { value(byte) }).sum();
    date && u32::from(n[15] - b'A') == sum % 26
}

/// Seven digits of the business, three of the province, Luhn.
fn it_iva(n: &[u8]) -> bool {
    are_digits(n) && number(&n[..7]) > 0 && matches!(number(&n[7..10]), 1..=100 | 120 | 121 | 888 | 999) && luhn(n)
}

/// Up to seven digits and a letter for the register; there is no check digit.
fn mt_id(n: &[u8]) -> bool {
    are_digits(&n[..7]) && number(&n[..7]) > 0 && b"ABGHLMPZ".contains(&n[7])
}

fn mt_vat(n: &[u8]) -> bool {
    are_digits(n) && n[0] != b'0' && weighted(n, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37)
}

fn pt_nif(n: &[u8]) -> bool {
    are_digits(n) && n[0] != b'0' && (11 - weighted(n, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == digit(n[8])
}

/// Nine digits, two letters or digits of the document's version, a Luhn digit in which letters count from ten.
fn pt_cc(n: &[u8]) -> bool {
    if !are_digits(&n[..9]) || !n[11].is_ascii_digit() {
        return false;
    }
    let value = |byte: u8| if byte.is_ascii_digit() { digit(byte) } else { u32::from(byte - b'A') + 10 };
    let doubled = |value: u32| if value > 4 { value * 2 - 9 } else { value * 2 };
    let sum: u32 = n.iter().rev().enumerate().map(|(i, &byte)| if i % 2 == 1 { doubled(value(byte)) } else { value(byte) }).sum();
    sum.is_multiple_of(10)
}

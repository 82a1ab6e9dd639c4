//! Austria, Belgium, Germany, France, Ireland, Luxembourg, the Netherlands.

use super::super::checks::{are_digits, digit, is_date, luhn, luhn_sum, mod_11_10, mod_97_10, number, two, verhoeff, weighted};
use super::{Identifier, NATIONAL, VAT};

#[rustfmt::skip]
pub const IDENTIFIERS: &[Identifier] = &[
    Identifier { name: "at-vnr", kinds: NATIONAL, prefix: "", lengths: &[10], alone: &[], form: "dddddddddd", check: at_vnr },
    Identifier { name: "at-tin", kinds: NATIONAL, prefix: "", lengths: &[9], alone: &[], form: "ddddddddd", check: at_tin },
    Identifier { name: "at-uid", kinds: VAT, prefix: "AT", lengths: &[9], alone: &[], form: "Udddddddd", check: at_uid },
    Identifier { name: "be-nn", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[&[11], &[2, 2, 2, 3, 2], &[6, 3, 2]], form: "ddddddddddd", check: be_nn },
    Identifier { name: "be-nn-dateless", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[], form: "ddddddddddd", check: be_nn_dateless },
    Identifier { name: "be-vat", kinds: VAT, prefix: "BE", lengths: &[10], alone: &[], form: "dddddddddd", check: be_vat },
    Identifier { name: "de-idnr", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[&[11], &[2, 3, 3, 3]], form: "ddddddddddd", check: de_idnr },
    Identifier { name: "de-rvnr", kinds: NATIONAL, prefix: "", lengths: &[12], alone: &[&[12], &[2, 6, 1, 3], &[2, 2, 2, 2, 1, 2, 1], &[2, 6, 1, 2, 1]], form: "ddddddddAddd", check: de_rvnr },
    Identifier { name: "de-stnr", kinds: NATIONAL, prefix: "", lengths: &[10, 11, 13], alone: &[], form: "ddddddddddd", check: de_stnr },
    Identifier { name: "de-vat", kinds: VAT, prefix: "DE", lengths: &[9], alone: &[], form: "ddddddddd", check: de_vat },
    Identifier { name: "fr-nir", kinds: NATIONAL, prefix: "", lengths: &[15], alone: &[&[15], &[13, 2], &[1, 2, 2, 2, 3, 3, 2]], form: "dddddxxdddddddd", check: fr_nir_common },
    Identifier { name: "fr-nir-other", kinds: NATIONAL, prefix: "", lengths: &[15], alone: &[], form: "dddddxxdddddddd", check: fr_nir },
    Identifier { name: "fr-nif", kinds: NATIONAL, prefix: "", lengths: &[13], alone: &[&[13], &[2, 2, 3, 3, 3]], form: "ddddddddddddd", check: fr_nif },
    Identifier { name: "fr-tva", kinds: VAT, prefix: "FR", lengths: &[11], alone: &[], form: "xxddddddddd", check: fr_tva },
    Identifier { name: "fr-siren", kinds: VAT, prefix: "", lengths: &[9], alone: &[], form: "ddddddddd", check: fr_siren },
    Identifier { name: "fr-siret", kinds: VAT, prefix: "", lengths: &[14], alone: &[], form: "dddddddddddddd", check: fr_siret },
    Identifier { name: "ie-pps", kinds: NATIONAL, prefix: "", lengths: &[8, 9], alone: &[], form: "dddddddA", check: ie_pps },
    Identifier { name: "ie-vat", kinds: VAT, prefix: "IE", lengths: &[8, 9], alone: &[], form: "dddddddA", check: ie_vat },
    Identifier { name: "lu-matricule", kinds: NATIONAL, prefix: "", lengths: &[13], alone: &[&[13], &[8, 5], &[8, 3, 2], &[4, 2, 2, 5], &[4, 4, 5], &[4, 2, 2, 3, 2]], form: "ddddddddddddd", check: lu_matricule },
    Identifier { name: "lu-tva", kinds: VAT, prefix: "LU", lengths: &[8], alone: &[], form: "dddddddd", check: lu_tva },
    Identifier { name: "nl-bsn", kinds: NATIONAL, prefix: "", lengths: &[9], alone: &[], form: "ddddddddd", check: nl_bsn },
    Identifier { name: "nl-onderwijsnummer", kinds: NATIONAL, prefix: "", lengths: &[9], alone: &[], form: "ddddddddd", check: nl_education },
    Identifier { name: "nl-btw", kinds: VAT, prefix: "NL", lengths: &[12], alone: &[], form: "dddddddddBdd", check: nl_btw },
];

/// The fourth digit is the check digit.
fn at_vnr(n: &[u8]) -> bool {
    are_digits(n) && n[0] != b'0' && weighted(n, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == digit(n[3])
}

/// Nine digits; the first two are the tax office, which has gone through every number from 03 to 98.
fn at_tin(n: &[u8]) -> bool {
    are_digits(n) && (3..=98).contains(&two(n, 0)) && luhn(n)
}

fn at_uid(n: &[u8]) -> bool {
    n[0] == b'U' && are_digits(&n[1..]) && (16 - luhn_sum(&n[1..8]) % 10) % 10 == digit(n[8])
}

/// Birth date, serial, 97 minus the remainder of the rest by 97; from 2000 on a 2 stands before it. A month plus 20 or 40 is a
/// BIS number, of somebody who is not in the register.
fn be_nn(n: &[u8]) -> bool {
    let (month, day) = (two(n, 2) % 20, two(n, 4));
    are_digits(n) && (day == 0 || month == 0 || is_date(2000, month, day)) && be_nn_dateless(n)
}

/// Where the days of a month ran out, or the date is not known, another number stands for the day.
fn be_nn_dateless(n: &[u8]) -> bool {
    if !are_digits(n) || number(n) == 0 {
        return false;
    }
    let (serial, check) = (number(&n[..9]), u64::from(two(n, 9)));
    let month = two(n, 2);
    month % 20 <= 12 && month <= 52 && (97 - serial % 97 == check || 97 - (2_000_000_000 + serial) % 97 == check)
}

fn be_vat(n: &[u8]) -> bool {
    are_digits(n) && matches!(n[0], b'0' | b'1') && number(n) > 0 && (number(&n[..8]) + number(&n[8..])).is_multiple_of(97)
}

/// One digit of the first ten comes two or three times, all others once at most.
fn de_idnr(n: &[u8]) -> bool {
    if !are_digits(n) || n[0] == b'0' {
        return false;
    }
    let count = |value: u8| memchr::memchr_iter(value, &n[..10]).count();
    let repeated: Vec<usize> = (b'0'..=b'9').map(count).filter(|&times| times > 1).collect();
    matches!(*repeated, [2 | 3]) && mod_11_10(n)
}

/// Area, birth date, a letter, serial, check digit: Section 4 of the regulation on insurance numbers (VKVV).
fn de_rvnr(n: &[u8]) -> bool {
    let (head, tail) = (&n[..8], &n[9..]);
    if !are_digits(head) || !n[8].is_ascii_uppercase() || !are_digits(tail) {
        return false;
    }
    let letter = u32::from(n[8] - b'A') + 1;
    let values = head.iter().map(|&byte| digit(byte)).chain([letter / 10, letter % 10]).chain(tail[..2].iter().map(|&byte| digit(byte)));
    let sum: u32 = values.zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]).map(|(value, weight)| value * weight / 10 + value * weight % 10).sum();
    is_date(2000, two(n, 4), two(n, 2)) && two(n, 0) > 0 && sum % 10 == digit(n[11])
}

/// Forms of the states (10 or 11 digits) and of all of them (13); each computes its check digit differently.
fn de_stnr(n: &[u8]) -> bool {
    are_digits(n) && (n.len() != 13 || n[4] == b'0')
}

fn de_vat(n: &[u8]) -> bool {
    are_digits(n) && n[0] != b'0' && mod_11_10(n)
}

fn fr_nir(n: &[u8]) -> bool {
    let corsica = match &n[5..7] {
        b"2A" => Some(*b"19"),
        b"2B" => Some(*b"18"),
        _ => None,
    };
    let mut digits: [u8; 15] = std::array::from_fn(|i| n[i]);
    if let Some(replaced) = corsica {
        digits[5..7].copy_from_slice(&replaced);
    }
    are_digits(&digits) && 97 - number(&digits[..13]) % 97 == number(&digits[13..])
}

/// Of a man or woman registered with the month of birth.
fn fr_nir_common(n: &[u8]) -> bool {
    matches!(n[0], b'1' | b'2') && are_digits(&n[..5]) && (1..=12).contains(&two(n, 3)) && fr_nir(n)
}

fn fr_nif(n: &[u8]) -> bool {
    are_digits(n) && matches!(n[0], b'0'..=b'3') && number(&n[..10]) % 511 == number(&n[10..])
}

fn fr_siren(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && luhn(n)
}

/// The post office's branches have a sum of digits that five divides instead.
fn fr_siret(n: &[u8]) -> bool {
    let post = n.starts_with(b"356000000") && weighted(n, &[1; 14]).is_multiple_of(5);
    are_digits(n) && fr_siren(&n[..9]) && (luhn(n) || post)
}

fn fr_tva(n: &[u8]) -> bool {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let place = |byte: u8| LETTERS.iter().position(|&letter| letter == byte).map(|at| at as u64);
    let (Some(first), Some(second)) = (place(n[0]), place(n[1])) else { return false };
    if !are_digits(&n[2..]) || !(n[2..5] == *b"000" || luhn(&n[2..])) || number(&n[2..]) == 0 {
        return false;
    }
    let siren = number(&n[2..]);
    if first < 10 && second < 10 {
        return first * 10 + second == (siren * 100 + 12) % 97;
    }
    let check = if first < 10 { first * 24 + second } else { first * 34 + second };
    let Some(check) = check.checked_sub(if first < 10 { 10 } else { 100 }) else { return false };
    (siren + 1 + check / 11) % 11 == check % 11
}

const IRISH: &[u8] = b"WABCDEFGHIJKLMNOPQRSTUV";

fn irish_check(digits: &[u8], second: u8) -> Option<u8> {
    let letter = IRISH.iter().position(|&letter| letter == second)? as u32;
    Some(IRISH[((weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + 9 * letter) % 23) as usize])
}

fn ie_pps(n: &[u8]) -> bool {
    let second = match n.get(8) {
        None | Some(b'W' | b'T' | b'X') => b'W',
        Some(letter @ (b'A' | b'B' | b'H')) => *letter,
        Some(_) => return false,
    };
    are_digits(&n[..7]) && irish_check(&n[..7], second) == Some(n[7])
}

/// Seven digits and one or two letters; before 2013 the second character was a letter.
fn ie_vat(n: &[u8]) -> bool {
    if are_digits(&n[..7]) {
        return n[7].is_ascii_uppercase() && irish_check(&n[..7], n.get(8).copied().unwrap_or(b'W')) == Some(n[7]);
    }
    let digits = [b'0', n[2], n[3], n[4], n[5], n[6], n[0]];
    n.len() == 8 && n[1].is_ascii_uppercase() && are_digits(&digits) && irish_check(&digits, b'W') == Some(n[7])
}

/// Birth date, serial, a Luhn digit of the first eleven, a Verhoeff digit of the same eleven.
fn lu_matricule(n: &[u8]) -> bool {
    if !are_digits(n) || !is_date(number(&n[..4]) as u32, two(n, 4), two(n, 6)) || !(1850..2100).contains(&number(&n[..4])) {
        return false;
    }
    let mut other = n[..12].to_vec();
    other[11] = n[12];
    luhn(&n[..12]) && verhoeff(&other)
}

fn lu_tva(n: &[u8]) -> bool {
    are_digits(n) && number(&n[..6]) > 0 && number(&n[..6]) % 89 == number(&n[6..])
}

fn bsn_remainder(n: &[u8]) -> u32 {
    // The last digit counts minus one, which is ten modulo eleven.
    weighted(n, &[9, 8, 7, 6, 5, 4, 3, 2, 10]) % 11
}

fn nl_bsn(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && bsn_remainder(n) == 0
}

fn nl_education(n: &[u8]) -> bool {
    are_digits(n) && n.starts_with(b"10") && bsn_remainder(n) == 5
}

fn nl_btw(n: &[u8]) -> bool {
    let form = are_digits(&n[..9]) && n[9] == b'B' && are_digits(&n[10..]) && number(&n[..9]) > 0 && number(&n[10..]) > 0;
    form && (nl_bsn(&n[..9]) || mod_97_10(b"NL".iter().chain(n).copied()))
}

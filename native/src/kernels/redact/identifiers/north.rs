//! Denmark, Estonia, Finland, Lithuania, Latvia, Sweden.

use super::super::checks::{are_digits, digit, is_date, luhn, number, two, weighted};
use super::{Identifier, NATIONAL, VAT};

#[rustfmt::skip]
pub const IDENTIFIERS: &[Identifier] = &[
    Identifier { name: "dk-cpr", kinds: NATIONAL, prefix: "", lengths: &[10], alone: &[], form: "dddddddddd", check: dk_cpr },
    Identifier { name: "dk-cvr", kinds: VAT, prefix: "DK", lengths: &[8], alone: &[], form: "dddddddd", check: dk_cvr },
    Identifier { name: "ee-ik", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[&[11]], form: "ddddddddddd", check: baltic_person },
    Identifier { name: "ee-kmkr", kinds: VAT, prefix: "EE", lengths: &[9], alone: &[], form: "ddddddddd", check: ee_kmkr },
    Identifier { name: "ee-registrikood", kinds: VAT, prefix: "", lengths: &[8], alone: &[], form: "dddddddd", check: ee_register },
    Identifier { name: "fi-hetu", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[&[11], &[6, 4]], form: "ddddddAdddx", check: fi_hetu },
    // The sign between date and serial is a dash in print, which a chain takes for a separator.
    Identifier { name: "fi-hetu-dashed", kinds: NATIONAL, prefix: "", lengths: &[10], alone: &[&[6, 4]], form: "dddddddddx", check: fi_hetu_dashed },
    Identifier { name: "fi-alv", kinds: VAT, prefix: "FI", lengths: &[8], alone: &[], form: "dddddddd", check: fi_alv },
    Identifier { name: "lt-asmens", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[], form: "ddddddddddd", check: lt_asmens },
    Identifier { name: "lt-pvm", kinds: VAT, prefix: "LT", lengths: &[9, 12], alone: &[], form: "ddddddddd", check: lt_pvm },
    Identifier { name: "lv-pk", kinds: VAT | NATIONAL, prefix: "LV", lengths: &[11], alone: &[], form: "ddddddddddd", check: lv_pvn },
    Identifier { name: "se-personnummer", kinds: NATIONAL, prefix: "", lengths: &[10], alone: &[&[6, 4], &[10]], form: "dddddddddd", check: se_person },
    Identifier { name: "se-personnummer-long", kinds: NATIONAL, prefix: "", lengths: &[12], alone: &[&[8, 4], &[12]], form: "dddddddddddd", check: se_person_long },
    Identifier { name: "se-samordningsnummer", kinds: NATIONAL, prefix: "", lengths: &[10], alone: &[], form: "dddddddddd", check: se_coordination },
    Identifier { name: "se-orgnr", kinds: VAT, prefix: "", lengths: &[10], alone: &[], form: "dddddddddd", check: se_org },
    Identifier { name: "se-vat", kinds: VAT, prefix: "SE", lengths: &[12], alone: &[], form: "dddddddddd01", check: se_vat },
];

/// Day, month, year, serial. Numbers given since 2007 have no check digit, so the date is all there is to check.
fn dk_cpr(n: &[u8]) -> bool {
    are_digits(n) && is_date(cpr_year(n), two(n, 2), two(n, 0))
}

/// The seventh digit tells the century.
fn cpr_year(n: &[u8]) -> u32 {
    let year = two(n, 4);
    match (n[6], year) {
        (b'5'..=b'8', 58..) => 1800 + year,
        (b'0'..=b'3', _) | (b'4' | b'9', 37..) => 1900 + year,
        _ => 2000 + year,
    }
}

fn dk_cvr(n: &[u8]) -> bool {
    are_digits(n) && n[0] != b'0' && weighted(n, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// Two rounds of weights: the second when the first leaves ten.
fn baltic_check(n: &[u8], first: &[u32], second: &[u32]) -> u32 {
    match weighted(n, first) % 11 {
        10 => weighted(n, second) % 11 % 10,
        rest => rest,
    }
}

fn baltic_digit(n: &[u8]) -> u32 {
    baltic_check(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1], &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3])
}

/// Estonian and Lithuanian personal codes: century and sex, birth date, serial, check digit.
fn baltic_person(n: &[u8]) -> bool {
    if !are_digits(n) || !matches!(n[0], b'1'..=b'8') {
        return false;
    }
    let year = 1800 + (digit(n[0]) - 1) / 2 * 100 + two(n, 1);
    is_date(year, two(n, 3), two(n, 5)) && baltic_digit(&n[..10]) == digit(n[10])
}

/// Codes that begin with nine hold no date.
fn lt_asmens(n: &[u8]) -> bool {
    baltic_person(n) || (are_digits(n) && n[0] == b'9' && baltic_digit(&n[..10]) == digit(n[10]))
}

fn ee_kmkr(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && weighted(n, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

fn ee_register(n: &[u8]) -> bool {
    are_digits(n)
        && matches!(n[0], b'1' | b'7' | b'8' | b'9')
        && baltic_check(&n[..7], &[1, 2, 3, 4, 5, 6, 7], &[3, 4, 5, 6, 7, 8, 9]) == digit(n[7])
}

fn hetu(digits: &[u8], century: u32, check: u8) -> bool {
    const LETTERS: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    are_digits(digits)
        && is_date(century + two(digits, 4), two(digits, 2), two(digits, 0))
        && number(&digits[6..]) >= 2
        && LETTERS[(number(digits) % 31) as usize] == check
}

/// Day, month, year, a sign for the century, serial, a letter of the remainder by 31.
fn fi_hetu(n: &[u8]) -> bool {
    let century = match n[6] {
        b'A'..=b'F' => 2000,
        b'U'..=b'Y' => 1900,
        _ => return false,
    };
    hetu(&[&n[..6], &n[7..10]].concat(), century, n[10])
}

fn fi_hetu_dashed(n: &[u8]) -> bool {
    hetu(&n[..9], 1900, n[9])
}

fn fi_alv(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && weighted(n, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
}

/// The last digit but one of a permanent number is one.
fn lt_pvm(n: &[u8]) -> bool {
    let last = n.len() - 1;
    let check = baltic_check(&n[..last], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2], &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]);
    are_digits(n) && n[last - 1] == b'1' && check == digit(n[last])
}

/// Of a business (first digit over 3), of a person by birth date, or of a person since 2017 (32 and a serial).
fn lv_pvn(n: &[u8]) -> bool {
    if !are_digits(n) {
        return false;
    }
    if n[0] > b'3' {
        return weighted(n, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3;
    }
    let date = n.starts_with(b"32") || is_date(1800 + digit(n[6]) * 100 + two(n, 4), two(n, 2), two(n, 0));
    date && (1 + weighted(n, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10 == digit(n[10])
}

/// Year, month, day, serial, Luhn. The century is told by the sign, or by nothing: a day of any century will do.
fn se_person(n: &[u8]) -> bool {
    are_digits(n) && is_date(2000 + two(n, 0), two(n, 2), two(n, 4)) && luhn(n)
}

fn se_person_long(n: &[u8]) -> bool {
    are_digits(n) && matches!(two(n, 0), 18..=20) && is_date(number(&n[..4]) as u32, two(n, 4), two(n, 6)) && luhn(&n[2..])
}

/// Sixty is added to the day of people who are not registered.
fn se_coordination(n: &[u8]) -> bool {
    are_digits(n) && two(n, 4) > 60 && is_date(2000, two(n, 2), two(n, 4) - 60) && luhn(n)
}

fn se_org(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && luhn(n)
}

fn se_vat(n: &[u8]) -> bool {
    are_digits(n) && n.ends_with(b"01") && se_org(&n[..10])
}

//! Bulgaria, Czechia, Croatia, Hungary, Poland, Romania, Slovenia, Slovakia.

use super::super::checks::{are_digits, digit, is_date, mod_11_10, number, two, weighted};
use super::{Identifier, NATIONAL, VAT};

#[rustfmt::skip]
pub const IDENTIFIERS: &[Identifier] = &[
    Identifier { name: "bg-egn", kinds: VAT | NATIONAL, prefix: "BG", lengths: &[10], alone: &[], form: "dddddddddd", check: bg_egn },
    Identifier { name: "bg-pnf", kinds: VAT | NATIONAL, prefix: "BG", lengths: &[10], alone: &[], form: "dddddddddd", check: bg_pnf },
    Identifier { name: "bg-vat", kinds: VAT, prefix: "BG", lengths: &[9, 10], alone: &[], form: "ddddddddd", check: bg_vat },
    Identifier { name: "cz-rc", kinds: VAT | NATIONAL, prefix: "CZ", lengths: &[9, 10], alone: &[], form: "dddddddddd", check: birth_number },
    Identifier { name: "cz-dic", kinds: VAT, prefix: "CZ", lengths: &[8, 9], alone: &[], form: "dddddddd", check: cz_dic },
    Identifier { name: "hr-oib", kinds: VAT | NATIONAL, prefix: "HR", lengths: &[11], alone: &[], form: "ddddddddddd", check: hr_oib },
    Identifier { name: "hu-taj", kinds: NATIONAL, prefix: "", lengths: &[9], alone: &[], form: "ddddddddd", check: hu_taj },
    Identifier { name: "hu-adoazonosito", kinds: NATIONAL, prefix: "", lengths: &[10], alone: &[], form: "dddddddddd", check: hu_tax },
    Identifier { name: "hu-szemelyi", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[], form: "ddddddddddd", check: hu_person },
    Identifier { name: "hu-anum", kinds: VAT, prefix: "HU", lengths: &[8, 11], alone: &[], form: "dddddddd", check: hu_anum },
    Identifier { name: "pl-pesel", kinds: NATIONAL, prefix: "", lengths: &[11], alone: &[], form: "ddddddddddd", check: pl_pesel },
    Identifier { name: "pl-nip", kinds: VAT | NATIONAL, prefix: "PL", lengths: &[10], alone: &[], form: "dddddddddd", check: pl_nip },
    Identifier { name: "pl-regon", kinds: VAT, prefix: "", lengths: &[9, 14], alone: &[], form: "ddddddddd", check: pl_regon },
    Identifier { name: "ro-cnp", kinds: NATIONAL, prefix: "", lengths: &[13], alone: &[&[13]], form: "ddddddddddddd", check: ro_cnp },
    Identifier { name: "ro-cui", kinds: VAT, prefix: "RO", lengths: &[4, 5, 6, 7, 8, 9, 10], alone: &[], form: "dddddddddd", check: ro_cui },
    Identifier { name: "si-emso", kinds: NATIONAL, prefix: "", lengths: &[13], alone: &[&[13]], form: "ddddddddddddd", check: si_emso },
    Identifier { name: "si-ddv", kinds: VAT | NATIONAL, prefix: "SI", lengths: &[8], alone: &[], form: "dddddddd", check: si_ddv },
    Identifier { name: "sk-rc", kinds: VAT | NATIONAL, prefix: "SK", lengths: &[9, 10], alone: &[], form: "dddddddddd", check: birth_number },
    Identifier { name: "sk-dph", kinds: VAT, prefix: "SK", lengths: &[10], alone: &[], form: "dddddddddd", check: sk_dph },
];

/// Twenty is added to the month for the 19th century, forty for the 21st.
fn bg_egn(n: &[u8]) -> bool {
    if !are_digits(n) {
        return false;
    }
    let (century, month) = match two(n, 2) {
        month @ 41.. => (2000, month - 40),
        month @ 21.. => (1800, month - 20),
        month => (1900, month),
    };
    is_date(century + two(n, 0), month, two(n, 4)) && weighted(n, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == digit(n[9])
}

/// Of a foreigner.
fn bg_pnf(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && weighted(n, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == digit(n[9])
}

fn bg_vat(n: &[u8]) -> bool {
    if !are_digits(n) || number(n) == 0 {
        return false;
    }
    if n.len() == 10 {
        return (11 - weighted(n, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == digit(n[9]);
    }
    let check = match weighted(n, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
        10 => weighted(n, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
        rest => rest,
    };
    check == digit(n[8])
}

/// Czech and Slovak: birth date (months of women plus 50, plus 20 where a day ran out of numbers), serial, and since 1954 a
/// check digit: the remainder by eleven, where ten is written as zero.
fn birth_number(n: &[u8]) -> bool {
    if !are_digits(n) {
        return false;
    }
    let (year, month, day) = (two(n, 0), two(n, 2) % 50 % 20, two(n, 4));
    if n.len() == 9 {
        let year = if year >= 80 { 1800 + year } else { 1900 + year };
        return year <= 1953 && is_date(year, month, day);
    }
    is_date(if year < 54 { 2000 + year } else { 1900 + year }, month, day) && number(&n[..9]) % 11 % 10 == u64::from(digit(n[9]))
}

/// Of a business (eight digits), or of a person without a birth number (nine, the first a six).
fn cz_dic(n: &[u8]) -> bool {
    if !are_digits(n) {
        return false;
    }
    if n.len() == 8 {
        let check = (11 - weighted(n, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        return n[0] != b'9' && number(n) > 0 && (if check == 0 { 1 } else { check }) % 10 == digit(n[7]);
    }
    let rest = weighted(&n[1..], &[8, 7, 6, 5, 4, 3, 2]) % 11;
    // Modulo eleven and ten as people count, without going below zero.
    n[0] == b'6' && (18 - (21 - rest) % 11) % 10 == digit(n[8])
}

fn hr_oib(n: &[u8]) -> bool {
    are_digits(n) && mod_11_10(n)
}

/// Social security: weights 3 and 7 in turn.
fn hu_taj(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && weighted(n, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == digit(n[8])
}

/// Tax number of a person: an 8, days since 1867, serial; a sum that leaves ten is not given out.
fn hu_tax(n: &[u8]) -> bool {
    are_digits(n) && n[0] == b'8' && weighted(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == digit(n[9])
}

/// Sex and century, birth date, serial, check digit with rising weights, for births since 1997 with falling ones.
fn hu_person(n: &[u8]) -> bool {
    if !are_digits(n) || !matches!(n[0], b'1'..=b'8') || !is_date(2000, two(n, 3), two(n, 5)) {
        return false;
    }
    let rising = weighted(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
    let falling = weighted(n, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    rising == digit(n[10]) || falling == digit(n[10])
}

/// Eight digits; in print a digit for the kind of tax and two for the county follow.
fn hu_anum(n: &[u8]) -> bool {
    let tail = n.len() == 8 || (matches!(n[8], b'1'..=b'5') && matches!(two(n, 9), 2..=20 | 22..=44 | 51));
    are_digits(n) && tail && number(&n[..8]) > 0 && weighted(n, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
}

/// The month tells the century: plus 80 for the 19th, 20 for the 21st, 40 and 60 for the next.
fn pl_pesel(n: &[u8]) -> bool {
    if !are_digits(n) {
        return false;
    }
    let century = [1900, 2000, 2100, 2200, 1800][(two(n, 2) / 20) as usize];
    let check = (10 - weighted(n, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
    is_date(century + two(n, 0), two(n, 2) % 20, two(n, 4)) && check == digit(n[10])
}

fn pl_nip(n: &[u8]) -> bool {
    are_digits(n) && number(n) > 0 && weighted(n, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digit(n[9])
}

/// Nine digits, and five more for a branch.
fn pl_regon(n: &[u8]) -> bool {
    let short = weighted(n, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == digit(n[8]);
    let long = n.len() == 9 || weighted(n, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10 == digit(n[13]);
    are_digits(n) && number(n) > 0 && short && long
}

/// Sex and century, birth date, county, serial, check digit.
fn ro_cnp(n: &[u8]) -> bool {
    if !are_digits(n) {
        return false;
    }
    let century = match n[0] {
        b'1' | b'2' | b'7' | b'8' | b'9' => 1900,
        b'3' | b'4' => 1800,
        b'5' | b'6' => 2000,
        _ => return false,
    };
    let county = matches!(two(n, 7), 1..=48 | 51 | 52 | 70 | 80..=83);
    let check = match weighted(n, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
        10 => 1,
        rest => rest,
    };
    county && is_date(century + two(n, 1), two(n, 3), two(n, 5)) && check == digit(n[12])
}

/// Two to ten digits; short ones are no more than a number, so four is the least that is looked for.
fn ro_cui(n: &[u8]) -> bool {
    const WEIGHTS: [u32; 9] = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    let last = n.len() - 1;
    are_digits(n) && n[0] != b'0' && 10 * weighted(&n[..last], &WEIGHTS[9 - last..]) % 11 % 10 == digit(n[last])
}

/// Birth date with three digits of the year, region, serial, check digit; also of the other states of Yugoslavia.
fn si_emso(n: &[u8]) -> bool {
    if !are_digits(n) {
        return false;
    }
    let year = number(&n[4..7]) as u32;
    let check = (11 - weighted(n, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
    is_date(if year < 800 { 2000 + year } else { 1000 + year }, two(n, 2), two(n, 0)) && check == digit(n[12])
}

fn si_ddv(n: &[u8]) -> bool {
    let check = 11 - weighted(n, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    are_digits(n) && n[0] != b'0' && (if check == 10 { 0 } else { check }) == digit(n[7])
}

fn sk_dph(n: &[u8]) -> bool {
    are_digits(n) && n[0] != b'0' && matches!(n[2], b'2' | b'3' | b'4' | b'7' | b'8' | b'9') && number(n).is_multiple_of(11)
}

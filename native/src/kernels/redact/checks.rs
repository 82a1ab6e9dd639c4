//! Check digits that several identifiers share. Digits are ASCII.

/// The value of a digit.
pub fn digit(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0'))
}

pub fn are_digits(characters: &[u8]) -> bool {
    characters.iter().all(u8::is_ascii_digit)
}

/// The number that up to 18 digits write.
pub fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, &byte| sum * 10 + u64::from(digit(byte)))
}

/// The sum of digits times weights; the shorter of the two ends it.
pub fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&byte, weight)| digit(byte) * weight).sum()
}

/// ISO/IEC 7812-1 annex B: every second digit from the right doubled, sum divisible by 10.
pub fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// The sum that Luhn's check divides by ten.
pub fn luhn_sum(digits: &[u8]) -> u32 {
    let doubled = |value: u32| if value > 4 { value * 2 - 9 } else { value * 2 };
    digits.iter().rev().enumerate().map(|(i, &byte)| if i % 2 == 0 { digit(byte) } else { doubled(digit(byte)) }).sum()
}

/// The digit that makes `digits` and it pass `luhn`.
pub fn luhn_digit(digits: &[u8]) -> u32 {
    let doubled = |value: u32| if value > 4 { value * 2 - 9 } else { value * 2 };
    let sum: u32 = digits.iter().rev().enumerate().map(|(i, &byte)| if i % 2 == 1 { digit(byte) } else { doubled(digit(byte)) }).sum();
    (10 - sum % 10) % 10
}

/// ISO 7064 MOD 11,10.
pub fn mod_11_10(digits: &[u8]) -> bool {
    let mut check = 5;
    for &byte in digits {
        check = ((if check == 0 { 10 } else { check }) * 2 % 11 + digit(byte)) % 10;
    }
    check == 1
}

/// ISO 7064 MOD 97-10: letters count as two digits, the remainder is 1. The caller moves an IBAN's first four to its end.
pub fn mod_97_10(characters: impl Iterator<Item = u8>) -> bool {
    remainder_97(characters) == 1
}

pub fn remainder_97(characters: impl Iterator<Item = u8>) -> u32 {
    characters.fold(
        0,
        |rest, byte| {
            if byte.is_ascii_digit() { (rest * 10 + digit(byte)) % 97 } else { (rest * 100 + u32::from(byte - b'A') + 10) % 97 }
        },
    )
}

/// Verhoeff 1969: the dihedral group of order ten.
pub fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (5 + a - b) % 5,
    };
    let check = digits.iter().rev().enumerate().fold(0, |check, (i, &byte)| {
        let moved = (0..i % 8).fold(digit(byte), |value, _| u32::from(PERMUTED[value as usize]));
        product(check, moved)
    });
    check == 0
}

/// A day of the Gregorian calendar.
pub fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day)
}

/// Two digits at `at`.
pub fn two(digits: &[u8], at: usize) -> u32 {
    digit(digits[at]) * 10 + digit(digits[at + 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass_and_their_neighbours_fail() {
        assert!(luhn(b"4111111111111111") && !luhn(b"4111111111111112"));
        assert_eq!(luhn_digit(b"7992739871"), 3);
        assert!(mod_11_10(b"94577403194") && !mod_11_10(b"94577403195"));
        assert!(verhoeff(b"2363") && !verhoeff(b"2364") && !verhoeff(b"3263"));
        assert!(mod_97_10(b"370400440532013000DE89".iter().copied()));
        assert!(is_date(2000, 2, 29) && !is_date(1900, 2, 29) && !is_date(2001, 13, 1));
    }
}

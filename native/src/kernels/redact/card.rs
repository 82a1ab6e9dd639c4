//! Payment cards: ISO/IEC 7812 Luhn digit, and the issuers' ranges of first digits.

use super::checks::{are_digits, luhn, number};

/// Whether 13 to 19 digits are a card's: length and range of an issuer, check digit.
pub fn is_valid(digits: &[u8]) -> bool {
    if !(13..=19).contains(&digits.len()) || !are_digits(digits) {
        return false;
    }
    let first = |count: usize| number(&digits[..count]);
    let range = match digits.len() {
        14 => matches!(first(3), 300..=305 | 309) || matches!(first(2), 36 | 38 | 39),
        15 => matches!(first(2), 34 | 37),
        16 => {
            digits[0] == b'4'
                || matches!(first(2), 51..=55 | 65)
                || matches!(first(4), 2221..=2720 | 3528..=3589 | 6011 | 6221..=6229)
                || matches!(first(3), 644..=649)
        }
        13 | 19 => digits[0] == b'4',
        _ => false,
    };
    range && luhn(digits)
}

/// Lengths whose check and ranges let at most 0.5 % of random digits pass; the others need a context word.
pub fn stands_alone(length: usize) -> bool {
    matches!(length, 14 | 15)
}

/// Groups in which cards of this length are printed.
pub fn printed(length: usize) -> &'static [&'static [u8]] {
    match length {
        14 => &[&[14], &[4, 6, 4]],
        15 => &[&[15], &[4, 6, 5]],
        16 => &[&[16], &[4, 4, 4, 4]],
        13 => &[&[13]],
        _ => &[&[19], &[4, 4, 4, 4, 3], &[6, 13]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_and_check_digits() {
        for card in ["4111111111111111", "5555555555554444", "2223003122003222", "378282246310005", "30569309025904", "6011111111111117"] {
            assert!(is_valid(card.as_bytes()), "{card}");
        }
        for card in ["4111111111111112", "1111111111111117", "0000000000000000", "411111111111111"] {
            assert!(!is_valid(card.as_bytes()), "{card}");
        }
    }

    /// The share of random digits that pass, by length.
    #[test]
    fn only_what_few_random_numbers_pass_stands_alone() {
        let mut state = 7_u64;
        for length in 13..=19 {
            let passes = (0..200_000)
                .filter(|_| {
                    let digits: Vec<u8> = (0..length)
                        .map(|_| {
                            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                            b'0' + ((state >> 33) % 10) as u8
                        })
                        .collect();
                    is_valid(&digits)
                })
                .count() as f64
                / 200_000.0;
            assert_eq!(stands_alone(length), passes > 0.0 && passes <= 0.005, "{length}: {passes}");
        }
    }
}

//! International bank account numbers: ISO 13616, lengths and structures as the registry of SWIFT states them (release 101).

use super::checks::{mod_97_10, remainder_97};

/// Country and structure of what follows country and check digits: n digits, a capital letters, c both.
#[rustfmt::skip]
const STRUCTURES: [(&str, &str); 89] = [
    ("AD", "8n 12c"), ("AE", "19n"), ("AL", "8n 16c"), ("AT", "16n"), ("AZ", "4a 20c"), ("BA", "16n"), ("BE", "12n"),
    ("BG", "4a 6n 8c"), ("BH", "4a 14c"), ("BI", "23n"), ("BR", "23n 1a 1c"), ("BY", "4c 4n 16c"), ("CH", "5n 12c"),
    ("CR", "18n"), ("CY", "8n 16c"), ("CZ", "20n"), ("DE", "18n"), ("DJ", "23n"), ("DK", "14n"), ("DO", "4c 20n"),
    ("EE", "16n"), ("EG", "25n"), ("ES", "20n"), ("FI", "14n"), ("FK", "2a 12n"), ("FO", "14n"), ("FR", "10n 11c 2n"),
    ("GB", "4a 14n"), ("GE", "2a 16n"), ("GI", "4a 15c"), ("GL", "14n"), ("GR", "7n 16c"), ("GT", "24c"), ("HN", "4a 20n"),
    ("HR", "17n"), ("HU", "24n"), ("IE", "4a 14n"), ("IL", "19n"), ("IQ", "4a 15n"), ("IS", "22n"), ("IT", "1a 10n 12c"),
    ("JO", "4a 4n 18c"), ("KW", "4a 22c"), ("KZ", "3n 13c"), ("LB", "4n 20c"), ("LC", "4a 24c"), ("LI", "5n 12c"),
    ("LT", "16n"), ("LU", "3n 13c"), ("LV", "4a 13c"), ("LY", "21n"), ("MC", "10n 11c 2n"), ("MD", "20c"), ("ME", "18n"),
    ("MK", "3n 10c 2n"), ("MN", "16n"), ("MR", "23n"), ("MT", "4a 5n 18c"), ("MU", "4a 19n 3a"), ("NI", "4a 20n"),
    ("NL", "4a 10n"), ("NO", "11n"), ("OM", "3n 16c"), ("PK", "4a 16c"), ("PL", "24n"), ("PS", "4a 21c"), ("PT", "21n"),
    ("QA", "4a 21c"), ("RO", "4a 16c"), ("RS", "18n"), ("RU", "14n 15c"), ("SA", "2n 18c"), ("SC", "4a 20n 3a"), ("SD", "14n"),
    ("SE", "20n"), ("SI", "15n"), ("SK", "20n"), ("SM", "1a 10n 12c"), ("SO", "19n"), ("ST", "21n"), ("SV", "4a 20n"),
    ("TL", "19n"), ("TN", "20n"), ("TR", "6n 16c"), ("UA", "6n 19c"), ("VA", "18n"), ("VG", "4a 16n"), ("XK", "16n"),
    ("YE", "4a 4n 18c"),
];

/// Characters of an account number of the country that these begin with, country and check digits included.
pub fn length(characters: &[u8]) -> Option<usize> {
    structure(characters.get(..2)?).map(|structure| 4 + parts(structure).map(|(count, _)| count).sum::<usize>())
}

fn structure(country: &[u8]) -> Option<&'static str> {
    STRUCTURES.binary_search_by(|(code, _)| code.as_bytes().cmp(country)).ok().map(|at| STRUCTURES[at].1)
}

fn parts(structure: &'static str) -> impl Iterator<Item = (usize, u8)> {
    structure.split(' ').map(|part| (part[..part.len() - 1].parse().unwrap_or(0), part.as_bytes()[part.len() - 1]))
}

/// Whether the characters (capitals, no separators) are an account number: country, length, structure, check digits.
pub fn is_valid(characters: &[u8]) -> bool {
    if characters.len() < 5 || !characters[2..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let Some(structure) = structure(&characters[..2]) else { return false };
    let mut at = 4;
    for (count, class) in parts(structure) {
        let Some(part) = characters.get(at..at + count) else { return false };
        let fits = match class {
            b'n' => part.iter().all(u8::is_ascii_digit),
            b'a' => part.iter().all(u8::is_ascii_uppercase),
            _ => part.iter().all(u8::is_ascii_alphanumeric),
        };
        if !fits {
            return false;
        }
        at += count;
    }
    at == characters.len() && mod_97_10(characters[4..].iter().chain(&characters[..4]).copied())
}

/// An account number that passes every check and belongs to nobody: a bank code of zeros, or of X where letters must stand.
pub fn fictional(country: &[u8]) -> Vec<u8> {
    let mut number = [country, b"00"].concat();
    for (count, class) in structure(country).into_iter().flat_map(parts) {
        number.extend(std::iter::repeat_n(if class == b'a' { b'X' } else { b'0' }, count));
    }
    let check = 98 - remainder_97(number[4..].iter().chain(&number[..4]).copied());
    number[2..4].copy_from_slice(format!("{check:02}").as_bytes());
    number
}

/// Whether a valid number is one that `fictional` gives.
pub fn is_fictional(characters: &[u8]) -> bool {
    characters[4..].iter().all(|byte| matches!(byte, b'0' | b'X'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_within_the_standard() {
        assert!(STRUCTURES.is_sorted_by(|a, b| a.0 < b.0));
        for (country, _) in STRUCTURES {
            assert!((15..=34).contains(&length(country.as_bytes()).unwrap()), "{country}");
        }
    }

    #[test]
    fn every_check_can_fail() {
        assert!(is_valid(b"DE89370400440532013000"));
        assert!(!is_valid(b"DE88370400440532013000")); // check digits
        assert!(!is_valid(b"DE8937040044053201300")); // length
        assert!(!is_valid(b"ZZ89370400440532013000")); // country
        assert!(!is_valid(b"GB32123412345612345678")); // structure: the bank is four letters
    }

    #[test]
    fn fictional_numbers_are_valid_and_known_as_such() {
        for (country, _) in STRUCTURES {
            let number = fictional(country.as_bytes());
            assert!(is_valid(&number) && is_fictional(&number), "{country}");
        }
        assert!(!is_fictional(b"DE89370400440532013000"));
    }
}

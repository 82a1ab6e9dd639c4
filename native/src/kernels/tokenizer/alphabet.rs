//! The alphabet in which byte-level files write bytes: printable Latin-1 stands for itself, the other 68 bytes for the
//! characters from U+0100 on (GPT-2's `bytes_to_unicode`).

fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF)
}

/// The character that a byte is written as.
pub fn character(byte: u8) -> char {
    if stands_for_itself(byte) {
        return char::from(byte);
    }
    let place = (0..byte).filter(|&b| !stands_for_itself(b)).count() as u32;
    char::from_u32(0x100 + place).expect("68 characters from U+0100")
}

/// The bytes of a written token; `None` when it holds a character that stands for no byte, which no text can then match.
pub struct Alphabet {
    bytes: [Option<u8>; 0x144],
}

impl Default for Alphabet {
    fn default() -> Self {
        let mut bytes = [None; 0x144];
        for byte in 0..=u8::MAX {
            bytes[character(byte) as usize] = Some(byte);
        }
        Self { bytes }
    }
}

impl Alphabet {
    pub fn bytes(&self, token: &str) -> Option<Vec<u8>> {
        token.chars().map(|c| self.bytes.get(c as usize).copied().flatten()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_character_and_back() {
        assert_eq!(character(b' '), 'Ġ');
        assert_eq!(character(b'\n'), 'Ċ');
        assert_eq!(character(0xAD), 'Ń');
        let written: String = (0..=u8::MAX).map(character).collect();
        assert_eq!(Alphabet::default().bytes(&written).unwrap(), (0..=u8::MAX).collect::<Vec<_>>());
    }

    #[test]
    fn a_character_that_stands_for_no_byte_is_no_token_of_text() {
        assert_eq!(Alphabet::default().bytes("a b"), None);
        assert_eq!(Alphabet::default().bytes("a▁"), None);
    }
}

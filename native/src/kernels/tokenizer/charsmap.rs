//! The normalisation rules inside a `SentencePiece` model: a double array (darts-clone) of byte strings, each with the place of
//! its replacement in a list of strings that end with a zero byte.

pub struct Charsmap {
    units: Vec<u32>,
    replacements: Vec<u8>,
    /// By ASCII byte: no rule is this byte alone or goes on from it with another ASCII byte.
    pub plain: [bool; 128],
}

impl Charsmap {
    /// `<bytes of the double array: u32><double array><replacements>`, little-endian; `None` when it is cut or crooked.
    pub fn new(blob: &[u8]) -> Option<Self> {
        let size = u32::from_le_bytes(blob.get(..4)?.try_into().ok()?) as usize;
        let (array, replacements) = (blob.get(4..size.checked_add(4)?)?, blob.get(size + 4..)?);
        if size == 0 || !size.is_multiple_of(4) || replacements.last() != Some(&0) {
            return None;
        }
        let units = array.chunks_exact(4).map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]])).collect();
        let mut map = Self { units, replacements: replacements.to_vec(), plain: [false; 128] };
        for first in 0..128 {
            let alone = map.longest(&[first]).is_none();
            let pairs = alone && (0..128).all(|second| map.longest(&[first, second]).is_none());
            map.plain[usize::from(first)] = pairs;
        }
        Some(map)
    }

    /// The longest rule that `text` begins with: its length and its replacement.
    pub fn longest(&self, text: &[u8]) -> Option<(usize, &[u8])> {
        let (mut at, mut found) = (offset(self.units[0]), None);
        for (length, &byte) in (1..).zip(text) {
            at ^= usize::from(byte);
            let Some(&unit) = self.units.get(at) else { break };
            if unit & 0x8000_00FF != u32::from(byte) {
                break;
            }
            at ^= offset(unit);
            if unit >> 8 & 1 == 1 {
                found = self.units.get(at).map(|&leaf| (length, (leaf & 0x7FFF_FFFF) as usize)).or(found);
            }
        }
        let (length, place) = found?;
        let tail = self.replacements.get(place..)?;
        let end = memchr::memchr(0, tail)?;
        Some((length, &tail[..end]))
    }
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_blob_makes_it_read_outside(blob in proptest::collection::vec(any::<u8>(), 0..200), text in proptest::collection::vec(any::<u8>(), 0..20)) {
            let mut blob = blob;
            if blob.len() > 8 {
                let size = (blob.len() / 2 - 4) as u32 / 4 * 4;
                blob[..4].copy_from_slice(&size.to_le_bytes());
                *blob.last_mut().unwrap() = 0;
            }
            if let Some(map) = Charsmap::new(&blob) {
                map.longest(&text);
            }
        }
    }
}

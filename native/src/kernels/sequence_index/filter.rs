//! A blocked Bloom filter: a key sets and asks 8 bits of one 32-byte block, so that a miss costs one cache line and no disk.
//! The block form is Parquet's (split block, same salts); the block is chosen by the key's upper bits without a further hash, so
//! keys asked in ascending order walk the filter forwards. Keys are hashes already.

pub const BLOCK_BYTES: usize = 32;

/// At 12 bits an entry about one miss in 200 is taken for a hit.
const BITS_PER_ENTRY: u64 = 12;

const SALTS: [u32; 8] = [0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31];

pub fn blocks_for(entries: u64) -> u64 {
    (entries * BITS_PER_ENTRY).div_ceil(BLOCK_BYTES as u64 * 8)
}

/// Where in 0..`length` a key falls by its upper bits: ascending keys give ascending places.
#[inline]
pub fn place(key: u64, length: usize) -> usize {
    ((u128::from(key) * length as u128) >> 64) as usize
}

#[inline]
fn bit(key: u64, word: usize) -> u32 {
    1 << ((key as u32).wrapping_mul(SALTS[word]) >> 27)
}

/// Sets a key's bits in its own block.
#[inline]
pub fn set(block: &mut [u8; BLOCK_BYTES], key: u64) {
    for (i, word) in block.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *word = (u32::from_le_bytes(*word) | bit(key, i)).to_le_bytes();
    }
}

/// The bits of a key in its block, whatever filter it is asked in.
pub type Mask = [u32; 8];

#[inline]
pub fn mask(key: u64) -> Mask {
    std::array::from_fn(|word| bit(key, word))
}

/// False: the key of the mask is certainly not among those inserted. All words are looked at: a branch would be guessed wrong
/// once in two words.
#[inline]
pub fn holds(block: &[u8; BLOCK_BYTES], mask: &Mask) -> bool {
    let words = block.as_chunks::<4>().0.iter().zip(mask);
    words.fold(0, |missing, (word, bit)| missing | !u32::from_le_bytes(*word) & bit) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(i: u64) -> u64 {
        xxhash_rust::xxh3::xxh3_64(&i.to_le_bytes())
    }

    #[test]
    fn no_key_is_missed_and_few_are_imagined() {
        let mut filter = vec![[0; BLOCK_BYTES]; blocks_for(100_000) as usize];
        for i in 0..100_000 {
            let block = place(key(i), filter.len());
            set(&mut filter[block], key(i));
        }
        let may_hold = |i: &u64| holds(&filter[place(key(*i), filter.len())], &mask(key(*i)));
        assert!((0..100_000).all(|i| may_hold(&i)));
        let imagined = (100_000..300_000).filter(may_hold).count();
        assert!(imagined < 2000, "{imagined} of 200000");
    }
}

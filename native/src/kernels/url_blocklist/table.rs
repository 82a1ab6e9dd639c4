//! A set of hashes that is built once.

/// Sorted hashes with a place in them for every value of their top bits: a look-up reads one or two cache lines. Of a billion
/// addresses against five million entries, one is taken for another's hash with a chance of 1 in 3,000.
pub struct HashTable {
    hashes: Vec<u64>,
    /// `starts[top]..starts[top + 1]` hold the hashes of these top bits.
    starts: Vec<u32>,
    shift: u32,
}

/// Hashes that share their top bits, on average.
const BUCKET: usize = 8;

impl HashTable {
    pub fn new(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        hashes.shrink_to_fit();
        let bits = (hashes.len() / BUCKET).max(1).next_power_of_two().trailing_zeros().clamp(1, 28);
        let shift = 64 - bits;
        let mut starts = vec![0_u32; (1 << bits) + 1];
        for &hash in &hashes {
            starts[(hash >> shift) as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        Self { hashes, starts, shift }
    }

    pub fn contains(&self, hash: u64) -> bool {
        let top = (hash >> self.shift) as usize;
        self.hashes[self.starts[top] as usize..self.starts[top + 1] as usize].binary_search(&hash).is_ok()
    }

    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

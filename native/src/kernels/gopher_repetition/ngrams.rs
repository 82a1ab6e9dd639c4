use super::Seen;
use crate::kernels::segment::Word;

/// Residues modulo the Mersenne prime 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;
const BASE: u64 = 0x0B4E_0EF3_7BC3_2127;

/// The words of one text made ready for counting n-grams.
#[derive(Default)]
pub struct Ngrams {
    /// All words joined without spaces, where each begins (and the end), in bytes and in code points.
    joined: Vec<u8>,
    starts: Vec<u32>,
    chars: Vec<u32>,
    /// Number of each word's spelling, by first occurrence.
    spelling: Vec<u32>,
    /// Number of the n-gram beginning at each word, `grams_n` words long, by first occurrence.
    grams: Vec<u32>,
    grams_n: usize,
    counts: Vec<u32>,
    /// Hash of each word's bytes as digits of a number in base `BASE`, and the weight it gives to what stands before.
    word_hash: Vec<u64>,
    word_weight: Vec<u64>,
    /// Hash of the joined `hashes_n` words from each word on.
    hashes: Vec<u64>,
    hashes_n: usize,
    table: Vec<u64>,
    pairs: Vec<(u64, u32)>,
}

impl Ngrams {
    pub fn start(&mut self, text: &[u8], words: &[Word]) {
        self.joined.clear();
        self.starts.clear();
        self.chars.clear();
        self.word_hash.clear();
        self.word_weight.clear();
        let mut chars = 0;
        for word in words {
            self.starts.push(self.joined.len() as u32);
            self.chars.push(chars);
            chars += word.chars;
            let bytes = &text[word.start as usize..word.end as usize];
            self.joined.extend_from_slice(bytes);
            let (hash, weight) = digits(bytes);
            self.word_hash.push(hash);
            self.word_weight.push(weight);
        }
        self.starts.push(self.joined.len() as u32);
        self.chars.push(chars);
        self.spell();
        self.hashes.clone_from(&self.word_hash);
        self.hashes_n = 1;
    }

    fn words(&self) -> usize {
        self.starts.len() - 1
    }

    /// Numbers the spellings.
    fn spell(&mut self) {
        let words = self.words();
        self.spelling.clear();
        let mut seen = Seen::new(&mut self.table, words);
        let mut next = 0;
        for i in 0..words {
            let part = &self.joined[self.starts[i] as usize..self.starts[i + 1] as usize];
            let first = seen.find_or_insert(spread(self.word_hash[i]), i, |other| {
                self.joined[self.starts[other] as usize..self.starts[other + 1] as usize] == *part
            });
            let spelling = first.map_or(next, |first| self.spelling[first]);
            next += u32::from(first.is_none());
            self.spelling.push(spelling);
        }
        self.grams.clone_from(&self.spelling);
        self.grams_n = 1;
    }

    /// Length times count of the most frequent n-gram, the first one if several are; its words joined by spaces.
    /// None if the text has fewer words. To be asked with growing `n`.
    pub fn top(&mut self, n: usize) -> Option<u64> {
        if self.words() < n {
            return None;
        }
        while self.grams_n < n {
            self.lengthen_grams();
        }
        let mut first: Option<(usize, u32)> = None;
        for (i, &gram) in self.grams.iter().enumerate() {
            let count = self.counts[gram as usize];
            if first.is_none_or(|(_, most)| count > most) {
                first = Some((i, count));
            }
        }
        first.map(|(i, count)| (u64::from(self.chars[i + n] - self.chars[i]) + n as u64 - 1) * u64::from(count))
    }

    /// An n-gram is an (n-1)-gram and a word: a pair of numbers, compared whole, so no hash decides anything.
    fn lengthen_grams(&mut self) {
        let n = self.grams_n + 1;
        let grams = self.words() - n + 1;
        let slots = (grams * 2).next_power_of_two();
        self.pairs.clear();
        self.pairs.resize(slots, (u64::MAX, 0));
        self.counts.clear();
        for i in 0..grams {
            let pair = u64::from(self.grams[i]) << 32 | u64::from(self.spelling[i + n - 1]);
            let mut slot = (spread(pair) >> 32) as usize & (slots - 1);
            self.grams[i] = loop {
                let (kept, gram) = self.pairs[slot];
                if kept == pair {
                    self.counts[gram as usize] += 1;
                    break gram;
                }
                if kept == u64::MAX {
                    let gram = self.counts.len() as u32;
                    self.pairs[slot] = (pair, gram);
                    self.counts.push(1);
                    break gram;
                }
                slot = (slot + 1) & (slots - 1);
            };
        }
        self.grams.truncate(grams);
        self.grams_n = n;
    }

    /// Code points in n-grams that stood before, read from the first word on, jumping over each one found; two are
    /// equal if their words joined without spaces are. To be asked with growing `n`.
    pub fn duplicate(&mut self, n: usize) -> u64 {
        let words = self.words();
        if words < n {
            return 0;
        }
        while self.hashes_n < n {
            let grams = words - self.hashes_n;
            for i in 0..grams {
                let last = i + self.hashes_n;
                self.hashes[i] = add(multiply(self.hashes[i], self.word_weight[last]), self.word_hash[last]);
            }
            self.hashes_n += 1;
        }
        let grams = words - n + 1;
        let mut seen = Seen::new(&mut self.table, grams);
        let part = |i: usize| &self.joined[self.starts[i] as usize..self.starts[i + n] as usize];
        let mut repeated = 0;
        let mut i = 0;
        while i < grams {
            if seen.insert(spread(self.hashes[i]), i, |other| part(other) == part(i)) {
                repeated += u64::from(self.chars[i + n] - self.chars[i]);
                i += n;
            } else {
                i += 1;
            }
        }
        repeated
    }
}

/// `BASE` to the powers 0 to 8.
const POWERS: [u64; 9] = {
    let mut powers = [1; 9];
    let mut i = 1;
    while i < 9 {
        powers[i] = reduce(powers[i - 1] as u128 * BASE as u128);
        i += 1;
    }
    powers
};

/// Bytes read as digits of a number in base `BASE`, and `BASE` to the power of their count. Eight at a time: most words
/// need one reduction.
fn digits(bytes: &[u8]) -> (u64, u64) {
    let (mut number, mut weight) = (0, 1);
    for chunk in bytes.chunks(8) {
        let mut sum = u128::from(number) * u128::from(POWERS[chunk.len()]);
        for (i, &byte) in chunk.iter().enumerate() {
            sum += (u128::from(byte) + 1) * u128::from(POWERS[chunk.len() - 1 - i]);
        }
        number = reduce(sum);
        weight = multiply(weight, POWERS[chunk.len()]);
    }
    (number, weight)
}

fn multiply(a: u64, b: u64) -> u64 {
    reduce(u128::from(a) * u128::from(b))
}

/// The residue of a number below 2^124.
const fn reduce(x: u128) -> u64 {
    let sum = (x as u64 & PRIME) + ((x >> 61) as u64 & PRIME) + (x >> 122) as u64;
    let sum = if sum >= PRIME { sum - PRIME } else { sum };
    if sum >= PRIME { sum - PRIME } else { sum }
}

fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// Spreads a residue or a pair over all 64 bits, so that slot and tag are independent.
fn spread(x: u64) -> u64 {
    let x = (x ^ (x >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^ (x >> 29)
}

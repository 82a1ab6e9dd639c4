use super::reader::Reader;
use super::{END_OF_LINE, LABEL_PREFIX, ModelError, Result, Settings, words};

/// Words, labels and the buckets that pruning has kept. Words stay in the file's bytes; here are their places.
pub struct Dictionary {
    settings: Settings,
    /// Place and length of each entry in the file: words first, then labels.
    entries: Vec<(u32, u32)>,
    words: usize,
    counts: Vec<i64>,
    /// Open addressing: hash and number of an entry, `u32::MAX` for none.
    table: Vec<(u32, u32)>,
    buckets: Buckets,
}

enum Buckets {
    /// Not pruned: every bucket has a row.
    All,
    /// Pruned: open addressing from a kept bucket to its row after the words; `u32::MAX` marks a free slot. The filter
    /// has a bit for every hash of a bucket: pruning keeps few, so that nine of ten questions end there, in the L2 cache.
    Kept { slots: Vec<(u32, u32)>, most: u32, filter: Vec<u64> },
}

/// 256 KiB of filter: 2,000,000 buckets, fastText's default, have a bit each.
const FILTER_BITS: u32 = 1 << 21;

/// A 1 GiB text holds no more different words than this; a larger count is a damaged header.
const MOST_ENTRIES: i64 = 1 << 30;

impl Dictionary {
    pub fn read(reader: &mut Reader, settings: Settings) -> Result<Self> {
        let size = reader.i32("the size of the vocabulary")?;
        let words = reader.i32("the number of words")?;
        let labels = reader.i32("the number of labels")?;
        reader.i64("the number of tokens")?;
        let pruned = reader.i64("the number of kept buckets")?;
        if words < 0 || labels < 1 || i64::from(size) != i64::from(words) + i64::from(labels) || i64::from(size) > MOST_ENTRIES {
            return Err(ModelError(format!("its vocabulary counts {size} entries, {words} words and {labels} labels")));
        }
        // An entry takes a terminator, a count and a kind.
        let size = reader.bounded(i64::from(size), 10, "the size of the vocabulary")?;
        let words = words as usize;
        let mut entries = Vec::with_capacity(size);
        let mut counts = Vec::with_capacity(size - words);
        for entry in 0..size {
            entries.push(reader.string("a word of the vocabulary")?);
            let count = reader.i64("the count of a word")?;
            let kind = reader.u8("the kind of a word")?;
            if kind != u8::from(entry >= words) {
                return Err(ModelError(format!("entry {entry} of its vocabulary is of kind {kind}; words must come first, then labels")));
            }
            if entry >= words {
                counts.push(count);
            }
        }
        let buckets = if pruned < 0 { Buckets::All } else { read_kept(reader, pruned)? };
        Ok(Self { settings, entries, words, counts, table: Vec::new(), buckets })
    }

    /// Fills the table of words; apart from `read` because that holds the file's bytes in its reader.
    pub fn index(&mut self, bytes: &[u8]) {
        let slots = (self.entries.len() * 2).next_power_of_two();
        self.table = vec![(0, u32::MAX); slots];
        for entry in 0..self.entries.len() {
            let hash = words::hash(self.entry(bytes, entry));
            let slot = self.slot(bytes, self.entry(bytes, entry), hash);
            self.table[slot] = (hash, entry as u32); // of two equal entries the later one counts, as in the reference
        }
    }

    fn entry<'a>(&self, bytes: &'a [u8], entry: usize) -> &'a [u8] {
        let (at, length) = self.entries[entry];
        &bytes[at as usize..at as usize + length as usize]
    }

    fn slot(&self, bytes: &[u8], word: &[u8], hash: u32) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = hash.wrapping_mul(0x9E37_79B1) as usize & mask;
        loop {
            let (kept, entry) = self.table[slot];
            if entry == u32::MAX || kept == hash && self.entry(bytes, entry as usize) == word {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    pub fn labels(&self) -> usize {
        self.entries.len() - self.words
    }

    pub fn label<'a>(&self, bytes: &'a [u8], label: usize) -> &'a [u8] {
        self.entry(bytes, self.words + label)
    }

    /// How often each label was seen in training: what the tree of a hierarchical softmax is built from.
    pub fn label_counts(&self) -> &[i64] {
        &self.counts
    }

    pub fn is_pruned(&self) -> bool {
        matches!(self.buckets, Buckets::Kept { .. })
    }

    /// Every row that a text can lead to must be in the input matrix.
    pub fn check_rows(&self, rows: usize) -> Result<()> {
        let buckets = match &self.buckets {
            Buckets::Kept { most, .. } => *most as usize,
            Buckets::All if self.settings.maxn > 0 || self.settings.word_ngrams > 1 => self.settings.bucket as usize,
            Buckets::All => 0,
        };
        if rows < self.words + buckets {
            return Err(ModelError(format!("the input matrix has {rows} rows for {} words and {buckets} buckets", self.words)));
        }
        Ok(())
    }

    /// The row of a bucket in the input matrix, unless it was pruned away.
    pub fn bucket_row(&self, bucket: u32) -> Option<u32> {
        let row = match &self.buckets {
            Buckets::All => bucket,
            Buckets::Kept { slots, .. } => {
                let mask = slots.len() - 1;
                let mut slot = bucket.wrapping_mul(0x9E37_79B1) as usize & mask;
                loop {
                    match slots[slot] {
                        (u32::MAX, _) => return None,
                        (kept, row) if kept == bucket => break row,
                        _ => slot = (slot + 1) & mask,
                    }
                }
            }
        };
        Some(self.words as u32 + row)
    }

    /// Appends the rows of a token; false for a label, which has none and is no part of a word n-gram either.
    pub fn push_rows(&self, bytes: &[u8], token: &[u8], hash: u32, rows: &mut Vec<u32>) -> bool {
        let entry = self.table[self.slot(bytes, token, hash)].1 as usize;
        if entry == u32::MAX as usize {
            if token.starts_with(LABEL_PREFIX) {
                return false;
            }
            if token != END_OF_LINE {
                self.push_subwords(token, rows);
            }
            return true;
        }
        if entry >= self.words {
            return false;
        }
        rows.push(entry as u32);
        if self.settings.maxn > 0 && token != END_OF_LINE {
            self.push_subwords(token, rows);
        }
        true
    }

    /// Character n-grams of `<token>`, by first character and then by length, hashed byte by byte as signed chars.
    fn push_subwords(&self, token: &[u8], rows: &mut Vec<u32>) {
        let first = rows.len();
        let length = token.len() + 2;
        let mut short = [0; 80];
        let mut long = Vec::new();
        let word = if length <= short.len() {
            &mut short[..length]
        } else {
            long.resize(length, 0);
            &mut long[..]
        };
        word[0] = b'<';
        word[1..length - 1].copy_from_slice(token);
        word[length - 1] = b'>';
        if token.is_ascii() {
            self.push_buckets(word, |_| false, rows);
        } else {
            self.push_buckets(word, |byte| byte & 0xC0 == 0x80, rows);
        }
        self.buckets_to_rows(first, rows);
    }

    /// `continues` says whether a byte is inside a character; for ASCII it is known to be false and costs nothing.
    #[inline]
    fn push_buckets(&self, word: &[u8], continues: impl Fn(u8) -> bool, rows: &mut Vec<u32>) {
        let Settings { minn, maxn, bucket, .. } = self.settings;
        let bucket = Divisor::new(bucket);
        for start in 0..word.len() {
            if continues(word[start]) {
                continue;
            }
            let mut hash = words::HASH_START;
            let mut end = start;
            for characters in 1..=maxn {
                if end >= word.len() {
                    break;
                }
                hash = words::hash_byte(hash, word[end]);
                end += 1;
                while end < word.len() && continues(word[end]) {
                    hash = words::hash_byte(hash, word[end]);
                    end += 1;
                }
                let bracket_alone = characters == 1 && (start == 0 || end == word.len());
                if characters >= minn && !bracket_alone {
                    rows.push(bucket.remainder(hash));
                }
            }
        }
    }

    /// Replaces buckets from `first` on by their rows, leaving out those without one.
    fn buckets_to_rows(&self, first: usize, rows: &mut Vec<u32>) {
        if let Buckets::Kept { filter, .. } = &self.buckets {
            // No branch a bucket: whether it passes is as good as random, and a wrong guess costs more than all the rest.
            let mut kept = first;
            for i in first..rows.len() {
                let bucket = rows[i];
                let bit = bucket % FILTER_BITS;
                rows[kept] = bucket;
                kept += (filter[bit as usize / 64] >> (bit % 64) & 1) as usize;
            }
            rows.truncate(kept);
        }
        let mut kept = first;
        for i in first..rows.len() {
            if let Some(row) = self.bucket_row(rows[i]) {
                rows[kept] = row;
                kept += 1;
            }
        }
        rows.truncate(kept);
    }
}

/// Remainders by one divisor without dividing (Lemire, Kaser, Kurz 2019): exact for 32-bit numbers.
#[derive(Clone, Copy)]
struct Divisor {
    divisor: u32,
    inverse: u64,
}

impl Divisor {
    fn new(divisor: u32) -> Self {
        Self { divisor, inverse: if divisor == 0 { 0 } else { (u64::MAX / u64::from(divisor)).wrapping_add(1) } }
    }

    fn remainder(self, x: u32) -> u32 {
        let fraction = self.inverse.wrapping_mul(u64::from(x));
        ((u128::from(fraction) * u128::from(self.divisor)) >> 64) as u32
    }
}

fn read_kept(reader: &mut Reader, count: i64) -> Result<Buckets> {
    let count = reader.bounded(count, 8, "the number of kept buckets")?;
    let mut slots = vec![(u32::MAX, 0); (count * 2).next_power_of_two().max(2)];
    let mask = slots.len() - 1;
    let mut most = 0;
    let mut filter = vec![0_u64; FILTER_BITS as usize / 64];
    for _ in 0..count {
        let bucket = reader.i32("a kept bucket")?;
        let row = reader.i32("the row of a kept bucket")?;
        if bucket < 0 || row < 0 {
            return Err(ModelError(format!("a kept bucket is numbered {bucket} and has row {row}")));
        }
        most = most.max(row as u32 + 1);
        let mut slot = (bucket as u32).wrapping_mul(0x9E37_79B1) as usize & mask;
        while slots[slot].0 != u32::MAX && slots[slot].0 != bucket as u32 {
            slot = (slot + 1) & mask;
        }
        slots[slot] = (bucket as u32, row as u32);
        let bit = bucket as u32 % FILTER_BITS;
        filter[bit as usize / 64] |= 1 << (bit % 64);
    }
    Ok(Buckets::Kept { slots, most, filter })
}

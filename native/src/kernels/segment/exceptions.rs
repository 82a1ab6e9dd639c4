//! Texts that rules must not touch, and where they are parted: `z. B.`'s halves, `don't`, smileys.

use std::collections::HashMap;

use super::chunk::Splitter;
use super::classes::classes;
use super::rules::{Rules, infix_length, prefix_length, suffix_length};

/// From spaCy by scripts/generate-segment-data.py.
const DATA: &str = include_str!("data/exceptions.txt");

pub struct Exception {
    /// Where its words end, in bytes from its start. Longer exceptions than 255 bytes do not exist.
    pub ends: Box<[u8]>,
    /// Where words end that the rules alone would make of it; empty if they never meet it.
    pub taken_apart: Box<[u8]>,
    /// Bounds in `Exceptions::bytes`.
    key: (u32, u32),
}

/// The exceptions of one language.
pub struct Exceptions {
    all: Vec<Exception>,
    bytes: Vec<u8>,
    /// Open addressing, `u32::MAX` for none.
    slots: Vec<u32>,
    /// Which lengths exist, of all and of those of letters alone that are parted.
    lengths: Lengths,
    lettered: Lengths,
    pub longest: usize,
    /// Whether rules leave one whole that is to be parted.
    pub has_single: bool,
    /// Their last bytes, sorted, and which byte is the very last.
    spaced_tails: Vec<([u8; TAIL], usize)>,
    spaced_ends: [bool; 256],
    /// The words that the rules alone make of each, a NUL behind each word, and all beginnings of these; false says that
    /// it is only a beginning. And the most words there are.
    sequences: HashMap<Vec<u8>, bool>,
    pub most_words: usize,
}

impl Exceptions {
    fn empty() -> Self {
        Self {
            all: Vec::new(),
            bytes: Vec::new(),
            slots: vec![u32::MAX],
            lengths: Lengths::NONE,
            lettered: Lengths::NONE,
            longest: 0,
            has_single: false,
            spaced_tails: Vec::new(),
            spaced_ends: [false; 256],
            sequences: HashMap::new(),
            most_words: 0,
        }
    }

    /// Those of a section of the data, with the base ones that it does not take out.
    pub fn of(section: Option<&str>, rules: &Rules) -> Self {
        let base = lines("base");
        let own: Vec<&str> = section.map(|section| lines(section).collect()).unwrap_or_default();
        let spell = |line: &str| line.replace('\t', "");
        let out: Vec<String> = own.iter().map(|line| line.strip_prefix("-\t").map_or_else(|| spell(line), str::to_owned)).collect();
        let mut list: Vec<&str> = base.filter(|line| !out.contains(&spell(line))).collect();
        list.extend(own.iter().filter(|line| !line.starts_with("-\t")));

        let mut built = Self::empty();
        built.slots = vec![u32::MAX; (list.len() * 3).next_power_of_two()];
        let mut splitter = Splitter::default();
        let none = Self::empty();
        for line in list {
            let start = built.bytes.len();
            let ends: Box<[u8]> = line
                .split('\t')
                .map(|piece| {
                    built.bytes.extend_from_slice(piece.as_bytes());
                    (built.bytes.len() - start) as u8
                })
                .collect();
            let key = built.bytes[start..].to_vec();
            let slot = built.slot(&key);
            built.slots[slot] = built.all.len() as u32;
            built.longest = built.longest.max(key.len());
            built.lengths.add(&key);
            let mut taken_apart = Vec::new();
            let mut touched = false;
            let mut sequence = Vec::new();
            let mut at = 0;
            for part in key.split(|&byte| byte == b' ') {
                splitter.split(classes(), rules, &none, part, (0, part.len()));
                taken_apart.extend(splitter.words.iter().map(|word| (at + splitter.chars[word.1].at as usize) as u8));
                for &(low, high) in &splitter.words {
                    sequence.extend_from_slice(&part[splitter.chars[low].at as usize..splitter.chars[high].at as usize]);
                    sequence.push(0);
                }
                let span = &splitter.chars[..splitter.chars.len() - 1];
                touched |= prefix_length(rules, span) > 0
                    || suffix_length(rules, span) > 0
                    || (0..span.len()).any(|at| infix_length(rules, span, at).is_some());
                at += part.len() + 1;
            }
            let spaced = key.contains(&b' ');
            if spaced {
                built.spaced_tails.push((tail(&key), built.all.len()));
                built.spaced_ends[key[key.len() - 1] as usize] = true;
            }
            if touched || spaced {
                built.most_words = built.most_words.max(taken_apart.len());
                for (at, _) in sequence.iter().enumerate().filter(|&(at, &byte)| byte == 0 && at + 1 < sequence.len()) {
                    built.sequences.entry(sequence[..=at].to_vec()).or_insert(false);
                }
                built.sequences.insert(sequence, true);
            } else {
                taken_apart.clear();
            }
            built.has_single |= taken_apart.len() == 1 && ends.len() > 1;
            if ends.len() > 1 && std::str::from_utf8(&key).is_ok_and(|key| key.chars().all(char::is_alphabetic)) {
                built.lettered.add(&key);
            }
            let key = (start as u32, built.bytes.len() as u32);
            built.all.push(Exception { ends, taken_apart: taken_apart.into(), key });
        }
        built.spaced_tails.sort_unstable();
        built
    }

    pub fn get(&self, number: usize) -> &Exception {
        &self.all[number]
    }

    pub fn key(&self, number: usize) -> &[u8] {
        let (start, end) = self.all[number].key;
        &self.bytes[start as usize..end as usize]
    }

    fn slot(&self, key: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = xxhash_rust::xxh3::xxh3_64(key) as usize & mask;
        while self.slots[slot] != u32::MAX && self.key(self.slots[slot] as usize) != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The number of the exception that `text`, not empty, is. Most texts end at the first test.
    #[inline]
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        if text.len() > self.longest || !self.lengths.may_hold(text) {
            return None;
        }
        let found = self.slots[self.slot(text)];
        (found != u32::MAX).then_some(found as usize)
    }

    /// Whether a word may end one with white space in it.
    #[inline]
    pub fn may_end_spaced(&self, word: &[u8]) -> bool {
        word.last().is_some_and(|&byte| self.spaced_ends[byte as usize])
    }

    /// Those with white space in them that `text` ends with.
    pub fn spaced_at_end<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let wanted = tail(text);
        let from = self.spaced_tails.partition_point(|(tail, _)| *tail < wanted);
        let near = self.spaced_tails[from..].iter().take_while(move |(tail, _)| *tail == wanted);
        near.map(|&(_, number)| number).filter(|&number| text.ends_with(self.key(number)))
    }

    /// Whether words, each with a NUL behind it, are what the rules make of some exception; None if none begins so.
    pub fn sequence(&self, words: &[u8]) -> Option<bool> {
        self.sequences.get(words).copied()
    }

    /// Whether a text of letters alone is to be parted.
    #[inline]
    pub fn parts_letters(&self, text: &[u8]) -> bool {
        self.lettered.may_hold(text) && self.find(text).is_some_and(|found| self.all[found].ends.len() > 1)
    }
}

/// How many last bytes of an exception with white space are looked up; none is shorter.
const TAIL: usize = 5;

fn tail(text: &[u8]) -> [u8; TAIL] {
    text.last_chunk().copied().unwrap_or_default()
}

/// A test that most texts fail: bit n of a byte says that something n bytes long begins, or ends, with it.
struct Lengths {
    first: [u64; 256],
    last: [u64; 256],
}

impl Lengths {
    const NONE: Self = Self { first: [0; 256], last: [0; 256] };

    fn add(&mut self, key: &[u8]) {
        self.first[key[0] as usize] |= 1 << key.len().min(63);
        self.last[key[key.len() - 1] as usize] |= 1 << key.len().min(63);
    }

    /// Of a text that is not empty.
    #[inline]
    fn may_hold(&self, text: &[u8]) -> bool {
        (self.first[text[0] as usize] & self.last[text[text.len() - 1] as usize]) >> text.len().min(63) & 1 != 0
    }
}

/// The lines of one section of the data.
fn lines(section: &str) -> impl Iterator<Item = &'static str> {
    let head = format!("[{section}]");
    let is_head = |line: &str| {
        line.len() > 2
            && line.starts_with('[')
            && line.ends_with(']')
            && line[1..line.len() - 1].bytes().all(|byte| byte.is_ascii_lowercase())
    };
    DATA.lines().skip_while(move |line| *line != head).skip(1).take_while(move |line| !is_head(line))
}

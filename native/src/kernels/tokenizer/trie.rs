//! Strings and their numbers, walked byte by byte: a double array.

#[derive(Clone, Copy)]
struct Unit {
    /// The child for byte b lies at `base ^ b`.
    base: u32,
    /// The parent; `FREE` for an empty unit.
    parent: u32,
    /// The number of the string that ends here, or `NONE`.
    value: u32,
}

const FREE: u32 = u32::MAX;
pub const NONE: u32 = u32::MAX;

pub struct Trie {
    units: Vec<Unit>,
}

impl Trie {
    /// Of strings that are not empty and each there once.
    pub fn new(mut strings: Vec<(&[u8], u32)>) -> Self {
        strings.sort_unstable();
        let mut builder = Builder { units: vec![], first_free: 1 };
        builder.grow(256);
        builder.units[0].parent = 0;
        let mut waiting = vec![(0_usize, 0_usize, strings.len(), 0_usize)];
        while let Some((node, mut from, to, depth)) = waiting.pop() {
            if from < to && strings[from].0.len() == depth {
                builder.units[node].value = strings[from].1;
                from += 1;
            }
            let mut children: Vec<(u8, usize, usize)> = Vec::new();
            for (i, (string, _)) in strings.iter().enumerate().take(to).skip(from) {
                match children.last_mut() {
                    Some((byte, _, end)) if *byte == string[depth] => *end = i + 1,
                    _ => children.push((string[depth], i, i + 1)),
                }
            }
            if children.is_empty() {
                continue;
            }
            let base = builder.place(&children);
            builder.units[node].base = base as u32;
            for &(byte, from, to) in &children {
                let child = base ^ usize::from(byte);
                builder.units[child].parent = node as u32;
                waiting.push((child, from, to, depth + 1));
            }
        }
        Self { units: builder.units }
    }

    /// The root of every walk.
    pub const ROOT: u32 = 0;

    /// The node one byte further, if any string goes on so.
    #[inline]
    pub fn step(&self, node: u32, byte: u8) -> Option<u32> {
        let child = self.units[node as usize].base ^ u32::from(byte);
        (child != 0 && self.units[child as usize].parent == node).then_some(child)
    }

    /// The number of the string that ends at a node, or `NONE`.
    #[inline]
    pub fn value(&self, node: u32) -> u32 {
        self.units[node as usize].value
    }

    /// The longest string that `text` begins with: its length and number.
    pub fn longest(&self, text: &[u8]) -> Option<(usize, u32)> {
        let (mut node, mut found) = (Self::ROOT, None);
        for (length, &byte) in (1..).zip(text) {
            let Some(next) = self.step(node, byte) else { break };
            node = next;
            if self.value(node) != NONE {
                found = Some((length, self.value(node)));
            }
        }
        found
    }
}

struct Builder {
    units: Vec<Unit>,
    first_free: usize,
}

impl Builder {
    fn grow(&mut self, length: usize) {
        // Whole blocks, so that `base ^ byte` stays inside for every byte.
        self.units.resize(length.next_multiple_of(256), Unit { base: 0, parent: FREE, value: NONE });
    }

    /// A base at which all children fall on free units.
    fn place(&mut self, children: &[(u8, usize, usize)]) -> usize {
        while self.units.get(self.first_free).is_some_and(|unit| unit.parent != FREE) {
            self.first_free += 1;
        }
        let mut at = self.first_free;
        let mut tries = 0;
        loop {
            if at >= self.units.len() {
                self.grow(at + 1);
            }
            let base = at ^ usize::from(children[0].0);
            if self.units[at].parent == FREE
                && children.iter().all(|&(byte, ..)| base ^ usize::from(byte) != 0 && self.units[base ^ usize::from(byte)].parent == FREE)
            {
                return base;
            }
            at += 1;
            tries += 1;
            // A nearly full stretch is given up, else building would be quadratic.
            if tries > 1024 {
                self.first_free = at;
                tries = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_finds_what_was_put_in_and_nothing_else(
            strings in proptest::collection::btree_map(proptest::collection::vec(prop_oneof![0_u8..4, any::<u8>()], 1..6), any::<u16>(), 1..60),
            texts in proptest::collection::vec(proptest::collection::vec(prop_oneof![0_u8..4, any::<u8>()], 0..8), 1..20),
        ) {
            let strings: BTreeMap<Vec<u8>, u16> = strings;
            let trie = Trie::new(strings.iter().map(|(string, &number)| (&string[..], u32::from(number))).collect());
            for text in texts.iter().chain(strings.keys()) {
                let expected = (1..=text.len()).rev().find_map(|length| strings.get(&text[..length]).map(|&n| (length, u32::from(n))));
                prop_assert_eq!(trie.longest(text), expected);
            }
        }
    }

    #[test]
    fn an_empty_trie_finds_nothing() {
        assert_eq!(Trie::new(vec![]).longest(b"a\0"), None);
    }
}

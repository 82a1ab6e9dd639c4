//! A number for each host that addresses name, so that millions of rows are asked about by host without their addresses.

use std::cmp::Ordering;

use xxhash_rust::xxh3::xxh3_64;

use super::document_keys::row_of;

/// Names in lower case, back to back, and 4 bytes a slot besides: about 12 bytes more than each name. Number 0 is "no host".
pub struct HostTable {
    names: Vec<u8>,
    ends: Vec<usize>,
    /// A number in each taken slot; 0, which never lies in one, marks a free one.
    slots: Vec<u32>,
}

impl Default for HostTable {
    fn default() -> Self {
        Self { names: Vec::new(), ends: vec![0], slots: vec![0; 1024] }
    }
}

impl HostTable {
    /// How many numbers there are, with 0.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.len() == 1
    }

    pub fn name(&self, number: u32) -> &[u8] {
        let number = number as usize;
        if number == 0 || number >= self.ends.len() { &[] } else { &self.names[self.ends[number - 1]..self.ends[number]] }
    }

    /// The number of the host of every address of a column.
    pub fn add(&mut self, values: &[u8], offsets: &[i32]) -> Result<Vec<u32>, String> {
        let rows = offsets.len().saturating_sub(1);
        let mut lower = Vec::new();
        (0..rows)
            .map(|row| {
                lower.clear();
                append_lower(host_of(row_of(values, offsets, row)?), &mut lower);
                Ok(self.number(&lower))
            })
            .collect()
    }

    fn number(&mut self, name: &[u8]) -> u32 {
        if name.is_empty() {
            return 0;
        }
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
        }
        let slot = self.slot(name);
        if self.slots[slot] == 0 {
            self.names.extend_from_slice(name);
            self.ends.push(self.names.len());
            self.slots[slot] = self.ends.len() as u32 - 1;
        }
        self.slots[slot]
    }

    /// Where a name lies, or is to be put.
    fn slot(&self, name: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = xxh3_64(name) as usize & mask;
        while self.slots[slot] != 0 && self.name(self.slots[slot]) != name {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for number in 1..self.ends.len() as u32 {
            let slot = self.slot(self.name(number));
            self.slots[slot] = number;
        }
    }

    /// A byte a number: 1 for a host (in any case) and all below it.
    pub fn under(&self, host: &str) -> Vec<u8> {
        let mut wanted = Vec::new();
        append_lower(host.as_bytes(), &mut wanted);
        let fits = |name: &[u8]| name.strip_suffix(wanted.as_slice()).is_some_and(|before| before.is_empty() || before.ends_with(b"."));
        (0..self.ends.len() as u32).map(|number| u8::from(number != 0 && fits(self.name(number)))).collect()
    }

    /// The numbers with the highest counts, equal ones by name; none that has no count, and not 0.
    pub fn top(&self, counts: &[u32], most: usize) -> Vec<u32> {
        let mut found: Vec<u32> = (1..self.ends.len().min(counts.len()) as u32).filter(|&number| counts[number as usize] > 0).collect();
        let order =
            |a: &u32, b: &u32| -> Ordering { counts[*b as usize].cmp(&counts[*a as usize]).then_with(|| self.name(*a).cmp(self.name(*b))) };
        if found.len() > most && most > 0 {
            found.select_nth_unstable_by(most - 1, order);
        }
        found.truncate(most);
        found.sort_unstable_by(order);
        found
    }
}

/// What stands between `scheme://`, with user and password behind it, and port or path; empty for what is no such address.
fn host_of(address: &[u8]) -> &[u8] {
    let Some(colon) = address.iter().position(|&byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))) else {
        return &[];
    };
    if !address[0].is_ascii_alphabetic() || !address[colon..].starts_with(b"://") {
        return &[];
    }
    let rest = &address[colon + 3..];
    let authority = &rest[..rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len())];
    // A user name ends at the first sign: what is behind it is asked for, whatever it holds.
    let host = authority.iter().position(|&byte| byte == b'@').map_or(authority, |at| &authority[at + 1..]);
    &host[..host.iter().position(|&byte| byte == b':').unwrap_or(host.len())]
}

fn append_lower(name: &[u8], into: &mut Vec<u8>) {
    match str::from_utf8(name) {
        Ok(text) if !text.is_ascii() => into.extend_from_slice(text.to_lowercase().as_bytes()),
        _ => into.extend(name.iter().map(u8::to_ascii_lowercase)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(addresses: &[&str]) -> (Vec<u8>, Vec<i32>) {
        let mut offsets = vec![0];
        for address in addresses {
            offsets.push(offsets.last().unwrap() + address.len() as i32);
        }
        (addresses.concat().into_bytes(), offsets)
    }

    #[test]
    fn a_host_is_what_the_address_says_it_is() {
        for (address, host) in [
            ("https://Example.EU/a?b#c", "Example.EU"),
            ("http://user:pass@example.eu:8080/", "example.eu"),
            ("http://a@b@c/", "b@c"),
            ("https://example.eu?x=://other", "example.eu"),
            ("https://example.eu", "example.eu"),
            ("svn+ssh://example.eu#", "example.eu"),
            ("https:///path", ""),
            ("https://:80/", ""),
            ("1http://example.eu/", ""),
            ("mailto:a@example.eu", ""),
            ("example.eu/page", ""),
            ("://example.eu", ""),
            ("", ""),
        ] {
            assert_eq!(host_of(address.as_bytes()), host.as_bytes(), "{address}");
        }
    }

    #[test]
    fn equal_hosts_have_one_number_in_any_case() {
        let mut table = HostTable::default();
        let (values, offsets) = column(&["http://A.eu/", "", "http://a.EU/x", "https://ÄB.eu/", "https://äb.eu/", "nothing"]);
        assert_eq!(table.add(&values, &offsets).unwrap(), [1, 0, 1, 2, 2, 0]);
        assert_eq!((table.len(), table.name(2)), (3, "äb.eu".as_bytes()));
        assert!(table.add(&values, &[0, 99]).is_err());
    }

    #[test]
    fn many_hosts_keep_their_numbers() {
        let mut table = HostTable::default();
        let names: Vec<String> = (0..20_000).map(|n| format!("https://host-{n}.example/{n}")).collect();
        let (values, offsets) = column(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let first = table.add(&values, &offsets).unwrap();
        assert_eq!(first, (1..=20_000).collect::<Vec<u32>>());
        assert_eq!(table.add(&values, &offsets).unwrap(), first);
        assert_eq!(table.name(777), b"host-776.example");
    }

    #[test]
    fn below_a_host_is_what_ends_with_it_at_a_dot() {
        let mut table = HostTable::default();
        let (values, offsets) = column(&["http://example.eu/", "http://www.Example.eu/", "http://notexample.eu/", "http://eu/"]);
        table.add(&values, &offsets).unwrap();
        assert_eq!(table.under("Example.EU"), [0, 1, 1, 0, 0]);
        assert_eq!(table.under("eu"), [0, 1, 1, 1, 1]);
        assert_eq!(table.under("none"), [0; 5]);
    }

    #[test]
    fn the_first_by_count_are_those_of_sorting_all() {
        let mut table = HostTable::default();
        let names: Vec<String> = (0..500).map(|n| format!("http://h{}/", (n * 7919) % 500)).collect();
        let (values, offsets) = column(&names.iter().map(String::as_str).collect::<Vec<_>>());
        table.add(&values, &offsets).unwrap();
        let counts: Vec<u32> = (0..table.len() as u32).map(|n| n % 5).collect();
        let mut all: Vec<u32> = (1..table.len() as u32).filter(|&n| counts[n as usize] > 0).collect();
        all.sort_by(|&a, &b| counts[b as usize].cmp(&counts[a as usize]).then(table.name(a).cmp(table.name(b))));
        for most in [0, 1, 10, 150, 1000] {
            assert_eq!(table.top(&counts, most), all[..most.min(all.len())]);
        }
    }
}

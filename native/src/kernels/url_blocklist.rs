//! Which addresses are blocked, by lists of domains, addresses and words: what datatrove's `URLFilter` does, and how lists of
//! hosts mean it. Millions of domains are eight bytes each.

mod host;
mod lists;
mod table;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use aho_corasick::AhoCorasick;
use xxhash_rust::xxh3::xxh3_64;

use host::{Host, icann_suffix};
pub use lists::{Holds, ListFile, Source};
use table::HashTable;

/// How hosts are read and compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A listed domain blocks all below it; case, port and a trailing dot do not matter.
    Quern,
    /// As `URLFilter` of datatrove 0.10: the registered domain or the whole host is listed, byte for byte, and private suffixes
    /// are domains like others.
    Datatrove,
}

pub struct Blocklist {
    mode: Mode,
    domains: HashTable,
    urls: HashTable,
    words: HashTable,
    soft_words: HashTable,
    sub_words: Option<AhoCorasick>,
}

/// What of an address is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is a rule of its own
pub struct Found {
    /// The registered domain (public suffix and one label), or in Quern's mode a host without one.
    pub domain: bool,
    /// A host below the registered domain.
    pub sub_domain: bool,
    pub url: bool,
    /// Different listed words among its parts.
    pub words: u32,
    pub soft_words: u32,
    pub sub_word: bool,
}

/// Six columns of `judge_column`, a value a row.
pub const MEASURES: usize = 6;

/// The blocklists that some worker of this process holds, by key.
static SHARED: Mutex<Vec<(String, Weak<Blocklist>)>> = Mutex::new(Vec::new());

impl Blocklist {
    /// Like `read`, but workers that name the same key share one blocklist: five million domains are 40 MB, once. The key must
    /// tell the files' contents apart.
    pub fn shared(key: &str, mode: Mode, sources: &[Source]) -> Result<Arc<Self>, String> {
        // Held while reading, so that the second worker waits for the first one's instead of reading too.
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|(_, blocklist)| blocklist.strong_count() > 0);
        if let Some(known) = shared.iter().find(|(known, _)| known == key).and_then(|(_, blocklist)| blocklist.upgrade()) {
            return Ok(known);
        }
        let blocklist = Arc::new(Self::read(mode, sources)?);
        shared.push((key.to_owned(), Arc::downgrade(&blocklist)));
        Ok(blocklist)
    }

    /// Reads lists, in any order. The error names the file.
    pub fn read(mode: Mode, sources: &[Source]) -> Result<Self, String> {
        let mut entries = lists::Entries::default();
        for source in sources {
            entries.read(mode, source)?;
        }
        let sub_words = if entries.sub_words.is_empty() {
            None
        } else {
            Some(AhoCorasick::new(&entries.sub_words).map_err(|error| error.to_string())?)
        };
        Ok(Self {
            mode,
            domains: HashTable::new(entries.domains),
            urls: HashTable::new(entries.urls),
            words: HashTable::new(entries.words),
            soft_words: HashTable::new(entries.soft_words),
            sub_words,
        })
    }

    /// Different entries of domains, addresses, words and soft words.
    pub fn sizes(&self) -> [usize; 4] {
        [self.domains.len(), self.urls.len(), self.words.len(), self.soft_words.len()]
    }

    /// Judges every row of a column of addresses into `MEASURES` columns; an empty address keeps what stands there.
    pub fn judge_column(&self, values: &[u8], offsets: &[i32], out: &mut [f64]) {
        let rows = offsets.len() - 1;
        let mut scratch = Scratch::default();
        for row in 0..rows {
            let url = &values[offsets[row] as usize..offsets[row + 1] as usize];
            if url.is_empty() {
                continue;
            }
            let found = self.judge(url, &mut scratch);
            let numbers = [
                f64::from(found.domain),
                f64::from(found.sub_domain),
                f64::from(found.url),
                f64::from(found.words),
                f64::from(found.soft_words),
                f64::from(found.sub_word),
            ];
            for (i, number) in numbers.into_iter().enumerate() {
                out[i * rows + row] = number;
            }
        }
    }

    pub fn judge(&self, url: &[u8], scratch: &mut Scratch) -> Found {
        let mut found = Found::default();
        if !self.domains.is_empty() {
            (found.domain, found.sub_domain) = self.host_listed(url);
        }
        if !self.urls.is_empty() {
            found.url =
                self.urls.contains(xxh3_64(url)) || (self.mode == Mode::Quern && self.urls.contains(xxh3_64(&host::plain_url(url))));
        }
        if !self.words.is_empty() || !self.soft_words.is_empty() {
            (found.words, found.soft_words) = self.count_words(url, scratch);
        }
        if let Some(sub_words) = &self.sub_words {
            scratch.letters.clear();
            scratch.letters.extend(url.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase));
            found.sub_word = sub_words.is_match(&scratch.letters);
        }
        found
    }

    fn host_listed(&self, url: &[u8]) -> (bool, bool) {
        match self.mode {
            Mode::Datatrove => {
                let Some(host) = Host::as_tldextract(url) else { return (false, false) };
                (self.domains.contains(xxh3_64(host.registered())), self.domains.contains(xxh3_64(host.whole())))
            }
            Mode::Quern => {
                let Some(host) = Host::of(url) else { return (false, false) };
                let whole = host.whole();
                if self.domains.contains(xxh3_64(host.registered())) {
                    return (true, false);
                }
                // From the whole host towards the registered domain: a list names any of them.
                let mut start = 0;
                while whole.len() - start > host.registered().len() {
                    if self.domains.contains(xxh3_64(&whole[start..])) {
                        return (false, true);
                    }
                    match memchr::memchr(b'.', &whole[start..]) {
                        Some(dot) => start += dot + 1,
                        None => break,
                    }
                }
                (false, false)
            }
        }
    }

    fn count_words(&self, url: &[u8], scratch: &mut Scratch) -> (u32, u32) {
        scratch.words.clear();
        scratch.soft_words.clear();
        for word in url.split(|byte| !byte.is_ascii_alphanumeric()) {
            let hash = if self.mode == Mode::Datatrove {
                xxh3_64(word)
            } else {
                scratch.letters.clear();
                scratch.letters.extend(word.iter().map(u8::to_ascii_lowercase));
                xxh3_64(&scratch.letters)
            };
            if self.words.contains(hash) {
                scratch.words.push(hash);
            }
            if self.soft_words.contains(hash) {
                scratch.soft_words.push(hash);
            }
        }
        let different = |hashes: &mut Vec<u64>| {
            hashes.sort_unstable();
            hashes.dedup();
            hashes.len() as u32
        };
        (different(&mut scratch.words), different(&mut scratch.soft_words))
    }
}

/// Buffers used again for every address.
#[derive(Default)]
pub struct Scratch {
    letters: Vec<u8>,
    words: Vec<u64>,
    soft_words: Vec<u64>,
}

/// True for a name that others register names below: `com`, `co.uk`.
fn is_public_suffix(name: &[u8]) -> bool {
    icann_suffix(name).is_some_and(|suffix| suffix.len() == name.len())
}

#[cfg(test)]
mod tests;

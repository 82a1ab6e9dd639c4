//! Reads lists: plain or gzip, one entry a line, `#` for comments; domains also in the format of hosts files.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::net::IpAddr;

use flate2::bufread::MultiGzDecoder;
use xxhash_rust::xxh3::xxh3_64;

use super::host::{plain_name, plain_url};
use super::{Mode, is_public_suffix};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    Domains,
    Urls,
    Words,
    SoftWords,
    SubWords,
}

pub enum ListFile {
    Path(String),
    /// Entries written in the pipeline itself.
    Entries(Vec<String>),
}

pub struct Source {
    pub list: ListFile,
    pub holds: Holds,
}

/// Hashes of what was read; sub-words themselves, of which there are few.
#[derive(Default)]
pub struct Entries {
    pub domains: Vec<u64>,
    pub urls: Vec<u64>,
    pub words: Vec<u64>,
    pub soft_words: Vec<u64>,
    pub sub_words: Vec<Vec<u8>>,
}

/// A longer line is no entry of any list.
const LONGEST_LINE: u64 = 1 << 16;

impl Entries {
    pub fn read(&mut self, mode: Mode, source: &Source) -> Result<(), String> {
        match &source.list {
            ListFile::Entries(entries) => {
                for entry in entries {
                    self.add(mode, source.holds, entry.as_bytes());
                }
                Ok(())
            }
            ListFile::Path(path) => self.read_file(mode, source.holds, path).map_err(|error| format!("{path}: {error}")),
        }
    }

    fn read_file(&mut self, mode: Mode, holds: Holds, path: &str) -> std::io::Result<()> {
        let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
        let packed = file.fill_buf()?.starts_with(&[0x1F, 0x8B]);
        if packed {
            self.read_lines(mode, holds, BufReader::with_capacity(1 << 18, MultiGzDecoder::new(file)))
        } else {
            self.read_lines(mode, holds, file)
        }
    }

    fn read_lines(&mut self, mode: Mode, holds: Holds, mut file: impl BufRead) -> std::io::Result<()> {
        let mut line = Vec::new();
        loop {
            line.clear();
            if file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if line.len() as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
                return Err(std::io::Error::other("a line is longer than 65,536 bytes: it is no list"));
            }
            if line[0] != b'#' {
                self.add(mode, holds, &line);
            }
        }
    }

    fn add(&mut self, mode: Mode, holds: Holds, line: &[u8]) {
        let entry = line.trim_ascii();
        let quern = mode == Mode::Quern;
        match holds {
            Holds::Domains if quern => self.add_hosts(entry),
            Holds::Domains => push(&mut self.domains, entry),
            Holds::Urls => {
                push(&mut self.urls, entry);
                if quern {
                    push(&mut self.urls, &plain_url(entry));
                }
            }
            Holds::Words => push(&mut self.words, &letters(entry)),
            Holds::SoftWords => push(&mut self.soft_words, &letters(entry)),
            Holds::SubWords => {
                let word = letters(entry);
                if !word.is_empty() {
                    self.sub_words.push(word);
                }
            }
        }
    }

    /// `example.com`, `*.example.com`, `0.0.0.0 example.com www.example.com # note`. A public suffix is left out: it would
    /// block everybody below it.
    fn add_hosts(&mut self, entry: &[u8]) {
        let entry = entry.split(|&byte| byte == b'#').next().unwrap_or(entry);
        let mut names = Cursor::new(entry)
            .split(b' ')
            .map_while(Result::ok)
            .flat_map(|part| part.split(|&b| b == b'\t').map(<[u8]>::to_vec).collect::<Vec<_>>())
            .filter(|name| !name.is_empty())
            .peekable();
        let Some(first) = names.next() else { return };
        let hosts_file = names.peek().is_some() && std::str::from_utf8(&first).is_ok_and(|name| name.parse::<IpAddr>().is_ok());
        let names: Vec<Vec<u8>> = if hosts_file { names.collect() } else { vec![first] };
        for name in names {
            let name = name.strip_prefix(b"*.").or_else(|| name.strip_prefix(b".")).unwrap_or(&name);
            let Some(name) = plain_name(name) else { continue };
            // What every hosts file says of the machine itself is no entry.
            let own = hosts_file && (!name.contains(&b'.') || name == b"0.0.0.0" || name == b"localhost.localdomain");
            if !own && !is_public_suffix(&name) {
                push(&mut self.domains, &name);
            }
        }
    }
}

fn push(hashes: &mut Vec<u64>, entry: &[u8]) {
    if !entry.is_empty() {
        hashes.push(xxh3_64(entry));
    }
}

/// As datatrove folds words: ASCII letters and digits, in lower case.
fn letters(entry: &[u8]) -> Vec<u8> {
    entry.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

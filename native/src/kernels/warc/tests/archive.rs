//! Random archives, packed and damaged in random ways.

use super::*;

#[derive(Clone, Debug)]
pub enum Packing {
    Plain,
    Members,
    Few(usize),
    Stream,
    Frames,
    ZstdStream,
}

#[derive(Clone, Debug)]
pub enum Damage {
    Flip(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Copy(usize, usize, usize),
}

fn record() -> impl Strategy<Value = Vec<u8>> {
    let body = prop_oneof![
        4 => "[a-z<>\r\n ]{0,300}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..2000),
        1 => (0usize..40).prop_map(|n| b"filler WARC/1.0\r\n WARC/1.0\r\nWARC-Type: fake\r\n".repeat(n)),
    ];
    (0..10u8, 0..1000u32, body).prop_map(|(kind, number, body)| {
        let url = format!("http://e.example/{number}");
        match kind {
            0 => record_of("request", &url, "", &body),
            1 => record_of("revisit", &url, "", &body),
            2 => record_of("conversion", &url, "Content-Type: text/plain\r\n", &body),
            3 => record_of("response", &url, "", &body),
            4 => response_of(&url, "Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n", &body),
            5 => response_of(&url, "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", &gzip(&body, 6)),
            _ => response_of(&url, "Content-Type: text/html\r\n", &body),
        }
    })
}

/// Records, some of them archives themselves: plain, or of members, which the outer compression may store as they are.
fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let nested = (proptest::collection::vec(record(), 1..6), any::<bool>()).prop_map(|(inner, packed)| {
        let inner: Vec<u8> = if packed { inner.iter().flat_map(|record| gzip(record, 6)).collect() } else { inner.concat() };
        record_of("resource", "http://e.example/nested.warc", "Content-Type: application/warc\r\n", &inner)
    });
    proptest::collection::vec(prop_oneof![6 => record(), 1 => nested], 1..25)
}

pub fn packed(records: &[Vec<u8>], packing: &Packing, level: u32) -> Vec<u8> {
    match packing {
        Packing::Plain => records.concat(),
        Packing::Members => records.iter().flat_map(|record| gzip(record, level)).collect(),
        Packing::Few(n) => records.chunks(*n).flat_map(|some| gzip(&some.concat(), level)).collect(),
        Packing::Stream => gzip(&records.concat(), level),
        Packing::Frames => records.iter().flat_map(|record| zstd(record)).collect(),
        Packing::ZstdStream => zstd(&records.concat()),
    }
}

fn packing() -> impl Strategy<Value = Packing> {
    prop_oneof![
        3 => Just(Packing::Plain),
        4 => Just(Packing::Members),
        1 => (2usize..5).prop_map(Packing::Few),
        1 => Just(Packing::Stream),
        1 => Just(Packing::Frames),
        1 => Just(Packing::ZstdStream),
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        3 => (any::<usize>(), 1..=255u8).prop_map(|(at, by)| Damage::Flip(at, by)),
        1 => any::<usize>().prop_map(Damage::Cut),
        1 => (any::<usize>(), proptest::collection::vec(any::<u8>(), 1..80)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (any::<usize>(), 1usize..500).prop_map(|(at, bytes)| Damage::Remove(at, bytes)),
        1 => (any::<usize>(), any::<usize>(), 1usize..2000).prop_map(|(from, to, bytes)| Damage::Copy(from, to, bytes)),
    ]
}

fn damaged(mut file: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        let length = file.len().max(1);
        let end = |at: usize, bytes: usize| (at % length + bytes).min(file.len());
        match damage {
            Damage::Flip(at, by) => {
                if let Some(byte) = file.get_mut(at % length) {
                    *byte ^= by;
                }
            }
            Damage::Cut(at) => file.truncate(length - at % length.min(3000)),
            Damage::Insert(at, bytes) => drop(file.splice(at % length..at % length, bytes.iter().copied())),
            Damage::Remove(at, bytes) => drop(file.drain(at % length..end(*at, *bytes))),
            Damage::Copy(from, to, bytes) => {
                let piece = file[from % length..end(*from, *bytes)].to_vec();
                drop(file.splice(to % length..to % length, piece));
            }
        }
        if file.is_empty() {
            return file;
        }
    }
    file
}

/// A file that a failing test prints as text.
pub struct File(pub Vec<u8>);

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

pub fn file() -> impl Strategy<Value = File> {
    (records(), packing(), prop_oneof![Just(0u32), Just(6)], proptest::collection::vec(damage(), 0..4))
        .prop_map(|(records, packing, level, damages)| File(damaged(packed(&records, &packing, level), &damages)))
        // One bit of a lone zstd frame makes it ask for a dictionary; such a file is refused by name before it is read.
        .prop_filter("refused by name", |file| layout(&file.0, file.0.len() as u64).refused.is_none())
}

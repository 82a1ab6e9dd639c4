use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::layout::{Refused, layout};
use super::*;
use crate::kernels::columns::Bytes;

mod archive;
mod damage;
mod records;
mod rights;
mod windows;

/// A row as tests compare it.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    offset: f64,
    length: f64,
    url: String,
    rule: i32,
    content: Vec<u8>,
    status: String,
    /// Headers and signals that speak of rights.
    rights: [String; 2],
}

/// How a file is read in a test; the results must not depend on any of it.
#[derive(Clone, Copy, Debug)]
struct Way {
    piece: usize,
    rows: usize,
    bytes: usize,
}

const PLAIN_WAY: Way = Way { piece: 1 << 20, rows: 512, bytes: 8 << 20 };
const MAX_RECORD: u64 = 100_000;

fn read_window(file: &[u8], window: (u64, u64), from: Option<u64>, max_record: u64, way: Way) -> (Vec<Row>, (u64, u64)) {
    let found = layout(&file[..file.len().min(4 << 20)], file.len() as u64);
    assert_eq!(found.refused, None);
    let mut reader = Reader::new(Settings {
        kind: found.kind,
        members: found.members,
        file_bytes: file.len() as u64,
        start: from.unwrap_or(window.0),
        end: window.1,
        search: from.is_none() && window.0 > 0,
        max_record,
        verify_digests: true,
        batch_rows: way.rows,
        batch_bytes: way.bytes,
    });
    let mut rows = Vec::new();
    let mut pushed = 0;
    loop {
        let progress = reader.advance();
        if progress == Progress::Starved {
            let at = reader.wants() as usize;
            let end = (at + way.piece).min(file.len());
            assert!(at < file.len(), "bytes behind the end are wanted");
            pushed += end - at;
            assert!(pushed <= 40 * file.len() + (64 << 20), "the file is read over and over");
            reader.push(&file[at..end]);
            continue;
        }
        let batch = reader.take();
        for i in 0..batch.len() {
            let part = |bytes: &Bytes| bytes.values[bytes.offsets[i] as usize..bytes.offsets[i + 1] as usize].to_vec();
            rows.push(Row {
                offset: batch.offset[i],
                length: batch.length[i],
                url: String::from_utf8(part(&batch.url)).unwrap(),
                rule: batch.rule[i],
                content: [part(&batch.payload), part(&batch.text)].concat(),
                rights: [&batch.rights_headers, &batch.rights_signals].map(|bytes| String::from_utf8(part(bytes)).unwrap()),
                status: format!("{}", batch.http_status[i]),
            });
        }
        if progress == Progress::Done {
            return (rows, reader.stitch());
        }
    }
}

fn read(file: &[u8]) -> Vec<Row> {
    read_window(file, (0, file.len() as u64), None, MAX_RECORD, PLAIN_WAY).0
}

/// `url rule` of every row, kept rows with `kept`.
fn story(file: &[u8]) -> Vec<String> {
    read(file).iter().map(told).collect()
}

fn told(row: &Row) -> String {
    let rules = [
        "revisit",
        "http-status",
        "not-html",
        "empty",
        "segmented",
        "bad-length",
        "truncated",
        "garbage",
        "bad-header",
        "bad-digest",
        "too-large",
        "bad-encoding",
        "bad-gzip",
        "bad-zstd",
        "bad-utf8",
        "robots",
        "content-usage",
        "content-signal",
        "tdmrep",
        "rsl",
        "directives",
        "licence",
    ];
    let rule = if row.rule < 0 { "kept" } else { rules[row.rule as usize] };
    format!("{} {rule}", row.url).trim().to_owned()
}

fn record_of(kind: &str, url: &str, more: &str, block: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-05-01T00:00:00Z\r\n{more}Content-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    bytes.extend_from_slice(block);
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes
}

fn response_of(url: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let block = [format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), body].concat();
    record_of("response", url, "Content-Type: application/http; msgtype=response\r\n", &block)
}

fn page(url: &str) -> Vec<u8> {
    response_of(url, "Content-Type: text/html\r\n", format!("<html><p>{url}</p></html>").as_bytes())
}

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap()
}

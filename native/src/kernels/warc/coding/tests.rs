use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::*;

const PAGE: &[u8] = b"<html><body>some words of a page, some words of a page</body></html>";

fn decode(body: &[u8], codings: &[Coding]) -> Result<Vec<u8>, Failure> {
    Decoders::default().decode(body, codings, false, 1000).map(<[u8]>::to_vec)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn each_coding_is_undone() {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(PAGE).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(PAGE).unwrap();
    let zstd = zstd::bulk::compress(PAGE, 3).unwrap();
    for (body, coding) in [
        (gzip(PAGE), Coding::Gzip),
        (zlib.finish().unwrap(), Coding::Deflate),
        (raw.finish().unwrap(), Coding::Deflate),
        (zstd, Coding::Zstd),
    ] {
        assert_eq!(decode(&body, &[coding]).unwrap(), PAGE, "{coding:?}");
    }
    assert_eq!(decode(&gzip(&gzip(PAGE)), &[Coding::Gzip, Coding::Gzip]).unwrap(), PAGE);
    assert_eq!(decode(&[gzip(PAGE), gzip(PAGE)].concat(), &[Coding::Gzip]).unwrap(), [PAGE, PAGE].concat());
}

#[test]
fn a_label_left_on_a_decoded_body_is_passed_over() {
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
        assert_eq!(decode(PAGE, &[coding]).unwrap(), PAGE, "{coding:?}");
    }
}

#[test]
fn a_bomb_stops_at_the_limit() {
    assert_eq!(decode(&gzip(&[b' '; 1001]), &[Coding::Gzip]), Err(Failure::TooLarge));
    assert_eq!(decode(&zstd::bulk::compress(&[b' '; 1001], 3).unwrap(), &[Coding::Zstd]), Err(Failure::TooLarge));
}

#[test]
fn what_a_crawler_cut_short_is_decoded_as_far_as_it_goes() {
    let body = gzip(PAGE);
    let cut = &body[..body.len() - 12];
    assert_eq!(decode(cut, &[Coding::Gzip]), Err(Failure::Broken));
    let mut decoders = Decoders::default();
    assert!(PAGE.starts_with(decoders.decode(cut, &[Coding::Gzip], true, 1000).unwrap()));
    assert_eq!(decode(&body[..body.len() - 5], &[Coding::Gzip]).unwrap(), PAGE);
    let mut wrong = body.clone();
    wrong[body.len() - 6] ^= 1;
    assert_eq!(decode(&wrong, &[Coding::Gzip]), Err(Failure::Broken));
}

#[test]
fn chunks_are_joined() {
    let mut out = Vec::new();
    let mut joined = |body: &[u8]| unchunk(body, &mut out).map(<[u8]>::to_vec);
    assert_eq!(joined(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n").unwrap(), b"abcde");
    assert_eq!(joined(b"3\nabc\n0\n\n").unwrap(), b"abc");
    assert_eq!(joined(b"3\r\nabc\r\n").unwrap(), b"abc");
    assert_eq!(joined(b"3\r\nabc\r\n5\r\nde").unwrap(), b"abcde");
    assert_eq!(joined(b"<html>not chunked").unwrap(), b"<html>not chunked");
    assert_eq!(joined(b""), Ok(vec![]));
    assert_eq!(joined(b"3\r\nabc\r\nzz\r\n"), Err(Failure::Broken));
    assert_eq!(joined(b"fffffffffffffff\r\nabc").unwrap(), b"abc");
}

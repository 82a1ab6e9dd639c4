//! Whole records: what becomes of each kind.

use super::*;

#[test]
fn every_packing_gives_the_same_documents() {
    let records: Vec<Vec<u8>> = (0..40).map(|i| page(&format!("http://a.example/{i}"))).collect();
    let plain = records.concat();
    let packings = [
        plain.clone(),
        gzip(&plain, 6),
        records.iter().flat_map(|record| gzip(record, 6)).collect(),
        records.chunks(7).flat_map(|some| gzip(&some.concat(), 6)).collect(),
        plain.chunks(100).flat_map(|some| gzip(some, 6)).collect(),
        zstd(&plain),
        records.iter().flat_map(|record| zstd(record)).collect(),
    ];
    let contents = |file: &[u8]| read(file).into_iter().map(|row| (row.url, row.rule, row.content)).collect::<Vec<_>>();
    let expected = contents(&plain);
    assert_eq!(expected.len(), 40);
    assert!(expected.iter().all(|row| row.1 == -1));
    for packing in packings {
        assert_eq!(contents(&packing), expected);
        let offsets: Vec<f64> = read(&packing).iter().map(|row| row.offset).collect();
        assert!(offsets.is_sorted_by(|a, b| a < b), "{offsets:?}");
    }
}

#[test]
fn offsets_and_lengths_are_places_in_the_file() {
    let records: Vec<Vec<u8>> = (0..5).map(|i| gzip(&page(&format!("http://a.example/{i}")), 6)).collect();
    let rows = read(&records.concat());
    let mut at = 0.0;
    for (row, member) in rows.iter().zip(&records) {
        assert_eq!((row.offset, row.length), (at, member.len() as f64));
        at += row.length;
    }
}

#[test]
fn only_records_with_content_are_documents() {
    let file = [
        record_of("warcinfo", "", "", b"software: test\r\n"),
        record_of("request", "http://a.example/", "", b"GET / HTTP/1.1\r\n\r\n"),
        page("http://a.example/"),
        record_of("metadata", "http://a.example/", "", b"x: y"),
        record_of("revisit", "http://a.example/2", "", b"HTTP/1.1 200 OK\r\n\r\n"),
        record_of("continuation", "http://a.example/3", "WARC-Segment-Number: 2\r\n", b"rest"),
        record_of(
            "response",
            "http://a.example/3",
            "WARC-Segment-Number: 1\r\nContent-Type: application/http\r\n",
            b"HTTP/1.1 200 OK\r\n\r\nx",
        ),
        record_of("resource", "http://a.example/4", "Content-Type: text/plain\r\n", b"words"),
        record_of("resource", "http://a.example/5", "Content-Type: image/png\r\n", b"pixels"),
        record_of("conversion", "http://a.example/6", "Content-Type: text/plain\r\n", "Wörter".as_bytes()),
        record_of("conversion", "http://a.example/7", "Content-Type: text/plain\r\n", b"W\xf6rter"),
        record_of("response", "dns:a.example", "Content-Type: text/dns\r\n", b"20240501 a.example"),
        record_of("future", "http://a.example/8", "", b"?"),
    ]
    .concat();
    let expected = [
        "http://a.example/ kept",
        "http://a.example/2 revisit",
        "http://a.example/3 segmented",
        "http://a.example/4 kept",
        "http://a.example/5 not-html",
        "http://a.example/6 kept",
        "http://a.example/7 bad-utf8",
        "dns:a.example not-html",
    ];
    assert_eq!(story(&file), expected);
}

#[test]
fn headers_are_read_as_crawlers_write_them() {
    let block = b"HTTP/1.1 200 OK\ncontent-type: text/html\n\n<p>text";
    let file = [
        format!("WARC/1.1\nwarc-type: response\nWARC-Target-URI : <http://a.example/\n \tfolded>\ncontent-length: {}\n\n", block.len()).as_bytes(),
        block,
        b"\nWARC/0.18\r\nWARC-Type:resource\r\nWARC-Target-URI:http://b.example/\r\nContent-Type: text/plain\r\nContent-Length:2\r\nContent-Length: 2\r\n\r\nab",
    ]
    .concat();
    assert_eq!(story(&file), ["http://a.example/ folded kept", "http://b.example/ kept"]);
}

#[test]
fn http_decides_by_status_type_and_first_bytes() {
    let with = |head: &str, body: &str| {
        let block = format!("HTTP/1.1 {head}\r\n\r\n{body}");
        story(&record_of("response", "u", "Content-Type: application/http\r\n", block.as_bytes())).concat()
    };
    assert_eq!(with("404 Not Found\r\nContent-Type: text/html", "gone"), "u http-status");
    assert_eq!(with("301", ""), "u http-status");
    assert_eq!(with("204 No Content\r\nContent-Type: text/html", ""), "u empty");
    assert_eq!(with("200 OK\r\nContent-Type: TEXT/HTML; charset=x", "t"), "u kept");
    assert_eq!(with("200\r\nContent-Type: application/xhtml+xml", "t"), "u kept");
    assert_eq!(with("200 OK\r\nContent-Type: application/pdf", "%PDF"), "u not-html");
    assert_eq!(with("200 OK", " <!DOCTYPE html><p>t"), "u kept");
    assert_eq!(with("200 OK\r\nContent-Type: application/octet-stream", "<HTML lang=de>t"), "u kept");
    assert_eq!(with("200 OK", "plain words"), "u not-html");
    assert_eq!(with("100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html", "t"), "u kept");
    assert_eq!(story(&record_of("response", "u", "Content-Type: application/http\r\n", b"GARBAGE\r\n\r\n")), ["u bad-header"]);
}

#[test]
fn digests_are_verified_over_each_meaning_of_payload() {
    let body = b"<p>five</p>";
    let chunked = b"5\r\n<p>fi\r\n6\r\nve</p>\r\n0\r\n\r\n";
    let zipped = gzip(body, 6);
    let digest = |bytes: &[u8]| {
        use sha2::Digest;
        format!("sha1:{:x}", sha1::Sha1::digest(bytes))
    };
    let with = |labels: &str, http: &str, stored: &[u8]| {
        let block = [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{http}\r\n").as_bytes(), stored].concat();
        let head = format!("Content-Type: application/http\r\n{labels}\r\n");
        story(&record_of("response", "u", &head, &block)).concat()
    };
    for payload in [&chunked[..], body] {
        assert_eq!(with(&format!("WARC-Payload-Digest: {}", digest(payload)), "Transfer-Encoding: chunked\r\n", chunked), "u kept");
    }
    for payload in [&zipped[..], body] {
        assert_eq!(with(&format!("WARC-Payload-Digest: {}", digest(payload)), "Content-Encoding: gzip\r\n", &zipped), "u kept");
    }
    assert_eq!(with(&format!("WARC-Payload-Digest: {}", digest(b"other")), "", body), "u bad-digest");
    assert_eq!(with("WARC-Block-Digest: sha1:2222222222222222222222222222222A", "", body), "u bad-digest");
    assert_eq!(with("WARC-Block-Digest: blake3:2222", "", body), "u kept");
}

#[test]
fn a_record_over_the_limit_is_dropped_and_the_next_read() {
    let huge = vec![b'x'; 3 << 20];
    let nested = [record_of("resource", "inner", "Content-Type: text/plain\r\n", b"inside"), huge.clone()].concat();
    let bomb = response_of("bomb", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", &gzip(&huge, 9));
    let records =
        [page("a"), response_of("b", "Content-Type: text/html\r\n", &huge), bomb, record_of("resource", "c", "", &nested), page("d")];
    let plain = records.concat();
    let expected = ["a kept", "b too-large", "bomb too-large", "c too-large", "d kept"];
    for file in [plain.clone(), gzip(&plain, 1), zstd(&plain), records.iter().flat_map(|record| gzip(record, 1)).collect()] {
        assert_eq!(story(&file), expected);
    }
}

#[test]
fn other_formats_are_refused_by_name() {
    let arc = b"filedesc://a.arc 0.0.0.0 20240501000000 text/plain 76\n1 0 InternetArchive\n";
    assert_eq!(layout(arc, arc.len() as u64).refused, Some(Refused::Arc));
    let packed = gzip(arc, 6);
    assert_eq!(layout(&packed, packed.len() as u64).refused, Some(Refused::Arc));
    let dictionary = b"\x5d\x2a\x4d\x18\x04\0\0\0dict";
    assert_eq!(layout(dictionary, 12).refused, Some(Refused::Dictionary));
    let mut frame = zstd(&page("a"));
    frame[4] |= 1;
    assert_eq!(layout(&frame, frame.len() as u64).refused, Some(Refused::Dictionary));
    assert_eq!(story(b"").len(), 0);
    assert_eq!(story(b"no archive at all"), ["garbage"]);
}

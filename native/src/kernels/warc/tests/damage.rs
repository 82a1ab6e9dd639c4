//! Damaged files: one row a damaged place, and nothing else lost.

use super::*;

fn three() -> [Vec<u8>; 3] {
    [page("a"), page("b"), page("c")]
}

fn members(records: &[Vec<u8>]) -> Vec<u8> {
    records.iter().flat_map(|record| gzip(record, 6)).collect()
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replacen(from, to, 1).into_bytes()
}

#[test]
fn a_wrong_length_loses_its_own_record_only() {
    let [a, b, c] = three();
    let length = |by: i64| {
        let text = String::from_utf8(b.clone()).unwrap();
        let at = text.find("Content-Length: ").unwrap() + 16;
        let end = at + text[at..].find('\r').unwrap();
        let value: i64 = text[at..end].parse().unwrap();
        format!("{}{}{}", &text[..at], value + by, &text[end..]).into_bytes()
    };
    for by in [-40, -10, -1, 5, 17, 100, 300, 1_000_000, 9_000_000_000] {
        for file in
            [[&a[..], &length(by), &c].concat(), members(&[a.clone(), length(by), c.clone()]), gzip(&[&a[..], &length(by), &c].concat(), 6)]
        {
            assert_eq!(story(&file), ["a kept", "b bad-length", "c kept"], "length off by {by}");
        }
    }
    for wrong in [
        "Content-Length: x",
        "Content-Length: -1",
        "X-Length: 5",
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 99999999999999999999",
    ] {
        let b = replaced(&b, "Content-Length", wrong).split_off(0);
        let b = if wrong.contains("X-") { replaced(&page("b"), "Content-Length", "X-Length") } else { b };
        assert_eq!(story(&[&a[..], &b, &c].concat()), ["a kept", "b bad-length", "c kept"], "{wrong}");
    }
}

#[test]
fn a_huge_wrong_length_is_undone_in_a_stream() {
    let filler = record_of("resource", "f", "Content-Type: text/plain\r\n", &vec![b'y'; 90_000]);
    let liar = replaced(&page("b"), "Content-Length: ", "Content-Length: 1500");
    let mut records = vec![page("a"), liar];
    records.extend(std::iter::repeat_n(filler, 60));
    records.push(page("c"));
    let plain = records.concat();
    for file in [plain.clone(), gzip(&plain, 6), zstd(&plain)] {
        let told = story(&file);
        assert_eq!(told.len(), 63);
        assert_eq!(told[1], "b bad-length");
        assert!(told[2..62].iter().all(|row| row == "f kept"));
        assert_eq!(told[62], "c kept");
    }
}

#[test]
fn a_truncated_tail_is_one_row() {
    let [a, b, c] = three();
    let plain = [&a[..], &b, &c].concat();
    for cut in [3, 20, 60, 150, c.len() - 5] {
        for file in [
            plain[..a.len() + b.len() + cut].to_vec(),
            members(&[a.clone(), b.clone()]).into_iter().chain(gzip(&c, 6)[..cut.min(100)].to_vec()).collect(),
        ] {
            let told = story(&file);
            assert_eq!(told[..2], ["a kept", "b kept"]);
            assert_eq!(told.len(), 3);
            assert!(told[2].ends_with("truncated"), "{told:?}");
        }
    }
    let stream = gzip(&plain, 6);
    assert_eq!(story(&stream[..stream.len() - 3]), ["a kept", "b kept", "c truncated"]);
    let stream = zstd(&plain.repeat(3000));
    assert!(story(&stream[..stream.len() / 2]).last().unwrap().ends_with("truncated"));
}

#[test]
fn garbage_between_records_is_one_row() {
    let [a, b, c] = three();
    for junk in [&b"\0\0\0\0"[..], b"junk WARC/ WARC/1.0\r\n\r\n", &[0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7]] {
        let expected = ["a kept", "b kept", "garbage", "c kept"];
        assert_eq!(story(&[&a[..], &b, junk, &c].concat()), expected);
        let told = story(&[&members(&[a.clone(), b.clone()])[..], junk, &gzip(&c, 6)].concat());
        assert_eq!(told.len(), 4);
        assert!(told[2] == "garbage" || (junk[0] == 0x1f && told[2] == "bad-gzip"), "{told:?}");
        let told = story(&[junk, &members(&[a.clone(), b.clone(), c.clone()])].concat());
        assert_eq!(told[1..], ["a kept", "b kept", "c kept"]);
    }
    assert_eq!(story(&[&members(&three())[..], &[0; 512]].concat()), ["a kept", "b kept", "c kept", "garbage"]);
}

#[test]
fn a_bad_header_is_one_row() {
    let [a, b, c] = three();
    for (from, to) in [("WARC-Target-URI:", "no colon here"), ("WARC-Type: response\r\n", ""), ("WARC/1.0", "WARC/x.0")] {
        let told = story(&[&a[..], &replaced(&b, from, to), &c].concat());
        assert_eq!(told, ["a kept", "bad-header", "c kept"], "{from}");
    }
    let large = replaced(&b, "WARC-Date", &format!("X-Large: {}\r\nWARC-Date", "x".repeat(70_000)));
    assert_eq!(story(&[&a[..], &large, &c].concat()), ["a kept", "bad-header", "c kept"]);
    let folded = replaced(&b, "WARC-Date", &format!("X-Large: {}\r\nWARC-Date", "x".repeat(60_000)));
    assert_eq!(story(&[&a[..], &folded, &c].concat()), ["a kept", "b kept", "c kept"]);
}

#[test]
fn damaged_members_lose_themselves_only() {
    let records: Vec<Vec<u8>> = (0..20).map(|i| page(&format!("http://a.example/{i}"))).collect();
    for (pack, name) in [(gzip as fn(&[u8], u32) -> Vec<u8>, "bad-gzip"), (|bytes, _| with_checksum(bytes), "bad-zstd")] {
        let packed: Vec<Vec<u8>> = records.iter().map(|record| pack(record, 6)).collect();
        for at in 0..packed[7].len() {
            let mut broken = packed.clone();
            broken[7][at] ^= 0x55;
            let told = story(&broken.concat());
            // A changed time in a gzip header is no damage; a changed magic makes the member garbage; and content that
            // still inflates shows its damage before the checksum is reached.
            assert_eq!(told.len(), 20, "byte {at}: {told:?}");
            for (i, row) in told.iter().enumerate() {
                let kept = row == &format!("http://a.example/{i} kept");
                let named = [name, "garbage", "truncated", "bad-length", "bad-header"].iter().any(|rule| row.ends_with(rule));
                assert!(kept || (i == 7 && named), "byte {at}: {row}");
            }
        }
    }
}

fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_broken_coding_is_named() {
    let body = b"<html><p>some text for the page</p></html>".repeat(20);
    let zipped = gzip(&body, 6);
    let broken = |at: usize| {
        let mut bytes = zipped.clone();
        bytes[at] ^= 0xff;
        bytes
    };
    let with = |head: &str, stored: &[u8]| story(&response_of("u", &format!("Content-Type: text/html\r\n{head}\r\n"), stored)).concat();
    assert_eq!(with("Content-Encoding: gzip", &zipped), "u kept");
    assert_eq!(with("Content-Encoding: gzip", &broken(12)), "u bad-encoding");
    assert_eq!(with("Content-Encoding: gzip", &zipped[..zipped.len() / 2]), "u bad-encoding");
    assert_eq!(with("Content-Encoding: gzip", &body), "u kept");
    assert_eq!(with("Content-Encoding: br", &body), "u kept");
    assert_eq!(with("Transfer-Encoding: chunked", b"5\r\nabcde\r\n!!\r\nrest"), "u bad-encoding");
    assert_eq!(with("Transfer-Encoding: chunked", b"5\r\nabcde\r\n8\r\nrest"), "u kept");
    assert_eq!(with("Content-Encoding: gzip, gzip, gzip, gzip, gzip", &zipped), "u bad-encoding");
}

//! What headers and metadata records say of rights, whatever the windows, pieces and batches.

use super::windows::stitched;
use super::*;

fn response(id: usize, head: &str) -> Vec<u8> {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n<html><p>{id}</p></html>");
    let more = format!("Content-Type: application/http\r\nWARC-Record-ID: <urn:uuid:{id}>\r\n");
    record_of("response", &format!("u{id}"), &more, block.as_bytes())
}

fn metadata(field: &str, id: usize, block: &str) -> Vec<u8> {
    record_of("metadata", "u", &format!("Content-Type: application/warc-fields\r\n{field}: <urn:uuid:{id}>\r\n"), block.as_bytes())
}

#[test]
fn lines_of_the_head_that_speak_of_rights_are_kept() {
    let head = "X-Robots-Tag: noai,\r\n  noimageai\r\nServer: x\r\n y\r\nTDM-Reservation: 1\r\nLink: </a>; rel=next\r\nlink: </l>; rel=\"License\"\r\nContent-Usage: train-ai=n\r\n";
    let rows = read(&response(1, head));
    assert_eq!(
        rows[0].rights[0],
        "x-robots-tag: noai, noimageai\ntdm-reservation: 1\nlink: </l>; rel=\"License\"\ncontent-usage: train-ai=n\n"
    );
    let many = "X-Robots-Tag: noai\r\n".repeat(3_000);
    assert!(read(&response(1, &many))[0].rights[0].len() < 17_000);
}

#[test]
fn metadata_directly_behind_its_record_gives_the_signals() {
    let records = [
        response(1, ""),
        metadata("WARC-Concurrent-To", 1, "via: x\r\nRights-Signals: [1]\r\n"),
        response(2, ""),
        metadata("WARC-Concurrent-To", 1, "rights-signals: [wrong]\r\n"),
        response(3, ""),
        record_of("request", "u3", "", b"GET / HTTP/1.1\r\n\r\n"),
        metadata("WARC-Concurrent-To", 3, "rights-signals: [late]\r\n"),
        response(4, ""),
        metadata("WARC-Refers-To", 4, "rights-signals: [4]"),
        response(5, ""),
        metadata("WARC-Concurrent-To", 5, "fetchTimeMs: 5\r\n"),
    ];
    let signals = |rows: &[Row]| rows.iter().map(|row| row.rights[1].clone()).collect::<Vec<_>>();
    let expected = ["[1]", "", "", "[4]", ""];
    for file in [records.concat(), records.iter().flat_map(|record| gzip(record, 6)).collect::<Vec<u8>>(), gzip(&records.concat(), 6)] {
        assert_eq!(signals(&read(&file)), expected);
        for part in [150, 400, 1_300] {
            for rows in 1..4 {
                assert_eq!(signals(&stitched(&file, part, MAX_RECORD, Way { piece: 64, rows, bytes: 1 << 20 })), expected, "{part} {rows}");
            }
        }
        // Cut anywhere, only what is there is read.
        for end in (0..file.len()).step_by(61) {
            let rows = read(&file[..end]);
            assert!(rows.iter().zip(expected).all(|(row, expected)| row.rights[1].is_empty() || row.rights[1] == expected));
        }
    }
}

#[test]
fn what_the_crawl_denied_is_dropped_by_that() {
    let bare = |id: usize, kind: &str, body: &str| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}");
        let more = format!("Content-Type: application/http\r\nWARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Truncated: unspecified\r\n");
        record_of("response", &format!("u{id}"), &more, block.as_bytes())
    };
    let denied = |id: usize, by: &str| metadata("WARC-Concurrent-To", id, &format!("rights-signals: []\r\nrights-denied: {by}\r\n"));
    let mut damaged = bare(5, "text/html", "");
    damaged.splice(10..10, *b"WARC-Block-Digest: sha1:AAAA\r\n");
    let records = [
        bare(1, "text/html", ""),
        denied(1, "tdmrep"),
        bare(2, "application/pdf", ""),
        denied(2, "robots"),
        bare(3, "text/html", "<p>kept nevertheless</p>"),
        denied(3, "directives"),
        bare(4, "text/html", "<p>x</p>"),
        denied(4, "nobody"),
        damaged,
        denied(5, "rsl"),
        bare(6, "text/html", ""),
        denied(5, "rsl"),
    ];
    let rules = [
        Rule::DeniedByTdmrep as i32,
        Rule::DeniedByRobots as i32,
        Rule::DeniedByDirectives as i32,
        -1,
        Rule::BadDigest as i32,
        Rule::Empty as i32,
    ];
    assert_eq!(read(&records.concat()).iter().map(|row| row.rule).collect::<Vec<_>>(), rules);
}

use std::io::Write;

use ::bzip2::write::BzEncoder;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

type Row = (f64, i32, Vec<u8>, Vec<u8>);

fn read_window(file: &[u8], window: (u64, u64), from: Option<u64>, piece: usize, rows: usize, max_line: u64) -> (Vec<Row>, (u64, u64)) {
    let name = |name: &str| name.to_owned();
    let mut reader = Reader::new(Settings {
        kind: kind(file),
        file_bytes: file.len() as u64,
        start: from.unwrap_or(window.0),
        end: window.1,
        search: from.is_none() && window.0 > 0,
        max_line,
        batch_rows: rows,
        batch_bytes: 1 << 20,
        names: Names { text: name("text"), url: name("url"), date: name("date"), title: name("title") },
    });
    let mut all = Vec::new();
    loop {
        let progress = reader.advance();
        if progress == Progress::Starved {
            let at = reader.wants() as usize;
            assert!(at < file.len(), "bytes behind the end are wanted");
            reader.push(&file[at..(at + piece).min(file.len())]);
            continue;
        }
        let batch = reader.take();
        for i in 0..batch.offset.len() {
            let part = |bytes: &Bytes| bytes.values[bytes.offsets[i] as usize..bytes.offsets[i + 1] as usize].to_vec();
            all.push((batch.offset[i], batch.rule[i], part(&batch.text), part(&batch.extra)));
        }
        if progress == Progress::Done {
            return (all, reader.stitch());
        }
    }
}

fn read(file: &[u8]) -> Vec<Row> {
    read_window(file, (0, file.len() as u64), None, 1 << 20, 512, 1000).0
}

fn rules(file: &[u8]) -> Vec<i32> {
    read(file).iter().map(|row| row.1).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn known_fields_become_columns_and_others_stay() {
    let rows = read(
        br#"{"id": 7, "text": "a\n\"\u00e4\ud83d\ude00\ud800", "url": "u", "meta" : {"deep": [1, {"x": null}]}, "date": 2024}
"#,
    );
    assert_eq!(rows[0].2, "a\n\"ä😀\u{fffd}".as_bytes());
    assert_eq!(rows[0].3, br#"{"id":7,"meta":{"deep": [1, {"x": null}]},"date":2024}"#);
}

#[test]
fn each_bad_line_is_one_row() {
    let file = b"\xef\xbb\xbf{\"text\": \"one\"}\r\n\n  \n{\"text\": 1}\n{\"title\": \"x\"}\nnull\n{\"text\": \"a\xffb\"}\n{\"text\": \"a\"} x\n{\"te\\u0078t\": \"k\", \"text\": \"two\"}\n{\"text\": NaN}\n{\"text\": \"cut";
    let (no_text, json, utf8, cut) = (Rule::NoText as i32, Rule::BadJson as i32, Rule::BadUtf8 as i32, Rule::Truncated as i32);
    assert_eq!(rules(file), [-1, no_text, no_text, json, utf8, json, -1, json, cut]);
    assert_eq!(read(file)[6].2, b"two");
    assert_eq!(rules(b"{\"text\": \"x\"}"), [-1]);
    assert_eq!(rules(&[b"{\"text\": \"", "ä".repeat(600).as_bytes(), b"\"}\n{\"text\": \"x\"}"].concat()), [Rule::TooLarge as i32, -1]);
    assert_eq!(rules(b"{\"text\": \"\xc3"), [cut]);
    assert!(rules(b"").is_empty());
}

#[test]
fn deep_nesting_is_read_and_huge_lines_are_passed_over() {
    let deep = format!("{{\"text\":\"x\",\"d\":{}{}}}\n{{\"text\":\"y\"}}\n", "[".repeat(200_000), "]".repeat(200_000));
    let rows = read_window(deep.as_bytes(), (0, deep.len() as u64), None, 4096, 512, 1 << 20).0;
    assert_eq!(rows.iter().map(|row| row.1).collect::<Vec<_>>(), [-1, -1]);
    assert_eq!(rules(deep.as_bytes()), [Rule::TooLarge as i32, -1]);
}

#[test]
fn compressed_files_are_read_over_members_and_damage() {
    let lines: Vec<Vec<u8>> = (0..300).map(|i| format!("{{\"text\": \"line {i}\"}}\n").into_bytes()).collect();
    let plain = lines.concat();
    let cut_anywhere: Vec<u8> = plain.chunks(97).flat_map(gzip).collect();
    let streams: Vec<u8> = plain.chunks(997).flat_map(bzip2).collect();
    for file in [gzip(&plain), cut_anywhere, zstd::bulk::compress(&plain, 3).unwrap(), bzip2(&plain), streams] {
        assert_eq!(read(&file), read(&plain));
    }
    let mut members: Vec<Vec<u8>> = lines.chunks(10).map(|some| gzip(&some.concat())).collect();
    let at = members[4].len() - 6;
    members[4][at] ^= 1;
    let rows = read(&members.concat());
    assert_eq!(rows.iter().filter(|row| row.1 == -1).count(), 300);
    assert_eq!(rows.iter().filter(|row| row.1 == Rule::BadGzip as i32).count(), 1);
    let whole = gzip(&plain);
    assert_eq!(*rules(&whole[..whole.len() - 2]).last().unwrap(), Rule::Truncated as i32);
    assert_eq!(rules(&[&whole[..], b"\0\0\0"].concat()).len(), 301);
    let mut streams: Vec<Vec<u8>> = lines.chunks(10).map(|some| bzip2(&some.concat())).collect();
    streams[4][40] ^= 1;
    let rows = read(&streams.concat());
    assert_eq!(rows.iter().filter(|row| row.1 == -1).count(), 290);
    assert_eq!(rows.iter().filter(|row| row.1 == Rule::BadBzip2 as i32).count(), 1);
    assert_eq!(*rules(&bzip2(&plain)[..200]).last().unwrap(), Rule::Truncated as i32);
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        5 => "[a-zä\\\\n ]{0,60}".prop_map(|text| format!("{{\"text\": \"{}\", \"id\": {}}}\n", text.replace('\\', "\\\\"), text.len()).into_bytes()),
        1 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neither_windows_nor_pieces_nor_batches_show(
        lines in proptest::collection::vec(line(), 0..30), part in 1u64..400, piece in 1usize..300, rows in 1usize..9, max_line in 20u64..200,
    ) {
        let mut file = lines.concat();
        if kind(&file) != Kind::Plain {
            file.insert(0, b'\n');
        }
        let bytes = file.len() as u64;
        let whole = read_window(&file, (0, bytes), None, 1 << 20, 512, max_line).0;
        let mut parts = Vec::new();
        let mut expected = 0;
        for start in (0..bytes).step_by(part as usize) {
            let window = (start, (start + part).min(bytes));
            let (mut read, mut stitch) = read_window(&file, window, None, piece, rows, max_line);
            if stitch.0 != expected {
                (read, stitch) = read_window(&file, window, Some(expected), piece, rows, max_line);
            }
            parts.extend(read);
            expected = stitch.1;
        }
        prop_assert_eq!(expected, bytes);
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn damaged_streams_end_and_read_the_same_in_pieces(
        lines in proptest::collection::vec(line(), 1..60), few in 1usize..20, at in any::<usize>(), by in 1..=255u8, piece in 20usize..300,
    ) {
        let mut file: Vec<u8> = lines.chunks(few).flat_map(|some| gzip(&some.concat())).collect();
        let at = at % file.len();
        file[at] ^= by;
        if kind(&file) == Kind::Gzip {
            prop_assert_eq!(read_window(&file, (0, file.len() as u64), None, piece, 3, 1000).0, read(&file));
        }
    }
}

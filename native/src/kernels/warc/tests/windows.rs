//! Neither windows nor pieces nor batches change what is read.

use super::*;

/// What the mill does: every window by its own search, and again from the right place where the search was wrong.
pub fn stitched(file: &[u8], part: u64, max_record: u64, way: Way) -> Vec<Row> {
    let bytes = file.len() as u64;
    let whole = layout(&file[..file.len().min(4 << 20)], bytes);
    let part = if whole.kind == Kind::Plain || whole.members { part } else { bytes.max(1) };
    let mut rows = Vec::new();
    let mut expected = 0;
    for start in (0..bytes).step_by(part as usize) {
        let window = (start, (start + part).min(bytes));
        let (mut read, mut stitch) = read_window(file, window, None, max_record, way);
        if stitch.0 != expected {
            (read, stitch) = read_window(file, window, Some(expected), max_record, way);
        }
        rows.extend(read);
        expected = stitch.1;
    }
    assert_eq!(expected, bytes);
    rows
}

fn settings() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn windows_stitched_together_are_the_whole(file in archive::file(), part in 1u64..5000, max_record in prop_oneof![Just(300u64), Just(MAX_RECORD)]) {
        let file = file.0;
        let whole = read_window(&file, (0, file.len() as u64), None, max_record, PLAIN_WAY).0;
        let parts = stitched(&file, part.max(file.len() as u64 / 50), max_record, PLAIN_WAY);
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn pieces_and_batches_do_not_show(file in archive::file(), piece in 1usize..3000, rows in 1usize..9, bytes in 1usize..5000) {
        let file = file.0;
        let way = Way { piece: piece.max(file.len() / 300), rows, bytes };
        let window = (0, file.len() as u64);
        prop_assert_eq!(read_window(&file, window, None, MAX_RECORD, way), read_window(&file, window, None, MAX_RECORD, PLAIN_WAY));
    }
}

#[test]
fn a_window_that_begins_inside_a_stored_archive_is_read_again() {
    let inner: Vec<u8> = (0..30).flat_map(|i| gzip(&page(&format!("inner{i}")), 6)).collect();
    let records = [page("a"), page("b"), record_of("resource", "nested", "Content-Type: application/warc\r\n", &inner), page("c")];
    let file: Vec<u8> = records.iter().flat_map(|record| gzip(record, 0)).collect();
    let told: Vec<String> = stitched(&file, 400, MAX_RECORD, PLAIN_WAY).iter().map(told).collect();
    assert_eq!(told, ["a kept", "b kept", "nested not-html", "c kept"]);
}

use super::super::parquet_write::{Kind, Writer};
use super::*;

fn columns() -> Vec<(String, Kind)> {
    [
        ("id", Kind::Id),
        ("survivor", Kind::OptionalId),
        ("score", Kind::Double),
        ("row", Kind::Int64),
        ("url", Kind::Text),
        ("rule", Kind::Label),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .to_vec()
}

fn file(groups: usize, rows: usize) -> Vec<u8> {
    let mut writer = Writer::new(columns(), rows, "test", vec![("k".to_owned(), "v".to_owned())]).unwrap();
    let mut bytes = Vec::new();
    for group in 0..groups {
        let numbers: Vec<usize> = (group * rows..(group + 1) * rows).collect();
        let ids: Vec<u8> = numbers.iter().flat_map(|&n| (n as u128).to_be_bytes()).collect();
        let present: Vec<u8> = numbers.iter().map(|n| u8::from(n % 3 == 0)).collect();
        let urls: Vec<String> =
            numbers.iter().map(|n| if n % 5 == 0 { String::new() } else { format!("https://example.eu/{n}") }).collect();
        let mut offsets = vec![0];
        for url in &urls {
            offsets.push(offsets.last().unwrap() + url.len() as i32);
        }
        writer.set_ids(0, &ids, &[]).unwrap();
        writer.set_ids(1, &ids, &present).unwrap();
        writer.set_numbers(2, &numbers.iter().map(|&n| if n % 2 == 0 { f64::NAN } else { n as f64 / 8.0 }).collect::<Vec<_>>()).unwrap();
        writer.set_numbers(3, &numbers.iter().map(|&n| n as f64).collect::<Vec<_>>()).unwrap();
        writer.set_text(4, urls.concat().as_bytes(), &offsets).unwrap();
        let labels = vec!["a/b".to_owned(), "č".to_owned()];
        writer.set_labels(5, &numbers.iter().map(|n| (n % 3) as i32 - 1).collect::<Vec<_>>(), labels).unwrap();
        bytes.extend(writer.write_group(rows).unwrap());
    }
    bytes.extend(writer.finish().unwrap());
    bytes
}

fn opened(bytes: &[u8]) -> Ledger {
    let path = std::env::temp_dir().join(format!("quern-ledger-{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::write(&path, bytes).unwrap();
    let ledger = Ledger::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    ledger
}

#[test]
fn what_was_written_comes_back() {
    let ledger = opened(&file(3, 1000));
    assert_eq!(ledger.group_rows(), [1000; 3]);
    assert_eq!(ledger.metadata()[0], ("k".to_owned(), "v".to_owned()));
    let scores = ledger.numbers(1, "score").unwrap();
    assert!(scores[0].is_nan() && (scores[1] - 1001.0 / 8.0).abs() < f64::EPSILON);
    assert_eq!(ledger.numbers(2, "row").unwrap()[999], 2999.0);
    let (ids, present) = ledger.ids(1, "survivor").unwrap();
    assert_eq!((present[2], &ids[32..48]), (1, 1002_u128.to_be_bytes().as_slice()));
    assert_eq!((present[0], &ids[..16]), (0, [0; 16].as_slice()));
    let (text, offsets) = ledger.text(0, "url").unwrap();
    assert_eq!(&text[offsets[7] as usize..offsets[8] as usize], b"https://example.eu/7");
    assert_eq!(offsets[5], offsets[6]);
    let (indices, labels) = ledger.labels(0, "rule").unwrap();
    assert_eq!((&indices[..4], labels), ([-1, 0, 1, -1].as_slice(), vec!["a/b".to_owned(), "č".to_owned()]));
}

#[test]
fn labels_are_the_texts_however_many() {
    for many in [1, 3, 255, 2000, 30_000] {
        let rows = 40_000;
        let mut writer = Writer::new(vec![("rule".to_owned(), Kind::Label)], rows, "test", Vec::new()).unwrap();
        let given: Vec<String> = (0..many).map(|n| "x".repeat(n % 7) + &n.to_string()).collect();
        let wanted: Vec<i32> = (0..rows).map(|row| (row * row % 65_537 % (many + 1)) as i32 - 1).collect();
        writer.set_labels(0, &wanted, given.clone()).unwrap();
        let mut bytes = writer.write_group(rows).unwrap();
        bytes.extend(writer.finish().unwrap());
        let (indices, labels) = opened(&bytes).labels(0, "rule").unwrap();
        let told = |index: i32, labels: &[String]| usize::try_from(index).map_or(String::new(), |index| labels[index].clone());
        for (row, &index) in indices.iter().enumerate() {
            assert_eq!(told(index, &labels), told(wanted[row], &given), "row {row} of {many} labels");
        }
        let mut first = indices.clone();
        first.retain(|&index| index >= 0);
        first.dedup();
        assert!(labels.len() <= many && first.first() == Some(&0));
    }
}

#[test]
fn a_row_is_found_by_its_id_or_url() {
    let ledger = opened(&file(3, 1000));
    assert_eq!(ledger.find(1, "id", &1999_u128.to_be_bytes()).unwrap(), [999]);
    assert!(ledger.find(0, "id", &1999_u128.to_be_bytes()).unwrap().is_empty());
    assert_eq!(ledger.find(2, "url", b"https://example.eu/2001").unwrap(), [1]);
    assert!(ledger.find(2, "url", b"https://example.eu/").unwrap().is_empty());
}

#[test]
fn a_few_rows_are_what_reading_all_of_them_gives() {
    let ledger = opened(&file(2, 50_000));
    let (ids, _) = ledger.ids(1, "survivor").unwrap();
    let (text, offsets) = ledger.text(1, "url").unwrap();
    let scores = ledger.numbers(1, "score").unwrap();
    for rows in [vec![], vec![0, 1, 2], vec![49_999], vec![7, 20_000, 20_001, 33_333, 49_998], (0..50_000).collect::<Vec<u32>>()] {
        let some = ledger.numbers_at(1, "score", &rows).unwrap();
        assert!(rows.iter().zip(&some).all(|(&row, value)| value.to_bits() == scores[row as usize].to_bits()));
        let whole = ledger.numbers_at(1, "row", &rows).unwrap();
        assert_eq!(whole, rows.iter().map(|&row| 50_000.0 + f64::from(row)).collect::<Vec<_>>());
        let some = ledger.ids_at(1, "survivor", &rows).unwrap();
        assert_eq!(some, rows.iter().flat_map(|&row| ids[row as usize * 16..][..16].to_vec()).collect::<Vec<_>>());
        let (values, ends) = ledger.text_at(1, "url", &rows).unwrap();
        for (at, &row) in rows.iter().enumerate() {
            let (from, to) = (offsets[row as usize] as usize, offsets[row as usize + 1] as usize);
            assert_eq!(&values[ends[at] as usize..ends[at + 1] as usize], &text[from..to]);
        }
    }
    assert_eq!(ledger.text_at(0, "rule", &[0, 1, 2]).unwrap(), ("a/bč".as_bytes().to_vec(), vec![0, 0, 3, 5]));
    for wrong in [vec![50_000], vec![3, 2], vec![3, 3], vec![49_999, 50_000]] {
        assert!(ledger.numbers_at(0, "row", &wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    assert_eq!(file(2, 500), file(2, 500));
}

#[test]
fn a_broken_file_is_an_error() {
    let bytes = file(1, 100);
    for length in [0, 4, 11, bytes.len() / 2, bytes.len() - 1] {
        let path = std::env::temp_dir().join(format!("quern-broken-{}-{length}", std::process::id()));
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(Ledger::open(&path).is_err());
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut writer = Writer::new(columns(), 10, "test", Vec::new()).unwrap();
    assert!(writer.set_numbers(0, &[1.0]).is_err());
    assert!(writer.set_labels(5, &[2], vec!["a".to_owned()]).is_err());
    assert!(writer.set_text(4, b"ab", &[0, 3]).is_err());
    assert!(writer.write_group(1).is_err(), "the id was not set");
}

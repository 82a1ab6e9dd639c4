use super::*;
use crate::kernels::minhash::tests::{jaccard, pair, spell};
use crate::kernels::minhash::{Shingles, sign};

#[test]
fn runs_made_otherwise_are_refused() {
    let folder = Folder::new();
    let columns = Columns::of(&[Document { cluster: 0, shared: 3, own: 3, own_from: 0, text: 0, short: false, candidate: true }]);
    let exact_only = Options { similarity: None, ..options(&folder) };
    let (_, runs) = nights(&columns, &exact_only, &[0, 1], 1);
    assert!(SequenceIndex::new(exact_only).unwrap().add_run(&runs[0].path).is_ok());
    let refused = |index: Options| SequenceIndex::new(index).unwrap().add_run(&runs[0].path).unwrap_err();
    assert!(matches!(refused(options(&folder)), IndexError::OtherRules { .. }));

    let mut bytes = fs::read(&runs[0].path).unwrap();
    bytes[16] += 1;
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[..120]);
    bytes[120..128].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&runs[0].path, &bytes).unwrap();
    assert!(refused(options(&folder)).to_string().contains("bands are of version 2"));
    fs::write(&runs[0].path, b"").unwrap();
    assert!(matches!(refused(options(&folder)), IndexError::Damaged { .. }));
}

#[test]
fn bands_of_another_definition_are_refused() {
    let folder = Folder::new();
    let columns = Columns::of(&[Document { cluster: 0, shared: 3, own: 3, own_from: 0, text: 0, short: false, candidate: true }]);
    let of = |band_kind, name: &str| {
        let options = Options { band_kind, scratch: folder.0.join(name), ..options(&folder) };
        (nights(&columns, &options, &[0, 1], 1).1, options)
    };
    let ((own, _), (other, options)) = (of(0, "own"), of(7, "other"));
    let opened = |path: &std::path::Path| SequenceIndex::new(options.clone()).unwrap().add_run(path);
    assert!(opened(&other[0].path).is_ok());
    assert!(opened(&own[0].path).unwrap_err().to_string().contains("another way"));
    let merged = folder.0.join("merged");
    assert!(matches!(merge(&[&own[0].path, &other[0].path], &merged), Err(IndexError::OtherRules { .. })));
    merge(&[&other[0].path, &other[0].path], &merged).unwrap();
    assert!(opened(&merged).is_ok());
}

#[test]
fn misuse_is_an_error() {
    let folder = Folder::new();
    assert!(SequenceIndex::new(Options { band_kind: 1 << 24, ..options(&folder) }).is_err());
    assert!(SequenceIndex::new(Options { similarity: Some(0.0), ..options(&folder) }).is_err());
    assert!(SequenceIndex::new(Options { bucket_members: 0, ..options(&folder) }).is_err());
    assert!(SequenceIndex::new(Options { similarity: None, exact: false, ..options(&folder) }).is_err());
    let columns = Columns::of(&[]);
    let mut index = SequenceIndex::new(options(&folder)).unwrap();
    assert!(index.decide(&Rows { ids: &[1], ..columns.rows(0..0) }).is_err());
    assert!(index.finish().is_err(), "no runs after an error");
    let mut index = SequenceIndex::new(options(&folder)).unwrap();
    assert!(index.finish().unwrap().is_empty(), "nothing kept, no run");
    assert!(index.decide(&columns.rows(0..0)).is_err());
}

/// 20,000 pages of one template, all in the same buckets and unlike each other: each costs at most 14 x K comparisons, and
/// the index holds K entries a band.
#[test]
fn a_template_does_not_become_quadratic() {
    let folder = Folder::new();
    let page = |i: usize| Document {
        cluster: 0,
        shared: u16::MAX,
        own: 880,
        own_from: i * 8 % SKETCH,
        text: i as u64,
        short: false,
        candidate: true,
    };
    let columns = Columns::of(&(0..20_000).map(page).collect::<Vec<_>>());
    let (decisions, runs) =
        nights(&columns, &Options { bucket_members: 32, memory_bytes: 1 << 30, ..options(&folder) }, &[0, 20_000], 4096);
    assert!(decisions.outcome.iter().all(|outcome| *outcome == KEPT || *outcome == NEAR));
    let kept = runs[0].documents as usize;
    let header = format::Header::parse(&fs::read(&runs[0].path).unwrap(), 0).unwrap();
    assert_eq!(header.entries as usize, kept + BANDS * kept.min(32));
}

/// From texts to removals: what is found and what must not be, by exact Jaccard similarity of word 5-grams.
#[test]
fn pairs_are_found_by_their_similarity() {
    let folder = Folder::new();
    let mut random = Random(3);
    let texts: Vec<Vec<usize>> = (0..3000)
        .flat_map(|i| {
            let length = 80 + random.below(800);
            let (text, copy) = pair(&mut random, length, f64::from(i % 60) / 600.0);
            [text, copy]
        })
        .collect();
    let spelled: Vec<String> = texts.iter().map(|text| spell(text)).collect();
    let offsets: Vec<i32> = std::iter::once(0)
        .chain(spelled.iter().scan(0, |end, text| {
            *end += text.len() as i32;
            Some(*end)
        }))
        .collect();
    let signatures = sign(spelled.concat().as_bytes(), &offsets, Shingles::Words(5), &[]).unwrap();
    let ids: Vec<u8> = (0..texts.len() as u128).flat_map(u128::to_be_bytes).collect();
    let rows = Rows {
        ids: &ids,
        candidates: &vec![1; texts.len()],
        bands: &signatures.bands,
        sketch: &signatures.sketch,
        shingles: &signatures.shingles,
        digest: &signatures.digest,
    };
    let mut index = SequenceIndex::new(options(&folder)).unwrap();
    let decisions = index.decide(&rows).unwrap();
    let (mut alike, mut found, mut removed, mut removed_well) = (0, 0, 0, 0);
    for row in 0..texts.len() {
        let dropped = decisions.outcome[row] != KEPT;
        if row % 2 == 1 && jaccard(&texts[row - 1], &texts[row]) >= 0.85 {
            alike += 1;
            found += usize::from(dropped);
        }
        if dropped {
            let survivor = u128::from_be_bytes(*decisions.survivor[row * 16..].first_chunk().unwrap()) as usize;
            let truth = jaccard(&texts[survivor], &texts[row]);
            assert!(truth >= 0.7, "row {row} was removed at {truth}");
            removed += 1;
            removed_well += usize::from(truth >= 0.75);
        }
    }
    println!("{found} of {alike} pairs at 0.85 found; {removed_well} of {removed} removals at 0.75 or more");
    assert!(alike > 500 && found as f64 >= 0.95 * alike as f64, "{found} of {alike}");
    assert!(removed_well as f64 >= 0.99 * removed as f64, "{removed_well} of {removed}");
}

#[test]
fn an_erased_document_is_nobodys_survivor() {
    let folder = Folder::new();
    let twin = Document { cluster: 0, shared: 3, own: 3, own_from: 0, text: 0, short: false, candidate: true };
    let columns = Columns::of(&[twin.clone(), twin]);
    let first = Options { scratch: folder.0.join("first"), ..options(&folder) };
    let (_, runs) = nights(&columns, &first, &[0, 1], 1);
    let decide = |erased: &[u8]| {
        let mut index = SequenceIndex::new(Options { scratch: folder.0.join("second"), ..options(&folder) }).unwrap();
        index.add_run(&runs[0].path).unwrap();
        index.erase(erased).unwrap();
        let decided = index.decide(&columns.rows(1..2)).unwrap();
        assert!(index.erase(&columns.ids[..ID_BYTES]).is_err(), "after the first row");
        decided.outcome[0]
    };
    assert_eq!(decide(&[]), EXACT);
    assert_eq!(decide(&columns.ids[..ID_BYTES]), KEPT);
    assert_eq!(decide(&columns.ids[ID_BYTES..]), EXACT, "another one's id");
    assert!(SequenceIndex::new(options(&folder)).unwrap().erase(&[1]).is_err());
}

//! The tokenizer as a whole, on small files made here. Equality with the reference is held by `test/peers/tokenizer.test.ts`.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const LLAMA: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// All bytes, and for each merge its result, with ids in this order; then an added token.
fn file(merges: &[(&str, &str)]) -> Value {
    let mut vocabulary = serde_json::Map::new();
    for byte in 0..=u8::MAX {
        vocabulary.insert(alphabet::character(byte).to_string(), json!(byte));
    }
    for (left, right) in merges {
        let next = vocabulary.len();
        vocabulary.entry(format!("{left}{right}")).or_insert(json!(next));
    }
    let added = vocabulary.len();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
        "added_tokens": [{"id": added, "content": "<|end|>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": LLAMA}, "behavior": "Isolated", "invert": false},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},
        "post_processor": null, "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "ignore_merges": false, "vocab": vocabulary,
            "merges": merges.iter().map(|(left, right)| format!("{left} {right}")).collect::<Vec<_>>()},
    })
}

const MERGES: &[(&str, &str)] = &[("e", "r"), ("Ġ", "d"), ("Ġd", "er"), ("Ã", "¼"), ("i", "e"), ("i", "n"), ("1", "2")];

fn tokenizer(file: &Value) -> Tokenizer {
    Tokenizer::load(file.to_string().as_bytes(), &Options::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn ids(tokenizer: &mut Tokenizer, text: &str) -> Vec<u32> {
    tokenizer.encode(text.as_bytes(), &[0, text.len() as i32], None).unwrap().0.to_vec()
}

fn refusal(file: &Value) -> String {
    Tokenizer::load(file.to_string().as_bytes(), &Options::default()).err().expect("the file is refused").to_string()
}

#[test]
fn merges_follow_their_ranks_inside_pretokens() {
    let mut t = tokenizer(&file(MERGES));
    assert_eq!(ids(&mut t, "der der"), [u32::from(b'd'), 256, 258]);
    assert_eq!(ids(&mut t, "für"), [u32::from(b'f'), 259, u32::from(b'r')]);
}

#[test]
fn a_special_token_in_a_text_is_ordinary_text() {
    let mut t = tokenizer(&file(MERGES));
    let end = t.model().special[0].1;
    assert_eq!(t.model().special[0].0, "<|end|>");
    let found = ids(&mut t, "a<|end|>b");
    assert!(!found.contains(&end));
    assert_eq!(t.model().decode(&found).unwrap(), b"a<|end|>b");
}

#[test]
fn an_added_token_that_is_not_special_is_matched_before_normalisation() {
    let mut json = file(MERGES);
    json["added_tokens"][0]["special"] = json!(false);
    json["normalizer"] = json!({"type": "NFC"});
    assert_eq!(ids(&mut tokenizer(&json), "u\u{308}<|end|>u\u{308}"), [259, 263, 259]);
}

#[test]
fn ignore_merges_takes_a_pretoken_that_is_a_token() {
    let mut json = file(MERGES);
    json["model"]["vocab"]["Ġdie"] = json!(263);
    json["added_tokens"][0]["id"] = json!(264);
    assert_eq!(ids(&mut tokenizer(&json), " die"), [257, 260]);
    json["model"]["ignore_merges"] = json!(true);
    assert_eq!(ids(&mut tokenizer(&json), " die"), [263]);
}

#[test]
fn every_row_ends_with_the_end_of_document_when_asked() {
    let mut t = tokenizer(&file(MERGES));
    let (ids, offsets) = t.encode("derein".as_bytes(), &[0, 3, 3, 6], Some(263)).unwrap();
    assert_eq!(ids, [u32::from(b'd'), 256, 263, 263, u32::from(b'e'), 261, 263]);
    assert_eq!(offsets, [0, 3, 4, 7]);
}

#[test]
fn offsets_that_leave_the_values_are_an_error() {
    assert!(tokenizer(&file(MERGES)).encode(b"abc", &[0, 4], None).is_err());
    assert!(tokenizer(&file(MERGES)).encode(b"abc", &[2, 1], None).is_err());
    assert!(tokenizer(&file(MERGES)).encode(b"abc", &[-1, 1], None).is_err());
}

#[test]
fn an_id_that_no_token_has_does_not_decode() {
    assert_eq!(tokenizer(&file(MERGES)).model().decode(&[1, 9999]), Err(9999));
}

#[test]
fn what_is_not_implemented_is_refused_with_its_place() {
    let cases = [
        (
            "/pre_tokenizer/pretokenizers/1",
            json!({"type": "Metaspace", "replacement": "▁"}),
            "pre_tokenizer.pretokenizers[1]: Metaspace is read as the first",
        ),
        (
            "/pre_tokenizer/pretokenizers/1",
            json!({"type": "BertPreTokenizer"}),
            "pre_tokenizer.pretokenizers[1]: BertPreTokenizer is read alone",
        ),
        ("/pre_tokenizer/pretokenizers/0", json!({"type": "ByteLevel", "add_prefix_space": false}), "exactly one ByteLevel"),
        ("/pre_tokenizer/pretokenizers/0/pattern/Regex", json!("\\s+"), "pre_tokenizer.pretokenizers[0].pattern.Regex = \"\\\\s+\""),
        (
            "/pre_tokenizer/pretokenizers/0/behavior",
            json!("MergedWithNext"),
            "pre_tokenizer.pretokenizers[0].behavior = \"MergedWithNext\"",
        ),
        ("/pre_tokenizer", json!({"type": "Whitespace"}), "pre_tokenizer.type = \"Whitespace\""),
        ("/normalizer", json!({"type": "Lowercase"}), "normalizer.type = \"Lowercase\""),
        ("/normalizer", json!({"type": "NFC", "extra": 1}), "normalizer.extra = 1"),
        ("/post_processor", json!({"type": "Other"}), "post_processor.type = \"Other\""),
        ("/decoder", json!({"type": "CTC"}), "decoder.type = \"CTC\""),
        ("/version", json!("2.0"), "version = \"2.0\""),
        ("/model/type", json!("WordLevel"), "model.type = \"WordLevel\""),
        ("/model/type", json!("WordPiece"), "pre_tokenizer.pretokenizers[1]: ByteLevel is read with BPE"),
        ("/model/unk_token", json!("<unk>"), "model.unk_token = \"<unk>\""),
        ("/model/dropout", json!(0.1), "model.dropout = 0.1"),
        ("/model/vocab", json!({"a": 1}), "would get the id 1"),
        ("/model/vocab/a", json!(98), "another token has this id"),
        ("/model/vocab/a", json!(-1), "model.vocab: invalid value"),
        ("/model/vocab/a", json!(9_000_000_000_u64), "model.vocab[\"a\"] = 9000000000"),
        ("/model/merges/0", json!("e x"), "model.merges[0]: its result \"ex\" is not in model.vocab"),
        ("/model/merges/0", json!("er"), "model.merges: invalid value: string \"er\""),
        ("/model/merges/0", json!(["e"]), "model.merges: a merge is a list of two tokens"),
        ("/model/merges/0", json!(["Ġ", "d"]), "model.merges[1]: is the same pair as model.merges[0]"),
        ("/added_tokens/0/id", json!(300), "added_tokens[0].id = 300: \"<|end|>\" would get the id 263"),
        ("/added_tokens/0/content", json!("er"), "added_tokens[0].id = 263: \"er\" would get the id 256"),
        ("/added_tokens/0/content", json!(""), "added_tokens[0]: its content has 0 bytes"),
        ("/added_tokens/0/lstrip", json!("yes"), "added_tokens[0].lstrip = \"yes\""),
    ];
    for (place, value, expected) in cases {
        let mut json = file(MERGES);
        *json.pointer_mut(place).unwrap_or_else(|| panic!("{place} is not in the file")) = value;
        let found = refusal(&json);
        assert!(found.contains(expected), "{place}: {found}");
    }
}

#[test]
fn a_merge_that_makes_a_special_token_is_refused() {
    let mut json = file(MERGES);
    json["added_tokens"][0]["content"] = json!("er");
    json["added_tokens"][0]["id"] = json!(256);
    assert!(refusal(&json).contains("model.merges[0]: it makes the special token er"));
}

#[test]
fn a_truncated_or_foreign_file_is_refused() {
    let whole = file(MERGES).to_string();
    for cut in (0..whole.len()).step_by(97) {
        assert!(Tokenizer::load(&whole.as_bytes()[..whole.floor_char_boundary(cut)], &Options::default()).is_err());
    }
    assert!(Tokenizer::load(b"\xFF\xFE{", &Options::default()).is_err());
    assert!(Tokenizer::load("[".repeat(100_000).as_bytes(), &Options::default()).is_err());
    assert!(
        Tokenizer::load(b"{\"model\": {}, \"model\": {}}", &Options::default())
            .err()
            .is_some_and(|r| r.to_string().contains("model: stands twice"))
    );
}

#[test]
fn threads_share_one_model() {
    let json = file(MERGES).to_string();
    let (a, b) =
        (Tokenizer::load(json.as_bytes(), &Options::default()).unwrap(), Tokenizer::load(json.as_bytes(), &Options::default()).unwrap());
    assert!(Arc::ptr_eq(&a.model, &b.model));
}

#[test]
fn a_megabyte_of_one_character_takes_no_quadratic_time() {
    let mut merges = vec![("a".to_owned(), "a".to_owned())];
    for i in 1..8 {
        merges.push(("a".repeat(1 << i), "a".repeat(1 << i)));
    }
    let merges: Vec<(&str, &str)> = merges.iter().map(|(left, right)| (left.as_str(), right.as_str())).collect();
    let mut t = tokenizer(&file(&merges));
    for text in ["a".repeat(1 << 20), " ".repeat(1 << 20), "7".repeat(1 << 20), "😀".repeat(1 << 18)] {
        let ids = ids(&mut t, &text);
        assert_eq!(t.model().decode(&ids).unwrap(), text.as_bytes());
    }
    assert_eq!(ids(&mut t, &"a".repeat(1 << 20)).len(), 1 << 12);
}

proptest! {
    #[test]
    fn decoding_gives_the_text_back(text in "[a-zéü0-9 \n'<|>\u{300}-\u{310}字😀]{0,200}") {
        let mut t = tokenizer(&file(MERGES));
        let ids = ids(&mut t, &text);
        prop_assert_eq!(t.model().decode(&ids).unwrap(), text.as_bytes());
    }

    #[test]
    fn batches_may_be_cut_anywhere(rows in proptest::collection::vec("[a-zü \n'1-3]{0,30}", 0..12), at in 0_usize..12) {
        let encode = |t: &mut Tokenizer, rows: &[String]| {
            let mut offsets = vec![0];
            for row in rows {
                offsets.push(offsets[offsets.len() - 1] + row.len() as i32);
            }
            t.encode(rows.concat().as_bytes(), &offsets, Some(263)).unwrap().0.to_vec()
        };
        let (mut one, mut two) = (tokenizer(&file(MERGES)), tokenizer(&file(MERGES)));
        let at = at.min(rows.len());
        let mut parts = encode(&mut two, &rows[..at]);
        parts.extend(encode(&mut two, &rows[at..]));
        prop_assert_eq!(encode(&mut one, &rows), parts);
    }

    #[test]
    fn any_bytes_are_encoded_and_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut t = tokenizer(&file(MERGES));
        let ids = t.encode(&bytes, &[0, bytes.len() as i32], None).unwrap().0.to_vec();
        prop_assert_eq!(t.model().decode(&ids).unwrap(), bytes);
    }
}

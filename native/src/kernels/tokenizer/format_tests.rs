//! Small files of every kind, made here. Equality with the reference libraries is held by `test/peers/tokenizer.test.ts`.

use super::*;
use base64::Engine as _;
use proptest::prelude::*;
use serde_json::{Value, json};

fn load(file: &[u8], options: &Options) -> Tokenizer {
    Tokenizer::load(file, options).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn refusal(file: &[u8], options: &Options) -> String {
    Tokenizer::load(file, options).err().expect("the file is refused").to_string()
}

fn ids(tokenizer: &mut Tokenizer, text: &str) -> Vec<u32> {
    tokenizer.encode(text.as_bytes(), &[0, text.len() as i32], None).unwrap().0.to_vec()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = bytes.len();
    let mut out = vec![number << 3 | 2];
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
    out
}

const NORMAL: u8 = 1;
const UNKNOWN: u8 = 2;
const CONTROL: u8 = 3;
const USER: u8 = 4;
const UNUSED: u8 = 5;
const BYTE: u8 = 6;

fn piece(text: &str, score: f32, kind: u8) -> Vec<u8> {
    let mut message = field(1, text.as_bytes());
    message.push(2 << 3 | 5);
    message.extend(score.to_le_bytes());
    message.extend([3 << 3, kind]);
    field(1, &message)
}

/// A model with `<unk>`, `<s>`, the 256 bytes if asked for, then these pieces; whose ids begin with the number given back.
fn model(kind: u8, bytes: bool, flags: &[u8], pieces: &[(&str, f32, u8)]) -> (Vec<u8>, u32) {
    let mut file = [piece("<unk>", 0.0, UNKNOWN), piece("<s>", 0.0, CONTROL)].concat();
    if bytes {
        file.extend((0..=255).flat_map(|byte| piece(&format!("<0x{byte:02X}>"), 0.0, BYTE)));
    }
    for &(text, score, kind) in pieces {
        file.extend(piece(text, score, kind));
    }
    // model_type, and byte_fallback, whose key has two bytes.
    file.extend(field(2, &[3 << 3, kind, 0x98, 0x02, u8::from(bytes)]));
    file.extend(field(3, flags));
    (file, if bytes { 258 } else { 2 })
}

const BPE: u8 = 2;
const UNIGRAM: u8 = 1;
/// A dummy prefix, and white space as it is.
const AS_IT_IS: &[u8] = &[3 << 3, 1, 4 << 3, 0];

#[test]
fn pieces_merge_by_score_and_unknown_characters_become_bytes() {
    let pieces = [("▁", -9.0, NORMAL), ("a", -9.0, NORMAL), ("b", -9.0, NORMAL), ("ab", -1.0, NORMAL), ("▁a", -2.0, NORMAL)];
    let (file, first) = model(BPE, true, AS_IT_IS, &pieces);
    let mut t = load(&file, &Options::default());
    assert_eq!(ids(&mut t, "ab a"), [first, first + 3, first + 4]);
    assert_eq!(ids(&mut t, "é"), [first, 2 + 0xC3, 2 + 0xA9]);
    assert_eq!(t.model().decode(&[first, first + 3, first + 4, 2 + 0xC3, 2 + 0xA9]).unwrap(), "ab aé".as_bytes());
}

#[test]
fn pieces_of_one_score_merge_from_left_to_right() {
    let pieces = [("▁", -9.0, NORMAL), ("a", -9.0, NORMAL), ("b", -9.0, NORMAL), ("ab", 0.0, NORMAL), ("ba", 0.0, NORMAL)];
    let (file, first) = model(BPE, true, AS_IT_IS, &pieces);
    let mut t = load(&file, &Options::default());
    assert_eq!(ids(&mut t, "bab"), [first, first + 4, first + 2]);
    assert_eq!(ids(&mut t, "aba"), [first, first + 3, first + 1]);
}

#[test]
fn characters_that_are_no_pieces_merge_into_pieces() {
    let (file, first) = model(BPE, false, AS_IT_IS, &[("▁", -9.0, NORMAL), ("xy", -1.0, NORMAL)]);
    assert_eq!(ids(&mut load(&file, &Options::default()), "xyxxqy xy"), [first, first + 1, 0, first, first + 1]);
}

#[test]
fn user_defined_pieces_are_found_first_and_merge_with_nothing() {
    let pieces = [("▁", -9.0, NORMAL), ("a", -9.0, NORMAL), ("b", -9.0, NORMAL), ("ab", -1.0, NORMAL), ("bb", 0.0, USER)];
    let (file, first) = model(BPE, true, AS_IT_IS, &pieces);
    assert_eq!(ids(&mut load(&file, &Options::default()), "abb"), [first, first + 1, first + 4]);
    let (file, first) = model(UNIGRAM, true, AS_IT_IS, &pieces);
    assert_eq!(ids(&mut load(&file, &Options::default()), "abb"), [first, first + 1, first + 4]);
}

#[test]
fn extra_white_space_goes_and_a_control_piece_is_text() {
    let pieces =
        [("▁", -3.0, NORMAL), ("a", -3.0, NORMAL), ("▁a", -2.0, NORMAL), ("<", -5.0, NORMAL), ("s", -5.0, NORMAL), (">", -5.0, NORMAL)];
    let (file, first) = model(UNIGRAM, false, &[], &pieces);
    let mut t = load(&file, &Options::default());
    assert_eq!(ids(&mut t, "  a   a "), [first + 2, first + 2]);
    assert_eq!(ids(&mut t, "<s>"), [first, first + 3, first + 4, first + 5]);
    assert_eq!(ids(&mut load(&file, &Options { recognise_special: true, ..Options::default() }), "a<s>"), [first + 2, 1]);
    let (_, spans) = t.encode_with_spans("  a   é ".as_bytes());
    assert_eq!(spans, [(2, 3), (3, 4), (6, 8)]);
}

#[test]
fn models_that_are_not_read_are_refused_by_place() {
    let plain: &[(&str, f32, u8)] = &[("▁", -9.0, NORMAL), ("a", -9.0, NORMAL)];
    let with = |more: &[(&'static str, f32, u8)]| [plain, more].concat();
    let cases = [
        (model(3, false, &[], plain).0, "trainer_spec.model_type = 3"),
        (model(BPE, false, &[5 << 3, 0], plain).0, "normalizer_spec.escape_whitespaces = false"),
        (model(BPE, false, &field(2, b"\x01\x02"), plain).0, "normalizer_spec.precompiled_charsmap: is cut"),
        (model(BPE, false, &[], &with(&[("aa", -1.0, UNUSED)])).0, "pieces[4] = \"aa\": unused pieces"),
        (model(BPE, false, &[], &with(&[("a", -1.0, NORMAL)])).0, "pieces[4] = \"a\": this piece stands twice"),
        (model(BPE, false, &[], &with(&[("b", -1.0, CONTROL)])).0, "pieces[4] = \"b\": a single character as a control piece"),
        (model(BPE, false, &[], &with(&[("<s>", -1.0, NORMAL)])).0, "pieces[4] = \"<s>\": it is a control piece too"),
        (model(BPE, false, &[], &with(&[("<0x41>", 0.0, BYTE)])).0, "pieces = 1 byte pieces"),
        (model(BPE, false, &[], &with(&[("<x>", 0.0, UNKNOWN)])).0, "pieces: exactly one unknown piece"),
        (model(BPE, false, &[], &with(&[("c", f32::NAN, NORMAL)])).0, "pieces[4] = \"c\" with score NaN"),
        (model(BPE, false, &[], &with(&[("c", 0.0, 9)])).0, "pieces[4].type = 9"),
    ];
    for (file, expected) in cases {
        let found = refusal(&file, &Options::default());
        assert!(found.contains(expected), "{found}");
    }
}

fn rank_file(tokens: &[&[u8]]) -> String {
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let singles = (0..=u8::MAX).map(|byte| base64(&[byte]));
    singles
        .chain(tokens.iter().map(|token| base64(token)))
        .zip(0..)
        .fold(String::new(), |file, (token, rank)| file + &format!("{token} {rank}\n"))
}

#[test]
fn ranks_merge_by_rank_and_a_whole_token_wins() {
    let options = Options { encoding: Some("cl100k_base".to_owned()), ..Options::default() };
    let mut t = load(rank_file(&[b"ab", b"bc", b"abcd"]).as_bytes(), &options);
    assert_eq!(ids(&mut t, "abc"), [256, u32::from(b'c')]);
    // Merging would stop at "ab", "c", "d".
    assert_eq!(ids(&mut t, "abcd"), [258]);
    assert_eq!(ids(&mut t, "a<|endoftext|>").len(), 14);
    assert_eq!(t.model().special[0], ("<|endoftext|>".to_owned(), 100_257));
    assert_eq!(t.model().vocabulary_size(), 100_277);
}

#[test]
fn rank_files_that_are_not_read_are_refused_by_line() {
    let options = |name: &str| Options { encoding: Some(name.to_owned()), ..Options::default() };
    let file = rank_file(&[b"ab"]);
    assert!(refusal(file.as_bytes(), &Options::default()).contains("name its encoding (cl100k_base, o200k_base"));
    assert!(refusal(file.as_bytes(), &options("x")).contains("encoding = \"x\""));
    assert!(refusal(format!("{file}YWJj\n").as_bytes(), &options("o200k_base")).contains("line 258 = YWJj"));
    assert!(
        refusal(format!("{file}YWI= 999\n").as_bytes(), &options("o200k_base")).contains("line 258 = 999: this token or rank stands twice")
    );
    assert!(refusal(&file.as_bytes()[7..], &options("o200k_base")).contains("has no token for the byte 0x00"));
}

fn tekken() -> Value {
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let vocab: Vec<Value> = (0..=u8::MAX)
        .map(|byte| vec![byte])
        .chain([b"ab".to_vec(), b"zz".to_vec()])
        .zip(0..)
        .map(|(bytes, rank): (Vec<u8>, u32)| json!({"rank": rank, "token_bytes": base64(&bytes), "token_str": null}))
        .collect();
    let pattern = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    json!({"config": {"pattern": pattern, "num_vocab_tokens": 258, "default_vocab_size": 287, "default_num_special_tokens": 30, "version": "v3"}, "vocab": vocab})
}

#[test]
fn tekken_ids_begin_behind_the_special_tokens() {
    let mut t = load(tekken().to_string().as_bytes(), &Options::default());
    assert_eq!(ids(&mut t, "abzz</s>")[..3], [286, 30 + 122, 30 + 122]);
    assert_eq!(t.model().vocabulary_size(), 287);
    assert_eq!((t.model().special[2].0.as_str(), t.model().special[29].0.as_str()), ("</s>", "<SPECIAL_29>"));
    let mut json = tekken();
    json["config"]["pattern"] = json!("\\w+");
    assert!(refusal(json.to_string().as_bytes(), &Options::default()).contains("config.pattern = \"\\\\w+\""));
    json = tekken();
    json["vocab"][5]["token_bytes"] = json!("=");
    assert!(refusal(json.to_string().as_bytes(), &Options::default()).contains("vocab[5].token_bytes"));
}

#[test]
fn the_text_of_a_special_token_is_no_unigram_piece() {
    let file = json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null, "decoder": null,
        "added_tokens": [{"id": 1, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["</s>", 0.0], ["▁", -1.0], ["a", -1.0], ["▁a", -1.5]]},
    });
    let mut t = load(file.to_string().as_bytes(), &Options::default());
    assert_eq!(ids(&mut t, "a a</s>"), [4, 4, 0]);
    let asked = Options { recognise_special: true, ..Options::default() };
    assert_eq!(ids(&mut load(file.to_string().as_bytes(), &asked), "a</s>a"), [4, 1, 3]);
}

proptest! {
    #[test]
    fn a_cut_or_changed_model_never_panics(at in 0_usize..400, byte in any::<u8>(), cut in any::<bool>(), kind in 1_u8..3) {
        let (mut file, _) = model(kind, false, &field(2, &[8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, b'a', 0]), &[("▁", -9.0, NORMAL), ("ab", -1.0, USER), ("▁a", -2.0, NORMAL)]);
        let at = at % file.len();
        if cut { file.truncate(at) } else { file[at] = byte }
        let options = Options { kind: Some(Kind::SentencePiece), ..Options::default() };
        if let Ok(mut t) = Tokenizer::load(&file, &options) {
            ids(&mut t, "ab aé </s>");
        }
    }

    #[test]
    fn ranges_lie_end_to_end_and_ids_come_back(text in "[abé ▁字😀\n]{0,60}") {
        let text = text.replace('▁', " ");
        let pieces = [("▁", -9.0, NORMAL), ("a", -9.0, NORMAL), ("b", -9.0, NORMAL), ("ab", -1.0, NORMAL), ("▁a", -2.0, NORMAL), ("字", -4.0, NORMAL), ("\n", 0.0, USER)];
        let (file, _) = model(BPE, true, AS_IT_IS, &pieces);
        let mut t = load(&file, &Options::default());
        let plain = ids(&mut t, &text);
        prop_assert_eq!(t.model().decode(&plain).unwrap(), text.as_bytes());
        let (traced, spans) = t.encode_with_spans(text.as_bytes());
        prop_assert_eq!(traced, &plain[..]);
        let mut at = 0;
        for &(start, end) in spans {
            prop_assert_eq!(start, at);
            at = end;
        }
        prop_assert_eq!(at as usize, text.len());
    }
}

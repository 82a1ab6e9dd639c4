//! What was learnt as a tokenizer.json (Hugging Face `tokenizers` 0.23).

use super::Cut;
use super::bpe::BpeTraining;
use crate::kernels::tokenizer::alphabet::character;
use crate::kernels::tokenizer::json_steps::SPACE;
use crate::kernels::tokenizer::pretokenize::{Splitter, pattern_of};
use serde_json::{Value, json};
use std::fmt::Write;

fn added(special: &[String], first: usize) -> Value {
    let token = |(i, content): (usize, &String)| json!({ "id": first + i, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true });
    special.iter().enumerate().map(token).collect()
}

/// The file with its vocabulary and merges, which serde would put in another order, written at their place.
fn written(file: &Value, model: &str) -> String {
    let mut text = file.to_string();
    text.pop();
    write!(text, r#","model":{model}}}"#).expect("a string takes everything");
    text.push('\n');
    text
}

/// Special tokens have the first ids, then bytes, then what was merged.
pub fn bpe(training: &BpeTraining, special: &[String], cut: Cut) -> String {
    let splitter = match cut {
        Cut::Llama3(scanner) => Splitter::Cl100k(scanner),
        Cut::Gpt4o(scanner) => Splitter::O200k(scanner),
        Cut::Spaces => Splitter::BeforeSpaces,
    };
    let file = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added(special, 0),
        "normalizer": null,
        "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
            { "type": "Split", "pattern": { "Regex": pattern_of(splitter) }, "behavior": "Isolated", "invert": false },
            { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false },
        ] },
        "post_processor": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true },
        "decoder": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true },
    });
    let tokens: Vec<String> = training.tokens().iter().map(|bytes| bytes.iter().map(|&byte| character(byte)).collect()).collect();
    let quoted = |text: &str| Value::from(text).to_string();
    let vocabulary: Vec<String> = special.iter().chain(&tokens).enumerate().map(|(id, token)| format!("{}:{id}", quoted(token))).collect();
    let merges: Vec<String> = training
        .merges()
        .iter()
        .map(|&(left, right)| format!("[{},{}]", quoted(&tokens[left as usize]), quoted(&tokens[right as usize])))
        .collect();
    let model = format!(
        r#"{{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":{{{}}},"merges":[{}]}}"#,
        vocabulary.join(","),
        merges.join(",")
    );
    written(&file, &model)
}

/// A score so low that the text of a byte's piece, `<0x41>`, is never read as that byte.
const NEVER: f64 = -1000.0;

/// `<unk>`, 256 bytes, then pieces from the likeliest on, then special tokens: outside of the model, which would else find them
/// in ordinary text.
pub fn unigram(pieces: &[(Vec<u8>, f64)], special: &[String]) -> String {
    let space = json!({ "type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": true });
    let file = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added(special, 257 + pieces.len()),
        "normalizer": null,
        "pre_tokenizer": space,
        "post_processor": null,
        "decoder": { "type": "Sequence", "decoders": [
            { "type": "Replace", "pattern": { "String": SPACE }, "content": " " },
            { "type": "ByteFallback" },
            { "type": "Fuse" },
            { "type": "Strip", "content": " ", "start": 1, "stop": 0 },
        ] },
    });
    let bytes = (0..=u8::MAX).map(|byte| (format!("<0x{byte:02X}>"), NEVER));
    let texts = pieces.iter().map(|(piece, score)| (String::from_utf8_lossy(piece).replace(' ', SPACE), *score));
    let all = std::iter::once(("<unk>".to_owned(), NEVER)).chain(bytes).chain(texts);
    let vocabulary: Vec<String> = all.map(|(piece, score)| json!([piece, score]).to_string()).collect();
    written(&file, &format!(r#"{{"type":"Unigram","unk_id":0,"vocab":[{}],"byte_fallback":true}}"#, vocabulary.join(",")))
}

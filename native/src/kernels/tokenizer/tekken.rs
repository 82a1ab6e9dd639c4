//! Mistral's `tekken.json`, ids equal to mistral-common 1.13.1: tiktoken ranks behind the special tokens, the pattern in the file.

use super::json_part::{Part, Refusal};
use super::load::File;
use super::pretokenize::for_pattern;
use super::tiktoken::of_ranks;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

#[derive(Deserialize)]
struct Token {
    rank: u32,
    token_bytes: String,
}

#[derive(Deserialize)]
struct Special {
    rank: u32,
    token_str: String,
}

/// The special tokens of files that list none, by id; the others are fillers.
const SPECIAL: [&str; 20] = [
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
];

/// Whether a JSON object has what only these files have; a tokenizer.json has a `model`.
pub fn looks_like(file: &[u8]) -> bool {
    Part::file(file).is_ok_and(|part| part.copy("config").is_some() && part.copy("vocab").is_some() && part.copy("model").is_none())
}

pub fn read(json: &[u8]) -> Result<File, Refusal> {
    let mut file = Part::file(json)?;
    let Some(raw) = file.take("config") else { return Err(Refusal::at("config", "is missing")) };
    let mut config = Part::new("config", raw)?;
    let pattern: String = config.required("pattern")?;
    let splitter = for_pattern(&pattern)
        .ok_or_else(|| Refusal::new("config.pattern", &format!("{pattern:?}"), "no scanner is written for this pattern"))?;
    let (size, specials): (u32, u32) = (config.required("default_vocab_size")?, config.required("default_num_special_tokens")?);
    config.value::<u32>("num_vocab_tokens")?;
    config.value::<String>("version")?;
    config.finish()?;
    let Some(inner) = size.checked_sub(specials) else {
        return Err(Refusal::new("config.default_vocab_size", &size.to_string(), &format!("there are {specials} special tokens alone")));
    };
    let vocabulary: Vec<Token> = file.required("vocab")?;
    if vocabulary.len() < inner as usize {
        return Err(Refusal::at("vocab", &format!("has {} tokens, config wants {inner}", vocabulary.len())));
    }
    let mut ranks = Vec::with_capacity(inner as usize);
    for (i, token) in vocabulary.into_iter().enumerate().filter(|(_, token)| token.rank < inner) {
        let place = format!("vocab[{i}]");
        let bytes = STANDARD.decode(&token.token_bytes).ok().filter(|bytes| !bytes.is_empty());
        let bytes = bytes.ok_or_else(|| Refusal::new(&format!("{place}.token_bytes"), &token.token_bytes, "base64 is expected"))?;
        ranks.push((place, bytes, token.rank));
    }
    let given: Option<Vec<Special>> = file.value("special_tokens")?;
    let mut special = match given {
        Some(given) => given.into_iter().map(|token| (token.token_str, token.rank)).collect(),
        None => SPECIAL.iter().zip(0..).map(|(content, id)| ((*content).to_owned(), id)).collect::<Vec<_>>(),
    };
    for id in special.len() as u32..specials {
        special.push((format!("<SPECIAL_{id}>"), id));
    }
    if let Some((content, id)) = special.iter().find(|(_, id)| *id >= specials) {
        return Err(Refusal::new("special_tokens", &id.to_string(), &format!("{content} is over config.default_num_special_tokens")));
    }
    // Settings of models that take more than text.
    for name in ["image", "multimodal", "audio", "model_settings_builder"] {
        file.take(name);
    }
    file.finish()?;
    of_ranks(&ranks, specials, special, splitter)
}

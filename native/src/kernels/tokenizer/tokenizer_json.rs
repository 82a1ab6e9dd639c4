//! tokenizer.json (Hugging Face).

use super::added_tokens::{self, AddedToken, Matcher};
use super::alphabet::Alphabet;
use super::decode::Decoding;
use super::json_models::{self, Ids, canonical};
use super::json_part::{Part, Refusal};
use super::json_steps::{Normalizers, PreTokenizer, SPACE, decoder, post_processor, pre_tokenizers};
use super::load::{Engine, File, Prefix, Step, Token, place};
use super::normalize::{Chain, Normalizer};
use super::pair_table::MAX_IDS;
use super::pretokenize::Splitter;
use super::replace::{Pattern, Replace};
use super::vocabulary_json::Vocabulary;
use std::collections::{HashMap, HashSet};

pub fn read(json: &[u8], recognise_special: bool) -> Result<File, Refusal> {
    let mut file = Part::file(json)?;
    if let Some(version) = file.value::<String>("version")?.filter(|version| version != "1.0") {
        return Err(Refusal::new("version", &format!("{version:?}"), "version 1.0 is read"));
    }
    // Documents are encoded whole and never padded, whatever the file says of batches.
    file.take("truncation");
    file.take("padding");
    let mut normalizers = Normalizers::default();
    if let Some(raw) = file.take("normalizer") {
        normalizers.read("normalizer", raw)?;
    }
    let mut found = Vec::new();
    if let Some(raw) = file.take("pre_tokenizer") {
        pre_tokenizers("pre_tokenizer", raw, &mut found)?;
    }
    if let Some(raw) = file.take("post_processor") {
        post_processor("post_processor", raw)?;
    }
    let mut decoding = Decoding::Joined { strip_space: false };
    if let Some(raw) = file.take("decoder") {
        decoder("decoder", raw, &mut decoding)?;
    }
    let Some(raw) = file.take("model") else { return Err(Refusal::at("model", "is missing")) };
    let mut model = Part::new("model", raw)?;
    // Files from before 2020 have no type; with `merges` they can be nothing else.
    let kind = model.value::<String>("type")?.unwrap_or_else(|| "BPE".to_owned());
    if !["BPE", "Unigram", "WordPiece"].contains(&kind.as_str()) {
        return Err(Refusal::new("model.type", &format!("{kind:?}"), "BPE, Unigram and WordPiece are read"));
    }
    let byte_level = found.iter().any(|(_, one)| matches!(one, PreTokenizer::ByteLevel(_)));
    let metaspace = found.iter().any(|(_, one)| matches!(one, PreTokenizer::Metaspace { .. }));
    let escaped = normalizers.escapes || metaspace;
    let (steps, before_last) = steps(found, &kind, &normalizers)?;

    if kind == "Unigram" {
        return unigram(file, model, normalizers, steps, before_last, decoding, escaped, recognise_special);
    }
    let vocabulary = json_models::vocabulary(&mut model)?;
    let (ids, used) = ids(&vocabulary)?;
    let added = added_tokens::read(&mut file, &ids, &used, recognise_special)?;
    file.finish()?;
    let special: HashSet<u32> = added.iter().filter(|token| token.special).map(|token| token.id).collect();
    let mut whole_words = false;
    let engine = match kind.as_str() {
        "BPE" => {
            let bpe = json_models::bpe(&mut model)?;
            whole_words = bpe.ignore_merges;
            if byte_level {
                Engine::Bytes(json_models::byte_level(&ids, &bpe, &special)?)
            } else {
                Engine::Characters(Box::new(json_models::characters(&ids, &bpe, &special, escaped)?))
            }
        }
        _ => Engine::WordPiece(Box::new(json_models::wordpiece(&mut model, &ids, &special)?)),
    };
    model.finish()?;
    let written = vocabulary.0.iter().map(|(written, id)| (written.as_str(), *id as usize));
    let tokens = tokens(written, &added, &special, byte_level, escaped)?;
    let chain = chain(normalizers, escaped, metaspace, &added)?;
    Ok(File { engine, chain, steps, whole_words, tokens, added, user_defined: Matcher::default(), decoding })
}

#[expect(clippy::too_many_arguments, reason = "the parts of one file")]
fn unigram(
    mut file: Part,
    mut model: Part,
    normalizers: Normalizers,
    steps: Vec<Step>,
    is_cut: bool,
    decoding: Decoding,
    escaped: bool,
    recognise_special: bool,
) -> Result<File, Refusal> {
    let raw = model.copy("vocab");
    let pieces: Vec<(String, f64)> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let ids: Ids = (0..).zip(&pieces).map(|(id, (piece, _))| (piece.as_str(), id)).collect();
    let added = added_tokens::read(&mut file, &ids, &(0..pieces.len() as u32).collect(), recognise_special)?;
    file.finish()?;
    let special: HashSet<u32> = added.iter().filter(|token| token.special).map(|token| token.id).collect();
    let (unigram, pieces) = json_models::unigram(&mut model, &added, escaped, !is_cut)?;
    model.finish()?;
    let tokens = tokens(pieces.iter().map(String::as_str).zip(0..), &added, &special, false, escaped)?;
    let metaspace = escaped && !normalizers.escapes;
    let chain = chain(normalizers, escaped, metaspace, &added)?;
    Ok(File {
        engine: Engine::Unigram(Box::new(unigram)),
        chain,
        steps,
        whole_words: false,
        tokens,
        added,
        user_defined: Matcher::default(),
        decoding,
    })
}

/// Ids by token, and the ids in use.
fn ids(vocabulary: &Vocabulary) -> Result<(Ids<'_>, HashSet<u32>), Refusal> {
    let mut ids: Ids = HashMap::with_capacity(vocabulary.0.len());
    let mut used: HashSet<u32> = HashSet::with_capacity(vocabulary.0.len());
    for (written, id) in &vocabulary.0 {
        let place = || format!("model.vocab[{written:?}]");
        if *id >= MAX_IDS as u64 {
            return Err(Refusal::new(&place(), &id.to_string(), &format!("ids below {MAX_IDS} are read")));
        }
        if ids.insert(written, *id as u32).is_some() {
            return Err(Refusal::at(&place(), "stands twice"));
        }
        if !used.insert(*id as u32) {
            return Err(Refusal::new(&place(), &id.to_string(), "another token has this id"));
        }
    }
    Ok((ids, used))
}

/// The steps that cut, and whether a step before the last cuts at spaces.
fn steps(found: Vec<(String, PreTokenizer)>, kind: &str, normalizers: &Normalizers) -> Result<(Vec<Step>, bool), Refusal> {
    let count = found.len();
    let bytes = found.iter().any(|(_, one)| matches!(one, PreTokenizer::ByteLevel(_)));
    let (mut steps, mut at_spaces) = (Vec::new(), false);
    for (i, (path, one)) in found.into_iter().enumerate() {
        let refuse = |why: &str| Err(Refusal::at(&path, why));
        match one {
            PreTokenizer::ByteLevel(_) if kind != "BPE" => return refuse("ByteLevel is read with BPE"),
            PreTokenizer::ByteLevel(_) if i + 1 < count => return refuse("exactly one ByteLevel is expected, as the last step"),
            PreTokenizer::ByteLevel(step) | PreTokenizer::Cut(step) => steps.push(step),
            PreTokenizer::Metaspace { .. } if bytes || kind == "WordPiece" || i > 0 || normalizers.escapes => {
                return refuse("Metaspace is read as the first step of files whose spaces nothing else replaces");
            }
            PreTokenizer::Metaspace { split, prefix } => {
                at_spaces = split;
                steps.push(Step { splitter: if split { Splitter::BeforeSpaces } else { Splitter::Whole }, prefix });
            }
            // There are none left in the text.
            PreTokenizer::AtSpaces if normalizers.escapes => {}
            PreTokenizer::AtSpaces => return refuse("a Split at spaces is read where the normalizer has replaced them all"),
            PreTokenizer::Bert if kind == "WordPiece" && count == 1 => steps.push(Step { splitter: Splitter::Bert, prefix: Prefix::None }),
            PreTokenizer::Bert => return refuse("BertPreTokenizer is read alone and with WordPiece"),
        }
    }
    let last = steps.last().map(|step| step.splitter);
    if kind == "WordPiece" && last != Some(Splitter::Bert) {
        return Err(Refusal::at("pre_tokenizer", "WordPiece is read with BertPreTokenizer"));
    }
    if kind != "WordPiece" && !bytes {
        steps.push(Step { splitter: Splitter::Cuts, prefix: Prefix::None });
    }
    Ok((steps, at_spaces))
}

/// The normalizers, ending with a space for every U+2581 of an escaped text: what both stand for is one symbol.
fn chain(normalizers: Normalizers, escaped: bool, metaspace: bool, added: &[AddedToken]) -> Result<Chain, Refusal> {
    let mut steps = normalizers.steps;
    if escaped {
        let inside =
            added.iter().find(|token| metaspace && token.normalized && !token.special && token.content.contains([' ', '\u{2581}']));
        if let Some(token) = inside {
            return Err(Refusal::at(
                "added_tokens",
                &format!("{:?} is looked for before Metaspace replaces spaces: not read", token.content),
            ));
        }
        for step in &mut steps {
            if let Normalizer::Prepend(content) = step
                && content == SPACE.as_bytes()
            {
                *content = b" ".to_vec();
            }
        }
        steps.push(Normalizer::Replace(Box::new(Replace::new(Pattern::Text(SPACE.into()), b" ".to_vec()))));
    }
    Ok(Chain(steps))
}

fn tokens<'a>(
    written: impl Iterator<Item = (&'a str, usize)>,
    added: &[AddedToken],
    special: &HashSet<u32>,
    byte_level: bool,
    escaped: bool,
) -> Result<Vec<Option<Token>>, Refusal> {
    let alphabet = Alphabet::default();
    let mut tokens = Vec::new();
    let byte = |written: &str| {
        written.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>')).and_then(|digits| u8::from_str_radix(digits, 16).ok())
    };
    // What stands for no bytes is written out as it is, like the reference's decoder does.
    let read = |written: &str| {
        if byte_level {
            alphabet.bytes(written).map_or_else(|| (written.as_bytes().to_vec(), false), |bytes| (bytes, true))
        } else if let Some(byte) = byte(written).filter(|_| written.len() == 6) {
            (vec![byte], false)
        } else {
            (canonical(written, escaped).into_bytes(), true)
        }
    };
    let mut count = 0;
    for (written, id) in written {
        let (bytes, text) = read(written);
        let text = text && !written.is_empty() && !special.contains(&(id as u32));
        place(&mut tokens, id, Token { bytes, text });
        count += 1;
    }
    for token in added {
        if token.id as usize >= MAX_IDS {
            return Err(Refusal::new("added_tokens", &token.id.to_string(), &format!("ids below {MAX_IDS} are read")));
        }
        if count <= token.id as usize {
            place(&mut tokens, token.id as usize, Token { bytes: read(&token.content).0, text: false });
        }
    }
    Ok(tokens)
}

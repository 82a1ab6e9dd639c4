//! tokenizer.json (Hugging Face) to a checked model: byte-level BPE. What the encoder does not implement is refused by name
//! with its place in the file; nothing is guessed.

use super::added_tokens::{self, AddedToken};
use super::alphabet::{self, Alphabet};
use super::json_part::{Part, Refusal};
use super::normalize::Normalizer;
use super::pair_table::{MAX_IDS, MAX_MERGES, PairTable};
use super::pretokenize::{Digits, Gpt2, Splitter, for_pattern};
use super::vocabulary_json::{Merge, Vocabulary};
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// The largest file known is 33 MB.
const MAX_FILE: usize = 256 << 20;

/// One step of the pre-tokenizer sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub splitter: Splitter,
    /// Puts a space before each piece that does not begin with one, before it is cut.
    pub add_prefix_space: bool,
}

/// What a file says, checked.
pub struct File {
    pub normalizer: Option<Normalizer>,
    /// At least one; the last is the `ByteLevel`.
    pub steps: Vec<Step>,
    pub pairs: PairTable,
    pub ignore_merges: bool,
    /// By id: the bytes that a token stands for, and whether text can be it; `None` where no token has the id.
    pub tokens: Vec<Option<Token>>,
    pub added: Vec<AddedToken>,
}

pub struct Token {
    pub bytes: Vec<u8>,
    /// False for special tokens and those whose written form stands for no bytes.
    pub text: bool,
}

pub fn read(json: &[u8]) -> Result<File, Refusal> {
    if json.len() > MAX_FILE {
        return Err(Refusal::at("the file", &format!("has {} bytes, at most {MAX_FILE} are read", json.len())));
    }
    let mut file = Part::file(json)?;
    if let Some(version) = file.value::<String>("version")?.filter(|version| version != "1.0") {
        return Err(Refusal::new("version", &format!("{version:?}"), "version 1.0 is read"));
    }
    file.must_be_null("truncation", "documents are encoded whole")?;
    file.must_be_null("padding", "documents are not padded")?;
    let normalizer = file.take("normalizer").map_or(Ok(None), |raw| normalizer("normalizer", raw))?;
    let Some(raw) = file.take("pre_tokenizer") else {
        return Err(Refusal::at("pre_tokenizer", "is missing; byte-level files have ByteLevel there"));
    };
    let steps = steps("pre_tokenizer", raw)?;
    match steps.last() {
        Some((_, step, true)) if steps.iter().filter(|step| step.2).count() == 1 => Ok(step),
        _ => Err(Refusal::new("pre_tokenizer", raw.get(), "exactly one ByteLevel is expected, as the last step")),
    }?;
    if let Some((path, ..)) = steps.iter().rev().skip(1).find(|(_, step, _)| step.add_prefix_space) {
        return Err(Refusal::at(path, "only the last step may add a space"));
    }
    let steps = steps.into_iter().map(|(_, step, _)| step).collect();
    if let Some(raw) = file.take("post_processor") {
        post_processor("post_processor", raw)?;
    }
    if let Some(raw) = file.take("decoder") {
        decoder("decoder", raw)?;
    }
    let Some(raw) = file.take("model") else { return Err(Refusal::at("model", "is missing")) };
    let mut model = Part::new("model", raw)?;
    let (vocabulary, merges, ignore_merges) = bpe(&mut model)?;
    model.finish()?;

    let mut ids: HashMap<&str, u32> = HashMap::with_capacity(vocabulary.0.len());
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
    let byte_ids = byte_ids(&ids)?;
    let added = added_tokens::read(&mut file, &ids, &used)?;
    file.finish()?;
    let special: HashSet<u32> = added.iter().filter(|token| token.special).map(|token| token.id).collect();
    let pairs = pair_table(&ids, &byte_ids, &merges, &special)?;
    let tokens = tokens(&vocabulary, &added, &special)?;
    Ok(File { normalizer, steps, pairs, ignore_merges, tokens, added })
}

/// The members of a BPE model: vocabulary, merges and `ignore_merges`.
fn bpe(model: &mut Part) -> Result<(Vocabulary, Vec<Merge>, bool), Refusal> {
    // Files from before 2020 have no type; with `merges` they can be nothing else.
    if let Some(kind) = model.value::<String>("type")?.filter(|kind| kind != "BPE") {
        return Err(Refusal::new("model.type", &format!("{kind:?}"), "byte-level BPE is read"));
    }
    if let Some(dropout) = model.value::<f64>("dropout")?.filter(|&dropout| dropout != 0.0) {
        return Err(Refusal::new("model.dropout", &dropout.to_string(), "it would make ids random"));
    }
    model.must_be_null("unk_token", "byte-level files have a token for every byte and need none")?;
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
        if let Some(affix) = model.value::<String>(name)?.filter(|affix| !affix.is_empty()) {
            return Err(Refusal::new(&model.place(name), &format!("{affix:?}"), "byte-level files have none"));
        }
    }
    // Says what to do with unknown characters, of which there are none.
    model.value::<bool>("fuse_unk")?;
    if model.value("byte_fallback")?.unwrap_or(false) {
        return Err(Refusal::new("model.byte_fallback", "true", "byte-level files have no use for it"));
    }
    let ignore_merges = model.value("ignore_merges")?.unwrap_or(false);
    let parse = |name: &str, error: serde_json::Error| Refusal::at(&format!("model.{name}"), &error.to_string());
    let Some(raw) = model.take("vocab") else { return Err(Refusal::at("model.vocab", "is missing")) };
    let vocabulary: Vocabulary = serde_json::from_str(raw.get()).map_err(|error| parse("vocab", error))?;
    let Some(raw) = model.take("merges") else { return Err(Refusal::at("model.merges", "is missing")) };
    let merges: Vec<Merge> = serde_json::from_str(raw.get()).map_err(|error| parse("merges", error))?;
    if merges.len() > MAX_MERGES {
        return Err(Refusal::at("model.merges", &format!("has {} merges, at most {MAX_MERGES} are read", merges.len())));
    }
    Ok((vocabulary, merges, ignore_merges))
}

fn byte_ids(ids: &HashMap<&str, u32>) -> Result<[u32; 256], Refusal> {
    let mut byte_ids = [0; 256];
    for byte in 0..=u8::MAX {
        let written = alphabet::character(byte).to_string();
        byte_ids[usize::from(byte)] = *ids
            .get(written.as_str())
            .ok_or_else(|| Refusal::at(&format!("model.vocab[{written:?}]"), &format!("is missing: the token of byte 0x{byte:02X}")))?;
    }
    Ok(byte_ids)
}

fn pair_table(ids: &HashMap<&str, u32>, byte_ids: &[u32; 256], merges: &[Merge], special: &HashSet<u32>) -> Result<PairTable, Refusal> {
    let mut triples = Vec::with_capacity(merges.len());
    for (rank, Merge(left, right)) in merges.iter().enumerate() {
        let id = |written: &str, role: &str| {
            let missing = || Refusal::at(&format!("model.merges[{rank}]"), &format!("{role} {written:?} is not in model.vocab"));
            ids.get(written).copied().ok_or_else(missing)
        };
        let result = id(&format!("{left}{right}"), "its result")?;
        if special.contains(&result) {
            return Err(Refusal::at(
                &format!("model.merges[{rank}]"),
                &format!("it makes the special token {left}{right} out of ordinary text"),
            ));
        }
        triples.push((id(left, "its left side")?, id(right, "its right side")?, result));
    }
    PairTable::new(&triples, byte_ids)
        .map_err(|(first, second)| Refusal::at(&format!("model.merges[{second}]"), &format!("is the same pair as model.merges[{first}]")))
}

fn tokens(vocabulary: &Vocabulary, added: &[AddedToken], special: &HashSet<u32>) -> Result<Vec<Option<Token>>, Refusal> {
    let alphabet = Alphabet::default();
    let mut tokens = Vec::new();
    let mut put = |id: usize, token: Token| {
        if tokens.len() <= id {
            tokens.resize_with(id + 1, || None);
        }
        tokens[id] = Some(token);
    };
    for (written, id) in &vocabulary.0 {
        // What stands for no bytes is written out as it is, like the reference's decoder does.
        let (bytes, text) = alphabet.bytes(written).map_or_else(|| (written.clone().into_bytes(), false), |bytes| (bytes, true));
        put(*id as usize, Token { bytes, text: text && !written.is_empty() && !special.contains(&(*id as u32)) });
    }
    for token in added {
        if token.id as usize >= MAX_IDS {
            return Err(Refusal::new("added_tokens", &token.id.to_string(), &format!("ids below {MAX_IDS} are read")));
        }
        let bytes = alphabet.bytes(&token.content).unwrap_or_else(|| token.content.clone().into_bytes());
        if vocabulary.0.len() <= token.id as usize {
            put(token.id as usize, Token { bytes, text: false });
        }
    }
    Ok(tokens)
}

/// The normalizer that a sequence amounts to: NFKC after or before NFC is NFKC.
fn normalizer(path: &str, raw: &RawValue) -> Result<Option<Normalizer>, Refusal> {
    let mut part = Part::new(path, raw)?;
    let kind: String = part.required("type")?;
    let found = match kind.as_str() {
        "NFC" => Some(Normalizer::Nfc),
        "NFKC" => Some(Normalizer::Nfkc),
        "Sequence" => {
            let mut strongest = None;
            for (path, raw) in part.list("normalizers")? {
                strongest = strongest.max(normalizer(&path, raw)?);
            }
            strongest
        }
        _ => return Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), "NFC, NFKC and Sequence are read")),
    };
    part.finish()?;
    Ok(found)
}

/// Path, step, and whether it is a `ByteLevel`.
fn steps(path: &str, raw: &RawValue) -> Result<Vec<(String, Step, bool)>, Refusal> {
    let mut part = Part::new(path, raw)?;
    let kind: String = part.required("type")?;
    let one = |splitter, add_prefix_space, byte_level| vec![(path.to_owned(), Step { splitter, add_prefix_space }, byte_level)];
    let found = match kind.as_str() {
        "Sequence" => {
            let mut all = Vec::new();
            for (path, raw) in part.list("pretokenizers")? {
                all.extend(steps(&path, raw)?);
            }
            all
        }
        "ByteLevel" => {
            let add_prefix_space = part.required("add_prefix_space")?;
            part.value::<bool>("trim_offsets")?;
            let own = part.value("use_regex")?.unwrap_or(true);
            one(if own { Splitter::Gpt2(Gpt2) } else { Splitter::Whole }, add_prefix_space, true)
        }
        "Digits" => one(Splitter::Digits(Digits { individual: part.required("individual_digits")? }), false, false),
        "Split" => one(split(&mut part)?, false, false),
        _ => return Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), "Sequence, Split, Digits and ByteLevel are read")),
    };
    part.finish()?;
    Ok(found)
}

fn split(part: &mut Part) -> Result<Splitter, Refusal> {
    let Some(raw) = part.take("pattern") else { return Err(Refusal::at(&part.place("pattern"), "is missing")) };
    let mut pattern = Part::new(&part.place("pattern"), raw)?;
    let place = pattern.place("Regex");
    let regex: Option<String> = pattern.value("Regex")?;
    pattern.finish()?;
    let Some(regex) = regex else { return Err(Refusal::at(&place, "is missing")) };
    let splitter =
        for_pattern(&regex).ok_or_else(|| Refusal::new(&place, &format!("{regex:?}"), "no scanner is written for this pattern"))?;
    // The patterns match every character, so cutting at matches and removing what lies between them is the same.
    let behavior: String = part.required("behavior")?;
    let invert = part.value("invert")?.unwrap_or(false);
    match (behavior.as_str(), invert) {
        ("Isolated", false) | ("Removed", true) => Ok(splitter),
        _ => Err(Refusal::new(
            &part.place("behavior"),
            &format!("{behavior:?} with invert {invert}"),
            "Isolated, and Removed with invert true, are read",
        )),
    }
}

/// Post-processors only add special tokens, which documents are encoded without; they are looked at to refuse unknown ones.
fn post_processor(path: &str, raw: &RawValue) -> Result<(), Refusal> {
    let mut part = Part::new(path, raw)?;
    let kind: String = part.required("type")?;
    match kind.as_str() {
        "ByteLevel" | "TemplateProcessing" => Ok(()),
        "Sequence" => part.list("processors")?.into_iter().try_for_each(|(path, raw)| post_processor(&path, raw)),
        _ => Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), "ByteLevel, TemplateProcessing and Sequence are read")),
    }
}

fn decoder(path: &str, raw: &RawValue) -> Result<(), Refusal> {
    let mut part = Part::new(path, raw)?;
    let kind: String = part.required("type")?;
    match kind.as_str() {
        "ByteLevel" => Ok(()),
        "Sequence" => part.list("decoders")?.into_iter().try_for_each(|(path, raw)| decoder(&path, raw)),
        _ => Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), "ByteLevel is read")),
    }
}

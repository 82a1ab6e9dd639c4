//! The models of a tokenizer.json: BPE of bytes or characters, Unigram, `WordPiece`.

use super::added_tokens::AddedToken;
use super::alphabet;
use super::characters::{Characters, Fallback};
use super::code_points::{CodePointMap, NONE};
use super::cuts::Cuts;
use super::json_part::{Part, Refusal};
use super::json_steps::SPACE;
use super::pair_table::{MAX_MERGES, PairTable};
use super::trie::Trie;
use super::unigram::Unigram;
use super::vocabulary_json::{Merge, Vocabulary};
use super::wordpiece::WordPiece;
use std::collections::{HashMap, HashSet};

pub type Ids<'a> = HashMap<&'a str, u32>;

/// A BPE model's members beside its vocabulary.
pub struct Bpe {
    pub merges: Vec<Merge>,
    pub ignore_merges: bool,
    pub byte_fallback: bool,
    pub unknown: Option<String>,
    pub fuse_unknown: bool,
}

pub fn vocabulary(model: &mut Part) -> Result<Vocabulary, Refusal> {
    let Some(raw) = model.take("vocab") else { return Err(Refusal::at("model.vocab", "is missing")) };
    serde_json::from_str(raw.get()).map_err(|error| Refusal::at("model.vocab", &error.to_string()))
}

pub fn bpe(model: &mut Part) -> Result<Bpe, Refusal> {
    if let Some(dropout) = model.value::<f64>("dropout")?.filter(|&dropout| dropout != 0.0) {
        return Err(Refusal::new("model.dropout", &dropout.to_string(), "it would make ids random"));
    }
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
        if let Some(affix) = model.value::<String>(name)?.filter(|affix| !affix.is_empty()) {
            return Err(Refusal::new(&model.place(name), &format!("{affix:?}"), "BPE files with such affixes are not read"));
        }
    }
    let Some(raw) = model.take("merges") else { return Err(Refusal::at("model.merges", "is missing")) };
    let merges: Vec<Merge> = serde_json::from_str(raw.get()).map_err(|error| Refusal::at("model.merges", &error.to_string()))?;
    if merges.len() > MAX_MERGES {
        return Err(Refusal::at("model.merges", &format!("has {} merges, at most {MAX_MERGES} are read", merges.len())));
    }
    Ok(Bpe {
        merges,
        ignore_merges: model.value("ignore_merges")?.unwrap_or(false),
        byte_fallback: model.value("byte_fallback")?.unwrap_or(false),
        unknown: model.value("unk_token")?,
        fuse_unknown: model.value("fuse_unk")?.unwrap_or(false),
    })
}

pub fn byte_level(ids: &Ids, bpe: &Bpe, special: &HashSet<u32>) -> Result<Box<PairTable>, Refusal> {
    if let Some(unknown) = &bpe.unknown {
        return Err(Refusal::new("model.unk_token", &format!("{unknown:?}"), "byte-level files have a token for every byte and need none"));
    }
    if bpe.byte_fallback {
        return Err(Refusal::new("model.byte_fallback", "true", "byte-level files have no use for it"));
    }
    let mut byte_ids = [0; 256];
    for byte in 0..=u8::MAX {
        let written = alphabet::character(byte).to_string();
        byte_ids[usize::from(byte)] = *ids
            .get(written.as_str())
            .ok_or_else(|| Refusal::at(&format!("model.vocab[{written:?}]"), &format!("is missing: the token of byte 0x{byte:02X}")))?;
    }
    pair_table(ids, &byte_ids, &bpe.merges, special).map(Box::new)
}

fn pair_table(ids: &Ids, byte_ids: &[u32; 256], merges: &[Merge], special: &HashSet<u32>) -> Result<PairTable, Refusal> {
    let mut triples = Vec::with_capacity(merges.len());
    for (rank, Merge(left, right)) in merges.iter().enumerate() {
        let id = |written: &str, role: &str| {
            let missing = || Refusal::at(&format!("model.merges[{rank}]"), &format!("{role} {written:?} is not in model.vocab"));
            ids.get(written).copied().ok_or_else(missing)
        };
        let result = id(&format!("{left}{right}"), "its result")?;
        if special.contains(&result) {
            let why = format!("it makes the special token {left}{right} out of ordinary text");
            return Err(Refusal::at(&format!("model.merges[{rank}]"), &why));
        }
        triples.push((id(left, "its left side")?, id(right, "its right side")?, result));
    }
    PairTable::new(&triples, byte_ids)
        .map_err(|(first, second)| Refusal::at(&format!("model.merges[{second}]"), &format!("is the same pair as model.merges[{first}]")))
}

/// The ids of `<0x00>` to `<0xFF>`, `NONE` where there is none.
fn byte_tokens(ids: &Ids) -> [u32; 256] {
    std::array::from_fn(|byte| ids.get(format!("<0x{byte:02X}>").as_str()).copied().unwrap_or(NONE))
}

/// BPE that begins with characters. `escaped` says that U+2581 stands for a space.
pub fn characters(ids: &Ids, bpe: &Bpe, special: &HashSet<u32>, escaped: bool) -> Result<Characters, Refusal> {
    let unknown = match &bpe.unknown {
        Some(written) => Some(
            *ids.get(written.as_str())
                .ok_or_else(|| Refusal::new("model.unk_token", &format!("{written:?}"), "it is not in model.vocab"))?,
        ),
        None => None,
    };
    let pairs = pair_table(ids, &[NONE; 256], &bpe.merges, special)?;
    let bytes = if bpe.byte_fallback { byte_tokens(ids) } else { [NONE; 256] };
    for (rank, merge) in bpe.merges.iter().enumerate() {
        let is_byte = |written: &str| ids.get(written).is_some_and(|id| bytes.contains(id));
        if merge.0.starts_with("<0x") && is_byte(&merge.0) || merge.1.starts_with("<0x") && is_byte(&merge.1) {
            return Err(Refusal::at(&format!("model.merges[{rank}]"), "merges of byte tokens are not read"));
        }
    }
    let mut symbols = CodePointMap::default();
    for (written, &id) in ids {
        let mut characters = written.chars();
        if let (Some(c), None) = (characters.next(), characters.next()) {
            let canonical = if escaped && written == &SPACE { ' ' } else { c };
            let shadowed = escaped && c == ' ';
            if !shadowed && !special.contains(&id) {
                symbols.set(canonical as u32, id);
            }
        }
    }
    let complete = bytes.iter().all(|&id| id != NONE);
    let results: Vec<String> = bpe.merges.iter().map(|merge| canonical(&format!("{}{}", merge.0, merge.1), escaped)).collect();
    // Before spaces only, and a space must be known: else it could be one unknown token with what stands before it.
    let may_cut = !bpe.ignore_merges && (complete || symbols.get(u32::from(b' ')) != NONE);
    let cuts = may_cut.then(|| Cuts::new(results.iter().map(String::as_bytes), !complete));
    let fallback = Fallback { bytes, unknown, fuse: bpe.fuse_unknown };
    Ok(Characters { symbols, pairs, fallback, cuts, loose_from: super::pair_table::MAX_IDS as u32, loose: vec![] })
}

/// A token as it stands in text.
pub fn canonical(written: &str, escaped: bool) -> String {
    if escaped { written.replace(SPACE, " ") } else { written.to_owned() }
}

/// What the reference charges for a character that no piece begins with, over the lowest score.
const UNKNOWN_PENALTY: f64 = 10.0;

/// Unigram and its pieces in order of id.
pub fn unigram(model: &mut Part, added: &[AddedToken], escaped: bool, cut: bool) -> Result<(Unigram, Vec<String>), Refusal> {
    let Some(raw) = model.take("vocab") else { return Err(Refusal::at("model.vocab", "is missing")) };
    let pieces: Vec<(String, f64)> = serde_json::from_str(raw.get()).map_err(|error| Refusal::at("model.vocab", &error.to_string()))?;
    let byte_fallback = model.value("byte_fallback")?.unwrap_or(false);
    let unknown: u32 = model.required("unk_id")?;
    if unknown as usize >= pieces.len() || pieces.len() >= super::pair_table::MAX_IDS {
        return Err(Refusal::new("model.unk_id", &unknown.to_string(), &format!("the vocabulary has {} pieces", pieces.len())));
    }
    let mut ids: Ids = HashMap::with_capacity(pieces.len());
    for (id, (piece, score)) in (0..).zip(&pieces) {
        if ids.insert(piece, id).is_some() {
            return Err(Refusal::at(&format!("model.vocab[{id}]"), &format!("{piece:?} stands twice")));
        }
        if !score.is_finite() {
            return Err(Refusal::new(&format!("model.vocab[{id}]"), &score.to_string(), "a score is a number"));
        }
    }
    let special: HashSet<&str> = added.iter().filter(|token| token.special).map(|token| token.content.as_str()).collect();
    // A special token's text must not become it; the reference lets it.
    let texts: Vec<(String, u32)> = (0..)
        .zip(&pieces)
        .filter(|(id, (piece, _))| {
            let never = piece.is_empty() || escaped && piece.contains(' ');
            *id != unknown && !special.contains(piece.as_str()) && !never
        })
        .map(|(id, (piece, _))| (canonical(piece, escaped), id))
        .collect();
    let lowest = pieces.iter().map(|piece| piece.1).fold(f64::INFINITY, f64::min);
    let bytes = byte_tokens(&ids);
    let cuts = cut.then(|| Cuts::new(texts.iter().map(|(text, _)| text.as_bytes()), true)).filter(|_| ids.contains_key(SPACE));
    let unigram = Unigram {
        trie: Trie::new(texts.iter().map(|(text, id)| (text.as_bytes(), *id)).collect()),
        scores: pieces.iter().map(|piece| piece.1).collect(),
        unknown,
        unknown_score: lowest - UNKNOWN_PENALTY,
        single: false,
        byte_ids: byte_fallback.then_some(bytes),
        cuts,
    };
    Ok((unigram, pieces.into_iter().map(|piece| piece.0).collect()))
}

pub fn wordpiece(model: &mut Part, ids: &Ids, special: &HashSet<u32>) -> Result<WordPiece, Refusal> {
    let prefix: String = model.required("continuing_subword_prefix")?;
    let unknown: String = model.required("unk_token")?;
    let longest_word = model.required("max_input_chars_per_word")?;
    let unknown =
        *ids.get(unknown.as_str()).ok_or_else(|| Refusal::new("model.unk_token", &format!("{unknown:?}"), "it is not in model.vocab"))?;
    let texts = || ids.iter().filter(|&(written, id)| !written.is_empty() && !special.contains(id));
    let further = texts().filter_map(|(written, &id)| {
        written.strip_prefix(prefix.as_str()).filter(|rest| !rest.is_empty()).map(|rest| (rest.as_bytes(), id))
    });
    Ok(WordPiece {
        first: Trie::new(texts().map(|(written, &id)| (written.as_bytes(), id)).collect()),
        further: Trie::new(further.collect()),
        unknown,
        longest_word,
    })
}

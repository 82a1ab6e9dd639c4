//! `SentencePiece` `.model` files, ids equal to the library's 0.2.3: BPE and Unigram, with byte fallback, user-defined and control
//! pieces, rules of normalisation, dummy prefix and extra white space.

use super::added_tokens::{AddedToken, Matcher, Strips};
use super::characters::{Characters, Fallback};
use super::charsmap::Charsmap;
use super::code_points::{CodePointMap, NONE, code_point_at};
use super::cuts::Cuts;
use super::decode::Decoding;
use super::derive_merges::{Piece, derive};
use super::json_models::canonical;
use super::json_part::Refusal;
use super::json_steps::SPACE;
use super::load::{Engine, File, Prefix, Step, Token};
use super::normalize::{Chain, Normalizer};
use super::pair_table::{MAX_IDS, PairTable};
use super::pretokenize::Splitter;
use super::replace::{Pattern, Replace};
use super::sentencepiece_model::{ModelType, Proto, Type, Written};
use super::sentencepiece_normalize::SentencePieceNormalizer;
use super::trie::Trie;
use super::unigram::Unigram;
use std::collections::HashSet;

/// A piece as it stands in text, spaces for U+2581.
struct Text {
    id: u32,
    written: String,
    score: f32,
    kind: Type,
}

pub fn read(file: &[u8]) -> Result<File, Refusal> {
    let proto = Proto::read(file)?;
    if !proto.escape_whitespaces {
        return Err(Refusal::new("normalizer_spec.escape_whitespaces", "false", "models whose pieces write U+2581 for a space are read"));
    }
    let texts = texts(&proto)?;
    let user_defined = || texts.iter().filter(|text| text.kind == Type::UserDefined);
    // As they are written: the rules look for them before spaces become U+2581.
    let raw = (0..).zip(&proto.pieces).filter(|(_, piece)| piece.kind == Type::UserDefined).map(|(id, piece)| (piece.piece.as_bytes(), id));
    let rules = if proto.charsmap.is_empty() {
        None
    } else {
        Some(
            Charsmap::new(&proto.charsmap)
                .ok_or_else(|| Refusal::at("normalizer_spec.precompiled_charsmap", "is cut or no double array"))?,
        )
    };
    let normalizer = SentencePieceNormalizer {
        rules,
        user_defined: Matcher::of(raw),
        remove_extra_whitespaces: proto.remove_extra_whitespaces,
        add_dummy_prefix: proto.add_dummy_prefix,
        whitespace_is_suffix: proto.whitespace_is_suffix,
    };
    let spaces = Normalizer::Replace(Box::new(Replace::new(Pattern::Text(SPACE.into()), b" ".to_vec())));
    let chain = Chain(vec![Normalizer::SentencePiece(Box::new(normalizer)), spaces]);
    let (engine, matcher) = match proto.model_type {
        ModelType::Unigram => (Engine::Unigram(Box::new(unigram(&proto, &texts))), Matcher::default()),
        ModelType::Bpe => {
            let matcher = Matcher::of(user_defined().map(|text| (text.written.as_bytes(), text.id)));
            (Engine::Characters(Box::new(bpe(&proto, &texts)?)), matcher)
        }
    };
    let added = (0..)
        .zip(&proto.pieces)
        .filter(|(_, piece)| matches!(piece.kind, Type::Control | Type::Unknown))
        .map(|(id, piece)| AddedToken { id, content: piece.piece.clone(), special: true, normalized: false, strips: Strips::default() })
        .collect();
    let tokens = proto.pieces.iter().map(|piece| Some(token(piece))).collect();
    Ok(File {
        engine,
        chain,
        steps: vec![Step { splitter: Splitter::Cuts, prefix: Prefix::None }],
        whole_words: false,
        tokens,
        added,
        user_defined: matcher,
        decoding: Decoding::Joined {
            strip_space: (proto.add_dummy_prefix || proto.remove_extra_whitespaces) && !proto.whitespace_is_suffix,
        },
    })
}

fn token(piece: &Written) -> Token {
    match piece.kind {
        Type::Byte(byte) => Token { bytes: vec![byte], text: false },
        Type::Control | Type::Unknown => Token { bytes: piece.piece.clone().into_bytes(), text: false },
        _ => Token { bytes: canonical(&piece.piece, true).into_bytes(), text: true },
    }
}

/// The pieces that text can become. No string may be written twice, and none of those that text cannot become may be a
/// character that it holds.
fn texts(proto: &Proto) -> Result<Vec<Text>, Refusal> {
    let (mut texts, mut seen, mut reserved) = (Vec::new(), HashSet::new(), HashSet::new());
    for (id, piece) in (0_u32..).zip(&proto.pieces) {
        let place = format!("pieces[{id}]");
        let is_text = matches!(piece.kind, Type::Normal | Type::UserDefined | Type::Unused);
        if !(if is_text { seen.insert(piece.piece.as_str()) } else { reserved.insert(piece.piece.as_str()) }) {
            return Err(Refusal::new(&place, &format!("{:?}", piece.piece), "this piece stands twice"));
        }
        if !is_text && piece.piece.chars().count() == 1 {
            return Err(Refusal::new(&place, &format!("{:?}", piece.piece), "a single character as a control piece is not read"));
        }
        // A space never stands in the text that pieces are looked for in.
        if is_text && !piece.piece.contains(' ') {
            texts.push(Text { id, written: canonical(&piece.piece, true), score: piece.score, kind: piece.kind });
        }
    }
    if let Some(both) = texts.iter().find(|text| reserved.contains(proto.pieces[text.id as usize].piece.as_str())) {
        let found = &proto.pieces[both.id as usize].piece;
        return Err(Refusal::new(&format!("pieces[{}]", both.id), &format!("{found:?}"), "it is a control piece too"));
    }
    Ok(texts)
}

fn byte_ids(proto: &Proto) -> [u32; 256] {
    let mut ids = [NONE; 256];
    for (id, piece) in (0..).zip(&proto.pieces) {
        if let Type::Byte(byte) = piece.kind {
            ids[usize::from(byte)] = id;
        }
    }
    ids
}

/// A character that cannot be confused with what stands before it, so that texts may be cut there.
fn knows_spaces(texts: &[Text]) -> bool {
    texts.iter().any(|text| text.written == " " && text.kind != Type::Unused)
}

fn unigram(proto: &Proto, texts: &[Text]) -> Unigram {
    let normal = proto.pieces.iter().filter(|piece| piece.kind == Type::Normal).map(|piece| piece.score);
    let lowest = normal.fold(f32::MAX, f32::min);
    let mut scores: Vec<f64> = proto.pieces.iter().map(|piece| f64::from(piece.score)).collect();
    for text in texts.iter().filter(|text| text.kind == Type::UserDefined) {
        // The reference's bonus for each byte that the piece has beyond the first.
        let length = proto.pieces[text.id as usize].piece.len();
        scores[text.id as usize] = f64::from((0.1 * (length - 1) as f64) as f32);
    }
    let used = || texts.iter().filter(|text| text.kind != Type::Unused);
    let cuts = knows_spaces(texts).then(|| Cuts::new(texts.iter().map(|text| text.written.as_bytes()), !proto.byte_fallback));
    Unigram {
        trie: Trie::new(used().map(|text| (text.written.as_bytes(), text.id)).collect()),
        scores,
        unknown: proto.unknown,
        unknown_score: f64::from(lowest - 10.0),
        single: true,
        byte_ids: proto.byte_fallback.then(|| byte_ids(proto)),
        cuts: Some(cuts.unwrap_or_else(Cuts::never)),
    }
}

fn bpe(proto: &Proto, texts: &[Text]) -> Result<Characters, Refusal> {
    let mut symbols = CodePointMap::default();
    let single = |text: &str| text.chars().nth(1).is_none().then(|| text.chars().next()).flatten();
    for text in texts {
        if let Some(c) = single(&text.written) {
            symbols.set(c as u32, text.id);
        }
    }
    // Characters that are no pieces may still merge into one.
    let loose_from = proto.pieces.len() as u32;
    let mut loose = Vec::new();
    for c in texts.iter().flat_map(|text| text.written.chars()) {
        if symbols.get(c as u32) == NONE {
            symbols.set(c as u32, loose_from + loose.len() as u32);
            loose.push(c as u32);
        }
    }
    if loose_from as usize + loose.len() >= MAX_IDS {
        return Err(Refusal::at("pieces", &format!("fewer than {MAX_IDS} pieces are read")));
    }
    let mergeable: Vec<&Text> = texts.iter().filter(|text| text.kind != Type::UserDefined && single(&text.written).is_none()).collect();
    let mut scores: Vec<f32> = mergeable.iter().map(|text| text.score).collect();
    scores.sort_unstable_by(|a, b| b.total_cmp(a));
    scores.dedup_by_key(|score| score.to_bits());
    let rank = |score: f32| scores.partition_point(|other| other.total_cmp(&score).is_gt()) as u32;
    let pieces: Vec<Piece> =
        mergeable.iter().map(|text| Piece { bytes: text.written.as_bytes(), id: text.id, rank: rank(text.score) }).collect();
    let merges = derive(&pieces, |bytes, out| {
        let mut at = 0;
        while at < bytes.len() {
            let (c, length) = code_point_at(bytes, at);
            out.push((length, symbols.get(c)));
            at += length;
        }
    });
    let mut merges = merges;
    if let Some(unused) = merges.iter().find(|merge| proto.pieces[merge.result as usize].kind == Type::Unused) {
        let found = format!("{:?}", proto.pieces[unused.result as usize].piece);
        return Err(Refusal::new(&format!("pieces[{}]", unused.result), &found, "unused pieces that merges make are not read"));
    }
    // Ranks without gaps.
    let (mut last, mut next) = (None, 0);
    for merge in &mut merges {
        if last.is_some_and(|last| last != merge.rank) {
            next += 1;
        }
        last = Some(merge.rank);
        merge.rank = next;
    }
    let pairs = PairTable::ranked(&merges, &[NONE; 256]).map_err(|(first, second)| {
        Refusal::at("pieces", &format!("{} and {} are made of the same pair", merges[first].result, merges[second].result))
    })?;
    let may_cut = proto.byte_fallback || knows_spaces(texts);
    Ok(Characters {
        symbols,
        pairs,
        fallback: Fallback {
            bytes: if proto.byte_fallback { byte_ids(proto) } else { [NONE; 256] },
            unknown: Some(proto.unknown),
            fuse: true,
        },
        cuts: may_cut.then(|| Cuts::new(texts.iter().map(|text| text.written.as_bytes()), !proto.byte_fallback)),
        loose_from,
        loose,
    })
}

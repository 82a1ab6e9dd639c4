//! tiktoken's rank files: a token in base64 and its rank on each line, ids equal to tiktoken 0.14. Pattern and special tokens are
//! not in the file; they come with the name of an encoding.

use super::added_tokens::{AddedToken, Matcher, Strips};
use super::code_points::NONE;
use super::decode::Decoding;
use super::derive_merges::{Piece, derive};
use super::json_part::Refusal;
use super::load::{Engine, File, Prefix, Step, Token, place};
use super::normalize::Chain;
use super::pair_table::{MAX_IDS, PairTable};
use super::pretokenize::{Cl100k, Gpt2, O200k, Splitter};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

struct Encoding {
    name: &'static str,
    splitter: Splitter,
    special: &'static [(&'static str, u32)],
}

const END: &str = "<|endoftext|>";

const ENCODINGS: &[Encoding] = &[
    Encoding {
        name: "cl100k_base",
        splitter: Splitter::Cl100k(Cl100k { digits: 3, last_run: true }),
        special: &[
            (END, 100_257),
            ("<|fim_prefix|>", 100_258),
            ("<|fim_middle|>", 100_259),
            ("<|fim_suffix|>", 100_260),
            ("<|endofprompt|>", 100_276),
        ],
    },
    Encoding {
        name: "o200k_base",
        splitter: Splitter::O200k(O200k { contractions: true, digits: 3 }),
        special: &[(END, 199_999), ("<|endofprompt|>", 200_018)],
    },
    Encoding { name: "p50k_base", splitter: Splitter::Gpt2(Gpt2), special: &[(END, 50_256)] },
    Encoding { name: "r50k_base", splitter: Splitter::Gpt2(Gpt2), special: &[(END, 50_256)] },
];

/// Whether the first line is base64, a space and a number.
pub fn looks_like(file: &[u8]) -> bool {
    line(file.split(|&byte| byte == b'\n').next().unwrap_or_default()).is_some()
}

fn line(line: &[u8]) -> Option<(Vec<u8>, u32)> {
    let line = std::str::from_utf8(line).ok()?.trim_end_matches('\r');
    let (token, rank) = line.split_once(' ')?;
    Some((STANDARD.decode(token).ok().filter(|bytes| !bytes.is_empty())?, rank.parse().ok()?))
}

pub fn read(file: &[u8], encoding: Option<&str>) -> Result<File, Refusal> {
    let names = || ENCODINGS.iter().map(|encoding| encoding.name).collect::<Vec<_>>().join(", ");
    let Some(name) = encoding else {
        return Err(Refusal::at("encoding", &format!("a file of ranks has no pattern: name its encoding ({})", names())));
    };
    let Some(encoding) = ENCODINGS.iter().find(|encoding| encoding.name == name) else {
        return Err(Refusal::new("encoding", &format!("{name:?}"), &format!("{} are known", names())));
    };
    let mut ranks = Vec::new();
    for (i, text) in file.split(|&byte| byte == b'\n').enumerate() {
        if text.is_empty() || text == b"\r" {
            continue;
        }
        let place = format!("line {}", i + 1);
        let found =
            line(text).ok_or_else(|| Refusal::new(&place, &String::from_utf8_lossy(text), "base64, a space and a rank are expected"))?;
        ranks.push((place, found.0, found.1));
    }
    let special = encoding.special.iter().map(|&(content, id)| (content.to_owned(), id)).collect();
    of_ranks(&ranks, 0, special, encoding.splitter)
}

/// Byte-level BPE out of ranks: the place in the file, the bytes and the rank of each token, whose id is its rank and `first`
/// more.
pub fn of_ranks(ranks: &[(String, Vec<u8>, u32)], first: u32, special: Vec<(String, u32)>, splitter: Splitter) -> Result<File, Refusal> {
    let mut tokens: Vec<Option<Token>> = Vec::new();
    let mut byte_ids = [NONE; 256];
    let mut seen = std::collections::HashSet::new();
    for (at, bytes, rank) in ranks {
        let id = u64::from(*rank) + u64::from(first);
        if id >= MAX_IDS as u64 {
            return Err(Refusal::new(at, &rank.to_string(), &format!("ids below {MAX_IDS} are read")));
        }
        if !seen.insert(&bytes[..]) || tokens.get(id as usize).is_some_and(Option::is_some) {
            return Err(Refusal::new(at, &rank.to_string(), "this token or rank stands twice"));
        }
        if let [byte] = bytes[..] {
            byte_ids[usize::from(byte)] = id as u32;
        }
        place(&mut tokens, id as usize, Token { bytes: bytes.clone(), text: true });
    }
    if let Some(byte) = byte_ids.iter().position(|&id| id == NONE) {
        return Err(Refusal::at("the file", &format!("has no token for the byte 0x{byte:02X}")));
    }
    let mut order: Vec<&(String, Vec<u8>, u32)> = ranks.iter().filter(|(_, bytes, _)| bytes.len() > 1).collect();
    order.sort_unstable_by_key(|(.., rank)| *rank);
    let pieces: Vec<Piece> = (0..).zip(&order).map(|(place, (_, bytes, rank))| Piece { bytes, id: rank + first, rank: place }).collect();
    let mut merges = derive(&pieces, |bytes, out| out.extend(bytes.iter().map(|&byte| (1, byte_ids[usize::from(byte)]))));
    for (rank, merge) in (0..).zip(&mut merges) {
        merge.rank = rank;
    }
    let pairs = PairTable::ranked(&merges, &byte_ids)
        .map_err(|(first, second)| Refusal::at("the file", &format!("merges {first} and {second} are of one pair")))?;
    let mut added = Vec::new();
    for (content, id) in special {
        if tokens.get(id as usize).is_some_and(Option::is_some) {
            return Err(Refusal::new("the file", &id.to_string(), &format!("a token has the id of {content}")));
        }
        place(&mut tokens, id as usize, Token { bytes: content.clone().into_bytes(), text: false });
        added.push(AddedToken { id, content, special: true, normalized: false, strips: Strips::default() });
    }
    Ok(File {
        engine: Engine::Bytes(Box::new(pairs)),
        chain: Chain::default(),
        steps: vec![Step { splitter, prefix: Prefix::None }],
        whole_words: true,
        tokens,
        added,
        user_defined: Matcher::default(),
        decoding: Decoding::Joined { strip_space: false },
    })
}

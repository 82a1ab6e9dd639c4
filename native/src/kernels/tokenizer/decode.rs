//! Ids back to text.

use super::load::Token;

#[derive(Clone, Debug, PartialEq)]
pub enum Decoding {
    /// Bytes of tokens, one behind the other; without the first space when every text was given one.
    Joined { strip_space: bool },
    /// Words with spaces between them; pieces with the prefix continue one. `cleanup` takes out the spaces before English
    /// punctuation and contractions.
    Words { prefix: String, cleanup: bool },
}

/// Fails with the first id that no token has.
pub fn decode(decoding: &Decoding, tokens: &[Option<Token>], ids: &[u32]) -> Result<Vec<u8>, u32> {
    let mut bytes = Vec::with_capacity(ids.len() * 4);
    for (i, &id) in ids.iter().enumerate() {
        let token = &tokens.get(id as usize).and_then(Option::as_ref).ok_or(id)?.bytes[..];
        match decoding {
            Decoding::Joined { .. } => bytes.extend_from_slice(token),
            Decoding::Words { prefix, cleanup } => {
                let spaced = match token.strip_prefix(prefix.as_bytes()) {
                    Some(rest) if i > 0 => rest.to_vec(),
                    _ if i > 0 => [b" ", token].concat(),
                    _ => token.to_vec(),
                };
                bytes.extend(if *cleanup { clean_up(spaced) } else { spaced });
            }
        }
    }
    if *decoding == (Decoding::Joined { strip_space: true }) && bytes.first() == Some(&b' ') {
        bytes.remove(0);
    }
    Ok(bytes)
}

/// The replacements of the reference, each token alone.
fn clean_up(token: Vec<u8>) -> Vec<u8> {
    const PAIRS: [(&str, &str); 11] = [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" do not", " don't"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];
    let Ok(mut text) = String::from_utf8(token.clone()) else { return token };
    for (from, to) in PAIRS {
        text = text.replace(from, to);
    }
    text.into_bytes()
}

//! A tokenizer file to a checked model. What the encoder does not implement is refused by name with its place in the file;
//! nothing is guessed.

use super::added_tokens::{AddedToken, Matcher};
use super::characters::Characters;
use super::decode::Decoding;
use super::json_part::Refusal;
use super::normalize::Chain;
use super::pair_table::PairTable;
use super::pretokenize::Splitter;
use super::unigram::Unigram;
use super::wordpiece::WordPiece;
use super::{sentencepiece, tekken, tiktoken, tokenizer_json};

/// The largest file known is 33 MB.
const MAX_FILE: usize = 256 << 20;

/// What the file does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The kind of file; by its content when absent.
    pub kind: Option<Kind>,
    /// Pattern and special tokens of a tiktoken file: the name of an encoding.
    pub encoding: Option<String>,
    /// Special tokens that stand in a text are these tokens, and not ordinary text.
    pub recognise_special: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    TokenizerJson,
    SentencePiece,
    Tiktoken,
    Tekken,
}

impl Kind {
    pub const ALL: [(&'static str, Self); 4] = [
        ("tokenizer-json", Self::TokenizerJson),
        ("sentencepiece", Self::SentencePiece),
        ("tiktoken", Self::Tiktoken),
        ("tekken", Self::Tekken),
    ];

    /// By the first bytes: a JSON object, base64 and a number, or else protobuf.
    fn of(file: &[u8]) -> Self {
        let start = file.trim_ascii_start();
        if start.first() == Some(&b'{') {
            return if tekken::looks_like(file) { Self::Tekken } else { Self::TokenizerJson };
        }
        if tiktoken::looks_like(file) {
            Self::Tiktoken
        } else if file.first() == Some(&0x0A) {
            Self::SentencePiece
        } else {
            Self::TokenizerJson
        }
    }
}

/// One step of the pre-tokenizer sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub splitter: Splitter,
    pub prefix: Prefix,
}

/// Whether a space is put before each piece before it is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prefix {
    None,
    /// Before each that does not begin with one.
    UnlessSpace,
    /// So before the one that begins the document.
    First,
}

/// What turns a pretoken into ids.
pub enum Engine {
    /// BPE that begins with bytes.
    Bytes(Box<PairTable>),
    Characters(Box<Characters>),
    Unigram(Box<Unigram>),
    WordPiece(Box<WordPiece>),
}

/// What a file says, checked.
pub struct File {
    pub engine: Engine,
    pub chain: Chain,
    /// At least one.
    pub steps: Vec<Step>,
    /// A pretoken that is a token needs no merging.
    pub whole_words: bool,
    /// By id; `None` where no token has the id.
    pub tokens: Vec<Option<Token>>,
    pub added: Vec<AddedToken>,
    /// Other strings that are found before pretokens are cut, in normalised text.
    pub user_defined: Matcher,
    pub decoding: Decoding,
}

pub struct Token {
    /// What the token stands for: in text, where U+2581 is written for a space, the space.
    pub bytes: Vec<u8>,
    /// False for special tokens and those whose written form stands for no bytes.
    pub text: bool,
}

/// Puts a token at its id.
pub fn place(tokens: &mut Vec<Option<Token>>, id: usize, token: Token) {
    if tokens.len() <= id {
        tokens.resize_with(id + 1, || None);
    }
    tokens[id] = Some(token);
}

pub fn read(file: &[u8], options: &Options) -> Result<File, Refusal> {
    if file.len() > MAX_FILE {
        return Err(Refusal::at("the file", &format!("has {} bytes, at most {MAX_FILE} are read", file.len())));
    }
    let kind = options.kind.unwrap_or_else(|| Kind::of(file));
    if let Some(encoding) = options.encoding.as_ref().filter(|_| kind != Kind::Tiktoken) {
        return Err(Refusal::new("encoding", &format!("{encoding:?}"), "only files of tiktoken ranks need one named"));
    }
    match kind {
        Kind::TokenizerJson => tokenizer_json::read(file, options.recognise_special),
        Kind::SentencePiece => sentencepiece::read(file),
        Kind::Tiktoken => tiktoken::read(file, options.encoding.as_deref()),
        Kind::Tekken => tekken::read(file),
    }
}

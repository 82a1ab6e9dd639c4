//! The message of a `SentencePiece` model file, as far as it decides ids (`sentencepiece_model.proto`).

use super::json_part::Refusal;
use super::pair_table::MAX_IDS;
use super::protobuf::{Fields, Value};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte(u8),
}

pub struct Written {
    pub piece: String,
    pub score: f32,
    pub kind: Type,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ModelType {
    Unigram,
    Bpe,
}

#[expect(clippy::struct_excessive_bools, reason = "the flags of the message")]
pub struct Proto {
    /// By id.
    pub pieces: Vec<Written>,
    pub unknown: u32,
    pub model_type: ModelType,
    pub byte_fallback: bool,
    pub whitespace_is_suffix: bool,
    pub charsmap: Vec<u8>,
    pub add_dummy_prefix: bool,
    pub remove_extra_whitespaces: bool,
    pub escape_whitespaces: bool,
}

fn broken<E>(place: &str) -> impl FnOnce(E) -> Refusal {
    move |_| Refusal::at(place, "is cut, or no protobuf message")
}

impl Proto {
    pub fn read(file: &[u8]) -> Result<Self, Refusal> {
        let mut proto = Self {
            pieces: Vec::new(),
            unknown: 0,
            model_type: ModelType::Unigram,
            byte_fallback: false,
            whitespace_is_suffix: false,
            charsmap: Vec::new(),
            add_dummy_prefix: true,
            remove_extra_whitespaces: true,
            escape_whitespaces: true,
        };
        for field in Fields::new(file) {
            match field.map_err(broken("the file"))? {
                (1, Value::Bytes(message)) => proto.piece(message)?,
                (2, Value::Bytes(message)) => proto.trainer(message)?,
                (3, Value::Bytes(message)) => proto.normalizer(message)?,
                // Samples of what the model gives.
                (4, Value::Bytes(_)) => {}
                (5, Value::Bytes(message)) => no_rules_back(message)?,
                (number, _) => return Err(Refusal::at(&format!("field {number}"), "this field is not known")),
            }
        }
        proto.check()?;
        Ok(proto)
    }

    fn piece(&mut self, message: &[u8]) -> Result<(), Refusal> {
        let place = format!("pieces[{}]", self.pieces.len());
        let (mut piece, mut score, mut kind) = (String::new(), 0.0, 1);
        for field in Fields::new(message) {
            match field.map_err(broken(&place))? {
                (1, Value::Bytes(bytes)) => {
                    piece = String::from_utf8(bytes.to_vec()).map_err(|_| Refusal::at(&format!("{place}.piece"), "is not UTF-8"))?;
                }
                (2, Value::Fixed32(bits)) => score = f32::from_bits(bits),
                (3, Value::Varint(number)) => kind = number,
                (number, _) => return Err(Refusal::at(&format!("{place}, field {number}"), "this field is not known")),
            }
        }
        let byte = || {
            piece
                .strip_prefix("<0x")?
                .strip_suffix('>')
                .filter(|digits| digits.len() == 2)
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        };
        let kind = match kind {
            1 => Type::Normal,
            2 => Type::Unknown,
            3 => Type::Control,
            4 => Type::UserDefined,
            5 => Type::Unused,
            6 => Type::Byte(byte().ok_or_else(|| {
                Refusal::new(&format!("{place}.piece"), &format!("{piece:?}"), "a byte piece is written <0x00> to <0xFF>")
            })?),
            _ => return Err(Refusal::new(&format!("{place}.type"), &kind.to_string(), "types 1 to 6 are read")),
        };
        if piece.is_empty() || !score.is_finite() {
            return Err(Refusal::new(
                &place,
                &format!("{piece:?} with score {score}"),
                "a piece has characters, and its score is a number",
            ));
        }
        self.pieces.push(Written { piece, score, kind });
        Ok(())
    }

    /// What of the trainer's settings the encoder looks at; the others tell how the model was made.
    fn trainer(&mut self, message: &[u8]) -> Result<(), Refusal> {
        for field in Fields::new(message) {
            match field.map_err(broken("trainer_spec"))? {
                (3, Value::Varint(1)) => self.model_type = ModelType::Unigram,
                (3, Value::Varint(2)) => self.model_type = ModelType::Bpe,
                (3, Value::Varint(other)) => {
                    return Err(Refusal::new("trainer_spec.model_type", &other.to_string(), "UNIGRAM (1) and BPE (2) are read"));
                }
                (24, Value::Varint(flag)) => self.whitespace_is_suffix = flag != 0,
                (35, Value::Varint(flag)) => self.byte_fallback = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn normalizer(&mut self, message: &[u8]) -> Result<(), Refusal> {
        for field in Fields::new(message) {
            match field.map_err(broken("normalizer_spec"))? {
                (2, Value::Bytes(map)) => self.charsmap = map.to_vec(),
                (3, Value::Varint(flag)) => self.add_dummy_prefix = flag != 0,
                (4, Value::Varint(flag)) => self.remove_extra_whitespaces = flag != 0,
                (5, Value::Varint(flag)) => self.escape_whitespaces = flag != 0,
                // Its name, and the rules before they were compiled.
                (1 | 6, Value::Bytes(_)) => {}
                (number, _) => return Err(Refusal::at(&format!("normalizer_spec, field {number}"), "this field is not known")),
            }
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), Refusal> {
        if self.pieces.len() >= MAX_IDS {
            return Err(Refusal::at("pieces", &format!("fewer than {MAX_IDS} pieces are read")));
        }
        let mut unknown = (0..).zip(&self.pieces).filter(|(_, piece)| piece.kind == Type::Unknown).map(|(id, _)| id);
        match (unknown.next(), unknown.next()) {
            (Some(id), None) => self.unknown = id,
            _ => return Err(Refusal::at("pieces", "exactly one unknown piece is expected")),
        }
        let bytes = self.pieces.iter().filter(|piece| matches!(piece.kind, Type::Byte(_))).count();
        if bytes != if self.byte_fallback { 256 } else { 0 } {
            let why = format!("trainer_spec.byte_fallback is {}", self.byte_fallback);
            return Err(Refusal::new("pieces", &format!("{bytes} byte pieces"), &why));
        }
        Ok(())
    }
}

/// Rules for decoded text, which no known model has.
fn no_rules_back(message: &[u8]) -> Result<(), Refusal> {
    for field in Fields::new(message) {
        if let (2, Value::Bytes(map)) = field.map_err(broken("denormalizer_spec"))?
            && !map.is_empty()
        {
            return Err(Refusal::at("denormalizer_spec.precompiled_charsmap", "rules for decoded text are not read"));
        }
    }
    Ok(())
}

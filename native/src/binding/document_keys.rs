//! Keys of documents, for the sequence phase.

use napi::bindgen_prelude::{Error, Result, Uint8Array, Uint32Array};
use napi_derive::napi;

use crate::kernels::document_keys::{self, Normalise, Unit, UnitRules, parameters};

#[napi(object)]
pub struct TextUnitKeys {
    /// Where each row's units begin; rows + 1 entries.
    pub offsets: Uint32Array,
    /// 8 bytes a unit.
    pub keys: Uint8Array,
    /// Four numbers a unit: first byte and end, first code point and end.
    pub ranges: Uint32Array,
    /// Two numbers a row: bytes and code points.
    pub sizes: Uint32Array,
}

fn normalise(mode: &str) -> Result<Normalise> {
    match mode {
        "none" => Ok(Normalise::None),
        "whitespace" => Ok(Normalise::Whitespace),
        "fold" => Ok(Normalise::Fold),
        _ => Err(Error::from_reason(format!("there is no normal form \"{mode}\""))),
    }
}

fn unit_of(unit: &str) -> Result<Unit> {
    match unit {
        "line" => Ok(Unit::Line),
        "paragraph" => Ok(Unit::Paragraph),
        "sentences" => Ok(Unit::Sentences3),
        _ => Err(Error::from_reason(format!("there is no unit \"{unit}\""))),
    }
}

/// 16 bytes a row; zeros for a value that normalises to nothing.
#[napi(catch_unwind)]
pub fn document_column_keys(values: &[u8], offsets: &[i32], mode: String) -> Result<Uint8Array> {
    document_keys::column_keys(values, offsets, normalise(&mode)?).map(Into::into).map_err(Error::from_reason)
}

/// 16 bytes a row, of the canonical address; zeros for none.
#[napi(catch_unwind)]
pub fn document_address_keys(values: &[u8], offsets: &[i32], dropped: Vec<String>) -> Result<Uint8Array> {
    document_keys::address_keys(values, offsets, &dropped).map(Into::into).map_err(Error::from_reason)
}

#[napi(catch_unwind)]
pub fn document_unit_keys(values: &[u8], offsets: &[i32], unit: String, mode: String, min_characters: u32) -> Result<TextUnitKeys> {
    let rules = UnitRules { unit: unit_of(&unit)?, normalise: normalise(&mode)?, min_characters: min_characters as usize };
    let keys = document_keys::unit_keys(values, offsets, &rules).map_err(Error::from_reason)?;
    Ok(TextUnitKeys { offsets: keys.offsets.into(), keys: keys.keys.into(), ranges: keys.ranges.into(), sizes: keys.sizes.into() })
}

/// Names of query parameters, in lower case, that name a visit or a campaign and never a page.
#[napi(object)]
pub struct VisitParameters {
    pub always: Vec<String>,
    /// Beginnings of names.
    pub prefixes: Vec<String>,
    /// Only where the value looks like a session.
    pub by_value: Vec<String>,
}

#[napi(catch_unwind)]
pub fn visit_parameters() -> VisitParameters {
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    VisitParameters { always: owned(parameters::ALWAYS), prefixes: owned(parameters::PREFIXES), by_value: owned(parameters::BY_VALUE) }
}

/// Raised when the same address gets another key.
#[napi(catch_unwind)]
pub fn address_keys_version() -> u32 {
    document_keys::ADDRESS_VERSION
}

/// Raised when the same text gets other keys.
#[napi(catch_unwind)]
pub fn document_keys_version() -> u32 {
    document_keys::VERSION
}

//! Parquet values as text and JSON.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use parquet::basic::{ConvertedType, Type as Physical};
use parquet::errors::Result;
use parquet::record::Field;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

/// The schema with string columns as plain bytes, since the crate gives up a whole row group for one bad string.
pub fn plain_strings(field: &Type) -> Result<Type> {
    let info = field.get_basic_info();
    match field {
        Type::PrimitiveType { physical_type, .. } => {
            let bytes = matches!(physical_type, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY);
            if bytes && info.converted_type() != ConvertedType::DECIMAL && info.converted_type() != ConvertedType::NONE {
                let length = if let Type::PrimitiveType { type_length, .. } = field { *type_length } else { -1 };
                return Type::primitive_type_builder(info.name(), *physical_type)
                    .with_repetition(info.repetition())
                    .with_length(length)
                    .build();
            }
            Ok(field.clone())
        }
        Type::GroupType { fields, .. } => {
            let fields = fields.iter().map(|field| plain_strings(field).map(Arc::new)).collect::<Result<Vec<_>>>()?;
            let mut group = Type::group_type_builder(info.name())
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned())
                .with_fields(fields);
            if info.has_repetition() {
                group = group.with_repetition(info.repetition());
            }
            group.build()
        }
    }
}

/// A value that can stand in a text column; times in ISO 8601.
pub fn words(field: &Field) -> Option<Vec<u8>> {
    match field {
        Field::Bytes(bytes) => Some(bytes.data().to_vec()),
        Field::Str(text) => Some(text.clone().into_bytes()),
        Field::Date(_) | Field::TimestampMillis(_) | Field::TimestampMicros(_) => {
            let text = field.to_json_value();
            Some(text.as_str()?.replacen(' ', "T", 1).replace(" +00:00", "Z").into_bytes())
        }
        _ => None,
    }
}

/// Bytes that are UTF-8 are text, others base64; the rest as the crate has it.
pub fn json(field: &Field) -> Value {
    match field {
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Value::String(text.into()),
            Err(_) => Value::String(BASE64_STANDARD.encode(bytes.data())),
        },
        Field::Group(row) => Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), json(field))).collect()),
        Field::ListInternal(list) => Value::Array(list.elements().iter().map(json).collect()),
        Field::MapInternal(map) => {
            Value::Object(map.entries().iter().map(|(key, value)| (key_name(key), json(value))).collect::<Map<_, _>>())
        }
        other => other.to_json_value(),
    }
}

fn key_name(key: &Field) -> String {
    match json(key) {
        Value::String(name) => name,
        other => other.to_string(),
    }
}

//! The two big lists of a tokenizer file, parsed without an intermediate tree.

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// `model.vocab`: written tokens and ids in file order, doubles included, so that they can be refused.
pub struct Vocabulary(pub Vec<(String, u64)>);

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VocabularyVisitor;
        impl<'de> Visitor<'de> for VocabularyVisitor {
            type Value = Vocabulary;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object of tokens and their ids")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Vocabulary(entries))
            }
        }
        deserializer.deserialize_map(VocabularyVisitor)
    }
}

/// One of `model.merges`: two tokens in one string with a space between, or in a list.
pub struct Merge(pub String, pub String);

impl<'de> Deserialize<'de> for Merge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MergeVisitor;
        impl<'de> Visitor<'de> for MergeVisitor {
            type Value = Merge;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("two tokens, as one string with a space between or as a list")
            }
            fn visit_str<E: Error>(self, both: &str) -> Result<Self::Value, E> {
                match both.split_once(' ') {
                    Some((left, right)) if !left.is_empty() && !right.is_empty() && !right.contains(' ') => {
                        Ok(Merge(left.to_owned(), right.to_owned()))
                    }
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(both), &self)),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut both: A) -> Result<Self::Value, A::Error> {
                match (both.next_element::<String>()?, both.next_element::<String>()?, both.next_element::<String>()?) {
                    (Some(left), Some(right), None) if !left.is_empty() && !right.is_empty() => Ok(Merge(left, right)),
                    _ => Err(A::Error::custom("a merge is a list of two tokens that are not empty")),
                }
            }
        }
        deserializer.deserialize_any(MergeVisitor)
    }
}

//! Objects of a tokenizer file, taken apart member by member, so that nothing in them goes unread and every refusal names
//! its place.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Why a tokenizer file is not taken: the place in the file, what stands there, and what the encoder reads instead.
#[derive(Debug, PartialEq)]
pub struct Refusal(String);

impl Refusal {
    /// `place = found: why`.
    pub fn new(place: &str, found: &str, why: &str) -> Self {
        let mut short: String = found.chars().take(80).collect();
        if short.len() < found.len() {
            short.push('…');
        }
        Self(format!("{place} = {short}: {why}"))
    }

    /// For what is wrong with a place as a whole.
    pub fn at(place: &str, why: &str) -> Self {
        Self(format!("{place}: {why}"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The members of an object in file order, values unparsed.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'a> Visitor<'a> for MembersVisitor {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// One object of the file with its path from the top.
pub struct Part<'a> {
    path: String,
    members: Vec<(String, &'a RawValue)>,
}

impl<'a> Part<'a> {
    /// The file itself.
    pub fn file(json: &'a [u8]) -> Result<Self, Refusal> {
        let members: Members =
            serde_json::from_slice(json).map_err(|error| Refusal::at("the file", &format!("is not a JSON object: {error}")))?;
        Self::checked(String::new(), members)
    }

    pub fn new(path: &str, value: &'a RawValue) -> Result<Self, Refusal> {
        let members: Members = serde_json::from_str(value.get()).map_err(|_| Refusal::new(path, value.get(), "an object is expected"))?;
        Self::checked(path.to_owned(), members)
    }

    fn checked(path: String, members: Members<'a>) -> Result<Self, Refusal> {
        let part = Self { path, members: members.0 };
        for (i, (name, _)) in part.members.iter().enumerate() {
            if part.members[..i].iter().any(|(earlier, _)| earlier == name) {
                return Err(Refusal::at(&part.place(name), "stands twice"));
            }
        }
        Ok(part)
    }

    /// The path of a member.
    pub fn place(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Takes a member out; `None` when it is absent or null.
    pub fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let at = self.members.iter().position(|(member, _)| member == name)?;
        let (_, value) = self.members.remove(at);
        (value.get() != "null").then_some(value)
    }

    /// A member that stays to be taken.
    pub fn copy(&self, name: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }

    /// Takes a member of a plain type; `None` when it is absent or null.
    pub fn value<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Refusal> {
        let Some(raw) = self.take(name) else { return Ok(None) };
        serde_json::from_str(raw.get())
            .map(Some)
            .map_err(|_| Refusal::new(&self.place(name), raw.get(), "a value of another type is expected"))
    }

    /// Takes a member that must be there.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Refusal> {
        self.value(name)?.ok_or_else(|| Refusal::at(&self.place(name), "is missing"))
    }

    /// The elements of a member that is a list, with their paths.
    pub fn list(&mut self, name: &str) -> Result<Vec<(String, &'a RawValue)>, Refusal> {
        let Some(raw) = self.take(name) else { return Ok(Vec::new()) };
        let place = self.place(name);
        let elements: Vec<&RawValue> =
            serde_json::from_str(raw.get()).map_err(|_| Refusal::new(&place, raw.get(), "a list is expected"))?;
        Ok(elements.into_iter().enumerate().map(|(i, element)| (format!("{place}[{i}]"), element)).collect())
    }

    /// Refuses what nobody took.
    pub fn finish(self) -> Result<(), Refusal> {
        let unread = self.members.iter().find(|(_, value)| value.get() != "null");
        unread.map_or(Ok(()), |(name, value)| Err(Refusal::new(&self.place(name), value.get(), "this member is not known")))
    }
}

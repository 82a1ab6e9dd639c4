//! JSON-LD of a page: headline, author, day and licence of the thing it describes (schema.org's vocabulary).

use serde_json::{Map, Value};

use super::metadata::{Field, Metadata, rank};

/// More is not read: `serde_json` takes about ten times the bytes.
pub const BYTES: usize = 256 * 1024;
/// Objects looked at on one page.
const OBJECTS: usize = 2000;

/// Takes the text of one `<script type="application/ld+json">`.
pub fn offer(script: &[u8], metadata: &mut Metadata) {
    let text = String::from_utf8_lossy(script);
    let text = text.trim().trim_start_matches("<!--").trim_start_matches("//").trim_start().trim_start_matches("<![CDATA[");
    let text = text.trim_end_matches("-->").trim_end_matches("]]>").trim_end().trim_end_matches("//");
    // Line breaks inside strings are an error in JSON and common in pages.
    let repaired: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    // serde_json refuses more than 128 levels, so the walk below needs no bound of its own but the count.
    let Some(Ok(root)) = serde_json::Deserializer::from_str(&repaired).into_iter::<Value>().next() else { return };
    let mut waiting = vec![&root];
    let mut left = OBJECTS;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(items) => waiting.extend(items.iter().rev()),
            Value::Object(object) => {
                left -= 1;
                if left == 0 {
                    return;
                }
                read(object, metadata);
                for key in ["mainEntity", "mainEntityOfPage", "@graph"] {
                    waiting.extend(object.get(key).filter(|inner| inner.is_object() || inner.is_array()));
                }
            }
            _ => {}
        }
    }
}

fn read(object: &Map<String, Value>, metadata: &mut Metadata) {
    let types = texts(object.get("@type"), &[]);
    let is = |ends: &[&str]| types.iter().any(|name| ends.iter().any(|end| name.ends_with(end)));
    let rank = if is(&["Article", "Posting", "Report", "Review", "Recipe", "Book", "Thesis", "Chapter", "QAPage", "Question", "Event"]) {
        rank::DATA
    } else if is(&["Page", "CreativeWork", "Dataset", "VideoObject", "Product"]) {
        rank::VAGUE
    } else {
        return;
    };
    for name in texts(object.get("headline").or_else(|| object.get("name")), &[]) {
        metadata.offer(Field::Title, rank, name.as_bytes());
    }
    for name in texts(object.get("author").or_else(|| object.get("creator")), &["name"]) {
        metadata.offer(Field::Author, rank, name.as_bytes());
    }
    for date in texts(object.get("datePublished").or_else(|| object.get("dateCreated")), &["@value"]) {
        metadata.offer(Field::Published, rank, date.as_bytes());
    }
    for licence in texts(object.get("license"), &["url", "@id", "name"]) {
        metadata.offer(Field::Licence, rank, licence.as_bytes());
    }
}

/// A text, an object's text under the first of `keys` that it has, or a list of those.
fn texts<'a>(value: Option<&'a Value>, keys: &[&str]) -> Vec<&'a str> {
    let one = |value: &'a Value| match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => keys.iter().find_map(|key| object.get(*key)?.as_str()),
        _ => None,
    };
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_in_a_graph() {
        let mut metadata = Metadata::default();
        offer(
            br#"<!-- {"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"Blatt"},{"@type":["NewsArticle"],"headline":"Die
            M\u00fchle","author":[{"@type":"Person","name":"A. B."},"C. D."],"datePublished":"2024-11-05","license":{"@id":"https://creativecommons.org/licenses/by/4.0/"}}]} -->"#,
            &mut metadata,
        );
        assert_eq!(metadata.get(Field::Title), "Die Mühle");
        assert_eq!(metadata.get(Field::Author), "A. B.; C. D.");
        assert_eq!(metadata.published("", ""), "2024-11-05");
        assert_eq!(metadata.get(Field::Licence), "https://creativecommons.org/licenses/by/4.0/");
    }

    #[test]
    fn nonsense_is_no_harm() {
        for script in [&b"{"[..], b"[[[[", b"\xFF", b"null", b"{\"@type\":3}"] {
            offer(script, &mut Metadata::default());
        }
        offer("[".repeat(BYTES).as_bytes(), &mut Metadata::default());
    }
}

//! What a page says about itself: title, author, day of publication, licence. Several places say so; each is an offer with a
//! rank, the least rank wins, and of equal ranks the first.

use super::attributes::Attributes;
use super::dates;
use super::plain;

/// Longer values are no names, dates or addresses.
const VALUE_BYTES: usize = 1024;
const AUTHORS: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    Title,
    SiteName,
    Author,
    Published,
    Licence,
}

impl Field {
    pub const COUNT: usize = 5;
}

/// How far a place is to be trusted.
pub mod rank {
    /// A `<meta>`, a `rel=license`: made for machines, about this page.
    pub const META: u8 = 1;
    /// JSON-LD of an article.
    pub const DATA: u8 = 2;
    /// Microdata and `rel=author`.
    pub const PROPERTY: u8 = 3;
    /// JSON-LD of the page or site; a `<meta>` that often means something else.
    pub const VAGUE: u8 = 4;
    /// An element that a class calls so.
    pub const CLASS: u8 = 5;
    /// Any link or `<time>`.
    pub const GUESS: u8 = 6;
    pub const NONE: u8 = u8::MAX;
}

#[derive(Debug)]
struct Best {
    rank: u8,
    value: String,
}

#[derive(Debug)]
pub struct Metadata {
    best: [Best; Field::COUNT],
}

impl Default for Metadata {
    fn default() -> Metadata {
        Metadata { best: std::array::from_fn(|_| Best { rank: rank::NONE, value: String::new() }) }
    }
}

impl Metadata {
    pub fn get(&self, field: Field) -> &str {
        &self.best[field as usize].value
    }

    /// Takes a value if no better one is known. Authors of the same rank add up. Dates wait for `published`: only then is the
    /// page's language known for sure.
    pub fn offer(&mut self, field: Field, rank: u8, value: &[u8]) {
        let best = &mut self.best[field as usize];
        let adds = field == Field::Author && rank == best.rank;
        if rank > best.rank || (rank == best.rank && !adds) || value.len() > VALUE_BYTES {
            return;
        }
        let mut line = Vec::new();
        plain::write_line(value, &mut line);
        let Ok(mut value) = String::from_utf8(line) else { return };
        match field {
            Field::Author => value = author(&value, rank >= rank::CLASS).unwrap_or_default(),
            Field::Licence if !value.starts_with("http") && !value.starts_with("//") => return,
            // Any value is kept for later, but only if there is some date in it in some language.
            Field::Published if dates::find(&value, "").or_else(|| dates::find(&value, "hr")).is_none() => return,
            _ => {}
        }
        if value.is_empty() {
            return;
        }
        if !adds {
            *best = Best { rank, value };
        } else if best.value.split("; ").count() < AUTHORS && best.value.split("; ").all(|known| known != value) {
            best.value.push_str("; ");
            best.value.push_str(&value);
        }
    }

    /// A `<meta>`.
    pub fn offer_meta(&mut self, attributes: &Attributes) {
        let Some((field, rank)) = of_meta(&attributes.meta) else { return };
        self.offer(field, rank, &attributes.content);
    }

    /// ISO 8601 or empty.
    pub fn published(&self, language: &str, url: &str) -> String {
        let Best { rank, value } = &self.best[Field::Published as usize];
        let stated = || dates::find(value, language);
        if *rank >= rank::GUESS { dates::in_url(url).or_else(stated) } else { stated().or_else(|| dates::in_url(url)) }.unwrap_or_default()
    }
}

/// Of the lower-case `name`, `property` or `itemprop` of a `<meta>`.
fn of_meta(name: &[u8]) -> Option<(Field, u8)> {
    Some(match name {
        b"og:title" => (Field::Title, rank::META),
        b"dc.title" | b"dcterms.title" | b"citation_title" | b"headline" | b"parsely-title" | b"sailthru.title" => {
            (Field::Title, rank::DATA)
        }
        b"twitter:title" => (Field::Title, rank::VAGUE),
        b"og:site_name" => (Field::SiteName, rank::META),
        b"application-name" | b"apple-mobile-web-app-title" => (Field::SiteName, rank::VAGUE),
        b"author"
        | b"citation_author"
        | b"dc.creator"
        | b"dcterms.creator"
        | b"parsely-author"
        | b"sailthru.author"
        | b"byl"
        | b"article:author_name"
        | b"dcsext.author"
        | b"og:article:author"
        | b"authors" => (Field::Author, rank::META),
        b"article:author" | b"og:author" | b"creator" | b"twitter:data1" => (Field::Author, rank::VAGUE),
        b"article:published_time"
        | b"article:published"
        | b"og:article:published_time"
        | b"datepublished"
        | b"date_published"
        | b"citation_publication_date"
        | b"citation_date"
        | b"dc.date.issued"
        | b"dcterms.issued"
        | b"dcterms.date"
        | b"dc.date.created"
        | b"dcterms.created"
        | b"pubdate"
        | b"publishdate"
        | b"publish-date"
        | b"publish_date"
        | b"publication_date"
        | b"og:published_time"
        | b"parsely-pub-date"
        | b"sailthru.date"
        | b"originalpublicationdate"
        | b"article.published"
        | b"article_date_original"
        | b"date.created"
        | b"published-date"
        | b"pub_date"
        | b"datecreated"
        | b"rnews:datepublished"
        | b"dcsext.articlefirstpublished"
        | b"cxenseparse:recs:publishtime" => (Field::Published, rank::META),
        b"dc.date" | b"date" | b"created" | b"timestamp" | b"og:pubdate" | b"cxenseparse:time" => (Field::Published, rank::VAGUE),
        b"dcterms.license" | b"dcterms.rights.license" | b"dc.rights.license" | b"license" | b"licence" | b"citation_license" => {
            (Field::Licence, rank::META)
        }
        b"dc.rights" | b"dcterms.rights" | b"rights" | b"copyright" | b"dcterms.accessrights" => (Field::Licence, rank::VAGUE),
        _ => return None,
    })
}

/// Words before a name, in lower case.
const BEFORE: &[&str] = &[
    "by",
    "von",
    "par",
    "por",
    "di",
    "de",
    "da",
    "door",
    "av",
    "af",
    "od",
    "przez",
    "autor",
    "autorin",
    "author",
    "authors",
    "auteur",
    "autore",
    "auteure",
    "auteurs",
    "autorzy",
    "autoři",
    "autori",
    "forfatter",
    "författare",
    "text",
    "texte",
    "testo",
    "tekst",
    "written",
    "posted",
    "geschrieben",
    "verfasst",
    "veröffentlicht",
    "publié",
    "publicado",
    "publicato",
    "eingestellt",
    "rédigé",
    "escrito",
    "scritto",
    "geplaatst",
    "geschreven",
    "skrevet",
    "skriven",
    "kirjoittaja",
    "szerző",
    "írta",
    "napsal",
    "napísal",
    "napisal",
    "autorė",
    "autors",
    "συντάκτης",
    "από",
    "автор",
    "от",
    "автори",
    "redaktion",
    "view",
    "voir",
    "ver",
    "zeige",
    "zeigt",
    "see",
    "all",
    "alle",
    "tous",
    "les",
    "todas",
    "todos",
    "las",
    "los",
    "posts",
    "post",
    "articles",
    "artikel",
    "artículos",
    "beiträge",
    "beitrag",
    "beitragsautor",
    "entradas",
    "wpisy",
];

/// Names that programs give.
const NOBODY: &[&str] =
    &["admin", "administrator", "wordpressadmin", "root", "webmaster", "user", "author", "editor", "unknown", "null", "undefined"];

/// Words between a name and a date.
const AFTER: &[&str] =
    &["am", "on", "le", "el", "il", "em", "op", "den", "dne", "dnia", "på", "in", "um", "at", "à", "a", "um", "·", "-", "–"];

/// A name without the words before it and the date after it; `strict` for text that people read, where all sorts of things stand.
fn author(value: &str, strict: bool) -> Option<String> {
    let mut name = value.split(['|', '•', '·', '/', '\u{2013}', '@']).next()?.trim();
    while let Some((first, rest)) = name.split_once(' ') {
        let word = first.trim_end_matches(':').to_lowercase();
        // `De Smet` and `Da Silva` are names.
        let lower = first.starts_with(char::is_lowercase);
        if !BEFORE.contains(&word.as_str()) || (!lower && matches!(word.as_str(), "de" | "da" | "di" | "av" | "od")) {
            break;
        }
        name = rest.trim();
    }
    let words: Vec<&str> = name.split_whitespace().take_while(|word| !strict || !word.contains(|c: char| c.is_ascii_digit())).collect();
    let last = words.iter().rposition(|word| !AFTER.contains(word)).map_or(0, |last| last + 1);
    let joined = words[..last].join(" ");
    let name = joined.trim_matches(|character: char| matches!(character, ',' | ';' | ':' | '-' | '(' | ')' | '"'));
    let words = name.split_whitespace().count();
    let letters = name.chars().filter(|character| character.is_alphabetic()).count();
    let plausible = letters >= 2 && name.len() <= 120 && !name.contains("http") && !name.contains("www.") && letters * 2 > name.len() / 2;
    let strictly = words <= 5 && name.len() <= 60;
    (plausible && (!strict || strictly) && !NOBODY.contains(&name.to_lowercase().as_str())).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_authors() {
        for (value, name) in [
            ("Von Anna Müller", Some("Anna Müller")),
            ("By Jane Roe | Staff", Some("Jane Roe")),
            ("Autor: Jan Novák", Some("Jan Novák")),
            ("Jan De Smet", Some("Jan De Smet")),
            ("https://www.facebook.com/zeitung", None),
            ("42", None),
            ("admin", None),
            ("Zeige alle Beiträge von Cem B.", Some("Cem B.")),
        ] {
            assert_eq!(author(value, false).as_deref(), name, "{value}");
        }
        assert_eq!(author("von Anna Müller am 5. Mai 2024", true).as_deref(), Some("Anna Müller"));
        assert_eq!(author("Wer am Fluss entlang geht, der sieht die Mühle schon von weitem", true), None);
    }

    #[test]
    fn the_better_place_wins() {
        let mut metadata = Metadata::default();
        metadata.offer(Field::Author, rank::CLASS, b"von Somebody Else");
        metadata.offer(Field::Author, rank::META, b"Anna M\xC3\xBCller");
        metadata.offer(Field::Author, rank::META, b"Jan Nov\xC3\xA1k");
        metadata.offer(Field::Author, rank::PROPERTY, b"Nobody");
        assert_eq!(metadata.get(Field::Author), "Anna Müller; Jan Novák");
        metadata.offer(Field::Published, rank::GUESS, b"5.11.2024");
        assert_eq!(metadata.published("de", "https://a.example/2023/01/02/x"), "2023-01-02");
        metadata.offer(Field::Published, rank::META, b"no date");
        metadata.offer(Field::Published, rank::DATA, b"2024-11-06");
        assert_eq!(metadata.published("de", ""), "2024-11-06");
        metadata.offer(Field::Licence, rank::META, b"all rights reserved");
        assert_eq!(metadata.get(Field::Licence), "");
    }
}

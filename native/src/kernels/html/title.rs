//! The title of the document, not of the site: `og:title`, the headline or `<title>`, without the name of the site around it.

use super::content::Content;
use super::metadata::Field;
use super::plain;
use super::tags::Tag;
use super::tree::Tree;

/// What divides a title from the name of the site.
const MARKS: &[&str] = &[" | ", " - ", " – ", " — ", " :: ", " : ", " » ", " · ", " • ", " ~ ", " / ", " « ", " › ", " < ", " > "];
/// Shorter headlines are those of a site or section more often than a page's.
const HEADLINE_LETTERS: usize = 4;

pub fn write(tree: &Tree, content: &Content, out: &mut Vec<u8>) {
    let mut title = String::new();
    let stated = tree.metadata.get(Field::Title);
    let element = line(&tree.title);
    let site = tree.metadata.get(Field::SiteName);
    let headline = headline(tree, content);
    if !stated.is_empty() {
        title.push_str(without_site(stated, site, headline.as_deref()));
    }
    if title.is_empty() && !element.is_empty() {
        title.push_str(without_site(&element, site, headline.as_deref()));
    }
    if title.is_empty() {
        title.push_str(headline.as_deref().unwrap_or(""));
    }
    out.extend_from_slice(title.as_bytes());
}

/// The `<h1>` nearest before the content or first in it, if there is one.
fn headline(tree: &Tree, content: &Content) -> Option<String> {
    let root = content.root as usize;
    let is_headline = |i: &usize| tree.nodes[*i].tag == Tag::H1;
    let inside = (root..tree.nodes[root].end as usize).find(is_headline);
    let node = inside.or_else(|| (1..root).rev().find(is_headline)).or_else(|| (1..tree.nodes.len()).find(is_headline))?;
    let node = &tree.nodes[node];
    // Longer than any title is a page set in large letters.
    if node.stop - node.start > 400 {
        return None;
    }
    Some(line(tree.text_of(node))).filter(|text| text.chars().filter(|letter| letter.is_alphabetic()).count() >= HEADLINE_LETTERS)
}

fn line(text: &[u8]) -> String {
    let mut line = Vec::new();
    plain::write_line(text, &mut line);
    String::from_utf8(line).unwrap_or_default()
}

/// The part of a title that the headline repeats, or what is left without the site's name; else all of it.
fn without_site<'a>(title: &'a str, site: &str, headline: Option<&str>) -> &'a str {
    let parts = || MARKS.iter().flat_map(|mark| [title.split_once(mark), title.rsplit_once(mark)]).flatten();
    if let Some(headline) = headline {
        if same(title, headline) {
            return title;
        }
        for (left, right) in parts() {
            for part in [left, right] {
                if same(part, headline) {
                    return part.trim();
                }
            }
        }
    }
    if !site.is_empty() {
        for (left, right) in parts() {
            if same(right, site) {
                return left.trim();
            }
            if same(left, site) {
                return right.trim();
            }
        }
    }
    title.trim()
}

/// Equal but for case and what is neither letter nor digit.
fn same(one: &str, other: &str) -> bool {
    let letters =
        |text: &'_ str| text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let one = letters(one);
    !one.is_empty() && one == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_cut_off() {
        for (title, site, headline, cut) in [
            ("Die Mühle am Fluss | Dorfblatt", "", Some("Die Mühle am Fluss"), "Die Mühle am Fluss"),
            ("Dorfblatt: Die Mühle - Heimat", "Dorfblatt", None, "Dorfblatt: Die Mühle - Heimat"),
            ("Die Mühle – und der Fluss – Dorfblatt", "dorfblatt", None, "Die Mühle – und der Fluss"),
            ("Die Mühle - ein Besuch", "", None, "Die Mühle - ein Besuch"),
            ("Dorfblatt » Die Mühle", "Dorfblatt", Some("Willkommen"), "Die Mühle"),
        ] {
            assert_eq!(without_site(title, site, headline), cut, "{title}");
        }
    }
}

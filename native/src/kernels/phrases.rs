//! Finds phrases of several kinds in a line, however it is spelt: "READ MORE »" is "read more", "1,234 views" is "# views".
//!
//! `#` in a phrase is any number. A phrase stands for the whole line; with `*` at its end or start (or both) the line may go on there. Matches begin and end
//! at word borders. Phrases and lines are folded alike: lower case, runs of digits to `#`, all else that is no letter to one
//! space, Greek without accents and final sigma, since capitals have neither.

use aho_corasick::{AhoCorasick, MatchKind};

/// Kinds are bits of one number.
pub const MOST_KINDS: usize = 32;

#[derive(Clone, Copy)]
struct Phrase {
    kind: u32,
    from_start: bool,
    to_end: bool,
}

pub struct Phrases {
    automaton: Option<AhoCorasick>,
    phrases: Vec<Phrase>,
}

/// What a line holds: a bit for every kind, and its length in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub kinds: u32,
    pub characters: usize,
}

impl Phrases {
    /// `groups[kind]` holds the phrases of a kind; more than `MOST_KINDS` kinds are left out.
    pub fn new(groups: &[Vec<String>]) -> Result<Self, String> {
        let (mut phrases, mut patterns) = (Vec::new(), Vec::new());
        for (kind, group) in groups.iter().enumerate().take(MOST_KINDS) {
            for written in group {
                let mut folded = String::new();
                fold(&written.replace('#', "0"), &mut folded);
                if folded.is_empty() {
                    return Err(format!("the phrase \"{written}\" has no letter and no number"));
                }
                let (from_start, to_end) = (!written.starts_with('*'), !written.ends_with('*'));
                phrases.push(Phrase { kind: 1 << kind, from_start, to_end });
                patterns.push(folded);
            }
        }
        let automaton = if patterns.is_empty() {
            None
        } else {
            Some(AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).map_err(|error| error.to_string())?)
        };
        Ok(Self { automaton, phrases })
    }

    /// The kinds of phrases in a line of at most `most` characters; `folded` is scratch space.
    pub fn find(&self, line: &str, most: usize, folded: &mut String) -> Found {
        let Some(automaton) = &self.automaton else { return Found::default() };
        // Counting is a tenth of folding, and most of a text is in long lines.
        let characters = line.chars().count();
        if characters > most {
            return Found { kinds: 0, characters };
        }
        folded.clear();
        fold(line, folded);
        let text = folded.as_bytes();
        let mut kinds = 0;
        for found in automaton.find_overlapping_iter(text) {
            let phrase = self.phrases[found.pattern().as_usize()];
            let starts = found.start() == 0 || (!phrase.from_start && text[found.start() - 1] == b' ');
            let ends = found.end() == text.len() || (!phrase.to_end && text[found.end()] == b' ');
            if starts && ends {
                kinds |= phrase.kind;
            }
        }
        Found { kinds, characters }
    }
}

/// Appends the folded line.
fn fold(line: &str, out: &mut String) {
    let (mut gap, mut number) = (false, false);
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        // What most characters are: the tables of Unicode are not asked.
        if !number && character.is_ascii() && !character.is_ascii_digit() {
            if character.is_ascii_alphabetic() {
                open_word(out, &mut gap);
                out.push(character.to_ascii_lowercase());
            } else {
                gap = true;
            }
            continue;
        }
        if character.is_numeric() {
            if !number {
                open_word(out, &mut gap);
                out.push('#');
            }
            number = true;
            continue;
        }
        if number {
            // Inside a number: 1,234 and 1.234 and 1'234, and 1 234 with a space that does not break.
            let separates = matches!(character, '.' | ',' | '\'' | '’' | '\u{A0}' | '\u{202F}');
            if separates && rest.peek().is_some_and(|next| next.is_numeric()) {
                continue;
            }
            number = false;
            // 3k, 2M: the number goes on, unless a word begins here.
            if matches!(character, 'k' | 'K' | 'm' | 'M') && !rest.peek().is_some_and(|next| next.is_alphanumeric()) {
                continue;
            }
            if character.is_alphabetic() {
                gap = true;
            }
        }
        if character.is_alphabetic() || ('\u{300}'..='\u{36F}').contains(&character) {
            open_word(out, &mut gap);
            if character.is_ascii() {
                out.push(character.to_ascii_lowercase());
            } else {
                out.extend(character.to_lowercase().map(without_greek_accent));
            }
        } else {
            gap = true;
        }
    }
}

fn open_word(out: &mut String, gap: &mut bool) {
    if *gap && !out.is_empty() {
        out.push(' ');
    }
    *gap = false;
}

fn without_greek_accent(character: char) -> char {
    match character {
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(groups: &[&[&str]], line: &str) -> u32 {
        let groups: Vec<Vec<String>> = groups.iter().map(|group| group.iter().map(|&phrase| phrase.into()).collect()).collect();
        Phrases::new(&groups).unwrap().find(line, 200, &mut String::new()).kinds
    }

    #[test]
    fn a_line_is_known_however_it_is_spelt() {
        for line in ["Read more", "READ MORE »", "  [read   more…] ", "→ Read\u{A0}more"] {
            assert_eq!(kinds(&[&["login"], &["read more"]], line), 2, "{line}");
        }
        assert_eq!(kinds(&[&["read more"]], "Read more books"), 0);
        assert_eq!(kinds(&[&["read more"]], "bread more"), 0);
        assert_eq!(kinds(&[&["διαβάστε περισσότερα"]], "ΔΙΑΒΑΣΤΕ ΠΕΡΙΣΣΟΤΕΡΑ"), 1);
        assert_eq!(kinds(&[&["όρος"]], "ΌΡΟΣ"), 1);
    }

    #[test]
    fn numbers_are_one_sign() {
        for line in ["1,234 views", "1.234 views", "1\u{202F}234 Views", "12k views", "3 views"] {
            assert_eq!(kinds(&[&["# views"]], line), 1, "{line}");
        }
        assert_eq!(kinds(&[&["page # of #"]], "Page 3 of 10"), 1);
        assert_eq!(kinds(&[&["# min"]], "3min"), 1);
        assert_eq!(kinds(&[&["# views"]], "many views"), 0);
    }

    #[test]
    fn a_star_lets_the_line_go_on() {
        let cookies: &[&[&str]] = &[&["* uses cookies *"], &["share on *"]];
        assert_eq!(kinds(cookies, "This site uses cookies."), 1);
        assert_eq!(kinds(cookies, "Uses cookies"), 1);
        assert_eq!(kinds(cookies, "It reuses cookies"), 0);
        assert_eq!(kinds(cookies, "Share on Mastodon"), 2);
        assert_eq!(kinds(cookies, "Do share on Mastodon"), 0);
    }

    #[test]
    fn long_lines_are_left_alone() {
        let phrases = Phrases::new(&[vec!["* cookies *".into()]]).unwrap();
        let long = format!("{} cookies", "word ".repeat(100));
        assert!(phrases.find(&long, 200, &mut String::new()).kinds == 0);
        assert!(phrases.find(&long, 1000, &mut String::new()).kinds == 1);
        assert!(Phrases::new(&[vec!["—".into()]]).is_err());
    }
}

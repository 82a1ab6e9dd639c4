use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;

const TOP: std::ops::RangeInclusive<usize> = 2..=4;
const DUPLICATE: std::ops::RangeInclusive<usize> = 5..=10;

/// All measures of the families of one text.
fn measured(text: &str, families: u32, stop_words: &[&str]) -> Vec<f64> {
    let lists = vec![StopWords::new(stop_words.iter().map(|word| word.as_bytes()))];
    let facts = RowFacts { stop_words: if stop_words.is_empty() { &[-1] } else { &[0] }, ..RowFacts::UNKNOWN };
    Measurer::new(families, lists, None).measure(text.as_bytes(), &[0, text.len() as i32], facts).0
}

fn measures(text: &str) -> [f64; 13] {
    measured(text, REPETITION, &[]).try_into().unwrap()
}

const RULES: LineRules = LineRules {
    by_sentence: false,
    remove_citations: true,
    terminal_punctuation: true,
    min_words: 3,
    max_word_length: 1000,
    javascript: true,
    policy: true,
};

/// What C4's line rules leave of a text, and its measures.
fn cut(text: &str, rules: &LineRules) -> (String, Vec<f64>) {
    let list = BadWords::new(["bran"], true).unwrap();
    let mut measurer = Measurer::new(0, Vec::new(), Some(Cutter::new(rules.clone(), vec![list])));
    let facts = RowFacts { bad_words: &[0], ..RowFacts::UNKNOWN };
    let (found, kept) = measurer.measure(text.as_bytes(), &[0, text.len() as i32], facts);
    assert_eq!(kept.offsets, [0, kept.values.len() as i32]);
    (String::from_utf8(kept.values).unwrap(), found)
}

/// The definitions word for word, slowly.
fn oracle(text: &str) -> [f64; 13] {
    let mut out = [f64::NAN; 13];
    let length = text.chars().count() as f64;
    if text.is_empty() {
        return out;
    }
    let split = |text: &str, breaks: usize| {
        let mut parts = vec![String::new()];
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let run = rest.chars().take_while(|&c| c == '\n').count();
            if c == '\n' && run >= breaks {
                parts.push(String::new());
                rest = &rest[run..];
            } else {
                let taken = run.max(1);
                parts.last_mut().unwrap().extend(rest.chars().take(taken));
                rest = &rest[rest.chars().take(taken).map(char::len_utf8).sum::<usize>()..];
            }
        }
        parts
    };
    let stripped = text
        .trim_matches(|c: char| super::super::segment::classes::classes().of(u32::from(c)) & super::super::segment::classes::SPACE != 0);
    for (first, parts) in [(0, split(stripped, 2)), (2, split(text, 1))] {
        let mut unique = HashSet::new();
        let again: Vec<_> = parts.iter().filter(|part| !unique.insert(*part)).collect();
        out[first] = again.len() as f64 / parts.len() as f64;
        out[first + 1] = again.iter().map(|part| part.chars().count()).sum::<usize>() as f64 / length;
    }
    let mut segmenter = Segmenter::default();
    let words = segmenter.words(text.as_bytes(), Language::BASE);
    let words: Vec<&str> = words.iter().map(|word| &text[word.start as usize..word.end as usize]).collect();
    for n in TOP {
        let grams: Vec<String> = words.windows(n).map(|gram| gram.join(" ")).collect();
        let mut counts = HashMap::new();
        for gram in &grams {
            *counts.entry(gram).or_insert(0) += 1;
        }
        let most = counts.values().max().copied().unwrap_or(0);
        if let Some(top) = grams.iter().find(|gram| counts[gram] == most) {
            out[2 + n] = (top.chars().count() * most) as f64 / length;
        }
    }
    for n in DUPLICATE {
        let mut unique = HashSet::new();
        let (mut i, mut repeated) = (0, 0);
        while i + n <= words.len() {
            let gram = words[i..i + n].concat();
            let chars = gram.chars().count();
            if unique.insert(gram) {
                i += 1;
            } else {
                repeated += chars;
                i += n;
            }
        }
        out[2 + n] = repeated as f64 / length;
    }
    out
}

fn same(a: [f64; 13], b: [f64; 13]) -> bool {
    a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
}

#[test]
fn quality_follows_its_definitions() {
    let expected = [
        8.0, // the bullet is not in datatrove's punctuation
        (3.0 + 4.0 + 5.0 + 1.0 + 3.0 + 4.0 + 2.0 + 3.0) / 8.0,
        1.0 / 12.0,
        2.0 / 12.0,
        2.0 / 3.0,
        2.0 / 3.0,
        6.0 / 12.0,
        2.0,
    ];
    // Words: - Der Hund # bellt ... • der Hund 12 end …
    let text = "- Der Hund # bellt...\r\n• der Hund 12\nend …";
    for families in [QUALITY, QUALITY | REPETITION] {
        let measures = measured(text, families, &["der", "Hund", "und"]);
        assert!(measures.iter().zip(expected).all(|(measure, expected)| (measure - expected).abs() < 1e-12), "{measures:?}");
    }
    let empty = measured("", QUALITY, &[]);
    assert!(empty[0] == 0.0 && empty[1..].iter().all(|value| value.is_nan()));
}

#[test]
fn fineweb_follows_its_definitions() {
    // Four lines with text, two of which end in a mark; the long one stands twice; five line feeds, 12 words.
    let long = "a line of some more than thirty characters";
    let measures = measured(&format!("{long}\n \nEnd.\n\nfin。\n{long}"), FINEWEB, &[]);
    let chars = 42.0 * 2.0 + 1.0 + 4.0 + 4.0;
    let expected = [4.0, 0.5, 0.5, 42.0 / chars, 5.0 / 20.0];
    assert!(measures.iter().zip(expected).all(|(measure, expected)| (measure - expected).abs() < 1e-12), "{measures:?}");
    assert!(measured(" \n", FINEWEB, &[])[1].is_nan());
}

#[test]
fn lines_that_are_no_prose_are_cut() {
    let text = "  The mill grinds rye.[1] \nMenu\nNo mark at its end\nIt goes on and on...\nOnly two.\nPlease enable JavaScript now.\n\
        We use cookies on this page.\rIt says \"stop now!\"\nWind drives bran [citation needed]sails. Does it?";
    let (kept, measures) = cut(text, &RULES);
    assert_eq!(kept, "The mill grinds rye.\nIt says \"stop now!\"\nWind drives bran sails. Does it?");
    assert_eq!(measures, [9.0, 6.0 / 9.0, 0.0, 0.0, 4.0, 19.0, 0.0, 1.0]);
    let fineweb = LineRules { terminal_punctuation: false, ..RULES };
    assert!(cut(text, &fineweb).0.contains("No mark at its end\nIt goes on and on...\nIt says"));
}

#[test]
fn what_breaks_a_page_is_counted_in_lines_that_stay() {
    let (_, measures) = cut("var x = {};\nThe { of a wall.\nLorem ipsum dolor sit.\nLorem ipsum of javascript here.\n{ x } menu", &RULES);
    assert_eq!(measures[2..4], [2.0, 1.0]);
    assert!(measures[6] > 0.5);
    assert!(cut("Lorem ipsum dolor {sit}.", &RULES).1[6] < 0.5);
}

#[test]
fn a_long_word_takes_its_line_along() {
    let word = "x".repeat(1001);
    assert_eq!(cut(&format!("a b {word}.\nstays with us."), &RULES).0, "stays with us.");
    assert!(cut(&format!("a b {}.", &word[2..]), &RULES).1[1] < 0.5);
    assert!(cut(&format!("a b-{}.c.", &word[2..]), &RULES).1[1] > 0.5);
}

#[test]
fn sentences_can_be_judged_in_place_of_lines() {
    let rules = LineRules { by_sentence: true, ..RULES };
    let (kept, measures) = cut("The mill\ngrinds rye. Yes. We use cookies here. Wind drives the sails.", &rules);
    assert_eq!(kept, "The mill\ngrinds rye. Wind drives the sails.");
    assert_eq!(measures[..5], [4.0, 0.5, 0.0, 0.0, 2.0]);
}

#[test]
fn a_citation_that_hid_a_phrase_does_not_hide_it() {
    assert_eq!(cut("It needs java[2]script to run.", &RULES).0, "");
    assert_eq!(cut("It has [a] note. [] Or [12", &LineRules { terminal_punctuation: false, ..RULES }).0, "It has [a] note.  Or [12");
}

#[test]
fn no_family_changes_another() {
    let text = "One two three. One two three.\n\nOne two three four five six seven.\n{ lorem ipsum }";
    let all = Measurer::new(QUALITY | REPETITION | FINEWEB, Vec::new(), Some(Cutter::new(RULES, Vec::new())))
        .measure(text.as_bytes(), &[0, text.len() as i32], RowFacts::UNKNOWN)
        .0;
    let mut each = measured(text, QUALITY, &[]);
    each.extend(measured(text, REPETITION, &[]));
    each.extend(measured(text, FINEWEB, &[]));
    assert!(each.iter().zip(&all).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
    assert_eq!(all.len(), 8 + 13 + 5 + 8);
}

#[test]
fn lines_and_paragraphs_that_stood_before_are_counted() {
    let lines = measures("one two\none two\n\none two\nthree");
    assert!((lines[2] - 0.5).abs() < 1e-12); // two of four lines
    assert!((lines[3] - 14.0 / 30.0).abs() < 1e-12);
    assert!((lines[0] - 0.0).abs() < 1e-12);
}

#[test]
fn joined_words_are_what_makes_two_grams_equal() {
    // "a b c d e" and "ab c d e f" differ as words; joined, "abcde" recurs only as part of a longer text.
    let text = "a b c d e x ab cd e f g a bc d e fg";
    assert!(same(measures(text), oracle(text)));
}

#[test]
fn nothing_has_no_measures() {
    assert!(measures("").iter().all(|value| value.is_nan()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn measures_are_those_of_the_definitions(text in "([ab]{1,2}[ \n]|\n\n|ä |[.,] ?|… ){0,120}") {
        prop_assert!(same(measures(&text), oracle(&text)), "{:?}\n{:?}", measures(&text), oracle(&text));
    }

    #[test]
    fn long_words_and_shifted_borders_too(text in "(alpha|be|ta|alp|ha|omegamega|mega|omega|consequently[ab]|[.] |  ?|\\n){0,150}") {
        prop_assert!(same(measures(&text), oracle(&text)), "{:?}\n{:?}", measures(&text), oracle(&text));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut measurer = Measurer::new(QUALITY | REPETITION | FINEWEB, Vec::new(), Some(Cutter::new(RULES, Vec::new())));
        measurer.measure(&bytes, &[0, bytes.len() as i32], RowFacts::UNKNOWN);
    }
}

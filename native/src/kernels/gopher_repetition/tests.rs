use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;

fn measures(text: &str) -> [f64; MEASURES] {
    let mut out = [0.0; MEASURES];
    measure_repetition(text.as_bytes(), &[0, text.len() as i32], RowLanguages::UNKNOWN, &mut out);
    out
}

/// The definitions word for word, slowly.
fn oracle(text: &str) -> [f64; MEASURES] {
    let mut out = [f64::NAN; MEASURES];
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
    let stripped = text.trim_matches(|c: char| classes().of(u32::from(c)) & SPACE != 0);
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

fn same(a: [f64; MEASURES], b: [f64; MEASURES]) -> bool {
    a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
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
    #[test]
    fn measures_are_those_of_the_definitions(text in "([ab]{1,2}[ \n]|\n\n|ä |[.,] ?|… ){0,120}") {
        prop_assert!(same(measures(&text), oracle(&text)), "{:?}\n{:?}", measures(&text), oracle(&text));
    }
}

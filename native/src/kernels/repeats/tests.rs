use std::collections::HashMap;

use proptest::prelude::*;

use super::{Repeats, Run};

fn runs(window: usize, block: usize, texts: &[String]) -> Vec<Run> {
    let mut repeats = Repeats::new(window, block);
    let mut found = Vec::new();
    let mut rows = 0;
    for text in texts {
        if repeats.full(text.len()) {
            let (count, block) = repeats.compare();
            rows += count;
            found.extend(block);
        }
        repeats.add(text);
    }
    let (count, block) = repeats.compare();
    assert_eq!((rows + count) as usize, texts.len());
    found.extend(block);
    found
}

/// Words of texts of ASCII letters, blanks and marks, by the definition: where each begins, and the end.
fn starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes[at].is_ascii_alphanumeric();
    let mut starts: Vec<usize> = (0..bytes.len()).filter(|&at| letter(at) && (at == 0 || !letter(at - 1))).collect();
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    starts.push(text.len());
    starts
}

/// Bytes that are in a window of which an equal one begins earlier, and the row of its first place; every place is looked at.
fn naive(window: usize, texts: &[String]) -> HashMap<(usize, usize), usize> {
    let mut seen: Vec<(usize, &str)> = Vec::new();
    let mut covered = HashMap::new();
    for (row, text) in texts.iter().enumerate() {
        let starts = starts(text);
        for bounds in starts.windows(window + 1) {
            let (from, to) = (bounds[0], bounds[window]);
            let slice = &text[from..to];
            match seen.iter().find(|(_, other)| *other == slice) {
                Some(&(source, _)) => (from..to).for_each(|at| {
                    covered.entry((row, at)).or_insert(source);
                }),
                None => seen.push((row, slice)),
            }
        }
    }
    covered
}

fn check(window: usize, texts: &[String]) {
    let found = runs(window, 1 << 20, texts);
    let mut covered = HashMap::new();
    let mut before = (0, 0);
    for run in &found {
        let text = &texts[run.row as usize];
        let starts = starts(text);
        assert_eq!(run.of as usize, starts.len() - 1);
        assert_eq!((run.bytes.0 as usize, run.bytes.1 as usize), (starts[run.words.0 as usize], starts[run.words.1 as usize]));
        assert!((run.row, run.bytes.0) >= before, "in order");
        before = (run.row, run.bytes.0);
        assert!(run.source <= run.row && (run.source_words.1 as usize) < self::starts(&texts[run.source as usize]).len());
        if run.straight {
            let places = self::starts(&texts[run.source as usize]);
            let words = places[run.source_words.0 as usize]..places[run.source_words.1 as usize];
            assert_eq!(&texts[run.source as usize][words], &text[run.bytes.0 as usize..run.bytes.1 as usize]);
        }
        for at in run.bytes.0..run.bytes.1 {
            covered.entry((run.row as usize, at as usize)).or_insert(run.source as usize);
        }
        // All of it stands in the words that the run names of its source: windows of it do.
        for from in run.words.0 as usize..=run.words.1 as usize - window {
            let part = &text[starts[from]..starts[from + window]];
            let other = &texts[run.source as usize];
            let places = self::starts(other);
            let named = &other[places[run.source_words.0 as usize]..places[run.source_words.1 as usize]];
            assert!(named.contains(part), "{named:?} does not hold {part:?}");
        }
    }
    let expected = naive(window, texts);
    assert_eq!(covered.len(), expected.len());
    assert_eq!(covered, expected);
}

proptest! {
    /// Few words, so that runs overlap, adjoin and repeat themselves.
    #[test]
    fn finds_what_a_search_of_every_place_finds(
        texts in prop::collection::vec("((a|b|cc)( |, |\\. )){0,40}", 1..8),
        window in 2usize..6,
    ) {
        check(window, &texts);
    }

    #[test]
    fn finds_planted_passages(
        passage in "([a-z]{1,6} ){12}",
        around in prop::collection::vec(("([a-z]{2,6} ){0,30}", "([a-z]{2,6} ){0,30}"), 2..6),
    ) {
        let texts: Vec<String> = around.iter().map(|(before, after)| format!("{before}{passage}{after}")).collect();
        check(10, &texts);
        prop_assert!(runs(10, 1 << 20, &texts).iter().map(|run| run.row).collect::<std::collections::BTreeSet<_>>().len() >= texts.len() - 1);
    }
}

fn one(window: usize, texts: &[&str]) -> Vec<Run> {
    runs(window, 1 << 30, &texts.iter().map(ToString::to_string).collect::<Vec<_>>())
}

#[test]
fn a_run_ends_with_the_marks_behind_its_last_word() {
    let found = one(3, &["one two three. Four", "Well: one two three. five"]);
    assert_eq!(found, [Run { row: 1, bytes: (6, 21), words: (1, 4), of: 5, source: 0, source_words: (0, 3), straight: true }]);
    // Other marks or spaces inside are another text.
    assert_eq!(one(3, &["one two three. Four", "one two  three. five"]), []);
}

#[test]
fn no_cut_divides_a_character_or_a_cluster() {
    let texts = ["水火木金土日月山 e\u{301}cole 👩‍👩‍👧 нет да", "x 水火木金土日月山 e\u{301}cole 👩‍👩‍👧 нет ja"];
    let found = one(4, &texts);
    assert_eq!(found.len(), 1);
    let (from, to) = (found[0].bytes.0 as usize, found[0].bytes.1 as usize);
    assert_eq!(&texts[1][from..to], "水火木金土日月山 e\u{301}cole 👩‍👩‍👧 нет ");
}

#[test]
fn blocks_are_compared_by_themselves() {
    let texts: Vec<String> = (0..4).map(|_| "one two three four ".into()).collect();
    let rows = |block: usize| runs(3, block, &texts).iter().map(|run| (run.row, run.source)).collect::<Vec<_>>();
    assert_eq!(rows(1000), [(1, 0), (2, 0), (3, 0)]);
    assert_eq!(rows(40), [(1, 0), (3, 2)]);
    assert_eq!(rows(1), []);
}

#[test]
fn texts_without_words_and_none_at_all() {
    assert_eq!(one(2, &[]), []);
    assert_eq!(one(2, &["", " \n", "...", "a", ""]), []);
}

/// Would take hours if a window were compared with more than one other.
#[test]
fn hostile_texts_stay_linear() {
    let mut fibonacci = ("a ".to_owned(), "b ".to_owned());
    while fibonacci.1.len() < 10_000_000 {
        fibonacci = (fibonacci.1.clone(), fibonacci.1 + &fibonacci.0);
    }
    let morse: String = (0..3_000_000u32).map(|at| if at.count_ones() % 2 == 0 { "a " } else { "b " }).collect();
    for text in ["a".repeat(10_000_000), "a ".repeat(5_000_000), " ".repeat(10_000_000), "水".repeat(3_000_000), fibonacci.1, morse] {
        let found = one(50, &[&text, &text]);
        assert!(found.len() < 100_000, "{} runs", found.len());
    }
}

use super::{EvaluationGrams, GramRules, Overlap, Words};

const QUESTION: &str = "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May.";

fn grams(ngram: usize, shortest: usize) -> EvaluationGrams {
    EvaluationGrams::new(GramRules { ngram, shortest, most_items: 10 })
}

fn overlap(items: &[&str], text: &str) -> Overlap {
    let mut grams = grams(13, 8);
    for item in items {
        grams.add(item).unwrap();
    }
    grams.overlap(text, &mut Words::default())
}

/// A generator with a fixed seed: the same texts on every machine.
fn noise(seed: &mut u64, words: usize, prefix: &str) -> Vec<String> {
    (0..words)
        .map(|_| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{prefix}{}", (*seed >> 33) % 50)
        })
        .collect()
}

#[test]
fn a_planted_item_is_found_wherever_it_is() {
    let mut seed = 7;
    for before in 0..40 {
        let (head, tail) = (noise(&mut seed, before, "a").join(" "), noise(&mut seed, 40 - before, "b").join(" "));
        let text = format!("{head} {QUESTION} {tail}");
        let found = overlap(&["too short", QUESTION], &text);
        assert_eq!((found.ngrams, found.item), (20 - 13 + 1, Some(1)), "{before} words before");
        let planted = head.len() + 1;
        // The full stop belongs to no word.
        assert_eq!(found.spans, [(planted, planted + QUESTION.len() - 1)]);
        assert!((found.share - 20.0 / 60.0).abs() < 1e-12);
    }
}

#[test]
fn agrees_with_a_search_of_every_place() {
    let mut seed = 11;
    for _ in 0..300 {
        // Few different words, so that grams repeat, overlap and adjoin.
        let small = |seed: &mut u64, count| noise(seed, count, "").iter().map(|word| format!("w{}", word.len())).collect::<Vec<_>>();
        let (item, text) = (small(&mut seed, 9), small(&mut seed, 60));
        let mut grams = grams(4, 2);
        grams.add(&item.join(" ")).unwrap();
        let found = grams.overlap(&text.join(" "), &mut Words::default());
        let expected = text.windows(4).filter(|window| item.windows(4).any(|other| other == *window)).count();
        assert_eq!(found.ngrams as usize, expected);
        assert_eq!(found.item.is_some(), expected > 0);
    }
}

#[test]
fn case_accents_and_punctuation_do_not_hide_an_item() {
    let item = "the café near the old école opens at nine every single day of may";
    assert_eq!(overlap(&[item], "THE CAFE -- near the Old Ecole; opens (at) nine: every single day of May!").ngrams, 2);
}

#[test]
fn other_digits_are_another_item() {
    assert_eq!(overlap(&["what is the sum of the numbers 12 and 30"], "What is the sum of the numbers 12 and 31?").ngrams, 0);
}

#[test]
fn short_items_are_one_gram_or_left_out() {
    let mut grams = grams(13, 8);
    assert!(grams.add("one two three four five six seven eight").unwrap());
    assert!(!grams.add("one two three four five six seven").unwrap());
    assert!(!grams.add("").unwrap());
    assert_eq!(grams.left_out(), 2);
    let mut words = Words::default();
    assert_eq!(grams.overlap("zero one two three four five six seven eight nine", &mut words).spans, [(5, 44)]);
    assert_eq!(grams.overlap("one two three four five six seven nine", &mut words), Overlap { words: 8, ..Overlap::default() });
}

#[test]
fn of_equal_items_the_first_is_named() {
    let (one, two) = ("a b c d e f g h", "i j k l m n o p");
    assert_eq!(overlap(&[one, two], &format!("{two} x {one}")).item, Some(0));
    assert_eq!(overlap(&[one, two], &format!("{two} x {one} x {two}")).item, Some(1));
}

#[test]
fn ideographs_are_words() {
    let found = overlap(&["水火木金土日月山川田"], "前水火木金土日月山川田後");
    assert_eq!((found.ngrams, found.spans), (1, vec![(3, 33)]));
}

#[test]
fn one_repeated_gram_over_a_long_text_is_one_span() {
    let text = "ha ".repeat(300_000);
    let found = overlap(&[&"ha ".repeat(40)], &text);
    assert_eq!((found.ngrams, found.spans), (300_000 - 12, vec![(0, text.len() - 1)]));
}

#[test]
fn a_collision_drops_nothing() {
    // A Thue-Morse word and its complement have one polynomial hash modulo 2^64, whatever the base.
    let morse = |flip: u32| (0..2048u32).map(|at| if (at.count_ones() + flip).is_multiple_of(2) { 'a' } else { 'b' }).collect::<String>();
    let text = |flip| format!("{} two three four five six seven eight", morse(flip));
    let (mut grams, mut words) = (grams(8, 8), Words::default());
    grams.add(&text(0)).unwrap();
    assert_eq!(grams.overlap(&text(0), &mut words).ngrams, 1);
    let hashes = words.hashes.clone();
    assert_eq!(grams.overlap(&text(1), &mut words).item, None);
    assert_eq!(words.hashes, hashes);
    // Both in one chain: each is found as its own item.
    grams.add(&text(1)).unwrap();
    assert_eq!(grams.overlap(&text(0), &mut words).item, Some(0));
    assert_eq!(grams.overlap(&text(1), &mut words).item, Some(1));
}

#[test]
fn templates_are_no_evidence() {
    let template = "read the following passage and answer the question below in one word";
    let mut grams = EvaluationGrams::new(GramRules { ngram: 13, shortest: 8, most_items: 2 });
    let mut words = Words::default();
    for (i, own) in ["alpha", "beta", "gamma"].iter().enumerate() {
        grams.add(&format!("{template} it is {own}")).unwrap();
        // A template that one item repeats is that item's own.
        grams.add(&format!("{own} {own} {own} {own} {own} {own} {own} {own}")).unwrap();
        assert_eq!(grams.overlap(template, &mut words).ngrams, 0, "shorter than a gram of a longer item");
        assert_eq!(grams.overlap(&format!("{template} it is what"), &mut words).ngrams, if i < 2 { 2 } else { 0 });
    }
    assert_eq!(grams.overlap(&format!("{template} it is gamma"), &mut words).item, Some(4));
}

fn cut(items: &[&str], text: &str) -> String {
    let mut out = Vec::new();
    EvaluationGrams::cut(text, &overlap(items, text).spans, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_cut_leaves_no_marks_of_its_own() {
    assert_eq!(cut(&[QUESTION], &format!("Before. {QUESTION} (After.)")), "Before. (After.)");
    assert_eq!(cut(&[QUESTION], &format!("Before.\n{QUESTION}\r\nAfter.")), "Before.\n\r\nAfter.");
    assert_eq!(cut(&[QUESTION], &format!("{QUESTION} {QUESTION}!?")), "");
    assert_eq!(cut(&["水火木金土日月山川田"], "前，水火木金土日月山川田。後"), "前，後");
    assert_eq!(cut(&[QUESTION], "Nothing of it."), "Nothing of it.");
}

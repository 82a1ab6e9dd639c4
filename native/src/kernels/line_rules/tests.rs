use proptest::prelude::*;

use super::*;

const OFF: Limits = Limits { min_words: f64::NAN, min_characters: f64::NAN, max_digits: f64::NAN, max_repeats: f64::NAN };
const NONE: Rules = Rules { phrases: 0, symbols: Symbols::Keep, pipes: false, javascript: false, longest: 200 };

fn phrases() -> Phrases {
    let groups =
        [&["read more"][..], &["# views", "page # of #"], &["* uses cookies *"], &["share on *"], &["log in"], &["* enable javascript *"]];
    Phrases::new(&groups.map(|group| group.iter().map(|&phrase| phrase.into()).collect())).unwrap()
}

fn cut(text: &str, rules: Rules, limits: Limits) -> (String, Vec<f64>) {
    let lists = [phrases()];
    let cut = LineCutter { rules, phrases: &lists }.cut(text.as_bytes(), &[0, text.len() as i32], &[0], |_| limits);
    assert_eq!(cut.bytes[0] as usize, text.len() - cut.text.values.len());
    assert_eq!(cut.left[0] > 0.0, !cut.text.values.trim_ascii().is_empty());
    (String::from_utf8(cut.text.values).unwrap(), cut.removed)
}

#[test]
fn every_kind_takes_its_lines_and_no_other() {
    let text = "The mill.\nRead more »\n1,234 views\nThis site uses cookies.\nShare on X\nLog in\nPlease enable JavaScript now\n";
    let all = Rules { phrases: PHRASE_KINDS, ..NONE };
    let (left, removed) = cut(text, all, OFF);
    assert_eq!(left, "The mill.\n");
    assert_eq!(removed[..6], [1.0; 6]);
    assert_eq!(cut(text, NONE, OFF).0, text);
    for (kind, line) in text.lines().skip(1).enumerate() {
        assert_eq!(cut(text, Rules { phrases: 1 << kind, ..NONE }, OFF).0, text.replace(&format!("{line}\n"), ""));
    }
}

#[test]
fn lines_without_words() {
    let separators = Rules { symbols: Symbols::Separators, ..NONE };
    assert_eq!(cut("a\n-----\n* * *\n}\n-\nb", separators, OFF).0, "a\n}\n-\nb");
    assert_eq!(cut("a\n-----\n{ }\n- b\n\nc", Rules { symbols: Symbols::All, ..NONE }, OFF).0, "a\n- b\n\nc");
    assert_eq!(cut("a | b\n| | |\n|\nc", Rules { pipes: true, ..NONE }, OFF).0, "a | b\nc");
    assert_eq!(cut("a\nUses javascript.\nc", Rules { javascript: true, ..NONE }, OFF).0, "a\nc");
}

#[test]
fn numerals_and_short_lines() {
    let numerals = Limits { max_digits: 0.9, ..OFF };
    assert_eq!(cut("1 | 195 | 170\n(1, 2, 3, 4, 5)", NONE, numerals).0, "1 | 195 | 170\n(1, 2, 3, 4, 5)");
    assert_eq!(cut("1848\n§ 12\n1.\n12 345 6\n2023-05-12 x\n10.05.2020\nend", NONE, numerals).0, "1848\n§ 12\n1.\n2023-05-12 x\nend");
    assert_eq!(cut("one\none two\n", NONE, Limits { min_words: 2.0, ..OFF }).0, "one two\n");
    assert_eq!(cut("äöü\näöüß\n", NONE, Limits { min_characters: 4.0, ..OFF }).0, "äöüß\n");
}

#[test]
fn repeats_in_a_row_and_the_blank_lines_between() {
    let twice = Limits { max_repeats: 2.0, ..OFF };
    assert_eq!(cut("}\n}\n}\n}", NONE, twice).0, "}\n}\n}\n}");
    assert_eq!(cut("a\na\na\n\na\nb\na", NONE, twice).0, "a\na\n\nb\na");
    let all = Rules { phrases: PHRASE_KINDS, ..NONE };
    assert_eq!(cut("a\n\nRead more\n\nb\n", all, OFF).0, "a\n\nb\n");
    assert_eq!(cut("Log in\n\na\n\nRead more\n\n", all, OFF).0, "a\n");
    assert_eq!(cut("a\n\n\nb\n\n", all, OFF).0, "a\n\n\nb\n\n");
    let (left, removed) = cut("Log in\n", all, OFF);
    assert_eq!((left.as_str(), removed[4]), ("", 1.0));
}

#[test]
fn hostile_texts_take_one_pass() {
    let all = Rules { phrases: PHRASE_KINDS, symbols: Symbols::All, pipes: true, javascript: true, longest: 200 };
    let limits = Limits { min_words: 2.0, min_characters: 3.0, max_digits: 0.9, max_repeats: 2.0 };
    for text in
        ["\n".repeat(10_000_000), "x".repeat(10_000_000), "j a\n".repeat(2_500_000), "|\n".repeat(5_000_000), "1 2 ".repeat(2_500_000)]
    {
        let started = std::time::Instant::now();
        cut(&text, all, limits);
        // 20 ms when alone: a square of it would be hours.
        assert!(started.elapsed().as_secs() < 20);
    }
}

fn line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "",
            " ",
            "The mill grinds.",
            "Read more",
            "12 views",
            "---",
            "* * *",
            "| |",
            "}",
            "12345 6",
            "x",
            "Log in",
            "Öl\r",
            "uses cookies",
            "share on",
        ][..],
    )
}

proptest! {
    #[test]
    fn what_is_left_are_lines_of_the_text_in_order_and_stays_so(
        lines in prop::collection::vec(line(), 0..30), ends in any::<bool>(), symbols in 0..3_u8, words in 0..3_u8, repeats in 0..3_u8, phrases in 0..64_u32
    ) {
        let text = lines.join("\n") + if ends { "\n" } else { "" };
        let symbols = [Symbols::Keep, Symbols::Separators, Symbols::All][symbols as usize];
        let rules = Rules { phrases, symbols, pipes: phrases % 2 == 0, javascript: false, longest: 200 };
        let off = |n: u8| if n == 0 { f64::NAN } else { f64::from(n) };
        let limits = Limits { min_words: off(words), max_repeats: off(repeats), max_digits: 0.9, ..OFF };
        let (left, _) = cut(&text, rules, limits);
        let mut rest = text.split_inclusive('\n');
        for line in left.split_inclusive('\n') {
            prop_assert!(rest.any(|other| other == line || other.strip_suffix('\n') == Some(line)), "{line:?} is no line of {text:?} at its place");
        }
        prop_assert_eq!(&cut(&left, rules, limits).0, &left);
    }
}

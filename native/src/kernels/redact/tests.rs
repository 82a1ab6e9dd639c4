use super::*;
use proptest::prelude::*;

fn words() -> Vec<Language> {
    let lists = [
        (context::PHONE, "Tel"),
        (context::CARD, "Karte"),
        (context::VAT, "USt-IdNr"),
        (context::NATIONAL, "BSN"),
        (context::NATIONAL, "SVNR"),
        (context::VERSION, "Version"),
        (context::ADDRESS, "IP"),
    ];
    let german = Language { words: ContextWords::new(lists.into_iter()), countries: vec!["de".into(), "at".into(), "nl".into()] };
    vec![german]
}

fn redactor(replace: Replace) -> Redactor {
    Redactor::new(Settings { replace, types: 0x7F, obfuscated: Obfuscated::Words }, words())
}

fn run(text: &str, replace: Replace) -> (String, [u32; COUNTS]) {
    let (mut out, mut counts) = (Vec::new(), [0; COUNTS]);
    redactor(replace).redact(text.as_bytes(), Some(0), &mut out, &mut counts);
    (String::from_utf8(out).unwrap(), counts)
}

fn tokens(text: &str) -> String {
    run(text, Replace::Tokens).0
}

#[test]
fn every_type_has_its_placeholder() {
    for (text, expected) in [
        ("Mail: max@firma.de.", "Mail: <|pii:email|>."),
        ("Host 8.8.8.8, 2a00:1450:4001:81b::200e.", "Host <|pii:ip|>, <|pii:ip|>."),
        ("IP 1.2.3.4, http://1.2.3.4/, 1.2.3.4:80 und 1.2.3.4/24", "IP <|pii:ip|>, http://<|pii:ip|>/, <|pii:ip|>:80 und <|pii:ip|>/24"),
        ("IBAN DE89 3704 0044 0532 0130 00 bei", "IBAN <|pii:iban|> bei"),
        ("IBAN: DE89\u{a0}3704\u{202f}0044\u{a0}0532\u{a0}0130\u{a0}00", "IBAN: <|pii:iban|>"),
        ("de89370400440532013000!", "<|pii:iban|>!"),
        ("(Tel. (030) 901820)", "(Tel. <|pii:phone|>)"),
        ("ruf +49 (0)30/90 18 20 an", "ruf <|pii:phone|> an"),
        ("0049 30 901820", "<|pii:phone|>"),
        ("Karte 4111 1111 1111 1111", "Karte <|pii:card|>"),
        ("378282246310005", "<|pii:card|>"),
        ("USt-IdNr.: DE 136695976", "USt-IdNr.: <|pii:vat|>"),
        ("DE136695976", "<|pii:vat|>"),
        ("BSN 111222333", "BSN <|pii:national-id|>"),
        ("111222333 (BSN)", "<|pii:national-id|> (BSN)"),
        ("Nr. 36 574 261 809", "Nr. <|pii:national-id|>"),
        ("RSS MRA 85T10 A562S", "<|pii:national-id|>"),
        ("RSSMRA85T10A562S", "<|pii:national-id|>"),
        ("131052-308T", "<|pii:national-id|>"),
    ] {
        assert_eq!(tokens(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_it_stays() {
    for text in [
        "Version 1.2.3.4 und § 1.2.3.4.5 sowie § 8.8.8.8",
        "Firefox/1.5.0.4, lib-1.2.3.4-5",
        "3.4.2.7 Dokumente, 115.0.1.2 und 40.33.12.63",
        "10.0.0.1 192.0.2.1 2001:db8::1 fe80::1",
        "111222333",           // a BSN without a word
        "4111 1111 1111 1111", // one of fifty random numbers passes
        "DE88 3704 0044 0532 0130 00",
        "030 901820 Stück",
        "ISBN 978-3-16-148410-0, 12.03.2019, 1.234.567,89",
        "email@example.org",
        "1990 1991 1992 1993 1994 1995 1996 1997",
        "x378282246310005",
        "3,14159265358979",
    ] {
        assert_eq!(tokens(text), text);
    }
}

#[test]
fn a_page_cannot_write_a_placeholder() {
    let (text, counts) = run("a <|pii:email|> b <|<|pii:pii:iban|> max@firma.de", Replace::Tokens);
    assert_eq!(text, "a <¦pii:email|> b <|<¦pii:pii:iban|> <|pii:email|>");
    assert_eq!((counts[0], counts[LITERALS]), (1, 2));
}

#[test]
fn documentation_values_belong_to_nobody() {
    let (text, _) = run(
        "max@firma.de 8.8.8.8 9.9.9.9 DE89 3704 0044 0532 0130 00, +49 30 901820, Tel. 030/901820, DE136695976, 131052-308T",
        Replace::Documentation,
    );
    assert_eq!(
        text,
        "email@example.org 192.0.2.1 198.51.100.1 DE36 0000 0000 0000 0000 00, +49 30 23125000, Tel. 030 23125000, XX000000000, 000000-000X"
    );
    assert_eq!(run(&text, Replace::Documentation), (text, [0; COUNTS]));
}

#[test]
fn types_that_are_not_wanted_stay() {
    let mut redactor =
        Redactor::new(Settings { replace: Replace::Tokens, types: 1 << Type::Iban as u32, obfuscated: Obfuscated::None }, words());
    let (mut out, mut counts) = (Vec::new(), [0; COUNTS]);
    let text = "max@firma.de 8.8.8.8 +49 30 901820 BSN 111222333";
    redactor.redact(text.as_bytes(), Some(0), &mut out, &mut counts);
    assert_eq!((out, counts), (text.as_bytes().to_vec(), [0; COUNTS]));
}

#[test]
fn json_keeps_its_syntax() {
    let (mut out, mut counts) = (Vec::new(), [0; COUNTS]);
    redactor(Replace::Tokens).redact_json(br#"{"mail":"\"max@firma.de\"","n":378282246310005}"#, Some(0), &mut out, &mut counts);
    assert_eq!(String::from_utf8(out).unwrap(), r#"{"mail":"\"<|pii:email|>\"","n":378282246310005}"#);
}

#[test]
fn rotation_begins_anew_in_every_text() {
    let mut out = Vec::new();
    assert_eq!(redact_like_datatrove(b"a@b.de, c@d.de, 8.8.8.8 .3.3.3.0 10.0.0.1", &mut out), (2, 2));
    assert_eq!(out, b"email@example.com, firstname.lastname@example.org, 22.214.171.124 .126.96.36.199 10.0.0.1");
}

/// Pieces of which identifiers are made, whole ones, and what stands between them.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "1",
        "12",
        "030",
        "901820",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "DE89",
        "3704",
        "8.8.8.8",
        "2a00::1",
        "::",
        ":",
        "Tel. ",
        "BSN",
        "SVNR ",
        "Karte",
        "max@firma.de",
        "@",
        "a.",
        "(at)",
        " at ",
        " dot ",
        "(",
        ")",
        "[",
        "]",
        "+49",
        "0049",
        "+",
        "-",
        "/",
        ".",
        ",",
        " ",
        "\u{a0}",
        "\n",
        "ä",
        "<|pii:",
        "|>",
        "<",
        "|",
        "111222333",
        "36574261809",
        "131052-308T",
        "000000000",
        "XX0000000",
        "email@example.org",
        "\"",
        "USt-IdNr",
        "DE136695976",
        "0",
        "00",
        "RSS",
        "MRA",
        "85T10",
        "A562S",
        "_",
        "Version ",
        "§ ",
        "192.0.2.1",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|parts| parts.concat())
}

/// Whole identifiers and words with something between them. (Glued together, what is left beside a fictional value may make
/// a number with it that was none before.)
fn identifiers() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "030 901820",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "8.8.8.8",
        "2a00::1",
        "Tel.",
        "BSN",
        "SVNR",
        "Karte",
        "max@firma.de",
        "max (at) firma.de",
        "+49 30 901820",
        "111222333",
        "36574261809",
        "131052-308T",
        "RSS MRA 85T10 A562S",
        "DE136695976",
        "USt-IdNr",
        "Version",
    ]);
    let mark = prop::sample::select(vec![", ", "; ", ": ", "\n", " (", ") "]);
    prop::collection::vec((piece, mark), 0..10).prop_map(|parts| parts.iter().flat_map(|(piece, mark)| [*piece, *mark]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn output_is_text_and_nothing_is_left(text in pieces()) {
        let (once, counts) = run(&text, Replace::Tokens);
        let (twice, again) = run(&once, Replace::Tokens);
        // The second time the placeholders are literals of the page; nothing else is found.
        prop_assert_eq!(&again[..LITERALS], &[0; LITERALS], "{} -> {} -> {}", text, once, twice);
        prop_assert_eq!(again[LITERALS], counts[..LITERALS].iter().sum::<u32>());
    }

    #[test]
    fn documentation_is_idempotent(text in identifiers()) {
        let (once, _) = run(&text, Replace::Documentation);
        let (twice, counts) = run(&once, Replace::Documentation);
        prop_assert_eq!(&once, &twice, "{}", text);
        prop_assert_eq!(counts, [0; COUNTS]);
    }

    #[test]
    fn text_without_candidates_is_unchanged(text in "[^0-9@<(\\[]{0,200}") {
        let text = text.replace(" at ", " ").replace(" ät ", " ").replace(" At ", " ").replace(" AT ", " ").replace(" aT ", " ");
        prop_assert_eq!(run(&text, Replace::Tokens), (text, [0; COUNTS]));
    }

    #[test]
    fn any_text_gives_text(text in "\\PC{0,100}") {
        run(&text, Replace::Tokens);
        run(&text, Replace::Documentation);
        let mut out = Vec::new();
        redact_like_datatrove(text.as_bytes(), &mut out);
        prop_assert!(String::from_utf8(out).is_ok());
    }
}

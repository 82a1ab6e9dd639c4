use proptest::prelude::*;

use super::*;

fn words(text: &str) -> Vec<&str> {
    words_of("", text)
}

fn words_of<'a>(language: &str, text: &'a str) -> Vec<&'a str> {
    Segmenter::default()
        .words(text.as_bytes(), Language::of(language))
        .iter()
        .map(|word| &text[word.start as usize..word.end as usize])
        .collect()
}

#[test]
fn punctuation_comes_off_both_ends_one_by_one() {
    assert_eq!(words("„Nein!“, rief sie (laut)."), ["„", "Nein", "!", "“", ",", "rief", "sie", "(", "laut", ")", "."]);
    assert_eq!(words("Wait... what?! $5 and 10%"), ["Wait", "...", "what", "?", "!", "$", "5", "and", "10", "%"]);
}

#[test]
fn what_belongs_together_stays() {
    assert_eq!(
        words("x,y. don't http://example.org/a-b,c z. B. J. 3,5 12.05.2020"),
        ["x", ",", "y.", "don't", "http://example.org/a-b,c", "z.", "B.", "J.", "3,5", "12.05.2020"]
    );
}

#[test]
fn infixes_and_units_are_words() {
    assert_eq!(
        words("e-mail end.Next 10km a,b x/y 1990-1995 the dog's"),
        ["e", "-", "mail", "end", ".", "Next", "10", "km", "a", ",", "b", "x", "/", "y", "1990", "-", "1995", "the", "dog", "'s"]
    );
}

#[test]
fn white_space_is_that_of_python() {
    assert_eq!(words("a\u{A0}b\u{2003}c\u{1F}d\u{85}e\u{200B}f"), ["a", "b", "c", "d", "e\u{200B}f"]);
    assert!(words(" \n\t\u{3000}").is_empty());
}

#[test]
fn marks_of_a_word() {
    let mut segmenter = Segmenter::default();
    let words = segmenter.words("Öl — 12 №".as_bytes(), Language::BASE);
    let marks: Vec<_> = words.iter().map(|word| (word.chars, word.counts, word.alphabetic)).collect();
    assert_eq!(marks, [(2, true, true), (1, false, false), (2, true, false), (1, true, false)]);
}

#[test]
fn languages_have_their_own_words() {
    assert_eq!(words_of("de", "z.B. Müller’s E-Mail a/b ''"), ["z.B.", "Müller", "’s", "E-Mail", "a", "/", "b", "''"]);
    assert_eq!(words_of("en", "don't cannot e-mail"), ["do", "n't", "can", "not", "e", "-", "mail"]);
    assert_eq!(words_of("fr", "l'homme dit-il aujourd'hui arc-en-ciel"), ["l'", "homme", "dit", "-il", "aujourd'hui", "arc-en-ciel"]);
    assert_eq!(words_of("it", "l'uomo nell’acqua '68"), ["l'", "uomo", "nell’", "acqua", "'68"]);
    assert_eq!(words_of("ro", "într-un dă-mi-l"), ["într-", "un", "dă", "-mi", "-l"]);
    assert_eq!(words_of("hu", "1990-ben 12:30-kor"), ["1990-ben", "12:30-kor"]);
    assert_eq!(words_of("el", "πρώτος-δεύτερος 15/2/17"), ["πρώτος-δεύτερος", "15/2/17"]);
    assert_eq!(words_of("pt", "guarda-chuva R$ 5"), ["guarda-chuva", "R$", "5"]);
    assert_eq!(words_of("nn", "kl. 5"), words_of("nb", "kl. 5"));
    assert_eq!(words_of("mt", "il-kelb f'dar ta' l-omm 'l hawn"), ["il-", "kelb", "f'", "dar", "ta'", "l-", "omm", "'l", "hawn"]);
    assert_eq!(words_of("el", "Μ. Ασία και"), ["Μ. Ασία", "και"]);
}

/// Chunks of a megabyte that a tokenizer with backtracking reads again for each of their characters: then this takes hours.
#[test]
fn hostile_chunks_are_read_once() {
    let pieces = [".", "-", "'", "(", "a.", "a-", "1,", "a@b.", "…", "l'", "1-1.", "*", "://", "+1", "1.", "1+"];
    let codes = ["el", "fr", "hu", "pt", "ru", "tr", "sl", "pl", "ca", "it", "", "mt"];
    for (i, piece) in pieces.into_iter().enumerate() {
        for (code, tail) in [(codes[i % codes.len()], ","), (codes[(i + 5) % codes.len()], "'")] {
            let text = format!("{}{}", piece.repeat(500_000 / piece.len()), tail.repeat(500_000));
            let mut segmenter = Segmenter::default();
            let words = segmenter.words(text.as_bytes(), Language::of(code));
            assert_eq!(words.iter().map(|word| (word.end - word.start) as usize).sum::<usize>(), text.len());
        }
    }
}

proptest! {
    #[test]
    fn words_are_all_that_is_not_white_space(
        text in "\\PC{0,60}([ \n\t.,'’-]|[a-zA-Zäß0-9]|\\PC){0,80}",
        code in prop::sample::select(vec!["", "de", "en", "fr", "it", "el", "hu", "tr", "ro", "sl", "pl", "pt", "ca", "nb", "lb", "bg", "mt"]),
    ) {
        let bytes = text.as_bytes();
        let mut segmenter = Segmenter::default();
        let mut joined = Vec::new();
        let mut end = 0;
        for word in segmenter.words(bytes, Language::of(code)) {
            prop_assert!(end <= word.start && word.start < word.end);
            end = word.end;
            let word_text = std::str::from_utf8(&bytes[word.start as usize..word.end as usize]).unwrap();
            prop_assert_eq!(word_text.chars().count(), word.chars as usize);
            joined.extend_from_slice(word_text.as_bytes());
        }
        let classes = classes();
        let expected: String = text.chars().filter(|&c| classes.of(u32::from(c)) & SPACE == 0).collect();
        prop_assert_eq!(String::from_utf8(joined).unwrap(), expected);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        Segmenter::default().words(&bytes, Language::BASE);
    }
}

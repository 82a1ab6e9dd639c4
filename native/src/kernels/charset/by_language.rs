//! The encoding of a page whose language is known: of the encodings in which that language was written, the one that turns the
//! bytes into its letters. A detector that must tell all languages apart has less to go by, and takes Polish in ISO 8859-2
//! for Slovene, or short Estonian pages for German.

use encoding_rs::{
    Encoding, IBM866, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_7, ISO_8859_13, ISO_8859_15, ISO_8859_16, KOI8_R, KOI8_U,
    MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257, X_MAC_CYRILLIC,
};

type Encodings = &'static [&'static Encoding];

const WEST: Encodings = &[WINDOWS_1252, ISO_8859_15, MACINTOSH];
const CENTRE: Encodings = &[WINDOWS_1250, ISO_8859_2, ISO_8859_16];
const BALTIC: Encodings = &[WINDOWS_1257, ISO_8859_13, ISO_8859_4];
const CYRILLIC: Encodings = &[WINDOWS_1251, KOI8_U, KOI8_R, ISO_8859_5, X_MAC_CYRILLIC, IBM866];
const GREEK: Encodings = &[WINDOWS_1253, ISO_8859_7];

/// Language, the lower-case letters that it has outside ASCII, its encodings: of equals the first wins.
const LANGUAGES: &[(&str, &str, Encodings)] = &[
    ("be", "абвгдеёжзійклмнопрстуўфхцчшыьэюя", CYRILLIC),
    ("bg", "абвгдежзийклмнопрстуфхцчшщъьюя", CYRILLIC),
    ("bs", "čćđšž", CENTRE),
    ("ca", "àçèéíïòóúü", WEST),
    ("cs", "áčďéěíňóřšťúůýž", CENTRE),
    ("da", "æøåéä", WEST),
    ("de", "äöüßé", WEST),
    ("el", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", GREEK),
    ("es", "áéíñóúü", WEST),
    ("et", "äöõüšž", &[WINDOWS_1257, WINDOWS_1252, ISO_8859_13, ISO_8859_15, ISO_8859_4]),
    ("eu", "ñüç", WEST),
    ("fi", "äöåšž", WEST),
    ("fr", "àâæçéèêëîïôœùûüÿ", WEST),
    ("ga", "áéíóú", WEST),
    ("gl", "áéíñóúü", WEST),
    ("hr", "čćđšž", CENTRE),
    ("hu", "áéíóöőúüű", CENTRE),
    ("is", "áðéíóúýþæö", WEST),
    ("it", "àèéìíîòóùú", WEST),
    ("lt", "ąčęėįšųūž", BALTIC),
    ("lv", "āčēģīķļņšūžŗō", BALTIC),
    ("mk", "абвгдѓежзѕијклљмнњопрстќуфхцчџш", CYRILLIC),
    ("mt", "àċèġħìòùż", &[ISO_8859_3, WINDOWS_1252]),
    ("nl", "áäéèëïíóöúü", WEST),
    ("no", "æøåéôòä", WEST),
    ("pl", "ąćęłńóśźż", CENTRE),
    ("pt", "áâãàçéêíóôõúü", WEST),
    ("ro", "ăâîşţșț", CENTRE),
    ("ru", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", CYRILLIC),
    ("sk", "áäčďéíĺľňóôŕšťúýž", CENTRE),
    ("sl", "čšžćđ", CENTRE),
    ("sq", "ëç", &[WINDOWS_1252, WINDOWS_1250, ISO_8859_2]),
    ("sr", "абвгдђежзијклљмнњопрстћуфхцчџшčćđšž", &[WINDOWS_1251, WINDOWS_1250, ISO_8859_5, ISO_8859_2, ISO_8859_16, X_MAC_CYRILLIC]),
    ("sv", "åäöé", WEST),
    ("tr", "âçğıiîöşüû", &[WINDOWS_1254]),
    ("uk", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", CYRILLIC),
];

/// Countries whose pages are in one language, where that is not the domain's own name.
const DOMAINS: &[(&str, &str)] = &[
    ("al", "sq"),
    ("at", "de"),
    ("ba", "bs"),
    ("br", "pt"),
    ("by", "be"),
    ("cat", "ca"),
    ("cz", "cs"),
    ("de", "de"),
    ("dk", "da"),
    ("ee", "et"),
    ("gr", "el"),
    ("mx", "es"),
    ("rs", "sr"),
    ("se", "sv"),
    ("si", "sl"),
    ("ua", "uk"),
    ("va", "it"),
];

/// Bytes that are read: enough for a verdict, and the time of eight decodings stays small.
const SAMPLE: usize = 64 * 1024;

/// The language code before a hyphen, if the table knows it.
fn language(tag: &str) -> Option<&'static (&'static str, &'static str, Encodings)> {
    let code = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let code = match code.as_str() {
        "nb" | "nn" => "no",
        "cnr" | "sh" => "sr",
        code => code,
    };
    LANGUAGES.iter().find(|(name, ..)| *name == code)
}

/// The language of a host's country.
pub fn language_of_domain(domain: &str) -> Option<&'static str> {
    let own = || {
        LANGUAGES.iter().map(|(name, ..)| *name).find(|name| {
            *name == domain
                && !matches!(domain, "be" | "ca" | "et" | "ga" | "sq" | "sr" | "sl" | "el" | "da" | "cs" | "uk" | "sv" | "gl" | "eu")
        })
    };
    DOMAINS.iter().find(|(name, _)| *name == domain).map(|(_, language)| *language).or_else(own)
}

/// How well bytes fit: letters of the language, and characters that no text of it has.
#[derive(Clone, Copy, Debug)]
struct Fit {
    good: u32,
    bad: u32,
}

impl Fit {
    fn score(self) -> i64 {
        i64::from(self.good) - 3 * i64::from(self.bad)
    }

    /// Nine of ten are letters of the language.
    fn is_convincing(self) -> bool {
        self.good > 0 && self.bad * 9 <= self.good
    }
}

fn fit(bytes: &[u8], encoding: &'static Encoding, letters: &str) -> Fit {
    let text = encoding.decode_without_bom_handling(bytes).0;
    let mut fit = Fit { good: 0, bad: 0 };
    let (mut before_is_letter, mut before_is_lower) = (false, false);
    let mut symbol = false;
    let mut before = ' ';
    for character in text.chars() {
        let is_letter = character.is_alphabetic();
        // A sign inside a word: `³` in Polish read as Western.
        fit.bad += u32::from(symbol && is_letter);
        symbol = false;
        // Latin in Cyrillic or Greek words: Serbian in Windows-1250 read as Windows-1251.
        let mixed = |one: char, other: char| one.is_ascii_alphabetic() && other >= '\u{370}' && other.is_alphabetic();
        fit.bad += u32::from(mixed(before, character) || mixed(character, before));
        before = character;
        if !character.is_ascii() {
            if is_letter {
                let lower = character.to_lowercase().next().unwrap_or(character);
                // KOI8 read as Windows is all Cyrillic, in the wrong case.
                let swapped = before_is_lower && character.is_uppercase();
                let good = letters.contains(lower) && !swapped;
                fit.good += u32::from(good);
                fit.bad += u32::from(!good);
            } else if character.is_control() || character == '\u{fffd}' {
                fit.bad += 1;
            } else {
                symbol = before_is_letter
                    && !matches!(
                        character,
                        '\u{a0}'
                            | '\u{ad}'
                            | '’'
                            | '‘'
                            | '·'
                            | '–'
                            | '—'
                            | '…'
                            | '/'
                            | '“'
                            | '”'
                            | '»'
                            | '«'
                            | '„'
                            | '™'
                            | '®'
                            | '°'
                            | '´'
                            | '€'
                    );
            }
        }
        before_is_letter = is_letter;
        before_is_lower = is_letter && character.is_lowercase();
    }
    fit
}

/// The encoding that makes the bytes text of a language; none where none does so convincingly.
pub fn find(bytes: &[u8], tag: &str) -> Option<&'static Encoding> {
    let (_, letters, encodings) = language(tag)?;
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let mut best: Option<(&'static Encoding, Fit)> = None;
    for encoding in *encodings {
        let fit = fit(sample, encoding, letters);
        if best.is_none_or(|(_, known)| fit.score() > known.score()) {
            best = Some((encoding, fit));
        }
    }
    best.filter(|(_, fit)| fit.is_convincing()).map(|(encoding, _)| encoding)
}

/// Text in this encoding would not be of the language: over a tenth of its letters outside ASCII are foreign to it.
pub fn contradicts(bytes: &[u8], encoding: &'static Encoding, tag: &str) -> bool {
    let Some((_, letters, _)) = language(tag) else { return false };
    let fit = fit(&bytes[..bytes.len().min(SAMPLE)], encoding, letters);
    !fit.is_convincing()
}

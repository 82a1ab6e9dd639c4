use super::*;

fn decode<'a>(bytes: &'a [u8], content_type: &[u8]) -> Decoded<'a> {
    super::decode(bytes, content_type, b"")
}

use encoding_rs::{GBK, ISO_8859_2, ISO_8859_5, KOI8_R, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1253, WINDOWS_1257};
use proptest::prelude::*;

const POLISH: &str = "Zażółć gęślą jaźń. Młyn stoi nad rzeką od czterystu lat, a młynarz zna każdy kamień i każdą ścieżkę wokół.";
const BULGARIAN: &str = "Мелницата стои край реката от четиристотин години и мелничарят познава всеки камък по пътя.";
const GREEK: &str = "Ο μύλος στέκεται δίπλα στο ποτάμι εδώ και τετρακόσια χρόνια και ο μυλωνάς ξέρει κάθε πέτρα.";
const LITHUANIAN: &str =
    "Malūnas prie upės stovi jau keturis šimtus metų, o malūnininkas pažįsta kiekvieną akmenį. Žąsys, ėriukai ir šunys.";
const UKRAINIAN: &str = "Млин стоїть біля річки вже чотириста років, і мельник знає кожен камінь та кожну стежку. Її ґанок.";
const ROMANIAN: &str = "Moara stă lângă râu de patru sute de ani, iar morarul ştie fiecare piatră şi ţine minte tot. Încă.";

fn encoded(label: &str, text: &str) -> Vec<u8> {
    let encoding = Encoding::for_label(label.as_bytes()).unwrap();
    let (bytes, used, lossy) = encoding.encode(text);
    assert!(!lossy && used == encoding, "{label} cannot hold the sample");
    bytes.into_owned()
}

/// The same page with its encoding in the header, in a meta, in http-equiv.
fn declared_everywhere(label: &str, text: &str) {
    let page = |head: &str| [head.as_bytes(), b"<p>", &encoded(label, text)].concat();
    let wanted = format!("<p>{text}");
    let header = format!("text/html; Charset=\"{label}\"");
    assert_eq!(decode(&page(""), header.as_bytes()).text, wanted, "{label} in the header");
    for head in [
        format!("<!-- <meta charset=utf-8> --><meta charset='{label}'>"),
        format!("<META HTTP-EQUIV=\"Content-Type\" content=\"text/html; charset={label}\">"),
        format!("<?xml version=\"1.0\" encoding=\"{label}\"?>"),
        format!("{}<meta charset={label}>", " ".repeat(1500)),
    ] {
        assert_eq!(decode(&page(&head), b"text/html").text, format!("{head}{wanted}"), "{label} in {head}");
    }
}

#[test]
fn declared_encodings_of_europe() {
    for (label, text) in [
        ("windows-1250", POLISH),
        ("iso-8859-2", POLISH),
        ("windows-1251", BULGARIAN),
        ("iso-8859-5", BULGARIAN),
        ("koi8-r", "Мельница стоит у реки четыреста лет."),
        ("koi8-u", UKRAINIAN),
        ("windows-1253", GREEK),
        ("iso-8859-7", GREEK),
        ("windows-1257", LITHUANIAN),
        ("iso-8859-13", LITHUANIAN),
        ("windows-1254", "Değirmen ırmağın kıyısında dört yüz yıldır duruyor, şu taşlar."),
        ("iso-8859-15", "Le cœur de l’été coûte 5 €.".replace('’', "'").as_str()),
        ("iso-8859-16", "Moara știe țărâna. 5 €"),
        ("iso-8859-3", "Il-mitħna ilha ħdejn ix-xmara għal erba' mitt sena, żmien twil ġewwa ċ-ċirku."),
        ("windows-1252", "Die Mühle – „seit 400 Jahren“ – kostet 5 €."),
    ] {
        declared_everywhere(label, text);
    }
}

#[test]
fn undeclared_encodings_are_found() {
    for (encoding, language, text) in [
        (WINDOWS_1250, "pl", POLISH),
        (ISO_8859_2, "pl", POLISH),
        (WINDOWS_1250, "ro", ROMANIAN),
        (WINDOWS_1251, "bg", BULGARIAN),
        (WINDOWS_1253, "el", GREEK),
        (WINDOWS_1257, "lt", LITHUANIAN),
        (KOI8_R, "ru", "Мельница стоит у реки четыреста лет, и мельник знает каждый камень."),
        (ISO_8859_5, "ru", "Мельница стоит у реки четыреста лет, и мельник знает каждый камень."),
        (WINDOWS_1252, "de", "Die Mühle steht seit vierhundert Jahren am Fluß, und der Müller weiß alles über Körner."),
    ] {
        let page = [format!("<html lang={language}><p>").as_bytes(), &encoded(encoding.name(), text)].concat();
        assert!(
            decode(&page, b"").text.ends_with(text),
            "{} of {language} read as {}",
            encoding.name(),
            decode(&page, b"").encoding.name()
        );
    }
}

#[test]
fn a_mark_beats_every_declaration() {
    for (mark, label) in [(&b"\xFF\xFE"[..], "utf-16le"), (b"\xFE\xFF", "utf-16be")] {
        let units: Vec<u8> =
            POLISH.encode_utf16().flat_map(|unit| if label == "utf-16le" { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
        assert_eq!(decode(&[mark, &units].concat(), b"text/html; charset=koi8-r").text, POLISH);
    }
    let marked = ["\u{feff}<meta charset=windows-1250>", POLISH].concat();
    assert!(decode(marked.as_bytes(), b"").text.starts_with("<meta"));
    let unmarked: Vec<u8> = "<p>młyn".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&unmarked, b"").text, "<p>młyn");
    assert_eq!(decode(&unmarked[2..], b"text/html; charset=utf-16le").text, "p>młyn");
}

#[test]
fn the_bytes_beat_a_wrong_declaration() {
    assert_eq!(decode(POLISH.as_bytes(), b"text/html; charset=iso-8859-1").text, POLISH);
    let page = [b"<meta charset=utf-8><html lang=pl><p>", encoded("windows-1250", POLISH).as_slice()].concat();
    assert!(decode(&page, b"text/html; charset=utf-8").text.ends_with(POLISH));
    // The server's default against the page's own word, both ways.
    let page = [b"<meta charset=windows-1251>", encoded("windows-1251", BULGARIAN).as_slice()].concat();
    assert!(decode(&page, b"text/html; charset=iso-8859-1").text.ends_with(BULGARIAN));
    let page = [b"<meta charset=iso-8859-1>", encoded("windows-1251", BULGARIAN).as_slice()].concat();
    assert!(decode(&page, b"text/html; charset=windows-1251").text.ends_with(BULGARIAN));
}

#[test]
fn a_torn_page_stays_utf8() {
    let cut = &GREEK.as_bytes()[..GREEK.len() - 2];
    let torn = [cut, b"\xCF"].concat();
    assert!(decode(&torn, b"text/html; charset=utf-8").text.ends_with('\u{fffd}'));
    assert!(decode(&torn, b"").text.starts_with("Ο μύλος"));
    let broken = [POLISH.repeat(3).as_bytes(), b"\xE9", POLISH.as_bytes()].concat();
    assert_eq!(decode(&broken, b"").encoding, UTF_8);
}

#[test]
fn other_scripts_by_label() {
    for (encoding, text) in [(SHIFT_JIS, "水車は川のそばにある"), (GBK, "磨坊在河边")] {
        let name = encoding.name();
        assert_eq!(decode(&encoded(name, text), format!("text/html;charset={name}").as_bytes()).text, text);
    }
    let page = b"\x1B$B?e<V\x1B(B";
    assert_eq!(decode(page, b"text/html; charset=iso-2022-jp").text, "水車");
    assert_eq!(decode(page, b"text/html; charset=utf-8").text, "\u{1b}$B?e<V\u{1b}(B");
}

#[test]
fn labels_in_unlikely_places() {
    for declaration in
        ["<meta name=x content='charset=koi8-r'>", "<p>charset=koi8-r</p>", "<meta charset=no-such-label>", "<metacharset=koi8-r>"]
    {
        assert_eq!(declared_charset(declaration.as_bytes()), None, "{declaration}");
    }
    assert_eq!(declared_charset(b"<meta charset=utf-16>"), Some(UTF_8));
    assert_eq!(header_charset(b"text/html; charset=x-user-defined"), Some(WINDOWS_1252));
    assert_eq!(header_charset(b"text/html; charset = utf-8 ; x=y"), Some(UTF_8));
}

proptest! {
    #[test]
    fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..600), header in "(text/html)?(; ?charset=\"?[a-z0-9-]{0,12})?") {
        let decoded = decode(&bytes, header.as_bytes());
        prop_assert!(decoded.text.len() <= bytes.len() * 3);
    }
}

#[test]
fn the_country_and_the_language_find_the_encoding() {
    let short = "Ilmavirna õhu käes, küla ääres. Žanr on šokk.";
    for (label, url, text) in [
        ("iso-8859-2", "https://a.example.pl/x", "Źle się dzieje, mówią młynarze."),
        ("windows-1250", "http://www.a.cz:8080", "Příliš žluťoučký kůň."),
        ("koi8-u", "https://a.ua/", "Млин стоїть біля річки."),
        ("x-mac-cyrillic", "https://a.bg/", BULGARIAN),
        ("iso-8859-4", "https://a.ee/", short),
        ("iso-8859-13", "https://a.lt/", LITHUANIAN),
        ("macintosh", "https://a.de/", "Die Mühle hört nie auf. Größe!"),
    ] {
        let page = [b"<p>", encoded(label, text).as_slice()].concat();
        assert_eq!(super::decode(&page, b"", url.as_bytes()).text, format!("<p>{text}"), "{label}");
    }
    let page = [b"<html lang=pl><meta charset=iso-8859-1><p>", encoded("windows-1250", POLISH).as_slice()].concat();
    assert!(decode(&page, b"").text.ends_with(POLISH));
    let page = [b"<html lang=en><p>", encoded("windows-1252", "Caf\u{e9} Z\u{fc}rich").as_slice()].concat();
    assert_eq!(decode(&page, b"").encoding, WINDOWS_1252);
    // Hosts that chardetng would refuse.
    for url in ["", "x", "https://", "https://127.0.0.1/", "https://a.xn--p1ai/", "https://A.PL/"] {
        super::decode(&page, b"", url.as_bytes());
    }
}

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn list(holds: Holds, entries: &[&str]) -> Source {
    Source { list: ListFile::Entries(entries.iter().map(|&entry| entry.into()).collect()), holds }
}

fn judge(blocklist: &Blocklist, url: &str) -> Found {
    blocklist.judge(url.as_bytes(), &mut Scratch::default())
}

const DOMAIN: Found = Found { domain: true, sub_domain: false, url: false, words: 0, soft_words: 0, sub_word: false };
const SUB: Found = Found { domain: false, sub_domain: true, ..DOMAIN };
const NOTHING: Found = Found { domain: false, ..DOMAIN };

#[test]
fn a_listed_domain_blocks_what_lies_below_it() {
    let blocklist = Blocklist::read(
        Mode::Quern,
        &[list(
            Holds::Domains,
            &[
                "bad.com",
                "*.worse.org",
                "ads.fine.eu",
                "co.uk",
                "0.0.0.0 hosts.net www.hosts.net # note",
                "127.0.0.1 localhost",
                "müller.de",
            ],
        )],
    )
    .unwrap();
    for url in [
        "http://bad.com",
        "https://www.BAD.com:443/x",
        "a.b.bad.com./",
        "http://u@worse.org",
        "http://hosts.net",
        "http://x.xn--mller-kva.de/",
        "http://MÜLLER.de",
    ] {
        assert_eq!(judge(&blocklist, url), DOMAIN, "{url}");
    }
    assert_eq!(judge(&blocklist, "http://ads.fine.eu/"), SUB);
    assert_eq!(judge(&blocklist, "http://x.ads.fine.eu/"), SUB);
    for url in [
        "http://notbad.com",
        "http://fine.eu",
        "http://bad.com.fine.eu",
        "http://a.co.uk",
        "http://localhost/",
        "http://fine.eu/bad.com",
        "http://bad.cmo",
    ] {
        assert_eq!(judge(&blocklist, url), NOTHING, "{url}");
    }
}

#[test]
fn datatrove_compares_registered_domain_and_host() {
    let blocklist = Blocklist::read(Mode::Datatrove, &[list(Holds::Domains, &["bad.com", "ads.fine.eu", "10.0.0.1"])]).unwrap();
    assert_eq!(judge(&blocklist, "http://www.bad.com/"), DOMAIN);
    assert_eq!(judge(&blocklist, "http://bad.com"), Found { sub_domain: true, ..DOMAIN });
    assert_eq!(judge(&blocklist, "https://ads.fine.eu/"), SUB);
    for url in ["http://x.ads.fine.eu/", "http://fine.eu", "http://bad.cmo", "http://BAD.com", "http://10.0.0.1/"] {
        assert_eq!(judge(&blocklist, url), NOTHING, "{url}");
    }
}

#[test]
fn words_are_parts_of_the_address() {
    let lists = [
        list(Holds::Words, &["poker", "hot stuff"]),
        list(Holds::SoftWords, &["win", "play", "cash"]),
        list(Holds::SubWords, &["casinobonus"]),
    ];
    let blocklist = Blocklist::read(Mode::Quern, &lists).unwrap();
    assert_eq!(judge(&blocklist, "http://a.com/Poker-night/poker").words, 1);
    assert_eq!(judge(&blocklist, "http://a.com/hotstuff").words, 1);
    assert_eq!(judge(&blocklist, "http://pokernight.com/").words, 0);
    assert_eq!(judge(&blocklist, "http://win.com/play?win=1").soft_words, 2);
    assert!(judge(&blocklist, "http://a.com/casino-Bonus/").sub_word);
    let theirs = Blocklist::read(Mode::Datatrove, &lists).unwrap();
    assert_eq!(judge(&theirs, "http://a.com/Poker").words, 0);
}

#[test]
fn addresses_are_the_same_without_scheme_and_slash() {
    let urls = [list(Holds::Urls, &["http://a.com/x", "b.com/y/"])];
    let blocklist = Blocklist::read(Mode::Quern, &urls).unwrap();
    for url in ["http://a.com/x", "https://A.com/x/#top", "http://b.com/y"] {
        assert!(judge(&blocklist, url).url, "{url}");
    }
    assert!(!judge(&blocklist, "http://a.com/x/z").url && !judge(&blocklist, "http://a.com/X").url);
    assert!(!judge(&Blocklist::read(Mode::Datatrove, &urls).unwrap(), "https://a.com/x").url);
}

#[test]
fn files_are_plain_or_packed_and_damage_is_told() {
    let folder = std::env::temp_dir().join(format!("quern-blocklist-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let read = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        Blocklist::read(Mode::Quern, &[Source { list: ListFile::Path(path.to_string_lossy().into()), holds: Holds::Domains }])
    };
    let text = b"# a list\nbad.com\r\n\nworse.org";
    assert_eq!(read("plain", text).unwrap().sizes()[0], 2);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(read("packed", &packed).unwrap().sizes()[0], 2);
    assert!(read("cut", &packed[..packed.len() - 9]).is_err());
    assert!(read("one-line", &vec![b'x'; 1 << 20]).is_err());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_million_domains_are_found() {
    let names: Vec<String> = (0..1_000_000).map(|i| format!("site{i}.com")).collect();
    let blocklist = Blocklist::read(Mode::Quern, &[Source { list: ListFile::Entries(names), holds: Holds::Domains }]).unwrap();
    assert_eq!(blocklist.sizes()[0], 1_000_000);
    assert_eq!(judge(&blocklist, "http://www.site999999.com/"), DOMAIN);
    assert_eq!(judge(&blocklist, "http://www.site1000000.com/"), NOTHING);
}

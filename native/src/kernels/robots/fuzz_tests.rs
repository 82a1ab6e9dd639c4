//! Files made of pieces of real ones, and files made to cost time: a fixed number of them, the same each time.
//! `QUERN_FUZZ_FILES` sets another number, for a machine that is idle.

use std::cell::Cell;

use super::{MAX_BYTES, Robots};

/// Files of one run; a fraction of a second.
const FILES: usize = 20_000;

thread_local! {
    static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
}

/// Octets of target and pattern that one comparison may look at: `Pattern::matches` tells.
pub(super) fn looked_at(octets: usize) {
    LOOKED_AT.set(LOOKED_AT.get() + octets);
}

/// xorshift64*: the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }

    fn of<'a>(&mut self, choices: &[&'a [u8]]) -> &'a [u8] {
        choices[self.below(choices.len())]
    }
}

/// Lines of the published cases, and their paths.
fn seeds() -> (Vec<&'static [u8]>, Vec<&'static [u8]>) {
    let tables = [include_str!("tests/google.txt"), include_str!("tests/crawler_commons.txt"), include_str!("tests/rfc.txt")];
    let mut lines = Vec::new();
    let mut paths = Vec::new();
    for line in tables.iter().flat_map(|table| table.lines()) {
        match line.as_bytes().first() {
            Some(b'|') => lines.push(line[1..].trim_start().as_bytes()),
            Some(b'+' | b'-') => paths.push(line.rsplit(' ').next().unwrap_or_default().as_bytes()),
            _ => {}
        }
    }
    (lines, paths)
}

const ENDS: [&[u8]; 6] = [b"\n", b"\r\n", b"\r", b"\n\n", b" \n", b""];
const STRANGE: [&[u8]; 14] =
    [b"*", b"$", b"%", b"%2", b"%2A", b"%00", b"\0", b"\xff", b"\xef\xbb\xbf", b":", b"#", b"User-agent: *", b"Crawl-delay: 1e309", b"/"];

fn file(chance: &mut Chance, lines: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if chance.below(40) == 0 {
        bytes.extend_from_slice(chance.of(&[b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xef"]));
    }
    for _ in 0..chance.below(24) {
        bytes.extend_from_slice(chance.of(lines));
        bytes.extend_from_slice(chance.of(&ENDS));
    }
    for _ in 0..chance.below(6) {
        let at = chance.below(bytes.len() + 1);
        match chance.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.splice(at..at, chance.of(&STRANGE).iter().copied()).for_each(drop),
            2 => bytes.splice(at..at, chance.of(lines).iter().copied()).for_each(drop),
            _ if at < bytes.len() => bytes[at] = chance.below(256) as u8,
            _ => {}
        }
    }
    bytes
}

#[test]
fn any_file_has_one_meaning() {
    let files = std::env::var("QUERN_FUZZ_FILES").ok().and_then(|files| files.parse().ok()).unwrap_or(FILES);
    let (lines, paths) = seeds();
    assert!(lines.len() > 300 && paths.len() > 250, "{} lines, {} paths", lines.len(), paths.len());
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for number in 0..files {
        let bytes = file(&mut chance, &lines);
        let path = chance.of(&paths);
        let robots = Robots::parse(&bytes);
        let what = || format!("file {number}: {:?} asked for {:?}", String::from_utf8_lossy(&bytes), String::from_utf8_lossy(path));
        let decisions = robots.decisions(path);
        let last = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u32 + 1;
        for (agent, decided) in robots.agents().zip(&decisions) {
            let answer = robots.allowed(&agent.to_ascii_uppercase(), path);
            assert_eq!(answer, *decided, "{} of {agent}", what());
            assert!(answer.line <= last || bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff"), "{}", what());
            assert_eq!(answer.line > 0, robots.text_of(answer.line).is_some(), "{}", what());
            assert!(robots.crawl_delay(agent).is_none_or(f64::is_finite), "{}", what());
            assert!(robots.allowed(agent, b"/robots.txt").allowed, "{}", what());
        }
        let ruled: usize = robots.rulings(path).iter().map(|(_, agents)| agents.len()).sum();
        assert_eq!(ruled, decisions.len(), "{}", what());
        // Nobody who is not named is treated otherwise than the star, and a comment at the end changes nothing.
        assert_eq!(robots.allowed("nobody-at-all", path), robots.allowed("*", path), "{}", what());
        if !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") {
            let longer = [&bytes[..], b"\n# the end"].concat();
            assert_eq!(Robots::parse(&longer).decisions(path), decisions, "{}", what());
        }
    }
}

/// Twice the file, twice the work; a target costs each rule of the agent's groups once.
#[test]
fn hostile_files_cost_what_they_are_long() {
    let target = [b"/", &b"ab".repeat(4_000)[..]].concat();
    let shapes: [(&str, &str, &str); 9] = [
        ("stars", "User-agent: *\nDisallow: /", "a*"),
        ("stars and an end", "User-agent: *\nDisallow: /$", "*b"),
        ("rules", "User-agent: *\n", "Disallow: *ab*b\n"),
        ("rules for many", "", "User-agent: a\nUser-agent: *\nDisallow: /b*\n"),
        ("groups of one", "", "User-agent: *\nDisallow: /*$\n"),
        ("escapes", "User-agent: *\n", "Disallow: /%61%62*%\n"),
        ("agents and delays", "", "User-agent: a\n"),
        ("delays", "User-agent: a\nUser-agent: *\n", "Crawl-delay: 1\n"),
        ("other lines", "User-agent: *\n", "x: y\n"),
    ];
    for (name, head, shape) in shapes {
        let cost = |bytes: usize| {
            let text = format!("{head}{}", shape.repeat(bytes / shape.len()));
            let robots = Robots::parse(text.as_bytes());
            LOOKED_AT.set(0);
            robots.allowed("nobody", &target);
            let one = LOOKED_AT.replace(0);
            robots.decisions(&target);
            let all = LOOKED_AT.replace(0);
            let rules: usize = robots.groups.iter().map(|group| group.rules.len()).sum();
            assert!(one.max(all) <= rules * (target.len() + 2) + text.len(), "{name}: {one} and {all} octets for {rules} rules");
            (one, all, robots.groups.len() + robots.agents.len() + robots.blocks.len())
        };
        let (one, all, parts) = cost(MAX_BYTES / 4);
        let (twice, all_twice, parts_twice) = cost(MAX_BYTES / 2);
        assert!(twice <= 2 * one + 100_000, "{name}: {one} octets, then {twice}");
        assert!(all_twice <= 2 * all + 100_000, "{name}: {all} octets for all agents, then {all_twice}");
        assert!(parts_twice <= 2 * parts + 16, "{name}: {parts} parts, then {parts_twice}");
    }
}

/// A list of agents before a list of delays would cost their product if each delay were given to each agent.
#[test]
fn delays_are_not_given_out_one_by_one() {
    let names = (0..26_usize).map(|i| format!("user-agent:a{}\n", "b".repeat(i)));
    let agents = names.collect::<Vec<_>>().concat().repeat(500);
    let robots = Robots::parse(format!("{}{}crawl-delay:7\n", &agents[..250_000], "crawl-delay:1\n".repeat(17_000)).as_bytes());
    assert_eq!(robots.delays.len(), 2);
    assert_eq!([robots.crawl_delay("ab"), robots.crawl_delay("other")], [Some(7.0), None]);
}

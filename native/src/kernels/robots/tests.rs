use proptest::prelude::*;

use super::{MAX_BYTES, Robots};

/// Asks every question of a table: `|` lines are a file, `+` and `-` an agent and a path that is allowed or not.
fn ask(table: &str) -> usize {
    let mut file = String::new();
    let mut asked = 0;
    let mut fresh = true;
    let mut wrong = Vec::new();
    for (number, line) in table.lines().enumerate() {
        let Some(sign) = line.chars().next() else { continue };
        let rest = line[1..].strip_prefix(' ').unwrap_or(&line[1..]);
        match sign {
            '#' => {}
            '|' => {
                if fresh {
                    file.clear();
                }
                fresh = false;
                file.push_str(rest);
                file.push('\n');
            }
            '+' | '-' => {
                fresh = true;
                asked += 1;
                let (agent, path) = rest.rsplit_once(' ').unwrap();
                if Robots::parse(file.as_bytes()).allowed(agent, path.as_bytes()).allowed != (sign == '+') {
                    wrong.push(format!("{}: {line}", number + 1));
                }
            }
            _ => panic!("line {}: {line}", number + 1),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    asked
}

#[test]
fn agrees_with_the_cases_that_google_publishes() {
    assert_eq!(ask(include_str!("tests/google.txt")), 133);
}

#[test]
fn agrees_with_crawler_commons() {
    ask(include_str!("tests/crawler_commons.txt"));
}

#[test]
fn follows_the_rfc_where_others_do_not() {
    ask(include_str!("tests/rfc.txt"));
}

#[test]
fn reads_no_more_of_a_line_than_google() {
    let a = "a".repeat(16_663 - "disallow: /x/".len());
    let robots = Robots::parse(format!("user-agent: FooBot\ndisallow: /x/{a}/qux\n").as_bytes());
    assert!(robots.allowed("FooBot", b"/fux").allowed);
    assert!(!robots.allowed("FooBot", format!("/x/{a}/fux").as_bytes()).allowed);
    let b = "b".repeat(16_663 - "allow: /x/".len());
    let robots = Robots::parse(format!("user-agent: FooBot\ndisallow: /\nallow: /x/{b}/qux\n").as_bytes());
    assert!(!robots.allowed("FooBot", b"/").allowed);
    assert!(robots.allowed("FooBot", format!("/x/{b}/qux").as_bytes()).allowed);
    assert!(robots.allowed("FooBot", format!("/x/{b}/fux").as_bytes()).allowed);
}

#[test]
fn counts_lines_by_all_three_ends() {
    for file in [
        "User-agent: foo\nAllow: /a\n\n\nDisallow: /",
        "User-agent: foo\r\nAllow: /a\r\n\r\n\r\nDisallow: /\r\n",
        "User-agent: foo\rAllow: /a\r\r\rDisallow: /\r",
    ] {
        let answer = Robots::parse(file.as_bytes()).allowed("foo", b"/b");
        assert_eq!((answer.allowed, answer.line), (false, 5), "{file:?}");
    }
}

#[test]
fn takes_byte_order_marks_off() {
    for mark in [&b"\xef\xbb\xbf"[..], b"\xef\xbb", b"\xef"] {
        let robots = Robots::parse(&[mark, b"User-agent: *\nDisallow: /x\n"].concat());
        assert!(!robots.allowed("foo", b"/x").allowed, "{mark:?}");
    }
    let wide: Vec<u8> = "User-agent: *\nDisallow: /profile\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!Robots::parse(&[b"\xff\xfe", &wide[..]].concat()).allowed("foo", b"/profile").allowed);
    let wide: Vec<u8> = "User-agent: *\nDisallow: /profile\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(!Robots::parse(&[b"\xfe\xff", &wide[..]].concat()).allowed("foo", b"/profile").allowed);
}

#[test]
fn reads_500_kib_and_no_piece_of_a_line() {
    let mut file = b"User-agent: *\nDisallow: /a\n".to_vec();
    file.resize(MAX_BYTES - 20, b'#');
    let inside = [&file[..], b"\nDisallow: /in\n"].concat();
    assert!(!Robots::parse(&inside).allowed("foo", b"/in").allowed);
    let across = [&file[..], b"\nAllow: /a/longer/than/that\nDisallow: /out\n"].concat();
    let robots = Robots::parse(&across);
    assert!(!robots.allowed("foo", b"/a/longer/than/that").allowed);
    assert!(robots.allowed("foo", b"/out").allowed);
    assert!(!robots.allowed("foo", b"/a").allowed);
}

#[test]
fn gives_delays_to_those_who_are_named_before_them() {
    let robots = Robots::parse(
        b"User-agent: mybot\nCrawl-delay: 10\nUser-agent: yourbot\nDisallow: /private/\nUser-agent: *\nAllow: /\nUser-agent: yourbot\nDisallow: /login/\nUser-agent: *\nCrawl-delay: 30\n",
    );
    assert_eq!([robots.crawl_delay("MyBot"), robots.crawl_delay("yourbot"), robots.crawl_delay("other")], [Some(10.0), None, Some(30.0)]);
    assert!(!robots.allowed("mybot", b"/private/").allowed);
    assert!(robots.allowed("mybot", b"/login/").allowed);
    assert!(!robots.allowed("yourbot", b"/login/").allowed);
    let delay = |value: &str| Robots::parse(format!("User-agent: *\nCrawl-delay: {value}\n").as_bytes()).crawl_delay("a");
    assert_eq!(
        [delay("0.5"), delay("10<BR>"), delay("-1"), delay("soon"), delay("1.2.3"), delay("")],
        [Some(0.5), Some(10.0), None, None, None, None]
    );
}

#[test]
fn keeps_every_other_line_with_its_group() {
    let robots = Robots::parse(
        b"License: https://example.org/l.xml\nUser-agent: A\nContent-Signal: ai-train=no\nUser-agent: B\nContent-Usage: /x train-ai=n # note\nDisallow: /y\nContent-Usage: train-ai=y\nSitemap: /s.xml\nUser-agent: *\nHost: example.org\n",
    );
    let lines = |agent: &str| robots.extensions(agent).map(|one| (one.line, one.name.as_str(), one.value.as_str())).collect::<Vec<_>>();
    assert_eq!(lines("a"), [(1, "license", "https://example.org/l.xml"), (3, "content-signal", "ai-train=no")]);
    assert_eq!(
        lines("B"),
        [(1, "license", "https://example.org/l.xml"), (5, "content-usage", "/x train-ai=n"), (7, "content-usage", "train-ai=y")]
    );
    assert_eq!(lines("other"), [(1, "license", "https://example.org/l.xml"), (10, "host", "example.org")]);
    assert_eq!(
        robots.blocks().iter().map(|(lines, agents)| (lines.len(), agents.len())).collect::<Vec<_>>(),
        [(1, 0), (1, 1), (2, 1), (1, 1)]
    );
    assert_eq!(robots.sitemaps(), ["/s.xml"]);
    assert!(!robots.allowed("A", b"/y").allowed);
}

#[test]
fn answers_hostile_files_in_linear_time() {
    let target = [b"/".to_vec(), b"a".repeat(200_000)].concat();
    let stars = format!("User-agent: *\nDisallow: /{}b\n", "a*".repeat(8_000));
    assert!(Robots::parse(stars.as_bytes()).allowed("x", &target).allowed);
    let many = format!("User-agent: *\n{}", "Disallow: *ab*b\n".repeat(30_000));
    assert!(Robots::parse(many.as_bytes()).allowed("x", &target[..2_000]).allowed);
    let agents = "User-agent: a\nDisallow:/\n".repeat(20_000);
    assert!(!Robots::parse(agents.as_bytes()).allowed("a", &target).allowed);
    assert_eq!(Robots::parse("\n".repeat(MAX_BYTES).as_bytes()).agents().count(), 0);
}

/// What a pattern means, in the plainest way: every way of giving octets to the stars is tried.
fn plainly(pattern: &[u8], target: &[u8]) -> bool {
    match pattern {
        [] => true,
        b"$" => target.is_empty(),
        [b'*', rest @ ..] => (0..=target.len()).any(|at| plainly(rest, &target[at..])),
        [octet, rest @ ..] => target.first() == Some(octet) && plainly(rest, &target[1..]),
    }
}

proptest! {
    #[test]
    fn matches_what_the_pattern_means(pattern in "/?[a/*$]{0,10}", target in "/[a/]{0,12}") {
        let robots = Robots::parse(format!("User-agent: *\nDisallow: {pattern}\n").as_bytes());
        let means = !pattern.is_empty() && plainly(pattern.as_bytes(), target.as_bytes());
        prop_assert_eq!(!robots.allowed("x", target.as_bytes()).allowed, means);
    }

    #[test]
    fn never_fails(bytes in prop::collection::vec(any::<u8>(), 0..400), target in prop::collection::vec(any::<u8>(), 0..40)) {
        let robots = Robots::parse(&bytes);
        let decisions = robots.decisions(&target);
        let one_by_one: Vec<_> = robots.agents().map(|agent| robots.allowed(agent, &target)).collect();
        prop_assert_eq!(decisions, one_by_one);
    }

    #[test]
    fn reads_lines_of_any_order(lines in prop::collection::vec("(User-agent: (a|b|\\*)|(Dis|A)llow: /[ab*$%2]{0,4}|Crawl-delay: [0-9.]{1,3}|x: y|# z)", 0..24), target in "/[ab]{0,5}") {
        let robots = Robots::parse(lines.join("\n").as_bytes());
        let decisions = robots.decisions(target.as_bytes());
        let one_by_one: Vec<_> = robots.agents().map(|agent| robots.allowed(agent, target.as_bytes())).collect();
        prop_assert_eq!(decisions, one_by_one);
    }
}

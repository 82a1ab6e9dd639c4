//! Pages made to cost time or memory, and any bytes at all.

use proptest::prelude::*;

use super::builder::LIMITS;
use super::tests::{page_of, text};
use super::*;

/// Stack entries looked at are bounded by the depth limit for each tag, and by two or three where the shape is common.
#[test]
fn hostile_shapes_cost_linear_steps() {
    let shapes: &[(&str, &str)] = &[
        ("nested", "<div>"),
        ("unclosed formatting", "<b><i><font size=1>"),
        ("formatting over blocks", "<p><b id=1><u>x"),
        ("unclosed tables", "<table>"),
        ("tables in cells", "<table><tr><td>"),
        ("unclosed links", "<a href=x><div>"),
        ("paragraphs", "<p>"),
        ("items", "<ul><li>"),
        ("unknown elements", "<x-a><x-b>"),
        ("end tags of nothing", "</div></x></span>"),
        ("crossed", "<span><div></span>"),
        ("headings", "<h1><h2>"),
        ("drawings", "<svg><g>"),
        ("selects", "<select><option>"),
        ("buttons", "<button><p>"),
        ("forms", "<form><div>"),
        ("templates", "<template><p>"),
        ("paragraphs under spans", "<span></p><span>"),
        ("comments that never end", "<!--"),
        ("references", "&notanentity;&amp"),
    ];
    let doubled = |shape: &str, times: usize| {
        let tree = tokens::parse(&shape.repeat(times), false, LIMITS);
        assert!(tree.nodes.len() <= LIMITS.nodes + 1);
        (tree.steps, tree.tags)
    };
    for (name, shape) in shapes {
        let (steps, tags) = doubled(shape, 20_000);
        let (twice, _) = doubled(shape, 40_000);
        assert!(steps <= (u64::from(tags) + 1) * (LIMITS.depth as u64 + 2), "{name}: {steps} steps for {tags} tags");
        assert!(twice <= steps * 2 + 10_000, "{name}: {steps} steps, then {twice} for twice the input");
        let _ = page_of(shape.repeat(1000).as_bytes(), "text/html");
    }
}

/// Ten megabytes against five: all that is counted doubles, and what is stored is bounded.
#[test]
fn ten_megabytes_cost_twice_what_five_do() {
    let shapes = [
        "<div>",
        "<b><i>",
        "<p><font color=red>x",
        "<table><tr><td>",
        "<!--",
        "&amp;&notin;&x",
        "<p>",
        "<a href=x>",
        "<div class=author>a",
        "<time>x",
        "<math alttext=x>",
        "<sup>1</sup>",
        "<h2>Lire aussi</h2><div>",
        "<script type=application/ld+json>{</script>",
        "<p>Wir verwenden Cookies, diese Seite</p>",
    ];
    for shape in shapes {
        let parse = |bytes: usize| tokens::parse(&shape.repeat(bytes / shape.len()), false, LIMITS);
        let (half, whole) = (parse(5 << 20), parse(10 << 20));
        assert!(whole.steps <= half.steps * 2 + 10_000, "{shape}: {} steps, then {}", half.steps, whole.steps);
        assert!(whole.nodes.len() <= LIMITS.nodes + 1 && whole.nodes.len() <= half.nodes.len() * 2 + 16, "{shape}");
        assert!(whole.text.len() <= 10 << 20, "{shape}");
        assert_ne!(page_of(shape.repeat((2 << 20) / shape.len()).as_bytes(), "text/html").outcome, Outcome::Crashed, "{shape}");
    }
}

#[test]
fn a_tag_of_megabytes_is_read_once() {
    let value = "x".repeat(1 << 20);
    assert_eq!(text(&format!("<p class='{value}' data-{value}={value}>text</p>")), "text");
    let many = (0..100_000).fold(String::new(), |many, i| many + " a" + &i.to_string() + "=1");
    assert_eq!(text(&format!("<p{many}>text</p>")), "text");
}

#[test]
fn node_and_depth_limits_keep_the_text() {
    let limits = builder::Limits { depth: 8, nodes: 10 };
    let html = format!("{}deep{}<p>after", "<div>".repeat(50), "</div>".repeat(50));
    let tree = tokens::parse(&html, false, limits);
    assert!(tree.nodes.len() <= 11);
    assert_eq!(tree.text, b"deepafter");
    let html = "<p>x".repeat(100);
    assert_eq!(tokens::parse(&html, false, limits).text.len(), 100);
}

proptest! {
    #[test]
    fn any_bytes_give_text(bytes in proptest::collection::vec(any::<u8>(), 0..2000), kind in "(text/html|text/plain|application/xhtml\\+xml)?(; charset=(utf-8|koi8-r|utf-16le|shift_jis))?") {
        let page = page_of(&bytes, &kind);
        prop_assert!(page.outcome != Outcome::Crashed);
    }

    #[test]
    fn any_markup_gives_text(parts in proptest::collection::vec(prop_oneof![
        "</?(div|p|a href=x|b|table|tr|td|th|caption|li|ul|dl|dt|dd|span|x-y|svg|math|select|option|pre|h1|h2|form|button|article class=comment|nav|footer|br|hr|sup|time|math alttext=y|a rel=author|div class=author|img class=tex alt=z|title|template|head|body|html)/?>",
        "[a-zäß漢 \n&;<>\u{a0}\u{ad}]{0,12}",
        "<!--.{0,5}-->|<!doctype html>|<!\\[CDATA\\[|\\]\\]>|<script>|</script>|<style>|</style>|<textarea>|</textarea>",
    ], 0..120)) {
        let html = parts.concat();
        let tree = tokens::parse(&html, false, LIMITS);
        for (i, node) in tree.nodes.iter().enumerate() {
            prop_assert!(node.end as usize > i && node.end as usize <= tree.nodes.len());
            prop_assert!(i == 0 || (node.parent as usize) < i && node.end <= tree.nodes[node.parent as usize].end);
            prop_assert!(node.start <= node.stop && node.stop as usize <= tree.text.len());
        }
        let page = page_of(html.as_bytes(), "text/html");
        prop_assert!(page.outcome != Outcome::Crashed);
        prop_assert!(!page.text.contains("\n\n\n") || html.contains("<pre"));
    }
}

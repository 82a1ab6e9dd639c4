use super::*;

pub const SETTINGS: Settings = Settings { max_html_bytes: 16 << 20, max_control_share: 0.02 };

pub struct Page {
    pub text: String,
    pub title: String,
    pub language: String,
    pub author: String,
    pub published: String,
    pub licence: String,
    pub outcome: Outcome,
}

pub fn page_of(bytes: &[u8], content_type: &str) -> Page {
    let offsets = [0, bytes.len() as i32];
    let type_offsets = [0, content_type.len() as i32];
    let url = Rows { values: b"", offsets: &[0, 0] };
    let rows = extract(
        Pages {
            payload: Rows { values: bytes, offsets: &offsets },
            content_type: Rows { values: content_type.as_bytes(), offsets: &type_offsets },
            url,
            text: None,
        },
        SETTINGS,
    );
    let string = |rows: TextRows| String::from_utf8(rows.values).unwrap();
    let outcomes = [Outcome::Extracted, Outcome::Skipped, Outcome::Empty, Outcome::TooLarge, Outcome::NotText, Outcome::Crashed];
    Page {
        text: string(rows.text),
        title: string(rows.title),
        language: string(rows.language),
        author: string(rows.author),
        published: string(rows.published),
        licence: string(rows.licence_link),
        outcome: outcomes[rows.outcomes[0] as usize],
    }
}

pub fn text(html: &str) -> String {
    page_of(html.as_bytes(), "text/html").text
}

#[test]
fn blocks_become_lines_and_paragraphs() {
    assert_eq!(
        text("<h1>One</h1>\n<p>Two  three<br>four</p><div>five</div><div>six</div><ul><li>seven</li><li><p>eight</p></li></ul>nine"),
        "One\n\nTwo three\nfour\n\nfive\nsix\n\n- seven\n- eight\n\nnine"
    );
    assert_eq!(text("<p>a<br><br>b"), "a\n\nb");
    assert_eq!(text("<dl><dt>term<dd>meaning<dt>other<dd>more</dl>"), "term\nmeaning\nother\nmore");
}

#[test]
fn cells_of_a_row_share_a_line() {
    assert_eq!(
        text("<table><tr><th>Land<th>Stadt<tr><td>Lettland<td><p>Riga</p></td></tr><tr><td></td><td>alone</td></table>"),
        "Land | Stadt\nLettland | Riga\nalone"
    );
}

#[test]
fn a_table_made_for_layout_is_no_table() {
    assert_eq!(
        text("<table><tr><td><h2>News</h2><p>Some words of news.</p></td><td><ul><li>item</ul></td></tr></table>"),
        "News\n\nSome words of news.\n\n- item"
    );
}

#[test]
fn preformatted_text_is_kept() {
    assert_eq!(text("<p>code:</p><pre>\n  if (a) {\n    <b>b</b>();\n  }\n</pre><p>end"), "code:\n\n  if (a) {\n    b();\n  }\n\nend");
}

#[test]
fn words_are_neither_joined_nor_split() {
    assert_eq!(text("<p><b>bo</b>ld <a href=x>li</a>nk<span> and</span> <i>it</i><em>em</em></p>"), "bold link and item");
    assert_eq!(text("<div>one<div>two</div>three</div>"), "one\ntwo\nthree");
    assert_eq!(text("<p>soft\u{ad}hyphen zero\u{200b}width no\u{a0}break &amp; &euro;&#8364;"), "softhyphen zerowidth no break & €€");
}

#[test]
fn raised_digits_and_formulas_keep_their_meaning() {
    assert_eq!(
        text("<p>10<sup>6</sup> m<sup>2</sup>, x<sup>-1</sup>, H<sub>2</sub>O, 1<sup>er</sup> note<sup><a href=#1>1</a></sup>"),
        "10⁶ m², x⁻¹, H2O, 1er note1"
    );
    assert_eq!(
        text("<p>Es gilt <math alttext='a^2+b^2'><mi>a</mi><mn>2</mn></math> und <math><mi>x</mi></math>."),
        "Es gilt a^2+b^2 und x."
    );
    assert_eq!(text("<p>Hier ist <img class='tex' alt='\\frac{1}{2}'> richtig.<img alt=bild>"), "Hier ist \\frac{1}{2} richtig.");
    assert_eq!(text("<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字"), "漢字");
}

#[test]
fn lists_in_lists_and_quotes() {
    assert_eq!(text("<ul><li>a<ol><li>b<ul><li>c</ul><li>d</ol><li>e</ul>"), "- a\n  - b\n    - c\n  - d\n- e");
    assert_eq!(text("<p>Er sagt:<blockquote><p>eins<p>zwei</blockquote><p>und geht"), "Er sagt:\n\neins\n\nzwei\n\nund geht");
    let tables = "<table><caption>Orte</caption><thead><tr><th>Land<th>Stadt</thead><tr><td rowspan=2>DE<td>Ulm<br>Neu-Ulm<tr><td><ul><li>Bonn</ul></table>";
    assert!(text(tables).starts_with("Orte"), "{}", text(tables));
}

#[test]
fn what_is_not_shown_is_not_text() {
    let hidden = "<script>if (a<b) '</div>'</script><style>p{}</style><template><p>t</p></template><noscript>n</noscript>\
        <svg><title>logo</title><text>s</text></svg><select><option>o</select><textarea>t</textarea><button>b</button><iframe>i</iframe>\
        <p style='display: none'>gone</p><p hidden>gone</p><dialog>d</dialog>";
    assert_eq!(text(&format!("<p>shown before</p>{hidden}<p>shown after</p>")), "shown before\n\nshown after");
}

#[test]
fn text_that_a_script_reveals_is_text() {
    let words = "Die Mühle mahlt seit vierhundert Jahren, und niemand im Dorf will es anders haben. ".repeat(3);
    let html = format!("<h1>Mühle</h1><span class=a hidden><p>{words}</p></span><span class=b hidden><p>{words}</p></span>");
    assert_eq!(text(&html).matches("Mühle mahlt").count(), 6);
    let noscript = format!("<article><script>x()</script><noscript><p>{words}</p></noscript></article>");
    assert_eq!(text(&noscript), words.trim());
}

#[test]
fn a_lead_before_the_body_is_kept_and_teasers_are_not() {
    let words = "Der Müller kennt jeden Stein am Weg, und die Räder drehen sich langsam. ".repeat(6);
    let html = format!(
        "<div class=page><h1>Die Mühle</h1><div class=byline>von A. B.</div><p class=intro>Ein Besuch am Fluss, wo noch von Hand gemahlen wird.</p>\
        <div class=entry-content><p>{words}</p><figure><img src=a><figcaption>Das Rad. Foto: C. D.</figcaption></figure><p>{words}</p>\
        <h3>Mehr</h3></div><div><h3><a href=x>Andere Mühlen</a></h3><p>Auch im Nachbardorf steht eine, und sie wird bald wieder mahlen.</p></div></div>"
    );
    let words = words.trim();
    assert_eq!(text(&html), format!("Die Mühle\n\nEin Besuch am Fluss, wo noch von Hand gemahlen wird.\n\n{words}\n\n{words}"));
}

#[test]
fn a_thread_of_posts_is_all_content() {
    let post = |n: usize| {
        format!("<div class='comment'><p>Antwort {n}: so mahlt man Roggen, langsam und mit viel Geduld, sonst wird er heiß.</p></div>")
    };
    let html = format!("<div class=thread>{}</div>", (0..5).map(post).collect::<Vec<_>>().concat());
    assert_eq!(text(&html).matches("Antwort").count(), 5);
}

#[test]
fn forgotten_end_tags_do_no_harm() {
    assert_eq!(text("<ul><li>a<li>b<ul><li>c</ul><li>d</ul><p>e<p>f"), "- a\n- b\n  - c\n- d\n\ne\n\nf");
    assert_eq!(text("<div><span>one</div><p>two</span> three</p></p>four"), "one\n\ntwo three\n\nfour");
    assert_eq!(text("<svg><path d='M0 0'><p>after the drawing"), "after the drawing");
    assert_eq!(text("<table><tr><td>x</div></td><td>y</table>z"), "x | y\n\nz");
}

#[test]
fn xhtml_is_read_as_html_with_closed_tags() {
    let page = "<?xml version='1.0' encoding='UTF-8'?><html xmlns='http://www.w3.org/1999/xhtml' xml:lang='lv'><head><title>T</title>\
        <script src='x.js'/></head><body><p>pirmais</p><div class='footer'/><p><![CDATA[a < b]]></p></body></html>";
    let page = page_of(page.as_bytes(), "application/xhtml+xml");
    assert_eq!(page.text, "pirmais\n\na < b");
    assert_eq!((page.title.as_str(), page.language.as_str()), ("T", "lv"));
}

#[test]
fn title_and_language() {
    let page = page_of(b"<html lang=pt-BR><meta property=og:title content='Outro'><title>\n Um &amp; dois </title><p>x", "");
    assert_eq!((page.title.as_str(), page.language.as_str()), ("Outro", "pt-BR"));
    assert_eq!(page_of(b"<title>\n Um &amp; dois </title><p>x", "").title, "Um & dois");
}

#[test]
fn what_a_page_says_about_itself() {
    let html = b"<html lang=de><head><meta name=author content='Anna M\xC3\xBCller'><link rel=license href=https://a.example/l>\
        <script type=application/ld+json>{\"@type\":\"NewsArticle\",\"datePublished\":\"2024-11-05T09:00:00+01:00\"}</script>\
        <title>Die M\xC3\xBChle | Blatt</title></head><body><h1>Die M\xC3\xBChle</h1><p>Text.</p><div class=comment><span class=author>X Y</span></div>\
        <a href=https://creativecommons.org/licenses/by/4.0/>CC</a></body>";
    let page = page_of(html, "text/html");
    assert_eq!((page.title.as_str(), page.author.as_str()), ("Die Mühle", "Anna Müller"));
    assert_eq!((page.published.as_str(), page.licence.as_str()), ("2024-11-05T09:00:00+01:00", "https://a.example/l"));
    let html = "<html lang=fr><h1>Le moulin</h1><p class=byline>Par <a rel=author>Jean Valjean</a>, <span class=date>le 5 novembre 2024</span></p><p>Texte.\
        <a href='//creativecommons.org/licenses/by-sa/4.0/deed.fr'><img src=cc.png></a>";
    let page = page_of(html.as_bytes(), "text/html");
    assert_eq!((page.author.as_str(), page.published.as_str()), ("Jean Valjean", "2024-11-05"));
    assert_eq!(page.licence, "//creativecommons.org/licenses/by-sa/4.0/deed.fr");
}

#[test]
fn labels_and_consent_without_classes_are_left_out() {
    let words = "Le moulin tourne depuis quatre siècles au bord de la rivière, et le meunier connaît chaque pierre du chemin. ".repeat(8);
    let html = format!(
        "<div><p>Nous utilisons des cookies. En poursuivant, vous acceptez notre politique de confidentialité.</p></div><div><h1>Le moulin</h1><p>{words}</p>\
        <p>Lire aussi : <a href=1>Les roues de la vallée et leurs meuniers</a></p><p>{words}</p><div><h3>Sur le même sujet</h3><p><a href=2>Autre</a></p></div>\
        <h3>Commentaires (2)</h3></div>"
    );
    assert_eq!(text(&html), format!("Le moulin\n\n{0}\n\n{0}", words.trim()));
}

#[test]
fn frame_of_the_page_is_left_out() {
    let words = "Le moulin tourne depuis quatre siècles au bord de la rivière, et le meunier connaît chaque pierre du chemin. ".repeat(5);
    let html = format!(
        "<header><div class=logo>Site</div></header><nav><ul><li><a href=1>Home</a><li><a href=2>Shop</a></ul></nav>\
        <div id=content><h1>Le moulin</h1><p>{words}</p></div><div class=sidebar><h3>Recent</h3><a href=3>post</a></div>\
        <div id=comments><p>Great!</p></div><div class='cookie-banner'>We use cookies.</div><footer>© 2024</footer>"
    );
    assert_eq!(text(&html), format!("Le moulin\n\n{}", words.trim()));
}

#[test]
fn short_pages_are_kept_whole() {
    assert_eq!(text("<body>\n<p>Zu kurz?</p></body>"), "Zu kurz?");
    assert_eq!(text("<h1>Haiku</h1><p>old pond<br>frog leaps in<br>water's sound"), "Haiku\n\nold pond\nfrog leaps in\nwater's sound");
    assert_eq!(text("<ul><li><a href=a>Kapitel 1</a><li><a href=b>Kapitel 2</a></ul>"), "- Kapitel 1\n- Kapitel 2");
}

#[test]
fn plain_text_passes() {
    assert_eq!(page_of("\u{feff}Zeile <eins>\r\n\r\n  zwei \n".as_bytes(), "text/plain; charset=utf-8").text, "Zeile <eins>\n\n  zwei");
    assert_eq!(page_of(b"no tags here,\nonly lines &amp; words", "text/html").text, "no tags here,\nonly lines & words");
}

#[test]
fn outcomes() {
    assert_eq!(page_of(b"<img src=a>", "").outcome, Outcome::Empty);
    assert_eq!(page_of(b"", "").outcome, Outcome::Empty);
    assert_eq!(page_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x01\0\x08\x06", "text/html").outcome, Outcome::NotText);
    let large = vec![b'a'; SETTINGS.max_html_bytes + 1];
    assert_eq!(page_of(&large, "").outcome, Outcome::TooLarge);
}

#[test]
fn a_row_without_a_page_keeps_its_text() {
    let empty = Rows { values: b"", offsets: &[0, 0, 0] };
    let before = Rows { values: b"kept", offsets: &[0, 4, 4] };
    let rows = extract(Pages { payload: empty, content_type: empty, url: empty, text: Some(before) }, SETTINGS);
    assert_eq!(rows.text.values, b"kept");
    assert_eq!(rows.outcomes, [Outcome::Skipped as i32, Outcome::Empty as i32]);
    assert!(rows.html_bytes[0].is_nan() && rows.text_bytes[0].is_nan());
}

#[test]
fn a_panic_costs_one_row() {
    let pages = Rows { values: b"abc", offsets: &[0, 1, 2, 3] };
    let rows = extract_with(pages, None, SETTINGS, |row, page, out| {
        out.text.extend_from_slice(page);
        out.title.push(0xFF);
        assert_ne!(row, 1, "a bug");
        out.title.pop();
        Facts { control_share: 0.0, ..Facts::only(Outcome::Extracted) }
    });
    assert_eq!(rows.text.values, b"ac");
    assert_eq!(rows.text.offsets, [0, 1, 1, 2]);
    assert_eq!(rows.outcomes, [0, Outcome::Crashed as i32, 0]);
    assert!(rows.title.values.is_empty());
}

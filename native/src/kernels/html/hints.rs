//! What a page's author said about an element: words of `class` and `id`, `role`, `itemprop`, and whether it is shown at all.
//!
//! Names are cut into words (`postContent__body` is post, content, body), so that `nav` is not found in `navy`. The words are the
//! ones that content management systems, themes and style guides use; which of them decide and when is the scorer's business.

pub const HIDDEN: u32 = 1;
pub const NAVIGATION: u32 = 1 << 1;
pub const HEADER: u32 = 1 << 2;
pub const FOOTER: u32 = 1 << 3;
pub const SIDE: u32 = 1 << 4;
pub const COMMENTS: u32 = 1 << 5;
pub const RELATED: u32 = 1 << 6;
pub const SHARE: u32 = 1 << 7;
pub const CONSENT: u32 = 1 << 8;
pub const ADVERT: u32 = 1 << 9;
pub const PROMOTION: u32 = 1 << 10;
/// Who wrote it, when, under which tags: true of the document, but not its text.
pub const BYLINE: u32 = 1 << 11;
/// Names that themes give to the column that holds the content.
pub const CONTENT: u32 = 1 << 12;
/// Names that are given to the text itself and little else (`articleBody`, `entry-content`).
pub const BODY: u32 = 1 << 13;
/// Words under a picture.
pub const CAPTION: u32 = 1 << 14;
// 1 << 15 is `tree::LINKED`.
/// Names who wrote it.
pub const AUTHOR: u32 = 1 << 16;
/// Says when.
pub const DATE: u32 = 1 << 17;

/// Everything that is usually not content.
pub const BOILERPLATE: u32 = NAVIGATION | HEADER | FOOTER | SIDE | COMMENTS | RELATED | SHARE | CONSENT | ADVERT | PROMOTION | BYLINE;

/// Hints of one `class` or `id`.
pub fn of_names(names: &[u8]) -> u32 {
    names.split(u8::is_ascii_whitespace).fold(0, |hints, name| hints | of_name(name))
}

fn of_name(name: &[u8]) -> u32 {
    // Terms of a post (`tag-facebook`, `category-navigation`) name its subject, not its part in the page.
    if name.starts_with(b"tag-") || name.starts_with(b"category-") || name.starts_with(b"has-") || name.starts_with(b"no-") {
        return 0;
    }
    if matches!(name, b"invisible" | b"d-none" | b"sr-only" | b"screen-reader-text" | b"noprint") {
        return HIDDEN;
    }
    let mut hints = 0;
    let mut before = Word::default();
    let mut word = Word::default();
    let mut previous = b'-';
    for &byte in name {
        let boundary = !byte.is_ascii_alphabetic() || (byte.is_ascii_uppercase() && previous.is_ascii_lowercase());
        if boundary && word.length > 0 {
            hints |= of_pair(before.bytes(), word.bytes());
            before = word;
            word = Word::default();
        }
        if byte.is_ascii_alphabetic() {
            word.push(byte);
        }
        previous = byte;
    }
    // `label-hidden` hides a label and `hidden-print` hides from a printer; `is-hidden` and `visually-hidden` mean it.
    if word.bytes() == b"hidden" && !matches!(before.bytes(), b"label" | b"overflow" | b"x" | b"y") {
        return HIDDEN;
    }
    if word.length > 0 {
        hints |= of_pair(before.bytes(), word.bytes());
    }
    hints
}

/// A lower-case word of at most 16 letters; what is longer matches nothing.
#[derive(Clone, Copy, Default)]
struct Word {
    letters: [u8; 16],
    length: usize,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if let Some(letter) = self.letters.get_mut(self.length) {
            *letter = byte.to_ascii_lowercase();
        }
        self.length += 1;
    }

    fn bytes(&self) -> &[u8] {
        self.letters.get(..self.length).unwrap_or(b"")
    }
}

fn of_pair(before: &[u8], word: &[u8]) -> u32 {
    match (before, word) {
        (
            b"article" | b"post" | b"entry" | b"story" | b"art" | b"news" | b"blog" | b"single",
            b"body" | b"content" | b"text" | b"copy" | b"bodycopy",
        )
        | (b"e" | b"body" | b"full" | b"content" | b"field", b"text" | b"body") => return BODY,
        (b"main" | b"page" | b"primary" | b"site" | b"inner" | b"node", b"content" | b"column" | b"text")
        | (b"content", b"main" | b"area" | b"inner")
        | (b"single", b"post" | b"article") => return CONTENT,
        (
            b"read" | b"see" | b"view" | b"load" | b"learn" | b"more",
            b"more" | b"also" | b"next" | b"on" | b"from" | b"stories" | b"articles" | b"news",
        )
        | (b"most", b"read" | b"popular" | b"viewed" | b"commented" | b"shared")
        | (b"you", b"may" | b"might")
        | (b"also", b"read" | b"like")
        | (b"up" | b"prev" | b"whats", b"next") => return RELATED,
        (b"author" | b"about", b"bio" | b"box" | b"author" | b"info")
        | (b"post" | b"entry" | b"article", b"meta" | b"info" | b"date" | b"tags" | b"utility") => {
            return BYLINE;
        }
        (b"sign", b"up" | b"in") | (b"log", b"in") | (b"call", b"to") | (b"back" | b"go" | b"to", b"top") => return PROMOTION,
        (b"skip" | b"jump", b"link" | b"links" | b"to" | b"nav") => return NAVIGATION,
        (b"elementor", b"widget") | (b"no" | b"has" | b"with" | b"without", _) => return 0,
        _ => {}
    }
    of_word(word)
}

fn of_word(word: &[u8]) -> u32 {
    match word {
        b"articlebody" | b"articletext" | b"articlecontent" | b"postcontent" | b"postbody" | b"posttext" | b"entrycontent"
        | b"storybody" | b"storycontent" | b"bodytext" | b"fulltext" | b"bodycopy" | b"maintext" | b"articlecopy" | b"artikeltext"
        | b"newstext" => BODY,
        b"content" | b"hentry" | b"main" | b"maincontent" | b"maincol" | b"primary" | b"article" | b"artikel" | b"story" | b"contenu"
        | b"contenido" | b"inhalt" | b"hauptinhalt" | b"tresc" | b"obsah" | b"innhold" | b"innehall" => CONTENT,
        b"nav" | b"navi" | b"navigation" | b"navbar" | b"navbox" | b"subnav" | b"topnav" | b"sidenav" | b"mainnav" | b"menu"
        | b"menubar" | b"mainmenu" | b"submenu" | b"dropdown" | b"breadcrumb" | b"breadcrumbs" | b"crumb" | b"crumbs" | b"crumbtrail"
        | b"pager" | b"pagination" | b"paging" | b"paginator" | b"toolbar" | b"megamenu" | b"hamburger" | b"offcanvas" | b"drawer"
        | b"sitemap" | b"tabs" | b"tablist" | b"linklist" | b"langs" | b"languages" | b"langswitch" | b"skiplink" | b"skiplinks"
        | b"permalink" | b"editsection" | b"catlinks" | b"navhead" => NAVIGATION,
        b"header" | b"masthead" | b"topbar" | b"headerbar" | b"logo" | b"branding" | b"banner" | b"brand" | b"search" | b"searchbox"
        | b"searchform" | b"login" | b"signin" => HEADER,
        b"footer" | b"foot" | b"colophon" | b"copyright" | b"legal" | b"imprint" | b"impressum" | b"disclaimer" | b"bottombar" => FOOTER,
        b"sidebar" | b"aside" | b"rail" | b"sidecol" | b"widget" | b"widgets" | b"marginal" | b"marginalspalte" | b"secondary"
        | b"infobar" | b"rightcol" | b"leftcol" | b"sidebox" => SIDE,
        b"comment" | b"comments" | b"commentlist" | b"commentsection" | b"kommentar" | b"kommentare" | b"commentaires" | b"comentarios"
        | b"disqus" | b"respond" | b"reply" | b"replies" | b"trackback" | b"trackbacks" | b"pingback" | b"akismet" | b"commentform"
        | b"discussion" => COMMENTS,
        b"related" | b"relatedposts" | b"relateds" | b"similar" | b"recommended" | b"recommendation" | b"recommendations" | b"popular"
        | b"trending" | b"outbrain" | b"taboola" | b"plista" | b"zergnet" | b"teaserlist" | b"teasers" | b"latest" | b"recent"
        | b"readmore" | b"morelink" | b"seealso" | b"mostread" | b"mostpopular" | b"suggested" | b"suggestions" | b"upnext" | b"yarpp"
        | b"crp" | b"infinite" | b"carousel" | b"slider" | b"ticker" => RELATED,
        b"share" | b"sharing" | b"shares" | b"sharebar" | b"sharedaddy" | b"addthis" | b"addtoany" | b"shariff" | b"social"
        | b"socials" | b"socialmedia" | b"sociable" | b"followus" | b"follow" | b"facebook" | b"twitter" | b"whatsapp" | b"likebox"
        | b"like" | b"ssba" | b"heateor" => SHARE,
        b"cookie" | b"cookies" | b"cookiebar" | b"cookiebanner" | b"consent" | b"gdpr" | b"dsgvo" | b"rgpd" | b"cmp" | b"onetrust"
        | b"usercentrics" | b"didomi" | b"cookieconsent" | b"privacy" | b"borlabs" | b"modal" | b"overlay" | b"popup" | b"lightbox"
        | b"toast" => CONSENT,
        b"ad" | b"ads" | b"adv" | b"advert" | b"adverts" | b"advertisement" | b"advertising" | b"adsense" | b"adslot" | b"adbox"
        | b"adunit" | b"adwrapper" | b"anzeige" | b"anzeigen" | b"werbung" | b"reklam" | b"reklama" | b"publicidad" | b"pubblicita"
        | b"publicite" | b"dfp" | b"gpt" | b"sponsor" | b"sponsored" | b"sponsors" | b"affiliate" | b"admarker" => ADVERT,
        b"newsletter" | b"subscribe" | b"subscription" | b"aboteaser" | b"promo" | b"promos" | b"promotion" | b"paywallbox" | b"donate"
        | b"donation" | b"cta" | b"signup" | b"register" | b"optin" | b"mailchimp" | b"callout" | b"poll" | b"survey" | b"rating"
        | b"ratings" | b"vote" | b"votes" => PROMOTION,
        b"byline" | b"author" | b"authors" | b"autor" | b"authorbox" | b"contributor" | b"autoren" | b"autorzy" | b"auteur" | b"autore" => {
            BYLINE | AUTHOR
        }
        b"dateline" | b"timestamp" | b"pubdate" | b"postedon" => BYLINE | DATE,
        b"date" | b"datum" | b"fecha" | b"published" | b"datetime" | b"posted" | b"dato" | b"kuupaev" | b"veroeffentlicht" => DATE,
        b"postmeta" | b"metadata" | b"postinfo" | b"meta" | b"tags" | b"taglist" | b"tagcloud" | b"tag" | b"categories" | b"avatar"
        | b"vcard" => BYLINE,
        b"caption" | b"captions" | b"credit" | b"bildunterschrift" | b"legende" | b"pictext" | b"imagecaption" | b"captiontext" => CAPTION,
        _ => 0,
    }
}

pub fn of_role(role: &[u8]) -> u32 {
    match role.trim_ascii() {
        b"navigation" | b"menu" | b"menubar" | b"toolbar" | b"tablist" | b"directory" => NAVIGATION,
        b"banner" | b"search" => HEADER,
        b"contentinfo" => FOOTER,
        b"complementary" => SIDE,
        b"dialog" | b"alertdialog" | b"alert" => CONSENT,
        b"main" | b"article" => CONTENT,
        _ => 0,
    }
}

pub fn of_itemprop(property: &[u8]) -> u32 {
    match property.trim_ascii() {
        b"articleBody" | b"text" | b"reviewBody" => BODY,
        b"author" | b"datePublished" | b"dateModified" | b"publisher" | b"keywords" => BYLINE,
        b"comment" => COMMENTS,
        b"breadcrumb" => NAVIGATION,
        _ => 0,
    }
}

/// `display: none` and `visibility: hidden`, with or without the spaces.
pub fn of_style(style: &[u8]) -> u32 {
    let mut rules = style.split(|&byte| byte == b';');
    let hides = rules.any(|rule| {
        let mut sides = rule.splitn(2, |&byte| byte == b':');
        let (name, value) = (sides.next().unwrap_or(b"").trim_ascii(), sides.next().unwrap_or(b"").trim_ascii());
        (name.eq_ignore_ascii_case(b"display") && starts_with(value, b"none"))
            || (name.eq_ignore_ascii_case(b"visibility") && starts_with(value, b"hidden"))
    });
    if hides { HIDDEN } else { 0 }
}

fn starts_with(value: &[u8], word: &[u8]) -> bool {
    value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_word() {
        assert_eq!(of_names(b"postContent"), BODY);
        assert_eq!(of_names(b"site-footer"), FOOTER);
        assert_eq!(of_names(b"navy blue"), 0);
        assert_eq!(of_names(b"c-article__body wide"), CONTENT | BODY);
        assert_eq!(of_names(b"has-sidebar tag-facebook"), 0);
        assert_eq!(of_names(b"field--label-hidden hidden-xs"), 0);
        assert_eq!(of_names(b"visually-hidden"), HIDDEN);
        assert_eq!(of_names(b"Main_Menu cookie"), CONTENT | NAVIGATION | CONSENT);
    }

    #[test]
    fn a_style_may_hide() {
        assert_eq!(of_style(b"color:red; DISPLAY : none !important"), HIDDEN);
        assert_eq!(of_style(b"display:block"), 0);
    }
}

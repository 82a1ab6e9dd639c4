//! Element names and what the builder, the scorer and the renderer need to know of each.

/// The element closes an open paragraph, stands on lines of its own, and stops the end tags of inline elements.
pub const BLOCK: u16 = 1;
/// A blank line separates it from its neighbours.
pub const PARAGRAPH: u16 = 1 << 1;
/// Has no content and no end tag.
pub const VOID: u16 = 1 << 2;
/// Marks up words inside a sentence. Neither stacked nor stored: html5's formatting elements (adoption agency, active
/// formatting list) are where tree builders turn quadratic, and no one of them changes what the text is.
pub const PHRASE: u16 = 1 << 3;
/// Never shown as text, or shown as a control.
pub const HIDDEN: u16 = 1 << 4;
/// An end tag inside does not reach an element outside.
pub const BARRIER: u16 = 1 << 5;
/// Makes no node: outermost tags, and empty elements without text.
pub const FRAME: u16 = 1 << 6;
pub const HEADING: u16 = 1 << 7;

macro_rules! tags {
    ($($variant:ident $name:literal $flags:expr;)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Tag { $($variant),* }

        impl Tag {
            pub const COUNT: usize = [$(Tag::$variant),*].len();
            const FLAGS: [u16; Self::COUNT] = [$($flags),*];

            /// By lower-case name; names that HTML does not define are `Unknown`, an inline container.
            pub fn from_name(name: &[u8]) -> Tag {
                match name { $($name => Tag::$variant,)* _ => Tag::Unknown }
            }
        }
    };
}

const B: u16 = BLOCK;
const P: u16 = BLOCK | PARAGRAPH;

tags! {
    Text b"" 0;
    Root b"#root" BLOCK | BARRIER;
    Break b"br" VOID;
    Rule b"hr" P | VOID;
    Unknown b"#unknown" 0;
    Span b"span" 0;
    Anchor b"a" PHRASE;
    Html b"html" FRAME; Head b"head" FRAME; Body b"body" FRAME; Frameset b"frameset" FRAME;
    Paragraph b"p" P;
    Div b"div" B; Center b"center" B; Noframes b"noframes" B; Details b"details" B; Summary b"summary" B;
    Form b"form" B; Fieldset b"fieldset" B; Legend b"legend" B; Address b"address" B; Hgroup b"hgroup" B; Search b"search" B;
    Article b"article" P; Section b"section" P; Main b"main" P; Aside b"aside" P; Nav b"nav" P;
    Header b"header" P; Footer b"footer" P; Figure b"figure" P; Figcaption b"figcaption" B;
    H1 b"h1" P | HEADING; H2 b"h2" P | HEADING; H3 b"h3" P | HEADING;
    H4 b"h4" P | HEADING; H5 b"h5" P | HEADING; H6 b"h6" P | HEADING;
    Quote b"blockquote" P;
    Pre b"pre" P; Listing b"listing" P; Xmp b"xmp" P; Plaintext b"plaintext" P;
    Ul b"ul" P; Ol b"ol" P; Menu b"menu" P; Dir b"dir" P; Dl b"dl" P;
    Item b"li" B; Term b"dt" B; Definition b"dd" B;
    Table b"table" P | BARRIER; Caption b"caption" B | BARRIER; Cell b"td" B | BARRIER; HeadCell b"th" B | BARRIER;
    Row b"tr" B; Tbody b"tbody" B; Thead b"thead" B; Tfoot b"tfoot" B; Colgroup b"colgroup" HIDDEN;
    Dialog b"dialog" B;
    Script b"script" HIDDEN; Style b"style" HIDDEN; Title b"title" HIDDEN; Textarea b"textarea" HIDDEN; Iframe b"iframe" HIDDEN;
    Noembed b"noembed" HIDDEN; Noscript b"noscript" B; Template b"template" B | HIDDEN;
    Svg b"svg" HIDDEN; ForeignObject b"foreignobject" B | BARRIER; Math b"math" 0; Annotation b"annotation" HIDDEN;
    Select b"select" HIDDEN; Datalist b"datalist" HIDDEN; Option b"option" HIDDEN;
    Button b"button" HIDDEN; Label b"label" 0; Output b"output" HIDDEN; Progress b"progress" HIDDEN; Meter b"meter" HIDDEN;
    Canvas b"canvas" HIDDEN; Audio b"audio" HIDDEN; Video b"video" HIDDEN; Object b"object" 0; Applet b"applet" HIDDEN;
    RubyParenthesis b"rp" HIDDEN; RubyText b"rt" HIDDEN;
    Meta b"meta" VOID | FRAME; Link b"link" VOID | FRAME; Base b"base" VOID | FRAME;
    Image b"img" VOID | FRAME; Input b"input" VOID | FRAME; Area b"area" VOID | FRAME; Col b"col" VOID | FRAME; Embed b"embed" VOID | FRAME;
    Param b"param" VOID | FRAME; Source b"source" VOID | FRAME; Track b"track" VOID | FRAME; Wbr b"wbr" VOID | FRAME;
    Frame b"frame" VOID | FRAME; Bgsound b"bgsound" VOID | FRAME; Keygen b"keygen" VOID | FRAME; Basefont b"basefont" VOID | FRAME;
    Abbr b"abbr" PHRASE; Acronym b"acronym" PHRASE; Bold b"b" PHRASE; Bdi b"bdi" PHRASE; Bdo b"bdo" PHRASE; Big b"big" PHRASE;
    Blink b"blink" PHRASE; Cite b"cite" PHRASE; Code b"code" PHRASE; Data b"data" PHRASE; Del b"del" PHRASE; Dfn b"dfn" PHRASE;
    Em b"em" PHRASE; Font b"font" PHRASE; Italic b"i" PHRASE; Ins b"ins" PHRASE; Kbd b"kbd" PHRASE; Map b"map" PHRASE;
    Mark b"mark" PHRASE; Nobr b"nobr" PHRASE; Inlinequote b"q" PHRASE; Ruby b"ruby" PHRASE; S b"s" PHRASE; Samp b"samp" PHRASE;
    Small b"small" PHRASE; Strike b"strike" PHRASE; Strong b"strong" PHRASE; Sub b"sub" PHRASE; Sup b"sup" PHRASE;
    Time b"time" PHRASE; Tt b"tt" PHRASE; Underline b"u" PHRASE; Var b"var" PHRASE;
}

impl Tag {
    pub fn is(self, flags: u16) -> bool {
        Self::FLAGS[self as usize] & flags != 0
    }

    pub fn is_cell(self) -> bool {
        matches!(self, Tag::Cell | Tag::HeadCell)
    }

    pub fn is_list(self) -> bool {
        matches!(self, Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dir | Tag::Dl)
    }

    /// Line breaks and spaces are content.
    pub fn is_verbatim(self) -> bool {
        matches!(self, Tag::Pre | Tag::Listing | Tag::Xmp | Tag::Plaintext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_element() {
        assert_eq!(Tag::from_name(b"td"), Tag::Cell);
        assert_eq!(Tag::from_name(b"strong"), Tag::Strong);
        assert_eq!(Tag::from_name(b"my-element"), Tag::Unknown);
        assert!(Tag::from_name(b"table").is(BARRIER) && !Tag::from_name(b"span").is(BLOCK));
    }
}

//! What single words of class names and pairs of them say. English first, then the languages of Europe as developers write
//! them in ASCII: `fusszeile`, `pied-de-page`, `stopka`, `patka`.

use super::hints::{
    ADVERT, AUTHOR, BODY, BYLINE, CAPTION, COMMENTS, CONSENT, CONTENT, DATE, FOOTER, FORMULA, HEADER, NAVIGATION, PROMOTION, RELATED,
    SHARE, SIDE,
};

pub fn of_pair(before: &[u8], word: &[u8]) -> u32 {
    match (before, word) {
        (
            b"article" | b"post" | b"entry" | b"story" | b"art" | b"news" | b"blog" | b"single",
            b"body" | b"content" | b"text" | b"copy" | b"bodycopy",
        )
        | (b"e" | b"body" | b"full" | b"content" | b"field", b"text" | b"body")
        | (b"artikel" | b"beitrag" | b"meldung", b"body" | b"content" | b"inhalt" | b"text" | b"tekst")
        | (b"corps" | b"texte", b"article" | b"texte")
        | (b"article" | b"contenu", b"corps" | b"texte" | b"article")
        | (
            b"cuerpo" | b"texto" | b"corpo" | b"testo",
            b"noticia" | b"articulo" | b"nota" | b"artigo" | b"materia" | b"articolo" | b"notizia",
        )
        | (
            b"noticia" | b"articulo" | b"nota" | b"artigo" | b"materia" | b"articolo",
            b"cuerpo" | b"texto" | b"corpo" | b"testo" | b"body" | b"content",
        )
        | (b"tresc" | b"tekst", b"artykulu" | b"artykul" | b"wpisu")
        | (
            b"artykul" | b"clanek" | b"clanok" | b"clanak" | b"cikk" | b"artikkel",
            b"tresc" | b"body" | b"text" | b"content" | b"obsah" | b"telo" | b"tekst" | b"szoveg" | b"innhold",
        )
        | (b"text" | b"obsah" | b"telo" | b"tekst" | b"sadrzaj", b"clanku" | b"clanka" | b"clanok" | b"vijesti") => return BODY,
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
        | (b"up" | b"prev" | b"whats", b"next")
        | (b"mehr" | b"weitere", b"artikel" | b"themen" | b"thema" | b"zum" | b"beitraege" | b"meldungen" | b"news")
        | (b"lire" | b"voir", b"aussi" | b"plus")
        | (b"leia" | b"veja" | b"leer" | b"lea" | b"ver", b"tambem" | b"tambien" | b"mais" | b"mas")
        | (b"mas" | b"mais" | b"plus" | b"piu", b"leidas" | b"leidos" | b"lidas" | b"lues" | b"lus" | b"letti" | b"noticias")
        | (
            b"leggi" | b"lees" | b"meest" | b"lue" | b"loe" | b"lasi" | b"les" | b"las",
            b"anche" | b"ook" | b"meer" | b"gelezen" | b"lisaa" | b"myos" | b"veel" | b"ka" | b"ari" | b"ogsa" | b"mer",
        )
        | (b"czytaj" | b"zobacz" | b"przeczytaj", b"takze" | b"tez" | b"rowniez" | b"wiecej") => return RELATED,
        (b"author" | b"about", b"bio" | b"box" | b"author" | b"info")
        | (b"post" | b"entry" | b"article", b"meta" | b"info" | b"date" | b"tags" | b"utility") => {
            return BYLINE;
        }
        (b"sign", b"up" | b"in") | (b"log", b"in") | (b"call", b"to") | (b"back" | b"go" | b"to", b"top") => return PROMOTION,
        (b"pied", b"page" | b"de") | (b"pie" | b"pe", b"pagina") => return FOOTER,
        (
            b"barre" | b"barra" | b"colonne" | b"colonna" | b"columna" | b"coluna",
            b"laterale" | b"lateral" | b"droite" | b"destra" | b"derecha" | b"direita",
        ) => return SIDE,
        (b"fil", b"ariane") | (b"menu", _) | (b"skip" | b"jump", b"link" | b"links" | b"to" | b"nav") => return NAVIGATION,
        (b"elementor", b"widget") | (b"no" | b"has" | b"with" | b"without", _) => return 0,
        _ => {}
    }
    of_word(word)
}

fn of_word(word: &[u8]) -> u32 {
    match place(word) {
        0 => matter(word),
        hints => hints,
    }
}

/// Words for where on the page an element stands.
fn place(word: &[u8]) -> u32 {
    match word {
        b"artikelinhalt" | b"artikelbody" | b"beitragstext" | b"fliesstext" | b"brodtext" | b"brodtekst" | b"broedtekst"
        | b"artikeltekst" | b"textoarticulo" | b"testoarticolo" | b"textoarticolo" | b"cuerpo" | b"corpo" | b"articletxt" | b"newsbody"
        | b"newscontent" | b"articlebody" | b"articletext" | b"articlecontent" | b"postcontent" | b"postbody" | b"posttext"
        | b"entrycontent" | b"storybody" | b"storycontent" | b"bodytext" | b"fulltext" | b"bodycopy" | b"maintext" | b"articlecopy"
        | b"artikeltext" | b"newstext" => BODY,
        b"inhoud" | b"contenuto" | b"conteudo" | b"continut" | b"tartalom" | b"zawartosc" | b"sadrzaj" | b"vsebina" | b"sisalto"
        | b"sisu" | b"saturs" | b"turinys" | b"indhold" | b"articulo" | b"articolo" | b"artigo" | b"artykul" | b"clanek" | b"clanok"
        | b"clanak" | b"cikk" | b"artikkel" | b"artikkeli" | b"straipsnis" | b"raksts" | b"statie" | b"statya" | b"hoofdinhoud"
        | b"hauptspalte" | b"content" | b"hentry" | b"main" | b"maincontent" | b"maincol" | b"primary" | b"article" | b"artikel"
        | b"story" | b"contenu" | b"contenido" | b"inhalt" | b"hauptinhalt" | b"tresc" | b"obsah" | b"innhold" | b"innehall" => CONTENT,
        b"menue" | b"navigatie" | b"navigace" | b"navigacija" | b"navigazione" | b"navegacion" | b"navegacao" | b"nawigacja"
        | b"navigasjon" | b"navigering" | b"navigaatio" | b"navigacio" | b"navigatsioon" | b"navigare" | b"navigacia" | b"hauptmenu"
        | b"hauptmenue" | b"hauptnavigation" | b"hauptnavi" | b"izbornik" | b"meniu" | b"meni" | b"meny" | b"valikko" | b"brotkrumen"
        | b"krumen" | b"brodkrumme" | b"brodkrummer" | b"brodsmuler" | b"brodsmula" | b"murupolku" | b"kruimelpad" | b"kruimelspoor"
        | b"drobeckova" | b"okruszki" | b"ariane" | b"filariane" | b"migas" | b"briciole" | b"leivapuru" | b"subnavi" | b"topmenu"
        | b"mainmenue" | b"servicenavi" | b"metanavi" | b"kategoriemenu" | b"nav" | b"navi" | b"navigation" | b"navbar" | b"navbox"
        | b"subnav" | b"topnav" | b"sidenav" | b"mainnav" | b"menu" | b"menubar" | b"mainmenu" | b"submenu" | b"dropdown"
        | b"breadcrumb" | b"breadcrumbs" | b"crumb" | b"crumbs" | b"crumbtrail" | b"pager" | b"pagination" | b"paging" | b"paginator"
        | b"toolbar" | b"megamenu" | b"hamburger" | b"offcanvas" | b"drawer" | b"sitemap" | b"tabs" | b"tablist" | b"linklist"
        | b"langs" | b"languages" | b"langswitch" | b"skiplink" | b"skiplinks" | b"permalink" | b"editsection" | b"catlinks"
        | b"navhead" => NAVIGATION,
        b"kopfzeile" | b"kopf" | b"kopfbereich" | b"entete" | b"encabezado" | b"cabecera" | b"cabecalho" | b"testata" | b"intestazione"
        | b"naglowek" | b"hlavicka" | b"zahlavi" | b"zaglavlje" | b"glava" | b"fejlec" | b"antet" | b"sidhuvud" | b"sidehoved"
        | b"ylatunniste" | b"suche" | b"suchfeld" | b"recherche" | b"buscar" | b"buscador" | b"busca" | b"ricerca" | b"szukaj"
        | b"wyszukiwarka" | b"hledat" | b"vyhledavani" | b"vyhladavanie" | b"zoeken" | b"haku" | b"otsing" | b"kereses" | b"cautare"
        | b"pretraga" | b"iskanje" | b"sok" | b"soek" | b"anmelden" | b"connexion" | b"header" | b"masthead" | b"topbar" | b"headerbar"
        | b"logo" | b"branding" | b"banner" | b"brand" | b"search" | b"searchbox" | b"searchform" | b"login" | b"signin" => HEADER,
        b"fusszeile" | b"fusszeilen" | b"fussbereich" | b"fuss" | b"pied" | b"piedpage" | b"piedepagina" | b"piepagina"
        | b"piedipagina" | b"rodape" | b"stopka" | b"patka" | b"paticka" | b"zapati" | b"sidfot" | b"bunntekst" | b"sidefod"
        | b"alatunniste" | b"jalus" | b"kajene" | b"lablec" | b"subsol" | b"podnozje" | b"noga" | b"voettekst" | b"datenschutz"
        | b"mentionslegales" | b"avisolegal" | b"footer" | b"foot" | b"colophon" | b"copyright" | b"legal" | b"imprint" | b"impressum"
        | b"disclaimer" | b"bottombar" => FOOTER,
        b"seitenleiste" | b"randspalte" | b"seitenspalte" | b"marginalien" | b"laterale" | b"lateral" | b"barralateral" | b"zijbalk"
        | b"sidopanel" | b"sidospalt" | b"sidebjaelke" | b"sivupalkki" | b"oldalsav" | b"boczny" | b"postranni" | b"stranski"
        | b"rechtespalte" | b"linkespalte" | b"sidebar" | b"aside" | b"rail" | b"sidecol" | b"widget" | b"widgets" | b"marginal"
        | b"marginalspalte" | b"secondary" | b"infobar" | b"rightcol" | b"leftcol" | b"sidebox" => SIDE,
        b"kommentarer" | b"kommenttit" | b"kommentaarid" | b"komentarze" | b"komentare" | b"komentari" | b"komentarji" | b"komentar"
        | b"komentarz" | b"komentarai" | b"reacties" | b"reactie" | b"commenti" | b"commentaire" | b"comentario" | b"comentarii"
        | b"hozzaszolas" | b"hozzaszolasok" | b"sholia" | b"leserkommentare" | b"leserbriefe" | b"diskuse" | b"diskuze" | b"diskusija"
        | b"dyskusja" | b"comment" | b"comments" | b"commentlist" | b"commentsection" | b"kommentar" | b"kommentare" | b"commentaires"
        | b"comentarios" | b"disqus" | b"respond" | b"reply" | b"replies" | b"trackback" | b"trackbacks" | b"pingback" | b"akismet"
        | b"commentform" | b"discussion" => COMMENTS,
        _ => 0,
    }
}

/// Words for what is in it.
#[allow(clippy::too_many_lines)]
fn matter(word: &[u8]) -> u32 {
    match word {
        b"verwandt" | b"verwandte" | b"verwandteartikel" | b"aehnliche" | b"aehnlich" | b"weitere" | b"weiterlesen" | b"weiterfuehrend"
        | b"souvisejici" | b"podobne" | b"suvisiace" | b"pribuzne" | b"powiazane" | b"polecane" | b"polecamy" | b"povezane"
        | b"povezano" | b"sorodno" | b"slicni" | b"slicne" | b"kapcsolodo" | b"ajanlo" | b"ajanlott" | b"relacionado" | b"relacionados"
        | b"relacionada" | b"relacionadas" | b"correlati" | b"correlate" | b"gerelateerd" | b"gerelateerde" | b"relaterad"
        | b"relaterade" | b"relateret" | b"relaterede" | b"relaterte" | b"liittyvat" | b"seotud" | b"saistitie" | b"susije"
        | b"similaires" | b"similar" | b"connexes" | b"associes" | b"similare" | b"recomandate" | b"recomandari" | b"empfehlung"
        | b"empfehlungen" | b"meistgelesen" | b"lesetipps" | b"lesetipp" | b"najczytaniejsze" | b"nejctenejsi" | b"najcitanije"
        | b"legolvasottabb" | b"masleidos" | b"masleidas" | b"maisleidas" | b"populaires" | b"beliebt" | b"lireaussi" | b"alireaussi"
        | b"leiatambem" | b"leatambien" | b"leggianche" | b"czytajtez" | b"related" | b"relatedposts" | b"relateds" | b"recommended"
        | b"recommendation" | b"recommendations" | b"popular" | b"trending" | b"outbrain" | b"taboola" | b"plista" | b"zergnet"
        | b"teaserlist" | b"teasers" | b"latest" | b"recent" | b"readmore" | b"morelink" | b"seealso" | b"mostread" | b"mostpopular"
        | b"suggested" | b"suggestions" | b"upnext" | b"yarpp" | b"crp" | b"infinite" | b"carousel" | b"slider" | b"ticker" => RELATED,
        b"teilen" | b"teile" | b"partager" | b"partage" | b"compartir" | b"compartilhar" | b"compartilhe" | b"condividi" | b"partilhar"
        | b"udostepnij" | b"sdilet" | b"sdileni" | b"zdielat" | b"zdielanie" | b"megosztas" | b"distribuie" | b"podijeli" | b"jagamine"
        | b"jagada" | b"dalintis" | b"dalities" | b"share" | b"sharing" | b"shares" | b"sharebar" | b"sharedaddy" | b"addthis"
        | b"addtoany" | b"shariff" | b"social" | b"socials" | b"socialmedia" | b"sociable" | b"followus" | b"follow" | b"facebook"
        | b"twitter" | b"whatsapp" | b"likebox" | b"like" | b"ssba" | b"heateor" => SHARE,
        b"cookiehinweis"
        | b"cookiehinweise"
        | b"cookienotice"
        | b"cookielaw"
        | b"cookiewall"
        | b"cookielayer"
        | b"datenschutzhinweis"
        | b"ciasteczka"
        | b"ciasteczko"
        | b"evasteet"
        | b"slapukai"
        | b"suti"
        | b"sutik"
        | b"kupsised"
        | b"kupsis"
        | b"sikdatnes"
        | b"kolacici"
        | b"piskotki"
        | b"toestemming"
        | b"zgoda"
        | b"souhlas"
        | b"suhlas"
        | b"consentement"
        | b"consentimiento"
        | b"consenso"
        | b"einwilligung"
        | b"samtycke"
        | b"samtykke"
        | b"rodo"
        | b"lgpd"
        | b"cmplz"
        | b"cky"
        | b"truste"
        | b"trustarc"
        | b"quantcast"
        | b"iubenda"
        | b"axeptio"
        | b"tarteaucitron"
        | b"sourcepoint"
        | b"privacymanager"
        | b"cookie"
        | b"cookies"
        | b"cookiebar"
        | b"cookiebanner"
        | b"consent"
        | b"gdpr"
        | b"dsgvo"
        | b"rgpd"
        | b"cmp"
        | b"onetrust"
        | b"usercentrics"
        | b"didomi"
        | b"cookieconsent"
        | b"privacy"
        | b"borlabs"
        | b"modal"
        | b"overlay"
        | b"popup"
        | b"lightbox"
        | b"toast" => CONSENT,
        b"mainos" | b"annons" | b"annonse" | b"reklame" | b"reklaam" | b"reklamy" | b"reklamas" | b"anuncio" | b"anuncios"
        | b"publicidade" | b"oglas" | b"oglasi" | b"hirdetes" | b"inzerce" | b"inzercia" | b"advertentie" | b"advertenties"
        | b"gesponsert" | b"sponsorizzato" | b"ilan" | b"werbeblock" | b"werbebox" | b"ad" | b"ads" | b"adv" | b"advert" | b"adverts"
        | b"advertisement" | b"advertising" | b"adsense" | b"adslot" | b"adbox" | b"adunit" | b"adwrapper" | b"anzeige" | b"anzeigen"
        | b"werbung" | b"reklam" | b"reklama" | b"publicidad" | b"pubblicita" | b"publicite" | b"dfp" | b"gpt" | b"sponsor"
        | b"sponsored" | b"sponsors" | b"affiliate" | b"admarker" => ADVERT,
        b"abonnieren" | b"abonnement" | b"abonner" | b"abobox" | b"spenden" | b"spende" | b"hirlevel" | b"zpravodaj" | b"biuletyn"
        | b"nieuwsbrief" | b"nyhetsbrev" | b"nyhedsbrev" | b"uutiskirje" | b"uudiskiri" | b"boletin" | b"infolettre" | b"novicnik"
        | b"prenumerata" | b"prenumerera" | b"newsletter" | b"subscribe" | b"subscription" | b"aboteaser" | b"promo" | b"promos"
        | b"promotion" | b"paywallbox" | b"donate" | b"donation" | b"cta" | b"signup" | b"register" | b"optin" | b"mailchimp"
        | b"callout" | b"poll" | b"survey" | b"rating" | b"ratings" | b"vote" | b"votes" => PROMOTION,
        b"verfasser" | b"autorin" | b"redacteur" | b"redakteur" | b"forfatter" | b"forfattare" | b"kirjoittaja" | b"szerzo"
        | b"toimittaja" | b"autorius" | b"auteurs" | b"autores" | b"autori" | b"byline" | b"author" | b"authors" | b"autor"
        | b"authorbox" | b"contributor" | b"autoren" | b"autorzy" | b"auteur" | b"autore" => BYLINE | AUTHOR,
        b"dateline" | b"timestamp" | b"pubdate" | b"postedon" => BYLINE | DATE,
        b"mwe" | b"tex" | b"latex" | b"math" | b"formula" | b"equation" => FORMULA,
        b"fechapublicacion" | b"dagsetning" | b"paivays" | b"pubblicato" | b"publie" | b"publicado" | b"date" | b"datum" | b"fecha"
        | b"published" | b"datetime" | b"posted" | b"dato" | b"kuupaev" | b"veroeffentlicht" => DATE,
        b"postmeta" | b"metadata" | b"postinfo" | b"meta" | b"tags" | b"taglist" | b"tagcloud" | b"tag" | b"categories" | b"avatar"
        | b"vcard" => BYLINE,
        b"bijschrift" | b"bildtext" | b"billedtekst" | b"bildetekst" | b"piedefoto" | b"didascalia" | b"leyenda" | b"legenda"
        | b"popisek" | b"podpis" | b"kuvateksti" | b"kepalairas" | b"bildquelle" | b"fotoquelle" | b"copyrightinfo" | b"caption"
        | b"captions" | b"credit" | b"bildunterschrift" | b"legende" | b"pictext" | b"imagecaption" | b"captiontext" => CAPTION,
        _ => 0,
    }
}

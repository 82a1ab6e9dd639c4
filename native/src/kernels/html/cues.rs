//! What short texts of a page's frame say, in the languages of Europe: labels over lists of other pages, over comments, over
//! buttons to share; and the sentences that ask for consent. Names of classes say the same, but not on every site.

use std::sync::LazyLock;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Label {
    /// Other pages.
    Related,
    /// Share this, back to the list, next article: nothing follows.
    Action,
    Comments,
}

/// Lower case; a label may go on after them (`mehr zum thema energie`). Grouped by language.
static RELATED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    list(
        "
свързани статии | свързани новини | подобни статии | прочетете още | прочетете също | прочети още | вижте още
още по темата | още от | най-четени | последни новини | articles relacionats | notícies relacionades | llegeix també
artículos relacionados | noticias relacionadas | entradas relacionadas | contenido relacionado | temas relacionados
te puede interesar | también te puede interesar | te recomendamos | le puede interesar | te podría interesar
lea también | lee también | lea además | leer también | más noticias | más leídas | lo más leído | lo más visto
artigos relacionados | notícias relacionadas | conteúdo relacionado | leia também | leia mais | veja também
mais lidas | as mais lidas | você também pode gostar | pode também interessar | související články | související
podobné články | přečtěte si také | přečtěte si | čtěte také | čtěte dále | čtěte více | mohlo by vás zajímat
doporučujeme | nejčtenější | další články | súvisiace články | súvisiace | prečítajte si aj | prečítajte si tiež
čítajte tiež | čítajte aj | mohlo by vás zaujímať | odporúčame | najčítanejšie | ďalšie články | læs også | læs mere
relaterede artikler | relateret indhold | relaterede | mest læste | andre læser | tengdar fréttir | tengt efni
mest lesið | lestu meira | les også | relaterte artikler | relatert innhold | relaterte saker | mest lest
flere saker | läs också | läs även | läs mer | relaterade artiklar | relaterat innehåll | relaterat | mest läst
mest lästa | fler artiklar | mehr zum thema | mehr themen | weitere artikel | weitere beiträge | weitere meldungen
weitere nachrichten | weitere themen | weitere news | weitere aktuelle themen | ähnliche artikel | ähnliche beiträge
verwandte artikel | verwandte beiträge | verwandte themen | das könnte sie auch | das könnte dich auch
das könnte ihnen auch | auch interessant | lesen sie auch | lesen sie mehr | lesen sie jetzt | lies auch
meistgelesen | beliebte artikel | beliebte beiträge | neueste beiträge | neueste artikel | letzte beiträge
empfehlungen aus | passend zum thema | passend dazu | διαβάστε επίσης | διαβάστε ακόμα | διαβάστε ακόμη
διαβάστε περισσότερα | σχετικά άρθρα | σχετικές ειδήσεις | δείτε επίσης | δείτε ακόμα | δημοφιλή | τελευταία νέα
related articles | related posts | related stories | related content | related news | related topics | related:
read also | also read | read more | read next | more stories | more from | more on this | you may also like
you might also like | you may like | recommended for you | recommended articles | recommended stories | most read
most popular | trending now | latest news | popular posts | recent posts | latest posts | loe ka | loe lisaks
loe veel | seotud artiklid | seotud lood | samal teemal | loetumad | loetuimad | populaarsemad | lue myös | lue lisää
katso myös | aiheeseen liittyvää | aiheesta lisää | luetuimmat | suosituimmat | muita artikkeleita
articles similaires | articles liés | articles connexes | articles associés | sur le même sujet | sur le même thème
à lire aussi | lire aussi | lire également | à lire également | lisez aussi | à voir aussi | vous aimerez aussi
vous pourriez aussi aimer | dans la même rubrique | dans la même catégorie | les plus lus | les plus lues
contenus sponsorisés | nos derniers articles | léigh freisin | léigh tuilleadh | ailt ghaolmhara | aqra wkoll
aktar aħbarijiet | artikli relatati | lexo edhe | lexo gjithashtu | artikuj të ngjashëm | povezani članci
povezane vijesti | povezane teme | povezano | vezane vijesti | pročitajte i | pročitajte još | pročitaj i
možda će vas zanimati | najčitanije | slični članci | sorodni članki | povezani članki | povezane novice
preberite tudi | preberite še | morda vas zanima | najbolj brano | povezane vesti | повезане вести | прочитајте још
најчитаније | pročitajte ceo | kapcsolódó cikk | kapcsolódó tartal | kapcsolódó | olvassa el ezt is | olvasd el ezt is
olvasta már | ez is érdekelheti | ezek is érdekelhetik | ajánlott cikkek | legolvasottabb | további cikkek
articoli correlati | notizie correlate | contenuti correlati | potrebbe interessarti | potrebbero interessarti
ti potrebbe interessare | ti potrebbero interessare | leggi anche | leggi altri | i più letti | più letti
altri articoli | skaitykite taip pat | taip pat skaitykite | susiję straipsniai | panašūs straipsniai | skaitomiausi
populiariausi | daugiau naujienų | lasi arī | lasiet arī | lasīt arī | lasi vēl | saistītie raksti | saistītās ziņas
līdzīgi raksti | lasītākie | populārākie | gerelateerde artikelen | gerelateerde berichten | gerelateerd | lees ook
lees meer | lees verder | meest gelezen | meer nieuws | czytaj także | czytaj również | czytaj też | czytaj więcej
zobacz także | zobacz również | zobacz też | powiązane artykuły | podobne artykuły | podobne wpisy | przeczytaj także
przeczytaj również | przeczytaj też | polecane artykuły | polecamy | najczęściej czytane | najpopularniejsze
więcej na temat | articole similare | articole recomandate | articole asemănătoare | citește și | citeşte şi
citiți și | vezi și | te-ar putea interesa | cele mai citite | читайте также | похожие статьи | похожие материалы
смотрите также | материалы по теме | самое читаемое | читайте також | схожі статті | схожі матеріали
матеріали за темою | ilgili haberler | ilgili yazılar | benzer yazılar | bunları da okuyun | i̇lgili haberler",
    )
});

/// Lower case, as above; they stand alone.
static ACTIONS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    list(
        "
сподели | comparte | compartir | compartilhe | compartilhar | partilhe | partilhar | sdílet | sdílejte | zdieľať
zdieľajte | del artiklen | del artikkelen | dela artikeln | dela detta | artikel teilen | beitrag teilen
diesen artikel teilen | diesen beitrag teilen | teilen mit | zurück zur übersicht | zurück zum newsroom
zurück zur listenansicht | vorheriger beitrag | nächster beitrag | vorheriger artikel | nächster artikel | κοινοποίηση
κοινοποιήστε | share this | share on | follow us | sign up for | subscribe to our | up next | next article
previous article | jaga artiklit | jaa artikkeli | partager cet article | partagez cet article | partager sur
podijeli | condividi | oszd meg | ossza meg | dalintis | dalies ar | deel dit artikel | deel dit | udostępnij
podziel się | distribuie | поделиться | поділитися",
    )
});

/// Lower case; counts before and after do not matter, other words do.
static COMMENTS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    list(
        "
коментари | напиши коментар | добави коментар | оставете коментар | вашият коментар | comentaris | deixa un comentari
comentarios | deja un comentario | deja una respuesta | deja tu comentario | escribe un comentario | comentários
deixe um comentário | deixe uma resposta | deixar um comentário | komentáře | přidat komentář | napsat komentář
komentáre | pridať komentár | pridaj komentár | kommentarer | skriv en kommentar | legg igjen en kommentar
lämna en kommentar | lämna ett svar | athugasemdir | kommentare | kommentar schreiben | schreibe einen kommentar
schreib einen kommentar | kommentar hinterlassen | hinterlasse einen kommentar | hinterlasse eine antwort
kommentieren | ihr kommentar | σχόλια | αφήστε ένα σχόλιο | αφήστε μια απάντηση | comments | leave a comment
leave a reply | post a comment | add a comment | join the discussion | write a comment | kommentaarid
lisa kommentaar | jäta kommentaar | kommentit | jätä kommentti | kirjoita kommentti | vastaa | commentaires
laisser un commentaire | laissez un commentaire | ajouter un commentaire | tráchtanna | fág trácht | kummenti
komente | lini një koment | komentari | ostavite komentar | ostavi komentar | komentarji | dodaj komentar
oddaj komentar | коментар | оставите коментар | hozzászólások | hozzászólás | szólj hozzá | vélemény, hozzászólás?
commenti | lascia un commento | lascia una risposta | komentarai | palikti komentarą | parašykite komentarą
rašyti komentarą | komentāri | pievienot komentāru | atstāt komentāru | reacties | geef een reactie
laat een reactie achter | plaats een reactie | komentarze | dodaj komentarz | zostaw komentarz | comentarii
lasă un comentariu | lasă un răspuns | комментарии | оставить комментарий | добавить комментарий | коментарі
залишити коментар | додати коментар | yorumlar | bir yorum yazın | bir cevap yazın",
    )
});

fn list(cues: &'static str) -> Vec<&'static str> {
    cues.split(['\n', '|']).map(str::trim).filter(|cue| !cue.is_empty()).collect()
}

/// Longer texts are no labels.
pub const LABEL_BYTES: usize = 120;
/// A label may go on for so long.
const REST_BYTES: usize = 30;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    pub label: Label,
    /// Nothing but the label, marks and a count is there.
    pub whole: bool,
}

/// What a short text labels.
pub fn label(text: &str) -> Option<Found> {
    let text = text.trim();
    if text.is_empty() || text.len() > LABEL_BYTES {
        return None;
    }
    let lower = text.to_lowercase();
    let lower = lower.trim_start_matches(|character: char| !character.is_alphabetic());
    let bare = lower.trim_end_matches(|character: char| !character.is_alphabetic() && character != '?');
    if COMMENTS.contains(&bare) {
        return Some(Found { label: Label::Comments, whole: true });
    }
    // A cue ends with its word, but for stems: `kapcsolódó cikkeink`.
    let ends = |cue: &str, rest: &str| !rest.starts_with(char::is_alphabetic) || cue.ends_with("cikk") || cue.ends_with("tartal");
    let rest_of = |cues: &[&str]| cues.iter().find_map(|cue| lower.strip_prefix(cue).filter(|rest| ends(cue, rest)));
    if rest_of(&ACTIONS).is_some_and(|rest| rest.len() <= REST_BYTES) {
        return Some(Found { label: Label::Action, whole: true });
    }
    let rest = rest_of(&RELATED)?;
    if rest.len() > REST_BYTES && !rest.starts_with(':') {
        return None;
    }
    Some(Found { label: Label::Related, whole: !rest.contains(char::is_alphabetic) })
}

/// The text begins like a label, whatever follows.
pub fn begins_like_label(text: &str) -> bool {
    let start = text.trim_start();
    let start = &start[..start.floor_char_boundary(LABEL_BYTES)];
    label(start).is_some_and(|found| found.label == Label::Related)
}

/// What cookies are called; lower case, stems.
static COOKIES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    list(
        "
ookie | ciastecz | sīkdat | slapuk | küpsis | eväste | süti | piškotk | kolačić | бисквитк | колачић | fianá
vafrakök | informasjonskaps | galeti | файли | файлы | çerez | infoċookie",
    )
});

/// Words of asking and of the site that speaks: two of them beside a cookie make a notice. Stems.
static ASKING: LazyLock<Vec<&str>> = LazyLock::new(|| {
    list(
        "
we use | our site | this site | this website | our website | accept | consent | agree | by continuing | privacy
preferences | settings | wir verwenden | wir nutzen | wir setzen | diese website | diese webseite | diese seite
unsere website | unserer website | akzeptier | zustimm | einwillig | einverstanden | datenschutz | einstellung
nous utilisons | ce site | notre site | accepte | en poursuivant | confidentialité | navigation | paramètr
utilizamos | usamos | este sitio | nuestro sitio | acepta | aceita | navegando | privacidad | este site | nosso site
politica | política | utilizziamo | questo sito | accett | consenso | navigazione | wij gebruiken | we gebruiken
deze website | deze site | onze website | akkoord | toestemming | instelling | używamy | korzystamy | ta strona
nasza strona | serwis | zgod | akcept | prywatności | używani | ustawieni | používáme | tento web | tyto stránky
souhlas | nastavení | používame | táto stránka | súhlas | nastaven | uporabljamo | spletno mesto | spletna stran
strinjate | soglaš | nastavitv | koristimo | ova stranica | ova web | slažete | prihvać | pristaj | postavk
használunk | használ | elfogad | hozzájárul | weboldal | beállítás | folosim | utilizăm | acest site
sunteți de acord | accepta | confidențialit | setări | използва | този сайт | приема | съглас | поверителност
χρησιμοποι | αποδοχ | αποδέχ | συγκατάθε | ιστότοπ | απορρήτου | συμφων | vi bruger | vi anvender | accepter
samtykke | hjemmeside | indstilling | vi använder | webbplats | godkänn | samtyck | inställning | vi bruker
nettsted | godta | innstilling | käytämme | käyttää | sivusto | hyväksy | asetuks | suostumu | kasutame | kasuta
veebileht | nõustu | seaded | izmanto | vietne | piekrīt | iestatījum | naudojam | naudoja | svetain | sutink
nustatym | nużaw | dan is-sit | taċċetta | kunsens | úsáidimid | suíomh | glacadh | toil | используем | использу
соглас | використову | погодж | kullan | kabul | користимо",
    )
});

/// Any of these in a page is the first sign of a request for consent.
pub fn cookies() -> &'static [&'static str] {
    &COOKIES
}

/// The text asks for consent to cookies.
pub fn asks_for_consent(text: &str) -> bool {
    let lower = text.to_lowercase();
    COOKIES.iter().any(|cookie| lower.contains(cookie)) && ASKING.iter().filter(|words| lower.contains(**words)).take(2).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_many_languages() {
        for text in [
            "Mehr zum Thema Energie",
            "LIRE AUSSI :",
            "» Czytaj także:",
            "Lasi arī",
            "Διαβάστε επίσης",
            "Kapcsolódó cikkeink",
            "Прочетете още:",
        ] {
            assert_eq!(label(text).map(|found| found.label), Some(Label::Related), "{text}");
        }
        for text in ["Kommentare (12)", "3 komentáře", "Leave a Reply", "Commentaires", "Hozzászólások", "0 Comments"] {
            assert_eq!(label(text).map(|found| found.label), Some(Label::Comments), "{text}");
        }
        for text in [
            "",
            "12",
            "Kommentare zum Grundgesetz",
            "Deelbaarheid",
            "Morewords",
            "Vastaaja kertoo",
            "Read more books than you buy, say the teachers",
        ] {
            assert_eq!(label(text), None, "{text}");
        }
    }

    #[test]
    fn requests_for_consent_in_24_languages() {
        for text in [
            "Използваме бисквитки. С разглеждането на този сайт приемате нашата политика за поверителност.",
            "Koristimo kolačiće kako bismo poboljšali stranicu. Nastavkom se slažete s njima.",
            "Tento web používá cookies. Používáním webu s tím souhlasíte, viz nastavení.",
            "Vi bruger cookies på denne hjemmeside. Accepter alle eller vælg indstillinger.",
            "Wij gebruiken cookies op deze website. Ga je akkoord?",
            "We use cookies to improve this site. By continuing you accept them.",
            "Kasutame küpsiseid, et veebileht töötaks. Jätkates nõustute nendega.",
            "Käytämme evästeitä tällä sivustolla. Hyväksy kaikki?",
            "Nous utilisons des cookies. En poursuivant votre navigation, vous acceptez leur emploi.",
            "Wir verwenden Cookies. Mit dem Besuch dieser Seite stimmen Sie zu; mehr unter Datenschutz.",
            "Αυτός ο ιστότοπος χρησιμοποιεί cookies. Με τη συνέχιση τα αποδέχεστε.",
            "Oldalunk sütiket használ. Kérjük, fogadja el, vagy nyissa meg a beállításokat: elfogadom.",
            "Úsáidimid fianáin ar an suíomh seo.",
            "Questo sito utilizza cookie. Proseguendo la navigazione ne accetti l'uso.",
            "Šī vietne izmanto sīkdatnes. Turpinot jūs piekrītat to lietošanai.",
            "Svetainėje naudojami slapukai. Naršydami toliau sutinkate su jais.",
            "Dan is-sit juża l-cookies. Jekk tkompli, tagħti l-kunsens tiegħek.",
            "Używamy plików cookie. Korzystając z serwisu, wyrażasz na to zgodę.",
            "Utilizamos cookies. Ao continuar navegando, aceita a nossa política de privacidade.",
            "Folosim cookie-uri pe acest site. Prin continuare sunteți de acord.",
            "Používame súbory cookie. Používaním stránky s tým súhlasíte.",
            "Uporabljamo piškotke. Z uporabo se strinjate z njimi.",
            "Utilizamos cookies propias. Si sigue navegando, acepta su uso.",
            "Vi använder cookies på vår webbplats. Godkänn alla?",
        ] {
            assert!(asks_for_consent(text), "{text}");
        }
        for text in [
            "Für die Cookies Butter und Zucker schaumig rühren.",
            "Sutinku su tavimi, sakė malūnininkas.",
            "Wir verwenden nur Mehl aus der Region.",
        ] {
            assert!(!asks_for_consent(text), "{text}");
        }
    }
}

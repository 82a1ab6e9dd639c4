//! How the months begin in the languages of Europe: stems, because cases change the ends (`listopad`, `listopadu`).

type Year = [&'static str; 12];

/// By ISO 639-1. Alternatives are divided by `|`.
const LANGUAGES: &[(&str, Year)] = &[
    ("en", ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    ("de", ["jan|jän", "feb", "mär|mrz|maer", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"]),
    ("fr", ["jan", "fév|fev", "mars", "avr", "mai", "juin", "juil", "aoû|aou", "sep", "oct", "nov", "déc|dec"]),
    ("es", ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep|set", "oct", "nov", "dic"]),
    ("it", ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"]),
    ("pt", ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"]),
    ("ca", ["gen", "feb", "març|mar", "abr", "maig", "juny", "jul", "ago", "set", "oct", "nov", "des"]),
    ("nl", ["jan", "feb", "maart|mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]),
    ("da", ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]),
    ("sv", ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]),
    ("no", ["jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"]),
    ("is", ["jan", "feb", "mar", "apr", "maí", "jún", "júl", "ágú", "sep", "okt", "nóv", "des"]),
    ("fi", ["tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu"]),
    ("et", ["jaan", "veeb", "märts", "apr", "mai", "juuni", "juuli", "aug", "sept", "okt", "nov", "dets"]),
    ("lv", ["jan", "feb", "mar", "apr", "mai", "jūn", "jūl", "aug", "sep", "okt", "nov", "dec"]),
    ("lt", ["saus", "vas", "kov", "bal", "geg", "birž", "liep", "rugp", "rugs", "spal", "lapkr", "gruod"]),
    ("pl", ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"]),
    ("cs", ["led", "únor", "břez", "dub", "květ", "červn|červen", "červenc|červenec", "srp", "zář", "říj", "listop", "pros"]),
    ("sk", ["jan", "feb", "mar", "apr", "máj", "jún", "júl", "aug", "sep", "okt", "nov", "dec"]),
    ("sl", ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "avg", "sep", "okt", "nov", "dec"]),
    ("hr", ["sij", "velj", "ožu", "tra", "svib", "lip", "srp", "kol", "ruj", "lis", "stu", "pro"]),
    ("hu", ["jan", "feb", "már", "ápr", "máj", "jún", "júl", "aug", "szep", "okt", "nov", "dec"]),
    ("ro", ["ian", "feb", "mar", "apr", "mai", "iun", "iul", "aug", "sep", "oct", "noi|nov", "dec"]),
    ("sq", ["jan", "shk", "mar", "pri", "maj", "qer", "kor", "gush", "sht", "tet", "nën", "dhj"]),
    ("tr", ["oca", "şub", "mart", "nis", "mayıs", "haz", "tem", "ağu", "eyl", "eki", "kas", "ara"]),
    ("mt", ["jan", "fra", "mar", "apr", "mej", "ġun", "lul", "aww", "set", "ott", "nov", "diċ"]),
    ("ga", ["ean", "fea", "már", "aib", "beal", "meith", "iúil", "lún", "meán", "deir", "samh", "noll"]),
    ("el", ["ιαν", "φεβ", "μαρ|μάρ", "απρ", "μαΐ|μαι|μάι", "ιουν|ιούν", "ιουλ|ιούλ", "αυγ|αύγ", "σεπ", "οκτ", "νοε|νοέ", "δεκ"]),
    ("bg", ["яну", "фев", "мар", "апр", "май", "юни", "юли", "авг", "сеп", "окт", "ное", "дек"]),
    ("ru", ["янв", "фев", "мар", "апр", "мая|май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]),
    ("uk", ["січ", "лют", "берез", "квіт", "трав", "черв", "лип", "серп", "верес", "жовт", "листоп", "груд"]),
    ("sr", ["јан", "феб", "мар", "апр", "мај", "јун", "јул", "авг", "сеп", "окт", "нов", "дец"]),
    ("sr-latn", ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "avg", "sep", "okt", "nov", "dec"]),
];

/// The month that a word begins like, in the page's language; in another only if no two languages disagree (`lipiec`, `lipanj`).
pub fn number(word: &str, language: &str) -> Option<u32> {
    // The longest names have eleven letters; `marketing` is none.
    if word.chars().count() < 3 || word.chars().count() > 12 {
        return None;
    }
    let word = word.to_lowercase();
    let code = language.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    let code = match code.as_str() {
        "nb" | "nn" => "no",
        "bs" => "sr",
        code => code,
    };
    let own = LANGUAGES.iter().filter(|(name, _)| name.split('-').next() == Some(code)).find_map(|(_, year)| in_year(&word, year));
    own.or_else(|| {
        let mut found = LANGUAGES.iter().filter_map(|(_, year)| in_year(&word, year));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    })
}

fn in_year(word: &str, year: &Year) -> Option<u32> {
    // The longest stem: `červenec` begins like `červen`.
    let length = |stems: &str| stems.split('|').filter(|stem| word.starts_with(stem)).map(str::len).max();
    let months = year.iter().zip(1..).filter_map(|(stems, month)| Some((length(stems)?, month)));
    months.max_by_key(|(length, _)| *length).map(|(_, month)| month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_mean_two_months() {
        assert_eq!(number("Listopad", "pl"), Some(11));
        assert_eq!(number("listopada", "hr"), Some(10));
        assert_eq!(number("listopada", ""), None);
        assert_eq!(number("července", "cs"), Some(7));
        assert_eq!(number("června", "cs"), Some(6));
        assert_eq!(number("marketinghandbuch", "de"), None);
    }
}

use super::*;
use proptest::prelude::*;

fn settings(names: &[&str]) -> Settings {
    Settings {
        kind: Kind::Plain,
        members: false,
        file_bytes: u64::MAX,
        start: 0,
        end: u64::MAX,
        search: false,
        wanted: Wanted { names: names.iter().map(|name| name.as_bytes().to_vec()).collect(), nests_from: 0, max_record: 1 << 20 },
        batch_rows: 1000,
        batch_bytes: 1 << 20,
    }
}

/// `offset name fault text @ context`, a line a record.
fn split_with(settings: Settings, data: &[u8], piece: usize) -> Vec<String> {
    let mut reader = Reader::new(settings);
    let mut at = 0_usize;
    let mut all = Vec::new();
    loop {
        let progress = reader.advance();
        if progress == Progress::Starved {
            let end = data.len().min(at.saturating_add(piece));
            if at == end {
                reader.finish();
            } else {
                reader.push(&data[at..end]);
                at = end;
            }
            continue;
        }
        let rows = reader.take();
        for row in 0..rows.count() {
            let slice = |bytes: &crate::kernels::columns::Bytes, row: usize| {
                String::from_utf8(bytes.values[bytes.offsets[row] as usize..bytes.offsets[row + 1] as usize].to_vec()).unwrap()
            };
            let text = slice(&rows.record, row);
            let context = slice(&rows.contexts, rows.context[row] as usize);
            all.push(format!("{}+{} {} {} {text} @ {context}", rows.offset[row], rows.length[row], rows.name[row], rows.fault[row]));
        }
        if progress == Progress::Done {
            return all;
        }
    }
}

fn split(names: &[&str], data: &str) -> Vec<String> {
    let whole = split_with(settings(names), data.as_bytes(), usize::MAX);
    assert_eq!(split_with(settings(names), data.as_bytes(), 1), whole);
    whole
}

#[test]
fn records_come_with_their_place_and_what_is_around_them() {
    let rows = split(&["r"], "<?xml version='1.0'?><a x='>'><b/><r>1</r><c><n:r y=\"/>\"/></c></a>");
    assert_eq!(rows, ["34+8 0 -1 <r>1</r> @ <a x='>'>", "45+13 0 -1 <n:r y=\"/>\"/> @ <a x='>'><c>"]);
}

#[test]
fn markup_in_comments_data_and_instructions_is_no_markup() {
    let rows = split(&["r"], "<a><!-- <r> --><![CDATA[<r>]] ><r>]]><?p <r>?><r><!--></r>--><![CDATA[</r>]]></r></a>");
    assert_eq!(rows, ["46+35 0 -1 <r><!--></r>--><![CDATA[</r>]]></r> @ <a>"]);
}

#[test]
fn a_broken_record_costs_itself_only() {
    let rows = split(&["r"], "<a><r><x></r><r>2</r><r>3<r>4</r></y><r>5</z></r><r>6</r></a>");
    assert_eq!(
        rows,
        [
            "3+10 0 0  @ <a>",
            "13+8 0 -1 <r>2</r> @ <a>",
            "21+4 0 0  @ <a>",
            "25+8 0 -1 <r>4</r> @ <a>",
            "37+12 0 0  @ <a>",
            "49+8 0 -1 <r>6</r> @ <a>"
        ]
    );
}

#[test]
fn an_outer_end_tag_ends_a_record_that_was_never_closed() {
    assert_eq!(split(&["r"], "<a><b><r>1</b><r>2</r></a>"), ["6+4 0 0  @ <a><b>", "14+8 0 -1 <r>2</r> @ <a>"]);
}

#[test]
fn markup_that_is_none_outside_of_records_is_one_row() {
    let rows = split(&["r"], "<a><r <x <<<r>1</r></a>");
    assert_eq!(rows, ["3+8 -1 0  @ <a>", "11+8 0 -1 <r>1</r> @ <a>"]);
}

#[test]
fn records_of_their_own_name_nest_where_that_is_allowed() {
    let nested = Settings { wanted: Wanted { nests_from: 2, ..settings(&["r"]).wanted }, ..settings(&["r"]) };
    let rows = split_with(nested, b"<a><r><m><r>1</r></m></r><r><r>2</r></a>", 3);
    assert_eq!(rows, ["3+22 0 -1 <r><m><r>1</r></m></r> @ <a>", "25+3 0 0  @ <a>", "28+8 0 -1 <r>2</r> @ <a>"]);
}

#[test]
fn a_record_over_the_limit_is_passed_over() {
    let small = || Settings { wanted: Wanted { max_record: 10, ..settings(&["r"]).wanted }, ..settings(&["r"]) };
    let data = format!("<a><r>{}</r><r>1</r></a>", "x".repeat(5000));
    for piece in [1, 7, 9000] {
        assert_eq!(split_with(small(), data.as_bytes(), piece), ["3+5007 0 2  @ <a>", "5010+8 0 -1 <r>1</r> @ <a>"]);
    }
}

#[test]
fn what_is_cut_off_is_said() {
    assert_eq!(split(&["r"], "<a><r>1</r><r>2"), ["3+8 0 -1 <r>1</r> @ <a>", "11+4 0 3  @ <a>"]);
    assert_eq!(split(&["r"], "<a><r>1</r>"), ["3+8 0 -1 <r>1</r> @ <a>", "11+0 -1 3  @ <a>"]);
    assert_eq!(split(&["r"], "no markup at all"), ["0+16 -1 0  @ "]);
    assert_eq!(split(&["r"], ""), [""; 0]);
    assert_eq!(split(&["r"], "<a/>"), [""; 0]);
}

#[test]
fn encodings_count_places_in_their_own_bytes() {
    let text = "<?xml version=\"1.0\"?><a><r>å€😀</r><r>b</r></a>";
    let of = |wide: Vec<u8>| split_with(settings(&["r"]), &wide, 5);
    let expected = |offsets: [u64; 4]| {
        let [first, length, second, last] = offsets;
        vec![format!("{first}+{length} 0 -1 <r>å€😀</r> @ <a>"), format!("{second}+{last} 0 -1 <r>b</r> @ <a>")]
    };
    let le = |mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    assert_eq!(of(le(true)), expected([50, 22, 72, 16]));
    assert_eq!(of(le(false)), expected([48, 22, 70, 16]));
    assert_eq!(of(text.encode_utf16().flat_map(u16::to_be_bytes).collect()), expected([48, 22, 70, 16]));
    assert_eq!(of([b"\xEF\xBB\xBF", text.as_bytes()].concat()), expected([27, 16, 43, 8]));
    let latin = b"<?xml version='1.0' encoding='ISO-8859-2'?><a><r>\xB1</r></a>";
    assert_eq!(of(latin.to_vec()), ["46+8 0 -1 <r>ą</r> @ <a>"]);
    assert_eq!(of(b"<?xml version='1.0' encoding='klingon'?><a><r>1</r></a>".to_vec()), ["0+0 -1 5  @ "]);
    assert_eq!(of(b"<a><r>\xFF</r><r>1</r></a>".to_vec()), ["3+8 0 1  @ <a>", "11+8 0 -1 <r>1</r> @ <a>"]);
}

#[test]
fn a_document_type_declaration_is_kept_for_its_entities() {
    let mut reader = Reader::new(settings(&["r"]));
    reader.push(b"<!DOCTYPE a [<!-- ' ]> --><!ENTITY e \"]>\"><?x ]>?>]><a/>");
    reader.finish();
    while reader.advance() != Progress::Done {}
    assert_eq!(reader.doctype(), b"<!DOCTYPE a [<!-- ' ]> --><!ENTITY e \"]>\"><?x ]>?>]>");
}

#[test]
fn hostile_text_takes_linear_time_and_little_memory() {
    for unit in
        ["<", "<a", "<a ", "<a>", "<r>", "</r>", "<r", "<!--", "<![CDATA[", "<!", "<?", "&", "<a b='", "<!DOCTYPE [", "<r><x>", "</a>"]
    {
        let data = unit.repeat((4 << 20) / unit.len());
        let settings = Settings { wanted: Wanted { max_record: 1 << 16, ..settings(&["r"]).wanted }, ..settings(&["r"]) };
        let mut reader = Reader::new(settings);
        let mut at = 0;
        loop {
            match reader.advance() {
                Progress::Starved if at == data.len() => reader.finish(),
                Progress::Starved => {
                    let end = data.len().min(at + (64 << 10));
                    reader.push(&data.as_bytes()[at..end]);
                    at = end;
                }
                Progress::Full => assert!(reader.take().bytes() < 4 << 20, "{unit}"),
                Progress::Done => break,
            }
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<r>"),
        Just("</r>"),
        Just("<r a='>'>"),
        Just("<x>"),
        Just("</x>"),
        Just("<r/>"),
        Just("<a>"),
        Just("</a>"),
        Just("<!--"),
        Just("-->"),
        Just("<![CDATA["),
        Just("]]>"),
        Just("<?"),
        Just("?>"),
        Just("<!DOCTYPE"),
        Just("["),
        Just("]>"),
        Just("'"),
        Just("\""),
        Just("<"),
        Just(">"),
        Just("text ä€😀"),
        Just("-"),
        Just("]"),
        Just("<?xml encoding='latin1'?>"),
        Just("\u{feff}"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_give_the_same_records(data in pieces(), piece in 1_usize..9, nests in 0_usize..3, limit in 1_u64..60) {
        let with = || Settings { wanted: Wanted { nests_from: nests, max_record: limit, ..settings(&["r"]).wanted }, ..settings(&["r"]) };
        let whole = split_with(with(), data.as_bytes(), usize::MAX);
        prop_assert_eq!(split_with(with(), data.as_bytes(), piece), whole);
    }

    #[test]
    fn well_formed_records_all_come_back(texts in proptest::collection::vec("[ -;=?-~ä€]{0,20}", 0..20), wide in any::<bool>()) {
        let texts: Vec<String> = texts.iter().map(|text| text.replace('&', "&amp;")).collect();
        let data = format!("<a>{}</a>", texts.iter().map(|text| format!("<r>{text}</r>\n")).collect::<Vec<_>>().concat());
        let bytes = if wide { std::iter::once(0xFEFF).chain(data.encode_utf16()).flat_map(u16::to_le_bytes).collect() } else { data.into_bytes() };
        let rows = split_with(settings(&["r"]), &bytes, 11);
        prop_assert_eq!(rows.len(), texts.len());
        for (row, text) in rows.iter().zip(&texts) {
            let expected = format!(" 0 -1 <r>{text}</r> @ <a>");
            prop_assert!(row.ends_with(&expected), "{row}");
        }
    }
}

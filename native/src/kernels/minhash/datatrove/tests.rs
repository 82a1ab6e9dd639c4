use super::*;

const FOX: &str = "the quick brown fox jumps over the lazy dog";

#[test]
fn parameters_are_those_numpy_draws() {
    let (a, b) = &*PARAMETERS;
    assert_eq!(a[..3], [775_169_054_918_279_404, 1_758_426_461_858_698_313, 2_109_959_069_025_162]);
    assert_eq!(a[111], 223_865_076_026_037_746);
    assert_eq!(b[..3], [1_062_448_801_025_099_917, 1_324_811_268_927_594_100, 1_217_488_311_597_731_462]);
    assert_eq!(b[111], 1_097_409_548_522_419_201);
}

#[test]
fn values_are_those_of_datatrove() {
    let shingle = b"the quick brown fox jumps";
    for (hash, first, values, last) in [
        (
            "xxhash-64",
            7_797_000_677_988_824_208,
            [85_330_943_174_081_874, 663_359_892_825_767_826, 302_227_827_184_868_053],
            3_963_570_588_256_049,
        ),
        (
            "sha1-64",
            12_313_522_834_835_307_089,
            [585_594_454_516_184_072, 284_080_765_670_708_113, 594_234_408_324_153_881],
            800_584_869_340_422_436,
        ),
        ("xxhash-32", 1_936_900_125, [125_697_124, 899_546_107, 441_372_471], 1_493_573_167),
        ("sha1-32", 1_208_285_777, [727_492_965, 1_312_834_104, 1_177_392_338], 226_228_629),
    ] {
        let named = ShingleHash::named(hash).unwrap();
        assert_eq!(named.of(shingle), first, "{hash}");
        let found = minima(FOX.as_bytes(), &[0, FOX.len() as i32], Language::of("en"), named).unwrap();
        assert_eq!(found.shingles, [5]);
        assert_eq!((&found.values[..3], found.values[111]), (&values[..], last), "{hash}");
    }
    assert!(ShingleHash::named("md5").is_err());
}

#[test]
fn texts_are_simplified() {
    let mut simplifier = Simplifier::default();
    let mut simple = |text: &str| simplifier.simplify(text.as_bytes()).to_owned();
    assert_eq!(simple("  Die ÜBERGRÖSSE,\n\tschön!  "), "die ubergrosse schon");
    assert_eq!(simple("1,234.50 and 1.2.3 or ٣٫٤ ١٢"), "0 0 and 0 0 or 0 0");
    assert_eq!(simple("ΟΔΟΣ"), "οδος");
    assert_eq!(simple("3.a 3. 4"), "0 a 0 0");
    assert_eq!(simple("a\u{301}\u{a0}\u{2003}b\u{200b}c•d"), "a b\u{200b}c•d");
    assert_eq!(simple(" \u{301} "), "");
    assert_eq!(simple(""), "");
}

#[test]
fn keys_are_equal_where_buckets_are() {
    let other = "the quick brown fox jumps over the lazy cat";
    let texts = [FOX, "The QUICK, brown fox jumps over the lazy dog.", other, "four words are few", ""];
    let mut offsets = vec![0];
    for text in &texts {
        offsets.push(offsets[offsets.len() - 1] + text.len() as i32);
    }
    let joined = texts.concat();
    let (english, hash) = (Language::of("en"), ShingleHash::Xxhash64);
    let signed = sign(joined.as_bytes(), &offsets, english, hash).unwrap();
    let raw = minima(joined.as_bytes(), &offsets, english, hash).unwrap();
    assert_eq!(signed.shingles, [5, 5, 5, 0, 0]);
    assert_eq!(signed.shingles, raw.shingles);
    assert_eq!(signed.bands[..BANDS], signed.bands[BANDS..2 * BANDS]);
    assert_eq!(signed.sketch[..SKETCH_BYTES], signed.sketch[SKETCH_BYTES..2 * SKETCH_BYTES]);
    for bucket in 0..BANDS {
        let values = |row: usize| &raw.values[row * MINIMA + bucket * PER_BUCKET..][..PER_BUCKET];
        assert_eq!(values(0) == values(2), signed.bands[bucket] == signed.bands[2 * BANDS + bucket]);
    }
    assert!(signed.bands[3 * BANDS..].iter().all(|key| *key == 0));
    assert!(sign(b"x", &[0, 2], english, hash).is_err());
}

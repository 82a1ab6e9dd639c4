use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// splitmix64 as a stream: the same numbers on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.draw() % limit as u64) as usize
    }
}

fn column(rows: &[String]) -> (Vec<u8>, Vec<i32>) {
    let mut offsets = vec![0];
    for row in rows {
        offsets.push(offsets[offsets.len() - 1] + row.len() as i32);
    }
    (rows.concat().into_bytes(), offsets)
}

pub fn sign_rows(rows: &[String]) -> Signatures {
    sign_as(rows, Shingles::Words(5))
}

fn sign_as(rows: &[String], shingles: Shingles) -> Signatures {
    let (text, offsets) = column(rows);
    sign(&text, &offsets, shingles, &[]).unwrap()
}

/// Words of letters only, one a number.
pub fn spell(words: &[usize]) -> String {
    let letters =
        |word: &usize| format!("{word}w").bytes().map(|byte| char::from(if byte < b'a' { byte - b'0' + b'a' } else { byte })).collect();
    words.iter().map(letters).collect::<Vec<String>>().join(" ")
}

fn shingles(words: &[usize]) -> HashSet<&[usize]> {
    words.windows(5).collect()
}

pub fn jaccard(left: &[usize], right: &[usize]) -> f64 {
    common(&shingles(left), &shingles(right))
}

/// Of runs of 24 characters; what `spell` writes is its own normal form.
fn character_jaccard(left: &[usize], right: &[usize]) -> f64 {
    let (left, right) = (spell(left).into_bytes(), spell(right).into_bytes());
    common(&left.windows(24).collect(), &right.windows(24).collect())
}

fn common<T: Eq + std::hash::Hash>(left: &HashSet<T>, right: &HashSet<T>) -> f64 {
    let both = left.intersection(right).count();
    both as f64 / (left.len() + right.len() - both) as f64
}

fn estimate(sketches: &[u8]) -> f64 {
    let [left, right] = sketches.as_chunks::<SKETCH_BYTES>().0 else { panic!("a pair of sketches") };
    similarity(equal_values(left, right))
}

/// The variance of an estimate of `values` independent values of `bits` bits.
fn variance(truth: f64, values: usize, bits: usize) -> f64 {
    let chance = 0.5f64.powi(bits as i32);
    let equal = truth + (1.0 - truth) * chance;
    equal * (1.0 - equal) / values as f64 / (1.0 - chance).powi(2)
}

/// A text and an edited copy: words replaced, at a rate of `edits`, by others of the vocabulary.
pub fn pair(random: &mut Random, length: usize, edits: f64) -> (Vec<usize>, Vec<usize>) {
    // Squared: few words are common and most rare, as in language.
    let mut word = || {
        let x = random.below(3000);
        x * x / 3000
    };
    let text: Vec<usize> = (0..length).map(|_| word()).collect();
    let planted: Vec<usize> = (0..(length as f64 * edits).round() as usize).flat_map(|_| [word() * 7919 % length, word()]).collect();
    let mut copy = text.clone();
    planted.chunks(2).for_each(|edit| copy[edit[0]] = edit[1]);
    (text, copy)
}

#[test]
fn estimates_are_unbiased_and_spread_as_theory_says() {
    estimates(Shingles::Words(5), jaccard);
}

#[test]
fn estimates_by_characters_are_too() {
    estimates(Shingles::Characters(24), character_jaccard);
}

fn estimates(shingles: Shingles, jaccard: fn(&[usize], &[usize]) -> f64) {
    let mut random = Random(7);
    for (length, edits) in [(60, 0.02), (300, 0.01), (300, 0.03), (300, 0.08), (300, 0.3), (2000, 0.02), (5000, 0.05)] {
        let pairs: Vec<_> = (0..300).map(|_| pair(&mut random, length, edits)).collect();
        let signatures = sign_as(&pairs.iter().flat_map(|(left, right)| [spell(left), spell(right)]).collect::<Vec<_>>(), shingles);
        // Errors in units of the standard error of independent values: mean 0 and variance at most 1 when the hashes are good.
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for ((left, right), sketches) in pairs.iter().zip(signatures.sketch.chunks(2 * SKETCH_BYTES)) {
            let truth = jaccard(left, right);
            if truth >= 1.0 {
                continue;
            }
            let error = (estimate(sketches) - truth) / self::variance(truth, SKETCH, SKETCH_BITS).sqrt();
            (sum, squares, count) = (sum + error, squares + error * error, count + 1.0);
        }
        let (mean, variance): (f64, f64) = (sum / count, squares / count);
        println!("{length} words, {edits} edited: mean {mean:.3} variance {variance:.3} of {count}");
        assert!(mean.abs() < 4.0 / count.sqrt(), "{length} words, {edits} edited: mean {mean}");
        // Bins that one round fills are drawn without replacement: fewer shingles than bins spread less, never more.
        assert!(variance < 1.0 + 5.0 * (2.0 / count).sqrt(), "{length} words, {edits} edited: variance {variance}");
        assert!(variance > 0.3, "{length} words, {edits} edited: variance {variance}");
    }
}

#[test]
fn bands_collide_as_often_as_theory_says() {
    bands_collide(Shingles::Words(5), jaccard);
}

#[test]
fn bands_by_characters_collide_as_often() {
    bands_collide(Shingles::Characters(24), character_jaccard);
}

fn bands_collide(shingles: Shingles, jaccard: fn(&[usize], &[usize]) -> f64) {
    let mut random = Random(11);
    for edits in [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08] {
        let pairs: Vec<_> = (0..1000).map(|_| pair(&mut random, 400, edits)).collect();
        let signatures = sign_as(&pairs.iter().flat_map(|(left, right)| [spell(left), spell(right)]).collect::<Vec<_>>(), shingles);
        let (mut found, mut expected, mut variance, mut similarity) = (0.0, 0.0, 0.0, 0.0);
        for ((left, right), keys) in pairs.iter().zip(signatures.bands.chunks(2 * BANDS)) {
            let truth = jaccard(left, right);
            let chance = 1.0 - (1.0 - truth.powi(8)).powi(14);
            found += f64::from((0..BANDS).any(|band| keys[band] == keys[BANDS + band]));
            (expected, variance, similarity) = (expected + chance, variance + chance * (1.0 - chance), similarity + truth);
        }
        println!("similarity {:.3}: found {found}, expected {expected:.1}, sigma {:.1}", similarity / 1000.0, f64::sqrt(variance));
        assert!((found - expected).abs() < 4.0 * f64::sqrt(variance), "{edits}: {found} found, {expected} expected");
    }
}

#[test]
fn short_and_empty_texts_have_no_bands() {
    let signatures = sign_rows(&[String::new(), "four words are few".into(), "  ?!  ".into(), "now there are five words".into()]);
    assert_eq!(signatures.shingles, [0, 0, 0, 1]);
    assert!(signatures.bands[..3 * BANDS].iter().all(|key| *key == 0));
    assert!(signatures.sketch[..3 * SKETCH_BYTES].iter().all(|byte| *byte == 0));
    assert!(signatures.bands[3 * BANDS..].iter().all(|key| *key != 0));
    assert_ne!(signatures.digest[..16], signatures.digest[16..32]);
}

#[test]
fn offsets_outside_the_column_are_an_error() {
    let words = Shingles::Words(5);
    assert!(sign(b"abc", &[0, 4], words, &[]).is_err());
    assert!(sign(b"abc", &[2, 1], words, &[]).is_err());
    assert!(sign(b"abc", &[-1, 1], words, &[]).is_err());
    for shingles in [Shingles::Words(0), Shingles::Words(17), Shingles::Characters(0), Shingles::Characters(65)] {
        assert!(sign(b"abc", &[0, 3], shingles, &[]).is_err(), "{shingles:?}");
    }
    assert!(sign(b"abc", &[0, 1, 3], words, &[7]).is_err());
    assert_eq!(sign(b"", &[], words, &[]).unwrap().shingles.len(), 0);
}

#[test]
fn short_texts_have_no_character_shingles() {
    let texts = ["", "twenty-three characters", " .. twenty-four  characters! A "].map(String::from);
    let signatures = sign_as(&texts, Shingles::Characters(24));
    assert_eq!(signatures.shingles, [0, 0, 1]);
    assert!(signatures.bands[..2 * BANDS].iter().all(|key| *key == 0));
    assert!(signatures.bands[2 * BANDS..].iter().all(|key| *key != 0));
}

#[test]
fn salts_part_texts_and_nothing_else() {
    let row = spell(&[1, 2, 3, 4, 5, 6, 7]);
    let (text, offsets) = column(&[row.clone(), row.clone(), row.clone(), String::new()]);
    for shingles in [Shingles::Words(5), Shingles::Characters(8)] {
        let plain = sign(&text, &offsets, shingles, &[]).unwrap();
        let salted = sign(&text, &offsets, shingles, &[3, 3, 9, 9]).unwrap();
        let keys = |row: usize| &salted.bands[row * BANDS..][..BANDS];
        assert_eq!(keys(0), keys(1));
        assert!(keys(2).iter().all(|key| !keys(0).contains(key) && !plain.bands.contains(key)));
        assert!(keys(3).iter().all(|key| *key == 0));
        assert_eq!((salted.sketch, salted.digest, salted.shingles), (plain.sketch, plain.digest, plain.shingles));
    }
}

proptest! {
    #[test]
    fn every_instruction_set_gives_the_same(rows in prop::collection::vec("([a-zA-Z0-9äß.]{0,6}[ \n]){0,40}", 0..8), repeat in 1usize..60, size in 1usize..17, characters: bool) {
        let shingles = if characters { Shingles::Characters(size * 4) } else { Shingles::Words(size) };
        let rows: Vec<String> = rows.iter().enumerate().map(|(i, row)| if i == 0 { row.repeat(repeat) } else { row.clone() }).collect();
        let (text, offsets) = column(&rows);
        let portable = sign_with(&text, &offsets, shingles, &[], Width::Portable).unwrap();
        for width in Width::all() {
            let other = sign_with(&text, &offsets, shingles, &[], width).unwrap();
            prop_assert_eq!(&portable.bands, &other.bands, "{:?}", width);
            prop_assert_eq!(&portable.sketch, &other.sketch, "{:?}", width);
            prop_assert_eq!(&portable.shingles, &other.shingles, "{:?}", width);
        }
    }

    #[test]
    fn no_bytes_are_too_strange(rows in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8)) {
        let offsets: Vec<i32> = std::iter::once(0).chain(rows.iter().scan(0, |end, row| { *end += row.len() as i32; Some(*end) })).collect();
        for shingles in [Shingles::Words(5), Shingles::Characters(24)] {
            prop_assert_eq!(sign(&rows.concat(), &offsets, shingles, &[]).unwrap().shingles.len(), rows.len());
        }
    }
}

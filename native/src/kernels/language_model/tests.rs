use proptest::prelude::*;

use super::best::Best;
use super::*;

const DIM: i32 = 4;

fn ints(bytes: &mut Vec<u8>, values: &[i32]) {
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

/// A matrix of the same weights on every run, behind the flag that says whether it is quantized.
fn matrix(bytes: &mut Vec<u8>, rows: i32, quantized: bool) {
    let floats = |count: i32| (0..count).flat_map(|i| (((i * 37 + rows * 11) % 101) as f32 / 50.0 - 1.0).to_le_bytes());
    bytes.push(u8::from(quantized));
    if quantized {
        bytes.push(0);
    }
    bytes.extend(i64::from(rows).to_le_bytes());
    bytes.extend(i64::from(DIM).to_le_bytes());
    if quantized {
        ints(bytes, &[rows * 2]);
        bytes.extend((0..rows * 2).map(|code| code as u8));
        ints(bytes, &[DIM, 2, 2, 2]);
        bytes.extend(floats(DIM * 256));
    } else {
        bytes.extend(floats(rows * DIM));
    }
}

/// A model of three words and four labels: fields in file order.
fn model(loss: i32, quantized: bool) -> Vec<u8> {
    let (words, labels, bucket) = (["</s>", "der", "Mühle"], ["__label__l0", "__label__l1", "__label__l2", "__label__l3"], 20);
    let mut bytes = Vec::new();
    ints(&mut bytes, &[MAGIC, 12, DIM, 5, 5, 1, 5, 2, loss, 3, bucket, 2, 3, 100]);
    bytes.extend(1e-4_f64.to_le_bytes());
    ints(&mut bytes, &[7, 3, 4]);
    bytes.extend(100_i64.to_le_bytes());
    bytes.extend((-1_i64).to_le_bytes());
    for (entry, name) in words.iter().chain(&labels).enumerate() {
        bytes.extend(name.as_bytes());
        bytes.push(0);
        bytes.extend(7_i64.to_le_bytes());
        bytes.push(u8::from(entry >= words.len()));
    }
    matrix(&mut bytes, 3 + bucket, quantized);
    matrix(&mut bytes, 4, quantized);
    bytes
}

#[test]
fn probabilities_of_a_softmax_add_up() {
    for quantized in [false, true] {
        let mut model = LanguageModel::from_bytes(model(3, quantized)).unwrap();
        assert_eq!(model.labels(), ["l0", "l1", "l2", "l3"]);
        let predictions = model.predict("Die Mühle der Stadt".as_bytes(), 10).unwrap().to_vec();
        assert_eq!(predictions.len(), 4);
        assert!((predictions.iter().map(|(score, _)| score).sum::<f32>() - 1.0).abs() < 1e-3);
        assert!(predictions.is_sorted_by(|a, b| a.0 >= b.0));
    }
}

#[test]
fn line_breaks_are_spaces_and_the_cache_changes_nothing() {
    let mut model = LanguageModel::from_bytes(model(1, false)).unwrap();
    let first = model.predict(b"der\nM\xC3\xBChle\tder", 4).unwrap().to_vec();
    let again = model.predict("der Mühle der".as_bytes(), 4).unwrap().to_vec();
    assert_eq!(first, again);
}

#[test]
fn a_model_cut_off_anywhere_says_where_it_ends() {
    let whole = model(1, true);
    for length in 0..whole.len() {
        let error = LanguageModel::from_bytes(whole[..length].to_vec()).err().unwrap();
        assert!(!error.0.is_empty());
    }
}

#[test]
fn exp_is_within_half_a_unit() {
    for step in -1000..=880 {
        let x = step as f32 / 10.0 + 0.013;
        let exact = f64::from(x).exp();
        let error = (f64::from(math::exp_single(x)) - exact).abs() / exact;
        assert!(exact < 2e-38 || error < 0.502 * f64::from(f32::EPSILON), "{x}: {error:e}");
    }
    assert!(math::exp_single(89.0).is_infinite());
    assert!(math::exp_single(-104.0) == 0.0);
}

proptest! {
    #[test]
    fn damage_is_an_error_or_a_prediction_but_no_panic(
        loss in 0_i32..6,
        quantized: bool,
        damage in proptest::collection::vec((0_usize..2000, any::<u8>()), 1..6),
        text in ".{0,40}",
    ) {
        let mut bytes = model(loss, quantized);
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(mut model) = LanguageModel::from_bytes(bytes) {
            let _ = model.predict(text.as_bytes(), 3);
        }
    }

    #[test]
    fn the_best_are_the_best(scores in proptest::collection::vec(-100_i32..100, 0..60), k in 1_usize..12) {
        let mut best = Best::default();
        best.start(k);
        for (label, &score) in scores.iter().enumerate() {
            if !best.is_beaten(score as f32) {
                best.push(score as f32, label as u32);
            }
        }
        let found: Vec<f32> = best.finish(|score| score).iter().map(|(score, _)| *score).collect();
        let mut expected: Vec<f32> = scores.iter().map(|&score| score as f32).collect();
        expected.sort_by(|a, b| b.total_cmp(a));
        expected.truncate(k);
        prop_assert_eq!(found, expected);
    }
}

#![allow(clippy::float_cmp)] // values at corners are exact

use super::characters::{Counts, count};
use super::*;

fn score(text: &str) -> [f64; MEASURES] {
    Scorer::new().unwrap().score(text, SPANISH_PUNCTUATION, f64::NAN).unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.005
}

#[test]
fn characters_are_counted_as_the_description_lists_them() {
    let counts = count("Año 2020: «¡Olé!» – 5 € (10 %) http://www.a.es www.b.es 😀");
    assert_eq!((counts.numbers, counts.urls), (7, 2));
    assert_eq!(counts.symbols, "«»€%//😀".chars().count());
    assert_eq!(counts.punctuation, ":¡!–():..".chars().count() + 2);
    let all = counts.letters + counts.numbers + counts.punctuation + counts.symbols;
    assert_eq!(all + counts_spaces("Año 2020: «¡Olé!» – 5 € (10 %) http://www.a.es www.b.es 😀"), counts.characters);
}

fn counts_spaces(text: &str) -> usize {
    text.chars().filter(|&c| c == ' ').count()
}

/// The description's worked example: these subscores give 0.83 (0.818 with the alpha and beta it states).
#[test]
fn the_worked_example_of_the_description() {
    let penalty = penalty(&[1.0, 1.0, 1.0, 0.92, 0.89, 1.0, 0.84]);
    assert!((penalty - 0.83).abs() < 0.015, "{penalty}");
    assert_eq!(parts::penalty(&[1.0, 0.0, 0.54, 0.94, 1.0, 0.69, 1.0]), 0.0);
    assert_eq!(parts::penalty(&[1.0; 7]), 1.0);
}

#[test]
fn tables_are_met_at_their_corners_and_between() {
    let of = |letters: usize, punctuation: usize| Counts { characters: letters + punctuation, letters, punctuation, ..Counts::default() };
    for (marks, expected) in [(1, 0.0), (3, 0.0), (5, 0.5), (7, 0.75), (9, 1.0), (25, 1.0), (250, 0.0), (300, 0.0)] {
        // Half of the letters in a segment with much punctuation, so that segments without any do not decide.
        let half = of(500, marks / 2);
        let other = of(500, marks - marks / 2);
        let text = parts::punctuation(&[half, other], 1.0);
        if marks >= 9 {
            assert!(near(text, expected), "{marks}: {text}");
        } else {
            assert!(text <= expected + 0.005, "{marks}: {text}");
        }
    }
    let numbers = |n: usize| parts::numbers(&[], Counts { letters: 1000, numbers: n, ..Counts::default() });
    assert_eq!((numbers(10), numbers(300), numbers(155)), (1.0, 0.0, 0.5));
    let symbols = |n: usize| parts::symbols(&[], Counts { letters: 1000, symbols: n, ..Counts::default() });
    assert!(near(symbols(10), 1.0) && near(symbols(20), 0.7) && near(symbols(60), 0.5) && near(symbols(100), 0.0));
    let heap = Counts { letters: 1000, symbols: 110, ..Counts::default() };
    assert!(near(parts::symbols(&[heap], Counts { letters: 100_000, ..heap }), 1.0 - 80.0 / 120.0));
}

#[test]
fn segments_count_by_letters() {
    let of = |letters: usize| Counts { characters: letters, letters, urls: 1, ..Counts::default() };
    assert_eq!(parts::long_segments(&[of(250), of(249), of(700)], 1.0), (0.2, 0.2));
    assert_eq!(parts::long_segments(&[of(1000), of(630)], 1.0), (0.2, 1.0));
    assert_eq!(parts::urls(&[of(30), of(29)], 800, 1.0), 1.0);
    let linked = Counts { urls: 13, ..of(2400) };
    assert_eq!((parts::urls(&[linked], 4800, 1.0), parts::urls(&[linked], 100, 1.0)), (0.5, 0.0));
    assert_eq!(parts::short_segments(&[of(20); 5], 1.0), 0.5);
    assert_eq!(parts::short_segments(&[of(20); 4], 1.0), 1.0);
    assert_eq!(parts::short_segments(&[of(400); 9], 1.0), 1.0);
    assert_eq!(parts::repeated(&mut [1, 2, 1, 3, 4]), 0.6);
    assert_eq!(parts::repeated(&mut [1, 2, 1]), 1.0);
}

#[test]
fn compression_may_lie_ten_points_from_the_usual() {
    assert_eq!(parts::informativeness(10_000, 3800), 1.0);
    assert_eq!(parts::informativeness(10_000, 2850), 1.0);
    assert!(near(parts::informativeness(10_000, 2300), 0.7));
    assert_eq!(parts::informativeness(10_000, 100), 0.0);
    assert_eq!(parts::informativeness(499, 480), 1.0);
    assert_eq!(parts::informativeness(10_000, 9900), 0.0);
}

#[test]
fn prose_is_good_and_a_menu_is_not() {
    let prose = "El molino está junto al río, y desde hace cuatrocientos años muele el trigo de toda la comarca. \
        Por la mañana llegan los carros cargados de sacos; por la tarde, cuando baja el sol, el molinero cierra la compuerta y escucha el agua. \
        Nadie recuerda quién talló las piedras. Dicen los viejos que vinieron de la montaña, en un invierno tan largo que hubo que esperar al deshielo.";
    assert!(score(prose)[0] > 0.8, "{:?}", score(prose));
    let menu = "Inicio\nProductos\nServicios\nNoticias\nContacto\nEmpresa\nEquipo\nAyuda\n".repeat(6);
    assert!(score(&menu)[0] < 0.1, "{:?}", score(&menu));
    assert!(Scorer::new().unwrap().score("12 34 …", 2.4, 1.0).is_none());
    let half = Scorer::new().unwrap().score(prose, 2.4, 0.5).unwrap();
    assert!(near(half[1], score(prose)[1] - 0.4));
}

#[test]
fn hostile_texts_take_one_pass() {
    for text in ["\n".repeat(10_000_000), "x".repeat(10_000_000), "wwww http\n".repeat(1_000_000), "ab\n".repeat(3_000_000)] {
        let started = std::time::Instant::now();
        Scorer::new().unwrap().score(&text, 2.4, 1.0);
        assert!(started.elapsed().as_secs() < 20);
    }
}

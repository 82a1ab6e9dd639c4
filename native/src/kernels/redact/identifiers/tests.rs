use super::*;

/// Draws that are the same on every machine (Knuth's MMIX generator).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn letter(&mut self) -> u8 {
        b'A' + self.below(26) as u8
    }

    fn like(&mut self, form: &str, length: usize) -> Vec<u8> {
        let draw = |class: u8, draws: &mut Self| match class {
            b'd' => b'0' + draws.below(10) as u8,
            b'A' => draws.letter(),
            b'x' => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[draws.below(36) as usize],
            literal => literal,
        };
        let last = form.as_bytes()[form.len() - 1];
        (0..length).map(|i| draw(form.as_bytes().get(i).copied().unwrap_or(last), self)).collect()
    }
}

const DRAWS: u64 = 200_000;

fn share(draws: impl Fn(&mut Draws) -> bool) -> f64 {
    let mut generator = Draws(42);
    (0..DRAWS).filter(|_| draws(&mut generator)).count() as f64 / DRAWS as f64
}

/// What is found by its check digits alone lets at most one random string in two hundred pass.
#[test]
fn what_stands_alone_is_told_by_its_check() {
    for identifier in all() {
        for &length in identifier.lengths {
            let passes = share(|draws| (identifier.check)(&draws.like(identifier.form, usize::from(length))));
            println!("{} {length}: {:.3} %", identifier.name, passes * 100.0);
            assert!(passes > 0.0 || identifier.name == "fr-nir" || identifier.name == "lu-matricule", "{} never passes", identifier.name);
            if !identifier.alone.is_empty() {
                assert!(passes <= 0.005, "{} passes {passes} of random strings: it needs a context word", identifier.name);
            }
        }
    }
}

/// A VAT number behind its country's code is a form of two letters and what follows.
#[test]
fn a_country_code_in_front_is_enough() {
    for identifier in all().filter(|identifier| !identifier.prefix.is_empty()) {
        for &length in identifier.lengths {
            let passes = share(|draws| {
                let prefix = [draws.letter(), draws.letter()];
                prefix == *identifier.prefix.as_bytes() && (identifier.check)(&draws.like(identifier.form, usize::from(length)))
            });
            assert!(passes <= 0.005, "{}: {passes}", identifier.name);
        }
    }
}

fn check(name: &str, number: &str) -> bool {
    let identifier = all().find(|identifier| identifier.name == name).unwrap();
    identifier.lengths.contains(&(number.len() as u8)) && (identifier.check)(number.as_bytes())
}

/// Published examples that python-stdnum has none of.
#[test]
fn numbers_without_a_reference_implementation() {
    assert!(check("hu-taj", "111111110") && !check("hu-taj", "111111111"));
    assert!(check("hu-adoazonosito", "8071592153") && !check("hu-adoazonosito", "8071592154"));
    assert!(check("de-rvnr", "15070649C103") && !check("de-rvnr", "15070649C104"));
    assert!(check("de-rvnr", "65170839J003"));
    assert!(check("lu-matricule", "1893120105732") && !check("lu-matricule", "1893120105733"));
    assert!(check("mt-id", "0123456M") && !check("mt-id", "0123456K"));
    assert!(check("se-samordningsnummer", "7010632391") && !check("se-personnummer", "7010632391"));
    // The remainder of the first nine digits by eleven is ten, written as zero.
    assert!(check("cz-rc", "7801233540"));
    assert!(check("sk-rc", "7801233540"));
}

/// The letters of an omocode stand for digits.
#[test]
fn italian_codes() {
    assert!(check("it-codicefiscale", "RCCMNL83S18D969H"));
    assert!(!check("it-codicefiscale", "RCCMNL83S18D969I"));
    assert!(!check("it-codicefiscale", "RCCMNL83S32D969H"));
}

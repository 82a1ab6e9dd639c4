//! Tax and national numbers of the 27 member states: their forms and check digits. Sources: the states' own publications, as
//! collected by python-stdnum 2.2, with which `test/peers` compares every rule.

mod east;
mod north;
mod south;
mod west;

/// A VAT number of a business, or an identifier of a person; some are both.
pub const VAT: u8 = 1;
pub const NATIONAL: u8 = 2;

/// One kind of number. Characters come in capitals and without separators.
pub struct Identifier {
    /// `country-name`, as python-stdnum calls it where it has it.
    pub name: &'static str,
    /// `VAT`, `NATIONAL` or both.
    pub kinds: u8,
    /// The country code of VAT numbers; then the number may stand behind it.
    pub prefix: &'static str,
    pub lengths: &'static [u8],
    /// Groups in which it is printed when nothing else is needed to tell it: at most 0.5 % of random characters of its form
    /// pass, which a test measures. Empty: it needs a context word, or its country's code in front.
    pub alone: &'static [&'static [u8]],
    /// `d` a digit, `A` a capital letter, `x` either, by character of the longest form: what the test draws.
    #[cfg_attr(not(test), allow(dead_code))]
    pub form: &'static str,
    pub check: fn(&[u8]) -> bool,
}

impl Identifier {
    /// The country, in lower case.
    pub fn country(&self) -> &'static str {
        &self.name[..2]
    }
}

/// All of them, state by state.
pub fn all() -> impl Iterator<Item = &'static Identifier> {
    [west::IDENTIFIERS, north::IDENTIFIERS, south::IDENTIFIERS, east::IDENTIFIERS].into_iter().flatten()
}

/// By the number of characters, so that a candidate meets only those that it could be.
pub struct ByLength {
    alone: Vec<Vec<&'static Identifier>>,
    all: Vec<Vec<&'static Identifier>>,
}

/// Longest number of the tables, and one.
const LENGTHS: usize = 18;

impl Default for ByLength {
    fn default() -> Self {
        let mut lists = Self { alone: vec![Vec::new(); LENGTHS], all: vec![Vec::new(); LENGTHS] };
        for identifier in all() {
            for &length in identifier.lengths {
                lists.all[usize::from(length)].push(identifier);
                if !identifier.alone.is_empty() {
                    lists.alone[usize::from(length)].push(identifier);
                }
            }
        }
        lists
    }
}

impl ByLength {
    pub fn alone(&self, length: usize) -> &[&'static Identifier] {
        self.alone.get(length).map_or(&[], Vec::as_slice)
    }

    pub fn of(&self, length: usize) -> &[&'static Identifier] {
        self.all.get(length).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests;

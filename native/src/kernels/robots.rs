//! robots.txt by RFC 9309: which path may be fetched by whom, and every other line with its group.
//!
//! A file is parsed once; a question costs the rules of the groups that speak to the agent, each linear in pattern and
//! path. Deviations from other matchers are named in `docs/decisions/robots-matching.md`.

#[cfg(test)]
mod fuzz_tests;
mod line;
mod pattern;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;

use line::{Key, Line};
use pattern::Pattern;

/// Bytes of a file that are read (RFC 9309, 2.5: at least 500 KiB); a line that is cut there is not.
pub const MAX_BYTES: usize = 500 * 1024;

/// Bytes of a rule that are kept as written.
const MAX_TEXT: usize = 256;

/// What a file says of one path to one agent; `line` counts from 1, 0 where no rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub allowed: bool,
    pub line: u32,
}

/// A line that is no rule, as written; `name` in lower case.
#[derive(Debug, PartialEq, Eq)]
pub struct Extension {
    pub name: String,
    pub value: String,
    pub line: u32,
}

#[derive(Debug)]
struct Rule {
    allow: bool,
    pattern: Pattern,
    line: u32,
}

/// One name of a User-agent line, in lower case, and where it stands.
#[derive(Debug, Default)]
struct Agent {
    name: String,
    /// Groups whose rules are for it, in file order, each once.
    groups: Vec<u32>,
    /// Runs of lines that are not rules, each once.
    blocks: Vec<u32>,
}

/// Rules between the User-agent lines that begin a group and the next ones after a rule.
#[derive(Debug, Default)]
struct Group {
    rules: Vec<Rule>,
}

/// A parsed file.
#[derive(Debug, Default)]
pub struct Robots {
    agents: Vec<Agent>,
    by_name: HashMap<String, u32>,
    groups: Vec<Group>,
    /// Rules as written, by line.
    texts: Vec<(u32, String)>,
    /// Block 0 holds what stands before the first User-agent line, and is for everyone.
    blocks: Vec<Vec<Extension>>,
    /// The longest Crawl-delay of each block. By agent it would cost a file of delays behind a list of agents their product.
    delays: Vec<Option<f64>>,
    sitemaps: Vec<String>,
}

impl Robots {
    /// Never fails: what is no rule, or bytes of another kind of file, leaves everything allowed.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = decoded(bytes);
        let mut robots = Self { blocks: vec![Vec::new()], delays: vec![None], ..Self::default() };
        let mut group = Standing::default();
        let mut block = Standing::default();
        let mut seen_sitemaps = std::collections::HashSet::new();
        for (number, raw) in line::lines(within_limit(&text)) {
            let Some(Line { key, name, value }) = line::parse(raw) else { continue };
            match key {
                Key::UserAgent => {
                    if group.closed {
                        group.open(robots.groups.len());
                        robots.groups.push(Group::default());
                    }
                    if block.closed {
                        block.open(robots.blocks.len());
                        robots.blocks.push(Vec::new());
                        robots.delays.push(None);
                    }
                    for name in line::agent_names(value) {
                        robots.name(name, &mut group, &mut block);
                    }
                }
                Key::Allow | Key::Disallow => {
                    if !group.named {
                        continue;
                    }
                    group.closed = true;
                    block.closed = true;
                    let pattern = Pattern::new(value);
                    if !pattern.is_empty() {
                        robots.groups[group.number].rules.push(Rule { allow: key == Key::Allow, pattern, line: number });
                        robots.texts.push((number, line::printable(&raw[..raw.len().min(MAX_TEXT)])));
                    }
                }
                Key::Sitemap => {
                    let address = line::printable(value);
                    if !address.is_empty() && seen_sitemaps.insert(address.clone()) {
                        robots.sitemaps.push(address);
                    }
                }
                Key::Other => {
                    block.closed = true;
                    if name.eq_ignore_ascii_case(b"crawl-delay") {
                        let delay = &mut robots.delays[block.number];
                        *delay = longest([*delay, line::seconds(value)]);
                    }
                    robots.blocks[block.number].push(Extension {
                        name: line::printable(name).to_ascii_lowercase(),
                        value: line::printable(value),
                        line: number,
                    });
                }
            }
        }
        robots
    }

    fn name(&mut self, name: String, group: &mut Standing, block: &mut Standing) {
        let at = *self.by_name.entry(name).or_insert_with_key(|name| {
            self.agents.push(Agent { name: name.clone(), ..Agent::default() });
            (self.agents.len() - 1) as u32
        });
        let agent = &mut self.agents[at as usize];
        if agent.groups.last() != Some(&(group.number as u32)) {
            agent.groups.push(group.number as u32);
        }
        if agent.blocks.last() != Some(&(block.number as u32)) {
            agent.blocks.push(block.number as u32);
        }
        group.named = true;
    }

    /// The agent's own entry, else that of `*`.
    fn agent(&self, name: &str) -> Option<&Agent> {
        let lower = name.to_ascii_lowercase();
        let at = self.by_name.get(&lower).or_else(|| self.by_name.get("*"))?;
        Some(&self.agents[*at as usize])
    }

    /// `agent` is a product token, in any case; `target` the path and query of a URL.
    pub fn allowed(&self, agent: &str, target: &[u8]) -> Answer {
        let free = Answer { allowed: true, line: 0 };
        let Some(agent) = self.agent(agent) else { return free };
        let target = pattern::target(target);
        if target == b"/robots.txt" {
            return free;
        }
        let mut best = Best::default();
        for &group in &agent.groups {
            best.add(&self.groups[group as usize], &target);
        }
        best.answer()
    }

    /// An answer for every agent that the file names, in the order of `agents`. Each group is read once.
    pub fn decisions(&self, target: &[u8]) -> Vec<Answer> {
        let target = pattern::target(target);
        let groups: Vec<Best> = self
            .groups
            .iter()
            .map(|group| {
                let mut best = Best::default();
                if target != b"/robots.txt" {
                    best.add(group, &target);
                }
                best
            })
            .collect();
        let of = |agent: &Agent| {
            let mut best = Best::default();
            for &group in &agent.groups {
                best.join(groups[group as usize]);
            }
            best.answer()
        };
        self.agents.iter().map(of).collect()
    }

    /// The decisions, those by the same line together, in order of the first agent of each.
    pub fn rulings(&self, target: &[u8]) -> Vec<(Answer, Vec<&str>)> {
        let mut rulings: Vec<(Answer, Vec<&str>)> = Vec::new();
        let mut places = HashMap::new();
        for (answer, agent) in self.decisions(target).into_iter().zip(self.agents()) {
            let place = *places.entry((answer.allowed, answer.line)).or_insert_with(|| {
                rulings.push((answer, Vec::new()));
                rulings.len() - 1
            });
            rulings[place].1.push(agent);
        }
        rulings
    }

    /// The rule on a line that an answer names, as written.
    pub fn text_of(&self, line: u32) -> Option<&str> {
        self.texts.binary_search_by_key(&line, |(number, _)| *number).ok().map(|at| self.texts[at].1.as_str())
    }

    /// Every name of a User-agent line, in lower case, in file order; `*` among them.
    pub fn agents(&self) -> impl Iterator<Item = &str> {
        self.agents.iter().map(|agent| agent.name.as_str())
    }

    /// Seconds between requests; none where the agent's own group does not say.
    pub fn crawl_delay(&self, agent: &str) -> Option<f64> {
        longest(self.agent(agent)?.blocks.iter().map(|&block| self.delays[block as usize]))
    }

    /// As written, in file order, each once; they are for everyone.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// Lines that are no rules: those before the first group, and those that stand with the agent's.
    pub fn extensions(&self, agent: &str) -> impl Iterator<Item = &Extension> {
        let own: &[u32] = self.agent(agent).map_or(&[], |agent| &agent.blocks);
        self.blocks.iter().take(1).chain(own.iter().map(|&block| &self.blocks[block as usize])).flatten()
    }

    /// All lines that are no rules, with the agents they stand with; the first run is for everyone, and names none.
    pub fn blocks(&self) -> Vec<(&[Extension], Vec<&str>)> {
        let mut members: Vec<Vec<&str>> = vec![Vec::new(); self.blocks.len()];
        for agent in &self.agents {
            for &block in &agent.blocks {
                members[block as usize].push(&agent.name);
            }
        }
        // A group of agents without a name is for nobody.
        let named = self.blocks.iter().zip(members).enumerate().filter(|(number, (_, members))| *number == 0 || !members.is_empty());
        named.filter(|(_, (lines, _))| !lines.is_empty()).map(|(_, (lines, members))| (&lines[..], members)).collect()
    }
}

/// The User-agent lines that the lines at hand belong to.
struct Standing {
    number: usize,
    /// It has a User-agent line that names somebody.
    named: bool,
    /// A User-agent line begins anew.
    closed: bool,
}

impl Default for Standing {
    fn default() -> Self {
        Self { number: 0, named: false, closed: true }
    }
}

impl Standing {
    fn open(&mut self, number: usize) {
        *self = Self { number, named: false, closed: false };
    }
}

/// The longest matching rule of each kind: octets and line.
#[derive(Clone, Copy, Default)]
struct Best {
    allow: Option<(usize, u32)>,
    disallow: Option<(usize, u32)>,
}

impl Best {
    fn add(&mut self, group: &Group, target: &[u8]) {
        for Rule { allow, pattern, line, .. } in &group.rules {
            let best = if *allow { &mut self.allow } else { &mut self.disallow };
            if best.is_none_or(|(octets, _)| octets < pattern.octets())
                && (pattern.matches(target) || (*allow && pattern.is_index_of(target)))
            {
                *best = Some((pattern.octets(), *line));
            }
        }
    }

    fn join(&mut self, other: Self) {
        let longer = |a: Option<(usize, u32)>, b: Option<(usize, u32)>| match (a, b) {
            (Some(a), Some(b)) if b.0 > a.0 => Some(b),
            (a, b) => a.or(b),
        };
        *self = Self { allow: longer(self.allow, other.allow), disallow: longer(self.disallow, other.disallow) };
    }

    /// Of rules of one length the one that allows.
    fn answer(self) -> Answer {
        match (self.allow, self.disallow) {
            (allow, Some((octets, line))) if allow.is_none_or(|(other, _)| other < octets) => Answer { allowed: false, line },
            (Some((_, line)), _) => Answer { allowed: true, line },
            _ => Answer { allowed: true, line: 0 },
        }
    }
}

/// Of several delays the longest counts: who asks for more patience gets it.
fn longest(delays: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    delays.into_iter().flatten().reduce(f64::max)
}

/// UTF-16 with a byte order mark becomes UTF-8; of UTF-8 the mark, or a piece of it, is taken off.
fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let encoding = match bytes {
        [0xff, 0xfe, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, ..] => encoding_rs::UTF_16BE,
        [0xef, 0xbb, 0xbf, rest @ ..] | [0xef, 0xbb, rest @ ..] | [0xef, rest @ ..] => return Cow::Borrowed(rest),
        _ => return Cow::Borrowed(bytes),
    };
    let end = bytes.len().min(2 * MAX_BYTES + 4);
    Cow::Owned(encoding.decode_with_bom_removal(&bytes[..end]).0.into_owned().into_bytes())
}

fn within_limit(bytes: &[u8]) -> &[u8] {
    if bytes.len() <= MAX_BYTES {
        return bytes;
    }
    let end = bytes[..MAX_BYTES].iter().rposition(|&byte| byte == b'\n' || byte == b'\r');
    &bytes[..end.unwrap_or(0)]
}

//! robots.txt, parsed once and asked often.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::kernels::robots::{Extension, Robots};

/// `line` is 0 where no rule matches.
#[napi(object)]
pub struct RobotsFound {
    pub allowed: bool,
    pub line: u32,
}

/// What one line says to the agents whose answer it decides.
#[napi(object)]
pub struct RobotsRuling {
    pub allowed: bool,
    pub line: u32,
    pub text: String,
    pub agents: Vec<String>,
}

#[napi(object)]
pub struct RobotsLine {
    pub name: String,
    pub value: String,
    pub line: u32,
}

/// Lines and the agents they stand with; none: everyone.
#[napi(object)]
pub struct RobotsBlock {
    pub lines: Vec<RobotsLine>,
    pub agents: Vec<String>,
}

#[napi]
pub struct RobotsRules {
    robots: Robots,
}

#[napi]
impl RobotsRules {
    #[napi(constructor, catch_unwind)]
    pub fn new(bytes: Uint8Array) -> Self {
        Self { robots: Robots::parse(&bytes) }
    }

    #[napi(catch_unwind)]
    pub fn allowed(&self, agent: String, target: String) -> RobotsFound {
        let answer = self.robots.allowed(&agent, target.as_bytes());
        RobotsFound { allowed: answer.allowed, line: answer.line }
    }

    /// The answers for all agents of the file, those by the same line together, in order of the first.
    #[napi(catch_unwind)]
    pub fn rulings(&self, target: String) -> Vec<RobotsRuling> {
        let rulings = self.robots.rulings(target.as_bytes()).into_iter();
        rulings
            .map(|(answer, agents)| RobotsRuling {
                allowed: answer.allowed,
                line: answer.line,
                text: self.robots.text_of(answer.line).unwrap_or_default().to_owned(),
                agents: agents.into_iter().map(str::to_owned).collect(),
            })
            .collect()
    }

    #[napi(catch_unwind)]
    pub fn agents(&self) -> Vec<String> {
        self.robots.agents().map(str::to_owned).collect()
    }

    /// NaN where none is given.
    #[napi(catch_unwind)]
    pub fn crawl_delay(&self, agent: String) -> f64 {
        self.robots.crawl_delay(&agent).unwrap_or(f64::NAN)
    }

    #[napi(catch_unwind)]
    pub fn sitemaps(&self) -> Vec<String> {
        self.robots.sitemaps().to_vec()
    }

    #[napi(catch_unwind)]
    pub fn extensions(&self, agent: String) -> Vec<RobotsLine> {
        self.robots.extensions(&agent).map(line).collect()
    }

    #[napi(catch_unwind)]
    pub fn blocks(&self) -> Vec<RobotsBlock> {
        let blocks = self.robots.blocks().into_iter();
        blocks
            .map(|(lines, agents)| RobotsBlock {
                lines: lines.iter().map(line).collect(),
                agents: agents.into_iter().map(str::to_owned).collect(),
            })
            .collect()
    }
}

fn line(extension: &Extension) -> RobotsLine {
    RobotsLine { name: extension.name.clone(), value: extension.value.clone(), line: extension.line }
}

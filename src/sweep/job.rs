//! The runs of a sweep, each built from its number: scenario, key, and the key of its
//! structure.

use super::design::{Design, Point};
use super::error::SweepError;
use super::outcome::Columns;
use super::parts;
use super::read::read;
use crate::input::{Diagnostic, Diagnostics, Severity, Span};
use crate::numerics::hash;
use crate::scenario::{Loaded, Template};
use crate::simulation::run::key as scenario_key;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A SHA-256.
pub type Key = [u8; 32];

/// A sweep as read: its scenario, and what varies.
#[derive(Debug)]
pub struct Job<'a> {
    template: &'a Template<'a>,
    design: Design<'a>,
    /// Names and units of what is kept.
    pub columns: Columns,
    /// Whether lost capacity is shared out among mechanisms: only where the scenario asks.
    attributed: bool,
}

/// A run ready to be simulated.
#[derive(Debug)]
pub struct Built {
    /// Its scenario.
    pub loaded: Loaded,
    /// Key of the run.
    pub key: Key,
}

impl<'a> Job<'a> {
    /// Reads the sweep of a scenario. Of its runs only the first is built.
    ///
    /// # Errors
    /// Every complaint about `[sweep]` or about the first run.
    pub fn new(template: &'a Template<'a>) -> Result<Self, SweepError> {
        let design = read(template)?;
        let point = design.point(0);
        let first = template.with(&point.settings());
        let first = first.map_err(|refused| in_run(refused, 0, &point))?;
        let columns = Columns::of(&first, design.series())?;
        drop(point);
        let named = |key: &str| design.parameters().any(|p| p.path.root() == key);
        Ok(Self {
            attributed: template.has(ATTRIBUTION) || named(ATTRIBUTION),
            template,
            columns,
            design,
        })
    }

    /// What varies.
    pub fn design(&self) -> &Design<'a> {
        &self.design
    }

    /// The scenario as written.
    pub fn template(&self) -> &Template<'a> {
        self.template
    }

    /// Builds run `run`.
    ///
    /// # Errors
    /// Every complaint about its scenario, with its settings.
    pub fn build(&self, run: u64) -> Result<Built, Diagnostics> {
        let point = self.design.point(run);
        let loaded = self.template.with(&point.settings());
        let mut loaded = loaded.map_err(|refused| in_run(refused, run, &point))?;
        let scenario = &mut loaded.scenario;
        if !self.attributed {
            scenario.attribution.clear();
        }
        if self.design.independent {
            scenario.seed = 0;
            let own = bytes(&self.key(&loaded));
            let word: [u8; 8] = std::array::from_fn(|i| own[i]);
            // A scenario's seed is a whole number of TOML.
            loaded.scenario.seed = u64::from_le_bytes(word) & i64::MAX as u64;
        }
        let seed = loaded.scenario.seed.wrapping_add(point.replicate);
        loaded.scenario.seed = seed & i64::MAX as u64;
        let key = bytes(&self.key(&loaded));
        Ok(Built { loaded, key })
    }

    /// Run `run` as a scenario of its own, as TOML.
    ///
    /// # Errors
    /// Every complaint about its scenario.
    pub fn scenario_of(&self, run: u64) -> Result<String, SweepError> {
        let built = self.build(run)?;
        let point = self.design.point(run);
        let settings = point.describe();
        let name = self.template.name();
        let mut text = format!("# Run {run} of the sweep of {name}\n# {settings}\n");
        text += &self
            .template
            .written_with(&point.settings(), built.loaded.scenario.seed);
        Ok(text)
    }

    /// Key of a run: the resolved scenario without its title, the version of the model, and
    /// what is kept of it.
    fn key(&self, loaded: &Loaded) -> String {
        let mut scenario = loaded.scenario.clone();
        scenario.title.clear();
        let kept = format!("{:?}", self.design.series());
        hash::key(&[scenario_key(&scenario).as_bytes(), kept.as_bytes()])
    }
}

const ATTRIBUTION: &str = "attribution";

impl Built {
    /// Key of its structure and transport.
    pub fn part(&self) -> Key {
        bytes(&parts::key(&self.loaded.scenario))
    }
}

/// A hexadecimal hash as bytes.
pub fn bytes(hexadecimal: &str) -> Key {
    let digit = |i: usize| hexadecimal.get(2 * i..2 * i + 2);
    std::array::from_fn(|i| digit(i).map_or(0, |d| u8::from_str_radix(d, 16).unwrap_or(0)))
}

/// Bytes as hexadecimal digits.
pub fn hexadecimal(key: &[u8]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn in_run(mut refused: Diagnostics, run: u64, point: &Point<'_, '_>) -> Diagnostics {
    let settings = point.describe();
    for item in &mut refused.items {
        let before = item
            .help
            .take()
            .map_or(String::new(), |help| format!("{help}\n"));
        let run = run + 1;
        item.help = Some(format!("{before}in run {run}: {settings}"));
    }
    refused
}

/// What all runs were checked for.
#[derive(Debug)]
pub struct Checked {
    /// Warnings of any run, each once.
    pub warnings: Diagnostics,
}

/// Runs that are built and checked at a time.
const BLOCK: u64 = 4096;
/// Complaints after which checking stops: more would not be read.
const MOST_COMPLAINTS: usize = 20;

impl Job<'_> {
    /// Builds every run. `keep` gets key and structure's key in the order of the runs, `observe` the
    /// number of runs that were built.
    ///
    /// # Errors
    /// Every distinct complaint about any run, with the first run that has it; what `keep` refuses.
    pub fn check(
        &self,
        keep: &mut dyn FnMut(&Key, &Key) -> Result<(), SweepError>,
        observe: &dyn Fn(u64),
    ) -> Result<Checked, SweepError> {
        let runs = self.design.runs();
        let mut found = Complaints::default();
        let mut from = 0;
        while from < runs {
            let to = (from + BLOCK).min(runs);
            let one = |run: u64| match self.build(run) {
                Ok(built) => {
                    let part = built.part();
                    Ok((built.key, part, built.loaded.warnings))
                }
                Err(refused) => Err(refused.items),
            };
            let block: Vec<_> = (from..to).into_par_iter().map(one).collect();
            for built in block {
                match built {
                    Ok((key, part, warnings)) => {
                        found.add(warnings);
                        keep(&key, &part)?;
                    }
                    Err(items) => found.add(items),
                }
            }
            if found.errors() >= MOST_COMPLAINTS {
                break;
            }
            from = to;
            observe(from);
        }
        let refused = found.errors() > 0;
        let diagnostics = Diagnostics {
            name: self.template.name().into(),
            text: self.template.text().into(),
            items: found.list(),
        };
        if refused {
            return Err(diagnostics.into());
        }
        Ok(Checked {
            warnings: diagnostics,
        })
    }
}

/// Complaints of many runs: the first of each kind, and how many runs have it.
#[derive(Default)]
struct Complaints {
    found: BTreeMap<(usize, usize, String), (Diagnostic, u64)>,
}

impl Complaints {
    fn add(&mut self, items: Vec<Diagnostic>) {
        for item in items {
            let span: Span = item.span.clone().unwrap_or(0..0);
            let key = (span.start, span.end, item.message.clone());
            self.found.entry(key).or_insert((item, 0)).1 += 1;
        }
    }

    fn errors(&self) -> usize {
        let errors = |item: &&(Diagnostic, u64)| item.0.severity == Severity::Error;
        self.found.values().filter(errors).count()
    }

    fn list(self) -> Vec<Diagnostic> {
        let told = |(mut item, count): (Diagnostic, u64)| {
            if count > 1 {
                let help = item.help.take().unwrap_or_default();
                item.help = Some(
                    format!("{help} (and in {} more)", count - 1)
                        .trim()
                        .to_owned(),
                );
            }
            item
        };
        self.found.into_values().map(told).collect()
    }
}

//! Protocol blocks: sentences and tables given their meaning in a cell.

mod amplitude;
mod impedance;
mod profile;
mod reference;
mod step;
mod window;

pub use amplitude::understand_amplitudes;
pub(super) use reference::Reference;

use super::procedure::{Block, Step, Stop};
use super::sentence::{SentenceError, understand_current, understand_stop};
use crate::input::{Diagnostic, Section, Span};
use reference::Previous;
use std::path::Path;
use step::{PLACEHOLDER, Wording};
use toml::Spanned;
use toml::de::DeValue;
use window::Window;

/// Blocks may lie in one another this deep.
const DEEPEST: usize = 8;
/// Cycles of a whole protocol.
const MOST_CYCLES: usize = 1_000_000;

/// What is needed to read a block, and what was read before it.
struct Reader<'r> {
    reference: &'r Reference,
    /// Where files are looked for.
    directory: &'r Path,
    /// Currents of the steps so far.
    previous: Previous,
}

/// Reads every block, files looked for from `directory`; `None` where anything was
/// refused.
pub(super) fn blocks(
    sections: &[Section<'_>],
    reference: &Reference,
    directory: &Path,
) -> Option<Vec<Block>> {
    let mut reader = Reader {
        reference,
        directory,
        previous: Previous::default(),
    };
    reader.blocks(sections, 1)
}

impl Reader<'_> {
    fn blocks(&mut self, sections: &[Section<'_>], depth: usize) -> Option<Vec<Block>> {
        let blocks: Vec<_> = sections
            .iter()
            .map(|section| self.block(section, depth))
            .collect();
        blocks.into_iter().collect()
    }

    fn block(&mut self, section: &Section<'_>, depth: usize) -> Option<Block> {
        let repeat = section.count("repeat");
        let rates = section
            .texts("rates")
            .filter(|_| section.get("rates").is_some());
        let (steps, blocks) = match (section.get("steps"), section.get("blocks")) {
            (Some(_), Some(_)) => {
                let message = "the protocol block has both `steps` and `blocks`";
                let complaint = Diagnostic::error(section.span_of("blocks"), message);
                return section
                    .sink()
                    .refuse(complaint.help("put the steps into a block of their own"));
            }
            (None, Some(_)) => (Some(Vec::new()), self.inner(section, depth)),
            _ => match &rates {
                Some(rates) => (Some(Vec::new()), self.by_rate(section, rates)),
                None => (self.steps(section, None), Some(Vec::new())),
            },
        };
        if rates.is_some() && section.get("blocks").is_some() {
            let message = "`rates` needs `steps`, not `blocks`";
            let complaint = Diagnostic::error(section.span_of("rates"), message);
            section
                .sink()
                .push(complaint.help("put it into the block that has the steps"));
        }
        if rates.is_none() && section.get("cycles_per_rate").is_some() {
            let message = "`cycles_per_rate` without `rates`";
            let complaint = Diagnostic::error(section.span_of("cycles_per_rate"), message);
            section
                .sink()
                .push(complaint.help("rates = [\"0.1C\", \"0.5C\", \"1C\"]"));
        }
        // What can be said of spectra and stops is said even where the steps are refused.
        let per_pass = blocks.as_ref().map(|blocks| match blocks.as_slice() {
            [] => 1,
            blocks => blocks.iter().map(Block::cycles).sum(),
        });
        let cycles = repeat
            .zip(per_pass)
            .map(|(repeat, per_pass)| repeat.saturating_mul(per_pass));
        if let Some(cycles) = cycles.filter(|cycles| *cycles > MOST_CYCLES) {
            let message = format!("the block has {cycles} cycles, more than {MOST_CYCLES}");
            let complaint = Diagnostic::error(section.span_of("repeat"), message);
            return section.sink().refuse(complaint.help("repeat fewer times"));
        }
        let stop = self.stop(section);
        let block = match (repeat, steps, blocks) {
            (Some(repeat), Some(steps), Some(blocks)) => Some(Block {
                repeat,
                steps,
                blocks,
                ..Block::default()
            }),
            _ => None,
        };
        let of = cycles.unwrap_or(MOST_CYCLES);
        let impedance = section
            .section("impedance")
            .map(|request| impedance::request(&request, of, block.as_ref(), self.reference));
        Some(Block {
            stop: stop?,
            impedance: match impedance {
                Some(request) => Some(request?),
                None => None,
            },
            ..block?
        })
    }

    /// The blocks within a block.
    fn inner(&mut self, section: &Section<'_>, depth: usize) -> Option<Vec<Block>> {
        let span = section.span_of("blocks");
        let refuse = |message: String, help: &str| {
            let complaint = Diagnostic::error(span.clone(), message).help(help);
            section.sink().refuse(complaint)
        };
        if depth == DEEPEST {
            let message = format!("blocks lie in blocks more than {DEEPEST} deep");
            return refuse(message, "raise a `repeat` instead");
        }
        let sections = section.sections("blocks");
        if sections.is_empty() {
            return refuse(
                "the block has no blocks".into(),
                "blocks = [{ steps = [...] }, ...]",
            );
        }
        self.blocks(&sections, depth + 1)
    }

    /// A block of the section's steps for each of its rates.
    fn by_rate(&mut self, section: &Section<'_>, rates: &[(&str, Span)]) -> Option<Vec<Block>> {
        let sink = section.sink();
        if rates.is_empty() {
            let complaint = Diagnostic::error(section.span_of("rates"), "there are no rates");
            return sink.refuse(complaint.help("rates = [\"0.1C\", \"0.5C\", \"1C\"]"));
        }
        let texts = section
            .get("steps")
            .and_then(|steps| steps.get_ref().as_array());
        let named = |item: &Spanned<DeValue<'_>>| {
            item.get_ref()
                .as_str()
                .is_some_and(|text| text.contains(PLACEHOLDER))
        };
        if !texts.is_some_and(|steps| steps.iter().any(named)) {
            let message = format!("no step names `{PLACEHOLDER}`, so the rates change nothing");
            let complaint = Diagnostic::error(section.span_of("rates"), message);
            return sink.refuse(complaint.help("for example \"Discharge at {rate} until 2.0 V\""));
        }
        let repeat = section.count("cycles_per_rate");
        let mut blocks = Vec::new();
        for (rate, span) in rates {
            if let Err(error) = understand_current(rate) {
                let place = sink.inside(span, rate, error.span);
                return sink.refuse(Diagnostic::error(place, error.message).help(error.help));
            }
            blocks.push(Block {
                repeat: repeat?,
                steps: self.steps(section, Some(rate))?,
                ..Block::default()
            });
        }
        Some(blocks)
    }

    fn steps(&mut self, section: &Section<'_>, rate: Option<&str>) -> Option<Vec<Step>> {
        let items = match section.get("steps") {
            Some(value) => match value.get_ref().as_array() {
                Some(items) => items.iter().collect(),
                None => return section.refuse_form("steps", value, "an array of steps"),
            },
            None => Vec::new(),
        };
        if items.is_empty() {
            let complaint =
                Diagnostic::error(section.span_of("steps"), "the protocol block has no steps");
            section
                .sink()
                .push(complaint.help("steps = [\"Charge at 0.1C until 3.7 V\", ...]"));
        }
        let mut window = Window::default();
        let steps: Vec<_> = items
            .into_iter()
            .map(
                |item| match (item.get_ref().as_str(), item.get_ref().as_table()) {
                    (Some(text), _) => {
                        let wording = Wording::new(text, item.span(), rate);
                        self.sentence(&wording, section.sink(), &mut window)
                    }
                    (None, Some(table)) => {
                        let path = section.path_of("steps");
                        let schema = &super::schema::STEP;
                        let step = Section::open(table, item.span(), &path, schema, section.sink());
                        self.table(&step, &mut window)
                    }
                    (None, None) => {
                        section.refuse_form("steps", item, "a sentence in quotes, or a table")
                    }
                },
            )
            .collect();
        window.check(section.sink());
        steps.into_iter().collect()
    }

    /// The conditions that end a block early.
    fn stop(&self, section: &Section<'_>) -> Option<Vec<Stop>> {
        let texts = match section.get("stop") {
            Some(value) => match value.get_ref().as_str() {
                Some(text) => vec![(text, value.span())],
                None => section.texts("stop")?,
            },
            None => Vec::new(),
        };
        let refuse = |text: &str, span: &Span, error: SentenceError| {
            let place = section.sink().inside(span, text, error.span);
            let complaint = Diagnostic::error(place, error.message).help(error.help);
            section.sink().refuse(complaint.label("not understood"))
        };
        texts
            .into_iter()
            .map(
                |(text, span)| match understand_stop(text, &self.reference.anode) {
                    Ok(stop) => Some(self.reference.stop(stop)),
                    Err(error) => refuse(text, &span, error),
                },
            )
            .collect()
    }
}

//! The impedance request of a block.

use super::Reference;
use super::window::within_window;
use crate::input::{Diagnostic, Section};
use crate::scenario::procedure::ImpedanceRequest;
use crate::scenario::sentence::{SentenceError, understand_current, understand_voltage};

/// What stands in place of a voltage where the spectrum is taken as the cycle left the cell.
const OPEN_CIRCUIT: &str = "open circuit";

/// Warns of keys that say how to charge where nothing is charged.
fn without_charge(section: &Section<'_>) {
    for key in ["charge", "hold_until"] {
        if section.get(key).is_some() {
            let message = format!("`{key}` changes nothing at open circuit");
            section
                .sink()
                .push(Diagnostic::warning(section.span_of(key), message).label("not used"));
        }
    }
}

pub(super) fn request(
    section: &Section<'_>,
    of: usize,
    reference: &Reference,
) -> Option<ImpedanceRequest> {
    let cycles = cycles(section, of);
    let sink = section.sink();
    let refuse = |name: &str, text: &str, error: SentenceError| {
        let span = sink.inside(&section.span_of(name), text, error.span);
        sink.refuse(Diagnostic::error(span, error.message).help(error.help))
    };
    let at = section.text("at").and_then(|text| {
        if text.trim().eq_ignore_ascii_case(OPEN_CIRCUIT) {
            without_charge(section);
            return Some(None);
        }
        match understand_voltage(text, &reference.anode) {
            Ok(voltage) => Some(Some(reference.voltage(voltage))),
            Err(error) => refuse("at", text, error).map(Some),
        }
    });
    if let Some(Some(at)) = at {
        within_window(at, section.span_of("at"), reference, sink);
    }
    let charge = section
        .text("charge")
        .and_then(|text| match understand_current(text) {
            Ok(current) => Some(reference.density(current)),
            Err(error) => refuse("charge", text, error),
        });
    let (highest, lowest) = (section.quantity("from"), section.quantity("to"));
    if let (Some(highest), Some(lowest)) = (highest, lowest)
        && highest <= lowest
    {
        let message = format!("the spectrum goes from {highest} Hz up to {lowest} Hz");
        sink.push(
            Diagnostic::error(section.span_of("to"), message)
                .help("`from` is the highest frequency, `to` the lowest"),
        );
    }
    Some(ImpedanceRequest {
        cycles: cycles?,
        at: at?,
        charge_current: charge?,
        hold_until: section.quantity("hold_until")?,
        highest: highest?,
        lowest: lowest?,
        per_decade: section.count("per_decade")?,
    })
}

/// The cycles of a request, rising and each once; all must be cycles of the block.
fn cycles(section: &Section<'_>, of: usize) -> Option<Vec<usize>> {
    let given = section.integers("cycles")?;
    let mut cycles = Vec::new();
    for (cycle, span) in given {
        match usize::try_from(cycle) {
            Ok(cycle) if (1..=of).contains(&cycle) => cycles.push(cycle),
            _ => {
                let message =
                    format!("a spectrum after cycle {cycle}, but the block has cycles 1 to {of}");
                section.sink().push(
                    Diagnostic::error(span, message)
                        .label("no such cycle")
                        .help("raise `repeat` or leave the cycle out"),
                );
            }
        }
    }
    cycles.sort_unstable();
    cycles.dedup();
    Some(cycles)
}

//! The impedance request of a block.

use super::Reference;
use super::amplitude::amplitudes;
use super::window::within_window;
use crate::input::{Diagnostic, Section};
use crate::scenario::procedure::{Block, ImpedanceRequest};
use crate::scenario::sentence::{SentenceError, understand_current, understand_voltage};

/// What stands in place of a voltage where the spectrum is taken as the cycle left the cell.
const OPEN_CIRCUIT: &str = "open circuit";

/// Warns of keys that say how to charge where nothing is charged.
fn without_charge(section: &Section<'_>) {
    for key in ["on", "charge", "hold_until"] {
        if section.get(key).is_some() {
            let message = format!("`{key}` changes nothing at open circuit");
            section
                .sink()
                .push(Diagnostic::warning(section.span_of(key), message).label("not used"));
        }
    }
}

/// The request of a block of `of` cycles; `block` is `None` where its steps are refused.
pub(super) fn request(
    section: &Section<'_>,
    of: usize,
    block: Option<&Block>,
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
    let discharge_from = match section.choice("on") {
        Some("discharge") => full_charge(section, at.flatten(), block?).map(Some),
        other => other.map(|_| None),
    };
    let rest = match section.get("rest") {
        Some(_) => section.quantity("rest").map(Some),
        None => Some(None),
    };
    if section.get("rest").is_some() && section.get("hold_until").is_some() {
        let message = "a spectrum is taken after a rest or after a hold, not both";
        sink.push(
            Diagnostic::error(section.span_of("rest"), message)
                .help("leave out `rest` or `hold_until`"),
        );
    }
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
    let amplitude = match (highest, lowest) {
        (Some(highest), Some(lowest)) if highest > lowest => amplitudes(section, (highest, lowest)),
        _ => None,
    };
    Some(ImpedanceRequest {
        amplitude: amplitude?,
        cycles: cycles?,
        at: at?,
        discharge_from: discharge_from?,
        charge_current: charge?,
        hold_until: section.quantity("hold_until")?,
        rest: rest?,
        highest: highest?,
        lowest: lowest?,
        per_decade: section.count("per_decade")?,
    })
}

/// Voltage to charge to before the discharge to `at`: the highest at which the block ends
/// a charge.
fn full_charge(section: &Section<'_>, at: Option<f64>, block: &Block) -> Option<f64> {
    let refuse = |message: String, help: &str| {
        let span = section.span_of("on");
        let sink = section.sink();
        sink.refuse(
            Diagnostic::error(span, message)
                .label("cannot be")
                .help(help),
        )
    };
    let Some(full) = block.charged_to() else {
        return refuse(
            "no step of the block ends a charge at a voltage to discharge from".into(),
            "say on = \"charge\", or end a charge by a voltage: \"Charge at 0.1C until 3.7 V\"",
        );
    };
    match at {
        Some(at) if at >= full => refuse(
            format!("the block charges to {full:.3} V: no discharge from there leads to {at:.3} V"),
            "take the spectrum at a lower voltage, or on charge",
        ),
        _ => Some(full),
    }
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

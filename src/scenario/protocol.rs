//! Protocol blocks: sentences given their meaning in a cell.

use super::sentence::{
    Action, Current, End, Sentence, SentenceError, Voltage, understand, understand_current,
    understand_voltage,
};
use super::types::{Block, Control, Cutoff, ImpedanceRequest, Step};
use crate::input::{Diagnostic, Section, Span};

/// What a sentence's numbers refer to.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    /// Active material per cell area, kg/m2.
    pub loading: f64,
    /// Cell area, m2.
    pub area: f64,
    /// Current of 1C per mass of active material, A/kg.
    pub one_c: f64,
    /// Name of the anode.
    pub anode: String,
    /// Its plateau potential, V vs Li+/Li.
    pub plateau: f64,
    /// Lowest and highest open-circuit potential of the cathode against the anode, V.
    pub window: (f64, f64),
}

impl Reference {
    /// For a cell that was itself refused: lets the sentences be read all the same.
    pub fn unknown(anode: &str) -> Self {
        Self {
            loading: 1.0,
            area: 1.0,
            one_c: 1.0,
            anode: anode.to_owned(),
            plateau: 0.0,
            window: (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// A/m2 of cell area.
    fn density(&self, current: Current) -> f64 {
        match current {
            Current::Rate(rate) => rate * self.one_c * self.loading,
            Current::Density(density) => density,
            Current::Total(current) => current / self.area,
            Current::Specific(current) => current * self.loading,
        }
    }

    /// V against the anode.
    fn voltage(&self, voltage: Voltage) -> f64 {
        if voltage.against_lithium {
            voltage.value - self.plateau
        } else {
            voltage.value
        }
    }
}

/// Reads every block; `None` where a sentence was refused.
pub(super) fn blocks(sections: &[Section<'_>], reference: &Reference) -> Option<Vec<Block>> {
    let mut previous = None;
    let blocks: Vec<_> = sections
        .iter()
        .map(|section| block(section, reference, &mut previous))
        .collect();
    blocks.into_iter().collect()
}

fn block(
    section: &Section<'_>,
    reference: &Reference,
    previous: &mut Option<f64>,
) -> Option<Block> {
    let repeat = section.count("repeat");
    let sentences = section.texts("steps")?;
    if sentences.is_empty() {
        let complaint =
            Diagnostic::error(section.span_of("steps"), "the protocol block has no steps");
        section
            .sink()
            .push(complaint.help("steps = [\"Charge at 0.1C until 3.7 V\", ...]"));
    }
    let mut window = Window::default();
    let steps: Vec<_> = sentences
        .iter()
        .map(|(text, span)| step(text, span, section, reference, previous, &mut window))
        .collect();
    window.check(section);
    let impedance = section.section("impedance");
    let impedance = impedance.map(|request| spectra(&request, repeat, reference));
    Some(Block {
        repeat: repeat?,
        steps: steps.into_iter().collect::<Option<Vec<_>>>()?,
        impedance: match impedance {
            Some(request) => Some(request?),
            None => None,
        },
    })
}

/// One sentence as a step; refusals point at the word.
fn step(
    text: &str,
    span: &Span,
    section: &Section<'_>,
    reference: &Reference,
    previous: &mut Option<f64>,
    window: &mut Window,
) -> Option<Step> {
    let place = |within: std::ops::Range<usize>| section.sink().inside(span, text, within);
    let refuse = |error: SentenceError| {
        let complaint = Diagnostic::error(place(error.span), error.message).help(error.help);
        section.sink().refuse(complaint.label("not understood"))
    };
    let sentence = match understand(text, &reference.anode) {
        Ok(sentence) => sentence,
        Err(error) => return refuse(error),
    };
    let until: Vec<_> = sentence
        .until
        .iter()
        .map(|(end, within)| cutoff(&sentence, *end, within.clone(), reference, *previous))
        .collect();
    let mut cutoffs = Vec::new();
    for (result, (_, within)) in until.into_iter().zip(&sentence.until) {
        match result {
            Ok(cutoff) => {
                window.note(cutoff, place(within.clone()), reference, section);
                cutoffs.push(cutoff);
            }
            Err(error) => return refuse(error),
        }
    }
    let control = match sentence.action {
        Action::Charge(current) => Control::Current(reference.density(current)),
        Action::Discharge(current) => Control::Current(-reference.density(current)),
        Action::Hold(voltage) => {
            let value = reference.voltage(voltage);
            within_window(value, place(0..text.len()), reference, section);
            Control::Voltage(value)
        }
        Action::Rest => Control::Rest,
    };
    if sentence.duration.is_none() && cutoffs.is_empty() {
        let message = format!("the step \"{text}\" never ends");
        let help = "add for example `for 2 hours` or `until 3.7 V`";
        return section.sink().refuse(
            Diagnostic::error(span.clone(), message)
                .label("no duration, no cut-off")
                .help(help),
        );
    }
    if let Control::Current(density) = control {
        *previous = Some(density.abs());
    }
    Some(Step {
        control,
        duration: sentence.duration,
        until: cutoffs,
        text: text.to_owned(),
    })
}

/// A condition in the cell, with the direction its step gives it.
fn cutoff(
    sentence: &Sentence,
    end: End,
    span: Span,
    reference: &Reference,
    previous: Option<f64>,
) -> Result<Cutoff, SentenceError> {
    let error = |message: &str, help: &str| SentenceError {
        span,
        message: message.into(),
        help: help.into(),
    };
    match (sentence.action, end) {
        (Action::Charge(_), End::Voltage(v)) => Ok(Cutoff::VoltageAbove(reference.voltage(v))),
        (Action::Discharge(_), End::Voltage(v)) => Ok(Cutoff::VoltageBelow(reference.voltage(v))),
        (Action::Hold(_), End::Current(current)) => {
            Ok(Cutoff::CurrentBelow(reference.density(current)))
        }
        (Action::Hold(_), End::Share(share)) => match previous {
            Some(current) => Ok(Cutoff::CurrentBelow(share * current)),
            None => Err(error(
                "there is no current before this step",
                "give the current itself, for example `until 0.001C`",
            )),
        },
        (Action::Hold(_), End::Voltage(_)) => Err(error(
            "a hold keeps its voltage, so a voltage cannot end it",
            "end it at a current or after a time",
        )),
        (Action::Charge(_) | Action::Discharge(_), _) => Err(error(
            "this step keeps its current, so a current cannot end it",
            "end it at a voltage or after a time",
        )),
        (Action::Rest, _) => Err(error(
            "a rest can only end after a time",
            "for example `Rest for 2 hours`",
        )),
    }
}

/// The cut-offs of one block, to see whether its window is upside down.
#[derive(Default)]
struct Window {
    charge: Vec<(f64, Span)>,
    discharge: Vec<(f64, Span)>,
}

impl Window {
    /// Takes note of a cut-off; complains at once when it can never be met.
    fn note(&mut self, cutoff: Cutoff, span: Span, reference: &Reference, section: &Section<'_>) {
        let (low, high) = reference.window;
        let range = format!(
            "against {} the cathode lies between {low:.2} and {high:.2} V",
            reference.anode
        );
        let endless = |v: f64, kind: &str, side: &str| {
            let message = format!("a {kind} that ends at {v:.3} V ends before it begins");
            let label = format!("{side} the cathode's range");
            Diagnostic::error(span.clone(), message)
                .label(label)
                .help(range.clone())
        };
        match cutoff {
            Cutoff::VoltageAbove(v) if v <= low => {
                section.sink().push(endless(v, "charge", "below"))
            }
            Cutoff::VoltageBelow(v) if v >= high => {
                section.sink().push(endless(v, "discharge", "above"))
            }
            Cutoff::VoltageAbove(v) => {
                if v > high {
                    let message =
                        format!("{v:.3} V lies above the known potentials of the cathode");
                    let complaint = Diagnostic::warning(span.clone(), message);
                    section
                        .sink()
                        .push(complaint.label("extrapolated").help(range));
                }
                self.charge.push((v, span));
            }
            Cutoff::VoltageBelow(v) => self.discharge.push((v, span)),
            Cutoff::CurrentBelow(_) => {}
        }
    }

    /// Complains when a charge ends below a discharge.
    fn check(&self, section: &Section<'_>) {
        let Some((low, _)) = self.discharge.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else {
            return;
        };
        for (high, span) in self.charge.iter().filter(|(high, _)| high <= low) {
            let message = format!(
                "the voltage window is upside down: charge ends at {high:.3} V, discharge at {low:.3} V"
            );
            let complaint =
                Diagnostic::error(span.clone(), message).label("at or below the discharge cut-off");
            section
                .sink()
                .push(complaint.help("charge must end above the voltage at which discharge ends"));
        }
    }
}

/// Complains when a voltage to hold lies outside what the cathode can have.
fn within_window(value: f64, span: Span, reference: &Reference, section: &Section<'_>) {
    let (low, high) = reference.window;
    if !(low..=high).contains(&value) {
        let message = format!("{value:.3} V cannot be held by this cathode");
        let help = format!(
            "against {} it lies between {low:.2} and {high:.2} V",
            reference.anode
        );
        section.sink().push(
            Diagnostic::error(span, message)
                .label("outside the cathode's range")
                .help(help),
        );
    }
}

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

/// The impedance request of a block.
fn spectra(
    section: &Section<'_>,
    repeat: Option<usize>,
    reference: &Reference,
) -> Option<ImpedanceRequest> {
    let cycles = cycles(section, repeat);
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
        within_window(at, section.span_of("at"), reference, section);
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
fn cycles(section: &Section<'_>, repeat: Option<usize>) -> Option<Vec<usize>> {
    let given = section.integers("cycles")?;
    let mut cycles = Vec::new();
    for (cycle, span) in given {
        match usize::try_from(cycle) {
            Ok(cycle) if cycle >= 1 && repeat.is_none_or(|repeat| cycle <= repeat) => {
                cycles.push(cycle)
            }
            _ => {
                let has = repeat.map_or_else(|| "some".to_owned(), |repeat| repeat.to_string());
                let message =
                    format!("a spectrum after cycle {cycle}, but the block has cycles 1 to {has}");
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

//! Whether cut-offs and held voltages lie where the cathode can be, and currents where
//! cells are cycled.

use super::Reference;
use crate::input::{Diagnostic, Sink, Span};
use crate::scenario::procedure::Cutoff;

/// The cut-offs of one block, to see whether its window is upside down.
#[derive(Default)]
pub(super) struct Window {
    charge: Vec<(f64, Span)>,
    discharge: Vec<(f64, Span)>,
}

impl Window {
    /// Takes note of a cut-off; complains at once when it can never be met.
    pub fn note(&mut self, cutoff: Cutoff, span: Span, reference: &Reference, sink: &Sink<'_>) {
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
            Cutoff::VoltageAbove(v) if v <= low => sink.push(endless(v, "charge", "below")),
            Cutoff::VoltageBelow(v) if v >= high => sink.push(endless(v, "discharge", "above")),
            Cutoff::VoltageAbove(v) => {
                if v > high {
                    let message =
                        format!("{v:.3} V lies above the known potentials of the cathode");
                    let complaint = Diagnostic::warning(span.clone(), message);
                    sink.push(complaint.label("extrapolated").help(range));
                }
                self.charge.push((v, span));
            }
            Cutoff::VoltageBelow(v) => self.discharge.push((v, span)),
            Cutoff::CurrentBelow(_) | Cutoff::CurrentAbove(_) | Cutoff::ChargeAbove(_) => {}
        }
    }

    /// Complains when a charge ends below a discharge.
    pub fn check(&self, sink: &Sink<'_>) {
        let Some((low, _)) = self.discharge.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else {
            return;
        };
        for (high, span) in self.charge.iter().filter(|(high, _)| high <= low) {
            let message = format!(
                "the voltage window is upside down: charge ends at {high:.3} V, discharge at {low:.3} V"
            );
            let complaint =
                Diagnostic::error(span.clone(), message).label("at or below the discharge cut-off");
            sink.push(complaint.help("charge must end above the voltage at which discharge ends"));
        }
    }
}

/// C-rates outside of which a slip of the unit is likelier than an experiment.
const USUAL_RATES: [f64; 2] = [1e-3, 50.0];

/// Warns of a current (A/m2) that no sulfide cell is cycled at.
pub(super) fn usual_rate(density: f64, span: Span, reference: &Reference, sink: &Sink<'_>) {
    let rate = density / (reference.one_c * reference.loading);
    if !reference.known || (USUAL_RATES[0]..=USUAL_RATES[1]).contains(&rate) {
        return;
    }
    let message = format!(
        "this current is {rate:.3e}C: {:.3e} mA/cm2, {:.3e} mA in all",
        0.1 * density,
        1e3 * density * reference.area
    );
    let help = "is the unit right? A and mA are of the whole cell, mA/cm2 and mA/g are not";
    sink.push(
        Diagnostic::warning(span, message)
            .label("unusual current")
            .help(help),
    );
}

/// How far below its open-circuit potentials a cathode can still be held, V: the last
/// lithium goes in against steeply falling potentials.
const BELOW: f64 = 0.5;

/// Complains when a voltage to hold lies outside what the cathode can have at rest.
pub(super) fn within_window(value: f64, span: Span, reference: &Reference, sink: &Sink<'_>) {
    outside(value, span, reference.window, reference, sink);
}

/// Complains when a voltage to impose lies far from what the cathode can have. Without
/// a rest it may lie a little below, as the ends of discharges do.
pub(super) fn near_window(value: f64, span: Span, reference: &Reference, sink: &Sink<'_>) {
    let (low, high) = reference.window;
    outside(value, span, (low - BELOW, high), reference, sink);
}

fn outside(
    value: f64,
    span: Span,
    (low, high): (f64, f64),
    reference: &Reference,
    sink: &Sink<'_>,
) {
    if !(low..=high).contains(&value) {
        let message = format!("{value:.3} V cannot be held by this cathode");
        let help = format!(
            "against {} it lies between {low:.2} and {high:.2} V",
            reference.anode
        );
        sink.push(
            Diagnostic::error(span, message)
                .label("outside the cathode's range")
                .help(help),
        );
    }
}

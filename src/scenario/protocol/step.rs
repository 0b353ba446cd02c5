//! One sentence as a step; refusals point at the word.

use super::Reader;
use super::reference::Earlier;
use super::window::{Window, near_window, usual_rate};
use crate::input::{Diagnostic, Sink, Span};
use crate::scenario::procedure::{Control, Cutoff, Step};
use crate::scenario::sentence::{
    Action, Condition, Drive, End, SentenceError, Side, Voltage, understand,
};
use std::ops::Range;

/// What stands for a rate in the steps of a block with `rates`.
pub(super) const PLACEHOLDER: &str = "{rate}";

/// A text of the scenario as it is read: with a rate in the place of its placeholder.
pub(super) struct Wording<'a> {
    /// As written.
    written: &'a str,
    /// Where that stands in the file.
    pub span: Span,
    /// As read.
    pub text: String,
    rate: &'a str,
}

impl<'a> Wording<'a> {
    /// `written` at `span`, with `rate` in the place of its placeholder.
    pub fn new(written: &'a str, span: Span, rate: Option<&'a str>) -> Self {
        Self {
            written,
            span,
            text: rate.map_or_else(
                || written.to_owned(),
                |rate| written.replace(PLACEHOLDER, rate),
            ),
            rate: rate.unwrap_or(PLACEHOLDER),
        }
    }

    /// The place in the file of bytes `within` the text as read.
    pub fn place(&self, sink: &Sink<'_>, within: Range<usize>) -> Span {
        let within = self.unread(within.start, 0)..self.unread(within.end, PLACEHOLDER.len());
        sink.inside(&self.span, self.written, within)
    }

    /// The byte as written of one as read; one within a rate is `inside` its placeholder.
    fn unread(&self, at: usize, inside: usize) -> usize {
        let (mut written, mut read) = (0, 0);
        for part in self.written.split(PLACEHOLDER) {
            if at <= read + part.len() {
                return written + at - read;
            }
            (written, read) = (written + part.len(), read + part.len());
            if at < read + self.rate.len() {
                return written + inside;
            }
            (written, read) = (written + PLACEHOLDER.len(), read + self.rate.len());
        }
        self.written.len()
    }
}

/// Complains of a text that was not understood.
pub(super) fn refuse<T>(sink: &Sink<'_>, wording: &Wording<'_>, error: SentenceError) -> Option<T> {
    let help = if wording.text.contains(PLACEHOLDER) {
        "a `{rate}` needs `rates = [\"0.1C\", ...]` beside the steps".to_owned()
    } else {
        error.help
    };
    let complaint = Diagnostic::error(wording.place(sink, error.span), error.message);
    sink.refuse(complaint.help(help).label("not understood"))
}

impl Reader<'_> {
    /// A sentence as a step.
    pub fn sentence(
        &mut self,
        wording: &Wording<'_>,
        sink: &Sink<'_>,
        window: &mut Window,
    ) -> Option<Step> {
        let (sentence, places) = match understand(&wording.text, &self.reference.anode) {
            Ok(understood) => understood,
            Err(error) => return refuse(sink, wording, error),
        };
        let conditions = sentence.until.into_iter().zip(places).collect();
        let until = self.cutoffs(sentence.action, conditions, wording, sink, window)?;
        let control = self.control(sentence.action, wording, sink);
        let endless = sentence.duration.is_none() && until.is_empty();
        if endless && !matches!(control, Control::Sweep { .. }) {
            let message = format!("the step \"{}\" never ends", wording.text);
            let help = "add for example `for 2 hours` or `until 3.7 V`";
            return sink.refuse(
                Diagnostic::error(wording.span.clone(), message)
                    .label("no duration, no cut-off")
                    .help(help),
            );
        }
        self.previous.note(&control);
        Some(Step {
            control,
            duration: sentence.duration,
            until,
            text: wording.text.clone(),
            period: sentence.period,
            rest_after: None,
        })
    }

    /// What an action imposes on this cell.
    fn control(&self, action: Action, wording: &Wording<'_>, sink: &Sink<'_>) -> Control {
        let held = |voltage: Voltage| {
            let value = self.reference.voltage(voltage);
            let place = wording.place(sink, 0..wording.text.len());
            near_window(value, place, self.reference, sink);
            value
        };
        let driven = |drive: Drive, sign: f64| {
            if let Drive::Current(current) = drive {
                let place = wording.place(sink, 0..wording.text.len());
                usual_rate(self.reference.density(current), place, self.reference, sink);
            }
            self.reference.control(drive, sign)
        };
        match action {
            Action::Charge(drive) => driven(drive, 1.0),
            Action::Discharge(drive) => driven(drive, -1.0),
            Action::Hold(voltage) => Control::Voltage(held(voltage)),
            Action::Sweep { rate, from, to } => Control::Sweep {
                rate,
                from: from.map(held),
                to: held(to),
            },
            Action::Rest => Control::Rest,
        }
    }

    /// Conditions in the cell; `None` if any was refused.
    pub fn cutoffs(
        &self,
        action: Action,
        conditions: Vec<(Condition, Range<usize>)>,
        wording: &Wording<'_>,
        sink: &Sink<'_>,
        window: &mut Window,
    ) -> Option<Vec<Cutoff>> {
        let mut cutoffs = Vec::new();
        for (condition, within) in conditions {
            match self.cutoff(action, condition) {
                Ok(cutoff) => {
                    if matches!(action, Action::Charge(_) | Action::Discharge(_)) {
                        let place = wording.place(sink, within);
                        window.note(cutoff, place, self.reference, sink);
                    }
                    cutoffs.push(cutoff);
                }
                Err([message, help]) => {
                    let (message, help) = (message.to_owned(), help.to_owned());
                    let error = SentenceError {
                        span: within,
                        message,
                        help,
                    };
                    return refuse(sink, wording, error);
                }
            }
        }
        Some(cutoffs)
    }

    /// A condition in the cell, from the side that its step gives it; else what is
    /// wrong, and what would be right.
    fn cutoff(&self, action: Action, condition: Condition) -> Result<Cutoff, [&'static str; 2]> {
        let reference = self.reference;
        let side = |usual: Option<Side>| match (condition.side, usual) {
            (Some(written), Some(usual)) if written != usual => Err([
                "this is met from the start",
                "the voltage rises on charge and falls on discharge, the current falls on a hold; the sign can be left out",
            ]),
            (Some(written), _) => Ok(written),
            (None, Some(usual)) => Ok(usual),
            (None, None) => Err([
                "from which side?",
                "write `until > 3 V` for rising to it, `until < 3 V` for falling to it; currents count by magnitude",
            ]),
        };
        match condition.end {
            End::Voltage(voltage) => {
                let value = reference.voltage(voltage);
                Ok(match side(voltage_side(action)?)? {
                    Side::Above => Cutoff::VoltageAbove(value),
                    Side::Below => Cutoff::VoltageBelow(value),
                })
            }
            End::Current(current) => {
                let value = reference.density(current);
                Ok(match side(current_side(action)?)? {
                    Side::Above => Cutoff::CurrentAbove(value),
                    Side::Below => Cutoff::CurrentBelow(value),
                })
            }
            End::Share(share, whose) => {
                if !matches!(action, Action::Hold(_)) {
                    return Err([
                        "only a hold can end at a share of an earlier current",
                        "give the current itself, for example `until < 0.01C`",
                    ]);
                }
                side(Some(Side::Below))?;
                match self.previous.of(whose) {
                    Earlier::Constant(current) => Ok(Cutoff::CurrentBelow(share * current)),
                    Earlier::Changing => Err([
                        "the current before this step was not constant",
                        "give the current itself, for example `until 0.001C`",
                    ]),
                    Earlier::None => Err([
                        "there is no current before this step",
                        "give the current itself, for example `until 0.001C`",
                    ]),
                }
            }
            End::Charge(charge) => {
                if matches!(action, Action::Rest) {
                    return Err(["no charge passes in a rest", "end it after a time"]);
                }
                side(Some(Side::Above))?;
                Ok(Cutoff::ChargeAbove(reference.charge(charge)))
            }
        }
    }
}

/// The side from which an action meets a voltage, `None` if it could be either.
fn voltage_side(action: Action) -> Result<Option<Side>, [&'static str; 2]> {
    match action {
        Action::Charge(_) => Ok(Some(Side::Above)),
        Action::Discharge(_) => Ok(Some(Side::Below)),
        Action::Rest => Ok(None),
        Action::Hold(_) => Err([
            "a hold keeps its voltage, so a voltage cannot end it",
            "end it at a current or after a time",
        ]),
        Action::Sweep { .. } => Err([
            "a sweep ends at one voltage",
            "write `Sweep at 0.1 mV/s until 3.7 V`, and a further sentence for the way back",
        ]),
    }
}

/// The side from which an action meets a current's magnitude. Against the rising
/// voltage of a charge a constant power needs less current, through a resistor more
/// flows; a discharge has it the other way round.
fn current_side(action: Action) -> Result<Option<Side>, [&'static str; 2]> {
    match action {
        Action::Hold(_) => Ok(Some(Side::Below)),
        Action::Charge(Drive::Power(_)) | Action::Discharge(Drive::Resistance(_)) => {
            Ok(Some(Side::Below))
        }
        Action::Discharge(Drive::Power(_)) | Action::Charge(Drive::Resistance(_)) => {
            Ok(Some(Side::Above))
        }
        Action::Sweep { .. } => Ok(None),
        Action::Charge(Drive::Current(_)) | Action::Discharge(Drive::Current(_)) => Err([
            "this step keeps its current, so a current cannot end it",
            "end it at a voltage or after a time",
        ]),
        Action::Rest => Err(["a rest has no current", "for example `Rest for 2 hours`"]),
    }
}

//! One protocol sentence: `"Charge at 0.1C for 12 hours or until 3.7 V"`.
//!
//! PyBaMM's grammar with what battery people also write: days, values per area or
//! per mass, shares of an earlier current, charges, sweeps of the voltage, potentials
//! `vs Li`; words in any case.
//!
//! ```text
//! sentence  := doing ends [ "(" time "period)" ]
//! doing     := ("Charge" | "Discharge") "at" ( current | power | resistance | voltage )
//!            | "Hold at" voltage
//!            | ("Sweep" | "Scan") [ "from" voltage ] "at" rate [ "to" voltage ]
//!            | "Rest"
//! ends      := end { "or" end }
//! end       := "for" time | "until" condition
//! condition := time | [ "<" | ">" ] ( voltage | current | charge ) | share
//! current   := number ("C" | "A" | "mA" | "mA/cm2" | "mA/g" ...) | "C/" number
//! power     := number ("W" | "mW" | "mW/cm2" | "mW/g" ...)
//! resistance:= number ("ohm" | "ohm cm2" ...)
//! voltage   := number ("V" | "mV") [ "vs" ("Li" | the anode's name) ]
//! rate      := number ("mV/s" | "V/s" ...)
//! charge    := number ("mAh" | "mAh/g" | "mAh/cm2" ...) [ "capacity" ]
//! share     := number "%" "of" [ "the" ] [ "previous" | "charge" | "discharge" ] "current"
//! ```
//! A sweep begins at the present voltage unless it says from where, and ends at the
//! voltage after `to` or `until`. `Charge at 4 V` holds that voltage, as in PyBaMM.
//! Printing a [`Sentence`] gives one that reads back as the same.

mod ends;
mod print;
mod values;
mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;
pub use values::{Charge, Current, Power, Resistance, Voltage};
use words::Words;

/// A sentence as understood, before a cell gives its numbers a meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// What is imposed.
    pub action: Action,
    /// Longest duration, s.
    pub duration: Option<f64>,
    /// Other conditions; the first one met ends the step.
    pub until: Vec<Condition>,
    /// Time between recorded samples, s.
    pub period: Option<f64>,
}

/// What a sentence imposes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Charge.
    Charge(Drive),
    /// Discharge.
    Discharge(Drive),
    /// Hold a voltage.
    Hold(Voltage),
    /// Change the voltage at a constant rate.
    Sweep {
        /// V/s, above 0.
        rate: f64,
        /// Where it begins; `None`: at the voltage the cell has.
        from: Option<Voltage>,
        /// Where it ends.
        to: Voltage,
    },
    /// No current.
    Rest,
}

/// What is kept constant on charge or discharge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drive {
    /// The current.
    Current(Current),
    /// The power.
    Power(Power),
    /// The ratio of voltage and current.
    Resistance(Resistance),
}

/// A condition that ends a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// What is reached.
    pub end: End,
    /// From which side, where the sentence says so.
    pub side: Option<Side>,
}

/// A written `<` or `>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The quantity falls to the value.
    Below,
    /// The quantity rises to the value.
    Above,
}

/// What ends a step, other than time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    /// A voltage.
    Voltage(Voltage),
    /// A magnitude of the current.
    Current(Current),
    /// A share (0..1) of an earlier current.
    Share(f64, Whose),
    /// A charge passed in this step.
    Charge(Charge),
}

/// Which earlier current a share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The last one.
    Previous,
    /// That of the last charge.
    Charge,
    /// That of the last discharge.
    Discharge,
}

/// When the passes of a block end early, as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// The discharge capacity falls to this share (0..1) of the first cycle's.
    Share {
        /// 0..1.
        share: f64,
        /// Whether of the block's first cycle, else of the experiment's.
        of_block: bool,
    },
    /// The discharge capacity falls to this.
    Capacity(Charge),
    /// The voltage falls to this during a cycle.
    Voltage(Voltage),
    /// This long after the block began, s.
    Time(f64),
}

/// Why a sentence was not understood, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct SentenceError {
    /// Bytes of the word in the sentence.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// Understands a sentence; `anode` is the name that may follow `vs`. Beside it the
/// place (bytes) of every condition.
///
/// # Errors
/// [`SentenceError`] with the place of the word that does not fit.
pub fn understand(text: &str, anode: &str) -> Result<(Sentence, Vec<Range<usize>>), SentenceError> {
    Words::new(text, anode).sentence()
}

/// Understands what may follow `until` in a sentence, e.g. `3.7 V or 20 mAh/g`.
///
/// # Errors
/// As [`understand`].
pub fn understand_conditions(
    text: &str,
    anode: &str,
) -> Result<Vec<(Condition, Range<usize>)>, SentenceError> {
    Words::new(text, anode).conditions()
}

/// Understands a current alone, e.g. `0.1C`.
///
/// # Errors
/// As [`understand`].
pub fn understand_current(text: &str) -> Result<Current, SentenceError> {
    let mut words = Words::new(text, "");
    let current = words.current()?;
    words.nothing_more()?;
    Ok(current)
}

/// Understands a voltage alone, e.g. `3.77 V vs Li`.
///
/// # Errors
/// As [`understand`].
pub fn understand_voltage(text: &str, anode: &str) -> Result<Voltage, SentenceError> {
    let mut words = Words::new(text, anode);
    let voltage = words.voltage()?;
    words.nothing_more()?;
    Ok(voltage)
}

/// Understands a stop condition, e.g. `80% capacity`, `2.5 V`, `4 Ah`, `100 hours`.
///
/// # Errors
/// As [`understand`].
pub fn understand_stop(text: &str, anode: &str) -> Result<Stop, SentenceError> {
    Words::new(text, anode).stop()
}

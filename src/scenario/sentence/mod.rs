//! One protocol sentence: `"Charge at 0.1C for 12 hours or until 3.7 V"`.
//!
//! PyBaMM's grammar with what battery people also write: days, current per area or
//! per mass, shares of the previous current, potentials `vs Li`; words in any case.
//!
//! ```text
//! sentence := ("Charge" | "Discharge") "at" current ends
//!           | "Hold at" voltage ends
//!           | "Rest" ends
//! ends     := end { "or" end }
//! end      := "for" time | "until" ( time | voltage | current | share )
//! current  := number ("C" | "A" | "mA" | "mA/cm2" | "mA/g" ...) | "C/" number
//! voltage  := number ("V" | "mV") [ "vs" ("Li" | the anode's name) ]
//! share    := number "%" "of" words "current"
//! ```

mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;
use words::Words;

/// A sentence as understood, before a cell gives its numbers a meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// What is imposed.
    pub action: Action,
    /// Longest duration, s.
    pub duration: Option<f64>,
    /// Other conditions, each with its place in the sentence.
    pub until: Vec<(End, Range<usize>)>,
}

/// What a sentence imposes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Charge at a current.
    Charge(Current),
    /// Discharge at a current.
    Discharge(Current),
    /// Hold a voltage.
    Hold(Voltage),
    /// No current.
    Rest,
}

/// A current as written, always positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Current {
    /// Multiples of 1C.
    Rate(f64),
    /// A/m2 of cell area.
    Density(f64),
    /// A.
    Total(f64),
    /// A/kg of active material.
    Specific(f64),
}

/// A voltage as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voltage {
    /// V.
    pub value: f64,
    /// Against Li+/Li, else against the anode.
    pub against_lithium: bool,
}

/// What ends a step, other than time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    /// A voltage is reached.
    Voltage(Voltage),
    /// The current has fallen this far.
    Current(Current),
    /// The current has fallen to this share (0..1) of the previous step's.
    Share(f64),
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

/// Understands a sentence; `anode` is the name that may follow `vs`.
///
/// # Errors
/// [`SentenceError`] with the place of the word that does not fit.
pub fn understand(text: &str, anode: &str) -> Result<Sentence, SentenceError> {
    let mut words = Words::new(text, anode);
    let action = words.action()?;
    let mut sentence = Sentence {
        action,
        duration: None,
        until: Vec::new(),
    };
    words.ends(&mut sentence)?;
    Ok(sentence)
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

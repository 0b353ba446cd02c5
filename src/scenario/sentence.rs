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

use crate::input::{Dimension, Quantity, nearest, parse, split_number};
use std::ops::Range;

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

const EXAMPLE: &str = "for example \"Charge at 0.1C until 3.7 V\", \"Hold at 3.15 V until 1 % of charge current\", \"Rest for 2 hours\"";
const CURRENTS: [Dimension; 4] = [
    Dimension::CRate,
    Dimension::CurrentDensity,
    Dimension::Current,
    Dimension::SpecificCurrent,
];
/// Words that end a value.
const KEYWORDS: [&str; 7] = ["for", "until", "or", "of", "vs", "vs.", "at"];

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

/// The words of a sentence and how far they were read.
struct Words<'a> {
    text: &'a str,
    anode: &'a str,
    words: Vec<(&'a str, Range<usize>)>,
    next: usize,
}

impl<'a> Words<'a> {
    fn new(text: &'a str, anode: &'a str) -> Self {
        let start_of = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let words = text
            .split_whitespace()
            .map(|word| (word, start_of(word)..start_of(word) + word.len()))
            .collect();
        Self {
            text,
            anode,
            words,
            next: 0,
        }
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).map(|(word, _)| *word)
    }

    /// The place of the next word, or of the end of the sentence.
    fn place(&self) -> Range<usize> {
        match self.words.get(self.next) {
            Some((_, span)) => span.clone(),
            None => self
                .words
                .last()
                .map_or(0..self.text.len(), |(_, span)| span.clone()),
        }
    }

    fn take(&mut self, wanted: &str) -> bool {
        let hit = self
            .peek()
            .is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        self.next += usize::from(hit);
        hit
    }

    fn error<T>(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Result<T, SentenceError> {
        Err(SentenceError {
            span,
            message: message.into(),
            help: help.into(),
        })
    }

    fn expect(&mut self, wanted: &str, after: &str) -> Result<(), SentenceError> {
        if self.take(wanted) {
            return Ok(());
        }
        let found = self.peek().map_or("the sentence ends".to_owned(), |word| {
            format!("found `{word}`")
        });
        self.error(
            self.place(),
            format!("`{wanted}` must follow `{after}`, but {found}"),
            EXAMPLE,
        )
    }

    fn action(&mut self) -> Result<Action, SentenceError> {
        let span = self.place();
        let Some(word) = self.peek() else {
            return self.error(span, "the sentence is empty", EXAMPLE);
        };
        self.next += 1;
        match word.to_ascii_lowercase().as_str() {
            "charge" => self
                .expect("at", word)
                .and_then(|()| self.current())
                .map(Action::Charge),
            "discharge" => self
                .expect("at", word)
                .and_then(|()| self.current())
                .map(Action::Discharge),
            "hold" => self
                .expect("at", word)
                .and_then(|()| self.voltage())
                .map(Action::Hold),
            "rest" => Ok(Action::Rest),
            _ => {
                let help = match nearest(word, ["Charge", "Discharge", "Hold", "Rest"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        format!("a sentence begins with Charge, Discharge, Hold or Rest; {EXAMPLE}")
                    }
                };
                self.error(
                    span,
                    format!("`{word}` is not something a cell can be told to do"),
                    help,
                )
            }
        }
    }

    /// A number and its unit (one word or several), as one text with its place.
    fn value(&mut self, what: &str) -> Result<(&'a str, Range<usize>), SentenceError> {
        let Some((_, start)) = self.words.get(self.next) else {
            return self.error(self.place(), format!("{what} is missing"), EXAMPLE);
        };
        let start = start.start;
        let mut so_far = "";
        while let Some((word, span)) = self.words.get(self.next) {
            let keyword = KEYWORDS
                .iter()
                .any(|keyword| word.eq_ignore_ascii_case(keyword));
            if keyword || word.starts_with('(') || !(so_far.is_empty() || goes_on(so_far, word)) {
                break;
            }
            so_far = &self.text[start..span.end];
            self.next += 1;
        }
        if so_far.is_empty() {
            return self.error(self.place(), format!("{what} is missing"), EXAMPLE);
        }
        Ok((so_far, start..start + so_far.len()))
    }

    fn quantity(
        &self,
        (text, span): (&str, Range<usize>),
        wanted: &[Dimension],
        example: &str,
    ) -> Result<Quantity, SentenceError> {
        if let Some(rate) = c_over(text)
            && wanted.contains(&Dimension::CRate)
            && rate.is_finite()
            && rate > 0.0
        {
            return Ok(Quantity {
                value: rate,
                dimension: Dimension::CRate,
            });
        }
        parse(text, wanted).or_else(|error| {
            let help = error.help(wanted[0], example);
            self.error(span, error.to_string(), help)
        })
    }

    fn current(&mut self) -> Result<Current, SentenceError> {
        let (text, span) = self.value("the current")?;
        if let Ok(other) = parse(text, &[Dimension::Power, Dimension::Resistance]) {
            let name = other.dimension.name();
            return self.error(
                span,
                format!("control by {name} is not available yet"),
                "give a current, for example \"0.1C\" or \"1 mA/cm2\"",
            );
        }
        let quantity = self.quantity((text, span.clone()), &CURRENTS, "0.1C")?;
        self.as_current(quantity, span)
    }

    fn as_current(&self, quantity: Quantity, span: Range<usize>) -> Result<Current, SentenceError> {
        if quantity.value <= 0.0 {
            return self.error(
                span,
                "a current must be above 0",
                "the first word says the direction; for no current write Rest",
            );
        }
        Ok(match quantity.dimension {
            Dimension::CRate => Current::Rate(quantity.value),
            Dimension::CurrentDensity => Current::Density(quantity.value),
            Dimension::SpecificCurrent => Current::Specific(quantity.value),
            _ => Current::Total(quantity.value),
        })
    }

    fn voltage(&mut self) -> Result<Voltage, SentenceError> {
        let value = self.value("the voltage")?;
        let quantity = self.quantity(value, &[Dimension::Voltage], "3.15 V")?;
        Ok(Voltage {
            value: quantity.value,
            against_lithium: self.against_lithium()?,
        })
    }

    /// Reads `vs Li` or `vs` with the anode's name, if it is there.
    fn against_lithium(&mut self) -> Result<bool, SentenceError> {
        if !(self.take("vs") || self.take("vs.")) {
            return Ok(false);
        }
        let span = self.place();
        let Some(word) = self.peek() else {
            return self.error(
                span,
                "`vs` what?",
                "write `vs Li`, or nothing for the anode of the cell",
            );
        };
        self.next += 1;
        if ["li", "li+/li", "li/li+"].contains(&word.to_ascii_lowercase().as_str()) {
            Ok(true)
        } else if word.eq_ignore_ascii_case(self.anode) {
            Ok(false)
        } else {
            self.error(
                span,
                format!("`{word}` is not a known reference"),
                format!("write `vs Li`, or `vs {}` for the anode", self.anode),
            )
        }
    }

    fn ends(&mut self, sentence: &mut Sentence) -> Result<(), SentenceError> {
        let mut first = true;
        while let Some(word) = self.peek() {
            let or = self.take("or");
            if self.take("for") {
                self.time(sentence)?;
            } else if self.take("until") || (or && !first) {
                self.until(sentence)?;
            } else if word.starts_with('(') {
                let span = self.place().start..self.text.trim_end().len();
                return self.error(
                    span,
                    "a sampling period cannot be given",
                    "leave it out: every time step taken is recorded",
                );
            } else {
                let help = nearest(word, ["for", "until", "or"]).map_or_else(
                    || EXAMPLE.to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                return self.error(self.place(), format!("`{word}` does not fit here"), help);
            }
            first = false;
        }
        Ok(())
    }

    fn time(&mut self, sentence: &mut Sentence) -> Result<(), SentenceError> {
        let value = self.value("the duration")?;
        let span = value.1.clone();
        let quantity = self.quantity(value, &[Dimension::Time], "2 hours")?;
        self.set_duration(sentence, quantity.value, span)
    }

    fn set_duration(
        &self,
        sentence: &mut Sentence,
        seconds: f64,
        span: Range<usize>,
    ) -> Result<(), SentenceError> {
        if seconds <= 0.0 {
            return self.error(
                span,
                "a duration must be above 0",
                "for example \"2 hours\"",
            );
        }
        if sentence.duration.is_some() {
            return self.error(span, "a second duration", "give one");
        }
        sentence.duration = Some(seconds);
        Ok(())
    }

    fn until(&mut self, sentence: &mut Sentence) -> Result<(), SentenceError> {
        let (text, span) = self.value("the condition")?;
        let text = self.without_sign(sentence.action, text, &span)?;
        if self.take("capacity") || text.contains("capacity") {
            return self.error(
                span,
                "ending at a capacity is not available yet",
                "end at a voltage, a current or a time",
            );
        }
        let mut wanted = vec![Dimension::Voltage, Dimension::Time, Dimension::Fraction];
        wanted.extend(CURRENTS);
        let quantity = self.quantity((text, span.clone()), &wanted, "3.7 V")?;
        let end = match quantity.dimension {
            Dimension::Time => return self.set_duration(sentence, quantity.value, span),
            Dimension::Voltage => End::Voltage(Voltage {
                value: quantity.value,
                against_lithium: self.against_lithium()?,
            }),
            Dimension::Fraction => self.share(quantity.value, span.clone())?,
            _ => End::Current(self.as_current(quantity, span.clone())?),
        };
        sentence.until.push((end, span));
        Ok(())
    }

    /// Drops the `<` or `>` that PyBaMM allows, if it is the only direction possible.
    fn without_sign(
        &self,
        action: Action,
        text: &'a str,
        span: &Range<usize>,
    ) -> Result<&'a str, SentenceError> {
        let Some(rest) = text.strip_prefix(['<', '>']) else {
            return Ok(text);
        };
        let rising = text.starts_with('>');
        if rising == matches!(action, Action::Charge(_)) {
            return Ok(rest.trim_start());
        }
        let help = "voltage rises on charge and falls on discharge, current falls on hold; the sign can be left out";
        self.error(
            span.clone(),
            format!("`{text}` is met from the start"),
            help,
        )
    }

    /// The rest of `1 % of [the] [charge] current`.
    fn share(&mut self, value: f64, span: Range<usize>) -> Result<End, SentenceError> {
        if !(value > 0.0 && value < 1.0) {
            return self.error(
                span,
                "a share of the current must lie between 0 and 100 %",
                "for example \"1 % of charge current\"",
            );
        }
        if !self.take("of") {
            return self.error(span, "a share of what?", "write \"1 % of charge current\"");
        }
        for filler in [
            "the",
            "previous",
            "charge",
            "charging",
            "discharge",
            "discharging",
        ] {
            let _ = self.take(filler);
        }
        if self.take("current") {
            Ok(End::Share(value))
        } else {
            self.error(
                self.place(),
                "a share can only be of the current",
                "write \"1 % of charge current\"",
            )
        }
    }

    fn nothing_more(&self) -> Result<(), SentenceError> {
        match self.peek() {
            Some(word) => self.error(
                self.place(),
                format!("`{word}` does not fit here"),
                "leave it out",
            ),
            None => Ok(()),
        }
    }
}

/// Whether a value goes on with the next word: a bare number needs its unit, a
/// sign its number, and a `/` stands between two words.
fn goes_on(so_far: &str, word: &str) -> bool {
    let number = so_far.trim_start_matches(['<', '>']).trim();
    number.is_empty()
        || matches!(split_number(number), Some((_, "")))
        || so_far.ends_with('/')
        || word.starts_with('/')
}

/// The rate in `C/10` or `1C/10`.
fn c_over(text: &str) -> Option<f64> {
    let (before, after) = text.split_once('/')?;
    let (divisor, "") = split_number(after)? else {
        return None;
    };
    match before.trim() {
        "C" => Some(1.0 / divisor),
        before => match split_number(before)? {
            (number, "C") => Some(number / divisor),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn understood(text: &str) -> Sentence {
        understand(text, "In/InLi").unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn pybamms_sentences_and_ours() {
        let volt = |value, against_lithium| {
            End::Voltage(Voltage {
                value,
                against_lithium,
            })
        };
        let ends = |text: &str| {
            understood(text)
                .until
                .iter()
                .map(|(end, _)| *end)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            understood("Discharge at 1C for 0.5 hours").duration,
            Some(1800.0)
        );
        assert_eq!(
            understood("Discharge at C/20 for 0.5 hours").action,
            Action::Discharge(Current::Rate(0.05))
        );
        assert_eq!(
            understood("Charge at 1C/4 for 1 min").action,
            Action::Charge(Current::Rate(0.25))
        );
        assert_eq!(
            understood("Charge at 1 A until 4.1V").action,
            Action::Charge(Current::Total(1.0))
        );
        assert_eq!(
            understood("charge AT 1 mA / cm2 UNTIL 4.1V").action,
            Action::Charge(Current::Density(10.0))
        );
        assert_eq!(
            understood("Charge at 20 mA/g until 4.1V").action,
            Action::Charge(Current::Specific(20.0))
        );
        assert_eq!(
            ends("Hold at 1 V until 20 mA"),
            [End::Current(Current::Total(0.02))]
        );
        assert_eq!(
            ends("Hold at 4.1 V until 50mA"),
            [End::Current(Current::Total(0.05))]
        );
        assert_eq!(
            ends("Hold at 4.1 V until C/50"),
            [End::Current(Current::Rate(0.02))]
        );
        assert_eq!(
            ends("Hold at 4.1 V until < 50 mA"),
            [End::Current(Current::Total(0.05))]
        );
        assert_eq!(
            ends("Hold at 3.15 V until 1% of charge current"),
            [End::Share(0.01)]
        );
        assert_eq!(
            ends("Hold at 3.15 V until 80 % of previous current"),
            [End::Share(0.8)]
        );
        assert_eq!(
            ends("Charge at 0.1C until 3.77 V vs Li"),
            [volt(3.77, true)]
        );
        assert_eq!(
            ends("Charge at 0.1C until 3.15 V vs In/InLi"),
            [volt(3.15, false)]
        );
        assert_eq!(understood("Rest for 1 day").duration, Some(86400.0));
        let both = understood("Discharge at C/10 for 2 hours or until 2.0 V");
        assert_eq!(
            (both.duration, both.until[0].0),
            (Some(7200.0), volt(2.0, false))
        );
        let both = understood("Charge at 0.1C until 3.7 V or until 2 hours");
        assert_eq!(
            (both.duration, both.until[0].0),
            (Some(7200.0), volt(3.7, false))
        );
        assert_eq!(ends("Hold at 4 V until C/50 or 10 uA").len(), 2);
    }

    #[test]
    fn what_does_not_fit() {
        for text in [
            "Charge",
            "Charge at",
            "Charge at 0.1C until",
            "Rest for 2 hours for 3 hours",
            "Rest or",
            "Hold at 3 V until 5%",
            "Hold at 3 V until 1% of capacity",
            "Charge at C/0 for 1 h",
            "Charge at 0.1C until 3.7 V vs",
            "Rest for 0 s",
            "Rest for 2 hours please",
        ] {
            assert!(understand(text, "LTO").is_err(), "{text}");
        }
    }

    fn number() -> impl Strategy<Value = f64> {
        (1u32..9999).prop_map(|n| f64::from(n) / 100.0)
    }

    proptest! {
        #[test]
        fn valid_sentences_are_understood(
            charge in any::<bool>(), rate in number(), over in any::<bool>(),
            volts in number(), lithium in any::<bool>(),
            hours in number(), unit in prop::sample::select(vec!["s", "seconds", "min", "hours", "h", "day", "days"]),
            order in 0usize..3,
        ) {
            let verb = if charge { "Charge" } else { "Discharge" };
            let current = if over { format!("C/{rate}") } else { format!("{rate}C") };
            let until = format!("until {volts} V{}", if lithium { " vs Li" } else { "" });
            let during = format!("for {hours} {unit}");
            let tail = match order {
                0 => until,
                1 => format!("{during} or {until}"),
                _ => format!("{until} or {during}"),
            };
            let sentence = understood(&format!("{verb} at {current} {tail}"));
            let expected = if over { 1.0 / rate } else { rate };
            let (Action::Charge(Current::Rate(got)) | Action::Discharge(Current::Rate(got))) = sentence.action else {
                return Err(TestCaseError::fail("not a current"));
            };
            prop_assert!((got - expected).abs() < 1e-12 * expected);
            prop_assert_eq!(matches!(sentence.action, Action::Charge(_)), charge);
            prop_assert_eq!(sentence.until[0].0, End::Voltage(Voltage { value: volts, against_lithium: lithium }));
            prop_assert_eq!(sentence.duration.is_some(), order > 0);
        }

        #[test]
        fn junk_never_panics_and_points_inside(
            text in prop_oneof![
                "\\PC{0,40}",
                prop::collection::vec(prop::sample::select(vec![
                    "Charge", "Discharge", "Hold", "Rest", "at", "for", "until", "or", "of", "vs", "Li", "current",
                    "0.1C", "C/10", "3.7", "V", "1", "%", "1%", "hours", "<", "(1", "minute", "é", "mA/cm2",
                ]), 0..10).prop_map(|words| words.join(" ")),
            ],
        ) {
            if let Err(error) = understand(&text, "LTO") {
                prop_assert!(text.get(error.span).is_some());
            }
        }
    }
}

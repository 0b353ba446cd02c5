//! What ends a sentence's step, and how often it is sampled; what ends a block.

use super::words::{EXAMPLE, Words};
use super::{Condition, End, SentenceError, Side, Stop, Voltage, Whose};
use crate::input::{Dimension, Quantity, nearest, parse, split_number};
use std::ops::Range;

/// The ends of a sentence as far as they were read.
#[derive(Default)]
pub(super) struct Ends {
    pub duration: Option<f64>,
    pub until: Vec<(Condition, Range<usize>)>,
    pub period: Option<f64>,
}

impl Words<'_> {
    pub fn ends(&mut self, ends: &mut Ends) -> Result<(), SentenceError> {
        let mut first = true;
        while let Some(word) = self.peek() {
            if word.starts_with('(') {
                return self.period(ends);
            }
            let or = self.take("or");
            if self.take("for") {
                self.time(ends)?;
            } else if self.take("until") || (or && !first) {
                self.until(ends)?;
            } else {
                let help = match nearest(word, ["for", "until", "or"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if word == "at" => {
                        "the temperature is that of [cell] throughout".to_owned()
                    }
                    None => EXAMPLE.to_owned(),
                };
                return self.error(self.place(), format!("`{word}` does not fit here"), help);
            }
            first = false;
        }
        Ok(())
    }

    /// `(1 minute period)` at the end of a sentence.
    fn period(&mut self, ends: &mut Ends) -> Result<(), SentenceError> {
        let span = self.place().start..self.text.trim_end().len();
        let written = self.text[span.clone()]
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(')'))
            .and_then(|text| text.trim_end().strip_suffix("period"));
        let help = "for example \"(1 minute period)\", at the end of the sentence";
        let Some(written) = written else {
            return self.error(span, "not a sampling period", help);
        };
        match parse(&written.trim().to_ascii_lowercase(), &[Dimension::Time]) {
            Ok(period) if period.value > 0.0 => {
                ends.period = Some(period.value);
                self.next = self.words.len();
                Ok(())
            }
            Ok(_) => self.error(span, "a sampling period must be above 0", help),
            Err(error) => self.error(span, error.to_string(), help),
        }
    }

    fn time(&mut self, ends: &mut Ends) -> Result<(), SentenceError> {
        let value = self.value("the duration")?;
        let span = value.1.clone();
        let quantity = self.quantity(value, &[Dimension::Time], "2 hours")?;
        self.set_duration(ends, quantity.value, span)
    }

    fn set_duration(
        &self,
        ends: &mut Ends,
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
        if ends.duration.is_some() {
            return self.error(span, "a second duration", "give one");
        }
        ends.duration = Some(seconds);
        Ok(())
    }

    /// What may follow `until`, alone.
    pub fn conditions(mut self) -> Result<Vec<(Condition, Range<usize>)>, SentenceError> {
        let mut ends = Ends::default();
        let whole = 0..self.text.len();
        self.until(&mut ends)?;
        while self.take("or") {
            let _ = self.take("until");
            self.until(&mut ends)?;
        }
        self.nothing_more()?;
        if ends.duration.is_some() {
            return self.error(whole, "a time does not fit here", "give a voltage");
        }
        Ok(ends.until)
    }

    fn until(&mut self, ends: &mut Ends) -> Result<(), SentenceError> {
        let (text, span) = self.value("the condition")?;
        let (side, number) = match text.as_bytes().first() {
            Some(b'<') => (Some(Side::Below), text[1..].trim_start()),
            Some(b'>') => (Some(Side::Above), text[1..].trim_start()),
            _ => (None, text),
        };
        if let (Some((share, "")), Some("of")) = (split_number(number), self.peek()) {
            let end = self.share(share, span.clone())?;
            ends.until.push((Condition { end, side }, span));
            return Ok(());
        }
        let mut wanted = vec![Dimension::Voltage, Dimension::Time, Dimension::Fraction];
        wanted.extend(super::values::CURRENTS);
        wanted.extend(super::values::CHARGES);
        let quantity = self.quantity((number, span.clone()), &wanted, "3.7 V")?;
        let end = match quantity.dimension {
            Dimension::Time => return self.set_duration(ends, quantity.value, span),
            Dimension::Voltage => End::Voltage(Voltage {
                value: quantity.value,
                against_lithium: self.against_lithium()?,
            }),
            Dimension::Fraction => self.share(quantity.value, span.clone())?,
            dimension if super::values::CHARGES.contains(&dimension) => {
                let _ = self.take("capacity");
                End::Charge(self.as_charge(quantity, span.clone())?)
            }
            _ => End::Current(self.as_current(quantity, span.clone())?),
        };
        ends.until.push((Condition { end, side }, span));
        Ok(())
    }

    /// The rest of `1 % of [the] [charge] current`.
    fn share(&mut self, value: f64, span: Range<usize>) -> Result<End, SentenceError> {
        if self.take("capacity") {
            return self.error(
                span,
                "a step cannot end at a share of the capacity",
                "write the charge, for example \"until 100 mAh/g\"; `stop = \"80% capacity\"` ends a block",
            );
        }
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
        let _ = self.take("the");
        let _ = self.take("previous") || self.take("last");
        let whose = if self.take("charge") || self.take("charging") {
            Whose::Charge
        } else if self.take("discharge") || self.take("discharging") {
            Whose::Discharge
        } else {
            Whose::Previous
        };
        if self.take("current") {
            Ok(End::Share(value, whose))
        } else {
            self.error(
                self.place(),
                "a share can only be of the current",
                "write \"1 % of charge current\"",
            )
        }
    }

    /// A stop condition alone.
    pub fn stop(mut self) -> Result<Stop, SentenceError> {
        let (text, span) = self.value("the condition")?;
        let number = text.strip_prefix('<').map_or(text, str::trim_start);
        let mut wanted = vec![Dimension::Fraction, Dimension::Voltage, Dimension::Time];
        wanted.extend(super::values::CHARGES);
        let quantity: Quantity = self.quantity((number, span.clone()), &wanted, "80 %")?;
        if quantity.value <= 0.0 && quantity.dimension != Dimension::Voltage {
            return self.error(span, "must be above 0", "for example \"80% capacity\"");
        }
        let stop = match quantity.dimension {
            Dimension::Fraction => {
                self.expect("capacity", text)?;
                let of_block = self.take("of");
                if of_block {
                    let _ = self.take("the");
                    self.expect("block", "of the")?;
                }
                if quantity.value >= 1.0 {
                    let help = "for example \"80% capacity\"";
                    return self.error(span, "the share must be below 100 %", help);
                }
                Stop::Share {
                    share: quantity.value,
                    of_block,
                }
            }
            Dimension::Voltage => Stop::Voltage(Voltage {
                value: quantity.value,
                against_lithium: self.against_lithium()?,
            }),
            Dimension::Time => Stop::Time(quantity.value),
            _ => {
                let _ = self.take("capacity");
                Stop::Capacity(self.as_charge(quantity, span)?)
            }
        };
        self.nothing_more()?;
        Ok(stop)
    }
}

//! The quantities of a sentence: what a number is of, before a cell says how large
//! that is; and how they are read.

use super::words::{EXAMPLE, Words};
use super::{Drive, SentenceError};
use crate::input::{Dimension, Quantity, QuantityError, nearest, parse, split_number};
use std::ops::Range;

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

/// A power as written, always positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Power {
    /// W/m2 of cell area.
    Density(f64),
    /// W.
    Total(f64),
    /// W/kg of active material.
    Specific(f64),
}

/// A resistance as written, always positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resistance {
    /// ohm.
    Total(f64),
    /// ohm m2 of cell area.
    Areal(f64),
}

/// A charge as written, always positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Charge {
    /// C/m2 of cell area.
    Density(f64),
    /// C.
    Total(f64),
    /// C/kg of active material.
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

/// What can be a current.
pub(super) const CURRENTS: [Dimension; 4] = [
    Dimension::CRate,
    Dimension::CurrentDensity,
    Dimension::Current,
    Dimension::SpecificCurrent,
];
/// What can be a charge.
pub(super) const CHARGES: [Dimension; 3] = [
    Dimension::Charge,
    Dimension::SpecificCharge,
    Dimension::ArealCharge,
];
/// What can drive a charge or discharge.
const DRIVES: [Dimension; 9] = [
    Dimension::CRate,
    Dimension::CurrentDensity,
    Dimension::Current,
    Dimension::SpecificCurrent,
    Dimension::Power,
    Dimension::ArealPower,
    Dimension::SpecificPower,
    Dimension::Resistance,
    Dimension::ArealResistance,
];
/// Words that end a value.
const KEYWORDS: [&str; 9] = ["for", "until", "or", "of", "vs", "vs.", "at", "from", "to"];

impl<'a> Words<'a> {
    /// A number and its unit (one word or several), as one text with its place.
    pub fn value(&mut self, what: &str) -> Result<(&'a str, Range<usize>), SentenceError> {
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

    /// Reads a value as one of the wanted dimensions. Rates may be written `C/10`, and
    /// times and rates in any case: no other unit of a sentence reads like them.
    pub fn quantity(
        &self,
        (text, span): (&str, Range<usize>),
        wanted: &[Dimension],
        example: &str,
    ) -> Result<Quantity, SentenceError> {
        if let Some(rate) = c_over(text)
            && wanted.contains(&Dimension::CRate)
            && rate.is_finite()
        {
            return Ok(Quantity {
                value: rate,
                dimension: Dimension::CRate,
            });
        }
        parse(text, wanted).or_else(|error| {
            let other_case = |text: &str, dimension: Dimension| {
                let wanted = wanted.contains(&dimension);
                wanted.then(|| parse(text, &[dimension]).ok()).flatten()
            };
            other_case(&text.to_ascii_lowercase(), Dimension::Time)
                .or_else(|| other_case(&text.to_ascii_uppercase(), Dimension::CRate))
                .map_or_else(|| self.misread(span, &error, wanted, example), Ok)
        })
    }

    /// Complains of a quantity that is none of the wanted dimensions.
    fn misread<T>(
        &self,
        span: Range<usize>,
        error: &QuantityError,
        wanted: &[Dimension],
        example: &str,
    ) -> Result<T, SentenceError> {
        let QuantityError::UnknownUnit { found, unit, .. } = error else {
            return self.error(span, error.to_string(), error.help(wanted[0], example));
        };
        let spellings = wanted.iter().flat_map(|dimension| dimension.spellings());
        let spellings: Vec<_> = spellings.collect();
        let help = match nearest(unit, spellings.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let all = spellings.join(", ");
                format!("units here: {all}; for example \"{example}\"")
            }
        };
        self.error(span, format!("unknown unit `{unit}` in `{found}`"), help)
    }

    /// A quantity above 0.
    pub fn positive(
        &mut self,
        wanted: &[Dimension],
        what: &str,
        example: &str,
    ) -> Result<Quantity, SentenceError> {
        let value = self.value(what)?;
        let span = value.1.clone();
        let quantity = self.quantity(value, wanted, example)?;
        if quantity.value > 0.0 {
            return Ok(quantity);
        }
        let help = "the words say the direction; for no current write Rest";
        self.error(span, format!("{what} must be above 0"), help)
    }

    pub fn current(&mut self) -> Result<Current, SentenceError> {
        self.positive(&CURRENTS, "the current", "0.1C").map(current)
    }

    /// What follows `at` after `Charge` or `Discharge`, unless it is a voltage.
    pub fn drive(&mut self) -> Result<Drive, SentenceError> {
        let quantity = self.positive(&DRIVES, "the current", "0.1C")?;
        let value = quantity.value;
        Ok(match quantity.dimension {
            Dimension::Power => Drive::Power(Power::Total(value)),
            Dimension::ArealPower => Drive::Power(Power::Density(value)),
            Dimension::SpecificPower => Drive::Power(Power::Specific(value)),
            Dimension::Resistance => Drive::Resistance(Resistance::Total(value)),
            Dimension::ArealResistance => Drive::Resistance(Resistance::Areal(value)),
            _ => Drive::Current(current(quantity)),
        })
    }

    /// The voltage that comes next, if it is one.
    pub fn is_voltage(&mut self) -> Result<Option<Voltage>, SentenceError> {
        let (text, _) = self.value("the current")?;
        match parse(text, &[Dimension::Voltage]) {
            Ok(quantity) => Ok(Some(Voltage {
                value: quantity.value,
                against_lithium: self.against_lithium()?,
            })),
            Err(_) => Ok(None),
        }
    }

    pub fn as_current(
        &self,
        quantity: Quantity,
        span: Range<usize>,
    ) -> Result<Current, SentenceError> {
        if quantity.value > 0.0 {
            return Ok(current(quantity));
        }
        let help = "a magnitude counts, on charge and on discharge";
        self.error(span, "a current must be above 0", help)
    }

    pub fn as_charge(
        &self,
        quantity: Quantity,
        span: Range<usize>,
    ) -> Result<Charge, SentenceError> {
        if quantity.value <= 0.0 {
            let help = "a magnitude counts, on charge and on discharge";
            return self.error(span, "a charge must be above 0", help);
        }
        Ok(match quantity.dimension {
            Dimension::Charge => Charge::Total(quantity.value),
            Dimension::SpecificCharge => Charge::Specific(quantity.value),
            _ => Charge::Density(quantity.value),
        })
    }

    pub fn voltage(&mut self) -> Result<Voltage, SentenceError> {
        let value = self.value("the voltage")?;
        let quantity = self.quantity(value, &[Dimension::Voltage], "3.15 V")?;
        Ok(Voltage {
            value: quantity.value,
            against_lithium: self.against_lithium()?,
        })
    }

    /// Reads `vs Li` or `vs` with the anode's name, if it is there.
    pub fn against_lithium(&mut self) -> Result<bool, SentenceError> {
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
}

fn current(quantity: Quantity) -> Current {
    match quantity.dimension {
        Dimension::CRate => Current::Rate(quantity.value),
        Dimension::CurrentDensity => Current::Density(quantity.value),
        Dimension::SpecificCurrent => Current::Specific(quantity.value),
        _ => Current::Total(quantity.value),
    }
}

/// Whether a value goes on with the next word: a bare number needs its unit, a sign
/// its number, a `/` stands between two words, and `ohm` may have an area behind it.
fn goes_on(so_far: &str, word: &str) -> bool {
    let number = so_far.trim_start_matches(['<', '>']).trim();
    number.is_empty()
        || matches!(split_number(number), Some((_, "")))
        || so_far.ends_with('/')
        || word.starts_with('/')
        || (["cm2", "m2"].contains(&word) && so_far.to_ascii_lowercase().ends_with("ohm"))
}

/// The rate in `C/10` or `1C/10`.
fn c_over(text: &str) -> Option<f64> {
    let (before, after) = text.split_once('/')?;
    let (divisor, "") = split_number(after)? else {
        return None;
    };
    match before.trim() {
        "C" | "c" => Some(1.0 / divisor),
        before => match split_number(before)? {
            (number, "C" | "c") => Some(number / divisor),
            _ => None,
        },
    }
}

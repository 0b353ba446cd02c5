//! Numbers with units as a sweep writes them: read from a scenario's values, spaced or
//! drawn, and written back the way a user would.

use crate::input::{UNITS, Unit, bare_number, split_number};
use toml::de::DeValue;

/// A number with the unit it was written in.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// In `unit`.
    pub number: f64,
    /// As written, e.g. `mg/cm2`; empty for bare numbers.
    pub unit: String,
    /// Whether it is a bare whole number.
    pub whole: bool,
}

impl Amount {
    /// The amount in a value, if it is one: a bare number or a text of number and unit.
    pub fn of(value: &DeValue<'_>) -> Option<Self> {
        if let Some(text) = value.as_str() {
            let (number, unit) = split_number(text)?;
            let known = number.is_finite() && Unit::measures(unit).is_some();
            return known.then(|| Self {
                number,
                unit: unit.to_owned(),
                whole: false,
            });
        }
        Some(Self {
            number: bare_number(value)?,
            unit: String::new(),
            whole: matches!(value, DeValue::Integer(_)),
        })
    }

    /// The number in another unit of the same quantity.
    pub fn in_unit(&self, unit: &str) -> Option<f64> {
        convert(self.number, &self.unit, unit)
    }
}

/// A number of the unit `from` in the unit `to`; `None` if they measure different things.
fn convert(number: f64, from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(number);
    }
    if from.is_empty() || to.is_empty() {
        return None;
    }
    let common = UNITS.iter().find_map(|unit| {
        let dimension = unit.dimension;
        Unit::find(from, dimension).zip(Unit::find(to, dimension))
    });
    let (from, to) = common?;
    Some(tidy((from.to_si(number) - to.offset) / to.factor))
}

/// Significant digits that a computed value keeps: beyond, round-off would make
/// 0.30000000000000004 of 0.3.
const DIGITS: usize = 12;

/// The number without the round-off of its computation.
pub fn tidy(number: f64) -> f64 {
    let text = format!("{number:.*e}", DIGITS - 1);
    text.parse().unwrap_or(number)
}

/// The number as a scenario would state it.
pub fn written(number: f64, unit: &str, whole: bool) -> String {
    if whole {
        format!("{number:.0}")
    } else if unit.is_empty() {
        format!("{number:?}")
    } else {
        format!("\"{number} {unit}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Amount> {
        Amount::of(DeValue::parse(text).expect(text).get_ref())
    }

    #[test]
    fn amounts_are_numbers_with_known_units() {
        let thickness = of("\"15 nm\"").expect("a length");
        assert_eq!((thickness.number, thickness.unit.as_str()), (15.0, "nm"));
        assert_eq!(thickness.in_unit("um"), Some(0.015));
        assert_eq!(thickness.in_unit("mg"), None);
        assert_eq!(of("\"25 degC\"").and_then(|t| t.in_unit("K")), Some(298.15));
        assert!(of("3").is_some_and(|n| n.whole));
        assert!(of("3.5").is_some_and(|n| !n.whole && n.unit.is_empty()));
        for text in ["\"LiNbO3\"", "\"4 parsec\"", "true", "[1]"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn written_amounts_read_back() {
        for (number, unit, whole) in [(0.3, "nm", false), (1e-9, "", false), (7.0, "", true)] {
            let text = written(tidy(number), unit, whole);
            let back = of(&text).expect("an amount");
            assert_eq!(
                (back.number, back.unit.as_str(), back.whole),
                (number, unit, whole)
            );
        }
        assert_eq!(tidy(0.1 + 0.2).to_bits(), 0.3_f64.to_bits());
    }
}

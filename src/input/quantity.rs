//! Numbers with units in text: `"15 nm"`, `"0.2 mS/cm"`, `"25 degC"` into SI.

use super::nearest;
use super::units::{Dimension, Unit};

/// A number with its dimension, in SI.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// In the SI unit of `dimension`.
    pub value: f64,
    /// What it measures.
    pub dimension: Dimension,
}

/// Why a text is not the quantity that was wanted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuantityError {
    /// The text does not begin with a number.
    #[error("`{found}` does not begin with a number")]
    NoNumber {
        /// The text.
        found: String,
    },
    /// A decimal comma.
    #[error("`{found}` has a decimal comma; write a decimal point")]
    DecimalComma {
        /// The text.
        found: String,
    },
    /// A number too large for a floating-point number.
    #[error("`{found}` is too large a number")]
    TooLarge {
        /// The text.
        found: String,
    },
    /// A bare number.
    #[error("`{found}` has no unit; {wanted} is needed")]
    NoUnit {
        /// The text.
        found: String,
        /// What was wanted.
        wanted: Dimension,
    },
    /// A known unit of something else.
    #[error("`{found}` is {is}; {wanted} is needed")]
    WrongDimension {
        /// The text.
        found: String,
        /// What its unit measures.
        is: Dimension,
        /// What was wanted.
        wanted: Dimension,
    },
    /// A spelling that no dimension has.
    #[error("unknown unit `{unit}` in `{found}`; {wanted} is needed")]
    UnknownUnit {
        /// The text.
        found: String,
        /// Its unit as written.
        unit: String,
        /// What was wanted.
        wanted: Dimension,
    },
}

impl QuantityError {
    /// What would be right: the allowed units, and the nearest spelling or an example.
    pub fn help(&self, wanted: Dimension, example: &str) -> String {
        let allowed = wanted.spellings().collect::<Vec<_>>().join(", ");
        match self {
            Self::UnknownUnit { unit, .. } => match nearest(unit, wanted.spellings()) {
                Some(near) => format!("did you mean `{near}`? allowed units: {allowed}"),
                None => format!("allowed units: {allowed}, for example \"{example}\""),
            },
            _ => format!("write for example \"{example}\" (allowed units: {allowed})"),
        }
    }
}

/// Splits a text into its leading number and what follows it (trimmed).
///
/// Returns `None` where there is no leading finite number. `3eV` is 3 and `eV`:
/// an `e` counts as an exponent only when digits follow.
pub fn split_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let number: f64 = text[..end].parse().ok()?;
    Some((number, text[end..].trim()))
}

/// Reads a number with a unit of any of the wanted dimensions, the first that fits.
///
/// # Errors
/// [`QuantityError`] when there is no number, no unit, or a unit of something else;
/// its `wanted` is the first of `wanted`.
pub fn parse(text: &str, wanted: &[Dimension]) -> Result<Quantity, QuantityError> {
    let found = || text.trim().to_owned();
    let first = wanted.first().copied().unwrap_or(Dimension::Fraction);
    let (number, rest) =
        split_number(text).ok_or_else(|| QuantityError::NoNumber { found: found() })?;
    if !number.is_finite() {
        return Err(QuantityError::TooLarge { found: found() });
    }
    if rest.is_empty() {
        return Err(QuantityError::NoUnit {
            found: found(),
            wanted: first,
        });
    }
    if rest.starts_with(',') && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return Err(QuantityError::DecimalComma { found: found() });
    }
    if let Some(unit) = wanted
        .iter()
        .find_map(|dimension| Unit::find(rest, *dimension))
    {
        let value = unit.to_si(number);
        return if value.is_finite() {
            Ok(Quantity {
                value,
                dimension: unit.dimension,
            })
        } else {
            Err(QuantityError::TooLarge { found: found() })
        };
    }
    Err(match Unit::measures(rest) {
        Some(is) => QuantityError::WrongDimension {
            found: found(),
            is,
            wanted: first,
        },
        None => QuantityError::UnknownUnit {
            found: found(),
            unit: rest.to_owned(),
            wanted: first,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::units::UNITS;
    use super::*;
    use approx::assert_relative_eq;

    fn si(text: &str, dimension: Dimension) -> f64 {
        parse(text, &[dimension]).expect(text).value
    }

    #[test]
    fn every_unit_round_trips() {
        for unit in UNITS {
            for number in [1.0, 0.25, 3e-7, 1234.5] {
                for text in [
                    format!("{number} {}", unit.spelling),
                    format!("{number:e}\u{a0}{}", unit.spelling),
                ] {
                    let value = si(&text, unit.dimension);
                    assert_relative_eq!(
                        value,
                        number * unit.factor + unit.offset,
                        max_relative = 1e-12
                    );
                }
            }
        }
    }

    #[test]
    fn hand_converted_values() {
        assert_relative_eq!(
            si("10.6 mg/cm2", Dimension::ArealLoading),
            0.106,
            max_relative = 1e-14
        );
        assert_relative_eq!(
            si("0.593 m2/g", Dimension::SpecificSurface),
            593.0,
            max_relative = 1e-14
        );
        assert_relative_eq!(
            si("25 °C", Dimension::Temperature),
            298.15,
            max_relative = 1e-14
        );
        assert_relative_eq!(
            si("0.2 mS / cm", Dimension::Conductivity),
            0.02,
            max_relative = 1e-14
        );
        assert_relative_eq!(
            si("87 Ω·cm²", Dimension::ArealResistance),
            87e-4,
            max_relative = 1e-14
        );
        assert_relative_eq!(
            si("3eV", Dimension::MolarEnergy),
            289_455.996_36,
            max_relative = 1e-12
        );
        assert_relative_eq!(si("1e1 nm", Dimension::Length), 1e-8, max_relative = 1e-14);
        assert_relative_eq!(
            si("4.38 mAh/cm2", Dimension::ArealCharge),
            157_680.0,
            max_relative = 1e-14
        );
        assert_relative_eq!(si("-.5 µm", Dimension::Length), -5e-7, max_relative = 1e-14);
    }

    #[test]
    #[allow(clippy::float_cmp)] // exactness is the point
    fn decimal_units_give_the_nearest_number() {
        assert_eq!(si("3 nm", Dimension::Length), 3e-9);
        assert_eq!(si("100 uHz", Dimension::Frequency), 1e-4);
        assert_eq!(si("87 ohm cm2", Dimension::ArealResistance), 87e-4);
    }

    #[test]
    fn refusals_say_what_was_found() {
        let error = |text: &str| parse(text, &[Dimension::Length]).expect_err(text);
        assert!(matches!(error("3"), QuantityError::NoUnit { .. }));
        assert!(matches!(error("thick"), QuantityError::NoNumber { .. }));
        assert!(matches!(error("nan nm"), QuantityError::NoNumber { .. }));
        assert!(matches!(
            error("0,2 nm"),
            QuantityError::DecimalComma { .. }
        ));
        assert!(matches!(error("1e999 nm"), QuantityError::TooLarge { .. }));
        assert!(matches!(
            error("3 V"),
            QuantityError::WrongDimension {
                is: Dimension::Voltage,
                ..
            }
        ));
        let unknown = error("3 nnm");
        assert!(matches!(unknown, QuantityError::UnknownUnit { .. }));
        assert!(
            unknown
                .help(Dimension::Length, "3 nm")
                .contains("did you mean `nm`")
        );
    }

    proptest::proptest! {
        #[test]
        fn junk_never_panics(text in "\\PC{0,20}") {
            let _ = split_number(&text);
            let _ = parse(&text, &[Dimension::Length, Dimension::Fraction]);
        }
    }
}

//! Units: the table that decides which spellings are understood, and the parser
//! of `"15 nm"`, `"0.2 mS/cm"`, `"25 degC"`. The only place where units exist.

use super::nearest;
use std::fmt;

/// What kind of quantity a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // `name` and `si` say what each is
pub enum Dimension {
    Length,
    Area,
    Mass,
    ArealLoading,
    Density,
    SpecificSurface,
    Time,
    Temperature,
    Voltage,
    Current,
    CurrentDensity,
    SpecificCurrent,
    CRate,
    ArealCharge,
    Conductivity,
    Diffusivity,
    Pressure,
    MolarEnergy,
    MolarMass,
    MolarVolume,
    MolesPerMass,
    ReactionRate,
    Rate,
    Frequency,
    InverseLength,
    ArealResistance,
    ArealCapacitance,
    Fraction,
    MassFraction,
    VolumeFraction,
    Power,
    Resistance,
}

impl Dimension {
    /// Plain name, e.g. `length`.
    pub fn name(self) -> &'static str {
        self.name_and_si().0
    }

    /// The SI unit in which the house keeps it, `1` for fractions.
    pub fn si(self) -> &'static str {
        self.name_and_si().1
    }

    fn name_and_si(self) -> (&'static str, &'static str) {
        use Dimension as D;
        match self {
            D::Length => ("length", "m"),
            D::Area => ("area", "m2"),
            D::Mass => ("mass", "kg"),
            D::ArealLoading => ("mass per area", "kg/m2"),
            D::Density => ("density", "kg/m3"),
            D::SpecificSurface => ("surface per mass", "m2/kg"),
            D::Time => ("time", "s"),
            D::Temperature => ("temperature", "K"),
            D::Voltage => ("voltage", "V"),
            D::Current => ("current", "A"),
            D::CurrentDensity => ("current per area", "A/m2"),
            D::SpecificCurrent => ("current per mass", "A/kg"),
            D::CRate => ("C-rate", "C"),
            D::ArealCharge => ("charge per area", "C/m2"),
            D::Conductivity => ("conductivity", "S/m"),
            D::Diffusivity => ("diffusivity", "m2/s"),
            D::Pressure => ("pressure", "Pa"),
            D::MolarEnergy => ("energy per mole", "J/mol"),
            D::MolarMass => ("molar mass", "kg/mol"),
            D::MolarVolume => ("molar volume", "m3/mol"),
            D::MolesPerMass => ("amount per mass", "mol/kg"),
            D::ReactionRate => ("amount per area and time", "mol/(m2 s)"),
            D::Rate => ("rate", "1/s"),
            D::Frequency => ("frequency", "Hz"),
            D::InverseLength => ("inverse length", "1/m"),
            D::ArealResistance => ("resistance times area", "ohm m2"),
            D::ArealCapacitance => ("capacitance per area", "F/m2"),
            D::Fraction => ("fraction", "1"),
            D::MassFraction => ("mass fraction", "1"),
            D::VolumeFraction => ("volume fraction", "1"),
            D::Power => ("power", "W"),
            D::Resistance => ("resistance", "ohm"),
        }
    }

    /// Every spelling understood for this dimension, in the order of [`UNITS`].
    pub fn spellings(self) -> impl Iterator<Item = &'static str> {
        UNITS
            .iter()
            .filter(move |unit| unit.dimension == self)
            .map(|unit| unit.spelling)
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        let article = if name.starts_with(['a', 'e', 'i', 'o']) {
            "an"
        } else {
            "a"
        };
        write!(f, "{article} {name}")
    }
}

/// One spelling of a unit: SI value = number * factor + offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// As written, e.g. `mS/cm`. Spaces, `*`, `^` and brackets do not matter.
    pub spelling: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// SI units per this unit.
    pub factor: f64,
    /// SI value at zero (temperatures).
    pub offset: f64,
}

const fn unit(spelling: &'static str, dimension: Dimension, factor: f64) -> Unit {
    Unit {
        spelling,
        dimension,
        factor,
        offset: 0.0,
    }
}

/// Joule per mole in one electronvolt per particle.
const ELECTRONVOLT: f64 = crate::constants::FARADAY;

/// Every unit understood. The first of a dimension is what examples use.
#[rustfmt::skip]
pub const UNITS: &[Unit] = {
    use Dimension as D;
    &[
        unit("nm", D::Length, 1e-9), unit("um", D::Length, 1e-6), unit("mm", D::Length, 1e-3),
        unit("cm", D::Length, 1e-2), unit("m", D::Length, 1.0),
        unit("cm2", D::Area, 1e-4), unit("mm2", D::Area, 1e-6), unit("m2", D::Area, 1.0),
        unit("mg", D::Mass, 1e-6), unit("ug", D::Mass, 1e-9), unit("g", D::Mass, 1e-3), unit("kg", D::Mass, 1.0),
        unit("mg/cm2", D::ArealLoading, 1e-2), unit("g/m2", D::ArealLoading, 1e-3),
        unit("g/cm2", D::ArealLoading, 10.0), unit("kg/m2", D::ArealLoading, 1.0),
        unit("g/cm3", D::Density, 1e3), unit("g/cc", D::Density, 1e3), unit("kg/m3", D::Density, 1.0),
        unit("m2/g", D::SpecificSurface, 1e3), unit("cm2/g", D::SpecificSurface, 0.1),
        unit("m2/kg", D::SpecificSurface, 1.0),
        unit("hours", D::Time, 3600.0), unit("hour", D::Time, 3600.0), unit("hr", D::Time, 3600.0),
        unit("h", D::Time, 3600.0), unit("minutes", D::Time, 60.0), unit("minute", D::Time, 60.0),
        unit("min", D::Time, 60.0), unit("m", D::Time, 60.0), unit("seconds", D::Time, 1.0),
        unit("second", D::Time, 1.0), unit("sec", D::Time, 1.0), unit("s", D::Time, 1.0),
        unit("days", D::Time, 86400.0), unit("day", D::Time, 86400.0), unit("d", D::Time, 86400.0),
        Unit { spelling: "degC", dimension: D::Temperature, factor: 1.0, offset: 273.15 },
        unit("K", D::Temperature, 1.0),
        unit("V", D::Voltage, 1.0), unit("mV", D::Voltage, 1e-3),
        unit("mA", D::Current, 1e-3), unit("uA", D::Current, 1e-6), unit("A", D::Current, 1.0),
        unit("mA/cm2", D::CurrentDensity, 10.0), unit("uA/cm2", D::CurrentDensity, 1e-2),
        unit("A/cm2", D::CurrentDensity, 1e4), unit("A/m2", D::CurrentDensity, 1.0),
        unit("mA/g", D::SpecificCurrent, 1.0), unit("A/g", D::SpecificCurrent, 1e3),
        unit("A/kg", D::SpecificCurrent, 1.0),
        unit("C", D::CRate, 1.0),
        unit("mAh/cm2", D::ArealCharge, 3.6e4), unit("Ah/m2", D::ArealCharge, 3600.0),
        unit("C/m2", D::ArealCharge, 1.0),
        unit("mS/cm", D::Conductivity, 0.1), unit("S/cm", D::Conductivity, 100.0),
        unit("uS/cm", D::Conductivity, 1e-4), unit("mS/m", D::Conductivity, 1e-3), unit("S/m", D::Conductivity, 1.0),
        unit("cm2/s", D::Diffusivity, 1e-4), unit("um2/s", D::Diffusivity, 1e-12),
        unit("nm2/h", D::Diffusivity, 1e-18 / 3600.0), unit("m2/s", D::Diffusivity, 1.0),
        unit("MPa", D::Pressure, 1e6), unit("GPa", D::Pressure, 1e9), unit("kPa", D::Pressure, 1e3),
        unit("bar", D::Pressure, 1e5), unit("Pa", D::Pressure, 1.0),
        unit("eV", D::MolarEnergy, ELECTRONVOLT), unit("meV", D::MolarEnergy, 1e-3 * ELECTRONVOLT),
        unit("kJ/mol", D::MolarEnergy, 1e3), unit("J/mol", D::MolarEnergy, 1.0),
        unit("g/mol", D::MolarMass, 1e-3), unit("kg/mol", D::MolarMass, 1.0),
        unit("cm3/mol", D::MolarVolume, 1e-6), unit("m3/mol", D::MolarVolume, 1.0),
        unit("umol/g", D::MolesPerMass, 1e-3), unit("mmol/g", D::MolesPerMass, 1.0),
        unit("mol/kg", D::MolesPerMass, 1.0),
        unit("mol/(m2 s)", D::ReactionRate, 1.0), unit("mol/m2/s", D::ReactionRate, 1.0),
        unit("mol/(cm2 s)", D::ReactionRate, 1e4),
        unit("1/s", D::Rate, 1.0), unit("1/h", D::Rate, 1.0 / 3600.0),
        unit("Hz", D::Frequency, 1.0), unit("kHz", D::Frequency, 1e3), unit("MHz", D::Frequency, 1e6),
        unit("mHz", D::Frequency, 1e-3), unit("uHz", D::Frequency, 1e-6),
        unit("1/nm", D::InverseLength, 1e9), unit("1/um", D::InverseLength, 1e6), unit("1/m", D::InverseLength, 1.0),
        unit("ohm cm2", D::ArealResistance, 1e-4), unit("ohm m2", D::ArealResistance, 1.0),
        unit("uF/cm2", D::ArealCapacitance, 1e-2), unit("mF/cm2", D::ArealCapacitance, 10.0),
        unit("F/cm2", D::ArealCapacitance, 1e4), unit("F/m2", D::ArealCapacitance, 1.0),
        unit("%", D::Fraction, 0.01),
        unit("wt%", D::MassFraction, 0.01), unit("%", D::MassFraction, 0.01),
        unit("%", D::VolumeFraction, 0.01), unit("vol%", D::VolumeFraction, 0.01),
        unit("W", D::Power, 1.0), unit("mW", D::Power, 1e-3),
        unit("ohm", D::Resistance, 1.0), unit("kohm", D::Resistance, 1e3), unit("mohm", D::Resistance, 1e-3),
    ]
};

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

/// A spelling without what does not matter: blanks, `*`, `^`, brackets, typographic signs.
fn normalise(spelling: &str) -> String {
    let mut plain = String::with_capacity(spelling.len());
    for c in spelling.chars() {
        match c {
            ' ' | '*' | '^' | '(' | ')' | '·' | '\u{a0}' => {}
            'µ' | 'μ' => plain.push('u'),
            'Ω' | '\u{2126}' => plain.push_str("ohm"),
            '²' => plain.push('2'),
            '³' => plain.push('3'),
            '°' => plain.push_str("deg"),
            c => plain.push(c),
        }
    }
    if let Some(rest) = plain.strip_prefix("Ohm") {
        plain = format!("ohm{rest}");
    }
    plain
}

/// The unit of that spelling in a dimension.
fn find(spelling: &str, dimension: Dimension) -> Option<&'static Unit> {
    UNITS
        .iter()
        .find(|unit| unit.dimension == dimension && normalise(unit.spelling) == spelling)
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
    let spelling = normalise(rest);
    if let Some(unit) = wanted
        .iter()
        .find_map(|dimension| find(&spelling, *dimension))
    {
        let value = number * unit.factor + unit.offset;
        return if value.is_finite() {
            Ok(Quantity {
                value,
                dimension: unit.dimension,
            })
        } else {
            Err(QuantityError::TooLarge { found: found() })
        };
    }
    Err(
        match UNITS
            .iter()
            .find(|unit| normalise(unit.spelling) == spelling)
        {
            Some(other) => QuantityError::WrongDimension {
                found: found(),
                is: other.dimension,
                wanted: first,
            },
            None => QuantityError::UnknownUnit {
                found: found(),
                unit: rest.to_owned(),
                wanted: first,
            },
        },
    )
}

#[cfg(test)]
mod tests {
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
    fn no_spelling_is_ambiguous_within_a_dimension() {
        for (i, a) in UNITS.iter().enumerate() {
            let twin = UNITS[i + 1..].iter().find(|b| {
                a.dimension == b.dimension
                    && normalise(a.spelling) == normalise(b.spelling)
                    && a.factor.to_bits() != b.factor.to_bits()
            });
            assert_eq!(twin, None, "{}", a.spelling);
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

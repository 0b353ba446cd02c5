//! Units: the table that decides which spellings are understood.

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
    ArealPower,
    SpecificPower,
    Resistance,
    HeatingRate,
    VoltageRate,
    Charge,
    SpecificCharge,
    Volume,
    VolumeFlow,
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
            D::ArealPower => ("power per area", "W/m2"),
            D::SpecificPower => ("power per mass", "W/kg"),
            D::Resistance => ("resistance", "ohm"),
            D::HeatingRate => ("heating rate", "K/s"),
            D::VoltageRate => ("sweep rate", "V/s"),
            D::Charge => ("charge", "A s"),
            D::SpecificCharge => ("charge per mass", "C/kg"),
            D::Volume => ("volume", "m3"),
            D::VolumeFlow => ("volume per time", "m3/s"),
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

impl Unit {
    /// A number in this unit, in SI. Divides where the factor is one over a whole
    /// number, so that 3 nm is exactly the number 3e-9.
    pub fn to_si(&self, number: f64) -> f64 {
        let inverse = (1.0 / self.factor).round();
        let scaled = if (inverse * self.factor - 1.0).abs() < 1e-14 {
            number / inverse
        } else {
            number * self.factor
        };
        scaled + self.offset
    }

    /// The unit of that spelling in a dimension; blanks, `*`, `^`, brackets and
    /// typographic signs do not matter.
    pub fn find(spelling: &str, dimension: Dimension) -> Option<&'static Self> {
        let plain = normalise(spelling);
        UNITS
            .iter()
            .find(|unit| unit.dimension == dimension && normalise(unit.spelling) == plain)
    }

    /// What any unit of that spelling measures, the first in the table.
    pub fn measures(spelling: &str) -> Option<Dimension> {
        let plain = normalise(spelling);
        UNITS
            .iter()
            .find(|unit| normalise(unit.spelling) == plain)
            .map(|unit| unit.dimension)
    }
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
        unit("hours", D::Time, 3600.0), unit("hour", D::Time, 3600.0), unit("hrs", D::Time, 3600.0),
        unit("hr", D::Time, 3600.0), unit("h", D::Time, 3600.0), unit("minutes", D::Time, 60.0),
        unit("minute", D::Time, 60.0), unit("mins", D::Time, 60.0), unit("min", D::Time, 60.0), unit("m", D::Time, 60.0), unit("seconds", D::Time, 1.0),
        unit("second", D::Time, 1.0), unit("secs", D::Time, 1.0), unit("sec", D::Time, 1.0), unit("s", D::Time, 1.0),
        unit("days", D::Time, 86400.0), unit("day", D::Time, 86400.0), unit("d", D::Time, 86400.0),
        Unit { spelling: "degC", dimension: D::Temperature, factor: 1.0, offset: 273.15 },
        unit("K", D::Temperature, 1.0),
        unit("V", D::Voltage, 1.0), unit("mV", D::Voltage, 1e-3),
        unit("uV", D::Voltage, 1e-6),
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
        unit("mW", D::Power, 1e-3), unit("uW", D::Power, 1e-6), unit("W", D::Power, 1.0),
        unit("mW/cm2", D::ArealPower, 10.0), unit("W/cm2", D::ArealPower, 1e4), unit("W/m2", D::ArealPower, 1.0),
        unit("mW/g", D::SpecificPower, 1.0), unit("W/g", D::SpecificPower, 1e3), unit("W/kg", D::SpecificPower, 1.0),
        unit("mV/s", D::VoltageRate, 1e-3), unit("uV/s", D::VoltageRate, 1e-6), unit("V/s", D::VoltageRate, 1.0),
        unit("mV/min", D::VoltageRate, 1e-3 / 60.0), unit("mV/h", D::VoltageRate, 1e-3 / 3600.0),
        unit("mAh", D::Charge, 3.6), unit("uAh", D::Charge, 3.6e-3), unit("Ah", D::Charge, 3600.0),
        unit("A.h", D::Charge, 3600.0), unit("A.s", D::Charge, 1.0),
        unit("mAh/g", D::SpecificCharge, 3600.0), unit("Ah/g", D::SpecificCharge, 3.6e6), unit("Ah/kg", D::SpecificCharge, 3600.0),
        unit("C/kg", D::SpecificCharge, 1.0),
        unit("ohm", D::Resistance, 1.0), unit("ohms", D::Resistance, 1.0), unit("kohm", D::Resistance, 1e3), unit("mohm", D::Resistance, 1e-3),
        unit("K/min", D::HeatingRate, 1.0 / 60.0), unit("degC/min", D::HeatingRate, 1.0 / 60.0),
        unit("K/h", D::HeatingRate, 1.0 / 3600.0), unit("K/s", D::HeatingRate, 1.0),
        unit("mL", D::Volume, 1e-6), unit("cm3", D::Volume, 1e-6), unit("L", D::Volume, 1e-3), unit("m3", D::Volume, 1.0),
        unit("mL/min", D::VolumeFlow, 1e-6 / 60.0), unit("cm3/min", D::VolumeFlow, 1e-6 / 60.0),
        unit("mL/h", D::VolumeFlow, 1e-6 / 3600.0), unit("m3/s", D::VolumeFlow, 1.0),
    ]
};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}

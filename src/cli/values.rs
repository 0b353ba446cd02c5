//! Arguments that are numbers: quantities with their unit, as in a scenario.

use crate::input::{Dimension, parse};

/// A number with a unit of a dimension, in SI.
pub fn quantity(text: &str, dimension: Dimension, example: &str) -> Result<f64, String> {
    parse(text, &[dimension])
        .map(|quantity| quantity.value)
        .map_err(|error| format!("{error}; {}", error.help(dimension, example)))
}

/// Cell area, m2.
pub fn area(text: &str) -> Result<f64, String> {
    positive(text, Dimension::Area, "0.785 cm2")
}

/// Mass per cell area, kg/m2.
pub fn loading(text: &str) -> Result<f64, String> {
    positive(text, Dimension::ArealLoading, "10.6 mg/cm2")
}

/// Length, m.
pub fn length(text: &str) -> Result<f64, String> {
    positive(text, Dimension::Length, "0.7 um")
}

/// A bare number above 0.
pub fn ratio(text: &str) -> Result<f64, String> {
    bare(text, 1e-6..=1e6, "")
}

/// Resistance times area, ohm m2.
pub fn areal_resistance(text: &str) -> Result<f64, String> {
    positive(text, Dimension::ArealResistance, "2 ohm cm2")
}

/// Voltage, V.
pub fn voltage(text: &str) -> Result<f64, String> {
    quantity(text, Dimension::Voltage, "3.15 V")
}

/// A rest, s.
pub fn pause(text: &str) -> Result<f64, String> {
    let value = quantity(text, Dimension::Time, "2 hours")?;
    let fine = (1.0..=30.0 * 86_400.0).contains(&value);
    fine.then_some(value)
        .ok_or_else(|| "between 1 s and 30 days".to_owned())
}

/// Frequency of an impedance spectrum, Hz.
pub fn frequency(text: &str) -> Result<f64, String> {
    let value = quantity(text, Dimension::Frequency, "10 Hz")?;
    let fine = (1e-9..=1e12).contains(&value);
    fine.then_some(value)
        .ok_or_else(|| format!("{value} Hz is not a frequency of impedance"))
}

/// Scatter relative to the modulus, 0 to 0.5.
fn scatter(text: &str) -> Result<f64, String> {
    let value = quantity(text, Dimension::Fraction, "0.3 %")?;
    let fine = (0.0..=0.5).contains(&value);
    fine.then_some(value)
        .ok_or_else(|| "between 0 and 50 %".to_owned())
}

/// Scatter of a measured spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Noise {
    /// Standard deviation over the modulus, 0 to 0.5.
    Relative(f64),
    /// Standard deviation of the voltage, V, which is measured against the amplitude.
    Voltage(f64),
}

/// Scatter relative to the modulus, or of the voltage.
pub fn noise(text: &str) -> Result<Noise, String> {
    match parse(text, &[Dimension::Voltage]) {
        Ok(voltage) if (0.0..=0.01).contains(&voltage.value) => Ok(Noise::Voltage(voltage.value)),
        Ok(_) => Err("between 0 and 10 mV".to_owned()),
        Err(_) => scatter(text).map(Noise::Relative),
    }
}

/// Tolerance of a run: a bare number.
pub fn tolerance(text: &str) -> Result<f64, String> {
    bare(text, 1e-8..=0.1, "")
}

/// Annealing temperature: a bare number of degrees Celsius.
pub fn annealing_temperature(text: &str) -> Result<f64, String> {
    bare(text, 15.0..=800.0, " degC")
}

fn positive(text: &str, dimension: Dimension, example: &str) -> Result<f64, String> {
    let value = quantity(text, dimension, example)?;
    (value > 0.0)
        .then_some(value)
        .ok_or_else(|| format!("{text} is not above 0"))
}

fn bare(text: &str, range: std::ops::RangeInclusive<f64>, unit: &str) -> Result<f64, String> {
    let (low, high) = (range.start(), range.end());
    match text.parse::<f64>() {
        Ok(value) if range.contains(&value) => Ok(value),
        Ok(value) => Err(format!("{value} is not between {low} and {high}{unit}")),
        Err(_) => Err(format!("not a number from {low} to {high}{unit}")),
    }
}

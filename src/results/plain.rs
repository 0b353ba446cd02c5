//! A run's curves as the plain tables that other programs open without being told how.
//!
//! | table | columns | read by |
//! |---|---|---|
//! | spectrum | frequency (Hz), real and imaginary part (ohm); no heading | impedance.py, programs for distributions of relaxation times |
//! | time series | those of the Battery Data Format, with headings | `bdf` (PyPI `batterydf`), whatever reads the format |

use super::ResultsError;
use super::csv::{number, push_row, render};
use super::table::{Column, Table};
use crate::measurement::MeasuredSpectrum;
use crate::observables::Cycling;

/// C in one Ah.
const PER_HOUR: f64 = 3600.0;
/// 0 degC, K.
const ICE: f64 = 273.15;

/// The whole cell's impedance, a row per frequency, falling. Programs that take
/// three columns of numbers stumble over a heading.
pub fn spectrum(spectrum: &MeasuredSpectrum) -> String {
    let mut text = String::new();
    for (frequency, z) in spectrum.frequency.iter().zip(&spectrum.impedance) {
        push_row(&mut text, [*frequency, z.re, z.im].map(number).into_iter());
    }
    text
}

/// The time series of a cell kept at `temperature` (K).
///
/// # Errors
/// [`ResultsError::Length`] if the columns differ in length.
pub fn series(cycling: &Cycling, temperature: f64) -> Result<String, ResultsError> {
    let samples = cycling.time.len();
    let counted = |side: usize| -> Vec<f64> {
        let charge = cycling.counted.as_ref().map(|both| &both[side]);
        charge.map_or_else(Vec::new, |q| q.iter().map(|q| q / PER_HOUR).collect())
    };
    #[rustfmt::skip]
    let mut columns = vec![
        Column::real("test_time_second", "Test Time", "s", cycling.time.clone()),
        Column::real("voltage_volt", "Voltage", "V", cycling.voltage.clone()),
        Column::real("current_ampere", "Current", "A", cycling.current.clone()),
        Column::count("cycle_count", "Cycle Count", cycling.cycle.clone()),
        Column::real("ambient_temperature_celsius", "Ambient Temperature", "degC", vec![celsius(temperature); samples]),
        Column::real("cycle_charging_capacity_ah", "Cycle Charging Capacity", "Ah", counted(0)),
        Column::real("cycle_discharging_capacity_ah", "Cycle Discharging Capacity", "Ah", counted(1)),
    ];
    if let Some(steps) = &cycling.step {
        columns.insert(4, Column::count("step_count", "Step Count", steps.clone()));
    }
    Ok(render(&Table::new(columns)?))
}

/// Without the round-off of the difference.
fn celsius(kelvin: f64) -> f64 {
    ((kelvin - ICE) * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    #[test]
    fn a_spectrum_is_three_columns_of_numbers() {
        let measured = MeasuredSpectrum {
            cycle: Some(1),
            voltage: None,
            frequency: vec![1e6, 1e-4],
            impedance: vec![Complex64::new(20.5, -1.25), Complex64::new(300.0, -2e-5)],
            cathode: None,
            electronic_resistance: None,
            linearity: Vec::new(),
        };
        assert_eq!(
            spectrum(&measured),
            "1000000,20.5,-1.25\n0.0001,300,-2e-5\n"
        );
    }

    #[test]
    fn a_series_has_the_headings_of_the_battery_data_format() {
        let cycling = Cycling {
            time: vec![0.0, 10.0],
            voltage: vec![3.0, 3.1],
            current: vec![0.0, 1e-3],
            cycle: vec![1, 1],
            step: Some(vec![1, 2]),
            counted: Some([vec![0.0, 3.6], vec![0.0, 0.0]]),
        };
        let text = series(&cycling, 298.15).expect("a table");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "Test Time / s,Voltage / V,Current / A,Cycle Count / 1,Step Count / 1,\
             Ambient Temperature / degC,Cycle Charging Capacity / Ah,Cycle Discharging Capacity / Ah"
        );
        assert_eq!(lines[2], "10,3.1,0.001,1,2,25,0.001,0");
    }
}

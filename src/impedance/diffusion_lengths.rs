//! Impedance room: the distribution of diffusion lengths behind the low-frequency
//! tail of a spectrum (EIS-PSD, as in shi2023, equation 3).
//!
//! The diffusion branch is a sum of elements in parallel,
//! Y(w) = sum_i W_i Y(w; L_i), on a logarithmic grid of lengths, where W_i is the
//! share of the capacitance that diffuses over L_i. The shares are found by
//! regularised non-negative least squares. Rather than peeling the fitted
//! high-frequency part off the data, which blows up noise where that part is large,
//! the whole circuit is linearised about the present shares and fitted to the
//! impedance as measured (Gauss-Newton). The circuit's other parameters, which a fit
//! with a single length reads wrongly where there are several, move along: of the two
//! analyses this one gives the resistances to trust. It takes 25 to 35 ms for 101
//! frequencies, of which the two starting fits take 12.

use super::fit::{FitError, TransmissionLineSettings, fit_transmission_line};
use super::inversion::{Inversion, Solution};
use super::transmission_line::CellCircuit;
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Where lengths are looked for, and how far the data are believed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DiffusionLengthSettings {
    /// Shortest length, m.
    pub shortest: f64,
    /// Longest length, m.
    pub longest: f64,
    /// Lengths per decade.
    pub per_decade: usize,
    /// Relative error of the measurement, below which misfit is not followed.
    pub noise: f64,
}

impl Default for DiffusionLengthSettings {
    /// 0.2 to 20 um, 20 per decade, 0.1 % noise.
    fn default() -> Self {
        Self {
            shortest: 0.2e-6,
            longest: 20e-6,
            per_decade: 20,
            noise: 1e-3,
        }
    }
}

/// Why no distribution could be found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DiffusionLengthError {
    /// The circuit could not be fitted to begin with.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The grid of lengths or the noise level makes no sense.
    #[error("setting `{name}` = {value} is out of range")]
    Setting {
        /// Name of the field.
        name: &'static str,
        /// Its value, in the unit of the field.
        value: f64,
    },
    /// The spectrum shows no diffusion that the grid of lengths could explain.
    #[error("no diffusion tail is seen down to {lowest} Hz")]
    NoTail {
        /// Lowest frequency of the spectrum, Hz.
        lowest: f64,
    },
}

/// Shares of the capacitance over diffusion lengths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiffusionLengthDistribution {
    /// Centres of the classes, m, rising in equal ratios.
    pub length: Vec<f64>,
    /// Share of C_diff in each class.
    pub weight: Vec<f64>,
    /// Cumulative share up to the upper edge of each class, ending at 1: the
    /// cumulative volume fraction that shi2023 plots.
    pub cumulative: Vec<f64>,
    /// Sum of the shares: how much of C_diff takes part in the time of the spectrum.
    pub total: f64,
    /// Length below which half of the diffusing volume lies, m: what one reads from
    /// the cumulative curve as the diffusion length.
    pub median: f64,
    /// Volume mean of the length, m.
    pub mean: f64,
    /// The circuit with its resistances, double layer and anode arc estimated
    /// together with the distribution; its diffusion element has the median length.
    pub circuit: CellCircuit,
    /// Weight of the squared second differences of the shares against the mean
    /// squared relative residual, as chosen from the data.
    pub regularisation: f64,
    /// Root mean square of the relative residuals.
    pub residual: f64,
}

/// Finds the distribution of diffusion lengths of a spectrum.
///
/// `frequency` in Hz, strictly rising or falling, `impedance` in ohm m2; `line` is
/// what is taken as known, with D, C_diff and the geometry of the elements. The
/// smoothest distribution is returned whose misfit is not significantly larger than
/// that of the best.
///
/// # Errors
/// [`DiffusionLengthError`] for a spectrum or settings that cannot be used, and when
/// there is no tail to read.
pub fn diffusion_lengths(
    frequency: &[f64],
    impedance: &[Complex64],
    line: &TransmissionLineSettings,
    settings: &DiffusionLengthSettings,
) -> Result<DiffusionLengthDistribution, DiffusionLengthError> {
    check(settings)?;
    let starts = starts(frequency, impedance, line, settings)?;
    let length = grid(settings);
    let inversion = Inversion::new(frequency, impedance, &starts[0].diffusion, &length);
    let (solution, regularisation) = inversion.smoothest(&starts, settings.noise);
    let lowest = frequency.iter().copied().fold(f64::INFINITY, f64::min);
    distribution(length, &solution, regularisation).ok_or(DiffusionLengthError::NoTail { lowest })
}

/// Lengths in equal ratios over the range of the settings, m.
fn grid(settings: &DiffusionLengthSettings) -> Vec<f64> {
    let span = (settings.longest / settings.shortest).ln();
    let steps = (span / std::f64::consts::LN_10 * settings.per_decade as f64)
        .round()
        .max(3.0);
    (0..=steps as usize)
        .map(|i| settings.shortest * (span / steps * i as f64).exp())
        .collect()
}

fn check(settings: &DiffusionLengthSettings) -> Result<(), DiffusionLengthError> {
    let ratio = settings.longest / settings.shortest;
    for (name, value, fine) in [
        ("shortest", settings.shortest, settings.shortest > 0.0),
        ("longest", settings.longest, ratio > 1.0 && ratio < 1e6),
        (
            "per_decade",
            settings.per_decade as f64,
            (3..=100).contains(&settings.per_decade),
        ),
        (
            "noise",
            settings.noise,
            settings.noise > 0.0 && settings.noise < 1.0,
        ),
    ] {
        if !(fine && value.is_finite()) {
            return Err(DiffusionLengthError::Setting { name, value });
        }
    }
    Ok(())
}

/// w tau of the shortest length above which the starting fit reads: a slab is
/// infinitely deep to 1 % there.
const DEEP: f64 = 10.0;

/// The circuit fitted with one length to the whole spectrum, and to the part above
/// the frequency where even the shortest length looks infinitely deep: there any
/// distribution acts as one element, so this fit reads the rest of the circuit
/// rightly where the lengths differ widely.
fn starts(
    frequency: &[f64],
    impedance: &[Complex64],
    line: &TransmissionLineSettings,
    settings: &DiffusionLengthSettings,
) -> Result<Vec<CellCircuit>, FitError> {
    let whole = fit_transmission_line(frequency, impedance, line)?;
    let split = DEEP * line.diffusivity / (TAU * settings.shortest * settings.shortest);
    let (high_frequency, high_impedance): (Vec<f64>, Vec<Complex64>) = frequency
        .iter()
        .zip(impedance)
        .filter(|&(&f, _)| f > split)
        .map(|(&f, &z)| (f, z))
        .unzip();
    let high = fit_transmission_line(&high_frequency, &high_impedance, line);
    // Too short a high-frequency part is no error: the whole is there.
    Ok(std::iter::once(whole)
        .chain(high)
        .map(|fit| fit.circuit)
        .collect())
}

/// Summary of a solution; `None` if nothing diffuses.
fn distribution(
    length: Vec<f64>,
    solution: &Solution,
    regularisation: f64,
) -> Option<DiffusionLengthDistribution> {
    let weight: Vec<f64> = solution.shares.iter().copied().collect();
    let total: f64 = weight.iter().sum();
    if !(total > 1e-6 && solution.misfit.is_finite()) {
        return None;
    }
    let mut sum = 0.0;
    let cumulative: Vec<f64> = weight
        .iter()
        .map(|w| {
            sum += w;
            sum / total
        })
        .collect();
    let moment: f64 = weight.iter().zip(&length).map(|(w, l)| w * l).sum();
    let median = quantile(&length, &cumulative, 0.5);
    let mut circuit = solution.circuit;
    circuit.diffusion.length = median;
    Some(DiffusionLengthDistribution {
        median,
        mean: moment / total,
        total,
        cumulative,
        weight,
        length,
        circuit,
        regularisation,
        residual: solution.misfit.sqrt(),
    })
}

/// Length at which the cumulative curve, straight in ln L within a class, reaches
/// `share`.
fn quantile(length: &[f64], cumulative: &[f64], share: f64) -> f64 {
    let class = cumulative
        .partition_point(|&c| c < share)
        .min(cumulative.len() - 1);
    let below = class
        .checked_sub(1)
        .map_or(0.0, |before| cumulative[before]);
    let within = (share - below) / (cumulative[class] - below).max(f64::MIN_POSITIVE);
    length[class] * (length[1] / length[0]).powf(within - 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_keeps_its_ends_and_its_fineness() {
        let length = grid(&DiffusionLengthSettings::default());
        assert_eq!(length.len(), 41);
        assert!((length[0] / 0.2e-6 - 1.0).abs() < 1e-12);
        assert!((length[40] / 20e-6 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn quantiles_lie_between_the_edges_of_their_class() {
        let length = [1.0, 2.0, 4.0];
        let cumulative = [0.25, 0.75, 1.0];
        assert!((quantile(&length, &cumulative, 0.5) - 2.0).abs() < 1e-12);
        assert!((quantile(&length, &cumulative, 0.25) - 2f64.sqrt()).abs() < 1e-12);
        assert!((quantile(&length, &cumulative, 1.0) - 4.0 * 2f64.sqrt()).abs() < 1e-12);
    }
}

//! Impedance room: the transmission-line fit, as an experimenter reads a spectrum.
//!
//! At high frequency a spectrum determines sqrt(R_ion zeta) well and R_ion itself
//! less so; the fit therefore reports the geometric mean that papers call the
//! resistance of the cathode with its own standard error, taken from the full
//! covariance, beside the direct-current resistance of the same circuit.
//!
//! One length must suit the whole tail. Where it does not, the fit bends R_ion and
//! R_ct to make up for it: spheres of 2.3 um radius with R_ion = R_ct = 30 ohm cm2,
//! read with the planar element, give R_ion = 158, R_ct = 9, L = 0.52 um at a residual
//! of only 0.8 %, while the geometric mean (38) is off by less than a third. Reading
//! the same spectrum by [`super::diffusion_lengths`] gives 30.2, 29.9 and 1.09 um.

use super::circuit::{ConstantPhase, DiffusionGeometry, FiniteSpaceDiffusion, Zarc};
use super::least_squares::{Fit, Minimum, Range, spread};
use super::spectrum::{SpectrumError, check};
use super::transmission_line::CellCircuit;
use nalgebra::DMatrix;
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// What the experimenter takes as known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TransmissionLineSettings {
    /// Total of the electronic rail, measured separately, ohm m2; may be 0.
    pub electronic_resistance: f64,
    /// Shape of the diffusion element.
    pub geometry: DiffusionGeometry,
    /// D of lithium in the active material, m2/s.
    pub diffusivity: f64,
    /// C_diff: charge per voltage of all active material, F/m2 of cell area.
    pub diffusion_capacitance: f64,
    /// Range in which the time constant of the anode's arc is looked for, s;
    /// `None` if the anode shows no arc.
    pub anode_time_constant: Option<(f64, f64)>,
}

/// D with which shi2023 reads spectra (their analysis: 1e-11 cm2/s at 25 degC), m2/s.
const SHI2023_DIFFUSIVITY: f64 = 1e-15;
/// C_diff of NCM83 at 3.15 V against In/InLi in shi2023 (340 mAh/(V g)), F/kg.
const SHI2023_CAPACITANCE: f64 = 340.0 * 3600.0;

impl TransmissionLineSettings {
    /// The analysis of shi2023: planar diffusion with their D and C_diff, for
    /// `areal_loading` kg of active material per m2, without electronic rail and
    /// without an anode arc.
    pub fn shi2023(areal_loading: f64) -> Self {
        Self {
            electronic_resistance: 0.0,
            geometry: DiffusionGeometry::Planar,
            diffusivity: SHI2023_DIFFUSIVITY,
            diffusion_capacitance: SHI2023_CAPACITANCE * areal_loading,
            anode_time_constant: None,
        }
    }

    fn check(&self) -> Result<(), FitError> {
        let (fastest, slowest) = self.anode_time_constant.unwrap_or((1.0, 2.0));
        let bad = |name, value| Err(FitError::Setting { name, value });
        if !(self.electronic_resistance >= 0.0 && self.electronic_resistance.is_finite()) {
            return bad("electronic_resistance", self.electronic_resistance);
        }
        for (name, value) in [
            ("diffusivity", self.diffusivity),
            ("diffusion_capacitance", self.diffusion_capacitance),
            ("anode_time_constant", fastest),
            ("anode_time_constant", slowest),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return bad(name, value);
            }
        }
        if slowest <= fastest {
            return bad("anode_time_constant", slowest);
        }
        Ok(())
    }
}

/// Why a fit gave no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The spectrum cannot be analysed.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    /// A setting outside its physical range.
    #[error("setting `{name}` = {value} is out of range")]
    Setting {
        /// Name of the field.
        name: &'static str,
        /// Its value, in the unit of the field.
        value: f64,
    },
    /// No start led to a minimum.
    #[error("the fit did not converge from any start; relative residual {residual}")]
    NoConvergence {
        /// Smallest root-mean-square relative residual reached.
        residual: f64,
    },
}

/// A value with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error in the same unit; infinite where the spectrum does not
    /// determine it.
    pub standard_error: f64,
}

/// Standard errors of the fitted parameters, in the units of the parameters;
/// infinite where the spectrum does not determine them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StandardErrors {
    /// ohm m2.
    pub series_resistance: f64,
    /// ohm m2.
    pub ionic_resistance: f64,
    /// ohm m2.
    pub charge_transfer_resistance: f64,
    /// S s^n/m2.
    pub double_layer: f64,
    /// 1.
    pub phase_exponent: f64,
    /// m.
    pub diffusion_length: f64,
    /// The anode's arc, if there is one: ohm m2, s, 1.
    pub anode: Option<Zarc>,
}

/// What the fit reads from a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TransmissionLineFit {
    /// The fitted circuit.
    pub circuit: CellCircuit,
    /// Standard errors of its parameters.
    pub standard_errors: StandardErrors,
    /// sqrt(R_ct (R_ion + R_ele)), ohm m2 (shi2023's definition).
    pub cathode_resistance: Estimate,
    /// Direct-current resistance of the fitted cathode without diffusion, ohm m2.
    pub direct_current_resistance: Estimate,
    /// Root mean square of the residuals relative to the modulus, per real number.
    pub residual: f64,
}

/// Points a spectrum must have to be fitted.
const FEWEST_POINTS: usize = 12;
/// Starts of the optimiser; with them the fit takes 6 ms, with an anode arc 12 ms,
/// for 101 frequencies (one thread; see `least_squares` for what fewer would miss).
const STARTS: usize = 24;

/// Fits the two-rail transmission line to a spectrum by complex non-linear least
/// squares with modulus weighting.
///
/// `frequency` in Hz, strictly rising or falling; `impedance` in ohm m2 of cell
/// area. The result depends on the input alone: starts are fixed.
///
/// # Errors
/// [`FitError`] for a spectrum or setting that cannot be used, or when no start
/// converges.
pub fn fit_transmission_line(
    frequency: &[f64],
    impedance: &[Complex64],
    settings: &TransmissionLineSettings,
) -> Result<TransmissionLineFit, FitError> {
    check(frequency, impedance, FEWEST_POINTS)?;
    settings.check()?;
    let ranges = ranges(impedance, settings);
    let fit = Fit {
        impedance,
        ranges: &ranges,
        model: |theta: &[f64], point: usize, gradient: &mut [Complex64]| {
            evaluate(&circuit(theta, settings), TAU * frequency[point], gradient)
        },
    };
    let starts = spread(&start_box(frequency, impedance, &ranges), STARTS);
    let (minimum, covariance, residual) = settled(&fit, &starts)?;
    Ok(summary(&minimum, &covariance, settings, residual))
}

/// The best minimum with the covariance there and the root mean square of the relative
/// residuals.
pub(super) fn settled<F: Fn(&[f64], usize, &mut [Complex64]) -> Complex64>(
    fit: &Fit<'_, F>,
    starts: &[Vec<f64>],
) -> Result<(Minimum, DMatrix<f64>, f64), FitError> {
    let minimum = fit
        .minimise(starts)
        .ok_or(FitError::NoConvergence { residual: f64::NAN })?;
    let residual = (minimum.sum_of_squares / (2 * fit.impedance.len()) as f64).sqrt();
    if !minimum.converged {
        return Err(FitError::NoConvergence { residual });
    }
    let covariance = fit.covariance(&minimum);
    Ok((minimum, covariance, residual))
}

// Order of the coordinates.
const SERIES: usize = 0;
const IONIC: usize = 1;
const TRANSFER: usize = 2;
const LAYER: usize = 3;
const EXPONENT: usize = 4;
const LENGTH: usize = 5;
const ANODE: usize = 6;
const ANODE_TIME: usize = 7;
const ANODE_EXPONENT: usize = 8;

/// Exponents of constant-phase elements found on real electrodes.
const EXPONENTS: Range = Range {
    lower: 0.4,
    upper: 1.0,
};

fn circuit(theta: &[f64], settings: &TransmissionLineSettings) -> CellCircuit {
    CellCircuit {
        series_resistance: theta[SERIES].exp(),
        anode: settings.anode_time_constant.map(|_| Zarc {
            resistance: theta[ANODE].exp(),
            time_constant: theta[ANODE_TIME].exp(),
            exponent: theta[ANODE_EXPONENT],
        }),
        ionic_resistance: theta[IONIC].exp(),
        electronic_resistance: settings.electronic_resistance,
        charge_transfer_resistance: theta[TRANSFER].exp(),
        double_layer: ConstantPhase {
            magnitude: theta[LAYER].exp(),
            exponent: theta[EXPONENT],
        },
        diffusion: FiniteSpaceDiffusion {
            geometry: settings.geometry,
            capacitance: settings.diffusion_capacitance,
            diffusivity: settings.diffusivity,
            length: theta[LENGTH].exp(),
        },
    }
}

fn evaluate(circuit: &CellCircuit, omega: f64, out: &mut [Complex64]) -> Complex64 {
    let (diffusion, slope) = circuit.diffusion.admittance_and_slope(omega);
    let (impedance, gradient) = circuit.gradient(omega, diffusion);
    out[SERIES] = gradient.series_resistance;
    out[IONIC] = gradient.ionic_resistance;
    out[TRANSFER] = gradient.charge_transfer_resistance;
    out[LAYER] = gradient.double_layer;
    out[EXPONENT] = gradient.phase_exponent;
    out[LENGTH] = gradient.diffusion * slope;
    if circuit.anode.is_some() {
        out[ANODE] = gradient.anode_resistance;
        out[ANODE_TIME] = gradient.anode_time_constant;
        out[ANODE_EXPONENT] = gradient.anode_exponent;
    }
    impedance
}

/// Where each coordinate may lie: resistances relative to the measured moduli,
/// the rest by what electrodes are known to be (Q from 1e-2 uF/cm2 to 1 F/cm2,
/// L from 10 nm to 100 um).
fn ranges(impedance: &[Complex64], settings: &TransmissionLineSettings) -> Vec<Range> {
    let smallest = impedance
        .iter()
        .map(|z| z.norm())
        .fold(f64::INFINITY, f64::min);
    let largest = impedance.iter().map(|z| z.norm()).fold(0.0, f64::max);
    let resistance = Range::logarithmic(1e-4 * smallest, 10.0 * largest);
    let mut ranges = vec![
        Range::logarithmic(1e-4 * smallest, 1.5 * smallest),
        resistance,
        resistance,
        Range::logarithmic(1e-4, 1e4),
        EXPONENTS,
        Range::logarithmic(1e-8, 1e-4),
    ];
    if let Some((fastest, slowest)) = settings.anode_time_constant {
        ranges.push(resistance);
        ranges.push(Range::logarithmic(fastest, slowest));
        ranges.push(EXPONENTS);
    }
    ranges
}

/// The part of the ranges worth starting from, by a look at the spectrum.
fn start_box(frequency: &[f64], impedance: &[Complex64], ranges: &[Range]) -> Vec<Range> {
    let by_real = |a: &&Complex64, b: &&Complex64| a.re.total_cmp(&b.re);
    let series = impedance.iter().min_by(by_real).map_or(0.0, |z| z.re);
    // Above 0.1 Hz diffusion adds little: what the spectrum spans there is R_ion and R_ct.
    let span = impedance
        .iter()
        .zip(frequency)
        .filter(|&(_, &f)| f > 0.1)
        .map(|(z, _)| z.re - series)
        .fold(0.0, f64::max)
        .max(1e-3 * series.abs())
        .max(1e-3 * ranges[SERIES].upper.exp());
    let series = series.max(ranges[SERIES].lower.exp());
    let mut starts = vec![
        Range::logarithmic(0.5 * series, series),
        Range::logarithmic(0.1 * span, 5.0 * span),
        Range::logarithmic(0.05 * span, 2.0 * span),
        Range::logarithmic(0.1, 100.0),
        Range {
            lower: 0.7,
            upper: 0.98,
        },
        Range::logarithmic(0.3e-6, 8e-6),
    ];
    if let Some(&time) = ranges.get(ANODE_TIME) {
        starts.push(Range::logarithmic(0.02 * span, span));
        starts.push(time);
        starts.push(Range {
            lower: 0.7,
            upper: 0.98,
        });
    }
    starts
}

fn summary(
    minimum: &Minimum,
    covariance: &DMatrix<f64>,
    settings: &TransmissionLineSettings,
    residual: f64,
) -> TransmissionLineFit {
    let circuit = circuit(&minimum.theta, settings);
    let spread = |i: usize| covariance[(i, i)].sqrt();
    // Error of a quantity with these derivatives by ln R_ion and ln R_ct.
    let combined = |value: f64, by_ionic: f64, by_transfer: f64| {
        let variance = by_ionic * by_ionic * covariance[(IONIC, IONIC)]
            + 2.0 * by_ionic * by_transfer * covariance[(IONIC, TRANSFER)]
            + by_transfer * by_transfer * covariance[(TRANSFER, TRANSFER)];
        Estimate {
            value,
            standard_error: variance.max(0.0).sqrt(),
        }
    };
    let rails = circuit.ionic_resistance + circuit.electronic_resistance;
    let mean = circuit.cathode_resistance();
    let (dc_by_ionic, dc_by_transfer) = circuit.direct_current_gradient();
    TransmissionLineFit {
        standard_errors: StandardErrors {
            series_resistance: circuit.series_resistance * spread(SERIES),
            ionic_resistance: circuit.ionic_resistance * spread(IONIC),
            charge_transfer_resistance: circuit.charge_transfer_resistance * spread(TRANSFER),
            double_layer: circuit.double_layer.magnitude * spread(LAYER),
            phase_exponent: spread(EXPONENT),
            diffusion_length: circuit.diffusion.length * spread(LENGTH),
            anode: circuit.anode.map(|arc| Zarc {
                resistance: arc.resistance * spread(ANODE),
                time_constant: arc.time_constant * spread(ANODE_TIME),
                exponent: spread(ANODE_EXPONENT),
            }),
        },
        cathode_resistance: combined(
            mean,
            0.5 * mean * circuit.ionic_resistance / rails,
            0.5 * mean,
        ),
        direct_current_resistance: combined(
            circuit.direct_current_resistance(),
            dc_by_ionic,
            dc_by_transfer,
        ),
        residual,
        circuit,
    }
}

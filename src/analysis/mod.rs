//! The experimenter's analyses put together: everything that can be read from a
//! spectrum ([`read_spectrum`]), from a cycling record ([`read_cycling`]) and from gas
//! curves ([`GasAnalysis`]), the same for a simulated cell and for a laboratory file; what
//! surface analyses show of a run ([`read_surface`]), and of measured samples
//! ([`fragment_readings`](crate::observables::fragment_readings),
//! [`peak_readings`](crate::observables::peak_readings), [`read_films`]).

mod cycling;
mod samples;
mod spectrum;
mod surface;

pub use cycling::*;
pub use samples::*;
pub use spectrum::*;
pub use surface::*;

use crate::materials::{ActiveMaterial, Anode};
use crate::numerics::interpolate::{MonotoneCubic, TableError};
use crate::observables::{FragmentReading, GasReading, GasRecord, PeakReading, gas_evolution};
use crate::scenario::Scenario;
use serde::Serialize;

/// What was read, or why it could not be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Outcome<T> {
    /// The reading.
    Read(T),
    /// No reading.
    Missing {
        /// Why, in words.
        reason: String,
    },
}

impl<T> Outcome<T> {
    /// The reading, if there is one.
    pub fn read(&self) -> Option<&T> {
        match self {
            Self::Read(reading) => Some(reading),
            Self::Missing { .. } => None,
        }
    }

    /// Why there is none.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Read(_) => None,
            Self::Missing { reason } => Some(reason),
        }
    }

    fn missing(reason: impl Into<String>) -> Self {
        Self::Missing {
            reason: reason.into(),
        }
    }
}

impl<T, E: std::fmt::Display> From<Result<T, E>> for Outcome<T> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(reading) => Self::Read(reading),
            Err(error) => Self::missing(error.to_string()),
        }
    }
}

/// What is known of the cell besides what was measured on it.
#[derive(Debug, Clone)]
pub struct Known {
    /// Cell area, m2.
    pub area: f64,
    /// The cathode, where it is known.
    pub cathode: Option<KnownCathode>,
    /// Total resistance of the cathode's electronic rail, ohm m2, where a spectrum does
    /// not come with its own.
    pub electronic_resistance: f64,
}

/// What is known of the cathode.
#[derive(Debug, Clone)]
pub struct KnownCathode {
    /// Active material per cell area, kg/m2.
    pub areal_loading: f64,
    /// Charge of all lithium, C/kg.
    pub theoretical_capacity: f64,
    /// D with which spectra are read, m2/s.
    pub diffusivity: f64,
    /// Potential against Li+/Li over the lithium content, falling.
    pub open_circuit: MonotoneCubic,
    /// Potential of the anode against Li+/Li, V.
    pub anode_potential: f64,
    /// Volume over surface of the particles, m, where their size is known: the length
    /// of a titration.
    pub particle_length: Option<f64>,
}

impl KnownCathode {
    /// From materials and the active material per area, kg/m2.
    ///
    /// # Errors
    /// [`TableError`] if a material's open-circuit table cannot be interpolated.
    pub fn new(
        oxide: &ActiveMaterial,
        anode: &Anode,
        areal_loading: f64,
    ) -> Result<Self, TableError> {
        let plateau = MonotoneCubic::new(&anode.open_circuit_potential)?;
        Ok(Self {
            areal_loading,
            theoretical_capacity: oxide.theoretical_capacity(),
            diffusivity: oxide.diffusivity.reference,
            open_circuit: MonotoneCubic::new(&oxide.open_circuit_potential)?,
            anode_potential: plateau.value(anode.initial_lithiation),
            particle_length: None,
        })
    }

    /// Charge that all active material takes up per voltage at a cell voltage, F/m2.
    pub fn diffusion_capacitance(&self, voltage: f64) -> f64 {
        let content = self.open_circuit.inverse(voltage + self.anode_potential);
        -self.areal_loading * self.theoretical_capacity / self.open_circuit.derivative(content)
    }
}

impl Known {
    /// What a scenario says.
    ///
    /// # Errors
    /// [`TableError`] as [`KnownCathode::new`].
    pub fn of_scenario(scenario: &Scenario) -> Result<Self, TableError> {
        let cathode = &scenario.cathode;
        let known = KnownCathode::new(
            &cathode.active_material,
            &scenario.cell.anode,
            cathode.areal_loading,
        )?;
        // Volume over surface of spheres of the mean diameter by surface.
        let length = cathode.particle_diameter.sauter() / 6.0;
        Ok(Self {
            area: scenario.cell.area,
            cathode: Some(KnownCathode {
                particle_length: Some(length),
                ..known
            }),
            electronic_resistance: 0.0,
        })
    }
}

/// Gas curves with what is read from them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GasAnalysis {
    /// The curves.
    pub record: GasRecord,
    /// What is read from each gas that is seen.
    pub readings: Vec<GasReading>,
}

impl GasAnalysis {
    /// Reads a record of gas; `None` if no gas is seen in it.
    pub fn new(record: GasRecord) -> Option<Self> {
        let readings = gas_evolution(&record);
        (!readings.is_empty()).then_some(Self { record, readings })
    }
}

/// Everything read from one file or run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Source {
    /// Name of the file or run.
    pub name: String,
    /// Its spectra.
    pub spectra: Vec<SpectrumReading>,
    /// Its cycling record.
    pub cycling: Option<CyclingReading>,
    /// Its gas.
    pub gas: Option<GasAnalysis>,
    /// What surface analyses show of it, of a run only.
    pub surface: Vec<SurfaceReading>,
    /// Name of the run, or of the sample in the file, to which ToF-SIMS intensities are
    /// relative.
    pub reference: Option<String>,
    /// Measured ToF-SIMS intensities.
    pub intensities: Vec<FragmentReading>,
    /// Measured components of photoelectron spectra.
    pub peaks: Vec<PeakReading>,
    /// Measured thicknesses of coatings.
    pub films: Vec<FilmReading>,
}

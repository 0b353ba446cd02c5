//! Annealing: rate equations over heating, hold and cooling.
//!
//! Shares of the precursor that were oxidised (`a`), decomposed (`b`) and evaporated
//! (`e`), coverage `theta` of the film, and how far it has spread (`s`) and coagulated
//! (`c`):
//!
//! ```text
//! a' = k1 (p/p0)^n (1 - a)           b' = k2 (a - b)           e' = ke (b - e)
//! theta' = ks a (1 - b) [min(theta_full, h/h_wet) - theta]+  -  kc a [theta - theta_island]+
//! s' = ks a (1 - b) (1 - s)          c' = kc a (1 - c)
//! ```
//! with `h` the film's volume over all of the surface. Only a layer that takes up oxygen
//! and has not decomposed yet is soft enough to spread. Every rate is Arrhenius in
//! series with one limit: `1/k = 1/k_A + 1/k_fastest`. Own equations; which processes
//! there are is from Kissel et al. (2025).

use super::chemistry::Chemistry;
use super::{Treatment, film};
use crate::materials::{CoatingProcess, ProcessRate};
use ode_solvers::{Dopri5, OutputType, System, Vector6};
use serde::{Deserialize, Serialize};

/// Temperature at which heating starts and cooling ends, K.
pub const AMBIENT: f64 = 298.15;
/// Accuracy of a step, relative.
const RELATIVE_TOLERANCE: f64 = 1e-8;
/// Accuracy of a step; all unknowns lie between 0 and 1.
const ABSOLUTE_TOLERANCE: f64 = 1e-10;
/// Steps at least in heating, hold and cooling, so that a curve over time is smooth.
const STEPS: f64 = 100.0;
/// Share evaporated above which no coating is left.
const GONE: f64 = 0.999;
/// Steps at most.
const MOST_STEPS: u32 = 1_000_000;

/// Why a treatment could not be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AnnealingError {
    /// The precursor is no thiophosphate.
    #[error(
        "the precursor has {lithium} lithium, more than the {most} that its phosphate and sulfate hold"
    )]
    Formula {
        /// Atoms in a formula unit.
        lithium: f64,
        /// Atoms that find a place.
        most: f64,
    },
    /// Nothing is left to coat with.
    #[error("the coating has evaporated: {evaporated:.1} % of it are gone")]
    Gone {
        /// Share lost, per cent.
        evaporated: f64,
    },
    /// The integrator gave up.
    #[error("annealing could not be integrated: {0}")]
    Integration(String),
}

/// How far everything went, each 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Share of the precursor that took up oxygen.
    pub oxidised: f64,
    /// Share of it that became phosphate, sulfate and gas.
    pub decomposed: f64,
    /// Share of it whose products evaporated.
    pub evaporated: f64,
    /// Share of the surface under the film.
    pub coverage: f64,
    /// How far the layer has spread.
    pub spread: f64,
    /// How far it has coagulated.
    pub coagulated: f64,
}

type Unknowns = Vector6<f64>;

impl Progress {
    /// Before heating, with `coverage` as ground on.
    pub fn start(coverage: f64) -> Self {
        Self {
            oxidised: 0.0,
            decomposed: 0.0,
            evaporated: 0.0,
            coverage,
            spread: 0.0,
            coagulated: 0.0,
        }
    }

    fn to_unknowns(self) -> Unknowns {
        Unknowns::new(
            self.oxidised,
            self.decomposed,
            self.evaporated,
            self.coverage,
            self.spread,
            self.coagulated,
        )
    }

    /// Clears what the integrator's tolerance leaves outside the bounds.
    fn from_unknowns(y: &Unknowns) -> Self {
        let oxidised = y[0].clamp(0.0, 1.0);
        let decomposed = y[1].clamp(0.0, oxidised);
        Self {
            oxidised,
            decomposed,
            evaporated: y[2].clamp(0.0, decomposed),
            coverage: y[3].clamp(0.0, 1.0),
            spread: y[4].clamp(0.0, 1.0),
            coagulated: y[5].clamp(0.0, 1.0),
        }
    }
}

/// A stretch of time with evenly changing temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// At its start, K.
    pub from: f64,
    /// At its end, K.
    pub to: f64,
    /// s.
    pub duration: f64,
}

impl Segment {
    /// Heating, hold and cooling of a treatment; without what takes no time.
    pub fn of(treatment: &Treatment, cooling_rate: f64) -> Vec<Self> {
        let rise = (treatment.temperature - AMBIENT).abs();
        let (low, high) = (AMBIENT, treatment.temperature);
        let all = [
            (low, high, rise / treatment.heating_rate),
            (high, high, treatment.hold),
            (high, low, rise / cooling_rate),
        ];
        all.into_iter()
            .filter(|(.., duration)| *duration > 0.0)
            .map(|(from, to, duration)| Self { from, to, duration })
            .collect()
    }

    fn temperature(&self, time: f64) -> f64 {
        self.from + (self.to - self.from) * time / self.duration
    }
}

/// The equations during one segment.
#[derive(Debug, Clone, Copy)]
pub struct Kinetics<'a> {
    /// Constants.
    pub process: &'a CoatingProcess,
    /// Volumes.
    pub chemistry: &'a Chemistry,
    /// Factor of the pressure of oxygen on the oxidation.
    pub oxygen_factor: f64,
    /// The temperature over time.
    pub segment: Segment,
}

impl Kinetics<'_> {
    /// `factor` times a rate at `temperature` (K) in series with the fastest, 1/s.
    fn limited(&self, rate: &ProcessRate, factor: f64, temperature: f64) -> f64 {
        let free = factor * rate.at(temperature);
        free / (1.0 + free / self.process.fastest)
    }
}

impl System<f64, Unknowns> for Kinetics<'_> {
    fn system(&self, time: f64, y: &Unknowns, dy: &mut Unknowns) {
        let process = self.process;
        let temperature = self.segment.temperature(time);
        let rate = |of: &ProcessRate| self.limited(of, 1.0, temperature);
        let (oxidised, decomposed, evaporated, coverage) = (y[0], y[1], y[2], y[3]);
        dy[0] =
            self.limited(&process.oxidation, self.oxygen_factor, temperature) * (1.0 - oxidised);
        dy[1] = rate(&process.decomposition) * (oxidised - decomposed);
        dy[2] = rate(&process.evaporation) * (decomposed - evaporated);
        let now = Progress {
            oxidised,
            decomposed,
            evaporated,
            ..Progress::start(coverage)
        };
        let spreading = rate(&process.spreading) * oxidised * (1.0 - decomposed);
        let coagulation = rate(&process.coagulation) * oxidised;
        let reach = film::reach(process, self.chemistry, &now);
        dy[3] = spreading * (reach - coverage).max(0.0)
            - coagulation * (coverage - process.island_coverage).max(0.0);
        dy[4] = spreading * (1.0 - y[4]);
        dy[5] = coagulation * (1.0 - y[5]);
    }
}

/// One moment of a treatment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Since heating began, s.
    pub time: f64,
    /// K.
    pub temperature: f64,
    /// How far everything went.
    pub progress: Progress,
}

/// A whole treatment, moment by moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// At least the first.
    moments: Vec<Moment>,
}

impl Course {
    /// Heats, holds and cools.
    ///
    /// # Errors
    /// [`AnnealingError::Integration`], for constants far from any real ones.
    pub fn of(
        process: &CoatingProcess,
        chemistry: &Chemistry,
        treatment: &Treatment,
    ) -> Result<Self, AnnealingError> {
        let pressure = treatment.oxygen_pressure / process.reference_oxygen_pressure;
        let mut course = Self {
            moments: vec![Moment {
                time: 0.0,
                temperature: AMBIENT,
                progress: Progress::start(film::ground_coverage(process, chemistry)),
            }],
        };
        for segment in Segment::of(treatment, process.cooling_rate) {
            course.pass(Kinetics {
                process,
                chemistry,
                oxygen_factor: pressure.powf(process.oxygen_order),
                segment,
            })?;
        }
        let evaporated = course.last().evaporated;
        if evaporated > GONE {
            return Err(AnnealingError::Gone {
                evaporated: 100.0 * evaporated,
            });
        }
        Ok(course)
    }

    /// All moments, in order.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// How far everything went in the end.
    pub fn last(&self) -> Progress {
        self.moments[self.moments.len() - 1].progress
    }

    /// Goes through one segment from where the course stands.
    fn pass(&mut self, kinetics: Kinetics<'_>) -> Result<(), AnnealingError> {
        let Segment { duration, .. } = kinetics.segment;
        let start = self.moments[self.moments.len() - 1].time;
        let (times, states) = integrate(kinetics, self.last(), duration)?;
        let moments = times.iter().zip(&states).skip(1);
        self.moments.extend(moments.map(|(time, state)| Moment {
            time: start + time,
            temperature: kinetics.segment.temperature(*time),
            progress: Progress::from_unknowns(state),
        }));
        Ok(())
    }
}

/// Steps of Dormand and Prince's method of order 5(4) over `duration` (s), the start
/// included.
pub(super) fn integrate(
    kinetics: Kinetics<'_>,
    from: Progress,
    duration: f64,
) -> Result<(Vec<f64>, Vec<Unknowns>), AnnealingError> {
    // Safety factor, stabilisation and bounds of the step's change as its authors advise;
    // no test for stiffness: the limit of the rates rules it out.
    let mut solver = Dopri5::from_param(
        kinetics,
        0.0,
        duration,
        duration,
        from.to_unknowns(),
        RELATIVE_TOLERANCE,
        ABSOLUTE_TOLERANCE,
        0.9,
        0.04,
        0.2,
        10.0,
        duration / STEPS,
        0.0,
        MOST_STEPS,
        u32::MAX,
        OutputType::Sparse,
    );
    solver
        .integrate()
        .map_err(|error| AnnealingError::Integration(error.to_string()))?;
    Ok((solver.x_out().clone(), solver.y_out().clone()))
}

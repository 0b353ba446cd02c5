//! `engobe anneal`: the coating of a scenario's process over the annealing temperature.

use super::destination::Destination;
use super::{FAILED, Failure, REFUSED, UNWRITTEN, values};
use crate::annealing::survey::{course, over_temperature, thermogram};
use crate::annealing::{Annealed, AnnealingError, Treatment};
use crate::observables::CoatedSurface;
use crate::report::annealing::{AnnealingRecord, Rows};
use crate::results::annealing::{ANNEALING_NAME, annealing as table};
use crate::results::publish;
use crate::scenario::{Loaded, describe_annealing};
use std::path::{Path, PathBuf};

/// K at 0 degC.
const ZERO_CELSIUS: f64 = 273.15;
/// Kelvin between the temperatures of the survey, at most.
const SPACING: f64 = 5.0;
/// Factors on hold and on pressure of oxygen for comparison.
const FACTORS: [f64; 3] = [0.25, 1.0, 4.0];

/// Arguments of `engobe anneal`.
#[derive(Debug, clap::Args)]
pub struct AnnealArguments {
    /// The scenario; its [coating] must have a `process`
    scenario: PathBuf,
    #[command(flatten)]
    destination: Destination,
    /// Lowest annealing temperature, degC
    #[arg(long, value_name = "DEGC", default_value = "25", value_parser = values::annealing_temperature)]
    from: f64,
    /// Highest annealing temperature, degC
    #[arg(long, value_name = "DEGC", default_value = "700", value_parser = values::annealing_temperature)]
    to: f64,
    /// No summary
    #[arg(short, long)]
    quiet: bool,
}

pub fn anneal(asked: &AnnealArguments) -> Result<(), Failure> {
    let loaded = super::load(&asked.scenario)?;
    let coating = loaded.scenario.coating.as_ref();
    let Some(own) = coating.and_then(|coating| coating.annealed.as_ref()) else {
        let message = format!(
            "{} has no `process` in [coating]: nothing is annealed",
            asked.scenario.display()
        );
        return Err(Failure::Message(REFUSED, message));
    };
    if asked.to <= asked.from {
        let message = format!("--to ({}) must lie above --from ({})", asked.to, asked.from);
        return Err(Failure::Message(REFUSED, message));
    }
    let directory = asked.destination.free(&asked.scenario, "-annealing")?;
    let range = (asked.from + ZERO_CELSIUS, asked.to + ZERO_CELSIUS);
    let found = Found::new(own, range)
        .map_err(|e: AnnealingError| Failure::Message(FAILED, e.to_string()))?;
    super::create_directory(&directory)?;
    found.write(&loaded, own, &directory).map_err(|e| {
        Failure::Message(
            UNWRITTEN,
            format!("cannot write {}: {e}", directory.display()),
        )
    })?;
    if !asked.quiet {
        super::progress::say(&describe_annealing(own));
        super::progress::say(&format!("files in {}", directory.display()));
    }
    Ok(())
}

/// What the page and the table are made of.
struct Found {
    survey: Vec<Annealed>,
    holds: Rows,
    oxygen: Rows,
    course: Vec<crate::annealing::Moment>,
    thermogram: Vec<(f64, f64)>,
}

impl Found {
    fn new(own: &Annealed, range: (f64, f64)) -> Result<Self, AnnealingError> {
        let count = 1 + ((range.1 - range.0) / SPACING).ceil() as usize;
        let count = count.max(2);
        let base = own.treatment;
        let rows = |vary: &dyn Fn(f64) -> (String, Treatment)| {
            let row = |factor: f64| {
                let (label, treatment) = vary(factor);
                Ok((label, over_temperature(own, treatment, range, count)?))
            };
            let rows = FACTORS.into_iter().map(row).collect::<Result<_, _>>()?;
            Ok::<_, AnnealingError>(Rows { rows })
        };
        Ok(Self {
            survey: over_temperature(own, base, range, count)?,
            holds: rows(&|factor| {
                let hold = factor * base.hold;
                (format!("{} h", hold / 3600.0), Treatment { hold, ..base })
            })?,
            oxygen: rows(&|factor| {
                let oxygen_pressure = factor * base.oxygen_pressure;
                let treatment = Treatment {
                    oxygen_pressure,
                    ..base
                };
                (format!("{:.2} bar", 1e-5 * oxygen_pressure), treatment)
            })?,
            course: course(own)?,
            thermogram: thermogram(&own.recipe, base, range.1)?,
        })
    }

    fn write(
        &self,
        loaded: &Loaded,
        own: &Annealed,
        directory: &Path,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let scenario = &loaded.scenario;
        let oxide = &scenario.cathode.active_material;
        let share = |annealed: &Annealed| CoatedSurface::of(annealed, oxide).gamma();
        let gamma: Vec<f64> = self.survey.iter().map(share).collect();
        let text = table(&self.survey, &gamma)?;
        publish(&directory.join(ANNEALING_NAME), text.as_bytes())?;
        let record = AnnealingRecord {
            scenario,
            own,
            course: &self.course,
            survey: &self.survey,
            gamma: &gamma,
            own_gamma: share(own),
            holds: &self.holds,
            oxygen: &self.oxygen,
            thermogram: &self.thermogram,
        };
        crate::report::annealing::write(record, directory)?;
        Ok(())
    }
}

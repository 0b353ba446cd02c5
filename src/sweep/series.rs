//! What is kept of a run: numbers for its row in the summary, and tables of the same
//! columns for every run.

use crate::record::RunRecord;
use crate::results::table::{Column, Table, Values};
use crate::results::{ResultsError, csv, summary};
use serde::{Deserialize, Serialize};

/// A table that can be kept of every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One row per cycle, with degradation products.
    Cycles,
    /// One row per frequency of each spectrum.
    Spectra,
    /// One row per step of the protocol.
    Steps,
    /// One row per time step: by far the largest.
    Time,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Cycles, Self::Spectra, Self::Steps, Self::Time];

    /// As written in a scenario, and name of the group in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cycles => "cycles",
            Self::Spectra => "spectra",
            Self::Steps => "steps",
            Self::Time => "time",
        }
    }

    /// The table of a run; columns of words are left out.
    ///
    /// # Errors
    /// None in practice; see [`Table::new`].
    pub fn table(self, record: &RunRecord) -> Result<Vec<Column>, ResultsError> {
        let table = match self {
            Self::Cycles => csv::cycles(record)?,
            Self::Spectra => csv::spectra(record)?,
            Self::Steps => summary::steps(record)?,
            Self::Time => summary::series(record)?,
        };
        let words = |column: &&Column| !matches!(column.values, Values::Text(_));
        let mut columns: Vec<_> = table.columns().iter().filter(words).cloned().collect();
        let counted = columns.iter().any(|c| c.name == SKIPPED);
        if self == Self::Cycles && !counted {
            // Runs with and without blocks of cycles have the same columns.
            let skipped = record.cycles.iter().map(|c| c.skipped).collect();
            let label = "Cycles Before That Were Not Simulated";
            columns.insert(1, Column::count(SKIPPED, label, skipped));
        }
        Ok(columns)
    }
}

const SKIPPED: &str = "skipped_cycles";

/// A column of the summary.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// Name for programs.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// As [`Column::unit`].
    pub unit: &'static str,
    /// NaN where nothing was measured.
    pub value: f64,
}

/// Numbers of the first cycle that the summary tells.
const FIRST: [&str; 5] = [
    "charge_capacity",
    "discharge_capacity",
    "coulombic_efficiency",
    "mean_charge_voltage",
    "mean_discharge_voltage",
];
/// Numbers of the cycles that are not told of the last one.
const NOT_LAST: [&str; 6] = [
    "cycle",
    SKIPPED,
    "cycle_charging_capacity_ah",
    "cycle_discharging_capacity_ah",
    "cycle_charging_energy_wh",
    "cycle_discharging_energy_wh",
];

/// The numbers of a run: structure and transport, first and last cycle, last spectrum, last
/// attribution. Names, units and order are the same for every run.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn scalars(record: &RunRecord) -> Result<Vec<Scalar>, ResultsError> {
    let mut found = structure(record);
    let cycles = Table::new(Kind::Cycles.table(record)?)?;
    let count = record
        .cycles
        .last()
        .map_or(f64::NAN, |c| f64::from(c.cycle));
    found.push(scalar("cycles", "Cycles", "1", count));
    let columns = cycles.columns();
    let of_first = columns.iter().filter(|c| FIRST.contains(&c.name));
    found.extend(of_first.map(|c| entry("first", "First", c, 0)));
    let last = record.cycles.len().saturating_sub(1);
    let of_last = columns.iter().filter(|c| !NOT_LAST.contains(&c.name));
    found.extend(of_last.map(|c| entry("last", "Last", c, last)));
    let spectra = summary::analyses(record)?;
    let last = record.spectra.len().saturating_sub(1);
    let of_spectrum = spectra.columns().iter();
    found.extend(of_spectrum.map(|c| entry("spectrum", "Last Spectrum:", c, last)));
    let attributions = summary::attributions(record)?;
    let last = record.attributions.len().saturating_sub(1);
    let of_attribution = attributions.columns().iter();
    found.extend(of_attribution.map(|c| entry("attribution", "Last Attribution:", c, last)));
    Ok(found)
}

fn structure(record: &RunRecord) -> Vec<Scalar> {
    let (statistics, transport) = (&record.microstructure.statistics, &record.transport);
    // S/m to mS/cm.
    let least = transport
        .electronic
        .first()
        .map_or(f64::NAN, |p| 10.0 * p.1);
    let greatest = transport.electronic.last().map_or(f64::NAN, |p| 10.0 * p.1);
    #[rustfmt::skip]
    let found = [
        scalar("thickness", "Thickness Of The Cathode", "um", 1e6 * statistics.thickness),
        scalar("void_fraction", "Void Volume Fraction", "1", statistics.fractions[0]),
        scalar("active_material_fraction", "Active Material Volume Fraction", "1", statistics.fractions[1]),
        scalar("electrolyte_fraction", "Electrolyte Volume Fraction", "1", statistics.fractions[2]),
        scalar("surface_to_electrolyte", "Active Surface Facing Electrolyte", "1", statistics.surface_to_electrolyte),
        scalar("coordination", "Touching Neighbours Of A Particle", "1", statistics.coordination),
        scalar("ionic_factor", "Effective Over Pellet Ionic Conductivity", "1", transport.ionic_factor),
        scalar("ionic_tortuosity", "Ionic Tortuosity Factor", "1", transport.ionic_tortuosity),
        scalar("ionic_connected", "Electrolyte Connected To The Separator", "1", transport.ionic_connected),
        scalar("electronic_conductivity_least", "Electronic Conductivity, Lithiated", "mS cm-1", least),
        scalar("electronic_conductivity_greatest", "Electronic Conductivity, Delithiated", "mS cm-1", greatest),
        scalar("electronic_connected", "Conductors Connected To The Collector", "1", transport.electronic_connected),
    ];
    found.to_vec()
}

fn scalar(name: &str, label: &str, unit: &'static str, value: f64) -> Scalar {
    Scalar {
        name: name.into(),
        label: label.into(),
        unit,
        value,
    }
}

/// Entry `row` of a column; NaN where there is none.
fn entry(prefix: &str, word: &str, column: &Column, row: usize) -> Scalar {
    let value = match &column.values {
        Values::Real(values) => values.get(row).copied(),
        Values::Count(values) => values.get(row).map(|n| f64::from(*n)),
        Values::Text(_) => None,
    };
    let name = format!("{prefix}_{}", column.name);
    let label = format!("{word} {}", column.label);
    scalar(&name, &label, column.unit, value.unwrap_or(f64::NAN))
}

/// What the cycles of a run remark, each remark once.
pub fn notes(record: &RunRecord) -> String {
    let mut notes: Vec<String> = Vec::new();
    for cycle in record.cycles.iter().filter(|c| !c.note.is_empty()) {
        if !notes.iter().any(|note| note.ends_with(&cycle.note)) {
            notes.push(format!("cycle {}: {}", cycle.cycle, cycle.note));
        }
    }
    notes.join("; ")
}

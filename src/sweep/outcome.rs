//! What came of a run, as it is kept: the same for a run simulated now, found in a journal or
//! read from a chunk.

use super::parts::Part;
use super::series::{Kind, Scalar, notes, scalars};
use crate::microstructure::Microstructure;
use crate::record::RunRecord;
use crate::results::ResultsError;
use crate::results::table::{Column, Values};
use crate::scenario::Loaded;
use crate::simulation::{RunError, Supervision, run_on};
use serde::{Deserialize, Serialize};
use std::sync::atomic::AtomicBool;

/// A run that has ended, well or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It ran to its end.
    Done(Measured),
    /// It could not; the reason.
    Failed(String),
}

/// What was measured on a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// In the order of [`Columns::scalars`]; NaN where nothing was measured.
    pub scalars: Vec<f64>,
    /// The columns of each kept table, in the order of [`Columns::series`].
    pub series: Vec<Vec<Vec<f64>>>,
    /// Remarks on its cycles.
    pub note: String,
}

/// Names and units of what is kept, the same for every run of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// Numbers of the summary.
    pub scalars: Vec<Scalar>,
    /// The kept tables with their columns, which are empty here.
    pub series: Vec<(Kind, Vec<Column>)>,
}

impl Columns {
    /// The columns of a sweep, found on a run of `loaded` that has measured nothing.
    ///
    /// # Errors
    /// None in practice; see [`crate::results::table::Table::new`].
    pub fn of(loaded: &Loaded, series: &[Kind]) -> Result<Self, ResultsError> {
        let record = RunRecord {
            scenario: loaded.scenario.clone(),
            scenario_text: String::new(),
            key: String::new(),
            microstructure: Microstructure::of_phases([0; 3], [0.0; 3], true, Vec::new()),
            transport: Part::default().transport,
            series: crate::record::TimeSeries::default(),
            steps: Vec::new(),
            cycles: Vec::new(),
            spectra: Vec::new(),
            attributions: Vec::new(),
        };
        let tables = series.iter().map(|kind| Ok((*kind, kind.table(&record)?)));
        Ok(Self {
            scalars: scalars(&record)?,
            series: tables.collect::<Result<_, ResultsError>>()?,
        })
    }
}

/// Never set: a run of a sweep is short, and one that is stopped leaves nothing.
static NEVER: AtomicBool = AtomicBool::new(false);

/// Simulates a run on its structure. What fails is an outcome too.
pub fn simulate(loaded: &Loaded, part: &Part, series: &[Kind]) -> Outcome {
    let mut structure = Microstructure::of_phases([0; 3], [0.0; 3], true, Vec::new());
    structure.statistics = part.statistics_for(&loaded.scenario);
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt: &NEVER,
    };
    let made = (structure, part.transport.clone());
    match run_on(loaded, made, supervision, &mut |_| {}) {
        Ok(record) => measured(&record, series).unwrap_or_else(|e| Outcome::Failed(e.to_string())),
        Err(error) => Outcome::Failed(reason(&error)),
    }
}

/// Why a run failed, in one line.
pub fn reason(error: &RunError) -> String {
    error.to_string().replace('\n', " ")
}

fn measured(record: &RunRecord, series: &[Kind]) -> Result<Outcome, ResultsError> {
    let numbers = |column: Column| match column.values {
        Values::Real(values) => values,
        Values::Count(values) => values.into_iter().map(f64::from).collect(),
        Values::Text(_) => Vec::new(),
    };
    let table = |kind: &Kind| {
        let columns = kind.table(record)?.into_iter();
        Ok(columns.map(numbers).collect())
    };
    let scalars: Vec<f64> = scalars(record)?.iter().map(|s| s.value).collect();
    if record.cycles.iter().any(|c| !c.discharge.is_finite()) {
        return Ok(Outcome::Failed("a cycle has no finite capacity".into()));
    }
    Ok(Outcome::Done(Measured {
        scalars,
        series: series
            .iter()
            .map(table)
            .collect::<Result<_, ResultsError>>()?,
        note: notes(record),
    }))
}

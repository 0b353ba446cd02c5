//! The page of an annealing process: what `engobe anneal` leaves behind to look at.

mod figures;

use super::{ReportError, Written, html, put, svg, tables};
use crate::annealing::{Annealed, Moment, PHASES};
use crate::scenario::Scenario;
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the page.
pub const PAGE_NAME: &str = "annealing.html";

/// Rows over temperature, each under one value of another condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The condition in words with its value, and the treatments.
    pub rows: Vec<(String, Vec<Annealed>)>,
}

/// Everything the page shows.
#[derive(Debug, Clone, Copy)]
pub struct AnnealingRecord<'a> {
    /// What was asked, resolved.
    pub scenario: &'a Scenario,
    /// The scenario's own treatment.
    pub own: &'a Annealed,
    /// Its moments.
    pub course: &'a [Moment],
    /// The same treatment at other temperatures.
    pub survey: &'a [Annealed],
    /// The coating's share of the photoelectrons, for each of the survey.
    pub gamma: &'a [f64],
    /// The same for the scenario's own.
    pub own_gamma: f64,
    /// Shorter and longer holds.
    pub holds: &'a Rows,
    /// Less and more oxygen.
    pub oxygen: &'a Rows,
    /// Temperature (K) and relative mass of the precursor alone.
    pub thermogram: &'a [(f64, f64)],
}

/// Writes `annealing.html` and its figures into `directory`.
///
/// # Errors
/// [`ReportError`] when a figure cannot be drawn or a file cannot be written.
pub fn write(record: AnnealingRecord, directory: &Path) -> Result<Written, ReportError> {
    let [survey, conditions, course] = figures::all(&record);
    let mut drawings = BTreeMap::new();
    for figure in survey.iter().chain(&conditions).chain(&course) {
        drawings.insert(figure.name, svg::render(figure)?);
    }
    let mut body = header(&record);
    body += &html::section("This treatment", &own(&record));
    body += &html::section("Over temperature", &html::figures(&survey, &drawings));
    body += &html::section("Time and oxygen", &html::figures(&conditions, &drawings));
    body += &html::section("While heating", &html::figures(&course, &drawings));
    let page = html::document(&record.scenario.title, &body);
    put(&drawings, None, (PAGE_NAME, &page), directory)
}

fn header(record: &AnnealingRecord) -> String {
    let treatment = &record.own.treatment;
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"small\">Annealing computed with {} {}: {} of {} on {}, {} at {} °C, {} K min⁻¹, {} bar oxygen. The constants are estimates chosen to describe kissel2025: a description, not a validation.</p>\n</header>\n",
        html::escape(&record.scenario.title),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        tables::percent(treatment.mass, 3),
        html::escape(&record.own.recipe.precursor.name),
        html::escape(&record.scenario.cathode.active_material.name),
        figures::hours(treatment.hold),
        tables::number(treatment.temperature - 273.15, 3),
        tables::number(60.0 * treatment.heating_rate, 2),
        tables::number(1e-5 * treatment.oxygen_pressure, 2),
    )
}

/// The numbers of the scenario's own treatment.
fn own(record: &AnnealingRecord) -> String {
    let annealed = record.own;
    let (progress, film) = (&annealed.outcome.progress, &annealed.outcome.film);
    let material = annealed.material();
    let volumes = annealed.outcome.composition.volume_fractions();
    // Fixed decimals: shares that are as good as nothing read as such.
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let mut rows = vec![
        vec!["Form".to_owned(), film.form.words().to_owned()],
        vec!["Coverage".to_owned(), percent(film.coverage)],
        vec![
            "Thickness where covered".to_owned(),
            format!(
                "{} nm ± {}",
                tables::number(1e9 * film.thickness, 3),
                tables::percent(film.variation, 2)
            ),
        ],
        vec!["XPS γ".to_owned(), percent(record.own_gamma)],
        vec!["Oxidised".to_owned(), percent(progress.oxidised)],
        vec!["Decomposed".to_owned(), percent(progress.decomposed)],
        vec!["Evaporated".to_owned(), percent(progress.evaporated)],
    ];
    let phases = PHASES.iter().zip(volumes);
    rows.extend(phases.map(|(phase, share)| vec![format!("Volume of {phase}"), percent(share)]));
    rows.extend([
        vec![
            "Ionic conductivity, 25 °C".to_owned(),
            format!(
                "{} S cm⁻¹",
                tables::number(0.01 * material.ionic_conductivity, 2)
            ),
        ],
        vec![
            "Unoxidised sulfide, first charge".to_owned(),
            format!(
                "{} mAh g⁻¹",
                tables::number(annealed.outcome.oxidisable_charge / 3600.0, 2)
            ),
        ],
        vec![
            "Lithium from inside the oxide".to_owned(),
            percent(annealed.oxide_lithium_taken()),
        ],
        vec!["Coating per oxide".to_owned(), percent(annealed.mass())],
        vec!["of which in lumps".to_owned(), percent(annealed.lumps())],
    ]);
    tables::table("pairs", &["Quantity", "Value"], &rows)
}

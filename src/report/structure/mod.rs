//! The page of a structure: what `engobe microstructure` leaves behind to look at.

mod figures;
mod tables;

use super::figure::Figure;
use super::rendering::{self, Rendering};
use super::{ReportError, Slice, Written, html, put, svg};
use crate::microstructure::measure::Measures;
use crate::microstructure::{Microstructure, PHASE_COLOURS};
use crate::scenario::Scenario;
use crate::simulation::realisations::{BoxSize, Realisation, Summary};
use crate::transport::EffectiveTransport;
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the page.
pub const PAGE_NAME: &str = "structure.html";

/// A cut through the structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// How deep in the block it lies, m.
    pub depth: f64,
    /// The picture.
    pub png: Vec<u8>,
}

/// Everything the page shows.
#[derive(Debug, Clone, Copy)]
pub struct StructureRecord<'a> {
    /// What was asked, resolved.
    pub scenario: &'a Scenario,
    /// The structure itself.
    pub structure: &'a Microstructure,
    /// What was measured on it.
    pub measures: &'a Measures,
    /// How well it conducts.
    pub transport: &'a EffectiveTransport,
    /// Pictures of cuts.
    pub cuts: &'a [Cut],
    /// Other structures of the recipe; may be none.
    pub realisations: &'a [Realisation],
    /// Their spread, box by box; may be none.
    pub spread: &'a [(BoxSize, Vec<Summary>)],
}

/// Writes `structure.html` and its figures into `directory`.
///
/// # Errors
/// [`ReportError`] when a figure cannot be drawn or a file cannot be written.
pub fn write(record: StructureRecord, directory: &Path) -> Result<Written, ReportError> {
    let measured = super::figures::with_data(figures::measured(record.measures));
    let ensemble = super::figures::with_data(figures::ensemble(&record));
    let mut drawings = BTreeMap::new();
    for figure in measured.iter().chain(&ensemble) {
        drawings.insert(figure.name, svg::render(figure)?);
    }
    let rendering = rendering::render(record.structure, record.scenario)?;
    let page = page(record, &rendering, &measured, &ensemble, &drawings);
    put(&drawings, Some(&rendering), (PAGE_NAME, &page), directory)
}

fn page(
    record: StructureRecord,
    rendering: &Rendering,
    measured: &[Figure],
    ensemble: &[Figure],
    drawings: &BTreeMap<&'static str, String>,
) -> String {
    let mut body = header(record.scenario);
    body += &html::section(
        "Structure",
        &(html::rendered(rendering) + &structure(&record)),
    );
    body += &html::section("Distributions", &html::figures(measured, drawings));
    body += &html::section(
        "Interfaces and lengths",
        &tables::interfaces(record.measures),
    );
    body += &html::section("Paths", &tables::paths(record.measures));
    if !record.realisations.is_empty() {
        let figures = html::figures(ensemble, drawings);
        body += &html::section("Realisations", &(figures + &tables::realisations(&record)));
    }
    html::document(&record.scenario.title, &body)
}

fn header(scenario: &Scenario) -> String {
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"small\">Structure made with {} {}; seed {}</p>\n{}</header>\n",
        html::escape(&scenario.title),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        scenario.seed,
        super::tables::facts(scenario),
    )
}

/// The first slice beside the numbers, the others below.
fn structure(record: &StructureRecord) -> String {
    let edge = super::tables::number(1e6 * record.structure.edges()[2], 3);
    let pictures = record.cuts.iter().enumerate().map(|(index, cut)| {
        let slice = Slice {
            png: &cut.png,
            colours: PHASE_COLOURS,
            coated: record.structure.shells.is_some(),
        };
        let depth = super::tables::number(1e6 * cut.depth, 3);
        let caption =
            format!("The voxels that are computed with, {depth} µm deep, {edge} µm wide. Shades tell particles and grains apart.");
        html::picture(&format!("slice-{index}"), slice, &caption)
    });
    let mut cells: Vec<String> = pictures.collect();
    let numbers = format!(
        "<div>\n{}{}</div>\n",
        super::tables::structure(&record.structure.statistics),
        tables::conduction(record.scenario, record.transport),
    );
    cells.insert(cells.len().min(1), numbers);
    format!("<div class=\"gallery\">\n{}</div>\n", cells.concat())
}

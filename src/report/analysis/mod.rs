//! The page of an analysis: what `engobe analyse` and every run leave behind to look at.

mod figures;
mod instruments;
mod samples;
mod tables;

use super::figure::Figure;
use super::{ReportError, Written, html, put, svg};
use crate::analysis::Source;
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the page.
pub const PAGE_NAME: &str = "analysis.html";

/// Writes `analysis.html` and its figures into `directory`; `notes` are told first (what
/// was repaired, what was not known).
///
/// # Errors
/// [`ReportError`] when a figure cannot be drawn or a file cannot be written.
pub fn write(
    title: &str,
    sources: &[Source],
    notes: &[String],
    directory: &Path,
) -> Result<Written, ReportError> {
    let sections = [
        (
            "Spectra",
            figures::spectra(sources),
            tables::spectra(sources),
        ),
        (
            "Cycling",
            figures::cycling(sources),
            tables::cycling(sources),
        ),
        ("Titration", figures::titration(sources), String::new()),
        (
            "Gas",
            instruments::gas(sources),
            instruments::gas_table(sources),
        ),
        (
            "Surface analyses",
            surfaces(sources),
            instruments::surface_table(sources) + &samples::tables(sources),
        ),
    ];
    let mut drawings = BTreeMap::new();
    let mut body = format!(
        "<header>\n<h1>{}</h1>\n<p class=\"small\">Analysed with {} {}; intervals are 95 % confidence</p>\n</header>\n",
        html::escape(title),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
    );
    if !notes.is_empty() {
        let items = notes
            .iter()
            .map(|n| format!("<li>{}</li>\n", html::escape(n)));
        body += &html::section(
            "Notes",
            &format!("<ul>\n{}</ul>\n", items.collect::<String>()),
        );
    }
    for (heading, figures, tables) in sections {
        let figures = super::figures::with_data(figures);
        for figure in &figures {
            drawings.insert(figure.name, svg::render(figure)?);
        }
        if !(figures.is_empty() && tables.is_empty()) {
            let content = tables + &html::figures(&figures, &drawings);
            body += &html::section(heading, &content);
        }
    }
    let page = html::document(title, &body);
    put(&drawings, None, (PAGE_NAME, &page), directory)
}

/// Figures of the run, where there is one alone; beside one another they would need a
/// page each.
fn surfaces(sources: &[Source]) -> Vec<Figure> {
    let runs: Vec<&Source> = sources.iter().filter(|s| !s.surface.is_empty()).collect();
    match runs.as_slice() {
        [run] => instruments::surfaces(run),
        _ => Vec::new(),
    }
}

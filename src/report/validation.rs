//! The page of a validation: papers beside simulations, with the curves.

use super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::html::{document, escape, framed, section};
use super::palette::{Colour, okabe_ito};
use super::{ReportError, live, put, svg};
use crate::results::summary::{ohm_square_centimetres, specific_capacity};
use crate::validation::table::{claims, error, remark, shown, simulated, stated, verdict};
use crate::validation::{Assessment, PaperCell, SimulatedCell, Simulations, Standing, Summary};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Name of the page in a validation's directory.
pub const PAGE_NAME: &str = "validation.html";

/// Colours of a paper's cells in their order, used again beyond the last.
const COLOURS: [Colour; 7] = [
    okabe_ito::BLACK,
    okabe_ito::VERMILLION,
    okabe_ito::BLUE,
    okabe_ito::GREEN,
    okabe_ito::ORANGE,
    okabe_ito::SKY,
    okabe_ito::PURPLE,
];
/// Cells with fewer cycles have no fade to show.
const FEWEST_CYCLES: usize = 10;

/// Writes the page of `assessments` into `directory`, which must exist.
///
/// # Errors
/// [`ReportError`] when a figure cannot be drawn or the page cannot be written.
pub fn write(
    assessments: &[Assessment],
    simulations: &Simulations,
    directory: &Path,
) -> Result<(), ReportError> {
    let mut body = format!(
        "<header>\n<h1>Five papers beside engobe</h1>\n<p>{}</p>\n<p class=\"small\">close: within 10 %; fair: within \
         30 %; missed: farther off. Errors are relative to the paper's value, or to a tenth of the largest of that \
         quantity in the paper where that is more. fitted: parameters were adjusted to this number; predicted: none \
         was.</p>\n</header>\n",
        escape(&Summary::of(assessments).words())
    );
    let mut drawings = BTreeMap::new();
    for judged in assessments {
        body += &paper(judged, simulations, &mut drawings)?;
    }
    let page = document("engobe: validation", &body);
    put(&drawings, None, (PAGE_NAME, &page), directory)?;
    Ok(())
}

fn paper(
    judged: &Assessment,
    simulations: &Simulations,
    drawings: &mut BTreeMap<String, String>,
) -> Result<String, ReportError> {
    let source = &judged.paper.source;
    let doi = source
        .doi
        .as_ref()
        .map_or(String::new(), |doi| format!(", doi {doi}"));
    let mut content = format!(
        "<p class=\"small\">{}: {}{}{doi}</p>\n<div class=\"gallery\">\n",
        escape(&source.authors),
        escape(&source.title),
        if source.journal.is_empty() {
            String::new()
        } else {
            format!(", {}", escape(&source.journal))
        },
    );
    for figure in [
        capacities(judged, simulations),
        nyquist(judged, simulations),
    ] {
        if figure.has_data() {
            let name = format!("{}-{}", source.key, figure.name);
            let drawing = svg::render(&figure)?;
            let words = (figure.title.as_str(), figure.caption.as_str());
            content += &framed(&name, &drawing, Some(&live::figure(&figure)), words);
            drawings.insert(name, drawing);
        }
    }
    content += "</div>\n";
    content += &numbers(judged);
    content += &statements(judged);
    Ok(section(&source.key, &content))
}

fn numbers(judged: &Assessment) -> String {
    let pairs = judged.paper.measured.iter().zip(&judged.numbers);
    let rows: String = pairs
        .map(|(measured, number)| {
            let standing = number.standing();
            let class = match standing {
                Standing::Close => "close",
                Standing::Fair => "fair",
                Standing::Missed | Standing::Absent => "miss",
            };
            let why = remark(number, measured.cause.as_deref());
            let why = if why.is_empty() {
                why
            } else {
                format!("<br><span class=\"small\">{}</span>", escape(&why))
            };
            format!(
                "<tr class=\"{class}\"><td>{}<br><span class=\"small\">{}</span>{why}</td><td>{}</td><td>{}</td>\
                 <td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escape(&measured.quantity),
                escape(&measured.at),
                stated(measured),
                simulated(number),
                escape(&measured.unit),
                error(number.error),
                measured.role.word(),
                standing.word(),
            )
        })
        .collect();
    format!(
        "<table class=\"numbers\">\n<thead><tr><th>Quantity</th><th>Paper</th><th>Simulation</th><th>Unit</th>\
         <th>Error</th><th></th><th></th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

fn statements(judged: &Assessment) -> String {
    let rows: String = claims(judged)
        .into_iter()
        .map(|(what, claim, cause)| {
            let (word, why) = verdict(claim, cause);
            let class = if word == "reproduced" {
                "close"
            } else {
                "miss"
            };
            let why = if why.is_empty() {
                why
            } else {
                format!("<br><span class=\"small\">{}</span>", escape(&why))
            };
            format!(
                "<tr class=\"{class}\"><td>{}{why}</td><td>{}</td><td>{word}</td></tr>\n",
                escape(what),
                shown(claim)
            )
        })
        .collect();
    format!(
        "<table class=\"numbers\">\n<thead><tr><th>Ordering (highest first) or finding</th><th>Simulation</th><th></th>\
         </tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

/// The paper's cells that were simulated, with their colours.
fn cells<'a>(
    judged: &'a Assessment,
    simulations: &'a Simulations,
) -> impl Iterator<Item = (&'a PaperCell, &'a Arc<SimulatedCell>, Colour)> {
    let cells = judged.paper.cells.iter().enumerate();
    cells.filter_map(|(i, cell)| {
        let simulated = simulations.get(&cell.scenario)?.as_ref().ok()?.first()?;
        Some((cell, simulated, COLOURS[i % COLOURS.len()]))
    })
}

fn capacities(judged: &Assessment, simulations: &Simulations) -> Figure {
    let mut series = Vec::new();
    let aged = |cell: &SimulatedCell| cell.cycles.len() >= FEWEST_CYCLES;
    for (cell, simulated, colour) in cells(judged, simulations).filter(|c| aged(c.1)) {
        let capacity = |charge| specific_capacity(charge, &simulated.scenario);
        let points = simulated
            .cycles
            .iter()
            .map(|c| (f64::from(c.cycle), capacity(c.discharge)));
        series.push(Series::line(&cell.label, colour, points.collect()));
        let first = simulated
            .cycles
            .first()
            .map_or(f64::NAN, |c| capacity(c.discharge));
        let measured = judged.paper.measured.iter().filter_map(|m| {
            let (name, cycle) = m.drawn.as_ref()?;
            let value = m.value.filter(|_| *name == cell.name)?;
            let share = if m.unit == "%" { first / 100.0 } else { 1.0 };
            Some((f64::from(*cycle), value * share))
        });
        let rings = Series::line("", colour, measured.collect()).with_line(Line::None);
        series.push(rings.with_marker(Marker::Ring));
    }
    Figure {
        name: "capacity",
        title: "Discharge capacity".into(),
        caption: "Lines: simulated; rings: the paper (retentions drawn on the simulated first discharge).".into(),
        legend: "",
        x: Axis::new("Cycle number", "").counting(),
        panels: vec![Panel::new(
            Axis::new("Discharge capacity", "mAh g⁻¹").showing(Range::WithZero),
            series,
        )],
        shape: Shape::Free,
    }
}

/// Arcs from high to low frequency without the capacitive tail that would dwarf them: the
/// end as far as it rises twice as steeply as it goes on.
fn without_tail(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    while let [.., before, last] = points[..]
        && last.1 - before.1 > 2.0 * (last.0 - before.0)
    {
        points.pop();
    }
    points
}

fn nyquist(judged: &Assessment, simulations: &Simulations) -> Figure {
    let mut series = Vec::new();
    for (cell, simulated, colour) in cells(judged, simulations) {
        let Some(last) = simulated.spectra.last() else {
            continue;
        };
        let points = last
            .impedance
            .iter()
            .map(|z| (ohm_square_centimetres(z.re), -ohm_square_centimetres(z.im)));
        let label = format!("{}, cycle {}", cell.label, last.cycle);
        series.push(Series::line(label, colour, without_tail(points.collect())));
    }
    let axis = |label| Axis::new(label, "Ω cm²").showing(Range::WithZero);
    Figure {
        name: "nyquist",
        title: "Last spectrum of each cell".into(),
        caption: "Simulated; without the end, where the diffusion branch turns upright.".into(),
        legend: "",
        x: axis("Re Z"),
        panels: vec![Panel::new(axis("−Im Z"), series)],
        shape: Shape::EqualAxes,
    }
}

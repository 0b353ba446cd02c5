//! The page of a merged sweep: what was varied, results over two parameters, all of them side
//! by side, and which parameter matters.

mod drawing;
mod live;
mod view;

use super::html::{document, escape, framed, section};
use super::{ReportError, put, svg, tables};
use crate::sweep::sensitivity::{Index, Sensitivity};
use crate::sweep::summary_reading::words_of;
use crate::sweep::{Job, Plan};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use view::{Variable, View};

/// Name of the page.
pub const PAGE_NAME: &str = "sweep.html";

/// Results of which the page shows maps.
const MAPS: usize = 4;
/// Reasons of failure that are told.
const REASONS: usize = 8;

/// Writes the page of a merged sweep into `directory`, which must exist.
///
/// # Errors
/// [`ReportError`] when the summary cannot be read, a figure cannot be drawn or the page
/// cannot be written.
pub fn write(plan: &Plan, job: &Job<'_>, directory: &Path) -> Result<PathBuf, ReportError> {
    let unread = |e: crate::sweep::SweepError| ReportError::Drawing(e.to_string());
    let view = View::read(&plan.layout.summary(), job).map_err(unread)?;
    let reasons = words_of(&plan.layout.summary(), "reason").map_err(unread)?;
    let title = &plan.manifest.title;
    let mut body = format!(
        "<header>\n<h1>{}</h1>\n<p class=\"small\">Swept with {} {}</p>\n{}</header>\n",
        escape(title),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        facts(plan, &view, &reasons)
    );
    body += &failures(&reasons);
    let mut drawings = Drawings::new();
    if view.results.is_empty() {
        body += &section("Results", "<p>No result varies over this sweep.</p>\n");
    } else {
        body += &maps(&view, &mut drawings)?;
        body += &side_by_side(&view, &mut drawings)?;
        body += &sensitivities(&view, &mut drawings)?;
    }
    body += &format!(
        "<section class=\"source\">\n<h2>Scenario</h2>\n<pre>{}</pre>\n</section>\n",
        escape(&plan.text)
    );
    let page = document(title, &body);
    Ok(put(&drawings, None, (PAGE_NAME, &page), directory)?.page)
}

fn facts(plan: &Plan, view: &View, reasons: &[String]) -> String {
    let failed = reasons.iter().filter(|r| !r.is_empty()).count();
    let fact =
        |name: &str, value: &str| format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value));
    let mut rows = fact(
        "Runs",
        &format!("{}, of which {failed} failed", plan.manifest.runs),
    );
    rows += &fact("Structures", &plan.manifest.structures.to_string());
    for parameter in &view.parameters {
        rows += &fact(&parameter.heading, &parameter.extent());
    }
    if view.replicates > 1 {
        rows += &fact(
            "Replicates",
            &format!("{} structures per point", view.replicates),
        );
    }
    format!("<dl class=\"facts\">\n{rows}</dl>\n")
}

fn failures(reasons: &[String]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons.iter().filter(|r| !r.is_empty()) {
        *counts.entry(reason).or_default() += 1;
    }
    if counts.is_empty() {
        return String::new();
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = counts.len().saturating_sub(REASONS);
    let rows = counts.iter().take(REASONS);
    let rows: String = rows
        .map(|(reason, count)| format!("<tr><td>{}</td><td>{count}</td></tr>\n", escape(reason)))
        .collect();
    let more = match more {
        0 => String::new(),
        more => format!(
            "<p class=\"small\">and {more} other reasons: column reason of summary.parquet</p>\n"
        ),
    };
    let table = format!(
        "<table>\n<thead><tr><th>Reason</th><th>Runs</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n{more}"
    );
    section("Runs that failed", &table)
}

/// The drawings of the page by their names.
type Drawings = BTreeMap<String, String>;
/// A drawing and, where there is one, the plot that answers.
type Drawn = (String, Option<Value>);

/// Puts a drawing on the page and among the files.
fn figure(
    drawings: &mut Drawings,
    name: &str,
    (drawing, plot): Drawn,
    words: (&str, &str),
) -> String {
    let framed = framed(name, &drawing, plot.as_ref(), words);
    drawings.insert(name.to_owned(), drawing);
    framed
}

/// Results over the two parameters that matter most, or over the only one.
fn maps(view: &View, drawings: &mut Drawings) -> Result<String, ReportError> {
    let mut content = String::from("<div class=\"gallery\">\n");
    let pair = view.most_influential();
    for (i, result) in view.results.iter().take(MAPS).enumerate() {
        let name = format!("map-{}", i + 1);
        let (drawn, caption): (Drawn, String) = match pair.as_slice() {
            [] => continue,
            [only] => {
                let course = drawing::course(&view.parameters[*only], result);
                let drawn = (svg::render(&course)?, Some(super::live::figure(&course)));
                (drawn, "One point per run.".to_owned())
            }
            [x, y, ..] => {
                let (x, y) = (&view.parameters[*x], &view.parameters[*y]);
                let caption = match view.parameters.len() {
                    2 if view.replicates == 1 => "One field per combination.",
                    _ => "Mean over everything else that varies.",
                };
                let blank = " Blank: no run.";
                let drawn = (drawing::map(x, y, result)?, Some(live::map(x, y, result)));
                (drawn, format!("{caption}{blank}"))
            }
        };
        content += &figure(drawings, &name, drawn, (&result.name, &caption));
    }
    Ok(section(
        "Results over the parameters",
        &(content + "</div>\n"),
    ))
}

fn side_by_side(view: &View, drawings: &mut Drawings) -> Result<String, ReportError> {
    let drawn = (drawing::parallel(view)?, None);
    let caption = format!(
        "Every line is a run, coloured by the {}; each axis runs from the least to the greatest value.",
        view.results[0].name.to_lowercase()
    );
    Ok(section(
        "All runs side by side",
        &figure(
            drawings,
            "parallel",
            drawn,
            ("Parallel coordinates", &caption),
        ),
    ))
}

fn sensitivities(view: &View, drawings: &mut Drawings) -> Result<String, ReportError> {
    let (mut content, mut rows) = (String::new(), String::new());
    for (i, result) in view.results.iter().take(MAPS).enumerate() {
        match &result.sensitivities {
            Ok(found) => {
                let drawing = drawing::indices(&view.parameters, found)?;
                let drawn = (drawing, Some(live::indices(&view.parameters, found)));
                let caption = "Disc: first-order index. Ring: total index. Lines: 95 % intervals, where there is something to draw from.";
                let name = format!("indices-{}", i + 1);
                content += &figure(drawings, &name, drawn, (&result.name, caption));
                rows += &table_rows(&result.name, &view.parameters, found);
            }
            Err(reason) => {
                content += &format!(
                    "<p class=\"small\">{}: {}.</p>\n",
                    escape(&result.name),
                    escape(reason)
                );
            }
        }
    }
    let table = match rows.is_empty() {
        true => String::new(),
        false => format!(
            "<table>\n<thead><tr><th>Result</th><th>Parameter</th><th>First-order index</th><th>Total index</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
        ),
    };
    let about = "<p>The share of a result's variance that a parameter explains alone (first order), and with all that it does together with others (total).</p>\n";
    Ok(section(
        "Sobol indices",
        &format!("{about}<div class=\"gallery\">\n{content}</div>\n{table}"),
    ))
}

fn table_rows(result: &str, parameters: &[Variable], found: &[Sensitivity]) -> String {
    let shown = |index: &Index| {
        let value = format!("{:.3}", index.value);
        match index.interval {
            Some((low, high)) => format!("{value} ({low:.3} to {high:.3})"),
            None => value,
        }
    };
    let row = |(parameter, found): (&Variable, &Sensitivity)| {
        let total = found.total.as_ref().map_or_else(|| "–".to_owned(), shown);
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{total}</td></tr>\n",
            escape(result),
            escape(&parameter.heading),
            shown(&found.first)
        )
    };
    parameters.iter().zip(found).map(row).collect()
}

/// A number with three significant digits, without zeros at its end.
fn short(value: f64) -> String {
    let text = tables::number(value, 3);
    match text.contains('.') && text.ends_with('0') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

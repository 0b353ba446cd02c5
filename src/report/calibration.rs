//! The page of a fit: fitted values, numbers beside the measured ones, and what the data
//! determine.

use super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::palette::{Colour, GREY, okabe_ito};
use super::{ReportError, Written, html, put, svg};
use crate::calibration::{Calibration, Combination, RISE, Standing, combination, reach};
use crate::validation::table::short;
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the page.
pub const PAGE_NAME: &str = "fit.html";
/// Colours of the profiles.
const COLOURS: [Colour; 6] = [
    okabe_ito::BLUE,
    okabe_ito::VERMILLION,
    okabe_ito::GREEN,
    okabe_ito::ORANGE,
    okabe_ito::PURPLE,
    okabe_ito::SKY,
];
/// Correlations below this are left empty.
const SHOWN: f64 = 0.3;

/// Writes `fit.html` and its figures into `directory`.
///
/// # Errors
/// [`ReportError`] when a figure cannot be drawn or a file cannot be written.
pub fn write(calibration: &Calibration, directory: &Path) -> Result<Written, ReportError> {
    let agreement = vec![residuals(calibration), history(calibration)];
    let mut known = vec![singular_values(calibration)];
    known.extend(profiles(calibration));
    let mut drawings = BTreeMap::new();
    for figure in agreement.iter().chain(&known) {
        drawings.insert(figure.name, svg::render(figure)?);
    }
    let mut body = header(calibration);
    body += &html::section("Fitted values", &parameters(calibration));
    body += &html::section(
        "Agreement",
        &(html::figures(&agreement, &drawings) + &numbers(calibration)),
    );
    let determined = html::figures(&known, &drawings)
        + &combinations(calibration)
        + &intervals(calibration)
        + &correlations(calibration);
    body += &html::section("What the numbers determine", &determined);
    body += &html::section("Changes of the files", &changes(calibration));
    let page = html::document(&calibration.title, &body);
    put(&drawings, None, (PAGE_NAME, &page), directory)
}

fn header(c: &Calibration) -> String {
    let of = |standing| c.known.standings.iter().filter(|s| **s == standing).count();
    let failed = c.numbers.iter().filter(|n| n.fitted.is_none()).count();
    let failed = match failed {
        0 => String::new(),
        count => format!(" {count} numbers could not be simulated."),
    };
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"small\">Fitted with {} {}: {} parameters to {} numbers, {} points evaluated. Loss {} at the start, {} fitted, of it {} by the prior. By themselves {} parameters are determined, {} weakly, {} not.{failed}</p>\n</header>\n",
        html::escape(&c.title),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        c.parameters.len(),
        c.numbers.len(),
        c.evaluations,
        loss(c.loss[0]),
        loss(c.loss[1]),
        loss(c.prior_loss),
        of(Standing::Determined),
        of(Standing::Weak),
        of(Standing::Undetermined),
    )
}

fn loss(value: f64) -> String {
    format!("{value:.2}")
}

/// Text that is safe inside a cell.
fn cells<const N: usize>(row: [&str; N]) -> Vec<String> {
    row.iter().map(|cell| html::escape(cell)).collect()
}

/// A table whose cells read left and may break; they are HTML already.
fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let row = |cells: &[String], tag: &str| {
        let cells = cells.iter().map(|cell| format!("<{tag}>{cell}</{tag}>"));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let head: Vec<String> = headings.iter().map(|h| html::escape(h)).collect();
    let body: String = rows.iter().map(|cells| row(cells, "td")).collect();
    format!(
        "<table class=\"words\">\n<thead>{}</thead>\n<tbody>\n{body}</tbody>\n</table>\n",
        row(&head, "th")
    )
}

fn parameters(c: &Calibration) -> String {
    let rows = c.parameters.iter().enumerate().map(|(i, p)| {
        let bound = if p.at_bound { ", at a bound" } else { "" };
        cells([
            &format!("{}", i + 1),
            &p.name,
            &p.value,
            &format!("{} to {}", p.interval[0], p.interval[1]),
            &format!("{} to {}", p.bounds[0], p.bounds[1]),
            &format!("{}{bound}", p.standing.word()),
            &p.fitted_to.join(", "),
        ])
    });
    let headings = ["", "Parameter", "Value", "95 %", "Bounds", "", "Fitted to"];
    table(&headings, &rows.collect::<Vec<_>>())
}

fn numbers(c: &Calibration) -> String {
    let rows = c.numbers.iter().enumerate().map(|(i, n)| {
        let word = |value: Option<f64>| value.map_or("–".to_owned(), short);
        cells([
            &format!("{}", i + 1),
            &n.name,
            &n.what,
            &crate::calibration::measured(n.measured),
            &short(n.uncertainty),
            &word(n.start),
            &word(n.fitted),
            &n.unit,
            &format!("{:+.2}", n.residual),
        ])
    });
    let headings = [
        "", "Number", "", "Measured", "±", "Start", "Fitted", "Unit", "Off by",
    ];
    table(&headings, &rows.collect::<Vec<_>>())
}

/// Distance of every number from the measured one.
fn residuals(c: &Calibration) -> Figure {
    let off = |value: Option<f64>, n: &crate::calibration::Compared| {
        let [low, high] = n.measured;
        let value = value.unwrap_or(f64::NAN);
        (value - value.clamp(low, high)) / n.uncertainty
    };
    let numbered = |of: &dyn Fn(&crate::calibration::Compared) -> f64| -> Vec<(f64, f64)> {
        let numbers = c.numbers.iter().enumerate();
        numbers.map(|(i, n)| ((i + 1) as f64, of(n))).collect()
    };
    let points = |label, colour, marker, points| {
        Series::line(label, colour, points)
            .with_line(Line::None)
            .with_marker(marker)
    };
    let start = numbered(&|n| off(n.start, n));
    let fitted = numbered(&|n| off(n.fitted, n));
    let end = c.numbers.len() as f64 + 1.0;
    let level = |y: f64| Series::line("", GREY, vec![(0.0, y), (end, y)]).with_line(Line::Dashed);
    Figure {
        name: "fit-residuals",
        title: "Numbers".into(),
        caption: "Simulated less measured in standard deviations, in the order of the table; dashed: two standard deviations.".into(),
        legend: "",
        x: Axis::new("Number", "").showing(Range::Fixed(0.0, end)),
        panels: vec![Panel::new(
            Axis::new("Simulated − measured", "σ"),
            vec![
                level(-2.0),
                level(2.0),
                points("Start", okabe_ito::ORANGE, Marker::Ring, start),
                points("Fitted", okabe_ito::BLUE, Marker::Disc, fitted),
            ],
        )],
        shape: Shape::Free,
    }
}

/// Loss of every point looked at, and the lowest so far.
fn history(c: &Calibration) -> Figure {
    // Numbers without scatter are met to round-off, which nobody needs to see.
    let shown = |loss: f64| loss.max(1e-4);
    let of = |stage: &str| -> Vec<(f64, f64)> {
        let seen = c.history.iter().enumerate();
        seen.filter(|(_, s)| s.stage == stage)
            .map(|(i, s)| ((i + 1) as f64, shown(s.loss)))
            .collect()
    };
    let mut lowest = f64::INFINITY;
    let best = c.history.iter().enumerate().map(|(i, s)| {
        lowest = lowest.min(s.loss);
        ((i + 1) as f64, shown(lowest))
    });
    let dots = |label, colour, points| {
        Series::line(label, colour, points)
            .with_line(Line::None)
            .with_marker(Marker::Dot)
    };
    Figure {
        name: "fit-history",
        title: "Search and descent".into(),
        caption:
            "Loss of every point that was looked at, gradients not counted, and the lowest so far."
                .into(),
        legend: "",
        x: Axis::new("Point", ""),
        panels: vec![Panel::new(
            Axis::new("Loss", "").logarithmic(),
            vec![
                Series::line("Lowest", okabe_ito::BLACK, best.collect()),
                dots("Search", okabe_ito::SKY, of("search")),
                dots("Descent", okabe_ito::VERMILLION, of("descent")),
            ],
        )],
        shape: Shape::Free,
    }
}

fn singular_values(c: &Calibration) -> Figure {
    let of = |label: &str, colour, standing| {
        let values = c.known.combinations.iter().enumerate();
        // A value of zero has no place on the axis; its row in the table tells it.
        let points = values.map(|(i, k): (usize, &Combination)| {
            let shown = k.standing == standing && k.singular_value > 1e-6;
            (
                (i + 1) as f64,
                if shown { k.singular_value } else { f64::NAN },
            )
        });
        Series::line(label, colour, points.collect())
            .with_line(Line::None)
            .with_marker(Marker::Disc)
    };
    Figure {
        name: "fit-singular-values",
        title: "Singular values of the scaled Jacobian".into(),
        caption: "By how many standard deviations the numbers move when a combination of parameters goes from bound to bound. Combinations without a point move nothing.".into(),
        legend: "",
        x: Axis::new("Combination", "").showing(Range::Fixed(0.0, c.parameters.len() as f64 + 1.0)),
        panels: vec![Panel::new(
            Axis::new("Singular value", "σ").logarithmic(),
            vec![
                of("Determined", okabe_ito::BLUE, Standing::Determined),
                of("Weakly", okabe_ito::ORANGE, Standing::Weak),
                of("Not determined", okabe_ito::VERMILLION, Standing::Undetermined),
            ],
        )],
        shape: Shape::Free,
    }
}

fn profiles(c: &Calibration) -> Option<Figure> {
    let rise = RISE * c.known.excess.powi(2);
    let series = c.profiles.iter().zip(COLOURS.iter().cycle());
    let mut series: Vec<Series> = series
        .map(|(profile, colour)| {
            let name = &c.parameters[profile.parameter].name;
            Series::line(name.as_str(), *colour, profile.points.clone()).with_marker(Marker::Dot)
        })
        .collect();
    if series.is_empty() {
        return None;
    }
    series.push(Series::line("", GREY, vec![(0.0, rise), (1.0, rise)]).with_line(Line::Dashed));
    Some(Figure {
        name: "fit-profiles",
        title: "Profiles".into(),
        caption: "How the loss rises when a parameter is held elsewhere and all others give way; 0 and 1 are its bounds. Within 95 % below the dashed line. A flat curve is a parameter that the others can make up for.".into(),
        legend: "",
        x: Axis::new("Share of the way between the bounds", "").showing(Range::Fixed(0.0, 1.0)),
        panels: vec![Panel::new(
            Axis::new("Rise of the loss", "").showing(Range::Fixed(-0.2 * rise, 4.0 * rise)),
            series,
        )],
        shape: Shape::Free,
    })
}

fn combinations(c: &Calibration) -> String {
    let rows = c.known.combinations.iter().enumerate().map(|(i, k)| {
        cells([
            &format!("{}", i + 1),
            &short(k.singular_value),
            k.standing.word(),
            &combination(&k.parts, &c.parameters),
        ])
    });
    let headings = [
        "",
        "Singular value",
        "",
        "Combination (parts above a quarter)",
    ];
    table(&headings, &rows.collect::<Vec<_>>())
}

/// Intervals read from the profiles.
fn intervals(c: &Calibration) -> String {
    if c.profiles.is_empty() {
        return String::new();
    }
    let rows = c.profiles.iter().map(|profile| {
        let parameter = &c.parameters[profile.parameter];
        let note = match profile.better {
            Some(lower) => format!("a lower loss was met: {}", loss(lower)),
            None => String::new(),
        };
        cells([&parameter.name, &parameter.value, &reach(profile), &note])
    });
    let headings = ["Profile", "Fitted", "95 %", ""];
    table(&headings, &rows.collect::<Vec<_>>())
}

/// Correlations of the errors, the strong ones in colour.
fn correlations(c: &Calibration) -> String {
    let count = c.parameters.len();
    let numbers: Vec<String> = (1..=count).map(|i| i.to_string()).collect();
    let mut headings = vec!["", "Correlations"];
    headings.extend(numbers.iter().map(String::as_str));
    let rows: Vec<Vec<String>> = (0..count)
        .map(|i| {
            let mut row = vec![numbers[i].clone(), html::escape(&c.parameters[i].name)];
            row.extend((0..count).map(|j| {
                let value = c.known.correlations[i][j];
                if i == j || value.abs() < SHOWN {
                    return String::new();
                }
                let (r, g, b) = if value > 0.0 {
                    (0, 114, 178)
                } else {
                    (213, 94, 0)
                };
                let strength = 0.6 * value.abs();
                format!(
                    "<span style=\"background:rgba({r},{g},{b},{strength:.2})\">{value:.1}</span>"
                )
            }));
            row
        })
        .collect();
    table(&headings, &rows)
}

fn changes(c: &Calibration) -> String {
    let rows = c.changes.iter().map(|change| {
        cells([
            &change.file.display().to_string(),
            &change.key,
            change.old.as_deref().unwrap_or("–"),
            &change.new,
        ])
    });
    table(&["File", "Key", "Old", "New"], &rows.collect::<Vec<_>>())
}

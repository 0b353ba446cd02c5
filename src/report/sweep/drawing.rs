//! The figures of a sweep that are no curves: maps, parallel coordinates, indices.

use super::short;
use super::view::{Outcome, Variable, View, extremes};
use crate::report::ReportError;
use crate::report::figure::{Axis, Figure, Line, Marker, Panel, Scale, Series, Shape};
use crate::report::palette::{Colour, GREY, okabe_ito, sequential};
use crate::report::svg::canvas::{Anchor, Canvas, INK, text_width};
use crate::report::svg::in_points;
use crate::report::ticks::ticks;
use crate::sweep::sensitivity::Sensitivity;

/// Width of a figure in one column and over both, points.
const WIDTH: f64 = 480.0;
const WIDE: f64 = 1000.0;
/// Sizes of letters, points.
const SMALL: f64 = 12.0;
const LABEL: f64 = 13.0;
/// Most lines of parallel coordinates: more are a grey area.
const MOST_LINES: usize = 1000;
/// How far a field reaches over the next, points.
const SEAM: f64 = 0.6;
/// Most axes of parallel coordinates.
const MOST_AXES: usize = 9;

/// A result over one parameter.
pub fn course(x: &Variable, y: &Outcome) -> Figure {
    let points = x.values.iter().copied().zip(y.values.iter().copied());
    let mut points: Vec<(f64, f64)> = points.filter(|(_, y)| y.is_finite()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let series = Series::line("", okabe_ito::BLUE, points)
        .with_marker(Marker::Disc)
        .with_line(Line::None);
    let (low, high) = extremes(&x.values);
    let mut axis = Axis::new(&x.heading, "");
    if low > 0.0 && high / low > 20.0 {
        axis = axis.logarithmic();
    }
    Figure {
        name: "course",
        title: y.name.clone(),
        caption: String::new(),
        legend: "",
        x: axis,
        panels: vec![Panel::new(Axis::new(&y.heading, ""), vec![series])],
        shape: Shape::Free,
    }
}

/// Mean of a result in each cell of two parameters; NaN where there is no run.
pub fn means(x: &Variable, y: &Variable, result: &Outcome) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![(0.0, 0.0); x.labels.len()]; y.labels.len()];
    for ((&i, &j), &value) in x.cells.iter().zip(&y.cells).zip(&result.values) {
        if value.is_finite() {
            let sum = &mut sums[j][i];
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    let mean = |(sum, count): (f64, f64)| if count > 0.0 { sum / count } else { f64::NAN };
    sums.into_iter()
        .map(|row| row.into_iter().map(mean).collect())
        .collect()
}

/// A result over two parameters, as colours.
pub fn map(x: &Variable, y: &Variable, result: &Outcome) -> Result<String, ReportError> {
    let means = means(x, y, result);
    let (low, high) = extremes(&means.concat());
    let widest = |labels: &[String]| {
        labels
            .iter()
            .map(|l| text_width(l, SMALL))
            .fold(0.0, f64::max)
    };
    let (left, top) = (LABEL + 22.0 + widest(&y.labels), 14.0);
    let scale = ticks(Scale::Linear, (low, high), 5).major;
    let scale_width = scale
        .iter()
        .map(|(_, l)| text_width(l, SMALL))
        .fold(0.0, f64::max);
    let right = WIDTH - scale_width - LABEL - 46.0;
    let bottom = top + 290.0;
    let height = bottom + 46.0;
    let mut text = String::new();
    let canvas = Canvas::new(&mut text, WIDTH, height)?;
    let (columns, rows) = (x.labels.len() as f64, y.labels.len() as f64);
    let (dx, dy) = ((right - left) / columns, (bottom - top) / rows);
    for (j, row) in means.iter().enumerate() {
        for (i, mean) in row.iter().enumerate().filter(|(_, mean)| mean.is_finite()) {
            let (l, b) = (left + i as f64 * dx, bottom - j as f64 * dy);
            let colour = sequential((mean - low) / (high - low));
            // A little over the next fields, or the paper shows between them.
            let over = (right.min(l + dx + SEAM), top.max(b - dy - SEAM));
            rectangle(&canvas, (l, over.1), (over.0, b), colour)?;
        }
    }
    outline(&canvas, (left, top), (right, bottom))?;
    let every = |labels: &[String], space: f64, wide: bool| {
        let size = if wide {
            widest(labels) + 6.0
        } else {
            SMALL + 3.0
        };
        (size / space).ceil().max(1.0) as usize
    };
    let step = every(&x.labels, dx, true);
    for (i, label) in x.labels.iter().enumerate().step_by(step) {
        canvas.text(
            label,
            (left + (i as f64 + 0.5) * dx, bottom + 6.0),
            Anchor::Top,
            SMALL,
        )?;
    }
    let step = every(&y.labels, dy, false);
    for (j, label) in y.labels.iter().enumerate().step_by(step) {
        canvas.text(
            label,
            (left - 6.0, bottom - (j as f64 + 0.5) * dy),
            Anchor::Right,
            SMALL,
        )?;
    }
    canvas.text(
        &x.heading,
        (0.5 * (left + right), bottom + 25.0),
        Anchor::Top,
        LABEL,
    )?;
    let middle = 0.5 * (top + bottom);
    canvas.text(
        &y.heading,
        (0.5 * LABEL + 4.0, middle),
        Anchor::Upwards,
        LABEL,
    )?;
    colour_bar(&canvas, (right + 14.0, top, bottom), (low, high), &scale)?;
    canvas.text(
        &result.heading,
        (WIDTH - 0.5 * LABEL - 4.0, middle),
        Anchor::Upwards,
        LABEL,
    )?;
    canvas.finish()?;
    Ok(in_points(&text, (WIDTH, height), &result.name))
}

fn colour_bar(
    canvas: &Canvas,
    (left, top, bottom): (f64, f64, f64),
    (low, high): (f64, f64),
    scale: &[(f64, String)],
) -> Result<(), ReportError> {
    const STRIPES: usize = 64;
    let right = left + 14.0;
    let at = |share: f64| bottom - share * (bottom - top);
    for i in 0..STRIPES {
        let share = |i: usize| i as f64 / STRIPES as f64;
        let colour = sequential(share(i) + 0.5 / STRIPES as f64);
        let upper = top.max(at(share(i + 1)) - SEAM);
        rectangle(canvas, (left, upper), (right, at(share(i))), colour)?;
    }
    outline(canvas, (left, top), (right, bottom))?;
    for (value, label) in scale {
        let y = at((value - low) / (high - low));
        canvas.line(&[(right, y), (right + 4.0, y)], INK, 1.0)?;
        canvas.text(label, (right + 7.0, y), Anchor::Left, SMALL)?;
    }
    Ok(())
}

fn rectangle(
    canvas: &Canvas,
    (l, t): (f64, f64),
    (r, b): (f64, f64),
    colour: Colour,
) -> Result<(), ReportError> {
    canvas.polygon(&[(l, t), (r, t), (r, b), (l, b)], colour)
}

fn outline(canvas: &Canvas, (l, t): (f64, f64), (r, b): (f64, f64)) -> Result<(), ReportError> {
    canvas.line(&[(l, t), (r, t), (r, b), (l, b), (l, t), (r, t)], INK, 1.2)
}

/// An axis of parallel coordinates: heading, its ends in words, and the share of each run.
struct Upright {
    heading: String,
    ends: (String, String),
    shares: Vec<f64>,
}

impl Upright {
    fn new(heading: &str, values: &[f64], ends: Option<&[String]>) -> Self {
        let (low, high) = extremes(values);
        let width = if high > low { high - low } else { 1.0 };
        let named = |labels: &[String]| (labels[0].clone(), labels[labels.len() - 1].clone());
        Self {
            heading: heading.rsplit('.').next().unwrap_or(heading).to_owned(),
            ends: ends.map_or_else(|| (short(low), short(high)), named),
            shares: values.iter().map(|v| (v - low) / width).collect(),
        }
    }
}

/// Every run as a line over parameters and results.
pub fn parallel(view: &View) -> Result<String, ReportError> {
    let parameters = view.parameters.iter().map(|p| {
        let words = (p.words && !p.labels.is_empty()).then_some(p.labels.as_slice());
        Upright::new(&p.heading, &p.values, words)
    });
    let results = view
        .results
        .iter()
        .map(|r| Upright::new(&r.heading, &r.values, None));
    let mut axes: Vec<Upright> = parameters.collect();
    axes.truncate(MOST_AXES - 1);
    axes.extend(results);
    axes.truncate(MOST_AXES);
    let (top, bottom, margin) = (30.0, 300.0, 90.0);
    let height = bottom + 52.0;
    let mut text = String::new();
    let canvas = Canvas::new(&mut text, WIDE, height)?;
    let gap = (WIDE - 2.0 * margin) / (axes.len() as f64 - 1.0).max(1.0);
    let x = |i: usize| margin + i as f64 * gap;
    let colours = Upright::new("", &view.results[0].values, None).shares;
    let every = colours.len().div_ceil(MOST_LINES).max(1);
    for run in (0..colours.len()).step_by(every) {
        let colour = match colours[run].is_finite() {
            true => sequential(colours[run]),
            false => GREY,
        };
        let points = axes.iter().enumerate().map(|(i, a)| (x(i), a.shares[run]));
        // A run that failed ends where its results would begin.
        let points = points.take_while(|(_, share)| share.is_finite());
        let points: Vec<_> = points
            .map(|(x, s)| (x, bottom - s * (bottom - top)))
            .collect();
        canvas.line(&points, colour, 0.7)?;
    }
    for (i, axis) in axes.iter().enumerate() {
        canvas.line(&[(x(i), top), (x(i), bottom)], INK, 1.4)?;
        canvas.text(&axis.ends.1, (x(i), top - 20.0), Anchor::Top, SMALL)?;
        canvas.text(&axis.ends.0, (x(i), bottom + 6.0), Anchor::Top, SMALL)?;
        for (line, words) in wrapped(&axis.heading, gap - 8.0).iter().enumerate() {
            let y = bottom + 22.0 + 13.0 * line as f64;
            canvas.text(words, (x(i), y), Anchor::Top, SMALL - 1.0)?;
        }
    }
    canvas.finish()?;
    Ok(in_points(&text, (WIDE, height), "Parallel coordinates"))
}

/// Words in two lines where one is too narrow.
fn wrapped(words: &str, width: f64) -> Vec<String> {
    if text_width(words, SMALL - 1.0) <= width {
        return vec![words.to_owned()];
    }
    let middle = words.len() / 2;
    let breaks = words.match_indices(' ').map(|(at, _)| at);
    match breaks.min_by_key(|at| at.abs_diff(middle)) {
        Some(at) => vec![words[..at].to_owned(), words[at + 1..].to_owned()],
        None => vec![words.to_owned()],
    }
}

/// First-order and total indices with their intervals, a row for each parameter.
pub fn indices(parameters: &[Variable], found: &[Sensitivity]) -> Result<String, ReportError> {
    let widest = parameters
        .iter()
        .map(|p| text_width(&p.heading, SMALL))
        .fold(0.0, f64::max);
    let (left, right, top) = ((widest + 14.0).min(0.6 * WIDTH), WIDTH - 18.0, 10.0);
    let row = 34.0;
    let bottom = top + row * parameters.len() as f64;
    let height = bottom + 46.0;
    let mut text = String::new();
    let canvas = Canvas::new(&mut text, WIDTH, height)?;
    // A little beyond, for intervals around 0 and 1.
    let (from, to) = (-0.06, 1.06);
    let x = |share: f64| left + (share.clamp(from, to) - from) / (to - from) * (right - left);
    for (value, label) in [
        (0.0, "0"),
        (0.25, "0.25"),
        (0.5, "0.5"),
        (0.75, "0.75"),
        (1.0, "1"),
    ] {
        canvas.line(
            &[(x(value), top), (x(value), bottom)],
            Colour(225, 225, 225),
            0.8,
        )?;
        canvas.text(label, (x(value), bottom + 6.0), Anchor::Top, SMALL)?;
    }
    outline(&canvas, (left, top), (right, bottom))?;
    for (i, (parameter, found)) in parameters.iter().zip(found).enumerate() {
        let middle = top + (i as f64 + 0.5) * row;
        canvas.text(
            &parameter.heading,
            (left - 6.0, middle),
            Anchor::Right,
            SMALL,
        )?;
        let first = (
            Some(found.first),
            middle - 6.0,
            okabe_ito::BLUE,
            Marker::Disc,
        );
        let total = (
            found.total,
            middle + 6.0,
            okabe_ito::VERMILLION,
            Marker::Ring,
        );
        for (index, y, colour, marker) in [first, total] {
            let Some(index) = index else { continue };
            if let Some((low, high)) = index.interval {
                canvas.line(&[(x(low), y), (x(high), y)], colour, 1.6)?;
            }
            canvas.marker(marker, (x(index.value), y), colour)?;
        }
    }
    let heading = "Share of the variance";
    canvas.text(
        heading,
        (0.5 * (left + right), bottom + 25.0),
        Anchor::Top,
        LABEL,
    )?;
    canvas.finish()?;
    Ok(in_points(&text, (WIDTH, height), "Sobol indices"))
}

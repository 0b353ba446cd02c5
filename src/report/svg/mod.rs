//! From a [`Figure`] to SVG, drawn with plotters: full frame, inward marks, no
//! grid, the legend above the data.

pub(super) mod canvas;
mod curves;
mod frame;
mod legend;

use super::ReportError;
use super::figure::{Figure, Panel, Shape};
use super::ticks;
use canvas::{Canvas, text_width};
use frame::{Frame, LABEL, Placed, SMALL};
use legend::Legend;

/// Width of a drawing, points: with its letters of 12 and 13 points it stays
/// readable in one column of a two-column page.
const WIDTH: f64 = 480.0;
/// Height of the frame, or of all frames with the space between them.
const HEIGHT: f64 = 310.0;
/// Space right of the frame, points.
const RIGHT: f64 = 18.0;
/// Space below the last frame for numbers and heading, points.
const BOTTOM: f64 = 46.0;
/// Space between panels, points.
const BETWEEN: f64 = 12.0;
/// Space above the legend, points.
const TOP: f64 = 6.0;
/// Points per label along the horizontal and the vertical axis.
const SPACING: (f64, f64) = (70.0, 48.0);
/// Points per label along both axes when they are equal.
const EQUAL_SPACING: f64 = 75.0;

type Limits = (f64, f64);

/// Renders `figure` as an SVG document of its own.
///
/// # Errors
/// [`ReportError::Drawing`] when plotters fails.
pub fn render(figure: &Figure) -> Result<String, ReportError> {
    let frames = frames(figure);
    let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
        return Err(ReportError::Drawing(format!(
            "{} has no panel",
            figure.name
        )));
    };
    let height = last.bottom + BOTTOM;
    let mut text = String::new();
    let canvas = Canvas::new(&mut text, WIDTH, height)?;
    let legend = Legend::new(figure, first.right - first.left);
    legend.draw(&canvas, first.left, TOP)?;
    for (panel, frame) in figure.panels.iter().zip(&frames) {
        curves::draw(&canvas, frame, &figure.x, panel)?;
        frame.draw(&canvas)?;
        frame.label_y(&canvas, &panel.y.heading(), 0.5 * LABEL + 4.0)?;
    }
    last.label_x(&canvas, &figure.x.heading())?;
    canvas.finish()?;
    Ok(in_points(&text, (WIDTH, height), &figure.title))
}

/// What the axes of a figure show: the horizontal one, and one per panel.
pub(super) fn shown(figure: &Figure) -> (Limits, Vec<Limits>) {
    let (mut x, mut y) = limits(figure);
    if figure.shape == Shape::EqualAxes {
        let width = WIDTH - RIGHT - left_margin(figure, &y);
        equalise(&mut x, &mut y, width);
    }
    (x, y)
}

/// The frames of all panels with their axes placed.
fn frames(figure: &Figure) -> Vec<Frame> {
    let (mut x_limits, mut y_limits) = limits(figure);
    let left = left_margin(figure, &y_limits);
    let width = WIDTH - RIGHT - left;
    let top = TOP + Legend::new(figure, width).height() + 4.0;
    let height = match figure.shape {
        Shape::Free => {
            (HEIGHT + 90.0 * (figure.panels.len() as f64 - 1.0)) / figure.panels.len() as f64
        }
        Shape::EqualAxes => equalise(&mut x_limits, &mut y_limits, width),
    };
    let (spacing_x, spacing_y) = match figure.shape {
        Shape::Free => SPACING,
        Shape::EqualAxes => (EQUAL_SPACING, EQUAL_SPACING),
    };
    let right = WIDTH - RIGHT;
    let x = Placed::new(&figure.x, x_limits, (left, right), spacing_x);
    let place = |(index, (panel, limits)): (usize, (&Panel, &Limits))| {
        let top = top + index as f64 * (height + BETWEEN);
        let bottom = top + height;
        Frame {
            left,
            right,
            top,
            bottom,
            x: x.clone(),
            y: Placed::new(&panel.y, *limits, (bottom, top), spacing_y),
        }
    };
    figure
        .panels
        .iter()
        .zip(&y_limits)
        .enumerate()
        .map(place)
        .collect()
}

/// What the axes show: the common horizontal one, and one per panel.
fn limits(figure: &Figure) -> (Limits, Vec<Limits>) {
    let points = |panel: &'_ Panel| -> Vec<(f64, f64)> {
        let points = panel.series.iter().flat_map(|s| s.points.iter().copied());
        points
            .filter(|(x, y)| figure.x.admits(*x) && panel.y.admits(*y))
            .collect()
    };
    let all: Vec<Vec<(f64, f64)>> = figure.panels.iter().map(points).collect();
    let x = ticks::limits(&figure.x, all.iter().flatten().map(|p| p.0));
    let panels = figure.panels.iter().zip(&all);
    let y = panels.map(|(panel, points)| ticks::limits(&panel.y, points.iter().map(|p| p.1)));
    (x, y.collect())
}

/// Widens the shorter axis so that one unit is as long on both; gives the
/// height of the frame.
fn equalise(x: &mut Limits, panels: &mut [Limits], width: f64) -> f64 {
    let tallest = panels.iter().map(|y| y.1 - y.0).fold(0.0, f64::max);
    let height = (width * tallest / (x.1 - x.0)).clamp(0.55 * width, 0.9 * width);
    let unit = ((x.1 - x.0) / width).max(tallest / height);
    x.1 = x.0 + unit * width;
    for y in panels {
        y.1 = y.0 + unit * height;
    }
    height
}

/// Space for the numbers and the heading of the vertical axes.
fn left_margin(figure: &Figure, limits: &[Limits]) -> f64 {
    let panels = figure.panels.iter().zip(limits);
    let widest = panels.flat_map(|(panel, limits)| {
        let marks = Placed::new(&panel.y, *limits, (0.0, HEIGHT), SPACING.1)
            .ticks
            .major;
        marks
            .into_iter()
            .map(|(_, label)| text_width(&label, SMALL))
    });
    widest.fold(0.0, f64::max) + LABEL + 20.0
}

/// Gives the document its size in points and its name for screen readers;
/// plotters writes the fine coordinates as the size.
pub(super) fn in_points(text: &str, (width, height): (f64, f64), title: &str) -> String {
    let size = text.find(" viewBox").unwrap_or(0);
    let title = super::html::escape(title);
    format!(
        "<svg width=\"{width}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\"{}",
        &text[size..]
    )
}

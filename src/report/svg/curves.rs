//! Curves inside a frame: cut at its edges, interrupted where nothing was measured.

use super::super::ReportError;
use super::super::figure::{Axis, Line, Marker, Panel, Series};
use super::super::palette::Colour;
use super::canvas::{Anchor, Canvas, text_width};
use super::frame::{Frame, SMALL};

/// Width of a curve, points.
const WIDTH: f64 = 1.6;
/// Width of the sample of an area in the legend, points.
const AREA_SAMPLE: f64 = 8.0;
/// What parts an area from the next.
const PARTING: (Colour, f64) = (Colour(255, 255, 255), 0.8);
/// Distance of words from their point, points.
const DISTANCE: f64 = 7.0;

/// Step along a line that words must not cover, points, and most steps between two points.
const GRAIN: f64 = 3.0;
const MOST_STEPS: f64 = 500.0;

type Point = (f64, f64);

/// Draws the curves and words of a panel.
pub(super) fn draw(
    canvas: &Canvas,
    frame: &Frame,
    x: &Axis,
    panel: &Panel,
) -> Result<(), ReportError> {
    for series in &panel.series {
        let pieces = pieces(series, frame, x, &panel.y);
        for piece in &pieces {
            if series.line == Line::Area {
                area(canvas, frame, series, piece)?;
                continue;
            }
            for visible in clipped(piece, frame) {
                stroke(canvas, series, &visible)?;
            }
        }
        if series.marker != Marker::None {
            for point in pieces.iter().flatten().filter(|p| frame.holds(**p)) {
                canvas.marker(series.marker, *point, series.colour)?;
            }
        }
    }
    annotate(canvas, frame, panel)
}

/// The area between a line and zero, as far as it lies inside the frame.
fn area(
    canvas: &Canvas,
    frame: &Frame,
    series: &Series,
    line: &[Point],
) -> Result<(), ReportError> {
    let level = frame.place((0.0, 0.0)).1.clamp(frame.top, frame.bottom);
    let inside = |(x, y): &Point| {
        (
            x.clamp(frame.left, frame.right),
            y.clamp(frame.top, frame.bottom),
        )
    };
    let edge: Vec<Point> = line.iter().map(inside).collect();
    let (Some(first), Some(last)) = (edge.first(), edge.last()) else {
        return Ok(());
    };
    let mut corners = edge.clone();
    corners.extend([(last.0, level), (first.0, level)]);
    canvas.polygon(&corners, series.colour)?;
    canvas.line(&edge, PARTING.0, PARTING.1)
}

/// A line as the series wants it, also used for its entry in the legend.
pub(super) fn stroke(
    canvas: &Canvas,
    series: &Series,
    points: &[Point],
) -> Result<(), ReportError> {
    match series.line {
        Line::None => Ok(()),
        Line::Solid => canvas.line(points, series.colour, WIDTH),
        Line::Dashed => canvas.dashes(points, series.colour, WIDTH),
        Line::Area => canvas.line(points, series.colour, AREA_SAMPLE),
    }
}

/// The runs of points that can be placed.
fn pieces(series: &Series, frame: &Frame, x: &Axis, y: &Axis) -> Vec<Vec<Point>> {
    series
        .points
        .split(|(a, b)| !(x.admits(*a) && y.admits(*b)))
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.iter().map(|point| frame.place(*point)).collect())
        .collect()
}

/// The parts of a line that lie inside the frame.
fn clipped(line: &[Point], frame: &Frame) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in line.windows(2) {
        let Some((from, to)) = clip(pair[0], pair[1], frame) else {
            open = false;
            continue;
        };
        match parts.last_mut() {
            Some(part) if open => part.push(to),
            _ => parts.push(vec![from, to]),
        }
        // A segment cut at its end leaves the frame.
        open = to == pair[1];
    }
    parts
}

/// The part of a segment inside the frame (Y.-D. Liang and B. A. Barsky, 1984).
fn clip(from: Point, to: Point, frame: &Frame) -> Option<(Point, Point)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let edges = [
        (-dx, from.0 - frame.left),
        (dx, frame.right - from.0),
        (-dy, from.1 - frame.top),
        (dy, frame.bottom - from.1),
    ];
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (towards, distance) in edges {
        if towards < 0.0 {
            enter = enter.max(distance / towards);
        } else if towards > 0.0 {
            leave = leave.min(distance / towards);
        } else if distance < 0.0 {
            return None;
        }
    }
    let at = |share: f64| (from.0 + share * dx, from.1 + share * dy);
    let end = if leave < 1.0 { at(leave) } else { to };
    (enter <= leave).then(|| (at(enter), end))
}

/// Writes words beside their points, where they cover neither curves nor other
/// words; those that find no room are left out.
fn annotate(canvas: &Canvas, frame: &Frame, panel: &Panel) -> Result<(), ReportError> {
    let curves = panel.series.iter().map(|series| {
        let points: Vec<Point> = series.points.iter().map(|p| frame.place(*p)).collect();
        along(points, series.line)
    });
    let curves: Vec<Point> = curves.flatten().collect();
    let mut taken: Vec<[f64; 4]> = Vec::new();
    for annotation in &panel.annotations {
        let (x, y) = frame.place(annotation.at);
        let width = text_width(&annotation.text, SMALL);
        let sides = [(x + DISTANCE, Anchor::Left), (x - DISTANCE, Anchor::Right)];
        let places = [0.0, -0.8, 0.8, -1.5, 1.5]
            .into_iter()
            .flat_map(|rise| sides.map(|(at, anchor)| ((at, y + rise * SMALL), anchor)));
        let free = places.map(|(at, anchor)| (at, anchor, extent(at, anchor, width)));
        let mut free = free.filter(|(_, _, own)| {
            frame.holds((own[0], own[2]))
                && frame.holds((own[1], own[3]))
                && !taken.iter().any(|other| overlap(own, other))
                && !curves.iter().any(|(x, y)| overlap(own, &[*x, *x, *y, *y]))
        });
        if let Some((at, anchor, own)) = free.next() {
            canvas.text(&annotation.text, at, anchor, SMALL)?;
            taken.push(own);
        }
    }
    Ok(())
}

/// The points of a curve and, where a line joins them, points between.
fn along(points: Vec<Point>, line: Line) -> Vec<Point> {
    if line == Line::None {
        return points;
    }
    let between = |pair: &[Point]| {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        // What lies far beyond the drawing need not be fine.
        let steps = if length.is_finite() {
            (length / GRAIN).min(MOST_STEPS) as usize
        } else {
            0
        };
        let share = move |i: usize| i as f64 / (steps + 1) as f64;
        let at = move |t: f64| (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1));
        (1..=steps).map(move |i| at(share(i)))
    };
    let mut all: Vec<Point> = points.windows(2).flat_map(between).collect();
    all.extend(points);
    all
}

/// Left, right, upper and lower edge of words hung at `(x, y)`.
fn extent((x, y): Point, anchor: Anchor, width: f64) -> [f64; 4] {
    let left = if anchor == Anchor::Right {
        x - width
    } else {
        x
    };
    [left, left + width, y - 0.55 * SMALL, y + 0.55 * SMALL]
}

fn overlap(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3]
}

#[cfg(test)]
mod tests {
    use super::super::frame::Placed;
    use super::*;

    fn frame() -> Frame {
        let placed = Placed::new(&Axis::new("", ""), (0.0, 1.0), (0.0, 100.0), 20.0);
        Frame {
            left: 0.0,
            right: 100.0,
            top: 0.0,
            bottom: 100.0,
            x: placed.clone(),
            y: placed,
        }
    }

    #[test]
    fn lines_are_cut_at_the_frame() {
        let line = [
            (-50.0, 50.0),
            (50.0, 50.0),
            (50.0, 150.0),
            (80.0, 150.0),
            (80.0, 50.0),
        ];
        let parts = clipped(&line, &frame());
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], [(0.0, 50.0), (50.0, 50.0), (50.0, 100.0)]);
        assert_eq!(parts[1], [(80.0, 100.0), (80.0, 50.0)]);
        assert!(clipped(&[(120.0, -10.0), (130.0, 300.0)], &frame()).is_empty());
    }

    #[test]
    fn words_keep_away_from_lines_as_from_points() {
        let line = vec![(0.0, 0.0), (30.0, 0.0), (f64::NAN, 5.0), (1e9, 0.0)];
        let fine = along(line.clone(), Line::Solid);
        let on = |p: &&Point| p.0 > 0.0 && p.0 < 30.0 && p.1.abs() < 1e-12;
        assert_eq!(fine.iter().filter(on).count(), 10);
        assert_eq!(along(line, Line::None).len(), 4);
    }

    #[test]
    fn what_was_not_measured_interrupts_a_line() {
        let points = vec![(0.1, 0.1), (0.2, f64::NAN), (0.3, 0.3), (0.4, 0.4)];
        let series = Series::line("", super::super::super::palette::Colour(0, 0, 0), points);
        let axis = Axis::new("", "");
        let runs = pieces(&series, &frame(), &axis, &axis);
        assert_eq!(runs.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }
}

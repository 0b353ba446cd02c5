//! The legend: rows above the frame, where it can cover no data.

use super::super::ReportError;
use super::super::figure::{Figure, Line, Series};
use super::canvas::{Anchor, Canvas, text_width};
use super::curves;
use super::frame::SMALL;

/// Height of a row, points.
const ROW: f64 = 18.0;
/// Length of a line sample, points.
const SAMPLE: f64 = 16.0;
/// Space between sample and words, points.
const GAP: f64 = 4.0;
/// Space between entries, points.
const BETWEEN: f64 = 10.0;

/// An entry with the place of its left end, relative to the legend.
struct Entry<'a> {
    series: &'a Series,
    left: f64,
    row: usize,
}

/// The legend of a figure, laid out.
pub(super) struct Legend<'a> {
    title: &'a str,
    entries: Vec<Entry<'a>>,
    rows: usize,
}

impl<'a> Legend<'a> {
    /// Lays the labelled curves of all panels out in rows of `width` points.
    pub fn new(figure: &'a Figure, width: f64) -> Self {
        let title = figure.legend;
        let indent = if title.is_empty() {
            0.0
        } else {
            text_width(title, SMALL) + BETWEEN
        };
        let series = figure.panels.iter().flat_map(|panel| &panel.series);
        let (mut left, mut row, mut entries) = (indent, 0, Vec::new());
        for series in series.filter(|series| !series.label.is_empty()) {
            let length = sample(series) + GAP + text_width(&series.label, SMALL);
            if left + length > width && left > indent {
                left = indent;
                row += 1;
            }
            entries.push(Entry { series, left, row });
            left += length + BETWEEN;
        }
        let rows = if entries.is_empty() { 0 } else { row + 1 };
        Legend {
            title,
            entries,
            rows,
        }
    }

    /// Height of all rows, points.
    pub fn height(&self) -> f64 {
        self.rows as f64 * ROW
    }

    /// Draws the legend with its upper left corner at `(left, top)`.
    pub fn draw(&self, canvas: &Canvas, left: f64, top: f64) -> Result<(), ReportError> {
        if self.rows > 0 && !self.title.is_empty() {
            canvas.text(self.title, (left, top + 0.5 * ROW), Anchor::Left, SMALL)?;
        }
        for entry in &self.entries {
            let y = top + (entry.row as f64 + 0.5) * ROW;
            let (from, length) = (left + entry.left, sample(entry.series));
            curves::stroke(canvas, entry.series, &[(from, y), (from + length, y)])?;
            let middle = (from + 0.5 * length, y);
            canvas.marker(entry.series.marker, middle, entry.series.colour)?;
            let words = (from + length + GAP, y);
            canvas.text(&entry.series.label, words, Anchor::Left, SMALL)?;
        }
        Ok(())
    }
}

/// Length of the sample of a curve: a lone marker needs less than a line.
fn sample(series: &Series) -> f64 {
    if series.line == Line::None {
        0.5 * SAMPLE
    } else {
        SAMPLE
    }
}

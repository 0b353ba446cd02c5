//! The frame of a panel: from values to places, with marks and labels.

use super::super::ReportError;
use super::super::figure::{Axis, Scale};
use super::super::ticks::{self, Ticks};
use super::canvas::{Anchor, Canvas, INK};

/// Size of numbers at the marks, points.
pub(super) const SMALL: f64 = 12.0;
/// Size of axis labels, points.
pub(super) const LABEL: f64 = 13.0;
/// Length of a labelled mark, points; an unlabelled one has 0.6 of it.
const MARK: f64 = 5.0;

/// One axis placed on the drawing.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    scale: Scale,
    limits: (f64, f64),
    /// Places of the two limits, points.
    ends: (f64, f64),
    /// The marks.
    pub ticks: Ticks,
}

impl Placed {
    /// Places `axis` between `ends` with about one label every `spacing` points.
    pub fn new(axis: &Axis, limits: (f64, f64), ends: (f64, f64), spacing: f64) -> Self {
        let wanted = ((ends.1 - ends.0).abs() / spacing).round().max(2.0) as usize;
        Placed {
            scale: axis.scale,
            limits,
            ends,
            ticks: if axis.whole {
                ticks::whole(limits, wanted)
            } else {
                ticks::ticks(axis.scale, limits, wanted)
            },
        }
    }

    /// Where a value lies, points; beyond the frame for values beyond the limits.
    pub fn place(&self, value: f64) -> f64 {
        let (from, to) = self.limits;
        let share = match self.scale {
            Scale::Linear => (value - from) / (to - from),
            Scale::Logarithmic => (value / from).ln() / (to / from).ln(),
        };
        self.ends.0 + share * (self.ends.1 - self.ends.0)
    }
}

/// The frame of one panel, points.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
    /// Horizontal axis.
    pub x: Placed,
    /// Vertical axis.
    pub y: Placed,
}

impl Frame {
    /// Where a point lies.
    pub fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.place(x), self.y.place(y))
    }

    /// Whether a place is inside.
    pub fn holds(&self, (x, y): (f64, f64)) -> bool {
        let slack = 0.5;
        x >= self.left - slack
            && x <= self.right + slack
            && y >= self.top - slack
            && y <= self.bottom + slack
    }

    /// Draws the box and its marks, inward on all sides.
    pub fn draw(&self, canvas: &Canvas) -> Result<(), ReportError> {
        for (values, length) in [
            (marks(&self.x.ticks), MARK),
            (self.x.ticks.minor.clone(), 0.6 * MARK),
        ] {
            for x in values.into_iter().map(|v| self.x.place(v)) {
                canvas.line(&[(x, self.bottom), (x, self.bottom - length)], INK, 1.0)?;
                canvas.line(&[(x, self.top), (x, self.top + length)], INK, 1.0)?;
            }
        }
        for (values, length) in [
            (marks(&self.y.ticks), MARK),
            (self.y.ticks.minor.clone(), 0.6 * MARK),
        ] {
            for y in values.into_iter().map(|v| self.y.place(v)) {
                canvas.line(&[(self.left, y), (self.left + length, y)], INK, 1.0)?;
                canvas.line(&[(self.right, y), (self.right - length, y)], INK, 1.0)?;
            }
        }
        let (l, r, t, b) = (self.left, self.right, self.top, self.bottom);
        canvas.line(&[(l, t), (r, t), (r, b), (l, b), (l, t), (r, t)], INK, 1.2)
    }

    /// Numbers and heading of the vertical axis; the heading at `heading_x`.
    pub fn label_y(
        &self,
        canvas: &Canvas,
        heading: &str,
        heading_x: f64,
    ) -> Result<(), ReportError> {
        for (value, label) in &self.y.ticks.major {
            let at = (self.left - 6.0, self.y.place(*value));
            canvas.text(label, at, Anchor::Right, SMALL)?;
        }
        let middle = 0.5 * (self.top + self.bottom);
        canvas.text(heading, (heading_x, middle), Anchor::Upwards, LABEL)
    }

    /// Numbers and heading of the horizontal axis.
    pub fn label_x(&self, canvas: &Canvas, heading: &str) -> Result<(), ReportError> {
        for (value, label) in &self.x.ticks.major {
            let at = (self.x.place(*value), self.bottom + 6.0);
            canvas.text(label, at, Anchor::Top, SMALL)?;
        }
        let middle = 0.5 * (self.left + self.right);
        canvas.text(heading, (middle, self.bottom + 25.0), Anchor::Top, LABEL)
    }
}

fn marks(ticks: &Ticks) -> Vec<f64> {
    ticks.major.iter().map(|(value, _)| *value).collect()
}

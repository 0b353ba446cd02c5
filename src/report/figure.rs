//! A figure as data: what is drawn, with which labels and units, and nothing of
//! how a renderer does it.

use super::palette::Colour;

/// One figure: panels above one another over a common horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Stem of the file name, also the anchor on the page.
    pub name: &'static str,
    /// Short title, shown outside the drawing.
    pub title: String,
    /// What is to be seen and how it was obtained, shown under the drawing.
    pub caption: String,
    /// Heading of the legend, e.g. `Cycle`; empty for none.
    pub legend: &'static str,
    /// The common horizontal axis.
    pub x: Axis,
    /// Top to bottom, at least one.
    pub panels: Vec<Panel>,
    /// Shape of the drawing.
    pub shape: Shape,
}

/// Shape of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Axes fill the space they are given.
    Free,
    /// One unit is as long on the vertical as on the horizontal axis (Nyquist).
    EqualAxes,
}

/// One pair of axes with its curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The vertical axis.
    pub y: Axis,
    /// Drawn in order, later ones on top.
    pub series: Vec<Series>,
    /// Words at points of the data.
    pub annotations: Vec<Annotation>,
}

/// One axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Quantity, e.g. `Specific capacity`.
    pub label: String,
    /// Unit as printed, e.g. `mAh g⁻¹`; empty for pure numbers.
    pub unit: &'static str,
    /// Spacing.
    pub scale: Scale,
    /// What is shown.
    pub range: Range,
    /// Whether it counts, so that marks between whole numbers would mean nothing.
    pub whole: bool,
}

/// Spacing of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps.
    Linear,
    /// Equal factors; only positive values show.
    Logarithmic,
}

/// What an axis shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// All data with a margin.
    Data,
    /// All data with a margin, and zero.
    WithZero,
    /// From, to; data outside is cut off.
    Fixed(f64, f64),
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Entry in the legend; empty for none.
    pub label: String,
    /// Points (x, y); a point that is not finite interrupts the line.
    pub points: Vec<(f64, f64)>,
    /// Colour of line and markers.
    pub colour: Colour,
    /// Line through the points.
    pub line: Line,
    /// Sign on the points.
    pub marker: Marker,
    /// What else is known of each point, shown beside it on a page that answers (the
    /// frequency of an impedance); empty for nothing.
    pub hints: Vec<String>,
}

/// Line of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// No line.
    None,
    /// Drawn through.
    Solid,
    /// Broken.
    Dashed,
    /// Drawn through, with the area down to zero filled.
    Area,
}

/// Sign on the points of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// No sign.
    None,
    /// Small filled circle.
    Dot,
    /// Filled circle.
    Disc,
    /// Open circle.
    Ring,
    /// Filled square.
    Square,
    /// Filled triangle.
    Triangle,
}

/// Words at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// Point (x, y) in the units of the axes.
    pub at: (f64, f64),
    /// What is said there.
    pub text: String,
}

impl Axis {
    /// A linear axis over all data.
    pub fn new(label: &str, unit: &'static str) -> Self {
        Axis {
            label: label.to_owned(),
            unit,
            scale: Scale::Linear,
            range: Range::Data,
            whole: false,
        }
    }

    /// The same for what is counted, like cycles.
    pub fn counting(mut self) -> Self {
        self.whole = true;
        self
    }

    /// The same with equal factors.
    pub fn logarithmic(mut self) -> Self {
        self.scale = Scale::Logarithmic;
        self
    }

    /// The same, showing `range`.
    pub fn showing(mut self, range: Range) -> Self {
        self.range = range;
        self
    }

    /// The quantity over its unit, as [`over_unit`] writes it.
    pub fn heading(&self) -> String {
        over_unit(&self.label, self.unit)
    }

    /// Whether a value can be placed on this axis.
    pub fn admits(&self, value: f64) -> bool {
        value.is_finite() && (self.scale == Scale::Linear || value > 0.0)
    }
}

/// A quantity over its unit, which is the number that stands at the marks of an axis:
/// `Voltage / V`, `Capacity / (mAh g⁻¹)`; the quantity alone where there is no unit.
pub fn over_unit(quantity: &str, unit: &str) -> String {
    if unit.is_empty() {
        quantity.to_owned()
    } else if unit.contains(' ') {
        format!("{quantity} / ({unit})")
    } else {
        format!("{quantity} / {unit}")
    }
}

impl Panel {
    /// A panel without annotations.
    pub fn new(y: Axis, series: Vec<Series>) -> Self {
        Panel {
            y,
            series,
            annotations: Vec::new(),
        }
    }
}

impl Series {
    /// A solid line without markers.
    pub fn line(label: impl Into<String>, colour: Colour, points: Vec<(f64, f64)>) -> Self {
        Series {
            label: label.into(),
            points,
            colour,
            line: Line::Solid,
            marker: Marker::None,
            hints: Vec::new(),
        }
    }

    /// The same with a word on each point.
    pub fn with_hints(mut self, hints: Vec<String>) -> Self {
        self.hints = hints;
        self
    }

    /// The same with another line.
    pub fn with_line(mut self, line: Line) -> Self {
        self.line = line;
        self
    }

    /// The same with markers.
    pub fn with_marker(mut self, marker: Marker) -> Self {
        self.marker = marker;
        self
    }
}

impl Figure {
    /// Whether there is at least one point to draw.
    pub fn has_data(&self) -> bool {
        self.panels.iter().any(|panel| {
            panel.series.iter().any(|series| {
                let mut points = series.points.iter();
                points.any(|(x, y)| self.x.admits(*x) && panel.y.admits(*y))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_quantities_over_units() {
        assert_eq!(Axis::new("Voltage", "V").heading(), "Voltage / V");
        let heading = Axis::new("Capacity", "mAh g⁻¹").heading();
        assert_eq!(heading, "Capacity / (mAh g⁻¹)");
        assert_eq!(Axis::new("Cycle number", "").heading(), "Cycle number");
    }
}

//! The drawing surface: lengths in points of the figure, handed on to plotters.

use super::super::ReportError;
use super::super::figure::Marker;
use super::super::palette::Colour;
use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Plotters' SVG has whole coordinates; this many of them make one point.
const FINE: f64 = 8.0;

/// The fonts of the figures, in order of preference; all browsers have one.
const FONT: &str = "Helvetica, Arial, Liberation Sans, sans-serif";

/// Colour of frames and words.
pub(in crate::report) const INK: Colour = Colour(30, 30, 30);

/// Plotters writes font sizes divided by this.
const PLOTTERS_FONT: f64 = 1.24;

/// Where a text hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Anchor {
    /// Its left end, half height.
    Left,
    /// Its right end, half height.
    Right,
    /// Its middle, upper edge.
    Top,
    /// Its middle, half height, text turned to read upwards.
    Upwards,
}

/// A surface to draw on.
pub(in crate::report) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

impl<'a> Canvas<'a> {
    /// A white surface of `width` by `height` points that writes into `text`.
    pub fn new(text: &'a mut String, width: f64, height: f64) -> Result<Self, ReportError> {
        let backend = SVGBackend::with_string(text, (fine_size(width), fine_size(height)));
        let area = backend.into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        Ok(Canvas { area })
    }

    /// Ends the drawing.
    pub fn finish(self) -> Result<(), ReportError> {
        self.area.present().map_err(failed)
    }

    /// A line through points.
    pub fn line(
        &self,
        points: &[(f64, f64)],
        colour: Colour,
        width: f64,
    ) -> Result<(), ReportError> {
        let path = PathElement::new(fine_path(points), pen(colour, width));
        self.area.draw(&path).map_err(failed)
    }

    /// A broken line through points.
    pub fn dashes(
        &self,
        points: &[(f64, f64)],
        colour: Colour,
        width: f64,
    ) -> Result<(), ReportError> {
        let (dash, gap) = (fine_size(5.0), fine_size(3.0));
        let path = fine_path(points);
        let path = DashedPathElement::new(path, dash, gap, pen(colour, width));
        self.area.draw(&path).map_err(failed)
    }

    /// A sign at a point.
    pub fn marker(
        &self,
        marker: Marker,
        (x, y): (f64, f64),
        colour: Colour,
    ) -> Result<(), ReportError> {
        match marker {
            Marker::None => Ok(()),
            Marker::Dot => self.disc((x, y), 1.4, colour),
            Marker::Disc => self.disc((x, y), 3.0, colour),
            Marker::Ring => {
                self.disc((x, y), 3.2, colour)?;
                self.disc((x, y), 2.0, Colour(255, 255, 255))
            }
            Marker::Square => {
                let r = 2.7;
                self.polygon(
                    &[
                        (x - r, y - r),
                        (x + r, y - r),
                        (x + r, y + r),
                        (x - r, y + r),
                    ],
                    colour,
                )
            }
            Marker::Triangle => {
                let r = 3.6;
                self.polygon(
                    &[
                        (x, y - r),
                        (x + 0.9 * r, y + 0.6 * r),
                        (x - 0.9 * r, y + 0.6 * r),
                    ],
                    colour,
                )
            }
        }
    }

    fn disc(&self, centre: (f64, f64), radius: f64, colour: Colour) -> Result<(), ReportError> {
        let disc = Circle::new(fine(centre), fine_size(radius), ink(colour).filled());
        self.area.draw(&disc).map_err(failed)
    }

    /// A filled polygon.
    pub fn polygon(&self, corners: &[(f64, f64)], colour: Colour) -> Result<(), ReportError> {
        let polygon = Polygon::new(fine_path(corners), ink(colour).filled());
        self.area.draw(&polygon).map_err(failed)
    }

    /// Words of `size` points.
    pub fn text(
        &self,
        words: &str,
        at: (f64, f64),
        anchor: Anchor,
        size: f64,
    ) -> Result<(), ReportError> {
        let font = FontDesc::new(
            FontFamily::Name(FONT),
            size * FINE * PLOTTERS_FONT,
            FontStyle::Normal,
        );
        let (font, pos) = match anchor {
            Anchor::Left => (font, Pos::new(HPos::Left, VPos::Center)),
            Anchor::Right => (font, Pos::new(HPos::Right, VPos::Center)),
            Anchor::Top => (font, Pos::new(HPos::Center, VPos::Top)),
            Anchor::Upwards => (
                font.transform(FontTransform::Rotate270),
                Pos::new(HPos::Center, VPos::Center),
            ),
        };
        let ink = ink(INK);
        let style = TextStyle::from(font).color(&ink).pos(pos);
        self.area.draw_text(words, &style, fine(at)).map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> ReportError {
    ReportError::Drawing(error.to_string())
}

fn ink(colour: Colour) -> RGBColor {
    RGBColor(colour.0, colour.1, colour.2)
}

fn pen(colour: Colour, width: f64) -> ShapeStyle {
    ink(colour).stroke_width(fine_size(width))
}

fn fine_size(length: f64) -> u32 {
    (length * FINE).round() as u32
}

fn fine((x, y): (f64, f64)) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

/// Points in plotters' coordinates, without repetitions.
fn fine_path(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    let mut path: Vec<(i32, i32)> = points.iter().copied().map(fine).collect();
    path.dedup();
    path
}

/// Estimated width of words of `size` points in a Helvetica-like font.
pub(in crate::report) fn text_width(words: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' => 0.23,
        ' ' | 't' | 'f' | 'r' | '(' | ')' | '/' | '·' | '-' => 0.31,
        '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' | '⁻' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' => 0.85,
        c if c.is_uppercase() => 0.69,
        _ => 0.55,
    };
    words.chars().map(em).sum::<f64>() * size
}

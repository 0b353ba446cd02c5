//! The structure as a figure: a cut in which particles, their coating, carbon, electrolyte and
//! voids can be told apart, and beside it a piece of a surface with its film at true scale.

mod paint;
mod plane;
mod shapes;
mod surface;

use super::raster::{encoded, png_over};
use super::tables::number;
use super::{ReportError, html};
use crate::microstructure::{Axis, COATING_COLOUR, Microstructure, PHASE_COLOURS, Phase};
use crate::scenario::Scenario;
use paint::{Picture, paint};
use plane::{Film, Plane};
use std::fmt::Write as _;
use surface::{Place, ramp};

/// Name of the figure.
pub(super) const NAME: &str = "microstructure";
/// Width of the figure, points, and its pixels per point: 180 mm at 300 per inch.
const WIDTH: f64 = 1000.0;
const SCALE: f64 = 2.126;
/// Upper edge of the panels; their headings are above.
const TOP: f64 = 30.0;
/// Width and greatest height of the cut.
const CUT: [f64; 2] = [520.0, 780.0];
/// Left edge and width of the panels beside it.
const BESIDE: [f64; 2] = [572.0, 428.0];
/// Height of the piece across the surface, with another below it and alone.
const ACROSS: [f64; 2] = [210.0, 300.0];
/// Space for the heading between two panels.
const BETWEEN: f64 = 38.0;
/// Width of what is seen from above; right of it is the scale of its colours.
const ABOVE: f64 = 350.0;
/// Height of the legend.
const LEGEND: f64 = 34.0;
/// Width of the coating's rim over the width of the cut.
const RIM: f64 = 0.0042;
/// Share of a panel that its bar may take.
const BAR: f64 = 0.3;

/// A figure as files: with its pictures inside for a page, and as PNG.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rendering {
    /// Complete drawing.
    pub svg: String,
    /// The same as PNG.
    pub png: Vec<u8>,
    /// What is to be seen.
    pub caption: String,
}

/// A picture at its place (left, top, width, height), points.
struct Panel {
    place: [f64; 4],
    picture: Picture,
}

/// Renders the middle of a structure.
///
/// # Errors
/// [`ReportError::Drawing`] for a structure without voxels.
pub(super) fn render(
    structure: &Microstructure,
    scenario: &Scenario,
) -> Result<Rendering, ReportError> {
    if structure.voxels() == 0 {
        return Err(ReportError::Drawing("a structure without voxels".into()));
    }
    let plane = Plane::new(structure, Axis::Width, structure.shape[1] / 2);
    let edges = plane.edges();
    let mut sheet = Sheet::default();
    let place = sheet.cut(&plane, structure);
    let coated = structure.shells.is_some();
    if let Some(place) = &place {
        sheet.across(&plane, place, coated);
        if let (true, Some(coating)) = (coated, &scenario.coating) {
            sheet.above(&plane, structure, place, coating.patch_diameter);
        }
    }
    sheet.legend(structure, scenario);
    let caption = caption(structure, scenario, place.as_ref(), edges);
    sheet.finish(caption)
}

/// What a reader must know to read the figure.
fn caption(
    structure: &Microstructure,
    scenario: &Scenario,
    place: Option<&Place>,
    edges: [f64; 2],
) -> String {
    let mut text = format!(
        "(a) Cut through the cathode, {} µm wide, separator side up",
        number(1e6 * edges[1], 3)
    );
    let shells = structure.shells.as_ref();
    match (place, shells, &scenario.coating) {
        (Some(place), Some(shells), Some(coating)) => {
            let shell = shells.particles()[place.number];
            text += "; the coating is drawn as a rim, far too thick. ";
            text += &format!(
                "(b) The surface at the circle, true to scale: the film on this particle is {} nm thick on average and covers {} of it. (c) Its thickness from above; the line is the cut of (b), blue is bare. Morphology: {}.",
                number(1e9 * shell.thickness, 2),
                super::tables::percent(shell.coverage, 3),
                coating.morphology.word(),
            );
        }
        (Some(_), ..) => text += ". (b) The surface at the circle.",
        (None, ..) => text += ".",
    }
    text
}

/// The figure as it grows.
#[derive(Default)]
struct Sheet {
    panels: Vec<Panel>,
    /// What is drawn over the pictures.
    over: String,
    bottom: f64,
}

impl Sheet {
    /// Adds a picture with a frame and heading; returns its size in pixels before it is painted.
    fn add(
        &mut self,
        [left, top, width, height]: [f64; 4],
        heading: &str,
        painted: impl FnOnce([usize; 2]) -> Picture,
    ) {
        let pixels = |from: f64, length: f64| {
            ((from + length) * SCALE).round() as usize - (from * SCALE).round() as usize
        };
        let picture = painted([pixels(left, width), pixels(top, height)]);
        self.panels.push(Panel {
            place: [left, top, width, height],
            picture,
        });
        self.words(left, top - 9.0, "start", heading);
        let _ = writeln!(
            self.over,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"none\" stroke=\"#1e1e1e\" stroke-width=\"1.2\"/>"
        );
        self.bottom = self.bottom.max(top + height);
    }

    /// The cut, and the place on it that is looked at.
    fn cut(&mut self, plane: &Plane, structure: &Microstructure) -> Option<Place> {
        let [down, across] = plane.edges();
        let scale = (CUT[0] / across).min(CUT[1] / down);
        let (width, height) = (across * scale, down * scale);
        let rim = Film::Rim(RIM * across);
        self.add(
            [0.6, TOP, width, height],
            "(a) Cut through the cathode",
            |size| paint(size, |[i, j]| plane.colour([i * down, j * across], rim)),
        );
        self.bar([0.6, TOP, width, height], across);
        let tall = if structure.shells.is_some() {
            ACROSS[0]
        } else {
            ACROSS[1]
        };
        let place = Place::choose(plane, structure, tall / BESIDE[1])?;
        let (y, x) = (TOP + scale * place.point[0], 0.6 + scale * place.point[1]);
        let r = 7.0;
        let _ = writeln!(
            self.over,
            "<g fill=\"none\" stroke=\"#1e1e1e\" stroke-width=\"1\"><path d=\"M{x:.1} {:.1}L{left:.1} {TOP:.1}M{x:.1} {:.1}L{left:.1} {:.1}\" stroke-opacity=\"0.75\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\" stroke=\"#fff\" stroke-width=\"3.4\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\" stroke-width=\"1.4\"/></g>",
            y - r,
            y + r,
            TOP + tall,
            left = BESIDE[0],
        );
        Some(place)
    }

    /// The surface from the side.
    fn across(&mut self, plane: &Plane, place: &Place, coated: bool) {
        let height = ACROSS[usize::from(!coated)];
        let at = [BESIDE[0], TOP, BESIDE[1], height];
        let heading = if coated {
            "(b) Surface of a particle, film at true scale"
        } else {
            "(b) Surface of a particle"
        };
        self.add(at, heading, |size| place.across(plane, size));
        self.bar(at, place.width);
    }

    /// The film from above, with the scale of its colours.
    fn above(&mut self, plane: &Plane, structure: &Microstructure, place: &Place, patch: f64) {
        let top = TOP + ACROSS[0] + BETWEEN;
        let height = (self.bottom - top).clamp(160.0, 260.0);
        let at = [BESIDE[0], top, ABOVE, height];
        let width = place.view(patch);
        let mut most = 0.0;
        self.add(at, "(c) Thickness of the film, from above", |size| {
            let (picture, found) = place.above(plane, structure, width, size);
            most = found;
            picture
        });
        self.bar(at, width);
        let middle = [BESIDE[0] + 0.5 * ABOVE, top + 0.5 * height];
        let half = 0.5 * ABOVE * place.width / width;
        let _ = writeln!(
            self.over,
            "<path d=\"M{:.1} {y:.1}H{:.1}\" stroke=\"#fff\" stroke-width=\"4\"/><path d=\"M{:.1} {y:.1}H{:.1}\" stroke=\"#1e1e1e\" stroke-width=\"1.6\"/>",
            middle[0] - half - 1.0,
            middle[0] + half + 1.0,
            middle[0] - half,
            middle[0] + half,
            y = middle[1],
        );
        self.colours([BESIDE[0] + ABOVE + 14.0, top, 14.0, height], most);
    }

    /// The scale of thickness.
    fn colours(&mut self, [left, top, width, height]: [f64; 4], most: f64) {
        const STRIPES: usize = 60;
        for i in 0..STRIPES {
            let share = (i as f64 + 0.5) / STRIPES as f64;
            let [r, g, b] = ramp(share).map(|c| c.round());
            let y = top + height * (1.0 - (i as f64 + 1.0) / STRIPES as f64);
            let _ = writeln!(
                self.over,
                "<rect x=\"{left:.1}\" y=\"{y:.2}\" width=\"{width:.1}\" height=\"{:.2}\" fill=\"rgb({r},{g},{b})\"/>",
                height / STRIPES as f64 + 0.4
            );
        }
        let _ = writeln!(
            self.over,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"none\" stroke=\"#1e1e1e\" stroke-width=\"1.2\"/>"
        );
        let marks = super::ticks::ticks(super::figure::Scale::Linear, (0.0, 1e9 * most), 5);
        for (value, label) in marks.major {
            let y = top + height * (1.0 - value / (1e9 * most));
            let right = left + width;
            let _ = writeln!(
                self.over,
                "<path d=\"M{right:.1} {y:.1}h4\" stroke=\"#1e1e1e\"/>"
            );
            self.words(right + 7.0, y + 4.2, "start", &label);
        }
        self.words(left + width + 7.0, top - 9.0, "middle", "nm");
    }

    /// A bar of a round length in the lower left of a picture `across` (m) wide.
    fn bar(&mut self, [left, top, width, height]: [f64; 4], across: f64) {
        let most = BAR * across;
        let decade = 10f64.powf(most.log10().floor());
        let round = [5.0, 2.0, 1.0].map(|m| m * decade);
        let length = round.into_iter().find(|l| *l <= most).unwrap_or(decade);
        let label = if length > 0.999e-6 {
            format!("{:.0} µm", 1e6 * length)
        } else {
            format!("{:.0} nm", 1e9 * length)
        };
        let (x, y) = (left + 12.0, top + height - 14.0);
        let long = width * length / across;
        let _ = writeln!(
            self.over,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" fill=\"#fff\" fill-opacity=\"0.86\"/><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{long:.1}\" height=\"4\" fill=\"#1e1e1e\"/>",
            x - 6.0,
            y - 19.0,
            long.max(44.0) + 12.0,
            27.0,
        );
        self.words(x + 0.5 * long.max(44.0), y - 5.5, "middle", &label);
    }

    fn words(&mut self, x: f64, y: f64, anchor: &str, words: &str) {
        let _ = writeln!(
            self.over,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            html::escape(words)
        );
    }

    /// Colours and names of what is there.
    fn legend(&mut self, structure: &Microstructure, scenario: &Scenario) {
        let cathode = &scenario.cathode;
        let there = |phase: Phase| structure.phases.contains(&(phase as u8));
        let carbon = cathode
            .carbon
            .as_ref()
            .map_or("carbon", |c| c.name.as_str());
        let mut entries: Vec<(String, [u8; 3])> = Vec::new();
        let mut entry = |words: &str, phase: Phase| {
            if there(phase) {
                entries.push((words.to_owned(), PHASE_COLOURS[phase as usize]));
            }
        };
        entry(&cathode.active_material.name, Phase::ActiveMaterial);
        entry(&cathode.electrolyte.name, Phase::Electrolyte);
        entry(&format!("{carbon} (carbon)"), Phase::Carbon);
        entry("binder or excess coating", Phase::Polymer);
        entry("void", Phase::Void);
        if let (Some(_), Some(coating)) = (&structure.shells, &scenario.coating) {
            let names = coating.layers.iter().map(|l| l.material.name.as_str());
            let names = names.collect::<Vec<_>>().join(" on ");
            let words = format!("{names} (coating; in (a) not to scale)");
            entries.insert(1, (words, COATING_COLOUR));
        }
        let y = self.bottom + 24.0;
        let mut x = 0.6;
        for (words, [r, g, b]) in entries {
            let _ = writeln!(
                self.over,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"12\" height=\"12\" fill=\"rgb({r},{g},{b})\" stroke=\"#1e1e1e\" stroke-width=\"0.8\"/>",
                y - 10.5
            );
            self.words(x + 17.0, y, "start", &words);
            x += 17.0 + super::svg::canvas::text_width(&words, 13.0) + 20.0;
        }
    }

    /// The whole as drawing and as PNG.
    fn finish(self, caption: String) -> Result<Rendering, ReportError> {
        let height = self.bottom + LEGEND;
        let open = format!(
            "<svg width=\"{WIDTH}\" height=\"{height:.0}\" role=\"img\" aria-label=\"Microstructure\" viewBox=\"0 0 {WIDTH} {height:.0}\" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" font-family=\"Helvetica, Arial, Liberation Sans, sans-serif\" font-size=\"13\" fill=\"#1e1e1e\">\n"
        );
        let mut images = String::new();
        let pixels = |length: f64| (length * SCALE).round() as usize;
        let size = [pixels(WIDTH), pixels(height.round())];
        let mut sheet = vec![u8::MAX; 3 * size[0] * size[1]];
        for Panel { place, picture } in &self.panels {
            let [left, top, width, height] = place;
            let png = encoded(picture.size, &picture.pixels, false)?;
            let _ = writeln!(
                images,
                "<image x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" preserveAspectRatio=\"none\" xlink:href=\"data:image/png;base64,{}\"/>",
                html::base64(&png)
            );
            let row = 3 * picture.size[0];
            for (line, from) in picture.pixels.chunks_exact(row).enumerate() {
                let to = 3 * ((pixels(*top) + line) * size[0] + pixels(*left));
                sheet[to..to + row].copy_from_slice(from);
            }
        }
        let over = &self.over;
        Ok(Rendering {
            png: png_over(&sheet, size, &format!("{open}{over}</svg>\n"))?,
            svg: format!("{open}{images}{over}</svg>\n"),
            caption,
        })
    }
}

#[cfg(test)]
mod tests;

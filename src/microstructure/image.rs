//! A slice as a picture, like a polished cross-section.

use super::grid::Grid;
use super::{Microstructure, Particle, Phase};

/// Direction across which a structure is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// First axis: the slice lies parallel to the current collector.
    Thickness = 0,
    /// Second axis: the slice shows the thickness downwards.
    Width = 1,
    /// Third axis: the slice shows the thickness downwards.
    Depth = 2,
}

/// Colours by [`Phase`], from P. Tol's and Okabe and Ito's sets for colour-blind
/// readers; their lightness differs too, for print in grey.
pub const PHASE_COLOURS: [[u8; 3]; 5] = [
    [22, 24, 30],
    [86, 130, 178],
    [238, 224, 182],
    [213, 94, 0],
    [170, 68, 153],
];
/// Colour of a coating's rim, from the same sets.
pub const COATING_COLOUR: [u8; 3] = [0, 158, 115];
/// Width of the rim where a coating has its mean thickness, in voxels. Some hundred
/// times too wide: true to scale it would be invisible. It follows the thickness within
/// the factors below.
const COATING_RIM: f64 = 0.4;
/// Least and greatest width of the rim over that at the mean thickness.
const COATING_WIDTHS: [f64; 2] = [0.5, 2.0];
/// Largest relative change of lightness between grains and between particles.
const SHADE: [f64; 5] = [0.0, 0.05, 0.055, 0.0, 0.0];
/// The same between the primary grains of a particle.
const GRAIN_SHADE: f64 = 0.12;
/// Particles get a darker rim of this width, in pixels, so that contacts show.
const RIM: f64 = 1.0;

/// A slice as PNG, `scale` pixels per voxel.
///
/// Particles are drawn from their exact spheres, the rest from the voxels at
/// `index` along `axis`; indices beyond the box continue it periodically. Coatings are
/// drawn as a rim of [`COATING_COLOUR`] outside the particles, not to scale: where it is
/// missing the surface is bare, and where it is wider the film is thicker.
///
/// # Errors
/// What the encoder cannot write: a picture without pixels or too large a one.
pub fn slice_png(
    structure: &Microstructure,
    axis: Axis,
    index: usize,
    scale: usize,
) -> Result<Vec<u8>, png::EncodingError> {
    let scale = scale.max(1);
    let cut = Cut::new(structure, axis, index, scale);
    let side = structure.resolution * scale;
    let pixel = structure.voxel / scale as f64;
    let mut pixels = Vec::with_capacity(3 * side * side);
    for row in 0..side {
        for column in 0..side {
            let point = [(row as f64 + 0.5) * pixel, (column as f64 + 0.5) * pixel];
            pixels.extend(cut.colour(point, RIM * pixel));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    if structure.shells.is_some() {
        let legend = "The coating is drawn as a green rim, not to scale.";
        encoder.add_text_chunk("Description".into(), legend.into())?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// A plane through a structure.
struct Cut<'a> {
    structure: &'a Microstructure,
    grid: Grid,
    axis: usize,
    index: usize,
    /// Pixels per voxel.
    scale: usize,
    /// Width of the coating's rim at mean thickness, m.
    rim: f64,
    circles: Vec<Circle>,
}

/// A particle that the plane cuts.
struct Circle {
    number: usize,
    /// In the plane, m.
    centre: [f64; 2],
    /// Height of the plane over the particle's centre, m.
    height: f64,
    /// In the plane, m.
    radius: f64,
}

impl<'a> Cut<'a> {
    fn new(structure: &'a Microstructure, axis: Axis, index: usize, scale: usize) -> Self {
        let grid = Grid {
            resolution: structure.resolution,
            voxel: structure.voxel,
        };
        let axis = axis as usize;
        let index = index % structure.resolution.max(1);
        let level = (index as f64 + 0.5) * grid.voxel;
        let rim = COATING_RIM * grid.voxel;
        let circle = |(number, particle): (usize, &Particle)| {
            let mut plane = particle.centre;
            plane[axis] = level;
            let height = grid.shortest(particle.centre, plane)[axis];
            let [row, column] = Self::in_plane(axis);
            let centre = [particle.centre[row], particle.centre[column]];
            let square = particle.radius.powi(2) - height * height;
            (square > 0.0).then(|| Circle {
                number,
                centre,
                height,
                radius: square.sqrt(),
            })
        };
        let circles = structure
            .particles
            .iter()
            .enumerate()
            .filter_map(circle)
            .collect();
        Self {
            structure,
            grid,
            axis,
            index,
            scale,
            rim,
            circles,
        }
    }

    /// The axes that run down and across the picture.
    fn in_plane(axis: usize) -> [usize; 2] {
        match axis {
            0 => [1, 2],
            1 => [0, 2],
            _ => [0, 1],
        }
    }

    fn colour(&self, point: [f64; 2], rim: f64) -> [u8; 3] {
        let inside = self.circles.iter().find_map(|circle| {
            let square = self.apart(circle, point).iter().map(|d| d * d).sum::<f64>();
            let inside = square < circle.radius.powi(2);
            inside.then(|| (circle.number, circle.radius - square.sqrt()))
        });
        match inside {
            Some((_, depth)) if depth < rim => shaded(Phase::ActiveMaterial as usize, 0, 0.8),
            Some((number, _)) => self.oxide(number, point),
            None if self.is_coating(point) => COATING_COLOUR,
            None => {
                let voxel = self.between(point);
                let grain = self.structure.grain_ids[voxel];
                let phase = usize::from(self.structure.phases[voxel]);
                if phase == Phase::Carbon as usize && !self.is_carbon(point) {
                    return shaded(Phase::Electrolyte as usize, grain, 1.0);
                }
                shaded(phase, grain, 1.0)
            }
        }
    }

    /// The colour inside a particle: that of its primary grain, or its own.
    fn oxide(&self, number: usize, point: [f64; 2]) -> [u8; 3] {
        let at = point.map(|x| (x / self.grid.voxel).floor() as i64);
        let grains = self.structure.primary_grains.as_ref();
        let voxel = self.voxel(at[0], at[1]);
        let grain = grains.map_or(0, |grains| grains.ids[voxel]);
        if grain > 0 && self.structure.phases[voxel] == Phase::Void as u8 {
            return PHASE_COLOURS[Phase::Void as usize];
        }
        match grain {
            0 => shaded(Phase::ActiveMaterial as usize, number as u32 + 1, 1.0),
            _ => {
                let light = 1.0 + GRAIN_SHADE * (2.0 * spread(grain) - 1.0);
                shaded(Phase::ActiveMaterial as usize, number as u32 + 1, light)
            }
        }
    }

    /// The voxel in the plane at these coordinates, periodic.
    fn voxel(&self, i: i64, j: i64) -> usize {
        let n = self.structure.resolution as i64;
        let mut ijk = [self.index; 3];
        let [row, column] = Self::in_plane(self.axis);
        ijk[row] = i.rem_euclid(n) as usize;
        ijk[column] = j.rem_euclid(n) as usize;
        self.grid.index(ijk)
    }

    /// Shortest vector in the plane from a particle's centre to a point, m.
    fn apart(&self, circle: &Circle, point: [f64; 2]) -> [f64; 2] {
        let edge = self.grid.edge();
        std::array::from_fn(|a| {
            let d = point[a] - circle.centre[a];
            d - edge * (d / edge).round()
        })
    }

    /// Whether a point outside the particles lies in the rim that shows their coating.
    fn is_coating(&self, point: [f64; 2]) -> bool {
        let Some(shells) = &self.structure.shells else {
            return false;
        };
        let [row, column] = Self::in_plane(self.axis);
        self.circles.iter().any(|circle| {
            let apart = self.apart(circle, point);
            let square: f64 = apart.iter().map(|d| d * d).sum();
            let out = square.sqrt() - circle.radius;
            if out > COATING_WIDTHS[1] * self.rim {
                return false;
            }
            let mut direction = [circle.height; 3];
            (direction[row], direction[column]) = (apart[0], apart[1]);
            let mean = shells.particles().get(circle.number).map(|s| s.thickness);
            let local = shells.thickness_at(circle.number, direction);
            let relative = local / mean.unwrap_or(0.0).max(f64::MIN_POSITIVE);
            local > 0.0 && out < self.rim * relative.clamp(COATING_WIDTHS[0], COATING_WIDTHS[1])
        })
    }

    /// Whether a point in a carbon voxel shows carbon: a square in the middle of the
    /// voxel that covers the share of carbon, so that the picture shows as much of
    /// it as there is; at least the middle pixels, though.
    fn is_carbon(&self, point: [f64; 2]) -> bool {
        let half = 0.5
            * self
                .structure
                .carbon_fill
                .sqrt()
                .max(1.0 / self.scale as f64);
        point
            .iter()
            .all(|x| ((x / self.grid.voxel).rem_euclid(1.0) - 0.5).abs() <= half + 1e-9)
    }

    /// The voxel at a point between particles; where its centre lies in one, the
    /// nearest voxel in the plane whose centre does not.
    fn between(&self, point: [f64; 2]) -> usize {
        let at = point.map(|x| (x / self.grid.voxel).floor() as i64);
        let voxel = |i: i64, j: i64| self.voxel(i, j);
        let around = (0..25).map(|a| (at[0] + a / 5 - 2, at[1] + a % 5 - 2));
        around
            .filter(|&(i, j)| self.structure.particle_ids[voxel(i, j)] == 0)
            .min_by(|a, b| self.square(point, *a).total_cmp(&self.square(point, *b)))
            .map_or_else(|| voxel(at[0], at[1]), |(i, j)| voxel(i, j))
    }

    fn square(&self, point: [f64; 2], (i, j): (i64, i64)) -> f64 {
        [i, j]
            .iter()
            .zip(point)
            .map(|(&i, x)| ((i as f64 + 0.5) * self.grid.voxel - x).powi(2))
            .sum()
    }
}

/// The colour of a phase, slightly lighter or darker by label.
fn shaded(phase: usize, label: u32, factor: f64) -> [u8; 3] {
    let light = factor * (1.0 + SHADE[phase] * (2.0 * spread(label) - 1.0));
    PHASE_COLOURS[phase].map(|channel| (f64::from(channel) * light).clamp(0.0, 255.0) as u8)
}

/// Consecutive labels spread evenly over 0..1, by the golden ratio.
fn spread(label: u32) -> f64 {
    (f64::from(label) * 0.618_033_988_749_895).fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::generator::tests::small;

    fn decode(bytes: &[u8]) -> (u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.width, info.height);
        (info.width, pixels)
    }

    #[test]
    fn a_slice_shows_as_much_of_each_phase_as_it_holds() {
        let structure = small().build(&mut |_| ()).unwrap();
        let n = structure.resolution;
        for axis in [Axis::Thickness, Axis::Width, Axis::Depth] {
            let (side, pixels) = decode(&slice_png(&structure, axis, 5, 4).unwrap());
            assert_eq!(side as usize, 4 * n);
            // Pores have one colour; count them in the picture and in the voxels.
            let black = |rgb: &&[u8]| rgb.iter().zip(PHASE_COLOURS[0]).all(|(&a, b)| a == b);
            let seen = pixels.chunks(3).filter(black).count() as f64 / f64::from(side * side);
            let grid = Grid {
                resolution: n,
                voxel: structure.voxel,
            };
            let pores = (0..grid.count())
                .filter(|&i| grid.coordinates(i)[axis as usize] == 5 && structure.phases[i] == 0)
                .count();
            let held = pores as f64 / (n * n) as f64;
            assert!(
                held > 0.02 && (seen - held).abs() < 0.25 * held,
                "{seen} {held}"
            );
        }
    }

    #[test]
    fn the_rim_covers_as_much_as_the_coating() {
        let share = |coverage: f64| {
            let mut blueprint = small();
            blueprint.recipe.fractions = [0.0, 0.41, 0.59, 0.0, 0.0];
            blueprint.film = Some(crate::microstructure::shells::tests::plan(coverage));
            let structure = blueprint.build(&mut |_| ()).unwrap();
            let (_, pixels) = decode(&slice_png(&structure, Axis::Width, 5, 8).unwrap());
            let coating = |rgb: &&[u8]| rgb.iter().zip(COATING_COLOUR).all(|(&a, b)| a == b);
            pixels.chunks(3).filter(coating).count() as f64
        };
        let [bare, half, full] = [0.0, 0.5, 1.0].map(share);
        assert!(bare == 0.0 && full > 1000.0, "{bare} {full}");
        assert!((half / full - 0.5).abs() < 0.1, "{half} of {full}");
    }

    #[test]
    fn a_structure_without_voxels_is_an_error_not_a_panic() {
        let mut structure = small().build(&mut |_| ()).unwrap();
        structure.resolution = 0;
        assert!(slice_png(&structure, Axis::Width, 3, 2).is_err());
    }
}

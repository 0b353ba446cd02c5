//! A slice as a picture, like a polished cross-section.

use super::{Microstructure, Origin, Particle, Phase};

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

/// A slice as PNG, `scale` pixels per shortest edge of a voxel; lengths are true
/// to scale where voxels are not cubes.
///
/// Particles are drawn from their exact spheres where these are known, the rest
/// from the voxels at `index` along `axis`; indices beyond the box start again.
/// Coatings are drawn as a rim of [`COATING_COLOUR`] outside the particles, not to
/// scale: where it is missing the surface is bare, and where it is wider the film is
/// thicker.
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
    let [height, width] = cut.size();
    let pixel = cut.pixel;
    let mut pixels = Vec::with_capacity(3 * height * width);
    for row in 0..height {
        for column in 0..width {
            let point = [(row as f64 + 0.5) * pixel, (column as f64 + 0.5) * pixel];
            pixels.extend(cut.colour(point, RIM * pixel));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
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
    axis: usize,
    index: usize,
    /// Edge of a pixel, m.
    pixel: f64,
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
        let axis = axis as usize;
        let index = index % structure.shape[axis].max(1);
        let level = (index as f64 + 0.5) * structure.spacing[axis];
        let [row, column] = Self::in_plane(axis);
        let finest = structure.spacing[row].min(structure.spacing[column]);
        let circle = |(number, particle): (usize, &Particle)| {
            let mut plane = particle.centre;
            plane[axis] = level;
            let height = structure.shortest(particle.centre, plane)[axis];
            let centre = [particle.centre[row], particle.centre[column]];
            let square = particle.radius.powi(2) - height * height;
            (square > 0.0).then(|| Circle {
                number,
                centre,
                height,
                radius: square.sqrt(),
            })
        };
        let circles = match structure.origin {
            Origin::Generated => structure
                .particles
                .iter()
                .enumerate()
                .filter_map(circle)
                .collect(),
            Origin::Image => Vec::new(),
        };
        Self {
            structure,
            axis,
            index,
            pixel: finest / scale as f64,
            rim: COATING_RIM * finest,
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

    /// Pixels down and across.
    fn size(&self) -> [usize; 2] {
        let edges = self.structure.edges();
        Self::in_plane(self.axis).map(|axis| (edges[axis] / self.pixel).round() as usize)
    }

    fn colour(&self, point: [f64; 2], rim: f64) -> [u8; 3] {
        let inside = self.circles.iter().find_map(|circle| {
            let apart = self.in_space(circle.centre, point);
            let square: f64 = apart.iter().map(|d| d * d).sum();
            let inside = square < circle.radius.powi(2);
            inside.then(|| (circle.number, circle.radius - square.sqrt()))
        });
        match inside {
            Some((_, depth)) if depth < rim => shaded(Phase::ActiveMaterial as usize, 0, 0.8),
            Some((number, _)) => self.oxide(number, point),
            None if self.is_coating(point) => COATING_COLOUR,
            None => {
                let voxel = self.between(point);
                let phase = usize::from(self.structure.phases[voxel]);
                if phase == Phase::ActiveMaterial as usize {
                    return shaded(phase, self.structure.particle_ids[voxel], 1.0);
                }
                let grain = self.structure.grain_ids[voxel];
                if phase == Phase::Carbon as usize && !self.is_carbon(point) {
                    return shaded(Phase::Electrolyte as usize, grain, 1.0);
                }
                shaded(phase, grain, 1.0)
            }
        }
    }

    /// Vector from one point of the plane to another, around the block if it is periodic, m.
    fn in_space(&self, from: [f64; 2], to: [f64; 2]) -> [f64; 2] {
        let axes = Self::in_plane(self.axis);
        let lift = |point: [f64; 2]| {
            let mut space = [0.0; 3];
            (space[axes[0]], space[axes[1]]) = (point[0], point[1]);
            space
        };
        let vector = self.structure.shortest(lift(from), lift(to));
        axes.map(|axis| vector[axis])
    }

    /// The colour inside a particle: that of its primary grain, or its own.
    fn oxide(&self, number: usize, point: [f64; 2]) -> [u8; 3] {
        let grains = self.structure.primary_grains.as_ref();
        let voxel = self.voxel_at(self.cell(point)).unwrap_or_default();
        let grain = grains.map_or(0, |grains| grains.ids[voxel]);
        if grain > 0 && self.structure.phases[voxel] == Phase::Void as u8 {
            return PHASE_COLOURS[Phase::Void as usize];
        }
        let light = match grain {
            0 => 1.0,
            _ => 1.0 + GRAIN_SHADE * (2.0 * spread(grain) - 1.0),
        };
        shaded(Phase::ActiveMaterial as usize, number as u32 + 1, light)
    }

    /// The cell of the plane around a point.
    fn cell(&self, point: [f64; 2]) -> [i64; 2] {
        let edges = self.voxel();
        std::array::from_fn(|a| (point[a] / edges[a]).floor() as i64)
    }

    /// The voxel of a cell of the plane; none beyond a block that ends.
    fn voxel_at(&self, [i, j]: [i64; 2]) -> Option<usize> {
        let [row, column] = Self::in_plane(self.axis);
        let mut ijk = [self.index as i64; 3];
        (ijk[row], ijk[column]) = (i, j);
        self.structure.index_around(ijk)
    }

    /// Whether a point outside the particles lies in the rim that shows their coating.
    fn is_coating(&self, point: [f64; 2]) -> bool {
        let Some(shells) = &self.structure.shells else {
            return false;
        };
        let [row, column] = Self::in_plane(self.axis);
        self.circles.iter().any(|circle| {
            let apart = self.in_space(circle.centre, point);
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

    /// Edges of a voxel down and across, m.
    fn voxel(&self) -> [f64; 2] {
        Self::in_plane(self.axis).map(|axis| self.structure.spacing[axis])
    }

    /// Whether a point in a carbon voxel shows carbon: a rectangle in the middle of
    /// the voxel that covers the share of carbon, so that the picture shows as much
    /// of it as there is; at least the middle pixels, though.
    fn is_carbon(&self, point: [f64; 2]) -> bool {
        let fill = self.structure.carbon_fill.sqrt();
        point.iter().zip(self.voxel()).all(|(x, voxel)| {
            let half = 0.5 * fill.max(self.pixel / voxel);
            ((x / voxel).rem_euclid(1.0) - 0.5).abs() <= half + 1e-9
        })
    }

    /// The voxel at a point. In a generated structure the point lies between
    /// particles: where the voxel's centre lies in one, it is the nearest voxel in
    /// the plane whose centre does not.
    fn between(&self, point: [f64; 2]) -> usize {
        let at = self.cell(point);
        let here = self.voxel_at(at).unwrap_or_default();
        if self.structure.origin == Origin::Image {
            return here;
        }
        (0..25)
            .map(|a| (at[0] + a / 5 - 2, at[1] + a % 5 - 2))
            .filter_map(|(i, j)| Some((self.square(point, [i, j]), self.voxel_at([i, j])?)))
            .filter(|&(_, voxel)| self.structure.particle_ids[voxel] == 0)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map_or(here, |(_, voxel)| voxel)
    }

    /// Square of the distance from a point to the centre of a voxel in the plane, m2.
    fn square(&self, point: [f64; 2], at: [i64; 2]) -> f64 {
        let edges = self.voxel();
        (0..2)
            .map(|a| ((at[a] as f64 + 0.5) * edges[a] - point[a]).powi(2))
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
        let n = structure.shape[0];
        for axis in [Axis::Thickness, Axis::Width, Axis::Depth] {
            let (side, pixels) = decode(&slice_png(&structure, axis, 5, 4).unwrap());
            assert_eq!(side as usize, 4 * n);
            // Pores have one colour; count them in the picture and in the voxels.
            let black = |rgb: &&[u8]| rgb.iter().zip(PHASE_COLOURS[0]).all(|(&a, b)| a == b);
            let seen = pixels.chunks(3).filter(black).count() as f64 / f64::from(side * side);
            let on_slice = |i: usize| structure.coordinates(i)[axis as usize] == 5;
            let pores = (0..structure.voxels())
                .filter(|&i| on_slice(i) && structure.phases[i] == 0)
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
        structure.shape = [0; 3];
        assert!(slice_png(&structure, Axis::Width, 3, 2).is_err());
    }

    #[test]
    fn an_image_of_flat_voxels_is_drawn_to_scale_from_its_voxels() {
        let mut structure = small().build(&mut |_| ()).unwrap();
        structure.origin = Origin::Image;
        structure.periodic = false;
        structure.shape = [20, 80, 40];
        structure.spacing = [2e-7, 1e-7, 1e-7];
        let bytes = slice_png(&structure, Axis::Depth, 3, 2).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        // 20 voxels of two lengths downwards, 80 of one across.
        assert_eq!((info.height, info.width), (80, 160));
        for (row, column) in [(0, 0), (79, 159), (33, 70), (50, 21)] {
            let voxel = structure.index([row / 4, column / 2, 3]);
            let pixel = &pixels[3 * (row * 160 + column)..][..3];
            let phase = usize::from(structure.phases[voxel]);
            let colour = PHASE_COLOURS[phase];
            // Carbon covers a part of its voxels only.
            let far = pixel.iter().zip(colour).any(|(&a, b)| a.abs_diff(b) > 16);
            assert!(phase == Phase::Carbon as usize || !far, "{row} {column}");
        }
    }
}

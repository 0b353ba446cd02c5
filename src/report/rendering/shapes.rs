//! The exact shapes that a plane cuts, spheres and fibres, found by where they are.

use crate::microstructure::{Microstructure, Particle};

/// Fields of the index along each side of the plane.
const FIELDS: usize = 48;
/// How far around a particle its film can reach, over the height of the plane.
const MARGIN: f64 = 0.02;

/// A plane across an axis of a structure.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// The axis.
    pub axis: usize,
    /// Where on it the plane lies, m.
    pub level: f64,
    /// Axes that run down and across.
    pub axes: [usize; 2],
    /// Lengths down and across, m.
    pub edges: [f64; 2],
}

/// A particle that the plane cuts, or its periodic image.
#[derive(Debug, Clone, Copy)]
pub struct Circle {
    /// Of the particle.
    pub number: usize,
    /// Of the particle in the plane, m.
    pub centre: [f64; 2],
    /// Height of the plane over the centre, m.
    pub height: f64,
    /// Of the sphere, m.
    pub radius: f64,
}

/// A short piece of a fibre.
#[derive(Debug, Clone, Copy)]
pub struct Rod {
    /// Down, across, and height of the plane over it, m.
    ends: [[f64; 3]; 2],
    radius: f64,
}

/// Circles and rods, with those of each field.
pub struct Shapes {
    frame: Frame,
    circles: Vec<Circle>,
    rods: Vec<Rod>,
    fields: Vec<(Vec<u32>, Vec<u32>)>,
}

impl Shapes {
    /// Those of a structure whose particles are spheres; none of another.
    pub fn new(frame: Frame, structure: &Microstructure, exact: bool) -> Self {
        let mut shapes = Self {
            frame,
            circles: Vec::new(),
            rods: Vec::new(),
            fields: vec![Default::default(); FIELDS * FIELDS],
        };
        if exact {
            shapes.cut_particles(structure);
            shapes.cut_fibres(structure);
        }
        shapes
    }

    /// All particles.
    pub fn circles(&self) -> &[Circle] {
        &self.circles
    }

    /// The shapes that may hold a point of the plane.
    pub fn near(
        &self,
        point: [f64; 2],
    ) -> (impl Iterator<Item = &Circle>, impl Iterator<Item = &Rod>) {
        let at = |a: usize| {
            let field = point[a] / self.frame.edges[a] * FIELDS as f64;
            (field as usize).min(FIELDS - 1)
        };
        let (circles, rods) = &self.fields[at(0) * FIELDS + at(1)];
        (
            circles.iter().map(|&c| &self.circles[c as usize]),
            rods.iter().map(|&r| &self.rods[r as usize]),
        )
    }

    fn cut_particles(&mut self, structure: &Microstructure) {
        let Frame {
            axis,
            level,
            axes,
            edges,
        } = self.frame;
        let margin = MARGIN * edges[0];
        for (number, &Particle { centre, radius }) in structure.particles.iter().enumerate() {
            for shift in images(structure) {
                let at = [0, 1, 2].map(|a| centre[a] + shift[a]);
                let height = level - at[axis];
                let centre = axes.map(|a| at[a]);
                let touched = self.fields_around(centre, radius + margin);
                if height.abs() >= radius + margin || touched.is_empty() {
                    continue;
                }
                for field in touched {
                    self.fields[field].0.push(self.circles.len() as u32);
                }
                self.circles.push(Circle {
                    number,
                    centre,
                    height,
                    radius,
                });
            }
        }
    }

    fn cut_fibres(&mut self, structure: &Microstructure) {
        let edges = structure.edges();
        let images = images(structure);
        for fibre in &structure.fibres {
            let radius = 0.5 * fibre.diameter;
            for pair in fibre.path.windows(2) {
                // The piece as it lies in the box with its beginning.
                let home = [0, 1, 2].map(|a| match structure.periodic {
                    true => (pair[0][a] / edges[a]).floor() * edges[a],
                    false => 0.0,
                });
                for shift in &images {
                    let end = |i: usize| [0, 1, 2].map(|a| pair[i][a] - home[a] + shift[a]);
                    self.cut_rod([end(0), end(1)], radius);
                }
            }
        }
    }

    fn cut_rod(&mut self, ends: [[f64; 3]; 2], radius: f64) {
        let Frame {
            axis, level, axes, ..
        } = self.frame;
        let heights = ends.map(|end| level - end[axis]);
        let crosses = heights[0] * heights[1] <= 0.0;
        if !crosses && heights.iter().all(|h| h.abs() > radius) {
            return;
        }
        let flat = ends.map(|end| axes.map(|a| end[a]));
        let middle = [0, 1].map(|a| 0.5 * (flat[0][a] + flat[1][a]));
        let long = [0, 1].map(|a| (flat[0][a] - flat[1][a]).abs());
        let touched = self.fields_around(middle, 0.5 * long[0].max(long[1]) + radius);
        if touched.is_empty() {
            return;
        }
        for field in touched {
            self.fields[field].1.push(self.rods.len() as u32);
        }
        let ends = [0, 1].map(|i| [flat[i][0], flat[i][1], heights[i]]);
        self.rods.push(Rod { ends, radius });
    }

    /// Fields of the index within `reach` of a point, none for what lies beyond the plane.
    fn fields_around(&self, centre: [f64; 2], reach: f64) -> Vec<usize> {
        let last = FIELDS as f64 - 1.0;
        let range = |a: usize| {
            let field = |x: f64| (x / self.frame.edges[a] * FIELDS as f64).floor();
            let (from, to) = (field(centre[a] - reach), field(centre[a] + reach));
            if to >= 0.0 && from <= last {
                from.max(0.0) as usize..to.min(last) as usize + 1
            } else {
                0..0
            }
        };
        let (rows, columns) = (range(0), range(1));
        rows.flat_map(|i| columns.clone().map(move |j| i * FIELDS + j))
            .collect()
    }
}

/// Shifts to the periodic images that may reach into the box, m.
fn images(structure: &Microstructure) -> Vec<[f64; 3]> {
    let edges = structure.edges();
    if !structure.periodic {
        return vec![[0.0; 3]];
    }
    let steps = |i: i32| [i / 9, i / 3 % 3, i % 3].map(|n| f64::from(n - 1));
    let shift = |step: [f64; 3]| [0, 1, 2].map(|a| step[a] * edges[a]);
    (0..27).map(|i| shift(steps(i))).collect()
}

impl Rod {
    /// Whether a point (down, across, height over the plane) lies inside.
    pub fn holds(&self, point: [f64; 3]) -> bool {
        let [from, to] = self.ends;
        let along = [0, 1, 2].map(|a| to[a] - from[a]);
        let apart = [0, 1, 2].map(|a| point[a] - from[a]);
        let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let share = (dot(apart, along) / dot(along, along).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let off = [0, 1, 2].map(|a| apart[a] - share * along[a]);
        dot(off, off) < self.radius * self.radius
    }
}

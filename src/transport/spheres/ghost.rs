//! The value of the other phase at the centre of a cut cell.
//!
//! Let `n` point out of the sphere and `xs` be the point of its surface nearest to
//! the cell's centre `c`, at the signed distance `f` (positive outside). With
//! `p` the phase whose value at `c` is unknown and `o` the other one,
//!
//! ```text
//! u_o(x)  = U + G.(x - xs) + Q(x - xs)          Q harmonic, quadratic
//! q       = s_o G.n                             what passes the surface
//! U       = u_p(c) - f q / s_p  +-  R q          + where o lies outside
//! ```
//!
//! `G` and `Q` are fitted to the cells around that hold nothing but `o`,
//! weighted by their inverse distance squared. Then `u_o(c)` is a weighted sum.
//! `G` alone made errors two to four times as large (spheres of conductivity 10 and
//! 1e6, 26 voxels per lattice constant).

use super::super::medium::Sides;
use super::super::operator::Lattice;
use super::cuts::{Content, Cuts};
use super::sharp::Side;
use nalgebra::{SMatrix, SVector};
use rayon::prelude::*;

/// Half-width of the block of cells looked at.
const REACH: i64 = 2;
/// Fewest cells for a fit of eight and of three coefficients.
const FEWEST: [usize; 2] = [12, 3];
/// Smallest pivot of the scaled normal equations: below, a fit of higher degree
/// is not determined by its points.
const PIVOT: f64 = 1e-3;
/// Largest sum of a ghost's weights. Around a resolved sphere it is at most 1.4; in
/// a gap of 1.5 voxels between two spheres of 10 some are larger, and accepting them
/// up to 3 took 78 iterations instead of 21, up to 5 did not converge.
const LARGEST_WEIGHTS: f32 = 2.0;
/// Coefficients of gradient and harmonic quadratic.
const TERMS: usize = 8;

/// The values of the other phase, as weighted sums of unknowns.
pub(super) struct Ghosts {
    /// Cell of each ghost.
    pub(super) cell: Vec<u32>,
    first: Vec<u32>,
    neighbour: Vec<u32>,
    weight: Vec<f32>,
}

impl Ghosts {
    /// Fits the other phase in the given cells; cells where that fails have none.
    pub(super) fn new(cuts: &Cuts, side: &Side, lattice: &Lattice, cells: &[u32]) -> Self {
        let fits: Vec<Option<Vec<(u32, f32)>>> = cells
            .par_iter()
            .map(|&cell| Fit::new(cuts, side, cell as usize)?.weights(cuts, side, lattice))
            .collect();
        let mut ghosts = Self::none();
        for (&cell, fit) in cells.iter().zip(fits) {
            if let Some(fit) = fit {
                ghosts.cell.push(cell);
                ghosts.neighbour.extend(fit.iter().map(|(n, _)| n));
                ghosts.weight.extend(fit.iter().map(|(_, w)| w));
                ghosts.first.push(ghosts.neighbour.len() as u32);
            }
        }
        ghosts
    }

    /// No ghosts.
    pub(super) fn none() -> Self {
        Self {
            cell: Vec::new(),
            first: vec![0],
            neighbour: Vec::new(),
            weight: Vec::new(),
        }
    }

    /// Number of ghosts.
    pub(super) fn count(&self) -> usize {
        self.cell.len()
    }

    /// What each ghost exceeds its own cell's value by.
    pub(super) fn excess<T: Copy + Into<f64> + Sync>(&self, field: &[T], out: &mut [f64]) {
        out.par_iter_mut().enumerate().for_each(|(ghost, out)| {
            let here: f64 = field[self.cell[ghost] as usize].into();
            let terms = self.first[ghost] as usize..self.first[ghost + 1] as usize;
            *out = self.neighbour[terms.clone()]
                .iter()
                .zip(&self.weight[terms])
                .map(|(&n, &w)| f64::from(w) * (field[n as usize].into() - here))
                .sum();
        });
    }
}

/// The geometry of one ghost.
struct Fit {
    cell: usize,
    /// Directions: out of the sphere, and two along its surface. Across the
    /// surface a resistance stretches the fit; other axes would mix that in.
    frame: [[f64; 3]; 3],
    /// Distance of the cell's centre to the surface, m, positive outside.
    out: f64,
    /// `U - u_p(c)` per gradient along the first direction, m.
    offset: f64,
    /// Conductivity of the other phase in this cell.
    other: f64,
    other_is_matrix: bool,
}

impl Fit {
    fn new(cuts: &Cuts, side: &Side, cell: usize) -> Option<Self> {
        let Content::Cut(sphere) = cuts.content(cell) else {
            return None;
        };
        let sphere = &cuts.spheres[sphere as usize];
        let c = cuts.centre(cell);
        let from_middle = [0, 1, 2].map(|a| c[a] - sphere.centre[a]);
        let distance = from_middle.iter().map(|x| x * x).sum::<f64>().sqrt();
        if distance < 0.5 * sphere.radius {
            return None;
        }
        let normal = from_middle.map(|x| x / distance);
        let out = distance - sphere.radius;
        let other_is_matrix = side.is_sphere(cuts, cell);
        let [own, other] = if other_is_matrix {
            [side.sphere, side.matrix(cell)]
        } else {
            [side.matrix(cell), side.sphere]
        };
        let jump = if other_is_matrix {
            side.resistance
        } else {
            -side.resistance
        };
        Some(Self {
            cell,
            frame: frame(normal),
            out,
            offset: other * (jump - out / own),
            other,
            other_is_matrix,
        })
    }

    /// Weights of the neighbours' differences to the own cell's unknown.
    fn weights(&self, cuts: &Cuts, side: &Side, lattice: &Lattice) -> Option<Vec<(u32, f32)>> {
        let h = cuts.turned.spacing.iter().product::<f64>().cbrt();
        let mut points = Vec::new();
        around(cuts, self.cell, |there, step| {
            if self.is_other(cuts, side, there) && lattice.carries(there) {
                let mut d = self.frame.map(|e| (0..3).map(|a| e[a] * step[a] / h).sum());
                d[0] += self.out / h;
                points.push((there as u32, d));
            }
        });
        let (offset, centre) = (self.offset / h, [self.out / h, 0.0, 0.0]);
        [TERMS, 3]
            .into_iter()
            .zip(FEWEST)
            .filter(|&(_, fewest)| points.len() >= fewest)
            .find_map(|(terms, _)| solve(&points, offset, centre, terms))
    }

    /// Whether a cell holds nothing but the other phase.
    fn is_other(&self, cuts: &Cuts, side: &Side, cell: usize) -> bool {
        match cuts.content(cell) {
            Content::Inside => !self.other_is_matrix,
            // Beyond a change of the matrix the field has a kink.
            Content::Matrix => {
                self.other_is_matrix && (side.matrix(cell) / self.other - 1.0).abs() < 1e-3
            }
            _ => false,
        }
    }
}

/// A right-handed frame with its first axis along `normal`.
fn frame(normal: [f64; 3]) -> [[f64; 3]; 3] {
    let n = nalgebra::Vector3::from(normal);
    let across = n.cross(&nalgebra::Vector3::ith(n.iamin(), 1.0)).normalize();
    [normal, across.into(), n.cross(&across).into()]
}

/// Gradient and harmonic quadratic terms at a point, in the frame.
fn row(d: [f64; 3], offset: f64, terms: usize) -> SVector<f64, TERMS> {
    let [x, y, z] = d;
    let mut row = SVector::from([
        x + offset,
        y,
        z,
        x * y,
        x * z,
        y * z,
        0.5 * (x * x - z * z),
        0.5 * (y * y - z * z),
    ]);
    row.rows_mut(terms, TERMS - terms).fill(0.0);
    row
}

/// Weighted least squares by the normal equations, scaled to a unit diagonal.
fn solve(
    points: &[(u32, [f64; 3])],
    offset: f64,
    centre: [f64; 3],
    terms: usize,
) -> Option<Vec<(u32, f32)>> {
    let weight = |d: &[f64; 3]| 1.0 / d.iter().map(|x| x * x).sum::<f64>().max(0.01);
    let mut normal = SMatrix::<f64, TERMS, TERMS>::zeros();
    for (_, d) in points {
        let row = row(*d, offset, terms) * weight(d);
        normal += row * row.transpose();
    }
    for unused in terms..TERMS {
        normal[(unused, unused)] = 1.0;
    }
    let scale = normal.diagonal().map(|d| 1.0 / d.sqrt());
    if scale.iter().any(|s| !s.is_finite()) {
        return None;
    }
    let scaled = SMatrix::<f64, TERMS, TERMS>::from_fn(|i, j| normal[(i, j)] * scale[i] * scale[j]);
    let factor = scaled.cholesky()?;
    if factor.l_dirty().diagonal().iter().any(|&p| p * p < PIVOT) {
        return None;
    }
    let wanted = row(centre, offset, terms).component_mul(&scale);
    let direction = factor.solve(&wanted).component_mul(&scale);
    let weights: Vec<(u32, f32)> = points
        .iter()
        .map(|(cell, d)| {
            let of_row = row(*d, offset, terms) * weight(d).powi(2);
            (*cell, direction.dot(&of_row) as f32)
        })
        .collect();
    let size: f32 = weights.iter().map(|(_, w)| w.abs()).sum();
    (size <= LARGEST_WEIGHTS).then_some(weights)
}

/// Visits the cells around one, with the vectors to them, m.
fn around(cuts: &Cuts, cell: usize, mut visit: impl FnMut(usize, [f64; 3])) {
    let shape = cuts.turned.shape.map(|n| n as i64);
    let plane = shape[1] * shape[2];
    let at = cell as i64;
    let at = [at / plane, at / shape[2] % shape[1], at % shape[2]];
    for index in 0..(2 * REACH + 1).pow(3) {
        let width = 2 * REACH + 1;
        let step = [
            index / (width * width),
            index / width % width,
            index % width,
        ]
        .map(|s| s - REACH);
        let mut there = [0; 3];
        let inside = (0..3).all(|a| {
            let to = at[a] + step[a];
            // A grid narrower than the block would meet the same cell twice.
            let wraps = a > 0 && cuts.sides == Sides::Periodic && shape[a] > 2 * REACH;
            there[a] = if wraps { to.rem_euclid(shape[a]) } else { to };
            (0..shape[a]).contains(&there[a])
        });
        if inside && step != [0; 3] {
            let neighbour = there[0] * plane + there[1] * shape[2] + there[2];
            let vector = [0, 1, 2].map(|a| step[a] as f64 * cuts.turned.spacing[a]);
            visit(neighbour as usize, vector);
        }
    }
}

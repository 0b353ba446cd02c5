//! The network of conductances between voxels: cell-centred finite volumes.
//!
//! Two voxels that share a face of area `A`, with edges `h` and conductivities
//! `s1`, `s2`, conduct `A / (h/(2 s1) + h/(2 s2) + R)` between their centres,
//! with `R` the areal resistance of an internal boundary where there is one
//! (S. V. Patankar, Numerical Heat Transfer and Fluid Flow, 1980, section 4.2-3,
//! without `R`). The electrodes sit on the two *outer faces* of the grid, half a
//! voxel from the centres of the first and last layer, so that a uniform block
//! has exactly its own conductivity. (Tools that put them at the centres of the
//! end layers solve a sample that is one voxel shorter.)

use super::percolation::{SPANNING, connection};
use super::{Axis, TransportError};
use rayon::prelude::*;
use std::ops::{Add, Mul, Sub};

/// What happens at the four sides parallel to the current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Opposite sides are joined.
    Periodic,
    /// Nothing passes.
    NoFlux,
}

/// A resistance on every face between conducting voxels of different labels.
#[derive(Debug, Clone, Copy)]
pub struct Boundaries<'a> {
    /// One label per voxel; 0 means that the voxel takes part in no boundary.
    pub labels: &'a [u32],
    /// Areal resistance, ohm m2; not negative.
    pub resistance: f64,
}

/// A block of voxels that conducts.
#[derive(Debug, Clone, Copy)]
pub struct Medium<'a> {
    /// Voxels along the three axes; index of voxel (i, j, k): `(i * n2 + j) * n3 + k`.
    pub shape: [usize; 3],
    /// Edges of a voxel, m.
    pub spacing: [f64; 3],
    /// Conductivity of each voxel, S/m; 0 where nothing conducts.
    pub conductivity: &'a [f32],
    /// Resistive internal boundaries.
    pub boundaries: Option<Boundaries<'a>>,
    /// The sides parallel to the current.
    pub sides: Sides,
}

/// Conductivities below this share of the best count as insulating: the
/// network is stored in single precision, which ends at 1e-38.
const FAINTEST: f32 = 1e-25;

/// Most voxels a solve takes: nodes of coarse networks are counted in 32 bits.
const MOST_VOXELS: usize = u32::MAX as usize - 1;

impl Medium<'_> {
    fn check(&self) -> Result<(), TransportError> {
        let voxels = self
            .shape
            .iter()
            .try_fold(1usize, |product, &n| product.checked_mul(n))
            .unwrap_or(usize::MAX);
        if voxels > MOST_VOXELS {
            return Err(TransportError::TooLarge {
                voxels,
                largest: MOST_VOXELS,
            });
        }
        let mut fields = vec![("conductivity", self.conductivity.len())];
        fields.extend(self.boundaries.map(|b| ("labels", b.labels.len())));
        for (field, found) in fields {
            if found != voxels || voxels == 0 {
                return Err(TransportError::WrongLength {
                    field,
                    found,
                    expected: voxels,
                });
            }
        }
        if !self.spacing.iter().all(|&h| h.is_finite() && h > 0.0) {
            return Err(TransportError::InvalidSpacing {
                found: self.spacing,
            });
        }
        if let Some(voxel) = self
            .conductivity
            .iter()
            .position(|&s| !(s.is_finite() && s >= 0.0))
        {
            return Err(TransportError::InvalidConductivity {
                voxel,
                value: f64::from(self.conductivity[voxel]),
            });
        }
        let resistance = self.boundaries.map_or(0.0, |b| b.resistance);
        if !(resistance.is_finite() && resistance >= 0.0) {
            return Err(TransportError::InvalidParameter {
                parameter: "the areal resistance of boundaries (ohm m2)",
                value: resistance,
                allowed: "it must be finite and not negative",
            });
        }
        Ok(())
    }
}

/// The grid turned so that the current runs along its first axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turned {
    pub(super) shape: [usize; 3],
    spacing: [f64; 3],
    stride: [usize; 3],
}

impl Turned {
    pub(super) fn new(medium: &Medium, axis: Axis) -> Self {
        let order = match axis {
            Axis::First => [0, 1, 2],
            Axis::Second => [1, 0, 2],
            Axis::Third => [2, 0, 1],
        };
        let [_, n2, n3] = medium.shape;
        let stride = [n2 * n3, n3, 1];
        Self {
            shape: order.map(|a| medium.shape[a]),
            spacing: order.map(|a| medium.spacing[a]),
            stride: order.map(|a| stride[a]),
        }
    }

    /// Index in the medium's own order of cell (i, j, k) of the turned grid.
    pub(super) fn source(&self, i: usize, j: usize, k: usize) -> usize {
        i * self.stride[0] + j * self.stride[1] + k * self.stride[2]
    }

    /// Whether the turned order is the medium's own.
    pub(super) fn is_identity(&self) -> bool {
        self.stride[2] == 1 && self.stride[1] == self.shape[2]
    }

    fn source_of(&self, cell: usize) -> usize {
        let [_, n2, n3] = self.shape;
        self.source(cell / (n2 * n3), cell / n3 % n2, cell % n3)
    }
}

/// Conductances between voxels, in units of [`Lattice::unit`]; zero on every
/// face of a voxel that does not carry current.
pub(super) struct Lattice {
    /// Cells along the current, and across.
    pub(super) shape: [usize; 3],
    /// From the low electrode to the first plane.
    pub(super) entry: Vec<f32>,
    /// From each cell to the next plane; from the last plane to the high electrode.
    pub(super) forward: Vec<f32>,
    /// From each cell to the next row of its plane.
    pub(super) sideways: Vec<f32>,
    /// From each cell to the next of its row.
    pub(super) inward: Vec<f32>,
    /// One over the sum of a cell's conductances; 0 where it has none.
    pub(super) inverse_diagonal: Vec<f32>,
    /// Effective conductivity of the block at unit conductance between the electrodes, S/m.
    pub(super) unit: f64,
    /// Share of the conducting cells that carry current.
    pub(super) spanning_share: f64,
}

/// Areal resistances of half voxels and boundaries, relative to the best conductor.
struct Faces<'a> {
    medium: &'a Medium<'a>,
    turned: Turned,
    reached: Vec<u8>,
    best: f64,
}

impl Faces<'_> {
    fn carries(&self, cell: usize) -> bool {
        self.reached[cell] == SPANNING
    }

    fn conductivity(&self, cell: usize) -> f64 {
        f64::from(self.medium.conductivity[self.turned.source_of(cell)]) / self.best
    }

    /// Weight of a face across `axis` of the turned grid against one across its first.
    fn weight(&self, axis: usize) -> f64 {
        (self.turned.spacing[0] / self.turned.spacing[axis]).powi(2)
    }

    fn between(&self, a: usize, b: usize, axis: usize) -> f32 {
        if a == b || !self.carries(a) || !self.carries(b) {
            return 0.0;
        }
        let (sa, sb) = (self.conductivity(a), self.conductivity(b));
        let mut conductance = 2.0 * sa * sb / (sa + sb);
        if let Some(boundaries) = self.medium.boundaries {
            let la = boundaries.labels[self.turned.source_of(a)];
            let lb = boundaries.labels[self.turned.source_of(b)];
            if la != lb && la != 0 && lb != 0 {
                let relative = boundaries.resistance * self.best / self.turned.spacing[axis];
                conductance /= 1.0 + conductance * relative;
            }
        }
        (conductance * self.weight(axis)) as f32
    }

    fn to_electrode(&self, cell: usize) -> f32 {
        if self.carries(cell) {
            (2.0 * self.conductivity(cell)) as f32
        } else {
            0.0
        }
    }
}

/// A row of cells with its neighbours and the conductances to them.
pub(super) struct Row<'a, T> {
    centre: &'a [T],
    /// The same row in the plane before, after; in the row before, after.
    around: [&'a [T]; 4],
    conductance: [&'a [f32]; 4],
    inward: &'a [f32],
}

impl Lattice {
    /// Builds the network, leaving out what is not connected to both
    /// electrodes; `None` when nothing is.
    pub(super) fn new(medium: &Medium, turned: Turned) -> Result<Option<Self>, TransportError> {
        medium.check()?;
        let [n1, n2, n3] = turned.shape;
        let best = medium.conductivity.iter().fold(0.0f32, |m, &s| m.max(s));
        let conducts = |voxel: usize| {
            let conductivity = medium.conductivity[voxel];
            conductivity > 0.0 && conductivity > best * FAINTEST
        };
        let reached = connection(turned.shape, medium.sides, |cell| {
            conducts(turned.source_of(cell))
        });
        let carrying = reached.iter().filter(|&&r| r == SPANNING).count();
        if carrying == 0 {
            return Ok(None);
        }
        let conducting = (0..medium.conductivity.len())
            .filter(|&v| conducts(v))
            .count();
        let best = f64::from(best);
        let faces = Faces {
            medium,
            turned,
            reached,
            best,
        };
        let plane = n2 * n3;
        let periodic = medium.sides == Sides::Periodic;
        let fill = |face: &(dyn Fn(usize, usize, usize, usize) -> f32 + Sync)| {
            let mut values = vec![0.0f32; n1 * plane];
            values
                .par_chunks_mut(plane)
                .enumerate()
                .for_each(|(i, values)| {
                    for (cell, value) in values.iter_mut().enumerate() {
                        *value = face(i, cell / n3, cell % n3, i * plane + cell);
                    }
                });
            values
        };
        let forward = fill(&|i, _, _, cell| {
            if i + 1 == n1 {
                faces.to_electrode(cell)
            } else {
                faces.between(cell, cell + plane, 0)
            }
        });
        let sideways = fill(&|_, j, _, cell| match (j + 1 == n2, periodic) {
            (false, _) => faces.between(cell, cell + n3, 1),
            (true, true) => faces.between(cell, cell - j * n3, 1),
            (true, false) => 0.0,
        });
        let inward = fill(&|_, _, k, cell| match (k + 1 == n3, periodic) {
            (false, _) => faces.between(cell, cell + 1, 2),
            (true, true) => faces.between(cell, cell - k, 2),
            (true, false) => 0.0,
        });
        let mut lattice = Self {
            shape: turned.shape,
            entry: (0..plane).map(|cell| faces.to_electrode(cell)).collect(),
            forward,
            sideways,
            inward,
            inverse_diagonal: Vec::new(),
            unit: best * n1 as f64 / plane as f64,
            spanning_share: carrying as f64 / conducting as f64,
        };
        lattice.inverse_diagonal = fill(&|_, _, _, cell| {
            let sum: f32 = lattice.conductances(cell).iter().sum();
            if sum > 0.0 { 1.0 / sum } else { 0.0 }
        });
        Ok(Some(lattice))
    }

    /// Number of cells.
    pub(super) fn cells(&self) -> usize {
        self.forward.len()
    }

    /// Cells per plane.
    pub(super) fn plane(&self) -> usize {
        self.entry.len()
    }

    /// Whether a cell carries current.
    pub(super) fn carries(&self, cell: usize) -> bool {
        self.inverse_diagonal[cell] > 0.0
    }

    /// The cells before and after along the second and third axis, wrapping.
    fn across(&self, cell: usize) -> [usize; 4] {
        let [_, n2, n3] = self.shape;
        let (j, k) = (cell / n3 % n2, cell % n3);
        [
            if j > 0 {
                cell - n3
            } else {
                cell + (n2 - 1) * n3
            },
            if j + 1 < n2 { cell + n3 } else { cell - j * n3 },
            if k > 0 { cell - 1 } else { cell + n3 - 1 },
            if k + 1 < n3 { cell + 1 } else { cell - k },
        ]
    }

    /// Conductances of a cell: before and after along the current, then across.
    fn conductances(&self, cell: usize) -> [f32; 6] {
        let [before, _, left, _] = self.across(cell);
        let back = match cell.checked_sub(self.plane()) {
            Some(previous) => self.forward[previous],
            None => self.entry[cell],
        };
        [
            back,
            self.forward[cell],
            self.sideways[before],
            self.sideways[cell],
            self.inward[left],
            self.inward[cell],
        ]
    }

    /// The cells a cell exchanges current with, and the conductances to them.
    pub(super) fn links(&self, cell: usize, mut visit: impl FnMut(usize, f32)) {
        let [back, forth, before, after, left, right] = self.conductances(cell);
        let across = self.across(cell);
        let plane = self.plane();
        if cell >= plane && back > 0.0 {
            visit(cell - plane, back);
        }
        if cell + plane < self.cells() && forth > 0.0 {
            visit(cell + plane, forth);
        }
        for (neighbour, conductance) in across.into_iter().zip([before, after, left, right]) {
            if conductance > 0.0 {
                visit(neighbour, conductance);
            }
        }
    }

    /// Conductance of a cell to the two electrodes together.
    pub(super) fn ground(&self, cell: usize) -> f32 {
        let plane = self.plane();
        let mut ground = 0.0;
        if cell < plane {
            ground += self.entry[cell];
        }
        if cell + plane >= self.cells() {
            ground += self.forward[cell];
        }
        ground
    }

    /// Row `j` of plane `i` of a field; `low` and `high` are rows of the
    /// electrodes' potentials.
    pub(super) fn row<'a, T>(
        &'a self,
        field: &'a [T],
        (i, j): (usize, usize),
        low: &'a [T],
        high: &'a [T],
    ) -> Row<'a, T> {
        let [n1, n2, n3] = self.shape;
        let at = |i: usize, j: usize| {
            let first = (i * n2 + j) * n3;
            first..first + n3
        };
        let (before, after) = (if j > 0 { j - 1 } else { n2 - 1 }, (j + 1) % n2);
        Row {
            centre: &field[at(i, j)],
            around: [
                if i > 0 { &field[at(i - 1, j)] } else { low },
                if i + 1 < n1 {
                    &field[at(i + 1, j)]
                } else {
                    high
                },
                &field[at(i, before)],
                &field[at(i, after)],
            ],
            conductance: [
                if i > 0 {
                    &self.forward[at(i - 1, j)]
                } else {
                    &self.entry[j * n3..(j + 1) * n3]
                },
                &self.forward[at(i, j)],
                &self.sideways[at(i, before)],
                &self.sideways[at(i, j)],
            ],
            inward: &self.inward[at(i, j)],
        }
    }
}

impl<T> Row<'_, T>
where
    T: Copy + From<f32> + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    /// Current leaving each cell of the row. Differences are taken before they
    /// are weighted, so that strong links do not drown weak ones.
    #[inline]
    pub(super) fn outflow(&self, out: &mut [T]) {
        let n = out.len();
        let c = &self.centre[..n];
        let [w, e, s, t] = self.around.map(|row| &row[..n]);
        let [gw, ge, gs, gt] = self.conductance.map(|row| &row[..n]);
        let g = &self.inward[..n];
        let at = |k: usize, left: usize, right: usize| {
            T::from(gw[k]) * (c[k] - w[k])
                + T::from(ge[k]) * (c[k] - e[k])
                + T::from(gs[k]) * (c[k] - s[k])
                + T::from(gt[k]) * (c[k] - t[k])
                + T::from(g[left]) * (c[k] - c[left])
                + T::from(g[k]) * (c[k] - c[right])
        };
        for k in 1..n.saturating_sub(1) {
            out[k] = at(k, k - 1, k + 1);
        }
        out[0] = at(0, n - 1, 1 % n);
        out[n - 1] = at(n - 1, n.saturating_sub(2), 0);
    }
}

impl Row<'_, f64> {
    /// Power dissipated on the faces towards the next plane, row and cell.
    pub(super) fn dissipation(&self) -> f64 {
        let n = self.centre.len();
        let [_, e, _, t] = self.around;
        let [_, ge, _, gt] = self.conductance;
        (0..n)
            .map(|k| {
                let here = self.centre[k];
                let power = |g: f32, there: f64| f64::from(g) * (here - there).powi(2);
                power(ge[k], e[k])
                    + power(gt[k], t[k])
                    + power(self.inward[k], self.centre[(k + 1) % n])
            })
            .sum()
    }

    /// Current from the plane before (or the low electrode) into the row, and
    /// the power it dissipates on the way.
    pub(super) fn entering(&self) -> (f64, f64) {
        self.conductance[0]
            .iter()
            .zip(self.around[0].iter().zip(self.centre))
            .fold((0.0, 0.0), |(current, power), (&g, (&there, &here))| {
                let flow = f64::from(g) * (there - here);
                (current + flow, power + flow * (there - here))
            })
    }

    /// Current from the row into the plane after (or the high electrode).
    pub(super) fn leaving(&self) -> f64 {
        self.conductance[1]
            .iter()
            .zip(self.around[1].iter().zip(self.centre))
            .map(|(&g, (&there, &here))| f64::from(g) * (here - there))
            .sum()
    }
}

//! What is asked about: a block of voxels that conducts, and the same block
//! turned so that the current runs along its first axis.

use super::{Axis, TransportError};
use rayon::prelude::*;

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

/// A ball in the block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sphere {
    /// Centre from the low corner of the block, m; may lie outside it.
    pub centre: [f64; 3],
    /// m.
    pub radius: f64,
}

/// Spheres that lie in the block, sharper than its voxels: faces are cut where
/// the spheres cut them. What overlapping spheres share counts once.
#[derive(Debug, Clone, Copy)]
pub struct Inclusions<'a> {
    /// All that reach into the block. Where the block is a period of something
    /// larger, that includes the images of spheres across its sides.
    pub spheres: &'a [Sphere],
    /// Conductivity of the spheres, S/m; may be 0.
    pub conductivity: f64,
    /// Areal resistance of their surface, ohm m2; not negative.
    pub resistance: f64,
}

/// A block of voxels that conducts.
#[derive(Debug, Clone, Copy)]
pub struct Medium<'a> {
    /// Voxels along the three axes; index of voxel (i, j, k): `(i * n2 + j) * n3 + k`.
    pub shape: [usize; 3],
    /// Edges of a voxel, m.
    pub spacing: [f64; 3],
    /// Conductivity of each voxel, S/m; 0 where nothing conducts. With inclusions:
    /// that of what is between them, also in voxels whose centre they cover.
    pub conductivity: &'a [f32],
    /// Resistive internal boundaries.
    pub boundaries: Option<Boundaries<'a>>,
    /// Spheres sharper than voxels.
    pub inclusions: Option<Inclusions<'a>>,
    /// Share of the face from each voxel to the next along each axis that conducts,
    /// in 1/255; all of every face when left out.
    pub open: Option<&'a [[u8; 3]]>,
    /// The sides parallel to the current.
    pub sides: Sides,
}

/// Conductivities below this share of the best count as insulating: the
/// network is stored in single precision, which ends at 1e-38.
pub(super) const FAINTEST: f32 = 1e-25;

/// Voxels looked at in one go.
const PART: usize = 1 << 14;

/// Most voxels a solve takes: nodes of coarse networks are counted in 32 bits.
const MOST_VOXELS: usize = u32::MAX as usize - 1;

impl Medium<'_> {
    /// The best conductivity, S/m.
    pub(super) fn best(&self) -> f32 {
        let best_of = |part: &[f32]| part.iter().fold(0.0f32, |m, &s| m.max(s));
        let parts = self.conductivity.par_chunks(PART).map(best_of);
        parts.reduce(|| 0.0, f32::max)
    }

    pub(super) fn check(&self) -> Result<(), TransportError> {
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
        fields.extend(self.open.map(|open| ("open", open.len())));
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
        let is_wrong = |&s: &f32| !(s.is_finite() && s >= 0.0);
        if let Some(voxel) = self.conductivity.par_iter().position_first(is_wrong) {
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
        self.inclusions.map_or(Ok(()), |i| i.check())
    }
}

impl Inclusions<'_> {
    fn check(&self) -> Result<(), TransportError> {
        for (parameter, value) in [
            ("the conductivity of the spheres (S/m)", self.conductivity),
            (
                "the areal resistance of the spheres' surface (ohm m2)",
                self.resistance,
            ),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(TransportError::InvalidParameter {
                    parameter,
                    value,
                    allowed: "it must be finite and not negative",
                });
            }
        }
        for sphere in self.spheres {
            let numbers = sphere.centre.iter().chain([&sphere.radius]);
            if !(sphere.radius > 0.0 && numbers.into_iter().all(|x| x.is_finite())) {
                return Err(TransportError::InvalidParameter {
                    parameter: "the radius of a sphere (m)",
                    value: sphere.radius,
                    allowed: "it must be positive, and its centre finite",
                });
            }
        }
        Ok(())
    }
}

/// The grid turned so that the current runs along its first axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turned {
    pub(super) shape: [usize; 3],
    pub(super) spacing: [f64; 3],
    pub(super) order: [usize; 3],
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
            order,
            stride: order.map(|a| stride[a]),
        }
    }

    /// Index in the medium's own order of cell (i, j, k) of the turned grid.
    pub(super) fn source(&self, i: usize, j: usize, k: usize) -> usize {
        i * self.stride[0] + j * self.stride[1] + k * self.stride[2]
    }

    /// A sphere in the turned axes.
    pub(super) fn sphere(&self, sphere: &Sphere) -> Sphere {
        Sphere {
            centre: self.order.map(|a| sphere.centre[a]),
            ..*sphere
        }
    }

    /// Whether the turned order is the medium's own.
    pub(super) fn is_identity(&self) -> bool {
        self.stride[2] == 1 && self.stride[1] == self.shape[2]
    }

    /// A field in the turned order, over its largest value; what is below
    /// [`FAINTEST`] becomes 0.
    pub(super) fn normalised(&self, field: &[f32], best: f32) -> Vec<f32> {
        let [n1, n2, n3] = self.shape;
        let scale = if best > 0.0 {
            1.0 / f64::from(best)
        } else {
            0.0
        };
        by_planes(n1, n2 * n3, |i, out| {
            for (j, out) in out.chunks_mut(n3).enumerate() {
                let row = &field[self.source(i, j, 0)..];
                for (value, &s) in out.iter_mut().zip(row.iter().step_by(self.stride[2])) {
                    let relative = (f64::from(s) * scale) as f32;
                    *value = if relative > FAINTEST { relative } else { 0.0 };
                }
            }
        })
    }

    pub(super) fn source_of(&self, cell: usize) -> usize {
        let [_, n2, n3] = self.shape;
        self.source(cell / (n2 * n3), cell / n3 % n2, cell % n3)
    }
}

/// Fills a field plane by plane, in parallel.
pub(super) fn by_planes(
    planes: usize,
    plane: usize,
    fill: impl Fn(usize, &mut [f32]) + Sync,
) -> Vec<f32> {
    let mut values = super::slabs::zeros(planes * plane);
    values
        .par_chunks_mut(plane)
        .enumerate()
        .for_each(|(i, values)| fill(i, values));
    values
}

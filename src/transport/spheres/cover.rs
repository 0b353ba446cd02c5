//! How much of every face of the grid lies inside spheres, exactly.
//!
//! Of overlapping spheres each covers its own side of the plane in which their
//! surfaces cut (of equal power: squared distance less squared radius). What one
//! has beyond that plane the other has too, so nothing is counted twice and
//! nothing left out, whatever the number of spheres.

use super::super::medium::{Sphere, Turned};
use super::disc::{clip, disc_in_polygon, disc_in_rectangle};
use std::ops::Range;

/// Shares of a face below this count as nothing, and those that close to 1 as all.
pub(super) const SLIVER: f64 = 1e-6;

/// Tells `visit` of every face after a cell across `axis` of the turned grid that
/// `sphere` covers in part or whole: the cell, and the share covered. `others` are the
/// spheres that overlap it.
pub(super) fn cover(
    turned: &Turned,
    (sphere, others): (&Sphere, &[Sphere]),
    axis: usize,
    visit: impl FnMut(usize, f64),
) {
    let last = turned.shape[axis];
    cover_planes(turned, (sphere, others), axis, 1..last + 1, visit);
}

/// The same for the faces of the first plane of cells at the low electrode.
pub(super) fn cover_entry(
    turned: &Turned,
    spheres: (&Sphere, &[Sphere]),
    visit: impl FnMut(usize, f64),
) {
    cover_planes(turned, spheres, 0, 0..1, visit);
}

/// Half a plane about the centre of a disc: what another sphere leaves of it.
struct Limit {
    weight: [f64; 2],
    limit: f64,
}

impl Limit {
    /// Where a sphere lies nearer in power than another, on the plane `height` above
    /// its centre along `axis`.
    fn new(sphere: &Sphere, other: &Sphere, axis: usize, height: f64) -> Self {
        let d = [0, 1, 2].map(|a| other.centre[a] - sphere.centre[a]);
        let square: f64 = d.iter().map(|d| d * d).sum();
        let limit = 0.5 * (square + sphere.radius.powi(2) - other.radius.powi(2));
        Self {
            weight: [d[(axis + 1) % 3], d[(axis + 2) % 3]],
            limit: limit - d[axis] * height,
        }
    }

    /// Whether it holds all over a rectangle.
    fn holds(&self, x: [f64; 2], y: [f64; 2]) -> bool {
        let most = |w: f64, ends: [f64; 2]| (w * ends[0]).max(w * ends[1]);
        most(self.weight[0], x) + most(self.weight[1], y) <= self.limit
    }
}

/// Area that a disc covers of a rectangle, within all limits.
fn limited(disc: f64, x: [f64; 2], y: [f64; 2], limits: &[Limit]) -> f64 {
    let mut corners = vec![[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]];
    for Limit { weight, limit } in limits {
        corners = clip(&corners, *weight, *limit);
    }
    disc_in_polygon(disc, &corners).max(0.0)
}

/// Faces at positions `planes` (in voxels) across `axis`; a face belongs to the
/// cell before it, the one at 0 to the first.
fn cover_planes(
    turned: &Turned,
    (sphere, others): (&Sphere, &[Sphere]),
    axis: usize,
    planes: Range<usize>,
    mut visit: impl FnMut(usize, f64),
) {
    let (shape, h) = (turned.shape, turned.spacing);
    let stride = [shape[1] * shape[2], shape[2], 1];
    let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
    let face = h[u] * h[v];
    let [a, b, c] = [axis, u, v].map(|d| sphere.centre[d]);
    let radius = sphere.radius;
    let first = (((a - radius) / h[axis]).ceil().max(planes.start as f64)) as usize;
    let end = (((a + radius) / h[axis]).floor() + 1.0).clamp(0.0, planes.end as f64) as usize;
    for plane in first..end {
        let height = plane as f64 * h[axis] - a;
        let square = radius * radius - height * height;
        if square <= 0.0 {
            continue;
        }
        let disc = square.sqrt();
        let limits: Vec<Limit> = others
            .iter()
            .map(|other| Limit::new(sphere, other, axis, height))
            .collect();
        let cells = |centre: f64, d: usize| {
            let from = ((centre - disc) / h[d]).floor().max(0.0) as usize;
            let to = ((centre + disc) / h[d]).ceil().clamp(0.0, shape[d] as f64) as usize;
            from..to
        };
        let before = plane.saturating_sub(1) * stride[axis];
        for i in cells(b, u) {
            let x = [i as f64 * h[u] - b, (i + 1) as f64 * h[u] - b];
            for j in cells(c, v) {
                let y = [j as f64 * h[v] - c, (j + 1) as f64 * h[v] - c];
                let farthest = x[0].abs().max(x[1].abs()).hypot(y[0].abs().max(y[1].abs()));
                let share = if limits.iter().any(|limit| !limit.holds(x, y)) {
                    (limited(disc, x, y, &limits) / face).min(1.0)
                } else if farthest <= disc {
                    1.0
                } else {
                    (disc_in_rectangle(disc, x, y) / face).min(1.0)
                };
                if share > SLIVER {
                    visit(before + i * stride[u] + j * stride[v], share);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Axis;
    use super::super::super::medium::{Medium, Sides};
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn every_plane_is_covered_by_its_disc() {
        let medium = Medium {
            shape: [9, 11, 7],
            spacing: [1.0, 0.8, 1.3],
            conductivity: &[0.0; 693],
            boundaries: None,
            inclusions: None,
            open: None,
            sides: Sides::NoFlux,
        };
        let turned = Turned::new(&medium, Axis::First);
        let sphere = Sphere {
            centre: [4.4, 4.1, 4.6],
            radius: 3.3,
        };
        for axis in 0..3 {
            let mut shares = vec![0.0; 693];
            cover(&turned, (&sphere, &[]), axis, |cell, share| {
                shares[cell] += share
            });
            let h = turned.spacing;
            let face = h.iter().product::<f64>() / h[axis];
            for plane in 0..turned.shape[axis] {
                let sum: f64 = (0..693)
                    .filter(|c| [c / 77, c / 7 % 11, c % 7][axis] == plane)
                    .map(|c| shares[c] * face)
                    .sum();
                let height = (plane + 1) as f64 * h[axis] - sphere.centre[axis];
                let disc = std::f64::consts::PI * (3.3 * 3.3 - height * height).max(0.0);
                assert_relative_eq!(sum, disc, epsilon = 1e-4);
            }
        }
    }

    /// Area of two discs at a distance less what both have, by a fine sum over strips
    /// across their line.
    fn union(a: f64, b: f64, distance: f64) -> f64 {
        let strips = 200_000;
        let (from, to) = ((-a).min(distance - b), a.max(distance + b));
        let width = (to - from) / f64::from(strips);
        let rise = |radius: f64, x: f64| (radius * radius - x * x).max(0.0).sqrt();
        (0..strips)
            .map(|i| from + (f64::from(i) + 0.5) * width)
            .map(|x| 2.0 * width * rise(a, x).max(rise(b, x - distance)))
            .sum()
    }

    #[test]
    fn overlapping_spheres_cover_what_both_have_once() {
        let medium = Medium {
            shape: [12, 12, 12],
            spacing: [1.0, 0.8, 1.1],
            conductivity: &[0.0; 1728],
            boundaries: None,
            inclusions: None,
            open: None,
            sides: Sides::NoFlux,
        };
        let turned = Turned::new(&medium, Axis::First);
        let sphere = |centre, radius| Sphere { centre, radius };
        let pair = [sphere([5.0, 4.2, 5.3], 3.1), sphere([7.1, 5.6, 7.9], 2.4)];
        for axis in 0..3 {
            let mut shares = vec![0.0; 1728];
            for (own, other) in [(0, 1), (1, 0)] {
                cover(
                    &turned,
                    (&pair[own], &pair[other..=other]),
                    axis,
                    |cell, share| shares[cell] += share,
                );
            }
            assert!(shares.iter().all(|&share| share < 1.0 + 1e-9));
            let h = turned.spacing;
            let face = h.iter().product::<f64>() / h[axis];
            for plane in 0..12 {
                let sum: f64 = (0..1728)
                    .filter(|c| [c / 144, c / 12 % 12, c % 12][axis] == plane)
                    .map(|c| shares[c] * face)
                    .sum();
                let disc = |s: &Sphere| {
                    let height = (plane + 1) as f64 * h[axis] - s.centre[axis];
                    (s.radius * s.radius - height * height).max(0.0).sqrt()
                };
                let [u, v] = [1, 2].map(|a| {
                    let a = (axis + a) % 3;
                    pair[1].centre[a] - pair[0].centre[a]
                });
                let expected = union(disc(&pair[0]), disc(&pair[1]), u.hypot(v));
                assert_relative_eq!(sum, expected, epsilon = 1e-4);
            }
        }
    }
}

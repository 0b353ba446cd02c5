//! How much of every face of the grid lies inside spheres, exactly.

use super::super::medium::{Sphere, Turned};
use super::disc::disc_in_rectangle;
use std::ops::Range;

/// Shares of a face below this count as nothing, and those that close to 1 as all.
pub(super) const SLIVER: f64 = 1e-6;

/// Tells `visit` of every face after a cell across `axis` of the turned grid that
/// `sphere` covers in part or whole: the cell, and the share covered.
pub(super) fn cover(turned: &Turned, sphere: &Sphere, axis: usize, visit: impl FnMut(usize, f64)) {
    let last = turned.shape[axis];
    cover_planes(turned, sphere, axis, 1..last + 1, visit);
}

/// The same for the faces of the first plane of cells at the low electrode.
pub(super) fn cover_entry(turned: &Turned, sphere: &Sphere, visit: impl FnMut(usize, f64)) {
    cover_planes(turned, sphere, 0, 0..1, visit);
}

/// Faces at positions `planes` (in voxels) across `axis`; a face belongs to the
/// cell before it, the one at 0 to the first.
fn cover_planes(
    turned: &Turned,
    sphere: &Sphere,
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
                let share = if farthest <= disc {
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
            cover(&turned, &sphere, axis, |cell, share| shares[cell] += share);
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
}

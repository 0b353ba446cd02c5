//! Gaps thinner than voxels: how much of every face between two voxels conducts.
//!
//! A gap of some tenths of a micrometre is as thin as a voxel or thinner. On
//! voxels alone it leaks where it passes between centres, and blocks too much
//! where it does not; which of the two prevails depends on the voxels. So ions are
//! given the faces as the gaps cut them: a face between two grains whose facet
//! gapes there is closed, and any other is open in the share of it that no gap
//! covers, found at [`POINTS`]² points. Voxels whose centre lies in a gap (pores,
//! as all else sees them) then conduct through what is left of their faces.

use super::electrolyte::Grains;
use super::grid::{Grid, Raster};
use super::openness::Gapes;
use super::{Gaps, Particle};
use rayon::prelude::*;

/// Points along each edge of a face.
const POINTS: usize = 3;
/// How far openness may rise within a voxel beyond that at its centre: faces of
/// voxels further than this below the threshold are not looked at.
const RISE: f64 = 0.5;

/// What decides on a gap.
pub(super) struct Between<'a> {
    pub grid: &'a Grid,
    pub particles: &'a [Particle],
    pub raster: &'a Raster,
    pub grains: &'a Grains,
    pub gapes: &'a Gapes,
}

impl Between<'_> {
    /// The faces as the gaps cut them. `labels` is the grain of every voxel that
    /// conducts but for the gaps, pores included; 0 elsewhere.
    pub fn gaps(&self, labels: Vec<u32>) -> Gaps {
        let n = self.grid.resolution;
        let near: Vec<bool> = (0..self.grid.count())
            .into_par_iter()
            .map(|voxel| self.is_near(voxel))
            .collect();
        let open = (0..self.grid.count())
            .into_par_iter()
            .map(|voxel| {
                let at = self.grid.coordinates(voxel);
                std::array::from_fn(|axis| {
                    let mut beside = at;
                    beside[axis] = (beside[axis] + 1) % n;
                    let next = self.grid.index(beside);
                    if near[voxel] || near[next] {
                        self.open(voxel, next, axis)
                    } else {
                        u8::MAX
                    }
                })
            })
            .collect();
        Gaps { labels, open }
    }

    /// Whether a gap may cut a face of a voxel.
    fn is_near(&self, voxel: usize) -> bool {
        if self.raster.particle_ids[voxel] > 0 {
            return false;
        }
        let (grains, raster) = (self.grains, self.raster);
        let reach = 0.5 * 3.0_f64.sqrt() * self.grid.voxel;
        let grain = grains.ids[voxel];
        let patch = self.gapes.patch(self.grid.centre(voxel));
        let cuts = |openness: f64, threshold: f64, distance: f32| {
            let excess = openness + RISE - threshold;
            excess >= 0.0 && f64::from(distance) <= Gapes::half_width(excess) + reach
        };
        let between = self.gapes.between(grain, grains.neighbours[voxel], patch);
        let surface = self.gapes.surface(grain, raster.nearest[voxel], patch);
        cuts(between, self.gapes.thresholds[0], grains.boundary[voxel])
            || cuts(surface, self.gapes.thresholds[1], raster.clearance[voxel])
    }

    /// Open share of the face between two voxels, in 1/255.
    fn open(&self, voxel: usize, next: usize, axis: usize) -> u8 {
        let ids = &self.grains.ids;
        let mut corner = self.grid.centre(voxel);
        corner[axis] += 0.5 * self.grid.voxel;
        if ids[voxel] != ids[next] && ids[voxel] > 0 && ids[next] > 0 {
            let patch = self.gapes.patch(corner);
            let openness = self.gapes.between(ids[voxel], ids[next], patch);
            if openness >= self.gapes.thresholds[0] {
                return 0;
            }
        }
        self.uncovered(voxel, next, axis)
    }

    /// Share of the face between two voxels that no gap covers, in 1/255, of what
    /// lies outside particles.
    fn uncovered(&self, voxel: usize, next: usize, axis: usize) -> u8 {
        let mut corner = self.grid.centre(voxel);
        corner[axis] += 0.5 * self.grid.voxel;
        // Openness varies smoothly, over distances far above that of a face.
        let patch = self.gapes.patch(corner);
        let across = [(axis + 1) % 3, (axis + 2) % 3];
        let step = self.grid.voxel / POINTS as f64;
        let first = -0.5 * (self.grid.voxel - step);
        let (mut outside, mut open) = (0u32, 0u32);
        for index in 0..POINTS * POINTS {
            let mut point = corner;
            point[across[0]] += first + (index / POINTS) as f64 * step;
            point[across[1]] += first + (index % POINTS) as f64 * step;
            if let Some(is_gap) = self.is_gap(point, [voxel, next], patch) {
                outside += 1;
                open += u32::from(!is_gap);
            }
        }
        match outside {
            0 => u8::MAX,
            _ => (255 * open / outside) as u8,
        }
    }

    /// Whether a point near two voxels lies in a gap; none inside particles.
    fn is_gap(&self, point: [f64; 3], voxels: [usize; 2], patch: f64) -> Option<bool> {
        let (ids, neighbours) = (&self.grains.ids, &self.grains.neighbours);
        let [a, b] = voxels;
        let near = self
            .grains
            .near(point, [ids[a], ids[b], neighbours[a], neighbours[b]]);
        let openness = self.gapes.between(near.grain, near.neighbour, patch);
        let mut is_gap = openness >= self.gapes.thresholds[0]
            && f64::from(near.boundary) <= Gapes::half_width(openness - self.gapes.thresholds[0]);
        for voxel in voxels {
            let number = self.raster.nearest[voxel];
            let Some(particle) = (number as usize)
                .checked_sub(1)
                .and_then(|p| self.particles.get(p))
            else {
                continue;
            };
            let apart = self.grid.shortest(particle.centre, point);
            let clearance = apart.iter().map(|x| x * x).sum::<f64>().sqrt() - particle.radius;
            if clearance < 0.0 {
                return None;
            }
            let openness = self.gapes.surface(near.grain, number, patch);
            let threshold = self.gapes.thresholds[1];
            is_gap |= openness >= threshold && clearance <= Gapes::half_width(openness - threshold);
        }
        Some(is_gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::electrolyte::grains;
    use crate::microstructure::{Phase, Pores, place_voids, rasterise};

    /// Electrolyte grains around a particle, pores in a fifth of the volume; `look` is
    /// given what decides on the gaps, and the phases.
    fn with_gaps<T>(resolution: usize, look: impl FnOnce(&Between, &[u8]) -> T) -> T {
        let grid = Grid {
            resolution,
            voxel: 9e-6 / resolution as f64,
        };
        let particles = [Particle {
            centre: [4.5e-6; 3],
            radius: 2.5e-6,
        }];
        let raster = rasterise(&particles, &grid, 1e-6);
        let grains = grains(&grid, &raster.particle_ids, 3e-6, 4);
        let mut phases = raster.phases();
        let pores = Pores {
            count: grid.count() / 5,
            grain_diameter: 3e-6,
            at_surfaces: None,
            beside_carbon: 0.0,
        };
        let placed = place_voids(&grid, &mut phases, &grains, &raster, &pores, 4).unwrap();
        let between = Between {
            grid: &grid,
            particles: &particles,
            raster: &raster,
            grains: &grains,
            gapes: &placed.gapes.unwrap(),
        };
        look(&between, &phases)
    }

    #[test]
    fn gaps_cover_as_much_of_the_faces_as_of_the_volume() {
        // Faces across an axis sample space evenly, on any grid.
        for resolution in [30, 60] {
            let (covered, volume) = with_gaps(resolution, |between, phases| {
                let outside = |voxel: usize| between.raster.particle_ids[voxel] == 0;
                let plane = resolution * resolution;
                let faces: Vec<usize> = (0..phases.len() - plane)
                    .filter(|&voxel| outside(voxel) && outside(voxel + plane))
                    .collect();
                let open: f64 = faces
                    .iter()
                    .map(|&voxel| f64::from(between.uncovered(voxel, voxel + plane, 0)) / 255.0)
                    .sum();
                let free = (0..phases.len()).filter(|&voxel| outside(voxel)).count();
                let pores = phases.iter().filter(|&&p| p == Phase::Void as u8).count();
                (1.0 - open / faces.len() as f64, pores as f64 / free as f64)
            });
            assert!(
                (covered - volume).abs() < 0.02,
                "{resolution}: {covered} {volume}"
            );
        }
    }

    #[test]
    fn a_gape_between_grains_is_closed_on_any_grid() {
        for resolution in [24, 48] {
            let (grains, gaps) = with_gaps(resolution, |between, _| {
                let grains = between.grains.clone();
                (grains.clone(), between.gaps(grains.ids))
            });
            // A facet is mostly closed or mostly open: patches differ a little.
            let mut facets = std::collections::BTreeMap::<[u32; 2], [u32; 2]>::new();
            for voxel in 0..grains.ids.len() - 1 {
                let pair = [grains.ids[voxel], grains.ids[voxel + 1]];
                if pair[0] != pair[1] && pair[0] > 0 && pair[1] > 0 && (voxel + 1) % resolution > 0
                {
                    let key = [pair[0].min(pair[1]), pair[0].max(pair[1])];
                    let count = facets.entry(key).or_default();
                    count[usize::from(gaps.open[voxel][2] == 0)] += 1;
                }
            }
            let large = facets.values().filter(|[a, b]| a + b > 20);
            let (mut decided, mut all) = (0, 0);
            for [open, closed] in large {
                all += 1;
                decided += u32::from(open.max(closed) * 10 >= 8 * (open + closed));
            }
            assert!(all >= 10 && 10 * decided >= 7 * all, "{decided} of {all}");
            assert!(facets.values().any(|[open, closed]| closed > open));
        }
    }
}

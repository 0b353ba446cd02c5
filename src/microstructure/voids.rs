//! Pores: gaps between grains and at particle surfaces.
//!
//! Cold pressing leaves no round pores but gaps where surfaces did not weld:
//! between grains of the electrolyte, and between electrolyte and particles. They
//! are thin, so a few per cent of volume interrupt many paths: composites conduct
//! two to five times worse than a dense matrix of the same volume would. Gaps are
//! patchy, since pressure and contact are: a facet, where two grains or a grain
//! and a particle meet, is mostly open or mostly welded, and grains hold together
//! through the welded ones.
//!
//! Every place on a facet has an openness `f` (normal, unit deviation): one part
//! belongs to the facet, one varies smoothly over space; towards particles it is
//! lower by a constant. Where `f` exceeds a threshold `c`, the facet gapes, with
//! the half width `HALF_GAP + GAP_SPREAD (f - c)`: wide in the middle of an open
//! patch, narrow at its rim. A voxel is pore when its centre lies in such a gap.
//! `c` is the one number that gives the pores exactly the volume asked for, found
//! by sorting voxels by the `c` at which they open. Gaps take what is not carbon in
//! voxels of carbon, too, though these are no pores to all else. Where the share of the pores at
//! particles is stated, facets towards particles and facets between grains have a
//! threshold each.
//!
//! Ions see these gaps sharper than voxels (`gaps.rs`). Measured with a `HALF_GAP` of
//! 0.16 um on 70:30 wt% with 1 wt% carbon fibres, 12 % pores, grains of 3 um between
//! particles of 4.4 um, grain boundaries holding 40 % of a pellet's resistance, half of each
//! welded, two seeds in a box of 15 um: ionic conductivity over the pellet's 0.142 and 0.146,
//! 0.125 and 0.133, 0.120 and 0.133, 0.134 and 0.126, 0.119 and 0.121 with voxels of 469,
//! 300, 200, 150 and 100 nm; one seed in a box of 30 um: 0.124, 0.117 and 0.115 with 375, 300
//! and 234 nm. So it is
//! settled to within its scatter from 300 nm on; without carbon and pores it rises by 3 %
//! from 300 to 100 nm. (When voxels of carbon took no part in the gaps, the threshold was
//! lower the coarser the voxels: 0.095 and 0.099 at 300 nm. With pores as whole voxels it
//! fell without end, from 0.16
//! to 0.09.) Measured composites have 0.1 to 0.4 mS/cm with pellets of 2 to 3 mS/cm,
//! which is 0.03 to 0.2 (recalled: Minnmann et al., J. Electrochem. Soc. 168, 040537,
//! 2021).

use super::electrolyte::Grains;
use super::grid::{Grid, Raster};
use super::random::{Stage, mixed, stream};
use super::{MicrostructureError, Phase};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use std::f64::consts::PI;

/// Half width of a gap where it begins, m. Gaps seen in polished sections are
/// some tenths of a micrometre wide; thinner ones interrupt more paths with the
/// same volume: with 0.16 um the conductivity of the composite is two fifths higher.
/// Chosen within that so that composites conduct as measured ones do, 0.1 to 0.4 mS/cm
/// (with 0.16 um 0.35 mS/cm for 70:30 with fibres and 12 % pores, 0.56 mS/cm for 70:30
/// with carbon black pressed at 440 MPa).
const HALF_GAP: f64 = 0.12e-6;
/// How much wider a gap gets per unit of openness, m. Doubling it raised the
/// conductivity by a fifth (from 0.120; measured with pores as whole voxels, as
/// all of the following): volume goes into width instead of area.
const GAP_SPREAD: f64 = 0.05e-6;
/// Share of the variance of openness that belongs to the facet as a whole. With
/// none, gaps are patches that current flows round: conductivity 0.130; with all
/// of it, 0.111.
const FACET_SHARE: f64 = 0.8;
/// Distance over which the rest varies, in grain diameters. Conductivity is 0.122
/// at 0.25 and 0.116 at 1.
const PATCH_LENGTH: f64 = 0.5;
/// How much less open facets towards particles are: the soft electrolyte is
/// pressed against hard particles. At 0, 1 and 2 the conductivity is 0.169, 0.139
/// and 0.120, and 0.39, 0.29 and 0.22 of the particles' surface face pores.
/// Chosen for the conductivity, the one of the two that has been measured.
const PARTICLE_WELD: f64 = 2.0;

/// Pores to place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pores {
    /// Voxels.
    pub count: usize,
    /// Diameter of the electrolyte's grains, m.
    pub grain_diameter: f64,
    /// Share of the pores at particles, 0..1; `None` where the welds decide.
    pub at_surfaces: Option<f64>,
    /// Share of a carbon voxel that is electrolyte, 0..1.
    pub beside_carbon: f64,
}

/// What became of the pores.
pub struct Placed {
    /// Share of them that lies at particles rather than between grains (0 without pores).
    pub at_surfaces: f64,
    /// Where facets gape; none without pores.
    pub(super) gapes: Option<Gapes>,
}

/// Turns electrolyte voxels of `phases` into pores.
///
/// # Errors
/// [`MicrostructureError::NoRoom`] when there are fewer electrolyte voxels.
pub fn place_voids(
    grid: &Grid,
    phases: &mut [u8],
    grains: &Grains,
    raster: &Raster,
    pores: &Pores,
    seed: u64,
) -> Result<Placed, MicrostructureError> {
    let smooth = Openness::new(grid, PATCH_LENGTH * pores.grain_diameter, seed);
    let amount = |voxel: usize| match phases[voxel] {
        p if p == Phase::Electrolyte as u8 => 1.0,
        p if p == Phase::Carbon as u8 => pores.beside_carbon as f32,
        _ => 0.0,
    };
    let mut candidates: Vec<Candidate> = (0..grid.count() as u32)
        .into_par_iter()
        .filter(|&index| amount(index as usize) > 0.0)
        .map(|index| {
            let voxel = index as usize;
            let [boundary, surface] = openings(voxel, grains, raster, seed);
            let patch = (1.0 - FACET_SHARE).sqrt() * smooth.at(grid.centre(voxel));
            Candidate {
                index,
                between: (boundary + patch) as f32,
                surface: (surface + patch) as f32,
                amount: amount(voxel),
            }
        })
        .collect();
    let thresholds = thresholds(&candidates, pores);
    candidates.retain(|c| phases[c.index as usize] == Phase::Electrolyte as u8);
    if candidates.len() < pores.count {
        return Err(MicrostructureError::NoRoom {
            phase: Phase::Void,
            asked: pores.count as f64 / grid.count() as f64,
            available: candidates.len() as f64 / grid.count() as f64,
        });
    }
    let (chosen, at_surfaces) = match pores.at_surfaces {
        None => {
            let (chosen, _) = most_open(candidates, pores.count, Candidate::either);
            let surface = chosen.iter().filter(|c| c.surface > c.between).count();
            (chosen, surface)
        }
        Some(share) => {
            let count = (share * pores.count as f64).round() as usize;
            let (mut chosen, rest) = most_open(candidates, count, |c| c.surface);
            let (between, _) = most_open(rest, pores.count - count, |c| c.between);
            chosen.extend(between);
            (chosen, count)
        }
    };
    for candidate in &chosen {
        phases[candidate.index as usize] = Phase::Void as u8;
    }
    Ok(Placed {
        at_surfaces: at_surfaces as f64 / pores.count.max(1) as f64,
        gapes: (pores.count > 0).then_some(Gapes {
            smooth,
            seed,
            thresholds,
        }),
    })
}

/// Where facets gape, at any point.
pub(super) struct Gapes {
    smooth: Openness,
    seed: u64,
    /// Openness from which facets between grains, and towards particles, gape.
    pub thresholds: [f64; 2],
}

impl Gapes {
    /// Half the width of a gap, m, whose openness exceeds the threshold by `excess`.
    pub fn half_width(excess: f64) -> f64 {
        HALF_GAP + GAP_SPREAD * excess
    }

    /// Openness of the facet between two grains where its smooth part is `patch`.
    pub fn between(&self, a: u32, b: u32, patch: f64) -> f64 {
        let facet = facet_openness(self.seed, [a.min(b), a.max(b)]);
        FACET_SHARE.sqrt() * facet + patch
    }

    /// Openness of the facet between a grain and a particle, likewise.
    pub fn surface(&self, grain: u32, particle: u32, patch: f64) -> f64 {
        let facet = facet_openness(self.seed, [grain, as_grain(particle)]);
        FACET_SHARE.sqrt() * facet - PARTICLE_WELD + patch
    }

    /// The smooth part of openness at a point.
    pub fn patch(&self, point: [f64; 3]) -> f64 {
        (1.0 - FACET_SHARE).sqrt() * self.smooth.at(point)
    }
}

/// The label of a particle among grains: counted from the top, it is never taken
/// for one.
fn as_grain(particle: u32) -> u32 {
    u32::MAX - particle
}

/// A voxel that may become a pore.
#[derive(Clone, Copy)]
struct Candidate {
    index: u32,
    /// Threshold at which it lies in a gap between grains.
    between: f32,
    /// Threshold at which it lies in a gap at a particle.
    surface: f32,
    /// Share of it that a gap would take.
    amount: f32,
}

impl Candidate {
    fn either(&self) -> f32 {
        self.between.max(self.surface)
    }
}

/// Openness from which facets between grains, and towards particles, gape, so that the
/// gaps hold the volume of the pores (infinite for none). Gaps run on through voxels of
/// carbon, which become no pores, and take the electrolyte there. Where carbon is thinner
/// than voxels, its voxels are many: without them, gaps would be wider the coarser the grid.
fn thresholds(candidates: &[Candidate], pores: &Pores) -> [f64; 2] {
    let count = pores.count as f64;
    match pores.at_surfaces {
        None => [least(candidates.iter().map(|c| (c.either(), c.amount)), count); 2],
        Some(share) => {
            let at_surfaces = (share * count).round();
            let surface = least(
                candidates.iter().map(|c| (c.surface, c.amount)),
                at_surfaces,
            );
            let rest = candidates
                .iter()
                .filter(|c| f64::from(c.surface) < surface)
                .map(|c| (c.between, c.amount));
            [least(rest, count - at_surfaces), surface]
        }
    }
}

/// The lowest of the highest thresholds whose amounts together reach `wanted`.
fn least(each: impl Iterator<Item = (f32, f32)>, wanted: f64) -> f64 {
    let mut ranked: Vec<(f32, f32)> = each.collect();
    ranked.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let (mut sum, mut lowest) = (0.0, f64::INFINITY);
    for (threshold, amount) in ranked {
        if sum >= wanted {
            break;
        }
        sum += f64::from(amount);
        lowest = f64::from(threshold);
    }
    lowest
}

/// The `count` candidates of the highest thresholds, and the others. Ties are broken by
/// index, so that the choice is unique.
fn most_open(
    mut candidates: Vec<Candidate>,
    count: usize,
    threshold: impl Fn(&Candidate) -> f32,
) -> (Vec<Candidate>, Vec<Candidate>) {
    if count > 0 && count < candidates.len() {
        candidates.select_nth_unstable_by(count - 1, |a, b| {
            let opens = threshold(b).total_cmp(&threshold(a));
            opens.then(a.index.cmp(&b.index))
        });
    }
    let rest = candidates.split_off(count.min(candidates.len()));
    (candidates, rest)
}

/// The thresholds at which a voxel lies in the gap of its facet with the next grain and
/// of that with the nearest particle, but for the smooth part of openness.
fn openings(voxel: usize, grains: &Grains, raster: &Raster, seed: u64) -> [f64; 2] {
    let beyond = |distance: f32| (f64::from(distance) - HALF_GAP).max(0.0) / GAP_SPREAD;
    let (grain, neighbour) = (grains.ids[voxel], grains.neighbours[voxel]);
    let boundary = FACET_SHARE.sqrt()
        * facet_openness(seed, [grain.min(neighbour), grain.max(neighbour)])
        - beyond(grains.boundary[voxel]);
    let particle = as_grain(raster.nearest[voxel]);
    let surface = FACET_SHARE.sqrt() * facet_openness(seed, [grain, particle])
        - PARTICLE_WELD
        - beyond(raster.clearance[voxel]);
    [boundary, surface]
}

/// The openness of a facet: a random number with mean 0 and deviation 1 that
/// depends on the seed and the two labels alone. The
/// logistic distribution stands in for the normal one, which it resembles.
pub(super) fn facet_openness(seed: u64, [a, b]: [u32; 2]) -> f64 {
    let bits = mixed(mixed(seed) ^ (u64::from(a) << 32 | u64::from(b)));
    let share = ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    (share / (1.0 - share)).ln() * 3.0_f64.sqrt() / PI
}

/// A smooth periodic random field with mean 0 and deviation 1: normal numbers
/// on a cubic lattice, interpolated so that the deviation is the same everywhere.
struct Openness {
    lattice: Grid,
    values: Vec<f64>,
}

impl Openness {
    fn new(grid: &Grid, length: f64, seed: u64) -> Self {
        let nodes = (grid.edge() / length)
            .round()
            .clamp(1.0, grid.resolution as f64);
        let lattice = Grid {
            resolution: nodes as usize,
            voxel: grid.edge() / nodes,
        };
        let mut random = stream(seed, Stage::Openness, 0);
        let values = (0..lattice.count())
            .map(|_| StandardNormal.sample(&mut random))
            .collect();
        Self { lattice, values }
    }

    fn at(&self, point: [f64; 3]) -> f64 {
        let n = self.lattice.resolution;
        let node = self.lattice.coordinates_at(point);
        let weights = point.map(|x| {
            let t = (x / self.lattice.voxel).rem_euclid(1.0);
            let upper = t * t * (3.0 - 2.0 * t);
            // Squares of the two weights add up to 1.
            let norm = (upper * upper + (1.0 - upper) * (1.0 - upper)).sqrt();
            [(1.0 - upper) / norm, upper / norm]
        });
        let mut sum = 0.0;
        for corner in 0..8 {
            let side = [corner >> 2 & 1, corner >> 1 & 1, corner & 1];
            let at = std::array::from_fn(|a| (node[a] + side[a]) % n);
            let weight: f64 = (0..3).map(|a| weights[a][side[a]]).product();
            sum += weight * self.values[self.lattice.index(at)];
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid {
        resolution: 40,
        voxel: 0.3e-6,
    };

    fn pores(count: usize) -> Pores {
        Pores {
            count,
            grain_diameter: 3e-6,
            at_surfaces: None,
            beside_carbon: 0.0,
        }
    }

    #[test]
    fn gaps_are_as_wide_in_voxels_beside_carbon() {
        let (grains, raster) = polycrystal();
        // A third of all voxels hold carbon, and next to none of their volume.
        let openness = |with_carbon: bool, at_surfaces: Option<f64>| {
            let mut phases = raster.phases();
            if with_carbon {
                phases
                    .iter_mut()
                    .step_by(3)
                    .for_each(|p| *p = Phase::Carbon as u8);
            }
            let asked = Pores {
                beside_carbon: 0.99,
                at_surfaces,
                ..pores(7000)
            };
            let placed = place_voids(&GRID, &mut phases, &grains, &raster, &asked, 2).unwrap();
            placed.gapes.unwrap().thresholds[0]
        };
        for share in [None, Some(0.0)] {
            let difference = openness(true, share) - openness(false, share);
            assert!(difference.abs() < 0.02, "{difference}");
        }
    }

    #[test]
    fn the_share_at_particles_is_what_is_asked_for() {
        let particle = super::super::Particle {
            centre: [6e-6; 3],
            radius: 4e-6,
        };
        let raster = super::super::rasterise(&[particle], &GRID, 1.2e-6);
        let grains = super::super::electrolyte::grains(&GRID, &raster.particle_ids, 3e-6, 2);
        let place = |count: usize, at_surfaces: Option<f64>| {
            let mut phases = raster.phases();
            let asked = Pores {
                at_surfaces,
                ..pores(count)
            };
            let placed = place_voids(&GRID, &mut phases, &grains, &raster, &asked, 2).unwrap();
            let voids: Vec<usize> = (0..GRID.count()).filter(|&i| phases[i] == 0).collect();
            assert_eq!(voids.len(), count);
            let near = voids.iter().filter(|&&i| raster.clearance[i] < 0.6e-6);
            (placed.at_surfaces, near.count() as f64 / count as f64)
        };
        let (welds, _) = place(9000, None);
        assert!(welds > 0.0 && welds < 0.45, "{welds}");
        for share in [0.0, 0.5, 1.0] {
            let (said, near) = place(2000, Some(share));
            assert!((said - share).abs() < 1e-3);
            // Some grain boundaries end at the particle.
            assert!(
                near > share - 0.05 && near < share + 0.35,
                "{near} for {share}"
            );
        }
    }

    fn moments(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        (mean, (square / values.len() as f64).sqrt())
    }

    #[test]
    fn openness_has_unit_deviation_and_is_periodic() {
        let field = Openness::new(&GRID, 1e-6, 11);
        let values: Vec<f64> = (0..GRID.count())
            .map(|i| field.at(GRID.centre(i)))
            .collect();
        let (mean, deviation) = moments(&values);
        assert!(mean.abs() < 0.1, "{mean}");
        assert!((0.9..1.1).contains(&deviation), "{deviation}");
        let inside = field.at([0.4e-6, 1e-9, 3e-6]);
        let beyond = field.at([0.4e-6, GRID.edge() - 1e-12, 3e-6]);
        assert!((inside - beyond).abs() < 1e-3, "{inside} {beyond}");
    }

    /// Grains without any particle, and the raster that says so.
    fn polycrystal() -> (Grains, Raster) {
        let none = vec![0; GRID.count()];
        let clearance = vec![1e-6; GRID.count()];
        let grains = super::super::electrolyte::grains(&GRID, &none, 3e-6, 2);
        (
            grains,
            Raster {
                particle_ids: none.clone(),
                clearance,
                nearest: none,
            },
        )
    }

    #[test]
    fn facets_have_unit_deviation() {
        let values: Vec<f64> = (1..20_000).map(|a| facet_openness(5, [a, a + 7])).collect();
        let (mean, deviation) = moments(&values);
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((0.98..1.02).contains(&deviation), "{deviation}");
    }

    #[test]
    fn pores_are_exactly_as_many_as_asked_and_lie_on_boundaries() {
        let (grains, raster) = polycrystal();
        let mut phases = raster.phases();
        place_voids(&GRID, &mut phases, &grains, &raster, &pores(7001), 2).unwrap();
        let pores: Vec<usize> = (0..GRID.count()).filter(|&i| phases[i] == 0).collect();
        assert_eq!(pores.len(), 7001);
        let on_boundary = |i: &&usize| grains.boundary[**i] < 0.2e-6;
        let share = pores.iter().filter(on_boundary).count() as f64 / 7001.0;
        let everywhere: Vec<usize> = (0..GRID.count()).collect();
        let mean = everywhere.iter().filter(on_boundary).count() as f64 / GRID.count() as f64;
        assert!(share > 0.9 && mean < 0.45, "{share} {mean}");
    }

    #[test]
    fn some_facets_gape_and_some_are_welded() {
        let (grains, raster) = polycrystal();
        let mut phases = raster.phases();
        place_voids(&GRID, &mut phases, &grains, &raster, &pores(6000), 2).unwrap();
        // Per facet: voxels in its middle plane, and pores among them.
        let mut facets = std::collections::BTreeMap::<_, [f64; 2]>::new();
        for i in (0..GRID.count()).filter(|&i| grains.boundary[i] < HALF_GAP as f32) {
            let (a, b) = (grains.ids[i], grains.neighbours[i]);
            let [all, pores] = facets.entry((a.min(b), a.max(b))).or_default();
            *all += 1.0;
            *pores += f64::from(phases[i] == 0);
        }
        let large: Vec<f64> = facets
            .values()
            .filter(|[all, _]| *all > 20.0)
            .map(|[all, pores]| pores / all)
            .collect();
        let open = large.iter().filter(|&&share| share > 0.8).count() as f64;
        let welded = large.iter().filter(|&&share| share < 0.2).count() as f64;
        let count = large.len() as f64;
        assert!(
            open > 0.15 * count && welded > 0.15 * count,
            "{open} {welded} {count}"
        );
    }

    #[test]
    fn refuses_more_pores_than_electrolyte() {
        let (grains, raster) = polycrystal();
        let mut phases = vec![Phase::Carbon as u8; GRID.count()];
        phases[..10].fill(Phase::Electrolyte as u8);
        let refused = place_voids(&GRID, &mut phases, &grains, &raster, &pores(11), 2);
        let void = Phase::Void;
        assert!(matches!(refused, Err(MicrostructureError::NoRoom { phase, .. }) if phase == void));
    }
}

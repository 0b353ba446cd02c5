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
use super::openness::{Gapes, Openness, openings};
use super::{MicrostructureError, Phase};
use rayon::prelude::*;

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
    let smooth = Openness::new(grid, pores.grain_diameter, seed);
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
            let patch = smooth.patch(grid.centre(voxel));
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

#[cfg(test)]
mod tests {
    use super::super::openness::HALF_GAP;
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

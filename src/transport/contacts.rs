//! Contacts between particles, which the grid does not know.
//!
//! Two spheres touch in a point, or in a disc where they are pressed together. On voxels
//! they share faces where they are closer than a voxel, the more area the coarser the
//! grid, and none where the point falls on an edge or a corner. So for the flow of
//! electrons faces between particles that do not touch are closed; those between touching
//! ones are opened in the share with which they conduct as their contact does; and where
//! touching ones share none, the voxels on the line through their contact are counted as
//! active material.
//!
//! A disc of radius `a` between two half spaces of conductivity `s` conducts `2 a s`
//! (R. Holm, Electric Contacts, Springer 1967; recalled). On voxels of edge `h`, faces of
//! a total area of `S h^2`, spread over `N` faces, conduct `S h s`, in series with what it
//! takes to spread from them into the voxels on both sides (see [`spreading`]).

use crate::microstructure::{Contact as Pair, Microstructure, Origin, contacts};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Least radius of a contact over that of the smaller particle, for particles that
/// are not stated to be pressed flat: estimate. By Hertz, equal spheres of 175 GPa with
/// four contacts each at half the volume have 0.11 where they bear 50 MPa, 0.2 at 375 MPa.
const CONTACT_RADIUS: f64 = 0.1;

/// The particles as they conduct electrons.
pub(super) struct Joined {
    /// Particle (index + 1) of every voxel of active material, bridges between
    /// touching ones included; 0 elsewhere.
    pub(super) labels: Vec<u32>,
    /// Open share of each voxel's faces, see [`super::Medium::open`].
    pub(super) open: Vec<[u8; 3]>,
}

/// Joins the particles whose voxels `solid` marks; voxels that `free` marks may be
/// counted as active material. None in an image, whose particles touch where their
/// voxels do.
pub(super) fn joined(
    structure: &Microstructure,
    solid: impl Fn(usize) -> bool,
    free: impl Fn(usize) -> bool,
) -> Option<Joined> {
    if structure.origin == Origin::Image {
        return None;
    }
    // The generator's box is a cube.
    let pairs = contacts(&structure.particles, structure.edges()[0]).pairs;
    let ids = structure.particle_ids.iter().enumerate();
    let mut labels: Vec<u32> = ids.map(|(v, &id)| if solid(v) { id } else { 0 }).collect();
    let mut bridge = Vec::new();
    for pair in &pairs {
        let contact = Contact::new(structure, pair.first, pair.second);
        if !contact.is_joined() {
            contact.bridge(&mut bridge);
        }
        for voxel in bridge.drain(..) {
            if labels[voxel] == 0 && free(voxel) {
                labels[voxel] = pair.first as u32 + 1;
            }
        }
    }
    let open = opened(structure, &labels, &pairs);
    Some(Joined { labels, open })
}

/// Open shares of faces, where `labels` tells the particles.
fn opened(structure: &Microstructure, labels: &[u32], pairs: &[Pair]) -> Vec<[u8; 3]> {
    let mut between: BTreeMap<[u32; 2], Vec<(u32, u8)>> = BTreeMap::new();
    for (voxel, &own) in labels.iter().enumerate().filter(|&(_, &own)| own > 0) {
        for axis in 0..3 {
            let Some(next) = beside(structure, voxel, axis, true) else {
                continue;
            };
            let other = labels[next];
            if other > 0 && other != own {
                let faces = between.entry([own.min(other), own.max(other)]).or_default();
                faces.push((voxel as u32, axis as u8));
            }
        }
    }
    let mut open = vec![[u8::MAX; 3]; labels.len()];
    for &(voxel, axis) in between.values().flatten() {
        open[voxel as usize][axis as usize] = 0;
    }
    for pair in pairs {
        let key = [pair.first, pair.second].map(|p| p as u32 + 1);
        let faces = between.get(&key).map_or(&[][..], |faces| faces);
        let radius = |p: usize| structure.particles[p].radius;
        let smaller = radius(pair.first).min(radius(pair.second));
        let disc = pair.disc_radius.max(CONTACT_RADIUS * smaller);
        let share = share(disc / structure.spacing[0], faces.len());
        let share = (f64::from(u8::MAX) * share).round().max(1.0) as u8;
        for &(voxel, axis) in faces {
            open[voxel as usize][axis as usize] = share;
        }
    }
    open
}

/// Closes the faces of carbon (-1 in `kind`) that its paths do not pass, to each other and
/// to active material (1).
pub(super) fn close_beside_paths(structure: &Microstructure, kind: &[i8], open: &mut [[u8; 3]]) {
    open.par_iter_mut().enumerate().for_each(|(voxel, open)| {
        for (axis, open) in open.iter_mut().enumerate() {
            let Some(next) = beside(structure, voxel, axis, true) else {
                continue;
            };
            let passes = |carbon: usize, to_particle: bool| {
                structure.carbon_passes(voxel, axis, carbon, to_particle)
            };
            let conducts = match [kind[voxel], kind[next]] {
                [-1, -1] => passes(voxel, false),
                [-1, 1] => passes(voxel, true),
                [1, -1] => passes(next, true),
                _ => true,
            };
            if !conducts {
                *open = 0;
            }
        }
    });
}

/// The voxel across the face after (or before) a voxel along an axis: none at an
/// electrode, or at a side that does not wrap.
fn beside(structure: &Microstructure, voxel: usize, axis: usize, after: bool) -> Option<usize> {
    let (mut at, n) = (structure.coordinates(voxel), structure.shape);
    let last = if after { n[axis] - 1 } else { 0 };
    if at[axis] == last {
        if axis == 0 || !structure.periodic {
            return None;
        }
        at[axis] = n[axis] - 1 - last;
    } else {
        at[axis] = if after { at[axis] + 1 } else { at[axis] - 1 };
    }
    Some(structure.index(at))
}

/// Which of the voxels that conduct are connected, through faces that are not closed, to
/// the high end of the first axis.
pub(super) fn connected_to_end(
    structure: &Microstructure,
    open: &[[u8; 3]],
    conducts: impl Fn(usize) -> bool,
) -> Vec<bool> {
    let mut reached = vec![false; open.len()];
    let plane = structure.shape[1] * structure.shape[2];
    let mut front: Vec<usize> = (open.len() - plane..open.len())
        .filter(|&voxel| conducts(voxel))
        .collect();
    front.iter().for_each(|&voxel| reached[voxel] = true);
    while let Some(voxel) = front.pop() {
        for (axis, after) in [0, 1, 2].into_iter().flat_map(|a| [(a, false), (a, true)]) {
            let Some(next) = beside(structure, voxel, axis, after) else {
                continue;
            };
            let face = if after { voxel } else { next };
            if !reached[next] && open[face][axis] > 0 && conducts(next) {
                reached[next] = true;
                front.push(next);
            }
        }
    }
    reached
}

/// Share in which `faces` faces together conduct as a disc of radius `disc` (in voxels);
/// all of them where they do not suffice.
fn share(disc: f64, faces: usize) -> f64 {
    let count = faces.max(1) as f64;
    let left = 0.5 / disc - spreading(count);
    if left * count > 1.0 {
        1.0 / (left * count)
    } else {
        1.0
    }
}

/// Resistance of spreading from `faces` faces into the voxels on both sides, times
/// conductivity and edge of a voxel. Many are a disc of even current, with
/// `8 / (3 pi^2 s r)` on either side (J. C. Jaeger; recalled); a single one is the end of
/// half a cubic lattice, with 0.2527 + 0.0861 on either side (Watson's integral and its
/// neighbour, by reflection). The form between them is an interpolation.
fn spreading(faces: f64) -> f64 {
    0.958 / (faces + 1.0).sqrt()
}

fn norm(v: [f64; 3]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The neighbourhood of a contact, in voxel units.
struct Contact<'a> {
    structure: &'a Microstructure,
    labels: [u32; 2],
    /// Points on the line of centres about a voxel inside each particle.
    ends: [[f64; 3]; 2],
}

impl<'a> Contact<'a> {
    fn new(structure: &'a Microstructure, a: usize, b: usize) -> Self {
        let (first, second) = (&structure.particles[a], &structure.particles[b]);
        let line = structure.shortest(first.centre, second.centre);
        let distance = norm(line).max(f64::MIN_POSITIVE);
        // A voxel whose centre lies within half its diagonal of a point one
        // edge deep is inside the particle.
        let voxel = structure.spacing;
        let depth = |radius: f64| voxel[0].max(voxel[1]).max(voxel[2]).min(radius);
        let at = |along: f64| {
            [0, 1, 2].map(|x| (first.centre[x] + line[x] * along / distance) / voxel[x])
        };
        Self {
            structure,
            labels: [a as u32 + 1, b as u32 + 1],
            ends: [
                at(first.radius - depth(first.radius)),
                at(distance - second.radius + depth(second.radius)),
            ],
        }
    }

    /// Whether a voxel of one particle shares a face with one of the other near the contact.
    fn is_joined(&self) -> bool {
        let middle = [0, 1, 2].map(|x| (0.5 * (self.ends[0][x] + self.ends[1][x])).floor() as i64);
        let label = |voxel| {
            let index = self.structure.index_around(voxel);
            index.map_or(0, |index| self.structure.particle_ids[index])
        };
        (0..125).any(|offset| {
            let voxel = [
                middle[0] + offset / 25 - 2,
                middle[1] + offset / 5 % 5 - 2,
                middle[2] + offset % 5 - 2,
            ];
            let own = label(voxel);
            let Some(side) = self.labels.iter().position(|&l| l == own) else {
                return false;
            };
            (0..3).any(|axis| {
                [-1, 1].iter().any(|step| {
                    let mut next = voxel;
                    next[axis] += step;
                    label(next) == self.labels[1 - side]
                })
            })
        })
    }

    /// Adds the voxels on the line between the ends: from face to face, along
    /// whichever axis is crossed next.
    fn bridge(&self, voxels: &mut Vec<usize>) {
        let [from, to] = self.ends;
        let mut voxel = from.map(|x| x.floor() as i64);
        let last = to.map(|x| x.floor() as i64);
        let steps: i64 = (0..3).map(|x| (last[x] - voxel[x]).abs()).sum();
        voxels.extend(self.structure.index_around(voxel));
        for _ in 0..steps {
            // Share of the line at which each axis leaves its voxel.
            let leaving = [0, 1, 2].map(|x| {
                if voxel[x] == last[x] {
                    f64::INFINITY
                } else {
                    let wall = voxel[x] + i64::from(last[x] > voxel[x]);
                    (wall as f64 - from[x]) / (to[x] - from[x])
                }
            });
            let axis = (0..3).fold(
                0,
                |best, x| if leaving[x] < leaving[best] { x } else { best },
            );
            voxel[axis] += (last[axis] - voxel[axis]).signum();
            voxels.extend(self.structure.index_around(voxel));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::Particle;

    /// Vector from one point to the nearest periodic image of another.
    fn towards(from: [f64; 3], to: [f64; 3], edge: f64) -> [f64; 3] {
        [0, 1, 2].map(|axis| {
            let d = to[axis] - from[axis];
            d - edge * (d / edge).round()
        })
    }

    /// Spheres (centre, radius in voxels) painted on `n`^3 voxels of 1 um.
    fn paint(n: usize, spheres: &[([f64; 3], f64)]) -> Microstructure {
        let mut particle_ids = vec![0u32; n * n * n];
        for (voxel, id) in particle_ids.iter_mut().enumerate() {
            let at = [voxel / (n * n), voxel / n % n, voxel % n].map(|x| x as f64 + 0.5);
            for (index, (centre, radius)) in spheres.iter().enumerate() {
                if norm(towards(at, *centre, n as f64)) < *radius {
                    *id = index as u32 + 1;
                }
            }
        }
        let phases = particle_ids.iter().map(|&id| u8::from(id > 0)).collect();
        let particles = spheres.iter().map(|(centre, radius)| Particle {
            centre: centre.map(|x| x * 1e-6),
            radius: radius * 1e-6,
        });
        Microstructure {
            origin: Origin::Generated,
            particle_ids,
            particles: particles.collect(),
            ..Microstructure::of_phases([n; 3], [1e-6; 3], true, phases)
        }
    }

    #[test]
    fn every_touching_pair_shares_a_face_afterwards() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let n = 24;
        let mut bridged = 0;
        for _ in 0..200 {
            // A touching pair in any direction, anywhere in the periodic box.
            let centre: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() * n as f64);
            let direction: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() - 0.5);
            let (first, second) = (3.0 + rng.random::<f64>(), 2.0 + 3.0 * rng.random::<f64>());
            let reach = (first + second) / norm(direction);
            let other = [0, 1, 2].map(|x| (centre[x] + direction[x] * reach).rem_euclid(n as f64));
            let structure = paint(n, &[(centre, first), (other, second)]);
            assert_eq!(
                contacts(&structure.particles, n as f64 * 1e-6).pairs.len(),
                1
            );
            let solid = |voxel: usize| structure.particle_ids[voxel] > 0;
            let labels = joined(&structure, solid, |_| true).unwrap().labels;
            let is_bridge = |v: &usize| labels[*v] > 0 && !solid(*v);
            let bridge: Vec<usize> = (0..labels.len()).filter(is_bridge).collect();
            bridged += usize::from(!bridge.is_empty());
            assert!(bridge.len() <= 8, "{bridge:?}");
            // Flood the voxels of both with the bridge from a voxel of the first.
            let solid = |v: usize| structure.particle_ids[v] > 0 || bridge.contains(&v);
            let mut seen = vec![false; n * n * n];
            let start = structure
                .particle_ids
                .iter()
                .position(|&id| id == 1)
                .unwrap();
            let mut stack = vec![start];
            seen[start] = true;
            while let Some(v) = stack.pop() {
                let at = [v / (n * n), v / n % n, v % n];
                for axis in 0..3 {
                    for step in [1, n - 1] {
                        let mut next = at;
                        next[axis] = (next[axis] + step) % n;
                        let w = (next[0] * n + next[1]) * n + next[2];
                        if solid(w) && !seen[w] {
                            seen[w] = true;
                            stack.push(w);
                        }
                    }
                }
            }
            assert!((0..n * n * n).all(|v| structure.particle_ids[v] == 0 || seen[v]));
        }
        // Rare (3 of 200 when written), but it happens.
        assert!(bridged > 0);
    }

    #[test]
    fn separate_particles_stay_apart() {
        let structure = paint(24, &[([6.0, 6.0, 6.0], 4.0), ([12.0, 12.0, 12.0], 4.0)]);
        assert!(
            contacts(&structure.particles, structure.edges()[0])
                .pairs
                .is_empty()
        );
        let solid = |voxel: usize| structure.particle_ids[voxel] > 0;
        let joined = joined(&structure, solid, |_| true).unwrap();
        assert_eq!(joined.labels, structure.particle_ids);
        // They are closer than a voxel in places, and conduct nothing there.
        assert!(
            joined
                .open
                .iter()
                .flatten()
                .all(|&share| share == 0 || share == u8::MAX)
        );
    }
}

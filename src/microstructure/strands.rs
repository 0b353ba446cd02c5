//! Fibres as conductors thinner than voxels: which faces they pass, and what they touch.
//!
//! A fibre marks a chain of voxels from face to face. Chains of two fibres that pass each
//! other closer than a voxel would share a voxel or a face, and so would a chain and a
//! particle beside it, the more often the coarser the voxels. So it is kept which faces a
//! fibre passes, and only these conduct; where the axes of two fibres come closer than
//! their radii together, their chains meet in a voxel, else the later one goes round the
//! earlier; and a voxel conducts to a particle where the fibre reaches its surface.

use super::Phase;
use super::grid::{Grid, Raster};
use super::types::{CarbonPaths, TOUCHES};
use super::{Microstructure, Particle};
use std::collections::{HashMap, VecDeque};

/// How far around a voxel a way round is looked for, in voxels.
const AROUND: i64 = 2;
/// Edge of the cube that this is, in voxels.
const AROUNDS: usize = 2 * AROUND as usize + 1;

/// Up to this many voxels in diameter a fibre on voxels is hardly more than a chain, and
/// as much longer than its axis; beyond, the rest of this falls with this power. Fitted
/// to straight fibres of 1 to 8 voxels in random directions, 25 of each: a fibre of the
/// same volume conducts 2.22, 2.34, 1.82, 1.44, 1.29, 1.14 and 1.09 times better
/// than its voxels at 1, 1.5, 2, 3, 4, 6 and 8.
const CHAIN: f64 = 1.55;
const APPROACH: f64 = 1.6;

/// A stretch of the axis of a fibre.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// Number of the fibre.
    pub fibre: usize,
    pub point: [f64; 3],
    /// Unit vector.
    pub direction: [f64; 3],
    /// m.
    pub diameter: f64,
    /// Whether it lies at a particle that it cannot pass.
    pub is_stopped: bool,
}

/// The chains of voxels of fibres.
pub(super) struct Strands<'a> {
    grid: &'a Grid,
    raster: &'a Raster,
    particles: &'a [Particle],
    pub phases: &'a mut [u8],
    /// Voxels turned to carbon.
    pub marked: usize,
    /// Faces passed along axes of fibres.
    pub passed: usize,
    faces: Vec<u8>,
    /// Whose axis passes a marked voxel, and where.
    owners: HashMap<usize, Axis>,
    /// Where the fibre in work is, and voxels of others that it has met since.
    at: Option<usize>,
    met: Vec<usize>,
    /// Fibres that it has been joined to.
    joined: Vec<usize>,
}

impl<'a> Strands<'a> {
    /// No fibre yet.
    pub fn new(
        grid: &'a Grid,
        raster: &'a Raster,
        particles: &'a [Particle],
        phases: &'a mut [u8],
    ) -> Self {
        Self {
            grid,
            raster,
            particles,
            faces: vec![0; phases.len()],
            phases,
            marked: 0,
            passed: 0,
            owners: HashMap::new(),
            at: None,
            met: Vec::new(),
            joined: Vec::new(),
        }
    }

    /// What has been laid, given how far along its axes, m.
    pub fn paths(self, laid: f64, diameter: f64) -> CarbonPaths {
        let voxel = self.grid.voxel;
        let winding = (self.passed as f64 * voxel / laid.max(voxel)).max(1.0);
        let chain = (CHAIN * voxel / diameter).min(1.0).powf(APPROACH);
        CarbonPaths {
            faces: self.faces,
            conduction: 1.0 + (winding * winding - 1.0) * chain,
        }
    }

    /// Begins a fibre.
    pub fn begin(&mut self, axis: &Axis) {
        self.at = None;
        self.met.clear();
        self.joined.clear();
        self.reach(axis);
    }

    /// Brings the chain to the voxel around a point of the axis, and takes in what lies
    /// within the fibre there.
    pub fn reach(&mut self, axis: &Axis) {
        let end = self.grid.coordinates_at(axis.point);
        if let Some(at) = self.at.map(|at| self.met.last().copied().unwrap_or(at)) {
            self.approach(at, end, axis);
        }
        self.enter(self.grid.index(end), axis);
        let touches = axis.is_stopped || self.is_at_particle(axis);
        let at = self.at;
        if let Some(at) = at.filter(|_| touches) {
            self.faces[at] |= TOUCHES;
        }
        if axis.diameter > self.grid.voxel {
            self.thicken(axis, touches);
        }
    }

    /// Passes the voxels between one and another that is near, from face to face.
    fn approach(&mut self, from: usize, end: [usize; 3], axis: &Axis) {
        let mut at = self.grid.coordinates(from);
        while (0..3).filter(|&a| at[a] != end[a]).count() > 1 {
            let free = (0..3).filter(|&a| at[a] != end[a]).find_map(|a| {
                let mut beside = at;
                beside[a] = end[a];
                (self.raster.particle_ids[self.grid.index(beside)] == 0).then_some(beside)
            });
            // Through a corner between two particles there is no path of faces.
            let Some(beside) = free else { return };
            at = beside;
            self.enter(self.grid.index(at), axis);
        }
    }

    /// Goes on to a voxel, unless it is another fibre's that this one does not touch.
    fn enter(&mut self, voxel: usize, axis: &Axis) {
        let Some(at) = self.at else {
            self.at = Some(voxel);
            self.mark(voxel, axis);
            self.join(voxel, axis);
            return;
        };
        if voxel == at && self.met.is_empty() {
            return;
        }
        let owner = self.owners.get(&voxel);
        if owner.is_some_and(|owner| owner.fibre != axis.fibre && !self.touch(owner, axis)) {
            if self.met.last() != Some(&voxel) {
                self.met.push(voxel);
            }
            return;
        }
        let met = std::mem::take(&mut self.met);
        let way = if voxel == at || met.is_empty() && self.face(at, voxel).is_some() {
            Vec::new()
        } else {
            // Where there is no way round, they share the voxels after all.
            self.way_round(at, voxel).unwrap_or(met)
        };
        let mut last = at;
        for next in way.into_iter().chain([voxel]) {
            self.mark(next, axis);
            self.pass(last, next);
            last = next;
        }
        self.at = Some(voxel);
        self.join(voxel, axis);
    }

    /// Whether two fibres touch within a voxel of where they are: the distance between
    /// stretches of their axes of a voxel to either side.
    fn touch(&self, a: &Axis, b: &Axis) -> bool {
        let reach = self.grid.voxel;
        let between = self.grid.shortest(a.point, b.point);
        let (ab, wa, wb) = (
            dot(a.direction, b.direction),
            dot(between, a.direction),
            dot(between, b.direction),
        );
        let across = 1.0 - ab * ab;
        // The nearest point of the line of `a`, then of `b` from there, and back again.
        let along = if across > 1e-3 {
            (wa - ab * wb) / across
        } else {
            0.0
        };
        let along = along.clamp(-reach, reach);
        let other = (ab * along - wb).clamp(-reach, reach);
        let along = (wa + ab * other).clamp(-reach, reach);
        let apart: [f64; 3] =
            std::array::from_fn(|x| between[x] + other * b.direction[x] - along * a.direction[x]);
        dot(apart, apart).sqrt() <= 0.5 * (a.diameter + b.diameter)
    }

    /// Joins the chain to those of fibres that it touches, though they lie in voxels beside
    /// it; once to each.
    fn join(&mut self, voxel: usize, axis: &Axis) {
        let n = self.grid.resolution;
        let here = self.grid.coordinates(voxel);
        for offset in 0..27 {
            let shift = [offset / 9, offset / 3 % 3, offset % 3];
            let beside = self
                .grid
                .index(std::array::from_fn(|a| (here[a] + n + shift[a] - 1) % n));
            let Some(owner) = self.owners.get(&beside) else {
                continue;
            };
            let fibre = owner.fibre;
            if fibre == axis.fibre || self.joined.contains(&fibre) || !self.touch(owner, axis) {
                continue;
            }
            let way = match beside == voxel || self.face(voxel, beside).is_some() {
                true => Some(Vec::new()),
                false => self.way_round(voxel, beside),
            };
            let Some(way) = way else { continue };
            self.joined.push(fibre);
            let mut last = voxel;
            for next in way.into_iter().chain([beside]) {
                self.mark(next, axis);
                self.open(last, next);
                last = next;
            }
        }
    }

    /// Whether the fibre reaches the surface of the nearest particle.
    fn is_at_particle(&self, axis: &Axis) -> bool {
        let nearest = self.raster.nearest[self.grid.index_at(axis.point)] as usize;
        let particle = nearest.checked_sub(1).and_then(|p| self.particles.get(p));
        particle.is_some_and(|particle| {
            let out = self.grid.shortest(particle.centre, axis.point);
            dot(out, out).sqrt() - particle.radius <= 0.5 * axis.diameter
        })
    }

    /// Takes in all voxels that lie within the fibre.
    fn thicken(&mut self, axis: &Axis, touches: bool) {
        let grid = self.grid;
        let ball: Vec<usize> = grid
            .ball(axis.point, 0.5 * axis.diameter)
            .map(|b| b.0)
            .collect();
        for &voxel in &ball {
            self.mark(voxel, axis);
            if touches {
                self.faces[voxel] |= TOUCHES;
            }
        }
        let is_own = |strands: &Self, voxel: usize| {
            let owner = strands.owners.get(&voxel);
            owner.is_some_and(|owner| owner.fibre == axis.fibre)
        };
        // To all of its own, also of the stretches before, and to what others have in it.
        for &voxel in &ball {
            let here = grid.coordinates(voxel);
            for (axis, step) in [0, 1, 2]
                .into_iter()
                .flat_map(|a| [(a, 1), (a, grid.resolution - 1)])
            {
                let mut beside = here;
                beside[axis] = (here[axis] + step) % grid.resolution;
                let beside = grid.index(beside);
                let is_within = ball.contains(&beside) || self.at == Some(beside);
                let is_carbon = |v: usize| self.phases[v] == Phase::Carbon as u8;
                let both = is_carbon(voxel) && is_carbon(beside);
                if both && (is_within || is_own(self, voxel) && is_own(self, beside)) {
                    self.open(voxel, beside);
                }
            }
        }
    }

    fn mark(&mut self, voxel: usize, axis: &Axis) {
        if self.phases[voxel] == Phase::Electrolyte as u8 {
            self.phases[voxel] = Phase::Carbon as u8;
            self.marked += 1;
            self.owners.insert(voxel, *axis);
        }
    }

    /// Goes along the fibre from one voxel to another; those that share no face stay apart.
    fn pass(&mut self, from: usize, to: usize) {
        self.passed += usize::from(self.open(from, to));
    }

    /// Opens the face between two voxels, where they share one.
    fn open(&mut self, from: usize, to: usize) -> bool {
        let face = self.face(from, to);
        if let Some((first, axis)) = face {
            self.faces[first] |= 1 << axis;
        }
        face.is_some()
    }

    /// The face between two voxels: the first of them, and the axis.
    fn face(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let n = self.grid.resolution;
        let (a, b) = (self.grid.coordinates(from), self.grid.coordinates(to));
        let mut differing = (0..3).filter(|&axis| a[axis] != b[axis]);
        let axis = differing.next().filter(|_| differing.next().is_none())?;
        match (a[axis], b[axis]) {
            (x, y) if (x + 1) % n == y => Some((from, axis)),
            (x, y) if (y + 1) % n == x => Some((to, axis)),
            _ => None,
        }
    }

    /// The shortest way from one voxel to another near it through electrolyte; without its
    /// ends.
    fn way_round(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let n = self.grid.resolution as i64;
        let start = self.grid.coordinates(from);
        let voxel_at = |offset: [i64; 3]| {
            let at = |a: usize| (start[a] as i64 + offset[a]).rem_euclid(n) as usize;
            self.grid.index([at(0), at(1), at(2)])
        };
        let number = |offset: [i64; 3]| {
            let along = offset.map(|o| (o + AROUND) as usize);
            (along[0] * AROUNDS + along[1]) * AROUNDS + along[2]
        };
        // Where the search came from to each voxel of the cube around its start.
        let mut came = [None; AROUNDS * AROUNDS * AROUNDS];
        came[number([0; 3])] = Some([0; 3]);
        let mut front = VecDeque::from([[0; 3]]);
        while let Some(here) = front.pop_front() {
            for (axis, step) in [0, 1, 2].into_iter().flat_map(|a| [(a, 1), (a, -1)]) {
                let mut next: [i64; 3] = here;
                next[axis] += step;
                let voxel = voxel_at(next);
                if voxel == to {
                    let mut way = Vec::new();
                    let mut back = here;
                    while back != [0; 3] {
                        way.push(voxel_at(back));
                        back = came[number(back)].unwrap_or_default();
                    }
                    way.reverse();
                    return Some(way);
                }
                let is_free = self.phases[voxel] == Phase::Electrolyte as u8;
                let is_near = next[axis].abs() <= AROUND;
                if is_free && is_near && came[number(next)].is_none() {
                    came[number(next)] = Some(here);
                    front.push_back(next);
                }
            }
        }
        None
    }
}

impl Microstructure {
    /// Whether carbon conducts through the face between a voxel of carbon and the next
    /// along an axis, of carbon or (`to_particle`) of a particle: `voxel` is the first of
    /// the two, `carbon` one that is carbon. True where no paths are known.
    pub fn carbon_passes(
        &self,
        voxel: usize,
        axis: usize,
        carbon: usize,
        to_particle: bool,
    ) -> bool {
        self.carbon_paths.as_ref().is_none_or(|paths| {
            if to_particle {
                paths.faces[carbon] & TOUCHES != 0
            } else {
                paths.faces[voxel] & (1 << axis) != 0
            }
        })
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
pub(crate) mod tests;

//! What lies at a point of a plane through a structure, finer than its voxels: exact spheres,
//! films and fibres, and between them the voxels with smooth edges.

use super::shapes::{Circle, Frame, Shapes};
use crate::microstructure::{Axis, COATING_COLOUR, Microstructure, Origin, PHASE_COLOURS, Phase};

/// Colours by [`Phase`] of what a point can be, and the coating's.
pub type Rgb = [f64; 3];

/// How films are drawn.
#[derive(Debug, Clone, Copy)]
pub enum Film {
    /// As a rim of this width (m) where there is any: true to scale they would not show.
    Rim(f64),
    /// True to scale.
    True,
}

/// Largest change of lightness between particles, electrolyte grains and primary grains.
const SHADE: [f64; 3] = [0.045, 0.05, 0.11];
/// Two labels nearer than this in weight meet here: their boundary shows.
const MEETING: f64 = 0.07;
/// Lightness of a boundary between grains.
const BOUNDARY: f64 = 0.86;
/// Lightness of a particle's edge, and its width over the width of the plane.
const EDGE: (f64, f64) = (0.72, 0.0016);
/// Lightness of each layer of a film, outermost first, used again beyond the last.
const LAYERS: [f64; 2] = [1.0, 0.62];

/// A plane through a structure.
pub struct Plane<'a> {
    structure: &'a Microstructure,
    frame: Frame,
    index: usize,
    shapes: Shapes,
    /// Weight of carbon voxels above which a point shows carbon; none where they are full
    /// or fibres are known.
    carbon: Option<f64>,
}

/// What the voxels around a point say.
#[derive(Default)]
struct Votes {
    phases: [f64; 5],
    /// Grains (or particles of an image) with their weights.
    labels: Vec<(u32, f64)>,
}

impl Votes {
    fn label(&mut self, label: u32, weight: f64) {
        match self.labels.iter_mut().find(|(known, _)| *known == label) {
            Some((_, sum)) => *sum += weight,
            None => self.labels.push((label, weight)),
        }
    }

    /// The strongest label, and whether another is nearly as strong.
    fn strongest(&self) -> (u32, bool) {
        let mut best = [(0, 0.0); 2];
        for &(label, weight) in &self.labels {
            if weight > best[0].1 {
                best = [(label, weight), best[0]];
            } else if weight > best[1].1 {
                best[1] = (label, weight);
            }
        }
        let total: f64 = self.labels.iter().map(|l| l.1).sum();
        (best[0].0, best[0].1 - best[1].1 < MEETING * total)
    }
}

impl<'a> Plane<'a> {
    /// The plane in the middle of the layer `index` of voxels along `axis`.
    pub fn new(structure: &'a Microstructure, axis: Axis, index: usize) -> Self {
        let axis = axis as usize;
        let index = index % structure.shape[axis].max(1);
        let axes = match axis {
            0 => [1, 2],
            1 => [0, 2],
            _ => [0, 1],
        };
        let edges = structure.edges();
        let frame = Frame {
            axis,
            level: (index as f64 + 0.5) * structure.spacing[axis],
            axes,
            edges: axes.map(|axis| edges[axis]),
        };
        let exact = structure.origin == Origin::Generated;
        let mut plane = Self {
            structure,
            frame,
            index,
            shapes: Shapes::new(frame, structure, exact),
            carbon: None,
        };
        if structure.fibres.is_empty() && structure.carbon_fill < 1.0 {
            plane.carbon = Some(plane.carbon_threshold());
        }
        plane
    }

    /// A vector given down, across and out of the plane, along the axes of the structure.
    pub fn lift(&self, [down, across, out]: [f64; 3]) -> [f64; 3] {
        let [row, column] = self.frame.axes;
        let mut vector = [out; 3];
        (vector[row], vector[column]) = (down, across);
        vector
    }

    /// Lengths down and across, m.
    pub fn edges(&self) -> [f64; 2] {
        self.frame.edges
    }

    /// The point inside the plane that a point beyond it stands for.
    fn home(&self, point: [f64; 2]) -> [f64; 2] {
        let edges = self.frame.edges;
        [0, 1].map(|a| {
            if self.structure.periodic {
                point[a].rem_euclid(edges[a])
            } else {
                point[a].clamp(0.0, edges[a] * (1.0 - 1e-12))
            }
        })
    }

    /// Particles that the plane cuts: number, centre in the plane, height of the plane over
    /// the centre and radius of the sphere, m. Each image that shows counts.
    pub fn cut(&self) -> impl Iterator<Item = (usize, [f64; 2], f64, f64)> {
        let shown = self
            .shapes
            .circles()
            .iter()
            .filter(|c| c.height.abs() < c.radius);
        shown.map(|c| (c.number, c.centre, c.height, c.radius))
    }

    /// The colour at a point, red, green and blue from 0 to 255.
    pub fn colour(&self, point: [f64; 2], film: Film) -> Rgb {
        let point = self.home(point);
        let (circles, mut rods) = self.shapes.near(point);
        let edge = EDGE.1 * self.frame.edges[1];
        let mut coating = None;
        for circle in circles {
            let apart = [0, 1].map(|a| point[a] - circle.centre[a]);
            let across = apart[0].hypot(apart[1]);
            // A rim has its width in the plane, a true film its thickness in space.
            let out = match film {
                Film::Rim(_) if circle.height.abs() >= circle.radius => continue,
                Film::Rim(_) => across - (circle.radius.powi(2) - circle.height.powi(2)).sqrt(),
                Film::True => across.hypot(circle.height) - circle.radius,
            };
            if out < 0.0 {
                let rim = matches!(film, Film::Rim(_)) && out > -edge;
                return self.oxide(circle, point, if rim { EDGE.0 } else { 1.0 });
            }
            coating = coating.or_else(|| self.film(circle, apart, out, film));
        }
        if let Some(colour) = coating {
            return colour;
        }
        if rods.any(|rod| rod.holds([point[0], point[1], 0.0])) {
            return shaded(Phase::Carbon, 1.0);
        }
        self.between(point)
    }

    /// The film of a particle at a point outside it.
    fn film(&self, circle: &Circle, apart: [f64; 2], out: f64, film: Film) -> Option<Rgb> {
        let shells = self.structure.shells.as_ref()?;
        let direction = self.lift([apart[0], apart[1], circle.height]);
        let local = || shells.thickness_at(circle.number, direction);
        match film {
            Film::Rim(width) => {
                (out < width && local() > 0.0).then(|| COATING_COLOUR.map(f64::from))
            }
            Film::True => {
                // No film is thicker than some times its mean.
                let mean = shells.particles().get(circle.number)?.thickness;
                if out > 40.0 * mean {
                    return None;
                }
                let local = local();
                (out < local).then(|| layered(shells.layers(), 1.0 - out / local))
            }
        }
    }

    fn oxide(&self, circle: &Circle, point: [f64; 2], light: f64) -> Rgb {
        let own = 1.0 + SHADE[0] * (2.0 * spread(circle.number as u32) - 1.0);
        let Some(grains) = &self.structure.primary_grains else {
            return shaded(Phase::ActiveMaterial, light * own);
        };
        let mut votes = Votes::default();
        self.around(point, |voxel, weight| {
            if self.structure.particle_ids[voxel] as usize == circle.number + 1 {
                votes.phases[usize::from(self.structure.phases[voxel])] += weight;
                votes.label(grains.ids[voxel], weight);
            }
        });
        if votes.phases[Phase::Void as usize] > votes.phases[Phase::ActiveMaterial as usize] {
            return shaded(Phase::Void, 1.0);
        }
        let (grain, meeting) = votes.strongest();
        let tone = 1.0 + SHADE[2] * (2.0 * spread(grain) - 1.0);
        let boundary = if meeting { BOUNDARY } else { 1.0 };
        shaded(Phase::ActiveMaterial, light * own * tone * boundary)
    }

    /// What the voxels say at a point outside particles and fibres.
    fn between(&self, point: [f64; 2]) -> Rgb {
        let structure = self.structure;
        let generated = structure.origin == Origin::Generated;
        let mut votes = Votes::default();
        let mut carbon = 0.0;
        self.around(point, |voxel, weight| {
            let phase = structure.phases[voxel];
            let id = structure.particle_ids.get(voxel).copied().unwrap_or(0);
            if generated && id > 0 {
                return;
            }
            let partly = phase == Phase::Carbon as u8 && structure.carbon_fill < 1.0;
            if partly {
                carbon += weight;
            }
            let phase = if partly {
                Phase::Electrolyte as usize
            } else {
                usize::from(phase)
            };
            votes.phases[phase] += weight;
            if phase == Phase::Electrolyte as usize {
                let grain = structure.grain_ids.get(voxel).copied().unwrap_or(0);
                votes.label(grain, weight);
            }
        });
        if self.carbon.is_some_and(|threshold| carbon > threshold) {
            return shaded(Phase::Carbon, 1.0);
        }
        // Far from all voxels outside particles: between two of them that nearly touch.
        let mut best = Phase::Electrolyte as usize;
        for phase in 0..votes.phases.len() {
            if votes.phases[phase] > votes.phases[best] {
                best = phase;
            }
        }
        if best == Phase::Electrolyte as usize {
            let (grain, meeting) = votes.strongest();
            let tone = 1.0 + SHADE[1] * (2.0 * spread(grain) - 1.0);
            let boundary = if meeting { BOUNDARY } else { 1.0 };
            return shaded(Phase::Electrolyte, tone * boundary);
        }
        [
            Phase::Void,
            Phase::ActiveMaterial,
            Phase::Electrolyte,
            Phase::Carbon,
            Phase::Polymer,
        ]
        .into_iter()
        .find(|phase| *phase as usize == best)
        .map_or([0.0; 3], |phase| shaded(phase, 1.0))
    }

    /// Hands on the voxels of the layer near a point with their weights: quadratic splines,
    /// which add up to 1.
    fn around(&self, point: [f64; 2], mut vote: impl FnMut(usize, f64)) {
        let axes = self.frame.axes;
        let part = |a: usize| {
            let at = point[a] / self.structure.spacing[axes[a]] - 0.5;
            let nearest = at.round();
            let t = at - nearest;
            let weights = [
                0.5 * (0.5 - t).powi(2),
                0.75 - t * t,
                0.5 * (0.5 + t).powi(2),
            ];
            (nearest as i64, weights)
        };
        let ((i, down), (j, across)) = (part(0), part(1));
        for (di, wi) in down.into_iter().enumerate() {
            for (dj, wj) in across.into_iter().enumerate() {
                let mut ijk = [self.index as i64; 3];
                (ijk[axes[0]], ijk[axes[1]]) = (i + di as i64 - 1, j + dj as i64 - 1);
                if let Some(voxel) = self.structure.index_around(ijk) {
                    vote(voxel, wi * wj);
                }
            }
        }
    }

    /// The weight of carbon voxels that as much of the layer exceeds as is carbon.
    fn carbon_threshold(&self) -> f64 {
        const PARTS: usize = 3;
        let [rows, columns] = self.frame.axes.map(|axis| self.structure.shape[axis]);
        let [down, across] = self.frame.axes.map(|axis| self.structure.spacing[axis]);
        let part = |i: usize| (i as f64 + 0.5) / PARTS as f64;
        let mut found = Vec::new();
        let mut carbon = 0.0;
        for i in 0..rows * PARTS {
            for j in 0..columns * PARTS {
                let mut weight = 0.0;
                self.around([part(i) * down, part(j) * across], |voxel, w| {
                    if self.structure.phases[voxel] == Phase::Carbon as u8 {
                        weight += w;
                    }
                });
                carbon += weight;
                if weight > 0.0 {
                    found.push(weight);
                }
            }
        }
        found.sort_by(|a, b| b.total_cmp(a));
        let shown = (carbon * self.structure.carbon_fill) as usize;
        found.get(shown).or(found.last()).copied().unwrap_or(1.0)
    }
}

/// The colour in a film at a share of its thickness from its outer side inwards.
fn layered(layers: &[f64], inwards: f64) -> Rgb {
    let mut left = inwards;
    let mut layer = 0;
    for (number, part) in layers.iter().enumerate() {
        layer = number;
        if left <= *part {
            break;
        }
        left -= part;
    }
    COATING_COLOUR.map(|c| f64::from(c) * LAYERS[layer % LAYERS.len()])
}

/// A phase's colour, lighter or darker.
fn shaded(phase: Phase, light: f64) -> Rgb {
    PHASE_COLOURS[phase as usize].map(|c| (f64::from(c) * light).clamp(0.0, 255.0))
}

/// Consecutive labels spread evenly over 0..1, by the golden ratio.
fn spread(label: u32) -> f64 {
    (f64::from(label) * 0.618_033_988_749_895).fract()
}

//! What lies at a point of a plane through a structure, finer than its voxels: exact spheres,
//! films and fibres, and between them the voxels with smooth edges.

use crate::microstructure::{
    Axis, COATING_COLOUR, Microstructure, Origin, PHASE_COLOURS, Particle, Phase,
};

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

/// Fields of the index along each side of the plane.
const FIELDS: usize = 48;
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

/// A particle that the plane cuts, with its periodic images.
#[derive(Debug, Clone, Copy)]
struct Circle {
    number: usize,
    centre: [f64; 2],
    /// Height of the plane over the centre, m.
    height: f64,
    /// Of the sphere, m.
    radius: f64,
}

/// A short piece of a fibre: both ends (down, across, height of the plane over it) and radius, m.
#[derive(Debug, Clone, Copy)]
struct Rod {
    ends: [[f64; 3]; 2],
    radius: f64,
}

/// A plane through a structure.
pub struct Plane<'a> {
    structure: &'a Microstructure,
    axis: usize,
    index: usize,
    level: f64,
    circles: Vec<Circle>,
    rods: Vec<Rod>,
    /// Circles and rods by field.
    fields: Vec<(Vec<u32>, Vec<u32>)>,
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
        let mut plane = Self {
            structure,
            axis,
            index,
            level: (index as f64 + 0.5) * structure.spacing[axis],
            circles: Vec::new(),
            rods: Vec::new(),
            fields: vec![Default::default(); FIELDS * FIELDS],
            carbon: None,
        };
        if structure.origin == Origin::Generated {
            plane.cut_particles();
            plane.cut_fibres();
        }
        if structure.fibres.is_empty() && structure.carbon_fill < 1.0 {
            plane.carbon = Some(plane.carbon_threshold());
        }
        plane
    }

    /// Axes that run down and across.
    fn axes(&self) -> [usize; 2] {
        match self.axis {
            0 => [1, 2],
            1 => [0, 2],
            _ => [0, 1],
        }
    }

    /// A vector given down, across and out of the plane, along the axes of the structure.
    pub fn lift(&self, [down, across, out]: [f64; 3]) -> [f64; 3] {
        let [row, column] = self.axes();
        let mut vector = [out; 3];
        (vector[row], vector[column]) = (down, across);
        vector
    }

    /// Lengths down and across, m.
    pub fn edges(&self) -> [f64; 2] {
        let edges = self.structure.edges();
        self.axes().map(|axis| edges[axis])
    }

    /// Shifts of the images that may reach into the plane.
    fn images(&self, axis: usize) -> Vec<f64> {
        let edge = self.structure.edges()[axis];
        if self.structure.periodic {
            vec![-edge, 0.0, edge]
        } else {
            vec![0.0]
        }
    }

    fn cut_particles(&mut self) {
        let [row, column] = self.axes();
        let margin = 0.02 * self.edges()[0];
        for (number, &Particle { centre, radius }) in self.structure.particles.iter().enumerate() {
            for up in self.images(self.axis) {
                let height = self.level - centre[self.axis] - up;
                if height.abs() >= radius + margin {
                    continue;
                }
                for down in self.images(row) {
                    for across in self.images(column) {
                        let circle = Circle {
                            number,
                            centre: [centre[row] + down, centre[column] + across],
                            height,
                            radius,
                        };
                        let next = self.circles.len() as u32;
                        let touched = self.fields_around(circle.centre, radius + margin);
                        if touched.is_empty() {
                            continue;
                        }
                        touched
                            .into_iter()
                            .for_each(|field| self.fields[field].0.push(next));
                        self.circles.push(circle);
                    }
                }
            }
        }
    }

    fn cut_fibres(&mut self) {
        let structure = self.structure;
        let [row, column] = self.axes();
        let edges = structure.edges();
        for fibre in &structure.fibres {
            let radius = 0.5 * fibre.diameter;
            for pair in fibre.path.windows(2) {
                // The image of the piece whose beginning lies in the box, and its neighbours.
                let home = [0, 1, 2].map(|a| {
                    let whole = if structure.periodic {
                        (pair[0][a] / edges[a]).floor()
                    } else {
                        0.0
                    };
                    whole * edges[a]
                });
                for up in self.images(self.axis) {
                    let heights = [0, 1]
                        .map(|end| self.level - (pair[end][self.axis] - home[self.axis] + up));
                    let crossing = heights[0] * heights[1] <= 0.0;
                    if !crossing && heights.iter().all(|h| h.abs() > radius) {
                        continue;
                    }
                    for down in self.images(row) {
                        for across in self.images(column) {
                            let end = |i: usize| {
                                [
                                    pair[i][row] - home[row] + down,
                                    pair[i][column] - home[column] + across,
                                    heights[i],
                                ]
                            };
                            let rod = Rod {
                                ends: [end(0), end(1)],
                                radius,
                            };
                            let middle = [0, 1].map(|a| 0.5 * (rod.ends[0][a] + rod.ends[1][a]));
                            let reach = [0, 1]
                                .map(|a| (rod.ends[0][a] - rod.ends[1][a]).abs())
                                .into_iter()
                                .fold(0.0, f64::max);
                            let next = self.rods.len() as u32;
                            let touched = self.fields_around(middle, 0.5 * reach + radius);
                            if touched.is_empty() {
                                continue;
                            }
                            touched
                                .into_iter()
                                .for_each(|field| self.fields[field].1.push(next));
                            self.rods.push(rod);
                        }
                    }
                }
            }
        }
    }

    /// Fields of the index within `reach` of a point, none for what lies beyond the plane.
    fn fields_around(&self, centre: [f64; 2], reach: f64) -> Vec<usize> {
        let edges = self.edges();
        let last = FIELDS as f64 - 1.0;
        let range = |a: usize| {
            let field = |x: f64| (x / edges[a] * FIELDS as f64).floor();
            let (from, to) = (field(centre[a] - reach), field(centre[a] + reach));
            if to < 0.0 || from > last || !(from <= to) {
                return 0..0;
            }
            from.max(0.0) as usize..to.min(last) as usize + 1
        };
        let (rows, columns) = (range(0), range(1));
        rows.flat_map(|i| columns.clone().map(move |j| i * FIELDS + j))
            .collect()
    }

    /// The point inside the plane that a point beyond it stands for.
    fn home(&self, point: [f64; 2]) -> [f64; 2] {
        let edges = self.edges();
        [0, 1].map(|a| {
            if self.structure.periodic {
                point[a].rem_euclid(edges[a])
            } else {
                point[a].clamp(0.0, edges[a] * (1.0 - 1e-12))
            }
        })
    }

    fn field(&self, point: [f64; 2]) -> &(Vec<u32>, Vec<u32>) {
        let edges = self.edges();
        let at = |a: usize| ((point[a] / edges[a] * FIELDS as f64) as usize).min(FIELDS - 1);
        &self.fields[at(0) * FIELDS + at(1)]
    }

    /// Particles that the plane cuts: number, centre in the plane, height of the plane over
    /// the centre and radius of the sphere, m. Each image that shows counts.
    pub fn cut(&self) -> impl Iterator<Item = (usize, [f64; 2], f64, f64)> {
        let shown = self.circles.iter().filter(|c| c.height.abs() < c.radius);
        shown.map(|c| (c.number, c.centre, c.height, c.radius))
    }

    /// The colour at a point, red, green and blue from 0 to 255.
    pub fn colour(&self, point: [f64; 2], film: Film) -> Rgb {
        let point = self.home(point);
        let (circles, rods) = self.field(point);
        let edge = EDGE.1 * self.edges()[1];
        let mut coating = None;
        for circle in circles.iter().map(|&c| self.circles[c as usize]) {
            let apart = [0, 1].map(|a| point[a] - circle.centre[a]);
            let distance =
                (apart[0] * apart[0] + apart[1] * apart[1] + circle.height.powi(2)).sqrt();
            let out = distance - circle.radius;
            if out < 0.0 {
                let rim = matches!(film, Film::Rim(_)) && out > -edge;
                return self.oxide(&circle, point, if rim { EDGE.0 } else { 1.0 });
            }
            coating = coating.or_else(|| self.film(&circle, apart, out, film));
        }
        if let Some(colour) = coating {
            return colour;
        }
        if rods
            .iter()
            .any(|&r| self.rods[r as usize].holds([point[0], point[1], 0.0]))
        {
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
        let axes = self.axes();
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
        let [rows, columns] = self.axes().map(|axis| self.structure.shape[axis]);
        let [down, across] = self.axes().map(|axis| self.structure.spacing[axis]);
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

impl Rod {
    fn holds(&self, point: [f64; 3]) -> bool {
        let [from, to] = self.ends;
        let along = [0, 1, 2].map(|a| to[a] - from[a]);
        let apart = [0, 1, 2].map(|a| point[a] - from[a]);
        let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let share = (dot(apart, along) / dot(along, along).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let off = [0, 1, 2].map(|a| apart[a] - share * along[a]);
        dot(off, off) < self.radius * self.radius
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

//! Straight fibres whose paths are known.

use super::*;

/// A cube of electrolyte and what is laid in it.
struct Room {
    grid: Grid,
    raster: Raster,
    phases: Vec<u8>,
}

impl Room {
    fn new(resolution: usize, voxel: f64) -> Self {
        let grid = Grid { resolution, voxel };
        let count = grid.count();
        Self {
            grid,
            raster: Raster {
                particle_ids: vec![0; count],
                clearance: vec![1e-6; count],
                nearest: vec![0; count],
            },
            phases: vec![Phase::Electrolyte as u8; count],
        }
    }

    fn strands(&mut self) -> Strands<'_> {
        Strands::new(&self.grid, &self.raster, &[], &mut self.phases)
    }
}

/// Lays a straight fibre in steps of half a voxel; returns its length, m.
fn lay(strands: &mut Strands, fibre: usize, diameter: f64, [from, to]: [[f64; 3]; 2]) -> f64 {
    let line: [f64; 3] = std::array::from_fn(|a| to[a] - from[a]);
    let length = dot(line, line).sqrt();
    let steps = (2.0 * length / strands.grid.voxel).ceil() as usize;
    for step in 0..=steps {
        let share = step as f64 / steps as f64;
        let axis = Axis {
            fibre,
            point: std::array::from_fn(|a| from[a] + share * line[a]),
            direction: line.map(|x| x / length),
            diameter,
            is_stopped: false,
        };
        if step == 0 {
            strands.begin(&axis);
        } else {
            strands.reach(&axis);
        }
    }
    length
}

/// Phases, paths and fill of a cube crossed by one straight fibre, from the low
/// face of the first axis to the high one; and the fibre's length, m.
pub(crate) fn crossed(
    resolution: usize,
    voxel: f64,
    diameter: f64,
    tilt: [f64; 2],
) -> (Vec<u8>, CarbonPaths, f64, f64) {
    let mut room = Room::new(resolution, voxel);
    let edge = room.grid.edge();
    let ends = [0.0, edge * (1.0 - 1e-9)].map(|x| {
        let along = x - 0.5 * edge;
        [
            x,
            0.5 * edge + tilt[0] * along,
            0.5 * edge + tilt[1] * along,
        ]
    });
    let mut strands = room.strands();
    let length = lay(&mut strands, 0, diameter, ends);
    let volume = std::f64::consts::PI / 4.0 * diameter * diameter * length;
    let fill = volume / (strands.marked as f64 * voxel.powi(3));
    let paths = strands.paths(length, diameter);
    (room.phases, paths, fill, length)
}

/// Voxels that hang together with one through the faces of the paths.
fn reached(grid: &Grid, paths: &CarbonPaths, from: usize) -> HashMap<usize, ()> {
    let n = grid.resolution;
    let mut found = HashMap::from([(from, ())]);
    let mut front = vec![from];
    while let Some(voxel) = front.pop() {
        for axis in 0..3 {
            let (mut after, mut before) = (grid.coordinates(voxel), grid.coordinates(voxel));
            after[axis] = (after[axis] + 1) % n;
            before[axis] = (before[axis] + n - 1) % n;
            let (after, before) = (grid.index(after), grid.index(before));
            for (face, next) in [(voxel, after), (before, before)] {
                if paths.faces[face] & (1 << axis) != 0 && found.insert(next, ()).is_none() {
                    front.push(next);
                }
            }
        }
    }
    found
}

/// Two fibres of 150 nm cross at right angles, their axes closer or farther apart
/// than that, on voxels that do not tell the one from the other.
#[test]
fn fibres_meet_where_they_touch_and_not_where_they_share_voxels() {
    for voxel in [1e-7, 1.5e-7, 3e-7, 4e-7] {
        for (apart, touch) in [(0.1e-6, true), (0.14e-6, true), (0.19e-6, false)] {
            let mut room = Room::new(24, voxel);
            let grid = room.grid;
            let edge = grid.edge();
            let middle = 0.5 * edge + 0.1e-7;
            let mut strands = room.strands();
            let second = middle + apart;
            let low = [0.1 * edge, middle, middle];
            let high = [0.9 * edge, middle, middle];
            lay(&mut strands, 0, 150e-9, [low, high]);
            let across = [[middle, 0.1 * edge, second], [middle, 0.9 * edge, second]];
            lay(&mut strands, 1, 150e-9, across);
            let paths = strands.paths(1.6 * edge, 150e-9);
            let found = reached(&grid, &paths, grid.index_at(low));
            assert!(found.contains_key(&grid.index_at(high)), "{voxel:e}");
            let is_joined = found.contains_key(&grid.index_at(across[0]));
            assert_eq!(is_joined, touch, "{voxel:e} {apart:e}");
            // Neither is interrupted by the other.
            let other = reached(&grid, &paths, grid.index_at(across[0]));
            assert!(other.contains_key(&grid.index_at(across[1])), "{voxel:e}");
        }
    }
}

#[test]
fn only_a_fibre_that_reaches_a_particle_touches_it() {
    let mut room = Room::new(24, 3e-7);
    let grid = room.grid;
    let middle = 0.5 * grid.edge();
    let particle = Particle {
        centre: [middle; 3],
        radius: 1.5e-6,
    };
    room.raster = super::super::rasterise(&[particle], &grid, 1e-6);
    for (clearance, touches) in [(0.05e-6, true), (0.12e-6, false)] {
        let mut phases = room.raster.phases();
        let particles = [particle];
        let mut strands = Strands::new(&grid, &room.raster, &particles, &mut phases);
        let beside = middle + particle.radius + clearance;
        let ends = [
            [0.2e-6, middle, beside],
            [grid.edge() - 0.2e-6, middle, beside],
        ];
        lay(&mut strands, 0, 150e-9, ends);
        let faces = strands.paths(grid.edge(), 150e-9).faces;
        assert_eq!(faces.iter().any(|&f| f & TOUCHES != 0), touches);
    }
}

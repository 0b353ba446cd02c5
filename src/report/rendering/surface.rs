//! A piece of a particle's surface, close enough that its film shows at true scale: across
//! it, and from above.

use super::paint::{Picture, paint};
use super::plane::{Film, Plane, Rgb};
use crate::microstructure::{COATING_COLOUR, Microstructure, PHASE_COLOURS, Phase};
use std::f64::consts::TAU;

/// Width of the piece over the thickness of its film.
const THICKNESSES: f64 = 60.0;
/// Least and greatest width of the piece, m.
const WIDTHS: [f64; 2] = [150e-9, 1e-6];
/// Width of a piece without film over the radius.
const BARE: f64 = 0.5;
/// Width seen from above, in patches of the film.
const PATCHES: f64 = 5.0;
/// Directions that are looked at for a good place.
const DIRECTIONS: usize = 600;
/// Where the surface lies in the picture, from its upper edge.
pub const LEVEL: f64 = 0.62;
/// Share of the piece that should be bare, where some of the surface is.
const SHOWN_BARE: [f64; 2] = [0.15, 0.5];
/// Colours of a thin and of a thick film: lightness of the coating's colour, and share of white.
const RAMP: [(f64, f64); 3] = [(1.0, 0.82), (1.0, 0.0), (0.38, 0.0)];

/// A place on the surface of a particle that the plane cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Of the particle.
    pub number: usize,
    /// In the plane (down, across), m.
    pub point: [f64; 2],
    /// Outward direction in the plane.
    outward: [f64; 2],
    /// Centre of the particle in the plane, and height of the plane over it, m.
    centre: ([f64; 2], f64),
    radius: f64,
    /// Width of the piece, m.
    pub width: f64,
}

impl Place {
    /// The best place to look at: on a particle cut through its middle, facing electrolyte,
    /// with covered and bare surface where there are both.
    pub fn choose(plane: &Plane, structure: &Microstructure, aspect: f64) -> Option<Self> {
        let edges = plane.edges();
        let inside =
            |c: &[f64; 2]| (0..2).all(|a| c[a] > 0.02 * edges[a] && c[a] < 0.98 * edges[a]);
        let (number, centre, height, radius) = plane
            .cut()
            .filter(|(_, centre, ..)| inside(centre))
            .min_by(|a, b| (a.2 / a.3).abs().total_cmp(&(b.2 / b.3).abs()))?;
        let film = structure.shells.as_ref();
        let shell = film.and_then(|shells| shells.particles().get(number));
        let width = match shell {
            Some(shell) => (THICKNESSES * shell.thickness)
                .clamp(WIDTHS[0], WIDTHS[1])
                .min(0.8 * radius),
            None => BARE * radius,
        };
        let bare = shell.map_or(0.0, |shell| match 1.0 - shell.coverage {
            none if none < 1e-3 => 0.0,
            some => some.clamp(SHOWN_BARE[0], SHOWN_BARE[1]),
        });
        let ring = (radius * radius - height * height).sqrt();
        let places = (0..DIRECTIONS).map(|i| {
            let (sin, cos) = (TAU * i as f64 / DIRECTIONS as f64).sin_cos();
            Self {
                number,
                point: [centre[0] + ring * sin, centre[1] + ring * cos],
                outward: [sin, cos],
                centre: (centre, height),
                radius,
                width,
            }
        });
        places
            .filter(|place| inside(&place.point))
            .map(|place| (place.merit(plane, structure, aspect, bare), place))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, place)| place)
    }

    /// How much of the surroundings is electrolyte, less what the bare share is off.
    fn merit(&self, plane: &Plane, structure: &Microstructure, aspect: f64, bare: f64) -> f64 {
        const STEPS: usize = 24;
        let electrolyte = PHASE_COLOURS[Phase::Electrolyte as usize].map(f64::from);
        // Shades of the electrolyte differ by little, other colours by much.
        let near = |colour: Rgb| (0..3).all(|i| (colour[i] - electrolyte[i]).abs() < 45.0);
        let (mut outside, mut uncovered) = (0.0, 0.0);
        for i in 0..STEPS {
            let across = (i as f64 + 0.5) / STEPS as f64;
            for height in [0.2, 0.5, 0.8] {
                let at = self.at([LEVEL * (1.0 - height), across], aspect);
                outside += f64::from(u8::from(near(plane.colour(at, Film::True))));
            }
            let direction = plane.lift(self.direction([across - 0.5, 0.0], self.width));
            uncovered += f64::from(u8::from(self.thickness(structure, direction) <= 0.0));
        }
        let steps = STEPS as f64;
        let off = if structure.shells.is_some() {
            (uncovered / steps - bare).abs()
        } else {
            0.0
        };
        outside / (3.0 * steps) - off
    }

    /// The point of the plane at shares (down, across) of the picture, whose height is
    /// `aspect` of its width.
    fn at(&self, [down, across]: [f64; 2], aspect: f64) -> [f64; 2] {
        let up = (LEVEL - down) * aspect * self.width;
        let along = (across - 0.5) * self.width;
        let [a, b] = self.outward;
        [
            self.point[0] + up * a - along * b,
            self.point[1] + up * b + along * a,
        ]
    }

    /// Thickness of the particle's film in a direction from its centre, m.
    fn thickness(&self, structure: &Microstructure, direction: [f64; 3]) -> f64 {
        let shells = structure.shells.as_ref();
        shells.map_or(0.0, |shells| shells.thickness_at(self.number, direction))
    }

    /// From the centre to a point of the surface at shares of `width` along the plane and
    /// across it: down and across in the plane, and out of it.
    fn direction(&self, [along, aside]: [f64; 2], width: f64) -> [f64; 3] {
        let (_, height) = self.centre;
        let ring = (self.radius * self.radius - height * height).sqrt();
        let [a, b] = self.outward;
        // The tangent that leaves the plane.
        let (up, out) = (ring / self.radius, -height / self.radius);
        let (x, y) = (along * width, aside * width);
        [
            ring * a - x * b + y * out * a,
            ring * b + x * a + y * out * b,
            height + y * up,
        ]
    }

    /// The picture across the surface, outward up.
    pub fn across(&self, plane: &Plane, size: [usize; 2]) -> Picture {
        let aspect = size[1] as f64 / size[0] as f64;
        paint(size, |share| {
            plane.colour(self.at(share, aspect), Film::True)
        })
    }

    /// Width of the picture from above, m.
    pub fn view(&self, patch: f64) -> f64 {
        (PATCHES * patch).clamp(self.width, 1.2 * self.radius)
    }

    /// The film from above, and the thickness at the dark end of its colours, m.
    pub fn above(
        &self,
        plane: &Plane,
        structure: &Microstructure,
        width: f64,
        size: [usize; 2],
    ) -> (Picture, f64) {
        let aspect = size[1] as f64 / size[0] as f64;
        let thickness = |[down, across]: [f64; 2]| {
            let place = [across - 0.5, (0.5 - down) * aspect];
            self.thickness(structure, plane.lift(self.direction(place, width)))
        };
        const STEPS: usize = 60;
        let share = |i: usize| (i as f64 + 0.5) / STEPS as f64;
        let most = (0..STEPS * STEPS)
            .map(|i| thickness([share(i / STEPS), share(i % STEPS)]))
            .fold(f64::MIN_POSITIVE, f64::max);
        let picture = paint(size, |place| match thickness(place) {
            bare if bare <= 0.0 => PHASE_COLOURS[Phase::ActiveMaterial as usize].map(f64::from),
            film => ramp(film / most),
        });
        (picture, most)
    }
}

/// The colour of a film of a share of the greatest thickness.
pub fn ramp(share: f64) -> Rgb {
    let position = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let below = (position as usize).min(RAMP.len() - 2);
    let mix = position - below as f64;
    let colour = |(light, white): (f64, f64)| {
        COATING_COLOUR.map(|c| (1.0 - white) * light * f64::from(c) + white * 255.0)
    };
    let (a, b) = (colour(RAMP[below]), colour(RAMP[below + 1]));
    [0, 1, 2].map(|i| a[i] + mix * (b[i] - a[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thicker_films_are_darker() {
        let light = |share: f64| ramp(share).iter().sum::<f64>();
        let steps: Vec<f64> = (0..=20).map(|i| light(f64::from(i) / 20.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[1] < pair[0]));
    }

    /// Directions leave the centre for points of the surface, to second order.
    #[test]
    fn a_piece_lies_on_its_sphere() {
        let place = Place {
            number: 0,
            point: [0.0; 2],
            outward: [0.6, 0.8],
            centre: ([0.0; 2], 0.3),
            radius: 1.0,
            width: 0.1,
        };
        for at in [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]] {
            let direction = place.direction(at, 0.1);
            let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
            let off = 0.5 * (0.1 * (at[0] + at[1])).powi(2);
            assert!((length - 1.0 - off).abs() < 1e-5, "{at:?}: {length}");
        }
    }
}

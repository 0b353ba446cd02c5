//! Pictures from a colour for every point, with smooth edges.

use super::plane::Rgb;
use rayon::prelude::*;

/// Points along each side of a pixel at an edge.
const FINE: usize = 4;
/// Difference of a channel between neighbours that makes an edge, of 255.
const EDGE: f64 = 6.0;

/// A picture: pixels row by row in red, green and blue.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Across and down.
    pub size: [usize; 2],
    /// Three bytes a pixel.
    pub pixels: Vec<u8>,
}

/// Paints `colour` of points given as shares of the picture, down and across, 0..1. Pixels at
/// edges are means over many points.
pub fn paint(size: [usize; 2], colour: impl Fn([f64; 2]) -> Rgb + Sync) -> Picture {
    let [columns, rows] = size;
    let at = |row: f64, column: f64| colour([row / rows as f64, column / columns as f64]);
    let middle: Vec<Rgb> = (0..rows * columns)
        .into_par_iter()
        .map(|i| at((i / columns) as f64 + 0.5, (i % columns) as f64 + 0.5))
        .collect();
    let differs = |a: &Rgb, b: &Rgb| a.iter().zip(b).any(|(a, b)| (a - b).abs() > EDGE);
    let pixel = |i: usize| {
        let (row, column) = (i / columns, i % columns);
        let own = &middle[i];
        let edge = (column > 0 && differs(own, &middle[i - 1]))
            || (column + 1 < columns && differs(own, &middle[i + 1]))
            || (row > 0 && differs(own, &middle[i - columns]))
            || (row + 1 < rows && differs(own, &middle[i + columns]));
        if !edge {
            return bytes(*own);
        }
        let mut sum = [0.0; 3];
        for point in 0..FINE * FINE {
            let part = |n: usize| (n as f64 + 0.5) / FINE as f64;
            let [r, c] = [
                row as f64 + part(point / FINE),
                column as f64 + part(point % FINE),
            ];
            let found = at(r, c);
            (0..3).for_each(|channel| sum[channel] += found[channel]);
        }
        bytes(sum.map(|s| s / (FINE * FINE) as f64))
    };
    let pixels: Vec<[u8; 3]> = (0..rows * columns).into_par_iter().map(pixel).collect();
    Picture {
        size,
        pixels: pixels.into_flattened(),
    }
}

fn bytes(colour: Rgb) -> [u8; 3] {
    colour.map(|c| c.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_smooth_and_the_rest_is_flat() {
        // Half of the third column is black.
        let half = |[_, across]: [f64; 2]| if across < 0.25 { [0.0; 3] } else { [200.0; 3] };
        let picture = paint([10, 2], half);
        let row: Vec<u8> = picture.pixels.chunks(3).take(10).map(|p| p[0]).collect();
        assert_eq!(row, [0, 0, 100, 200, 200, 200, 200, 200, 200, 200]);
    }
}

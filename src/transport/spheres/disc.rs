//! Area of a disc inside a rectangle: what a sphere covers of a voxel's face.

/// Area of the disc of `radius` around the origin inside `[x1, x2] x [y1, y2]`.
pub(super) fn disc_in_rectangle(radius: f64, [x1, x2]: [f64; 2], [y1, y2]: [f64; 2]) -> f64 {
    let below = |x, y| quadrant(radius, x, y);
    (below(x2, y2) - below(x1, y2) - below(x2, y1) + below(x1, y1)).max(0.0)
}

/// Area of the disc left of `x` and below `y`.
fn quadrant(radius: f64, x: f64, y: f64) -> f64 {
    let r2 = radius * radius;
    // Area under the upper half of the circle, from its left end to `t`.
    let half = |t: f64| {
        let t = t.clamp(-radius, radius);
        let rise = (r2 - t * t).max(0.0).sqrt();
        0.5 * (t * rise + r2 * ((t / radius).asin() + std::f64::consts::FRAC_PI_2))
    };
    let (x, y) = (x.clamp(-radius, radius), y.clamp(-radius, radius));
    // The horizontal chord at `y` runs from -reach to reach. Left and right of
    // it the line at `y` passes the disc by, above or below.
    let reach = (r2 - y * y).max(0.0).sqrt();
    let (left, right) = (x.min(-reach), x.min(reach));
    let between = if right > -reach {
        (right + reach) * y + half(right) - half(-reach)
    } else {
        0.0
    };
    let beside = half(left) + half(x) - half(x.min(reach));
    if y >= 0.0 {
        2.0 * beside + between
    } else {
        between
    }
}

/// Area of the disc of `radius` around the origin inside a convex polygon, its corners
/// in order against the clock.
pub(super) fn disc_in_polygon(radius: f64, corners: &[[f64; 2]]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    let edges = corners.iter().zip(next);
    edges.map(|(&p, &q)| disc_in_triangle(radius, p, q)).sum()
}

/// Area of the disc inside the triangle of the origin and an edge, negative if the edge
/// runs with the clock.
fn disc_in_triangle(radius: f64, p: [f64; 2], q: [f64; 2]) -> f64 {
    let d = [q[0] - p[0], q[1] - p[1]];
    let square = d[0] * d[0] + d[1] * d[1];
    if square <= 0.0 {
        return 0.0;
    }
    let cross = |a: [f64; 2], b: [f64; 2]| a[0] * b[1] - a[1] * b[0];
    let at = |t: f64| [p[0] + t * d[0], p[1] + t * d[1]];
    let sector = |a: [f64; 2], b: [f64; 2]| {
        0.5 * radius * radius * cross(a, b).atan2(a[0] * b[0] + a[1] * b[1])
    };
    // Where the line of the edge enters and leaves the disc.
    let middle = -(p[0] * d[0] + p[1] * d[1]) / square;
    let away = cross(p, q).powi(2) / square;
    let half = ((radius * radius - away).max(0.0) / square).sqrt();
    let (enters, leaves) = ((middle - half).max(0.0), (middle + half).min(1.0));
    if enters >= leaves {
        return sector(p, q);
    }
    let (a, b) = (at(enters), at(leaves));
    let before = if enters > 0.0 { sector(p, a) } else { 0.0 };
    let after = if leaves < 1.0 { sector(b, q) } else { 0.0 };
    before + 0.5 * cross(a, b) + after
}

/// What is left of a convex polygon where `weight . x <= limit`.
pub(super) fn clip(polygon: &[[f64; 2]], weight: [f64; 2], limit: f64) -> Vec<[f64; 2]> {
    let beyond = |x: &[f64; 2]| weight[0] * x[0] + weight[1] * x[1] - limit;
    let mut left = Vec::with_capacity(polygon.len() + 1);
    for (p, q) in polygon.iter().zip(polygon.iter().cycle().skip(1)) {
        let (at_p, at_q) = (beyond(p), beyond(q));
        if at_p <= 0.0 {
            left.push(*p);
        }
        if at_p * at_q < 0.0 {
            let t = at_p / (at_p - at_q);
            left.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use std::f64::consts::PI;

    #[test]
    fn whole_half_and_quarter() {
        let wide = [-3.0, 3.0];
        assert_relative_eq!(
            disc_in_rectangle(1.5, wide, wide),
            PI * 2.25,
            epsilon = 1e-12
        );
        assert_relative_eq!(
            disc_in_rectangle(1.5, [0.0, 3.0], wide),
            PI * 1.125,
            epsilon = 1e-12
        );
        assert_relative_eq!(
            disc_in_rectangle(1.5, [-3.0, 0.0], [0.0, 3.0]),
            PI * 0.5625,
            epsilon = 1e-12
        );
        assert!(disc_in_rectangle(1.0, [0.8, 2.0], [0.8, 2.0]) < 1e-15);
        assert_relative_eq!(
            disc_in_rectangle(1.0, [-0.2, 0.3], [0.1, 0.4]),
            0.15,
            epsilon = 1e-14
        );
    }

    #[test]
    fn any_rectangle_against_fine_strips() {
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
            (state >> 11) as f64 / (1u64 << 53) as f64 * 3.0 - 1.5
        };
        for _ in 0..200 {
            let mut x = [random(), random()];
            let mut y = [random(), random()];
            x.sort_by(f64::total_cmp);
            y.sort_by(f64::total_cmp);
            let strips = 20_000;
            let width = (x[1] - x[0]) / f64::from(strips);
            let sum: f64 = (0..strips)
                .map(|i| {
                    let at = x[0] + (f64::from(i) + 0.5) * width;
                    let rise = (1.0 - at * at).max(0.0).sqrt();
                    (y[1].min(rise) - y[0].max(-rise)).max(0.0) * width
                })
                .sum();
            assert_relative_eq!(disc_in_rectangle(1.0, x, y), sum, epsilon = 3e-6);
            let corners = [[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]];
            assert_relative_eq!(disc_in_polygon(1.0, &corners), sum, epsilon = 3e-6);
            // Cut in two, its parts hold as much as the whole.
            let (weight, limit) = ([random(), random()], 0.5 * random());
            let low = clip(&corners, weight, limit);
            let high = clip(&corners, weight.map(|w| -w), -limit);
            let parts = disc_in_polygon(1.0, &low) + disc_in_polygon(1.0, &high);
            assert_relative_eq!(parts, disc_in_polygon(1.0, &corners), epsilon = 1e-12);
        }
    }
}

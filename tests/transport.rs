//! The voxel solver against what is known exactly.

use engobe::transport::{
    Axis, Boundaries, Medium, Sides, Solution, Tolerance, TransportError, solve,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const AXES: [Axis; 3] = [Axis::First, Axis::Second, Axis::Third];

fn medium(shape: [usize; 3], conductivity: &[f32], sides: Sides) -> Medium<'_> {
    Medium {
        shape,
        spacing: [1e-6; 3],
        conductivity,
        boundaries: None,
        inclusions: None,
        open: None,
        sides,
    }
}

fn answer(shape: [usize; 3], conductivity: &[f32], axis: Axis) -> Solution {
    solve(
        &medium(shape, conductivity, Sides::Periodic),
        axis,
        Tolerance::fine(),
    )
    .unwrap()
}

fn close(found: f64, expected: f64, relative: f64) {
    assert!(
        (found / expected - 1.0).abs() <= relative,
        "{found} instead of {expected}: off by {:.1e}",
        found / expected - 1.0
    );
}

/// Field on a grid from a function of the indices.
fn field(shape: [usize; 3], value: impl Fn(usize, usize, usize) -> f32) -> Vec<f32> {
    let [n1, n2, n3] = shape;
    let mut field = Vec::with_capacity(n1 * n2 * n3);
    for i in 0..n1 {
        for j in 0..n2 {
            for k in 0..n3 {
                field.push(value(i, j, k));
            }
        }
    }
    field
}

/// Overlapping periodic spheres of `inside` in `outside`, to a volume fraction.
fn spheres(
    n: usize,
    radius: f64,
    fraction: f64,
    seed: u64,
    [inside, outside]: [f32; 2],
) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut within = vec![false; n * n * n];
    let mut count = 0;
    let reach = radius.ceil() as i64;
    while (count as f64) < fraction * within.len() as f64 {
        let centre: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() * n as f64);
        let base = centre.map(|x| x as i64);
        for i in -reach..=reach {
            for j in -reach..=reach {
                for k in -reach..=reach {
                    let at = [base[0] + i, base[1] + j, base[2] + k];
                    let distance: f64 = (0..3)
                        .map(|x| (at[x] as f64 + 0.5 - centre[x]).powi(2))
                        .sum();
                    let [i, j, k] = at.map(|x| x.rem_euclid(n as i64) as usize);
                    let voxel = (i * n + j) * n + k;
                    if distance < radius * radius && !within[voxel] {
                        within[voxel] = true;
                        count += 1;
                    }
                }
            }
        }
    }
    within
        .iter()
        .map(|&w| if w { inside } else { outside })
        .collect()
}

#[test]
fn laminates_are_exact_along_and_across() {
    let layers = [1.0f32, 4.0, 0.25, 1e-3, 1e3, 2.0, 0.5];
    let arithmetic = layers.iter().map(|&s| f64::from(s)).sum::<f64>() / 7.0;
    let harmonic = 7.0 / layers.iter().map(|&s| 1.0 / f64::from(s)).sum::<f64>();
    for (layered, axis) in AXES.into_iter().enumerate() {
        let mut shape = [4, 6, 5];
        shape[layered] = 7;
        let values = field(shape, |i, j, k| layers[[i, j, k][layered]]);
        for along in AXES {
            let expected = if along == axis { harmonic } else { arithmetic };
            // Conductances are stored in single precision: 6e-8 each.
            close(answer(shape, &values, along).conductivity, expected, 1.5e-7);
        }
    }
}

#[test]
fn flat_voxels_and_thin_grids_conduct_as_the_material() {
    for shape in [[1, 1, 1], [5, 1, 1], [1, 5, 2], [3, 2, 1], [2, 7, 9]] {
        let values = vec![3.0f32; shape.iter().product()];
        for axis in AXES {
            for sides in [Sides::Periodic, Sides::NoFlux] {
                let block = Medium {
                    spacing: [1e-6, 3e-6, 0.2e-6],
                    ..medium(shape, &values, sides)
                };
                close(
                    solve(&block, axis, Tolerance::fine()).unwrap().conductivity,
                    3.0,
                    1e-7,
                );
            }
        }
    }
}

#[test]
fn boundaries_add_their_resistance_in_series() {
    let shape = [6, 3, 4];
    let values = vec![2.0f32; 72];
    // Two boundaries across the current; label 0 takes part in none.
    let labels: Vec<u32> = (0..72).map(|v| [7, 7, 3, 3, 7, 0][v / 12]).collect();
    let with = Medium {
        boundaries: Some(Boundaries {
            labels: &labels,
            resistance: 1.5e-6,
        }),
        ..medium(shape, &values, Sides::Periodic)
    };
    let resistance = 6e-6 / 2.0 + 2.0 * 1.5e-6;
    let found = solve(&with, Axis::First, Tolerance::fine()).unwrap();
    close(found.conductivity, 6e-6 / resistance, 1.5e-7);
    let along = solve(&with, Axis::Third, Tolerance::fine()).unwrap();
    close(along.conductivity, 2.0, 1.5e-7);
}

#[test]
fn the_potential_of_a_laminate_is_piecewise_linear() {
    let values = field([4, 2, 3], |_, j, _| if j == 0 { 1.0 } else { 3.0 });
    let found = solve(
        &medium([4, 2, 3], &values, Sides::NoFlux),
        Axis::Second,
        Tolerance::fine(),
    );
    // 0.75 of the drop in the first layer, 0.25 in the second; centres half-way.
    for (voxel, &potential) in found.unwrap().potential.iter().enumerate() {
        let expected = if voxel / 3 % 2 == 0 { 0.625 } else { 0.125 };
        assert!((potential - expected).abs() < 1e-7, "{voxel}: {potential}");
    }
}

#[test]
fn what_does_not_percolate_gives_exactly_zero() {
    let shape = [8, 6, 6];
    // A plane without conductor, and islands on both sides of it, of which every
    // other conducts up to 1e8 times better or worse.
    for contrast in [1e-5, 1.0, 1e3, 1e6, 1e11] {
        let values = field(shape, |i, j, k| match (i, (i + j + k) % 5) {
            (4, _) | (_, 0) => 0.0,
            (_, 1 | 3) => contrast,
            _ => 1e3,
        });
        let found = answer(shape, &values, Axis::First);
        assert_eq!(found.conductivity.to_bits(), 0.0f64.to_bits());
        assert_eq!(found.spanning.to_bits(), 0.0f64.to_bits());
        assert!(found.potential.iter().all(|&p| p.to_bits() == 0));
        // In the other direction the plane is no obstacle.
        assert!(answer(shape, &values, Axis::Second).conductivity > 0.0);
    }
    // Cells that touch only along an edge do not conduct either.
    let diagonal = field([4, 4, 1], |i, j, _| if i == j { 1.0 } else { 0.0 });
    assert_eq!(
        answer([4, 4, 1], &diagonal, Axis::First)
            .conductivity
            .to_bits(),
        0
    );
}

#[test]
fn dead_ends_and_islands_do_not_matter() {
    let shape = [9, 9, 9];
    let rod = field(shape, |_, j, k| if j == 4 && k == 4 { 1.0 } else { 0.0 });
    let more = field(shape, |i, j, k| match (i, j, k) {
        (_, 4, 4) | (3, 4, 5..8) | (7, 0..2, 0..3) => 1.0,
        _ => 0.0,
    });
    close(
        answer(shape, &rod, Axis::First).conductivity,
        1.0 / 81.0,
        1e-7,
    );
    let found = answer(shape, &more, Axis::First);
    close(found.conductivity, 1.0 / 81.0, 1e-7);
    close(found.spanning, 12.0 / 18.0, 1e-12);
}

#[test]
fn bad_input_is_named() {
    let values = [1.0f32, -1.0, 1.0, 1.0];
    let refuse = |medium: &Medium| solve(medium, Axis::First, Tolerance::default()).unwrap_err();
    let bad = medium([2, 2, 1], &values, Sides::NoFlux);
    assert!(matches!(
        refuse(&bad),
        TransportError::InvalidConductivity { voxel: 1, .. }
    ));
    let short = medium([2, 2, 2], &values, Sides::NoFlux);
    assert!(matches!(
        refuse(&short),
        TransportError::WrongLength {
            found: 4,
            expected: 8,
            ..
        }
    ));
    let empty = medium([0, 2, 2], &[], Sides::NoFlux);
    assert!(matches!(refuse(&empty), TransportError::WrongLength { .. }));
    let huge = medium([usize::MAX, 2, 2], &values, Sides::NoFlux);
    assert!(matches!(refuse(&huge), TransportError::TooLarge { .. }));
    let flat = Medium {
        spacing: [1.0, 0.0, 1.0],
        conductivity: &[1.0; 4],
        ..bad
    };
    assert!(matches!(
        refuse(&flat),
        TransportError::InvalidSpacing { .. }
    ));
}

#[test]
fn an_unreachable_tolerance_is_an_error_not_an_answer() {
    let values = spheres(16, 3.0, 0.4, 1, [0.0, 1.0]);
    let hasty = Tolerance {
        relative: 1e-8,
        iterations: 2,
    };
    let error = solve(
        &medium([16; 3], &values, Sides::Periodic),
        Axis::First,
        hasty,
    )
    .unwrap_err();
    assert!(
        matches!(error, TransportError::NotConverged { iterations: 2, .. }),
        "{error}"
    );
}

/// Simple cubic array of spheres in a matrix of conductivity 1: fraction, then
/// the effective conductivity for insulating spheres, 0.1, 10 and perfect
/// conductors (Rayleigh's multipole series, converged).
const CUBIC: [[f64; 5]; 5] = [
    [0.1, 0.857112, 0.876693, 1.243339, 1.333559],
    [0.2, 0.726703, 0.762798, 1.531724, 1.755876],
    [0.3, 0.605661, 0.656290, 1.887740, 2.332885],
    [0.4, 0.490110, 0.554625, 2.364431, 3.262566],
    [0.5, 0.373735, 0.45407, 3.14455, 5.8913],
];

/// One sphere in a cubic cell of `n` voxels, voxels by their centres.
fn cubic_cell(n: usize, fraction: f64, inside: f32) -> f64 {
    let radius = (fraction * 0.75 / std::f64::consts::PI).cbrt();
    let values = field([n; 3], |i, j, k| {
        let distance: f64 = [i, j, k]
            .iter()
            .map(|&x| ((x as f64 + 0.5) / n as f64 - 0.5).powi(2))
            .sum();
        if distance < radius * radius {
            inside
        } else {
            1.0
        }
    });
    answer([n; 3], &values, Axis::First).conductivity
}

/// Voxels by their centres make spheres rough: the error falls in proportion to
/// the voxel, and twice the finer answer less the coarser is much closer.
#[test]
fn cubic_lattices_of_spheres_converge_at_first_order() {
    let (mut coarse_sum, mut fine_sum) = (0.0, 0.0);
    for [fraction, exact @ ..] in CUBIC {
        for (inside, exact) in [0.0, 0.1, 10.0, 1e6].into_iter().zip(exact) {
            if fraction > 0.45 && inside > 1.0 {
                // The gap between the spheres is thinner than a coarse voxel.
                continue;
            }
            let [coarse, middle, fine] =
                [24, 48, 96].map(|n| cubic_cell(n, fraction, inside) / exact - 1.0);
            assert!(fine.abs() < 0.015, "{fraction} {inside}: {fine}");
            let extrapolated = 2.0 * fine - middle;
            assert!(
                extrapolated.abs() < 0.004,
                "{fraction} {inside}: {extrapolated}"
            );
            coarse_sum += coarse.abs();
            fine_sum += fine.abs();
        }
    }
    // Single cells scatter with the way the sphere meets the grid; their mean does not.
    let order = (coarse_sum / fine_sum).log(4.0);
    assert!((0.8..1.3).contains(&order), "observed order {order}");
}

/// Near the corners the field is singular: it goes as r^(p - 1) with
/// p = 4/pi atan(sqrt(s1/s2)), so the energy converges as h^(2p).
#[test]
fn a_checkerboard_conducts_the_geometric_mean() {
    let errors: Vec<f64> = [8usize, 16, 32, 64]
        .iter()
        .map(|&n| {
            let half = n / 2;
            let values = field([n, n, 1], |i, j, _| {
                if (i / half + j / half) % 2 == 0 {
                    1.0
                } else {
                    9.0
                }
            });
            let found = solve(
                &medium([n, n, 1], &values, Sides::NoFlux),
                Axis::First,
                Tolerance::fine(),
            );
            found.unwrap().conductivity / 3.0 - 1.0
        })
        .collect();
    let exponent = 8.0 / std::f64::consts::PI * (1.0f64 / 3.0).atan();
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!(
            (order - exponent).abs() < 0.05,
            "order {order}, not {exponent}"
        );
    }
    assert!(errors[3].abs() < 0.025);
    // What is left when the singular term is taken out of the two finest grids.
    let share = (-exponent).exp2();
    let extrapolated = (errors[3] - share * errors[2]) / (1.0 - share);
    assert!(extrapolated.abs() < 1e-3, "{extrapolated}");
}

#[test]
fn turning_and_mirroring_the_structure_turns_the_answer() {
    let n = 20;
    let values = spheres(n, 4.0, 0.4, 3, [0.2, 5.0]);
    let at = |i: usize, j: usize, k: usize| values[(i * n + j) * n + k];
    let along = AXES.map(|axis| answer([n; 3], &values, axis).conductivity);
    let turned = field([n; 3], |i, j, k| at(k, i, j));
    let mirrored = field([n; 3], |i, j, k| at(n - 1 - i, j, n - 1 - k));
    // turned(i, j, k) = at(k, i, j): its first axis is the second of the original.
    let of_turned = AXES.map(|axis| answer([n; 3], &turned, axis).conductivity);
    for (found, expected) in of_turned.iter().zip([along[1], along[2], along[0]]) {
        close(*found, expected, 1e-9);
    }
    for (axis, expected) in AXES.into_iter().zip(along) {
        close(answer([n; 3], &mirrored, axis).conductivity, expected, 1e-9);
    }
    assert!(
        (along[0] / along[1] - 1.0).abs() > 1e-3,
        "the axes must differ for this to mean anything"
    );
}

/// Exchanging the electrodes is mirroring the structure along the current: the
/// same conductivity, and the mirrored potential from the other side.
#[test]
fn exchanging_the_electrodes_reverses_the_current_only() {
    let n = 24;
    for (contrast, sides) in [
        (0.0, Sides::NoFlux),
        (30.0, Sides::Periodic),
        (1e6, Sides::NoFlux),
    ] {
        let values = spheres(n, 4.0, 0.3, 5, [contrast, 1.0]);
        let reversed = field([n; 3], |i, j, k| values[((n - 1 - i) * n + j) * n + k]);
        let [there, back] = [&values, &reversed].map(|values| {
            let block = medium([n; 3], values, sides);
            solve(&block, Axis::First, Tolerance::fine()).unwrap()
        });
        close(back.conductivity, there.conductivity, 1e-10);
        for (voxel, &potential) in there.potential.iter().enumerate() {
            let (i, rest) = (voxel / (n * n), voxel % (n * n));
            let mirrored = back.potential[(n - 1 - i) * n * n + rest];
            // Voxels that carry nothing are 0 in both.
            let expected = if mirrored > 0.0 { 1.0 - mirrored } else { 0.0 };
            assert!((potential - expected).abs() < 1e-6, "{contrast} {voxel}");
        }
    }
}

/// A block with closed sides, and its mirror images joined periodically.
#[test]
fn closed_sides_are_mirrors() {
    let [n1, n2, n3] = [12, 10, 9];
    let cube = spheres(12, 3.0, 0.35, 6, [20.0, 0.5]);
    let at = |i: usize, j: usize, k: usize| cube[(i * 12 + j) * 12 + k];
    let single = field([n1, n2, n3], at);
    let image = field([n1, 2 * n2, 2 * n3], |i, j, k| {
        at(i, j.min(2 * n2 - 1 - j), k.min(2 * n3 - 1 - k))
    });
    let closed = medium([n1, n2, n3], &single, Sides::NoFlux);
    let closed = solve(&closed, Axis::First, Tolerance::fine()).unwrap();
    let joined = answer([n1, 2 * n2, 2 * n3], &image, Axis::First);
    close(joined.conductivity, closed.conductivity, 1e-9);
    let open = answer([n1, n2, n3], &single, Axis::First);
    assert!(
        (open.conductivity / closed.conductivity - 1.0).abs() > 1e-4,
        "the sides must matter for this to mean anything"
    );
}

#[test]
fn conductivity_scales_and_size_does_not_matter() {
    let n = 16;
    let values = spheres(n, 3.0, 0.4, 7, [0.02, 1.0]);
    let spacing = [1e-6, 2.5e-6, 0.7e-6];
    let block = |values, spacing| {
        let block = Medium {
            spacing,
            ..medium([n; 3], values, Sides::Periodic)
        };
        solve(&block, Axis::Second, Tolerance::fine()).unwrap()
    };
    let expected = block(&values, spacing).conductivity;
    let better: Vec<f32> = values.iter().map(|v| 3e4 * v).collect();
    close(block(&better, spacing).conductivity, 3e4 * expected, 1e-7);
    let larger = spacing.map(|h| 1e5 * h);
    close(block(&values, larger).conductivity, expected, 1e-12);
    // Voxels turned with the structure: its second axis becomes the third.
    let turned = field([n; 3], |i, j, k| values[(j * n + k) * n + i]);
    let along = Medium {
        spacing: [spacing[2], spacing[0], spacing[1]],
        ..medium([n; 3], &turned, Sides::Periodic)
    };
    let along = solve(&along, Axis::Third, Tolerance::fine()).unwrap();
    close(along.conductivity, expected, 1e-9);
    let cubic = block(&values, [1e-6; 3]).conductivity;
    assert!(
        (cubic / expected - 1.0).abs() > 0.01,
        "the shape of the voxels must matter for this to mean anything"
    );
}

/// What does not change along an axis conducts alike whatever the voxel's edge there.
#[test]
fn voxels_may_be_long_where_nothing_changes() {
    let n = 16;
    let section = spheres(n, 4.0, 0.4, 8, [50.0, 1.0]);
    let rods = field([n; 3], |i, j, _| section[(i * n + j) * n]);
    let [short, cubic, long] = [1e-8, 1e-6, 1e-4].map(|edge| {
        let block = Medium {
            spacing: [1e-6, 1e-6, edge],
            ..medium([n; 3], &rods, Sides::Periodic)
        };
        solve(&block, Axis::First, Tolerance::fine()).unwrap()
    });
    close(short.conductivity, cubic.conductivity, 1e-7);
    close(long.conductivity, cubic.conductivity, 1e-7);
}

/// A tolerance promises the balance of currents, and of the conductivity its square.
#[test]
fn a_tighter_tolerance_changes_less_than_the_looser_promised() {
    let n = 32;
    for contrast in [0.0f32, 1e3, 1e7] {
        let values = spheres(n, 4.0, 0.25, 9, [contrast, 1.0]);
        let to = |relative: f64| {
            let tolerance = Tolerance {
                relative,
                ..Tolerance::default()
            };
            let block = medium([n; 3], &values, Sides::Periodic);
            solve(&block, Axis::First, tolerance).unwrap()
        };
        for relative in [1e-2, 1e-3, 1e-4, 1e-5, 1e-6] {
            let (loose, tight) = (to(relative), to(0.5 * relative));
            assert!(loose.flux_error <= relative && loose.residual <= relative);
            // The estimate of the error's norm may be short by a small factor.
            let allowed = 4.0 * relative * relative + 1e-12;
            close(loose.conductivity, tight.conductivity, allowed);
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let n = 40;
    let values = spheres(n, 5.0, 0.3, 4, [1e4, 1.0]);
    let with = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| answer([n; 3], &values, Axis::Second))
    };
    let one = with(1);
    for threads in [2, 3, 7] {
        let many = with(threads);
        assert_eq!(one.conductivity.to_bits(), many.conductivity.to_bits());
        assert_eq!(one.iterations, many.iterations);
        assert!(
            one.potential
                .iter()
                .zip(&many.potential)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
    }
}

/// Straight fibres in random directions, `share` of the volume, in a matrix of 1.
fn fibres(n: usize, share: f64, contrast: f32) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut values = vec![1.0f32; n * n * n];
    while (values.iter().filter(|&&v| v > 1.0).count() as f64) < share * values.len() as f64 {
        let start: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() * n as f64);
        let line: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() - 0.5);
        let length = line.iter().map(|x| x * x).sum::<f64>().sqrt();
        for step in 0..4 * n {
            let [i, j, k] = std::array::from_fn(|x| {
                let at = start[x] + line[x] / length * 0.25 * step as f64;
                at.rem_euclid(n as f64) as usize % n
            });
            values[(i * n + j) * n + k] = contrast;
        }
    }
    values
}

/// Single voxels at random, `share` of all, in a matrix of 1.
fn specks(n: usize, share: f64, contrast: f32) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut one = || rng.random::<f64>() < share;
    let voxels = 0..n * n * n;
    voxels.map(|_| if one() { contrast } else { 1.0 }).collect()
}

#[test]
fn sparse_good_conductors_converge_in_few_iterations() {
    let n = 48;
    for contrast in [1e3f32, 1e6, 1e8] {
        let sheets = field([n; 3], |i, j, k| {
            let conducts = i % 17 == 14 && j % 40 > 4 || (j + 7) % 23 == 0 && k % 31 > 3;
            if conducts { contrast } else { 1.0 }
        });
        // Cubes that touch along edges only.
        let cubes = field([n; 3], |i, j, k| {
            let even = [i, j, k].map(|x| x / 3 % 2 == 0);
            let conducts = even[0] == even[1] && even[1] == even[2];
            if conducts { contrast } else { 1.0 }
        });
        for (name, values) in [
            ("fibres", fibres(n, 0.02, contrast)),
            ("a tenth of all voxels", specks(n, 0.1, contrast)),
            ("a fifth of all voxels", specks(n, 0.2, contrast)),
            ("30 % of all voxels", specks(n, 0.3, contrast)),
            ("a third of all voxels", specks(n, 0.33, contrast)),
            ("sheets", sheets),
            ("cubes", cubes),
        ] {
            let found = answer([n; 3], &values, Axis::First);
            assert!(
                found.iterations <= 30,
                "{name}, {contrast:e}: {} iterations",
                found.iterations
            );
            assert!(found.flux_error <= 1e-8 && found.residual <= 1e-8);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Bounds of arithmetic and harmonic mean: rigorous on the voxels themselves.
    #[test]
    fn no_field_leaves_the_wiener_bounds(
        shape in [1usize..9, 1usize..9, 1usize..9],
        seed in any::<u64>(),
        decades in 0.0f64..6.0,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let values = field(shape, |_, _, _| 0.0)
            .iter()
            .map(|_| 10f64.powf(decades * rng.random::<f64>()) as f32)
            .collect::<Vec<_>>();
        let count = values.len() as f64;
        let arithmetic = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let harmonic = count / values.iter().map(|&v| 1.0 / f64::from(v)).sum::<f64>();
        for axis in AXES {
            let found = answer(shape, &values, axis).conductivity;
            prop_assert!(found <= arithmetic * (1.0 + 2e-7) && found >= harmonic * (1.0 - 2e-7));
        }
    }

    /// Hashin and Shtrikman's bounds hold for the mean over the axes of any
    /// structure mirrored at its faces, which closed sides amount to; voxels add
    /// their staircase.
    #[test]
    fn no_spheres_leave_the_hashin_shtrikman_bounds(
        seed in any::<u64>(),
        fraction in 0.1f64..0.8,
        log_contrast in -1.3f64..1.3,
    ) {
        let n = 32;
        let contrast = 10f64.powf(log_contrast);
        let values = spheres(n, 6.0, fraction, seed, [contrast as f32, 1.0]);
        let share = values.iter().filter(|&&v| (v - 1.0).abs() > f32::EPSILON).count() as f64 / values.len() as f64;
        let mean = AXES
            .iter()
            .map(|&axis| {
                let closed = medium([n; 3], &values, Sides::NoFlux);
                solve(&closed, axis, Tolerance::default()).unwrap().conductivity
            })
            .sum::<f64>()
            / 3.0;
        let bound = |matrix: f64, other: f64, other_share: f64| {
            matrix + other_share / (1.0 / (other - matrix) + (1.0 - other_share) / (3.0 * matrix))
        };
        let (a, b) = (bound(1.0, contrast, share), bound(contrast, 1.0, 1.0 - share));
        prop_assert!(mean >= a.min(b) * 0.998 && mean <= a.max(b) * 1.002);
    }
}

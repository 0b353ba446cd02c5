//! Spheres sharper than voxels, against exact values of sphere lattices: simple
//! cubic arrays in a matrix of conductivity 1 (multipole series after Rayleigh,
//! Phil. Mag. 34 (1892) 481; converged values), order of convergence, spheres that
//! do not disturb the field, and that nothing depends on threads or axes.

use engobe::transport::{
    Axis, Inclusions, Medium, Sides, Solution, Sphere, Tolerance, TransportError, solve,
};
use std::f64::consts::PI;

const AXES: [Axis; 3] = [Axis::First, Axis::Second, Axis::Third];

/// Insulating, 0.1, 10, perfectly conducting (here 1e6) spheres.
const CONDUCTIVITIES: [f64; 4] = [0.0, 0.1, 10.0, 1e6];
const LATTICE: [(f64, [f64; 4]); 5] = [
    (0.1, [0.857112, 0.876693, 1.243339, 1.333559]),
    (0.2, [0.726703, 0.762798, 1.531724, 1.755876]),
    (0.3, [0.605661, 0.656290, 1.887740, 2.332885]),
    (0.4, [0.490110, 0.554625, 2.364431, 3.262566]),
    (0.5, [0.373735, 0.45407, 3.14455, 5.8913]),
];
/// Spheres of 10 at a fraction of 0.4 with a resistance of their surface, over radius.
const RESISTANCES: [(f64, f64); 3] = [(0.1, 1.905628), (0.5, 1.234724), (2.0, 0.764354)];

fn radius(fraction: f64) -> f64 {
    (3.0 * fraction / (4.0 * PI)).cbrt()
}

fn medium<'a>(n: usize, values: &'a [f32], inclusions: Option<Inclusions<'a>>) -> Medium<'a> {
    Medium {
        shape: [n; 3],
        spacing: [1.0 / n as f64; 3],
        conductivity: values,
        boundaries: None,
        inclusions,
        open: None,
        sides: Sides::Periodic,
    }
}

/// One sphere in the middle of a unit cube.
fn one_sphere(
    n: usize,
    radius: f64,
    conductivity: f64,
    resistance: f64,
) -> Result<Solution, TransportError> {
    let spheres = [Sphere {
        centre: [0.5; 3],
        radius,
    }];
    let inclusions = Inclusions {
        spheres: &spheres,
        conductivity,
        resistance,
    };
    let values = vec![1.0; n * n * n];
    let medium = medium(n, &values, Some(inclusions));
    solve(&medium, Axis::First, Tolerance::default())
}

fn sharp(n: usize, radius: f64, conductivity: f64, resistance: f64) -> Solution {
    one_sphere(n, radius, conductivity, resistance).unwrap()
}

/// The same on voxels that belong to the sphere or do not.
fn plain(n: usize, radius: f64, conductivity: f64) -> f64 {
    let values: Vec<f32> = (0..n * n * n)
        .map(|cell| {
            let at = [cell / (n * n), cell / n % n, cell % n];
            let square: f64 = at
                .map(|i| ((i as f64 + 0.5) / n as f64 - 0.5).powi(2))
                .iter()
                .sum();
            if square < radius * radius {
                conductivity as f32
            } else {
                1.0
            }
        })
        .collect();
    let medium = medium(n, &values, None);
    let solution = solve(&medium, Axis::First, Tolerance::default());
    solution.unwrap().conductivity
}

#[test]
fn lattices_of_spheres_are_within_a_thousandth_where_voxels_are_not() {
    println!("| fraction | sphere | voxels, 64 | sharp, 32 | sharp, 64 | order |");
    println!("|---|---|---|---|---|---|");
    let (mut orders, mut coarse) = (Vec::new(), Vec::new());
    for (fraction, exact) in LATTICE {
        for (conductivity, exact) in CONDUCTIVITIES.into_iter().zip(exact) {
            let r = radius(fraction);
            let error = |n| sharp(n, r, conductivity, 0.0).conductivity / exact - 1.0;
            let (at_32, at_64) = (error(32), error(64));
            let voxels = plain(64, r, conductivity) / exact - 1.0;
            let order = (at_32 / at_64).abs().log2();
            println!(
                "| {fraction} | {conductivity} | {:+.3} % | {:+.4} % | {:+.4} % | {order:.1} |",
                100.0 * voxels,
                100.0 * at_32,
                100.0 * at_64
            );
            // At 0.5 good conductors are a voxel of 1/64 apart: as far as any grid resolves.
            let touching = fraction > 0.45 && conductivity > 1.0;
            let allowed = if touching && conductivity > 10.0 {
                1e-2
            } else {
                1e-3
            };
            assert!(at_64.abs() < allowed, "{fraction} {conductivity}: {at_64}");
            if !touching {
                orders.push(order);
                coarse.push(voxels.abs());
            }
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    println!("mean order {:.2}", mean(&orders));
    assert!(mean(&orders) > 1.8, "{orders:?}");
    assert!(orders.iter().all(|&order| order > 1.2), "{orders:?}");
    assert!(mean(&coarse) > 5e-3, "voxels alone: {coarse:?}");
}

#[test]
fn resistive_surfaces_converge_at_second_order() {
    let r = radius(0.4);
    println!("| resistance over radius | 32 | 48 | 96 | order |");
    println!("|---|---|---|---|---|");
    for (resistance, exact) in RESISTANCES {
        let errors =
            [32, 48, 96].map(|n| sharp(n, r, 10.0, resistance * r).conductivity / exact - 1.0);
        let order = (errors[1] / errors[2]).abs().log2();
        let percent = errors.map(|e| format!("{:+.3} %", 100.0 * e));
        println!("| {resistance} | {} | {order:.1} |", percent.join(" | "));
        assert!(errors[2].abs() < 1e-3, "{resistance}: {errors:?}");
        assert!(order > 1.6, "{resistance}: {errors:?}");
    }
}

/// Three spheres of one radius, in a period of 1 and clear of its sides; with images.
fn neutral(radius: f64) -> Vec<Sphere> {
    let mut spheres = Vec::new();
    for centre in [[0.31, 0.24, 0.75], [0.71, 0.68, 0.3], [0.26, 0.73, 0.28]] {
        for image in 0..27 {
            let shift = [image / 9, image / 3 % 3, image % 3].map(|s| f64::from(s) - 1.0);
            spheres.push(Sphere {
                centre: [0, 1, 2].map(|a| centre[a] + shift[a]),
                radius,
            });
        }
    }
    spheres
}

/// Where the resistance of the surface makes up for the better conductivity inside,
/// the field outside is uniform, wherever the spheres lie.
#[test]
fn neutral_spheres_do_not_show() {
    let r = 0.2;
    let spheres = neutral(r);
    for (matrix, conductivity) in [(1.0, 10.0), (1.0, 1.5), (0.3, 1e4)] {
        let inclusions = Inclusions {
            spheres: &spheres,
            conductivity,
            resistance: r * (1.0 / matrix - 1.0 / conductivity),
        };
        let values = vec![matrix as f32; 40 * 40 * 40];
        let medium = medium(40, &values, Some(inclusions));
        for axis in AXES {
            let solution = solve(&medium, axis, Tolerance::fine()).unwrap();
            let matrix = f64::from(matrix as f32);
            let error = solution.conductivity / matrix - 1.0;
            assert!(error.abs() < 1e-6, "{conductivity} along {axis}: {error}");
        }
    }
}

#[test]
fn long_voxels_and_other_axes_give_the_same() {
    let r = radius(0.3);
    let spheres = [Sphere {
        centre: [0.5; 3],
        radius: r,
    }];
    for (conductivity, exact) in [(0.0, 0.605661), (10.0, 1.887740)] {
        let inclusions = Inclusions {
            spheres: &spheres,
            conductivity,
            resistance: 0.0,
        };
        let shape = [36, 48, 60];
        let values = vec![1.0f32; shape.iter().product()];
        for axis in AXES {
            for sides in [Sides::Periodic, Sides::NoFlux] {
                let medium = Medium {
                    shape,
                    spacing: shape.map(|n| 1.0 / n as f64),
                    sides,
                    ..medium(1, &values, Some(inclusions))
                };
                let found = solve(&medium, axis, Tolerance::default()).unwrap();
                let error = found.conductivity / exact - 1.0;
                assert!(
                    error.abs() < 1e-3,
                    "{conductivity} {axis} {sides:?}: {error}"
                );
            }
        }
    }
}

#[test]
fn spheres_give_the_same_bits_on_any_number_of_threads() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| [0.0, 7.0].map(|conductivity| sharp(30, 0.4, conductivity, 0.0)))
    };
    let one = run(1);
    for threads in [2, 3] {
        assert_eq!(one, run(threads));
    }
}

#[test]
fn channels_thinner_than_a_voxel_conduct_and_walls_do_not() {
    // Four insulating spheres leave a channel between them that no voxel centre sees.
    let spheres: Vec<Sphere> = (0..4)
        .flat_map(|s| {
            let [y, z] = [f64::from(s / 2), f64::from(s % 2)];
            (0..3).map(move |i| Sphere {
                centre: [0.25 * f64::from(i) + 0.25, y, z],
                radius: 0.499,
            })
        })
        .collect();
    let inclusions = |spheres| Inclusions {
        spheres,
        conductivity: 0.0,
        resistance: 0.0,
    };
    let values = vec![1.0f32; 6 * 6 * 6];
    let through = |spheres| {
        let closed = Medium {
            sides: Sides::NoFlux,
            ..medium(6, &values, Some(inclusions(spheres)))
        };
        solve(&closed, Axis::First, Tolerance::default()).unwrap()
    };
    let open = through(&spheres);
    assert!(
        open.conductivity > 0.05 && open.conductivity < 0.5,
        "{open:?}"
    );
    // One sphere that fills the whole cross-section is a wall.
    let wall = [Sphere {
        centre: [0.5; 3],
        radius: 0.8,
    }];
    let shut = through(&wall);
    assert_eq!((shut.conductivity, shut.spanning), (0.0, 0.0));
}

#[test]
fn faces_conduct_by_their_open_share() {
    let n = 8;
    let values = vec![2.0f32; n * n * n];
    let mut open = vec![[255u8; 3]; n * n * n];
    // A plane of faces across the current, open by 51/255, adds four faces in series.
    for cell in 3 * n * n..4 * n * n {
        open[cell][0] = 51;
    }
    let with = |open: &[[u8; 3]], axis| {
        let medium = Medium {
            open: Some(open),
            ..medium(n, &values, None)
        };
        solve(&medium, axis, Tolerance::fine()).unwrap()
    };
    let along = with(&open, Axis::First).conductivity;
    assert!((along - 2.0 * 8.0 / 12.0).abs() < 1e-6, "{along}");
    let across = with(&open, Axis::Second).conductivity;
    assert!((across - 2.0).abs() < 1e-6, "{across}");
    // A closed plane cuts the path: nothing, not a small number.
    for cell in 3 * n * n..4 * n * n {
        open[cell][0] = 0;
    }
    let cut = with(&open, Axis::First);
    assert_eq!((cut.conductivity, cut.spanning), (0.0, 0.0));
}

#[test]
fn impossible_spheres_are_refused() {
    let refused = |radius, conductivity, resistance| {
        let found = one_sphere(1, radius, conductivity, resistance);
        matches!(found, Err(TransportError::InvalidParameter { .. }))
    };
    assert!(refused(-0.1, 1.0, 0.0));
    assert!(refused(f64::NAN, 1.0, 0.0));
    assert!(refused(0.1, -1.0, 0.0));
    assert!(refused(0.1, 1.0, f64::INFINITY));
    assert!(!refused(0.1, 1.0, 0.0));
}

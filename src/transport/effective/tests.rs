//! Structures whose transport is known.

use super::*;
use crate::materials::ElectrolyteState;
use crate::microstructure::strands::tests::crossed;
use crate::microstructure::{MicrostructureStatistics, Origin, Particle};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A cube of `n` voxels of 0.1 um, all electrolyte of one grain.
fn block(n: usize) -> Microstructure {
    let statistics = MicrostructureStatistics {
        thickness: n as f64 * 1e-7,
        target_fractions: [0.0, 0.0, 1.0, 0.0, 0.0],
        fractions: [0.0, 0.0, 1.0, 0.0, 0.0],
        ..MicrostructureStatistics::default()
    };
    let phases = vec![Phase::Electrolyte as u8; n * n * n];
    Microstructure {
        origin: Origin::Generated,
        particle_ids: vec![0; n * n * n],
        grain_ids: vec![1; n * n * n],
        carbon_fill: 0.5,
        statistics,
        ..Microstructure::of_phases([n; 3], [1e-7; 3], true, phases)
    }
}

pub fn lpscl(grain_diameter: f64, share: f64) -> Electrolyte {
    Electrolyte {
        name: "LPSCl".into(),
        density: 1860.0,
        ionic_conductivity: 0.2,
        activation_energy: 33_000.0,
        state: ElectrolyteState::Solid {
            molar_mass: 0.268,
            grain_diameter,
            hardness: 550e6,
            grain_boundary_capacitance: 10.0,
            grain_boundary_share: share,
        },
    }
}

/// Labels the voxels of a block by the nearest of `grains` random points (periodic).
fn voronoi(n: usize, grains: usize, seed: u64) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let edge = n as f64;
    let seeds: Vec<[f64; 3]> = (0..grains)
        .map(|_| std::array::from_fn(|_| rng.random::<f64>() * edge))
        .collect();
    (0..n * n * n)
        .map(|v| {
            let at = [v / (n * n), v / n % n, v % n].map(|x| x as f64 + 0.5);
            let distance = |s: &[f64; 3]| -> f64 {
                (0..3)
                    .map(|x| {
                        let d = (at[x] - s[x]).abs();
                        d.min(edge - d).powi(2)
                    })
                    .sum()
            };
            let nearest =
                (0..grains).min_by(|&a, &b| distance(&seeds[a]).total_cmp(&distance(&seeds[b])));
            nearest.map_or(0, |g| g as u32 + 1)
        })
        .collect()
}

#[test]
fn a_dense_polycrystal_conducts_as_the_pellet() {
    for (n, grains, share) in [
        (24, 800, 0.3),
        (32, 600, 0.1),
        (32, 200, 0.3),
        (32, 200, 0.6),
    ] {
        let mut structure = block(n);
        let diameter = (6.0 / std::f64::consts::PI / grains as f64).cbrt() * n as f64 * 1e-7;
        structure.grain_ids = voronoi(n, grains, 11);
        let answer = ionic(&structure, &lpscl(diameter, share), 1.0).unwrap();
        assert!(
            (answer.factor - 1.0).abs() < 0.025,
            "{grains} grains in {n}^3, share {share}: {}",
            answer.factor
        );
    }
}

/// A law that runs from 0.1 to 10 S/m.
fn oxide() -> ActiveMaterial {
    ActiveMaterial {
        name: "NCM83".into(),
        molar_mass: 0.0974,
        density: 4780.0,
        open_circuit_potential: vec![(0.0, 4.5), (1.0, 3.0)],
        initial_stoichiometry: 1.0,
        diffusivity: crate::materials::SolidDiffusivity {
            reference: 1e-15,
            activation_energy: 0.0,
            upper_edge: 1.0,
            upper_width: 0.1,
            lower_edge: 0.0,
            lower_width: 0.1,
            floor: 0.1,
            dip_depth: 0.0,
            dip_centre: 0.5,
            dip_width: 0.1,
            two_phase: Vec::new(),
            polycrystal_factor: 1.0,
        },
        charge_transfer: crate::materials::ChargeTransfer {
            native_film: 0.0,
            resistance: 0.03,
            activation_energy: 0.0,
            upper_rise: 0.0,
            upper_width: 0.1,
            lower_edge: 0.0,
            lower_width: 0.1,
            double_layer: 0.1,
            phase_exponent: 1.0,
        },
        electronic_conductivity: ElectronicConductivity {
            intercept: -1.0,
            slope: 4.0,
            ceiling: 1.0,
        },
        volume_change: vec![(0.0, 0.0), (1.0, 0.0)],
    }
}

fn fibres() -> Carbon {
    Carbon {
        name: "VGCF".into(),
        density: 2000.0,
        specific_surface: 13_000.0,
        electronic_conductivity: 1e4,
        shape: crate::materials::CarbonShape::Fibre {
            diameter: 150e-9,
            length: 5e-6,
            diameter_spread: 0.0,
            length_spread: 0.0,
        },
    }
}

/// Paints the rows of a block: phase by (i, j) for all k.
fn paint(structure: &mut Microstructure, phase: impl Fn(usize, usize) -> Phase) {
    let n = structure.shape[0];
    for v in 0..n * n * n {
        let phase = phase(v / (n * n), v / n % n);
        structure.phases[v] = phase as u8;
        if phase != Phase::Electrolyte {
            structure.grain_ids[v] = 0;
        }
    }
}

#[test]
fn slabs_along_the_current_conduct_by_their_share() {
    let mut structure = block(8);
    structure.carbon_fill = 0.25;
    paint(&mut structure, |_, j| match j {
        0..4 => Phase::ActiveMaterial,
        4 => Phase::Carbon,
        5 => Phase::Void,
        _ => Phase::Electrolyte,
    });
    let mut seen = Vec::new();
    let answer = effective_transport(
        &structure,
        &lpscl(1e-6, 0.0),
        &oxide(),
        Some(&fibres()),
        1.0,
        &mut |share| seen.push(share),
    )
    .unwrap();
    let ionic = (2.0 + 0.75) / 8.0;
    approx::assert_relative_eq!(answer.ionic_factor, ionic, max_relative = 1e-6);
    approx::assert_relative_eq!(answer.ionic_tortuosity, 1.0, max_relative = 1e-6);
    approx::assert_relative_eq!(answer.ionic_connected, 1.0, max_relative = 1e-12);
    approx::assert_relative_eq!(answer.electronic_connected, 1.0, max_relative = 1e-12);
    assert_eq!(answer.electronic.len(), ELECTRONIC_POINTS);
    assert!((answer.electronic[0].0 - 0.1).abs() < 1e-9);
    assert!((answer.electronic[3].0 - 10.0).abs() < 1e-9);
    for &(active, effective) in &answer.electronic {
        let expected = 0.5 * active + 0.25 * 1e4 / 8.0;
        approx::assert_relative_eq!(effective, expected, max_relative = 1e-6);
    }
    assert!(seen.windows(2).all(|pair| pair[0] <= pair[1]));
    approx::assert_relative_eq!(seen[seen.len() - 1], 1.0);
}

#[test]
fn without_carbon_the_table_is_proportional() {
    let mut structure = block(8);
    paint(&mut structure, |_, j| {
        if j < 3 {
            Phase::ActiveMaterial
        } else {
            Phase::Electrolyte
        }
    });
    let answer = effective_transport(
        &structure,
        &lpscl(1e-6, 0.3),
        &oxide(),
        None,
        1.0,
        &mut |_| {},
    )
    .unwrap();
    for &(active, effective) in &answer.electronic {
        approx::assert_relative_eq!(effective, 0.375 * active, max_relative = 1e-6);
    }
}

#[test]
fn a_wall_is_named_in_the_error() {
    let mut structure = block(8);
    paint(&mut structure, |i, j| match (i, j) {
        (5, _) => Phase::ActiveMaterial,
        (_, 0) => Phase::ActiveMaterial,
        _ => Phase::Electrolyte,
    });
    let error = effective_transport(
        &structure,
        &lpscl(1e-6, 0.3),
        &oxide(),
        None,
        1.0,
        &mut |_| {},
    )
    .unwrap_err();
    let TransportError::NoPercolation { phase, reached, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*phase, "electrolyte");
    assert!((reached - 100.0 * 5.0 / 7.0).abs() < 1e-3, "{reached}");
    assert!(error.to_string().contains("separator"), "{error}");
    paint(&mut structure, |i, j| match (i, j) {
        (5, 1..) => Phase::Void,
        (5, 0) => Phase::Electrolyte,
        (_, 0..4) => Phase::Electrolyte,
        _ => Phase::ActiveMaterial,
    });
    let error = effective_transport(
        &structure,
        &lpscl(1e-6, 0.3),
        &oxide(),
        None,
        1.0,
        &mut |_| {},
    )
    .unwrap_err();
    assert!(
        matches!(&error, TransportError::NoPercolation { phase, .. } if phase.starts_with("active")),
        "{error}"
    );
}

#[test]
fn wrong_input_is_refused() {
    let mut structure = block(4);
    let refuse = |structure: &Microstructure, share: f64| {
        effective_transport(
            structure,
            &lpscl(1e-6, share),
            &oxide(),
            None,
            1.0,
            &mut |_| {},
        )
        .unwrap_err()
    };
    assert!(matches!(
        refuse(&structure, 1.0),
        TransportError::InvalidParameter { .. }
    ));
    structure.carbon_fill = 1.5;
    assert!(matches!(
        refuse(&structure, 0.1),
        TransportError::InvalidParameter { .. }
    ));
    structure.grain_ids.pop();
    assert!(matches!(
        refuse(&structure, 0.1),
        TransportError::WrongLength {
            field: "grain_ids",
            found: 63,
            expected: 64
        }
    ));
}

#[test]
fn poorly_welded_grains_conduct_worse() {
    let structure = polycrystal_of_cubes(24, 6);
    let factor = |contact: f64| {
        ionic(&structure, &lpscl(6e-7, 0.4), contact)
            .unwrap()
            .factor
    };
    let (welded, half) = (factor(1.0), factor(0.5));
    // Boundaries in series with grains, between which the contact decides.
    assert!(half < welded && half > 0.5 * welded, "{welded} {half}");
}

/// Grains that are cubes of `edge` voxels.
fn polycrystal_of_cubes(n: usize, edge: usize) -> Microstructure {
    let mut structure = block(n);
    for (index, grain) in structure.grain_ids.iter_mut().enumerate() {
        let cell = [index / (n * n), index / n % n, index % n].map(|c| c / edge);
        *grain = ((cell[0] * n + cell[1]) * n + cell[2] + 1) as u32;
    }
    structure
}

/// Two spheres pressed together between plates of carbon that end at their centres:
/// electronic conductance over that of a disc between half spaces.
fn pressed(n: usize, flattening: f64) -> f64 {
    let (edge, radius) = (4e-6, 1e-6);
    let voxel = edge / n as f64;
    let apart = (2.0 - flattening) * radius;
    // Off the grid's symmetry, and askew.
    let direction = [0.9, 0.3, 0.316];
    let middle = [0.51, 0.47, 0.53].map(|x| x * edge);
    let centres = [-0.5, 0.5].map(|s| [0, 1, 2].map(|a| middle[a] + s * apart * direction[a]));
    let mut structure = Microstructure {
        origin: Origin::Generated,
        particle_ids: vec![0; n * n * n],
        particles: centres.map(|centre| Particle { centre, radius }).to_vec(),
        carbon_fill: 1.0,
        ..Microstructure::of_phases(
            [n; 3],
            [voxel; 3],
            false,
            vec![Phase::Void as u8; n * n * n],
        )
    };
    for at in 0..n * n * n {
        let point = structure.coordinates(at).map(|i| (i as f64 + 0.5) * voxel);
        let distance = |c: &[f64; 3]| (0..3).map(|a| (point[a] - c[a]).powi(2)).sum::<f64>();
        let [first, second] = centres.each_ref().map(distance);
        if point[0] < centres[0][0] || point[0] > centres[1][0] {
            structure.phases[at] = Phase::Carbon as u8;
        } else if first.min(second) < radius * radius {
            structure.phases[at] = Phase::ActiveMaterial as u8;
            structure.particle_ids[at] = if first < second { 1 } else { 2 };
        }
    }
    let carbon = Carbon {
        electronic_conductivity: 1e6,
        ..fibres()
    };
    let (table, connected) = electronic(&structure, &oxide(), Some(&carbon), &mut || ()).unwrap();
    approx::assert_relative_eq!(connected, 1.0);
    let (active, effective) = table[0];
    let disc = (radius * radius - 0.25 * apart * apart).sqrt();
    effective * edge / (2.0 * active * disc)
}

/// The spheres are not half spaces and the plates are near, so that the disc alone is not
/// all that counts; but voxels do not, as they would with their faces open.
#[test]
fn a_contact_conducts_as_its_disc_on_any_grid() {
    for flattening in [0.02, 0.08] {
        let found = [20, 32, 48, 72].map(|n| pressed(n, flattening));
        assert!(found.iter().all(|f| (0.8..1.1).contains(f)), "{found:?}");
        let [least, most] = [f64::min, f64::max].map(|of| found.into_iter().reduce(of).unwrap());
        assert!(most < 1.2 * least, "{found:?}");
    }
}

/// A fibre conducts by its section and its length, whatever it has of voxels.
#[test]
fn a_fibre_conducts_by_its_volume_on_any_voxels() {
    let (edge, diameter) = (12e-6, 150e-9);
    for tilt in [[0.0, 0.0], [0.3, 0.15], [0.45, -0.4]] {
        for n in [30, 40, 80, 120] {
            let voxel = edge / n as f64;
            let (phases, paths, fill, length) = crossed(n, voxel, diameter, tilt);
            let structure = Microstructure {
                phases,
                spacing: [voxel; 3],
                particle_ids: vec![0; n * n * n],
                carbon_fill: fill,
                carbon_paths: Some(paths),
                origin: Origin::Generated,
                ..Microstructure::of_phases([n; 3], [voxel; 3], true, Vec::new())
            };
            let (table, connected) =
                electronic(&structure, &oxide(), Some(&fibres()), &mut || ()).unwrap();
            let section = std::f64::consts::PI / 4.0 * diameter * diameter;
            let expected = fibres().electronic_conductivity * section / (length * edge);
            for (_, found) in table {
                // One chain of voxels ends half a voxel short at either end; thick fibres
                // scatter about what was fitted to them.
                let error = found / expected - 1.0;
                let allowed = if diameter > voxel { 0.35 } else { 0.1 };
                assert!(error.abs() < allowed, "{n} {tilt:?}: {found} {expected}");
            }
            assert!((connected - 1.0).abs() < 1e-9);
        }
    }
}

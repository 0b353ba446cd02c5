//! A run as a simulation would leave it, made from formulas: a cell that fades
//! from about 200 to 140 mAh/g over 100 cycles, with nine spectra.

use engobe::degradation::Mechanism;
use engobe::impedance::Linearity;
use engobe::microstructure::{
    Microstructure, MicrostructureStatistics, Origin, Particle, SizeClass,
};
use engobe::record::{
    Attribution, CycleRecord, Products, RunRecord, Spectrum, SpectrumAnalysis, StepRecord,
    TimeSeries,
};
use engobe::scenario::Scenario;
use engobe::transport::EffectiveTransport;
use num_complex::Complex64;

/// Cell current density of 0.1C, A/m2.
const CURRENT: f64 = 2.12;

/// The whole run.
pub fn record() -> RunRecord {
    let mut scenario = engobe::scenario::load("scenarios/shi2023-1p.toml")
        .expect("a shipped scenario")
        .scenario;
    scenario.title = "NCM83 with 1 wt% polymer <coating> & carbon fibres".into();
    let mut series = TimeSeries::default();
    let cycles = (1..=100)
        .map(|n| cycle(n, &scenario, &mut series))
        .collect();
    let spectra = [1, 2, 3, 4, 5, 10, 30, 50, 100].map(spectrum).to_vec();
    RunRecord {
        scenario,
        scenario_text: "title = \"NCM83 with 1 wt% polymer\" # as written, µm and all\n".into(),
        key: "3f9c2a71d04be865".into(),
        microstructure: microstructure(24),
        transport: transport(),
        series,
        steps: vec![step()],
        cycles,
        spectra,
        attributions: [1, 2, 5, 10, 20, 50, 100].map(attribution).to_vec(),
    }
}

/// The first charge.
fn step() -> StepRecord {
    StepRecord {
        cycle: 1,
        step: 1,
        text: "Charge at 0.1C until 3.7 V".into(),
        start: 0.0,
        duration: 36_000.0,
        charge: 36_000.0 * CURRENT,
        energy: 36_000.0 * CURRENT * 3.2,
        end_voltage: 3.7,
        end_current: CURRENT,
        lowest_voltage: 2.5,
        end: "reached 3.700 V".into(),
    }
}

/// What is left after `n` cycles, 1 to 0.7: fast at first, then slow.
fn health(n: u32) -> f64 {
    let n = f64::from(n - 1);
    1.0 - 0.10 * (1.0 - (-n / 12.0).exp()) - 0.002 * n
}

/// Voltage against the anode over lithium content, of the sample's material.
fn open_circuit(scenario: &Scenario, x: f64) -> f64 {
    let table = &scenario.cathode.active_material.open_circuit_potential;
    let upper = table
        .iter()
        .position(|p| p.0 >= x)
        .unwrap_or(table.len() - 1);
    let (a, b) = (table[upper.saturating_sub(1)], table[upper.max(1)]);
    let potential = a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0);
    potential - 0.62
}

fn cycle(n: u32, scenario: &Scenario, series: &mut TimeSeries) -> CycleRecord {
    let full = 3600.0 * scenario.cathode.areal_loading;
    let discharge = 200.0 * health(n) * full;
    let first = if n == 1 { 28.0 } else { 0.0 };
    let charge = discharge + (0.4 + first + 3.0 * (-f64::from(n) / 4.0).exp()) * full;
    let polarisation = 0.03 + 0.15 * (1.0 - health(n));
    let mut energy = [0.0; 2];
    let mut time = series.time.last().copied().unwrap_or(0.0);
    for (step, (amount, sign)) in [(charge, 1.0), (discharge, -1.0)].into_iter().enumerate() {
        let points = 60;
        for point in 0..=points {
            let share = f64::from(point) / f64::from(points);
            let depth = if sign > 0.0 { share } else { 1.0 - share };
            let x = 0.97 - depth * 0.75 * health(n).sqrt();
            let knee = if sign < 0.0 {
                0.6 * share.powi(24)
            } else {
                0.05 * (1.0 - share).powi(8)
            };
            let voltage = open_circuit(scenario, x) + sign * polarisation - knee;
            energy[step] += voltage * amount / f64::from(points + 1);
            let passed = [
                charge * if step == 0 { share } else { 1.0 },
                discharge * if step == 1 { share } else { 0.0 },
            ];
            push(
                series,
                [time + share * amount / CURRENT, voltage, sign * CURRENT],
                n,
                2 * step as u32 + 1,
                passed,
            );
        }
        time += amount / CURRENT + 7200.0;
        let voltage = open_circuit(
            scenario,
            0.97 - 0.75 * health(n).sqrt() * (1.0 - step as f64),
        );
        push(
            series,
            [time, voltage, 0.0],
            n,
            2 * step as u32 + 2,
            [charge, discharge * step as f64],
        );
    }
    ageing(n, time, [charge, discharge], energy)
}

fn push(
    series: &mut TimeSeries,
    [time, voltage, current]: [f64; 3],
    cycle: u32,
    step: u32,
    passed: [f64; 2],
) {
    series.time.push(time);
    series.voltage.push(voltage);
    series.current.push(current);
    series.cycle.push(cycle);
    series.step.push(step);
    series.cycle_charge.push(passed[0]);
    series.cycle_discharge.push(passed[1]);
    let gas = 1e-7 * series.time.len() as f64;
    series.oxygen_gas.push(gas);
    series.sulfur_dioxide_gas.push(0.1 * gas);
    series.carbon_dioxide_gas.push(3.0 * gas);
}

fn ageing(n: u32, time: f64, [charge, discharge]: [f64; 2], energy: [f64; 2]) -> CycleRecord {
    let loss = 1.0 - health(n);
    let age = f64::from(n).sqrt();
    CycleRecord {
        cycle: n,
        skipped: 0,
        time,
        charge,
        discharge,
        energy_in: energy[0],
        energy_out: energy[1],
        relaxed_charged: 3.62 - 0.1 * loss,
        // The third cycle lost its rest, so nothing was measured there.
        relaxed_discharged: if n == 3 { f64::NAN } else { 2.85 + 0.1 * loss },
        active_mass_apparent: if n == 3 { f64::NAN } else { 0.94 - 0.62 * loss },
        connected_fraction: 0.95 - 0.45 * loss,
        contact_lost: 1.8 * loss,
        crack_damage: 0.6 * (1.0 - (-f64::from(n) / 25.0).exp()),
        coverage: 0.95 - 1e-4 * f64::from(n),
        stoichiometry: 0.93 - 0.05 * loss,
        products: products(age),
        lithium_error: 3.1e-14 * age,
        charge_error: 8.0e-13,
        note: if n == 100 {
            "last, as asked".into()
        } else {
            String::new()
        },
    }
}

fn products(age: f64) -> Products {
    Products {
        polysulfide_thickness: 2.1e-9 + 0.02e-9 * age,
        oxygenated_thickness: 0.55e-9 * age,
        rock_salt_thickness: 0.42e-9 * age,
        polysulfide_at_active: 6.0e-4 + 1.0e-5 * age,
        polysulfide_at_carbon: 3.5e-4 + 0.8e-5 * age,
        polysulfide_at_collector: 0.4e-4,
        phosphate: 4.2e-5 * age,
        sulfate: 6.3e-5 * age,
        oxygen_gas: 0.8e-5 * age,
        sulfur_dioxide_gas: 0.2e-5 * age,
        carbon_dioxide_gas: 1.6e-4 * (1.0 - (-age).exp()),
    }
}

/// Separator and anode in series with a transmission line whose rail for
/// electrons is free: `sqrt(R z) coth(sqrt(R / z))`.
fn spectrum(cycle: u32) -> Spectrum {
    let loss = 1.0 - health(cycle);
    let ionic = 33e-4 * (1.0 + 1.5 * loss);
    let transfer = 18e-4 * (1.0 + 40.0 * loss * loss * 10.0 / 3.0);
    let length: f64 = 1.0e-6 * (1.0 + 4.0 * loss);
    let frequency: Vec<f64> = (0..=100)
        .map(|i| 10f64.powf(6.0 - 0.1 * f64::from(i)))
        .collect();
    let (impedance, cathode_alone) = frequency
        .iter()
        .map(|f| {
            let iw = Complex64::new(0.0, std::f64::consts::TAU * f);
            let tau = length * length / 1e-15;
            let root = (iw * tau).sqrt();
            let warburg = coth(root) * tau / (root * 1.3e5);
            let zeta = ((iw * 3.0).powf(0.9) + (transfer + warburg).inv()).inv();
            let cathode = (ionic * zeta).sqrt() * coth((ionic / zeta).sqrt());
            let anode = (1e-3_f64.recip() + iw * 0.02).inv();
            let separator = 15e-4 + (5e-4_f64.recip() + iw * 5e-4).inv();
            (separator + anode + cathode, cathode)
        })
        .unzip();
    let cathode = (ionic * transfer).sqrt();
    let analysis = SpectrumAnalysis {
        ionic_resistance: ionic * 1.04,
        charge_transfer_resistance: transfer * 0.95,
        cathode_resistance: cathode * 0.99,
        diffusion_length: length,
        fit_residual: 4e-3,
        true_ionic_resistance: ionic,
        true_electronic_resistance: 0.0,
        true_charge_transfer_resistance: transfer,
        true_dc_resistance: cathode / (ionic / transfer).sqrt().tanh(),
    };
    Spectrum {
        cycle,
        voltage: 3.15,
        current: 0.0,
        frequency,
        impedance,
        cathode: cathode_alone,
        analysis,
        linearity: vec![Linearity {
            frequency: 1e-4,
            amplitude: 3e-3,
            deviation: 2e-3 * (1.0 + loss),
            second: 0.01,
            third: 1e-3,
        }],
    }
}

/// Shares of a loss that grows like the rest of the sample's; the carbonate costs nothing
/// and wear gives a little back.
fn attribution(cycle: u32) -> Attribution {
    let loss = 1.0 - health(cycle);
    let mut shares = [0.0; Mechanism::COUNT];
    for (index, share) in [0.02, 0.08, 0.03, 0.0, 0.25, 0.2, 0.4, 0.03, -0.01]
        .into_iter()
        .enumerate()
    {
        shares[index] = 7632.0 * loss * share;
    }
    Attribution {
        cycle,
        fresh: 8000.0,
        aged: 8000.0 - shares.iter().sum::<f64>(),
        shares,
    }
}

/// Hyperbolic cotangent, safe where tanh of a complex number overflows.
fn coth(z: Complex64) -> Complex64 {
    if z.re > 20.0 {
        Complex64::new(1.0, 0.0)
    } else {
        z.tanh().inv()
    }
}

fn transport() -> EffectiveTransport {
    EffectiveTransport {
        ionic_factor: 0.087,
        ionic_tortuosity: 5.1,
        ionic_connected: 0.991,
        electronic: (0..9)
            .map(|i| 10f64.powf(-2.0 + 0.25 * f64::from(i)))
            .map(|s| (s, 0.21 * s + 0.08))
            .collect(),
        electronic_connected: 0.973,
    }
}

/// Eight spheres in a box of `n` voxels per edge.
fn microstructure(n: usize) -> Microstructure {
    let edge = 3e-5;
    let voxel = edge / n as f64;
    let particles: Vec<Particle> = (0..8)
        .map(|i| Particle {
            centre: [0, 1, 2].map(|axis| edge * (0.27 + 0.46 * f64::from(i >> axis & 1))),
            radius: 5.2e-6 + 2e-7 * f64::from(i),
        })
        .collect();
    let inside = |index: usize| {
        let at = [index / (n * n), index / n % n, index % n].map(|k| (k as f64 + 0.5) * voxel);
        particles.iter().position(|p| {
            let distance = at
                .iter()
                .zip(p.centre)
                .map(|(a, c)| (a - c).powi(2))
                .sum::<f64>();
            distance < p.radius * p.radius
        })
    };
    let owner: Vec<Option<usize>> = (0..n.pow(3)).map(inside).collect();
    // A fixed scatter of pores and carbon in the electrolyte.
    let filler = |i: usize| match i * 2_654_435_761 % 97 {
        0..=11 => 0,
        12..=15 => 3,
        _ => 2,
    };
    let phases: Vec<u8> = owner
        .iter()
        .enumerate()
        .map(|(i, o)| o.map_or_else(|| filler(i), |_| 1))
        .collect();
    let share =
        |phase: u8| phases.iter().filter(|p| **p == phase).count() as f64 / phases.len() as f64;
    let statistics = MicrostructureStatistics {
        thickness: 5.5e-5,
        target_fractions: [0.12, 0.41, 0.452, 0.014, 0.004],
        fractions: [share(0), share(1), share(2), share(3), share(4)],
        particles: particles.len(),
        largest_overlap: 4.2e-4,
        surface_to_electrolyte: 0.81,
        surface_to_void: 0.16,
        surface_to_carbon: 0.03,
        surface_to_polymer: 0.0,
        surface_to_particles: 0.0,
        film_fraction: 0.0,
        coordination: 3.4,
        voids_at_surfaces: 0.2,
        fibres_in_plane: 0.1,
        size_classes: [1.7e-6, 2.0e-6, 2.4e-6]
            .map(|radius| SizeClass {
                radius,
                volume_share: 1.0 / 3.0,
            })
            .to_vec(),
    };
    Microstructure {
        carbon_paths: None,
        shape: [n; 3],
        spacing: [voxel; 3],
        periodic: true,
        origin: Origin::Generated,
        particle_ids: owner
            .iter()
            .map(|o| o.map_or(0, |i| i as u32 + 1))
            .collect(),
        grain_ids: phases.iter().map(|p| u32::from(*p == 2)).collect(),
        phases,
        particles,
        carbon_fill: 0.4,
        gaps: None,
        fibres: Vec::new(),
        primary_grains: None,
        shells: None,
        statistics,
    }
}

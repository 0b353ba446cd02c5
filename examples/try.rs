use engobe::electrode::*;
use engobe::materials::*;
use engobe::microstructure::*;
use engobe::scenario::*;
use engobe::simulation::cycling::*;
use engobe::simulation::march::Cell as C;
use engobe::transport::EffectiveTransport;
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let which = args.get(1).map(String::as_str).unwrap_or("pristine");
    let cycles: usize = args.get(2).and_then(|s| s.parse().ok()).unwrap_or(100);
    let tol: f64 = args.get(3).and_then(|s| s.parse().ok()).unwrap_or(1e-3);
    let dims: Vec<usize> = args.get(4).map(|s| s.split('x').map(|v| v.parse().unwrap()).collect()).unwrap_or(vec![6, 3, 14]);
    let lib = library();
    let laws: DegradationLaws = lib.get("laws", MaterialKind::Laws).unwrap();
    let coat = |h: f64, cov: f64, mass: f64| -> Option<Coating> {
        let material: CoatingMaterial = lib.get("PVBTA-TFSI", MaterialKind::Coating).unwrap();
        let film = cov * h * material.density * 593.0;
        Some(Coating {
            layers: vec![CoatingLayer { material, thickness: h }],
            coverage: cov,
            morphology: CoatingMorphology::Conformal,
            thickness_variation: 0.0,
            mass_ratio: Some(mass),
            excess_ratio: (mass - film).max(0.0),
        })
    };
    let coating = match which {
        "1p" => coat(3e-9, 0.95, 0.01),
        "5p" => coat(8e-9, 0.97, 0.05),
        _ => None,
    };
    let one_c = 200.0;
    let loading = 0.106;
    let i = 0.1 * one_c * loading;
    let steps = vec![
        Step { control: Control::Current(i), duration: None, until: vec![Cutoff::VoltageAbove(3.7)], text: "charge".into() },
        Step { control: Control::Rest, duration: Some(7200.), until: vec![], text: "rest".into() },
        Step { control: Control::Current(-i), duration: None, until: vec![Cutoff::VoltageBelow(2.0)], text: "discharge".into() },
        Step { control: Control::Rest, duration: Some(7200.), until: vec![], text: "rest".into() },
    ];
    let block = Block { repeat: cycles, steps, impedance: None };
    let sc = Scenario {
        title: "t".into(), seed: 1,
        cathode: Cathode {
            active_material: lib.get("NCM83", MaterialKind::ActiveMaterial).unwrap(),
            particle_kind: ParticleKind::SingleCrystal,
            particle_diameter: SizeDistribution { median: 4e-6, log_deviation: 0.14 },
            specific_surface: 593.0,
            electrolyte: lib.get("LPSCl", MaterialKind::SolidElectrolyte).unwrap(),
            carbon: Some(Carbon { name: "VGCF".into(), density: 2000., specific_surface: 13000., electronic_conductivity: 1e4, shape: CarbonShape::Fibre { diameter: 150e-9, length: 8e-6 } }),
            binder: None,
            mass_fractions: MassFractions { active_material: 0.693, electrolyte: 0.297, carbon: 0.0099, binder: 0., coating: 0. },
            areal_loading: loading, porosity: 0.12, contact_fraction: 0.3, connected_fraction: 0.943,
        },
        coating,
        cell: Cell { anode: lib.get("In/InLi", MaterialKind::Anode).unwrap(), separator: lib.get("LPSCl", MaterialKind::SolidElectrolyte).unwrap(), separator_thickness: 5.5e-4, area: 0.785e-4, temperature: 298.15, one_c, stack_pressure: 50e6 },
        protocol: vec![block.clone()],
        microstructure: MicrostructureSettings { box_edge: 3e-5, resolution: 100 },
        numerics: Numerics { depths: dims[0], size_classes: dims[1], shells: dims[2], tolerance: tol },
        mechanisms: Mechanisms { oxidation: true, oxygen: true, contact_reaction: true, gas: true, contact_loss: true, cracking: true, disconnection: true, conduction_loss: true, coating_wear: true },
        laws,
    };
    let np = dims[1];
    let radii: Vec<f64> = (0..np).map(|j| 2.19e-6 * (1.0 + 0.15 * ((j as f64 + 0.5) / np as f64 * 2.0 - 1.0))).collect();
    let stats = MicrostructureStatistics {
        thickness: 55e-6, target_fractions: [0.; 5], fractions: [0.; 5], particles: 0, largest_overlap: 0.,
        surface_to_electrolyte: 1.0, surface_to_void: 0., surface_to_carbon: 0., surface_to_polymer: 0., coordination: 0.,
        size_classes: radii.iter().map(|r| SizeClass { radius: *r, volume_share: 1.0 / np as f64 }).collect(),
    };
    let tr = EffectiveTransport { ionic_factor: 0.0667, ionic_tortuosity: 5., ionic_connected: 1., electronic: vec![(0.1, 0.2), (10.0, 0.3)], electronic_connected: 1. };
    let model = Electrode::new(&sc, &stats, &tr).unwrap();
    let fresh = model.initial_state();
    let mut cell = C::new(&model, fresh.clone(), tol);
    let mut g = Gathered::default();
    let t = Instant::now();
    for c in 0..cycles {
        run_cycle(&mut cell, &sc, &block, &fresh, &mut g);
        let r = g.cycles.last().unwrap();
        if [1, 2, 3, 5, 10, 30, 50, 100, 160, 200].contains(&(c + 1)) || c + 1 == cycles {
            let cap = 3.6 * loading * 1000.0;
            println!("{:3} chg {:.2} dis {:.2} ret {:.4} mact {:.4} phi {:.4} f {:.3} Dm {:.3} lps {:.2} lox {:.2} lrs {:.2} nm Li {:.1e} Q {:.1e} steps {} x {:.4} {}", r.cycle, r.charge / cap, r.discharge / cap, r.discharge / g.cycles[0].discharge, r.active_mass_apparent, r.connected_fraction, r.contact_lost, r.crack_damage, r.products.polysulfide_thickness * 1e9, r.products.oxygenated_thickness * 1e9, r.products.rock_salt_thickness * 1e9, r.lithium_error, r.charge_error, g.series.time.len(), r.stoichiometry, r.note);
        }
    }
    let e = t.elapsed().as_secs_f64();
    println!("{:.3} s, {:.2} ms/cycle, {:.1} us/step", e, e * 1e3 / cycles as f64, e * 1e6 / g.series.time.len() as f64);
    // EIS at 3.15
    let ac = engobe::impedance::linearise::AlternatingCurrent::new(&sc);
    cell.run(&Step { control: Control::Current(i), duration: None, until: vec![Cutoff::VoltageAbove(3.15)], text: "".into() }, &mut |_, _| {});
    cell.run(&Step { control: Control::Voltage(3.15), duration: None, until: vec![Cutoff::CurrentBelow(0.01 * i)], text: "".into() }, &mut |_, _| {});
    let t = Instant::now();
    let lin = engobe::impedance::linearise::Linearised::new(&model, &ac, &cell.state);
    let f = engobe::impedance::linearise::frequencies(1e6, 1e-4, 2);
    let z = lin.spectrum(&f);
    println!("EIS {:.2} ms Rion {:.1} Rct {:.1} Rdc {:.1} Rcath {:.1} ohm cm2", t.elapsed().as_secs_f64() * 1e3, lin.ionic_resistance * 1e4, lin.charge_transfer_resistance() * 1e4, lin.direct_current_resistance() * 1e4, 1e4 * (lin.ionic_resistance * lin.charge_transfer_resistance()).sqrt());
    for (f, z) in f.iter().zip(&z) {
        println!("{:.2e} {:.2} {:.2}", f, z.re * 1e4, -z.im * 1e4);
    }
}

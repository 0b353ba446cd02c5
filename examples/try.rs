use engobe::electrode::*;
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
    let dims: Vec<usize> = args
        .get(4)
        .map(|s| s.split('x').map(|v| v.parse().unwrap()).collect())
        .unwrap_or(vec![6, 3, 14]);
    let mut sc = load(format!("scenarios/shi2023-{which}.toml"))
        .unwrap()
        .scenario;
    sc.numerics.depths = dims[0];
    sc.numerics.shells = dims[2];
    let loading = sc.cathode.areal_loading;
    let i = 0.1 * sc.cell.one_c * loading;
    let block = sc.protocol[0].clone();
    let np = dims[1];
    let radii: Vec<f64> = (0..np)
        .map(|j| 2.19e-6 * (1.0 + 0.15 * ((j as f64 + 0.5) / np as f64 * 2.0 - 1.0)))
        .collect();
    let stats = MicrostructureStatistics {
        thickness: 55e-6,
        target_fractions: [0.; 5],
        fractions: [0.; 5],
        particles: 0,
        largest_overlap: 0.,
        surface_to_electrolyte: 1.0,
        surface_to_void: 0.,
        surface_to_carbon: 0.,
        surface_to_polymer: 0.,
        coordination: 0.,
        size_classes: radii
            .iter()
            .map(|r| SizeClass {
                radius: *r,
                volume_share: 1.0 / np as f64,
            })
            .collect(),
    };
    let tr = EffectiveTransport {
        ionic_factor: 0.0667,
        ionic_tortuosity: 5.,
        ionic_connected: 1.,
        electronic: vec![(0.1, 0.2), (10.0, 0.3)],
        electronic_connected: 1.,
    };
    let model = Electrode::new(&sc, &stats, &tr).unwrap();
    let fresh = model.initial_state();
    let mut cell = C::new(&model, fresh.clone(), tol);
    let mut g = Gathered::default();
    let t = Instant::now();
    let mut its = 0;
    for c in 0..cycles {
        run_cycle(&mut cell, &sc, &block, &fresh, &mut g);
        let r = g.cycles.last().unwrap();
        if [1, 2, 3, 5, 10, 30, 50, 100, 160, 200].contains(&(c + 1)) || c + 1 == cycles {
            let cap = 3.6 * loading * 1000.0;
            println!(
                "{:3} chg {:.3} dis {:.3} ret {:.4} mact {:.4} phi {:.4} f {:.3} Dm {:.3} lps {:.2} lox {:.2} lrs {:.2} nm Li {:.1e} Q {:.1e} steps {} x {:.4} {}",
                r.cycle,
                r.charge / cap,
                r.discharge / cap,
                r.discharge / g.cycles[0].discharge,
                r.active_mass_apparent,
                r.connected_fraction,
                r.contact_lost,
                r.crack_damage,
                r.products.polysulfide_thickness * 1e9,
                r.products.oxygenated_thickness * 1e9,
                r.products.rock_salt_thickness * 1e9,
                r.lithium_error,
                r.charge_error,
                g.series.time.len(),
                r.stoichiometry,
                r.note
            );
        }
    }
    let e = t.elapsed().as_secs_f64();
    println!(
        "{:.3} s, {:.2} ms/cycle, {:.1} us/step",
        e,
        e * 1e3 / cycles as f64,
        e * 1e6 / g.series.time.len() as f64
    );
    if args.get(5).is_some() {
        let mut f = std::fs::File::create(&args[5]).unwrap();
        use std::io::Write;
        let s = &g.series;
        for k in 0..s.time.len() {
            writeln!(
                f,
                "{} {} {} {} {} {}",
                s.time[k],
                s.voltage[k],
                s.current[k],
                s.step[k],
                s.cycle_charge[k],
                s.cycle_discharge[k]
            )
            .unwrap();
        }
    }
    let _ = (i, its);
    its = 0;
    let _ = its;
}

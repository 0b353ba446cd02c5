//! Cells for tests: shipped scenarios with a structure stated by hand.

use engobe::electrode::Electrode;
use engobe::microstructure::{MicrostructureStatistics, SizeClass};
use engobe::scenario::{self, Scenario};
use engobe::transport::EffectiveTransport;

/// A shipped scenario.
pub fn scenario(name: &str) -> Scenario {
    scenario::load(format!("scenarios/{name}.toml"))
        .expect("a shipped scenario")
        .scenario
}

/// A cell of `scenario` with particles of the given radii (m) in equal shares, the
/// ionic factor 0.1 and an oxide-independent electronic conductivity of 0.3 S/m.
pub fn electrode(scenario: &Scenario, radii: &[f64]) -> Electrode {
    let structure = MicrostructureStatistics {
        thickness: 55e-6,
        surface_to_electrolyte: 0.8,
        size_classes: radii
            .iter()
            .map(|&radius| SizeClass {
                radius,
                volume_share: 1.0 / radii.len() as f64,
            })
            .collect(),
        ..MicrostructureStatistics::default()
    };
    let transport = EffectiveTransport {
        ionic_factor: 0.1,
        ionic_tortuosity: 5.0,
        ionic_connected: 1.0,
        electronic: vec![(1e-6, 0.3), (1e3, 0.3 * (1.0 + 1e-9))],
        electronic_connected: 1.0,
    };
    Electrode::new(scenario, &structure, &transport).expect("a model")
}

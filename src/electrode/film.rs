//! A coating as the interface sees it: one resistance, capacitance and leak for a film
//! that is uneven and may have two layers.

use super::model::{CoatingLayerModel, charge_transfer};
use crate::constants::{VACUUM_PERMITTIVITY, arrhenius};
use crate::microstructure::FilmSpread;
use crate::scenario::{Coating, CoatingLayer, Scenario};

/// Resistance, capacitance and leak of the film, averaged over its thickness
/// distribution: currents and leaks add up over the surface, so it is the mean
/// conductance and the mean leak that count, not those of the mean film. A patch
/// carries current through film and charge transfer in series; the film's resistance is
/// what leaves the mean conductance of all patches, with the smallest charge-transfer
/// resistance over x: islands are thin at their edges, where charge transfer alone
/// limits. All patches have the time constant permittivity over conductivity, and so
/// has the film. Sulfide that annealing left in it gives oxygen what electrolyte would: it
/// does not protect.
pub(super) fn coating_layer(
    coating: Option<&Coating>,
    scenario: &Scenario,
    temperature: f64,
) -> CoatingLayerModel {
    let Some(coating) = coating else {
        return CoatingLayerModel {
            coverage: 0.0,
            resistance: 0.0,
            capacitance: 1.0,
            step: 0.0,
            leak: 1.0,
            bare_leak: 1.0,
            contact_reactivity: 0.0,
        };
    };
    let sum = |f: &dyn Fn(&CoatingLayer) -> f64| -> f64 { coating.layers.iter().map(f).sum() };
    let mean = sum(&|l| {
        l.thickness
            / (l.material.ionic_conductivity * arrhenius(l.material.activation_energy, temperature))
    });
    let elastance = sum(&|l| l.thickness / (l.material.permittivity * VACUUM_PERMITTIVITY));
    let spread = FilmSpread::of(coating);
    let outermost = &coating.layers[0].material;
    let step = outermost.interface_resistance / arrhenius(outermost.activation_energy, temperature);
    let kinetics = &scenario.cathode.active_material.charge_transfer;
    // All that limits where the film is thinnest.
    let transfer =
        charge_transfer(scenario) / arrhenius(kinetics.activation_energy, temperature) + step;
    let resistance = 1.0 / spread.mean(|h| 1.0 / (transfer + h * mean)) - transfer;
    let depth = coating.thickness() / scenario.laws.oxygen.leak_length;
    let film_leak = spread.mean(|h| (-h * depth).exp());
    let (unoxidised, residue) = coating
        .annealed
        .as_ref()
        .map_or((0.0, 0.0), |a| (a.unoxidised_share(), a.residue()));
    CoatingLayerModel {
        coverage: coating.coverage,
        resistance,
        capacitance: mean / (elastance * resistance),
        step,
        leak: unoxidised + (1.0 - unoxidised) * film_leak,
        bare_leak: (-residue / scenario.laws.oxygen.leak_length).exp(),
        contact_reactivity: outermost.contact_reactivity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sulfide that annealing left in the film reacts with the oxide's oxygen as the
    /// electrolyte would: ground on, it shields nothing; oxidised, nearly all; islands leave
    /// the oxide between them.
    #[test]
    fn sulfide_left_in_a_film_does_not_protect() {
        let film = |name: &str| {
            let path = format!("scenarios/kissel2025-{name}.toml");
            let scenario = crate::scenario::load(path).expect("shipped").scenario;
            coating_layer(
                scenario.coating.as_ref(),
                &scenario,
                scenario.cell.temperature,
            )
        };
        let [ground, oxidised, islands] = ["25", "400", "700"].map(film);
        assert!(ground.leak > 0.999 && oxidised.leak < 0.01);
        assert!((ground.bare_leak - 1.0).abs() < 0.01);
        assert!((0.7..0.85).contains(&islands.bare_leak), "{islands:?}");
    }

    /// Halves of a film in parallel, one thin and one thick, by hand; and the limits of
    /// an even film and of kinetics far faster than the film.
    #[test]
    fn patches_of_a_film_act_in_parallel() {
        let loaded = crate::scenario::load("scenarios/ma2022-zro2.toml").expect("shipped");
        let mut scenario = loaded.scenario;
        let film = |scenario: &Scenario| {
            coating_layer(
                scenario.coating.as_ref(),
                scenario,
                scenario.cell.temperature,
            )
        };
        let change = |scenario: &mut Scenario, variation: f64, kinetics: f64| {
            if let Some(coating) = &mut scenario.coating {
                coating.thickness_variation = variation;
            }
            scenario.cathode.active_material.charge_transfer.resistance = kinetics;
        };
        change(&mut scenario, 0.0, 1e-2);
        let even = film(&scenario);
        let coating = scenario.coating.clone().expect("coated");
        let layers =
            |f: &dyn Fn(&CoatingLayer) -> f64| -> f64 { coating.layers.iter().map(f).sum() };
        let warm = |l: &CoatingLayer| {
            l.material.ionic_conductivity * arrhenius(l.material.activation_energy, 318.15)
        };
        assert!((even.resistance / layers(&|l| l.thickness / warm(l)) - 1.0).abs() < 1e-12);
        let leak = (-coating.thickness() / scenario.laws.oxygen.leak_length).exp();
        assert!((even.leak / leak - 1.0).abs() < 1e-12);
        change(&mut scenario, 0.5, 1e-12);
        let uneven = film(&scenario);
        assert!((uneven.resistance / even.resistance - 0.8).abs() < 1e-6);
        assert!(uneven.leak > 3.0 * even.leak);
        let time = |film: &CoatingLayerModel| film.resistance * film.capacitance;
        assert!((time(&uneven) / time(&even) - 1.0).abs() < 1e-12);
        // A step into the electrolyte is apart from the film, whatever the film's thickness.
        scenario.coating.as_mut().expect("coated").layers[0]
            .material
            .interface_resistance = 2e-2;
        let outermost = coating.layers[0].material.activation_energy;
        let step = 2e-2 / arrhenius(outermost, 318.15);
        assert!((film(&scenario).step / step - 1.0).abs() < 1e-12);
        change(&mut scenario, 0.5, 1e3);
        assert!((film(&scenario).resistance / even.resistance - 1.0).abs() < 1e-3);
    }
}

//! Structures and their conduction, each made once: keyed by that part of a scenario
//! which they depend on.

use crate::microstructure::MicrostructureStatistics;
use crate::numerics::hash;
use crate::results::publish;
use crate::scenario::Scenario;
use crate::simulation::run::{key, structure};
use crate::transport::EffectiveTransport;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What the electrode needs of a structure.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Structure {
    pub statistics: MicrostructureStatistics,
    pub transport: EffectiveTransport,
}

/// Those made so far, in memory and on disk.
#[derive(Debug)]
pub(super) struct Structures {
    folder: PathBuf,
    known: Mutex<BTreeMap<String, Result<Arc<Structure>, String>>>,
}

impl Structures {
    /// Those kept in `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            known: Mutex::default(),
        }
    }

    /// The structure of a key, if it was made or kept.
    pub fn known(&self, key: &str) -> Option<Result<Arc<Structure>, String>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(key) {
            return Some(found.clone());
        }
        let bytes = std::fs::read(self.folder.join(key)).ok()?;
        let kept: Arc<Structure> = Arc::new(postcard::from_bytes(hash::opened(&bytes)?).ok()?);
        known.insert(key.to_owned(), Ok(kept.clone()));
        Some(Ok(kept))
    }

    /// Makes the structure of a scenario that has been reduced to it, and keeps it.
    pub fn make(&self, reduced: &Scenario) {
        let made = structure(reduced, &mut |_| {})
            .map_err(|error| error.to_string())
            .map(|(microstructure, transport)| {
                Arc::new(Structure {
                    statistics: microstructure.statistics,
                    transport,
                })
            });
        let key = key(reduced);
        if let Ok(structure) = &made
            && let Ok(content) = postcard::to_stdvec(structure.as_ref())
        {
            // Without the file it is made again another time.
            let _ = publish(&self.folder.join(&key), &hash::sealed(&content));
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, made);
    }
}

/// The scenario with everything set to one value that its structure and conduction do
/// not depend on. The structure is made from this, so a value taken out by mistake
/// would show as a wrong structure, not as a stale one; a test compares the two.
pub(super) fn reduced(scenario: &Scenario) -> Scenario {
    let mut reduced = scenario.clone();
    reduced.title.clear();
    reduced.protocol.clear();
    reduced.attribution.clear();
    let laws = crate::materials::library().get("laws", crate::materials::MaterialKind::Laws);
    if let Some(laws) = laws {
        reduced.laws = laws;
    }
    let numerics = &mut reduced.numerics;
    (numerics.depths, numerics.shells) = (1, 1);
    (numerics.tolerance, numerics.cycle_blocks) = (1e-3, None);
    let anode = &mut reduced.cell.anode;
    anode.charge_transfer_resistance = 0.0;
    anode.ohmic_resistance = 0.0;
    anode.activation_energy = 0.0;
    anode.double_layer = 0.0;
    reduced.cathode.connected_fraction = 1.0;
    let oxide = &mut reduced.cathode.active_material;
    oxide.initial_stoichiometry = 1.0;
    let diffusivity = &mut oxide.diffusivity;
    for value in [
        &mut diffusivity.reference,
        &mut diffusivity.activation_energy,
        &mut diffusivity.upper_edge,
        &mut diffusivity.upper_width,
        &mut diffusivity.lower_edge,
        &mut diffusivity.lower_width,
        &mut diffusivity.floor,
        &mut diffusivity.dip_depth,
        &mut diffusivity.dip_centre,
        &mut diffusivity.dip_width,
        &mut diffusivity.polycrystal_factor,
    ] {
        *value = 1.0;
    }
    let transfer = &mut oxide.charge_transfer;
    for value in [
        &mut transfer.resistance,
        &mut transfer.activation_energy,
        &mut transfer.upper_rise,
        &mut transfer.upper_width,
        &mut transfer.lower_edge,
        &mut transfer.lower_width,
        &mut transfer.double_layer,
        &mut transfer.phase_exponent,
    ] {
        *value = 1.0;
    }
    for layer in reduced.coating.iter_mut().flat_map(|c| &mut c.layers) {
        let material = &mut layer.material;
        for value in [
            &mut material.ionic_conductivity,
            &mut material.activation_energy,
            &mut material.permittivity,
            &mut material.cushioning,
            &mut material.excess_cushioning_penalty,
            &mut material.excess_disconnection,
            &mut material.contact_reactivity,
            &mut material.interface_resistance,
            &mut material.interface_growth,
            &mut material.gas_uptake,
        ] {
            *value = 1.0;
        }
    }
    reduced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reduced_scenario_has_the_same_structure() {
        let mut quick = crate::scenario::load("scenarios/quick.toml").expect("shipped");
        quick.scenario.microstructure.resolution = 20;
        quick.scenario.microstructure.box_edge = 12e-6;
        let (whole, transport) = structure(&quick.scenario, &mut |_| {}).expect("packs");
        let (small, same) = structure(&reduced(&quick.scenario), &mut |_| {}).expect("packs");
        assert_eq!(whole.statistics, small.statistics);
        assert_eq!(transport, same);
    }

    #[test]
    fn what_shapes_the_structure_is_not_taken_out() {
        let quick = crate::scenario::load("scenarios/quick.toml").expect("shipped");
        let own = key(&reduced(&quick.scenario));
        let mut kinetic = quick.scenario.clone();
        kinetic.laws.oxygen.rate *= 2.0;
        kinetic.cathode.active_material.diffusivity.reference *= 2.0;
        let film = kinetic.coating.as_mut().expect("a coating");
        film.layers[0].material.interface_growth += 1.0;
        film.layers[0].material.interface_resistance += 1.0;
        film.layers[0].material.gas_uptake += 1.0;
        assert_eq!(key(&reduced(&kinetic)), own);
        let mut porous = quick.scenario.clone();
        porous.cathode.porosity *= 1.1;
        let mut covered = quick.scenario.clone();
        if let Some(coating) = &mut covered.coating {
            coating.coverage *= 0.9;
        }
        let mut touching = quick.scenario;
        touching.cathode.contact_fraction *= 0.9;
        for other in [porous, covered, touching] {
            assert_ne!(key(&reduced(&other)), own);
        }
    }
}

//! From what is weighed in to what fills the space: mass fractions, densities
//! and porosity become volume fractions and a thickness.

use super::{MicrostructureError, Phase};
use crate::scenario::{Cathode, Coating};

/// Volumes of a composite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// Volume fractions in the order of [`Phase`], adding up to 1. Electrolyte
    /// includes the coating film, whose nanometres lie on the particles in what
    /// voxels show as electrolyte.
    pub fractions: [f64; 5],
    /// Volume of the coating film over that of the composite.
    pub film_fraction: f64,
    /// Thickness of the electrode, m.
    pub thickness: f64,
}

/// Volume fractions and thickness of a composite cathode.
///
/// Every solid takes mass over density; pores take `porosity` of the whole; the
/// thickness follows from the areal mass of active material. The film's volume
/// is its thickness times the covered part of the BET surface. Polymer is the
/// binder and the coating substance that is not in the film.
///
/// # Errors
/// [`MicrostructureError::Recipe`] for a quantity that no composite can have.
pub fn recipe(cathode: &Cathode, coating: Option<&Coating>) -> Result<Recipe, MicrostructureError> {
    let mass = &cathode.mass_fractions;
    let active = solid(
        "active material",
        mass.active_material,
        cathode.active_material.density,
    )?;
    let electrolyte = solid("electrolyte", mass.electrolyte, cathode.electrolyte.density)?;
    let carbon = match &cathode.carbon {
        Some(carbon) => solid("carbon", mass.carbon, carbon.density)?,
        None => 0.0,
    };
    let binder = match &cathode.binder {
        Some(binder) => solid("binder", mass.binder, binder.density)?,
        None => 0.0,
    };
    let (film, excess) = coating_volumes(cathode, coating)?;
    let porosity = require(
        "porosity",
        cathode.porosity,
        (0.0..1.0).contains(&cathode.porosity),
    )?;
    require(
        "mass fraction of active material",
        mass.active_material,
        active > 0.0,
    )?;
    let loading = cathode.areal_loading;
    require(
        "areal loading",
        loading,
        loading.is_finite() && loading > 0.0,
    )?;

    let solids = active + electrolyte + carbon + binder + film + excess;
    let composite = solids / (1.0 - porosity);
    let mut fractions = [0.0; 5];
    fractions[Phase::Void as usize] = porosity;
    fractions[Phase::ActiveMaterial as usize] = active / composite;
    fractions[Phase::Electrolyte as usize] = (electrolyte + film) / composite;
    fractions[Phase::Carbon as usize] = carbon / composite;
    fractions[Phase::Polymer as usize] = (binder + excess) / composite;
    Ok(Recipe {
        fractions,
        film_fraction: film / composite,
        thickness: loading * composite / mass.active_material,
    })
}

/// Volumes of film and excess coating, m3 per kg of composite.
fn coating_volumes(
    cathode: &Cathode,
    coating: Option<&Coating>,
) -> Result<(f64, f64), MicrostructureError> {
    let Some(coating) = coating else {
        return Ok((0.0, 0.0));
    };
    let thickness: f64 = coating.layers.iter().map(|layer| layer.thickness).sum();
    let areal_mass: f64 = coating
        .layers
        .iter()
        .map(|layer| layer.thickness * layer.material.density)
        .sum();
    require(
        "thickness of the coating",
        thickness,
        thickness.is_finite() && thickness > 0.0,
    )?;
    let active = cathode.mass_fractions.active_material;
    let film = active * cathode.specific_surface * coating.coverage * thickness;
    require(
        "volume of the coating film",
        film,
        film.is_finite() && film >= 0.0,
    )?;
    // What is not in the film has the film's own composition.
    let excess = solid(
        "excess coating",
        coating.excess_ratio * active,
        areal_mass / thickness,
    )?;
    Ok((film, excess))
}

/// Volume of a solid, m3 per kg of composite.
fn solid(quantity: &'static str, mass: f64, density: f64) -> Result<f64, MicrostructureError> {
    let volume = mass / density;
    require(
        quantity,
        volume,
        volume.is_finite() && volume >= 0.0 && density > 0.0,
    )
}

fn require(quantity: &'static str, value: f64, holds: bool) -> Result<f64, MicrostructureError> {
    if holds {
        Ok(value)
    } else {
        Err(MicrostructureError::Recipe { quantity, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::materials::{
        ActiveMaterial, Carbon, CarbonShape, ChargeTransfer, CoatingMaterial, Electrolyte,
        ElectrolyteState, ElectronicConductivity, SolidDiffusivity,
    };
    use crate::scenario::{
        CoatingLayer, CoatingMorphology, MassFractions, ParticleKind, SizeDistribution,
    };
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    /// 70 NCM83 : 30 LPSCl : 1 VGCF by mass, 10.6 mg/cm2, 12 % pores. Numbers that a
    /// recipe does not read are 0.
    fn shi2023() -> Cathode {
        Cathode {
            active_material: ActiveMaterial {
                name: "NCM83".into(),
                molar_mass: 0.0,
                density: 4780.0,
                open_circuit_potential: Vec::new(),
                initial_stoichiometry: 0.0,
                diffusivity: SolidDiffusivity {
                    reference: 0.0,
                    activation_energy: 0.0,
                    upper_edge: 0.0,
                    upper_width: 0.0,
                    lower_edge: 0.0,
                    lower_width: 0.0,
                    floor: 0.0,
                    dip_depth: 0.0,
                    dip_centre: 0.0,
                    dip_width: 0.0,
                    two_phase: Vec::new(),
                    polycrystal_factor: 0.0,
                },
                charge_transfer: ChargeTransfer {
                    native_film: 0.0,
                    resistance: 0.0,
                    activation_energy: 0.0,
                    upper_rise: 0.0,
                    upper_width: 0.0,
                    lower_edge: 0.0,
                    lower_width: 0.0,
                    double_layer: 0.0,
                    phase_exponent: 0.0,
                },
                electronic_conductivity: ElectronicConductivity {
                    intercept: 0.0,
                    slope: 0.0,
                    ceiling: 0.0,
                },
                volume_change: Vec::new(),
            },
            particle_kind: ParticleKind::SingleCrystal,
            particle_diameter: SizeDistribution::Lognormal {
                median: 4e-6,
                log_deviation: 0.14,
            },
            specific_surface: 593.0,
            electrolyte: Electrolyte {
                name: "LPSCl".into(),
                density: 1860.0,
                ionic_conductivity: 0.0,
                activation_energy: 0.0,
                state: ElectrolyteState::Solid {
                    molar_mass: 0.0,
                    grain_diameter: 3e-6,
                    hardness: 550e6,
                    grain_boundary_capacitance: 0.0,
                    grain_boundary_share: 0.0,
                },
            },
            carbon: Some(Carbon {
                name: "VGCF".into(),
                density: 2000.0,
                specific_surface: 0.0,
                electronic_conductivity: 0.0,
                shape: CarbonShape::Fibre {
                    diameter: 150e-9,
                    length: 8e-6,
                    diameter_spread: 0.0,
                    length_spread: 0.0,
                },
            }),
            binder: None,
            mass_fractions: MassFractions {
                active_material: 70.0 / 101.0,
                electrolyte: 30.0 / 101.0,
                carbon: 1.0 / 101.0,
                binder: 0.0,
                coating: 0.0,
            },
            areal_loading: 0.106,
            porosity: 0.12,
            pressing_pressure: None,
            contact_flattening: 0.0,
            heterogeneity: 0.0,
            contact_fraction: 0.3,
            connected_fraction: 1.0,
            arrangement: crate::scenario::Arrangement::default(),
        }
    }

    /// 3 nm on 95 % of the surface, and some more of it elsewhere.
    fn polymer(excess_ratio: f64) -> Coating {
        Coating {
            layers: vec![CoatingLayer {
                material: CoatingMaterial {
                    name: "polymer".into(),
                    density: 1400.0,
                    ionic_conductivity: 0.0,
                    activation_energy: 0.0,
                    permittivity: 0.0,
                    youngs_modulus: 0.0,
                    cushioning: 0.0,
                    excess_cushioning_penalty: 0.0,
                    excess_disconnection: 0.0,
                    contact_reactivity: 0.0,
                    interface_resistance: 0.0,
                    interface_growth: 0.0,
                    gas_uptake: 0.0,
                },
                thickness: 3e-9,
            }],
            coverage: 0.95,
            morphology: CoatingMorphology::Conformal,
            thickness_variation: 0.0,
            patch_diameter: 500e-9,
            aggregate_diameter: 100e-9,
            mass_ratio: None,
            excess_ratio,
            annealed: None,
        }
    }

    #[test]
    fn volumes_by_hand() {
        // Volumes per 101 kg: 70/4780 = 14.644, 30/1860 = 16.129, 1/2000 = 0.5 litres,
        // together 31.273 of solids in 35.537 of composite.
        let recipe = recipe(&shi2023(), None).unwrap();
        let [void, active, electrolyte, carbon, polymer] = recipe.fractions;
        assert_abs_diff_eq!(void, 0.12, epsilon = 1e-15);
        assert_abs_diff_eq!(active, 0.4121, epsilon = 1e-4);
        assert_abs_diff_eq!(electrolyte, 0.4539, epsilon = 1e-4);
        assert_abs_diff_eq!(carbon, 0.0141, epsilon = 1e-4);
        assert_abs_diff_eq!(polymer, 0.0, epsilon = 0.0);
        // 0.106 kg/m2 at 70 kg of active material in 35.537 litres.
        assert_relative_eq!(recipe.thickness, 53.8e-6, max_relative = 1e-3);
        assert_relative_eq!(
            recipe.fractions.iter().sum::<f64>(),
            1.0,
            max_relative = 1e-14
        );
    }

    #[test]
    fn a_film_counts_as_electrolyte_and_excess_as_polymer() {
        let bare = recipe(&shi2023(), None).unwrap();
        let mut cathode = shi2023();
        let coated = recipe(&cathode, Some(&polymer(0.0))).unwrap();
        // 593 m2/kg * 0.95 * 3 nm * 4780 kg/m3 = 0.808 % of the active material's volume.
        let active = coated.fractions[Phase::ActiveMaterial as usize];
        assert_relative_eq!(coated.film_fraction / active, 0.00808, max_relative = 1e-3);
        assert!(coated.thickness > bare.thickness);
        cathode.mass_fractions.coating = 0.02;
        let excess = recipe(&cathode, Some(&polymer(0.02))).unwrap();
        let ratio = excess.fractions[Phase::Polymer as usize]
            / excess.fractions[Phase::ActiveMaterial as usize];
        assert_relative_eq!(ratio, 0.02 * 4780.0 / 1400.0, max_relative = 1e-12);
        assert_relative_eq!(
            excess.fractions.iter().sum::<f64>(),
            1.0,
            max_relative = 1e-14
        );
    }

    #[test]
    fn refuses_what_no_composite_can_have() {
        let quantity = |change: &dyn Fn(&mut Cathode)| {
            let mut cathode = shi2023();
            change(&mut cathode);
            match recipe(&cathode, None) {
                Err(MicrostructureError::Recipe { quantity, .. }) => quantity,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(quantity(&|c| c.porosity = 1.0), "porosity");
        assert_eq!(quantity(&|c| c.porosity = f64::NAN), "porosity");
        assert_eq!(quantity(&|c| c.electrolyte.density = -1.0), "electrolyte");
        assert_eq!(quantity(&|c| c.areal_loading = 0.0), "areal loading");
    }
}

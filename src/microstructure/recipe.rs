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

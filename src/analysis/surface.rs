//! Analysis room: what surface analyses show of a run's degradation products, components
//! of photoelectron spectra and ToF-SIMS intensities relative to another run.

use crate::observables::{
    INTERFACE_SHARE, PhosphorusComponents, Region, RelativeIntensities, Skin, Specimen,
    SulfurComponents, photoelectron_components,
};
use crate::record::Products;
use serde::{Deserialize, Serialize};

/// Spots analysed on each specimen, of which the scatter of intensities is estimated
/// (the papers analyse 10 to 14).
pub const SPOTS: usize = 12;

/// A run as surface analyses take it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurfaceRecord {
    /// Cycles, rising.
    pub cycle: Vec<u32>,
    /// Products at the end of each.
    pub products: Vec<Products>,
    /// Thickness of the cathode, m.
    pub thickness: f64,
    /// Share of sulfate among phosphate and sulfate units, 0..1.
    pub sulfate_share: f64,
}

/// What is read after one cycle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SurfaceReading {
    /// Cycle.
    pub cycle: u32,
    /// Components of S 2p, as shares.
    pub sulfur: Option<SulfurComponents>,
    /// Components of P 2p, as shares.
    pub phosphorus: Option<PhosphorusComponents>,
    /// ToF-SIMS relative to the reference after the same cycle, on the face that lay on
    /// the current collector; `None` without a reference.
    pub surface: Option<RelativeIntensities>,
    /// The same in a crater through the composite.
    pub depth_profile: Option<RelativeIntensities>,
}

/// Reads every cycle of a run. Intensities are relative to `reference` after the same
/// cycle; there are none for cycles that it does not have.
pub fn read_surface(
    record: &SurfaceRecord,
    reference: Option<&SurfaceRecord>,
) -> Vec<SurfaceReading> {
    let each = record.cycle.iter().zip(&record.products);
    each.map(|(&cycle, products)| {
        let components = photoelectron_components(&Skin {
            polysulfide: products.polysulfide_thickness,
            oxygenated: products.oxygenated_thickness,
            sulfate_share: record.sulfate_share,
            interface_share: INTERFACE_SHARE,
        });
        let other = reference.and_then(|other| {
            let place = other.cycle.binary_search(&cycle).ok()?;
            Some(specimen(&other.products[place], other.thickness))
        });
        let own = specimen(products, record.thickness);
        let relative = |region| other.map(|o| RelativeIntensities::between(own, o, region));
        SurfaceReading {
            cycle,
            sulfur: components.map(|c| c.0),
            phosphorus: components.map(|c| c.1),
            surface: relative(Region::Surface),
            depth_profile: relative(Region::DepthProfile),
        }
    })
    .collect()
}

fn specimen(products: &Products, thickness: f64) -> Specimen<'_> {
    Specimen {
        products,
        thickness,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(cycles: &[u32], scale: f64) -> SurfaceRecord {
        let products = cycles.iter().map(|c| Products {
            polysulfide_thickness: 1e-9 * scale * f64::from(*c),
            oxygenated_thickness: 5e-10 * scale * f64::from(*c),
            polysulfide_at_active: 1e-3 * scale * f64::from(*c),
            polysulfide_at_collector: 4e-5,
            sulfate: 1e-3 * scale * f64::from(*c),
            ..Products::default()
        });
        SurfaceRecord {
            products: products.collect(),
            cycle: cycles.to_vec(),
            thickness: 50e-6,
            sulfate_share: 0.6,
        }
    }

    #[test]
    fn intensities_are_those_of_the_same_cycle_of_the_reference() {
        let (own, other) = (record(&[1, 2, 5], 0.5), record(&[1, 5], 1.0));
        let read = read_surface(&own, Some(&other));
        assert!(read[1].surface.is_none() && read[1].sulfur.is_some());
        for place in [0, 2] {
            let seen = read[place].depth_profile.unwrap();
            assert!((seen.sulfur_dioxide.unwrap() - 0.5).abs() < 1e-12);
            assert!((seen.polysulfide.unwrap() - 0.5).abs() < 1e-12);
            // The collector shows the same on both, which draws the ratio towards 1.
            let surface = read[place].surface.unwrap().polysulfide.unwrap();
            assert!(surface > 0.5 && surface < 1.0, "{surface}");
        }
        assert!(read_surface(&own, None)[0].surface.is_none());
    }

    #[test]
    fn products_shift_the_components_from_those_of_argyrodite() {
        let read = read_surface(&record(&[1, 5], 1.0), None);
        let (early, late) = (read[0].sulfur.unwrap(), read[1].sulfur.unwrap());
        assert!(late.thiophosphate < early.thiophosphate && late.oxygenated > early.oxygenated);
    }
}

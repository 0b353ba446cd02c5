//! Observables: relative ToF-SIMS intensities of degradation products.
//!
//! Normalised to total ions, a fragment's intensity is taken as proportional to the
//! amount of its parent per composite volume, plus a background. Ionisation yields
//! cancel and matrix effects are not modelled, so only ratios between two runs are
//! given (as the papers report them: "relative degradation", kissel2025).

use crate::record::Products;
use serde::{Deserialize, Serialize};

/// Which part of the cathode the beam sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// The face that lay on the current collector: composite and the collector's
    /// interface with the electrolyte.
    Surface,
    /// A crater through the composite: no collector.
    DepthProfile,
}

impl Region {
    /// As files and tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Surface => "surface",
            Self::DepthProfile => "depth profile",
        }
    }
}

/// A run's products with the thickness of its cathode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Specimen<'a> {
    /// Degradation products per cell area.
    pub products: &'a Products,
    /// Thickness of the cathode, m.
    pub thickness: f64,
}

/// Intensities of fragments relative to the reference; `None` where the reference
/// shows none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RelativeIntensities {
    /// PO2-.
    pub phosphite: Option<f64>,
    /// PO3-.
    pub phosphate: Option<f64>,
    /// SO2-; with a coating whose anion holds sulfonyl groups (TFSI) not readable in
    /// an experiment, since the coating gives the same fragment.
    pub sulfur_dioxide: Option<f64>,
    /// SO3-; as SO2-.
    pub sulfur_trioxide: Option<f64>,
    /// S_x-, polysulfides.
    pub polysulfide: Option<f64>,
}

/// Depth over which a surface analysis averages composite and collector interface
/// (one layer of rough particles), m. An estimate.
const ANALYSED_DEPTH: f64 = 1e-6;
/// Phosphate in pristine composite that gives PO2- and PO3- before any cycling (Li3PO4
/// as an impurity of the electrolyte, around 0.05 % of its 3 kmol/m3 of composite),
/// mol/m3. An estimate.
const PHOSPHATE_BACKGROUND: f64 = 1.5;
/// Intensity of PO3- per phosphate relative to PO2-. An estimate.
const PHOSPHATE_YIELD: f64 = 0.6;
/// Background of PO3- relative to that of PO2-: residues on the surface hold less of
/// the higher oxide. An estimate.
const PHOSPHATE_BACKGROUND_YIELD: f64 = 0.3;

/// Standard deviation of the logarithm of an intensity from spot to spot: an estimate
/// in the middle of 0.10 to 0.20.
pub const SPOT_SCATTER: f64 = 0.15;

impl RelativeIntensities {
    /// Intensities of `run` over those of `reference` in the same region.
    pub fn between(run: Specimen<'_>, reference: Specimen<'_>, region: Region) -> Self {
        let (run, reference) = (Amounts::seen(run, region), Amounts::seen(reference, region));
        let phosphorus = |yielded: f64, background: f64| {
            ratio(
                yielded * run.phosphate + background * PHOSPHATE_BACKGROUND,
                yielded * reference.phosphate + background * PHOSPHATE_BACKGROUND,
            )
        };
        let sulfur = ratio(run.sulfate, reference.sulfate);
        Self {
            phosphite: phosphorus(1.0, 1.0),
            phosphate: phosphorus(PHOSPHATE_YIELD, PHOSPHATE_BACKGROUND_YIELD),
            sulfur_dioxide: sulfur,
            sulfur_trioxide: sulfur,
            polysulfide: ratio(run.polysulfide, reference.polysulfide),
        }
    }
}

/// Standard error of a ratio of mean intensities, relative to it, for `spots` analysed
/// spots on each specimen (usually 10 to 14); `None` without spots.
pub fn relative_scatter(spots: usize) -> Option<f64> {
    (spots > 0).then(|| SPOT_SCATTER * (2.0 / spots as f64).sqrt())
}

/// Amounts in the analysed region, mol/m3 of composite.
#[derive(Debug, Clone, Copy)]
struct Amounts {
    phosphate: f64,
    sulfate: f64,
    polysulfide: f64,
}

impl Amounts {
    fn seen(specimen: Specimen<'_>, region: Region) -> Self {
        let Specimen {
            products,
            thickness,
        } = specimen;
        let collector = match region {
            Region::Surface => products.polysulfide_at_collector / ANALYSED_DEPTH,
            Region::DepthProfile => 0.0,
        };
        let composite = products.polysulfide_at_active + products.polysulfide_at_carbon;
        Self {
            phosphate: products.phosphate / thickness,
            sulfate: products.sulfate / thickness,
            polysulfide: composite / thickness + collector,
        }
    }
}

fn ratio(run: f64, reference: f64) -> Option<f64> {
    let ratio = run / reference;
    (reference > 0.0 && ratio.is_finite()).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn products() -> Products {
        Products {
            phosphate: 6e-4,
            sulfate: 9e-4,
            polysulfide_at_active: 2e-3,
            polysulfide_at_carbon: 1e-3,
            polysulfide_at_collector: 5e-5,
            ..Products::default()
        }
    }

    fn specimen(products: &Products) -> Specimen<'_> {
        Specimen {
            products,
            thickness: 50e-6,
        }
    }

    #[test]
    fn a_run_is_its_own_reference_and_ratios_follow_amounts() {
        let reference = products();
        let same = RelativeIntensities::between(
            specimen(&reference),
            specimen(&reference),
            Region::Surface,
        );
        for ratio in [
            same.phosphite,
            same.phosphate,
            same.sulfur_dioxide,
            same.polysulfide,
        ] {
            assert!((ratio.unwrap() - 1.0).abs() < 1e-15);
        }
        let coated = Products {
            phosphate: 2e-4,
            sulfate: 3e-4,
            ..reference
        };
        let seen = RelativeIntensities::between(
            specimen(&coated),
            specimen(&reference),
            Region::DepthProfile,
        );
        assert!((seen.sulfur_dioxide.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        // Background: (4 + 1.5)/(12 + 1.5) for PO2-, and less of it for PO3-.
        assert!((seen.phosphite.unwrap() - 5.5 / 13.5).abs() < 1e-12);
        assert!(seen.phosphate.unwrap() < seen.phosphite.unwrap());
        assert!(seen.phosphate.unwrap() > 1.0 / 3.0);
    }

    #[test]
    fn the_collector_shows_at_the_surface_only() {
        let reference = products();
        let bare_collector = Products {
            polysulfide_at_collector: 2.5e-4,
            ..reference
        };
        let ratio = |region| {
            RelativeIntensities::between(specimen(&bare_collector), specimen(&reference), region)
                .polysulfide
                .unwrap()
        };
        assert!((ratio(Region::DepthProfile) - 1.0).abs() < 1e-15);
        assert!((ratio(Region::Surface) - (60.0 + 250.0) / (60.0 + 50.0)).abs() < 1e-12);
    }

    #[test]
    fn nothing_in_the_reference_gives_nothing() {
        let empty = Products::default();
        let run = products();
        let seen =
            RelativeIntensities::between(specimen(&run), specimen(&empty), Region::DepthProfile);
        assert_eq!(seen.sulfur_dioxide, None);
        assert_eq!(seen.polysulfide, None);
        assert!(seen.phosphite.unwrap() > 5.0);
        let flat = Specimen {
            products: &run,
            thickness: 0.0,
        };
        let seen = RelativeIntensities::between(flat, specimen(&run), Region::DepthProfile);
        assert_eq!(seen.polysulfide, None);
    }

    #[test]
    fn scatter_falls_with_the_root_of_spots() {
        assert_eq!(relative_scatter(0), None);
        let (few, many) = (relative_scatter(3).unwrap(), relative_scatter(12).unwrap());
        assert!((few / many - 2.0).abs() < 1e-12);
    }
}

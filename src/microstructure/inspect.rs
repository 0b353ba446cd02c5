//! What can be said of a recipe before its structure is made: refusals with what would
//! do instead, and what is likely to go wrong.

use super::{Blueprint, MicrostructureError, Phase};
use crate::input::Severity;
use crate::scenario::{Composite, Concern};

/// Volume fraction at which spheres of like sizes jam (G. D. Scott and D. M. Kilgour,
/// J. Phys. D 2, 863, 1969); a broad distribution reaches some per cent more.
const JAMMING: f64 = 0.64;
/// Share of the electrolyte below which it may not hang together: composites with less
/// are not made, and grains thinner than voxels break (an estimate).
const THIN: f64 = 0.12;
/// Voxels across the median particle below which contacts are coarse (an estimate).
const FEW_VOXELS: f64 = 5.0;

/// Every refusal and doubt that needs no packing.
pub fn inspect(composite: &Composite<'_>) -> Vec<Concern> {
    let blueprint = Blueprint::new(
        composite.cathode,
        composite.coating,
        composite.settings,
        composite.size_classes,
        composite.seed,
    );
    let blueprint = match blueprint {
        Ok(blueprint) => blueprint,
        Err(error) => return vec![error.concern()],
    };
    let refused = blueprint.refusals();
    if !refused.is_empty() {
        return refused.iter().map(MicrostructureError::concern).collect();
    }
    doubts(composite, &blueprint)
}

fn doubts(composite: &Composite<'_>, blueprint: &Blueprint) -> Vec<Concern> {
    let sizes = &composite.cathode.particle_diameter;
    let (median, large) = (sizes.median(), sizes.quantile(0, 0.9, 0.0));
    let fractions = blueprint.recipe.fractions;
    let (oxide, electrolyte) = (
        fractions[Phase::ActiveMaterial as usize] + blueprint.inner_voids(),
        fractions[Phase::Electrolyte as usize],
    );
    let voxels = median / blueprint.grid().voxel;
    let thickness = blueprint.recipe.thickness;
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let um = |length: f64| format!("{:.3} um", 1e6 * length);
    let warning = |key, message, label, help: String| Concern {
        key,
        severity: Severity::Warning,
        message,
        label,
        help,
    };
    let mut concerns = Vec::new();
    if oxide > JAMMING {
        concerns.push(warning(
            "cathode.composition",
            format!("the oxide's particles take {} of the volume", percent(oxide)),
            "hardly packed",
            format!(
                "spheres of like sizes jam at {}: more electrolyte, a higher porosity or a broader size distribution makes room",
                percent(JAMMING)
            ),
        ));
    }
    if electrolyte < THIN {
        concerns.push(warning(
            "cathode.composition",
            format!(
                "the electrolyte takes only {} of the volume",
                percent(electrolyte)
            ),
            "may not percolate",
            format!(
                "below about {} it may not hang together from face to face",
                percent(THIN)
            ),
        ));
    }
    if voxels < FEW_VOXELS {
        // Round-off must not ask for one voxel more.
        let least = (FEW_VOXELS * blueprint.grid().edge() / median - 1e-6).ceil();
        concerns.push(warning(
            "microstructure.resolution",
            format!("the median particle is only {voxels:.1} voxels wide"),
            "coarse",
            format!("resolution = {least} gives {FEW_VOXELS}; so would a smaller box"),
        ));
    }
    if thickness < large {
        concerns.push(warning(
            "cathode.active_mass_loading",
            format!(
                "the cathode would be {} thick, less than its larger particles (d90 {})",
                um(thickness),
                um(large)
            ),
            "too little for this powder",
            "raise the loading, or check its unit and the particle diameters".into(),
        ));
    }
    concerns
}

impl MicrostructureError {
    /// The refusal at the key that can mend it, with what would do.
    pub fn concern(&self) -> Concern {
        let um = |length: f64| format!("{:.3} um", 1e6 * length);
        let (key, label, help) = match self {
            Self::Import(_) => (
                "microstructure.image",
                "cannot be used",
                "the image must show the composite that [cathode] describes".to_owned(),
            ),
            Self::Recipe { .. } => (
                "cathode.composition",
                "impossible",
                "check amounts, densities and loading".to_owned(),
            ),
            Self::CannotPack { reached, .. } => (
                "cathode.composition",
                "too much oxide",
                format!(
                    "at most {:.1} % of the volume could be packed",
                    100.0 * reached
                ),
            ),
            Self::BoxTooSmall { diameter, .. } => (
                "microstructure.box_edge",
                "too small",
                format!("box_edge = \"{:.0} um\" or more", (2e6 * diameter).ceil()),
            ),
            Self::BoxTooSmallForAgglomerates { width, .. } => (
                "microstructure.box_edge",
                "too small",
                format!(
                    "box_edge = \"{:.0} um\" or more, or leave `heterogeneity` out",
                    (2e6 * width).ceil()
                ),
            ),
            Self::TooManyParticles { .. } => (
                "microstructure.box_edge",
                "too large for these particles",
                "shrink the box, or narrow the size distribution".to_owned(),
            ),
            Self::TooCoarse {
                voxel,
                diameter,
                voxels,
            } => (
                "microstructure.resolution",
                "too coarse",
                format!(
                    "{:.1} times as many voxels per edge, or a box smaller by that; was the particle diameter of {} meant?",
                    voxels * voxel / diameter,
                    um(*diameter)
                ),
            ),
            Self::NoRoom { .. } => (
                "cathode.composition",
                "no room",
                "less of it, a lower porosity or less active material".to_owned(),
            ),
        };
        Concern {
            key,
            severity: Severity::Error,
            message: self.to_string(),
            label,
            help,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Diagnostics;
    use crate::scenario::from_str_inspected;

    const QUICK: &str = include_str!("../../scenarios/quick.toml");

    fn inspected(from: &str, to: &str) -> Result<Diagnostics, Diagnostics> {
        assert!(QUICK.contains(from), "{from}");
        let text = QUICK.replace(from, to);
        from_str_inspected("x", &text, &super::inspect).map(|loaded| loaded.diagnostics())
    }

    fn refused(from: &str, to: &str) -> String {
        inspected(from, to).expect_err("refused").to_string()
    }

    fn warned(from: &str, to: &str) -> String {
        inspected(from, to).expect("only a warning").to_string()
    }

    #[test]
    fn what_cannot_be_built_is_refused_where_it_can_be_mended() {
        let said = refused("box_edge = \"16 um\"", "box_edge = \"8 um\"");
        assert!(
            said.contains("error: the box of 8.000 um is too small") && said.contains("or more"),
            "{said}"
        );
        let said = refused(
            "d50 = \"4.4 um\", d90 = \"5 um\"",
            "d50 = \"440 nm\", d90 = \"500 nm\"",
        );
        assert!(said.contains("cannot show particles of 0.440 um"), "{said}");
    }

    #[test]
    fn physical_refusals_stand_beside_those_of_other_parts() {
        let text = QUICK
            .replace("box_edge = \"16 um\"", "box_edge = \"8 um\"")
            .replace("Rest for", "Sleep for");
        let said = from_str_inspected("x", &text, &super::inspect)
            .expect_err("refused")
            .to_string();
        assert!(
            said.contains("Sleep") && said.contains("too small"),
            "{said}"
        );
    }

    #[test]
    fn doubts_are_warnings() {
        assert!(warned("title", "title").is_empty());
        let said = warned(
            "active_material = \"70 wt%\", LPSCl = \"30 wt%\"",
            "active_material = \"92 wt%\", LPSCl = \"8 wt%\"",
        );
        assert!(
            said.contains("of the volume (spheres of like sizes jam"),
            "{said}"
        );
        let said = warned("10.6 mg/cm2", "0.6 mg/cm2");
        assert!(said.contains("less than its larger particles"), "{said}");
        let said = warned("resolution = 40", "resolution = 16");
        assert!(said.contains("voxels wide"), "{said}");
    }
}

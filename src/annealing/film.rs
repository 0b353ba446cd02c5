//! Annealing: how the coating lies on the oxide.

use super::chemistry::Chemistry;
use super::kinetics::Progress;
use crate::materials::CoatingProcess;
use serde::{Deserialize, Serialize};

/// How the coating looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Patches and lumps, as ground on.
    Ground,
    /// A film that has spread.
    Film,
    /// Islands with little in between.
    Islands,
}

impl Form {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ground => "as ground on",
            Self::Film => "a film",
            Self::Islands => "islands",
        }
    }
}

/// The coating's geometry.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Film {
    /// Share of the surface covered, 0..1.
    pub coverage: f64,
    /// Mean where covered, m.
    pub thickness: f64,
    /// Relative standard deviation of the thickness where covered.
    pub variation: f64,
    /// How it looks.
    pub form: Form,
}

impl Film {
    /// The film at some progress. Its thickness follows from volume and coverage; the
    /// variation passes from that of the ground layer to that of a spread film, and on
    /// to that of islands, with the shares spread and coagulated.
    pub fn new(process: &CoatingProcess, chemistry: &Chemistry, progress: &Progress) -> Self {
        let pass = |from: f64, to: f64, share: f64| from + (to - from) * share;
        let spread = pass(
            process.ground_variation,
            process.film_variation,
            progress.spread,
        );
        Self {
            coverage: progress.coverage,
            thickness: over_all(process, chemistry, progress) / progress.coverage,
            variation: pass(spread, process.island_variation, progress.coagulated),
            form: if progress.coagulated > 0.5 {
                Form::Islands
            } else if progress.spread > 0.5 {
                Form::Film
            } else {
                Form::Ground
            },
        }
    }
}

/// Volume of the film, without lumps, over all of the surface, m.
fn over_all(process: &CoatingProcess, chemistry: &Chemistry, progress: &Progress) -> f64 {
    (1.0 - process.lump_share) * chemistry.spread_thickness(progress)
}

/// Coverage of the layer as ground on.
pub(super) fn ground_coverage(process: &CoatingProcess, chemistry: &Chemistry) -> f64 {
    let volume = over_all(process, chemistry, &Progress::start(0.0));
    process
        .fullest_coverage
        .min(volume / process.ground_thickness)
}

/// Coverage to which a film of this volume spreads.
pub(super) fn reach(process: &CoatingProcess, chemistry: &Chemistry, progress: &Progress) -> f64 {
    let volume = over_all(process, chemistry, progress);
    process
        .fullest_coverage
        .min(volume / process.wetting_thickness)
}

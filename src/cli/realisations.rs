//! `engobe microstructure --realisations N`: many structures, and their spread.

use super::progress::{Progress, Voice};
use crate::input::{Dimension, parse};
use crate::results::{publish, structure as tables};
use crate::scenario::Scenario;
use crate::simulation::realisations::{BoxSize, Realisation, Summary, realise, summarise};
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Voxels per edge that a box may have, as in a scenario.
const RESOLUTIONS: RangeInclusive<usize> = 8..=1024;

/// The numbers that the terminal tells; files hold all.
const TOLD: [&str; 7] = [
    "ionic_conductivity",
    "ionic_tortuosity_factor",
    "electronic_conductivity_least",
    "electronic_conductivity_greatest",
    "interface_active_material_electrolyte",
    "facing_electrolyte_mean",
    "coordination_mean",
];

/// Many structures, and their spread box by box.
#[derive(Default)]
pub struct Ensemble {
    /// Every structure; may be none.
    pub realisations: Vec<Realisation>,
    /// What they have in common.
    pub spread: Vec<(BoxSize, Vec<Summary>)>,
}

impl Ensemble {
    /// Makes `count` structures in each of `sizes`. Every one is a row of `table` as
    /// soon as it is measured, so that whatever ends the program, little is lost.
    ///
    /// # Errors
    /// The first refusal of the file system.
    pub fn make(
        scenario: &Scenario,
        sizes: &[BoxSize],
        count: u32,
        voice: Voice,
        table: &Path,
    ) -> std::io::Result<Self> {
        let count = count as usize;
        let progress = Mutex::new(Progress::new(voice, 3));
        let shown = || progress.lock().unwrap_or_else(PoisonError::into_inner);
        let show = |share: f64| shown().realisations(share);
        let refused = Mutex::new(None);
        let keep = |finished: &[Realisation]| {
            if let Err(error) = publish(table, tables::realisations(finished).as_bytes()) {
                let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
                refused.get_or_insert(error);
            }
        };
        let realisations = realise(scenario, sizes, count, &show, &keep);
        shown().finish();
        if let Some(error) = refused.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let spread = realisations
            .chunks(count.max(1))
            .zip(sizes)
            .map(|(of_one_size, &size)| (size, summarise(of_one_size)))
            .collect();
        Ok(Self {
            realisations,
            spread,
        })
    }

    /// Mean, spread and confidence of every number, and what failed.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for (size, summaries) in &self.spread {
            let tried = || self.realisations.iter().filter(|r| r.size == *size);
            let made = tried().filter(|r| !r.numbers.is_empty()).count();
            let all = tried().count();
            let edge = 1e6 * size.edge;
            let _ = writeln!(
                text,
                "  box of {edge:.1} um, {made} of {all} realisations: mean, standard deviation, 95 % confidence"
            );
            let told = |s: &&Summary| s.count > 0 && TOLD.contains(&s.name.as_str());
            for s in summaries.iter().filter(told) {
                let unit = if s.unit == "1" { "" } else { s.unit };
                let _ = writeln!(
                    text,
                    "    {:<40} {:>9.4} {:>9.4} +- {:<9.4} {unit}",
                    s.name.replace('_', " "),
                    s.mean,
                    s.deviation,
                    s.confidence
                );
            }
        }
        let _ = writeln!(
            text,
            "  every number of every realisation: realisations.csv, spread.csv"
        );
        for failed in self.realisations.iter().filter(|r| !r.note.is_empty()) {
            let edge = 1e6 * failed.size.edge;
            let (seed, note) = (failed.seed, &failed.note);
            let _ = writeln!(text, "  box of {edge:.1} um, seed {seed}: {note}");
        }
        text
    }
}

/// The boxes asked for, or the scenario's.
///
/// # Errors
/// What is wrong with a length, in words.
pub fn sizes(edges: Option<&str>, scenario: &Scenario) -> Result<Vec<BoxSize>, String> {
    let base = BoxSize::of(scenario);
    let Some(edges) = edges else {
        return Ok(vec![base]);
    };
    let mut sizes = edges
        .split(',')
        .map(|text| {
            let text = text.trim();
            let length = parse(text, &[Dimension::Length]).map_err(|error| {
                let help = error.help(Dimension::Length, "20 um");
                format!("--box-edges: `{text}`: {error}; {help}")
            })?;
            let size = base.of_same_voxels(length.value);
            if RESOLUTIONS.contains(&size.resolution) && length.value > 0.0 {
                return Ok(size);
            }
            Err(format!(
                "--box-edges: {text} would take {} voxels of {:.3} um per edge; {} to {} are allowed",
                (length.value * base.resolution as f64 / base.edge).round(),
                1e6 * base.edge / base.resolution as f64,
                RESOLUTIONS.start(),
                RESOLUTIONS.end()
            ))
        })
        .collect::<Result<Vec<_>, String>>()?;
    sizes.dedup();
    Ok(sizes)
}

//! `engobe check`: is a scenario right, and what does it ask for?

use super::{Failure, Voice};
use crate::microstructure::import;
use crate::scenario;
use crate::sweep;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `engobe check`.
#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    /// The scenario
    scenario: PathBuf,
    /// Also list every estimate with its reason
    #[arg(long)]
    estimates: bool,
    /// Warnings, errors and numbers as JSON, an object per line of standard output
    #[arg(long)]
    json: bool,
}

impl CheckArguments {
    /// To whom the command talks.
    pub fn voice(&self) -> Voice {
        if self.json {
            Voice::Json
        } else {
            Voice::Terminal
        }
    }
}

pub fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let voice = arguments.voice();
    let loaded = super::load_telling(&arguments.scenario, voice)?;
    let scenario = &loaded.scenario;
    if let Some(image) = &scenario.image {
        let structure = import(scenario, image, &mut |_| ())
            .map_err(|error| super::unbuildable(&loaded, &error))?;
        super::warn_of_differences(scenario, &structure.statistics, voice);
    }
    let sweep = if super::sweeps(&loaded) {
        let (manifest, warnings) = sweep::estimate(&loaded.name, &loaded.text, None, &|_| ())
            .map_err(super::sweep::failure)?;
        voice.show(&warnings);
        Some(manifest)
    } else {
        None
    };
    voice.done(
        || {
            let mut text = scenario::describe(&loaded);
            if let Some(manifest) = &sweep {
                // Its first line is the title, told above.
                let summary = manifest.summary();
                let lines: Vec<_> = summary.lines().skip(1).map(str::trim).collect();
                text += &format!("  sweep      {}\n", lines.join("; "));
            }
            text += &if arguments.estimates {
                scenario::describe_estimates(&loaded)
            } else {
                "  `--estimates` lists them with their reasons\n".to_owned()
            };
            text.trim_end().to_owned()
        },
        || {
            let names = loaded.materials.iter().map(|entry| {
                let estimates: Vec<_> = entry.estimates().collect();
                json!({ "name": entry.name, "kind": entry.kind, "estimates": estimates })
            });
            json!({
                "title": scenario.title,
                "capacity_mAh_per_cm2": scenario.areal_capacity() / 3.6e4,
                "one_C_mA_per_cm2": 0.1 * scenario.cell.one_c * scenario.cathode.areal_loading,
                "thickness_um": 1e6 * scenario.cathode_thickness(),
                "porosity": scenario.cathode.porosity,
                "cycles": scenario.protocol.iter().map(scenario::Block::cycles).sum::<usize>(),
                "materials": names.collect::<Vec<_>>(),
                "sweep": sweep,
            })
        },
    );
    Ok(())
}

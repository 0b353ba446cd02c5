//! `engobe microstructure`: the structure alone, with its statistics and
//! conductivities, pictures and files for other programs.

use super::export::Export;
use super::progress::Progress;
use super::{Failure, REFUSED};
use crate::microstructure::{Microstructure, Phase};
use crate::scenario::Scenario;
use crate::simulation::run::structure;
use crate::transport::EffectiveTransport;
use std::path::{Path, PathBuf};

pub fn microstructure(
    path: &Path,
    output: Option<PathBuf>,
    export: &Export,
    force: bool,
    quiet: bool,
) -> Result<(), Failure> {
    let loaded = super::load(path)?;
    let directory = super::output_directory(output.as_ref(), path, "-structure");
    let help = "choose another with --output or replace them with --force";
    super::refuse_existing(&directory, force, help)?;
    let mut progress = Progress::new(quiet);
    let made = structure(&loaded.scenario, &mut |event| progress.show(event));
    progress.finish();
    let (structure, transport) = made.map_err(|e| Failure::Message(REFUSED, e.to_string()))?;
    super::create_directory(&directory)?;
    super::warn_of_differences(&loaded.scenario, &structure.statistics);
    export.write(&loaded.scenario, &structure, &directory)?;
    if !quiet {
        println!("{}", describe(&loaded.scenario, &structure, &transport));
        println!("  files in {}", directory.display());
    }
    Ok(())
}

fn describe(
    scenario: &Scenario,
    structure: &Microstructure,
    transport: &EffectiveTransport,
) -> String {
    let statistics = &structure.statistics;
    let percent = |v: f64| format!("{:.2} %", 100.0 * v);
    let mut lines = vec![format!(
        "{}: {} particles in a box of {} um, {} voxels of {} nm",
        scenario.title,
        statistics.particles,
        by_axis(structure.edges().map(|edge| format!("{:.1}", edge * 1e6))),
        structure.phases.len(),
        by_axis(structure.spacing.map(|edge| format!("{:.0}", edge * 1e9)))
    )];
    for (name, phase) in [
        ("active material", Phase::ActiveMaterial),
        ("electrolyte", Phase::Electrolyte),
        ("carbon", Phase::Carbon),
        ("polymer", Phase::Polymer),
        ("voids", Phase::Void),
    ] {
        let i = phase as usize;
        lines.push(format!(
            "  {name:<16} {:>8} (asked for {})",
            percent(statistics.fractions[i]),
            percent(statistics.target_fractions[i])
        ));
    }
    lines.push(format!(
        "  active surface facing electrolyte {}, voids {}, carbon {}, polymer {}",
        percent(statistics.surface_to_electrolyte),
        percent(statistics.surface_to_void),
        percent(statistics.surface_to_carbon),
        percent(statistics.surface_to_polymer)
    ));
    lines.push(format!(
        "  thickness {:.1} um, coordination number {:.1}, largest overlap {:.1e} of the radius",
        statistics.thickness * 1e6,
        statistics.coordination,
        statistics.largest_overlap
    ));
    let pellet = scenario.cathode.electrolyte.ionic_conductivity;
    lines.push(format!(
        "  ionic: {:.3} mS/cm at 25 degC, {:.3} of the pellet's, tortuosity factor {:.2}, {} connected",
        10.0 * pellet * transport.ionic_factor,
        transport.ionic_factor,
        transport.ionic_tortuosity,
        percent(transport.ionic_connected)
    ));
    for (oxide, effective) in &transport.electronic {
        lines.push(format!(
            "  electronic: {:.3} mS/cm with oxide at {:.3} mS/cm",
            10.0 * effective,
            10.0 * oxide
        ));
    }
    lines.join("\n")
}

/// Lengths along the three axes: one where they are the same.
fn by_axis(lengths: [String; 3]) -> String {
    if lengths[0] == lengths[1] && lengths[1] == lengths[2] {
        let [length, ..] = lengths;
        length
    } else {
        lengths.join(" x ")
    }
}

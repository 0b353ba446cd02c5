//! `engobe microstructure`: the structure alone, with its statistics and
//! conductivities, pictures and a file for ParaView.

use super::progress::Progress;
use super::{FAILED, Failure, REFUSED};
use crate::materials::CarbonShape;
use crate::microstructure::{Axis, Microstructure, Phase, slice_png, write_vtk};
use crate::scenario::{CoatingBalance, Scenario};
use crate::simulation::run::structure;
use crate::transport::EffectiveTransport;
use std::path::{Path, PathBuf};

/// Pixels per voxel in the slices.
const SCALE: usize = 6;
/// Slices through the thickness that are written.
const SLICES: usize = 3;

pub fn microstructure(
    path: &Path,
    output: Option<PathBuf>,
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
    let cannot = |e: &dyn std::fmt::Display| {
        Failure::Message(FAILED, format!("cannot write {}: {e}", directory.display()))
    };
    let n = structure.resolution;
    for slice in 0..SLICES {
        let index = (2 * slice + 1) * n / (2 * SLICES);
        let picture = slice_png(&structure, Axis::Width, index, SCALE).map_err(|e| cannot(&e))?;
        std::fs::write(directory.join(format!("slice-{index}.png")), picture)
            .map_err(|e| cannot(&e))?;
    }
    let mut volume = Vec::new();
    write_vtk(&structure, &mut volume)
        .and_then(|()| std::fs::write(directory.join("structure.vti"), volume))
        .map_err(|e| cannot(&e))?;
    if !quiet {
        println!("{}", describe(&loaded.scenario, &structure, &transport));
        println!("  files in {}", directory.display());
    }
    Ok(())
}

/// What only some structures have: coating, polycrystals, fibres.
fn details(scenario: &Scenario, structure: &Microstructure) -> Vec<String> {
    let percent = |v: f64| format!("{:.1} %", 100.0 * v);
    let statistics = &structure.statistics;
    let mut lines = vec![format!(
        "  voids at oxide surfaces {}, the rest between electrolyte grains",
        percent(statistics.voids_at_surfaces)
    )];
    if let Some(CarbonShape::Fibre { .. }) = scenario.cathode.carbon.as_ref().map(|c| c.shape) {
        lines.push(format!(
            "  fibres lie {} in the plane (0 % isotropic, 100 % flat; {} asked for)",
            percent(statistics.fibres_in_plane),
            percent(scenario.cathode.arrangement.fibres_in_plane)
        ));
    }
    if let Some(grains) = &structure.primary_grains {
        let boundaries = 1e-6 * grains.boundary_area;
        lines.push(format!(
            "  {} primary grains, with boundaries of {boundaries:.2} um2 per um3 of active material",
            grains.count
        ));
    }
    if let (Some(shells), Some(coating)) = (&structure.shells, &scenario.coating) {
        let means = || shells.particles().iter().map(|s| 1e9 * s.thickness);
        let (thinnest, thickest) = (
            means().fold(f64::INFINITY, f64::min),
            means().fold(0.0, f64::max),
        );
        let balance = CoatingBalance::of(coating, scenario.cathode.specific_surface);
        lines.push(format!(
            "  coating: {:.2} nm on {} of the surface, {} ({thinnest:.2} to {thickest:.2} nm on single particles); {}",
            1e9 * coating.thickness(),
            percent(coating.coverage),
            coating.morphology.word(),
            balance.sentence()
        ));
        lines.push("  slices show the coating as a green rim, not to scale".to_owned());
    }
    lines
}

fn describe(
    scenario: &Scenario,
    structure: &Microstructure,
    transport: &EffectiveTransport,
) -> String {
    let statistics = &structure.statistics;
    let percent = |v: f64| format!("{:.2} %", 100.0 * v);
    let mut lines = vec![format!(
        "{}: {} particles in a box of {:.1} um, {} voxels of {:.0} nm",
        scenario.title,
        statistics.particles,
        structure.voxel * structure.resolution as f64 * 1e6,
        structure.phases.len(),
        structure.voxel * 1e9
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
    lines.extend(details(scenario, structure));
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

//! `engobe microstructure`: the structure alone, measured, with conductivities,
//! tables, pictures, a page and files for other programs.

use super::destination::Destination;
use super::export::Export;
use super::progress::{Progress, Telling, Voice};
use super::realisations::{Ensemble, sizes};
use super::{FAILED, Failure, REFUSED, UNWRITTEN};
use crate::materials::CarbonShape;
use crate::microstructure::measure::{Distribution, Domain, Measures, measure};
use crate::microstructure::{Microstructure, Origin, Phase};
use crate::report::structure::{Cut, StructureRecord};
use crate::results::{publish, structure as tables};
use crate::scenario::{CoatingBalance, Scenario};
use crate::simulation::realisations::numbers;
use crate::simulation::run::structure;
use crate::transport::EffectiveTransport;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Arguments of `engobe microstructure`.
#[derive(Debug, clap::Args)]
pub struct StructureArguments {
    /// The scenario
    scenario: PathBuf,
    #[command(flatten)]
    destination: Destination,
    /// Also make this many structures, with the scenario's seed and those that follow,
    /// and tell mean, spread and 95 % confidence of every number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    realisations: Option<u32>,
    /// Realisations in boxes of these edges instead of the scenario's, with voxels as large
    /// as there: "15 um, 20 um, 30 um"
    #[arg(long, value_name = "LENGTHS", requires = "realisations")]
    box_edges: Option<String>,
    #[command(flatten)]
    export: Export,
    #[command(flatten)]
    pub telling: Telling,
}

pub fn microstructure(asked: &StructureArguments) -> Result<(), Failure> {
    let voice = asked.telling.voice();
    let started = Instant::now();
    let loaded = super::load_telling(&asked.scenario, voice)?;
    let scenario = &loaded.scenario;
    if asked.realisations.is_some() && scenario.image.is_some() {
        let message = "an image is one structure: --realisations needs a scenario that generates its structure";
        return Err(Failure::Message(REFUSED, message.into()));
    }
    let sizes = sizes(asked.box_edges.as_deref(), scenario)
        .map_err(|message| Failure::Message(REFUSED, message))?;
    let directory = asked.destination.free(&asked.scenario, "-structure")?;
    let stages = if asked.realisations.is_some() { 3 } else { 2 };
    let mut progress = Progress::new(voice, stages);
    let made = structure(scenario, &mut |event| progress.show(event));
    progress.finish();
    let (structure, transport) =
        made.map_err(|error| super::run::failure(error, &loaded, &directory))?;
    let measures = measure(&structure).map_err(|e| Failure::Message(FAILED, e.to_string()))?;
    super::create_directory(&directory)?;
    super::warn_of_differences(scenario, &structure.statistics, voice);
    let cuts = asked.export.write(scenario, &structure, &directory)?;
    let mut output = Output {
        directory: &directory,
        scenario,
        structure: &structure,
        measures: &measures,
        transport: &transport,
        ensemble: Ensemble::default(),
        cuts: &cuts,
    };
    let unwritten = |e: Box<dyn std::error::Error>| {
        Failure::Message(
            UNWRITTEN,
            format!("cannot write {}: {e}", directory.display()),
        )
    };
    output.write().map_err(unwritten)?;
    if voice == Voice::Terminal {
        super::progress::say(&describe(scenario, &structure, &transport));
        super::progress::say(&describe_measures(&measures));
    }
    if let Some(count) = asked.realisations {
        let table = directory.join("realisations.csv");
        output.ensemble = Ensemble::make(scenario, &sizes, count, voice, &table)
            .map_err(|e| unwritten(e.into()))?;
        output.write_ensemble().map_err(unwritten)?;
        if voice == Voice::Terminal {
            super::progress::say(output.ensemble.describe().trim_end());
        }
    }
    voice.done(
        || format!("  files in {}", directory.display()),
        || {
            json!({
                "directory": directory,
                "seconds": started.elapsed().as_secs_f64(),
                "ionic_factor": transport.ionic_factor,
                "ionic_tortuosity_factor": transport.ionic_tortuosity,
            })
        },
    );
    Ok(())
}

/// Everything that goes into the directory.
struct Output<'a> {
    directory: &'a Path,
    scenario: &'a Scenario,
    structure: &'a Microstructure,
    measures: &'a Measures,
    transport: &'a EffectiveTransport,
    ensemble: Ensemble,
    cuts: &'a [Cut],
}

impl Output<'_> {
    /// The structure itself.
    fn write(&self) -> Result<(), Box<dyn std::error::Error>> {
        let (measures, transport) = (Some(self.measures), Some(self.transport));
        let all = numbers(self.scenario, self.structure, measures, transport);
        for (name, text) in [
            ("statistics.csv", tables::statistics(&all)),
            ("chords.csv", tables::chords(self.measures)),
            (
                "two-point-correlation.csv",
                tables::correlations(self.measures),
            ),
            ("particles.csv", tables::particles(self.measures)),
        ] {
            self.put(name, text.as_bytes())?;
        }
        self.write_page()
    }

    /// What the realisations add, whose rows are already there.
    fn write_ensemble(&self) -> Result<(), Box<dyn std::error::Error>> {
        let spread = tables::spread(&self.ensemble.spread);
        self.put("spread.csv", spread.as_bytes())?;
        self.write_page()
    }

    fn write_page(&self) -> Result<(), Box<dyn std::error::Error>> {
        let record = StructureRecord {
            scenario: self.scenario,
            structure: self.structure,
            measures: self.measures,
            transport: self.transport,
            cuts: self.cuts,
            realisations: &self.ensemble.realisations,
            spread: &self.ensemble.spread,
        };
        crate::report::structure::write(record, self.directory)?;
        Ok(())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        publish(&self.directory.join(name), bytes)
    }
}

/// What only some structures have: coating, polycrystals, fibres.
fn details(scenario: &Scenario, structure: &Microstructure) -> Vec<String> {
    let percent = |v: f64| format!("{:.1} %", 100.0 * v);
    let statistics = &structure.statistics;
    let mut lines = Vec::new();
    if structure.origin == Origin::Generated {
        lines.push(format!(
            "  voids outside particles: {} at oxide surfaces, the rest between electrolyte grains",
            percent(statistics.voids_at_surfaces)
        ));
    }
    let inside = scenario.cathode.arrangement.voids_in_particles;
    if structure.origin == Origin::Generated && inside > 0.0 {
        let share = percent(inside);
        lines.push(format!("  {share} of all voids inside particles"));
    }
    if let Some(CarbonShape::Fibre { .. }) = scenario.cathode.carbon.as_ref().map(|c| c.shape) {
        lines.push(format!(
            "  order of the fibres {} (0 % in all directions, 100 % in the plane; {} asked for)",
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
        "{}: {} particles in a box of {} um, {} voxels of {} nm",
        scenario.title,
        statistics.particles,
        by_axis(structure.edges().map(|edge| format!("{:.1}", edge * 1e6))),
        structure.shape.map(|n| n.to_string()).join(" x "),
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
    // The spheres of an image only stand for its particles, and overlap by nothing.
    let overlap = match structure.origin {
        Origin::Generated => {
            let overlap = 100.0 * statistics.largest_overlap;
            format!(", largest overlap {overlap:.3} % of the radius")
        }
        Origin::Image => String::new(),
    };
    lines.push(format!(
        "  thickness {:.1} um, coordination number {:.1}{overlap}",
        statistics.thickness * 1e6,
        statistics.coordination,
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

/// What was measured, in some lines.
fn describe_measures(measures: &Measures) -> String {
    let percent = |v: f64| format!("{:.1} %", 100.0 * v);
    let [active, electrolyte] = [Phase::ActiveMaterial, Phase::Electrolyte].map(|p| p as usize);
    let mut lines = vec![format!(
        "  interface of active material and electrolyte {:.3} /um, surface of voids {:.3} /um",
        1e-6 * measures.interfaces.specific(active, electrolyte),
        1e-6 * measures.interfaces.specific_surface(Phase::Void as usize),
    )];
    if !measures.facing.is_empty() {
        let over = Distribution::new(measures.facing.iter().map(|s| s.electrolyte));
        lines.push(format!(
            "  a particle's surface faces electrolyte with {} +- {}; a tenth of them have less than {}",
            percent(over.mean),
            percent(over.deviation),
            percent(over.tenth)
        ));
    }
    for (name, phase) in [("active material", active), ("electrolyte", electrolyte)] {
        lines.push(format!(
            "  {name}: mean chord {:.2} um, correlation length {:.2} um",
            1e6 * measures.chords[phase][0].mean(),
            1e6 * measures.correlation_length(phase)
        ));
    }
    for (name, domain) in [
        ("voids", Domain::phase(Phase::Void)),
        ("electrolyte with carbon", Domain::IONS),
        ("active material with carbon", Domain::ELECTRONS),
    ] {
        let Some(along) = measures.connected(domain, 0) else {
            continue;
        };
        let way = if along.geodesic_tortuosity.is_finite() {
            format!(
                "; shortest paths {:.3} times straight",
                along.geodesic_tortuosity
            )
        } else {
            String::new()
        };
        let share = percent(along.percolating);
        lines.push(format!(
            "  {name}: {share} percolates through the thickness{way}"
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

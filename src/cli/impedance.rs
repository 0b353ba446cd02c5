//! `engobe impedance`: the spectrum of a cell after some of its cycles.

use super::destination::{Destination, output_directory};
use super::progress::{Progress, Telling, Voice};
use super::{FAILED, Failure, REFUSED, values};
use crate::analysis::{Known, Source, SpectrumReading, read_spectra};
use crate::impedance::with_noise;
use crate::record::RunRecord;
use crate::report;
use crate::results;
use crate::scenario::sentence::{Current, understand_current, understand_voltage};
use crate::scenario::{Block, ImpedanceRequest, Scenario};
use crate::simulation::states::STATES_NAME;
use crate::simulation::{RunError, Supervision, run as simulate, spectrum_of_run};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What `--at` says where the cell is taken as the cycle left it.
const OPEN_CIRCUIT: &str = "open circuit";

/// Arguments of `engobe impedance`.
#[derive(Debug, clap::Args)]
pub struct ImpedanceArguments {
    /// The scenario
    scenario: PathBuf,
    /// Cycles of the protocol to simulate first; 0 for the fresh cell [default: all]
    #[arg(long, value_name = "N")]
    at_cycle: Option<usize>,
    /// Voltage to bring the cell to and hold until the current has decayed: "3.15 V",
    /// "3.77 V vs Li"; or "open circuit", as the cycle left the cell
    #[arg(long, value_name = "VOLTAGE")]
    at: String,
    /// Whether that voltage is reached by a charge, or by a full charge and a discharge
    #[arg(long, value_name = "SIDE", default_value = "charge", value_parser = ["charge", "discharge"])]
    on: String,
    /// Take the spectrum while this current flows, as soon as the voltage is reached: "0.1C"
    #[arg(long, value_name = "CURRENT", conflicts_with = "rest")]
    under: Option<String>,
    /// Rest this long without current in place of the hold: "2 hours"
    #[arg(long, value_name = "TIME", value_parser = values::pause)]
    rest: Option<f64>,
    /// Highest frequency
    #[arg(long, default_value = "1 MHz", value_parser = values::frequency)]
    from: f64,
    /// Lowest frequency
    #[arg(long, default_value = "100 uHz", value_parser = values::frequency)]
    to: f64,
    /// Frequencies per decade
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    per_decade: u32,
    /// Scatter of the measurement relative to the modulus: "0.3%"
    #[arg(long, value_parser = values::scatter)]
    noise: Option<f64>,
    /// Seed of that scatter
    #[arg(long, default_value_t = 1, requires = "noise")]
    seed: u64,
    /// An earlier run of the scenario: where it has kept the state after the cycle, nothing
    /// is cycled again [default: runs/<scenario>]
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    #[command(flatten)]
    destination: Destination,
    #[command(flatten)]
    pub telling: Telling,
}

pub fn impedance(arguments: &ImpedanceArguments) -> Result<(), Failure> {
    let voice = arguments.telling.voice();
    let mut loaded = super::load_telling(&arguments.scenario, voice)?;
    let refuse = |message: String| Failure::Message(REFUSED, message);
    let request = request(arguments, &loaded.scenario).map_err(refuse)?;
    let cycles: usize = loaded.scenario.protocol.iter().map(Block::cycles).sum();
    let cycle = arguments.at_cycle.unwrap_or(cycles);
    let protocol =
        shortened(&loaded.scenario.protocol, cycle, &arguments.on, request).map_err(refuse)?;
    let directory = arguments
        .destination
        .free(&arguments.scenario, "-impedance")?;
    let started = Instant::now();
    super::run::listen_for_interrupts(voice)?;
    let mut progress = Progress::new(voice, 3);
    let kept = output_directory(arguments.run.as_ref(), &arguments.scenario, "");
    let kept = kept.join(STATES_NAME);
    let wanted = protocol[0].impedance.as_ref();
    let mut show = |event| progress.show(event);
    let earlier = match wanted {
        Some(request) if cycle > 0 => spectrum_of_run(&loaded, &kept, (request, cycle), &mut show),
        _ => Ok(None),
    };
    let outcome = match earlier {
        Ok(None) => {
            loaded.scenario.protocol = protocol;
            let supervision = Supervision {
                checkpoint: None,
                resume: false,
                interrupt: &super::run::STOP,
            };
            simulate(&loaded, supervision, &mut show).map(|record| (record, false))
        }
        Ok(Some(record)) => Ok((record, true)),
        Err(error) => Err(error),
    };
    progress.finish();
    let (mut record, from_run) = outcome.map_err(|error| match error {
        RunError::Interrupted { .. } => {
            Failure::Message(super::INTERRUPTED, format!("{error}; nothing is kept"))
        }
        error => super::run::failure(error, &loaded, &directory),
    })?;
    if record.spectra.is_empty() {
        return Err(Failure::Message(super::FAILED, untaken(&record, cycle)));
    }
    if voice == Voice::Terminal && cycle > 0 {
        eprintln!("{}", origin(from_run, cycle, &kept));
    }
    if cycle == 0 {
        rest_alone(&mut record);
    }
    let reading = finish(arguments, &mut record)?;
    write(&record, &reading, &directory)?;
    voice.done(
        || summary(&record, &reading, &directory),
        || {
            json!({
                "directory": directory,
                "seconds": started.elapsed().as_secs_f64(),
                "spectra": record.spectra.len(),
            })
        },
    );
    Ok(())
}

/// Where the state of the cell is from.
fn origin(from_run: bool, cycle: usize, kept: &Path) -> String {
    let kept = kept.display();
    if from_run {
        format!("the cell after cycle {cycle} is that of an earlier run ({kept})")
    } else {
        format!(
            "cycles 1 to {cycle} were simulated; no run of this scenario has kept cycle {cycle} in {kept}"
        )
    }
}

/// The spectrum asked for; a message if it cannot be had.
fn request(
    arguments: &ImpedanceArguments,
    scenario: &Scenario,
) -> Result<ImpedanceRequest, String> {
    if arguments.from <= arguments.to {
        return Err(format!(
            "the spectrum goes from {} Hz up to {} Hz; --from is the highest frequency",
            arguments.from, arguments.to
        ));
    }
    let at = match arguments.at.trim().eq_ignore_ascii_case(OPEN_CIRCUIT) {
        true if arguments.under.is_some() || arguments.on != "charge" => {
            return Err(format!(
                "--at \"{OPEN_CIRCUIT}\" takes the cell as the cycle left it, without --under or --on"
            ));
        }
        true => None,
        false => Some(voltage(&arguments.at, scenario)?),
    };
    let text = arguments.under.as_deref().unwrap_or("0.1C");
    let current =
        understand_current(text).map_err(|e| format!("--under: {} ({})", e.message, e.help))?;
    let loading = scenario.cathode.areal_loading;
    let charge_current = match current {
        Current::Rate(rate) => rate * scenario.cell.one_c * loading,
        Current::Density(density) => density,
        Current::Total(current) => current / scenario.cell.area,
        Current::Specific(current) => current * loading,
    };
    Ok(ImpedanceRequest {
        cycles: Vec::new(),
        at,
        // Known once it is known which block comes last.
        discharge_from: None,
        charge_current,
        // Under current there is no hold; at rest the usual one.
        hold_until: if arguments.under.is_some() { 1.0 } else { 0.01 },
        rest: arguments.rest,
        highest: arguments.from,
        lowest: arguments.to,
        per_decade: arguments.per_decade as usize,
    })
}

/// A voltage against the anode at which the cathode of `scenario` can be held, V.
fn voltage(text: &str, scenario: &Scenario) -> Result<f64, String> {
    let anode = &scenario.cell.anode;
    let voltage = understand_voltage(text, &anode.name)
        .map_err(|e| format!("--at: {} ({})", e.message, e.help))?;
    let at = if voltage.against_lithium {
        voltage.value - anode.plateau_potential()
    } else {
        voltage.value
    };
    let table = &scenario.cathode.active_material.open_circuit_potential;
    let potentials = table
        .iter()
        .map(|point| point.1 - anode.plateau_potential());
    let (low, high) = potentials.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    if !(low..=high).contains(&at) {
        return Err(format!(
            "--at: {at:.3} V cannot be held by this cathode; against {} it lies between {low:.2} and {high:.2} V",
            anode.name
        ));
    }
    Ok(at)
}

/// Voltage from which the last of `blocks` (or, of the fresh cell, the first of the
/// protocol) would be discharged to `at`, V.
fn full_charge(blocks: &[Block], protocol: &[Block], at: f64) -> Result<f64, String> {
    let last = blocks.iter().rev().find_map(Block::charged_to);
    let full = last
        .or_else(|| protocol.iter().find_map(Block::charged_to))
        .ok_or("--on discharge: no step of the protocol ends a charge at a voltage")?;
    if at >= full {
        return Err(format!(
            "--on discharge: the protocol charges to {full:.3} V; no discharge from there leads to {at:.3} V"
        ));
    }
    Ok(full)
}

/// Why a simulation has left no spectrum.
fn untaken(record: &RunRecord, cycle: usize) -> String {
    let note = record.cycles.last().map_or("", |last| last.note.as_str());
    match record.cycles.last().map(|last| last.cycle as usize) {
        Some(last) if last < cycle => {
            format!("the protocol ended after cycle {last}, before cycle {cycle}: {note}")
        }
        _ => format!("after cycle {cycle}: {note}"),
    }
}

/// The protocol up to a cycle, with the spectrum after it and no other.
fn shortened(
    protocol: &[Block],
    cycle: usize,
    on: &str,
    request: ImpedanceRequest,
) -> Result<Vec<Block>, String> {
    let cycles: usize = protocol.iter().map(Block::cycles).sum();
    if cycle > cycles {
        return Err(format!(
            "--at-cycle {cycle}: the protocol has only {cycles} cycles"
        ));
    }
    let blocks = match cycle {
        // The fresh cell: a cycle in which nothing is done.
        0 => vec![Block {
            repeat: 1,
            ..Block::default()
        }],
        _ => first_cycles(protocol, cycle),
    };
    let discharge_from = match request.at {
        Some(at) if on == "discharge" => Some(full_charge(&blocks, protocol, at)?),
        _ => None,
    };
    Ok(vec![Block {
        repeat: 1,
        blocks,
        impedance: Some(ImpedanceRequest {
            cycles: vec![cycle.max(1)],
            discharge_from,
            ..request
        }),
        ..Block::default()
    }])
}

/// The first so many cycles of `blocks`, without their spectra.
fn first_cycles(blocks: &[Block], cycles: usize) -> Vec<Block> {
    let mut taken = Vec::new();
    let mut left = cycles;
    for block in blocks {
        let passes = block.repeat.min(left / block.cycles_per_pass());
        let rest = (left - passes * block.cycles_per_pass()).min(block.cycles());
        if passes > 0 {
            taken.push(Block {
                repeat: passes,
                blocks: first_cycles(&block.blocks, usize::MAX),
                impedance: None,
                ..block.clone()
            });
        }
        left -= passes * block.cycles_per_pass();
        if passes < block.repeat {
            taken.extend(first_cycles(&block.blocks, rest));
            break;
        }
    }
    taken
}

/// Takes out the cycle in which nothing was done.
fn rest_alone(record: &mut RunRecord) {
    record.cycles.clear();
    for spectrum in &mut record.spectra {
        spectrum.cycle = 0;
    }
}

/// Adds the scatter asked for, reads the spectrum, and lets the record tell what was
/// read from it as it now is.
fn finish(
    arguments: &ImpedanceArguments,
    record: &mut RunRecord,
) -> Result<Vec<SpectrumReading>, Failure> {
    if let Some(noise) = arguments.noise {
        for spectrum in &mut record.spectra {
            let noisy = with_noise(&spectrum.impedance, noise, arguments.seed);
            // What is known of separator and anode is known without scatter.
            for (k, z) in spectrum.cathode.iter_mut().enumerate() {
                *z += noisy[k] - spectrum.impedance[k];
            }
            spectrum.impedance = noisy;
        }
    }
    let failed = |e: &dyn std::error::Error| Failure::Message(FAILED, super::with_causes(e));
    let known = Known::of_scenario(&record.scenario).map_err(|e| failed(&e))?;
    let measured = results::measurements(record).map_err(|e| failed(&e))?;
    let readings = read_spectra(&measured.spectra, &known);
    for (spectrum, reading) in record.spectra.iter_mut().zip(&readings) {
        if let Some(lengths) = reading.planar_lengths.read() {
            let analysis = &mut spectrum.analysis;
            analysis.ionic_resistance = lengths.circuit.ionic_resistance;
            analysis.charge_transfer_resistance = lengths.circuit.charge_transfer_resistance;
            analysis.cathode_resistance = lengths.circuit.cathode_resistance();
            analysis.diffusion_length = lengths.median;
            analysis.fit_residual = lengths.residual;
        }
    }
    Ok(readings)
}

fn write(
    record: &RunRecord,
    readings: &[SpectrumReading],
    directory: &Path,
) -> Result<(), Failure> {
    let failed = |e: &dyn std::error::Error| Failure::Message(FAILED, super::with_causes(e));
    results::write(record, directory).map_err(|e| failed(&e))?;
    let source = [Source {
        name: record.scenario.title.clone(),
        spectra: readings.to_vec(),
        ..Source::default()
    }];
    results::analysis::write(&source, &directory.join(results::analysis::ANALYSIS_NAME))
        .map_err(|e| failed(&e))?;
    report::analysis::write(&record.scenario.title, &source, &[], directory)
        .map_err(|e| failed(&e))?;
    Ok(())
}

fn summary(record: &RunRecord, readings: &[SpectrumReading], directory: &Path) -> String {
    let mut lines = vec![record.scenario.title.clone()];
    for (spectrum, reading) in record.spectra.iter().zip(readings) {
        let area = results::summary::ohm_square_centimetres;
        lines.push(format!(
            "  after cycle {} at {:.3} V and {:.3} mA/cm2: {} frequencies, {:.1} ohm cm2 at {:.0} Hz",
            spectrum.cycle,
            spectrum.voltage,
            0.1 * spectrum.current,
            spectrum.frequency.len(),
            area(spectrum.impedance[0].re),
            spectrum.frequency[0],
        ));
        lines.push(match reading.planar_lengths.read() {
            Some(read) => format!(
                "  EIS-PSD: R_cathode {:.1} ohm cm2 (direct current {:.1}; in the model {:.1}), L {:.2} um",
                area(read.circuit.cathode_resistance()),
                area(read.circuit.direct_current_resistance()),
                area(spectrum.analysis.true_dc_resistance),
                1e6 * read.median
            ),
            None => format!(
                "  no EIS-PSD: {}",
                reading.planar_lengths.reason().unwrap_or_default()
            ),
        });
    }
    lines.push(format!(
        "  {}",
        directory.join(report::analysis::PAGE_NAME).display()
    ));
    lines.join("\n")
}

//! `engobe impedance`: the spectrum of a cell after some of its cycles.

use super::destination::{Destination, output_directory};
use super::progress::{Progress, Telling, Voice};
use super::request::{request, shortened};
use super::values::{self, Noise};
use super::{FAILED, Failure, REFUSED};
use crate::analysis::{Known, Source, SpectrumReading, read_spectra};
use crate::impedance::{Linearity, with_scatter};
use crate::record::RunRecord;
use crate::report;
use crate::results;
use crate::scenario::{Block, ImpedanceRequest, Loaded};
use crate::simulation::states::STATES_NAME;
use crate::simulation::{Event, RunError, Supervision, run as simulate, spectrum_of_run};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

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
    pub(super) at: String,
    /// Whether that voltage is reached by a charge, or by a full charge and a discharge
    #[arg(long, value_name = "SIDE", default_value = "charge", value_parser = ["charge", "discharge"])]
    pub(super) on: String,
    /// Take the spectrum while this current flows, as soon as the voltage is reached: "0.1C"
    #[arg(long, value_name = "CURRENT", conflicts_with = "rest")]
    pub(super) under: Option<String>,
    /// Rest this long without current in place of the hold: "2 hours"
    #[arg(long, value_name = "TIME", value_parser = values::pause)]
    pub(super) rest: Option<f64>,
    /// Highest frequency
    #[arg(long, default_value = "1 MHz", value_parser = values::frequency)]
    pub(super) from: f64,
    /// Lowest frequency
    #[arg(long, default_value = "100 uHz", value_parser = values::frequency)]
    pub(super) to: f64,
    /// Frequencies per decade
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) per_decade: u32,
    /// Amplitude of the sine, zero to crest, one for all frequencies or each down to a
    /// frequency: "10 mV to 10 mHz, 5 mV to 1 mHz, 3 mV to 100 uHz"; tells how far the cell
    /// is from linear
    #[arg(long, value_name = "VOLTAGE")]
    pub(super) amplitude: Option<String>,
    /// Scatter of the measurement: relative to the modulus, "0.3%", or of the voltage,
    /// "30 uV", which counts the more the smaller the amplitude
    #[arg(long, value_parser = values::noise)]
    noise: Option<Noise>,
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
    if matches!(arguments.noise, Some(Noise::Voltage(_))) && request.amplitude.is_empty() {
        let message = "--noise: a scatter of the voltage needs --amplitude, or state it relative to the modulus (\"0.3%\")";
        return Err(refuse(message.into()));
    }
    let cycles: usize = loaded.scenario.protocol.iter().map(Block::cycles).sum();
    let cycle = arguments.at_cycle.unwrap_or(cycles);
    let protocol = shortened(
        &loaded.scenario.protocol,
        cycle,
        &arguments.on,
        request.clone(),
    )
    .map_err(refuse)?;
    let directory = arguments
        .destination
        .free(&arguments.scenario, "-impedance")?;
    let started = Instant::now();
    super::run::listen_for_interrupts(voice)?;
    let mut progress = Progress::new(voice, 3);
    let kept = output_directory(arguments.run.as_ref(), &arguments.scenario, "");
    let kept = kept.join(STATES_NAME);
    let outcome = take(&mut loaded, (protocol, cycle), &kept, &mut |event| {
        progress.show(event);
    });
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
    let reading = finish(arguments, &request, &mut record)?;
    for own in record.spectra.iter().flat_map(|s| &s.linearity) {
        if let Some(reason) = not_linear(own) {
            voice.warn(&reason);
        }
    }
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

/// The spectrum from the state that an earlier run has kept, and true; or by simulating
/// `protocol`, up to and with the spectrum after `cycle`.
fn take(
    loaded: &mut Loaded,
    (protocol, cycle): (Vec<Block>, usize),
    kept: &Path,
    show: &mut dyn FnMut(Event),
) -> Result<(RunRecord, bool), RunError> {
    let request = protocol.first().and_then(|block| block.impedance.as_ref());
    if let Some(request) = request.filter(|_| cycle > 0)
        && let Some(record) = spectrum_of_run(loaded, kept, (request, cycle), show)?
    {
        return Ok((record, true));
    }
    loaded.scenario.protocol = protocol;
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt: &super::run::STOP,
    };
    simulate(loaded, supervision, show).map(|record| (record, false))
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
    request: &ImpedanceRequest,
    record: &mut RunRecord,
) -> Result<Vec<SpectrumReading>, Failure> {
    if let Some(noise) = arguments.noise {
        for spectrum in &mut record.spectra {
            let relative = |k: usize| match noise {
                Noise::Relative(relative) => relative,
                // Whoever states one has stated amplitudes.
                Noise::Voltage(voltage) => request
                    .amplitude_at(spectrum.frequency[k])
                    .map_or(0.0, |amplitude| voltage / amplitude),
            };
            let noisy = with_scatter(&spectrum.impedance, relative, arguments.seed);
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
    for own in record.spectra.iter().flat_map(|s| &s.linearity) {
        lines.push(format!(
            "  sine of {} mV at {} Hz: impedance {:+.2} % off a linear one, harmonics {:.2} and {:.2} %",
            1e3 * own.amplitude,
            own.frequency,
            100.0 * own.deviation,
            100.0 * own.second,
            100.0 * own.third
        ));
    }
    lines.push(format!(
        "  {}",
        directory.join(report::analysis::PAGE_NAME).display()
    ));
    lines.join("\n")
}

/// Why the answer to a sine cannot be taken for a linear one, if so.
fn not_linear(own: &Linearity) -> Option<String> {
    let sine = format!(
        "a sine of {} mV at {} Hz",
        1e3 * own.amplitude,
        own.frequency
    );
    match own {
        own if own.is_linear() => None,
        own if own.deviation.is_nan() => Some(format!("the cell cannot follow {sine}")),
        own => Some(format!(
            "the answer to {sine} is not linear: the impedance is {:+.1} % off, the harmonics are \
             {:.1} and {:.1} % of the current; the spectrum given is that of a small amplitude",
            100.0 * own.deviation,
            100.0 * own.second,
            100.0 * own.third
        )),
    }
}

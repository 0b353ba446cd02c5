//! What `engobe impedance` asks for, made into a spectrum to take and the part of the
//! protocol to be done before it.

use super::impedance::ImpedanceArguments;
use crate::scenario::sentence::{Current, understand_current, understand_voltage};
use crate::scenario::{Block, ImpedanceRequest, Scenario, understand_amplitudes};

/// What `--at` says where the cell is taken as the cycle left it.
const OPEN_CIRCUIT: &str = "open circuit";

/// The spectrum asked for; a message if it cannot be had.
pub(super) fn request(
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
    let amplitude = match &arguments.amplitude {
        Some(text) => understand_amplitudes(text, (arguments.from, arguments.to))
            .map_err(|(message, help)| format!("--amplitude: {message} ({help})"))?,
        None => Vec::new(),
    };
    Ok(ImpedanceRequest {
        amplitude,
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

/// The protocol up to a cycle, with the spectrum after it and no other.
pub(super) fn shortened(
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

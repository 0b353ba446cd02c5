//! Effective transport of a cathode: what conducts in it, and how well.

use super::between;
use super::boundaries::boundary_resistance;
use super::contacts::{Joined, close_beside_paths, connected_to_end, joined};
use super::medium::{Boundaries, Inclusions, Medium, Sides, Sphere};
use super::solve::{Axis, Tolerance, solve};
use super::{EffectiveTransport, TransportError};
use crate::materials::{ActiveMaterial, Carbon, Electrolyte, ElectronicConductivity};
use crate::microstructure::{Microstructure, Origin, Phase};
use crate::numerics::connection::{HIGH, LOW, connection};

/// Conductivities of the active material, from its least to its greatest, at
/// which the electronic problem is solved.
const ELECTRONIC_POINTS: usize = 4;

/// Finds how well the electrolyte and the electronic network of a structure
/// conduct through the thickness (the first axis; the separator is at its low
/// face, the current collector at its high face; the sides are periodic if the
/// structure is, else nothing passes them).
///
/// - Ions, relative to the pellet: the electrolyte up to the exact surface of the
///   particles and through faces as its gaps cut them, where these are known; carbon
///   voxels by the share that is not carbon; the rest 0. The pellet's conductivity
///   includes its grain boundaries; here they are taken apart: grains conduct
///   `1/(1 - share)`, and every face between two grains adds the areal resistance with which a dense
///   polycrystal of that grain size has the pellet's conductivity again, over
///   `contact`, the share of a boundary that is welded in the composite. So the
///   boundaries that the structure lost to voids, those that the current is
///   crowded onto, and gaps thinner than a voxel count. Where the structure is an
///   image, which shows no grains, the same grains and boundaries in series,
///   `1/(1 - share + share/contact)`, are spread over the electrolyte.
/// - Electrons: active material at several conductivities over the range of its
///   law (x = 1 to x = 0), carbon voxels with their share of the carbon's
///   conductivity (none without `carbon`), the rest 0. Fibres conduct by their section
///   and length, through the faces that they pass, to fibres and particles that they
///   touch (see [`CarbonPaths`](crate::microstructure::CarbonPaths)). Touching particles
///   conduct as the disc in which they meet, others not at all (an image's as their
///   voxels do); there is no film between them.
///
/// `progress` is called with the share done, 0 to 1, after each solve.
///
/// # Errors
/// [`TransportError::NoPercolation`] where ions or electrons find no path;
/// fields of wrong length, a carbon fill or boundary share outside [0, 1) or
/// [0, 1], a solve that does not converge.
pub fn effective_transport(
    structure: &Microstructure,
    electrolyte: &Electrolyte,
    active: &ActiveMaterial,
    carbon: Option<&Carbon>,
    contact: f64,
    progress: &mut dyn FnMut(f64),
) -> Result<EffectiveTransport, TransportError> {
    check(structure, electrolyte, contact)?;
    let solves = ELECTRONIC_POINTS as f64 + 1.0;
    let ionic = ionic(structure, electrolyte, contact)?;
    progress(1.0 / solves);
    let mut done = 1.0;
    let (electronic, electronic_connected) = electronic(structure, active, carbon, &mut || {
        done += 1.0;
        progress(done / solves);
    })?;
    progress(1.0);
    Ok(EffectiveTransport {
        ionic_factor: ionic.factor,
        ionic_tortuosity: ionic.fraction / ionic.factor,
        ionic_connected: ionic.connected,
        electronic,
        electronic_connected,
    })
}

pub(super) fn check(
    structure: &Microstructure,
    electrolyte: &Electrolyte,
    contact: f64,
) -> Result<(), TransportError> {
    let expected = structure.voxels();
    for (field, found) in [
        ("phases", structure.phases.len()),
        ("particle_ids", structure.particle_ids.len()),
        ("grain_ids", structure.grain_ids.len()),
    ] {
        if found != expected || expected == 0 {
            return Err(TransportError::WrongLength {
                field,
                found,
                expected,
            });
        }
    }
    let (share, _) = electrolyte.grain_boundaries();
    if !(0.0..1.0).contains(&share) {
        return Err(TransportError::InvalidParameter {
            parameter: "the grain boundaries' share of the pellet's resistance",
            value: share,
            allowed: "it must be at least 0 and below 1",
        });
    }
    if !(contact > 0.0 && contact <= 1.0) {
        return Err(TransportError::InvalidParameter {
            parameter: "the contact between grains",
            value: contact,
            allowed: "it must be above 0 and at most 1",
        });
    }
    if !(0.0..=1.0).contains(&structure.carbon_fill) {
        return Err(TransportError::InvalidParameter {
            parameter: "the carbon fill",
            value: structure.carbon_fill,
            allowed: "it must lie between 0 and 1",
        });
    }
    Ok(())
}

fn sides(structure: &Microstructure) -> Sides {
    if structure.periodic {
        Sides::Periodic
    } else {
        Sides::NoFlux
    }
}

fn medium<'a>(structure: &Microstructure, conductivity: &'a [f32]) -> Medium<'a> {
    Medium {
        shape: structure.shape,
        spacing: structure.spacing,
        conductivity,
        boundaries: None,
        inclusions: None,
        open: None,
        sides: sides(structure),
    }
}

/// Share of `amount` (of a voxel) that lies in voxels that are `reached`.
fn share_of(reached: impl Iterator<Item = bool>, amount: impl Fn(usize) -> f64) -> f64 {
    let (mut inside, mut total) = (0.0, 0.0);
    for (voxel, reached) in reached.enumerate() {
        let amount = amount(voxel);
        total += amount;
        if reached {
            inside += amount;
        }
    }
    if total > 0.0 { inside / total } else { 0.0 }
}

/// Share of active material and carbon connected to the current collector, where `kind`
/// is 0 for what does not conduct.
fn electronically_connected(
    structure: &Microstructure,
    kind: &[i8],
    open: Option<&[[u8; 3]]>,
) -> f64 {
    let conducts = |voxel: usize| kind[voxel] != 0;
    let reached: Vec<bool> = match open {
        Some(open) => connected_to_end(structure, open, conducts),
        None => connection(structure.shape, structure.periodic, conducts)
            .into_iter()
            .map(|ends| ends & HIGH != 0)
            .collect(),
    };
    share_of(reached.into_iter(), |voxel| match structure.phases[voxel] {
        p if p == Phase::ActiveMaterial as u8 => 1.0,
        p if p == Phase::Carbon as u8 => structure.carbon_fill,
        _ => 0.0,
    })
}

/// What the electrolyte answers.
struct Ionic {
    factor: f64,
    fraction: f64,
    connected: f64,
}

fn ionic(
    structure: &Microstructure,
    electrolyte: &Electrolyte,
    contact: f64,
) -> Result<Ionic, TransportError> {
    let beside_carbon = (1.0 - structure.carbon_fill) as f32;
    let amount: Vec<f32> = structure
        .phases
        .iter()
        .map(|&phase| match phase {
            p if p == Phase::Electrolyte as u8 => 1.0,
            p if p == Phase::Carbon as u8 => beside_carbon,
            _ => 0.0,
        })
        .collect();
    let fraction = amount.iter().map(|&a| f64::from(a)).sum::<f64>() / amount.len() as f64;
    let ends = connection(structure.shape, structure.periodic, |voxel| {
        amount[voxel] > 0.0
    });
    let connected = share_of(ends.iter().map(|ends| ends & LOW != 0), |voxel| {
        f64::from(amount[voxel])
    });
    let conduction = ionic_conduction(structure, electrolyte, contact);
    let solution = solve(
        &conduction.medium(structure),
        Axis::First,
        Tolerance::default(),
    )?;
    if solution.spanning == 0.0 {
        return Err(TransportError::NoPercolation {
            phase: "electrolyte",
            direction: "through the thickness of the cathode",
            start: "separator",
            end: "current collector",
            reached: 100.0 * connected,
            hint: "More electrolyte, less porosity or a finer grid would help.",
        });
    }
    Ok(Ionic {
        factor: solution.conductivity,
        fraction,
        connected,
    })
}

/// What the ions flow through, in units of the pellet's conductivity.
pub(super) struct Conduction {
    /// Of every voxel; where a particle covers its centre, of the part outside.
    conductivity: Vec<f32>,
    /// Grains, likewise.
    labels: Vec<u32>,
    /// Areal resistance between grains, m.
    resistance: f64,
    /// The particles.
    spheres: Vec<Sphere>,
}

impl Conduction {
    pub(super) fn medium<'a>(&'a self, structure: &'a Microstructure) -> Medium<'a> {
        Medium {
            inclusions: Some(Inclusions {
                spheres: &self.spheres,
                conductivity: 0.0,
                resistance: 0.0,
            }),
            open: structure.gaps.as_ref().map(|gaps| &*gaps.open),
            boundaries: Some(Boundaries {
                labels: &self.labels,
                resistance: self.resistance,
            }),
            ..medium(structure, &self.conductivity)
        }
    }
}

/// See [`effective_transport`].
pub(super) fn ionic_conduction(
    structure: &Microstructure,
    electrolyte: &Electrolyte,
    contact: f64,
) -> Conduction {
    let (share, _) = electrolyte.grain_boundaries();
    let inside = match structure.origin {
        Origin::Generated => 1.0 - share,
        Origin::Image => 1.0 - share + share / contact,
    };
    let beside_carbon = 1.0 - structure.carbon_fill;
    let outside = between::outside(structure);
    // Where the gaps are known, they are in the faces; voxels in them conduct beside.
    let gaps = structure.gaps.as_ref();
    let grains = gaps.map_or(&structure.grain_ids, |gaps| &gaps.labels);
    let conductivity = outside.iter().map(|&voxel| {
        let voxel = voxel as usize;
        match structure.phases[voxel] {
            p if p == Phase::Electrolyte as u8 => (1.0 / inside) as f32,
            p if p == Phase::Carbon as u8 => (beside_carbon / inside) as f32,
            p if p == Phase::Void as u8 && grains[voxel] > 0 => (1.0 / inside) as f32,
            _ => 0.0,
        }
    });
    let labels = outside.iter().map(|&voxel| grains[voxel as usize]);
    // The pellet conducts 1 S/m in these units.
    let resistance = electrolyte.grain_diameter().map_or(0.0, |diameter| {
        boundary_resistance(share, contact, diameter, structure.spacing[0])
    });
    Conduction {
        conductivity: conductivity.collect(),
        labels: labels.collect(),
        resistance,
        spheres: between::spheres(structure),
    }
}

/// Conductivity table and connected share of active material and carbon.
fn electronic(
    structure: &Microstructure,
    active: &ActiveMaterial,
    carbon: Option<&Carbon>,
    solved: &mut dyn FnMut(),
) -> Result<(Vec<(f64, f64)>, f64), TransportError> {
    let paths = structure.carbon_paths.as_ref();
    let along = structure.carbon_fill * paths.map_or(1.0, |paths| paths.conduction);
    let carbon_conductivity = carbon.map_or(0.0, |c| along * c.electronic_conductivity) as f32;
    // 1 for active material, -1 for carbon that conducts.
    let mut kind: Vec<i8> = structure
        .phases
        .iter()
        .map(|&phase| match phase {
            p if p == Phase::ActiveMaterial as u8 => 1,
            p if p == Phase::Carbon as u8 && carbon_conductivity > 0.0 => -1,
            _ => 0,
        })
        .collect();
    let with_carbon = kind.contains(&-1);
    let joined = joined(structure, |v| kind[v] == 1, |v| kind[v] == 0);
    if let Some(joined) = &joined {
        for (kind, &label) in kind.iter_mut().zip(&joined.labels) {
            if label > 0 {
                *kind = 1;
            }
        }
    }
    let mut open = joined.map(|Joined { open, .. }| open);
    if with_carbon && structure.carbon_paths.is_some() {
        let open = open.get_or_insert_with(|| vec![[u8::MAX; 3]; kind.len()]);
        close_beside_paths(structure, &kind, open);
    }
    let connected = electronically_connected(structure, &kind, open.as_deref());
    let points = conductivities(&active.electronic_conductivity);
    let mut table = Vec::with_capacity(points.len());
    let mut field = vec![0.0f32; kind.len()];
    for point in points {
        // Without carbon the answer is proportional to the active material's.
        if let (false, Some(&(first, answer))) = (with_carbon, table.first()) {
            table.push((point, answer * (point / first)));
            solved();
            continue;
        }
        for (value, &kind) in field.iter_mut().zip(&kind) {
            *value = match kind {
                1 => point as f32,
                -1 => carbon_conductivity,
                _ => 0.0,
            };
        }
        let medium = Medium {
            open: open.as_deref(),
            ..medium(structure, &field)
        };
        let solution = solve(&medium, Axis::First, Tolerance::default())?;
        if solution.spanning == 0.0 {
            return Err(TransportError::NoPercolation {
                phase: "active material with its carbon",
                direction: "through the thickness of the cathode",
                start: "current collector",
                end: "separator",
                reached: 100.0 * connected,
                hint: "More active material, more carbon or longer fibres would help.",
            });
        }
        table.push((point, solution.conductivity));
        solved();
    }
    Ok((table, connected))
}

/// Conductivities of the active material to solve at, S/m, rising: spread
/// evenly in the logarithm from x = 1 to x = 0.
fn conductivities(law: &ElectronicConductivity) -> Vec<f64> {
    let ends = [law.intercept, law.intercept + law.slope].map(|log| log.min(law.ceiling));
    let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
    if high - low < 1e-9 {
        return vec![10f64.powf(low)];
    }
    (0..ELECTRONIC_POINTS)
        .map(|i| low + (high - low) * i as f64 / (ELECTRONIC_POINTS - 1) as f64)
        .map(|log| 10f64.powf(log))
        .collect()
}

#[cfg(test)]
pub(super) mod tests;

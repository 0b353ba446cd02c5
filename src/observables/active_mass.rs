//! Observables: active mass from relaxed potentials, as shi2023 reads it.
//!
//! m_act = Q_measured / Q_act, with Q_act the specific charge between the states of
//! charge that belong to the relaxed open-circuit voltages after charge and after
//! discharge. Active material that is no longer connected keeps its lithium and
//! does not show in the relaxed voltage, so it is what the ratio misses.

use crate::numerics::interpolate::MonotoneCubic;
use serde::{Deserialize, Serialize};

/// What is read from one cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelaxedCycle {
    /// Cell voltage at the end of the rest after charge, V against the anode.
    pub charged_voltage: f64,
    /// Cell voltage at the end of the rest after discharge, V against the anode.
    pub discharged_voltage: f64,
    /// Potential of the anode, V against Li+/Li.
    pub anode_potential: f64,
    /// Charge passed between the two rests, C/m2 of cell area (or C), positive.
    pub charge: f64,
}

/// Active mass and what it was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ActiveMass {
    /// Lithium content that belongs to the relaxed voltage after charge.
    pub charged_stoichiometry: f64,
    /// Lithium content that belongs to the relaxed voltage after discharge.
    pub discharged_stoichiometry: f64,
    /// Q_act, C per kg of active mass.
    pub specific_charge: f64,
    /// m_act, kg/m2 of cell area (kg if the charge was given in C).
    pub mass: f64,
}

/// Why an active mass cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ActiveMassError {
    /// A quantity that must be a finite number, or positive, is not.
    #[error("{name} = {value} cannot be used")]
    Input {
        /// Which quantity.
        name: &'static str,
        /// Its value in SI.
        value: f64,
    },
    /// A relaxed potential outside the table of open-circuit potentials.
    #[error(
        "relaxed potential {potential:.3} V vs Li+/Li lies outside the open-circuit table ({lowest:.3} to {highest:.3} V)"
    )]
    OutsideTable {
        /// V against Li+/Li.
        potential: f64,
        /// Lowest potential of the table, V.
        lowest: f64,
        /// Highest potential of the table, V.
        highest: f64,
    },
    /// The potential after charge is not above that after discharge.
    #[error(
        "relaxed voltage after charge ({charged:.3} V) is not above that after discharge ({discharged:.3} V)"
    )]
    NotCharged {
        /// V against the anode.
        charged: f64,
        /// V against the anode.
        discharged: f64,
    },
}

/// Active mass from a cycle with rests.
///
/// `open_circuit` is the potential against Li+/Li over the lithium content, falling;
/// `theoretical_capacity` the charge of all lithium, C/kg.
///
/// # Errors
/// [`ActiveMassError`] for values that are not numbers (a cycle without rests),
/// potentials outside the table, or voltages in the wrong order.
pub fn active_mass(
    cycle: &RelaxedCycle,
    open_circuit: &MonotoneCubic,
    theoretical_capacity: f64,
) -> Result<ActiveMass, ActiveMassError> {
    let (charged, discharged) = (cycle.charged_voltage, cycle.discharged_voltage);
    for (name, value, fine) in [
        ("relaxed voltage after charge", charged, true),
        ("relaxed voltage after discharge", discharged, true),
        ("anode potential", cycle.anode_potential, true),
        ("charge", cycle.charge, cycle.charge >= 0.0),
        (
            "theoretical capacity",
            theoretical_capacity,
            theoretical_capacity > 0.0,
        ),
    ] {
        if !(fine && value.is_finite()) {
            return Err(ActiveMassError::Input { name, value });
        }
    }
    if charged <= discharged {
        return Err(ActiveMassError::NotCharged {
            charged,
            discharged,
        });
    }
    let charged_stoichiometry = stoichiometry(open_circuit, charged + cycle.anode_potential)?;
    let discharged_stoichiometry = stoichiometry(open_circuit, discharged + cycle.anode_potential)?;
    let specific_charge = theoretical_capacity * (discharged_stoichiometry - charged_stoichiometry);
    // On a flat stretch of the table two voltages may have one lithium content.
    if specific_charge <= 0.0 {
        return Err(ActiveMassError::NotCharged {
            charged,
            discharged,
        });
    }
    Ok(ActiveMass {
        charged_stoichiometry,
        discharged_stoichiometry,
        specific_charge,
        mass: cycle.charge / specific_charge,
    })
}

/// The lithium content at which the falling table takes a potential (V vs Li+/Li).
fn stoichiometry(open_circuit: &MonotoneCubic, potential: f64) -> Result<f64, ActiveMassError> {
    let (first, last) = open_circuit.domain();
    let (highest, lowest) = (open_circuit.value(first), open_circuit.value(last));
    if !(lowest..=highest).contains(&potential) {
        return Err(ActiveMassError::OutsideTable {
            potential,
            lowest,
            highest,
        });
    }
    Ok(open_circuit.inverse(potential))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> MonotoneCubic {
        MonotoneCubic::new(&[
            (0.1, 4.5),
            (0.3, 4.15),
            (0.5, 3.92),
            (0.8, 3.65),
            (0.95, 3.55),
            (1.0, 3.0),
        ])
        .unwrap()
    }

    #[test]
    fn gives_back_the_mass_that_passed_the_charge() {
        // 0.1 kg/m2, of which 0.08 is connected, between x = 0.25 and 0.9.
        let capacity = 9.9e5;
        let ocv = table();
        let cycle = RelaxedCycle {
            charged_voltage: ocv.value(0.25) - 0.62,
            discharged_voltage: ocv.value(0.9) - 0.62,
            anode_potential: 0.62,
            charge: 0.08 * capacity * 0.65,
        };
        let read = active_mass(&cycle, &ocv, capacity).unwrap();
        assert!((read.mass - 0.08).abs() < 1e-9);
        assert!((read.charged_stoichiometry - 0.25).abs() < 1e-9);
        assert!((read.specific_charge - 0.65 * capacity).abs() < 1e-3);
    }

    #[test]
    fn refuses_what_cannot_be_read() {
        let ocv = table();
        let fine = RelaxedCycle {
            charged_voltage: 3.5,
            discharged_voltage: 2.95,
            anode_potential: 0.62,
            charge: 1e4,
        };
        let read = |cycle: RelaxedCycle| active_mass(&cycle, &ocv, 9.9e5);
        assert!(read(fine).is_ok());
        let no_rest = RelaxedCycle {
            charged_voltage: f64::NAN,
            ..fine
        };
        assert!(matches!(read(no_rest), Err(ActiveMassError::Input { .. })));
        let above = RelaxedCycle {
            charged_voltage: 4.2,
            ..fine
        };
        assert!(matches!(
            read(above),
            Err(ActiveMassError::OutsideTable { .. })
        ));
        let swapped = RelaxedCycle {
            charged_voltage: 2.9,
            ..fine
        };
        assert!(matches!(
            read(swapped),
            Err(ActiveMassError::NotCharged { .. })
        ));
        let negative = RelaxedCycle {
            charge: -1.0,
            ..fine
        };
        assert!(matches!(read(negative), Err(ActiveMassError::Input { .. })));
    }
}

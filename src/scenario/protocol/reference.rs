//! What the numbers of a sentence refer to: the cell, and the steps before.

use crate::materials::{ActiveMaterial, Anode};
use crate::scenario::procedure::{Control, Stop};
use crate::scenario::sentence::{self, Charge, Current, Drive, Power, Resistance, Voltage, Whose};
use crate::scenario::types::{Cathode, Cell};

/// What a sentence's numbers refer to.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Reference {
    /// Active material per cell area, kg/m2.
    pub loading: f64,
    /// Cell area, m2.
    pub area: f64,
    /// Current of 1C per mass of active material, A/kg.
    pub one_c: f64,
    /// Whether these three are those of the cell, or stand in for what was refused.
    pub known: bool,
    /// Name of the anode.
    pub anode: String,
    /// Its plateau potential, V vs Li+/Li.
    pub plateau: f64,
    /// Lowest and highest open-circuit potential of the cathode against the anode, V.
    pub window: (f64, f64),
}

impl Reference {
    /// What the sentences' numbers refer to in a cell.
    pub fn of(cathode: &Cathode, cell: &Cell) -> Self {
        let known = Self {
            loading: cathode.areal_loading,
            area: cell.area,
            one_c: cell.one_c,
            known: true,
            ..Self::unknown(&cell.anode.name)
        };
        known.between(&cathode.active_material, &cell.anode)
    }

    /// With the voltages that an oxide has against an anode.
    pub fn between(mut self, oxide: &ActiveMaterial, anode: &Anode) -> Self {
        self.plateau = anode.plateau_potential();
        let potentials = oxide
            .open_circuit_potential
            .iter()
            .map(|p| p.1 - self.plateau);
        self.window = potentials.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        self
    }

    /// For a cell that was itself refused: lets the sentences be read all the same.
    pub fn unknown(anode: &str) -> Self {
        Self {
            loading: 1.0,
            area: 1.0,
            one_c: 1.0,
            known: false,
            anode: anode.to_owned(),
            plateau: 0.0,
            window: (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// A/m2 of cell area.
    pub fn density(&self, current: Current) -> f64 {
        match current {
            Current::Rate(rate) => rate * self.one_c * self.loading,
            Current::Density(density) => density,
            Current::Total(current) => current / self.area,
            Current::Specific(current) => current * self.loading,
        }
    }

    /// C/m2 of cell area.
    pub fn charge(&self, charge: Charge) -> f64 {
        match charge {
            Charge::Density(density) => density,
            Charge::Total(charge) => charge / self.area,
            Charge::Specific(charge) => charge * self.loading,
        }
    }

    /// V against the anode.
    pub fn voltage(&self, voltage: Voltage) -> f64 {
        if voltage.against_lithium {
            voltage.value - self.plateau
        } else {
            voltage.value
        }
    }

    /// What is kept constant, with the `sign` of the current.
    pub fn control(&self, drive: Drive, sign: f64) -> Control {
        match drive {
            Drive::Current(current) => Control::Current(sign * self.density(current)),
            Drive::Power(power) => Control::Power(
                sign * match power {
                    Power::Density(density) => density,
                    Power::Total(power) => power / self.area,
                    Power::Specific(power) => power * self.loading,
                },
            ),
            Drive::Resistance(resistance) => Control::Resistance(
                sign * match resistance {
                    Resistance::Total(resistance) => resistance * self.area,
                    Resistance::Areal(resistance) => resistance,
                },
            ),
        }
    }

    /// A stop condition in the cell.
    pub fn stop(&self, stop: sentence::Stop) -> Stop {
        match stop {
            sentence::Stop::Share { share, of_block } if of_block => Stop::ShareOfBlock(share),
            sentence::Stop::Share { share, .. } => Stop::ShareOfFirst(share),
            sentence::Stop::Capacity(charge) => Stop::Capacity(self.charge(charge)),
            sentence::Stop::Voltage(voltage) => Stop::Voltage(self.voltage(voltage)),
            sentence::Stop::Time(time) => Stop::Time(time),
        }
    }
}

/// A current that a later share can be of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum Earlier {
    /// There was none.
    #[default]
    None,
    /// It changed during its step.
    Changing,
    /// A/m2, its magnitude.
    Constant(f64),
}

/// The currents of the steps read so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Previous {
    last: Earlier,
    charge: Earlier,
    discharge: Earlier,
}

impl Previous {
    /// The one that a share is of.
    pub fn of(&self, whose: Whose) -> Earlier {
        match whose {
            Whose::Previous => self.last,
            Whose::Charge => self.charge,
            Whose::Discharge => self.discharge,
        }
    }

    /// Takes note of a step. Holds and rests let the current before them stand.
    pub fn note(&mut self, control: &Control) {
        let (earlier, charging) = match control {
            Control::Current(current) => (Earlier::Constant(current.abs()), *current > 0.0),
            Control::Power(x) | Control::Resistance(x) => (Earlier::Changing, *x > 0.0),
            Control::Sweep { .. } | Control::Profile(_) => {
                (self.charge, self.discharge) = (Earlier::Changing, Earlier::Changing);
                self.last = Earlier::Changing;
                return;
            }
            Control::Voltage(_) | Control::Rest => return,
        };
        self.last = earlier;
        *(if charging {
            &mut self.charge
        } else {
            &mut self.discharge
        }) = earlier;
    }
}

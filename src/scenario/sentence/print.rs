//! Sentences in words, in SI units, so that reading them gives the same numbers.

use super::{
    Action, Charge, Condition, Current, Drive, End, Power, Resistance, Sentence, Side, Voltage,
    Whose,
};
use std::fmt::{Display, Formatter, Result};

impl Display for Sentence {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.action)?;
        let mut joint = "";
        if let Some(duration) = self.duration {
            write!(f, " for {duration} s")?;
            joint = " or";
        }
        for condition in &self.until {
            write!(f, "{joint} until {condition}")?;
            joint = " or";
        }
        match self.period {
            Some(period) => write!(f, " ({period} s period)"),
            None => Ok(()),
        }
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Charge(drive) => write!(f, "Charge at {drive}"),
            Self::Discharge(drive) => write!(f, "Discharge at {drive}"),
            Self::Hold(voltage) => write!(f, "Hold at {voltage}"),
            Self::Rest => write!(f, "Rest"),
            Self::Sweep { rate, from, to } => {
                write!(f, "Sweep")?;
                if let Some(from) = from {
                    write!(f, " from {from}")?;
                }
                write!(f, " at {rate} V/s to {to}")
            }
        }
    }
}

impl Display for Drive {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Current(current) => write!(f, "{current}"),
            Self::Power(Power::Density(power)) => write!(f, "{power} W/m2"),
            Self::Power(Power::Total(power)) => write!(f, "{power} W"),
            Self::Power(Power::Specific(power)) => write!(f, "{power} W/kg"),
            Self::Resistance(Resistance::Total(resistance)) => write!(f, "{resistance} ohm"),
            Self::Resistance(Resistance::Areal(resistance)) => write!(f, "{resistance} ohm m2"),
        }
    }
}

impl Display for Current {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Rate(rate) => write!(f, "{rate}C"),
            Self::Density(density) => write!(f, "{density} A/m2"),
            Self::Total(current) => write!(f, "{current} A"),
            Self::Specific(current) => write!(f, "{current} A/kg"),
        }
    }
}

impl Display for Charge {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Density(density) => write!(f, "{density} C/m2"),
            Self::Total(charge) => write!(f, "{charge} A.s"),
            Self::Specific(charge) => write!(f, "{charge} C/kg"),
        }
    }
}

impl Display for Voltage {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let against = if self.against_lithium { " vs Li" } else { "" };
        write!(f, "{} V{against}", self.value)
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.side {
            Some(Side::Below) => write!(f, "< ")?,
            Some(Side::Above) => write!(f, "> ")?,
            None => {}
        }
        match self.end {
            End::Voltage(voltage) => write!(f, "{voltage}"),
            End::Current(current) => write!(f, "{current}"),
            End::Charge(charge) => write!(f, "{charge}"),
            End::Share(share, whose) => {
                let whose = match whose {
                    Whose::Previous => "previous",
                    Whose::Charge => "charge",
                    Whose::Discharge => "discharge",
                };
                write!(f, "{share} of {whose} current")
            }
        }
    }
}

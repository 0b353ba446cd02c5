//! A run that is made for some of its cycles alone.

use crate::record::{CycleRecord, Spectrum, TimeSeries};
use crate::scenario::Scenario;
use std::collections::BTreeSet;

/// What is wanted of a cell whose structure is known already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Cycles of the whole protocol, from 1, that are read; the last one ends the run.
    pub cycles: BTreeSet<usize>,
    /// Those after which a spectrum is read; others that the protocol asks for are left out.
    pub spectra: BTreeSet<usize>,
}

/// What ageing leaves of a cell whose structure is known already.
#[derive(Debug, Clone, PartialEq)]
pub struct Aged {
    /// Time series up to the last wanted cycle.
    pub series: TimeSeries,
    /// One per simulated cycle; the wanted ones are among them.
    pub cycles: Vec<CycleRecord>,
    /// The wanted ones.
    pub spectra: Vec<Spectrum>,
}

/// How much of a protocol is run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent<'a> {
    /// All of it.
    Whole,
    /// Until nothing more is wanted.
    Wanted(&'a Wanted),
}

impl Extent<'_> {
    /// Whether `cycle` is still to be run.
    pub fn reaches(self, cycle: usize) -> bool {
        match self {
            Self::Whole => true,
            Self::Wanted(wanted) => {
                let last = wanted.cycles.last().max(wanted.spectra.last());
                last.is_some_and(|last| cycle <= *last)
            }
        }
    }

    /// Whether the spectra due after `cycle` are to be taken.
    pub fn takes_spectra(self, cycle: usize) -> bool {
        match self {
            Self::Whole => true,
            Self::Wanted(wanted) => wanted.spectra.contains(&cycle),
        }
    }

    /// Cycles that must be simulated whatever could be carried on.
    pub fn simulated(self, scenario: &Scenario) -> Vec<usize> {
        match self {
            Self::Whole => scenario.attribution.clone(),
            Self::Wanted(wanted) => wanted.cycles.union(&wanted.spectra).copied().collect(),
        }
    }
}

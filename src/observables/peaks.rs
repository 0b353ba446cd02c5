//! Observables: fitted peaks of measured photoelectron spectra, put together to the
//! components that [`super::photoelectron_components`] gives of a simulated cell, and to
//! kissel2025's gamma.
//!
//! A peak belongs to the component nearest in binding energy (positions of the 2p3/2 as
//! in ma2022). gamma = I_coating / (I_coating + I_oxide), I_coating from S 2p and P 2p,
//! I_oxide from Ni 2p, each area over its relative sensitivity factor.

use super::{PhosphorusComponents, SulfurComponents};
use serde::Serialize;

/// A line of a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Element {
    /// S 2p.
    Sulfur,
    /// P 2p.
    Phosphorus,
    /// Ni 2p.
    Nickel,
}

/// A chemical state seen in S 2p or P 2p.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Free sulfide, S 2p.
    Sulfide,
    /// PS4 units, both lines.
    Thiophosphate,
    /// Sulfur between two units, and units that share it, both lines.
    Bridging,
    /// Polysulfide, S 2p.
    Polysulfide,
    /// Bound to oxygen, both lines.
    Oxygenated,
}

/// Farthest that a peak may lie from the position of its component, eV: about the widest
/// spread of one assignment between papers. An estimate.
const TOLERANCE: f64 = 0.8;

/// Components with the range of their binding energies (2p3/2), eV.
const SULFUR: [(State, f64, f64); 5] = [
    (State::Sulfide, 160.2, 160.2),
    (State::Thiophosphate, 161.7, 161.7),
    (State::Bridging, 163.0, 163.0),
    (State::Polysulfide, 163.7, 163.7),
    (State::Oxygenated, 165.0, 169.4),
];
const PHOSPHORUS: [(State, f64, f64); 3] = [
    (State::Thiophosphate, 131.9, 131.9),
    (State::Bridging, 133.0, 133.0),
    (State::Oxygenated, 134.1, 134.5),
];

impl State {
    /// The state of a peak at a binding energy (eV, of the 2p3/2); `None` where none is
    /// near, and of Ni 2p.
    pub fn at(element: Element, energy: f64) -> Option<Self> {
        let table: &[_] = match element {
            Element::Sulfur => &SULFUR,
            Element::Phosphorus => &PHOSPHORUS,
            Element::Nickel => &[],
        };
        let distance = |low: f64, high: f64| (low - energy).max(energy - high).max(0.0);
        let near = table
            .iter()
            .map(|&(state, low, high)| (state, distance(low, high)))
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        (near.1 <= TOLERANCE).then_some(near.0)
    }

    /// The state by its name as papers and programs write it, of a line.
    pub fn named(element: Element, name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let own = match name.as_str() {
            "sulfide" | "free sulfide" | "s2-" | "s(2-)" | "li2s" => Self::Sulfide,
            "thiophosphate" | "ps4" | "ps43-" | "ps4 3-" | "ps4(3-)" => Self::Thiophosphate,
            "bridging" | "bridging sulfur" | "p-s-p" | "p2sx" | "p2s7" | "ps3-s-ps3" => {
                Self::Bridging
            }
            "polysulfide" | "polysulfides" | "s-s" | "sx" | "li2sx" | "s0" => Self::Polysulfide,
            "oxygenated" | "sox" | "so3" | "so4" | "sulfite" | "sulfate" | "pox" | "po4"
            | "phosphate" => Self::Oxygenated,
            _ => return None,
        };
        let sulfur_only = matches!(own, Self::Sulfide | Self::Polysulfide);
        match element {
            Element::Sulfur => Some(own),
            Element::Phosphorus => (!sulfur_only).then_some(own),
            Element::Nickel => None,
        }
    }
}

/// One fitted peak. A doublet has its area once; a 2p1/2 peak with a row of its own has an
/// amount and no area.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// Sample.
    pub sample: String,
    /// Line.
    pub element: Element,
    /// What it stands for; `None` if that is not known.
    pub state: Option<State>,
    /// Area, in the same unit for all peaks of a line of a sample, at least 0.
    pub area: f64,
    /// Amount of the element up to a factor that all lines share (area over sensitivity
    /// factor, or an atomic concentration); `None` where the file does not say.
    pub amount: Option<f64>,
}

/// What the peaks of a sample show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeakReading {
    /// Sample.
    pub sample: String,
    /// Shares of S 2p; `None` without that line.
    pub sulfur: Option<SulfurComponents>,
    /// Share of S 2p that no component explains.
    pub sulfur_other: f64,
    /// Shares of P 2p; `None` without that line.
    pub phosphorus: Option<PhosphorusComponents>,
    /// Share of P 2p that no component explains.
    pub phosphorus_other: f64,
    /// (S + P) over (S + P + Ni); `None` without Ni 2p or without sensitivity factors.
    pub gamma: Option<f64>,
}

/// Puts the peaks of every sample together, in the order of the samples.
pub fn peak_readings(peaks: &[Peak]) -> Vec<PeakReading> {
    let mut samples: Vec<&str> = Vec::new();
    for peak in peaks {
        if !samples.contains(&peak.sample.as_str()) {
            samples.push(&peak.sample);
        }
    }
    let of = |sample: &str| -> Vec<&Peak> { peaks.iter().filter(|p| p.sample == sample).collect() };
    samples.iter().map(|s| reading(s, &of(s))).collect()
}

fn reading(sample: &str, peaks: &[&Peak]) -> PeakReading {
    let total = |element: Element| -> f64 {
        let own = peaks.iter().filter(|p| p.element == element);
        own.map(|p| p.area).sum()
    };
    let share = |element: Element, state: Option<State>| {
        let own = peaks
            .iter()
            .filter(|p| p.element == element && p.state == state);
        let all = total(element);
        match all > 0.0 {
            true => own.fold(0.0, |sum, p| sum + p.area) / all,
            false => 0.0,
        }
    };
    let sulfur = |state| share(Element::Sulfur, Some(state));
    let phosphorus = |state| share(Element::Phosphorus, Some(state));
    PeakReading {
        sample: sample.to_owned(),
        sulfur: (total(Element::Sulfur) > 0.0).then(|| SulfurComponents {
            sulfide: sulfur(State::Sulfide),
            thiophosphate: sulfur(State::Thiophosphate),
            bridging: sulfur(State::Bridging),
            polysulfide: sulfur(State::Polysulfide),
            oxygenated: sulfur(State::Oxygenated),
        }),
        sulfur_other: share(Element::Sulfur, None),
        phosphorus: (total(Element::Phosphorus) > 0.0).then(|| PhosphorusComponents {
            thiophosphate: phosphorus(State::Thiophosphate),
            bridging: phosphorus(State::Bridging),
            oxygenated: phosphorus(State::Oxygenated),
        }),
        phosphorus_other: share(Element::Phosphorus, None),
        gamma: gamma(peaks),
    }
}

fn gamma(peaks: &[&Peak]) -> Option<f64> {
    let nickel = |p: &&&Peak| p.element == Element::Nickel;
    let sum = |peaks: Vec<&&Peak>| peaks.iter().map(|p| p.amount).sum::<Option<f64>>();
    let (oxide, coating): (Vec<_>, Vec<_>) = peaks.iter().partition(nickel);
    if oxide.is_empty() || coating.is_empty() {
        return None;
    }
    let (oxide, coating) = (sum(oxide)?, sum(coating)?);
    let gamma = coating / (coating + oxide);
    gamma.is_finite().then_some(gamma)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(element: Element, energy: f64, area: f64, factor: f64) -> Peak {
        Peak {
            sample: "coated".into(),
            element,
            state: State::at(element, energy),
            area,
            amount: Some(area / factor),
        }
    }

    #[test]
    fn peaks_go_to_the_nearest_component() {
        for (energy, state) in [
            (160.0, Some(State::Sulfide)),
            (161.5, Some(State::Thiophosphate)),
            (163.3, Some(State::Bridging)),
            (163.8, Some(State::Polysulfide)),
            (167.0, Some(State::Oxygenated)),
            (170.0, Some(State::Oxygenated)),
            (171.0, None),
            (158.9, None),
        ] {
            assert_eq!(State::at(Element::Sulfur, energy), state, "{energy} eV");
        }
        assert_eq!(
            State::at(Element::Phosphorus, 134.3),
            Some(State::Oxygenated)
        );
        assert_eq!(State::at(Element::Nickel, 855.0), None);
        assert_eq!(State::named(Element::Phosphorus, "Polysulfide"), None);
        assert_eq!(
            State::named(Element::Sulfur, "PS4"),
            Some(State::Thiophosphate)
        );
    }

    #[test]
    fn shares_and_gamma_by_hand() {
        let peaks = [
            peak(Element::Sulfur, 160.2, 100.0, 2.0),
            peak(Element::Sulfur, 161.7, 300.0, 2.0),
            peak(Element::Sulfur, 158.0, 100.0, 2.0),
            peak(Element::Phosphorus, 131.9, 30.0, 1.0),
            peak(Element::Phosphorus, 134.1, 10.0, 1.0),
            peak(Element::Nickel, 855.0, 2900.0, 10.0),
        ];
        let read = &peak_readings(&peaks)[0];
        let (s, p) = (read.sulfur.unwrap(), read.phosphorus.unwrap());
        assert!((s.sulfide - 0.2).abs() < 1e-12 && (s.thiophosphate - 0.6).abs() < 1e-12);
        assert!((read.sulfur_other - 0.2).abs() < 1e-12);
        assert!((p.thiophosphate - 0.75).abs() < 1e-12 && (p.oxygenated - 0.25).abs() < 1e-12);
        // 250 + 40 of the coating, 290 of nickel.
        assert!((read.gamma.unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn without_nickel_or_factors_there_is_no_gamma() {
        let sulfur = peak(Element::Sulfur, 160.2, 1.0, 1.0);
        assert_eq!(peak_readings(std::slice::from_ref(&sulfur))[0].gamma, None);
        let nickel = Peak {
            amount: None,
            ..peak(Element::Nickel, 855.0, 1.0, 1.0)
        };
        let read = &peak_readings(&[sulfur, nickel])[0];
        assert_eq!((read.gamma, read.phosphorus), (None, None));
    }
}

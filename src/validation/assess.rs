//! Each statement of a paper judged by the simulated cells.

use super::expression::{Bound, Expressions};
use super::paper::{Measured, Paper, Role};
use super::runs::Simulations;

/// Errors up to this are close, up to the second fair, beyond a miss.
const LIMITS: [f64; 2] = [0.1, 0.3];
/// Numbers smaller than this share of the largest of their quantity are compared on
/// its scale: of a capacity of zero no relative error exists.
const SMALLEST_SCALE: f64 = 0.1;
/// Values that differ by a smaller share than this are alike, and in no order: what time
/// steps may do to a capacity, or a third of a millivolt.
const ALIKE: f64 = 1e-4;

/// One paper, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The paper.
    pub paper: Paper,
    /// One per number, in the paper's order.
    pub numbers: Vec<Number>,
    /// One per ordering, in the paper's order.
    pub orderings: Vec<Claim>,
    /// One per finding, in the paper's order.
    pub findings: Vec<Claim>,
}

/// A simulated number.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The value with the scenario's own seed, or why there is none.
    pub value: Result<f64, String>,
    /// Standard deviation over the realisations of the structure; `None` with one.
    pub spread: Option<f64>,
    /// |simulated - paper| over the paper's value (at least a tenth of the largest of
    /// that quantity in that paper); of a range, the distance to it. NaN without value.
    pub error: f64,
}

/// How near a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Within 10 %.
    Close,
    /// Within 30 %.
    Fair,
    /// Farther off.
    Missed,
    /// Not simulated.
    Absent,
}

impl Standing {
    /// As tables say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Fair => "fair",
            Self::Missed => "missed",
            Self::Absent => "not simulated",
        }
    }
}

impl Number {
    /// How near it is.
    pub fn standing(&self) -> Standing {
        match self.error {
            error if error.is_nan() => Standing::Absent,
            error if error <= LIMITS[0] => Standing::Close,
            error if error <= LIMITS[1] => Standing::Fair,
            _ => Standing::Missed,
        }
    }
}

/// What became of an ordering or a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Whether it is reproduced.
    pub verdict: Verdict,
    /// The readings behind it, in the order they were asked; NaN where there is none.
    pub shown: Vec<f64>,
}

/// Reproduced or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The simulated cells show the same.
    Reproduced,
    /// They do not.
    Missed,
    /// It could not be read, for this reason.
    Unread(String),
    /// The model cannot speak of it, for this reason.
    Outside(String),
}

/// Judges `paper`.
pub fn assess(paper: &Paper, simulations: &Simulations) -> Assessment {
    let realisations = paper
        .cells
        .iter()
        .filter_map(|cell| simulations.get(&cell.scenario)?.as_ref().ok())
        .map(Vec::len)
        .min()
        .unwrap_or(1);
    let expressions: Vec<_> = (0..realisations.max(1))
        .map(|i| Expressions::over(&bind(paper, simulations, i)))
        .collect();
    let numbers = paper
        .measured
        .iter()
        .map(|m| number(m, scale(m, paper), &expressions))
        .collect();
    let own = &expressions[0];
    Assessment {
        numbers,
        orderings: paper.ordering.iter().map(|o| order(o, own)).collect(),
        findings: paper.observed.iter().map(|f| finding(f, own)).collect(),
        paper: paper.clone(),
    }
}

fn bind<'a>(paper: &'a Paper, simulations: &Simulations, seed: usize) -> Vec<(&'a str, Bound)> {
    let bound = |scenario: &str| match simulations.get(scenario) {
        Some(Ok(cells)) => cells
            .get(seed)
            .cloned()
            .ok_or_else(|| format!("{scenario} was not simulated so often")),
        Some(Err(reason)) => Err(reason.clone()),
        None => Err(format!("{scenario} was not simulated")),
    };
    let cells = paper.cells.iter();
    cells
        .map(|cell| (cell.name.as_str(), bound(&cell.scenario)))
        .collect()
}

/// What an error of `measured` is relative to.
pub(crate) fn scale(measured: &Measured, paper: &Paper) -> f64 {
    let size = |m: &Measured| match (m.value, m.range) {
        (Some(value), _) => value.abs(),
        (None, Some([low, high])) => low.abs().max(high.abs()),
        (None, None) => 0.0,
    };
    let same = paper
        .measured
        .iter()
        .filter(|other| other.quantity == measured.quantity);
    let largest = same.map(size).fold(0.0, f64::max);
    size(measured).max(SMALLEST_SCALE * largest)
}

fn number(measured: &Measured, scale: f64, expressions: &[Expressions]) -> Number {
    let values: Vec<_> = expressions
        .iter()
        .map(|e| e.number(&measured.simulated))
        .collect();
    let off = |value: f64| match (measured.value, measured.range) {
        (Some(paper), _) => (value - paper).abs(),
        (None, Some([low, high])) => (low - value).max(value - high).max(0.0),
        (None, None) => f64::NAN,
    };
    let read: Vec<f64> = values.iter().filter_map(|v| v.clone().ok()).collect();
    Number {
        error: values[0].as_ref().map_or(f64::NAN, |v| off(*v) / scale),
        spread: (read.len() > 1).then(|| deviation(&read)),
        value: values[0].clone(),
    }
}

/// Sample standard deviation.
fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

fn order(ordering: &super::paper::Ordering, expressions: &Expressions) -> Claim {
    let mut groups: Vec<Vec<f64>> = Vec::new();
    let mut unread = None;
    for group in &ordering.highest_first {
        let read = |reading: &String| {
            expressions.number(reading).unwrap_or_else(|reason| {
                unread.get_or_insert(reason);
                f64::NAN
            })
        };
        groups.push(group.readings().iter().map(read).collect());
    }
    let falls = groups.windows(2).all(|pair| {
        let lowest = pair[0].iter().copied().fold(f64::INFINITY, f64::min);
        let highest = pair[1].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        lowest - highest > ALIKE * lowest.abs().max(highest.abs())
    });
    Claim {
        verdict: match unread {
            Some(reason) => Verdict::Unread(reason),
            None if falls => Verdict::Reproduced,
            None => Verdict::Missed,
        },
        shown: groups.concat(),
    }
}

fn finding(finding: &super::paper::Finding, expressions: &Expressions) -> Claim {
    let shown = finding
        .shown
        .iter()
        .map(|reading| expressions.number(reading).unwrap_or(f64::NAN))
        .collect();
    let verdict = match (&finding.holds, &finding.outside) {
        (Some(condition), _) => match expressions.condition(condition) {
            Ok(true) => Verdict::Reproduced,
            Ok(false) => Verdict::Missed,
            Err(reason) => Verdict::Unread(reason),
        },
        (None, reason) => Verdict::Outside(reason.clone().unwrap_or_default()),
    };
    Claim { verdict, shown }
}

impl Assessment {
    /// Errors of the numbers of one role that were simulated.
    pub fn errors(&self, role: Role) -> impl Iterator<Item = f64> {
        let pairs = self.paper.measured.iter().zip(&self.numbers);
        pairs
            .filter(move |(measured, _)| measured.role == role)
            .map(|(_, number)| number.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Paper {
        let text = r#"
            [source]
            key = "k"
            title = "t"
            authors = "a"
            [[cell]]
            name = "bare"
            scenario = "none"
            label = "bare"
            [[measured]]
            id = "one"
            quantity = "capacity"
            at = ""
            value = 200
            unit = "mAh/g"
            role = "predicted"
            simulated = "100 + 2 * 40"
            [[measured]]
            id = "nothing"
            quantity = "capacity"
            at = ""
            value = 0
            unit = "mAh/g"
            role = "predicted"
            simulated = "5"
            [[measured]]
            id = "range"
            quantity = "resistance"
            at = ""
            range = [10, 20]
            unit = "ohm"
            role = "fitted"
            simulated = "25.0"
            [[measured]]
            id = "absent"
            quantity = "resistance"
            at = ""
            value = 1
            unit = "ohm"
            role = "fitted"
            simulated = "bare.discharge(1)"
            [[ordering]]
            what = "o"
            highest_first = ["3", ["2", "1.5"], "1"]
            [[ordering]]
            what = "not so"
            highest_first = ["3", ["2", "0.5"], "1"]
            [[ordering]]
            what = "alike"
            highest_first = ["3", "2.9999"]
            [[ordering]]
            what = "just told apart"
            highest_first = ["-2.999", "-3"]
            [[observed]]
            what = "f"
            holds = "2 > 1 and 1.0 < 2"
            [[observed]]
            what = "g"
            outside = "no such thing"
        "#;
        toml::from_str(text).expect("valid")
    }

    #[test]
    fn errors_follow_their_definition() {
        let judged = assess(&paper(), &Simulations::new());
        let errors: Vec<f64> = judged.numbers.iter().map(|n| n.error).collect();
        assert!((errors[0] - 0.1).abs() < 1e-12);
        assert!(
            (errors[1] - 5.0 / 20.0).abs() < 1e-12,
            "on a tenth of the largest"
        );
        assert!(
            (errors[2] - 5.0 / 20.0).abs() < 1e-12,
            "distance to the range"
        );
        assert!(errors[3].is_nan());
        let reason = judged.numbers[3].value.as_ref().expect_err("no such cell");
        assert_eq!(reason, "none was not simulated");
        let standings: Vec<_> = judged.numbers.iter().map(Number::standing).collect();
        use Standing::{Absent, Close, Fair};
        assert_eq!(standings, [Close, Fair, Fair, Absent]);
    }

    #[test]
    fn groups_are_ordered_and_findings_judged() {
        let judged = assess(&paper(), &Simulations::new());
        let verdicts: Vec<_> = judged.orderings.iter().map(|o| o.verdict.clone()).collect();
        use Verdict::{Missed, Reproduced};
        assert_eq!(verdicts, [Reproduced, Missed, Missed, Reproduced]);
        assert_eq!(judged.orderings[0].shown, [3.0, 2.0, 1.5, 1.0]);
        assert_eq!(judged.findings[0].verdict, Verdict::Reproduced);
        assert_eq!(
            judged.findings[1].verdict,
            Verdict::Outside("no such thing".into())
        );
    }
}

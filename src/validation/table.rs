//! The table of a validation: Markdown for readers, CSV for machines.

use super::assess::{Assessment, Claim, Number, Standing, Verdict};
use super::paper::{Measured, Role};
use std::fmt::Write;

/// What a validation comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Numbers of this role, and how many of them were simulated.
    pub numbers: [(usize, usize); 2],
    /// Median error of those simulated: fitted, predicted; NaN where there are none.
    pub median: [f64; 2],
    /// Predicted numbers within 10 %, within 30 %, missed.
    pub predicted: [usize; 3],
    /// Orderings and findings reproduced, and all.
    pub claims: (usize, usize),
}

impl Summary {
    /// Over all papers.
    pub fn of(assessments: &[Assessment]) -> Self {
        let roles = [Role::Fitted, Role::Predicted];
        let errors = roles
            .map(|role| -> Vec<f64> { assessments.iter().flat_map(|a| a.errors(role)).collect() });
        let simulated = |errors: &[f64]| -> Vec<f64> {
            errors.iter().copied().filter(|e| e.is_finite()).collect()
        };
        let numbers = assessments
            .iter()
            .flat_map(|a| a.paper.measured.iter().zip(&a.numbers));
        let mut predicted = [0; 3];
        for (measured, number) in numbers {
            if measured.role == Role::Predicted {
                match number.standing() {
                    Standing::Close => predicted[0] += 1,
                    Standing::Fair => predicted[1] += 1,
                    Standing::Missed | Standing::Absent => predicted[2] += 1,
                }
            }
        }
        let claims: Vec<&Claim> = assessments
            .iter()
            .flat_map(|a| a.orderings.iter().chain(&a.findings))
            .collect();
        let reproduced = claims
            .iter()
            .filter(|claim| claim.verdict == Verdict::Reproduced)
            .count();
        Self {
            numbers: [0, 1].map(|i| (errors[i].len(), simulated(&errors[i]).len())),
            median: [0, 1].map(|i| median(simulated(&errors[i]))),
            predicted,
            claims: (reproduced, claims.len()),
        }
    }

    /// In sentences.
    pub fn words(&self) -> String {
        let percent = |share: f64| {
            if share.is_nan() {
                "none".to_owned()
            } else {
                format!("{:.1} %", 100.0 * share)
            }
        };
        let [fitted, predicted] = self.numbers;
        let [close, fair, missed] = self.predicted;
        let (reproduced, claims) = self.claims;
        format!(
            "Median error of {} fitted numbers {}, of {} predicted numbers {}. Of the predicted ones {close} lie within \
             10 %, {fair} more within 30 %, {missed} are missed or could not be simulated. {reproduced} of {claims} \
             orderings and findings are reproduced.",
            fitted.1,
            percent(self.median[0]),
            predicted.1,
            percent(self.median[1]),
        )
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => 0.5 * (values[n / 2 - 1] + values[n / 2]),
    }
}

/// A number with three significant digits.
pub(crate) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if !value.is_finite() {
        return "–".into();
    }
    let places = (2 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{value:.places$}")
}

/// The paper's side of a number.
pub(crate) fn stated(measured: &Measured) -> String {
    match (measured.value, measured.range) {
        (Some(value), _) => short(value),
        (None, Some([low, high])) => format!("{} to {}", short(low), short(high)),
        (None, None) => String::new(),
    }
}

/// The simulated side, with the spread over structures where there is one.
pub(crate) fn simulated(number: &Number) -> String {
    match (&number.value, number.spread) {
        (Ok(value), Some(spread)) => format!("{} ± {}", short(*value), short(spread)),
        (Ok(value), None) => short(*value),
        (Err(_), _) => "–".into(),
    }
}

/// Why a number is off, where it is: the reason it could not be read, or the likely cause.
pub(crate) fn remark(number: &Number, cause: Option<&str>) -> String {
    match (&number.value, number.standing()) {
        (Err(reason), _) => reason.clone(),
        (_, Standing::Close) => String::new(),
        _ => cause.unwrap_or_default().to_owned(),
    }
}

/// The verdict in a word, and why.
pub(crate) fn verdict(claim: &Claim, cause: Option<&str>) -> (&'static str, String) {
    match &claim.verdict {
        Verdict::Reproduced => ("reproduced", String::new()),
        Verdict::Missed => ("missed", cause.unwrap_or_default().to_owned()),
        Verdict::Unread(reason) => ("not simulated", reason.clone()),
        Verdict::Outside(reason) => ("outside the model", reason.clone()),
    }
}

/// Readings behind a claim.
pub(crate) fn shown(claim: &Claim) -> String {
    let words: Vec<_> = claim.shown.iter().map(|v| short(*v)).collect();
    words.join(", ")
}

/// Everything as Markdown: a summary, then a table per paper.
pub fn markdown(assessments: &[Assessment]) -> String {
    let mut text = format!("{}\n", Summary::of(assessments).words());
    for judged in assessments {
        let source = &judged.paper.source;
        let doi = source.doi.as_ref().map(|doi| format!(", doi {doi}"));
        let _ = write!(
            text,
            "\n## {}\n\n{}: *{}*{}{}.\n",
            source.key,
            source.authors,
            source.title,
            if source.journal.is_empty() {
                String::new()
            } else {
                format!(", {}", source.journal)
            },
            doi.unwrap_or_default(),
        );
        text += "\n| quantity | at | paper | engobe | unit | error | role | | remark |\n|---|---|---|---|---|---|---|---|---|\n";
        for (measured, number) in judged.paper.measured.iter().zip(&judged.numbers) {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                measured.quantity,
                measured.at,
                stated(measured),
                simulated(number),
                measured.unit,
                error(number.error),
                measured.role.word(),
                number.standing().word(),
                remark(number, measured.cause.as_deref()),
            );
        }
        text +=
            "\n| ordering (highest first) or finding | engobe | | remark |\n|---|---|---|---|\n";
        for (what, claim, cause) in claims(judged) {
            let (word, why) = verdict(claim, cause);
            let _ = writeln!(text, "| {what} | {} | {word} | {why} |", shown(claim));
        }
    }
    text
}

/// Orderings, then findings: the words, the judgement, the likely cause of a miss.
pub(crate) fn claims(judged: &Assessment) -> Vec<(&str, &Claim, Option<&str>)> {
    let orderings = judged.paper.ordering.iter().zip(&judged.orderings);
    let findings = judged.paper.observed.iter().zip(&judged.findings);
    orderings
        .map(|(o, claim)| (o.what.as_str(), claim, o.cause.as_deref()))
        .chain(findings.map(|(f, claim)| (f.what.as_str(), claim, f.cause.as_deref())))
        .collect()
}

/// An error in per cent.
pub(crate) fn error(error: f64) -> String {
    if error.is_nan() {
        "–".into()
    } else {
        format!("{:.1} %", 100.0 * error)
    }
}

/// One row per number: paper, id, value or bounds, simulated value, spread, unit, error, role.
pub fn csv(assessments: &[Assessment]) -> String {
    let mut text = String::from(
        "paper,id,quantity,unit,stated_low,stated_high,simulated,spread,error,role,standing\n",
    );
    let cell = |value: f64| {
        if value.is_finite() {
            value.to_string()
        } else {
            String::new()
        }
    };
    for judged in assessments {
        for (measured, number) in judged.paper.measured.iter().zip(&judged.numbers) {
            let [low, high] = measured
                .range
                .unwrap_or([measured.value.unwrap_or(f64::NAN); 2]);
            let _ = writeln!(
                text,
                "{},{},\"{}\",{},{},{},{},{},{},{},{}",
                judged.paper.source.key,
                measured.id,
                measured.quantity.replace('"', "\"\""),
                measured.unit,
                cell(low),
                cell(high),
                number.value.as_ref().map_or(String::new(), |v| cell(*v)),
                number.spread.map_or(String::new(), cell),
                cell(number.error),
                measured.role.word(),
                number.standing().word(),
            );
        }
    }
    text
}

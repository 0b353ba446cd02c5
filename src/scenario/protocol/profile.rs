//! Steps written as a table: trains of pulses (GITT), and a current over time read
//! from a file of comma-separated values.

use super::Reader;
use super::step::{Wording, refuse};
use super::window::Window;
use crate::input::{Diagnostic, Dimension, Section, Unit, nearest};
use crate::scenario::procedure::{Control, Cutoff, Profile, Step};
use crate::scenario::schema::STEP;
use crate::scenario::sentence::{Action, Current, understand, understand_conditions};

/// What the columns of a profile can be given in.
const CURRENTS: [Dimension; 4] = [
    Dimension::Current,
    Dimension::CurrentDensity,
    Dimension::SpecificCurrent,
    Dimension::CRate,
];

impl Reader<'_> {
    /// A table among the steps.
    pub fn table(&mut self, section: &Section<'_>, window: &mut Window) -> Option<Step> {
        match (section.get("gitt"), section.get("table")) {
            (Some(_), None) => self.pulses(section, window),
            (None, Some(_)) => self.profile(section, window),
            // A misspelt key was complained of.
            (None, None)
                if section
                    .entries()
                    .iter()
                    .any(|(name, ..)| STEP.key(name).is_none()) =>
            {
                None
            }
            _ => section.sink().refuse(
                Diagnostic::error(section.span(), "a step needs either `gitt` or `table`").help(
                    "{ gitt = \"Charge at 0.1C for 20 minutes\", rest = \"2 hours\", until = \"3.7 V\" } or { table = \"profile.csv\" }",
                ),
            ),
        }
    }

    /// `{ gitt = "Charge at 0.1C for 20 minutes", rest = "2 hours", until = "3.7 V" }`
    fn pulses(&mut self, section: &Section<'_>, window: &mut Window) -> Option<Step> {
        let sink = section.sink();
        let wording = Wording::new(section.text("gitt")?, section.span_of("gitt"), None);
        let (sentence, places) = match understand(&wording.text, &self.reference.anode) {
            Ok(understood) => understood,
            Err(error) => return refuse(sink, &wording, error),
        };
        let lacking = |what: &str| {
            let message = format!("GITT lacks {what}");
            let help = "for example { gitt = \"Charge at 0.1C for 20 minutes\", rest = \"2 hours\", until = \"3.7 V\" }";
            sink.push(Diagnostic::error(section.span(), message).help(help));
        };
        if sentence.duration.is_none() {
            lacking("the duration of a pulse");
        }
        if section.get("rest").is_none() {
            lacking("the `rest` after a pulse");
        }
        let (Action::Charge(drive) | Action::Discharge(drive)) = sentence.action else {
            lacking("the current of a pulse");
            return None;
        };
        if section.get("until").is_none() && sentence.until.is_empty() {
            lacking("`until`, where the pulses end");
        }
        let conditions = sentence.until.into_iter().zip(places).collect();
        let mut until = self.cutoffs(sentence.action, conditions, &wording, sink, window)?;
        until.extend(self.until(section, sentence.action, window)?);
        let sign = if matches!(sentence.action, Action::Charge(_)) {
            1.0
        } else {
            -1.0
        };
        let control = self.reference.control(drive, sign);
        self.previous.note(&control);
        Some(Step {
            control,
            duration: Some(sentence.duration?),
            until,
            text: wording.text,
            period: section.quantity("period").or(sentence.period),
            rest_after: Some(section.quantity("rest")?),
        })
    }

    /// The cut-offs behind `until`.
    fn until(
        &self,
        section: &Section<'_>,
        action: Action,
        window: &mut Window,
    ) -> Option<Vec<Cutoff>> {
        let Some(text) = section.text("until") else {
            // A wrong form was complained of.
            return section.get("until").is_none().then(Vec::new);
        };
        let wording = Wording::new(text, section.span_of("until"), None);
        match understand_conditions(text, &self.reference.anode) {
            Ok(conditions) => self.cutoffs(action, conditions, &wording, section.sink(), window),
            Err(error) => refuse(section.sink(), &wording, error),
        }
    }

    /// `{ table = "profile.csv" }`
    fn profile(&mut self, section: &Section<'_>, window: &mut Window) -> Option<Step> {
        let name = section.text("table")?;
        let path = self.directory.join(name);
        let refuse = |message: String, help: &str| {
            let complaint = Diagnostic::error(section.span_of("table"), message).help(help);
            section.sink().refuse(complaint)
        };
        if section.get("rest").is_some() {
            return refuse(
                "a table of currents has no `rest`".into(),
                "write 0 into the table",
            );
        }
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                return refuse(message, "the name is relative to the scenario");
            }
        };
        let profile = match self.read(&text) {
            Ok(profile) => profile,
            Err((line, message, help)) => {
                return refuse(format!("{}:{line}: {message}", path.display()), &help);
            }
        };
        // A profile goes either way, so that a condition must say its side.
        let either = Action::Rest;
        if let Some(text) = section.text("until").filter(|text| !text.contains('V')) {
            let message = format!("a table of currents cannot end at `{text}`");
            let complaint = Diagnostic::error(section.span_of("until"), message);
            let help = "give a voltage and its side, for example `> 3.7 V or < 2.0 V`";
            return section.sink().refuse(complaint.help(help));
        }
        let until = self.until(section, either, window)?;
        let duration = profile.time.last().copied();
        let control = Control::Profile(profile);
        self.previous.note(&control);
        Some(Step {
            control,
            duration,
            until,
            text: format!("Current of {name}"),
            period: section.quantity("period"),
            rest_after: None,
        })
    }

    /// Reads the values; else line, message and help.
    fn read(&self, text: &str) -> Result<Profile, (usize, String, String)> {
        let example = || "for example `time / s, current / mA`".to_owned();
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()))
            .filter(|(_, line)| !(line.is_empty() || line.starts_with('#')));
        let Some((line, heading)) = lines.next() else {
            return Err((1, "the file is empty".into(), example()));
        };
        let Some((first, second)) = heading.split_once(',') else {
            let message = format!("the heading `{heading}` does not name two columns");
            return Err((line, message, example()));
        };
        let at_heading = |(message, help)| (line, message, help);
        let seconds = column(first, &["time"], &[Dimension::Time]).map_err(at_heading)?;
        let amperes = column(second, &["current", "rate"], &CURRENTS).map_err(at_heading)?;
        let mut profile = Profile {
            time: Vec::new(),
            current: Vec::new(),
        };
        for (line, row) in lines {
            let fail =
                |message: String| (line, message, "a time and a current in every row".into());
            let numbers = row.split(',').map(|field| field.trim().parse::<f64>());
            let numbers = numbers.collect::<Result<Vec<_>, _>>();
            let Ok(&[time, current]) = numbers.as_deref() else {
                return Err(fail(format!("`{row}` is not two numbers")));
            };
            let (time, current) = (seconds.to_si(time), self.signed_density(amperes, current));
            if !(time.is_finite() && current.is_finite()) {
                return Err(fail(format!("`{row}` is not finite")));
            }
            match profile.time.last() {
                None if time != 0.0 => return Err(fail("the times do not begin at 0".into())),
                Some(&before) if time < before => {
                    return Err(fail(format!("the time {time} s lies before {before} s")));
                }
                _ => {}
            }
            profile.time.push(time);
            profile.current.push(current);
        }
        if profile.time.last().is_none_or(|last| *last <= 0.0) {
            let help = "a time and a current in every row".to_owned();
            return Err((line, "the table lasts no time".into(), help));
        }
        Ok(profile)
    }

    /// A/m2 of a number in the unit of the column.
    fn signed_density(&self, unit: &Unit, number: f64) -> f64 {
        let value = unit.to_si(number);
        let current = match unit.dimension {
            Dimension::CRate => Current::Rate(value),
            Dimension::CurrentDensity => Current::Density(value),
            Dimension::SpecificCurrent => Current::Specific(value),
            _ => Current::Total(value),
        };
        self.reference.density(current)
    }
}

/// The unit of a column headed like `Time / s`, `time [s]` or `time (s)`; else message
/// and help.
fn column(
    heading: &str,
    names: &[&str],
    wanted: &[Dimension],
) -> Result<&'static Unit, (String, String)> {
    let heading = heading.trim().trim_matches('"');
    let (name, unit) = match heading.split_once(['[', '(']) {
        Some((name, unit)) => (name, unit.trim_end_matches([']', ')'])),
        None => heading.split_once('/').unwrap_or((heading, "")),
    };
    let lower = name.to_ascii_lowercase();
    if !names.iter().any(|name| lower.contains(name)) {
        let message = format!("the column `{heading}` is not {}", names[0]);
        return Err((message, "for example `time / s, current / mA`".into()));
    }
    let found = wanted.iter().find_map(|d| Unit::find(unit.trim(), *d));
    found.ok_or_else(|| {
        let spellings = || wanted.iter().flat_map(|dimension| dimension.spellings());
        let all = spellings().collect::<Vec<_>>().join(", ");
        let help = match nearest(unit.trim(), spellings()) {
            Some(near) => format!("did you mean `{near}`? units here: {all}"),
            None => format!("units here: {all}"),
        };
        let message = if unit.is_empty() {
            format!("the column `{heading}` has no unit")
        } else {
            format!("unknown unit `{}` of the column `{heading}`", unit.trim())
        };
        (message, help)
    })
}

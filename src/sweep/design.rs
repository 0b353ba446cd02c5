//! `[sweep]` read: which values at which paths, and the settings of any run by its number.
//!
//! The first parameter varies slowest; then come sampled points, then replicates, which vary
//! fastest. Nothing grows with the number of runs.

use super::amount::{Amount, written};
use super::distribution::Numbers;
use super::sampling::Points;
use super::series::Kind;
use crate::input::Span;
use crate::scenario::{ScenarioPath, Setting, toml_text};
use std::fmt::Write as _;
use toml::Spanned;
use toml::de::DeValue;

/// What is swept over. Made by [`super::read()`].
#[derive(Debug)]
pub struct Design<'a> {
    /// Every combination of these, the first varying slowest.
    pub(super) groups: Vec<Group<'a>>,
    /// Sampled parameters.
    pub(super) sample: Option<Sample<'a>>,
    /// Structures per point.
    pub(super) replicates: u64,
    /// Whether every point has structures of its own.
    pub(super) independent: bool,
    /// Series to keep.
    pub(super) series: Vec<Kind>,
}

/// Parameters that change together.
#[derive(Debug)]
pub struct Group<'a> {
    pub(super) axes: Vec<Axis<'a>>,
}

/// One parameter and its values.
#[derive(Debug)]
pub struct Axis<'a> {
    pub(super) parameter: Parameter,
    pub(super) span: Span,
    pub(super) values: Values<'a>,
}

/// A parameter as a column of the results.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Where it stands in the scenario.
    pub path: ScenarioPath,
    /// Unit of its numbers; `None` where it is words. Empty for bare numbers.
    pub unit: Option<String>,
}

/// The values of a parameter.
#[derive(Debug)]
pub enum Values<'a> {
    /// As listed.
    Listed(Vec<Spanned<DeValue<'a>>>),
    /// Numbers and the place of the range.
    Spaced(Numbers, Vec<f64>),
    /// Drawn.
    Drawn(Numbers),
}

/// Sampled parameters.
#[derive(Debug)]
pub struct Sample<'a> {
    pub(super) points: Points,
    pub(super) axes: Vec<Axis<'a>>,
}

/// The settings of one run.
#[derive(Debug, Clone)]
pub struct Point<'d, 'a> {
    /// In the order of [`Design::parameters`].
    pub settings: Vec<Chosen<'d, 'a>>,
    /// From 0.
    pub replicate: u64,
}

/// A chosen value.
#[derive(Debug, Clone)]
pub struct Chosen<'d, 'a> {
    axis: &'d Axis<'a>,
    value: Choice<'d, 'a>,
}

#[derive(Debug, Clone)]
enum Choice<'d, 'a> {
    Listed(&'d Spanned<DeValue<'a>>),
    Number { number: f64, text: String },
}

/// A value as the results hold it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// In the unit of its parameter.
    Number(f64),
    /// Words.
    Text(String),
}

impl<'a> Design<'a> {
    /// How many runs there are.
    pub fn runs(&self) -> u64 {
        let groups = self.groups.iter().map(|g| g.len() as u64);
        let sampled = self.sample.as_ref().map_or(1, Sample::runs);
        groups.product::<u64>() * sampled * self.replicates
    }

    /// Every parameter, in the order of the settings of a point.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.axes().map(|axis| &axis.parameter)
    }

    fn axes(&self) -> impl Iterator<Item = &Axis<'a>> {
        let swept = self.groups.iter().flat_map(|g| &g.axes);
        swept.chain(self.sample.iter().flat_map(|s| &s.axes))
    }

    /// Sampled points, if any are.
    pub fn sample(&self) -> Option<&Sample<'a>> {
        self.sample.as_ref()
    }

    /// Structures per point.
    pub fn replicates(&self) -> u64 {
        self.replicates
    }

    /// Numbers of values of the combined parameters, where all of them are combined.
    pub fn grid(&self) -> Option<Vec<usize>> {
        let plain = self.sample.is_none() && self.groups.iter().all(|g| g.axes.len() == 1);
        plain.then(|| self.groups.iter().map(Group::len).collect())
    }

    /// Series to keep of every run.
    pub fn series(&self) -> &[Kind] {
        &self.series
    }

    /// The settings of run `run`, which is below [`Self::runs`].
    pub fn point(&self, run: u64) -> Point<'_, 'a> {
        let replicate = run % self.replicates;
        let mut rest = run / self.replicates;
        let mut drawn = Vec::new();
        if let Some(sample) = &self.sample {
            drawn = sample.choose(rest % sample.runs());
            rest /= sample.runs();
        }
        let mut places = vec![0; self.groups.len()];
        for (place, group) in places.iter_mut().zip(&self.groups).rev() {
            *place = (rest % group.len() as u64) as usize;
            rest /= group.len() as u64;
        }
        let swept = self.groups.iter().zip(places);
        let mut settings: Vec<_> = swept
            .flat_map(|(group, i)| group.axes.iter().map(move |axis| axis.choose(i)))
            .collect();
        settings.extend(drawn);
        Point {
            settings,
            replicate,
        }
    }
}

impl Group<'_> {
    fn len(&self) -> usize {
        self.axes.first().map_or(1, |axis| axis.values.len())
    }
}

impl Values<'_> {
    /// How many there are; 0 for drawn ones.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Listed(values) => values.len(),
            Self::Spaced(_, ladder) => ladder.len(),
            Self::Drawn(_) => 0,
        }
    }
}

impl<'a> Sample<'a> {
    /// How the points were chosen.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// Runs that the points take.
    pub fn runs(&self) -> u64 {
        self.points.method.runs(self.points.count, self.axes.len())
    }

    fn choose(&self, run: u64) -> Vec<Chosen<'_, 'a>> {
        let shares = self.points.coordinates(run);
        let axes = self.axes.iter().zip(shares);
        axes.map(|(axis, share)| axis.draw(share)).collect()
    }
}

impl<'a> Axis<'a> {
    fn choose(&self, i: usize) -> Chosen<'_, 'a> {
        match &self.values {
            Values::Spaced(numbers, ladder) => self.number(numbers, ladder[i]),
            Values::Drawn(numbers) => self.number(numbers, numbers.at(0.5)),
            Values::Listed(values) => Chosen {
                axis: self,
                value: Choice::Listed(&values[i]),
            },
        }
    }

    fn draw(&self, share: f64) -> Chosen<'_, 'a> {
        match &self.values {
            Values::Drawn(numbers) => self.number(numbers, numbers.at(share)),
            _ => {
                let count = self.values.len();
                self.choose(((share * count as f64) as usize).min(count - 1))
            }
        }
    }

    fn number(&self, numbers: &Numbers, number: f64) -> Chosen<'_, 'a> {
        let text = written(number, &numbers.unit, numbers.whole);
        Chosen {
            axis: self,
            value: Choice::Number { number, text },
        }
    }
}

impl Parameter {
    /// The parameter of listed values: numbers where all are of one unit, else words.
    pub(super) fn of_list(path: ScenarioPath, values: &[Spanned<DeValue<'_>>]) -> Self {
        let amounts: Option<Vec<_>> = values.iter().map(|v| Amount::of(v.get_ref())).collect();
        let unit = amounts.and_then(|amounts| {
            let unit = amounts.first()?.unit.clone();
            let same = amounts.iter().all(|a| a.in_unit(&unit).is_some());
            same.then_some(unit)
        });
        Self { path, unit }
    }

    /// Name of its column: the path; `sweep.seed` for one that is a single key, which columns
    /// of results could have as well.
    pub fn column(&self) -> String {
        let path = self.path.to_string();
        if path == self.path.root() {
            format!("sweep.{path}")
        } else {
            path
        }
    }

    /// Name with unit: `coating.thickness / nm`.
    pub fn heading(&self) -> String {
        match self.unit.as_deref() {
            None | Some("") => self.path.to_string(),
            Some(unit) => format!("{} / {unit}", self.path),
        }
    }
}

impl Point<'_, '_> {
    /// What to set in a scenario.
    pub fn settings(&self) -> Vec<Setting<'_>> {
        let setting = |chosen| -> Setting<'_> { Chosen::setting(chosen) };
        self.settings.iter().map(setting).collect()
    }

    /// The values as the results hold them.
    pub fn values(&self) -> Vec<Value> {
        self.settings.iter().map(Chosen::value).collect()
    }

    /// All settings in one line: `coating.thickness = "2 nm", seed 3`.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for (i, chosen) in self.settings.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            // Writing into a String cannot fail.
            let _ = write!(text, "{comma}{} = {}", chosen.path(), chosen.text());
        }
        text
    }
}

impl Chosen<'_, '_> {
    /// What is set.
    pub fn path(&self) -> &ScenarioPath {
        &self.axis.parameter.path
    }

    /// As it would be written in the scenario.
    pub fn text(&self) -> String {
        match &self.value {
            Choice::Listed(value) => toml_text(value.get_ref()),
            Choice::Number { text, .. } => text.clone(),
        }
    }

    fn setting(&self) -> Setting<'_> {
        let value = match &self.value {
            Choice::Listed(value) => (*value).clone(),
            Choice::Number { text, .. } => {
                // What `written` writes parses; as a text it would be refused where it is read.
                let value = DeValue::parse(text).map(Spanned::into_inner);
                let value = value.unwrap_or_else(|_| DeValue::String(text.as_str().into()));
                Spanned::new(self.axis.span.clone(), value)
            }
        };
        Setting {
            path: &self.axis.parameter.path,
            span: self.axis.span.clone(),
            value,
        }
    }

    fn value(&self) -> Value {
        match (&self.value, &self.axis.parameter.unit) {
            (Choice::Number { number, .. }, _) => Value::Number(*number),
            (Choice::Listed(value), Some(unit)) => {
                let amount = Amount::of(value.get_ref()).and_then(|a| a.in_unit(unit));
                Value::Number(amount.unwrap_or(f64::NAN))
            }
            (Choice::Listed(value), None) => Value::Text(match value.get_ref().as_str() {
                Some(text) => text.to_owned(),
                None => toml_text(value.get_ref()),
            }),
        }
    }
}

impl Value {
    /// The number; NaN of words.
    pub fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(_) => f64::NAN,
        }
    }

    /// The words, or the number as a text.
    pub fn words(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

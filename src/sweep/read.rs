//! `[sweep]` from the file: its keys, and every complaint with its place.

use super::design::{Axis, Design, Group, Parameter, Sample, Values};
use super::distribution::{DISTRIBUTION, RANGE, distribution, range};
use super::sampling::{MOST_DIMENSIONS, Method, Points};
use super::series::Kind as Series;
use crate::input::{
    Diagnostic, Diagnostics, Kind, Names, Presence, Schema, Section, Sink, Span, describe_value,
    key, nearest,
};
use crate::scenario::{ScenarioPath, Template, unknown_root};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const PATHS: Names = Names {
    what: "paths in the scenario",
    kind: Kind::Forms("a list of values, a range or a distribution"),
};

/// `[sweep]`; its other keys are paths.
#[rustfmt::skip]
pub static SWEEP: Schema = Schema {
    name: "[sweep]",
    about: "paths with a list of values or a range; every combination is run",
    keys: &[
        key("zip", Kind::Forms("an array of tables of paths and lists of one length"), Presence::Optional, "[{ \"coating.material\" = [\"LiNbO3\", \"Li2CO3\"], \"coating.thickness\" = [\"5 nm\", \"8 nm\"] }]", "parameters that change together"),
        key("sample", Kind::Table(&SAMPLE), Presence::Optional, "{ method = \"sobol\", points = 256, \"coating.thickness\" = { from = \"1 nm\", to = \"20 nm\" } }", "parameters drawn together"),
        key("replicates", Kind::Integer(1, 1_000_000), Presence::Default("1"), "3", "structures per point, with the scenario's seed and those that follow"),
        key("seeds", Kind::Choice(&SEEDS), Presence::Default("common"), "independent", "common: every point has the same seeds, so that equal recipes share a structure and differences between points are not chance; independent: seeds from the key of each point"),
        key("series", Kind::Texts, Presence::Optional, "[\"cycles\", \"spectra\"]", "tables to keep of every run: cycles, spectra, steps, time; cycles and spectra when left out"),
    ],
    names: Some(PATHS),
};

#[rustfmt::skip]
static SAMPLE: Schema = Schema {
    name: "[sweep.sample]",
    about: "paths with a distribution or a list of equally likely values",
    keys: &[
        key("method", Kind::Choice(&Method::WORDS), Presence::Required, "sobol", "how points are chosen; saltelli for Sobol indices"),
        key("points", Kind::Integer(1, 1 << 40), Presence::Required, "256", "how many; saltelli runs this times the number of parameters and two"),
        key("seed", Kind::Integer(0, i64::MAX), Presence::Default("1"), "1", "of the points"),
    ],
    names: Some(PATHS),
};

const SEEDS: [&str; 2] = ["common", "independent"];

/// Most runs of a sweep: 32 bytes of key for each make 320 MB.
const MOST_RUNS: u64 = 10_000_000;

/// Reads the sweep of a scenario. The scenarios of its runs are not looked at.
///
/// # Errors
/// Every complaint about `[sweep]`, or that there is none.
pub fn read<'a>(template: &'a Template<'_>) -> Result<Design<'a>, Diagnostics> {
    let sink = Sink::new(template.text());
    let design = design(template, &sink);
    let items = sink.finish();
    match design {
        Some(design) if items.is_empty() => Ok(design),
        _ => Err(Diagnostics {
            name: template.name().into(),
            text: template.text().into(),
            items,
        }),
    }
}

fn design<'a>(template: &'a Template<'_>, sink: &Sink<'_>) -> Option<Design<'a>> {
    let Some((heading, value)) = template.sweep() else {
        let help =
            "add for example\n[sweep]\n\"coating.thickness\" = [\"1 nm\", \"2 nm\", \"4 nm\"]";
        return sink.refuse(Diagnostic::elsewhere("the scenario has no [sweep]").help(help));
    };
    let Some(table) = value.get_ref().as_table() else {
        let message = format!(
            "`sweep` is {}, but needs a table",
            describe_value(value.get_ref())
        );
        return sink.refuse(Diagnostic::error(value.span(), message));
    };
    let root = Section::open(table, heading.clone(), "sweep", &SWEEP, sink);
    let mut reader = Reader {
        sink,
        paths: Vec::new(),
    };
    let mut groups = Vec::new();
    for (path, span, value) in reader.leaves(table, None, &SWEEP) {
        let axis = reader.axis(path, span, value, &RANGE);
        groups.extend(axis.map(|axis| Group { axes: vec![axis] }));
    }
    for (span, inner) in zipped(&root, table.get("zip"))? {
        groups.extend(reader.zip(span, inner));
    }
    let sample = match root.section("sample") {
        Some(section) => Some(reader.sample(&section, table.get("sample")?)?),
        None => None,
    };
    let design = Design {
        groups,
        sample,
        replicates: u64::try_from(root.integer("replicates")?).ok()?,
        independent: root.choice("seeds")? == SEEDS[1],
        series: series(&root)?,
    };
    if design.parameters().next().is_none() && design.replicates == 1 && !sink.has_errors() {
        let help = "add for example \"coating.thickness\" = [\"1 nm\", \"2 nm\", \"4 nm\"]";
        sink.push(Diagnostic::error(heading.clone(), "[sweep] varies nothing").help(help));
    }
    few_enough(&design, heading, sink)?;
    Some(design)
}

/// Refuses more runs than can be kept, loudly and without overflow.
fn few_enough(design: &Design<'_>, heading: &Span, sink: &Sink<'_>) -> Option<()> {
    let axes = design.groups.iter().map(|g| g.axes[0].values.len() as u64);
    let sampled = design.sample.as_ref().map(Sample::runs);
    let counts = axes.chain(sampled).chain([design.replicates]);
    let runs = counts.fold(1, u64::saturating_mul);
    if runs > MOST_RUNS {
        let message = format!("{runs} runs are too many: at most {MOST_RUNS} are allowed");
        let help = "sample the parameters ([sweep.sample]) in place of combining all their values";
        sink.push(Diagnostic::error(heading.clone(), message).help(help));
    }
    Some(())
}

fn series(root: &Section<'_>) -> Option<Vec<Series>> {
    if root.get("series").is_none() {
        return Some(vec![Series::Cycles, Series::Spectra]);
    }
    let mut kinds = Vec::new();
    for (word, span) in root.texts("series")? {
        match Series::ALL.iter().find(|kind| kind.word() == word) {
            Some(kind) => kinds.push(*kind),
            None => {
                let words = Series::ALL.map(Series::word);
                let near = nearest(word, words).map(|w| format!("did you mean `{w}`? "));
                let help = format!("{}series: {}", near.unwrap_or_default(), words.join(", "));
                root.sink().push(
                    Diagnostic::error(span, format!("there is no series `{word}`")).help(help),
                );
            }
        }
    }
    kinds.sort();
    kinds.dedup();
    Some(kinds)
}

/// The tables under `zip` with their places.
fn zipped<'a>(
    root: &Section<'_>,
    value: Option<&'a Spanned<DeValue<'a>>>,
) -> Option<Vec<(Span, &'a DeTable<'a>)>> {
    let Some(value) = value else {
        return Some(Vec::new());
    };
    let tables = match value.get_ref() {
        DeValue::Table(table) => Some(vec![(value.span(), table)]),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_table().map(|table| (item.span(), table)))
            .collect(),
        _ => None,
    };
    match tables {
        Some(tables) => Some(tables),
        None => root.refuse_form("zip", value, "tables of paths and lists"),
    }
}

type Leaf<'a> = (ScenarioPath, Span, &'a Spanned<DeValue<'a>>);

struct Reader<'s, 't> {
    sink: &'s Sink<'t>,
    /// Paths so far, none of which may be set twice.
    paths: Vec<ScenarioPath>,
}

impl Reader<'_, '_> {
    /// Paths and what stands at them, in the order of the text; tables that are no range and
    /// no distribution are part of the path.
    fn leaves<'a>(
        &self,
        table: &'a DeTable<'a>,
        parent: Option<&ScenarioPath>,
        reserved: &Schema,
    ) -> Vec<Leaf<'a>> {
        let mut found = Vec::new();
        let generator = |table: &DeTable<'_>| {
            table.is_empty()
                || table.keys().any(|key| {
                    let name = key.get_ref().as_ref();
                    RANGE.key(name).is_some() || DISTRIBUTION.key(name).is_some()
                })
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if parent.is_none() && reserved.key(name).is_some() {
                continue;
            }
            let path = match ScenarioPath::within(parent, name) {
                Ok(path) => path,
                Err(message) => {
                    self.sink.push(Diagnostic::error(key.span(), message));
                    continue;
                }
            };
            match value.get_ref().as_table() {
                Some(inner) if !generator(inner) => {
                    found.extend(self.leaves(inner, Some(&path), reserved));
                }
                _ => found.push((path, key.span(), value)),
            }
        }
        found.sort_by_key(|(_, span, _)| span.start);
        found
    }

    /// Refuses a path that no scenario has, or that is set already.
    fn allowed(&mut self, path: &ScenarioPath, span: &Span) -> Option<()> {
        if let Some(unknown) = unknown_root(path, span.clone()) {
            return self.sink.refuse(unknown);
        }
        let twice = self
            .paths
            .iter()
            .find(|other| other.contains(path) || path.contains(other));
        if let Some(other) = twice {
            let message = format!("`{path}` is set twice: there is `{other}` already");
            return self.sink.refuse(Diagnostic::error(span.clone(), message));
        }
        self.paths.push(path.clone());
        Some(())
    }

    fn axis<'a>(
        &mut self,
        path: ScenarioPath,
        span: Span,
        value: &'a Spanned<DeValue<'a>>,
        schema: &'static Schema,
    ) -> Option<Axis<'a>> {
        self.allowed(&path, &span)?;
        match value.get_ref() {
            DeValue::Array(items) if !items.is_empty() => {
                let values: Vec<_> = items.iter().cloned().collect();
                Some(Axis {
                    parameter: Parameter::of_list(path, &values),
                    span,
                    values: Values::Listed(values),
                })
            }
            DeValue::Table(table) => {
                let name = path.to_string();
                let section = Section::open(table, value.span(), &name, schema, self.sink);
                let values = if std::ptr::eq(schema, &RANGE) {
                    let (numbers, steps) = range(&section)?;
                    let ladder = numbers.ladder(steps);
                    Values::Spaced(numbers, ladder)
                } else {
                    Values::Drawn(distribution(&section)?)
                };
                let unit = match &values {
                    Values::Spaced(numbers, _) | Values::Drawn(numbers) => numbers.unit.clone(),
                    Values::Listed(_) => String::new(),
                };
                Some(Axis {
                    parameter: Parameter {
                        path,
                        unit: Some(unit),
                    },
                    span: value.span(),
                    values,
                })
            }
            other => {
                let found = match other {
                    DeValue::Array(_) => "an empty array".into(),
                    other => describe_value(other),
                };
                let message = format!("`{path}` is {found}, but needs values to sweep over");
                let help = "write a list of values, or { from = ..., to = ..., steps = ... }; in [sweep.sample] a distribution";
                self.sink
                    .refuse(Diagnostic::error(value.span(), message).help(help))
            }
        }
    }

    fn zip<'a>(&mut self, span: Span, table: &'a DeTable<'a>) -> Option<Group<'a>> {
        let mut axes: Vec<Axis<'a>> = Vec::new();
        // No word is reserved within a group.
        for (path, span, value) in self.leaves(table, None, &RESERVED_NONE) {
            axes.extend(self.axis(path, span, value, &RANGE));
        }
        let first = axes.first()?;
        let length = |axis: &Axis<'_>| axis.values.len();
        if let Some(other) = axes.iter().find(|axis| length(axis) != length(first)) {
            let message = format!(
                "zipped parameters need as many values each: `{}` has {}, `{}` has {}",
                first.parameter.path,
                length(first),
                other.parameter.path,
                length(other)
            );
            return self.sink.refuse(Diagnostic::error(span, message));
        }
        Some(Group { axes })
    }

    fn sample<'a>(
        &mut self,
        section: &Section<'_>,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Option<Sample<'a>> {
        let table = value.get_ref().as_table()?;
        let mut axes = Vec::new();
        for (path, span, value) in self.leaves(table, None, &SAMPLE) {
            axes.extend(self.axis(path, span, value, &DISTRIBUTION));
        }
        let method = section.choice("method")?;
        let at = Method::WORDS.iter().position(|word| *word == method)?;
        let method = Method::ALL[at];
        let count = u64::try_from(section.integer("points")?).ok()?;
        if count > method.most_points() {
            let message = format!(
                "{count} points are more than the {} of this method",
                method.most_points()
            );
            let help = "latin-hypercube and random have no such limit";
            section
                .sink()
                .push(Diagnostic::error(section.span_of("points"), message).help(help));
        }
        let needed = if method == Method::Saltelli {
            2 * axes.len()
        } else {
            axes.len()
        };
        if needed > MOST_DIMENSIONS || axes.is_empty() {
            let message = match axes.len() {
                0 => "[sweep.sample] has no parameters".to_owned(),
                many => format!("{many} parameters are too many for this method"),
            };
            section
                .sink()
                .push(Diagnostic::error(section.span(), message));
        }
        Some(Sample {
            points: Points {
                method,
                count,
                dimensions: axes.len(),
                seed: u64::try_from(section.integer("seed")?).ok()?,
            },
            axes,
        })
    }
}

static RESERVED_NONE: Schema = Schema {
    name: "zip",
    about: "paths",
    keys: &[],
    names: Some(PATHS),
};

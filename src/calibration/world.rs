//! The scenarios as they are at a point: every parameter put where it stands, everything
//! read anew, so that a material's value reaches whatever takes it over.

use super::document::changed;
use super::plan::{Parameter, Plan, Written};
use crate::materials::{Library, library};
use crate::scenario::{Scenario, with_materials};
use std::collections::{BTreeMap, BTreeSet};

/// By number of the plan's document: the scenario, or why there is none.
pub(super) type Scenarios = BTreeMap<usize, Result<Scenario, String>>;

/// The scenarios with each parameter at its share of the way between its bounds.
pub(super) fn scenarios(plan: &Plan, shares: &[f64]) -> Scenarios {
    let values = plan.parameters.iter().zip(shares);
    let values: Vec<f64> = values.map(|(p, share)| p.at(*share)).collect();
    let texts = match texts(plan, &values, None) {
        Ok(texts) => texts,
        Err(reason) => return all(plan, &reason),
    };
    let materials = plan
        .documents
        .iter()
        .zip(&texts)
        .filter(|(d, _)| !d.scenario);
    let materials: Vec<_> = materials
        .map(|(d, text)| (d.path.to_str().unwrap_or_default(), text.as_str()))
        .collect();
    let own;
    let shelf = if materials.is_empty() {
        library()
    } else {
        match Library::from_texts(materials) {
            Ok(read) => {
                own = read;
                &own
            }
            Err(refused) => return all(plan, &refused.to_string()),
        }
    };
    simulated(plan)
        .into_iter()
        .map(|index| {
            let name = plan.documents[index].path.display().to_string();
            let read = with_materials(&name, &texts[index], shelf);
            let scenario = read.map_err(|refused| refused.to_string()).map(|loaded| {
                let mut scenario = loaded.scenario;
                // Neither is of any use to a fit.
                scenario.attribution.clear();
                scenario.title.clear();
                if let Some(blocks) = plan.settings.cycle_blocks {
                    scenario.numerics.cycle_blocks = Some(blocks);
                }
                scenario
            });
            (index, scenario)
        })
        .collect()
}

/// Documents of the cells: scenarios may be changed without being simulated.
fn simulated(plan: &Plan) -> BTreeSet<usize> {
    let cells = plan.spaces.iter().flat_map(|space| &space.cells);
    cells.map(|(_, document)| *document).collect()
}

fn all(plan: &Plan, reason: &str) -> Scenarios {
    let each = simulated(plan).into_iter();
    each.map(|index| (index, Err(reason.to_owned()))).collect()
}

/// Every document with the values (SI) at their places, to so many digits.
///
/// # Errors
/// A message if a value cannot be put where it belongs.
pub(super) fn texts(
    plan: &Plan,
    values: &[f64],
    digits: Option<usize>,
) -> Result<Vec<String>, String> {
    let mut changes: BTreeMap<usize, Vec<(&[String], Written)>> = BTreeMap::new();
    for (parameter, value) in plan.parameters.iter().zip(values) {
        for edit in &parameter.edits {
            let written = parameter.in_unit(*value, edit.unit.as_deref(), digits);
            let list = changes.entry(edit.document).or_default();
            list.push((&edit.path, written));
        }
    }
    let documents = plan.documents.iter().enumerate();
    documents
        .map(|(index, document)| match changes.get(&index) {
            Some(list) => changed(&document.text, list.iter().map(|(p, w)| (*p, w)))
                .map_err(|e| format!("{}: {e}", document.path.display())),
            None => Ok(document.text.clone()),
        })
        .collect()
}

/// Values (SI) as they come back from what is written with so many digits.
pub(super) fn as_written(parameters: &[Parameter], shares: &[f64], digits: usize) -> Vec<f64> {
    let back = |(parameter, share): (&Parameter, &f64)| {
        let value = parameter.at(*share);
        let read = match (parameter.written(value, Some(digits)), parameter.dimension) {
            (Written::Number(number), _) => Some(number),
            (Written::Text(text), Some(dimension)) => {
                let read = crate::input::parse(&text, &[dimension]);
                read.ok().map(|quantity| quantity.value)
            }
            (Written::Text(_), None) => None,
        };
        let [low, high] = parameter.bounds;
        read.unwrap_or(value).clamp(low, high)
    };
    parameters.iter().zip(shares).map(back).collect()
}

//! Expressions over simulated cells: `bare.discharge(160) / bare.discharge(9)`.
//! Arithmetic, comparisons, `and`, `or`, `not`, as in Python.

use super::reading::{READINGS, SimulatedCell};
use minijinja::value::{Object, Value};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A cell as an expression holds it: simulated, or why it was not.
pub(crate) type Bound = Result<Arc<SimulatedCell>, String>;

/// Evaluates expressions in which the cells have names.
pub(crate) struct Expressions {
    environment: Environment<'static>,
    cells: Value,
}

#[derive(Debug)]
struct Handle(Bound);

impl Object for Handle {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let invalid = |reason: String| Error::new(ErrorKind::InvalidOperation, reason);
        let cell = self.0.as_ref().map_err(|reason| invalid(reason.clone()))?;
        let answer = if method == "intensity" {
            intensity(cell, arguments)
        } else {
            let Some((_, _, read)) = READINGS.iter().find(|(name, ..)| *name == method) else {
                return Err(invalid(unknown(method)));
            };
            let numbers: Result<Vec<f64>, _> = arguments.iter().map(number).collect();
            numbers.and_then(|numbers| read(cell, &numbers))
        };
        answer.map(Value::from).map_err(invalid)
    }
}

/// The complaint that there is no such reading.
pub(super) fn unknown(method: &str) -> String {
    let words = READINGS.iter().map(|(name, ..)| *name);
    let near = crate::input::nearest(method, words);
    let hint = near.map_or(String::new(), |word| format!("; did you mean `{word}`?"));
    format!("`{method}` is not a reading{hint}")
}

/// `intensity(fragment, cycle, reference)`.
fn intensity(cell: &SimulatedCell, arguments: &[Value]) -> Result<f64, String> {
    let [fragment, cycle, reference] = arguments else {
        return Err("intensity needs a fragment, a cycle and the cell it is relative to".into());
    };
    let fragment = fragment.as_str().unwrap_or_default();
    let reference = reference
        .downcast_object_ref::<Handle>()
        .ok_or("intensity is relative to a cell")?;
    let reference = reference.0.as_ref().map_err(Clone::clone)?;
    cell.intensity(fragment, number(cycle)?, reference)
}

impl Expressions {
    /// Expressions over `cells`.
    pub fn over(cells: &[(&str, Bound)]) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let named = cells.iter().map(|(name, bound)| {
            let handle = Value::from_object(Handle(bound.clone()));
            ((*name).to_owned(), handle)
        });
        Self {
            environment,
            cells: Value::from(named.collect::<BTreeMap<_, _>>()),
        }
    }

    /// A number; why there is none otherwise.
    pub fn number(&self, expression: &str) -> Result<f64, String> {
        let value = number(&self.evaluate(expression)?)?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(format!("`{expression}` has no value"))
        }
    }

    /// Whether a condition holds; why it cannot be told otherwise.
    pub fn condition(&self, expression: &str) -> Result<bool, String> {
        let value = self.evaluate(expression)?;
        bool::try_from(value).map_err(|_| format!("`{expression}` is not a condition"))
    }

    fn evaluate(&self, expression: &str) -> Result<Value, String> {
        evaluate(&self.environment, expression, &self.cells)
    }
}

/// The value of an expression, or why it has none.
pub(super) fn evaluate(
    environment: &Environment,
    expression: &str,
    cells: &Value,
) -> Result<Value, String> {
    let parsed = environment.compile_expression(expression);
    let evaluated = parsed.and_then(|parsed| parsed.eval(cells));
    evaluated.map_err(|error| match error.detail() {
        Some(reason) if error.kind() == ErrorKind::InvalidOperation => reason.to_owned(),
        _ => format!("`{expression}`: {error}"),
    })
}

pub(super) fn number(value: &Value) -> Result<f64, String> {
    f64::try_from(value.clone()).map_err(|_| format!("a number is needed, not {value}"))
}

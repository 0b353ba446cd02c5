//! What an expression asks of its cells: it is evaluated over cells that answer every
//! reading with a number and take note of the cycle.

use super::expression::{evaluate, number, unknown};
use super::reading::{READINGS, SPECTRAL};
use crate::simulation::Wanted;
use minijinja::value::{Object, Value};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// By name of the cell.
type Notes = Arc<Mutex<BTreeMap<String, Wanted>>>;

/// A cell that answers anything.
#[derive(Debug)]
struct Listener {
    name: String,
    notes: Notes,
}

impl Listener {
    fn note(&self, cycle: Option<(usize, bool)>) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = notes.entry(self.name.clone()).or_default();
        // Most readings are relative to the first cycle, or need a cell that was run.
        wanted.cycles.insert(1);
        if let Some((cycle, spectrum)) = cycle {
            wanted.cycles.insert(cycle);
            if spectrum {
                wanted.spectra.insert(cycle);
            }
        }
    }
}

impl Object for Listener {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let invalid = |reason: String| Error::new(ErrorKind::InvalidOperation, reason);
        let relative = method == "intensity";
        if !relative && !READINGS.iter().any(|(name, ..)| *name == method) {
            return Err(invalid(unknown(method)));
        }
        // Those that are described as `() ...` take no cycle.
        let timeless =
            |(name, about, _): &(&str, &str, _)| *name == method && about.starts_with("()");
        if READINGS.iter().any(timeless) {
            self.note(None);
            return Ok(Value::from(1.0));
        }
        let place = usize::from(relative);
        let cycle = arguments
            .get(place)
            .ok_or_else(|| invalid(format!("`{method}` needs a cycle")))?;
        let cycle = number(cycle).map_err(invalid)?;
        if cycle < 1.0 || cycle.fract() != 0.0 {
            return Err(invalid(format!(
                "`{method}` of cycle {cycle}: cycles count from 1"
            )));
        }
        let noted = Some((cycle as usize, SPECTRAL.contains(&method)));
        self.note(noted);
        if let Some(reference) = arguments.get(2)
            && let Some(reference) = reference.downcast_object_ref::<Self>()
        {
            reference.note(noted);
        }
        Ok(Value::from(1.0))
    }
}

/// The cycles that `expression` reads, by cell; only `cells` have a name in it.
///
/// # Errors
/// Why the expression cannot be evaluated: its form, a name that is no cell, a reading
/// that does not exist.
pub fn asked(expression: &str, cells: &[&str]) -> Result<BTreeMap<String, Wanted>, String> {
    let notes = Notes::default();
    let named = cells.iter().map(|name| {
        let listener = Listener {
            name: (*name).to_owned(),
            notes: notes.clone(),
        };
        ((*name).to_owned(), Value::from_object(listener))
    });
    let named = Value::from(named.collect::<BTreeMap<_, _>>());
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let value = evaluate(&environment, expression, &named)?;
    number(&value)?;
    let notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(notes.clone())
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn cycles_and_spectra_are_found() {
        let expression =
            "bare.retention(50) + 2 * coated.diffusion_length(30) - [bare.charge(2)]|min";
        let asked = asked(expression, &["bare", "coated", "other"]).expect("valid");
        let cycles: Vec<_> = asked["bare"].cycles.iter().copied().collect();
        assert_eq!(cycles, [1, 2, 50]);
        assert!(asked["bare"].spectra.is_empty());
        assert!(asked["coated"].spectra.contains(&30));
        assert!(!asked.contains_key("other"));
        let timeless = super::asked("other.ionic_conductivity()", &["other"]).expect("valid");
        assert!(timeless["other"].spectra.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let cells = ["bare"];
        let why = |expression| asked(expression, &cells).expect_err(expression);
        assert!(why("bare.retentoin(5)").contains("did you mean `retention`?"));
        assert!(why("bare.retention(0)").contains("cycles count from 1"));
        assert!(why("bare.retention()").contains("needs a cycle"));
        assert!(why("coated.retention(5)").contains("coated"));
        assert!(why("bare.retention(5").contains("bare.retention(5"));
    }
}

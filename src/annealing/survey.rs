//! Annealing: many treatments of one powder, and the precursor weighed alone.

use super::chemistry::Chemistry;
use super::kinetics::{AnnealingError, Course, Moment};
use super::{Annealed, Powder, Recipe, Treatment};

/// The same powder annealed at `count` temperatures (at least 2), evenly from `low` to
/// `high` (K), otherwise as in `treatment`.
///
/// # Errors
/// As [`Annealed::new`], but that a temperature at which all evaporates ends the row.
pub fn over_temperature(
    like: &Annealed,
    treatment: Treatment,
    (low, high): (f64, f64),
    count: usize,
) -> Result<Vec<Annealed>, AnnealingError> {
    let mut row = Vec::with_capacity(count);
    for i in 0..count {
        let temperature = low + (high - low) * i as f64 / (count - 1) as f64;
        let treatment = Treatment {
            temperature,
            ..treatment
        };
        match Annealed::new(like.recipe.clone(), treatment, like.powder) {
            Ok(annealed) => row.push(annealed),
            Err(AnnealingError::Gone { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(row)
}

/// Every moment of one treatment.
///
/// # Errors
/// As [`Annealed::new`].
pub fn course(like: &Annealed) -> Result<Vec<Moment>, AnnealingError> {
    let Annealed {
        treatment,
        powder,
        recipe,
        ..
    } = like;
    let chemistry = Chemistry::new(recipe, treatment, powder)?;
    let course = Course::of(&recipe.process, &chemistry, treatment)?;
    Ok(course.moments().to_vec())
}

/// Mass of the precursor alone, without oxide and so without foreign lithium, over its
/// mass at the start, while it is heated as in `treatment` up to `high` (K): pairs of
/// temperature (K) and ratio.
///
/// # Errors
/// As [`Annealed::new`].
pub fn thermogram(
    recipe: &Recipe,
    treatment: Treatment,
    high: f64,
) -> Result<Vec<(f64, f64)>, AnnealingError> {
    let treatment = Treatment {
        temperature: high,
        hold: 0.0,
        residual_lithium: 0.0,
        ..treatment
    };
    // Without lithium the oxide is only a place to weigh on.
    let powder = Powder {
        specific_surface: 1.0,
        lithium: 0.0,
    };
    let chemistry = Chemistry::new(recipe, &treatment, &powder)?;
    let course = Course::of(&recipe.process, &chemistry, &treatment)?;
    let weighed = course.moments().iter().map(|moment| {
        let masses = chemistry.composition(&moment.progress).masses;
        let mass: f64 = masses.iter().sum();
        (moment.temperature, mass / treatment.mass)
    });
    // Heating alone: the temperature falls again afterwards.
    let mut heated: Vec<(f64, f64)> = Vec::new();
    for point in weighed {
        if heated.last().is_some_and(|last| point.0 < last.0) {
            break;
        }
        heated.push(point);
    }
    Ok(heated)
}

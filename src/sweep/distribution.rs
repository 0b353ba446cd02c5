//! What a parameter's values are: a share of the way through them, from 0 to 1, becomes a
//! number, by inverting the distribution function.

use super::amount::{Amount, tidy};
use crate::input::{self, Bounds, Diagnostic, Key, Kind, Presence, Schema, Section, Span};
use crate::numerics::normal;
use toml::Spanned;
use toml::de::DeValue;

const fn key(name: &'static str, kind: Kind, example: &'static str, about: &'static str) -> Key {
    input::key(name, kind, Presence::Optional, example, about)
}

const AMOUNT: Kind = Kind::Forms("a number with its unit, as the parameter itself");

/// Evenly spaced values.
#[rustfmt::skip]
pub static RANGE: Schema = Schema {
    name: "a range",
    about: "values from one to another",
    keys: &[
        Key { presence: Presence::Required, ..key("from", AMOUNT, "50 %", "the first value") },
        Key { presence: Presence::Required, ..key("to", AMOUNT, "100 %", "the last value") },
        Key { presence: Presence::Required, ..key("steps", Kind::Integer(2, 1_000_000), "6", "how many values, both ends counted") },
        key("spacing", Kind::Choice(&SPACINGS), "logarithmic", "equal steps or equal factors; linear when left out"),
    ],
    names: None,
};

/// Drawn values.
#[rustfmt::skip]
pub static DISTRIBUTION: Schema = Schema {
    name: "a distribution",
    about: "values to draw from",
    keys: &[
        key("distribution", Kind::Choice(&SHAPES), "normal", "its shape; uniform when left out"),
        key("from", AMOUNT, "1 nm", "least value; cuts off a normal or lognormal one"),
        key("to", AMOUNT, "20 nm", "greatest value; cuts off a normal or lognormal one"),
        key("spacing", Kind::Choice(&SPACINGS), "logarithmic", "of a uniform one: equal chance for equal steps or equal factors"),
        key("mean", AMOUNT, "90 %", "of a normal one"),
        key("deviation", AMOUNT, "3 %", "standard deviation of a normal one"),
        key("median", AMOUNT, "4 nm", "of a lognormal one"),
        key("factor", Kind::Number(Bounds::Between(1.0, 1e6)), "1.5", "geometric standard deviation of a lognormal one: two thirds lie within this factor"),
        key("mode", AMOUNT, "5 nm", "likeliest value of a triangular one"),
    ],
    names: None,
};

const SPACINGS: [&str; 2] = ["linear", "logarithmic"];
const SHAPES: [&str; 4] = ["uniform", "normal", "lognormal", "triangular"];

/// A distribution of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// From, to.
    Uniform(f64, f64),
    /// From, to, both positive; the logarithm is uniform.
    LogUniform(f64, f64),
    /// Mean and standard deviation.
    Normal(f64, f64),
    /// Median and geometric standard deviation.
    Lognormal(f64, f64),
    /// Least, likeliest, greatest.
    Triangular(f64, f64, f64),
}

/// Numbers of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    shape: Shape,
    /// Cut off below and above.
    limits: (f64, f64),
    /// As written.
    pub unit: String,
    /// Whether only whole numbers make sense.
    pub whole: bool,
}

impl Numbers {
    /// The number below which a share of the values lies, 0..1.
    pub fn at(&self, share: f64) -> f64 {
        let number = match self.shape {
            Shape::Uniform(from, to) => from + share * (to - from),
            Shape::LogUniform(from, to) => from * (to / from).powf(share),
            Shape::Normal(mean, deviation) => {
                mean + deviation * self.cut(share, |x| (x - mean) / deviation)
            }
            Shape::Lognormal(median, factor) => {
                let score = |x: f64| (x / median).ln() / factor.ln();
                median * (factor.ln() * self.cut(share, score)).exp()
            }
            Shape::Triangular(least, mode, greatest) => {
                let (width, rise) = (greatest - least, mode - least);
                if share * width < rise {
                    least + (share * width * rise).sqrt()
                } else {
                    greatest - ((1.0 - share) * width * (greatest - mode)).sqrt()
                }
            }
        };
        let number = number.clamp(self.limits.0, self.limits.1);
        if self.whole {
            number.round()
        } else {
            tidy(number)
        }
    }

    /// Standard score at a share of what the limits leave.
    fn cut(&self, share: f64, score: impl Fn(f64) -> f64) -> f64 {
        let below = |x: f64| normal::cumulative(score(x));
        let (low, high) = (below(self.limits.0), below(self.limits.1));
        let low = if low.is_nan() { 0.0 } else { low };
        normal::quantile(low + share * (high - low), f64::NEG_INFINITY)
    }

    /// The numbers of a ladder of `steps` values.
    pub fn ladder(&self, steps: usize) -> Vec<f64> {
        let last = (steps - 1).max(1) as f64;
        (0..steps).map(|i| self.at(i as f64 / last)).collect()
    }
}

/// Reads a range: its numbers and how many.
pub fn range(section: &Section<'_>) -> Option<(Numbers, usize)> {
    let reader = Reader::new(section, &["from", "to"])?;
    let (from, to) = (reader.required("from")?, reader.required("to")?);
    let numbers = reader.uniform(from, to)?;
    let steps = usize::try_from(section.integer("steps")?).ok()?;
    let ladder = numbers.ladder(steps);
    if ladder
        .windows(2)
        .any(|pair| pair[0].to_bits() == pair[1].to_bits())
    {
        let found = format!("{steps} steps from {from} to {to} repeat values");
        let diagnostic = Diagnostic::error(section.span(), found);
        return section.sink().refuse(diagnostic.help("take fewer steps"));
    }
    Some((numbers, steps))
}

/// Reads a distribution.
pub fn distribution(section: &Section<'_>) -> Option<Numbers> {
    const AMOUNTS: [&str; 6] = ["from", "to", "mean", "deviation", "median", "mode"];
    let shape = match section.get("distribution") {
        Some(_) => section.choice("distribution")?,
        None => SHAPES[0],
    };
    let (needed, allowed): (&[&str], &[&str]) = match shape {
        "normal" => (&["mean", "deviation"], &["from", "to"]),
        "lognormal" => (&["median"], &["from", "to", "factor"]),
        "triangular" => (&["from", "mode", "to"], &[]),
        _ => (&["from", "to"], &["spacing"]),
    };
    let stray = section.entries().into_iter().find(|(name, ..)| {
        *name != "distribution" && !needed.contains(name) && !allowed.contains(name)
    });
    if let Some((name, span, _)) = stray {
        let known = DISTRIBUTION.key(name).is_some();
        if known {
            let message = format!("a {shape} distribution has no `{name}`");
            let help = format!("it takes {}", [needed, allowed].concat().join(", "));
            section
                .sink()
                .push(Diagnostic::error(span, message).help(help));
        }
        return None;
    }
    let reader = Reader::new(section, &AMOUNTS)?;
    let shape = match shape {
        "normal" => {
            let (mean, deviation) = (reader.required("mean")?, reader.difference("deviation")?);
            reader.positive("deviation", deviation)?;
            Shape::Normal(mean, deviation)
        }
        "lognormal" => {
            let median = reader.required("median")?;
            reader.positive("median", median)?;
            let Some(factor) = section.number("factor").filter(|f| *f > 1.0) else {
                return reader.refuse("a lognormal distribution needs a `factor` above 1");
            };
            Shape::Lognormal(median, factor)
        }
        "triangular" => {
            let (from, to) = (reader.required("from")?, reader.required("to")?);
            let mode = reader.required("mode")?;
            if !(from <= mode && mode <= to && from < to) {
                return reader.refuse("`from`, `mode` and `to` must rise");
            }
            Shape::Triangular(from, mode, to)
        }
        _ => {
            let (from, to) = (reader.required("from")?, reader.required("to")?);
            return reader.uniform(from, to);
        }
    };
    let limit = |name, open| {
        if section.get(name).is_some() {
            reader.required(name)
        } else {
            Some(open)
        }
    };
    let limits = (
        limit("from", f64::NEG_INFINITY)?,
        limit("to", f64::INFINITY)?,
    );
    if limits.0 >= limits.1 {
        return reader.refuse("`from` must lie below `to`");
    }
    Some(Numbers {
        shape,
        limits,
        unit: reader.unit,
        whole: reader.whole,
    })
}

/// Reads amounts of one unit: that of the first.
struct Reader<'s, 'a> {
    section: &'s Section<'a>,
    unit: String,
    whole: bool,
}

impl<'s, 'a> Reader<'s, 'a> {
    fn new(section: &'s Section<'a>, names: &[&str]) -> Option<Self> {
        let present = names.iter().filter_map(|name| section.get(name));
        let mut amounts = Vec::new();
        for value in present {
            amounts.push(amount(section, value)?);
        }
        Some(Self {
            section,
            unit: amounts.first().map_or_else(String::new, |a| a.unit.clone()),
            whole: !amounts.is_empty() && amounts.iter().all(|a| a.whole),
        })
    }

    fn refuse<T>(&self, message: impl Into<String>) -> Option<T> {
        let diagnostic = Diagnostic::error(self.section.span(), message);
        self.section.sink().refuse(diagnostic)
    }

    fn logarithmic(&self) -> bool {
        self.section
            .get("spacing")
            .and_then(|s| s.get_ref().as_str())
            == Some("logarithmic")
    }

    fn required(&self, name: &str) -> Option<f64> {
        let Some(value) = self.section.get(name) else {
            return self.refuse(format!("`{name}` is missing"));
        };
        let found = amount(self.section, value)?;
        let same = found.in_unit(&self.unit);
        if same.is_none() {
            let message = format!(
                "`{name}` is in {}, but the others are in {}",
                named(&found.unit),
                named(&self.unit)
            );
            self.section
                .sink()
                .push(Diagnostic::error(value.span(), message));
        }
        same
    }

    /// A difference: its unit must be that of the others, because degrees have offsets.
    fn difference(&self, name: &str) -> Option<f64> {
        let Some(value) = self.section.get(name) else {
            return self.refuse(format!("`{name}` is missing"));
        };
        let found = amount(self.section, value)?;
        if found.unit == self.unit {
            return Some(found.number);
        }
        let message = format!(
            "`{name}` is in {}, but the mean is in {}; write both in one unit",
            named(&found.unit),
            named(&self.unit)
        );
        self.section
            .sink()
            .refuse(Diagnostic::error(value.span(), message))
    }

    fn positive(&self, name: &str, number: f64) -> Option<()> {
        if number > 0.0 {
            return Some(());
        }
        self.refuse(format!("`{name}` must be above 0"))
    }

    fn uniform(&self, from: f64, to: f64) -> Option<Numbers> {
        if self.section.get("spacing").is_some() {
            self.section.choice("spacing")?;
        }
        let logarithmic = self.logarithmic();
        if from.total_cmp(&to).is_eq() {
            return self.refuse("`from` and `to` are the same");
        }
        if logarithmic && !(from > 0.0 && to > 0.0) {
            return self.refuse("logarithmic spacing needs `from` and `to` above 0");
        }
        Some(Numbers {
            shape: if logarithmic {
                Shape::LogUniform(from, to)
            } else {
                Shape::Uniform(from, to)
            },
            limits: (from.min(to), from.max(to)),
            unit: self.unit.clone(),
            whole: self.whole,
        })
    }
}

fn named(unit: &str) -> String {
    if unit.is_empty() {
        "no unit".into()
    } else {
        format!("`{unit}`")
    }
}

fn amount(section: &Section<'_>, value: &Spanned<DeValue<'_>>) -> Option<Amount> {
    let found = Amount::of(value.get_ref());
    if found.is_none() {
        let span: Span = value.span();
        let message = format!(
            "{} is no number with a unit",
            crate::input::describe_value(value.get_ref())
        );
        let help = "write for example \"15 nm\", or a bare number where the parameter is one";
        section
            .sink()
            .push(Diagnostic::error(span, message).help(help));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn numbers(shape: Shape, limits: (f64, f64)) -> Numbers {
        Numbers {
            shape,
            limits,
            unit: "nm".into(),
            whole: false,
        }
    }

    const OPEN: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    #[test]
    fn quantiles_are_those_of_the_textbook() {
        let at = |shape, share| numbers(shape, OPEN).at(share);
        assert_relative_eq!(at(Shape::Uniform(2.0, 4.0), 0.25), 2.5);
        assert_relative_eq!(at(Shape::LogUniform(1.0, 100.0), 0.5), 10.0);
        // One standard deviation above the mean lie 15.87 %.
        assert_relative_eq!(
            at(Shape::Normal(5.0, 2.0), 0.841_344_746),
            7.0,
            epsilon = 1e-7
        );
        assert_relative_eq!(
            at(Shape::Lognormal(4.0, 1.5), 0.841_344_746),
            6.0,
            epsilon = 1e-7
        );
        // Area of the left triangle up to its mode: (mode - least) / (greatest - least).
        assert_relative_eq!(at(Shape::Triangular(0.0, 1.0, 4.0), 0.25), 1.0);
        assert_relative_eq!(at(Shape::Triangular(0.0, 1.0, 4.0), 1.0), 4.0);
    }

    #[test]
    fn a_cut_distribution_stays_inside_and_is_renormalised() {
        let cut = numbers(Shape::Normal(0.0, 1.0), (0.0, f64::INFINITY));
        // Half a normal distribution: its median is the upper quartile of the whole.
        assert_relative_eq!(cut.at(0.5), 0.674_489_750_196, epsilon = 1e-9);
        assert!(cut.at(1e-9) >= 0.0);
        let cut = numbers(Shape::Lognormal(4.0, 2.0), (f64::NEG_INFINITY, 4.0));
        assert_relative_eq!(
            cut.at(0.5),
            4.0 * (-0.674_489_750_196 * 2f64.ln()).exp(),
            epsilon = 1e-8
        );
    }

    #[test]
    fn ladders_have_both_ends_and_round_numbers() {
        let even = numbers(Shape::Uniform(0.1, 0.4), (0.1, 0.4));
        assert_eq!(even.ladder(4), [0.1, 0.2, 0.3, 0.4]);
        let falling = numbers(Shape::LogUniform(100.0, 1.0), (1.0, 100.0));
        assert_eq!(falling.ladder(3), [100.0, 10.0, 1.0]);
    }
}

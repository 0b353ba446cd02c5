//! Single TOML values read as numbers and quantities.

use super::{Bounds, Diagnostic, Dimension, Sink, parse};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Syntax errors told one by one; a file with more is hardly meant as TOML.
const MOST_ERRORS: usize = 10;

/// Parses a TOML document; syntax errors go to the sink like any other complaint.
pub fn parse_document<'a>(text: &'a str, sink: &Sink<'_>) -> Spanned<DeTable<'a>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.len() > MOST_ERRORS {
        let more = errors.len() - MOST_ERRORS;
        let message = format!("and {more} more places that are not valid TOML");
        let end = errors.last().and_then(|error| error.span()).unwrap_or(0..0);
        sink.push(
            Diagnostic::error(end, message)
                .label("the last")
                .help("is this a TOML file?"),
        );
    }
    for error in errors.into_iter().take(MOST_ERRORS) {
        let span = error.span().unwrap_or(0..0);
        sink.push(
            Diagnostic::error(span, format!("not valid TOML: {}", error.message().trim()))
                .help("strings stand in quotes, keys and values are separated by `=`"),
        );
    }
    document
}

/// What a value is, in words, for messages.
pub fn describe_value(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
        DeValue::Integer(number) => format!("the bare number {number}"),
        DeValue::Float(number) => format!("the bare number {}", number.as_str()),
        DeValue::Boolean(switch) => format!("`{switch}`"),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "an array".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

/// The bare finite number in a value, if it is one.
pub fn bare_number(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(_) => whole_number(value).map(|integer| integer as f64),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    };
    number.filter(|n: &f64| n.is_finite())
}

/// The whole number in a value, if it is one.
pub fn whole_number(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// Reads a bare number; complains and yields `None` otherwise.
pub fn number_of(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    bounds: Bounds,
    example: &str,
    sink: &Sink<'_>,
) -> Option<f64> {
    let number = bare_number(value.get_ref()).filter(|number| bounds.allow(*number));
    if number.is_none() {
        let found = describe_value(value.get_ref());
        let message = format!(
            "`{path}` is {found}, but needs a bare number {}",
            bounds.words("")
        );
        sink.push(Diagnostic::error(value.span(), message).help(format!("for example {example}")));
    }
    number
}

/// Bounds in words, in the unit in which a user writes: fractions in per cent.
pub fn limits(bounds: Bounds, dimension: Dimension) -> String {
    match bounds {
        Bounds::Between(low, high) if dimension.spellings().any(|unit| unit == "%") => {
            // Without the last digit, where 100 * 0.07 is not quite 7.
            let percent = |share: f64| (1e10 * share).round() / 1e8;
            format!("between {} and {} %", percent(low), percent(high))
        }
        Bounds::Between(low, high) if dimension == Dimension::Temperature => {
            let celsius = |kelvin: f64| (1e3 * (kelvin - 273.15)).round() / 1e3;
            format!(
                "between {low} and {high} K ({} to {} degC)",
                celsius(low),
                celsius(high)
            )
        }
        Bounds::Between(low, high) if dimension == Dimension::HeatingRate => {
            let per_minute = |rate: f64| (6e4 * rate).round() / 1e3;
            format!("between {} and {} K/min", per_minute(low), per_minute(high))
        }
        _ => bounds.words(dimension.si()),
    }
}

/// Reads a quantity in a string, in SI; complains and yields `None` otherwise.
pub fn quantity_of(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    (dimension, bounds): (Dimension, Bounds),
    example: &str,
    sink: &Sink<'_>,
) -> Option<f64> {
    let Some(text) = value.get_ref().as_str() else {
        let units = dimension.spellings().collect::<Vec<_>>().join(", ");
        let message = format!(
            "`{path}` is {}, but needs {dimension} with its unit",
            describe_value(value.get_ref())
        );
        return sink.refuse(
            Diagnostic::error(value.span(), message)
                .label("no unit")
                .help(format!(
                    "write for example \"{example}\" (allowed units: {units})"
                )),
        );
    };
    match parse(text, &[dimension]) {
        Ok(quantity) if bounds.allow(quantity.value) => Some(quantity.value),
        Ok(_) => sink.refuse(
            Diagnostic::error(
                value.span(),
                format!(
                    "`{path}` cannot be {text}: it must be {}",
                    limits(bounds, dimension)
                ),
            )
            .label("impossible value")
            .help(format!("for example \"{example}\"")),
        ),
        Err(error) => sink.refuse(
            Diagnostic::error(value.span(), format!("`{path}`: {error}"))
                .help(error.help(dimension, example)),
        ),
    }
}

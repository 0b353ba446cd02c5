//! `particle_diameter`: one diameter, quantiles, mean and deviation, or a table.

use crate::input::{Bounds, Diagnostic, Dimension, Section, quantity_of};
use crate::scenario::SizeDistribution;
use crate::scenario::schema::PARTICLE_DIAMETER;
use toml::Spanned;
use toml::de::DeValue;

/// How far shares of a table may miss 100 % by rounding.
const ROUNDING: f64 = 1e-3;
/// A normal curve wider than this, over its mean, reaches below 0: with 40 % it is
/// 0.6 % of the particles, and twice as many for every further 4 points.
const WIDEST_NORMAL: f64 = 0.4;
/// The forms, for a complaint that none of them is there.
const FORMS: &str = "write d50 and d90, or d10, d50 and d90, or mean and deviation (or variation), or diameters and cumulative (or shares)";

/// The distribution in any of its forms.
pub(super) fn diameter(cathode: &Section<'_>) -> Option<SizeDistribution> {
    let sink = cathode.sink();
    let value = cathode.get("particle_diameter")?;
    let path = cathode.path_of("particle_diameter");
    let Some(table) = value.get_ref().as_table() else {
        let kind = (Dimension::Length, Bounds::Positive);
        return quantity_of(value, &path, kind, "4 um", sink).map(SizeDistribution::single);
    };
    let section = Section::open(table, value.span(), &path, &PARTICLE_DIAMETER, sink);
    let has = |name: &str| section.get(name).is_some();
    let forms: [(&str, &[&str], Read); 3] = [
        ("d50", &["d10", "d50", "d90"], quantiles),
        (
            "mean",
            &["mean", "deviation", "variation", "shape"],
            moments,
        ),
        (
            "diameters",
            &["diameters", "cumulative", "shares"],
            table_of,
        ),
    ];
    let used = forms.iter().find(|(leading, ..)| has(leading)).or_else(|| {
        forms
            .iter()
            .find(|(_, keys, _)| keys.iter().any(|key| has(key)))
    });
    let Some((_, keys, read)) = used else {
        return sink.refuse(
            Diagnostic::error(section.span(), "particle_diameter states no diameter").help(FORMS),
        );
    };
    let stranger = PARTICLE_DIAMETER
        .keys
        .iter()
        .find(|key| has(key.name) && !keys.contains(&key.name));
    if let Some(stranger) = stranger {
        let message = format!(
            "particle_diameter mixes two forms: `{}` does not go with {}",
            stranger.name,
            keys.iter()
                .filter(|key| has(key))
                .map(|key| format!("`{key}`"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        return sink.refuse(
            Diagnostic::error(section.span_of(stranger.name), message)
                .label("of another form")
                .help(FORMS),
        );
    }
    read(&section)
}

/// One way of reading the table.
type Read = for<'a, 'b> fn(&'a Section<'b>) -> Option<SizeDistribution>;

/// Complains that a form lacks one of its keys.
fn lacks<T>(section: &Section<'_>, key: &str, example: &str) -> Option<T> {
    section.sink().refuse(
        Diagnostic::error(section.span(), format!("particle_diameter lacks {key}")).help(example),
    )
}

fn quantiles(section: &Section<'_>) -> Option<SizeDistribution> {
    for key in ["d50", "d90"] {
        if section.get(key).is_none() {
            return lacks(
                section,
                &format!("`{key}`"),
                "{ d50 = \"4 um\", d90 = \"4.8 um\" }",
            );
        }
    }
    let lower = section.get("d10").map(|_| section.quantity("d10"));
    let (median, upper) = (section.quantity("d50"), section.quantity("d90"));
    let lower = match lower {
        Some(lower) => Some(lower?),
        None => None,
    };
    let (median, upper) = (median?, upper?);
    let out_of_order = |message: &str, help: &str| {
        section
            .sink()
            .refuse(Diagnostic::error(section.span(), message).help(help))
    };
    if upper < median {
        return out_of_order(
            "d90 is smaller than d50",
            "90 % of the volume lies below d90, half below d50",
        );
    }
    match lower {
        None => Some(SizeDistribution::from_median(median, upper)),
        Some(lower) if lower > median => out_of_order(
            "d10 is larger than d50",
            "10 % of the volume lies below d10, half below d50",
        ),
        Some(lower) if (lower < median) != (median < upper) => out_of_order(
            "d50 equals one of d10 and d90, but not the other",
            "give three different diameters, or a table of diameters and cumulative shares",
        ),
        Some(lower) => Some(SizeDistribution::from_quantiles(lower, median, upper)),
    }
}

fn moments(section: &Section<'_>) -> Option<SizeDistribution> {
    let example = "{ mean = \"4 um\", deviation = \"1 um\" }";
    if section.get("mean").is_none() {
        return lacks(section, "`mean`", example);
    }
    let mean = section.quantity("mean");
    let deviation = match (section.get("deviation"), section.get("variation")) {
        (Some(_), None) => section.quantity("deviation"),
        (None, Some(_)) => section
            .quantity("variation")
            .and_then(|variation| Some(variation * mean?)),
        (None, None) => lacks(section, "`deviation` or `variation`", example),
        (Some(_), Some(_)) => section.sink().refuse(
            Diagnostic::error(
                section.span_of("variation"),
                "particle_diameter states both `deviation` and `variation`",
            )
            .label("states the width twice")
            .help("`variation` is the deviation over the mean: leave one of them out"),
        ),
    };
    let normal = section.choice("shape")? == "normal";
    let (mean, deviation) = (mean?, deviation?);
    if !normal || deviation <= 0.0 {
        return Some(SizeDistribution::lognormal(mean, deviation));
    }
    if deviation > WIDEST_NORMAL * mean {
        let message = format!(
            "a normal distribution as wide as {:.0} % of its mean has particles of less than no size",
            100.0 * deviation / mean
        );
        let key = if section.get("deviation").is_some() {
            "deviation"
        } else {
            "variation"
        };
        return section.sink().refuse(
            Diagnostic::error(section.span_of(key), message)
                .label("too wide for `shape = \"normal\"`")
                .help("at most 40 %; a wider powder is described by the lognormal shape"),
        );
    }
    Some(SizeDistribution::Normal { mean, deviation })
}

fn table_of(section: &Section<'_>) -> Option<SizeDistribution> {
    let example = "{ diameters = [\"2 um\", \"4 um\", \"8 um\"], cumulative = [\"0 %\", \"50 %\", \"100 %\"] }";
    let diameters = match section.get("diameters") {
        Some(value) => list(section, "diameters", value, Dimension::Length, "4 um"),
        None => lacks(section, "`diameters`", example),
    };
    let (given, binned) = match (section.get("cumulative"), section.get("shares")) {
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (None, None) => return lacks(section, "`cumulative` or `shares`", example),
        (Some(_), Some(value)) => {
            let message = "particle_diameter states both `cumulative` and `shares`";
            return section.sink().refuse(
                Diagnostic::error(value.span(), message)
                    .label("states the volumes twice")
                    .help(example),
            );
        }
    };
    let name = if binned { "shares" } else { "cumulative" };
    let shares = list(section, name, given, Dimension::VolumeFraction, "50 %");
    let (diameters, shares) = (diameters?, shares?);
    rising(section, "diameters", &diameters, true)?;
    let needed = diameters.len() - usize::from(binned);
    if diameters.len() < 2 || shares.len() != needed {
        let message = format!(
            "`diameters` and `{name}` do not fit together: {} and {} of them",
            diameters.len(),
            shares.len()
        );
        let help = if binned {
            "the diameters are the edges of the bins: two or more, and one share fewer"
        } else {
            "two diameters or more, each with the share of the volume below it"
        };
        return section.sink().refuse(
            Diagnostic::error(section.span_of(name), message)
                .label("of another length")
                .help(help),
        );
    }
    let cumulative = if binned {
        summed(section, &shares)?
    } else {
        whole(section, shares)?
    };
    Some(SizeDistribution::Table {
        diameters,
        cumulative,
    })
}

/// Shares of bins added up; they must make 100 %.
fn summed(section: &Section<'_>, shares: &[f64]) -> Option<Vec<f64>> {
    let total: f64 = shares.iter().sum();
    if (total - 1.0).abs() > ROUNDING {
        let percent = (total * 1e5).round() / 1e3;
        return section.sink().refuse(
            Diagnostic::error(
                section.span_of("shares"),
                format!("the shares add up to {percent} %, not 100 %"),
            )
            .label(format!("{percent} %"))
            .help("they are the volumes between neighbouring diameters"),
        );
    }
    let mut below = 0.0;
    let sums = shares.iter().map(|share| {
        below += share / total;
        below
    });
    Some(std::iter::once(0.0).chain(sums).collect())
}

/// Cumulative shares, from 0 to 100 %.
fn whole(section: &Section<'_>, mut shares: Vec<f64>) -> Option<Vec<f64>> {
    rising(section, "cumulative", &shares, false)?;
    let (Some(first), Some(last)) = (shares.first().copied(), shares.last().copied()) else {
        return None; // an empty table was refused for its length
    };
    if first > ROUNDING || last < 1.0 - ROUNDING {
        let message = format!(
            "the cumulative shares go from {} to {} %, but a whole powder goes from 0 to 100 %",
            (first * 1e5).round() / 1e3,
            (last * 1e5).round() / 1e3
        );
        return section.sink().refuse(
            Diagnostic::error(section.span_of("cumulative"), message)
                .label("not from 0 to 100 %")
                .help("add the diameter below which there is nothing and the one below which there is all"),
        );
    }
    for share in &mut shares {
        *share = (*share - first) / (last - first);
    }
    Some(shares)
}

/// Complains of a list that does not rise.
fn rising(section: &Section<'_>, name: &str, list: &[f64], strictly: bool) -> Option<()> {
    let falls = |pair: &[f64]| pair[1] < pair[0] || (strictly && pair[1] <= pair[0]);
    let Some(at) = list.windows(2).position(falls) else {
        return Some(());
    };
    let message = format!(
        "`{}` does not rise between its entries {} and {}",
        section.path_of(name),
        at + 1,
        at + 2
    );
    section.sink().refuse(
        Diagnostic::error(section.span_of(name), message)
            .label("must rise")
            .help("write the table from the smallest to the largest diameter"),
    )
}

/// The quantities of an array, in SI.
fn list(
    section: &Section<'_>,
    name: &str,
    value: &Spanned<DeValue<'_>>,
    dimension: Dimension,
    example: &str,
) -> Option<Vec<f64>> {
    let Some(items) = value.get_ref().as_array() else {
        return section.refuse_form(name, value, "an array of quantities");
    };
    let bounds = match dimension {
        Dimension::Length => Bounds::Positive,
        _ => Bounds::Fraction,
    };
    // All entries are read before the first refusal counts, so that all are told.
    let read: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let path = format!("{}[{}]", section.path_of(name), i + 1);
            quantity_of(item, &path, (dimension, bounds), example, section.sink())
        })
        .collect();
    read.into_iter().collect()
}

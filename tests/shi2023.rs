//! The three cells of Shi et al. (2023), whole, from recipe to spectra, against the
//! paper. Prints the table of `validation/shi2023.md` and draws its figure into
//! `target/tmp/shi2023.svg`:
//!
//! ```sh
//! cargo test --release --test shi2023 -- --nocapture
//! ```

use engobe::record::RunRecord;
use engobe::report::figure::{Axis, Figure, Line, Marker, Panel, Series, Shape};
use engobe::report::palette::okabe_ito;
use engobe::report::svg;
use engobe::results::summary::specific_capacity;
use engobe::scenario;
use engobe::simulation::{Supervision, run};
use rayon::prelude::*;
use serde::Deserialize;
use std::sync::atomic::AtomicBool;

#[derive(Deserialize)]
struct Paper {
    measured: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    sample: String,
    role: String,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Clone, Copy, Deserialize)]
struct Numbers {
    retention: f64,
    active_mass_first: f64,
    active_mass_retention: f64,
    cathode_resistance_first: f64,
    cathode_resistance_last: f64,
    diffusion_length_first: f64,
    diffusion_length_last: f64,
}

impl Numbers {
    fn of(record: &RunRecord) -> Self {
        let (first, last) = (&record.cycles[0], &record.cycles[99]);
        let (fresh, aged) = (&record.spectra[0].analysis, &record.spectra[8].analysis);
        assert_eq!((record.spectra[0].cycle, record.spectra[8].cycle), (1, 100));
        Self {
            retention: 100.0 * last.discharge / first.discharge,
            active_mass_first: 100.0 * first.active_mass_apparent,
            active_mass_retention: 100.0 * last.active_mass_apparent / first.active_mass_apparent,
            cathode_resistance_first: 1e4 * fresh.cathode_resistance,
            cathode_resistance_last: 1e4 * aged.cathode_resistance,
            diffusion_length_first: 1e6 * fresh.diffusion_length,
            diffusion_length_last: 1e6 * aged.diffusion_length,
        }
    }

    fn rows(&self) -> [(&'static str, f64); 7] {
        [
            ("capacity retention, cycle 100 / %", self.retention),
            ("active mass, cycle 1 / %", self.active_mass_first),
            (
                "active mass retention, cycle 100 / %",
                self.active_mass_retention,
            ),
            (
                "R_cathode, cycle 1 / ohm cm2",
                self.cathode_resistance_first,
            ),
            (
                "R_cathode, cycle 100 / ohm cm2",
                self.cathode_resistance_last,
            ),
            ("L_diff, cycle 1 / um", self.diffusion_length_first),
            ("L_diff, cycle 100 / um", self.diffusion_length_last),
        ]
    }
}

fn simulate(sample: &str) -> RunRecord {
    let loaded = scenario::load(format!("scenarios/shi2023-{sample}.toml")).expect("shipped");
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt: &AtomicBool::new(false),
    };
    run(&loaded, supervision, &mut |_| {}).expect("a run")
}

/// Discharge capacity of the three cells, and where the paper's retention puts cycle 100.
fn draw(paper: &Paper, records: &[RunRecord]) {
    let colours = [okabe_ito::BLACK, okabe_ito::BLUE, okabe_ito::VERMILLION];
    let names = ["bare", "3 nm polymer (predicted)", "8 nm polymer"];
    let (mut series, mut points) = (Vec::new(), Vec::new());
    for (i, (sample, record)) in paper.measured.iter().zip(records).enumerate() {
        let capacity = |charge: f64| specific_capacity(charge, &record.scenario);
        let curve = record
            .cycles
            .iter()
            .map(|c| (f64::from(c.cycle), capacity(c.discharge)))
            .collect();
        series.push(Series::line(names[i], colours[i], curve));
        let end = capacity(record.cycles[0].discharge) * sample.numbers.retention / 100.0;
        let label = if i == 0 { "retention in the paper" } else { "" };
        let point = Series::line(label, colours[i], vec![(100.0, end)]);
        points.push(point.with_line(Line::None).with_marker(Marker::Ring));
    }
    series.append(&mut points);
    let figure = Figure {
        name: "shi2023",
        title: "Shi 2023".into(),
        caption: String::new(),
        legend: "",
        x: Axis::new("Cycle number", ""),
        panels: vec![Panel::new(
            Axis::new("Discharge capacity", "mAh g⁻¹"),
            series,
        )],
        shape: Shape::Free,
    };
    let drawing = svg::render(&figure).expect("a drawing");
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/shi2023.svg");
    std::fs::write(path, drawing).expect("a writable target directory");
}

#[test]
fn retention_has_the_order_of_the_paper_and_is_within_ten_points() {
    let paper: Paper =
        toml::from_str(include_str!("../validation/shi2023.toml")).expect("valid data");
    let records: Vec<RunRecord> = paper
        .measured
        .par_iter()
        .map(|sample| simulate(&sample.sample))
        .collect();
    for record in &records {
        let last = record.cycles.last().expect("cycles");
        assert!(last.lithium_error < 1e-10 && last.charge_error < 1e-10);
    }
    draw(&paper, &records);
    let simulated: Vec<Numbers> = records.iter().map(Numbers::of).collect();
    println!("| cell | quantity | paper | engobe | deviation | |\n|---|---|---|---|---|---|");
    for (sample, numbers) in paper.measured.iter().zip(&simulated) {
        for ((name, measured), (_, found)) in sample.numbers.rows().iter().zip(numbers.rows()) {
            println!(
                "| {} | {name} | {measured} | {found:.1} | {:+.0} % | {} |",
                sample.sample,
                100.0 * (found / measured - 1.0),
                sample.role
            );
        }
    }
    for (sample, numbers) in paper.measured.iter().zip(&simulated) {
        let deviation = numbers.retention - sample.numbers.retention;
        assert!(
            deviation.abs() < 10.0,
            "{}: {deviation} points",
            sample.sample
        );
    }
    let [pristine, thin, thick] = [0, 1, 2].map(|i| simulated[i].retention);
    assert!(
        thin > thick && thick > pristine,
        "{thin} {thick} {pristine}"
    );
}

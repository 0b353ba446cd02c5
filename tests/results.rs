//! The results of a run: written, read back, the same every time.

mod sample;

use engobe::degradation::Mechanism;
use engobe::results::{self, ResultsError};
use hdf5::types::VarLenUnicode;
use std::path::Path;

fn text(at: &hdf5::Location, name: &str) -> String {
    let value: VarLenUnicode = at.attr(name).unwrap().read_scalar().unwrap();
    value.to_string()
}

fn reals(file: &hdf5::File, name: &str) -> Vec<f64> {
    file.dataset(name).unwrap().read_raw().unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1e-300)
}

fn write(directory: &Path) -> results::Written {
    results::write(&sample::record(), directory).unwrap()
}

#[test]
fn everything_reads_back() {
    // Left there for a look with other readers.
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("specimen");
    let record = sample::record();
    let written = write(&directory);
    let file = hdf5::File::open(&written.hdf5).unwrap();

    assert_eq!(text(&file, "key"), record.key);
    let cycles: Vec<u32> = file.dataset("cycles/cycle").unwrap().read_raw().unwrap();
    assert_eq!(cycles, (1..=100).collect::<Vec<_>>());
    // 200 mAh/g in the first discharge, by construction of the sample.
    assert!(close(reals(&file, "cycles/discharge_capacity")[0], 200.0));
    let discharge = record.cycles[0].discharge * 7.85e-5 / 3600.0;
    assert!(close(
        reals(&file, "cycles/cycle_discharging_capacity_ah")[0],
        discharge
    ));
    assert!(reals(&file, "cycles/active_mass_apparent")[2].is_nan());
    assert_eq!(reals(&file, "series/voltage_volt"), record.series.voltage);
    assert!(close(
        reals(&file, "series/current_ampere")[0],
        2.12 * 7.85e-5
    ));
    // 0.1C over ten hours is the whole 1C.
    assert!(close(
        reals(&file, "steps/net_capacity_ah")[0],
        2.12 * 7.85e-5 * 10.0
    ));
    let phases: Vec<u8> = file
        .dataset("microstructure/phases")
        .unwrap()
        .read_raw()
        .unwrap();
    assert_eq!(phases, record.microstructure.phases);
    assert_eq!(
        file.dataset("microstructure/phases").unwrap().shape(),
        [24, 24, 24]
    );

    let spectra = file.dataset("spectra/imaginary_impedance_area").unwrap();
    assert_eq!(spectra.shape(), [9, 101]);
    let imaginary: Vec<f64> = spectra.read_raw().unwrap();
    assert!(close(
        imaginary[101 + 40],
        record.spectra[1].impedance[40].im * 1e4
    ));
}

#[test]
fn the_resolved_scenario_reads_back_whole() {
    let directory = tempfile::tempdir().unwrap();
    let file = hdf5::File::open(write(directory.path()).hdf5).unwrap();
    let resolved: VarLenUnicode = file
        .dataset("scenario/resolved")
        .unwrap()
        .read_scalar()
        .unwrap();
    let resolved: engobe::scenario::Scenario = toml::from_str(&resolved).unwrap();
    assert_eq!(resolved, sample::record().scenario);
    let written: VarLenUnicode = file
        .dataset("scenario/text")
        .unwrap()
        .read_scalar()
        .unwrap();
    assert_eq!(written.as_str(), sample::record().scenario_text);
}

/// Every number says its unit and its dimensions; texts have no unit.
#[test]
fn every_dataset_is_described() {
    fn visit(group: &hdf5::Group, seen: &mut Vec<String>) {
        for dataset in group.datasets().unwrap() {
            let name = dataset.name();
            assert!(!text(&dataset, "long_name").is_empty(), "{name}");
            let is_text = dataset.dtype().unwrap().to_descriptor().unwrap()
                == hdf5::types::TypeDescriptor::VarLenUnicode;
            assert_eq!(dataset.attr("units").is_ok(), !is_text, "{name}");
            let is_scale = dataset.attr("CLASS").is_ok();
            let has_dimensions = dataset.attr("DIMENSION_LIST").is_ok();
            assert_eq!(has_dimensions, !is_scale && dataset.ndim() > 0, "{name}");
            seen.push(name);
        }
        for inner in group.groups().unwrap() {
            visit(&inner, seen);
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let file = hdf5::File::open(write(directory.path()).hdf5).unwrap();
    let mut seen = Vec::new();
    visit(&file, &mut seen);
    assert!(seen.len() > 80, "only {} datasets", seen.len());
    assert_eq!(
        text(&file.dataset("series/voltage_volt").unwrap(), "long_name"),
        "Voltage / V"
    );
    assert_eq!(
        text(&file.dataset("series/voltage_volt").unwrap(), "units"),
        "V"
    );
}

#[test]
fn a_second_write_gives_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let first = write(&directory.path().join("a"));
    // Times in HDF5 have a resolution of one second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let second = write(&directory.path().join("b"));
    for (a, b) in [
        (&first.hdf5, &second.hdf5),
        (&first.cycles, &second.cycles),
        (&first.spectra, &second.spectra),
    ] {
        assert!(
            std::fs::read(a).unwrap() == std::fs::read(b).unwrap(),
            "{a:?}"
        );
    }
}

#[test]
fn tables_parse_back_to_the_record() {
    let directory = tempfile::tempdir().unwrap();
    let record = sample::record();
    let written = write(directory.path());

    let cycles = std::fs::read_to_string(&written.cycles).unwrap();
    let mut lines = cycles.lines();
    let headings: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| headings.iter().position(|h| *h == name).unwrap();
    let discharge = column("Specific Discharge Capacity / mAh g-1");
    let apparent = column("Apparent Active Mass Fraction / 1");
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 100);
    assert!(close(rows[0][discharge].parse().unwrap(), 200.0));
    assert_eq!(rows[2][apparent], "", "what was not measured is empty");
    assert!(cycles.trim_end().ends_with("\"last, as asked\""));

    let spectra = std::fs::read_to_string(&written.spectra).unwrap();
    assert_eq!(spectra.lines().count(), 1 + 9 * 101);
    let row: Vec<f64> = spectra
        .lines()
        .nth(1)
        .unwrap()
        .split(',')
        .map(|f| f.parse().unwrap())
        .collect();
    let z = record.spectra[0].impedance[0];
    assert!(close(row[1], 1e6) && close(row[2], z.re / 7.85e-5) && close(row[5], z.im * 1e4));
}

#[test]
fn the_shares_of_lost_capacity_add_up_in_both_files() {
    let directory = tempfile::tempdir().unwrap();
    let record = sample::record();
    let written = write(directory.path());
    let file = hdf5::File::open(&written.hdf5).unwrap();
    let lost = reals(&file, "attribution/lost_capacity");
    let shares = Mechanism::ALL.map(|m| reals(&file, &format!("attribution/{}", m.word())));
    let unit = text(&file.dataset("attribution/cracking").unwrap(), "units");
    assert_eq!(unit, "mAh g-1");
    let table = std::fs::read_to_string(&written.attribution).unwrap();
    assert_eq!(lost.len(), record.attributions.len());
    for (row, line) in table.lines().skip(1).enumerate() {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        assert!(close(cells[0], f64::from(record.attributions[row].cycle)));
        assert!(close(cells[3], lost[row]) && close(cells[1] - cells[2], lost[row]));
        let sums = [cells[4..].iter().sum(), shares.iter().map(|s| s[row]).sum()];
        assert!(
            sums.into_iter()
                .all(|sum: f64| (sum - lost[row]).abs() < 1e-10)
        );
    }
}

#[test]
fn gas_rates_add_up_to_the_amounts() {
    let directory = tempfile::tempdir().unwrap();
    let written = write(directory.path());
    let file = hdf5::File::open(written.hdf5).unwrap();
    let time = reals(&file, "series/test_time_second");
    for gas in ["oxygen_gas", "sulfur_dioxide_gas", "carbon_dioxide_gas"] {
        let amount = reals(&file, &format!("series/{gas}"));
        let rate = reals(&file, &format!("series/{gas}_rate"));
        let steps = (1..time.len()).filter(|&i| time[i] > time[i - 1]);
        let sum: f64 = steps
            .map(|i| rate[i] * (time[i] - time[i - 1]) / 3600.0)
            .sum();
        let still = (1..time.len()).filter(|&i| time[i] <= time[i - 1]);
        let skipped: f64 = still.map(|i| amount[i] - amount[i - 1]).sum();
        let due = amount[amount.len() - 1] - amount[0] - skipped;
        assert!((sum / due - 1.0).abs() < 1e-9, "{gas}: {sum} {due}");
    }
}

/// A run stopped before its first cycle ended still leaves a readable file.
#[test]
fn an_empty_run_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let mut record = sample::record();
    record.series = Default::default();
    record.cycles.clear();
    record.spectra.clear();
    record.attributions.clear();
    let written = results::write(&record, directory.path()).unwrap();
    let file = hdf5::File::open(written.hdf5).unwrap();
    assert_eq!(
        file.dataset("cycles/discharge_capacity").unwrap().shape(),
        [0]
    );
}

#[test]
fn spectra_with_different_frequencies_share_one_axis() {
    let directory = tempfile::tempdir().unwrap();
    let mut record = sample::record();
    record.spectra[0].frequency.truncate(61);
    record.spectra[0].impedance.truncate(61);
    record.spectra[0].cathode.truncate(61);
    let written = results::write(&record, directory.path()).unwrap();
    let file = hdf5::File::open(written.hdf5).unwrap();
    let real = reals(&file, "spectra/real_impedance_ohm");
    assert!(real[60].is_finite() && real[61].is_nan() && real[101 + 61].is_finite());
}

#[test]
fn a_record_that_contradicts_itself_writes_nothing() {
    let mut short = sample::record();
    short.series.voltage.pop();
    let mut voxels = sample::record();
    voxels.microstructure.phases.pop();
    let mut spectrum = sample::record();
    spectrum.spectra[3].impedance.pop();
    for record in [short, voxels, spectrum] {
        let directory = tempfile::tempdir().unwrap();
        let error = results::write(&record, directory.path()).unwrap_err();
        assert!(matches!(error, ResultsError::Length { .. }), "{error}");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_text_that_hdf5_cannot_hold_is_an_error_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut record = sample::record();
    record.scenario.title = "a\0b".into();
    let error = results::write(&record, directory.path()).unwrap_err();
    assert!(matches!(error, ResultsError::Hdf5 { .. }), "{error}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

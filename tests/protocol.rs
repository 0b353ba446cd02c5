//! Every kind of protocol step on a cell: what is imposed is there, what passes adds
//! up, and nothing is lost.

#[path = "common/ageing.rs"]
mod ageing;
mod common;

use ageing::NO_AGEING;
use common::{electrode, scenario};
use engobe::electrode::{Electrode, Field};
use engobe::scenario::{Scenario, from_str};
use engobe::simulation::cursor::Cursor;
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::Cell;

/// The quick cell without ageing, with another protocol.
fn cell(protocol: &str) -> (Scenario, Electrode) {
    cell_at("", protocol)
}

/// As [`cell`]; the files of its protocol are looked for in `directory`.
fn cell_at(directory: &str, protocol: &str) -> (Scenario, Electrode) {
    let text = std::fs::read_to_string("scenarios/quick.toml").expect("a shipped scenario");
    let start = text.find("[[protocol]]").expect("a block");
    let end = text.find("[microstructure]").expect("a box");
    let text = format!("{}{protocol}\n{}", &text[..start], &text[end..]);
    let name = format!("{directory}cell.toml");
    let loaded = from_str(&name, &text).unwrap_or_else(|error| panic!("{error}"));
    let mut scenario = scenario("quick");
    scenario.protocol = loaded.scenario.protocol;
    scenario.mechanisms = NO_AGEING;
    let model = electrode(&scenario, &[2e-6, 2.4e-6]);
    (scenario, model)
}

/// Runs the whole protocol; lithium and charge must be there at the end.
fn run((scenario, model): &(Scenario, Electrode)) -> Gathered {
    let fresh = model.initial_state();
    let mut cell = Cell::new(model, fresh.clone(), scenario.numerics.tolerance);
    let mut gathered = Gathered::default();
    let mut cursor = Cursor::new(&scenario.protocol);
    while let Some(block) = cursor.block() {
        run_cycle(&mut cell, scenario, block, &fresh, &mut gathered);
        cursor.advance(&gathered);
    }
    assert!(gathered.lithium_error < 1e-11, "{}", gathered.lithium_error);
    assert!(gathered.charge_error < 1e-10, "{}", gathered.charge_error);
    let passed: f64 = gathered.steps.iter().map(|step| step.charge).sum();
    let external = cell.state.scalar(Field::ExternalCharge);
    assert!((passed - external).abs() < 1e-9 * gathered.throughput);
    gathered
}

fn steps(steps: &[&str]) -> (Scenario, Electrode) {
    cell(&format!("[[protocol]]\nsteps = {steps:?}\n"))
}

/// Voltage and current of the recorded samples of a step, from 1.
fn samples(gathered: &Gathered, step: u32) -> Vec<[f64; 3]> {
    let series = &gathered.series;
    let all = (0..series.time.len()).filter(|i| series.step[*i] == step);
    all.map(|i| [series.time[i], series.voltage[i], series.current[i]])
        .collect()
}

#[test]
fn a_constant_power_is_held_and_is_the_energy_over_the_time() {
    let made = steps(&[
        "Charge at 4 mW until 3.6 V",
        "Rest for 1 hour",
        "Discharge at 3 mW/cm2 until 2.7 V",
        "Discharge at 8 mW/g for 1 hour or until 2.0 V",
    ]);
    let gathered = run(&made);
    let area = made.0.cell.area;
    let loading = made.0.cathode.areal_loading;
    for (step, power) in [(1, 4e-3 / area), (3, -30.0), (4, -8.0 * loading)] {
        let all = samples(&gathered, step);
        assert!(all.len() > 5);
        for [_, voltage, current] in all {
            let error = voltage * current / power - 1.0;
            assert!(error.abs() < 1e-8, "step {step}: {error:e}");
        }
        let record = &gathered.steps[step as usize - 1];
        let error = record.energy / (power * record.duration) - 1.0;
        assert!(error.abs() < 1e-8, "step {step}: {error:e}");
    }
    // Against the rising voltage less and less current is needed.
    let first = samples(&gathered, 1);
    assert!(first[first.len() - 1][2] < 0.85 * first[0][2]);
    assert_eq!(gathered.steps[0].end, "reached 3.600 V");
    assert_eq!(gathered.steps[2].end, "reached 2.700 V");
    assert!((gathered.steps[2].end_voltage - 2.7).abs() < 1e-4);
}

/// More current at less voltage is more power only up to a most: beyond it the voltage
/// collapses through the cut-off.
#[test]
fn a_power_that_a_cell_no_longer_gives_ends_at_the_cut_off() {
    let made = steps(&[
        "Charge at 4 mW until 3.6 V",
        "Rest for 1 hour",
        "Discharge at 3 mW/cm2 until 2.1 V",
    ]);
    let last = &run(&made).steps[2];
    assert_eq!(last.end, "reached 2.100 V");
    assert!(last.end_voltage > 2.2, "{}", last.end_voltage);
}

#[test]
fn a_resistor_obeys_ohms_law() {
    let made = steps(&[
        "Charge at 0.2C until 3.6 V",
        "Discharge at 600 ohm until 2.4 V",
        "Rest for 1 hour",
        "Charge at 1570 ohm cm2 until 3.5 V",
    ]);
    let gathered = run(&made);
    let area = made.0.cell.area;
    for (step, resistance) in [(2, -600.0), (4, 2000.0)] {
        let all = samples(&gathered, step);
        assert!(all.len() > 10, "step {step}: {} samples", all.len());
        for [_, voltage, current] in all {
            let error = voltage / (current * area) / resistance - 1.0;
            assert!(error.abs() < 1e-8, "step {step}: {error:e}");
        }
    }
}

/// Wherever the load before has left the current, the voltage stays above 0 and the
/// current goes the way that is asked.
#[test]
fn power_and_resistance_find_the_right_direction_after_any_load() {
    let made = steps(&[
        "Charge at 0.5C until 3.6 V",
        "Discharge at 2 mW for 20 min or until 2.2 V",
        "Charge at 3 mW for 20 min or until 3.7 V",
        "Discharge at 1000 ohm until 2.0 V",
        "Charge at 3 mW for 20 min or until 3.7 V",
        "Discharge at 3000 ohm until 2.2 V",
        "Charge at 5000 ohm until 3.3 V",
        "Discharge at 1C until 2.0 V",
        "Charge at 0.2 mW until 3.0 V",
        "Hold at 2.6 V for 1 h",
        "Charge at 20 mW for 10 min or until 3.7 V",
        "Discharge at 0.1 mW for 10 min or until 2.2 V",
    ]);
    let gathered = run(&made);
    for record in &gathered.steps {
        let sign = if record.text.starts_with("Charge") {
            1.0
        } else {
            -1.0
        };
        assert!(
            sign * record.charge >= 0.0 || record.text.starts_with("Hold"),
            "{record:?}"
        );
        assert!(
            record.end_voltage > 1.9 && record.end_voltage < 4.0,
            "{record:?}"
        );
        assert!(record.duration < 1e6, "{record:?}");
    }
}

#[test]
fn a_power_beyond_the_cell_ends_the_step_and_says_so() {
    let gathered = run(&steps(&[
        "Charge at 0.5C for 1 hour",
        "Discharge at 5 W for 1 hour",
    ]));
    assert_eq!(gathered.steps[1].end, "could not hold the load");
    assert!(gathered.cycles[0].note.contains("no longer hold"));
}

#[test]
fn the_current_of_a_hold_decays_to_the_share_asked_for() {
    let made = steps(&[
        "Charge at 0.5C until 3.5 V",
        "Hold at 3.5 V until 80% of charge current",
        "Hold at 3.5 V until 5 % of the charging current",
    ]);
    let gathered = run(&made);
    let charging = gathered.steps[0].end_current;
    for (record, share) in gathered.steps[1..].iter().zip([0.8, 0.05]) {
        assert!((record.end_current / charging / share - 1.0).abs() < 2e-3);
        assert!(record.duration > 10.0);
    }
    let currents: Vec<_> = [2, 3]
        .iter()
        .flat_map(|step| samples(&gathered, *step))
        .collect();
    for pair in currents.windows(2) {
        assert!(pair[1][2] < pair[0][2] && (pair[1][1] - 3.5).abs() < 1e-7);
    }
    // The start of each step is the end of the one before.
    for pair in gathered.steps.windows(2) {
        assert!((pair[0].start + pair[0].duration - pair[1].start).abs() < 1e-6);
    }
}

/// Capacity per voltage of the whole cathode at rest, C/(m2 V), at a voltage against
/// the anode, which is flat.
fn differential_capacity(model: &Electrode, voltage: f64) -> f64 {
    use engobe::constants::FARADAY;
    let anode = &model.anode;
    let potential = voltage + anode.open_circuit.value(anode.initial_lithiation);
    let x = model.oxide.open_circuit.table().inverse(potential);
    let sites = model.sites() * model.connected_fraction;
    -FARADAY * sites / model.oxide.open_circuit.derivative(x)
}

#[test]
fn a_sweep_is_straight_in_time_and_slowly_gives_the_differential_capacity() {
    // 2 uV/s is 0.6 V in 83 hours.
    let made = steps(&[
        "Charge at 0.05C until 2.9 V",
        "Hold at 3.0 V for 10 hours",
        "Sweep at 2 uV/s until 3.6 V",
        "Sweep at 2 uV/s until 3.0 V",
    ]);
    let gathered = run(&made);
    for (step, from, rate) in [(3, 3.0, 2e-6), (4, 3.6, -2e-6)] {
        let start = gathered.steps[step as usize - 1].start;
        let all = samples(&gathered, step);
        assert!(all.len() >= 120, "{}", all.len());
        for [time, voltage, current] in &all {
            let error = voltage - (from + rate * (time - start));
            assert!(error.abs() < 1e-7, "{error:e} V");
            if (time - start) > 36_000.0 && (3.1..3.5).contains(voltage) {
                // Ohm's law and diffusion shift the curve along the voltage: the
                // capacity belongs to one a little off.
                let near = [-0.02, -0.01, 0.0, 0.01, 0.02];
                let all = near.map(|off| differential_capacity(&made.1, voltage + off));
                let low = all.iter().copied().fold(f64::INFINITY, f64::min);
                let high = all.iter().copied().fold(0.0, f64::max);
                let found = current / rate;
                assert!(
                    (0.97 * low..1.03 * high).contains(&found),
                    "{found} at {voltage}"
                );
            }
        }
        assert!((gathered.steps[step as usize - 1].duration - 3e5).abs() < 1e-3);
    }
    let [up, down] = [2, 3].map(|i| gathered.steps[i].charge);
    assert!((up / down + 1.0).abs() < 0.02, "{up} {down}");
    assert_eq!(gathered.steps[3].end, "reached 3.000 V");
}

#[test]
fn cyclic_voltammetry_repeats_itself_and_peaks_lower_and_later_when_slow() {
    let peak = |rate: &str| {
        let made = cell(&format!(
            "[[protocol]]\nsteps = [\"Charge at 0.1C until 3.0 V\", \"Hold at 2.9 V for 10 hours\"]\n\
             [[protocol]]\nrepeat = 3\nsteps = [\"Sweep at {rate} until 3.5 V\", \"Sweep at {rate} until 2.9 V\"]\n"
        ));
        let gathered = run(&made);
        let charges: Vec<_> = gathered.cycles[2..]
            .iter()
            .map(|cycle| cycle.charge)
            .collect();
        assert!((charges[0] / charges[1] - 1.0).abs() < 0.02, "{charges:?}");
        let last = gathered
            .steps
            .iter()
            .rev()
            .take(2)
            .map(|step| step.start)
            .fold(f64::INFINITY, f64::min);
        let series = &gathered.series;
        let sweep =
            (0..series.time.len()).filter(|i| series.time[*i] > last && series.step[*i] == 1);
        sweep
            .map(|i| (series.current[i], series.voltage[i]))
            .fold(
                (0.0, 0.0),
                |best, now| if now.0 > best.0 { now } else { best },
            )
    };
    let [slow, fast] = [peak("0.02 mV/s"), peak("0.1 mV/s")];
    // Between the square root (diffusion) and the first power (capacity) of the rate.
    let ratio: f64 = fast.0 / slow.0;
    assert!(ratio > 5f64.sqrt() * 0.8 && ratio < 5.0, "{ratio}");
    assert!(fast.1 > slow.1, "{fast:?} {slow:?}");
}

#[test]
fn the_pulses_of_gitt_add_up_and_end_at_the_cut_off() {
    let made = cell(
        "[[protocol]]\nsteps = [\n\
         { gitt = \"Charge at 0.2C for 30 minutes\", rest = \"1 hour\", until = \"3.5 V\" },\n\
         { gitt = \"Discharge at 0.2C for 30 minutes\", rest = \"1 hour\", until = \"2.3 V\" },\n]\n",
    );
    let gathered = run(&made);
    let current = 0.2 * made.1.one_c;
    let pulses = |sign: f64| {
        gathered
            .steps
            .iter()
            .filter(move |step| sign * step.charge > 0.0)
    };
    for sign in [1.0, -1.0] {
        let count = pulses(sign).count();
        assert!(count > 5, "{count}");
        for (index, pulse) in pulses(sign).enumerate() {
            assert!(
                (pulse.charge - sign * current * pulse.duration).abs() < 1e-9 * current * 1800.0
            );
            let whole = (pulse.duration - 1800.0).abs() < 1e-6;
            assert_eq!(whole, index + 1 < count, "{}", pulse.end);
        }
    }
    let total: f64 = pulses(1.0).map(|pulse| pulse.charge).sum();
    assert!((total / gathered.cycles[0].charge - 1.0).abs() < 1e-12);
    let rests = gathered
        .steps
        .iter()
        .filter(|step| step.text.starts_with("Rest"));
    for rest in rests {
        assert!(rest.charge.abs() < 1e-9 && (rest.duration - 3600.0).abs() < 1e-6);
    }
    assert!(gathered.cycles[0].note.is_empty());
    assert!(gathered.cycles[0].relaxed_charged > gathered.cycles[0].relaxed_discharged);
}

#[test]
fn a_period_gives_samples_at_its_multiples_without_changing_what_passes() {
    let with = run(&steps(&[
        "Charge at 0.2C for 1 hour (7 minute period)",
        "Rest for 10 min (90 s period)",
    ]));
    let without = run(&steps(&["Charge at 0.2C for 1 hour", "Rest for 10 min"]));
    let times = |step| {
        samples(&with, step)
            .iter()
            .map(|s| s[0])
            .collect::<Vec<_>>()
    };
    let expected: Vec<f64> = (1..=8)
        .map(|k| 420.0 * f64::from(k))
        .chain([3600.0])
        .collect();
    assert_eq!(times(1).len(), expected.len());
    assert!(
        times(1)
            .iter()
            .zip(&expected)
            .all(|(a, b)| (a - b).abs() < 1e-9)
    );
    assert_eq!(times(2).len(), 7);
    assert!((with.cycles[0].charge / without.cycles[0].charge - 1.0).abs() < 1e-12);
    assert!((with.steps[1].end_voltage - without.steps[1].end_voltage).abs() < 1e-3);
}

#[test]
fn a_profile_passes_its_integral_and_its_jumps() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let rows =
        "time / min, current / mA\n0, 0\n10, 1.0\n10, 2.0\n40, 2.0\n40, -1.0\n50, -1.0\n60, 0\n";
    std::fs::write(path.join("drive.csv"), rows).expect("written");
    let block = "[[protocol]]\nsteps = [{ table = \"drive.csv\", period = \"1 min\" }, { table = \"drive.csv\", until = \"> 3.3 V or < 2.0 V\" }]\n";
    let made = cell_at(&format!("{}/", path.display()), block);
    let gathered = run(&made);
    // mA min: 5 + 60 - 10 - 5 = 50.
    let charge = 50.0 * 0.06 / made.0.cell.area;
    assert!((gathered.steps[0].charge / charge - 1.0).abs() < 1e-10);
    assert_eq!(gathered.steps[0].end, "end of the table");
    let all = samples(&gathered, 1);
    assert_eq!(all.len(), 60);
    assert!((all[4][2] - 0.5e-3 / made.0.cell.area).abs() < 1e-9);
    assert_eq!(gathered.steps[1].end, "reached 3.300 V");
}

#[test]
fn a_jump_of_the_load_costs_no_time_steps() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let rows = "time / min, current / mA\n0, 1.0\n30, 1.0\n30, -4.0\n31, -4.0\n";
    std::fs::write(path.join("pulse.csv"), rows).expect("written");
    let block = "[[protocol]]\nsteps = [{ table = \"pulse.csv\" }]\n";
    let all = samples(&run(&cell_at(&format!("{}/", path.display()), block)), 1);
    let jump = all.windows(2).position(|pair| pair[1][2] < 0.0);
    let at = jump.expect("the pulse");
    let fall = all[at][1] - all[at + 1][1];
    assert!(fall > 0.25, "a jump to speak of: {fall}");
    let shortest = all.windows(2).map(|pair| pair[1][0] - pair[0][0]);
    let shortest = shortest.fold(f64::INFINITY, f64::min);
    assert!(shortest > 0.01, "{shortest}");
}

#[test]
fn a_charge_ends_a_step_and_a_rest_can_end_at_a_voltage() {
    let made = steps(&[
        "Charge at 0.2C until 30 mAh/g",
        "Charge at 6 mW until 1 mAh",
        "Rest for 5 hours or until < 3.41 V",
    ]);
    let gathered = run(&made);
    let expected = [
        30.0 * 3600.0 * made.0.cathode.areal_loading,
        3.6 / made.0.cell.area,
    ];
    for (step, expected) in gathered.steps.iter().zip(expected) {
        assert!((step.charge / expected - 1.0).abs() < 1e-4, "{}", step.end);
    }
    assert!(
        gathered.steps[1].end.starts_with("reached") && gathered.steps[1].end.ends_with("mAh/cm2")
    );
    assert!(
        gathered.steps[2].duration < 18_000.0,
        "{:?}",
        gathered.steps[2]
    );
}

#[test]
fn a_block_stops_at_its_voltage_or_after_its_time() {
    let made = cell(
        "[[protocol]]\nrepeat = 50\nstop = \"20 hours\"\nsteps = [\"Discharge at 1C for 1 h or until 2.2 V\", \"Charge at 1C for 2 h or until 3.5 V\", \"Rest for 4 hours\"]\n\
         [[protocol]]\nrepeat = 50\nstop = [\"2.3 V\", \"1000 h\"]\nsteps = [\"Charge at 0.1C for 10 min\", \"Discharge at 1C for 20 min\"]\n",
    );
    let gathered = run(&made);
    let cycles = &gathered.cycles;
    let hours = |i: usize| cycles[i].time / 3600.0;
    let first = cycles
        .iter()
        .position(|cycle| cycle.time >= 72_000.0)
        .expect("a stop");
    assert!(hours(first - 1) < 20.0 && cycles.len() > first + 1 && cycles.len() < first + 50);
    let lowest = |cycle: u32| {
        let steps = gathered.steps.iter().filter(|step| step.cycle == cycle);
        steps
            .map(|step| step.lowest_voltage)
            .fold(f64::INFINITY, f64::min)
    };
    let count = cycles.len() as u32;
    let ends = [lowest(count - 1), lowest(count)];
    assert!(ends[0] > 2.3 && ends[1] <= 2.3, "{ends:?} of {count}");
}

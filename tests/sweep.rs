//! Sweeps: what is asked, that no run is lost whatever happens to workers and files, and that
//! the merged files do not depend on who did the work.

use assert_cmd::cargo::CommandCargoExt as _;
use engobe::scenario::{Loaded, Template};
use engobe::sweep::chunk::{self, Look, State};
use engobe::sweep::engine::{Engine, Request, Scripts};
use engobe::sweep::{
    Event, Job, Manifest, Measured, Options, Outcome, Plan, SweepError, Value, Worker, estimate,
    make, merge, simulate, status,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A cell so small that a run takes some tens of milliseconds.
const CELL: &str = r#"
title = "small"

[cathode]
active_material = "NCM83"
particle_kind = "single-crystal"
particle_diameter = "5 um"
composition = { active_material = "70 wt%", LPSCl = "30 wt%", VGCF = "1 wt% extra" }
active_mass_loading = "10.6 mg/cm2"

[coating]
material = "LiNbO3"
thickness = "10 nm"
coverage = "80 %"

[cell]
anode = "In/InLi"
separator = { material = "LPSCl", mass = "80 mg" }
area = "0.785 cm2"
temperature = "25 degC"
one_C = "200 mA/g"

[[protocol]]
repeat = 1
steps = ["Charge at 0.5C until 3.7 V", "Discharge at 0.5C until 2.0 V"]

[microstructure]
box_edge = "14 um"
resolution = 16

[numerics]
depths = 2
size_classes = 1
shells = 6
"#;

/// 48 runs on one structure.
const MANY: &str = r#"
[sweep]
"cell.temperature" = { from = "15 degC", to = "60 degC", steps = 6 }
"cathode.active_mass_loading" = { from = "4 mg/cm2", to = "18 mg/cm2", steps = 8 }
"#;

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(sweep: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let place = Self { directory };
        place.write(sweep);
        place
    }

    fn write(&self, sweep: &str) {
        std::fs::write(self.scenario(), format!("{CELL}{sweep}")).expect("written");
    }

    fn scenario(&self) -> PathBuf {
        self.directory.path().join("small.toml")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn plan(&self, name: &str, chunk_size: u64) -> Plan {
        let options = Options {
            chunk_size: Some(chunk_size),
            again: false,
        };
        make(&self.scenario(), &self.at(name), options, &|_| ())
            .expect("planned")
            .plan
    }
}

/// Every complaint about a sweep as text.
fn complaints(sweep: &str) -> String {
    let refused = estimate("small.toml", &format!("{CELL}{sweep}"), None, &|_| ());
    refused.map(|_| ()).expect_err(sweep).to_string()
}

fn planned(sweep: &str) -> Manifest {
    estimate("small.toml", &format!("{CELL}{sweep}"), None, &|_| ())
        .expect(sweep)
        .0
}

/// Values of the first so many runs.
fn values(sweep: &str, runs: u64) -> Vec<Vec<Value>> {
    let text = format!("{CELL}{sweep}");
    let template = Template::new("small.toml", &text).expect("TOML");
    let job = Job::new(&template).expect(sweep);
    (0..runs)
        .map(|run| job.design().point(run).values())
        .collect()
}

/// A stand-in for the simulation: numbers made of the scenario, some runs that fail.
fn pretend(loaded: &Loaded, columns: &engobe::sweep::Columns) -> Outcome {
    let scenario = &loaded.scenario;
    let x = scenario.cell.temperature * scenario.cathode.areal_loading;
    if ((x * 1e3) as u64).is_multiple_of(11) {
        return Outcome::Failed("did not converge".into());
    }
    let scalars =
        (0..columns.scalars.len()).map(|i| if i % 7 == 0 { f64::NAN } else { x * i as f64 });
    let rows = (x * 1e4) as usize % 5;
    let table = |columns: usize| {
        (0..columns)
            .map(|c| vec![x.floor() + c as f64; rows])
            .collect()
    };
    Outcome::Done(Measured {
        scalars: scalars.collect(),
        series: columns
            .series
            .iter()
            .map(|(_, columns)| table(columns.len()))
            .collect(),
        note: if rows == 3 {
            "a remark".into()
        } else {
            String::new()
        },
    })
}

/// What a worker had to do.
#[derive(Default)]
struct Tally {
    known: AtomicU64,
    fresh: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    fn hear(&self, event: Event) {
        match event {
            Event::Known(runs, failed) => {
                self.known.fetch_add(runs, Ordering::Relaxed);
                self.failed.fetch_add(failed, Ordering::Relaxed);
            }
            Event::Run { failed } => {
                self.fresh.fetch_add(1, Ordering::Relaxed);
                self.failed.fetch_add(u64::from(failed), Ordering::Relaxed);
            }
            Event::Structures(_) => {}
        }
    }

    fn counts(&self) -> (u64, u64) {
        (
            self.known.load(Ordering::Relaxed),
            self.fresh.load(Ordering::Relaxed),
        )
    }
}

/// Works through chunks with the stand-in.
fn work(plan: &Plan, chunks: &[u64]) -> Result<Tally, SweepError> {
    let template = Template::new(&plan.name, &plan.text).expect("TOML");
    let job = Job::new(&template).expect("a sweep");
    let tally = Tally::default();
    let worker = Worker {
        plan,
        job: &job,
        simulate: &|loaded, _| pretend(loaded, &job.columns),
        interrupt: &AtomicBool::new(false),
        observe: &|event| tally.hear(event),
    };
    worker.work(chunks)?;
    Ok(tally)
}

fn all(plan: &Plan) -> Vec<u64> {
    (0..plan.manifest.chunks()).collect()
}

/// The merged files.
fn merged(plan: &Plan) -> (Vec<u8>, Vec<u8>) {
    let template = Template::new(&plan.name, &plan.text).expect("TOML");
    let job = Job::new(&template).expect("a sweep");
    let merged = merge(plan, &job, &|_| ()).expect("merged");
    let read = |path: &Path| std::fs::read(path).expect("readable");
    (read(&merged.summary), read(&merged.series))
}

fn engobe(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("engobe").expect("the program");
    command
        .arg("sweep")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn output(mut command: Command) -> (i32, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("run");
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.code().unwrap_or(-1), text)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn what_is_wrong_is_told_with_its_place_in_the_sweep_before_anything_runs() {
    let line = CELL.lines().count() + 2;
    for (sweep, due) in [
        (
            "\"coating.thickness\" = [\"1 nm\", \"4 parsec\"]",
            vec![
                "unknown unit `parsec`",
                "in run 2: coating.thickness = \"4 parsec\"",
            ],
        ),
        (
            "\"coating.coverage\" = [\"50 %\", \"120 %\"]",
            vec!["between 0 and 100 %", "coating.coverage = \"120 %\""],
        ),
        (
            "\"coating.coverage\" = { from = \"50 %\", to = \"110 %\", steps = 3 }",
            vec!["between 0 and 100 %", "in run 3"],
        ),
        (
            "\"coating.thicknes\" = [\"1 nm\"]",
            vec!["unknown key `thicknes`", "did you mean `thickness`"],
        ),
        (
            "\"coatin.thickness\" = [\"1 nm\"]",
            vec!["there is no `coatin`", "did you mean `coating`"],
        ),
        (
            "\"coating.thickness\" = \"1 nm\"",
            vec!["needs values to sweep over"],
        ),
        ("\"coating.thickness\" = []", vec!["an empty array"]),
        (
            "\"coating.thickness\" = { from = \"1 nm\", to = \"1 mg\", steps = 3 }",
            vec!["`to` is in `mg`, but the others are in `nm`"],
        ),
        (
            "\"coating.thickness\" = { from = \"1 nm\", to = \"2 nm\" }",
            vec!["lacks `steps`"],
        ),
        (
            "\"coating.thickness\" = { from = \"0 nm\", to = \"2 nm\", steps = 3, spacing = \"logarithmic\" }",
            vec!["above 0"],
        ),
        (
            "\"coating.material\" = [\"LiNbO4\"]",
            vec!["did you mean `LiNbO3`"],
        ),
        (
            "\"protocol[2].repeat\" = [1, 2]",
            vec!["`protocol` has 1 element"],
        ),
        (
            "zip = [{ \"coating.thickness\" = [\"1 nm\", \"2 nm\"], \"coating.coverage\" = [\"50 %\"] }]",
            vec!["`coating.coverage` has 1", "has 2"],
        ),
        ("series = [\"cycle\"]", vec!["did you mean `cycles`"]),
        ("replicates = 1", vec!["varies nothing"]),
        (
            "sample = { method = \"sobol\", points = 70000, \"coating.thickness\" = { from = \"1 nm\", to = \"2 nm\" } }",
            vec!["70000 points are more than the 65536"],
        ),
        (
            "sample = { method = \"random\", points = 7, \"coating.thickness\" = { distribution = \"normal\", mean = \"1 nm\" } }",
            vec!["`deviation` is missing"],
        ),
        (
            "sample = { method = \"random\", points = 7 }",
            vec!["has no parameters"],
        ),
        (
            "\"coating\" = [1]\n\"coating.thickness\" = [\"1 nm\"]",
            vec!["is set twice"],
        ),
        (
            "seed = { from = 1, to = 4000, steps = 4000 }\n\"cell.temperature\" = { from = \"20 degC\", to = \"50 degC\", steps = 4001 }",
            vec!["16004000 runs are too many", "at most 10000000"],
        ),
    ] {
        let told = complaints(&format!("[sweep]\n{sweep}\n"));
        for part in due {
            assert!(told.contains(part), "{sweep}:\n{told}");
        }
        let place = told
            .split(':')
            .nth(1)
            .and_then(|line| line.parse::<usize>().ok());
        let place = place.unwrap_or_else(|| panic!("no line in {told}"));
        assert!(
            (line - 1..=line + 1).contains(&place),
            "line {place}, not {line}:\n{told}"
        );
    }
    assert!(complaints("").contains("has no [sweep]"));
}

#[test]
fn every_run_is_checked_and_each_complaint_is_told_once() {
    let told = complaints(
        "[sweep]\nreplicates = 3\n\"coating.coverage\" = [\"50 %\", \"130 %\"]\n\"cell.temperature\" = [\"20 degC\", \"25 degC\"]\n",
    );
    assert_eq!(told.matches("error").count(), 1, "{told}");
    assert!(told.contains("in run 7"), "{told}");
    assert!(told.contains("(and in 5 more)"), "{told}");
}

#[test]
fn parameters_combine_in_order_the_first_slowest_and_replicates_fastest() {
    let sweep = "[sweep]\nreplicates = 2\n\"cell.temperature\" = [\"20 degC\", \"300 K\"]\nzip = [{ \"coating.material\" = [\"LiNbO3\", \"Li2CO3\"], \"coating.thickness\" = [\"1 nm\", \"0.002 um\"] }]\n";
    let found = values(sweep, 8);
    let number = |v: f64| Value::Number(v);
    let text = |t: &str| Value::Text(t.into());
    let row = |t: f64, m: &str, d: f64| vec![number(t), text(m), number(d)];
    let due: Vec<_> = [
        row(20.0, "LiNbO3", 1.0),
        row(20.0, "Li2CO3", 2.0),
        row(26.85, "LiNbO3", 1.0),
        row(26.85, "Li2CO3", 2.0),
    ]
    .into_iter()
    .flat_map(|row| [row.clone(), row])
    .collect();
    assert_eq!(found, due);
    assert_eq!(planned(sweep).runs, 8);
    // Nested tables say the same as paths.
    let nested = values(
        "[sweep]\ncoating.thickness = [\"1 nm\"]\ncell = { temperature = { from = \"20 degC\", to = \"30 degC\", steps = 2 } }\n",
        2,
    );
    assert_eq!(
        nested,
        [
            vec![number(1.0), number(20.0)],
            vec![number(1.0), number(30.0)]
        ]
    );
}

#[test]
fn draws_stay_in_their_bounds_and_saltelli_takes_its_runs() {
    let sweep = "[sweep.sample]\nmethod = \"saltelli\"\npoints = 8\n\"coating.thickness\" = { from = \"1 nm\", to = \"20 nm\", spacing = \"logarithmic\" }\n\"coating.coverage\" = { distribution = \"normal\", mean = \"95 %\", deviation = \"5 %\", from = \"60 %\", to = \"100 %\" }\n\"coating.morphology\" = [\"conformal\", \"islands\"]\n";
    assert_eq!(planned(sweep).runs, 8 * 5);
    for run in values(sweep, 40) {
        let [
            Value::Number(thickness),
            Value::Number(coverage),
            Value::Text(morphology),
        ] = run.as_slice()
        else {
            panic!("{run:?}");
        };
        assert!(
            (1.0..=20.0).contains(thickness) && (60.0..=100.0).contains(coverage),
            "{run:?}"
        );
        assert!(["conformal", "islands"].contains(&morphology.as_str()));
    }
}

#[test]
fn seeds_are_common_to_points_or_come_from_their_keys() {
    let seeds = |mode: &str| {
        let text = format!(
            "{CELL}[sweep]\nreplicates = 2\nseeds = \"{mode}\"\n\"coating.thickness\" = [\"1 nm\", \"2 nm\"]\n"
        );
        let template = Template::new("small.toml", &text).expect("TOML");
        let job = Job::new(&template).expect("a sweep");
        (0..4)
            .map(|run| job.build(run).expect("valid").loaded.scenario.seed)
            .collect::<Vec<_>>()
    };
    assert_eq!(seeds("common"), [1, 2, 1, 2]);
    let own = seeds("independent");
    assert_eq!((own[1], own[3]), (own[0] + 1, own[2] + 1));
    assert_ne!(own[0], own[2]);
}

#[test]
fn merged_files_do_not_depend_on_chunks_threads_or_order() {
    let place = Place::new(MANY);
    let reference = place.plan("reference", 48);
    work(&reference, &all(&reference)).expect("worked");
    let due = merged(&reference);
    for (name, chunk_size, threads) in [("one", 1, 1), ("seven", 7, 2), ("twenty", 20, 3)] {
        let plan = place.plan(name, chunk_size);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        let mut chunks = all(&plan);
        chunks.reverse();
        pool.install(|| work(&plan, &chunks)).expect("worked");
        assert!(
            merged(&plan) == due,
            "chunks of {chunk_size}, {threads} threads"
        );
    }
    let failed = status(&reference, Look::Whole).expect("status").failed;
    assert!(failed > 0, "some of the stand-in's runs fail");
}

#[test]
fn two_workers_on_the_same_chunks_publish_each_once() {
    let place = Place::new(MANY);
    let plan = place.plan("both", 12);
    let chunks = all(&plan);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| work(&plan, &chunks).expect("worked"));
        }
    });
    let found = status(&plan, Look::Whole).expect("status");
    assert_eq!(
        (found.done, found.missing.len(), found.damaged.len()),
        (48, 0, 0)
    );
    let files = std::fs::read_dir(plan.layout.chunks())
        .expect("a folder")
        .count();
    assert_eq!(files, 3 * 4, "a record and two files for each chunk");
    let alone = place.plan("alone", 48);
    work(&alone, &all(&alone)).expect("worked");
    assert!(merged(&plan) == merged(&alone));
}

#[test]
fn torn_flipped_and_missing_files_are_put_aside_and_done_again() {
    let place = Place::new(MANY);
    let plan = place.plan("hurt", 8);
    work(&plan, &all(&plan)).expect("worked");
    let due = merged(&plan);
    let files = |chunk: u64| match chunk::state(&plan, chunk, Look::Whole).expect("state") {
        State::Done(commit) => commit.files.map(|f| plan.layout.chunks().join(f.name)),
        other => panic!("{other:?}"),
    };
    let bytes = |path: &Path| std::fs::read(path).expect("readable");
    let [torn, _] = files(0);
    std::fs::write(&torn, &bytes(&torn)[..1000]).expect("written");
    let [flipped, _] = files(1);
    let mut content = bytes(&flipped);
    let middle = content.len() / 2;
    content[middle] ^= 1;
    std::fs::write(&flipped, &content).expect("written");
    let [_, missing] = files(2);
    std::fs::remove_file(&missing).expect("removed");
    let record = plan.layout.commit(3);
    let halved = bytes(&record);
    std::fs::write(&record, &halved[..halved.len() / 2]).expect("written");

    let found = status(&plan, Look::Whole).expect("status");
    let reasons: Vec<&str> = found
        .damaged
        .iter()
        .map(|(_, reason)| reason.as_str())
        .collect();
    for (reason, due) in reasons.iter().zip([
        "bytes, not",
        "another checksum",
        "is missing",
        "torn or altered",
    ]) {
        assert!(reason.contains(due), "{reason}");
    }
    assert_eq!(reasons.len(), 4);
    // Looked at briefly, a flipped bit does not show; the merging looks at all.
    assert_eq!(status(&plan, Look::Brief).expect("status").damaged.len(), 3);
    let template = Template::new(&plan.name, &plan.text).expect("TOML");
    let job = Job::new(&template).expect("a sweep");
    let refused = merge(&plan, &job, &|_| ())
        .expect_err("damaged")
        .to_string();
    assert!(
        refused.contains("4 damaged (0-3)") && refused.contains("resume"),
        "{refused}"
    );
    let aside = std::fs::read_dir(plan.layout.quarantine())
        .expect("a folder")
        .count();
    assert_eq!(aside, 4);
    let tally = work(&plan, &all(&plan)).expect("worked");
    assert_eq!(tally.counts(), (16, 32));
    assert!(merged(&plan) == due);
}

#[test]
fn a_killed_worker_loses_only_the_runs_it_was_at() {
    let place = Place::new(MANY);
    let plan = place.plan("killed", 48);
    let mut child = engobe(&["run", text(&plan.layout.root), "--quiet"])
        .spawn()
        .expect("started");
    let started = Instant::now();
    let journaled = || status(&plan, Look::Brief).expect("status").at_work;
    while journaled() < 5 && started.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    let kept = journaled();
    assert!(
        (5..48).contains(&kept),
        "killed in the middle: {kept} of 48"
    );
    let template = Template::new(&plan.name, &plan.text).expect("TOML");
    let job = Job::new(&template).expect("a sweep");
    let finish = |plan: &Plan| {
        let tally = Tally::default();
        let worker = Worker {
            plan,
            job: &job,
            simulate: &|loaded, part| simulate(loaded, part, job.design().series()),
            interrupt: &AtomicBool::new(false),
            observe: &|event| tally.hear(event),
        };
        worker.work(&all(plan)).expect("worked");
        tally.counts()
    };
    assert_eq!(finish(&plan), (kept, 48 - kept));
    let whole = place.plan("whole", 10);
    assert_eq!(finish(&whole), (0, 48));
    assert!(merged(&plan) == merged(&whole));
    // All 48 loadings and temperatures share one structure.
    let parts = std::fs::read_dir(whole.layout.parts())
        .expect("a folder")
        .count();
    assert_eq!((parts, whole.manifest.structures), (1, 1));
}

#[test]
fn a_full_disk_stops_the_sweep_and_space_lets_it_go_on() {
    let place = Place::new(MANY);
    let reference = place.plan("reference", 48);
    work(&reference, &all(&reference)).expect("worked");
    let due = merged(&reference);
    let disk = place.at("disk");
    std::fs::create_dir(&disk).expect("made");
    let mount = |options: &str| {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs", text(&disk)]);
        command
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    if !mount("size=400k") {
        println!("skipped: no file system can be mounted here");
        return;
    }
    let plan = place.plan("disk/sweep", 12);
    let stopped = work(&plan, &all(&plan)).map(|_| ()).expect_err("full");
    let found = status(&plan, Look::Whole).expect("status");
    let grown = mount("remount,size=40m");
    let went_on = work(&plan, &all(&plan)).map(|tally| tally.counts());
    let result = went_on.as_ref().ok().map(|_| merged(&plan));
    let _ = Command::new("umount").arg(&disk).status();
    assert!(grown);
    assert!(
        stopped.to_string().to_lowercase().contains("no space left")
            || format!("{stopped:?}").contains("Hdf5"),
        "{stopped:?}"
    );
    assert!(
        !found.missing.is_empty() && found.damaged.is_empty(),
        "{found:?}"
    );
    let (known, fresh) = went_on.expect("worked");
    assert_eq!(known + fresh, 48);
    assert!(known > 0, "what was in the journal is not done again");
    assert!(result == Some(due));
}

#[test]
fn an_edited_scenario_is_refused_with_the_difference_and_planned_again_keeps_what_is_the_same() {
    let place = Place::new(MANY);
    let plan = place.plan("edited", 10);
    work(&plan, &all(&plan)[..3]).expect("worked");
    place.write(&MANY.replace("to = \"60 degC\", steps = 6", "to = \"69 degC\", steps = 7"));
    let root = plan.layout.root.clone();
    let line = CELL.lines().count() + 3;
    let (removed, added) = (format!("- {line:>4} | "), format!("+ {line:>4} | "));
    for command in ["run", "resume", "submit"] {
        let (code, told) = output(engobe(&[command, text(&root)]));
        assert_eq!(code, 2, "{told}");
        for part in [
            removed.as_str(),
            "60 degC",
            added.as_str(),
            "69 degC",
            "--again",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
    let refused = make(&place.scenario(), &root, Options::default(), &|_| ())
        .map(|_| ())
        .expect_err("edited");
    assert!(refused.to_string().contains("69 degC"), "{refused}");
    let options = Options {
        chunk_size: Some(16),
        again: true,
    };
    let again = make(&place.scenario(), &root, options, &|_| ())
        .expect("planned")
        .plan;
    assert_eq!(again.manifest.runs, 56);
    // 15, 24, ... 60 degC stay: of the 30 runs done all are found again.
    let tally = work(&again, &all(&again)).expect("worked");
    assert_eq!(tally.counts(), (30, 26));
    let fresh = place.plan("fresh", 56);
    work(&fresh, &all(&fresh)).expect("worked");
    assert!(merged(&again) == merged(&fresh));
}

#[test]
fn runs_that_fail_are_rows_and_the_exit_code_says_so() {
    let place = Place::new("[sweep]\n\"microstructure.box_edge\" = [\"14 um\", \"5.2 um\"]\n");
    let root = place.at("failing");
    let (code, told) = output(engobe(&[
        "run",
        text(&place.scenario()),
        "--output",
        text(&root),
    ]));
    assert_eq!(code, 4, "{told}");
    assert!(told.contains("1 of 2 runs failed"), "{told}");
    let (code, csv) = output(engobe(&["export", text(&root)]));
    assert_eq!(code, 0);
    let mut rows = csv.lines();
    let heading: Vec<&str> = rows.next().expect("a heading").split(',').collect();
    let at = |name: &str| heading.iter().position(|h| *h == name).expect(name);
    let done: Vec<&str> = rows.next().expect("a row").split(',').collect();
    assert_eq!(done[at("status")], "done");
    assert!(
        done[at("first_discharge_capacity")]
            .parse::<f64>()
            .expect("a number")
            > 100.0
    );
    let failed = rows.next().expect("a row");
    assert!(
        failed.contains("failed") && failed.contains("box"),
        "{failed}"
    );
    // A run as a scenario of its own gives the same numbers.
    let (code, scenario) = output(engobe(&["export", text(&root), "--run", "0"]));
    assert_eq!(code, 0, "{scenario}");
    let own = engobe::scenario::from_str("run.toml", &scenario).expect(&scenario);
    let text = format!("{CELL}[sweep]\n\"microstructure.box_edge\" = [\"14 um\", \"5.2 um\"]\n");
    let template = Template::new("small.toml", &text).expect("TOML");
    let built = Job::new(&template)
        .expect("a sweep")
        .build(0)
        .expect("valid");
    let mut due = built.loaded.scenario;
    due.attribution.clone_from(&own.scenario.attribution);
    assert_eq!(own.scenario, due);
    let page = std::fs::read_to_string(root.join("sweep.html")).expect("a page");
    assert!(page.contains("Runs that failed"));
}

#[test]
fn more_chunks_than_an_array_may_have_become_more_per_element() {
    let place = Place::new(MANY);
    let plan = place.plan("many", 1);
    let request = |most_elements| Request {
        engine: Engine::Slurm,
        cpus: 2,
        most_elements,
        at_once: Some(5),
        options: vec!["--partition=cpu".into()],
        program: "/opt/en gobe".into(),
    };
    let scattered: Vec<u64> = (0..48).filter(|c| c % 5 != 3).collect();
    let scripts = Scripts::new(&plan, &scattered, &request(10)).expect("scripts");
    assert!(scripts.lines.len() <= 10);
    assert_eq!(scripts.lines.concat(), scattered);
    let last = scripts.lines.len() - 1;
    for part in [
        &format!("--array=0-{last}%5\n"),
        "#SBATCH --partition=cpu\n",
        "'/opt/en gobe' sweep run-chunk '",
        "--cpus-per-task=2\n",
    ] {
        assert!(
            scripts.array_text.contains(part),
            "{part} in {}",
            scripts.array_text
        );
    }
    let roomy = Scripts::new(&plan, &scattered, &request(1000)).expect("scripts");
    assert_eq!(roomy.lines.len(), scattered.len());
    for engine in [Engine::Pbs, Engine::Hyperqueue] {
        let scripts = Scripts::new(
            &plan,
            &scattered,
            &Request {
                engine,
                ..request(10)
            },
        )
        .expect("scripts");
        assert!(scripts.array_text.contains("UNTESTED") && !scripts.array_text.contains("{{"));
        assert!(
            scripts.array_text.contains(&format!("0-{last}")),
            "{}",
            scripts.array_text
        );
    }
}

#[test]
fn of_two_submissions_at_once_the_second_is_refused() {
    let place = Place::new(MANY);
    let plan = place.plan("submitted", 8);
    let tools = place.at("tools");
    std::fs::create_dir(&tools).expect("made");
    let tool = |name: &str, script: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = tools.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("set");
    };
    let calls = place.at("calls");
    tool(
        "sbatch",
        &format!("echo \"$@\" >> {}; sleep 0.3; echo 42", text(&calls)),
    );
    tool("scontrol", "echo 'MaxArraySize            = 5'");
    tool("squeue", "echo RUNNING");
    let path = format!(
        "{}:{}",
        text(&tools),
        std::env::var("PATH").unwrap_or_default()
    );
    let submit = || {
        let mut command = engobe(&["submit", text(&plan.layout.root), "--engine", "slurm"]);
        command.env("PATH", &path);
        command
    };
    let mut dry = submit();
    dry.arg("--dry-run");
    let (code, told) = output(dry);
    assert!(
        code == 0 && told.contains("#SBATCH --array=0-2\n"),
        "{told}"
    );
    assert!(!calls.exists(), "a dry run calls nothing");
    let both: Vec<(i32, String)> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..2).map(|_| scope.spawn(|| output(submit()))).collect();
        started
            .into_iter()
            .map(|s| s.join().expect("ended"))
            .collect()
    });
    let mut codes: Vec<i32> = both.iter().map(|b| b.0).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 2], "{both:?}");
    let refused = both.iter().find(|b| b.0 == 2).expect("one");
    assert!(refused.1.contains("submitted already"), "{refused:?}");
    let calls = std::fs::read_to_string(&calls).expect("calls");
    assert_eq!(
        calls.lines().count(),
        2,
        "one array and one merging: {calls}"
    );
    assert!(calls.contains("--dependency=afterany:42"), "{calls}");
    let mut resume = engobe(&["resume", text(&plan.layout.root), "--engine", "slurm"]);
    resume.env("PATH", &path);
    let (code, told) = output(resume);
    assert!(code == 2 && told.contains("may still be running"), "{told}");
    let mut status = engobe(&["status", text(&plan.layout.root)]);
    status.env("PATH", &path);
    assert!(output(status).1.contains("job 42"));
}

#[test]
fn a_worker_finds_its_chunks_by_the_number_of_its_element() {
    let place = Place::new(MANY);
    let plan = place.plan("elements", 24);
    let chunk = |variable: &str| {
        let mut command = engobe(&["run-chunk", text(&plan.layout.root)]);
        command.env(variable, "1");
        output(command)
    };
    let (code, told) = chunk("JOB_COMPLETION_INDEX");
    assert_eq!(code, 0, "{told}");
    let found = status(&plan, Look::Whole).expect("status");
    assert_eq!((found.done, found.missing.as_slice()), (24, [0].as_slice()));
    let (code, told) = output(engobe(&[
        "run-chunk",
        text(&plan.layout.root),
        "--index",
        "2",
    ]));
    assert!(code == 2 && told.contains("there is no chunk 2"), "{told}");
    let (code, told) = output(engobe(&["merge", text(&plan.layout.root)]));
    assert!(
        code == 2 && told.contains("of 2 chunks 1 not done (0)"),
        "{told}"
    );
}

/// Peak memory of a process that checks so many runs, kB.
fn peak(runs: u64) -> u64 {
    let sweep = format!(
        "[sweep]\n\"cell.temperature\" = {{ from = \"0 degC\", to = \"60 degC\", steps = {runs} }}\n"
    );
    let place = Place::new(&sweep);
    let mut child = engobe(&["plan", text(&place.scenario()), "--dry-run"])
        .spawn()
        .expect("started");
    let mut peak = 0;
    let path = format!("/proc/{}/status", child.id());
    while child.try_wait().expect("asked").is_none() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmHWM"));
        let kilobytes = line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

#[test]
fn memory_does_not_grow_with_the_number_of_runs() {
    if !Path::new("/proc/self/status").exists() {
        println!("skipped: no /proc here");
        return;
    }
    // The first has a whole block of runs in memory, as the second has at any time.
    let (few, many) = (peak(4_096), peak(20_480));
    // Keys of structures are kept to be counted: 8 bytes each.
    assert!(
        many < few + 4_000,
        "{few} kB for 4,096 runs, {many} kB for 20,480"
    );
}

#[test]
fn the_shipped_sweep_is_valid() {
    let text = std::fs::read_to_string("scenarios/sweep-coating.toml").expect("there");
    let (manifest, warnings) =
        estimate("scenarios/sweep-coating.toml", &text, None, &|_| ()).expect("valid");
    assert_eq!(manifest.runs, 30);
    assert!(warnings.items.is_empty(), "{warnings}");
}

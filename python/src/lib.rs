//! The Python module `engobe`: a scenario in, arrays out. `engobe/__init__.py` is what users
//! see and read; here a run is taken to Python and back.

mod tables;

use engobe::input::{Diagnostics, reports};
use engobe::microstructure::inspect;
use engobe::record::RunRecord;
use engobe::scenario::{self, Loaded};
use engobe::simulation::{Event, RunError as Stopped, Supervision, run};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longest time until Ctrl-C is taken note of.
const PATIENCE: Duration = Duration::from_millis(50);
/// What [`Supervision`] calls a tolerance.
const TOLERANCES: std::ops::RangeInclusive<f64> = 1e-8..=0.1;

mod exceptions {
    use super::{PyRuntimeError, PyValueError};
    pyo3::create_exception!(
        engobe,
        ScenarioError,
        PyValueError,
        "A scenario is refused; the message has every complaint with its line."
    );
    pyo3::create_exception!(
        engobe,
        RunError,
        PyRuntimeError,
        "A scenario cannot be simulated."
    );
}
use exceptions::{RunError, ScenarioError};

/// What comes from the thread that simulates.
enum Message {
    Progress(Event),
    Ended(Box<Result<RunRecord, Stopped>>),
}

/// The module.
#[pymodule]
mod _engobe {
    #[pymodule_export]
    use super::_run;
    #[pymodule_export]
    use super::exceptions::{RunError, ScenarioError};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// Runs a scenario; `engobe.run` says what the arguments are.
#[pyfunction]
fn _run<'py>(
    py: Python<'py>,
    scenario: &Bound<'py, PyAny>,
    tolerance: Option<f64>,
    output: Option<PathBuf>,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut loaded = load(scenario)?;
    if let Some(tolerance) = tolerance {
        if !TOLERANCES.contains(&tolerance) {
            let (low, high) = (TOLERANCES.start(), TOLERANCES.end());
            let message = format!("tolerance {tolerance} is not between {low} and {high}");
            return Err(PyValueError::new_err(message));
        }
        loaded.scenario.numerics.tolerance = tolerance;
    }
    let warnings = rendered(&loaded.diagnostics());
    let loaded = Arc::new(loaded);
    let interrupt = Arc::new(AtomicBool::new(false));
    let messages = simulate(Arc::clone(&loaded), Arc::clone(&interrupt));
    let ended = wait(py, &messages, progress.as_ref());
    // Whatever Python raised: the thread ends with its cycle, nobody listens any more.
    let ended = ended.inspect_err(|_| interrupt.store(true, Ordering::Relaxed))?;
    let record = ended.map_err(|error| failure(error, &loaded))?;
    if let Some(directory) = output {
        let written = py.detach(|| engobe::results::write(&record, &directory));
        written.map_err(|error| PyOSError::new_err(with_causes(&error)))?;
    }
    let results = tables::results(py, record)?;
    results.set_item("warnings", warnings)?;
    Ok(results)
}

/// Reads a scenario from a path or a text.
fn load(scenario: &Bound<'_, PyAny>) -> PyResult<Loaded> {
    let text = scenario.extract::<String>().ok();
    let loaded = match text.filter(|text| text.contains('\n')) {
        Some(text) => scenario::from_str_inspected("scenario", &text, &inspect),
        None => scenario::load_inspected(scenario.extract::<PathBuf>()?, &inspect),
    };
    loaded.map_err(|refused| ScenarioError::new_err(rendered(&refused).join("\n")))
}

/// Simulates in a thread of its own, which Python need not wait for.
fn simulate(loaded: Arc<Loaded>, interrupt: Arc<AtomicBool>) -> Mutex<Receiver<Message>> {
    let (tell, messages) = channel();
    std::thread::spawn(move || {
        let supervision = Supervision {
            checkpoint: None,
            resume: false,
            interrupt: &interrupt,
        };
        // That nobody listens any more is no failure.
        let ended = run(&loaded, supervision, &mut |event| {
            let _ = tell.send(Message::Progress(event));
        });
        let _ = tell.send(Message::Ended(Box::new(ended)));
    });
    // A receiver alone may not be lent to where the interpreter is let go.
    Mutex::new(messages)
}

/// Listens to the simulation and, in between, to signals. The interpreter is free meanwhile.
fn wait(
    py: Python<'_>,
    messages: &Mutex<Receiver<Message>>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Result<RunRecord, Stopped>> {
    let receive = || {
        let messages = messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.recv_timeout(PATIENCE)
    };
    loop {
        let message = py.detach(receive);
        py.check_signals()?;
        match message {
            Ok(Message::Ended(ended)) => return Ok(*ended),
            Ok(Message::Progress(event)) => {
                if let Some(progress) = progress {
                    tell(progress, event)?;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let message = "the simulation ended without a result";
                return Err(PyRuntimeError::new_err(message));
            }
        }
    }
}

/// Calls back with an event.
fn tell(progress: &Bound<'_, PyAny>, event: Event) -> PyResult<()> {
    match event {
        Event::Microstructure(share) => progress.call1(("microstructure", share, 1.0)),
        Event::Transport(share) => progress.call1(("transport", share, 1.0)),
        Event::Cycle { done, of } => progress.call1(("cycling", done, of)),
    }
    .map(|_| ())
}

/// A run that ended without a result, as an exception.
fn failure(error: Stopped, loaded: &Loaded) -> PyErr {
    match error {
        // The recipe asks for what cannot be built.
        Stopped::Microstructure(error) => {
            let complaint = loaded.complaint(error.concern());
            ScenarioError::new_err(rendered(&complaint).join("\n"))
        }
        error => RunError::new_err(with_causes(&error)),
    }
}

/// Complaints with their lines, without colours.
fn rendered(diagnostics: &Diagnostics) -> Vec<String> {
    let handler =
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    let complaints = reports(diagnostics);
    complaints
        .iter()
        .map(|report| {
            let mut text = String::new();
            match handler.render_report(&mut text, report.as_ref()) {
                Ok(()) => text,
                Err(_) => report.to_string(),
            }
        })
        .collect()
}

/// An error with what led to it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

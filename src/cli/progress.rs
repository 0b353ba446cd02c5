//! How a command tells how far it is: a bar on the terminal, one JSON object a line for
//! machines, or nothing.
//!
//! With `--json` standard output holds JSON lines alone, each with an `event`:
//!
//! | `event` | further keys |
//! |---|---|
//! | `warning`, `error` | `message`; where known `file`, `line`, `column`, `help` |
//! | `stage` | `stage`, `number`, `stages`: a stage begins |
//! | `progress` | `stage`, `done`, `of`, `unit`, `seconds_left` (null until known) |
//! | `stopping` | Ctrl-C was taken note of |
//! | `done` | `directory`, `seconds`, and numbers of the command |
//! | `failed` | `code` (the exit code), `message` |

use crate::input::{Diagnostics, Severity, reports};
use crate::simulation::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};

/// To whom a command talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Voice {
    /// To a reader at a terminal.
    #[default]
    Terminal,
    /// To nobody, but for warnings and errors.
    Quiet,
    /// To a program.
    Json,
}

impl From<bool> for Voice {
    fn from(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Terminal }
    }
}

/// Arguments of a command that takes a while.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Telling {
    /// No progress, no summary
    #[arg(short, long)]
    quiet: bool,
    /// Progress, warnings, errors and summary as JSON, an object per line of standard output
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
}

impl Telling {
    /// To whom the command talks.
    pub fn voice(self) -> Voice {
        if self.json {
            Voice::Json
        } else {
            Voice::from(self.quiet)
        }
    }
}

impl Voice {
    /// Shows warnings and errors of a text.
    pub fn show(self, diagnostics: &Diagnostics) {
        if self != Self::Json {
            for report in reports(diagnostics) {
                eprintln!("{report:?}");
            }
            return;
        }
        for item in &diagnostics.items {
            let event = match item.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let position = diagnostics.position(item);
            line(&json!({
                "event": event,
                "message": item.message,
                "file": diagnostics.name,
                "line": position.map(|p| p.0),
                "column": position.map(|p| p.1),
                "help": item.help,
            }));
        }
    }

    /// Warns of something that has no place in a text.
    pub fn warn(self, message: &str) {
        match self {
            Self::Json => line(&json!({ "event": "warning", "message": message })),
            Self::Terminal | Self::Quiet => eprintln!("warning: {message}"),
        }
    }

    /// Says how the command ended: `summary` for a reader, `numbers` (an object) for a
    /// program.
    pub fn done(self, summary: impl FnOnce() -> String, numbers: impl FnOnce() -> Value) {
        match self {
            Self::Terminal => say(&summary()),
            Self::Quiet => {}
            Self::Json => {
                let mut event = json!({ "event": "done" });
                if let (Value::Object(event), Value::Object(numbers)) = (&mut event, numbers()) {
                    event.extend(numbers);
                }
                line(&event);
            }
        }
    }
}

/// One event for a program. Written whole, so that lines of several threads do not mix.
pub fn line(event: &Value) {
    say(&event.to_string());
}

/// A text on standard output. A reader that wants no more of it (`| head`) is no failure,
/// nor is a full disk behind `>` a reason to lose what is being computed.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.write_all(b"\n");
}

/// A part of a command that has a length of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// From 1, in the order of the command.
    pub number: usize,
    /// In one word.
    pub name: &'static str,
    /// What is counted, in the singular; `None`: shares of the whole.
    pub unit: Option<&'static str>,
}

impl Stage {
    /// A stage that counts in shares of the whole.
    pub const fn share(number: usize, name: &'static str) -> Self {
        Self {
            number,
            name,
            unit: None,
        }
    }

    /// A stage that counts something.
    pub const fn count(number: usize, name: &'static str, unit: &'static str) -> Self {
        Self {
            number,
            name,
            unit: Some(unit),
        }
    }
}

const MICROSTRUCTURE: Stage = Stage::share(1, "microstructure");
const TRANSPORT: Stage = Stage::share(2, "transport");
const CYCLING: Stage = Stage::count(3, "cycling", "cycle");
const WRITING: Stage = Stage::share(4, "writing");
const REALISATIONS: Stage = Stage::share(3, "realisations");

/// Steps into which a stage without natural steps is divided.
const PARTS: u64 = 1000;
/// Time between two events of progress in one stage, for programs.
const INTERVAL: Duration = Duration::from_millis(500);

/// Tells how far a command is.
pub struct Progress {
    voice: Voice,
    bar: ProgressBar,
    stage: Option<Stage>,
    /// How many stages there are in all.
    stages: usize,
    /// When the stage began, and where: a resumed run starts in the middle.
    entered: (Instant, u64),
    /// When something was told of it last, and how much was done.
    told: Option<(Instant, u64)>,
}

impl Progress {
    /// For so many stages. A bar is drawn only where there is a terminal.
    pub fn new(voice: impl Into<Voice>, stages: usize) -> Self {
        let voice = voice.into();
        let target = match voice {
            Voice::Terminal => ProgressDrawTarget::stderr(),
            Voice::Quiet | Voice::Json => ProgressDrawTarget::hidden(),
        };
        Self {
            voice,
            bar: ProgressBar::with_draw_target(Some(PARTS), target),
            stage: None,
            stages,
            entered: (Instant::now(), 0),
            told: None,
        }
    }

    /// Shows an event of a run.
    pub fn show(&mut self, event: Event) {
        match event {
            Event::Microstructure(share) => self.share(MICROSTRUCTURE, share),
            Event::Transport(share) => self.share(TRANSPORT, share),
            Event::Cycle { done, of } => self.at(CYCLING, done as u64, of as u64),
        }
    }

    /// Shows the share of the realisations done.
    pub fn realisations(&mut self, share: f64) {
        self.share(REALISATIONS, share);
    }

    /// Shows that results are being written.
    pub fn writing(&mut self) {
        self.share(WRITING, 0.0);
        self.bar.tick();
    }

    /// Shows the share of a stage done, 0 to 1.
    pub fn share(&mut self, stage: Stage, share: f64) {
        self.at(stage, (share.clamp(0.0, 1.0) * PARTS as f64) as u64, PARTS);
    }

    /// Shows how many of a stage's units are done.
    pub fn at(&mut self, stage: Stage, done: u64, of: u64) {
        if self.stage != Some(stage) {
            self.enter(stage, done, of);
        }
        self.bar.set_length(of);
        self.bar.set_position(done);
        if self.voice == Voice::Json {
            self.event(stage, done, of);
        }
    }

    /// Adds words behind the bar, for example what was reached so far.
    pub fn note(&self, words: &str) {
        self.bar.set_message(words.to_owned());
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn enter(&mut self, stage: Stage, done: u64, of: u64) {
        self.stage = Some(stage);
        self.entered = (Instant::now(), done);
        self.told = None;
        self.bar.reset();
        // Before the words that name it: else the length of the stage before shows in them.
        self.bar.set_length(of);
        let count = stage.unit.map_or("{percent:>3} %".to_owned(), |unit| {
            format!("{unit} {{pos}}/{{len}}")
        });
        let head = format!("{}/{} {}", stage.number, self.stages, stage.name);
        let template = format!("{head:<18} {{bar:30}} {count}  {{eta}} left  {{msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.bar.set_style(style);
        }
        // Time left counts from here.
        self.bar.set_position(done);
        self.bar.reset_eta();
        if self.voice == Voice::Json {
            line(&json!({
                "event": "stage",
                "stage": stage.name,
                "number": stage.number,
                "stages": self.stages,
            }));
        }
    }

    /// Tells a program, but not oftener than it can read.
    fn event(&mut self, stage: Stage, done: u64, of: u64) {
        if let Some((at, before)) = self.told
            && (done == before || (done < of && at.elapsed() < INTERVAL))
        {
            return;
        }
        self.told = Some((Instant::now(), done));
        let (start, first) = self.entered;
        let passed = done.saturating_sub(first);
        let left = (passed > 0).then(|| {
            let each = start.elapsed().as_secs_f64() / passed as f64;
            // Milliseconds are finer than the estimate is.
            (1e3 * each * of.saturating_sub(done) as f64).round() / 1e3
        });
        line(&json!({
            "event": "progress",
            "stage": stage.name,
            "done": done,
            "of": of,
            "unit": stage.unit.unwrap_or("share"),
            "seconds_left": left,
        }));
    }
}

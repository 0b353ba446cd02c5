//! The progress bar of a run: stage, cycle, time left.

use crate::simulation::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that follows the events of a run.
pub struct Progress {
    bar: ProgressBar,
    stage: Stage,
    /// How many stages there are in all.
    stages: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Microstructure,
    Transport,
    Cycling,
    Writing,
    Realisations,
}

/// Steps into which a stage without natural steps is divided.
const PARTS: u64 = 1000;

impl Progress {
    /// A bar on the terminal for so many stages; nothing is drawn if `quiet` or if there
    /// is no terminal.
    pub fn new(quiet: bool, stages: usize) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        Self {
            bar: ProgressBar::with_draw_target(Some(PARTS), target),
            stage: Stage::Waiting,
            stages,
        }
    }

    /// Shows an event.
    pub fn show(&mut self, event: Event) {
        match event {
            Event::Microstructure(share) => self.share(Stage::Microstructure, share),
            Event::Transport(share) => self.share(Stage::Transport, share),
            Event::Cycle { done, of } => {
                if self.enter(Stage::Cycling) {
                    self.bar.set_length(of as u64);
                    // A resumed run starts in the middle: time left counts from here.
                    self.bar.set_position(done as u64);
                    self.bar.reset_eta();
                }
                self.bar.set_position(done as u64);
            }
        }
    }

    /// Shows the share of the realisations done.
    pub fn realisations(&mut self, share: f64) {
        self.share(Stage::Realisations, share);
    }

    /// Shows that results are being written.
    pub fn writing(&mut self) {
        self.enter(Stage::Writing);
        self.bar.set_length(1);
        self.bar.tick();
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn share(&mut self, stage: Stage, share: f64) {
        if self.enter(stage) {
            self.bar.set_length(PARTS);
        }
        self.bar
            .set_position((share.clamp(0.0, 1.0) * PARTS as f64) as u64);
    }

    /// Enters a stage; true if it is a new one.
    fn enter(&mut self, stage: Stage) -> bool {
        if self.stage == stage {
            return false;
        }
        self.stage = stage;
        self.bar.reset();
        let (name, count) = match stage {
            Stage::Waiting => ("", ""),
            Stage::Microstructure => ("1 microstructure", "{percent:>3} %"),
            Stage::Transport => ("2 transport", "{percent:>3} %"),
            Stage::Cycling => ("3 cycling", "cycle {pos}/{len}"),
            Stage::Writing => ("4 writing", ""),
            Stage::Realisations => ("3 realisations", "{percent:>3} %"),
        };
        let name = name.replacen(' ', &format!("/{} ", self.stages), 1);
        let template = format!("{name:<18} {{bar:30}} {count}  {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.bar.set_style(style);
        }
        true
    }
}

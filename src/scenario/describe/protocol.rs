//! A protocol in plain words, with what it will come to.

use super::{MA_PER_CM2, MAH_PER_CM2};
use crate::scenario::Scenario;
use crate::scenario::procedure::{Block, Control, Cutoff, ImpedanceRequest, Step, Stop};

/// Seconds of a part of a protocol, as far as they can be said before it is run.
#[derive(Debug, Clone, Copy, Default)]
struct Time {
    seconds: f64,
    /// Whether holds of unknown length come on top.
    open: bool,
}

impl Time {
    fn of(seconds: f64) -> Self {
        Self {
            seconds,
            open: false,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            seconds: self.seconds + other.seconds,
            open: self.open || other.open,
        }
    }

    fn times(self, count: usize) -> Self {
        Self {
            seconds: self.seconds * count as f64,
            open: self.open,
        }
    }

    fn words(self) -> String {
        let holds = if self.open { " and its holds" } else { "" };
        format!("about {}{holds}", duration(self.seconds))
    }
}

/// A time in the unit that suits it.
fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s >= 2.0 * 86_400.0 => (s / 86_400.0, "days"),
        s if s >= 2.0 * 3600.0 => (s / 3600.0, "h"),
        s if s >= 120.0 => (s / 60.0, "min"),
        s => (s, "s"),
    };
    let digits = if value >= 100.0 { 0 } else { 1 };
    let text = format!("{value:.digits$}");
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// What is needed to say how long steps take.
struct Estimate<'a> {
    scenario: &'a Scenario,
    /// Mean open-circuit voltage against the anode, V.
    mean_voltage: f64,
    /// Voltage at which the last step will have ended, V.
    voltage: f64,
}

/// The whole protocol, a line a block and a line a step.
pub(super) fn protocol(scenario: &Scenario) -> Vec<String> {
    let plateau = scenario.cell.anode.plateau_potential();
    let table = &scenario.cathode.active_material.open_circuit_potential;
    let pieces = table.windows(2);
    let integral: f64 = pieces
        .map(|pair| 0.5 * (pair[0].1 + pair[1].1) * (pair[1].0 - pair[0].0))
        .sum();
    let width: f64 = table.windows(2).map(|pair| pair[1].0 - pair[0].0).sum();
    let mean_voltage = integral / width - plateau;
    let mut estimate = Estimate {
        scenario,
        mean_voltage,
        voltage: mean_voltage,
    };
    let mut lines = Vec::new();
    let total = estimate.blocks(&scenario.protocol, 1, &mut lines);
    let cycles: usize = scenario.protocol.iter().map(Block::cycles).sum();
    let at_most = if scenario.protocol.iter().any(can_stop) {
        "at most "
    } else {
        ""
    };
    let all = format!("{at_most}{}, {}", count(cycles, "cycle"), total.words());
    lines.insert(0, all);
    lines
}

fn can_stop(block: &Block) -> bool {
    !block.stop.is_empty() || block.blocks.iter().any(can_stop)
}

fn count(count: usize, what: &str) -> String {
    let plural = match count {
        1 => "",
        _ if what.ends_with('s') => "es",
        _ => "s",
    };
    format!("{count} {what}{plural}")
}

impl Estimate<'_> {
    fn blocks(&mut self, blocks: &[Block], depth: usize, lines: &mut Vec<String>) -> Time {
        let mut all = Time::default();
        for block in blocks {
            let at = lines.len();
            let indent = "  ".repeat(depth);
            let mut pass = Time::default();
            for step in &block.steps {
                let time = self.step(step);
                pass = pass.and(time);
                lines.push(format!("{indent}  {}", self.words(step, time)));
            }
            pass = pass.and(self.blocks(&block.blocks, depth + 1, lines));
            let what = if block.blocks.is_empty() {
                count(block.repeat, "cycle")
            } else {
                let cycles = count(block.cycles_per_pass(), "cycle");
                format!("{} of {cycles}", count(block.repeat, "pass"))
            };
            let each = if block.repeat > 1 { "each " } else { "" };
            let head = format!("{indent}{what}, {each}{}{}", pass.words(), extras(block));
            lines.insert(at, head + ":");
            all = all.and(pass.times(block.repeat));
        }
        all
    }

    /// How long a step will take, if the whole capacity passes.
    fn step(&mut self, step: &Step) -> Time {
        let capacity = self.scenario.areal_capacity();
        let longest = step.duration.unwrap_or(f64::INFINITY);
        let charge = step
            .until
            .iter()
            .fold(capacity, |charge, cutoff| match cutoff {
                Cutoff::ChargeAbove(limit) => charge.min(*limit),
                _ => charge,
            });
        let current = match &step.control {
            Control::Current(current) => current.abs(),
            Control::Power(power) => power.abs() / self.mean_voltage,
            Control::Resistance(ratio) => self.mean_voltage / ratio.abs(),
            Control::Sweep { rate, from, to } => {
                let time = (to - from.unwrap_or(self.voltage)).abs() / rate;
                self.voltage = *to;
                return Time::of(time.min(longest));
            }
            Control::Voltage(voltage) => {
                self.voltage = *voltage;
                0.0
            }
            Control::Profile(_) | Control::Rest => 0.0,
        };
        for cutoff in &step.until {
            if let Cutoff::VoltageAbove(v) | Cutoff::VoltageBelow(v) = cutoff {
                self.voltage = *v;
            }
        }
        if current == 0.0 {
            return Time {
                seconds: step.duration.unwrap_or(0.0),
                open: step.duration.is_none(),
            };
        }
        let full = charge / current;
        match (step.rest_after, step.duration) {
            (Some(rest), Some(pulse)) => Time::of((full / pulse).ceil() * (pulse + rest)),
            _ => Time::of(full.min(longest)),
        }
    }

    /// A step in words, with its current and the time it takes if all capacity passes.
    fn words(&self, step: &Step, time: Time) -> String {
        let ends: Vec<_> = step.until.iter().map(cutoff).collect();
        let until = if ends.is_empty() {
            String::new()
        } else {
            format!(" until {}", ends.join(" or "))
        };
        let mut text = match (&step.control, step.rest_after) {
            (control, Some(rest)) => {
                let rest = duration(rest);
                let current = self.current(control).map(|current| format!(", {current}"));
                format!(
                    "pulses: {}, each with {rest} of rest,{until}; {}{}",
                    step.text,
                    time.words(),
                    current.unwrap_or_default()
                )
            }
            (Control::Profile(profile), _) => {
                let peak = profile
                    .current
                    .iter()
                    .fold(0.0f64, |most, i| most.max(i.abs()));
                format!(
                    "{}: {}, at most {:.3} mA/cm2{until}",
                    step.text,
                    duration(time.seconds),
                    peak / MA_PER_CM2
                )
            }
            (Control::Sweep { .. }, _) => format!("{}; {}", step.text, time.words()),
            (control, _) => match self.current(control) {
                Some(current) => format!("{}; {current}, {}", step.text, time.words()),
                None => step.text.clone(),
            },
        };
        if let Some(period) = step.period.filter(|_| !step.text.contains("period)")) {
            text += &format!(", a sample every {}", duration(period));
        }
        text
    }

    /// The current that a control draws, about the mean for power and resistance.
    fn current(&self, control: &Control) -> Option<String> {
        let (density, about) = match control {
            Control::Current(current) => (current.abs(), ""),
            Control::Power(power) => (power.abs() / self.mean_voltage, "about "),
            Control::Resistance(ratio) => (self.mean_voltage / ratio.abs(), "about "),
            _ => return None,
        };
        let one_c = self.scenario.areal_capacity() / 3600.0;
        let rounded = |value: f64| format!("{}", (1e4 * value).round() / 1e4);
        Some(format!(
            "{about}{:.3} mA/cm2, {}C",
            density / MA_PER_CM2,
            rounded(density / one_c)
        ))
    }
}

fn cutoff(cutoff: &Cutoff) -> String {
    match cutoff {
        Cutoff::VoltageAbove(v) | Cutoff::VoltageBelow(v) => format!("{v:.3} V"),
        Cutoff::CurrentAbove(i) | Cutoff::CurrentBelow(i) => {
            format!("{:.4} mA/cm2", i / MA_PER_CM2)
        }
        Cutoff::ChargeAbove(q) => format!("{:.3} mAh/cm2", q / MAH_PER_CM2),
    }
}

/// A share, to a hundredth of a per cent.
fn percent(share: f64) -> String {
    format!("{} %", (1e4 * share).round() / 100.0)
}

/// At which voltage, from which side and in which way a spectrum is taken.
fn condition(request: &ImpedanceRequest) -> String {
    let Some(at) = request.at else {
        let rest = request.rest.map_or(String::new(), |time| {
            format!(" after {} of rest", duration(time))
        });
        return format!("at open circuit{rest}");
    };
    let side = request.discharge_from.map_or(String::new(), |from| {
        format!(" on discharge from {from:.2} V")
    });
    let way = match request.rest {
        Some(time) => format!(" after {} of rest", duration(time)),
        None if request.hold_until >= 1.0 => " under current".into(),
        None => String::new(),
    };
    format!("at {at:.2} V{side}{way}")
}

/// The amplitudes of a spectrum.
fn sine(request: &ImpedanceRequest) -> String {
    let values = request
        .amplitude
        .iter()
        .map(|a| format!("{}", 1e3 * a.value));
    match values.collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        values => format!(", sine of {} mV", values.join(", ")),
    }
}

/// What a block does beside its steps.
fn extras(block: &Block) -> String {
    let stops = block.stop.iter().map(|stop| match stop {
        Stop::ShareOfFirst(share) => {
            format!("at {} of the first discharge", percent(*share))
        }
        Stop::ShareOfBlock(share) => {
            format!("at {} of the block's first discharge", percent(*share))
        }
        Stop::Capacity(q) => format!("at a discharge of {:.4} mAh/cm2", q / MAH_PER_CM2),
        Stop::Voltage(v) => format!("at {v:.3} V"),
        Stop::Time(time) => format!("after {}", duration(*time)),
    });
    let stops = stops.collect::<Vec<_>>().join(" or ");
    let mut text = String::new();
    if !stops.is_empty() {
        text += &format!("; ends early {stops}");
    }
    if let Some(request) = &block.impedance {
        let spectra = match request.cycles.len() {
            1 => "1 spectrum".to_owned(),
            count => format!("{count} spectra"),
        };
        text += &format!("; {spectra} {}{}", condition(request), sine(request));
    }
    text
}

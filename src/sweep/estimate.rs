//! What a sweep will take, from sizes alone, before anything runs.
//!
//! The costs are estimates from `scenarios/quick.toml` and `shi2023-pristine.toml`, timed on
//! one core of a server (November 2026), 0.4 and 5.3 s with 20 cycles: good to a factor of
//! about two, which is what choosing chunks and asking for time on a cluster needs. What is
//! running tells better (`engobe sweep status`).

use super::series::Kind;
use crate::scenario::{Block, Scenario};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds of one core per voxel of a structure with its transport.
const PER_VOXEL: f64 = 5e-6;
/// Seconds per cycle that is simulated and particle (depth times size class) and shell.
const PER_CYCLE: f64 = 2e-5;
/// Seconds per cycle beside that.
const PER_CYCLE_AT_LEAST: f64 = 1e-3;
/// Seconds per spectrum.
const PER_SPECTRUM: f64 = 5e-3;
/// Time steps of a cycle.
const STEPS_PER_CYCLE: f64 = 250.0;
/// Bytes per number kept, after compression.
const PER_NUMBER: f64 = 6.0;
/// Bytes per run in the summaries and their files.
const PER_ROW: f64 = 600.0;
/// Bytes of a structure's statistics and transport.
const PER_PART: f64 = 1500.0;
/// How long a chunk should take: long enough to be worth starting, short enough to lose.
const CHUNK_SECONDS: f64 = 900.0;
/// Most bytes that the rows of a chunk may take in memory.
const CHUNK_BYTES: f64 = 256e6;
/// Most chunks that one job array takes: Slurm's usual `MaxArraySize` is 1001.
const MOST_CHUNKS: u64 = 1000;
/// Chunks into which a sweep is cut if that leaves each [`LEAST_SECONDS`] long, so that it
/// can be spread.
const FEWEST_CHUNKS: u64 = 16;
/// How long a chunk should take at least: its files cost about a tenth of a second.
const LEAST_SECONDS: f64 = 20.0;

/// What a sweep takes, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// All runs and structures on one core, s.
    pub core_seconds: f64,
    /// On disk in the end, bytes.
    pub bytes: f64,
    /// Of one run's results in memory, bytes.
    pub row_bytes: f64,
}

impl Estimate {
    /// For `runs` runs like `scenario`, of which `structures` have a structure of their own.
    pub fn new(scenario: &Scenario, series: &[Kind], runs: u64, structures: u64) -> Self {
        let numerics = &scenario.numerics;
        let voxels = (scenario.microstructure.resolution as f64).powi(3);
        let cells = (numerics.depths * numerics.size_classes * numerics.shells) as f64;
        let cycles: f64 = scenario.protocol.iter().map(|b| b.cycles() as f64).sum();
        let simulated = match &numerics.cycle_blocks {
            Some(_) => cycles.min(20.0 + 0.1 * cycles),
            None => cycles,
        };
        let requests = scenario.protocol.iter().map(spectra);
        let (spectra, points) =
            requests.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let run = simulated * (PER_CYCLE_AT_LEAST + PER_CYCLE * cells) + spectra * PER_SPECTRUM;
        let numbers = |kind: &Kind| match kind {
            Kind::Cycles => 34.0 * simulated,
            Kind::Spectra => 9.0 * points,
            Kind::Steps => 11.0 * 4.0 * simulated,
            Kind::Time => 14.0 * STEPS_PER_CYCLE * simulated,
        };
        let kept: f64 = series.iter().map(numbers).sum();
        let (runs, structures) = (runs as f64, structures as f64);
        Self {
            core_seconds: runs * run + structures * voxels * PER_VOXEL,
            // Chunks and what is merged from them.
            bytes: 2.0 * runs * (PER_ROW + PER_NUMBER * kept) + structures * PER_PART,
            row_bytes: 8.0 * (kept + 100.0),
        }
    }

    /// Runs per chunk for so many runs.
    pub fn chunk_size(&self, runs: u64) -> u64 {
        let lasting = |seconds: f64| (seconds * runs as f64 / self.core_seconds) as u64;
        let by_time = lasting(CHUNK_SECONDS);
        let by_memory = (CHUNK_BYTES / self.row_bytes) as u64;
        let spread = runs.div_ceil(FEWEST_CHUNKS).max(lasting(LEAST_SECONDS));
        let least = runs.div_ceil(MOST_CHUNKS);
        by_time
            .min(spread)
            .max(least)
            .min(by_memory)
            .clamp(1, runs.max(1))
    }
}

/// Spectra of a block in all its passes, and their points.
fn spectra(block: &Block) -> (f64, f64) {
    let own = block.impedance.as_ref().map_or((0.0, 0.0), |request| {
        let spectra = request.cycles.len() as f64;
        let decades = (request.highest / request.lowest).log10();
        (spectra, spectra * decades * request.per_decade as f64)
    });
    let inner = block.blocks.iter().map(spectra);
    let inner = inner.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let repeat = block.repeat as f64;
    (own.0 + repeat * inner.0, own.1 + repeat * inner.1)
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "about {} of one core, {} on disk",
            duration(self.core_seconds),
            size(self.bytes)
        )
    }
}

/// Seconds in words: `3 min`, `2.5 h`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s if s < 2.0 * 86400.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86400.0),
    }
}

/// Bytes in words.
pub fn size(bytes: f64) -> String {
    match bytes {
        b if b < 1e6 => format!("{:.0} kB", b / 1e3),
        b if b < 1e9 => format!("{:.0} MB", b / 1e6),
        b => format!("{:.1} GB", b / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_neither_too_many_nor_too_long() {
        let estimate = |core_seconds, row_bytes| Estimate {
            core_seconds,
            bytes: 0.0,
            row_bytes,
        };
        // A million runs of a second: a thousand chunks.
        assert_eq!(estimate(1e6, 1e3).chunk_size(1_000_000), 1000);
        // 10,000 runs of 10 s: 90 make 900 s.
        assert_eq!(estimate(1e5, 1e3).chunk_size(10_000), 90);
        // Few and quick: one chunk. Few and slow: spread.
        assert_eq!(estimate(10.0, 1e3).chunk_size(200), 200);
        assert_eq!(estimate(2000.0, 1e3).chunk_size(200), 13);
        // Rows of 64 MB: four to a chunk, however many chunks that makes.
        assert_eq!(estimate(1e4, 64e6).chunk_size(10_000), 4);
        assert_eq!(estimate(1.0, 1e3).chunk_size(1), 1);
    }
}

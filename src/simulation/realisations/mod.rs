//! Many structures of one recipe: how much a number depends on chance, and on
//! the size of the box.
//!
//! Every realisation has its own seed and is worked on by one thread, which keeps
//! only its numbers: memory holds as many structures as there are threads, and
//! the results do not depend on how many.

mod numbers;
mod summary;

pub use numbers::{Number, numbers};
pub use summary::{Summary, summarise};

use crate::microstructure::measure::measure;
use crate::microstructure::{MicrostructureError, generate};
use crate::scenario::Scenario;
use crate::transport::effective_transport;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shares of the time that generating and solving take, roughly; measuring takes
/// the rest.
const SHARES: (f64, f64) = (0.3, 0.55);

/// Size of a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxSize {
    /// Edge, m.
    pub edge: f64,
    /// Voxels per edge.
    pub resolution: usize,
}

impl BoxSize {
    /// The box of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            edge: scenario.microstructure.box_edge,
            resolution: scenario.microstructure.resolution,
        }
    }

    /// A box of about `edge` (m) with voxels as large as here: as many whole
    /// voxels as come closest.
    pub fn of_same_voxels(self, edge: f64) -> Self {
        let voxel = self.edge / self.resolution as f64;
        let resolution = (edge / voxel).round().max(1.0);
        Self {
            edge: resolution * voxel,
            resolution: resolution as usize,
        }
    }
}

/// One structure by chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Realisation {
    /// Its seed.
    pub seed: u64,
    /// Its box.
    pub size: BoxSize,
    /// What was measured; empty where no structure could be generated.
    pub numbers: Vec<Number>,
    /// Why something is missing; empty when all went well.
    pub note: String,
}

impl Realisation {
    /// One of its numbers; not a number where it is missing.
    pub fn value(&self, name: &str) -> f64 {
        let mut numbers = self.numbers.iter();
        numbers
            .find(|n| n.name == name)
            .map_or(f64::NAN, |n| n.value)
    }
}

/// Makes and measures `count` structures of a scenario in each of `sizes`, with
/// the scenario's seed and those that follow. The result is in the order of the
/// sizes, then of the seeds. What fails is noted, and the others go on.
///
/// `observe` hears the share of the work done, 0 to 1, from any thread; `keep` hears
/// all realisations finished so far, in the order of the result, each time one is.
pub fn realise(
    scenario: &Scenario,
    sizes: &[BoxSize],
    count: usize,
    observe: &(dyn Fn(f64) + Sync),
    keep: &(dyn Fn(&[Realisation]) + Sync),
) -> Vec<Realisation> {
    let seeds = (0..count as u64).map(|n| scenario.seed.wrapping_add(n));
    let jobs: Vec<(BoxSize, u64)> = sizes
        .iter()
        .flat_map(|&size| seeds.clone().map(move |seed| (size, seed)))
        .collect();
    let threads = rayon::current_num_threads();
    let workers = threads.min(jobs.len()).max(1);
    let meter = Meter::new(&jobs, observe);
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Finished::default());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(size, seed)) = jobs.get(number) else {
                break;
            };
            let done = realisation(scenario, size, seed, &mut meter.follow(size));
            // Still locked, so that what is kept only grows.
            let mut made = locked(&made);
            made.insert(number, done);
            keep(&made.realisations);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                // Each worker has threads of its own: with those of all, one that waits
                // for a part of its structure would begin with another structure.
                let own = rayon::ThreadPoolBuilder::new().num_threads(threads / workers);
                match own.build() {
                    Ok(own) => own.install(work),
                    Err(_) => work(),
                }
            });
        }
    });
    let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.realisations
}

/// Realisations in the order of their jobs, whichever is done first.
#[derive(Default)]
struct Finished {
    numbers: Vec<usize>,
    realisations: Vec<Realisation>,
}

impl Finished {
    fn insert(&mut self, number: usize, done: Realisation) {
        let position = self.numbers.partition_point(|&other| other < number);
        self.numbers.insert(position, number);
        self.realisations.insert(position, done);
    }
}

/// Locks what no panic can leave half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds up the progress of all workers, by voxels.
struct Meter<'a> {
    done: Mutex<f64>,
    all: f64,
    observe: &'a (dyn Fn(f64) + Sync),
}

impl<'a> Meter<'a> {
    fn new(jobs: &[(BoxSize, u64)], observe: &'a (dyn Fn(f64) + Sync)) -> Self {
        Self {
            done: Mutex::new(0.0),
            all: jobs.iter().map(|(size, _)| voxels(*size)).sum(),
            observe,
        }
    }

    /// Follows one realisation, which tells its own share.
    fn follow(&self, size: BoxSize) -> impl FnMut(f64) {
        let mut told = 0.0;
        move |share: f64| {
            // A stage that begins anew does not take back what was told.
            let share = share.max(told);
            let mut done = locked(&self.done);
            *done += (share - told) * voxels(size) / self.all;
            told = share;
            (self.observe)(done.min(1.0));
        }
    }
}

fn voxels(size: BoxSize) -> f64 {
    (size.resolution as f64).powi(3)
}

/// Makes and measures one structure.
fn realisation(
    scenario: &Scenario,
    size: BoxSize,
    seed: u64,
    progress: &mut dyn FnMut(f64),
) -> Realisation {
    let mut own = scenario.clone();
    own.seed = seed;
    own.microstructure.box_edge = size.edge;
    own.microstructure.resolution = size.resolution;
    let (numbers, note) =
        attempt(&own, progress).unwrap_or_else(|error| (Vec::new(), error.to_string()));
    progress(1.0);
    Realisation {
        seed,
        size,
        numbers,
        note,
    }
}

/// The numbers of a structure, and what went wrong without spoiling all of them.
fn attempt(
    scenario: &Scenario,
    progress: &mut dyn FnMut(f64),
) -> Result<(Vec<Number>, String), MicrostructureError> {
    let structure = generate(scenario, &mut |share| progress(SHARES.0 * share))?;
    let cathode = &scenario.cathode;
    let solved = effective_transport(
        &structure,
        &cathode.electrolyte,
        &cathode.active_material,
        cathode.carbon.as_ref(),
        cathode.contact_fraction,
        &mut |share| progress(SHARES.0 + SHARES.1 * share),
    );
    let measured = measure(&structure);
    let errors = [
        solved.as_ref().err().map(ToString::to_string),
        measured.as_ref().err().map(ToString::to_string),
    ];
    let note = errors.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let (measured, solved) = (measured.as_ref().ok(), solved.as_ref().ok());
    Ok((numbers(scenario, &structure, measured, solved), note))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario() -> Scenario {
        crate::scenario::load("scenarios/quick.toml")
            .unwrap()
            .scenario
    }

    #[test]
    fn results_are_in_order_whatever_the_threads_and_failures_are_rows() {
        let scenario = scenario();
        let small = BoxSize {
            edge: 12e-6,
            resolution: 30,
        };
        // Too small for two particles side by side.
        let tiny = small.of_same_voxels(4e-6);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            let kept = Mutex::new(Vec::new());
            let keep = |so_far: &[Realisation]| locked(&kept).push(so_far.to_vec());
            let made = pool.install(|| realise(&scenario, &[tiny, small], 3, &|_| (), &keep));
            let kept = kept.into_inner().unwrap();
            let counts: Vec<usize> = kept.iter().map(Vec::len).collect();
            assert_eq!(counts, [1, 2, 3, 4, 5, 6]);
            let rows = kept.iter().flatten().map(|r| format!("{r:?}"));
            let all: Vec<String> = made.iter().map(|r| format!("{r:?}")).collect();
            assert!(rows.into_iter().all(|row| all.contains(&row)));
            assert_eq!(format!("{:?}", kept[5]), format!("{made:?}"));
            made
        };
        let (one, three) = (with(1), with(3));
        assert_eq!(format!("{one:?}"), format!("{three:?}"));
        assert_eq!(one.len(), 6);
        for (n, row) in one.iter().enumerate() {
            assert_eq!(row.seed, scenario.seed + n as u64 % 3);
            assert_eq!(row.numbers.is_empty(), n < 3, "{}", row.note);
            assert_eq!(row.note.contains("too small"), n < 3, "{}", row.note);
        }
        let fractions: Vec<f64> = one.iter().map(|r| r.value("ionic_conductivity")).collect();
        assert!(fractions[0].is_nan() && fractions[3] > 0.0);
        assert!((fractions[3] - fractions[4]).abs() > 1e-6 * fractions[3]);
    }

    #[test]
    fn progress_ends_at_one_and_never_falls() {
        let heard = Mutex::new(vec![0.0]);
        let size = BoxSize {
            edge: 12e-6,
            resolution: 24,
        };
        let hear = |share| locked(&heard).push(share);
        realise(&scenario(), &[size], 2, &hear, &|_| ());
        let heard = heard.into_inner().unwrap();
        assert!(heard.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12));
        assert!((heard[heard.len() - 1] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn boxes_of_other_sizes_have_the_same_voxels() {
        let base = BoxSize {
            edge: 16e-6,
            resolution: 40,
        };
        let other = base.of_same_voxels(15e-6);
        assert_eq!(other.resolution, 38);
        assert!((other.edge - 15.2e-6).abs() < 1e-15);
    }
}

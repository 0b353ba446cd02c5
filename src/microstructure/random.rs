//! Random numbers: one ChaCha stream per stage and item, so that a structure
//! depends on its seed alone and not on the order of the work.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What the random numbers are for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Packing = 1,
    Grains = 2,
    Openness = 3,
    Fibres = 4,
    CarbonBlack = 5,
    Polymer = 6,
    Agglomerates = 20,
}

/// The stream of one item of a stage.
pub(super) fn stream(seed: u64, stage: Stage, item: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(((stage as u64) << 48) | item as u64);
    random
}

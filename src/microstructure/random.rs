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
    // What a structure may have and need not.
    FibreSizes = 20,
    Clusters = 21,
    PrimaryGrains = 22,
    GrainLines = 23,
    Shells = 24,
    Agglomerates = 25,
}

/// A number scrambled by the mixing function of splitmix64 (G. Steele et al.,
/// OOPSLA 2014, 453).
pub(super) fn mixed(z: u64) -> u64 {
    let z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The stream of one item of a stage.
pub(super) fn stream(seed: u64, stage: Stage, item: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(((stage as u64) << 48) | item as u64);
    random
}

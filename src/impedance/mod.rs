//! The cell model linearised ([`linearise`]), how far a sine of finite amplitude is from
//! that ([`linearity`]), and what an experimenter reads from an
//! impedance spectrum, measured or simulated: circuit elements, the transmission-line
//! fit and the circuit of ma2022, the distributions of diffusion lengths and of
//! relaxation times, and the Kramers-Kronig test.
//!
//! Impedances are per cell area, ohm m2; frequencies in Hz.

mod circuit;
mod diffusion_lengths;
mod equivalent_circuit;
mod fit;
mod inversion;
mod kramers_kronig;
mod least_squares;
mod line;
pub mod linearise;
mod noise;
mod nonnegative;
mod relaxation_times;
mod sine;
mod smoothing;
mod spectrum;
mod transmission_line;

pub use circuit::*;
pub use diffusion_lengths::*;
pub use equivalent_circuit::*;
pub use fit::*;
pub use kramers_kronig::*;
pub use noise::*;
pub use relaxation_times::*;
pub use sine::*;
pub use spectrum::*;
pub use transmission_line::*;

//! The cell model linearised ([`linearise`]), and what an experimenter reads from an
//! impedance spectrum, measured or simulated: circuit elements, the transmission-line
//! fit, the distribution of diffusion lengths and the Kramers-Kronig test.
//!
//! Impedances are per cell area, ohm m2; frequencies in Hz.

mod circuit;
mod diffusion_lengths;
mod fit;
mod inversion;
mod kramers_kronig;
mod least_squares;
pub mod linearise;
mod nonnegative;
mod spectrum;
mod transmission_line;

pub use circuit::*;
pub use diffusion_lengths::*;
pub use fit::*;
pub use kramers_kronig::*;
pub use spectrum::*;
pub use transmission_line::*;

//! Spheres sharper than the voxels they lie in.
//!
//! A voxel that a sphere cuts holds two phases. Each has its own value of the
//! potential at the centre of the voxel, smoothly continued where the centre
//! lies on the other side, and through a cut face each phase conducts by its
//! own share of the area, known exactly (`disc`, `cover`, `cuts`). One value per
//! voxel is unknown: that of the better conductor. The other follows from it
//! and from the current through the surface, for which the potential on the
//! other side is fitted by a harmonic polynomial (`ghost`). So the linear
//! fields on both sides of a jump are exact, everything else is second order,
//! and what leaves one voxel enters the next.
//!
//! Where one side does not conduct, nothing is fitted and the network is an
//! ordinary [`Lattice`]: symmetric and solved as such. Otherwise `sharp` adds
//! to a lattice that resembles it, which preconditions the iteration in `gcr`.
//!
//! In a voxel that two spheres share, and where too few voxels lie around to
//! fit anything, the lattice alone counts.

mod cover;
mod cuts;
mod disc;
mod gcr;
mod ghost;
mod sharp;

pub(super) use gcr::solve;
pub(super) use sharp::Sharp;

//! Loss of connected active mass: particles whose last contacts fail keep their
//! lithium but no longer take part.
//!
//! Electrons come to a particle over others, and to these from the collector. Of a network
//! whose particles have z conducting contacts in the mean, at random, and h to the collector,
//! the share S = 1 - exp(-z S - h) is reached (the giant component of a random graph with
//! a ghost vertex; Erdos and Renyi 1960, Kasteleyn and Fortuin 1969). So few contacts lost cost
//! nearly nothing where there are many, and ever more where there are few, until only what
//! lies at the collector is left.
//! Contacts are lost by d ln(z) = -k_l dl - k_f d(-ln(1 - f)); and from the beginning those
//! that an insulating film on either side keeps apart, w (1 - (1 - coverage)^2), where w is
//! what pressing does not break through.

use crate::materials::DisconnectionLaw;

/// The law.
#[derive(Debug, Clone, Copy)]
pub struct Disconnection {
    per_thickness: f64,
    per_contact_loss: f64,
    film: f64,
    /// h.
    collector: f64,
    /// What is reached where all contacts conduct: the share of connected mass counts
    /// from here.
    complete: f64,
}

impl Disconnection {
    /// The law from its constants, for a cathode `layers` particles thick: one in so many
    /// touches the collector.
    pub fn new(law: &DisconnectionLaw, layers: f64) -> Self {
        let collector = 1.0 / layers;
        Self {
            per_thickness: law.per_thickness,
            per_contact_loss: law.per_contact_loss,
            film: law.film,
            collector,
            complete: reached(law.contacts, collector, 1.0),
        }
    }

    /// Connected share of the fresh cathode, of `bare` without coating, where an insulating
    /// film lies on the share `coverage` of the particles.
    pub fn coated(&self, bare: f64, coverage: f64) -> f64 {
        let apart = self.film * coverage * (2.0 - coverage);
        self.with_contacts(bare, 1.0 - apart)
    }

    /// Connected share, of `connected` before layers grew by `layer_rise` (m) and
    /// -ln(1 - f) by `loss_rise`, f the share of contact lost.
    pub fn left(&self, connected: f64, layer_rise: f64, loss_rise: f64) -> f64 {
        let lost = self.per_thickness * layer_rise + self.per_contact_loss * loss_rise;
        if lost <= 0.0 {
            return connected;
        }
        self.with_contacts(connected, (-lost).exp())
    }

    /// Connected share where the part `left` of the contacts is left that made `connected`.
    fn with_contacts(&self, connected: f64, left: f64) -> f64 {
        let share = connected * self.complete;
        let contacts = (-(-share).ln_1p() - self.collector) / share;
        // Less than the collector reaches by itself can only have been stated.
        if contacts <= 0.0 {
            return connected;
        }
        // Along the tangent first: in a time step one step of Newton's method is left.
        let slope = contacts * share * (1.0 - share) / (1.0 - contacts * (1.0 - share));
        let near = share - (1.0 - left) * slope;
        let start = if near > 0.9 * share { near } else { share };
        let still = reached(contacts * left, self.collector, start) / self.complete;
        still.min(connected)
    }
}

/// The share of a random network that is reached from the collector, particles having
/// `contacts` among each other and `collector` to it in the mean; Newton's method from a
/// share above it, whence it only falls.
fn reached(contacts: f64, collector: f64, start: f64) -> f64 {
    let mut share = start;
    for _ in 0..100 {
        let apart = (-contacts * share - collector).exp();
        let step = (share - 1.0 + apart) / (1.0 - contacts * apart);
        share -= step;
        if step.abs() <= 1e-9 * share {
            break;
        }
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    fn law(layers: f64) -> Disconnection {
        let constants = DisconnectionLaw {
            contacts: 6.0,
            per_thickness: 2.25e7,
            per_contact_loss: 0.4,
            film: 0.1,
        };
        Disconnection::new(&constants, layers)
    }

    /// Contacts between particles of which `share` is reached.
    fn contacts(law: &Disconnection, share: f64) -> f64 {
        (-(1.0 - share).ln() - law.collector) / share
    }

    #[test]
    fn adds_up_over_intervals() {
        let law = law(12.0);
        let once = law.left(0.9, 2e-9, 0.4);
        let twice = law.left(law.left(0.9, 1e-9, 0.1), 1e-9, 0.3);
        assert!((twice / once - 1.0).abs() < 1e-13, "{twice} {once}");
        assert_eq!(law.left(0.9, 0.0, 0.0).to_bits(), 0.9f64.to_bits());
    }

    #[test]
    fn is_the_giant_component_of_a_random_graph() {
        // Half of six contacts and next to no collector: S = 1 - exp(-3 S).
        let thick = law(1e12);
        let left = thick.left(1.0, 0.0, 2f64.ln() / 0.4) * thick.complete;
        assert!((left - 0.940_479_8).abs() < 1e-6, "{left}");
        // And drawn at random, also where next to nothing hangs together by itself.
        for (contacts, collector) in [(3.0, 0.1), (1.5, 0.1), (1.0, 0.05), (0.5, 0.2)] {
            let (drawn, found) = (
                drawn(contacts, collector, 200_000),
                reached(contacts, collector, 1.0),
            );
            assert!(
                (drawn - found).abs() < 0.005,
                "{contacts}: {drawn} for {found}"
            );
        }
    }

    /// Share of `n` particles that are reached from the collector by contacts drawn at random.
    fn drawn(contacts: f64, collector: f64, n: usize) -> f64 {
        fn root(parent: &mut [usize], mut i: usize) -> usize {
            while parent[i] != i {
                parent[i] = parent[parent[i]];
                i = parent[i];
            }
            i
        }
        let mut rng = StdRng::seed_from_u64(1);
        // The last one is the collector.
        let mut parent: Vec<usize> = (0..=n).collect();
        for _ in 0..(0.5 * contacts * n as f64) as usize {
            let pair = [0; 2].map(|_| rng.random_range(0..n));
            let [a, b] = pair.map(|i| root(&mut parent, i));
            parent[a] = b;
        }
        for i in 0..n {
            if rng.random::<f64>() > (-collector).exp() {
                let [a, b] = [i, n].map(|i| root(&mut parent, i));
                parent[a] = b;
            }
        }
        let own = root(&mut parent, n);
        (0..n).filter(|&i| root(&mut parent, i) == own).count() as f64 / n as f64
    }

    #[test]
    fn a_film_on_either_side_keeps_contacts_apart() {
        let law = law(12.0);
        assert!((law.coated(0.9, 0.0) - 0.9).abs() < 1e-15);
        // Half covered: three quarters of the contacts have film on a side.
        let bare = contacts(&law, 0.9 * law.complete);
        let coated = contacts(&law, law.coated(0.9, 0.5) * law.complete);
        assert!((coated / bare - (1.0 - 0.1 * 0.75)).abs() < 1e-12);
    }

    #[test]
    fn the_fewer_contacts_the_more_each_lost_one_costs() {
        let law = law(12.0);
        let cost = |connected: f64| 1.0 - law.left(connected, 0.0, 0.01) / connected;
        assert!(cost(0.99) < 0.1 * 0.004, "{}", cost(0.99));
        assert!(cost(0.5) > 1.2 * 0.004, "{}", cost(0.5));
        // What the collector reaches by itself stays, and nothing comes back.
        let alone = (1.0 - (-1.0f64 / 12.0).exp()) / law.complete;
        assert!((law.left(0.9, 0.0, 100.0) / alone - 1.0).abs() < 1e-9);
        assert_eq!(law.left(0.04, 0.0, 5.0).to_bits(), 0.04f64.to_bits());
    }
}

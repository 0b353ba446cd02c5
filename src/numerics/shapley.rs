//! Sharing out what several causes do together (L. S. Shapley, A value for n-person
//! games, 1953): the share of a cause is what it adds, averaged over every order in
//! which the causes could have come. The shares add up to what all do together, causes
//! that do the same get the same, and a cause that never adds anything gets nothing.

use std::collections::BTreeMap;

/// The Shapley value of each of `players`, where `value[set]` is what the players in the
/// bits of `set` do together: 2^players entries.
fn shapley(players: usize, value: &[f64]) -> Vec<f64> {
    // Share of the orders in which exactly a given set of `size` comes before a player.
    let mut weight = vec![1.0 / players.max(1) as f64; players];
    for size in 1..players {
        weight[size] = weight[size - 1] * size as f64 / (players - size) as f64;
    }
    let added = |player: usize| -> f64 {
        let own = 1usize << player;
        (0..value.len())
            .filter(|set| set & own == 0)
            .map(|set| weight[set.count_ones() as usize] * (value[set | own] - value[set]))
            .sum()
    };
    (0..players).map(added).collect()
}

/// The shares of `players` in what they do together, from as few values as serve.
/// `values` gives what each of a list of sets does (bits: players).
///
/// Players of whom each does little, first or last, and who together stay below
/// `negligible` of the whole, enter the game as one. What falls to them is shared out by
/// what each adds first and last on average, so that the shares still add up exactly.
pub fn shares(players: usize, negligible: f64, values: impl Fn(&[usize]) -> Vec<f64>) -> Vec<f64> {
    let everyone = (1usize << players) - 1;
    let mut sets = vec![0, everyone];
    sets.extend((0..players).flat_map(|p| [1 << p, everyone ^ (1 << p)]));
    sets.sort_unstable();
    sets.dedup();
    let mut known: BTreeMap<usize, f64> = sets.iter().copied().zip(values(&sets)).collect();
    let added: Vec<[f64; 2]> = (0..players)
        .map(|p| {
            let own = 1 << p;
            [
                known[&own] - known[&0],
                known[&everyone] - known[&(everyone ^ own)],
            ]
        })
        .collect();
    let whole = known[&everyone] - known[&0];
    let small = negligible_players(&added, negligible * whole.abs());
    let union: usize = small.iter().map(|p| 1 << p).sum();
    let alone = (0..players).filter(|p| union >> p & 1 == 0);
    let mut groups: Vec<usize> = alone.map(|p| 1 << p).collect();
    groups.extend((union > 0).then_some(union));
    let joined = |set: usize| -> usize {
        let members = groups.iter().enumerate();
        members
            .filter(|(g, _)| set >> g & 1 == 1)
            .map(|(_, group)| group)
            .sum()
    };
    let sets: Vec<usize> = (0..1usize << groups.len()).map(joined).collect();
    let unknown: Vec<usize> = sets
        .iter()
        .copied()
        .filter(|s| !known.contains_key(s))
        .collect();
    known.extend(unknown.iter().copied().zip(values(&unknown)));
    let game: Vec<f64> = sets.iter().map(|set| known[set]).collect();
    let found = shapley(groups.len(), &game);
    let mut shares = vec![0.0; players];
    for (group, share) in groups.iter().zip(found) {
        if *group == union {
            share_out(&small, &added, share, &mut shares);
        } else {
            shares[group.trailing_zeros() as usize] = share;
        }
    }
    shares
}

/// The least players, of whom what they add sums to `budget` at most; none if fewer than
/// two. Players that add the same are in or out together.
fn negligible_players(added: &[[f64; 2]], budget: f64) -> Vec<usize> {
    let size = |p: usize| added[p][0].abs().max(added[p][1].abs());
    let mut order: Vec<usize> = (0..added.len()).collect();
    order.sort_by(|a, b| size(*a).total_cmp(&size(*b)));
    let mut sum = 0.0;
    let mut count = order.iter().take_while(|p| {
        sum += size(**p);
        sum <= budget
    });
    let mut count = count.by_ref().count();
    while count > 0 && count < order.len() && size(order[count]) <= size(order[count - 1]) {
        count -= 1;
    }
    order.truncate(if count < 2 { 0 } else { count });
    order
}

/// Gives each of the `small` players the mean of what it adds first and last, and what
/// of `share` is left over in proportion to that.
fn share_out(small: &[usize], added: &[[f64; 2]], share: f64, shares: &mut [f64]) {
    let mean = |p: usize| 0.5 * (added[p][0] + added[p][1]);
    let sum: f64 = small.iter().map(|p| mean(*p)).sum();
    let size: f64 = small.iter().map(|p| mean(*p).abs()).sum();
    for &p in small {
        let part = if size > 0.0 {
            mean(p).abs() / size
        } else {
            1.0 / small.len() as f64
        };
        shares[p] = mean(p) + (share - sum) * part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A game of four players with interactions of every order.
    fn game(set: usize) -> f64 {
        let has = |player: usize| f64::from(u8::from(set >> player & 1 == 1));
        3.0 * has(0) - 0.5 * has(1)
            + 2.0 * has(0) * has(2)
            + 1.5 * has(0) * has(1) * has(2)
            + 4.0 * has(0) * has(1) * has(2) * has(3)
    }

    #[test]
    fn what_players_do_together_is_shared_evenly_among_them() {
        let value: Vec<f64> = (0..16).map(game).collect();
        let shares = shapley(4, &value);
        let expected = [
            3.0 + 1.0 + 0.5 + 1.0,
            -0.5 + 0.5 + 1.0,
            1.0 + 0.5 + 1.0,
            1.0,
        ];
        for (found, due) in shares.iter().zip(expected) {
            assert!((found - due).abs() < 1e-13, "{shares:?}");
        }
        let sum: f64 = shares.iter().sum();
        assert!((sum - (value[15] - value[0])).abs() < 1e-13);
    }

    #[test]
    fn small_players_together_cost_few_values_and_nothing_of_the_sum() {
        // Two large players with an interaction, four small ones, one of them idle.
        let game = |set: usize| {
            let has = |player: usize| f64::from(u8::from(set >> player & 1 == 1));
            let large = 5.0 * has(0) + 3.0 * has(1) + 2.0 * has(0) * has(1);
            let small = 0.01 * has(2) - 0.004 * has(3) + 0.003 * has(4);
            (large + small) * (1.0 - 0.1 * has(1))
        };
        let exact = shapley(6, &(0..64).map(game).collect::<Vec<_>>());
        let asked = std::cell::Cell::new(0);
        let count = |sets: &[usize]| {
            asked.set(asked.get() + sets.len());
            sets.iter().map(|set| game(*set)).collect()
        };
        let few = shares(6, 0.01, count);
        assert!(asked.get() < 20, "{} of 64 values", asked.get());
        for (found, due) in few.iter().zip(&exact) {
            assert!((found - due).abs() < 1e-4, "{few:?} {exact:?}");
        }
        assert!(few[5].abs() < 1e-15);
        let sum: f64 = few.iter().sum();
        assert!((sum / (game(63) - game(0)) - 1.0).abs() < 1e-14);
        assert_eq!(shares(6, 0.0, count), exact);
    }

    #[test]
    fn who_does_the_same_gets_the_same_whatever_is_negligible() {
        let game = |set: usize| f64::from(set.count_ones()).powi(2);
        for negligible in [0.0, 0.1, 0.3, 0.5, 1.0, 10.0] {
            let found = shares(4, negligible, |sets| {
                sets.iter().map(|s| game(*s)).collect()
            });
            for share in found {
                assert!((share - 4.0).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn nobody_shares_nothing() {
        assert!(shapley(0, &[7.0]).is_empty());
        assert_eq!(shapley(1, &[1.0, 3.5]), [2.5]);
        assert!(shares(0, 0.1, |sets| vec![1.0; sets.len()]).is_empty());
        assert_eq!(
            shares(1, 0.1, |sets| sets.iter().map(|s| *s as f64).collect()),
            [1.0]
        );
    }
}

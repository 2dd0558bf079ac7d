//! Whether two samples come from the same distribution, whatever that looks like: the rank-sum test of Mann and Whitney
//! (1947). Times of answers have long tails, of which a comparison of means would see little else.

/// What the test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RankSum {
    /// Pairs in which the first sample's value is the greater; one that is equal counts half.
    pub(crate) u: f64,
    /// How often chance alone makes a `u` at least as far from the middle: two-sided, by the normal approximation, with
    /// the corrections for ties and for continuity.
    pub(crate) p: f64,
}

impl RankSum {
    /// Good from about eight values each.
    pub(crate) fn of(first: &[f64], second: &[f64]) -> Self {
        let mut all: Vec<_> = first.iter().map(|value| (*value, 1.0)).collect();
        all.extend(second.iter().map(|value| (*value, 0.0)));
        all.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        // Equal values share the mean of their ranks, which are counted from 1.
        let (mut before, mut ranks_of_first, mut ties) = (0.0, 0.0, 0.0);
        for equal in all.chunk_by(|(one, _), (other, _)| one.total_cmp(other).is_eq()) {
            let number = count(equal.len());
            let of_first: f64 = equal.iter().map(|(_, is_first)| is_first).sum();
            ranks_of_first += of_first * (before + (number + 1.0) / 2.0);
            ties += number * (number * number - 1.0);
            before += number;
        }
        let (first, second) = (count(first.len()), count(second.len()));
        let number = first + second;
        let u = ranks_of_first - first * (first + 1.0) / 2.0;
        let variance = first * second / 12.0 * (number + 1.0 - ties / (number * (number - 1.0)));
        let off = ((u - first * second / 2.0).abs() - 0.5).max(0.0);
        // All values are equal, or there are none.
        let p = if variance > 0.0 { beyond(off / variance.sqrt()) } else { 1.0 };
        Self { u, p }
    }
}

#[expect(clippy::cast_precision_loss, reason = "samples are of hundreds")]
fn count(number: usize) -> f64 {
    number as f64
}

/// The chance of a standard normal value at least so far from 0.
fn beyond(z: f64) -> f64 {
    libm::erfc(z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::RankSum;

    fn assert_close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6 * expected.max(1e-3), "{found}, expected {expected}");
    }

    #[test]
    fn it_gives_what_the_worked_example_does() {
        // Ages at which diabetes was found in five men and four women: the example of scipy.stats.mannwhitneyu.
        let (men, women) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
        for (one, other, u) in [(&men[..], &women[..], 17.0), (&women, &men, 3.0)] {
            let found = RankSum::of(one, other);
            assert_close(found.u, u);
            assert_close(found.p, 0.111_346_886_5);
        }
    }

    #[test]
    fn equal_values_share_their_ranks() {
        // By hand: U = 2.5, variance = 16 / 12 × (9 - (24 + 6) / 56), z = (8 - 2.5 - 0.5) / √variance.
        let found = RankSum::of(&[1.0, 2.0, 2.0, 3.0], &[2.0, 3.0, 4.0, 5.0]);
        assert_close(found.u, 2.5);
        assert_close(found.p, 0.136_658_247_7);
    }

    #[test]
    fn samples_that_are_alike_and_samples_of_nothing_tell_nothing() {
        for (one, other) in [(&[1.0, 2.0][..], &[1.0, 2.0][..]), (&[3.0; 9], &[3.0; 9]), (&[], &[])] {
            assert_close(RankSum::of(one, other).p, 1.0);
        }
    }
}

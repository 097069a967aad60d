//! One-time codes: how long they must be, and how one is drawn.
//!
//! Whoever types at random hits one of the open codes with a chance of `open / 10^digits` a try. While a code is open one
//! client types at most [`TYPED`] wrong ones, and one signer grants at most [`GRANTED`], each of which tells whether it is
//! like another (the limits of attempts and of grants keep to it). So that whoever does both finds nothing but once in a
//! thousand times, `open * TRIES * MARGIN <= 10^digits`: eight digits are enough for 100,000,000 / (1,000 * 3,000) = 33
//! open codes, nine for 333, ten for 3,333. The more are open, the longer the next one.

use rand_core::CryptoRng;

use crate::commitment::CODE_DIGITS;

/// Most wrong codes that one client types while one code is open.
pub const TYPED: u64 = 1_600;
/// Most codes that one signer grants while one code is open.
pub const GRANTED: u64 = 1_400;
const TRIES: u64 = TYPED + GRANTED;
/// All tries of one who types and grants hit an open code once in so many times, at most.
pub const MARGIN: u64 = 1_000;

/// The fewest digits that a code may have when so many are open, itself included.
#[must_use]
pub fn digits(open: usize) -> usize {
    let space = (open as u128) * u128::from(TRIES) * u128::from(MARGIN);
    let enough = |digits: &usize| 10_u128.pow(*digits as u32) >= space;
    CODE_DIGITS.into_iter().find(enough).unwrap_or(*CODE_DIGITS.end())
}

/// A random code of so many digits.
#[must_use]
pub fn draw(digits: usize, rng: &mut dyn CryptoRng) -> String {
    std::iter::repeat_with(|| digit(rng)).take(digits).collect()
}

/// Each digit as likely as any other: bytes beyond the last multiple of ten are drawn again.
fn digit(rng: &mut dyn CryptoRng) -> char {
    loop {
        let mut byte = [0];
        rng.fill_bytes(&mut byte);
        if byte[0] < 250 {
            return char::from(b'0' + byte[0] % 10);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tries_of_one_who_types_and_grants_stay_below_a_thousandth_of_the_space() {
        for open in [1, 2, 33, 34, 333, 334, 3_333, 100_000, 1_000_000, usize::MAX] {
            let digits = digits(open);
            assert!(CODE_DIGITS.contains(&digits));
            let chance = (open as f64) * (TRIES as f64) / 10_f64.powi(digits as i32);
            assert!(open == usize::MAX || chance <= 0.001, "{open}: {chance}");
        }
        assert_eq!([1, 33, 34, 333, 334].map(digits), [8, 8, 9, 9, 10]);
    }

    #[test]
    fn a_code_is_drawn_of_all_digits_alike() {
        use chacha20::ChaCha20Rng;
        use rand_core::SeedableRng as _;
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let mut counts = [0_u32; 10];
        draw(100_000, &mut rng).bytes().for_each(|b| counts[usize::from(b - b'0')] += 1);
        // Ten thousand of each, within five standard deviations of 95.
        assert!(counts.iter().all(|count| (9_525..=10_475).contains(count)), "{counts:?}");
        assert_eq!(draw(8, &mut rng).len(), 8);
    }
}

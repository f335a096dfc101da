//! Products, sums and differences of numbers of four words.

/// 2^256 modulo p.
const FOLD: u64 = 38;

/// Bits 0 to 62 of word 3, what it holds below bit 255.
const MASK63: u64 = (1 << 63) - 1;

/// How much too small the words of [`low`] may be: 38 times the carry out of word 3, into which 8 words are added; and 19
/// for each p in a product that is folded once, which is below 39 · 2^256.
pub(super) const LOW_SHORT: u64 = 38 * 7 + 19 * 78;

/// How much too small the words of [`carried_low`] may be: 38 times the carry out of word 3 by the 3 words that are left out of
/// it, 19 for the one out of its bit 62, and 19 for a product of p or more.
pub(super) const CARRIED_LOW_SHORT: u64 = 38 * 3 + 19 * 2;

/// How much too small word 3 of [`high`] and [`ends`] may be: the carry out of word 2, into which 6 words are added; 38 times
/// that out of word 6, into which 4 are; 38 for the fold of the words below it; and 1 for what the multiples of p add.
pub(super) const LEFT_OUT: u64 = 5 + 38 * 3 + 38 + 1;

/// The low and the high word of a · b.
#[inline(always)]
fn wide(a: u64, b: u64) -> [u64; 2] {
    let product = u128::from(a) * u128::from(b);
    [product as u64, (product >> 64) as u64]
}

#[inline(always)]
fn upper(a: u64, b: u64) -> u64 {
    wide(a, b)[1]
}

#[inline(always)]
fn lower(a: u64, b: u64) -> u64 {
    a.wrapping_mul(b)
}

/// a + b and the carry out of it.
#[inline(always)]
fn add_words(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let (r0, c) = a[0].overflowing_add(b[0]);
    let (r1, c) = a[1].carrying_add(b[1], c);
    let (r2, c) = a[2].carrying_add(b[2], c);
    let (r3, c) = a[3].carrying_add(b[3], c);
    ([r0, r1, r2, r3], c)
}

/// a − b and the borrow out of it.
#[inline(always)]
fn subtract_words(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let (r0, c) = a[0].overflowing_sub(b[0]);
    let (r1, c) = a[1].borrowing_sub(b[1], c);
    let (r2, c) = a[2].borrowing_sub(b[2], c);
    let (r3, c) = a[3].borrowing_sub(b[3], c);
    ([r0, r1, r2, r3], c)
}

/// Adds `top` · 2^256 modulo p to a number, for a `top` below 2^58.
#[inline(always)]
fn fold(a: &[u64; 4], top: u64) -> [u64; 4] {
    let (mut r, carry) = add_words(a, &[top * FOLD, 0, 0, 0]);
    // where it overflows, word 0 is below what was added
    r[0] += u64::from(carry) * FOLD;
    r
}

/// r + a · b, which is below 2^320: the carries go through the low words of the products, then through the high ones.
#[inline(always)]
fn add_row(r: &[u64; 4], a: u64, b: &[u64; 4]) -> [u64; 5] {
    let products = b.map(|word| wide(a, word));
    let ([r0, r1, r2, r3], carry) = add_words(r, &products.map(|[low, _]| low));
    let ([r1, r2, r3, r4], _) = add_words(
        &[r1, r2, r3, u64::from(carry)],
        &products.map(|[_, high]| high),
    );
    [r0, r1, r2, r3, r4]
}

/// a · b modulo p.
#[inline(always)]
pub(super) fn product(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let [p0, r @ ..] = add_row(&[0; 4], a[0], b);
    let [p1, r @ ..] = add_row(&r, a[1], b);
    let [p2, r @ ..] = add_row(&r, a[2], b);
    let [p3, r @ ..] = add_row(&r, a[3], b);
    let [r0, r1, r2, r3, top] = add_row(&[p0, p1, p2, p3], FOLD, &r);
    fold(&[r0, r1, r2, r3], top)
}

/// a + b modulo p.
#[inline(always)]
pub(super) fn sum(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let (sum, carry) = add_words(a, b);
    fold(&sum, u64::from(carry))
}

/// a − b modulo p.
#[inline(always)]
pub(super) fn difference(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let (r, borrow) = subtract_words(a, b);
    let (mut r, borrow) = subtract_words(&r, &[u64::from(borrow) * FOLD, 0, 0, 0]);
    // where it borrows, word 0 is above 2^64 − 39
    r[0] -= u64::from(borrow) * FOLD;
    r
}

/// A number below 2^255 + 19: to it another can be added without a carry.
#[inline(always)]
pub(super) fn below_2_255(a: &[u64; 4]) -> [u64; 4] {
    let top = a[3] >> 63;
    add_words(&[a[0], a[1], a[2], a[3] & MASK63], &[19 * top, 0, 0, 0]).0
}

/// a + b of numbers that together are below 2^256.
#[inline(always)]
pub(super) fn sum_without_carry(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    add_words(a, b).0
}

/// Word 4 of a product, without what is carried into it.
#[inline(always)]
fn word_4(a: &[u64; 4], b: &[u64; 4]) -> u64 {
    let upper = upper(a[0], b[3])
        .wrapping_add(upper(a[1], b[2]))
        .wrapping_add(upper(a[2], b[1]))
        .wrapping_add(upper(a[3], b[0]));
    upper
        .wrapping_add(lower(a[1], b[3]))
        .wrapping_add(lower(a[2], b[2]))
        .wrapping_add(lower(a[3], b[1]))
}

/// Word 0 alone of a · b modulo p: too small by up to [`LOW_SHORT`] modulo 2^64.
#[inline(always)]
pub(super) fn low(a: &[u64; 4], b: &[u64; 4]) -> u64 {
    lower(a[0], b[0]).wrapping_add(word_4(a, b).wrapping_mul(FOLD))
}

/// The same with what is carried into bit 255 and up, but for the high words of the products below: too small by up to
/// [`CARRIED_LOW_SHORT`].
#[inline(always)]
pub(super) fn carried_low(a: &[u64; 4], b: &[u64; 4]) -> u64 {
    let lows = [
        lower(a[0], b[3]),
        lower(a[1], b[2]),
        lower(a[2], b[1]),
        lower(a[3], b[0]),
    ];
    let word_3 = lows.into_iter().fold(0, |sum, low| sum + u128::from(low));
    let word_4 = word_4(a, b).wrapping_add((word_3 >> 64) as u64);
    let top = u128::from(word_3 as u64) + u128::from(upper(a[3], b[3])) * u128::from(FOLD);
    let from_255 = (top >> 63) as u64;
    lower(a[0], b[0])
        .wrapping_add(word_4.wrapping_mul(FOLD))
        .wrapping_add(19 * from_255)
}

/// Bits 192 to 254 alone of a · b modulo p, in the lowest 63: too small by up to [`LEFT_OUT`] modulo 2^63.
#[inline(always)]
pub(super) fn high(a: &[u64; 4], b: &[u64; 4]) -> u64 {
    let lower = lower(a[0], b[3])
        .wrapping_add(lower(a[1], b[2]))
        .wrapping_add(lower(a[2], b[1]))
        .wrapping_add(lower(a[3], b[0]));
    let upper = upper(a[0], b[2])
        .wrapping_add(upper(a[1], b[1]))
        .wrapping_add(upper(a[2], b[0]));
    lower
        .wrapping_add(upper)
        .wrapping_add(self::upper(a[3], b[3]).wrapping_mul(FOLD))
}

/// Both: word 0 exactly, but for a probability of 2^-55, and bits 192 to 254.
#[inline(always)]
pub(super) fn ends(a: &[u64; 4], b: &[u64; 4]) -> [u64; 2] {
    let sum = |words: [u64; 7]| {
        words
            .into_iter()
            .fold(0, |sum, word| sum + u128::from(word))
    };
    let [[l0, h0], [l1, h1], [l2, h2], [l3, h3]] = [
        wide(a[0], b[3]),
        wide(a[1], b[2]),
        wide(a[2], b[1]),
        wide(a[3], b[0]),
    ];
    let uppers = [upper(a[0], b[2]), upper(a[1], b[1]), upper(a[2], b[0])];
    let word_3 = sum([l0, l1, l2, l3, uppers[0], uppers[1], uppers[2]]);
    let word_4 = [
        h0,
        h1,
        h2,
        h3,
        lower(a[1], b[3]),
        lower(a[2], b[2]),
        lower(a[3], b[1]),
        (word_3 >> 64) as u64,
    ]
    .into_iter()
    .fold(0, u64::wrapping_add);
    let top = u128::from(word_3 as u64) + u128::from(upper(a[3], b[3])) * u128::from(FOLD);
    let from_255 = (top >> 63) as u64;
    [
        lower(a[0], b[0])
            .wrapping_add(word_4.wrapping_mul(FOLD))
            .wrapping_add(19 * from_255),
        top as u64 & MASK63,
    ]
}

/// The words of a + b and of a − b, of two numbers' [`ends`].
#[inline(always)]
pub(super) fn ends_of_sum_and_difference(a: &[u64; 2], b: &[u64; 2]) -> [[u64; 2]; 2] {
    let plus = a[1] + b[1];
    let minus = a[1].wrapping_sub(b[1]);
    let low = a[0].wrapping_add(b[0]).wrapping_add(19 * (plus >> 63));
    let difference = a[0].wrapping_sub(b[0]).wrapping_sub(19 * (minus >> 63));
    // b may be too small, which made the difference too large
    [[low, plus], [difference, minus.wrapping_sub(LEFT_OUT)]]
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    fn big(words: &[u64; 4]) -> BigUint {
        let words = words.iter().rev();
        words.fold(BigUint::ZERO, |value, word| (value << 64) + *word)
    }

    /// Every number whose words are at an edge.
    fn edges() -> Vec<[u64; 4]> {
        const WORDS: [u64; 4] = [0, 1, u64::MAX - 37, u64::MAX];
        let number = |n: usize| core::array::from_fn(|word| WORDS[n >> (2 * word) & 3]);
        (0..256).map(number).collect()
    }

    fn word(value: &BigUint, at: usize) -> u64 {
        value.to_u64_digits().get(at).copied().unwrap_or(0)
    }

    #[test]
    fn numbers_of_256_bits_at_the_edges_of_their_words_are_handled_as_big_integers_are() {
        let p = (BigUint::from(1_u8) << 255) - 19_u8;
        for a in edges() {
            for b in edges() {
                let (x, y) = (big(&a), big(&b));
                let exact = &x * &y % &p;
                assert_eq!(big(&product(&a, &b)) % &p, exact, "{x:x} · {y:x}");
                assert_eq!(big(&sum(&a, &b)) % &p, (&x + &y) % &p, "{x:x} + {y:x}");
                let minus = (&x + &p * 3_u8 - &y) % &p;
                assert_eq!(big(&difference(&a, &b)) % &p, minus, "{x:x} - {y:x}");
                let short = word(&exact, 0).wrapping_sub(low(&a, &b));
                assert!(short <= LOW_SHORT, "low of {x:x} · {y:x}: {short}");
                let short = word(&exact, 0).wrapping_sub(carried_low(&a, &b));
                assert!(
                    short <= CARRIED_LOW_SHORT,
                    "carried low of {x:x} · {y:x}: {short}"
                );
                for computed in [high(&a, &b), ends(&a, &b)[1]] {
                    let short = word(&exact, 3).wrapping_sub(computed) & MASK63;
                    assert!(short <= LEFT_OUT, "high of {x:x} · {y:x}: {short}");
                }
            }
        }
    }

    #[test]
    fn a_number_reduced_to_255_bits_takes_another_without_a_carry() {
        let p = (BigUint::from(1_u8) << 255) - 19_u8;
        for a in edges() {
            let (reduced, most) = (below_2_255(&a), &p - 1_u8);
            assert_eq!(big(&reduced) % &p, big(&a) % &p);
            assert!(big(&reduced) + most < BigUint::from(1_u8) << 256);
        }
    }
}

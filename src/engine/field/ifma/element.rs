//! Field elements in any number of lanes.

use super::Madd52;
use super::product::{
    FOLD, Limbs, MASK52, carry, clear, columns, fold, normalise, product, product_both,
};
use crate::field::{FieldElement, MAX_LANES, Simd, Words};

/// Bound of what [`Simd::ends_both`] leaves out of limb 4, in units of bit 208: 608 for the high half of column 8, 608 for
/// its carry, and a carry below 2^4 out of limb 3.
const LEFT_OUT: u64 = 1 << 11;

/// How much too small the words of [`Simd::lows_both`] may be: 19 times what limb 4 would hold from bit 47 up, which is at
/// most 9 · 2^52 of column 4 and 2^52 of column 9 · 608, and 1 for a product of p or more.
const LOW_SHORT: u64 = 19 * (10 * 32 + 1);

/// a + constant: limbs as between operations, but limb 4 below 2^48 + 2^7.
#[inline(always)]
fn sum<S: Madd52>(simd: S, a: &Limbs<S>, constant: &[u64; 5]) -> Limbs<S> {
    let mut r = *a;
    for i in 0..5 {
        r[i] = simd.word_add(a[i], simd.word(constant[i]));
    }
    carry(simd, r)
}

impl<S: Madd52> Simd for S {
    type Fe = Limbs<S>;
    /// Limbs 0 to 3 below 2^52, limb 4 below 2^47 + 2^6.
    type Addend = Limbs<S>;
    /// Row j is the element times 2^(52 j).
    type Multiplier = [Limbs<S>; 5];
    /// Radix 2^52, canonical.
    type Limbs = [u64; 5];
    type Constant = Self::Limbs;
    /// Limb 0 (bits above 51 are anything) and limb 4, below 2^56: what it holds from bit 47 up is still to be folded.
    type Ends = [S::Word; 2];

    const IN_MEMORY: bool = false;
    const LOW_BITS: u32 = 52;
    const LOW_SHORT: u64 = LOW_SHORT;
    /// Column 4 is what makes both ends dearer than one.
    const CARRIED_LOW_SHORT: Option<u64> = None;
    const HIGH_SHORT: u64 = LEFT_OUT + 2;

    fn limbs(value: &FieldElement) -> [u64; 5] {
        value.to_limbs(52)
    }

    fn constant(limbs: &[u64; 5]) -> [u64; 5] {
        *limbs
    }

    #[inline(always)]
    fn splat(self, value: &[u64; 5]) -> Limbs<S> {
        value.map(|limb| self.word(limb))
    }

    fn insert(self, vector: &mut Limbs<S>, lane: usize, value: &FieldElement) {
        for (limbs, limb) in vector.iter_mut().zip(Self::limbs(value)) {
            let mut words = [0; MAX_LANES];
            self.store(*limbs, &mut words);
            words[lane] = limb;
            *limbs = self.load(&words);
        }
    }

    fn extract(self, vector: &Limbs<S>, lane: usize) -> FieldElement {
        let limbs = vector.iter().enumerate().map(|(i, limb)| {
            let mut words = [0; MAX_LANES];
            self.store(*limb, &mut words);
            if i < 4 {
                words[lane] & MASK52
            } else {
                words[lane]
            }
        });
        FieldElement::from_limbs(52, limbs)
    }

    #[inline(always)]
    fn or_masked(self, vector: &mut Limbs<S>, mask: S::Word, value: &[u64; 5]) {
        for i in 0..5 {
            vector[i] = self.word_xor(vector[i], self.word_and(mask, self.word(value[i])));
        }
    }

    #[inline(always)]
    fn add(self, a: &Limbs<S>, b: &Limbs<S>) -> Limbs<S> {
        let (mut a, b) = (clear(self, *a), clear(self, *b));
        for i in 0..5 {
            a[i] = self.word_add(a[i], b[i]);
        }
        normalise(self, a)
    }

    #[inline(always)]
    fn sub(self, a: &Limbs<S>, b: &Limbs<S>) -> Limbs<S> {
        // 4 p in limbs of which none is below a limb of b: 2^54 − 76, 2^54 − 4 … 2^49 − 4
        const FOUR_P: [u64; 5] = [
            (1 << 54) - 76,
            (1 << 54) - 4,
            (1 << 54) - 4,
            (1 << 54) - 4,
            (1 << 49) - 4,
        ];
        let (mut a, b) = (clear(self, *a), clear(self, *b));
        for i in 0..5 {
            a[i] = self.word_sub(self.word_add(a[i], self.word(FOUR_P[i])), b[i]);
        }
        normalise(self, a)
    }

    /// Column 9 is the high half of a_4 · b_4, below 2^42 + 2^2: times 608 it is below 2^52.
    #[inline(always)]
    fn mul(self, a: &Limbs<S>, b: &Limbs<S>) -> Limbs<S> {
        let c = product(self, a, b);
        let mut r = fold(self, &c);
        r[4] = self.madd_low(r[4], c[9], self.word(FOLD));
        normalise(self, r)
    }

    #[inline(always)]
    fn addend(self, a: &Limbs<S>) -> Limbs<S> {
        clear(self, *a)
    }

    /// Column 9 of a product with a sum is below 2^43 + 2^3: times 304 it is below 2^52, and it is added twice.
    #[inline(always)]
    fn mul_both(
        self,
        [a, b]: [&Limbs<S>; 2],
        addend: &Limbs<S>,
        constant: &[u64; 5],
        [next, out]: [&mut Limbs<S>; 2],
    ) {
        let (c, d) = product_both(self, a, b, a, &sum(self, addend, constant));
        let (mut r, mut q) = (fold(self, &c), fold(self, &d));
        let whole = self.word(FOLD);
        let half = self.word(FOLD / 2);
        r[4] = self.madd_low(r[4], c[9], whole);
        q[4] = self.madd_low(q[4], d[9], half);
        q[4] = self.madd_low(q[4], d[9], half);
        *next = normalise(self, q);
        *out = normalise(self, r);
    }

    #[inline(always)]
    fn mul_sums(
        self,
        a: &[Limbs<S>; 2],
        addends: [&Limbs<S>; 2],
        constant: &[u64; 5],
        out: &mut [Limbs<S>; 2],
    ) {
        let (s, t) = (
            sum(self, addends[0], constant),
            sum(self, addends[1], constant),
        );
        let (c, d) = product_both(self, &a[0], &s, &a[1], &t);
        let (mut r, mut q) = (fold(self, &c), fold(self, &d));
        let half = self.word(FOLD / 2);
        r[4] = self.madd_low(r[4], c[9], half);
        q[4] = self.madd_low(q[4], d[9], half);
        r[4] = self.madd_low(r[4], c[9], half);
        q[4] = self.madd_low(q[4], d[9], half);
        *out = [normalise(self, r), normalise(self, q)];
    }

    #[inline(always)]
    fn multiplier(self, a: &Limbs<S>) -> [Limbs<S>; 5] {
        let radix = self.splat(&[0, 1, 0, 0, 0]);
        let mut rows = [*a; 5];
        for j in 1..5 {
            rows[j] = self.mul(&rows[j - 1], &radix);
        }
        rows
    }

    /// Σ_j constant_j · row_j: nothing but column 5 needs to be folded, and that is below 5 · 2^47.
    #[inline(always)]
    fn mul_constant(self, multiplier: &[Limbs<S>; 5], constant: &[u64; 5], out: &mut Limbs<S>) {
        let mut c = [self.word(0); 6];
        macro_rules! row {
            ($j:literal) => {
                let x = self.word(constant[$j]);
                let row = &multiplier[$j];
                columns!(self, c, row, [x], (0, 0), (1, 0), (2, 0), (3, 0), (4, 0));
            };
        }
        row!(0);
        row!(1);
        row!(2);
        row!(3);
        row!(4);
        let fold = self.word(FOLD);
        *out = normalise(
            self,
            [
                self.madd_low(c[0], c[5], fold),
                self.madd_high(c[1], c[5], fold),
                c[2],
                c[3],
                c[4],
            ],
        );
    }

    /// Limb 0 needs columns 0 and 5; limb 4 needs columns 4 and 9. What columns 3 and 8 would add to limb 4 is left out: it
    /// is too small by less than [`LEFT_OUT`].
    #[inline(always)]
    fn ends_both(self, constant: &[u64; 5], a: &Limbs<S>, b: &Limbs<S>) -> [[S::Word; 2]; 2] {
        let k = self.splat(constant);
        let fold = self.word(FOLD);
        let zero = self.word(0);
        let (mut p4, mut p5, mut q4, mut q5) = (zero, zero, zero, zero);
        macro_rules! lo {
            ($c:ident, $d:ident, $i:literal, $j:literal) => {
                $c = self.madd_low($c, k[$i], b[$j]);
                $d = self.madd_low($d, a[$i], b[$j]);
            };
        }
        macro_rules! hi {
            ($c:ident, $d:ident, $i:literal, $j:literal) => {
                $c = self.madd_high($c, k[$i], b[$j]);
                $d = self.madd_high($d, a[$i], b[$j]);
            };
        }
        lo!(p4, q4, 0, 4);
        lo!(p5, q5, 1, 4);
        hi!(p4, q4, 0, 3);
        hi!(p5, q5, 0, 4);
        lo!(p4, q4, 1, 3);
        lo!(p5, q5, 2, 3);
        hi!(p4, q4, 1, 2);
        hi!(p5, q5, 1, 3);
        lo!(p4, q4, 2, 2);
        lo!(p5, q5, 3, 2);
        hi!(p4, q4, 2, 1);
        hi!(p5, q5, 2, 2);
        lo!(p4, q4, 3, 1);
        lo!(p5, q5, 4, 1);
        hi!(p4, q4, 3, 0);
        hi!(p5, q5, 3, 1);
        lo!(p4, q4, 4, 0);
        hi!(p5, q5, 4, 0);
        let p9 = self.madd_high(zero, k[4], b[4]);
        let q9 = self.madd_high(zero, a[4], b[4]);
        p4 = self.madd_low(p4, p9, fold);
        q4 = self.madd_low(q4, q9, fold);
        let p0 = self.madd_low(self.madd_low(zero, k[0], b[0]), p5, fold);
        let q0 = self.madd_low(self.madd_low(zero, a[0], b[0]), q5, fold);
        [[p0, p4], [q0, q4]]
    }

    /// Columns 0 and 5: what limb 4 would hold from bit 47 up is left out.
    #[inline(always)]
    fn lows_both(self, constant: &[u64; 5], a: &Limbs<S>, b: &Limbs<S>) -> [S::Word; 2] {
        let k = self.splat(constant);
        let zero = self.word(0);
        let (mut p, mut q) = (zero, zero);
        macro_rules! lo { ($($i:literal $j:literal),*) => { $(
            p = self.madd_low(p, k[$i], b[$j]);
            q = self.madd_low(q, a[$i], b[$j]);
        )* } }
        macro_rules! hi { ($($i:literal $j:literal),*) => { $(
            p = self.madd_high(p, k[$i], b[$j]);
            q = self.madd_high(q, a[$i], b[$j]);
        )* } }
        lo!(1 4, 2 3, 3 2, 4 1);
        hi!(0 4, 1 3, 2 2, 3 1, 4 0);
        let fold = self.word(FOLD);
        [
            self.madd_low(self.madd_low(zero, k[0], b[0]), p, fold),
            self.madd_low(self.madd_low(zero, a[0], b[0]), q, fold),
        ]
    }

    /// Columns 4 and 9, as in [`Simd::ends_both`].
    #[inline(always)]
    fn highs_both(self, constant: &[u64; 5], a: &Limbs<S>, b: &Limbs<S>) -> [S::Word; 2] {
        let k = self.splat(constant);
        let zero = self.word(0);
        let (mut p, mut q) = (zero, zero);
        macro_rules! lo { ($($i:literal $j:literal),*) => { $(
            p = self.madd_low(p, k[$i], b[$j]);
            q = self.madd_low(q, a[$i], b[$j]);
        )* } }
        macro_rules! hi { ($($i:literal $j:literal),*) => { $(
            p = self.madd_high(p, k[$i], b[$j]);
            q = self.madd_high(q, a[$i], b[$j]);
        )* } }
        lo!(0 4, 1 3, 2 2, 3 1, 4 0);
        hi!(0 3, 1 2, 2 1, 3 0);
        let fold = self.word(FOLD);
        let p9 = self.madd_high(zero, k[4], b[4]);
        let q9 = self.madd_high(zero, a[4], b[4]);
        [self.madd_low(p, p9, fold), self.madd_low(q, q9, fold)]
    }

    /// The fold of limb 4 is that of the sum or the difference: one for both products.
    #[inline(always)]
    fn plus_minus(self, a: &[S::Word; 2], b: &[S::Word; 2]) -> [Words<S::Word>; 2] {
        let nineteen = self.word(19);
        let plus = self.word_add(a[1], b[1]);
        let minus = self.word_sub(a[1], b[1]);
        let sum = self.word_add(a[0], b[0]);
        let difference = self.word_sub(a[0], b[0]);
        [
            Words {
                low: self.madd_low(sum, self.word_shr(plus, 47), nineteen),
                high: plus,
            },
            Words {
                // 19 times the low 52 bits of a negative quotient is right modulo 2^52
                low: self.madd_low(difference, self.word_shr_signed(minus, 47), nineteen),
                // b may be too small, which made the difference too large
                high: self.word_sub(minus, self.word(LEFT_OUT)),
            },
        ]
    }

    #[inline(always)]
    fn words(self, a: &Limbs<S>) -> Words<S::Word> {
        // once more, so that only a value of 2^255 and up (probability near 2^-40) is not reduced
        let r = normalise(self, clear(self, *a));
        Words {
            low: r[0],
            high: r[4],
        }
    }
}

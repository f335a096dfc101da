//! One field element of GF(2^255 − 19) on 64-bit limbs: the arithmetic that sets a search up.
//!
//! Radix 2^51, five limbs. A product takes limbs below 2^54 and gives limbs below 2^52, as in
//! Bernstein, Duif, Lange, Schwabe, Yang, "High-speed high-security signatures" (2011), section 3.

use std::ops::{Add, Mul, Sub};

use zeroize::Zeroize;

use super::divsteps::inverse;

/// Bits 0 to 50.
const MASK51: u64 = (1 << 51) - 1;

/// 16 p in limbs: what a subtraction adds, so that no limb goes below zero.
const SIXTEEN_P: [u64; 5] = [
    (MASK51 - 18) << 4,
    MASK51 << 4,
    MASK51 << 4,
    MASK51 << 4,
    MASK51 << 4,
];

/// A value modulo p = 2^255 − 19; limbs are below 2^52 after every operation.
#[derive(Clone, Copy, Debug)]
pub struct FieldElement(pub(crate) [u64; 5]);

impl FieldElement {
    /// 0.
    pub const ZERO: Self = Self([0; 5]);
    /// 1.
    pub const ONE: Self = Self([1, 0, 0, 0, 0]);

    /// A small number.
    pub const fn from_u32(value: u32) -> Self {
        Self([value as u64, 0, 0, 0, 0])
    }

    /// The low 255 bits of 32 little-endian bytes, reduced modulo p by later operations.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let bits = |at: usize| -> u64 {
            let mut window = [0; 16];
            let rest = &bytes[at / 8..];
            let length = rest.len().min(16);
            window[..length].copy_from_slice(&rest[..length]);
            (u128::from_le_bytes(window) >> (at % 8)) as u64 & MASK51
        };
        Self([bits(0), bits(51), bits(102), bits(153), bits(204)])
    }

    /// Σ limb_i · 2^(radix · i), for limbs below 2^58 and at most 255 bits of places.
    pub(crate) fn from_limbs(radix: usize, limbs: impl Iterator<Item = u64>) -> Self {
        let mut sums = [0; 6];
        for (i, limb) in limbs.enumerate() {
            let (at, shift) = (radix * i / 51, radix * i % 51);
            sums[at] += limb << shift & MASK51;
            sums[at + 1] += limb >> (51 - shift);
        }
        let [a, b, c, d, e, above] = sums;
        Self(carry([a + 19 * above, b, c, d, e]))
    }

    /// The canonical value below p as 32 little-endian bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        let l = self.canonical();
        let mut out = [0; 32];
        let words = [
            l[0] | l[1] << 51,
            l[1] >> 13 | l[2] << 38,
            l[2] >> 26 | l[3] << 25,
            l[3] >> 39 | l[4] << 12,
        ];
        for (chunk, word) in out.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        out
    }

    /// The limbs of the canonical value, each below 2^51.
    pub(crate) fn canonical(self) -> [u64; 5] {
        let mut l = carry(carry(self.0));
        // q = 1 exactly when the value is p or more: then value + 19 reaches 2^255
        let mut q = (l[0] + 19) >> 51;
        for limb in &l[1..] {
            q = (limb + q) >> 51;
        }
        l[0] += 19 * q;
        for i in 0..4 {
            l[i + 1] += l[i] >> 51;
            l[i] &= MASK51;
        }
        l[4] &= MASK51;
        l
    }

    /// The canonical value in limbs of `radix` bits, at most 63, the last of which holds what is left of 255.
    pub(crate) fn to_limbs<const N: usize>(self, radix: usize) -> [u64; N] {
        let mut bytes = [0; 48];
        bytes[..32].copy_from_slice(&self.to_bytes());
        core::array::from_fn(|i| {
            let mut window = [0; 16];
            window.copy_from_slice(&bytes[radix * i / 8..][..16]);
            (u128::from_le_bytes(window) >> (radix * i % 8)) as u64 & ((1 << radix) - 1)
        })
    }

    /// self².
    #[inline(always)]
    pub fn square(self) -> Self {
        Self(square_limbs(&self.0))
    }

    /// self^(2^count).
    fn square_times(self, count: u32) -> Self {
        (0..count).fold(self, |value, _| value.square())
    }

    /// self^(2^250 − 1) and self^11, which both exponentiations below share.
    fn power_2_250_minus_1(self) -> (Self, Self) {
        let x2 = self.square();
        let x9 = x2.square_times(2).mul(self);
        let x11 = x9.mul(x2);
        let x5 = x11.square().mul(x9);
        let x10 = x5.square_times(5).mul(x5);
        let x20 = x10.square_times(10).mul(x10);
        let x40 = x20.square_times(20).mul(x20);
        let x50 = x40.square_times(10).mul(x10);
        let x100 = x50.square_times(50).mul(x50);
        let x200 = x100.square_times(100).mul(x100);
        (x200.square_times(50).mul(x50), x11)
    }

    /// 1 / self, or 0 for 0: self^(p − 2).
    pub fn invert(self) -> Self {
        let (power, x11) = self.power_2_250_minus_1();
        power.square_times(5).mul(x11)
    }

    /// The same in a third of the time, which depends on the value: not for what tells of a secret.
    pub fn invert_vartime(self) -> Self {
        inverse(self)
    }

    /// self^((p − 5) / 8), the exponentiation in a square root (RFC 8032, section 5.1.3).
    pub fn power_p58(self) -> Self {
        self.power_2_250_minus_1().0.square_times(2).mul(self)
    }

    /// Whether the value is 0 modulo p.
    pub fn is_zero(self) -> bool {
        self.canonical() == [0; 5]
    }

    /// The lowest bit of the canonical value, which RFC 8032 takes as the sign.
    pub fn is_odd(self) -> bool {
        self.canonical()[0] & 1 == 1
    }
}

impl Zeroize for FieldElement {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Add for FieldElement {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self(carry([
            a[0] + b[0],
            a[1] + b[1],
            a[2] + b[2],
            a[3] + b[3],
            a[4] + b[4],
        ]))
    }
}

impl Sub for FieldElement {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let (a, b, p) = (self.0, other.0, SIXTEEN_P);
        Self(carry([
            a[0] + p[0] - b[0],
            a[1] + p[1] - b[1],
            a[2] + p[2] - b[2],
            a[3] + p[3] - b[3],
            a[4] + p[4] - b[4],
        ]))
    }
}

impl Mul for FieldElement {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(mul_limbs(&self.0, &other.0))
    }
}

/// One carry pass: limbs below 2^63 become limbs below 2^51 + 19·2^12.
#[inline(always)]
fn carry(l: [u64; 5]) -> [u64; 5] {
    [
        (l[0] & MASK51) + 19 * (l[4] >> 51),
        (l[1] & MASK51) + (l[0] >> 51),
        (l[2] & MASK51) + (l[1] >> 51),
        (l[3] & MASK51) + (l[2] >> 51),
        (l[4] & MASK51) + (l[3] >> 51),
    ]
}

/// The 128-bit product of two limbs.
#[inline(always)]
fn wide(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

/// The product modulo p of limbs below 2^54; the result's limbs are below 2^51 + 2^13.
#[inline(always)]
fn mul_limbs(a: &[u64; 5], b: &[u64; 5]) -> [u64; 5] {
    // 19 · 2^54 < 2^59; five products of 2^54 · 2^59 stay below 2^116
    let (b1, b2, b3, b4) = (b[1] * 19, b[2] * 19, b[3] * 19, b[4] * 19);
    let c0 = wide(a[0], b[0]) + wide(a[4], b1) + wide(a[3], b2) + wide(a[2], b3) + wide(a[1], b4);
    let c1 = wide(a[1], b[0]) + wide(a[0], b[1]) + wide(a[4], b2) + wide(a[3], b3) + wide(a[2], b4);
    let c2 =
        wide(a[2], b[0]) + wide(a[1], b[1]) + wide(a[0], b[2]) + wide(a[4], b3) + wide(a[3], b4);
    let c3 =
        wide(a[3], b[0]) + wide(a[2], b[1]) + wide(a[1], b[2]) + wide(a[0], b[3]) + wide(a[4], b4);
    let c4 = wide(a[4], b[0])
        + wide(a[3], b[1])
        + wide(a[2], b[2])
        + wide(a[1], b[3])
        + wide(a[0], b[4]);
    reduce([c0, c1, c2, c3, c4])
}

/// The square modulo p of limbs below 2^54; the result's limbs are below 2^51 + 2^13.
#[inline(always)]
fn square_limbs(a: &[u64; 5]) -> [u64; 5] {
    let (twice0, twice1) = (2 * a[0], 2 * a[1]);
    // 38 · 2^54 < 2^60
    let (a3, a4) = (a[3] * 19, a[4] * 19);
    reduce([
        wide(a[0], a[0]) + wide(twice1, a4) + wide(2 * a[2], a3),
        wide(twice0, a[1]) + wide(2 * a[2], a4) + wide(a[3], a3),
        wide(twice0, a[2]) + wide(a[1], a[1]) + wide(2 * a[3], a4),
        wide(twice0, a[3]) + wide(twice1, a[2]) + wide(a[4], a4),
        wide(twice0, a[4]) + wide(twice1, a[3]) + wide(a[2], a[2]),
    ])
}

/// Carries five columns below 2^116, the fifth below 2^111, once round.
#[inline(always)]
fn reduce([c0, mut c1, mut c2, mut c3, mut c4]: [u128; 5]) -> [u64; 5] {
    let mut r0 = c0 as u64 & MASK51;
    c1 += u128::from((c0 >> 51) as u64);
    let mut r1 = c1 as u64 & MASK51;
    c2 += u128::from((c1 >> 51) as u64);
    let r2 = c2 as u64 & MASK51;
    c3 += u128::from((c2 >> 51) as u64);
    let r3 = c3 as u64 & MASK51;
    c4 += u128::from((c3 >> 51) as u64);
    let r4 = c4 as u64 & MASK51;
    // limbs below 2^54 make c4 < 5 · 2^108 + 2^65, so its carry times 19 is below 2^64
    r0 += 19 * (c4 >> 51) as u64;
    r1 += r0 >> 51;
    r0 &= MASK51;
    [r0, r1, r2, r3, r4]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_invert_agree() {
        let mut values: Vec<_> = [0, 1, 2, 19, u32::MAX].map(FieldElement::from_u32).into();
        // p − 1 to p − 20, 2^k and 2^k − 1, and what follows from them
        values.extend((1..=20).map(|n| FieldElement::ZERO.sub(FieldElement::from_u32(n))));
        let mut power = FieldElement::ONE;
        for _ in 0..255 {
            power = power.add(power);
            values.extend([power, power.sub(FieldElement::ONE)]);
        }
        let mut value = FieldElement::from_u32(9);
        for _ in 0..2_000 {
            value = value.square().add(power);
            values.push(value);
        }
        for value in values {
            let inverse = value.invert_vartime();
            assert_eq!(inverse.to_bytes(), value.invert().to_bytes());
            let product = value.mul(inverse).to_bytes();
            assert_eq!(product == FieldElement::ONE.to_bytes(), !value.is_zero());
        }
    }
}

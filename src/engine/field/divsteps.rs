//! Inverses modulo p = 2^255 − 19 by division steps: Bernstein, Yang, "Fast constant-time gcd computation and modular
//! inversion" (2019), sections 8 to 11, here in variable time.
//!
//! Numbers are Σ l_i · 2^(62 i) with limbs 0 to 3 from 0 to 2^62 − 1, but for p, and a signed limb 4. From f = p and g = x, 62
//! steps at a time are done on the lowest 64 bits alone; they make a matrix, by which f and g are then multiplied exactly, and d
//! and e modulo p. d · x = f and e · x = g modulo p hold throughout, and in the end g = 0, f = ±1.

use super::FieldElement;

/// Bits of a limb, and steps at a time.
const BITS: u32 = 62;

/// Bits 0 to 61.
const MASK: u64 = (1 << BITS) - 1;

/// A number from −2^309 to 2^309 − 1.
type Signed = [i64; 5];

/// p, as −19 + 2^7 · 2^248.
const P: Signed = [-19, 0, 0, 0, 128];

/// −1 / p modulo 2^62, which is 1 / 19.
const MINUS_INVERSE_OF_P: u64 = inverse_of_19() & MASK;

const fn inverse_of_19() -> u64 {
    // 19 · 3 = 1 modulo 8; each step doubles the bits that are right
    let mut inverse = 3_u64;
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(inverse.wrapping_mul(19)));
        step += 1;
    }
    inverse
}

/// 62 steps: 2^62 times the new f is u f + v g, and 2^62 times the new g is q f + r g. |u| + |v| and |q| + |r| are at most 2^62.
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// 1 / x, or 0 for 0. The time depends on x.
pub(super) fn inverse(x: FieldElement) -> FieldElement {
    let limbs: [u64; 5] = x.to_limbs(BITS as usize);
    let (mut f, mut g) = (P, limbs.map(|limb| limb as i64));
    let (mut d, mut e) = ([0; 5], [1, 0, 0, 0, 0]);
    let mut eta = -1;
    while g != [0; 5] {
        let matrix = matrix(&mut eta, f[0] as u64, g[0] as u64);
        matrix.apply_modulo_p(&mut d, &mut e);
        matrix.apply(&mut f, &mut g);
    }
    // from −2 p to p, or from −p to 2 p
    let mut inverse = if f[4] < 0 { negative(&d) } else { d };
    while inverse[4] < 0 {
        inverse = sum(&inverse, &P);
    }
    // 2^255 and up
    if inverse[4] >> 7 != 0 {
        inverse = sum(&inverse, &negative(&P));
    }
    element(inverse)
}

/// The value of limbs from 0 to 2^255 − 1.
fn element(limbs: Signed) -> FieldElement {
    const HALF: u32 = BITS / 2;
    let halves = limbs.map(|limb| [limb as u64 & ((1 << HALF) - 1), limb as u64 >> HALF]);
    // the tenth is zero
    FieldElement::from_limbs(HALF as usize, halves.into_iter().flatten().take(9))
}

/// 62 steps on the lowest bits of f, which is odd, and g. `eta` is −delta of the paper.
fn matrix(eta: &mut i64, f: u64, g: u64) -> Matrix {
    let (mut f, mut g) = (f, g);
    let (mut u, mut v, mut q, mut r) = (1_u64, 0_u64, 0_u64, 1_u64);
    let mut left = BITS;
    loop {
        // as many halvings of g as it has zeros, at most those that are left
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            break;
        }
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // g + w f has as many zeros as there are steps before eta is negative again, at most 6: f (f² − 2) = −1 / f modulo
        // 2^6
        let bits = left.min(*eta as u32 + 1).min(6);
        let minus_inverse = f.wrapping_mul(f.wrapping_mul(f).wrapping_sub(2));
        let w = g.wrapping_mul(minus_inverse) & ((1 << bits) - 1);
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
    let [u, v, q, r] = [u, v, q, r].map(|entry| entry as i64);
    Matrix { u, v, q, r }
}

fn product(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

impl Matrix {
    /// (u f + v g) / 2^62 and (q f + r g) / 2^62, which are whole.
    fn apply(&self, f: &mut Signed, g: &mut Signed) {
        let mut carries = [0_i128; 2];
        for i in 0..5 {
            carries[0] += product(self.u, f[i]) + product(self.v, g[i]);
            carries[1] += product(self.q, f[i]) + product(self.r, g[i]);
            if i > 0 {
                f[i - 1] = (carries[0] as u64 & MASK) as i64;
                g[i - 1] = (carries[1] as u64 & MASK) as i64;
            }
            carries = carries.map(|carry| carry >> BITS);
        }
        (f[4], g[4]) = (carries[0] as i64, carries[1] as i64);
    }

    /// The same of d and e modulo p, which stay between −2 p and p: p is added where they are negative, and as often as makes the
    /// lowest 62 bits zero.
    fn apply_modulo_p(&self, d: &mut Signed, e: &mut Signed) {
        let (d_sign, e_sign) = (d[4] >> 63, e[4] >> 63);
        let low = [
            product(self.u, d[0]) + product(self.v, e[0]),
            product(self.q, d[0]) + product(self.r, e[0]),
        ];
        let signs = [
            (self.u & d_sign) + (self.v & e_sign),
            (self.q & d_sign) + (self.r & e_sign),
        ];
        let mut times = [0; 2];
        let mut carries = [0; 2];
        for i in 0..2 {
            // low + p · times = 0 modulo 2^62, with times = signs modulo 2^62 less what is too much
            let wanted = MINUS_INVERSE_OF_P.wrapping_mul(low[i] as u64);
            times[i] = signs[i] - ((signs[i] as u64).wrapping_sub(wanted) & MASK) as i64;
            carries[i] = (low[i] + product(times[i], P[0])) >> BITS;
        }
        for i in 1..5 {
            carries[0] += product(self.u, d[i]) + product(self.v, e[i]) + product(times[0], P[i]);
            carries[1] += product(self.q, d[i]) + product(self.r, e[i]) + product(times[1], P[i]);
            d[i - 1] = (carries[0] as u64 & MASK) as i64;
            e[i - 1] = (carries[1] as u64 & MASK) as i64;
            carries = carries.map(|carry| carry >> BITS);
        }
        (d[4], e[4]) = (carries[0] as i64, carries[1] as i64);
    }
}

/// a + b.
fn sum(a: &Signed, b: &Signed) -> Signed {
    carried(std::array::from_fn(|i| a[i] + b[i]))
}

/// −a.
fn negative(a: &Signed) -> Signed {
    carried(a.map(|limb| -limb))
}

/// Brings limbs 0 to 3 between 0 and 2^62 − 1.
fn carried(mut limbs: Signed) -> Signed {
    for i in 0..4 {
        limbs[i + 1] += limbs[i] >> BITS;
        limbs[i] &= MASK as i64;
    }
    limbs
}

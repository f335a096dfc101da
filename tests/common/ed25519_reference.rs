//! A second, slow Ed25519 in big integers (RFC 8032 section 5.1), sharing no code with anything that is tested.

use num_bigint::BigUint;
use sha2::{Digest, Sha512};

/// The field's prime, the group's order, the curve's constant and the base point.
pub struct Curve {
    p: BigUint,
    order: BigUint,
    d: BigUint,
    base: Point,
}

/// A point in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
#[derive(Clone)]
pub struct Point {
    x: BigUint,
    y: BigUint,
    z: BigUint,
    t: BigUint,
}

fn number(value: u32) -> BigUint {
    BigUint::from(value)
}

impl Curve {
    pub fn new() -> Self {
        let p = (number(1) << 255u32) - number(19);
        let order = (number(1) << 252u32)
            + BigUint::parse_bytes(b"27742317777372353535851937790883648493", 10).unwrap();
        let inverse = |value: &BigUint| value.modpow(&(&p - number(2)), &p);
        let d = (&p - number(121_665)) * inverse(&number(121_666)) % &p;
        let base_y = number(4) * inverse(&number(5)) % &p;
        let zero = Point {
            x: number(0),
            y: number(1),
            z: number(1),
            t: number(0),
        };
        let mut curve = Self {
            p,
            order,
            d,
            base: zero,
        };
        curve.base = curve.with_y(&base_y, false).unwrap();
        curve
    }

    fn inverse(&self, value: &BigUint) -> BigUint {
        value.modpow(&(&self.p - number(2)), &self.p)
    }

    fn subtract(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.p - b % &self.p) % &self.p
    }

    /// RFC 8032 section 5.1.3: the point with this y and this lowest bit of x.
    fn with_y(&self, y: &BigUint, odd: bool) -> Option<Point> {
        if y >= &self.p {
            return None;
        }
        let p = &self.p;
        let yy = y * y % p;
        let xx = self.subtract(&yy, &number(1)) * self.inverse(&(&self.d * &yy + number(1))) % p;
        let mut x = xx.modpow(&((p + number(3)) >> 3u32), p);
        if &x * &x % p != xx {
            x = x * number(2).modpow(&((p - number(1)) >> 2u32), p) % p;
        }
        if &x * &x % p != xx || (x == number(0) && odd) {
            return None;
        }
        if x.bit(0) != odd {
            x = p - x;
        }
        let t = &x * y % p;
        Some(Point {
            x,
            y: y.clone(),
            z: number(1),
            t,
        })
    }

    /// RFC 8032 section 5.1.4: complete, so it also doubles.
    fn add(&self, a: &Point, b: &Point) -> Point {
        let p = &self.p;
        let e1 = self.subtract(&a.y, &a.x) * self.subtract(&b.y, &b.x) % p;
        let e2 = (&a.y + &a.x) * (&b.y + &b.x) % p;
        let c = number(2) * &a.t * &self.d % p * &b.t % p;
        let d = number(2) * &a.z * &b.z % p;
        let (e, f) = (self.subtract(&e2, &e1), self.subtract(&d, &c));
        let (g, h) = (d + c, e2 + e1);
        Point {
            x: &e * &f % p,
            y: &g * &h % p,
            z: f * g % p,
            t: e * h % p,
        }
    }

    fn multiply(&self, factor: &BigUint, point: &Point) -> Point {
        let mut sum = Point {
            x: number(0),
            y: number(1),
            z: number(1),
            t: number(0),
        };
        for bit in (0..factor.bits()).rev() {
            sum = self.add(&sum, &sum);
            if factor.bit(bit) {
                sum = self.add(&sum, point);
            }
        }
        sum
    }

    fn encode(&self, point: &Point) -> [u8; 32] {
        let inverse = self.inverse(&point.z);
        let (x, y) = (&point.x * &inverse % &self.p, &point.y * &inverse % &self.p);
        let mut bytes = to_bytes(&y);
        bytes[31] |= u8::from(x.bit(0)) << 7;
        bytes
    }

    fn decode(&self, bytes: &[u8; 32]) -> Option<Point> {
        self.with_y(&y_of(bytes), bytes[31] >> 7 == 1)
    }

    /// The public key of a scalar (little-endian, clamped or not).
    pub fn public_key(&self, scalar: &[u8; 32]) -> [u8; 32] {
        self.encode(&self.multiply(&BigUint::from_bytes_le(scalar), &self.base))
    }

    /// RFC 8032 section 5.1.7, without the cofactor: whether [S]B = R + [k]A.
    pub fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let (r, s) = (
            signature[..32].try_into().unwrap(),
            BigUint::from_bytes_le(&signature[32..]),
        );
        let (Some(a), Some(r_point)) = (self.decode(public), self.decode(&r)) else {
            return false;
        };
        let k = self.challenge(&r, public, message);
        let right = self.add(&r_point, &self.multiply(&k, &a));
        s < self.order && self.encode(&self.multiply(&s, &self.base)) == self.encode(&right)
    }

    /// RFC 8032 section 5.1.6 from step 2 on, with a private key of scalar and prefix.
    pub fn sign(&self, private: &[u8; 64], message: &[u8]) -> [u8; 64] {
        let scalar: [u8; 32] = private[..32].try_into().unwrap();
        let hash = Sha512::new()
            .chain_update(&private[32..])
            .chain_update(message)
            .finalize();
        let nonce = BigUint::from_bytes_le(&hash) % &self.order;
        let r = self.encode(&self.multiply(&nonce, &self.base));
        let k = self.challenge(&r, &self.public_key(&scalar), message);
        let s = (nonce + k * BigUint::from_bytes_le(&scalar)) % &self.order;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(&to_bytes(&s));
        signature
    }

    fn challenge(&self, r: &[u8; 32], public: &[u8; 32], message: &[u8]) -> BigUint {
        let hash = Sha512::new()
            .chain_update(r)
            .chain_update(public)
            .chain_update(message)
            .finalize();
        BigUint::from_bytes_le(&hash) % &self.order
    }
}

fn to_bytes(value: &BigUint) -> [u8; 32] {
    let mut bytes = value.to_bytes_le();
    bytes.resize(32, 0);
    bytes.try_into().unwrap()
}

/// The 255 bits of y in an encoded public key.
pub fn y_of(public: &[u8; 32]) -> BigUint {
    let mut bytes = *public;
    bytes[31] &= 0x7f;
    BigUint::from_bytes_le(&bytes)
}

/// The public key of a scalar, for a caller with few of them; see [`Curve`].
pub fn public_key(scalar: [u8; 32]) -> [u8; 32] {
    Curve::new().public_key(&scalar)
}

/// Whether a signature is good, for a caller with few of them; see [`Curve`].
pub fn verify(public: [u8; 32], message: &[u8], signature: [u8; 64]) -> bool {
    Curve::new().verify(&public, message, &signature)
}

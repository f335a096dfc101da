// Arithmetic modulo p = 2^255 - 19 in eight limbs of 32 bits, little-endian. A value is any number below 2^256; 2^256 is 38
// modulo p. No function here branches on a value.
//
// With KEYGEN_PTX the chains of multiply-adds are NVIDIA's own instructions: each pair mad.lo.cc / madc.hi.cc becomes one
// 32x32+64-bit multiply-add with carry. Without it, plain C says the same.

typedef struct { uint v[8]; } fe;

#ifdef KEYGEN_PTX

// (acc0 .. acc7, acc8) += (a0 + a1 2^64 + a2 2^128 + a3 2^192) * b, with acc8 taking the carry.
#define ROW(acc0, acc1, acc2, acc3, acc4, acc5, acc6, acc7, acc8, a0, a1, a2, a3, b)                                     \
    __asm__("mad.lo.cc.u32 %0, %9, %13, %0; madc.hi.cc.u32 %1, %9, %13, %1;"                                             \
            "madc.lo.cc.u32 %2, %10, %13, %2; madc.hi.cc.u32 %3, %10, %13, %3;"                                          \
            "madc.lo.cc.u32 %4, %11, %13, %4; madc.hi.cc.u32 %5, %11, %13, %5;"                                          \
            "madc.lo.cc.u32 %6, %12, %13, %6; madc.hi.cc.u32 %7, %12, %13, %7; addc.u32 %8, %8, 0;"                      \
            : "+r"(acc0), "+r"(acc1), "+r"(acc2), "+r"(acc3), "+r"(acc4), "+r"(acc5), "+r"(acc6), "+r"(acc7), "+r"(acc8) \
            : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b))

// (acc0 .. acc7) += (b0 .. b7); the carry is added to acc8.
#define ADD8(acc0, acc1, acc2, acc3, acc4, acc5, acc6, acc7, acc8, b0, b1, b2, b3, b4, b5, b6, b7)                       \
    __asm__("add.cc.u32 %0, %0, %9; addc.cc.u32 %1, %1, %10; addc.cc.u32 %2, %2, %11; addc.cc.u32 %3, %3, %12;"          \
            "addc.cc.u32 %4, %4, %13; addc.cc.u32 %5, %5, %14; addc.cc.u32 %6, %6, %15; addc.cc.u32 %7, %7, %16;"        \
            "addc.u32 %8, %8, 0;"                                                                                        \
            : "+r"(acc0), "+r"(acc1), "+r"(acc2), "+r"(acc3), "+r"(acc4), "+r"(acc5), "+r"(acc6), "+r"(acc7), "+r"(acc8) \
            : "r"(b0), "r"(b1), "r"(b2), "r"(b3), "r"(b4), "r"(b5), "r"(b6), "r"(b7))

// (acc0 .. acc7) -= (b0 .. b7); acc8 becomes 0, or all ones where a borrow is left.
#define SUB8(acc0, acc1, acc2, acc3, acc4, acc5, acc6, acc7, acc8, b0, b1, b2, b3, b4, b5, b6, b7)                       \
    __asm__("sub.cc.u32 %0, %0, %9; subc.cc.u32 %1, %1, %10; subc.cc.u32 %2, %2, %11; subc.cc.u32 %3, %3, %12;"          \
            "subc.cc.u32 %4, %4, %13; subc.cc.u32 %5, %5, %14; subc.cc.u32 %6, %6, %15; subc.cc.u32 %7, %7, %16;"        \
            "subc.u32 %8, 0, 0;"                                                                                         \
            : "+r"(acc0), "+r"(acc1), "+r"(acc2), "+r"(acc3), "+r"(acc4), "+r"(acc5), "+r"(acc6), "+r"(acc7), "=r"(acc8) \
            : "r"(b0), "r"(b1), "r"(b2), "r"(b3), "r"(b4), "r"(b5), "r"(b6), "r"(b7))

#endif

// r += 38 c for c below 2^26.
static inline void add_folded(uint r[8], uint c) {
#ifdef KEYGEN_PTX
    uint again = 0;
    ADD8(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], again, 38 * c, 0, 0, 0, 0, 0, 0, 0);
    // after a second overflow the limbs are small: nothing is carried
    r[0] += 38 * again;
#else
    ulong t = 38 * (ulong)c;
    for (int k = 0; k < 8; k++) {
        t += r[k];
        r[k] = (uint)t;
        t >>= 32;
    }
    r[0] += 38 * (uint)t;
#endif
}

// The 16 limbs of a * b.
static inline void product(uint t[16], const uint a[8], const uint b[8]) {
#ifdef KEYGEN_PTX
    // even limbs and odd limbs apart: a product a_i b_j fills limbs i + j and i + j + 1 of one of the two
    uint odd[16];
    for (int k = 0; k < 16; k++) {
        t[k] = 0;
        odd[k] = 0;
    }
#pragma unroll
    for (int i = 0; i < 8; i += 2) {
        ROW(t[i], t[i + 1], t[i + 2], t[i + 3], t[i + 4], t[i + 5], t[i + 6], t[i + 7], t[i + 8], a[0], a[2], a[4], a[6], b[i]);
        ROW(odd[i], odd[i + 1], odd[i + 2], odd[i + 3], odd[i + 4], odd[i + 5], odd[i + 6], odd[i + 7], odd[i + 8],
            a[1], a[3], a[5], a[7], b[i]);
        uint none = 0;
        ROW(odd[i], odd[i + 1], odd[i + 2], odd[i + 3], odd[i + 4], odd[i + 5], odd[i + 6], odd[i + 7], odd[i + 8],
            a[0], a[2], a[4], a[6], b[i + 1]);
        if (i < 6) {
            ROW(t[i + 2], t[i + 3], t[i + 4], t[i + 5], t[i + 6], t[i + 7], t[i + 8], t[i + 9], t[i + 10],
                a[1], a[3], a[5], a[7], b[i + 1]);
        } else {
            ROW(t[8], t[9], t[10], t[11], t[12], t[13], t[14], t[15], none, a[1], a[3], a[5], a[7], b[7]);
        }
    }
    uint carry = 0;
    ADD8(t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], carry, odd[0], odd[1], odd[2], odd[3], odd[4], odd[5], odd[6], odd[7]);
    // nothing is carried beyond limb 15, since the whole product has 16
    __asm__("add.cc.u32 %7, %7, 0xffffffff; addc.cc.u32 %0, %0, %8; addc.cc.u32 %1, %1, %9; addc.cc.u32 %2, %2, %10;"
            "addc.cc.u32 %3, %3, %11; addc.cc.u32 %4, %4, %12; addc.cc.u32 %5, %5, %13; addc.u32 %6, %6, %14;"
            : "+r"(t[9]), "+r"(t[10]), "+r"(t[11]), "+r"(t[12]), "+r"(t[13]), "+r"(t[14]), "+r"(t[15]), "+r"(carry)
            : "r"(odd[8]), "r"(odd[9]), "r"(odd[10]), "r"(odd[11]), "r"(odd[12]), "r"(odd[13]), "r"(odd[14]));
#else
    for (int k = 0; k < 8; k++) {
        t[k] = 0;
    }
    for (int i = 0; i < 8; i++) {
        ulong carry = 0;
        for (int j = 0; j < 8; j++) {
            carry += (ulong)a[j] * b[i] + t[i + j];
            t[i + j] = (uint)carry;
            carry >>= 32;
        }
        t[i + 8] = (uint)carry;
    }
#endif
}

// t modulo p: low half + 38 high half.
static inline fe fold(uint t[16]) {
    fe r;
    uint c = 0;
#ifdef KEYGEN_PTX
    uint odd[8];
    for (int k = 0; k < 8; k++) {
        r.v[k] = t[k];
    }
    for (int k = 0; k < 8; k += 2) {
        ulong wide = (ulong)t[9 + k] * 38;
        odd[k] = (uint)wide;
        odd[k + 1] = (uint)(wide >> 32);
    }
    ROW(r.v[0], r.v[1], r.v[2], r.v[3], r.v[4], r.v[5], r.v[6], r.v[7], c, t[8], t[10], t[12], t[14], 38);
    ADD8(r.v[1], r.v[2], r.v[3], r.v[4], r.v[5], r.v[6], r.v[7], c, t[15], odd[0], odd[1], odd[2], odd[3], odd[4], odd[5], odd[6],
         odd[7]);
#else
    ulong carry = 0;
    for (int k = 0; k < 8; k++) {
        carry += (ulong)t[8 + k] * 38 + t[k];
        r.v[k] = (uint)carry;
        carry >>= 32;
    }
    c = (uint)carry;
#endif
    // c is at most 38
    add_folded(r.v, c);
    return r;
}

static inline fe mul(fe a, fe b) {
    uint t[16];
    product(t, a.v, b.v);
    return fold(t);
}

// a += b; returns the carry.
static inline uint add_to(fe *a, fe b) {
    uint c = 0;
#ifdef KEYGEN_PTX
    ADD8(a->v[0], a->v[1], a->v[2], a->v[3], a->v[4], a->v[5], a->v[6], a->v[7], c, b.v[0], b.v[1], b.v[2], b.v[3], b.v[4],
         b.v[5], b.v[6], b.v[7]);
#else
    ulong carry = 0;
    for (int k = 0; k < 8; k++) {
        carry += (ulong)a->v[k] + b.v[k];
        a->v[k] = (uint)carry;
        carry >>= 32;
    }
    c = (uint)carry;
#endif
    return c;
}

static inline fe add(fe a, fe b) {
    const uint c = add_to(&a, b);
    add_folded(a.v, c);
    return a;
}

// a + b for a sum below 2^256.
static inline fe add_small(fe a, fe b) {
    add_to(&a, b);
    return a;
}

static inline fe sub(fe a, fe b) {
    uint borrow;
#ifdef KEYGEN_PTX
    uint again;
    SUB8(a.v[0], a.v[1], a.v[2], a.v[3], a.v[4], a.v[5], a.v[6], a.v[7], borrow, b.v[0], b.v[1], b.v[2], b.v[3], b.v[4], b.v[5],
         b.v[6], b.v[7]);
    SUB8(a.v[0], a.v[1], a.v[2], a.v[3], a.v[4], a.v[5], a.v[6], a.v[7], again, 38 & borrow, 0, 0, 0, 0, 0, 0, 0);
#else
    ulong t = 0;
    for (int k = 0; k < 8; k++) {
        t = (ulong)a.v[k] - b.v[k] - (t >> 63);
        a.v[k] = (uint)t;
    }
    borrow = (uint)(t >> 32);
    t = 0;
    for (int k = 0; k < 8; k++) {
        t = (ulong)a.v[k] - (k == 0 ? (38 & borrow) : 0) - (t >> 63);
        a.v[k] = (uint)t;
    }
    uint again = (uint)(t >> 32);
#endif
    // after a second borrow the limbs are all but full: nothing is borrowed
    a.v[0] -= 38 & again;
    return a;
}

// The same value below 2^255 + 19.
static inline fe tighten(fe a) {
    fe top;
    for (int k = 0; k < 8; k++) {
        top.v[k] = 0;
    }
    top.v[0] = 19 * (a.v[7] >> 31);
    a.v[7] &= 0x7fffffff;
    return add_small(a, top);
}

// The same value below p.
static inline fe canonical(fe a) {
    a = tighten(a);
    fe nineteen;
    for (int k = 0; k < 8; k++) {
        nineteen.v[k] = 0;
    }
    nineteen.v[0] = 19;
    // a + 19 reaches 2^255 exactly where a reaches p
    const fe reduced = add_small(a, nineteen);
    const uint over = 0 - (reduced.v[7] >> 31);
    for (int k = 0; k < 8; k++) {
        a.v[k] = (a.v[k] & ~over) | (reduced.v[k] & over);
    }
    a.v[7] &= 0x7fffffff;
    return a;
}

static inline fe square_times(fe a, int count) {
#pragma unroll 1
    for (int i = 0; i < count; i++) {
        a = mul(a, a);
    }
    return a;
}

// 1 / a, or 0 for 0: a^(p - 2), with the usual chain of 254 squarings and 11 products.
static inline fe invert(fe a) {
    const fe x2 = mul(a, a);
    const fe x9 = mul(square_times(x2, 2), a);
    const fe x11 = mul(x9, x2);
    fe power = mul(mul(x11, x11), x9);
    const fe x5 = power;
    const fe x10 = mul(square_times(x5, 5), x5);
    const fe x20 = mul(square_times(x10, 10), x10);
    const fe x40 = mul(square_times(x20, 20), x20);
    const fe x50 = mul(square_times(x40, 10), x10);
    const fe x100 = mul(square_times(x50, 50), x50);
    const fe x200 = mul(square_times(x100, 100), x100);
    power = mul(square_times(x200, 50), x50);
    return mul(square_times(power, 5), x11);
}

// The sum of a_i b_j for i + j = k, modulo 2^64.
static inline ulong column(fe a, fe b, int k) {
    ulong sum = 0;
    for (int i = k < 8 ? 0 : k - 7; i <= k && i < 8; i++) {
        sum += (ulong)a.v[i] * b.v[k - i];
    }
    return sum;
}

// The lowest 32 bits of it.
static inline uint low_column(fe a, fe b, int k) {
    uint sum = 0;
    for (int i = k < 8 ? 0 : k - 7; i <= k && i < 8; i++) {
        sum += a.v[i] * b.v[k - i];
    }
    return sum;
}

static inline uint high_half(uint a, uint b) {
    return (uint)((ulong)a * b >> 32);
}

// Limbs 14 and 15 of a * b, too small by at most 5: what columns 0 to 12 add, and the low halves of column 13, are left out.
static inline ulong top_limbs(fe a, fe b) {
    return (ulong)a.v[7] * b.v[7] + high_half(a.v[6], b.v[7]) + high_half(a.v[7], b.v[6]);
}

// The lowest limb of a * b modulo p, too small by at most LOW_SHORT (modulo 2^32, of the canonical value).
//
// It is limb 0 + 38 limb 8 of the product. What is carried from columns 0 to 6 into limb 8 is left out: the seven products of
// column 6 and what lies below them are less than 8 * 2^224 * 2^32, so limb 8 is too small by at most 8, the result by 304.
// The product itself exceeds the canonical value by q p for a q of at most 78, of which the limb shows -19 q: 1482 more.
#define LOW_SHORT (38 * 8 + 19 * 78)
static inline uint low_limb(fe a, fe b) {
    const uint limb8 = (uint)(column(a, b, 7) >> 32) + low_column(a, b, 8);
    return a.v[0] * b.v[0] + 38 * limb8;
}

// The highest limb of a * b modulo p (bits 224 to 254 of it; bit 31 is to be ignored), too small by at most HIGH_SHORT.
//
// It is limb 7 of the low half plus limb 7 of 38 times the high half. Left out: what columns 0 to 5 carry into limb 7, at most
// 7; a carry of 1 that limb 14 is too small for, since 5 times 38 is nothing beside 2^32; the carry of 1 below limb 7 of the
// sum; and one where q p is subtracted.
#define HIGH_SHORT 10
static inline uint high_limb(fe a, fe b) {
    const uint limb7 = (uint)(column(a, b, 6) >> 32) + low_column(a, b, 7);
    const ulong top = top_limbs(a, b);
    return limb7 + 38 * (uint)(top >> 32) + high_half((uint)top, 38u);
}

// Both ends of a * b modulo p.
typedef struct {
    uint low;   // bits 0 to 31; too small by 38, or off by 19, with a probability near 2^-27
    uint high;  // bits 224 to 254, too small by at most HIGH_SHORT
} Ends;

// As the two functions above, with what column 6 carries into limb 8, and without the multiple of p that the product exceeds
// the canonical value by: limb 7 of low half + 38 high half, with all that lies above it, tells how many.
static inline Ends both_ends(fe a, fe b) {
    ulong column6 = 0;
    uint carries = 0;
    for (int i = 0; i < 7; i++) {
        const ulong product = (ulong)a.v[i] * b.v[6 - i];
        column6 += product;
        carries += column6 < product;
    }
    const ulong above = column(a, b, 7) + (column6 >> 32) + ((ulong)carries << 32);
    const uint limb8 = (uint)(above >> 32) + low_column(a, b, 8);
    const ulong top = top_limbs(a, b);
    const ulong limb7 = (above & 0xffffffff) + 38 * (top >> 32) + high_half((uint)top, 38u);
    Ends ends;
    ends.low = a.v[0] * b.v[0] + 38 * limb8 + 19 * (uint)(limb7 >> 31);
    ends.high = (uint)limb7 & 0x7fffffff;
    return ends;
}

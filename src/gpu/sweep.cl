// The sweep: every work-item is a lane with a centre C of its own, and tests C and C + Q, C - Q for each point Q = 8jB of the
// table, then steps to the next centre, `rounds` times. The identity is the one of the processors' sweep:
//
//     y(C + Q), y(C - Q) = A + B, A - B    A = y2 W    B = rho x2 (1 + d y2^2) W    W = kappa / (y2^2 + delta)
//     delta = u / v    kappa = (1 + d) y / v    rho = x u / ((1 + d) y)    u = 1 + d y^2    v = d (1 - y^2)
//
// Forward, a lane multiplies up its denominators and keeps the products; one inversion serves all lanes of a work-group;
// backward, the running inverse gives each W. Nothing here is secret: the host sends points, never scalars.
//
// To be defined: GROUP, work-items of a work-group, and INVERTED <= GROUP, both powers of two: so many of a group invert, for
// all. LOOK: which limb is looked at first (0 none, 1 lowest, 2 highest, 3 both).

// What a candidate must fulfil, in words as the processors' sweep yields them: `low` has bits 0 to 47 of y, `high` bits 208 to
// 254 in its bits 16 to 62. One of the rules is enough.
typedef struct {
    ulong low_mask, low_value;    // where LOW_MASKED
    ulong high_mask, high_value;  // where HIGH_MASKED
    uint kinds;
    uint low_bits, second_shift, second_bits, high_bits;  // of the bitmaps' indices
    uint second_at, high_at;                              // where their words begin; the first one's at 0
    uint forward, reversed;       // bit n: the first n digits equal the last n (in reverse)
    uint look_mask, look_plus, look_minus;
    uint ends, none[3];
    uint4 end[4];  // how, shift, bits of the beginning, bits compared
} Rules;

// How a beginning becomes the end that is expected.
#define LEFT 0
#define RIGHT 1
#define REVERSED 2

#define LOW_MASKED 1
#define LOW_BITMAP 2
#define LOW_SECOND 4
#define HIGH_MASKED 8
#define HIGH_BITMAP 16

#define LOW_KNOWN 0x0000fffffffffffful
#define HIGH_KNOWN 0x7fffffffffff0000ul

// A candidate that fulfils the rules. `offset` counts from the centre of the first round.
typedef struct {
    ulong low, high;
    uint lane;
    int offset;
} Survivor;

static inline bool in_set(__global const uint *set, uint at, ulong index, uint bits) {
    const uint i = (uint)index & ((1u << bits) - 1);
    return set[at + (i >> 5)] >> (i & 31) & 1;
}

static inline ulong swap_bytes(ulong x) {
    x = (x & 0x00ff00ff00ff00fful) << 8 | (x >> 8 & 0x00ff00ff00ff00fful);
    x = (x & 0x0000ffff0000fffful) << 16 | (x >> 16 & 0x0000ffff0000fffful);
    return x << 32 | x >> 32;
}

static inline ulong swap_nibbles(ulong x) {
    return (x & 0x0f0f0f0f0f0f0f0ful) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0ful);
}

// The bits of the last `digits` digits, 1 to 16, in a word whose top byte is the last byte of the key.
static inline ulong last_digits(uint digits) {
    const uint bytes = digits / 2;
    const ulong whole = bytes == 0 ? 0 : ~0ul << (64 - 8 * bytes);
    return digits % 2 == 0 ? whole : whole | 0x0ful << (56 - 8 * bytes);
}

// Whether the first digits equal the last ones, in the bits that the words know.
static inline bool ends_agree(ulong low, ulong high, uint digits, bool reversed) {
    const uint shift = 64 - 4 * digits;
    const ulong known = reversed ? swap_nibbles(swap_bytes(LOW_KNOWN)) : swap_bytes(swap_bytes(LOW_KNOWN) >> shift);
    const ulong first = swap_bytes(low);
    const ulong expected = reversed ? swap_nibbles(first) : swap_bytes(first >> shift);
    return ((high ^ expected) & last_digits(digits) & known & HIGH_KNOWN) == 0;
}

static inline bool accepts(__global const Rules *rules, __global const uint *sets, ulong low, ulong high) {
    const uint kinds = rules->kinds;
    bool accepted = (kinds & LOW_MASKED) && ((low ^ rules->low_value) & rules->low_mask) == 0;
    accepted |= (kinds & HIGH_MASKED) && ((high ^ rules->high_value) & rules->high_mask) == 0;
    if (kinds & LOW_BITMAP) {
        bool found = in_set(sets, 0, low, rules->low_bits);
        if (found && (kinds & LOW_SECOND)) {
            found = in_set(sets, rules->second_at, low >> rules->second_shift, rules->second_bits);
        }
        accepted |= found;
    }
    if (kinds & HIGH_BITMAP) {
        accepted |= in_set(sets, rules->high_at, high >> (63 - rules->high_bits), rules->high_bits);
    }
    for (uint digits = 1; digits <= 16; digits++) {
        if (rules->forward >> digits & 1) {
            accepted |= ends_agree(low, high, digits, false);
        }
        if (rules->reversed >> digits & 1) {
            accepted |= ends_agree(low, high, digits, true);
        }
    }
    return accepted;
}

// Whether the beginning in the lowest limb may equal the end in the highest: the true end is at most 2 HIGH_SHORT + 2 above
// `ends.high`, so that, less what is expected, it shows no bit that is compared.
static inline bool may_agree(__global const Rules *rules, Ends ends) {
    bool agree = false;
    for (uint i = 0; i < rules->ends; i++) {
        const uint4 end = rules->end[i];
        uint expected = ends.low << end.y;
        if (end.x == RIGHT) {
            expected = ends.low >> end.y;
        } else if (end.x == REVERSED) {
            expected = (uint)(swap_nibbles(swap_bytes(ends.low)) >> 32);
        }
        agree |= ((ends.high + 2 * HIGH_SHORT + 2 - (expected & end.z)) & end.w) == 0;
    }
    return agree;
}

// Where survivors go.
typedef struct {
    __global Survivor *list;
    __global uint *count;  // of all, also those for which there was no room
    uint room;
} Outlet;

static inline void test(fe y, int offset, uint lane, __global const Rules *rules, __global const uint *sets, Outlet out) {
    y = canonical(y);
    const ulong low = ((ulong)y.v[1] << 32 | y.v[0]) & LOW_KNOWN;
    const ulong high = ((ulong)y.v[7] << 32 | y.v[6]) & HIGH_KNOWN;
    if (accepts(rules, sets, low, high)) {
        const uint at = atomic_inc(out.count);
        if (at < out.room) {
            __global Survivor *survivor = out.list + at;
            survivor->low = low;
            survivor->high = high;
            survivor->lane = lane;
            survivor->offset = offset;
        }
    }
}

static inline fe load(__global const uint *from) {
    fe a;
    __global const uint4 *halves = (__global const uint4 *)from;
    const uint4 low = halves[0], high = halves[1];
    a.v[0] = low.x; a.v[1] = low.y; a.v[2] = low.z; a.v[3] = low.w;
    a.v[4] = high.x; a.v[5] = high.y; a.v[6] = high.z; a.v[7] = high.w;
    return a;
}

static inline void store(__global uint *to, fe a) {
    __global uint4 *halves = (__global uint4 *)to;
    halves[0] = (uint4)(a.v[0], a.v[1], a.v[2], a.v[3]);
    halves[1] = (uint4)(a.v[4], a.v[5], a.v[6], a.v[7]);
}

// The products of lane `lane` of `lanes`: neighbours lie side by side.
static inline fe load_product(__global const uint4 *products, ulong at, uint lanes) {
    fe a;
    const uint4 low = products[2 * at * lanes], high = products[(2 * at + 1) * lanes];
    a.v[0] = low.x; a.v[1] = low.y; a.v[2] = low.z; a.v[3] = low.w;
    a.v[4] = high.x; a.v[5] = high.y; a.v[6] = high.z; a.v[7] = high.w;
    return a;
}

static inline void store_product(__global uint4 *products, ulong at, uint lanes, fe a) {
    products[2 * at * lanes] = (uint4)(a.v[0], a.v[1], a.v[2], a.v[3]);
    products[(2 * at + 1) * lanes] = (uint4)(a.v[4], a.v[5], a.v[6], a.v[7]);
}

static inline fe load_local(__local const uint *shared, uint at) {
    fe a;
    for (int k = 0; k < 8; k++) {
        a.v[k] = shared[k * 2 * GROUP + at];
    }
    return a;
}

static inline void store_local(__local uint *shared, uint at, fe a) {
    for (int k = 0; k < 8; k++) {
        shared[k * 2 * GROUP + at] = a.v[k];
    }
}

// 1 / a in every work-item of the group, by a tree of products over the group: INVERTED of them invert. None may be 0.
static inline __attribute__((always_inline)) fe invert_group(fe a, __local uint *shared) {
    const uint item = get_local_id(0);
    store_local(shared, item, a);
    barrier(CLK_LOCAL_MEM_FENCE);
    uint level = 0;
#pragma unroll 1
    for (uint mates = GROUP / 2; mates >= INVERTED; mates /= 2) {
        if (item < mates) {
            store_local(shared, level + 2 * mates + item, mul(load_local(shared, level + item), load_local(shared, level + mates + item)));
        }
        level += 2 * mates;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item < INVERTED) {
        store_local(shared, level + item, invert(load_local(shared, level + item)));
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
    for (uint mates = INVERTED; mates < GROUP; mates *= 2) {
        level -= 2 * mates;
        if (item < mates) {
            const fe inverse = load_local(shared, level + 2 * mates + item);
            const fe first = load_local(shared, level + item), second = load_local(shared, level + mates + item);
            store_local(shared, level + item, mul(inverse, second));
            store_local(shared, level + mates + item, mul(inverse, first));
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    a = load_local(shared, item);
    barrier(CLK_LOCAL_MEM_FENCE);
    return a;
}

// What a lane knows of its centre.
typedef struct {
    fe x, y, delta, kappa, rho;
} Centre;

// A centre X / Z, Y / Z that waits for the inverse of its denominator.
typedef struct {
    fe x, y, z, u, v, yz;
} Pending;

// Constants of the curve and of the step from one centre to the next, in this order in memory.
#define ONE_PLUS_D 0
#define D 8
#define STEP_X 16
#define STEP_Y 24
#define STEP_DXY 32

static inline fe one(void) {
    fe a;
    for (int k = 0; k < 8; k++) {
        a.v[k] = k == 0;
    }
    return a;
}

// u, v and (1 + d) Y Z of a point, and the denominator v (1 + d) Y Z^2.
static inline fe denominator(Pending *p, __global const uint *constants) {
    const fe yy = mul(p->y, p->y), zz = mul(p->z, p->z), d = load(constants + D);
    p->u = add(zz, mul(d, yy));
    p->v = mul(d, sub(zz, yy));
    p->yz = mul(load(constants + ONE_PLUS_D), mul(p->y, p->z));
    return mul(p->v, mul(p->yz, p->z));
}

// C + (2N + 1) 8B: (x, y) + (xs, ys) = (E / (1 + k), H / (1 - k)) with E = x ys + y xs, H = y ys + x xs, k = d x xs y ys.
static inline void step(Pending *p, fe x, fe y, __global const uint *constants) {
    const fe xs = load(constants + STEP_X), ys = load(constants + STEP_Y);
    const fe k = mul(mul(x, y), load(constants + STEP_DXY));
    const fe f = sub(one(), k), g = add(one(), k);
    p->x = mul(add(mul(x, ys), mul(y, xs)), f);
    p->y = mul(add(mul(y, ys), mul(x, xs)), g);
    p->z = mul(f, g);
}

static inline void finish(Centre *c, const Pending *p, fe inverse) {
    const fe over_v = mul(inverse, mul(p->yz, p->z));
    const fe over_yzz = mul(inverse, p->v);
    const fe over_z = mul(over_yzz, p->yz);
    c->x = mul(p->x, over_z);
    c->y = mul(p->y, over_z);
    c->delta = tighten(mul(p->u, over_v));
    c->kappa = mul(p->yz, over_v);
    c->rho = mul(mul(p->x, p->u), over_yzz);
}

// One work-item a lane. `from` and `to` hold x and y of each lane's centre, before and after; `table` y^2, y and
// x (1 + d y^2) of each point, canonical; `products` is room for points * lanes values; `found` begins with the number of
// survivors, its list with the third word.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void sweep(
    __global const uint *from, __global uint *to, __global const uint *table, uint points, __global const uint *constants,
    __global uint4 *products, uint rounds, __global const Rules *rules, __global const uint *sets, __global uint *found,
    uint room) {
    __local uint shared[8 * 2 * GROUP];
    const uint lane = get_global_id(0), lanes = get_global_size(0);
    products += lane;
    const Outlet out = {(__global Survivor *)(found + 2), found, room};
    const int width = 2 * (int)points + 1;

    Centre c;
    Pending next;
    next.x = load(from + 16 * lane);
    next.y = load(from + 16 * lane + 8);
    next.z = one();
    finish(&c, &next, invert_group(denominator(&next, constants), shared));

#pragma unroll 1
    for (int round = 0; round < (int)rounds; round++) {
        const int centre = round * width;
        test(c.y, centre, lane, rules, sets, out);

        fe total = one();
#pragma unroll 1
        for (uint j = 0; j < points; j++) {
            store_product(products, j, lanes, total);
            total = mul(total, add_small(c.delta, load(table + 24 * j)));
        }

        step(&next, c.x, c.y, constants);
        const fe below = denominator(&next, constants);
        const fe inverse = invert_group(mul(total, below), shared);
        fe running = mul(mul(inverse, below), c.kappa);
#if LOOK == 1 || LOOK == 2
        const uint mask = rules->look_mask, plus = rules->look_plus, minus = rules->look_minus;
#endif
#pragma unroll 1
        for (uint j = points; j-- > 0;) {
            const fe w = mul(running, load_product(products, j, lanes));
            running = mul(running, add_small(c.delta, load(table + 24 * j)));
            const fe x = mul(c.rho, load(table + 24 * j + 16));
            const fe y = load(table + 24 * j + 8);
#if LOOK == 1
            const uint a = low_limb(y, w), b = low_limb(x, w);
            const bool wanted = ((a + b + plus) & mask) == 0 || ((a - b + minus) & mask) == 0;
#elif LOOK == 2
            const uint a = high_limb(y, w), b = high_limb(x, w);
            const bool wanted = ((a + b + plus) & mask) == 0 || ((a - b + minus) & mask) == 0;
#elif LOOK == 3
            const Ends a = both_ends(y, w), b = both_ends(x, w);
            const uint sum = a.high + b.high, difference = a.high - b.high;
            // a sum of p or more is 19 off, and so is a difference below zero
            const Ends plus_q = {a.low + b.low + 19 * (sum >> 31), sum & 0x7fffffff};
            const Ends minus_q = {a.low - b.low - 19 * (difference >> 31), difference & 0x7fffffff};
            const bool wanted = may_agree(rules, plus_q) || may_agree(rules, minus_q);
#else
            const bool wanted = true;
#endif
            if (wanted) {
                const fe a = mul(y, w), b = mul(x, w);
                test(add(a, b), centre + (int)(j + 1), lane, rules, sets, out);
                test(sub(a, b), centre - (int)(j + 1), lane, rules, sets, out);
            }
        }
        finish(&c, &next, mul(inverse, total));
    }
    store(to + 16 * lane, c.x);
    store(to + 16 * lane + 8, c.y);
}

// Gives the field's functions to tests: operation OP on values of eight limbs, one a work-item.
static inline fe value(__global const uint *from) {
    fe a;
    for (int k = 0; k < 8; k++) {
        a.v[k] = from[k];
    }
    return a;
}

__kernel void apply(__global const uint *a, __global const uint *b, __global uint *r, uint op) {
    const uint at = 8 * (uint)get_global_id(0);
    const fe x = value(a + at), y = value(b + at);
    fe z = x;
    switch (op) {
    case 0: z = mul(x, y); break;
    case 1: z = add(x, y); break;
    case 2: z = sub(x, y); break;
    case 3: z = canonical(x); break;
    case 4: z = tighten(x); break;
    case 5: z = invert(x); break;
    case 6: z.v[0] = low_limb(x, y); break;
    case 7: z.v[0] = high_limb(x, y); break;
    case 8: z.v[0] = both_ends(x, y).low; break;
    case 9: z.v[0] = both_ends(x, y).high; break;
    }
    for (int k = 0; k < 8; k++) {
        r[at + k] = z.v[k];
    }
}

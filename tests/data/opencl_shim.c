/* The OpenCL of this machine, whose devices are shown as graphics cards of NVIDIA's at the PCI address 0000:01:00.0; with
 * CARDS=0 as none at all, and with MEMORY=N as cards with so many bytes. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int32_t give(const void *value, size_t has, size_t size, void *to, size_t *needs) {
    if (needs) *needs = has;
    if (to) memcpy(to, value, has < size ? has : size);
    return 0;
}

static void *real(const char *name) {
    return dlsym(dlopen("libOpenCL.so.1", RTLD_NOW), name);
}

int32_t clGetPlatformIDs(uint32_t n, void **ids, uint32_t *count) {
    const char *cards = getenv("CARDS");
    if (cards && !strcmp(cards, "0")) {
        if (count) *count = 0;
        return -1001;
    }
    int32_t (*call)(uint32_t, void **, uint32_t *) = real("clGetPlatformIDs");
    return call(n, ids, count);
}

int32_t clGetDeviceInfo(void *device, uint32_t what, size_t size, void *to, size_t *needs) {
    const uint64_t card = 4;
    const uint32_t none = 0, bus = 1;
    const char *memory = getenv("MEMORY");
    const uint64_t bytes = memory ? strtoull(memory, 0, 10) : 0;
    switch (what) {
    case 0x1000: return give(&card, 8, size, to, needs);                                /* type */
    case 0x1010: case 0x101F: if (bytes) return give(&bytes, 8, size, to, needs); break; /* memory */
    case 0x1035: return give(&none, 4, size, to, needs);                                /* unified memory */
    case 0x102C: return give("NVIDIA Corporation", 19, size, to, needs);
    case 0x1030: return give("cl_nv_device_attribute_query", 29, size, to, needs);
    case 0x4008: return give(&bus, 4, size, to, needs);
    case 0x4009: case 0x400A: return give(&none, 4, size, to, needs);                   /* slot, domain */
    }
    int32_t (*call)(void *, uint32_t, size_t, void *, size_t *) = real("clGetDeviceInfo");
    return call(device, what, size, to, needs);
}

/* An OpenCL library that has one card and does nothing: its calls succeed until the one whose number FAIL_AT tells, which
 * fails, and so do all later ones if FAIL_ON is set. Kernels compute nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int x; } object;
static object one;
static int calls;

static int fails(void) {
    const char *at = getenv("FAIL_AT");
    const int number = at ? atoi(at) : 0;
    calls++;
    return number && (calls == number || (calls > number && getenv("FAIL_ON")));
}

#define CHECKED(call) int32_t call { return fails() ? -5 : 0; }
#define MADE(call) void *call { if (fails()) { *status = -5; return 0; } *status = 0; return &one; }

int32_t clGetPlatformIDs(uint32_t n, void **ids, uint32_t *count) {
    if (fails()) return -5;
    if (count) *count = 1;
    if (ids && n) ids[0] = &one;
    return 0;
}

int32_t clGetDeviceIDs(void *platform, uint64_t type, uint32_t n, void **ids, uint32_t *count) {
    if (fails()) return -5;
    if (count) *count = 1;
    if (ids && n) ids[0] = &one;
    return 0;
}

static int32_t give(const void *value, size_t has, size_t size, void *to, size_t *needs) {
    if (needs) *needs = has;
    if (to) memcpy(to, value, has < size ? has : size);
    return 0;
}

int32_t clGetDeviceInfo(void *device, uint32_t what, size_t size, void *to, size_t *needs) {
    if (fails()) return -5;
    const uint64_t card = 4, memory = (uint64_t)1 << 30, group = 128;
    const uint32_t units = 1, no = 0;
    switch (what) {
    case 0x1000: return give(&card, 8, size, to, needs);    /* type */
    case 0x1002: return give(&units, 4, size, to, needs);   /* compute units */
    case 0x1004: return give(&group, 8, size, to, needs);   /* largest group */
    case 0x1010: case 0x101F: return give(&memory, 8, size, to, needs);
    case 0x1035: return give(&no, 4, size, to, needs);      /* unified memory */
    default: return give("stub", 5, size, to, needs);
    }
}

MADE(clCreateContext(const void *p, uint32_t n, void *const *d, void *f, void *u, int32_t *status))
MADE(clCreateCommandQueue(void *c, void *d, uint64_t p, int32_t *status))
MADE(clCreateBuffer(void *c, uint64_t flags, size_t size, void *host, int32_t *status))
MADE(clCreateProgramWithSource(void *c, uint32_t n, const char **s, const size_t *l, int32_t *status))
MADE(clCreateKernel(void *p, const char *name, int32_t *status))
CHECKED(clReleaseContext(void *c))
CHECKED(clReleaseCommandQueue(void *c))
CHECKED(clReleaseMemObject(void *c))
CHECKED(clReleaseProgram(void *c))
CHECKED(clReleaseKernel(void *c))
CHECKED(clReleaseEvent(void *c))
CHECKED(clFlush(void *c))
CHECKED(clBuildProgram(void *p, uint32_t n, void *const *d, const char *o, void *f, void *u))
CHECKED(clSetKernelArg(void *k, uint32_t i, size_t s, const void *v))

int32_t clGetProgramBuildInfo(void *p, void *d, uint32_t what, size_t size, void *to, size_t *needs) {
    return fails() ? -5 : give("no words", 9, size, to, needs);
}

int32_t clEnqueueReadBuffer(void *q, void *b, uint32_t blocking, size_t at, size_t size, void *to, uint32_t n, const void *w, void **event) {
    if (fails()) return -5;
    memset(to, 0, size);
    *event = &one;
    return 0;
}

int32_t clEnqueueWriteBuffer(void *q, void *b, uint32_t blocking, size_t at, size_t size, const void *from, uint32_t n, const void *w, void **event) {
    if (fails()) return -5;
    *event = &one;
    return 0;
}

int32_t clEnqueueNDRangeKernel(void *q, void *k, uint32_t d, const size_t *o, const size_t *g, const size_t *l, uint32_t n, const void *w, void **event) {
    if (fails()) return -5;
    *event = &one;
    return 0;
}

int32_t clGetEventInfo(void *e, uint32_t what, size_t size, void *to, size_t *needs) {
    const int32_t complete = 0;
    return fails() ? -5 : give(&complete, 4, size, to, needs);
}

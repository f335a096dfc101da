/* NVIDIA's management library with one card at 0000:01:00.0, whose readings are the numbers in the file that NVML_STUB names:
 * degrees, MHz, milliwatts, reasons to be slow, MiB of this process. Where the file has "hang", no call comes back. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned now[5];

static int readings(void) {
    char text[100] = "";
    FILE *file = fopen(getenv("NVML_STUB"), "r");
    if (!file) return 999;
    fread(text, 1, sizeof text - 1, file);
    fclose(file);
    if (!strncmp(text, "hang", 4)) for (;;) sleep(1);
    return sscanf(text, "%u %u %u %u %u", now, now + 1, now + 2, now + 3, now + 4) == 5 ? 0 : 999;
}

static int give(unsigned which, unsigned *to) {
    const int status = readings();
    *to = now[which];
    return status;
}

int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }

int nvmlDeviceGetHandleByPciBusId_v2(const char *address, void **card) {
    *card = now;
    return strcmp(address, "0000:01:00.0") ? 6 : 0;
}

int nvmlDeviceGetTemperature(void *card, unsigned sensor, unsigned *to) { return give(0, to); }
int nvmlDeviceGetTemperatureThreshold(void *card, unsigned which, unsigned *to) { *to = 98; return which != 1; }
int nvmlDeviceGetClockInfo(void *card, unsigned which, unsigned *to) { return give(1, to); }
int nvmlDeviceGetMaxClockInfo(void *card, unsigned which, unsigned *to) { *to = 2000; return 0; }
int nvmlDeviceGetPowerUsage(void *card, unsigned *to) { return give(2, to); }
int nvmlDeviceGetEnforcedPowerLimit(void *card, unsigned *to) { *to = 300000; return 0; }

int nvmlDeviceGetCurrentClocksThrottleReasons(void *card, unsigned long long *to) {
    unsigned reasons;
    const int status = give(3, &reasons);
    *to = reasons;
    return status;
}

int nvmlDeviceGetMemoryInfo(void *card, unsigned long long *to) {
    to[0] = 8ull << 30, to[1] = 6ull << 30, to[2] = 2ull << 30;
    return 0;
}

struct process { unsigned pid; unsigned long long used; unsigned instances[2]; };

int nvmlDeviceGetComputeRunningProcesses_v3(void *card, unsigned *count, struct process *all) {
    const int status = readings();
    *count = 1;
    all[0].pid = getpid();
    all[0].used = (unsigned long long)now[4] << 20;
    return status;
}

/* Any bytes as a NumPy file of scores: it is mapped or refused with one problem; what is mapped are
 * numbers of the file, none infinite, and the account holds each. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/evidence/evidence_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact) {
    if (!fact) {
        abort();
    }
}

static void check_mapped(const uint8_t *data, size_t size, const double *values, size_t n,
                         const onus_input *input) {
    must(n > 0 && size > n * sizeof *values);
    must(memcmp(values, data + (size - n * sizeof *values), n * sizeof *values) == 0);
    must(input->rows == n && onus_input_adds_up(input) && strlen(input->sha256) == 64);
    for (size_t i = 0; i < n; i++) {
        must(!isinf(values[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    const double *values = NULL;
    size_t n = 0;
    void *map = NULL;
    size_t map_len = 0;
    onus_input input = {.role = "scores"};
    onus_problems problems = {0};
    const int fd = memfd_create("scores", 0);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const onus_status status =
        onus_npy_map(path, "fuzz.npy", &values, &n, &map, &map_len, &input, &problems);
    must((status == ONUS_OK) == (map != NULL) && (status == ONUS_OK) == (problems.n_all == 0));
    if (status == ONUS_OK) {
        check_mapped(data, size, values, n, &input);
        must(munmap(map, map_len) == 0);
    } else {
        must(status == ONUS_ERR_DATA && problems.n_all == 1 && values == NULL);
    }
    onus_input_clear(&input);
    (void)close(fd);
    return 0;
}

/* A module of this onus that carries nothing, for the test of loading one. */
#include <stdio.h>

#include "onus/ranks.h"

static void describe(char *text, size_t size) {
    snprintf(text, size, "no MPI at all");
}

extern const onus_ranks_module onus_ranks_mpi;
const onus_ranks_module onus_ranks_mpi = {.onus_version = ONUS_VERSION, .describe = describe};

/* Oakland's recorded incidents as a world to simulate: 661 cells, a history of 180 days before
 * 2010-12-28 and the 368 days from there. Read from the shared folder; for tests and benchmarks. */
#ifndef ONUS_TESTS_FEEDBACK_OAKLAND_H
#define ONUS_TESTS_FEEDBACK_OAKLAND_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "feedback_internal.h"
#include "onus/civil.h"

enum { OAKLAND_CELLS = 661, OAKLAND_HISTORY = 180, OAKLAND_DAYS = 368 };

typedef struct oakland_world {
    feedback_world world;
    int32_t counts[(OAKLAND_HISTORY + OAKLAND_DAYS) * OAKLAND_CELLS];
    const int32_t *observed;
    double truth[OAKLAND_CELLS];
    int64_t n_incidents; /* of the simulated days */
} oakland_world;

/* false: the file cannot be read, or a line of it is not "date,bin,n" */
static inline bool oakland_read(const char *path, oakland_world *oakland) {
    FILE *file = fopen(path, "r");
    char line[128];
    bool good = file != NULL && fgets(line, sizeof line, file) != NULL;
    const int64_t first = onus_civil_days(2010, 12, 28) - OAKLAND_HISTORY;
    memset(oakland, 0, sizeof *oakland);
    oakland->observed = oakland->counts + (size_t)OAKLAND_HISTORY * OAKLAND_CELLS;
    while (good && fgets(line, sizeof line, file) != NULL) {
        int year = 0;
        int month = 0;
        int date = 0;
        int bin = 0;
        int count = 0;
        good = sscanf(line, "%d-%d-%d,%d,%d", &year, &month, &date, &bin, &count) == 5 &&
               bin >= 1 && bin <= OAKLAND_CELLS && count > 0;
        const int64_t day = good ? onus_civil_days(year, month, date) - first : -1;
        if (day >= 0 && day < OAKLAND_HISTORY + OAKLAND_DAYS) {
            oakland->counts[day * OAKLAND_CELLS + bin - 1] += count;
            oakland->truth[bin - 1] += day < OAKLAND_HISTORY ? 0.0 : (double)count / OAKLAND_DAYS;
            oakland->n_incidents += day < OAKLAND_HISTORY ? 0 : count;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    oakland->world = (feedback_world){.n_cells = OAKLAND_CELLS,
                                      .truth_per_day = oakland->truth,
                                      .n_history_days = OAKLAND_HISTORY,
                                      .history = oakland->counts};
    return good;
}

#endif

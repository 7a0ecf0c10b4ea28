/* What a call may use of the world: a log sink, a progress sink and a flag that asks it to stop.
 * The library itself never prints, exits, reads the environment or touches the locale. */
#ifndef ONUS_CONTEXT_H
#define ONUS_CONTEXT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/status.h"

typedef enum onus_log_level { ONUS_LOG_WARNING, ONUS_LOG_NOTE, ONUS_LOG_DEBUG } onus_log_level;

typedef struct onus_context {
    void (*log)(void *state, onus_log_level level, const char *text); /* NULL: silent */
    void *log_state;
    /* done of total units of the named stage; called from one thread at a time */
    void (*progress)(void *state, const char *stage, uint64_t done, uint64_t total);
    void *progress_state;
    volatile sig_atomic_t *stop; /* NULL or a flag that a signal handler sets */
    int n_threads;               /* 0: as many as there are processors */
    struct onus_ranks *ranks;    /* the processes that compute this together (onus/ranks.h); NULL:
                                    this one alone */
} onus_context;

void onus_log(const onus_context *context, onus_log_level level, const char *fmt, ...)
    ONUS_PRINTF(3, 4);
void onus_progress(const onus_context *context, const char *stage, uint64_t done, uint64_t total);
/** true once the caller asked to stop; loops over rows and replicates look at it. */
static inline bool onus_stopped(const onus_context *context) {
    return context != NULL && context->stop != NULL && *context->stop != 0;
}

#endif

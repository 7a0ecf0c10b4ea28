/* One door to all methods of comparison. See baselines_internal.h for what may pass through it.
 *
 * Keeps the promise that windows come in ascending order and lie in the frame; the methods stand in
 * counts.c, kde.c, near_repeat.c and self_exciting.c. Called by the accuracy trial alone. Never
 * writes, logs or names a cell. */
#include <math.h>
#include <string.h>

#include "baselines_internal.h"
#include "kde_rule.h"
#include "onus/alloc.h"

struct onus_baseline {
    const onus_baseline_methods *methods;
    const onus_frame *frame;
    void *state;
    size_t next; /* the first window that may still be asked for */
};

static const char *const NAMES[] = {
    [ONUS_BASELINE_UNIFORM] = "uniform",
    [ONUS_BASELINE_PREVIOUS_WINDOW] = "previous_window",
    [ONUS_BASELINE_MOVING_COUNT] = "moving_count",
    [ONUS_BASELINE_LONG_RUN] = "long_run",
    [ONUS_BASELINE_KDE] = "kde",
    [ONUS_BASELINE_NEAR_REPEAT] = "near_repeat",
    [ONUS_BASELINE_SELF_EXCITING] = "self_exciting",
};

const char *onus_baseline_name(onus_baseline_kind kind) {
    return kind < ONUS_BASELINE_N ? NAMES[kind] : "";
}

onus_baseline_kind onus_baseline_find(const char *name) {
    for (int k = 0; k < ONUS_BASELINE_N; k++) {
        if (strcmp(NAMES[k], name) == 0) {
            return (onus_baseline_kind)k;
        }
    }
    return ONUS_BASELINE_N;
}

static const onus_baseline_methods *methods_of(onus_baseline_kind kind) {
    switch (kind) {
    case ONUS_BASELINE_UNIFORM:
    case ONUS_BASELINE_PREVIOUS_WINDOW:
    case ONUS_BASELINE_MOVING_COUNT:
    case ONUS_BASELINE_LONG_RUN:
        return &onus_baseline_counts;
    case ONUS_BASELINE_KDE:
        return &onus_baseline_kde;
    case ONUS_BASELINE_NEAR_REPEAT:
        return &onus_baseline_near_repeat;
    case ONUS_BASELINE_SELF_EXCITING:
        return &onus_baseline_self_exciting;
    default:
        return NULL;
    }
}

onus_status onus_baseline_open(onus_baseline_kind kind, const onus_frame *frame,
                               const onus_baseline_opts *opts, const onus_context *context,
                               onus_baseline **out, onus_error *err) {
    const onus_baseline_methods *methods = methods_of(kind);
    if (methods == NULL) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the method is not part of this version");
    }
    onus_baseline *baseline = onus_alloc(sizeof *baseline);
    if (baseline == NULL) {
        return onus_fail_nomem(err);
    }
    baseline->methods = methods;
    baseline->frame = frame;
    const onus_status status = methods->open(kind, frame, opts, context, &baseline->state, err);
    if (status != ONUS_OK) {
        onus_free(baseline);
        return status;
    }
    *out = baseline;
    return ONUS_OK;
}

onus_status onus_baseline_score(onus_baseline *baseline, size_t w, double *score_by_cell,
                                onus_error *err) {
    if (w >= baseline->frame->n_windows || w < baseline->next) {
        return onus_bug(err, "a window that is not the frame's, or asked for twice");
    }
    baseline->next = w + 1;
    return baseline->methods->score(baseline->state, w, score_by_cell, err);
}

double onus_baseline_bandwidth_m(const onus_baseline *baseline, onus_kde_rule *rule) {
    return baseline->methods == &onus_baseline_kde ? kde_bandwidth_m(baseline->state, rule) : NAN;
}

void onus_baseline_close(onus_baseline *baseline) {
    if (baseline != NULL) {
        baseline->methods->close(baseline->state);
        onus_free(baseline);
    }
}

/* How constant the load is: runs of consecutive days on which flags touched an area.
 *
 * Two areas with equal flags differ if one has them every day and the other in one week. A run is a
 * stretch of calendar days without a gap; its day is the day on which the flag starts, in the zone
 * of the case. Areas never flagged have runs of 0 days.
 *
 * Called by trial.c; nothing happens without times. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "place_internal.h"

static onus_status add(place_trial *t, const place_group *g, const char *statistic,
                       const double *by_area) {
    onus_measure m = place_draft_of("burden.days_in_a_row");
    onus_scope_set_text(&m.scope, "statistic", statistic);
    if (g != NULL) {
        place_scope_group(&m, g);
    }
    const double num =
        g != NULL ? onus_sum_dot(by_area, g->people, t->n) : onus_sum_of(by_area, t->n);
    const double den = g != NULL ? g->people_sum : (double)t->n;
    onus_draft_set_number(&m, den > 0.0
                                  ? onus_number_of(num / den)
                                  : onus_number_none("nobody of the group lives in the areas"));
    if (m.has_value) {
        m.reason = "no interval: a description of the days that were flagged";
    }
    return place_add(t, &m, NULL);
}

onus_status burden_runs(place_trial *t) {
    const onus_sparse *by_day = &t->flags.by_day;
    if (t->flags.n_days == 0) {
        return ONUS_OK;
    }
    double *longest = onus_alloc_n(t->n, sizeof *longest);
    double *mean = onus_alloc_n(t->n, sizeof *mean);
    double *run = onus_alloc_n(t->n, sizeof *run);
    double *n_runs = onus_alloc_n(t->n, sizeof *n_runs);
    size_t *last = onus_alloc_n(t->n, sizeof *last); /* day after the last flagged one */
    onus_status status = ONUS_ERR_NOMEM;
    if (longest == NULL || mean == NULL || run == NULL || n_runs == NULL || last == NULL) {
        goto out;
    }
    for (size_t d = 0; d < by_day->n_rows; d++) {
        for (size_t k = by_day->starts[d]; k < by_day->starts[d + 1]; k++) {
            const int32_t i = by_day->columns[k];
            if (!(by_day->values[k] > 0.0)) {
                continue;
            }
            const bool goes_on = n_runs[i] > 0.0 && last[i] == d;
            n_runs[i] += goes_on ? 0.0 : 1.0;
            run[i] = goes_on ? run[i] + 1.0 : 1.0;
            mean[i] += 1.0; /* flagged days for now */
            longest[i] = fmax(longest[i], run[i]);
            last[i] = d + 1;
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        mean[i] = n_runs[i] > 0.0 ? mean[i] / n_runs[i] : 0.0;
    }
    ONUS_TRY(add(t, NULL, "longest", longest));
    ONUS_TRY(add(t, NULL, "mean", mean));
    for (size_t k = 0; k < t->n_groups; k++) {
        ONUS_TRY(add(t, &t->groups[k], "longest", longest));
        ONUS_TRY(add(t, &t->groups[k], "mean", mean));
    }
out:
    onus_free(longest);
    onus_free(mean);
    onus_free(run);
    onus_free(n_runs);
    onus_free(last);
    return status;
}

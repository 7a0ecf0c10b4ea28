/* How far a difference of two shares could be an accident of where things lie.
 *
 * With h_g and h_r the two shares, the gap moves by sum d_i (hits_i - h cases_i), d_i = weight_i /
 * B - ref_weight_i / D, B and D the cases on each side: the same form as a ratio of exposures, and
 * so the same two intervals (stats_ratio_space.c, docs/statistics.md). Called by the place trial
 * for outcomes that were missed. Never treats areas, let alone outcomes, as if each varied alone.
 */
#include <math.h>
#include <stdbool.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_ratio_internal.h"

typedef struct gap_sums {
    double hits;
    double cases;
    double ref_hits;
    double ref_cases;
} gap_sums;

static onus_gap gap_none(double gap, const char *reason) {
    return (onus_gap){
        .gap = gap, .se = NAN, .df = NAN, .n_units = 0, .trusted = false, .reason = reason};
}

/* Fills the three columns: residuals (centred), d_i, and each area's own part. */
static void fill_columns(const onus_gap_data *data, const gap_sums *s, double *residual, double *d,
                         double *u) {
    const size_t n = data->n_areas;
    const double common = (s->hits + s->ref_hits) / (s->cases + s->ref_cases);
    const double share = s->hits / s->cases;
    const double ref_share = s->ref_hits / s->ref_cases;
    for (size_t i = 0; i < n; i++) {
        residual[i] = data->hits[i] - common * data->cases[i];
        d[i] = data->weight[i] / s->cases - data->ref_weight[i] / s->ref_cases;
        u[i] = data->weight[i] * (data->hits[i] - share * data->cases[i]) / s->cases -
               data->ref_weight[i] * (data->hits[i] - ref_share * data->cases[i]) / s->ref_cases;
    }
    const double mean = onus_sum_of(residual, n) / (double)n;
    for (size_t i = 0; i < n; i++) {
        residual[i] -= mean;
    }
}

onus_status onus_gap_space(const onus_space *space, const onus_gap_data *data, onus_gap *out,
                           onus_error *err) {
    const size_t n = data->n_areas;
    if (n != space->n_areas) {
        return onus_bug(err, "a gap over other areas than its space");
    }
    const gap_sums s = {.hits = onus_sum_dot(data->weight, data->hits, n),
                        .cases = onus_sum_dot(data->weight, data->cases, n),
                        .ref_hits = onus_sum_dot(data->ref_weight, data->hits, n),
                        .ref_cases = onus_sum_dot(data->ref_weight, data->cases, n)};
    if (!(s.cases > 0.0) || !(s.ref_cases > 0.0)) {
        *out = gap_none(NAN, "no outcomes where one of the two groups lives");
        return ONUS_OK;
    }
    *out = gap_none(s.hits / s.cases - s.ref_hits / s.ref_cases, NULL);
    if (space->n_blocks < 2) {
        out->reason = "too few areas for an interval over space";
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_autocov autocov = {0};
    double *made = onus_alloc_n(3 * n, sizeof *made);
    if (made == NULL) {
        return onus_fail_nomem(err);
    }
    const double *columns[] = {made, made + n};
    double block_variance = 0.0;
    onus_space_spread spread;
    fill_columns(data, &s, made, made + n, made + 2 * n);
    ONUS_TRY(onus_space_block_variance(space, made + 2 * n, &block_variance));
    ONUS_TRY(onus_autocov_new(space->x, space->y, n, columns, 2, space->context, &autocov, err));
    onus_space_widest(space, &autocov, (size_t[2]){0, 1}, block_variance, &spread);
    if (!(spread.se > 0.0)) {
        out->reason = "the share is the same in all areas";
    } else {
        out->se = spread.se;
        out->df = spread.df;
        out->n_units = space->n_blocks;
        out->reason = spread.reason;
        out->trusted = spread.reason == NULL;
    }
out:
    onus_autocov_clear(&autocov);
    onus_free(made);
    return status;
}

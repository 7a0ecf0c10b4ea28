/* What the charts draw: rows of numbers with names, nothing that is not in the measures already.
 *
 *   composition     decile x group, share of the group (null where empty or withheld)
 *   exposure        group x definition, value and its three intervals
 *   ratios          group x reference x definition x source, value and interval
 *   lorenz          share of areas, least flagged first, against their share of the flags
 *   flags_histogram number of areas by flags
 *   flags_by_week   flags by unit of time, with each group's exposure to 3 digits
 *   correlations    Spearman with interval, effective number of areas, Moran's I by group
 *
 * A Lorenz curve over people would give each area's count by its steps, so it is drawn over areas;
 * and exposures by week are rounded, because a hundred exact weighted sums would do the same.
 *
 * Called by trial.c after suppression. Never shows what is withheld. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_inequality.h"
#include "onus/sum.h"
#include "place_internal.h"

enum { N_BINS = 20, WEEK_DIGITS = 3 };

static onus_series *start(place_trial *t, const char *name, const char *const *columns, size_t n) {
    return onus_result_series(t->result, name, (const char **)columns, n);
}

#define START(t, name, columns) start((t), (name), (columns), sizeof(columns) / sizeof *(columns))

static bool shown(const onus_measure *m) {
    return m->has_value && !m->withheld;
}

static bool under_onus(const onus_measure *m) {
    const char *convention = onus_scope_text(&m->scope, "convention");
    return convention == NULL || strcmp(convention, "onus") == 0;
}

static double scope_number(const onus_measure *m, const char *key) {
    for (size_t i = 0; i < m->scope.n_items; i++) {
        if (strcmp(m->scope.items[i].key, key) == 0) {
            return m->scope.items[i].number;
        }
    }
    return NAN;
}

static onus_status composition(place_trial *t) {
    static const char *const COLUMNS[] = {"universe", "group", "decile", "share", "all"};
    const place_draft *drafts = t->drafts.items;
    onus_series *series = START(t, "composition", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t k = 0; k < t->n_groups && status == ONUS_OK; k++) {
        const place_group *g = &t->groups[k];
        double all = NAN;
        for (int pass = 0; pass < 2; pass++) {
            for (size_t d = 0; d < t->drafts.n_items; d++) {
                const onus_measure *m = &drafts[d].measure;
                if (drafts[d].group != g || !under_onus(m)) {
                    continue;
                }
                const char *set = onus_scope_text(&m->scope, "set");
                if (pass == 0 && set != NULL && strcmp(set, "all") == 0 && shown(m)) {
                    all = m->value;
                }
                if (pass == 1 && strcmp(m->def->id, "burden.composition") == 0) {
                    ONUS_TRY(onus_series_text(series, g->universe));
                    ONUS_TRY(onus_series_text(series, g->name));
                    ONUS_TRY(onus_series_number(series, scope_number(m, "decile")));
                    ONUS_TRY(onus_series_number(series, shown(m) ? m->value : NAN));
                    ONUS_TRY(onus_series_number(series, all));
                }
            }
        }
    }
out:
    return status;
}

static onus_status add_limits(place_trial *t, onus_series *series, const onus_ratio *ratio,
                              bool visible) {
    const onus_limits limits = onus_ratio_interval(ratio, t->c->protocol.level);
    const bool both = visible && isfinite(limits.low) && isfinite(limits.high);
    onus_status status = onus_series_number(series, both ? limits.low : NAN);
    if (status == ONUS_OK) {
        status = onus_series_number(series, both ? limits.high : NAN);
    }
    return status;
}

static onus_status exposure(place_trial *t) {
    static const char *const COLUMNS[] = {"universe",    "group",     "definition", "benchmark",
                                          "value",       "flags_low", "flags_high", "census_low",
                                          "census_high", "space_low", "space_high"};
    const place_load *loads = t->loads.items;
    onus_series *series = START(t, "exposure", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t k = 0; k < t->n_exposures && status == ONUS_OK; k++) {
        const place_load *load = &loads[k];
        const bool visible = shown(place_drafted(t, load->index));
        ONUS_TRY(onus_series_text(series, load->group->universe));
        ONUS_TRY(onus_series_text(series, load->group->name));
        ONUS_TRY(onus_series_text(series, place_definition_text(load->definition)));
        ONUS_TRY(load->yardstick->name != NULL ? onus_series_text(series, load->yardstick->name)
                                               : onus_series_null(series));
        ONUS_TRY(onus_series_number(series, visible ? load->value.value : NAN));
        for (int s = 0; s < PLACE_N_SOURCES; s++) {
            ONUS_TRY(add_limits(t, series, &load->by_source[s], visible));
        }
    }
out:
    return status;
}

static onus_status ratios(place_trial *t) {
    static const char *const COLUMNS[] = {"universe",   "group",     "reference",
                                          "definition", "benchmark", "source",
                                          "value",      "low",       "high"};
    const place_load *loads = t->loads.items;
    onus_series *series = START(t, "ratios", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t k = t->n_exposures; k < t->loads.n_items && status == ONUS_OK; k++) {
        const place_load *load = &loads[k];
        const bool visible = shown(place_drafted(t, load->index));
        for (int s = 0; s < PLACE_N_SOURCES; s++) {
            ONUS_TRY(onus_series_text(series, load->group->universe));
            ONUS_TRY(onus_series_text(series, load->group->name));
            ONUS_TRY(onus_series_text(series, load->reference->name));
            ONUS_TRY(onus_series_text(series, place_definition_text(load->definition)));
            ONUS_TRY(load->yardstick->name != NULL ? onus_series_text(series, load->yardstick->name)
                                                   : onus_series_null(series));
            ONUS_TRY(onus_series_text(series, place_source_text((place_source)s)));
            ONUS_TRY(onus_series_number(series, visible ? load->value.value : NAN));
            ONUS_TRY(add_limits(t, series, &load->by_source[s], visible));
        }
    }
out:
    return status;
}

static onus_status lorenz(place_trial *t) {
    static const char *const COLUMNS[] = {"areas", "flags"};
    onus_lorenz_point *points = onus_alloc_n(t->n + 1, sizeof *points);
    size_t n_points = 0;
    onus_series *series = START(t, "lorenz", COLUMNS);
    onus_status status = points == NULL || series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    if (status == ONUS_OK) {
        status = onus_lorenz(t->flags.by_area, NULL, t->n, points, &n_points);
    }
    for (size_t k = 0; k < n_points && status == ONUS_OK; k++) {
        status = onus_series_number(series, points[k].people);
        if (status == ONUS_OK) {
            status = onus_series_number(series, points[k].load);
        }
    }
    onus_free(points);
    return status;
}

/* Areas without flags have a bin of their own; the rest are cut at equal widths up to the most
 * flagged. */
static onus_status histogram(place_trial *t) {
    static const char *const COLUMNS[] = {"from", "until", "areas"};
    size_t counts[N_BINS + 1] = {0};
    const double width = t->flags.most / N_BINS;
    for (size_t i = 0; i < t->n; i++) {
        const double x = t->flags.by_area[i];
        size_t bin = 0;
        if (x > 0.0) {
            bin = 1 + (size_t)fmin(floor(x / width), N_BINS - 1.0);
        }
        counts[bin]++;
    }
    onus_series *series = START(t, "flags_histogram", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t b = 0; b <= (t->flags.most > 0.0 ? N_BINS : 0) && status == ONUS_OK; b++) {
        ONUS_TRY(onus_series_number(series, b == 0 ? 0.0 : (double)(b - 1) * width));
        ONUS_TRY(onus_series_number(series, (double)b * width));
        ONUS_TRY(onus_series_number(series, (double)counts[b]));
    }
out:
    return status;
}

static double rounded(double value, int digits) {
    if (!(fabs(value) > 0.0)) {
        return value;
    }
    const double step = pow(10.0, floor(log10(fabs(value))) + 1.0 - digits);
    return nearbyint(value / step) * step;
}

static onus_status by_time(place_trial *t) {
    static const char *const COLUMNS[] = {"unit", "universe", "group", "flags", "exposure"};
    const onus_sparse *units = &t->flags.by_unit;
    if (t->flags.n_units == 0) {
        return ONUS_OK;
    }
    onus_series *series = START(t, "flags_by_week", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    const place_load *loads = t->loads.items;
    for (size_t l = 0; l < t->n_exposures && status == ONUS_OK; l++) {
        const place_group *g = loads[l].group;
        if (loads[l].definition != PLACE_EXPOSURE || loads[l].yardstick->name != NULL) {
            continue;
        }
        const bool visible = shown(place_drafted(t, loads[l].index));
        for (size_t u = 0; u < units->n_rows; u++) {
            onus_sum flags = {0};
            onus_sum met = {0};
            for (size_t k = units->starts[u]; k < units->starts[u + 1]; k++) {
                onus_sum_add(&flags, units->values[k]);
                onus_sum_add(&met, units->values[k] * g->people[units->columns[k]]);
            }
            ONUS_TRY(onus_series_number(series, (double)(u + 1)));
            ONUS_TRY(onus_series_text(series, g->universe));
            ONUS_TRY(onus_series_text(series, g->name));
            ONUS_TRY(onus_series_number(series, onus_sum_get(&flags)));
            ONUS_TRY(onus_series_number(
                series, visible ? rounded(onus_sum_get(&met) / g->people_sum, WEEK_DIGITS) : NAN));
        }
    }
out:
    return status;
}

/* The measure of this id for the group under convention onus; NULL if there is none to show. */
static const onus_measure *of_group(const place_trial *t, const char *id, const place_group *g) {
    const place_draft *drafts = t->drafts.items;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        const char *universe = onus_scope_text(&m->scope, "universe");
        const char *group = onus_scope_text(&m->scope, "group");
        if (strcmp(m->def->id, id) == 0 && under_onus(m) && universe != NULL && group != NULL &&
            strcmp(universe, g->universe) == 0 && strcmp(group, g->name) == 0) {
            return shown(m) ? m : NULL;
        }
    }
    return NULL;
}

static onus_status correlations(place_trial *t) {
    static const char *const COLUMNS[] = {"universe",    "group", "spearman", "low",  "high",
                                          "effective_n", "areas", "p_value",  "moran"};
    onus_series *series = START(t, "correlations", COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t k = 0; k < t->n_groups && status == ONUS_OK; k++) {
        const onus_measure *r = of_group(t, "burden.rank_correlation", &t->groups[k]);
        const onus_measure *n = of_group(t, "burden.effective_n", &t->groups[k]);
        const onus_measure *moran = of_group(t, "burden.moran", &t->groups[k]);
        ONUS_TRY(onus_series_text(series, t->groups[k].universe));
        ONUS_TRY(onus_series_text(series, t->groups[k].name));
        ONUS_TRY(onus_series_number(series, r != NULL ? r->value : NAN));
        ONUS_TRY(
            onus_series_number(series, r != NULL && r->interval.given ? r->interval.low : NAN));
        ONUS_TRY(
            onus_series_number(series, r != NULL && r->interval.given ? r->interval.high : NAN));
        ONUS_TRY(onus_series_number(series, n != NULL ? n->value : NAN));
        ONUS_TRY(onus_series_number(series, (double)t->n));
        ONUS_TRY(onus_series_number(series, r != NULL && r->has_p ? r->p_value : NAN));
        ONUS_TRY(onus_series_number(series, moran != NULL ? moran->value : NAN));
    }
out:
    return status;
}

onus_status place_series(place_trial *t) {
    onus_status status = ONUS_OK;
    if (t->flags.missing != NULL) {
        return ONUS_OK;
    }
    ONUS_TRY(lorenz(t));
    ONUS_TRY(histogram(t));
    if (t->n_groups > 0) {
        if (place_asked(t, ONUS_CONVENTION_ONUS)) {
            ONUS_TRY(composition(t));
            ONUS_TRY(correlations(t));
        }
        ONUS_TRY(exposure(t));
        ONUS_TRY(ratios(t));
        ONUS_TRY(by_time(t));
    }
out:
    return status;
}

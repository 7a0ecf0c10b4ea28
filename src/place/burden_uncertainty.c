/* How sure an exposure or a ratio of exposures is: three sources, never one.
 *
 *   flags   which weeks were seen: moving blocks of weeks or days; the people stay as they are
 *   census  how well the people were counted: delta method from the census's own margins
 *   space   which areas the city happens to be made of: spatial blocks of areas
 *
 * They answer different questions and can differ tenfold, so none stands in for another: where the
 * evidence for one is missing it is absent, with the reason. The kernels are in stats/; here is
 * only what each needs: sums over areas by unit of time (sufficient for any exposure, which is
 * linear in the flags), margins, and the vectors themselves.
 *
 * Called by burden_exposure.c and burden_outcomes.c. Never invents an interval. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "place_internal.h"

static onus_ratio none(double value, const char *reason) {
    return (onus_ratio){.ratio = value, .log_se = NAN, .df = INFINITY, .reason = reason};
}

/* sum_i weight_i x_it by unit of time */
static void sums_in_time(const onus_sparse *by_unit, const double *weight, double *sums) {
    for (size_t u = 0; u < by_unit->n_rows; u++) {
        onus_sum sum = {0};
        for (size_t k = by_unit->starts[u]; k < by_unit->starts[u + 1]; k++) {
            onus_sum_add(&sum, by_unit->values[k] * weight[by_unit->columns[k]]);
        }
        sums[u] = onus_sum_get(&sum);
    }
}

static onus_status from_flags(place_trial *t, place_load *load) {
    const place_flags *f = &t->flags;
    const double *ref_weight = load->data.ref_weight;
    onus_ratio *out = &load->by_source[PLACE_FLAGS];
    if (f->n_units == 0) {
        *out =
            none(load->value.value, "the flags have no times, so it cannot be seen how much they "
                                    "vary from week to week");
        return ONUS_OK;
    }
    double *sums = onus_alloc_n(f->n_units, sizeof *sums);
    double *ref_sums = onus_alloc_n(f->n_units, sizeof *ref_sums);
    onus_status status = ONUS_ERR_NOMEM;
    if (sums != NULL && ref_sums != NULL) {
        sums_in_time(&f->by_unit, load->data.weight, sums);
        if (ref_weight != NULL) {
            sums_in_time(&f->by_unit, ref_weight, ref_sums);
        }
        status = onus_ratio_time(sums, ref_weight != NULL ? ref_sums : NULL, f->n_units,
                                 load->value.value, out);
    }
    onus_free(sums);
    onus_free(ref_sums);
    return status;
}

static onus_status from_census(place_load *load) {
    const place_group *g = load->group;
    const place_group *r = load->reference;
    onus_ratio *out = &load->by_source[PLACE_CENSUS];
    const bool attributed = load->definition == PLACE_ATTRIBUTED;
    if (load->yardstick->name != NULL) {
        *out = none(load->value.value, "the census margins are of people, not of this yardstick");
        return ONUS_OK;
    }
    if (g->people_margin == NULL || (r != NULL && r->people_margin == NULL)) {
        *out = none(load->value.value,
                    r == NULL ? "the people table gives no margins of error"
                              : "the people table gives no margins of error for both groups");
        return ONUS_OK;
    }
    if (attributed && g->total_margin == NULL) {
        *out = none(load->value.value, "the people table gives no margins of error for the totals");
        return ONUS_OK;
    }
    const onus_ratio_margins margins = {.people = g->people_margin,
                                        .ref_people = r != NULL ? r->people_margin : NULL,
                                        .total = g->total,
                                        .total_margin = attributed ? g->total_margin : NULL,
                                        .attributed = attributed};
    return onus_ratio_census(&load->data, &margins, out);
}

/* Value, flags and census of one load; a load without a value has no uncertainty either. */
static onus_status one_by_one(place_trial *t, place_load *load) {
    const place_group *g = load->group;
    const place_group *r = load->reference;
    const char *undefined = g->undefined != NULL ? g->undefined : r != NULL ? r->undefined : NULL;
    load->value = undefined != NULL ? onus_number_none(undefined) : onus_ratio_value(&load->data);
    if (isnan(load->value.value)) {
        for (int s = 0; s < PLACE_N_SOURCES; s++) {
            load->by_source[s] = none(NAN, load->value.reason);
        }
        return ONUS_OK;
    }
    const onus_status status = from_flags(t, load);
    return status != ONUS_OK ? status : from_census(load);
}

onus_status burden_uncertainty(place_trial *t, place_load *loads, size_t n_loads) {
    onus_ratio_data *data = onus_alloc_n(n_loads, sizeof *data);
    onus_ratio *space = onus_alloc_n(n_loads, sizeof *space);
    size_t n = 0;
    onus_status status = ONUS_ERR_NOMEM;
    if (data == NULL || space == NULL) {
        goto out;
    }
    for (size_t k = 0; k < n_loads; k++) {
        ONUS_TRY(one_by_one(t, &loads[k]));
        if (!isnan(loads[k].value.value)) {
            data[n++] = loads[k].data;
        }
    }
    /* together: every pair of areas is then visited once for all of them */
    ONUS_TRY(onus_ratios_space(t->space, data, n, space, t->err));
    n = 0;
    for (size_t k = 0; k < n_loads; k++) {
        if (!isnan(loads[k].value.value)) {
            loads[k].by_source[PLACE_SPACE] = space[n++];
        }
    }
    status = ONUS_OK;
out:
    onus_free(data);
    onus_free(space);
    return status;
}

place_source burden_widest(const place_trial *t, const place_load *load) {
    place_source widest = PLACE_N_SOURCES;
    double width = -1.0;
    for (int s = 0; s < PLACE_N_SOURCES; s++) {
        const onus_limits limits = onus_ratio_interval(&load->by_source[s], t->c->protocol.level);
        if (!isnan(limits.low) && !isnan(limits.high) && limits.high - limits.low > width) {
            width = limits.high - limits.low;
            widest = (place_source)s;
        }
    }
    return widest;
}

/* ACS handbook ch. 8: Var(p) = (Var(num) - p^2 Var(den)) / den^2 for a proportion, with a plus sign
 * where that is negative. of_group: the denominator is the group itself (shares of the group),
 * whose parts inside and outside the set err independently. */
double burden_share_se(const place_group *group, const double *part, double share, double den,
                       bool of_group) {
    const double *den_margin = of_group ? group->people_margin : group->total_margin;
    const double *num_margin = group->people_margin;
    if (num_margin == NULL || den_margin == NULL || !(den > 0.0)) {
        return NAN;
    }
    onus_sum of_num = {0};
    onus_sum of_den = {0};
    for (size_t i = 0; i < group->n_areas; i++) {
        const double a = isnan(num_margin[i]) ? 0.0 : num_margin[i] / ONUS_MARGIN_Z;
        const double b = isnan(den_margin[i]) ? 0.0 : den_margin[i] / ONUS_MARGIN_Z;
        if (of_group) {
            /* d share / d P_gi = (part_i - share) / den */
            onus_sum_add(&of_num, (part[i] - share) * (part[i] - share) * a * a);
        } else {
            onus_sum_add(&of_num, part[i] * part[i] * a * a);
            onus_sum_add(&of_den, part[i] * part[i] * b * b);
        }
    }
    const double num_var = onus_sum_get(&of_num);
    const double den_var = share * share * onus_sum_get(&of_den);
    const double var = num_var >= den_var ? num_var - den_var : num_var + den_var;
    return sqrt(var) / den;
}

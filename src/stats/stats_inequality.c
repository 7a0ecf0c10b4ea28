/* How unevenly a load is spread.
 *
 * Gini and Lorenz come from one walk over the sorted values: the area under the Lorenz curve by
 * trapezia is exact for a step distribution, so Gini = 1 - sum (p_k - p_{k-1}) (L_k + L_{k-1}).
 * Theil, dissimilarity and isolation need no order. Called by the place trial.
 * Never corrects for sampling: the areas of a city are all of its areas. */
#include "onus/stats_inequality.h"

#include <math.h>
#include <stdbool.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "stats_sort.h"

static const char NO_WEIGHT[] = "nobody to spread it over";
static const char ALL_ZERO[] = "there is nothing to spread";
static const char BAD_ENTRY[] = "an entry is negative or not a number";

static bool is_amount(double value) {
    return value >= 0.0 && isfinite(value);
}

static double weight_at(const double *weights, size_t i) {
    return weights == NULL ? 1.0 : weights[i];
}

/* Total weight and total load (weight times value). false: an entry outside the domain. */
static bool add_up(const double *values, const double *weights, size_t n, double *people,
                   double *load) {
    onus_sum w = {0};
    onus_sum v = {0};
    for (size_t i = 0; i < n; i++) {
        const double weight = weight_at(weights, i);
        if (!is_amount(values[i]) || !is_amount(weight)) {
            return false;
        }
        onus_sum_add(&w, weight);
        onus_sum_add(&v, weight * values[i]);
    }
    *people = onus_sum_get(&w);
    *load = onus_sum_get(&v);
    return true;
}

onus_status onus_lorenz(const double *values, const double *weights, size_t n,
                        onus_lorenz_point *points, size_t *n_points) {
    onus_status status = ONUS_OK;
    onus_sorted *order = NULL;
    double people = 0.0;
    double load = 0.0;
    *n_points = 0;
    if (!add_up(values, weights, n, &people, &load)) {
        return ONUS_ERR_DOMAIN;
    }
    if (!(people > 0.0) || !(load > 0.0)) {
        return ONUS_OK;
    }
    ONUS_TRY(onus_sort_pairs(values, n, &order));
    size_t k = 0;
    points[k++] = (onus_lorenz_point){0.0, 0.0};
    onus_sum w = {0};
    onus_sum v = {0};
    for (size_t i = 0; i < n;) {
        const double value = order[i].value;
        const double before = onus_sum_get(&w);
        for (; i < n && order[i].value == value; i++) {
            const double weight = weight_at(weights, order[i].index);
            onus_sum_add(&w, weight);
            onus_sum_add(&v, weight * value);
        }
        if (onus_sum_get(&w) > before) {
            points[k++] = (onus_lorenz_point){onus_sum_get(&w) / people, onus_sum_get(&v) / load};
        }
    }
    points[k - 1] = (onus_lorenz_point){1.0, 1.0};
    *n_points = k;
out:
    onus_free(order);
    return status;
}

onus_status onus_gini(const double *values, const double *weights, size_t n, onus_number *out) {
    onus_status status = ONUS_OK;
    onus_lorenz_point *points = NULL;
    double people = 0.0;
    double load = 0.0;
    if (!add_up(values, weights, n, &people, &load)) {
        return ONUS_ERR_DOMAIN;
    }
    if (!(people > 0.0) || !(load > 0.0)) {
        *out = onus_number_none(people > 0.0 ? ALL_ZERO : NO_WEIGHT);
        return ONUS_OK;
    }
    points = onus_alloc_n(n + 1, sizeof *points);
    if (points == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n_points = 0;
    ONUS_TRY(onus_lorenz(values, weights, n, points, &n_points));
    onus_sum twice_area = {0};
    for (size_t k = 1; k < n_points; k++) {
        onus_sum_add(&twice_area, (points[k].people - points[k - 1].people) *
                                      (points[k].load + points[k - 1].load));
    }
    /* rounding may leave -1e-17 where all are alike */
    *out = onus_number_of(n_points == 2 ? 0.0 : fmax(0.0, 1.0 - onus_sum_get(&twice_area)));
out:
    onus_free(points);
    return status;
}

onus_number onus_theil(const double *values, const double *weights, size_t n) {
    double people = 0.0;
    double load = 0.0;
    if (!add_up(values, weights, n, &people, &load)) {
        return onus_number_none(BAD_ENTRY);
    }
    if (!(people > 0.0)) {
        return onus_number_none(NO_WEIGHT);
    }
    if (!(load > 0.0)) {
        return onus_number_none(ALL_ZERO);
    }
    const double mean = load / people;
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        const double relative = values[i] / mean;
        if (relative > 0.0) {
            onus_sum_add(&sum, weight_at(weights, i) * relative * log(relative));
        }
    }
    return onus_number_of(fmax(0.0, onus_sum_get(&sum) / people));
}

onus_number onus_dissimilarity(const double *a, const double *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!is_amount(a[i]) || !is_amount(b[i])) {
            return onus_number_none(BAD_ENTRY);
        }
    }
    const double all_a = onus_sum_of(a, n);
    const double all_b = onus_sum_of(b, n);
    if (!(all_a > 0.0) || !(all_b > 0.0)) {
        return onus_number_none("one of the two is empty");
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&sum, fabs(a[i] / all_a - b[i] / all_b));
    }
    return onus_number_of(fmin(1.0, 0.5 * onus_sum_get(&sum)));
}

onus_number onus_isolation(const double *group, const double *total, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!is_amount(group[i]) || !is_amount(total[i])) {
            return onus_number_none(BAD_ENTRY);
        }
        if (group[i] > 0.0 && !(total[i] > 0.0)) {
            return onus_number_none("an area has members of the group but no residents");
        }
    }
    const double all = onus_sum_of(group, n);
    if (!(all > 0.0)) {
        return onus_number_none("the group is empty");
    }
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        if (group[i] > 0.0) {
            onus_sum_add(&sum, group[i] / all * (group[i] / total[i]));
        }
    }
    return onus_number_of(onus_sum_get(&sum));
}

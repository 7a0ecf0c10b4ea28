/* The ladder of baselines: chance, and what onlookers reach.
 *
 * An accuracy means nothing by itself. Dealing the product's own labels out anew within each person
 * keeps how often it says what, and of whom, and takes away that it looked; the expectation over
 * all deals has a closed form, and so has its spread, because the number of matches of a random
 * permutation is a linear statistic. At the other end stands what one more onlooker would have been
 * told by the others. Called by the affect trial. Never draws anything. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_confusion.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"

/* A variance below this share of what it is a difference of is rounding. */
static const double VARIANCE_ROUNDING = 1e-12;

/* ---- chance ---- */

typedef struct deal { /* one person's compared items */
    const onus_labelled *d;
    const size_t *items;
    size_t n;
    double *given;  /* q: how often each label was said; scratch */
    double *weight; /* q: the truth's weight of each label; scratch */
} deal;

typedef struct moments {
    double mean; /* of the sum of weights that are met */
    double variance;
    double observed;
} moments;

static moments moments_of(const deal *p) {
    const onus_labelled *d = p->d;
    const size_t q = d->n_labels;
    memset(p->given, 0, q * sizeof *p->given);
    memset(p->weight, 0, q * sizeof *p->weight);
    onus_sum observed = {0};
    for (size_t k = 0; k < p->n; k++) {
        const size_t i = p->items[k];
        for (size_t l = 0; l < q; l++) {
            p->weight[l] += d->truth[i * q + l];
        }
        if (d->said[i] >= 0) {
            p->given[d->said[i]] += 1.0;
            onus_sum_add(&observed, d->truth[i * q + (size_t)d->said[i]]);
        }
    }
    const double n = (double)p->n;
    onus_sum squares = {0}; /* of c_ij */
    onus_sum rows = {0};    /* of the row sums, squared */
    onus_sum columns = {0};
    onus_sum all = {0};
    for (size_t k = 0; k < p->n; k++) {
        const double *truth = d->truth + p->items[k] * q;
        double row = 0.0;
        double square = 0.0;
        for (size_t l = 0; l < q; l++) {
            row += p->given[l] * truth[l];
            square += p->given[l] * truth[l] * truth[l];
        }
        onus_sum_add(&rows, row * row);
        onus_sum_add(&squares, square);
    }
    for (size_t l = 0; l < q; l++) {
        onus_sum_add(&columns, p->given[l] * p->weight[l] * p->weight[l]);
        onus_sum_add(&all, p->given[l] * p->weight[l]);
    }
    const double total = onus_sum_get(&all);
    moments out = {.mean = total / n, .observed = onus_sum_get(&observed)};
    if (p->n >= 2) {
        const double centred = onus_sum_get(&squares) - onus_sum_get(&rows) / n -
                               onus_sum_get(&columns) / n + total * total / (n * n);
        const bool is_rounding = centred <= VARIANCE_ROUNDING * onus_sum_get(&squares);
        out.variance = is_rounding ? 0.0 : centred / (n - 1.0);
    }
    return out;
}

/* Is item i compared, and are all its weights 0 or 1? */
static bool is_compared(const onus_labelled *d, size_t i, bool *whole) {
    double sum = 0.0;
    for (size_t l = 0; l < d->n_labels; l++) {
        const double weight = d->truth[i * d->n_labels + l];
        sum += weight;
        *whole = *whole && (weight == 0.0 || weight == 1.0);
    }
    return sum > 0.0;
}

static size_t person_of(const onus_labelled *d, size_t i) {
    return d->person != NULL ? (size_t)d->person[i] : 0;
}

static onus_status check_said(const onus_labelled *d, onus_error *err) {
    for (size_t i = 0; i < d->n_items; i++) {
        if (d->said[i] < -1 || d->said[i] >= (int32_t)d->n_labels ||
            (d->person != NULL && (d->person[i] < 0 || (size_t)d->person[i] >= d->n_people))) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a label or a person is out of range");
        }
    }
    return ONUS_OK;
}

static void finish(moments sum, bool whole, onus_chance *out) {
    const double n = (double)out->n_items;
    out->value = sum.mean / n;
    out->observed = sum.observed / n;
    out->sd = sqrt(sum.variance) / n;
    if (out->n_movable == 0) {
        out->reason = "no person has two items that are compared: nothing can change places";
    } else if (!(sum.variance > 0.0)) {
        out->reason = "every deal of the labels gives the same accuracy";
    } else {
        const double correction = whole ? 0.5 : 0.0;
        const double over = sum.observed - sum.mean;
        out->statistic = over / sqrt(sum.variance);
        out->p_value = onus_normal_cdf(-(over - correction) / sqrt(sum.variance));
    }
}

onus_status onus_labels_chance(const onus_labelled *d, onus_chance *out, onus_error *err) {
    *out =
        (onus_chance){.value = NAN, .sd = NAN, .observed = NAN, .statistic = NAN, .p_value = NAN};
    const size_t n_people = d->person != NULL ? d->n_people : 1;
    onus_status status = check_said(d, err);
    if (status != ONUS_OK) {
        return status;
    }
    size_t *starts = onus_alloc_n(n_people + 1, sizeof *starts);
    size_t *items = onus_alloc_n(d->n_items, sizeof *items);
    double *scratch = onus_alloc_n(2 * d->n_labels, sizeof *scratch);
    if (starts == NULL || items == NULL || scratch == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    bool whole = true;
    for (size_t i = 0; i < d->n_items; i++) {
        starts[person_of(d, i) + 1] += is_compared(d, i, &whole) ? 1 : 0;
    }
    for (size_t p = 0; p < n_people; p++) {
        starts[p + 1] += starts[p];
    }
    out->n_items = starts[n_people];
    for (size_t i = d->n_items; i-- > 0;) {
        if (is_compared(d, i, &whole)) {
            items[--starts[person_of(d, i) + 1]] = i;
        }
    }
    /* starts[p + 1] is now where person p begins, and ends where the next one begins */
    onus_sum mean = {0};
    onus_sum variance = {0};
    onus_sum observed = {0};
    for (size_t p = 0; p < n_people; p++) {
        const size_t until = p + 1 < n_people ? starts[p + 2] : out->n_items;
        const deal one = {.d = d,
                          .items = items + starts[p + 1],
                          .n = until - starts[p + 1],
                          .given = scratch,
                          .weight = scratch + d->n_labels};
        if (one.n == 0) {
            continue;
        }
        out->n_people++;
        out->n_movable += one.n >= 2 ? one.n : 0;
        const moments found = moments_of(&one);
        onus_sum_add(&mean, found.mean);
        onus_sum_add(&variance, found.variance);
        onus_sum_add(&observed, found.observed);
    }
    if (out->n_items == 0) {
        out->reason = "no item is compared";
        goto out;
    }
    finish((moments){.mean = onus_sum_get(&mean),
                     .variance = onus_sum_get(&variance),
                     .observed = onus_sum_get(&observed)},
           whole, out);
out:
    onus_free(starts);
    onus_free(items);
    onus_free(scratch);
    return status;
}

/* ---- onlookers ---- */

void onus_plurality(const double *votes, size_t n_labels, double *weights, size_t *n_tied) {
    double most = 0.0;
    size_t n = 0;
    for (size_t l = 0; l < n_labels; l++) {
        n = votes[l] > most ? 1 : n + (votes[l] == most && most > 0.0);
        most = votes[l] > most ? votes[l] : most;
    }
    for (size_t l = 0; l < n_labels; l++) {
        weights[l] = n > 0 && votes[l] == most ? 1.0 / (double)n : 0.0;
    }
    if (n_tied != NULL) {
        *n_tied = n;
    }
}

/* Chance that the plurality of the other votes is label c, ties split evenly; votes less one c. */
static double others_say(const double *votes, size_t n_labels, size_t c) {
    double most = votes[c] - 1.0;
    for (size_t l = 0; l < n_labels; l++) {
        most = l != c && votes[l] > most ? votes[l] : most;
    }
    if (votes[c] - 1.0 < most) {
        return 0.0;
    }
    size_t n_tied = 1;
    for (size_t l = 0; l < n_labels; l++) {
        n_tied += l != c && votes[l] == most;
    }
    return 1.0 / (double)n_tied;
}

onus_ceiling onus_unit_ceiling(const double *votes, size_t n_labels) {
    onus_ceiling out = {.mode = NAN, .loo = NAN, .pair = NAN};
    double n = 0.0;
    double most = 0.0;
    double pairs = 0.0;
    double met = 0.0;
    for (size_t c = 0; c < n_labels; c++) {
        n += votes[c];
        most = votes[c] > most ? votes[c] : most;
        pairs += votes[c] * (votes[c] - 1.0);
        met += votes[c] > 0.0 ? votes[c] * others_say(votes, n_labels, c) : 0.0;
    }
    if (n >= 2.0) {
        out = (onus_ceiling){
            .mode = most / n, .loo = met / n, .pair = pairs / (n * (n - 1.0)), .n_units = 1.0};
    }
    return out;
}

onus_ceiling onus_votes_ceiling(const double *votes, size_t n_units, size_t n_labels) {
    onus_sum mode = {0};
    onus_sum loo = {0};
    onus_sum pair = {0};
    size_t n = 0;
    for (size_t u = 0; u < n_units; u++) {
        const onus_ceiling unit = onus_unit_ceiling(votes + u * n_labels, n_labels);
        if (unit.n_units > 0.0) {
            n++;
            onus_sum_add(&mode, unit.mode);
            onus_sum_add(&loo, unit.loo);
            onus_sum_add(&pair, unit.pair);
        }
    }
    const double count = (double)n;
    return n == 0 ? (onus_ceiling){.mode = NAN, .loo = NAN, .pair = NAN}
                  : (onus_ceiling){.mode = onus_sum_get(&mode) / count,
                                   .loo = onus_sum_get(&loo) / count,
                                   .pair = onus_sum_get(&pair) / count,
                                   .n_units = count};
}

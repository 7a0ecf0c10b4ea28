/* Agreement of onlookers from counts of votes: Krippendorff's alpha, percent agreement, Fleiss,
 * Gwet's AC1/AC2, Brennan & Prediger (PABAK).
 *
 * Everything is made of sums over units (the recipe in stats_agreement_internal.h), so that the
 * estimate, a jackknife value and a bootstrap replicate are one function of those sums. Standard
 * errors over units are Gwet's linearisations, for comparison with other programs: units of one
 * person are not independent, and the interval that a verdict rests on is by person
 * (stats_agreement_sums.c).
 *
 * Called by the affect trial. Never sees who voted, and never answers 1 where only one label was
 * used: there was nothing to agree about. */
#include "stats_agreement_internal.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"

/* ---- the recipe ---- */

static const double WHOLE_MAX = 0x1p53; /* beyond, counts are no longer whole numbers */

static onus_status check_counts(const onus_vote_counts *votes, onus_error *err) {
    if (votes->n_labels == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "no label is declared");
    }
    double total = 0.0;
    for (size_t i = 0; i < votes->n_units * votes->n_labels; i++) {
        const double count = votes->counts[i];
        if (!(count >= 0.0 && count <= WHOLE_MAX) || floor(count) != count) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "a count of votes is negative or no whole number");
        }
        total += count;
    }
    if (total > WHOLE_MAX || votes->n_units > INT32_MAX) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "more votes than can be counted");
    }
    for (size_t u = 0; votes->cluster != NULL && u < votes->n_units; u++) {
        if (votes->cluster[u] < 0 || (size_t)votes->cluster[u] >= votes->n_clusters) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a unit belongs to no cluster");
        }
    }
    return ONUS_OK;
}

static double value_of(const onus_vote_counts *votes, size_t label) {
    return votes->values == NULL ? (double)label : votes->values[label];
}

/* Labels in ascending order of value: by number, so that "10" comes after "2". Few labels: by
 * insertion. */
static onus_status order_labels(const onus_vote_counts *votes, onus_distance distance,
                                size_t *order, onus_error *err) {
    for (size_t j = 0; j < votes->n_labels; j++) {
        const double value = value_of(votes, j);
        if (!isfinite(value)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "the value of a label is not a number");
        }
        if (distance == ONUS_DISTANCE_RATIO && value < 0.0) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "a label of a ratio scale has a negative value");
        }
        size_t at = j;
        for (; at > 0 && value_of(votes, order[at - 1]) > value; at--) {
            order[at] = order[at - 1];
        }
        if (at > 0 && value_of(votes, order[at - 1]) == value) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "two labels have the same value");
        }
        order[at] = j;
    }
    return ONUS_OK;
}

static double distance_of(onus_distance distance, double a, double b) {
    switch (distance) {
    case ONUS_DISTANCE_NOMINAL:
        return 1.0;
    case ONUS_DISTANCE_INTERVAL:
        return (a - b) * (a - b);
    case ONUS_DISTANCE_RATIO:
        return (a - b) / (a + b) * ((a - b) / (a + b));
    case ONUS_DISTANCE_ORDINAL:
        break; /* by votes in between: onus_agreement_expected */
    }
    return 0.0;
}

static onus_status take_weights(const double *weights, onus_agreement_recipe *r, onus_error *err) {
    const size_t q = r->n_labels;
    onus_sum total = {0};
    for (size_t a = 0; a < q; a++) {
        for (size_t b = 0; b < q; b++) {
            const double w = weights[r->order[a] * q + r->order[b]];
            if (!(w >= 0.0 && w <= 1.0) || w != weights[r->order[b] * q + r->order[a]] ||
                (a == b && w != 1.0)) {
                return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                       "weights are not symmetric, 0 to 1, and 1 for equal labels");
            }
            r->weights[a * q + b] = w;
            onus_sum_add(&total, w);
        }
    }
    r->weights_total = onus_sum_get(&total);
    return ONUS_OK;
}

onus_status onus_agreement_recipe_make(const onus_vote_counts *votes,
                                       const onus_agreement_opts *opts, onus_agreement_recipe *out,
                                       onus_error *err) {
    onus_status status = check_counts(votes, err);
    if (status != ONUS_OK) {
        return status;
    }
    const size_t q = votes->n_labels;
    onus_agreement_recipe r = {
        .n_labels = q, .distance = opts->distance, .weights_total = (double)q};
    r.n_sums = 2 * q + ONUS_AGREEMENT_ONES +
               (opts->distance == ONUS_DISTANCE_ORDINAL ? q * (q - 1) / 2 : 1);
    r.order = onus_alloc_n(q, sizeof *r.order);
    r.d2 = onus_alloc_n(q * q, sizeof *r.d2);
    r.weights = opts->weights == NULL ? NULL : onus_alloc_n(q * q, sizeof *r.weights);
    if (r.order == NULL || r.d2 == NULL || (opts->weights != NULL && r.weights == NULL)) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(order_labels(votes, opts->distance, r.order, err));
    for (size_t a = 0; a < q; a++) {
        for (size_t b = 0; b < q; b++) {
            r.d2[a * q + b] = a == b ? 0.0
                                     : distance_of(opts->distance, value_of(votes, r.order[a]),
                                                   value_of(votes, r.order[b]));
        }
    }
    if (opts->weights != NULL) {
        ONUS_TRY(take_weights(opts->weights, &r, err));
    }
    *out = r;
out:
    if (status != ONUS_OK) {
        onus_agreement_recipe_clear(&r);
    }
    return status;
}

void onus_agreement_recipe_clear(onus_agreement_recipe *recipe) {
    onus_free(recipe->order);
    onus_free(recipe->d2);
    onus_free(recipe->weights);
    *recipe = (onus_agreement_recipe){0};
}

/* ---- from one unit's votes to sums ---- */

void onus_agreement_unit_sums(const onus_agreement_recipe *r, const double *votes, double *sums) {
    const size_t q = r->n_labels;
    double *const shares = sums + q;
    double *const ones = sums + onus_agreement_pa_column(r);
    double *const apart = ones + ONUS_AGREEMENT_ONES;
    memset(sums, 0, r->n_sums * sizeof *sums);
    double n = 0.0;
    for (size_t c = 0; c < q; c++) {
        n += votes[c];
    }
    if (n == 0.0) {
        return;
    }
    ones[2] = 1.0;
    for (size_t c = 0; c < q; c++) {
        shares[c] = votes[r->order[c]] / n;
    }
    if (n < 2.0) {
        return;
    }
    ones[1] = 1.0;
    double agree = 0.0; /* ordered pairs of votes that agree, by weight */
    double differ = 0.0;
    size_t pair = 0;
    for (size_t c = 0; c < q; c++) {
        const double here = votes[r->order[c]];
        sums[c] = here;
        agree += here * (here - 1.0);
        for (size_t k = c + 1; k < q; k++, pair++) {
            const double both = here * votes[r->order[k]];
            if (r->weights != NULL) {
                agree += 2.0 * r->weights[c * q + k] * both;
            }
            if (r->distance == ONUS_DISTANCE_ORDINAL) {
                apart[pair] = both / (n - 1.0);
            } else {
                differ += r->d2[c * q + k] * both;
            }
        }
    }
    ones[0] = agree / (n * (n - 1.0));
    if (r->distance != ONUS_DISTANCE_ORDINAL) {
        apart[0] = differ / (n - 1.0);
    }
}

/* ---- from sums to coefficients ---- */

double onus_agreement_d2(const onus_agreement_recipe *r, const double *sums, size_t c, size_t k) {
    if (r->distance != ONUS_DISTANCE_ORDINAL || c == k) {
        return r->d2[c * r->n_labels + k];
    }
    const size_t low = c < k ? c : k;
    double between = 0.5 * (sums[c] + sums[k]);
    for (size_t g = low + 1; g < c + k - low; g++) {
        between += sums[g];
    }
    return between * between;
}

/* Observed and expected disagreement over pairs c < k. */
static double disagreements(const onus_agreement_recipe *r, const double *sums, double *observed) {
    const size_t q = r->n_labels;
    const double *apart = sums + onus_agreement_pa_column(r) + ONUS_AGREEMENT_ONES;
    const bool ordinal = r->distance == ONUS_DISTANCE_ORDINAL;
    onus_sum expected = {0};
    onus_sum seen = {0};
    size_t pair = 0;
    for (size_t c = 0; c < q; c++) {
        double between = 0.5 * sums[c]; /* votes between the two labels, half of each end's own */
        for (size_t k = c + 1; k < q; k++, pair++) {
            between += 0.5 * sums[k];
            const double d2 = ordinal ? between * between : r->d2[c * q + k];
            between += 0.5 * sums[k];
            onus_sum_add(&expected, sums[c] * sums[k] * d2);
            onus_sum_add(&seen, ordinal ? apart[pair] * d2 : 0.0);
        }
    }
    *observed = ordinal ? onus_sum_get(&seen) : apart[0];
    return onus_sum_get(&expected);
}

double onus_agreement_expected(const onus_agreement_recipe *r, const double *sums) {
    double observed = NAN;
    return disagreements(r, sums, &observed);
}

void onus_agreement_chance(const onus_agreement_recipe *r, const double *share_sums, double n_rated,
                           double chance[ONUS_N_COEFFICIENTS]) {
    const size_t q = r->n_labels;
    onus_sum squares = {0};
    onus_sum mixed = {0};
    for (size_t c = 0; c < q; c++) {
        const double share = share_sums[c] / n_rated;
        onus_sum_add(&mixed, share * (1.0 - share));
        onus_sum_add(&squares, share * share);
        for (size_t k = c + 1; r->weights != NULL && k < q; k++) {
            onus_sum_add(&squares, 2.0 * r->weights[c * q + k] * share * share_sums[k] / n_rated);
        }
    }
    chance[ONUS_COEFFICIENT_PERCENT] = 0.0;
    chance[ONUS_COEFFICIENT_ALPHA] = NAN; /* made of pairs, not of shares */
    chance[ONUS_COEFFICIENT_FLEISS] = onus_sum_get(&squares);
    chance[ONUS_COEFFICIENT_AC1] =
        q < 2 ? NAN : r->weights_total / (double)q * onus_sum_get(&mixed) / (double)(q - 1);
    chance[ONUS_COEFFICIENT_PABAK] = r->weights_total / ((double)q * (double)q);
}

void onus_agreement_of_sums(const onus_agreement_recipe *r, const double *sums,
                            double values[ONUS_N_COEFFICIENTS]) {
    const double *ones = sums + onus_agreement_pa_column(r);
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        values[k] = NAN;
    }
    if (!(ones[1] > 0.0)) {
        return; /* no unit has two votes */
    }
    const double agreement = ones[0] / ones[1];
    onus_agreement_chance(r, sums + r->n_labels, ones[2], values);
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        values[k] = values[k] < 1.0 ? (agreement - values[k]) / (1.0 - values[k]) : NAN;
    }
    double observed = NAN;
    const double expected = disagreements(r, sums, &observed);
    if (expected > 0.0) {
        double n = 0.0; /* whole numbers: exact */
        for (size_t c = 0; c < r->n_labels; c++) {
            n += sums[c];
        }
        values[ONUS_COEFFICIENT_ALPHA] = 1.0 - (n - 1.0) * observed / expected;
    }
}

/* ---- standard errors with units independent (Gwet 2014) ---- */

/* Spread of what each unit adds to a coefficient. */
typedef struct spread {
    onus_sum squares; /* about `centre` */
    double centre;
    double n;
} spread;

static void spread_add(spread *s, double part) {
    const double off = part - s->centre;
    onus_sum_add(&s->squares, off * off);
    s->n += 1.0;
}

static double spread_se(const spread *s) {
    return s->n < 2.0 ? NAN : sqrt(onus_sum_get(&s->squares) / (s->n * (s->n - 1.0)));
}

typedef struct linear {
    const onus_agreement_recipe *r;
    const double *totals;
    const double *values;
    double chance[ONUS_N_COEFFICIENTS];
    double mean_votes;    /* of units with two votes */
    double alpha_percent; /* agreement in alpha's sense, without its small-sample term */
    double alpha_chance;
    double alpha_value;
} linear;

/* What chance agreement becomes if the unit's votes stood for everybody's. */
static double unit_chance(const linear *l, const double *shares, onus_coefficient which) {
    const onus_agreement_recipe *r = l->r;
    const size_t q = r->n_labels;
    const double n_rated = l->totals[onus_agreement_pa_column(r) + 2];
    const double *all = l->totals + q;
    double expected = 0.0;
    for (size_t c = 0; c < q; c++) {
        double match = all[c] / n_rated;
        if (which == ONUS_COEFFICIENT_AC1) {
            expected += shares[c] * (1.0 - match);
            continue;
        }
        for (size_t k = 0; r->weights != NULL && k < q; k++) {
            match += k == c ? 0.0 : r->weights[c * q + k] * all[k] / n_rated;
        }
        expected += shares[c] * match;
    }
    return which == ONUS_COEFFICIENT_AC1 ? r->weights_total / (double)q * expected / (double)(q - 1)
                                         : expected;
}

static double unit_part(const linear *l, const double *sums, onus_coefficient which) {
    const double *totals = l->totals + onus_agreement_pa_column(l->r);
    const double *ones = sums + onus_agreement_pa_column(l->r);
    const double chance = l->chance[which];
    const double part = totals[2] / totals[1] * (ones[0] - chance * ones[1]) / (1.0 - chance);
    if (which == ONUS_COEFFICIENT_PERCENT || which == ONUS_COEFFICIENT_PABAK) {
        return part; /* chance does not depend on the votes */
    }
    const double own = unit_chance(l, sums + l->r->n_labels, which);
    return part - 2.0 * (1.0 - l->values[which]) * (own - chance) / (1.0 - chance);
}

static double alpha_part(const linear *l, const double *sums) {
    const onus_agreement_recipe *r = l->r;
    const double n_pairable = l->totals[onus_agreement_pa_column(r) + 1];
    const double all = l->mean_votes * n_pairable;
    double n = 0.0;
    double own_chance = 0.0;
    for (size_t c = 0; c < r->n_labels; c++) {
        n += sums[c];
        own_chance += sums[c] * l->totals[c] / all;
    }
    const double longer = (n - l->mean_votes) / l->mean_votes;
    const double agree = n - 2.0 * sums[onus_agreement_pa_column(r) + ONUS_AGREEMENT_ONES];
    const double own = agree / l->mean_votes - l->alpha_percent * longer;
    const double by_chance = own_chance / l->mean_votes - l->alpha_chance * longer;
    return (own - l->alpha_chance) / (1.0 - l->alpha_chance) -
           2.0 * (1.0 - l->alpha_value) * (by_chance - l->alpha_chance) / (1.0 - l->alpha_chance);
}

/* Nominal alpha as one minus shares of votes: agreement (all - 2 D) / all, chance sum (n_c /
 * all)^2. */
static void linear_alpha(linear *l) {
    const onus_agreement_recipe *r = l->r;
    const double *ones = l->totals + onus_agreement_pa_column(r);
    double all = 0.0;
    double squares = 0.0;
    for (size_t c = 0; c < r->n_labels; c++) {
        all += l->totals[c];
    }
    for (size_t c = 0; c < r->n_labels; c++) {
        squares += l->totals[c] / all * (l->totals[c] / all);
    }
    l->mean_votes = all / ones[1];
    l->alpha_percent = (all - 2.0 * ones[ONUS_AGREEMENT_ONES]) / all;
    l->alpha_chance = squares;
    l->alpha_value = (l->alpha_percent - squares) / (1.0 - squares);
}

static void unit_errors(const onus_vote_counts *votes, linear *l, double *sums,
                        onus_agreement *out) {
    spread spreads[ONUS_N_COEFFICIENTS] = {{.n = 0.0}};
    const bool has_alpha = l->r->distance == ONUS_DISTANCE_NOMINAL;
    if (has_alpha) {
        linear_alpha(l);
    }
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        spreads[k].centre = k == ONUS_COEFFICIENT_ALPHA ? l->alpha_value : l->values[k];
    }
    for (size_t u = 0; u < votes->n_units; u++) {
        onus_agreement_unit_sums(l->r, votes->counts + u * votes->n_labels, sums);
        const double *ones = sums + onus_agreement_pa_column(l->r);
        if (ones[2] == 0.0) {
            continue;
        }
        for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
            if (k != ONUS_COEFFICIENT_ALPHA) {
                spread_add(&spreads[k], unit_part(l, sums, (onus_coefficient)k));
            } else if (has_alpha && ones[1] > 0.0) {
                spread_add(&spreads[k], alpha_part(l, sums));
            }
        }
    }
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        out->coefficients[k].unit_se = isnan(l->values[k]) ? NAN : spread_se(&spreads[k]);
    }
}

/* ---- what is asked from outside ---- */

static const char *const NO_PAIR = "no unit has two votes";
static const char *const ONE_LABEL_USED =
    "every vote is for the same label: there was nothing to agree about";
static const char *const ONE_LABEL_DECLARED = "only one label is declared";

static const char *why_none(const onus_agreement *out, size_t n_labels, int which) {
    if (out->n_pairable == 0) {
        return NO_PAIR;
    }
    return n_labels < 2 && which != ONUS_COEFFICIENT_PERCENT ? ONE_LABEL_DECLARED : ONE_LABEL_USED;
}

/* Sums over all units, each compensated. */
static void add_up(const onus_vote_counts *votes, const onus_agreement_recipe *r, double *unit,
                   onus_sum *compensated, double *totals) {
    memset(compensated, 0, r->n_sums * sizeof *compensated);
    for (size_t u = 0; u < votes->n_units; u++) {
        onus_agreement_unit_sums(r, votes->counts + u * votes->n_labels, unit);
        for (size_t k = 0; k < r->n_sums; k++) {
            onus_sum_add(&compensated[k], unit[k]);
        }
    }
    for (size_t k = 0; k < r->n_sums; k++) {
        totals[k] = onus_sum_get(&compensated[k]);
    }
}

static void describe(const onus_vote_counts *votes, const onus_agreement_recipe *r,
                     const double *totals, double *prevalence, onus_agreement *out) {
    const double *ones = totals + onus_agreement_pa_column(r);
    out->n_pairable = (size_t)ones[1];
    out->n_rated = (size_t)ones[2];
    for (size_t u = 0; u < votes->n_units * votes->n_labels; u++) {
        out->n_votes += votes->counts[u];
    }
    for (size_t c = 0; c < r->n_labels; c++) {
        const double share = out->n_rated > 0 ? totals[r->n_labels + c] / ones[2] : NAN;
        out->n_labels_used += share > 0.0;
        if (prevalence != NULL) {
            prevalence[r->order[c]] = share;
        }
    }
}

onus_status onus_agreement_measure(const onus_vote_counts *votes, const onus_agreement_opts *opts,
                                   double *prevalence, onus_agreement *out, onus_error *err) {
    onus_agreement_recipe r = {0};
    onus_status status = onus_agreement_recipe_make(votes, opts, &r, err);
    if (status != ONUS_OK) {
        return status;
    }
    double values[ONUS_N_COEFFICIENTS];
    double *unit = onus_alloc_n(r.n_sums, sizeof *unit);
    double *totals = onus_alloc_n(r.n_sums, sizeof *totals);
    onus_sum *compensated = onus_alloc_n(r.n_sums, sizeof *compensated);
    if (unit == NULL || totals == NULL || compensated == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    add_up(votes, &r, unit, compensated, totals);
    *out = (onus_agreement){0};
    describe(votes, &r, totals, prevalence, out);
    onus_agreement_of_sums(&r, totals, values);
    linear l = {.r = &r, .totals = totals, .values = values};
    const double n_rated = totals[onus_agreement_pa_column(&r) + 2];
    onus_agreement_chance(&r, totals + r.n_labels, n_rated, l.chance);
    if (out->n_pairable > 0) {
        unit_errors(votes, &l, unit, out);
    }
    for (int k = 0; k < ONUS_N_COEFFICIENTS; k++) {
        onus_agreement_value *c = &out->coefficients[k];
        c->value = isnan(values[k]) ? onus_number_none(why_none(out, r.n_labels, k))
                                    : onus_number_of(values[k]);
        c->expected = isnan(values[k]) ? NAN : l.chance[k];
        c->unit_se = isnan(values[k]) ? NAN : c->unit_se;
    }
    if (r.distance == ONUS_DISTANCE_NOMINAL && !isnan(values[ONUS_COEFFICIENT_ALPHA])) {
        double n = 0.0;
        for (size_t c = 0; c < r.n_labels; c++) {
            n += totals[c];
        }
        out->coefficients[ONUS_COEFFICIENT_ALPHA].expected =
            1.0 - 2.0 * onus_agreement_expected(&r, totals) / (n * (n - 1.0));
    }
out:
    onus_free(compensated);
    onus_free(totals);
    onus_free(unit);
    onus_agreement_recipe_clear(&r);
    return status;
}

onus_status onus_agreement_coincidences(const onus_vote_counts *votes, double *coincidences,
                                        onus_error *err) {
    const onus_status status = check_counts(votes, err);
    if (status != ONUS_OK) {
        return status;
    }
    const size_t q = votes->n_labels;
    onus_sum *sums = onus_alloc_n(q * q, sizeof *sums);
    if (sums == NULL) {
        return onus_fail_nomem(err);
    }
    for (size_t u = 0; u < votes->n_units; u++) {
        const double *row = votes->counts + u * q;
        double n = 0.0;
        for (size_t c = 0; c < q; c++) {
            n += row[c];
        }
        for (size_t i = 0; n >= 2.0 && i < q * q; i++) {
            const double same = i / q == i % q ? 1.0 : 0.0;
            onus_sum_add(&sums[i], row[i / q] * (row[i % q] - same) / (n - 1.0));
        }
    }
    for (size_t i = 0; i < q * q; i++) {
        coincidences[i] = onus_sum_get(&sums[i]);
    }
    onus_free(sums);
    return ONUS_OK;
}

static void weigh(const double *values, size_t n_labels, bool square, double *weights) {
    double low = INFINITY;
    double high = -INFINITY;
    for (size_t c = 0; c < n_labels; c++) {
        low = fmin(low, values[c]);
        high = fmax(high, values[c]);
    }
    for (size_t i = 0; i < n_labels * n_labels; i++) {
        const double apart =
            high > low ? fabs(values[i / n_labels] - values[i % n_labels]) / (high - low) : 0.0;
        weights[i] = 1.0 - (square ? apart * apart : apart);
    }
}

void onus_agreement_weights_linear(const double *values, size_t n_labels, double *weights) {
    weigh(values, n_labels, false, weights);
}

void onus_agreement_weights_quadratic(const double *values, size_t n_labels, double *weights) {
    weigh(values, n_labels, true, weights);
}

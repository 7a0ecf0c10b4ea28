/* One group against another on the same labels.
 *
 * Two groups of whom one was only ever recorded with an easy label differ in accuracy by as much as
 * the labels do (Simpson). So recalls are compared label by label: as a mean of differences, as a
 * common odds ratio over the labels' 2 x 2 tables (Mantel-Haenszel), and by logistic regression,
 * which also asks whether the ratio is common. Where one side lacks a label there is no such
 * comparison, and none is made of what is left. Called by the affect trial with sums over items,
 * and in every draw of a bootstrap over people, since items of one person are no sample of
 * people. */
#include "onus/stats_labels_groups.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "stats_sort.h"

/* ETS: 4 / 1.7, the logistic scale in units of the delta metric (Holland & Thayer 1988). */
static const double ETS_DELTA = -2.35;

/* Sums of shares of votes are exact to this. */
static const double SHARE_ROUNDING = 1e-12;

/* right and wrong of the group (a, b) and of the reference (c, d) on one label */
typedef struct fourfold {
    double a;
    double b;
    double c;
    double d;
    double all;
} fourfold;

/* Wrong answers: what sums of shares leave of 0 is 0. */
static double wrong_of(const onus_group_cell *cell) {
    const double wrong = cell->all - cell->right;
    return wrong > SHARE_ROUNDING * cell->all ? wrong : 0.0;
}

static fourfold fourfold_of(const onus_group_cell *cells, size_t q, size_t label) {
    const onus_group_cell *g = &cells[label];
    const onus_group_cell *r = &cells[q + label];
    return (fourfold){
        .a = g->right, .b = wrong_of(g), .c = r->right, .d = wrong_of(r), .all = g->all + r->all};
}

/* Items on both sides, some right and some wrong: else the label's table says nothing. */
static bool tells(const fourfold *t) {
    return t->a + t->b > 0.0 && t->c + t->d > 0.0 && t->a + t->c > 0.0 && t->b + t->d > 0.0 &&
           t->all > 1.0;
}

int32_t onus_group_missing(const onus_group_cell *cells, size_t n_labels, int *side) {
    for (size_t l = 0; l < n_labels; l++) {
        const bool first = cells[l].all > 0.0;
        const bool second = cells[n_labels + l].all > 0.0;
        if (first != second) {
            *side = first ? 1 : 0;
            return (int32_t)l;
        }
    }
    return -1;
}

/* ---- Mantel-Haenszel ---- */

void onus_mantel_haenszel_of(const onus_group_cell *cells, size_t n_labels,
                             onus_mantel_haenszel *out) {
    *out = (onus_mantel_haenszel){.odds_ratio = NAN,
                                  .log_odds = NAN,
                                  .variance = NAN,
                                  .delta = NAN,
                                  .chi2 = NAN,
                                  .chi2_p = NAN,
                                  .z_naive = NAN};
    double r = 0.0;
    double s = 0.0;
    double pr = 0.0;
    double ps_qr = 0.0;
    double qs = 0.0;
    double over = 0.0;
    double variance = 0.0;
    for (size_t l = 0; l < n_labels; l++) {
        const fourfold t = fourfold_of(cells, n_labels, l);
        if (!tells(&t)) {
            continue;
        }
        out->n_strata++;
        const double p = (t.a + t.d) / t.all;
        const double q = (t.b + t.c) / t.all;
        const double rl = t.a * t.d / t.all;
        const double sl = t.b * t.c / t.all;
        r += rl;
        s += sl;
        pr += p * rl;
        ps_qr += p * sl + q * rl;
        qs += q * sl;
        over += t.a - (t.a + t.b) * (t.a + t.c) / t.all;
        variance +=
            (t.a + t.b) * (t.c + t.d) * (t.a + t.c) * (t.b + t.d) / (t.all * t.all * (t.all - 1.0));
    }
    if (out->n_strata == 0) {
        out->reason = "no label has items of both groups, some right and some wrong";
        return;
    }
    const double distance = fmax(0.0, fabs(over) - 0.5);
    out->chi2 = distance * distance / variance;
    out->chi2_p = gsl_cdf_chisq_Q(out->chi2, 1.0);
    if (!(r > 0.0) || !(s > 0.0)) {
        out->reason = "the odds ratio is 0 or infinite: one group is always right, or always "
                      "wrong, wherever the other is not";
        return;
    }
    out->odds_ratio = r / s;
    out->log_odds = log(out->odds_ratio);
    out->delta = ETS_DELTA * out->log_odds;
    out->variance = pr / (2.0 * r * r) + ps_qr / (2.0 * r * s) + qs / (2.0 * s * s);
    out->z_naive = out->log_odds / sqrt(out->variance);
}

/* ---- logistic regression ---- */

static double expit(double x) {
    return x >= 0.0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

/* k log p, 0 where k is 0 */
static double k_log(double k, double p) {
    return k > 0.0 ? k * log(p) : 0.0;
}

static double likelihood(double right, double wrong, double p) {
    return k_log(right, p) + k_log(wrong, 1.0 - p);
}

static double saturated(const fourfold *t) {
    return likelihood(t->a, t->b, t->a / (t->a + t->b)) +
           likelihood(t->c, t->d, t->c / (t->c + t->d));
}

static double without_group(const fourfold *t) {
    return likelihood(t->a + t->c, t->b + t->d, (t->a + t->c) / t->all);
}

/* The intercept of a label, given the group's coefficient: both sides together are right as often
 * as they were. Newton within a bracket that always holds the root. */
static double intercept_of(const fourfold *t, double beta) {
    const double right = t->a + t->c;
    const double centre = log(right / (t->b + t->d));
    double low = centre - fmax(0.0, beta);
    double high = centre - fmin(0.0, beta);
    double alpha = 0.5 * (low + high);
    for (int i = 0; i < 100 && high - low > 0.0; i++) {
        const double p1 = expit(alpha + beta);
        const double p0 = expit(alpha);
        const double off = right - (t->a + t->b) * p1 - (t->c + t->d) * p0;
        low = off > 0.0 ? alpha : low;
        high = off > 0.0 ? high : alpha;
        const double slope = (t->a + t->b) * p1 * (1.0 - p1) + (t->c + t->d) * p0 * (1.0 - p0);
        double next = alpha + off / slope;
        next = next >= low && next <= high ? next : 0.5 * (low + high);
        if (fabs(next - alpha) <= 4e-16 * fmax(1.0, fabs(alpha))) {
            break;
        }
        alpha = next;
    }
    return alpha;
}

typedef struct profile {
    double likelihood;
    double slope;       /* of the profile likelihood in beta */
    double information; /* minus its curvature */
} profile;

static profile profile_at(const onus_group_cell *cells, size_t q, double beta) {
    profile out = {0};
    for (size_t l = 0; l < q; l++) {
        const fourfold t = fourfold_of(cells, q, l);
        if (!tells(&t)) {
            continue;
        }
        const double alpha = intercept_of(&t, beta);
        const double p1 = expit(alpha + beta);
        const double p0 = expit(alpha);
        const double w1 = (t.a + t.b) * p1 * (1.0 - p1);
        const double w0 = (t.c + t.d) * p0 * (1.0 - p0);
        out.likelihood += likelihood(t.a, t.b, p1) + likelihood(t.c, t.d, p0);
        out.slope += t.a - (t.a + t.b) * p1;
        out.information += w1 * w0 / (w1 + w0);
    }
    return out;
}

/* Has the likelihood a finite maximum in beta? Not if on every label as many of the right answers
 * as can be are the group's, or as few. */
static bool is_separated(const onus_group_cell *cells, size_t q) {
    bool most = true;
    bool least = true;
    for (size_t l = 0; l < q; l++) {
        const fourfold t = fourfold_of(cells, q, l);
        if (tells(&t)) {
            most = most && (t.b == 0.0 || t.c == 0.0);
            least = least && (t.a == 0.0 || t.d == 0.0);
        }
    }
    return most || least;
}

/* Maximum of the profile likelihood: Newton, halved until it gains. */
static double maximum(const onus_group_cell *cells, size_t q, profile *at) {
    double beta = 0.0;
    *at = profile_at(cells, q, beta);
    for (int i = 0; i < 100; i++) {
        double step = at->slope / at->information;
        profile next = profile_at(cells, q, beta + step);
        /* a gain below rounding is no loss; NaN far out is one */
        const double rounding = 1e-12 * fabs(at->likelihood);
        for (int h = 0; h < 60 && !(next.likelihood >= at->likelihood - rounding); h++) {
            step *= 0.5;
            next = profile_at(cells, q, beta + step);
        }
        beta += step;
        *at = next;
        if (fabs(step) <= 1e-13 * fmax(1.0, fabs(beta))) {
            break;
        }
    }
    return beta;
}

void onus_dif_of(const onus_group_cell *cells, size_t n_labels, onus_dif *out) {
    *out = (onus_dif){.uniform = NAN,
                      .uniform_se = NAN,
                      .uniform_chi2 = NAN,
                      .uniform_p = NAN,
                      .interaction_chi2 = NAN,
                      .interaction_p = NAN};
    double full = 0.0;
    double none = 0.0;
    size_t n_strata = 0;
    for (size_t l = 0; l < n_labels; l++) {
        const fourfold t = fourfold_of(cells, n_labels, l);
        if (tells(&t)) {
            n_strata++;
            full += saturated(&t);
            none += without_group(&t);
            out->n_separated += t.a == 0.0 || t.b == 0.0 || t.c == 0.0 || t.d == 0.0;
        }
    }
    if (n_strata == 0) {
        out->reason = "no label has items of both groups, some right and some wrong";
        return;
    }
    out->interaction_df = (double)n_strata - 1.0;
    if (is_separated(cells, n_labels)) {
        out->separated = true;
        out->reason = "one group is always right, or always wrong, wherever the other is not: the "
                      "coefficient has no finite maximum";
        return;
    }
    profile at;
    out->uniform = maximum(cells, n_labels, &at);
    out->uniform_se = 1.0 / sqrt(at.information);
    out->uniform_chi2 = fmax(0.0, 2.0 * (at.likelihood - none));
    out->uniform_p = gsl_cdf_chisq_Q(out->uniform_chi2, 1.0);
    if (n_strata >= 2) {
        out->interaction_chi2 = fmax(0.0, 2.0 * (full - at.likelihood));
        out->interaction_p = gsl_cdf_chisq_Q(out->interaction_chi2, out->interaction_df);
    }
}

double onus_rao_scott_p(double chi2, double df, double effect, double df_people) {
    if (!(chi2 >= 0.0) || !(df > 0.0) || !(effect > 0.0) || !(df_people > 0.0) || !isfinite(chi2) ||
        !isfinite(effect) || !isfinite(df_people)) {
        return NAN;
    }
    return gsl_cdf_fdist_Q(chi2 / fmax(1.0, effect) / df, df, df_people);
}

/* ---- as a vector of totals ---- */

static double standardised(const onus_group_cell *cells, size_t q) {
    int side = 0;
    if (onus_group_missing(cells, q, &side) >= 0) {
        return NAN;
    }
    onus_sum sum = {0};
    double n = 0.0;
    for (size_t l = 0; l < q; l++) {
        if (cells[l].all > 0.0) {
            onus_sum_add(&sum,
                         cells[l].right / cells[l].all - cells[q + l].right / cells[q + l].all);
            n += 1.0;
        }
    }
    return n > 0.0 ? onus_sum_get(&sum) / n : NAN;
}

static double crude(const onus_group_cell *cells, size_t q) {
    double right[2] = {0.0, 0.0};
    double all[2] = {0.0, 0.0};
    for (size_t side = 0; side < 2; side++) {
        for (size_t l = 0; l < q; l++) {
            right[side] += cells[side * q + l].right;
            all[side] += cells[side * q + l].all;
        }
    }
    return all[0] > 0.0 && all[1] > 0.0 ? right[0] / all[0] - right[1] / all[1] : NAN;
}

void onus_group_values(const void *shared, const double *totals, double *values) {
    const size_t q = ((const onus_group_shape *)shared)->n_labels;
    /* a cell is two doubles, totals are such pairs in the same order */
    const onus_group_cell *cells = (const onus_group_cell *)(const void *)totals;
    onus_mantel_haenszel mh;
    onus_mantel_haenszel_of(cells, q, &mh);
    values[ONUS_GROUP_GAP] = standardised(cells, q);
    values[ONUS_GROUP_CRUDE] = crude(cells, q);
    values[ONUS_GROUP_LOG_ODDS] = mh.log_odds;
    values[ONUS_GROUP_MIX] = values[ONUS_GROUP_CRUDE] - values[ONUS_GROUP_GAP];
}

/* ---- families, and what could have been seen ---- */

onus_status onus_benjamini_hochberg(const double *p, size_t n, double *adjusted) {
    onus_status status = ONUS_OK;
    onus_sorted *sorted = NULL;
    double *known = NULL;
    size_t *index = NULL;
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]) && !(p[i] >= 0.0 && p[i] <= 1.0)) {
            return ONUS_ERR_DOMAIN;
        }
    }
    known = onus_alloc_n(n, sizeof *known);
    index = onus_alloc_n(n, sizeof *index);
    if (known == NULL || index == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = p[i];
        if (!isnan(p[i])) {
            known[m] = p[i];
            index[m++] = i;
        }
    }
    ONUS_TRY(onus_sort_pairs(known, m, &sorted));
    double least = 1.0;
    for (size_t k = m; k-- > 0;) {
        least = fmin(least, (double)m / ((double)k + 1.0) * sorted[k].value);
        adjusted[index[sorted[k].index]] = least;
    }
out:
    onus_free(sorted);
    onus_free(known);
    onus_free(index);
    return status;
}

double onus_detectable_gap(double se, double df, double level, double power) {
    if (!(se > 0.0) || !(level > 0.0 && level < 1.0) || !(power > 0.0 && power < 1.0)) {
        return NAN;
    }
    return (onus_t_quantile(0.5 + 0.5 * level, df) + onus_t_quantile(power, df)) * se;
}

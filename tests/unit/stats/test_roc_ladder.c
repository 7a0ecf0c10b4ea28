/* Sets too large to be sorted at once, against a plain sort: every answer the same, whatever the
 * distribution and the number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../fault.h"
#include "onus/exec.h"
#include "onus/stats_roc.h"

enum { N_GENUINE = 30000, N_IMPOSTOR = 120000, N_THRESHOLDS = 6, N_FMR_AT = 5 };

typedef double (*shape)(double normal, double uniform, bool genuine);

static double continuous(double normal, double uniform, bool genuine) {
    (void)uniform;
    return normal + (genuine ? 2.0 : 0.0);
}
static double thousandths(double normal, double uniform, bool genuine) {
    return round(continuous(normal, uniform, genuine) * 1000.0) / 1000.0;
}
static double coarse(double normal, double uniform, bool genuine) {
    return round(continuous(normal, uniform, genuine));
}
static double crowded(double normal, double uniform, bool genuine) { /* in a few last digits */
    (void)uniform;
    return 1.0 + 1e-14 * round(10.0 * continuous(normal, 0.0, genuine));
}
static double spread(double normal, double uniform, bool genuine) {
    return (uniform < 0.5 ? -1.0 : 1.0) * exp(60.0 * normal + (genuine ? 40.0 : 0.0));
}
static double constant(double normal, double uniform, bool genuine) {
    (void)normal;
    (void)uniform;
    (void)genuine;
    return 0.25;
}
static double apart(double normal, double uniform, bool genuine) {
    (void)normal;
    return genuine ? 1.0 + uniform : uniform;
}

typedef struct set {
    double *genuine;
    double *impostor;
    double *sorted[2]; /* acquired, higher is same */
    size_t n[2];
} set;

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void draw(double *scores, double *sorted, size_t n, size_t *n_acquired, shape f,
                 bool genuine, double sign) {
    onus_rng rng;
    onus_rng_init(&rng, 7, ONUS_STREAM_TEST, genuine ? 1 : 2, 0);
    *n_acquired = 0;
    for (size_t i = 0; i < n; i++) {
        const double normal = onus_rng_normal(&rng);
        const double uniform = onus_rng_uniform(&rng);
        const double score = f(normal, uniform, genuine);
        const bool failed = onus_rng_uniform(&rng) < 0.01;
        scores[i] = failed ? NAN : sign * score;
        if (!failed) {
            sorted[(*n_acquired)++] = score;
        }
    }
    qsort(sorted, *n_acquired, sizeof *sorted, by_value);
}

static set set_make(shape f, double sign) {
    set s = {.genuine = malloc(N_GENUINE * sizeof(double)),
             .impostor = malloc(N_IMPOSTOR * sizeof(double)),
             .sorted = {malloc(N_GENUINE * sizeof(double)), malloc(N_IMPOSTOR * sizeof(double))}};
    assert_non_null(s.genuine);
    assert_non_null(s.impostor);
    assert_non_null(s.sorted[0]);
    assert_non_null(s.sorted[1]);
    draw(s.genuine, s.sorted[0], N_GENUINE, &s.n[0], f, true, sign);
    draw(s.impostor, s.sorted[1], N_IMPOSTOR, &s.n[1], f, false, sign);
    return s;
}

static void set_free(set *s) {
    free(s->genuine);
    free(s->impostor);
    free(s->sorted[0]);
    free(s->sorted[1]);
}

static size_t below(const double *sorted, size_t n, double t) {
    size_t low = 0;
    while (n > 0) {
        const size_t half = n / 2;
        if (sorted[low + half] < t) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

static void check_counts(const set *s, const onus_roc_counts *at, double sign) {
    const double t = sign * at->threshold;
    assert_int_equal(at->n_genuine, s->n[0]);
    assert_int_equal(at->n_impostor, s->n[1]);
    assert_int_equal(at->fta_genuine, N_GENUINE - s->n[0]);
    assert_int_equal(at->fta_impostor, N_IMPOSTOR - s->n[1]);
    assert_int_equal(at->false_nonmatch, below(s->sorted[0], s->n[0], t));
    assert_int_equal(at->false_match, s->n[1] - below(s->sorted[1], s->n[1], t));
}

static bool occurs(const set *s, double t) {
    for (int c = 0; c < 2; c++) {
        const size_t at = below(s->sorted[c], s->n[c], t);
        if (at < s->n[c] && s->sorted[c][at] == t) {
            return true;
        }
    }
    return false;
}

/* The score before t among all; NaN if there is none. */
static double score_before(const set *s, double t) {
    double before = NAN;
    for (int c = 0; c < 2; c++) {
        const size_t at = below(s->sorted[c], s->n[c], t);
        if (at > 0 && !(s->sorted[c][at - 1] <= before)) {
            before = s->sorted[c][at - 1];
        }
    }
    return before;
}

static void check_fnmr_at(const set *s, const onus_fnmr_at *at, double sign) {
    const double t = sign * at->at.threshold;
    const double n = (double)s->n[1];
    check_counts(s, &at->at, sign);
    assert_true(isinf(t) || occurs(s, t));
    assert_true((double)at->at.false_match / n <= at->fmr_at_most);
    const double before = score_before(s, t); /* the next lower threshold breaks the bound */
    assert_true(isnan(before) ||
                (double)(s->n[1] - below(s->sorted[1], s->n[1], before)) / n > at->fmr_at_most);
    assert_true(at->optimistic.value <= at->expected.value);
    assert_true(at->expected.value <= at->pessimistic.value);
}

static void check_eer(const set *s, const onus_roc *roc, double sign) {
    const onus_eer *crossing = &roc->eer[ONUS_EER_CROSSING];
    const onus_eer *nearest = &roc->eer[ONUS_EER_NEAREST];
    const onus_eer *line = &roc->eer[ONUS_EER_INTERPOLATED];
    check_counts(s, &crossing->at, sign);
    check_counts(s, &nearest->at, sign);
    check_counts(s, &line->at, sign);
    /* line->at is the first threshold with FMR <= FNMR */
    const double t = sign * line->at.threshold;
    const double before = score_before(s, t);
    const double n_genuine = (double)s->n[0];
    const double n_impostor = (double)s->n[1];
    const double fmr = (double)line->at.false_match / n_impostor;
    const double fnmr = (double)line->at.false_nonmatch / n_genuine;
    const double fmr_before = (double)(s->n[1] - below(s->sorted[1], s->n[1], before)) / n_impostor;
    const double fnmr_before = (double)below(s->sorted[0], s->n[0], before) / n_genuine;
    assert_true(isinf(t) || occurs(s, t));
    assert_true(fmr <= fnmr && fmr_before > fnmr_before);
    assert_true(line->rate.value >= fmin(fnmr, fnmr_before) - 1e-15);
    assert_true(line->rate.value <= fmax(fnmr, fnmr_before) + 1e-15);
    const double gap = fmin(fnmr - fmr, fmr_before - fnmr_before);
    assert_true(fabs(nearest->high - nearest->low - gap) < 1e-15);
    const double sum = fmr == fnmr ? fmr + fnmr : fmin(fmr + fnmr, fmr_before + fnmr_before);
    assert_true(fabs(2.0 * crossing->rate.value - sum) < 1e-15);
}

static void check_auc(const set *s, const onus_auc *auc) {
    uint64_t num2 = 0;
    size_t n_below = 0;
    size_t n_up_to = 0;
    for (size_t i = 0; i < s->n[0]; i++) {
        while (n_below < s->n[1] && s->sorted[1][n_below] < s->sorted[0][i]) {
            n_below++;
        }
        while (n_up_to < s->n[1] && s->sorted[1][n_up_to] <= s->sorted[0][i]) {
            n_up_to++;
        }
        num2 += n_below + n_up_to;
    }
    assert_int_equal(auc->num2, num2);
    assert_int_equal(auc->den2, 2 * (uint64_t)s->n[0] * s->n[1]);
}

static void check_det(const set *s, const onus_roc *roc, size_t n_wanted, double sign) {
    assert_true(roc->n_det >= 2 && roc->n_det <= n_wanted + N_THRESHOLDS + N_FMR_AT + 5);
    assert_int_equal(roc->det[0].false_nonmatch, 0);
    assert_int_equal(roc->det[0].false_match, s->n[1]);
    assert_int_equal(roc->det[roc->n_det - 1].false_match, 0);
    for (size_t k = 0; k < roc->n_det; k++) {
        const onus_roc_counts *p = &roc->det[k];
        check_counts(s, p, sign);
        if (k > 0) {
            assert_true(p->false_match <= p[-1].false_match);
            assert_true(p->false_nonmatch >= p[-1].false_nonmatch);
            assert_true(p->false_match != p[-1].false_match ||
                        p->false_nonmatch != p[-1].false_nonmatch);
        }
    }
    for (size_t i = 0; i < N_THRESHOLDS; i++) { /* no operating point is thinned away */
        bool found = false;
        for (size_t k = 0; k < roc->n_det; k++) {
            found = found || (roc->det[k].false_match == roc->at[i].false_match &&
                              roc->det[k].false_nonmatch == roc->at[i].false_nonmatch);
        }
        assert_true(found);
    }
}

static const double FMR_AT[N_FMR_AT] = {0.0, 1e-4, 1e-3, 0.1, 1.0};

static onus_roc make(const set *s, double sign, int n_threads, const double *thresholds) {
    const onus_context context = {.n_threads = n_threads};
    const onus_scores scores = {.genuine = s->genuine,
                                .n_genuine = N_GENUINE,
                                .impostor = s->impostor,
                                .n_impostor = N_IMPOSTOR,
                                .lower_is_same = sign < 0};
    const onus_roc_ask ask = {.thresholds = thresholds,
                              .n_thresholds = N_THRESHOLDS,
                              .fmr_at = FMR_AT,
                              .n_fmr_at = N_FMR_AT,
                              .eer = true,
                              .auc = true,
                              .n_det = 200};
    onus_roc roc;
    assert_int_equal(onus_roc_make(&scores, &ask, &context, &roc), ONUS_OK);
    return roc;
}

static void check_shape(shape f, double sign) {
    assert_true((size_t)N_GENUINE + N_IMPOSTOR > ONUS_ROC_SMALL);
    set s = set_make(f, sign);
    double thresholds[N_THRESHOLDS];
    for (size_t i = 0; i < N_THRESHOLDS; i++) { /* scores that occur, and some that do not */
        const size_t at = (i + 1) * s.n[1] / (N_THRESHOLDS + 1);
        const double t = s.sorted[1][at];
        thresholds[i] = sign * (i % 2 == 0 ? t : t + 1e-9);
    }
    onus_roc roc = make(&s, sign, 1, thresholds);
    for (size_t i = 0; i < N_THRESHOLDS; i++) {
        check_counts(&s, &roc.at[i], sign);
        assert_true(roc.at[i].threshold == thresholds[i]);
    }
    for (size_t i = 0; i < N_FMR_AT; i++) {
        check_fnmr_at(&s, &roc.fnmr_at[i], sign);
    }
    check_eer(&s, &roc, sign);
    check_auc(&s, &roc.auc);
    check_det(&s, &roc, 200, sign);
    onus_roc again = make(&s, sign, 3, thresholds);
    assert_int_equal(again.n_det, roc.n_det);
    assert_memory_equal(again.det, roc.det, roc.n_det * sizeof *roc.det);
    assert_memory_equal(&again.auc, &roc.auc, sizeof roc.auc);
    onus_roc_clear(&again);
    onus_roc_clear(&roc);
    set_free(&s);
}

static void continuous_scores(void **state) {
    (void)state;
    check_shape(continuous, 1.0);
}
static void continuous_distances(void **state) {
    (void)state;
    check_shape(continuous, -1.0);
}
static void scores_of_three_decimals(void **state) {
    (void)state;
    check_shape(thousandths, 1.0);
}
static void scores_of_a_handful_of_values(void **state) {
    (void)state;
    check_shape(coarse, -1.0);
}
static void scores_crowded_in_their_last_digits(void **state) {
    (void)state;
    check_shape(crowded, 1.0);
}
static void scores_over_all_magnitudes(void **state) {
    (void)state;
    check_shape(spread, 1.0);
}
static void scores_all_alike(void **state) {
    (void)state;
    check_shape(constant, 1.0);
}
static void scores_apart(void **state) {
    (void)state;
    check_shape(apart, 1.0);
}

/* More ranges to cut than counters have room for: each is cut less. */
static void hundreds_of_thresholds_at_once(void **state) {
    (void)state;
    enum { MANY = 400 };
    double thresholds[MANY];
    set s = set_make(continuous, 1.0);
    for (size_t i = 0; i < MANY; i++) {
        thresholds[i] = -3.0 + 8.0 * (double)i / MANY;
    }
    const onus_scores scores = {.genuine = s.genuine,
                                .n_genuine = N_GENUINE,
                                .impostor = s.impostor,
                                .n_impostor = N_IMPOSTOR};
    onus_roc roc;
    assert_int_equal(onus_roc_make(&scores,
                                   &(onus_roc_ask){.thresholds = thresholds, .n_thresholds = MANY},
                                   NULL, &roc),
                     ONUS_OK);
    for (size_t i = 0; i < MANY; i++) {
        check_counts(&s, &roc.at[i], 1.0);
    }
    onus_roc_clear(&roc);
    set_free(&s);
}

static void every_allocation_of_a_large_set_may_fail(void **state) {
    (void)state;
    set s = set_make(coarse, 1.0);
    const onus_context context = {.n_threads = 1};
    const double thresholds[] = {0.3};
    const onus_scores scores = {.genuine = s.genuine,
                                .n_genuine = N_GENUINE,
                                .impostor = s.impostor,
                                .n_impostor = N_IMPOSTOR};
    const onus_roc_ask ask = {
        .thresholds = thresholds, .n_thresholds = 1, .eer = true, .auc = true, .n_det = 5};
    FAULT_SPREAD(fault, 12, 16) {
        onus_roc roc;
        fault_expect(&fault, onus_roc_make(&scores, &ask, &context, &roc));
        onus_roc_clear(&roc);
    }
    set_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(continuous_scores),
        cmocka_unit_test(continuous_distances),
        cmocka_unit_test(scores_of_three_decimals),
        cmocka_unit_test(scores_of_a_handful_of_values),
        cmocka_unit_test(scores_crowded_in_their_last_digits),
        cmocka_unit_test(scores_over_all_magnitudes),
        cmocka_unit_test(scores_all_alike),
        cmocka_unit_test(scores_apart),
        cmocka_unit_test(hundreds_of_thresholds_at_once),
        cmocka_unit_test(every_allocation_of_a_large_set_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

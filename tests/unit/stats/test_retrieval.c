/* Retrieval against every order of equal scores, one by one; and what other evaluators get wrong.
 */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/stats_retrieval.h"

enum { N_SMALL = 6 };

/* What all orders that the scores allow give: mean, least and most. */
typedef struct orders {
    double ap[ONUS_N_ORDERS];
    double inp[ONUS_N_ORDERS];
    double hit[ONUS_N_ORDERS][N_SMALL + 1];
    int n;
} orders;

static void take(double *of, double value, bool first) {
    of[ONUS_ORDER_EXPECTED] += value;
    of[ONUS_ORDER_WORST] = first ? value : fmin(of[ONUS_ORDER_WORST], value);
    of[ONUS_ORDER_BEST] = first ? value : fmax(of[ONUS_ORDER_BEST], value);
}

/* key: larger is better; failures have small ones of their own, mates the smallest */
static void each_order(int *order, int at, int n, const int *key, const bool *mate,
                       const bool *failed, orders *sum) {
    if (at < n) {
        for (int i = at; i < n; i++) {
            const int kept = order[at];
            order[at] = order[i];
            order[i] = kept;
            if (at == 0 || key[order[at - 1]] >= key[order[at]]) {
                each_order(order, at + 1, n, key, mate, failed, sum);
            }
            order[i] = order[at];
            order[at] = kept;
        }
        return;
    }
    double ap = 0.0;
    int n_mates = 0;
    int last = 0;
    int first = n + 1;
    for (int r = 0; r < n; r++) {
        if (mate[order[r]]) {
            n_mates++;
            ap += (double)n_mates / (r + 1);
            last = r + 1;
            if (first > n && !failed[order[r]]) {
                first = r + 1;
            }
        }
    }
    const bool is_first = sum->n++ == 0;
    take(sum->ap, ap / n_mates, is_first);
    take(sum->inp, (double)n_mates / last, is_first);
    for (int rank = 1; rank <= n; rank++) {
        double by_order[ONUS_N_ORDERS];
        for (int k = 0; k < ONUS_N_ORDERS; k++) {
            by_order[k] = sum->hit[k][rank];
        }
        take(by_order, first <= rank ? 1.0 : 0.0, is_first);
        for (int k = 0; k < ONUS_N_ORDERS; k++) {
            sum->hit[k][rank] = by_order[k];
        }
    }
}

static void against_every_order(const onus_retrieval *got, const double *score, const bool *mate,
                                int n, bool higher) {
    int key[N_SMALL];
    bool failed[N_SMALL];
    int order[N_SMALL];
    orders want = {0};
    for (int i = 0; i < n; i++) {
        failed[i] = isnan(score[i]);
        key[i] = failed[i] ? (mate[i] ? -1000 : -999) : (int)(higher ? score[i] : -score[i]);
        order[i] = i;
    }
    each_order(order, 0, n, key, mate, failed, &want);
    want.ap[ONUS_ORDER_EXPECTED] /= want.n;
    want.inp[ONUS_ORDER_EXPECTED] /= want.n;
    for (int k = 0; k < ONUS_N_ORDERS; k++) {
        assert_near(got->ap[k], want.ap[k], 1e-14);
        assert_near(got->inp[k], want.inp[k], 1e-14);
        for (int rank = 1; rank <= n; rank++) {
            const double hit =
                k == ONUS_ORDER_EXPECTED ? want.hit[k][rank] / want.n : want.hit[k][rank];
            assert_near(onus_retrieval_hit(got, (uint64_t)rank, (onus_tie_order)k), hit, 1e-14);
        }
    }
}

/* one probe (person 0), n entries */
static onus_retrieval_set one_probe(const int32_t *person, size_t n, bool higher) {
    static const int32_t zero[1] = {0};
    return (onus_retrieval_set){.n_probes = 1,
                                .probe_person = zero,
                                .n_entries = n,
                                .entry_person = person,
                                .n_people = 2,
                                .higher_is_same = higher};
}

static void matrices_and_lists_hold_the_mean_and_the_bounds_of_every_order_of_ties(void **state) {
    (void)state;
    uint64_t seed = 20261123;
    const onus_context context = {0};
    for (int trial = 0; trial < test_mult(400); trial++) {
        const int n = (int)random_between(&seed, 1, N_SMALL);
        const bool higher = random_below(&seed, 2) == 0;
        double score[N_SMALL];
        int32_t person[N_SMALL];
        int32_t entry[N_SMALL];
        bool mate[N_SMALL];
        bool any = false;
        for (int i = 0; i < n; i++) {
            mate[i] = random_below(&seed, 2) == 0;
            any = any || mate[i];
            person[i] = mate[i] ? 0 : 1;
            const uint64_t drawn = random_below(&seed, 5);
            score[i] = drawn == 4 ? NAN : (double)drawn;
            entry[i] = i;
        }
        if (!any) {
            continue;
        }
        const onus_retrieval_set set = one_probe(person, (size_t)n, higher);
        onus_retrieval got;
        assert_int_equal(onus_retrieval_matrix(&set, score, &context, &got, NULL), ONUS_OK);
        against_every_order(&got, score, mate, n, higher);
        /* the same as a recorded list */
        const size_t start[2] = {0, (size_t)n};
        const onus_retrieval_lists lists = {.start = start, .entry = entry, .score = score};
        onus_retrieval list;
        assert_int_equal(onus_retrieval_recorded(&set, &lists, &list, NULL), ONUS_OK);
        against_every_order(&list, score, mate, n, higher);
        assert_int_equal(list.n_failed, got.n_failed);
        assert_int_equal(list.n_listed, list.n_entries);
        /* cut short: what is not shown is one tie after the rest */
        const int n_shown = (int)random_below(&seed, (uint64_t)n + 1);
        const size_t cut[2] = {0, (size_t)n_shown};
        double seen[N_SMALL];
        for (int i = 0; i < n; i++) {
            seen[i] = i < n_shown ? (isnan(score[i]) ? 0.0 : score[i]) : (higher ? -50 : 50);
        }
        const onus_retrieval_lists shorter = {.start = cut, .entry = entry, .score = seen};
        assert_int_equal(onus_retrieval_recorded(&set, &shorter, &list, NULL), ONUS_OK);
        against_every_order(&list, seen, mate, n, higher);
        assert_int_equal(list.n_listed, n_shown);
    }
}

static void constant_scores_are_worth_chance_whatever_the_order_of_the_gallery(void **state) {
    (void)state; /* elsewhere: rank-1 of 100 % or 0 %, by who stands first in the file */
    enum { N = 10 };
    double score[N];
    int32_t person[N];
    for (int first = 0; first < 2; first++) {
        for (int i = 0; i < N; i++) {
            score[i] = 0.5;
            person[i] = i == (first == 0 ? 0 : N - 1) ? 0 : 1;
        }
        const onus_retrieval_set set = one_probe(person, N, true);
        const onus_context context = {0};
        onus_retrieval got;
        assert_int_equal(onus_retrieval_matrix(&set, score, &context, &got, NULL), ONUS_OK);
        assert_near(onus_retrieval_hit(&got, 1, ONUS_ORDER_EXPECTED), 0.1, 1e-15);
        assert_near(onus_retrieval_hit(&got, 3, ONUS_ORDER_EXPECTED), 0.3, 1e-15);
        assert_true(onus_retrieval_hit(&got, 9, ONUS_ORDER_WORST) == 0.0);
        assert_true(onus_retrieval_hit(&got, 1, ONUS_ORDER_BEST) == 1.0);
        assert_near(got.ap[ONUS_ORDER_EXPECTED], 0.29289682539682538, 1e-15); /* H(10)/10 */
        assert_int_equal(got.n_tied_others, 9);
    }
}

static void a_gallery_shorter_than_the_rank_asked_for_is_no_stale_buffer(void **state) {
    (void)state; /* elsewhere: the curve of the probe before shows through */
    const int32_t probe_person[2] = {0, 1};
    const int32_t probe_camera[2] = {0, 0};
    const int32_t entry_person[4] = {0, 0, 0, 1};
    const int32_t entry_camera[4] = {0, 0, 1, 0};
    const double scores[8] = {9, 8, 1, 2, 9, 8, 7, 1};
    onus_retrieval_set set = {.n_probes = 2,
                              .probe_person = probe_person,
                              .probe_camera = probe_camera,
                              .n_entries = 4,
                              .entry_person = entry_person,
                              .entry_camera = entry_camera,
                              .n_people = 2,
                              .protocol = ONUS_GALLERY_OTHER_CAMERA,
                              .higher_is_same = true};
    const onus_context context = {0};
    onus_retrieval got[2];
    onus_retrieval_totals totals;
    assert_int_equal(onus_retrieval_matrix(&set, scores, &context, got, NULL), ONUS_OK);
    /* probe 0: two easy mates of its own camera are off; the other comes second of two */
    assert_int_equal(got[0].n_entries, 2);
    assert_int_equal(got[0].n_removed, 2);
    assert_true(onus_retrieval_hit(&got[0], 1, ONUS_ORDER_EXPECTED) == 0.0);
    assert_true(onus_retrieval_hit(&got[0], 2, ONUS_ORDER_EXPECTED) == 1.0);
    assert_true(onus_retrieval_hit(&got[0], 50, ONUS_ORDER_EXPECTED) == 1.0);
    /* probe 1 has lost its only mate: unmated, and counted as such, not dropped */
    assert_int_equal(got[1].n_mates, 0);
    assert_true(onus_retrieval_hit(&got[1], 50, ONUS_ORDER_BEST) == 0.0 && isnan(got[1].ap[0]));
    assert_true(got[1].best_other == 9.0);
    onus_retrieval_add_up(got, 2, &totals);
    assert_int_equal(totals.n_mated, 1);
    assert_int_equal(totals.n_unmated, 1);
    assert_int_equal(totals.n_searches, 2);
    assert_int_equal(totals.n_removed, 3);
    assert_near(totals.map[ONUS_ORDER_EXPECTED].value, 0.5, 1e-15);
    /* with all entries on the list the same camera makes it easy */
    set.protocol = ONUS_GALLERY_ALL;
    assert_int_equal(onus_retrieval_matrix(&set, scores, &context, got, NULL), ONUS_OK);
    assert_true(onus_retrieval_hit(&got[0], 1, ONUS_ORDER_EXPECTED) == 1.0);
    assert_int_equal(got[1].n_mates, 1);
}

static void scores_that_single_precision_would_tie_stay_apart(void **state) {
    (void)state;
    const double close[2] = {0.1, 0.1 + 1e-10}; /* one float32 */
    assert_true((float)close[0] == (float)close[1]);
    const int32_t person[2] = {0, 1};
    const onus_context context = {0};
    onus_retrieval got;
    onus_retrieval_set set = one_probe(person, 2, false);
    assert_int_equal(onus_retrieval_matrix(&set, close, &context, &got, NULL), ONUS_OK);
    assert_int_equal(got.n_tied_others, 0);
    assert_true(onus_retrieval_hit(&got, 1, ONUS_ORDER_WORST) == 1.0);
    set.higher_is_same = true;
    assert_int_equal(onus_retrieval_matrix(&set, close, &context, &got, NULL), ONUS_OK);
    assert_true(onus_retrieval_hit(&got, 1, ONUS_ORDER_BEST) == 0.0);
}

static void failures_come_last_and_are_never_returned(void **state) {
    (void)state;
    const int32_t person[4] = {0, 1, 1, 0};
    const double score[4] = {NAN, NAN, 0.2, 0.9};
    const onus_context context = {0};
    onus_retrieval got;
    onus_retrieval_set set = one_probe(person, 4, true);
    assert_int_equal(onus_retrieval_matrix(&set, score, &context, &got, NULL), ONUS_OK);
    assert_int_equal(got.n_failed, 2);
    assert_int_equal(got.n_failed_mates, 1);
    assert_near(got.ap[ONUS_ORDER_EXPECTED], (1.0 + 2.0 / 4.0) / 2.0, 1e-15);
    assert_near(got.inp[ONUS_ORDER_BEST], 2.0 / 4.0, 1e-15);
    const double nothing[4] = {NAN, NAN, NAN, NAN};
    assert_int_equal(onus_retrieval_matrix(&set, nothing, &context, &got, NULL), ONUS_OK);
    for (int k = 0; k < ONUS_N_ORDERS; k++) {
        assert_true(onus_retrieval_hit(&got, 4, (onus_tie_order)k) == 0.0);
        assert_true(onus_retrieval_returned(&got, -INFINITY, true, 0, (onus_tie_order)k) == 0.0);
        assert_near(got.ap[k], (1.0 / 3.0 + 2.0 / 4.0) / 2.0, 1e-15);
    }
    /* an unmated search that failed raises no alert */
    const int32_t strangers[4] = {1, 1, 1, 1};
    set.entry_person = strangers;
    assert_int_equal(onus_retrieval_matrix(&set, nothing, &context, &got, NULL), ONUS_OK);
    assert_false(onus_retrieval_alerts(&got, -INFINITY, true));
}

static void a_search_needs_the_score_and_the_place(void **state) {
    (void)state;
    const int32_t person[3] = {0, 1, 1};
    const double score[3] = {0.6, 0.9, 0.1};
    const onus_context context = {0};
    onus_retrieval got;
    onus_retrieval_set set = one_probe(person, 3, true);
    assert_int_equal(onus_retrieval_matrix(&set, score, &context, &got, NULL), ONUS_OK);
    assert_true(onus_retrieval_returned(&got, 0.6, true, 2, ONUS_ORDER_WORST) == 1.0);
    assert_true(onus_retrieval_returned(&got, 0.6, true, 1, ONUS_ORDER_BEST) == 0.0);
    assert_true(onus_retrieval_returned(&got, 0.61, true, 0, ONUS_ORDER_BEST) == 0.0);
    assert_false(onus_retrieval_alerts(&got, 0.0, true)); /* mated: not asked */
    const int32_t strangers[3] = {1, 1, -1};              /* not known counts as somebody else */
    set.entry_person = strangers;
    assert_int_equal(onus_retrieval_matrix(&set, score, &context, &got, NULL), ONUS_OK);
    assert_true(onus_retrieval_alerts(&got, 0.9, true));
    assert_false(onus_retrieval_alerts(&got, 0.91, true));
    uint32_t above;
    assert_int_equal(onus_retrieval_above(&set, score, &got, 0.6, &above, NULL), ONUS_OK);
    assert_int_equal(above, 2);
    assert_int_equal(onus_retrieval_above(&set, score, &got, NAN, &above, NULL), ONUS_ERR_DOMAIN);
}

static void the_probe_itself_is_no_entry(void **state) {
    (void)state;
    const int32_t person[3] = {0, 0, 1};
    const int32_t self[3] = {0, 1, 2};
    const double scores[9] = {1, 0.4, 0.5, 0.4, 1, 0.3, 0.5, 0.3, 1};
    const onus_retrieval_set set = {.n_probes = 3,
                                    .probe_person = person,
                                    .probe_entry = self,
                                    .n_entries = 3,
                                    .entry_person = person,
                                    .n_people = 2,
                                    .higher_is_same = true};
    const onus_context context = {0};
    onus_retrieval got[3];
    assert_int_equal(onus_retrieval_matrix(&set, scores, &context, got, NULL), ONUS_OK);
    assert_int_equal(got[0].n_entries, 2);
    assert_int_equal(got[0].n_better, 1);
    assert_int_equal(got[1].n_better, 0);
    assert_int_equal(got[2].n_mates, 0);
    assert_true(got[2].best_other == 0.5);
}

static void the_rank_that_the_product_gave_is_the_order_that_counts(void **state) {
    (void)state;
    const int32_t person[3] = {1, 0, 1};
    const int32_t entry[4] = {0, 1, 2, 1}; /* the last repeats a candidate: not seen */
    const double score[4] = {0.9, 0.5, 0.4, 0.99};
    const int32_t rank[4] = {2, 1, 3, 1};
    const size_t start[2] = {0, 4};
    const onus_retrieval_set set = one_probe(person, 3, true);
    onus_retrieval_lists lists = {.start = start, .entry = entry, .score = score, .rank = rank};
    onus_retrieval got;
    assert_int_equal(onus_retrieval_recorded(&set, &lists, &got, NULL), ONUS_OK);
    assert_int_equal(got.n_better, 0);
    assert_true(got.best_mate == 0.5);
    assert_int_equal(got.n_listed, 3);
    lists.rank = NULL;
    assert_int_equal(onus_retrieval_recorded(&set, &lists, &got, NULL), ONUS_OK);
    assert_int_equal(got.n_better, 1);
}

static void a_shorter_list_alerts_as_often_as_counting_its_draws_says(void **state) {
    (void)state;
    assert_near(onus_alert_on_shorter_list(5, 2, 1), 0.4, 1e-15);
    assert_near(onus_alert_on_shorter_list(5, 2, 2), 0.7, 1e-15); /* 1 - 3/10 */
    assert_true(onus_alert_on_shorter_list(5, 2, 4) == 1.0);
    assert_true(onus_alert_on_shorter_list(5, 0, 5) == 0.0);
    assert_true(onus_alert_on_shorter_list(5, 3, 0) == 0.0);
    assert_true(isnan(onus_alert_on_shorter_list(5, 6, 1)));
    assert_near(onus_fpir_on_list(0.19, 10, 5), 0.1, 1e-15);
    /* NPL 2023: 1 in 6,000 on 10,000 entries, published as 1 in 60,000 on 1,000 */
    assert_near(onus_fpir_on_list(1.0 / 6000, 10000, 1000), 1.0 / 60000, 2e-9);
    assert_true(onus_fpir_on_list(1.0, 10, 3) == 1.0 && onus_fpir_on_list(1.0, 10, 0) == 0.0);
    assert_true(isnan(onus_fpir_on_list(NAN, 10, 3)) && isnan(onus_fpir_on_list(0.1, 0, 3)));
}

static void nothing_searched_is_undefined_and_nonsense_is_refused(void **state) {
    (void)state;
    onus_retrieval_totals totals;
    onus_retrieval_add_up(NULL, 0, &totals);
    assert_true(isnan(totals.map[0].value) && totals.map[0].reason != NULL);
    const int32_t person[2] = {0, 7};
    const int32_t entry[1] = {2};
    const double score[2] = {0, 0};
    const size_t start[2] = {0, 1};
    const onus_context context = {0};
    onus_retrieval_set set = one_probe(person, 2, true);
    onus_retrieval got;
    assert_int_equal(onus_retrieval_matrix(&set, score, &context, &got, NULL), ONUS_ERR_DOMAIN);
    const int32_t known[2] = {0, 1};
    set.entry_person = known;
    const onus_retrieval_lists lists = {.start = start, .entry = entry, .score = score};
    assert_int_equal(onus_retrieval_recorded(&set, &lists, &got, NULL), ONUS_ERR_DOMAIN);
}

static void every_refused_allocation_is_reported_and_freed(void **state) {
    (void)state;
    const int32_t person[3] = {0, 1, 0};
    const int32_t entry[3] = {2, 1, 0};
    const double score[3] = {0.3, 0.2, 0.1};
    const size_t start[2] = {0, 3};
    const onus_retrieval_set set = one_probe(person, 3, true);
    const onus_retrieval_lists lists = {.start = start, .entry = entry, .score = score};
    onus_context context = {0};
    context.n_threads = 1;
    onus_retrieval got;
    FAULT_EACH(matrix) {
        fault_expect(&matrix, onus_retrieval_matrix(&set, score, &context, &got, NULL));
    }
    FAULT_EACH(list) {
        fault_expect(&list, onus_retrieval_recorded(&set, &lists, &got, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrices_and_lists_hold_the_mean_and_the_bounds_of_every_order_of_ties),
        cmocka_unit_test(constant_scores_are_worth_chance_whatever_the_order_of_the_gallery),
        cmocka_unit_test(a_gallery_shorter_than_the_rank_asked_for_is_no_stale_buffer),
        cmocka_unit_test(scores_that_single_precision_would_tie_stay_apart),
        cmocka_unit_test(failures_come_last_and_are_never_returned),
        cmocka_unit_test(a_search_needs_the_score_and_the_place),
        cmocka_unit_test(the_probe_itself_is_no_entry),
        cmocka_unit_test(the_rank_that_the_product_gave_is_the_order_that_counts),
        cmocka_unit_test(a_shorter_list_alerts_as_often_as_counting_its_draws_says),
        cmocka_unit_test(nothing_searched_is_undefined_and_nonsense_is_refused),
        cmocka_unit_test(every_refused_allocation_is_reported_and_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Confusions of labels: every share by hand, the ladder by trying all permutations, and the ways in
 * which an accuracy flatters. */
#include "../fault.h"
#include "../random.h"
#include "near.h"

#include <string.h>

#include "onus/stats_confusion.h"
#include "onus/stats_interval.h"

/* two labels; the third column: abstained */
static const double CELLS[] = {6, 2, 2,  /* truth a */
                               1, 3, 6}; /* truth b */

static void shares_keep_abstentions_in_every_denominator(void **state) {
    (void)state;
    assert_near(onus_confusion_accuracy(CELLS, 2).value, 9.0 / 20, 1e-15);
    assert_near(onus_confusion_accuracy_answered(CELLS, 2).value, 9.0 / 12, 1e-15);
    assert_near(onus_confusion_abstained(CELLS, 2).value, 8.0 / 20, 1e-15);
    assert_near(onus_confusion_recall(CELLS, 2, 1).value, 3.0 / 10, 1e-15);
    assert_near(onus_confusion_recall_answered(CELLS, 2, 1).value, 3.0 / 4, 1e-15);
    assert_near(onus_confusion_precision(CELLS, 2, 1).value, 3.0 / 5, 1e-15);
    assert_near(onus_confusion_given_not(CELLS, 2, 0).value, 1.0 / 10, 1e-15);
    size_t n_used = 0;
    assert_near(onus_confusion_balanced(CELLS, 2, &n_used).value, 0.45, 1e-15);
    assert_int_equal(n_used, 2);
    assert_near(onus_skill(0.45, 0.5).value, -0.1, 1e-14);
    assert_true(isnan(onus_skill(0.9, 1).value) && onus_skill(0.9, 1).reason != NULL);
    double values[ONUS_CONFUSION_BY_LABEL + 2 * ONUS_CONFUSION_PER_LABEL];
    assert_int_equal(onus_confusion_n_values(2), sizeof values / sizeof *values);
    onus_confusion_values(&(onus_confusion_shape){2}, CELLS, values);
    assert_near(values[ONUS_CONFUSION_ANSWERED], 0.75, 1e-15);
    assert_near(values[ONUS_CONFUSION_SKILL], -0.1, 1e-14);
    assert_near(values[ONUS_CONFUSION_BY_LABEL + 3], 0.3, 1e-15); /* recall of label 1 */
    assert_near(values[ONUS_CONFUSION_BY_LABEL + 2], 0.1, 1e-15); /* given_not of label 0 */
}

static void abstaining_on_what_is_hard_flatters_only_the_answered(void **state) {
    (void)state;
    const double answers_all[] = {6, 4, 0, 5, 5, 0};
    const double abstains[] = {6, 0, 4, 0, 5, 5}; /* on everything it gets wrong */
    assert_near(onus_confusion_accuracy(abstains, 2).value,
                onus_confusion_accuracy(answers_all, 2).value, 1e-15);
    assert_near(onus_confusion_accuracy_answered(abstains, 2).value, 1, 1e-15);
}

static void the_commonest_label_beats_a_product_that_looks(void **state) {
    (void)state;
    const double cells[] = {5, 5, 0, 1, 1, 0}; /* 10 of 12 are a; the product halves them */
    size_t label = 9;
    const onus_fraction commonest = onus_confusion_commonest(cells, 2, &label);
    assert_int_equal(label, 0);
    assert_near(commonest.value, 10.0 / 12, 1e-15);
    assert_true(onus_skill(onus_confusion_accuracy(cells, 2).value, commonest.value).value < 0);
    const double always[] = {10, 0, 0, 2, 0, 0};
    assert_near(onus_skill(onus_confusion_accuracy(always, 2).value, commonest.value).value, 0,
                1e-15);
    assert_near(onus_confusion_balanced(always, 2, NULL).value, 0.5, 1e-15);
}

static void what_nobody_was_or_said_is_undefined_with_a_reason(void **state) {
    (void)state;
    const double cells[] = {4, 0, 0, 0, 0, 0};
    assert_true(isnan(onus_confusion_recall(cells, 2, 1).value));
    assert_string_equal(onus_confusion_recall(cells, 2, 1).reason,
                        "the reference never has this label");
    assert_string_equal(onus_confusion_precision(cells, 2, 1).reason,
                        "the product never gave this label");
    assert_string_equal(onus_confusion_given_not(cells, 2, 0).reason,
                        "the reference never has another label");
    const double silent[] = {0, 0, 4, 0, 0, 2};
    assert_true(onus_confusion_accuracy(silent, 2).value == 0);
    assert_string_equal(onus_confusion_accuracy_answered(silent, 2).reason,
                        "it abstained on every item that is compared");
    const double none[6] = {0};
    assert_string_equal(onus_confusion_accuracy(none, 2).reason, "no item is compared");
    assert_true(isnan(onus_confusion_balanced(none, 2, NULL).value));
}

static void sums_by_person_add_up_and_votes_count_as_shares(void **state) {
    (void)state;
    const int32_t said[] = {0, 1, -1, 1};
    const int32_t person[] = {1, 0, 1, 1};
    const double truth[] = {0.75, 0.25, 0, 1, 0.5, 0.5, 0, 0}; /* the last: no reference */
    onus_labelled d = {
        .n_items = 4, .n_labels = 2, .said = said, .truth = truth, .person = person, .n_people = 2};
    double sums[2 * 6];
    double cells[6];
    assert_int_equal(onus_confusion_sums(&d, sums, NULL), ONUS_OK);
    assert_near(sums[0 * 6 + 4], 1, 0);    /* person 0: truth 1, said 1 */
    assert_near(sums[1 * 6 + 0], 0.75, 0); /* person 1 */
    onus_confusion_total(sums, 2, 2, cells);
    assert_near(onus_confusion_accuracy(cells, 2).value, 1.75 / 3, 1e-15);
    double alone[4 * 6];
    d.person = NULL;
    assert_int_equal(onus_confusion_sums(&d, alone, NULL), ONUS_OK);
    assert_near(alone[2 * 6 + 2], 0.5, 0); /* the third item is its own person */
    const int32_t odd[] = {0, 2, 0, 0};
    d.said = odd;
    assert_int_equal(onus_confusion_sums(&d, alone, NULL), ONUS_ERR_DOMAIN);
    const double negative[] = {-1, 2, 0, 1, 0.5, 0.5, 0, 0};
    d.said = said;
    d.truth = negative;
    assert_int_equal(onus_confusion_sums(&d, alone, NULL), ONUS_ERR_DOMAIN);
    d.truth = truth;
    d.person = odd;
    assert_int_equal(onus_confusion_sums(&d, alone, NULL), ONUS_ERR_DOMAIN);
}

/* ---- chance ---- */

enum { N = 7 };

typedef struct tried {
    double sum;
    double squares;
    double n;
} tried;

/* All permutations within person (items sorted by person), as sums of truth weights met. */
static void try_all(const onus_labelled *d, int32_t *said, size_t from, size_t at, size_t until,
                    tried *out) {
    if (from == d->n_items) {
        double met = 0;
        for (size_t i = 0; i < d->n_items; i++) {
            met += said[i] < 0 ? 0 : d->truth[i * d->n_labels + (size_t)said[i]];
        }
        out->sum += met;
        out->squares += met * met;
        out->n += 1;
        return;
    }
    if (at == until) {
        size_t end = until;
        while (end < d->n_items && d->person[end] == d->person[until < d->n_items ? until : 0]) {
            end++;
        }
        try_all(d, said, until, until, end, out);
        return;
    }
    for (size_t k = at; k < until; k++) {
        const int32_t kept = said[at];
        said[at] = said[k];
        said[k] = kept;
        try_all(d, said, from, at + 1, until, out);
        said[k] = said[at];
        said[at] = kept;
    }
}

static void chance_is_the_mean_and_spread_over_every_deal(void **state) {
    (void)state;
    uint64_t seed = 3;
    const int32_t person[N] = {0, 0, 0, 0, 1, 1, 1};
    for (int round = 0; round < 20; round++) {
        int32_t said[N];
        double truth[N * 3] = {0};
        for (size_t i = 0; i < N; i++) {
            said[i] = (int32_t)random_below(&seed, 4) - 1;
            const double part = round % 2 == 0 ? 1 : (double)random_below(&seed, 8) / 8;
            truth[i * 3 + random_below(&seed, 3)] += part;
            truth[i * 3 + random_below(&seed, 3)] += 1 - part;
        }
        const onus_labelled d = {.n_items = N,
                                 .n_labels = 3,
                                 .said = said,
                                 .truth = truth,
                                 .person = person,
                                 .n_people = 2};
        onus_chance got;
        tried all = {0};
        int32_t dealt[N];
        assert_int_equal(onus_labels_chance(&d, &got, NULL), ONUS_OK);
        memcpy(dealt, said, sizeof dealt);
        try_all(&d, dealt, 0, 0, 4, &all);
        assert_true(all.n == 24 * 6);
        const double mean = all.sum / all.n;
        assert_near(got.value, mean / N, 1e-12);
        assert_near(got.sd, sqrt(fmax(0, all.squares / all.n - mean * mean)) / N, 1e-7);
        assert_int_equal(got.n_movable, N);
    }
}

static void chance_within_people_knows_what_each_person_is_mostly_shown_with(void **state) {
    (void)state;
    /* person 0 only ever a, person 1 only ever b, and the product knows the person, not the item:
     * over all items it looks perfect against chance; within people there is nothing to gain */
    const int32_t said[] = {0, 0, 0, 1, 1, 1};
    const int32_t person[] = {0, 0, 0, 1, 1, 1};
    const double truth[] = {1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1};
    onus_labelled d = {
        .n_items = 6, .n_labels = 2, .said = said, .truth = truth, .person = person, .n_people = 2};
    onus_chance got;
    assert_int_equal(onus_labels_chance(&d, &got, NULL), ONUS_OK);
    assert_true(got.value == 1 && got.observed == 1 && isnan(got.p_value));
    assert_string_equal(got.reason, "every deal of the labels gives the same accuracy");
    d.person = NULL;
    assert_int_equal(onus_labels_chance(&d, &got, NULL), ONUS_OK);
    assert_near(got.value, 0.5, 1e-15);
    assert_true(got.p_value < 0.05);
    const int32_t alone[] = {0, 1, 2, 3, 4, 5};
    d.person = alone;
    d.n_people = 6;
    assert_int_equal(onus_labels_chance(&d, &got, NULL), ONUS_OK);
    assert_non_null(strstr(got.reason, "no person has two items"));
    const double none[12] = {0};
    d.truth = none;
    assert_int_equal(onus_labels_chance(&d, &got, NULL), ONUS_OK);
    assert_string_equal(got.reason, "no item is compared");
}

/* ---- onlookers ---- */

static void ceilings_are_what_drawing_raters_one_by_one_gives(void **state) {
    (void)state;
    const double units[][3] = {{3, 1, 0}, {2, 2, 0}, {1, 1, 1}, {0, 5, 1}, {4, 0, 0}, {1, 1, 0}};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        double votes[6];
        size_t n = 0;
        for (size_t l = 0; l < 3; l++) {
            for (double k = 0; k < units[u][l]; k++) {
                votes[n++] = (double)l;
            }
        }
        double loo = 0;
        double pair = 0;
        for (size_t i = 0; i < n; i++) {
            double others[3] = {0};
            for (size_t j = 0; j < n; j++) {
                others[(size_t)votes[j]] += i == j ? 0 : 1;
                pair += i != j && votes[i] == votes[j];
            }
            double weights[3];
            onus_plurality(others, 3, weights, NULL);
            loo += weights[(size_t)votes[i]];
        }
        const onus_ceiling got = onus_unit_ceiling(units[u], 3);
        assert_near(got.loo, loo / (double)n, 1e-15);
        assert_near(got.pair, pair / (double)(n * (n - 1)), 1e-15);
        assert_true(got.mode >= got.loo);
    }
    assert_true(isnan(onus_unit_ceiling((const double[]){1, 0, 0}, 3).loo));
    const onus_ceiling mean = onus_votes_ceiling((const double[]){4, 0, 0, 1, 0, 0, 1, 1, 0}, 3, 3);
    assert_true(mean.n_units == 2); /* a single vote meets nobody */
    assert_near(mean.mode, 0.75, 1e-15);
    assert_near(mean.pair, 0.5, 1e-15);
    assert_true(isnan(onus_votes_ceiling(NULL, 0, 3).mode));
}

static void a_tied_plurality_is_shared_out(void **state) {
    (void)state;
    double weights[3];
    size_t n_tied = 9;
    onus_plurality((const double[]){2, 0, 2}, 3, weights, &n_tied);
    assert_true(weights[0] == 0.5 && weights[1] == 0 && weights[2] == 0.5 && n_tied == 2);
    onus_plurality((const double[]){0, 0, 0}, 3, weights, &n_tied);
    assert_true(weights[0] == 0 && weights[1] == 0 && n_tied == 0);
}

/* ---- limits ---- */

static void dirichlet_limits_are_quantiles_of_beta(void **state) {
    (void)state;
    /* SciPy 1.10: beta.ppf([.025, .975], 3.5, 8.5); of 3 columns 3.5, 9 */
    const onus_limits two = onus_dirichlet_limits(3, 11, 2, 0.95);
    assert_near(two.low, 0.08348175983019415, 1e-13);
    assert_near(two.high, 0.5650954805017856, 1e-13);
    const onus_limits three = onus_dirichlet_limits(3, 11, 3, 0.95);
    assert_near(three.low, 0.07953287598652704, 1e-13);
    assert_near(three.high, 0.5465896549542312, 1e-13);
    const onus_limits jeffreys = onus_dirichlet_limits(0, 11, 4, 0.95);
    assert_true(jeffreys.low == 0 && jeffreys.high < 0.25);
    assert_true(onus_dirichlet_limits(11, 11, 2, 0.95).high == 1);
    assert_true(isnan(onus_dirichlet_limits(0, 0, 2, 0.95).low));
    assert_true(isnan(onus_dirichlet_limits(3, 2, 2, 0.95).low));
}

static void running_out_of_memory_is_said(void **state) {
    (void)state;
    const int32_t said[] = {0, 1};
    const double truth[] = {1, 0, 0, 1};
    const onus_labelled d = {.n_items = 2, .n_labels = 2, .said = said, .truth = truth};
    FAULT_EACH(fault) {
        onus_chance got;
        fault_expect(&fault, onus_labels_chance(&d, &got, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_keep_abstentions_in_every_denominator),
        cmocka_unit_test(abstaining_on_what_is_hard_flatters_only_the_answered),
        cmocka_unit_test(the_commonest_label_beats_a_product_that_looks),
        cmocka_unit_test(what_nobody_was_or_said_is_undefined_with_a_reason),
        cmocka_unit_test(sums_by_person_add_up_and_votes_count_as_shares),
        cmocka_unit_test(chance_is_the_mean_and_spread_over_every_deal),
        cmocka_unit_test(chance_within_people_knows_what_each_person_is_mostly_shown_with),
        cmocka_unit_test(ceilings_are_what_drawing_raters_one_by_one_gives),
        cmocka_unit_test(a_tied_plurality_is_shared_out),
        cmocka_unit_test(dirichlet_limits_are_quantiles_of_beta),
        cmocka_unit_test(running_out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

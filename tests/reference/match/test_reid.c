/* Sixty searches of four hundred entries: every number of the exact evaluation, and where others
 * depart from it.
 *
 * expected/match/reid holds distances (smaller is better), who is who, and what two common
 * evaluators printed. Theirs round every score to single precision, and at ties take the order of
 * the file; Onus gives the bounds and the mean over all orders.
 */
#include <math.h>

#include "inputs.h"

#include "onus/stats_retrieval.h"

enum { N_PROBES = 60, N_ENTRIES = 400, N_RANKS = 50, N_PEOPLE = 10000 };

static const double EXACT = 1e-15;
static const double SINGLE = 1e-6; /* of evaluators in single precision */

typedef struct searches {
    double *scores;
    int32_t probe_person[N_PROBES];
    int32_t probe_camera[N_PROBES];
    int32_t entry_person[N_ENTRIES];
    int32_t entry_camera[N_ENTRIES];
    onus_retrieval_set set;
    onus_retrieval of[N_PROBES];
} searches;

static void read_people(const char *name, size_t n, int32_t *person, int32_t *camera) {
    size_t n_rows;
    double *rows = shared_numbers(name, 1, 3, &n_rows);
    assert_int_equal(n_rows, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(rows[3 * i] == (double)i);
        person[i] = (int32_t)rows[3 * i + 1];
        camera[i] = (int32_t)rows[3 * i + 2];
    }
    free(rows);
}

static searches all;

static json_t *read_reference(void) {
    json_t *root = shared_json("expected/match/reid/expected.json");
    size_t n_rows;
    free(all.scores);
    all.scores = shared_numbers("expected/match/reid/distmat_60x400.csv", 0, N_ENTRIES, &n_rows);
    assert_int_equal(n_rows, N_PROBES);
    read_people("expected/match/reid/query.csv", N_PROBES, all.probe_person, all.probe_camera);
    read_people("expected/match/reid/gallery.csv", N_ENTRIES, all.entry_person, all.entry_camera);
    all.set = (onus_retrieval_set){.n_probes = N_PROBES,
                                   .probe_person = all.probe_person,
                                   .probe_camera = all.probe_camera,
                                   .n_entries = N_ENTRIES,
                                   .entry_person = all.entry_person,
                                   .entry_camera = all.entry_camera,
                                   .n_people = N_PEOPLE,
                                   .higher_is_same = false};
    return root;
}

static void search(onus_gallery_protocol protocol, onus_retrieval_totals *totals) {
    const onus_context context = {0};
    all.set.protocol = protocol;
    assert_int_equal(onus_retrieval_matrix(&all.set, all.scores, &context, all.of, NULL), ONUS_OK);
    onus_retrieval_add_up(all.of, N_PROBES, totals);
}

/* what the exact evaluation says, ties in one order */
static void compare(json_t *want, onus_tie_order ties, const onus_retrieval_totals *got) {
    assert_true((double)got->n_mated == number(want, "valid"));
    assert_true((double)got->n_unmated == number(want, "dropped"));
    assert_within(got->map[ties].value, number(want, "mAP"), EXACT);
    assert_within(got->minp[ties].value, number(want, "mINP"), EXACT);
    for (size_t r = 0; r < N_RANKS; r++) {
        const double hits = onus_retrieval_hits(all.of, N_PROBES, r + 1, ties);
        assert_within(hits / (double)got->n_mated, element(want, "cmc", r), EXACT);
        assert_within(hits / N_PROBES, element(want, "cmc_over_all_queries", r), EXACT);
    }
}

static void exact_evaluation_comes_out_under_both_protocols(void **state) {
    (void)state;
    json_t *root = read_reference();
    onus_retrieval_totals got;
    search(ONUS_GALLERY_OTHER_CAMERA, &got);
    for (int k = 0; k < ONUS_N_ORDERS; k++) {
        compare(in(root, "market"), (onus_tie_order)k, &got); /* no ties: all three agree */
    }
    compare(in(root, "market_opt"), ONUS_ORDER_BEST, &got);
    print_message("# rank 1 %.17g, mAP %.17g, mINP %.17g, %llu of 60 without a mate\n",
                  onus_retrieval_hits(all.of, N_PROBES, 1, ONUS_ORDER_EXPECTED) /
                      (double)got.n_mated,
                  got.map[0].value, got.minp[0].value, (unsigned long long)got.n_unmated);
    search(ONUS_GALLERY_ALL, &got);
    compare(in(root, "no_camera_filter"), ONUS_ORDER_EXPECTED, &got);
    json_decref(root);
}

static void compare_peer(json_t *peer, const onus_retrieval_totals *got, double tolerance) {
    assert_within(got->map[ONUS_ORDER_EXPECTED].value, number(peer, "mAP"), tolerance);
    if (json_object_get(peer, "mINP") != NULL) {
        assert_within(got->minp[ONUS_ORDER_EXPECTED].value, number(peer, "mINP"), tolerance);
    }
    for (size_t r = 0; r < N_RANKS; r++) {
        const double hits = onus_retrieval_hits(all.of, N_PROBES, r + 1, ONUS_ORDER_EXPECTED);
        assert_within(hits / (double)got->n_mated, element(peer, "cmc", r), SINGLE);
    }
}

static void other_evaluators_agree_as_far_as_their_precision_goes(void **state) {
    (void)state;
    json_t *root = read_reference();
    onus_retrieval_totals got;
    search(ONUS_GALLERY_OTHER_CAMERA, &got);
    json_t *peers = in(root, "peers");
    compare_peer(in(peers, "torchreid_cython_f32"), &got, SINGLE);
    compare_peer(in(peers, "fastreid_cython_f32"), &got, SINGLE);
    compare_peer(in(peers, "fastreid_python_f64"), &got, EXACT);
    json_decref(root);
}

/* Scores of one decimal: ties wherever one looks. */
static void ties_have_bounds_and_an_expectation_and_others_one_order_of_them(void **state) {
    (void)state;
    json_t *root = read_reference();
    json_t *ties = in(root, "ties_1decimal");
    for (size_t i = 0; i < (size_t)N_PROBES * N_ENTRIES; i++) {
        all.scores[i] = rint(all.scores[i] * 10) / 10;
    }
    onus_retrieval_totals got;
    search(ONUS_GALLERY_OTHER_CAMERA, &got);
    compare(in(ties, "pessimistic"), ONUS_ORDER_WORST, &got);
    compare(in(ties, "optimistic"), ONUS_ORDER_BEST, &got);
    assert_true(got.n_tied > 0);
    /* each of the others lies between the bounds; none is the expectation */
    const char *const names[] = {"torchreid_cython_f32", "fastreid_cython_f32",
                                 "fastreid_python_f64"};
    for (int k = 0; k < 3; k++) {
        json_t *peer = in(in(ties, "peers"), names[k]);
        const double map = number(peer, "mAP");
        assert_true(map > got.map[ONUS_ORDER_WORST].value && map < got.map[ONUS_ORDER_BEST].value);
        for (size_t r = 0; r < N_RANKS; r++) {
            const double cmc = element(peer, "cmc", r) * (double)got.n_mated;
            const double worst = onus_retrieval_hits(all.of, N_PROBES, r + 1, ONUS_ORDER_WORST);
            const double best = onus_retrieval_hits(all.of, N_PROBES, r + 1, ONUS_ORDER_BEST);
            const double mean = onus_retrieval_hits(all.of, N_PROBES, r + 1, ONUS_ORDER_EXPECTED);
            assert_true(cmc >= worst - 1e-4 && cmc <= best + 1e-4);
            assert_true(mean >= worst - 1e-12 && mean <= best + 1e-12);
        }
    }
    print_message("# one decimal: mAP %.6f expected, %.6f to %.6f by the order of ties\n",
                  got.map[ONUS_ORDER_EXPECTED].value, got.map[ONUS_ORDER_WORST].value,
                  got.map[ONUS_ORDER_BEST].value);
    json_decref(root);
}

/* Single precision makes ties of its own: scores that differ by less than it can hold. */
static void scores_apart_by_less_than_single_precision_keep_their_order(void **state) {
    (void)state;
    json_t *root = read_reference();
    onus_retrieval_totals as_given;
    onus_retrieval_totals squeezed;
    search(ONUS_GALLERY_OTHER_CAMERA, &as_given);
    float least = 2;
    float most = 0;
    for (size_t i = 0; i < (size_t)N_PROBES * N_ENTRIES; i++) {
        all.scores[i] = 1.0 + all.scores[i] * 1e-9;
        least = (float)all.scores[i] < least ? (float)all.scores[i] : least;
        most = (float)all.scores[i] > most ? (float)all.scores[i] : most;
    }
    assert_true(least == most); /* one number to them: rank 1 is then the order of the file */
    search(ONUS_GALLERY_OTHER_CAMERA, &squeezed);
    assert_true(squeezed.map[ONUS_ORDER_WORST].value == as_given.map[ONUS_ORDER_WORST].value);
    assert_true(squeezed.map[ONUS_ORDER_BEST].value == as_given.map[ONUS_ORDER_BEST].value);
    json_decref(root);
}

static void open_set_figures_need_the_unmated_searches(void **state) {
    (void)state;
    json_t *root = read_reference();
    onus_retrieval_totals got;
    search(ONUS_GALLERY_OTHER_CAMERA, &got);
    /* the reference writes similarity as 1 - d and asks for 1 - d >= t */
    double *similarity = malloc((size_t)N_PROBES * N_ENTRIES * sizeof *similarity);
    assert_non_null(similarity);
    for (size_t i = 0; i < (size_t)N_PROBES * N_ENTRIES; i++) {
        similarity[i] = 1.0 - all.scores[i];
    }
    const onus_context context = {0};
    all.set.higher_is_same = true;
    assert_int_equal(onus_retrieval_matrix(&all.set, similarity, &context, all.of, NULL), ONUS_OK);
    onus_retrieval_add_up(all.of, N_PROBES, &got);
    json_t *rows = in(root, "open_set_similarity_1_minus_d");
    assert_int_equal(json_array_size(rows), 6);
    for (size_t k = 0; k < json_array_size(rows); k++) {
        json_t *row = json_array_get(rows, k);
        const double t = number(row, "t");
        double n_alerts = 0.0;
        double n_found = 0.0;
        double n_first = 0.0;
        for (int p = 0; p < N_PROBES; p++) {
            n_alerts += onus_retrieval_alerts(&all.of[p], t, true);
            n_found += onus_retrieval_returned(&all.of[p], t, true, 0, ONUS_ORDER_EXPECTED);
            n_first += onus_retrieval_returned(&all.of[p], t, true, 1, ONUS_ORDER_EXPECTED);
        }
        assert_true((double)got.n_unmated == number(row, "nonmated"));
        assert_true((double)got.n_mated == number(row, "mated"));
        assert_true(n_alerts == number(row, "false_pos"));
        assert_within(n_alerts / (double)got.n_unmated, number(row, "FPIR"), EXACT);
        assert_within(1 - n_first / (double)got.n_mated, number(row, "FNIR_rank1"), EXACT);
        assert_within(1 - n_found / (double)got.n_mated, number(row, "FNIR_threshold_only"), EXACT);
    }
    free(similarity);
    json_decref(root);
    free(all.scores);
    all.scores = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_evaluation_comes_out_under_both_protocols),
        cmocka_unit_test(other_evaluators_agree_as_far_as_their_precision_goes),
        cmocka_unit_test(ties_have_bounds_and_an_expectation_and_others_one_order_of_them),
        cmocka_unit_test(scores_apart_by_less_than_single_precision_keep_their_order),
        cmocka_unit_test(open_set_figures_need_the_unmated_searches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

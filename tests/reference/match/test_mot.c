/* Eight cameras, forty people: every number that TrackEval gives, and what it does not give.
 *
 * expected/match/mot holds a synthetic multi-camera table and the numbers of TrackEval with the
 * frame key (camera, frame), so that identities run over all cameras.
 */
#include "inputs.h"

#include "onus/stats_tracks.h"

static const double EXACT = 1e-12;

typedef struct table {
    onus_boxes boxes;
    int32_t *camera;
    int64_t *frame;
    int32_t *track;
    double *xywh[4];
} table;

enum { N_COLUMNS = 7, MOST_IDS = 1000 };

static int by_moment(const void *a, const void *b) {
    const double *x = a;
    const double *y = b;
    for (int k = 0; k < 3; k++) {
        if (x[k] != y[k]) {
            return x[k] < y[k] ? -1 : 1;
        }
    }
    return 0;
}

static void read_table(const char *name, table *out) {
    size_t n;
    double *rows = shared_numbers(name, 1, N_COLUMNS, &n);
    qsort(rows, n, N_COLUMNS * sizeof *rows, by_moment);
    out->camera = calloc(n, sizeof *out->camera);
    out->frame = calloc(n, sizeof *out->frame);
    out->track = calloc(n, sizeof *out->track);
    for (int k = 0; k < 4; k++) {
        out->xywh[k] = calloc(n, sizeof *out->xywh[k]);
    }
    for (size_t i = 0; i < n; i++) {
        const double *row = rows + i * N_COLUMNS;
        out->camera[i] = (int32_t)row[0];
        out->frame[i] = (int64_t)row[1];
        out->track[i] = (int32_t)row[2];
        for (int k = 0; k < 4; k++) {
            out->xywh[k][i] = row[3 + k];
        }
    }
    free(rows);
    out->boxes = (onus_boxes){.n_boxes = n,
                              .camera = out->camera,
                              .frame = out->frame,
                              .track = out->track,
                              .x = out->xywh[0],
                              .y = out->xywh[1],
                              .w = out->xywh[2],
                              .h = out->xywh[3],
                              .n_tracks = MOST_IDS};
}

static void free_table(table *t) {
    free(t->camera);
    free(t->frame);
    free(t->track);
    for (int k = 0; k < 4; k++) {
        free(t->xywh[k]);
    }
}

static table truth;
static table output;
static onus_overlaps overlaps;
static json_t *expected;

static int open_tables(void **state) {
    (void)state;
    char path[1024];
    shared_file("expected/match/mot/mtmc40_expected.json", path, sizeof path);
    expected = json_load_file(path, 0, NULL);
    if (expected == NULL) {
        print_message("# skipped: no %s\n", path);
        return 0;
    }
    read_table("expected/match/mot/mtmc40_gt.csv", &truth);
    read_table("expected/match/mot/mtmc40_tracker.csv", &output);
    return onus_overlaps_make(&truth.boxes, &output.boxes, &overlaps, NULL) == ONUS_OK ? 0 : -1;
}

static int close_tables(void **state) {
    (void)state;
    onus_overlaps_clear(&overlaps);
    free_table(&truth);
    free_table(&output);
    json_decref(expected);
    return 0;
}

static json_t *part(const char *name) {
    if (expected == NULL) {
        skip();
    }
    return in(expected, name);
}

static void identity_is_that_of_trackeval(void **state) {
    (void)state;
    json_t *want = part("Identity");
    onus_identity got;
    assert_int_equal(onus_identity_measure(&overlaps, &got, NULL), ONUS_OK);
    assert_true((double)got.tp == number(want, "IDTP"));
    assert_true((double)got.fp == number(want, "IDFP"));
    assert_true((double)got.fn == number(want, "IDFN"));
    assert_within(got.f1.value, number(want, "IDF1"), EXACT);
    assert_within(got.precision.value, number(want, "IDP"), EXACT);
    assert_within(got.recall.value, number(want, "IDR"), EXACT);
    print_message("# IDF1 %.17g\n", got.f1.value);
}

static void clear_is_that_of_trackeval(void **state) {
    (void)state;
    json_t *want = part("CLEAR");
    onus_clear got;
    assert_int_equal(onus_clear_measure(&overlaps, &got, NULL, NULL), ONUS_OK);
    assert_true((double)got.tp == number(want, "CLR_TP"));
    assert_true((double)got.fn == number(want, "CLR_FN"));
    assert_true((double)got.fp == number(want, "CLR_FP"));
    assert_true((double)got.id_switches == number(want, "IDSW"));
    assert_true((double)got.fragments == number(want, "Frag"));
    assert_true((double)got.mostly_tracked == number(want, "MT"));
    assert_true((double)got.partly_tracked == number(want, "PT"));
    assert_true((double)got.mostly_lost == number(want, "ML"));
    assert_true((double)overlaps.n_moments == number(want, "CLR_Frames"));
    assert_within(got.mota.value, number(want, "MOTA"), EXACT);
    assert_within(got.motp.value, number(want, "MOTP"), EXACT);
    assert_within(got.iou_sum / number(want, "MOTP_sum"), 1.0, EXACT);
    print_message("# MOTA %.17g, %llu id switches\n", got.mota.value,
                  (unsigned long long)got.id_switches);
}

static void hota_is_that_of_trackeval_at_all_nineteen_alphas(void **state) {
    (void)state;
    json_t *want = part("HOTA");
    static onus_hota got;
    assert_int_equal(onus_hota_measure(&overlaps, &got, NULL), ONUS_OK);
    assert_int_equal(json_array_size(in(want, "HOTA")), ONUS_HOTA_ALPHAS);
    double mean = 0.0;
    for (size_t a = 0; a < ONUS_HOTA_ALPHAS; a++) {
        assert_true((double)got.tp[a] == element(want, "HOTA_TP", a));
        assert_true((double)got.fn[a] == element(want, "HOTA_FN", a));
        assert_true((double)got.fp[a] == element(want, "HOTA_FP", a));
        assert_within(got.at[a].hota, element(want, "HOTA", a), EXACT);
        assert_within(got.at[a].deta, element(want, "DetA", a), EXACT);
        assert_within(got.at[a].assa, element(want, "AssA", a), EXACT);
        assert_within(got.at[a].loca, element(want, "LocA", a), EXACT);
        assert_within(got.at[a].det_recall, element(want, "DetRe", a), EXACT);
        assert_within(got.at[a].det_precision, element(want, "DetPr", a), EXACT);
        assert_within(got.at[a].ass_recall, element(want, "AssRe", a), EXACT);
        assert_within(got.at[a].ass_precision, element(want, "AssPr", a), EXACT);
        mean += element(want, "HOTA", a) / ONUS_HOTA_ALPHAS;
    }
    assert_within(got.mean.hota, mean, EXACT);
    print_message("# HOTA %.17g, DetA %.17g, AssA %.17g\n", got.mean.hota, got.mean.deta,
                  got.mean.assa);
}

static void trails_mix_people_under_a_high_mota(void **state) {
    (void)state;
    json_t *want = part("trail");
    onus_trails got;
    assert_int_equal(onus_trails_make(&overlaps, &truth.boxes, &output.boxes, &got), ONUS_OK);
    double purity = 0.0;
    double n_main = 0.0;
    double n_boxes = 0.0;
    double n_people = 0.0;
    uint32_t most = 0;
    size_t n_mixed = 0;
    for (size_t t = 0; t < got.n_trails; t++) {
        const onus_trail *trail = &got.trail[t];
        purity += (double)trail->n_main / trail->n_boxes;
        n_main += trail->n_main;
        n_boxes += trail->n_boxes;
        n_people += trail->n_people;
        n_mixed += trail->n_people >= 2;
        most = trail->n_people > most ? trail->n_people : most;
    }
    const double n = (double)got.n_trails;
    assert_true(n == number(want, "trails"));
    assert_true((double)n_mixed == number(want, "trails_with_2plus_persons"));
    assert_true(most == number(want, "max_persons_per_trail"));
    assert_within(n_people / n, number(want, "mean_persons_per_trail"), EXACT);
    assert_within(purity / n, number(want, "mean_purity_unweighted"), EXACT);
    assert_within(n_main / n_boxes, number(want, "purity_detection_weighted"), EXACT);
    print_message("# %zu of %zu trails mix people; hops: %llu correct, %llu wrong, %llu lost\n",
                  n_mixed, got.n_trails, (unsigned long long)got.hops.n_correct,
                  (unsigned long long)got.hops.n_wrong, (unsigned long long)got.hops.n_lost);
    assert_int_equal(got.n_seen_twice, 0);
    /* a hop ends with the same person, with somebody else, or nowhere */
    assert_true(got.hops.n_correct + got.hops.n_wrong + got.hops.n_lost == got.hops.n_hops);
    assert_true(got.hops.n_wrong >= n_mixed);
    onus_clear clear;
    assert_int_equal(onus_clear_measure(&overlaps, &clear, NULL, NULL), ONUS_OK);
    assert_true(clear.mota.value > 0.9 && n_mixed > 0);
    onus_trails_clear(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_that_of_trackeval),
        cmocka_unit_test(clear_is_that_of_trackeval),
        cmocka_unit_test(hota_is_that_of_trackeval_at_all_nineteen_alphas),
        cmocka_unit_test(trails_mix_people_under_a_high_mota),
    };
    return cmocka_run_group_tests(tests, open_tables, close_tables);
}

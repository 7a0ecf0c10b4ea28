/* All-pairs comparisons of 197 sightings of 40 people: nine blocks of the shared reference. Counts,
 * and the fraction under the curve, are exact; rates agree to 1e-15. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../trial.h"
#include "onus/stats_roc.h"

static const double RATE = 1e-15;

/* ---- the records ---- */

enum { PROBE, REF, PROBE_CAM, REF_CAM, PROBE_GROUP, REF_GROUP, SCORE, N_ASKED };
static onus_table table;
static bool has_records;

static int read_records(void **state) {
    (void)state;
    static const char *const names[] = {"probe_subject", "ref_subject", "probe_cam", "ref_cam",
                                        "probe_group",   "ref_group",   "score"};
    onus_column_ask asks[N_ASKED];
    for (int i = 0; i < N_ASKED; i++) {
        asks[i] = (onus_column_ask){.name = names[i],
                                    .type = i == SCORE ? ONUS_COLUMN_NUMBER : ONUS_COLUMN_TEXT,
                                    .may_be_missing = i == SCORE};
    }
    char file[] = "comparisons.csv";
    const onus_source source = {.file = file};
    onus_problems problems = {0};
    onus_input input = {.role = "comparisons"};
    has_records = shared_has("expected/match/scores/comparisons.csv");
    if (!has_records) {
        return 0;
    }
    char *dir = shared_path("expected/match/scores");
    const onus_status status =
        onus_table_read(&source, dir, asks, N_ASKED, NULL, &table, &input, &problems);
    onus_free(dir);
    onus_input_clear(&input);
    return status == ONUS_OK && table.n_rows == 19306 ? 0 : -1;
}

static int drop_records(void **state) {
    (void)state;
    onus_table_clear(&table);
    return 0;
}

static json_t *load(const char *name) {
    if (!has_records) {
        skip();
    }
    json_error_t error;
    char *path = shared_path(name);
    json_t *root = json_load_file(path, 0, &error);
    onus_free(path);
    assert_non_null(root);
    return root;
}

static bool is_same(size_t row, size_t a, size_t b) {
    return strcmp(onus_table_text(&table, a, row), onus_table_text(&table, b, row)) == 0;
}

/* "all", "same_camera_only", "cross_camera_only", "cross_camera_AxB" */
static bool is_in(const char *block, size_t row) {
    const bool same_camera = is_same(row, PROBE_CAM, REF_CAM);
    const char *cell = strncmp(block, "cross_camera_", 13) == 0 ? block + 13 : "only";
    if (strcmp(block, "all") == 0) {
        return true;
    }
    if (strcmp(block, "same_camera_only") == 0) {
        return same_camera;
    }
    if (same_camera || strcmp(cell, "only") == 0) {
        return !same_camera;
    }
    const char a = onus_table_text(&table, PROBE_GROUP, row)[0];
    const char b = onus_table_text(&table, REF_GROUP, row)[0];
    return (a == cell[0] && b == cell[2]) || (a == cell[2] && b == cell[0]);
}

typedef struct bench {
    double *genuine;
    double *impostor;
    onus_scores scores;
} bench;

static bench bench_of(const char *block) {
    bench b = {.genuine = malloc(table.n_rows * sizeof(double)),
               .impostor = malloc(table.n_rows * sizeof(double))};
    assert_non_null(b.genuine);
    assert_non_null(b.impostor);
    for (size_t row = 0; row < table.n_rows; row++) {
        const double score = table.columns[SCORE].numbers[row];
        if (!is_in(block, row)) {
            continue;
        }
        if (is_same(row, PROBE, REF)) {
            b.genuine[b.scores.n_genuine++] = score;
        } else {
            b.impostor[b.scores.n_impostor++] = score;
        }
    }
    b.scores.genuine = b.genuine;
    b.scores.impostor = b.impostor;
    return b;
}

static void bench_free(bench *b) {
    free(b->genuine);
    free(b->impostor);
}

/* ---- the figures ---- */

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void is_count(const json_t *object, const char *key, uint64_t got) {
    assert_true(json_is_integer(json_object_get(object, key)));
    assert_true((uint64_t)json_integer_value(json_object_get(object, key)) == got);
}

static void is_rate(const json_t *object, const char *key, double got) {
    const json_t *value = json_object_get(object, key);
    if (json_is_null(value)) {
        assert_true(isnan(got));
        return;
    }
    assert_non_null(value);
    if (!(fabs(got - json_number_value(value)) <= RATE)) {
        fail_msg("%s: %.17g, not %.17g", key, got, json_number_value(value));
    }
}

static double fmr(const onus_roc_counts *at, onus_fta_convention convention) {
    return onus_share_value(onus_roc_fmr(at, convention)).value;
}

static double fnmr(const onus_roc_counts *at, onus_fta_convention convention) {
    return onus_share_value(onus_roc_fnmr(at, convention)).value;
}

static void check_threshold(const json_t *row, const onus_roc_counts *at) {
    is_count(row, "false_nonmatch", at->false_nonmatch);
    is_count(row, "false_match", at->false_match);
    is_rate(row, "FNMR", fnmr(at, ONUS_FTA_ACQUIRED));
    is_rate(row, "FMR", fmr(at, ONUS_FTA_ACQUIRED));
    is_rate(row, "FNMR_fta_as_nonmatch", fnmr(at, ONUS_FTA_AS_NONMATCH));
    is_rate(row, "FMR_fta_as_nonmatch", fmr(at, ONUS_FTA_AS_NONMATCH));
    is_rate(row, "FMR_fta_as_match", fmr(at, ONUS_FTA_AS_MATCH));
}

static void check_eer(const json_t *block, const onus_roc *roc) {
    const json_t *nearest = json_object_get(block, "eer_bob");
    const onus_eer *n = &roc->eer[ONUS_EER_NEAREST];
    is_rate(nearest, "eer", n->rate.value);
    is_rate(nearest, "far", fmr(&n->at, ONUS_FTA_ACQUIRED));
    is_rate(nearest, "frr", fnmr(&n->at, ONUS_FTA_ACQUIRED));
    const json_t *crossing = json_object_get(block, "eer_pyeer");
    const onus_eer *c = &roc->eer[ONUS_EER_CROSSING];
    is_rate(crossing, "eer", c->rate.value);
    is_rate(crossing, "eer_low", c->low);
    is_rate(crossing, "eer_high", c->high);
    assert_true(number(crossing, "thr") == c->at.threshold);
    is_rate(block, "eer_interp", roc->eer[ONUS_EER_INTERPOLATED].rate.value);
}

static void check_block(const json_t *block) {
    double thresholds[16];
    double targets[16];
    const json_t *at = json_object_get(block, "at_threshold");
    const json_t *fmr_at = json_object_get(block, "fnmr_at_fmr");
    onus_roc_ask ask = {.thresholds = thresholds,
                        .n_thresholds = json_array_size(at),
                        .fmr_at = targets,
                        .n_fmr_at = json_array_size(fmr_at),
                        .eer = true,
                        .auc = true};
    assert_true(ask.n_thresholds == 8 && ask.n_fmr_at <= 16);
    for (size_t i = 0; i < ask.n_thresholds; i++) {
        thresholds[i] = number(json_array_get(at, i), "t");
    }
    for (size_t i = 0; i < ask.n_fmr_at; i++) {
        targets[i] = number(json_array_get(fmr_at, i), "target");
    }
    bench b = bench_of(json_string_value(json_object_get(block, "name")));
    onus_roc roc;
    assert_int_equal(onus_roc_make(&b.scores, &ask, NULL, &roc), ONUS_OK);
    is_count(block, "n_genuine_attempted", b.scores.n_genuine);
    is_count(block, "n_impostor_attempted", b.scores.n_impostor);
    is_count(block, "n_genuine", roc.totals.n_genuine);
    is_count(block, "n_impostor", roc.totals.n_impostor);
    is_count(block, "fta_genuine", roc.totals.fta_genuine);
    is_count(block, "fta_impostor", roc.totals.fta_impostor);
    for (size_t i = 0; i < ask.n_thresholds; i++) {
        check_threshold(json_array_get(at, i), &roc.at[i]);
    }
    if (roc.totals.n_genuine == 0) { /* impostors between groups: nothing to set against them */
        assert_null(json_object_get(block, "auc"));
        assert_non_null(roc.eer[ONUS_EER_CROSSING].rate.reason);
        assert_int_equal(roc.auc.den2, 0);
    } else {
        is_count(block, "auc_num2", roc.auc.num2);
        is_count(block, "auc_den2", roc.auc.den2);
        check_eer(block, &roc);
    }
    for (size_t i = 0; i < ask.n_fmr_at; i++) {
        const json_t *row = json_array_get(fmr_at, i);
        const onus_roc_counts *here = &roc.fnmr_at[i].at;
        assert_true(number(row, "thr") == here->threshold);
        is_rate(row, "FMR", fmr(here, ONUS_FTA_ACQUIRED));
        is_rate(row, "FNMR", fnmr(here, ONUS_FTA_ACQUIRED));
        is_rate(row, "FNMR", roc.fnmr_at[i].pessimistic.value);
        /* a peer's threshold for the same bound lies as high or higher: at impostors' scores only
         */
        assert_true(here->threshold <= nextafter(number(row, "bob_thr"), 1.0) ||
                    here->false_match == 0);
    }
    onus_roc_clear(&roc);
    bench_free(&b);
}

static void nine_blocks_come_out_exactly(void **state) {
    (void)state;
    json_t *root = load("expected/match/scores/expected.json");
    const json_t *blocks = json_object_get(root, "blocks");
    assert_int_equal(json_array_size(blocks), 9);
    for (size_t i = 0; i < json_array_size(blocks); i++) {
        check_block(json_array_get(blocks, i));
    }
    json_decref(root);
}

static double parse(const char *text) {
    return strcmp(text, "-inf") == 0 ? -INFINITY : strcmp(text, "inf") == 0 ? INFINITY : atof(text);
}

static void every_point_of_the_curve_comes_out(void **state) {
    (void)state;
    if (!has_records) {
        skip();
    }
    char *path = shared_path("expected/match/scores/det_cross_camera.csv");
    FILE *file = fopen(path, "r");
    onus_free(path);
    assert_non_null(file);
    bench b = bench_of("cross_camera_only");
    onus_roc roc;
    assert_int_equal(onus_roc_make(&b.scores, &(onus_roc_ask){.n_det = 100000}, NULL, &roc),
                     ONUS_OK);
    char line[256];
    size_t k = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        char text[7][40];
        assert_int_equal(sscanf(line, "%39[^,],%39[^,],%39[^,],%39[^,],%39[^,],%39[^,],%39[^,\r\n]",
                                text[0], text[1], text[2], text[3], text[4], text[5], text[6]),
                         7);
        assert_true(k < roc.n_det);
        const onus_roc_counts *at = &roc.det[k++];
        assert_true(at->threshold == parse(text[0]));
        assert_true((double)at->false_nonmatch == parse(text[1]));
        assert_true((double)at->false_match == parse(text[2]));
        assert_true(fabs(fnmr(at, ONUS_FTA_ACQUIRED) - parse(text[3])) <= RATE);
        assert_true(fabs(fmr(at, ONUS_FTA_ACQUIRED) - parse(text[4])) <= RATE);
        const double probits[] = {onus_probit(onus_roc_fnmr(at, ONUS_FTA_ACQUIRED)),
                                  onus_probit(onus_roc_fmr(at, ONUS_FTA_ACQUIRED))};
        for (int p = 0; p < 2; p++) {
            const double wanted = parse(text[5 + p]);
            assert_true(probits[p] == wanted || fabs(probits[p] - wanted) <= 1e-12);
        }
    }
    (void)fclose(file);
    /* the reference ends at the highest score; past it nothing matches */
    assert_int_equal(roc.n_det, k + 1);
    assert_true(isinf(roc.det[k].threshold));
    assert_int_equal(roc.det[k].false_nonmatch, roc.totals.n_genuine);
    onus_roc_clear(&roc);
    bench_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_blocks_come_out_exactly),
        cmocka_unit_test(every_point_of_the_curve_comes_out),
    };
    return cmocka_run_group_tests(tests, read_records, drop_records);
}

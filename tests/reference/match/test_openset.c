/* Public score files of a biometrics toolkit: cumulative matches and open-set identification.
 *
 * data/match/bob/scores-cmc-4col*.txt hold one row per comparison (list entry, truth, probe,
 * score); expected/match/openset the toolkit's own numbers. Its file with two probes that nobody on
 * the list is stops the toolkit's curve with an error; here they are unmated searches.
 */
#include <math.h>

#include "inputs.h"

#include "onus/stats_retrieval.h"

enum { MOST = 4096, N_NAME = 64, MOST_NAMES = 256 };

typedef struct names {
    char name[MOST_NAMES][N_NAME];
    size_t n;
} names;

static int32_t index_of(names *of, const char *name) {
    for (size_t i = 0; i < of->n; i++) {
        if (strcmp(of->name[i], name) == 0) {
            return (int32_t)i;
        }
    }
    assert_true(of->n < MOST_NAMES);
    (void)snprintf(of->name[of->n], N_NAME, "%s", name);
    return (int32_t)of->n++;
}

typedef struct score_file {
    names people;
    names probes;
    names entries;
    int32_t probe_person[MOST_NAMES];
    int32_t entry_person[MOST_NAMES];
    double *scores; /* probes x entries */
    onus_retrieval of[MOST_NAMES];
    onus_retrieval_set set;
} score_file;

static void read_scores(const char *name, score_file *f) {
    char path[1024];
    shared_file(name, path, sizeof path);
    static struct {
        int32_t probe, entry;
        double score;
    } rows[MOST];
    *f = (score_file){0};
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("# skipped: no %s\n", path);
        skip();
    }
    char claimed[N_NAME];
    char real[N_NAME];
    char probe[N_NAME];
    char score[N_NAME];
    size_t n = 0;
    while (fscanf(file, "%63s %63s %63s %63s", claimed, real, probe, score) == 4) {
        assert_true(n < MOST);
        rows[n].probe = index_of(&f->probes, probe);
        rows[n].entry = index_of(&f->entries, claimed);
        rows[n].score = strtod(score, NULL);
        f->probe_person[rows[n].probe] = index_of(&f->people, real);
        f->entry_person[rows[n].entry] = index_of(&f->people, claimed);
        n++;
    }
    assert_int_equal(fclose(file), 0);
    const size_t n_cells = f->probes.n * f->entries.n;
    assert_int_equal(n, n_cells); /* a full design */
    f->scores = calloc(n_cells, sizeof *f->scores);
    assert_non_null(f->scores);
    for (size_t i = 0; i < n; i++) {
        f->scores[(size_t)rows[i].probe * f->entries.n + (size_t)rows[i].entry] = rows[i].score;
    }
    f->set = (onus_retrieval_set){.n_probes = f->probes.n,
                                  .probe_person = f->probe_person,
                                  .n_entries = f->entries.n,
                                  .entry_person = f->entry_person,
                                  .n_people = f->people.n,
                                  .higher_is_same = true};
    const onus_context context = {0};
    assert_int_equal(onus_retrieval_matrix(&f->set, f->scores, &context, f->of, NULL), ONUS_OK);
}

static void compare(const char *name, const char *key) {
    json_t *root = shared_json("expected/match/openset/expected_public_data.json");
    static score_file f;
    read_scores(name, &f);
    json_t *want = in(root, key);
    onus_retrieval_totals got;
    onus_retrieval_add_up(f.of, f.probes.n, &got);
    assert_true((double)got.n_searches == number(want, "probes"));
    assert_true((double)got.n_mated == number(want, "mated"));
    assert_true((double)got.n_unmated == number(want, "nonmated"));
    json_t *cmc = json_object_get(want, "cmc");
    for (size_t r = 0; r < json_array_size(cmc); r++) {
        assert_within(onus_retrieval_hits(f.of, f.probes.n, r + 1, ONUS_ORDER_WORST) /
                          (double)got.n_mated,
                      element(want, "cmc", r), 1e-15);
    }
    if (cmc == NULL) {
        (void)in(want, "cmc_error"); /* where the toolkit gives up, there is a curve all the same */
        assert_true(onus_retrieval_hits(f.of, f.probes.n, 1, ONUS_ORDER_WORST) == 7.0);
    }
    json_t *rows = in(want, "open");
    for (size_t k = 0; k < json_array_size(rows); k++) {
        json_t *row = json_array_get(rows, k);
        const double t = number(row, "t");
        double found[2] = {0};
        double alerts = 0.0;
        for (size_t p = 0; p < f.probes.n; p++) {
            found[0] += onus_retrieval_returned(&f.of[p], t, true, 1, ONUS_ORDER_WORST);
            found[1] += onus_retrieval_returned(&f.of[p], t, true, 5, ONUS_ORDER_WORST);
            alerts += onus_retrieval_alerts(&f.of[p], t, true);
        }
        assert_within(found[0] / (double)got.n_mated, number(row, "DIR_rank1"), 1e-15);
        assert_within(found[1] / (double)got.n_mated, number(row, "DIR_rank5"), 1e-15);
        if (json_is_null(in(row, "FAR"))) {
            assert_int_equal(got.n_unmated, 0); /* not testable, and never taken from closed sets */
        } else {
            assert_within(alerts / (double)got.n_unmated, number(row, "FAR"), 1e-15);
        }
    }
    free(f.scores);
    json_decref(root);
}

static void a_closed_set_gives_the_toolkits_curve_and_no_false_alerts(void **state) {
    (void)state;
    compare("data/match/bob/scores-cmc-4col.txt", "bob/scores-cmc-4col.txt");
}

static void an_open_set_gives_both(void **state) {
    (void)state;
    compare("data/match/bob/scores-cmc-4col-open-set.txt", "bob/scores-cmc-4col-open-set.txt");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_set_gives_the_toolkits_curve_and_no_false_alerts),
        cmocka_unit_test(an_open_set_gives_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

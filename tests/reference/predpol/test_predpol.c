/* Every value of the published audit that can be checked, in 30 jurisdictions and over all of them.
 *
 * The case of one jurisdiction (the shared predpol-modesto.yaml) is rewritten for each of the 30,
 * tried with the library, and every `value` of the reference is looked up among the measures under
 * the convention that defines it:
 *
 *   counts                       burden.areas, flags, flags_outside, flags_most, areas_unflagged
 *   share_*, fraction_*          markup-2021 (..._ties_by_population: markup-2021-by-population)
 *   decile_share                 markup-2021; an empty decile is null on both sides
 *   spearman_midranks            onus; spearman_ties_by_geoid: markup-2021
 *   department ALL               made from the measures of the 30 as the audit made it
 *
 * Every row must be matched by exactly one rule; a figure that no rule knows fails the test. Reads
 * the records from ONUS_SHARED and skips where they are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/model.h"
#include "onus/place.h"
#include "onus/text.h"

enum { MAX_DEPARTMENTS = 64 };

typedef struct town {
    char name[64];
    char *text; /* the case */
    onus_case c;
    onus_evidence evidence;
    onus_result result;
} town;

static town towns[MAX_DEPARTMENTS];
static size_t n_towns;

static char *read_whole(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    onus_text text = {0};
    char chunk[65536];
    size_t got = 0;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        onus_text_add_len(&text, chunk, got);
    }
    fclose(file);
    return onus_text_take(&text);
}

/* The case of Modesto with another department's files. */
static char *case_for(const char *model, const char *department) {
    onus_text text = {0};
    const char *from = model;
    for (const char *hit = strstr(from, "modesto"); hit != NULL; hit = strstr(from, "modesto")) {
        onus_text_add_len(&text, from, (size_t)(hit - from));
        onus_text_add(&text, department);
        from = hit + strlen("modesto");
    }
    onus_text_add(&text, from);
    return onus_text_take(&text);
}

static void try_town(town *t, const char *model, const char *name, const char *data_dir) {
    onus_problems problems = {0};
    onus_error err = ONUS_ERROR_INIT;
    char line[ONUS_ERROR_PATH_MAX + ONUS_ERROR_TEXT_MAX + 64];
    const onus_context context = {.n_threads = 1};
    snprintf(t->name, sizeof t->name, "%s", name);
    t->text = case_for(model, name);
    assert_non_null(t->text);
    onus_status status =
        onus_case_parse(t->text, strlen(t->text), "case.yaml", data_dir, &t->c, &problems);
    if (status == ONUS_OK) {
        status = onus_evidence_load(&t->c, &context, &t->evidence, &problems);
    }
    if (status != ONUS_OK && problems.n_full > 0) {
        fail_msg("%s: %s", name, onus_error_format(&problems.full[0], line, sizeof line));
    }
    onus_result_init(&t->result, &t->c, &t->evidence);
    if (status == ONUS_OK) {
        status = onus_place_try(&t->c, &t->evidence, &context, &t->result, &err);
    }
    if (status != ONUS_OK) {
        fail_msg("%s: %s: %s", name, onus_status_name(status), err.text);
    }
}

/* ---- measures ---- */

typedef struct wanted {
    const char *id;
    const char *group;
    const char *convention;
    const char *set;
    int decile;
} wanted;

static bool text_is(const onus_measure *m, const char *key, const char *text) {
    const char *value = onus_scope_text(&m->scope, key);
    return text == NULL ? value == NULL : value != NULL && strcmp(value, text) == 0;
}

static int decile_of(const onus_measure *m) {
    for (size_t i = 0; i < m->scope.n_items; i++) {
        if (strcmp(m->scope.items[i].key, "decile") == 0) {
            return (int)m->scope.items[i].number;
        }
    }
    return 0;
}

/* The one measure that is meant; two would be as wrong as none. */
static const onus_measure *look_up(const town *t, const wanted *w) {
    const onus_measure *found = NULL;
    for (size_t k = 0; k < onus_result_n_measures(&t->result); k++) {
        const onus_measure *m = onus_result_measure(&t->result, k);
        if (strcmp(m->def->id, w->id) == 0 && text_is(m, "group", w->group) &&
            text_is(m, "convention", w->convention) && text_is(m, "set", w->set) &&
            text_is(m, "by", NULL) && decile_of(m) == w->decile) {
            if (found != NULL) {
                return NULL;
            }
            found = m;
        }
    }
    return found;
}

/* ---- from the reference's names to measures ---- */

static bool share_set(const char *figure, wanted *w) {
    static const struct {
        const char *figure;
        const char *set;
        const char *convention;
    } SETS[] = {
        {"share_total", "all", "markup-2021"},
        {"share_most_targeted", "most", "markup-2021"},
        {"share_median_targeted", "median", "markup-2021"},
        {"share_least_targeted", "least", "markup-2021"},
        {"share_median_targeted_ties_by_population", "median", "markup-2021-by-population"},
        {"share_least_targeted_ties_by_population", "least", "markup-2021-by-population"},
    };
    for (size_t k = 0; k < sizeof SETS / sizeof SETS[0]; k++) {
        if (strcmp(figure, SETS[k].figure) == 0) {
            w->id = "burden.share";
            w->set = SETS[k].set;
            w->convention = SETS[k].convention;
            return true;
        }
    }
    return false;
}

static bool named(const char *figure, wanted *w) {
    static const struct {
        const char *figure;
        const char *id;
        const char *convention;
    } NAMES[] = {
        {"n_block_groups", "burden.areas", NULL},
        {"predictions_released_total", "burden.flags", NULL},
        {"predictions_outside_block_groups", "burden.flags_outside", NULL},
        {"max_predictions_in_one_block_group", "burden.flags_most", NULL},
        {"block_groups_with_zero_predictions", "burden.areas_unflagged", NULL},
        {"fraction_of_group_above_median", "burden.above_median", "markup-2021"},
        {"fraction_of_group_below_median", "burden.below_median", "markup-2021"},
        {"spearman_midranks", "burden.rank_correlation", "onus"},
        {"spearman_ties_by_geoid", "burden.rank_correlation", "markup-2021"},
    };
    for (size_t k = 0; k < sizeof NAMES / sizeof NAMES[0]; k++) {
        if (strcmp(figure, NAMES[k].figure) == 0) {
            w->id = NAMES[k].id;
            w->convention = NAMES[k].convention;
            return true;
        }
    }
    return false;
}

static bool want(const char *figure, const char *group, wanted *w) {
    static const char DECILE[] = "decile_share ";
    *w = (wanted){.group = group};
    if (strncmp(figure, DECILE, sizeof DECILE - 1) == 0) {
        /* "decile_share 0 to 10th", "decile_share 10th to 20th" */
        char *end = NULL;
        const long low = strtol(figure + sizeof DECILE - 1, &end, 10);
        w->id = "burden.composition";
        w->convention = "markup-2021";
        w->decile = (int)(low / 10) + 1;
        return true;
    }
    return share_set(figure, w) || named(figure, w);
}

/* ---- department ALL: as the audit summed up its jurisdictions ---- */

static double share_of(const town *t, const char *id, const char *group, const char *set) {
    const wanted w = {.id = id, .group = group, .convention = "markup-2021", .set = set};
    const onus_measure *m = look_up(t, &w);
    /* the audit counted an empty set as 0 (methods: markup) */
    return m != NULL && m->has_value ? m->value : 0.0;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_correlation(const char *group) {
    double r[MAX_DEPARTMENTS];
    size_t n = 0;
    for (size_t k = 0; k < n_towns; k++) {
        const wanted w = {.id = "burden.rank_correlation", .group = group, .convention = "onus"};
        const onus_measure *m = look_up(&towns[k], &w);
        if (m != NULL && m->has_value) {
            r[n++] = m->value;
        }
    }
    qsort(r, n, sizeof *r, by_value);
    return n == 0 ? NAN : n % 2 == 1 ? r[n / 2] : 0.5 * (r[n / 2 - 1] + r[n / 2]);
}

static bool over_all(const char *figure, const char *group, double *out) {
    static const char *const SETS[] = {"most", "median", "least"};
    char name[128];
    for (size_t s = 0; s < 3; s++) {
        double n_over = 0.0;
        double change = 0.0;
        for (size_t k = 0; k < n_towns; k++) {
            const double in = share_of(&towns[k], "burden.share", group, SETS[s]);
            const double all = share_of(&towns[k], "burden.share", group, "all");
            n_over += in > all ? 1.0 : 0.0;
            change += (in - all) / all;
        }
        snprintf(name, sizeof name, "jurisdictions_where_%s_targeted_share_exceeds_total", SETS[s]);
        if (strcmp(figure, name) == 0) {
            *out = n_over;
            return true;
        }
        snprintf(name, sizeof name, "mean_relative_change_%s_targeted", SETS[s]);
        if (strcmp(figure, name) == 0) {
            *out = change / (double)n_towns;
            return true;
        }
    }
    static const char *const HALVES[] = {"above", "below"};
    for (size_t h = 0; h < 2; h++) {
        snprintf(name, sizeof name, "jurisdictions_with_majority_of_group_%s_median", HALVES[h]);
        if (strcmp(figure, name) == 0) {
            *out = 0.0;
            for (size_t k = 0; k < n_towns; k++) {
                const char *id = h == 0 ? "burden.above_median" : "burden.below_median";
                *out += share_of(&towns[k], id, group, NULL) > 0.5 ? 1.0 : 0.0;
            }
            return true;
        }
    }
    if (strcmp(figure, "median_spearman_midranks") == 0) {
        *out = median_correlation(group);
        return true;
    }
    return false;
}

/* ---- the comparison ---- */

static const town *town_named(const char *name) {
    for (size_t k = 0; k < n_towns; k++) {
        if (strcmp(towns[k].name, name) == 0) {
            return &towns[k];
        }
    }
    return NULL;
}

/* Finds what Onus has for a row; false if no rule or no single measure fits it. NaN: null. */
static bool ours(const char *department, const char *figure, const char *group, double *out) {
    if (strcmp(department, "ALL") == 0) {
        return over_all(figure, group, out);
    }
    const town *t = town_named(department);
    wanted w;
    if (t == NULL || !want(figure, group, &w)) {
        return false;
    }
    const onus_measure *m = look_up(t, &w);
    if (m == NULL || m->withheld) {
        return false;
    }
    *out = m->has_value ? m->value : NAN;
    return m->has_value || m->reason != NULL;
}

static bool same(const json_t *value, double have, double tolerance) {
    if (json_is_null(value)) {
        return isnan(have);
    }
    const double want_value = json_number_value(value);
    return fabs(have - want_value) <= tolerance * fmax(1.0, fabs(want_value));
}

static void every_published_value_is_reproduced(void **state) {
    const json_t *reference = *state;
    if (reference == NULL) {
        print_message("# skipped: no shared records (ONUS_SHARED)\n");
        skip();
    }
    size_t n_rows = 0;
    size_t n_right = 0;
    size_t n_unmatched = 0;
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(reference, i, row) {
        const char *department = json_string_value(json_object_get(row, "department"));
        const char *figure = json_string_value(json_object_get(row, "figure"));
        const char *group = json_string_value(json_object_get(row, "group"));
        const json_t *value = json_object_get(row, "value");
        const double tolerance = json_number_value(json_object_get(row, "tolerance"));
        double have = NAN;
        n_rows++;
        if (!ours(department, figure, group, &have)) {
            n_unmatched++;
            print_message("# unmatched: %s, %s, %s\n", department, figure, group ? group : "-");
        } else if (same(value, have, tolerance)) {
            n_right++;
        } else {
            print_message("# differs: %s, %s, %s: %.17g instead of %.17g\n", department, figure,
                          group ? group : "-", have,
                          json_is_null(value) ? NAN : json_number_value(value));
        }
    }
    print_message("# %zu of %zu values reproduced in %zu jurisdictions, %zu unmatched\n", n_right,
                  n_rows, n_towns, n_unmatched);
    assert_int_equal(n_unmatched, 0);
    assert_true(n_rows > 0);
    assert_int_equal(n_right, n_rows);
}

static void every_flag_is_inside_or_outside(void **state) {
    if (*state == NULL) {
        skip();
    }
    for (size_t k = 0; k < n_towns; k++) {
        const wanted all = {.id = "burden.flags"};
        const wanted outside = {.id = "burden.flags_outside"};
        const onus_area_table *areas = &towns[k].result.areas;
        double inside = 0.0;
        for (size_t i = 0; i < areas->n_areas; i++) {
            inside += areas->columns[0].values[i];
        }
        assert_string_equal(areas->columns[0].name, "flags");
        assert_true(inside + look_up(&towns[k], &outside)->value ==
                    look_up(&towns[k], &all)->value);
    }
}

/* What the map prints of a group must not show a count from 1 to 9 of people. */
static void no_small_count_is_shown_on_the_map(void **state) {
    if (*state == NULL) {
        skip();
    }
    size_t n_withheld = 0;
    for (size_t k = 0; k < n_towns; k++) {
        const onus_area_table *areas = &towns[k].result.areas;
        for (size_t c = 0; c < areas->n_columns; c++) {
            for (size_t i = 0; i < areas->n_areas; i++) {
                const double value = areas->columns[c].values[i];
                n_withheld += areas->columns[c].known[i] == ONUS_WITHHELD ? 1 : 0;
                if (strcmp(areas->columns[c].unit, "people") == 0 &&
                    areas->columns[c].known[i] == ONUS_KNOWN) {
                    assert_true(value == 0.0 || value >= 10.0);
                }
            }
        }
    }
    print_message("# %zu cells withheld on the maps\n", n_withheld);
    assert_true(n_withheld > 0);
}

static int set_up(void **state) {
    const char *shared = getenv("ONUS_SHARED");
    char path[4096];
    char data_dir[4096];
    if (shared == NULL) {
        return 0;
    }
    snprintf(path, sizeof path, "%s/expected/place/predpol.json", shared);
    char *text = read_whole(path);
    snprintf(path, sizeof path, "%s/design/cases/predpol-modesto.yaml", shared);
    char *model = read_whole(path);
    if (text == NULL || model == NULL) {
        onus_free(text);
        onus_free(model);
        return 0;
    }
    json_t *whole = json_loads(text, 0, NULL);
    const json_t *reference = json_object_get(whole, "expected");
    snprintf(data_dir, sizeof data_dir, "%s/data", shared);
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(reference, i, row) {
        const char *name = json_string_value(json_object_get(row, "department"));
        if (strcmp(name, "ALL") != 0 && town_named(name) == NULL && n_towns < MAX_DEPARTMENTS) {
            try_town(&towns[n_towns], model, name, data_dir);
            n_towns++;
        }
    }
    *state = json_incref((json_t *)reference);
    json_decref(whole);
    onus_free(text);
    onus_free(model);
    return 0;
}

static int tear_down(void **state) {
    for (size_t k = 0; k < n_towns; k++) {
        onus_result_clear(&towns[k].result);
        onus_evidence_clear(&towns[k].evidence);
        onus_case_clear(&towns[k].c);
        onus_free(towns[k].text);
    }
    json_decref(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_value_is_reproduced),
        cmocka_unit_test(every_flag_is_inside_or_outside),
        cmocka_unit_test(no_small_count_is_shown_on_the_map),
    };
    return cmocka_run_group_tests_name("predpol", tests, set_up, tear_down);
}

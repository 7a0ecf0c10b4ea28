/* No count of 1 to 9 people can be read or computed from what is printed. The check is independent
 * of the trial's own: it gathers, from the result alone, every shown count and every shown sum of a
 * group (its size, deciles, above and below the median, exposure, attributed load) and eliminates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "onus/exec.h"
#include "town.h"

enum { BELOW = 10, MAX_ROWS = 64 };

static const onus_area_column *column_named(const town *t, const char *name) {
    for (size_t k = 0; k < t->result.areas.n_columns; k++) {
        if (strcmp(t->result.areas.columns[k].name, name) == 0) {
            return &t->result.areas.columns[k];
        }
    }
    return NULL;
}

/* Rank of rows by columns, by elimination with full row pivots; rows are spoiled. */
static size_t rank_of(double rows[][TOWN_AREAS], size_t n_rows, size_t n_columns) {
    size_t rank = 0;
    for (size_t column = 0; column < n_columns && rank < n_rows; column++) {
        size_t pivot = rank;
        for (size_t r = rank; r < n_rows; r++) {
            pivot = fabs(rows[r][column]) > fabs(rows[pivot][column]) ? r : pivot;
        }
        if (fabs(rows[pivot][column]) < 1e-9) {
            continue;
        }
        for (size_t k = 0; k < n_columns; k++) {
            const double swap = rows[rank][k];
            rows[rank][k] = rows[pivot][k];
            rows[pivot][k] = swap;
        }
        for (size_t r = rank + 1; r < n_rows; r++) {
            const double factor = rows[r][column] / rows[rank][column];
            for (size_t k = column; k < n_columns; k++) {
                rows[r][k] -= factor * rows[rank][k];
            }
        }
        rank++;
    }
    return rank;
}

typedef struct seen {
    double rows[MAX_ROWS][TOWN_AREAS];
    size_t n_rows;
    size_t unknown[TOWN_AREAS];
    size_t n_unknown;
} seen;

/* Adds a printed sum with the given weights by area, scaled to its largest weight. */
static void see(seen *s, const double *weights) {
    double largest = 0.0;
    for (size_t j = 0; j < s->n_unknown; j++) {
        largest = fmax(largest, fabs(weights[s->unknown[j]]));
    }
    if (largest > 0.0) {
        for (size_t j = 0; j < s->n_unknown; j++) {
            s->rows[s->n_rows][j] = weights[s->unknown[j]] / largest;
        }
        s->n_rows++;
    }
}

static bool determined(const seen *s, const double *weights) {
    static double work[MAX_ROWS][TOWN_AREAS];
    seen more = *s;
    memcpy(work, more.rows, sizeof work);
    const size_t without = rank_of(work, more.n_rows, more.n_unknown);
    see(&more, weights);
    memcpy(work, more.rows, sizeof work);
    return more.n_rows == s->n_rows || rank_of(work, more.n_rows, more.n_unknown) == without;
}

static bool is_shown(const town *t, const char *id, const char *scope) {
    const onus_measure *m = town_find(t, id, scope);
    return m != NULL && m->has_value && !m->withheld;
}

static void gather(const town *t, size_t g, seen *s) {
    const onus_area_column *flags = column_named(t, "flags");
    const onus_area_column *decile = column_named(t, "decile");
    char name[64];
    double weights[TOWN_AREAS];
    memset(s, 0, sizeof *s);
    snprintf(name, sizeof name, "residents_g%u", (unsigned)g);
    const onus_area_column *people = column_named(t, name);
    for (size_t i = 0; i < t->n_areas; i++) {
        if (people->known[i] == ONUS_WITHHELD) {
            s->unknown[s->n_unknown++] = i;
        }
        weights[i] = 1.0;
    }
    see(s, weights); /* the size of the group stands under every exposure */
    for (int d = 1; d <= 10; d++) {
        snprintf(name, sizeof name, "decile=%d group=g%u", d, (unsigned)g);
        for (size_t i = 0; i < t->n_areas; i++) {
            weights[i] = decile->values[i] == (double)d ? 1.0 : 0.0;
        }
        if (is_shown(t, "burden.composition", name)) {
            see(s, weights);
        }
    }
    snprintf(name, sizeof name, "group=g%u", (unsigned)g);
    if (is_shown(t, "burden.exposure", name)) {
        see(s, flags->values);
    }
    if (is_shown(t, "burden.attributed", name)) {
        for (size_t i = 0; i < t->n_areas; i++) {
            weights[i] = t->total[i] > 0.0 ? flags->values[i] / t->total[i] : 0.0;
        }
        see(s, weights);
    }
}

static void check_group(const town *t, size_t g) {
    static seen s;
    double weights[TOWN_AREAS];
    char name[64];
    gather(t, g, &s);
    snprintf(name, sizeof name, "residents_g%u", (unsigned)g);
    const onus_area_column *people = column_named(t, name);
    for (size_t i = 0; i < t->n_areas; i++) {
        const double count = t->people[g][i];
        assert_true(people->known[i] == ONUS_WITHHELD || count == 0.0 || count >= BELOW);
        if (count > 0.0 && count < BELOW) {
            memset(weights, 0, sizeof weights);
            weights[i] = 1.0;
            assert_false(determined(&s, weights));
        }
    }
    const onus_area_column *decile = column_named(t, "decile");
    for (int d = 1; d <= 10; d++) {
        double sum = 0.0;
        for (size_t i = 0; i < t->n_areas; i++) {
            weights[i] = decile->values[i] == (double)d ? 1.0 : 0.0;
            sum += weights[i] * t->people[g][i];
        }
        if (sum > 0.0 && sum < BELOW) {
            snprintf(name, sizeof name, "decile=%d group=g%u", d, (unsigned)g);
            assert_false(is_shown(t, "burden.composition", name));
            assert_false(determined(&s, weights));
        }
    }
}

/* A town where one count in `rare` is small. */
static town *rare_town(uint64_t seed, bool exhaustive) {
    onus_rng rng;
    onus_rng_init(&rng, seed, ONUS_STREAM_TEST, 7, 0);
    town *t = town_new(4 + onus_rng_below(&rng, 7), 4 + onus_rng_below(&rng, 7), 2);
    t->c.protocol.suppress_below = BELOW;
    const uint32_t rare = 2 + onus_rng_below(&rng, 12);
    const uint32_t none = 2 + onus_rng_below(&rng, 6);
    for (size_t i = 0; i < t->n_areas; i++) {
        for (size_t g = 0; g < 2; g++) {
            const bool empty = onus_rng_below(&rng, none) == 0;
            const bool small = onus_rng_below(&rng, rare) == 0;
            t->people[g][i] = empty   ? 0.0
                              : small ? 1.0 + (double)onus_rng_below(&rng, 9)
                                      : 10.0 + (double)onus_rng_below(&rng, 300);
            t->total[i] += t->people[g][i];
        }
        t->total[i] += exhaustive ? 0.0 : (double)onus_rng_below(&rng, 200);
        town_flag_area(t, i, (double)onus_rng_below(&rng, 60));
    }
    return t;
}

static void no_small_count_follows_from_what_is_shown(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        town *t = rare_town(seed, false);
        assert_int_equal(town_try(t), ONUS_OK);
        check_group(t, 0);
        check_group(t, 1);
        town_free(t);
    }
}

static void nor_where_the_groups_make_up_the_total(void **state) {
    (void)state;
    for (uint64_t seed = 101; seed <= 120; seed++) {
        town *t = rare_town(seed, true);
        assert_int_equal(town_try(t), ONUS_OK);
        const onus_area_column *g0 = column_named(t, "residents_g0");
        const onus_area_column *g1 = column_named(t, "residents_g1");
        const onus_area_column *total = column_named(t, "residents");
        for (size_t i = 0; i < t->n_areas; i++) {
            const double a = t->people[0][i];
            const double b = t->people[1][i];
            const bool small = (a > 0.0 && a < BELOW) || (b > 0.0 && b < BELOW);
            const int n_hidden = (g0->known[i] == ONUS_WITHHELD) + (g1->known[i] == ONUS_WITHHELD) +
                                 (total->known[i] == ONUS_WITHHELD);
            /* one hidden of three is total less the other: a lone zero gives nothing away */
            assert_true(!small || n_hidden >= 2);
        }
        check_group(t, 0);
        check_group(t, 1);
        town_free(t);
    }
}

static void what_is_made_of_a_withheld_count_is_withheld(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        town *t = rare_town(seed, false);
        for (size_t i = 0; i < t->n_areas; i += 7) {
            t->total[i] = t->people[0][i] = t->people[1][i] = 0.0;
            t->total[i] = 4.0;
        }
        assert_int_equal(town_try(t), ONUS_OK);
        const onus_area_column *people = column_named(t, "residents_g0");
        const onus_area_column *share = column_named(t, "residents_g0_share");
        const onus_area_column *total = column_named(t, "residents");
        const onus_area_column *each = column_named(t, "residents_flags_each");
        for (size_t i = 0; i < t->n_areas; i++) {
            assert_true(t->total[i] != 4.0 || total->known[i] == ONUS_WITHHELD);
            assert_true(people->known[i] != ONUS_WITHHELD || share->known[i] == ONUS_WITHHELD);
            assert_true(total->known[i] != ONUS_WITHHELD || each->known[i] == ONUS_WITHHELD);
            assert_true(total->known[i] != ONUS_WITHHELD || t->people[0][i] == 0.0 ||
                        share->known[i] == ONUS_WITHHELD);
        }
        town_free(t);
    }
}

static void a_withheld_measure_shows_no_number_at_all(void **state) {
    (void)state;
    size_t n_withheld = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        town *t = rare_town(seed, false);
        assert_int_equal(town_try(t), ONUS_OK);
        for (size_t k = 0; k < onus_result_n_measures(&t->result); k++) {
            const onus_measure *m = onus_result_measure(&t->result, k);
            if (m->withheld) {
                n_withheld++;
                assert_true(!m->has_value && !m->has_fraction && !m->interval.given && !m->has_p);
                assert_true(m->value == 0.0 && m->num == 0.0 && m->den == 0.0);
                assert_non_null(strstr(m->reason, "withheld"));
            }
        }
        town_free(t);
    }
    assert_true(n_withheld > 0);
}

static void a_group_of_nine_people_has_no_figures(void **state) {
    (void)state;
    town *t = town_new(5, 5, 2);
    t->c.protocol.suppress_below = BELOW;
    for (size_t i = 0; i < 25; i++) {
        t->people[0][i] = i < 9 ? 1.0 : 0.0;
        t->people[1][i] = 100.0;
        t->total[i] = 130.0;
        town_flag_area(t, i, (double)i);
    }
    assert_int_equal(town_try(t), ONUS_OK);
    size_t n_named = 0;
    for (size_t k = 0; k < onus_result_n_measures(&t->result); k++) {
        const onus_measure *m = onus_result_measure(&t->result, k);
        const char *group = onus_scope_text(&m->scope, "group");
        const char *reference = onus_scope_text(&m->scope, "reference");
        if ((group != NULL && strcmp(group, "g0") == 0) ||
            (reference != NULL && strcmp(reference, "g0") == 0)) {
            assert_true(m->withheld);
            n_named++;
        }
    }
    assert_true(n_named > 20);
    assert_true(isfinite(town_value(t, "burden.exposure", "group=g1")));
    assert_true(t->result.n_suppressed > n_named);
    town_free(t);
}

static void figures_of_a_published_convention_stay_exact_and_are_counted(void **state) {
    (void)state;
    town *t = rare_town(4, false);
    t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
    assert_int_equal(town_try(t), ONUS_OK);
    for (size_t k = 0; k < onus_result_n_measures(&t->result); k++) {
        const onus_measure *m = onus_result_measure(&t->result, k);
        const char *convention = onus_scope_text(&m->scope, "convention");
        assert_true(convention == NULL || strcmp(convention, "onus") == 0 || !m->withheld);
    }
    bool warned = false;
    const onus_warning *warnings = t->result.warnings.items;
    for (size_t k = 0; k < t->result.warnings.n_items; k++) {
        warned = warned || strcmp(warnings[k].code, "published_small_counts") == 0;
    }
    assert_true(warned);
    town_free(t);
}

static void suppress_below_one_withholds_nothing(void **state) {
    (void)state;
    town *t = rare_town(2, true);
    t->c.protocol.suppress_below = 1;
    assert_int_equal(town_try(t), ONUS_OK);
    assert_int_equal(t->result.n_suppressed, 0);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_small_count_follows_from_what_is_shown),
        cmocka_unit_test(nor_where_the_groups_make_up_the_total),
        cmocka_unit_test(what_is_made_of_a_withheld_count_is_withheld),
        cmocka_unit_test(a_withheld_measure_shows_no_number_at_all),
        cmocka_unit_test(a_group_of_nine_people_has_no_figures),
        cmocka_unit_test(figures_of_a_published_convention_stay_exact_and_are_counted),
        cmocka_unit_test(suppress_below_one_withholds_nothing),
    };
    return cmocka_run_group_tests_name("suppression", tests, NULL, NULL);
}

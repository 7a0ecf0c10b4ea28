/* The trial's searches: from lists, from full designs of comparisons, and what is not testable. */
#include "refused.h"

enum { MOST_CANDIDATES = 4000, MOST_PROBES = 400, MOST_ENTRIES = 100 };

/* Lists of a made product. */
typedef struct listed {
    int32_t probe_person[MOST_PROBES];
    size_t start[MOST_PROBES + 1];
    int32_t entry[MOST_CANDIDATES];
    double score[MOST_CANDIDATES];
    int32_t entry_person[MOST_ENTRIES];
    int32_t probe_camera[MOST_PROBES]; /* not known */
    int32_t entry_camera[MOST_ENTRIES];
} listed;

/* n_mated searches of people on a list of n_entries and n_unmated of others, `shown` candidates
 * each. Every tenth mated search puts somebody else first; every fifth unmated one alerts (0.9). */
static made *made_lists(listed *l, int n_mated, int n_unmated, int n_entries, int shown) {
    made *w = made_new();
    onus_searches *s = &w->e.match.searches;
    *l = (listed){0};
    size_t n = 0;
    memset(l->probe_camera, -1, sizeof l->probe_camera);
    memset(l->entry_camera, -1, sizeof l->entry_camera);
    for (int e = 0; e < n_entries; e++) {
        l->entry_person[e] = e;
    }
    for (int p = 0; p < n_mated + n_unmated; p++) {
        const bool mated = p < n_mated;
        l->probe_person[p] = mated ? p % n_entries : n_entries + p;
        l->start[p] = n;
        for (int k = 0; k < shown; k++) {
            const int who = mated ? (p + (p % 10 == 0 ? k + 1 : k)) % n_entries : k;
            l->entry[n] = who;
            l->score[n++] = !mated && p % 5 == 0 && k == 0 ? 0.9 : (mated ? 0.8 : 0.4) - 0.01 * k;
        }
        l->start[p + 1] = n;
    }
    *s = (onus_searches){.n_probes = (size_t)(n_mated + n_unmated),
                         .probe_person = l->probe_person,
                         .probe_camera = l->probe_camera,
                         .start = l->start,
                         .entry = l->entry,
                         .score = l->score,
                         .n_entries = (size_t)n_entries,
                         .entry_person = l->entry_person,
                         .entry_camera = l->entry_camera,
                         .gallery_given = true};
    w->e.match.sightings.n_people = (size_t)(n_entries + n_mated + n_unmated);
    w->c.match.searches.source.file = made_text("candidates.csv");
    return w;
}

/* The measure of this id whose text keys hold these and whose `rank` is this (0: without). */
static const onus_measure *found(const made *w, const char *id, const char *protocol,
                                 const char *ties, double rank) {
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        double has_rank = 0.0;
        double list = 0.0;
        for (size_t k = 0; k < m->scope.n_items; k++) {
            if (strcmp(m->scope.items[k].key, "rank") == 0) {
                has_rank = m->scope.items[k].number;
            }
            if (strcmp(m->scope.items[k].key, "list_size") == 0) {
                list = m->scope.items[k].number;
            }
        }
        if (strcmp(m->def->id, id) == 0 && has_rank == rank && list == 0.0 &&
            onus_scope_text(&m->scope, "group") == NULL &&
            onus_text_equal(onus_scope_text(&m->scope, "protocol"), protocol) &&
            onus_text_equal(onus_scope_text(&m->scope, "ties"), ties)) {
            return m;
        }
    }
    fail_msg("no %s", id);
    return NULL;
}

static void an_open_set_gives_both_errors_and_a_closed_one_only_the_misses(void **state) {
    (void)state;
    static listed l;
    made *w = made_lists(&l, 50, 50, 20, 20);
    made_use(w, 0.75);
    made_try(w);
    const onus_measure *m = found(w, "match.fpir", NULL, NULL, 0);
    assert_true(m->num == 10 && m->den == 50 && m->interval.given);
    assert_true(m->interval.low < 0.2 && m->interval.high > 0.2);
    m = found(w, "match.fnir", NULL, NULL, 1);
    assert_true(m->num == 5 && m->den == 50);
    m = found(w, "match.cmc", "all", "expected", 1);
    assert_true(m->num == 45 && m->den == 50);
    m = found(w, "match.unmated", "all", NULL, 0);
    assert_true(m->num == 50 && m->den == 100); /* counted, not dropped */
    made_free(w);
    w = made_lists(&l, 50, 0, 20, 20);
    made_use(w, 0.75);
    made_try(w);
    m = found(w, "match.fpir", NULL, NULL, 0);
    assert_true(!m->has_value && strstr(m->reason, "closed set") != NULL);
    made_free(w);
}

static void lists_cut_short_give_bounds_and_no_rank_beyond_them(void **state) {
    (void)state;
    static listed l;
    made *w = made_lists(&l, 50, 0, 20, 5);
    made_try(w);
    assert_true(found(w, "match.cmc", "all", "expected", 5)->has_value);
    assert_true(!found(w, "match.cmc", "all", "expected", 10)->has_value);
    assert_true(!found(w, "match.map", "all", "expected", 0)->has_value);
    const onus_measure *worst = found(w, "match.map", "all", "worst", 0);
    const onus_measure *best = found(w, "match.map", "all", "best", 0);
    assert_true(worst->has_value && worst->value < best->value);
    made_free(w);
}

static void searches_of_nobody_known_are_left_out_and_counted(void **state) {
    (void)state;
    static listed l;
    made *w = made_lists(&l, 30, 10, 20, 20);
    l.probe_person[0] = -1; /* would have been wrong */
    made_try(w);
    assert_true(found(w, "match.cmc", "all", "expected", 1)->den == 29);
    assert_true(found(w, "match.unmated", "all", NULL, 0)->den == 39);
    assert_non_null(strstr(made_warning(w, "searches_of_nobody_known"), "1 of 40"));
    made_free(w);
}

static void a_list_of_another_size_is_carried_over_and_marked(void **state) {
    (void)state;
    static listed l;
    made *w = made_lists(&l, 50, 50, 20, 20);
    made_use(w, 0.75);
    w->c.match.deployment.given = true;
    w->c.match.deployment.n_on_list = 200;
    made_try(w);
    bool seen = false;
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        if (strcmp(m->def->id, "match.fpir") == 0 && m->scope.n_items == 1 &&
            strcmp(m->scope.items[0].key, "list_size") == 0) {
            seen = true;
            assert_true(fabs(m->value - (1 - pow(0.8, 10))) < 1e-12);
            assert_true(m->interval.weak && !m->has_fraction);
        }
    }
    assert_true(seen);
    made_free(w);
}

/* People apart by 1, sightings of one person alike up to noise. */
static double near_self(const made_pair *pair, uint64_t *random) {
    return (pair->person_a == pair->person_b ? 1.0 : 0.0) + 0.3 * made_normal(random);
}

static double with_a_hole(const made_pair *pair, uint64_t *random) {
    const double score = near_self(pair, random);
    return pair->a == 3 && pair->b == 9 ? (double)INFINITY : score;
}

static void a_full_design_is_a_search_for_every_sighting(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 20, 4, 2, 2);
    made_all_pairs(w, near_self, 5);
    made_use(w, 0.5);
    made_try(w);
    /* by hand: for every sighting the best of its mates against everybody else's */
    const size_t n = w->e.match.sightings.n_sightings;
    static double score[MADE_SIGHTINGS][MADE_SIGHTINGS];
    for (size_t i = 0; i < w->e.match.comparisons.n_comparisons; i++) {
        score[w->probe[i]][w->reference[i]] = w->score[i];
        score[w->reference[i]][w->probe[i]] = w->score[i];
    }
    double first[2] = {0};
    double den[2] = {0};
    for (int k = 0; k < 2; k++) { /* 1: mates at the same camera off the list */
        for (size_t a = 0; a < n; a++) {
            double mate = -INFINITY;
            double other = -INFINITY;
            for (size_t b = 0; b < n; b++) {
                const bool same = w->person[a] == w->person[b];
                if (a == b || (k == 1 && same && w->camera[a] == w->camera[b])) {
                    continue;
                }
                double *of = same ? &mate : &other;
                *of = fmax(*of, score[a][b]);
            }
            den[k] += mate > -INFINITY;
            first[k] += mate > other;
        }
    }
    const onus_measure *m = found(w, "match.cmc", "all", "expected", 1);
    assert_true(m->num == first[0] && m->den == den[0]);
    m = found(w, "match.cmc", "same_camera_removed", "expected", 1);
    assert_true(m->num == first[1] && m->den == den[1]);
    /* groups: of ten people each, both shown */
    double by_group = 0;
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *g = onus_result_measure(&w->r, i);
        by_group +=
            strcmp(g->def->id, "match.cmc") == 0 && onus_scope_text(&g->scope, "group") != NULL
                ? g->num
                : 0;
    }
    assert_true(by_group == first[0]);
    made_free(w);
}

/* Probes are the first sightings of 20 people, the list the second ones of the first 12. */
static made *made_rectangle(void) {
    made *w = made_new();
    uint64_t random = 11;
    made_people(w, 20, 2, 0, 0);
    for (int p = 0; p < 20; p++) {
        for (int r = 0; r < 12; r++) {
            made_row(w, 2 * p, 2 * r + 1, (p == r ? 1.0 : 0.0) + 0.2 * made_normal(&random));
        }
    }
    made_use(w, 0.35);
    w->c.match.deployment.given = true;
    return w;
}

static void probes_against_references_are_an_open_set(void **state) {
    (void)state;
    made *w = made_rectangle();
    w->c.match.deployment.n_on_list = 6; /* half of the list: counted exactly */
    made_try(w);
    double n_alerts = 0;
    double shorter = 0;
    for (int p = 12; p < 20; p++) {
        int above = 0;
        for (int r = 0; r < 12; r++) {
            above += w->score[12 * p + r] >= 0.35;
        }
        double silent = 1; /* none of `above` among 6 of 12 */
        for (int i = 0; i < above; i++) {
            silent *= fmax(6.0 - i, 0) / (12 - i);
        }
        n_alerts += above > 0;
        shorter += 1 - silent;
    }
    const onus_measure *m = found(w, "match.fpir", NULL, NULL, 0);
    assert_true(n_alerts > 0 && n_alerts < 8);
    assert_true(m->num == n_alerts && m->den == 8);
    assert_true(found(w, "match.unmated", "all", NULL, 0)->num == 8);
    assert_true(found(w, "match.cmc", "all", "expected", 1)->den == 12);
    size_t n = 0;
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        m = onus_result_measure(&w->r, i);
        if (strcmp(m->def->id, "match.fpir") == 0 && m->scope.n_items == 1 &&
            strcmp(m->scope.items[0].key, "list_size") == 0) {
            n++;
            assert_true(fabs(m->num - shorter) < 1e-12 && m->den == 8);
        }
    }
    assert_int_equal(n, 1);
    made_free(w);
}

static void a_list_with_a_hole_has_no_ranks(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 6, 2, 0, 0);
    made_all_pairs(w, with_a_hole, 5);
    made_try(w);
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        if (strcmp(m->def->id, "match.cmc") == 0) {
            assert_true(!m->has_value && strstr(m->reason, "130 of 132 pairs") != NULL);
        }
    }
    made_free(w);
}

static void a_group_of_two_people_withholds_its_grouping(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 8, 3, 0, 4); /* two people in each group */
    made_all_pairs(w, near_self, 5);
    made_use(w, 0.5);
    made_try(w);
    size_t n = 0;
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        if (strcmp(m->def->id, "match.fnir") == 0 && onus_scope_text(&m->scope, "group") != NULL) {
            assert_true(m->withheld && !m->has_value && !m->has_fraction);
            n++;
        }
    }
    assert_int_equal(n, 4);
    made_free(w);
}

static void every_refused_allocation_is_reported_and_freed(void **state) {
    (void)state;
    static listed l;
    made *w = made_lists(&l, 12, 4, 6, 6);
    made_use(w, 0.75);
    w->c.protocol.n_replicates = 20;
    made_try_refused(w);
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_set_gives_both_errors_and_a_closed_one_only_the_misses),
        cmocka_unit_test(lists_cut_short_give_bounds_and_no_rank_beyond_them),
        cmocka_unit_test(searches_of_nobody_known_are_left_out_and_counted),
        cmocka_unit_test(a_list_of_another_size_is_carried_over_and_marked),
        cmocka_unit_test(a_full_design_is_a_search_for_every_sighting),
        cmocka_unit_test(probes_against_references_are_an_open_set),
        cmocka_unit_test(a_list_with_a_hole_has_no_ranks),
        cmocka_unit_test(a_group_of_two_people_withholds_its_grouping),
        cmocka_unit_test(every_refused_allocation_is_reported_and_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

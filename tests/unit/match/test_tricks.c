/* Each trick is seen where it was played, and nothing is said where it was not. */
#include "made.h"

/* ---- scores of an honest product: continuous, two overlapping bells, nobody favoured ---- */
static double honest(const made_pair *pair, uint64_t *random) {
    return (pair->person_a == pair->person_b ? 0.7 : 0.3) + 0.1 * made_normal(random);
}

/* Three sightings each, compared with all others, at the threshold in use. */
static made *case_of(int n_people, int n_cameras, int n_groups, made_score rule) {
    made *w = made_new();
    made_people(w, n_people, 3, n_cameras, n_groups);
    made_all_pairs(w, rule, 1);
    made_use(w, 0.5471828);
    return w;
}

static made *honest_case(void) {
    return case_of(60, 3, 2, honest); /* each sighting at another camera */
}

/* It was warned of this, in these words; NULL: it was not. */
static void expect_warning(const made *w, const char *code, const char *words) {
    const char *text = made_warning(w, code);
    if (words == NULL ? text != NULL : text == NULL || strstr(text, words) == NULL) {
        fail_msg("%s: %s", code, text != NULL ? text : "no warning");
    }
}

static void an_honest_test_is_not_blamed(void **state) {
    (void)state;
    made *w = honest_case();
    made_try(w);
    static const char *const codes[] = {"closed_set",
                                        "threshold_tuned",
                                        "duplicates",
                                        "same_camera",
                                        "impostors_not_matched",
                                        "ties",
                                        "missing_comparisons",
                                        "too_few_people",
                                        "small_list",
                                        "mota_over_mixed_trails"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        expect_warning(w, codes[i], NULL);
    }
    made_free(w);
}

/* ---- duplicates ---- */

static double one_twin(const made_pair *pair, uint64_t *random) {
    /* sighting 5 is sighting 4 under another name: person 1 seen twice */
    static double of[MADE_SIGHTINGS];
    const double score = honest(pair, random);
    if (pair->a == 4 && pair->b == 5) {
        return 1.0;
    }
    if (pair->a == 4 || pair->b == 4) {
        of[pair->a == 4 ? pair->b : pair->a] = score;
    } else if (pair->a == 5 || pair->b == 5) {
        return of[pair->a == 5 ? pair->b : pair->a];
    }
    return score;
}

static void a_picture_under_two_names_is_found(void **state) {
    (void)state;
    static const char *const scope[][2] = {{"source", "comparisons"}};
    made *w = case_of(60, 3, 0, one_twin);
    made_try(w);
    const onus_measure *m = made_measure(w, "match.duplicates", 1, scope);
    assert_non_null(m);
    assert_true(m->num == 2.0 && m->den == 180.0);
    expect_warning(w, "duplicates", "2 of 180 sightings got exactly");
    made_free(w);
}

/* Scores of a single bit agree by chance: three rows are no evidence, and no scores are none. */
static double one_bit(const made_pair *pair, uint64_t *random) {
    (void)pair;
    return made_uniform(random) < 0.5 ? 0.0 : 1.0;
}
static double none_acquired(const made_pair *pair, uint64_t *random) {
    (void)pair;
    (void)random;
    return NAN;
}

static void coarse_scores_that_agree_by_chance_are_no_twins(void **state) {
    (void)state;
    static const made_score rules[] = {one_bit, none_acquired};
    for (size_t i = 0; i < 2; i++) {
        made *w = made_new();
        made_people(w, 3, 1, 1, 0);
        made_all_pairs(w, rules[i], 3);
        made_use(w, 0.5);
        made_try(w);
        expect_warning(w, "duplicates", NULL);
        made_free(w);
    }
}

/* A list in which entry 7 stands again as entry 8. */
static void an_entry_that_stands_twice_in_a_list_is_found(void **state) {
    (void)state;
    enum { PROBES = 30, ENTRIES = 12 };
    static const char *const scope[][2] = {{"source", "searches"}};
    for (int twin = 0; twin < 2; twin++) {
        made *w = made_new();
        made_people(w, PROBES, 1, 0, 0);
        int32_t probe_person[PROBES];
        int32_t probe_camera[PROBES];
        int32_t entry_person[ENTRIES];
        size_t start[PROBES + 1] = {0};
        int32_t entry[PROBES * ENTRIES];
        double score[PROBES * ENTRIES];
        uint64_t random = 11;
        for (int p = 0; p < PROBES; p++) {
            probe_person[p] = p;
            probe_camera[p] = -1;
            for (int e = 0; e < ENTRIES; e++) {
                const size_t k = start[p] + (size_t)e;
                entry[k] = e;
                score[k] = twin && e == 8 ? score[k - 1] : made_uniform(&random);
            }
            start[p + 1] = start[p] + ENTRIES;
        }
        for (int e = 0; e < ENTRIES; e++) {
            entry_person[e] = e;
        }
        w->e.match.searches = (onus_searches){.n_probes = PROBES,
                                              .probe_person = probe_person,
                                              .probe_camera = probe_camera,
                                              .start = start,
                                              .entry = entry,
                                              .score = score,
                                              .n_entries = ENTRIES,
                                              .entry_person = entry_person,
                                              .gallery_given = true};
        made_try(w);
        const onus_measure *m = made_measure(w, "match.duplicates", 1, scope);
        assert_non_null(m);
        assert_true(m->num == (twin ? 2.0 : 0.0) && m->den == ENTRIES);
        assert_int_equal(made_warning(w, "duplicates") != NULL, twin);
        expect_warning(w, "closed_set", NULL); /* most probes are on no list */
        made_free(w);
    }
}

/* ---- cameras ---- */

static void mates_at_one_camera_are_counted_with_and_without(void **state) {
    (void)state;
    made *w = case_of(40, 2, 0, honest); /* the third sighting is at the camera of the first */
    made_try(w);
    expect_warning(w, "same_camera", "40 of 120 comparisons of two sightings of one person");
    made_free(w);
}

/* ---- strangers of other groups ---- */

/* Two of group B are often taken for one another; hardly anybody else is. */
static double alike_within_b(const made_pair *pair, uint64_t *random) {
    const double score = honest(pair, random);
    return pair->person_a != pair->person_b && pair->group_a == 1 && pair->group_b == 1
               ? score + 0.12
               : score;
}

static void strangers_of_other_groups_hide_a_group_that_is_mixed_up(void **state) {
    (void)state;
    made *w = case_of(80, 3, 4, alike_within_b);
    made_try(w);
    expect_warning(w, "impostors_not_matched", "between two people of B they are");
    made_free(w);
}

/* ---- failures that are left out ---- */

/* Who is in group B is not in the table where the product would have missed him. */
static double misses_left_out(const made_pair *pair, uint64_t *random) {
    const double score = honest(pair, random);
    return pair->person_a == pair->person_b && pair->group_a == 1 && score < 0.7 ? INFINITY : score;
}

/* Over cameras only: such a table has no holes. */
static double across_only(const made_pair *pair, uint64_t *random) {
    const double score = honest(pair, random);
    return pair->camera_a == pair->camera_b ? INFINITY : score;
}

/* A tenth of the pairs, drawn: a sample, which nobody takes for all. */
static double sampled(const made_pair *pair, uint64_t *random) {
    const double score = honest(pair, random);
    return made_uniform(random) < 0.1 ? score : INFINITY;
}

static void failures_without_a_row_are_counted_by_group(void **state) {
    (void)state;
    static const char *const all[][2] = {{"comparisons", "genuine"}};
    static const char *const in_b[][2] = {{"comparisons", "genuine"}, {"group", "B"}};
    static const char *const in_a[][2] = {{"comparisons", "genuine"}, {"group", "A"}};
    static const char *const miss[][2] = {{"convention", "missing_as_nonmatch"}};
    static const char *const no_miss[][2] = {{"convention", "missing_as_match"}};
    made *w = case_of(60, 3, 2, misses_left_out);
    made_try(w);
    const onus_measure *m = made_measure(w, "match.missing", 1, all);
    assert_non_null(m);
    assert_true(m->den == 180.0 && m->num > 20.0);
    assert_true(made_measure(w, "match.missing", 2, in_b)->num == m->num);
    assert_true(made_measure(w, "match.missing", 2, in_b)->den == 90.0);
    assert_true(made_measure(w, "match.missing", 2, in_a)->num == 0.0);
    const onus_measure *as_miss = made_measure(w, "match.fnmr", 1, miss);
    const onus_measure *as_match = made_measure(w, "match.fnmr", 1, no_miss);
    assert_true(as_miss->den == 180.0 && as_match->den == 180.0);
    assert_true(as_miss->num == as_match->num + m->num);
    expect_warning(w, "missing_comparisons", "most often in group B");
    made_free(w);
}

static void tables_that_are_meant_to_have_holes_are_not_blamed(void **state) {
    (void)state;
    static const made_score rules[] = {across_only, sampled};
    for (size_t i = 0; i < 2; i++) {
        made *w = case_of(60, 3, 2, rules[i]);
        made_try(w);
        expect_warning(w, "missing_comparisons", NULL);
        made_free(w);
    }
}

/* ---- thresholds and ties ---- */

static double rounded(const made_pair *pair, uint64_t *random) {
    return round(50.0 * honest(pair, random)) / 50.0;
}

static void rounded_scores_are_told_with_what_hangs_on_them(void **state) {
    (void)state;
    made *w = case_of(60, 3, 0, rounded);
    made_use(w, 0.5);
    made_try(w);
    expect_warning(w, "ties", "lie exactly on the threshold 0.50");
    made_free(w);
}

static int descending(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x > y ? -1 : x < y ? 1 : 0;
}

/* The threshold at which just 1 % of these very strangers match. */
static double tuned_to(const made *w, double fmr) {
    static double scores[MADE_ROWS];
    size_t n = 0;
    for (size_t i = 0; i < w->e.match.comparisons.n_comparisons; i++) {
        if (!w->same[i]) {
            scores[n++] = w->score[i];
        }
    }
    qsort(scores, n, sizeof *scores, descending);
    return scores[(size_t)(fmr * (double)n) - 1];
}

static void a_threshold_set_on_these_people_is_seen_and_tried_on_others(void **state) {
    (void)state;
    made *w = honest_case();
    made_use(w, tuned_to(w, 0.01));
    made_try(w);
    expect_warning(w, "threshold_tuned", "that keeps 1 % false matches on these very comparisons");
    const onus_measure *m = made_measure(w, "match.fmr_elsewhere", 0, NULL);
    assert_non_null(m);
    assert_true(m->interval.given && m->interval.weak);
    assert_true(m->interval.low < 0.01 && m->interval.high > 0.01);
    made_free(w);
    /* a claimed bound is a rate that a threshold may be set to keep */
    w = honest_case();
    made_claim(w, "match.fmr", 0.037);
    made_use(w, tuned_to(w, 0.037));
    made_try(w);
    expect_warning(w, "threshold_tuned", "that keeps 3.70 % false");
    made_free(w);
}

/* ---- people and denominators ---- */

static void a_claim_that_so_few_people_cannot_show_is_told_before_it_is_judged(void **state) {
    (void)state;
    made *w = honest_case();
    made_claim(w, "match.fmr", 1e-4);
    made_try(w);
    expect_warning(w, "too_few_people", "takes 59,912 people, and there are 60 people");
    made_free(w);
    w = honest_case();
    made_claim(w, "match.fnmr", 0.1); /* 29 people would do */
    made_try(w);
    expect_warning(w, "too_few_people", NULL);
    made_free(w);
    w = case_of(8, 3, 0, honest); /* how few they are is not said */
    made_claim(w, "match.fmr", 0.01);
    made_try(w);
    expect_warning(w, "too_few_people", "there are fewer than 10 people");
    made_free(w);
}

static void the_same_errors_are_given_over_four_denominators(void **state) {
    (void)state;
    static const char *const per[4][1][2] = {
        {{"per", "comparison"}}, {{"per", "search"}}, {{"per", "person"}}, {{"per", "alert"}}};
    made *w = honest_case();
    made_try(w);
    const onus_measure *m[4];
    for (size_t i = 0; i < 4; i++) {
        m[i] = made_measure(w, "match.error_per", 1, per[i]);
        assert_non_null(m[i]);
    }
    assert_true(m[0]->den == 180.0 * 179.0 / 2.0 - 180.0);
    assert_true(m[1]->den <= 180.0 && m[1]->num <= m[1]->den);
    assert_true(m[0]->num == m[3]->num && m[0]->num > 10.0);
    assert_non_null(made_warning(w, "favourable_denominator"));
    made_free(w);
    w = honest_case(); /* nobody is mistaken: nothing to flatter */
    made_use(w, 2.0);
    made_try(w);
    expect_warning(w, "favourable_denominator", NULL);
    made_free(w);
}

static void a_list_that_is_longer_in_use_is_told(void **state) {
    (void)state;
    made *w = honest_case();
    w->c.match.deployment.n_on_list = 5000;
    made_try(w);
    expect_warning(w, "small_list", "the list in use 5,000");
    made_free(w);
    w = honest_case();
    w->c.match.deployment.n_on_list = 180;
    made_try(w);
    expect_warning(w, "small_list", NULL);
    made_free(w);
}

static void searches_for_listed_people_alone_are_a_closed_set(void **state) {
    (void)state;
    enum { N = 12 };
    for (int open = 0; open < 2; open++) {
        made *w = made_new();
        made_people(w, N + 1, 1, 0, 0);
        int32_t person[N];
        int32_t camera[N];
        int32_t probe[N];
        size_t start[N + 1] = {0};
        int32_t entry[N];
        double score[N];
        for (int i = 0; i < N; i++) {
            person[i] = i;
            camera[i] = -1;
            probe[i] = open && i == 0 ? N : i;
            entry[i] = i < 9 ? i : 0; /* nine are found first */
            score[i] = 0.5 + 0.01 * i;
            start[i + 1] = (size_t)i + 1;
        }
        w->e.match.searches = (onus_searches){.n_probes = N,
                                              .probe_person = probe,
                                              .probe_camera = camera,
                                              .start = start,
                                              .entry = entry,
                                              .score = score,
                                              .n_entries = N,
                                              .entry_person = person,
                                              .gallery_given = true};
        made_try(w);
        expect_warning(w, "same_camera_searches", NULL); /* no camera is known */
        assert_int_equal(made_warning(w, "closed_set") != NULL, !open);
        if (!open) {
            expect_warning(w, "closed_set",
                           "all 12 searches are for somebody who is on the list (9 of them, "
                           "75 %, put that person first)");
        }
        made_free(w);
    }
}

/* Every second search finds its person from its own camera. */
static void searches_answered_from_their_own_camera_are_told(void **state) {
    (void)state;
    enum { N = 24 };
    for (int same = 0; same < 2; same++) {
        made *w = made_new();
        made_people(w, N, 1, 0, 0);
        int32_t person[N];
        int32_t entry_camera[N];
        int32_t probe_camera[N];
        size_t start[N + 1] = {0};
        int32_t entry[2 * N];
        double score[2 * N];
        for (int i = 0; i < N; i++) {
            person[i] = i;
            entry_camera[i] = 0;
            probe_camera[i] = same && i % 2 == 0 ? 0 : 1;
            entry[2 * i] = i;
            entry[2 * i + 1] = (i + 1) % N;
            score[2 * i] = 0.9 - 0.001 * i;
            score[2 * i + 1] = 0.4 - 0.001 * i;
            start[i + 1] = 2 * (size_t)i + 2;
        }
        w->e.match.sightings.n_cameras = 2;
        w->e.match.searches = (onus_searches){.n_probes = N,
                                              .probe_person = person,
                                              .probe_camera = probe_camera,
                                              .start = start,
                                              .entry = entry,
                                              .score = score,
                                              .n_entries = N,
                                              .entry_person = person,
                                              .entry_camera = entry_camera,
                                              .gallery_given = true};
        made_try(w);
        expect_warning(w, "same_camera_searches",
                       same ? "12 of 24 searches were answered with a picture" : NULL);
        made_free(w);
    }
}

/* Some people are like many others: their comparisons err together. */
static double like_many(const made_pair *pair, uint64_t *random) {
    const double own = pair->person_a % 7 == 0 || pair->person_b % 7 == 0 ? 0.15 : 0.0;
    return honest(pair, random) + (pair->person_a != pair->person_b ? own : 0.0);
}

static void comparisons_that_are_worth_a_tenth_are_told(void **state) {
    (void)state;
    made *w = case_of(60, 3, 0, like_many);
    made_try(w);
    expect_warning(w, "few_independent", "15,930 comparisons of 60 people are worth about");
    made_free(w);
}

/* Four people for a hundred frames; after the middle two trails change people, or none does. */
static void a_high_tracking_score_over_mixed_trails_is_told(void **state) {
    (void)state;
    enum { FRAMES = 100, PEOPLE = 4, BOXES = FRAMES * PEOPLE };
    static int32_t camera[BOXES];
    static int64_t frame[BOXES];
    static int32_t person[BOXES];
    static int32_t track[BOXES];
    static double x[2][BOXES];
    static double y[BOXES];
    static double side[BOXES];
    for (int mixed = 0; mixed < 2; mixed++) {
        made *w = made_new();
        w->c.match.comparisons.source.file = NULL;
        w->c.protocol.unit = ONUS_UNIT_PERSON;
        for (int i = 0; i < BOXES; i++) {
            const int who = i % PEOPLE;
            frame[i] = i / PEOPLE;
            person[i] = track[i] = who;
            x[0][i] = 100.0 * who;
            x[1][i] = 100.0 * (mixed && frame[i] > 50 && who < 2 ? 1 - who : who);
            side[i] = 40.0;
        }
        w->e.match.n_track_cameras = 1;
        const onus_tracks tracks = {.n_boxes = BOXES,
                                    .camera = camera,
                                    .frame = frame,
                                    .y = y,
                                    .w = side,
                                    .h = side,
                                    .n_tracks = PEOPLE};
        w->e.match.truth = w->e.match.output = tracks;
        w->e.match.truth.track = person;
        w->e.match.truth.x = x[0];
        w->e.match.output.track = track;
        w->e.match.output.x = x[1];
        made_try(w);
        expect_warning(w, "mota_over_mixed_trails",
                       mixed ? "MOTA is 0.99, and 2 of 4 trails mix people" : NULL);
        made_free(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_test_is_not_blamed),
        cmocka_unit_test(a_picture_under_two_names_is_found),
        cmocka_unit_test(coarse_scores_that_agree_by_chance_are_no_twins),
        cmocka_unit_test(an_entry_that_stands_twice_in_a_list_is_found),
        cmocka_unit_test(mates_at_one_camera_are_counted_with_and_without),
        cmocka_unit_test(strangers_of_other_groups_hide_a_group_that_is_mixed_up),
        cmocka_unit_test(failures_without_a_row_are_counted_by_group),
        cmocka_unit_test(tables_that_are_meant_to_have_holes_are_not_blamed),
        cmocka_unit_test(rounded_scores_are_told_with_what_hangs_on_them),
        cmocka_unit_test(a_threshold_set_on_these_people_is_seen_and_tried_on_others),
        cmocka_unit_test(a_claim_that_so_few_people_cannot_show_is_told_before_it_is_judged),
        cmocka_unit_test(the_same_errors_are_given_over_four_denominators),
        cmocka_unit_test(a_list_that_is_longer_in_use_is_told),
        cmocka_unit_test(searches_for_listed_people_alone_are_a_closed_set),
        cmocka_unit_test(searches_answered_from_their_own_camera_are_told),
        cmocka_unit_test(comparisons_that_are_worth_a_tenth_are_told),
        cmocka_unit_test(a_high_tracking_score_over_mixed_trails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

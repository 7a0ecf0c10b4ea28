/* What a match trial makes of its evidence: sets, pairs of people, groups and what may be shown of
 * them, questions that cannot be answered, question 11. */
#include "made.h"

#include "match_internal.h"

static double by_people(const made_pair *pair, uint64_t *random) {
    return (pair->person_a == pair->person_b ? 0.7 : 0.3) + 0.1 * made_normal(random);
}

/* A trial with sets, pairs and people made, and nothing else. */
static void open_trial(match_trial *out, made *w) {
    *out = (match_trial){.c = &w->c,
                         .evidence = &w->e,
                         .m = &w->e.match,
                         .result = &w->r,
                         .drafts = ONUS_ARRAY_OF(onus_measure),
                         .kept = ONUS_ARRAY_OF(void *)};
    onus_result_init(&w->r, &w->c, &w->e);
    w->tried = true;
    assert_int_equal(match_make_sets(out), ONUS_OK);
    assert_int_equal(match_make_pairs(out), ONUS_OK);
    assert_int_equal(match_make_people(out), ONUS_OK);
}

static void closed(match_trial *t) {
    void **kept = t->kept.items;
    for (size_t k = 0; k < t->kept.n_items; k++) {
        free(kept[k]);
    }
    onus_array_clear(&t->kept);
    onus_array_clear(&t->drafts);
}

static void pairs_of(made *w, size_t n, ...) {
    va_list names;
    va_start(names, n);
    for (size_t i = 0; i < n; i++) {
        w->pairs[i] = made_text(va_arg(names, const char *));
    }
    va_end(names);
    w->c.protocol.pairs = (onus_strings){.items = w->pairs, .n = n};
}

static void sets_part_the_comparisons_by_camera(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 20, 3, 2, 0);
    made_all_pairs(w, by_people, 1);
    pairs_of(w, 3, "all", "cross_camera", "same_camera");
    match_trial t;
    open_trial(&t, w);
    assert_int_equal(t.n_sets, 3);
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        assert_int_equal(t.sets[0].of[kind].n, t.sets[1].of[kind].n + t.sets[2].of[kind].n);
        for (size_t s = 0; s < 3; s++) {
            const match_scores *of = &t.sets[s].of[kind];
            for (size_t i = 0; i < of->n; i++) {
                const size_t row = of->row[i];
                assert_true(of->score[i] == w->score[row]);
                assert_int_equal(w->same[row], kind == MATCH_GENUINE);
                const bool same = w->camera[w->probe[row]] == w->camera[w->reference[row]];
                assert_true(s == 0 || same == (s == 2));
            }
        }
    }
    assert_int_equal(t.sets[0].of[MATCH_GENUINE].n, 60);
    assert_int_equal(t.sets[2].of[MATCH_GENUINE].n, 20); /* first and third sighting */
    assert_ptr_equal(t.main, &t.sets[1]);
    assert_string_equal(t.main->name, "cross_camera");
    closed(&t);
    made_free(w);
}

static void a_case_that_asks_for_no_pairs_has_one_set_without_a_name(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 5, 2, 0, 0); /* cameras are not known: all the same */
    made_all_pairs(w, by_people, 1);
    match_trial t;
    open_trial(&t, w);
    assert_int_equal(t.n_sets, 1);
    assert_null(t.sets[0].name);
    assert_int_equal(t.sets[0].of[0].n + t.sets[0].of[1].n, 45);
    closed(&t);
    made_free(w);
}

static void bare_scores_are_a_set_without_rows(void **state) {
    (void)state;
    static const double genuine[] = {0.9, NAN, 0.4};
    static const double impostor[] = {0.1, 0.6};
    made *w = made_new();
    w->c.match.comparisons.source.file = NULL;
    w->c.match.scores.higher_is = ONUS_HIGHER_SAME;
    w->e.match.scores = (onus_bare_scores){
        .genuine = genuine, .n_genuine = 3, .impostor = impostor, .n_impostor = 2};
    match_trial t;
    open_trial(&t, w);
    assert_int_equal(t.n_sets, 1);
    assert_ptr_equal(t.sets[0].of[MATCH_GENUINE].score, genuine);
    assert_null(t.sets[0].of[MATCH_IMPOSTOR].row);
    assert_int_equal(t.sets[0].of[MATCH_GENUINE].n_fta, 1);
    const match_slice slice = {.set = &t.sets[0], .kind = MATCH_GENUINE, .threshold = 0.5};
    match_tally tally;
    assert_int_equal(match_tally_fill(&t, &slice, &tally), ONUS_OK);
    assert_true(tally.n_errors == 1 && tally.n_comparisons == 2 && !tally.by_pair);
    match_tally_clear(&tally);
    closed(&t);
    made_free(w);
}

/* The tally by pair of people against a count over rows, at both ways that scores may run. */
static void a_tally_counts_each_pair_of_people_once(void **state) {
    (void)state;
    for (int different = 0; different < 2; different++) {
        made *w = made_new();
        made_people(w, 12, 3, 3, 2);
        made_all_pairs(w, by_people, 5);
        w->score[17] = w->score[40] = NAN;
        w->c.match.comparisons.higher_is = different ? ONUS_HIGHER_DIFFERENT : ONUS_HIGHER_SAME;
        match_trial t;
        open_trial(&t, w);
        for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
            for (int fta = 0; fta < 3; fta++) {
                const match_slice slice = {.set = &t.sets[0],
                                           .kind = (match_kind)kind,
                                           .threshold = 0.45,
                                           .fta = (match_fta)fta};
                uint64_t errors[12][12] = {0};
                uint64_t counts[12][12] = {0};
                uint64_t n_errors = 0;
                for (size_t i = 0; i < w->e.match.comparisons.n_comparisons; i++) {
                    if (w->same[i] != (kind == MATCH_GENUINE) ||
                        (isnan(w->score[i]) && fta == MATCH_FTA_LEFT_OUT)) {
                        continue;
                    }
                    const bool match = isnan(w->score[i]) ? fta == MATCH_FTA_AS_MATCH
                                       : different        ? w->score[i] <= 0.45
                                                          : w->score[i] >= 0.45;
                    const int32_t p = w->person[w->probe[i]];
                    const int32_t q = w->person[w->reference[i]];
                    counts[p][q]++;
                    errors[p][q] += match == (kind == MATCH_IMPOSTOR);
                    n_errors += match == (kind == MATCH_IMPOSTOR);
                }
                match_tally tally;
                assert_int_equal(match_tally_fill(&t, &slice, &tally), ONUS_OK);
                assert_true(tally.by_pair && tally.n_errors == n_errors);
                assert_true(tally.dyads.n_errors == n_errors);
                for (size_t k = 0; k < tally.dyads.n_pairs; k++) {
                    const onus_dyad *d = &tally.dyads.pairs[k];
                    assert_true(d->n_comparisons == counts[d->i][d->j]);
                    assert_true(d->n_errors == errors[d->i][d->j]);
                    assert_true(k == 0 || d->i > d[-1].i || (d->i == d[-1].i && d->j > d[-1].j));
                    counts[d->i][d->j] = 0;
                }
                for (size_t p = 0; p < 12; p++) {
                    for (size_t q = 0; q < 12; q++) {
                        assert_true(counts[p][q] == 0); /* none is left out */
                    }
                }
                match_tally_clear(&tally);
            }
        }
        closed(&t);
        made_free(w);
    }
}

/* Where the two sides are the same sightings, a cell holds both orders. */
static void a_cell_of_two_groups_holds_both_orders_only_in_one_space(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 10, 2, 2, 2);
    made_all_pairs(w, by_people, 5);
    match_trial t;
    open_trial(&t, w);
    match_slice slice = {.set = &t.sets[0],
                         .kind = MATCH_IMPOSTOR,
                         .threshold = 0.5,
                         .by_group = true,
                         .probe_value = 0,
                         .reference_value = 1};
    match_tally tally;
    assert_int_equal(match_tally_fill(&t, &slice, &tally), ONUS_OK);
    assert_true(tally.n_comparisons == 100); /* 10 sightings of A with 10 of B */
    match_tally_clear(&tally);
    w->e.match.comparisons.one_space = false;
    uint64_t n[2];
    for (int turned = 0; turned < 2; turned++) {
        slice.probe_value = turned;
        slice.reference_value = !turned;
        assert_int_equal(match_tally_fill(&t, &slice, &tally), ONUS_OK);
        n[turned] = tally.n_comparisons;
        match_tally_clear(&tally);
    }
    assert_true(n[0] + n[1] == 100 && n[0] > 0 && n[1] > 0);
    closed(&t);
    made_free(w);
}

/* ---- people ---- */

/* Puts people into groups A, B, C, D by the counts given. */
static void groups_of(made *w, const int n[4]) {
    int first = 0;
    for (int g = 0; g < 4; g++) {
        for (size_t i = 0; i < w->e.match.sightings.n_sightings; i++) {
            if (w->person[i] >= first && w->person[i] < first + n[g]) {
                w->group[i] = g;
            }
        }
        first += n[g];
    }
}

static void small_counts_of_people_and_what_gives_them_back_are_withheld(void **state) {
    (void)state;
    static const struct {
        int n[4];
        bool withheld[4];
    } rows[] = {
        {{15, 14, 13, 12}, {false, false, false, false}},
        {{30, 12, 11, 7}, {false, false, true, true}}, /* 7, and the smallest beside it */
        {{30, 20, 6, 5}, {false, false, true, true}},  /* 11 together tell neither */
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        made *w = made_new();
        made_people(w, rows[r].n[0] + rows[r].n[1] + rows[r].n[2] + rows[r].n[3], 2, 2, 4);
        groups_of(w, rows[r].n);
        made_all_pairs(w, by_people, 1);
        made_try(w);
        for (int g = 0; g < 4; g++) {
            const char *const scope[1][2] = {{"group", w->values[g]}};
            const onus_measure *m = made_measure(w, "match.people", 1, scope);
            assert_non_null(m);
            assert_int_equal(m->withheld, rows[r].withheld[g]);
            assert_true(m->withheld ? !m->has_value && m->reason != NULL
                                    : m->value == rows[r].n[g]);
        }
        made_free(w);
    }
}

static void so_few_people_in_all_are_not_counted(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 9, 2, 2, 0);
    made_all_pairs(w, by_people, 1);
    made_try(w);
    assert_true(made_measure(w, "match.people", 0, NULL)->withheld);
    made_free(w);
}

/* Two people in a group: nothing of it; and a group that with the unknown ones would give them back
 * falls with it. */
static void a_group_of_two_people_is_withheld_whole(void **state) {
    (void)state;
    static const int n[4] = {20, 12, 5, 2};
    made *w = made_new();
    made_people(w, 39, 2, 2, 4);
    groups_of(w, n);
    made_all_pairs(w, by_people, 1);
    match_trial t;
    open_trial(&t, w);
    assert_int_equal(match_group_of(&t, 0, 0)->show.state, ONUS_GROUP_SHOWN);
    assert_int_equal(match_group_of(&t, 0, 1)->show.state, ONUS_GROUP_SHOWN);
    assert_int_equal(match_group_of(&t, 0, 2)->show.state,
                     ONUS_GROUP_WITHHELD); /* 5: gives back D */
    assert_int_equal(match_group_of(&t, 0, 3)->show.state, ONUS_GROUP_WITHHELD);
    onus_measure m = match_draft_of("match.people");
    onus_draft_set_fraction(&m, 3, 10, "none");
    match_mark_group(match_group_of(&t, 0, 3), &m);
    assert_true(m.withheld);
    assert_int_equal(match_add(&t, &m, NULL), ONUS_OK);
    assert_int_equal(onus_drafts_hand_over(&t.drafts, t.result, t.err), ONUS_OK);
    const onus_measure *last = onus_result_measure(&w->r, onus_result_n_measures(&w->r) - 1);
    assert_true(last->withheld && !last->has_value && !last->has_fraction && last->num == 0.0);
    closed(&t);
    made_free(w);
}

/* The first n people have one sighting in A and one in B. */
static void in_two_groups(made *w, int n) {
    for (int p = 0; p < n; p++) {
        size_t i = 0;
        while (w->person[i] != p) {
            i++;
        }
        w->group[i] = 1;
    }
}

static void one_or_two_people_in_no_group_are_not_given_back(void **state) {
    (void)state;
    static const int n[4] = {20, 12, 5, 4};
    for (int nowhere = 1; nowhere <= 2; nowhere++) {
        made *w = made_new();
        made_people(w, 41, 2, 2, 4);
        groups_of(w, n);
        in_two_groups(w, nowhere);
        made_all_pairs(w, by_people, 1);
        match_trial t;
        open_trial(&t, w);
        assert_int_equal(match_group_of(&t, 0, 2)->show.state, ONUS_GROUP_SHOWN);
        assert_int_equal(match_group_of(&t, 0, 3)->show.state, ONUS_GROUP_WITHHELD);
        closed(&t);
        made_free(w);
    }
}

static void a_small_group_is_weak_and_one_in_two_groups_in_none(void **state) {
    (void)state;
    static const int n[4] = {20, 12, 5, 4};
    made *w = made_new();
    made_people(w, 41, 2, 2, 4);
    groups_of(w, n);
    in_two_groups(w, 3);
    made_all_pairs(w, by_people, 1);
    match_trial t;
    open_trial(&t, w);
    assert_int_equal(match_group_of(&t, 0, 0)->n_people, 17);
    assert_int_equal(match_group_of(&t, 0, 1)->n_people, 12);
    assert_int_equal(t.person_group[0][0], -1);
    /* five people are too few to be counted, and enough for a verdict */
    assert_int_equal(match_group_of(&t, 0, 2)->show.state, ONUS_GROUP_SHOWN);
    assert_int_equal(match_group_of(&t, 0, 3)->show.state, ONUS_GROUP_WEAK);
    onus_measure m = match_draft_of("match.people");
    onus_draft_set_fraction(&m, 3, 10, "none");
    m.interval = (onus_interval){.given = true, .level = 0.95, .method = "wilson"};
    match_mark_group(match_group_of(&t, 0, 2), &m);
    assert_true(!m.withheld && !m.interval.weak);
    match_mark_group(match_group_of(&t, 0, 3), &m);
    assert_true(!m.withheld && m.interval.weak && m.interval.weak_reason != NULL);
    closed(&t);
    made_free(w);
}

/* Limits from n pairs that share nobody are 1 - 0.05^(1 / n): who sees one knows n. */
static bool tells_number(double limit) {
    for (int n = 1; n < 10; n++) {
        const double bound = 1.0 - pow(0.05, 1.0 / n);
        if (fabs(limit - bound) < 1e-9 || fabs(1.0 - limit - bound) < 1e-9) {
            return true;
        }
    }
    return false;
}

static double rarely(const made_pair *pair, uint64_t *random) {
    const bool error = made_uniform(random) < (pair->group_a == 2 ? 0.2 : 0.02);
    return (pair->person_a == pair->person_b) == !error ? 1.0 : 0.0;
}

static void no_limit_of_a_small_group_tells_how_many_they_are(void **state) {
    (void)state;
    static const int n[4] = {20, 12, 8, 0};
    made *w = made_new();
    made_people(w, 40, 3, 0, 4);
    groups_of(w, n);
    made_all_pairs(w, rarely, 3);
    made_use(w, 0.5);
    made_try(w);
    int n_open = 0;
    int n_told_of_many = 0;
    for (size_t i = 0; i < onus_result_n_measures(&w->r); i++) {
        const onus_measure *m = onus_result_measure(&w->r, i);
        const char *group = onus_scope_text(&m->scope, "group");
        if (group == NULL || !m->interval.given) {
            continue;
        }
        if (strcmp(group, "C") == 0) {
            n_open += isnan(m->interval.high) ? 1 : 0;
            if (tells_number(m->interval.low) || tells_number(m->interval.high)) {
                fail_msg("%s of C: %g to %g", m->def->id, m->interval.low, m->interval.high);
            }
        } else {
            const double bound = 1.0 - pow(0.05, 1.0 / (strcmp(group, "A") == 0 ? 10 : 6));
            n_told_of_many += fabs(m->interval.high - bound) < 1e-9 ? 1 : 0;
        }
    }
    assert_true(n_open > 0 && n_told_of_many > 0);
    /* and yet eight people refute a promise */
    static const char *const of_c[][2] = {{"group", "C"}, {"by", "group"}};
    const onus_measure *m = made_measure(w, "match.fmr", 2, of_c);
    if (m == NULL) {
        m = made_measure(w, "match.fmr", 1, of_c);
    }
    assert_non_null(m);
    assert_true(m->interval.low > 0.05 && isnan(m->interval.high) && !m->interval.weak);
    made_free(w);
}

/* ---- questions ---- */

static const onus_question *question(const made *w, int n) {
    const onus_question *all = w->r.questions.items;
    for (size_t i = 0; i < w->r.questions.n_items; i++) {
        if (all[i].n == n) {
            return &all[i];
        }
    }
    fail_msg("question %d is not there", n);
    return NULL;
}

static void every_question_is_there_and_says_what_is_missing(void **state) {
    (void)state;
    made *w = made_new();
    w->c.match.comparisons.source.file = NULL; /* a case that holds nothing */
    made_try(w);
    assert_int_equal(onus_match_answer(&w->r, NULL), ONUS_OK);
    assert_int_equal(w->r.questions.n_items, 12);
    for (int n = 1; n <= 11; n++) {
        const onus_question *q = question(w, n);
        assert_string_equal(q->grade, "not testable");
        if (strncmp(q->answer, "Not testable: ", 14) != 0) {
            fail_msg("question %d: %s", n, q->answer);
        }
        assert_true(strlen(q->ask) > 10);
    }
    assert_string_equal(question(w, 12)->grade, "answered");
    assert_non_null(strstr(question(w, 12)->answer, "0 of 0 inputs"));
    made_free(w);
}

static void the_last_question_waits_for_the_verdicts(void **state) {
    (void)state;
    made *w = made_new();
    made_people(w, 20, 2, 2, 0);
    made_all_pairs(w, by_people, 1);
    made_use(w, 0.5);
    made_claim(w, "match.people", 30);
    made_try(w);
    assert_int_equal(w->r.questions.n_items, 11);
    assert_int_equal(onus_claims_judge(&w->r, NULL), ONUS_OK);
    assert_int_equal(onus_match_answer(&w->r, NULL), ONUS_OK);
    const onus_question *q = question(w, 11);
    assert_string_equal(q->grade, onus_verdict_text(w->r.claims[0].verdict));
    assert_non_null(strstr(q->answer, "\"said\": not testable."));
    assert_int_equal(q->n_measures, 1);
    assert_int_equal(onus_match_answer(&w->r, NULL), ONUS_OK); /* a second call does nothing */
    assert_int_equal(w->r.questions.n_items, 12);
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_part_the_comparisons_by_camera),
        cmocka_unit_test(a_case_that_asks_for_no_pairs_has_one_set_without_a_name),
        cmocka_unit_test(bare_scores_are_a_set_without_rows),
        cmocka_unit_test(a_tally_counts_each_pair_of_people_once),
        cmocka_unit_test(a_cell_of_two_groups_holds_both_orders_only_in_one_space),
        cmocka_unit_test(small_counts_of_people_and_what_gives_them_back_are_withheld),
        cmocka_unit_test(so_few_people_in_all_are_not_counted),
        cmocka_unit_test(a_group_of_two_people_is_withheld_whole),
        cmocka_unit_test(one_or_two_people_in_no_group_are_not_given_back),
        cmocka_unit_test(a_small_group_is_weak_and_one_in_two_groups_in_none),
        cmocka_unit_test(no_limit_of_a_small_group_tells_how_many_they_are),
        cmocka_unit_test(every_question_is_there_and_says_what_is_missing),
        cmocka_unit_test(the_last_question_waits_for_the_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

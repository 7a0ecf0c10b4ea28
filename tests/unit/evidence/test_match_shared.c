/* The shared reference tables load, and hold what their own notes say. */
#include "match_case.h"

#include <math.h>

static matched l;

static void the_reference_comparisons_load_whole(void **state) {
    (void)state;
    const char *shared = shared_dir();
    if (shared == NULL) {
        skip();
    }
    char path[512];
    (void)snprintf(path, sizeof path, "%s/expected", shared);
    match_load_from(
        &l, path,
        "comparisons:\n"
        "  file: match/scores/comparisons.csv\n  score: score\n  higher_is: same\n"
        "  probe: {id: probe_id, person: probe_subject, camera: probe_cam, groups: {group: "
        "probe_group}}\n"
        "  reference: {id: ref_id, person: ref_subject, camera: ref_cam, groups: {group: "
        "ref_group}}\n");
    assert_int_equal(l.status, ONUS_OK);
    const onus_comparisons *c = &l.evidence.match.comparisons;
    const onus_sightings *s = &l.evidence.match.sightings;
    assert_int_equal(c->n_comparisons, 19306);
    assert_int_equal(s->n_sightings, 197);
    assert_int_equal(s->n_people, 40);
    assert_int_equal(s->n_cameras, 6);
    assert_int_equal(s->n_groupings, 1);
    assert_string_equal(s->groupings[0].name, "group");
    assert_int_equal(s->groupings[0].n_values, 3);
    assert_string_equal(s->groupings[0].values[0], "A");
    assert_string_equal(s->groupings[0].values[2], "C");
    assert_int_equal(s->n_two_groups, 0);
    assert_true(c->knows_people);
    assert_true(c->names_pairs);
    assert_true(c->one_space);
    assert_int_equal(c->n_expected, 19306);
    assert_int_equal(c->n_missing, 0);
    uint64_t n_same = 0;
    uint64_t n_failed = 0;
    uint64_t n_cross = 0;
    for (size_t i = 0; i < c->n_comparisons; i++) {
        n_same += c->same[i];
        n_failed += isnan(c->score[i]) ? 1 : 0;
        n_cross += s->camera[c->probe[i]] != s->camera[c->reference[i]];
    }
    assert_int_equal(n_same, 424);
    assert_int_equal(n_failed, 778);
    assert_int_equal(n_cross, 16139);
    match_clear(&l);
}

static void the_reference_tracks_load_whole(void **state) {
    (void)state;
    const char *shared = shared_dir();
    if (shared == NULL) {
        skip();
    }
    char path[512];
    (void)snprintf(path, sizeof path, "%s/expected/match/mot", shared);
    match_load_from(
        &l, path,
        "tracks:\n"
        "  truth: {file: mtmc40_gt.csv, camera: cam, frame: frame, person: id, box: {x: "
        "x, y: y, w: w, h: h}}\n"
        "  output: {file: mtmc40_tracker.csv, camera: cam, frame: frame, person: id, "
        "box: {x: x, y: y, w: w, h: h}}\n");
    assert_int_equal(l.status, ONUS_OK);
    const onus_match_evidence *match = &l.evidence.match;
    assert_int_equal(match->truth.n_boxes, 6360);
    assert_int_equal(match->truth.n_tracks, 40);
    assert_int_equal(match->output.n_boxes, 5859);
    assert_int_equal(match->output.n_tracks, 75);
    assert_int_equal(match->n_track_cameras, 8);
    assert_int_equal(match->truth.n_repeats, 0);
    match_clear(&l);
}

/* ---- what others published: data/match ---- */

static void load_public(const char *keys) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/data/match", shared_dir());
    match_load_from(&l, path, keys);
    if (l.status != ONUS_OK) {
        fail_msg("%s: %s", keys, l.problems.full[0].text);
    }
}

static size_t n_same(const onus_comparisons *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->n_comparisons; i++) {
        n += c->same[i];
    }
    return n;
}

static size_t n_failed(const onus_comparisons *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->n_comparisons; i++) {
        n += isnan(c->score[i]) ? 1 : 0;
    }
    return n;
}

static void two_columns_are_label_and_score(void **state) {
    (void)state;
    static const struct {
        const char *file;
        size_t n_same;
        size_t n_failed;
    } files[] = {{"dev-1.txt", 479, 54}, {"dev-2.txt", 469, 53}, {"test-1.txt", 498, 48}};
    if (shared_dir() == NULL) {
        skip();
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char keys[512];
        (void)snprintf(keys, sizeof keys,
                       "comparisons: {file: bob/%s, delimiter: space, header: [label, score], "
                       "score: score, higher_is: same, same: {column: label, yes: '1'}}",
                       files[i].file);
        load_public(keys);
        const onus_comparisons *c = &l.evidence.match.comparisons;
        assert_int_equal(c->n_comparisons, 1000);
        assert_int_equal(n_same(c), files[i].n_same);
        assert_int_equal(n_failed(c), files[i].n_failed);
    }
    match_clear(&l);
}

static void four_columns_are_claimed_real_path_and_score(void **state) {
    (void)state;
    static const struct {
        const char *file;
        size_t n_rows;
        size_t n_same;
        size_t n_people;
    } files[] = {{"scores-nonorm-dev", 2000, 100, 20},
                 {"scores-cmc-4col.txt", 2000, 100, 20},
                 {"scores-cmc-4col-open-set.txt", 27, 7, 5}};
    if (shared_dir() == NULL) {
        skip();
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char keys[512];
        (void)snprintf(
            keys, sizeof keys,
            "comparisons: {file: bob/%s, delimiter: space, header: [claimed, real, path, "
            "score], score: score, higher_is: same, probe: {id: path, person: real}, "
            "reference: {id: claimed, person: claimed}}",
            files[i].file);
        load_public(keys);
        const onus_comparisons *c = &l.evidence.match.comparisons;
        assert_int_equal(c->n_comparisons, files[i].n_rows);
        assert_int_equal(n_same(c), files[i].n_same);
        assert_int_equal(l.evidence.match.sightings.n_people, files[i].n_people);
        assert_false(c->one_space);
        assert_int_equal(c->n_expected, files[i].n_rows); /* every probe with every reference */
        assert_int_equal(c->n_missing, 0);
    }
    match_clear(&l);
}

/* Each path is one search of the list of claimed people; its own rows name the list. */
static void four_columns_are_searches_too(void **state) {
    (void)state;
    if (shared_dir() == NULL) {
        skip();
    }
    load_public(
        "searches: {file: bob/scores-cmc-4col-open-set.txt, delimiter: space, header: "
        "[claimed, real, path, score], probe: path, probe_person: real, reference: claimed, "
        "score: score}\n"
        "gallery: {file: bob/scores-cmc-4col-open-set.txt, delimiter: space, header: "
        "[claimed, real, path, score], id: claimed, person: claimed}");
    const onus_searches *q = &l.evidence.match.searches;
    assert_int_equal(q->n_probes, 9);
    assert_int_equal(q->n_entries, 3);
    assert_int_equal(q->n_entry_repeats, 24);
    size_t n_mated = 0;
    for (size_t p = 0; p < q->n_probes; p++) {
        for (size_t e = 0; e < q->n_entries; e++) {
            n_mated += q->probe_person[p] == q->entry_person[e];
        }
    }
    assert_int_equal(n_mated, 7); /* and two that are on no list */
    match_clear(&l);
}

static void rows_without_ids_are_sightings_of_their_own(void **state) {
    (void)state;
    if (shared_dir() == NULL) {
        skip();
    }
    load_public("comparisons: {file: bob/dev-5col.txt, delimiter: space, header: [claimed, model, "
                "real, path, score], score: score, higher_is: same, probe: {person: real}, "
                "reference: {person: claimed}}");
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 910);
    assert_int_equal(l.evidence.match.sightings.n_sightings, 2 * 910);
    assert_int_equal(l.evidence.match.comparisons.n_expected, 0);
    static const char *const files[] = {"dev", "dev-med", "eval", "eval-med"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char keys[512];
        (void)snprintf(
            keys, sizeof keys,
            "comparisons: {file: bob/vuln/scores-%s.csv, where: {probe_attack_type: ''}, "
            "score: score, higher_is: same, probe: {person: probe_subject_id}, "
            "reference: {person: bio_ref_subject_id}}",
            files[i]);
        load_public(keys);
        assert_int_equal(l.evidence.match.comparisons.n_comparisons, 10000);
        assert_int_equal(n_same(&l.evidence.match.comparisons), 5000);
        assert_int_equal(match_excluded(&l, "comparisons", "not selected (where)", true), 5000);
    }
    match_clear(&l);
}

/* One column, no header: the scores of one class each (pyeer). */
static void lists_of_genuine_and_impostor_scores_load(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t n_genuine;
        size_t n_impostor;
    } files[] = {{"exp1", 2793, 4950}, {"exp2", 180, 3619}};
    if (shared_dir() == NULL) {
        skip();
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char keys[512];
        (void)snprintf(keys, sizeof keys,
                       "scores: {higher_is: same, genuine: {file: pyeer/%s_true.txt, header: [s], "
                       "score: s}, impostor: {file: pyeer/%s_false.txt, header: [s], score: s}}",
                       files[i].name, files[i].name);
        load_public(keys);
        assert_int_equal(l.evidence.match.scores.n_genuine, files[i].n_genuine);
        assert_int_equal(l.evidence.match.scores.n_impostor, files[i].n_impostor);
    }
    match_clear(&l);
}

/* Scores by pair, and the list of the pairs that are of one finger (pyeer). */
static void scores_with_a_list_of_mates_load(void **state) {
    (void)state;
    if (shared_dir() == NULL) {
        skip();
    }
    load_public("comparisons: {file: pyeer/exp1_scores.txt, delimiter: space, header: [p, r, s], "
                "score: s, higher_is: same, probe: {id: p}, reference: {id: r}, mates: {file: "
                "pyeer/exp1_tp.txt, delimiter: space, header: [p, r], probe: p, reference: r}}");
    assert_int_equal(l.evidence.match.comparisons.n_comparisons, 21845);
    assert_int_equal(n_same(&l.evidence.match.comparisons), 85);
    match_clear(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_comparisons_load_whole),
        cmocka_unit_test(the_reference_tracks_load_whole),
        cmocka_unit_test(two_columns_are_label_and_score),
        cmocka_unit_test(four_columns_are_claimed_real_path_and_score),
        cmocka_unit_test(four_columns_are_searches_too),
        cmocka_unit_test(rows_without_ids_are_sightings_of_their_own),
        cmocka_unit_test(lists_of_genuine_and_impostor_scores_load),
        cmocka_unit_test(scores_with_a_list_of_mates_load),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}

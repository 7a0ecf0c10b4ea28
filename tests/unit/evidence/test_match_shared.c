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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_comparisons_load_whole),
        cmocka_unit_test(the_reference_tracks_load_whole),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}

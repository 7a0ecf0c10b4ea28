/* Tables of tracks and MOTChallenge files. */
#include "match_case.h"

static matched l;

#define BOX "box: {x: x, y: y, w: w, h: h}"
#define TRACKS                                                                                     \
    "tracks: {truth: {file: t.csv, camera: cam, frame: f, person: id, " BOX                        \
    "}, output: {file: o.csv, camera: cam, frame: f, person: id, " BOX "}}\n"
#define MOT "tracks: {format: mot, truth: {file: gt.txt}, output: {file: out.txt}}\n"
#define HEADER "cam,f,id,x,y,w,h\n"

/* ---- what is refused ---- */

static void boxes_and_frames_that_are_none_are_refused(void **state) {
    (void)state;
    write_text("o.csv", HEADER "c1,1,1,0,0,10,20\n");
    write_text("t.csv", HEADER "c1,1,a,0,0,-10,20\n");
    match_refuses(&l, TRACKS, "t.csv:2: error: the box's width is '-10', below 0");
    write_text("t.csv", HEADER "c1,1,a,0,0,10,-0.5\n");
    match_refuses(&l, TRACKS, "t.csv:2: error: the box's height is '-0.5', below 0");
    write_text("t.csv", HEADER "c1,1.5,a,0,0,10,20\n");
    match_refuses(&l, TRACKS, "t.csv:2: error: the frame is '1.5', not a whole number");
    write_text("t.csv", HEADER "c1,1,,0,0,10,20\n");
    match_refuses(&l, TRACKS, "t.csv:2: error: column 'id' is empty");
    write_text("t.csv", HEADER "c1,1,a,0,0,10,wide\n");
    match_refuses(&l, TRACKS, "t.csv:2: error: column 'h' is 'wide', not a number");
}

static void both_tables_are_read_before_it_gives_up(void **state) {
    (void)state;
    write_text("t.csv", HEADER "c1,1,a,0,0,-10,20\n");
    write_text("o.csv", HEADER "c1,1,a,0,0,10,-20\n");
    match_load(&l, TRACKS);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.n_all, 2);
    match_clear(&l);
}

static void a_mot_file_has_six_columns_and_no_header(void **state) {
    (void)state;
    write_text("out.txt", "1,1,0,0,10,20,1,-1,-1,-1\n");
    write_text("gt.txt", "1,1,0,0,10\n");
    match_refuses(&l, MOT,
                  "gt.txt:1: error: has 5 columns; a MOTChallenge file has at least 6: frame, id, "
                  "left, top, width, height");
    write_text("gt.txt", "frame,id,x,y,w,h\n1,1,0,0,10,20\n");
    match_load(&l, MOT);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.full[0].line, 1);
    write_text("gt.txt", "1,1,0,0,10,20\n2,1,0,0\n");
    match_refuses(&l, MOT, "gt.txt:2: error: the row has 4 fields, the header has 6");
    write_text("gt.txt", "");
    match_load(&l, MOT);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    match_clear(&l);
}

/* ---- what is read ---- */

static void boxes_stand_by_camera_frame_and_track(void **state) {
    (void)state;
    write_text("t.csv", HEADER "gate,10,zoe,0,0,10,20\n"
                               "gate,9,zoe,1,0,10,20\n"
                               "alley,9,adam,2,0,10,20\n"
                               "gate,9,adam,3,0,10,20\n");
    write_text("o.csv", HEADER "yard,9,7,0,0,10,20\ngate,9,7,0,0,10,0\n");
    match_loads(&l, TRACKS);
    const onus_match_evidence *match = &l.evidence.match;
    const onus_tracks *t = &match->truth;
    assert_int_equal(match->n_track_cameras, 3);
    assert_string_equal(match->track_cameras[0], "alley");
    assert_string_equal(match->track_cameras[2], "yard");
    static const int32_t camera[] = {0, 1, 1, 1};
    static const int64_t frame[] = {9, 9, 9, 10};
    static const int32_t track[] = {1, 0, 1, 0};
    static const double x[] = {2, 1, 3, 0};
    assert_int_equal(t->n_boxes, 4);
    assert_int_equal(t->n_tracks, 2);
    assert_memory_equal(t->camera, camera, sizeof camera);
    assert_memory_equal(t->frame, frame, sizeof frame);
    assert_memory_equal(t->track, track, sizeof track);
    assert_memory_equal(t->x, x, sizeof x);
    assert_int_equal(match->output.camera[0], 1);
    assert_string_equal(match_warning(&l, "cameras_differ"),
                        "1 of 4 boxes of the true tracks are at cameras of which the product's "
                        "tracks have none");
    match_clear(&l);
}

static void tracks_without_boxes_or_cameras_load(void **state) {
    (void)state;
    write_text("t.csv", "f,id\n1,a\n2,a\n");
    write_text("o.csv", "f,id\n1,7\n5,8\n");
    match_loads(&l, "tracks: {truth: {file: t.csv, frame: f, person: id}, output: {file: o.csv, "
                    "frame: f, person: id}}\n");
    const onus_match_evidence *match = &l.evidence.match;
    assert_int_equal(match->n_track_cameras, 1);
    assert_string_equal(match->track_cameras[0], "");
    assert_null(match->truth.x);
    assert_null(match->output.h);
    assert_int_equal(match->output.n_tracks, 2);
    const onus_load_warning *warnings = l.evidence.warnings.items;
    assert_int_equal(l.evidence.warnings.n_items, 1);
    assert_string_equal(warnings[0].text,
                        "1 of 2 boxes of the product's tracks lie before the first or after the "
                        "last frame of the true tracks at their camera");
    match_clear(&l);
}

static void one_track_at_two_places_is_left_out_and_counted(void **state) {
    (void)state;
    write_text("t.csv",
               HEADER "c,1,a,0,0,10,20\nc,1,a,0,0,10,20\nc,1,a,5,0,10,20\nc,2,a,0,0,9,9\n");
    write_text("o.csv", HEADER "c,1,1,0,0,10,20\n");
    match_loads(&l, "protocol: {max_excluded: 40 %}\n" TRACKS);
    const onus_tracks *t = &l.evidence.match.truth;
    assert_int_equal(t->n_boxes, 2);
    assert_int_equal(t->n_repeats, 2);
    assert_true(t->x[0] == 0);
    assert_int_equal(match_excluded(&l, "true tracks", "repeats a box", true), 1);
    assert_int_equal(
        match_excluded(&l, "true tracks", "a second box of one track in one frame", false), 1);
    assert_string_equal(match_warning(&l, "boxes_repeated"),
                        "t.csv: 2 boxes whose camera, frame and track are there already were left "
                        "out (1 of them at another place)");
    match_clear(&l);
}

static void mot_files_are_one_camera_and_flagged_truth_stays_out(void **state) {
    (void)state;
    write_text("gt.txt", "1,1,912,484,97,109,0,7,1\n"
                         "1,2,100.5,50,10,20,1,1,0.8\n"
                         "2,2,101,50,10,20,1,1,1\n"
                         "2,3,300,50,10,20,1,3,1\n");
    write_text("out.txt", "1,5,100,50,10,20,-1,-1,-1,-1\n2,5,101,50,10,20,0,-1,-1,-1\n");
    match_loads(&l, MOT);
    const onus_match_evidence *match = &l.evidence.match;
    assert_int_equal(match->truth.n_boxes, 2);
    assert_int_equal(match->truth.n_tracks, 1);
    assert_int_equal(match->truth.n_unmarked, 2);
    assert_int_equal(match->output.n_boxes, 2); /* a confidence of 0 is no flag */
    assert_int_equal(match->n_track_cameras, 1);
    assert_true(match->truth.x[0] == 100.5);
    assert_int_equal(
        match_excluded(&l, "true tracks", "flagged 0: not to be evaluated (MOTChallenge)", true),
        1);
    assert_int_equal(
        match_excluded(&l, "true tracks", "of a class other than 1 (MOTChallenge)", true), 1);
    assert_string_equal(
        match_warning(&l, "truth_not_evaluated"),
        "gt.txt: 2 of 4 boxes are flagged 0 or of a class other than 1 and were left "
        "out; boxes of the product that lie on them count as boxes on nobody");
    /* of ten columns the eighth is a coordinate (2D MOT 2015) */
    write_text("gt.txt", "1,2,100.5,50,10,20,1,-1,-1,-1\n1,3,100.5,50,10,20,0,-1,-1,-1\n");
    match_loads(&l, MOT);
    assert_int_equal(l.evidence.match.truth.n_boxes, 1);
    assert_int_equal(l.evidence.match.truth.n_unmarked, 1);
    match_clear(&l);
}

/* ---- memory ---- */

static void every_refused_allocation_is_survived(void **state) {
    (void)state;
    write_text("t.csv", HEADER "c1,1,a,0,0,10,20\nc2,1,a,0,0,10,20\nc2,1,a,0,0,10,20\n");
    write_text("o.csv", HEADER "c2,1,7,0,0,10,20\nc3,1,7,0,0,10,20\nc2,9,7,0,0,10,20\n");
    write_text("gt.txt", "1,1,912,484,97,109,0,7,1\n1,2,100.5,50,10,20,1,1,0.8\n");
    write_text("out.txt", "1,5,100,50,10,20,-1,-1,-1,-1\n");
    static const char *const keys[] = {TRACKS, MOT};
    for (size_t k = 0; k < 2; k++) {
        match_survives_refusals(&l, keys[k]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_and_frames_that_are_none_are_refused),
        cmocka_unit_test(both_tables_are_read_before_it_gives_up),
        cmocka_unit_test(a_mot_file_has_six_columns_and_no_header),
        cmocka_unit_test(boxes_stand_by_camera_frame_and_track),
        cmocka_unit_test(tracks_without_boxes_or_cameras_load),
        cmocka_unit_test(one_track_at_two_places_is_left_out_and_counted),
        cmocka_unit_test(mot_files_are_one_camera_and_flagged_truth_stays_out),
        cmocka_unit_test(every_refused_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}

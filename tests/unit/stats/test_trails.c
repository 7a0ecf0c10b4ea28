/* Trails: people in them, hop by hop, on tables small enough to count by eye. */
#include "../fault.h"
#include "boxes.h"
#include "near.h"

/* Person 0 walks from camera 0 over 1 to 2; person 1 stays in 1, then goes to 3. The product keeps
 * person 0 from camera 0 to 1, and then follows person 1 to camera 3; its second track is a ghost
 * and then person 0 in camera 2. */
static void draw_walk(box_table *truth, box_table *output) {
    for (int frame = 0; frame < 4; frame++) {
        box_add(truth, 0, frame, 0, 0);
        box_add(output, 0, frame, 0, 0);
    }
    for (int frame = 4; frame < 8; frame++) {
        box_add(truth, 1, frame, 0, 0);
        box_add(output, 1, frame, 0, 0);
    }
    for (int frame = 10; frame < 12; frame++) {
        box_add(truth, 1, frame, 1, 5);
    }
    for (int frame = 10; frame < 14; frame++) {
        box_add(truth, 2, frame, 0, 0);
        box_add(output, 2, frame, 1, frame == 10 ? 90 : 0);
    }
    for (int frame = 15; frame < 18; frame++) {
        box_add(truth, 3, frame, 1, 5);
        box_add(output, 3, frame, 0, 5);
    }
}

static void a_trail_is_mixed_from_the_hop_that_leads_to_somebody_else(void **state) {
    (void)state;
    box_table truth = {0};
    box_table output = {0};
    draw_walk(&truth, &output);
    onus_overlaps o;
    onus_trails trails;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_trails_make(&o, &truth.boxes, &output.boxes, &trails), ONUS_OK);
    assert_int_equal(trails.n_trails, 2);
    assert_int_equal(trails.trail[0].n_people, 2);
    assert_int_equal(trails.trail[0].n_main, 8);
    assert_int_equal(trails.trail[0].n_boxes, 11);
    assert_int_equal(trails.visit_start[1], 3);
    assert_int_equal(trails.most_hops, 2);
    const uint32_t people[3] = {1, 1, 2};
    for (int v = 0; v < 3; v++) {
        assert_int_equal(trails.visit[v].n_people, people[v]);
    }
    assert_int_equal(trails.visit[2].n_main, 8);
    /* the ghost shows nobody; the trail is one person's all the same */
    assert_int_equal(trails.trail[1].n_people, 1);
    assert_int_equal(trails.trail[1].n_shown, 3);
    assert_int_equal(trails.trail[1].n_boxes, 4);
    /* hops: 0 -> 1 correct, 1 -> 3 wrong; nobody is lost: person 0 ends in camera 2 */
    assert_int_equal(trails.hops.n_hops, 2);
    assert_int_equal(trails.hops.n_correct, 1);
    assert_int_equal(trails.hops.n_wrong, 1);
    assert_int_equal(trails.hops.n_lost, 0);
    assert_int_equal(trails.hops_of[0].n_hops, 2);
    assert_int_equal(trails.hops_of[1].n_hops, 0);
    assert_int_equal(trails.n_seen_twice, 0);
    onus_trails_clear(&trails);
    onus_overlaps_clear(&o);
}

static void a_track_that_flickers_between_two_people_makes_one_sighting_of_each(void **state) {
    (void)state;
    box_table truth = {0};
    box_table output = {0};
    for (int camera = 0; camera < 2; camera++) {
        for (int frame = 0; frame < 20; frame++) {
            box_add(&truth, camera, frame, camera, 0);
            if (frame % 2 == camera) {
                box_add(&output, camera, frame, 0, 0);
            }
        }
    }
    onus_overlaps o;
    onus_trails trails;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_trails_make(&o, &truth.boxes, &output.boxes, &trails), ONUS_OK);
    assert_int_equal(trails.visit_start[1], 2);
    assert_int_equal(trails.hops.n_wrong, 1);
    assert_int_equal(trails.visit[0].n_boxes, 10);
    assert_int_equal(trails.visit[1].n_boxes, 20);
    assert_int_equal(trails.visit[1].n_main, 10);
    onus_trails_clear(&trails);
    onus_overlaps_clear(&o);
}

static void a_trail_that_stops_while_the_person_goes_on_is_a_hop_lost(void **state) {
    (void)state;
    box_table truth = {0};
    box_table output = {0};
    box_add(&truth, 0, 1, 0, 0);
    box_add(&truth, 1, 2, 0, 0);
    box_add(&output, 0, 1, 0, 0);
    onus_overlaps o;
    onus_trails trails;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_trails_make(&o, &truth.boxes, &output.boxes, &trails), ONUS_OK);
    assert_int_equal(trails.hops.n_hops, 1);
    assert_int_equal(trails.hops.n_lost, 1);
    onus_trails_clear(&trails);
    onus_overlaps_clear(&o);
}

static void cameras_that_share_a_view_are_seen(void **state) {
    (void)state;
    box_table truth = {0};
    box_table output = {0};
    for (int camera = 0; camera < 2; camera++) {
        for (int frame = 0; frame < 3; frame++) {
            box_add(&truth, camera, frame + camera, 0, 0);
        }
    }
    box_add(&output, 0, 0, 0, 0);
    onus_overlaps o;
    onus_trails trails;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_trails_make(&o, &truth.boxes, &output.boxes, &trails), ONUS_OK);
    assert_int_equal(trails.n_seen_twice, 4); /* frames 1 and 2, two boxes each */
    onus_trails_clear(&trails);
    onus_overlaps_clear(&o);
}

static void high_mota_stands_over_mixed_trails(void **state) {
    (void)state; /* one swap of two people: two switches in forty boxes, and both trails mixed */
    box_table truth = {0};
    box_table output = {0};
    for (int frame = 0; frame < 20; frame++) {
        for (int k = 0; k < 2; k++) {
            box_add(&truth, 0, frame, k, 5 * k);
            box_add(&output, 0, frame, k, 5 * (frame < 10 ? k : 1 - k));
        }
    }
    onus_overlaps o;
    onus_trails trails;
    onus_clear clear;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_trails_make(&o, &truth.boxes, &output.boxes, &trails), ONUS_OK);
    assert_int_equal(onus_clear_measure(&o, &clear, NULL, NULL), ONUS_OK);
    assert_near(clear.mota.value, 0.95, 1e-15);
    assert_int_equal(trails.trail[0].n_people, 2);
    assert_int_equal(trails.trail[1].n_people, 2);
    assert_int_equal(trails.trail[0].n_main, 10);
    onus_trails_clear(&trails);
    onus_overlaps_clear(&o);
}

static void false_boxes_are_laid_on_whom_they_overlap(void **state) {
    (void)state;
    box_table truth = {0};
    box_table output = {0};
    box_add(&truth, 0, 1, 0, 0);
    box_add(&truth, 0, 1, 1, 0.5);
    box_add(&output, 0, 1, 0, 0.2); /* both overlap; more of the first */
    box_add(&output, 0, 1, 1, 50);
    onus_overlaps o;
    uint32_t boxes_of[2];
    uint64_t n_nobody;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_boxes_by_person(&o, &truth.boxes, &output.boxes, boxes_of, &n_nobody),
                     ONUS_OK);
    assert_int_equal(boxes_of[0], 1);
    assert_int_equal(boxes_of[1], 0);
    assert_int_equal(n_nobody, 1);
    onus_overlaps_clear(&o);
}

static void every_refused_allocation_is_reported_and_freed(void **state) {
    (void)state;
    box_table truth = {0};
    box_table output = {0};
    draw_walk(&truth, &output);
    onus_overlaps o;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    FAULT_EACH(fault) {
        onus_trails trails;
        uint32_t boxes_of[2];
        uint64_t n_nobody;
        onus_status status = onus_trails_make(&o, &truth.boxes, &output.boxes, &trails);
        onus_trails_clear(&trails);
        if (status == ONUS_OK) {
            status = onus_boxes_by_person(&o, &truth.boxes, &output.boxes, boxes_of, &n_nobody);
        }
        fault_expect(&fault, status);
    }
    onus_overlaps_clear(&o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trail_is_mixed_from_the_hop_that_leads_to_somebody_else),
        cmocka_unit_test(a_track_that_flickers_between_two_people_makes_one_sighting_of_each),
        cmocka_unit_test(a_trail_that_stops_while_the_person_goes_on_is_a_hop_lost),
        cmocka_unit_test(cameras_that_share_a_view_are_seen),
        cmocka_unit_test(high_mota_stands_over_mixed_trails),
        cmocka_unit_test(false_boxes_are_laid_on_whom_they_overlap),
        cmocka_unit_test(every_refused_allocation_is_reported_and_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

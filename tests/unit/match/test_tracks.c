/* The trial's tracks and trails: measures, series, and what is not testable. */
#include "refused.h"

typedef struct boxes {
    onus_tracks tracks;
    int32_t camera[MADE_BOXES];
    int64_t frame[MADE_BOXES];
    int32_t track[MADE_BOXES];
    double x[MADE_BOXES], y[MADE_BOXES], w[MADE_BOXES], h[MADE_BOXES];
} boxes;

static void add(boxes *b, int camera, int frame, int track, double x) {
    const size_t n = b->tracks.n_boxes++;
    b->camera[n] = camera;
    b->frame[n] = frame;
    b->track[n] = track;
    b->x[n] = x;
    b->w[n] = 10;
    b->h[n] = 10;
    b->tracks.n_tracks =
        (size_t)track >= b->tracks.n_tracks ? (size_t)track + 1 : b->tracks.n_tracks;
}

static onus_tracks view(boxes *b) {
    onus_tracks t = b->tracks;
    t.camera = b->camera;
    t.frame = b->frame;
    t.track = b->track;
    t.x = b->x;
    t.y = b->y;
    t.w = b->w;
    t.h = b->h;
    return t;
}

enum { N_PEOPLE = 12, LENGTH = 10 };

/* Twelve people walk past two cameras. The product follows all of them, but hands the first two to
 * each other between the cameras, loses the third there, and adds a ghost. */
static made *made_tracks(boxes *truth, boxes *output, bool shared_view) {
    *truth = (boxes){0};
    *output = (boxes){0};
    for (int camera = 0; camera < 2; camera++) {
        for (int frame = 0; frame < LENGTH; frame++) {
            const int at = frame + (shared_view ? 0 : 20 * camera);
            for (int p = 0; p < N_PEOPLE; p++) {
                add(truth, camera, at, p, 100 * p);
                const int shows = camera == 1 && p < 2 ? 1 - p : p;
                if (camera == 0 || p != 2) {
                    add(output, camera, at, p, 100 * shows);
                }
            }
            add(output, camera, at, N_PEOPLE, -500);
        }
    }
    made *w = made_new();
    w->c.match.comparisons.source.file = NULL;
    w->c.match.truth.source.file = made_text("gt.csv");
    w->c.match.output.source.file = made_text("out.csv");
    w->e.match.truth = view(truth);
    w->e.match.output = view(output);
    w->e.match.n_track_cameras = 2;
    return w;
}

static const onus_measure *one(const made *w, const char *id) {
    const onus_measure *m = made_measure(w, id, 0, NULL);
    if (m == NULL) {
        fail_msg("no %s", id);
    }
    return m;
}

static void is_fraction(const made *w, const char *id, double num, double den) {
    const onus_measure *m = one(w, id);
    if (!m->has_value || m->num != num || m->den != den) {
        fail_msg("%s: %g of %g, not %g of %g", id, m->num, m->den, num, den);
    }
}

static boxes truth;
static boxes output;

static void trails_are_counted_whoever_is_in_them(void **state) {
    (void)state;
    made *w = made_tracks(&truth, &output, false);
    made_try(w);
    is_fraction(w, "match.mixed_trails", 2, 12);
    is_fraction(w, "match.people_per_trail", 14, 12);
    is_fraction(w, "match.bystanders_per_trail", 2, 12);
    is_fraction(w, "match.empty_trails", 1, 13); /* the ghost is in no mean */
    is_fraction(w, "match.trail_purity", 210, 230);
    is_fraction(w, "match.hop_correct", 9, 12);
    is_fraction(w, "match.hop_wrong", 2, 12);
    is_fraction(w, "match.hop_lost", 1, 12);
    /* two switches, ten missed boxes and twenty of the ghost */
    assert_true(one(w, "match.id_switches")->value == 2);
    assert_true(fabs(one(w, "match.mota")->value - (1 - 32.0 / 240)) < 1e-15);
    /* each of the first two keeps half, the third his first half */
    is_fraction(w, "match.idf1", 2 * (9 * 20 + 2 * 10 + 10), 240 + 250);
    assert_true(one(w, "match.hota")->interval.given);
    assert_non_null(made_warning(w, "mota_over_mixed_trails"));
    made_free(w);
}

static void the_series_count_trails(void **state) {
    (void)state;
    made *w = made_tracks(&truth, &output, false);
    made_try(w);
    const onus_series *all = w->r.series.items;
    size_t n_seen = 0;
    for (size_t i = 0; i < w->r.series.n_items; i++) {
        const onus_cell *cells = all[i].cells.items;
        if (strcmp(all[i].name, "trail_mixing") == 0) {
            const double want[6] = {0, 1, 1, 10, 2, 2};
            assert_int_equal(all[i].cells.n_items, 6);
            for (int k = 0; k < 6; k++) {
                assert_true(cells[k].number == want[k]);
            }
            n_seen++;
        } else if (strcmp(all[i].name, "trail_hops") == 0) {
            const double want[12] = {0, 12, 12, 0, 1, 0, 1, 11, 9, 2, 13.0 / 11, 2.0 / 11};
            assert_int_equal(all[i].cells.n_items, 12);
            for (int k = 0; k < 12; k++) {
                assert_true(cells[k].number == want[k]);
            }
            n_seen++;
        }
    }
    assert_int_equal(n_seen, 2);
    made_free(w);
}

static void hops_are_not_testable_where_cameras_share_a_view(void **state) {
    (void)state;
    made *w = made_tracks(&truth, &output, true);
    made_try(w);
    const onus_measure *m = one(w, "match.hop_correct");
    assert_true(!m->has_value && strstr(m->reason, "share a view") != NULL);
    is_fraction(w, "match.mixed_trails", 2, 12);
    made_free(w);
}

static void tables_without_boxes_say_so(void **state) {
    (void)state;
    made *w = made_tracks(&truth, &output, false);
    w->e.match.output.x = NULL;
    made_try(w);
    const onus_measure *m = one(w, "match.idf1");
    assert_true(!m->has_value && strstr(m->reason, "no boxes") != NULL);
    assert_true(!one(w, "match.mixed_trails")->has_value);
    made_free(w);
}

static void an_output_without_tracks_misses_everybody(void **state) {
    (void)state;
    made *w = made_tracks(&truth, &output, false);
    w->e.match.output.n_boxes = 0;
    made_try(w);
    assert_true(one(w, "match.idf1")->value == 0 && one(w, "match.mota")->value == 0);
    assert_true(!one(w, "match.mixed_trails")->has_value);
    made_free(w);
}

static void every_refused_allocation_is_reported_and_freed(void **state) {
    (void)state;
    made *w = made_tracks(&truth, &output, false);
    w->c.protocol.n_replicates = 10;
    made_try_refused(w);
    made_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trails_are_counted_whoever_is_in_them),
        cmocka_unit_test(the_series_count_trails),
        cmocka_unit_test(hops_are_not_testable_where_cameras_share_a_view),
        cmocka_unit_test(tables_without_boxes_say_so),
        cmocka_unit_test(an_output_without_tracks_misses_everybody),
        cmocka_unit_test(every_refused_allocation_is_reported_and_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

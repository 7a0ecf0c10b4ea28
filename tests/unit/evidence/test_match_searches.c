/* List searches and their gallery. */
#include "match_case.h"

#include <math.h>

static matched l;

#define GALLERY "gallery: {file: g.csv, id: id, person: who, camera: cam, groups: {sex: sex}}\n"
#define SEARCHES                                                                                   \
    "searches: {file: q.csv, probe: p, reference: r, score: s, rank: k, probe_person: who, "       \
    "probe_camera: cam}\n"

static void write_gallery(void) {
    write_text("g.csv", "id,who,cam,sex\ng1,x,c1,f\ng2,y,c1,m\ng3,z,c2,m\n");
}

/* ---- what is refused ---- */

static void ranks_and_scores_that_are_none_are_refused(void **state) {
    (void)state;
    write_gallery();
    write_text("q.csv", "p,r,s,k,who,cam\n1,g1,0.9,0,x,c2\n");
    match_refuses(&l, GALLERY SEARCHES,
                  "q.csv:2: error: column 'k' is '0', not a rank (a whole number from 1)");
    write_text("q.csv", "p,r,s,k,who,cam\n1,g1,0.9,1.5,x,c2\n");
    match_refuses(&l, GALLERY SEARCHES,
                  "q.csv:2: error: column 'k' is '1.5', not a rank (a whole number from 1)");
    write_text("q.csv", "p,r,s,k,who,cam\n1,g1,0.9,,x,c2\n");
    match_refuses(&l, GALLERY SEARCHES, "q.csv:2: error: column 'k' is empty");
    write_text("q.csv", "p,r,s,k,who,cam\n1,g1,best,1,x,c2\n");
    match_refuses(&l, GALLERY SEARCHES,
                  "q.csv:2: error: column 's' is 'best', not a score (a number; empty, NaN or NA "
                  "where none could be made)");
}

static void a_probe_of_two_people_is_refused(void **state) {
    (void)state;
    write_gallery();
    write_text("q.csv", "p,r,s,k,who,cam\n1,g1,0.9,1,x,c2\n1,g2,0.8,2,y,c2\n");
    match_refuses(&l, GALLERY SEARCHES,
                  "q.csv:3: error: column 'who' is 'y', but an earlier row says otherwise of the "
                  "same id (it first occurs in line 2)");
}

static void an_entry_of_two_people_is_refused_and_the_searches_still_read(void **state) {
    (void)state;
    write_text("g.csv", "id,who,cam,sex\ng1,x,c1,f\ng1,y,c1,f\n");
    write_text("q.csv", "p,r,s,k,who,cam\n1,g1,0.9,first,x,c2\n");
    match_load(&l, GALLERY SEARCHES);
    assert_int_equal(l.status, ONUS_ERR_DATA);
    assert_int_equal(l.problems.n_all, 2);
    assert_string_equal(l.problems.full[0].path, "g.csv");
    assert_int_equal(l.problems.full[0].line, 3);
    assert_string_equal(l.problems.full[1].path, "q.csv");
    match_clear(&l);
}

static void probes_and_candidates_that_nobody_knows_are_refused(void **state) {
    (void)state;
    static const char keys[] = "sightings: {file: s.csv, id: id, person: who}\n"
                               "searches: {file: q.csv, probe: p, reference: r, score: s}\n";
    write_text("s.csv", "id,who\n1,x\n7,x\n");
    write_text("q.csv", "p,r,s\n1,7,0.5\n2,7,0.5\n2,7,0.4\n");
    match_refuses(&l, keys,
                  "q.csv:3: error: column 'p' is '2', which is no sighting that the case gives");
    write_text("q.csv", "p,r,s\n1,7,0.5\n1,8,0.5\n");
    match_refuses(
        &l, keys,
        "q.csv:3: error: column 'r' is '8', which is no sighting that the case gives, and "
        "there is no gallery");
}

/* ---- what is read ---- */

static void candidates_stand_by_rank_and_probes_by_appearance(void **state) {
    (void)state;
    write_gallery();
    write_text("q.csv", "p,r,s,k,who,cam\n"
                        "b,g2,0.5,2,y,c2\n"
                        "a,g3,0.25,1,x,c1\n"
                        "b,g1,0.75,1,y,c2\n"
                        "b,g3,,3,y,c2\n");
    match_loads(&l, GALLERY SEARCHES);
    const onus_searches *q = &l.evidence.match.searches;
    const onus_sightings *s = &l.evidence.match.sightings;
    assert_true(q->gallery_given);
    assert_int_equal(q->n_entries, 3);
    assert_int_equal(q->n_probes, 2);
    static const size_t start[] = {0, 3, 4};
    static const int32_t entry[] = {0, 1, 2, 2};
    static const int32_t rank[] = {1, 2, 3, 1};
    assert_memory_equal(q->start, start, sizeof start);
    assert_memory_equal(q->entry, entry, sizeof entry);
    assert_memory_equal(q->rank, rank, sizeof rank);
    assert_true(q->score[0] == 0.75 && q->score[1] == 0.5 && isnan(q->score[2]));
    assert_int_equal(q->probe_person[0], q->entry_person[1]);
    assert_int_equal(q->probe_person[1], q->entry_person[0]);
    assert_string_equal(s->cameras[q->probe_camera[0]], "c2");
    assert_string_equal(s->cameras[q->entry_camera[0]], "c1");
    assert_string_equal(s->groupings[0].values[q->entry_group[0][0]], "f");
    assert_int_equal(q->probe_group[0][0], -1);
    assert_int_equal(s->n_people, 3);
    assert_int_equal(s->n_sightings, 0);
    assert_int_equal(q->n_out_of_order, 0);
    match_clear(&l);
}

static void without_ranks_the_score_orders_and_none_is_last(void **state) {
    (void)state;
    static const char keys[] = "gallery: {file: g.csv, id: id, person: who}\n"
                               "searches: {file: q.csv, probe: p, reference: r, score: s, "
                               "higher_is: %s, probe_person: who}\n";
    char text[512];
    write_gallery();
    write_text("q.csv", "p,r,s,who\n1,g1,,x\n1,g2,0.5,x\n1,g3,0.75,x\n");
    (void)snprintf(text, sizeof text, keys, "same");
    match_loads(&l, text);
    static const int32_t higher[] = {2, 1, 0};
    assert_memory_equal(l.evidence.match.searches.entry, higher, sizeof higher);
    assert_null(l.evidence.match.searches.rank);
    (void)snprintf(text, sizeof text, keys, "different");
    match_loads(&l, text);
    static const int32_t lower[] = {1, 2, 0};
    assert_memory_equal(l.evidence.match.searches.entry, lower, sizeof lower);
    write_text("q.csv", "p,r,s,who\n1,g3,0.5,x\n1,g2,0.5,x\n1,g1,0.5,x\n");
    match_loads(&l, text);
    static const int32_t in_file[] = {2, 1, 0};
    assert_memory_equal(l.evidence.match.searches.entry, in_file, sizeof in_file);
    match_clear(&l);
}

static void a_search_that_returned_nothing_is_a_search(void **state) {
    (void)state;
    write_gallery();
    write_text("q.csv", "p,r,s,k,who,cam\n1,,,,w,c2\n2,g1,0.9,1,x,c2\n3,,,,x,c2\n");
    match_loads(&l, GALLERY SEARCHES);
    const onus_searches *q = &l.evidence.match.searches;
    static const size_t start[] = {0, 0, 1, 1};
    assert_int_equal(q->n_probes, 3);
    assert_memory_equal(q->start, start, sizeof start);
    assert_int_equal(q->n_without_candidate, 2);
    assert_int_equal(match_input(&l, "searches")->used, 3);
    match_clear(&l);
}

static void what_repeats_or_is_not_on_the_list_is_left_out_and_counted(void **state) {
    (void)state;
    write_text("g.csv", "id,who,cam,sex\ng1,x,c1,f\ng2,y,c1,m\ng1,x,c1,f\ng4,,c1,m\n");
    write_text("q.csv", "p,r,s,k,who,cam\n"
                        "1,g2,0.5,2,x,c2\n"
                        "1,g1,0.25,1,x,c2\n"
                        "1,g1,0.125,3,x,c2\n"
                        "1,g9,0.1,4,x,c2\n"
                        "2,g2,0.5,1,x,c2\n"
                        "2,g1,0.5,1,x,c2\n"
                        "3,g2,0.5,1,,c2\n");
    match_loads(&l, "protocol: {max_excluded: 50 %}\n" GALLERY SEARCHES);
    const onus_searches *q = &l.evidence.match.searches;
    assert_int_equal(q->n_entries, 2);
    assert_int_equal(q->n_entry_repeats, 1);
    assert_int_equal(q->n_not_in_gallery, 1);
    assert_int_equal(q->n_candidate_repeats, 1);
    assert_int_equal(q->n_no_truth, 1);
    assert_int_equal(q->n_out_of_order, 1);
    assert_int_equal(q->n_rank_repeats, 1);
    assert_int_equal(q->n_probes, 2);
    assert_int_equal(q->start[2], 4);
    assert_int_equal(match_excluded(&l, "gallery", "repeats an entry of the gallery", true), 1);
    assert_int_equal(match_excluded(&l, "gallery", "no known truth", false), 1);
    assert_int_equal(match_excluded(&l, "searches", "not in the gallery", false), 1);
    assert_string_equal(
        match_warning(&l, "ranks_against_scores"),
        "q.csv: 1 of 7 candidates have a better score than the one ranked before them; "
        "the ranks count");
    match_clear(&l);
}

static void a_probe_is_not_found_as_itself(void **state) {
    (void)state;
    write_text("s.csv", "id,who\n1,x\n2,x\n3,y\n");
    write_text("q.csv", "p,r,s\n1,1,1\n1,2,0.5\n3,3,1\n2,1,0.25\n");
    match_loads(&l, "sightings: {file: s.csv, id: id, person: who}\n"
                    "searches: {file: q.csv, probe: p, reference: r, score: s}\n");
    const onus_searches *q = &l.evidence.match.searches;
    assert_int_equal(q->n_self, 2);
    assert_int_equal(q->n_probes, 3); /* 3 found nobody else, and was a search */
    static const size_t start[] = {0, 1, 1, 2};
    assert_memory_equal(q->start, start, sizeof start);
    assert_int_equal(q->n_without_candidate, 1);
    assert_int_equal(match_excluded(&l, "searches", "a sighting found as itself", true), 2);
    assert_string_equal(
        match_warning(&l, "found_as_itself"),
        "q.csv: 2 of 4 candidates are the probe itself; they were left out, for any "
        "product finds them");
    match_clear(&l);
}

static void a_search_stays_one_when_its_candidates_are_on_no_list(void **state) {
    (void)state;
    write_gallery();
    write_text("q.csv", "p,r,s,k,who,cam\n1,g8,0.9,1,x,c2\n2,g1,0.5,1,x,c1\n");
    match_loads(&l, "protocol: {max_excluded: 50 %}\n" GALLERY SEARCHES);
    assert_int_equal(l.evidence.match.searches.n_probes, 2);
    assert_int_equal(l.evidence.match.searches.start[1], 0);
    match_clear(&l);
}

static void sightings_say_who_probes_and_candidates_are(void **state) {
    (void)state;
    write_text("s.csv", "id,who,cam,sex\n1,x,c0,f\n2,y,c1,m\n7,x,c1,f\n8,z,c2,m\n");
    write_text("q.csv", "p,r,s\n1,7,0.5\n1,8,0.25\n2,8,0.5\n");
    match_loads(&l,
                "sightings: {file: s.csv, id: id, person: who, camera: cam, groups: {sex: sex}}\n"
                "searches: {file: q.csv, probe: p, reference: r, score: s}\n");
    const onus_searches *q = &l.evidence.match.searches;
    assert_false(q->gallery_given);
    assert_int_equal(q->n_entries, 2);
    assert_int_equal(q->entry_person[0], q->probe_person[0]);
    assert_int_equal(q->probe_group[0][1], 1);
    assert_int_equal(q->entry_camera[1], 2);
    match_clear(&l);
}

static void comparisons_say_who_probes_and_candidates_are(void **state) {
    (void)state;
    write_text("c.csv", "p,r,a,b,pc,s\n1,A,x,x,c0,0.9\n2,A,y,x,c1,0.1\n1,B,x,z,c0,0.2\n");
    match_loads(&l,
                "comparisons: {file: c.csv, score: s, higher_is: same, probe: {id: p, person: a, "
                "camera: pc}, reference: {id: r, person: b}}\n"
                "searches: {file: c.csv, probe: p, reference: r, score: s}\n");
    const onus_searches *q = &l.evidence.match.searches;
    assert_int_equal(q->n_probes, 2);
    assert_int_equal(q->n_entries, 2);
    assert_int_equal(q->entry_person[0], q->probe_person[0]);
    assert_int_equal(q->probe_camera[1], 1);
    assert_int_equal(q->start[1], 2);
    match_clear(&l);
}

/* ---- memory ---- */

static void every_refused_allocation_is_survived(void **state) {
    (void)state;
    write_text("g.csv", "id,who,cam,sex\ng1,x,c1,f\ng2,y,c1,m\ng1,x,c1,f\n");
    write_text("q.csv", "p,r,s,k,who,cam\n1,g2,0.5,1,x,c2\n1,g1,0.75,2,x,c2\n1,g1,0.1,3,x,c2\n"
                        "2,,,,y,c1\n");
    static const char *const keys[] = {
        GALLERY SEARCHES,
        "sightings: {file: g.csv, id: id, person: who, camera: cam, groups: {sex: sex}}\n"
        "searches: {file: s.csv, probe: p, reference: r, score: s}\n",
        "comparisons: {file: c.csv, score: s, higher_is: same, probe: {id: p, person: a}, "
        "reference: "
        "{id: r, person: b}}\n"
        "searches: {file: c.csv, probe: p, reference: r, score: s}\n"};
    write_text("c.csv", "p,r,a,b,s\n1,A,x,x,0.9\n2,A,y,x,0.1\n");
    write_text("s.csv", "p,r,s\ng1,g2,0.5\ng2,g1,0.5\ng1,g1,1\n");
    for (size_t k = 0; k < 3; k++) {
        match_survives_refusals(&l, keys[k]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_and_scores_that_are_none_are_refused),
        cmocka_unit_test(a_probe_of_two_people_is_refused),
        cmocka_unit_test(an_entry_of_two_people_is_refused_and_the_searches_still_read),
        cmocka_unit_test(probes_and_candidates_that_nobody_knows_are_refused),
        cmocka_unit_test(candidates_stand_by_rank_and_probes_by_appearance),
        cmocka_unit_test(without_ranks_the_score_orders_and_none_is_last),
        cmocka_unit_test(a_search_that_returned_nothing_is_a_search),
        cmocka_unit_test(what_repeats_or_is_not_on_the_list_is_left_out_and_counted),
        cmocka_unit_test(a_probe_is_not_found_as_itself),
        cmocka_unit_test(a_search_stays_one_when_its_candidates_are_on_no_list),
        cmocka_unit_test(sightings_say_who_probes_and_candidates_are),
        cmocka_unit_test(comparisons_say_who_probes_and_candidates_are),
        cmocka_unit_test(every_refused_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_temp_dir, remove_temp_dir);
}

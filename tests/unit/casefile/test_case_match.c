/* Match cases: what is stored, and what is refused before a table is opened. */
#include <math.h>

#include "case_text.h"

#define MATCH "onus: 1\ntitle: T\nkind: match\n"

static void every_key_of_a_match_case_has_its_field(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems;
    const onus_status status =
        parse(MATCH "comparisons:\n"
                    "  file: c.txt\n"
                    "  delimiter: space\n"
                    "  header: [p, a, r, b, s]\n"
                    "  score: s\n"
                    "  higher_is: different\n"
                    "  probe: {id: p, person: a, camera: pc, groups: {sex: pg, age: pa}}\n"
                    "  reference: r\n"
                    "  ids: shared\n"
                    "  same: {column: l, yes: 'true'}\n"
                    "sightings: {file: s.csv, id: id, person: who, camera: cam, time: t, groups: "
                    "{sex: sex}}\n"
                    "searches: {file: q.csv, probe: p, reference: r, score: s, rank: k, higher_is: "
                    "different, probe_person: who, probe_camera: cam}\n"
                    "gallery: {file: g.csv, id: id, person: who, camera: cam, groups: {sex: sex}, "
                    "where: {list: A}}\n"
                    "tracks:\n"
                    "  truth: {file: t.csv, camera: c, frame: f, person: i, box: {x: x, y: y, w: "
                    "w, h: h}}\n"
                    "  output: {file: o.csv, camera: c, frame: f, person: i, box: {x: a, y: b, w: "
                    "c, h: d}}\n"
                    "threshold: {value: 0.62, from: vendor}\n"
                    "deployment: {searches_per_day: 20000, people_on_list: 5000, prevalence: 1e-5, "
                    "hops: 6, people: 100000, sightings_each: 10}\n"
                    "protocol: {thresholds: [0.5, -1], pairs: [all, cross_camera], fmr_at: [1e-3, "
                    "0.1 %]}\n",
              &c, &problems);
    assert_int_equal(status, ONUS_OK);
    const onus_comparisons_ref *k = &c.match.comparisons;
    assert_string_equal(k->source.file, "c.txt");
    assert_int_equal(k->source.delimiter, ' ');
    assert_int_equal(k->source.header.n, 5);
    assert_string_equal(k->score, "s");
    assert_int_equal(k->higher_is, ONUS_HIGHER_DIFFERENT);
    assert_string_equal(k->probe.id, "p");
    assert_string_equal(k->probe.person, "a");
    assert_string_equal(k->probe.camera, "pc");
    assert_int_equal(k->probe.n_groups, 2);
    assert_string_equal(k->probe.groups[1].name, "age");
    assert_int_equal(k->probe.groups[1].values.n, 1);
    assert_string_equal(k->probe.groups[1].values.items[0], "pa");
    assert_true(k->probe.at.line > 0);
    assert_string_equal(k->reference.id, "r");
    assert_null(k->reference.person);
    assert_int_equal(k->ids, ONUS_IDS_SHARED);
    assert_string_equal(k->same_column, "l");
    assert_string_equal(k->same_yes, "true");
    assert_string_equal(c.match.sightings.person, "who");
    assert_string_equal(c.match.sightings.time, "t");
    assert_string_equal(c.match.sightings.groups[0].values.items[0], "sex");
    assert_string_equal(c.match.searches.rank, "k");
    assert_string_equal(c.match.searches.probe_person, "who");
    assert_string_equal(c.match.searches.probe_camera, "cam");
    assert_int_equal(c.match.searches.higher_is, ONUS_HIGHER_DIFFERENT);
    assert_string_equal(c.match.gallery.camera, "cam");
    assert_int_equal(c.match.gallery.source.n_where, 1);
    assert_int_equal(c.match.gallery.n_groups, 1);
    assert_string_equal(c.match.truth.box_h, "h");
    assert_string_equal(c.match.output.box_x, "a");
    assert_int_equal(c.match.output.format, ONUS_TRACKS_COLUMNS);
    assert_true(c.match.has_threshold && c.match.threshold == 0.62);
    assert_string_equal(c.match.threshold_from, "vendor");
    const onus_deployment_ref *d = &c.match.deployment;
    assert_true(d->given && d->searches_per_day == 20000 && d->prevalence_frac == 1e-5);
    assert_int_equal(d->n_on_list, 5000);
    assert_int_equal(d->n_hops, 6);
    assert_int_equal(d->n_people, 100000);
    assert_true(d->sightings_each == 10);
    assert_true(c.protocol.thresholds.items[1] == -1 && c.protocol.fmr_at.items[1] == 0.001);
    assert_int_equal(c.n_extra, 0 + 1); /* the version of the format alone */
    onus_case_clear(&c);
}

static void what_is_not_given_is_said_to_be_so(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(MATCH "tracks: {format: mot, truth: {file: gt.txt}, output: {file: "
                                 "o.txt}}\ndeployment: {prevalence: 0}\n",
                           &c, &problems),
                     ONUS_OK);
    assert_int_equal(c.match.truth.format, ONUS_TRACKS_MOT);
    assert_int_equal(c.match.output.format, ONUS_TRACKS_MOT);
    assert_null(c.match.comparisons.source.file);
    assert_false(c.match.has_threshold);
    assert_true(isnan(c.match.deployment.searches_per_day));
    assert_true(isnan(c.match.deployment.sightings_each));
    assert_true(c.match.deployment.prevalence_frac == 0); /* a share like any other */
    assert_int_equal(c.match.deployment.n_hops, 0);
    onus_case_clear(&c);
}

/* One comparison block with these keys is refused with this message at its own place. */
static void refused_comparison(const char *keys, const char *expected) {
    char text[1024];
    (void)snprintf(text, sizeof text, MATCH "comparisons: {file: c, score: s, higher_is: same%s\n",
                   keys);
    refused(text, expected);
}

static void comparisons_say_who_the_people_are(void **state) {
    (void)state;
    refused_comparison("}",
                       "4:14: error: missing key 'comparisons.probe'; expected column name, or "
                       "block (only with 'comparisons.same' may it be left out)\n"
                       "4:14: error: missing key 'comparisons.reference'; expected column "
                       "name, or block (only with 'comparisons.same' may it be left out)\n");
    refused_comparison(
        ", probe: {id: p}, reference: {id: r, person: b}}",
        "4:58: error: 'comparisons.probe' does not say who the person truly is: give "
        "'person', or 'comparisons.same'\n");
    refused_comparison(", probe: p, reference: {person: b}}",
                       "4:58: error: 'comparisons.probe' is a column alone, so 'sightings: {file, "
                       "id, person}' must say who it is\n");
    refused_comparison(", probe: {}, reference: {person: b}}",
                       "4:58: error: 'comparisons.probe' is an empty block; leave the key out or "
                       "name a column\n");
    accepted(MATCH
             "comparisons: {file: c, score: s, higher_is: same, same: {column: l, yes: 1}}\n");
    accepted(MATCH "comparisons: {file: c, score: s, higher_is: same, probe: {id: p}, same: "
                   "{column: l, yes: 1}}\n");
    accepted(MATCH "sightings: {file: s, id: i, person: w}\ncomparisons: {file: c, score: s, "
                   "higher_is: same, probe: p, reference: {id: r}}\n");
}

static void ids_are_shared_or_separate_only_where_there_are_ids(void **state) {
    (void)state;
    refused_comparison(", ids: shared, probe: {person: a}, reference: {id: r, person: b}}",
                       "4:56: error: 'comparisons.ids' is given, but not both probe and reference "
                       "have an id\n");
    refused(MATCH "sightings: {file: s, id: i, person: w}\ncomparisons: {file: c, score: s, "
                  "higher_is: same, ids: separate, probe: p, reference: r}\n",
            "5:56: error: 'comparisons.ids' is 'separate', but both sides name rows of one "
            "sightings table\n");
}

static void a_list_of_mates_goes_with_ids_and_instead_of_people(void **state) {
    (void)state;
    accepted(MATCH "comparisons: {file: c, score: s, higher_is: same, probe: {id: p}, reference: "
                   "{id: r}, mates: {file: m, probe: p, reference: r}}\n");
    refused_comparison(", mates: {file: m, probe: p, reference: r}}",
                       "4:58: error: 'comparisons.mates' names pairs, so both probe and reference "
                       "need an id\n");
    refused_comparison(", mates: {file: m, probe: p, reference: r}, probe: {id: p, person: a}, "
                       "reference: {id: r, person: b}}",
                       "4:58: error: 'comparisons.mates' and the people of both sides both say who "
                       "is who; give one\n");
}

static void searches_say_who_probes_and_candidates_are(void **state) {
    (void)state;
    refused(MATCH "searches: {file: q, probe: p, reference: r, score: s}\n",
            "4:11: error: nothing says who the probes truly are: give 'searches.probe_person', or "
            "'sightings: {file, id, person}'\n"
            "4:11: error: nothing says who the candidates truly are: give 'gallery: {file, id, "
            "person}', or 'sightings: {file, id, person}'\n");
    accepted(MATCH "searches: {file: q, probe: p, reference: r, score: s, probe_person: w}\n"
                   "gallery: {file: g, id: i, person: w}\n");
    accepted(MATCH "searches: {file: q, probe: p, reference: r, score: s}\n"
                   "sightings: {file: g, id: i, person: w}\n");
    refused(MATCH "tracks: {format: mot, truth: {file: t}, output: {file: o}}\n"
                  "gallery: {file: g, id: i, person: w}\n",
            "5:10: error: 'gallery' means nothing without 'searches', whose list it is\n");
}

static void both_tables_of_tracks_are_of_one_kind(void **state) {
    (void)state;
    refused(MATCH "tracks: {truth: {file: t, frame: f}, output: {file: o, person: i}}\n",
            "4:17: error: missing key 'tracks.truth.person' (or 'format: mot')\n"
            "4:46: error: missing key 'tracks.output.frame' (or 'format: mot')\n");
    refused(MATCH "tracks: {truth: {file: t, format: mot}, output: {file: o, frame: f, person: "
                  "i}}\n",
            "4:49: error: missing key 'tracks.output.box'; the other table has boxes, and a box is "
            "matched with a box\n");
    refused(MATCH "tracks: {truth: {file: t, frame: f, person: i, camera: c}, output: {file: o, "
                  "frame: f, person: i}}\n",
            "4:68: error: missing key 'tracks.output.camera'; the other table tells cameras "
            "apart\n");
    refused(MATCH "tracks: {truth: {file: t, format: mot}, output: {file: o, frame: f, person: i, "
                  "camera: c, box: {x: x, y: y, w: w, h: h}}}\n",
            "4:88: error: 'tracks.output.camera' tells cameras apart, but the other table is a "
            "MOTChallenge file, which is one camera\n");
}

static void every_refused_allocation_is_survived(void **state) {
    (void)state;
    static const char text[] =
        MATCH "comparisons: {file: c, score: s, higher_is: same, probe: {id: p, groups: {a: b}}, "
              "same: {column: l, yes: 1}, where: {a: [b, c]}}\n"
              "tracks: {format: mot, truth: {file: t}, output: {file: o}}\n"
              "threshold: {value: 1, from: us}\n";
    FAULT_EACH(fault) {
        onus_case c;
        onus_problems problems;
        const onus_status status = parse(text, &c, &problems);
        fault_expect(&fault, status);
        onus_case_clear(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_match_case_has_its_field),
        cmocka_unit_test(what_is_not_given_is_said_to_be_so),
        cmocka_unit_test(comparisons_say_who_the_people_are),
        cmocka_unit_test(ids_are_shared_or_separate_only_where_there_are_ids),
        cmocka_unit_test(a_list_of_mates_goes_with_ids_and_instead_of_people),
        cmocka_unit_test(searches_say_who_probes_and_candidates_are),
        cmocka_unit_test(both_tables_of_tracks_are_of_one_kind),
        cmocka_unit_test(every_refused_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Case files: what is read, how it is written out again, and that nothing else ever happens. */
#include "../random.h"
#include "case_text.h"

static void every_key_of_a_place_case_reaches_its_field(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems;
    assert_int_equal(parse(whole, &c, &problems), ONUS_OK);
    assert_int_equal(problems.n_all, 0);
    assert_string_equal(c.path, "dir/case.yaml");
    assert_string_equal(c.data_dir, "dir");
    assert_int_equal(strlen(c.sha256), 64);
    assert_string_equal(c.title, "Boxes: a test");
    assert_int_equal(c.kind, ONUS_KIND_PLACE);
    assert_string_equal(c.region.crs, "EPSG:4326");
    assert_string_equal(c.areas.source.layer, "tracts");
    assert_int_equal(c.areas.source.at.line, 5);
    assert_int_equal(c.areas.source.n_where, 2);
    assert_string_equal(c.areas.source.where[0].column, "state");
    assert_int_equal(c.areas.source.where[0].values.n, 2);
    assert_string_equal(c.areas.source.where[0].values.items[1], "07");
    assert_string_equal(c.areas.source.where[1].values.items[0], "2018");
    assert_int_equal(c.people.source.delimiter, '\t');
    assert_int_equal(c.people.source.header.n, 5);
    assert_int_equal(c.people.source.invalid, ONUS_INVALID_EXCLUDE);
    assert_int_equal(c.areas.source.invalid, ONUS_INVALID_STOP);
    assert_int_equal(c.people.n_universes, 2);
    const onus_universe_ref *residents = &c.people.universes[0];
    assert_string_equal(residents->total_margin, "t_moe");
    assert_int_equal(residents->n_groups, 2);
    assert_string_equal(residents->groups[0].margin, "a_moe");
    assert_string_equal(residents->groups[1].name, "Group B");
    assert_null(residents->groups[1].margin);
    assert_int_equal(residents->groups[1].at.line, 15);
    assert_string_equal(c.people.universes[1].groups[0].name, "under $45k");
    assert_string_equal(c.people.benchmarks[0].column, "day");
    assert_string_equal(c.outcomes.time.format, "%d/%m/%Y %H:%M");
    assert_string_equal(c.outcomes.point.crs, "EPSG:2263");
    assert_int_equal(c.outcomes.n_types, 2);
    assert_string_equal(c.outcomes.types[0].values.items[1], "B2");
    assert_string_equal(c.outcomes.made_by[0].name, "officer");
    assert_int_equal(c.predictions.form, ONUS_FORM_BOXES);
    assert_true(c.predictions.width_m == 500 * 0.3048);
    assert_true(c.predictions.height_m == c.predictions.width_m);
    assert_true(c.predictions.lasts_s == 43200);
    assert_string_equal(c.predictions.from.column, "start");
    assert_int_equal(c.predictions.from.at.line, 34);
    assert_int_equal(c.predictions.assign, ONUS_ASSIGN_CENTRE);
    assert_true(c.grid.cell_m == 150);
    assert_true(c.has_period);
    assert_string_equal(c.period_until, "2018-12-18");
    const onus_protocol *p = &c.protocol;
    assert_int_equal(p->budget_frac.n, 3);
    assert_true(p->budget_frac.items[0] == 0.005 && p->budget_frac.items[2] == 0.05);
    assert_int_equal(p->top_cells.n, 1);
    assert_true(p->top_cells.items[0] == 20);
    assert_true(p->conventions[ONUS_CONVENTION_ONUS] &&
                p->conventions[ONUS_CONVENTION_MARKUP_2021]);
    assert_string_equal(p->baselines.items[1], "kde");
    assert_int_equal(p->unit, ONUS_UNIT_AREA);
    assert_int_equal(p->n_replicates, 500);
    assert_true(p->level == 0.9 && p->top_frac == 0.1 && p->max_excluded_frac == 0.1);
    assert_int_equal(p->seed, 20181218);
    assert_int_equal(p->suppress_below, 11);
    assert_true(p->sensitivity_shift && !p->sensitivity_rotate);
    assert_int_equal(p->sensitivity_box_m.n, 2);
    assert_true(c.has_feedback);
    const onus_feedback_ref *f = &c.feedback;
    assert_true(f->models[ONUS_FEEDBACK_GRID] && f->models[ONUS_FEEDBACK_URN]);
    assert_false(f->models[ONUS_FEEDBACK_LUM_ISAAC]);
    assert_true(f->rules[ONUS_FEEDBACK_TOP] && !f->rules[ONUS_FEEDBACK_PROPORTIONAL]);
    assert_int_equal(f->n_patrols, 15);
    assert_int_equal(f->discovery.n, 2);
    assert_true(f->discovery.items[1] == 0.5);
    assert_string_equal(f->reported_column, "rate");
    assert_true(f->urn.given && f->urn.matrix.n == 4 && f->urn.matrix.items[3] == 2.8);
    assert_int_equal(f->n_days, 0);
    assert_true(f->window_s == 180.0 * 86400.0 && f->repair && f->bound_frac == 0.1);
    assert_int_equal(c.n_claims, 2);
    assert_true(c.claims[0].has_at_most && !c.claims[0].has_at_least);
    assert_true(c.claims[0].at_most == 1.25);
    assert_int_equal(c.claims[0].n_scope, 5);
    assert_string_equal(c.claims[0].scope[1].text, "Group B");
    assert_false(c.claims[0].scope[1].is_number);
    assert_true(c.claims[0].scope[2].is_number && c.claims[0].scope[2].number == 0.01);
    assert_true(c.claims[0].scope[3].is_number && c.claims[0].scope[3].number == 3);
    assert_false(c.claims[0].scope[4].is_number); /* quoted: a text */
    assert_true(c.claims[1].at_least == 0.05 && c.claims[1].at_most == 0.5);
    assert_int_equal(c.claims[1].at.line, 58);
    onus_case_clear(&c);
    onus_case_clear(&c); /* clearing twice is legal */
}

static void a_byte_order_mark_and_windows_line_ends_say_nothing(void **state) {
    (void)state;
    accepted("\xEF\xBB\xBFonus: 1\r\ntitle: T\r\nkind: place\r\npredictions:\r\n  form: csep\r\n  "
             "file: f.dat\r\n");
}

static void a_missing_file_is_a_missing_input(void **state) {
    (void)state;
    onus_case c;
    onus_problems problems = {0};
    assert_int_equal(onus_case_read("no/such/case.yaml", NULL, &c, &problems), ONUS_ERR_NOINPUT);
    assert_int_equal(onus_problems_status(&problems), ONUS_ERR_NOINPUT);
    assert_string_equal(problems.full[0].text, "cannot be opened: No such file or directory");
    memset(&problems, 0, sizeof problems);
    assert_int_equal(onus_case_read("/", NULL, &c, &problems), ONUS_ERR_NOINPUT);
    onus_case_clear(&c);
}

/* A default written out is the default left out: the whole protocol, compared as bytes. */
static void defaults_survive_being_written_out(void **state) {
    (void)state;
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    onus_text text = {0};
    onus_text_add(&text, HEAD BOXES "protocol:\n");
    size_t n_defaults = 0;
    for (size_t i = 0; i < n_keys; i++) {
        const char *name = keys[i].path + strlen("protocol.");
        if (keys[i].dfault == NULL || !onus_text_starts(keys[i].path, "protocol.") ||
            strstr(keys[i].kinds, "place") == NULL || strchr(name, '.') != NULL) {
            continue;
        }
        onus_text_addf(&text, "  %s: %s\n", name, keys[i].dfault);
        n_defaults++;
    }
    onus_text_add(&text, "  resample: {unit: week, replicates: 2000, level: 0.95}\n"
                         "  csep: {simulations: 10000}\n"
                         "  sensitivity: {shift: false, rotate: false}\n");
    assert_true(n_defaults >= 7);
    char *written = onus_text_take(&text);
    assert_non_null(written);
    onus_case a;
    onus_case b;
    onus_problems problems;
    assert_int_equal(parse(HEAD BOXES, &a, &problems), ONUS_OK);
    assert_int_equal(parse(written, &b, &problems), ONUS_OK);
    assert_memory_equal(&a.protocol, &b.protocol, sizeof a.protocol);
    assert_int_equal(a.protocol.seed, 1);
    assert_int_equal(a.protocol.n_replicates, 2000);
    assert_int_equal(a.protocol.suppress_below, 10);
    assert_true(a.protocol.level == 0.95 && a.protocol.top_frac == 0.05);
    assert_true(a.protocol.max_excluded_frac == 0.05);
    assert_true(a.protocol.conventions[ONUS_CONVENTION_ONUS]);
    assert_false(a.protocol.conventions[ONUS_CONVENTION_MARKUP_2021]);
    onus_case_clear(&a);
    onus_case_clear(&b);
    onus_free(written);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_case c;
        onus_problems problems;
        fault_expect(&fault, parse(whole, &c, &problems));
        onus_case_clear(&c);
    }
}

/* Bytes of a good case changed, dropped and doubled: read or refused with a reason, never anything
 * else; sanitizers watch. */
static void damaged_cases_are_read_or_refused_with_a_reason(void **state) {
    (void)state;
    uint64_t seed = 20260711;
    const size_t len = sizeof whole - 1;
    size_t n_ok = 0;
    const int n_trials = test_mult(3000);
    for (int i = 0; i < n_trials; i++) {
        char *text = malloc(2 * len);
        memcpy(text, whole, len);
        size_t n = len;
        for (uint64_t k = 0; k <= random_below(&seed, 3); k++) {
            const size_t at = (size_t)random_below(&seed, n);
            switch (random_below(&seed, 3)) {
            case 0:
                text[at] = (char)random_below(&seed, 256);
                break;
            case 1:
                memmove(text + at, text + at + 1, n - at - 1);
                n--;
                break;
            default:
                memmove(text + at + 1, text + at, n - at);
                text[at] = "{}[],:&*!|>'\"%@`#- \n"[random_below(&seed, 20)];
                n++;
                break;
            }
        }
        onus_case c;
        onus_problems problems = {0};
        const onus_status status = onus_case_parse(text, n, "c", NULL, &c, &problems);
        if (status == ONUS_OK) {
            assert_int_equal(problems.n_all, 0);
            n_ok++;
        } else {
            assert_int_equal(status, ONUS_ERR_DATA);
            assert_true(problems.n_all > 0);
        }
        onus_case_clear(&c);
        free(text);
    }
    assert_true(n_ok > 0); /* a changed letter of a title is still a case */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_place_case_reaches_its_field),
        cmocka_unit_test(a_byte_order_mark_and_windows_line_ends_say_nothing),
        cmocka_unit_test(a_missing_file_is_a_missing_input),
        cmocka_unit_test(defaults_survive_being_written_out),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(damaged_cases_are_read_or_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

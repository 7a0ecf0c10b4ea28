/* The page: complete without a script, safe against the texts it holds, map and data intact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/report/html_out.h"
#include "../../../src/report/report_internal.h"
#include "../fault.h"
#include "fixture.h"
#include "onus/alloc.h"

typedef struct page {
    fixture *f;
    char *json;
    char *html;
} page;

static int make_page(void **state) {
    page *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return -1;
    }
    onus_text text = {0};
    p->f = fixture_new();
    if (onus_report_json(&p->f->result, &p->json, NULL) != ONUS_OK ||
        onus_report_page(&p->f->result, p->json, "onus try town.yaml -o \"a & b\"", &text, NULL) !=
            ONUS_OK) {
        return -1;
    }
    p->html = onus_text_take(&text);
    *state = p;
    return p->html == NULL ? -1 : 0;
}

static int drop_page(void **state) {
    page *p = *state;
    fixture_free(p->f);
    onus_free(p->json);
    onus_free(p->html);
    free(p);
    return 0;
}

static char *escaped(const char *text) {
    onus_text out = {0};
    onus_report_html_escape(&out, text);
    char *copy = onus_text_take(&out);
    assert_non_null(copy);
    return copy;
}

/* The text of the script element with this id. */
static char *data_of(const char *html, const char *id) {
    char open[64];
    (void)snprintf(open, sizeof open, "id=\"%s\">", id);
    const char *from = strstr(html, open);
    assert_non_null(from);
    from += strlen(open);
    const char *until = strstr(from, "</script>");
    assert_non_null(until);
    return onus_strndup(from, (size_t)(until - from));
}

static size_t n_times(const char *text, const char *word) {
    size_t n = 0;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        n++;
    }
    return n;
}

/* ---- facts ---- */

static void sentences_stand_in_the_page_without_a_script(void **state) {
    const page *p = *state;
    const onus_result *result = &p->f->result;
    for (size_t i = 0; i < result->n_claims; i++) {
        char *say = escaped(result->claims[i].ref->say);
        char *sentence = escaped(result->claims[i].sentence);
        assert_non_null(strstr(p->html, say));
        assert_non_null(strstr(p->html, sentence));
        onus_free(say);
        onus_free(sentence);
    }
    const onus_question *questions = result->questions.items;
    for (size_t i = 0; i < result->questions.n_items; i++) {
        char *ask = escaped(questions[i].ask);
        assert_non_null(strstr(p->html, ask));
        onus_free(ask);
    }
    assert_non_null(strstr(p->html, "onus try town.yaml -o &quot;a &amp; b&quot;"));
    assert_non_null(strstr(p->html, "41,237"));
    assert_non_null(strstr(p->html, p->f->c.sha256));
}

static void texts_of_the_case_cannot_become_markup(void **state) {
    const page *p = *state;
    assert_null(strstr(p->html, "<script>alert(1)"));
    assert_null(strstr(p->html, "<tried>"));
    assert_non_null(strstr(p->html, "A town &lt;tried&gt; &amp; found &quot;wanting&quot;"));
    /* two elements of data, one of code, one of licences, and nothing opened by a text */
    assert_int_equal(n_times(p->html, "</script>"), 4);
}

static void embedded_results_are_the_results(void **state) {
    const page *p = *state;
    char *data = data_of(p->html, "onus-results");
    json_t *inside = json_loads(data, 0, NULL);
    json_t *outside = json_loads(p->json, 0, NULL);
    assert_non_null(inside);
    assert_true(json_equal(inside, outside));
    assert_null(strchr(data, '<'));
    json_decref(inside);
    json_decref(outside);
    onus_free(data);
}

static void policy_forbids_every_request(void **state) {
    const page *p = *state;
    assert_non_null(strstr(p->html, "default-src 'none'"));
    assert_null(strstr(p->html, "<link rel=\"stylesheet\""));
    assert_null(strstr(p->html, " src=\""));
}

static void every_mark_of_the_template_is_filled(void **state) {
    const page *p = *state;
    assert_null(strstr(p->html, "@@onus:"));
}

/* ---- the map ---- */

static int64_t next_number(const char **at) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t bits = 0;
    for (unsigned shift = 0;; shift += 5) {
        const char *digit = strchr(digits, **at);
        assert_non_null(digit);
        assert_true(**at != '\0');
        (*at)++;
        const uint64_t value = (uint64_t)(digit - digits);
        bits |= (value & 31U) << shift;
        if (value < 32) {
            break;
        }
    }
    return (bits & 1U) == 0 ? (int64_t)(bits >> 1) : -(int64_t)(bits >> 1) - 1;
}

static void map_keeps_the_area_of_every_area(void **state) {
    const page *p = *state;
    char *data = data_of(p->html, "onus-areas");
    json_t *map = json_loads(data, 0, NULL);
    assert_non_null(map);
    const double step_lon = json_number_value(json_array_get(json_object_get(map, "step"), 0));
    const double step_lat = json_number_value(json_array_get(json_object_get(map, "step"), 1));
    const char *at = json_string_value(json_object_get(map, "rings"));
    const onus_layer *layer = &p->f->evidence.areas;
    int64_t x = 0;
    int64_t y = 0;
    for (size_t i = 0; i < layer->n_areas; i++) {
        double decoded = 0.0;
        double expected = 0.0;
        double sign = 1.0;
        const int64_t n_rings = next_number(&at);
        assert_int_equal(n_rings, layer->area_rings[i + 1] - layer->area_rings[i]);
        for (int64_t r = 0; r < n_rings; r++) {
            const int64_t n = next_number(&at);
            assert_true(n >= 3);
            double twice = 0.0;
            int64_t first[2] = {0, 0};
            int64_t last[2] = {0, 0};
            for (int64_t k = 0; k < n; k++) {
                x += next_number(&at);
                y += next_number(&at);
                if (k == 0) {
                    first[0] = x;
                    first[1] = y;
                } else {
                    twice += (double)(last[0] * y - x * last[1]);
                }
                last[0] = x;
                last[1] = y;
            }
            twice += (double)(last[0] * first[1] - first[0] * last[1]);
            /* shells run anticlockwise, holes clockwise: signed areas add up to the true one */
            assert_true((twice > 0.0) == (sign > 0.0));
            decoded += twice / 2.0 * step_lon * step_lat;
            expected += sign * fabs(onus_report_ring_area(layer, layer->area_rings[i] + (size_t)r));
            sign = -sign;
        }
        assert_true(fabs(decoded - expected) < 0.01 * expected);
    }
    assert_int_equal(*at, '\0');
    json_decref(map);
    onus_free(data);
}

static void map_holds_no_withheld_value(void **state) {
    const page *p = *state;
    char *data = data_of(p->html, "onus-areas");
    json_t *map = json_loads(data, 0, NULL);
    const onus_area_table *areas = &p->f->result.areas;
    json_t *columns = json_object_get(map, "columns");
    assert_int_equal(json_array_size(columns), areas->n_columns);
    for (size_t k = 0; k < areas->n_columns; k++) {
        json_t *column = json_array_get(columns, k);
        const char *known = json_string_value(json_object_get(column, "known"));
        for (size_t i = 0; i < areas->n_areas; i++) {
            json_t *value = json_array_get(json_object_get(column, "values"), i);
            const uint8_t state_of = areas->columns[k].known[i];
            assert_true(json_is_null(value) == (state_of != ONUS_KNOWN));
            assert_int_equal(known == NULL ? '0' : known[i], '0' + state_of);
        }
    }
    json_decref(map);
    onus_free(data);
}

/* ---- figures ---- */

static void figures_are_rounded_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *unit;
        const char *text;
    } cases[] = {{0.1234, "share", "12.3\xc2\xa0%"},
                 {0.00108, "share", "0.11\xc2\xa0%"},
                 {0.0, "share", "0.0\xc2\xa0%"},
                 {1.266, "ratio", "1.27"},
                 {41237.0, "flags", "41,237"},
                 {0.0, "count", "0"},
                 {-0.182, "correlation",
                  "\xe2\x88\x92"
                  "0.18"},
                 {1234.5, "flags", "1,235"},
                 {12.34, "flags", "12.3"},
                 {0.05678, "flags per resident", "0.0568"},
                 {2.5, "flags", "2.50"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        onus_text out = {0};
        onus_html_figure(&out, cases[i].value, cases[i].unit);
        assert_string_equal(out.data, cases[i].text);
        onus_text_clear(&out);
    }
}

static void a_result_without_claims_and_areas_has_a_page(void **state) {
    (void)state;
    fixture *f = fixture_new();
    const size_t n_claims = f->result.n_claims;
    f->result.n_claims = 0;
    const onus_area_table areas = f->result.areas;
    memset(&f->result.areas, 0, sizeof f->result.areas);
    onus_text text = {0};
    assert_int_equal(onus_report_page(&f->result, "{}", NULL, &text, NULL), ONUS_OK);
    assert_non_null(strstr(text.data, "There is no verdict"));
    assert_non_null(strstr(text.data, "id=\"onus-areas\">null</script>"));
    onus_text_clear(&text);
    f->result.n_claims = n_claims;
    f->result.areas = areas;
    fixture_free(f);
}

static const onus_measure_def added = {"feedback.amplification",
                                       "What is added",
                                       "share",
                                       "Closed minus open, run by run.",
                                       "runs",
                                       "",
                                       "-"};
static const onus_measure_def drifted = {
    "feedback.tv", "Away", "share", "Patrols that are elsewhere.", "runs", "", "-"};

static onus_measure simulated(const onus_measure_def *def, double days, double value) {
    onus_measure m = {.def = def, .has_value = true, .value = value};
    onus_scope_set_text(&m.scope, "model", "grid");
    onus_scope_set_text(&m.scope, "policy", "top_counts");
    onus_scope_set_number(&m.scope, "discovery", 0.5);
    onus_scope_set_number(&m.scope, "horizon_days", days);
    return m;
}

static void simulations_stand_in_tables_without_a_script(void **state) {
    (void)state;
    fixture *f = fixture_new();
    onus_measure early = simulated(&added, 30.0, 0.011);
    onus_measure late = simulated(&added, 90.0, 0.053);
    onus_measure group = simulated(&added, 90.0, 0.5);
    onus_measure closed = simulated(&drifted, 90.0, 0.612);
    late.interval = (onus_interval){
        .given = true, .level = 0.95, .low = 0.027, .high = 0.075, .method = "runs"};
    onus_scope_set_text(&group.scope, "universe", "residents");
    onus_scope_set_text(&group.scope, "group", "Old & <Young>");
    onus_scope_set_text(&closed.scope, "loop", "closed");
    group.withheld = true;
    const onus_measure *const all[] = {&early, &late, &group, &closed};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        assert_int_equal(onus_result_add(&f->result, all[k], NULL), ONUS_OK);
    }
    onus_text text = {0};
    assert_int_equal(onus_report_page(&f->result, "{}", NULL, &text, NULL), ONUS_OK);
    const char *at = strstr(text.data, "id=\"h-simulated\"");
    assert_non_null(at);
    assert_non_null(strstr(at, "After 90 simulated days with patrols to the highest counts, 0.50 "
                               "found per incident and visit</th><td class=\"num\">5.3\u00a0%</td>"
                               "<td class=\"num\">2.7\u00a0% to 7.5\u00a0%</td>"
                               "<td class=\"num\">61.2\u00a0%</td>"));
    assert_null(strstr(at, "After 30 simulated days")); /* the last horizon alone */
    assert_non_null(strstr(at, "Old &amp; &lt;Young&gt;"));
    assert_non_null(strstr(at, "withheld: a small count could be read from it"));
    assert_null(strstr(at, "50.0\u00a0%"));
    FAULT_EACH(fault) {
        onus_text again = {0};
        fault_expect(&fault, onus_report_page(&f->result, "{}", NULL, &again, NULL));
        onus_text_clear(&again);
    }
    onus_text_clear(&text);
    fixture_free(f);
}

static void an_open_interval_says_so(void **state) {
    (void)state;
    fixture *f = fixture_new();
    f->result.claims[0].interval.high = (double)NAN;
    onus_text text = {0};
    assert_int_equal(onus_report_page(&f->result, "{}", NULL, &text, NULL), ONUS_OK);
    assert_non_null(strstr(text.data, "0.65 to unbounded"));
    onus_text_clear(&text);
    fixture_free(f);
}

static void refused_memory_is_reported(void **state) {
    const page *p = *state;
    FAULT_EACH(fault) {
        onus_text text = {0};
        onus_error err = ONUS_ERROR_INIT;
        fault_expect(&fault, onus_report_page(&p->f->result, p->json, NULL, &text, &err));
        onus_text_clear(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_stand_in_the_page_without_a_script),
        cmocka_unit_test(texts_of_the_case_cannot_become_markup),
        cmocka_unit_test(embedded_results_are_the_results),
        cmocka_unit_test(policy_forbids_every_request),
        cmocka_unit_test(every_mark_of_the_template_is_filled),
        cmocka_unit_test(map_keeps_the_area_of_every_area),
        cmocka_unit_test(map_holds_no_withheld_value),
        cmocka_unit_test(figures_are_rounded_as_people_write_them),
        cmocka_unit_test(a_result_without_claims_and_areas_has_a_page),
        cmocka_unit_test(simulations_stand_in_tables_without_a_script),
        cmocka_unit_test(an_open_interval_says_so),
        cmocka_unit_test(refused_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, make_page, drop_page);
}

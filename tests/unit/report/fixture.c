/* A result made by hand, for the tests of the report and of the page: 12 x 9 jittered areas (one
 * with a hole and an island in it), two groups, three sources of uncertainty, all four verdicts,
 * all fifteen questions, withheld and undefined cells, an empty decile, and texts that try to break
 * out of HTML, JSON and CSV. The figures are simple formulas of the area's index: no statistics are
 * tested here. */
#include "fixture_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"

enum { N_X = 12, N_Y = 9, N_AREAS = N_X * N_Y };

static const onus_measure_def DEFS[] = {
    {"burden.areas", "Areas", "count", "Number of areas.", "none: a count", "", "-"},
    {"burden.flags", "Flags", "flags", "All flags as given.", "none: a count", "", "-"},
    {"burden.exposure", "Flags that a member of the group lives with", "flags",
     "E_g = sum P_gi x_i / P_g, for x_i < 1 & more.", "the wider of two", "universe, group",
     "methods"},
    {"burden.attributed", "Flags per member of the group", "flags per resident",
     "B_g = sum x_i (P_gi / P_i) / P_g.", "the wider of two", "universe, group", "methods"},
    {"burden.ratio", "The group's load over another group's", "ratio", "E_g / E_r.",
     "three sources", "universe, group, reference, definition, source", "Kunsch (1989)"},
    {"burden.composition", "Who lives in each tenth of the areas", "share",
     "Share of the group in each decile.", "none", "universe, group, decile, (convention)", "-"},
    {"burden.share", "Who lives in the flagged areas", "share", "Share of the group in the set.",
     "none", "universe, group, set, (convention)", "-"},
    {"burden.gini", "How unequally flags are spread", "index", "Gini index of flags.", "none", "",
     "Gini (1912)"},
    {"place.windows", "Windows", "count", "Windows that were scored.", "none: a count", "", "-"},
    {"place.capture_rate", "Outcomes captured", "share", "n / N.", "cosines over units of time",
     "(type), (budget or top), (ties)", "-"},
    {"place.area_share", "Area and time flagged", "share", "a / A.", "none", "", "-"},
    {"place.baseline_capture", "Outcomes captured by a plain method", "share", "n / N.",
     "cosines over units of time", "baseline, (budget or top)", "-"},
    {"place.capture_ratio", "Captured, over a plain method", "ratio", "At the same area.",
     "cosines over units of time", "baseline, (budget or top)", "-"},
    {"place.detectable_gain", "Smallest gain that could be shown", "share", "At 80 % power.",
     "none", "baseline", "-"},
    {"place.hit_rate", "Predictions that came true", "share", "Hits / predictions.", "Wilson",
     "(type), (budget or top)", "-"},
    {"place.hit_rate_chance", "The same by chance", "share", "Exact expectation.", "none",
     "(type), (budget or top)", "-"},
    {"place.hit_lift", "Hits over hits by chance", "ratio", "The ratio of the two.", "none",
     "(type), (budget or top)", "-"},
    {"place.sensitivity", "Range under other choices", "ratio", "Lowest and highest.", "none",
     "of, baseline, change, bound", "-"},
    {"place.mcb", "Miscalibration", "score", "CORP.", "none", "", "-"},
    {"place.dsc", "Discrimination", "score", "CORP.", "none", "", "-"},
    {"place.unc", "Uncertainty", "score", "CORP.", "none", "", "-"},
};
enum { N_DEFS = sizeof DEFS / sizeof DEFS[0] };

void fixture_must(int good) {
    if (!good) {
        (void)fprintf(stderr, "the fixture could not be made\n");
        abort();
    }
}

static char *copy(const char *text) {
    char *out = onus_strdup(text);
    fixture_must(out != NULL);
    return out;
}

static void *room(size_t n, size_t size) {
    void *out = onus_alloc_n(n, size);
    fixture_must(out != NULL);
    return out;
}

/* ---- areas ---- */

/* A corner of the town's grid, moved a little so that streets are not straight. */
static void corner(size_t x, size_t y, double *lon, double *lat) {
    const double a = (double)x;
    const double b = (double)y;
    *lon = -120.97 + 0.006 * (a + 0.28 * sin(3.1 * a + 5.3 * b));
    *lat = 37.64 + 0.005 * (b + 0.28 * cos(4.7 * a + 2.9 * b));
}

static void ring(onus_layer *layer, double (*points)[2], size_t n) {
    for (size_t i = 0; i <= n; i++) {
        layer->lon_deg[layer->n_points] = points[i % n][0];
        layer->lat_deg[layer->n_points] = points[i % n][1];
        layer->n_points++;
    }
    layer->n_rings++;
    layer->ring_points[layer->n_rings] = layer->n_points;
}

static void make_layer(onus_layer *layer) {
    const size_t most_points = 5 * (N_AREAS + 2);
    layer->ids = room(N_AREAS, sizeof *layer->ids);
    layer->area_rings = room(N_AREAS + 1, sizeof *layer->area_rings);
    layer->ring_points = room(N_AREAS + 3, sizeof *layer->ring_points);
    layer->lon_deg = room(most_points, sizeof *layer->lon_deg);
    layer->lat_deg = room(most_points, sizeof *layer->lat_deg);
    layer->source_crs = copy("EPSG:4326");
    layer->projection = copy("+proj=laea");
    for (size_t y = 0; y < N_Y; y++) {
        for (size_t x = 0; x < N_X; x++) {
            double p[4][2];
            corner(x, y, &p[0][0], &p[0][1]);
            corner(x + 1, y, &p[1][0], &p[1][1]);
            corner(x + 1, y + 1, &p[2][0], &p[2][1]);
            corner(x, y + 1, &p[3][0], &p[3][1]);
            ring(layer, p, 4);
            if (x == 5 && y == 4) {
                /* a hole, and an island in the hole; both run the wrong way round on purpose */
                const double scales[] = {0.5, 0.2};
                const double mid[2] = {(p[0][0] + p[2][0]) / 2.0, (p[0][1] + p[2][1]) / 2.0};
                for (size_t s = 0; s < 2; s++) {
                    double q[4][2];
                    for (size_t k = 0; k < 4; k++) {
                        q[k][0] = mid[0] + scales[s] * (p[k][0] - mid[0]);
                        q[k][1] = mid[1] + scales[s] * (p[k][1] - mid[1]);
                    }
                    ring(layer, q, 4);
                }
            }
            char id[16];
            (void)snprintf(id, sizeof id, "A%02zu%02zu", x, y);
            layer->ids[layer->n_areas] = copy(id);
            layer->n_areas++;
            layer->area_rings[layer->n_areas] = layer->n_rings;
        }
    }
}

static double flags_of(size_t i) {
    const double x = (double)(i % N_X) - 7.5;
    const double y = (double)(i / N_X) - 3.0;
    return i % 17 == 0 ? 0.0 : floor(240.0 * exp(-(x * x + y * y) / 14.0) + (double)(i * 7 % 5));
}

static double residents_of(size_t i) {
    return i == 30 ? 0.0 : 900.0 + (double)(i * 37 % 700);
}

static double group_of(size_t i, int group) {
    const double share = 0.12 + 0.6 / (1.0 + exp(-((double)(i % N_X) - 6.0) / 2.0));
    const double first = floor(residents_of(i) * share);
    return group == 0 ? first : residents_of(i) - first;
}

static onus_area_column *column(onus_area_table *areas, const char *name, const char *title,
                                const char *unit) {
    onus_area_column *c = &areas->columns[areas->n_columns++];
    c->name = copy(name);
    c->title = copy(title);
    c->unit = unit;
    c->values = room(N_AREAS, sizeof *c->values);
    c->known = room(N_AREAS, sizeof *c->known);
    return c;
}

static void make_areas(fixture *f) {
    onus_area_table *areas = &f->result.areas;
    areas->n_areas = N_AREAS;
    areas->layer = &f->evidence.areas;
    areas->columns = room(9, sizeof *areas->columns);
    onus_area_column *flags = column(areas, "flags", "Flags", "flags");
    onus_area_column *people = column(areas, "residents", "Residents", "people");
    onus_area_column *per_head =
        column(areas, "flags_per_resident", "Flags per resident", "flags per resident");
    onus_area_column *latino = column(areas, "residents_latino", "Latino residents", "people");
    onus_area_column *share = column(areas, "share_latino", "Share of Latino residents", "share");
    onus_area_column *outcomes = column(areas, "outcomes", "Recorded outcomes", "outcomes");
    for (size_t i = 0; i < N_AREAS; i++) {
        outcomes->values[i] = floor(flags_of(i) / 3.0) + (double)(i % 31);
        if (outcomes->values[i] > 0.0 && outcomes->values[i] < 10.0) {
            outcomes->known[i] = ONUS_WITHHELD;
        }
        flags->values[i] = flags_of(i);
        people->values[i] = residents_of(i);
        latino->values[i] = group_of(i, 0);
        if (residents_of(i) > 0.0) {
            per_head->values[i] = flags_of(i) / residents_of(i);
            share->values[i] = group_of(i, 0) / residents_of(i);
        } else {
            per_head->known[i] = ONUS_UNDEFINED;
            share->known[i] = ONUS_UNDEFINED;
        }
        if (i % 23 == 4) {
            latino->known[i] = ONUS_WITHHELD;
            share->known[i] = ONUS_WITHHELD;
        }
    }
}

/* ---- measures ---- */

static const onus_measure_def *def(const char *id) {
    for (size_t i = 0; i < N_DEFS; i++) {
        if (strcmp(DEFS[i].id, id) == 0) {
            return &DEFS[i];
        }
    }
    fixture_must(0);
    return NULL;
}

onus_measure fixture_measure(const char *id, double value) {
    onus_measure m = {.def = def(id), .has_value = true, .value = value};
    return m;
}

size_t fixture_add(fixture *f, const onus_measure *m) {
    size_t index = 0;
    fixture_must(onus_result_add(&f->result, m, &index) == ONUS_OK);
    return index;
}

static double exposure_of(int group) {
    double num = 0.0;
    double den = 0.0;
    for (size_t i = 0; i < N_AREAS; i++) {
        num += group_of(i, group) * flags_of(i);
        den += group_of(i, group);
    }
    return num / den;
}

static size_t add_ratios(fixture *f, const char *definition, double value) {
    static const struct {
        const char *source;
        const char *method;
        const char *resampled;
        double factor;
    } sources[] = {{"flags", "moving-block bootstrap", "week", 1.08},
                   {"census", "delta method", NULL, 1.15},
                   {"space", "spatial-block bootstrap", "area block", 2.2}};
    size_t first = 0;
    for (size_t s = 0; s < 3; s++) {
        onus_measure m = fixture_measure("burden.ratio", value);
        onus_scope_set_text(&m.scope, "universe", "residents");
        onus_scope_set_text(&m.scope, "group", "Latino");
        onus_scope_set_text(&m.scope, "reference", "White");
        onus_scope_set_text(&m.scope, "definition", definition);
        onus_scope_set_text(&m.scope, "source", sources[s].source);
        m.has_fraction = true;
        m.num = value * 10.0;
        m.den = 10.0;
        if (s == 1 && strcmp(definition, "attributed") == 0) {
            m.reason = "the people table gives no margins of the totals";
        } else {
            m.interval = (onus_interval){.given = true,
                                         .level = 0.95,
                                         .low = value / sources[s].factor,
                                         .high = value * sources[s].factor,
                                         .method = sources[s].method,
                                         .resampled = sources[s].resampled,
                                         .weak = s == 2,
                                         .weak_reason = s == 2 ? "only 9 blocks of areas" : NULL};
            m.has_p = true;
            m.p_value = 0.0123;
        }
        const size_t index = fixture_add(f, &m);
        first = s == 0 ? index : first;
    }
    return first;
}

static void add_groups(fixture *f) {
    static const char *const groups[] = {"Latino", "White"};
    static const char *const conventions[] = {"onus", "markup-2021"};
    for (int g = 0; g < 2; g++) {
        onus_measure m = fixture_measure("burden.exposure", exposure_of(g));
        onus_scope_set_text(&m.scope, "universe", "residents");
        onus_scope_set_text(&m.scope, "group", groups[g]);
        m.interval = (onus_interval){.given = true,
                                     .level = 0.95,
                                     .low = 0.9 * m.value,
                                     .high = 1.1 * m.value,
                                     .method = "moving-block bootstrap",
                                     .resampled = "week"};
        (void)fixture_add(f, &m);
        for (int v = 0; v < 2; v++) {
            for (int d = 1; d <= 10; d++) {
                onus_measure c = fixture_measure("burden.composition", 0.0);
                onus_scope_set_text(&c.scope, "universe", "residents");
                onus_scope_set_text(&c.scope, "group", groups[g]);
                onus_scope_set_number(&c.scope, "decile", d);
                onus_scope_set_text(&c.scope, "convention", conventions[v]);
                if (d == 2) {
                    c.has_value = false;
                    c.reason = "no area falls in this decile";
                } else {
                    c.value = g == 0 ? 0.2 + 0.05 * d : 0.8 - 0.05 * d;
                    c.has_fraction = true;
                    c.num = c.value * 1000.0;
                    c.den = 1000.0;
                }
                (void)fixture_add(f, &c);
            }
        }
    }
    onus_measure small = fixture_measure("burden.share", 0.004);
    onus_scope_set_text(&small.scope, "universe", "residents");
    onus_scope_set_text(&small.scope, "group", "Samoan, \"Tongan\"");
    onus_scope_set_text(&small.scope, "set", "most");
    small.has_fraction = true;
    small.num = 7.0;
    small.den = 1750.0;
    small.withheld = true;
    (void)fixture_add(f, &small);
    onus_measure gini = fixture_measure("burden.gini", 0.61803398874989484);
    (void)fixture_add(f, &gini);
}

/* ---- claims, questions, series ---- */

static void claim(fixture *f, size_t k, onus_verdict verdict, const char *say, const char *sentence,
                  const char *why, size_t index) {
    onus_claim_ref *ref = &f->c.claims[k];
    ref->say = copy(say);
    ref->measure = copy("burden.ratio");
    ref->n_scope = 2;
    ref->scope = room(2, sizeof *ref->scope);
    ref->scope[0] = (onus_scope_item){copy("universe"), copy("residents"), false, 0.0};
    ref->scope[1] = (onus_scope_item){copy("group"), copy("Latino"), false, 0.0};
    ref->has_at_most = true;
    ref->at_most = 1.25;
    onus_claim *c = &f->result.claims[k];
    c->ref = ref;
    c->verdict = verdict;
    c->verdict_raw = verdict == ONUS_VERDICT_NOT_SHOWN ? ONUS_VERDICT_CONTRADICTED : verdict;
    c->sentence = copy(sentence);
    c->why = copy(why);
    if (verdict == ONUS_VERDICT_NOT_TESTABLE) {
        return;
    }
    const onus_measure *m = onus_result_measure(&f->result, index + 2);
    c->has_value = true;
    c->value = m->value;
    c->has_fraction = true;
    c->num = 1083.0;
    c->den = 2500.0;
    c->interval = m->interval;
    c->has_p = true;
    c->p_value = 0.00021;
    c->p_holm = 0.00084;
    c->has_detectable = verdict == ONUS_VERDICT_NOT_SHOWN;
    c->detectable = 0.31;
    c->measures = room(1, sizeof *c->measures);
    c->measures[0] = index;
    c->n_measures = 1;
}

static void make_claims(fixture *f, size_t exposure, size_t attributed) {
    f->c.n_claims = 4;
    f->c.claims = room(4, sizeof *f->c.claims);
    f->result.n_claims = 4;
    f->result.claims = room(4, sizeof *f->result.claims);
    claim(
        f, 0, ONUS_VERDICT_CONTRADICTED, "no community carries more than a quarter above its share",
        "An average Latino resident lives with 1.61 times the flags of an average White resident; "
        "the claim allows 1.25.",
        "flags, census and space agree", exposure);
    claim(f, 1, ONUS_VERDICT_NOT_SHOWN, "objective: \"does not target\" any community",
          "Shared out among residents the load is 1.44 times, with 0.65 to 3.17: 1,083 of 2,500 "
          "resamples lie above the bound.",
          "space straddles the bound", attributed);
    claim(f, 2, ONUS_VERDICT_SUPPORTED, "</script><script>alert(1)</script><!-- & 'more'",
          "Flags fall on 102 of 108 areas.", "", exposure);
    claim(f, 3, ONUS_VERDICT_NOT_TESTABLE, "twice as accurate as our analysts",
          "Nothing can be said about accuracy: the predictions have no times.",
          "needs predictions with times", 0);
}

static void make_questions(fixture *f, size_t index) {
    static const char *const grades[] = {"not testable", "answered", "supported", "not shown",
                                         "contradicted"};
    static const char *const asks[] = {
        "Of what it flagged, how much came true?",
        "Of what happened, how much did it flag?",
        "Is it better than plain counting?",
        "How sure are we, and could this sample show a difference at all?",
        "Does it hold in each district, type, shift and quarter?",
        "Who lives in the flagged places, how heavy and how constant is the load?",
        "Do recorded crimes explain the difference in load?",
        "Does it miss crimes against some groups more often?",
        "Which records are police-made?",
        "Does it feed on its own patrols?",
        "Was it used?",
        "Can any effect on crime be claimed from this use?",
        "What followed for people?",
        "What did the vendor promise, and does that number come out?",
        "Can somebody else repeat it?",
    };
    /* handed on in the wrong order: the report sorts them */
    for (int n = 15; n >= 1; n--) {
        fixture_must(
            onus_result_question(&f->result, n, asks[n - 1], grades[n % 5],
                                 copy("The 6 most flagged of 108 areas hold 2,310 of 41,200 flags; "
                                      "what is missing would be named here."),
                                 &index, 1) == ONUS_OK);
    }
}

static void make_series(fixture *f) {
    static const char *lorenz[] = {"group", "people_share", "flags_share"};
    static const char *tricky[] = {"label", "value"};
    onus_series *s = onus_result_series(&f->result, "lorenz", lorenz, 3);
    fixture_must(s != NULL);
    for (int i = 0; i <= 20; i++) {
        const double t = i / 20.0;
        fixture_must(onus_series_text(s, "all") == ONUS_OK && onus_series_number(s, t) == ONUS_OK &&
                     onus_series_number(s, t * t * t) == ONUS_OK);
    }
    static const char *exposure[] = {"universe",    "group",     "definition", "benchmark",
                                     "value",       "flags_low", "flags_high", "census_low",
                                     "census_high", "space_low", "space_high"};
    static const char *const groups[] = {"Latino", "White"};
    s = onus_result_series(&f->result, "exposure", exposure, 11);
    fixture_must(s != NULL);
    for (int g = 0; g < 2; g++) {
        fixture_must(onus_series_text(s, "residents") == ONUS_OK &&
                     onus_series_text(s, groups[g]) == ONUS_OK &&
                     onus_series_text(s, "exposure") == ONUS_OK && onus_series_null(s) == ONUS_OK &&
                     onus_series_number(s, exposure_of(g)) == ONUS_OK);
        for (int k = 1; k <= 3; k++) {
            fixture_must(onus_series_number(s, exposure_of(g) * (1.0 - 0.06 * k * k)) == ONUS_OK &&
                         onus_series_number(s, exposure_of(g) * (1.0 + 0.07 * k * k)) == ONUS_OK);
        }
    }
    static const char *conventions[] = {"universe", "group",       "figure",     "set", "decile",
                                        "onus",     "markup-2021", "difference", "why"};
    s = onus_result_series(&f->result, "conventions", conventions, 9);
    fixture_must(s != NULL && onus_series_text(s, "residents") == ONUS_OK &&
                 onus_series_text(s, "Latino") == ONUS_OK &&
                 onus_series_text(s, "share") == ONUS_OK &&
                 onus_series_text(s, "most") == ONUS_OK && onus_series_null(s) == ONUS_OK &&
                 onus_series_number(s, 0.61) == ONUS_OK && onus_series_number(s, 0.58) == ONUS_OK &&
                 onus_series_number(s, -0.03) == ONUS_OK &&
                 onus_series_text(s, "one area more than the top share") == ONUS_OK);
    s = onus_result_series(&f->result, "a_tricky_one", tricky, 2);
    fixture_must(s != NULL && onus_series_text(s, "comma, \"quote\"\nline") == ONUS_OK &&
                 onus_series_number(s, 0.1) == ONUS_OK && onus_series_null(s) == ONUS_OK &&
                 onus_series_number(s, (double)NAN) == ONUS_OK);
}

static void make_evidence(fixture *f) {
    static const struct {
        const char *role;
        const char *file;
        uint64_t rows;
        uint64_t left_out;
        bool by_choice;
        const char *reason;
    } inputs[] = {{"areas", "areas.geojson", 108, 0, false, NULL},
                  {"people", "people.csv", 2514, 2406, true, "not selected by where"},
                  {"predictions", "boxes.csv", 41237, 37, false, "no coordinates"}};
    f->evidence.inputs.elem_size = sizeof(onus_input);
    f->evidence.warnings.elem_size = sizeof(onus_load_warning);
    for (size_t i = 0; i < 3; i++) {
        onus_input *input = onus_array_grow(&f->evidence.inputs);
        fixture_must(input != NULL);
        input->role = inputs[i].role;
        input->file = copy(inputs[i].file);
        memset(input->sha256, "abc"[i], 64);
        input->rows = inputs[i].rows;
        input->used = inputs[i].rows;
        if (inputs[i].reason != NULL) {
            input->used -= inputs[i].left_out;
            input->n_excluded = 1;
            input->excluded = room(1, sizeof *input->excluded);
            input->excluded[0] =
                (onus_exclusion){copy(inputs[i].reason), inputs[i].left_out, inputs[i].by_choice};
        }
    }
    onus_load_warning *warning = onus_array_grow(&f->evidence.warnings);
    fixture_must(warning != NULL);
    warning->code = "repaired";
    warning->text = copy("1 polygon crossed itself and was mended");
    fixture_must(onus_result_warn(&f->result, "repaired",
                                  "1 polygon crossed itself and was mended") == ONUS_OK);
    fixture_must(onus_result_warn(
                     &f->result, "ecological",
                     "areas are not people: a group\xe2\x80\x99s load is that of the areas where "
                     "it lives") == ONUS_OK);
}

fixture *fixture_new(void) {
    fixture *f = room(1, sizeof *f);
    f->c.path = copy("/nowhere/to/be/seen/town.yaml");
    f->c.data_dir = copy("/nowhere/to/be/seen");
    memset(f->c.sha256, 'd', 64);
    f->c.title = copy("A town <tried> & found \"wanting\"");
    f->c.kind = ONUS_KIND_PLACE;
    f->c.protocol.conventions[ONUS_CONVENTION_ONUS] = true;
    f->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
    f->c.protocol.level = 0.95;
    f->c.protocol.n_replicates = 2000;
    f->c.protocol.top_frac = 0.05;
    f->c.protocol.seed = 7;
    f->c.protocol.suppress_below = 10;
    f->c.protocol.unit = ONUS_UNIT_AREA;
    f->c.has_period = true;
    f->c.period_from = copy("2018-02-25");
    f->c.period_until = copy("2018-12-18");
    onus_result_init(&f->result, &f->c, &f->evidence);
    f->result.n_suppressed = 6;
    make_layer(&f->evidence.areas);
    make_areas(f);
    make_evidence(f);
    onus_measure areas = fixture_measure("burden.areas", N_AREAS);
    (void)fixture_add(f, &areas);
    onus_measure flags = fixture_measure("burden.flags", 41237.0);
    (void)fixture_add(f, &flags);
    add_groups(f);
    const size_t exposure = add_ratios(f, "exposure", exposure_of(0) / exposure_of(1));
    const size_t attributed = add_ratios(f, "attributed", 1.44);
    make_claims(f, exposure, attributed);
    make_questions(f, exposure);
    make_series(f);
    fixture_add_accuracy(f);
    return f;
}

void fixture_free(fixture *f) {
    onus_result_clear(&f->result);
    for (size_t i = 0; i < f->c.n_claims; i++) {
        onus_claim_ref *ref = &f->c.claims[i];
        for (size_t k = 0; k < ref->n_scope; k++) {
            onus_free(ref->scope[k].key);
            onus_free(ref->scope[k].text);
        }
        onus_free(ref->scope);
        onus_free(ref->say);
        onus_free(ref->measure);
    }
    onus_free(f->c.claims);
    onus_free(f->c.path);
    onus_free(f->c.data_dir);
    onus_free(f->c.title);
    onus_free(f->c.period_from);
    onus_free(f->c.period_until);
    onus_layer *layer = &f->evidence.areas;
    for (size_t i = 0; i < layer->n_areas; i++) {
        onus_free(layer->ids[i]);
    }
    onus_free(layer->ids);
    onus_free(layer->area_rings);
    onus_free(layer->ring_points);
    onus_free(layer->lon_deg);
    onus_free(layer->lat_deg);
    onus_free(layer->source_crs);
    onus_free(layer->projection);
    const onus_input *inputs = f->evidence.inputs.items;
    for (size_t i = 0; i < f->evidence.inputs.n_items; i++) {
        onus_free(inputs[i].file);
        for (size_t j = 0; j < inputs[i].n_excluded; j++) {
            onus_free(inputs[i].excluded[j].reason);
        }
        onus_free(inputs[i].excluded);
    }
    onus_array_clear(&f->evidence.inputs);
    const onus_load_warning *warnings = f->evidence.warnings.items;
    for (size_t i = 0; i < f->evidence.warnings.n_items; i++) {
        onus_free(warnings[i].text);
    }
    onus_array_clear(&f->evidence.warnings);
    onus_free(f);
}

/* The accuracy half of the fixture: a forecast at two budgets against two methods, districts and
 * shifts, and the series behind the page's pictures. */
#include <math.h>
#include <stdio.h>

#include "fixture_internal.h"

static const double BUDGETS[] = {0.01, 0.05};
static const char *const METHODS[] = {"moving_count", "self_exciting"};
enum { N_BUDGETS = 2, N_METHODS = 2, N_WEEKS = 30 };

/* Share captured at a share of the area: method 0 is the product. */
static double captured_at(int method, double area) {
    return 1.0 - pow(1.0 - area, 12.0 - 2.0 * method);
}

static void add_fraction(fixture *f, const char *id, double budget, const char *baseline,
                         double value, double den, double spread) {
    onus_measure m = fixture_measure(id, value);
    if (budget > 0.0) {
        onus_scope_set_number(&m.scope, "budget", budget);
    }
    if (baseline != NULL) {
        onus_scope_set_text(&m.scope, "baseline", baseline);
    }
    if (den > 0.0) {
        m.has_fraction = true;
        m.num = value * den;
        m.den = den;
    }
    if (spread > 1.0) {
        m.interval = (onus_interval){.given = true,
                                     .level = 0.95,
                                     .low = value / spread,
                                     .high = value * spread,
                                     .method = "cosines over units of time, Student",
                                     .resampled = "week"};
    }
    (void)fixture_add(f, &m);
}

static void add_accuracy(fixture *f) {
    add_fraction(f, "place.windows", 0.0, NULL, 7.0 * N_WEEKS, 0.0, 0.0);
    for (size_t l = 0; l < N_BUDGETS; l++) {
        const double b = BUDGETS[l];
        const double own = captured_at(0, b);
        add_fraction(f, "place.capture_rate", b, NULL, own, 2000.0, 1.1);
        add_fraction(f, "place.area_share", b, NULL, b, 0.0, 0.0);
        add_fraction(f, "place.hit_rate", b, NULL, 0.04, 5000.0, 1.2);
        add_fraction(f, "place.hit_rate_chance", b, NULL, 0.01, 5000.0, 0.0);
        add_fraction(f, "place.hit_lift", b, NULL, 4.0, 50.0, 1.2);
        for (size_t k = 0; k < N_METHODS; k++) {
            const double theirs = captured_at((int)k + 1, b);
            add_fraction(f, "place.baseline_capture", b, METHODS[k], theirs, 2000.0, 1.1);
            add_fraction(f, "place.capture_ratio", b, METHODS[k], own / theirs, 2000.0 * theirs,
                         1.12);
            add_fraction(f, "place.detectable_gain", b, METHODS[k], 0.021, 0.0, 0.0);
        }
        static const char *const ties[] = {"worst", "best"};
        for (size_t v = 0; v < 2; v++) {
            onus_measure m = fixture_measure("place.capture_rate", own * (v == 0 ? 0.93 : 1.04));
            onus_scope_set_number(&m.scope, "budget", b);
            onus_scope_set_text(&m.scope, "ties", ties[v]);
            (void)fixture_add(f, &m);
        }
    }
    static const char *const bounds[] = {"low", "high"};
    for (size_t v = 0; v < 2; v++) {
        onus_measure m = fixture_measure("place.sensitivity", v == 0 ? 1.02 : 1.31);
        onus_scope_set_text(&m.scope, "of", "capture_ratio");
        onus_scope_set_text(&m.scope, "baseline", METHODS[0]);
        onus_scope_set_text(&m.scope, "change", "shift");
        onus_scope_set_text(&m.scope, "bound", bounds[v]);
        (void)fixture_add(f, &m);
    }
    add_fraction(f, "place.mcb", 0.0, NULL, 0.0004, 0.0, 0.0);
    add_fraction(f, "place.dsc", 0.0, NULL, 0.0009, 0.0, 0.0);
    add_fraction(f, "place.unc", 0.0, NULL, 0.0180, 0.0, 0.0);
}

/* Three districts and two shifts against the first method; one of them is too small to compare. */
static void add_parts(fixture *f) {
    static const struct {
        const char *kind;
        const char *name;
        double times; /* 0: not compared */
    } PARTS[] = {{"district", "Harbour", 1.4},
                 {"district", "Old <Town>", 0.8},
                 {"district", "Heights", 0.0},
                 {"shift", "day", 1.1},
                 {"shift", "night", 1.3}};
    for (size_t k = 0; k < sizeof PARTS / sizeof *PARTS; k++) {
        onus_measure captured = fixture_measure("place.capture_rate", 0.3);
        onus_measure ratio = fixture_measure("place.capture_ratio", PARTS[k].times);
        onus_scope_set_text(&captured.scope, PARTS[k].kind, PARTS[k].name);
        onus_scope_set_text(&ratio.scope, PARTS[k].kind, PARTS[k].name);
        onus_scope_set_text(&ratio.scope, "baseline", METHODS[0]);
        captured.has_fraction = true;
        captured.num = 30.0;
        captured.den = 100.0;
        ratio.has_value = PARTS[k].times > 0.0;
        if (ratio.has_value) {
            ratio.interval = (onus_interval){.given = true,
                                             .level = 0.95,
                                             .low = PARTS[k].times / 1.2,
                                             .high = PARTS[k].times * 1.2,
                                             .method = "cosines over units of time, Student"};
            ratio.has_p = true;
            ratio.p_value = k == 0 ? 0.004 : 0.4;
        } else {
            ratio.reason = "too few outcomes were recorded (protocol.suppress_below)";
        }
        (void)fixture_add(f, &captured);
        (void)fixture_add(f, &ratio);
    }
}

static void numbers(onus_series *s, const double *values, size_t n) {
    fixture_must(s != NULL);
    for (size_t i = 0; i < n; i++) {
        fixture_must(onus_series_number(s, values[i]) == ONUS_OK);
    }
}

static void make_accuracy_series(fixture *f) {
    static const char *curve[] = {"area_share", "captured", "baseline"};
    static const char *const names[] = {"vendor", "moving_count", "self_exciting", "chance"};
    onus_series *s = onus_result_series(&f->result, "capture_curve", curve, 3);
    for (int m = 0; m < 4; m++) {
        for (int k = 0; k <= 40; k++) {
            const double area = k / 40.0 * (k / 40.0);
            numbers(s, (double[]){area, m == 3 ? area : captured_at(m, area)}, 2);
            fixture_must(onus_series_text(s, names[m]) == ONUS_OK);
        }
    }
    static const char *by_time[] = {"unit",     "day",      "budget",   "top",
                                    "baseline", "outcomes", "captured", "difference"};
    s = onus_result_series(&f->result, "capture_by_time", by_time, 8);
    for (size_t l = 0; l < N_BUDGETS; l++) {
        for (size_t k = 0; k < N_METHODS; k++) {
            for (int w = 0; w < N_WEEKS; w++) {
                const double captured = 5.0 + w % 4;
                numbers(s, (double[]){w + 1.0, 17587.0 + 7.0 * w, BUDGETS[l]}, 3);
                fixture_must(onus_series_null(s) == ONUS_OK &&
                             onus_series_text(s, METHODS[k]) == ONUS_OK);
                numbers(s, (double[]){60.0 + w, captured, (double)(w * 5 % 7) - 2.0}, 3);
            }
        }
    }
    static const char *steps[] = {"low", "high", "forecast", "share", "n", "events"};
    s = onus_result_series(&f->result, "reliability", steps, 6);
    for (int k = 0; k < 6; k++) {
        const double low = 0.002 * k * k;
        const double high = 0.002 * (k + 1) * (k + 1);
        const double n = 40000.0 / (1.0 + 3.0 * k * k);
        numbers(s, (double[]){low, high, (low + high) / 2.0, low, n, floor(n * low)}, 6);
    }
}

void fixture_add_accuracy(fixture *f) {
    add_accuracy(f);
    add_parts(f);
    make_accuracy_series(f);
}

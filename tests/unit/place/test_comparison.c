/* Methods of comparison as the case asks for them: each key changes what is compared with, and what
 * was used is said. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_trial.h"

static const char CASE[] =
    "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"
    "outcomes: {file: records.csv, time: {column: when, zone: UTC}, lon: lon, lat: lat}\n"
    "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 400 m, from: {column: "
    "start, zone: UTC}, lasts: 1 d}\n"
    "grid: {cell: 200 m}\nperiod: {from: 2025-02-01, until: 2025-03-01}\n"
    "protocol: {window: 1 d, baselines: [kde, self_exciting], history: 60 d%s, resample: {unit: "
    "day, replicates: 50}, seed: 1}\n";

/* Records around four places, two of them near the edge, a month of them before the period; some
 * are soon repeated nearby. */
static void write_town(void) {
    uint32_t random = 77;
    double lon_deg = 0.0;
    double lat_deg = 0.0;
    FILE *file = file_for("records.csv");
    fputs("when,lon,lat\n", file);
    for (int i = 0; i < 1180; i++) {
        const unsigned day = (unsigned)i / 20;
        if (i % 4 != 3) { /* else beside the one before */
            lon_deg = 0.005 + 0.016 * (double)(next_random(&random) % 2);
            lat_deg = 0.005 + 0.016 * (double)(next_random(&random) % 2);
            lon_deg += 0.008 * (uniform(&random) - 0.5);
            lat_deg += 0.008 * (uniform(&random) - 0.5);
        }
        lon_deg += 0.001 * (uniform(&random) - 0.5);
        lat_deg += 0.001 * (uniform(&random) - 0.5);
        const unsigned hour = (unsigned)i % 20;
        fprintf(file, "2025-%02u-%02u %02u:15,%.6f,%.6f\n", day < 31 ? 1U : 2U,
                day < 31 ? day + 1 : day - 30, hour, lon_deg, lat_deg);
    }
    fclose(file);
    file = file_for("boxes.csv");
    fputs("lon,lat,start\n", file);
    for (unsigned day = 1; day <= 28; day++) {
        fprintf(file, "0.005,0.005,2025-02-%02u\n0.021,0.021,2025-02-%02u\n", day, day);
    }
    fclose(file);
    write_text("town.geojson", TOWN);
}

static void try_with(trial *t, const char *keys) {
    char text[2048];
    (void)snprintf(text, sizeof text, CASE, keys);
    try_text(t, text);
}

static double of(const trial *t, const char *id, const char *scope) {
    const onus_measure *m = trial_find(t, id, scope);
    if (m == NULL || !m->has_value) {
        fail_msg("no %s {%s}", id, scope);
    }
    return m->value;
}

static void the_bandwidth_of_kernel_density_is_said_with_its_rule(void **state) {
    (void)state;
    static const struct {
        const char *keys;
        const char *scope;
    } cases[] = {{"", "rule=past"},
                 {", kde: {rule: scott}", "rule=scott"},
                 {", kde: {bandwidth: 150 m}", "rule=case"}};
    double bandwidth_m[3];
    double captured[3];
    trial t;
    for (int k = 0; k < 3; k++) {
        try_with(&t, cases[k].keys);
        bandwidth_m[k] = of(&t, "place.kde_bandwidth", cases[k].scope);
        captured[k] = of(&t, "place.baseline_capture", "baseline=kde");
        trial_clear(&t);
    }
    assert_true(bandwidth_m[2] == 150.0);
    assert_true(bandwidth_m[0] < bandwidth_m[1]);
    assert_true(captured[0] != captured[1] && captured[1] != captured[2]);
}

static void the_edge_is_corrected_unless_the_case_says_not(void **state) {
    (void)state;
    trial t;
    try_with(&t, ", kde: {bandwidth: 1500 m}");
    const double corrected = of(&t, "place.baseline_capture", "baseline=kde");
    trial_clear(&t);
    try_with(&t, ", kde: {bandwidth: 1500 m, edge: false}");
    assert_true(of(&t, "place.baseline_capture", "baseline=kde") != corrected);
    trial_clear(&t);
}

static void both_forms_of_the_self_exciting_process_are_reached(void **state) {
    (void)state;
    trial t;
    double captured[3];
    static const char *const KEYS[] = {"", ", self_exciting: {form: grid}",
                                       ", self_exciting: {form: kernel}"};
    for (int k = 0; k < 3; k++) {
        try_with(&t, KEYS[k]);
        captured[k] = of(&t, "place.baseline_capture", "baseline=self_exciting");
        trial_clear(&t);
    }
    assert_true(captured[0] == captured[1]);
    assert_true(captured[2] != captured[0]);
}

/* Both on the changed grid: other ranges than with the product's flags as they are, around the same
 * headline. */
static void the_product_is_laid_on_the_changed_grid_too(void **state) {
    (void)state;
    trial t;
    try_with(&t, ", sensitivity: {shift: true}");
    const double ratio = of(&t, "place.capture_ratio", "baseline=kde");
    const double gain = of(&t, "place.capture_gain", "baseline=kde");
    static const char *const SCOPES[] = {
        "baseline=kde bound=%s change=shift of=capture_ratio",
        "baseline=kde bound=%s change=shift flags=regridded of=capture_ratio",
        "baseline=kde bound=%s change=shift flags=regridded of=capture_gain"};
    double limits[3][2];
    for (int k = 0; k < 3; k++) {
        for (int high = 0; high < 2; high++) {
            char scope[128];
            (void)snprintf(scope, sizeof scope, SCOPES[k], high != 0 ? "high" : "low");
            limits[k][high] = of(&t, "place.sensitivity", scope);
        }
        const double headline = k == 2 ? gain : ratio;
        assert_true(limits[k][0] <= headline && headline <= limits[k][1]);
        assert_true(limits[k][0] < limits[k][1]);
    }
    assert_true(limits[0][0] != limits[1][0] || limits[0][1] != limits[1][1]);
    trial_clear(&t);
}

static int make_files(void **state) {
    if (make_temp_dir(state) != 0) {
        return -1;
    }
    write_town();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bandwidth_of_kernel_density_is_said_with_its_rule),
        cmocka_unit_test(the_edge_is_corrected_unless_the_case_says_not),
        cmocka_unit_test(both_forms_of_the_self_exciting_process_are_reached),
        cmocka_unit_test(the_product_is_laid_on_the_changed_grid_too),
    };
    (void)setlocale(LC_NUMERIC, "C");
    return cmocka_run_group_tests_name("comparison", tests, make_files, remove_temp_dir);
}

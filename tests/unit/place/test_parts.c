/* Districts, shifts and visited ground: parts add up to the whole, small ones are kept quiet about,
 * and bounds under patrols are what their formula says. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_trial.h"

enum { DAYS = 90, FIRST_DAY = 30 };

static const char CASE[] =
    "onus: 1\ntitle: T\nkind: place\nregion: {file: town.geojson}\n"
    "outcomes: {file: records.csv, time: {column: when, zone: America/New_York}, lon: lon, lat: "
    "lat}\n"
    "predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, size: 300 m, from: {column: "
    "start, zone: America/New_York}, lasts: 1 d}\n"
    "grid: {cell: 200 m}\nperiod: {from: 2025-01-31, until: 2025-04-01}\n%s"
    "protocol: {window: 1 d, baselines: [moving_count, uniform], history: 30 d%s, resample: {unit: "
    "day, replicates: 50}, seed: 1}\n%s";

static const char DISTRICTS[] = "districts: {file: districts.geojson, id: name}\n";
static const char PATROLS[] =
    "patrols: {file: patrols.csv, lon: lon, lat: lat, from: {column: start, zone: "
    "America/New_York}, until: {column: end, zone: America/New_York}, delta: [%s]}\n";
static const char SHIFTS[] = ", shifts: {day: 06:00-18:00, night: 18:00-06:00}";

static void day_text(int day, char *out, size_t size) {
    static const int LENGTHS[] = {31, 28, 31, 30};
    int month = 0;
    while (day >= LENGTHS[month]) {
        day -= LENGTHS[month++];
    }
    (void)snprintf(out, size, "2025-%02d-%02d", month + 1, day + 1);
}

static void square(FILE *file, const char *name, double west, double east, bool last) {
    fprintf(file,
            "{\"type\":\"Feature\",\"properties\":{\"name\":\"%s\"},\"geometry\":{\"type\":"
            "\"Polygon\",\"coordinates\":[[[%g,-0.01],[%g,-0.01],[%g,0.05],[%g,0.05],[%g,-0.01]]]}}"
            "%s",
            name, west, east, east, west, west, last ? "" : ",");
}

/* Two hot spots, one west and one east, found by the product nine days of ten; patrols on half of
 * its boxes, and on one place without. */
static void write_town(void) {
    uint32_t random = 4;
    char day[32];
    FILE *records = file_for("records.csv");
    FILE *boxes = file_for("boxes.csv");
    FILE *patrols = file_for("patrols.csv");
    fputs("when,lon,lat\n", records);
    fputs("lon,lat,start\n", boxes);
    fputs("lon,lat,start,end\n", patrols);
    for (int d = 0; d < DAYS; d++) {
        day_text(d, day, sizeof day);
        const double lon_deg = 0.008 + 0.001 * (d / 6 % 5);
        const double lat_deg = 0.010 + 0.002 * (d / 6 % 4);
        for (int i = 0; i < 16; i++) {
            const double wide = i % 4 == 0 ? 0.03 : 0.002;
            const double east = i % 2 == 0 ? 0.02 : 0.0;
            const double x = uniform(&random) - 0.5;
            const double y = uniform(&random) - 0.5;
            const unsigned hour = next_random(&random) % 24;
            const double at_x = fmin(fmax(lon_deg + east + wide * x, 0.0002), 0.0398);
            const double at_y = fmin(fmax(lat_deg + wide * y, 0.0002), 0.0398);
            fprintf(records, "%s %02u:30,%.6f,%.6f\n", day, hour, at_x, at_y);
        }
        if (d < FIRST_DAY) {
            continue;
        }
        for (int e = 0; e < 2; e++) {
            const double off = d % 10 == 9 ? 0.006 : 0.0;
            fprintf(boxes, "%.6f,%.6f,%s\n", lon_deg + 0.02 * e, lat_deg + off, day);
            if (d % 2 == e) {
                fprintf(patrols, "%.6f,%.6f,%s 10:00,%s 11:00\n", lon_deg + 0.02 * e, lat_deg + off,
                        day, day);
            }
        }
        fprintf(patrols, "0.015,0.030,%s 23:00,%s 23:10\n", day, day);
    }
    fclose(records);
    fclose(boxes);
    fclose(patrols);
    FILE *districts = file_for("districts.geojson");
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", districts);
    square(districts, "West", -0.01, 0.018, false);
    square(districts, "East", 0.018, 0.038, false);
    square(districts, "Rim", 0.038, 0.05, true);
    fputs("]}", districts);
    fclose(districts);
    write_text("town.geojson", TOWN);
}

static void try_with(trial *t, const char *blocks, const char *keys, const char *claims) {
    char text[2048];
    (void)snprintf(text, sizeof text, CASE, blocks, keys, claims);
    try_text(t, text);
}

static const onus_measure *of(const trial *t, const char *id, const char *scope) {
    const onus_measure *m = trial_find(t, id, scope);
    if (m == NULL) {
        fail_msg("no %s {%s}", id, scope);
    }
    return m;
}

static void shifts_and_districts_add_up_to_the_whole(void **state) {
    (void)state;
    trial t;
    try_with(&t, DISTRICTS, SHIFTS, "");
    const onus_measure *all = of(&t, "place.capture_rate", "");
    const onus_measure *ratio = of(&t, "place.capture_ratio", "baseline=moving_count");
    const onus_measure *day = of(&t, "place.capture_rate", "shift=day");
    const onus_measure *night = of(&t, "place.capture_rate", "shift=night");
    assert_true(day->num + night->num == all->num && day->den + night->den == all->den);
    assert_true(day->den > 100.0 && night->den > 100.0);
    const onus_measure *by_day = of(&t, "place.capture_ratio", "baseline=moving_count shift=day");
    const onus_measure *by_night =
        of(&t, "place.capture_ratio", "baseline=moving_count shift=night");
    assert_true(fabs(by_day->den + by_night->den - ratio->den) < 1e-9 * ratio->den);
    assert_true(by_day->interval.given && by_day->has_p);
    double captured = 0.0;
    double recorded = 0.0;
    static const char *const NAMES[] = {"district=West", "district=East", "district=Rim"};
    for (int k = 0; k < 3; k++) {
        const onus_measure *m = of(&t, "place.capture_rate", NAMES[k]);
        captured += m->num;
        recorded += m->den;
    }
    assert_true(captured == all->num && recorded == all->den);
    trial_clear(&t);
}

/* By hand: local hours of New York, winter time and, from 9 March on, summer time. */
static void a_shift_goes_by_the_clock_on_the_wall(void **state) {
    (void)state;
    trial t;
    try_with(&t, "", ", shifts: {late: 22:00-02:00, noon: 12:00-13:00}", "");
    double late = 0.0;
    double noon = 0.0;
    const onus_outcomes *o = &t.evidence.outcomes;
    for (size_t i = 0; i < o->n_outcomes; i++) {
        const double offset_h = o->unix_s[i] < 1741503600.0 ? -5.0 : -4.0;
        const int hour = (int)fmod(floor(o->unix_s[i] / 3600.0 + offset_h), 24.0);
        late += hour >= 22 || hour < 2;
        noon += hour == 12;
    }
    assert_true(late > 50.0 && noon > 20.0);
    assert_true(of(&t, "place.capture_rate", "shift=late")->den == late);
    assert_true(of(&t, "place.capture_rate", "shift=noon")->den == noon);
    trial_clear(&t);
}

/* THE WALL: a district as small as a few cells would ask where a method flags. */
static void a_small_district_is_told_nothing_of_the_methods(void **state) {
    (void)state;
    trial t;
    try_with(&t, DISTRICTS, "", "");
    static const char *const SMALL[] = {"baseline=moving_count district=Rim",
                                        "baseline=uniform district=Rim"};
    for (int k = 0; k < 2; k++) { /* 22 cells high, 2 wide */
        const onus_measure *m = of(&t, "place.capture_ratio", SMALL[k]);
        assert_false(m->has_value || m->has_fraction || m->interval.given || m->has_p);
        assert_non_null(strstr(m->reason, "fewer than 100 cells"));
    }
    assert_true(of(&t, "place.capture_ratio", "baseline=moving_count district=West")->has_value);
    trial_clear(&t);
}

/* Together with the same trial's own counts: what lies in a visited box or cell. */
static void bounds_follow_their_formula(void **state) {
    (void)state;
    char blocks[512];
    trial t;
    (void)snprintf(blocks, sizeof blocks, PATROLS, "10 %, 0.4");
    try_with(&t, blocks, "", "");
    const onus_measure *ratio = of(&t, "place.capture_ratio", "baseline=moving_count");
    const onus_measure *visited = of(&t, "place.recorded_under_patrol", "");
    assert_true(visited->num > 100.0 && visited->num < 0.6 * visited->den);
    double at[2][2];
    for (int k = 0; k < 2; k++) {
        char scope[128];
        for (int high = 0; high < 2; high++) {
            (void)snprintf(scope, sizeof scope, "baseline=moving_count bound=%s delta=%s",
                           high != 0 ? "high" : "low", k == 0 ? "0.1" : "0.4");
            at[k][high] = of(&t, "place.capture_ratio_bound", scope)->value;
        }
        assert_true(at[k][0] <= ratio->value && ratio->value <= at[k][1]);
    }
    assert_true(at[1][0] < at[0][0] && at[1][1] > at[0][1]); /* wider with delta */
    /* numerators are C + d c and denominators B + d b: both ends of both deltas tell one c, one b
     */
    double c[4];
    double b[4];
    for (int k = 0; k < 4; k++) {
        char scope[128];
        const double delta = k < 2 ? 0.1 : 0.4;
        (void)snprintf(scope, sizeof scope, "baseline=moving_count bound=%s delta=%g",
                       k % 2 == 0 ? "low" : "high", delta);
        const onus_measure *m = of(&t, "place.capture_ratio_bound", scope);
        c[k] = fabs(m->num - ratio->num) / delta;
        b[k] = fabs(m->den - ratio->den) / delta;
        assert_true(fabs(c[k] - c[0]) < 1e-9 && fabs(b[k] - b[0]) < 1e-9);
    }
    assert_true(c[0] > 0.0 && c[0] <= visited->num + 1e-9 && b[0] > 0.0 &&
                b[0] <= visited->num + 1e-9);
    trial_clear(&t);
}

/* Just below flip_delta the interval still lies on its side of the bound; at it, not any more. The
 * bound is put between the interval as recorded and that at 90 %, so that it must turn. */
static void at_flip_delta_the_interval_meets_the_bound(void **state) {
    (void)state;
    char blocks[512];
    char claim[256];
    char keys[64];
    char scope[128];
    trial t;
    (void)snprintf(blocks, sizeof blocks, PATROLS, "90 %");
    try_with(&t, blocks, "", "");
    const double from = of(&t, "place.capture_ratio", "baseline=moving_count")->interval.low;
    const double to =
        of(&t, "place.capture_ratio_bound", "baseline=moving_count bound=low delta=0.9")
            ->interval.low;
    const double bound = floor(500.0 * (from + to)) / 1000.0;
    assert_true(to < bound && bound < from);
    (void)of(&t, "place.flip_delta", "baseline=moving_count than=1");
    trial_clear(&t);
    (void)snprintf(claim, sizeof claim,
                   "claims:\n  - {say: more, measure: place.capture_ratio, scope: {baseline: "
                   "moving_count}, at_least: %.3f}\n",
                   bound);
    (void)snprintf(scope, sizeof scope, "baseline=moving_count than=%.10g", bound);
    try_with(&t, blocks, "", claim);
    const onus_measure *flip = of(&t, "place.flip_delta", scope);
    assert_true(flip->has_value && flip->value > 0.01 && flip->value <= 0.9);
    const int percent = (int)lround(100.0 * flip->value);
    trial_clear(&t);
    (void)snprintf(keys, sizeof keys, "%d %%, %d %%", percent - 1, percent);
    (void)snprintf(blocks, sizeof blocks, PATROLS, keys);
    try_with(&t, blocks, "", claim);
    for (int k = 0; k < 2; k++) {
        (void)snprintf(scope, sizeof scope, "baseline=moving_count bound=low delta=%.10g",
                       (percent - 1 + k) / 100.0);
        const onus_measure *low = of(&t, "place.capture_ratio_bound", scope);
        assert_true(k == 0 ? low->interval.low >= bound : low->interval.low < bound);
    }
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
        cmocka_unit_test(shifts_and_districts_add_up_to_the_whole),
        cmocka_unit_test(a_shift_goes_by_the_clock_on_the_wall),
        cmocka_unit_test(a_small_district_is_told_nothing_of_the_methods),
        cmocka_unit_test(bounds_follow_their_formula),
        cmocka_unit_test(at_flip_delta_the_interval_meets_the_bound),
    };
    (void)setlocale(LC_NUMERIC, "C");
    return cmocka_run_group_tests_name("parts", tests, make_files, remove_temp_dir);
}

/* Time zones, against the C library's own reading of the same files. */
#include "../fault.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../random.h"
#include "onus/civil.h"

static const char *const zones[] = {"America/New_York",
                                    "America/Los_Angeles",
                                    "America/Sao_Paulo",
                                    "America/St_Johns",
                                    "America/Nuuk",
                                    "Europe/London",
                                    "Europe/Dublin",
                                    "Europe/Berlin",
                                    "Africa/Casablanca",
                                    "Asia/Kathmandu",
                                    "Asia/Gaza",
                                    "Asia/Tehran",
                                    "Australia/Lord_Howe",
                                    "Australia/Sydney",
                                    "Pacific/Apia",
                                    "Pacific/Chatham",
                                    "Pacific/Kiritimati",
                                    "Antarctica/Troll",
                                    "Asia/Manila",
                                    "Etc/GMT+5",
                                    "EST5EDT",
                                    "UTC"};
enum { N_ZONES = sizeof zones / sizeof zones[0] };

static onus_zone *open_zone(const char *name) {
    onus_zone *zone = NULL;
    onus_error err = ONUS_ERROR_INIT;
    if (onus_zone_open(name, &zone, &err) != ONUS_OK) {
        fail_msg("%s: %s", name, err.text);
    }
    return zone;
}

/* The C library's offset at an instant, in the zone that TZ names. */
static int64_t libc_offset_s(int64_t unix_s) {
    const time_t instant = unix_s;
    struct tm tm = {0};
    assert_non_null(localtime_r(&instant, &tm));
    return tm.tm_gmtoff;
}

static void use_in_libc(const char *name) {
    char value[320];
    (void)snprintf(value, sizeof value, ":%s", name);
    assert_int_equal(setenv("TZ", value, 1), 0);
    tzset();
}

static onus_civil civil_of(int64_t local_s) {
    const int64_t days = local_s >= 0 ? local_s / 86400 : -((86399 - local_s) / 86400);
    const int rest = (int)(local_s - days * 86400);
    onus_civil c = {0};
    int month = 0;
    int day = 0;
    onus_civil_from_days(days, &c.year, &month, &day);
    c.month = (int8_t)month;
    c.day = (int8_t)day;
    c.hour = (int8_t)(rest / 3600);
    c.minute = (int8_t)(rest / 60 % 60);
    c.second = (int8_t)(rest % 60);
    return c;
}

/* Every instant that shows this wall-clock time, found by asking the C library around it. */
static void check_local_time(const onus_zone *zone, const char *name, int64_t local_s,
                             int64_t change_s) {
    int64_t found[8];
    size_t n_found = 0;
    const int64_t probes[] = {change_s - 1, change_s, local_s - 93600, local_s + 93600};
    for (size_t i = 0; i < 4; i++) {
        const int64_t instant = local_s - libc_offset_s(probes[i]);
        bool is_new = instant + libc_offset_s(instant) == local_s;
        for (size_t k = 0; k < n_found; k++) {
            is_new = is_new && found[k] != instant;
        }
        if (is_new) {
            found[n_found++] = instant;
        }
    }
    int64_t earliest = INT64_MAX;
    for (size_t k = 0; k < n_found; k++) {
        earliest = found[k] < earliest ? found[k] : earliest;
    }
    const onus_civil civil = civil_of(local_s);
    double got = 0;
    const onus_local_kind kind = onus_zone_to_unix(zone, &civil, &got);
    const onus_local_kind want = n_found == 0   ? ONUS_LOCAL_NEVER
                                 : n_found == 1 ? ONUS_LOCAL_ONCE
                                                : ONUS_LOCAL_TWICE;
    const double want_s = n_found == 0 ? (double)change_s : (double)earliest;
    if (kind != want || got != want_s) {
        fail_msg("%s, local %lld: kind %d at %.0f, not kind %d at %.0f", name, (long long)local_s,
                 (int)kind, got, (int)want, want_s);
    }
}

static void offsets_agree_with_the_c_library(void **state) {
    (void)state;
    uint64_t seed = 41;
    for (size_t z = 0; z < N_ZONES; z++) {
        onus_zone *zone = open_zone(zones[z]);
        use_in_libc(zones[z]);
        for (int i = 0; i < test_mult(160); i++) {
            const int64_t instant =
                i % 4 == 0 ? random_between(&seed, -3000000000, 32503680000) /* to year 3000 */
                           : random_between(&seed, -1000000000, 4102444800); /* to year 2100 */
            const int64_t want = instant + libc_offset_s(instant);
            const int64_t got = onus_zone_local_s(zone, (double)instant);
            if (got != want) {
                fail_msg("%s at %lld: %lld, not %lld", zones[z], (long long)instant, (long long)got,
                         (long long)want);
            }
            /* Where no clock changes within two days, the way back is the way forth. */
            if (libc_offset_s(instant - 172800) == libc_offset_s(instant + 172800)) {
                const onus_civil civil = civil_of(want);
                double back = 0;
                if (onus_zone_to_unix(zone, &civil, &back) == ONUS_LOCAL_ONCE) {
                    assert_true(back == (double)instant);
                }
            }
        }
        onus_zone_close(zone);
    }
}

static void twice_and_never_agree_with_the_c_library(void **state) {
    (void)state;
    uint64_t seed = 42;
    int n_changes = 0;
    for (size_t z = 0; z < N_ZONES; z++) {
        onus_zone *zone = open_zone(zones[z]);
        use_in_libc(zones[z]);
        for (int i = 0; i < test_mult(15); i++) {
            /* A change of offset between two instants, found by halving. */
            int64_t low = random_between(&seed, -2000000000, 7258118400); /* to year 2200 */
            int64_t high = low + 120 * INT64_C(86400);
            const int64_t offset_s = libc_offset_s(low);
            if (libc_offset_s(high) == offset_s) {
                continue;
            }
            while (high - low > 1) {
                const int64_t middle = low + (high - low) / 2;
                if (libc_offset_s(middle) == offset_s) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            n_changes++;
            /* Another change within two days would be one more than the brute force looks for. */
            if (libc_offset_s(high) != libc_offset_s(high + 172800) ||
                libc_offset_s(low) != libc_offset_s(low - 172800)) {
                continue;
            }
            for (int64_t step = -32; step <= 32; step++) {
                check_local_time(zone, zones[z], high + offset_s + step * 331, high);
            }
            for (int64_t step = -1; step <= 1; step++) {
                check_local_time(zone, zones[z], high + offset_s + step, high);
                check_local_time(zone, zones[z], high + libc_offset_s(high) + step, high);
            }
        }
        onus_zone_close(zone);
    }
    assert_true(n_changes > 50);
}

static onus_local_kind at(const onus_zone *zone, const char *iso, double *unix_s) {
    onus_civil civil = {0};
    assert_true(onus_civil_parse_iso(iso, strlen(iso), &civil));
    return onus_zone_to_unix(zone, &civil, unix_s);
}

static void known_instants(void **state) {
    (void)state;
    double s = 0;
    onus_zone *zone = open_zone("America/New_York");
    assert_int_equal(at(zone, "2018-02-25T06:15:30.5", &s), ONUS_LOCAL_ONCE);
    assert_true(s == 1519557330.5);
    assert_int_equal(at(zone, "2018-11-04T01:30", &s), ONUS_LOCAL_TWICE);
    assert_true(s == 1541309400.0); /* still summer time */
    assert_int_equal(at(zone, "2018-03-11T02:30:00.5", &s), ONUS_LOCAL_NEVER);
    assert_true(s == 1520751600.0); /* when the clock jumped */
    assert_int_equal(at(zone, "2018-03-11T03:00", &s), ONUS_LOCAL_ONCE);
    assert_true(s == 1520751600.0);
    assert_int_equal(at(zone, "2018-11-04T01:30Z", &s), ONUS_LOCAL_ONCE);
    assert_true(s == 1541295000.0); /* an offset in the text outweighs the zone */
    assert_int_equal(at(zone, "2018-11-04T01:30-05:00", &s), ONUS_LOCAL_ONCE);
    assert_true(s == 1541313000.0);
    assert_int_equal(onus_zone_local_s(zone, -0.5), -18001);
    /* 400 years later the calendar is the same, weekdays and clock changes included. */
    assert_int_equal(at(zone, "2818-11-04T01:30", &s), ONUS_LOCAL_TWICE);
    assert_int_equal(at(zone, "9999-12-31T23:59:59", &s), ONUS_LOCAL_ONCE);
    assert_true(s == 253402318799.0);
    onus_zone_close(zone);
    zone = open_zone("UTC");
    assert_int_equal(at(zone, "1970-01-01", &s), ONUS_LOCAL_ONCE);
    assert_true(s == 0.0);
    onus_zone_close(zone);
    zone = open_zone("Pacific/Apia"); /* had no 2011-12-30 */
    assert_int_equal(at(zone, "2011-12-30T12:00", &s), ONUS_LOCAL_NEVER);
    assert_true(s == 1325239200.0);
    onus_zone_close(zone);
}

static void open_every(const char *prefix, int *n) {
    char path[512];
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", prefix);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char name[300];
        (void)snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] == '\0' ? "" : "/",
                       entry->d_name);
        if (entry->d_name[0] < 'A' || entry->d_name[0] > 'Z') {
            continue;
        }
        if (entry->d_type == DT_DIR) {
            open_every(name, n);
            continue;
        }
        onus_zone *zone = open_zone(name);
        use_in_libc(name);
        for (int64_t instant = -2500000000; instant < 8000000000; instant += 500000001) {
            assert_int_equal(onus_zone_local_s(zone, (double)instant),
                             instant + libc_offset_s(instant));
        }
        onus_zone_close(zone);
        (*n)++;
    }
    (void)closedir(dir);
}

static void every_zone_of_the_system_opens_and_agrees(void **state) {
    (void)state;
    int n = 0;
    open_every("", &n);
    assert_true(n > 400);
}

static void refused_with(const char *name, onus_status status, const char *part) {
    onus_zone *zone = NULL;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_zone_open(name, &zone, &err), status);
    assert_null(zone);
    if (strstr(err.text, part) == NULL) {
        fail_msg("'%s': %s", name, err.text);
    }
}

static void misspelt_zones_get_a_suggestion(void **state) {
    (void)state;
    refused_with("America/New_Yrok", ONUS_ERR_DATA, "did you mean 'America/New_York'?");
    refused_with("america/new_york", ONUS_ERR_DATA, "did you mean 'America/New_York'?");
    refused_with("Europe/Berlinn", ONUS_ERR_DATA, "did you mean 'Europe/Berlin'?");
    refused_with("New York", ONUS_ERR_DATA, "expected an IANA name");
    refused_with("America", ONUS_ERR_DATA, "unknown time zone");
    refused_with("zone.tab", ONUS_ERR_DATA, "unknown time zone");
    refused_with("", ONUS_ERR_DATA, "unknown time zone");
}

static void names_cannot_leave_the_folder(void **state) {
    (void)state;
    const char *const bad[] = {
        "/etc/passwd",
        "../../../etc/passwd",
        "America/../UTC",
        "./UTC",
        "UTC/",
        "America//New_York",
        "UTC\n",
        "tzdata.zi",
        "America/New_York\xC3\xA9",
        "Averyveryveryveryveryveryveryveryveryveryveryveryverylongnameindeed"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refused_with(bad[i], ONUS_ERR_DATA, "unknown time zone");
    }
    refused_with("leapseconds", ONUS_ERR_DATA, "not a TZif file");
    if (access("/usr/share/zoneinfo/right/UTC", R_OK) == 0) {
        refused_with("right/UTC", ONUS_ERR_DATA, "leap seconds");
    }
}

static void every_allocation_of_open_may_fail(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_zone *zone = NULL;
        onus_error err = ONUS_ERROR_INIT;
        const onus_status status = onus_zone_open("Europe/Paris", &zone, &err);
        fault_expect(&fault, status);
        assert_int_equal(err.status, status);
        onus_zone_close(zone);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants),
        cmocka_unit_test(offsets_agree_with_the_c_library),
        cmocka_unit_test(twice_and_never_agree_with_the_c_library),
        cmocka_unit_test(every_zone_of_the_system_opens_and_agrees),
        cmocka_unit_test(misspelt_zones_get_a_suggestion),
        cmocka_unit_test(names_cannot_leave_the_folder),
        cmocka_unit_test(every_allocation_of_open_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

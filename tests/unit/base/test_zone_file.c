/* Zone files made here: rules of every form against the C library, and what damage is refused with.
 */
#include "../fault.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "zone_internal.h"

/* A TZif file of version 2: an empty first block, then changes between two types. */
typedef struct made {
    unsigned char bytes[1024];
    size_t n;
    size_t second; /* where the second header begins */
} made;

static void put(made *m, const void *bytes, size_t n) {
    assert_true(m->n + n <= sizeof m->bytes);
    if (n > 0) { /* nothing may come from nowhere, which memcpy must not be given */
        memcpy(m->bytes + m->n, bytes, n);
    }
    m->n += n;
}

static void put_number(made *m, uint64_t value, int n_bytes) {
    for (int k = n_bytes - 1; k >= 0; k--) {
        const unsigned char byte = (unsigned char)(value >> (8 * k));
        put(m, &byte, 1);
    }
}

static void put_header(made *m, uint32_t n_changes, uint32_t n_types) {
    const unsigned char unused[15] = {0};
    put(m, "TZif2", 5);
    put(m, unused, 15);
    put_number(m, 0, 4); /* flags, flags, leap seconds */
    put_number(m, 0, 4);
    put_number(m, 0, 4);
    put_number(m, n_changes, 4);
    put_number(m, n_types, 4);
    put_number(m, 4, 4); /* "STD\0" */
}

static void put_type(made *m, int32_t offset_s) {
    put_number(m, (uint32_t)offset_s, 4);
    put_number(m, 0, 2);
}

/* `times` and the type of each; type 0 is first_s ahead of UTC, type 1 second_s. */
static made make(const int64_t *times, const uint8_t *types, uint32_t n_changes, int32_t first_s,
                 int32_t second_s, const char *footer) {
    made m = {.n = 0};
    put_header(&m, 0, 1);
    put_type(&m, 0);
    put(&m, "STD", 4);
    m.second = m.n;
    put_header(&m, n_changes, 2);
    for (uint32_t i = 0; i < n_changes; i++) {
        put_number(&m, (uint64_t)times[i], 8);
    }
    put(&m, types, n_changes);
    put_type(&m, first_s);
    put_type(&m, second_s);
    put(&m, "STD", 4);
    put(&m, "\n", 1);
    put(&m, footer, strlen(footer));
    put(&m, "\n", 1);
    return m;
}

static onus_status decode(const made *m, onus_zone **zone, onus_error *err) {
    /* in a block of its own, so that a reader past the end is caught */
    unsigned char *copy = malloc(m->n);
    assert_non_null(copy);
    memcpy(copy, m->bytes, m->n);
    const onus_status status = onus_zone_decode(copy, m->n, "Made/Zone", zone, err);
    free(copy);
    return status;
}

static void rules_of_every_form_agree_with_the_c_library(void **state) {
    (void)state;
    static const char *const rules[] = {
        "EST5EDT,M3.2.0,M11.1.0",
        "EST5EDT,M3.2.0/2:30,M11.1.0/1:15:30",
        "AAA-3BBB,J60,J300",          /* 1 March, whether there is a 29 February or not */
        "AAA-3BBB,59,299/0",          /* counted from 0, with it */
        "AAA-3BBB-4:30,J2/0,J364/23", /* half an hour more than the usual */
        "<+03>-3:00:10<+04>,M1.5.6/-2,M12.5.0/26", /* last Saturday, last Sunday of December */
        "NST3:30NDT,M9.5.0,M4.1.0", /* south of the equator: summer spans the new year */
    };
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
        const made m = make(NULL, NULL, 0, 0, 0, rules[k]);
        onus_zone *zone = NULL;
        onus_error err = ONUS_ERROR_INIT;
        if (decode(&m, &zone, &err) != ONUS_OK) {
            fail_msg("%s: %s", rules[k], err.text);
        }
        assert_int_equal(setenv("TZ", rules[k], 1), 0);
        tzset();
        for (int64_t at = 0; at < 4102444800; at += 40009) { /* to 2100, every 11 hours or so */
            const time_t instant = at;
            struct tm tm = {0};
            assert_non_null(localtime_r(&instant, &tm));
            const int64_t got = onus_zone_local_s(zone, (double)at) - at;
            if (got != tm.tm_gmtoff) {
                fail_msg("%s at %lld: %lld, not %ld", rules[k], (long long)at, (long long)got,
                         tm.tm_gmtoff);
            }
        }
        onus_zone_close(zone);
    }
}

static void a_rule_without_summer_stands_from_the_last_change_on(void **state) {
    (void)state;
    static const int64_t times[] = {1000, 2000};
    static const uint8_t types[] = {1, 0};
    const made m = make(times, types, 2, 3600, 7200, "XYZ-3");
    onus_zone *zone = NULL;
    assert_int_equal(decode(&m, &zone, NULL), ONUS_OK);
    assert_int_equal(onus_zone_local_s(zone, 999), 999 + 3600);
    assert_int_equal(onus_zone_local_s(zone, 1000), 1000 + 7200);
    assert_int_equal(onus_zone_local_s(zone, 2000), 2000 + 10800);
    onus_zone_close(zone);
}

static void refused(const made *m, const char *why) {
    onus_zone *zone = NULL;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(decode(m, &zone, &err), ONUS_ERR_DATA);
    assert_null(zone);
    if (strstr(err.text, why) == NULL) {
        fail_msg("not '%s': %s", why, err.text);
    }
}

static void rules_that_no_clock_follows_are_refused(void **state) {
    (void)state;
    static const char *const rules[] = {
        "",
        "AB5",    /* names have three letters */
        "<ABC5",  /* and brackets two sides */
        "ABC",    /* no offset */
        "ABC200", /* 167 hours at most, here and in times of day */
        "ABC5:60",
        "ABC5:30:60",
        "ABC100",  /* read, but no place is so far from Greenwich */
        "ABC5DEF", /* summer without dates: POSIX leaves them open */
        "ABC5D",
        "ABC5DEF200,J1,J2",
        "ABC5DEF,M13.1.0,M2.1.0",
        "ABC5DEF,M0.1.0,M2.1.0",
        "ABC5DEF,M1.6.0,M2.1.0",
        "ABC5DEF,M1.1.7,M2.1.0",
        "ABC5DEF,M1-1-0,M2.1.0",
        "ABC5DEF,J0,J10",
        "ABC5DEF,366,10",
        "ABC5DEF,J1/x,J10",
        "ABC5DEF,J1",
        "ABC5DEF,J1,J10,J20",
        "ABC5DEF,J1,J10 ",
        "ABC5DEF,J300/167,J10",     /* fine alone; */
        "ABC5DEF,J365/167,J1/-167", /* the years overlap */
    };
    onus_zone_rule rule = {0};
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
        const made m = make(NULL, NULL, 0, 0, 0, rules[k]);
        onus_zone *zone = NULL;
        const bool is_rule = onus_zone_rule_parse(rules[k], &rule);
        if (strcmp(rules[k], "ABC5DEF,J300/167,J10") == 0) {
            assert_true(is_rule);
            assert_int_equal(decode(&m, &zone, NULL), ONUS_OK);
            onus_zone_close(zone);
            continue;
        }
        if (is_rule != (k + 1 == sizeof rules / sizeof rules[0])) {
            fail_msg("'%s' is %s rule", rules[k], is_rule ? "a" : "no");
        }
        if (rules[k][0] != '\0') { /* no footer: nothing is known past the last change */
            refused(&m, "ends in a rule that cannot be read");
        }
    }
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    static const int64_t times[] = {1000, 2000};
    static const int64_t backwards[] = {2000, 1000};
    static const int64_t too_late[] = {1000, INT64_C(300000000000)};
    static const uint8_t types[] = {1, 0};
    static const uint8_t no_type[] = {1, 2};
    const made good = make(times, types, 2, 3600, 7200, "XYZ-1");
    onus_zone *zone = NULL;
    assert_int_equal(decode(&good, &zone, NULL), ONUS_OK);
    onus_zone_close(zone);

    made m = make(backwards, types, 2, 3600, 7200, "XYZ-1");
    refused(&m, "is damaged");
    m = make(too_late, types, 2, 3600, 7200, "XYZ-1");
    refused(&m, "is damaged");
    m = make(times, no_type, 2, 3600, 7200, "XYZ-1");
    refused(&m, "is damaged");
    m = make(times, types, 2, 99 * 3600, 7200, "XYZ-1");
    refused(&m, "is damaged");
    m = make(times, types, 2, 3600, -99 * 3600, "XYZ-1");
    refused(&m, "is damaged");

    for (size_t n = 0; n < good.n; n++) {
        m = good;
        m.n = n;
        onus_error err = ONUS_ERROR_INIT;
        zone = NULL;
        const onus_status status = decode(&m, &zone, &err);
        const size_t body = good.second + 44 + 2 * 9 + 2 * 6 + 4;
        /* without its footer a file is still whole; cut within it, the footer is not read */
        assert_int_equal(status, n < body ? ONUS_ERR_DATA : ONUS_OK);
        if (n < body) {
            assert_non_null(strstr(err.text, n < 44 ? "is not a TZif file" : "is cut short"));
        }
        onus_zone_close(zone);
    }
    m = good;
    m.bytes[m.second] = 'X'; /* the second header */
    refused(&m, "is cut short");
    m = good;
    m.bytes[m.second + 39] = 0; /* no types */
    refused(&m, "is cut short");
}

static void every_allocation_of_decoding_may_fail(void **state) {
    (void)state;
    const made m = make(NULL, NULL, 0, 0, 0, "EST5EDT,M3.2.0,M11.1.0");
    FAULT_EACH(fault) {
        onus_zone *zone = NULL;
        onus_error err = ONUS_ERROR_INIT;
        /* not in a copy: the test's own block is none of those that fail */
        const onus_status status = onus_zone_decode(m.bytes, m.n, "Made/Zone", &zone, &err);
        fault_expect(&fault, status);
        onus_zone_close(zone);
    }
    FAULT_EACH(fault) {
        onus_zone *zone = NULL;
        fault_expect(&fault, onus_zone_open("UTC", &zone, NULL));
        onus_zone_close(zone);
    }
    /* a suggestion that there is no memory for is left out */
    FAULT_EACH(fault) {
        onus_zone *zone = NULL;
        const onus_status status = onus_zone_open("America/New_Yrok", &zone, NULL);
        assert_true(status == ONUS_ERR_DATA || (fault.refused && status == ONUS_ERR_NOMEM));
    }
}

/* Without tzdata the message says what to install; a process without file handles is as blind. */
static void a_system_without_zones_is_said(void **state) {
    (void)state;
    struct rlimit before = {0};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    onus_zone *zone = NULL;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    const onus_status status = onus_zone_open("America/New_York", &zone, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(status, ONUS_ERR_NOINPUT);
    assert_non_null(strstr(err.text, "'America/New_York' cannot be looked up"));
    assert_non_null(strstr(err.text, "install tzdata"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_every_form_agree_with_the_c_library),
        cmocka_unit_test(a_rule_without_summer_stands_from_the_last_change_on),
        cmocka_unit_test(rules_that_no_clock_follows_are_refused),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(every_allocation_of_decoding_may_fail),
        cmocka_unit_test(a_system_without_zones_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

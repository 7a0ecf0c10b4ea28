/* 30 published jurisdictions: every flagged box falls on the block group that the record says. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layers.h"
#include "onus/geom.h"
#include "support.h"

enum { NAME_MAX_LEN = 64, BOXES_MAX = 40000, GROUPS_MAX = 4096 };

typedef struct boxes {
    size_t n;
    double *lon;
    double *lat;
    long *count;
    int32_t *area;
} boxes;

static void boxes_clear(boxes *b) {
    free(b->lon);
    free(b->lat);
    free(b->count);
    free(b->area);
}

static boxes boxes_read(const char *department) {
    char name[2 * NAME_MAX_LEN];
    char line[256];
    (void)snprintf(name, sizeof name, "data/predpol/boxes/%s.csv", department);
    char *path = shared_path(name);
    assert_non_null(path);
    boxes b = {.lon = calloc(BOXES_MAX, sizeof(double)),
               .lat = calloc(BOXES_MAX, sizeof(double)),
               .count = calloc(BOXES_MAX, sizeof(long)),
               .area = calloc(BOXES_MAX, sizeof(int32_t))};
    assert_true(b.lon != NULL && b.lat != NULL && b.count != NULL && b.area != NULL);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "lat,lon,pred_count\n");
    while (fgets(line, sizeof line, file) != NULL) {
        assert_true(b.n < BOXES_MAX);
        assert_int_equal(sscanf(line, "%lf,%lf,%ld", &b.lat[b.n], &b.lon[b.n], &b.count[b.n]), 3);
        b.n++;
    }
    (void)fclose(file);
    free(path);
    return b;
}

/* Counts per block group against those of the record; returns how many differ. */
static size_t check_department(const char *department, const long *want, size_t n_want) {
    char name[2 * NAME_MAX_LEN];
    (void)snprintf(name, sizeof name, "data/predpol/geometry/%s.geojson", department);
    char *path = shared_path(name);
    assert_non_null(path);
    shapes s = {.n_areas = 0};
    layer_read(path, &s);
    free(path);
    boxes b = boxes_read(department);
    const onus_polygons p = shapes_view(&s);
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(s.n_areas, n_want);
    assert_int_equal(onus_locate(&p, NULL, 1e-9, b.lon, b.lat, b.n, NULL, b.area, &err), ONUS_OK);
    long *got = calloc(n_want, sizeof *got);
    assert_non_null(got);
    for (size_t i = 0; i < b.n; i++) {
        if (b.area[i] >= 0) {
            got[b.area[i]] += b.count[i];
        }
    }
    size_t n_bad = 0;
    for (size_t a = 0; a < n_want; a++) {
        n_bad += got[a] != want[a];
    }
    free(got);
    boxes_clear(&b);
    shapes_clear(&s);
    return n_bad;
}

static void every_box_of_30_jurisdictions_falls_where_the_record_says(void **state) {
    (void)state;
    char *path = shared_path("data/predpol/block_groups.csv");
    if (path == NULL) {
        skip();
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    free(path);
    char line[512];
    char department[NAME_MAX_LEN] = "";
    static long want[GROUPS_MAX];
    size_t n_want = 0;
    size_t n_departments = 0;
    size_t n_groups = 0;
    size_t n_bad = 0;
    char last_id[NAME_MAX_LEN] = "";
    assert_non_null(fgets(line, sizeof line, file));
    for (;;) {
        char here[NAME_MAX_LEN] = "";
        char id[NAME_MAX_LEN] = "";
        long count = 0;
        const bool more = fgets(line, sizeof line, file) != NULL;
        if (more) {
            assert_int_equal(sscanf(line, "%63[^,],%63[^,],%ld", here, id, &count), 3);
        }
        if (strcmp(here, department) != 0 && department[0] != '\0') {
            n_bad += check_department(department, want, n_want);
            n_groups += n_want;
            n_departments++;
            n_want = 0;
        }
        if (!more) {
            break;
        }
        /* The layers keep the record's order, which is that of the ids: lowest id = first. */
        assert_true(n_want == 0 || strcmp(last_id, id) < 0);
        memcpy(last_id, id, sizeof id);
        memcpy(department, here, sizeof here);
        assert_true(n_want < GROUPS_MAX);
        want[n_want++] = count;
    }
    (void)fclose(file);
    print_message("# %zu of %zu block groups in %zu jurisdictions as recorded\n", n_groups - n_bad,
                  n_groups, n_departments);
    assert_int_equal(n_departments, 30);
    assert_int_equal(n_bad, 0);
}

int main(void) {
    (void)setlocale(LC_NUMERIC, "C"); /* the readers of the reference files below use scanf */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_box_of_30_jurisdictions_falls_where_the_record_says),
    };
    return cmocka_run_group_tests_name("locate_predpol", tests, NULL, NULL);
}

/* Our side and libcsv's of the table benchmark (bench/tables): reads columns lon, lat, n and kind
 * of a CSV file and prints what it found as JSON. libcsv only finds the fields; the numbers are
 * then strtod's and the kinds a chain of comparisons, as a program that uses it would do. Ours also
 * checks ranges and UTF-8 and digests the file (SHA-256). Never a test.
 *
 *   onus_bench_table onus|libcsv FILE */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "onus/evidence.h"
#include "onus/sum.h"

enum { KINDS_MAX = 64, KIND_LEN = 32, CHUNK = 1 << 16 };

typedef struct found {
    size_t n_rows;
    size_t n_kinds;
    onus_sum lon;
    onus_sum lat;
    onus_sum n;
    char kinds[KINDS_MAX][KIND_LEN];
    size_t field;
} found;

static void on_field(void *bytes, size_t len, void *state) {
    found *f = state;
    const char *text = bytes != NULL ? bytes : "";
    switch (f->field++) {
    case 1:
        onus_sum_add(&f->lon, strtod(text, NULL));
        break;
    case 2:
        onus_sum_add(&f->lat, strtod(text, NULL));
        break;
    case 3: {
        size_t k = 0;
        while (k < f->n_kinds && strcmp(f->kinds[k], text) != 0) {
            k++;
        }
        if (k == f->n_kinds && k < KINDS_MAX && len < KIND_LEN && f->n_rows > 0) {
            memcpy(f->kinds[f->n_kinds++], text, len + 1);
        }
        break;
    }
    case 4:
        onus_sum_add(&f->n, strtod(text, NULL));
        break;
    default:
        break;
    }
}

static void on_record(int end, void *state) {
    (void)end;
    found *f = state;
    if (f->n_rows == 0) { /* the header */
        f->lon = (onus_sum){0};
        f->lat = (onus_sum){0};
        f->n = (onus_sum){0};
    }
    f->n_rows++;
    f->field = 0;
}

static int by_libcsv(const char *path, found *f) {
    struct csv_parser parser;
    char *chunk = malloc(CHUNK);
    FILE *file = fopen(path, "rb");
    if (chunk == NULL || file == NULL || csv_init(&parser, CSV_APPEND_NULL) != 0) {
        return 1;
    }
    size_t n;
    while ((n = fread(chunk, 1, CHUNK, file)) > 0) {
        if (csv_parse(&parser, chunk, n, on_field, on_record, f) != n) {
            return 1;
        }
    }
    (void)csv_fini(&parser, on_field, on_record, f);
    csv_free(&parser);
    (void)fclose(file);
    free(chunk);
    f->n_rows--;
    return 0;
}

static int by_onus(char *path, found *f) {
    static const onus_column_ask asks[] = {{.name = "lon", .type = ONUS_COLUMN_LON},
                                           {.name = "lat", .type = ONUS_COLUMN_LAT},
                                           {.name = "kind", .type = ONUS_COLUMN_TEXT},
                                           {.name = "n", .type = ONUS_COLUMN_COUNT}};
    static onus_problems problems;
    const onus_source source = {.file = path};
    onus_table table;
    onus_input input = {.role = "outcomes"};
    if (onus_table_read(&source, NULL, asks, 4, NULL, &table, &input, &problems) != ONUS_OK) {
        return 1;
    }
    f->n_rows = table.n_rows;
    f->n_kinds = table.n_texts;
    for (size_t i = 0; i < table.n_rows; i++) {
        onus_sum_add(&f->lon, table.columns[0].numbers[i]);
        onus_sum_add(&f->lat, table.columns[1].numbers[i]);
        onus_sum_add(&f->n, table.columns[3].numbers[i]);
    }
    onus_table_clear(&table);
    onus_input_clear(&input);
    return 0;
}

int main(int argc, char **argv) {
    found f = {0};
    if (argc != 3) {
        return 64;
    }
    const double start = bench_cpu_s();
    const int status =
        strcmp(argv[1], "libcsv") == 0 ? by_libcsv(argv[2], &f) : by_onus(argv[2], &f);
    if (status != 0) {
        (void)fprintf(stderr, "onus_bench_table: %s cannot be read\n", argv[2]);
        return 65;
    }
    (void)printf("{\"rows\": %zu, \"kinds\": %zu, \"lon\": %.12g, \"lat\": %.12g, \"n\": %.12g, "
                 "\"kernel\": %.9g}\n",
                 f.n_rows, f.n_kinds, onus_sum_get(&f.lon), onus_sum_get(&f.lat),
                 onus_sum_get(&f.n), bench_cpu_s() - start);
    return 0;
}

/* Our side of the benchmarks in this folder: reads the same files as the peers, runs one kernel,
 * prints one line of JSON and writes what came out, so that bench/run can compare results before
 * ratios.
 *
 *   onus_bench locate AREAS POINTS OUT [THREADS]       counts per area, int64
 *   onus_bench areal AREAS MASS X0 Y0 CELL NX NY OUT   mass per cell, doubles
 *   onus_bench copy                                    memory bandwidth in bytes per second
 *
 * --once before the verb: one run instead of 21, so that the whole process can be measured as well.
 *
 * Numbers are raw little-endian files. A kernel is timed from the arrays of coordinates to its
 * result, index and all; it is run several times and the median is reported, beside the first run,
 * which also pays for fresh memory. Not a test and never run as one.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gdal.h>
#include <ogr_api.h>

#include "onus/error.h"
#include "onus/geom.h"

enum { N_RUNS = 21, N_COPIES = 10 };
enum { COPY_BYTES = 256 << 20 }; /* far beyond any cache */

typedef struct layer {
    size_t n_areas;
    size_t n_rings;
    size_t n_points;
    size_t *area_rings;
    size_t *ring_points;
    double *x;
    double *y;
} layer;

typedef struct timing {
    double cpu_s[N_RUNS];
    double wall_s[N_RUNS];
    int n; /* runs to make */
} timing;

static void die(const char *what) {
    (void)fprintf(stderr, "onus_bench: %s\n", what);
    exit(1);
}

static void *need(void *ptr) {
    if (ptr == NULL) {
        die("out of memory");
    }
    return ptr;
}

static double seconds(clockid_t clock) {
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_timing(timing *t, size_t bytes) {
    const double first = t->cpu_s[0];
    qsort(t->cpu_s, (size_t)t->n, sizeof(double), by_value);
    qsort(t->wall_s, (size_t)t->n, sizeof(double), by_value);
    (void)printf("{\"cpu_s\": %.9f, \"cpu_first_s\": %.9f, \"wall_s\": %.9f, \"bytes\": %zu}\n",
                 t->cpu_s[t->n / 2], first, t->wall_s[t->n / 2], bytes);
}

/* ---- files ---- */

static void *read_file(const char *path, size_t size, size_t *n) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        die("an input cannot be opened");
    }
    if (fseek(file, 0, SEEK_END) != 0) {
        die("an input cannot be read");
    }
    const size_t bytes = (size_t)ftell(file);
    rewind(file);
    void *data = need(malloc(bytes + 1));
    if (fread(data, 1, bytes, file) != bytes) {
        die("an input cannot be read");
    }
    (void)fclose(file);
    *n = bytes / size;
    return data;
}

static void write_file(const char *path, const void *data, size_t bytes) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0) {
        die("a result cannot be written");
    }
}

static void add_ring(layer *l, OGRGeometryH ring) {
    const int n = OGR_G_GetPointCount(ring);
    l->x = need(realloc(l->x, (l->n_points + (size_t)n) * sizeof *l->x));
    l->y = need(realloc(l->y, (l->n_points + (size_t)n) * sizeof *l->y));
    for (int i = 0; i < n; i++) {
        l->x[l->n_points] = OGR_G_GetX(ring, i);
        l->y[l->n_points++] = OGR_G_GetY(ring, i);
    }
    l->ring_points = need(realloc(l->ring_points, (l->n_rings + 2) * sizeof *l->ring_points));
    l->ring_points[0] = 0;
    l->ring_points[++l->n_rings] = l->n_points;
}

static void add_rings(layer *l, OGRGeometryH geometry) {
    const bool polygon = wkbFlatten(OGR_G_GetGeometryType(geometry)) == wkbPolygon;
    for (int k = 0; k < OGR_G_GetGeometryCount(geometry); k++) {
        OGRGeometryH part = OGR_G_GetGeometryRef(geometry, k);
        if (polygon) {
            add_ring(l, part);
        } else {
            add_rings(l, part);
        }
    }
}

static layer read_layer(const char *path) {
    layer l = {.n_areas = 0};
    GDALAllRegister();
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, NULL, NULL);
    if (dataset == NULL) {
        die("the areas cannot be opened");
    }
    OGRLayerH source = GDALDatasetGetLayer(dataset, 0);
    for (;;) {
        OGRFeatureH feature = OGR_L_GetNextFeature(source);
        if (feature == NULL) {
            break;
        }
        add_rings(&l, OGR_F_GetGeometryRef(feature));
        l.area_rings = need(realloc(l.area_rings, (l.n_areas + 2) * sizeof *l.area_rings));
        l.area_rings[0] = 0;
        l.area_rings[++l.n_areas] = l.n_rings;
        OGR_F_Destroy(feature);
    }
    GDALClose(dataset);
    return l;
}

static onus_polygons view(const layer *l) {
    return (onus_polygons){.n_areas = l->n_areas,
                           .area_rings = l->area_rings,
                           .ring_points = l->ring_points,
                           .x = l->x,
                           .y = l->y};
}

static void layer_clear(layer *l) {
    free(l->area_rings);
    free(l->ring_points);
    free(l->x);
    free(l->y);
}

/* ---- kernels ---- */

static int bench_locate(const char *areas, const char *points, const char *out, int n_runs,
                        int n_threads) {
    const double lattice_deg = 1e-9;
    layer l = read_layer(areas);
    size_t n = 0;
    double *xy = read_file(points, 2 * sizeof(double), &n); /* all x, then all y */
    const onus_polygons p = view(&l);
    const onus_context context = {.n_threads = n_threads};
    int32_t *area = need(malloc(n * sizeof *area));
    timing t = {.n = n_runs};
    for (int run = 0; run < n_runs; run++) {
        const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        const double wall = seconds(CLOCK_MONOTONIC);
        onus_error err = ONUS_ERROR_INIT;
        if (onus_locate(&p, NULL, lattice_deg, xy, xy + n, n, &context, area, &err) != ONUS_OK) {
            die(err.text);
        }
        t.cpu_s[run] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        t.wall_s[run] = seconds(CLOCK_MONOTONIC) - wall;
    }
    int64_t *counts = need(calloc(l.n_areas, sizeof *counts));
    for (size_t i = 0; i < n; i++) {
        if (area[i] >= 0) {
            counts[area[i]]++;
        }
    }
    write_file(out, counts, l.n_areas * sizeof *counts);
    print_timing(&t, n * (2 * sizeof(double) + sizeof *area) + l.n_points * 2 * sizeof(double));
    free(counts);
    free(area);
    free(xy);
    layer_clear(&l);
    return 0;
}

static int bench_areal(char **arg, int n_runs) {
    layer l = read_layer(arg[0]);
    size_t n = 0;
    double *mass = read_file(arg[1], sizeof(double), &n);
    const onus_grid grid = {.x0 = strtod(arg[2], NULL),
                            .y0 = strtod(arg[3], NULL),
                            .cell = strtod(arg[4], NULL),
                            .n_x = strtoul(arg[5], NULL, 10),
                            .n_y = strtoul(arg[6], NULL, 10)};
    if (n != l.n_areas) {
        die("areas and masses differ in number");
    }
    const size_t n_cells = grid.n_x * grid.n_y;
    const onus_polygons p = view(&l);
    double *out = need(malloc(n_cells * sizeof *out));
    double outside = 0.0;
    timing t = {.n = n_runs};
    for (int run = 0; run < n_runs; run++) {
        const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        const double wall = seconds(CLOCK_MONOTONIC);
        onus_error err = ONUS_ERROR_INIT;
        if (onus_areal_weight(&p, mass, &grid, NULL, out, &outside, &err) != ONUS_OK) {
            die(err.text);
        }
        t.cpu_s[run] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        t.wall_s[run] = seconds(CLOCK_MONOTONIC) - wall;
    }
    write_file(arg[7], out, n_cells * sizeof *out);
    print_timing(&t, n_cells * sizeof *out + n * sizeof *mass + l.n_points * 2 * sizeof(double));
    free(out);
    free(mass);
    layer_clear(&l);
    return 0;
}

/* STREAM's copy: bytes read plus bytes written per second, the best of several passes. */
static int bench_copy(void) {
    const size_t n = COPY_BYTES / sizeof(double);
    double *from = need(malloc(COPY_BYTES));
    double *to = need(malloc(COPY_BYTES));
    for (size_t i = 0; i < n; i++) {
        from[i] = (double)i;
        to[i] = 0.0;
    }
    double best = 1e300;
    for (int run = 0; run < N_COPIES; run++) {
        const double start = seconds(CLOCK_MONOTONIC);
        memcpy(to, from, COPY_BYTES);
        const double took = seconds(CLOCK_MONOTONIC) - start;
        best = took < best ? took : best;
        from[run] = to[n - 1 - (size_t)run]; /* so that no pass is idle */
    }
    (void)printf("{\"bytes_per_s\": %.0f}\n", 2.0 * COPY_BYTES / best);
    free(from);
    free(to);
    return 0;
}

int main(int argc, char **argv) {
    int n_runs = N_RUNS;
    if (argc > 1 && strcmp(argv[1], "--once") == 0) {
        n_runs = 1;
        argc--;
        argv++;
    }
    if ((argc == 5 || argc == 6) && strcmp(argv[1], "locate") == 0) {
        return bench_locate(argv[2], argv[3], argv[4], n_runs, argc == 6 ? atoi(argv[5]) : 1);
    }
    if (argc == 10 && strcmp(argv[1], "areal") == 0) {
        return bench_areal(argv + 2, n_runs);
    }
    if (argc == 2 && strcmp(argv[1], "copy") == 0) {
        return bench_copy();
    }
    die("usage: [--once] locate AREAS POINTS OUT [THREADS] | [--once] areal AREAS MASS X0 Y0 CELL "
        "NX NY OUT | copy");
    return 64;
}

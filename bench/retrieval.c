/* Our side of bench/retrieval: CMC and mAP of a score matrix, IDF1 of track tables, from files that
 * the script wrote. Prints one line of JSON: CPU seconds of the kernels, peak memory, the figures.
 *
 *   onus_bench_retrieval searches FOLDER N_PEOPLE
 *   onus_bench_retrieval tracks FOLDER
 */
#include "bench.h"

#include "onus/stats_retrieval.h"
#include "onus/stats_tracks.h"

static void *read_all(const char *folder, const char *name, size_t size, size_t *n) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    bench_must(file != NULL && fseek(file, 0, SEEK_END) == 0, path);
    const long bytes = ftell(file);
    bench_must(bytes >= 0 && fseek(file, 0, SEEK_SET) == 0, path);
    *n = (size_t)bytes / size;
    void *block = bench_room(*n + 1, size);
    bench_must(fread(block, size, *n, file) == *n && fclose(file) == 0, path);
    return block;
}

static void searches(const char *folder, size_t n_people) {
    size_t n_probes;
    size_t n_entries;
    size_t n;
    int32_t *probe_person = read_all(folder, "probe_person.i4", 4, &n_probes);
    int32_t *probe_camera = read_all(folder, "probe_camera.i4", 4, &n);
    int32_t *entry_person = read_all(folder, "entry_person.i4", 4, &n_entries);
    int32_t *entry_camera = read_all(folder, "entry_camera.i4", 4, &n);
    const double reading = bench_cpu_s();
    double *scores = read_all(folder, "scores.f8", 8, &n);
    const double read_s = bench_cpu_s() - reading;
    bench_must(n == n_probes * n_entries, "the matrix has not its size");
    const onus_retrieval_set set = {.n_probes = n_probes,
                                    .probe_person = probe_person,
                                    .probe_camera = probe_camera,
                                    .n_entries = n_entries,
                                    .entry_person = entry_person,
                                    .entry_camera = entry_camera,
                                    .n_people = n_people,
                                    .protocol = ONUS_GALLERY_OTHER_CAMERA,
                                    .higher_is_same = false};
    const onus_context context = {.n_threads = 1};
    onus_retrieval *of = bench_room(n_probes, sizeof *of);
    double took[3];
    onus_retrieval_totals totals;
    for (int run = 0; run < 3; run++) {
        const double start = bench_cpu_s();
        bench_ok(onus_retrieval_matrix(&set, scores, &context, of, NULL));
        onus_retrieval_add_up(of, n_probes, &totals);
        took[run] = bench_cpu_s() - start;
    }
    (void)printf("{\"cpu\": %.4f, \"first\": %.4f, \"read\": %.4f, \"peak_mb\": %.1f, "
                 "\"map\": %.17g, \"mated\": %llu, \"cmc\": [",
                 bench_median(took, 3), took[0], read_s, bench_peak_mb(),
                 totals.map[ONUS_ORDER_EXPECTED].value, (unsigned long long)totals.n_mated);
    for (uint64_t rank = 1; rank <= 50; rank++) {
        (void)printf("%s%.17g", rank > 1 ? ", " : "",
                     onus_retrieval_hits(of, n_probes, rank, ONUS_ORDER_EXPECTED) /
                         (double)totals.n_mated);
    }
    (void)printf("]}\n");
    free(of);
    free(scores);
    free(probe_person);
    free(probe_camera);
    free(entry_person);
    free(entry_camera);
}

static onus_boxes read_boxes(const char *folder, const char *which) {
    char name[64];
    void *columns[7];
    size_t n = 0;
    static const char *const names[7] = {"camera.i4", "frame.i8", "track.i4", "x.f8",
                                         "y.f8",      "w.f8",     "h.f8"};
    static const size_t sizes[7] = {4, 8, 4, 8, 8, 8, 8};
    for (int k = 0; k < 7; k++) {
        (void)snprintf(name, sizeof name, "%s_%s", which, names[k]);
        columns[k] = read_all(folder, name, sizes[k], &n);
    }
    const int32_t *track = columns[2];
    int32_t most = -1;
    for (size_t i = 0; i < n; i++) {
        most = track[i] > most ? track[i] : most;
    }
    return (onus_boxes){.n_boxes = n,
                        .camera = columns[0],
                        .frame = columns[1],
                        .track = track,
                        .x = columns[3],
                        .y = columns[4],
                        .w = columns[5],
                        .h = columns[6],
                        .n_tracks = (size_t)most + 1};
}

static void tracks(const char *folder) {
    const onus_boxes truth = read_boxes(folder, "truth");
    const onus_boxes output = read_boxes(folder, "output");
    const double start = bench_cpu_s();
    onus_overlaps overlaps;
    onus_identity identity;
    bench_ok(onus_overlaps_make(&truth, &output, &overlaps, NULL));
    bench_ok(onus_identity_measure(&overlaps, &identity, NULL));
    const double idf1_s = bench_cpu_s() - start;
    const double peak = bench_peak_mb();
    onus_clear clear;
    static onus_hota hota;
    onus_trails trails;
    bench_ok(onus_clear_measure(&overlaps, &clear, NULL, NULL));
    const double clear_s = bench_cpu_s() - start - idf1_s;
    bench_ok(onus_hota_measure(&overlaps, &hota, NULL));
    const double hota_s = bench_cpu_s() - start - idf1_s - clear_s;
    bench_ok(onus_trails_make(&overlaps, &truth, &output, &trails));
    const double trails_s = bench_cpu_s() - start - idf1_s - clear_s - hota_s;
    (void)printf("{\"cpu\": %.4f, \"clear\": %.4f, \"hota\": %.4f, \"trails\": %.4f, "
                 "\"peak_mb\": %.1f, \"people\": %zu, \"tracks\": %zu, \"pairs\": %zu, "
                 "\"boxes\": [%zu, %zu], \"idtp\": %llu, \"idf1\": %.17g}\n",
                 idf1_s, clear_s, hota_s, trails_s, peak, truth.n_tracks, output.n_tracks,
                 overlaps.n_pairs, truth.n_boxes, output.n_boxes, (unsigned long long)identity.tp,
                 identity.f1.value);
    onus_trails_clear(&trails);
    onus_overlaps_clear(&overlaps);
    const onus_boxes *both[2] = {&truth, &output};
    for (int k = 0; k < 2; k++) {
        free((void *)(uintptr_t)both[k]->camera);
        free((void *)(uintptr_t)both[k]->frame);
        free((void *)(uintptr_t)both[k]->track);
        free((void *)(uintptr_t)both[k]->x);
        free((void *)(uintptr_t)both[k]->y);
        free((void *)(uintptr_t)both[k]->w);
        free((void *)(uintptr_t)both[k]->h);
    }
}

int main(int argc, char **argv) {
    bench_must(argc >= 3, "onus_bench_retrieval searches FOLDER N_PEOPLE | tracks FOLDER");
    if (strcmp(argv[1], "searches") == 0 && argc == 4) {
        searches(argv[2], (size_t)strtoull(argv[3], NULL, 10));
    } else {
        tracks(argv[2]);
    }
    return 0;
}

/* Krippendorff's alpha of a table of votes and its bootstrap, by unit or by person. Prints one JSON
 * object; CPU is of sums, replicates and percentiles, the median of a few runs, on one thread. Not
 * a test.
 *
 *   onus_bench_agreement FILE FIRST_COLUMN N_LABELS PERSON_COLUMN|-1 units|people REPLICATES */

#include "bench.h"
#include "onus/exec.h"
#include "onus/stats_agreement.h"
#include "onus/stats_interval.h"

enum { ROOM = 40000, PEOPLE_ROOM = 2000, ID_ROOM = 24, N_RUNS = 3 };

typedef struct input {
    double *counts;
    int32_t *person;
    char (*ids)[ID_ROOM];
    onus_vote_counts votes;
} input;

static int32_t code_of(input *in, const char *id) {
    for (size_t i = 0; i < in->votes.n_clusters; i++) {
        if (strcmp(in->ids[i], id) == 0) {
            return (int32_t)i;
        }
    }
    bench_must(in->votes.n_clusters < PEOPLE_ROOM && strlen(id) < ID_ROOM, "people");
    (void)strcpy(in->ids[in->votes.n_clusters], id);
    return (int32_t)in->votes.n_clusters++;
}

static input read_votes(const char *name, int first, size_t n_labels, int person) {
    input in = {.counts = bench_room(ROOM * n_labels, sizeof *in.counts),
                .person = bench_room(ROOM, sizeof *in.person),
                .ids = bench_room(PEOPLE_ROOM, sizeof *in.ids)};
    char line[512];
    size_t n = 0;
    FILE *file = fopen(name, "r");
    bench_must(file != NULL && fgets(line, sizeof line, file) != NULL, name);
    for (; fgets(line, sizeof line, file) != NULL; n++) {
        bench_must(n < ROOM, "rows");
        char *rest = NULL;
        int column = 0;
        for (char *field = strtok_r(line, ",\r\n", &rest); field != NULL;
             field = strtok_r(NULL, ",\r\n", &rest), column++) {
            if (column == person) {
                in.person[n] = code_of(&in, field);
            } else if (column >= first && column < first + (int)n_labels) {
                in.counts[n * n_labels + (size_t)(column - first)] = strtod(field, NULL);
            }
        }
    }
    bench_must(fclose(file) == 0, name);
    in.votes.n_units = n;
    in.votes.n_labels = n_labels;
    in.votes.counts = in.counts;
    in.votes.cluster = person >= 0 ? in.person : NULL;
    return in;
}

int main(int argc, char **argv) {
    bench_must(argc == 7, "FILE FIRST_COLUMN N_LABELS PERSON_COLUMN units|people REPLICATES");
    const input in = read_votes(argv[1], atoi(argv[2]), (size_t)atoi(argv[3]), atoi(argv[4]));
    const onus_resample by =
        strcmp(argv[5], "units") == 0 ? ONUS_RESAMPLE_UNITS : ONUS_RESAMPLE_CLUSTERS;
    const size_t n = (size_t)atoi(argv[6]);
    const onus_agreement_opts opts = ONUS_AGREEMENT_OPTS_INIT;
    const onus_context one = {.n_threads = 1};
    double *drawn = bench_room(n * ONUS_N_COEFFICIENTS, sizeof *drawn);
    double *alpha = bench_room(n, sizeof *alpha);
    double cpu_s[N_RUNS];
    double point_s[N_RUNS];
    onus_agreement found;
    onus_limits limits;
    size_t n_drawn = 0;
    for (int run = 0; run < N_RUNS; run++) {
        double start = bench_cpu_s();
        bench_ok(onus_agreement_measure(&in.votes, &opts, NULL, &found, NULL));
        point_s[run] = bench_cpu_s() - start;
        start = bench_cpu_s();
        onus_agreement_sums *sums = NULL;
        bench_ok(onus_agreement_sums_new(&in.votes, &opts, &sums, NULL));
        bench_ok(onus_agreement_bootstrap(sums, by, 7, n, &one, drawn, NULL));
        for (size_t r = 0; r < n; r++) {
            alpha[r] = drawn[r * ONUS_N_COEFFICIENTS + ONUS_COEFFICIENT_ALPHA];
        }
        bench_ok(onus_percentile_interval(alpha, n, 0.95, &limits));
        n_drawn = onus_agreement_n_drawn(sums, by);
        onus_agreement_sums_free(sums);
        cpu_s[run] = bench_cpu_s() - start;
    }
    printf(
        "{\"alpha\": %.17g, \"low\": %.17g, \"high\": %.17g, \"cpu_s\": %.6f, \"point_s\": %.6f, "
        "\"drawn\": %zu, \"peak_mb\": %.1f}\n",
        found.coefficients[ONUS_COEFFICIENT_ALPHA].value.value, limits.low, limits.high,
        bench_median(cpu_s, N_RUNS), bench_median(point_s, N_RUNS), n_drawn, bench_peak_mb());
    free(drawn);
    free(alpha);
    free(in.counts);
    free(in.person);
    free(in.ids);
    return 0;
}

/* Error rates from many comparison scores: three equal error rates, misses at three bounds on false
 * matches, counts at four thresholds; then AUC. Prints one line of JSON: CPU seconds (user and
 * system, all threads) of each part, peak memory, and the answers for bench/scores to compare.
 *
 *   onus_bench_scores GENUINE IMPOSTOR THREADS   .npy files or tables of one column named score
 */
#include <math.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "onus/evidence.h"
#include "onus/stats_roc.h"

static const double THRESHOLDS[] = {1.5, 2.0, 2.5, 3.0};
static const double FMR_AT[] = {1e-2, 1e-3, 1e-4};
enum { N_THRESHOLDS = 4, N_FMR_AT = 3 };

static void answer_counts(const char *name, const onus_roc_counts *at) {
    (void)printf("\"%s\": [%.17g, %llu, %llu], ", name, at->threshold,
                 (unsigned long long)at->false_match, (unsigned long long)at->false_nonmatch);
}

static void answer(const onus_roc *roc) {
    char name[32];
    for (size_t i = 0; i < N_THRESHOLDS; i++) {
        (void)snprintf(name, sizeof name, "at_%zu", i);
        answer_counts(name, &roc->at[i]);
    }
    for (size_t i = 0; i < N_FMR_AT; i++) {
        (void)snprintf(name, sizeof name, "fmr_%zu", i);
        answer_counts(name, &roc->fnmr_at[i].at);
    }
    (void)printf("\"crossing\": %.17g, \"nearest\": %.17g, \"interpolated\": %.17g, ",
                 roc->eer[ONUS_EER_CROSSING].rate.value, roc->eer[ONUS_EER_NEAREST].rate.value,
                 roc->eer[ONUS_EER_INTERPOLATED].rate.value);
}

int main(int argc, char **argv) {
    bench_must(argc == 4, "GENUINE IMPOSTOR THREADS");
    char data_dir[] = ".";
    char path[] = "bench";
    char column[] = "score";
    onus_case c = {.kind = ONUS_KIND_MATCH, .data_dir = data_dir, .path = path};
    onus_scores_ref *ref = &c.match.scores;
    ref->genuine.file = argv[1];
    ref->impostor.file = argv[2];
    ref->genuine_score = column;
    ref->impostor_score = column;
    onus_evidence evidence;
    onus_problems problems = {0};
    const onus_context context = {.n_threads = (int)strtol(argv[3], NULL, 10)};
    const double start = bench_cpu_s();
    bench_ok(onus_evidence_load(&c, &context, &evidence, &problems));
    const double loaded = bench_cpu_s();
    const onus_bare_scores *bare = &evidence.match.scores;
    const double peak_loaded = bench_peak_mb();
    const onus_scores scores = {.genuine = bare->genuine,
                                .n_genuine = bare->n_genuine,
                                .impostor = bare->impostor,
                                .n_impostor = bare->n_impostor};
    onus_roc_ask ask = {.thresholds = THRESHOLDS,
                        .n_thresholds = N_THRESHOLDS,
                        .fmr_at = FMR_AT,
                        .n_fmr_at = N_FMR_AT,
                        .eer = true};
    onus_roc roc;
    const double before = bench_cpu_s();
    bench_ok(onus_roc_make(&scores, &ask, &context, &roc));
    const double counted = bench_cpu_s();
    (void)printf("{");
    answer(&roc);
    const double peak_counted = bench_peak_mb();
    onus_roc_clear(&roc);
    ask = (onus_roc_ask){.n_det = 200};
    const double before_curve = bench_cpu_s();
    bench_ok(onus_roc_make(&scores, &ask, &context, &roc));
    const double drawn = bench_cpu_s();
    onus_roc_clear(&roc);
    ask = (onus_roc_ask){.auc = true};
    const double before_auc = bench_cpu_s();
    bench_ok(onus_roc_make(&scores, &ask, &context, &roc));
    const double ranked = bench_cpu_s();
    (void)printf("\"num2\": %llu, \"den2\": %llu, \"n\": %zu, \"load_s\": %.4f, \"rates_s\": %.4f, "
                 "\"curve_s\": %.4f, \"auc_s\": %.4f, \"peak_loaded_mb\": %.1f, "
                 "\"peak_rates_mb\": %.1f, \"peak_mb\": %.1f}\n",
                 (unsigned long long)roc.auc.num2, (unsigned long long)roc.auc.den2,
                 bare->n_genuine + bare->n_impostor, loaded - start, counted - before,
                 drawn - before_curve, ranked - before_auc, peak_loaded, peak_counted,
                 bench_peak_mb());
    onus_roc_clear(&roc);
    onus_evidence_clear(&evidence);
    return 0;
}

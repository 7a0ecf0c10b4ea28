/* Is what was planted in the teaching city found as often as the intervals promise?
 *
 * One city a seed, each tried whole: case, tables, layers, trial. Flags and space aim at the ratio
 * that the boxes were drawn from, census at the ratio of the boxes as drawn, had everybody been
 * counted. The interval by flags takes the published census as it is, so it covers a little less
 * than it says; the one by space is wide by intent (docs/statistics.md). The four ratios of one
 * city are not independent: they are counted by city and ratio, and the limits below allow for it.
 */
#include <stdio.h>

#include "../unit/example/teaching.h"
#include "city.h"

/* The city was designed while looking at seeds 1 to 60 (docs/statistics.md says how): those can no
 * longer judge it. */
enum { SOURCES = 3, FIRST_FRESH_SEED = 1001 };

int main(void) {
    static const char *const sources[SOURCES] = {"flags", "census", "space"};
    const uint64_t n_runs = stat_runs(24);
    uint64_t n_inside[SOURCES] = {0};
    uint64_t n_all[SOURCES] = {0};
    uint64_t n_contradicted = 0;
    uint64_t n_supported = 0;
    for (uint64_t run = 0; run < n_runs; run++) {
        const uint64_t seed = FIRST_FRESH_SEED + run;
        teaching t;
        onus_error err = ONUS_ERROR_INIT;
        if (!teaching_begin(&t) || teaching_try(&t, seed, &err) != ONUS_OK) {
            fprintf(stderr, "seed %d: %s\n", (int)seed, err.text);
            return 1;
        }
        size_t index;
        json_t *item;
        json_array_foreach(json_object_get(t.answer, "planted"), index, item) {
            for (size_t i = 0; i < onus_result_n_measures(&t.result); i++) {
                const onus_measure *m = onus_result_measure(&t.result, i);
                for (size_t s = 0; s < SOURCES && teaching_is_about(m, item); s++) {
                    if (strcmp(onus_scope_text(&m->scope, "source"), sources[s]) == 0) {
                        const double aim = teaching_aim(m, item);
                        n_all[s]++;
                        n_inside[s] += m->interval.low <= aim && aim <= m->interval.high;
                    }
                }
            }
        }
        n_contradicted += t.result.claims[0].verdict == ONUS_VERDICT_CONTRADICTED;
        n_supported += t.result.claims[1].verdict == ONUS_VERDICT_SUPPORTED;
        teaching_end(&t);
    }
    stat_expect("planted ratio inside the interval by flags", n_inside[0], n_all[0], 0.90, 0.98);
    stat_expect("planted ratio inside the interval by census", n_inside[1], n_all[1], 0.90, 0.98);
    stat_expect("planted ratio inside the interval by space", n_inside[2], n_all[2], 0.95, 1.0);
    stat_expect("a planted 1.8 contradicts at most 1.1", n_contradicted, n_runs, 0.8, 1.0);
    stat_expect("a planted 1 or so supports at most 2", n_supported, n_runs, 0.95, 1.0);
    return stat_end();
}

/* For tests of capture: random windows of few scores, areas of a few sizes and few outcomes. */
#ifndef ONUS_TEST_CAPTURE_WINDOW_H
#define ONUS_TEST_CAPTURE_WINDOW_H

#include "../fault.h"
#include "../random.h"
#include "near.h"

#include "onus/stats_capture.h"

enum { MOST = 40 };

/* A random window: few distinct scores, areas of a few sizes, few outcomes. */
typedef struct window {
    size_t n;
    double score[MOST];
    double area[MOST];
    int32_t order[MOST];
    double count[MOST]; /* of every cell */
    int32_t cell[MOST];
    double some[MOST]; /* counts above 0 */
    size_t n_some;
    onus_ranked cells;
    onus_cell_counts counts;
} window;

static inline void fill_counts(window *w) {
    w->n_some = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (w->count[i] > 0) {
            w->cell[w->n_some] = (int32_t)i;
            w->some[w->n_some++] = w->count[i];
        }
    }
    w->counts = (onus_cell_counts){.n = w->n_some, .cell = w->cell, .count = w->some};
}

static inline void random_window(window *w, uint64_t *seed, size_t most, bool equal_areas) {
    *w = (window){.n = 1 + (size_t)random_below(seed, most)};
    for (size_t i = 0; i < w->n; i++) {
        w->score[i] = (double)random_between(seed, 0, 3);
        w->area[i] = equal_areas ? 2.0 : 0.5 * (double)random_between(seed, 1, 6);
        w->order[i] = (int32_t)i;
        w->count[i] = random_below(seed, 2) == 0 ? 0.0 : (double)random_between(seed, 0, 4);
    }
    for (size_t i = w->n; i > 1; i--) {
        const size_t j = (size_t)random_below(seed, i);
        const int32_t t = w->order[i - 1];
        w->order[i - 1] = w->order[j];
        w->order[j] = t;
    }
    fill_counts(w);
    w->cells = (onus_ranked){.n_cells = w->n,
                             .score = w->score,
                             .area_m2 = w->area,
                             .by_density = random_below(seed, 2) == 0,
                             .order = w->order};
}

static inline double key_of(const window *w, size_t i) {
    return w->cells.by_density ? w->score[i] / w->area[i] : w->score[i];
}

/* Who comes first: by score, then by what the variant says. */
static inline bool comes_before(const window *w, size_t i, size_t j, onus_tie_variant v,
                                onus_capture_unit unit) {
    if (key_of(w, i) != key_of(w, j)) {
        return key_of(w, i) > key_of(w, j);
    }
    const double a = unit == ONUS_CAPTURE_AREA ? w->count[i] * w->area[j] : w->count[i];
    const double b = unit == ONUS_CAPTURE_AREA ? w->count[j] * w->area[i] : w->count[j];
    if (v == ONUS_TIE_WORST && a != b) {
        return a < b;
    }
    if (v == ONUS_TIE_BEST && a != b) {
        return a > b;
    }
    return w->order[i] < w->order[j];
}

#endif

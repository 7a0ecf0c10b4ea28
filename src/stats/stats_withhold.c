/* Which further counts must be withheld so that no small one can be worked out.
 *
 * Rounds: withhold the small counts; look which of them the published numbers give back
 * (stats_disclosure.c), and which sums leave a remainder that is itself a small count or a single
 * cell; add one mate per sum concerned, the smallest positive count still published there, or the
 * ring of cells along which people could be moved without any published sum noticing; again, until
 * nothing is given back. A mate is at least as large as the threshold, so a remainder with a mate
 * in it is no small count. Every round withholds at least one number more, so it ends. Called by
 * the place trial before a table is published. Never publishes a number that was withheld before.
 */
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_disclosure.h"

typedef struct work {
    const onus_disclosure *table;
    uint8_t *cells; /* onus_withheld; hidden cells that are not small stay NOT */
    uint8_t *sums;
    uint8_t *unknown; /* cells that a reader does not see: withheld or hidden */
    uint8_t *recoverable;
    uint8_t *sum_recoverable;
    size_t *rows;    /* per cell: the narrowest published sum that it is in */
    uint64_t *signs; /* per cell: sum of a fixed hash of each published sum that it is in */
    uint8_t *helped; /* sums that got a mate in this round */
    int64_t *totals;
    size_t *n_open;    /* positive cells of each sum that are still published */
    size_t *starts_of; /* the sums of each cell */
    size_t *sums_of;
    size_t *queue; /* sums to look at, nearest first */
    uint8_t *queued;
    int64_t threshold;
    bool keep_sums;
} work;

static bool is_small(int64_t count, int64_t threshold) {
    return count > 0 && count < threshold;
}

static void work_clear(work *w) {
    onus_free(w->unknown);
    onus_free(w->recoverable);
    onus_free(w->sum_recoverable);
    onus_free(w->rows);
    onus_free(w->signs);
    onus_free(w->helped);
    onus_free(w->totals);
    onus_free(w->n_open);
    onus_free(w->starts_of);
    onus_free(w->sums_of);
    onus_free(w->queue);
    onus_free(w->queued);
}

static onus_status work_init(work *w) {
    const onus_disclosure *table = w->table;
    const size_t n_entries = table->n_sums == 0 ? 0 : table->starts[table->n_sums];
    w->unknown = onus_alloc_n(table->n_cells, 1);
    w->recoverable = onus_alloc_n(table->n_cells, 1);
    w->sum_recoverable = onus_alloc_n(table->n_sums, 1);
    w->rows = onus_alloc_n(table->n_cells, sizeof *w->rows);
    w->signs = onus_alloc_n(table->n_cells, sizeof *w->signs);
    w->helped = onus_alloc_n(table->n_sums, 1);
    w->totals = onus_alloc_n(table->n_sums, sizeof *w->totals);
    w->n_open = onus_alloc_n(table->n_sums, sizeof *w->n_open);
    w->starts_of = onus_alloc_n(table->n_cells + 2, sizeof *w->starts_of);
    w->sums_of = onus_alloc_n(n_entries, sizeof *w->sums_of);
    w->queue = onus_alloc_n(table->n_sums, sizeof *w->queue);
    w->queued = onus_alloc_n(table->n_sums, 1);
    if (w->unknown == NULL || w->recoverable == NULL || w->sum_recoverable == NULL ||
        w->helped == NULL || w->totals == NULL || w->n_open == NULL || w->starts_of == NULL ||
        w->sums_of == NULL || w->queue == NULL || w->queued == NULL || w->rows == NULL ||
        w->signs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t e = 0; e < n_entries; e++) {
        if (table->cells[e] < 0 || (size_t)table->cells[e] >= table->n_cells) {
            return ONUS_ERR_DOMAIN;
        }
        w->starts_of[(size_t)table->cells[e] + 2]++;
    }
    for (size_t c = 0; c < table->n_cells; c++) {
        w->starts_of[c + 2] += w->starts_of[c + 1];
    }
    for (size_t s = 0; s < table->n_sums; s++) {
        for (size_t e = table->starts[s]; e < table->starts[s + 1]; e++) {
            w->sums_of[w->starts_of[(size_t)table->cells[e] + 1]++] = s;
            w->totals[s] += table->values[table->cells[e]];
        }
    }
    return ONUS_OK;
}

/* The smallest positive count of the sum that is still published, or n_cells. */
static size_t find_mate(const work *w, size_t s) {
    const onus_disclosure *table = w->table;
    size_t mate = table->n_cells;
    for (size_t e = table->starts[s]; e < table->starts[s + 1]; e++) {
        const size_t c = (size_t)table->cells[e];
        if (!w->unknown[c] && table->values[c] > 0 &&
            (mate == table->n_cells || table->values[c] < table->values[mate])) {
            mate = c;
        }
    }
    return mate;
}

static void withhold_cell(work *w, size_t c) {
    w->cells[c] = ONUS_WITHHELD_MATE;
    w->unknown[c] = 1;
}

static bool add_mate(work *w, size_t s) {
    if (w->helped[s]) {
        return true; /* this round already changed it */
    }
    const size_t mate = find_mate(w, s);
    if (mate < w->table->n_cells) {
        withhold_cell(w, mate);
        w->helped[s] = 1;
    }
    return mate < w->table->n_cells;
}

static size_t width(const work *w, size_t s) {
    return w->table->starts[s + 1] - w->table->starts[s];
}

/* Two sets of cells are in the same published sums (each as often) if their signs add up to the
 * same; by accident with probability 2^-64, and then the next round finds out. */
static void sign_cells(work *w) {
    for (size_t c = 0; c < w->table->n_cells; c++) {
        w->signs[c] = 0;
        w->rows[c] = w->table->n_sums;
        for (size_t k = w->starts_of[c]; k < w->starts_of[c + 1]; k++) {
            uint64_t z = (w->sums_of[k] + 1) * UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
            z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
            z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
            if (!w->sums[w->sums_of[k]]) {
                w->signs[c] += z ^ (z >> 31);
                if (w->rows[c] == w->table->n_sums ||
                    width(w, w->sums_of[k]) < width(w, w->rows[c])) {
                    w->rows[c] = w->sums_of[k];
                }
            }
        }
    }
}

/* The published sum with the least total that shares an unseen cell with sum s (or holds cell c,
 * when s is n_sums); n_sums if there is none. */
static size_t find_sum(const work *w, size_t s, size_t c) {
    const onus_disclosure *table = w->table;
    size_t best = table->n_sums;
    const size_t from = s < table->n_sums ? table->starts[s] : 0;
    const size_t until = s < table->n_sums ? table->starts[s + 1] : 1;
    for (size_t e = from; e < until; e++) {
        const size_t cell = s < table->n_sums ? (size_t)table->cells[e] : c;
        for (size_t k = w->starts_of[cell]; w->unknown[cell] && k < w->starts_of[cell + 1]; k++) {
            const size_t other = w->sums_of[k];
            if (other != s && !w->sums[other] &&
                (best == table->n_sums || w->totals[other] < w->totals[best] ||
                 (other < best && w->totals[other] == w->totals[best]))) {
                best = other;
            }
        }
    }
    return best;
}

static void enqueue(work *w, size_t s, size_t *n_queued) {
    if (!w->sums[s] && !w->queued[s]) {
        w->queued[s] = 1;
        w->queue[(*n_queued)++] = s;
    }
}

static void enqueue_sums_of(work *w, size_t c, size_t *n_queued) {
    for (size_t k = w->starts_of[c]; k < w->starts_of[c + 1]; k++) {
        enqueue(w, w->sums_of[k], n_queued);
    }
}

/* A mate as near as possible: in a queued sum, else in one that shares an unseen cell with it, and
 * so on. A cell is given back through a chain of such sums, so the chain is within reach. */
static bool add_mate_near(work *w, size_t n_queued) {
    const onus_disclosure *table = w->table;
    bool found = false;
    for (size_t q = 0; q < n_queued && !found; q++) {
        const size_t s = w->queue[q];
        found = add_mate(w, s);
        for (size_t e = table->starts[s]; !found && e < table->starts[s + 1]; e++) {
            if (w->unknown[table->cells[e]]) {
                enqueue_sums_of(w, (size_t)table->cells[e], &n_queued);
            }
        }
    }
    for (size_t q = 0; q < n_queued; q++) {
        w->queued[w->queue[q]] = 0;
    }
    return found;
}

static void withhold_sum(work *w, size_t s) {
    w->sums[s] = ONUS_WITHHELD_MATE;
    w->helped[s] = 1;
}

/* A count that the reader does not see, or that could be withheld. */
static bool can_hide(const work *w, size_t c) {
    return w->unknown[c] || w->table->values[c] > 0;
}

/* Four cells c, t, m, k such that c and k together are in the same published sums as t and m
 * together:
 *
 *             group      other group         moving one person along c -> m -> k -> t -> c changes
 * no area      c  . . . .  m                  published sum, so with all four unseen c is not
 * determined. another   t  . . . .  k                  m == k == n_cells: c and t alone are in the
 * same sums.
 */
typedef struct ring {
    size_t cells[3]; /* t, m, k */
    size_t n_new;    /* of them still published */
    int64_t cost;    /* people in those */
} ring;

static void consider(const work *w, size_t t, size_t m, size_t k, ring *best) {
    ring r = {.cells = {t, m, k}};
    for (int i = 0; i < 3; i++) {
        if (r.cells[i] < w->table->n_cells && !w->unknown[r.cells[i]]) {
            r.n_new++;
            r.cost += w->table->values[r.cells[i]];
        }
    }
    if (r.n_new < best->n_new || (r.n_new == best->n_new && r.cost < best->cost)) {
        *best = r;
    }
}

/* Rings of c and t whose other two lie in the narrowest sums of each (the groups of one area). */
static void find_rings_with(const work *w, size_t c, size_t t, ring *best) {
    const onus_disclosure *table = w->table;
    const size_t row = w->rows[c];
    const size_t other = w->rows[t];
    if (row == table->n_sums || other == table->n_sums) {
        return;
    }
    for (size_t x = table->starts[row]; x < table->starts[row + 1]; x++) {
        const size_t m = (size_t)table->cells[x];
        if (m == c || m == t || !can_hide(w, m)) {
            continue;
        }
        for (size_t y = table->starts[other]; y < table->starts[other + 1]; y++) {
            const size_t k = (size_t)table->cells[y];
            if (k != c && k != t && k != m && can_hide(w, k) &&
                w->signs[c] + w->signs[k] == w->signs[t] + w->signs[m]) {
                consider(w, t, m, k, best);
            }
        }
    }
}

static void find_rings(const work *w, size_t c, size_t wide, ring *best) {
    const onus_disclosure *table = w->table;
    for (size_t e = table->starts[wide]; e < table->starts[wide + 1]; e++) {
        const size_t t = (size_t)table->cells[e];
        if (t == c || !can_hide(w, t)) {
            continue;
        }
        if (w->signs[t] == w->signs[c]) {
            consider(w, t, table->n_cells, table->n_cells, best);
        }
        find_rings_with(w, c, t, best);
    }
}

/* Protects one small cell that can be worked out: by a ring; where there is none, by a mate as near
 * as possible; where there is none, by a sum less. */
static void protect_cell(work *w, size_t c) {
    const onus_disclosure *table = w->table;
    size_t wide = table->n_sums;
    for (size_t k = w->starts_of[c]; k < w->starts_of[c + 1]; k++) {
        const size_t s = w->sums_of[k];
        if (!w->sums[s] && (wide == table->n_sums || w->n_open[s] > w->n_open[wide])) {
            wide = s;
        }
    }
    ring best = {.n_new = SIZE_MAX};
    if (wide < table->n_sums) {
        find_rings(w, c, wide, &best);
    }
    if (best.n_new != SIZE_MAX) { /* n_new == 0: a ring of this round protects it already */
        for (int i = 0; i < 3; i++) {
            if (best.cells[i] < table->n_cells && !w->unknown[best.cells[i]]) {
                withhold_cell(w, best.cells[i]);
            }
        }
        return;
    }
    size_t n_queued = 0;
    enqueue_sums_of(w, c, &n_queued);
    if (add_mate_near(w, n_queued)) {
        return;
    }
    const size_t s = find_sum(w, table->n_sums, c);
    if (!w->keep_sums && s < table->n_sums) {
        withhold_sum(w, s);
    } else {
        w->cells[c] = ONUS_WITHHELD_PINNED;
    }
}

/* Protects one small sum: mostly it is the difference of two larger ones, so one of them goes. */
static void protect_sum(work *w, size_t s) {
    const onus_disclosure *table = w->table;
    const size_t other = w->keep_sums ? table->n_sums : find_sum(w, s, 0);
    if (other < table->n_sums) {
        withhold_sum(w, other);
        return;
    }
    size_t n_queued = 0;
    for (size_t e = table->starts[s]; e < table->starts[s + 1]; e++) {
        enqueue_sums_of(w, (size_t)table->cells[e], &n_queued);
    }
    if (!add_mate_near(w, n_queued)) {
        w->sums[s] = ONUS_WITHHELD_PINNED;
    }
}

/* Sums that are kept may give a count away whatever cells are withheld: no mate is spent on those.
 */
static onus_status find_pinned(work *w, onus_error *err) {
    const onus_disclosure *table = w->table;
    uint8_t *everything = onus_alloc_n(table->n_cells, 1);
    if (everything == NULL) {
        return onus_fail_nomem(err);
    }
    memset(everything, 1, table->n_cells);
    const onus_status status = onus_disclosure_recoverable(table, everything, w->sums,
                                                           w->recoverable, w->sum_recoverable, err);
    onus_free(everything);
    for (size_t c = 0; status == ONUS_OK && c < table->n_cells; c++) {
        if (w->recoverable[c] && w->cells[c] == ONUS_WITHHELD_SMALL) {
            w->cells[c] = ONUS_WITHHELD_PINNED;
        }
    }
    for (size_t s = 0; status == ONUS_OK && s < table->n_sums; s++) {
        if (w->sum_recoverable[s] && w->sums[s] == ONUS_WITHHELD_SMALL) {
            w->sums[s] = ONUS_WITHHELD_PINNED;
        }
    }
    return status;
}

static bool needs_help(uint8_t withheld) {
    return withheld == ONUS_WITHHELD_SMALL;
}

/* One round. *changed: something more was withheld, or found to be beyond help. */
static onus_status protect_once(work *w, bool *changed, onus_error *err) {
    const onus_disclosure *table = w->table;
    *changed = false;
    memset(w->helped, 0, table->n_sums);
    for (size_t s = 0; s < table->n_sums; s++) {
        int64_t remainder = 0;
        size_t n_unseen = 0;
        bool lone = false; /* the only unseen cell is one that was withheld */
        w->n_open[s] = 0;
        for (size_t e = table->starts[s]; e < table->starts[s + 1]; e++) {
            const size_t c = (size_t)table->cells[e];
            if (w->unknown[c]) {
                remainder += table->values[c];
                lone = n_unseen++ == 0 && w->cells[c] != ONUS_WITHHELD_NOT;
            } else {
                w->n_open[s] += table->values[c] > 0;
            }
        }
        if (!w->sums[s] && (is_small(remainder, w->threshold) || lone)) {
            *changed |= add_mate(w, s);
        }
    }
    if (*changed) {
        return ONUS_OK; /* cheap repairs first, then the algebra */
    }
    const onus_status status = onus_disclosure_recoverable(table, w->unknown, w->sums,
                                                           w->recoverable, w->sum_recoverable, err);
    if (status != ONUS_OK) {
        return status;
    }
    sign_cells(w);
    for (size_t c = 0; c < table->n_cells; c++) {
        if (w->recoverable[c] && needs_help(w->cells[c])) {
            protect_cell(w, c);
            *changed = true;
        }
    }
    if (*changed) {
        return ONUS_OK; /* mates may have closed the way to the sums too */
    }
    for (size_t s = 0; s < table->n_sums; s++) {
        if (w->sum_recoverable[s] && needs_help(w->sums[s])) {
            protect_sum(w, s);
            *changed = true;
            break; /* one sum may protect several others: look again */
        }
    }
    return ONUS_OK;
}

/* What looked beyond help may have been saved by a later mate. */
static onus_status release_pinned(work *w, onus_error *err) {
    const onus_disclosure *table = w->table;
    const onus_status status = onus_disclosure_recoverable(table, w->unknown, w->sums,
                                                           w->recoverable, w->sum_recoverable, err);
    if (status != ONUS_OK) {
        return status;
    }
    for (size_t c = 0; c < table->n_cells; c++) {
        if (w->cells[c] == ONUS_WITHHELD_PINNED && !w->recoverable[c]) {
            w->cells[c] = ONUS_WITHHELD_SMALL;
        }
    }
    for (size_t s = 0; s < table->n_sums; s++) {
        if (w->sums[s] == ONUS_WITHHELD_PINNED && !w->sum_recoverable[s]) {
            w->sums[s] = ONUS_WITHHELD_SMALL;
        }
    }
    return ONUS_OK;
}

static void count_withheld(const uint8_t *withheld, size_t n, onus_disclosure_account *account) {
    for (size_t i = 0; i < n; i++) {
        account->n_small +=
            withheld[i] == ONUS_WITHHELD_SMALL || withheld[i] == ONUS_WITHHELD_PINNED;
        account->n_mates += withheld[i] == ONUS_WITHHELD_MATE;
        account->n_pinned += withheld[i] == ONUS_WITHHELD_PINNED;
    }
}

onus_status onus_disclosure_withhold(const onus_disclosure *table, uint32_t threshold,
                                     bool keep_sums, uint8_t *cells, uint8_t *sums,
                                     onus_disclosure_account *account, onus_error *err) {
    work w = {.table = table,
              .cells = cells,
              .sums = sums,
              .threshold = (int64_t)threshold,
              .keep_sums = keep_sums};
    onus_status status = work_init(&w);
    if (status != ONUS_OK) {
        status = status == ONUS_ERR_NOMEM
                     ? onus_fail_nomem(err)
                     : onus_fail_plain(err, status, "a sum names a cell that does not exist");
        goto out;
    }
    for (size_t c = 0; c < table->n_cells; c++) {
        if (table->values[c] < 0) {
            status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "a count of people is negative");
            goto out;
        }
        cells[c] =
            is_small(table->values[c], w.threshold) ? ONUS_WITHHELD_SMALL : ONUS_WITHHELD_NOT;
        w.unknown[c] = cells[c] != ONUS_WITHHELD_NOT || (table->hidden != NULL && table->hidden[c]);
    }
    for (size_t s = 0; s < table->n_sums; s++) {
        sums[s] = is_small(w.totals[s], w.threshold) ? ONUS_WITHHELD_SMALL : ONUS_WITHHELD_NOT;
    }
    if (keep_sums) {
        ONUS_TRY(find_pinned(&w, err));
    }
    bool changed = true;
    while (changed) {
        ONUS_TRY(protect_once(&w, &changed, err));
    }
    ONUS_TRY(release_pinned(&w, err));
    memset(account, 0, sizeof *account);
    count_withheld(cells, table->n_cells, account);
    count_withheld(sums, table->n_sums, account);
out:
    work_clear(&w);
    return status;
}

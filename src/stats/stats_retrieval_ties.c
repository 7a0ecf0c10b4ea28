/* What the places of the mates are worth: hits, average precision, inverse negative penalty; with
 * equal scores at their worst, at their best, and as the exact mean over all their orders.
 *
 * A block of T = x + y entries of one score, x of them others and y mates, comes after G entries, k
 * of them mates. In a random order of the block
 *
 *   - place G + s holds a mate with probability y / T, and then (s - 1)(y - 1)/(T - 1) mates are
 *     expected before it in the block: AP gains the sum over s of (y / T) (k + 1 + that)/(G + s);
 *   - the last mate is at s with probability C(s - 1, y - 1)/C(T, y): INP;
 *   - no mate is among the first s with probability C(x, s)/C(T, s): CMC.
 *
 * No order is ever drawn. The kernels of matrices and of lists call this for each search.
 */
#include <math.h>

#include "onus/sum.h"
#include "stats_retrieval_internal.h"

/* Sum over the mates of a block of k / rank_k. */
static void block_precision(const rank_block *block, uint32_t n_mates_before, onus_sum *sums) {
    const double k = n_mates_before;
    const double before = (double)block->n_before + k;
    const double x = block->n_others;
    const double y = block->n_mates;
    for (uint32_t j = 1; j <= block->n_mates; j++) {
        const double best = (k + j) / (before + j);
        onus_sum_add(&sums[ONUS_ORDER_BEST], best);
        onus_sum_add(&sums[ONUS_ORDER_WORST], (k + j) / (before + x + j));
        if (block->n_others == 0) {
            onus_sum_add(&sums[ONUS_ORDER_EXPECTED], best);
        }
    }
    if (block->n_others == 0) {
        return;
    }
    const double total = x + y;
    const double each = (y - 1.0) / (total - 1.0); /* x > 0 and y > 0: total >= 2 */
    for (uint32_t at = 1; at <= block->n_others + block->n_mates; at++) {
        const double s = at;
        onus_sum_add(&sums[ONUS_ORDER_EXPECTED],
                     y / total * (k + 1.0 + (s - 1.0) * each) / (before + s));
    }
}

/* Expected m / rank of the last mate, which is in this block. */
static double expected_inp(const rank_block *block, double before, double n_mates) {
    const double total = (double)block->n_others + block->n_mates;
    const double y = block->n_mates;
    onus_sum sum = {0};
    double p = y / total; /* the last mate is the last of the block */
    for (uint32_t at = block->n_others + block->n_mates; at >= block->n_mates; at--) {
        const double s = at;
        onus_sum_add(&sum, p * n_mates / (before + s));
        p *= s > 1.0 ? (s - y) / (s - 1.0) : 0.0;
    }
    return onus_sum_get(&sum);
}

void retrieval_finish(const rank_block *blocks, size_t n_blocks, onus_retrieval *search) {
    const double n_mates = search->n_mates;
    onus_sum sums[ONUS_N_ORDERS] = {{0}};
    uint32_t n_placed = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        block_precision(&blocks[b], n_placed, sums);
        n_placed += blocks[b].n_mates;
    }
    if (n_blocks > 0) {
        search->n_better = blocks[0].n_before;
        search->n_tied_others = blocks[0].n_others;
        search->n_tied_mates = blocks[0].n_mates;
    }
    /* failures: the last places of the list, whatever the order of ties */
    const double n_failed = search->n_failed_mates;
    for (uint32_t nth = 1; nth <= search->n_failed_mates; nth++) {
        const double i = nth;
        for (int k = 0; k < ONUS_N_ORDERS; k++) {
            onus_sum_add(&sums[k], (n_mates - n_failed + i) / (search->n_entries - n_failed + i));
        }
    }
    for (int k = 0; k < ONUS_N_ORDERS; k++) {
        search->ap[k] = onus_sum_get(&sums[k]) / n_mates;
        search->inp[k] = n_mates / search->n_entries;
    }
    if (search->n_failed_mates > 0 || n_blocks == 0) {
        return; /* the last mate is the last entry */
    }
    const rank_block *last = &blocks[n_blocks - 1];
    const double before = (double)last->n_before + (n_mates - last->n_mates);
    search->inp[ONUS_ORDER_BEST] = n_mates / (before + last->n_mates);
    search->inp[ONUS_ORDER_WORST] = n_mates / (before + last->n_others + last->n_mates);
    search->inp[ONUS_ORDER_EXPECTED] =
        last->n_others == 0 ? search->inp[ONUS_ORDER_BEST] : expected_inp(last, before, n_mates);
}

/* C(T - s, y) / C(T, y) = C(x, s) / C(T, s): no mate among the first s of the block; s <= x. */
static double none_of_first(uint64_t n_others, uint64_t n_mates, uint64_t n_first) {
    const uint64_t total = n_others + n_mates;
    const bool by_mates = n_mates < n_first;
    const uint64_t n = by_mates ? n_mates : n_first;
    const uint64_t free_at_first = by_mates ? total - n_first : n_others;
    double p = 1.0;
    for (uint64_t i = 0; i < n; i++) {
        p *= (double)(free_at_first - i) / (double)(total - i);
    }
    return p;
}

double onus_retrieval_hit(const onus_retrieval *search, uint64_t rank, onus_tie_order ties) {
    if (search->n_tied_mates == 0 || rank <= search->n_better) {
        return 0.0;
    }
    const uint64_t n_first = rank - search->n_better;
    if (ties == ONUS_ORDER_BEST || n_first > search->n_tied_others) {
        return 1.0;
    }
    if (ties == ONUS_ORDER_WORST) {
        return 0.0;
    }
    return 1.0 - none_of_first(search->n_tied_others, search->n_tied_mates, n_first);
}

static bool passes(double score, double threshold, bool higher_is_same) {
    return higher_is_same ? score >= threshold : score <= threshold;
}

double onus_retrieval_returned(const onus_retrieval *search, double threshold, bool higher_is_same,
                               uint64_t rank, onus_tie_order ties) {
    if (search->n_tied_mates == 0 || !passes(search->best_mate, threshold, higher_is_same)) {
        return 0.0; /* NaN passes nothing */
    }
    return rank == 0 ? 1.0 : onus_retrieval_hit(search, rank, ties);
}

bool onus_retrieval_alerts(const onus_retrieval *search, double threshold, bool higher_is_same) {
    return search->n_mates == 0 && passes(search->best_other, threshold, higher_is_same);
}

/* ---- all searches ---- */

void onus_retrieval_add_up(const onus_retrieval *searches, size_t n, onus_retrieval_totals *out) {
    *out = (onus_retrieval_totals){.n_searches = n, .complete = true};
    onus_sum ap[ONUS_N_ORDERS] = {{0}};
    onus_sum inp[ONUS_N_ORDERS] = {{0}};
    out->fewest_listed = n > 0 ? searches[0].n_listed : 0;
    for (size_t i = 0; i < n; i++) {
        const onus_retrieval *s = &searches[i];
        out->n_removed += s->n_removed;
        out->complete = out->complete && s->n_listed == s->n_entries;
        if (s->n_listed < out->fewest_listed) {
            out->fewest_listed = s->n_listed;
        }
        if (s->n_mates == 0) {
            out->n_unmated++;
            continue;
        }
        out->n_mated++;
        out->n_failed_mates += s->n_failed_mates;
        out->n_tied += s->n_tied_mates > 0 && s->n_tied_others > 0;
        for (int k = 0; k < ONUS_N_ORDERS; k++) {
            onus_sum_add(&ap[k], s->ap[k]);
            onus_sum_add(&inp[k], s->inp[k]);
        }
    }
    for (int k = 0; k < ONUS_N_ORDERS; k++) {
        const double n_mated = (double)out->n_mated;
        static const char NONE[] = "no search has a mate on its list";
        out->map[k] = out->n_mated == 0 ? onus_number_none(NONE)
                                        : onus_number_of(onus_sum_get(&ap[k]) / n_mated);
        out->minp[k] = out->n_mated == 0 ? onus_number_none(NONE)
                                         : onus_number_of(onus_sum_get(&inp[k]) / n_mated);
    }
}

double onus_retrieval_hits(const onus_retrieval *searches, size_t n, uint64_t rank,
                           onus_tie_order ties) {
    onus_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        onus_sum_add(&sum, onus_retrieval_hit(&searches[i], rank, ties));
    }
    return onus_sum_get(&sum);
}

onus_status onus_retrieval_above(const onus_retrieval_set *set, const double *scores,
                                 const onus_retrieval *searches, double threshold, uint32_t *out,
                                 onus_error *err) {
    if (isnan(threshold)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a threshold that is not a number");
    }
    for (size_t p = 0; p < set->n_probes; p++) {
        out[p] = 0;
        if (searches[p].n_mates > 0) {
            continue;
        }
        const double *row = scores + p * set->n_entries;
        for (size_t e = 0; e < set->n_entries; e++) {
            if (passes(row[e], threshold, set->higher_is_same) &&
                retrieval_role(set, p, e) == ENTRY_OTHER) {
                out[p]++;
            }
        }
    }
    return ONUS_OK;
}

double onus_alert_on_shorter_list(uint64_t n_entries, uint64_t n_above, uint64_t n_shorter) {
    if (n_above > n_entries || n_shorter > n_entries) {
        return (double)NAN;
    }
    if (n_above + n_shorter > n_entries) {
        return 1.0; /* too few entries stay silent to fill the list */
    }
    return 1.0 - none_of_first(n_entries - n_above, n_above, n_shorter);
}

double onus_fpir_on_list(double fpir, double n_entries, double n_other) {
    if (!(fpir >= 0.0 && fpir <= 1.0) || !(n_entries > 0.0) || !(n_other >= 0.0)) {
        return (double)NAN;
    }
    if (n_other == 0.0) {
        return 0.0;
    }
    return -expm1(n_other / n_entries * log1p(-fpir));
}

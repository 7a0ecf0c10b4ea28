/* THE WALL. Draws of the grid loop: where a report comes from, and who wins among equals.
 *
 * A day's reports over all cells are one Poisson count, shared out one by one by an alias table:
 * the same law as a count for every cell, at a cost that does not grow with the cells. Called by
 * grid.c and grid_run.c. Never draws a random number itself. */
#include "grid_internal.h"
#include "onus/alloc.h"
#include "onus/sum.h"

onus_status feedback_alias_make(const double *weight, size_t n, feedback_alias *out,
                                onus_error *err) {
    onus_status status = ONUS_OK;
    feedback_alias a = {.n = n};
    double *scaled = onus_alloc_n(n, sizeof *scaled);
    uint32_t *order = onus_alloc_n(n, sizeof *order); /* poor from the left, rich from the right */
    a.kept_frac = onus_alloc_n(n, sizeof *a.kept_frac);
    a.other = onus_alloc_n(n, sizeof *a.other);
    if (scaled == NULL || order == NULL || a.kept_frac == NULL || a.other == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    const double mean = onus_sum_of(weight, n) / (double)n;
    size_t n_poor = 0;
    size_t rich = n;
    for (size_t i = 0; i < n; i++) {
        scaled[i] = weight[i] / mean;
        order[scaled[i] < 1.0 ? n_poor++ : --rich] = (uint32_t)i;
    }
    while (n_poor > 0 && rich < n) {
        const uint32_t poor = order[--n_poor];
        const uint32_t giver = order[rich];
        a.kept_frac[poor] = scaled[poor];
        a.other[poor] = giver;
        scaled[giver] = (scaled[giver] + scaled[poor]) - 1.0;
        if (scaled[giver] < 1.0) {
            rich++;
            order[n_poor++] = giver;
        }
    }
    /* what is left is full but for rounding */
    for (; rich < n; rich++) {
        a.kept_frac[order[rich]] = 1.0;
        a.other[order[rich]] = order[rich];
    }
    while (n_poor > 0) {
        n_poor--;
        a.kept_frac[order[n_poor]] = 1.0;
        a.other[order[n_poor]] = order[n_poor];
    }
    *out = a;
    a = (feedback_alias){0};
out:
    onus_free(scaled);
    onus_free(order);
    feedback_alias_clear(&a);
    return status;
}

void feedback_alias_clear(feedback_alias *alias) {
    onus_free(alias->kept_frac);
    onus_free(alias->other);
    *alias = (feedback_alias){0};
}

static inline bool goes_before(const feedback_keyed *a, const feedback_keyed *b) {
    return a->key < b->key || (a->key == b->key && a->cell < b->cell);
}

void feedback_bring_smallest(feedback_keyed *keyed, size_t n, size_t wanted) {
    size_t low = 0;
    size_t high = n; /* the boundary lies within low .. high */
    while (high - low > 1 && low < wanted && wanted < high) {
        const feedback_keyed pivot = keyed[low + (high - low) / 2];
        size_t i = low;
        size_t j = high - 1;
        for (;;) { /* Hoare's partition: pairs are all different */
            while (goes_before(&keyed[i], &pivot)) {
                i++;
            }
            while (goes_before(&pivot, &keyed[j])) {
                j--;
            }
            if (i >= j) {
                break;
            }
            const feedback_keyed swapped = keyed[i];
            keyed[i++] = keyed[j];
            keyed[j--] = swapped;
        }
        /* low .. i - 1 go before, or are, the pivot; i .. high - 1 come after, or are it */
        if (wanted <= i) {
            high = i;
        } else {
            low = i;
        }
    }
}

/* How well recorded searches put the right person first: cumulative matches, average precision,
 * and false positive and false negative identification.
 *
 * Input is what somebody's product has already scored, with the truth beside it. Of a list only the
 * places of the true mates matter, so entries that score better than a mate are counted and no list
 * is ever sorted. Entries of equal score have no order; a product that returns them in file order
 * has luck, not skill. Every figure therefore comes three times: as the exact expectation over all
 * orders of equal scores, and at the worst and the best of these orders. */
#ifndef ONUS_STATS_RETRIEVAL_H
#define ONUS_STATS_RETRIEVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/stats_number.h"
#include "onus/status.h"

/** How entries of equal score lie. */
typedef enum onus_tie_order {
    ONUS_ORDER_EXPECTED, /* every order equally likely: the exact mean */
    ONUS_ORDER_WORST,    /* mates after the others */
    ONUS_ORDER_BEST,     /* mates before the others */
    ONUS_N_ORDERS
} onus_tie_order;

typedef enum onus_gallery_protocol {
    ONUS_GALLERY_ALL,
    ONUS_GALLERY_OTHER_CAMERA, /* entries of the probe's person AND the probe's camera are taken off
                                  the list (Zheng et al. 2015, Market-1501) */
} onus_gallery_protocol;

/** Who is searched for, and among whom. Borrows. */
typedef struct onus_retrieval_set {
    size_t n_probes;
    const int32_t *probe_person; /* in [0, n_people), or -1: not known, and nobody's mate */
    const int32_t *probe_camera; /* -1: not known; NULL: none known */
    const int32_t *probe_entry;  /* the entry that is the probe itself and is taken off its list, or
                                    -1; NULL: none is */
    size_t n_entries;
    const int32_t *entry_person;
    const int32_t *entry_camera;
    size_t n_people;
    onus_gallery_protocol protocol;
    bool higher_is_same;
} onus_retrieval_set;

/**
 * One search: all that any measure below needs of it. Places are counted in entries, from the best.
 * Entries without a score (failures to acquire) come after all others, mates last, and are never
 * returned. Entries that a recorded list does not show come after those that it shows, in no order.
 */
typedef struct onus_retrieval {
    uint32_t n_entries; /* on the list, after the protocol */
    uint32_t n_removed; /* taken off by the protocol (without the probe itself) */
    uint32_t n_listed;  /* whose place is known: n_entries, less for a recorded list cut short */
    uint32_t n_mates;   /* of n_entries; 0: an unmated search */
    uint32_t n_failed;  /* without a score */
    uint32_t n_failed_mates;   /* of these mates */
    uint32_t n_better;         /* others before the best mate's score */
    uint32_t n_tied_others;    /* of the same score as the best mate */
    uint32_t n_tied_mates;     /* with the best mate; 0: no mate has a place */
    double best_mate;          /* score; NaN: no mate has one */
    double best_other;         /* best score of anybody else; NaN: none */
    double ap[ONUS_N_ORDERS];  /* mean over mates of k / rank_k; NaN: unmated */
    double inp[ONUS_N_ORDERS]; /* mates / rank of the last mate; NaN: unmated */
} onus_retrieval;

/**
 * Searches of a full score matrix.
 *
 * @param[in]  scores  n_probes rows of n_entries; NaN: failure to acquire
 * @param[out] out     n_probes; caller's
 * @return ONUS_OK; ONUS_ERR_DOMAIN for a person out of range or more than 2^31 entries;
 *         ONUS_ERR_NOMEM; ONUS_ERR_INTERRUPTED
 *
 * A probe that nobody is known to be (-1) has no mates: leave it out beforehand.
 * Cost: O(n_probes * n_entries * log(mates)), one pass over the scores; memory O(n_entries) a
 * block. Expectations of ties cost the length of the tie. Same bytes for any number of threads.
 * Source: Zheng et al. (2015) for CMC and mAP; Ye et al. (2021), IEEE TPAMI 44(6), eq. 4, for INP;
 * the mean of a rank among ties: docs/statistics.md. Checked against: tests/reference/match/reid.
 */
onus_status onus_retrieval_matrix(const onus_retrieval_set *set, const double *scores,
                                  const onus_context *context, onus_retrieval *out,
                                  onus_error *err) ONUS_MUST_USE;

/** Recorded lists: candidates of probe p are start[p] .. start[p + 1] - 1. Borrows. */
typedef struct onus_retrieval_lists {
    const size_t *start;  /* n_probes + 1 */
    const int32_t *entry; /* in [0, n_entries); at most once a probe (later ones are not seen) */
    const double *score;  /* NaN: failure to acquire */
    const int32_t *rank;  /* from 1, equal: tied; NULL: by score */
} onus_retrieval_lists;

/** As onus_retrieval_matrix. ERR_DOMAIN also for an entry out of range. O(n log n) a list. */
onus_status onus_retrieval_recorded(const onus_retrieval_set *set,
                                    const onus_retrieval_lists *lists, onus_retrieval *out,
                                    onus_error *err) ONUS_MUST_USE;

/** Probability that a mate is among the first `rank` places; 0 or 1 unless scores tie there. 0 for
 *  an unmated search. A rank beyond n_listed is answered as if all orders of what the list does not
 *  show were equally likely: look at n_listed first. */
double onus_retrieval_hit(const onus_retrieval *search, uint64_t rank, onus_tie_order ties);

/** The same, and the mate's score is on the threshold's side: one minus it is a false negative
 *  identification. rank 0: any place. */
double onus_retrieval_returned(const onus_retrieval *search, double threshold, bool higher_is_same,
                               uint64_t rank, onus_tie_order ties);

/** Whether an unmated search raises an alert: anybody scores on the threshold's side. */
bool onus_retrieval_alerts(const onus_retrieval *search, double threshold, bool higher_is_same);

typedef struct onus_retrieval_totals {
    uint64_t n_searches;
    uint64_t n_mated;
    uint64_t n_unmated; /* never part of a mean over mates, never left out of this count */
    uint64_t n_removed; /* entries taken off by the protocol, over all searches */
    uint64_t n_failed_mates;
    uint64_t n_tied;        /* mated searches whose best mate ties with somebody else */
    uint32_t fewest_listed; /* shortest list; 0 without searches */
    bool complete;          /* every list shows every entry */
    onus_number map[ONUS_N_ORDERS];
    onus_number minp[ONUS_N_ORDERS];
} onus_retrieval_totals;

/** Means over mated searches; undefined without any. O(n). */
void onus_retrieval_add_up(const onus_retrieval *searches, size_t n, onus_retrieval_totals *out);

/** Expected number of mated searches with a mate among the first `rank`. O(n). */
double onus_retrieval_hits(const onus_retrieval *searches, size_t n, uint64_t rank,
                           onus_tie_order ties);

/**
 * How many entries of every unmated search score on the threshold's side (mated searches: 0).
 * @param[out] out  n_probes
 */
onus_status onus_retrieval_above(const onus_retrieval_set *set, const double *scores,
                                 const onus_retrieval *searches, double threshold, uint32_t *out,
                                 onus_error *err) ONUS_MUST_USE;

/**
 * Probability that a search still alerts on a shorter list drawn at random from this one, of which
 * n_above entries alert: 1 - C(n_entries - n_above, n_shorter) / C(n_entries, n_shorter). Exact, no
 * model. n_shorter <= n_entries. O(min(n_above, n_shorter)).
 */
double onus_alert_on_shorter_list(uint64_t n_entries, uint64_t n_above, uint64_t n_shorter);

/**
 * FPIR on a list of another size if entries alert independently of each other:
 * 1 - (1 - fpir)^(n_other / n_entries). NaN unless fpir is in [0, 1] and n_entries > 0. Too low for
 * shorter lists and too high for longer ones where some people look like many.
 */
double onus_fpir_on_list(double fpir, double n_entries, double n_other);

#endif

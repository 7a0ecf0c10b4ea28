/* Private to searches*.c: the searches of a case, however they were given. */
#ifndef ONUS_MATCH_SEARCHES_INTERNAL_H
#define ONUS_MATCH_SEARCHES_INTERNAL_H

#include "by_person.h"
#include "onus/stats_retrieval.h"

/** One protocol: every search of somebody known. */
typedef struct search_run {
    const char *protocol; /* "all", "same_camera_removed": static */
    bool as_it_was_run; /* of the list as the product had it: no key `protocol` at FPIR and FNIR */
    onus_retrieval *of; /* n_known */
    onus_retrieval_totals totals;
    uint32_t *above; /* n_known, only with scores of all entries and a threshold in use */
} search_run;

typedef struct searching {
    match_trial *t;
    onus_retrieval_set set;
    onus_retrieval_lists lists; /* start NULL: a matrix */
    double *scores;             /* n_probes x n_entries, or NULL: lists */
    size_t n_known;             /* probes whose person is known */
    size_t *probe;              /* n_known: which probe */
    size_t n_people_listed;     /* distinct people on the list */
    search_run runs[2];
    size_t n_runs;
} searching;

/** Comparisons as searches, if they are a full design. *why: the reason if they are not (then
 *  s->scores is NULL); static or the result's. */
onus_status match_searches_of_comparisons(searching *s, const char **why) ONUS_MUST_USE;

/** Measures and the series of one run. */
onus_status match_search_measures(searching *s, const search_run *run) ONUS_MUST_USE;
onus_status match_search_groups(searching *s, const search_run *run) ONUS_MUST_USE;

enum { SEARCH_N_RANKS = 4 };
extern const uint32_t SEARCH_RANKS[SEARCH_N_RANKS];
extern const char *const SEARCH_TIES[ONUS_N_ORDERS];

#endif

/* The three kinds of trial, one row each: what the command line calls for a case of that kind, and
 * the measures of all of them as one catalogue.
 *
 * Called by try, check, explain and new. Knows no measure and computes nothing. */
#include "cli.h"

#include "onus/affect.h"
#include "onus/alloc.h"
#include "onus/example.h"
#include "onus/match.h"
#include "onus/place.h"

static const cli_trial TRIALS[] = {
    {.kind = ONUS_KIND_PLACE,
     .name = "place",
     .measures = onus_place_measures,
     .try_case = onus_place_try,
     .answer = onus_place_answer,
     .example = onus_example_place,
     .example_is = "A teaching city stands"},
    {.kind = ONUS_KIND_MATCH,
     .name = "match",
     .measures = onus_match_measures,
     .try_case = onus_match_try,
     .answer = onus_match_answer,
     .example = onus_example_match,
     .example_is = "A made-up camera product stands"},
    {.kind = ONUS_KIND_AFFECT,
     .name = "affect",
     .measures = onus_affect_measures,
     .try_case = onus_affect_try,
     .answer = onus_affect_answer,
     .example = onus_example_affect,
     .example_is = "A made-up label product stands"},
};
enum { N_TRIALS = sizeof TRIALS / sizeof TRIALS[0] };

const cli_trial *cli_trials(size_t *n_trials) {
    *n_trials = N_TRIALS;
    return TRIALS;
}

const cli_trial *cli_trial_of(onus_kind kind) {
    size_t i = 0;
    while (TRIALS[i].kind != kind) { /* every kind has its row */
        i++;
    }
    return &TRIALS[i];
}

onus_measure_def *cli_measures(size_t *n_defs) {
    size_t n = 0;
    for (size_t i = 0; i < N_TRIALS; i++) {
        size_t n_own = 0;
        (void)TRIALS[i].measures(&n_own);
        n += n_own;
    }
    onus_measure_def *all = onus_alloc_n(n, sizeof *all);
    *n_defs = 0;
    for (size_t i = 0; i < N_TRIALS && all != NULL; i++) {
        size_t n_own = 0;
        const onus_measure_def *own = TRIALS[i].measures(&n_own);
        for (size_t k = 0; k < n_own; k++) {
            all[(*n_defs)++] = own[k];
        }
    }
    return all;
}

onus_status cli_check_kind(const onus_case *c, onus_error *err) {
    if (cli_trial_of(c->kind)->try_case != NULL) {
        return ONUS_OK;
    }
    return onus_fail(err, ONUS_ERR_USAGE, c->path, 0, 0,
                     "this version does not try '%s' cases yet; a later one will",
                     cli_trial_of(c->kind)->name);
}

onus_status cli_check_claims(const onus_case *c, onus_problems *problems) {
    size_t n = 0;
    onus_status status = ONUS_ERR_NOMEM;
    onus_measure_def *defs = cli_measures(&n);
    const char **ids = onus_alloc_n(n, sizeof *ids);
    if (defs != NULL && ids != NULL) {
        for (size_t i = 0; i < n; i++) {
            ids[i] = defs[i].id;
        }
        onus_case_check_claims(c, ids, n, problems);
        status = onus_problems_status(problems);
    }
    onus_free(ids);
    onus_free(defs);
    return status;
}

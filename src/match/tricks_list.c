/* Tests that are easier than the use: only people who are on the list, a short list, a tracking
 * score that does not see mixed trails.
 *
 * Called by tricks.c. Reads searches and the measures that were drafted from tracks. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "tricks_internal.h"

/* ---- closed set ---- */

typedef struct searched {
    uint64_t n_mated;
    uint64_t n_unmated;
    uint64_t n_unknown;
    uint64_t n_first; /* mated searches whose first candidate is the mate */
} searched;

static onus_status count_searches(const match_trial *t, searched *out) {
    const onus_searches *s = &t->m->searches;
    uint8_t *listed = onus_alloc_n(t->m->sightings.n_people + 1, sizeof *listed);
    *out = (searched){0};
    if (listed == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t e = 0; e < s->n_entries; e++) {
        if (s->entry_person[e] >= 0) {
            listed[s->entry_person[e]] = 1;
        }
    }
    for (size_t p = 0; p < s->n_probes; p++) {
        const int32_t person = s->probe_person[p];
        if (person < 0) {
            out->n_unknown++;
        } else if (!listed[person]) {
            out->n_unmated++;
        } else {
            out->n_mated++;
            const size_t first = s->start[p];
            out->n_first += first < s->start[p + 1] && !isnan(s->score[first]) &&
                                    s->entry_person[s->entry[first]] == person
                                ? 1
                                : 0;
        }
    }
    onus_free(listed);
    return ONUS_OK;
}

onus_status match_trick_closed_set(match_trial *t) {
    onus_status status = ONUS_OK;
    searched n;
    if (t->m->searches.n_probes == 0) {
        return ONUS_OK;
    }
    ONUS_TRY(count_searches(t, &n));
    if (n.n_mated == 0 || n.n_unmated > 0 || n.n_unknown > 0) {
        goto out;
    }
    ONUS_TRY(onus_result_warn(
        t->result, "closed_set",
        "all %s searches are for somebody who is on the list (%s of them, %s, put that person "
        "first). On a street hardly anybody is on the list; how often a stranger is taken for "
        "somebody on it cannot be said from these searches",
        match_count(n.n_mated).text, match_count(n.n_first).text,
        match_percent((double)n.n_first / (double)n.n_mated).text));
out:
    return status;
}

/* ---- a short list ---- */

/* The list in use has to be that many times the tested one. */
enum { LONGER = 2 };

static uint64_t tested_list(const match_trial *t) {
    const onus_comparisons *c = &t->m->comparisons;
    const onus_searches *s = &t->m->searches;
    if (s->n_probes > 0) {
        return s->n_entries;
    }
    uint8_t *met = onus_alloc_n(t->m->sightings.n_sightings + 1, sizeof *met);
    uint64_t n = 0;
    for (size_t i = 0; met != NULL && i < c->n_comparisons; i++) {
        n += met[c->reference[i]] ? 0 : 1;
        met[c->reference[i]] = 1;
    }
    onus_free(met);
    return n;
}

onus_status match_trick_list(match_trial *t) {
    const uint64_t in_use = t->c->match.deployment.n_on_list;
    if (in_use == 0 || (t->m->searches.n_probes == 0 && t->m->comparisons.n_comparisons == 0)) {
        return ONUS_OK;
    }
    const uint64_t tested = tested_list(t);
    if (tested == 0 || in_use < LONGER * tested) {
        return ONUS_OK;
    }
    onus_measure main = match_draft_of("match.fmr");
    if (t->main != NULL) {
        match_scope_set(&main, t->main);
    }
    const size_t at =
        t->has_in_use ? onus_draft_find(&t->drafts, "match.fmr", &main.scope) : SIZE_MAX;
    const onus_measure *fmr = at != SIZE_MAX ? match_drafted(t, at) : NULL;
    if (fmr == NULL || !fmr->has_value || !(fmr->value > 0.0)) {
        return onus_result_warn(
            t->result, "small_list",
            "the test list has %s entries and the list in use %s, %s times as many: a stranger "
            "meets so many more chances to be taken for somebody",
            match_count(tested).text, match_count(in_use).text,
            match_decimal((double)in_use / (double)tested).text);
    }
    return onus_result_warn(
        t->result, "small_list",
        "the test list has %s entries and the list in use %s, %s times as many. With %s false "
        "matches a comparison, a stranger is taken for somebody in %s of searches of the test list "
        "and in %s of searches of the list in use, if comparisons are independent",
        match_count(tested).text, match_count(in_use).text,
        match_decimal((double)in_use / (double)tested).text, match_percent(fmr->value).text,
        match_percent(-expm1((double)tested * log1p(-fmr->value))).text,
        match_percent(-expm1((double)in_use * log1p(-fmr->value))).text);
}

/* ---- a high score over mixed trails ---- */

/* MOTA at which a product is offered as good. */
#define HIGH_MOTA 0.8

onus_status match_trick_tracks(match_trial *t) {
    const size_t at_mota = onus_draft_find(&t->drafts, "match.mota", NULL);
    const size_t at_mixed = onus_draft_find(&t->drafts, "match.mixed_trails", NULL);
    if (at_mota == SIZE_MAX || at_mixed == SIZE_MAX) {
        return ONUS_OK;
    }
    const onus_measure *mota = match_drafted(t, at_mota);
    const onus_measure *mixed = match_drafted(t, at_mixed);
    if (!mota->has_value || mota->value < HIGH_MOTA || !mixed->has_fraction ||
        !(mixed->num > 0.0)) {
        return ONUS_OK;
    }
    return onus_result_warn(
        t->result, "mota_over_mixed_trails",
        "MOTA is %s, and %s of %s trails mix people: MOTA counts a change of person once, however "
        "long the trail then follows somebody else",
        match_decimal(mota->value).text, match_count((uint64_t)mixed->num).text,
        match_count((uint64_t)mixed->den).text);
}

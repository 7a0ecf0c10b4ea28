/* Searches by group: for whom is the right person missed, and a stranger returned, more often?
 *
 * A group is that of the person searched for. A group of one or two such people would make a rate a
 * statement about persons; and because what is left out follows by subtraction, the whole grouping
 * is then withheld.
 *
 * Called by searches.c, for the list as the product had it and the threshold in use.
 */
#include "onus/alloc.h"
#include "searches_internal.h"

enum { OF_FIRST, OF_FNIR, OF_FPIR, N_OF };

static const char *const IDS[N_OF] = {"match.cmc", "match.fnir", "match.fpir"};
static const char *const NONE[N_OF] = {
    "no search of this group is of somebody who is on the list",
    "no search of this group is of somebody who is on the list",
    "no search of this group is of somebody who is not on the list"};

typedef struct grouping {
    const searching *s;
    const search_run *run;
    size_t index;
    size_t n_values;
    const int32_t *value; /* by probe, -1: not known */
    bool withheld;
} grouping;

/* People of a value among the probes; the last count is of those without a value. */
static onus_status count_people(grouping *g, size_t *n_of) {
    const searching *s = g->s;
    const size_t n = g->n_values + 1;
    uint8_t *seen = onus_alloc_n(s->set.n_people, n);
    if (seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < s->n_known; i++) {
        const int32_t value = g->value[s->probe[i]];
        const size_t at = value < 0 ? g->n_values : (size_t)value;
        uint8_t *cell = &seen[(size_t)s->set.probe_person[s->probe[i]] * n + at];
        n_of[at] += *cell == 0;
        *cell = 1;
    }
    onus_free(seen);
    for (size_t v = 0; v < n; v++) {
        g->withheld = g->withheld || (n_of[v] > 0 && n_of[v] < ONUS_GROUP_PEOPLE_MIN);
    }
    return ONUS_OK;
}

static void add_search(const grouping *g, size_t i, match_by_person *b) {
    const searching *s = g->s;
    const match_trial *t = s->t;
    const onus_retrieval *one = &g->run->of[i];
    const int32_t value = g->value[s->probe[i]];
    if (value < 0) {
        return;
    }
    const size_t person = (size_t)s->set.probe_person[s->probe[i]];
    const size_t first = (size_t)value * N_OF;
    const double threshold = t->has_in_use ? t->points[0].threshold : 0.0;
    const bool higher = s->set.higher_is_same;
    if (one->n_mates > 0) {
        match_by_person_add(b, person, first + OF_FIRST,
                            onus_retrieval_hit(one, 1, ONUS_ORDER_EXPECTED), 1.0);
        match_by_person_add(
            b, person, first + OF_FNIR,
            1.0 - onus_retrieval_returned(one, threshold, higher, 0, ONUS_ORDER_EXPECTED), 1.0);
    } else {
        match_by_person_add(b, person, first + OF_FPIR,
                            onus_retrieval_alerts(one, threshold, higher) ? 1.0 : 0.0, 1.0);
    }
}

static onus_status add_measures(const grouping *g, const match_by_person *b, const size_t *n_of) {
    onus_status status = ONUS_OK;
    match_trial *t = g->s->t;
    for (size_t v = 0; v < g->n_values; v++) {
        for (size_t k = 0; k < N_OF; k++) {
            onus_measure m = match_draft_of(IDS[k]);
            if (n_of[v] == 0 || (k != OF_FIRST && !t->has_in_use)) {
                continue;
            }
            match_scope_group(t, &m, g->index, v);
            if (k == OF_FIRST) {
                onus_scope_set_number(&m.scope, "rank", 1);
                onus_scope_set_text(&m.scope, "protocol", g->run->protocol);
                onus_scope_set_text(&m.scope, "ties", SEARCH_TIES[ONUS_ORDER_EXPECTED]);
            }
            if (g->withheld) {
                m.withheld = true;
                m.reason = "a group of one or two people among those searched for: rates by group "
                           "would speak of persons";
            } else {
                match_set_by_person(t, &m, b, v * N_OF + k, true, NONE[k]);
                match_mark_group(match_group_of(t, g->index, v), &m);
                if (n_of[v] < t->c->protocol.suppress_below && m.interval.given) {
                    m.interval.weak = true;
                    m.interval.weak_reason = "few people of this group were searched for";
                }
            }
            ONUS_TRY(match_add(t, &m, NULL));
        }
    }
out:
    return status;
}

/* Values of the probes, from the searches' own columns or from the sightings that were compared. */
static const int32_t *values_of(const searching *s, size_t index) {
    if (s->scores == NULL) {
        int32_t *const *group = s->t->m->searches.probe_group;
        return group != NULL ? group[index] : NULL;
    }
    int32_t *value = match_alloc(s->t, s->set.n_probes, sizeof *value);
    for (size_t p = 0; value != NULL && p < s->set.n_probes; p++) {
        const int32_t person = s->set.probe_person[p];
        value[p] =
            person >= 0 && (size_t)person < s->t->n_people ? s->t->person_group[index][person] : -1;
    }
    return value;
}

onus_status match_search_groups(searching *s, const search_run *run) {
    onus_status status = ONUS_OK;
    match_trial *t = s->t;
    size_t *n_of = NULL;
    for (size_t index = 0; index < t->n_groupings; index++) {
        grouping g = {.s = s,
                      .run = run,
                      .index = index,
                      .n_values = t->group_start[index + 1] - t->group_start[index],
                      .value = values_of(s, index)};
        if (g.value == NULL) {
            continue;
        }
        onus_free(n_of);
        n_of = onus_alloc_n(g.n_values + 1, sizeof *n_of);
        if (n_of == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        ONUS_TRY(count_people(&g, n_of));
        match_by_person b;
        ONUS_TRY(match_by_person_make(t, s->set.n_people, g.n_values * N_OF, &b));
        for (size_t i = 0; i < s->n_known; i++) {
            add_search(&g, i, &b);
        }
        if (!g.withheld) {
            ONUS_TRY(match_by_person_estimate(t, &b));
        }
        ONUS_TRY(add_measures(&g, &b, n_of));
    }
out:
    onus_free(n_of);
    return status;
}

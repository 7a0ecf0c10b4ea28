/* Who is in which group, how many they are, and what may be shown of a group.
 *
 * The idea: a rate over a group counts comparisons and is shown, but of a group of one or two
 * people a rate is a statement about persons: it is withheld whole, and so is what would give it
 * back by subtraction. Counts of people go through the exact disclosure control of src/stats.
 *
 * Called by trial.c before the families. Never names a person. */
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/stats_disclosure.h"
#include "onus/stats_dyadic.h"

/* ---- whose group ---- */

static onus_status make_person_group(match_trial *t, size_t g) {
    enum { UNSEEN = -2 };
    const onus_sightings *s = &t->m->sightings;
    int32_t *of = match_alloc(t, t->n_people, sizeof *of);
    if (of == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < t->n_people; p++) {
        of[p] = UNSEEN;
    }
    for (size_t i = 0; i < s->n_sightings && t->n_people > 0; i++) {
        const int32_t p = s->person[i];
        if (p >= 0 && s->group[g][i] >= 0) {
            of[p] = of[p] == UNSEEN || of[p] == s->group[g][i] ? s->group[g][i] : -1;
        }
    }
    for (size_t p = 0; p < t->n_people; p++) {
        of[p] = of[p] == UNSEEN ? -1 : of[p];
    }
    t->person_group[g] = of;
    return ONUS_OK;
}

/* Who is counted: whoever was compared. Searches and tracks know further people. */
static onus_status count_people(match_trial *t) {
    const onus_comparisons *c = &t->m->comparisons;
    const int32_t *person = t->m->sightings.person;
    uint8_t *counted = match_alloc(t, t->n_people, sizeof *counted);
    if (counted == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < c->n_comparisons && t->knows_people; i++) {
        const int32_t ends[2] = {person[c->probe[i]], person[c->reference[i]]};
        for (int k = 0; k < 2; k++) {
            if (ends[k] >= 0) {
                counted[ends[k]] = 1;
            }
        }
    }
    for (size_t p = 0; p < t->n_people; p++) {
        counted[p] = counted[p] || !t->knows_people;
        t->n_counted += counted[p];
    }
    t->counted = counted;
    return ONUS_OK;
}

static onus_status make_groups(match_trial *t) {
    const onus_sightings *s = &t->m->sightings;
    onus_status status = ONUS_OK;
    size_t n = 0;
    t->n_groupings = s->n_groupings;
    for (size_t g = 0; g < s->n_groupings; g++) {
        n += s->groupings[g].n_values;
    }
    t->groups = match_alloc(t, n, sizeof *t->groups);
    t->group_start = match_alloc(t, s->n_groupings + 1, sizeof *t->group_start);
    t->person_group = match_alloc(t, s->n_groupings, sizeof *t->person_group);
    if (t->groups == NULL || t->group_start == NULL || t->person_group == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t g = 0; g < s->n_groupings; g++) {
        match_group *groups = &t->groups[t->group_start[g]];
        t->group_start[g + 1] = t->group_start[g] + s->groupings[g].n_values;
        ONUS_TRY(make_person_group(t, g));
        for (size_t v = 0; v < s->groupings[g].n_values; v++) {
            groups[v] =
                (match_group){.by = s->groupings[g].name, .name = s->groupings[g].values[v]};
        }
        for (size_t p = 0; p < t->n_people; p++) {
            if (t->counted[p] && t->person_group[g][p] >= 0) {
                groups[t->person_group[g][p]].n_people++;
            }
        }
    }
out:
    return status;
}

/* ---- what may be shown ---- */

/* People who are in no group that is shown: the remainder that subtraction would give. */
static size_t remainder_of(const match_trial *t, size_t g) {
    size_t n = t->n_counted;
    for (size_t v = t->group_start[g]; v < t->group_start[g + 1]; v++) {
        n -= t->groups[v].show.state == ONUS_GROUP_WITHHELD ? 0 : t->groups[v].n_people;
    }
    return n;
}

static match_group *smallest_shown(match_trial *t, size_t g) {
    match_group *found = NULL;
    for (size_t v = t->group_start[g]; v < t->group_start[g + 1]; v++) {
        match_group *group = &t->groups[v];
        if (group->show.state != ONUS_GROUP_WITHHELD && group->n_people > 0 &&
            (found == NULL || group->n_people < found->n_people)) {
            found = group;
        }
    }
    return found;
}

/* How few people may be counted in public (suppress_below) says nothing of how sure a rate over
 * comparisons is: a group that is small because few were tested is the one that must be heard. */
static void decide(match_trial *t, size_t g) {
    for (size_t v = t->group_start[g]; v < t->group_start[g + 1]; v++) {
        match_group *group = &t->groups[v];
        group->hide_size = group->n_people > 0 && group->n_people < t->c->protocol.suppress_below;
        if (group->n_people > 0 && group->n_people < ONUS_GROUP_PEOPLE_MIN) {
            group->show.state = ONUS_GROUP_WITHHELD;
            group->show.reason =
                "a group of one or two people: a rate over it would speak of persons";
        } else if (group->n_people < ONUS_DYADIC_PEOPLE_MIN) {
            group->show.state = ONUS_GROUP_WEAK;
            group->show.reason =
                t->n_counted == 0 ? "how many people are in the group is not known"
                                  : "a group of three or four people: the interval was never tried "
                                    "on so few, and carries no verdict alone";
        }
    }
    /* one or two people in no group at all are given back just like a group of so many */
    const size_t rest = remainder_of(t, g);
    match_group *next = rest > 0 && rest < ONUS_GROUP_PEOPLE_MIN ? smallest_shown(t, g) : NULL;
    if (next != NULL) {
        next->show.state = ONUS_GROUP_WITHHELD;
        next->show.reason = "would give back one or two people by subtraction";
    }
}

/* ---- how many: match.people ---- */

static onus_status add_people(match_trial *t, const match_group *group, size_t g, size_t v,
                              bool withheld) {
    onus_measure m = match_draft_of("match.people");
    onus_draft_set_number(&m,
                          onus_number_of((double)(group != NULL ? group->n_people : t->n_counted)));
    if (group != NULL) {
        match_scope_group(t, &m, g, v);
    }
    if (withheld) {
        m.withheld = true;
        m.reason = "a small number of people, or one that would give a small one back";
    }
    return match_add(t, &m, NULL);
}

/* One grouping: its groups and whoever is in none of them add up to everybody. */
static onus_status count_grouping(match_trial *t, size_t g, uint8_t *everybody) {
    const size_t first = t->group_start[g];
    const size_t n = t->group_start[g + 1] - first;
    int64_t *values = onus_alloc_n(n + 1, sizeof *values);
    uint8_t *hidden = onus_alloc_n(n + 1, sizeof *hidden);
    int32_t *cells = onus_alloc_n(n + 1, sizeof *cells);
    uint8_t *withheld = onus_alloc_n(n + 1, sizeof *withheld);
    const size_t starts[2] = {0, n + 1};
    onus_disclosure_account account = {0};
    onus_status status = ONUS_ERR_NOMEM;
    if (values == NULL || hidden == NULL || cells == NULL || withheld == NULL) {
        goto out;
    }
    int64_t nowhere = (int64_t)t->n_counted;
    for (size_t v = 0; v < n; v++) {
        values[v] = (int64_t)t->groups[first + v].n_people;
        cells[v] = (int32_t)v;
        nowhere -= values[v];
    }
    values[n] = nowhere;
    cells[n] = (int32_t)n;
    hidden[n] = 1; /* nobody prints how many are in no group */
    const onus_disclosure table = {.n_cells = n + 1,
                                   .values = values,
                                   .hidden = hidden,
                                   .n_sums = 1,
                                   .starts = starts,
                                   .cells = cells};
    ONUS_TRY(onus_disclosure_withhold(&table, t->c->protocol.suppress_below, true, withheld,
                                      everybody, &account, t->err));
    for (size_t v = 0; v < n; v++) {
        ONUS_TRY(add_people(t, &t->groups[first + v], g, v,
                            withheld[v] == ONUS_WITHHELD_SMALL ||
                                withheld[v] == ONUS_WITHHELD_MATE ||
                                withheld[v] == ONUS_WITHHELD_PINNED));
    }
out:
    onus_free(values);
    onus_free(hidden);
    onus_free(cells);
    onus_free(withheld);
    return status;
}

/* Of a case that holds tracks alone: whoever is in the true ones. */
static onus_status add_tracked(match_trial *t) {
    const size_t n = t->m->truth.n_tracks;
    onus_measure m = match_draft_of("match.people");
    if (n == 0) {
        return ONUS_OK;
    }
    onus_draft_set_number(&m, onus_number_of((double)n));
    if (n < t->c->protocol.suppress_below) {
        m.withheld = true;
        m.reason = "a small number of people";
    }
    return match_add(t, &m, NULL);
}

onus_status match_make_people(match_trial *t) {
    onus_status status = ONUS_OK;
    uint8_t everybody = ONUS_WITHHELD_NOT;
    ONUS_TRY(count_people(t));
    ONUS_TRY(make_groups(t));
    if (t->n_counted > 0) {
        ONUS_TRY(add_people(t, NULL, 0, 0, t->n_counted < t->c->protocol.suppress_below));
    } else {
        ONUS_TRY(add_tracked(t));
    }
    for (size_t g = 0; g < t->n_groupings; g++) {
        decide(t, g);
        if (t->n_counted > 0) {
            ONUS_TRY(count_grouping(t, g, &everybody));
        }
    }
out:
    return status;
}

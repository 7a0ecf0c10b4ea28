/* Rates that flatter by what they are over: strangers who were never alike, and the largest
 * denominator.
 *
 * Called by tricks.c. */
#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "tricks_internal.h"

/* ---- impostors of other groups ---- */

/* A group's rate has to be that many times the pooled one, and its lower limit above it. */
#define TIMES_POOLED 1.5

/* The most often that some group of equal ones may be blamed. */
#define ERROR_FRAC 0.05

/* Lower limit of one of n_groups rates, of which the worst is looked at (Bonferroni, one-sided). */
static onus_status lower_limit(const match_tally *own, size_t n_groups, double *low) {
    const double level = 1.0 - 2.0 * ERROR_FRAC / (double)(n_groups > 2 ? n_groups : 2);
    onus_dyadic rate;
    *low = onus_wilson((double)own->n_errors, (double)own->n_comparisons, level).low;
    if (!own->by_pair || own->n_comparisons == 0) {
        return ONUS_OK;
    }
    const onus_status status = onus_dyadic_estimate(&own->dyads, level, &rate);
    *low = rate.limits.low;
    return status;
}

onus_status match_trick_impostors(match_trial *t) {
    onus_status status = ONUS_OK;
    match_tally pooled = {0};
    match_tally own = {0};
    if (t->main == NULL || t->n_points == 0 || t->n_groupings == 0 ||
        t->main->of[MATCH_IMPOSTOR].row == NULL) {
        return ONUS_OK;
    }
    match_slice slice = {
        .set = t->main, .kind = MATCH_IMPOSTOR, .threshold = t->points[0].threshold};
    ONUS_TRY(match_tally_fill(t, &slice, &pooled));
    for (size_t g = 0; g < t->n_groupings && pooled.n_errors > 0; g++) {
        const match_group *worst = NULL;
        onus_measure of_worst = {0};
        uint64_t n_within = 0;
        double low = 0.0;
        const size_t n_groups = t->group_start[g + 1] - t->group_start[g];
        for (size_t v = 0; v < n_groups; v++) {
            const match_group *group = match_group_of(t, g, v);
            onus_measure m = match_draft_of("match.fmr");
            slice.by_group = true;
            slice.grouping = g;
            slice.probe_value = slice.reference_value = (int32_t)v;
            match_tally_clear(&own);
            ONUS_TRY(match_tally_fill(t, &slice, &own));
            n_within += own.n_comparisons;
            onus_draft_set_fraction(&m, (double)own.n_errors, (double)own.n_comparisons, "none");
            if (group->show.state != ONUS_GROUP_WITHHELD && m.has_value &&
                (worst == NULL || m.value > of_worst.value)) {
                worst = group;
                of_worst = m;
                ONUS_TRY(lower_limit(&own, n_groups, &low));
            }
        }
        const double rate = (double)pooled.n_errors / (double)pooled.n_comparisons;
        if (worst == NULL || !(of_worst.value >= TIMES_POOLED * rate) || !(low > rate)) {
            continue;
        }
        ONUS_TRY(onus_result_warn(
            t->result, "impostors_not_matched",
            "strangers were mostly compared across groups: only %s of %s comparisons are within "
            "one "
            "%s. Over all of them false matches are %s (%s of %s); between two people of %s they "
            "are %s (%s of %s), %s times as many",
            match_count(n_within).text, match_count(pooled.n_comparisons).text, worst->by,
            match_percent(rate).text, match_count(pooled.n_errors).text,
            match_count(pooled.n_comparisons).text, worst->name, match_percent(of_worst.value).text,
            match_count((uint64_t)of_worst.num).text, match_count((uint64_t)of_worst.den).text,
            match_decimal(of_worst.value / rate).text));
    }
out:
    match_tally_clear(&pooled);
    match_tally_clear(&own);
    return status;
}

/* ---- the same errors over four denominators ---- */

/* The rate over comparisons looks that many times smaller than over people or searches. */
enum { FAVOURABLE = 10 };

typedef struct denominators {
    uint64_t n_comparisons;
    uint64_t n_false; /* comparisons of strangers that match */
    uint64_t n_alerts;
    uint64_t n_searches; /* probes that were compared with a stranger */
    uint64_t n_searches_false;
    uint64_t n_people;
    uint64_t n_people_false; /* taken for somebody else, or somebody else for them, at least once */
} denominators;

static onus_status count_over(const match_trial *t, denominators *d) {
    const onus_comparisons *c = &t->m->comparisons;
    uint8_t *probe = onus_alloc_n(t->m->sightings.n_sightings + 1, sizeof *probe);
    uint8_t *person = onus_alloc_n(t->n_people + 1, sizeof *person);
    *d = (denominators){0};
    if (probe == NULL || person == NULL) {
        onus_free(probe);
        onus_free(person);
        return ONUS_ERR_NOMEM;
    }
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        const match_scores *of = &t->main->of[kind];
        for (size_t i = 0; i < of->n; i++) {
            if (isnan(of->score[i])) {
                continue;
            }
            const bool match = match_is_match(t, of->score[i], t->points[0].threshold);
            const bool stranger = kind == MATCH_IMPOSTOR;
            const uint8_t mark = match ? 3 : 1; /* was compared; was mistaken */
            d->n_alerts += match ? 1 : 0;
            if (!stranger) {
                continue;
            }
            d->n_comparisons++;
            d->n_false += match ? 1 : 0;
            const int32_t p = c->probe[of->row[i]];
            const int32_t r = c->reference[of->row[i]];
            probe[p] |= mark;
            if (t->m->sightings.person[p] >= 0 && t->m->sightings.person[r] >= 0) {
                person[t->m->sightings.person[p]] |= mark;
                person[t->m->sightings.person[r]] |= mark;
            }
        }
    }
    for (size_t s = 0; s < t->m->sightings.n_sightings; s++) {
        d->n_searches += probe[s] & 1;
        d->n_searches_false += probe[s] >> 1;
    }
    for (size_t p = 0; p < t->n_people; p++) {
        d->n_people += person[p] & 1;
        d->n_people_false += person[p] >> 1;
    }
    onus_free(probe);
    onus_free(person);
    return ONUS_OK;
}

static onus_status add_per(match_trial *t, const char *per, uint64_t num, uint64_t den,
                           bool people) {
    const uint32_t below = t->c->protocol.suppress_below;
    onus_measure m = match_draft_of("match.error_per");
    match_scope_set(&m, t->main);
    onus_scope_set_text(&m.scope, "per", per);
    onus_draft_set_fraction(&m, (double)num, (double)den, "there is none");
    /* people mistaken and people never mistaken are both counts of people */
    if (people && ((num > 0 && num < below) || (den > num && den - num < below))) {
        m.withheld = true;
        m.reason = "a small number of people, or one that would give a small one back";
    }
    return match_add(t, &m, NULL);
}

onus_status match_trick_denominator(match_trial *t) {
    const uint32_t below = t->c->protocol.suppress_below;
    onus_status status = ONUS_OK;
    denominators d;
    if (t->main == NULL || !t->has_in_use || !t->knows_people ||
        t->main->of[MATCH_IMPOSTOR].row == NULL) {
        return ONUS_OK;
    }
    ONUS_TRY(count_over(t, &d));
    ONUS_TRY(add_per(t, "comparison", d.n_false, d.n_comparisons, false));
    ONUS_TRY(add_per(t, "search", d.n_searches_false, d.n_searches, false));
    ONUS_TRY(add_per(t, "person", d.n_people_false, d.n_people, true));
    ONUS_TRY(add_per(t, "alert", d.n_false, d.n_alerts, false));
    const double per_comparison = (double)d.n_false / (double)d.n_comparisons;
    const double per_person = (double)d.n_people_false / (double)d.n_people;
    if (d.n_false == 0 || per_person < FAVOURABLE * per_comparison) {
        goto out;
    }
    const bool shown = d.n_people_false >= below &&
                       (d.n_people == d.n_people_false || d.n_people - d.n_people_false >= below);
    const char *people =
        shown ? onus_result_text(t->result, "%s of %s people (%s) were mistaken at least once",
                                 match_count(d.n_people_false).text, match_count(d.n_people).text,
                                 match_percent(per_person).text)
              : "how many people were mistaken at least once is a small number and withheld";
    if (people == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_result_warn(
        t->result, "favourable_denominator",
        "the same %s false matches are %s of %s comparisons, but %s of %s searches (%s) had at "
        "least one, %s, and of %s alerts %s were wrong (%s). Ask which of these a stated rate is",
        match_count(d.n_false).text, match_percent(per_comparison).text,
        match_count(d.n_comparisons).text, match_count(d.n_searches_false).text,
        match_count(d.n_searches).text,
        match_percent((double)d.n_searches_false / (double)d.n_searches).text, people,
        match_count(d.n_alerts).text, match_count(d.n_false).text,
        match_percent((double)d.n_false / (double)d.n_alerts).text));
out:
    return status;
}

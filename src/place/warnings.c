/* What a reader must know before believing the figures, each with its numbers.
 *
 * Called by trial.c. Warns, and never changes a figure. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "onus/scalar.h"
#include "onus/sum.h"
#include "place_internal.h"

/* Below this many areas a tenth of them is one or two areas. */
enum { FEW_AREAS = 30 };
/* Share of the areas under which the effective number shows strong clustering. */
#define CLUSTERED_SHARE 0.5

static onus_status warn_flags(place_trial *t) {
    const place_flags *f = &t->flags;
    onus_status status = ONUS_OK;
    if (f->missing != NULL) {
        return onus_result_warn(t->result, "no_flags", "burden cannot be tried: %s", f->missing);
    }
    if (!(f->total > 0.0)) {
        ONUS_TRY(onus_result_warn(t->result, "no_flags", "there are no flags in the predictions"));
    }
    if (f->outside > 0.0) {
        ONUS_TRY(onus_result_warn(t->result, "flags_outside",
                                  "%s of %s flags (%.2f %%) fall on no area and count for no one",
                                  place_count(f->outside).text, place_count(f->total).text,
                                  100.0 * f->outside / f->total));
    }
    if (f->n_parted > 0) {
        ONUS_TRY(onus_result_warn(t->result, "areas_overlap",
                                  "areas overlap one another under %s of %s flagged places; their "
                                  "flags were divided so that none counts twice",
                                  place_count((double)f->n_parted).text,
                                  place_count((double)f->n_places).text));
    }
out:
    return status;
}

static onus_status warn_people(place_trial *t) {
    const onus_people *people = &t->evidence->people;
    onus_status status = ONUS_OK;
    for (size_t u = 0; u < people->n_universes; u++) {
        size_t n_empty = 0;
        size_t n_unknown = 0;
        onus_sum flags = {0};
        for (size_t i = 0; i < t->n; i++) {
            const double total = people->universes[u].total[i];
            n_unknown += isnan(total) ? 1 : 0;
            if (!(total > 0.0)) {
                n_empty++;
                onus_sum_add(&flags, t->flags.missing == NULL ? t->flags.by_area[i] : 0.0);
            }
        }
        if (n_empty > 0) {
            char without_row[96] = "";
            if (n_unknown > 0) {
                (void)onus_format(without_row, sizeof without_row,
                                  " (%s of these areas have no row in the people table)",
                                  place_count((double)n_unknown).text);
            }
            ONUS_TRY(onus_result_warn(t->result, "areas_without_people",
                                      "%s: nobody is known to live in %s of %s areas%s; their %s "
                                      "flags count for no one",
                                      people->universes[u].ref->name,
                                      place_count((double)n_empty).text,
                                      place_count((double)t->n).text, without_row,
                                      place_count(onus_sum_get(&flags)).text));
        }
    }
    for (size_t b = 0; b < people->n_benchmarks; b++) {
        size_t n_unknown = 0;
        for (size_t i = 0; i < t->n; i++) {
            n_unknown += isnan(people->benchmarks[b].values[i]) ? 1 : 0;
        }
        if (n_unknown > 0) {
            ONUS_TRY(onus_result_warn(t->result, "benchmark_unknown",
                                      "the yardstick '%s' is not known in %s of %s areas, which "
                                      "count as 0 under it",
                                      people->benchmarks[b].name,
                                      place_count((double)n_unknown).text,
                                      place_count((double)t->n).text));
        }
    }
    if (t->n_group_excess > 0) {
        ONUS_TRY(
            onus_result_warn(t->result, "group_exceeds_total",
                             "in %zu area counts a group outnumbers the total of its universe; "
                             "comparisons with everyone else are left out for it",
                             t->n_group_excess));
    }
out:
    return status;
}

static onus_status warn_clustering(place_trial *t) {
    const place_draft *drafts = t->drafts.items;
    double least = INFINITY;
    const char *whose = NULL;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        if (strcmp(m->def->id, "burden.effective_n") == 0 && m->has_value && !m->withheld &&
            m->value < least) {
            least = m->value;
            whose = onus_scope_text(&m->scope, "group");
        }
    }
    if (whose != NULL && least < CLUSTERED_SHARE * (double)t->n) {
        char moran[64] = "";
        if (!isnan(t->moran_flags)) {
            (void)onus_format(moran, sizeof moran, " (Moran's I of the flags %.2f)",
                              t->moran_flags);
        }
        return onus_result_warn(
            t->result, "clustered",
            "neighbouring areas resemble one another: for the correlation of flags with the share "
            "of %s the %s areas are worth about %s independent ones%s",
            whose, place_count((double)t->n).text, place_count(floor(least)).text, moran);
    }
    return ONUS_OK;
}

static onus_status warn_published(place_trial *t) {
    if (t->n_published_small == 0 && t->n_published_pinned == 0) {
        return ONUS_OK;
    }
    return onus_result_warn(
        t->result, "published_small_counts",
        "figures under a published convention are printed whatever their size, because they "
        "reproduce "
        "what was already published from a public table: %zu of them rest on fewer than %u people, "
        "and "
        "withheld counts of areas that they would give back by subtraction: %zu",
        t->n_published_small, (unsigned)t->c->protocol.suppress_below, t->n_published_pinned);
}

onus_status place_warnings(place_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(warn_flags(t));
    ONUS_TRY(warn_people(t));
    if (t->flags.missing == NULL && t->n_groups > 0) {
        ONUS_TRY(onus_result_warn(
            t->result, "ecological",
            "areas are not people: people and flags are known by area only (%zu areas), so no "
            "figure here says who within an area the flags concern; every measure of burden "
            "carries this",
            t->n));
        if (t->n < FEW_AREAS) {
            ONUS_TRY(
                onus_result_warn(t->result, "few_areas",
                                 "there are %zu areas: a tenth of them is %.1f, so sets, tenths "
                                 "and correlations rest on single areas",
                                 t->n, (double)t->n / 10.0));
        }
        ONUS_TRY(warn_clustering(t));
    }
    if (t->outcomes.outside > 0.0) {
        ONUS_TRY(onus_result_warn(t->result, "outcomes_outside",
                                  "%.10g of %.10g recorded outcomes lie in no area",
                                  t->outcomes.outside, t->outcomes.total));
    }
    ONUS_TRY(warn_published(t));
out:
    return status;
}

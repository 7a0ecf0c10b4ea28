/* Who lives with the flags: exposure, attributed load, and every ratio of two groups.
 *
 * Two definitions (burden.md), each with every yardstick of the case, never one without the other:
 *
 *                    weight_i         people_i        yardstick b: weight_i          people_i
 *     exposure       P_gi             P_gi                         b_i P_gi / P_i    b_i P_gi / P_i
 *     attributed     P_gi / P_i       P_gi                         P_gi / P_i        b_i P_gi / P_i
 *
 * load = sum weight_i x_i / sum people_i. A group is compared with every other group of its
 * universe and with everyone else in it. Recorded outcomes by area serve as a yardstick too where
 * they are given.
 *
 * Called by trial.c. Uncertainty is burden_uncertainty.c's. Never picks the reference that looks
 * best: all are printed. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "place_internal.h"

static onus_status list_yardsticks(place_trial *t) {
    const onus_people *people = &t->evidence->people;
    t->yardsticks = place_keep(t, onus_alloc_n(people->n_benchmarks + 2, sizeof *t->yardsticks));
    if (t->yardsticks == NULL) {
        return ONUS_ERR_NOMEM;
    }
    t->n_yardsticks = 1; /* [0]: people themselves, no name */
    for (size_t b = 0; b < people->n_benchmarks; b++) {
        double *values = place_doubles(t, t->n);
        if (values == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = 0; i < t->n; i++) {
            const double value = people->benchmarks[b].values[i];
            values[i] = isnan(value) ? 0.0 : value;
        }
        t->yardsticks[t->n_yardsticks++] =
            (place_yardstick){.name = people->benchmarks[b].name, .values = values};
    }
    if (t->outcomes.given) {
        t->yardsticks[t->n_yardsticks++] =
            (place_yardstick){.name = "recorded outcomes", .values = t->outcomes.by_area};
    }
    return ONUS_OK;
}

/* The two vectors of the table above for one group. */
static onus_status vectors(place_trial *t, const place_group *g, const place_yardstick *yardstick,
                           place_definition definition, const double **weight,
                           const double **people) {
    const double *by_yardstick = NULL;
    if (yardstick->values != NULL) {
        double *v = place_doubles(t, t->n);
        if (v == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = 0; i < t->n; i++) {
            v[i] = yardstick->values[i] * g->within[i];
        }
        by_yardstick = v;
    }
    *people = by_yardstick != NULL ? by_yardstick : g->people;
    *weight = definition == PLACE_EXPOSURE ? *people : g->within;
    return ONUS_OK;
}

typedef struct side {
    const double *weight;
    const double *people;
    double load;
} side;

static onus_status make_side(place_trial *t, const place_group *g, const place_yardstick *yardstick,
                             place_definition definition, side *out) {
    const onus_status status = vectors(t, g, yardstick, definition, &out->weight, &out->people);
    if (status != ONUS_OK) {
        return status;
    }
    const onus_ratio_data data = {
        .n_areas = t->n, .flags = t->flags.by_area, .weight = out->weight, .people = out->people};
    out->load = onus_ratio_value(&data).value;
    return ONUS_OK;
}

static void scope_load(onus_measure *m, const place_load *load) {
    place_scope_group(m, load->group);
    if (load->reference != NULL) {
        onus_scope_set_text(&m->scope, "reference", load->reference->name);
        onus_scope_set_text(&m->scope, "definition", place_definition_text(load->definition));
    }
    if (load->yardstick->name != NULL) {
        onus_scope_set_text(&m->scope, "benchmark", load->yardstick->name);
    }
}

/* Weights of the exposure's numerator as a sum over P_gi, for the disclosure check. */
static onus_status numerator_weights(place_trial *t, const place_load *load, const double **out) {
    double *w = place_doubles(t, t->n);
    if (w == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        const double total = load->group->total[i];
        const double b = load->yardstick->values != NULL ? load->yardstick->values[i] : 0.0;
        const double x = t->flags.by_area[i];
        if (load->definition == PLACE_EXPOSURE) {
            w[i] = load->yardstick->values == NULL ? x : total > 0.0 ? x * b / total : 0.0;
        } else {
            w[i] = total > 0.0 ? x / total : 0.0;
        }
    }
    *out = w;
    return ONUS_OK;
}

static onus_status add_exposure(place_trial *t, place_load *load) {
    onus_measure m = place_draft_of(load->definition == PLACE_EXPOSURE ? "burden.exposure"
                                                                       : "burden.attributed");
    scope_load(&m, load);
    onus_draft_set_number(&m, load->value);
    m.has_fraction = m.has_value;
    m.num = onus_sum_dot(load->data.weight, load->data.flags, t->n);
    m.den = onus_sum_of(load->data.people, t->n);
    const place_source widest = burden_widest(t, load);
    if (widest != PLACE_N_SOURCES) {
        place_set_ratio_interval(t, &m, &load->by_source[widest], widest);
    } else if (m.has_value) {
        m.reason = load->by_source[PLACE_SPACE].reason != NULL ? load->by_source[PLACE_SPACE].reason
                                                               : "no interval";
    }
    const double *weights = NULL;
    onus_status status = numerator_weights(t, load, &weights);
    if (status == ONUS_OK) {
        status = place_add_people(t, &m, load->group, weights, &load->index);
    }
    if (status == ONUS_OK) {
        place_draft *drafts = t->drafts.items;
        drafts[load->index].weighted = true;
    }
    return status;
}

static onus_status add_evalue(place_trial *t, const place_load *load) {
    onus_measure m = place_draft_of("burden.evalue");
    scope_load(&m, load);
    const double value = onus_evalue(load->value.value);
    onus_draft_set_number(&m, isfinite(value)
                                  ? onus_number_of(value)
                                  : onus_number_none(load->value.reason != NULL
                                                         ? load->value.reason
                                                         : "no E-value for a ratio of 0"));
    const place_source widest = burden_widest(t, load);
    if (m.has_value && widest != PLACE_N_SOURCES) {
        const onus_ratio *ratio = &load->by_source[widest];
        const onus_limits limits = onus_ratio_interval(ratio, t->c->protocol.level);
        const double low = onus_evalue_limits(limits);
        const double high = onus_evalue(fmax(limits.high, 1.0 / limits.low));
        m.interval =
            (onus_interval){.given = isfinite(low),
                            .level = t->c->protocol.level,
                            .low = low,
                            .high = isfinite(high) ? high : NAN,
                            .method = "limits of the ratio's widest interval",
                            .resampled = NULL,
                            .weak = !ratio->trusted,
                            .weak_reason = ratio->trusted          ? NULL
                                           : ratio->reason != NULL ? ratio->reason
                                                                   : "the ratio's is weak"};
    } else if (m.has_value) {
        m.reason = "the ratio has no interval";
    }
    return place_add(t, &m, NULL);
}

static onus_status add_ratio(place_trial *t, place_load *load) {
    onus_status status = ONUS_OK;
    for (int s = 0; s < PLACE_N_SOURCES; s++) {
        onus_measure m = place_draft_of("burden.ratio");
        scope_load(&m, load);
        onus_scope_set_text(&m.scope, "source", place_source_text((place_source)s));
        onus_draft_set_number(&m, load->value);
        m.has_fraction = m.has_value;
        m.num = load->num;
        m.den = load->den;
        place_set_ratio_interval(t, &m, &load->by_source[s], (place_source)s);
        ONUS_TRY(place_add(t, &m, s == 0 ? &load->index : NULL));
    }
    ONUS_TRY(add_evalue(t, load));
out:
    return status;
}

/* ---- what is compared with what ---- */

static onus_status plan(place_trial *t, onus_array *list, const place_group *g,
                        const place_group *r, const place_yardstick *yardstick,
                        place_definition definition, const side *own, const side *other) {
    const place_load load = {.group = g,
                             .reference = r,
                             .yardstick = yardstick,
                             .definition = definition,
                             .data = {.n_areas = t->n,
                                      .flags = t->flags.by_area,
                                      .weight = own->weight,
                                      .people = own->people,
                                      .ref_weight = other != NULL ? other->weight : NULL,
                                      .ref_people = other != NULL ? other->people : NULL},
                             .num = own->load,
                             .den = other != NULL ? other->load : 0.0};
    return onus_array_push(list, &load);
}

/* All of one universe: groups first .. end - 1, under one yardstick and definition. */
static onus_status plan_universe(place_trial *t, size_t first, size_t end,
                                 const place_yardstick *yardstick, place_definition definition,
                                 onus_array *ratios) {
    const size_t n = end - first;
    const place_group *groups = &t->groups[first];
    const place_group *rests = &t->rests[first];
    side *sides = onus_alloc_n(2 * n, sizeof *sides);
    onus_status status = sides == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t k = 0; k < n && status == ONUS_OK; k++) {
        ONUS_TRY(make_side(t, &groups[k], yardstick, definition, &sides[k]));
        ONUS_TRY(make_side(t, &rests[k], yardstick, definition, &sides[n + k]));
        ONUS_TRY(plan(t, &t->loads, &groups[k], NULL, yardstick, definition, &sides[k], NULL));
    }
    for (size_t g = 0; g < n && status == ONUS_OK; g++) {
        for (size_t r = 0; r < n; r++) {
            if (r != g) {
                ONUS_TRY(plan(t, ratios, &groups[g], &groups[r], yardstick, definition, &sides[g],
                              &sides[r]));
            }
        }
        ONUS_TRY(plan(t, ratios, &groups[g], &rests[g], yardstick, definition, &sides[g],
                      &sides[n + g]));
    }
out:
    onus_free(sides);
    return status;
}

/* t->loads becomes the exposures followed by the ratios. */
static onus_status plan_all(place_trial *t) {
    onus_array ratios = ONUS_ARRAY_OF(place_load);
    onus_status status = ONUS_OK;
    for (size_t first = 0; first < t->n_groups;) {
        size_t end = first;
        while (end < t->n_groups &&
               t->groups[end].universe_index == t->groups[first].universe_index) {
            end++;
        }
        for (size_t b = 0; b < t->n_yardsticks; b++) {
            ONUS_TRY(plan_universe(t, first, end, &t->yardsticks[b], PLACE_EXPOSURE, &ratios));
            ONUS_TRY(plan_universe(t, first, end, &t->yardsticks[b], PLACE_ATTRIBUTED, &ratios));
        }
        first = end;
    }
    t->n_exposures = t->loads.n_items;
    const place_load *planned = ratios.items;
    for (size_t k = 0; k < ratios.n_items; k++) {
        ONUS_TRY(onus_array_push(&t->loads, &planned[k]));
    }
out:
    onus_array_clear(&ratios);
    return status;
}

onus_status burden_exposure(place_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(list_yardsticks(t));
    ONUS_TRY(plan_all(t));
    place_load *loads = t->loads.items;
    ONUS_TRY(burden_uncertainty(t, loads, t->loads.n_items));
    for (size_t k = 0; k < t->loads.n_items; k++) {
        ONUS_TRY(k < t->n_exposures ? add_exposure(t, &loads[k]) : add_ratio(t, &loads[k]));
    }
out:
    return status;
}

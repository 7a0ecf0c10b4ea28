/* Drafts of measures: filled by the stages, handed to the result at the end.
 *
 * A measure that reaches the result is never changed, but whether a small count may be shown
 * depends on every other figure that counts the same people. So stages draft, suppression.c
 * decides, and place_hand_over appends the drafts in their order: the index of a draft is its index
 * in the result.
 *
 * Called by every burden_*.c. Never computes a statistic. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/text.h"
#include "place_internal.h"

void *place_keep(place_trial *t, void *ptr) {
    return onus_keep(&t->kept, ptr);
}

double *place_doubles(place_trial *t, size_t n) {
    return place_keep(t, onus_alloc_n(n, sizeof(double)));
}

bool place_asked(const place_trial *t, onus_convention convention) {
    return t->c->protocol.conventions[convention];
}

place_count_text place_count(double value) {
    place_count_text out;
    if (value == floor(value) && fabs(value) < 1e15) {
        (void)onus_format_count((int64_t)value, out.text);
    } else {
        (void)onus_format(out.text, sizeof out.text, "%.1f", value);
    }
    return out;
}

const char *place_source_text(place_source source) {
    switch (source) {
    case PLACE_FLAGS:
        return "flags";
    case PLACE_CENSUS:
        return "census";
    default:
        return "space";
    }
}

const char *place_definition_text(place_definition definition) {
    return definition == PLACE_EXPOSURE ? "exposure" : "attributed";
}

onus_measure place_draft_of(const char *id) {
    onus_measure m = {.def = place_measure(id)};
    return m;
}

void place_scope_group(onus_measure *m, const place_group *group) {
    onus_scope_set_text(&m->scope, "universe", group->universe);
    onus_scope_set_text(&m->scope, "group", group->name);
}

/* The key is there only where measures are sliced by it: with one convention there is nothing to
 * tell apart. */
void place_scope_convention(const place_trial *t, onus_measure *m, const char *convention) {
    if (place_asked(t, ONUS_CONVENTION_MARKUP_2021)) {
        onus_scope_set_text(&m->scope, "convention", convention);
    }
}

static const char *method_of(place_source source) {
    switch (source) {
    case PLACE_FLAGS:
        return "moving blocks over time";
    case PLACE_CENSUS:
        return "delta method from census margins";
    default:
        return "neighbouring areas, by distance or in ten blocks: the wider";
    }
}

static const char *resampled_of(const place_trial *t, place_source source) {
    switch (source) {
    case PLACE_FLAGS:
        return t->flags.unit;
    case PLACE_CENSUS:
        return NULL;
    default:
        return "area block";
    }
}

void place_set_ratio_interval(const place_trial *t, onus_measure *m, const onus_ratio *ratio,
                              place_source source) {
    if (!m->has_value) {
        return;
    }
    const double level = t->c->protocol.level;
    const onus_limits limits = onus_ratio_interval(ratio, level);
    if (isnan(limits.low) || isnan(limits.high)) {
        m->reason = ratio->reason != NULL ? ratio->reason : "no interval";
        return;
    }
    m->interval.given = true;
    m->interval.level = level;
    m->interval.low = isinf(limits.low) ? NAN : limits.low;
    m->interval.high = isinf(limits.high) ? NAN : limits.high;
    m->interval.method = method_of(source);
    m->interval.resampled = resampled_of(t, source);
    m->interval.weak = !ratio->trusted;
    m->interval.weak_reason = ratio->trusted          ? NULL
                              : ratio->reason != NULL ? ratio->reason
                                                      : "too little to trust the interval";
    if (ratio->log_se > 0.0 && isfinite(ratio->log_se)) {
        m->scale = ONUS_SCALE_LOG;
        m->se = ratio->log_se;
        m->df = isfinite(ratio->df) ? ratio->df : 0.0;
    }
}

static onus_status push(place_trial *t, const place_draft *draft, size_t *index) {
    const onus_status status = onus_array_push(&t->drafts, draft);
    if (status == ONUS_OK && index != NULL) {
        *index = t->drafts.n_items - 1;
    }
    return status;
}

onus_status place_add(place_trial *t, const onus_measure *m, size_t *index) {
    const place_draft draft = {.measure = *m};
    return push(t, &draft, index);
}

onus_status place_add_people(place_trial *t, const onus_measure *m, const place_group *group,
                             const double *part, size_t *index) {
    const char *convention = onus_scope_text(&m->scope, "convention");
    const place_draft draft = {.measure = *m,
                               .group = group,
                               .part = part,
                               .exact = convention != NULL && strcmp(convention, "onus") != 0};
    return push(t, &draft, index);
}

const onus_measure *place_drafted(const place_trial *t, size_t index) {
    const place_draft *drafts = t->drafts.items;
    return &drafts[index].measure;
}

onus_status place_hand_over(place_trial *t) {
    onus_status status = ONUS_OK;
    place_draft *drafts = t->drafts.items;
    for (size_t i = 0; i < t->drafts.n_items && status == ONUS_OK; i++) {
        status = onus_draft_hand_over(&drafts[i].measure, t->result, t->err);
    }
    return status;
}

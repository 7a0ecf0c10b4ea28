/* The table of areas: one row per area for the map, tables/areas.csv and areas.gpkg.
 *
 * Flags and their decile, flagged area-time, recorded outcomes, people in all and by group, the
 * group's share, flags per person. Counts of people that suppression.c hides are withheld here, and
 * so is everything from which they could be computed: the share of a hidden count, the share or the
 * flags per person of a hidden total. Small counts of outcomes are withheld here, and as many
 * larger ones that the total gives none of them back.
 *
 * Called by trial.c. Never decides which people are hidden. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "onus/text.h"
#include "place_internal.h"

/* "Less than 45k" -> "less_than_45k": a column name that every tool reads. */
static void add_slug(onus_text *text, const char *words) {
    bool gap = false;
    for (const char *p = words; *p != '\0'; p++) {
        const unsigned char c = (unsigned char)*p;
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
        const bool upper = c >= 'A' && c <= 'Z';
        if (!plain && !upper) {
            gap = text->len > 0;
            continue;
        }
        if (gap) {
            onus_text_add(text, "_");
            gap = false;
        }
        const char letter = (char)(upper ? c - 'A' + 'a' : c);
        onus_text_add_len(text, &letter, 1);
    }
}

static bool taken(const place_trial *t, const char *name) {
    for (size_t k = 0; k < t->result->areas.n_columns; k++) {
        if (strcmp(t->result->areas.columns[k].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A column "<universe>[_<group>][_<suffix>]"; a number is added where two groups have one slug. */
static onus_area_column *column(place_trial *t, const char *universe, const char *group,
                                const char *suffix, const char *title, const char *unit) {
    onus_text name = {0};
    onus_area_column *out = NULL;
    char *taken_name = NULL;
    for (int k = 1; k < 1000; k++) {
        add_slug(&name, universe);
        if (group != NULL) {
            onus_text_add(&name, "_");
            add_slug(&name, group);
        }
        if (suffix != NULL) {
            onus_text_addf(&name, "_%s", suffix);
        }
        if (k > 1) {
            onus_text_addf(&name, "_%d", k);
        }
        taken_name = onus_text_take(&name);
        if (taken_name == NULL || !taken(t, taken_name)) {
            break;
        }
        onus_free(taken_name);
        taken_name = NULL;
    }
    if (taken_name != NULL && title != NULL) {
        out = onus_result_area_column(t->result, taken_name, title, unit);
    }
    onus_free(taken_name);
    return out;
}

static void put(onus_area_column *out, size_t i, double value, bool withheld) {
    if (withheld) {
        out->known[i] = ONUS_WITHHELD;
    } else if (isfinite(value)) {
        out->values[i] = value;
        out->known[i] = ONUS_KNOWN;
    }
}

static onus_status flag_columns(place_trial *t) {
    onus_area_column *flags = column(t, "flags", NULL, NULL, "Flags", "flags");
    if (flags == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        put(flags, i, t->flags.by_area[i], false);
    }
    onus_area_column *decile =
        column(t, "decile", NULL, NULL, "Decile of areas by flags (10 = most flagged)", "decile");
    if (decile == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        put(decile, i, t->decile[i], false);
    }
    return ONUS_OK;
}

/* ---- flagged area-time and recorded outcomes ---- */

static const double M2_S_PER_KM2_DAY = 1e6 * 86400.0;

/* Area of each flag: of its box or of its own shape; NULL: flags have none. */
static onus_status flag_areas(place_trial *t, double **area_m2) {
    const onus_flags *f = &t->evidence->flags;
    const onus_predictions_ref *p = &t->c->predictions;
    *area_m2 = NULL;
    if (p->form != ONUS_FORM_BOXES && p->form != ONUS_FORM_POLYGONS) {
        return ONUS_OK;
    }
    double *areas = place_doubles(t, f->n_flags);
    if (areas == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (p->form == ONUS_FORM_POLYGONS) {
        const onus_polygons shapes = {.n_areas = f->shapes.n_areas,
                                      .area_rings = f->shapes.area_rings,
                                      .ring_points = f->shapes.ring_points,
                                      .x = f->shapes.x_m,
                                      .y = f->shapes.y_m};
        onus_polygons_area(&shapes, areas, NULL, NULL);
    } else {
        for (size_t r = 0; r < f->n_flags; r++) {
            areas[r] = p->width_m * p->height_m;
        }
    }
    *area_m2 = areas;
    return ONUS_OK;
}

static onus_status area_time_column(place_trial *t) {
    const onus_flags *f = &t->evidence->flags;
    double *area_m2 = NULL;
    onus_status status = ONUS_OK;
    if (f->from_unix_s == NULL || f->until_unix_s == NULL) {
        return ONUS_OK;
    }
    ONUS_TRY(flag_areas(t, &area_m2));
    if (area_m2 == NULL) {
        return ONUS_OK;
    }
    onus_sum *sums = place_keep(t, onus_alloc_n(t->n, sizeof *sums));
    onus_area_column *out = column(t, "flagged_km2_days", NULL, NULL,
                                   "Flagged area times days (square kilometres)", "km2 days");
    if (sums == NULL || out == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t r = 0; r < f->n_flags; r++) {
        const double weight =
            area_m2[r] * (f->until_unix_s[r] - f->from_unix_s[r]) * f->counts[r] / M2_S_PER_KM2_DAY;
        const size_t place = (size_t)t->flags.place[r];
        for (size_t k = t->flags.on.starts[place]; k < t->flags.on.starts[place + 1]; k++) {
            onus_sum_add(&sums[t->flags.on.columns[k]], weight * t->flags.on.values[k]);
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        put(out, i, onus_sum_get(&sums[i]), false);
    }
out:
    return status;
}

/* Outcomes by area: counts under suppress_below (0 is none) are withheld. Whoever knows the total
 * can add up what is hidden; so at least two areas are, and together they hold so much that it says
 * nothing about one of them. */
static onus_status outcomes_column(place_trial *t) {
    const double *counts = t->outcomes.by_area;
    const double below = (double)t->c->protocol.suppress_below;
    uint8_t *hidden = place_keep(t, onus_alloc_n(t->n, sizeof *hidden));
    onus_area_column *out = column(t, "outcomes", NULL, NULL, "Recorded outcomes", "outcomes");
    size_t n_hidden = 0;
    double sum = 0.0;
    if (hidden == NULL || out == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        if (counts[i] > 0.0 && counts[i] < below) {
            hidden[i] = 1;
            n_hidden++;
            sum += counts[i];
        }
    }
    while (n_hidden > 0 && (n_hidden < 2 || sum < 2.0 * below)) {
        size_t next = SIZE_MAX;
        for (size_t i = 0; i < t->n; i++) {
            if (!hidden[i] && counts[i] > 0.0 && (next == SIZE_MAX || counts[i] < counts[next])) {
                next = i;
            }
        }
        if (next == SIZE_MAX) {
            break; /* every area that has any is hidden */
        }
        hidden[next] = 1;
        n_hidden++;
        sum += counts[next];
    }
    for (size_t i = 0; i < t->n; i++) {
        put(out, i, counts[i], hidden[i] != 0);
    }
    return ONUS_OK;
}

static onus_status total_columns(place_trial *t, size_t u) {
    const onus_universe *universe = &t->evidence->people.universes[u];
    const char *name = universe->ref->name;
    const uint8_t *hidden = t->hide_total[u];
    onus_area_column *total = column(t, name, NULL, NULL, name, "people");
    if (total == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        put(total, i, universe->total[i], hidden[i] != 0);
    }
    if (t->flags.missing != NULL) {
        return ONUS_OK;
    }
    const char *title = onus_result_text(t->result, "Flags per head of %s", name);
    onus_area_column *each = column(t, name, NULL, "flags_each", title, "flags per resident");
    if (each == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        const double people = universe->total[i];
        put(each, i, people > 0.0 ? t->flags.by_area[i] / people : NAN, hidden[i] != 0);
    }
    return ONUS_OK;
}

static onus_status group_columns(place_trial *t, size_t k) {
    const place_group *g = &t->groups[k];
    const onus_universe *universe = &t->evidence->people.universes[g->universe_index];
    const uint8_t *hidden = t->hide_people[k];
    const uint8_t *hidden_total = t->hide_total[g->universe_index];
    const double *raw = universe->groups[g->member];
    const char *title = onus_result_text(t->result, "%s: %s", g->universe, g->name);
    onus_area_column *people = column(t, g->universe, g->name, NULL, title, "people");
    if (people == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        put(people, i, raw[i], hidden[i] != 0);
    }
    title = onus_result_text(t->result, "%s: share %s", g->universe, g->name);
    onus_area_column *share = column(t, g->universe, g->name, "share", title, "share");
    if (share == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        /* a share of a hidden total is shown only where it is 0: anything else is a fraction with a
         * small denominator */
        const bool withheld = hidden[i] != 0 || (hidden_total[i] != 0 && g->people[i] > 0.0);
        put(share, i, g->total[i] > 0.0 ? g->within[i] : NAN, withheld);
    }
    return ONUS_OK;
}

onus_status place_area_table(place_trial *t) {
    onus_status status = ONUS_OK;
    t->result->areas.n_areas = t->n;
    t->result->areas.layer = &t->evidence->areas;
    if (t->flags.missing == NULL) {
        ONUS_TRY(flag_columns(t));
        ONUS_TRY(area_time_column(t));
    }
    if (t->outcomes.given && t->n > 0) {
        ONUS_TRY(outcomes_column(t));
    }
    for (size_t u = 0; u < t->evidence->people.n_universes; u++) {
        ONUS_TRY(total_columns(t, u));
    }
    for (size_t k = 0; k < t->n_groups; k++) {
        ONUS_TRY(group_columns(t, k));
    }
    for (size_t k = 0; k < t->result->areas.n_columns; k++) {
        for (size_t i = 0; i < t->n; i++) {
            t->result->n_suppressed +=
                t->result->areas.columns[k].known[i] == ONUS_WITHHELD ? 1 : 0;
        }
    }
    const place_draft *drafts = t->drafts.items;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        t->result->n_suppressed += drafts[d].measure.withheld ? 1 : 0;
    }
out:
    return status;
}

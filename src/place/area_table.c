/* The table of areas: one row per area for the map, tables/areas.csv and areas.gpkg.
 *
 * Flags and their decile, people in all and by group, the group's share, flags per person. Counts
 * that suppression.c hides are withheld here, and so is everything from which they could be
 * computed: the share of a hidden count, the share or the flags per person of a hidden total.
 *
 * Called by trial.c. Never decides what is hidden. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
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

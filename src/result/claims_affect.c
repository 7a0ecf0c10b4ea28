/* How often a product's label of an emotion is right, in words a council member reads.
 *
 * "Held against what people themselves reported, the product is right about 101 of 144 items
 * (70.1 %)". Against onlookers an item counts with the shares of its votes, so that no whole number
 * of items is right and the share alone is said. Never says that a feeling was read: what the label
 * is held against stands in every sentence. Called by claims_text.c. Judges nothing. */
#include <math.h>
#include <string.h>

#include "claims_internal.h"

static bool put_against(onus_text *out, const onus_scope *scope) {
    const char *against = onus_scope_text(scope, "against");
    const char *stratum = onus_scope_text(scope, "stratum");
    const char *what = against == NULL                       ? NULL
                       : strcmp(against, "self_report") == 0 ? "what people themselves reported"
                       : strcmp(against, "intended") == 0    ? "what actors were told to show"
                       : strcmp(against, "raters") != 0      ? NULL
                       : onus_scope_text(scope, "raters") != NULL
                           ? "the commonest vote of onlookers"
                           : "onlookers' votes";
    if (what == NULL) {
        return false;
    }
    onus_text_addf(out, "Held against %s", what);
    if (stratum != NULL) {
        onus_text_addf(out, " (%s)", stratum);
    }
    return true;
}

/* ", people of group south (home),": whose items. */
static void put_group(onus_text *out, const onus_scope *scope) {
    const char *group = onus_scope_text(scope, "group");
    const char *by = onus_scope_text(scope, "by");
    if (group != NULL) {
        onus_text_addf(out, " of %s", group);
        if (by != NULL) {
            onus_text_addf(out, " (%s)", by);
        }
    }
}

static void put_points(onus_text *out, double share) {
    claims_put_figure(out, 100.0 * fabs(share), NULL);
    onus_text_add(out, " points");
}

static void put_accuracy(onus_text *out, const onus_measure *m) {
    const bool whole = m->has_fraction && fabs(m->num - round(m->num)) < 1e-9;
    const bool answered = onus_scope_text(&m->scope, "abstentions") != NULL;
    const char *items = answered ? " answered items" : " items";
    onus_text_add(out, ", the product is right about ");
    if (whole) {
        claims_put_figure(out, m->num, NULL);
        onus_text_add(out, " of ");
        claims_put_figure(out, m->den, NULL);
        onus_text_add(out, items);
        put_group(out, &m->scope);
        onus_text_add(out, " (");
        claims_put_figure(out, m->value, "share");
        onus_text_add(out, ")");
        return;
    }
    claims_put_figure(out, m->value, "share");
    if (m->has_fraction) {
        onus_text_add(out, " over ");
        claims_put_figure(out, m->den, NULL);
    }
    onus_text_add(out, items);
    put_group(out, &m->scope);
}

static void put_gain(onus_text *out, const onus_measure *m, const char *baseline) {
    const char *words = strcmp(baseline, "chance") == 0 ? "its own labels dealt out by chance are"
                        : strcmp(baseline, "commonest") == 0
                            ? "always saying the commonest label is"
                        : strcmp(baseline, "one_human") == 0 ? "one onlooker is"
                                                             : "onlookers together are";
    onus_text_add(out, ", the product is right ");
    put_points(out, m->value);
    onus_text_addf(out, " %s than %s", m->value < 0.0 ? "less often" : "more often", words);
}

static void put_gap(onus_text *out, const onus_measure *m, const char *group,
                    const char *reference) {
    const char *by = onus_scope_text(&m->scope, "by");
    const bool crude = strcmp(m->def->id, "affect.gap_crude") == 0;
    const bool named = onus_scope_text(&m->scope, "against") != NULL;
    onus_text_add(out, crude && named ? ", whatever the labels"
                       : crude        ? "Whatever the labels"
                       : named        ? " and on the same labels"
                                      : "On the same labels");
    onus_text_addf(out, ", the product is right about %s ", group);
    put_points(out, m->value);
    onus_text_addf(out, " %s than about %s", m->value < 0.0 ? "less often" : "more often",
                   reference);
    if (by != NULL) {
        onus_text_addf(out, " (%s)", by);
    }
}

/* "74 of 210 items (35.2 %)", or "35.2 % of items" where votes count in shares. */
static void put_items(onus_text *out, const onus_measure *m, const char *items) {
    if (m->has_fraction && fabs(m->num - round(m->num)) < 1e-9) {
        claims_put_figure(out, m->num, NULL);
        onus_text_add(out, " of ");
        claims_put_figure(out, m->den, NULL);
        onus_text_addf(out, " %s (", items);
        claims_put_figure(out, m->value, "share");
        onus_text_add(out, ")");
        return;
    }
    claims_put_figure(out, m->value, "share");
    onus_text_addf(out, " of %s", items);
}

/* Of items that have the label, or of items that were given it. */
static void put_of_label(onus_text *out, const onus_measure *m, const char *label) {
    const bool recall = strcmp(m->def->id, "affect.recall") == 0;
    onus_text_addf(out, recall ? ", the product says '%s' of " : ", what it calls '%s' is so for ",
                   label);
    put_items(out, m, recall ? "items that are" : "items");
}

bool claims_put_affect(onus_text *out, const onus_measure *m) {
    const char *id = m->def->id;
    const char *label = onus_scope_text(&m->scope, "label");
    const char *baseline = onus_scope_text(&m->scope, "baseline");
    const char *group = onus_scope_text(&m->scope, "group");
    const char *reference = onus_scope_text(&m->scope, "reference");
    const bool accuracy = strcmp(id, "affect.accuracy") == 0;
    const bool gain = strcmp(id, "affect.gain") == 0 && baseline != NULL;
    const bool gap = (strcmp(id, "affect.gap") == 0 || strcmp(id, "affect.gap_crude") == 0) &&
                     group != NULL && reference != NULL;
    const bool of_label =
        (strcmp(id, "affect.recall") == 0 || strcmp(id, "affect.precision") == 0) && label != NULL;
    /* a gap may leave out what the report holds all else against */
    const bool unnamed = gap && onus_scope_text(&m->scope, "against") == NULL;
    if (!m->has_value || (!accuracy && !gain && !gap && !of_label) ||
        (!unnamed && !put_against(out, &m->scope))) {
        return false;
    }
    if (accuracy) {
        put_accuracy(out, m);
    } else if (gain) {
        put_gain(out, m, baseline);
    } else if (gap) {
        put_gap(out, m, group, reference);
    } else {
        put_of_label(out, m, label);
    }
    return true;
}

/* What no single row of the schema can say about the block `feedback`.
 *
 * A simulation runs for minutes and its figures look like any others, so a key that a model would
 * silently ignore is refused, and what a model cannot do without is asked for before anything is
 * loaded. Called by check.c. Never opens a file; whether there are as many cells as patrols is
 * known only when the evidence is loaded. */
#include "onus/alloc.h"
#include "schema.h"

#define PROBLEM(r, kind, node, ...)                                                                \
    onus_problems_add((r)->problems, (kind), (r)->file, (node)->at.line, (node)->at.col,           \
                      __VA_ARGS__)

/* An urn's shares are told area by area, so that its areas must be no cells; horizons share room
 * with the days of a chart. */
enum { URN_AREAS_MAX = 12, HORIZONS_MAX = 32 };

static bool has(const onus_node *block, const char *key) {
    return onus_node_get(block, key) != NULL;
}

/* The node of a key, or of its block where it is not given. */
static const onus_node *at(const onus_node *block, const char *key) {
    const onus_node *node = onus_node_get(block, key);
    return node != NULL ? node : block;
}

/* Models over cells draw their world from the records. */
static void check_world(const onus_reader *r, const onus_node *root, const onus_node *block) {
    const onus_feedback_ref *f = &r->c->feedback;
    const onus_node *node = at(block, "models");
    if (!f->models[ONUS_FEEDBACK_GRID] && !f->models[ONUS_FEEDBACK_LUM_ISAAC]) {
        return;
    }
    const char *model = f->models[ONUS_FEEDBACK_GRID] ? "grid" : "lum_isaac";
    if (!has(root, "outcomes")) {
        PROBLEM(r, "missing key", node,
                "model '%s' needs 'outcomes': what it simulates is drawn from the records", model);
    } else if (onus_node_find(root, "outcomes.time") == NULL) {
        PROBLEM(r, "missing key", node, "model '%s' needs 'outcomes.time'", model);
    }
    if (!has(root, "period")) {
        PROBLEM(r, "missing key", node,
                "model '%s' needs 'period': it starts from the records of the window before it",
                model);
    }
    if (!has(root, "grid")) {
        PROBLEM(r, "missing key", node,
                "model '%s' needs 'grid': {file, id} or {cell}, the places that are patrolled",
                model);
    }
}

static void check_lum_isaac(const onus_reader *r, const onus_node *block) {
    const onus_feedback_ref *f = &r->c->feedback;
    if (!f->models[ONUS_FEEDBACK_LUM_ISAAC]) {
        return;
    }
    for (size_t i = 0; i < f->discovery.n; i++) {
        if (f->discovery.items[i] > 1.0) {
            PROBLEM(r, "out of range", at(block, "discovery"),
                    "'feedback.discovery' is a share for model 'lum_isaac': at most 1");
            break;
        }
    }
    if (f->models[ONUS_FEEDBACK_GRID]) {
        return; /* which reads the keys below */
    }
    if (f->rules[ONUS_FEEDBACK_PROPORTIONAL]) {
        PROBLEM(r, "unused key", at(block, "rules"),
                "'feedback.rules: proportional' means nothing for model 'lum_isaac', which flags "
                "the highest cells");
    }
    if (has(block, "scores") && (f->scores[ONUS_FEEDBACK_COUNTS] || f->scores[ONUS_FEEDBACK_KDE] ||
                                 f->scores[ONUS_FEEDBACK_NEAR_REPEAT])) {
        PROBLEM(r, "unused key", at(block, "scores"),
                "'feedback.scores' can only be self_exciting for model 'lum_isaac'");
    }
    static const char *const KEYS[] = {"reported", "truth"};
    for (size_t i = 0; i < 2; i++) {
        if (has(block, KEYS[i])) {
            PROBLEM(r, "unused key", at(block, KEYS[i]),
                    "'feedback.%s' means nothing for model 'lum_isaac', which adds to the records "
                    "as they are",
                    KEYS[i]);
        }
    }
}

static void check_horizons(const onus_reader *r, const onus_node *block) {
    const onus_feedback_ref *f = &r->c->feedback;
    if (f->horizon_days.n > HORIZONS_MAX) {
        PROBLEM(r, "wrong length", at(block, "horizons"),
                "'feedback.horizons' has %zu values; at most %d", f->horizon_days.n,
                (int)HORIZONS_MAX);
    }
    for (size_t i = 0; i < f->horizon_days.n; i++) {
        if (f->n_days > 0 && f->horizon_days.items[i] > (double)f->n_days) {
            PROBLEM(r, "out of range", at(block, "horizons"),
                    "'feedback.horizons' has %.0f, but 'feedback.days' is %u",
                    f->horizon_days.items[i], (unsigned)f->n_days);
        }
        if (i > 0 && f->horizon_days.items[i] <= f->horizon_days.items[i - 1]) {
            PROBLEM(r, "out of range", at(block, "horizons"),
                    "'feedback.horizons' is not in ascending order");
            return;
        }
    }
}

static void check_discovery(const onus_reader *r, const onus_node *block) {
    const onus_doubles *d = &r->c->feedback.discovery;
    for (size_t i = 0; i < d->n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!(d->items[i] < d->items[j]) && !(d->items[i] > d->items[j])) {
                PROBLEM(r, "repeated value", at(block, "discovery"),
                        "'feedback.discovery' has %.10g twice", d->items[i]);
                return;
            }
        }
    }
}

static void check_length(const onus_reader *r, const onus_node *urn, const char *key, size_t n) {
    const size_t n_rates = r->c->feedback.urn.rates.n;
    if (has(urn, key) && n != n_rates) {
        PROBLEM(r, "wrong length", at(urn, key),
                "'feedback.urn.%s' has %zu areas and 'feedback.urn.rates' %zu", key, n, n_rates);
    }
}

static bool any_above_0(const onus_doubles *numbers) {
    for (size_t i = 0; i < numbers->n; i++) {
        if (numbers->items[i] > 0.0) {
            return true;
        }
    }
    return false;
}

static void check_urn(const onus_reader *r, const onus_node *block) {
    const onus_feedback_ref *f = &r->c->feedback;
    const onus_node *urn = onus_node_get(block, "urn");
    if (urn == NULL) {
        if (f->models[ONUS_FEEDBACK_URN]) {
            PROBLEM(r, "missing key", at(block, "models"),
                    "model 'urn' needs 'feedback.urn: {rates}', the incidents a draw in each area");
        }
        return;
    }
    if (urn->kind != ONUS_NODE_BLOCK) {
        return; /* named when it was read */
    }
    if (!f->models[ONUS_FEEDBACK_URN]) {
        PROBLEM(r, "unused key", urn,
                "'feedback.urn' means nothing without 'urn' among 'feedback.models'");
    }
    if (has(urn, "rates") && f->urn.rates.n < 2) {
        PROBLEM(r, "wrong length", at(urn, "rates"),
                "'feedback.urn.rates' has %zu area; an urn is drawn from two or more",
                f->urn.rates.n);
        return;
    }
    if (f->urn.rates.n > URN_AREAS_MAX) {
        PROBLEM(r, "wrong length", at(urn, "rates"),
                "'feedback.urn.rates' has %zu areas; an urn is a model of a few districts, at most "
                "%d, and not of cells",
                f->urn.rates.n, (int)URN_AREAS_MAX);
    }
    check_length(r, urn, "start", f->urn.start.n);
    check_length(r, urn, "names", f->urn.names.n);
    const onus_node *matrix = onus_node_get(urn, "matrix");
    check_length(r, urn, "matrix", matrix != NULL ? matrix->n : 0);
    check_length(r, urn, "reported", f->urn.reported.n);
    if (matrix != NULL && has(urn, "reported")) {
        PROBLEM(
            r, "clashing keys", at(urn, "reported"),
            "'feedback.urn.matrix' and 'feedback.urn.reported' are both given; the matrix holds "
            "what is reported as well");
    }
    if (has(urn, "start") && !any_above_0(&f->urn.start)) {
        PROBLEM(r, "out of range", at(urn, "start"),
                "'feedback.urn.start' is 0 everywhere: nothing could be drawn");
    }
    if (has(urn, "rates") && !any_above_0(&f->urn.rates)) {
        PROBLEM(r, "out of range", at(urn, "rates"), "'feedback.urn.rates' is 0 everywhere");
    }
}

/* A second run can be laid beside the first only where both are dated places, or rates by cell. */
static void check_injection(const onus_reader *r, const onus_node *root, const onus_node *block) {
    const onus_node *injection = onus_node_get(block, "injection");
    if (injection == NULL || injection->kind != ONUS_NODE_BLOCK) {
        return;
    }
    const onus_form form = r->c->predictions.form;
    if (!has(root, "predictions")) {
        PROBLEM(r, "missing key", injection,
                "'feedback.injection' needs 'predictions', the product's first run, on the records "
                "as they are");
    } else if (form != ONUS_FORM_NONE && form != ONUS_FORM_BOXES && form != ONUS_FORM_RISK) {
        PROBLEM(r, "unused key", injection,
                "'feedback.injection' can be read for predictions of form 'boxes' or 'risk' only: "
                "it takes dated places, or rates by cell");
    }
    if (!has(root, "outcomes") || !has(root, "grid")) {
        PROBLEM(r, "missing key", injection,
                "'feedback.injection' needs 'outcomes' and 'grid', for the windows and cells in "
                "which the two runs are compared");
    }
    if (has(block, "discovery") && !any_above_0(&r->c->feedback.discovery)) {
        PROBLEM(r, "out of range", at(block, "discovery"),
                "'feedback.discovery' is 0: 'feedback.injection' gives the loop gain for values "
                "above 0");
    }
    const onus_node *incidents = onus_node_get(injection, "incidents");
    if (incidents == NULL || incidents->kind != ONUS_NODE_BLOCK) {
        return; /* named when it was read */
    }
    if (!has(incidents, "time")) {
        PROBLEM(r, "missing key", incidents,
                "missing key 'feedback.injection.incidents.time': {column}, when each incident is "
                "said to have happened");
    }
    onus_case_check_point(r, incidents, "feedback.injection.incidents", "cell");
    if (has(incidents, "cell") && has(root, "grid") && onus_node_find(root, "grid.file") == NULL) {
        PROBLEM(r, "missing key", at(incidents, "cell"),
                "'feedback.injection.incidents.cell' needs 'grid: {file, id}': squares have no "
                "names");
    }
}

void onus_case_check_feedback(const onus_reader *r, const onus_node *root) {
    const onus_node *block = onus_node_get(root, "feedback");
    if (block == NULL || block->kind != ONUS_NODE_BLOCK) {
        return;
    }
    check_world(r, root, block);
    check_lum_isaac(r, block);
    check_horizons(r, block);
    check_discovery(r, block);
    check_urn(r, block);
    check_injection(r, root, block);
    const onus_node *reported = onus_node_find(root, "feedback.reported.column");
    if (reported != NULL && !has(root, "people")) {
        PROBLEM(r, "missing key", reported,
                "'feedback.reported.column' is a column of the people table, and the case has no "
                "'people'");
    }
}

/* What no single row of the schema can say: keys that need, replace or exclude each other.
 *
 * The idea: every check looks at the filled struct and takes its place from the tree, so that a
 * message points at the block that lacks something. Keys that a form of predictions would silently
 * ignore are refused too: whoever wrote `lasts: 12 h` believes that it does something.
 *
 * Called by case.c after the walk, whether or not the walk found problems: all are reported at
 * once. Never opens a file: whether columns and tables exist is asked when the evidence is loaded.
 */
#include <string.h>

#include "onus/alloc.h"
#include "onus/civil.h"
#include "onus/text.h"
#include "schema.h"

#define PROBLEM(r, kind, node, ...)                                                                \
    onus_problems_add((r)->problems, (kind), (r)->file, (node)->at.line, (node)->at.col,           \
                      __VA_ARGS__)

static bool has(const onus_node *block, const char *key) {
    return onus_node_get(block, key) != NULL;
}

/* ---- places ---- */

void onus_case_check_point(const onus_reader *r, const onus_node *block, const char *path,
                           const char *instead) {
    const bool lon = has(block, "lon");
    const bool lat = has(block, "lat");
    const bool x = has(block, "x");
    const bool y = has(block, "y");
    const bool crs = has(block, "crs");
    if ((lon || lat) && (x || y)) {
        PROBLEM(r, "clashing keys", block, "'%s' has both lon, lat and x, y; give one pair", path);
    } else if (lon != lat) {
        PROBLEM(r, "missing key", block, "'%s.%s' needs '%s' beside it", path, lon ? "lon" : "lat",
                lon ? "lat" : "lon");
    } else if (x != y) {
        PROBLEM(r, "missing key", block, "'%s.%s' needs '%s' beside it", path, x ? "x" : "y",
                x ? "y" : "x");
    } else if (x && !crs) {
        PROBLEM(r, "missing key", block,
                "'%s.x' and 'y' need 'crs' beside them, for example 'crs: EPSG:2263'", path);
    } else if (crs && !x) {
        PROBLEM(r, "clashing keys", onus_node_get(block, "crs"),
                "'%s.crs' goes with x and y; lon and lat are degrees (WGS 84)", path);
    } else if (!lon && !x && instead == NULL) {
        PROBLEM(r, "missing key", block, "missing key '%s.lon' and 'lat' (or x, y and crs)", path);
    } else if (!lon && !x && !has(block, instead)) {
        PROBLEM(r, "missing key", block, "missing key '%s.lon' and 'lat' (or x, y and crs, or %s)",
                path, instead);
    } else if ((lon || x) && instead != NULL && has(block, instead)) {
        PROBLEM(r, "clashing keys", block, "'%s' has both a position and '%s'; give one", path,
                instead);
    }
}

/* ---- predictions ---- */

enum {
    BOXES = 1 << ONUS_FORM_BOXES,
    POLYGONS = 1 << ONUS_FORM_POLYGONS,
    RISK = 1 << ONUS_FORM_RISK,
    CSEP = 1 << ONUS_FORM_CSEP,
    COUNTED_BOXES = 1 << ONUS_FORM_COUNTED_BOXES,
    COUNTED_AREAS = 1 << ONUS_FORM_COUNTED_AREAS,
    ANY_BOXES = BOXES | COUNTED_BOXES,
    COUNTED = COUNTED_BOXES | COUNTED_AREAS,
    DATED = BOXES | POLYGONS | RISK
};

/* Which forms read a key; keys that are not here (the table's own) serve all. */
static const struct {
    const char *key;
    int forms;
} form_keys[] = {
    {"lon", ANY_BOXES},      {"lat", ANY_BOXES},
    {"x", ANY_BOXES},        {"y", ANY_BOXES},
    {"crs", ANY_BOXES},      {"size", ANY_BOXES},
    {"width", ANY_BOXES},    {"height", ANY_BOXES},
    {"from", DATED},         {"until", DATED},
    {"lasts", DATED},        {"issued", DATED},
    {"time", RISK},          {"cell", RISK},
    {"rate", RISK},          {"wide", RISK},
    {"type", ~CSEP},         {"count", COUNTED},
    {"area", COUNTED_AREAS}, {"id", COUNTED_AREAS},
    {"rivals", CSEP},        {"assign", ANY_BOXES | POLYGONS},
};

static const char *form_name(onus_form form) {
    static const char *const names[] = {"",     "boxes",         "polygons",     "risk",
                                        "csep", "counted_boxes", "counted_areas"};
    return names[form];
}

static void needs(const onus_reader *r, const onus_node *block, const char *key, const char *hint) {
    if (!has(block, key)) {
        PROBLEM(r, "missing key", block, "missing key 'predictions.%s'; form '%s' needs %s", key,
                form_name(r->c->predictions.form), hint);
    }
}

static void check_size(const onus_reader *r, const onus_node *block) {
    const bool size = has(block, "size");
    const bool width = has(block, "width");
    const bool height = has(block, "height");
    const onus_predictions_ref *p = &r->c->predictions;
    if (size && (width || height)) {
        PROBLEM(
            r, "clashing keys", block,
            "'predictions.size' and 'width' or 'height' are both given; give size, or width and "
            "height");
    } else if (width != height) {
        PROBLEM(r, "missing key", block, "'predictions.%s' needs '%s' beside it",
                width ? "width" : "height", width ? "height" : "width");
    } else if (!size && !width &&
               (p->form == ONUS_FORM_BOXES || p->assign == ONUS_ASSIGN_OVERLAP)) {
        needs(r, block, "size", "the side of its boxes, for example 'size: 500 ft'");
    }
}

static void check_span(const onus_reader *r, const onus_node *block) {
    if (has(block, "until") && has(block, "lasts")) {
        PROBLEM(r, "clashing keys", block,
                "'predictions.until' and 'predictions.lasts' are both given; give one");
    }
    if ((has(block, "until") || has(block, "lasts")) && !has(block, "from") &&
        !has(block, "time")) {
        PROBLEM(r, "missing key", block,
                "missing key 'predictions.from'; 'until' and 'lasts' say only when a window ends");
    }
}

static void check_risk(const onus_reader *r, const onus_node *block, const onus_node *root) {
    needs(r, block, "cell", "the column with the cell");
    const onus_node *type = onus_node_get(block, "type");
    if (type != NULL) {
        PROBLEM(r, "unused key", type,
                "'predictions.type' is not read for form 'risk', whose rates are of one kind of "
                "outcome; take the rows of one type with 'where', and make a case of each");
    }
    const bool time = has(block, "time") || has(block, "from");
    if (has(block, "wide")) {
        if (time || has(block, "rate")) {
            PROBLEM(r, "clashing keys", block,
                    "'predictions.wide' stands for time and rate; give it or them");
        }
    } else if (!time || !has(block, "rate")) {
        PROBLEM(r, "missing key", block,
                "missing key 'predictions.%s'; form 'risk' needs time and rate, or wide",
                time ? "rate" : "time");
    }
    if (has(block, "time") && has(block, "from")) {
        PROBLEM(r, "clashing keys", block,
                "'predictions.time' and 'predictions.from' are both given; give one");
    }
    if (!has(onus_node_get(root, "grid"), "file")) {
        PROBLEM(r, "missing key", block,
                "form 'risk' needs 'grid: {file, id}', the layer of its cells");
    }
}

static void check_predictions(const onus_reader *r, const onus_node *root) {
    const onus_node *block = onus_node_get(root, "predictions");
    const onus_form form = r->c->predictions.form;
    if (block == NULL || block->kind != ONUS_NODE_BLOCK || form == ONUS_FORM_NONE) {
        return;
    }
    for (size_t i = 0; i < block->n; i++) {
        for (size_t k = 0; k < sizeof form_keys / sizeof form_keys[0]; k++) {
            if (strcmp(block->keys[i].text, form_keys[k].key) == 0 &&
                (form_keys[k].forms & (1 << form)) == 0) {
                PROBLEM(r, "unused key", &block->keys[i],
                        "'predictions.%s' means nothing for form '%s'; take it out or change the "
                        "form",
                        form_keys[k].key, form_name(form));
            }
        }
    }
    switch (form) {
    case ONUS_FORM_BOXES:
        onus_case_check_point(r, block, "predictions", NULL);
        check_size(r, block);
        needs(r, block, "from", "the start of its windows (counted_boxes does without)");
        if (!has(block, "until") && !has(block, "lasts")) {
            PROBLEM(r, "missing key", block,
                    "missing key 'predictions.until'; form 'boxes' needs the end of its windows, "
                    "or 'lasts: 12 h'");
        }
        check_span(r, block);
        break;
    case ONUS_FORM_POLYGONS:
        check_span(r, block);
        break;
    case ONUS_FORM_RISK:
        check_risk(r, block, root);
        check_span(r, block);
        break;
    case ONUS_FORM_COUNTED_BOXES:
        onus_case_check_point(r, block, "predictions", NULL);
        check_size(r, block);
        needs(r, block, "count", "the column that says how often a place was flagged");
        break;
    case ONUS_FORM_COUNTED_AREAS:
        if (has(block, "area") && has(block, "id")) {
            PROBLEM(r, "clashing keys", block,
                    "'predictions.area' and 'predictions.id' are both given; give one");
        } else if (!has(block, "id")) {
            needs(r, block, "area", "the column with the area's name");
        }
        needs(r, block, "count", "the column that says how often a place was flagged");
        if (!has(root, "areas")) {
            PROBLEM(r, "missing key", block, "form 'counted_areas' needs 'areas: {file, id}'");
        }
        break;
    case ONUS_FORM_CSEP:
    case ONUS_FORM_NONE:
        break;
    }
}

/* ---- people ---- */

static void check_names(const onus_reader *r) {
    const onus_people_ref *people = &r->c->people;
    for (size_t u = 0; u < people->n_universes; u++) {
        const onus_universe_ref *universe = &people->universes[u];
        if (universe->name == NULL) {
            continue;
        }
        for (size_t v = 0; v < u; v++) {
            if (onus_text_equal(universe->name, people->universes[v].name)) {
                onus_problems_add(r->problems, "repeated name", r->file, universe->at.line,
                                  universe->at.col, "universe '%s' is named twice", universe->name);
            }
        }
        for (size_t g = 0; g < universe->n_groups; g++) {
            const onus_group_ref *group = &universe->groups[g];
            if (onus_text_equal(group->name, "any")) {
                onus_problems_add(r->problems, "reserved name", r->file, group->at.line,
                                  group->at.col,
                                  "a group cannot be called 'any'; in a claim's scope that word "
                                  "stands for every group in turn");
            }
        }
    }
    for (size_t i = 0; i < people->n_benchmarks; i++) {
        for (size_t j = 0; j < i; j++) {
            if (people->benchmarks[i].name != NULL &&
                onus_text_equal(people->benchmarks[i].name, people->benchmarks[j].name)) {
                onus_problems_add(r->problems, "repeated name", r->file,
                                  people->benchmarks[i].at.line, people->benchmarks[i].at.col,
                                  "benchmark '%s' is named twice", people->benchmarks[i].name);
            }
        }
    }
}

static onus_status set_margin(char **margin, const char *column) {
    onus_free(*margin);
    *margin = onus_strdup(column);
    return *margin == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

/* `margins: {pop_black: pop_black_moe}` onto every total and group that is counted by that column.
 */
static onus_status join_margins(const onus_reader *r, const onus_node *root) {
    const onus_node *margins = onus_node_find(root, "people.margins");
    onus_people_ref *people = &r->c->people;
    onus_status status = ONUS_OK;
    if (margins == NULL || margins->kind != ONUS_NODE_BLOCK) {
        return ONUS_OK;
    }
    for (size_t i = 0; i < margins->n; i++) {
        const char *column = margins->keys[i].text;
        if (margins->items[i].kind != ONUS_NODE_SCALAR) {
            continue;
        }
        const char *margin = margins->items[i].text;
        bool found = false;
        const char *known[64];
        size_t n_known = 0;
        for (size_t u = 0; u < people->n_universes; u++) {
            onus_universe_ref *universe = &people->universes[u];
            if (universe->total != NULL && n_known < 64) {
                known[n_known++] = universe->total;
            }
            if (onus_text_equal(universe->total, column)) {
                found = true;
                ONUS_TRY(set_margin(&universe->total_margin, margin));
            }
            for (size_t g = 0; g < universe->n_groups; g++) {
                if (n_known < 64) {
                    known[n_known++] = universe->groups[g].column;
                }
                if (strcmp(universe->groups[g].column, column) == 0) {
                    found = true;
                    ONUS_TRY(set_margin(&universe->groups[g].margin, margin));
                }
            }
        }
        if (!found) {
            const char *near = onus_text_nearest(column, known, n_known);
            PROBLEM(r, "unknown column", &margins->keys[i],
                    "'people.margins.%s': no total or group is counted by column '%s'%s%s%s",
                    column, column, near == NULL ? "" : "; did you mean '",
                    near == NULL ? "" : near, near == NULL ? "" : "'?");
        }
    }
out:
    return status;
}

/* ---- the rest of a place case ---- */

static double seconds_of(const onus_civil *civil) {
    return (double)onus_civil_days(civil->year, civil->month, civil->day) * 86400.0 +
           (double)(civil->hour * 3600 + civil->minute * 60 + civil->second) + civil->fraction_s -
           (civil->has_offset ? (double)civil->offset_s : 0.0);
}

static void check_period(const onus_reader *r, const onus_node *root) {
    const char *from = r->c->period_from;
    const char *until = r->c->period_until;
    onus_civil a;
    onus_civil b;
    if (from == NULL || until == NULL || !onus_civil_parse_iso(from, strlen(from), &a) ||
        !onus_civil_parse_iso(until, strlen(until), &b)) {
        return;
    }
    const onus_node *node = onus_node_find(root, "period.until");
    if (node != NULL && seconds_of(&a) >= seconds_of(&b)) {
        PROBLEM(r, "empty period", node,
                "'period.until' is '%s', not after 'period.from', which is '%s'", until, from);
    }
}

static void check_grid(const onus_reader *r, const onus_node *root) {
    const onus_node *grid = onus_node_get(root, "grid");
    if (grid == NULL || grid->kind != ONUS_NODE_BLOCK) {
        return;
    }
    const bool file = has(grid, "file");
    if (file && has(grid, "cell")) {
        PROBLEM(r, "clashing keys", grid,
                "'grid.file' and 'grid.cell' are both given; give the cells as a layer or their "
                "size");
    } else if (!file && !has(grid, "cell")) {
        PROBLEM(r, "missing key", grid, "missing key 'grid.cell' (or file and id)");
    }
    const onus_node *crs = onus_node_get(grid, "crs");
    if (!file && crs != NULL && crs->kind == ONUS_NODE_SCALAR && strcmp(crs->text, "auto") != 0) {
        PROBLEM(
            r, "unused key", crs,
            "'grid.crs' is '%s', but square cells are laid in a local equal-area projection, so "
            "that all have one size; take it out, or give the cells as a layer (grid.file)",
            crs->text);
    }
    if (file != has(grid, "id")) {
        PROBLEM(r, "missing key", grid, "'grid.%s' needs '%s' beside it", file ? "file" : "id",
                file ? "id" : "file");
    }
}

static void check_protocol(const onus_reader *r, const onus_node *root) {
    const onus_node *kde = onus_node_find(root, "protocol.kde");
    if (kde != NULL && has(kde, "bandwidth") && has(kde, "rule")) {
        PROBLEM(r, "clashing keys", kde,
                "'protocol.kde.bandwidth' and 'protocol.kde.rule' are both given; give one");
    }
    const onus_node *shifts = onus_node_find(root, "protocol.shifts");
    const onus_mapping *named = r->c->protocol.shifts;
    int32_t of_minute[ONUS_MINUTES_A_DAY];
    size_t bad = 0;
    const char *why = NULL;
    if (shifts != NULL &&
        !onus_case_shifts(named, r->c->protocol.n_shifts, of_minute, &bad, &why)) {
        PROBLEM(r, "bad shift", shifts, "'protocol.shifts.%s' %s", named[bad].name, why);
    }
}

static onus_status check_place(const onus_reader *r, const onus_node *root) {
    if (!has(root, "predictions") && !has(root, "feedback") && !has(root, "published")) {
        PROBLEM(
            r, "missing key", root,
            "missing key 'predictions'; expected block, or 'feedback' or 'published', which try "
            "no product");
    }
    const onus_node *people = onus_node_get(root, "people");
    if (people != NULL && !has(root, "areas")) {
        PROBLEM(r, "missing key", people,
                "'people' needs 'areas: {file, id}', the places they live in");
    }
    const onus_node *outcomes = onus_node_get(root, "outcomes");
    if (outcomes != NULL && outcomes->kind == ONUS_NODE_BLOCK) {
        onus_case_check_point(r, outcomes, "outcomes", "cell");
        if (has(outcomes, "cell") && !has(onus_node_get(root, "grid"), "file")) {
            PROBLEM(r, "missing key", onus_node_get(outcomes, "cell"),
                    "'outcomes.cell' needs 'grid: {file, id}', the layer of its cells");
        }
        if (has(outcomes, "types") && !has(outcomes, "type")) {
            PROBLEM(r, "missing key", outcomes, "'outcomes.types' needs 'type' beside it");
        }
        const onus_node *reporting = onus_node_get(outcomes, "reporting");
        if (reporting != NULL &&
            r->c->outcomes.reporting_low_frac > r->c->outcomes.reporting_high_frac) {
            PROBLEM(r, "empty range", reporting,
                    "'outcomes.reporting.low' is above 'outcomes.reporting.high'");
        }
        if (has(outcomes, "source") && !has(outcomes, "type")) {
            PROBLEM(r, "missing key", outcomes, "'outcomes.source' needs 'type' beside it");
        }
    }
    const onus_node *patrols = onus_node_get(root, "patrols");
    if (patrols != NULL && patrols->kind == ONUS_NODE_BLOCK) {
        onus_case_check_point(r, patrols, "patrols", NULL);
        if (!has(patrols, "from")) {
            PROBLEM(r, "missing key", patrols, "missing key 'patrols.from'; expected block");
        }
    }
    check_predictions(r, root);
    check_grid(r, root);
    check_period(r, root);
    check_protocol(r, root);
    check_names(r);
    onus_case_check_feedback(r, root);
    return join_margins(r, root);
}

/* ---- affect ---- */

/* ---- claims ---- */

static void check_claims(const onus_reader *r) {
    for (size_t i = 0; i < r->c->n_claims; i++) {
        const onus_claim_ref *claim = &r->c->claims[i];
        if (!claim->has_at_least && !claim->has_at_most) {
            onus_problems_add(r->problems, "missing key", r->file, claim->at.line, claim->at.col,
                              "missing key 'claims[].at_least' or 'at_most': a claim has a bound "
                              "that was fixed beforehand");
        } else if (claim->has_at_least && claim->has_at_most && claim->at_least > claim->at_most) {
            onus_problems_add(r->problems, "out of range", r->file, claim->at.line, claim->at.col,
                              "'at_least' is above 'at_most': no value could meet both");
        }
    }
}

onus_status onus_case_check(const onus_reader *r, const onus_node *root) {
    check_claims(r);
    switch (r->c->kind) {
    case ONUS_KIND_PLACE:
        return check_place(r, root);
    case ONUS_KIND_MATCH:
        onus_case_check_match(r, root);
        return ONUS_OK;
    case ONUS_KIND_AFFECT:
        onus_case_check_affect(r, root);
        return ONUS_OK;
    }
    return ONUS_OK;
}

/* Families of measures, whether or not this version can try them. */
static const char *const FAMILIES[] = {"place", "burden", "feedback", "match", "affect"};
enum { N_FAMILIES = sizeof FAMILIES / sizeof FAMILIES[0] };

/* Does the text before the first dot equal that of the id? */
static bool same_family(const char *measure, const char *family_or_id) {
    const size_t len = strcspn(measure, ".");
    return strncmp(measure, family_or_id, len) == 0 &&
           (family_or_id[len] == '.' || family_or_id[len] == '\0');
}

/* A measure of a family that the catalogue does not hold belongs to a trial of another version: the
 * claim is not testable here, not misspelt. */
static bool may_be_meant(const char *measure, const char *const *ids, size_t n_ids) {
    bool in_catalogue = false;
    for (size_t i = 0; i < n_ids; i++) {
        if (strcmp(ids[i], measure) == 0) {
            return true;
        }
        in_catalogue = in_catalogue || same_family(measure, ids[i]);
    }
    for (size_t f = 0; f < N_FAMILIES && !in_catalogue; f++) {
        if (same_family(measure, FAMILIES[f])) {
            return true;
        }
    }
    return false;
}

void onus_case_check_claims(const onus_case *c, const char *const *ids, size_t n_ids,
                            onus_problems *problems) {
    for (size_t i = 0; i < c->n_claims; i++) {
        const onus_claim_ref *claim = &c->claims[i];
        if (!may_be_meant(claim->measure, ids, n_ids)) {
            const char *near = onus_text_nearest(claim->measure, ids, n_ids);
            onus_problems_add(problems, "unknown measure", c->path, claim->at.line, claim->at.col,
                              "unknown measure '%s'%s%s%s", claim->measure,
                              near == NULL ? "; 'onus explain' lists them" : "; did you mean '",
                              near == NULL ? "" : near, near == NULL ? "" : "'?");
        }
    }
}

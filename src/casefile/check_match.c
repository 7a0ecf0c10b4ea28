/* What no single row of the schema can say about a match case: where the truth comes from, and keys
 * that need or exclude each other.
 *
 * The idea: a trial needs to know of each comparison, candidate and box who it truly is; a case
 * that gives the product's answers but no truth is refused here, with the keys that would give it.
 * Keys that would silently mean nothing are refused too.
 *
 * Called by check.c after the walk. Never opens a file. */
#include "onus/text.h"
#include "schema.h"

#define PROBLEM(r, kind, node, ...)                                                                \
    onus_problems_add((r)->problems, (kind), (r)->file, (node)->at.line, (node)->at.col,           \
                      __VA_ARGS__)

static bool has(const onus_node *block, const char *key) {
    return onus_node_get(block, key) != NULL;
}

/* ---- comparisons ---- */

/* A side that names its sightings and leaves it to the sightings table to say who they are. */
static bool is_looked_up(const onus_node *side) {
    return side != NULL &&
           (side->kind != ONUS_NODE_BLOCK || (has(side, "id") && !has(side, "person") &&
                                              !has(side, "camera") && !has(side, "groups")));
}

static bool side_knows_person(const onus_node *root, const onus_node *side) {
    return side != NULL &&
           (has(side, "person") ||
            (is_looked_up(side) && has(onus_node_get(root, "sightings"), "person")));
}

static void check_side(const onus_reader *r, const onus_node *root, const char *path,
                       const onus_node *side, bool has_same) {
    const onus_node *comparisons = onus_node_get(root, "comparisons");
    if (side == NULL) {
        if (!has_same) {
            PROBLEM(r, "missing key", comparisons,
                    "missing key '%s'; expected column name, or block (only with "
                    "'comparisons.same' may it be left out)",
                    path);
        }
        return;
    }
    if (side->kind == ONUS_NODE_SCALAR && !has(root, "sightings")) {
        PROBLEM(r, "missing key", side,
                "'%s' is a column alone, so 'sightings: {file, id, person}' must say who it is",
                path);
        return;
    }
    if (side->kind == ONUS_NODE_BLOCK && side->n == 0) {
        PROBLEM(r, "no value", side, "'%s' is an empty block; leave the key out or name a column",
                path);
        return;
    }
    if (!has_same && !side_knows_person(root, side)) {
        PROBLEM(r, "missing key", side,
                "'%s' does not say who the person truly is: give '%s', or 'comparisons.same'", path,
                is_looked_up(side) && has(root, "sightings") ? "sightings.person" : "person");
    }
}

static void check_comparisons(const onus_reader *r, const onus_node *root) {
    const onus_node *block = onus_node_get(root, "comparisons");
    if (block == NULL || block->kind != ONUS_NODE_BLOCK) {
        return;
    }
    const bool has_same = has(block, "same") || has(block, "mates");
    const onus_node *probe = onus_node_get(block, "probe");
    const onus_node *reference = onus_node_get(block, "reference");
    check_side(r, root, "comparisons.probe", probe, has_same);
    check_side(r, root, "comparisons.reference", reference, has_same);
    const onus_comparisons_ref *ref = &r->c->match.comparisons;
    const onus_node *mates = onus_node_get(block, "mates");
    if (mates != NULL && (ref->probe.id == NULL || ref->reference.id == NULL)) {
        PROBLEM(r, "missing key", mates,
                "'comparisons.mates' names pairs, so both probe and reference need an id");
    }
    if (mates != NULL && (has(block, "same") ||
                          (side_knows_person(root, probe) && side_knows_person(root, reference)))) {
        PROBLEM(r, "clashing keys", mates,
                "'comparisons.mates' and %s both say who is who; give one",
                has(block, "same") ? "'comparisons.same'" : "the people of both sides");
    }
    if (ref->ids != ONUS_IDS_AUTO && (ref->probe.id == NULL || ref->reference.id == NULL)) {
        PROBLEM(r, "unused key", onus_node_get(block, "ids"),
                "'comparisons.ids' is given, but not both probe and reference have an id");
    }
    if (ref->ids == ONUS_IDS_SEPARATE && has(root, "sightings") && is_looked_up(probe) &&
        is_looked_up(reference)) {
        PROBLEM(r, "clashing keys", onus_node_get(block, "ids"),
                "'comparisons.ids' is 'separate', but both sides name rows of one sightings table");
    }
}

/* ---- searches ---- */

static void check_searches(const onus_reader *r, const onus_node *root) {
    const onus_node *searches = onus_node_get(root, "searches");
    const onus_node *gallery = onus_node_get(root, "gallery");
    if (searches == NULL) {
        if (gallery != NULL) {
            PROBLEM(r, "unused key", gallery,
                    "'gallery' means nothing without 'searches', whose list it is");
        }
        return;
    }
    const bool sightings = has(onus_node_get(root, "sightings"), "person");
    if (!has(searches, "probe_person") && !sightings &&
        !has(onus_node_find(root, "comparisons.probe"), "person")) {
        PROBLEM(r, "missing key", searches,
                "nothing says who the probes truly are: give 'searches.probe_person', or "
                "'sightings: {file, id, person}'");
    }
    if (gallery == NULL && !sightings &&
        !has(onus_node_find(root, "comparisons.reference"), "person")) {
        PROBLEM(r, "missing key", searches,
                "nothing says who the candidates truly are: give 'gallery: {file, id, person}', or "
                "'sightings: {file, id, person}'");
    }
}

/* ---- tracks ---- */

static void check_track_table(const onus_reader *r, const onus_node *table, const char *path,
                              const onus_track_ref *ref) {
    static const char *const needed[] = {"frame", "person"};
    static const char *const fixed[] = {"camera", "frame",     "person", "box",
                                        "header", "delimiter", "layer"};
    if (table == NULL || table->kind != ONUS_NODE_BLOCK) {
        return;
    }
    if (ref->format != ONUS_TRACKS_MOT) {
        for (size_t k = 0; k < sizeof needed / sizeof needed[0]; k++) {
            if (!has(table, needed[k])) {
                PROBLEM(r, "missing key", table, "missing key '%s.%s' (or 'format: mot')", path,
                        needed[k]);
            }
        }
        return;
    }
    for (size_t k = 0; k < sizeof fixed / sizeof fixed[0]; k++) {
        const onus_node *key = onus_node_get(table, fixed[k]);
        if (key != NULL) {
            PROBLEM(r, "unused key", key,
                    "'%s.%s' means nothing for 'format: mot', whose columns are fixed", path,
                    fixed[k]);
        }
    }
}

static void check_tracks(const onus_reader *r, const onus_node *root) {
    const onus_node *tracks = onus_node_get(root, "tracks");
    const onus_match_ref *match = &r->c->match;
    if (tracks == NULL || tracks->kind != ONUS_NODE_BLOCK) {
        return;
    }
    const onus_node *truth = onus_node_get(tracks, "truth");
    const onus_node *output = onus_node_get(tracks, "output");
    check_track_table(r, truth, "tracks.truth", &match->truth);
    check_track_table(r, output, "tracks.output", &match->output);
    if (truth == NULL || output == NULL) {
        return;
    }
    const bool truth_boxes = has(truth, "box") || match->truth.format == ONUS_TRACKS_MOT;
    const bool output_boxes = has(output, "box") || match->output.format == ONUS_TRACKS_MOT;
    if (truth_boxes != output_boxes) {
        PROBLEM(r, "missing key", truth_boxes ? output : truth,
                "missing key 'tracks.%s.box'; the other table has boxes, and a box is matched with "
                "a box",
                truth_boxes ? "output" : "truth");
    }
    const bool truth_cameras = has(truth, "camera");
    const onus_track_ref *without = truth_cameras ? &match->output : &match->truth;
    const onus_track_ref *with = truth_cameras ? &match->truth : &match->output;
    if (truth_cameras == has(output, "camera") || with->format == ONUS_TRACKS_MOT) {
        return; /* alike, or told above */
    }
    if (without->format == ONUS_TRACKS_MOT) {
        PROBLEM(r, "clashing keys", onus_node_get(truth_cameras ? truth : output, "camera"),
                "'tracks.%s.camera' tells cameras apart, but the other table is a MOTChallenge "
                "file, which is one camera",
                truth_cameras ? "truth" : "output");
        return;
    }
    PROBLEM(r, "missing key", truth_cameras ? output : truth,
            "missing key 'tracks.%s.camera'; the other table tells cameras apart",
            truth_cameras ? "output" : "truth");
}

/* ---- scores alone ---- */

static void check_score_file(const onus_reader *r, const onus_node *block, const char *path,
                             const onus_source *source) {
    static const char *const of_tables[] = {"score",  "layer",     "where",
                                            "header", "delimiter", "invalid"};
    if (block == NULL || block->kind != ONUS_NODE_BLOCK || source->file == NULL) {
        return;
    }
    if (!onus_text_ends(source->file, ".npy")) {
        if (!has(block, "score")) {
            PROBLEM(r, "missing key", block, "missing key '%s.score'; expected column name", path);
        }
        return;
    }
    for (size_t k = 0; k < sizeof of_tables / sizeof of_tables[0]; k++) {
        const onus_node *key = onus_node_get(block, of_tables[k]);
        if (key != NULL) {
            PROBLEM(r, "unused key", key,
                    "'%s.%s' means nothing for a .npy file, which holds scores and nothing else",
                    path, of_tables[k]);
        }
    }
}

static void check_scores(const onus_reader *r, const onus_node *root) {
    const onus_node *scores = onus_node_get(root, "scores");
    if (scores == NULL) {
        return;
    }
    if (has(root, "comparisons")) {
        PROBLEM(r, "clashing keys", scores,
                "'scores' and 'comparisons' are both given: one of them holds the comparisons");
    }
    const onus_scores_ref *ref = &r->c->match.scores;
    check_score_file(r, onus_node_get(scores, "genuine"), "scores.genuine", &ref->genuine);
    check_score_file(r, onus_node_get(scores, "impostor"), "scores.impostor", &ref->impostor);
}

void onus_case_check_match(const onus_reader *r, const onus_node *root) {
    if (!has(root, "comparisons") && !has(root, "scores") && !has(root, "searches") &&
        !has(root, "tracks") && !has(root, "field")) {
        PROBLEM(
            r, "missing key", root,
            "missing key 'comparisons', 'scores', 'searches', 'tracks' or 'field': a match case "
            "has at least one");
    }
    check_comparisons(r, root);
    check_scores(r, root);
    check_searches(r, root);
    check_tracks(r, root);
}

/* Reading a case file: bytes, tree, struct, checks, in that order; and freeing it again.
 *
 * The idea: a case is either whole or empty. Problems of every stage are collected and sorted by
 * their place in the file, so that a writer sees them in the order of the text; with any problem
 * the struct is cleared, because half a case must not be tried.
 *
 * Called by the command line and by tests. Never opens a table or layer that the case names. */
#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/case.h"
#include "onus/text.h"
#include "schema.h"

/* ---- freeing ---- */

static void clear_strings(onus_strings *strings) {
    for (size_t i = 0; i < strings->n; i++) {
        onus_free(strings->items[i]);
    }
    onus_free(strings->items);
}

static void clear_source(onus_source *source) {
    onus_free(source->file);
    onus_free(source->layer);
    for (size_t i = 0; i < source->n_where; i++) {
        onus_free(source->where[i].column);
        clear_strings(&source->where[i].values);
    }
    onus_free(source->where);
    clear_strings(&source->header);
}

static void clear_time(onus_time_ref *time) {
    onus_free(time->column);
    onus_free(time->format);
    onus_free(time->zone);
}

static void clear_point(onus_point_ref *point) {
    onus_free(point->lon);
    onus_free(point->lat);
    onus_free(point->x);
    onus_free(point->y);
    onus_free(point->crs);
}

static void clear_areas(onus_areas_ref *areas) {
    clear_source(&areas->source);
    onus_free(areas->id);
    onus_free(areas->crs);
}

static void clear_people(onus_people_ref *people) {
    clear_source(&people->source);
    onus_free(people->id);
    for (size_t u = 0; u < people->n_universes; u++) {
        onus_universe_ref *universe = &people->universes[u];
        onus_free(universe->name);
        onus_free(universe->total);
        onus_free(universe->total_margin);
        for (size_t g = 0; g < universe->n_groups; g++) {
            onus_free(universe->groups[g].name);
            onus_free(universe->groups[g].column);
            onus_free(universe->groups[g].margin);
        }
        onus_free(universe->groups);
    }
    onus_free(people->universes);
    for (size_t i = 0; i < people->n_benchmarks; i++) {
        onus_free(people->benchmarks[i].name);
        onus_free(people->benchmarks[i].column);
    }
    onus_free(people->benchmarks);
}

static void clear_mappings(onus_mapping *mappings, size_t n) {
    for (size_t i = 0; i < n; i++) {
        onus_free(mappings[i].name);
        clear_strings(&mappings[i].values);
    }
    onus_free(mappings);
}

static void clear_outcomes(onus_outcomes_ref *outcomes) {
    clear_source(&outcomes->source);
    clear_time(&outcomes->time);
    clear_time(&outcomes->recorded);
    clear_point(&outcomes->point);
    onus_free(outcomes->cell);
    onus_free(outcomes->count);
    onus_free(outcomes->mark);
    onus_free(outcomes->type);
    clear_mappings(outcomes->types, outcomes->n_types);
    clear_mappings(outcomes->made_by, outcomes->n_made_by);
}

static void clear_predictions(onus_predictions_ref *predictions) {
    clear_source(&predictions->source);
    clear_point(&predictions->point);
    clear_time(&predictions->from);
    clear_time(&predictions->until);
    clear_time(&predictions->issued);
    onus_free(predictions->type);
    onus_free(predictions->count);
    onus_free(predictions->area);
    onus_free(predictions->cell);
    onus_free(predictions->rate);
    onus_free(predictions->wide);
    for (size_t i = 0; i < predictions->n_rivals; i++) {
        onus_free(predictions->rivals[i].name);
        onus_free(predictions->rivals[i].file);
    }
    onus_free(predictions->rivals);
}

static void clear_published(onus_published_ref *published) {
    clear_source(&published->source);
    onus_free(published->captured);
    onus_free(published->outcomes);
    onus_free(published->area);
    onus_free(published->of_area);
    onus_free(published->pai);
    clear_strings(&published->by);
    onus_free(published->who);
    onus_free(published->table);
}

static void clear_protocol(onus_protocol *protocol) {
    onus_free(protocol->budget_frac.items);
    onus_free(protocol->top_cells.items);
    clear_strings(&protocol->baselines);
    clear_mappings(protocol->shifts, protocol->n_shifts);
    onus_free(protocol->sensitivity_box_m.items);
    onus_free(protocol->thresholds.items);
    clear_strings(&protocol->pairs);
    onus_free(protocol->fmr_at.items);
    onus_free(protocol->retest);
}

static void clear_feedback(onus_feedback_ref *feedback) {
    onus_free(feedback->discovery.items);
    onus_free(feedback->reported_column);
    onus_free(feedback->horizon_days.items);
    onus_free(feedback->injection.predictions);
    clear_source(&feedback->injection.source);
    clear_time(&feedback->injection.time);
    clear_point(&feedback->injection.point);
    onus_free(feedback->injection.cell);
    onus_free(feedback->injection.count);
    clear_strings(&feedback->urn.names);
    onus_free(feedback->urn.rates.items);
    onus_free(feedback->urn.start.items);
    onus_free(feedback->urn.matrix.items);
    onus_free(feedback->urn.reported.items);
}

static void clear_item_label(onus_item_label_ref *ref) {
    clear_source(&ref->source);
    onus_free(ref->item);
    onus_free(ref->label);
}

static void clear_affect(onus_affect_ref *affect) {
    clear_source(&affect->labels.source);
    onus_free(affect->labels.item);
    onus_free(affect->labels.label);
    clear_mappings(affect->labels.scores, affect->labels.n_scores);
    onus_free(affect->labels.repeat);
    onus_free(affect->labels.version);
    clear_source(&affect->items.source);
    onus_free(affect->items.id);
    onus_free(affect->items.person);
    clear_source(&affect->people.source);
    onus_free(affect->people.id);
    clear_mappings(affect->people.groups, affect->people.n_groups);
    clear_item_label(&affect->self_report);
    clear_item_label(&affect->intended);
    clear_source(&affect->raters.source);
    onus_free(affect->raters.item);
    onus_free(affect->raters.rater);
    onus_free(affect->raters.label);
    onus_free(affect->raters.stratum);
    clear_mappings(affect->raters.counts, affect->raters.n_counts);
    clear_strings(&affect->domain.labels);
    clear_mappings(affect->domain.map, affect->domain.n_map);
    onus_free(affect->setting.place);
}

static void clear_side(onus_match_side_ref *side) {
    onus_free(side->id);
    onus_free(side->person);
    onus_free(side->camera);
    clear_mappings(side->groups, side->n_groups);
}

static void clear_tracks(onus_track_ref *tracks) {
    clear_source(&tracks->source);
    onus_free(tracks->camera);
    onus_free(tracks->frame);
    onus_free(tracks->person);
    onus_free(tracks->box_x);
    onus_free(tracks->box_y);
    onus_free(tracks->box_w);
    onus_free(tracks->box_h);
}

static void clear_match(onus_match_ref *match) {
    clear_source(&match->comparisons.source);
    onus_free(match->comparisons.score);
    clear_side(&match->comparisons.probe);
    clear_side(&match->comparisons.reference);
    onus_free(match->comparisons.same_column);
    onus_free(match->comparisons.same_yes);
    clear_source(&match->comparisons.mates);
    onus_free(match->comparisons.mates_probe);
    onus_free(match->comparisons.mates_reference);
    clear_source(&match->scores.genuine);
    clear_source(&match->scores.impostor);
    onus_free(match->scores.genuine_score);
    onus_free(match->scores.impostor_score);
    clear_source(&match->sightings.source);
    onus_free(match->sightings.id);
    onus_free(match->sightings.person);
    onus_free(match->sightings.camera);
    onus_free(match->sightings.time);
    clear_mappings(match->sightings.groups, match->sightings.n_groups);
    clear_source(&match->searches.source);
    onus_free(match->searches.probe);
    onus_free(match->searches.reference);
    onus_free(match->searches.score);
    onus_free(match->searches.rank);
    onus_free(match->searches.probe_person);
    onus_free(match->searches.probe_camera);
    clear_source(&match->gallery.source);
    onus_free(match->gallery.id);
    onus_free(match->gallery.person);
    onus_free(match->gallery.camera);
    clear_mappings(match->gallery.groups, match->gallery.n_groups);
    clear_tracks(&match->truth);
    clear_tracks(&match->output);
    onus_free(match->threshold_from);
    clear_source(&match->field.source);
    onus_free(match->field.name);
    onus_free(match->field.what);
    onus_free(match->field.count);
    onus_free(match->field.of);
    onus_free(match->field.printed);
}

static void clear_claim(onus_claim_ref *claim) {
    onus_free(claim->say);
    onus_free(claim->measure);
    for (size_t i = 0; i < claim->n_scope; i++) {
        onus_free(claim->scope[i].key);
        onus_free(claim->scope[i].text);
    }
    onus_free(claim->scope);
}

void onus_case_clear(onus_case *c) {
    onus_free(c->path);
    onus_free(c->data_dir);
    onus_free(c->title);
    clear_areas(&c->region);
    clear_areas(&c->areas);
    clear_areas(&c->districts);
    clear_people(&c->people);
    clear_outcomes(&c->outcomes);
    clear_predictions(&c->predictions);
    clear_source(&c->patrols.source);
    clear_point(&c->patrols.point);
    clear_time(&c->patrols.from);
    clear_time(&c->patrols.until);
    clear_published(&c->published);
    onus_free(c->patrols.delta.items);
    clear_source(&c->grid.source);
    onus_free(c->grid.id);
    onus_free(c->grid.crs);
    onus_free(c->period_from);
    onus_free(c->period_until);
    clear_protocol(&c->protocol);
    clear_feedback(&c->feedback);
    clear_affect(&c->affect);
    clear_match(&c->match);
    for (size_t i = 0; i < c->n_claims; i++) {
        clear_claim(&c->claims[i]);
    }
    onus_free(c->claims);
    for (size_t i = 0; i < c->n_extra; i++) {
        onus_free(c->extra[i].path);
        onus_free(c->extra[i].text);
    }
    onus_free(c->extra);
    memset(c, 0, sizeof *c);
}

const char *onus_case_extra(const onus_case *c, const char *path) {
    for (size_t i = 0; i < c->n_extra; i++) {
        if (strcmp(c->extra[i].path, path) == 0) {
            return c->extra[i].text;
        }
    }
    return NULL;
}

/* ---- reading ---- */

/* The kind as a static string, or NULL if it is missing or unknown (read.c names that). */
static const char *kind_of(const onus_node *root) {
    static const char *const kinds[] = {"place", "match", "affect"};
    const onus_node *node = onus_node_get(root, "kind");
    for (size_t i = 0; i < 3 && node != NULL && node->kind == ONUS_NODE_SCALAR; i++) {
        if (strcmp(node->text, kinds[i]) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

/* The problems from `first` on, in the order of the file; at most 20, so by insertion. */
static void sort_problems(onus_problems *problems, size_t first) {
    for (size_t i = first + 1; i < problems->n_full; i++) {
        const onus_error moving = problems->full[i];
        size_t at = i;
        while (at > first && (problems->full[at - 1].line > moving.line ||
                              (problems->full[at - 1].line == moving.line &&
                               problems->full[at - 1].col > moving.col))) {
            problems->full[at] = problems->full[at - 1];
            at--;
        }
        problems->full[at] = moving;
    }
}

static void hash(const char *text, size_t len, char out[65]) {
    unsigned char sum[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(sum, (const unsigned char *)text, len); /* cannot fail */
    (void)sodium_bin2hex(out, 65, sum, sizeof sum);
}

onus_status onus_case_parse(const char *text, size_t len, const char *path, const char *data_dir,
                            onus_case *out, onus_problems *problems) {
    onus_status status = ONUS_OK;
    onus_node root = {0};
    const size_t n_before = problems->n_all;
    const size_t first = problems->n_full;
    memset(out, 0, sizeof *out);
    out->match.deployment.searches_per_day = (double)NAN; /* 0 is a value of these */
    out->match.deployment.prevalence_frac = (double)NAN;
    out->match.deployment.sightings_each = (double)NAN;
    out->path = onus_strdup(path);
    out->data_dir = data_dir == NULL ? onus_path_dir(path) : onus_strdup(data_dir);
    if (out->path == NULL || out->data_dir == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    hash(text, len, out->sha256);
    ONUS_TRY(onus_node_parse(text, len, path, &root, problems));
    const onus_reader reader = {
        .c = out, .problems = problems, .file = path, .kind = kind_of(&root)};
    ONUS_TRY(onus_schema_read(&reader, &root));
    if (reader.kind != NULL) {
        ONUS_TRY(onus_case_check(&reader, &root));
    }
    if (problems->n_all > n_before) {
        status = ONUS_ERR_DATA;
    }
out:
    sort_problems(problems, first);
    onus_node_clear(&root);
    if (status != ONUS_OK) {
        onus_case_clear(out);
    }
    return status;
}

/* A failure of the world, as a problem at no line. */
static onus_status unreadable(onus_problems *problems, const char *path, const char *verb,
                              int number) {
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status = onus_fail(&err, ONUS_ERR_NOINPUT, path, 0, 0, "cannot be %s: %s",
                                         verb, strerrordesc_np(number));
    onus_problems_add_error(problems, "cannot be opened", &err);
    return status;
}

onus_status onus_case_read(const char *path, const char *data_dir, onus_case *out,
                           onus_problems *problems) {
    memset(out, 0, sizeof *out);
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return unreadable(problems, path, "opened", errno);
    }
    /* one byte more than is allowed, so that the parser sees that there is more */
    char *text = onus_alloc(ONUS_CASE_BYTES_MAX + 1);
    if (text == NULL) {
        (void)fclose(file);
        return ONUS_ERR_NOMEM;
    }
    const size_t len = fread(text, 1, ONUS_CASE_BYTES_MAX + 1, file);
    const int number = ferror(file) != 0 ? errno : 0;
    (void)fclose(file);
    const onus_status status = number != 0
                                   ? unreadable(problems, path, "read", number)
                                   : onus_case_parse(text, len, path, data_dir, out, problems);
    onus_free(text);
    return status;
}

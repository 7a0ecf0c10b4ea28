/* Which comparisons count: sets by camera, thresholds, and what an error is.
 *
 * The idea: rows are sorted once, by kind (one person with himself, two people) and by camera, and
 * every rate afterwards runs over plain arrays. Bare scores, which have neither rows nor cameras,
 * are one set with the mapped file itself as its array.
 *
 * Called by trial.c first. Counts no error itself. */
#include <math.h>

#include "match_internal.h"
#include "onus/alloc.h"

static const char *const PAIRS_NAMES[MATCH_N_PAIRS] = {"all", "cross_camera", "same_camera"};

bool match_is_match(const match_trial *t, double score, double threshold) {
    const onus_higher_is higher = t->c->match.comparisons.source.file != NULL
                                      ? t->c->match.comparisons.higher_is
                                      : t->c->match.scores.higher_is;
    return higher == ONUS_HIGHER_SAME ? score >= threshold : score <= threshold;
}

bool match_is_error(const match_trial *t, match_kind kind, double score, double threshold,
                    match_fta fta) {
    const bool match =
        isnan(score) ? fta == MATCH_FTA_AS_MATCH : match_is_match(t, score, threshold);
    return kind == MATCH_GENUINE ? !match : match;
}

static bool is_in(const match_trial *t, match_pairs pairs, size_t row) {
    const onus_sightings *s = &t->m->sightings;
    const onus_comparisons *c = &t->m->comparisons;
    if (pairs == MATCH_PAIRS_ALL) {
        return true;
    }
    const int32_t probe = s->camera != NULL ? s->camera[c->probe[row]] : -1;
    const int32_t reference = s->camera != NULL ? s->camera[c->reference[row]] : -1;
    return probe >= 0 && reference >= 0 &&
           (pairs == MATCH_PAIRS_SAME_CAMERA) == (probe == reference);
}

static onus_status make_set(match_trial *t, match_pairs pairs, const char *name) {
    const onus_comparisons *c = &t->m->comparisons;
    size_t n[MATCH_N_KINDS] = {0};
    double *score[MATCH_N_KINDS];
    size_t *row[MATCH_N_KINDS];
    match_set *set = &t->sets[t->n_sets];
    *set = (match_set){.pairs = pairs, .name = name};
    for (size_t i = 0; i < c->n_comparisons; i++) {
        n[c->same[i] ? MATCH_GENUINE : MATCH_IMPOSTOR] += is_in(t, pairs, i) ? 1 : 0;
    }
    for (int k = 0; k < MATCH_N_KINDS; k++) {
        score[k] = match_alloc(t, n[k], sizeof *score[k]);
        row[k] = match_alloc(t, n[k], sizeof *row[k]);
        if (score[k] == NULL || row[k] == NULL) {
            return ONUS_ERR_NOMEM;
        }
        set->of[k].score = score[k];
        set->of[k].row = row[k];
    }
    for (size_t i = 0; i < c->n_comparisons; i++) {
        if (is_in(t, pairs, i)) {
            const match_kind k = c->same[i] ? MATCH_GENUINE : MATCH_IMPOSTOR;
            match_scores *of = &set->of[k];
            score[k][of->n] = c->score[i];
            row[k][of->n++] = i;
            of->n_fta += isnan(c->score[i]) ? 1 : 0;
        }
    }
    t->n_sets++;
    return ONUS_OK;
}

static void make_bare(match_trial *t) {
    const onus_bare_scores *bare = &t->m->scores;
    match_set *set = &t->sets[t->n_sets++];
    *set = (match_set){.pairs = MATCH_PAIRS_ALL};
    set->of[MATCH_GENUINE] = (match_scores){.score = bare->genuine, .n = bare->n_genuine};
    set->of[MATCH_IMPOSTOR] = (match_scores){.score = bare->impostor, .n = bare->n_impostor};
    for (int k = 0; k < MATCH_N_KINDS; k++) {
        match_scores *of = &set->of[k];
        for (size_t i = 0; i < of->n; i++) {
            of->n_fta += isnan(of->score[i]) ? 1 : 0;
        }
    }
}

static onus_status make_points(match_trial *t) {
    const onus_doubles *more = &t->c->protocol.thresholds;
    t->has_in_use = t->c->match.has_threshold;
    t->points = match_alloc(t, more->n + 1, sizeof *t->points);
    if (t->points == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (t->has_in_use) {
        t->points[t->n_points++] =
            (match_point){.threshold = t->c->match.threshold, .in_use = true};
    }
    for (size_t i = 0; i < more->n; i++) {
        t->points[t->n_points++] = (match_point){.threshold = more->items[i]};
    }
    return ONUS_OK;
}

onus_status match_make_sets(match_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(make_points(t));
    if (t->m->comparisons.n_comparisons > 0) {
        const onus_strings *asked = &t->c->protocol.pairs;
        t->knows_people = t->m->comparisons.knows_people;
        for (int p = 0; p < MATCH_N_PAIRS; p++) {
            bool is_asked = asked->n == 0 && p == MATCH_PAIRS_ALL;
            for (size_t i = 0; i < asked->n && !is_asked; i++) {
                is_asked = onus_text_equal(asked->items[i], PAIRS_NAMES[p]);
            }
            if (is_asked) {
                ONUS_TRY(make_set(t, (match_pairs)p, asked->n > 0 ? PAIRS_NAMES[p] : NULL));
            }
        }
    } else if (t->m->scores.n_genuine + t->m->scores.n_impostor > 0) {
        make_bare(t);
    }
    for (size_t s = 0; s < t->n_sets; s++) {
        if (t->main == NULL || t->sets[s].pairs == MATCH_PAIRS_CROSS_CAMERA) {
            t->main = &t->sets[s];
        }
    }
out:
    return status;
}

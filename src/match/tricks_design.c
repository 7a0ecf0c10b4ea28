/* Who was compared with whom, and who is not in the table: missing cells, cameras, people.
 *
 * A product that cannot find a face can leave the row out instead of failing. So the full design
 * (every sighting with every other, or every probe with every reference) is held against the rows
 * that are there, in all and by group, and the miss rate is given three times: as the table has it,
 * with every missing comparison a miss, and with none. A table that was never meant to be full (a
 * sample of pairs, or comparisons over cameras only) is known by its holes and not blamed.
 *
 * Called by tricks.c. Never says which sighting is missing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "tricks_internal.h"

/* A table that lacks more of its full design was not meant to have it. */
#define SAMPLE_SHARE 0.5

/* Counts of a design: sightings by person and camera, in the role of probe and of reference. */
typedef struct design {
    size_t n_people;
    uint64_t genuine; /* cells of two sightings of one person that should be there */
    uint64_t all;
    uint64_t seen_genuine;
    uint64_t seen;
    bool across; /* no row at one camera: such cells were not asked for */
} design;

/* What the table is made of. */
typedef struct table_shape {
    uint8_t *roles; /* of each sighting: bit 0 probe, bit 1 reference */
    uint8_t *first; /* of each row: 1 where no earlier one holds its pair; NULL: none does */
} table_shape;

static uint8_t *roles_of(const match_trial *t) {
    const onus_comparisons *c = &t->m->comparisons;
    uint8_t *roles = onus_alloc_n(t->m->sightings.n_sightings + 1, sizeof *roles);
    for (size_t i = 0; roles != NULL && i < c->n_comparisons; i++) {
        roles[c->probe[i]] |= 1;
        roles[c->reference[i]] |= 2;
    }
    return roles;
}

/* A pair can fill several rows: both ways round with two scores, or more than once. A gap is a pair
 * that is in no row, so that each counts once. Rows are taken by their lower sighting, and the
 * higher ones are ticked off. */
static onus_status mark_first(const match_trial *t, uint8_t **out) {
    const onus_comparisons *c = &t->m->comparisons;
    const size_t n_sightings = t->m->sightings.n_sightings;
    size_t *start = onus_alloc_n(n_sightings + 2, sizeof *start);
    size_t *rows = onus_alloc_n(c->n_comparisons + 1, sizeof *rows);
    int32_t *ticked = onus_alloc_n(n_sightings + 1, sizeof *ticked); /* by whom, less one */
    uint8_t *first = onus_alloc_n(c->n_comparisons + 1, sizeof *first);
    onus_status status = ONUS_ERR_NOMEM;
    if (start == NULL || rows == NULL || ticked == NULL || first == NULL) {
        goto out;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < c->n_comparisons; i++) {
            const bool turned = c->one_space && c->reference[i] < c->probe[i];
            const int32_t low = turned ? c->reference[i] : c->probe[i];
            if (pass == 0) {
                start[low + 2]++;
            } else {
                rows[start[low + 1]++] = i;
            }
        }
        for (size_t k = 2; pass == 0 && k < n_sightings + 2; k++) {
            start[k] += start[k - 1];
        }
    }
    for (size_t k = 0; k < c->n_comparisons; k++) {
        const size_t i = rows[k];
        const bool turned = c->one_space && c->reference[i] < c->probe[i];
        const int32_t low = turned ? c->reference[i] : c->probe[i];
        const int32_t high = turned ? c->probe[i] : c->reference[i];
        first[i] = ticked[high] != low + 1;
        ticked[high] = low + 1;
    }
    *out = first;
    first = NULL;
    status = ONUS_OK;
out:
    onus_free(start);
    onus_free(rows);
    onus_free(ticked);
    onus_free(first);
    return status;
}

/* Cells of the design in a class of sightings (one person, one camera, one person at one camera):
 * probes times references. Where these are one space, sightings that are both meet themselves,
 * which is no comparison, and one another twice. n: probes, references, both. */
static uint64_t cells_of(bool one_space, const uint64_t n[3]) {
    const uint64_t cells = n[0] * n[1];
    return one_space && n[2] > 0 ? cells - n[2] - n[2] * (n[2] - 1) / 2 : cells;
}

typedef struct place {
    int32_t person;
    int32_t camera;
    uint8_t role;
} place;

static int compare_places(const void *a, const void *b) {
    const place *x = a;
    const place *y = b;
    if (x->person != y->person) {
        return x->person < y->person ? -1 : 1;
    }
    return x->camera < y->camera ? -1 : x->camera > y->camera ? 1 : 0;
}

static int compare_cameras(const void *a, const void *b) {
    const place *x = a;
    const place *y = b;
    return x->camera < y->camera ? -1 : x->camera > y->camera ? 1 : 0;
}

/* Sums cells over runs of places that agree in person, in camera, or in both. */
static uint64_t cells_by(const place *places, size_t n, bool one_space, bool person, bool camera) {
    uint64_t total = 0;
    for (size_t from = 0; from < n;) {
        uint64_t by_role[3] = {0};
        size_t to = from;
        while (to < n && (!person || places[to].person == places[from].person) &&
               (!camera || places[to].camera == places[from].camera)) {
            by_role[0] += places[to].role & 1 ? 1 : 0;
            by_role[1] += places[to].role & 2 ? 1 : 0;
            by_role[2] += places[to].role == 3 ? 1 : 0;
            to++;
        }
        total += cells_of(one_space, by_role);
        from = to;
    }
    return total;
}

/* The design of the sightings of one group (value -1: of all), against the rows between them. */
static onus_status make_design(const match_trial *t, const table_shape *shape, size_t grouping,
                               int32_t value, design *out) {
    const onus_sightings *s = &t->m->sightings;
    const onus_comparisons *c = &t->m->comparisons;
    place *places = onus_alloc_n(s->n_sightings + 1, sizeof *places);
    size_t n = 0;
    if (places == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *out = (design){.across = s->n_cameras > 1};
    for (size_t i = 0; i < s->n_sightings; i++) {
        if (shape->roles[i] != 0 && (value < 0 || s->group[grouping][i] == value)) {
            places[n++] = (place){.person = s->person[i],
                                  .camera = s->camera != NULL ? s->camera[i] : -1,
                                  .role = shape->roles[i]};
        }
    }
    for (size_t i = 0; i < c->n_comparisons; i++) {
        const int32_t camera = s->camera != NULL ? s->camera[c->probe[i]] : -1;
        out->across = out->across && camera >= 0 && camera != s->camera[c->reference[i]];
        if (shape->first != NULL && !shape->first[i]) {
            continue;
        }
        if (value < 0 || (s->group[grouping][c->probe[i]] == value &&
                          s->group[grouping][c->reference[i]] == value)) {
            out->seen++;
            out->seen_genuine += c->same[i];
        }
    }
    qsort(places, n, sizeof *places, compare_places);
    out->genuine = cells_by(places, n, c->one_space, true, false);
    out->genuine -= out->across ? cells_by(places, n, c->one_space, true, true) : 0;
    out->all = cells_by(places, n, c->one_space, false, false);
    if (out->across) {
        qsort(places, n, sizeof *places, compare_cameras);
        out->all -= cells_by(places, n, c->one_space, false, true);
    }
    onus_free(places);
    return ONUS_OK;
}

static uint64_t missing_of(uint64_t expected, uint64_t seen) {
    return expected > seen ? expected - seen : 0;
}

static onus_status add_missing(match_trial *t, const design *d, const match_group *group,
                               size_t grouping, size_t value) {
    onus_status status = ONUS_OK;
    for (int genuine = 0; genuine < 2; genuine++) {
        onus_measure m = match_draft_of("match.missing");
        const uint64_t expected = genuine ? d->genuine : d->all - d->genuine;
        const uint64_t seen = genuine ? d->seen_genuine : d->seen - d->seen_genuine;
        onus_scope_set_text(&m.scope, "comparisons", genuine ? "genuine" : "impostor");
        if (group != NULL) {
            match_scope_group(t, &m, grouping, value);
        }
        onus_draft_set_fraction(&m, (double)missing_of(expected, seen), (double)expected,
                                "the design has no such comparison");
        if (group != NULL) {
            match_mark_group(group, &m);
        }
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    return status;
}

/* Misses with the genuine comparisons that are in no row: all of them misses, none of them. */
static onus_status add_bounds(match_trial *t, const design *d) {
    const match_slice slice = {.set = &t->sets[0],
                               .kind = MATCH_GENUINE,
                               .threshold = t->points[0].threshold,
                               .fta = MATCH_FTA_AS_NONMATCH};
    const double missing = (double)missing_of(d->genuine, d->seen_genuine);
    match_tally tally = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(match_tally_fill(t, &slice, &tally));
    for (int miss = 0; miss < 2; miss++) {
        onus_measure m = match_draft_of("match.fnmr");
        match_scope_set(&m, &t->sets[0]);
        match_scope_point(&m, &t->points[0]);
        onus_scope_set_text(&m.scope, "convention",
                            miss ? "missing_as_nonmatch" : "missing_as_match");
        onus_draft_set_fraction(&m, (double)tally.n_errors + (miss ? missing : 0.0),
                                (double)tally.n_comparisons + missing, "nothing was compared");
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    match_tally_clear(&tally);
    return status;
}

static bool by_choice(const design *d) {
    return (double)missing_of(d->all, d->seen) > SAMPLE_SHARE * (double)d->all;
}

/* The group whose comparisons are missing most often. */
static onus_status worst_group(match_trial *t, const table_shape *shape, const match_group **worst,
                               design *of_worst) {
    onus_status status = ONUS_OK;
    double most = -1.0;
    for (size_t g = 0; g < t->n_groupings; g++) {
        for (size_t v = 0; v < t->group_start[g + 1] - t->group_start[g]; v++) {
            const match_group *group = match_group_of(t, g, v);
            design d;
            ONUS_TRY(make_design(t, shape, g, (int32_t)v, &d));
            if (d.all == 0) {
                continue;
            }
            ONUS_TRY(add_missing(t, &d, group, g, v));
            const double share = (double)missing_of(d.all, d.seen) / (double)d.all;
            if (group->show.state != ONUS_GROUP_WITHHELD && share > most) {
                most = share;
                *worst = group;
                *of_worst = d;
            }
        }
    }
out:
    return status;
}

onus_status match_trick_missing(match_trial *t) {
    onus_status status = ONUS_OK;
    design all;
    design of_worst = {0};
    const match_group *worst = NULL;
    table_shape shape = {0};
    if (!t->knows_people) {
        return ONUS_OK;
    }
    shape.roles = roles_of(t);
    if (shape.roles == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (t->m->comparisons.n_asymmetric + t->m->comparisons.n_conflicting > 0) {
        ONUS_TRY(mark_first(t, &shape.first));
    }
    ONUS_TRY(make_design(t, &shape, 0, -1, &all));
    if (all.all == 0 || by_choice(&all)) {
        goto out;
    }
    ONUS_TRY(add_missing(t, &all, NULL, 0, 0));
    ONUS_TRY(worst_group(t, &shape, &worst, &of_worst));
    const uint64_t n = missing_of(all.all, all.seen);
    if (n == 0) {
        goto out;
    }
    onus_text by_group = {0};
    if (worst != NULL) {
        onus_text_addf(&by_group, "; most often in group %s, %s of %s", worst->name,
                       match_count(missing_of(of_worst.all, of_worst.seen)).text,
                       match_count(of_worst.all).text);
    }
    onus_measure given = match_draft_of("match.fnmr");
    match_scope_set(&given, &t->sets[0]);
    if (t->has_in_use && onus_draft_find(&t->drafts, "match.fnmr", &given.scope) != SIZE_MAX) {
        status = add_bounds(t, &all);
    }
    if (status == ONUS_OK) {
        status = onus_result_warn(
            t->result, "missing_comparisons",
            "%s of %s comparisons that these sightings make possible are in no row, %s of %s of "
            "two "
            "sightings of one person%s: a failure that is left out counts for nobody, so misses "
            "are "
            "given three times, as the table has them, with these as misses, and as matches",
            match_count(n).text, match_count(all.all).text,
            match_count(missing_of(all.genuine, all.seen_genuine)).text,
            match_count(all.genuine).text, by_group.data != NULL ? by_group.data : "");
    }
    onus_text_clear(&by_group);
out:
    onus_free(shape.roles);
    onus_free(shape.first);
    return status;
}

/* ---- mates at the same camera ---- */

typedef struct rates {
    uint64_t errors[MATCH_N_KINDS];
    uint64_t n[MATCH_N_KINDS];
} rates;

static onus_status compared_at_one_camera(match_trial *t) {
    const onus_comparisons *c = &t->m->comparisons;
    const onus_sightings *s = &t->m->sightings;
    rates all = {0};
    rates across = {0};
    if (c->n_comparisons == 0 || s->camera == NULL || t->n_points == 0) {
        return ONUS_OK;
    }
    const double threshold = t->points[0].threshold;
    for (size_t i = 0; i < c->n_comparisons; i++) {
        if (isnan(c->score[i])) {
            continue;
        }
        const match_kind kind = c->same[i] ? MATCH_GENUINE : MATCH_IMPOSTOR;
        const bool error = match_is_error(t, kind, c->score[i], threshold, MATCH_FTA_LEFT_OUT);
        const int32_t probe = s->camera[c->probe[i]];
        const int32_t reference = s->camera[c->reference[i]];
        const bool same = probe >= 0 && probe == reference;
        all.n[kind]++;
        all.errors[kind] += error ? 1 : 0;
        across.n[kind] += same ? 0 : 1;
        across.errors[kind] += error && !same ? 1 : 0;
    }
    const uint64_t n_easy = all.n[MATCH_GENUINE] - across.n[MATCH_GENUINE];
    if (n_easy == 0) {
        return ONUS_OK;
    }
    return onus_result_warn(
        t->result, "same_camera",
        "%s of %s comparisons of two sightings of one person were made at one camera, where "
        "background, "
        "light and clothes give the person away. Misses with them %s of %s, without them %s of %s; "
        "strangers taken for one another with such comparisons %s of %s, without %s of %s",
        match_count(n_easy).text, match_count(all.n[MATCH_GENUINE]).text,
        match_count(all.errors[MATCH_GENUINE]).text, match_count(all.n[MATCH_GENUINE]).text,
        match_count(across.errors[MATCH_GENUINE]).text, match_count(across.n[MATCH_GENUINE]).text,
        match_count(all.errors[MATCH_IMPOSTOR]).text, match_count(all.n[MATCH_IMPOSTOR]).text,
        match_count(across.errors[MATCH_IMPOSTOR]).text,
        match_count(across.n[MATCH_IMPOSTOR]).text);
}

/* First place over mates of any camera, and without those at the camera of the search. */
static const onus_measure *first_place(const match_trial *t, const char *protocol) {
    onus_scope scope = {.n_items = 0};
    onus_scope_set_text(&scope, "protocol", protocol);
    onus_scope_set_number(&scope, "rank", 1.0);
    onus_scope_set_text(&scope, "ties", "expected");
    const size_t at = onus_draft_find(&t->drafts, "match.cmc", &scope);
    const onus_measure *m = at != SIZE_MAX ? match_drafted(t, at) : NULL;
    return m != NULL && m->has_value ? m : NULL;
}

static onus_status searched_at_one_camera(match_trial *t) {
    const onus_searches *s = &t->m->searches;
    uint64_t n_easy = 0;
    for (size_t p = 0; p < s->n_probes; p++) {
        bool easy = false;
        for (size_t k = s->start[p]; k < s->start[p + 1] && !easy; k++) {
            easy = s->probe_person[p] >= 0 && s->probe_camera[p] >= 0 &&
                   s->entry_person[s->entry[k]] == s->probe_person[p] && s->entry_camera != NULL &&
                   s->entry_camera[s->entry[k]] == s->probe_camera[p];
        }
        n_easy += easy ? 1 : 0;
    }
    const onus_measure *with = first_place(t, "all");
    const onus_measure *without = first_place(t, "same_camera_removed");
    if (n_easy == 0) {
        return ONUS_OK;
    }
    if (with == NULL || without == NULL) {
        return onus_result_warn(t->result, "same_camera_searches",
                                "%s of %s searches were answered with a picture of the person from "
                                "the camera of the search itself",
                                match_count(n_easy).text, match_count(s->n_probes).text);
    }
    return onus_result_warn(t->result, "same_camera_searches",
                            "%s of %s searches were answered with a picture of the person from the "
                            "camera of the search "
                            "itself. The person comes first in %s of searches with such pictures "
                            "on the list, and in %s "
                            "without them",
                            match_count(n_easy).text, match_count(s->n_probes).text,
                            match_percent(with->value).text, match_percent(without->value).text);
}

onus_status match_trick_cameras(match_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(compared_at_one_camera(t));
    ONUS_TRY(searched_at_one_camera(t));
out:
    return status;
}

/* ---- are there enough people? ---- */

/* The strictest bound that a claim puts on an error rate; NaN: none. */
static double strictest(const match_trial *t, const char *measure) {
    double bound = NAN;
    for (size_t k = 0; k < t->c->n_claims; k++) {
        const onus_claim_ref *claim = &t->c->claims[k];
        if (onus_text_equal(claim->measure, measure) && claim->has_at_most &&
            claim->at_most > 0.0 && claim->at_most < 1.0 && !(claim->at_most >= bound)) {
            bound = claim->at_most;
        }
    }
    return bound;
}

/* The comparisons are worth at most this share of their number: more than they look. */
#define WORTH_SHARE 0.1

onus_status match_trick_people(match_trial *t) {
    onus_status status = ONUS_OK;
    const uint32_t below = t->c->protocol.suppress_below;
    const double level = t->c->protocol.level;
    if (!t->knows_people || t->n_counted == 0) {
        return ONUS_OK;
    }
    const char *people =
        t->n_counted >= below
            ? onus_result_text(t->result, "%s people", match_count(t->n_counted).text)
            : onus_result_text(t->result, "fewer than %u people", below);
    if (people == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        const double bound = strictest(t, kind == MATCH_GENUINE ? "match.fnmr" : "match.fmr");
        const double each = kind == MATCH_GENUINE ? 1.0 : 2.0;
        const double needed = each * ceil(log1p(-level) / log1p(-bound));
        if (needed > (double)t->n_counted) {
            ONUS_TRY(onus_result_warn(
                t->result, "too_few_people",
                "a claim puts %s at most at %s; even without a single error that takes %s people, "
                "and there are %s: comparisons are no substitute for people, because those of one "
                "person resemble one another",
                kind == MATCH_GENUINE ? "misses" : "false matches", match_percent(bound).text,
                match_count((uint64_t)needed).text, people));
        }
    }
    if (t->main == NULL || t->n_points == 0 || !t->has_in_use) {
        goto out;
    }
    onus_measure main = match_draft_of("match.fmr");
    match_scope_set(&main, t->main);
    const size_t rate = onus_draft_find(&t->drafts, "match.fmr", &main.scope);
    const size_t worth = onus_draft_find(&t->drafts, "match.n_effective", &main.scope);
    if (rate == SIZE_MAX || worth == SIZE_MAX || !match_drafted(t, worth)->has_value) {
        goto out;
    }
    const double n = match_drafted(t, rate)->den;
    const double n_effective = match_drafted(t, worth)->value;
    if (n_effective > 0.0 && n_effective <= WORTH_SHARE * n) {
        ONUS_TRY(onus_result_warn(
            t->result, "few_independent",
            "%s comparisons of %s are worth about %s independent ones: the same people meet again "
            "and again. Every interval is made from these, not from the number of comparisons",
            match_count((uint64_t)n).text, people, match_count((uint64_t)n_effective).text));
    }
out:
    return status;
}

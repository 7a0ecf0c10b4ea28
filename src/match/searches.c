/* List searches and re-identification: how well the right person is put first, and how often a
 * stranger is returned.
 *
 * Recorded searches with their gallery are read as they are; without any, comparisons serve if they
 * are a full design of probes against references, for then every probe is a search of all
 * references. Two protocols: the list as it was, and without the entries that show the probe's
 * person at the probe's camera. Probes of nobody known cannot be judged and are counted.
 *
 * Called by trial.c. Searches for nobody: it reads what the product returned.
 */
#include "onus/alloc.h"
#include "searches_internal.h"

const uint32_t SEARCH_RANKS[SEARCH_N_RANKS] = {1, 5, 10, 20};
const char *const SEARCH_TIES[ONUS_N_ORDERS] = {"expected", "worst", "best"};

static void take_searches(searching *s) {
    const onus_searches *in = &s->t->m->searches;
    s->set = (onus_retrieval_set){.n_probes = in->n_probes,
                                  .probe_person = in->probe_person,
                                  .probe_camera = in->probe_camera,
                                  .n_entries = in->n_entries,
                                  .entry_person = in->entry_person,
                                  .entry_camera = in->entry_camera,
                                  .n_people = s->t->m->sightings.n_people,
                                  .higher_is_same =
                                      s->t->c->match.searches.higher_is == ONUS_HIGHER_SAME};
    s->lists = (onus_retrieval_lists){
        .start = in->start, .entry = in->entry, .score = in->score, .rank = in->rank};
}

static onus_status note_known(searching *s) {
    s->probe = match_alloc(s->t, s->set.n_probes, sizeof *s->probe);
    uint8_t *listed = onus_alloc_n(s->set.n_people + 1, sizeof *listed);
    if (s->probe == NULL || listed == NULL) {
        onus_free(listed);
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < s->set.n_probes; p++) {
        if (s->set.probe_person[p] >= 0) {
            s->probe[s->n_known++] = p;
        }
    }
    for (size_t e = 0; e < s->set.n_entries; e++) {
        if (s->set.entry_person[e] >= 0 && listed[s->set.entry_person[e]] == 0) {
            listed[s->set.entry_person[e]] = 1;
            s->n_people_listed++;
        }
    }
    onus_free(listed);
    return ONUS_OK;
}

static bool any_known(const int32_t *camera, size_t n) {
    for (size_t i = 0; camera != NULL && i < n; i++) {
        if (camera[i] >= 0) {
            return true;
        }
    }
    return false;
}

static onus_status run(searching *s, onus_gallery_protocol protocol, const char *name) {
    onus_status status;
    match_trial *t = s->t;
    search_run *r = &s->runs[s->n_runs++];
    *r = (search_run){.protocol = name, .as_it_was_run = protocol == ONUS_GALLERY_ALL};
    s->set.protocol = protocol;
    r->of = match_alloc(t, s->set.n_probes, sizeof *r->of);
    if (r->of == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (s->scores != NULL) {
        ONUS_TRY(onus_retrieval_matrix(&s->set, s->scores, t->context, r->of, t->err));
    } else {
        ONUS_TRY(onus_retrieval_recorded(&s->set, &s->lists, r->of, t->err));
    }
    if (s->scores != NULL && t->has_in_use) {
        r->above = match_alloc(t, s->set.n_probes, sizeof *r->above);
        if (r->above == NULL) {
            return ONUS_ERR_NOMEM;
        }
        ONUS_TRY(onus_retrieval_above(&s->set, s->scores, r->of, t->points[0].threshold, r->above,
                                      t->err));
    }
    for (size_t i = 0; i < s->n_known; i++) { /* those of nobody known fall out */
        r->of[i] = r->of[s->probe[i]];
        if (r->above != NULL) {
            r->above[i] = r->above[s->probe[i]];
        }
    }
    onus_retrieval_add_up(r->of, s->n_known, &r->totals);
    ONUS_TRY(match_search_measures(s, r));
    if (r->as_it_was_run) {
        ONUS_TRY(match_search_groups(s, r));
    }
out:
    return status;
}

static onus_status not_testable(match_trial *t, const char *why) {
    static const char *const ids[] = {"match.cmc", "match.map", "match.minp", "match.fpir",
                                      "match.fnir"};
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < sizeof ids / sizeof ids[0]; k++) {
        onus_measure m = match_draft_of(ids[k]);
        m.reason = why;
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    return status;
}

onus_status match_searches(match_trial *t) {
    onus_status status = ONUS_OK;
    searching s = {.t = t};
    if (t->m->searches.n_probes > 0) {
        take_searches(&s);
    } else if (t->m->comparisons.n_comparisons > 0) {
        const char *why = NULL;
        ONUS_TRY(match_searches_of_comparisons(&s, &why));
        if (why != NULL) {
            return not_testable(t, why);
        }
    } else {
        return ONUS_OK;
    }
    ONUS_TRY(note_known(&s));
    if (s.n_known < s.set.n_probes) {
        ONUS_TRY(onus_result_warn(t->result, "searches_of_nobody_known",
                                  "%zu of %zu searches are of nobody known: they can be neither "
                                  "right nor wrong and are left out",
                                  s.set.n_probes - s.n_known, s.set.n_probes));
    }
    ONUS_TRY(run(&s, ONUS_GALLERY_ALL, "all"));
    if (any_known(s.set.probe_camera, s.set.n_probes) &&
        any_known(s.set.entry_camera, s.set.n_entries)) {
        ONUS_TRY(run(&s, ONUS_GALLERY_OTHER_CAMERA, "same_camera_removed"));
    }
out:
    return status;
}

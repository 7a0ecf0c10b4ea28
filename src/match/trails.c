/* Trails: how many people are truly in one, after how many hops, and how often a hop goes wrong.
 *
 * What an officer would be handed is a trail: one output track over all cameras. Shares over trails
 * come with intervals that draw people: the trails that mostly show one person fail together. A
 * trail that shows nobody at all is counted apart and is in no mean.
 *
 * Called by tracks.c. People leave as counts; the smallest thing that is listed is a number of
 * trails.
 */
#include <math.h>

#include "onus/alloc.h"
#include "tracks_internal.h"

enum {
    OF_PEOPLE,
    OF_MIXED,
    OF_BYSTANDERS,
    OF_BOXES,
    OF_TRAILS,
    OF_CORRECT,
    OF_WRONG,
    OF_LOST,
    N_OF
};

/* Where more than one in a hundred true boxes has the same person in another camera at the same
 * frame, cameras share a view and a hop between them is no hop. */
static const double SHARED_VIEW_FRAC = 0.01;

static const char NO_TRAIL[] = "no trail shows anybody";
static const char NO_HOP[] = "no person and no trail goes from one sighting to another";

static void add_trails(const onus_trails *trails, match_by_person *b) {
    for (size_t i = 0; i < trails->n_trails; i++) {
        const onus_trail *trail = &trails->trail[i];
        if (trail->n_people == 0) {
            continue;
        }
        const size_t person = (size_t)trail->main;
        const double purity = (double)trail->n_main / trail->n_boxes;
        match_by_person_add(b, person, OF_PEOPLE, trail->n_people, 1.0);
        match_by_person_add(b, person, OF_MIXED, trail->n_people > 1 ? 1.0 : 0.0, 1.0);
        match_by_person_add(b, person, OF_BYSTANDERS, trail->n_people - 1.0, 1.0);
        match_by_person_add(b, person, OF_BOXES, trail->n_main, trail->n_boxes);
        match_by_person_add(b, person, OF_TRAILS, purity, 1.0);
    }
    for (size_t p = 0; p < trails->n_people; p++) {
        const onus_hops *hops = &trails->hops_of[p];
        const double n = (double)hops->n_hops;
        match_by_person_add(b, p, OF_CORRECT, (double)hops->n_correct, n);
        match_by_person_add(b, p, OF_WRONG, (double)hops->n_wrong, n);
        match_by_person_add(b, p, OF_LOST, (double)hops->n_lost, n);
    }
}

static onus_status add_measures(const tracking *k, const onus_trails *trails,
                                const match_by_person *b) {
    static const struct {
        const char *id;
        bool is_share;
    } of[N_OF] = {[OF_PEOPLE] = {"match.people_per_trail", false},
                  [OF_MIXED] = {"match.mixed_trails", true},
                  [OF_BYSTANDERS] = {"match.bystanders_per_trail", false},
                  [OF_BOXES] = {"match.trail_purity", true},
                  [OF_TRAILS] = {"match.trail_purity", false},
                  [OF_CORRECT] = {"match.hop_correct", true},
                  [OF_WRONG] = {"match.hop_wrong", true},
                  [OF_LOST] = {"match.hop_lost", true}};
    onus_status status = ONUS_OK;
    const bool shared_view =
        (double)trails->n_seen_twice > SHARED_VIEW_FRAC * (double)k->truth.n_boxes;
    for (size_t i = 0; i < N_OF; i++) {
        onus_measure m = match_draft_of(of[i].id);
        if (i == OF_TRAILS) {
            onus_scope_set_text(&m.scope, "weighing", "trail");
        }
        if (i >= OF_CORRECT && shared_view) {
            m.reason = onus_result_text(
                k->t->result,
                "%llu of %zu true boxes show somebody who is in another camera at the same frame: "
                "cameras share a view, or frames are not on one clock",
                (unsigned long long)trails->n_seen_twice, k->truth.n_boxes);
            if (m.reason == NULL) {
                return ONUS_ERR_NOMEM;
            }
        } else {
            match_set_by_person(k->t, &m, b, i, of[i].is_share,
                                i >= OF_CORRECT ? NO_HOP : NO_TRAIL);
        }
        ONUS_TRY(match_add(k->t, &m, NULL));
    }
out:
    return status;
}

static onus_status add_empty(match_trial *t, const onus_trails *trails) {
    size_t n_empty = 0;
    for (size_t i = 0; i < trails->n_trails; i++) {
        n_empty += trails->trail[i].n_people == 0;
    }
    onus_measure m = match_draft_of("match.empty_trails");
    onus_draft_set_fraction(&m, (double)n_empty, (double)trails->n_trails,
                            "the output has no tracks");
    return match_add(t, &m, NULL);
}

/* How many trails hold 0, 1, 2 ... people. */
static onus_status add_mixing(match_trial *t, const onus_trails *trails) {
    static const char *columns[] = {"people_in_trail", "trails"};
    onus_status status = ONUS_OK;
    uint32_t most = 0;
    for (size_t i = 0; i < trails->n_trails; i++) {
        most = trails->trail[i].n_people > most ? trails->trail[i].n_people : most;
    }
    uint64_t *n_of = onus_alloc_n((size_t)most + 1, sizeof *n_of);
    onus_series *series = onus_result_series(t->result, "trail_mixing", columns, 2);
    if (n_of == NULL || series == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < trails->n_trails; i++) {
        n_of[trails->trail[i].n_people]++;
    }
    for (uint32_t n = n_of[0] > 0 ? 0 : 1; n <= most; n++) {
        ONUS_TRY(onus_series_number(series, n));
        ONUS_TRY(onus_series_number(series, (double)n_of[n]));
    }
out:
    onus_free(n_of);
    return status;
}

/* After k hops: of the trails that get so far, how many hold one person, and how many people are in
 * them on average. */
static onus_status add_hops(match_trial *t, const onus_trails *trails) {
    enum { MOST_HOPS = 50, N_COLUMNS = 6 };
    static const char *columns[N_COLUMNS] = {"hops",      "reached", "pure",
                                             "any_wrong", "people",  "bystanders"};
    onus_status status = ONUS_OK;
    onus_series *series = onus_result_series(t->result, "trail_hops", columns, N_COLUMNS);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k <= trails->most_hops && k <= MOST_HOPS; k++) {
        double n_reached = 0.0;
        double n_pure = 0.0;
        double n_people = 0.0;
        for (size_t i = 0; i < trails->n_trails; i++) {
            const size_t at = trails->visit_start[i] + k;
            if (at >= trails->visit_start[i + 1]) {
                continue;
            }
            n_reached += 1.0;
            n_pure += trails->visit[at].n_people == 1 ? 1.0 : 0.0;
            n_people += trails->visit[at].n_people;
        }
        if (n_reached == 0.0) {
            break;
        }
        const double row[N_COLUMNS] = {(double)k,
                                       n_reached,
                                       n_pure,
                                       n_reached - n_pure,
                                       n_people / n_reached,
                                       (n_people - n_reached) / n_reached};
        for (int c = 0; c < N_COLUMNS; c++) {
            ONUS_TRY(onus_series_number(series, row[c]));
        }
    }
out:
    return status;
}

onus_status match_trail_measures(tracking *k) {
    onus_status status;
    match_trial *t = k->t;
    onus_trails trails = {0};
    match_by_person b;
    ONUS_TRY(onus_trails_make(&k->overlaps, &k->truth, &k->output, &trails));
    ONUS_TRY(match_by_person_make(t, trails.n_people, N_OF, &b));
    add_trails(&trails, &b);
    ONUS_TRY(match_by_person_estimate(t, &b));
    ONUS_TRY(add_measures(k, &trails, &b));
    ONUS_TRY(add_empty(t, &trails));
    ONUS_TRY(add_mixing(t, &trails));
    ONUS_TRY(add_hops(t, &trails));
out:
    onus_trails_clear(&trails);
    return status;
}

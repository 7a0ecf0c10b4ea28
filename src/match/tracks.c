/* Tracks over all cameras: identity, association, detection, and how often a track changes person.
 *
 * One identity is one person over all cameras, so that a person renamed at every door is seen as
 * such. Intervals draw people with all their boxes: the assignment of identities is found once,
 * each person keeps what it gave him, and false boxes are laid on the person whom they overlap
 * most; those that overlap nobody stay.
 *
 * Called by trial.c. Nothing here tracks anybody: both tables are somebody else's records.
 */
#include <math.h>

#include "onus/alloc.h"
#include "onus/sum.h"
#include "tracks_internal.h"

/* ---- sums over people ---- */

enum {
    OF_TRUE,
    OF_OUTPUT,
    OF_ID,
    OF_FOUND,
    OF_SWITCHES,
    OF_HOTA,
    OF_ASS = OF_HOTA + ONUS_HOTA_ALPHAS
};
enum { N_SUMS = OF_ASS + ONUS_HOTA_ALPHAS };
enum { V_IDF1, V_IDP, V_IDR, V_HOTA, V_DETA, V_ASSA, V_MOTA, N_VALUES };

static const char *const IDS[N_VALUES] = {"match.idf1", "match.idp",  "match.idr", "match.hota",
                                          "match.deta", "match.assa", "match.mota"};

typedef struct fixed_part {
    double n_nobody; /* output boxes that overlap nobody */
} fixed_part;

static void values_of(const void *shared, const double *sum, double *values) {
    const fixed_part *fixed = shared;
    const double n_true = sum[OF_TRUE];
    const double n_output = sum[OF_OUTPUT] + fixed->n_nobody;
    const double nan = (double)NAN;
    values[V_IDF1] = n_true + n_output > 0.0 ? 2.0 * sum[OF_ID] / (n_true + n_output) : nan;
    values[V_IDP] = n_output > 0.0 ? sum[OF_ID] / n_output : nan;
    values[V_IDR] = n_true > 0.0 ? sum[OF_ID] / n_true : nan;
    values[V_MOTA] =
        n_true > 0.0 ? (2.0 * sum[OF_FOUND] - n_output - sum[OF_SWITCHES]) / n_true : nan;
    onus_sum hota = {0};
    onus_sum deta = {0};
    onus_sum assa = {0};
    for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
        const double tp = sum[OF_HOTA + a];
        const double all = n_true + n_output - tp;
        const double detection = all > 0.0 ? tp / all : nan;
        const double association = tp > 0.0 ? sum[OF_ASS + a] / tp : 0.0;
        onus_sum_add(&deta, detection);
        onus_sum_add(&assa, association);
        onus_sum_add(&hota, sqrt(detection * association));
    }
    values[V_HOTA] = onus_sum_get(&hota) / ONUS_HOTA_ALPHAS;
    values[V_DETA] = onus_sum_get(&deta) / ONUS_HOTA_ALPHAS;
    values[V_ASSA] = onus_sum_get(&assa) / ONUS_HOTA_ALPHAS;
}

typedef struct measured {
    onus_identity identity;
    onus_clear clear;
    onus_hota hota;
    double *sums; /* person by person */
    size_t n_people;
    fixed_part fixed;
} measured;

static onus_status measure(tracking *k, measured *out) {
    onus_status status;
    const onus_overlaps *o = &k->overlaps;
    const size_t n = o->n_people;
    uint32_t *of[4]; /* output boxes, identity, found, switches */
    for (int i = 0; i < 4; i++) {
        of[i] = match_alloc(k->t, n, sizeof *of[i]);
        if (of[i] == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    onus_hota_share *share_of = match_alloc(k->t, n, sizeof *share_of);
    out->sums = match_alloc(k->t, n * N_SUMS, sizeof *out->sums);
    if (share_of == NULL || out->sums == NULL) {
        return ONUS_ERR_NOMEM;
    }
    uint64_t n_nobody = 0;
    ONUS_TRY(onus_boxes_by_person(o, &k->truth, &k->output, of[0], &n_nobody));
    ONUS_TRY(onus_identity_measure(o, &out->identity, of[1]));
    ONUS_TRY(onus_clear_measure(o, &out->clear, of[2], of[3]));
    ONUS_TRY(onus_hota_measure(o, &out->hota, share_of));
    out->fixed.n_nobody = (double)n_nobody;
    for (size_t p = 0; p < n; p++) {
        if (o->truth_boxes[p] == 0) {
            continue; /* a number that no true box bears */
        }
        double *row = out->sums + out->n_people++ * N_SUMS;
        row[OF_TRUE] = o->truth_boxes[p];
        for (int i = 0; i < 4; i++) {
            row[OF_OUTPUT + i] = of[i][p];
        }
        for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
            row[OF_HOTA + a] = share_of[p].tp[a];
            row[OF_ASS + a] = share_of[p].ass[a];
        }
    }
out:
    return status;
}

/* ---- measures ---- */

static onus_number hota_number(const onus_hota *hota, double value) {
    return hota->reason != NULL ? onus_number_none(hota->reason) : onus_number_of(value);
}

static void set_fraction_of(onus_measure *m, double num, double den, onus_number value) {
    onus_draft_set_number(m, value);
    m->has_fraction = m->has_value;
    m->num = m->has_value ? num : 0.0;
    m->den = m->has_value ? den : 0.0;
}

static onus_status add_measures(tracking *k, const measured *got,
                                const onus_cluster_estimate *drawn) {
    onus_status status = ONUS_OK;
    const double tp = (double)got->identity.tp;
    const double n_true = (double)k->truth.n_boxes;
    const double n_output = (double)k->output.n_boxes;
    onus_measure m[N_VALUES];
    for (int v = 0; v < N_VALUES; v++) {
        m[v] = match_draft_of(IDS[v]);
    }
    set_fraction_of(&m[V_IDF1], 2.0 * tp, n_true + n_output, got->identity.f1);
    set_fraction_of(&m[V_IDP], tp, n_output, got->identity.precision);
    set_fraction_of(&m[V_IDR], tp, n_true, got->identity.recall);
    onus_draft_set_number(&m[V_HOTA], hota_number(&got->hota, got->hota.mean.hota));
    onus_draft_set_number(&m[V_DETA], hota_number(&got->hota, got->hota.mean.deta));
    onus_draft_set_number(&m[V_ASSA], hota_number(&got->hota, got->hota.mean.assa));
    onus_draft_set_number(&m[V_MOTA], got->clear.mota);
    for (int v = 0; v < N_VALUES; v++) {
        if (drawn != NULL) {
            match_set_drawn(k->t, &m[v], &drawn[v]);
        }
        ONUS_TRY(match_add(k->t, &m[v], NULL));
    }
    onus_measure switches = match_draft_of("match.id_switches");
    set_fraction_of(&switches, (double)got->clear.id_switches, n_true,
                    onus_number_of((double)got->clear.id_switches));
    switches.has_fraction = false;
    ONUS_TRY(match_add(k->t, &switches, NULL));
out:
    return status;
}

static onus_status measure_tracks(tracking *k) {
    onus_status status;
    match_trial *t = k->t;
    measured got = {0};
    onus_cluster_estimate drawn[N_VALUES];
    ONUS_TRY(measure(k, &got));
    if (got.n_people > 0) {
        const onus_cluster_data data = {
            .sums = got.sums, .n_clusters = got.n_people, .n_sums = N_SUMS, .n_strata = 1};
        onus_cluster_opts opts = ONUS_CLUSTER_OPTS_INIT;
        opts.level = t->c->protocol.level;
        opts.seed = t->c->protocol.seed;
        opts.n_replicates = t->c->protocol.n_replicates;
        ONUS_TRY(onus_cluster_estimates(&data, values_of, &got.fixed, N_VALUES, &opts, t->context,
                                        drawn, t->err));
        for (int v = 0; v < N_VALUES; v++) { /* no score goes beyond 1; all but MOTA end at 0 */
            drawn[v].limits.high = fmin(drawn[v].limits.high, 1.0);
            drawn[v].limits.low =
                v == V_MOTA ? drawn[v].limits.low : fmax(drawn[v].limits.low, 0.0);
        }
    }
    ONUS_TRY(add_measures(k, &got, got.n_people > 0 ? drawn : NULL));
out:
    return status;
}

static onus_status not_testable(match_trial *t, const char *why) {
    static const char *const more[] = {"match.id_switches", "match.people_per_trail",
                                       "match.mixed_trails", "match.bystanders_per_trail",
                                       "match.trail_purity"};
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < N_VALUES + sizeof more / sizeof more[0]; i++) {
        onus_measure m = match_draft_of(i < N_VALUES ? IDS[i] : more[i - N_VALUES]);
        m.reason = why;
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    return status;
}

static onus_boxes boxes_of(const onus_tracks *in) {
    return (onus_boxes){.n_boxes = in->n_boxes,
                        .camera = in->camera,
                        .frame = in->frame,
                        .track = in->track,
                        .x = in->x,
                        .y = in->y,
                        .w = in->w,
                        .h = in->h,
                        .n_tracks = in->n_tracks};
}

onus_status match_tracks(match_trial *t) {
    onus_status status = ONUS_OK;
    const onus_tracks *truth = &t->m->truth;
    const onus_tracks *output = &t->m->output;
    if (truth->n_boxes == 0 && output->n_boxes == 0) {
        return ONUS_OK;
    }
    if ((truth->n_boxes > 0 && truth->x == NULL) || (output->n_boxes > 0 && output->x == NULL)) {
        return not_testable(t, "the track tables have no boxes: what overlaps what is not known");
    }
    tracking k = {.t = t, .truth = boxes_of(truth), .output = boxes_of(output)};
    ONUS_TRY(onus_overlaps_make(&k.truth, &k.output, &k.overlaps, t->err));
    ONUS_TRY(measure_tracks(&k));
    ONUS_TRY(match_trail_measures(&k));
out:
    onus_overlaps_clear(&k.overlaps);
    return status;
}

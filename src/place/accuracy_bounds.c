/* Would the comparison stand if patrols had changed what was recorded?
 *
 * Where officers are, more gets recorded, or less happens. Both change the counts of visited ground
 * alone: of what the product captured there, and of what a method of comparison did. With C and B
 * captured in all, and c and b of them on visited ground,
 *
 *   ratio(delta) = (C + delta c) / (B + delta b)
 *
 * at +delta (patrols kept records away, so there was more) and at -delta (they added some). Its
 * interval is made anew from the same units of time. place.flip_delta is the smallest delta, up or
 * down, at which the interval no longer lies on the side of a bound that it lies on as recorded: of
 * 1, and of every bound that a claim about place.capture_ratio names.
 *
 * How the methods were fitted is left as it is: what a patrol long ago did to their history is not
 * asked. Called by accuracy.c after the comparison. Never looks at a cell. */
#include <math.h>
#include <string.h>

#include "accuracy_compare.h"
#include "accuracy_parts.h"
#include "onus/alloc.h"

enum { BOUNDS_MAX = 8, N_STEPS = 100 /* to a hundredth */, N_COLUMNS = 4 };

/** One method at one level: captured by product and method, of all and on visited ground. */
typedef struct shaken {
    const place_trial *t;
    const accuracy *a;
    const acc_slice *slice;
    size_t level;
    size_t baseline;
    double *sums; /* n_units * N_COLUMNS */
    double *pair; /* n_units * 2: as changed */
} shaken;

static onus_status as_changed(const shaken *s, double delta, onus_paired *out) {
    const onus_pair pair = {.product = 0, .baseline = 1};
    onus_paired_opts opts = ONUS_PAIRED_OPTS_INIT;
    opts.n_replicates = 0; /* the interval that decides is closed */
    opts.level = s->t->c->protocol.level;
    for (size_t u = 0; u < s->a->n_units; u++) {
        const double *sum = s->sums + u * N_COLUMNS;
        s->pair[2 * u] = fmax(sum[0] + delta * sum[2], 0.0);
        s->pair[2 * u + 1] = fmax(sum[1] + delta * sum[3], 0.0);
    }
    return onus_paired_compare(s->pair, s->a->n_units, 2, &pair, 1, &opts, s->t->context, out,
                               s->t->err);
}

/* On which side of the bound the whole interval lies: 1 above, -1 below, 0 on both. */
static int side_of(const onus_paired *paired, double bound) {
    const onus_limits limits = paired->ratio_limits;
    return !paired->trusted || isnan(limits.low) || isnan(limits.high) ? 0
           : limits.low >= bound                                       ? 1
           : limits.high < bound                                       ? -1
                                                                       : 0;
}

static onus_measure begin(const shaken *s, const char *id) {
    onus_measure m = place_draft_of(id);
    acc_scope(s->a, &m, s->slice, s->level);
    onus_scope_set_text(&m.scope, "baseline", onus_baseline_name(s->a->baselines[s->baseline]));
    return m;
}

static onus_status add_bounds(place_trial *t, const shaken *s, double delta) {
    onus_status status = ONUS_OK;
    onus_paired at[2];
    ONUS_TRY(as_changed(s, -delta, &at[0]));
    ONUS_TRY(as_changed(s, delta, &at[1]));
    const bool swap = at[1].ratio < at[0].ratio;
    for (int high = 0; high < 2; high++) {
        const onus_paired *paired = &at[(high != 0) != swap ? 1 : 0];
        onus_measure m = begin(s, "place.capture_ratio_bound");
        onus_scope_set_text(&m.scope, "bound", high != 0 ? "high" : "low");
        onus_scope_set_number(&m.scope, "delta", delta);
        onus_draft_set_fraction(&m, paired->product, paired->baseline,
                                "the method of comparison captured nothing");
        acc_set_ratio_interval(t, s->a, &m, paired, 1.0);
        ONUS_TRY(place_add(t, &m, NULL));
    }
out:
    return status;
}

static onus_status add_flip(place_trial *t, const shaken *s, double bound) {
    onus_paired paired;
    onus_status status = ONUS_OK;
    double flip = NAN;
    onus_measure m = begin(s, "place.flip_delta");
    onus_scope_set_number(&m.scope, "than", bound);
    ONUS_TRY(as_changed(s, 0.0, &paired));
    const int side = side_of(&paired, bound);
    for (int k = 1; k <= N_STEPS && isnan(flip) && side != 0 && s->a->leak == NULL; k++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            ONUS_TRY(as_changed(s, sign * (double)k / N_STEPS, &paired));
            flip = side_of(&paired, bound) != side ? (double)k / N_STEPS : flip;
        }
    }
    onus_draft_set_number(&m,
                          !isnan(flip) ? onus_number_of(flip)
                          : s->a->leak != NULL || side == 0
                              ? onus_number_none("as recorded there is no verdict that could turn")
                              : onus_number_none("the verdict stands at any delta up to 100 %"));
    status = place_add(t, &m, NULL);
out:
    return status;
}

/* 1, and what claims name: each once. */
static size_t bounds_asked(const onus_case *c, double bounds[BOUNDS_MAX]) {
    size_t n = 0;
    bounds[n++] = 1.0;
    for (size_t k = 0; k < c->n_claims; k++) {
        const onus_claim_ref *claim = &c->claims[k];
        const double named[] = {claim->has_at_least ? claim->at_least : NAN,
                                claim->has_at_most ? claim->at_most : NAN};
        for (size_t q = 0; q < 2 && strcmp(claim->measure, "place.capture_ratio") == 0; q++) {
            bool again = isnan(named[q]);
            for (size_t i = 0; i < n; i++) {
                again = again || bounds[i] == named[q];
            }
            if (!again && n < BOUNDS_MAX) {
                bounds[n++] = named[q];
            }
        }
    }
    return n;
}

static onus_status one_method(place_trial *t, shaken *s, size_t visited) {
    const accuracy *a = s->a;
    const size_t columns[N_COLUMNS] = {acc_at(a, s->level, ACC_CAPTURED),
                                       acc_at_baseline(a, s->level, s->baseline, ONUS_TIE_ASKED),
                                       acc_at_part(a, visited, s->level, 0),
                                       acc_at_part(a, visited, s->level, 1 + s->baseline)};
    double bounds[BOUNDS_MAX];
    const size_t n_bounds = bounds_asked(t->c, bounds);
    onus_status status = ONUS_OK;
    s->sums = acc_by_unit(a, s->slice, columns, N_COLUMNS);
    s->pair = onus_alloc_n(2 * a->n_units, sizeof *s->pair);
    if (s->sums == NULL || s->pair == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t d = 0; d < t->c->patrols.delta.n; d++) {
        ONUS_TRY(add_bounds(t, s, t->c->patrols.delta.items[d]));
    }
    for (size_t k = 0; k < n_bounds; k++) {
        ONUS_TRY(add_flip(t, s, bounds[k]));
    }
out:
    onus_free(s->sums);
    onus_free(s->pair);
    return status;
}

onus_status acc_bounds(place_trial *t, const accuracy *a) {
    onus_status status = ONUS_OK;
    size_t visited = 0;
    while (visited < a->n_parts && a->parts[visited].kind != ACC_PART_VISITED) {
        visited++;
    }
    if (visited == a->n_parts) {
        return ONUS_OK;
    }
    const acc_slice *all = &a->slices[0];
    onus_measure share = place_draft_of("place.recorded_under_patrol");
    onus_draft_set_fraction(&share, acc_total(a, all, acc_at_part_outcomes(a, visited)),
                            acc_total(a, all, acc_at_common(a, ACC_OUTCOMES)),
                            "no outcomes were recorded");
    ONUS_TRY(place_add(t, &share, NULL));
    for (size_t l = 0; l < a->n_levels; l++) {
        for (size_t b = 0; b < a->n_baselines; b++) {
            shaken s = {.t = t, .a = a, .slice = all, .level = l, .baseline = b};
            if (a->no_baseline[b] == NULL) {
                ONUS_TRY(one_method(t, &s, visited));
            }
        }
    }
out:
    return status;
}

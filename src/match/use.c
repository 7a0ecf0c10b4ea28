/* The use that is meant: searches a day, a list, a crowd, a chain of links; errors in people a day.
 *
 * The idea: "1 in 10,000" is said of comparisons, and read as if it were said of people. The same
 * measured rates are carried to a search of the list, to a person in view, to an alert, to a day,
 * to a trail of k links and to everybody's sightings joined. All are monotone in each rate, so the
 * limits of the rates, carried through together, are limits of the result.
 *
 * Called by trial.c after rates and searches: it reads their drafts and measures nothing itself.
 * Where the product's own list searches were measured, alerts follow from them; else from
 * comparisons, and the scope key `from` says which. Never follows a person. */
#include <math.h>
#include <string.h>

#include "match_internal.h"
#include "onus/stats_chain.h"

enum { HOPS_SHOWN_MAX = 20 };

/* ---- a rate with its limits ---- */

typedef struct carried {
    double at[3]; /* value, low, high; NaN: not known */
    bool weak;
    const char *weak_reason;
    bool has_interval;
    const char *missing; /* why there is no value; NULL if there is */
} carried;

static carried unknown(const char *why) {
    return (carried){.at = {NAN, NAN, NAN}, .missing = why};
}

static carried carried_of(const onus_measure *m) {
    if (!m->has_value || m->withheld) {
        return unknown(m->reason != NULL ? m->reason : "the rate is not known");
    }
    const onus_interval *i = &m->interval;
    carried out = {.at = {m->value, NAN, NAN},
                   .weak = i->weak,
                   .weak_reason = i->weak_reason,
                   .has_interval = i->given && !isnan(i->low) && !isnan(i->high)};
    if (out.has_interval) {
        out.at[1] = i->low;
        out.at[2] = i->high;
    }
    return out;
}

/* The draft of a rate of everybody in the main set at this threshold. */
static carried rate_of(const match_trial *t, const char *id, const match_point *point) {
    onus_measure like = {0};
    if (t->main == NULL) {
        return unknown("there are no comparisons"); /* searches or tracks alone */
    }
    match_scope_set(&like, t->main);
    match_scope_point(&like, point);
    const size_t at = onus_draft_find(&t->drafts, id, &like.scope);
    return at == SIZE_MAX ? unknown("the rate was not measured") : carried_of(match_drafted(t, at));
}

/* A draft without a scope. */
static carried drafted(const match_trial *t, const char *id) {
    const size_t at = onus_draft_find(&t->drafts, id, NULL);
    return at == SIZE_MAX ? unknown("it was not measured") : carried_of(match_drafted(t, at));
}

/* Of everybody, at this threshold; on a list of this size or (0) of that which was searched; read
 * to any rank, or to all. */
static bool is_search(const onus_measure *m, const char *id, const match_point *point, double list,
                      bool any_rank) {
    bool has_threshold = false;
    bool has_list = false;
    if (strcmp(m->def->id, id) != 0) {
        return false;
    }
    for (size_t i = 0; i < m->scope.n_items; i++) {
        const char *key = m->scope.items[i].key;
        const double number = m->scope.items[i].number;
        if (strcmp(key, "threshold") == 0) {
            has_threshold = number == point->threshold && !point->in_use;
            if (!has_threshold) {
                return false;
            }
        } else if (strcmp(key, "list_size") == 0) {
            has_list = number == list;
            if (!has_list) {
                return false;
            }
        } else if (!any_rank || strcmp(key, "rank") != 0) {
            return false; /* a group, another protocol */
        }
    }
    return has_threshold != point->in_use && has_list == (list > 0.0);
}

/* The product's own searches: those read to the end before those read to a rank. */
static carried search_rate_of(const match_trial *t, const char *id, const match_point *point,
                              double list) {
    for (int any_rank = 0; any_rank < 2; any_rank++) {
        for (size_t i = 0; i < t->drafts.n_items; i++) {
            const onus_measure *m = match_drafted(t, i);
            if (m->def != NULL && is_search(m, id, point, list, any_rank == 1)) {
                return carried_of(m);
            }
        }
    }
    return unknown("no list search was measured");
}

/* ---- figures of the use ---- */

typedef struct use {
    match_trial *t;
    const match_point *point; /* NULL: a figure that knows no threshold */
    onus_series *series;
    carried fmr; /* by comparison */
    carried fnmr;
    carried fpir; /* by search of the list that is meant */
    carried fnir;
    carried right; /* hops of the product's tracks; at no threshold */
    carried wrong;
    const char *from; /* searches or comparisons */
} use;

typedef onus_number (*use_fn)(const use *u, double a, double b, double k);

/* A figure from one or two rates. sign_b -1: it falls where b rises. */
typedef struct figure {
    const char *id;
    use_fn fn;
    const carried *a;
    const carried *b; /* NULL: of a alone */
    int sign_a;
    int sign_b;
    double k; /* hops, or 0 */
    const char *key;
    const char *text; /* value of key; NULL: k is */
    bool from;        /* the scope says whether searches or comparisons were measured */
} figure;

static onus_number at_limits(const use *u, const figure *f, int end) {
    const int a_end = end == 0 ? 0 : (f->sign_a > 0) == (end == 2) ? 2 : 1;
    const int b_end = end == 0 ? 0 : (f->sign_b > 0) == (end == 2) ? 2 : 1;
    return f->fn(u, f->a->at[a_end], f->b != NULL ? f->b->at[b_end] : NAN, f->k);
}

static void set_interval(const use *u, const figure *f, onus_measure *m) {
    const carried *b = f->b != NULL ? f->b : f->a;
    if (!m->has_value || !f->a->has_interval || !b->has_interval) {
        return;
    }
    const onus_number low = at_limits(u, f, 1);
    const onus_number high = at_limits(u, f, 2);
    const bool weak = f->a->weak || b->weak;
    if (isnan(low.value) && isnan(high.value)) {
        return;
    }
    m->interval = (onus_interval){.given = true,
                                  .level = u->t->c->protocol.level,
                                  .low = isfinite(low.value) ? fmin(low.value, m->value) : NAN,
                                  .high = isfinite(high.value) ? fmax(high.value, m->value) : NAN,
                                  .method = f->b != NULL ? "limits of both rates carried through"
                                                         : "limits of the rate carried through",
                                  .resampled = "person",
                                  .weak = weak,
                                  .weak_reason = !weak        ? NULL
                                                 : f->a->weak ? f->a->weak_reason
                                                              : b->weak_reason};
}

static onus_status add_to_series(const use *u, const onus_measure *m, const figure *f) {
    onus_status status = ONUS_OK;
    onus_text name = {0};
    onus_text_add(&name, m->def->id);
    if (f->text != NULL) {
        onus_text_addf(&name, " %s", f->text);
    } else if (f->key != NULL) {
        onus_text_addf(&name, " %g", f->k);
    }
    if (name.failed) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_series_text(u->series, name.data));
    ONUS_TRY(onus_series_text(u->series, m->def->unit));
    ONUS_TRY(onus_series_number(u->series, m->has_value ? m->value : NAN));
    ONUS_TRY(onus_series_number(u->series, m->interval.given ? m->interval.low : NAN));
    ONUS_TRY(onus_series_number(u->series, m->interval.given ? m->interval.high : NAN));
out:
    onus_text_clear(&name);
    return status;
}

static onus_status add_figure(const use *u, const figure *f) {
    onus_measure m = match_draft_of(f->id);
    onus_status status = ONUS_OK;
    if (u->point != NULL) {
        match_scope_point(&m, u->point);
    }
    if (f->key != NULL && f->text != NULL) {
        onus_scope_set_text(&m.scope, f->key, f->text);
    } else if (f->key != NULL) {
        onus_scope_set_number(&m.scope, f->key, f->k);
    }
    if (f->from) {
        onus_scope_set_text(&m.scope, "from", u->from);
    }
    const char *missing = f->a->missing != NULL ? f->a->missing
                          : f->b != NULL        ? f->b->missing
                                                : NULL;
    onus_draft_set_number(&m, missing != NULL ? onus_number_none(missing) : at_limits(u, f, 0));
    set_interval(u, f, &m);
    if (u->point == NULL || u->point->in_use || !u->t->has_in_use) {
        ONUS_TRY(add_to_series(u, &m, f));
    }
    ONUS_TRY(match_add(u->t, &m, NULL));
out:
    return status;
}

/* ---- what they are ---- */

static const onus_deployment_ref *deployed(const use *u) {
    return &u->t->c->match.deployment;
}

static onus_number not_given(const char *key) {
    return onus_number_none(key);
}

static onus_number list_fpir(const use *u, double fmr, double b, double k) {
    (void)b;
    (void)k;
    return deployed(u)->n_on_list > 0 ? onus_fpir_of(fmr, (double)deployed(u)->n_on_list)
                                      : not_given("deployment.people_on_list is not given");
}

static onus_number list_bound(const use *u, double fmr, double b, double k) {
    (void)b;
    (void)k;
    return deployed(u)->n_on_list > 0 ? onus_fpir_bound(fmr, (double)deployed(u)->n_on_list)
                                      : not_given("deployment.people_on_list is not given");
}

static onus_number ppv(const use *u, double fpir, double fnir, double k) {
    (void)k;
    return isnan(deployed(u)->prevalence_frac)
               ? not_given("deployment.prevalence is not given")
               : onus_ppv(deployed(u)->prevalence_frac, 1.0 - fnir, fpir);
}

/* Of those alerts, how many are wrong. */
static onus_number wrong_per_alert(const use *u, double fpir, double fnir, double k) {
    const onus_number right = ppv(u, fpir, fnir, k);
    return isnan(right.value) ? right : onus_number_of(1.0 - right.value);
}

static onus_number wrong_per_comparison(const use *u, double fmr, double b, double k) {
    (void)u;
    (void)b;
    (void)k;
    return onus_number_of(fmr);
}

static onus_number wrong_per_search(const use *u, double fpir, double b, double k) {
    (void)u;
    (void)b;
    (void)k;
    return onus_number_of(fpir);
}

/* Somebody who is on no list is alerted at least once, each sighting searched. */
static onus_number wrong_per_person(const use *u, double fpir, double b, double k) {
    (void)b;
    (void)k;
    return isnan(deployed(u)->sightings_each) ? not_given("deployment.sightings_each is not given")
                                              : onus_fpir_of(fpir, deployed(u)->sightings_each);
}

static double share_not_on_list(const use *u) {
    const double share = deployed(u)->prevalence_frac;
    return isnan(share) ? 1.0 : 1.0 - share; /* nobody on the list: the most there can be */
}

static onus_number false_alerts(const use *u, double fpir, double b, double k) {
    (void)b;
    (void)k;
    return isnan(deployed(u)->searches_per_day)
               ? not_given("deployment.searches_per_day is not given")
               : onus_number_of(deployed(u)->searches_per_day * share_not_on_list(u) * fpir);
}

static onus_number missed(const use *u, double fnir, double b, double k) {
    (void)b;
    (void)k;
    return isnan(deployed(u)->searches_per_day) || isnan(deployed(u)->prevalence_frac)
               ? not_given("deployment.searches_per_day or prevalence is not given")
               : onus_number_of(deployed(u)->searches_per_day * deployed(u)->prevalence_frac *
                                fnir);
}

/* Others in view, each with one sighting, and the person sought always among them: the best case.
 */
static double n_others(const use *u) {
    return deployed(u)->n_people > 1 ? (double)(deployed(u)->n_people - 1) : NAN;
}

static onus_number of_people(const use *u, onus_number value) {
    return isnan(n_others(u)) ? not_given("deployment.people is not given") : value;
}

static onus_number branching(const use *u, double fmr, double fnmr, double k) {
    (void)k;
    return of_people(u, onus_hop_of(n_others(u), fmr, fnmr, 1.0).branching);
}

static onus_number wrong_people(const use *u, double fmr, double fnmr, double k) {
    const onus_number wrong = onus_hop_wrong_after(n_others(u), fmr, fnmr, 1.0, (uint32_t)k);
    /* links multiply, people do not: at most everybody */
    return of_people(u, isnan(wrong.value) ? onus_number_of(n_others(u))
                                           : onus_number_of(fmin(wrong.value, n_others(u))));
}

static onus_chain chain(const use *u, double fmr, double fnmr, double k) {
    /* of the links that are followed, the share that is right: c / (c + w) */
    const double right = onus_hop_of(n_others(u), fmr, fnmr, 1.0).precision.value;
    return onus_chain_after(right, 1.0 - right, (uint32_t)k);
}

static onus_number purity(const use *u, double fmr, double fnmr, double k) {
    return of_people(u, chain(u, fmr, fnmr, k).on_target);
}

static onus_number share_right(const use *u, double fmr, double fnmr, double k) {
    return of_people(u, chain(u, fmr, fnmr, k).purity);
}

/* The same from links that the product's own tracks made: right with c, wrong with w. */
static onus_number track_purity(const use *u, double c, double w, double k) {
    (void)u;
    return c + w > 0.0 ? onus_chain_after(c / (c + w), w / (c + w), (uint32_t)k).on_target
                       : onus_number_none("nothing is ever linked");
}

static onus_number track_share(const use *u, double c, double w, double k) {
    (void)u;
    return c + w > 0.0 ? onus_chain_after(c / (c + w), w / (c + w), (uint32_t)k).purity
                       : onus_number_none("nothing is ever linked");
}

static onus_number merged(const use *u, double fmr, double b, double k) {
    (void)b;
    (void)k;
    const onus_deployment_ref *d = deployed(u);
    return d->n_people == 0 || isnan(d->sightings_each)
               ? not_given("deployment.people or sightings_each is not given")
               : onus_merge_share((double)d->n_people, d->sightings_each, fmr);
}

/* ---- the rates of a search of the list that is meant ---- */

static carried carry(const use *u, use_fn fn, const carried *from) {
    carried out = *from;
    for (int end = 0; end < 3 && from->missing == NULL; end++) {
        const onus_number value = isnan(from->at[end]) && end > 0 ? onus_number_none("no limit")
                                                                  : fn(u, from->at[end], NAN, 0.0);
        out.at[end] = value.value;
        if (end == 0 && isnan(value.value)) {
            return unknown(value.reason);
        }
    }
    return out;
}

static void set_search_rates(use *u) {
    const double list = (double)deployed(u)->n_on_list;
    u->fpir = search_rate_of(u->t, "match.fpir", u->point, list);
    u->fnir = search_rate_of(u->t, "match.fnir", u->point, 0.0);
    u->from = "searches";
    if (u->fpir.missing != NULL) {
        u->from = "comparisons";
        u->fpir = carry(u, list_fpir, &u->fmr);
        u->fnir = u->fnmr; /* one sighting of the person on the list */
    }
}

/* ---- the family ---- */

static onus_status add_critical(use *u) {
    const onus_deployment_ref *d = deployed(u);
    onus_measure m = match_draft_of("match.critical_fmr");
    onus_draft_set_number(&m, d->n_people == 0 || isnan(d->sightings_each)
                                  ? not_given("deployment.people or sightings_each is not given")
                                  : onus_merge_critical((double)d->n_people, d->sightings_each));
    return match_add(u->t, &m, NULL);
}

/* Trails of so many hops: from the product's own tracks where there are some, said once; else from
 * comparisons, at every threshold. */
static onus_status add_hop(const use *u, uint32_t hop) {
    const double k = (double)hop;
    const figure by_tracks[] = {
        {"match.trail_purity", track_purity, &u->right, &u->wrong, 1, -1, k, "hops", NULL, false},
        {"match.trail_share", track_share, &u->right, &u->wrong, 1, -1, k, "hops", NULL, false}};
    const figure by_comparisons[] = {
        {"match.trail_purity", purity, &u->fmr, &u->fnmr, -1, -1, k, "hops", NULL, false},
        {"match.trail_share", share_right, &u->fmr, &u->fnmr, -1, -1, k, "hops", NULL, false}};
    const figure wrong = {
        "match.wrong_people", wrong_people, &u->fmr, &u->fnmr, 1, -1, k, "hops", NULL, false};
    const bool has_tracks = u->right.missing == NULL && u->wrong.missing == NULL;
    onus_status status = ONUS_OK;
    if (hop > HOPS_SHOWN_MAX && hop < deployed(u)->n_hops) {
        return ONUS_OK; /* the first ones, and the last */
    }
    for (size_t f = 0; f < 2 && (!has_tracks || u->point == NULL); f++) {
        ONUS_TRY(add_figure(u, has_tracks ? &by_tracks[f] : &by_comparisons[f]));
    }
    if (u->point != NULL) {
        ONUS_TRY(add_figure(u, &wrong));
    }
out:
    return status;
}

static onus_status try_point(use *u) {
    onus_status status = ONUS_OK;
    u->fmr = rate_of(u->t, "match.fmr", u->point);
    u->fnmr = rate_of(u->t, "match.fnmr", u->point);
    set_search_rates(u);
    const figure figures[] = {
        {"match.fpir_bound", list_bound, &u->fmr, NULL, 1, 0, 0, NULL, NULL, false},
        {"match.ppv", ppv, &u->fpir, &u->fnir, -1, -1, 0, NULL, NULL, true},
        {"match.error_in_use", wrong_per_comparison, &u->fmr, NULL, 1, 0, 0, "per", "comparison",
         false},
        {"match.error_in_use", wrong_per_search, &u->fpir, NULL, 1, 0, 0, "per", "search", true},
        {"match.error_in_use", wrong_per_person, &u->fpir, NULL, 1, 0, 0, "per", "person", true},
        {"match.error_in_use", wrong_per_alert, &u->fpir, &u->fnir, 1, 1, 0, "per", "alert", true},
        {"match.false_alerts_per_day", false_alerts, &u->fpir, NULL, 1, 0, 0, NULL, NULL, true},
        {"match.missed_per_day", missed, &u->fnir, NULL, 1, 0, 0, NULL, NULL, true},
        {"match.branching", branching, &u->fmr, &u->fnmr, 1, -1, 0, NULL, NULL, false},
        {"match.merged_share", merged, &u->fmr, NULL, 1, 0, 0, NULL, NULL, false},
    };
    if (deployed(u)->n_on_list > 0 && strcmp(u->from, "comparisons") == 0) {
        const figure fpir = {
            "match.fpir", list_fpir, &u->fmr, NULL, 1, 0, (double)deployed(u)->n_on_list,
            "list_size",  NULL,      false};
        ONUS_TRY(add_figure(u, &fpir));
    }
    for (size_t f = 0; f < sizeof figures / sizeof figures[0]; f++) {
        ONUS_TRY(add_figure(u, &figures[f]));
    }
    for (uint32_t hop = 1; hop <= deployed(u)->n_hops; hop++) {
        ONUS_TRY(add_hop(u, hop));
    }
out:
    return status;
}

onus_status match_use(match_trial *t) {
    static const char *COLUMNS[] = {"figure", "unit", "value", "low", "high"};
    onus_status status = ONUS_OK;
    if (!t->c->match.deployment.given) {
        return ONUS_OK;
    }
    use u = {
        .t = t, .right = drafted(t, "match.hop_correct"), .wrong = drafted(t, "match.hop_wrong")};
    u.series = onus_result_series(t->result, "deployment", COLUMNS, 5);
    if (u.series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(add_critical(&u));
    const bool has_tracks = u.right.missing == NULL && u.wrong.missing == NULL;
    for (uint32_t hop = 1; has_tracks && hop <= t->c->match.deployment.n_hops; hop++) {
        ONUS_TRY(add_hop(&u, hop));
    }
    for (size_t p = 0; p < t->n_points; p++) {
        u.point = &t->points[p];
        ONUS_TRY(try_point(&u));
    }
out:
    return status;
}

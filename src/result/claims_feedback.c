/* What feeding back adds, in words a council member reads.
 *
 * "After 182 simulated days with patrols to the highest counts, 1 incident found per incident and
 * visit: feeding back what patrols find brings 5.83 % more patrols to where Bremmer live". The
 * names of policies are those of the trial's table (scope policy of feedback.*); a name that is not
 * known here is left to the general wording. Called by claims_text.c and by the page. Never judges.
 */
#include <math.h>
#include <string.h>

#include "claims_internal.h"

static const char *after(const char *text, const char *start) {
    const size_t len = strlen(start);
    return strncmp(text, start, len) == 0 ? text + len : NULL;
}

/* "patrols to the highest counts" of "top_counts"; false: another kind of policy. */
static bool put_policy(onus_text *out, const char *policy) {
    static const char *const scores[][2] = {{"counts", "counts"},
                                            {"kde", "density of records"},
                                            {"near_repeat", "near-repeat score"},
                                            {"self_exciting", "self-exciting rate"}};
    const char *score = after(policy, "top_");
    const bool top = score != NULL;
    score = top ? score : after(policy, "proportional_");
    for (size_t i = 0; score != NULL && i < sizeof scores / sizeof scores[0]; i++) {
        if (strcmp(score, scores[i][0]) == 0) {
            onus_text_addf(out, "patrols %s %s", top ? "to the highest" : "in proportion to the",
                           scores[i][1]);
            return true;
        }
    }
    return false;
}

static const double *number_of(const onus_scope *scope, const char *key) {
    for (size_t i = 0; i < scope->n_items; i++) {
        if (strcmp(scope->items[i].key, key) == 0 && scope->items[i].text == NULL) {
            return &scope->items[i].number;
        }
    }
    return NULL;
}

/* What was simulated. */
static bool put_simulation(onus_text *out, const onus_scope *scope) {
    const double *days = number_of(scope, "horizon_days");
    const double *found = number_of(scope, "discovery");
    const char *model = onus_scope_text(scope, "model");
    const char *policy = onus_scope_text(scope, "policy");
    if (days == NULL || found == NULL || model == NULL || policy == NULL) {
        return false;
    }
    onus_text_add(out, "After ");
    claims_put_figure(out, *days, NULL);
    onus_text_add(out, " simulated days with ");
    if (strcmp(model, "lum_isaac") == 0) {
        const char *formula = onus_scope_text(scope, "formula");
        onus_text_addf(out, "patrols to the cells that the %s algorithm flags, ",
                       onus_text_equal(formula, "published") ? "published" : "corrected");
        claims_put_figure(out, *found, "share");
        onus_text_add(out, " more recorded there");
    } else if (put_policy(out, policy)) {
        onus_text_add(out, ", ");
        claims_put_figure(out, *found, NULL);
        onus_text_add(out, " found per incident and visit");
    } else {
        return false;
    }
    const char *reporting = onus_scope_text(scope, "reporting");
    if (reporting != NULL) {
        onus_text_add(out, strcmp(reporting, "by_area") == 0 ? ", reporting as it differs by area"
                                                             : ", reporting alike everywhere");
    }
    if (onus_text_equal(onus_scope_text(scope, "repair"), "yes")) {
        onus_text_add(out, ", repaired");
    }
    return true;
}

bool onus_result_simulation_words(const onus_scope *scope, onus_text *out) {
    onus_text words = {0};
    const bool known = put_simulation(&words, scope) && !words.failed;
    if (known) {
        onus_text_add(out, words.data);
    }
    out->failed = out->failed || words.failed; /* told once, at the end of the sentence */
    onus_text_clear(&words);
    return known;
}

bool claims_put_amplification(onus_text *out, const onus_measure *m) {
    const char *group = onus_scope_text(&m->scope, "group");
    if (!m->has_value || !onus_result_simulation_words(&m->scope, out)) {
        return false;
    }
    onus_text_add(out, ": feeding back what patrols find ");
    const bool none = !(m->value < 0.0) && !(m->value > 0.0);
    if (none) {
        onus_text_add(out, group != NULL ? "brings as many patrols as keeping it out"
                                         : "moves no patrols away from where incidents happen");
    } else if (group != NULL) {
        onus_text_add(out, "brings ");
        claims_put_figure(out, fabs(m->value), "share");
        onus_text_add(out, m->value > 0.0 ? " more patrols" : " fewer patrols");
    } else {
        onus_text_add(out, "moves ");
        claims_put_figure(out, fabs(m->value), "share");
        onus_text_addf(out, " of all patrols %s where incidents happen",
                       m->value > 0.0 ? "away from" : "to");
    }
    if (group != NULL) {
        onus_text_addf(out, " to where %s live", group);
    }
    return true;
}

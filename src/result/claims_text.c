/* What a council member reads about a claim: one sentence with n of N, and what decided.
 *
 * The idea: a sentence states the fact first (who, how much, of how many), then how sure it is,
 * then what that does to the claim. The measures that claims are mostly made of have their own
 * wording; the others are named by their title and scope. `why` names every source of uncertainty
 * that was not there, every disagreement, and what the correction for several claims changed.
 *
 * Called by claims.c once the verdicts are final. Judges nothing. */
#include <math.h>
#include <string.h>

#include "claims_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/stats_interval.h"

/* ---- figures ---- */

/* value with that many decimals, thousands with commas; free of any locale. */
static void put_decimal(onus_text *out, double value, int decimals) {
    char text[32];
    double step = 1.0;
    for (int i = 0; i < decimals; i++) {
        step *= 10.0;
    }
    const double scaled = round(fabs(value) * step);
    if (!(scaled < 9e15)) { /* beyond exact integers */
        char plain[ONUS_DOUBLE_TEXT_MAX];
        onus_text_add_len(out, plain, onus_format_double(value, plain));
        return;
    }
    const int64_t units = (int64_t)scaled;
    const int64_t one = (int64_t)step;
    if (value < 0.0 && units > 0) {
        onus_text_add(out, "-");
    }
    onus_text_add_len(out, text, onus_format_count(units / one, text));
    if (decimals > 0) {
        onus_text_add(out, ".");
        for (int64_t rest = units % one, place = one / 10; place > 0; place /= 10) {
            const char digit = (char)('0' + (rest / place) % 10);
            onus_text_add_len(out, &digit, 1);
        }
    }
}

static bool is_whole(double value) {
    return fabs(value - round(value)) < 1e-9;
}

/* Three figures, as many as a reader can use; whole numbers in full. */
static void put_plain(onus_text *out, double value) {
    const double size = fabs(value);
    if (is_whole(value)) {
        put_decimal(out, value, 0);
        return;
    }
    int decimals = size >= 1000.0 ? 0 : size >= 10.0 ? 1 : 2;
    for (double at = 0.1; size < at && decimals < 12; at /= 10.0) {
        decimals++;
    }
    put_decimal(out, value, decimals);
}

void claims_put_figure(onus_text *out, double value, const char *unit) {
    if (unit != NULL && strcmp(unit, "share") == 0) {
        put_plain(out, value * 100.0);
        onus_text_add(out, " %");
        return;
    }
    put_plain(out, value);
}

/* A bound as it was written: all of its digits, a share as a percentage. */
static void put_bound(onus_text *out, double bound, const char *unit) {
    const bool is_share = unit != NULL && strcmp(unit, "share") == 0;
    const double value = is_share ? bound * 100.0 : bound;
    int decimals = 0;
    for (double scaled = value; decimals < 12 && fabs(scaled - round(scaled)) > 1e-9;) {
        decimals++;
        scaled *= 10.0;
    }
    put_decimal(out, value, decimals);
    onus_text_add(out, is_share ? " %" : "");
}

void claims_put_bound(onus_text *out, const onus_claim_ref *ref, const char *unit) {
    if (ref->has_at_least && ref->has_at_most) {
        onus_text_add(out, "between ");
        put_bound(out, ref->at_least, unit);
        onus_text_add(out, " and ");
    } else {
        onus_text_add(out, ref->has_at_least ? "at least " : "at most ");
    }
    put_bound(out, ref->has_at_most ? ref->at_most : ref->at_least, unit);
}

static void put_p(onus_text *out, double p) {
    if (p < 0.001) {
        onus_text_add(out, "p < 0.001");
        return;
    }
    onus_text_add(out, "p = ");
    put_decimal(out, p, 3);
}

static void put_limits(onus_text *out, const onus_interval *i, const char *unit) {
    if (isnan(i->low)) {
        onus_text_add(out, "at most ");
        claims_put_figure(out, i->high, unit);
    } else if (isnan(i->high)) {
        onus_text_add(out, "at least ");
        claims_put_figure(out, i->low, unit);
    } else {
        claims_put_figure(out, i->low, unit);
        onus_text_add(out, " to ");
        claims_put_figure(out, i->high, unit);
    }
}

/* ---- the fact ---- */

static const char *scope_text(const onus_measure *m, const char *key, const char *otherwise) {
    const char *text = onus_scope_text(&m->scope, key);
    return text == NULL ? otherwise : text;
}

/* The group's people among all: burden.share over all areas. NULL if there is none to be shown. */
static const onus_measure *people_of(const onus_result *result, const char *universe,
                                     const char *group) {
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        if (strcmp(m->def->id, "burden.share") == 0 && m->has_fraction &&
            onus_text_equal(onus_scope_text(&m->scope, "set"), "all") &&
            onus_text_equal(onus_scope_text(&m->scope, "universe"), universe) &&
            onus_text_equal(onus_scope_text(&m->scope, "group"), group)) {
            return m;
        }
    }
    return NULL;
}

/* "Latino residents (12,345 of 40,000)"; `rest` is everyone else. */
static void put_people(onus_text *out, const onus_result *result, const onus_measure *m,
                       const char *key) {
    const char *group = scope_text(m, key, "all");
    const char *universe = scope_text(m, "universe", "people");
    if (strcmp(group, "rest") == 0) {
        onus_text_addf(out, "all other %s", universe);
        return;
    }
    onus_text_addf(out, "%s %s", group, universe);
    const onus_measure *people = people_of(result, universe, group);
    if (people != NULL) {
        onus_text_add(out, " (");
        put_decimal(out, people->num, 0);
        onus_text_add(out, " of ");
        put_decimal(out, people->den, 0);
        onus_text_add(out, ")");
    }
}

static void put_ratio(onus_text *out, const onus_result *result, const onus_measure *m) {
    const bool shared = onus_text_equal(onus_scope_text(&m->scope, "definition"), "attributed");
    const char *benchmark = onus_scope_text(&m->scope, "benchmark");
    put_people(out, result, m, "group");
    onus_text_add(out, shared ? " carry " : " live with ");
    claims_put_figure(out, m->value, m->def->unit);
    onus_text_add(out, shared ? " times as many flags a head as " : " times as many flags as ");
    put_people(out, result, m, "reference");
    if (benchmark != NULL) {
        onus_text_addf(out, ", measured by %s", benchmark);
    }
}

static void put_share(onus_text *out, const onus_measure *m) {
    const char *set = scope_text(m, "set", "all");
    onus_text_add(out, "Of ");
    put_decimal(out, m->den, 0);
    onus_text_addf(out, " %s in %s, ", scope_text(m, "universe", "people"),
                   strcmp(set, "most") == 0     ? "the most flagged areas"
                   : strcmp(set, "least") == 0  ? "the least flagged areas"
                   : strcmp(set, "median") == 0 ? "the areas in the middle"
                                                : "all areas");
    put_decimal(out, m->num, 0);
    onus_text_add(out, " (");
    claims_put_figure(out, m->value, m->def->unit);
    onus_text_addf(out, ") are %s", scope_text(m, "group", "of the group"));
}

/* Any other measure: its title, its slice, its value, n of N. */
static void put_other(onus_text *out, const onus_measure *m) {
    onus_text_add(out, m->def->title);
    size_t n_put = 0;
    for (size_t i = 0; i < m->scope.n_items; i++) {
        if (strcmp(m->scope.items[i].key, "source") == 0) {
            continue;
        }
        onus_text_addf(out, "%s%s ", n_put++ == 0 ? " (" : ", ", m->scope.items[i].key);
        if (m->scope.items[i].text != NULL) {
            onus_text_add(out, m->scope.items[i].text);
        } else {
            put_plain(out, m->scope.items[i].number);
        }
    }
    onus_text_add(out, n_put > 0 ? "): " : ": ");
    claims_put_figure(out, m->value, m->def->unit);
    if (m->has_fraction) {
        onus_text_add(out, ", ");
        put_plain(out, m->num);
        onus_text_add(out, strcmp(m->def->unit, "ratio") == 0 ? " against " : " of ");
        put_plain(out, m->den);
    }
}

/* "With 20 cells a window it captured 721 recorded outcomes; a moving count of past records,
 * flagging as much ground, captured 718: 1.00 times as many". */
static void put_captured(onus_text *out, const onus_measure *m) {
    const char *type = onus_scope_text(&m->scope, "type");
    for (size_t i = 0; i < m->scope.n_items; i++) {
        if (m->scope.items[i].text != NULL) {
            continue;
        }
        if (strcmp(m->scope.items[i].key, "top") == 0) {
            onus_text_add(out, "with ");
            put_decimal(out, m->scope.items[i].number, 0);
            onus_text_add(out, " cells a window ");
        } else if (strcmp(m->scope.items[i].key, "budget") == 0) {
            onus_text_add(out, "on ");
            claims_put_figure(out, m->scope.items[i].number, "share");
            onus_text_add(out, " of the ground ");
        }
    }
    onus_text_add(out, "the product captured ");
    put_plain(out, m->num);
    onus_text_addf(out, " recorded outcomes%s%s; %s, flagging as much ground, captured ",
                   type != NULL ? " of type " : "", type != NULL ? type : "",
                   onus_method_words(scope_text(m, "baseline", "the method of comparison")));
    put_plain(out, m->den);
    onus_text_add(out, ": ");
    claims_put_figure(out, m->value, m->def->unit);
    onus_text_add(out, " times as many");
}

/* "476 predictions came true; the same boxes, laid anywhere, would have had 18.5: 25.7 times". */
static void put_lift(onus_text *out, const onus_measure *m) {
    const char *type = onus_scope_text(&m->scope, "type");
    put_plain(out, m->num);
    onus_text_addf(out, " predictions%s%s came true; as many, laid anywhere, would have come true ",
                   type != NULL ? " of type " : "", type != NULL ? type : "");
    put_plain(out, m->den);
    onus_text_add(out, " times: ");
    claims_put_figure(out, m->value, m->def->unit);
    onus_text_add(out, " times as often as by chance");
}

static void put_fact(onus_text *out, const onus_result *result, const onus_measure *m) {
    if (strcmp(m->def->id, "burden.ratio") == 0) {
        put_ratio(out, result, m);
    } else if (strcmp(m->def->id, "burden.share") == 0 && m->has_fraction) {
        put_share(out, m);
    } else if (strcmp(m->def->id, "burden.exposure") == 0) {
        put_people(out, result, m, "group");
        onus_text_add(out, " live with ");
        put_plain(out, m->value);
        onus_text_add(out, " flags each on average");
    } else if (strcmp(m->def->id, "burden.above_median") == 0 && m->has_fraction) {
        put_decimal(out, m->num, 0);
        onus_text_add(out, " of ");
        put_decimal(out, m->den, 0);
        onus_text_addf(out, " %s %s (", scope_text(m, "group", ""),
                       scope_text(m, "universe", "people"));
        claims_put_figure(out, m->value, m->def->unit);
        onus_text_add(out, ") live where flags exceed the median");
    } else if (strcmp(m->def->id, "place.hit_lift") == 0 && m->has_fraction && m->has_value) {
        put_lift(out, m);
    } else if (strcmp(m->def->id, "place.capture_ratio") == 0 && m->has_fraction && m->has_value) {
        put_captured(out, m);
    } else if (!claims_put_error_rate(out, m) && !claims_put_affect(out, m) &&
               (strcmp(m->def->id, "feedback.amplification") != 0 ||
                !claims_put_amplification(out, m))) {
        put_other(out, m);
    }
}

/* ---- the sentence ---- */

static const char *unit_of(const claim_work *work) {
    return work->matched.n_items == 0
               ? NULL
               : onus_result_measure(work->result, *(const size_t *)work->matched.items)->def->unit;
}

/* What the evidence lacks, for a claim that cannot be tested. */
static const char *missing_of(const claim_work *work) {
    if (work->missing.len > 0) {
        return work->missing.data;
    }
    return work->whole.missing != NULL ? work->whole.missing : "there is no interval";
}

/* Every interval that could be had lies on one side, but not every source of uncertainty gave one.
 */
static bool decided_but_partial(const claim_part *part) {
    return part->is_partial &&
           (part->at_hand == ONUS_VERDICT_SUPPORTED || part->at_hand == ONUS_VERDICT_CONTRADICTED);
}

static void put_sentence(onus_text *out, const claim_work *work, size_t n_claims,
                         const onus_claim *claim) {
    const char *unit = unit_of(work);
    if (claim->has_value) {
        if (work->readings.n_items > 1 && claim->verdict_raw != ONUS_VERDICT_SUPPORTED) {
            onus_text_addf(out, "Worst of %zu comparisons: ", work->readings.n_items);
        } else if (work->readings.n_items > 1) {
            onus_text_addf(out, "Closest of %zu comparisons: ", work->readings.n_items);
        }
        put_fact(out, work->result, onus_result_measure(work->result, work->whole.measure));
        if (claim->interval.given && claim->interval.exact) {
            const onus_measure *m = onus_result_measure(work->result, work->whole.measure);
            onus_text_add(out, strncmp(m->def->id, "feedback.", 9) == 0
                                   ? "; the same in every run"
                                   : "; all there is was counted");
        } else if (claim->interval.given) {
            /* the spread of a simulation's runs is no confidence in an estimate */
            const bool simulated = onus_text_equal(claim->interval.resampled, "run");
            onus_text_add(out, simulated ? "; in " : "; with ");
            put_plain(out, claim->interval.level * 100.0);
            onus_text_add(out, simulated ? " % of runs " : " % confidence, ");
            put_limits(out, &claim->interval, unit);
        }
        onus_text_add(out, ". ");
    }
    if (claim->verdict == ONUS_VERDICT_NOT_TESTABLE) {
        onus_text_add(out, "Whether it is ");
        claims_put_bound(out, work->ref, unit);
        onus_text_addf(out, " cannot be tested with this evidence: %s.", missing_of(work));
        return;
    }
    if (claim->verdict != claim->verdict_raw) {
        onus_text_addf(out, "Alone that %s the claim of ",
                       claim->verdict_raw == ONUS_VERDICT_SUPPORTED ? "would support"
                                                                    : "would contradict");
        claims_put_bound(out, work->ref, unit);
        if (n_claims > 1) {
            onus_text_addf(out, "; judged together, the %zu claims of this case leave it open.",
                           n_claims);
        } else {
            onus_text_addf(out, "; as one of %zu comparisons it leaves it open.",
                           work->readings.n_items);
        }
        return;
    }
    if (decided_but_partial(&work->whole)) {
        onus_text_addf(out, "As far as it could be examined that would %s the claim of ",
                       work->whole.at_hand == ONUS_VERDICT_SUPPORTED ? "support" : "contradict");
        claims_put_bound(out, work->ref, unit);
        onus_text_addf(out,
                       ", but only %zu of %zu sources of uncertainty could be: it is not shown.",
                       work->whole.n_given, work->whole.n_sources);
        return;
    }
    const onus_interval *interval =
        &onus_result_measure(work->result, work->whole.measure)->interval;
    if (work->whole.is_weak && !work->whole.is_split && interval->weak) {
        /* or a reader wonders why an interval on one side of the bound decides nothing */
        onus_text_addf(out, "No verdict may rest on that interval: %s.", interval->weak_reason);
        return;
    }
    onus_text_add(out, claim->verdict == ONUS_VERDICT_SUPPORTED ? "That supports the claim of "
                       : claim->verdict == ONUS_VERDICT_CONTRADICTED
                           ? "That contradicts the claim of "
                           : "That neither shows nor refutes the claim of ");
    claims_put_bound(out, work->ref, unit);
    onus_text_add(out, ".");
}

/* ---- why ---- */

/* The sources of one value: "flags 1.2 to 1.3, space 0.9 to 1.8"; those without, with their reason.
 */
static void put_sources(onus_text *out, const claim_work *work, const claim_part *part) {
    const size_t *matched = work->matched.items;
    const onus_scope *scope = &onus_result_measure(work->result, part->measure)->scope;
    size_t n_given = 0;
    size_t n_all = 0;
    onus_text without = {0};
    onus_text weak = {0};
    for (size_t i = 0; i < work->matched.n_items; i++) {
        const onus_measure *m = onus_result_measure(work->result, matched[i]);
        const char *source = onus_scope_text(&m->scope, "source");
        if (source == NULL || !claims_same_scope(&m->scope, scope, "source", NULL)) {
            continue;
        }
        n_all++;
        if (!m->interval.given) {
            onus_text_addf(&without, " %s: %s.", source,
                           m->reason != NULL ? m->reason : "no interval");
            continue;
        }
        onus_text_addf(out, "%s%s ",
                       n_given++ == 0 ? " Intervals by source of uncertainty: " : "; ", source);
        put_limits(out, &m->interval, m->def->unit);
        onus_text_addf(out, " (%s)", m->interval.method);
        if (m->interval.weak) {
            onus_text_addf(&weak, " The interval by %s must not carry a verdict: %s.", source,
                           m->interval.weak_reason);
        }
    }
    if (n_given > 0) {
        onus_text_add(out, ".");
        if (n_given < n_all) {
            onus_text_addf(out, " %zu of the %zu sources of uncertainty could be had.", n_given,
                           n_all);
        }
    }
    if (without.len > 0) {
        onus_text_addf(out, " Not available -%s", without.data);
    }
    if (weak.len > 0) {
        onus_text_add(out, weak.data);
    }
    out->failed = out->failed || without.failed || weak.failed;
    onus_text_clear(&without);
    onus_text_clear(&weak);
    const onus_measure *m = onus_result_measure(work->result, part->measure);
    if (n_all == 0 && m->interval.weak) {
        onus_text_addf(out, " Its interval must not carry a verdict: %s.", m->interval.weak_reason);
    }
}

/* "exposure 1.27 (not shown), attributed 1.68 (contradicted)" where the claim names no definition.
 */
static void put_definitions(onus_text *out, const claim_work *work) {
    const claim_part *values = work->values.items;
    const onus_scope *scope = &onus_result_measure(work->result, work->whole.measure)->scope;
    size_t n = 0;
    onus_text list = {0};
    for (size_t i = 0; i < work->values.n_items; i++) {
        const onus_measure *m = onus_result_measure(work->result, values[i].measure);
        const char *definition = onus_scope_text(&m->scope, "definition");
        if (definition == NULL || !claims_same_scope(&m->scope, scope, "source", "definition")) {
            continue;
        }
        onus_text_addf(&list, "%s%s", n++ == 0 ? "" : ", ", definition);
        if (m->has_value) {
            onus_text_add(&list, " ");
            claims_put_figure(&list, m->value, m->def->unit);
        }
        onus_text_addf(&list, " (%s)", onus_verdict_text(values[i].verdict));
    }
    if (n > 1) {
        onus_text_addf(out, " The claim names no definition, so all must agree: %s.", list.data);
    }
    out->failed = out->failed || list.failed;
    onus_text_clear(&list);
}

static void put_readings(onus_text *out, const claim_work *work, const onus_claim *claim) {
    if (work->readings.n_items < 2) {
        return;
    }
    onus_text_addf(
        out, " The claim covers %zu comparisons and the worst decides: ", work->readings.n_items);
    static const onus_verdict order[] = {ONUS_VERDICT_CONTRADICTED, ONUS_VERDICT_NOT_SHOWN,
                                         ONUS_VERDICT_NOT_TESTABLE, ONUS_VERDICT_SUPPORTED};
    size_t n = 0;
    for (size_t i = 0; i < 4; i++) {
        if (work->n_of[order[i]] > 0) {
            onus_text_addf(out, "%s%zu %s", n++ == 0 ? "" : ", ", work->n_of[order[i]],
                           onus_verdict_text(order[i]));
        }
    }
    onus_text_add(out, ".");
    if (claim->verdict_raw == ONUS_VERDICT_CONTRADICTED) {
        onus_text_add(out, " Its p is corrected for that number.");
    }
}

static void put_open(onus_text *out, const claim_work *work, const onus_claim *claim) {
    const char *unit = unit_of(work);
    if (work->whole.is_split) {
        onus_text_add(out, " They do not all lie on the same side of the bound.");
    }
    if (claim->has_detectable) {
        const double bound = !work->ref->has_at_most    ? work->ref->at_least
                             : !work->ref->has_at_least ? work->ref->at_most
                             : claim->value < (work->ref->at_least + work->ref->at_most) / 2.0
                                 ? work->ref->at_least
                                 : work->ref->at_most;
        const bool above = claim->value >= bound;
        onus_text_addf(out, " With 80 %% power this evidence could tell only a true value %s ",
                       above ? "above" : "below");
        claims_put_figure(out, above ? bound + claim->detectable : bound - claim->detectable, unit);
        onus_text_add(out, " from the bound.");
    }
    if (work->whole.measure != SIZE_MAX) {
        claims_put_people_needed(out, onus_result_measure(work->result, work->whole.measure),
                                 work->ref);
    }
}

static void put_why(onus_text *out, const claim_work *work, size_t n_claims,
                    const onus_claim *claim) {
    switch (work->whole.verdict) {
    case ONUS_VERDICT_SUPPORTED:
        onus_text_add(out, "The whole interval lies on the claim's side of the bound.");
        break;
    case ONUS_VERDICT_CONTRADICTED:
        onus_text_add(out, "The whole interval lies on the other side of the bound.");
        break;
    case ONUS_VERDICT_NOT_SHOWN:
        onus_text_add(out, decided_but_partial(&work->whole)
                               ? "A verdict needs every source of uncertainty to agree, and not "
                                 "every one could be had."
                           : work->whole.is_split || work->whole.is_weak
                               ? "The evidence does not decide it."
                               : "The interval contains the bound.");
        break;
    case ONUS_VERDICT_NOT_TESTABLE:
        onus_text_addf(out, "What is missing: %s.", missing_of(work));
        break;
    }
    if (work->matched.n_items > 0) {
        put_definitions(out, work);
        put_sources(out, work, &work->whole);
        put_readings(out, work, claim);
    }
    if (claim->verdict == ONUS_VERDICT_NOT_SHOWN) {
        put_open(out, work, claim);
    }
    if (claim->has_p && n_claims > 1) {
        onus_text_add(out, " Alone ");
        put_p(out, claim->p_value);
        onus_text_addf(out, "; among the %zu claims of the case ", n_claims);
        put_p(out, claim->p_holm);
        onus_text_add(out, " (Holm)");
        if (claim->verdict != claim->verdict_raw) {
            onus_text_addf(out, ", so what alone would be %s counts as not shown",
                           onus_verdict_text(claim->verdict_raw));
        }
        onus_text_add(out, ".");
    } else if (claim->verdict != claim->verdict_raw) {
        onus_text_add(out, " Its corrected ");
        put_p(out, claim->p_holm);
        onus_text_addf(out, ", so what alone would be %s counts as not shown.",
                       onus_verdict_text(claim->verdict_raw));
    }
    if (work->notes.len > 0) {
        onus_text_add(out, work->notes.data);
    }
}

onus_status claims_write(const claim_work *work, size_t n_claims, onus_claim *claim) {
    onus_text sentence = {0};
    onus_text why = {0};
    put_sentence(&sentence, work, n_claims, claim);
    if (!sentence.failed && sentence.len > 0 && sentence.data[0] >= 'a' &&
        sentence.data[0] <= 'z') {
        sentence.data[0] = (char)(sentence.data[0] - 'a' + 'A');
    }
    put_why(&why, work, n_claims, claim);
    claim->sentence = onus_text_take(&sentence);
    claim->why = onus_text_take(&why);
    return claim->sentence == NULL || claim->why == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

/* Claims become verdicts: one rule for every trial.
 *
 * The idea, from the inside out:
 *   a value     is judged by its interval: supported if the whole of it lies on the claim's side of
 * the bound, contradicted if the whole of it lies on the other, else not shown. Several intervals
 * (scope key `source`) must all be there and agree, else not shown (docs/decisions/007); one that
 * is weak caps at not shown. a reading   is a value under each definition the claim leaves open:
 * they must agree. a claim     is every reading that its scope leaves open (`any`, or keys left
 * out): the worst decides, in the order contradicted, not shown, not testable, supported. A
 * counterexample refutes "for everyone"; and what evidence did not show outranks what it could not
 * ask. the family  is all claims of the case: Holm's step-down on their p at the bound. p at a
 * bound comes from the same standard error as the interval, so that the two cannot disagree. A
 * claim on k readings that one of them contradicts had k chances to look wrong: its p is k times
 * that reading's (Bonferroni); support needs all of them, so its p is the largest.
 *
 * Called by the command line between a trial and its report. Never computes a measure and never
 * looks at which trial it was. */
#include "onus/claims.h"

#include <math.h>
#include <string.h>

#include "claims_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

enum { POWER_PERCENT = 80 };

/* An interval that ends exactly at the bound has p equal to the error rate, up to the rounding of
 * the quantile and its inverse (about 1e-12): that must not undo the interval's verdict. */
static const double P_ROUNDING = 1e-9;

/* ---- p at a bound ---- */

static double on_scale(onus_scale scale, double value) {
    switch (scale) {
    case ONUS_SCALE_LOG:
        return value > 0.0 ? log(value) : -INFINITY;
    case ONUS_SCALE_FISHER_Z:
        return value >= 1.0 ? INFINITY : value <= -1.0 ? -INFINITY : atanh(value);
    default:
        return value;
    }
}

/* p that an interval without a standard error implies: its half width on the bound's side, in
 * normal quantiles. An interval that does not hold its own value says only on which side the bound
 * lies. */
static double implied_p(const onus_measure *m, double bound) {
    const double limit = m->value >= bound ? m->interval.low : m->interval.high;
    const double half = m->value >= bound ? m->value - limit : limit - m->value;
    if (isnan(limit)) {
        return 1.0; /* unbounded on that side */
    }
    if (!(half > 0.0)) {
        const bool inside = !(m->interval.low > bound) && !(m->interval.high < bound);
        return inside ? 1.0 : 1.0 - m->interval.level;
    }
    const double quantile = onus_normal_quantile((1.0 + m->interval.level) / 2.0);
    return onus_t_p(quantile * fabs(m->value - bound) / half, INFINITY);
}

/* p of a share's bound from the trials that its interval stands on, as that interval inverts it:
 * the score test (Wilson), and where nothing erred or everything did the exact chance of that. NaN:
 * the interval stands on none. */
static double p_of_trials(const onus_measure *m, double bound) {
    const bool is_wilson = strcmp(m->interval.method, "wilson") == 0;
    const double n = m->interval.n_effective > 0.0  ? m->interval.n_effective
                     : is_wilson && m->has_fraction ? m->den
                                                    : 0.0;
    if (m->interval.n_effective > 0.0 && (m->value == 0.0 || m->value == 1.0)) {
        return pow(m->value == 0.0 ? 1.0 - bound : bound, n);
    }
    if (n > 0.0) {
        const double each = bound * (1.0 - bound);
        const double variance = m->interval.logit_variance > 0.0
                                    ? each / m->den + m->interval.logit_variance * each * each
                                    : each / n;
        return onus_t_p((m->value - bound) / sqrt(variance), m->df > 0.0 ? m->df : INFINITY);
    }
    return NAN;
}

static double p_at(const onus_measure *m, double bound) {
    if (m->interval.exact) {
        return 0.0; /* a figure without error lies where it lies; a bound belongs to its claim */
    }
    if (m->scale != ONUS_SCALE_NONE) {
        const double t = (on_scale(m->scale, m->value) - on_scale(m->scale, bound)) / m->se;
        if (!isnan(t)) {
            return isinf(t) ? 0.0 : onus_t_p(t, m->df > 0.0 ? m->df : INFINITY);
        }
    }
    if (bound > 0.0 && bound < 1.0) {
        const double p = p_of_trials(m, bound);
        if (!isnan(p)) {
            return p;
        }
    }
    return implied_p(m, bound);
}

static double p_of(const onus_measure *m, const onus_claim_ref *ref) {
    if (ref->has_at_least && ref->has_at_most) {
        const double low = p_at(m, ref->at_least);
        const double high = p_at(m, ref->at_most);
        return m->value < ref->at_least ? low : m->value > ref->at_most ? high : fmax(low, high);
    }
    return p_at(m, ref->has_at_least ? ref->at_least : ref->at_most);
}

/* ---- one value ---- */

static double excess_of(double value, const onus_claim_ref *ref) {
    const double below = ref->has_at_least ? ref->at_least - value : -INFINITY;
    const double above = ref->has_at_most ? value - ref->at_most : -INFINITY;
    return fmax(below, above);
}

/* An unbounded limit (NaN) lies on no side: both comparisons are false. */
static onus_verdict verdict_of(const onus_interval *i, const onus_claim_ref *ref) {
    if ((ref->has_at_least && i->high < ref->at_least) ||
        (ref->has_at_most && i->low > ref->at_most)) {
        return ONUS_VERDICT_CONTRADICTED;
    }
    const bool low_holds = !ref->has_at_least || i->low >= ref->at_least;
    const bool high_holds = !ref->has_at_most || i->high <= ref->at_most;
    return low_holds && high_holds ? ONUS_VERDICT_SUPPORTED : ONUS_VERDICT_NOT_SHOWN;
}

static double width_of(const onus_measure *m) {
    if (isnan(m->interval.low) || isnan(m->interval.high)) {
        return INFINITY;
    }
    const double width = on_scale(m->scale, m->interval.high) - on_scale(m->scale, m->interval.low);
    return isnan(width) ? INFINITY : width;
}

/* Adds the interval of one source to a value. */
static void add_source(const claim_work *work, size_t index, claim_part *value) {
    const onus_measure *m = onus_result_measure(work->result, index);
    value->n_sources++;
    if (!m->has_value || !m->interval.given) {
        if (value->missing == NULL) {
            value->missing = m->reason != NULL ? m->reason : "no interval is computed for it";
        }
        return;
    }
    const onus_verdict verdict = verdict_of(&m->interval, work->ref);
    const double p = p_of(m, work->ref);
    if (value->n_given == 0) {
        value->verdict = verdict;
        value->p = p;
    } else {
        value->is_split = value->is_split || verdict != value->verdict;
        value->p = fmax(value->p, p);
    }
    value->n_given++;
    value->is_weak = value->is_weak || m->interval.weak;
    if (value->widest == SIZE_MAX ||
        width_of(m) > width_of(onus_result_measure(work->result, value->widest))) {
        value->widest = index;
        value->measure = index;
    }
}

static claim_part judge_value(const claim_work *work, size_t first) {
    const size_t *matched = work->matched.items;
    const onus_scope *scope = &onus_result_measure(work->result, matched[first])->scope;
    claim_part value = {.verdict = ONUS_VERDICT_NOT_TESTABLE,
                        .p = NAN,
                        .excess = -INFINITY,
                        .measure = matched[first],
                        .widest = SIZE_MAX};
    for (size_t i = first; i < work->matched.n_items; i++) {
        const onus_measure *m = onus_result_measure(work->result, matched[i]);
        if (claims_same_scope(scope, &m->scope, "source", NULL)) {
            add_source(work, matched[i], &value);
        }
    }
    const onus_measure *shown = onus_result_measure(work->result, value.measure);
    if (shown->has_value) {
        value.excess = excess_of(shown->value, work->ref);
    }
    if (value.n_given > 0 && (value.is_split || value.is_weak)) {
        value.verdict = ONUS_VERDICT_NOT_SHOWN;
    }
    value.at_hand = value.verdict;
    value.is_partial = value.n_given > 0 && value.n_given < value.n_sources;
    if (value.is_partial) {
        value.verdict = ONUS_VERDICT_NOT_SHOWN;
    }
    return value;
}

/* Has a measure before this one the same scope, but for these keys? */
static bool met_before(const claim_work *work, const size_t *measures, size_t i, const char *but,
                       const char *and_but) {
    const onus_scope *scope = &onus_result_measure(work->result, measures[i])->scope;
    for (size_t j = 0; j < i; j++) {
        if (claims_same_scope(&onus_result_measure(work->result, measures[j])->scope, scope, but,
                              and_but)) {
            return true;
        }
    }
    return false;
}

static onus_status judge_values(claim_work *work) {
    const size_t *matched = work->matched.items;
    for (size_t i = 0; i < work->matched.n_items; i++) {
        if (!met_before(work, matched, i, "source", NULL)) {
            const claim_part value = judge_value(work, i);
            if (onus_array_push(&work->values, &value) != ONUS_OK) {
                return ONUS_ERR_NOMEM;
            }
        }
    }
    return ONUS_OK;
}

/* ---- readings: the definitions of one value must agree ---- */

static const onus_scope *scope_of(const claim_work *work, const claim_part *part) {
    return &onus_result_measure(work->result, part->measure)->scope;
}

static bool same_reading(const claim_work *work, const claim_part *a, const claim_part *b) {
    return claims_same_scope(scope_of(work, a), scope_of(work, b), "source", "definition");
}

static void add_definition(const claim_part *value, claim_part *reading) {
    const bool split = value->at_hand != reading->at_hand;
    const bool differs = value->verdict != reading->verdict;
    if (value->excess > reading->excess) { /* the definition that speaks most against the claim */
        const claim_part before = *reading;
        *reading = *value;
        reading->is_weak = reading->is_weak || before.is_weak;
        reading->is_split = reading->is_split || before.is_split;
        reading->is_partial = reading->is_partial || before.is_partial;
        reading->p = fmax(reading->p, before.p);
        reading->missing = reading->missing != NULL ? reading->missing : before.missing;
    } else {
        reading->is_weak = reading->is_weak || value->is_weak;
        reading->is_split = reading->is_split || value->is_split;
        reading->is_partial = reading->is_partial || value->is_partial;
        reading->p = fmax(reading->p, value->p);
        reading->missing = reading->missing != NULL ? reading->missing : value->missing;
    }
    if (split) {
        reading->is_split = true;
        reading->at_hand = ONUS_VERDICT_NOT_SHOWN;
    }
    if (split || differs) {
        reading->verdict = ONUS_VERDICT_NOT_SHOWN;
    }
}

static onus_status judge_readings(claim_work *work) {
    const claim_part *values = work->values.items;
    for (size_t i = 0; i < work->values.n_items; i++) {
        bool done = false;
        for (size_t j = 0; j < i && !done; j++) {
            done = same_reading(work, &values[i], &values[j]);
        }
        if (done) {
            continue;
        }
        claim_part reading = values[i];
        for (size_t j = i + 1; j < work->values.n_items; j++) {
            if (same_reading(work, &values[i], &values[j])) {
                add_definition(&values[j], &reading);
            }
        }
        if (onus_array_push(&work->readings, &reading) != ONUS_OK) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

/* ---- the claim: the worst reading decides ---- */

static int rank_of(onus_verdict verdict) {
    static const int ranks[] = {[ONUS_VERDICT_SUPPORTED] = 0,
                                [ONUS_VERDICT_NOT_TESTABLE] = 1,
                                [ONUS_VERDICT_NOT_SHOWN] = 2,
                                [ONUS_VERDICT_CONTRADICTED] = 3};
    return ranks[verdict];
}

static void judge_whole(claim_work *work) {
    const claim_part *readings = work->readings.items;
    size_t worst = 0;
    size_t n_tested = 0;
    double smallest = INFINITY;
    double largest = 0.0;
    for (size_t i = 0; i < work->readings.n_items; i++) {
        const int rank = rank_of(readings[i].verdict);
        const int worst_rank = rank_of(readings[worst].verdict);
        if (rank > worst_rank ||
            (rank == worst_rank && readings[i].excess > readings[worst].excess)) {
            worst = i;
        }
        work->n_of[readings[i].verdict]++;
        if (!isnan(readings[i].p)) {
            n_tested++;
            largest = fmax(largest, readings[i].p);
            if (readings[i].verdict == ONUS_VERDICT_CONTRADICTED) {
                smallest = fmin(smallest, readings[i].p);
            }
        }
    }
    work->whole = readings[worst];
    if (work->whole.verdict == ONUS_VERDICT_CONTRADICTED) {
        work->whole.p = fmin(1.0, (double)n_tested * smallest);
    } else if (work->whole.verdict == ONUS_VERDICT_SUPPORTED) {
        work->whole.p = largest;
    }
}

/* ---- from work to claim ---- */

/* Smallest difference from the bound, on the value's side, that would have been shown. */
static double detectable(const onus_measure *m, const onus_claim_ref *ref) {
    const onus_limits limits = {.low = on_scale(m->scale, m->interval.low),
                                .high = on_scale(m->scale, m->interval.high)};
    const double bound = !ref->has_at_most                                 ? ref->at_least
                         : !ref->has_at_least                              ? ref->at_most
                         : m->value < (ref->at_least + ref->at_most) / 2.0 ? ref->at_least
                                                                           : ref->at_most;
    const double step =
        onus_detectable_difference(limits, m->interval.level, (double)POWER_PERCENT / 100.0);
    const double middle = on_scale(m->scale, bound);
    const double far = m->value >= bound ? middle + step : middle - step;
    switch (m->scale) {
    case ONUS_SCALE_LOG:
        return fabs(exp(far) - bound);
    case ONUS_SCALE_FISHER_Z:
        return fabs(tanh(far) - bound);
    default:
        return step;
    }
}

/* The measures that decided, ascending: those of the worst reading; of every reading where all had
 * to hold. */
static onus_status keep_measures(const claim_work *work, onus_claim *claim) {
    onus_array kept = ONUS_ARRAY_OF(size_t);
    const size_t *matched = work->matched.items;
    for (size_t i = 0; i < work->matched.n_items; i++) {
        const onus_scope *scope = &onus_result_measure(work->result, matched[i])->scope;
        const bool decides =
            work->whole.verdict == ONUS_VERDICT_SUPPORTED ||
            claims_same_scope(scope, scope_of(work, &work->whole), "source", "definition");
        if (decides && onus_array_push(&kept, &matched[i]) != ONUS_OK) {
            onus_array_clear(&kept);
            return ONUS_ERR_NOMEM;
        }
    }
    claim->measures = onus_array_take(&kept, &claim->n_measures);
    return ONUS_OK;
}

static onus_status judge(claim_work *work, onus_claim *claim) {
    onus_status status = ONUS_OK;
    claim->ref = work->ref;
    claim->verdict_raw = ONUS_VERDICT_NOT_TESTABLE;
    ONUS_TRY(claims_match(work));
    if (work->matched.n_items == 0) {
        work->whole = (claim_part){.verdict = ONUS_VERDICT_NOT_TESTABLE,
                                   .p = NAN,
                                   .measure = SIZE_MAX,
                                   .widest = SIZE_MAX};
        goto out;
    }
    ONUS_TRY(judge_values(work));
    ONUS_TRY(judge_readings(work));
    judge_whole(work);
    claim->verdict_raw = work->whole.verdict;
    const onus_measure *shown = onus_result_measure(work->result, work->whole.measure);
    claim->has_value = shown->has_value;
    claim->value = shown->has_value ? shown->value : 0.0;
    claim->has_fraction = shown->has_fraction;
    claim->num = shown->num;
    claim->den = shown->den;
    if (work->whole.widest != SIZE_MAX) {
        claim->interval = onus_result_measure(work->result, work->whole.widest)->interval;
    }
    claim->has_p = !isnan(work->whole.p);
    claim->p_value = claim->has_p ? work->whole.p : 0.0;
    ONUS_TRY(keep_measures(work, claim));
out:
    return status;
}

/* After Holm: a verdict that does not survive the family is not shown. */
static void finish(const claim_work *work, double p_holm, onus_claim *claim) {
    claim->p_holm = claim->has_p ? p_holm : 0.0;
    claim->verdict = claim->verdict_raw;
    const bool decided = claim->verdict_raw == ONUS_VERDICT_SUPPORTED ||
                         claim->verdict_raw == ONUS_VERDICT_CONTRADICTED;
    if (decided && !(p_holm <= (1.0 - work->level) * (1.0 + P_ROUNDING))) {
        claim->verdict = ONUS_VERDICT_NOT_SHOWN;
    }
    if (claim->verdict == ONUS_VERDICT_NOT_SHOWN && work->whole.widest != SIZE_MAX) {
        const double step =
            detectable(onus_result_measure(work->result, work->whole.widest), work->ref);
        claim->has_detectable = isfinite(step);
        claim->detectable = claim->has_detectable ? step : 0.0;
    }
}

static void clear_work(claim_work *work) {
    onus_array_clear(&work->matched);
    onus_array_clear(&work->values);
    onus_array_clear(&work->readings);
    onus_text_clear(&work->missing);
    onus_text_clear(&work->notes);
}

onus_status onus_claims_judge(onus_result *result, onus_error *err) {
    const onus_case *c = result->c;
    const size_t n = c->n_claims;
    onus_status status = ONUS_OK;
    claim_work *works = NULL;
    double *p = NULL;
    if (n == 0) {
        return ONUS_OK;
    }
    if (result->claims != NULL) {
        return onus_bug(err, "the claims were judged already");
    }
    works = onus_alloc_n(n, sizeof *works);
    p = onus_alloc_n(n, sizeof *p);
    result->claims = onus_alloc_n(n, sizeof *result->claims);
    if (works == NULL || p == NULL || result->claims == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    result->n_claims = n;
    for (size_t i = 0; i < n; i++) {
        works[i] = (claim_work){.result = result,
                                .ref = &c->claims[i],
                                .level = c->protocol.level,
                                .matched = ONUS_ARRAY_OF(size_t),
                                .values = ONUS_ARRAY_OF(claim_part),
                                .readings = ONUS_ARRAY_OF(claim_part)};
        ONUS_TRY(judge(&works[i], &result->claims[i]));
        p[i] = works[i].whole.p;
    }
    ONUS_TRY(onus_holm(p, n, p));
    for (size_t i = 0; i < n; i++) {
        finish(&works[i], p[i], &result->claims[i]);
        ONUS_TRY(claims_write(&works[i], n, &result->claims[i]));
    }
out:
    for (size_t i = 0; works != NULL && i < n; i++) {
        clear_work(&works[i]);
    }
    onus_free(works);
    onus_free(p);
    if (status == ONUS_ERR_NOMEM) {
        return onus_fail_nomem(err);
    }
    return status == ONUS_OK ? ONUS_OK : onus_bug(err, "a claim's p lies outside 0 to 1");
}

/* A threshold that was set on the very people it is judged by; and scores too coarse for one.
 *
 * Two questions. Does the threshold lie exactly where these data would put it, at the lowest score
 * that keeps a claimed or customary false match rate, or where both errors are equal? A threshold
 * set elsewhere falls between two neighbouring scores by chance only as often as the gap is wide;
 * so a fine coincidence is evidence. And what would the error be on others? The people are parted
 * into halves again and again, the threshold is set on one half so as to keep the rate that it
 * keeps here, and the error is counted on the other, where nobody of the first half occurs.
 *
 * Called by tricks.c. Philox stream ONUS_STREAM_MATCH_HALVES, one replicate a parting. */
#include <math.h>
#include <stdlib.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "tricks_internal.h"

enum { N_PARTINGS = 200 };

/* Coincidences with the data that would be blamed on chance. */
static const double CHANCE_MAX = 0.05;

/* False match rates at which thresholds are customarily set. */
static const double CUSTOMARY[] = {0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6};
enum { N_CUSTOMARY = sizeof CUSTOMARY / sizeof CUSTOMARY[0] };

/* A comparison that took place; likeness rises with sameness whichever way the scores run. */
typedef struct ranked {
    double likeness;
    uint32_t pair;
    uint8_t genuine;
} ranked;

static int most_alike_first(const void *a, const void *b) {
    const ranked *x = a;
    const ranked *y = b;
    if (x->likeness != y->likeness) {
        return x->likeness > y->likeness ? -1 : 1;
    }
    return x->pair < y->pair ? -1 : x->pair > y->pair ? 1 : 0;
}

static double likeness_of(const match_trial *t, double score) {
    return match_is_match(t, 1.0, 0.0) ? score : -score; /* does a higher score match? */
}

static onus_status rank_all(const match_trial *t, const match_set *set, ranked **out, size_t *n) {
    ranked *all =
        onus_alloc_n(set->of[MATCH_GENUINE].n + set->of[MATCH_IMPOSTOR].n + 1, sizeof *all);
    *n = 0;
    if (all == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        const match_scores *of = &set->of[kind];
        for (size_t i = 0; i < of->n; i++) {
            if (!isnan(of->score[i])) {
                all[(*n)++] = (ranked){.likeness = likeness_of(t, of->score[i]),
                                       .pair = t->pair_of_row[of->row[i]],
                                       .genuine = kind == MATCH_GENUINE};
            }
        }
    }
    qsort(all, *n, sizeof *all, most_alike_first);
    *out = all;
    return ONUS_OK;
}

/* ---- the same rate on other people ---- */

typedef struct halves {
    const ranked *ranked; /* most alike first */
    size_t n_ranked;
    const int32_t *pair_a;
    const int32_t *pair_b;
    const double *n_of_pair; /* impostor comparisons */
    size_t n_pairs;
    size_t n_people;
    double target; /* false match rate that the threshold keeps on the first half */
    uint64_t seed;
} halves;

/* 0 and 1: within the first or the second half; 2: across. */
static int half_of(const halves *h, const uint8_t *half, uint32_t pair) {
    const uint8_t a = half[h->pair_a[pair]];
    return a == half[h->pair_b[pair]] ? a : 2;
}

static void part(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const halves *h = shared;
    uint8_t *half = scratch;
    onus_rng rng;
    onus_rng_init(&rng, h->seed, ONUS_STREAM_MATCH_HALVES, replicate, 0);
    size_t to_draw = h->n_people / 2;
    for (size_t p = 0; p < h->n_people; p++) { /* n_people / 2 of them, each set as likely */
        const uint32_t left = (uint32_t)(h->n_people - p);
        half[p] = onus_rng_below(&rng, left) < to_draw ? 0 : 1;
        to_draw -= half[p] == 0 ? 1 : 0;
    }
    double n[3] = {0.0, 0.0, 0.0};
    for (size_t p = 0; p < h->n_pairs; p++) {
        n[half_of(h, half, (uint32_t)p)] += h->n_of_pair[p];
    }
    const double allowed = floor(h->target * n[0] * (1.0 + 1e-12));
    double errors[3] = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < h->n_ranked;) {
        double more[3] = {0.0, 0.0, 0.0};
        const double likeness = h->ranked[i].likeness;
        for (; i < h->n_ranked && h->ranked[i].likeness == likeness; i++) {
            if (!h->ranked[i].genuine) {
                more[half_of(h, half, h->ranked[i].pair)] += 1.0;
            }
        }
        if (errors[0] + more[0] > allowed) {
            break; /* these scores would break the rate on the first half */
        }
        errors[0] += more[0];
        errors[1] += more[1];
    }
    *slot = n[0] > 0.0 && n[1] > 0.0 ? errors[1] / n[1] : NAN;
}

static onus_status elsewhere(match_trial *t, const match_set *set, const ranked *all, size_t n_all,
                             double target, onus_measure *m) {
    double rates[N_PARTINGS];
    onus_limits limits;
    onus_status status = ONUS_OK;
    double *n_of_pair = onus_alloc_n(t->n_person_pairs + 1, sizeof *n_of_pair);
    onus_replicates job = ONUS_REPLICATES_INIT;
    onus_sum sum = {0};
    size_t n = 0;
    halves h = {.ranked = all,
                .n_ranked = n_all,
                .pair_a = t->pair_a,
                .pair_b = t->pair_b,
                .n_of_pair = n_of_pair,
                .n_pairs = t->n_person_pairs,
                .n_people = t->n_people,
                .target = target,
                .seed = t->c->protocol.seed};
    if (n_of_pair == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n_all; i++) {
        n_of_pair[all[i].pair] += all[i].genuine ? 0.0 : 1.0;
    }
    job.fn = part;
    job.shared = &h;
    job.n_replicates = N_PARTINGS;
    job.width = 1;
    job.scratch_size = t->n_people;
    job.stage = "thresholds on halves";
    job.steps = (double)t->n_person_pairs + 0.25 * (double)n_all;
    ONUS_TRY(onus_replicates_run(&job, t->context, rates, t->err));
    ONUS_TRY(onus_percentile_interval(rates, N_PARTINGS, t->c->protocol.level, &limits));
    for (size_t r = 0; r < N_PARTINGS; r++) {
        if (!isnan(rates[r])) {
            onus_sum_add(&sum, rates[r]);
            n++;
        }
    }
    *m = match_draft_of("match.fmr_elsewhere");
    match_scope_set(m, set);
    onus_draft_set_number(m, n > 0 ? onus_number_of(onus_sum_get(&sum) / (double)n)
                                   : onus_number_none("too few people to part them"));
    if (n > 0 && !isnan(limits.low) && !isinf(limits.low) && !isinf(limits.high)) {
        m->interval = (onus_interval){
            .given = true,
            .level = t->c->protocol.level,
            .low = limits.low,
            .high = limits.high,
            .method = "halves of the people, parted at random",
            .resampled = "person",
            .weak = true,
            .weak_reason = "the spread over halves of these people, not over people to come"};
    }
out:
    onus_free(n_of_pair);
    return status;
}

/* ---- does the threshold lie where these data put it? ---- */

enum { TARGETS_MAX = 64, GAPS_MAX = TARGETS_MAX + 1 };

typedef struct fit {
    double gaps[GAPS_MAX]; /* as shares of the range in which thresholds are set */
    size_t n_gaps;
    double hit;    /* the gap that holds the threshold in use; NaN: none */
    double target; /* its false match rate; NaN: equal errors */
    double chance; /* that a threshold from elsewhere lies in a gap as fine as that */
} fit;

/* Thresholds in (low, high] decide alike. */
static void look_at_gap(fit *f, double in_use, double low, double high, double spread,
                        double target) {
    const double gap = (high - low) / spread;
    if (!(gap > 0.0) || isinf(gap) || f->n_gaps == GAPS_MAX) {
        return;
    }
    f->gaps[f->n_gaps++] = gap;
    if (in_use > low && in_use <= high && isnan(f->hit)) {
        f->hit = gap;
        f->target = target;
    }
}

static void judge_gaps(fit *f) {
    f->chance = 0.0;
    for (size_t k = 0; k < f->n_gaps; k++) {
        f->chance += f->gaps[k] <= f->hit ? f->gaps[k] : 0.0;
    }
}

static double likeness_at(const ranked *all, size_t n, bool genuine, double share) {
    size_t n_of = 0;
    for (size_t i = 0; i < n; i++) {
        n_of += (all[i].genuine != 0) == genuine ? 1 : 0;
    }
    double left = share * (double)n_of;
    for (size_t i = 0; i < n; i++) {
        if ((all[i].genuine != 0) == genuine && (left -= 1.0) < 0.0) {
            return all[i].likeness;
        }
    }
    return NAN;
}

/* The gap under the last score that keeps a rate; and the one where errors are nearest to equal. */
static fit fit_of(const match_trial *t, const ranked *all, size_t n, const double *targets,
                  size_t n_targets) {
    fit f = {.hit = NAN, .target = NAN, .chance = NAN};
    double n_of[2] = {0.0, 0.0};
    double seen[2] = {0.0, 0.0};
    double least = INFINITY;
    double equal_low = NAN;
    double equal_high = NAN;
    const double in_use = likeness_of(t, t->points[0].threshold);
    /* a threshold is set somewhere between the middle of strangers and the middle of mates */
    const double spread = likeness_at(all, n, true, 0.5) - likeness_at(all, n, false, 0.5);
    for (size_t i = 0; i < n; i++) {
        n_of[all[i].genuine] += 1.0;
    }
    if (!(n_of[0] > 0.0 && n_of[1] > 0.0)) {
        return f;
    }
    for (size_t i = 0; i < n;) {
        const double high = all[i].likeness;
        const double fmr_before = seen[0] / n_of[0];
        bool new_stranger = false;
        for (; i < n && all[i].likeness == high; i++) {
            seen[all[i].genuine] += 1.0;
            new_stranger = new_stranger || !all[i].genuine;
        }
        const double low = i < n ? all[i].likeness : -INFINITY;
        const double fmr = seen[0] / n_of[0];
        const double fnmr = 1.0 - seen[1] / n_of[1];
        /* the next stranger: mates between him and here change no false match rate */
        size_t k = i;
        while (k < n && all[k].genuine) {
            k++;
        }
        double next = seen[0];
        for (size_t j = k; j < n && all[j].likeness == all[k].likeness; j++) {
            next += all[j].genuine ? 0.0 : 1.0;
        }
        for (size_t j = 0; j < n_targets && k < n; j++) {
            if (new_stranger && fmr <= targets[j] && next / n_of[0] > targets[j] && fmr > 0.0) {
                look_at_gap(&f, in_use, all[k].likeness, high, spread, targets[j]);
            }
        }
        if (fabs(fmr - fnmr) < least) {
            least = fabs(fmr - fnmr);
            equal_low = low;
            equal_high = high;
        }
        if (fmr_before > 0.5) {
            break;
        }
    }
    look_at_gap(&f, in_use, equal_low, equal_high, spread, NAN);
    judge_gaps(&f);
    return f;
}

static size_t targets_of(const match_trial *t, double *targets, size_t cap) {
    size_t n = 0;
    for (size_t k = 0; k < t->c->n_claims && n < cap; k++) {
        const onus_claim_ref *claim = &t->c->claims[k];
        if (onus_text_equal(claim->measure, "match.fmr") && claim->has_at_most) {
            targets[n++] = claim->at_most;
        }
    }
    for (size_t k = 0; k < t->c->protocol.fmr_at.n && n < cap; k++) {
        targets[n++] = t->c->protocol.fmr_at.items[k];
    }
    for (size_t k = 0; k < N_CUSTOMARY && n < cap; k++) {
        targets[n++] = CUSTOMARY[k];
    }
    size_t n_kept = 0;
    for (size_t k = 0; k < n; k++) { /* each once */
        bool known = false;
        for (size_t j = 0; j < n_kept; j++) {
            known = known || targets[j] == targets[k];
        }
        if (!known) {
            targets[n_kept++] = targets[k];
        }
    }
    return n_kept;
}

static onus_status warn_tuned(match_trial *t, const fit *f, double here, const onus_measure *m) {
    const match_text low = match_percent(m->interval.low);
    const match_text high = match_percent(m->interval.high);
    onus_text where = {0};
    if (isnan(f->target)) {
        onus_text_add(&where, "where misses and false matches are equal on these very comparisons");
    } else {
        onus_text_addf(&where,
                       "at the lowest score that keeps %s false matches on these very "
                       "comparisons",
                       match_percent(f->target).text);
    }
    const onus_status status =
        where.failed
            ? ONUS_ERR_NOMEM
            : onus_result_warn(
                  t->result, "threshold_tuned",
                  "the threshold %s lies %s; one that was set on other people would lie so by "
                  "chance with probability %s. Set on half of the people so that it keeps %s "
                  "there, "
                  "it gives %s on the other half (%s to %s over %d partings)",
                  match_decimal(t->points[0].threshold).text, where.data,
                  match_decimal(f->chance).text, match_percent(here).text,
                  m->has_value ? match_percent(m->value).text : "nothing",
                  m->interval.given ? low.text : "?", m->interval.given ? high.text : "?",
                  N_PARTINGS);
    onus_text_clear(&where);
    return status;
}

onus_status match_trick_threshold(match_trial *t) {
    double targets[TARGETS_MAX];
    onus_status status = ONUS_OK;
    ranked *all = NULL;
    size_t n = 0;
    onus_measure m;
    if (!t->has_in_use || t->main == NULL || t->pair_of_row == NULL) {
        return ONUS_OK;
    }
    ONUS_TRY(rank_all(t, t->main, &all, &n));
    size_t n_impostor = 0;
    size_t n_errors = 0;
    const double in_use = likeness_of(t, t->points[0].threshold);
    for (size_t i = 0; i < n; i++) {
        n_impostor += all[i].genuine ? 0 : 1;
        n_errors += !all[i].genuine && all[i].likeness >= in_use ? 1 : 0;
    }
    if (n_impostor == 0 || n_errors == 0) {
        goto out; /* no rate that a threshold could be set to keep */
    }
    const double here = (double)n_errors / (double)n_impostor;
    ONUS_TRY(elsewhere(t, t->main, all, n, here, &m));
    ONUS_TRY(match_add(t, &m, NULL));
    const fit f = fit_of(t, all, n, targets, targets_of(t, targets, TARGETS_MAX));
    if (!isnan(f.hit) && f.chance < CHANCE_MAX) {
        ONUS_TRY(warn_tuned(t, &f, here, &m));
    }
out:
    onus_free(all);
    return status;
}

/* ---- ties and coarse scores ---- */

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/* More comparisons than this share one score on average: scores are rounded. So many scores at most
 * are looked at, evenly spread over the table: rounded scores repeat among a million of them. */
enum { COARSE = 10, LOOKED_AT_MAX = 2000000 };

typedef struct ties {
    uint64_t on_threshold[MATCH_N_KINDS];
    uint64_t errors[MATCH_N_KINDS];
    double *looked_at;
    size_t n_looked_at;
    uint64_t n; /* scores in all */
} ties;

static void count_ties(const match_trial *t, size_t stride, ties *out) {
    const double in_use = t->has_in_use ? t->points[0].threshold : NAN;
    size_t at = 0;
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        const match_scores *of = &t->main->of[kind];
        for (size_t i = 0; i < of->n; i++) {
            const double score = of->score[i];
            if (isnan(score)) {
                continue;
            }
            out->n++;
            out->on_threshold[kind] += score == in_use ? 1 : 0;
            out->errors[kind] += t->has_in_use && match_is_error(t, (match_kind)kind, score, in_use,
                                                                 MATCH_FTA_LEFT_OUT)
                                     ? 1
                                     : 0;
            if (at++ % stride == 0) {
                out->looked_at[out->n_looked_at++] = score;
            }
        }
    }
}

static onus_status tell_ties(match_trial *t, const ties *c, uint64_t n_distinct) {
    const match_text n = match_count(c->n_looked_at);
    const match_text of = match_count(c->n);
    onus_text all = {0};
    if (c->n_looked_at < c->n) {
        onus_text_addf(&all, "%s of %s comparisons, looked at evenly,", n.text, of.text);
    } else {
        onus_text_addf(&all, "%s comparisons", n.text);
    }
    onus_status status = all.failed ? ONUS_ERR_NOMEM : ONUS_OK;
    if (status == ONUS_OK && c->on_threshold[0] + c->on_threshold[1] > 0) {
        status = onus_result_warn(
            t->result, "ties",
            "%s share %s scores: they were rounded. %s lie exactly on the threshold %s and count "
            "as "
            "matches; were they none, false matches would be %s instead of %s and misses %s "
            "instead "
            "of %s",
            all.data, match_count(n_distinct).text,
            match_count(c->on_threshold[0] + c->on_threshold[1]).text,
            match_decimal(t->points[0].threshold).text,
            match_count(c->errors[MATCH_IMPOSTOR] - c->on_threshold[MATCH_IMPOSTOR]).text,
            match_count(c->errors[MATCH_IMPOSTOR]).text,
            match_count(c->errors[MATCH_GENUINE] + c->on_threshold[MATCH_GENUINE]).text,
            match_count(c->errors[MATCH_GENUINE]).text);
    } else if (status == ONUS_OK) {
        status = onus_result_warn(
            t->result, "ties",
            "%s share %s scores: they were rounded, so ranks and rates at a given false match rate "
            "depend on which of equal scores comes first; they are given for the best, the worst "
            "and a random order",
            all.data, match_count(n_distinct).text);
    }
    onus_text_clear(&all);
    return status;
}

onus_status match_trick_ties(match_trial *t) {
    onus_status status = ONUS_OK;
    ties c = {.n = 0};
    if (t->main == NULL) {
        return ONUS_OK;
    }
    const size_t n_all = t->main->of[0].n + t->main->of[1].n;
    const size_t stride = n_all / LOOKED_AT_MAX + 1;
    c.looked_at = onus_alloc_n(n_all / stride + 2, sizeof *c.looked_at);
    if (c.looked_at == NULL) {
        return ONUS_ERR_NOMEM;
    }
    count_ties(t, stride, &c);
    if (c.n == 0) {
        goto out;
    }
    qsort(c.looked_at, c.n_looked_at, sizeof *c.looked_at, ascending);
    uint64_t n_distinct = 1;
    for (size_t i = 1; i < c.n_looked_at; i++) {
        n_distinct += c.looked_at[i] != c.looked_at[i - 1] ? 1 : 0;
    }
    if (stride == 1) {
        onus_measure m = match_draft_of("match.distinct_scores");
        match_scope_set(&m, t->main);
        onus_draft_set_fraction(&m, (double)n_distinct, (double)c.n, "no scores");
        ONUS_TRY(match_add(t, &m, NULL));
    }
    if (n_distinct * COARSE <= c.n_looked_at) {
        ONUS_TRY(tell_ties(t, &c, n_distinct));
    }
out:
    onus_free(c.looked_at);
    return status;
}

/* The simulation tests, from counters.
 *
 * Wanted, ten thousand times over: n events in m bins with the forecast's probabilities, and the
 * log-likelihood of the outcome. Two exact ways, chosen by size alone:
 *
 *   by event   one alias draw per event: O(n). For few events on many bins.
 *   by bin     one Poisson count per bin, with rates that add up to a little less than n, and the
 *              few events that are then missing one by one: O(m + sqrt(n)).
 *
 * Why the second is exact: independent Poisson counts with any common scaling of the rates are,
 * given their total N', multinomial with N' events; n - N' further independent events make it
 * multinomial with n. A total above n (0.6 % of the time) is drawn anew, which conditions on N'
 * alone. For L, whose number is Poisson itself, the counts are the answer. A count costs eight
 * random bits and a look-up (csep_draw.c), so 27,000 bins with 100,000 events take some 0.1 ms
 * where inverse search event by event takes 15. (Sorting uniforms by exponential spacings costs a
 * logarithm per event, splitting by binomials a rejection loop per bin: both measured slower on
 * paper than a look-up.)
 *
 * Log-likelihoods are sums of fixed-point integers: any order of the same events gives the same
 * score to the bit, and a tie is a tie.
 *
 * Clusters go by event only. A batch of simulations shares one pass over the tables, block of bins
 * by block, so that a table is in the nearest cache when it is used; the draws of a simulation
 * never depend on its batch. Called by the place trial. */
#include "onus/stats_csep.h"

#include <math.h>
#include <string.h>

#include "csep_internal.h"
#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/stats_interval.h"

enum {
    BATCH = 32,            /* simulations that share a pass; no part of any result */
    BLOCK = 64,            /* bins whose tables (16 KB) stay in the nearest cache; likewise */
    FACTORIALS_MAX = 4096, /* log factorials that are looked up */
    BITS_MAX = 44,         /* of a fraction: below it, log() itself is the coarser */
    BY_BIN_MAX = 1 << 19   /* bins: 300 bytes of table each */
};

static const double by_bin_above = 0.25;    /* events per bin; measured break-even */
static const double shortfall_sd = 2.5;     /* by how much the bins' total aims below n */
static const double cluster_size_max = 1e6; /* offspring beyond any record of crime */

typedef struct plan {
    onus_csep_test test;
    uint64_t seed;
    uint64_t n_simulations;
    /* bins with a rate above 0; those below n_tabled have count tables */
    size_t n;
    size_t n_tabled;
    double *rates;
    int64_t *log_rates; /* fixed point */
    double *means;      /* by bin: of the counts */
    csep_alias *alias;
    csep_counts counts;
    int64_t *factorials; /* FACTORIALS_MAX + 1: of log k!, fixed point */
    int bits;            /* of the fraction */
    bool by_bin;
    uint64_t n_events; /* recorded; drawn, unless unconditional */
    double n_forecast;
    double cluster_size;
    csep_counts offspring; /* one table, where clusters are small */
    int64_t observed;
    double expected; /* taken off every score */
} plan;

/* ---- fixed point ---- */

static int64_t to_fixed(const plan *p, double x) {
    return (int64_t)llround(ldexp(x, p->bits));
}

static double from_fixed(const plan *p, int64_t x) {
    return ldexp((double)x, -p->bits);
}

static int64_t log_factorial(const plan *p, uint64_t k) {
    if (k <= FACTORIALS_MAX) {
        return p->factorials[k];
    }
    int sign = 0; /* lgamma itself writes a global */
    return to_fixed(p, lgamma_r((double)k + 1, &sign));
}

/* Bits such that no sum over events can leave 62 bits. Events of an unconditional test: 60 standard
 * deviations above the mean, which no draw will see. */
static int fraction_bits(const plan *p, double log_max) {
    const double most = csep_is_conditional(p->test)
                            ? (double)p->n_events
                            : fmax((double)p->n_events, p->n_forecast) +
                                  60 * p->cluster_size * (sqrt(p->n_forecast) + 20);
    int sign = 0;
    const double bound = most * (log_max + 1) + 2 * lgamma_r(most + 2, &sign) + 64;
    const int bits = 61 - (int)ceil(log2(bound));
    return bits > BITS_MAX ? BITS_MAX : bits;
}

/* ---- one simulation ---- */

typedef struct draw {
    uint64_t simulation;
    uint64_t n;    /* events so far */
    int64_t score; /* fixed point */
    onus_rng bytes;
    onus_rng rest; /* the bits that a byte leaves open */
    onus_rng single;
} draw;

enum { PART_BYTES, PART_REST, PART_SINGLE, PARTS };

/* Entity: | clustered 1 bit | test 3 bits | attempt 26 bits | part 2 bits |. */
static onus_rng stream_of(const plan *p, uint64_t simulation, uint32_t attempt, uint32_t part) {
    onus_rng rng;
    const uint32_t clustered = p->cluster_size > 1 ? 1 : 0;
    onus_rng_init(&rng, p->seed, ONUS_STREAM_PLACE_CSEP, simulation,
                  clustered << 31 | (uint32_t)p->test << 28 | (attempt & 0x3ffffff) << 2 | part);
    return rng;
}

static void begin(const plan *p, draw *d, uint64_t simulation, uint32_t attempt) {
    *d = (draw){.simulation = simulation,
                .bytes = stream_of(p, simulation, attempt, PART_BYTES),
                .rest = stream_of(p, simulation, attempt, PART_REST),
                .single = stream_of(p, simulation, attempt, PART_SINGLE)};
}

/* Adds events to one bin, of which it held `count`. */
static inline void add_events(const plan *p, draw *d, size_t bin, uint64_t count, uint64_t more) {
    d->n += more;
    d->score += (int64_t)more * p->log_rates[bin] -
                (log_factorial(p, count + more) - log_factorial(p, count));
}

/* The bins whose byte left two counts or more, apart so that the loop over all bins need not guess
 * a branch. open: | bin - first | byte |. */
static void settle(const plan *p, draw *d, size_t first, const uint32_t *open, size_t n_open,
                   uint32_t *counts) {
    for (size_t i = 0; i < n_open; i++) {
        /* draw_block filled n_open of them */
        // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
        const size_t bin = first + (open[i] >> 8);
        const uint64_t u = (uint64_t)(open[i] & 0xff) << 56 | csep_word64(&d->rest) >> 8;
        const size_t start = p->counts.starts[bin];
        const uint32_t k =
            csep_count_at(p->counts.cdf + start, p->counts.starts[bin + 1] - start, u, counts[bin]);
        if (k > counts[bin]) {
            add_events(p, d, bin, counts[bin], k - counts[bin]);
            counts[bin] = k;
        }
    }
}

/* Counts of the bins [first, end) that have tables; first is a multiple of 4. */
static void draw_block(const plan *p, draw *d, size_t first, size_t end, uint32_t *counts) {
    const uint8_t *guides = p->counts.guides;
    const int64_t *log_rates = p->log_rates;
    const int64_t *factorials = p->factorials;
    uint32_t open[BLOCK];
    size_t n_open = 0;
    uint64_t n = 0;
    int64_t score = 0;
    for (size_t i = first; i < end; i += 4) {
        uint32_t word = onus_rng_u32(&d->bytes);
        const size_t stop = i + 4 < end ? i + 4 : end;
        for (size_t bin = i; bin < stop; bin++, word >>= 8) {
            const uint32_t byte = word & 0xff;
            const uint32_t entry = guides[bin * CSEP_GUIDE + byte];
            const uint32_t k = entry & (CSEP_UNSURE - 1);
            open[n_open] = (uint32_t)(bin - first) << 8 | byte;
            n_open += entry / CSEP_UNSURE;
            counts[bin] = k;
            n += k;
            score += (int64_t)k * log_rates[bin] - factorials[k];
        }
    }
    d->n += n;
    d->score += score;
    settle(p, d, first, open, n_open, counts);
}

static void draw_large(const plan *p, draw *d, uint32_t *counts) {
    for (size_t bin = p->n_tabled; bin < p->n; bin++) {
        const int64_t k = onus_rng_poisson(&d->rest, p->means[bin]);
        counts[bin] = (uint32_t)k; /* means are below 2^31: by_bin_fits */
        add_events(p, d, bin, 0, (uint64_t)k);
    }
}

static void draw_missing(const plan *p, draw *d, uint32_t *counts) {
    while (d->n < p->n_events) {
        const size_t bin = csep_alias_draw(p->alias, p->n, &d->single);
        add_events(p, d, bin, counts[bin], 1);
        counts[bin]++;
    }
}

static void put_slot(const plan *p, const draw *d, double *slot) {
    /* every event and its share of a factorial was rounded to half a unit, on either side */
    const int64_t tie = (int64_t)(d->n + p->n_events);
    const int64_t over = d->score - p->observed;
    slot[0] = from_fixed(p, d->score) - p->expected;
    slot[1] = over > tie ? 1 : over < -tie ? -1 : 0;
}

/* ---- batches ---- */

static void batch_by_bin(const plan *p, uint64_t first, size_t n_draws, uint32_t *counts,
                         double *slot) {
    draw draws[BATCH];
    size_t open[BATCH];
    size_t n_open = n_draws;
    for (size_t k = 0; k < n_draws; k++) {
        open[k] = k;
    }
    for (uint32_t attempt = 0; n_open > 0; attempt++) {
        for (size_t k = 0; k < n_open; k++) {
            begin(p, &draws[open[k]], first + open[k], attempt);
        }
        for (size_t at = 0; at < p->n_tabled; at += BLOCK) {
            const size_t end = at + BLOCK < p->n_tabled ? at + BLOCK : p->n_tabled;
            for (size_t k = 0; k < n_open; k++) {
                draw_block(p, &draws[open[k]], at, end, counts + open[k] * p->n);
            }
        }
        size_t n_again = 0;
        for (size_t k = 0; k < n_open; k++) {
            draw *d = &draws[open[k]];
            draw_large(p, d, counts + open[k] * p->n);
            if (csep_is_conditional(p->test) && d->n > p->n_events) {
                open[n_again++] = open[k];
                continue;
            }
            if (csep_is_conditional(p->test)) {
                draw_missing(p, d, counts + open[k] * p->n);
            }
            put_slot(p, d, slot + 2 * open[k]);
        }
        n_open = n_again;
    }
}

static uint64_t draw_cluster(const plan *p, draw *d) {
    if (p->cluster_size <= 1) {
        return 1;
    }
    if (p->offspring.n == 0) {
        return 1 + (uint64_t)onus_rng_poisson(&d->single, p->cluster_size - 1);
    }
    return 1 + csep_count_at(p->offspring.cdf, p->offspring.starts[1], csep_word64(&d->single), 0);
}

/* counts are 0 before and after; touched holds the bins with events. */
static void simulate_by_event(const plan *p, draw *d, uint32_t *counts, uint32_t *touched) {
    size_t n_touched = 0;
    uint64_t n_clusters = UINT64_MAX;
    uint64_t n_events = p->n_events;
    if (!csep_is_conditional(p->test)) {
        n_clusters = (uint64_t)onus_rng_poisson(&d->rest, p->n_forecast / p->cluster_size);
        n_events = UINT64_MAX;
    }
    for (uint64_t c = 0; c < n_clusters && d->n < n_events; c++) {
        const size_t bin = csep_alias_draw(p->alias, p->n, &d->single);
        const uint64_t drawn = draw_cluster(p, d);
        const uint64_t more = drawn < n_events - d->n ? drawn : n_events - d->n;
        if (counts[bin] == 0) {
            touched[n_touched++] = (uint32_t)bin;
        }
        add_events(p, d, bin, counts[bin], more);
        counts[bin] += (uint32_t)more;
    }
    for (size_t k = 0; k < n_touched; k++) {
        counts[touched[k]] = 0;
    }
}

static void run_batch(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const plan *p = shared;
    uint32_t *counts = scratch;
    const uint64_t first = replicate * BATCH;
    const uint64_t left = p->n_simulations - first;
    const size_t n_draws = left < BATCH ? (size_t)left : BATCH;
    memset(slot, 0, 2 * BATCH * sizeof *slot);
    if (p->by_bin) {
        batch_by_bin(p, first, n_draws, counts, slot);
        return;
    }
    for (size_t k = 0; k < n_draws; k++) {
        draw d;
        begin(p, &d, first + k, 0);
        simulate_by_event(p, &d, counts, counts + p->n);
        put_slot(p, &d, slot + 2 * k);
    }
}

/* ---- the plan ---- */

/* Bins with a rate, those whose counts are looked up first. */
static onus_status keep_bins(plan *p, const csep_bins *bins, double scale, double shrink) {
    p->rates = onus_alloc_n(bins->n, sizeof *p->rates);
    p->means = onus_alloc_n(bins->n, sizeof *p->means);
    p->log_rates = onus_alloc_n(bins->n, sizeof *p->log_rates);
    p->factorials = onus_alloc_n(FACTORIALS_MAX + 1, sizeof *p->factorials);
    if (p->rates == NULL || p->means == NULL || p->log_rates == NULL || p->factorials == NULL) {
        return ONUS_ERR_NOMEM;
    }
    double log_max = 0;
    for (int large = 0; large < 2; large++) {
        for (size_t i = 0; i < bins->n; i++) {
            const double mean = bins->rates[i] * shrink;
            if (bins->rates[i] > 0 && (mean > CSEP_COUNT_MEAN_MAX) == (large == 1)) {
                p->rates[p->n] = bins->rates[i];
                p->means[p->n++] = mean;
                log_max = fmax(log_max, fabs(log(bins->rates[i] * scale)));
            }
        }
        p->n_tabled = large == 0 ? p->n : p->n_tabled;
    }
    p->bits = fraction_bits(p, log_max);
    for (size_t i = 0; i < p->n; i++) {
        p->log_rates[i] = to_fixed(p, log(p->rates[i] * scale));
    }
    for (size_t k = 0; k <= FACTORIALS_MAX; k++) {
        int sign = 0;
        p->factorials[k] = to_fixed(p, lgamma_r((double)k + 1, &sign));
    }
    /* from the rates as they are, as the bins' own log_rates: recorded and drawn share a path */
    for (size_t i = 0; i < bins->n; i++) {
        if (bins->counts[i] > 0) {
            p->observed += (int64_t)bins->counts[i] * to_fixed(p, log(bins->rates[i] * scale)) -
                           log_factorial(p, (uint64_t)bins->counts[i]);
        }
    }
    return ONUS_OK;
}

static onus_status make_tables(plan *p) {
    p->alias = csep_alias_new(p->rates, p->n);
    if (p->alias == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (p->by_bin) {
        return csep_counts_new(p->means, p->n_tabled, &p->counts);
    }
    const double offspring = p->cluster_size - 1;
    if (offspring > 0 && offspring <= CSEP_COUNT_MEAN_MAX) {
        return csep_counts_new(&offspring, 1, &p->offspring);
    }
    return ONUS_OK;
}

static onus_status make_plan(plan *p, const csep_bins *bins) {
    const bool conditional = csep_is_conditional(p->test);
    const double n_events = (double)p->n_events;
    const double scale = csep_is_scaled(p->test) ? n_events / bins->total : 1;
    p->expected = csep_is_scaled(p->test) ? n_events : bins->total;
    p->n_forecast = bins->total;
    const double to_draw = conditional ? n_events : p->n_forecast;
    const double aim = conditional ? fmax(0, n_events - shortfall_sd * sqrt(n_events)) : to_draw;
    p->by_bin = p->cluster_size <= 1 && bins->n <= BY_BIN_MAX &&
                to_draw > by_bin_above * (double)bins->n && to_draw < 0x1p31;
    const onus_status status = keep_bins(p, bins, scale, aim / bins->total);
    return status == ONUS_OK ? make_tables(p) : status;
}

static void plan_clear(plan *p) {
    onus_free(p->rates);
    onus_free(p->means);
    onus_free(p->log_rates);
    onus_free(p->factorials);
    onus_free(p->alias);
    csep_counts_clear(&p->counts);
    csep_counts_clear(&p->offspring);
}

/* ---- the test ---- */

static void count_slots(const double *slots, uint64_t n, onus_csep_result *result,
                        double *simulated) {
    for (uint64_t s = 0; s < n; s++) {
        const double *slot = slots + 2 * s;
        result->n_at_or_below += slot[1] <= 0;
        result->n_at_or_above += slot[1] >= 0;
        if (simulated != NULL) {
            simulated[s] = slot[0];
        }
    }
    const double p_low = onus_simulation_p(result->n_at_or_below, n);
    const double p_high = onus_simulation_p(result->n_at_or_above, n);
    result->quantile = onus_number_of((double)result->n_at_or_below / (double)n);
    result->p_low = onus_number_of(p_low);
    result->p_high = onus_number_of(p_high);
    result->p = onus_number_of(fmin(1.0, 2 * fmin(p_low, p_high)));
}

static void leave_undefined(onus_csep_result *result, const char *reason, double *simulated,
                            uint64_t n) {
    result->score = onus_number_none(reason);
    result->quantile = onus_number_none(reason);
    result->p_low = onus_number_none(reason);
    result->p_high = onus_number_none(reason);
    result->p = onus_number_none(reason);
    for (uint64_t s = 0; simulated != NULL && s < n; s++) {
        simulated[s] = NAN;
    }
}

static onus_status check_call(const onus_csep_data *data, onus_csep_test test,
                              const onus_csep_options *options, onus_csep_account *account,
                              onus_error *err) {
    if ((unsigned)test >= ONUS_CSEP_TESTS) {
        return onus_bug(err, "a consistency test that there is not");
    }
    if (options->n_simulations == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a test without simulations");
    }
    if (!(options->cluster_size >= 1 && options->cluster_size <= cluster_size_max)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "a mean cluster size is from 1 to 1,000,000 events");
    }
    const onus_status status = onus_csep_check(data, account, err);
    if (status == ONUS_OK && (account->n_events >= 0x1p31 || account->n_forecast >= 0x1p31)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "more events than can be simulated");
    }
    return status;
}

onus_status onus_csep_simulate(const onus_csep_data *data, onus_csep_test test,
                               const onus_csep_options *options, const onus_context *context,
                               onus_csep_result *result, double *simulated, onus_error *err) {
    onus_csep_account whole = {0};
    onus_status status = check_call(data, test, options, &whole, err);
    if (status != ONUS_OK) {
        return status;
    }
    csep_bins bins = {0};
    double *slots = NULL;
    plan p = {.test = test,
              .seed = options->seed,
              .n_simulations = options->n_simulations,
              .cluster_size = options->cluster_size};
    onus_csep_result made = {.n_simulations = options->n_simulations};
    ONUS_TRY(csep_bins_of(data, test, &bins));
    made.account = csep_account_of(bins.rates, bins.counts, bins.n);
    const char *reason = made.account.reason;
    if (whole.n_bad_rates > 0) { /* a sum over marks or cells may hide it */
        made.account.n_bad_rates = whole.n_bad_rates;
        reason = made.account.reason = whole.reason;
    }
    if (reason == NULL && made.account.n_events == 0 && csep_is_conditional(test)) {
        reason = "no events were recorded";
    }
    if (reason != NULL) {
        leave_undefined(&made, reason, simulated, options->n_simulations);
        *result = made;
        goto out;
    }
    made.score = onus_csep_log_likelihood(
        bins.rates, bins.counts, bins.n,
        csep_is_scaled(test) ? made.account.n_events / made.account.n_forecast : 1);
    p.n_events = (uint64_t)made.account.n_events;
    ONUS_TRY(make_plan(&p, &bins));

    const uint64_t n_batches = (p.n_simulations + BATCH - 1) / BATCH;
    slots = onus_alloc_n(n_batches * BATCH, 2 * sizeof *slots);
    if (slots == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = run_batch;
    job.shared = &p;
    job.n_replicates = n_batches;
    job.width = 2 * BATCH;
    job.scratch_size = p.n * sizeof(uint32_t) * (p.by_bin ? BATCH : 2);
    job.stage = "consistency test";
    job.steps = BATCH * ((double)p.n_events * 10.0 + (p.by_bin ? 10.0 * (double)p.n : 0.0));
    ONUS_TRY(onus_replicates_run(&job, context, slots, err));
    count_slots(slots, p.n_simulations, &made, simulated);
    *result = made;
out:
    if (status == ONUS_ERR_NOMEM) {
        status = onus_fail_nomem(err);
    }
    plan_clear(&p);
    csep_bins_clear(&bins);
    onus_free(slots);
    return status;
}

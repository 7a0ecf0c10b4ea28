/* Fits the kernel form of the self-exciting process (Mohler, Short, Brantingham, Schoenberg and
 * Tita 2011, JASA 106(493), 100-108):
 *
 *   rate(t, place) = mu(place) + sum over earlier events of g(t - t_i, |place - place_i|)
 *
 * as they do, by turns: who set off whom, given mu and g; mu and g, as kernel densities, given who
 * set off whom. Three things are bounded here.
 *
 * Weights: every event counts as background, and as set off by each of its candidates, with its
 * probability, where the paper draws one possibility at random: the mean of its draws (Marsan and
 * Lengline 2008, Science 319, 1076-1079), and no chance in it.
 *
 * g: a product of a delay by days and a distance by rings, up to EXCITING_DAYS and
 * EXCITING_REACH_M, each smoothed by a kernel as wide as what holds NEAR_SHARE of the weight around
 * the bin (the paper's variable bandwidth, in bins).
 *
 * mu: constant in time; a Gaussian per event, as wide as the NEIGHBOURSth nearest event is away (at
 * least half a cell), evaluated at the middles of cells and scaled so that all of it lies on cells;
 * an event does not count towards its own background.
 *
 * Smoothing means that likelihood need not rise with every turn, as it does not in the paper. The
 * fit ends after TURNS, or when theta stands still. Called by self_exciting_kernel.c. Never uses an
 * event outside low .. high - 1. */
#include "exciting_sample.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/sum.h"

#define DAY_S 86400.0
#define PI 3.14159265358979323846
#define NEAR_SHARE 0.03   /* of the weight of g; wider, and planted delays come back too long */
#define STILL 1e-4        /* of theta */
#define CUT 4.0           /* background kernels end here, in bandwidths */
#define WIDER 1.189207115 /* fourth root of 2: steps in which a bandwidth is looked for */
enum {
    NEIGHBOURS = 15,
    TURNS = 40,
    EVENTS_MOST = 20000,  /* fitted to; as many of the latest */
    PAIRS_MOST = 8388608, /* 48 MB */
    TABLE = 4096,         /* exp(-u), u in 0 .. CUT^2 / 2 */
    STOP_EVERY = 256
};

/* What is fitted to. A pair says that one event may have set off another: the bin of g, and how
 * many events the earlier one counts. */
typedef struct sample {
    const onus_frame *frame;
    const buckets *centres;
    size_t low; /* events low .. high - 1 of the frame */
    size_t high;
    double span_days;
    size_t *starts; /* pairs of event low + j: starts[j] .. starts[j + 1] - 1 */
    uint16_t *bin;
    float *count;
    double *bandwidth_m; /* by event */
    double *scale;       /* by event: makes its kernel's mass on cells one */
    double *background;  /* by event: probability */
    double table[TABLE + 2];
} sample;

double exciting_ring_m2(size_t ring) {
    const double inner = EXCITING_RING_M * (double)ring;
    const double outer = inner + EXCITING_RING_M;
    return PI * (outer * outer - inner * inner);
}

static void clear_sample(sample *s) {
    onus_free(s->starts);
    onus_free(s->bin);
    onus_free(s->count);
    onus_free(s->bandwidth_m);
    onus_free(s->scale);
    onus_free(s->background);
}

/* ---- who may have set off whom ---- */

/* Pairs of every event, only counted if bin is NULL: starts[j + 1] is then their number. */
static onus_status visit_pairs(sample *s, const buckets *places, const onus_context *context,
                               onus_error *err) {
    const onus_frame_events *events = &s->frame->events;
    for (size_t j = 0; j < s->high - s->low; j++) {
        const size_t e = s->low + j;
        size_t next = s->bin == NULL ? 0 : s->starts[j];
        size_t from = 0;
        size_t until = 0;
        if (j % STOP_EVERY == 0 && onus_stopped(context)) {
            return onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
        }
        for (buckets_walk walk =
                 buckets_around(places, events->x_m[e], events->y_m[e], EXCITING_REACH_M);
             buckets_row(places, &walk, &from, &until) != 0;) {
            for (size_t k = from; k < until; k++) {
                const size_t i = s->low + (size_t)places->index[k];
                const double days = (events->unix_s[e] - events->unix_s[i]) / DAY_S;
                const double dx = places->x_m[k] - events->x_m[e];
                const double dy = places->y_m[k] - events->y_m[e];
                const double square = dx * dx + dy * dy;
                if (!(days > 0.0 && days < EXCITING_DAYS && events->count[i] > 0.0 &&
                      square < EXCITING_REACH_M * EXCITING_REACH_M)) {
                    continue;
                }
                if (s->bin != NULL) {
                    const size_t ring = (size_t)(sqrt(square) / EXCITING_RING_M);
                    s->bin[next] = (uint16_t)((size_t)days * EXCITING_RINGS +
                                              (ring < EXCITING_RINGS ? ring : EXCITING_RINGS - 1));
                    s->count[next] = (float)events->count[i];
                }
                next++;
            }
        }
        if (s->bin == NULL) {
            s->starts[j + 1] = next;
        }
    }
    return ONUS_OK;
}

/* Halves the sample until its pairs fit. */
static onus_status find_pairs(sample *s, const onus_context *context, onus_error *err) {
    onus_status status = ONUS_OK;
    buckets places = {0};
    for (;;) {
        const size_t n = s->high - s->low;
        const onus_frame_events *events = &s->frame->events;
        ONUS_TRY(buckets_make(events->x_m + s->low, events->y_m + s->low, n, EXCITING_REACH_M,
                              &places, err));
        s->starts = onus_alloc_n(n + 1, sizeof *s->starts);
        if (s->starts == NULL) {
            status = onus_fail_nomem(err);
            goto out;
        }
        ONUS_TRY(visit_pairs(s, &places, context, err));
        for (size_t j = 0; j < n; j++) {
            s->starts[j + 1] += s->starts[j];
        }
        if (s->starts[n] <= PAIRS_MOST) {
            break;
        }
        s->low += (n + 1) / 2;
        onus_free(s->starts);
        s->starts = NULL;
        buckets_clear(&places);
    }
    const size_t n_pairs = s->starts[s->high - s->low];
    s->bin = onus_alloc_n(n_pairs, sizeof *s->bin);
    s->count = onus_alloc_n(n_pairs, sizeof *s->count);
    if (s->bin == NULL || s->count == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(visit_pairs(s, &places, context, err));
out:
    buckets_clear(&places);
    return status;
}

/* ---- background ---- */

/* Bandwidth of each event: the radius around its cell that holds NEIGHBOURS more. */
static onus_status find_bandwidths(sample *s, const onus_context *context, onus_error *err) {
    onus_status status = ONUS_OK;
    const onus_frame_cells *cells = s->frame->cells;
    const onus_frame_events *events = &s->frame->events;
    const size_t n = s->high - s->low;
    const buckets *b = s->centres;
    double *held = onus_alloc_n(cells->n_cells, sizeof *held);
    double *radius_of = onus_alloc_n(cells->n_cells, sizeof *radius_of);
    if (held == NULL || radius_of == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    double all = 0.0;
    for (size_t e = s->low; e < s->high; e++) {
        held[events->cell[e]] += events->count[e];
        all += events->count[e];
    }
    const double enough = fmin(NEIGHBOURS + 1.0, all);
    const double least_m = 0.5 * sqrt(cells->region_m2 / (double)cells->n_cells);
    const double widest_m = b->side_m * (double)(b->n_x + b->n_y);
    for (size_t j = 0; j < n; j++) {
        const size_t c = (size_t)events->cell[s->low + j];
        if (j % STOP_EVERY == 0 && onus_stopped(context)) {
            status = onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
            goto out;
        }
        double inside = 0.0;
        for (double radius = least_m; radius_of[c] == 0.0; radius *= WIDER) {
            size_t from = 0;
            size_t until = 0;
            inside = 0.0;
            for (buckets_walk walk = buckets_around(b, cells->x_m[c], cells->y_m[c], radius);
                 buckets_row(b, &walk, &from, &until) != 0;) {
                for (size_t k = from; k < until; k++) {
                    const double dx = b->x_m[k] - cells->x_m[c];
                    const double dy = b->y_m[k] - cells->y_m[c];
                    inside += dx * dx + dy * dy <= radius * radius ? held[b->index[k]] : 0.0;
                }
            }
            if (inside >= enough || radius > widest_m) {
                radius_of[c] = radius;
            }
        }
        s->bandwidth_m[j] = radius_of[c];
    }
out:
    onus_free(held);
    onus_free(radius_of);
    return status;
}

/* exp(-u) by linear interpolation, to 5e-7. */
static inline double fading(const sample *s, double u) {
    const double at = u * (TABLE / (CUT * CUT / 2.0));
    const size_t k = (size_t)at;
    return s->table[k] + (at - (double)k) * (s->table[k + 1] - s->table[k]);
}

/* Adds amount x kernel of event j to every cell that it reaches; returns the kernel's mass on them,
 * cells weighted by area (ground NULL: only that). */
static double lay_kernel(const sample *s, size_t j, double amount, double *ground) {
    const onus_frame_cells *cells = s->frame->cells;
    const buckets *b = s->centres;
    const double x_m = s->frame->events.x_m[s->low + j];
    const double y_m = s->frame->events.y_m[s->low + j];
    const double reach = CUT * s->bandwidth_m[j];
    const double per_square = 0.5 / (s->bandwidth_m[j] * s->bandwidth_m[j]);
    double mass = 0.0;
    size_t from = 0;
    size_t until = 0;
    for (buckets_walk walk = buckets_around(b, x_m, y_m, reach);
         buckets_row(b, &walk, &from, &until) != 0;) {
        for (size_t k = from; k < until; k++) {
            const double dx = b->x_m[k] - x_m;
            const double dy = b->y_m[k] - y_m;
            const double square = dx * dx + dy * dy;
            if (square < reach * reach) {
                const double value = fading(s, square * per_square);
                if (ground == NULL) {
                    mass += value * cells->area_m2[b->index[k]];
                } else {
                    ground[b->index[k]] += amount * value;
                }
            }
        }
    }
    return mass;
}

static double own_kernel(const sample *s, size_t j) {
    const onus_frame_cells *cells = s->frame->cells;
    const onus_frame_events *events = &s->frame->events;
    const size_t e = s->low + j;
    const double dx = cells->x_m[events->cell[e]] - events->x_m[e];
    const double dy = cells->y_m[events->cell[e]] - events->y_m[e];
    const double u = 0.5 * (dx * dx + dy * dy) / (s->bandwidth_m[j] * s->bandwidth_m[j]);
    return u < CUT * CUT / 2.0 ? fading(s, u) : 0.0;
}

static onus_status lay_ground(const sample *s, const onus_context *context, double *ground_per_day,
                              onus_error *err) {
    memset(ground_per_day, 0, s->frame->cells->n_cells * sizeof *ground_per_day);
    for (size_t j = 0; j < s->high - s->low; j++) {
        if (j % STOP_EVERY == 0 && onus_stopped(context)) {
            return onus_fail_plain(err, ONUS_ERR_INTERRUPTED, "interrupted");
        }
        const double amount =
            s->frame->events.count[s->low + j] * s->background[j] * s->scale[j] / s->span_days;
        (void)lay_kernel(s, j, amount, ground_per_day);
    }
    return ONUS_OK;
}

/* ---- what is set off ---- */

/* Weight by size (days, square metres), smoothed: at each bin the kernel-weighted weight of the
 * bins around over their kernel-weighted size, so that what is even stays even up to the ends. The
 * kernel of a bin is as wide as the stretch around it that holds NEAR_SHARE of all weight. All
 * shares add up to one. */
static void smooth_bins(const double *weight, const double *size, size_t n, double *share) {
    double all = 0.0;
    double total = 0.0;
    for (size_t k = 0; k < n; k++) {
        all += weight[k];
    }
    if (!(all > 0.0)) {
        return;
    }
    for (size_t k = 0; k < n; k++) {
        size_t half = 0; /* bins on each side */
        double held = weight[k];
        while (held < NEAR_SHARE * all && half < n) {
            half++;
            held += (k >= half ? weight[k - half] : 0.0) + (k + half < n ? weight[k + half] : 0.0);
        }
        double weight_near = 0.0;
        double size_near = 0.0;
        for (size_t q = k > half ? k - half : 0; q < n && q <= k + half; q++) {
            const double apart = fabs((double)q - (double)k);
            const double kernel = 1.0 - apart / ((double)half + 1.0);
            weight_near += kernel * weight[q];
            size_near += kernel * size[q];
        }
        share[k] = weight_near / size_near * size[k];
        total += share[k];
    }
    for (size_t k = 0; k < n; k++) {
        share[k] /= total;
    }
}

/* One turn: probabilities from mu and g, then g from probabilities. */
static void take_turn(sample *s, const double *ground_per_day, exciting_trigger *trigger) {
    const onus_frame_events *events = &s->frame->events;
    double g[EXCITING_DAYS * EXCITING_RINGS];
    double weight[EXCITING_DAYS * EXCITING_RINGS] = {0};
    double ring_m2[EXCITING_RINGS];
    double days[EXCITING_DAYS];
    for (size_t r = 0; r < EXCITING_RINGS; r++) {
        ring_m2[r] = exciting_ring_m2(r);
    }
    for (size_t d = 0; d < EXCITING_DAYS; d++) {
        days[d] = 1.0;
        for (size_t r = 0; r < EXCITING_RINGS; r++) {
            g[d * EXCITING_RINGS + r] =
                trigger->theta * trigger->by_day[d] * trigger->by_ring[r] / ring_m2[r];
        }
    }
    onus_sum all = {0};
    for (size_t j = 0; j < s->high - s->low; j++) {
        const size_t e = s->low + j;
        const double own =
            events->count[e] * s->background[j] * s->scale[j] * own_kernel(s, j) / s->span_days;
        const double mu = fmax(ground_per_day[events->cell[e]] - own, 0.0);
        double set_off = 0.0;
        for (size_t k = s->starts[j]; k < s->starts[j + 1]; k++) {
            set_off += (double)s->count[k] * g[s->bin[k]];
        }
        const double rate = mu + set_off;
        s->background[j] = rate > 0.0 ? mu / rate : 1.0;
        onus_sum_add(&all, events->count[e]);
        for (size_t k = s->starts[j]; rate > 0.0 && k < s->starts[j + 1]; k++) {
            weight[s->bin[k]] += events->count[e] * (double)s->count[k] * g[s->bin[k]] / rate;
        }
    }
    double by_day[EXCITING_DAYS] = {0};
    double by_ring[EXCITING_RINGS] = {0};
    onus_sum set_off = {0};
    for (size_t k = 0; k < EXCITING_DAYS * EXCITING_RINGS; k++) {
        by_day[k / EXCITING_RINGS] += weight[k];
        by_ring[k % EXCITING_RINGS] += weight[k];
        onus_sum_add(&set_off, weight[k]);
    }
    trigger->theta = onus_sum_get(&all) > 0.0 ? onus_sum_get(&set_off) / onus_sum_get(&all) : 0.0;
    smooth_bins(by_day, days, EXCITING_DAYS, trigger->by_day);
    smooth_bins(by_ring, ring_m2, EXCITING_RINGS, trigger->by_ring);
}

onus_status exciting_fit(const onus_frame *frame, const buckets *centres, size_t low, size_t high,
                         double until_s, const onus_context *context, exciting_trigger *trigger,
                         double *ground_per_day, onus_error *err) {
    onus_status status = ONUS_OK;
    sample s = {.frame = frame, .centres = centres, .low = low, .high = high};
    if (high - low > EVENTS_MOST) {
        s.low = high - EVENTS_MOST;
    }
    for (size_t k = 0; k < TABLE + 2; k++) {
        s.table[k] = exp(-(double)k * (CUT * CUT / 2.0) / TABLE);
    }
    ONUS_TRY(find_pairs(&s, context, err));
    const size_t n = s.high - s.low;
    /* events of one instant right before the end are a day's worth */
    s.span_days = fmax((until_s - frame->events.unix_s[s.low]) / DAY_S, 1.0);
    s.bandwidth_m = onus_alloc_n(n, sizeof *s.bandwidth_m);
    s.scale = onus_alloc_n(n, sizeof *s.scale);
    s.background = onus_alloc_n(n, sizeof *s.background);
    if (s.bandwidth_m == NULL || s.scale == NULL || s.background == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(find_bandwidths(&s, context, err));
    for (size_t j = 0; j < n; j++) {
        const double mass = lay_kernel(&s, j, 0.0, NULL);
        s.scale[j] = mass > 0.0 ? 1.0 / mass : 0.0;
        s.background[j] = 1.0 - trigger->theta;
    }
    for (int turn = 0; turn < TURNS; turn++) {
        const double before = trigger->theta;
        ONUS_TRY(lay_ground(&s, context, ground_per_day, err));
        take_turn(&s, ground_per_day, trigger);
        if (fabs(trigger->theta - before) < STILL) {
            break;
        }
    }
    ONUS_TRY(lay_ground(&s, context, ground_per_day, err));
out:
    clear_sample(&s);
    return status;
}

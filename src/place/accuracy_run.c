/* Every window scored, once, in order: the product and each method of comparison.
 *
 *   for each window   outcomes by cell
 *                     product: ranked cells -> captured at every level, ties asked, worst and best
 *                     methods: fitted to what came strictly before, ranked, captured, dropped
 *
 * What remains of a window is one row of sums. Scores of a method live in one buffer that the next
 * method overwrites. To be held against proper scores, a method's scores are scaled so that they
 * add up to the mean count of a window in its history: a method says where, its history how many.
 *
 * Called by accuracy.c. Streams over windows: memory is that of one window, however many there are.
 * Never hands a method's cells to anyone. */
#include <math.h>
#include <string.h>

#include "accuracy_internal.h"
#include "accuracy_parts.h"
#include "onus/alloc.h"

enum { DAY_S = 86400 };

typedef struct running {
    place_trial *t;
    accuracy *a;
    acc_slice *slice;
    onus_baseline *methods[ACC_BASELINES_MAX];
    double *score; /* by cell, of whoever is being looked at */
    double *rate;  /* the same, scaled to counts */
    int32_t *cell; /* outcomes of the window */
    double *count;
    double *ones;
    int32_t *flagged; /* whole cells that the product flags */
    onus_cell_counts counts;
    double *event_p; /* of the product, at cell-windows with outcomes */
    size_t n_event_p;
    double *of_part;  /* outcomes of the window by part and outcome cell */
    double *part_all; /* by part */
    size_t part_room;
    size_t first; /* first event of the window */
    size_t next;  /* first event behind it */
} running;

static double *row_of(const running *r, size_t w) {
    return &r->slice->rows[w * r->a->n_columns];
}

/* ---- outcomes of a window ---- */

/* The same outcomes part by part, on the same cells. */
static void gather_parts(running *r, double *row) {
    const accuracy *a = r->a;
    const onus_frame_events *e = &r->slice->frame.events;
    memset(r->of_part, 0, a->n_parts * r->part_room * sizeof *r->of_part);
    memset(r->part_all, 0, a->n_parts * sizeof *r->part_all);
    for (size_t i = r->first; i < r->next; i++) {
        size_t low = 0;
        size_t high = r->counts.n;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (r->cell[middle] < e->cell[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (int kind = 0; kind < ACC_PART_N_KINDS; kind++) {
            const int32_t part = a->part_of[kind] != NULL ? a->part_of[kind][e->record[i]] : -1;
            if (part >= 0 && low < r->counts.n && e->count[i] > 0.0) {
                r->of_part[(size_t)part * r->part_room + low] += e->count[i];
                r->part_all[part] += e->count[i];
            }
        }
    }
    for (size_t p = 0; p < a->n_parts; p++) {
        row[acc_at_part_outcomes(a, p)] = r->part_all[p];
    }
}

/* What a method (0: the product) captured of each part: the same ranking, other counts. */
static void capture_parts(const running *r, onus_capture *capture, onus_capture_unit unit,
                          double amount, size_t level, size_t method, double *row) {
    double *const counts = capture->count;
    const double all = capture->n_outcomes;
    for (size_t p = 0; p < r->a->n_parts; p++) {
        if (r->part_all[p] > 0.0) {
            capture->count = r->of_part + p * r->part_room;
            capture->n_outcomes = r->part_all[p];
            row[acc_at_part(r->a, p, level, method)] =
                onus_captured(capture, unit, ONUS_TIE_ASKED, amount);
        }
    }
    capture->count = counts;
    capture->n_outcomes = all;
}

static onus_status gather(running *r, size_t w) {
    const onus_frame_events *e = &r->slice->frame.events;
    const onus_frame_window *window = &r->a->windows[w];
    for (r->first = r->next; r->first < e->n_events && e->unix_s[r->first] < window->from_s;) {
        r->first++;
    }
    for (r->next = r->first; r->next < e->n_events && e->unix_s[r->next] < window->until_s;) {
        r->next++;
    }
    size_t n = 0;
    const onus_status status = onus_cell_counts_gather(e->cell + r->first, e->count + r->first,
                                                       r->next - r->first, r->cell, r->count, &n);
    if (status != ONUS_OK) {
        return status == ONUS_ERR_NOMEM ? status : onus_bug(r->t->err, "a count that is not whole");
    }
    r->counts = (onus_cell_counts){.n = n, .cell = r->cell, .count = r->count};
    double *row = row_of(r, w);
    onus_sum sum = {0};
    for (size_t k = 0; k < n; k++) {
        onus_sum_add(&sum, r->count[k]);
        r->ones[k] = 1.0;
    }
    row[acc_at_common(r->a, ACC_OUTCOMES)] = onus_sum_get(&sum);
    if (r->a->n_parts > 0) {
        gather_parts(r, row);
    }
    row[acc_at_common(r->a, ACC_ALL_S)] =
        r->a->cells.region_m2 * (window->until_s - window->from_s);
    return ONUS_OK;
}

/* ---- one method in one window ---- */

typedef struct ranking {
    onus_capture by_area;
    onus_capture by_cells; /* only where cells of unequal area are ranked by density */
    bool own_cells;
} ranking;

static onus_ranked ranked_of(const running *r, bool for_area) {
    return (onus_ranked){.n_cells = r->a->cells.n_cells,
                         .score = r->score,
                         .area_m2 = r->a->cells.area_m2,
                         .by_density = for_area && r->a->cells.by_density,
                         .order = r->a->tie_order};
}

static bool has_top(const accuracy *a) {
    for (size_t l = 0; l < a->n_levels; l++) {
        if (a->levels[l].kind == ACC_TOP) {
            return true;
        }
    }
    return false;
}

static onus_status rank(running *r, ranking *out) {
    onus_status status = ONUS_OK;
    *out = (ranking){.own_cells = r->a->cells.by_density && has_top(r->a)};
    const onus_ranked dense = ranked_of(r, true);
    ONUS_TRY(onus_capture_make(&dense, &r->counts, r->a->tie_rule, &out->by_area, r->t->err));
    if (out->own_cells) {
        const onus_ranked plain = ranked_of(r, false);
        ONUS_TRY(onus_capture_make(&plain, &r->counts, r->a->tie_rule, &out->by_cells, r->t->err));
    }
out:
    return status;
}

static void ranking_clear(ranking *k) {
    onus_capture_clear(&k->by_area);
    onus_capture_clear(&k->by_cells);
}

static onus_capture *capture_of(ranking *k, onus_capture_unit unit) {
    return unit == ONUS_CAPTURE_CELLS && k->own_cells ? &k->by_cells : &k->by_area;
}

static onus_capture_unit unit_of(const acc_level *level) {
    return level->kind == ACC_TOP ? ONUS_CAPTURE_CELLS : ONUS_CAPTURE_AREA;
}

/* What a method may flag in this window at this level: as much as the product. */
static double amount_of(const running *r, size_t level, size_t w) {
    const acc_level *l = &r->a->levels[level];
    const onus_frame_window *window = &r->a->windows[w];
    switch (l->kind) {
    case ACC_TOP:
        return l->number;
    case ACC_BUDGET:
        return l->number * r->a->cells.region_m2;
    default:
        return row_of(r, w)[acc_at(r->a, level, ACC_AREA_S)] / (window->until_s - window->from_s);
    }
}

/* The curve and the area under it, of the product (method 0) or a method of comparison. */
static void add_curve(running *r, size_t method, const onus_capture *capture) {
    const accuracy *a = r->a;
    for (size_t k = 0; k < ACC_N_CURVE; k++) {
        const double area = a->cells.region_m2 * acc_curve_share(k);
        r->slice->curve[method * ACC_N_CURVE + k] +=
            onus_captured(capture, ONUS_CAPTURE_AREA, ONUS_TIE_ASKED, area);
    }
    for (size_t k = 0; k < a->n_alphas; k++) {
        const onus_number auc = onus_capture_auc(capture, ONUS_TIE_ASKED, a->alphas[k]);
        if (auc.reason == NULL) {
            r->slice->auc[method * a->n_alphas + k] += auc.value * capture->n_outcomes;
        }
    }
}

static onus_status add_scores(running *r, size_t w, size_t method, const double *rate) {
    double window[ONUS_SCORE_N];
    double *row = row_of(r, w);
    const onus_status status = onus_scores_add(&r->slice->scores[method], rate, r->a->cells.n_cells,
                                               &r->counts, window, r->t->err);
    for (int s = 0; s < ONUS_SCORE_N && status == ONUS_OK; s++) {
        row[acc_at_score(r->a, method, (onus_score)s)] = window[s];
    }
    return status;
}

/* ---- the product ---- */

/* Whole cells: which were flagged on how many windows, and how near to the best choice. */
static onus_status whole_cells(running *r, size_t w, size_t level) {
    const accuracy *a = r->a;
    const onus_ranked ranked = ranked_of(r, unit_of(&a->levels[level]) == ONUS_CAPTURE_AREA);
    double *row = row_of(r, w);
    size_t n = 0;
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_flag_whole(&ranked, unit_of(&a->levels[level]), amount_of(r, level, w),
                             r->flagged, &n, r->t->err));
    ONUS_TRY(onus_flag_runs_add(&r->slice->runs[level], r->flagged, n));
    onus_sum area = {0};
    double captured = 0.0;
    for (size_t k = 0; k < n; k++) {
        onus_sum_add(&area, a->cells.area_m2[r->flagged[k]]);
        size_t low = 0;
        size_t high = r->counts.n;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (r->cell[middle] < r->flagged[k]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        captured += low < r->counts.n && r->cell[low] == r->flagged[k] ? r->count[low] : 0.0;
    }
    onus_best best = {0};
    const bool alike = !a->cells.by_density;
    ONUS_TRY(onus_capture_best(&r->counts, alike ? NULL : a->cells.area_m2, a->cells.n_cells,
                               alike ? (double)n : onus_sum_get(&area), 0, &best, r->t->err));
    row[acc_at(a, level, ACC_WHOLE)] = captured;
    row[acc_at(a, level, ACC_MOST_LOW)] = best.low;
    row[acc_at(a, level, ACC_MOST_HIGH)] = best.high;
out:
    return status;
}

static onus_status product_at(running *r, ranking *ranks, size_t w, size_t level) {
    const accuracy *a = r->a;
    const onus_capture_unit unit = unit_of(&a->levels[level]);
    onus_capture *capture = capture_of(ranks, unit);
    const double amount = amount_of(r, level, w);
    const double length_s = a->windows[w].until_s - a->windows[w].from_s;
    const onus_ranked ranked = ranked_of(r, unit == ONUS_CAPTURE_AREA);
    double *row = row_of(r, w);
    onus_flagged flagged = {0};
    onus_status status = ONUS_OK;
    row[acc_at(a, level, ACC_CAPTURED)] = onus_captured(capture, unit, ONUS_TIE_ASKED, amount);
    row[acc_at(a, level, ACC_WORST)] = onus_captured(capture, unit, ONUS_TIE_WORST, amount);
    row[acc_at(a, level, ACC_BEST)] = onus_captured(capture, unit, ONUS_TIE_BEST, amount);
    /* cells hit: the same spans, every cell counting once */
    double *counts = capture->count;
    capture->count = r->ones;
    row[acc_at(a, level, ACC_HITS)] = onus_captured(capture, unit, ONUS_TIE_ASKED, amount);
    capture->count = counts;
    capture_parts(r, capture, unit, amount, level, 0, row);
    ONUS_TRY(onus_flagged_expected(&ranked, unit, amount, &flagged, r->t->err));
    row[acc_at(a, level, ACC_AREA_S)] = flagged.area_m2 * length_s;
    row[acc_at(a, level, ACC_FLAGS)] = flagged.n_cells;
    row[acc_at(a, level, ACC_PREDICTED)] = flagged.score;
    row[acc_at(a, level, ACC_CHANCE)] =
        flagged.n_cells * (double)r->counts.n / (double)a->cells.n_cells;
    ONUS_TRY(whole_cells(r, w, level));
out:
    return status;
}

static onus_status product(running *r, size_t w) {
    const accuracy *a = r->a;
    const double *rates = r->t->evidence->forecast.rates + w * a->cells.n_cells;
    ranking ranks = {0};
    onus_status status = ONUS_OK;
    for (size_t c = 0; c < a->cells.n_cells; c++) {
        r->score[c] = isnan(rates[c]) ? 0.0 : rates[c]; /* what is missing is ranked last */
    }
    ONUS_TRY(rank(r, &ranks));
    for (size_t l = 0; l < a->n_levels; l++) {
        ONUS_TRY(product_at(r, &ranks, w, l));
    }
    add_curve(r, 0, &ranks.by_area);
    ONUS_TRY(add_scores(r, w, 0, rates));
    for (size_t k = 0; k < r->counts.n; k++) {
        r->event_p[r->n_event_p++] = -expm1(-rates[r->cell[k]]);
    }
out:
    ranking_clear(&ranks);
    return status;
}

/* ---- the methods of comparison ---- */

/* Mean count of a window of this length in the history before it. */
static double expected_count(const running *r, size_t w) {
    const onus_frame *frame = &r->slice->known;
    const onus_frame_window *window = &r->a->windows[w];
    const size_t before = onus_frame_first_at(frame, window->from_s);
    if (before == 0) {
        return 0.0;
    }
    const double first_s = frame->events.unix_s[0];
    const double history_s = fmin(r->t->c->protocol.history_s, window->from_s - first_s);
    onus_sum sum = {0};
    for (size_t e = onus_frame_first_at(frame, window->from_s - history_s); e < before; e++) {
        onus_sum_add(&sum, frame->events.count[e]);
    }
    return onus_sum_get(&sum) * (window->until_s - window->from_s) / history_s;
}

static void to_rates(running *r, double expected) {
    const size_t n = r->a->cells.n_cells;
    const double total = onus_sum_of(r->score, n);
    for (size_t c = 0; c < n; c++) {
        r->rate[c] = total > 0.0 ? r->score[c] * (expected / total) : 0.0;
    }
}

static onus_status method(running *r, size_t w, size_t b, double expected) {
    const accuracy *a = r->a;
    ranking ranks = {0};
    double *row = row_of(r, w);
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_baseline_score(r->methods[b], w, r->score, r->t->err));
    ONUS_TRY(rank(r, &ranks));
    for (size_t l = 0; l < a->n_levels; l++) {
        const onus_capture_unit unit = unit_of(&a->levels[l]);
        onus_capture *capture = capture_of(&ranks, unit);
        const double amount = amount_of(r, l, w);
        capture_parts(r, capture, unit, amount, l, 1 + b, row);
        for (int v = 0; v < ONUS_TIE_N_VARIANTS; v++) {
            row[acc_at_baseline(a, l, b, (onus_tie_variant)v)] =
                onus_captured(capture, unit, (onus_tie_variant)v, amount);
        }
    }
    add_curve(r, 1 + b, &ranks.by_area);
    if (a->by_cells) {
        to_rates(r, expected);
        ONUS_TRY(add_scores(r, w, 1 + b, r->rate));
    }
out:
    ranking_clear(&ranks);
    return status;
}

/* Of all area and time, what the product flags at the first level of the case. */
static double share_flagged(const running *r) {
    const accuracy *a = r->a;
    if (a->levels[0].kind == ACC_BUDGET) {
        return a->levels[0].number;
    }
    if (a->levels[0].kind == ACC_TOP) {
        return a->levels[0].number / (double)a->cells.n_cells;
    }
    onus_sum length_s = {0};
    for (size_t w = 0; w < a->n_windows; w++) {
        onus_sum_add(&length_s, a->windows[w].until_s - a->windows[w].from_s);
    }
    return acc_total(a, r->slice, acc_at(a, 0, ACC_AREA_S)) /
           (a->cells.region_m2 * onus_sum_get(&length_s));
}

static onus_status open_methods(running *r) {
    accuracy *a = r->a;
    const onus_protocol *p = &r->t->c->protocol;
    const double history_s = p->history_s;
    onus_baseline_opts opts = ONUS_BASELINE_OPTS_INIT;
    opts.history_s = history_s;
    opts.bandwidth_m = p->kde_bandwidth_m;
    opts.rule = p->kde_rule == 0 ? ONUS_KDE_PAST : ONUS_KDE_SCOTT;
    opts.share = share_flagged(r);
    opts.edge_corrected = p->kde_edge;
    opts.form = p->self_exciting_form == 0 ? ONUS_SELF_EXCITING_GRID : ONUS_SELF_EXCITING_KERNEL;
    if (fmod(history_s, DAY_S) == 0.0) {
        opts.history_days = (int32_t)fmin(history_s / DAY_S, 1e6);
    }
    for (size_t b = 0; b < a->n_baselines; b++) {
        onus_error why = ONUS_ERROR_INIT;
        const onus_status status = onus_baseline_open(a->baselines[b], &r->slice->known, &opts,
                                                      r->t->context, &r->methods[b], &why);
        if (status == ONUS_ERR_DOMAIN || status == ONUS_ERR_TOO_FEW) {
            a->no_baseline[b] = onus_result_text(r->t->result, "%s", why.text);
            if (a->no_baseline[b] == NULL) {
                return ONUS_ERR_NOMEM;
            }
        } else if (status != ONUS_OK) {
            if (r->t->err != NULL) {
                *r->t->err = why;
            }
            return status;
        }
    }
    return ONUS_OK;
}

/* ---- calibration of the product ---- */

static onus_status calibrate(running *r) {
    const accuracy *a = r->a;
    const onus_forecast *f = &r->t->evidence->forecast;
    onus_corp_stream *stream = NULL;
    onus_status status = ONUS_OK;
    if (r->slice->scores[0].n_bad > 0) {
        return ONUS_OK; /* the measures say so */
    }
    ONUS_TRY(onus_corp_open(r->event_p, r->n_event_p, &stream, r->t->err));
    for (size_t w = 0; w < a->n_windows; w++) {
        for (size_t c = 0; c < a->cells.n_cells; c++) {
            r->rate[c] = -expm1(-f->rates[w * a->cells.n_cells + c]);
        }
        ONUS_TRY(onus_corp_add(stream, r->rate, a->cells.n_cells, r->t->err));
    }
    ONUS_TRY(onus_corp_finish(stream, &r->slice->corp, r->t->err));
out:
    onus_corp_close(stream);
    return status;
}

/* ---- a slice ---- */

static onus_status make_room(place_trial *t, const accuracy *a, acc_slice *slice) {
    slice->rows = place_doubles(t, a->n_windows * a->n_columns);
    slice->curve = place_doubles(t, (1 + a->n_baselines) * ACC_N_CURVE);
    slice->auc = place_doubles(t, (1 + a->n_baselines) * (a->n_alphas + 1));
    return slice->rows == NULL || slice->curve == NULL || slice->auc == NULL ? ONUS_ERR_NOMEM
                                                                             : ONUS_OK;
}

static onus_status make_runs(place_trial *t, const accuracy *a, acc_slice *slice) {
    onus_flag_runs *runs = place_keep(t, onus_alloc_n(a->n_levels, sizeof *runs));
    if (runs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    slice->runs = runs;
    for (size_t l = 0; l < a->n_levels; l++) {
        const onus_status status = onus_flag_runs_init(&runs[l], a->cells.n_cells);
        if (status != ONUS_OK) {
            return status;
        }
    }
    return ONUS_OK;
}

/* Room for the window with the most events. */
static onus_status make_parts(running *r) {
    const accuracy *a = r->a;
    const onus_frame *frame = &r->slice->frame;
    for (size_t w = 0; w < a->n_windows; w++) {
        const size_t n = onus_frame_first_at(frame, a->windows[w].until_s) -
                         onus_frame_first_at(frame, a->windows[w].from_s);
        r->part_room = n > r->part_room ? n : r->part_room;
    }
    r->of_part = onus_alloc_n(a->n_parts * r->part_room, sizeof *r->of_part);
    r->part_all = onus_alloc_n(a->n_parts, sizeof *r->part_all);
    return r->of_part == NULL || r->part_all == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

static onus_status run_slice(place_trial *t, accuracy *a, acc_slice *slice) {
    const size_t n_events = slice->frame.events.n_events;
    running r = {.t = t, .a = a, .slice = slice};
    onus_status status = ONUS_ERR_NOMEM;
    r.score = onus_alloc_n(a->cells.n_cells, sizeof *r.score);
    r.rate = onus_alloc_n(a->cells.n_cells, sizeof *r.rate);
    r.flagged = onus_alloc_n(a->cells.n_cells, sizeof *r.flagged);
    r.cell = onus_alloc_n(n_events, sizeof *r.cell);
    r.count = onus_alloc_n(n_events, sizeof *r.count);
    r.ones = onus_alloc_n(n_events, sizeof *r.ones);
    r.event_p = onus_alloc_n(n_events, sizeof *r.event_p);
    if (r.score == NULL || r.rate == NULL || r.flagged == NULL || r.cell == NULL ||
        r.count == NULL || r.ones == NULL || r.event_p == NULL) {
        goto out;
    }
    if (a->by_cells) {
        ONUS_TRY(make_runs(t, a, slice));
    }
    ONUS_TRY(make_parts(&r));
    ONUS_TRY(open_methods(&r));
    for (size_t w = 0; w < a->n_windows; w++) {
        if (onus_stopped(t->context)) {
            status = ONUS_ERR_INTERRUPTED;
            goto out;
        }
        ONUS_TRY(gather(&r, w));
        if (a->by_cells) {
            ONUS_TRY(product(&r, w));
        }
        const double expected = expected_count(&r, w);
        for (size_t b = 0; b < a->n_baselines; b++) {
            if (a->no_baseline[b] == NULL) {
                ONUS_TRY(method(&r, w, b, expected));
            }
        }
        onus_progress(t->context, "scoring windows", w + 1, a->n_windows);
    }
    for (size_t b = 0; b < a->n_baselines; b++) {
        if (a->baselines[b] == ONUS_BASELINE_KDE && a->no_baseline[b] == NULL) {
            const double used_m = onus_baseline_bandwidth_m(r.methods[b], &slice->kde_rule);
            slice->kde_bandwidth_m = isnan(used_m) ? 0.0 : used_m;
        }
    }
    if (a->by_cells) {
        ONUS_TRY(calibrate(&r));
    }
    status = ONUS_OK;
out:
    for (size_t b = 0; b < a->n_baselines; b++) {
        onus_baseline_close(r.methods[b]);
    }
    onus_free(r.score);
    onus_free(r.rate);
    onus_free(r.flagged);
    onus_free(r.cell);
    onus_free(r.count);
    onus_free(r.ones);
    onus_free(r.event_p);
    onus_free(r.of_part);
    onus_free(r.part_all);
    return status;
}

static void add_slice(const accuracy *a, const acc_slice *from, acc_slice *to) {
    for (size_t k = 0; k < a->n_windows * a->n_columns; k++) {
        to->rows[k] += from->rows[k];
    }
    for (size_t k = 0; k < (1 + a->n_baselines) * ACC_N_CURVE; k++) {
        to->curve[k] += from->curve[k];
    }
    for (size_t k = 0; k < (1 + a->n_baselines) * a->n_alphas; k++) {
        to->auc[k] += from->auc[k];
    }
}

onus_status acc_run(place_trial *t, accuracy *a) {
    onus_status status = ONUS_OK;
    for (size_t s = 0; s < a->n_slices; s++) {
        ONUS_TRY(make_room(t, a, &a->slices[s]));
    }
    if (a->product == ACC_PRODUCT_KEPT) {
        for (size_t s = a->n_slices == 1 ? 0 : 1; s < a->n_slices; s++) {
            memcpy(a->slices[s].rows, a->base->slices[s].rows,
                   a->n_windows * a->n_columns * sizeof(double));
        }
    } else if (a->product == ACC_PRODUCT_REGRIDDED) {
        ONUS_TRY(acc_regrid(t, a));
    } else if (!a->by_cells) {
        ONUS_TRY(acc_boxes(t, a));
    }
    if (a->n_slices == 1) {
        ONUS_TRY(run_slice(t, a, &a->slices[0]));
        goto out;
    }
    for (size_t s = 1; s < a->n_slices; s++) { /* all: added up from the types */
        ONUS_TRY(run_slice(t, a, &a->slices[s]));
        add_slice(a, &a->slices[s], &a->slices[0]);
    }
out:
    return status;
}

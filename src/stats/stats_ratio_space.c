/* How far a ratio of exposures could be an accident of where flags and people lie.
 *
 * People are where they are; what could have fallen otherwise is the pattern of flags over them.
 * With d_i = weight_i / load - ref_weight_i / ref_load, log T moves by sum d_i (x_i - mean x), and
 * if flags varied independently of who lives where its variance is sum_ij C_d(d_ij) C_x(d_ij): both
 * sides' autocovariances by distance (Clifford, Richardson & Hemon 1989), with as many degrees of
 * freedom as the city has independent areas. Where flags do depend on who lives where, that formula
 * misses that they may scatter more among some; so ten compact blocks are set against each other
 * too, with Student's t on nine degrees of freedom (Bester, Conley & Hansen 2011), and the wider
 * interval of the two stands. Blocks alone cover 75 to 85 % instead of 95 % where patterns are as
 * wide as a third of the city; the pair covers 91 % or more (docs/statistics.md, tests/stat).
 * Called by the place trial. Never treats areas as if each varied alone. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_blocks.h"
#include "onus/stats_interval.h"
#include "onus/sum.h"
#include "stats_ratio_internal.h"

/* The two intervals are compared at this level; the wider one serves at every level. */
static const double COMPARED_AT = 0.95;

void onus_space_free(onus_space *space) {
    if (space != NULL) {
        onus_free(space->x);
        onus_free(space->y);
        onus_free(space->block);
        onus_free(space);
    }
}

onus_status onus_space_new(const double *x_m, const double *y_m, size_t n_areas,
                           const onus_context *context, onus_space **out, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_space *space = onus_alloc(sizeof *space);
    if (space == NULL) {
        return onus_fail_nomem(err);
    }
    space->x = onus_alloc_n(n_areas, sizeof *space->x);
    space->y = onus_alloc_n(n_areas, sizeof *space->y);
    space->block = onus_alloc_n(n_areas, sizeof *space->block);
    space->n_areas = n_areas;
    space->context = context;
    if (space->x == NULL || space->y == NULL || space->block == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    for (size_t i = 0; i < n_areas; i++) {
        if (!isfinite(x_m[i]) || !isfinite(y_m[i])) {
            status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "an area has no centroid");
            goto out;
        }
        space->x[i] = x_m[i];
        space->y[i] = y_m[i];
    }
    /* two areas a block at least: a block of one is an area that varies alone */
    space->n_blocks = n_areas / 2 < ONUS_SPACE_BLOCKS_MAX ? n_areas / 2 : ONUS_SPACE_BLOCKS_MAX;
    if (space->n_blocks > 0) {
        status = onus_blocks_make(space->x, space->y, n_areas, space->n_blocks, space->block);
        if (status != ONUS_OK) {
            status = onus_fail_plain(err, status, "the areas cannot be cut into blocks");
            goto out;
        }
    }
    *out = space;
    space = NULL;
out:
    onus_space_free(space);
    return status;
}

/* What each area adds to the log ratio beyond what its people would bring at the common exposure.
 * The parts add up to 0. */
static void fill_parts(const onus_ratio_data *data, const onus_exposures *e, double *u) {
    for (size_t i = 0; i < data->n_areas; i++) {
        u[i] = data->weight[i] * data->flags[i] / e->loads - data->people[i] / e->people;
        if (data->ref_weight != NULL) {
            u[i] -= data->ref_weight[i] * data->flags[i] / e->ref_loads -
                    data->ref_people[i] / e->ref_people;
        }
    }
}

/* What has to be known of the data before any interval. */
static const char *why_none(const onus_space *space, const onus_ratio_data *data,
                            const onus_exposures *e) {
    if (e->ratio.reason != NULL) {
        return e->ratio.reason;
    }
    if (!(e->loads > 0.0)) {
        return "no flags where the group lives";
    }
    if (space->n_blocks < 2) {
        return "too few areas for an interval over space";
    }
    bool varies = false;
    for (size_t i = 1; i < data->n_areas; i++) {
        varies = varies || data->flags[i] != data->flags[0];
    }
    return varies ? NULL : "the flags are the same in all areas";
}

void onus_space_widest(const onus_space *space, const onus_autocov *autocov, const size_t at[2],
                       double block_variance, onus_space_spread *out) {
    /* above 1 by construction; capped at n, so the variance is at least that of independent areas
     */
    const double n_effective = onus_autocov_n_effective(autocov, at[0], at[1]);
    const double alone = autocov->squares[at[0]] * autocov->squares[at[1]];
    const double cov_se = sqrt(alone / (n_effective - 1.0));
    const double cov_df = fmax(n_effective - 2.0, 1.0);
    const double block_se = sqrt(block_variance);
    const double block_df = (double)space->n_blocks - 1.0;
    const double p = 0.5 + 0.5 * COMPARED_AT;
    const bool blocks_wider =
        block_se * onus_t_quantile(p, block_df) > cov_se * onus_t_quantile(p, cov_df);
    out->se = blocks_wider ? block_se : cov_se;
    out->df = blocks_wider ? block_df : cov_df;
    out->reason = space->n_blocks < ONUS_SPACE_BLOCKS_MIN
                      ? "too few blocks to trust: fewer than 10 areas"
                      : NULL;
}

onus_status onus_space_block_variance(const onus_space *space, const double *u, double *variance) {
    double parts[ONUS_SPACE_BLOCKS_MAX] = {0};
    const double *columns[] = {u};
    const onus_status status =
        onus_block_sums(space->block, space->n_areas, space->n_blocks, columns, 1, parts);
    const double b = (double)space->n_blocks;
    *variance = onus_sum_dot(parts, parts, space->n_blocks) * b / (b - 1.0);
    return status;
}

static void judge_space(const onus_space *space, const onus_ratio_data *data,
                        const onus_autocov *autocov, const size_t at[2], double block_var,
                        onus_ratio *out) {
    onus_space_spread spread;
    onus_space_widest(space, autocov, at, block_var, &spread);
    out->log_se = spread.se;
    out->df = spread.df;
    out->n_units = space->n_blocks;
    out->reason = spread.reason;
    if (spread.reason == NULL && data->ref_weight == NULL) {
        out->reason =
            "too few blocks to trust: the level of flags in a whole city varies more than "
            "its own areas can show";
    }
    out->trusted = out->reason == NULL;
}

/* Index of `column` among columns[0 .. *n), added at the end if it is not there. */
static size_t place_of(const double **columns, size_t *n, const double *column) {
    for (size_t k = 0; k < *n; k++) {
        if (columns[k] == column) {
            return k;
        }
    }
    columns[*n] = column;
    return (*n)++;
}

onus_status onus_ratios_space(const onus_space *space, const onus_ratio_data *data, size_t n_ratios,
                              onus_ratio *out, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_autocov autocov = {0};
    const size_t n = space->n_areas;
    double *made = onus_alloc_n(2 * n_ratios + 1, (n == 0 ? 1 : n) * sizeof *made);
    const double **columns = onus_alloc_n(2 * n_ratios + 1, sizeof *columns);
    const double **flags = onus_alloc_n(n_ratios + 1, sizeof *flags);
    double *block_var = onus_alloc_n(n_ratios + 1, sizeof *block_var);
    size_t(*at)[2] = onus_alloc_n(n_ratios + 1, sizeof *at);
    if (made == NULL || columns == NULL || flags == NULL || block_var == NULL || at == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    /* columns: the centred flags of each distinct array first, then each ratio's d_i */
    size_t n_flags = 0;
    for (size_t r = 0; r < n_ratios; r++) {
        if (data[r].n_areas != n) {
            status = onus_bug(err, "a ratio over other areas than its space");
            goto out;
        }
        at[r][0] = place_of(flags, &n_flags, data[r].flags);
    }
    for (size_t f = 0; f < n_flags; f++) {
        double *column = made + f * n;
        const double mean = onus_sum_of(flags[f], n) / (double)n;
        for (size_t i = 0; i < n; i++) {
            column[i] = flags[f][i] - mean;
        }
        columns[f] = column;
    }
    size_t n_columns = n_flags;
    double *scratch = made + 2 * n_ratios * n;
    for (size_t r = 0; r < n_ratios; r++) {
        const onus_exposures e = onus_ratio_exposures(&data[r]);
        const char *why = why_none(space, &data[r], &e);
        out[r] = onus_ratio_none(e.ratio.value, why);
        if (why != NULL) {
            continue;
        }
        fill_parts(&data[r], &e, scratch);
        ONUS_TRY(onus_space_block_variance(space, scratch, &block_var[r]));
        double *column = made + n_columns * n;
        for (size_t i = 0; i < n; i++) {
            column[i] = data[r].weight[i] / e.loads;
            if (data[r].ref_weight != NULL) {
                column[i] -= data[r].ref_weight[i] / e.ref_loads;
            }
        }
        at[r][1] = n_columns;
        columns[n_columns++] = column;
    }
    if (n_columns > n_flags) {
        ONUS_TRY(onus_autocov_new(space->x, space->y, n, columns, n_columns, space->context,
                                  &autocov, err));
        for (size_t r = 0; r < n_ratios; r++) {
            if (out[r].reason == NULL) {
                judge_space(space, &data[r], &autocov, at[r], block_var[r], &out[r]);
            }
        }
    }
out:
    onus_autocov_clear(&autocov);
    onus_free(made);
    onus_free(columns);
    onus_free(flags);
    onus_free(block_var);
    onus_free(at);
    return status;
}

onus_status onus_ratio_space(const onus_space *space, const onus_ratio_data *data, onus_ratio *out,
                             onus_error *err) {
    return onus_ratios_space(space, data, 1, out, err);
}

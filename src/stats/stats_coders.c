/* Two coders, one cross table: Cohen's kappa with weights, Scott's pi, Gwet's AC1, Brennan &
 * Prediger, and Gorodkin's R_K.
 *
 * All but R_K are (po - pe) / (1 - pe) with another idea of chance: each coder's own habits
 * (Cohen), their common habits (Scott), how hard the labels are (AC1), nothing known (PABAK). R_K
 * is the correlation of the two as vectors. Called by the affect trial, which puts here only labels
 * of two named sides. Never guesses which of two nameless votes is the first. */
#include "onus/stats_coders.h"

#include <math.h>
#include <stdbool.h>

#include "onus/alloc.h"
#include "onus/sum.h"

/* What the coefficients are made of. */
typedef struct margins {
    size_t q;
    const double *table;
    const double *weights;
    double n;
    double agree; /* weighted share of rows that agree */
    double cohen_chance;
    double scott_chance;
    double ac1_chance;
    double pabak_chance;
} margins;

static double row_share(const margins *m, size_t c) {
    double sum = 0.0; /* whole numbers: exact */
    for (size_t k = 0; k < m->q; k++) {
        sum += m->table[c * m->q + k];
    }
    return sum / m->n;
}

static double column_share(const margins *m, size_t c) {
    double sum = 0.0;
    for (size_t k = 0; k < m->q; k++) {
        sum += m->table[k * m->q + c];
    }
    return sum / m->n;
}

static double weight(const margins *m, size_t a, size_t b) {
    return m->weights != NULL ? m->weights[a * m->q + b] : a == b ? 1.0 : 0.0;
}

static margins measure(const double *table, size_t q, const double *weights) {
    margins m = {.q = q, .table = table, .weights = weights};
    for (size_t i = 0; i < q * q; i++) {
        m.n += table[i];
    }
    if (!(m.n > 0.0)) {
        return m;
    }
    onus_sum agree = {0};
    onus_sum cohen = {0};
    onus_sum scott = {0};
    onus_sum mixed = {0};
    onus_sum all_weights = {0};
    for (size_t a = 0; a < q; a++) {
        const double row = row_share(&m, a);
        const double mine = 0.5 * (row + column_share(&m, a));
        onus_sum_add(&mixed, mine * (1.0 - mine));
        for (size_t b = 0; b < q; b++) {
            const double w = weight(&m, a, b);
            if (w == 0.0) {
                continue;
            }
            const double column = column_share(&m, b);
            onus_sum_add(&all_weights, w);
            onus_sum_add(&agree, w * table[a * q + b]);
            onus_sum_add(&cohen, w * row * column);
            onus_sum_add(&scott, w * mine * 0.5 * (row_share(&m, b) + column));
        }
    }
    const double total = onus_sum_get(&all_weights);
    m.agree = onus_sum_get(&agree) / m.n;
    m.cohen_chance = onus_sum_get(&cohen);
    m.scott_chance = onus_sum_get(&scott);
    m.ac1_chance = q < 2 ? NAN : total * onus_sum_get(&mixed) / ((double)q * (double)(q - 1));
    m.pabak_chance = total / ((double)q * (double)q);
    return m;
}

/* A share of one label alone is n / n, so that chance is exactly 1 there. */
static double beyond(const margins *m, double chance) {
    return m->n > 0.0 && chance < 1.0 ? (m->agree - chance) / (1.0 - chance) : NAN;
}

/* Covariance of the two sides' labels as indicator vectors over the product of their standard
 * deviations (Gorodkin 2004, eq. 8), with shares: (po - sum r c) / sqrt((1 - sum r^2) (1 - sum
 * c^2)), po without weights. */
static double correlation(const margins *m) {
    onus_sum together = {0};
    onus_sum rows = {0};
    onus_sum columns = {0};
    if (!(m->n > 0.0)) {
        return NAN;
    }
    for (size_t c = 0; c < m->q; c++) {
        const double row = row_share(m, c);
        const double column = column_share(m, c);
        onus_sum_add(&together, m->table[c * m->q + c] / m->n - row * column);
        onus_sum_add(&rows, row * (1.0 - row));
        onus_sum_add(&columns, column * (1.0 - column));
    }
    const double spread = onus_sum_get(&rows) * onus_sum_get(&columns);
    return spread > 0.0 ? onus_sum_get(&together) / sqrt(spread) : NAN;
}

static void values_of(const margins *m, double values[ONUS_N_CODERS]) {
    values[ONUS_CODERS_PERCENT] = m->n > 0.0 ? m->agree : NAN;
    values[ONUS_CODERS_COHEN] = beyond(m, m->cohen_chance);
    values[ONUS_CODERS_SCOTT] = beyond(m, m->scott_chance);
    values[ONUS_CODERS_AC1] = beyond(m, m->ac1_chance);
    values[ONUS_CODERS_PABAK] = beyond(m, m->pabak_chance);
    values[ONUS_CODERS_MCC] = correlation(m);
}

void onus_coders_values(const double *table, size_t n_labels, const double *weights,
                        double values[ONUS_N_CODERS]) {
    const margins m = measure(table, n_labels, weights);
    values_of(&m, values);
}

/* Fleiss, Cohen & Everitt (1969), eq. 8: the large-sample variance of weighted kappa when it is not
 * 0; with weights of 0 and 1 that of plain kappa (eq. 13). */
static double cohen_variance(const margins *m) {
    const double room = 1.0 - m->cohen_chance;
    if (!(room > 0.0)) {
        return NAN;
    }
    onus_sum sum = {0};
    for (size_t a = 0; a < m->q; a++) {
        double mean_row = 0.0; /* weight of label a against the second coder's habits */
        for (size_t k = 0; k < m->q; k++) {
            mean_row += weight(m, a, k) * column_share(m, k);
        }
        for (size_t b = 0; b < m->q; b++) {
            const double share = m->table[a * m->q + b] / m->n;
            if (share == 0.0) {
                continue;
            }
            double mean_column = 0.0;
            for (size_t k = 0; k < m->q; k++) {
                mean_column += weight(m, k, b) * row_share(m, k);
            }
            const double term =
                weight(m, a, b) * room - (mean_row + mean_column) * (1.0 - m->agree);
            onus_sum_add(&sum, share * term * term);
        }
    }
    const double centre = m->agree * m->cohen_chance - 2.0 * m->cohen_chance + m->agree;
    return fmax(0.0, (onus_sum_get(&sum) - centre * centre) / (m->n * room * room * room * room));
}

static onus_status check(const double *table, size_t q, const double *weights, onus_error *err) {
    if (q == 0) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "no label is declared");
    }
    for (size_t i = 0; i < q * q; i++) {
        if (!(table[i] >= 0.0 && table[i] <= 0x1p53) || floor(table[i]) != table[i]) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "a count of the cross table is negative or no whole number");
        }
        const double w = weights == NULL ? 1.0 : weights[i];
        if (!(w >= 0.0 && w <= 1.0) || (weights != NULL && w != weights[i % q * q + i / q]) ||
            (i / q == i % q && w != 1.0)) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "weights are not symmetric, 0 to 1, and 1 for equal labels");
        }
    }
    return ONUS_OK;
}

static onus_number number_or(double value, const char *reason) {
    return isnan(value) ? onus_number_none(reason) : onus_number_of(value);
}

onus_status onus_coders_measure(const double *table, size_t n_labels, const double *weights,
                                onus_coders *out, onus_error *err) {
    const onus_status status = check(table, n_labels, weights, err);
    if (status != ONUS_OK) {
        return status;
    }
    const margins m = measure(table, n_labels, weights);
    double values[ONUS_N_CODERS];
    values_of(&m, values);
    const bool none = !(m.n > 0.0);
    const char *nothing = "the two have no unit in common";
    const char *one = none           ? nothing
                      : n_labels < 2 ? "only one label is declared"
                                     : "both used one and the same label only: there was nothing "
                                       "to agree about";
    *out = (onus_coders){
        .n = m.n,
        .percent = values[ONUS_CODERS_PERCENT],
        .cohen = number_or(values[ONUS_CODERS_COHEN], one),
        .cohen_var = isnan(values[ONUS_CODERS_COHEN]) ? NAN : cohen_variance(&m),
        .scott = number_or(values[ONUS_CODERS_SCOTT], one),
        .ac1 = number_or(values[ONUS_CODERS_AC1], one),
        .pabak = number_or(values[ONUS_CODERS_PABAK], one),
        .mcc = number_or(values[ONUS_CODERS_MCC],
                         none ? nothing : "one of the two used a single label only"),
    };
    return ONUS_OK;
}

/* Rows person by person: where each person's begin, by counting. `order` has room for n_rows. */
static onus_status order_rows(const onus_coded *rows, size_t n_rows, size_t n_people,
                              size_t n_labels, size_t *starts, size_t *order) {
    for (size_t i = 0; i < n_rows; i++) {
        const onus_coded *r = &rows[i];
        if (r->person < 0 || (size_t)r->person >= n_people || r->first < 0 ||
            (size_t)r->first >= n_labels || r->second < 0 || (size_t)r->second >= n_labels) {
            return ONUS_ERR_DOMAIN;
        }
        starts[r->person + 1]++;
    }
    for (size_t p = 0; p < n_people; p++) {
        starts[p + 1] += starts[p];
    }
    for (size_t i = n_rows; i-- > 0;) { /* fills each person's part from its end */
        order[--starts[rows[i].person + 1]] = i;
    }
    return ONUS_OK; /* starts[p + 1] is now where person p begins */
}

onus_status onus_coders_jackknife(const onus_coded *rows, size_t n_rows, size_t n_people,
                                  size_t n_labels, const double *weights, double level,
                                  onus_jackknife *out, size_t *n_drawn) {
    onus_status status = ONUS_ERR_NOMEM;
    double estimate[ONUS_N_CODERS];
    double *table = onus_alloc_n(n_labels * n_labels, sizeof *table);
    double *without = onus_alloc_n(n_people * ONUS_N_CODERS, sizeof *without);
    size_t *starts = onus_alloc_n(n_people + 1, sizeof *starts);
    size_t *order = onus_alloc_n(n_rows, sizeof *order);
    if (table == NULL || without == NULL || starts == NULL || order == NULL) {
        goto out;
    }
    ONUS_TRY(order_rows(rows, n_rows, n_people, n_labels, starts, order));
    for (size_t i = 0; i < n_rows; i++) { /* whole numbers: exact, there and back */
        table[(size_t)rows[i].first * n_labels + (size_t)rows[i].second] += rows[i].times;
    }
    onus_coders_values(table, n_labels, weights, estimate);
    *n_drawn = 0;
    for (size_t from = 0; from < n_rows;) {
        const int32_t person = rows[order[from]].person;
        size_t until = from;
        for (; until < n_rows && rows[order[until]].person == person; until++) {
            const onus_coded *r = &rows[order[until]];
            table[(size_t)r->first * n_labels + (size_t)r->second] -= r->times;
        }
        onus_coders_values(table, n_labels, weights, without + *n_drawn * ONUS_N_CODERS);
        (*n_drawn)++;
        for (; from < until; from++) {
            const onus_coded *r = &rows[order[from]];
            table[(size_t)r->first * n_labels + (size_t)r->second] += r->times;
        }
    }
    for (int c = 0; c < ONUS_N_CODERS; c++) {
        out[c] =
            onus_jackknife_make(estimate[c], without + c, ONUS_N_CODERS, NULL, *n_drawn, level);
    }
    status = ONUS_OK;
out:
    onus_free(table);
    onus_free(without);
    onus_free(starts);
    onus_free(order);
    return status;
}
